"""Text from the data is drawn as it is written: in Chromium, by the Plotly that the meeting's file
has, in every kind of chart; then on a screen, in a meeting and in a file."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path

import folders
import pytest
from playwright.sync_api import Browser, Page, expect
from visiting import Tab, profile

from qmg_dash.folder import store
from qmg_dash.kpis import kpi
from qmg_dash.kpis.base import Part
from qmg_dash.model import Figure
from qmg_dash.theme import Look
from qmg_dash.ui import charts
from qmg_dash.ui.charts import Chart, Stand
from qmg_dash.ui.meeting import single_file
from qmg_dash.ui.page import STATIC

LOOKS = {"desk": Look(), "meeting": Look.of(False, True, 1366, 768)}
NARROW = {"desk": Look(), "meeting": Look.of(False, True, 1024, 768)}
KINDS_OF_NAMES = {
    "numbers": ("01", "1", "1.0", "1e3", "1,000", "0", "-5", "Infinity", "NaN", "其他"),
    "days and times": ("2023-05", "2023-05-06", "00:00", "12:30:00", "2023"),
    "words of programs": ("TRUE", "false", "null", "undefined", "constructor", "__proto__", "-"),
    "tags": ("<b>粗</b>", "换<br>行", '<a href="x">链</a>', "H<sub>2</sub>O", "a < b > c", "<"),
    "entities": ("&amp;", "&lt;b&gt;", "A&B", "&#37;", "&nbsp"),
    "templates and formulas": ("%{y}", "%{x:.2f}", "%_xother", "$x^2$", "$$", "100%", "5$—6$"),
    "long": ("重庆市沙坪坝区规划和自然资源局青木关管理所", "Sub-district 3, Building 12-B"),
}
NAMES = tuple(n for some in KINDS_OF_NAMES.values() for n in some)


def figures(names: Sequence[str], unit: str = "件") -> list[Figure]:
    """A split of a count, the first name the smallest."""
    row = kpi("disputes.registered")
    village = row.dimension("village")
    assert village
    return [
        Figure(row, 2023, unit, (Part(village, n),), i, numerator=i, denominator=2 * i)
        for i, n in enumerate(names, 1)
    ]


def bars(names: Sequence[str], look: Look) -> Chart:
    return charts.bars(figures(names), None, (), look, 0.5)


def heat(names: Sequence[str], look: Look) -> Chart:
    cells = [[1.0 * i + j for j, _ in enumerate(names)] for i, _ in enumerate(names)]
    return charts.heat(names, names, cells, look, "甲与乙", "甲")


def lines(names: Sequence[str], look: Look) -> Chart:
    series = {n: [float(i)] * 12 for i, n in enumerate(names)}
    return charts.lines(series, names[0], "件", look, "每月")


def steps(names: Sequence[str], look: Look) -> Chart:
    stands = [Stand(date(2023, 1, i), i, n) for i, n in enumerate(names, 1)]
    return charts.steps(stands, "项", look, "版本")


TICKS = "[...document.querySelectorAll('.{}tick text')]"
"""An axis's names as they stand: along the screen, not in the order of the markup."""
NOTES = "[...document.querySelectorAll('.annotation-text')]"
DRAWN: dict[Callable[[Sequence[str], Look], Chart], tuple[tuple[str, str], ...]] = {
    bars: ((TICKS.format("y"), "-y"),),
    heat: ((TICKS.format("y"), "y"), (TICKS.format("x"), "x")),
    lines: ((NOTES, "-y"),),
    steps: ((NOTES, "x"),),
}
"""Where each kind of chart has names, and which way they follow one another on the screen."""


@pytest.fixture(scope="module")
def paper(browser: Browser) -> Iterator[Page]:
    """A page with Plotly on it."""
    with profile(browser) as context:
        page = context.new_page()
        page.set_content('<div id="plot" style="width:1800px;height:1500px"></div>')
        page.add_script_tag(path=STATIC / "plotly-cartesian.min.js")
        yield page


def draw(paper: Page, chart: Chart, width: int = 1800, height: int = 1500) -> None:
    spec = chart.figure
    paper.evaluate(
        "([spec, size]) => { Plotly.purge('plot');"
        " return Plotly.newPlot('plot', spec.data, {...spec.layout, ...size}); }",
        [json.loads(json.dumps(spec)), {"width": width, "height": height}],
    )


def stand(paper: Page, where: str, way: str) -> list[str]:
    """The words of some texts of the picture, in their order on the screen."""
    side = "top" if way.endswith("y") else "left"
    sign = "-" if way.startswith("-") else ""
    return paper.evaluate(
        f"{where}.map(t => [{sign}t.getBoundingClientRect().{side}, t.textContent])"
        ".sort((a, b) => a[0] - b[0]).map(([, said]) => said)"
    )


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
@pytest.mark.parametrize("kind", KINDS_OF_NAMES)
@pytest.mark.parametrize("make", DRAWN, ids=lambda f: f.__name__)
def test_names_are_drawn_as_they_are_written_in_the_order_given(
    paper: Page, make: Callable[[Sequence[str], Look], Chart], kind: str, look: Look
) -> None:
    names = KINDS_OF_NAMES[kind]
    chart = make(names, look)
    draw(paper, chart)
    for where, way in DRAWN[make]:
        found = stand(paper, where, way)
        if make is lines:  # the last value stands behind each name
            found = [said.rpartition(" ")[0] for said in found]
        if make is steps:  # the first has nothing before it that it breaks with
            names = names[1:]
        assert found == list(names)


def test_every_chart_says_what_its_axes_are() -> None:
    """So that Plotly guesses nothing from the data."""
    for make in DRAWN:
        layout = make(KINDS_OF_NAMES["numbers"], Look()).figure["layout"]
        kinds = {layout[axis]["type"] for axis in ("xaxis", "yaxis")}
        assert kinds <= {"category", "linear"}, make.__name__
        assert ("category" in kinds) == (make in (bars, heat)), make.__name__


@pytest.mark.parametrize("make", [bars, heat])
def test_a_click_gives_the_value_as_it_is_written(make: Callable) -> None:
    *_, trace = make(NAMES, Look()).figure["data"]
    first = trace["customdata"][0]
    if make is heat:
        assert [y for y, _ in trace["customdata"]][:: len(NAMES)] == list(NAMES)
        assert first == [NAMES[0], NAMES[0]]
    else:
        assert sorted(trace["customdata"]) == sorted(NAMES)


@pytest.mark.parametrize("kind", KINDS_OF_NAMES)
def test_what_a_line_says_under_the_mouse_is_as_it_is_written(paper: Page, kind: str) -> None:
    for name in KINDS_OF_NAMES[kind]:
        draw(paper, lines((name,), Look()), 600, 400)
        paper.evaluate("Plotly.Fx.hover('plot', [{curveNumber: 0, pointNumber: 3}])")
        said = paper.evaluate("document.querySelector('.hoverlayer .nums').textContent")
        assert said == f"{name} 0 件"


def test_a_unit_as_a_town_writes_it_is_text(paper: Page) -> None:
    draw(paper, charts.bars(figures(("甲", "乙"), "<i>%{x}&amp;"), None, (), Look(), 0.5))
    said = stand(paper, "[...document.querySelectorAll('.bartext')]", "-y")
    assert said == ["1 <i>%{x}&amp;", "2 <i>%{x}&amp;"]


@pytest.mark.parametrize("make", [bars])
@pytest.mark.parametrize(("look", "width"), [("desk", 283), ("desk", 318), ("meeting", 437)])
def test_no_name_and_no_value_is_cut_however_narrow_the_panel(
    paper: Page, make: Callable, look: str, width: int
) -> None:
    names = ["重庆市沙坪坝区规划和自然资源局青木关所", "青木关镇综合行政执法大队", "x" * 90]
    names += [
        "重庆市沙坪坝区青木关镇人民政府综合行政执法办公室（应急管理办公室、安全生产监督管理站）"
    ]
    chart = make(names, NARROW[look])
    draw(paper, chart, width, 60 * len(names))
    assert chart.lines > 1
    boxes = paper.evaluate(
        "[...document.querySelectorAll('.ytick text, .bartext')].map(t => { const b = "
        "t.getBoundingClientRect(), p = document.querySelector('.main-svg').getBoundingClientRect();"
        "return [t.textContent, b.left - p.left, p.right - b.right, b.top - p.top]; })"
    )
    assert len(boxes) == 2 * len(names)
    assert all(min(edges) >= -1 for _, *edges in boxes), boxes
    drawn = stand(paper, TICKS.format("y"), "-y")
    assert drawn[:2] == names[:2], "what fits into three lines is whole"
    assert all(charts.CUT in said for said in drawn[2:]), "what does not loses its middle"
    assert [(s[:3], s[-3:]) for s in drawn] == [(n[:3], n[-3:]) for n in names]
    trace = chart.figure["data"][-1]
    shown = zip(trace["hoverinfo"], trace["hovertext"], strict=True)
    assert [text for info, text in shown if info == "text"] == names[2:]


SHAPES = [(1366, 768, ""), (390, 844, ""), (1024, 768, "true")]


@pytest.mark.parametrize(("width", "height", "present"), SHAPES)
def test_a_screen_draws_each_name_with_a_bar(
    tab: Callable[..., Tab],
    serve: Callable[[Path], str],
    town_of_names: Path,
    width: int,
    height: int,
    present: str,
) -> None:
    seen = tab(width, height, at=serve(town_of_names))
    page = seen.open("/disputes", present=present, **({"slide": "kinds"} if present else {}))
    assert (sorted(TYPES), len(TYPES)) in bars_with_names(page)


def test_a_file_draws_each_name_with_a_bar(
    browser: Browser, town_of_names: Path, tmp_path: Path
) -> None:
    scope = single_file.asked(store.load(town_of_names), None, "x;disputes:kinds", False, print)
    file = tmp_path / "会议.html"
    file.write_bytes(single_file.make(scope, "会", date(2024, 1, 5)))
    with profile(browser) as context:
        page = context.new_page()
        page.goto(file.as_uri())
        # The file's policy lets nobody evaluate a string: no wait_for_function here.
        expect(page.locator(".drawn:not(.js-plotly-plot)")).to_have_count(0)
        assert (sorted(TYPES), len(TYPES)) in bars_with_names(page)


def bars_with_names(page: Page) -> list[tuple[list[str], int]]:
    """The names and the number of bars of every chart, on slides that stand behind too."""
    plots = page.evaluate(
        "[...document.querySelectorAll('.js-plotly-plot')].map(p => [[...p.querySelectorAll("
        "'.ytick text')].map(t => t.textContent), p.querySelectorAll('.barlayer .point').length])"
    )
    return [(sorted(names), count) for names, count in plots]


TYPES = ("01", "1e3", "2023-05", "<b>粗</b>", "A&amp;B", "其他")


@pytest.fixture(scope="session")
def town_of_names(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A town whose kinds of disputes look like something else than words."""
    folder = folders.town(tmp_path_factory.mktemp("names"))
    rows = [
        {
            "dispute_no": f"D{i}",
            "registered_on": "2023-03-01",
            "village": "一村",
            "status": "在调",
            "type": kind,
        }
        for i, kind in enumerate(k for n, k in enumerate(TYPES, 1) for _ in range(n))
    ]
    folders.put_table(folder, "disputes", rows)
    return folder
