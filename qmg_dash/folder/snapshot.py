"""One state of a data folder in one in-memory DuckDB; it never changes."""

from __future__ import annotations

import hashlib
import os
import threading
import time
import weakref
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Literal

import duckdb

from qmg_dash import beijing
from qmg_dash.folder import scratch
from qmg_dash.folder.memo import Memory, once
from qmg_dash.folder.published import ReportedRow
from qmg_dash.folder.rows import literal
from qmg_dash.folder.scan import TOWN
from qmg_dash.folder.stat import Stat, Stats
from qmg_dash.folder.town import Town
from qmg_dash.model import Fault
from qmg_dash.tables import table as find_table

THREADS = max(2, min(4, os.cpu_count() or 2))
ROW_GROUP = 122_880
"""Rows that DuckDB reads by one thread (its row group)."""


@dataclass(frozen=True)
class Loaded:
    """A table that has a file. `rows` were accepted, `rejected` left out for their faults;
    `stale`: the last good version is shown instead of the file on disk."""

    table: str
    file: str
    sha256: str
    rows: int
    rejected: int
    stale: bool = False
    kind: Literal["csv", "parquet"] = "csv"


@dataclass(frozen=True)
class Content:
    """A table's good content, to be carried into the next snapshot: a stored table, or for
    Parquet the SELECT over files under `base`. `files`: their state in the data folder when they
    were read; `own`: those under `base` are our copies, which nobody else writes."""

    loaded: Loaded
    select: str = ""
    helpers: tuple[str, ...] = ()
    base: str = ""
    files: Stats = ()
    own: bool = False
    ends_newline: bool = True
    reported: tuple[ReportedRow, ...] = ()


@dataclass(frozen=True)
class TableState:
    """A table in a snapshot: the state of its files on disk when they were looked at, the faults
    found, and the content shown (None: the table is left out). `retry`: look again after so many
    seconds, since the file seemed to be in the making."""

    stats: Stats
    faults: tuple[Fault, ...] = ()
    content: Content | None = None
    sha256: str = ""
    retry: float | None = None


class Database:
    """An in-memory DuckDB with its private directory; both go when nobody uses them any more."""

    def __init__(self) -> None:
        self.folder, owner = scratch.make()
        weakref.finalize(self, scratch.drop, self.folder, owner)
        self._lock = threading.Lock()
        self.connection = duckdb.connect(
            ":memory:",
            config={
                "memory_limit": os.environ.get("QMG_DB_MEMORY", "1GB"),
                "threads": THREADS,
                "external_threads": THREADS,  # those of the sessions: no others, but see `expect`
                # These fetch from elsewhere, which is forbidden here; by itself each state has eight.
                "async_threads": 1,
                "temp_directory": str(self.folder / "spill"),
                "max_temp_directory_size": os.environ.get("QMG_DB_TEMP", "4GB"),
                "python_enable_replacements": False,
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
            },
        )
        # Closed, not left to the collector: its threads and memory go with the last cursor.
        weakref.finalize(self, self.connection.close)

        # For all cursors: by the machine's zone a day and an instant would not be told apart.
        self.connection.execute(f"SET GLOBAL TimeZone = '{beijing.ZONE.key}'")

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A new cursor; it keeps the private directory (and the files there) alive."""
        with self._lock:
            cursor = self.connection.cursor()
        weakref.finalize(cursor, _hold, self).atexit = False
        return cursor

    def expect(self, rows: int) -> None:
        """Start threads where a table of so many rows has work for them. The allocator keeps what
        each has once had: with 60,000 rows a change of any file took 4 MB for good."""
        if rows > ROW_GROUP:
            self.connection.execute("SET external_threads = 1")

    def lock(self, files: list[str]) -> None:
        """No file but those to be scanned in place, no change of a setting from here on."""
        paths = ", ".join(literal(f) for f in files)
        self.connection.execute(f"SET allowed_paths = [{paths}]")
        self.connection.execute("SET enable_external_access = false")
        self.connection.execute("SET lock_configuration = true")


def _hold(_: object) -> None:
    """Called when a cursor is gone; until then its database was held as the argument."""


class Snapshot:
    """One state of a data folder; never changes. See the module's docstring."""

    def __init__(
        self,
        root: Path,
        version: str,
        town: Town,
        faults: tuple[Fault, ...],
        parts: dict[str, TableState],
        database: Database,
        signature: dict[str, Stat],
        town_hash: str = "",
        history_stamp: tuple[object, ...] = (),
    ):
        self.root, self.version, self.town, self.faults = root, version, town, faults
        self._town_hash, self._history_stamp = town_hash, history_stamp
        self.tables = {n: p.content.loaded for n, p in parts.items() if p.content}
        shown = parts.get("reported")
        self.reported = shown.content.reported if shown and shown.content else ()
        self._parts, self._database, self._signature = parts, database, signature
        waits = [p.retry for p in parts.values() if p.retry is not None]
        self._retry_at = time.monotonic() + min(waits) if waits else None
        self._memory = Memory()

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A new cursor on the locked database; one per call, never shared between threads."""
        return self._database.cursor()

    def let_go(self) -> None:
        """It is not shown any more: what was computed from it goes at once. Much of that holds the
        snapshot itself, and such a circle would stand, with its database, until the garbage
        collector comes by."""
        self._memory = Memory(former=True)

    @property
    def memory(self) -> Memory:
        """What was computed from it today: deadlines move with the clock's day."""
        if self._memory.day != (day := self.clock()):
            self._memory = Memory(day, self._memory.former)
        return self._memory

    def clock(self) -> date:
        """The day that town.toml fixes, else today."""
        return self.town.clock()

    def records(self, name: str) -> tuple[dict[str, object], ...]:
        """The rows of a small table as dicts by English column name, with `_file` and `_row`.
        Raises UnknownName."""
        # Read once: every screen asks for them at every run, 1.3 ms a query.
        return self._records(find_table(name).name)

    @once
    def _records(self, name: str) -> tuple[dict[str, object], ...]:
        cursor = self.cursor().execute(f'SELECT * FROM "{name}" ORDER BY _file, _row')
        names = [d[0] for d in cursor.description]
        return tuple(
            {n: _simple(v) for n, v in zip(names, row, strict=True)} for row in cursor.fetchall()
        )

    def _failed(self, faults: tuple[Fault, ...]) -> Snapshot:
        """This snapshot, shown in place of a folder that cannot be shown at all."""
        parts = {n: replace(p, content=as_stale(p.content)) for n, p in self._parts.items()}
        version = short_hash(self.version, *(f.message for f in faults))
        faults = (*faults, *self.faults)
        return Snapshot(
            self.root, version, self.town, faults, parts, self._database, {}, self._town_hash
        )

    def files(self) -> list[tuple[dict[str, Path], str]]:
        """What is shown was read from: for town.toml and each table, its files (path in the folder
        → where it is read) and their hash (`joined`)."""
        found = [({TOWN: self.root / TOWN}, self._town_hash)]
        for part in self._parts.values():
            if part.content:
                base = Path(part.content.base) if part.content.select else self.root
                names = [f for f, _ in part.content.files] or [part.content.loaded.file]
                found.append(({n: base / n for n in names}, part.content.loaded.sha256))
        return found

    def relabelled(self, version: str, town: Town) -> Snapshot:
        """The same data under the name of the version whose copy they are."""
        return Snapshot(
            self.root, version, town, self.faults, self._parts, self._database, self._signature
        )


def as_stale(content: Content | None) -> Content | None:
    return content and replace(content, loaded=replace(content.loaded, stale=True))


def _simple(value: object) -> object:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


def joined(hashes: Mapping[str, str]) -> str:
    """The hash of a table's files (path → SHA-256): of one its own, of several over both."""
    if len(hashes) == 1:
        return next(iter(hashes.values()))
    named = (f"{file}={h}" for file, h in hashes.items())
    return hashlib.sha256("\0".join(named).encode()).hexdigest()


def short_hash(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]
