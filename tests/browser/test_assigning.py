"""会上交办: the line of a meeting by the keyboard alone, who may write it, and the editor at the desk."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import folders
import pytest
from visiting import Tab, started

KEY = "let me in"
LINE = ".qmg-assign"
WATCH = """() => {
  window.same = document.querySelector('.slide.seen'); window.dim = 1;
  setInterval(() => { for (let e = window.same; e; e = e.parentElement)
    window.dim = Math.min(window.dim, Number(getComputedStyle(e).opacity)); }, 50);
}"""
"""Keeps the slide that is seen, and how faint it or what holds it has ever been."""


def rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "assignments.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def enter(tab: Tab) -> None:
    """Write the key of whoever may edit at this machine."""
    page = tab.open("/trust")
    page.get_by_label("更新口令").fill(KEY)
    page.get_by_role("button", name="进入").click()
    page.wait_for_selector("[data-testid=stFileUploader]")


def meet(tab: Tab) -> None:
    """The meeting in the same session: the key is known to it."""
    tab.page.get_by_role("link", name="执法活动").click()
    tab.becomes("() => document.querySelector('h1.title') && location.pathname === '/enforcement'")
    tab.page.keyboard.press("F9")
    tab.becomes("() => window.__meeting && document.querySelectorAll('.slide .panel').length > 8")


@pytest.fixture
def town(tmp_path: Path) -> Path:
    return folders.second_town(tmp_path / "data")


def test_what_is_agreed_is_written_where_it_was_said_by_the_keyboard_alone(
    town: Path, stranger: Callable[..., Tab], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QMG_EDIT_KEY", KEY)
    before = rows(town)
    with started(town) as site:
        tab = stranger(at=site)
        enter(tab)
        meet(tab)
        page, here = tab.page, tab.url
        count, title = tab.says(".slide.seen .page"), tab.says(".slide.seen h1")
        page.evaluate(WATCH)
        page.keyboard.press("n")
        assert page.locator(f"{LINE} .about").inner_text().endswith(title)
        assert "不写姓名、案号" in page.locator(LINE).inner_text()
        page.keyboard.insert_text("三日内补齐全过程记录")
        page.keyboard.press("Enter")
        page.keyboard.insert_text("综合")
        page.keyboard.press("Enter")
        page.keyboard.press("2")
        page.keyboard.press("Enter")
        page.wait_for_function(
            "() => document.querySelector('.qmg-note:not([hidden])')?.textContent.startsWith('已交办')"
        )
        assert page.locator(LINE).is_hidden()
        tab.still()
        assert tab.url == here
        assert tab.says(".slide.seen .page") == count
        assert page.evaluate("window.same.isConnected && window.same.matches('.seen')")
        assert page.locator(".slide.seen .banner").count() == 0
        assert page.evaluate("window.dim") == 1
        (new,) = rows(town)[len(before) :]
        assert (new["事项"], new["责任单位"]) == ("三日内补齐全过程记录", "综合执法办")
        assert (new["交办日期"], new["期限"]) == ("2023-12-31", "2024-01-14")
        assert new["状态"] == "未启动"
        assert new["事由"] == title[:60]
        assert new["链接"].startswith("/enforcement?")
        page.keyboard.press("n")  # the next one begins empty
        assert page.locator(f"{LINE} input").first.input_value() == ""
        page.keyboard.press("Enter")
        page.keyboard.insert_text("没有的单位")
        page.keyboard.press("Enter")
        assert "没有这个单位" in page.locator(f"{LINE} .fault").inner_text()
        page.keyboard.press("Escape")
        assert page.locator(LINE).is_hidden()
        page.keyboard.press("ArrowRight")
        tab.becomes("here => location.href !== here", here)
        assert len(rows(town)) == len(before) + 1
        assert tab.console == []


def test_a_line_that_was_not_confirmed_stays_and_is_written_once(
    town: Path, stranger: Callable[..., Tab], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer is lost on its way; the same line is sent again."""
    monkeypatch.setenv("QMG_EDIT_KEY", KEY)
    before = len(rows(town))
    with started(town) as site:
        tab = stranger(at=site)
        enter(tab)
        meet(tab)
        page = tab.page
        page.evaluate(
            "() => { window.lost = true; const take = Assignment.prototype.take;"
            " Assignment.prototype.take = function (told) { if (!window.lost) take.call(this, told); }; }"
        )
        page.keyboard.press("n")
        page.keyboard.insert_text("报送整改情况")
        page.keyboard.press("Enter")
        page.keyboard.insert_text("1")
        for _ in range(2):
            page.keyboard.press("Enter")
        page.wait_for_function(
            "() => document.querySelector('.qmg-assign .fault').textContent.includes('按 Enter 再试')"
        )
        assert len(rows(town)) == before + 1
        page.evaluate("window.lost = false")
        page.keyboard.press("Enter")  # the line has the keys again
        page.wait_for_function(
            "() => document.querySelector('.qmg-note:not([hidden])')?.textContent.startsWith('已交办')"
        )
        assert len(rows(town)) == before + 1


@pytest.mark.parametrize(("data", "said"), [("demo", "演示数据不能记录"), ("", "还不能记录")])
def test_who_may_not_write_is_told_who_can(tab: Callable[..., Tab], data: str, said: str) -> None:
    seen = tab()
    page = seen.open("/", present="true", data=data)
    page.keyboard.press("n")
    page.wait_for_function(
        "said => document.querySelector('.qmg-note')?.textContent.includes(said)", arg=said
    )
    assert page.locator(LINE).is_hidden()


def test_states_are_set_in_an_editor_at_the_desk_and_an_edit_is_undone(
    town: Path, stranger: Callable[..., Tab], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QMG_EDIT_KEY", KEY)
    before = rows(town)
    with started(town) as site:
        tab = stranger(at=site)
        enter(tab)
        page = tab.page
        page.get_by_role("link", name="会议交办").click()
        page.wait_for_selector("[data-testid=stDataFrame] canvas")
        tab.still()
        assert page.locator("[data-testid=stElementToolbar]").is_hidden()
        grid = page.locator("[data-testid=stDataFrame] canvas").first
        cell = page.get_by_role("gridcell", name=before[0]["状态"], include_hidden=True).first
        column, box = int(cell.get_attribute("aria-colindex") or 0), grid.bounding_box()
        assert column and box
        page.mouse.click(box["x"] + 60, box["y"] + 57)
        for _ in range(column - 1):
            page.keyboard.press("ArrowRight")
        page.keyboard.press("Enter")
        page.locator("[role=option]", has_text="已完成").wait_for()
        page.keyboard.type("已完成")
        page.locator("[role=option]", has_text="进行中").wait_for(state="detached")
        page.keyboard.press("Enter")
        page.get_by_role("button", name="保存 1 项修改").click()
        page.wait_for_selector("text=已保存")
        assert (rows(town)[0]["状态"], rows(town)[0]["完成日期"]) == ("已完成", "2023-12-31")
        page.get_by_text("要撤销第 1 次修改").click()
        page.get_by_role("button", name="撤销", exact=True).click()
        page.wait_for_selector("text=已恢复到修改前")
        assert rows(town) == before
        page.get_by_label("登记交办").fill("公示清单")
        page.get_by_role("button", name="交办", exact=True).click()
        page.wait_for_selector("text=请选一个责任单位")
        assert rows(town) == before
        assert tab.console == []


def test_a_line_that_is_closed_while_it_is_sent_counts_and_the_next_is_another(
    town: Path, stranger: Callable[..., Tab], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QMG_EDIT_KEY", KEY)
    before = rows(town)
    with started(town) as site:
        tab = stranger(at=site)
        enter(tab)
        meet(tab)
        page = tab.page
        for task in ("甲事项", "乙事项"):
            page.keyboard.press("n")
            page.locator(f"{LINE} input").first.fill(task)
            page.keyboard.press("Enter")
            page.keyboard.insert_text("1")
            page.keyboard.press("Enter")
            page.keyboard.press("Enter")
            page.keyboard.press("Escape")
            page.wait_for_function(
                "() => document.querySelector('.qmg-note:not([hidden])')?.textContent.startsWith('已交办')"
            )
            page.locator(".qmg-note").wait_for(state="hidden")
        assert [r["事项"] for r in rows(town)[len(before) :]] == ["甲事项", "乙事项"]
        page.keyboard.press("n")  # a day that is not whole is no day
        page.keyboard.insert_text("丙事项")
        for key in ("Enter", "1", "Enter", "4", "1", "0", "Enter"):
            page.keyboard.press(key)
        assert "完整的日期" in page.locator(f"{LINE} .fault").inner_text()
        assert len(rows(town)) == len(before) + 2
