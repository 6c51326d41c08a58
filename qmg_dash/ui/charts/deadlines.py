"""Deadline bars: of open matters the time that is used, that is over, that is left; those that are
late for longest first.

A wall has a matter by its owner and its day alone; its number is the desk's.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TypeVar

import simple_html as h

from qmg_dash.figures.cases import Application, Penalty
from qmg_dash.figures.matters import SOON, SOON_WORKING
from qmg_dash.kpis.base import UNREGISTERED
from qmg_dash.tables import NO, YES
from qmg_dash.ui.charts.lanes import Lane, Mark, Picture, Words, fitting, lanes

Case = TypeVar("Case", Application, Penalty)
MOST = 6
"""Rows of a picture, fewer with long names."""
KEY = "灰＝已用，红＝超期，空框＝剩余"
UNOWNED = f"承办{UNREGISTERED}"


def shown(found: Sequence[Case]) -> Sequence[Case]:
    """Those that a picture shows: the most urgent, as many as there is room for with their names."""
    return found[: fitting([_whose(one.department) for one in found], MOST)]


def first(found: Sequence[Application | Penalty]) -> str:
    """That a picture shows the most urgent of more."""
    most = len(shown(found))
    return f"列最急的 {most} 件；" if len(found) > most else ""


# ---- by dates: applications ------------------------------------------------------------------------
def applications(found: Sequence[Application], day: date, wall: bool) -> Picture:
    """Applications from the day that they came, over the day of the figures, to their limit."""
    drawn = shown(found)
    start = min(a.received for a in drawn)
    span = (max(day, *(a.due for a in drawn)) - start).days or 1

    def at(when: date) -> float:
        return (when - start).days / span

    rows = [_application(a, day, at, wall) for a in drawn]
    now = at(day)
    ticks = [(at(d), f"{d.month}月", "") for d in _months(start, day, span)]
    axis = [*ticks, (now, f"截至 {_day(day)}", "now")]
    told = "；".join(f"{_whose(a.department)} {_day(a.received)}收到，{_left(a)}" for a in drawn)
    body = lanes(rows, f"未答复的公开申请：{told}", now, axis)
    data = tuple(
        (a.number, a.department, a.received, YES if a.extended else NO, _due(a), a.left)
        for a in found
    )
    return Picture(body, Application.HEADERS, data)


def _application(a: Application, day: date, at, wall: bool) -> Lane:
    late, tone = a.left < 0, "warn" if 0 <= a.left <= SOON_WORKING else "muted"
    marks = [Mark(at(a.received), at(min(a.due, day)), "gone")]
    marks.append(Mark(at(a.due), at(day), "over") if late else Mark(at(day), at(a.due), tone, True))
    received = f"{_day(a.received)}收到{'，已延期' if a.extended else ''}"
    whose = _whose(a.department)
    name, under = (whose, received) if wall else (a.number, [whose, h.br, received])
    said = _left(a) if late else f"{_left(a)} · {_day(a.due)}"
    end = max(at(a.due), at(day))
    return Lane(name, under, marks, Words(end, said, "bad" if late else tone))


def _left(a: Application) -> str:
    guess = "（推算）" if a.estimated else ""
    return f"超 {-a.left} 个工作日{guess}" if a.left < 0 else f"剩 {a.left} 个工作日{guess}"


def _due(a: Application) -> str:
    return f"{a.due}（推算）" if a.estimated else f"{a.due}"


def _whose(department: str) -> str:
    return department or UNOWNED


def _day(day: date) -> str:
    return f"{day.month} 月 {day.day} 日"


NEAR = 0.12
"""The share of the axis within which a month's name would touch the words of the day."""


def _months(start: date, day: date, span: int) -> list[date]:
    """The first days of the months up to the day, few enough to stand beside one another."""
    end = start + timedelta(days=span)
    found = [
        date(year, month, 1)
        for year in range(start.year, end.year + 1)
        for month in range(1, 13)
        if start <= date(year, month, 1) <= end
    ]
    step = -(-len(found) // MOST)
    return [d for d in found[::step] if abs((d - day).days) / span > NEAR] if step else []


# ---- by days: penalties -----------------------------------------------------------------------------
def penalties(found: Sequence[Penalty], limit: int, wall: bool) -> Picture:
    """Penalties by the days since they were filed; the line is the law's limit. One that was
    extended has its frame up to its own."""
    drawn = shown(found)
    most = max(limit, *(max(p.gone, p.gone + p.left) for p in drawn)) or 1
    rows = [_penalty(p, most, wall) for p in drawn]
    told = "；".join(f"{_whose(p.department)} 立案 {p.gone} 天，{_days(p)}" for p in drawn)
    axis = [(limit / most, f"{limit} 日", "now")]
    body = lanes(rows, f"在办处罚：{told}", limit / most, axis)
    data = tuple((p.number, p.department, p.opened, p.due, p.gone, p.left) for p in found)
    return Picture(body, Penalty.HEADERS, data)


def _penalty(p: Penalty, most: int, wall: bool) -> Lane:
    due = p.gone + p.left
    late, tone = p.left < 0, "warn" if 0 <= p.left <= SOON else "muted"
    marks = [Mark(0, min(p.gone, due) / most, "gone")]
    rest = Mark(due / most, p.gone / most, "over")
    marks.append(rest if late else Mark(p.gone / most, due / most, tone, True))
    whose, since = _whose(p.department), f"{_day(p.opened)}立案"
    name, under = (whose, since) if wall else (p.number, whose)
    end = max(due, p.gone) / most
    return Lane(name, under, marks, Words(end, _days(p), "bad" if late else tone))


def _days(p: Penalty) -> str:
    return f"超 {-p.left} 天" if p.left < 0 else f"剩 {p.left} 天"
