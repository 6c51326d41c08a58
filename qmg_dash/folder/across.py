"""What needs more than one table, or the clock."""

from __future__ import annotations

import re
from datetime import date
from typing import Protocol

from duckdb import DuckDBPyConnection as Cursor

from qmg_dash.folder.cells import WHITE
from qmg_dash.folder.rows import only_row, sql_list
from qmg_dash.folder.tally import LISTED, Tally
from qmg_dash.kpis import is_known
from qmg_dash.model import Fault
from qmg_dash.tables import BY_NAME, Column, Table

# ---------------------------------------------------------------- across tables


def cross_check(
    cursor: Cursor, clock: date, files: dict[str, str], most: int = LISTED
) -> list[Fault]:
    """Warnings that need more than one table, or the clock. `files` gives the file of each table
    that has one; the tables are those of the snapshot, with their accepted rows."""
    out: list[Fault] = []
    for name, file in files.items():
        table, tally = BY_NAME[name], Tally(file, most=most)
        for column in table.columns:
            if column.refers_to in files:
                _tell_unknown_references(cursor, table, column, tally)
        if table.period:
            _tell_later(cursor, table, clock, tally)
        if name == "reported":
            _tell_years_ahead(cursor, table, clock, tally)
        if name in ("goals", "practices"):
            _tell_unknown_indicators(cursor, table, tally)
        if name == "goals" and "shortcomings" in files:
            _tell_unknown_shortcomings(cursor, tally)
        out += tally.faults()
    return out


def _tell_where(
    cursor: Cursor,
    table: Table,
    column: str,
    rule: str,
    condition: str,
    message: str,
    tally: Tally,
) -> None:
    """A warning for each row of a loaded table (alias t) that meets the condition."""
    source = f'FROM "{table.name}" t WHERE {condition}'
    (count,) = only_row(cursor, f"SELECT count(*) {source}")
    if not count:
        return
    found = cursor.execute(
        f'SELECT _file, _row, CAST(t."{column}" AS VARCHAR) {source}'
        f" ORDER BY _file, _row LIMIT {tally.most}"
    ).fetchall()
    header = table.column(column).header
    for i, (file, row, value) in enumerate(found):
        fault = Fault("warning", file, row, header, value or "", rule, message)
        tally.add(fault, count if i == 0 else 0)


def _tell_unknown_references(cursor: Cursor, table: Table, column: Column, tally: Tally) -> None:
    other, name = BY_NAME[column.refers_to], column.name
    (rows,) = only_row(cursor, f'SELECT count(*) FROM "{other.name}"')
    if not rows:
        return
    _tell_where(
        cursor,
        table,
        name,
        "引用",
        f't."{name}" IS NOT NULL AND NOT EXISTS'
        f' (SELECT 1 FROM "{other.name}" o WHERE o."{name}" = t."{name}")',
        f"表“{other.label}”里没有这个{column.header}：请核对，或在那里补上",
        tally,
    )


def _tell_later(cursor: Cursor, table: Table, clock: date, tally: Tally) -> None:
    """Of the dates by which a row falls into a year, the one that does it."""
    said = f"晚于看板的“今天”（{clock}）：请核对日期，或检查 town.toml 的 as_of"
    for i, name in enumerate(table.period):
        instead = "".join(f' AND t."{former}" IS NULL' for former in table.period[:i])
        condition = f"t.\"{name}\" > DATE '{clock}'{instead}"
        _tell_where(cursor, table, name, "晚于今天", condition, said, tally)


def _tell_years_ahead(cursor: Cursor, table: Table, clock: date, tally: Tally) -> None:
    condition, said = f"t.year > {clock.year}", f"这一年还没有到（看板的“今天”是 {clock}）"
    mend = "请核对年度，或检查 town.toml 的 as_of"
    _tell_where(cursor, table, "year", "晚于今天", condition, f"{said}：{mend}", tally)


def _tell_unknown_indicators(cursor: Cursor, table: Table, tally: Tally) -> None:
    found = cursor.execute(f'SELECT DISTINCT indicator FROM "{table.name}"').fetchall()
    unknown = [code for (code,) in found if code and not is_known(code)]
    if unknown:
        _tell_where(
            cursor,
            table,
            "indicator",
            "指标",
            f"t.indicator IN ({sql_list(unknown)})",
            "没有这个指标代码：请对照“数据口径”页的指标清单改正",
            tally,
        )


def split_list(text: str | None) -> list[str]:
    """A cell that names several things: S1、S2."""
    return [p for p in (q.strip(WHITE) for q in re.split(r"[、,，;；]", text or "")) if p]


def _tell_unknown_shortcomings(cursor: Cursor, tally: Tally) -> None:
    found = cursor.execute("SELECT shortcoming_id FROM shortcomings").fetchall()
    known = {i for (i,) in found}
    rows = cursor.execute("SELECT _file, _row, shortcoming_ids FROM goals ORDER BY _row").fetchall()
    for file, row, ids in rows:
        for one in split_list(ids):
            if known and one not in known:
                message = "表“不足”里没有这个不足编号：请核对，或在那里补上"
                tally.add(Fault("warning", file, row, "对应不足", one, "引用", message))


class _Snapshot(Protocol):
    @property
    def faults(self) -> tuple[Fault, ...]: ...


def check_folder(snapshot: _Snapshot) -> tuple[Fault, ...]:
    """Every fault of a loaded data folder, errors first, then by file and row.

    The broken identities (identities.py) are figures' faults, not rows': whoever has computed the
    figures (the screens, the command `check`) adds them to these.
    """
    return tuple(sorted(snapshot.faults, key=lambda f: (f.severity != "error", f.file, f.row or 0)))
