"""营商服务: enterprises, meetings, windows."""

import simple_html as h

from qmg_dash.figures import findings
from qmg_dash.kpis import kpi
from qmg_dash.ui import blocks, served
from qmg_dash.ui.desk.page import MAIN, Drawing, Slide, show
from qmg_dash.ui.link.filters import Filter, Months
from qmg_dash.ui.link.scope import Scope

TITLE = "营商服务"
RANK = 10
CODES = ("services.enterprises", "services.meetings", "services.windows")
SPLITS = {"enterprises": (("services.enterprises", "scale"),)}
FILTERS = (Filter("services.enterprises", "scale"), Months(("services.meetings",)))
MECHANISMS = 24


def slides(scope: Scope) -> list[Slide]:
    dated = scope.book.speaks(kpi(CODES[0]))
    found = scope.titled(findings.services(scope.book))
    return [
        Slide(MAIN, found, draw_volumes if dated else draw),
        *blocks.split_slides(scope, SPLITS),
        *blocks.more_numbers(scope, CODES, SPLITS),
        *blocks.more_mechanisms(scope, scope.practices(), 0 if dated else MECHANISMS),
    ]


def draw_volumes(s: Drawing) -> None:
    s.html(h.div({"class": "panel col fill"}, served.volumes(s, CODES)), fill=True)


def draw(s: Drawing) -> None:
    blocks.numbers_and_mechanisms(s, CODES, s.scope.practices()[:MECHANISMS])


if __name__ == "__main__":
    show(slides, __file__, FILTERS)
