"""会议快照 in Chromium, opened from the disk without network: it fits, answers, turns and prints."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route
from test_meeting import PLANNED
from test_screens import PROJECTORS, complaints, foreign, undrawn, violations
from visiting import ROOT, WAIT_MS, Tab, profile

from qmg_dash import beijing
from qmg_dash.folder import store
from qmg_dash.ui.meeting import single_file

FOLDERS = {"official": ROOT / "data", "demo": ROOT / "data/demo"}
DRAWN = "document.querySelectorAll('[data-chart]:not([data-as])').length === 0"


@pytest.fixture(scope="session")
def file(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """The file of a data folder, all screens, made once."""
    kept: dict[Path, Path] = {}

    def of(folder: Path) -> Path:
        if folder not in kept:
            scope = single_file.asked(store.load(folder), None, PLANNED, False, print)
            kept[folder] = tmp_path_factory.mktemp("snapshot") / "会议 快照.html"
            kept[folder].write_bytes(single_file.make(scope, "三季度例会", date(2031, 3, 5)))
        return kept[folder]

    return of


@pytest.fixture
def opened(browser: Browser, file: Callable[..., Path]) -> Iterator[Callable[..., Tab]]:
    """The file in a browser without network; whatever it asks for beside itself is an error."""
    with ExitStack() as stack:

        def new(folder: Path, width: int = 1920, height: int = 1080, at: str = "") -> Tab:
            context = stack.enter_context(profile(browser, width, height))
            context.set_offline(True)
            tab = Tab(context.new_page(), "")
            url = file(folder).as_uri()

            def answer(route: Route) -> None:
                if route.request.url.partition("#")[0] != url:
                    tab.outside.append(route.request.url)
                route.continue_()

            tab.page.route("**/*", answer)
            tab.page.goto(f"{url}{at}", wait_until="commit")
            return tab

        yield new


def until(page: Page, condition: str) -> None:
    """Wait for a JavaScript condition: Playwright's own waiting needs `eval`, which the file forbids."""
    end = time.monotonic() + WAIT_MS / 1000
    while not page.evaluate(condition):
        assert time.monotonic() < end, condition
        page.wait_for_timeout(30)


def stands(page: Page, number: int, count: int) -> None:
    """Wait until this slide is seen."""
    until(page, f"window.__seen.says('.page') === '{number} / {count}'")


def total(page: Page) -> int:
    """How many slides the deck has, once the charts can be drawn."""
    until(page, "!!window.__meeting?.specs")
    return page.evaluate("window.__meeting.main")


def every(page: Page) -> int:
    """How many pages there are, the appendix too."""
    return page.evaluate("window.__meeting.slides.length")


def turned_to(page: Page, number: int) -> None:
    """Open a page by its number, as a line of the list does."""
    page.evaluate("n => { location.hash = `#${n}` }", number)
    until(page, f"window.__meeting.i === {number - 1}")


# ---- what is seen -----------------------------------------------------------------------------------
def cases() -> list[tuple[int, int, str, str]]:
    """Sizes × themes × data: all under make soak; else the widest screen and the narrowest."""
    all_ = [
        (*size, theme, data)
        for size in PROJECTORS
        for theme in ("light", "dark")
        for data in FOLDERS
    ]
    few = {(1920, "light", "official"), (1024, "dark", "demo")}
    soak = os.environ.get("QMG_SOAK")
    return [c for c in all_ if soak or (c[0], *c[2:]) in few]


@pytest.mark.parametrize(("width", "height", "theme", "data"), cases())
def test_every_slide_fits_the_projector_and_can_be_read_from_the_last_row(
    opened: Callable[..., Tab], width: int, height: int, theme: str, data: str
) -> None:
    tab = opened(FOLDERS[data], width, height)
    page, deck, soak = tab.page, total(tab.page), os.environ.get("QMG_SOAK")
    count = every(page)
    assert count > deck or data == "official"
    if theme == "dark":
        page.keyboard.press("d")
    for number in range(1, count + 1):
        turned_to(page, number)
        assert complaints(tab, present=True) == [], number
        assert undrawn(page) == [], number
        if soak or ((width, height) == PROJECTORS[-1] and (number % 8 == 7 or number == count)):
            assert foreign(page) == [], number
            assert violations(page) == [], number


def test_the_pages_that_only_the_file_has_fit_where_words_are_long(
    opened: Callable[..., Tab], long_words: Path
) -> None:
    tab = opened(long_words, 1024, 768)
    page, count = tab.page, total(tab.page)
    page.keyboard.press("i")
    stands(page, count, count)
    assert complaints(tab, present=True) == []
    page.keyboard.press("a")
    assert page.locator(".slide.seen .contents").count() == 1
    assert complaints(tab, present=True) == []


def test_a_window_that_changes_its_shape_is_drawn_anew(opened: Callable[..., Tab]) -> None:
    tab = opened(FOLDERS["demo"], at="#7")
    page = tab.page
    count = total(page)
    for width, height in ((1024, 768), (1280, 720)):
        page.set_viewport_size({"width": width, "height": height})
        shape = "wide" if width / height > 1.5 else "narrow"
        until(
            page,
            f"document.documentElement.classList.contains('narrow') === {json.dumps(shape == 'narrow')}",
        )
        until(page, "!window.__meeting.charts.waiting.size")
        stands(page, 7, count)
        assert complaints(tab, present=True) == []
        assert undrawn(page) == []


# ---- keys -------------------------------------------------------------------------------------------
def test_the_keys_do_what_they_do_in_a_meeting_from_the_first_press(
    opened: Callable[..., Tab],
) -> None:
    tab = opened(FOLDERS["demo"])
    page = tab.page
    until(page, "!!window.__meeting")
    page.keyboard.press("PageDown")
    count = total(page)
    stands(page, 2, count)
    for keys, number in (("12", 12), ("Home", 1), ("End", count), ("ArrowRight", 1), ("i", count)):
        for key in [keys] if keys in ("Home", "End", "ArrowRight") else keys:
            page.keyboard.press(key)
        stands(page, number, count)
    page.keyboard.press("b")
    assert page.locator(".qmg-blank").is_visible()
    page.keyboard.press("b")
    assert page.locator(".qmg-blank").is_hidden()
    stands(page, count, count)
    page.keyboard.press("h")
    said = page.inner_text(".qmg-help")
    assert "校验码" in said and "退出会议" not in said
    page.keyboard.press("Escape")
    assert page.locator(".qmg-help").is_hidden()
    page.keyboard.press("Escape")
    assert "关闭窗口" in page.inner_text(".qmg-note")
    page.keyboard.press("9")
    stands(page, 9, count)
    page.reload()
    stands(page, 9, count)
    assert tab.outside == [] and tab.console == []


def test_p_plays_and_any_key_pauses(opened: Callable[..., Tab]) -> None:
    tab = opened(FOLDERS["official"])
    page, count = tab.page, total(tab.page)
    page.evaluate("window.__meeting.pace = 0.2")
    page.keyboard.press("p")
    stands(page, 3, count)
    page.keyboard.press("Home")
    page.wait_for_timeout(400)
    stands(page, 1, count)
    assert tab.console == []


def test_d_changes_text_and_charts_and_back(opened: Callable[..., Tab]) -> None:
    tab = opened(FOLDERS["demo"])
    page, count = tab.page, total(tab.page)
    number = page.evaluate("""() => 1 + [...document.querySelectorAll(".slide")]
      .findIndex(slide => slide.querySelector("[data-chart]"))""")
    assert number > 0, "no slide of the demo has a chart"
    for turned in range(1, number):
        stands(page, turned, count)
        page.keyboard.press("PageDown")
    stands(page, number, count)
    slide = f'.slide[data-at="{number - 1}"]'
    until(page, f"!!document.querySelector('{slide} .js-plotly-plot text')")
    colours = f"""() => {{
      const s = document.querySelector('{slide}');
      const t = s.querySelector(".js-plotly-plot text");
      return [getComputedStyle(s).backgroundColor, getComputedStyle(s.querySelector("h1")).color, t.style.fill];
    }}"""
    light = page.evaluate(colours)
    page.keyboard.press("d")
    dark = page.evaluate(colours)
    assert all(a != b for a, b in zip(light, dark, strict=True)), (light, dark)
    page.keyboard.press("d")
    assert page.evaluate(colours) == light


# ---- the appendix ----------------------------------------------------------------------------------
def behind(page: Page, words: str) -> None:
    until(page, f"window.__seen.says('.page') === {json.dumps(words)}")


def rest(page: Page, number: int) -> int:
    """How many pages the appendix of this slide of the deck has."""
    return page.evaluate(
        """n => { const all = window.__meeting.slides;
        return all.filter(s => s.of !== null && s.group === all[n - 1].group).length }""",
        number,
    )


def test_a_opens_the_appendix_of_a_screen_in_the_file_too(opened: Callable[..., Tab]) -> None:
    tab = opened(FOLDERS["demo"])
    page, count = tab.page, total(tab.page)
    page.keyboard.press("2")
    stands(page, 2, count)
    many = rest(page, 2)
    assert many > 2
    for back in ("a", "Escape", "PageUp"):
        page.keyboard.press("a")
        behind(page, f"附页 1 / {many}")
        page.keyboard.press(back)
        stands(page, 2, count)
    page.locator(".slide.seen [data-more]").click()
    for n in range(1, many + 1):
        behind(page, f"附页 {n} / {many}")
        page.keyboard.press("PageDown")
    stands(page, 2, count)
    assert tab.outside == [] and tab.console == []


def test_from_the_list_of_the_appendix_each_page_opens_and_all_are_turned(
    opened: Callable[..., Tab],
) -> None:
    tab = opened(FOLDERS["demo"])
    page, count = tab.page, total(tab.page)
    for key in "ia":
        page.keyboard.press(key)
    lists = page.locator(".contents").count()
    behind(page, f"附页 1 / {lists}")
    lines = page.locator(".slide.seen .contents a")
    for n in (0, lines.count() - 1):
        title, number = lines.nth(n).locator("span").inner_text(), lines.nth(n).locator("b")
        said = number.inner_text()
        lines.nth(n).click()
        until(page, f"location.hash === '#{said}'")
        assert " ".join(page.inner_text(".slide.seen h1").split()) == title
        assert f"第 {said} 页" in page.inner_text(".slide.seen .trail")
        page.keyboard.press("Escape")
        behind(page, f"附页 1 / {lists}")
    for number in range(count + 1, every(page) + 1):
        until(page, f"window.__meeting.i === {number - 1}")
        page.keyboard.press("PageDown")
    behind(page, f"附页 {lists} / {lists}")
    page.keyboard.press("a")
    stands(page, count, count)
    assert tab.outside == [] and tab.console == []


# ---- a question -------------------------------------------------------------------------------------
def test_a_click_on_a_figure_answers_and_escape_or_a_click_beside_it_closes(
    opened: Callable[..., Tab],
) -> None:
    tab = opened(FOLDERS["demo"], 1024, 768)
    page, count = tab.page, total(tab.page)
    number = page.locator(".num[data-code]:visible").first
    answer = number.get_by_role("note")
    for close in (lambda: page.keyboard.press("Escape"), lambda: page.mouse.click(8, 8)):
        number.locator(".val").click()
        answer.wait_for()
        said = answer.inner_text()
        for word in ("口径", "依据", "来源", "数据截至", "性质"):
            assert word in said
        box = answer.bounding_box()
        assert box and box["x"] >= 0 and box["x"] + box["width"] <= 1024
        assert answer.evaluate("e => e.scrollHeight <= e.clientHeight + 2")
        close()
        answer.wait_for(state="hidden")
        stands(page, 1, count)
    assert tab.outside == [] and tab.console == []


# ---- on paper ---------------------------------------------------------------------------------------
def test_it_prints_one_slide_a_page_and_stands_as_before(opened: Callable[..., Tab]) -> None:
    tab = opened(FOLDERS["demo"])
    page, count = tab.page, total(tab.page)
    raw = page.pdf(prefer_css_page_size=True, print_background=True)
    assert raw.count(b"/Type /Page\n") == every(page) > count
    assert raw.count(b"/Subtype /Link") >= page.locator(".contents a").count() > 0
    assert b"/MediaBox [0 0 841.91998 594.95996]" in raw, "A4, landscape"
    assert page.evaluate("document.documentElement.className") == "live"
    assert complaints(tab, present=True) == []


# ---- from the dashboard -----------------------------------------------------------------------------
def test_the_button_of_a_screen_saves_the_file_and_it_opens(
    tab: Callable[..., Tab], tmp_path: Path, browser: Browser
) -> None:
    page = tab().open("/disputes", data="demo", agenda="例会;overview;disputes")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="会议快照").click()
    saved = waiting.value
    assert saved.suggested_filename == f"演示数据_例会_{beijing.today()}.html"
    at = tmp_path / "a.html"
    saved.save_as(at)
    with profile(browser) as context:
        context.set_offline(True)
        theirs = Tab(context.new_page(), "")
        theirs.page.goto(at.as_uri())
        count = total(theirs.page)
        titles = theirs.page.evaluate("window.__meeting.slides.map(s => s.title.split('：')[0])")
        assert titles[0] == "总览" and titles[count - 2 : count] == ["纠纷复议", "会议快照"]
        assert set(titles[count + 1 :]) <= {"总览", "纠纷复议"}, "behind the list"
        stands(theirs.page, 1, count)
        assert complaints(theirs, present=True) == []
