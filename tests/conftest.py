"""What all tests share: data folders that may be changed, and which folder the app reads."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], Path]:
    """Let the app read this data folder."""

    def choose(folder: Path) -> Path:
        monkeypatch.setenv("QMG_DATA_DIR", str(folder))
        return folder

    return choose


@pytest.fixture
def town(tmp_path: Path, use: Callable[[Path], Path]) -> Path:
    """A copy of the town's own data folder, without the demo, that the app reads."""
    copy = shutil.copytree(ROOT / "data", tmp_path / "data", ignore=shutil.ignore_patterns("demo"))
    return use(Path(copy))
