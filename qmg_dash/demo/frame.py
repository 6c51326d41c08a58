"""Columns in bulk: seeded draws, and the plain numpy form in which demo ledgers are made.

In a `Frame` a date is an int32 count of days since 1970-01-01, a bool and an int a whole number,
a word an index into its values; `NONE` is an empty cell in all of them. Draws use whole numbers
only: they give the same bytes on every processor, which floating-point exp and log do not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

NONE = -1
Ints = np.ndarray
Bins = Sequence[tuple[int, int, int]]
EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Coded:
    """A column of words: the index of each cell in `values`, NONE where it is empty."""

    index: Ints
    values: tuple[str, ...]

    def taken(self, rows: Ints | slice) -> Coded:
        return Coded(self.index[rows], self.values)


Cells = np.ndarray | Coded | pa.Array
Frame = dict[str, Cells]


def to_day(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - EPOCH).days


def to_date(day: int) -> date:
    """The inverse of `to_day`."""
    return EPOCH + timedelta(days=int(day))


class Dice:
    """Draws that follow from what they are for: the same words, the same numbers."""

    def __init__(self, seed: int, *purpose: int):
        self._rng = np.random.default_rng((seed, *purpose))

    def below(self, n: int, limit: int) -> Ints:
        """`n` whole numbers from 0 to limit − 1."""
        return self._rng.integers(0, limit, n, dtype=np.int64)

    def chance(self, n: int, permille: int) -> Ints:
        """`n` yes-or-no answers, `permille` of 1000 of them yes."""
        return self._rng.integers(0, 1000, n, dtype=np.uint16) < permille

    def index(self, n: int, weights: Sequence[int]) -> Ints:
        """`n` positions in `weights`, each as often as its weight says (slots of a table: the
        fastest way to draw)."""
        table = np.repeat(np.arange(len(weights), dtype=np.int16), weights)
        return table[self._rng.integers(0, len(table), n, dtype=np.uint16)]

    def pick(self, n: int, weights: Mapping[str, int]) -> Coded:
        """`n` words; the word "" stands for an empty cell."""
        words = tuple(w for w in weights if w)
        at = np.array([words.index(w) if w else NONE for w in weights], np.int16)
        return Coded(at[self.index(n, tuple(weights.values()))], words)

    def spread(self, n: int, bins: Bins) -> Ints:
        """`n` whole numbers: a bin (low, high, weight) by weight, evenly within it."""
        low = np.array([b[0] for b in bins], np.int64)
        span = np.array([b[1] - b[0] + 1 for b in bins], np.int64)
        at = self.index(n, [b[2] for b in bins])
        within = self._rng.integers(0, 1 << 20, n, dtype=np.int64)
        return (low[at] + (within * span[at] >> 20)).astype(np.int32)

    def answer(self, n: int, yes: int, empty: int = 13) -> Ints:
        """A column of 是 / 否: `yes` and `empty` of 1000 cells, the rest 否."""
        table = np.repeat(np.array([1, NONE, 0], np.int8), (yes, empty, 1000 - yes - empty))
        return table[self._rng.integers(0, 1000, n, dtype=np.uint16)]

    def blank(self, cells: Ints | Coded, permille: int = 13) -> Ints | Coded:
        """The same cells, some of them left empty, as clerks do."""
        n = len(cells.index if isinstance(cells, Coded) else cells)
        keep = ~self.chance(n, permille)
        return only(keep, cells)


def only(where: Ints, cells: Ints | Coded) -> Ints | Coded:
    """The cells where a condition holds, empty elsewhere."""
    if isinstance(cells, Coded):
        return Coded(only(where, cells.index), cells.values)  # type: ignore[arg-type]
    return np.where(where, cells, NONE).astype(cells.dtype)


def cut(days: Ints, last: int) -> Ints:
    """Dates that had not come by the clock's day are empty."""
    return only(days <= last, days)


def constant(n: int, word: str) -> Coded:
    """The same word in each cell."""
    return Coded(np.zeros(n, np.int16), (word,))


def serials(prefix: str, first: int, n: int, width: int = 6) -> pa.Array:
    """Running numbers as text: SL-2023-000123."""
    numbers = pc.cast(pa.array(np.arange(first, first + n)), pa.string())
    return pc.binary_join_element_wise(prefix, pc.utf8_lpad(numbers, width, "0"), "")


def size(frame: Frame) -> int:
    """How many rows a frame has."""
    cells = next(iter(frame.values()))
    return len(cells.index if isinstance(cells, Coded) else cells)


def rows_of(frame: Frame, rows: slice) -> Frame:
    """Some rows of a frame."""
    return {k: v.taken(rows) if isinstance(v, Coded) else v[rows] for k, v in frame.items()}


def overlay(frame: Frame, rows: Sequence[Mapping[str, object]]) -> None:
    """Write planted cells over the first rows of a frame, in place: dates, words, 是 / 否 as
    bool, numbers, None for an empty cell. A column of finished text is left alone."""
    for at, row in enumerate(rows):
        for name, value in row.items():
            cells = frame[name]
            if isinstance(cells, Coded):
                cells.index[at] = NONE if value is None else cells.values.index(str(value))
            elif isinstance(cells, np.ndarray):
                cells[at] = _plain(value)


def _plain(value: object) -> int:
    if value is None:
        return NONE
    return to_day(value) if isinstance(value, date) else int(value)  # type: ignore[call-overload]
