"""第一责任人: the duties of the town's first person, with the figures that could prove them."""

from qmg_dash.figures import findings
from qmg_dash.ui import blocks, markup
from qmg_dash.ui.desk.page import MAIN, Drawing, Slide, show
from qmg_dash.ui.link.filters import Months
from qmg_dash.ui.link.scope import Scope

TITLE = "第一责任人"
RANK = 10
DUTIES = ("述法", "专题会议", "专题学习")
CODES = (
    "learning.study_sessions",
    "decisions.passed",
    "adviser.meetings",
    "review.contracts",
)
FILTERS = (Months(CODES),)


def slides(scope: Scope) -> list[Slide]:
    practices = scope.practices()
    return [
        Slide(MAIN, findings.duty(scope.book, practices, blocks.proven(scope, practices)), draw),
        *blocks.more_mechanisms(scope, practices, blocks.PER_SLIDE),
    ]


def duties(s: Drawing) -> list[markup.Card]:
    """What the learning ledger has of the first person's own duties (述法, 专题会议)."""
    cards = [s.card("learning.events", dimension=kind) for kind in DUTIES]
    return [c for c in cards if c.figure.known]


def draw(s: Drawing) -> None:
    practices = s.scope.practices()[: blocks.PER_SLIDE]
    blocks.numbers_and_mechanisms(s, CODES, practices, duties(s))


if __name__ == "__main__":
    show(slides, __file__, FILTERS)
