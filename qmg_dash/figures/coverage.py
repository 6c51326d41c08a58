"""The years that a folder speaks for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache

from qmg_dash import tables
from qmg_dash.figures.relations import HELD, VIEWS, tables_read
from qmg_dash.folder.memo import once
from qmg_dash.folder.snapshot import Snapshot
from qmg_dash.kpis import KPIS


def _coverage_sql() -> str:
    """First and last year that each ledger speaks of, by its period date."""
    parts = [
        f"SELECT '{t.name}', year(min({t.dated})), year(max({t.dated})), count(*) FROM {t.name}"
        for t in tables.LEDGERS
        if t.period
    ]
    parts.append("SELECT 'officers', year(min(issued_on)), NULL, count(*) FROM officers")
    return " UNION ALL ".join(parts)


@once
def later(snapshot: Snapshot) -> dict[str, tuple[int, date]]:
    """{ledger: (rows ahead of the clock in the clock's year, the newest of their days)}: a plan, or
    a mistake. They count in that year; what is compared on the same days leaves them out."""
    clock = snapshot.clock()
    asked = [
        f"SELECT '{t.name}', count(*), max({t.dated}) FROM {t.name}"
        f" WHERE {t.dated} > $clock AND {t.dated} <= $end"
        for t in tables.LEDGERS
        if t.period
    ]
    values = {"clock": clock, "end": date(clock.year, 12, 31)}
    found = snapshot.cursor().execute(" UNION ALL ".join(asked), values).fetchall()
    return {name: (count, newest) for name, count, newest in found if count}


def newest_day(snapshot: Snapshot) -> date:
    """The day that the ledgers reach: the clock's, or that of the newest row ahead of it."""
    return max([snapshot.clock(), *(day for _, day in later(snapshot).values())])


def _stands(name: str) -> bool:
    return tables.table(name).stands


@once
def coverage(snapshot: Snapshot) -> dict[str, tuple[int, int]]:
    """The years each ledger speaks for. A year outside is no data, not 0; inside, a count of
    no rows is a true 0."""
    clock, found = snapshot.clock().year, {}
    for name, first, last, rows in snapshot.cursor().execute(_coverage_sql()).fetchall():
        if rows:
            first = first or clock
            # A date ahead of the clock makes no true 0 of the years up to it.
            goes_on = _stands(name) or tables.table(name).by_hand
            last = max(clock, first) if goes_on else max(first, min(last or clock, clock))
            found[name] = (first, last)
    return found


@cache
def _counting() -> tuple[tuple[str, str], ...]:
    """(ledger, its column) of the dates by which KPIs count; of a stock none."""
    views = {name: tables_read(name)[0] for name in VIEWS if name not in HELD}
    asked = {
        (views.get(k.formula.relation, k.formula.relation), k.formula.date)
        for k in KPIS
        if k.formula
    }
    found = {(t, d) for t, d in asked if t in tables.BY_NAME and d in tables.table(t).by_name}
    found |= {("enforcement_actions", "decided_on")}  # `counted_on` is made of two columns
    return tuple(sorted(c for c in found if not _stands(c[0])))


def _years_of(snapshot: Snapshot, days: Iterable[tuple[str, str]]) -> set[int]:
    """Every year in which some (table, SQL of a day) lies."""
    asked = [f"SELECT DISTINCT year({day}) FROM {name}" for name, day in days]
    found = snapshot.cursor().execute(" UNION ".join(asked)).fetchall()
    return {year for (year,) in found if year}


ENDED = "仅有跨年办结"
"""What a year is called that has nothing but cases that ended in it."""


@dataclass(frozen=True)
class Years:
    """The years with a figure, oldest first. `opened` ones are published, or some ledger has a row
    by the day that dates it: what stands and what is kept by hand opens none. `ended` ones have
    nothing but cases that ended in them (仅有跨年办结): no ledger speaks for them."""

    all: tuple[int, ...]
    opened: tuple[int, ...]
    ended: tuple[int, ...]


@once
def which_years(snapshot: Snapshot) -> Years:
    """The years of a snapshot."""
    opened, covered = {r.year for r in snapshot.reported}, coverage(snapshot)
    if covered:
        flowing = [
            (t.name, t.dated) for t in tables.LEDGERS if t.dated and not t.stands and not t.by_hand
        ]
        opened |= _years_of(snapshot, flowing)
    spoken = {y for name, (a, z) in covered.items() if not _stands(name) for y in range(a, z + 1)}
    ended = (_years_of(snapshot, _counting()) if covered else set()) - opened - spoken
    found = opened | spoken | ended
    if covered and not found:  # what stands was begun long ago: it opens no year but the clock's
        found = {snapshot.clock().year}
    return Years(*(tuple(sorted(some)) for some in (found, opened, ended)))


def years(snapshot: Snapshot) -> list[int]:
    """The years with a figure, oldest first: published ones, those a ledger speaks for, and those
    in which something ended."""
    return list(which_years(snapshot).all)


def counted(snapshot: Snapshot, year: int) -> bool:
    """Whether any ledger speaks for a year: then it has more than what was published."""
    return any(first <= year <= last for first, last in coverage(snapshot).values())


def newest_year(snapshot: Snapshot) -> int:
    """The year that is shown where none is asked for: the newest that was opened, but none ahead
    of the clock while there is another."""
    clock, found = snapshot.clock().year, which_years(snapshot)
    for some in (found.opened, found.all):
        if reached := [y for y in some if y <= clock]:
            return max(reached)
    return max(found.all, default=clock)


def goal_years(snapshot: Snapshot) -> list[int]:
    """The years that goals are for, oldest first."""
    return sorted({g["year"] for g in snapshot.records("goals")})
