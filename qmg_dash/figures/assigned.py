"""会议交办: what meetings have asked for, how it stands today, whose it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from qmg_dash import anonymous
from qmg_dash.figures.findings import ACCENT, BAD, Finding
from qmg_dash.figures.matters import Grade
from qmg_dash.folder.memo import once
from qmg_dash.folder.snapshot import Snapshot
from qmg_dash.kpis.assignments import CANCELLED, DONE
from qmg_dash.tables import LEDGERS, TABLES

LATE, OPEN, FINISHED = "逾期", "未完成", "完成"
STATES = (LATE, OPEN, FINISHED, CANCELLED)
"""How something that was asked for stands, as the screens say it."""
_OWNERS = ("department", "owner")
"""The columns that name a department of the town."""


@dataclass(frozen=True)
class Assigned:
    """One thing that was asked for: its row, its state today, the days past its day."""

    row: dict[str, Any]
    state: str
    late: int = 0

    @property
    def owner(self) -> str:
        return str(self.row["owner"])

    @property
    def open(self) -> bool:
        return self.state in (LATE, OPEN)

    @property
    def public(self) -> str:
        """What is asked, as a wall may say it: without a number of a person or a case."""
        return anonymous.masked(str(self.row["task"]))

    @property
    def order(self) -> tuple[int, date, int]:
        """The oldest first: what is late for longest, then what is open, then the rest."""
        return (STATES.index(self.state), self.row["due"] or self.row["made_on"], self.row["_row"])


@once
def found(snapshot: Snapshot) -> tuple[Assigned, ...]:
    """Everything that was asked for up to the clock's day, the oldest first."""
    today = snapshot.clock()
    rows = [r for r in snapshot.records("assignments") if r["made_on"] <= today]
    return tuple(sorted((_judged(r, today) for r in rows), key=lambda a: a.order))


def _judged(row: dict[str, Any], today: date) -> Assigned:
    closed = row["status"] in (DONE, CANCELLED) and not (row["done_on"] and row["done_on"] > today)
    if closed:
        return Assigned(row, FINISHED if row["status"] == DONE else CANCELLED)
    if row["due"] and row["due"] < today:
        return Assigned(row, LATE, (today - row["due"]).days)
    return Assigned(row, OPEN)


def last_time(snapshot: Snapshot) -> list[Assigned]:
    """What stood on the list when the last meeting before today ended: what it asked for, and what
    was open from before. What was given up is not told again."""
    today = snapshot.clock()
    each = [a for a in found(snapshot) if a.row["made_on"] < today and a.state != CANCELLED]
    last = max((a.row["made_on"] for a in each), default=today)
    return [a for a in each if a.row["made_on"] == last or a.open or _ended(a) >= last]


def _ended(one: Assigned) -> date:
    """The day on which it was finished; where nobody wrote it down, that on which it was asked for."""
    return one.row["done_on"] or one.row["made_on"]


def by_owner(each: Sequence[Assigned]) -> list[tuple[str, list[Assigned]]]:
    """By department: who is late for longest first, then who has something open, the oldest first."""
    mine = groupby(sorted(each, key=lambda a: a.owner), key=lambda a: a.owner)
    groups = [(owner, sorted(own, key=lambda a: a.order)) for owner, own in mine]
    return sorted(groups, key=lambda g: (g[1][0].order, g[0]))


def count(each: Sequence[Assigned], *states: str) -> int:
    """How many stand so."""
    return sum(a.state in states for a in each)


def finding(each: Sequence[Assigned], word: str) -> Finding:
    """How what was asked for stands, in the order in which it is told."""
    if not each:
        return Finding(((f"尚无{word}", ""),))
    late, left = count(each, LATE), count(each, LATE, OPEN)
    told = (("完成", count(each, FINISHED)), ("取消", count(each, CANCELLED)), ("未完成", left))
    said = "，".join(f"{name} {n} 项" for name, n in told if n)
    parts = [(f"{word} {len(each)} 项：", ""), (said, "" if late else ACCENT)]
    if late:
        parts.append((f"，其中逾期 {late} 项", BAD))
    return Finding(tuple(parts), grade=Grade.OVERDUE if late else Grade.BELOW)


@once
def owners(snapshot: Snapshot) -> tuple[str, ...]:
    """The departments that the folder knows, the one with most rows first."""
    named = [
        f'SELECT "{c.name}" AS owner FROM "{t.name}"'
        for t in TABLES
        if (t in LEDGERS and not t.by_hand) or t.name == "goals"
        for c in t.columns
        if c.name in _OWNERS
    ]
    each = " UNION ALL ".join(named)
    asked = (
        f"SELECT owner FROM ({each}) WHERE owner IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC, 1"
    )
    known = [owner for (owner,) in snapshot.cursor().execute(asked).fetchall()]
    return tuple(dict.fromkeys([*known, *snapshot.town.owners.values()]))


def offered(snapshot: Snapshot) -> tuple[str, ...]:
    """The departments known; where none is, those that something was asked of already."""
    return owners(snapshot) or tuple(dict.fromkeys(a.owner for a in found(snapshot)))
