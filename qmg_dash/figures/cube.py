"""A relation added up once, cell by cell, so that any filter is a sum over some cells.

A cell is one combination of dimension values in one part of a month. Ten million rows make some
fifty thousand cells; a figure is then a sum of some thousand numbers, where DuckDB needs seconds
for the rows, and 50 ms to plan a query even over a thousand of them (bench: docs/decisions.md).

The parts: each month is one, but the month of the clock's day is cut behind that day in every
year, so that a year in progress can be compared with the same part of another.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

MONTH = "month"
PART, VALUE = "_part", "_value"

Key = tuple[str, ...]


def part_of(day: date, clock: date) -> int:
    """The number of the part that a day lies in."""
    return (day.year * 12 + day.month - 1) * 2 + (day.month == clock.month and day.day > clock.day)


def part_sql(day: str) -> str:
    """The same of a date column, in SQL."""
    late = f"month({day}) = month($clock) AND day({day}) > day($clock)"
    return f"CAST((year({day}) * 12 + month({day}) - 1) * 2 + ({late})::INT AS INT)"


def span(start: date, end: date, clock: date) -> tuple[int, int] | None:
    """The parts of a period, first and last; None where it does not end with a part."""
    after = end + timedelta(days=1)
    last = part_of(end, clock)
    return (part_of(start, clock), last) if part_of(after, clock) != last else None


class Cube:
    """Cells: columns `_part`, the dimensions' texts, `_value` (of a cube that keeps single
    values), and whole numbers that add up."""

    def __init__(self, cells: pa.Table, dimensions: Sequence[str]):
        self.labels: dict[str, list] = {MONTH: [str(m) for m in range(1, 13)]}
        self.codes: dict[str, np.ndarray] = {}
        for name in (*dimensions, *([VALUE] if VALUE in cells.column_names else [])):
            self.labels[name], self.codes[name] = _coded(cells.column(name))
        singles = self.labels.get(VALUE, [])
        self.blank = singles.index(None) if None in singles else -1
        self.part = cells.column(PART).to_numpy()
        self.codes[MONTH] = self.part // 2 % 12
        coded = {PART, *self.codes}
        self.sums = {n: cells.column(n).to_numpy() for n in cells.column_names if n not in coded}

    def at(
        self, parts: tuple[int, int] | None, chosen: Iterable[tuple[str, Iterable[str]]] = ()
    ) -> np.ndarray:
        """The positions of the cells in some parts (None: all) that have the chosen values."""
        keep = np.ones(len(self.part), dtype=bool)
        if parts:
            keep = (self.part >= parts[0]) & (self.part <= parts[1])
        for name, values in chosen:
            wanted = set(values)
            among = np.array([label in wanted for label in self.labels[name]], dtype=bool)
            keep &= among[self.codes[name]]
        return np.flatnonzero(keep)

    def added(
        self, names: Sequence[str], at: np.ndarray, cuts: Key = ()
    ) -> dict[Key, dict[str, int]]:
        """{values of the cuts: {name: sum}} over the cells `at`."""
        keys, group = self._groups(at, cuts)
        totals = {}
        for name in names:
            totals[name] = np.zeros(len(keys), dtype=np.int64)
            np.add.at(totals[name], group, self.sums[name][at])
        return {k: {n: int(totals[n][i]) for n in names} for i, k in enumerate(keys)}

    def spread(self, name: str, at: np.ndarray, cuts: Key = ()) -> dict[Key, dict[Any, int]]:
        """{values of the cuts: {single value: sum}} over the cells `at`, values in their order,
        only those with a sum."""
        keys, group, value, totals = self._singles(name, at, cuts)
        out: dict[Key, dict[Any, int]] = {k: {} for k in keys}
        for i, j, total in zip(group.tolist(), value.tolist(), totals.tolist(), strict=True):
            out[keys[i]][self.labels[VALUE][j]] = total
        return {k: dict(sorted(found.items())) for k, found in out.items()}

    def distinct(self, name: str, at: np.ndarray, cuts: Key = ()) -> dict[Key, int]:
        """{values of the cuts: how many single values have a sum} over the cells `at`."""
        keys, group, _, _ = self._singles(name, at, cuts)
        return dict(zip(keys, np.bincount(group, minlength=len(keys)).tolist(), strict=True))

    def _singles(
        self, name: str, at: np.ndarray, cuts: Key
    ) -> tuple[list[Key], np.ndarray, np.ndarray, np.ndarray]:
        """The combinations of the cuts' values; and for each of their single values with a sum:
        the number of the combination, the number of the value, the sum."""
        at = at[(self.sums[name][at] > 0) & (self.codes[VALUE][at] != self.blank)]
        keys, group = self._groups(at, cuts)
        width = max(1, len(self.labels[VALUE]))
        used, place = _numbered(group * width + self.codes[VALUE][at], len(keys) * width)
        totals = np.zeros(len(used), dtype=np.int64)
        np.add.at(totals, place, self.sums[name][at])
        return keys, used // width, used % width, totals

    def _groups(self, at: np.ndarray, cuts: Key) -> tuple[list[Key], np.ndarray]:
        """The combinations of the cuts' values among cells, and which one each cell has."""
        if not cuts:
            return [()], np.zeros(len(at), dtype=np.int64)
        both, size = np.zeros(len(at), dtype=np.int64), 1
        for name in cuts:
            both = both * len(self.labels[name]) + self.codes[name][at]
            size *= len(self.labels[name])
        used, group = _numbered(both, size)
        keys = []
        for code in used.tolist():
            key: list[str] = []
            for name in reversed(cuts):
                code, at_label = divmod(code, len(self.labels[name]))
                key.append(self.labels[name][at_label])
            keys.append(tuple(reversed(key)))
        return keys, group


DENSE = 1_000_000
"""Up to this many possible numbers a table of them is faster than sorting."""


def _numbered(numbers: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """(the different numbers, all below `size`, in order; the place of each among them)."""
    if size > DENSE:
        return np.unique(numbers, return_inverse=True)
    place = np.zeros(size, dtype=np.int64)
    place[numbers] = 1
    used = np.flatnonzero(place)
    place[used] = np.arange(len(used))
    return used, place[numbers]


def _coded(column: pa.ChunkedArray) -> tuple[list, np.ndarray]:
    """(the different values, the number of each cell's value)."""
    coded = column.combine_chunks().dictionary_encode(null_encoding="encode")
    return coded.dictionary.to_pylist(), coded.indices.to_numpy(zero_copy_only=False)


def median(found: dict[Any, int]) -> float | None:
    """The median of values with how often each occurs, in their order: the mean of the middle
    two of an even number."""
    if not found:
        return None
    values, counts = list(found), np.cumsum(list(found.values()))
    middle = (counts[-1] - 1) // 2, counts[-1] // 2
    low, high = (values[int(np.searchsorted(counts, m, side="right"))] for m in middle)
    return (low + high) / 2
