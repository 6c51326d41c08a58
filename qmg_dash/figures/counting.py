"""A KPI's formula → SQL, and what comes back."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta

from qmg_dash.figures.arithmetic import percent, plain
from qmg_dash.figures.relations import relation
from qmg_dash.kpis.base import MONTH, UNFILLED, Formula, Kpi
from qmg_dash.model import Filters


@dataclass(frozen=True)
class Period:
    """A span of days, both inclusive."""

    start: date
    end: date

    @classmethod
    def of(cls, filters: Filters) -> Period:
        """The year, or its part between two months, or up to a day."""
        first, last = filters.month_from or 1, filters.month_to or 12
        after = date(filters.year + last // 12, last % 12 + 1, 1)
        end = after - timedelta(days=1)
        return cls(date(filters.year, first, 1), min(end, filters.until or end))


@dataclass(frozen=True)
class Counted:
    """What a ledger gives for one KPI and one value of a split."""

    value: float | int | None
    numerator: float | None = None
    denominator: float | None = None
    unknown: int = 0
    estimated: bool = False

    @property
    def counts(self) -> bool:
        """Whether there are rows at all (a rate without a base has none)."""
        return any((self.value, self.numerator, self.denominator))


COUNTED_FIELDS = tuple(f.name for f in fields(Counted))


def scope_sql(m: Formula) -> str:
    when = f"{m.date} BETWEEN $start AND $end AND " if m.date else ""
    return f"{when}({m.where})"


SCALE = 10_000
"""Amounts have four decimals at most: a cube adds them as whole ten-thousandths, exactly."""
_PERIOD = re.compile(r"\$(start|end|at)\b")
ONE_BY_ONE = ("median", "distinct")
"""Kinds that need single values: a cube of their own, with the value as one more dimension."""


def fits_a_cube(m: Formula) -> bool:
    """Whether a formula's rows fall into the period by their date alone, so that sums by month
    give its figures."""
    said = " ".join((relation(m.relation), m.where, m.known, m.hit, m.value))
    return bool(m.date) and m.kind != "special" and not _PERIOD.search(said)


def cube_sums(m: Formula) -> dict[str, str]:
    """SQL of what a cube holds of a formula: whole numbers that add up over any cells."""
    base = f"({m.where}) AND ({m.known})"
    rows = _filtered("count(*)", base)
    hits = _filtered("count(*)", f"{base} AND ({m.hit})") if m.hit else rows
    found = {
        "rate": {"numerator": hits, "denominator": rows},
        "ratio": {"numerator": _scaled(m.value, base), "denominator": _scaled(m.per, base)},
        "sum": {"rows": rows, "value": _scaled(m.value, base)},
        "count": {"rows": hits, **({"judged": rows} if m.judges else {})},
    }.get(m.kind, {"rows": hits})
    if m.known != "true":
        found["unknown"] = _filtered("count(*)", f"({m.where}) AND ({m.known}) IS NOT TRUE")
    if m.deadline:
        found["estimated"] = _filtered("count(*)", f"{base} AND estimated")
    return found


def _scaled(value: str, condition: str) -> str:
    return f"CAST(coalesce({_filtered(f'sum({value})', condition)}, 0) * {SCALE} AS BIGINT)"


def added_up(row: Kpi, found: dict[str, int]) -> Counted:
    """The Tally of a cube's sums."""
    assert row.formula
    rows, kind = found.get("rows", 0), row.formula.kind
    unit = SCALE if kind in ("sum", "ratio") else 1
    numerator, denominator, value = (
        plain(found[n] / unit) if n in found else None
        for n in ("numerator", "denominator", "value")
    )
    if kind in ("rate", "ratio"):
        value = percent(numerator, denominator)
    elif kind == "each":
        numerator = rows
    elif kind == "count":
        value = rows if not row.formula.judges or found["judged"] or not found["unknown"] else None
    elif not rows:
        value = None
    unknown, estimated = found.get("unknown", 0), found.get("estimated", 0)
    return settled_counted(row, Counted(value, numerator, denominator, unknown, bool(estimated)))


def settled_counted(row: Kpi, tally: Counted) -> Counted:
    """A sum or a number of different things over no row at all is a true 0; over rows that all
    lack the needed cell it is unknown, as a count is."""
    assert row.formula
    if row.formula.kind == "sum" and tally.value is None and not tally.unknown:
        return replace(tally, value=0)
    if row.formula.kind == "distinct" and not tally.value and tally.unknown:
        return replace(tally, value=None)
    return tally


COUNTED = ("count", "rate", "each")
"""Kinds whose tallies add up as whole numbers."""


def put_together(row: Kpi, parts: list[Counted]) -> Counted:
    """The tally of all rows of some parts that have none in common."""
    numerator, denominator, value = (
        sum(known) if (known := [v for v in values if v is not None]) else None
        for values in zip(*((t.numerator, t.denominator, t.value) for t in parts), strict=True)
    )
    if row.rate:
        value = percent(numerator, denominator)
    unknown = sum(t.unknown for t in parts)
    return Counted(value, numerator, denominator, unknown, any(t.estimated for t in parts))


def aggregates(m: Formula, own: Iterable[str] = ()) -> tuple[str, str, str, str, str]:
    """SQL of a formula's Tally, field by field, as filtered aggregates; `own` are conditions
    beside the formula's."""
    scope = " AND ".join((scope_sql(m), *own))
    base = f"{scope} AND ({m.known})"
    hit = f"{base} AND ({m.hit})" if m.hit else base
    unknown = _filtered("count(*)", f"{scope} AND ({m.known}) IS NOT TRUE")
    estimated = (
        f"coalesce({_filtered('bool_or(estimated)', base)}, false)" if m.deadline else "false"
    )
    none = "NULL"
    value, numerator, denominator = {
        "rate": (none, _filtered("count(*)", hit), _filtered("count(*)", base)),
        "ratio": (
            none,
            _filtered(f"sum({m.value})", base),
            _filtered(f"sum({m.per})", base),
        ),
        "each": (none, _filtered("count(*)", hit), none),
        "count": (_unless_unknown(_filtered("count(*)", hit), m, base, unknown), none, none),
        "distinct": (_filtered(f"count(DISTINCT {m.value})", hit), none, none),
        "sum": (_filtered(f"sum({m.value})", hit), none, none),
        "median": (_filtered(f"median({m.value})", hit), none, none),
    }[m.kind]
    return value, numerator, denominator, unknown, estimated


def _unless_unknown(count: str, m: Formula, base: str, unknown: str) -> str:
    """SQL of a count that is not known where no row has the cell by which it is judged."""
    if not m.judges:
        return count
    return f"CASE WHEN {_filtered('count(*)', base)} > 0 OR {unknown} = 0 THEN {count} END"


def has_part(row: Kpi, name: str) -> bool:
    """Whether a KPI can be cut by a dimension: a legal split, or the month of its date."""
    dated = row.formula is not None and bool(row.formula.date)
    return dated if name == MONTH.name else row.dimension(name) is not None


def part_of(m: Formula, name: str) -> str:
    """SQL of the value of a split (`name` is a declared dimension) that a row belongs to."""
    value = f"month({m.date})" if name == MONTH.name else name
    return f"coalesce(CAST({value} AS VARCHAR), '{UNFILLED}')"


def _filtered(aggregate: str, condition: str) -> str:
    return f"{aggregate} FILTER (WHERE {condition})"
