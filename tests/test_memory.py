"""However often the data change, memory holds one or two states of them: nothing that was made of a
former one, and no session that stands idle, keeps it."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import weakref
from collections.abc import Iterator
from pathlib import Path

import folders
import pytest
import screens
from folders import ACTION

from qmg_dash.figures import forms, progress, rows_behind
from qmg_dash.figures.book import shared
from qmg_dash.figures.faults import all_faults
from qmg_dash.figures.why_changed import comparison
from qmg_dash.folder import history, store
from qmg_dash.folder.snapshot import Snapshot
from qmg_dash.folder.store import Store
from qmg_dash.kpis import kpi
from qmg_dash.model import Filters
from qmg_dash.theme import Look
from qmg_dash.ui.link.scope import Scope, measures_of
from qmg_dash.ui.link.version_sent import Sent
from qmg_dash.ui.link.versions_compared import Compared

ROOT = Path(__file__).parents[1]
CHANGES = 25
on_linux = pytest.mark.skipif(
    not Path("/proc/self/task").is_dir(), reason="threads and memory are read from /proc"
)


@pytest.fixture
def uncollected() -> Iterator[None]:
    """What goes, goes by itself: the garbage collector may not come by for minutes."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.fixture
def followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A town's folder that the app shows, whose versions are kept."""
    monkeypatch.setenv(history.VARIABLE, "20")
    monkeypatch.setattr(store, "QUIET", 0.001)
    folder = folders.second_town(tmp_path / "town")
    monkeypatch.setenv("QMG_DATA_DIR", str(folder))
    return folder


def change(folder: Path, n: int) -> None:
    """One more action than before."""
    rows = [ACTION | {"action_no": f"Z-{i:03d}"} for i in range(n + 1)]
    folders.put_table(folder, "enforcement_actions", rows)


def alive(folder: Path) -> list[Snapshot]:
    """The snapshots of a folder, and of the versions kept of it, that somebody holds."""
    found = [o for o in gc.get_objects() if type(o) is Snapshot]
    return [s for s in found if folder in (s.root, *s.root.parents)]


def threads() -> int:
    return len(list(Path("/proc/self/task").iterdir()))


def look(snapshot: Snapshot) -> None:
    """Everything that is kept with a snapshot."""
    for year in (2022, 2023):
        book = shared(snapshot, Filters(year, 2023))
        assert book.fig("enforcement.actions").code
        rows_behind.rows(book, kpi("enforcement.actions"), limit=1)
        comparison(book)
        measures_of(book)
        forms.filled(snapshot, year, forms.ENFORCEMENT, "ledger")
    progress.measures(snapshot, 2023)
    all_faults(snapshot)


@on_linux
def test_after_many_changes_two_states_are_alive_and_the_threads_as_they_were(
    followed: Path, uncollected: None
) -> None:
    following, counted = Store(followed), []
    for n in range(CHANGES):
        change(followed, n)
        snapshot = following.current()
        assert snapshot.tables["enforcement_actions"].rows == n + 1
        look(snapshot)
        counted.append((len(alive(followed)), threads()))
    assert max(states for states, _ in counted) <= 2
    assert counted[-1][1] == counted[1][1]


def test_folders_that_break_and_are_mended_leave_nothing(followed: Path, uncollected: None) -> None:
    following, text = Store(followed), (followed / "town.toml").read_bytes()
    for n in range(4):
        change(followed, n)
        look(following.current())
        folders.put(followed / "reported.csv", '年度"\n')
        look(following.current())
        folders.put(followed / "town.toml", "[town")
        look(following.current())
        assert len(alive(followed)) <= 2
        folders.put(followed / "town.toml", text)
        folders.put_table(followed, "reported", folders.GOOD["reported"])
        following.current()
    assert len(alive(followed)) == 1


def test_whoever_still_reads_a_former_state_can_go_on(followed: Path, uncollected: None) -> None:
    following = Store(followed)
    before = following.current()
    cursor, book = before.cursor(), shared(before, Filters(2023))
    change(followed, 7)
    assert following.current() is not before
    assert cursor.execute("SELECT count(*) FROM enforcement_actions").fetchone() == (3,)
    assert (
        book.fig("enforcement.actions").value
        == shared(before, Filters(2023)).fig("enforcement.actions").value
    )
    gone = weakref.ref(before)
    del before, book
    assert gone() is None
    assert cursor.execute("SELECT count(*) FROM enforcement_actions").fetchone() == (3,)


def test_of_old_versions_one_is_open(followed: Path, uncollected: None) -> None:
    known = []
    for n in range(4):
        change(followed, n)
        snapshot = store.load(followed)
        assert history.keep(snapshot)
        known.append(snapshot.version)
    del snapshot
    for version in known:
        opened = store.opened(followed, version)
        assert opened is not None and opened.version == version
        look(opened)
    del opened
    assert len(alive(followed)) == 1


PATHS = (*screens.PATHS, "/since")


def test_sessions_that_stand_idle_keep_no_state(followed: Path) -> None:
    """Each opens a screen, with rows, planner or QR code open, and does nothing more."""
    idle, links = [], []
    looks = CHANGES if os.environ.get("QMG_SOAK") else len(PATHS) + 1
    for n in range(looks):
        change(followed, n)
        links.append(store.store(followed).current().version)
        asked: dict[str, object] = {"year": 2023}
        if n % 4 == 1:
            asked |= {"v": links[n // 2], "then": "true"}
        elif n % 4 == 2:
            asked |= {"rows": "enforcement.actions"}
        screen = screens.visit(PATHS[n % len(PATHS)], **asked)
        if n % 8 == 3:
            screen.app.button(key="plan_meeting").click().run()
        idle.append(screen.app)
        assert len(alive(followed)) <= 2, PATHS[n % len(PATHS)]
    assert len(idle) == looks


# ---- what waits to be pressed --------------------------------------------------------------------
def scope(followed: Path) -> Scope:
    present = store.store(followed).current()
    links = {"sent": Sent(present, followed), "compared": Compared(present, followed)}
    return Scope(present, Filters(2023), Look(), "/enforcement", **links)


def test_what_waits_to_be_pressed_gives_the_same_state_while_it_is_kept(
    followed: Path, uncollected: None
) -> None:
    shown = scope(followed)
    wanted, rows = shown.snapshot.version, shown.snapshot.tables["enforcement_actions"].rows
    again, gone = shown.again(), weakref.ref(shown.snapshot)
    assert again() == shown
    del shown
    change(followed, 6)
    present = store.store(followed).current()
    assert gone() is None, "a download that nobody has pressed keeps a state alive"
    found = again()
    assert found.snapshot.version == wanted != present.version
    assert found.snapshot.tables["enforcement_actions"].rows == rows
    assert found.sent and found.compared
    assert found.sent.present.version == found.compared.present.version == wanted


def test_what_waits_to_be_pressed_gives_the_present_state_where_none_is_kept(
    followed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(history.VARIABLE, "0")
    again = scope(followed).again()
    change(followed, 6)
    present = store.store(followed).current()
    assert again().snapshot is present


# ---- memory --------------------------------------------------------------------------------------
GROWING = """
import os, sys
from pathlib import Path
from qmg_dash import demo
from qmg_dash.figures.book import shared
from qmg_dash.folder import store
from qmg_dash.figures.cubes import prepare
from qmg_dash.figures.faults import all_faults
from qmg_dash.kpis import kpi
from qmg_dash.model import Filters
folder, changes = Path(sys.argv[1]), int(sys.argv[2])
demo.write_demo(folder, rows=60_000 + changes)
ledger = folder / "ledgers/enforcement_actions.csv"
lines = ledger.read_bytes().splitlines(keepends=True)
following, used = store.Store(folder, prepare), []
for n in range(changes):
    ledger.write_bytes(b"".join(lines[: 60_001 + n]))
    os.utime(ledger, (1_700_000_000 + n,) * 2)
    snapshot = following.current()
    for year in (2022, 2023):
        shared(snapshot, Filters(year)).fig("enforcement.actions")
    all_faults(snapshot)
    memory = int(Path("/proc/self/statm").read_text().split()[1])
    print(memory, len(os.listdir("/proc/self/task")), flush=True)
"""


@on_linux
def test_many_changes_of_60_000_rows_need_no_more_than_the_second(tmp_path: Path) -> None:
    changes = CHANGES if os.environ.get("QMG_SOAK") else 8
    command = [sys.executable, "-c", GROWING, str(tmp_path / "town"), str(changes)]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    used = [tuple(map(int, line.split())) for line in said.splitlines()]
    assert len(used) == changes
    second, last = used[1], used[-1]
    assert last[0] <= 1.1 * second[0], [
        memory * os.sysconf("SC_PAGE_SIZE") >> 20 for memory, _ in used
    ]
    assert last[1] == second[1]
