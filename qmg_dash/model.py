"""The values every layer speaks: figures, faults, filters.

Nothing here reads a file or knows a town. All classes are frozen: a value is cached and shared
between sessions, so nobody may change it.
"""

from __future__ import annotations

import errno
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from qmg_dash.characters import shown

if TYPE_CHECKING:
    from qmg_dash.kpis.base import Kpi, Part

Basis = Literal["reported", "ledger", "none"]
Nature = Literal["official", "demo"]
NOT_TO_QUOTE = "演示数据 · 不得引用"
"""What stands over everything that shows a demo."""
Severity = Literal["error", "warning"]
Tone = Literal["", "warn", "bad"]
"""What a figure wears where it asks for a look: red is for open matters past their day."""

EXACT, MORE, AT_LEAST, NEARLY, ABOUT = "", "余", "以上", "近", "约"
QUALIFIERS = (EXACT, MORE, AT_LEAST, NEARLY, ABOUT)
"""How exact a published number is (DATA.md section 2); the empty one is exact."""


@dataclass(frozen=True)
class Fault:
    """Something wrong in a data folder, told so that a clerk can mend it.

    `row` is the row as Excel shows it (the header is row 1), None for a whole file.
    An error keeps its row (or table) out of the figures; a warning does not.
    """

    severity: Severity
    file: str
    row: int | None
    column: str
    value: str
    rule: str
    message: str

    def __post_init__(self) -> None:
        """What no file can hold is named, so that the fault can be read, written and sent."""
        for name in ("file", "column", "value", "message"):
            object.__setattr__(self, name, shown(getattr(self, name)))

    @property
    def place(self) -> str:
        """File and row, as a banner names them."""
        return f"{self.file} 第 {self.row} 行" if self.row else self.file


class DataError(Exception):
    """A data folder that cannot be shown at all; carries every fault found."""

    def __init__(self, faults: Iterable[Fault]):
        self.faults = tuple(faults)
        super().__init__("；".join(f"{f.place}：{f.message}" for f in self.faults))


_WHY = {
    errno.ENOSPC: "磁盘已满",
    errno.EDQUOT: "磁盘配额已用完",
    errno.EFBIG: "超过允许的文件大小",
    errno.EACCES: "没有权限",
    errno.EPERM: "没有权限",
    errno.EROFS: "磁盘是只读的",
    errno.ENOENT: "没有这个文件或文件夹",
    errno.EISDIR: "这是一个文件夹",
    errno.ENOTDIR: "路径中有一段不是文件夹",
    errno.EIO: "磁盘读写出错",
    errno.EMFILE: "打开的文件太多",
}


def why(error: OSError) -> str:
    """What the system refused, in words for the clerk; the system's own where there are none."""
    return _WHY.get(error.errno or 0, "") or error.strerror or type(error).__name__


class UnknownName(ValueError):
    """A code, column or dimension that is not declared; the text names the allowed ones."""


@dataclass(frozen=True)
class Source:
    """Where a figure comes from: a row of reported.csv with its locator, or rows of a ledger."""

    file: str
    locator: str = ""
    row: int | None = None
    rows: int | None = None
    title: str = ""


@dataclass(frozen=True)
class Correction:
    """A published figure that was changed after it was published: a row of corrections.csv."""

    date: str
    column: str
    old: str
    new: str
    reason: str
    by: str


@dataclass(frozen=True)
class Printed:
    """A number as reported.csv has it: its digits (11817.5) and the unit behind them (万元, 亿元);
    `scale` is how many of the KPI's own unit one of that unit is."""

    digits: Decimal
    unit: str
    scale: Decimal = Decimal(1)

    @property
    def places(self) -> int:
        """How many digits stand behind the point."""
        return max(0, -int(self.digits.as_tuple().exponent))


@dataclass(frozen=True)
class Number:
    """A number with how exact it is; a published one knows how it was printed, which does not
    make it another number."""

    value: float | int
    qualifier: str = EXACT
    printed: Printed | None = field(default=None, compare=False, repr=False)

    def __add__(self, other: Number) -> Number:
        return Number(self.value + other.value, mixed((self.qualifier, other.qualifier)))

    @property
    def margin(self) -> float:
        """How far 近 and 约 may be from the number: a unit of its last written digit or a tenth of
        it, whichever is less, but 1 at least. 约80 is 72 to 88, 近1000 from 900 on."""
        return max(1, min(last_digit_unit(self.value), abs(self.value) / 10))

    @property
    def interval(self) -> tuple[float, float]:
        """What the number may stand for: 80余 is more than 80 and less than 90. Which ends belong
        to it says `allows`."""
        if self.qualifier == EXACT:
            return (self.value, self.value)
        if self.qualifier == MORE:
            return (self.value, self.value + last_digit_unit(self.value))
        if self.qualifier == AT_LEAST:
            return (self.value, float("inf"))
        if self.qualifier == NEARLY:
            return (self.value - self.margin, self.value)
        return (self.value - self.margin, self.value + self.margin)

    def keeps(self, limit: float, at_most: bool = False) -> bool | None:
        """Whether the number reaches a limit (stays within one that is `at_most`); None where some
        of what it may stand for lies on either side: 约100 neither reaches 100 nor falls short."""
        low, high = self.interval
        if at_most:
            within, beyond = high <= limit, low > limit or (low == limit and not self.allows(low))
        else:
            within, beyond = low >= limit, high < limit or (high == limit and not self.allows(high))
        return True if within else False if beyond else None

    def allows(self, value: float) -> bool:
        """Whether a counted value is what the number says. 以上 includes the number itself
        (民法典第一千二百五十九条), 近 does not reach it, 余 is beyond it."""
        low, high = self.interval
        if self.qualifier == MORE:
            return low < value < high
        if self.qualifier == NEARLY:
            return low <= value < high
        return low <= value <= high


def last_digit_unit(value: float | int) -> float:
    """The unit of the last written digit: 10 for 80, 1000 for 5000, 1 for 123."""
    if value == 0:
        return 1
    whole = round(abs(value))
    if whole != abs(value):
        return 1
    unit = 1
    while whole % (unit * 10) == 0:
        unit *= 10
    return unit


def mixed(qualifiers: Iterable[str]) -> str:
    """The qualifier of a sum: exact stays exact, exact and 余 give 余, all alike stay alike,
    anything else mixed is 约 (DATA.md section 2)."""
    present = list(qualifiers)
    kinds = set(present)
    if kinds <= {EXACT}:
        return EXACT
    if kinds <= {EXACT, MORE}:
        return MORE
    return present[0] if len(kinds) == 1 else ABOUT


@dataclass(frozen=True)
class Figure:
    """One KPI's value for one year, with all that a reader needs to trust it.

    `parts` are the values of a split that it counts: none for the total, several for their sum.
    `unit` is that of its value: a published one keeps its own.
    `value` None is "no data", which is never 0. `numerator` and `denominator` are the base of a
    rate where it is known. `unknown` counts ledger rows left out because a needed cell is empty.
    `reported` and `ledger` hold both values where both exist; `basis` says which one leads.
    `ended`: it counts but what ended in a year for which no ledger speaks.
    `late` says how late the ledger behind it is, empty where it is not.
    """

    kpi: Kpi
    year: int
    unit: str
    parts: tuple[Part, ...] = ()
    value: float | int | None = None
    qualifier: str = EXACT
    basis: Basis = "none"
    nature: Nature = "official"
    raw: str = ""
    reported: Number | None = None
    ledger: Number | None = None
    numerator: float | None = None
    denominator: float | None = None
    unknown: int = 0
    estimated: bool = False
    ended: bool = False
    sources: tuple[Source, ...] = ()
    corrections: tuple[Correction, ...] = ()
    as_of: str = ""
    data_version: str = ""
    late: str = ""

    @property
    def part(self) -> Part | None:
        """The one value of a split that it counts."""
        return self.parts[0] if len(self.parts) == 1 else None

    @property
    def said(self) -> str:
        """What of a split it counts, as the screens write it."""
        return "、".join(p.text for p in self.parts)

    @property
    def label(self) -> str:
        """Its name: 行政处罚案件, 行政处罚案件·罚款."""
        return f"{self.kpi.name}·{self.said}" if self.parts else self.kpi.name

    @property
    def dimension(self) -> str:
        """What it counts as reported.csv, links and the command write it."""
        return "、".join(self.kpi.written(p) for p in self.parts)

    @property
    def code(self) -> str:
        return self.kpi.code

    @property
    def key(self) -> tuple[str, str]:
        """(code, dimension): what names it in a data folder."""
        return self.code, self.dimension

    @property
    def known(self) -> bool:
        return self.value is not None

    @property
    def number(self) -> Number | None:
        return None if self.value is None else Number(self.value, self.qualifier)

    @property
    def printed(self) -> Printed | None:
        """How an exact published figure is printed: as it stands in reported.csv; a sum of
        published ones with all its digits. None of a counted or an approximate one."""
        if self.value is None or self.basis != "reported" or self.qualifier != EXACT:
            return None
        if self.reported and self.reported.printed and self.reported.value == self.value:
            return self.reported.printed
        return Printed(Decimal(str(round(self.value, 10))), self.unit)


Selected = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Filters:
    """What a screen is asked to show. `values` are the dimension filters, sorted, so that equal
    filters are equal cache keys. Months are inclusive, 1–12; `until` ends the period earlier, on
    that day (the same part of another year); `as_of` sets the clock back to a day, on which nothing had
    happened that the ledgers have of later ones."""

    year: int
    goal_year: int | None = None
    month_from: int | None = None
    month_to: int | None = None
    values: Selected = field(default=())
    until: date | None = None
    as_of: date | None = None

    @property
    def goals(self) -> int:
        """The goal year, else the one that the year's report sets goals for."""
        return self.goal_year or self.year + 1

    def chosen(self, name: str) -> tuple[str, ...]:
        """The values chosen for a filter; an empty tuple means all."""
        return dict(self.values).get(name, ())

    def with_values(self, **chosen: Iterable[str]) -> Filters:
        """The same filters with those named set (an empty one is removed)."""
        merged = dict(self.values) | {k: tuple(v) for k, v in chosen.items()}
        return replace(self, values=tuple(sorted((k, v) for k, v in merged.items() if v)))
