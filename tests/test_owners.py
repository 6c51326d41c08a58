"""What an import puts into a folder belongs to whom the folder belongs, in the mode that was there."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import folders
import pytest
import sending

from qmg_dash.folder import history, owners, publishing, store
from qmg_dash.folder.history import Refused

posix = pytest.mark.skipif(not hasattr(os, "chown"), reason="Windows has other rights")
as_root = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can be several accounts"
)
OFFICE, COLLEAGUE, GROUP = 12_345, 12_346, 23_456
TOLD = "ledgers/disputes.csv"
NEW = "ledgers/documents.csv"


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A town's folder that every account can reach; pytest's own are root's alone."""
    monkeypatch.setenv(history.VARIABLE, "20")
    monkeypatch.setattr(store, "QUIET", 0.001)
    monkeypatch.setattr(publishing, "PATIENCE", 0.5)
    place = Path(tempfile.mkdtemp(prefix="owned-"))
    place.chmod(0o755)
    yield folders.town(place / "town", "disputes")
    shutil.rmtree(place)


def belongs(folder: Path, uid: int, mode: int) -> None:
    """Give the folder and all in it to an account."""
    for path in (folder, *folder.rglob("*")):
        os.chown(path, uid, GROUP)
        path.chmod(mode if path.is_dir() else mode & 0o666)


@contextmanager
def account(uid: int, umask: int = 0o022) -> Iterator[None]:
    """Be another account for a while."""
    before = os.umask(umask)
    groups = os.getgroups()
    os.setgroups([])
    os.setegid(GROUP)
    os.seteuid(uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)
        os.setgroups(groups)
        os.umask(before)


@contextmanager
def administrator() -> Iterator[None]:
    before = os.umask(0o027)
    yield
    os.umask(before)


def publish(folder: Path, village: str = "新村") -> history.Entry:
    """One table that is there, one that is not."""
    rows = [folders.GOOD["disputes"][0] | {"village": village}]
    changes = {
        TOLD: folders.csv_text("disputes", rows).encode("utf-8-sig"),
        NEW: folders.csv_text("documents", folders.GOOD["documents"]).encode("utf-8-sig"),
    }
    return publishing.publish(folder, changes, {p: history.digest(folder / p) for p in changes})


def rights(folder: Path) -> dict[str, tuple[int, int, str]]:
    return {
        str(p.relative_to(folder)): (
            (s := p.lstat()).st_uid,
            s.st_gid,
            oct(stat.S_IMODE(s.st_mode)),
        )
        for p in (folder, *folder.rglob("*"))
    }


@as_root
@pytest.mark.parametrize("mode", [0o755, 0o750, 0o770, 0o2775, 0o700])
def test_what_an_administrator_imports_is_the_offices(folder: Path, mode: int) -> None:
    belongs(folder, OFFICE, mode)
    with administrator():
        publish(folder)
        assert history.keep(store.load(folder))
        publish(folder, "又一村")
        publishing.undo(folder)
        assert history.keep(store.load(folder))
    found = rights(folder)
    assert {r[:2] for r in found.values()} == {(OFFICE, GROUP)}
    for path, (*_, written) in found.items():
        wanted = mode if (folder / path).is_dir() else mode & 0o666
        assert written == oct(wanted), path
    assert {
        f"{history.FOLDER}/{publishing.LOCK}",
        NEW,
        f"{history.FOLDER}/000001/manifest.json",
    } <= {*found}
    with account(OFFICE):
        snapshot = store.load(folder)
        assert not [f for f in snapshot.faults if f.rule == history.RULE]
        assert len(snapshot.records("documents")) == 1
        assert history.kept(folder)
        publish(folder, "第四村")
        publishing.undo(folder)
        publishing.undo(folder)
        assert not (folder / NEW).exists()


@as_root
def test_each_file_keeps_its_own_rights(folder: Path) -> None:
    belongs(folder, OFFICE, 0o755)
    os.chown(folder / TOLD, COLLEAGUE, GROUP)
    (folder / TOLD).chmod(0o664)
    with administrator():
        publish(folder)
        assert rights(folder)[TOLD] == (COLLEAGUE, GROUP, oct(0o664))
        publishing.undo(folder)
    assert rights(folder)[TOLD] == (COLLEAGUE, GROUP, oct(0o664))


@as_root
def test_a_history_that_an_earlier_import_left_to_root_is_put_right(folder: Path) -> None:
    publish(folder)
    belongs(folder, OFFICE, 0o755)
    for path in (folder / history.FOLDER, *(folder / history.FOLDER).rglob("*")):
        os.chown(path, 0, 0)
        path.chmod(0o700 if path.is_dir() else 0o600)
    with administrator():
        publish(folder, "又一村")
    with account(OFFICE):
        publish(folder, "第三村")
        assert store.load(folder).records("disputes")[0]["village"] == "第三村"


@as_root
@pytest.mark.parametrize("mode", [0o775, 0o777, 0o2775])
def test_an_account_that_cannot_give_files_away_is_refused_before_anything_moves(
    folder: Path, mode: int
) -> None:
    belongs(folder, OFFICE, mode)
    before, whose = sending.tree(folder), rights(folder)
    with account(COLLEAGUE), pytest.raises(Refused, match=f"属于账号 {OFFICE}.*请用账号 {OFFICE}"):
        publish(folder)
    assert (sending.tree(folder), rights(folder)) == (before, whose)
    with account(OFFICE):
        publish(folder)


@as_root
def test_a_dashboard_of_another_account_leaves_the_history_to_the_group(folder: Path) -> None:
    """It keeps versions only where the owner can go on with them."""
    belongs(folder, OFFICE, 0o2775)
    with account(COLLEAGUE):
        assert history.keep(store.load(folder))
    assert {r[1] for r in rights(folder).values()} == {GROUP}
    with account(OFFICE, 0o077):
        publish(folder)
        assert history.keep(store.load(folder))
        publishing.undo(folder)
    belongs(folder, OFFICE, 0o755)
    shutil.rmtree(folder / history.FOLDER)
    before = rights(folder)
    with account(COLLEAGUE):
        assert not history.keep(store.load(folder))
    assert rights(folder) == before


@as_root
@pytest.mark.parametrize("what", [".", "000001", "a state", "lock"])
def test_a_history_that_cannot_be_read_stops_no_reader(folder: Path, what: str) -> None:
    publish(folder)
    assert history.keep(store.load(folder))
    belongs(folder, OFFICE, 0o755)
    (state,) = history.kept(folder)
    hidden = folder / history.FOLDER / what.replace("a state", state.name)
    for path in (hidden, *hidden.rglob("*")):
        os.chown(path, 0, 0)
        path.chmod(0o700 if path.is_dir() else 0o600)
    with account(OFFICE):
        snapshot = store.load(folder)
        assert snapshot.records("disputes")
        assert not [f for f in snapshot.faults if f.severity == "error"]
        assert what == "lock" or history.RULE in {f.rule for f in snapshot.faults}
        assert all("请" in f.message for f in snapshot.faults)
        history.publishings(folder)
        publishing.undoable(folder)
        history.keep(snapshot)
        store.opened(folder, snapshot.version)
        following = store.Store(folder)
        assert following.current() is following.current()
        if what in (".", "lock"):
            with pytest.raises(Refused, match="没有权限"):
                publish(folder, "又一村")


@as_root
def test_an_import_that_broke_off_is_finished_by_whoever_reads(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    belongs(folder, OFFICE, 0o755)
    with administrator(), monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(publishing, "_apply", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        publish(folder)
    assert publishing.unfinished(folder)
    with account(OFFICE):
        assert store.load(folder).records("disputes")[0]["village"] == "新村"
    assert {r[:2] for r in rights(folder).values()} == {(OFFICE, GROUP)}


# ---- without another account ---------------------------------------------------------------------
@posix
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664])
def test_an_import_keeps_the_mode_of_a_file(folder: Path, mode: int) -> None:
    (folder / TOLD).chmod(mode)
    folder.chmod(0o750)
    before = os.umask(0o077)
    try:
        publish(folder)
        assert rights(folder)[TOLD][2] == oct(mode)
        assert rights(folder)[NEW][2] == oct(0o640)
        assert rights(folder)[history.FOLDER][2] == oct(0o750)
        publishing.undo(folder)
    finally:
        os.umask(before)
    assert rights(folder)[TOLD][2] == oct(mode)


@posix
def test_what_cannot_be_given_away_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As for an account that is not root, whose folder says that it is another's."""

    def never(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    real, before = os.stat, sending.tree(folder)
    other = lambda s: os.stat_result((*s[:4], s.st_uid + 1, *s[5:]))  # noqa: E731
    monkeypatch.setattr(
        os, "stat", lambda p, *a, **k: other(real(p, *a, **k)) if p == folder else real(p, *a, **k)
    )
    monkeypatch.setattr(os, "fchown", never)
    with pytest.raises(Refused, match=r"没有做任何改动.*属于账号"):
        publish(folder)
    assert sending.tree(folder) == before
    assert not (folder / history.FOLDER).exists()


@posix
def test_a_folder_of_our_own_needs_nobody(tmp_path: Path) -> None:
    owners.make(tmp_path / "new", os.stat(tmp_path))
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == stat.S_IMODE(tmp_path.stat().st_mode)
