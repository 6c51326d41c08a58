"""The course of a figure over the months, its heatmap, and a filter's options with counts."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from qmg_dash.figures.arithmetic import percent
from qmg_dash.figures.book import Book, ordered, shared
from qmg_dash.figures.counting import Counted
from qmg_dash.figures.why_changed import NotComparable
from qmg_dash.kpis import kpi
from qmg_dash.kpis.base import MONTH, Dimension, Kpi
from qmg_dash.model import Filters, UnknownName


@dataclass(frozen=True)
class Point:
    """A month of a series: {value of the split ("" without one): the figure}. None is no data:
    a month after the clock's day, or a rate without a base. `partial`: the month is in
    progress."""

    month: int
    values: dict[str, float | None]
    partial: bool = False


@dataclass(frozen=True)
class Cross:
    """A KPI by two splits. A cell is 0 where the combination exists and nothing counts, None
    where it never occurred in any year (or the month lies ahead)."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: dict[tuple[str, str], float | None]

    def row(self, value: str) -> tuple[float | None, ...]:
        """The cells of a row in the columns' order."""
        return tuple(self.cells[value, c] for c in self.columns)


def series(
    book: Book, code: str, by: str = MONTH.name, split: str = "", cumulative: bool = False
) -> list[Point]:
    """A KPI month by month over the book's period, as its ledger has it; empty where no ledger
    speaks for the year. `cumulative`: from the period's first month up to and including each
    (of a rate: numerator and denominator apart). Raises UnknownName where the KPI has no months
    or no such split, NotComparable where months do not add up (distinct, median)."""
    row = kpi(code)
    if by != MONTH.name:
        raise UnknownName(f"时间序列只能按 {MONTH.name}（{MONTH.label}）")
    m = row.formula
    if m is None or not m.date:
        raise UnknownName(f"指标 {row.name} 不能按{MONTH.label}拆分")
    if cumulative and m.kind in ("distinct", "median"):
        raise NotComparable(f"{row.name}各月不能相加，没有累计")
    if split:
        _dimension(row, split)
    if not book.covers(row):
        return []
    tallies = book.parts(row, MONTH.name, split) if split else book.parts(row, MONTH.name)
    names = [""]
    if split:
        names = ordered(_dimension(row, split), {k[1] for k, t in tallies.items() if t.counts})
    points, sums = [], {}
    for month in range(book.period.start.month, book.period.end.month + 1):
        state = _state(book, month)
        values: dict[str, float | None] = {}
        for name in names:
            key = (str(month), name) if split else (str(month),)
            tally = tallies.get(key)
            ahead = state == "ahead" and not (tally and tally.counts)
            if cumulative:
                tally = sums[name] = _plus(row, sums.get(name), tally)
            values[name] = None if ahead else _value(row, tally, state)
        points.append(Point(month, values, state == "partial"))
    return points


def _dimension(row: Kpi, name: str) -> Dimension:
    declared = row.dimension(name)
    if declared is None:
        allowed = "、".join(d.name for d in row.dimensions) or "无"
        raise UnknownName(f"指标 {row.name} 不能按 {name} 拆分；可用：{allowed}")
    return declared


def _state(book: Book, month: int) -> str:
    """Whether a month is over, in progress (partial) or ahead on the clock's day."""
    year = book.filters.year
    end = date(year, month, monthrange(year, month)[1])
    if date(year, month, 1) > book.clock:
        return "ahead"
    return "over" if end <= min(book.clock, book.period.end) else "partial"


def _value(row: Kpi, tally: Counted | None, state: str) -> float | None:
    """What a month shows: one in progress or ahead without rows says nothing yet."""
    assert row.formula
    zero = 0 if row.formula.kind in ("count", "sum", "distinct") and state == "over" else None
    if tally is None or tally.value is None:
        return None if tally and tally.unknown else zero
    return tally.value if tally.value or state == "over" or row.rate else None


def _plus(row: Kpi, sum_: Counted | None, more: Counted | None) -> Counted:
    """Tallies of two parts, together."""
    a, b = sum_ or Counted(None), more or Counted(None)
    numerator, denominator = (
        _add(a.numerator, b.numerator),
        _add(a.denominator, b.denominator),
    )
    value = percent(numerator, denominator) if row.rate else _add(a.value, b.value)
    return Counted(value, numerator, denominator, a.unknown + b.unknown, a.estimated or b.estimated)


def _add(a: float | None, b: float | None) -> float | None:
    return b if a is None else a if b is None else round(a + b, 4)


def cross(book: Book, code: str, row_dim: str, col_dim: str) -> Cross:
    """A KPI by two splits, as its ledger has it (a heatmap). Rows and columns are the values that
    ever occurred, those chosen where a filter chooses, in their declared order."""
    row = kpi(code)
    m = row.formula
    names = (row_dim, col_dim)
    declared = [_dimension(row, n) for n in names]
    if m is None or not book.covers(row):
        return Cross((), (), {})
    begun = book.speaks(row)
    occurring = _occurring(book, row, names)
    tallies = book.parts(row, *names)
    shown: list[list[str]] = []
    for i, dimension in enumerate(declared):
        chosen = set(book.filters.chosen(names[i]))
        found = {pair[i] for pair in occurring if not chosen or pair[i] in chosen}
        shown.append(ordered(dimension, found))
    cells = {
        (r, c): _cell(row, tallies.get((r, c)), begun and (r, c) in occurring)
        for r in shown[0]
        for c in shown[1]
    }
    return Cross(tuple(shown[0]), tuple(shown[1]), cells)


def _cell(row: Kpi, tally: Counted | None, occurs: bool) -> float | None:
    assert row.formula
    if tally is not None and tally.value is not None:
        return tally.value if tally.value or occurs else None
    if tally is not None and tally.unknown:
        return None
    return 0 if occurs and row.formula.kind in ("count", "sum", "distinct") else None


def _occurring(book: Book, row: Kpi, names: tuple[str, str]) -> set[tuple[str, str]]:
    """The pairs of values that a KPI's rows ever had, in any year; each month up to the clock's
    exists for every value."""
    if MONTH.name not in names:
        return book.ever(row, *names)
    found = book.ever(row, *(n for n in names if n != MONTH.name))
    months = [str(n) for n in range(1, 13) if _state(book, n) != "ahead"]
    at = names.index(MONTH.name)
    return {(n, v) if at == 0 else (v, n) for n in months for (v,) in found}


def options(book: Book, name: str, codes: Iterable[str]) -> list[tuple[str, int]]:
    """The values of a filter with the rows that each would leave under the other active filters,
    counted by the KPIs `codes` (a rate by its base) that have the dimension. Values of the whole
    year stay on offer, with 0 where the other filters leave none, and so do chosen ones."""
    rows = [r for r in map(kpi, codes) if r.formula and r.dimension(name) and book.covers(r)]
    if not rows:
        return []
    others = tuple((n, v) for n, v in book.filters.values if n != name)
    counted = _counted(shared(book.snapshot, replace(book.filters, values=others)), name, rows)
    offered = _counted(shared(book.snapshot, Filters(book.filters.year)), name, rows)
    values = {v for v, n in (offered | counted).items() if n} | set(book.filters.chosen(name))
    return [(v, counted.get(v, 0)) for v in ordered(_dimension(rows[0], name), values)]


def _counted(book: Book, name: str, rows: list[Kpi]) -> dict[str, int]:
    """How many rows the KPIs count for each value of a split."""
    found: dict[str, int] = {}
    for row in rows:
        for (value,), tally in book.parts(row, name).items():
            size = tally.value if tally.denominator is None else tally.denominator
            found[value] = found.get(value, 0) + int(size or 0)
    return found
