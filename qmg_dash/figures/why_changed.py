"""What a figure is compared with, and what made the difference."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction
from typing import Any

from qmg_dash.figures.arithmetic import plain
from qmg_dash.figures.book import Book, ordered, shared
from qmg_dash.figures.counting import Counted
from qmg_dash.figures.coverage import later
from qmg_dash.folder.snapshot import Snapshot
from qmg_dash.kpis.base import Dimension, Kpi
from qmg_dash.model import Filters, UnknownName


class NotComparable(ValueError):
    """Why a difference cannot be explained by parts; the text is for the screen."""


@dataclass(frozen=True)
class Comparison:
    """The base of a book and how the screens name it: 与上年同期（1月1日至9月30日）相比. `short`
    is for a card: 上年同期. `partial`: the period is in progress. `now` is what is compared with
    it: the book itself, cut at the clock's day where rows stand ahead of it."""

    book: Book
    text: str
    short: str
    partial: bool
    now: Book


Share = tuple[float, float]
"""A rate's numerator and denominator."""
ADDING = ("count", "sum", "rate", "ratio")
"""Kinds of figures that parts explain: a count and a sum add up, a rate by its bases."""
APART = {
    "distinct": "按去重后的个数计",
    "median": "是中位数",
    "each": "是两个数之比",
}
"""Why the parts of other kinds do not add up to the whole."""


@dataclass(frozen=True)
class Contribution:
    """A part's share in a difference. `then` and `now` are the part's own values (a rate's part
    may have none); `difference` is what it contributes, and the contributions sum exactly to the
    whole's difference. For a rate `rate` + `mix` = `difference`, in percentage points, and `of`
    has its (numerator, denominator) then and now."""

    value: str
    then: float | None
    now: float | None
    difference: float
    rate: float | None = None
    mix: float | None = None
    of: tuple[Share, Share] | None = None


def same_part(snapshot: Snapshot, filters: Filters) -> Filters:
    """The filters of the year before: the same months; of a period in progress, its days up to
    the clock's (29 February: up to the 28th)."""
    year = filters.year - 1
    day = filters.until or _reached(snapshot, filters)
    return replace(filters, year=year, until=_same_day(day, year) if day else None)


def _reached(snapshot: Snapshot, filters: Filters) -> date | None:
    """The clock's day where it lies in the period, before its end."""
    clock = snapshot.clock()
    first, last = filters.month_from or 1, filters.month_to or 12
    end = date(filters.year, last, monthrange(filters.year, last)[1])
    return clock if date(filters.year, first, 1) <= clock < end else None


def _same_day(day: date, year: int) -> date:
    return date(year, day.month, min(day.day, monthrange(year, day.month)[1]))


def comparison(book: Book) -> Comparison:
    """What a book's figures are compared with: the same part of the year before."""
    filters = book.filters
    day = filters.until or _reached(book.snapshot, filters)
    base = shared(book.snapshot, same_part(book.snapshot, filters))
    first, last = filters.month_from or 1, filters.month_to or 12
    if day:
        span = f"{first}月1日至{day.month}月{day.day}日"
        ahead = filters.until is None and later(book.snapshot)
        now = shared(book.snapshot, replace(filters, until=day)) if ahead else book
        return Comparison(base, f"与上年同期（{span}）相比", "上年同期", True, now)
    if (first, last) == (1, 12):
        return Comparison(base, "与上年相比", "上年", False, book)
    span = f"{first}月" if first == last else f"{first}月至{last}月"
    return Comparison(base, f"与上年同期（{span}）相比", "上年同期", False, book)


def contributions(now: Book, then: Book, row: Kpi, split: Dimension) -> list[Contribution]:
    """What each value of a split contributes to the difference of a KPI between two books, by
    their ledgers, in the split's order; values of either period, unchanged ones too.

    Counts and sums: now − then. Rates: with the part's weight w = base / whole base and its rate
    r, a part's own change counts as (w₀+w₁)/2 × (r₁−r₀), the change of its weight as
    (w₁−w₀) × ((r₀+r₁)/2 − (R₀+R₁)/2), R being the whole's rate; a part without a base in one
    period takes its rate of the other. Both sum over the parts to R₁ − R₀, since the weights sum
    to 1. Raises NotComparable, and UnknownName for a split that the KPI does not have.
    """
    if split not in row.dimensions:
        allowed = "、".join(d.name for d in row.dimensions) or "无"
        raise UnknownName(f"指标 {row.name} 不能按 {split.name} 拆分；可用：{allowed}")
    if why := unexplained(now, then, row):
        raise NotComparable(why)
    parts_then, parts_now = _parts(then, row, split.name), _parts(now, row, split.name)
    values = ordered(split, {*parts_then, *parts_now})
    if row.rate:
        return _of_rate(parts_then, parts_now, values)
    return [
        Contribution(v, plain(float(a)), plain(float(b)), plain(float(b - a)))
        for v in values
        for a, b in [(_amount(parts_then.get(v)), _amount(parts_now.get(v)))]
    ]


def unexplained(now: Book, then: Book, row: Kpi) -> str:
    """Why no split can tell what made the difference between two books; empty where one can."""
    m = row.formula
    if m is None or m.kind == "special":
        return f"{row.name}只有公布数，没有台账，不能按部分说明变化"
    if m.kind not in ADDING:
        return f"{row.name}{APART[m.kind]}，各部分相加不等于总数，不能按部分说明变化"
    if not row.dimensions:
        return f"{row.name}没有可以拆分的项，不能按部分说明变化"
    if m.now:
        return f"{row.name}只对数据截至日这一天而言，没有上年同期可比"
    if row.final and then.filters.until:
        return f"{row.name}看的是最终结果：上年同期这些事当时的结果台账里没有，年度结束后才作同比"
    for book in (now, then):
        if not book.speaks(row):
            when = "这段时间" if book.covers(row) else ""
            return f"{book.filters.year} 年{when}没有{row.name}的台账，不能说明变化"
        tally = book.ledger(row) if row.rate else None
        if row.rate and not (tally and tally.denominator):
            return f"{book.filters.year} 年{row.name}没有基数，不能说明变化"
    return ""


def whole(parts: Sequence[Contribution]) -> Contribution:
    """What the parts of a difference come to: the value of both periods and their difference."""
    moved = float(sum((_exact(p.difference) for p in parts), Fraction(0)))
    if any(p.of is None for p in parts):
        then, now = (sum((_exact(v) for v in side), Fraction(0)) for side in _sides(parts))
        return Contribution("", plain(float(then)), plain(float(now)), plain(moved))
    shares = [_added(p.of[i] for p in parts if p.of) for i in (0, 1)]
    then, now = (Fraction(str(n)) / Fraction(str(d)) * 100 for n, d in shares)
    of = (shares[0], shares[1])
    return Contribution("", float(then), float(now), float(now - then), of=of)


def _sides(parts: Sequence[Contribution]) -> tuple[list[float | None], list[float | None]]:
    return [p.then for p in parts], [p.now for p in parts]


def _added(shares: Iterable[Share]) -> Share:
    numerators, denominators = zip(*shares, strict=True)
    return plain(float(sum(map(_exact, numerators)))), plain(float(sum(map(_exact, denominators))))


def apportioned(values: Sequence[float], total: Decimal) -> list[Decimal]:
    """Numbers written with as many decimals as their total, so that what is written sums to it
    exactly: each is rounded down, and the units that are left go where most was cut off, to the
    larger of equals."""
    unit = Decimal(1).scaleb(int(total.as_tuple().exponent))
    exact = [Decimal(str(v)) / unit for v in values]
    whole = [v.to_integral_value(ROUND_FLOOR) for v in exact]
    left = int(total / unit - sum(whole))
    by_rest = sorted(range(len(values)), key=lambda i: (whole[i] - exact[i], -abs(exact[i]), i))
    for n in range(abs(left)):
        at = by_rest[n % len(values)] if left > 0 else by_rest[-1 - n % len(values)]
        whole[at] += 1 if left > 0 else -1
    return [v * unit for v in whole]


def _parts(book: Book, row: Kpi, name: str) -> dict[str, Counted]:
    """The tallies of a split that have rows."""
    return {v: tally for (v,), tally in book.parts(row, name).items() if tally.counts}


def _amount(tally: Counted | None) -> Fraction:
    """A count or sum without binary rounding; a part without rows adds nothing."""
    return _exact(tally.value) if tally else Fraction(0)


def _exact(value: Any) -> Fraction:
    return Fraction(str(value)) if value is not None else Fraction(0)


def _of_rate(
    then: dict[str, Counted], now: dict[str, Counted], values: list[str]
) -> list[Contribution]:
    """The mix and rate decomposition, computed in fractions."""
    whole = [_whole(then), _whole(now)]
    mean = sum(n / d for n, d in whole) / 2
    return [_share(v, then.get(v), now.get(v), whole, mean) for v in values]


def _whole(parts: dict[str, Counted]) -> tuple[Fraction, Fraction]:
    return (
        sum((_exact(t.numerator) for t in parts.values()), Fraction(0)),
        sum((_exact(t.denominator) for t in parts.values()), Fraction(0)),
    )


def _share(
    value: str,
    then: Counted | None,
    now: Counted | None,
    whole: list[tuple[Fraction, Fraction]],
    mean: Fraction,
) -> Contribution:
    """One part's contribution to a rate's difference, in percentage points."""
    bases = [_exact(t.denominator) if t else Fraction(0) for t in (then, now)]
    rates = [
        _exact(t.numerator) / base if t and base else None
        for t, base in zip((then, now), bases, strict=True)
    ]
    before = rates[0] if rates[0] is not None else rates[1]
    after = rates[1] if rates[1] is not None else rates[0]
    assert before is not None
    assert after is not None
    w0, w1 = (base / d for base, (_, d) in zip(bases, whole, strict=True))
    rate = (w0 + w1) / 2 * (after - before) * 100
    mix = (w1 - w0) * ((before + after) / 2 - mean) * 100
    shown = [None if r is None else plain(float(r * 100)) for r in rates]
    of = _share_of(then), _share_of(now)
    return Contribution(value, *shown, float(rate + mix), float(rate), float(mix), of)


def _share_of(tally: Counted | None) -> Share:
    """A part's numerator and denominator; one without rows has 0 / 0."""
    return (tally.numerator or 0, tally.denominator or 0) if tally else (0, 0)
