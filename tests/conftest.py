"""What all tests share: data folders that may be changed, and which folder the app reads."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path

import planted
import pytest
from streamlit.components.v2 import manifest_scanner

ROOT = Path(__file__).parents[1]


def pytest_configure() -> None:
    """One seed for the generated folders of a run, the same for all of its workers: fixed, and a
    new one with QMG_SOAK=1."""
    new = random.SystemRandom().randrange(10**9)
    # No test leaves versions beside the data of the repository, and none sees those that a dashboard
    # has left there (test_versions.py); those about versions turn it on.
    os.environ["QMG_VERSIONS"] = "0"
    # AppTest looks through every installed package for components each time it runs: nine tenths of
    # a screen's time. What is installed does not change while the tests run.
    manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)
    os.environ.setdefault("QMG_SEED", str(new) if os.environ.get("QMG_SOAK") else "2023")


def pytest_report_header() -> str:
    return f"generated folders: QMG_SEED={os.environ['QMG_SEED']}"


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
    copy = shutil.copytree(
        ROOT / "data", tmp_path / "data", ignore=shutil.ignore_patterns("demo", ".history")
    )
    return use(Path(copy))


@pytest.fixture(scope="session")
def marked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo with a marker in every text cell that may not stand on a wall."""
    return planted.build(tmp_path_factory.mktemp("marked") / "data")
