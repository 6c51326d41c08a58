"""A meeting in Chromium: the presenter's keys, the clock, the screen that goes on without a server."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page
from test_screens import foreign, violations
from visiting import ROOT, Tab, commands, free_port, profile, wait_for

PLACE = "p => window.__seen.says('.page') === p"
PLANNED = (
    "会;overview;power_list;enforcement;disclosure;goals;decisions;disputes;learning;services;duty"
    ";power_list:main;enforcement:main;duty:main;trust"
)
"""A meeting of every screen: fourteen slides at least in its deck, whatever they say."""


def opened(at: Tab, path: str = "/", **query: object) -> tuple[Page, int]:
    """A meeting, all its slides drawn: (page, how many its deck has)."""
    page = at.open(path, **{"present": "true", "agenda": PLANNED, **query})
    return page, page.evaluate("window.__meeting.main")


def stands(page: Page, number: int, total: int) -> None:
    """Wait until this slide is seen."""
    page.wait_for_function(PLACE, arg=f"{number} / {total}")


# ---- keys -------------------------------------------------------------------------------------------
def test_numbers_home_and_end_jump_and_the_link_follows(tab: Callable[..., Tab]) -> None:
    at = tab()
    page, total = opened(at, data="demo")
    page.keyboard.press("7")
    stands(page, 7, total)
    assert page.evaluate("window.__meeting.slides[6].title") == page.inner_text(".qmg-title")
    for key in "12":
        page.keyboard.press(key)
    stands(page, 12, total)
    page.keyboard.press("End")
    stands(page, total, total)
    assert page.evaluate("location.pathname") == "/trust"
    page.keyboard.press("Home")
    stands(page, 1, total)
    page.keyboard.press("PageUp")
    stands(page, total, total)
    link = at.url
    page.reload()
    at.still()
    stands(page, total, total)
    assert at.url == link


def test_a_number_beyond_the_last_slide_is_said(tab: Callable[..., Tab]) -> None:
    page, total = opened(tab(), data="demo")
    assert 10 < total < 90
    for key in str(total + 1):
        page.keyboard.press(key)
    said = f"没有第 {total + 1} 页"
    page.wait_for_function(
        "s => document.querySelector('.qmg-note').innerText.includes(s)", arg=said
    )
    stands(page, 1, total)


def test_the_clicker_works_right_after_a_click_on_a_chart(tab: Callable[..., Tab]) -> None:
    page, total = opened(tab(), "/power_list")
    here = int(page.evaluate("window.__seen.says('.page')").split(" / ")[0])
    box = page.locator(".js-plotly-plot:visible").first.bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.keyboard.press("PageDown")
    stands(page, here + 1, total)


def test_b_blanks_the_screen_and_any_key_brings_it_back_where_it_was(
    tab: Callable[..., Tab],
) -> None:
    page, total = opened(tab())
    blank = page.locator(".qmg-blank")
    for key, back in (("b", "PageDown"), (".", "b")):
        page.keyboard.press(key)
        assert blank.is_visible()
        box = blank.bounding_box()
        assert box == {"x": 0, "y": 0, "width": 1920, "height": 1080}
        page.keyboard.press(back)
        assert blank.is_hidden()
        stands(page, 1, total)


@pytest.mark.parametrize("key", ["h", "?"])
def test_the_help_card_lists_the_keys_and_escape_closes_it_before_it_leaves(
    tab: Callable[..., Tab], key: str
) -> None:
    at = tab()
    page, _ = opened(at)
    page.keyboard.press(key)
    said = page.inner_text(".qmg-help")
    for word in ("下一页", "上一页", "附页", "黑屏", "自动播放", "深色", "全屏", "指示圈", "退出"):
        assert word in said
    page.keyboard.press("Escape")
    assert page.locator(".qmg-help").is_hidden()
    assert at.query["present"] == "true"


def test_a_ring_follows_the_pointer_while_l_is_held(tab: Callable[..., Tab]) -> None:
    page, _ = opened(tab())
    ring = page.locator(".qmg-ring")
    assert ring.is_hidden()
    page.keyboard.down("l")
    for x, y in ((400, 300), (900, 600)):
        page.mouse.move(x, y)
        box = ring.bounding_box()
        assert box
        assert abs(box["x"] + box["width"] / 2 - x) < 2
        assert abs(box["y"] + box["height"] / 2 - y) < 2
    page.keyboard.up("l")
    assert ring.is_hidden()


def test_d_changes_the_theme_and_the_slide_stays(tab: Callable[..., Tab]) -> None:
    at = tab()
    page, total = opened(at, data="demo")
    page.keyboard.press("6")
    stands(page, 6, total)
    ground = """getComputedStyle(document.querySelector('.slide[data-at="5"]')).backgroundColor"""
    light = page.evaluate(ground)
    page.keyboard.press("d")
    at.becomes(f"c => {ground} !== c", light)
    stands(page, 6, total)
    assert at.query["theme"] == "dark"
    page.keyboard.press("d")
    at.becomes(f"c => {ground} === c", light)


def test_a_swipe_turns_the_page(browser: Browser, site: str) -> None:
    context = browser.new_context(viewport={"width": 1024, "height": 768}, has_touch=True)
    context.add_init_script((ROOT / "tests/browser/measure.js").read_text(encoding="utf-8"))
    at = Tab(context.new_page(), site)
    page, total = opened(at)
    protocol = context.new_cdp_session(page)

    def swipe(x0: int, x1: int) -> None:
        for kind, x in (("touchStart", x0), ("touchMove", (x0 + x1) // 2), ("touchMove", x1)):
            points = [{"x": x, "y": 400}]
            protocol.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        protocol.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    swipe(800, 300)
    stands(page, 2, total)
    swipe(300, 800)
    stands(page, 1, total)
    context.close()


# ---- the appendix ------------------------------------------------------------------------------------
def says(page: Page, words: str) -> None:
    page.wait_for_function(PLACE, arg=words)


def rest(page: Page, number: int) -> int:
    """How many slides the appendix of this slide of the deck has."""
    return page.evaluate(
        """n => { const all = window.__meeting.slides;
        return all.filter(s => s.of !== null && s.group === all[n - 1].group).length }""",
        number,
    )


def test_a_opens_a_screens_appendix_and_a_or_escape_goes_back(tab: Callable[..., Tab]) -> None:
    at = tab()
    page, total = opened(at, "/enforcement", data="demo")
    stands(page, 3, total)
    many = rest(page, 3)
    assert many > 2
    for back in ("a", "Escape"):
        page.keyboard.press("a")
        says(page, f"附页 1 / {many}")
        assert at.query["slide"] and page.evaluate("location.pathname") == "/enforcement"
        page.keyboard.press("PageDown")
        says(page, f"附页 2 / {many}")
        page.keyboard.press(back)
        stands(page, 3, total)
    assert at.query["present"] == "true"


def test_the_keys_of_a_clicker_walk_the_deck_alone_and_the_appendix_to_its_ends(
    tab: Callable[..., Tab],
) -> None:
    page, total = opened(tab(), "/power_list", data="demo")
    stands(page, 2, total)
    many = rest(page, 2)
    for key in ("PageDown", "ArrowRight", "ArrowDown", "Space"):
        page.keyboard.press("a")
        for n in range(1, many + 1):
            says(page, f"附页 {n} / {many}")
            page.keyboard.press(key)
        stands(page, 2, total)
    for key in ("PageUp", "ArrowLeft", "ArrowUp"):
        page.keyboard.press("a")
        says(page, f"附页 1 / {many}")
        page.keyboard.press(key)
        stands(page, 2, total)
    seen = {page.evaluate("window.__meeting.i")}
    for number in range(3, total + 3):
        page.keyboard.press("PageDown")
        stands(page, (number - 1) % total + 1, total)
        seen.add(page.evaluate("window.__meeting.i"))
    assert seen == set(range(total))


def test_from_the_appendix_numbers_home_and_end_go_to_the_deck(tab: Callable[..., Tab]) -> None:
    page, total = opened(tab(), "/disclosure", data="demo")
    for key, number in (("3", 3), ("Home", 1), ("End", total)):
        page.keyboard.press("4")
        stands(page, 4, total)
        page.keyboard.press("a")
        says(page, f"附页 1 / {rest(page, 4)}")
        page.keyboard.press(key)
        stands(page, number, total)


def test_a_small_button_stands_where_there_is_an_appendix_and_leads_there_and_back(
    tab: Callable[..., Tab],
) -> None:
    page, total = opened(tab(), data="demo")
    for number in range(1, total + 1):
        stands(page, number, total)
        button = page.locator(".slide.seen [data-more]")
        assert button.count() == bool(rest(page, number))
        if rest(page, number):
            assert button.inner_text() == "附页A"
            button.click()
            says(page, f"附页 1 / {rest(page, number)}")
            assert button.inner_text() == "返回A"
            button.click()
            stands(page, number, total)
        else:
            page.keyboard.press("a")
            stands(page, number, total)
        page.keyboard.press("PageDown")


def test_a_link_to_a_slide_of_the_appendix_opens_it_and_reloads_there(
    tab: Callable[..., Tab],
) -> None:
    at = tab()
    page, total = opened(at, "/enforcement", data="demo")
    here = page.evaluate("window.__meeting.i") + 1
    page.keyboard.press("a")
    page.keyboard.press("PageDown")
    says(page, f"附页 2 / {rest(page, here)}")
    title = at.title
    page.reload()
    at.still()
    says(page, f"附页 2 / {rest(page, here)}")
    assert at.title == title
    own = page.evaluate("window.__meeting.slides[window.__meeting.i].of + 1")
    page.keyboard.press("a")
    stands(page, own, total)


def test_playing_walks_the_deck_alone(browser: Browser, site: str) -> None:
    context = profile(browser)
    page = context.new_page()
    page.clock.install()
    at = Tab(page, site)
    page.goto(f"{site}/power_list?present=true&data=demo&agenda={PLANNED}")
    page.clock.resume()
    at.still()
    total = page.evaluate("window.__meeting.main")
    page.keyboard.press("a")
    says(page, f"附页 1 / {rest(page, 2)}")
    page.clock.pause_at(time.time() + 3600)
    page.keyboard.press("p")
    for number in range(3, total + 1):
        page.clock.run_for(20_100)
        stands(page, number, total)
    context.close()


def test_every_slide_of_a_meeting_without_agenda_is_reached_by_the_keys(
    tab: Callable[..., Tab],
) -> None:
    page, total = opened(tab(), data="demo", agenda="")
    seen = set()
    for number in range(1, total + 1):
        stands(page, number, total)
        seen.add(page.evaluate("window.__meeting.i"))
        if rest(page, number):
            page.keyboard.press("a")
            while page.evaluate("window.__meeting.here.of") is not None:
                seen.add(page.evaluate("window.__meeting.i"))
                page.keyboard.press("PageDown")
        stands(page, number, total)
        page.keyboard.press("PageDown")
    assert seen == set(range(page.evaluate("window.__meeting.slides.length")))


# ---- a question --------------------------------------------------------------------------------------
def test_a_click_on_a_figure_answers_in_large_type_and_escape_closes_only_the_answer(
    tab: Callable[..., Tab],
) -> None:
    at = tab(1024, 768)
    page, _ = opened(at, "/", data="demo")
    number = page.locator(".num[data-code='disclosure.published']:visible").first
    number.locator(".val").click()
    answer = number.get_by_role("note")
    answer.wait_for()
    said = answer.inner_text()
    for word in ("口径", "依据", "来源", "上年同期", "栏目", "占比", "数据截至"):
        assert word in said, said
    box = answer.bounding_box()
    assert box and box["x"] >= 0 and box["x"] + box["width"] <= 1024
    assert box["y"] >= 0 and box["y"] + box["height"] <= 768
    assert answer.evaluate("e => e.scrollHeight <= e.clientHeight + 2"), "nothing is below the edge"
    least = "e => Math.min(...[...e.querySelectorAll('*')].filter(c => c.innerText)" + (
        ".map(c => parseFloat(getComputedStyle(c).fontSize)))"
    )
    assert answer.evaluate(least) >= 768 / 54
    page.keyboard.press("Escape")
    answer.wait_for(state="hidden")
    assert at.query["present"] == "true"


def test_no_answer_shows_a_row_of_a_ledger(tab: Callable[..., Tab]) -> None:
    at = tab()
    desk = at.open("/", data="demo")
    assert desk.locator("[data-rows]").count() > 0, "the desk's buttons"
    page, _ = opened(at, data="demo")
    assert page.locator("details.src").count() > 0
    assert page.locator("[data-rows]").count() == 0


# ---- the clock ---------------------------------------------------------------------------------------
def test_play_turns_the_slides_in_a_loop_and_any_key_pauses(browser: Browser, site: str) -> None:
    context = profile(browser)
    page = context.new_page()
    page.clock.install()
    at = Tab(page, site)
    page.goto(f"{site}/?present=true&play=20&agenda={PLANNED}")
    page.clock.resume()
    at.still()
    total = page.evaluate("window.__meeting.main")
    page.clock.pause_at(time.time() + 3600)
    here = int(page.evaluate("window.__seen.says('.page')").split(" / ")[0])
    for _ in range(total + 1):
        page.clock.run_for(20_000)
        here = here % total + 1
        stands(page, here, total)
        assert at.query["play"] == "20"
    page.keyboard.press("PageDown")
    here = here % total + 1
    page.clock.run_for(100_000)
    stands(page, here, total)
    assert "play" not in at.query
    page.keyboard.press("p")
    page.clock.run_for(20_100)
    stands(page, here % total + 1, total)
    context.close()


CHANGES = 2_000 if os.environ.get("QMG_SOAK") else 30
WARM = 15
"""Slides after which nothing new is made."""
GROWTH = 8_000_000
"""Bytes that a warm browser or server may waver by."""


def heap(page: Page) -> int:
    """Bytes of the page's scripts after a collection."""
    protocol = page.context.new_cdp_session(page)
    protocol.send("HeapProfiler.collectGarbage")
    protocol.send("Performance.enable")
    found = protocol.send("Performance.getMetrics")["metrics"]
    protocol.detach()
    return next(int(m["value"]) for m in found if m["name"] == "JSHeapUsedSize")


def resident(pid: int) -> int:
    """Bytes of memory that a process holds."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_hours_of_play_leave_browser_and_server_as_they_were(browser: Browser) -> None:
    """Hours of the clock: every minute a slide asks the server whether the data have changed."""
    port = free_port()
    with process(ROOT / "data", port) as server:
        context = profile(browser)
        page = context.new_page()
        page.clock.install()
        at = Tab(page, f"http://127.0.0.1:{port}")
        page.goto(f"{at.site}/?present=true&play=20&data=demo&agenda={PLANNED}")
        page.clock.resume()
        at.still()
        total = page.evaluate("window.__meeting.main")
        page.clock.pause_at(time.time() + 3600)
        here, seen = int(at.says(".page").split(" / ")[0]), []
        for n in range(WARM + CHANGES):
            page.clock.run_for(20_000)
            here = here % total + 1
            stands(page, here, total)
            if n in (WARM - 1, WARM + CHANGES - 1):
                page.wait_for_timeout(500)
                seen.append((heap(page), resident(server.pid)))
        (heap_a, server_a), (heap_b, server_b) = seen
        print(
            f"\n{CHANGES} slides: browser {heap_a / 1e6:.1f} -> {heap_b / 1e6:.1f} MB,"
            f" server {server_a / 1e6:.1f} -> {server_b / 1e6:.1f} MB"
        )
        assert heap_b - heap_a < GROWTH
        assert server_b - server_a < GROWTH
        context.close()


# ---- a server that comes and goes --------------------------------------------------------------------
@contextmanager
def process(folder: Path, port: int) -> Iterator[subprocess.Popen]:
    """A server on this very port."""
    running = subprocess.Popen(
        commands(port)["server.py"], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        wait_for(f"http://127.0.0.1:{port}", running)
        yield running
    finally:
        running.kill()
        running.wait(30)


def test_a_meeting_goes_on_while_the_server_restarts_and_says_so(
    stranger: Callable[..., Tab],
) -> None:
    port = free_port()
    with process(ROOT / "data", port):
        at = stranger(at=f"http://127.0.0.1:{port}")
        page, total = opened(at, play=3600)
        page.keyboard.press("PageDown")
        stands(page, 2, total)
    line = "() => document.querySelector('#qmg-connection')?.innerText"
    page.wait_for_function(f"{line}.includes('连接')")
    for number in (3, 4):
        page.keyboard.press("PageDown")
        stands(page, number, total)
    assert not page.get_by_text("Connection error").is_visible()
    with process(ROOT / "data", port):
        page.wait_for_function(f"{line} === ''", timeout=90_000)
        at.still()
        stands(page, 4, total)
        page.keyboard.press("End")
        stands(page, total, total)


# ---- on paper ----------------------------------------------------------------------------------------
@pytest.mark.parametrize("data", ["official", "demo"])
def test_a_meeting_prints_one_slide_a_page(tab: Callable[..., Tab], data: str) -> None:
    page, total = opened(tab(), data=data)
    raw = page.pdf(prefer_css_page_size=True, print_background=True)
    slides = page.evaluate("window.__meeting.slides.length")
    assert raw.count(b"/Type /Page\n") == slides
    assert slides > total or data == "official", "the appendix too"
    assert b"/MediaBox [0 0 841.91998 594.95996]" in raw, "A4, landscape"


# ---- the agenda --------------------------------------------------------------------------------------
def line(page: Page, item: str) -> Locator:
    """What the planner offers under this name."""
    return page.locator(f'.plan-line[data-item="{item}"]')


def planned(at: Tab, *items: str) -> None:
    """Wait until the address has these items in this order."""
    at.becomes(
        """wanted => { const a = new URLSearchParams(location.search).get("agenda");
        return (a ? a.split(";").slice(1) : []).join() === wanted }""",
        ",".join(items),
    )


def test_five_slides_are_chosen_in_five_clicks_started_and_sent_as_a_link(
    stranger: Callable[..., Tab],
) -> None:
    at = stranger(permissions=("clipboard-read", "clipboard-write"))
    page = at.open("/enforcement", data="demo", area="生态环境")
    clicks = 0

    def click(what: Locator) -> None:
        nonlocal clicks
        clicks += 1
        what.click()

    click(page.get_by_role("button", name="会议议程"))
    own = page.locator(".plan-line").first.get_attribute("data-item")
    assert own and own.startswith("enforcement?area=")
    chosen = [own, "power_list:dormant", "overview:main", "disputes", "trust:main"]
    for item in chosen:
        click(line(page, item))
    planned(at, *chosen)
    page.get_by_label("会议名称").fill("三季度例会")
    page.get_by_label("会议名称").press("Tab")
    at.becomes("() => location.search.includes(encodeURIComponent('三季度例会'))")
    page.get_by_role("button", name="复制会议链接").click()
    page.get_by_role("button", name="已复制").wait_for()
    link = page.evaluate("navigator.clipboard.readText()")
    click(page.get_by_role("button", name="开始会议"))
    at.becomes("() => location.search.includes('present=true')")
    assert clicks <= 10
    mine = page.evaluate("window.__meeting.slides.map(s => s.title)")
    deck = page.evaluate("window.__meeting.main")
    names = [t.partition("：")[0] for t in mine[:deck]]
    order = ["执法活动", "权力清单", "总览", "纠纷复议", "数据口径"]
    assert list(dict.fromkeys(names)) == order
    assert "三季度例会" in at.says(".kick") and "生态环境" in at.says(".kick")
    page.go_back()
    at.becomes("() => !location.search.includes('present')")
    assert page.evaluate("location.pathname") == "/enforcement"
    theirs = stranger()
    theirs.goto(link)
    assert theirs.page.evaluate("window.__meeting.slides.map(s => s.title)") == mine


def test_a_plan_is_ordered_by_dragging_buttons_and_keys(tab: Callable[..., Tab]) -> None:
    at = tab()
    a, b, c = "overview", "duty", "trust"
    page = at.open("/duty", data="demo", agenda=f"会;{a};{b};{c}")
    page.get_by_role("button", name="会议议程").click()
    rows = page.locator(".plan-list > li")
    rows.nth(2).drag_to(rows.nth(0), target_position={"x": 40, "y": 2})
    planned(at, c, a, b)
    rows.nth(1).get_by_role("button", name="下移").click()
    planned(at, c, b, a)
    rows.nth(2).get_by_role("button", name="上移").click()
    planned(at, c, a, b)
    rows.nth(0).focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    planned(at, a, b, c)
    page.keyboard.press("ArrowUp")
    planned(at, a, c, b)
    page.keyboard.press("Delete")
    planned(at, a, b)
    rows.nth(0).get_by_role("button", name="移除").click()
    planned(at, b)
    line(page, "trust:main").click()
    planned(at, b, "trust:main")
    line(page, "trust:main").click()
    rows.nth(0).get_by_role("button", name="移除").click()
    planned(at)
    assert page.get_by_text("尚未选页").is_visible()


def test_the_planner_finds_slides_by_screen_and_title_and_shows_the_one_that_is_looked_at(
    tab: Callable[..., Tab],
) -> None:
    at = tab(1366, 768)
    page = at.open("/duty", data="demo")
    page.get_by_role("button", name="会议议程").click()
    page.locator(".plan-line").first.wait_for()
    search = page.get_by_label("查找页")
    for words, some in (("权力清单", 5), ("执法 处罚", 1)):
        search.fill(words)
        shown = page.locator(".plan-line:visible")
        said = [e.get_attribute("data-said") or "" for e in shown.all()]
        assert len(said) >= some and all(w in s for s in said for w in words.split())
    search.fill("没有这样的页")
    assert page.locator(".plan-line:visible").count() == 0
    assert page.get_by_text("没有找到").is_visible()
    search.fill("")
    line(page, "enforcement:main").hover()
    wall = page.frame_locator(".plan-seen iframe")
    title = line(page, "enforcement:main").locator("span").inner_text()
    wall.locator("h1", has_text=title).wait_for()
    wall.locator(".drawn .main-svg").first.wait_for()
    box, inner = page.locator(".plan-seen").bounding_box(), wall.locator(".slide").bounding_box()
    assert box and inner and inner["width"] <= box["width"] + 1
    assert abs(inner["width"] / inner["height"] - 16 / 9) < 0.01, "the wall's own shape"
    assert violations(page) == [] and foreign(page) == []
    assert at.console == [] and at.outside == []


def test_a_chosen_slide_has_its_name_in_the_address_and_opens_by_it_again(
    tab: Callable[..., Tab],
) -> None:
    at = tab()
    text = "会;trust:main;power_list:dormant;enforcement:days?area=城市管理"
    page, total = opened(at, "/duty", data="demo", agenda=text)
    assert total == 3
    stands(page, 1, total)
    assert page.evaluate("location.pathname") == "/trust"
    for path, name in (("/power_list", "dormant"), ("/enforcement", "days")):
        page.keyboard.press("PageDown")
        page.wait_for_function("p => location.pathname === p", arg=path)
        assert at.query["slide"] == name
    page.reload()
    at.still()
    stands(page, 3, total)
    assert "城市管理" in at.says(".kick")
