"""Boxes → what PowerPoint has for them: text boxes, shapes, lines and tables, all to be edited."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any
from urllib.parse import unquote

from lxml import etree
from pptx.dml.color import RGBColor
from pptx.enum.dml import MSO_LINE, MSO_PATTERN, MSO_THEME_COLOR
from pptx.enum.shapes import MSO_CONNECTOR, MSO_SHAPE
from pptx.enum.text import MSO_ANCHOR, MSO_AUTO_SIZE, PP_ALIGN
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls, qn
from pptx.util import Emu, Pt
from svg.path import Line, Move, parse_path

from qmg_dash import theme
from qmg_dash.characters import writable
from qmg_dash.exports.powerpoint.boxes import Box, image
from qmg_dash.exports.powerpoint.layout import Rect
from qmg_dash.exports.powerpoint.style import SIDES, WIDTH, Style, border, colour
from qmg_dash.exports.powerpoint.text import Run, Text

ACROSS = 12_192_000
"""The width of a slide of 13.333 inches, in EMU."""
PIXEL = ACROSS / WIDTH
POINT = 12_700 / PIXEL
"""Pixels of a point."""
SLOTS = {
    "ink": "TEXT_1",
    "card": "BACKGROUND_1",
    "ink2": "TEXT_2",
    "bg": "BACKGROUND_2",
    "accent": "ACCENT_1",
    "warn": "ACCENT_2",
    "bad": "ACCENT_3",
    "mark": "ACCENT_4",
    "tint": "ACCENT_5",
    "demo": "ACCENT_6",
}
"""The colours of the theme by the tokens that they are."""
ALIGN = {"right": PP_ALIGN.RIGHT, "center": PP_ALIGN.CENTER}
MARK = "演示标记"
"""The name of the shapes that mark a demo."""
CURVE = 14
"""Straight pieces that a curve is drawn of."""
Chart = Callable[[Any, str, Rect], None]
"""Puts the chart of a key on the slide."""


def emu(pixels: float) -> Emu:
    """Pixels of the wall on the slide."""
    return Emu(round(pixels * PIXEL))


def tone(at: Any, colours: str) -> None:
    """Give something (python-pptx's colour) a colour: the theme's where it has that one."""
    slot = next((s for token, s in SLOTS.items() if theme.LIGHT[token][1:] == colours), "")
    if slot:
        at.theme_color = MSO_THEME_COLOR[slot]
    else:
        at.rgb = RGBColor.from_string(colours)


class Painter:
    """Draws the boxes of a slide, those that hold others first."""

    def __init__(self, slide: Any, chart: Chart):
        self.slide, self.shapes, self.chart = slide, slide.shapes, chart
        self.shapes.turbo_add_enabled = True

    def draw(self, box: Box) -> None:
        """A box and all in it."""
        style = box.style
        if style.get("visibility") == "hidden":
            return
        inside = self._held(box)
        if box.tag == "svg":
            self._picture(box)
        elif box.text:
            self.text(box.rect, box.text)
        elif key := box.element.get("data-chart") if box.tag else None:
            self.chart(self.slide, key, box.rect)
        else:
            self._ground(box, inside)
        if box.table:
            self._table(box)
        for child in box.children if inside is None else ():
            self.draw(child)

    def _held(self, box: Box) -> Box | None:
        """The text that is all a box with a ground holds: the shape has it inside."""
        only = box.children[0] if len(box.children) == 1 else None
        flat = only and only.text and box.drawn and not any(_sided(box.style))
        return only if flat and only and only.rect.width <= box.rect.width else None

    # ---- grounds and borders ----------------------------------------------------------------
    def _ground(self, box: Box, inside: Box | None) -> None:
        style, rect = box.style, box.rect
        ground = colour(style.get("background-color", ""), style.get("color", ""))
        picture = image(style)
        if style.get("clip-path", "").startswith("polygon"):
            self._polygons([_corners(style["clip-path"], rect)], ground)
        elif mask := style.get("mask-image", ""):
            self._polygons(_outlines(mask, rect), ground)
        elif picture:
            self._pictured(picture, rect)
        elif ground or inside or (box.drawn and not any(_sided(style))):
            self._rectangle(box, ground, inside)
        for side, (wide, shade, kind) in _edges(style):
            self._edge(rect, side, wide, shade, kind)
        if style.get("background-image", "").startswith("url"):
            self._marks(rect)

    def _rectangle(self, box: Box, ground: str, inside: Box | None) -> None:
        style = box.style
        wide, shade, dash = (0.0, "", "") if any(_sided(style)) else border(style, "top")
        shadow = re.fullmatch(r"inset 0\S* 0\S* 0\S* ([\d.]+)px (\S+)", style.get("box-shadow", ""))
        if shadow:
            wide, shade, dash = float(shadow[1]), colour(shadow[2]), "solid"
        x, y, across, down = box.rect  # a browser draws a border inside, PowerPoint along the edge
        rect = Rect(x + wide / 2, y + wide / 2, max(0, across - wide), max(0, down - wide))
        radius = _radius(style.get("border-radius", ""), rect)
        kind = MSO_SHAPE.OVAL if radius >= 0.5 else MSO_SHAPE.ROUNDED_RECTANGLE
        shape = self.shape(rect, kind if radius > 0.02 else MSO_SHAPE.RECTANGLE, ground)
        if 0.02 < radius < 0.5:
            shape.adjustments[0] = radius
        if wide:
            outline(shape, wide, shade, dash)
        if inside and inside.text:
            left, top = inside.rect.x - rect.x, inside.rect.y - rect.y
            frame = framed(shape, inside.text, inside.rect.width)
            frame.margin_left = frame.margin_right = emu(max(0.0, left))
            frame.margin_top = emu(max(0.0, top))

    def shape(self, rect: Rect, kind: Any, ground: str) -> Any:
        """A shape without anything that a theme adds."""
        made = self.shapes.add_shape(kind, *(emu(v) for v in rect))
        made._element.remove(made._element.find(qn("p:style")))
        if ground:
            made.fill.solid()
            tone(made.fill.fore_color, ground)
        else:
            made.fill.background()
        made.line.fill.background()
        return made

    def _edge(self, rect: Rect, side: str, wide: float, shade: str, kind: str) -> None:
        """One border: a strip, or a broken line."""
        x = rect.right - wide if side == "right" else rect.x
        y = rect.bottom - wide if side == "bottom" else rect.y
        flat = side in ("top", "bottom")
        strip = Rect(x, y, rect.width if flat else wide, wide if flat else rect.height)
        if kind != "dashed":
            self.shape(strip, MSO_SHAPE.RECTANGLE, shade)
            return
        x, y = (x, y + wide / 2) if flat else (x + wide / 2, y)
        ends = (x, y, x + strip.width * flat, y + strip.height * (not flat))
        line = self.shapes.add_connector(MSO_CONNECTOR.STRAIGHT, *(emu(v) for v in ends))
        line._element.remove(line._element.find(qn("p:style")))
        outline(line, wide, shade, kind)

    def _pictured(self, said: str, rect: Rect) -> None:
        """A ground of stripes, or a line through the middle."""
        shades = [colour(word) for word in re.findall(r"#[0-9A-Fa-f]{6}", said)]
        if said.startswith("repeating"):
            shape = self.shape(rect, MSO_SHAPE.RECTANGLE, "")
            shape.fill.patterned()
            shape.fill.pattern = MSO_PATTERN.WIDE_UPWARD_DIAGONAL
            tone(shape.fill.fore_color, shades[0])
            tone(shape.fill.back_color, theme.LIGHT["card"][1:])
        elif shades:
            middle = Rect(rect.x, rect.y + rect.height / 2 - 1, rect.width, 2)
            self.shape(middle, MSO_SHAPE.RECTANGLE, shades[0])

    def _polygons(self, outlines: Sequence[Sequence[tuple[float, float]]], ground: str) -> None:
        """A shape of one or more closed outlines; where they lie in one another it has a hole."""
        (first, *rest) = outlines
        builder = self.shapes.build_freeform(*(emu(v) for v in first[0]))
        builder.add_line_segments([(emu(x), emu(y)) for x, y in first[1:]], close=True)
        for points in rest:
            builder.move_to(*(emu(v) for v in points[0]))
            builder.add_line_segments([(emu(x), emu(y)) for x, y in points[1:]], close=True)
        self._freeform(builder).fill.solid()
        tone(self.shapes[-1].fill.fore_color, ground)

    def _freeform(self, builder: Any) -> Any:
        made = builder.convert_to_shape()
        made._element.remove(made._element.find(qn("p:style")))
        made.line.fill.background()
        return made

    def _marks(self, rect: Rect) -> None:
        """演示数据 over a panel's ground, below all that the panel holds."""
        across, down = max(1, round(rect.width / 900)), max(1, round(rect.height / 420))
        size = min(104.0, rect.height / 2.2, rect.width / across / 5)
        run = Run("演示数据", size, True, theme.LIGHT["demosoft"][1:], size * 1.3)
        text = Text((run,), run.height, "center", True, False)
        for i in range(across * down):
            column, row = i % across, i // across
            x = rect.x + rect.width * (column + 0.5) / across
            y = rect.y + rect.height * (row + 0.5) / down
            wide = size * 4.4
            shape = self.text(Rect(x - wide / 2, y - run.height / 2, wide, run.height), text)
            shape.name, shape.rotation = MARK, -18

    # ---- text -------------------------------------------------------------------------------
    def text(self, rect: Rect, text: Text) -> Any:
        """Text in a box of its own."""
        shape = self.shapes.add_textbox(*(emu(v) for v in rect))
        framed(shape, text, rect.width)
        return shape

    # ---- pictures ---------------------------------------------------------------------------
    def _picture(self, box: Box) -> None:
        """Bars and lines of a small drawing."""
        view = [float(v) for v in (box.element.get("viewbox") or "0 0 100 100").split()]
        rect = box.rect
        across, down = rect.width / view[2], rect.height / view[3]
        for child in box.marks:
            at = child.element
            if at.tag == "rect":
                x, y, wide, high = (float(at.get(k)) for k in ("x", "y", "width", "height"))
                bar = Rect(rect.x + x * across, rect.y + y * down, wide * across, high * down)
                self.shape(bar, MSO_SHAPE.RECTANGLE, colour(child.style.get("fill", "")))
            elif at.tag == "polyline":
                pairs = (point.split(",") for point in at.get("points").split())
                points = [(rect.x + float(x) * across, rect.y + float(y) * down) for x, y in pairs]
                self._line(points, child.style)

    def _line(self, points: Sequence[tuple[float, float]], style: Style) -> None:
        builder = self.shapes.build_freeform(*(emu(v) for v in points[0]))
        builder.add_line_segments([(emu(x), emu(y)) for x, y in points[1:]], close=False)
        made = self._freeform(builder)
        made.fill.background()
        wide = float(style.get("stroke-width", "1px").removesuffix("px"))
        outline(made, wide, colour(style.get("stroke", "")), "solid")

    # ---- tables -----------------------------------------------------------------------------
    def _table(self, box: Box) -> None:
        table = box.table
        if not table or not table.cells:
            return
        frame = self.shapes.add_table(table.count, table.columns, *(emu(v) for v in box.rect))
        frame.name = box.element.get("aria-label") or frame.name
        grid = frame.table
        properties = grid._tbl.tblPr
        properties.clear()
        for at, wide in zip(grid.columns, table.widths, strict=True):
            at.width = emu(wide)
        for at, high in zip(grid.rows, table.heights, strict=True):
            at.height = emu(high)
        over: list[Box] = []
        for cell in table.cells:
            at = grid.cell(cell.row, cell.column)
            if cell.rows > 1 or cell.columns > 1:
                at.merge(grid.cell(cell.row + cell.rows - 1, cell.column + cell.columns - 1))
            over += _cell(at, cell.box)
        for row in grid._tbl.tr_lst:
            for at in row.tc_lst:
                emptied(at)
        for part in over:
            self.draw(part)


def outline(shape: Any, wide: float, shade: str, kind: str) -> None:
    """The line around a shape."""
    shape.line.width = emu(wide)
    shape.line.fill.solid()
    tone(shape.line.fill.fore_color, shade)
    if kind == "dashed":
        shape.line.dash_style = MSO_LINE.SQUARE_DOT


def _sided(style: Style) -> Iterator[str]:
    """The sides with a border of their own; none where all four are alike."""
    borders = {side: border(style, side) for side in SIDES}
    if len(set(borders.values())) > 1:
        yield from (side for side, (wide, *_) in borders.items() if wide)


def _edges(style: Style) -> Iterator[tuple[str, tuple[float, str, str]]]:
    yield from ((side, border(style, side)) for side in _sided(style))


def _radius(said: str, rect: Rect) -> float:
    """The radius of the corners as a share of the shorter side."""
    if said.endswith("%"):
        return float(said[:-1]) / 100
    plain = re.fullmatch(r"([\d.]+)px", said)
    return min(0.5, float(plain[1]) / max(1.0, min(rect.width, rect.height))) if plain else 0.0


def _corners(said: str, rect: Rect) -> list[tuple[float, float]]:
    """polygon(0 0, 50% 100%) on a box."""
    pairs = (pair.split() for pair in said[len("polygon(") : -1].split(","))
    shares = ([float(part.strip("%px")) / 100 for part in pair] for pair in pairs)
    return [(rect.x + x * rect.width, rect.y + y * rect.height) for x, y in shares]


def _outlines(mask: str, rect: Rect) -> list[list[tuple[float, float]]]:
    """The outlines of a drawing of 20 by 20 that stands in a style sheet, as a data URL."""
    drawing = etree.fromstring(unquote(mask[mask.index(",") + 1 : mask.rindex('"')]))
    (shape,) = drawing
    if shape.get("r"):
        x, y, r = (float(shape.get(k)) for k in ("cx", "cy", "r"))
        said = f"M{x - r} {y}a{r} {r} 0 1 0 {2 * r} 0a{r} {r} 0 1 0 {-2 * r} 0z"
    else:
        said = shape.get("d")
    found: list[list[tuple[float, float]]] = []
    for piece in parse_path(said):
        if isinstance(piece, Move):
            found.append([(piece.end.real, piece.end.imag)])
            continue
        steps = 1 if isinstance(piece, Line) or piece.start == piece.end else CURVE
        points = (piece.point(n / steps) for n in range(1, steps + 1))
        found[-1] += [(p.real, p.imag) for p in points]
    across, down = rect.width / 20, rect.height / 20
    return [[(rect.x + x * across, rect.y + y * down) for x, y in points] for points in found]


# ---- text in shapes and cells -----------------------------------------------------------------------
def framed(shape: Any, text: Text, room: float) -> Any:
    """Put text into a shape, from its upper left corner on."""
    frame = shape.text_frame
    frame.clear()
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
    frame.auto_size, frame.vertical_anchor = MSO_AUTO_SIZE.NONE, MSO_ANCHOR.TOP
    frame.word_wrap = text.filled(room)[1] > 1
    write(frame.paragraphs[0], text)
    return frame


def write(line: Any, text: Text) -> None:
    """Text into a paragraph."""
    line.alignment = ALIGN.get(text.align, PP_ALIGN.LEFT)
    line.line_spacing = Pt(round(text.line / POINT, 2))
    for run in text.runs:
        for i, part in enumerate(run.text.split("\n")):
            if i:
                line.add_line_break()
            if not part:
                continue
            made = line.add_run()
            made.text = writable(part)
            font(made.font, run)


def font(at: Any, run: Run) -> None:
    """Size, weight and colour; the face is the theme's."""
    at.size, at.bold = Pt(round(run.size / POINT, 1)), run.bold
    tone(at.color, run.colour)
    at._element.set("lang", "zh-CN")


def _cell(at: Any, box: Box) -> list[Box]:
    """Fill a cell; what is more than text below text is returned, to be drawn over it."""
    ground = colour(box.style.get("background-color", ""), box.style.get("color", ""))
    if ground:
        at.fill.solid()
        tone(at.fill.fore_color, ground)
    elif image(box.style):
        at.fill.patterned()
        at.fill.pattern = MSO_PATTERN.WIDE_UPWARD_DIAGONAL
        tone(at.fill.fore_color, theme.LIGHT["line"][1:])
        tone(at.fill.back_color, theme.LIGHT["card"][1:])
    for side in ("top", "bottom"):
        wide, shade, _ = border(box.style, side)
        if wide:
            _cell_edge(at, side, wide, shade)
    leaves = [b for b in box.all() if b.text]
    if not _stacked(leaves) or any(b.drawn for b in box.all() if b is not box and b.children):
        return box.children
    at.margin_left, at.margin_right = (emu(max(0.0, m)) for m in _margins(box, leaves))
    at.margin_bottom = 0
    at.margin_top = emu(max(0.0, leaves[0].rect.y - box.rect.y)) if leaves else 0
    for i, leaf in enumerate(leaves):
        if leaf.text:
            line = at.text_frame.paragraphs[0] if not i else at.text_frame.add_paragraph()
            write(line, leaf.text)
            if at.margin_left and not at.margin_right:
                line.alignment = PP_ALIGN.LEFT
    return [shape for child in box.children for shape in _wordless(child)]


def _margins(box: Box, leaves: Sequence[Box]) -> tuple[float, float]:
    """The margins of a cell at its left and right. A line has all that is left of the cell, so that
    none is broken where a font is a little wider; one beside a shape begins behind it."""
    if not leaves:
        return 0.0, 0.0
    left = min(b.rect.x for b in leaves) - box.rect.x
    right = box.rect.right - max(b.rect.right for b in leaves)
    texts = [b.text for b in leaves if b.text]
    if any(t.filled(b.rect.width)[1] > 1 for t, b in zip(texts, leaves, strict=True)):
        return left, right
    match texts[0].align:
        case "right":
            return 0.0, right
        case "center" if abs(left - right) < 3:
            return 0.0, 0.0
    return left, 0.0


def _stacked(leaves: Sequence[Box]) -> bool:
    """Whether each text stands below the one before, from the same edge on."""
    return all(
        b.rect.y >= a.rect.bottom - 2 and abs(a.rect.x - b.rect.x) < 3 for a, b in pairwise(leaves)
    )


def _wordless(box: Box) -> Iterator[Box]:
    """The boxes in a cell that are no text."""
    if box.text:
        return
    if box.drawn or box.tag == "svg" or box.table:
        yield box
    else:
        for child in box.children:
            yield from _wordless(child)


EDGES = {"top": "lnT", "bottom": "lnB"}


def _cell_edge(at: Any, side: str, wide: float, shade: str) -> None:
    """A border of a cell, which python-pptx has no word for."""
    made = parse_xml(
        f'<a:{EDGES[side]} {nsdecls("a")} w="{emu(wide)}" cap="flat" cmpd="sng" algn="ctr">'
        f'<a:solidFill><a:srgbClr val="{shade}"/></a:solidFill><a:prstDash val="solid"/>'
        f"</a:{EDGES[side]}>"
    )
    properties = at._tc.get_or_add_tcPr()
    before = len(properties.findall(qn("a:lnT")))
    properties.insert(before, made)


def emptied(cell: Any) -> None:
    """A cell without text is not to be higher than its row for the type that it does not have."""
    for line in cell.findall(f".//{qn('a:p')}"):
        if line.find(qn("a:r")) is None and line.find(qn("a:endParaRPr")) is None:
            line.append(parse_xml(f'<a:endParaRPr {nsdecls("a")} lang="zh-CN" sz="600"/>'))
    properties = cell.get_or_add_tcPr()
    for margin in ("marT", "marB"):
        if properties.get(margin) is None:
            properties.set(margin, "0")
