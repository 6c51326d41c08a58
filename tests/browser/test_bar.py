"""The filter bar in Chromium: one line, a step of Back a choice, and the keyboard alone."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from visiting import Tab

HEIGHT = 2.6 * 16
"""Pixels that the bar may be high at the desk."""
TODAY = {"data": "demo", "year": 2023}


def keys(at: Tab) -> dict[str, list[str]]:
    """The link's filters."""
    return {k: v for k, v in parse_qs(urlsplit(at.url).query).items() if k not in TODAY}


def reads(at: Tab, **asked: str) -> None:
    """Wait until the link has these filters and no other."""
    at.becomes(
        "asked => { const q = new URLSearchParams(location.search);"
        " for (const k of ['data', 'year']) q.delete(k);"
        " return [...q].sort().join() === Object.entries(asked).sort().join() }",
        asked,
    )
    at.still()


@pytest.mark.parametrize(
    ("path", "size"),
    [
        *(
            (path, (1366, 768))
            for path in ("/enforcement", "/disclosure", "/disputes", "/goals", "/duty")
        ),
        ("/enforcement", (1920, 1080)),
    ],
)
def test_the_bar_is_one_line_with_and_without_filters(
    tab: Callable[..., Tab], path: str, size: tuple[int, int]
) -> None:
    at = tab(*size)
    page = at.open(path, **TODAY)
    one_line(at)
    for n in range(page.locator(".fb .field").count()):
        field = page.locator(".fb .field").nth(n)
        field.locator("summary").click()
        field.locator(".list button:not([disabled])").last.click()
        at.becomes("n => document.querySelectorAll('.fb .field')[n]?.matches('.set')", n)
        page.keyboard.press("Escape")
    one_line(at)


def one_line(at: Tab) -> None:
    bar = at.page.locator(".fb").bounding_box()
    assert bar and bar["height"] <= HEIGHT
    rows = at.page.evaluate(
        "[...document.querySelectorAll('.fb > *')].map(e => e.getBoundingClientRect())"
        ".map(r => [r.top, r.left, r.right])"
    )
    assert len({round(top) for top, _, _ in rows}) == 1
    assert all(b[1] >= a[2] for a, b in itertools.pairwise(rows)), "they overlap"
    assert rows[-1][2] <= bar["x"] + bar["width"] + 1


def test_on_a_phone_the_bar_wraps_and_no_list_leaves_the_screen(tab: Callable[..., Tab]) -> None:
    at = tab(390, 844)
    page = at.open("/enforcement", **TODAY, area="安全生产")
    for n in range(page.locator(".fb .field").count()):
        page.locator(".fb .field summary").nth(n).click()
        box = page.locator(".fb .field .list").nth(n).bounding_box()
        assert box and box["x"] >= 0 and box["x"] + box["width"] <= 390
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_an_area_in_the_third_quarter_is_three_presses_and_each_is_one_step_of_back(
    tab: Callable[..., Tab],
) -> None:
    at = tab(1366, 768)
    page = at.open("/enforcement", **TODAY)
    first, steps = at.title, page.evaluate("history.length")
    page.get_by_role("button", name="三季度").click()
    page.locator(".field summary", has_text="执法领域").click()
    page.locator(".list button", has_text="安全生产").click()
    reads(at, **{"from": "7", "to": "9", "area": "安全生产"})
    assert page.evaluate("history.length") == steps + 2
    page.go_back()
    reads(at, **{"from": "7", "to": "9"})
    page.go_back()
    reads(at)
    assert at.title == first


def test_a_month_is_one_step_and_a_second_one_reaches_up_to_it(tab: Callable[..., Tab]) -> None:
    at = tab(1366, 768)
    page = at.open("/enforcement", **TODAY)
    field = page.locator(".field", has_text="月份")
    field.locator("summary").click()
    steps = page.evaluate("history.length")
    field.get_by_role("button", name="3月", exact=True).click()
    reads(at, **{"from": "3", "to": "3"})
    assert field.locator(".list").is_visible(), "the list stays open"
    field.get_by_role("button", name="5月", exact=True).click()
    reads(at, **{"from": "3", "to": "5"})
    assert field.locator("summary").text_content() == "月份 3–5 月"
    assert page.evaluate("history.length") == steps + 2
    page.go_back()
    reads(at, **{"from": "3", "to": "3"})
    field.locator(".off").click()
    reads(at)


def test_what_lies_ahead_cannot_be_chosen(tab: Callable[..., Tab]) -> None:
    page = tab(1366, 768).open("/enforcement", **TODAY)
    assert page.get_by_role("button", name="四季度").is_disabled()
    assert page.get_by_role("button", name="三季度").is_enabled()
    page.locator(".field summary", has_text="月份").click()
    off = page.locator(".months button[disabled]").all_inner_texts()
    assert off == ["10月", "11月", "12月"]


def test_the_bar_is_used_by_the_keyboard_alone(tab: Callable[..., Tab]) -> None:
    at = tab(1366, 768)
    page = at.open("/enforcement", **TODAY)
    page.locator(".fb .quarters button").first.focus()
    for _ in range(3):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    reads(at, **{"from": "7", "to": "9"})
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    focused = "document.activeElement.textContent"
    assert page.evaluate(focused) == "执法领域 全部"
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    assert page.evaluate(focused).startswith("安全生产")
    page.keyboard.press("Space")
    reads(at, **{"from": "7", "to": "9", "area": "安全生产"})
    assert page.evaluate(focused).startswith("安全生产"), "what was pressed keeps the focus"
    page.keyboard.press("Escape")
    assert page.locator(".field .list:visible").count() == 0
    assert page.evaluate(focused) == "执法领域 安全生产"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    reads(at, **{"from": "7", "to": "9"})
    assert page.evaluate(focused) == "执法领域 全部", "the focus stays in the bar"


def test_a_long_list_is_searched(tab: Callable[..., Tab]) -> None:
    page = tab(1366, 768).open("/enforcement", **TODAY)
    field = page.locator(".field", has_text="承办机构")
    field.locator("summary").click()
    words = field.locator(".list button").all_inner_texts()
    field.locator("[data-find]").fill(words[-1][:2])
    shown = field.locator(".list button:visible").all_inner_texts()
    assert shown == [w for w in words if words[-1][:2] in w] != words
