"""The demo town's clock, size and seasons: how many rows a ledger has, and on which days.

The last of the years is in progress: the clock stands at its 30 September, and no record is
younger. Each ledger has its own rhythm (ledgers.FLOWS): working days by the State Council's calendar,
months by weight, a trend from year to year.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np

from qmg_dash.demo.frame import Dice, Ints, to_date, to_day
from qmg_dash.folder.workdays import is_workday

CHUNK = 250_000
"""Rows made at a time, which is also a row group of Parquet: 50 MB at most."""

HISTORY = 6
"""Years before the first one from which certificates and documents still stand."""


@dataclass(frozen=True)
class Flow:
    """How rows come into a ledger.

    share    rows for 1000 enforcement actions
    date     the column that carries the day
    months   weight of each month, January first
    growth   change of a year's rate against the year before, percent
    weekend  weight of a day off, where a working day weighs 100
    every    only each so-many-th working day has any (meetings)
    """

    share: int
    date: str
    months: tuple[int, ...]
    growth: int = 0
    weekend: int = 0
    every: int = 1
    least: int = 4


OFFICERS_SHARE = 20
"""Officers for 1000 enforcement actions, at least a dozen."""


@dataclass(frozen=True)
class Chunk:
    """Some rows of a year of a ledger: `at` is the number of the first, `days` their dates in
    order, `plants` the planted rows that stand first in it."""

    year: int
    at: int
    days: Ints
    dice: Dice
    plants: tuple[Mapping[str, object], ...] = ()

    @property
    def n(self) -> int:
        return len(self.days)


class Calendar:
    """Working days in bulk. Days are counts since 1970-01-01; for a day out of range (an empty
    cell) the answer means nothing, and callers leave it out."""

    def __init__(self, first: int, last: int):
        self._first = first
        open_ = np.array([is_workday(to_date(d)) for d in range(first, last + 1)])
        self._rank = np.cumsum(open_)
        self._work = first + np.flatnonzero(open_)

    def _upto(self, days: Ints) -> Ints:
        """How many working days there are up to and including each day."""
        return self._rank[np.clip(days - self._first, 0, len(self._rank) - 1)]

    def open(self, days: Ints) -> Ints:
        """Which days are working days."""
        return np.isin(days, self._work)

    def after(self, days: Ints, count: Ints | int) -> Ints:
        """The day `count` working days after each day; count 0 is the day itself."""
        count = np.asarray(count)
        there = self._work[np.clip(self._upto(days) + count - 1, 0, len(self._work) - 1)]
        return np.where(count == 0, days, there).astype(np.int32)

    def on_or_after(self, days: Ints) -> Ints:
        """Each day, or the next working day where it is a day off."""
        return self._work[np.clip(self._upto(days - 1), 0, len(self._work) - 1)].astype(np.int32)

    def before(self, days: Ints, count: Ints | int) -> Ints:
        """The day `count` working days before each day (or before the last working day)."""
        return self._work[np.maximum(self._upto(days) - 1 - count, 0)].astype(np.int32)


@dataclass(frozen=True)
class Scene:
    """What a demo folder is made from. `plants` are the planted rows of a ledger's year, `flows` how
    rows come into each ledger."""

    rows: int
    seed: int
    years: tuple[int, ...]
    plants: Mapping[tuple[str, int], tuple[Mapping[str, object], ...]]
    flows: Mapping[str, Flow]

    @property
    def first(self) -> int:
        """The first day of the first year."""
        return to_day(date(self.years[0], 1, 1))

    @property
    def as_of(self) -> int:
        """The clock's day: the year in progress has run to the end of September."""
        return clock(self.years)

    @property
    def current(self) -> int:
        """The year in progress."""
        return self.years[-1]

    @property
    def published(self) -> tuple[int, ...]:
        """The years that are over, whose figures the town has published."""
        return self.years[:-1]

    @cached_property
    def calendar(self) -> Calendar:
        first = to_day(date(self.years[0] - HISTORY - 1, 1, 1))
        return Calendar(first, to_day(date(self.current + 2, 12, 31)))

    def span(self, year: int) -> tuple[int, int]:
        """First and last day of a year on record, days since 1970-01-01."""
        return to_day(date(year, 1, 1)), min(to_day(date(year, 12, 31)), self.as_of)

    def dice(self, table: str, *purpose: int) -> Dice:
        """The draws of a table, and in it of a year and a chunk."""
        return Dice(self.seed, zlib.crc32(table.encode()), *purpose)

    def flow(self, table: str) -> Flow:
        """The rhythm of a ledger."""
        if table not in self.flows:
            raise KeyError(
                f"say how many rows {table} has, and when: FLOWS in qmg_dash/demo/ledgers.py"
            )
        return self.flows[table]

    def total(self, table: str) -> int:
        """How many rows a ledger has over all years."""
        return self.rows * self.flow(table).share // 1000

    def counts(self, table: str) -> dict[int, int]:
        """How many rows of a ledger fall into each year: by its days, season and trend."""
        flow = self.flow(table)
        weights = [
            int(self._weights(table, y).sum()) * (100 + flow.growth * i)
            for i, y in enumerate(self.years)
        ]
        total = self.total(table)
        counts = {y: total * w // sum(weights) for y, w in zip(self.years, weights, strict=True)}
        counts[self.current] += total - sum(counts.values())
        least = 1 if table == "enforcement_actions" else flow.least
        return {y: max(n, least) for y, n in counts.items()}

    def chunks(self, table: str) -> Iterator[Chunk]:
        """The rows of a ledger, year by year, in order of their dates, CHUNK rows at a time."""
        for year, count in self.counts(table).items():
            for at in range(0, count, CHUNK):
                yield self._chunk(table, year, at, min(CHUNK, count - at), count)

    def _chunk(self, table: str, year: int, at: int, n: int, count: int) -> Chunk:
        dice = self.dice(table, year, at)
        plants = self.plants.get((table, year), ()) if at == 0 else ()
        weights = self._weights(table, year).cumsum()
        total = int(weights[-1])
        # One draw in each of `count` equal strata of the year: dates come out in order.
        drawn = (np.arange(at, at + n) * total + dice.below(n, total)) // count
        days = self.span(year)[0] + np.searchsorted(weights, drawn, side="right")
        days = days.astype(np.int32)
        for i, row in enumerate(plants):
            days[i] = to_day(row[self.flow(table).date])  # type: ignore[arg-type]
        return Chunk(year, at, days, dice, tuple(plants))

    def _weights(self, table: str, year: int) -> Ints:
        """The weight of each day of a year on record, in whole numbers."""
        flow, (first, last) = self.flow(table), self.span(year)
        days = np.arange(first, last + 1)
        month = month_of(days)
        open_ = self.calendar.open(days)
        if flow.every > 1:
            open_ &= np.cumsum(open_) % flow.every == flow.every // 2
        return np.where(open_, 100, flow.weekend) * np.array(flow.months)[month]


def month_of(days: Ints) -> Ints:
    """The month of each day, January = 0."""
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12


def clock(years: Sequence[int]) -> int:
    """ "Today" in a demo folder of these years: 30 September of the last, as days since 1970."""
    return to_day(date(years[-1], 9, 30))


def days_before(years: Sequence[int], count: int) -> date:
    """The day so many days before the clock's."""
    return to_date(clock(years)) - timedelta(days=count)
