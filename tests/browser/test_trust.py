"""From a number to the file and row, and from a form to a file, by the mouse."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path

import docx
import openpyxl
import pytest
from playwright.sync_api import Page
from visiting import ROOT, Tab

from qmg_dash.figures import forms
from qmg_dash.folder import store

DRILL = ".st-key-drawer"


KINDS = ("/", "/duty", "/trust")
"""A key number, a mechanism's evidence, a row of the definitions; tests/test_forms.py knows that every
screen offers the rows of each of its figures."""


def rows_shown(page: Page) -> str:
    """What the panel of rows says, once it stands; it lies within sight."""
    panel = page.locator(DRILL)
    panel.locator(".cards").wait_for()
    box = panel.bounding_box()
    assert box and 0 <= box["y"] < page.viewport_size["height"], "opened out of sight"
    return panel.inner_text()


@pytest.mark.parametrize("path", KINDS)
def test_two_clicks_lead_from_a_number_to_its_files_and_their_hashes(
    tab: Callable[..., Tab], path: str
) -> None:
    page = tab(1366, 768).open(path, data="demo", year=2022)
    page.add_style_tag(content="* { scroll-behavior: auto !important }")
    card = page.locator("details.src:has(button[data-rows])").first
    if card.count():
        card.locator("summary").click()
        said = card.get_by_role("note")
        said.wait_for()
        assert "口径" in said.inner_text()
        card.get_by_role("button", name="查看明细").click()
    else:
        page.locator("button.cell").first.click()
    found = rows_shown(page)
    assert "口径" in found
    files = re.findall(r"(\S+\.csv)（\d+ 行）\s*SHA-256 ([0-9a-f]{64})", found)
    loaded = {t.file: t.sha256 for t in store.load(ROOT / "data/demo").tables.values()}
    assert files
    assert all(loaded[name] == digest for name, digest in files)


def test_a_cell_of_the_form_opens_its_rows_in_one_click(tab: Callable[..., Tab]) -> None:
    page = tab(1366, 768).open("/disclosure", data="demo", year=2022)
    cell = page.locator("button[data-rows='disclosure.t3.new|自然人|2022']")
    count = cell.inner_text()
    cell.click()
    assert f"{count} 行，每行计 1，合计 {count}件，与台账数一致" in rows_shown(page)


def downloaded(page: Page, label: str) -> tuple[str, bytes]:
    with page.expect_download() as waiting:
        page.get_by_role("button", name=label).click()
    return waiting.value.suggested_filename, Path(waiting.value.path()).read_bytes()


def test_the_form_is_saved_as_word_and_excel_of_the_chosen_basis(tab: Callable[..., Tab]) -> None:
    at = tab()
    page = at.open("/enforcement", data="demo", year=2022)
    name, data = downloaded(page, "下载 Word")
    assert name == "演示数据_示例镇_行政执法统计年报_2022_台账数.docx"
    assert docx.Document(io.BytesIO(data)).paragraphs[0].text.startswith("演示数据：")
    page.get_by_role("radio", name="公布数").or_(
        page.get_by_role("button", name="公布数", exact=True)
    ).first.click()
    page.get_by_text("22 格，4 格有数据").wait_for()
    name, data = downloaded(page, "下载 Excel")
    assert name == "演示数据_示例镇_行政执法统计年报_2022_公布数.xlsx"
    sheet = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
    found = forms.filled(store.load(ROOT / "data/demo"), 2022, forms.ENFORCEMENT, "reported")
    numbers = [
        c.value for row in sheet.iter_rows() for c in row if isinstance(c.value, int | float)
    ]
    assert sorted(numbers) == [9.74, 222]
    assert found.known == 4
