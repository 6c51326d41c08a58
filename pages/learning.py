"""学法普法: what leaders study and what the public hears."""

from qmg_dash.figures import findings
from qmg_dash.ui import blocks
from qmg_dash.ui.desk.page import MAIN, Drawing, Slide, show
from qmg_dash.ui.link.filters import Filter
from qmg_dash.ui.link.scope import Scope

TITLE = "学法普法"
RANK = 8
CODES = (
    "learning.study_sessions",
    "learning.events",
    "publicity.events",
    "publicity.reach",
    "publicity.materials",
)
SPLITS = {
    "events": (("learning.events", "kind"), ("publicity.events", "venue")),
    "reach": (("publicity.reach", "venue"), ("publicity.materials", "venue")),
}
FILTERS = (Filter("learning.events", "kind"), Filter("publicity.events", "venue"))
MECHANISMS = 24


def slides(scope: Scope) -> list[Slide]:
    return [
        Slide(MAIN, findings.learning(scope.book), draw),
        *blocks.split_slides(scope, SPLITS),
        *blocks.more_numbers(scope, CODES, SPLITS),
        *blocks.more_mechanisms(scope, scope.practices(), MECHANISMS),
    ]


def draw(s: Drawing) -> None:
    blocks.numbers_and_mechanisms(s, CODES, s.scope.practices()[:MECHANISMS])


if __name__ == "__main__":
    show(slides, __file__, FILTERS)
