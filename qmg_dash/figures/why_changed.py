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
from qmg_dash.fmt import SAME
from qmg_dash.folder.snapshot import Snapshot
from qmg_dash.kpis.base import MONTH, Dimension, Kpi, Part
from qmg_dash.model import Filters, UnknownName


class NotComparable(ValueError):
    """Why a difference cannot be explained by parts; the text is for the screen."""


@dataclass(frozen=True)
class Comparison:
    """The base of a book and how the screens name it: 与上年同期（1月1日至9月30日）相比. `short`
    is for a card: 上年同期; a change begins with `word`: 同比. `partial`: one of the periods is in
    progress. `now` is what is compared with it: the book itself, cut at the clock's day where rows
    stand ahead of it, or where the base is the later one. `stood` are both as they stood when as much
    time had gone by, for rates of how rows have ended."""

    book: Book
    text: str
    short: str
    word: str
    partial: bool
    now: Book
    stood: tuple[Book, Book]

    def books(self, row: Kpi) -> tuple[Book, Book]:
        """(the base, what is compared with it) of a KPI."""
        return self.stood if row.final and row.ends_dated else (self.book, self.now)

    def unsure(self, row: Kpi) -> bool:
        """Whether nobody can tell how a rate of how rows have ended stood then."""
        if not row.final or not row.formula:
            return False
        return self.book.undated(row) if row.ends_dated else self.partial


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


def same_part(snapshot: Snapshot, filters: Filters, year: int | None = None) -> Filters:
    """The filters of another year, else of the year before: the same months; of a period in
    progress, in either year, its days up to the clock's (29 February: up to the 28th)."""
    year = filters.year - 1 if year is None else year
    of_year = replace(filters, year=year, until=None)
    day = filters.until or _reached(snapshot, filters) or _reached(snapshot, of_year)
    return replace(of_year, until=same_day(day, year) if day else None)


def _reached(snapshot: Snapshot, filters: Filters) -> date | None:
    """The clock's day where it lies in the period, before its end."""
    clock = snapshot.clock()
    first, last = filters.month_from or 1, filters.month_to or 12
    end = date(filters.year, last, monthrange(filters.year, last)[1])
    return clock if date(filters.year, first, 1) <= clock < end else None


def same_day(day: date, year: int) -> date:
    """The same day of another year."""
    return date(year, day.month, min(day.day, monthrange(year, day.month)[1]))


def comparison(book: Book, year: int | None = None) -> Comparison:
    """What a book's figures are compared with: the same part of another year, else of the year
    before."""
    filters, snapshot = book.filters, book.snapshot
    usual = year in (None, filters.year - 1)
    then = same_part(snapshot, filters, year)
    now = book
    if then.until and not filters.until:
        day = _reached(snapshot, filters)
        ours = bool(day) and same_day(day, then.year) == then.until  # 29 February is the 28th
        cut = replace(filters, until=day if ours else same_day(then.until, filters.year))
        running = cut.until == snapshot.clock()
        now = book if running and not later(snapshot) else shared(snapshot, cut)
    base = shared(snapshot, then)
    first, last = filters.month_from or 1, filters.month_to or 12
    if then.until:
        day = now.filters.until or snapshot.clock()
        span = f"（{first}月1日至{day.month}月{day.day}日）"
    elif (first, last) == (1, 12):
        span = ""
    else:
        span = f"（{first}月）" if first == last else f"（{first}月至{last}月）"
    named, same = "上年" if usual else f" {then.year} 年", "同期" if span else ""
    text, short = f"与{named}{same}{span}相比", f"{named}{same}".lstrip()
    word = SAME if usual else f"较 {then.year} 年"
    return Comparison(base, text, short, word, bool(then.until), now, _stood(base, now))


def _stood(base: Book, now: Book) -> tuple[Book, Book]:
    """Two periods, the later one as it stands today, the earlier one with the clock set back by as
    many years as lie between them."""
    clock, latest = base.snapshot.clock(), max(base.filters.year, now.filters.year)

    def back(book: Book) -> Book:
        years = latest - book.filters.year
        day = same_day(clock, clock.year - years) if years else None
        return book.beside(as_of=day) if day else book

    return back(base), back(now)


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


def splits(row: Kpi, parts: Sequence[Part] = ()) -> list[Dimension]:
    """By what the difference of a KPI, or of a part of it, can be split; of a month by nothing."""
    cut = {p.dimension.name for p in parts}
    return [] if MONTH.name in cut else [d for d in row.dimensions if d.name not in cut]


def within(book: Book, parts: Sequence[Part]) -> Book:
    """The book of some parts alone, as if the filters had chosen them."""
    chosen = book.filters.with_values(**{p.dimension.name: (p.value,) for p in parts})
    return book.beside(values=chosen.values) if parts else book


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
    if row.final and then.filters.until and not then.filters.as_of:
        return f"{row.name}看的是最终结果：上年同期这些事当时的结果没有日期可查，年度结束后才作同比"
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
