"""The data folder, followed."""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pyarrow as pa

from qmg_dash.folder import history, publishing, regular
from qmg_dash.folder.build import Build
from qmg_dash.folder.scan import ATTEMPTS, LEDGERS, PATIENCE, QUIET, Scan, look_at, no_folder
from qmg_dash.folder.snapshot import Snapshot
from qmg_dash.folder.stat import Stat
from qmg_dash.folder.tally import LISTED
from qmg_dash.model import DataError, Fault, why

RACY = 3.0
"""Seconds for which the time of a folder's last change does not yet tell that nothing followed it:
some file systems keep whole or even seconds."""


def _settle(root: Path) -> tuple[int, tuple[Fault, ...]]:
    """What `publishing.settle` gives. Raises DataError."""
    try:
        return publishing.settle(root)
    except OSError as e:
        raise no_folder(root, e) from e


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
            scan = settled_scan(root, previous, gone)
            scan.faults = [*settled[1], *scan.faults]
            previous = Build(scan, root, previous, most).snapshot()
            if previous._signature == look_at(root).signature:
                break
    pa.default_memory_pool().release_unused()  # 100 MB of a CSV of a million rows
    return previous


def settled_scan(root: Path, previous: Snapshot | None, gone: bool) -> Scan:
    """Look at the folder once no changed file is younger than QUIET and none has just vanished
    (an editor may delete before it renames); after PATIENCE, `unsettled` names those that still
    change."""
    known = previous._signature if previous else {}
    start = time.monotonic()
    while True:
        waited = time.monotonic() - start
        try:
            scan = look_at(root)
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


Prepare = Callable[[Snapshot, Snapshot | None], None]
"""What the layers above do with (a new snapshot, the one shown until now) before it is shown."""


@dataclass(frozen=True)
class _Glance:
    """What a look at the folder found, by path: the files, and the folders they are in. While
    each is as it was, a look would find the same; asking costs a tenth of a look."""

    of: Snapshot | None = None
    root: Path = Path()
    seen: tuple[tuple[str, Stat], ...] = ()

    @classmethod
    def at(cls, root: Path, shown: Snapshot) -> _Glance:
        """A glance at what is shown; an empty one while a folder has changed within RACY."""
        ledgers = root / LEDGERS
        folders = [root, *(p for p in (ledgers, *ledgers.rglob("*")) if p.is_dir())]
        seen = [(str(p), Stat.of(p)) for p in folders]
        if any(abs(s.age) < RACY for _, s in seen):
            return cls()
        return cls(shown, root, (*seen, *((str(root / f), s) for f, s in shown._signature.items())))

    def holds(self) -> bool:
        """Whether all of it is as it was."""
        try:
            same = all(Stat.of(path) == stat for path, stat in self.seen)
            return same and publishing.stamp(self.root) == self.of._history_stamp
        except OSError:
            return False


class Store:
    """Follows one folder for the whole process; `current` may be called from any thread. What it
    shows is kept in the folder's history."""

    def __init__(self, folder: Path, prepare: Prepare | None = None):
        self.folder, self._prepare = Path(folder).resolve(), prepare
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
            if publishing.stamp(self.folder) != shown._history_stamp:
                return True
            if look_at(self.folder).signature != shown._signature:
                return True
            self._glance = _Glance.at(self.folder, shown)
        except (DataError, OSError):
            return True
        return False

    def _next(self) -> Snapshot:
        snapshot = self._loaded()
        if snapshot is not self._shown:
            if self._prepare:
                self._prepare(snapshot, self._shown)
            history.keep(snapshot)
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


def store(folder: Path | str, prepare: Prepare | None = None) -> Store:
    """The process's one store of a folder; whoever asks first says how its states are prepared."""
    path = Path(folder).resolve()
    with _STORES_LOCK:
        if path not in _STORES:
            _STORES[path] = Store(path, prepare)
        return _STORES[path]


# ---------------------------------------------------------------- former states


_OPEN: dict[tuple[Path, date | None], Snapshot] = {}
"""The former state that is held open in this process: one, since each is a whole state of the data."""
_OPEN_LOCK = threading.Lock()


def opened(folder: Path, version: str, day: date | None = None) -> Snapshot | None:
    """A state of a folder as it was shown, on that day where town.toml fixes none; None where it is
    not kept or cannot be read any more."""
    kept = history.find(folder, version)
    if kept is None or not regular.is_folder(kept.content):
        return None
    with _OPEN_LOCK, suppress(DataError, OSError):
        if (kept.content, day) not in _OPEN:
            while _OPEN:
                _OPEN.popitem()[1].let_go()
            loaded = load(kept.content)
            town = replace(loaded.town, as_of=loaded.town.as_of or day)
            _OPEN[kept.content, day] = loaded.relabelled(version, town)
        return _OPEN[kept.content, day]
    return None


def again(snapshot: Snapshot) -> Callable[[], Snapshot]:
    """How to have a snapshot once more, for what waits to be pressed in an idle session: it holds
    no data. The same while it is there or kept, else what is shown by then."""
    alive, version, day = weakref.ref(snapshot), snapshot.version, snapshot.clock()
    folder = history.folder_of(snapshot)

    def have() -> Snapshot:
        if (found := alive()) is not None:
            return found
        present = store(folder).current()
        same = present.version == version
        return present if same else opened(folder, version, day) or present

    return have
