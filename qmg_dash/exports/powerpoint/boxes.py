"""A slide's markup as boxes with their places, as a browser would put them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import cssselect2
from lxml import html as markup

from qmg_dash.exports.powerpoint.layout import Rect, Tree, told
from qmg_dash.exports.powerpoint.style import (
    HEIGHT,
    SIDES,
    WIDTH,
    Sheets,
    Style,
    border,
    colour,
    sized,
)
from qmg_dash.exports.powerpoint.tables import Table
from qmg_dash.exports.powerpoint.text import Run, Text, tidy

NOWHERE = Rect(0, 0, 0, 0)
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


def laid_out(body: str, sheets: Sheets) -> Box:
    """The boxes of a slide's markup, each with its place on a wall of 1920 × 1080. It is laid out
    twice where a style asks how wide its container is."""
    root = markup.document_fromstring(body)
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
            self.tree.restyle(slide.node, told({**style, "position": "static"}, flows) + size)
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
        self._node(box, told(style, flows) + firm + extra)
        return box

    def _apart(self, box: Box) -> str:
        """Where a box of a row takes all that is left, Taffy forgets the gaps: they become margins."""
        margins = [child.style.get("margin-left", "") for child in box.children]
        gap = box.style.get("column-gap", "0px")
        if "auto" not in margins or gap == "0px":
            return ""
        for child, margin in zip(box.children[1:], margins[1:], strict=True):
            if margin != "auto":
                wide = sized(margin or "0px", 0) + sized(gap, 0)
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
        for group in _groups(found, lambda piece: isinstance(piece, Run)):
            boxes += [self._text(group, style)] if isinstance(group[0], Run) else group
        return [box for box in boxes if box.text is None or box.text.runs]

    def _lines(self, found: Sequence[Run | Box], style: Style) -> list[Box]:
        """Boxes below one another: text and what stands in its lines together in one."""
        boxes: list[Box] = []
        for group in _groups(found, _in_a_line):
            if not _in_a_line(group[0]):
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
        self._node(box, told(style))
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
        self.tree.restyle(cell.node, told(cell.style, "block", place.width))
        self.tree.lay_out(cell.node, place.width)
        spare = place.height - self.tree.rect(cell.node).height
        down = {"middle": 0.5, "bottom": 1.0}.get(cell.style.get("vertical-align", ""), 0.0)
        self._place(cell, place.moved(0, max(0.0, spare * down)))
        cell.rect = place


def _in_a_line(piece: Run | Box) -> bool:
    """Whether something stands in a line of text."""
    return isinstance(piece, Run) or (piece.inline and not piece.loose)


def _groups(pieces: Sequence[Any], alike: Callable[[Any], bool]) -> Iterator[list[Any]]:
    """Pieces that follow one another and are alike."""
    return (list(group) for _, group in groupby(pieces, alike))


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
    return sized(x, rect.width), sized(y or "0px", rect.height)
