"""纠纷复议: cases against the town and how they ended; disputes and how they are settled."""

from qmg_dash import findings
from qmg_dash.ui import blocks
from qmg_dash.ui.filters import Filter
from qmg_dash.ui.scope import Scope
from qmg_dash.ui.screen import Drawing, Slide, show

TITLE = "纠纷复议"
RANK = 6
CODES = (
    "cases.reconsiderations",
    "cases.litigations",
    "cases.unheard",
    "disputes.registered",
    "disputes.resolved_rate_all",
    "disputes.resolved_rate",
    "disputes.pending",
    "cases.pending",
)
SPLITS = (
    ("disputes.registered", "type"),
    ("disputes.registered", "source"),
    ("disputes.registered", "village"),
    ("cases.reconsiderations", "outcome"),
    ("cases.litigations", "outcome"),
)
FILTERS = (
    Filter("disputes.registered", "type"),
    Filter("disputes.registered", "village"),
    Filter("disputes.registered", "source"),
    Filter("cases.reconsiderations", "outcome", also=("cases.litigations",), field=False),
)
MECHANISMS = 24


def slides(scope: Scope) -> list[Slide]:
    return [
        Slide(findings.disputes(scope.book), draw),
        *blocks.split_slides(scope, SPLITS),
        *blocks.more_numbers(scope, CODES, SPLITS),
        *blocks.more_mechanisms(scope, scope.practices(), MECHANISMS),
    ]


def draw(s: Drawing) -> None:
    blocks.numbers_and_mechanisms(s, CODES, s.scope.practices()[:MECHANISMS])


if __name__ == "__main__":
    show(slides, __file__, FILTERS)
