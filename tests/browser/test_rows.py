"""The rows behind a figure, by mouse and keyboard: opened, searched, turned, taken along, put away."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page
from test_screens import violations
from visiting import Tab

ROWS, CARDS, DRAWER = ".rows", ".cards", ".st-key-drawer"
PENALTIES = "enforcement.penalties"
ENGLISH = """() => [...document.querySelectorAll("*")]
  .flatMap(e => ["aria-label", "placeholder", "title", "alt"].map(n => e.getAttribute(n)))
  .filter(s => s && /[A-Za-z]{3,}/.test(s))"""
"""What a widget tells a screen reader in Latin letters."""


def opened(tab: Tab, rows: str = PENALTIES, path: str = "/enforcement", **query: object) -> Page:
    page = tab.open(path, **{"data": "demo", "year": 2023, "rows": rows} | query)
    page.locator(CARDS).wait_for()
    return page


def every_column(tab: Tab) -> Page:
    """The rows with all their columns."""
    tab.page.locator(DRAWER).get_by_text("全部列", exact=True).click()
    tab.page.locator(ROWS).wait_for()
    return tab.still()


def choose(tab: Tab, label: str, option: str) -> None:
    field = tab.page.get_by_label(label)
    field.scroll_into_view_if_needed()
    tab.page.wait_for_timeout(300)  # a list closes where the page scrolls
    field.click()
    tab.page.get_by_role("option", name=option, exact=True).click()
    tab.still()


def search(tab: Tab, text: str) -> None:
    box = tab.page.get_by_label("搜索", exact=True)
    box.fill(text)
    box.press("Enter")
    tab.becomes("t => document.querySelector('.count')?.innerText.includes(t)", text)


def saved(page: Page, label: str) -> tuple[str, bytes]:
    with page.expect_download() as waiting:
        page.get_by_role("button", name=label, exact=True).and_(
            page.locator(".st-key-drill_below button")
        ).click()
    return waiting.value.suggested_filename, Path(waiting.value.path()).read_bytes()


def test_back_closes_the_rows_and_a_reload_keeps_them(tab: Callable[..., Tab]) -> None:
    at = tab(1366, 768)
    page = at.open("/disclosure", data="demo", year=2023, channel="公示栏")
    tag = page.locator(".held:has([data-chart*=published_channel]) details.src").first
    tag.locator("summary").click()
    count = re.search(r"\d+条", tag.get_by_role("note").inner_text())
    assert count
    tag.get_by_role("button", name="查看明细").click()
    page.locator(CARDS).wait_for()
    at.still()
    panel = page.locator(DRAWER)
    assert f"合计 {count[0]}，与台账数一致" in panel.inner_text()
    assert "不含“公开渠道”筛选" in panel.inner_text()
    page.reload()
    page.locator(CARDS).wait_for()
    at.still()
    page.go_back()
    at.becomes("() => !document.querySelector('.cards')")
    assert "rows" not in at.query and at.query["channel"] == "公示栏"


def test_a_copied_link_opens_the_rows_in_another_browser(stranger: Callable[..., Tab]) -> None:
    mine = stranger(permissions=("clipboard-read", "clipboard-write"))
    page = opened(mine)
    page.get_by_role("button", name="复制链接").click()
    page.get_by_role("button", name="已复制").wait_for()
    theirs = stranger().goto(page.evaluate("navigator.clipboard.readText()"))
    theirs.locator(CARDS).wait_for()
    assert theirs.locator(CARDS).inner_text() == page.locator(CARDS).inner_text()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_rows_are_chinese_accessible_and_say_where_they_stand(
    tab: Callable[..., Tab], theme: str
) -> None:
    at = tab(1366, 768)
    page = opened(at, theme=theme, area="城市管理")
    assert page.evaluate(ENGLISH) == []
    assert violations(page) == []
    every_column(at)
    choose(at, "显示的列", "执法领域")
    page.keyboard.press("Escape")
    at.still()
    assert page.evaluate(ENGLISH) == []
    page.get_by_label("搜索", exact=True).fill("未按回车")
    assert "Enter" not in page.inner_text("body")
    search(at, "城市")
    assert violations(page) == []


def test_file_and_row_stay_in_sight_however_far_the_rows_are_moved(tab: Callable[..., Tab]) -> None:
    at = tab(1366, 768)
    opened(at, "enforcement.disclosed_on_time_rate")
    page = every_column(at)
    page.locator(ROWS).focus()
    for _ in range(60):
        page.keyboard.press("ArrowRight")
    page.wait_for_function("() => document.querySelector('.rows').scrollLeft > 600")
    for n in (1, 2):
        cell = page.locator(f"{ROWS} tbody tr:first-child td:nth-child({n})").bounding_box()
        assert cell and cell["x"] > 300 and cell["x"] + cell["width"] < 720
    dates = page.locator(f"{ROWS} td.n").all()[:20]
    assert all(d.evaluate("e => e.scrollWidth <= e.clientWidth") for d in dates), "cut off"


def test_a_file_is_what_is_searched_ordered_and_chosen_on_the_screen(
    tab: Callable[..., Tab],
) -> None:
    at = tab()
    opened(at)
    search(at, "城市管理")
    page = every_column(at)
    choose(at, "排序", "行号")
    choose(at, "次序", "降序")
    shown = page.locator(f"{ROWS} tbody td:nth-child(2)").all_inner_texts()
    assert [int(n) for n in shown] == sorted(map(int, shown), reverse=True)
    name, raw = saved(page, "下载 CSV")
    assert name.startswith("演示数据_") and name.endswith("_筛选.csv")
    header, *rows = csv.reader(io.StringIO(raw.decode("utf-8-sig")))
    at_row, nature = header.index("行号"), header.index("数据性质")
    assert [r[at_row] for r in rows] == shown
    assert {r[nature] for r in rows} == {"演示数据"}
    name, raw = saved(page, "下载 Excel")
    notes = openpyxl.load_workbook(io.BytesIO(raw))["说明"]
    told = {a.value: b.value for a, b in notes.iter_rows()}
    assert told["搜索"] == "任一栏含“城市管理”" and told["本文件"].startswith(f"{len(rows)} 行")


def test_pages_turn_and_nothing_found_is_said(tab: Callable[..., Tab]) -> None:
    at = tab(1366, 768)
    page = opened(at, "enforcement.actions")
    first = page.locator(f"{CARDS} tbody tr").first.inner_text()
    page.get_by_role("button", name="下一页").click()
    at.becomes("() => document.body.innerText.includes('第 101–200 行')")
    assert page.locator(f"{CARDS} tbody tr").first.inner_text() != first
    search(at, "%_没有")
    assert "没有一行含有“%_没有”" in page.locator(DRAWER).inner_text()
    assert page.locator(CARDS).count() == 0
