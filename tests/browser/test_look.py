"""bench/look.py finds what is planted: panels that are nearly empty, sizes, marks under the demo's."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser
from visiting import ROOT

from bench.slides import Told, slide_faults

FILL, SLIDE = ((ROOT / "bench" / f"{n}.js").read_text(encoding="utf-8") for n in ("fill", "slide"))
STYLES = "".join(
    (ROOT / "static" / f"{n}.css").read_text(encoding="utf-8") for n in ("page", "meeting")
)
SIZE = {"width": 1920, "height": 1080}
REM = 1080 / 53
HIGH = 30 * REM


def slide(body: str, title: str = "1 件逾期") -> str:
    """A slide of a meeting with one panel of 30 rem."""
    style = (
        f"<style>:root {{ --bg: #fff; --card: #fff; --ink: #000; --line: #ddd; }}{STYLES}</style>"
    )
    panel = f'<div class="panel q" style="height: {HIGH}px">{body}</div>'
    return f'{style}<div class="slide seen demo" data-at="0"><h1>{title}</h1>{panel}</div>'


@pytest.fixture
def measured(browser: Browser):
    """What a script of the bench measures on a slide with a panel."""
    page = browser.new_page(viewport=SIZE)

    def measure(script: str, body: str, *given: object):
        page.set_content(slide(body))
        return page.evaluate(script, *given)

    yield measure
    page.close()


def rows(count: int, pitch: float) -> str:
    """A table with a row every `pitch` rem."""
    row = f'<tr style="height: {pitch}rem"><td>综合行政执法大队</td><td class="r">12</td></tr>'
    return f'<h2>各部门</h2><table class="tb"><tbody>{row * count}</tbody></table>'


BARS = "".join(
    f'<div style="display: grid; grid-template-columns: 14rem 1fr; padding: .8rem 0"><span>村</span>'
    f'<i style="width: {n}%; background: #888"></i></div>'
    for n in (90, 60, 30, 20, 10, 9, 8, 7, 5)
)
LINE = '<svg style="width: 100%; height: 26rem"><polyline points="0,0 900,250 1800,500" stroke="#888" fill="none"/></svg>'


@pytest.mark.parametrize(
    ("body", "least", "most"),
    [
        ("<h2>一行</h2><p>1 件已超期未办</p>", 0, 0.15),
        (rows(3, 3), 0.2, 0.5),
        (rows(9, 3), 0.9, 1),
        (rows(3, 9), 0.3, 0.65),
        (f"<h2>各村</h2>{BARS}", 0.8, 1),
        (f"<h2>每月</h2>{LINE}", 0.85, 1),
        ('<h2>制度</h2><div class="empty" style="height: 26rem"><b>没有登记</b></div>', 0, 0.3),
        ('<h2>制度</h2><div style="background: #eee; height: 26rem">没有登记</div>', 0, 0.3),
        ('<div class="wall w4"><div class="num"><div class="val">5</div></div></div>', 0, 0.2),
    ],
    ids=[
        "a line",
        "few rows",
        "rows",
        "rows too far apart",
        "bars",
        "a line chart",
        "no data",
        "a tint",
        "a number",
    ],
)
def test_the_share_of_a_panel_that_is_filled(measured, body: str, least: float, most: float):
    (panel,) = measured(FILL, body, ".panel")
    assert least <= panel["share"] <= most


def test_a_row_of_key_numbers_has_one_size(measured):
    number = '<p style="font-size: {}rem">{}</p>'
    one = measured(SLIDE, number.format(3.4, 888) + number.format(3.4, 159))
    two = measured(SLIDE, number.format(3.4, 888) + number.format(4.4, "93.8%"))
    assert list(slide_faults(one)) == []
    assert list(slide_faults(two)) == ["sizes(3.4 rem: 888, 4.4 rem: 93.8%)"]


BAR = '<svg><rect width="90" height="20" fill="{}"/></svg>'
OVER = "position: absolute; inset: 0; background-image: var(--demo-mark)"


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (BAR.format("#888"), False),
        (BAR.format("#8888"), True),
        ('<i style="display: block; height: 1rem; background: rgb(9 9 9 / 30%)"></i>', True),
        (f'<p>1</p><i style="{OVER}"></i>', True),
        (f'<style>.over::after {{ content: ""; {OVER} }}</style><p class="over">1</p>', True),
        (
            f'<style>.over::before {{ content: ""; z-index: -1; {OVER} }}</style><p class="over">1</p>',
            False,
        ),
    ],
    ids=["solid", "a bar seen through", "a tint seen through", "over", "over by a rule", "below"],
)
def test_the_mark_of_a_demo_lies_under_all_marks(measured, body: str, found: bool):
    assert bool(measured(SLIDE, body)["under"]) is found


def test_a_panel_of_no_demo_shows_no_mark(browser: Browser):
    page = browser.new_page(viewport=SIZE)
    page.set_content(slide(BAR.format("#8888")).replace("seen demo", "seen"))
    assert page.evaluate(SLIDE)["under"] == []
    page.close()


def said(title: str, tone: str = "") -> dict:
    return {"title": title, "figures": [{"of": "review.contracts", "tone": tone}]}


@pytest.mark.parametrize(
    ("first", "second", "faults"),
    [
        (said("1 件逾期"), said("2 件逾期"), []),
        (said("1 件逾期"), said("1 件逾期"), ["twins(a: 1 件逾期)"]),
        (said("1 件逾期"), said("按期办结"), ["numberless(按期办结)"]),
        (said("1 件", "warn"), said("2 件", "bad"), ["verdicts(review.contracts: bad, warn on a)"]),
        (said("1 件", "warn"), said("2 件"), ["verdicts(review.contracts: none, warn on a)"]),
    ],
)
def test_slides_beside_one_another(first: dict, second: dict, faults: list[str]):
    told = Told()
    assert list(told.faults("a", first)) == []
    assert list(told.faults("b", second)) == faults


def test_the_verdict_of_a_key_number(measured):
    number = '<div class="num alert {}" data-code="review.contracts" data-dimension="{}">1</div>'
    seen = measured(SLIDE, number.format("warn", "") + number.format("", "结果=通过"))
    assert seen["figures"] == [
        {"of": "review.contracts", "tone": "warn"},
        {"of": "review.contracts 结果=通过", "tone": ""},
    ]
