"""The days on which something was held: what a calendar shows beside the same days of last year."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from qmg_dash.figures.book import Book, ordered
from qmg_dash.figures.cases import behind
from qmg_dash.folder.memo import Memo
from qmg_dash.kpis import kpi
from qmg_dash.kpis.base import UNFILLED, Dimension

Days = dict[str, tuple[date, ...]]
"""By the value of a split the days, a day as often as something was held on it."""
_HELD = Memo[tuple[str, str], Days]()


def held(book: Book, code: str, name: str) -> Days:
    """The days of the rows that a KPI counts under the book's period and filters, by a split of
    theirs, in its order; none where no ledger speaks."""
    return _HELD(book, (code, name), lambda: _held(book, code, name))


def _held(book: Book, code: str, name: str) -> Days:
    row = kpi(code)
    assert row.formula
    # A split's values are of the same rows, whether the KPI declares it (kind) or not.
    found: dict[str, list[date]] = defaultdict(list)
    day = row.formula.date
    for value, on in behind(book, row, f"{_column(name)}, {day}", order=f" ORDER BY {day}"):
        found[value or UNFILLED].append(on)
    declared = row.dimension(name) or Dimension(name, name)
    return {v: tuple(found[v]) for v in ordered(declared, found)}


def _column(name: str) -> str:
    if not name.isidentifier():
        raise ValueError(f"{name} is no column")
    return name


@dataclass(frozen=True)
class Line:
    """A kind of event: its value and how it is written, its days by month, how many, and how many by the same day of last year (None:
    no ledger then)."""

    value: str
    kind: str
    months: tuple[tuple[date, ...], ...]
    before: int | None

    @property
    def count(self) -> int:
        return sum(map(len, self.months))


def lines(now: Book, before: Book, code: str, name: str) -> list[Line]:
    """The kinds of this year and of last, each with its months."""
    this, last = held(now, code, name), held(before, code, name)
    spoken = before.ledger(kpi(code)) is not None
    declared = kpi(code).dimension(name) or Dimension(name, name)
    return [
        Line(
            v, declared.text(v), by_month(this.get(v, ())), len(last.get(v, ())) if spoken else None
        )
        for v in ordered(declared, {*this, *last})
    ]


def by_month(days: Iterable[date]) -> tuple[tuple[date, ...], ...]:
    """Days month by month, January first."""
    found: tuple[list[date], ...] = tuple([] for _ in range(12))
    for day in days:
        found[day.month - 1].append(day)
    return tuple(map(tuple, found))
