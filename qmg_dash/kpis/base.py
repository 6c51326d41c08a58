"""What a KPI is: a declaration, turned into SQL by compute alone.

A `Measure` says which rows of which relation count, by which date they fall into a period, and
what is done with them. Its conditions are SQL fragments over declared columns and the parameters
$start and $end (the period, inclusive), $clock ("today") and $at = least($end, $clock). They are
constants of the code: no user text ever gets here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["count", "distinct", "sum", "median", "rate", "ratio", "special"]
Better = Literal["higher", "lower"] | None

PERCENT = "%"
UNCOUNTED_UNITS = (PERCENT, "元", "万元", "天", "")
"""Units whose values need not be whole (rule S-2)."""


@dataclass(frozen=True)
class Dimension:
    """A legal split: its name in links and in reported.csv, its Chinese label, its known values
    in their order. `closed`: no other value may be published."""

    name: str
    label: str
    values: tuple[str, ...] = ()
    closed: bool = False


MONTH = Dimension("month", "月份", tuple(str(m) for m in range(1, 13)), closed=True)


@dataclass(frozen=True)
class Measure:
    """How a ledger gives the figure.

    kind      count rows; distinct `value`; sum `value`; median of `value`; rate = rows with `hit`
              / rows (percent); ratio = sum of `value` / sum of `per` (percent)
    relation  a table of TABLES or a view of compute.VIEWS
    date      the date by which a row falls into the period; empty = a stock, `where` says when
    where     which rows count at all
    known     rows whose needed cells are filled in; the others are left out and counted
    covers    tables that must speak for the year (none: the relation's own)
    now       a figure about the clock's day, for the clock's year alone
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


@dataclass(frozen=True)
class Kpi:
    """A row of the registry. `better` is the direction; `whole` says that its published split is
    complete, so that it must sum to `total` (a code, itself by default)."""

    code: str
    label: str
    short: str
    unit: str
    definition: str
    screen: str
    better: Better = None
    tables: tuple[str, ...] = ()
    measure: Measure | None = None
    dimensions: tuple[Dimension, ...] = ()
    basis: str = ""
    whole: bool = False
    total: str = ""
    total_dimension: str = ""
    private: bool = field(default=False)

    @property
    def rate(self) -> bool:
        return self.unit == PERCENT

    def dimension(self, name: str) -> Dimension | None:
        return next((d for d in self.dimensions if d.name == name), None)
