"""Names of 30 characters stay whole, on a small desk and on a telephone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import long_names
import pytest
from screens import PATHS
from visiting import Tab

SHORTENED = """() => [...document.querySelectorAll('.drawn text')]
  .map(t => t.textContent).filter(t => t.includes('…'))"""
TURNED = """() => [...document.querySelectorAll('.xaxislayer-above text, .xaxislayer-below text')]
  .filter(t => t.textContent.includes('月') && /rotate\\((?!0)/.test(t.getAttribute('transform') ?? ''))
  .map(t => t.textContent)"""
"""Months that are turned."""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = long_names.build(tmp_path_factory.mktemp("names"))
    assert len(long_names.lengthened("党政办公室")) == long_names.LENGTH
    return folder


@pytest.mark.parametrize(("width", "height"), [(1024, 768), (390, 844)])
def test_they_are_neither_cut_nor_shortened(
    tab: Callable[..., Tab], serve: Callable[[Path], str], town: Path, width: int, height: int
) -> None:
    at = tab(width, height, at=serve(town))
    found = {}
    for path in PATHS:
        page = at.open(path, year=2023)
        seen = page.evaluate("window.__seen.measure()")
        said = [*seen["cut"], *seen["overlaps"], *page.evaluate(SHORTENED), *page.evaluate(TURNED)]
        if said or seen["wide"] > 2:
            found[path] = (said, seen["wide"])
    assert found == {}
