"""Every screen in Chromium: at a desk and on projectors, as its audience sees it."""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page
from screens import PATHS
from visiting import ROOT, Tab

PROJECTORS = [(1920, 1080), (1366, 768), (1280, 720), (1024, 768)]
SMALLEST = 1 / 54
"""The least text on a projector, as a share of the screen's height."""

KEY_NUMBER = 1 / 18
"""The least key number, likewise."""

LATIN = re.compile(r"[A-Za-z]{2,}")
NAMES = re.compile(
    r"https?://\S+"  # addresses
    r"|[\w.~/-]+\.(?:csv|toml|parquet|xlsx|py)\b|\bledgers/"  # files and folders of the data
    r"|\b[a-z]\w*(?:\.\w+)+\b"  # codes of KPIs: power.items, disclosure.t3.refused.1
    r"|\b(?:T\d|S|X|SUM)(?:-\d)?\b"  # numbers of identities: T3-1, S-2, SUM
    r"|\b[0-9a-f]{8,64}\b"  # data versions and checksums
    r"|\bSL(?:-[A-Z]{2})?(?:-\d+)+\b"  # numbers of the demo's rows: SL-ZJ-000001, SL-01-005
    r"|\b(?:CSV|Word|Excel|PowerPoint|Markdown|SHA)\b"  # formats, which have no Chinese name in use
)
"""What may stand in Latin letters on a Chinese screen; everything else is a word left untranslated."""


def complaints(tab: Tab, present: bool) -> list[str]:
    """What an audience would complain of, in a sentence each."""
    page = tab.page
    m = page.evaluate("window.__seen.measure()")
    height = page.viewport_size["height"]  # type: ignore[index]
    found = []
    if m["errors"]:
        found.append("an exception stands on the page")
    if m["wide"] > 2:
        found.append(f"{m['wide']} px too wide")
    if m["cut"]:
        found.append(f"cut off: {m['cut']}")
    if m["overlaps"]:
        found.append(f"on one another: {m['overlaps']}")
    if present and m["tall"] > 2:
        found.append(f"{m['tall']} px too tall")
    if present and m["least"] < height * SMALLEST:
        found.append(f"too small, {m['least']} px: {m['smallest']}")
    if present and m["number"] is not None and m["number"] < height * KEY_NUMBER:
        found.append(f"a key number of {m['number']} px")
    if present and m["spill"]:
        found.append(f"more than is shown in: {m['spill']}")
    if m["lang"] != "zh-CN":
        found.append(f"lang is {m['lang']}")
    return [
        *found,
        *(f"outside: {u}" for u in tab.outside),
        *(f"console: {c}" for c in tab.console),
    ]


def violations(page: Page) -> list[str]:
    """Serious and critical violations of WCAG 2, A and AA."""
    options = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}
    result = Axe().run(page, options=options).response
    return [
        f"{v['id']}: {[n['target'] for n in v['nodes']][:4]}"
        for v in result["violations"]
        if v["impact"] in ("serious", "critical")
    ]


def foreign(page: Page) -> list[str]:
    """Latin words on the screen that are no name of a file, a code or the like."""
    said = page.evaluate("window.__seen.words()")
    return [s for s in dict.fromkeys(said) if LATIN.search(NAMES.sub("", s))]


def undrawn(page: Page) -> list[str]:
    """Charts whose picture does not hold every mark of their data."""
    found = []
    for chart in page.evaluate("window.__seen.charts()"):
        bars = sum(t["points"] for t in chart["traces"] if t["type"] == "bar")
        lines = sum(t["type"].startswith("scatter") and t["points"] > 0 for t in chart["traces"])
        heats = sum(t["type"] == "heatmap" for t in chart["traces"])
        drawn = (chart["bars"], chart["lines"] >= lines, chart["heats"] >= heats)
        if drawn != (bars, True, True) or chart["area"] < 5_000:
            found.append(f"{chart['alt'][:40]}: {chart['traces']} as {drawn}, {chart['area']} px²")
        if not re.search(r"[一-鿿]", chart["alt"]):
            found.append(f"a chart without words for those who cannot see it: {chart['traces']}")
    return found


def turned(tab: Tab, **query: object) -> Iterator[Page]:
    """Every slide of a meeting, turned by the keys: the deck, and from the first slide that has it
    the appendix of its screen."""
    page = tab.open("/", present="true", **query)
    groups = page.evaluate("window.__meeting.slides.map(s => [s.group, s.of])")
    deck = [group for group, of in groups if of is None]
    reached = 0

    def stands(words: str) -> None:
        page.wait_for_function("w => window.__seen.says('.page') === w", arg=words)

    for number, group in enumerate(deck, 1):
        stands(f"{number} / {len(deck)}")
        yield page
        rest = sum(g == group and of is not None for g, of in groups)
        if rest and deck.index(group) == number - 1:
            page.keyboard.press("a")
            for n in range(1, rest + 1):
                stands(f"附页 {n} / {rest}")
                yield page
                page.keyboard.press("PageDown")
            reached += rest
            stands(f"{number} / {len(deck)}")
        page.keyboard.press("PageDown")
    stands(f"1 / {len(deck)}")
    assert len(deck) + reached == len(groups), "none is lost"


@pytest.mark.parametrize("path", PATHS)
def test_a_screen_at_the_desk_is_whole_accessible_and_chinese(
    tab: Callable[..., Tab], path: str
) -> None:
    desk = tab()
    page = desk.open(path)
    assert complaints(desk, present=False) == []
    assert undrawn(page) == []
    assert foreign(page) == []
    assert violations(page) == []


def cases() -> list[tuple[int, int, str, str]]:
    """Sizes × themes × data: all under make soak; else each pair of two of them at the widest or the
    narrowest screen, the two between them with the fullest."""
    all_ = [
        (*size, theme, data)
        for size in PROJECTORS
        for theme in ("light", "dark")
        for data in ("official", "demo")
    ]
    chosen = {size: [("light", "demo")] for size in PROJECTORS}
    chosen[PROJECTORS[0]] = [("light", "demo"), ("dark", "official")]
    chosen[PROJECTORS[-1]] = [("dark", "demo"), ("light", "official")]
    return [c for c in all_ if os.environ.get("QMG_SOAK") or c[2:] in chosen[c[:2]]]


@pytest.mark.parametrize(("width", "height", "theme", "data"), cases())
def test_every_slide_fits_the_projector_and_can_be_read_from_the_last_row(
    tab: Callable[..., Tab], width: int, height: int, theme: str, data: str
) -> None:
    meeting = tab(width, height)
    for page in turned(meeting, theme=theme, data=data):
        assert complaints(meeting, present=True) == [], meeting.url
        assert undrawn(page) == [], meeting.url
        if (width, height) == PROJECTORS[-1] and (data == "official" or os.environ.get("QMG_SOAK")):
            assert foreign(page) == [], meeting.url
            assert violations(page) == [], meeting.url


LAPTOP = {"width": 1366, "height": 768}
LINES = ("/disclosure", "/disputes")
"""Screens with a line chart."""
BELOW = """() => [...document.querySelectorAll(".held")]
  .filter(p => p.querySelectorAll(".drawn").length === 1)
  .map(p => [p, p.querySelector(".drawn")])
  .filter(([, c]) => c.querySelector(".scatterlayer .js-line"))
  .map(([p, c]) => p.getBoundingClientRect().bottom - c.getBoundingClientRect().bottom)"""
"""How far each line chart ends above its panel's edge, in pixels."""


def filled(page: Page) -> bool:
    """Whether the line charts fill their panels: what stands below a chart is one line, 看数据."""
    below = page.evaluate(BELOW)
    assert below, "no line chart"
    return max(below) < 60


@pytest.mark.parametrize("path", PATHS)
def test_the_demo_at_the_desk_is_accessible_and_chinese_and_a_laptop_cuts_nothing_off(
    tab: Callable[..., Tab], path: str
) -> None:
    desk = tab()
    page = desk.open(path, data="demo")
    assert complaints(desk, present=False) == []
    assert undrawn(page) == []
    assert foreign(page) == []
    assert violations(page) == []
    assert path not in LINES or filled(page)
    page.set_viewport_size(LAPTOP)  # type: ignore[arg-type]
    desk.still()
    assert complaints(desk, present=False) == []
    assert undrawn(page) == []
    assert path not in LINES or filled(page)


@pytest.mark.parametrize("path", LINES)
def test_a_line_chart_of_a_whole_year_fills_its_panel(tab: Callable[..., Tab], path: str) -> None:
    desk = tab()
    page = desk.open(path, data="demo", year=2022)
    assert filled(page)
    page.set_viewport_size(LAPTOP)  # type: ignore[arg-type]
    desk.still()
    assert filled(page)


def test_a_town_of_long_words_fits_the_projector(
    tab: Callable[..., Tab], serve: Callable[[Path], str], long_words: Path
) -> None:
    meeting = tab(1024, 768, at=serve(long_words))
    for _ in turned(meeting):
        assert complaints(meeting, present=True) == [], meeting.url


def test_a_town_without_a_figure_fits_the_projector_and_says_what_is_missing(
    tab: Callable[..., Tab], serve: Callable[[Path], str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    bare = tmp_path_factory.mktemp("bare")
    (bare / "town.toml").write_text('[town]\nname = "空白镇"\n', encoding="utf-8")
    meeting = tab(1024, 768, at=serve(bare))
    for page in turned(meeting):
        assert complaints(meeting, present=True) == [], meeting.url
        body = page.evaluate("window.__seen.words().join(' ')")
        assert re.search("尚无|没有|无数据", body), meeting.url
        panels = page.locator(".panel:visible, [class*='st-key-p_']:visible").all()
        assert all(p.inner_text().strip() for p in panels), f"an empty panel: {meeting.url}"


def test_the_power_list_has_a_bar_a_category(tab: Callable[..., Tab]) -> None:
    with (ROOT / "data/reported.csv").open(encoding="utf-8-sig", newline="") as f:
        rows = [r for r in csv.DictReader(f) if r["指标"] == "power.items" and r["维度"]]
    assert rows
    page = tab().open("/power_list", year=rows[0]["年度"])
    chart = page.evaluate("window.__seen.charts()")[0]
    assert chart["bars"] == len(rows)
    assert set(chart["names"]) == {r["维度"] for r in rows}
    written = {f"{r['数值']} {r['单位']}" for r in rows}
    assert {" ".join(label.split()[:2]) for label in chart["labels"]} == written
