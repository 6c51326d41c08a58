"""Rows that were sent and rows that are there → a table's next content, and the difference.

A row is known by the table's key, or by all its cells where the table has none (or the key is not
filled in): so the same file sent twice changes nothing. What the sheet says of a row holds, an
empty cell too; columns that it does not have stay as they are. Rows that it does not name stay,
unless the whole table is to be replaced.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from qmg_dash.folder.cells import WHITE, fold
from qmg_dash.folder.decoding import Unusable
from qmg_dash.folder.headers import match_headers
from qmg_dash.folder.rows import tell_doubled
from qmg_dash.folder.tally import Tally
from qmg_dash.intake.cells import REPORTED, canonical
from qmg_dash.intake.reading import Problem, Row
from qmg_dash.intake.sheets import csv_rows
from qmg_dash.tables import Table

Key = tuple[str, ...]


@dataclass(frozen=True)
class Change:
    """A row whose cells change: its key as text, column (English name) → (old, new); the year that
    it belonged to and the one that it belongs to now, empty where there is none."""

    key: str
    cells: dict[str, tuple[str, str]]
    years: tuple[str, str] = ("", "")


@dataclass
class Difference:
    """What an import does to a table. `absent` rows are there, were not sent, and stay. `files`:
    those sent whose rows are not there already as they are."""

    table: Table
    new: list[str] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    removed: list[Change] = field(default_factory=list)
    unchanged: int = 0
    absent: int = 0
    files: set[str] = field(default_factory=set)

    @property
    def empty(self) -> bool:
        return not (self.new or self.changed or self.removed)

    @property
    def turned(self) -> Counter[tuple[str, str]]:
        """How many rows of one year become another's, by (old, new)."""
        return Counter(c.years for c in self.changed if all(c.years) and len(set(c.years)) > 1)


@dataclass
class Lines:
    """A table's CSV: headers as they stand there, the English name of each (None: not one of the
    table's), the rows' cells. `origin`: which sent row a line comes from."""

    headers: list[str]
    names: list[str | None]
    rows: list[list[str]] = field(default_factory=list)
    origin: dict[int, Row] = field(default_factory=dict)

    def cells(self, row: list[str]) -> dict[str, str]:
        return {n: c.strip(WHITE) for n, c in zip(self.names, row, strict=False) if n}

    def content(self) -> bytes:
        """UTF-8 with a BOM, as Excel and WPS open it right."""
        out = io.StringIO(newline="")
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow(self.headers)
        writer.writerows(self.rows)
        return b"\xef\xbb\xbf" + out.getvalue().encode()

    def have(self, table: Table, names: Iterable[str]) -> None:
        """Add the columns that are not there, at the end."""
        for name in names:
            if name not in self.names:
                self.names.append(name)
                self.headers.append(table.column(name).header)

    def put(self, row: list[str], name: str, text: str) -> None:
        """Set a row's cell."""
        position = self.names.index(name)
        row += [""] * (position + 1 - len(row))
        row[position] = text


def existing(table: Table, data: bytes | None) -> Lines:
    """A table's present CSV; of none, all its columns without a row. Raises Unusable."""
    if data is None:
        return Lines([c.header for c in table.columns], [c.name for c in table.columns])
    rows = [r for r in csv_rows(data) if any(c.strip(WHITE) for c in r)]
    tally = Tally(table.path)
    names = match_headers(table, rows[0] if rows else [], tally)
    if tally.table_error:
        first = tally.faults()[0]
        raise Unusable(first.rule, f"现有的 {table.path} 有问题（{first.message}）：请先改好它")
    return Lines([h.strip(WHITE) for h in rows[0]], names, rows[1:])


def key_of(table: Table, cells: dict[str, str]) -> Key | None:
    """The key of a row in the standard form; None where it has none."""
    values = tuple(cells.get(name, "") for name in table.key)
    for name, value in zip(table.key, values, strict=True):
        column = table.column(name)
        if not value and (column.required or column.expected):
            return None
    return values or None


def doubled(table: Table, rows: Iterable[Row]) -> list[Problem]:
    """A fault for each key that stands in more than one sent row."""
    found: dict[Key, list[Row]] = defaultdict(list)
    for row in rows:
        key = key_of(table, row.cells)
        if key:
            found[key].append(row)
    out = []
    for key, same in found.items():
        if len(same) > 1:
            tally = Tally(same[1].place.source)
            tell_doubled(tally, table, list(key), [(r.place.source, r.place.row) for r in same])
            out += [Problem(same[1].place, fault) for fault in tally.faults()]
    return out


def numbered(table: Table, lines: Lines, rows: list[Row], by: Sequence[str]) -> None:
    """Give rows that have no key one: that of the row there with the same `by`, else the next number
    of their year. The sent rows are changed."""
    (key,) = table.key
    known: dict[Key, str] = {}
    taken: set[str] = set()
    for line in lines.rows:
        cells = canonical(table, lines.cells(line))
        known.setdefault(tuple(fold(cells.get(n, "")) for n in by), cells.get(key, ""))
        taken.add(cells.get(key, ""))
    for row in rows:
        same = tuple(fold(row.cells.get(n, "")) for n in by)
        if not row.cells.get(key):
            row.cells[key] = known.get(same) or _free(f"G{_year(table, row.cells)}-", taken)
        known.setdefault(same, row.cells[key])
        taken.add(row.cells[key])


def _free(begin: str, taken: Collection[str]) -> str:
    """The number behind the last one that begins so."""
    numbers = [
        int(t.removeprefix(begin)) for t in taken if re.fullmatch(re.escape(begin) + "[0-9]+", t)
    ]
    return f"{begin}{max(numbers, default=0) + 1:02}"


TWICE = 3
"""Rows that agree with others but for their number, from which on it is said."""


def twice(table: Table, lines: Lines, rows: Sequence[Row]) -> int:
    """How many of the rows that would be new are there already, it seems, or in another sheet, under
    another number; 0 where they are few."""
    if not table.alike:
        return 0
    there = [canonical(table, lines.cells(line)) for line in lines.rows]
    keys = {key_of(table, cells) for cells in there}
    known = Counter(same for cells in there if (same := _alike(table, cells)))
    new: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if key_of(table, row.cells) not in keys:
            new[row.place.source].append(row)
    most = 0
    for sheet in new.values():
        sent = Counter(same for row in sheet if (same := _alike(table, row.cells)))
        count = (known & sent).total()
        most = max(most, count if 2 * count >= len(sheet) else 0)
        known += sent
    return most if most >= TWICE else 0


def _alike(table: Table, cells: Mapping[str, str]) -> Key | None:
    """What two rows of one thing agree in; None where a part is not known."""
    values = tuple(cells.get(name, "") for name in table.alike)
    return values if all(values) else None


def merge(table: Table, lines: Lines, rows: list[Row], replace: bool = False) -> Difference:
    """Bring the sent rows into the lines; what that changes."""
    difference = Difference(table)
    lines.have(table, dict.fromkeys(n for row in rows for n, text in row.cells.items() if text))
    known = _Known(table, lines, {n for row in rows for n in row.cells})
    seen: set[int] = set()
    for row in rows:
        at = known.find(row.cells)
        if at is None:
            at = _append(lines, row)
            difference.new.append(_named(table, row.cells))
            difference.files.add(row.place.file)
        else:
            change = _overwrite(table, lines, lines.rows[at], row)
            if change.cells:
                difference.changed.append(change)
                difference.files.add(row.place.file)
            else:
                difference.unchanged += 1
        seen.add(at)
        lines.origin[at] = row
    rest = [i for i in range(known.count) if i not in seen]
    difference.absent = 0 if replace else len(rest)
    if replace:
        _remove(table, lines, rest, difference)
    return difference


class _Known:
    """The present rows by key, those without one by their cells."""

    def __init__(self, table: Table, lines: Lines, sent: set[str]):
        self.table, self.sent, self.count = table, sorted(sent), len(lines.rows)
        self.keyed: dict[Key, int] = {}
        self.loose: dict[Key, list[int]] = defaultdict(list)
        for i, row in enumerate(lines.rows):
            cells = lines.cells(row)
            if table is not REPORTED and table.key:
                key = key_of(table, canonical(table, {k: cells.get(k, "") for k in table.key}))
            else:
                key = key_of(table, canonical(table, cells))
            if key:
                self.keyed.setdefault(key, i)
            else:
                self.loose[self._whole(canonical(table, cells))].append(i)

    def _whole(self, cells: dict[str, str]) -> Key:
        return tuple(cells.get(n, "") for n in self.sent)

    def find(self, cells: dict[str, str]) -> int | None:
        """The line of a sent row; each one without a key is found once."""
        key = key_of(self.table, cells)
        if key:
            return self.keyed.get(key)
        same = self.loose.get(self._whole(cells))
        return same.pop(0) if same else None


def _append(lines: Lines, row: Row) -> int:
    line = [""] * len(lines.headers)
    for name, text in row.cells.items():
        if text:
            lines.put(line, name, text)
    lines.rows.append(line)
    return len(lines.rows) - 1


def _overwrite(table: Table, lines: Lines, line: list[str], row: Row) -> Change:
    """Set the cells that mean something else than before."""
    old = canonical(table, lines.cells(line))
    changed = {n: (old.get(n, ""), t) for n, t in row.cells.items() if t != old.get(n, "")}
    if table is REPORTED and "value" in changed and "raw" not in row.cells and old.get("raw"):
        changed["raw"] = (old["raw"], "")  # it was the written form of the former number
    for name, (_, text) in changed.items():
        lines.put(line, name, text)
    years = _year(table, old), _year(table, old | row.cells)
    return Change(_named(table, row.cells), changed, years)


def _year(table: Table, cells: Mapping[str, str]) -> str:
    """The year that a row belongs to: of the day that dates it, or the one that it is of."""
    days = (cells.get(name) for name in table.period or ("year",))
    return next((day for day in days if day), "")[:4]


def _remove(table: Table, lines: Lines, rest: list[int], difference: Difference) -> None:
    gone = set(rest)
    for i in rest:
        cells = canonical(table, lines.cells(lines.rows[i]))
        said = {n: (text, "") for n, text in cells.items() if text}
        difference.removed.append(Change(_named(table, cells), said))
    kept = [i for i in range(len(lines.rows)) if i not in gone]
    lines.origin = {n: lines.origin[i] for n, i in enumerate(kept) if i in lines.origin}
    lines.rows = [lines.rows[i] for i in kept]


def _named(table: Table, cells: dict[str, str]) -> str:
    """How corrections.csv and people name a row: its key, joined by /."""
    names = table.key or tuple(c.name for c in table.columns if c.required)
    return "/".join(cells.get(name, "") for name in names)
