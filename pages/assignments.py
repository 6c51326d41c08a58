"""会议交办: what meetings have asked for, by department, the oldest first; the next one opens with it."""

from collections.abc import Sequence
from functools import partial
from math import ceil

import simple_html as h

from qmg_dash.figures import assigned
from qmg_dash.figures.assigned import Assigned
from qmg_dash.figures.matters import Grade
from qmg_dash.kpis import goals as kinds
from qmg_dash.kpis import kpi
from qmg_dash.theme import Look
from qmg_dash.ui import blocks, markup, owed
from qmg_dash.ui.charts.lanes import lines_of
from qmg_dash.ui.desk import assigning
from qmg_dash.ui.desk.page import MAIN, Drawing, Slide, numbered, show
from qmg_dash.ui.grids import pick
from qmg_dash.ui.link.filters import ASKED, picked
from qmg_dash.ui.link.scope import Scope

TITLE = "会议交办"
RANK = 3
OPENS = True
"""A meeting begins with it."""
FILTERS = ASKED
CODES = tuple(f"assignments.{name}" for name in ("given", "open", "overdue", "done_rate"))
LAST = "上次交办"
ROWS, ROOM = 11, 36.0
"""On a slide: rows of the list, the rem that they have."""


def slides(scope: Scope) -> list[Slide]:
    chosen = dict(scope.chosen)
    each = picked(assigned.last_time(scope.snapshot), FILTERS, chosen)
    mechanisms = blocks.more_mechanisms(scope, scope.practices(), 0)
    if not scope.look.present:
        every = picked(assigned.found(scope.snapshot), FILTERS, chosen)
        title = assigned.finding(each, LAST) if each else assigned.finding(every, "会议交办")
        if chosen and not every:
            title = assigned.Finding((("没有符合筛选的交办事项", ""),))
        return [Slide(MAIN, title, _desk_drawer(every)), *mechanisms]
    rows = [a for _, own in assigned.by_owner(each) for a in own]
    height = partial(_height, look=scope.look)
    pages = owed.pages(rows, height, ROOM, ROWS)
    if len(pages) > 1:  # none stands almost empty
        pages = owed.pages(rows, height, ROOM, ceil(len(rows) / len(pages)))
    title = assigned.finding(each, LAST)
    listed = [
        Slide(numbered(MAIN, n), title if n == 1 else _more(each, n, pages), _drawer(page, each))
        for n, page in enumerate(pages, 1)
    ]
    return [*listed, *blocks.more_numbers(scope, ()), *mechanisms]


def _more(each: Sequence[Assigned], n: int, pages: list[list[Assigned]]) -> assigned.Finding:
    first = sum(map(len, pages[: n - 1])) + 1
    last = first + len(pages[n - 1]) - 1
    which = f"{first}–{last}" if first < last else f"{first}"
    return assigned.Finding(((f"{LAST} {len(each)} 项，第 {which} 项", ""),))


def _height(one: Assigned, look: Look) -> float:
    """The rem of a row on a wall."""
    what, who = (24 if look.wide else 13), 11
    return 0.9 + 1.6 * max(lines_of(one.public, what), lines_of(one.owner, who))


# ---- on a wall --------------------------------------------------------------------------------------
def _drawer(page: Sequence[Assigned], each: Sequence[Assigned]):
    def draw(s: Drawing) -> None:
        days = dict.fromkeys(owed.in_words(a.row["made_on"], s.book.clock) for a in each)
        said = f"{len(assigned.by_owner(each))} 个部门，逾期最久的在前"
        head = markup.head(f"{'、'.join(list(days)[-2:])}交办", said, tag=_tag(s))
        left = h.div({"class": "panel col"}, head, h.div({"class": "grow"}, _table(page)))
        right = h.div({"class": "panel col"}, _standing(each))
        body = h.div({"class": "two fill", "style": "--cols:4fr 1fr"}, left, right)
        s.html(body, fill=True)

    return draw


def _tag(s: Drawing) -> h.Node:
    return markup.plain_tag("演示", "demo") if s.scope.demo else markup.plain_tag("台账", "ledger")


def _table(page: Sequence[Assigned]) -> h.Node:
    """By department: what, until when, how it stands."""
    rows, tints = [], []
    for owner, own in assigned.by_owner(page):
        for n, one in enumerate(own):
            name = markup.Span(h.b(owner), rows=len(own)) if n == 0 else None
            due = owed.day(one.row["due"]) or "未定"
            rows.append((name, _state(one), one.public, owed.day(one.row["made_on"]), due))
            tints.append("badrow" if one.late else "")
    header = ("责任单位", "", "事项", "交办", "期限")
    return markup.table(header, rows, "lnlrr", tints, "asked", caption=LAST)


def _state(one: Assigned) -> h.Node:
    """How it stands, in shape, word and colour."""
    if one.late:
        return markup.graded(Grade.OVERDUE, f"逾期 {one.late} 天")
    shapes = {assigned.OPEN: kinds.ON_TRACK, assigned.FINISHED: kinds.DONE}
    return markup.state(shapes.get(one.state, kinds.CANCELLED), one.state)


def _standing(each: Sequence[Assigned]) -> h.Node:
    """How many are finished, open, late."""
    late = assigned.count(each, assigned.LATE)
    told = (
        ("完成", assigned.count(each, assigned.FINISHED), ""),
        ("未完成", assigned.count(each, assigned.OPEN, assigned.LATE), ""),
        ("其中逾期", late, "alert bad" if late else ""),
    )
    cells = [markup.tally(name, str(n), "项", "", tone) for name, n, tone in told]
    return h.div({"class": "wall w1 large grow"}, cells)


# ---- at the desk ----------------------------------------------------------------------------------
def _desk_drawer(each: Sequence[Assigned]):
    def draw(s: Drawing) -> None:
        known = [code for code in CODES if s.book.fig(code).known]
        if known:
            s.html(h.div({"class": "panel spread"}, markup.wall([s.card(code) for code in known])))
        if left := [a for a in each if a.open]:
            s.html(h.div({"class": "panel col scroll"}, _owners(s, left)))
        assigning.panel(s, each)

    return draw


def _owners(s: Drawing, left: Sequence[Assigned]) -> h.Node:
    """Who still has how much to do, those late for longest first; a press shows theirs alone."""
    left_of = kpi("assignments.open")
    rows = [
        (
            pick("owner", (owner,), f"{owner}：筛选", owner, **{"class": "pick"}),
            markup.rows_link(f"{len(own)} 项", s.book.figure(left_of, left_of.part(owner))),
            _state(own[0]),
            own[0].row["task"],
        )
        for owner, own in assigned.by_owner(left)
    ]
    header = ("责任单位", "未完成", "最久的一项", "")
    table = markup.table(header, rows, "nrnl", caption="各部门未完成")
    return [markup.head("各部门未完成", f"{len(left)} 项", tag=_tag(s)), table]


if __name__ == "__main__":
    show(slides, __file__, FILTERS)
