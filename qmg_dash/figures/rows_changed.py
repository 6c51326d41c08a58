"""Which rows of a table are others in another version of the folder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from qmg_dash.figures.arithmetic import plain
from qmg_dash.folder.snapshot import Snapshot
from qmg_dash.tables import NO, YES, Table

CAME, CHANGED, WENT = "新增", "修改", "删除"
Marks = Counter[tuple[int, int]]
"""Rows as (hash of the key, hash of all cells)."""


@dataclass(frozen=True)
class RowChange:
    """One row: what became of it, how it is known, its cells as (header, then, now)."""

    kind: str
    key: tuple[str, ...]
    cells: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class ToldRows:
    """What happened to the rows of a table: how many, the first of them. Holds no data."""

    table: Table
    counts: tuple[tuple[str, int], ...]
    listed: tuple[RowChange, ...]


@dataclass(frozen=True)
class RowChanges:
    """The rows of a table that came, changed and went. Without a key a changed row is one that
    went and one that came."""

    table: Table
    then: Snapshot
    now: Snapshot
    gone: Marks
    come: Marks

    @cached_property
    def both(self) -> set[int]:
        """The keys of the rows that changed: each once on either side."""
        if not self.table.key:
            return set()
        sides = (Counter(k for k, _ in side.elements()) for side in (self.gone, self.come))
        left, right = ({k for k, n in side.items() if n == 1} for side in sides)
        return left & right

    @property
    def counts(self) -> tuple[tuple[str, int], ...]:
        """What happened, with how many rows; what did not happen is left out."""
        changed = len(self.both)
        found = (
            (CAME, self.come.total() - changed),
            (CHANGED, changed),
            (WENT, self.gone.total() - changed),
        )
        return tuple((word, n) for word, n in found if n)

    def told(self, most: int) -> ToldRows:
        """What is kept of them once the two states are let go."""
        return ToldRows(self.table, self.counts, tuple(self.rows(most)))

    def rows(self, most: int) -> list[RowChange]:
        """The first rows of each kind, as they read then and now."""
        before = dict(_read(self.then, self.table, self.gone, most))
        after = dict(_read(self.now, self.table, self.come, most))
        found = []
        for mark in [*after, *(m for m in before if m[0] not in self.both)]:
            old = next((r for m, r in before.items() if m[0] == mark[0]), None)
            old = old if mark[0] in self.both else before.get(mark)
            found.append(_change(self.table, old, after.get(mark)))
        return found[:most]


def row_changes(table: Table, then: Snapshot, now: Snapshot) -> RowChanges | None:
    """The difference of a table, None where there is none. Read only where its files differ."""
    was, present = (s.tables.get(table.name) for s in (then, now))
    if (was and was.sha256) == (present and present.sha256):
        return None
    before, after = (_marks(s, table) for s in (then, now))
    gone, come = before - after, after - before
    return RowChanges(table, then, now, gone, come) if gone or come else None


def _hashed(table: Table) -> tuple[str, str]:
    """SQL of the two hashes; the database hashes alike in every version."""
    cells, key = (", ".join(f'"{n}"' for n in some) for some in (table.by_name, table.key))
    return f"hash({key or 0})", f"hash({cells})"


def _marks(snapshot: Snapshot, table: Table) -> Marks:
    key, cells = _hashed(table)
    rows = snapshot.cursor().execute(f'SELECT {key}, {cells} FROM "{table.name}"').fetchnumpy()
    return Counter(zip(*(column.tolist() for column in rows.values()), strict=True))


def _read(
    snapshot: Snapshot, table: Table, marks: Iterable[tuple[int, int]], most: int
) -> list[tuple[tuple[int, int], dict[str, Any]]]:
    """The rows of some marks, in the table's order."""
    wanted = [cells for _, cells in marks]
    if not wanted:
        return []
    key, cells = _hashed(table)
    names = list(table.by_name)
    shown = ", ".join(f'"{n}"' for n in names)
    sql = (
        f'SELECT {key}, {cells}, {shown} FROM "{table.name}"'
        f" WHERE list_contains($wanted::UBIGINT[], {cells}) ORDER BY _file, _row LIMIT {int(most)}"
    )
    rows = snapshot.cursor().execute(sql, {"wanted": wanted}).fetchall()
    return [((r[0], r[1]), dict(zip(names, r[2:], strict=True))) for r in rows]


def _change(table: Table, old: dict[str, Any] | None, new: dict[str, Any] | None) -> RowChange:
    known = new or old or {}
    key = tuple(_text(known[n]) for n in table.key if known.get(n) is not None)
    if old and new:
        kind, names = CHANGED, [n for n in known if old[n] != new[n]]
    else:
        kind, names = CAME if new else WENT, [n for n in known if n not in table.key]
    cells = (
        (c.header, c.word(_text((old or {}).get(c.name))), c.word(_text((new or {}).get(c.name))))
        for c in map(table.column, names)
    )
    return RowChange(kind, key, tuple(c for c in cells if c[1] or c[2]))


def _text(value: Any) -> str:
    """A cell as it is read by people."""
    if isinstance(value, bool):
        return YES if value else NO
    return "" if value is None else str(plain(value))
