"""Sharing a link in a real browser: what it copies, what it says later, its code to be scanned."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from test_screens import complaints
from visiting import ROOT, Tab, started

from qmg_dash.folder import history, store


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The demo as a town's own folder, whose versions are kept."""
    monkeypatch.setenv(history.VARIABLE, "20")
    return Path(
        shutil.copytree(
            ROOT / "data/demo", tmp_path / "own", ignore=shutil.ignore_patterns(history.FOLDER)
        )
    )


@pytest.fixture
def here(folder: Path) -> Iterator[str]:
    with started(folder) as address:
        yield address


def change(folder: Path) -> None:
    path = folder / "reported.csv"
    then = path.stat().st_mtime
    old, new = ("行政处罚,38,,项,38项".encode(), "行政处罚,41,,项,41项".encode())
    path.write_bytes(path.read_bytes().replace(old, new))
    os.utime(path, (then + 1, then + 1))


def test_a_link_tells_what_has_changed_and_shows_what_was_sent(
    folder: Path, here: str, tab: Callable[..., Tab]
) -> None:
    sender = tab(1366, 768, at=here)
    sender.open("/power_list", year=2022)
    sender.page.click("button[data-copy]")
    link = sender.page.get_attribute("button[data-copy][data-done]", "data-done")
    assert link and link.startswith(f"{here}/power_list?")
    assert sender.page.get_by_text("仅本机可用").count() == 1
    change(folder)
    reader = tab(1366, 768, at=here)
    reader.page.goto(link)
    line = reader.page.locator("details.sent")
    line.wait_for()
    assert "发送时的数据已更新：1 个数字有变化" in line.inner_text()
    line.locator("summary").click()
    assert "41 项" in line.inner_text() and "38 项" in line.inner_text()
    reader.page.click(".st-key-see_then button")
    reader.page.wait_for_selector(".then-note")
    assert "38" in reader.page.inner_text("body"), "as it was then"
    assert parse_qs(urlsplit(reader.page.evaluate("location.href")).query)["then"] == ["true"]
    reader.page.click("a[href*='goals']")
    reader.page.wait_for_selector(".kick:has-text('目标进展') .then-note")
    reader.becomes("() => location.search.includes('then=true')")
    reader.page.go_back()
    reader.page.wait_for_selector(".kick:has-text('权力清单') .then-note")
    reader.page.go_back()
    reader.page.wait_for_selector("details.sent")
    assert reader.page.locator(".then-note").count() == 0
    assert reader.console == [] and reader.outside == []


def rework(folder: Path) -> None:
    """Other rows in every ledger, other figures, other states of goals."""
    for path in (folder / "ledgers").glob("*.csv"):
        lines = path.read_bytes().split(b"\r\n")
        path.write_bytes(b"\r\n".join((*lines[:-4], b"")))
    goals = folder / "goal_updates.csv"
    goals.write_bytes(b"\r\n".join((*goals.read_bytes().split(b"\r\n")[:2], b"")))


def test_however_much_has_changed_it_fits_one_slide(folder: Path, tab: Callable[..., Tab]) -> None:
    assert history.keep(store.load(folder))
    rework(folder)
    with started(folder) as here:
        wall = tab(1024, 768, at=here)
        wall.open("/since", present="true")
        assert len(re.findall("另有", wall.still().inner_text(".stApp"))) >= 3
        assert "个数字有变化" in wall.title and "项举措状态有变化" in wall.title
        assert complaints(wall, present=True) == []
        desk = tab(1366, 768, at=here)
        desk.open("/since")
        assert complaints(desk, present=False) == []


def test_the_code_of_a_screen_is_that_of_the_copied_link(tab: Callable[..., Tab]) -> None:
    desk = tab(1366, 768)
    desk.open("/goals", year=2022)
    desk.page.click("button[data-qr]")
    desk.page.wait_for_selector(".qr img")
    said = desk.page.inner_text(".qr .link")
    desk.page.keyboard.press("Escape")
    desk.page.wait_for_selector(".qr img", state="detached")
    desk.page.click("button[data-copy]")
    assert said == desk.page.get_attribute("button[data-copy][data-done]", "data-done")
    assert desk.console == [] and desk.outside == []


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (1024, 768)])
def test_a_module_of_the_meetings_code_is_a_300th_of_the_screen(
    tab: Callable[..., Tab], width: int, height: int
) -> None:
    wall = tab(width, height)
    agenda = "会;power_list:main;enforcement:main"
    wall.open("/power_list", year=2022, present="true", agenda=agenda)
    wall.page.keyboard.press("PageDown")
    wall.page.keyboard.press("q")
    image = wall.page.locator(".qmg-code img")
    image.wait_for()
    box = image.bounding_box()
    modules = image.evaluate("i => i.naturalHeight")
    assert box and box["height"] / modules >= height / 300
    assert box["y"] >= 0 and box["y"] + box["height"] <= height
    said = urlsplit(wall.page.inner_text(".qmg-code p >> nth=0"))
    link = parse_qs(said.query)
    assert said.path == "/enforcement", "the slide that is seen, not the one that was opened"
    assert link["present"] == ["true"] and len(link["v"][0]) == 12
    wall.page.keyboard.press("Escape")
    assert not image.is_visible()
    assert "present=true" in wall.page.evaluate("location.href"), "Esc closed the code alone"
    wall.page.keyboard.press("q")
    image.wait_for()
    wall.page.keyboard.press("PageDown")
    assert not image.is_visible()
