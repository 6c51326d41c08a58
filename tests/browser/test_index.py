"""The index at the side of a long page: there where there is room, marking the part that is read."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from visiting import Tab

INDEX, NOW = ".index button", ".index [aria-current]"
INSIDE = """() => [...document.querySelectorAll('.slot > *')].every(e =>
  e.getBoundingClientRect().right <= document.querySelector('.index').getBoundingClientRect().left)"""


def test_each_part_of_a_long_page_is_one_press_away_and_marked(tab: Callable[..., Tab]) -> None:
    at = tab(1366, 768)
    page = at.open("/enforcement", data="demo", year=2023)
    names = page.locator(INDEX).all_inner_texts()
    assert len(names) == len({*names}) > 3
    assert page.evaluate(INSIDE), "it lies on the page"
    assert page.locator(NOW).inner_text() == names[0]
    page.locator(INDEX).nth(2).click()
    page.wait_for_function(
        "([w, n]) => document.querySelector(w)?.innerText === n", arg=[NOW, names[2]]
    )
    assert page.evaluate("document.getElementById(location.hash.slice(1)) !== null"), page.url
    page.locator(INDEX).last.click()
    page.wait_for_function(
        "([w, n]) => document.querySelector(w)?.innerText === n", arg=[NOW, names[-1]]
    )


def test_a_link_to_a_part_goes_there(tab: Callable[..., Tab]) -> None:
    at = tab(1366, 768)
    page = at.goto(f"{at.site}/enforcement?data=demo&year=2023#days")
    page.wait_for_function(
        "() => { const top = document.getElementById('days').getBoundingClientRect().top;"
        " return top >= 0 && top < 200 }"
    )


@pytest.mark.parametrize(
    ("path", "width", "rows"),
    [
        ("/duty", 1366, ""),
        ("/enforcement", 1280, ""),
        ("/enforcement", 390, ""),
        ("/enforcement", 1366, "enforcement.penalties"),
    ],
)
def test_a_short_page_a_narrow_one_and_one_with_a_drawer_have_none(
    tab: Callable[..., Tab], path: str, width: int, rows: str
) -> None:
    page = tab(width, 768).open(path, data="demo", year=2023, rows=rows)
    assert page.locator(INDEX).count() == 0
