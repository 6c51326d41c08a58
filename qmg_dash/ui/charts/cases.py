"""Cases against the town as bars from the day they were accepted to the day they ended.

A wall has a case by its kind and department alone; its number is the desk's.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from qmg_dash.figures.cases import Case
from qmg_dash.figures.matters import HEARING
from qmg_dash.kpis.base import UNREGISTERED
from qmg_dash.tables import NO, YES
from qmg_dash.ui.charts.lanes import Lane, Mark, Picture, Words, lanes

MOST = 9
"""Cases that a slide has room for."""
RECONSIDERED = "行政复议"
KEY = "条＝受理到审结；空框＝在办，褐＝受理后久未开庭"


def cases(found: Sequence[Case], year: int, day: date, wall: bool) -> Picture:
    """The first cases (those that are open lead) over the months of the year, up to the day of the
    figures; what was accepted before begins at the edge."""
    start, end = date(year, 1, 1), min(day, date(year, 12, 31))
    span = (end - start).days or 1

    def at(when: date) -> float:
        return max(0.0, (when - start).days / span)

    rows = [_lane(c, at, wall) for c in found[:MOST]]
    step = 2 if end.month > 4 else 1
    months = [date(year, m, 1) for m in range(1, end.month + 1, step)]
    ticks = [(at(d), f"{d.month}月", "") for d in months if at(d) < 0.75]
    now = (1.0, f"截至 {end.month} 月 {end.day} 日", "now")
    said = "；".join(f"{c.kind}，{c.department or UNREGISTERED}，{_state(c)}" for c in found)
    body = lanes(rows, f"复议和诉讼案件：{said}", 1.0, [*ticks, now], "cases")
    data = tuple(
        (
            c.number,
            c.kind,
            c.department,
            c.accepted.isoformat(),
            c.closed.isoformat() if c.closed else "",
            c.outcome,
            {True: YES, False: NO}.get(c.heard, ""),  # type: ignore[arg-type]
            c.days,
        )
        for c in found
    )
    return Picture(body, Case.HEADERS, data)


def unheard(c: Case) -> bool:
    """Whether an open litigation was not heard for longer than this board waits to tell it."""
    return not c.closed and c.kind != RECONSIDERED and not c.heard and c.days > HEARING


def _lane(c: Case, at, wall: bool) -> Lane:
    tone = "warn" if unheard(c) else "" if c.closed else "muted"
    kind = "gone" if c.closed else "behind" if unheard(c) else ""
    mark = Mark(at(c.accepted), at(c.closed) if c.closed else 1.0, kind, hollow=not kind)
    name = c.kind if wall else f"{c.kind} {c.number}"
    words = Words(mark.end, _state(c), tone)
    return Lane(name, c.department or f"承办{UNREGISTERED}", [mark], words)


def _state(c: Case) -> str:
    """How it stands, in words."""
    if not c.closed:
        waits = "，未开庭" if c.kind != RECONSIDERED and not c.heard else ""
        return f"受理 {c.days} 天{waits}"
    return f"{c.outcome or '结果未登记'}，{c.days} 天"
