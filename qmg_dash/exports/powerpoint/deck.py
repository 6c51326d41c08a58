"""A PowerPoint file: its own 16:9 master in the colours and the face of the screens, and slides one by
one, each laid out from its markup."""

from __future__ import annotations

import io
from collections.abc import Mapping
from copy import deepcopy
from datetime import datetime
from functools import partial
from typing import Any

import pptx
from lxml import etree
from pptx.enum.text import PP_ALIGN
from pptx.opc.constants import RELATIONSHIP_TYPE as RT
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls, qn
from pptx.util import Emu

from qmg_dash import theme
from qmg_dash.characters import writable
from qmg_dash.exports.powerpoint import charts
from qmg_dash.exports.powerpoint.boxes import Box, laid_out
from qmg_dash.exports.powerpoint.layout import Rect
from qmg_dash.exports.powerpoint.shapes import ACROSS, Painter, emu, framed
from qmg_dash.exports.powerpoint.style import HEIGHT, REM, WIDTH, Sheets

FACE = "微软雅黑"
SCHEME = {
    "dk1": "ink",
    "lt1": "card",
    "dk2": "ink2",
    "lt2": "bg",
    "accent1": "accent",
    "accent2": "warn",
    "accent3": "bad",
    "accent4": "mark",
    "accent5": "tint",
    "accent6": "demo",
    "hlink": "accent",
    "folHlink": "ink2",
}
"""The colours of the theme: shapes.SLOTS by their names in a file."""
PLACES = {
    "title": Rect(2.2 * REM, 3.3 * REM, WIDTH - 4.4 * REM, 3 * REM),
    "ftr": Rect(2.2 * REM, HEIGHT - 2.2 * REM, WIDTH * 0.75, 1.5 * REM),
    "sldNum": Rect(WIDTH - 12.2 * REM, HEIGHT - 2.2 * REM, 10 * REM, 1.5 * REM),
}
"""The placeholders of the master."""


class Deck:
    """A file that slides are added to."""

    def __init__(self, sheets: Sheets, title: str, of: str, day: datetime):
        """`sheets` lay the slides out; `of` is whose it is."""
        self.sheets = sheets
        self.file = pptx.Presentation()
        self.file.slide_width, self.file.slide_height = Emu(ACROSS), Emu(ACROSS * 9 // 16)
        _master(self.file)
        about = self.file.core_properties
        about.title, about.author = writable(title), writable(of)
        about.last_modified_by, about.language = about.author, "zh-CN"
        about.comments = about.keywords = about.subject = ""
        about.created = about.modified = day
        about.revision = 1

    def add(self, body: str, drawn: Mapping[str, charts.Chart], notes: str) -> None:
        """A slide of this markup, with its charts by their keys and what its notes say."""
        root = laid_out(body, self.sheets)
        slide = self.file.slides.add_slide(self.file.slide_layouts[0])
        _title(slide, root)
        _foot(slide, root, len(self.file.slides))
        painter = Painter(slide, partial(_chart, drawn))
        for box in root.children:  # its own ground is the master's
            painter.draw(box)
        frame = slide.notes_slide.notes_text_frame
        frame.text = writable(notes)

    def save(self) -> bytes:
        """The file."""
        for slide in list(self.file.slides)[:1]:
            _theme(slide.notes_slide.part.notes_master.part)
        out = io.BytesIO()
        self.file.save(out)
        return out.getvalue()


def _chart(drawn: Mapping[str, charts.Chart], slide: Any, key: str, rect: Rect) -> None:
    if key in drawn:
        charts.draw(slide, rect, drawn[key])


# ---- the parts that every slide has -----------------------------------------------------------------
def _title(slide: Any, root: Box) -> None:
    """The finding, as the title by which PowerPoint lists its slides."""
    box = next(b for b in root.all() if b.tag == "h1")
    leaf = box.children.pop()
    shape = slide.shapes.title
    shape.left, shape.top, shape.width, shape.height = (emu(v) for v in leaf.rect)
    if leaf.text:
        framed(shape, leaf.text, leaf.rect.width)


def _foot(slide: Any, root: Box, number: int) -> None:
    """Source and clock, and the slide's number as a field, on one line."""
    trail = next(b for b in root.all() if "trail" in b.classes)
    page = next(b for b in trail.all() if "page" in b.classes)
    source, counted = trail.children[0].children.pop(), page.children.pop()
    end = counted.rect.right
    line = source.rect._replace(x=end - 8 * REM, width=8 * REM)
    _placed(slide, "ftr", source, source.rect)
    _numbered(_placed(slide, "sldNum", counted, line).text_frame.paragraphs[0], number)


def _placed(slide: Any, kind: str, leaf: Box, rect: Rect) -> Any:
    """A placeholder with a text of the slide at its place."""
    shape = _placeholder(slide, kind)
    shape.left, shape.top, shape.width, shape.height = (emu(v) for v in rect)
    if leaf.text:
        framed(shape, leaf.text, rect.width)
    return shape


def _placeholder(slide: Any, kind: str) -> Any:
    """A slide's own copy of a placeholder that python-pptx leaves with the layout."""
    like = next(s for s in slide.slide_layout.placeholders if _kind(s._element) == kind)
    made = deepcopy(like._element)
    slide.shapes._spTree.append(made)
    shape = slide.shapes[-1]
    made.nvSpPr.cNvPr.set("id", str(slide.shapes._next_shape_id))
    return shape


def _numbered(line: Any, number: int) -> None:
    """The number at the end of a line, as PowerPoint counts it."""
    line.alignment = PP_ALIGN.RIGHT
    run = line.runs[-1]
    text, _, _ = run.text.rpartition(str(number))
    field = parse_xml(
        f'<a:fld {nsdecls("a")} id="{{C1FF6DA9-008F-8B48-92A6-B652298478BF}}" type="slidenum"/>'
    )
    field.append(deepcopy(run._r.rPr))
    etree.SubElement(field, qn("a:t")).text = str(number)
    run._r.addnext(field)
    run.text = text
    if not text:
        run._r.getparent().remove(run._r)


# ---- the master -----------------------------------------------------------------------------------------
def _kind(shape: Any) -> str:
    found = shape.find(f".//{qn('p:ph')}")
    return found.get("type", "") if found is not None else ""


def _master(file: Any) -> None:
    """One master with one layout: a title, the foot, the number; the rest is the slide's own."""
    master = file.slide_master
    only = next(x for x in file.slide_layouts if x.name == "Title Only")
    for layout in list(file.slide_layouts):
        if layout is not only and layout.name != only.name:
            file.slide_layouts.remove(layout)
    only._element.cSld.set("name", "看板")
    for part in (master, only):
        tree = part.shapes._spTree
        for shape in list(tree):
            kind = _kind(shape)
            if kind and kind not in PLACES:
                tree.remove(shape)
    for shape in master.placeholders:
        place = PLACES[_kind(shape._element)]
        shape.left, shape.top, shape.width, shape.height = (emu(v) for v in place)
        body = shape._element.txBody.bodyPr
        for side in ("lIns", "tIns", "rIns", "bIns"):
            body.set(side, "0")
    ground = master._element.cSld.find(qn("p:bg"))
    ground.getparent().replace(ground, _ground())
    _theme(master.part)
    for rel in list(file.part.package._rels.values()):
        if rel.reltype == RT.THUMBNAIL:
            file.part.package._rels.pop(rel.rId)


def _ground() -> Any:
    return parse_xml(
        f'<p:bg {nsdecls("p", "a")}><p:bgPr><a:solidFill><a:schemeClr val="bg2"/></a:solidFill>'
        "<a:effectLst/></p:bgPr></p:bg>"
    )


def _theme(part: Any) -> None:
    """The face and the colours of a master's theme."""
    found = part.part_related_by(RT.THEME)
    kept = getattr(found, "_element", None)  # python-pptx reads the one of the notes, no other
    root = etree.fromstring(found.blob) if kept is None else kept
    root.set("name", "法治政府建设看板")
    for slot, token in SCHEME.items():
        place = root.find(f".//{qn('a:clrScheme')}/{qn(f'a:{slot}')}")
        place.clear()
        etree.SubElement(place, qn("a:srgbClr")).set("val", theme.LIGHT[token][1:])
    for faces in root.iterfind(f".//{qn('a:fontScheme')}/*"):
        for face in list(faces):
            if face.tag in (qn("a:latin"), qn("a:ea")) or face.get("script") == "Hans":
                face.set("typeface", FACE)
    if kept is None:
        found._blob = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
