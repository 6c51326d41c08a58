"""决策审查: topics and how they passed, legal review, the adviser, documents."""

from qmg_dash import findings
from qmg_dash.ui import blocks
from qmg_dash.ui.scope import Scope
from qmg_dash.ui.screen import Drawing, Slide, show

TITLE = "决策审查"
RANK = 5
CODES = (
    "decisions.topics",
    "decisions.passed",
    "review.contracts",
    "review.adviser_contracts",
    "adviser.count",
    "adviser.meetings",
    "documents.abolished",
    "decisions.major",
)
MECHANISMS = 24


def slides(scope: Scope) -> list[Slide]:
    return [
        Slide(findings.decisions(scope.book), draw),
        *blocks.more_numbers(scope, CODES),
        *blocks.more_mechanisms(scope, scope.practices(), MECHANISMS),
    ]


def draw(s: Drawing) -> None:
    cards = [s.card(code) for code in CODES]
    blocks.numbers_and_mechanisms(s, cards, s.scope.practices()[:MECHANISMS], 4)


if __name__ == "__main__":
    show(slides, __file__)
