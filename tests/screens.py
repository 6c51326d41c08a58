"""What a screen shows, read back from what it sends: title, scope, banners, numbers, charts.

Nothing here knows how the screens are made, but for the few class names and data attributes that
their HTML promises: h1.title, .banner, [data-code] with .lab, .val and .note, .ev, table.tb.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser
from pathlib import Path

from simple_html import SafeString
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Element
from streamlit.util import calc_hash

from qmg_dash.folder.snapshot import Snapshot
from qmg_dash.model import Filters
from qmg_dash.theme import Look
from qmg_dash.ui import menu
from qmg_dash.ui.link.scope import Scope
from qmg_dash.ui.page import BEGINS, ENDS
from qmg_dash.ui.slide import Drawing, Html

ROOT = Path(__file__).parents[1]
PAGES = tuple(sorted(s.file for s in menu.screens() if not s.occasional))
PATHS = tuple("/" if p.stem == "overview" else f"/{p.stem}" for p in PAGES)
"""The path of every screen that is always in the menu."""

APPENDIX = "附页 "
VOID = {"br", "hr", "img", "input", "link", "meta", "wbr"}


# ---- HTML -----------------------------------------------------------------------------------------
@dataclass
class Node:
    """An element of HTML with what stands in it."""

    tag: str = ""
    attrs: dict[str, str] = field(default_factory=dict)
    inside: list[Node | str] = field(default_factory=list)

    @property
    def classes(self) -> list[str]:
        return self.attrs.get("class", "").split()

    @property
    def text(self) -> str:
        """The words, as a reader sees them."""
        said = "".join(c if isinstance(c, str) else c.text for c in self.inside)
        return f"{said}\n" if self.tag in ("br", "div", "p", "tr", "dd", "li") else said

    def walk(self) -> Iterator[Node]:
        yield self
        for child in self.inside:
            if isinstance(child, Node):
                yield from child.walk()

    def all(self, tag: str = "", cls: str = "", attr: str = "") -> list[Node]:
        """Every element below with this tag, class and attribute."""
        return [
            n
            for n in self.walk()
            if (not tag or n.tag == tag)
            and (not cls or cls in n.classes)
            and (not attr or attr in n.attrs)
        ]

    def words(self, tag: str = "", cls: str = "") -> str:
        """The text of the first such element, on one line; empty where there is none."""
        found = self.all(tag, cls)
        return " ".join(found[0].text.split()) if found else ""


def spread(table: Node) -> list[list[Node]]:
    """A table's cells row by row, a cell that spans others in each place that it covers."""
    found: dict[tuple[int, int], Node] = {}
    for y, row in enumerate(table.all("tr")):
        x = 0
        for cell in (c for c in row.inside if isinstance(c, Node) and c.tag in ("th", "td")):
            while (y, x) in found:
                x += 1
            down, across = (int(cell.attrs.get(a, "1")) for a in ("rowspan", "colspan"))
            found |= {(y + i, x + j): cell for i in range(down) for j in range(across)}
    height = max(y for y, _ in found) + 1
    return [
        [c for (j, _), c in sorted(found.items(), key=lambda f: f[0]) if j == y]
        for y in range(height)
    ]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = Node()
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {k: v or "" for k, v in attrs})
        self.open[-1].inside.append(node)
        if tag not in VOID:
            self.open.append(node)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].inside.append(data)


def parse(html: str | SafeString) -> Node:
    """HTML as a tree; every element that opens must close."""
    reader = _Reader()
    reader.feed(html if isinstance(html, str) else html.safe_str)
    reader.close()
    assert reader.open == [reader.root], f"<{reader.open[-1].tag}> stays open"
    return reader.root


# ---- a screen -------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Shown:
    """A figure on a screen, label and text (value with unit) together. `kind` says where: card,
    part (under a card, of the split's one known value), evidence of a mechanism, mark of a chart,
    row of the definitions."""

    kind: str
    code: str
    dimension: str
    label: str
    text: str


@dataclass(frozen=True)
class Screen:
    """What one run of a page sent to the browser."""

    path: str
    app: AppTest = field(repr=False, compare=False)

    @cached_property
    def told(self) -> dict:
        """What the painter of the page is told."""
        return told(self.app)

    @cached_property
    def html(self) -> str:
        """The HTML of what is seen, in its order; in a meeting of the slide by which it was opened."""
        if meeting := self.told.get("meeting"):
            return self.told["slots"][meeting["here"]]
        return html(self.app)

    @cached_property
    def root(self) -> Node:
        return parse(self.html)

    @cached_property
    def text(self) -> str:
        """All words of the body, on one line."""
        return " ".join(self.root.text.split())

    @cached_property
    def charts(self) -> list[dict]:
        """The charts' Plotly figures."""
        boxes = self.root.all(attr="data-chart")
        return [self.told["charts"][box.attrs["data-chart"]] for box in boxes]

    @property
    def title(self) -> str:
        return self.root.words("h1", "title")

    @property
    def banners(self) -> list[str]:
        return [" ".join(n.text.split()) for n in self.root.all(cls="banner")]

    @property
    def position(self) -> tuple[int, int]:
        """(this slide, all slides) of the deck in meeting mode, or of a screen's appendix."""
        here, all_ = self.root.words(cls="page").removeprefix(APPENDIX).split(" / ")
        return int(here), int(all_)

    @property
    def in_appendix(self) -> bool:
        return self.root.words(cls="page").startswith(APPENDIX)

    @cached_property
    def figures(self) -> list[Shown]:
        """Every figure with its label, wherever it stands."""
        return [*self._cards(), *self._evidence(), *self._marks(), *self._definitions()]

    def _cards(self) -> Iterator[Shown]:
        for n in self.root.all(attr="data-code"):
            code, dimension = n.attrs["data-code"], n.attrs.get("data-dimension", "")
            yield Shown("card", code, dimension, n.words(cls="lab"), n.words(cls="val"))
            for part in n.words(cls="note").split(" · "):
                if found := re.fullmatch(r"(\D+) (\S*\d\S*)", part):
                    yield Shown("part", code, *found.group(1, 1, 2))

    def _evidence(self) -> Iterator[Shown]:
        for n in self.root.all(cls="ev"):
            value = n.words("b")
            label = " ".join(n.text.split()).removesuffix(value).strip()
            yield Shown("evidence", "", "", label, value)

    def _marks(self) -> Iterator[Shown]:
        for chart in self.charts:
            for trace in chart["data"]:
                if trace.get("type") != "bar" or trace.get("orientation") != "h":
                    continue
                for name, said in zip(trace["y"], trace.get("text", ()), strict=True):
                    value, unit = re.match(
                        r"<b>(.*?)</b>(?:<span[^>]*>)? (\S*?)(?: |<|$)", said
                    ).groups()  # type: ignore[union-attr]
                    yield Shown("mark", "", "", name, value + unit)

    def _definitions(self) -> Iterator[Shown]:
        for row in self.root.all("tr"):
            cells = row.all("td")
            if len(cells) == 6 and cells[1].all("small"):
                code, label = cells[1].words("small"), cells[1].words("b")
                yield Shown("definition", code, "", label, " ".join(cells[2].text.split()))

    def table(self, caption: str) -> list[list[str]]:
        """The rows of the table with this name, header first; empty where there is none."""
        for table in self.root.all("table"):
            if table.attrs.get("aria-label") == caption:
                rows = [r.all("th") + r.all("td") for r in table.all("tr")]
                return [[" ".join(c.text.split()) for c in cells] for cells in rows]
        return []

    @property
    def fields(self) -> dict[str, dict[str, str]]:
        """What the filter bar offers: {filter: {value: its words}}, without the months."""
        found: dict[str, dict[str, str]] = {}
        for button in (b for n in self.root.all(cls="list") for b in n.all(attr="data-pick")):
            name, _, value = button.attrs["data-pick"].partition("|")
            if name != "month":
                found.setdefault(name, {})[value] = button.text
        return found

    @property
    def filtered(self) -> str:
        """The filters that are set, as the filter bar has them."""
        quarters = [q for n in self.root.all(cls="quarters") for q in n.all("button")]
        pressed = [q.text for q in quarters[1:] if q.attrs["aria-pressed"] == "true"]
        return "；".join([*pressed, *(n.words("summary") for n in self.root.all(cls="set"))])

    def sent(self) -> str:
        """Everything that the run sent, words and attributes, sidebar and charts included."""
        blocks = (self.app.main, self.app.sidebar)
        protos = [e.proto for b in blocks for e in b if e.proto is not None]
        parts = [p.SerializeToString().decode("utf-8", "replace") for p in protos]
        return self.html + "".join(parts)


def told(app: AppTest) -> dict:
    """What the run has told the painter of the page: slots, charts, what a meeting's keys need."""
    (painter,) = (e for e in app.main.get("bidi_component") if paints(e))
    return json.loads(painter.proto.bytes.decode().removeprefix(BEGINS).removesuffix(ENDS))


def paints(component: Element) -> bool:
    """Whether a component of ours is the painter of the page."""
    return component.proto.bytes.decode().startswith(BEGINS)


def planner(app: AppTest) -> dict:
    """What the run has told the planner of meetings."""
    (found,) = (e for e in app.get("bidi_component") if not paints(e))
    return json.loads(found.proto.bytes.decode())


def html(app: AppTest) -> str:
    """The HTML of a desk: the painter's slots, and between them what stands among the controls."""
    found = []
    for e in app.main:
        if e.type == "bidi_component" and paints(e):
            found.append(told(app)["slots"][0])
        elif e.type == "html":
            slot = re.fullmatch(r'<div data-slot="(\d+)"></div>', e.proto.body)
            found.append(told(app)["slots"][int(slot[1])] if slot else e.proto.body)
    return "".join(found)


def says_year(year: int | str, said: str) -> bool:
    """Whether a screen says this year: the whole of it, or the months that it shows."""
    return bool(re.search(rf"{year} 年(度| \d+–\d+ 月)", said))


# ---- running --------------------------------------------------------------------------------------
def start(path: str = "/", **query: str | int | list[str]) -> AppTest:
    """The app as the first run of a new visitor who opens this link."""
    app = AppTest.from_file(str(ROOT / "tests/entry.py"), default_timeout=60)
    # switch_page knows a page only after a first run, in which the link's values were dropped.
    app._page_hash = calc_hash(path.removeprefix("/")) if path != "/" else ""
    for key, value in query.items():
        app.query_params[key] = value if isinstance(value, list) else str(value)
    return app


def shown(path: str, app: AppTest) -> Screen:
    """Run the app and read the screen; an exception on it fails."""
    app.run()
    assert not app.exception, [f"{e.message}\n{''.join(e.stack_trace)}" for e in app.exception]
    return Screen(path, app)


def visit(path: str = "/", **query: str | int | list[str]) -> Screen:
    """The screen that a link opens."""
    return shown(path, start(path, **query))


def slides(path: str, **query: str | int | list[str]) -> list[Screen]:
    """Every slide of a screen in meeting mode."""
    found: list[Screen] = []
    while True:
        slide = visit(path, present="true", slide=len(found) + 1, **query)
        if any("页次" in banner for banner in slide.banners):
            return found
        found.append(slide)


def on_the_wall(path: str, snapshot: Snapshot, year: int) -> list[tuple[str, Node]]:
    """(title, what it says) of every slide that a screen has for a meeting, as it writes them."""
    scope = Scope(snapshot, Filters(year), Look.of(False, True, 1920, 1080), path)
    screen = next(s for s in menu.screens() if s.path == path)
    found = []
    for slide in menu.module(screen).slides(scope):
        drawing = Drawing(scope)
        slide.draw(drawing)
        blocks = "".join(p.body.safe_str for p in drawing.pieces if isinstance(p, Html))
        found.append((slide.finding.text, parse(blocks)))
    return found


def everywhere(**query: str | int | list[str]) -> list[Screen]:
    """Every screen at the desk."""
    return [visit(path, **query) for path in PATHS]
