"""The drawer of rows: beside the page, which makes room for it, or over it on a narrow screen; it takes the
focus and gives it back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import FloatRect, Locator, Page
from test_screens import complaints
from visiting import Tab

DRAWER, ROOM = ".st-key-drawer", ".slot .cols"
WIDE, NARROW = [(1366, 768), (1920, 1080)], [(1024, 768), (390, 844)]
FOCUS = "document.activeElement.getAttribute('aria-label') ?? document.activeElement.innerText"
PATHS = {
    "/power_list": "power.exercised_rate",
    "/enforcement": "enforcement.disclosed_on_time_rate",
    "/disclosure": "applications.received",
    "/disputes": "disputes.registered",
    "/decisions": "decisions.procedure_rate",
}


def box(of: Page | Locator, what: str = "") -> FloatRect:
    found = of.locator(what).first.bounding_box() if what else of.bounding_box()  # type: ignore[union-attr]
    assert found
    return found


def press(tab: Tab, page: Page) -> str:
    """Open the rows of the first key number by the keyboard; the name of what was pressed."""
    tag = page.locator("details.src:has([data-rows])").first
    tag.locator("summary").focus()
    name = page.evaluate(FOCUS)
    page.keyboard.press("Enter")
    tag.get_by_role("button", name="查看明细").focus()
    page.keyboard.press("Enter")
    page.locator(f"{DRAWER} .cards").wait_for()
    tab.still()
    return name


@pytest.mark.parametrize(("width", "height"), WIDE)
def test_it_opens_at_the_right_in_sight_and_the_page_makes_room(
    tab: Callable[..., Tab], width: int, height: int
) -> None:
    at = tab(width, height)
    page = at.open("/enforcement", data="demo", year=2023)
    page.locator("details.src summary").last.scroll_into_view_if_needed()
    page.evaluate("document.querySelector('[data-testid=stMain]').scrollTo({top: 600})")
    before = box(page, ROOM)
    press(at, page)
    drawer, after = box(page, DRAWER), box(page, ROOM)
    assert drawer["width"] == 280, "17.5 rem"
    assert (drawer["y"], drawer["height"]) == (0, height)
    assert drawer["x"] + drawer["width"] == width
    assert after["width"] < before["width"] and after["x"] + after["width"] < drawer["x"]
    for drawn in page.locator(".drawn:has(.main-svg)").all():
        picture = drawn.locator(".main-svg").first
        assert abs(box(picture)["width"] - box(drawn)["width"]) < 2, (
            "drawn to the room that is left"
        )
    assert page.locator(DRAWER).evaluate("e => e.scrollHeight > e.clientHeight"), (
        "scrolls by itself"
    )


@pytest.mark.parametrize(("width", "height"), NARROW)
def test_it_lies_over_a_narrow_page_as_high_as_the_screen(
    tab: Callable[..., Tab], width: int, height: int
) -> None:
    at = tab(width, height)
    page = at.open("/enforcement", data="demo", year=2023)
    before = box(page, ROOM)
    press(at, page)
    drawer = box(page, DRAWER)
    assert box(page, ROOM)["width"] == before["width"]
    assert (drawer["y"], drawer["height"], drawer["x"] + drawer["width"]) == (0, height, width)
    assert page.locator(DRAWER).evaluate("e => e.scrollWidth <= e.clientWidth"), "cut off"
    page.get_by_role("button", name="关闭明细").click()
    at.becomes("() => !document.querySelector('.cards')")


def test_the_focus_goes_in_and_comes_back_and_escape_closes(tab: Callable[..., Tab]) -> None:
    at = tab(1366, 768)
    page = at.open("/enforcement", data="demo", year=2023)
    opener = press(at, page)
    assert page.evaluate(FOCUS) == "关闭明细"
    page.get_by_label("排序", exact=True).click()
    page.locator("[role=listbox]").wait_for()
    page.keyboard.press("Escape")
    at.becomes("() => !document.querySelector('[role=listbox]')")
    assert page.locator(DRAWER).count() == 1, "escape closes the list alone"
    page.keyboard.press("Escape")
    at.becomes("() => !document.querySelector('.cards')")
    assert "rows" not in at.query
    assert page.evaluate(FOCUS) == opener


def test_a_mark_opens_its_rows_and_back_closes_them(tab: Callable[..., Tab]) -> None:
    at = tab(1366, 768)
    page = at.open("/enforcement", data="demo", year=2023)
    mark = page.locator("main button[data-rows]:visible:not(.act, .why)").first
    asked = mark.get_attribute("data-rows")
    mark.click()
    page.locator(f"{DRAWER} .cards").wait_for()
    at.still()
    assert at.query["rows"] == asked
    assert page.evaluate(FOCUS) == "关闭明细"
    page.go_back()
    at.becomes("() => !document.querySelector('.cards')")
    assert page.evaluate("document.activeElement.dataset.rows") == asked


@pytest.mark.parametrize(("path", "rows"), PATHS.items())
def test_beside_it_nothing_of_the_page_is_cut_off(
    tab: Callable[..., Tab], path: str, rows: str
) -> None:
    at = tab(1366, 768)
    at.open(path, data="demo", year=2023, rows=rows)
    assert complaints(at, present=False) == []


def test_the_reason_of_a_change_is_one_press_away(tab: Callable[..., Tab]) -> None:
    at = tab(1366, 768)
    page = at.open("/enforcement", data="demo", year=2023, rows="enforcement.penalties")
    page.locator(DRAWER).get_by_text("为什么变化", exact=True).click()
    page.locator(f"{DRAWER} .why").wait_for()
    whole = page.locator(f"{DRAWER} .why tr").last
    assert whole.inner_text().split() == ["合计", "158", "159", "+1"]
    drawer = page.locator(DRAWER)
    assert drawer.evaluate("e => e.scrollWidth <= e.clientWidth"), "wider than the drawer"
