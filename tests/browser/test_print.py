"""A desk on paper, as Chromium prints it: whole, one column on A4, its charts as wide as the sheet."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable

import pytest
from playwright.sync_api import Page
from screens import PATHS
from visiting import Tab

SHEET = 688
"""Pixels between the margins of a sheet: 182 mm."""
BEYOND = """sheet => [...document.querySelectorAll('.q, .q *, .chart, .drawn text')]
  .map(e => [e, e.getBoundingClientRect()]).filter(([e, b]) => b.width && (b.left < -1 || b.right > sheet + 1))
  .map(([e]) => (e.textContent ?? '').slice(0, 30))"""
"""What of the page does not stand on the sheet."""
BARS = """() => [...document.querySelectorAll('.drawn')].map(d => {
  const panel = d.closest('.panel').getBoundingClientRect(), chart = d.getBoundingClientRect();
  const texts = [...d.querySelectorAll('text')].map(t => t.getBoundingClientRect()).filter(b => b.width);
  return [chart.width, chart.right <= panel.right, texts.every(b => b.left >= chart.left - 1 && b.right <= chart.right + 1)];
})"""


PRESSED = "input, .act, .fb, .copy, summary:has-text('看数据'), [role=radio]"
"""What is there to be pressed, and nothing on paper."""


def on_paper(page: Page) -> None:
    """The page as it is while it is printed."""
    page.emulate_media(media="print")
    page.wait_for_function("() => document.documentElement.classList.contains('paper')")


def texts(raw: bytes) -> bytes:
    """The streams of a PDF, inflated."""
    found = []
    for part in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", raw, re.DOTALL):
        try:
            found.append(zlib.decompress(part))
        except zlib.error:
            continue
    return b"\n".join(found)


@pytest.mark.parametrize("path", PATHS)
def test_a_desk_stands_whole_on_the_sheet(tab: Callable[..., Tab], path: str) -> None:
    at = tab(1366, 768)
    page = at.open(path, data="demo", year=2023)
    on_paper(page)
    assert page.evaluate(BEYOND, SHEET) == []
    for width, inside, whole in page.evaluate(BARS):
        assert 560 < width < SHEET and inside and whole
    seen = page.evaluate("window.__seen.measure()")
    assert (seen["cut"], seen["overlaps"]) == ([], [])
    pressed = page.locator(f"main :is({PRESSED}):visible")
    assert [b.inner_text() for b in pressed.all()] == []


def test_the_months_and_the_last_bars_number_are_printed(tab: Callable[..., Tab]) -> None:
    page = tab(1920, 1080).open("/enforcement", data="demo", year=2023)
    on_paper(page)
    said = page.locator(".drawn text").all_text_contents()
    assert {"1月", "9月", "12月"} <= {*said}
    charts = page.evaluate("window.__seen.charts()")
    bars = [c for c in charts if c["bars"]]
    assert bars and all(c["labels"] and all(c["labels"]) for c in bars)
    assert "筛选：全部行为类型、执法领域、承办机构" in page.inner_text("main")


def test_it_is_a4_upright_and_the_screen_stands_as_before(tab: Callable[..., Tab]) -> None:
    at = tab(1366, 768)
    page = at.open("/enforcement", data="demo", year=2023)
    before = page.locator(".drawn").evaluate_all("l => l.map(e => e.drawnAs.split(' ')[0])")
    raw = page.pdf(prefer_css_page_size=True, print_background=True)
    assert b"/MediaBox [0 0 594.95996 841.91998]" in raw, "A4, upright"
    pages = raw.count(b"/Type /Page\n")
    assert 3 <= pages <= 8
    assert texts(raw)
    assert page.evaluate("document.documentElement.className") in ("indexed", "indexed feet")
    at.still()
    assert page.locator(".drawn").evaluate_all("l => l.map(e => e.drawnAs.split(' ')[0])") == before


def test_the_rows_of_the_drawer_come_last_as_a_table(tab: Callable[..., Tab]) -> None:
    page = tab(1366, 768).open(
        "/enforcement", data="demo", year=2023, rows="enforcement.disclosed_on_time_rate"
    )
    on_paper(page)
    table = page.locator(".cards")
    assert table.evaluate("e => getComputedStyle(e).display") == "table"
    assert (
        table.locator("thead").evaluate("e => getComputedStyle(e).display") == "table-header-group"
    )
    box = table.bounding_box()
    assert box and box["width"] <= SHEET
    last = page.locator(".slot").last.bounding_box()
    assert last and last["y"] + last["height"] <= box["y"], "at the end"
    assert page.evaluate(BEYOND, SHEET) == []
    assert "公示超 5 天" in table.inner_text()


def test_the_demo_says_so_on_paper(tab: Callable[..., Tab]) -> None:
    page = tab(1366, 768).open("/enforcement", data="demo", year=2023)
    on_paper(page)
    style = "e => [getComputedStyle(e).backgroundImage.slice(0, 4), getComputedStyle(e).printColorAdjust]"
    for panel in page.locator(".panel").all():
        assert panel.evaluate(style) == ["url(", "exact"]
