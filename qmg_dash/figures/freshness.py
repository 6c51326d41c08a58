"""How late a ledger is: its cadence (town.toml) against the date of its newest row.

A ledger that is kept by the month is up to date while its newest row lies in this month or the one
before: what happened in a month is to be entered by the end of the next one's last day at the
latest. From the day after, it is late by so many days. The same with days (the next working day),
weeks (Monday to Sunday), quarters and years. The newest row is told by the table's period date
(立案或启动日期, 公开日期 …) and never lies ahead of the clock; the date of the file itself says
nothing, since a copy changes it. A table without such a date is not judged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from qmg_dash import tables
from qmg_dash.folder.memo import once
from qmg_dash.folder.snapshot import Snapshot
from qmg_dash.folder.workdays import add_workdays

RULE = (
    "最新一条记录的期间日期（立案或启动日期，没有的看决定日期；公开日期、登记日期等，不晚于数据截至日）落在哪个日、周、月、季、年，"
    "下一个期间结束前就应有记录（按日的，到下一个工作日）；过了那天，每过一天迟一天。"
    "只影响期间还没有录全的年度；没有期间日期的表（执法人员）不判断"
)
"""The rule as screens and exports print it."""
EVERY = "ledger"
"""The key of [cadence] that speaks for every ledger without one of its own."""


def _week(day: date) -> date:
    return day + timedelta(days=6 - day.weekday())


def _months(count: int) -> Callable[[date], date]:
    """The last day of the natural period of so many months that a day lies in."""

    def last(day: date) -> date:
        after = (day.month - 1) // count * count + count
        return date(day.year + after // 12, after % 12 + 1, 1) - timedelta(days=1)

    return last


PERIOD_END: dict[str, Callable[[date], date]] = {
    "日": lambda day: day,
    "周": _week,
    "月": _months(1),
    "季": _months(3),
    "年": _months(12),
}
"""Cadence → the last day of the period that a day lies in."""


def due(newest: date, cadence: str) -> date:
    """The day by which the period after the newest row's must have been entered."""
    end = PERIOD_END[cadence](newest)
    if cadence == "日":
        return add_workdays(end, 1)
    return PERIOD_END[cadence](end + timedelta(days=1))


@dataclass(frozen=True)
class Freshness:
    """How a table is kept: its cadence, its newest row's date (None: no row yet, or no date to
    tell it by), and by how many days it is late."""

    table: str
    cadence: str
    newest: date | None
    late: int

    @property
    def text(self) -> str:
        """按月更新，已迟 12 天."""
        return f"按{self.cadence}更新" + (f"，已迟 {self.late} 天" if self.late else "")

    def reaches(self, day: date) -> bool:
        """Whether a figure up to that day is not touched by the lateness: the newest row lies in
        its last period, or later."""
        return not self.late or (
            self.newest is not None and PERIOD_END[self.cadence](self.newest) >= day
        )


def cadence(snapshot: Snapshot, name: str) -> str:
    """The cadence of a table; empty where town.toml sets none."""
    own = snapshot.town.cadence
    return own.get(name) or (own.get(EVERY, "") if tables.table(name).ledger else "")


@once
def ledgers(snapshot: Snapshot) -> dict[str, Freshness]:
    """The tables that are there and have a cadence, by name."""
    clock = snapshot.clock()
    judged = {n: c for n in snapshot.tables if (c := cadence(snapshot, n))}
    newest = _newest(snapshot, [n for n in judged if tables.table(n).period], clock)
    return {n: _judged(n, c, newest.get(n), clock) for n, c in judged.items()}


def _judged(name: str, every: str, newest: date | None, clock: date) -> Freshness:
    late = (clock - due(newest, every)).days if newest else 0
    return Freshness(name, every, newest, max(0, late))


def _newest(snapshot: Snapshot, names: list[str], clock: date) -> dict[str, date]:
    """The newest date of each table that is not ahead of the clock."""
    if not names:
        return {}
    parts = [
        f"SELECT '{n}', max({day}) FILTER (WHERE {day} <= $clock) FROM {n}"
        for n in names
        for day in [tables.table(n).dated]
    ]
    found = snapshot.cursor().execute(" UNION ALL ".join(parts), {"clock": clock}).fetchall()
    return {name: day for name, day in found if day}


def late(snapshot: Snapshot, names: Iterable[str], end: date) -> str:
    """What is said of a figure up to a day that rests on these tables: the latest one's lateness,
    empty where it is touched by none."""
    known = ledgers(snapshot)
    behind = [f for n in names if (f := known.get(n)) and not f.reaches(end)]
    return max(behind, key=lambda f: f.late).text if behind else ""
