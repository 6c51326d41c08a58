"""What a person does with a screen in Chromium: turn, filter, copy a link, save, ask for a source."""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import folders
import pytest
from playwright.sync_api import Page
from screens import PATHS, says_year
from visiting import Tab

CLICKED = PATHS if os.environ.get("QMG_SOAK") else ("/disputes",)
FORBIDDEN = {
    "refused": "{value: {writeText: () => Promise.reject(new DOMException('', 'NotAllowedError'))}}",
    "absent": "{value: undefined}",  # a page that is neither HTTPS nor localhost
}
"""How a browser keeps a page from its clipboard."""
SOAK = bool(os.environ.get("QMG_SOAK"))


def scope(page: Page) -> str:
    """The scope line: screen, year, filters, town."""
    return " ".join(page.evaluate("window.__seen.says('.kick')").split())


def position(page: Page) -> str:
    return page.evaluate("window.__seen.says('.page')")


def bars(page: Page) -> dict[str, str]:
    """The first chart's bars: {name: label}, as they stand in the picture."""
    chart = page.evaluate("window.__seen.charts()")[0]
    assert len(chart["names"]) == len(chart["labels"]) == chart["bars"]
    return dict(zip(chart["names"], chart["labels"], strict=True))


def marked(page: Page) -> set[str]:
    """The names of the first chart's bars that wear the accent."""
    accent = page.evaluate(
        "() => { const e = document.body.appendChild(document.createElement('i'));"
        " e.style.color = 'var(--accent)'; return getComputedStyle(e).color }"
    )
    chart = page.evaluate("window.__seen.charts()")[0]
    pairs = zip(chart["names"], chart["fills"], strict=True)
    return {name for name, fill in pairs if fill == accent}


def words(page: Page) -> str:
    """All that the screen says, whatever its copy button says just now."""
    return re.sub("复制链接|已复制", "", page.inner_text("[data-testid=stMain]"))


def choose(tab: Tab, label: str, *options: str) -> None:
    """Pick values of a filter by the mouse."""
    field = tab.page.locator(".field", has=tab.page.locator(f"summary:has-text('{label}')"))
    for option in options:
        if not field.locator(".list").is_visible():
            field.locator("summary").click()
        field.locator(".list button", has_text=option).click()
        tab.becomes("v => decodeURIComponent(location.search).includes(v)", option)
    tab.page.keyboard.press("Escape")
    tab.still()


# ---- the link ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("path", ["/power_list", "/enforcement", "/goals"])
def test_a_copied_link_restores_page_year_and_filters_in_another_browser(
    stranger: Callable[..., Tab], path: str
) -> None:
    asked = {"data": "demo", "year": 2022}
    if path == "/power_list":
        asked["category"] = ["行政处罚", "行政检查"]  # type: ignore[assignment]
    if path == "/enforcement":
        asked |= {"area": "生态环境", "from": 2, "to": 8}  # type: ignore[dict-item]
    mine = stranger(permissions=("clipboard-read", "clipboard-write"))
    page = mine.open(path, **asked)
    page.get_by_role("button", name="复制链接").click()
    page.get_by_role("button", name="已复制").wait_for()
    link = page.evaluate("navigator.clipboard.readText()")
    assert link.startswith(f"{mine.site}{path}?")
    theirs = stranger()
    there = theirs.goto(link)
    assert words(there) == words(page)
    assert says_year(2022, scope(there)) and "演示数据" in scope(there)
    charts = "window.__seen.charts().map(c => [c.alt, c.names, c.labels, c.fills])"
    assert there.evaluate(charts) == page.evaluate(charts)


@pytest.mark.parametrize("why", FORBIDDEN)
def test_where_the_clipboard_is_forbidden_the_link_stands_selected_to_be_copied(
    stranger: Callable[..., Tab], why: str
) -> None:
    script = f"Object.defineProperty(navigator, 'clipboard', {FORBIDDEN[why]})"
    tab = stranger(script=script)
    page = tab.open("/decisions", year=2022)
    assert page.locator("input[data-link]").is_hidden()
    page.get_by_role("button", name="复制链接").click()
    box = page.locator("input[data-link]")
    box.wait_for()
    marked = page.evaluate(
        "() => { const e = document.activeElement;"
        " return e.value.slice(e.selectionStart, e.selectionEnd) }"
    )
    assert marked == box.input_value()
    parts = urlsplit(marked)
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{tab.site}/decisions"
    assert parse_qs(parts.query)["year"] == ["2022"]
    tab.goto(marked)
    assert "2022 年度" in scope(page)


def test_a_filter_changes_chart_title_and_link_and_the_browsers_back_undoes_it(
    tab: Callable[..., Tab],
) -> None:
    at = tab()
    page = at.open("/power_list", year=2022)
    first, leading = at.title, marked(page)
    choose(at, "权力类型", "行政检查", "行政许可")
    assert marked(page) == {"行政检查", "行政许可"} != leading
    assert "行政检查" in at.title and "11 项" in at.title
    assert parse_qs(urlsplit(at.url).query)["category"] == ["行政检查", "行政许可"]
    page.go_back()
    at.becomes("() => !decodeURIComponent(location.search).includes('行政许可')")
    assert marked(page) == {"行政检查"}
    page.reload()
    at.still()
    assert marked(page) == {"行政检查"}
    page.get_by_role("button", name="清除筛选").click()
    at.becomes("() => !location.search.includes('category')")
    assert (at.title, marked(page)) == (first, leading)


SHIFTS = """window.shifts = [];
new PerformanceObserver(l => window.shifts.push(...l.getEntries().map(e => e.value)))
  .observe({type: "layout-shift", buffered: true});"""


@pytest.mark.parametrize(
    ("path", "label", "option"),
    [("/enforcement", "执法领域", "生态环境"), ("/disclosure", "信息类别", "行政执法")],
)
def test_what_stands_on_the_screen_stays_where_it_is_while_a_filter_is_set(
    stranger: Callable[..., Tab], path: str, label: str, option: str
) -> None:
    at = stranger(script=SHIFTS)
    page = at.open(path, data="demo")
    labels = page.locator(".field summary span").all_inner_texts()
    page.evaluate("window.shifts.length = 0")
    choose(at, label if label in labels else labels[0], option)
    assert sum(page.evaluate("window.shifts")) < 0.05


def test_a_click_on_a_bar_chooses_it_and_a_second_click_gives_it_up(
    tab: Callable[..., Tab],
) -> None:
    at = tab()
    page = at.open("/power_list", year=2022)
    for wanted in ({"其他行政权力"}, set()):
        box = page.locator(".barlayer .point path").last.bounding_box()
        assert box
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        found = "v => decodeURIComponent(location.search).includes('category') === v"
        at.becomes(found, bool(wanted))
        chosen = parse_qs(urlsplit(at.url).query).get("category", [])
        assert set(chosen) == wanted


def test_a_click_on_a_state_chooses_its_measures_and_back_gives_them_up(
    tab: Callable[..., Tab],
) -> None:
    at = tab()
    page = at.open("/goals", data="demo")
    first = at.title
    pressed = "n => document.querySelectorAll('.pick[aria-pressed=true]').length === n"
    for n, state in enumerate(("逾期", "滞后"), 1):
        page.locator(".pick", has_text=state).click()
        at.becomes(pressed, n)
    assert parse_qs(urlsplit(at.url).query)["state"] == ["逾期", "滞后"]
    late = "应急管理办公室 1 项举措逾期 92 天"
    assert at.title == f"{late}；1 项举措滞后"
    page.go_back()
    at.becomes(pressed, 1)
    assert at.title == late
    page.locator(".pick", has_text="逾期").click()
    at.becomes(pressed, 0)
    assert at.title == first


SET = ".fb .set, .fb .quarters > :not(:first-child)[aria-pressed=true]"
"""The active filters in the bar."""
CHIPS = f"n => document.querySelectorAll('{SET}').length === n"


def keys(at: Tab) -> dict[str, list[str]]:
    """The link's filters."""
    query = parse_qs(urlsplit(at.url).query)
    return {k: v for k, v in query.items() if k not in ("data", "year", "goal_year")}


def test_each_active_filter_stands_by_itself_and_is_taken_off_by_itself(
    tab: Callable[..., Tab],
) -> None:
    at = tab()
    asked = {"area": ["城市管理", "安全生产"], "action_type": "行政处罚", "from": 3, "to": 5}
    page = at.open("/enforcement", data="demo", **asked)
    said = page.locator(".set summary").all_text_contents()
    assert said == ["行为类型 行政处罚", "执法领域 城市管理 等 2 项", "月份 3–5 月"]
    page.mouse.wheel(0, 900)
    page.wait_for_timeout(300)
    assert (page.locator(".set").first.bounding_box() or {"y": -1})["y"] >= 0, "it scrolled away"
    page.locator(".set summary", has_text="执法领域").click()
    page.locator(".list button", has_text="城市管理").click()
    at.becomes(
        "() => document.querySelectorAll('.set summary')[1].textContent === '执法领域 安全生产'"
    )
    assert keys(at)["area"] == ["安全生产"]
    page.locator(".set", has_text="月份").locator(".off").click()
    at.becomes(CHIPS, 2)
    assert "from" not in keys(at) and "to" not in keys(at)
    page.go_back()
    at.becomes(CHIPS, 3)
    assert (keys(at)["from"], keys(at)["to"]) == (["3"], ["5"])


def test_clearing_all_filters_is_one_step_for_the_browsers_back(tab: Callable[..., Tab]) -> None:
    at = tab()
    asked = {"area": "城市管理", "action_type": "行政处罚", "from": 3, "to": 5}
    page = at.open("/enforcement", data="demo", **asked)
    before = keys(at)
    page.get_by_role("button", name="清除筛选", exact=True).click()
    at.becomes(CHIPS, 0)
    assert keys(at) == {}
    page.go_back()
    at.becomes(CHIPS, 4 - 1)
    assert keys(at) == before


def spot(page: Page, selector: str, nth: int) -> tuple[float, float]:
    """The middle of a mark."""
    box = page.locator(selector).nth(nth).bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_a_cell_of_the_heatmap_chooses_both_its_values_wherever_it_is_clicked(
    tab: Callable[..., Tab],
) -> None:
    at = tab(1920, 1080)
    page = at.open("/enforcement", data="demo")
    plot = page.locator("[data-chart=areas]")
    words = plot.locator(".annotation-text").all_text_contents()
    cell = plot.locator(".annotation-text").nth(0)
    box = cell.bounding_box()
    assert box and words[0].isdecimal()
    page.mouse.click(box["x"] + box["width"] / 2 + 50, box["y"] + box["height"] / 2)
    at.becomes(CHIPS, 2)
    assert set(keys(at)) == {"area", "action_type"}
    assert page.locator(".num[data-code='enforcement.actions'] .val").first.inner_text() == (
        f"{words[0]}件"
    )
    x, y = spot(page, "[data-chart=areas] .annotation-text", 0)
    page.mouse.click(x, y)
    at.becomes(CHIPS, 0)


def test_a_month_of_the_bars_chooses_that_month(tab: Callable[..., Tab]) -> None:
    at = tab(1920, 1080)
    page = at.open("/enforcement", data="demo")
    page.locator("[data-chart=trend]").scroll_into_view_if_needed()
    page.mouse.click(*spot(page, "[data-chart=trend] .barlayer .point", 2))
    at.becomes(CHIPS, 1)
    assert (keys(at)["from"], keys(at)["to"]) == (["3"], ["3"])


def test_the_shortest_bar_is_clicked_beside_it_as_well(tab: Callable[..., Tab]) -> None:
    at = tab(1920, 1080)
    page = at.open("/power_list", data="demo")
    shortest = page.locator(".barlayer .point path").first
    shortest.scroll_into_view_if_needed()
    box = shortest.bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] + 120, box["y"] + box["height"] / 2)
    at.becomes(CHIPS, 1)
    assert set(keys(at)) == {"category"}


BARS = ".drawn:has(.barlayer .point)"


@pytest.mark.parametrize("path", CLICKED)
def test_a_click_on_any_bar_filters_or_does_nothing_and_is_never_refused(
    tab: Callable[..., Tab], path: str
) -> None:
    at = tab(1366, 768)
    page = at.open(path, data="demo")
    charts = page.locator(BARS).count()
    assert charts
    for n in range(charts):
        bar = page.locator(BARS).nth(n).locator(".barlayer .point path").last
        bar.scroll_into_view_if_needed()
        box = bar.bounding_box()
        assert box
        page.mouse.click(box["x"] + 2, box["y"] + box["height"] / 2)
        page.wait_for_timeout(400)
        at.still()
        assert page.locator(".banner", has_text="链接中的").count() == 0
        if keys(at):
            at = tab(1366, 768)
            page = at.open(path, data="demo")


SAYS = "n => window.__seen.says('.kick').includes(n)"
"""Whether the scope line says something: a link changes before its screen is drawn."""


def test_the_menu_keeps_year_and_data_and_the_browsers_back_returns(
    tab: Callable[..., Tab],
) -> None:
    at = tab()
    page = at.open("/decisions", data="demo", year=2022)
    first = (at.title, scope(page))
    for name in ("纠纷复议", "学法普法"):
        page.get_by_role("link", name=name, exact=True).click()
        at.becomes("n => document.querySelector('.kick')?.innerText.includes(n)", name)
        at.becomes(SAYS, "2022 年度")
        at.becomes(SAYS, "演示数据")
        assert at.query == {"data": "demo", "year": "2022"}
    for name in ("纠纷复议", "决策审查"):
        page.go_back()
        at.becomes(SAYS, name)
        at.becomes(SAYS, "2022 年度")
    assert (at.title, scope(page)) == first


LINK = {"data": "demo", "year": 2022, "theme": "light", "area": "生态环境", "from": 2, "to": 8}
"""All that a link may hold: what holds on every screen, a filter and months."""


def turn(at: Tab, name: str) -> None:
    """Go to a screen by the menu."""
    at.page.get_by_role("link", name=name, exact=True).click()
    at.becomes(SAYS, name)
    at.becomes("() => location.search.includes('year=2022')")


def stands(at: Tab, before: dict[str, object]) -> None:
    """Wait until a screen and its link are as they were."""
    at.becomes("l => location.pathname + location.search === l", before["link"])
    at.becomes("k => window.__seen.says('.kick') === k", before["kick"])
    assert seen(at) == before


def seen(at: Tab) -> dict[str, object]:
    """The link, the scope line, the title and how many filters are active."""
    where = at.page.evaluate("location.pathname + location.search")
    kick = at.page.evaluate("window.__seen.says('.kick')")
    chips = at.page.locator(SET).count()
    return {"link": where, "kick": kick, "title": at.title, "chips": chips}


def by_click(at: Tab) -> None:
    at.page.locator("[data-chart=trend]").scroll_into_view_if_needed()
    at.page.mouse.click(*spot(at.page, "[data-chart=trend] .barlayer .point", 2))
    at.becomes(CHIPS, 1)


FILTERED = {
    "by the link": (LINK, lambda at: None),
    "in the field": ({"data": "demo", "year": 2022}, lambda at: choose(at, "执法领域", "生态环境")),
    "by a click": ({"data": "demo", "year": 2022}, by_click),
}


@pytest.mark.parametrize("how", FILTERED if SOAK else ("by the link", "by a click"))
def test_back_after_a_turn_of_the_menu_restores_the_link_as_it_was(
    tab: Callable[..., Tab], how: str
) -> None:
    at = tab()
    asked, choose_ = FILTERED[how]
    page = at.open("/enforcement", **asked)
    choose_(at)
    before = seen(at)
    assert before["chips"]
    steps = page.evaluate("history.length")
    turn(at, "纠纷复议")
    between = seen(at)
    assert page.evaluate("history.length") == steps + 1, "a turn is one step"
    page.go_back()
    stands(at, before)
    page.go_forward()
    stands(at, between)
    turn(at, "学法普法")
    for was in (between, before):
        page.go_back()
        stands(at, was)
    page.reload()
    at.still()
    stands(at, before)


def test_back_over_several_turns_at_once_restores_a_link_without_a_year(
    tab: Callable[..., Tab],
) -> None:
    at = tab()
    page = at.open("/enforcement", data="demo", area="生态环境")
    before = seen(at)
    page.get_by_role("link", name="纠纷复议", exact=True).click()
    at.becomes(SAYS, "纠纷复议")
    at.page.get_by_label("年度", exact=True).first.click()
    at.page.get_by_role("option", name="2022").click()
    at.becomes("() => location.search.includes('year=2022')")
    turn(at, "学法普法")
    page.evaluate("history.go(-3)")
    stands(at, before)


ORDERS = {
    "the keys first": "(path, keys) => { keys(); path(); }",
    "the path first": "(path, keys) => { path(); keys(); }",
}


@pytest.mark.parametrize("order", ORDERS)
def test_whichever_part_of_a_turn_comes_first_it_is_one_step(
    tab: Callable[..., Tab], order: str
) -> None:
    """What Streamlit does, in either order: it writes the path with the keys that it knows of."""
    at = tab()
    page = at.open("/enforcement", data="demo", year=2022, area="生态环境")
    wanted = page.evaluate(
        """order => {
          const link = [...document.querySelectorAll("a[data-testid=stSidebarNavLink]")].find(a => a.pathname === "/disputes");
          link.addEventListener("click", e => { e.preventDefault(); e.stopImmediatePropagation(); }, {capture: true, once: true});
          link.click();
          const steps = history.length, held = "?year=2022&data=demo";
          let known = "";
          eval(order)(() => history.pushState({}, "", "/disputes" + known),
                      () => { known = held; history.pushState({}, "", location.pathname + held); });
          return [history.length - steps, location.pathname + location.search];
        }""",
        ORDERS[order],
    )
    assert wanted == [1, "/disputes?year=2022&data=demo"]


def test_what_a_link_names_in_vain_is_said_in_the_browser_too(tab: Callable[..., Tab]) -> None:
    page = tab().open("/power_list", year="1999", category="无此类", unheard="1")
    said = page.locator(".banner").all_inner_texts()
    assert [w for w in ("1999", "无此类", "unheard") if not any(w in s for s in said)] == []


def test_a_link_longer_than_a_server_reads_is_refused_and_the_next_one_served(
    tab: Callable[..., Tab],
) -> None:
    at = tab()
    answer = at.page.request.get(f"{at.site}/power_list?year={'9' * 100_000}")
    assert answer.status in (200, 400, 414, 431)
    assert at.open("/power_list").title().strip()


# ---- meeting mode -----------------------------------------------------------------------------------
EACH = ";".join(["会;overview:main", *(f"{p[1:]}:main" for p in PATHS if p != "/")])
"""A meeting of every screen's first slide."""
FOOTER = "p => window.__seen.says('.page') === p"
"""The footer says this place: 2 / 12."""
TURNS = {
    "PageDown": 1,
    "ArrowRight": 1,
    "ArrowDown": 1,
    "Space": 1,
    "PageUp": -1,
    "ArrowLeft": -1,
    "ArrowUp": -1,
}


@pytest.mark.parametrize("key", TURNS)
def test_the_very_first_press_of_a_key_turns_the_page(tab: Callable[..., Tab], key: str) -> None:
    at = tab()
    page = at.open("/disclosure", present="true", agenda=EACH)
    here, total = map(int, position(page).split(" / "))
    page.keyboard.press(key)
    there = (here - 1 + TURNS[key]) % total + 1
    at.becomes(FOOTER, f"{there} / {total}")
    assert at.query["present"] == "true"
    assert page.evaluate("location.pathname") != "/disclosure"


def test_keys_pressed_quickly_turn_as_many_pages_and_end_on_a_whole_screen(
    tab: Callable[..., Tab],
) -> None:
    at = tab()
    page = at.open("/", present="true", agenda=EACH)
    _, total = position(page).split(" / ")
    for n in range(2, 5):
        page.keyboard.press("PageDown")
        page.wait_for_function(
            FOOTER,
            arg=f"{n} / {total}",
        )
    page.keyboard.press("Home")
    at.becomes(FOOTER, f"1 / {total}")
    page.keyboard.press("End")
    at.becomes(FOOTER, f"{total} / {total}")


def test_escape_leaves_meeting_mode_to_the_same_screen(tab: Callable[..., Tab]) -> None:
    at = tab()
    page = at.open("/disputes", present="true", data="demo", year=2022)
    title = at.title
    assert page.locator("[data-testid=stSidebar]").is_hidden()
    page.keyboard.press("Escape")
    at.becomes("() => !location.search.includes('present')")
    assert at.title == title
    assert page.evaluate("location.pathname") == "/disputes"
    assert "2022 年度" in scope(page) and "演示数据" in scope(page)
    assert page.locator("[data-testid=stSidebar]").is_visible()


def test_the_button_enters_meeting_mode_with_what_is_shown(tab: Callable[..., Tab]) -> None:
    at = tab()
    page = at.open("/enforcement", data="demo", year=2022, area="生态环境")
    page.get_by_role("button", name="会议模式").click()
    at.becomes("() => location.search.includes('present=true')")
    assert "2022 年度" in scope(page) and "生态环境" in scope(page)
    page.evaluate(
        "() => { const m = window.__meeting;"
        " m.go(m.slides.findIndex(s => s.query.includes('slide=done'))) }"
    )
    at.becomes("() => location.search.includes('slide=done')")
    assert "生态环境" in scope(page)


def test_the_keys_belong_to_the_desk_where_no_meeting_is_on(tab: Callable[..., Tab]) -> None:
    at = tab()
    page = at.open("/trust")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("PageDown")
    page.keyboard.press("Escape")
    at.still()
    assert page.evaluate("location.pathname") == "/trust"
    assert page.locator("[data-testid=stSidebar]").is_visible()


def test_a_meeting_follows_the_size_of_its_screen(tab: Callable[..., Tab]) -> None:
    at = tab(1366, 768)
    page = at.open("/power_list", present="true")
    before = page.evaluate("parseFloat(getComputedStyle(document.documentElement).fontSize)")
    page.set_viewport_size({"width": 1024, "height": 600})
    at.becomes(
        "b => parseFloat(getComputedStyle(document.documentElement).fontSize) < b - 2", before
    )
    m = page.evaluate("window.__seen.measure()")
    assert m["least"] >= 600 / 54 and m["tall"] <= 2
    page.set_viewport_size({"width": 1366, "height": 768})


# ---- files ------------------------------------------------------------------------------------------
def downloaded(page: Page) -> tuple[str, list[list[str]]]:
    """The first chart's file: its name and rows."""
    view = page.locator("details.data").first
    if not view.evaluate("view => view.open"):
        view.locator("summary").click()
    with page.expect_download() as waiting:
        view.get_by_role("button", name="下载 CSV").click()
    raw = Path(waiting.value.path()).read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf"), "Excel takes a file without a BOM for GBK"
    rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))
    return waiting.value.suggested_filename, rows


def drawn(rows: list[list[str]]) -> dict[str, str]:
    """The rows of a split's file as its chart writes them: number, unit and share."""
    header = rows[0]
    at = {h: header.index(h) for h in ("数值", "约数", "单位", "占比")}
    return {
        r[0]: " ".join(f"{r[at['数值']]}{r[at['约数']]} {r[at['单位']]} {r[at['占比']]}".split())
        for r in rows[1:]
    }


def test_the_saved_file_holds_exactly_what_is_drawn(tab: Callable[..., Tab]) -> None:
    at = tab()
    page = at.open("/power_list", year=2022)
    name, rows = downloaded(page)
    assert name.endswith(".csv") and "2022" in name and "演示" not in name
    assert drawn(rows) == bars(page)
    choose(at, "权力类型", "行政处罚")
    _, rows = downloaded(page)
    assert drawn(rows) == bars(page)
    assert {r[rows[0].index("筛选")] for r in rows[1:]} == {"权力类型：行政处罚"}


def test_the_table_behind_a_chart_shows_what_the_file_holds(tab: Callable[..., Tab]) -> None:
    page = tab().open("/power_list", year=2022)
    _, rows = downloaded(page)
    shown = page.locator("details.data").first.locator("tr").all()
    cells = [[c.inner_text() for c in line.locator("th, td").all()] for line in shown]
    assert cells == [r[: len(cells[0])] for r in rows]


def test_a_file_of_the_demo_says_so_in_its_name_and_every_row(tab: Callable[..., Tab]) -> None:
    name, rows = downloaded(tab().open("/power_list", data="demo"))
    assert name.startswith("演示数据")
    assert {r[rows[0].index("数据性质")] for r in rows[1:]} == {"演示数据"}


FORMULAS = ("+SUM(A1)", "-2+3", "@cmd", "－2", "行政处罚")
SAFE = {"'+SUM(A1)", "'-2+3", "'@cmd", "'－2", "行政处罚"}


def test_text_that_a_spreadsheet_would_run_is_made_safe_and_numbers_are_not_touched(
    tab: Callable[..., Tab], serve: Callable[[Path], str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("formulas")
    folders.put(folder / "town.toml", '[town]\nname = "=1+1镇"\n', "utf-8")
    kept = folders.GOOD["reported"][0]
    rows = [kept | {"dimension": f, "value": str(n + 3)} for n, f in enumerate(FORMULAS)]
    folders.put_table(folder, "reported", rows)
    page = tab(at=serve(folder)).open("/power_list")
    _, saved = downloaded(page)
    assert {r[0] for r in saved[1:]} == SAFE
    assert sorted(r[1] for r in saved[1:]) == ["3", "4", "5", "6", "7"]
    assert {r[saved[0].index("单位名称")] for r in saved[1:]} == {"'=1+1镇"}
    assert set(bars(page)) == set(FORMULAS), "the screen shows the names as they are"


TAGGED = [p for p in PATHS if p not in ("/trust", "/duty", "/goals", "/todo", "/assignments")]
"""Screens whose first slide has a figure of the report."""


# ---- where a figure comes from ----------------------------------------------------------------------
def test_a_tag_opens_to_definition_source_and_place_and_escape_closes_it(
    tab: Callable[..., Tab],
) -> None:
    at = tab()
    page = at.open("/decisions", year=2022)
    card = page.locator("[data-code='review.contracts']")
    note = card.get_by_role("note")
    assert note.is_hidden()
    card.locator("summary").click()
    note.wait_for()
    said = note.inner_text()
    for word in ("口径", "来源", "一（三）", "reported.csv 第", "80余件", "数据截至", "数据版本"):
        assert word in said, said
    box = note.bounding_box()
    assert box and box["x"] >= 0 and box["x"] + box["width"] <= 1920 and box["height"] < 1080
    page.keyboard.press("Escape")
    note.wait_for(state="hidden")
    card.locator("summary").focus()
    page.keyboard.press("Enter")
    note.wait_for()
    other = page.locator("[data-code='adviser.meetings']")
    other.locator("summary").click()
    other.get_by_role("note").wait_for()
    assert note.is_hidden(), "one at a time"
    page.locator("h1.title").click()
    other.get_by_role("note").wait_for(state="hidden")


def test_in_a_meeting_a_tag_opens_within_the_screen_and_escape_closes_it_first(
    tab: Callable[..., Tab],
) -> None:
    at = tab(1024, 768)
    page = at.open("/", present="true", agenda=EACH, year=2022)
    _, total = map(int, position(page).split(" / "))
    tried: list[str] = []
    for number in range(1, total + 1):
        page.wait_for_function(FOOTER, arg=f"{number} / {total}")
        path = page.evaluate("location.pathname")
        if path in TAGGED and path not in tried:
            tag = page.locator("details.src:visible").first
            tag.locator("summary").click()
            note = tag.get_by_role("note")
            note.wait_for()
            box = note.bounding_box()
            assert box and box["y"] >= 0 and box["y"] + box["height"] <= 768
            assert box["x"] >= 0 and box["x"] + box["width"] <= 1024
            page.keyboard.press("Escape")
            note.wait_for(state="hidden")
            assert at.query["present"] == "true"
            tried.append(path)
        page.keyboard.press("PageDown")
    assert sorted(tried) == sorted(TAGGED)
