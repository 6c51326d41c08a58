"""(snapshot, filters) → figures. The only module that turns a KPI into SQL.

A `Book` holds the figures of one snapshot for one set of filters: published ones lead their year,
the ledger's stand beside (DATA.md section 4). It asks DuckDB once per relation and split, and
keeps the answer; nothing in it changes after that, so that sessions may share it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from functools import cache, cached_property
from threading import Lock
from typing import Any, cast

import duckdb

from qmg_dash import cube, freshness, tables
from qmg_dash.cube import Cube
from qmg_dash.folder import store
from qmg_dash.folder.rows import literal
from qmg_dash.folder.snapshot import Snapshot
from qmg_dash.identities import Breach, Cells, Identity, Result, broken, results
from qmg_dash.kpis import BY_CODE, KPIS, kpi
from qmg_dash.kpis.base import MONTH, UNFILLED, UNREGISTERED, Dimension, Kpi, Measure
from qmg_dash.kpis.decisions import STEPS
from qmg_dash.model import (
    ABOUT,
    EXACT,
    Correction,
    Figure,
    Filters,
    Number,
    Source,
    UnknownName,
    mixed,
)

WORKDAY_STARTS = """(SELECT n, min(day) AS day, arg_min(estimated, day) AS estimated
    FROM workdays GROUP BY n)"""
"""Each count of working days with the day that reaches it: a deadline is the day that lies so
many working days after another (《条例》第三十三条; 国办发〔2018〕118号)."""
ESTIMATED = "coalesce(began.estimated OR due.estimated, false) AS estimated"
"""Whether the count begins or ends in a year whose holidays are not known."""

VIEWS: dict[str, str] = {
    # 许可 and 处罚 count when decided, everything else when opened (DOMAIN.md section 2).
    "actions": """SELECT a.*, CASE WHEN action_type IN ({by_decision}) THEN decided_on
            ELSE opened_on END AS counted_on, due.day AS disclose_due, {estimated}
        FROM enforcement_actions a
        LEFT JOIN workdays began ON began.day = a.decided_on
        LEFT JOIN {workday_starts} due ON due.n = began.n
            + CASE WHEN action_type IN ({by_decision}) THEN 7 ELSE 20 END""",
    # A penalty is decided within 90 days, or by the day to which that was extended (《行政处罚法》
    # 第六十条). Whether it was, is judged on the day of the decision; without one, today.
    "judged_penalties": """SELECT *, coalesce(extended_to, opened_on + 90) AS decide_by,
            coalesce(decided_on, $clock) AS judged_on,
            CASE WHEN decided_on IS NULL THEN '未决定' ELSE '已决定' END AS decision
        FROM ({actions}) WHERE action_type = '行政处罚'""",
    # The days on which each power was used are few: they are picked out once for a snapshot (HELD).
    "exercised_days": """SELECT DISTINCT item_code, counted_on FROM ({actions})
            WHERE item_code IS NOT NULL""",
    # The newest list that was approved by the period's end, and of it what is in use.
    "power_in_force": """SELECT * FROM power_items WHERE status = '在用' AND list_version =
            (SELECT max(list_version) FROM power_items WHERE list_version <= $end)""",
    "power_exercised": """SELECT p.*, item_code IN (SELECT item_code FROM ({exercised_days})
            WHERE counted_on BETWEEN $start AND $end) AS exercised
        FROM ({power_in_force}) p""",
    "officers_at": """SELECT *, coalesce((issued_on IS NULL OR issued_on <= $at)
            AND expires_on >= $at, false) AS valid FROM officers""",
    "published": """SELECT d.*, due.day AS publish_due, {estimated} FROM disclosures d
        LEFT JOIN workdays began ON began.day = d.produced_on
        LEFT JOIN {workday_starts} due ON due.n = began.n + 20""",
    # A reply is due 20 working days after receipt, 20 more when extended, and the days spent
    # asking third parties do not count (《条例》第三十三条).
    "applications_due": """SELECT a.*, due.day AS due_on, {estimated},
            due.n - (SELECT n FROM workdays WHERE day = $clock) AS working_days_left,
            CASE WHEN replied_on <= $clock THEN '已答复' WHEN due.day < $clock THEN '逾期未答复'
                ELSE '期限内未答复' END AS reply,
            CASE WHEN extended THEN '已延期' WHEN NOT extended THEN '未延期' END AS term
        FROM applications a
        LEFT JOIN workdays began ON began.day = a.received_on
        LEFT JOIN {workday_starts} due ON due.n = began.n + 20
            + CASE WHEN extended THEN 20 ELSE 0 END + coalesce(suspended_days, 0)""",
    # An open case has no outcome yet; the form's four results stand beside the court's words.
    "cases": """SELECT * REPLACE (CASE WHEN closed_on IS NULL OR closed_on > $at
                THEN '尚未审结' ELSE coalesce(outcome, '{unfilled}') END AS outcome),
            outcome AS outcome_written,
            CASE WHEN closed_on IS NULL OR closed_on > $at THEN '尚未审结'
                WHEN outcome IN ('维持', '驳回') THEN '结果维持'
                WHEN outcome = '纠正' THEN '结果纠正'
                WHEN outcome IS NOT NULL THEN '其他结果' ELSE '{unfilled}' END AS verdict
        FROM legal_cases""",
    "decision_steps": " UNION ALL ".join(
        f"SELECT topic_no, held_on, major, result, '{label}' AS step, {column} AS state,"
        " _file, _row FROM decisions"
        for column, label in STEPS.items()
    ),
}


HELD = ("exercised_days",)
"""Views that speak of no period and are small: tables `held_NAME`, made when first asked for."""


def relation(name: str) -> str:
    """The SQL of a relation: a declared table or a view over them."""
    if name in HELD:
        return f"SELECT * FROM held_{name}"
    if name in VIEWS:
        return _view(name)
    return f"SELECT * FROM {tables.table(name).name}"


def _view(name: str) -> str:
    nested = {v: relation(v) for v in VIEWS if f"{{{v}}}" in VIEWS[name]}
    return VIEWS[name].format(
        workday_starts=WORKDAY_STARTS,
        estimated=ESTIMATED,
        unfilled=UNFILLED,
        by_decision=", ".join(map(literal, tables.BY_DECISION)),
        **nested,
    )


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
class Tally:
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


TALLY = tuple(f.name for f in fields(Tally))


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


SCALE = 10_000
"""Amounts have four decimals at most: a cube adds them as whole ten-thousandths, exactly."""
NUMBERS = 10_000_000
"""A relation gets no cube where it would hold more numbers than this (some 80 MB)."""
_PERIOD = re.compile(r"\$(start|end|at)\b")
_SINGLE = ("median", "distinct")
"""Kinds that need single values: a cube of their own, with the value as one more dimension."""


def _cubed(m: Measure) -> bool:
    """Whether a measure's rows fall into the period by their date alone, so that sums by month
    give its figures."""
    said = " ".join((relation(m.relation), m.where, m.known, m.hit, m.value))
    return bool(m.date) and m.kind != "special" and not _PERIOD.search(said)


def _sums(m: Measure) -> dict[str, str]:
    """SQL of what a cube holds of a measure: whole numbers that add up over any cells."""
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


def _added(row: Kpi, found: dict[str, int]) -> Tally:
    """The Tally of a cube's sums."""
    assert row.measure
    rows, kind = found.get("rows", 0), row.measure.kind
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
        value = rows if not row.measure.judges or found["judged"] or not found["unknown"] else None
    elif not rows:
        value = None
    unknown, estimated = found.get("unknown", 0), found.get("estimated", 0)
    return _settled(row, Tally(value, numerator, denominator, unknown, bool(estimated)))


def _settled(row: Kpi, tally: Tally) -> Tally:
    """A sum or a number of different things over no row at all is a true 0; over rows that all
    lack the needed cell it is unknown, as a count is."""
    assert row.measure
    if row.measure.kind == "sum" and tally.value is None and not tally.unknown:
        return replace(tally, value=0)
    if row.measure.kind == "distinct" and not tally.value and tally.unknown:
        return replace(tally, value=None)
    return tally


COUNTED = ("count", "rate", "each")
"""Kinds whose tallies add up as whole numbers."""


def _together(row: Kpi, parts: list[Tally]) -> Tally:
    """The tally of all rows of some parts that have none in common."""
    numerator, denominator, value = (
        sum(known) if (known := [v for v in values if v is not None]) else None
        for values in zip(*((t.numerator, t.denominator, t.value) for t in parts), strict=True)
    )
    if row.rate:
        value = percent(numerator, denominator)
    unknown = sum(t.unknown for t in parts)
    return Tally(value, numerator, denominator, unknown, any(t.estimated for t in parts))


def _aggregates(m: Measure, own: Iterable[str] = ()) -> tuple[str, str, str, str, str]:
    """SQL of a measure's Tally, field by field, as filtered aggregates; `own` are conditions
    beside the measure's."""
    scope = " AND ".join((_scope(m), *own))
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


def _unless_unknown(count: str, m: Measure, base: str, unknown: str) -> str:
    """SQL of a count that is not known where no row has the cell by which it is judged."""
    if not m.judges:
        return count
    return f"CASE WHEN {_filtered('count(*)', base)} > 0 OR {unknown} = 0 THEN {count} END"


def has_part(row: Kpi, name: str) -> bool:
    """Whether a KPI can be cut by a dimension: a legal split, or the month of its date."""
    dated = row.measure is not None and bool(row.measure.date)
    return dated if name == MONTH.name else row.dimension(name) is not None


def part_of(m: Measure, name: str) -> str:
    """SQL of the value of a split (`name` is a declared dimension) that a row belongs to."""
    value = f"month({m.date})" if name == MONTH.name else name
    return f"coalesce(CAST({value} AS VARCHAR), '{UNFILLED}')"


def _filtered(aggregate: str, condition: str) -> str:
    return f"{aggregate} FILTER (WHERE {condition})"


def dimension_key(row: Kpi, name: str, value: str) -> str:
    """A value of a split as reported.csv writes it: bare for the first dimension, unless it has an
    equals sign of its own."""
    first = row.dimensions[0].name if row.dimensions else ""
    return value if name == first and "=" not in value else f"{name}={value}"


def split_key(row: Kpi, key: str) -> tuple[str, str]:
    """(dimension name, value) of a written dimension of one part."""
    name, sep, value = key.partition("=")
    if sep:
        return name, value
    return (row.dimensions[0].name if row.dimensions else ""), key


def _coverage_sql() -> str:
    """First and last year that each ledger speaks of, by its period date."""
    parts = [
        f"SELECT '{t.name}', year(min({t.dated})), year(max({t.dated})), count(*) FROM {t.name}"
        for t in tables.LEDGERS
        if t.period
    ]
    parts.append("SELECT 'officers', year(min(issued_on)), NULL, count(*) FROM officers")
    return " UNION ALL ".join(parts)


def later(snapshot: Snapshot) -> dict[str, tuple[int, date]]:
    """{ledger: (rows ahead of the clock in the clock's year, the newest of their days)}: a plan, or
    a mistake. They count in that year; what is compared on the same days leaves them out."""
    clock = snapshot.clock()
    return once(snapshot, ("later",), clock, lambda: _later_rows(snapshot, clock))


def _later_rows(snapshot: Snapshot, clock: date) -> dict[str, tuple[int, date]]:
    asked = [
        f"SELECT '{t.name}', count(*), max({t.dated}) FROM {t.name}"
        f" WHERE {t.dated} > $clock AND {t.dated} <= $end"
        for t in tables.LEDGERS
        if t.period
    ]
    values = {"clock": clock, "end": date(clock.year, 12, 31)}
    found = snapshot.cursor().execute(" UNION ALL ".join(asked), values).fetchall()
    return {name: (count, newest) for name, count, newest in found if count}


STOCKS = ("power_items", "officers", "documents")
"""Tables that describe what stands, so that they speak for every year up to the clock's."""


def once(snapshot: Snapshot, key: tuple, stamp: object, make: Callable[[], Any]) -> Any:
    """What `make` gives, made once for a snapshot while the stamp is the same; other threads
    wait for it."""
    with snapshot.locks.setdefault(key, Lock()):
        made = cast(tuple | None, snapshot.memo.get(key))
        if made is None or made[0] != stamp:
            snapshot.memo[key] = made = (stamp, make())
        return made[1]


def _hold(snapshot: Snapshot, name: str) -> None:
    """Make a table of HELD, if it is not there."""
    sql = f"CREATE TABLE IF NOT EXISTS held_{name} AS {_view(name)}"
    once(snapshot, ("held", name), None, lambda: snapshot.cursor().execute(sql).fetchall())


def cube_of(snapshot: Snapshot, row: Kpi, clock: date) -> Cube | None:
    """The cube that gives a KPI's figures, built when first asked for; None where sums cannot
    give them, or the relation has too many cells."""
    m = row.measure
    if m is None or not _cubed(m):
        return None
    own = row.code if m.kind in _SINGLE else ""
    key = ("cube", m.relation, m.date, own)
    stamp = _stamp(snapshot, m.relation, clock)
    return once(snapshot, key, stamp, lambda: _cube(snapshot, row, clock))


def _stamp(snapshot: Snapshot, name: str, clock: date) -> tuple:
    """What a cube depends on: the contents of its relation's tables, and the clock's day."""
    read = (snapshot.tables[t] for t in _read_by(name) if t in snapshot.tables)
    return (clock, *(loaded.sha256 for loaded in read))


@cache
def _read_by(name: str) -> tuple[str, ...]:
    """The tables that a relation reads."""
    words = set(re.findall(r"\w+", relation(name)))
    return tuple(t.name for t in tables.LEDGERS if t.name in words)


LARGE = 100_000
"""Rows from which on a table's cubes are built before its snapshot is shown."""


def prepare(snapshot: Snapshot, previous: Snapshot | None = None) -> None:
    """Build what large tables need, so that no session waits for it later. Cubes of tables that
    are still the same are taken over from the previous snapshot."""
    clock = snapshot.clock()
    for key, made in list(previous.memo.items()) if previous else ():
        if key[0] == "cube" and made[0] == _stamp(snapshot, key[1], clock):
            snapshot.memo[key] = made
    large = {n for n, loaded in snapshot.tables.items() if loaded.rows > LARGE}
    for row in KPIS:
        if row.measure and large.intersection(_read_by(row.measure.relation)):
            cube_of(snapshot, row, clock)
    for name in HELD if large else ():
        _hold(snapshot, name)
    if large:
        which_years(snapshot)


store.PREPARE.append(prepare)


def _cube(snapshot: Snapshot, like: Kpi, clock: date) -> Cube | None:
    """The cube of the KPIs that count the same relation by the same date."""
    m = like.measure
    assert m
    asked, rows = [], [like]
    if m.kind in _SINGLE:
        asked.append(f"{m.value} AS {cube.VALUE}")
    else:
        same = (m.relation, m.date)
        rows = [
            k
            for k in KPIS
            if k.measure
            and (k.measure.relation, k.measure.date) == same
            and k.measure.kind not in _SINGLE
            and _cubed(k.measure)
        ]
    names = dict.fromkeys(d.name for k in rows for d in k.dimensions if d != MONTH)
    asked += [f'{part_of(m, n)} AS "{n}"' for n in names]
    asked.append(f"{cube.part_sql(m.date)} AS {cube.PART}")
    for row in rows:
        assert row.measure
        asked += [f'{sql} AS "{row.code} {n}"' for n, sql in _sums(row.measure).items()]
    most = NUMBERS // len(asked)
    sql = (
        f"SELECT {', '.join(asked)} FROM ({relation(m.relation)})"
        f" WHERE {m.date} IS NOT NULL GROUP BY ALL LIMIT {most + 1}"
    )
    values = {"clock": clock} if "$clock" in sql else {}
    try:
        cells = snapshot.cursor().sql(sql, params=values).to_arrow_table()
    except duckdb.ConversionException:  # sums beyond 64 bits
        return None
    return Cube(cells, tuple(names)) if cells.num_rows <= most else None


def coverage(snapshot: Snapshot) -> dict[str, tuple[int, int]]:
    """The years each ledger speaks for. A year outside is no data, not 0; inside, a count of
    no rows is a true 0."""
    clock = snapshot.clock()
    return once(snapshot, ("coverage",), clock, lambda: _coverage(snapshot, clock.year))


def _coverage(snapshot: Snapshot, clock: int) -> dict[str, tuple[int, int]]:
    found = {}
    for name, first, last, rows in snapshot.cursor().execute(_coverage_sql()).fetchall():
        if rows:
            first = first or clock
            # A date ahead of the clock makes no true 0 of the years up to it.
            last = max(clock, first) if name in STOCKS else max(first, min(last or clock, clock))
            found[name] = (first, last)
    return found


@cache
def _counting() -> tuple[tuple[str, str], ...]:
    """(ledger, its column) of the dates by which KPIs count; of a stock none."""
    views = {name: _read_by(name)[0] for name in VIEWS if name not in HELD}
    asked = {
        (views.get(k.measure.relation, k.measure.relation), k.measure.date)
        for k in KPIS
        if k.measure
    }
    found = {(t, d) for t, d in asked if t in tables.BY_NAME and d in tables.table(t).by_name}
    found |= {("enforcement_actions", "decided_on")}  # `counted_on` is made of two columns
    return tuple(sorted(c for c in found if c[0] not in STOCKS))


def _years_of(snapshot: Snapshot, days: Iterable[tuple[str, str]]) -> set[int]:
    """Every year in which some (table, SQL of a day) lies."""
    asked = [f"SELECT DISTINCT year({day}) FROM {name}" for name, day in days]
    found = snapshot.cursor().execute(" UNION ".join(asked)).fetchall()
    return {year for (year,) in found if year}


SAME = {
    ("disclosure.t2.normative", "制发"): "documents.issued",
    ("disclosure.t2.normative", "废止"): "documents.abolished",
    ("disclosure.t2.normative", "现行有效"): "documents.in_force",
}
"""Cells of the statutory form that are another KPI's figure."""


class Book:
    """The figures of a snapshot under some filters; computed when asked, then kept."""

    def __init__(self, snapshot: Snapshot, filters: Filters):
        self.snapshot = snapshot
        self.filters = filters
        self.period = Period.of(filters)
        self.clock = snapshot.clock()
        self._lock = Lock()
        self._kept: dict[tuple, Any] = {}
        self._published = _published(snapshot, filters.year)

    # ---- what the ledgers say ---------------------------------------------------------------
    @cached_property
    def covered(self) -> dict[str, tuple[int, int]]:
        return coverage(self.snapshot)

    def covers(self, row: Kpi) -> bool:
        """Whether the ledgers that a KPI needs speak for the year."""
        m = row.measure
        if not m or (m.now and self.filters.year != self.clock.year):
            return False
        spans = self._spans(row)
        return bool(spans) and all(s and s[0] <= self.filters.year <= s[1] for s in spans)

    def speaks(self, row: Kpi) -> bool:
        """The same of the period: one that lies ahead of the clock has no figure yet."""
        return self.period.start <= self.clock and self.covers(row)

    def counts(self, row: Kpi, name: str) -> bool:
        """Whether a split is that of the ledgers, so that a filter by it cuts their rows."""
        return self.covers(row) or bool(self.counted(row, name))

    def _spans(self, row: Kpi) -> list[tuple[int, int] | None]:
        needed = row.tables[-1:] if row.code == "training.cert_obtained" else row.tables
        return [self.covered.get(t) for t in needed]

    def _later(self, row: Kpi) -> bool:
        """Whether the period lies behind what its ledgers speak for, where rows may stand all
        the same: a case of December that is decided in January. They count; no row is no data."""
        m, spans = row.measure, self._spans(row)
        if (
            not m
            or not m.date
            or m.now
            or m.kind in ("special", "each")
            or not spans
            or not all(spans)
        ):
            return False
        return not self.speaks(row) and all(s and s[0] <= self.filters.year for s in spans)

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
        for name in HELD:
            if f"held_{name}" in sql:
                _hold(self.snapshot, name)
        return self.snapshot.cursor().execute(sql, self._parameters(sql, **more)).fetchall()

    def parts(self, row: Kpi, *cuts: str) -> dict[cube.Key, Tally]:
        """{values of some splits: Tally} of a KPI with a measure; without a split, its one total
        under (). Values without rows may be there or not."""
        return self.kept(("parts", row.code, cuts), lambda: self._parts(row, cuts))

    def _parts(self, row: Kpi, cuts: cube.Key) -> dict[cube.Key, Tally]:
        assert row.measure
        at = self._cells(row)
        if at is None:
            by_key = self.crossed(row.measure.relation, cuts).items()
            return {key: by[row.code] for key, by in by_key if row.code in by}
        cells = cast(Cube, cube_of(self.snapshot, row, self.clock))
        names = [f"{row.code} {n}" for n in _sums(row.measure)]
        sums = cells.added(names, at, cuts)
        found = {
            key: _added(row, {n.partition(" ")[2]: v for n, v in by.items()})
            for key, by in sums.items()
        }
        if row.measure.kind == "distinct":
            counts = cells.distinct(names[0], at, cuts)
            found = {k: _settled(row, replace(t, value=counts.get(k, 0))) for k, t in found.items()}
        if row.measure.kind == "median":
            values = cells.spread(names[0], at, cuts)
            middle = {k: plain(cube.median(values.get(k, {}))) for k in found}
            found = {k: replace(t, value=middle[k]) for k, t in found.items()}
        return found

    def spread(self, row: Kpi) -> dict[Any, int] | None:
        """{single value: rows} behind a median; None where no cube holds them."""
        at = self._cells(row)
        if at is None or row.measure is None or row.measure.kind != "median":
            return None
        cells = cast(Cube, cube_of(self.snapshot, row, self.clock))
        return cells.spread(f"{row.code} {next(iter(_sums(row.measure)))}", at).get((), {})

    def _cells(self, row: Kpi) -> Any:
        """The cells of a KPI's cube that the period and the filters leave; None where it has no
        cube, or the period does not end with one of its parts."""
        cells = cube_of(self.snapshot, row, self.clock)
        parts = cube.span(self.period.start, self.period.end, self.clock)
        if cells is None or parts is None:
            return None
        chosen = tuple((n, self.filters.chosen(n)) for n in self.followed(row))
        return self.kept(("cells", id(cells), chosen), lambda: cells.at(parts, chosen))

    def ever(self, row: Kpi, *cuts: str) -> set[cube.Key]:
        """The combinations of values that a KPI's rows had in any year, whatever the filters."""
        key = ("ever", row.code, cuts)
        return once(self.snapshot, key, self.clock, lambda: self._ever(row, cuts))

    def _ever(self, row: Kpi, cuts: cube.Key) -> set[cube.Key]:
        m = row.measure
        assert m
        cells = cube_of(self.snapshot, row, self.clock)
        if cells is not None:
            name = f"{row.code} {next(n for n in _sums(m) if n in ('rows', 'denominator'))}"
            sums = cells.added([name], cells.at(None), cuts)
            return {key for key, by in sums.items() if by[name]}
        parts = ", ".join(part_of(m, n) for n in cuts)
        return set(
            self.query(f"SELECT DISTINCT {parts} FROM ({relation(m.relation)}) WHERE {m.where}")
        )

    def crossed(self, name: str, cuts: cube.Key) -> dict[cube.Key, dict[str, Tally]]:
        """{values of several splits: {KPI code: Tally}} for the KPIs of a relation that have
        them all and that no cube gives, in one pass."""
        return self.kept(("crossed", name, cuts), lambda: self._crossed(name, cuts))

    def beside(self, **changes: Any) -> Book:
        """The book of the same snapshot with other filters."""
        return shared(self.snapshot, replace(self.filters, **changes))

    def kept(self, key: tuple, make: Callable[[], Any]) -> Any:
        """What `make` gives, made once for this book."""
        with self._lock:
            if key in self._kept:
                return self._kept[key]
        made = make()
        with self._lock:
            return self._kept.setdefault(key, made)

    def _crossed(self, name: str, cuts: cube.Key) -> dict[cube.Key, dict[str, Tally]]:
        rows = [
            k
            for k in KPIS
            if k.measure
            and k.measure.relation == name
            and k.measure.kind != "special"
            and all(has_part(k, c) for c in cuts)
            and self._cells(k) is None
        ]
        out: dict[cube.Key, dict[str, Tally]] = defaultdict(dict)
        parted = [k for k in rows if self._adds_up(k, cuts)]
        for followed in {self.followed(k) for k in parted}:
            same = [k for k in parted if self.followed(k) == followed]
            self._add(out, same, cuts, followed)
        rest = [k for k in rows if k not in parted]
        if MONTH.name in cuts:
            for day in {k.measure.date for k in rest if k.measure}:
                self._fill(out, [k for k in rest if k.measure and k.measure.date == day], cuts)
        elif rest:
            self._fill(out, rest, cuts)
        return dict(out)

    def _adds_up(self, row: Kpi, cuts: cube.Key) -> bool:
        """Whether a KPI's figures under the filters are sums of whole numbers over the parts that
        the same period has without them."""
        assert row.measure
        return bool(self.filters.values) and row.measure.kind in COUNTED and MONTH.name not in cuts

    def _add(self, out: dict, rows: list[Kpi], cuts: cube.Key, followed: cube.Key) -> None:
        """The tallies of KPIs that follow the same filters, from the parts that the book without
        filters keeps for everyone: a query of its own takes 2 ms to plan, however few the rows."""
        assert rows[0].measure
        names = tuple(dict.fromkeys((*cuts, *followed)))
        wanted = {n: set(self.filters.chosen(n)) for n in followed}
        found: dict[cube.Key, dict[str, list[Tally]]] = defaultdict(lambda: defaultdict(list))
        for key, by in self.beside(values=()).crossed(rows[0].measure.relation, names).items():
            at = dict(zip(names, key, strict=True))
            if all(at[n] in values for n, values in wanted.items()):
                cell = found[tuple(at[c] for c in cuts)]
                for row in rows:
                    if row.code in by:
                        cell[row.code].append(by[row.code])
        for key, by_code in found.items():
            out[key] |= {code: _together(kpi(code), t) for code, t in by_code.items()}

    def _fill(self, out: dict, rows: list[Kpi], cuts: cube.Key) -> None:
        """The tallies of some KPIs of one relation (and, by month, of one date), in one pass.
        Filters that all of them follow, by the same column (the month is that of each one's own
        date), choose the rows; others stand in their own aggregates."""
        first = rows[0].measure
        assert first
        shared = [
            n
            for n in self.followed(rows[0])
            if all(n in self.followed(k) for k in rows)
            and len({part_of(k.measure, n) for k in rows if k.measure}) == 1
        ]
        chosen: dict[str, Any] = {}
        asked = []
        for row in rows:
            assert row.measure
            mine = [n for n in self.followed(row) if n not in shared]
            own = [self._chosen(row.measure, n, chosen) for n in mine]
            asked += _aggregates(row.measure, own)
        where = [self._chosen(first, n, chosen) for n in shared]
        by = [part_of(first, c) for c in cuts]
        sql = (
            f"SELECT {', '.join([*by, *asked])} FROM ({relation(first.relation)})"
            f"{' WHERE ' if where else ''}{' AND '.join(where)} {'GROUP BY ALL' if by else ''}"
        )
        width = len(TALLY)
        for cells in self.query(sql, **chosen):
            key, tallies = cells[: len(cuts)], cells[len(cuts) :]
            for i, row in enumerate(rows):
                tally = Tally(*(plain(c) for c in tallies[width * i : width * (i + 1)]))
                if row.rate:
                    rate = percent(tally.numerator, tally.denominator)
                    tally = replace(tally, value=rate)
                out[key][row.code] = _settled(row, tally)

    def followed(self, row: Kpi) -> tuple[str, ...]:
        """The dimension filters that a KPI can follow: those by its own legal splits; a month
        by the date that it counts by."""
        return tuple(n for n, _ in self.filters.values if has_part(row, n))

    def unfollowed(self, row: Kpi) -> tuple[str, ...]:
        """The dimension filters that leave a KPI as it is, since it lacks the dimension."""
        return tuple(n for n, _ in self.filters.values if not has_part(row, n))

    def _chosen(self, m: Measure, name: str, values: dict[str, Any]) -> str:
        """A dimension filter as a condition; its values join the parameters."""
        values[f"f_{name}"] = list(self.filters.chosen(name))
        return f"list_contains($f_{name}, {part_of(m, name)})"

    def conditions(self, row: Kpi, dimension: str = "") -> tuple[list[str], dict[str, Any]]:
        """The period, the filters that a KPI follows and one value of a split as conditions over
        its relation, with their parameters."""
        assert row.measure
        chosen: dict[str, Any] = {}
        where = [_scope(row.measure)]
        where += [self._chosen(row.measure, n, chosen) for n in self.followed(row)]
        if dimension and dimension != row.total_dimension:
            name, chosen["part"] = split_key(row, dimension)
            if not row.dimension(name):
                raise UnknownName(f"指标 {row.name} 不能按 {name or '维度'} 拆分")
            where.append(f"{part_of(row.measure, name)} = $part")
        return where, chosen

    def ledger(self, code: str, dimension: str = "") -> Tally | None:
        """What the ledger gives, None where it does not speak for the year."""
        row = kpi(code)
        spoken = self.speaks(row)
        if not row.measure or not (spoken or self._later(row)):
            return None
        if row.measure.kind == "special":
            return self._special(row, dimension)
        tally = self._counted(row, dimension)
        if not spoken and not (tally and tally.counts):
            return None
        if row.measure.kind == "each":
            return self._each(row, tally, dimension)
        return tally

    def _counted(self, row: Kpi, dimension: str) -> Tally | None:
        """The tally of a KPI's relation, in all or for one value of a split; a value without a
        row is a true 0 as well, but in a list, where it is not listed."""
        if not dimension or dimension == row.total_dimension:
            return self.parts(row).get(()) or _nothing(row)
        name, value = split_key(row, dimension)
        if not row.dimension(name):
            return None
        found = self.parts(row, name).get((value,))
        if name == MONTH.name and not self._reached(value):
            return found if found and found.counts else None
        return found or (None if row.measure and row.measure.listed else _nothing(row))

    def _reached(self, month: str) -> bool:
        """Whether a month (or 未填) is one of the period's and not ahead: then no row is none."""
        if not month.isdigit():
            return True
        first = date(self.filters.year, int(month), 1)
        return self.period.start <= first <= min(self.period.end, self.clock)

    def zeros(self, row: Kpi, name: str) -> list[str]:
        """The declared values of a split of which the ledger knows that they have no row, among
        those that a filter leaves."""
        declared = row.dimension(name)
        if declared is None or row.measure is None or not self.speaks(row):
            return []
        chosen, having = self.filters.chosen(name), set(self.counted(row, name))
        return [
            v
            for v in declared.values
            if v not in having
            and (v in chosen or not chosen)
            and (tally := self.ledger(row.code, dimension_key(row, name, v)))
            and tally.value == 0
        ]

    def _each(self, row: Kpi, tally: Tally | None, dimension: str) -> Tally | None:
        """Rows for each unit of another KPI: of the same part where that KPI knows the split."""
        assert row.measure
        name, value = split_key(row, dimension) if dimension else ("", "")
        other = kpi(row.measure.per)
        part = dimension_key(other, name, value) if other.dimension(name) else ""
        per = self.ledger(other.code, part)
        if not tally or not per or not per.value or tally.numerator is None:
            return None
        each = tally.numerator / per.value
        return replace(tally, value=each, denominator=per.value)

    def _special(self, row: Kpi, dimension: str) -> Tally | None:
        same = SAME.get((row.code, dimension))
        return self.ledger(same) if same else None

    # ---- figures ----------------------------------------------------------------------------
    def fig(self, code: str, dimension: str = "") -> Figure:
        """The figure of a KPI (and a value of a split); unknown codes raise UnknownName."""
        key = ("figure", code, dimension)
        return self.kept(key, lambda: self._figure(kpi(code), dimension))

    def _figure(self, row: Kpi, dimension: str) -> Figure:
        published = self._published.get((row.code, dimension or row.total_dimension))
        if published and self.narrowed(row):
            published = None
        tally = self.ledger(row.code, dimension)
        name, value = split_key(row, dimension)
        declared = row.dimension(name) if dimension else None
        figure = Figure(
            code=row.code,
            label=row.name if not dimension else f"{row.name}·{dimension_text(declared, value)}",
            year=self.filters.year,
            unit=row.unit,
            dimension=dimension,
            nature=self.snapshot.town.nature,
            as_of=self.clock.isoformat(),
            data_version=self.snapshot.version,
            definition=row.definition,
            of=row.of,
        )
        if tally:
            figure = _with_ledger(figure, row, tally, self.snapshot, self.period.end)
            figure = replace(figure, ended=not self.speaks(row))
        if not published:
            return figure
        key = (self.filters.year, published.code, published.dimension)
        return replace(
            _with_published(figure, published),
            corrections=corrections(self.snapshot).get(key, ()),
        )

    def narrowed(self, row: Kpi) -> bool:
        """Whether filters cut deeper than a published figure goes (months, or a dimension)."""
        months = self.filters.month_from or self.filters.month_to
        return bool(months or self.filters.until or self.followed(row))

    def values(self, code: str, name: str = "") -> list[str]:
        """The values of a split, in their declared order, then by name; published ones alone
        where any is published, so that a split never mixes two sources."""
        row = kpi(code)
        declared = row.dimension(name) if name else (row.dimensions or (None,))[0]
        if declared is None:
            raise UnknownName(f"指标 {row.name} 不能按 {name or '维度'} 拆分")
        found = self.published_parts(row, declared.name)
        return ordered(declared, found or self.counted(row, declared.name))

    def published_parts(self, row: Kpi, name: str) -> list[str]:
        """The values of a split that are published; none where filters cut deeper."""
        if self.narrowed(row):
            return []
        named = [split_key(row, d) for c, d in self._published if c == row.code and d]
        return [v for n, v in named if n == name and ";" not in v]

    def counted(self, row: Kpi, name: str) -> list[str]:
        """The values of a split for which the ledger has rows."""
        if not row.measure or not (self.speaks(row) or self._later(row)):
            return []
        return [v for (v,), tally in self.parts(row, name).items() if tally.counts]

    def split(self, code: str, name: str = "") -> list[Figure]:
        """The figures of a split, in order; empty where there is none."""
        row = kpi(code)
        name = name or (row.dimensions[0].name if row.dimensions else "")
        return [self.fig(code, dimension_key(row, name, v)) for v in self.values(code, name)]

    def whole(self, code: str) -> Figure:
        """The total of a split: published, else the ledger's, else the sum of its parts, whose
        qualifier follows from theirs. Published parts are none of a ledger's total."""
        row = kpi(code)
        total = self.fig(row.total or row.code)
        parts = self.split(code) if row.whole and total.basis != "reported" else []
        apart = not total.known or any(p.basis == "reported" for p in parts)
        return sum_of(total, parts) if parts and apart else total

    def published_codes(self) -> list[tuple[str, str]]:
        """(code, dimension) of everything published for the year, in the file's order."""
        return list(self._published)

    # ---- identities -------------------------------------------------------------------------
    @cached_property
    def cells(self) -> Cells:
        ledger: dict[tuple[str, str], Number] = {}
        year = shared(self.snapshot, Filters(self.filters.year))
        if self.speaks(BY_CODE["enforcement.actions"]):
            for kind in ("行政许可", "行政处罚", "行政强制"):
                tally = year.ledger("enforcement.actions", kind)
                ledger["enforcement.actions", kind] = Number(tally.value if tally else 0)  # type: ignore[arg-type]
        return Cells(
            _numbers(self._published),
            _numbers(_published(self.snapshot, self.filters.year - 1)),
            ledger,
        )

    @property
    def identities(self) -> tuple[Result, ...]:
        """Every identity of the year with its result: one answer, whatever the filters are."""
        year = Filters(self.filters.year)
        at = self if self.filters == year else shared(self.snapshot, year)
        return at.kept(("identities",), lambda: results(at.cells))

    @property
    def breaches(self) -> list[tuple[Identity, Breach]]:
        return broken(self.identities)


BOOKS = 64
"""How many books of a snapshot are kept; the least used goes first."""
_RECENT_LOCK = Lock()


def shared(snapshot: Snapshot, filters: Filters) -> Book:
    """The figures of a snapshot under some filters, one Book for all sessions. The clock's day is
    part of the key: deadlines move with it. They go when the snapshot goes."""
    key = (filters, snapshot.clock())
    return recent(snapshot, "books", key, BOOKS, lambda: Book(snapshot, filters))


def recent(snapshot: Snapshot, shelf: str, key: tuple, most: int, make: Callable[[], Any]) -> Any:
    """What `make` gives, kept among the `most` last used of a shelf; it goes with the snapshot,
    which may be held by it. Of one that is not shown any more nothing new is kept."""
    if snapshot.former:
        return make()
    with _RECENT_LOCK:
        kept = snapshot.memo.setdefault((shelf,), {})
        if key in kept:
            kept[key] = kept.pop(key)
            return kept[key]
    made = make()
    with _RECENT_LOCK:
        made = kept.setdefault(key, made)
        while len(kept) > most:
            del kept[next(iter(kept))]
    return made


def ordered(declared: Dimension, values: Iterable[str]) -> list[str]:
    """Values of a split: the declared ones in their order, others by name, UNFILLED last."""
    order = {v: i for i, v in enumerate(declared.values)}
    return sorted(set(values), key=lambda v: (v == UNFILLED, order.get(v, len(order)), v))


def unfilled(figure: Figure) -> bool:
    """Whether a figure is the part of a split whose cell is empty."""
    return split_key(kpi(figure.code), figure.dimension)[1] == UNFILLED


def ranked(parts: Iterable[Figure], most: int = 0) -> list[Figure]:
    """The known parts of a split, the largest first and what is 未登记 last: it is no value of its
    own. Of more than `most` the smallest are left out, never what is 未登记."""
    known = [f for f in parts if f.value is not None]
    named = sorted((f for f in known if not unfilled(f)), key=lambda f: -(f.value or 0))
    last = [f for f in known if unfilled(f)]
    room = most - len(last) if most else len(named)
    return named[:room] + last


TOLD = 3
"""As many values as a title names that are alike the most; more are none."""


def leaders(parts: Iterable[Figure], least: bool = False) -> list[Figure]:
    """The values of a split that a title may call the most, or the `least` (of rates): all that are
    alike. None where what is 未登记 may be more, where more than TOLD are alike, or all are."""
    known = [f for f in parts if f.value is not None and (f.value or least)]
    sign = -1 if least else 1
    named = [f for f in known if not unfilled(f)]
    most = max((sign * (f.value or 0) for f in named), default=None)
    bare = [sign * (f.value or 0) for f in known if unfilled(f)]
    if most is None or any(b >= most for b in bare):
        return []
    alike = [f for f in named if sign * (f.value or 0) == most]
    all_ = len(alike) == len(known) > 1
    return [] if all_ or len(alike) > TOLD else alike


def _nothing(row: Kpi) -> Tally:
    """A ledger that speaks for the year without a row: a true 0 for a count, else no data."""
    kind = row.measure.kind if row.measure else ""
    zero = 0 if kind == "each" else None
    return Tally(0 if kind in ("count", "distinct", "sum") else None, zero)


def dimension_text(declared: Dimension | None, value: str) -> str:
    """A value of a split as the screens write it."""
    if value == UNFILLED:
        return UNREGISTERED
    if declared and declared.name == MONTH.name:
        return f"{value}月"
    return tables.OUTCOMES.get(value, value) if declared and declared.name == "outcome" else value


Published = dict[tuple[str, str], Any]


def _published(snapshot: Snapshot, year: int) -> Published:
    return {(r.code, r.dimension): r for r in snapshot.reported if r.year == year}


def _numbers(rows: Published) -> dict[tuple[str, str], Number]:
    return {k: r.number for k, r in rows.items()}


def _with_ledger(figure: Figure, row: Kpi, tally: Tally, snapshot: Snapshot, end: date) -> Figure:
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
        estimated=tally.estimated,
        sources=sources,
        late=freshness.late(snapshot, row.tables, end),
    )


Corrections = dict[tuple[int, str, str], tuple[Correction, ...]]


def corrections(snapshot: Snapshot) -> Corrections:
    """What corrections.csv says of published figures, by year, code and dimension; oldest first."""
    kept = snapshot.memo.get(("corrections",))
    if kept is None:
        kept = snapshot.memo["corrections",] = _corrections(snapshot)
    return kept


def _corrections(snapshot: Snapshot) -> Corrections:
    reported = tables.table("reported")
    found: Corrections = {}
    for row in snapshot.records("corrections"):
        year, code, dimension = (*str(row["key"]).split("/", 2), "", "")[:3]
        if row["table"] in (reported.name, reported.label) and year.isdigit():
            column = reported.by_name.get(str(row["column"]))
            told = [str(row[n] or "") for n in ("old", "new", "reason", "by")]
            name = column.header if column else str(row["column"])
            key = (int(year), code, dimension)
            found[key] = (*found.get(key, ()), Correction(str(row["date"]), name, *told))
    return found


def _with_published(figure: Figure, published: Any) -> Figure:
    source = Source(published.file, published.locator, published.row, title=published.source)
    return replace(
        figure,
        value=published.value,
        qualifier=published.qualifier,
        unit=published.unit or figure.unit,
        basis="reported",
        raw=published.raw,
        reported=published.number,
        numerator=None,
        denominator=None,
        unknown=0,
        estimated=False,
        ended=False,
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
        ended=any(p.ended for p in parts),
        sources=tuple(dict.fromkeys(s for p in parts for s in p.sources)),
    )


def share(part: Figure, whole: Figure) -> Number | None:
    """A part of a whole in percent; approximate (约) where either is. None of a published part in
    what a ledger has counted."""
    if part.basis == "reported" and whole.basis == "ledger":
        return None
    value = percent(part.value, whole.value)
    if value is None:
        return None
    exact = part.qualifier == EXACT and whole.qualifier == EXACT
    return Number(value, EXACT if exact else ABOUT)


def comparable(now: Figure, before: Figure) -> bool:
    """Whether the difference of two figures says something: not where one of them counts but the
    cases that ended in a year for which no ledger speaks."""
    return now.unit == before.unit and not (now.ended or before.ended)


def change(now: Figure, before: Figure) -> Number | None:
    """The difference to another figure of the same unit, None where either is no data or they are
    not comparable."""
    if not comparable(now, before) or now.value is None or before.value is None:
        return None
    exact = now.qualifier == EXACT and before.qualifier == EXACT
    return Number(plain(round(now.value - before.value, 10)), EXACT if exact else ABOUT)


ENDED = "仅有跨年办结"
"""What a year is called that has nothing but cases that ended in it."""


@dataclass(frozen=True)
class Years:
    """The years with a figure, oldest first. `opened` ones are published, or some ledger has a row
    by the day that dates it: what stands and what is kept by hand opens none. `ended` ones have
    nothing but cases that ended in them (仅有跨年办结): no ledger speaks for them."""

    all: tuple[int, ...]
    opened: tuple[int, ...]
    ended: tuple[int, ...]


def which_years(snapshot: Snapshot) -> Years:
    """The years of a snapshot."""
    clock = snapshot.clock()
    return once(snapshot, ("years",), clock, lambda: _years(snapshot, clock.year))


def _years(snapshot: Snapshot, clock: int) -> Years:
    opened, covered = {r.year for r in snapshot.reported}, coverage(snapshot)
    if covered:
        flowing = [(t.name, t.dated) for t in tables.LEDGERS if t.dated and t.name not in STOCKS]
        opened |= _years_of(snapshot, flowing)
    spoken = {y for name, (a, z) in covered.items() if name not in STOCKS for y in range(a, z + 1)}
    ended = (_years_of(snapshot, _counting()) if covered else set()) - opened - spoken
    found = opened | spoken | ended
    if covered and not found:  # what stands was begun long ago: it opens no year but the clock's
        found = {clock}
    return Years(*(tuple(sorted(some)) for some in (found, opened, ended)))


def years(snapshot: Snapshot) -> list[int]:
    """The years with a figure, oldest first: published ones, those a ledger speaks for, and those
    in which something ended."""
    return list(which_years(snapshot).all)


def newest_year(snapshot: Snapshot) -> int:
    """The year that is shown where none is asked for: the newest that was opened, but none ahead
    of the clock while there is another."""
    clock, found = snapshot.clock().year, which_years(snapshot)
    for some in (found.opened, found.all):
        if reached := [y for y in some if y <= clock]:
            return max(reached)
    return max(found.all, default=clock)


def goal_years(snapshot: Snapshot) -> list[int]:
    """The years that goals are for, oldest first."""
    return sorted({g["year"] for g in snapshot.records("goals")})
