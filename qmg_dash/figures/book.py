"""Figures of a snapshot under filters."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from functools import cached_property
from typing import Any, cast

from qmg_dash import tables
from qmg_dash.figures import cube, freshness
from qmg_dash.figures.arithmetic import percent, plain, sum_of
from qmg_dash.figures.counting import (
    COUNTED,
    COUNTED_FIELDS,
    Counted,
    Period,
    added_up,
    aggregates,
    cube_sums,
    has_part,
    part_of,
    put_together,
    scope_sql,
    settled_counted,
)
from qmg_dash.figures.coverage import coverage
from qmg_dash.figures.cube import Cube
from qmg_dash.figures.cubes import cube_of, hold
from qmg_dash.figures.identities import Breach, Cells, Identity, Result, broken, results
from qmg_dash.figures.relations import HELD, as_it_stood, relation
from qmg_dash.folder.memo import Memo, Memory, once
from qmg_dash.folder.rows import sql_list
from qmg_dash.folder.snapshot import Snapshot
from qmg_dash.kpis import KPIS, kpi
from qmg_dash.kpis.base import MONTH, UNFILLED, Dimension, Formula, Kpi, Part
from qmg_dash.model import Correction, Figure, Filters, Number, Source, UnknownName


class Book:
    """The figures of a snapshot under some filters; computed when asked, then kept."""

    def __init__(self, snapshot: Snapshot, filters: Filters):
        self.snapshot = snapshot
        self.filters = filters
        self.period = Period.of(filters)
        self.clock = filters.as_of or snapshot.clock()
        self.memory = Memory()
        self._published = _published(snapshot, filters.year)

    # ---- what the ledgers say ---------------------------------------------------------------
    @cached_property
    def covered(self) -> dict[str, tuple[int, int]]:
        return coverage(self.snapshot)

    def covers(self, row: Kpi) -> bool:
        """Whether the ledgers that a KPI needs speak for the year."""
        m = row.formula
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
        return [self.covered.get(t) for t in row.needs or row.tables]

    def _later(self, row: Kpi) -> bool:
        """Whether the period lies behind what its ledgers speak for, where rows may stand all
        the same: a case of December that is decided in January. They count; no row is no data."""
        m, spans = row.formula, self._spans(row)
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

    def relation(self, name: str) -> str:
        """The SQL of a relation, as it stood on the clock's day where that is set back."""
        return as_it_stood(name) if self.filters.as_of else relation(name)

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
                hold(self.snapshot, name)
        return self.snapshot.cursor().execute(sql, self._parameters(sql, **more)).fetchall()

    def parts(self, row: Kpi, *cuts: str) -> dict[cube.Key, Counted]:
        """{values of some splits: Tally} of a KPI with a formula; without a split, its one total
        under (). Values without rows may be there or not."""
        return _PARTS(self, (row.code, cuts), lambda: self._parts(row, cuts))

    def _parts(self, row: Kpi, cuts: cube.Key) -> dict[cube.Key, Counted]:
        assert row.formula
        at = self._cells(row)
        if at is None:
            by_key = self.crossed(row.formula.relation, cuts).items()
            return {key: by[row.code] for key, by in by_key if row.code in by}
        cells = cast(Cube, cube_of(self.snapshot, row, self.clock))
        names = [f"{row.code} {n}" for n in cube_sums(row.formula)]
        sums = cells.added(names, at, cuts)
        found = {
            key: added_up(row, {n.partition(" ")[2]: v for n, v in by.items()})
            for key, by in sums.items()
        }
        if row.formula.kind == "distinct":
            counts = cells.distinct(names[0], at, cuts)
            found = {
                k: settled_counted(row, replace(t, value=counts.get(k, 0)))
                for k, t in found.items()
            }
        if row.formula.kind == "median":
            values = cells.spread(names[0], at, cuts)
            middle = {k: plain(cube.median(values.get(k, {}))) for k in found}
            found = {k: replace(t, value=middle[k]) for k, t in found.items()}
        return found

    def spread(self, row: Kpi) -> dict[Any, int] | None:
        """{single value: rows} behind a median; None where no cube holds them."""
        at = self._cells(row)
        if at is None or row.formula is None or row.formula.kind != "median":
            return None
        cells = cast(Cube, cube_of(self.snapshot, row, self.clock))
        return cells.spread(f"{row.code} {next(iter(cube_sums(row.formula)))}", at).get((), {})

    def _cells(self, row: Kpi) -> Any:
        """The cells of a KPI's cube that the period and the filters leave; None where it has no
        cube, or the period does not end with one of its parts."""
        cells = cube_of(self.snapshot, row, self.clock)
        parts = cube.span(self.period.start, self.period.end, self.clock)
        if cells is None or parts is None or self.filters.as_of:
            return None
        chosen = tuple((n, self.filters.chosen(n)) for n in self.followed(row))
        return _CELLS(self, (cells, chosen), lambda: cells.at(parts, chosen))

    def undated(self, row: Kpi) -> bool:
        """Whether rows behind a figure have ended without the day of it, so that nobody can tell
        how they stood earlier."""
        assert row.formula
        ends = [t.settled for t in map(tables.table, row.tables) if t.settled]
        where, chosen = self.conditions(row)
        for end in (e for e in ends if row.formula.speaks_of(e.state)):
            among = f"{end.state} IN ({sql_list(end.values)})" if end.values else "true"
            where += [f"{end.state} IS NOT NULL AND {among} AND {end.day} IS NULL"]
            sql = (
                f"FROM ({self.relation(row.formula.relation)}) WHERE {' AND '.join(where)} LIMIT 1"
            )
            if self.query(f"SELECT 1 {sql}", **chosen):
                return True
        return False

    def ever(self, row: Kpi, *cuts: str) -> set[cube.Key]:
        """The combinations of values that a KPI's rows had in any year, whatever the filters."""
        return _EVER(self.snapshot, (row.code, cuts), lambda: self._ever(row, cuts))

    def _ever(self, row: Kpi, cuts: cube.Key) -> set[cube.Key]:
        m = row.formula
        assert m
        cells = cube_of(self.snapshot, row, self.clock)
        if cells is not None:
            name = f"{row.code} {next(n for n in cube_sums(m) if n in ('rows', 'denominator'))}"
            sums = cells.added([name], cells.at(None), cuts)
            return {key for key, by in sums.items() if by[name]}
        parts = ", ".join(part_of(m, n) for n in cuts)
        return set(
            self.query(
                f"SELECT DISTINCT {parts} FROM ({self.relation(m.relation)}) WHERE {m.where}"
            )
        )

    @once
    def crossed(self, name: str, cuts: cube.Key) -> dict[cube.Key, dict[str, Counted]]:
        """{values of several splits: {KPI code: Tally}} for the KPIs of a relation that have
        them all and that no cube gives, in one pass."""
        rows = [
            k
            for k in KPIS
            if k.formula
            and k.formula.relation == name
            and k.formula.kind != "special"
            and all(has_part(k, c) for c in cuts)
            and self._cells(k) is None
        ]
        out: dict[cube.Key, dict[str, Counted]] = defaultdict(dict)
        parted = [k for k in rows if self._adds_up(k, cuts)]
        for followed in {self.followed(k) for k in parted}:
            same = [k for k in parted if self.followed(k) == followed]
            self._add(out, same, cuts, followed)
        rest = [k for k in rows if k not in parted]
        if MONTH.name in cuts:
            for day in {k.formula.date for k in rest if k.formula}:
                self._fill(out, [k for k in rest if k.formula and k.formula.date == day], cuts)
        elif rest:
            self._fill(out, rest, cuts)
        return dict(out)

    def beside(self, **changes: Any) -> Book:
        """The book of the same snapshot with other filters."""
        return shared(self.snapshot, replace(self.filters, **changes))

    def _adds_up(self, row: Kpi, cuts: cube.Key) -> bool:
        """Whether a KPI's figures under the filters are sums of whole numbers over the parts that
        the same period has without them."""
        assert row.formula
        return bool(self.filters.values) and row.formula.kind in COUNTED and MONTH.name not in cuts

    def _add(self, out: dict, rows: list[Kpi], cuts: cube.Key, followed: cube.Key) -> None:
        """The tallies of KPIs that follow the same filters, from the parts that the book without
        filters keeps for everyone: a query of its own takes 2 ms to plan, however few the rows."""
        assert rows[0].formula
        names = tuple(dict.fromkeys((*cuts, *followed)))
        wanted = {n: set(self.filters.chosen(n)) for n in followed}
        found: dict[cube.Key, dict[str, list[Counted]]] = defaultdict(lambda: defaultdict(list))
        for key, by in self.beside(values=()).crossed(rows[0].formula.relation, names).items():
            at = dict(zip(names, key, strict=True))
            if all(at[n] in values for n, values in wanted.items()):
                cell = found[tuple(at[c] for c in cuts)]
                for row in rows:
                    if row.code in by:
                        cell[row.code].append(by[row.code])
        for key, by_code in found.items():
            out[key] |= {code: put_together(kpi(code), t) for code, t in by_code.items()}

    def _fill(self, out: dict, rows: list[Kpi], cuts: cube.Key) -> None:
        """The tallies of some KPIs of one relation (and, by month, of one date), in one pass.
        Filters that all of them follow, by the same column (the month is that of each one's own
        date), choose the rows; others stand in their own aggregates."""
        first = rows[0].formula
        assert first
        shared = [
            n
            for n in self.followed(rows[0])
            if all(n in self.followed(k) for k in rows)
            and len({part_of(k.formula, n) for k in rows if k.formula}) == 1
        ]
        chosen: dict[str, Any] = {}
        asked = []
        for row in rows:
            assert row.formula
            mine = [n for n in self.followed(row) if n not in shared]
            own = [self._chosen(row.formula, n, chosen) for n in mine]
            asked += aggregates(row.formula, own)
        where = [self._chosen(first, n, chosen) for n in shared]
        by = [part_of(first, c) for c in cuts]
        sql = (
            f"SELECT {', '.join([*by, *asked])} FROM ({self.relation(first.relation)})"
            f"{' WHERE ' if where else ''}{' AND '.join(where)} {'GROUP BY ALL' if by else ''}"
        )
        width = len(COUNTED_FIELDS)
        for cells in self.query(sql, **chosen):
            key, tallies = cells[: len(cuts)], cells[len(cuts) :]
            for i, row in enumerate(rows):
                tally = Counted(*(plain(c) for c in tallies[width * i : width * (i + 1)]))
                if row.rate:
                    rate = percent(tally.numerator, tally.denominator)
                    tally = replace(tally, value=rate)
                out[key][row.code] = settled_counted(row, tally)

    def followed(self, row: Kpi) -> tuple[str, ...]:
        """The dimension filters that a KPI can follow: those by its own legal splits; a month
        by the date that it counts by."""
        return tuple(n for n, _ in self.filters.values if has_part(row, n))

    def unfollowed(self, row: Kpi) -> tuple[str, ...]:
        """The dimension filters that leave a KPI as it is, since it lacks the dimension."""
        return tuple(n for n, _ in self.filters.values if not has_part(row, n))

    def _chosen(self, m: Formula, name: str, values: dict[str, Any]) -> str:
        """A dimension filter as a condition; its values join the parameters."""
        values[f"f_{name}"] = list(self.filters.chosen(name))
        return f"list_contains($f_{name}, {part_of(m, name)})"

    def conditions(self, row: Kpi, part: Part | None = None) -> tuple[list[str], dict[str, Any]]:
        """The period, the filters that a KPI follows and one value of a split as conditions over
        its relation, with their parameters."""
        assert row.formula
        chosen: dict[str, Any] = {}
        where = [scope_sql(row.formula)]
        where += [self._chosen(row.formula, n, chosen) for n in self.followed(row)]
        if part and not row.is_total(part):
            name, chosen["part"] = part.dimension.name, part.value
            if not row.dimension(name):
                raise _no_split(row, name)
            where.append(f"{part_of(row.formula, name)} = $part")
        return where, chosen

    def ledger(self, row: Kpi, part: Part | None = None) -> Counted | None:
        """What the ledger gives, None where it does not speak for the year."""
        spoken = self.speaks(row)
        if not row.formula or not (spoken or self._later(row)):
            return None
        if row.formula.kind == "special":
            return self._special(row, part)
        tally = self._counted(row, part)
        if not spoken and not (tally and tally.counts):
            return None
        if row.formula.kind == "each":
            return self._each(row, tally, part)
        return tally

    def _counted(self, row: Kpi, part: Part | None) -> Counted | None:
        """The tally of a KPI's relation, in all or for one value of a split; a value without a
        row is a true 0 as well, but in a list, where it is not listed."""
        if part is None or row.is_total(part):
            return self.parts(row).get(()) or _nothing(row)
        name = part.dimension.name
        if not row.dimension(name):
            return None
        found = self.parts(row, name).get((part.value,))
        if name == MONTH.name and not self._reached(part.value):
            return found if found and found.counts else None
        return found or (None if row.formula and row.formula.listed else _nothing(row))

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
        if declared is None or row.formula is None or not self.speaks(row):
            return []
        chosen, having = self.filters.chosen(name), set(self.counted(row, name))
        return [
            v
            for v in declared.values
            if v not in having
            and (v in chosen or not chosen)
            and (tally := self.ledger(row, Part(declared, v)))
            and tally.value == 0
        ]

    def _each(self, row: Kpi, tally: Counted | None, part: Part | None) -> Counted | None:
        """Rows for each unit of another KPI: of the same part where that KPI knows the split."""
        assert row.formula
        other = kpi(row.formula.per)
        same = other.dimension(part.dimension.name) if part else None
        per = self.ledger(other, Part(same, part.value) if part and same else None)
        if not tally or not per or not per.value or tally.numerator is None:
            return None
        each = tally.numerator / per.value
        return replace(tally, value=each, denominator=per.value)

    def _special(self, row: Kpi, part: Part | None) -> Counted | None:
        same = dict(row.same_as).get(part.value if part else "")
        return self.ledger(kpi(same)) if same else None

    # ---- figures ----------------------------------------------------------------------------
    def fig(self, code: str, dimension: str = "") -> Figure:
        """The figure that a code (and a part as reported.csv writes it) names; unknown codes raise
        UnknownName."""
        row = kpi(code)
        return self.figure(row, row.part(dimension))

    def figure(self, row: Kpi, part: Part | None = None) -> Figure:
        """The figure of a KPI, or of one value of a split."""
        return _FIGURES(self, (row.code, part), lambda: self._figure(row, part))

    def blank(self, row: Kpi, *parts: Part) -> Figure:
        """A figure of that name without data."""
        return Figure(
            row,
            self.filters.year,
            row.unit,
            parts,
            nature=self.snapshot.town.nature,
            as_of=self.clock.isoformat(),
            data_version=self.snapshot.version,
        )

    def _figure(self, row: Kpi, part: Part | None) -> Figure:
        published = self._published.get((row.code, row.written(part) or row.total_dimension))
        if published and self.narrowed(row):
            published = None
        tally = self.ledger(row, part)
        figure = self.blank(row, *([part] if part else []))
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
        return bool(months or self.filters.until or self.filters.as_of or self.followed(row))

    def values(self, code: str, name: str = "") -> list[str]:
        """The values of a split, in their declared order, then by name; published ones alone
        where any is published, so that a split never mixes two sources."""
        return [p.value for p in self._values(kpi(code), name)]

    def _values(self, row: Kpi, name: str) -> list[Part]:
        declared = row.dimension(name) if name else next(iter(row.dimensions), None)
        if declared is None:
            raise _no_split(row, name)
        found = self.published_parts(row, declared.name)
        values = ordered(declared, found or self.counted(row, declared.name))
        return [Part(declared, v) for v in values]

    def published_parts(self, row: Kpi, name: str) -> list[str]:
        """The values of a split that are published; none where filters cut deeper."""
        if self.narrowed(row):
            return []
        named = [row.part(d) for c, d in self._published if c == row.code]
        return [p.value for p in named if p and p.dimension.name == name and ";" not in p.value]

    def counted(self, row: Kpi, name: str) -> list[str]:
        """The values of a split for which the ledger has rows."""
        if not row.formula or not (self.speaks(row) or self._later(row)):
            return []
        return [v for (v,), tally in self.parts(row, name).items() if tally.counts]

    def split(self, code: str, name: str = "") -> list[Figure]:
        """The figures of a split, in order; empty where there is none."""
        row = kpi(code)
        return [self.figure(row, part) for part in self._values(row, name)]

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
        actions = kpi("enforcement.actions")
        if self.speaks(actions):
            for kind in ("行政许可", "行政处罚", "行政强制"):
                tally = year.ledger(actions, actions.part(kind))
                ledger[actions.code, kind] = Number(tally.value if tally else 0)  # type: ignore[arg-type]
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
        return _results(at)

    @property
    def breaches(self) -> list[tuple[Identity, Breach]]:
        return broken(self.identities)


@once
def _results(year: Book) -> tuple[Result, ...]:
    return results(year.cells)


_PARTS = Memo[tuple[str, cube.Key], dict[cube.Key, Counted]]()
_FIGURES = Memo[tuple[str, Part | None], Figure]()
_CELLS = Memo[tuple[Cube, tuple], Any]()
_EVER = Memo[tuple[str, cube.Key], set[cube.Key]]()
BOOKS = Memo[Filters, Book](limit=64)


def shared(snapshot: Snapshot, filters: Filters) -> Book:
    """The figures of a snapshot under some filters today, one Book for all sessions."""
    return BOOKS(snapshot, filters, lambda: Book(snapshot, filters))


def ordered(declared: Dimension, values: Iterable[str]) -> list[str]:
    """Values of a split: the declared ones in their order, others by name, UNFILLED last."""
    order = {v: i for i, v in enumerate(declared.values)}
    return sorted(set(values), key=lambda v: (v == UNFILLED, order.get(v, len(order)), v))


def unfilled(figure: Figure) -> bool:
    """Whether a figure is the part of a split whose cell is empty."""
    return figure.part is not None and figure.part.unfilled


def _no_split(row: Kpi, name: str) -> UnknownName:
    return UnknownName(f"指标 {row.name} 不能按 {name or '维度'} 拆分")


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


def _nothing(row: Kpi) -> Counted:
    """A ledger that speaks for the year without a row: a true 0 for a count, else no data."""
    kind = row.formula.kind if row.formula else ""
    zero = 0 if kind == "each" else None
    return Counted(0 if kind in ("count", "distinct", "sum") else None, zero)


Published = dict[tuple[str, str], Any]


def _published(snapshot: Snapshot, year: int) -> Published:
    return {(r.code, r.dimension): r for r in snapshot.reported if r.year == year}


def _numbers(rows: Published) -> dict[tuple[str, str], Number]:
    return {k: r.number for k, r in rows.items()}


def _with_ledger(figure: Figure, row: Kpi, tally: Counted, snapshot: Snapshot, end: date) -> Figure:
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


@once
def corrections(snapshot: Snapshot) -> Corrections:
    """What corrections.csv says of published figures, by year, code and dimension; oldest first."""
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
