"""The history of a data folder: the files as they were before each publishing, and as they were shown.

In `.history/` of the folder an entry is a directory with manifest.json and the files that it keeps:

    000012         a publishing (publishing.py); old/: the files as they were before it
    0123456789ab   a state that was shown, named as the screens name it; new/: all its files
    .…             an entry in the making, or one that goes

What two states share, and what a publishing replaced of one, is one file on the disk (hard links; a
copy where the file system has none). An entry is written under another name and renamed when it is
whole, so that two servers of one folder may keep the same state at once. `.history/shown/` has the
states of the former layout: read, and not added to.

A folder may come from elsewhere, so nothing in `.history/` is believed: it is a folder itself and no
link, and a manifest names files that a data folder may have and no other. What is damaged is a fault;
the data are shown all the same. A folder that cannot be written keeps no states: nobody is kept from
looking, and links say so.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Collection
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from functools import cached_property, lru_cache, partial
from pathlib import Path
from typing import Any

from qmg_dash import beijing, whole
from qmg_dash.folder import owners, regular
from qmg_dash.folder.scan import ANSWERS, LEDGERS, SHIPPED_DEMO, TOWN
from qmg_dash.folder.snapshot import Snapshot, joined
from qmg_dash.folder.stat import Stat
from qmg_dash.model import Fault, why
from qmg_dash.tables import TABLES

FOLDER, MANIFEST = ".history", "manifest.json"
FORMER, FORMER_MANIFEST = "shown", "kept.json"
"""Where the former layout has its states, and what they say of themselves."""
KEPT = 20
"""Publishings kept, and states beside those that a meeting names; the oldest go first. What changed
hand-kept tables alone is counted apart: many small edits flush no import."""
VARIABLE = "QMG_VERSIONS"
"""Another number of states; with 0 none are kept, and none that were kept before are offered."""
SPARE = 1 << 30
"""Bytes of the disk that are left alone: data in use go before old ones."""
IMPORT, EDIT, UNDO, SHOWN = "import", "edit", "undo", "shown"
RULE = "历史版本"
"""The rule of what is wrong with `.history`."""
_NUMBER, _VERSION, _HASH = (re.compile(p) for p in ("[0-9]{6}", "[0-9a-f]{12}", "[0-9a-f]{64}"))


class Refused(Exception):
    """Why nothing was published, and what to do; nothing has changed."""


class Overtaken(Refused):
    """Somebody else publishes just now, or has since: what was to be published may be made again."""


class Damaged(Refused):
    """What an entry says cannot be used: what is wrong with it."""


@dataclass(frozen=True)
class Entry:
    """A publishing, or a state that was shown. `since`: when it was done, or became the present one.
    `files`: path → (hash before, hash after), None where there was no file; what a state was before
    is the state shown before it. `extends`: the number of the first of the edits that it goes on
    from."""

    kind: str
    since: tuple[str, ...] = ()
    number: int = 0
    version: str = ""
    by: str = ""
    reason: str = ""
    undoes: int | None = None
    extends: int | None = None
    files: dict[str, tuple[str | None, str | None]] = field(default_factory=dict, hash=False)
    about: dict[str, Any] = field(default_factory=dict, hash=False)
    meetings: tuple[str, ...] = ()
    manifest: Path = Path()
    """Where that is written."""

    @property
    def place(self) -> Path:
        """Its directory."""
        return self.manifest.parent

    @property
    def name(self) -> str:
        return self.version or f"{self.number:06d}"

    @property
    def last(self) -> str:
        """When it was done, or last became the present one, as an ISO time."""
        return max(self.since)

    @cached_property
    def after(self) -> dict[str, str]:
        """The files as they were with it: path → hash."""
        return {path: after for path, (_, after) in self.files.items() if after}

    @property
    def by_hand(self) -> bool:
        """Whether it changed no ledger."""
        changed = (path for path, (before, after) in self.files.items() if before != after)
        return not any(path.startswith(f"{LEDGERS}/") for path in changed)

    @property
    def content(self) -> Path:
        """Where the files that it keeps lie."""
        if self.place.parent.name == FORMER:
            return self.place
        return self.place / ("new" if self.kind == SHOWN else "old")

    def written(self) -> bytes:
        """Its manifest."""
        told = asdict(self)
        del told["manifest"]
        return json.dumps(told, ensure_ascii=False, indent=1).encode()


# ---------------------------------------------------------------- manifests


def real(folder: Path) -> Path:
    """`.history` of a folder. Raises Odd where it is a link: what is written and cleared away there
    would be written and cleared away elsewhere."""
    at = folder / FOLDER
    if os.path.lexists(at) and not regular.is_folder(at):
        raise regular.Odd(f"{FOLDER} 不是真正的文件夹")
    return at


def read(place: Path) -> Entry:
    """What the entry in a directory says of itself. Raises Damaged."""
    path = place / (FORMER_MANIFEST if place.parent.name == FORMER else MANIFEST)
    try:
        return _read(path, Stat.of(path, follow=False))
    except OSError as e:
        raise Damaged("没有这个文件" if isinstance(e, FileNotFoundError) else why(e)) from e


@lru_cache(maxsize=256)
def _read(path: Path, _: Stat) -> Entry:
    """Read once while its file is the same: every run asks for the states. Raises Damaged, OSError."""
    written = regular.read(path, regular.SMALL, follow=False)
    try:
        told = json.loads(written)
    except (ValueError, RecursionError) as e:
        raise Damaged("不是完整的 JSON") from e
    try:
        if "when" in told:  # the former layout: a publishing has one time
            told["since"] = [told.pop("when")]
        if "hashes" in told:  # and a state the hashes of its files alone
            told["files"] = {path: (None, sha256) for path, sha256 in told.pop("hashes").items()}
            told["kind"] = SHOWN
        entry = Entry(**told, manifest=path)
        _check(entry)
    except (ValueError, TypeError, AttributeError) as e:
        raise Damaged("缺少内容，或内容的类型不对") from e
    since = tuple(map(beijing.told, entry.since))  # on one clock: they are compared as texts
    files = {path: (before, after) for path, (before, after) in entry.files.items()}
    return replace(entry, since=since, files=files, meetings=tuple(entry.meetings))


def _check(entry: Entry) -> None:
    """Raises Damaged, ValueError, TypeError, AttributeError."""
    shown, place, about = entry.kind == SHOWN, entry.place.name, entry.about
    texts = (entry.version, entry.by, entry.reason, *entry.meetings, *about.get("sent", []))
    tables = about.get("tables", {}).values()
    numbers = [n for n in (entry.undoes, entry.extends) if n is not None]
    numbers += [] if shown else [entry.number]
    if not (
        (shown or entry.kind in (IMPORT, EDIT, UNDO))
        and all(isinstance(text, str) for text in texts)
        and all(type(n) is int and 0 < n < 1_000_000 for n in numbers)
        and all(isinstance(t, list) and all(type(n) is int for n in t) for t in tables)
        and [datetime.fromisoformat(moment) for moment in entry.since]
    ):
        raise TypeError
    named = shown or _NUMBER.fullmatch(place) or _VERSION.fullmatch(place)
    if bool(_VERSION.fullmatch(entry.version)) != shown or (named and entry.name != place):
        raise Damaged(f"写的是 {entry.name[:20]}，与文件夹的名字不同")
    for path, hashes in entry.files.items():
        if not declared(path):
            raise Damaged(f"写有数据文件夹里不该有的文件 {path[:40]}")
        if path == TOWN and not shown and None in hashes:
            raise Damaged("要撤销就得删去 town.toml，没有它文件夹就打不开")
        before, after = hashes
        if before is after is None or not all(h is None or _HASH.fullmatch(h) for h in hashes):
            raise Damaged(f"{path} 没有校验码")


def declared(path: object) -> bool:
    """Whether a data folder may have a file of this path: town.toml, a table's CSV or Parquet, a
    part below a ledger's folder, the answers given in imports. Nothing else is ever written or read
    by a manifest's word."""
    if not isinstance(path, str) or not path.isprintable() or re.search(r"[\\:]", path):
        return False
    if path in (TOWN, ANSWERS) or any(path == t.path for t in TABLES):
        return True
    first, *inside = path.split("/")
    if first != LEDGERS or not inside or any(p.startswith((".", "~")) or not p for p in inside):
        return False
    name, _, ending = inside[-1].rpartition(".")
    table = inside[0] if len(inside) > 1 else name
    return ending == "parquet" and any(t.inside and t.name == table for t in TABLES)


def digest(path: Path, follow: bool = True) -> str | None:
    """The SHA-256 of a file, None where there is none. Raises OSError, Odd where it is no file."""
    try:
        with regular.opened(path, follow) as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except FileNotFoundError:
        return None


# ---------------------------------------------------------------- listing


def _places(folder: Path, name: re.Pattern[str]) -> list[Path]:
    """The directories of entries of such names, the oldest publishing first; none where they cannot
    be listed."""
    found: list[str] = []
    with suppress(OSError):
        at = real(folder)
        for home in (at, at / FORMER) if name is _VERSION else (at,):
            if regular.is_folder(home):
                there = [e for e in os.scandir(home) if name.fullmatch(e.name)]
                found += (e.path for e in there if e.is_dir(follow_symlinks=False))
    return [Path(path) for path in sorted(found)]


def newest(folder: Path) -> int:
    """The number of the newest publishing, 0 where there is none."""
    return max((int(p.name) for p in _places(folder, _NUMBER)), default=0)


def _entries(folder: Path, name: re.Pattern[str]) -> list[Entry]:
    """The entries of such names; one that is going, or was tampered with, is none."""
    found = []
    for place in _places(folder, name):
        with suppress(Damaged):
            found.append(read(place))
    return found


def publishings(folder: Path) -> list[Entry]:
    """The publishings kept, oldest first. Edits that go on from one another are one, which keeps the
    files as they were before the first."""
    return _as_one(_entries(folder, _NUMBER))


def _as_one(numbered: list[Entry]) -> list[Entry]:
    """The same of the entries of all numbers."""
    found: dict[int, Entry] = {}
    for entry in numbered:
        first = found.get(entry.extends or 0)
        if first and (first.kind, first.files.keys()) == (entry.kind, entry.files.keys()):
            del found[entry.extends]
            files = {p: (first.files[p][0], after) for p, (_, after) in entry.files.items()}
            since = (*first.since, *entry.since)
            entry = replace(entry, since=since, files=files, manifest=first.manifest)
        found[int(entry.place.name)] = entry
    return list(found.values())


def kept(folder: Path) -> list[Entry]:
    """The states kept of a folder, the one that was shown last at the end."""
    found = _entries(folder, _VERSION) if most() else []
    return sorted(found, key=lambda e: (e.last, e.version))


def damaged(folder: Path) -> list[Fault]:
    """The entries whose manifest cannot be used."""
    found = []
    for place in (*_places(folder, _NUMBER), *(_places(folder, _VERSION) if most() else ())):
        try:
            read(place)
        except Damaged as e:
            at = place.relative_to(folder).as_posix()
            what, lost = "这一版", "再看这一版"
            if _NUMBER.fullmatch(place.name):
                what, lost = "这一次导入", "撤销它"
            said = f"{what}的记录不能用（{e}），不能{lost}：请恢复这个文件，或把 {at} 移到别处"
            name = FORMER_MANIFEST if place.parent.name == FORMER else MANIFEST
            found.append(Fault("warning", f"{at}/{name}", None, "", "", RULE, said))
    return found[:KEPT]


def find(folder: Path, version: str) -> Entry | None:
    """A state by its name; None where it is not kept."""
    return next((k for k in kept(folder) if k.version == version), None)


def on(folder: Path, day: date) -> Entry | None:
    """The state that was shown at the end of a day; None where none is kept from then."""
    times = [(t, k) for k in kept(folder) for t in k.since if t[:10] <= day.isoformat()]
    return max(times, key=lambda found: found[0])[1] if times else None


def having(folder: Path, files: Collection[str], sha256: str) -> Entry | None:
    """The newest state with these files, of that hash over all of them (`joined`)."""
    for k in reversed(kept(folder)):
        found = {file: k.after[file] for file in files if file in k.after}
        if found and joined(found) == sha256:
            return k
    return None


def folder_of(snapshot: Snapshot) -> Path:
    """The data folder of a snapshot, also of a state that was opened from its history."""
    return next((p.parent for p in snapshot.root.parents if p.name == FOLDER), snapshot.root)


# ---------------------------------------------------------------- keeping what is shown


def most() -> int:
    """How many states are kept."""
    named = os.environ.get(VARIABLE, "")
    return int(named) if named.isascii() and named.isdigit() else KEPT


def keep(snapshot: Snapshot, now: datetime | None = None) -> bool:
    """Keep what is shown; whether it is kept. A file that has changed since it was read leaves the
    state unkept: the next one has it. The demo that comes with the program is looked at alone: it
    stays as it was shipped."""
    folder = snapshot.root
    if not most() or folder == SHIPPED_DEMO:
        return False
    at = beijing.stamp(now)
    try:
        known = kept(folder)
        if known and known[-1].version == snapshot.version:
            return True
        if same := find(folder, snapshot.version):
            _tell(same, since=(*same.since, at))
            return True
        if not _write(snapshot, known, at):
            return False
        prune(folder)
    except (OSError, Damaged):
        return False
    return True


def name_meeting(snapshot: Snapshot, meeting: str) -> bool:
    """Keep what is shown for as long as the folder lasts, since a meeting's file names it; whether
    it is kept."""
    folder = folder_of(snapshot)
    with suppress(OSError):
        there = folder != snapshot.root or keep(snapshot)
        if there and (found := find(folder, snapshot.version)):
            _tell(found, meetings=tuple(dict.fromkeys((*found.meetings, meeting))))
            return True
    return False


def _tell(entry: Entry, **changes: tuple[str, ...]) -> None:
    """Rewrite what an entry says of itself."""
    give = partial(owners.give, like=os.stat(entry.place), shared=True)
    whole.write(entry.manifest, replace(entry, **changes).written(), give)


def _write(snapshot: Snapshot, known: list[Entry], at: str) -> bool:
    """Copy the files of a snapshot; False where one is no longer what was read."""
    home, like = snapshot.root / FOLDER, os.stat(snapshot.root)
    owners.make(home, like, shared=True)
    new = Path(tempfile.mkdtemp(prefix=".", dir=home))
    try:
        after = _copies(snapshot, new / "new", known)
        if after is None:
            return False
        before = known[-1].after if known else {}
        files = {p: (before.get(p), after.get(p)) for p in {**before, **after}}
        entry = Entry(SHOWN, (at,), version=snapshot.version, files=files)
        (new / MANIFEST).write_bytes(entry.written())
        owners.give_all(new, like, shared=True)
        with suppress(OSError):  # another server was first
            os.rename(new, home / entry.name)
        return bool(read(home / entry.name))
    finally:
        shutil.rmtree(new, ignore_errors=True)


def _copies(snapshot: Snapshot, new: Path, known: list[Entry]) -> dict[str, str] | None:
    """Put the files of a snapshot into a directory: path → SHA-256."""
    hashes: dict[str, str] = {}
    for group, sha256 in snapshot.files():
        alone = sha256 if len(group) == 1 else ""
        found = {file: _copy(file, group[file], alone, new, known) for file in group}
        if joined(found) != sha256:
            # A table that is shown as it was before its files broke: from the state that has them.
            former = having(snapshot.root, group, sha256)
            if former is None:
                return None
            found = {file: former.after[file] for file in group}
            for file, sha in found.items():
                _copy(file, former.content / file, sha, new, known)
        hashes |= found
    return hashes


def _copy(file: str, source: Path, expected: str, new: Path, known: list[Entry]) -> str:
    """One file: a link to the same content of another state, else a copy. Its SHA-256."""
    target = new / file
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    expected = expected or digest(source) or ""
    if _linked(target, file, expected, known):
        return expected
    if shutil.disk_usage(new).free - source.stat().st_size < SPARE:
        raise OSError("no room")
    hasher = hashlib.sha256()
    with regular.opened(source) as stream, open(target, "wb") as out:
        while block := stream.read(1 << 20):
            hasher.update(block)
            out.write(block)
    shutil.copystat(source, target)
    return hasher.hexdigest()


# ---------------------------------------------------------------- what lies on the disk


def share(folder: Path, entry: Entry) -> None:
    """Let what a publishing keeps be the files of the states that were shown, as far as these have
    them."""
    known = kept(folder)
    for path, (before, _) in entry.files.items():
        if before:
            _linked(entry.content / path, path, before, known, lasting=True)


def _linked(
    target: Path, file: str, sha256: str, known: list[Entry], lasting: bool = False
) -> bool:
    """Make a file one with the same file of a state, where that has this content still. `lasting`:
    once that is on the disk for good."""
    spare = target.with_name(f".{target.name}")
    for k in reversed(known):
        with suppress(OSError):
            same = k.content / file
            if k.after.get(file) == sha256 == digest(same, follow=False):
                if lasting:
                    with regular.opened(same, follow=False) as stream:
                        os.fsync(stream.fileno())
                os.link(same, spare)
                os.replace(spare, target)
                return True
    return False


def prune(folder: Path) -> None:
    """Let go of the oldest entries beyond those kept, of edits that were gone on from, and of what a
    crash left."""
    # Looked at once: what another process publishes meanwhile stays.
    numbered, states = _entries(folder, _NUMBER), kept(folder)
    stay: set[Path] = set()
    counted: Counter[tuple[bool, bool]] = Counter()
    for e in reversed((*_as_one(numbered), *states)):
        of = (e.kind == SHOWN, e.by_hand)
        counted[of] += not e.meetings
        if e.meetings or counted[of] <= (most() if e.kind == SHOWN else KEPT):
            stay |= {e.place, folder / FOLDER / e.name}
    for e in (*numbered, *states):
        if e.place not in stay:
            gone = folder / FOLDER / f".{e.name}"
            with suppress(OSError):
                os.rename(e.place, gone)
            shutil.rmtree(gone, ignore_errors=True)
    day_ago = time.time() - 86_400
    for left in real(folder).glob(".*"):
        with suppress(OSError):
            if regular.is_folder(left) and os.lstat(left).st_mtime < day_ago:
                shutil.rmtree(left, ignore_errors=True)
