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
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from qmg_dash import beijing, locks
from qmg_dash.model import DataError, Fault, why

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
        (folder / FOLDER).mkdir(exist_ok=True)
        return open(folder / FOLDER / LOCK, "a+b")
    except OSError as e:
        raise Refused(_cannot_write(e)) from e


def _cannot_write(e: OSError) -> str:
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


def unfinished(folder: Path) -> bool:
    """Whether a publishing is under way, or broke off."""
    at = folder / FOLDER
    return (at / PENDING).is_dir() or (at / REVERTING).is_dir()


def settle(folder: Path) -> int:
    """Finish what broke off, wait for what is under way; the number of the newest version.
    Raises DataError where neither comes to an end."""
    end = time.monotonic() + PATIENCE
    while unfinished(folder):
        try:
            with _locked(folder):
                _finish(folder)
        except (Refused, OSError) as e:
            if time.monotonic() > end:
                said = f"上一次导入没有完成（{_reason(e)}）：请关闭占用数据文件的程序，再导入一次"
                fault = Fault("error", FOLDER, None, "", "", "正在导入", said)
                raise DataError([fault]) from e
            time.sleep(0.02)
    return newest(folder)


def _reason(e: Exception) -> str:
    return why(e) if isinstance(e, OSError) else str(e)


def newest(folder: Path) -> int:
    """The number of the newest version, 0 where there is none."""
    return max((int(p.name) for p in _numbered(folder)), default=0)


def versions(folder: Path) -> list[Version]:
    """The kept versions, oldest first; one that is going, or was tampered with, is none."""
    found = []
    for path in _numbered(folder):
        with suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
            found.append(_read(path))
    return sorted(found, key=lambda v: v.number)


def _numbered(folder: Path) -> list[Path]:
    at = folder / FOLDER
    return [p for p in at.iterdir() if p.name.isdigit()] if at.is_dir() else []


def _read(path: Path) -> Version:
    told = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
    files = {name: (before, after) for name, (before, after) in told.pop("files").items()}
    return Version(**told, files=files)


def digest(path: Path) -> str | None:
    """The SHA-256 of a file, None where there is none."""
    try:
        with open(path, "rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except FileNotFoundError:
        return None


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
        _finish(folder)
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
    if version.files[path][0] is None:
        return None
    return (folder / FOLDER / version.name / "old" / path).read_bytes()


def _publish(
    folder: Path, changes: Mapping[str, bytes | None], base: Mapping[str, str | None], draft: Draft
) -> Version:
    _finish(folder)
    for path in dict.fromkeys((*base, *changes)):
        if digest(folder / path) != base.get(path):
            raise Refused(f"{path} 刚刚被别人改过，这一次没有做任何改动：请重新核对后再导入")
    at = folder / FOLDER
    try:
        version = _prepare(folder, changes, draft)
        _refuse_held(folder, changes)
        os.rename(at / NEW, at / PENDING)
        _sync(at)
    except OSError as e:
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


def _held(name: str) -> str:
    return f"{name} 正被 Excel、WPS 或其他程序占用，这一次没有做任何改动：请关闭它后再试"


def _prepare(folder: Path, changes: Mapping[str, bytes | None], draft: Draft) -> Version:
    """Write everything beside, onto the disk, before anything is decided."""
    at = folder / FOLDER
    new = at / NEW
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir()
    files = {}
    for path, content in changes.items():
        target = folder / path
        before = digest(target)
        if before is not None:
            _write(new / "old" / path, target.read_bytes())
        if content is not None:
            _write(new / "new" / path, content)
            if before is not None:
                shutil.copymode(target, new / "new" / path)
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
    told = json.dumps(vars(version), ensure_ascii=False, indent=1)
    _write(new / MANIFEST, told.encode())
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
    for path, (_, after) in version.files.items():
        staged, target = at / PENDING / "new" / path, folder / path
        if after is None:
            _again(lambda target=target: target.unlink(missing_ok=True))
        elif staged.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            _again(lambda staged=staged, target=target: os.replace(staged, target))
        if target.parent.is_dir():
            _sync(target.parent)
    os.rename(at / PENDING, at / version.name)
    _sync(at)


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
    for path, (before, _) in _read(at).files.items():
        target = folder / path
        if before is None:
            target.unlink(missing_ok=True)
        elif digest(target) != before:
            _write(at / "back" / path, (at / "old" / path).read_bytes())
            os.replace(at / "back" / path, target)
            _sync(target.parent)
    os.rename(at, folder / FOLDER / NEW)


def _finish(folder: Path) -> None:
    """Bring what broke off to its end; the lock is held."""
    at = folder / FOLDER
    if (at / PENDING).is_dir():
        _apply(folder, _read(at / PENDING))
    if (at / REVERTING).is_dir():
        _revert(folder)


def _prune(folder: Path) -> None:
    for path in sorted(_numbered(folder), key=lambda p: int(p.name))[:-KEPT]:
        (path / MANIFEST).unlink(missing_ok=True)
        shutil.rmtree(path, ignore_errors=True)
