"""What all tests share: data folders that may be changed, and which folder the app reads."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path

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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The browser's tests wait, the others compute. Workers begin with equal shares of the list: each
    has both kinds, one in two its browser first, so that the processors are never idle or crowded."""
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    files: dict[Path, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.path, []).append(item)
    kinds = {True: [], False: []}
    for path, tests in files.items():
        kinds["browser" in path.parts].append(tests)
    shares = zip(_dealt(kinds[True], workers), _dealt(kinds[False], workers), strict=True)
    items[:] = [
        item
        for n, (browser, rest) in enumerate(shares)
        for item in ([*browser, *rest] if n % 2 == 0 else [*rest, *browser])
    ]


def _dealt(files: list[list[pytest.Item]], shares: int) -> list[list[pytest.Item]]:
    """Whole files in shares of about as many tests."""
    dealt: list[list[pytest.Item]] = [[] for _ in range(shares)]
    for tests in sorted(files, key=len, reverse=True):
        min(dealt, key=len).extend(tests)
    return dealt


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
