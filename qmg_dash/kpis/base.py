"""What a KPI is: a declaration, turned into SQL by figures alone.

A `Formula` says which rows of which relation count, by which date they fall into a period, and
what is done with them. Its conditions are SQL fragments over declared columns and the parameters
$start and $end (the period, inclusive), $clock ("today") and $at = least($end, $clock). They are
constants of the code: no user text ever gets here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

from qmg_dash.model import Tone
from qmg_dash.tables import BY_NAME, Column

Kind = Literal["count", "distinct", "sum", "median", "rate", "ratio", "each", "special"]
Better = Literal["higher", "lower"] | None

PERCENT = "%"
UNFILLED = "未填"
"""The part of a split whose cell is empty, as links and files name it; no column has this value."""
UNREGISTERED = "未登记"
"""The same as the screens write it, and an empty cell of a list."""
UNCOUNTED_UNITS = (PERCENT, "元", "万元", "天", "")
"""Units whose values need not be whole."""


@dataclass(frozen=True)
class Dimension:
    """A legal split: its name in links and in reported.csv, its Chinese label, its known values
    in their order. `closed`: no other value may be published. `overdue` are values that count open
    matters past their day; `words` pairs of a value and what the screens write for it."""

    name: str
    label: str
    values: tuple[str, ...] = ()
    closed: bool = False
    overdue: tuple[str, ...] = ()
    words: tuple[tuple[str, str], ...] = ()

    def text(self, value: str) -> str:
        """A value as the screens write it."""
        return dict(self.words).get(value) or registered(value)


@dataclass(frozen=True)
class Part:
    """One value of a split."""

    dimension: Dimension
    value: str

    @property
    def text(self) -> str:
        """As the screens write it."""
        return self.dimension.text(self.value)

    @property
    def unfilled(self) -> bool:
        """Whether it is the part whose cell is empty."""
        return self.value == UNFILLED

    @property
    def overdue(self) -> bool:
        """Whether it counts open matters past their day."""
        return self.value in self.dimension.overdue


def registered(value: str) -> str:
    """A value, or 未登记 for an empty cell's."""
    return UNREGISTERED if value == UNFILLED else value


_MONTHS = tuple(str(m) for m in range(1, 13))
MONTH = Dimension(
    "month", "月份", _MONTHS, closed=True, words=tuple((m, f"{m}月") for m in _MONTHS)
)


@dataclass(frozen=True)
class Formula:
    """How a ledger gives the figure.

    kind      count rows; distinct `value`; sum `value`; median of `value`; rate = rows with `hit`
              / rows (percent); ratio = sum of `value` / sum of `per` (percent); each = rows /
              the KPI `per`
    relation  a table of TABLES or a view of relations.VIEWS
    date      the date by which a row falls into the period; empty = a stock, `where` says when
    where     which rows count at all
    known     rows whose needed cells are filled in; the others are left out and counted
    now       a figure about the clock's day, for the clock's year alone
    listed    counts the rows of a list: what has none is not listed, which is not 0
    deadline  rests on working days (the relation has `estimated`), so that it may be 推算
    """

    kind: Kind
    relation: str
    date: str = ""
    where: str = "true"
    known: str = "true"
    value: str = ""
    per: str = ""
    hit: str = ""
    now: bool = False
    deadline: bool = False
    listed: bool = False

    @property
    def judges(self) -> bool:
        """Whether the period's rows are counted for what a cell says that not each of them has:
        where none has it, the count is not known. (What stands is known by the rows that have it.)"""
        dated = self.kind == "count" and bool(self.date)
        return dated and bool(self.hit) and self.known != "true"

    def speaks_of(self, column: str) -> bool:
        """Whether one of its conditions or values names the column."""
        said = f"{self.where} {self.known} {self.hit} {self.value} {self.per}"
        return re.search(rf"\b{column}\b", said) is not None


@dataclass(frozen=True, kw_only=True, eq=False)
class Kpi:
    """A row of the registry; there is one of each, so that it is equal to itself alone.

    code, label      the contract's; `called` is the screens' word, where officials say another
    definition, rule what is counted, in the officials' words and in the contract's (English)
    better, must     the direction; what the law asks of a rate, in percent
    tables, needs    the ledgers behind it; those that have to speak for the year, if not all
    dimensions       its legal splits: those declared in its row, the first of which is written
                     bare, and those that `with_splits` finds; `unsplit` are columns of the ledger
                     by which a split would say nothing
    whole, total     its published split is complete, so that it sums to `total` (a code, itself
                     by default); `total_dimension` is the part that is the total
    same_as          (value of its first split, code): that part is the figure of another KPI
    of               words of a rate's base, where it is easily taken for another count: what it
                     counts, its unit, what the numerator is
    lacking          of a rate: what the rows are that it lacks (未按期公示), for a title
    told_by          the code of a rate over the same base: where both are alike, only that one
                     is told
    final            a rate of how its rows have ended: of the same days of the year before the
                     ledger knows the end of today. It is compared with it as it stood that long
                     after, where the ends are dated (`ends_dated`)
    allowed          the only values that may be published of it
    private          stands in its table, not on a card
    stock            a figure without a formula that says what stands, not what has come (with
                     one, it is a stock that has no date)
    alarm            what a count wears that should be 0; `alarm_while` (code, dimension) is the
                     ledger's count without which it does not
    """

    code: str
    label: str
    short: str
    unit: str
    definition: str
    rule: str
    screen: str
    basis: str
    called: str = ""
    better: Better = None
    must: float | None = None
    tables: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    formula: Formula | None = None
    dimensions: tuple[Dimension, ...] = ()
    unsplit: tuple[str, ...] = ()
    whole: bool = False
    total: str = ""
    total_dimension: str = ""
    same_as: tuple[tuple[str, str], ...] = ()
    of: tuple[str, str, str] | None = None
    lacking: str = ""
    told_by: str = ""
    final: bool = False
    allowed: tuple[float, ...] = ()
    private: bool = False
    stock: bool = False
    alarm: Tone = ""
    alarm_while: tuple[str, str] | None = None

    @property
    def name(self) -> str:
        """What the screens call it."""
        return self.called or self.label

    @property
    def rate(self) -> bool:
        return self.unit == PERCENT

    @property
    def ends_dated(self) -> bool:
        """Whether its ledger has the day of each change by which it is counted."""
        ends = [c for t in self.tables for c in BY_NAME[t].changes]
        return self.formula is not None and any(map(self.formula.speaks_of, ends))

    @property
    def counted(self) -> bool:
        """Whether its value is a count of things, so that it has to be whole (rule S-2)."""
        per_head = self.formula is not None and self.formula.kind == "each"
        return self.unit not in UNCOUNTED_UNITS and not per_head

    @property
    def accumulates(self) -> bool:
        """Whether its figure grows through the year, so that a part of a target is progress. A
        rate, what should be low, a median, a figure per head and what stands are held against
        their target as a standard."""
        m = self.formula
        if self.rate or self.better == "lower" or self.stock:
            return False
        return m is None or (
            m.kind not in ("median", "each") and bool(m.date or m.kind == "special")
        )

    def dimension(self, name: str) -> Dimension | None:
        return next((d for d in self.dimensions if d.name == name), None)

    def part(self, written: str) -> Part | None:
        """The part that reported.csv, a link or the command names: the value alone for the first
        split, else name=value; None for the total. A split that is not legal gets its name alone."""
        if not written:
            return None
        name, named, value = written.partition("=")
        if not named:
            name, value = self.dimensions[0].name if self.dimensions else "", written
        return Part(self.dimension(name) or Dimension(name, name), value)

    def is_total(self, part: Part | None) -> bool:
        """Whether a part is all of it: none, or the part that is its total."""
        return part is None or self.written(part) == self.total_dimension

    def written(self, part: Part | None) -> str:
        """A part as `part` reads it; a value with an equals sign of its own is named in any case."""
        if part is None:
            return ""
        first = bool(self.dimensions) and part.dimension.name == self.dimensions[0].name
        bare = first or not part.dimension.name
        return (
            part.value if bare and "=" not in part.value else f"{part.dimension.name}={part.value}"
        )


def with_splits(row: Kpi) -> Kpi:
    """The KPI with every legal split: those of its row, then each further enumerated or
    department column of its ledger, the month last. A column that the formula itself speaks of
    is none: a rate split by its own condition says nothing."""
    m, declared = row.formula, {d.name for d in row.dimensions}
    if m is None or row.private or not row.tables:
        return row
    ledger = BY_NAME.get(m.relation) or BY_NAME[row.tables[0]]
    found = tuple(
        Dimension(
            c.name,
            c.header,
            c.values,
            closed=bool(c.values) and not c.open,
            words=tuple((value, text) for text, value in c.synonyms),
        )
        for c in ledger.columns
        if ledger.ledger
        and _splits(c)
        and c.name not in declared
        and c.name not in row.unsplit
        and not m.speaks_of(c.name)
    )
    first = tuple(d for d in row.dimensions if d != MONTH)
    last = tuple(d for d in row.dimensions if d == MONTH)
    return replace(row, dimensions=(*first, *found, *last))


def _splits(column: Column) -> bool:
    return column.type == "text" and bool(column.values or column.name == "department")
