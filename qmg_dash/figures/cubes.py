"""The cubes of a snapshot: each KPI's figures for every day and part, built once."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

import duckdb

from qmg_dash.figures import cube
from qmg_dash.figures.counting import ONE_BY_ONE, cube_sums, fits_a_cube, part_of
from qmg_dash.figures.coverage import which_years
from qmg_dash.figures.cube import Cube
from qmg_dash.figures.relations import HELD, relation, tables_read, view_sql
from qmg_dash.folder.memo import Memo, once
from qmg_dash.folder.snapshot import Snapshot
from qmg_dash.kpis import KPIS
from qmg_dash.kpis.base import MONTH, Kpi

NUMBERS = 10_000_000
"""A relation gets no cube where it would hold more numbers than this (some 80 MB)."""


@once
def hold(snapshot: Snapshot, name: str) -> None:
    """Make a table of HELD, if it is not there."""
    snapshot.cursor().execute(f"CREATE TABLE IF NOT EXISTS held_{name} AS {view_sql(name)}")


class Key(NamedTuple):
    """What tells a cube from another: what it counts, by which date, for which KPI alone (empty:
    for all of them), and what it `rests` on."""

    relation: str
    date: str
    own: str
    rests: tuple


CUBES = Memo[Key, Cube | None]()


def cube_of(snapshot: Snapshot, row: Kpi, clock: date) -> Cube | None:
    """The cube that gives a KPI's figures, built when first asked for; None where sums cannot
    give them, or the relation has too many cells."""
    m = row.formula
    if m is None or not fits_a_cube(m):
        return None
    own = row.code if m.kind in ONE_BY_ONE else ""
    key = Key(m.relation, m.date, own, _rests(snapshot, m.relation, clock))
    return CUBES(snapshot, key, lambda: _cube(snapshot, row, clock))


def _rests(snapshot: Snapshot, name: str, clock: date) -> tuple:
    """What a cube depends on: the contents of its relation's tables, and the clock's day."""
    read = (snapshot.tables[t] for t in tables_read(name) if t in snapshot.tables)
    return (clock, *(loaded.sha256 for loaded in read))


LARGE = 100_000
"""Rows from which on a table's cubes are built before its snapshot is shown."""


def prepare(snapshot: Snapshot, previous: Snapshot | None = None) -> None:
    """Build what large tables need, so that no session waits for it later. Cubes of tables that
    are still the same are taken over from the previous snapshot."""
    clock = snapshot.clock()
    for key, made in CUBES.of(previous).items() if previous else ():
        if key.rests == _rests(snapshot, key.relation, clock):
            CUBES(snapshot, key, lambda made=made: made)
    large = {n for n, loaded in snapshot.tables.items() if loaded.rows > LARGE}
    for row in KPIS:
        if row.formula and large.intersection(tables_read(row.formula.relation)):
            cube_of(snapshot, row, clock)
    for name in HELD if large else ():
        hold(snapshot, name)
    if large:
        which_years(snapshot)


def _cube(snapshot: Snapshot, like: Kpi, clock: date) -> Cube | None:
    """The cube of the KPIs that count the same relation by the same date."""
    m = like.formula
    assert m
    asked, rows = [], [like]
    if m.kind in ONE_BY_ONE:
        asked.append(f"{m.value} AS {cube.VALUE}")
    else:
        same = (m.relation, m.date)
        rows = [
            k
            for k in KPIS
            if k.formula
            and (k.formula.relation, k.formula.date) == same
            and k.formula.kind not in ONE_BY_ONE
            and fits_a_cube(k.formula)
        ]
    names = dict.fromkeys(d.name for k in rows for d in k.dimensions if d != MONTH)
    asked += [f'{part_of(m, n)} AS "{n}"' for n in names]
    asked.append(f"{cube.part_sql(m.date)} AS {cube.PART}")
    for row in rows:
        assert row.formula
        asked += [f'{sql} AS "{row.code} {n}"' for n, sql in cube_sums(row.formula).items()]
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
