"""The making of a snapshot, beside the one shown until now."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow as pa

from qmg_dash.folder import history, publishing, regular, workdays
from qmg_dash.folder.across import cross_check
from qmg_dash.folder.csvfile import BLOCK, BeingWritten, file_bytes, parse, refuse_other
from qmg_dash.folder.decoding import Unusable as _Unusable
from qmg_dash.folder.decoding import decode
from qmg_dash.folder.headers import compare_parts, match_headers
from qmg_dash.folder.published import ReportedRow, read_reported
from qmg_dash.folder.rows import SQL_TYPES, TRIMMED, examine, literal
from qmg_dash.folder.scan import TOWN, Scan, TableSource
from qmg_dash.folder.snapshot import (
    ROW_GROUP,
    Content,
    Database,
    Loaded,
    Snapshot,
    TableState,
    as_stale,
    joined,
    short_hash,
)
from qmg_dash.folder.stat import Stat, Stats
from qmg_dash.folder.tally import LISTED, Tally
from qmg_dash.folder.town import read_town
from qmg_dash.model import why
from qmg_dash.tables import BY_NAME, TABLES, Table

UNFINISHED = 10.0
"""Seconds for which a file that lost its last newline may still be in the making."""
"""Seconds after which a file that was being written is looked at again."""
LARGE = 4 << 20
"""Bytes of Parquet that hold more rows than that."""


class Build:
    """The making of one snapshot, beside the previous one."""

    def __init__(self, scan: Scan, root: Path, previous: Snapshot | None, most: int = LISTED):
        self.scan, self.root, self.previous, self.most = scan, root, previous, most
        self.database = Database()
        self.cursor = self.database.connection
        self.allowed: list[str] = []

    def snapshot(self) -> Snapshot:
        town, town_hash, faults = read_town(self.root)
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
            publishing.stamp(self.root),
        )

    def _version(self, town_hash: str, parts: dict[str, TableState]) -> str:
        """A hash of what lies on disk, and of what is shown where that is something else."""
        names = [TOWN, town_hash]
        for name, part in sorted(parts.items()):
            names += [name, part.sha256]
            shown = part.content.loaded.sha256 if part.content else ""
            if shown != part.sha256:
                names.append(shown)
        return short_hash(*names)

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

    def _part(self, table: Table) -> TableState:
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
        source: TableSource,
        stats: Stats,
        old: TableState | None,
        tally: Tally,
    ) -> TableState:
        for file in source.files:
            refuse_other(self.root / file)
        if any(f in self.scan.unsettled for f in source.files):
            raise BeingWritten("文件还在写入，稍后自动再读")
        read = self._read_csv if source.kind == "csv" else self._read_parquet
        try:
            content = read(source, stats, old.content if old else None, tally)
        except duckdb.Error as e:
            raise _Unusable("数据库", _said(e, self._pinned.as_posix())) from e
        if content is None:
            return self._last_good(source.table, stats, old, tally)
        return TableState(stats, tuple(tally.faults()), content, content.loaded.sha256)

    def _last_good(
        self,
        table: Table,
        stats: Stats,
        old: TableState | None,
        tally: Tally,
        retry: float | None = None,
    ) -> TableState:
        """The previous content, marked stale; or nothing, where there is none."""
        for helper in (f"odd_{table.name}", f"bad_{table.name}"):
            self.cursor.execute(f"DROP TABLE IF EXISTS checking.{helper}")
        content = self._carry(table, old.content) if old else None
        if content:
            content = as_stale(content)
            tally.note("上一版", "新文件暂时不能用，这张表仍显示上一次的可用数据")
        return TableState(stats, tuple(tally.faults()), content, self._hash(stats), retry)

    def _hash(self, stats: Stats, base: Path | None = None) -> str:
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

    def _carry(self, table: Table, content: Content | None) -> Content | None:
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
        self, source: TableSource, stats: Stats, old: Content | None, tally: Tally
    ) -> Content | None:
        path, table = self.root / source.file, source.table
        data = file_bytes(path)
        loaded = Loaded(table.name, source.file, hashlib.sha256(data).hexdigest(), 0, 0)
        text = decode(data)
        ends_newline = text.endswith((b"\n", b"\r"))
        wait = UNFINISHED - abs(stats[0][1].age)
        if old and old.ends_newline and not ends_newline and wait > 0:
            message = "文件末尾没有换行，可能正在写入，稍后自动再读"
            raise BeingWritten(message, wait=wait)
        rows, ragged = parse(text, table, tally)
        del data, text
        if tally.table_error:
            return None
        content = Content(loaded, ends_newline=ends_newline)
        if table.name == "reported":
            content = self._take_reported(source, rows, content, tally)
        else:
            content = self._take_rows(source, rows, content, tally)
        if tally.table_error:
            return None
        loaded = content.loaded
        return replace(content, loaded=replace(loaded, rejected=loaded.rejected + ragged))

    def _take_rows(
        self, source: TableSource, rows: pa.Table, content: Content, tally: Tally
    ) -> Content:
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
        self, source: TableSource, rows: pa.Table, content: Content, tally: Tally
    ) -> Content:
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
        cells = {c: [getattr(f, names.get(c, c)) for f in figures] for c in columns}
        self.cursor.register("figures", pa.table(cells))  # a row at a time takes 0.3 ms
        self.cursor.execute("INSERT INTO reported SELECT * FROM figures")
        self.cursor.unregister("figures")

    # -- Parquet

    def _read_parquet(
        self, source: TableSource, stats: Stats, old: Content | None, tally: Tally
    ) -> Content | None:
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
        return Content(loaded, found.select, found.helpers, base, stats, own)

    def _pin(self, files: Stats, old: Content | None) -> tuple[str, bool]:
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
                    copy_unchanged(self.root / file, self._place(file), file, stat)
        except OSError:
            return self._pin_uncopied(self.root, files), False
        return self._allow(self._pinned, files), True

    def _pin_again(self, content: Content) -> tuple[str, bool]:
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

    def _pin_kept(self, content: Content) -> tuple[str, bool]:
        names = [file for file, _ in content.files]
        if kept := history.having(self.root, names, content.loaded.sha256):
            with suppress(OSError):
                for file in names:
                    _link_or_copy(kept.content / file, self._place(file))
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

    def _pin_uncopied(self, base: Path, files: Stats) -> str:
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
                now = Stat.of(pinned / file)
            except OSError as e:
                raise _Unusable("读取", f"{file} 打不开（{why(e)}）", file) from e
            if now != stat:
                raise _changed_now(file)
        return self._allow(pinned, files)

    def _allow(self, pinned: Path, files: Stats) -> str:
        """The database may read the files under `pinned`; its name."""
        self.allowed += [(pinned / file).as_posix() for file, _ in files]
        return pinned.as_posix()

    def _compare_parts(self, source: TableSource, base: str, tally: Tally) -> None:
        """Each part is asked for its own columns (0.8 ms); of all together they would be one list."""
        if len(source.files) > 1:
            scans = {file: _scan_sql([f"{base}/{file}"], True) for file in source.files}
            parts = {f: self._columns(s) for f, s in scans.items()}
            compare_parts(source.table, parts, tally)

    def _parquet_relation(
        self, source: TableSource, base: str, tally: Tally
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

    def _broken(self, base: str, source: TableSource, error: duckdb.Error) -> _Unusable:
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


def _changed_now(file: str) -> BeingWritten:
    return BeingWritten(f"{file} 刚刚变了，稍后自动再读", file)


def copy_unchanged(source: Path, target: Path, file: str, stat: Stat) -> None:
    """Copy a file that is still the one looked at when it has been read to its end: one that is
    written over meanwhile would give half of each. Raises _Unusable, and OSError where the copy
    cannot be written."""
    try:
        stream = open(source, "rb", opener=regular.only)  # noqa: SIM115 - an error here is the clerk's file's
    except OSError as e:
        raise _Unusable("读取", f"{file} 打不开（{why(e)}）", file) from e
    with stream, open(target, "wb") as out:
        shutil.copyfileobj(stream, out, BLOCK)
        if Stat.of(stream.fileno()) != stat:
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
