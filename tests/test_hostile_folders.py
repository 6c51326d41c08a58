"""A folder from elsewhere can harm nothing: what its history says is believed only where a data
folder may have it; what is damaged is told in a moment, and the data stay up."""

from __future__ import annotations

import hashlib
import json
import os
import socket
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import folders
import pytest
import screens
import sending

from qmg_dash.figures.faults import all_faults
from qmg_dash.folder import history, publishing, store
from qmg_dash.folder.history import Refused
from qmg_dash.intake import plan as planning
from qmg_dash.model import DataError

SOON = 3.0
"""Seconds, on a machine that does other things too; a good manifest takes a hundredth of one."""
OLD, NEW = (
    folders.csv_text("disputes", [folders.GOOD["disputes"][0] | {"village": v}]).encode("utf-8-sig")
    for v in ("旧村", "新村")
)
PATH = "ledgers/disputes.csv"
on_posix = pytest.mark.skipif(os.name != "posix", reason="pipes, devices, links as root has them")


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A town's folder; beside it lies what is nobody's business."""
    monkeypatch.setenv(history.VARIABLE, "20")
    monkeypatch.setattr(store, "QUIET", 0.001)
    outside = tmp_path / "outside"
    for path in ("town.toml", PATH, "manifest.json", "x.csv", "000001/manifest.json", "dir/a.txt"):
        folders.put(outside / path, b"not yours")
    for place in (outside / "dir", outside / "000001"):
        os.utime(place, (1, 1))
    inside = folders.town(tmp_path / "town")
    folders.put(inside / PATH, OLD)
    return inside


def around(folder: Path) -> dict[str, bytes]:
    """Everything outside."""
    outside = folder.parent / "outside"
    return {str(p.relative_to(outside)): p.read_bytes() for p in outside.rglob("*") if p.is_file()}


# ---- manifests -----------------------------------------------------------------------------------
def told(number: int = 1, files: Any = None, **other: Any) -> dict[str, Any]:
    """A sound manifest of a publishing."""
    files = {PATH: [sha(OLD), sha(NEW)]} if files is None else files
    when = "2023-01-05T08:00:00+08:00"
    return {
        "number": number,
        "kind": "import",
        "when": when,
        "by": "",
        "reason": "",
        "undoes": None,
        "files": files,
        "about": {"sent": ["a.xlsx"], "tables": {"disputes": [0, 1, 0]}},
    } | other


KEPT, SHOWN = "0123456789ab", "ba9876543210"
KINDS = {
    "pending": (f"{publishing.PENDING}/{history.MANIFEST}", told()),
    "reverting": (f"{publishing.REVERTING}/{history.MANIFEST}", told()),
    "version": (f"000001/{history.MANIFEST}", told()),
    "shown": (
        f"{SHOWN}/{history.MANIFEST}",
        {
            "kind": "shown",
            "since": ["2023-01-05T08:00:00+08:00"],
            "version": SHOWN,
            "files": {PATH: [sha(OLD), sha(NEW)]},
        },
    ),
    "kept": (
        f"{history.FORMER}/{KEPT}/{history.FORMER_MANIFEST}",
        {
            "version": KEPT,
            "since": ["2023-01-05T08:00:00+08:00"],
            "meetings": [],
            "hashes": {PATH: sha(OLD)},
        },
    ),
}
"""Each manifest: where it lies in `.history`, and a sound one; `version` and `kept` in the former
layout."""


def lay(folder: Path, kind: str) -> Path:
    """A sound history of a kind; the path of its manifest."""
    where, content = KINDS[kind]
    path = folder / history.FOLDER / where
    folders.put(path, json.dumps(content), "utf-8")
    folders.put(path.parent / "new" / PATH, NEW)
    folders.put(path.parent / "old" / PATH, OLD)
    if kind == "kept":
        folders.put(path.parent / PATH, OLD)
    if kind in ("kept", "shown"):
        at = path.parent / ("new" if kind == "shown" else "")
        folders.put(at / "town.toml", (folder / "town.toml").read_bytes())
    return path


def text(change: Callable[[str], str]) -> Callable[[Path], object]:
    return lambda path: path.write_text(change(path.read_text("utf-8")), "utf-8")


def with_keys(**more: Any) -> Callable[[Path], object]:
    return text(lambda t: json.dumps(json.loads(t) | more))


def with_hash(hash_: Any) -> Callable[[Path], object]:
    def change(path: Path) -> None:
        said = json.loads(path.read_text("utf-8"))
        if "hashes" in said:
            said["hashes"][PATH] = hash_
        else:
            said["files"][PATH] = hash_
        path.write_text(json.dumps(said), "utf-8")

    return change


def with_path(name: str) -> Callable[[Path], object]:
    def change(path: Path) -> None:
        said = json.loads(path.read_text("utf-8"))
        at = "hashes" if "hashes" in said else "files"
        said[at] = {name: said[at][PATH]}
        path.write_text(json.dumps(said), "utf-8")
        for part in ("new", "old"):
            if (
                "\0" not in name
                and len(name) < 200
                and not name.startswith("/")
                and name.strip(".")
            ):
                target = path.parent / part / name
                target.parent.mkdir(parents=True, exist_ok=True)
                if not target.exists():
                    target.write_bytes(NEW if part == "new" else OLD)

    return change


def huge(path: Path) -> None:
    with open(path, "r+b") as stream:
        stream.truncate(100 << 20)


def instead(make: Callable[[Path], object]) -> Callable[[Path], object]:
    def change(path: Path) -> None:
        path.unlink()
        make(path)

    return change


def a_socket(path: Path) -> None:
    here = os.getcwd()
    os.chdir(path.parent)  # the name of a socket is short
    with socket.socket(socket.AF_UNIX) as at:
        at.bind(path.name)
    os.chdir(here)


ODD: dict[str, Callable[[Path], object]] = {
    "a folder": Path.mkdir,
    "a link to an endless device": lambda p: p.symlink_to("/dev/zero"),
    "a link to itself": lambda p: p.symlink_to(p),
}
if os.name == "posix":
    ODD |= {"a pipe": os.mkfifo, "a socket": a_socket}

DAMAGED: dict[str, Callable[[Path], object]] = {
    "empty": text(lambda t: ""),
    "cut": text(lambda t: t[: len(t) // 2]),
    "no JSON": text(lambda t: "manifest"),
    "a list": text(lambda t: f"[{t}]"),
    "null": text(lambda t: "null"),
    "no text": lambda p: p.write_bytes(b"\xff\xfe\x00{"),
    "nested deeply": text(lambda t: "[" * 400_000),
    "nested deeply within": text(lambda t: '{"files":' * 90_000),
    "100 MB": huge,
    "a number of 5,000 digits": text(lambda t: '{"number": ' + "9" * 5000 + "}"),
    "nothing in it": text(lambda t: "{}"),
    "no hash": with_hash(None),
    "half a hash": with_hash(["abc", "def"]),
    "numbers for hashes": with_hash([1, 2]),
    "files of another type": with_keys(files=["a"], hashes=["a"]),
    "times of another type": with_keys(when=5, since=[5]),
    "no times": with_keys(when="gestern", since=["gestern"]),
    "texts of another type": with_keys(by={}, meetings=[{}]),
    "another version": with_keys(number=-4, version="ffffffffffff"),
    "another kind": with_keys(kind="shown", version="../../outside"),
    "numbers of another type": with_keys(number="1", undoes=[1], extends={}),
    **{f"path {name[:20]!a}": with_path(name) for name in (
        "/etc/passwd", "../outside/x.csv", "ledgers/../../outside/x.csv", "ledgers/../town.toml",
        "./town.toml", "ledgers//disputes.csv", "C:\\x.csv", "ledgers\\disputes.csv", "..", "", ".",
        ".history/000001/manifest.json", "ledgers/.disputes.csv", "ledgers/disputes.csv.bak",
        "ledgers/unknown.csv", "ledgers/disputes/part.csv", "ledgers/unknown/p.parquet",
        "ledgers/disputes/../../../outside/x.parquet", "README.md", "demo/town.toml",
        "ledgers/disputes.csv\0", "x" * 5000,
    )},
    **{name: instead(make) for name, make in ODD.items()},
}  # fmt: skip
GONE = {"gone": Path.unlink}
SOAK = bool(os.environ.get("QMG_SOAK"))


def each(kinds: Sequence[str]) -> list[tuple[str, str]]:
    """Every damage, with the kinds in turn; in `make soak` with all of them."""
    damages = enumerate([*DAMAGED, *GONE])
    return [
        (kind, damage)
        for n, damage in damages
        for m, kind in enumerate(kinds)
        if SOAK or n % len(kinds) == m
    ]


@pytest.mark.parametrize(("kind", "damage"), each(list(KINDS)))
def test_a_damaged_manifest_is_told_and_the_data_stay_up(
    folder: Path, kind: str, damage: str
) -> None:
    following = store.Store(folder)
    assert following.current().records("disputes")[0]["village"] == "旧村"
    (DAMAGED | GONE)[damage](lay(folder, kind))
    before = around(folder), sending.tree(folder)
    began = time.monotonic()
    for snapshot in (store.load(folder), following.current()):
        assert snapshot.records("disputes")[0]["village"] == "旧村"
    fresh = store.load(folder)
    told = [f for f in all_faults(fresh) if f.rule == history.RULE]
    assert time.monotonic() - began < SOON
    assert [f.file for f in told] == [f"{history.FOLDER}/{KINDS[kind][0]}"]
    assert "请" in told[0].message and len(told[0].message) < 300
    assert following.current() is following.current(), "it is not read anew at every look"
    assert not {k.version for k in history.kept(folder)} & {KEPT, SHOWN}
    assert store.opened(folder, KEPT) is store.opened(folder, SHOWN) is None
    assert (around(folder), sending.tree(folder)) == before


@pytest.mark.parametrize(("kind", "damage"), each(["pending", "reverting"]))
def test_nothing_is_published_over_what_cannot_be_finished(
    folder: Path, kind: str, damage: str
) -> None:
    (DAMAGED | GONE)[damage](lay(folder, kind))
    before = around(folder), sending.tree(folder)
    with pytest.raises(Refused):
        publishing.publish(folder, {PATH: NEW}, {PATH: sha(OLD)})
    assert (around(folder), sending.tree(folder)) == before


def test_a_sound_manifest_is_finished(folder: Path) -> None:
    """The tests above are not empty: each kind, undamaged, does its work."""
    lay(folder, "pending")
    assert store.load(folder).records("disputes")[0]["village"] == "新村"
    lay(folder, "reverting")
    assert store.load(folder).records("disputes")[0]["village"] == "旧村"
    for kind in ("version", "kept", "shown"):
        lay(folder, kind)
    assert [v.number for v in history.publishings(folder)] == [1]
    assert [k.version for k in history.kept(folder)] == [KEPT, SHOWN]
    for version, village in ((KEPT, "旧村"), (SHOWN, "新村")):
        former = store.opened(folder, version)
        assert former is not None
        assert former.records("disputes")[0]["village"] == village
    assert all(f.rule != history.RULE for f in all_faults(store.load(folder)))


@pytest.mark.parametrize(("kind", "part"), [("pending", "new"), ("reverting", "old")])
@pytest.mark.parametrize(
    "change",
    [
        lambda p: p.write_bytes(b"other"),
        lambda p: (p.unlink(), p.symlink_to(p.parents[5] / "outside" / PATH)),
        *(instead(make) for make in ODD.values()),
    ],
)
def test_what_is_moved_is_what_the_manifest_says(
    folder: Path, kind: str, part: str, change: Callable[[Path], object]
) -> None:
    path = lay(folder, kind)
    if kind == "reverting":
        folders.put(folder / PATH, NEW)
    change(path.parent / part / PATH)
    before = around(folder), sending.tree(folder)
    snapshot = store.load(folder)
    assert history.RULE in {f.rule for f in snapshot.faults}
    assert snapshot.records("disputes")
    assert (around(folder), sending.tree(folder)) == before


@pytest.mark.parametrize("kind", ["pending", "reverting"])
def test_a_manifest_removes_nothing_but_what_it_knows(folder: Path, kind: str) -> None:
    path = lay(folder, kind)
    gone = {PATH: [sha(NEW), None] if kind == "pending" else [None, sha(NEW)]}
    path.write_text(json.dumps(told(files=gone)), "utf-8")
    assert store.load(folder).records("disputes")[0]["village"] == "旧村"
    assert (folder / PATH).read_bytes() == OLD


def test_an_undo_never_takes_the_town_away(folder: Path) -> None:
    """An import puts no town.toml in: a manifest that says so would have it removed."""
    town = (folder / "town.toml").read_bytes()
    path = lay(folder, "version")
    path.write_text(json.dumps(told(files={"town.toml": [None, sha(town)]})), "utf-8")
    assert history.publishings(folder) == []
    with pytest.raises(Refused):
        publishing.undo(folder)
    assert (folder / "town.toml").read_bytes() == town


def test_an_undo_brings_back_nothing_but_what_was_there(folder: Path) -> None:
    done = publishing.publish(folder, {PATH: NEW}, {PATH: sha(OLD)})
    old = folder / history.FOLDER / done.name / "old" / PATH
    old.write_bytes(b"other")
    with pytest.raises(Refused, match="已不是当时的内容"):
        publishing.undo(folder)
    old.unlink()
    old.symlink_to(folder.parent / "outside" / PATH)
    with pytest.raises(Refused, match="读不出"):
        publishing.undo(folder)
    assert (folder / PATH).read_bytes() == NEW


# ---- links that lead out -------------------------------------------------------------------------
def led_out(folder: Path, at: str) -> None:
    """Something of the folder is a link to what lies outside."""
    place, outside = folder / at, folder.parent / "outside"
    if place.is_dir():
        place.rename(folder.parent / "away")
    place.parent.mkdir(parents=True, exist_ok=True)
    inside = {"ledgers": "ledgers", f"{history.FOLDER}/{publishing.LOCK}": "x.csv"}.get(at, ".")
    place.symlink_to(outside / inside)


LINKS = (
    history.FOLDER,
    *(f"{history.FOLDER}/{n}" for n in ("pending", "reverting", "new", "000001", "shown", "lock")),
    *(f"{history.FOLDER}/{n}" for n in (KEPT, f"{history.FORMER}/{KEPT}")),
    "ledgers",
)


@on_posix
@pytest.mark.parametrize("at", LINKS)
def test_a_link_that_leads_out_is_never_written_through(folder: Path, at: str) -> None:
    if at == "ledgers":
        lay(folder, "pending")
    led_out(folder, at)
    before = around(folder)
    snapshot = store.load(folder)
    assert snapshot.town.name
    history.keep(snapshot)
    for n in range(3):  # prunes, clears away
        folders.put(folder / "goals.csv", folders.csv_text("goals", []) + "\n" * n)
        history.keep(store.load(folder))
    try:
        publishing.publish(folder, {PATH: NEW}, {PATH: publishing.hash_of(folder, PATH)})
    except Refused as e:
        assert "请" in str(e)
    history.kept(folder)
    store.opened(folder, KEPT)
    history.publishings(folder)
    assert around(folder) == before


@pytest.mark.parametrize("path", ["../outside/x.csv", "/etc/passwd", "ledgers/unknown.csv", ".x"])
def test_only_a_folders_own_files_are_published(folder: Path, path: str) -> None:
    with pytest.raises(Refused, match="不在数据文件夹里"):
        publishing.publish(folder, {path: NEW}, {path: None})


@pytest.mark.parametrize("name", ["²", "000001x", "9" * 200, "-00001", "٠٠٠٠٠١"])
def test_a_name_that_is_no_version_is_none(folder: Path, name: str) -> None:
    (folder / history.FOLDER / name).mkdir(parents=True)
    assert store.load(folder).faults == ()
    assert history.newest(folder) == 0


# ---- no history ----------------------------------------------------------------------------------
@on_posix
def test_a_history_that_cannot_be_used_stops_no_screen(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    led_out(folder, history.FOLDER)
    monkeypatch.setenv("QMG_DATA_DIR", str(folder))
    for path in (*screens.PATHS, "/since"):
        assert screens.visit(path).title, path
    assert "用不了历史版本" in screens.visit("/trust").text


# ---- something else under a file's name ----------------------------------------------------------
@pytest.mark.parametrize("make", [*ODD, "100 MB", "nested deeply", "a number of 5,000 digits"])
def test_a_town_that_is_no_file_is_told_in_a_moment(folder: Path, make: str) -> None:
    following = store.Store(folder)
    good = following.current()
    town = folder / "town.toml"
    if make in ODD:
        instead(ODD[make])(town)
    elif make == "100 MB":
        huge(town)
    else:
        town.write_text("a = " + ("[" * 30_000 if "nested" in make else "9" * 5000), "utf-8")
    began = time.monotonic()
    with pytest.raises(DataError) as told:
        store.load(folder)
    assert {f.file for f in told.value.faults} == {"town.toml"}
    assert not [f for f in told.value.faults if "占用" in f.message or "新建" in f.message]
    with pytest.raises(DataError) as sent:
        planning.make([planning.Sent("矛盾纠纷.csv", NEW)], folder)
    assert sent.value.faults == told.value.faults, "an import asked for another town.toml"
    shown = following.current()
    assert time.monotonic() - began < 2 * SOON
    assert shown.records("disputes") == good.records("disputes")
    assert "town.toml" in {f.file for f in shown.faults if f.severity == "error"}


@on_posix
def test_a_part_of_a_ledger_that_is_no_file_is_told(folder: Path) -> None:
    part = folder / "ledgers/disputes/year=2023/a.parquet"
    part.parent.mkdir(parents=True)
    (folder / PATH).unlink()
    for make in (os.mkfifo, lambda p: p.symlink_to("/dev/zero"), lambda p: p.symlink_to(p)):
        make(part)
        faults = [f for f in store.load(folder).faults if f.severity == "error"]
        assert [(f.file, f.rule) for f in faults] == [("ledgers/disputes", "读取")]
        part.unlink()


@pytest.mark.parametrize("make", ODD)
@pytest.mark.parametrize("name", [PATH, "corrections.csv", "reported.csv"])
def test_an_import_over_what_is_no_file_is_refused(folder: Path, make: str, name: str) -> None:
    (folder / name).unlink(missing_ok=True)
    ODD[make](folder / name)
    sent = planning.Sent("矛盾纠纷.csv", NEW)
    began = time.monotonic()
    try:
        plan = planning.make([sent], folder)
    except Refused as e:
        assert "请" in str(e)
    else:
        assert plan.refused or name != PATH
    assert time.monotonic() - began < 2 * SOON


@pytest.mark.parametrize("make", ODD)
def test_a_snapshot_beside_what_is_no_file_is_kept_or_not(folder: Path, make: str) -> None:
    ODD[make](folder / "reported.csv")
    snapshot = store.load(folder)
    assert [f.file for f in snapshot.faults if f.severity == "error"] == ["reported.csv"]
    assert history.keep(snapshot) in (True, False)
    assert store.opened(folder, snapshot.version) is None or history.kept(folder)
