"""Rows of a table that a screen adds or changes: published like an import, one after the other.

Two who write at once both get through: what was made from a file that changed meanwhile is made
again. A row is known by its key, so that what is sent twice is written once.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from qmg_dash.folder import history, publishing, store
from qmg_dash.folder.decoding import Unusable
from qmg_dash.folder.history import Entry, Overtaken, Refused
from qmg_dash.folder.scan import TOWN
from qmg_dash.intake.cells import canonical
from qmg_dash.intake.merge import Difference, Lines, existing, key_of, merge
from qmg_dash.intake.plan import content_of
from qmg_dash.intake.reading import Place, Row
from qmg_dash.tables import Table

PATIENCE = 10.0
"""Seconds for which an edit waits for others that are writing."""
Cells = Mapping[str, str]
"""Cells by English column name, in the standard form."""


def add(folder: Path, table: Table, cells: Cells, by: str = "") -> Entry | None:
    """Write a new row; None where the row of that key is there: it was written before. Raises
    Refused."""

    def make(lines: Lines) -> Difference | None:
        if _at(table, lines, cells) is not None:
            return None
        return merge(table, lines, [Row(Place(table.path), dict(cells))])

    return _edit(folder, table, make, by)


def change(
    folder: Path, table: Table, rows: Sequence[tuple[Cells, Cells]], by: str = ""
) -> Entry | None:
    """Change cells of rows: (the row's key and what is to change as it was seen, what it becomes).
    None where nothing changes. Raises Refused where the row has gone or somebody else has changed
    these cells since."""

    def make(lines: Lines) -> Difference | None:
        for seen, cells in rows:
            _refuse_unseen(table, lines, seen, cells)
        named = [Row(Place(table.path), _key(table, s) | dict(c)) for s, c in rows]
        return merge(table, lines, named)

    return _edit(folder, table, make, by)


def _key(table: Table, cells: Cells) -> dict[str, str]:
    return {name: cells.get(name, "") for name in table.key}


def _at(table: Table, lines: Lines, cells: Cells) -> int | None:
    """The line of a row's key."""
    wanted = key_of(table, dict(cells))
    each = (key_of(table, canonical(table, lines.cells(row))) for row in lines.rows)
    return next((n for n, key in enumerate(each) if key == wanted), None)


def _refuse_unseen(table: Table, lines: Lines, seen: Cells, cells: Cells) -> None:
    at = _at(table, lines, seen)
    named = "/".join(_key(table, seen).values())
    if at is None:
        raise Refused(f"{table.label} {named} 已经不在表里，什么都没有改：请刷新后再看")
    now = canonical(table, lines.cells(lines.rows[at]))
    for name in cells:
        if now.get(name, "") not in (seen.get(name, ""), cells[name]):
            header = table.column(name).header
            said = f"{table.label} {named} 的“{header}”刚刚被别人改成“{now.get(name, '')}”"
            raise Refused(f"{said}，什么都没有改：请核对后再改")


def _edit(
    folder: Path, table: Table, make: Callable[[Lines], Difference | None], by: str
) -> Entry | None:
    """Make a change of a table's present file and publish it; made again where another one was
    faster."""
    end = time.monotonic() + PATIENCE
    while True:
        publishing.settle(folder)
        base = publishing.hash_of(folder, table.path)
        try:
            lines = existing(table, content_of(folder / table.path))
        except Unusable as e:
            raise Refused(str(e)) from e
        difference = make(lines)
        if difference is None or difference.empty:
            return None
        data = lines.content()
        _refuse_faulty(folder, table, data, sorted(lines.origin))
        counts = [len(difference.new), len(difference.changed), len(difference.removed)]
        about = {"tables": {table.name: counts}}
        try:
            return publishing.publish(
                folder, {table.path: data}, {table.path: base}, by, "", about, history.EDIT
            )
        except Overtaken:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


def _refuse_faulty(folder: Path, table: Table, data: bytes, touched: Sequence[int]) -> None:
    """The table is checked alone, as the folder would read it. Raises Refused where one of the lines
    would be left out, or the table."""
    with tempfile.TemporaryDirectory(prefix="qmg-edit-") as name:
        after = Path(name)
        (after / TOWN).write_bytes((folder / TOWN).read_bytes())
        path = after / table.path
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
        os.utime(path, (0, 0))  # a time at which nobody waits for it to be finished
        snapshot = store.load(after)
    rows = {n + 2 for n in touched}
    wrong = [f for f in snapshot.faults if f.severity == "error" and f.file == table.path]
    mine = [f for f in wrong if f.row in rows or table.name not in snapshot.tables]
    if mine:
        raise Refused(f"{mine[0].column}：{mine[0].message}" if mine[0].column else mine[0].message)
