"""The private directories of the store: gone with their process, however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import folders
import pytest

from qmg_dash.folder import scratch, store

ROOT = Path(__file__).parents[1]
HOLD = """
import sys, time
from pathlib import Path
from qmg_dash.folder import store
shown = store.load(Path(sys.argv[1]))
print(shown._database.folder, flush=True)
sys.stdin.readline()
"""


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path / "tmp"
    place.mkdir()
    monkeypatch.setattr(scratch.tempfile, "tempdir", str(place))
    monkeypatch.setenv("TMPDIR", str(place))
    monkeypatch.setenv("TEMP", str(place))
    monkeypatch.setattr(scratch, "YOUNG", 0.0)
    return place


def holding(folder: Path) -> tuple[subprocess.Popen, Path]:
    """A process that has the folder open, and its directory."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    return process, Path(process.stdout.readline().strip())


def end(process: subprocess.Popen) -> None:
    process.communicate("\n", timeout=30)


def test_a_killed_process_leaves_nothing_to_the_next(temporary: Path, tmp_path: Path):
    town = folders.town(tmp_path / "town", "disputes")
    dead, left = holding(town)
    alive, kept = holding(town)
    try:
        dead.send_signal(signal.SIGKILL if os.name == "posix" else signal.SIGTERM)
        dead.communicate(timeout=30)
        assert left.is_dir(), "a killed process removes nothing"
        scratch.clear()
        assert not left.exists()
        assert kept.is_dir(), "another process works in it"
    finally:
        end(alive)
    assert not kept.exists(), "a process that ends takes its own away"
    assert list(temporary.iterdir()) == []


def test_what_is_ours_and_what_is_not_of_this_kind_stays(temporary: Path, tmp_path: Path):
    snapshot = store.load(folders.town(tmp_path / "town", "disputes"))
    own = snapshot._database.folder
    strange = temporary / f"{scratch.PREFIX}something"
    strange.mkdir()
    (strange / "work.txt").write_text("not ours")
    link = temporary / f"{scratch.PREFIX}link"
    link.symlink_to(strange)
    scratch.clear()
    assert own.is_dir()
    assert (strange / "work.txt").exists()
    assert link.is_symlink()


def test_a_young_one_may_not_be_locked_yet(temporary: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(scratch, "YOUNG", 60.0)
    folder = temporary / f"{scratch.PREFIX}new"
    folder.mkdir()
    (folder / scratch.OWNER).touch()
    scratch.clear()
    assert folder.is_dir()
    old = time.time() - 3600
    os.utime(folder / scratch.OWNER, (old, old))
    scratch.clear()
    assert not folder.exists()
