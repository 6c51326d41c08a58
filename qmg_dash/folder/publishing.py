"""Publishing into a data folder: several files change as one, and the former ones are kept.

In `.history/` of the folder, beside its entries (history.py):

    new        being prepared; whoever comes next throws it away
    pending    decided: whoever comes next finishes it
    reverting  given up, since a file was held open; whoever comes next finishes that
    lock       held by the one that publishes; the system gives it back when a process dies

A directory is renamed from one state to the next, and at last to an entry's name, which the system
does at once or not at all: so a crash at any moment leaves the whole old or the whole new. `settle`
is what every reader calls first; it never lets half be seen. What is moved has the hash that the
manifest says.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from qmg_dash import beijing
from qmg_dash.folder import history, locks, owners, regular
from qmg_dash.folder.history import (
    FOLDER,
    MANIFEST,
    RULE,
    Damaged,
    Entry,
    Overtaken,
    Refused,
    digest,
)
from qmg_dash.model import DataError, Fault, why

PATIENCE = 10.0
"""Seconds that a reader waits for one that is publishing."""
LEAST = 4 << 20
"""Free bytes of a disk below which it is called full."""
TRIES = 10
"""How often a file that is held open is tried again, 0.1 s apart."""
SITTING = timedelta(minutes=30)
"""One person's edits of one table within it are one entry of the history."""
NEW, PENDING, REVERTING, LOCK = "new", "pending", "reverting", "lock"


# ---------------------------------------------------------------- the lock


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the folder's lock. Raises Refused where another process or thread holds it."""
    try:
        stream = _lock_file(folder, os.stat(folder))
    except OSError as e:
        raise Refused(_cannot_write(e)) from e
    with stream:
        try:
            locks.take(stream.fileno())
        except OSError as e:
            raise Overtaken("另一次导入正在进行，这一次没有做任何改动：请等它完成后再试") from e
        yield


def _lock_file(folder: Path, like: os.stat_result) -> BinaryIO:
    """The file of the lock, whose the folder is. Raises OSError."""
    path = folder / FOLDER / LOCK
    owners.make(history.real(folder), like)
    owners.give_back(path.parent, like)
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


# ---------------------------------------------------------------- readers


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
            found.append((s.st_ino, s.st_mode, s.st_uid, path == at or s.st_mtime_ns))
        except OSError as e:
            found.append(e.errno)
    return tuple(found)


def settle(folder: Path) -> tuple[int, tuple[Fault, ...]]:
    """Finish what broke off, wait for what is under way: (the number of the newest publishing, what is
    wrong with the history, which keeps nobody from reading the data). Raises DataError where neither
    comes to an end."""
    if told := _unusable(folder):
        return 0, (told,)
    end, broken = time.monotonic() + PATIENCE, ()
    while not broken and unfinished(folder):
        try:
            with _locked(folder):
                _finish(folder)
        except Damaged as e:
            broken = (_broken_off(folder, e),)
        except (Refused, OSError) as e:
            if time.monotonic() > end:
                said = f"上一次导入没有完成（{_reason(e)}）：请关闭占用数据文件的程序，再导入一次"
                fault = Fault("error", FOLDER, None, "", "", "正在导入", said)
                raise DataError([fault]) from e
            time.sleep(0.02)
    return history.newest(folder), (*broken, *history.damaged(folder))


def _unusable(folder: Path) -> Fault | None:
    """Why the history cannot be used at all."""
    try:
        at = history.real(folder)
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
        return Fault("warning", FOLDER, None, "", "", RULE, said)
    return None


def _broken_off(folder: Path, e: Damaged) -> Fault:
    name = next(n for n in (PENDING, REVERTING) if regular.is_folder(folder / FOLDER / n))
    said = (
        f"上一次导入中断，而它的记录不能用（{e}）：数据文件可能只换了一部分。请核对各张表，"
        f"再把 {FOLDER}/{name} 移到别处，需要时重新导入"
    )
    return Fault("error", f"{FOLDER}/{name}/{MANIFEST}", None, "", "", RULE, said)


def _reason(e: Exception) -> str:
    return why(e) if isinstance(e, OSError) else str(e)


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
    kind: str = history.IMPORT,
) -> Entry:
    """Put new contents in the place of files (path in the folder → bytes, None to remove it), all
    or none. `base`: the hashes that the contents were made from; another one on disk is refused,
    since a change of someone else would be lost. `kind`: IMPORT, or EDIT, which goes on from the
    same person's last one of the same files, if that is theirs still (SITTING). Raises Refused."""
    with _locked(folder):
        entry = Entry(kind, by=by, reason=reason, about=dict(about or {}))
        return _publish(folder, changes, base, entry)


def undo(folder: Path, by: str = "", number: int | None = None, edited: str = "") -> Entry:
    """Bring back the files as they were before the newest import, or edit of a file, that is not
    undone; the files that go are kept too. `number`: the one that is meant. Raises Refused, also
    where it is not the newest any more."""
    word = "修改" if edited else "导入"
    with _locked(folder):
        _finish_first(folder)
        last = undoable(folder, edited)
        if last is None:
            raise Refused(f"没有可以撤销的{word}（只保留最近 {history.KEPT} 次）")
        if number not in (None, last.number):
            raise Refused(
                f"刚刚有别的{word}或撤销，最近一次现在是第 {last.number} 次：请核对后再撤销"
            )
        changes = {p: _before(folder, last, p, word) for p in last.files}
        base = {p: after for p, (_, after) in last.files.items()}
        _refuse_later(folder, last, word)
        about = {"tables": last.about.get("tables", {})}
        entry = Entry(history.UNDO, by=by, reason=last.reason, undoes=last.number, about=about)
        return _publish(folder, changes, base, entry)


def undoable(folder: Path, edited: str = "") -> Entry | None:
    """The import that `undo` would take back, or the edit of a file."""
    known = history.publishings(folder)
    undone = {e.undoes for e in known}
    kind = history.EDIT if edited else history.IMPORT
    found = [e for e in known if e.kind == kind and e.number not in undone]
    return next((e for e in reversed(found) if not edited or edited in e.files), None)


def _goes_on_from(
    folder: Path, by: str, changes: Mapping[str, Any], base: Mapping[str, str | None]
) -> int | None:
    """The number of the first of the edits that one is a part of: the same person's of the same
    files, all within SITTING, the files as they were left. Nobody knows whether two without a name are
    one person's."""
    last = undoable(folder, next(iter(changes), ""))
    if not by or last is None or last.by != by or last.files.keys() != changes.keys():
        return None
    since = beijing.now() - datetime.fromisoformat(last.since[0])
    left = all(base.get(path) == after for path, (_, after) in last.files.items())
    return int(last.place.name) if left and timedelta() <= since <= SITTING else None


def _refuse_later(folder: Path, last: Entry, word: str) -> None:
    """An undo would lose what was changed after the import."""
    later = [path for path, (_, after) in last.files.items() if digest(folder / path) != after]
    if later:
        raise Refused(
            f"第 {last.number} 次{word}以后，{'、'.join(later)} 又被改过，撤销会丢掉那些改动，所以什么都没有做："
            f"请手工改正，{word}前的文件在 {last.content.relative_to(folder).as_posix()}"
        )


def _before(folder: Path, entry: Entry, path: str, word: str) -> bytes | None:
    """A file as it was before an entry. Raises Refused where it is not there as it was."""
    before, at = entry.files[path][0], entry.content / path
    if before is None:
        return None
    named = f"{word}前的文件 {at.relative_to(folder).as_posix()}"
    try:
        content = regular.read(at, follow=False)
    except OSError as e:
        raise Refused(f"{named} 读不出（{why(e)}），什么都没有做：请从备份恢复") from e
    if hashlib.sha256(content).hexdigest() != before:
        raise Refused(f"{named} 已不是当时的内容，什么都没有做：请从备份恢复")
    return content


def _publish(
    folder: Path, changes: Mapping[str, bytes | None], base: Mapping[str, str | None], entry: Entry
) -> Entry:
    _finish_first(folder)
    for path in dict.fromkeys((*base, *changes)):
        if not history.declared(path) or _elsewhere(folder, path):
            said = f"{path} 不在数据文件夹里（文件夹是通往别处的链接？），没有做任何改动"
            raise Refused(f"{said}：请换成真正的文件夹")
        if hash_of(folder, path) != base.get(path):
            raise Overtaken(f"{path} 刚刚被别人改过，这一次没有做任何改动：请重新核对后再导入")
    if entry.kind == history.EDIT:
        entry = replace(entry, extends=_goes_on_from(folder, entry.by, changes, base))
    at = folder / FOLDER
    try:
        entry = _prepare(folder, changes, entry)
        _refuse_held(folder, changes)
        os.rename(at / NEW, at / PENDING)
        _sync(at)
    except OSError as e:
        shutil.rmtree(at / NEW, ignore_errors=True)
        raise Refused(_cannot_write(e)) from e
    try:
        _apply(folder, entry)
    except OSError as e:
        os.rename(at / PENDING, at / REVERTING)
        _revert(folder)
        name = Path(e.filename2 or e.filename or "").name
        raise Refused(_held(name) if isinstance(e, PermissionError) else _cannot_write(e)) from e
    history.share(folder, entry)
    history.prune(folder)
    return entry


def hash_of(folder: Path, path: str) -> str | None:
    """The SHA-256 of a data folder's file, None where there is none. Raises Refused where it cannot
    be read."""
    try:
        return digest(folder / path)
    except OSError as e:
        raise Refused(f"{path} 读不出（{why(e)}），没有做任何改动：请先改好它") from e


def _held(name: str) -> str:
    return f"{name} 正被 Excel、WPS 或其他程序占用，这一次没有做任何改动：请关闭它后再试"


def _prepare(folder: Path, changes: Mapping[str, bytes | None], entry: Entry) -> Entry:
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
    number = history.newest(folder) + 1
    entry = replace(entry, number=number, since=(beijing.stamp(),), files=files)
    _write(new / MANIFEST, entry.written())
    owners.give_all(new, like)
    for path, (before, _) in files.items():
        for copy in (new / "old" / path, new / "new" / path):
            if before is not None and copy.exists():
                owners.give(copy, os.stat(folder / path))
    return replace(entry, manifest=folder / FOLDER / entry.name / MANIFEST)


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


def _apply(folder: Path, entry: Entry) -> None:
    """Move the new files into place; may be done again after it broke off anywhere."""
    at = folder / FOLDER
    _move(folder, at / PENDING / "new", entry.files)
    os.rename(at / PENDING, at / entry.name)
    _sync(at)


def _revert(folder: Path) -> None:
    """Put the former files back, each its owner's, in its mode; may be done again after it broke off
    anywhere."""
    at = folder / FOLDER / REVERTING
    files = {path: (after, before) for path, (before, after) in history.read(at).files.items()}
    _move(folder, at / "old", files)
    os.rename(at, folder / FOLDER / NEW)


def _move(folder: Path, staged: Path, files: Mapping[str, tuple[str | None, str | None]]) -> None:
    """Move staged files into place (path → hash that it has there now, and is to have), once all
    have been found to be what the manifest says. Raises Damaged."""
    left = []
    for path, (now, wanted) in files.items():
        if _elsewhere(folder, path):
            raise Damaged(f"{os.path.dirname(path)} 是通往别处的链接")
        found = _hash(folder / path)
        ready = _hash(staged / path, follow=False) if wanted else None
        if found == wanted or (wanted is None and found != now):
            continue
        if ready != wanted and (ready is not None or found == now):
            raise Damaged(f"要换上的 {path} 不在了，或不完整")
        if ready == wanted:
            left.append(path)
    for path in left:
        target = folder / path
        if files[path][1] is None:
            _again(target.unlink)
        else:
            owners.make(target.parent, os.stat(folder), shared=True)
            _again(partial(os.replace, staged / path, target))
    for home in {(folder / path).parent for path in files}:
        if home.is_dir():
            _sync(home)


def _hash(path: Path, follow: bool = True) -> str | None:
    """The hash of a file: of what is no file, none that is wanted."""
    try:
        return digest(path, follow)
    except regular.Odd:
        return ""


def _again(step: Callable[[], object]) -> None:
    """A virus scanner or an indexer may hold a file for a moment (Windows)."""
    for left in reversed(range(TRIES)):
        try:
            step()
            return
        except PermissionError:
            if not left:
                raise
            time.sleep(0.1)


def _finish(folder: Path) -> None:
    """Bring what broke off to its end; the lock is held."""
    at = folder / FOLDER
    if regular.is_folder(at / PENDING):
        entry = history.read(at / PENDING)
        if entry.number <= history.newest(folder):
            raise Damaged(f"第 {entry.number} 次已经有了")
        _apply(folder, entry)
    if regular.is_folder(at / REVERTING):
        _revert(folder)


def _finish_first(folder: Path) -> None:
    """Before anything is published. Raises Refused."""
    try:
        _finish(folder)
    except Damaged as e:
        raise Refused(f"没有做任何改动：{_broken_off(folder, e).message}") from e
