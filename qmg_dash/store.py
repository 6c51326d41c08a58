"""The data folder, opened: the only module that reads its files and runs DuckDB.

A `Snapshot` is one state of a folder in one in-memory DuckDB, checked (checks.py) and then locked.
A `Store` follows a folder: when a file changes, it builds the next snapshot beside the present one
and swaps. What cannot be read leaves the table's last good version up.

CSV is read into the database. Parquet is scanned as files, from a copy in a private directory: so
the version that was checked stays readable, and as it was, when its file is replaced, removed or
written over. Where there is no room for a copy it is scanned through hard links (a file that is
written over is lost then), and where those are impossible too, where it lies.
"""

from __future__ import annotations

import csv
import errno
import hashlib
import io
import os
import re
import shutil
import threading
import time
import tomllib
import weakref
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as pa_csv

from qmg_dash import beijing, history, regular, scratch, workdays
from qmg_dash.characters import writable
from qmg_dash.checks import (
    LISTED,
    SQL_TYPES,
    TRIMMED,
    UNWRITABLE,
    WHITE,
    ReportedRow,
    Tally,
    compare_parts,
    cross_check,
    examine,
    literal,
    match_headers,
    read_cell,
    read_reported,
    unwritable,
)
from qmg_dash.decoding import Unusable as _Unusable
from qmg_dash.decoding import decode, separated
from qmg_dash.model import DataError, Fault, Nature, why
from qmg_dash.tables import BY_NAME, TABLES, Column, Table
from qmg_dash.tables import table as find_table

__all__ = ["Loaded", "ReportedRow", "Snapshot", "Store", "Town", "load", "resolve", "store"]

ROOT = Path(__file__).resolve().parent.parent
OWN = ROOT / "data"
SHIPPED_DEMO = OWN / "demo"
"""The demo that comes with the program."""
TOWN, LEDGERS = "town.toml", "ledgers"
TOWN_MOST = 1 << 16
"""Bytes that town.toml may have: a hundred times those of one with everything in it."""
CADENCES = ("日", "周", "月", "季", "年")

QUIET = 0.3
"""Seconds without a change after which a young file counts as written."""
PATIENCE = 3.0
"""Seconds to wait for that at most."""
UNFINISHED = 10.0
"""Seconds for which a file that lost its last newline may still be in the making."""
RETRY = 1.0
"""Seconds after which a file that was being written is looked at again."""
RACY = 3.0
"""Seconds for which the time of a folder's last change does not yet tell that nothing followed it:
some file systems keep whole or even seconds."""
ATTEMPTS = 3
THREADS = max(2, min(4, os.cpu_count() or 2))
ROW_GROUP = 122_880
"""Rows that DuckDB reads by one thread (its row group)."""
LARGE = 4 << 20
"""Bytes of Parquet that hold more rows than that."""
_BLOCK = 1 << 24


# ---------------------------------------------------------------- what a snapshot holds


@dataclass(frozen=True)
class Town:
    """town.toml. `as_of` fixes the clock; `cadence` says how often a ledger is to be updated."""

    name: str
    short_name: str
    code: str = ""
    contact: str = ""
    nature: Nature = "official"
    as_of: date | None = None
    cadence: dict[str, str] = field(default_factory=dict)
    public_url: str = ""

    def clock(self) -> date:
        """The day that is "today" in this folder."""
        return self.as_of or beijing.today()


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
class _Stat:
    """What tells cheaply that a file has changed."""

    mtime_ns: int
    size: int
    inode: int

    @classmethod
    def of(cls, path: Path | str | int, follow: bool = True) -> _Stat:
        s = os.fstat(path) if isinstance(path, int) else os.stat(path, follow_symlinks=follow)
        return cls(s.st_mtime_ns, s.st_size, s.st_ino)

    @property
    def age(self) -> float:
        """Seconds since the last change (negative where another machine's clock is ahead)."""
        return time.time() - self.mtime_ns / 1e9


_Stats = tuple[tuple[str, _Stat], ...]


@dataclass(frozen=True)
class _Content:
    """A table's good content, to be carried into the next snapshot: a stored table, or for
    Parquet the SELECT over files under `base`. `files`: their state in the data folder when they
    were read; `own`: those under `base` are our copies, which nobody else writes."""

    loaded: Loaded
    select: str = ""
    helpers: tuple[str, ...] = ()
    base: str = ""
    files: _Stats = ()
    own: bool = False
    ends_newline: bool = True
    reported: tuple[ReportedRow, ...] = ()


@dataclass(frozen=True)
class _Part:
    """A table in a snapshot: the state of its files on disk when they were looked at, the faults
    found, and the content shown (None: the table is left out). `retry`: look again after so many
    seconds, since the file seemed to be in the making."""

    stats: _Stats
    faults: tuple[Fault, ...] = ()
    content: _Content | None = None
    sha256: str = ""
    retry: float | None = None


class _Database:
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
        parts: dict[str, _Part],
        database: _Database,
        signature: dict[str, _Stat],
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
        self.locks: dict[tuple, threading.Lock] = {}
        self.memo: dict[tuple, Any] = {}
        """What the layers above have computed from it; goes when the snapshot goes, or is former."""
        self.former = False
        """Whether it was shown and is no longer: what holds it is not kept in `memo` any more."""

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A new cursor on the locked database; one per call, never shared between threads."""
        return self._database.cursor()

    def let_go(self) -> None:
        """It is not shown any more: what was computed from it goes at once. Much of that holds the
        snapshot itself, and such a circle would stand, with its database, until the garbage
        collector comes by."""
        self.former = True
        self.memo.clear()

    def clock(self) -> date:
        """The day that town.toml fixes, else today."""
        return self.town.clock()

    def records(self, name: str) -> tuple[dict[str, object], ...]:
        """The rows of a small table as dicts by English column name, with `_file` and `_row`.
        Raises UnknownName."""
        known = find_table(name).name
        kept = self.memo.get(("records", known))
        if kept is None:
            # Read once: every screen asks for them at every run, 1.3 ms a query.
            kept = self.memo["records", known] = self._records(known)
        return kept

    def _records(self, name: str) -> tuple[dict[str, object], ...]:
        cursor = self.cursor().execute(f'SELECT * FROM "{name}" ORDER BY _file, _row')
        names = [d[0] for d in cursor.description]
        return tuple(
            {n: _simple(v) for n, v in zip(names, row, strict=True)} for row in cursor.fetchall()
        )

    def _failed(self, faults: tuple[Fault, ...]) -> Snapshot:
        """This snapshot, shown in place of a folder that cannot be shown at all."""
        parts = {n: replace(p, content=_stale(p.content)) for n, p in self._parts.items()}
        version = _digest(self.version, *(f.message for f in faults))
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


def _stale(content: _Content | None) -> _Content | None:
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


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]


# ---------------------------------------------------------------- the folder


def resolve(data: str | None) -> Path:
    """The data folder: what --data names, else QMG_DATA_DIR, else data/ beside the app."""
    named = data or os.environ.get("QMG_DATA_DIR")
    return Path(named).expanduser() if named else OWN


@dataclass(frozen=True)
class _Source:
    """What gives a table: one CSV, one Parquet file, or a folder of Parquet parts."""

    table: Table
    kind: Literal["csv", "parquet"]
    file: str
    files: tuple[str, ...]


@dataclass
class _Scan:
    """A look at the folder: which files there are, what they give, what is odd about them."""

    signature: dict[str, _Stat] = field(default_factory=dict)
    sources: dict[str, list[_Source]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    unsettled: frozenset[str] = frozenset()

    def stats(self, files: tuple[str, ...]) -> _Stats:
        return tuple((f, self.signature[f]) for f in files)


_TABULAR = {".csv", ".parquet"}
_SPREADSHEETS = {".xlsx", ".xls", ".xlsm", ".et", ".ods"}


def _scan(root: Path) -> _Scan:
    """List the folder. Raises DataError where it or its town.toml is missing."""
    if not root.is_dir():
        message = f"没有这个数据文件夹：{root}；请检查 --data 或 QMG_DATA_DIR"
        raise DataError([Fault("error", str(root), None, "", "", "文件夹", message)])
    try:
        scan = _list(root)
    except OSError as e:
        raise _no_folder(root, e) from e
    if TOWN not in scan.signature:
        message = '缺少 town.toml：请新建，至少写 [town] 和 name = "某某镇"'
        raise DataError([Fault("error", TOWN, None, "", "", "缺少文件", message)])
    return scan


def _no_folder(root: Path, e: OSError) -> DataError:
    message = f"读不了数据文件夹（{why(e)}）：请检查权限"
    return DataError([Fault("error", str(root), None, "", "", "文件夹", message)])


def _settle(root: Path) -> history.Settled:
    """What `history.settle` gives. Raises DataError."""
    try:
        return history.settle(root)
    except OSError as e:
        raise _no_folder(root, e) from e


def _list(root: Path) -> _Scan:
    """Look at every file; at all of them again where one goes while they are looked at."""
    for attempt in range(ATTEMPTS):
        scan = _Scan()
        try:
            for path in _listed(root):
                _sort_in(scan, root, path, ledger=False)
            for path in _listed(root / LEDGERS):
                if path.is_dir() and path.suffix.lower() not in _TABULAR:
                    _sort_in_folder(scan, root, path)
                else:
                    _sort_in(scan, root, path, ledger=True)
            if os.path.lexists(root / LEDGERS) and not (root / LEDGERS).is_dir():
                message = "应是放台账的文件夹，现在不是，台账都未读取：请改正"
                scan.faults.append(Fault("error", LEDGERS, None, "", "", "读取", message))
            break
        except FileNotFoundError:
            if attempt + 1 == ATTEMPTS:
                raise
    return scan


def _listed(folder: Path) -> list[Path]:
    """The entries of a folder that are not hidden, lock files or notes, by name."""
    if not folder.is_dir():
        return []
    return sorted(
        p
        for p in folder.iterdir()
        if not p.name.startswith((".", "~"))
        and not p.name.upper().startswith("README")
        and p.suffix.lower() != ".md"
    )


def _sort_in(scan: _Scan, root: Path, path: Path, ledger: bool) -> None:
    """A file at the top or under ledgers/: what it gives, or what is odd about it."""
    relative, suffix = path.relative_to(root).as_posix(), path.suffix.lower()
    table = BY_NAME.get(path.stem.lower())
    if relative == TOWN:
        scan.signature[TOWN] = _Stat.of(path, follow=path.exists())
    if suffix not in {*_TABULAR, *_SPREADSHEETS}:
        return
    if path.is_file():
        scan.signature[relative] = _Stat.of(path)
    elif table and suffix in _TABULAR:
        scan.signature[relative] = _Stat.of(path, follow=False)  # said when it is to be read
    else:
        return
    if suffix in _SPREADSHEETS:
        message = "不直接读取表格文件：请用 python -m qmg_dash import 导入，或另存为 CSV（UTF-8）"
        scan.faults.append(Fault("warning", relative, None, "", "", "文件", message))
    elif table and table.ledger == ledger and (ledger or suffix == ".csv"):
        kind = "csv" if suffix == ".csv" else "parquet"
        scan.sources.setdefault(table.name, []).append(_Source(table, kind, relative, (relative,)))
    else:
        message = _why_unknown(path, ledger)
        scan.faults.append(Fault("warning", relative, None, "", "", "未知文件", message))


def _why_unknown(path: Path, ledger: bool) -> str:
    table = BY_NAME.get(path.stem.lower())
    if table is None:
        table = next((t for t in TABLES if t.label == path.stem), None)
    if table is None:
        names = "、".join(f"{t.name}（{t.label}）" for t in TABLES if t.ledger == ledger)
        return f"不认识的文件，未读取；可用的名字：{names}"
    return f"未读取：表“{table.label}”应放在 {table.path}"


def _sort_in_folder(scan: _Scan, root: Path, path: Path) -> None:
    """A folder under ledgers/: the Parquet parts of one table."""
    relative, table = path.relative_to(root).as_posix(), BY_NAME.get(path.name.lower())
    shown = [
        p
        for p in sorted(path.rglob("*"))
        if p.is_file() and not any(n.startswith((".", "~")) for n in p.relative_to(path).parts)
    ]
    parts = [p for p in shown if p.suffix.lower() == ".parquet"]
    if any(p.suffix.lower() in {".csv", *_SPREADSHEETS} for p in shown):
        message = f"这个文件夹里只读 Parquet；CSV 请放成 ledgers/{path.name}.csv"
        scan.faults.append(Fault("warning", relative, None, "", "", "未知文件", message))
    if table is None or not table.ledger:
        if parts:
            message = f"不认识的文件夹，未读取；{_why_unknown(path, ledger=True)}"
            scan.faults.append(Fault("warning", relative, None, "", "", "未知文件", message))
        return
    if parts:
        files = tuple(p.relative_to(root).as_posix() for p in parts)
        scan.signature |= {f: _Stat.of(p) for f, p in zip(files, parts, strict=True)}
        scan.sources.setdefault(table.name, []).append(_Source(table, "parquet", relative, files))


# ---------------------------------------------------------------- bytes, text, rows


class _BeingWritten(_Unusable):
    """The file may still be in the making: look again after `wait` seconds."""

    def __init__(self, message: str, file: str = "", wait: float = RETRY):
        self.wait = wait
        super().__init__("正在写入", message, file)


def _refuse_other(path: Path) -> None:
    """Where a table should lie there may be something else: a pipe would be waited for. Raises
    _Unusable."""
    if path.is_file() or not os.path.lexists(path):
        return
    try:
        what = regular.what(os.stat(path).st_mode)
    except OSError:
        what = "失效的链接"
    raise _Unusable("读取", f"这是{what}，不是普通文件：请删除它，换成正常的文件")


def _read_bytes(path: Path, most: int | None = None) -> bytes:
    """The file's bytes, the same before and after reading; `most` of them at most."""
    _refuse_other(path)
    for _ in range(ATTEMPTS):
        try:
            before = _Stat.of(path)
            data = regular.read(path, most)
            if _Stat.of(path) == before and len(data) == before.size:
                return data
        except FileNotFoundError as e:
            raise _BeingWritten("文件刚刚消失，稍后再读") from e
        except OSError as e:
            raise _Unusable("读取", f"打不开（{why(e)}）：请关闭占用它的程序或检查权限") from e
        time.sleep(QUIET / 3)
    raise _BeingWritten("读取时文件一直在变，稍后自动再读")


def _header(data: bytes, delimiter: str = "") -> tuple[list[str], int, str]:
    """The header's cells, the record it stands in (from 1), and the delimiter where none is
    named."""
    head = data[: 1 << 18].decode("utf-8", errors="ignore")
    first = next((line for line in head.splitlines() if line.strip(WHITE + ",;")), "")
    delimiter = delimiter or ("," if "," in first else max(",\t;", key=first.count))
    for number, cells in enumerate(_cells(head, delimiter), start=1):
        if any(c.strip(WHITE) for c in cells):
            return cells, number, delimiter
    raise _Unusable("空文件", "文件是空的，连列名也没有：请补上首行列名，或删除这个文件")


def _cells(text: str, delimiter: str) -> Iterator[list[str]]:
    """The records of a small piece of CSV."""
    try:
        yield from csv.reader(io.StringIO(text, newline=None), delimiter=delimiter)
    except csv.Error as e:
        raise _Unusable("格式", f"不是正常的 CSV（{e}）：请用 Excel 或 WPS 重新另存为 CSV") from e


def parse(data: bytes, table: Table, tally: Tally) -> tuple[pa.Table, int]:
    """A CSV (UTF-8) as (rows, how many ragged rows were left out). The rows have the English
    names of the known columns, trimmed texts with NULL for empty, and `_row`; texts are
    dictionaries, so that trimming costs little. Raises _Unusable."""
    named, data = separated(data)
    headers, header_row, delimiter = _header(data, named)
    names = match_headers(table, headers, tally)
    if tally.table_error:
        return pa.table({}), 0
    wanted = [f"c{i}" for i, n in enumerate(names) if n or not headers[i].strip()]
    rows, ragged = _split(data, delimiter, [f"c{i}" for i in range(len(headers))], wanted)
    _refuse_open_quotes(data, delimiter, rows.num_rows + len(ragged))
    kept, rejected = _mend(ragged, header_row, len(headers), delimiter, data, tally)
    rows = rows.slice(_leading(rows, header_row))
    if kept:
        extra = {p: [cells[int(p[1:])] for _, cells in kept] for p in wanted}
        texts = [pa.array(column, pa.string()).dictionary_encode() for column in extra.values()]
        numbers = pa.array([number for number, _ in kept], pa.int64())
        rows = pa.concat_tables([rows, pa.table([*texts, numbers], schema=rows.schema)])
    out, shown = [], []
    for position in wanted:
        column, name = _trimmed(rows.column(position)), names[int(position[1:])]
        if name:
            out.append(column)
            shown.append(name)
        else:
            _note_unnamed(column, int(position[1:]) + 1, tally)
    return pa.table([*out, rows.column("_row")], names=[*shown, "_row"]), rejected


_Ragged = list[tuple[int, str]]


def _split(
    data: bytes, delimiter: str, positions: list[str], wanted: list[str]
) -> tuple[pa.Table, _Ragged]:
    """The rows with the header's number of cells (the header among them) with their record
    numbers, and the others as (record number, text)."""
    ragged: _Ragged = []

    def keep(row: pa_csv.InvalidRow) -> str:
        ragged.append((row.number, row.text or ""))
        return "skip"

    try:
        rows = pa_csv.read_csv(
            pa.BufferReader(data),
            pa_csv.ReadOptions(use_threads=False, block_size=_BLOCK, column_names=positions),
            pa_csv.ParseOptions(
                delimiter=delimiter,
                newlines_in_values=True,
                ignore_empty_lines=False,
                invalid_row_handler=keep,
            ),
            pa_csv.ConvertOptions(
                column_types=dict.fromkeys(positions, pa.dictionary(pa.int32(), pa.string())),
                include_columns=wanted,
                null_values=[""],
                strings_can_be_null=True,
            ),
        )
    except pa.ArrowInvalid as e:
        message = "不是正常的 CSV，可能有引号没有成对：请用 Excel 或 WPS 重新另存为 CSV"
        raise _Unusable("格式", message) from e
    skipped = np.array([number for number, _ in ragged], dtype=np.int64)
    numbers = np.delete(np.arange(1, rows.num_rows + len(ragged) + 1), skipped - 1)
    return rows.append_column("_row", pa.array(numbers, pa.int64())), ragged


def _leading(rows: pa.Table, header_row: int) -> int:
    """How many rows lie before the data: the header, and blank ones above it."""
    first = rows.column("_row").slice(0, header_row).to_pylist()
    return sum(number <= header_row for number in first)


def _trimmed(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column of dictionaries with its texts trimmed, empty ones NULL."""
    chunks = []
    for chunk in column.chunks:
        texts = pc.utf8_trim(chunk.dictionary, characters=WHITE)
        indices = chunk.indices
        for empty in pc.indices_nonzero(pc.equal(texts, "")):
            blank = pc.equal(indices, empty.cast(pa.int32()))
            indices = pc.if_else(blank, None, indices)
        chunks.append(pa.DictionaryArray.from_arrays(indices, texts))
    return pa.chunked_array(chunks, type=column.type)


def _refuse_open_quotes(data: bytes, delimiter: str, records: int) -> None:
    """A quote that is never closed swallows the rows behind it, without a complaint. Whatever it
    swallows, some cell has line breaks: only then is the file read again, strictly."""
    lines = data.count(b"\n") or data.count(b"\r")
    if lines + (not data.endswith((b"\n", b"\r"))) <= records:
        return
    text = io.TextIOWrapper(io.BytesIO(data), "utf-8", newline="")
    number = 1
    try:
        for _ in csv.reader(text, delimiter=delimiter, strict=True):
            number += 1
    except csv.Error as e:
        message = f"第 {number} 行有一个引号没有成对，后面的行被它吞掉了：请补上或删去这个引号"
        raise _Unusable("引号", message) from e


def _mend(
    ragged: _Ragged, header_row: int, width: int, delimiter: str, data: bytes, tally: Tally
) -> tuple[list[tuple[int, list[str]]], int]:
    """The rows with another number of cells: those with empty cells too many are kept (cut),
    blank ones ignored, others are faults. Returns (kept, how many were left out)."""
    kept, rejected = [], 0
    for number, text in ragged:
        cells = next(_cells(text, delimiter), [])
        if number <= header_row or not any(c.strip(WHITE) for c in cells):
            continue
        if len(cells) >= width and not any(c.strip(WHITE) for c in cells[width:]):
            kept.append((number, cells[:width]))
        elif len(cells) < width and data.endswith(text.encode()):
            message = f"第 {number} 行只写了一半，文件可能没有保存完：请重新保存"
            tally.whole("末行不完整", message, text[:60])
        else:
            rejected += 1
            mend = "请检查逗号、引号是否多了或少了"
            message = f"这一行有 {len(cells)} 格，列名有 {width} 个：{mend}"
            tally.add(Fault("error", tally.file, number, "", text[:60], "列数", message))
    return kept, rejected


def _note_unnamed(column: pa.ChunkedArray, position: int, tally: Tally) -> None:
    """Cells under an empty header are not read; it is said where there are any."""
    filled = column.drop_null()
    if len(filled):
        message = f"第 {position} 列没有列名，未读取：请补上列名"
        tally.note("未知列", message, filled[0].as_py()[:60])


# ---------------------------------------------------------------- town.toml


def town_of(root: Path) -> Town:
    """town.toml alone, without reading the tables. Raises DataError."""
    return _read_town(root)[0]


def _read_town(root: Path) -> tuple[Town, str, list[Fault]]:
    """(the town, the file's hash, warnings). Raises DataError."""
    tally = Tally(TOWN)
    try:
        data = _read_bytes(root / TOWN, TOWN_MOST)
        table = tomllib.loads(_written_town(decode(data).decode(), tally))
    except _Unusable as e:
        tally.whole(e.rule, str(e))
    except RecursionError:
        tally.whole("格式", "括号套得太深，不是正常的 town.toml：请照文档重写")
    except ValueError as e:  # a number of 5,000 digits is one, too
        tally.whole("格式", f"不是正常的 TOML（{e}）：文字两边要用半角引号，等号用半角")
    if tally.table_error:
        raise DataError(tally.faults())
    town = _town(table, tally)
    faults = tally.faults()
    if tally.table_error:
        raise DataError(faults)
    return town, hashlib.sha256(data).hexdigest(), faults


def _written_town(text: str, tally: Tally) -> str:
    """town.toml without what no file can hold, which TOML refuses as a whole."""
    for number, line in enumerate(text.split("\n"), 1):
        if told := unwritable(line):
            message = f"第 {number} 行{told}，已去掉；请在文件里删去"
            tally.note(UNWRITABLE, message, line.strip(WHITE))
    return writable(text)


def _town(table: dict, tally: Tally) -> Town:
    sections = {}
    for name in ("town", "dataset", "cadence", "share"):
        section = table.pop(name, {})
        if not isinstance(section, dict):
            tally.whole("格式", f"{name} 应是一节：请写成 [{name}]", column=name)
            section = {}
        sections[name] = section
    for name in table:
        tally.note(
            "未知项", "不认识的一节，未读取；可用：town、dataset、cadence、share", name, name
        )

    def text(section: str, key: str) -> str:
        written = str(sections[section].get(key, ""))
        if told := unwritable(written):
            tally.note(UNWRITABLE, f"{key} {told}，已去掉；请在文件里删去", written, key)
        return writable(written).strip(WHITE)

    name = text("town", "name")
    if isinstance(sections["town"].get("name"), list | dict):
        tally.whole("格式", 'name 应是一个名称：请写 name = "某某镇"', name, "name")
    if not name:
        tally.whole("必填", '缺少镇名：请在 [town] 下写 name = "某某镇"', column="name")
    nature = text("dataset", "nature") or "official"
    if nature not in ("official", "demo"):
        message = "数据性质只能是 official（正式）或 demo（演示）"
        tally.whole("枚举", message, nature, "nature")
    return Town(
        name=name,
        short_name=text("town", "short_name") or name,
        code=text("town", "code"),
        contact=text("town", "contact"),
        nature="demo" if nature == "demo" else "official",
        as_of=_as_of(sections["dataset"].get("as_of"), tally),
        cadence=_cadence(sections["cadence"], tally),
        public_url=text("share", "public_url"),
    )


def _as_of(value: object, tally: Tally) -> date | None:
    if value is None:
        return None
    cell = read_cell(Column("as_of", "as_of", "date"), str(value))
    if cell.severity == "error":
        tally.whole(cell.rule, cell.message, str(value), "as_of")
    elif cell.severity:
        tally.note(cell.rule, cell.message, str(value), "as_of")
    return cell.value if isinstance(cell.value, date) else None


def _cadence(section: dict, tally: Tally) -> dict[str, str]:
    out = {}
    for name, value in section.items():
        if name not in BY_NAME and name != "ledger":
            tally.note("未知项", f"没有表 {name}；可用：{'、'.join(BY_NAME)}", str(value), name)
        elif value not in CADENCES:
            tally.note("枚举", f"更新频次只能写：{'、'.join(CADENCES)}", str(value), name)
        else:
            out[name] = value
    return out


# ---------------------------------------------------------------- building a snapshot


def load(folder: Path, most: int = LISTED) -> Snapshot:
    """Read a data folder from nothing, listing `most` faults of a kind. Raises DataError where it
    cannot be shown at all."""
    return _load(Path(folder).resolve(), None, most=most)


def _load(
    root: Path, previous: Snapshot | None, gone: bool = False, most: int = LISTED
) -> Snapshot:
    """Build a snapshot; again, if a file changed meanwhile. `gone`: the folder or its town.toml
    was already missing, so there is no waiting for it. However often an import comes between, no
    half of it is kept."""
    settled = None
    while settled != (now := _settle(root)):
        settled = now
        for _ in range(ATTEMPTS):
            scan = _settled_scan(root, previous, gone)
            scan.faults = [*settled.faults, *scan.faults]
            previous = _Build(scan, root, previous, most).snapshot()
            if previous._signature == _scan(root).signature:
                break
    pa.default_memory_pool().release_unused()  # 100 MB of a CSV of a million rows
    return previous


class _Build:
    """The making of one snapshot, beside the previous one."""

    def __init__(self, scan: _Scan, root: Path, previous: Snapshot | None, most: int = LISTED):
        self.scan, self.root, self.previous, self.most = scan, root, previous, most
        self.database = _Database()
        self.cursor = self.database.connection
        self.allowed: list[str] = []

    def snapshot(self) -> Snapshot:
        town, town_hash, faults = _read_town(self.root)
        faults += self.scan.faults
        self.cursor.execute("CREATE SCHEMA checking")
        parts = {t.name: self._part(t) for t in TABLES if t.name in self.scan.sources}
        for table in TABLES:
            if table.name not in parts or parts[table.name].content is None:
                self._empty(table)
        self._workdays()
        files = {n: p.content.loaded.file for n, p in parts.items() if p.content}
        for part in parts.values():
            faults += part.faults
        faults += cross_check(self.cursor, town.clock(), files, self.most)
        self.database.lock(self.allowed)
        signature = dict(self.scan.signature)
        for part in parts.values():
            signature |= dict(part.stats)
        return Snapshot(
            self.root,
            self._version(town_hash, parts),
            town,
            tuple(faults),
            parts,
            self.database,
            signature,
            town_hash,
            history.stamp(self.root),
        )

    def _version(self, town_hash: str, parts: dict[str, _Part]) -> str:
        """A hash of what lies on disk, and of what is shown where that is something else."""
        names = [TOWN, town_hash]
        for name, part in sorted(parts.items()):
            names += [name, part.sha256]
            shown = part.content.loaded.sha256 if part.content else ""
            if shown != part.sha256:
                names.append(shown)
        return _digest(*names)

    def _empty(self, table: Table) -> None:
        columns = ", ".join(f'"{c.name}" {SQL_TYPES[c.type]}' for c in table.columns)
        self.cursor.execute(f'CREATE TABLE "{table.name}" ({columns}, _file VARCHAR, _row BIGINT)')

    def _workdays(self) -> None:
        self._store("workdays", workdays.calendar())

    def _store(self, name: str, rows: pa.Table) -> None:
        self.database.expect(rows.num_rows)
        self.cursor.register("incoming", rows)
        self.cursor.execute(f"CREATE TABLE {name} AS FROM incoming")
        self.cursor.unregister("incoming")

    # -- one table

    def _part(self, table: Table) -> _Part:
        """The table from its file; from the previous snapshot where nothing changed or the file
        cannot be read now."""
        sources = self.scan.sources[table.name]
        stats = tuple(s for source in sources for s in self.scan.stats(source.files))
        old = self.previous._parts.get(table.name) if self.previous else None
        if old and old.stats == stats and old.retry is None:
            carried = self._carry(table, old.content)
            if carried or old.content is None:
                return replace(old, content=carried)
        tally = Tally(sources[0].file, most=self.most)
        try:
            if len(sources) > 1:
                files = "、".join(s.file for s in sources)
                raise _Unusable("重复文件", f"同一张表有两份文件（{files}）：请只留一份")
            return self._fresh(sources[0], stats, old, tally)
        except _Unusable as e:
            tally.whole(e.rule, str(e), file=e.file)
            return self._last_good(table, stats, old, tally, getattr(e, "wait", None))

    def _fresh(
        self,
        source: _Source,
        stats: _Stats,
        old: _Part | None,
        tally: Tally,
    ) -> _Part:
        for file in source.files:
            _refuse_other(self.root / file)
        if any(f in self.scan.unsettled for f in source.files):
            raise _BeingWritten("文件还在写入，稍后自动再读")
        read = self._read_csv if source.kind == "csv" else self._read_parquet
        try:
            content = read(source, stats, old.content if old else None, tally)
        except duckdb.Error as e:
            raise _Unusable("数据库", _said(e, self._pinned.as_posix())) from e
        if content is None:
            return self._last_good(source.table, stats, old, tally)
        return _Part(stats, tuple(tally.faults()), content, content.loaded.sha256)

    def _last_good(
        self,
        table: Table,
        stats: _Stats,
        old: _Part | None,
        tally: Tally,
        retry: float | None = None,
    ) -> _Part:
        """The previous content, marked stale; or nothing, where there is none."""
        for helper in (f"odd_{table.name}", f"bad_{table.name}"):
            self.cursor.execute(f"DROP TABLE IF EXISTS checking.{helper}")
        content = self._carry(table, old.content) if old else None
        if content:
            content = _stale(content)
            tally.note("上一版", "新文件暂时不能用，这张表仍显示上一次的可用数据")
        return _Part(stats, tuple(tally.faults()), content, self._hash(stats), retry)

    def _hash(self, stats: _Stats, base: Path | None = None) -> str:
        """The SHA-256 of a table's file (as it lies under `base`, else in the data folder); of
        several, over their names and hashes; of one that cannot be read, over what is known of
        it."""
        hashes = {}
        for file, stat in stats:
            path = (base or self.root) / file
            try:
                with open(path, "rb", opener=regular.only) as stream:
                    hashes[file] = hashlib.file_digest(stream, "sha256").hexdigest()
            except OSError:
                hashes[file] = repr(stat)
        return joined(hashes)

    def _carry(self, table: Table, content: _Content | None) -> _Content | None:
        """Bring a table over from the previous snapshot; None where that is impossible."""
        if content is None or self.previous is None:
            return None
        old = self.previous.cursor()
        if not content.select:
            self._store(f'"{table.name}"', old.sql(f'FROM "{table.name}"').to_arrow_table())
            return content
        try:
            base, own = self._pin_again(content)
        except _Unusable:
            return None
        self.database.expect(content.loaded.rows)
        for helper in content.helpers:
            rows = old.sql(f"FROM checking.{helper}").to_arrow_table()
            self._store(f"checking.{helper}", rows)
        select = content.select.replace(_quoted(content.base), _quoted(base))
        self.cursor.execute(f'CREATE VIEW "{table.name}" AS {select}')
        return replace(content, select=select, base=base, own=own)

    # -- CSV

    def _read_csv(
        self, source: _Source, stats: _Stats, old: _Content | None, tally: Tally
    ) -> _Content | None:
        path, table = self.root / source.file, source.table
        data = _read_bytes(path)
        loaded = Loaded(table.name, source.file, hashlib.sha256(data).hexdigest(), 0, 0)
        text = decode(data)
        ends_newline = text.endswith((b"\n", b"\r"))
        wait = UNFINISHED - abs(stats[0][1].age)
        if old and old.ends_newline and not ends_newline and wait > 0:
            message = "文件末尾没有换行，可能正在写入，稍后自动再读"
            raise _BeingWritten(message, wait=wait)
        rows, ragged = parse(text, table, tally)
        del data, text
        if tally.table_error:
            return None
        content = _Content(loaded, ends_newline=ends_newline)
        if table.name == "reported":
            content = self._take_reported(source, rows, content, tally)
        else:
            content = self._take_rows(source, rows, content, tally)
        if tally.table_error:
            return None
        loaded = content.loaded
        return replace(content, loaded=replace(loaded, rejected=loaded.rejected + ragged))

    def _take_rows(
        self, source: _Source, rows: pa.Table, content: _Content, tally: Tally
    ) -> _Content:
        self.database.expect(rows.num_rows)
        self.cursor.register("raw_rows", rows)
        relation = f"(SELECT {literal(source.file)} AS _file, * FROM raw_rows)"
        types = {n: TRIMMED for n in rows.column_names if n != "_row"}
        found = examine(self.cursor, source.table, relation, types, tally)
        if not tally.table_error:
            self.cursor.execute(f'CREATE TABLE "{source.table.name}" AS {found.select}')
        self.cursor.unregister("raw_rows")
        for helper in found.helpers:
            self.cursor.execute(f"DROP TABLE checking.{helper}")
        loaded = replace(content.loaded, rows=found.rows, rejected=found.rejected)
        return replace(content, loaded=loaded)

    def _take_reported(
        self, source: _Source, rows: pa.Table, content: _Content, tally: Tally
    ) -> _Content:
        written = sorted(rows.to_pylist(), key=lambda cells: cells["_row"])
        cells = (
            (source.file, row.pop("_row"), {n: text or "" for n, text in row.items()})
            for row in written
        )
        figures, rejected = read_reported((c for c in cells if any(c[2].values())), tally)
        if not tally.table_error:
            self._empty(source.table)
            if figures:
                self._store_reported(figures)
        loaded = replace(content.loaded, rows=len(figures), rejected=rejected)
        return replace(content, loaded=loaded, reported=figures)

    def _store_reported(self, figures: tuple[ReportedRow, ...]) -> None:
        names = {"indicator": "code", "_file": "file", "_row": "row"}
        columns = [*(c.name for c in BY_NAME["reported"].columns), "_file", "_row"]
        rows = [[getattr(f, names.get(c, c)) for c in columns] for f in figures]
        marks = ", ".join("?" * len(columns))
        self.cursor.executemany(f"INSERT INTO reported VALUES ({marks})", rows)

    # -- Parquet

    def _read_parquet(
        self, source: _Source, stats: _Stats, old: _Content | None, tally: Tally
    ) -> _Content | None:
        table = source.table
        for file, stat in stats:
            if not stat.size:
                raise _Unusable("空文件", f"{file} 是 0 字节：请重新导出", file)
        if sum(stat.size for _, stat in stats) > LARGE:
            self.database.expect(ROW_GROUP + 1)
        base, own = self._pin(stats, old)
        sha256 = self._hash(stats, Path(base))
        loaded = Loaded(table.name, source.file, sha256, 0, 0, kind="parquet")
        try:
            self._compare_parts(source, base, tally)
            if tally.table_error:
                return None
            relation, types = self._parquet_relation(source, base, tally)
            if tally.table_error:
                return None
            found = examine(self.cursor, table, relation, types, tally)
            if tally.table_error:
                return None
            self.cursor.execute(f'CREATE VIEW "{table.name}" AS {found.select}')
        except duckdb.OutOfMemoryException:
            raise
        except duckdb.Error as e:
            raise self._broken(base, source, e) from e
        loaded = replace(loaded, rows=found.rows, rejected=found.rejected)
        return _Content(loaded, found.select, found.helpers, base, stats, own)

    def _pin(self, files: _Stats, old: _Content | None) -> tuple[str, bool]:
        """(where this version of the files of the data folder is read, whether that is our copy).
        Raises _BeingWritten where a file is no longer the one looked at."""
        former = dict(old.files) if old and old.own else {}
        known = {f for f, stat in files if former.get(f) == stat}
        try:
            self._refuse_too_large(sum(stat.size for f, stat in files if f not in known))
            for file, stat in files:
                if old and file in known:
                    _link_or_copy(Path(old.base) / file, self._place(file))
                else:
                    _copy(self.root / file, self._place(file), file, stat)
        except OSError:
            return self._pin_uncopied(self.root, files), False
        return self._allow(self._pinned, files), True

    def _pin_again(self, content: _Content) -> tuple[str, bool]:
        """As `_pin`, for what the previous snapshot shows: its files, or those of a version that
        was kept. Raises _Unusable."""
        if content.own:
            with suppress(OSError):
                for file, _ in content.files:
                    _link_or_copy(Path(content.base) / file, self._place(file))
                return self._allow(self._pinned, content.files), True
        else:
            with suppress(_Unusable):
                return self._pin_uncopied(Path(content.base), content.files), False
        return self._pin_kept(content)

    def _pin_kept(self, content: _Content) -> tuple[str, bool]:
        names = [file for file, _ in content.files]
        for find in FORMER:
            place = find(self.root, names, content.loaded.sha256)
            if place is None:
                continue
            with suppress(OSError):
                for file in names:
                    _link_or_copy(place / file, self._place(file))
                if self._hash(content.files, self._pinned) == content.loaded.sha256:
                    return self._allow(self._pinned, content.files), True
        raise _Unusable("读取", "上一版的文件已不能读取")

    @property
    def _pinned(self) -> Path:
        return self.database.folder / "files"

    def _place(self, file: str) -> Path:
        """Where a file is to lie in the private directory; nothing lies there."""
        target = self._pinned / file
        target.parent.mkdir(parents=True, exist_ok=True)
        target.unlink(missing_ok=True)
        return target

    def _refuse_too_large(self, size: int) -> None:
        """Copies may take half of what is free: DuckDB spills there too. Raises OSError."""
        if size > shutil.disk_usage(self.database.folder).free // 2:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def _pin_uncopied(self, base: Path, files: _Stats) -> str:
        """Hard links to the files, which outlive their names; where the system allows none, the
        files where they are. Raises _BeingWritten where one is no longer the one looked at."""
        pinned = self._pinned
        try:
            for file, _ in files:
                os.link(os.path.realpath(base / file), self._place(file))
        except OSError as e:
            if base != self.root:
                raise _Unusable("读取", "上一版的文件已不能读取") from e
            pinned = base
        for file, stat in files:
            try:
                now = _Stat.of(pinned / file)
            except OSError as e:
                raise _Unusable("读取", f"{file} 打不开（{why(e)}）", file) from e
            if now != stat:
                raise _changed_now(file)
        return self._allow(pinned, files)

    def _allow(self, pinned: Path, files: _Stats) -> str:
        """The database may read the files under `pinned`; its name."""
        self.allowed += [(pinned / file).as_posix() for file, _ in files]
        return pinned.as_posix()

    def _compare_parts(self, source: _Source, base: str, tally: Tally) -> None:
        """Each part is asked for its own columns (0.8 ms); of all together they would be one list."""
        if len(source.files) > 1:
            scans = {file: _scan_sql([f"{base}/{file}"], True) for file in source.files}
            parts = {f: self._columns(s) for f, s in scans.items()}
            compare_parts(source.table, parts, tally)

    def _parquet_relation(
        self, source: _Source, base: str, tally: Tally
    ) -> tuple[str, dict[str, str]]:
        """(SQL of the rows under English names with _file and _row, their DuckDB types)."""
        scan = _scan_sql([f"{base}/{f}" for f in source.files], source.file not in source.files)
        described = self._columns(scan)
        folders = {p for f in source.files for p in f"{base}/{f}".split("/")[:-1]}
        keys = {p.partition("=")[0] for p in folders if "=" in p}
        raw = [(n, t) for n, t in described if n not in ("_scanned", "file_row_number")]
        raw = [(n, t) for n, t in raw if n not in keys or n in source.table.by_name]
        names = match_headers(source.table, _as_named([n for n, _ in raw]), tally)
        known = [(r, t, n) for (r, t), n in zip(raw, names, strict=True) if n]
        columns = "".join(f', "{r.replace(chr(34), chr(34) * 2)}" AS "{n}"' for r, _, n in known)
        file = f"substr(replace(_scanned, '\\', '/'), length({literal(base)}) + 2)"
        sql = f"(SELECT {file} AS _file, file_row_number + 2 AS _row{columns} FROM {scan})"
        return sql, {n: t for _, t, n in known}

    def _columns(self, scan: str) -> list[tuple[str, str]]:
        """The columns of a scan with their DuckDB types."""
        return [(n, t) for n, t, *_ in self.cursor.execute(f"DESCRIBE FROM {scan}").fetchall()]

    def _broken(self, base: str, source: _Source, error: duckdb.Error) -> _Unusable:
        """Which of the files cannot be read. Raises OutOfMemoryException."""
        for file in source.files:
            scan = _scan_sql([f"{base}/{file}"], False)
            try:
                self.cursor.execute(f"SELECT count_if(hash(r) = 0) FROM {scan} r").fetchall()
            except duckdb.OutOfMemoryException:
                raise
            except duckdb.Error:
                return _Unusable("文件损坏", f"{file} 不是完好的 Parquet：请重新导出这个文件", file)
        mend = "请用同一个程序重新导出全部文件；还不行，请把这一条发给技术人员"
        return _Unusable("格式", f"读不成一张表：{mend}（{_reason(error, base)}）")


def _said(error: duckdb.Error, base: str) -> str:
    """What to do where DuckDB gives up on a table."""
    if isinstance(error, duckdb.OutOfMemoryException):
        return "内存不够，读不进这张表：请技术人员把环境变量 QMG_DB_MEMORY 调大"
    return (
        f"读入时出错：请重新导出这个文件；还不行，请把这一条发给技术人员（{_reason(error, base)}）"
    )


def _reason(error: duckdb.Error, base: str) -> str:
    """DuckDB's own words, for a technician; files are named as they lie in the data folder."""
    return str(error).splitlines()[0].replace(f"{base}/", "")


def _quoted(path: str) -> str:
    """A path as it stands within an SQL literal."""
    return literal(path)[1:-1]


def _changed_now(file: str) -> _BeingWritten:
    return _BeingWritten(f"{file} 刚刚变了，稍后自动再读", file)


def _copy(source: Path, target: Path, file: str, stat: _Stat) -> None:
    """Copy a file that is still the one looked at when it has been read to its end: one that is
    written over meanwhile would give half of each. Raises _Unusable, and OSError where the copy
    cannot be written."""
    try:
        stream = open(source, "rb", opener=regular.only)  # noqa: SIM115 - an error here is the clerk's file's
    except OSError as e:
        raise _Unusable("读取", f"{file} 打不开（{why(e)}）", file) from e
    with stream, open(target, "wb") as out:
        shutil.copyfileobj(stream, out, _BLOCK)
        if _Stat.of(stream.fileno()) != stat:
            raise _changed_now(file)


def _link_or_copy(source: Path, target: Path) -> None:
    """One more name for a file that nobody writes; a copy where the system has no links. Raises
    OSError."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def _as_named(columns: list[str]) -> list[str]:
    """The names as their file has them: DuckDB tells columns that differ in case alone apart by
    a number (Type, TYPE_1)."""
    known = {c.casefold() for c in columns}
    plain = [re.sub(r"_[0-9]+$", "", c) for c in columns]
    return [
        p if p != c and p.casefold() in known else c for c, p in zip(columns, plain, strict=True)
    ]


def _scan_sql(paths: list[str], partitioned: bool) -> str:
    files = ", ".join(literal(p) for p in paths)
    return (
        f"read_parquet([{files}], union_by_name = true, hive_partitioning = {partitioned},"
        " hive_types_autocast = false, filename = '_scanned', file_row_number = true)"
    )


def _settled_scan(root: Path, previous: Snapshot | None, gone: bool) -> _Scan:
    """Look at the folder once no changed file is younger than QUIET and none has just vanished
    (an editor may delete before it renames); after PATIENCE, `unsettled` names those that still
    change."""
    known = previous._signature if previous else {}
    start = time.monotonic()
    while True:
        waited = time.monotonic() - start
        try:
            scan = _scan(root)
        except DataError:
            if not known or gone or waited > QUIET:
                raise
            time.sleep(QUIET / 6)
            continue
        changed = {f: s for f, s in scan.signature.items() if known.get(f) != s}
        young = {f for f, s in changed.items() if abs(s.age) < QUIET}
        vanished = known.keys() - scan.signature.keys()
        if not young and (not vanished or waited > QUIET):
            return scan
        if waited > PATIENCE:
            scan.unsettled = frozenset(young)
            return scan
        time.sleep(QUIET / 6)


# ---------------------------------------------------------------- following a folder


PREPARE: list[Callable[[Snapshot, Snapshot | None], None]] = []
"""What the layers above do with (a new snapshot, the one shown until now) before it is shown."""

FORMER: list[Callable[[Path, Collection[str], str], Path | None]] = []
"""Where the layers above may have kept (of a data folder, these files, of this hash): the directory
that has them, or None."""


@dataclass(frozen=True)
class _Glance:
    """What a look at the folder found, by path: the files, and the folders they are in. While
    each is as it was, a look would find the same; asking costs a tenth of a look."""

    of: Snapshot | None = None
    root: Path = Path()
    seen: tuple[tuple[str, _Stat], ...] = ()

    @classmethod
    def at(cls, root: Path, shown: Snapshot) -> _Glance:
        """A glance at what is shown; an empty one while a folder has changed within RACY."""
        ledgers = root / LEDGERS
        folders = [root, *(p for p in (ledgers, *ledgers.rglob("*")) if p.is_dir())]
        seen = [(str(p), _Stat.of(p)) for p in folders]
        if any(abs(s.age) < RACY for _, s in seen):
            return cls()
        return cls(shown, root, (*seen, *((str(root / f), s) for f, s in shown._signature.items())))

    def holds(self) -> bool:
        """Whether all of it is as it was."""
        try:
            same = all(_Stat.of(path) == stat for path, stat in self.seen)
            return same and history.stamp(self.root) == self.of._history_stamp
        except OSError:
            return False


class Store:
    """Follows one folder for the whole process; `current` may be called from any thread."""

    def __init__(self, folder: Path):
        self.folder = Path(folder).resolve()
        self._lock = threading.Lock()
        self._good: Snapshot | None = None
        self._shown: Snapshot | None = None
        self._glance = _Glance()

    @property
    def loaded(self) -> bool:
        """Whether there is something to show at once."""
        return self._shown is not None

    def current(self) -> Snapshot:
        """The folder as it is now. While one thread builds the next snapshot, the others keep
        getting the present one. Raises DataError where nothing could be shown yet."""
        shown = self._shown
        if shown and not self._changed(shown):
            return shown
        if not self._lock.acquire(blocking=shown is None):
            assert shown is not None
            return shown
        try:
            if self._shown is None or self._changed(self._shown):
                before = (self._shown, self._good)
                self._shown = self._next()
                self._part_with(before)
            return self._shown
        finally:
            self._lock.release()

    def _part_with(self, before: Iterable[Snapshot | None]) -> None:
        """Hold nothing any more of what is not shown: memory has room for one or two states."""
        kept = (self._shown, self._good)
        for snapshot in before:
            if snapshot and not any(snapshot is k for k in kept):
                snapshot.let_go()
        if self._glance.of is not self._shown:
            self._glance = _Glance()

    def _changed(self, shown: Snapshot) -> bool:
        if shown._retry_at and time.monotonic() > shown._retry_at:
            return True
        glance = self._glance
        if glance.of is shown and glance.holds():
            return False
        try:
            if history.stamp(self.folder) != shown._history_stamp:
                return True
            if _scan(self.folder).signature != shown._signature:
                return True
            self._glance = _Glance.at(self.folder, shown)
        except (DataError, OSError):
            return True
        return False

    def _next(self) -> Snapshot:
        snapshot = self._loaded()
        for prepare in PREPARE if snapshot is not self._shown else ():
            prepare(snapshot, self._shown)
        return snapshot

    def _loaded(self) -> Snapshot:
        try:
            self._good = _load(self.folder, self._good, self._shown is not self._good)
        except (DataError, OSError) as error:
            # No name for what is raised: its frames hold the state before, and would hold it in a
            # circle until the garbage collector comes by.
            faults = (error if isinstance(error, DataError) else _no_room(error)).faults
            if self._good is None:
                raise DataError(faults) from error
            if self._shown and self._shown.faults[: len(faults)] == faults:
                return self._shown
            return self._good._failed(faults)
        return self._good


def _no_room(error: OSError) -> DataError:
    """A version cannot be built where the system's folder for temporary files is full."""
    said = f"看板写不下临时文件（{why(error)}），数据有更新也不会显示：请清理磁盘"
    return DataError([Fault("error", "临时文件夹", None, "", "", "磁盘", said)])


_STORES: dict[Path, Store] = {}
_STORES_LOCK = threading.Lock()


def store(folder: Path | str) -> Store:
    """The process's one store of a folder."""
    path = Path(folder).resolve()
    with _STORES_LOCK:
        if path not in _STORES:
            _STORES[path] = Store(path)
        return _STORES[path]
