"""Publishing into a data folder: several files change as one, and the former ones are kept.

In `.history/` of the folder:

    new        being prepared; whoever comes next throws it away
    pending    decided: whoever comes next finishes it
    reverting  given up, since a file was held open; whoever comes next finishes that
    000012     a version: manifest.json, old/ (the files as they were before it)
    lock       held by the one that publishes; the system gives it back when a process dies

A directory is renamed from one state to the next, which the system does at once or not at all: so
a crash at any moment leaves the whole old or the whole new. `settle` is what every reader calls
first; it never lets half be seen.

A folder may come from elsewhere, so nothing in `.history/` is believed: it is a folder itself and no
link, a manifest names files that a data folder may have and no other, and what is moved has the hash
that the manifest says. What is damaged is a fault; the data are shown all the same.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from qmg_dash import beijing
from qmg_dash.folder import locks, owners, regular
from qmg_dash.model import DataError, Fault, why
from qmg_dash.tables import TABLES

FOLDER = ".history"
KEPT = 20
"""Versions kept; older ones go."""
PATIENCE = 10.0
"""Seconds that a reader waits for one that is publishing."""
LEAST = 4 << 20
"""Free bytes of a disk below which it is called full."""
TRIES = 10
"""How often a file that is held open is tried again, 0.1 s apart."""

NEW, PENDING, REVERTING, LOCK, MANIFEST = "new", "pending", "reverting", "lock", "manifest.json"
IMPORT, UNDO = "import", "undo"


class Refused(Exception):
    """Why nothing was published, and what to do; nothing has changed."""


class Damaged(Refused):
    """What broke off cannot be brought to its end: what is wrong with it."""


@dataclass(frozen=True)
class Version:
    """One publishing. `files`: path → (hash before, hash after), None where there was no file."""

    number: int
    kind: str
    when: str
    by: str = ""
    reason: str = ""
    undoes: int | None = None
    files: dict[str, tuple[str | None, str | None]] = field(default_factory=dict)
    about: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.number:06d}"


# ---------------------------------------------------------------- the lock


def real(folder: Path) -> Path:
    """`.history` of a folder. Raises Odd where it is a link: what is written and cleared away there
    would be written and cleared away elsewhere."""
    at = folder / FOLDER
    if os.path.lexists(at) and not regular.is_folder(at):
        raise regular.Odd(f"{FOLDER} 不是真正的文件夹")
    return at


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the folder's lock. Raises Refused where another process or thread holds it."""
    with _lock_file(folder) as stream:
        try:
            locks.take(stream.fileno())
        except OSError as e:
            raise Refused("另一次导入正在进行，这一次没有做任何改动：请等它完成后再试") from e
        yield


def _lock_file(folder: Path) -> BinaryIO:
    try:
        like = os.stat(folder)
        owners.make(real(folder), like)
        owners.give_back(folder / FOLDER, like)
        path = folder / FOLDER / LOCK
        if os.path.lexists(path):
            regular.opened(path, follow=False).close()
            return open(path, "a+b")
        stream = open(path, "a+b")  # noqa: SIM115 - it is held as long as the lock
        try:
            owners.give(path, like)
        except OSError:
            stream.close()
            path.unlink()
            raise
        return stream
    except OSError as e:
        raise Refused(_cannot_write(e)) from e


def _cannot_write(e: OSError) -> str:
    if isinstance(e, owners.Foreign):
        return f"没有做任何改动：{e.strerror}"
    return f"写不进数据文件夹（{_reason(e)}），没有做任何改动：请检查磁盘空间和权限"


# ---------------------------------------------------------------- the disk


def read_only(folder: Path) -> str:
    """Why nothing can be published just now: the disk is full, or not to be written; empty where it
    can."""
    if shutil.disk_usage(folder).free < LEAST:
        return "磁盘已满"
    return "" if os.access(folder, os.W_OK) else "没有权限"


def put(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, in place of what has its name. Raises OSError."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_bytes(content)
        os.replace(beside, path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise


# ---------------------------------------------------------------- readers


@dataclass(frozen=True)
class Settled:
    """How a folder stands: the number of its newest version, and what is wrong with its history,
    which keeps nobody from reading the data."""

    newest: int = 0
    faults: tuple[Fault, ...] = ()


def unfinished(folder: Path) -> bool:
    """Whether a publishing is under way, or broke off."""
    return any(regular.is_folder(folder / FOLDER / name) for name in (PENDING, REVERTING))


def stamp(folder: Path) -> tuple[object, ...]:
    """What tells cheaply whether a folder's history may be used otherwise than before."""
    at = folder / FOLDER
    found: list[object] = [unfinished(folder)]
    for path in (at, *(at / n / m for n in (PENDING, REVERTING) for m in ("", MANIFEST))):
        try:
            s = os.lstat(path)
        except OSError as e:
            found.append(e.errno)
        else:
            found.append((s.st_ino, s.st_mode, s.st_uid, *([] if path == at else [s.st_mtime_ns])))
    return tuple(found)


def settle(folder: Path) -> Settled:
    """Finish what broke off, wait for what is under way. Raises DataError where neither comes to
    an end."""
    if (told := _unusable(folder)) is not None:
        return Settled(faults=(told,))
    end = time.monotonic() + PATIENCE
    while unfinished(folder):
        try:
            with _locked(folder):
                _finish(folder)
        except Damaged as e:
            return Settled(newest(folder), (_broken_off(folder, e), *_damaged(folder)))
        except (Refused, OSError) as e:
            if time.monotonic() > end:
                said = f"上一次导入没有完成（{_reason(e)}）：请关闭占用数据文件的程序，再导入一次"
                fault = Fault("error", FOLDER, None, "", "", "正在导入", said)
                raise DataError([fault]) from e
            time.sleep(0.02)
    return Settled(newest(folder), tuple(_damaged(folder)))


HISTORY = "历史版本"
"""The rule of what is wrong with `.history`."""


def _unusable(folder: Path) -> Fault | None:
    """Why the history cannot be used at all."""
    try:
        at = real(folder)
        if os.path.lexists(at):
            os.listdir(at)
            os.lstat(at / LOCK)
    except FileNotFoundError:
        return None
    except OSError as e:
        said = (
            f"用不了历史版本（{_reason(e)}）：数据照常显示，但不能导入、撤销，也不能按旧版本查看。"
            f"请把 {FOLDER} 改成普通的文件夹，属主和权限与数据文件夹一样"
        )
        return Fault("warning", FOLDER, None, "", "", HISTORY, said)
    return None


def _broken_off(folder: Path, e: Damaged) -> Fault:
    name = next(n for n in (PENDING, REVERTING) if regular.is_folder(folder / FOLDER / n))
    said = (
        f"上一次导入中断，而它的记录不能用（{e}）：数据文件可能只换了一部分。请核对各张表，"
        f"再把 {FOLDER}/{name} 移到别处，需要时重新导入"
    )
    return Fault("error", f"{FOLDER}/{name}/{MANIFEST}", None, "", "", HISTORY, said)


def _damaged(folder: Path) -> Iterator[Fault]:
    """The versions whose manifest cannot be used."""
    for path in _numbered(folder)[-KEPT:]:
        try:
            _read(path)
        except Damaged as e:
            said = f"这一次导入的记录不能用（{e}），不能撤销它：请恢复这个文件，或把 {FOLDER}/{path.name} 移到别处"
            where = f"{FOLDER}/{path.name}/{MANIFEST}"
            yield Fault("warning", where, None, "", "", HISTORY, said)


def _reason(e: Exception) -> str:
    return why(e) if isinstance(e, OSError) else str(e)


def newest(folder: Path) -> int:
    """The number of the newest version, 0 where there is none."""
    return max((int(p.name) for p in _numbered(folder)), default=0)


def versions(folder: Path) -> list[Version]:
    """The kept versions, oldest first; one that is going, or was tampered with, is none."""
    found = []
    for path in _numbered(folder):
        with suppress(Damaged):
            found.append(_read(path))
    return found


_NUMBER = re.compile(r"[0-9]{6}")


def _numbered(folder: Path) -> list[Path]:
    """The directories of versions, oldest first; none where they cannot be listed."""
    try:
        at = real(folder)
        found = [p for p in at.iterdir() if _NUMBER.fullmatch(p.name) and regular.is_folder(p)]
    except OSError:
        return []
    return sorted(found)


# ---------------------------------------------------------------- manifests


def told(path: Path) -> dict[str, Any]:
    """What a manifest says, unchecked. Raises Damaged."""
    try:
        read = json.loads(regular.read(path, regular.SMALL, follow=False))
    except OSError as e:
        raise Damaged("没有这个文件" if isinstance(e, FileNotFoundError) else why(e)) from e
    except (ValueError, RecursionError) as e:
        raise Damaged("不是完整的 JSON") from e
    if not isinstance(read, dict):
        raise Damaged(STRANGE)
    return read


STRANGE = "缺少内容，或内容的类型不对"
_HASH = re.compile(r"[0-9a-f]{64}")


def is_hash(value: object) -> bool:
    """Whether this is a SHA-256 as it is written here."""
    return isinstance(value, str) and bool(_HASH.fullmatch(value))


def declared(path: object) -> bool:
    """Whether a data folder may have a file of this path: town.toml, a table's CSV or Parquet, a
    part below a ledger's folder. Nothing else is ever written or read by a manifest's word."""
    if not isinstance(path, str) or not path.isprintable() or re.search(r"[\\:]", path):
        return False
    if path == "town.toml" or any(path == t.path for t in TABLES):
        return True
    first, *inside = path.split("/")
    if first != "ledgers" or not inside or any(p.startswith((".", "~")) or not p for p in inside):
        return False
    name, _, ending = inside[-1].rpartition(".")
    table = inside[0] if len(inside) > 1 else name
    return ending == "parquet" and any(t.ledger and t.name == table for t in TABLES)


def _read(path: Path) -> Version:
    """The manifest of a version's directory. Raises Damaged."""
    found = told(path / MANIFEST)
    try:
        version = Version(**found)
        files = {name: (before, after) for name, (before, after) in version.files.items()}
        version = replace(version, files=files)
        _check(version, path.name)
    except (ValueError, TypeError, AttributeError) as e:
        raise Damaged(STRANGE) from e
    return version


def _check(version: Version, name: str) -> None:
    """Raises Damaged, ValueError, TypeError, AttributeError."""
    texts = (version.kind, version.when, version.by, version.reason)
    numbers = [version.number, *([] if version.undoes is None else [version.undoes])]
    if not all(isinstance(t, str) for t in texts) or version.kind not in (IMPORT, UNDO):
        raise TypeError
    if not all(type(n) is int and 0 < n < 1_000_000 for n in numbers):
        raise TypeError
    datetime.fromisoformat(version.when)
    if _NUMBER.fullmatch(name) and version.name != name:
        raise Damaged(f"写的是第 {version.number} 次")
    for path, hashes in version.files.items():
        if not declared(path):
            raise Damaged(f"写有数据文件夹里不该有的文件 {path[:40]}")
        if hashes == (None, None) or not all(h is None or is_hash(h) for h in hashes):
            raise Damaged(f"{path} 没有校验码")
    for counts in version.about.get("tables", {}).values():
        if not isinstance(counts, list) or not all(type(n) is int for n in counts):
            raise TypeError
    if not all(isinstance(sent, str) for sent in version.about.get("sent", [])):
        raise TypeError


def digest(path: Path, follow: bool = True) -> str | None:
    """The SHA-256 of a file, None where there is none. Raises OSError, Odd where it is no file."""
    try:
        with regular.opened(path, follow) as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except FileNotFoundError:
        return None


def _elsewhere(folder: Path, path: str) -> bool:
    """Whether a file of the folder would lie elsewhere, beyond a link."""
    inside = os.path.dirname(path)
    here = os.path.realpath(folder)
    return os.path.realpath(folder / inside) != os.path.normpath(os.path.join(here, inside))


# ---------------------------------------------------------------- publishing


def publish(
    folder: Path,
    changes: Mapping[str, bytes | None],
    base: Mapping[str, str | None],
    by: str = "",
    reason: str = "",
    about: Mapping[str, Any] | None = None,
) -> Version:
    """Put new contents in the place of files (path in the folder → bytes, None to remove it), all
    or none. `base`: the hashes that the contents were made from; another one on disk is refused,
    since a change of someone else would be lost. Raises Refused."""
    with _locked(folder):
        return _publish(folder, changes, base, Draft(IMPORT, by, reason, about=dict(about or {})))


def undo(folder: Path, by: str = "", number: int | None = None) -> Version:
    """Bring back the files as they were before the newest import that is not undone; the files
    that go are kept as a version too. `number`: the import that is meant. Raises Refused, also
    where it is not the newest any more."""
    with _locked(folder):
        _finish_first(folder)
        last = undoable(folder)
        if last is None:
            raise Refused(f"没有可以撤销的导入（只保留最近 {KEPT} 次）")
        if number not in (None, last.number):
            raise Refused(
                f"刚刚有别的导入或撤销，最近一次现在是第 {last.number} 次：请核对后再撤销"
            )
        changes = {p: _kept(folder, last, p) for p in last.files}
        base = {p: after for p, (_, after) in last.files.items()}
        _refuse_later(folder, last)
        about = {"tables": last.about.get("tables", {})}
        draft = Draft(UNDO, by, last.reason, last.number, about)
        return _publish(folder, changes, base, draft)


@dataclass(frozen=True)
class Draft:
    """What a version will say of itself."""

    kind: str
    by: str
    reason: str
    undoes: int | None = None
    about: dict[str, Any] = field(default_factory=dict)


def undoable(folder: Path) -> Version | None:
    """The import that `undo` would take back."""
    kept = versions(folder)
    undone = {v.undoes for v in kept}
    found = [v for v in kept if v.kind == IMPORT and v.number not in undone]
    return found[-1] if found else None


def _refuse_later(folder: Path, last: Version) -> None:
    """An undo would lose what was changed after the import."""
    later = [path for path, (_, after) in last.files.items() if digest(folder / path) != after]
    if later:
        raise Refused(
            f"第 {last.number} 次导入以后，{'、'.join(later)} 又被改过，撤销会丢掉那些改动，所以什么都没有做："
            f"请手工改正，导入前的文件在 {FOLDER}/{last.name}/old"
        )


def _kept(folder: Path, version: Version, path: str) -> bytes | None:
    """A file as it was before a version. Raises Refused where it is not there as it was."""
    before = version.files[path][0]
    if before is None:
        return None
    at = f"{FOLDER}/{version.name}/old/{path}"
    try:
        content = regular.read(folder / at, follow=False)
    except OSError as e:
        raise Refused(f"导入前的文件 {at} 读不出（{why(e)}），什么都没有做：请从备份恢复") from e
    if hashlib.sha256(content).hexdigest() != before:
        raise Refused(f"导入前的文件 {at} 已不是当时的内容，什么都没有做：请从备份恢复")
    return content


def _publish(
    folder: Path, changes: Mapping[str, bytes | None], base: Mapping[str, str | None], draft: Draft
) -> Version:
    _finish_first(folder)
    for path in dict.fromkeys((*base, *changes)):
        if not declared(path) or _elsewhere(folder, path):
            said = f"{path} 不在数据文件夹里（文件夹是通往别处的链接？），没有做任何改动"
            raise Refused(f"{said}：请换成真正的文件夹")
        if hash_of(folder, path) != base.get(path):
            raise Refused(f"{path} 刚刚被别人改过，这一次没有做任何改动：请重新核对后再导入")
    at = folder / FOLDER
    try:
        version = _prepare(folder, changes, draft)
        _refuse_held(folder, changes)
        os.rename(at / NEW, at / PENDING)
        _sync(at)
    except OSError as e:
        shutil.rmtree(at / NEW, ignore_errors=True)
        raise Refused(_cannot_write(e)) from e
    try:
        _apply(folder, version)
    except OSError as e:
        os.rename(at / PENDING, at / REVERTING)
        _revert(folder)
        name = Path(e.filename2 or e.filename or "").name
        raise Refused(_held(name) if isinstance(e, PermissionError) else _cannot_write(e)) from e
    _prune(folder)
    return version


def hash_of(folder: Path, path: str) -> str | None:
    """The SHA-256 of a data folder's file, None where there is none. Raises Refused where it cannot
    be read."""
    try:
        return digest(folder / path)
    except OSError as e:
        raise Refused(f"{path} 读不出（{why(e)}），没有做任何改动：请先改好它") from e


def _held(name: str) -> str:
    return f"{name} 正被 Excel、WPS 或其他程序占用，这一次没有做任何改动：请关闭它后再试"


def _prepare(folder: Path, changes: Mapping[str, bytes | None], draft: Draft) -> Version:
    """Write everything beside, onto the disk, as whose it will be, before anything is decided."""
    new, like = folder / FOLDER / NEW, os.stat(folder)
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir()
    files = {}
    for path, content in changes.items():
        target = folder / path
        before = digest(target)
        if before is not None:
            _write(new / "old" / path, regular.read(target))
        if content is not None:
            _write(new / "new" / path, content)
        after = None if content is None else hashlib.sha256(content).hexdigest()
        files[path] = (before, after)
    version = Version(
        newest(folder) + 1,
        draft.kind,
        beijing.stamp(),
        draft.by,
        draft.reason,
        draft.undoes,
        files,
        draft.about,
    )
    _write(new / MANIFEST, json.dumps(vars(version), ensure_ascii=False, indent=1).encode())
    owners.give_all(new, like)
    for path, (before, _) in files.items():
        for copy in (new / "old" / path, new / "new" / path):
            if before is not None and copy.exists():
                owners.give(copy, os.stat(folder / path))
    return version


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    _sync(path.parent)


def _sync(directory: Path) -> None:
    """Make renames in a directory last; Windows does so by itself."""
    if sys.platform != "win32":
        handle = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _refuse_held(folder: Path, changes: Mapping[str, bytes | None]) -> None:
    """On Windows a file that Excel holds open cannot be replaced: say so before anything moves."""
    for path in changes:
        if (folder / path).exists():
            try:
                with open(folder / path, "r+b"):
                    pass
            except PermissionError as e:
                raise Refused(_held(path)) from e


def _apply(folder: Path, version: Version) -> None:
    """Move the new files into place; may be done again after it broke off anywhere."""
    at = folder / FOLDER
    _refuse_strange(folder, version)
    for path, (before, after) in version.files.items():
        staged, target = at / PENDING / "new" / path, folder / path
        if after is None:
            if digest(target) == before:
                _again(lambda target=target: target.unlink(missing_ok=True))
        elif staged.exists():
            owners.make(target.parent, os.stat(folder), shared=True)
            _again(lambda staged=staged, target=target: os.replace(staged, target))
        if target.parent.is_dir():
            _sync(target.parent)
    os.rename(at / PENDING, at / version.name)
    _sync(at)


def _refuse_strange(folder: Path, version: Version) -> None:
    """Nothing is moved that is not what the manifest says. Raises Damaged."""
    for path, (_, after) in version.files.items():
        if _elsewhere(folder, path):
            raise Damaged(f"{os.path.dirname(path)} 是通往别处的链接")
        if after is not None and _strange(folder / FOLDER / PENDING / "new" / path, after):
            raise Damaged(f"新的 {path} 不完整，或不是普通文件")


def _strange(path: Path, expected: str) -> bool:
    """Whether a file is there and is another one."""
    try:
        return digest(path, follow=False) not in (None, expected)
    except regular.Odd:
        return True


def _again(step: Any) -> None:
    """A virus scanner or an indexer may hold a file for a moment (Windows)."""
    for left in reversed(range(TRIES)):
        try:
            step()
            return
        except PermissionError:
            if not left:
                raise
            time.sleep(0.1)


def _revert(folder: Path) -> None:
    """Put the former files back; may be done again after it broke off anywhere."""
    at = folder / FOLDER / REVERTING
    files = _read(at).files
    for path, (before, _) in files.items():
        old = at / "old" / path
        if _elsewhere(folder, path):
            raise Damaged(f"{os.path.dirname(path)} 是通往别处的链接")
        wanted = before is not None and digest(folder / path) != before
        if wanted and (not old.exists() or _strange(old, before)):
            raise Damaged(f"原来的 {path} 不在了，或不完整")
    for path, (before, after) in files.items():
        target = folder / path
        if before is None:
            if digest(target) == after:
                target.unlink(missing_ok=True)
        elif digest(target) != before:
            os.replace(at / "old" / path, target)  # the copy is the file's owner's, in its mode
            _sync(target.parent)
    os.rename(at, folder / FOLDER / NEW)


def _finish(folder: Path) -> None:
    """Bring what broke off to its end; the lock is held."""
    at = folder / FOLDER
    if regular.is_folder(at / PENDING):
        version = _read(at / PENDING)
        if version.number <= newest(folder):
            raise Damaged(f"第 {version.number} 次已经有了")
        _apply(folder, version)
    if regular.is_folder(at / REVERTING):
        _revert(folder)


def _finish_first(folder: Path) -> None:
    """Before anything is published. Raises Refused."""
    try:
        _finish(folder)
    except Damaged as e:
        raise Refused(f"没有做任何改动：{_broken_off(folder, e).message}") from e


def _prune(folder: Path) -> None:
    for path in _numbered(folder)[:-KEPT]:
        (path / MANIFEST).unlink(missing_ok=True)
        shutil.rmtree(path, ignore_errors=True)
