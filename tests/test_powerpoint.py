"""会议幻灯片: a PowerPoint file that equals the wall, number by number, and that an office can edit."""

from __future__ import annotations

import html
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

import other_town
import pptx
import pytest
import screens
from click.testing import CliRunner, Result
from lxml import html as markup
from planted import MARKER
from pptx.opc.constants import RELATIONSHIP_TYPE as RT
from pptx.oxml.ns import qn
from pptx.util import Emu, Pt

from qmg_dash.__main__ import cli
from qmg_dash.exports.powerpoint import style
from qmg_dash.exports.powerpoint.boxes import laid_out
from qmg_dash.exports.powerpoint.charts import numbered
from qmg_dash.exports.powerpoint.deck import FACE
from qmg_dash.exports.powerpoint.shapes import MARK
from qmg_dash.folder import store
from qmg_dash.ui import page
from qmg_dash.ui import slide as slide_
from qmg_dash.ui.meeting import deck, powerpoint, single_file
from qmg_dash.ui.page import Written

ROOT = Path(__file__).parents[1]
DAY = date(2031, 3, 5)
TOWNS = ("official", "demo", "other")
DIGITS = re.compile(r"\d[\d,.]*")
LEAST = Pt(10)
"""20 of the 1080 pixels of a wall."""


@dataclass(frozen=True)
class Made:
    """A town's file, and the slides of the wall that it was made from."""

    file: Any
    sheets: tuple[Written, ...]
    places: tuple[deck.Place, ...]

    @property
    def pairs(self) -> Iterator[tuple[Any, Written]]:
        yield from zip(self.file.slides, self.sheets, strict=True)


def made_of(folder: Path) -> Made:
    scope = single_file.asked(store.load(folder), None, "", False, lambda _: None)
    content = powerpoint.make(scope, "", DAY)
    places = powerpoint.places(scope)
    sheets = tuple(deck.sheet(p, i) for i, p in enumerate(places))
    return Made(pptx.Presentation(io.BytesIO(content)), sheets, places)


@cache
def official() -> Made:
    return made_of(ROOT / "data")


@cache
def demo() -> Made:
    return made_of(ROOT / "data/demo")


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return made_of(other_town.build(tmp_path_factory.mktemp("other") / "data"))


@pytest.fixture(params=TOWNS)
def made(request: pytest.FixtureRequest) -> Made:
    if request.param == "other":
        return request.getfixturevalue("other")
    return {"official": official, "demo": demo}[request.param]()


# ---- what stands on a slide ---------------------------------------------------------------------------
def texts(slide: Any) -> Iterator[tuple[Any, str]]:
    """Every run of a slide with the shape or cell that it stands in; no mark, no page number."""
    for shape in slide.shapes:
        number = shape.is_placeholder and shape.placeholder_format.type.name == "SLIDE_NUMBER"
        if shape.name == MARK or number or described(shape):
            continue
        for frame in frames(shape):
            for run in frame._txBody.iter(qn("a:t")):
                yield shape, run.text or ""


def described(shape: Any) -> str:
    """What a chart says in words, a table of shades too."""
    return shape._element.xpath(".//p:cNvPr/@descr")[0] if charted(shape) else ""


def charted(shape: Any) -> bool:
    return bool(shape._element.xpath(".//p:nvGraphicFramePr/p:cNvPr[@descr]"))


def frames(shape: Any) -> Iterator[Any]:
    if shape.has_text_frame:
        yield shape.text_frame
    elif shape.has_table:
        yield from (cell.text_frame for cell in shape.table.iter_cells())


def on_the_wall(sheet: Written, above: Sequence) -> Iterator[str]:
    """The texts that a wall shows of a slide: what opens, and what only the desk has, left out."""
    parts = (
        sheet.kicker,
        sheet.finding,
        above,
        sheet.painted.slots[0].safe_str,
        html.escape(sheet.foot),
    )
    said = "".join(p if isinstance(p, str) else page.escaping.html(p).safe_str for p in parts)
    root = markup.document_fromstring(f"<html><body>{said}</body></html>")
    yield from without(root, "pop", "fold", "desk").itertext()


def without(root: Any, *classes: str) -> Any:
    """A document without what has one of these classes."""
    for name in classes:
        for hidden in root.find_class(name):
            hidden.drop_tree()
    return root


def numbers(said: Iterator[str]) -> Counter[str]:
    return Counter(token.rstrip(".,") for text in said for token in DIGITS.findall(text))


def test_it_has_the_slides_of_the_meeting_in_its_order(made: Made) -> None:
    assert len(made.file.slides) == len(made.places) > 8
    titles = [slide.shapes.title.text_frame.text for slide in made.file.slides]
    assert titles == [p.slide.finding.text for p in made.places]
    assert [p.of is None for p in made.places] == sorted(p.of is None for p in made.places)[::-1]


def test_every_number_of_the_wall_is_on_its_slide_and_no_other(made: Made) -> None:
    for slide, sheet in made.pairs:
        above = slide_.banners(made.places[0].scope)
        wall = numbers(on_the_wall(sheet, above))
        mine = numbers(t for _, t in texts(slide))
        title = slide.shapes.title.text_frame.text
        assert wall and mine == wall, (title, wall - mine, mine - wall)


def test_charts_are_native_with_the_values_and_the_words_of_the_wall(made: Made) -> None:
    found = 0
    for slide, sheet in made.pairs:
        drawn = [s for s in slide.shapes if charted(s)]
        plots = list(page.plots(sheet.body))
        assert sorted(map(described, drawn)) == sorted(p.chart.alt for p in plots)
        for plot in plots:
            shape = next(s for s in drawn if described(s) == plot.chart.alt)
            figure = plot.chart.figure
            found += 1
            if figure["data"][0]["type"] == "heatmap":
                words = {plain(n["text"]) for n in figure["layout"]["annotations"]}
                assert words <= {cell.text for cell in shape.table.iter_cells()}
                continue
            shown = Counter(v for s in series(shape.chart) for v in s.values if v is not None)
            assert shown == Counter(figure_values(figure))
            said = [plain(t) for trace in figure["data"] for t in trace.get("text", ()) if t]
            said += [plain(n["text"]) for n in figure["layout"].get("annotations", ())]
            assert Counter(labels(shape.chart)) == Counter(said)
    assert found


def plain(text: str) -> str:
    return html.unescape(re.sub(r"<[^>]*>", "", text))


def series(chart: Any) -> list[Any]:
    return [s for plot in chart.plots for s in plot.series]


def figure_values(figure: dict) -> Iterator[float]:
    """The values that a figure has at its places, without the end of a step."""
    for trace in figure["data"]:
        across = trace.get("orientation") == "h"
        at, values = (trace["y"], trace["x"]) if across else (trace["x"], trace["y"])
        yield from (v for x, v in zip(at, values, strict=True) if across or x == int(x))


def labels(chart: Any) -> Iterator[str]:
    """The words of the marks as they are shown: their numbers by their formats."""
    for one in series(chart):
        for label in one._element.iter(qn("c:dLbl")):
            code = label.find(qn("c:numFmt")).get("formatCode")
            value = one.values[int(label.find(qn("c:idx")).get("val"))]
            yield formatted(code, value)


def formatted(code: str, value: float | None) -> str:
    """A value as a number's format writes it: literals in quotes, at most one number."""
    said = []
    for literal, digits in re.findall(r'"([^"]*)"|([#,0.]+)', code):
        places = len(digits.partition(".")[2])
        said.append(f"{value:{',' if ',' in digits else ''}.{places}f}" if digits else literal)
    return "".join(said)


@pytest.mark.parametrize(
    ("text", "value", "code"),
    [
        ("51 项  41%", 51, '0" 项  41%"'),
        ("66.7%   2 / 3", 200 / 3, '0.0"%   2 / 3"'),
        ("5,088 人次", 5088, '#,##0" 人次"'),
        ("本年 276", 276, '"本年 "0'),
        ("80余件", 80, '0"余件"'),
        ("无数据", None, '"无数据"'),
    ],
)
def test_a_label_follows_its_number(text: str, value: float | None, code: str) -> None:
    assert numbered(text, value) == code
    assert formatted(code, value) == text


# ---- how it looks -------------------------------------------------------------------------------------
def test_nothing_lies_beyond_a_slide(made: Made) -> None:
    wide, high = made.file.slide_width, made.file.slide_height
    assert (wide, high) == (Emu(12_192_000), Emu(6_858_000))
    for slide, _ in made.pairs:
        for shape in slide.shapes:
            if shape.name == MARK:
                continue
            right, bottom = shape.left + shape.width, shape.top + shape.height
            assert min(shape.left, shape.top) >= -9_000 and right <= wide + 9_000, shape.name
            assert bottom <= high, (slide.shapes.title.text_frame.text, shape.name)


def test_no_text_lies_on_another(made: Made) -> None:
    for slide, _ in made.pairs:
        boxes = [
            (s.left, s.top, s.left + s.width, s.top + s.height, s.text_frame.text)
            for s in slide.shapes
            if s.has_text_frame and s.name != MARK and s.text_frame.text.strip()
        ]
        for a, b in combinations(boxes, 2):
            across, down = (min(a[k + 2], b[k + 2]) - max(a[k], b[k]) for k in (0, 1))
            assert min(across, down) < Pt(6), (a[4], b[4])


def test_all_type_is_the_face_of_the_theme_and_legible(made: Made) -> None:
    for slide, _ in made.pairs:
        root = slide._element
        assert not list(root.iter(qn("a:latin"), qn("a:ea")))
        sizes = [int(r.get("sz")) for r in root.iter(qn("a:rPr"))]
        assert sizes and min(sizes) * 127 >= LEAST, slide.shapes.title.text_frame.text
        charts = [s.chart for s in slide.shapes if s.has_chart]
        for one in charts:
            told = [int(p.get("sz")) for p in one._chartSpace.iter(qn("a:defRPr")) if p.get("sz")]
            assert told and min(told) * 127 >= LEAST
    for part in (
        made.file.slide_master.part,
        made.file.slides[0].notes_slide.part.notes_master.part,
    ):
        blob = part.part_related_by(RT.THEME).blob.decode()
        faces = re.findall(r'<a:(?:latin|ea) typeface="([^"]*)"', blob)
        assert faces and set(faces) == {FACE}


def test_one_layout_of_our_own_with_title_foot_and_number(made: Made) -> None:
    (layout,) = made.file.slide_layouts
    assert layout.name == "看板"
    for number, (slide, sheet) in enumerate(made.pairs, 1):
        held = {s.placeholder_format.type.name: s for s in slide.placeholders}
        assert set(held) == {"TITLE", "FOOTER", "SLIDE_NUMBER"}
        assert held["FOOTER"].text_frame.text == sheet.foot
        assert "数据截至" in sheet.foot
        (field,) = held["SLIDE_NUMBER"]._element.iter(qn("a:fld"))
        assert field.get("type") == "slidenum" and field.findtext(qn("a:t")) == str(number)


def test_tables_are_tables(made: Made) -> None:
    for slide, sheet in made.pairs:
        root = markup.document_fromstring(f"<html>{sheet.painted.slots[0].safe_str}</html>")
        mine = [s.table for s in slide.shapes if s.has_table and not charted(s)]
        wall = without(root, "pop", "fold").xpath("//table")
        assert [len(t.rows) for t in mine] == [len(t.xpath(".//tr")) for t in wall]


# ---- what it says of itself ---------------------------------------------------------------------------
def test_the_notes_tell_the_definition_and_source_of_each_number(made: Made) -> None:
    told = 0
    for slide, sheet in made.pairs:
        notes = slide.notes_slide.notes_text_frame.text
        root = markup.document_fromstring(f"<html>{sheet.painted.slots[0].safe_str}</html>")
        for pop in root.find_class("pop"):
            told += 1
            assert pop.find("h3").text_content() in notes
            for said in pop.xpath(".//dd[not(br)]"):
                assert said.text_content() in notes
    assert told > 5


def test_a_demo_is_marked_on_each_slide_and_an_official_one_nowhere() -> None:
    for slide, _ in demo().pairs:
        marks = [s for s in slide.shapes if s.name == MARK]
        assert marks and all(s.text_frame.text == "演示数据" for s in marks)
        assert any("演示数据" in t for _, t in texts(slide))
    about = demo().file.core_properties
    assert about.title.startswith("演示数据")
    for slide, _ in official().pairs:
        assert "演示" not in "".join(slide._element.itertext())
        assert MARK not in {s.name for s in slide.shapes}
    about = official().file.core_properties
    town = official().places[0].scope.snapshot.town
    assert about.author == about.last_modified_by == town.name and "演示" not in about.title
    assert about.created.date() == DAY


def test_no_cell_that_is_not_public_is_in_the_file(marked: Path) -> None:
    found = made_of(marked)
    for part in found.file.part.package.iter_parts():
        if part.partname.endswith(".xml"):
            blob = part.blob.decode()
            assert not MARKER.search(blob), (part.partname, MARKER.findall(blob)[:3])
        elif part.partname.endswith(".xlsx"):
            cells = pptx.opc.package.OpcPackage.open(io.BytesIO(part.blob)).iter_parts()
            assert not any(MARKER.search(p.blob.decode("utf-8", "ignore")) for p in cells)


# ---- the command and the button -----------------------------------------------------------------------
def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["slides", *map(str, arguments)])


def test_the_command_writes_the_slides_that_an_agenda_names(tmp_path: Path) -> None:
    out = tmp_path / "例会.pptx"
    done = run("--data", ROOT / "data", "--out", out, "--agenda", "例会;trust;power_list")
    assert done.exit_code == 0, done.output
    assert "会议幻灯片已写入" in done.stdout
    file = pptx.Presentation(str(out))
    scope = single_file.asked(
        store.load(ROOT / "data"), None, "例会;trust;power_list", False, lambda _: None
    )
    assert len(file.slides) == len(powerpoint.places(scope)) == 2
    assert file.core_properties.title == "例会"


def test_what_it_refuses_and_what_is_wrong_use(tmp_path: Path) -> None:
    out = tmp_path / "a.pptx"
    refused = run("--data", ROOT / "data", "--out", out, "--year", 1999)
    assert refused.exit_code == 1 and "1999 年没有数字" in refused.stderr
    refused = run("--data", ROOT / "data", "--out", out, "--agenda", "例会;nothing")
    assert refused.exit_code == 1 and "议程没有可用的屏幕" in refused.stderr
    assert run("--data", tmp_path / "nowhere", "--out", out).exit_code == 2
    assert run("--data", ROOT / "data").exit_code == 2
    away = run("--data", ROOT / "data", "--out", tmp_path / "no/a.pptx", "--agenda", "a;trust")
    assert away.exit_code == 2 and "写不了" in away.stderr
    assert not out.exists()


def test_the_menu_offers_it_and_no_run_makes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(powerpoint, "make", None)
    buttons = screens.visit("/trust", data="demo").app.get("download_button")
    assert [b.proto.label for b in buttons if "meeting_slides" in b.proto.id] == [
        "会议幻灯片（PowerPoint）"
    ]


def test_the_file_is_named_as_the_snapshot_is() -> None:
    scope = demo().places[0].scope
    assert single_file.file_name(scope, "例会", DAY, "pptx") == "演示数据_例会_2031-03-05.pptx"


# ---- how the style sheets are read --------------------------------------------------------------------
SHEET = """
:root { --wide: 30%; --more: calc(2rem - 1px); }
.a { display: flex; gap: 4px; padding: 1px 2px; width: calc(100px * 2); & > b { color: #FF0000; } }
.a:has(> .q .deep) { margin-top: 7px; } .b { left: calc(var(--wide) + 5px); position: absolute; }
@media (max-width: 640px) { .a { width: 1px; } } @media print { .a { width: 2px; } }
@media (min-width: 641px) { .a { height: 50px; } }
.c { container-type: inline-size; width: 300px; display: block; } @container (max-width: 400px) { .d { width: 44px; display: block; } }
@container (min-width: 401px) { .d { width: 55px; } }
"""


def test_only_what_holds_on_a_wall_counts() -> None:
    body = (
        '<section><div class="a"><div class="q"><p class="deep">一</p></div><b>二</b></div>'
        '<div style="position: relative; width: 200px"><i class="b" style="width: 4px">·</i></div>'
        '<div class="c"><div class="d">三</div></div></section>'
    )
    found = laid_out(body, style.read(SHEET))
    at = {b.classes[0]: b for b in found.all() if b.classes}
    assert (at["a"].rect.width, at["a"].rect.height) == (200, 50)
    assert at["a"].style["margin-top"] == "7px"
    bold = next(b for b in found.all() if b.tag == "b")
    assert style.colour(bold.style["color"]) == "FF0000"
    assert at["b"].rect.x == pytest.approx(65)
    assert at["d"].rect.width == 44
