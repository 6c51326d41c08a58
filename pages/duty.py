"""第一责任人: the duties of the town's first person by quarter, and the report's mechanisms."""

import simple_html as h

from qmg_dash.figures import coverage, duties, findings, matters
from qmg_dash.ui import blocks, calendars, markup, mechanisms
from qmg_dash.ui.desk.page import MAIN, Drawing, Slide, show
from qmg_dash.ui.link.filters import Months
from qmg_dash.ui.link.scope import Scope

TITLE = "第一责任人"
RANK = 11
CODES = (
    "learning.study_sessions",
    "decisions.passed",
    "adviser.meetings",
    "review.contracts",
)
FILTERS = (Months(CODES),)


def slides(scope: Scope) -> list[Slide]:
    practices, counted = scope.practices(), coverage.counted(scope.snapshot, scope.year)
    listed = listed_of(scope) if counted else []
    first = 0 if listed else blocks.PER_SLIDE
    return [
        Slide(MAIN, title(scope), draw if listed else draw_numbers, deck=None if listed else False),
        *([Slide("numbers", told(scope), draw_numbers, deck=False)] if listed else []),
        *blocks.more_numbers(scope, CODES),
        *_board(scope, not counted),
        *blocks.more_mechanisms(scope, practices, first),
    ]


def listed_of(scope: Scope) -> list[duties.Duty]:
    return duties.duties(scope.book, scope.own_measures, matters.overdue(scope.matters))


def told(scope: Scope) -> findings.Finding:
    """How many of the report's mechanisms of this duty have a figure; else the figures themselves."""
    if practices := scope.practices():
        proven = blocks.proven(scope, practices)
        said = (f"{proven} 项有数据", "accent" if proven else "warn")
        return findings.Finding(((f"履职机制 {len(practices)} 项，", ""), said))
    found = findings.pair(scope.book, CODES, "第一责任人履职", scope.path)
    lead = "" if "第一责任人履职" in found.text else "履职数据："
    return findings.Finding(((lead, ""), *found.parts)) if lead else found


def title(scope: Scope) -> findings.Finding:
    """Which duties are done; what is past its day or went without its review."""
    if not coverage.counted(scope.snapshot, scope.year):
        return told(scope)
    held = duties.held_of(scope.book)
    done = [kind for kind in duties.TOLD if held.get(kind)]
    late = matters.overdue(scope.matters)
    return findings.duty(done, len(late), duties.skipped(scope.book), told(scope))


def draw(s: Drawing) -> None:
    """The duties by quarter."""
    scope = s.scope
    found = listed_of(scope)
    clock = scope.snapshot.clock()
    key = "日期＝台账有记录" + ("；后面的季度未到" if clock.year == scope.year else "")
    mark = markup.plain_tag("演示", "demo") if scope.demo else markup.plain_tag("台账")
    head = markup.head("第一责任人履职，逐条对日期", key, tag=mark)
    picture = calendars.checklist(found, duties.begun(scope.book))
    data = ""
    if not s.look.present:
        data = markup.data_view(s.drawn("履职清单", *calendars.checklist_rows(found)))
    body = [head, h.div({"class": "grow"}, picture), data]
    s.html(h.div({"class": "panel col fill scroll"}, body), fill=True)


def draw_numbers(s: Drawing) -> None:
    practices = [] if listed_of(s.scope) else s.scope.practices()[: blocks.PER_SLIDE]
    blocks.numbers_and_mechanisms(s, CODES, practices)


# ---- mechanisms --------------------------------------------------------------------------------------
def _board(scope: Scope, alone: bool) -> list[Slide]:
    """All mechanisms of the report's year on one slide, none where it names none."""
    rows = mechanisms.aspects(scope)
    if not rows:
        return []
    return [Slide("board", mechanisms.title(rows), lambda s: mechanisms.draw(s, rows), deck=alone)]


if __name__ == "__main__":
    show(slides, __file__, FILTERS)
