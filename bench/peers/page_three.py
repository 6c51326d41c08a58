"""三图: three charts and four numbers on one ledger, as the peers draw them."""

import simple_html as h

from qmg_dash.figures import findings
from qmg_dash.kpis import kpi
from qmg_dash.ui import blocks, charts, markup
from qmg_dash.ui.desk.page import Drawing, Slide, show
from qmg_dash.ui.link.filters import Filter
from qmg_dash.ui.link.scope import Scope

TITLE = "三图"
RANK = 12
CODES = (
    "enforcement.actions",
    "enforcement.penalties",
    "enforcement.fines",
    "enforcement.median_days",
)
FILTERS = (Filter("enforcement.actions", "area"),)
NAME = "每月执法行为"


def slides(scope: Scope) -> list[Slide]:
    return [Slide("main", findings.pair(scope.book, CODES[:2], TITLE), draw)]


def draw(s: Drawing) -> None:
    s.html(h.div({"class": "panel col"}, markup.wall([s.card(code) for code in CODES])))
    one, two, three = s.columns(1, 1, 1)
    with one, s.panel():
        blocks.split_panel(s, kpi(CODES[0]).code, "action_type", 1)
    with two, s.panel():
        s.html(markup.head(NAME, "单位：件", s.book.fig(CODES[0])))
        s.chart("three_months", s.kept("three_months", lambda: months(s)), 7, NAME, click="month")
    with three, s.panel():
        blocks.split_panel(s, CODES[0], "area", 1)


def months(s: Drawing) -> charts.Chart:
    counts = {"": blocks.months(s.book, CODES[0])[""]}
    return charts.lines(counts, "", "件", s.look, NAME)


if __name__ == "__main__":
    show(slides, __file__, FILTERS)
