"""A slide's markup as boxes with their places, as a browser would put them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import cssselect2
from lxml import html as markup

from qmg_dash.exports.powerpoint.layout import Rect, Tree
from qmg_dash.exports.powerpoint.style import HEIGHT, SIDES, WIDTH, Sheets, Style, colour
from qmg_dash.exports.powerpoint.text import Run, Text, tidy

SIZES = ("width", "height", "min-width", "min-height", "max-width", "max-height")
NOWHERE = Rect(0, 0, 0, 0)
SPACES = tuple(f"{what}-{side}" for what in ("margin", "padding") for side in SIDES)
OTHERS = [
    "flex-grow",
    "flex-shrink",
    "flex-basis",
    "flex-direction",
    "flex-wrap",
    "align-items",
    "align-self",
    "align-content",
    "justify-content",
    "justify-items",
    "row-gap",
    "column-gap",
    "grid-template-columns",
    "grid-template-rows",
    "grid-auto-rows",
    "grid-auto-flow",
    "grid-row",
    "grid-column",
]
DISPLAYS = {"inline-flex": "flex", "inline-grid": "grid", "grid": "grid", "flex": "flex"}
FIRM = "flex-grow: 0; flex-shrink: 0; flex-basis: auto;"
"""As high as it is, whatever room there is: so stand blocks in a block."""
ALIGNED = {"right": "flex-end", "center": "center"}


@dataclass(eq=False)
class Box:
    """Something on the slide: an element, or text (then it has no element)."""

    style: Style
    element: Any = None
    children: list[Box] = field(default_factory=list)
    text: Text | None = None
    table: Table | None = None
    marks: tuple[Box, ...] = ()
    """What a drawing consists of."""
    node: int = -1
    laid: str = ""
    """How it is laid out, as the tree was told."""
    rect: Rect = NOWHERE

    @property
    def tag(self) -> str:
        return self.element.tag if self.element is not None else ""

    @property
    def classes(self) -> tuple[str, ...]:
        return tuple((self.element.get("class") or "").split()) if self.tag else ()

    @property
    def inline(self) -> bool:
        """Whether it stands in a line of text."""
        return self.style.get("display", "inline").startswith("inline")

    @property
    def loose(self) -> bool:
        """Whether the others stand as if it were not there."""
        return self.style.get("position") in ("absolute", "fixed")

    def all(self) -> Iterator[Box]:
        """It and all in it; of a table the cells."""
        yield self
        for child in (*self.children, *(c.box for c in (self.table.cells if self.table else ()))):
            yield from child.all()

    @property
    def drawn(self) -> bool:
        """Whether it has a ground or a border of its own."""
        borders = any(border(self.style, side)[0] for side in SIDES)
        return borders or bool(self.style.get("background-color") or image(self.style))


def image(style: Style) -> str:
    """The picture behind an element; none of the demo's mark."""
    said = style.get("background-image", "")
    return "" if said.startswith("url") or said == "none" else said


def border(style: Style, side: str) -> tuple[float, str, str]:
    """(width, colour, kind) of a border; 0 wide where there is none."""
    kind = style.get(f"border-{side}-style", "none")
    wide = float(style.get(f"border-{side}-width", "0").removesuffix("px"))
    tone = colour(style.get(f"border-{side}-color", ""), style.get("color", ""))
    return (wide, tone, kind) if kind != "none" and tone else (0.0, "", "none")


def laid_out(body: str, sheets: Sheets) -> Box:
    """The boxes of a slide's markup, each with its place on a wall of 1920 × 1080. It is laid out
    twice where a style asks how wide its container is."""
    root = markup.document_fromstring(f"<html><body>{body}</body></html>")
    made = _Builder(sheets, {}).slide(root)
    rooms = {
        _path(b.element): b.rect.width
        for b in made.all()
        if b.style.get("container-type") == "inline-size"
    }
    return _Builder(sheets, rooms).slide(root) if rooms else made


def _path(element: Any) -> str:
    return element.getroottree().getpath(element)


class _Builder:
    """Makes the boxes of one slide."""

    def __init__(self, sheets: Sheets, rooms: Mapping[str, float]):
        """`rooms` are the widths of the containers, as far as they are known."""
        self.sheets, self.rooms = sheets, rooms

    def slide(self, root: Any) -> Box:
        """All of them, with their places."""
        wrapped = cssselect2.ElementWrapper.from_html_root(root)
        style: Style = {}
        room = None
        path = []
        for element in wrapped.iter_subtree():
            if element.local_name in ("html", "body", "section"):
                style = self.sheets.style(element, style, room)
                path.append(element)
        with closing(Tree()) as self.tree:
            slide = self._box(path[-1], style, room)
            flows = DISPLAYS.get(style.get("display", ""), "block")
            size = f"width: {WIDTH:g}px; height: {HEIGHT:g}px;"
            self.tree.restyle(slide.node, _taffy({**style, "position": "static"}, flows) + size)
            self.tree.lay_out(slide.node, WIDTH, HEIGHT)
            self._place(slide, NOWHERE)
        return slide

    # ---- elements → boxes ---------------------------------------------------------------------
    def _box(
        self, element: Any, style: Style, room: float | None, item: bool = False, display: str = ""
    ) -> Box:
        """An element's box with all that it holds; an `item` stands in a row or grid."""
        own = element.etree_element
        if style.get("container-type") == "inline-size":
            room = self.rooms.get(_path(own))
        display = display or style.get("display", "inline")
        if display == "table":
            return self._table(element, style, room)
        box = Box(style, own)
        if own.tag == "svg":
            marks = (
                (mark, self.sheets.style(mark, style, room)) for mark in element.iter_children()
            )
            box.marks = tuple(Box(s, mark.etree_element) for mark, s in marks)
        else:
            flows = DISPLAYS.get(display)
            found = list(self._flow(element, style, room, bool(flows)))
            box.children = self._items(found, style) if flows else self._lines(found, style)
        columns = style.get("column-count", "")
        extra = _columns(int(columns), len(box.children)) if columns.isdigit() else ""
        if not extra and display == "block" and style.get("align-content") == "center":
            extra = "display: flex; flex-direction: column; justify-content: center;"
        flows = DISPLAYS.get(display, "block")
        if flows == "grid" and style.get("align-items") == "baseline":
            extra += "align-items: start;"  # Taffy makes the rows as high as the narrowest text is
        if flows == "flex":
            extra += self._apart(box)
        firm = "" if item else FIRM
        self._node(box, _taffy(style, flows) + firm + extra)
        return box

    def _apart(self, box: Box) -> str:
        """Where a box of a row takes all that is left, Taffy forgets the gaps: they become margins."""
        margins = [child.style.get("margin-left", "") for child in box.children]
        gap = box.style.get("column-gap", "0px")
        if "auto" not in margins or gap == "0px":
            return ""
        for child, margin in zip(box.children[1:], margins[1:], strict=True):
            if margin != "auto":
                wide = _part(margin or "0px", 0) + _part(gap, 0)
                self.tree.restyle(child.node, f"{child.laid}margin-left: {wide:g}px;")
        return "column-gap: 0px;"

    def _node(self, box: Box, style: str) -> None:
        measured = box.text.measured if box.text else box.table.measured if box.table else None
        box.node, box.laid = self.tree.box(style, measured), style
        for child in box.children:
            self.tree.put(box.node, child.node)

    def _flow(
        self, element: Any, style: Style, room: float | None, items: bool
    ) -> Iterator[Run | Box]:
        """What an element holds, in its order: text, and boxes for all that is more than text;
        where they are `items` of a grid or a row, every element is a box."""
        own = element.etree_element
        if own.text:
            yield _run(own.text, style)
        for child in element.iter_children():
            yield from self._child(child, style, room, items)
            if child.etree_element.tail:
                yield _run(child.etree_element.tail, style)

    def _child(
        self, child: Any, above: Style, room: float | None, items: bool
    ) -> Iterator[Run | Box]:
        style = self.sheets.style(child, above, room)
        display = style.get("display", "inline")
        if display == "none" or style.get("opacity") == "0":
            return
        if child.local_name == "br":
            yield _run("\n", style)
        elif display == "contents":
            yield from self._flow(child, style, room, items)
        elif display != "inline" or items or Box(style).loose or child.local_name == "svg":
            yield self._box(child, style, room, items or display.startswith("inline"))
        else:
            found = list(self._flow(child, style, room, False))
            shaped = Box(style).drawn or style.get("padding-left", "0px") != "0px"
            if not shaped and all(isinstance(part, Run) for part in found):
                yield from found
            else:
                yield self._box(child, style, room, item=True)

    def _items(self, found: Sequence[Run | Box], style: Style) -> list[Box]:
        """Boxes side by side: text between two of them is one too."""
        boxes: list[Box] = []
        for group in _groups(found, lambda part: isinstance(part, Run)):
            boxes += [self._text(group, style)] if isinstance(group[0], Run) else group
        return [box for box in boxes if box.text is None or box.text.runs]

    def _lines(self, found: Sequence[Run | Box], style: Style) -> list[Box]:
        """Boxes below one another: text and what stands in its lines together in one."""
        boxes: list[Box] = []
        line = lambda part: isinstance(part, Run) or (part.inline and not part.loose)  # noqa: E731
        for group in _groups(found, line):
            if not line(group[0]):
                boxes += group
            elif all(isinstance(part, Run) for part in group):
                boxes.append(self._text(group, style))
            else:
                boxes.append(self._line(group, style))
        return [box for box in boxes if box.text is None or box.text.runs]

    def _line(self, group: Sequence[Run | Box], style: Style) -> Box:
        """Text and boxes that share their lines: a row that goes on below where it has to."""
        box = Box({k: v for k, v in style.items() if k == "color"} | {"display": "block"})
        box.children = self._items(group, style)
        gap = "column-gap: 6px;" if any(isinstance(p, Run) and p.text == " " for p in group) else ""
        wrap = "nowrap" if style.get("white-space") == "nowrap" else "wrap"
        aligned = ALIGNED.get(style.get("text-align", ""), "flex-start")
        row = f"display: flex; flex-wrap: {wrap}; align-items: center; justify-content: {aligned};"
        self._node(box, row + gap + FIRM)
        return box

    def _text(self, runs: Sequence[Run], style: Style) -> Box:
        box = Box({k: style[k] for k in ("text-align", "color") if k in style})
        box.text = Text(
            tidy(runs),
            _line_height(style),
            style.get("text-align", "left"),
            style.get("white-space") == "nowrap",
            style.get("overflow-wrap") == "anywhere",
        )
        if box.text.runs:
            hanging = style.get("text-indent", "0px")
            self._node(box, FIRM + (f"margin-left: {hanging};" if hanging.startswith("-") else ""))
        return box

    # ---- tables -----------------------------------------------------------------------------
    def _table(self, element: Any, style: Style, room: float | None) -> Box:
        box = Box(style, element.etree_element)
        table = Table(self.tree, style.get("table-layout") == "fixed")
        for part in element.iter_children():
            part_style = self.sheets.style(part, style, room)
            for row in part.iter_children():
                row_style = self.sheets.style(row, part_style, room)
                cells = ((c, self.sheets.style(c, row_style, room)) for c in row.iter_children())
                table.row(
                    [self._cell(c, s, room) for c, s in cells if s.get("display") != "none"],
                    part.local_name == "thead",
                )
        box.table = table
        self._node(box, _taffy(style))
        return box

    def _cell(self, element: Any, style: Style, room: float | None) -> Box:
        plain = {k: v for k, v in style.items() if k not in ("width", "height", "position")}
        box = self._box(element, plain, room, display="block")
        box.style = style
        return box

    # ---- places -----------------------------------------------------------------------------
    def _place(self, box: Box, parent: Rect) -> None:
        """Where a box and all in it stand on the slide."""
        rect = self.tree.rect(box.node)
        box.rect = rect.moved(parent.x, parent.y).moved(*_shift(box.style, rect))
        for child in box.children:
            self._place(child, box.rect)
        if box.table:
            for cell, place in box.table.places(box.rect):
                self._place_cell(cell, place)

    def _place_cell(self, cell: Box, place: Rect) -> None:
        self.tree.restyle(cell.node, _taffy(cell.style, "block", place.width))
        self.tree.lay_out(cell.node, place.width)
        spare = place.height - self.tree.rect(cell.node).height
        down = {"middle": 0.5, "bottom": 1.0}.get(cell.style.get("vertical-align", ""), 0.0)
        self._place(cell, place.moved(0, max(0.0, spare * down)))
        cell.rect = place


def _groups(parts: Sequence, alike: Any) -> Iterator[list]:
    group: list = []
    for part in parts:
        if group and bool(alike(group[-1])) != bool(alike(part)):
            yield group
            group = []
        group.append(part)
    if group:
        yield group


def _run(text: str, style: Style) -> Run:
    size = float(style["font-size"].removesuffix("px"))
    weight = style.get("font-weight", "400")
    return Run(
        text.replace("\n", " ") if text != "\n" else text,
        size,
        weight == "bold" or (weight.isdigit() and int(weight) >= 600),
        colour(style.get("color", "")),
        _line_height(style),
    )


def _line_height(style: Style) -> float:
    said = style["line-height"]
    if said.endswith("px"):
        return float(said.removesuffix("px"))
    return float(said) * float(style["font-size"].removesuffix("px"))


def _columns(count: int, items: int) -> str:
    """Newspaper columns as a grid that is filled downwards."""
    rows = -(-items // count) or 1
    return (
        f"display: grid; grid-auto-flow: column; grid-template-rows: repeat({rows},auto);"
        f"grid-template-columns: repeat({count},minmax(0,1fr));"
    )


def _shift(style: Style, rect: Rect) -> tuple[float, float]:
    """How far an element is drawn from its place: translate(), in pixels or its own size."""
    said = style.get("transform", "")
    if not said.startswith("translate"):
        return 0.0, 0.0
    x, _, y = said[said.index("(") + 1 : -1].partition(",")
    return _part(x, rect.width), _part(y or "0px", rect.height)


def _part(text: str, whole: float) -> float:
    return float(text[:-1]) / 100 * whole if text.endswith("%") else float(text.removesuffix("px"))


def _taffy(style: Style, display: str = "block", width: float | None = None) -> str:
    """The part of a style that says where a box stands; `width` is that of a table's cell."""
    said = {k: style[k] for k in (*SPACES, *OTHERS) if style.get(k) and style[k] != "normal"}
    loose = style.get("position") == "absolute"
    if width is None:
        said |= {k: v for k in SIZES if (v := style.get(k, "")) and v[0] in "0123456789"}
    else:
        said = {k: v for k, v in said.items() if k.startswith("padding")} | {
            "width": f"{width:g}px"
        }
    if loose:
        said["position"] = "absolute"
        said |= {k: v for k in SIDES if (v := style.get(k, "")) and v != "auto"}
        across, _, more = said.get("left", "").partition("+")
        if more:
            margin = _part(said.get("margin-left", "0px"), 0) + _part(more, 0)
            said |= {"left": across, "margin-left": f"{margin:g}px"}
    for side in SIDES:
        if wide := border(style, side)[0]:
            said[f"border-{side}-width"] = f"{wide:g}px"
    # A block is a column for Taffy, which forgets the places in its own blocks after measuring them.
    column = (
        {"display": "flex", "flex-direction": "column"}
        if display == "block"
        else {"display": display}
    )
    return "".join(f"{k}: {v};" for k, v in {**said, **column}.items())


# ---- the columns and rows of a table ----------------------------------------------------------------
@dataclass
class Cell:
    """A cell at its row and column, and how many of both it spans."""

    box: Box
    row: int
    column: int
    rows: int
    columns: int


class Table:
    """The widths and heights of a table, found as browsers do."""

    def __init__(self, tree: Tree, fixed: bool):
        self.tree, self.fixed = tree, fixed
        self.cells: list[Cell] = []
        self.count = 0
        self.heads = 0
        self.columns = 0
        self._taken: set[tuple[int, int]] = set()
        self._ends: list[tuple[float, float]] = []
        self._heights: dict[float, list[float]] = {}
        self.widths: list[float] = []
        self.heights: list[float] = []

    def row(self, cells: Sequence[Box], head: bool) -> None:
        """One more row."""
        column = 0
        for box in cells:
            while (self.count, column) in self._taken:
                column += 1
            rows, columns = (int(box.element.get(k) or 1) for k in ("rowspan", "colspan"))
            self.cells.append(Cell(box, self.count, column, rows, columns))
            self._taken |= {
                (self.count + r, column + c) for r in range(rows) for c in range(columns)
            }
            column += columns
        self.columns = max(self.columns, *(c + 1 for _, c in self._taken), 0)
        self.count += 1
        self.heads += head

    def measured(self, room: float | None, _height: float | None) -> tuple[float, float]:
        """Width and height in so much room across."""
        least, most = (sum(side) for side in zip(*self.ends(), strict=True))
        wide = most if room is None else max(room, least)
        return wide, sum(self.row_heights(self.column_widths(wide)))

    def ends(self) -> list[tuple[float, float]]:
        """The least and the most that each column asks for."""
        if not self._ends:
            found = [(0.0, 0.0)] * self.columns
            for cell in self.cells:
                if cell.columns == 1:
                    low, high = (self._across(cell.box, room) for room in (0, None))
                    was = found[cell.column]
                    found[cell.column] = (max(was[0], low), max(was[1], high))
            self._ends = found
        return self._ends

    def _across(self, cell: Box, room: float | None) -> float:
        self.tree.lay_out(cell.node, room)
        least = cell.style.get("min-width", "")
        return max(self.tree.rect(cell.node).width, _part(least, 0) if least[-2:] == "px" else 0)

    def column_widths(self, wide: float) -> list[float]:
        """What each column gets: what a cell says, the rest by what they ask for."""
        ends, said = self.ends(), [0.0] * self.columns
        for cell in self.cells:
            width = cell.box.style.get("width", "auto")
            if width[0] in "0123456789" and cell.columns == 1:
                least = 0.0 if self.fixed else ends[cell.column][0]
                said[cell.column] = max(said[cell.column], _part(width, wide), least)
        free = [i for i, width in enumerate(said) if not width]
        room = wide - sum(said)
        if not free:
            return [w * wide / sum(said) for w in said]
        if self.fixed:
            shares = {i: room / len(free) for i in free}
        else:
            shares = _shared([ends[i] for i in free], room, free)
        return [shares.get(i, width) for i, width in enumerate(said)]

    def row_heights(self, widths: Sequence[float]) -> list[float]:
        """How high each row has to be."""
        key = sum(widths)
        if key not in self._heights:
            heights = [0.0] * self.count
            for cell in sorted(self.cells, key=lambda c: c.rows):
                across = sum(widths[cell.column : cell.column + cell.columns])
                self.tree.restyle(cell.box.node, _taffy(cell.box.style, "block", across))
                self.tree.lay_out(cell.box.node, across)
                least = cell.box.style.get("height", "0px")
                high = max(self.tree.rect(cell.box.node).height, _part(least, 0))
                mine = range(cell.row, min(cell.row + cell.rows, self.count))
                lacking = high - sum(heights[i] for i in mine)
                for i in mine:
                    heights[i] += max(0.0, lacking) / len(mine)
            self._heights[key] = heights
        return list(self._heights[key])

    def places(self, rect: Rect) -> Iterator[tuple[Box, Rect]]:
        """The cells with their places; rows share what the table has in height beyond them."""
        self.widths = self.column_widths(rect.width)
        heights = self.row_heights(self.widths)
        fixed = {c.row for c in self.cells if c.box.style.get("height", "auto")[0] in "0123456789"}
        loose = [i for i in range(self.heads, self.count) if i not in fixed]
        spare, whole = rect.height - sum(heights), sum(heights[i] for i in loose)
        for i in loose if spare > 0 else ():
            heights[i] += spare * heights[i] / whole
        self.heights = heights
        for cell in self.cells:
            x, y = sum(self.widths[: cell.column]), sum(heights[: cell.row])
            wide = sum(self.widths[cell.column : cell.column + cell.columns])
            high = sum(heights[cell.row : cell.row + cell.rows])
            yield cell.box, Rect(rect.x + x, rect.y + y, wide, high)


def _shared(
    ends: Sequence[tuple[float, float]], room: float, of: Sequence[int]
) -> dict[int, float]:
    """Room divided among columns by the least and the most that they ask for."""
    least, most = (sum(side) for side in zip(*ends, strict=True))
    if room >= most:
        return {
            i: high * room / most if most else room / len(of)
            for i, (_, high) in zip(of, ends, strict=True)
        }
    part = max(0.0, room - least) / (most - least) if most > least else 0.0
    return {i: low + (high - low) * part for i, (low, high) in zip(of, ends, strict=True)}
