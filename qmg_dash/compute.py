"""(snapshot, filters) → figures. The only module that turns a KPI into SQL.

A `Book` holds the figures of one snapshot for one set of filters: published ones lead their year,
the ledger's stand beside (DATA.md section 4). It asks DuckDB once per relation and split, and
keeps the answer; nothing in it changes after that, so that sessions may share it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from threading import Lock
from typing import Any

from qmg_dash.store import Snapshot

from qmg_dash import tables
from qmg_dash.identities import Breach, Cells, Identity, broken
from qmg_dash.kpis import BY_CODE, KPIS, kpi
from qmg_dash.kpis.base import MONTH, Dimension, Kpi, Measure
from qmg_dash.kpis.decisions import STEPS
from qmg_dash.model import (
    ABOUT,
    EXACT,
    Figure,
    Filters,
    Number,
    Source,
    UnknownName,
    mixed,
)

STRICT = "action_type IN ('行政处罚', '行政强制', '行政检查')"


WORKDAY_STARTS = "(SELECT n, min(day) AS day FROM workdays GROUP BY n)"
"""Each count of working days with the day that reaches it: a deadline is the day that lies so
many working days after another (《条例》第三十三条; 国办发〔2018〕118号)."""

VIEWS: dict[str, str] = {
    # 许可 and 处罚 count when decided, everything else when opened (DOMAIN.md section 2).
    "actions": """SELECT a.*, CASE WHEN action_type IN ('行政许可', '行政处罚') THEN decided_on
            ELSE opened_on END AS counted_on, due.day AS disclose_due
        FROM enforcement_actions a
        LEFT JOIN workdays began ON began.day = a.decided_on
        LEFT JOIN {workday_starts} due ON due.n = began.n
            + CASE WHEN action_type IN ('行政许可', '行政处罚') THEN 7 ELSE 20 END""",
    # The newest list that was approved by the period's end, and of it what is in use.
    "power_in_force": """SELECT * FROM power_items WHERE status = '在用' AND list_version =
            (SELECT max(list_version) FROM power_items WHERE list_version <= $end)""",
    "power_exercised": """SELECT p.*, item_code IN (SELECT item_code FROM ({actions})
            WHERE counted_on BETWEEN $start AND $end AND item_code IS NOT NULL) AS exercised
        FROM ({power_in_force}) p""",
    "officers_at": """SELECT *, coalesce((issued_on IS NULL OR issued_on <= $at)
            AND expires_on >= $at, false) AS valid FROM officers""",
    "published": """SELECT d.*, due.day AS publish_due FROM disclosures d
        LEFT JOIN workdays began ON began.day = d.produced_on
        LEFT JOIN {workday_starts} due ON due.n = began.n + 20""",
    # A reply is due 20 working days after receipt, 20 more when extended, and the days spent
    # asking third parties do not count (《条例》第三十三条).
    "applications_due": """SELECT a.*, due.day AS due_on,
            due.n - (SELECT n FROM workdays WHERE day = $clock) AS working_days_left
        FROM applications a
        LEFT JOIN workdays began ON began.day = a.received_on
        LEFT JOIN {workday_starts} due ON due.n = began.n + 20
            + CASE WHEN extended THEN 20 ELSE 0 END + coalesce(suspended_days, 0)""",
    # An open case has no outcome yet; the form's four results stand beside the court's words.
    "cases": """SELECT * REPLACE (CASE WHEN closed_on IS NULL OR closed_on > $at
                THEN '尚未审结' ELSE coalesce(outcome, '未填') END AS outcome),
            CASE WHEN closed_on IS NULL OR closed_on > $at THEN '尚未审结'
                WHEN outcome IN ('维持', '驳回') THEN '结果维持'
                WHEN outcome = '纠正' THEN '结果纠正' ELSE '其他结果' END AS verdict
        FROM legal_cases""",
    "decision_steps": " UNION ALL ".join(
        f"SELECT topic_no, held_on, major, '{label}' AS step, {column} AS state, _file, _row"
        " FROM decisions"
        for column, label in STEPS.items()
    ),
}


def relation(name: str) -> str:
    """The SQL of a relation: a declared table or a view over them."""
    if name in VIEWS:
        nested = {v: relation(v) for v in VIEWS if f"{{{v}}}" in VIEWS[name]}
        return VIEWS[name].format(workday_starts=WORKDAY_STARTS, **nested)
    return f"SELECT * FROM {tables.table(name).name}"


@dataclass(frozen=True)
class Period:
    """A span of days, both inclusive."""

    start: date
    end: date

    @classmethod
    def of(cls, filters: Filters) -> Period:
        """The year, or its part between two months."""
        first, last = filters.month_from or 1, filters.month_to or 12
        after = date(filters.year + last // 12, last % 12 + 1, 1)
        return cls(date(filters.year, first, 1), after - timedelta(days=1))


@dataclass(frozen=True)
class Tally:
    """What a ledger gives for one KPI and one value of a split."""

    value: float | int | None
    numerator: float | None = None
    denominator: float | None = None
    unknown: int = 0
    rows: int = 0


def plain(value: Any) -> Any:
    """A DuckDB decimal as the int or float that it is; None stays None."""
    if value is None or isinstance(value, int | str | date):
        return value
    number = float(value)
    return int(number) if number.is_integer() else number


def percent(part: float | None, whole: float | None) -> float | None:
    """A rate in percent. THE 0/0 rule: a base of 0 or none is no data, never 0 and never 100."""
    if part is None or not whole:
        return None
    return part / whole * 100


def _scope(m: Measure) -> str:
    when = f"{m.date} BETWEEN $start AND $end AND " if m.date else ""
    return f"{when}({m.where})"


def _aggregates(m: Measure) -> tuple[str, str, str, str]:
    """SQL of (value, numerator, denominator, unknown) for a measure, as filtered aggregates."""
    scope = _scope(m)
    base = f"{scope} AND ({m.known})"
    unknown = f"count(*) FILTER ({_where(f'{scope} AND ({m.known}) IS NOT TRUE')})"
    none = "NULL"
    if m.kind == "rate":
        hit = f"count(*) FILTER ({_where(f'{base} AND ({m.hit})')})"
        return none, hit, f"count(*) FILTER ({_where(base)})", unknown
    if m.kind == "ratio":
        return (
            none,
            f"sum({m.value}) FILTER ({_where(base)})",
            f"sum({m.per}) FILTER ({_where(base)})",
            unknown,
        )
    if m.hit:
        base = f"{base} AND ({m.hit})"
    how = {
        "count": "count(*)",
        "distinct": f"count(DISTINCT {m.value})",
        "sum": f"sum({m.value})",
        "median": f"median({m.value})",
    }[m.kind]
    return f"{how} FILTER ({_where(base)})", none, none, unknown


def _where(condition: str) -> str:
    return f"WHERE {condition}"


def dimension_key(row: Kpi, name: str, value: str) -> str:
    """How a value of a split is written: bare for the first dimension, name=value for others."""
    return (
        value
        if row.dimensions and row.dimensions[0].name == name
        else f"{name}={value}"
    )


def split_key(row: Kpi, key: str) -> tuple[str, str]:
    """(dimension name, value) of a written dimension of one part."""
    name, sep, value = key.partition("=")
    if sep:
        return name, value
    return (row.dimensions[0].name if row.dimensions else ""), key


def _coverage_sql() -> str:
    """First and last year that each ledger speaks of, by its period date."""
    parts = [
        f"SELECT '{t.name}', year(min({t.period})), year(max({t.period})), count(*) FROM {t.name}"
        for t in tables.LEDGERS
        if t.period
    ]
    parts.append(
        "SELECT 'officers', year(min(issued_on)), NULL, count(*) FROM officers"
    )
    return " UNION ALL ".join(parts)


STOCKS = ("power_items", "officers", "documents")
"""Tables that describe what stands, so that they speak for every year up to the clock's."""


def coverage(snapshot: Snapshot) -> dict[str, tuple[int, int]]:
    """The years each ledger speaks for. A year outside is no data, not 0; inside, a count of
    no rows is a true 0."""
    clock = snapshot.clock().year
    found = {}
    for name, first, last, rows in (
        snapshot.cursor().execute(_coverage_sql()).fetchall()
    ):
        if rows:
            first = first or clock
            found[name] = (
                first,
                max(clock, first) if name in STOCKS else last or clock,
            )
    return found


class Book:
    """The figures of a snapshot under some filters; computed when asked, then kept."""

    def __init__(self, snapshot: Snapshot, filters: Filters):
        self.snapshot = snapshot
        self.filters = filters
        self.period = Period.of(filters)
        self.clock = snapshot.clock()
        self._lock = Lock()
        self._splits: dict[tuple[str, str], dict[str, dict[str, Tally]]] = {}
        self._figures: dict[tuple[str, str], Figure] = {}
        self._published = _published(snapshot, filters.year)

    # ---- what the ledgers say ---------------------------------------------------------------
    @cached_property
    def covered(self) -> dict[str, tuple[int, int]]:
        return coverage(self.snapshot)

    def speaks(self, row: Kpi) -> bool:
        """Whether the ledgers that a KPI needs speak for the year."""
        m = row.measure
        if not m or (m.now and self.filters.year != self.clock.year):
            return False
        needed = row.tables[-1:] if row.code == "training.cert_obtained" else row.tables
        spans = [self.covered.get(t) for t in needed]
        return bool(spans) and all(
            s and s[0] <= self.filters.year <= s[1] for s in spans
        )

    def _parameters(self, sql: str, **more: Any) -> dict[str, Any]:
        """The named parameters that a statement uses, and no other."""
        values = {
            "start": self.period.start,
            "end": self.period.end,
            "clock": self.clock,
            "at": min(self.period.end, self.clock),
        } | more
        used = set(re.findall(r"\$(\w+)", sql))
        return {k: v for k, v in values.items() if k in used}

    def query(self, sql: str, **more: Any) -> list[tuple]:
        """Rows of a statement over the relations, on a cursor of its own."""
        return (
            self.snapshot.cursor()
            .execute(sql, self._parameters(sql, **more))
            .fetchall()
        )

    def tallies(self, name: str, dimension: str) -> dict[str, dict[str, Tally]]:
        """{value of the split: {KPI code: Tally}} for all KPIs of a relation, in one pass."""
        with self._lock:
            known = self._splits.get((name, dimension))
        if known is None:
            known = self._tallies(name, dimension)
            with self._lock:
                self._splits[name, dimension] = known
        return known

    def _tallies(self, name: str, dimension: str) -> dict[str, dict[str, Tally]]:
        rows = [
            k
            for k in KPIS
            if k.measure
            and k.measure.relation == name
            and k.measure.kind != "special"
            and (not dimension or k.dimension(dimension))
        ]
        out: dict[str, dict[str, Tally]] = defaultdict(dict)
        if dimension == MONTH.name:
            for day in {k.measure.date for k in rows if k.measure}:
                same = [k for k in rows if k.measure and k.measure.date == day]
                self._fill(out, name, f"CAST(month({day}) AS VARCHAR)", same)
        else:
            self._fill(out, name, dimension, rows)
        return dict(out)

    def _fill(self, out: dict, name: str, cut: str, rows: list[Kpi]) -> None:
        if not rows:
            return
        fields = [", ".join(_aggregates(k.measure)) for k in rows if k.measure]
        where, chosen = self._chosen(rows)
        by = f"CAST({cut} AS VARCHAR)" if cut else "''"
        sql = f"SELECT {by}, {', '.join(fields)} FROM ({relation(name)}){where} GROUP BY 1"
        for value, *cells in self.query(sql, **chosen):
            for i, row in enumerate(rows):
                number, num, den, unknown = (plain(c) for c in cells[4 * i : 4 * i + 4])
                if row.rate:
                    number = percent(num, den)
                key = value if value is not None else "未填"
                out[key][row.code] = Tally(number, num, den, unknown or 0)

    def _chosen(self, rows: list[Kpi]) -> tuple[str, dict[str, Any]]:
        """The dimension filters that hold for every KPI of the relation, as a WHERE clause."""
        conditions, values = [], {}
        for i, (name, chosen) in enumerate(self.filters.values):
            if all(k.dimension(name) for k in rows):
                conditions.append(f"list_contains($f{i}, {name})")
                values[f"f{i}"] = list(chosen)
        return (f" WHERE {' AND '.join(conditions)}" if conditions else ""), values

    def ledger(self, code: str, dimension: str = "") -> Tally | None:
        """What the ledger gives, None where it does not speak for the year."""
        row = kpi(code)
        if not row.measure or not self.speaks(row):
            return None
        if row.measure.kind == "special":
            return self._special(row, dimension)
        if not dimension or dimension == row.total_dimension:
            return self.tallies(row.measure.relation, "").get("", {}).get(
                code
            ) or _nothing(row)
        name, value = split_key(row, dimension)
        return self.tallies(row.measure.relation, name).get(value, {}).get(code)

    def _special(self, row: Kpi, dimension: str) -> Tally | None:
        if row.code == "officers.actions_each" and not dimension:
            sql = f"SELECT count(*) FROM ({relation('actions')}) WHERE {STRICT} AND counted_on"
            actions = self.query(f"{sql} BETWEEN $start AND $end")[0][0]
            officers = self.ledger("officers.certified")
            if not officers or not officers.value:
                return None
            return Tally(actions / officers.value, actions, officers.value)
        if row.code == "disclosure.t2.normative":
            same = {"制发": "issued", "废止": "abolished", "现行有效": "in_force"}
            return (
                self.ledger(f"documents.{same[dimension]}")
                if dimension in same
                else None
            )
        return None

    # ---- figures ----------------------------------------------------------------------------
    def fig(self, code: str, dimension: str = "") -> Figure:
        """The figure of a KPI (and a value of a split); unknown codes raise UnknownName."""
        key = (code, dimension)
        if key not in self._figures:
            self._figures[key] = self._figure(kpi(code), dimension)
        return self._figures[key]

    def _figure(self, row: Kpi, dimension: str) -> Figure:
        published = self._published.get((row.code, dimension))
        if published and self.narrowed(row):
            published = None
        tally = self.ledger(row.code, dimension)
        name, value = split_key(row, dimension)
        declared = row.dimension(name) if dimension else None
        figure = Figure(
            code=row.code,
            label=row.label
            if not dimension
            else f"{row.label}·{dimension_text(declared, value)}",
            year=self.filters.year,
            unit=row.unit,
            dimension=dimension,
            nature=self.snapshot.town.nature,
            as_of=self.clock.isoformat(),
            data_version=self.snapshot.version,
            definition=row.definition,
        )
        if tally:
            figure = _with_ledger(figure, row, tally, self.snapshot)
        return _with_published(figure, published) if published else figure

    def narrowed(self, row: Kpi) -> bool:
        """Whether filters cut deeper than a published figure goes (months, or a dimension)."""
        months = self.filters.month_from or self.filters.month_to
        return bool(months) or any(row.dimension(n) for n, _ in self.filters.values)

    def values(self, code: str, name: str = "") -> list[str]:
        """The values of a split, in their declared order, then by size; published ones alone
        where any is published, so that a split never mixes two sources."""
        row = kpi(code)
        declared = row.dimension(name) if name else (row.dimensions or (None,))[0]
        if declared is None:
            raise UnknownName(f"指标 {row.label} 不能按 {name or '维度'} 拆分")
        found = [
            v
            for (c, d) in self._published
            if c == code and d and ";" not in d
            for n, v in [split_key(row, d)]
            if n == declared.name
        ]
        if (not found or self.narrowed(row)) and self.speaks(row) and row.measure:
            tallies = self.tallies(row.measure.relation, declared.name)
            found = [
                v
                for v, by_code in tallies.items()
                if code in by_code and _counts(by_code[code])
            ]
        order = {v: i for i, v in enumerate(declared.values)}
        return sorted(dict.fromkeys(found), key=lambda v: (order.get(v, len(order)), v))

    def split(self, code: str, name: str = "") -> list[Figure]:
        """The figures of a split, in order; empty where there is none."""
        row = kpi(code)
        name = name or (row.dimensions[0].name if row.dimensions else "")
        return [
            self.fig(code, dimension_key(row, name, v)) for v in self.values(code, name)
        ]

    def whole(self, code: str) -> Figure:
        """The total of a split: published, else the ledger's, else the sum of its parts, whose
        qualifier follows from theirs."""
        row = kpi(code)
        total = self.fig(row.total or row.code)
        parts = self.split(code) if row.whole and not total.known else []
        return sum_of(total, parts) if parts else total

    def published_codes(self) -> list[tuple[str, str]]:
        """(code, dimension) of everything published for the year, in the file's order."""
        return list(self._published)

    # ---- identities -------------------------------------------------------------------------
    @cached_property
    def cells(self) -> Cells:
        ledger: dict[tuple[str, str], Number] = {}
        if self.speaks(BY_CODE["enforcement.actions"]):
            for kind in ("行政许可", "行政处罚", "行政强制"):
                tally = self.ledger("enforcement.actions", kind)
                ledger["enforcement.actions", kind] = Number(
                    tally.value if tally else 0
                )  # type: ignore[arg-type]
        return Cells(
            _numbers(self._published),
            _numbers(_published(self.snapshot, self.filters.year - 1)),
            ledger,
        )

    @cached_property
    def breaches(self) -> list[tuple[Identity, Breach]]:
        return broken(self.cells)


def _counts(tally: Tally) -> bool:
    """Whether a value of a split has rows at all (a rate without a base is no row)."""
    return bool(tally.value) or bool(tally.denominator)


def _nothing(row: Kpi) -> Tally:
    """A ledger that speaks for the year without a row: a true 0 for a count, else no data."""
    counted = row.measure is not None and row.measure.kind in ("count", "distinct")
    return Tally(0 if counted else None)


def dimension_text(declared: Dimension | None, value: str) -> str:
    """A value of a split as the screens write it."""
    if declared and declared.name == MONTH.name:
        return f"{value}月"
    return (
        tables.OUTCOMES.get(value, value)
        if declared and declared.name == "outcome"
        else value
    )


Published = dict[tuple[str, str], Any]


def _published(snapshot: Snapshot, year: int) -> Published:
    return {(r.code, r.dimension): r for r in snapshot.reported if r.year == year}


def _numbers(rows: Published) -> dict[tuple[str, str], Number]:
    return {k: Number(r.value, r.qualifier) for k, r in rows.items()}


def _with_ledger(figure: Figure, row: Kpi, tally: Tally, snapshot: Snapshot) -> Figure:
    if tally.value is None:
        return replace(figure, unknown=tally.unknown)
    sources = tuple(
        Source(snapshot.tables[t].file, rows=snapshot.tables[t].rows)
        for t in row.tables
        if t in snapshot.tables
    )
    return replace(
        figure,
        value=tally.value,
        basis="ledger",
        ledger=Number(tally.value),
        numerator=tally.numerator,
        denominator=tally.denominator,
        unknown=tally.unknown,
        sources=sources,
    )


def _with_published(figure: Figure, published: Any) -> Figure:
    source = Source(
        published.file, published.locator, published.row, title=published.source
    )
    return replace(
        figure,
        value=published.value,
        qualifier=published.qualifier,
        unit=published.unit or figure.unit,
        basis="reported",
        raw=published.raw,
        reported=Number(published.value, published.qualifier),
        numerator=None,
        denominator=None,
        unknown=0,
        sources=(source,),
    )


def sum_of(like: Figure, parts: Iterable[Figure]) -> Figure:
    """The sum of figures of one kind, approximate as its parts are; no data where any is none."""
    parts = list(parts)
    if not parts or any(p.value is None for p in parts):
        return like
    return replace(
        like,
        value=sum(p.value for p in parts if p.value is not None),
        qualifier=mixed(p.qualifier for p in parts),
        unit=parts[0].unit,
        basis=parts[0].basis,
        sources=tuple(dict.fromkeys(s for p in parts for s in p.sources)),
    )


def share(part: Figure, whole: Figure) -> Number | None:
    """A part of a whole in percent; approximate (约) where either is."""
    value = percent(part.value, whole.value)
    if value is None:
        return None
    exact = part.qualifier == EXACT and whole.qualifier == EXACT
    return Number(value, EXACT if exact else ABOUT)


def change(now: Figure, before: Figure) -> Number | None:
    """The difference to another figure of the same unit, None where either is no data."""
    if now.value is None or before.value is None or now.unit != before.unit:
        return None
    exact = now.qualifier == EXACT and before.qualifier == EXACT
    return Number(plain(round(now.value - before.value, 10)), EXACT if exact else ABOUT)


def years(snapshot: Snapshot) -> list[int]:
    """The years with a figure, oldest first: published ones and those a ledger speaks for."""
    found = {r.year for r in snapshot.reported}
    for name, (first, last) in coverage(snapshot).items():
        found.update((first, last) if name in STOCKS else range(first, last + 1))
    return (
        sorted(y for y in found if y <= max(snapshot.clock().year, *found))
        if found
        else []
    )


def goal_years(snapshot: Snapshot) -> list[int]:
    """The years that goals are for, oldest first."""
    return sorted({g["year"] for g in snapshot.records("goals")})
