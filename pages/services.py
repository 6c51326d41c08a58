"""营商服务: enterprises, meetings, advice, windows; what people ask for on the hotline."""

import simple_html as h

from qmg_dash.figures import findings, matters
from qmg_dash.figures.cases import CLOSING
from qmg_dash.kpis import kpi
from qmg_dash.kpis.services import DEPARTMENT, TYPE
from qmg_dash.tables import table
from qmg_dash.ui import blocks, markup, served
from qmg_dash.ui.desk.page import MAIN, Drawing, Slide, show
from qmg_dash.ui.link.filters import Filter, Months
from qmg_dash.ui.link.scope import Scope

TITLE = "营商服务"
RANK = 10
CODES = (
    "services.enterprises",
    "services.meetings",
    "services.consultations",
    "services.windows",
)
NAME = table("hotline").label
ORDERS = "hotline.received"
CLOSED = ("hotline.closed_rate", CLOSING.code, "hotline.satisfied_rate")
WHOSE = (DEPARTMENT, TYPE)
"""By what those who were late are told apart."""
SPLITS = {"enterprises": (("services.enterprises", "scale"),)}
HOTLINE = {"villages": ((ORDERS, "village"), (CLOSING.code, "village"))}
SHOWN = {"hotline": ((ORDERS, "type"),)}
"""What the hotline's own slide splits."""
FILTERS = (
    Filter("services.enterprises", "scale"),
    Filter(ORDERS, "type"),
    Filter(ORDERS, "department"),
    Filter(ORDERS, "village"),
    Months(("services.meetings",)),
)
MECHANISMS = 24


def slides(scope: Scope) -> list[Slide]:
    dated = scope.book.speaks(kpi(CODES[0]))
    asked = hotline_slides(scope)
    shown = (*CODES, *((ORDERS, *CLOSED) if asked else ()))
    told = {**SPLITS, **HOTLINE, **SHOWN} if asked else SPLITS
    return [
        Slide(
            MAIN,
            titled(scope, findings.services(scope.book), False),
            draw_volumes if dated else draw,
        ),
        *asked,
        *blocks.split_slides(scope, SPLITS),
        *blocks.more_numbers(scope, shown, told),
        *blocks.more_mechanisms(scope, scope.practices(), 0 if dated else MECHANISMS),
    ]


def titled(scope: Scope, plain: findings.Finding, hotline: bool) -> findings.Finding:
    """A title by severity, of what the rules find of the `hotline`, or of everything else."""
    found = matters.found(scope.book, scope.measures, scope.path)
    mine = [m for m in found if (m.code in CLOSED) == hotline]
    return findings.titled(matters.clauses(mine), plain, scope.snapshot.town.short)


def draw_volumes(s: Drawing) -> None:
    s.html(h.div({"class": "panel col fill"}, served.volumes(s, CODES)), fill=True)


def draw(s: Drawing) -> None:
    blocks.numbers_and_mechanisms(s, CODES, s.scope.practices()[:MECHANISMS])


# ---- hotline --------------------------------------------------------------------------------------
def hotline_slides(scope: Scope) -> list[Slide]:
    """How many orders came and how they were dealt with; where they came from."""
    if not scope.book.speaks(kpi(ORDERS)):
        return []
    found = titled(scope, findings.hotline(scope.book), True)
    return [Slide("hotline", found, draw_hotline), *blocks.split_slides(scope, HOTLINE)]


def draw_hotline(s: Drawing) -> None:
    """The months, the types and who was late; on a wall with how far the rates are from 100 %, at the
    desk below the numbers themselves."""
    late = [tardy] if blocks.tardy(s.book, CLOSING, *WHOSE)[1] else []
    if s.look.present:
        groups = ([months, types], [rates, *late])
    else:
        body = blocks.wall(s, (ORDERS, *CLOSED))
        s.html(h.div({"class": "panel col"}, markup.head(NAME, s.against), body))
        groups = [[each] for each in (months, types, *late)]
    for place, draws in zip(s.columns(*[1] * len(groups)), groups, strict=True):
        with place:
            for each in draws:
                each(s)


def months(s: Drawing) -> None:
    """At the desk a key number says how many more there were than the year before."""
    said = blocks.changed(s, s.book.fig(ORDERS), "；") if s.look.present else ""
    blocks.months_panel(s, kpi(ORDERS), said)


def types(s: Drawing) -> None:
    with s.panel():
        blocks.split_panel(s, ORDERS, "type")


def rates(s: Drawing) -> None:
    with s.panel():
        blocks.gap_panel(s, CLOSED, f"{NAME}：离 100% 差多少")


def tardy(s: Drawing) -> None:
    blocks.tardy_panel(s, CLOSING, *WHOSE)


if __name__ == "__main__":
    show(slides, __file__, FILTERS)
