"""数据更新 in Chromium: a clerk opens it with the key, sends a bad file, mends it, publishes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import folders
import openpyxl
import pytest
import sending
from visiting import Tab, started

SECRET = "口令-2023"
EXPORTS = Path(__file__).parents[1] / "exports"
HEAD = ("登记编号", "登记日期", "办理状态")


@pytest.fixture
def open_town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Path, str]]:
    """青石镇's folder, and the address of its dashboard with updating switched on."""
    folder = folders.town(tmp_path / "town", "disputes", "reported")
    monkeypatch.setenv("QMG_EDIT_KEY", SECRET)
    with started(folder) as site:
        yield folder, site


def test_a_clerk_mends_the_returned_workbook_and_publishes(
    stranger: Callable[..., Tab], open_town: tuple[Path, str], tmp_path: Path
) -> None:
    folder, site = open_town
    tab = stranger(at=site)
    page = tab.open("/trust")
    page.get_by_label("更新口令").fill(SECRET)
    page.get_by_role("button", name="进入").click()
    box = page.locator(".st-key-p_intake")
    box.get_by_role("button", name="选择文件").wait_for()
    said = box.inner_text()
    assert "也可以把文件拖到这里" in box.locator("section").evaluate(
        "e => [...e.querySelectorAll('*')].map(c => getComputedStyle(c, '::after').content).join()"
    )
    assert "Upload" not in said and "per file" not in said

    bad = tmp_path / "台账.xlsx"
    bad.write_bytes(sending.xlsx([HEAD, ["J7", "2023-02-30", "在调"]]))
    page.set_input_files(".st-key-p_intake input[type=file]", bad)
    with page.expect_download() as coming:
        box.get_by_role("button", name="下载 台账_退回.xlsx").click()
    assert "没有这一天" in box.inner_text()
    returned = tmp_path / "台账_退回.xlsx"
    coming.value.save_as(returned)

    book = openpyxl.load_workbook(returned)
    book["Sheet1"]["B2"] = "2023-02-28"
    book.save(returned)
    page.set_input_files(".st-key-p_intake input[type=file]", returned)
    box.get_by_text("“台账_退回.xlsx”代替“台账.xlsx”").wait_for()
    assert box.get_by_test_id("stFileChip").count() == 2
    box.get_by_role("button", name="发布").click()
    box.get_by_text("已发布。第 1 次").wait_for()
    rows = sending.kept(folder, "ledgers/disputes.csv")
    assert [r["登记编号"] for r in rows] == ["J1", "J7"]
    assert not tab.outside and not tab.console


def test_a_clerk_leaves_a_column_out_by_a_tick_and_publishes(
    stranger: Callable[..., Tab], open_town: tuple[Path, str], tmp_path: Path
) -> None:
    folder, site = open_town
    tab = stranger(at=site)
    page = tab.open("/trust")
    page.get_by_label("更新口令").fill(SECRET)
    page.get_by_role("button", name="进入").click()
    box = page.locator(".st-key-p_intake")
    box.get_by_role("button", name="选择文件").wait_for()
    sent = tmp_path / "台账.xlsx"
    sent.write_bytes(
        sending.xlsx([[*HEAD, "履行期限"], ["J7", "2023-02-28", "在调", "2023-09-01"]])
    )
    page.set_input_files(".st-key-p_intake input[type=file]", sent)
    box.get_by_text("不读取“履行期限”", exact=True).click()
    box.get_by_role("button", name="发布").click()
    box.get_by_text("已发布。第 1 次").wait_for()
    assert len(sending.kept(folder, "ledgers/disputes.csv")) == 2
    assert not tab.outside and not tab.console


def test_a_clerk_answers_what_a_file_cannot_say_and_publishes(
    stranger: Callable[..., Tab], open_town: tuple[Path, str]
) -> None:
    folder, site = open_town
    tab = stranger(at=site)
    page = tab.open("/trust")
    page.get_by_label("更新口令").fill(SECRET)
    page.get_by_role("button", name="进入").click()
    box = page.locator(".st-key-p_intake")
    box.get_by_role("button", name="选择文件").wait_for()
    page.set_input_files(".st-key-p_intake input[type=file]", EXPORTS / "权责清单.xlsx")
    box.get_by_text("按“权责清单”读入").wait_for()
    box.get_by_label("哪一天批准").fill("2023-06-01")
    box.get_by_label("现在在用吗").scroll_into_view_if_needed()
    page.wait_for_timeout(500)  # a list closes where the page scrolls
    box.get_by_label("现在在用吗").click()
    page.get_by_role("option", name="在用", exact=True).click()
    box.get_by_role("button", name="回答").click()
    box.get_by_text("文件里没有的，已经回答（2 项，可以改）").wait_for()
    box.get_by_role("button", name="发布").click()
    box.get_by_text("已发布。第 1 次").wait_for()
    rows = sending.kept(folder, "ledgers/power_items.csv")
    assert {(r["清单版本"], r["状态"]) for r in rows} == {("2023-06-01", "在用")} and len(
        rows
    ) == 10
    assert not tab.outside and not tab.console


def test_a_file_that_the_browser_refuses_is_told_in_chinese(
    stranger: Callable[..., Tab], open_town: tuple[Path, str], tmp_path: Path
) -> None:
    """Streamlit's own word for it is English and stands in a tooltip."""
    page = stranger(at=open_town[1]).open("/trust")
    page.get_by_label("更新口令").fill(SECRET)
    page.get_by_role("button", name="进入").click()
    chosen = page.locator(".st-key-p_intake input[type=file]")
    chosen.wait_for(state="attached")
    uploader = page.get_by_test_id("stFileUploader")
    for name, size in (("台账.xlsx", 51 << 20), ("报告.pdf", 9)):
        file = tmp_path / name
        with file.open("wb") as stream:
            stream.truncate(size)
        page.set_input_files(".st-key-p_intake input[type=file]", file)
        chip = page.locator(f"[data-testid=stFileChip][aria-invalid=true][aria-label^='{name}']")
        chip.hover()
        told = uploader.evaluate("e => getComputedStyle(e, '::after').content")
        assert "没有上传" in told
        page.wait_for_timeout(500)  # the tooltip would stand by now
        assert "Error" not in page.locator("body").inner_text()
