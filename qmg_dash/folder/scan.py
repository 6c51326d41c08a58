"""A look at a folder: which files there are, and what they give."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from qmg_dash.folder.stat import Stat, Stats
from qmg_dash.model import DataError, Fault, why
from qmg_dash.tables import BY_NAME, TABLES, Table

ROOT = Path(__file__).resolve().parents[2]
OWN = ROOT / "data"
SHIPPED_DEMO = OWN / "demo"
"""The demo that comes with the program."""
TOWN, LEDGERS = "town.toml", "ledgers"
LAYOUTS, ANSWERS = "profiles", "profiles/answers.json"
"""The layouts of a town's own (intake/profile.py), and what was answered in its imports."""
TOWN_MOST = 1 << 16
"""Bytes that town.toml may have: a hundred times those of one with everything in it."""

QUIET = 0.3
"""Seconds without a change after which a young file counts as written."""
PATIENCE = 3.0
"""Seconds to wait for that at most."""
ATTEMPTS = 3


# ---------------------------------------------------------------- the folder


def resolve(data: str | None) -> Path:
    """The data folder: what --data names, else QMG_DATA_DIR, else data/ beside the app."""
    named = data or os.environ.get("QMG_DATA_DIR")
    return Path(named).expanduser() if named else OWN


@dataclass(frozen=True)
class TableSource:
    """What gives a table: one CSV, one Parquet file, or a folder of Parquet parts."""

    table: Table
    kind: Literal["csv", "parquet"]
    file: str
    files: tuple[str, ...]


@dataclass
class Scan:
    """A look at the folder: which files there are, what they give, what is odd about them."""

    signature: dict[str, Stat] = field(default_factory=dict)
    sources: dict[str, list[TableSource]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    unsettled: frozenset[str] = frozenset()

    def stats(self, files: tuple[str, ...]) -> Stats:
        return tuple((f, self.signature[f]) for f in files)


_TABULAR = {".csv", ".parquet"}
_SPREADSHEETS = {".xlsx", ".xls", ".xlsm", ".et", ".ods"}


def look_at(root: Path) -> Scan:
    """List the folder. Raises DataError where it or its town.toml is missing."""
    if not root.is_dir():
        message = f"没有这个数据文件夹：{root}；请检查 --data 或 QMG_DATA_DIR"
        raise DataError([Fault("error", str(root), None, "", "", "文件夹", message)])
    try:
        scan = _list(root)
    except OSError as e:
        raise no_folder(root, e) from e
    if TOWN not in scan.signature:
        message = '缺少 town.toml：请新建，至少写 [town] 和 name = "某某镇"'
        raise DataError([Fault("error", TOWN, None, "", "", "缺少文件", message)])
    return scan


def no_folder(root: Path, e: OSError) -> DataError:
    message = f"读不了数据文件夹（{why(e)}）：请检查权限"
    return DataError([Fault("error", str(root), None, "", "", "文件夹", message)])


def _list(root: Path) -> Scan:
    """Look at every file; at all of them again where one goes while they are looked at."""
    for attempt in range(ATTEMPTS):
        scan = Scan()
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


def _sort_in(scan: Scan, root: Path, path: Path, ledger: bool) -> None:
    """A file at the top or under ledgers/: what it gives, or what is odd about it."""
    relative, suffix = path.relative_to(root).as_posix(), path.suffix.lower()
    table = BY_NAME.get(path.stem.lower())
    if relative == TOWN:
        scan.signature[TOWN] = Stat.of(path, follow=path.exists())
    if suffix not in {*_TABULAR, *_SPREADSHEETS}:
        return
    if path.is_file():
        scan.signature[relative] = Stat.of(path)
    elif table and suffix in _TABULAR:
        scan.signature[relative] = Stat.of(path, follow=False)  # said when it is to be read
    else:
        return
    if suffix in _SPREADSHEETS:
        message = "不直接读取表格文件：请用 python -m qmg_dash import 导入，或另存为 CSV（UTF-8）"
        scan.faults.append(Fault("warning", relative, None, "", "", "文件", message))
    elif table and table.inside == ledger and (ledger or suffix == ".csv"):
        kind = "csv" if suffix == ".csv" else "parquet"
        scan.sources.setdefault(table.name, []).append(
            TableSource(table, kind, relative, (relative,))
        )
    else:
        message = _why_unknown(path, ledger)
        scan.faults.append(Fault("warning", relative, None, "", "", "未知文件", message))


def _why_unknown(path: Path, ledger: bool) -> str:
    table = BY_NAME.get(path.stem.lower())
    if table is None:
        table = next((t for t in TABLES if t.label == path.stem), None)
    if table is None:
        names = "、".join(f"{t.name}（{t.label}）" for t in TABLES if t.inside == ledger)
        return f"不认识的文件，未读取；可用的名字：{names}"
    return f"未读取：表“{table.label}”应放在 {table.path}"


def _sort_in_folder(scan: Scan, root: Path, path: Path) -> None:
    """A folder under ledgers/: the Parquet parts of one table."""
    relative, table = path.relative_to(root).as_posix(), BY_NAME.get(path.name.lower())
    shown = [
        p
        for p in sorted(path.rglob("*"))
        if not p.is_dir() and not any(n.startswith((".", "~")) for n in p.relative_to(path).parts)
    ]
    parts = [p for p in shown if p.suffix.lower() == ".parquet"]
    if any(p.suffix.lower() in {".csv", *_SPREADSHEETS} for p in shown):
        message = f"这个文件夹里只读 Parquet；CSV 请放成 ledgers/{path.name}.csv"
        scan.faults.append(Fault("warning", relative, None, "", "", "未知文件", message))
    if table is None or not table.inside:
        if parts:
            message = f"不认识的文件夹，未读取；{_why_unknown(path, ledger=True)}"
            scan.faults.append(Fault("warning", relative, None, "", "", "未知文件", message))
        return
    if parts:
        files = tuple(p.relative_to(root).as_posix() for p in parts)
        for f, p in zip(files, parts, strict=True):  # what is no file is said when it is to be read
            scan.signature[f] = Stat.of(p, follow=p.is_file())
        scan.sources.setdefault(table.name, []).append(
            TableSource(table, "parquet", relative, files)
        )
