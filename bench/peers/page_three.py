"""三图: three charts and four numbers on one ledger, as the peers draw them."""

from qmg_dash.ui.filters import Filter
from qmg_dash.ui.scope import Scope
from qmg_dash.ui.screen import Drawing, Slide, show

from qmg_dash import charts, findings
from qmg_dash.ui import blocks, parts

TITLE = "三图"
RANK = 12
CODES = (
    "enforcement.actions",
    "enforcement.penalties",
    "enforcement.fines",
    "enforcement.median_days",
)
FILTERS = (Filter("enforcement.actions", "area"),)


def slides(scope: Scope) -> list[Slide]:
    return [Slide(findings.pair(scope.book, CODES[:2], TITLE), draw)]


def draw(s: Drawing) -> None:
    s.html(f'<div class="panel col">{blocks.wall(s, CODES)}</div>')
    one, two, three = s.columns(1, 1, 1)
    with one:
        blocks.split_panel(s, "enforcement.actions", "action_type", 1)
    with two, s.panel():
        name = "每月执法行为"
        s.html(parts.head(name, "单位：件", s.book.fig("enforcement.actions")))
        drawn = s.kept(
            "three_months",
            lambda: charts.lines(
                {"": blocks.months(s.book, "enforcement.actions")[""]}, "", "件", s.look, name
            ),
        )
        s.chart("three_months", drawn, 7, name, click="month")
    with three:
        blocks.split_panel(s, "enforcement.actions", "area", 1)


if __name__ == "__main__":
    show(slides, __file__, FILTERS)
