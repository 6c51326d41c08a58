"""The data as they were shown: versions of a folder kept beside it, so that a link can be opened as
it was sent, and two meetings compared.

In `.history/shown/` of the folder a directory a version, named as the screens name it: the files
that gave it and `kept.json`. Files that two versions share are one file on the disk (hard links; a
copy where the file system has none). Each is written under another name and renamed when it is
whole, so that two servers of one folder may keep the same version at once.

A folder that cannot be written keeps nothing: nobody is kept from looking, and links say so.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import threading
import time
import weakref
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

from qmg_dash import beijing
from qmg_dash.folder import history, owners, regular, store
from qmg_dash.folder.build import FORMER
from qmg_dash.folder.history import Damaged
from qmg_dash.folder.scan import SHIPPED_DEMO
from qmg_dash.folder.snapshot import Snapshot, joined
from qmg_dash.model import DataError, Fault, why

FOLDER = "shown"
KEPT = 20
"""Versions kept, beside those that a meeting names; the least recently shown go first."""
VARIABLE = "QMG_VERSIONS"
"""Another number of them; with 0 none are kept, and none that were kept before are offered."""
SPARE = 1 << 30
"""Bytes of the disk that are left alone: data in use go before old ones."""
MANIFEST = "kept.json"


@dataclass(frozen=True)
class Kept:
    """A version that was shown: when it became the present one, and which meetings name it."""

    version: str
    since: tuple[str, ...] = ()
    meetings: tuple[str, ...] = ()
    hashes: dict[str, str] = field(default_factory=dict, hash=False)

    @property
    def first(self) -> str:
        """When it was first shown, as an ISO time."""
        return min(self.since, default="")

    @property
    def last(self) -> str:
        """When it last became the present one."""
        return max(self.since, default="")


# ---------------------------------------------------------------- reading


def _home(root: Path) -> Path:
    return root / history.FOLDER / FOLDER


def kept(root: Path) -> list[Kept]:
    """The versions kept of a folder, the one that was shown last at the end."""
    return list(_found(root)[0])


def damaged(root: Path) -> list[Fault]:
    """The versions whose manifest cannot be used."""
    return list(_found(root)[1])


_Found = tuple[tuple[Kept, ...], tuple[Fault, ...]]


def _found(root: Path) -> _Found:
    if not most():
        return (), ()
    try:
        home = _real(root)
        now = home.stat()
        return _kept(home, (now.st_mtime_ns, now.st_ctime_ns))
    except OSError as e:
        if not (isinstance(e, regular.Odd) or regular.is_folder(_home(root))):
            return (), ()
        at = f"{history.FOLDER}/{FOLDER}"
        said = f"用不了旧版本（{why(e)}）：数据照常显示。请把 {at} 改成普通的文件夹，属主和权限与数据文件夹一样"
        return (), (Fault("warning", at, None, "", "", history.HISTORY, said),)


def _real(root: Path) -> Path:
    """The directory of the versions. Raises Odd where it is a link: what is cleared away there
    would be cleared away elsewhere."""
    home = history.real(root) / FOLDER
    if os.path.lexists(home) and not regular.is_folder(home):
        raise regular.Odd(f"{history.FOLDER}/{FOLDER} 不是真正的文件夹")
    return home


@lru_cache(maxsize=16)
def _kept(home: Path, _: tuple[int, int]) -> _Found:
    """Read once while nothing is put into the directory (`_tell` writes there first)."""
    found, faults = [], []
    for place in sorted(p for p in home.iterdir() if _is_version(p)):
        try:
            found.append(_read(place))
        except Damaged as e:
            at = f"{history.FOLDER}/{FOLDER}/{place.name}"
            said = f"这一版的记录不能用（{e}），不能再看这一版：请恢复这个文件，或把 {at} 移到别处"
            where = f"{at}/{MANIFEST}"
            faults.append(Fault("warning", where, None, "", "", history.HISTORY, said))
    return tuple(sorted(found, key=lambda k: (k.last, k.version))), tuple(faults[:KEPT])


def _is_version(place: Path) -> bool:
    """Whether a directory is a version, and none that is being written or cleared away."""
    if not place.name.isalnum() or not regular.is_folder(place):
        return False
    return os.path.lexists(place / MANIFEST) or not os.access(place, os.R_OK | os.X_OK)


def _read(place: Path) -> Kept:
    """What a version says of itself. Raises Damaged."""
    told = history.told(place / MANIFEST)
    try:
        version, since, meetings, hashes = (
            told[n] for n in ("version", "since", "meetings", "hashes")
        )
        if not all(isinstance(t, str) for t in (version, *since, *meetings)):
            raise TypeError
        if not all(history.declared(f) and history.is_hash(h) for f, h in hashes.items()):
            raise Damaged("写有数据文件夹里不该有的文件，或没有校验码")
        for moment in since:
            datetime.fromisoformat(moment)
    except (ValueError, TypeError, AttributeError, KeyError) as e:
        raise Damaged(history.STRANGE) from e
    if version != place.name:
        raise Damaged("版本号与文件夹的名字不同")
    # On one clock, so that they are compared and shown as texts.
    return Kept(place.name, tuple(map(beijing.told, since)), tuple(meetings), hashes)


def on(root: Path, day: date) -> Kept | None:
    """The version that was shown at the end of a day; None where none is kept from then."""
    times = [(t, k) for k in kept(root) for t in k.since if t[:10] <= day.isoformat()]
    return max(times, key=lambda found: found[0])[1] if times else None


def opened(root: Path, version: str, day: date | None = None) -> Snapshot | None:
    """A kept version as it was shown, on that day where town.toml fixes none; None where it is not
    kept or cannot be read any more."""
    if not version.isalnum() or not most():
        return None
    try:
        place = _real(root) / version
        _read(place)
        return _opened(place, day)
    except (Damaged, DataError, OSError):
        return None


_OPEN: dict[tuple[Path, date | None], Snapshot] = {}
"""The old version that is held open in this process: one, since each is a whole state of the data."""
_OPEN_LOCK = threading.Lock()


def _opened(place: Path, day: date | None) -> Snapshot:
    with _OPEN_LOCK:
        found = _OPEN.get((place, day))
        if found is None:
            while _OPEN:
                _OPEN.popitem()[1].let_go()
            loaded = store.load(place)
            town = replace(loaded.town, as_of=loaded.town.as_of or day)
            found = _OPEN[place, day] = loaded.relabelled(place.name, town)
        return found


def again(snapshot: Snapshot) -> Callable[[], Snapshot]:
    """How to have a snapshot once more, for what waits to be pressed in an idle session: it holds
    no data. The same while it is there or kept, else what is shown by then."""
    alive, version, day = weakref.ref(snapshot), snapshot.version, snapshot.clock()
    folder = _folder(snapshot)

    def have() -> Snapshot:
        if (found := alive()) is not None:
            return found
        present = store.store(folder).current()
        same = present.version == version
        return present if same else opened(folder, version, day) or present

    return have


def _folder(snapshot: Snapshot) -> Path:
    """The data folder of a snapshot, also of a version that was opened from its own directory."""
    folder = snapshot.root.parent.parent.parent
    return folder if snapshot.root.parent == _home(folder) else snapshot.root


# ---------------------------------------------------------------- keeping


def most() -> int:
    """How many versions are kept."""
    named = os.environ.get(VARIABLE, "")
    return int(named) if named.isascii() and named.isdigit() else KEPT


def keep(snapshot: Snapshot, now: datetime | None = None) -> bool:
    """Keep what is shown; whether it is kept. A file that has changed since it was read leaves the
    version unkept: the next one has it. The demo that comes with the program is looked at alone: it
    stays as it was shipped."""
    if not most() or snapshot.root == SHIPPED_DEMO:
        return False
    at = beijing.stamp(now)
    try:
        known = kept(snapshot.root)
        if known and known[-1].version == snapshot.version:
            return True
        place = _home(snapshot.root) / snapshot.version
        if any(k.version == snapshot.version for k in known):
            _tell(place, lambda k: replace(k, since=(*k.since, at)))
            return True
        if not _write(snapshot, place, known, at):
            return False
        prune(snapshot.root)
    except (OSError, Damaged):
        return False
    return True


def follow(snapshot: Snapshot, _: Snapshot | None) -> None:
    """To be called when a snapshot is about to be shown (store.PREPARE)."""
    keep(snapshot)


def name_meeting(snapshot: Snapshot, meeting: str) -> bool:
    """Keep what is shown for as long as the folder lasts, since a meeting's file names it; whether
    it is kept."""
    folder = _folder(snapshot)
    place = _home(folder) / snapshot.version
    with suppress(OSError, Damaged):
        if folder != snapshot.root or keep(snapshot):
            _tell(place, lambda k: replace(k, meetings=(*dict.fromkeys((*k.meetings, meeting)),)))
            return True
    return False


def _tell(place: Path, change: Callable[[Kept], Kept]) -> None:
    """Rewrite what a version says of itself."""
    written = json.dumps(asdict(change(_read(place))), ensure_ascii=False, indent=1)
    handle, name = tempfile.mkstemp(dir=place.parent)
    with open(handle, "w", encoding="utf-8") as stream:
        stream.write(written)
    try:
        owners.give(Path(name), os.stat(place.parent), shared=True)
        os.replace(name, place / MANIFEST)
    except OSError:
        os.unlink(name)
        raise


def _write(snapshot: Snapshot, place: Path, known: list[Kept], at: str) -> bool:
    """Copy the files of a snapshot; False where one is no longer what was read."""
    like = os.stat(snapshot.root)
    for folder in (place.parent.parent, place.parent):
        owners.make(folder, like, shared=True)
    new = Path(tempfile.mkdtemp(dir=place.parent))
    try:
        hashes = _copies(snapshot, new, known, place.parent)
        if hashes is None:
            return False
        told = asdict(Kept(snapshot.version, (at,), (), hashes))
        (new / MANIFEST).write_text(json.dumps(told, ensure_ascii=False, indent=1), "utf-8")
        owners.give_all(new, like, shared=True)
        with suppress(OSError):  # another server was first
            os.rename(new, place)
        return _is_whole(place)
    finally:
        shutil.rmtree(new, ignore_errors=True)


def _is_whole(place: Path) -> bool:
    with suppress(Damaged):
        return bool(_read(place))
    return False


def _copies(snapshot: Snapshot, new: Path, known: list[Kept], home: Path) -> dict[str, str] | None:
    """Put the files of a snapshot into a directory: path → SHA-256."""
    hashes: dict[str, str] = {}
    for group, sha256 in snapshot.files():
        alone = sha256 if len(group) == 1 else ""
        found = {file: _copy(file, group[file], alone, new, known, home) for file in group}
        if joined(found) != sha256:
            found = _former(group, sha256, new, known, home)
        if not found:
            return None
        hashes |= found
    return hashes


def _copy(file: str, source: Path, expected: str, new: Path, known: list[Kept], home: Path) -> str:
    """One file: a link to the same content of another version, else a copy. Its SHA-256."""
    target = new / file
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    expected = expected or history.digest(source) or ""
    for k in reversed(known):
        kept = home / k.version / file
        if k.hashes.get(file) == expected and kept.is_file() and not kept.is_symlink():
            with suppress(OSError):
                os.link(kept, target)
                return expected
    if shutil.disk_usage(home).free - source.stat().st_size < SPARE:
        raise OSError("no room")
    hasher = hashlib.sha256()
    with regular.opened(source) as stream, open(target, "wb") as out:
        while block := stream.read(1 << 20):
            hasher.update(block)
            out.write(block)
    shutil.copystat(source, target)
    return hasher.hexdigest()


def _former(
    group: Collection[str], sha256: str, new: Path, known: list[Kept], home: Path
) -> dict[str, str]:
    """The files of a table that is shown as it was before its files broke: from the version that
    has them."""
    k = _having(group, sha256, known)
    found = {file: k.hashes[file] for file in group} if k else {}
    for file, digest in found.items():
        _copy(file, home / k.version / file, digest, new, known, home)
    return found


def _having(group: Collection[str], sha256: str, known: list[Kept]) -> Kept | None:
    """The newest version with these files, of that hash over all of them."""
    for k in reversed(known):
        found = {file: k.hashes[file] for file in group if file in k.hashes}
        if found and joined(found) == sha256:
            return k
    return None


def having(root: Path, files: Collection[str], sha256: str) -> Path | None:
    """The directory of a kept version with these files, of that hash (store.FORMER)."""
    k = _having(files, sha256, kept(root))
    return _home(root) / k.version if k else None


FORMER.append(having)


def prune(root: Path) -> None:
    """Let go of the oldest versions beyond KEPT that no meeting names, and of what a crash left."""
    home = _real(root)
    loose = [k for k in kept(root) if not k.meetings]
    for k in loose[: max(0, len(loose) - most())]:
        gone = home / f".{k.version}"
        with suppress(OSError):
            os.rename(home / k.version, gone)
        shutil.rmtree(gone, ignore_errors=True)
    for left in _left(home):
        shutil.rmtree(left, ignore_errors=True)


def _left(home: Path) -> Iterator[Path]:
    """Directories that are no version and older than a day."""
    day_ago = time.time() - 86_400
    for place in home.iterdir():
        left = regular.is_folder(place) and not os.path.lexists(place / MANIFEST)
        if left and place.stat().st_mtime < day_ago:
            yield place
