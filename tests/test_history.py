"""Publishing is all or nothing, whenever it breaks off; what was there before comes back."""

from __future__ import annotations

import errno
import gc
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import folders
import pytest
import sending

from qmg_dash.folder import history, store
from qmg_dash.folder.history import Refused
from qmg_dash.model import DataError

ROOT = Path(__file__).parents[1]
KILLS = 200 if os.environ.get("QMG_SOAK") else 20
TABLES = ("disputes", "decisions", "documents")
PATHS = [f"ledgers/{name}.csv" for name in TABLES]


def contents(mark: str) -> dict[str, bytes]:
    """New contents of three files, all saying the same in a cell."""
    rows = {
        "disputes": {"village": mark},
        "decisions": {"title": mark},
        "documents": {"title": mark},
    }
    return {
        f"ledgers/{name}.csv": folders.csv_text(name, [folders.GOOD[name][0] | row]).encode(
            "utf-8-sig"
        )
        for name, row in rows.items()
    }


def base(folder: Path) -> dict[str, str | None]:
    return {path: history.digest(folder / path) for path in PATHS}


@pytest.fixture(autouse=True)
def nothing_is_collected() -> Iterator[None]:
    """What other tests left clears its own directories away when it is collected: not while the
    system's calls are those that die."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def publish(folder: Path, mark: str) -> history.Version:
    return history.publish(folder, contents(mark), base(folder), by="测")


def marks(folder: Path) -> set[str]:
    """What the three files say, as any reader of the folder sees it."""
    snapshot = store.load(folder)
    told = ("disputes", "village"), ("decisions", "title"), ("documents", "title")
    return {str(r[column]) for name, column in told for r in snapshot.records(name)}


def settled(folder: Path) -> str:
    """What the three files say once a reader has finished what broke off."""
    history.settle(folder)
    found = {
        m for m in ("旧", "新", "后") for p in PATHS if m.encode() in (folder / p).read_bytes()
    }
    (mark,) = found
    return mark


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody else writes here: the store need not wait for young files to be finished."""
    monkeypatch.setattr(store, "QUIET", 0.001)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folders.put_town(tmp_path)
    for path, data in contents("旧").items():
        folders.put(tmp_path / path, data)
    return tmp_path


# ---------------------------------------------------------------- the usual way


def test_files_change_together_and_come_back(folder: Path):
    before = sending.tree(folder)
    first = publish(folder, "新")
    assert marks(folder) == {"新"}
    assert (first.number, first.kind, first.by) == (1, history.IMPORT, "测")
    undone = history.undo(folder)
    assert sending.tree(folder) == before
    assert (undone.number, undone.kind, undone.undoes) == (2, history.UNDO, 1)
    with pytest.raises(Refused, match="没有可以撤销的导入"):
        history.undo(folder)


def test_undo_goes_back_import_by_import(folder: Path):
    for mark in ("一", "二", "三"):
        publish(folder, mark)
    for mark in ("二", "一", "旧"):
        history.undo(folder)
        assert marks(folder) == {mark}


def test_a_file_that_was_not_there_goes_again(folder: Path):
    (folder / PATHS[0]).unlink()
    publish(folder, "新")
    assert (folder / PATHS[0]).exists()
    history.undo(folder)
    assert not (folder / PATHS[0]).exists()


def test_the_last_twenty_versions_are_kept(folder: Path):
    for n in range(history.KEPT + 3):
        publish(folder, f"第{n}次")
    assert [v.number for v in history.versions(folder)] == list(range(4, history.KEPT + 4))


def test_a_change_of_someone_else_is_never_lost(folder: Path):
    known = base(folder)
    folders.put(folder / PATHS[1], contents("别人")[PATHS[1]])
    before = sending.tree(folder)
    with pytest.raises(Refused, match="刚刚被别人改过"):
        history.publish(folder, contents("新"), known)
    assert sending.tree(folder) == before


def test_an_import_that_was_changed_since_cannot_be_undone(folder: Path):
    publish(folder, "新")
    folders.put(folder / PATHS[1], contents("后来")[PATHS[1]])
    with pytest.raises(
        Refused, match=rf"第 1 次导入以后，{PATHS[1]} 又被改过.*\.history/000001/old"
    ):
        history.undo(folder)
    assert (folder / PATHS[1]).read_bytes() == contents("后来")[PATHS[1]]


def test_an_undo_that_means_another_import_is_refused(folder: Path):
    publish(folder, "新")
    publish(folder, "后")
    with pytest.raises(Refused, match="最近一次现在是第 2 次"):
        history.undo(folder, number=1)
    assert marks(folder) == {"后"}
    history.undo(folder, number=2)
    assert marks(folder) == {"新"}


def test_the_second_of_two_at_once_is_told(folder: Path):
    with history._locked(folder), pytest.raises(Refused, match="另一次导入正在进行"):
        publish(folder, "新")
    assert marks(folder) == {"旧"}


def test_of_many_at_once_none_is_lost_without_a_word(folder: Path):
    """Each one either stands in a version or was told that it did not get in."""
    told: dict[str, bool] = {}

    def send(mark: str) -> None:
        try:
            publish(folder, mark)
            told[mark] = True
        except Refused:
            told[mark] = False

    threads = [threading.Thread(target=send, args=(f"第{n}人",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    done = [m for m, ok in told.items() if ok]
    assert len(told) == 8 and done
    assert len(history.versions(folder)) == len(done)
    assert len(marks(folder)) == 1 and marks(folder) <= set(done)


# ---------------------------------------------------------------- held files


def test_a_file_held_open_is_refused_before_anything_moves(
    folder: Path, monkeypatch: pytest.MonkeyPatch
):
    """As Excel on Windows does: the file cannot be opened for writing."""
    real = open

    def held(path: object, mode: str = "r", *more: object, **named: object):
        if mode == "r+b" and str(path).endswith(PATHS[1]):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path, mode, *more, **named)  # type: ignore[call-overload]

    before = sending.tree(folder)
    monkeypatch.setattr(history, "open", held, raising=False)
    with pytest.raises(Refused, match=r"decisions\.csv 正被 Excel、WPS 或其他程序占用"):
        publish(folder, "新")
    assert sending.tree(folder) == before


@pytest.mark.parametrize("which", range(3))
def test_a_file_held_open_in_the_middle_takes_all_back(
    folder: Path, monkeypatch: pytest.MonkeyPatch, which: int
):
    real = os.replace

    def held(source: Path, target: Path) -> None:
        if str(target).endswith(PATHS[which]) and "pending" in str(source):
            raise PermissionError(13, "Permission denied", str(source), None, str(target))
        real(source, target)

    before = sending.tree(folder)
    monkeypatch.setattr(history, "TRIES", 1)
    monkeypatch.setattr(os, "replace", held)
    with pytest.raises(Refused, match="占用"):
        publish(folder, "新")
    monkeypatch.undo()
    assert sending.tree(folder) == before
    assert not history.unfinished(folder)
    publish(folder, "新")
    assert marks(folder) == {"新"}


@pytest.mark.parametrize("step", ["open", "rename"])
def test_a_folder_that_cannot_be_written_is_a_plain_refusal(
    folder: Path, monkeypatch: pytest.MonkeyPatch, step: str
):
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    before, known = sending.tree(folder), base(folder)
    where = history if step == "open" else os
    monkeypatch.setattr(where, step, full, raising=False)
    with pytest.raises(Refused, match="写不进数据文件夹（磁盘已满）"):
        history.publish(folder, contents("新"), known)
    monkeypatch.undo()
    assert sending.tree(folder) == before


def test_a_full_disk_leaves_no_half_of_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    full_disk(monkeypatch)
    there, new = tmp_path / "台账_退回.xlsx", tmp_path / "模板.xlsx"
    there.touch()
    for path in (there, new):
        with pytest.raises(OSError, match="No space"):
            history.put(path, b"content")
    assert [p.name for p in tmp_path.iterdir()] == [there.name] and not there.stat().st_size


def full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of every file is written, then the disk is full."""
    real = Path.write_bytes

    def written(path: Path, content: bytes) -> int:
        real(path, content[: len(content) // 2])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", written)


def test_a_version_that_was_tampered_with_is_none(folder: Path):
    publish(folder, "一")
    publish(folder, "二")
    (folder / history.FOLDER / "000002" / history.MANIFEST).write_text("{", encoding="utf-8")
    assert [v.number for v in history.versions(folder)] == [1]


# ---------------------------------------------------------------- crashes


class Killed(BaseException):
    """The process died here."""


STEPS = ("replace", "rename", "fsync", "unlink")


def dying(monkeypatch: pytest.MonkeyPatch, last: int) -> Callable[[], int]:
    """Let the process die at the step after so many; the answer counts the steps."""
    count = 0

    def wrap(real: Callable) -> Callable:
        def step(*arguments: object, **named: object) -> object:
            nonlocal count
            count += 1
            if count > last:
                raise Killed
            return real(*arguments, **named)

        return step

    for name in STEPS:
        monkeypatch.setattr(os, name, wrap(getattr(os, name)))
    return lambda: count


def test_a_crash_at_any_step_leaves_the_old_or_the_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    outcomes = []
    for last in range(200):
        folder = tmp_path / str(last)
        folders.put_town(folder)
        for path, data in contents("旧").items():
            folders.put(folder / path, data)
        with monkeypatch.context() as patch:
            dying(patch, last)
            try:
                publish(folder, "新")
                break
            except Killed:
                pass
        outcomes.append(settled(folder))
        assert not history.unfinished(folder)
        publish(folder, "后")
        assert settled(folder) == "后"
    assert len(outcomes) > 15
    assert outcomes == sorted(outcomes, key="旧新".index) and set(outcomes) == {"旧", "新"}


def test_a_crash_while_taking_back_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    real = os.replace

    def held(source: Path, target: Path) -> None:
        if str(target).endswith(PATHS[2]) and "pending" in str(source):
            raise PermissionError(13, "Permission denied", str(target))
        real(source, target)

    ends = 0
    for last in range(200):
        folder = tmp_path / str(last)
        folders.put_town(folder)
        for path, data in contents("旧").items():
            folders.put(folder / path, data)
        with monkeypatch.context() as patch:
            patch.setattr(history, "TRIES", 1)
            patch.setattr(os, "replace", held)
            dying(patch, last)
            try:
                publish(folder, "新")
            except Killed:
                pass
            except Refused:
                ends = last
        found = settled(folder)
        assert found == "旧" or (not ends and found == "新")
        if ends:
            break
    assert ends > 15


CHILD = """
import sys
from pathlib import Path
from qmg_dash.folder import history
folder, paths, old = Path(sys.argv[1]), sys.argv[2:], {}
for path in paths:
    old[path] = (folder / path).read_bytes()
print("ready", flush=True)
for n in range(10_000):
    new = {p: data.replace("旧".encode(), f"第{n}次".encode()) for p, data in old.items()}
    history.publish(folder, new, {p: history.digest(folder / p) for p in paths})
"""


@sending.on_debian
def test_killed_at_random_moments_the_folder_is_whole(folder: Path):
    """A process that publishes without end is killed; every reader sees one version, whole."""
    seed = int(os.environ["QMG_SEED"])
    draw = random.Random(seed)
    first = {path: (folder / path).read_bytes() for path in PATHS}
    for _ in range(KILLS):
        for path, data in first.items():
            folders.put(folder / path, data)
        child = subprocess.Popen(
            [sys.executable, "-c", CHILD, str(folder), *PATHS], stdout=subprocess.PIPE, cwd=ROOT
        )
        assert child.stdout and child.stdout.readline() == b"ready\n"
        time.sleep(draw.uniform(0.0, 0.1))
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()
        assert len(marks(folder)) == 1, f"half a version, QMG_SEED={seed}"
        assert not history.unfinished(folder)
        for version in history.versions(folder):
            old = folder / history.FOLDER / version.name / "old"
            kept = {p: history.digest(old / p) for p in version.files}
            assert kept == {p: before for p, (before, _) in version.files.items()}


def test_a_reader_never_sees_half_while_it_is_published(folder: Path):
    """Another process publishes; a store that follows the folder shows whole versions alone."""
    following, seen = store.Store(folder), set()
    end, stop = time.monotonic() + 60, threading.Event()

    def write() -> None:
        n = 0
        while not stop.is_set():
            publish(folder, f"第{n}次")
            n += 1
            time.sleep(min(2.0, 0.05 * n))  # a slow machine gets its turn in the end

    writer = threading.Thread(target=write)
    writer.start()
    try:
        while len(seen) < 4 and time.monotonic() < end:
            snapshot = following.current()
            told = ("disputes", "village"), ("decisions", "title"), ("documents", "title")
            found = {str(r[c]) for name, c in told for r in snapshot.records(name)}
            assert len(found) == 1, found
            assert not any(f.severity == "error" for f in snapshot.faults)
            seen |= found
    finally:
        stop.set()
        writer.join()
    assert len(seen) == 4


def test_what_cannot_be_finished_is_said_and_not_shown(
    folder: Path, monkeypatch: pytest.MonkeyPatch
):
    """A reader that may not finish what broke off shows its last version, or says why it cannot."""
    following = store.Store(folder)
    before = following.current()
    with monkeypatch.context() as patch:
        calls = 0
        real = os.replace

        def dies(source: Path, target: Path) -> None:
            nonlocal calls
            calls += 1
            if calls == 2:
                raise Killed
            real(source, target)

        patch.setattr(os, "replace", dies)
        with pytest.raises(Killed):
            publish(folder, "新")
    assert history.unfinished(folder)
    monkeypatch.setattr(history, "PATIENCE", 0.2)
    with history._locked(folder):
        with pytest.raises(DataError, match="没有完成"):
            store.load(folder)
        shown = following.current()
        assert shown.records("disputes") == before.records("disputes")
        assert "正在导入" in {f.rule for f in shown.faults}
    assert {str(r["village"]) for r in following.current().records("disputes")} == {"新"}
