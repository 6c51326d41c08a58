"""Publishing is all or nothing, whenever it breaks off; what was there before comes back."""

from __future__ import annotations

import errno
import gc
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import folders
import pytest
import sending

from qmg_dash import beijing, whole
from qmg_dash.folder import history, publishing, store
from qmg_dash.folder.history import Refused
from qmg_dash.intake import report
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


def publish(folder: Path, mark: str) -> history.Entry:
    return publishing.publish(folder, contents(mark), base(folder), by="测")


def marks(folder: Path) -> set[str]:
    """What the three files say, as any reader of the folder sees it."""
    snapshot = store.load(folder)
    told = ("disputes", "village"), ("decisions", "title"), ("documents", "title")
    return {str(r[column]) for name, column in told for r in snapshot.records(name)}


def settled(folder: Path) -> str:
    """What the three files say once a reader has finished what broke off."""
    publishing.settle(folder)
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
    undone = publishing.undo(folder)
    assert sending.tree(folder) == before
    assert (undone.number, undone.kind, undone.undoes) == (2, history.UNDO, 1)
    with pytest.raises(Refused, match="没有可以撤销的导入"):
        publishing.undo(folder)


def test_undo_goes_back_import_by_import(folder: Path):
    for mark in ("一", "二", "三"):
        publish(folder, mark)
    for mark in ("二", "一", "旧"):
        publishing.undo(folder)
        assert marks(folder) == {mark}


def test_a_file_that_was_not_there_goes_again(folder: Path):
    (folder / PATHS[0]).unlink()
    publish(folder, "新")
    assert (folder / PATHS[0]).exists()
    publishing.undo(folder)
    assert not (folder / PATHS[0]).exists()


def test_the_last_twenty_versions_are_kept(folder: Path):
    for n in range(history.KEPT + 3):
        publish(folder, f"第{n}次")
    assert [v.number for v in history.publishings(folder)] == list(range(4, history.KEPT + 4))


def test_a_change_of_someone_else_is_never_lost(folder: Path):
    known = base(folder)
    folders.put(folder / PATHS[1], contents("别人")[PATHS[1]])
    before = sending.tree(folder)
    with pytest.raises(Refused, match="刚刚被别人改过"):
        publishing.publish(folder, contents("新"), known)
    assert sending.tree(folder) == before


def test_an_import_that_was_changed_since_cannot_be_undone(folder: Path):
    publish(folder, "新")
    folders.put(folder / PATHS[1], contents("后来")[PATHS[1]])
    with pytest.raises(
        Refused, match=rf"第 1 次导入以后，{PATHS[1]} 又被改过.*\.history/000001/old"
    ):
        publishing.undo(folder)
    assert (folder / PATHS[1]).read_bytes() == contents("后来")[PATHS[1]]


def test_an_undo_that_means_another_import_is_refused(folder: Path):
    publish(folder, "新")
    publish(folder, "后")
    with pytest.raises(Refused, match="最近一次现在是第 2 次"):
        publishing.undo(folder, number=1)
    assert marks(folder) == {"后"}
    publishing.undo(folder, number=2)
    assert marks(folder) == {"新"}


def test_the_second_of_two_at_once_is_told(folder: Path):
    with publishing._locked(folder), pytest.raises(Refused, match="另一次导入正在进行"):
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
    assert len(history.publishings(folder)) == len(done)
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
    monkeypatch.setattr(publishing, "open", held, raising=False)
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
    monkeypatch.setattr(publishing, "TRIES", 1)
    monkeypatch.setattr(os, "replace", held)
    with pytest.raises(Refused, match="占用"):
        publish(folder, "新")
    monkeypatch.undo()
    assert sending.tree(folder) == before
    assert not publishing.unfinished(folder)
    publish(folder, "新")
    assert marks(folder) == {"新"}


@pytest.mark.parametrize("step", ["open", "rename"])
def test_a_folder_that_cannot_be_written_is_a_plain_refusal(
    folder: Path, monkeypatch: pytest.MonkeyPatch, step: str
):
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    before, known = sending.tree(folder), base(folder)
    where = publishing if step == "open" else os
    monkeypatch.setattr(where, step, full, raising=False)
    with pytest.raises(Refused, match="写不进数据文件夹（磁盘已满）"):
        publishing.publish(folder, contents("新"), known)
    monkeypatch.undo()
    assert sending.tree(folder) == before


def test_a_full_disk_leaves_no_half_of_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    full_disk(monkeypatch)
    there, new = tmp_path / "台账_退回.xlsx", tmp_path / "模板.xlsx"
    there.touch()
    for path in (there, new):
        with pytest.raises(OSError, match="No space"):
            whole.write(path, b"content")
    assert [p.name for p in tmp_path.iterdir()] == [there.name] and not there.stat().st_size


def full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was written of a file does not reach the disk: it is full."""

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)


def test_a_version_that_was_tampered_with_is_none(folder: Path):
    publish(folder, "一")
    publish(folder, "二")
    (folder / history.FOLDER / "000002" / history.MANIFEST).write_text("{", encoding="utf-8")
    assert [v.number for v in history.publishings(folder)] == [1]


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
        assert not publishing.unfinished(folder)
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
            patch.setattr(publishing, "TRIES", 1)
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
from qmg_dash.folder import history, publishing
folder, paths, old = Path(sys.argv[1]), sys.argv[2:], {}
for path in paths:
    old[path] = (folder / path).read_bytes()
print("ready", flush=True)
for n in range(10_000):
    new = {p: data.replace("旧".encode(), f"第{n}次".encode()) for p, data in old.items()}
    publishing.publish(folder, new, {p: history.digest(folder / p) for p in paths})
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
        assert not publishing.unfinished(folder)
        for version in history.publishings(folder):
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
    assert publishing.unfinished(folder)
    monkeypatch.setattr(publishing, "PATIENCE", 0.2)
    with publishing._locked(folder):
        with pytest.raises(DataError, match="没有完成"):
            store.load(folder)
        shown = following.current()
        assert shown.records("disputes") == before.records("disputes")
        assert "正在导入" in {f.rule for f in shown.faults}
    assert {str(r["village"]) for r in following.current().records("disputes")} == {"新"}


# ---------------------------------------------------------------- edits

GOALS = "goals.csv"
NINE = datetime(2026, 10, 1, 9, tzinfo=beijing.ZONE)


@pytest.fixture
def edit(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., history.Entry]:
    """Put a text into a hand-kept table, so many minutes after nine."""

    def put(mark: str, minutes: float = 0, by: str = "张三", path: str = GOALS) -> history.Entry:
        monkeypatch.setattr(beijing, "now", lambda: NINE + timedelta(minutes=minutes))
        base = {path: history.digest(folder / path)}
        return publishing.publish(folder, {path: mark.encode()}, base, by, kind=history.EDIT)

    return put


def test_one_persons_edits_of_a_table_within_half_an_hour_are_one(folder: Path, edit: Callable):
    folders.put(folder / GOALS, "旧", "utf-8")
    before = sending.tree(folder)
    for n, minutes in enumerate((0, 1, 10, 30)):
        edit(f"第{n}次", minutes)
    (one,) = history.publishings(folder)
    assert one.last == beijing.stamp(NINE + timedelta(minutes=30))
    assert one.since[0] == beijing.stamp(NINE)
    undone = publishing.undo(folder, edited=GOALS)
    assert sending.tree(folder) == before
    assert [e.kind for e in history.publishings(folder)] == [history.EDIT, history.UNDO]
    assert undone.undoes == one.number
    with pytest.raises(Refused, match="没有可以撤销的修改"):
        publishing.undo(folder, edited=GOALS)


def test_of_edits_that_go_on_the_first_and_the_last_lie_on_the_disk(folder: Path, edit: Callable):
    for n in range(5):
        edit(f"第{n}次", n)
    numbered = sorted(p.name for p in (folder / history.FOLDER).glob("0*"))
    assert numbered == ["000001", "000005"]


@pytest.mark.parametrize(
    "second",
    [
        {"minutes": 31},
        {"minutes": -1},
        {"by": "李四"},
        {"path": "goal_updates.csv"},
    ],
    ids=str,
)
def test_what_is_no_more_the_same_edit_is_one_of_its_own(
    folder: Path, edit: Callable, second: dict
):
    edit("一")
    edit("二", **second)
    assert len(history.publishings(folder)) == 2
    publishing.undo(folder, edited=GOALS)
    found = (folder / GOALS).read_text("utf-8") if (folder / GOALS).exists() else None
    assert found == (None if "path" in second else "一")


def test_edits_without_a_name_are_nobodys_together(folder: Path, edit: Callable):
    edit("一", by="")
    edit("二", 1, by="")
    assert len(history.publishings(folder)) == 2


def test_an_edit_goes_not_on_from_what_somebody_changed_or_undid(folder: Path, edit: Callable):
    edit("一")
    folders.put(folder / GOALS, "手工", "utf-8")
    edit("二", 1)
    assert len(history.publishings(folder)) == 2
    publishing.undo(folder, edited=GOALS)
    assert (folder / GOALS).read_text("utf-8") == "手工"
    edit("三", 2)
    assert len(history.publishings(folder)) == 4


def test_edits_of_two_people_at_once_are_each_undone(folder: Path, edit: Callable):
    edit("一")
    edit("甲", 1, by="李四", path="goal_updates.csv")
    edit("二", 2)
    assert [e.by for e in history.publishings(folder)] == ["李四", "张三"]
    publishing.undo(folder, edited="goal_updates.csv")
    assert (folder / GOALS).read_text("utf-8") == "二"
    publishing.undo(folder, edited=GOALS)
    assert not (folder / GOALS).exists()


def test_an_edit_that_cannot_be_moved_takes_itself_back_and_not_those_before(
    folder: Path, edit: Callable, monkeypatch: pytest.MonkeyPatch
):
    edit("一")
    edit("二", 1)

    def held(source: Path, target: Path) -> None:
        raise PermissionError(13, "Permission denied", str(source), None, str(target))

    with monkeypatch.context() as patch:
        patch.setattr(publishing, "TRIES", 1)
        patch.setattr(os, "replace", held)
        with pytest.raises(Refused, match="占用"):
            edit("三", 2)
    assert (folder / GOALS).read_text("utf-8") == "二"
    publishing.undo(folder, edited=GOALS)
    assert not (folder / GOALS).exists()


def test_a_crash_at_any_step_of_an_edit_leaves_one_that_is_undone(
    folder: Path, edit: Callable, monkeypatch: pytest.MonkeyPatch
):
    folders.put(folder / GOALS, "旧", "utf-8")
    found = []
    for last in range(200):
        edit("一")
        edit("二", 1)
        with monkeypatch.context() as patch:
            dying(patch, last)
            try:
                edit("三", 2)
                break
            except Killed:
                pass
        publishing.settle(folder)
        found.append((folder / GOALS).read_text("utf-8"))
        (one,) = history.publishings(folder)
        assert one.files[GOALS] == tuple(map(hash_of, ("旧", found[-1])))
        publishing.undo(folder, edited=GOALS)
        assert (folder / GOALS).read_text("utf-8") == "旧"
        shutil.rmtree(folder / history.FOLDER)
    assert len(found) > 8 and found == sorted(found, key="二三".index) and set(found) == {*"二三"}


def hash_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_many_edits_flush_no_import(folder: Path, edit: Callable):
    before = sending.tree(folder)
    publish(folder, "新")
    for n in range(history.KEPT + 3):
        edit(f"第{n}次", n, by=f"第{n}人")
    kept = history.publishings(folder)
    assert [e.kind for e in kept] == [history.IMPORT, *[history.EDIT] * history.KEPT]
    publishing.undo(folder)
    assert sending.tree(folder) == before | {GOALS: f"第{history.KEPT + 2}次".encode()}
    for n in range(history.KEPT + 3):
        publish(folder, f"第{n}次")
    counted = Counter(e.by_hand for e in history.publishings(folder))
    assert counted == {True: history.KEPT, False: history.KEPT}


# ---------------------------------------------------------------- the former layout


def test_an_import_of_the_former_layout_is_undone(folder: Path):
    """As the program wrote it before publishings and states were one history."""
    before, home = sending.tree(folder), folder / history.FOLDER / "000001"
    files = {}
    for path, data in contents("新").items():
        old = (folder / path).read_bytes()
        folders.put(home / "old" / path, old)
        folders.put(folder / path, data)
        files[path] = [hashlib.sha256(d).hexdigest() for d in (old, data)]
    told = {
        "number": 1,
        "kind": "import",
        "when": "2026-09-01T08:30:00+08:00",
        "by": "测",
        "reason": "补报",
        "undoes": None,
        "files": files,
        "about": {"sent": ["台账.xlsx"], "tables": {"disputes": [0, 1, 0]}},
    }
    folders.put(home / "manifest.json", json.dumps(told, ensure_ascii=False, indent=1), "utf-8")
    (one,) = history.publishings(folder)
    assert (one.number, one.last, one.by) == (1, "2026-09-01T08:30:00+08:00", "测")
    assert report.version(one) == "第 1 次（2026-09-01 08:30，测）：导入 矛盾纠纷"
    publishing.undo(folder)
    assert sending.tree(folder) == before
    assert publish(folder, "后").number == 3
