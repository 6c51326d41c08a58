"""A Word document as an office sends it: A4, 仿宋 with fallbacks, page numbers, and 演示数据 where
it is. What stands in it is up to the callers.

Fonts: 仿宋 for text and 黑体 for headings, each with the names under which other systems have them
(`FALLBACKS`, in the document's font table), Times New Roman for digits and letters. The names are
set for East Asian text as well, else Word takes its own.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import docx
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.oxml import serialize_part_xml
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Emu, Mm, Pt, RGBColor

from qmg_dash.characters import writable
from qmg_dash.model import NOT_TO_QUOTE

BODY, HEADING, LATIN = "仿宋", "黑体", "Times New Roman"
FALLBACKS = {
    BODY: "FangSong,仿宋_GB2312,STFangsong,华文仿宋,FandolFang,Noto Serif CJK SC,SimSun",
    HEADING: "SimHei,STHeiti,华文黑体,Noto Sans CJK SC,WenQuanYi Micro Hei,Microsoft YaHei",
}
A4 = (Mm(210), Mm(297))
MARGINS = {"top_margin": 20, "bottom_margin": 18, "left_margin": 20, "right_margin": 20}
SMALL, TEXT, TITLE = Pt(9), Pt(12), Pt(18)
INK, MARK = RGBColor(0, 0, 0), RGBColor(0x86, 0x18, 0x20)
DEMO = "演示数据"
_CENTRE = WD_ALIGN_PARAGRAPH.CENTER


def new(title: str, of: str, day: datetime, demo: bool, footer: str, wide: bool = False) -> Any:
    """An empty document with its title. `of` is whose it is, `footer` the line under each page; a
    demo one is marked in the title, over each page and across it."""
    document = docx.Document()
    _fonts(document)
    section = document.sections[0]
    section.page_width, section.page_height = reversed(A4) if wide else A4
    section.orientation = WD_ORIENT.LANDSCAPE if wide else WD_ORIENT.PORTRAIT
    for name, size in MARGINS.items():
        setattr(section, name, Mm(size))
    section.header_distance = section.footer_distance = Mm(9)
    about = document.core_properties
    about.title = writable(f"{DEMO}：{title}" if demo else title)
    about.author = about.last_modified_by = writable(of)
    about.comments, about.language = "", "zh-CN"
    about.created = about.modified = day
    if demo:
        _mark(section)
    _foot(section, footer)
    line = document.add_paragraph()
    line.alignment = _CENTRE
    write(line, about.title, TITLE, HEADING)
    return document


def save(document: Any) -> bytes:
    """The document as a file."""
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


# ---- text ---------------------------------------------------------------------------------------
def write(line: Any, text: str, size: Any = TEXT, font: str = BODY, colour: Any = INK) -> Any:
    """Text at the end of a paragraph."""
    run = line.add_run(writable(text))
    run.font.size, run.font.color.rgb = size, colour
    _set_font(run._element.get_or_add_rPr(), font)
    return run


def heading(document: Any, text: str, level: int = 1) -> None:
    """A heading, for the outline as well; it stays with what follows."""
    line = document.add_heading(level=level)
    line.paragraph_format.space_before, line.paragraph_format.space_after = Pt(10), Pt(4)
    write(line, text, Pt(14 if level == 1 else 12), HEADING)


def paragraph(document: Any, text: str, size: Any = TEXT, colour: Any = INK) -> None:
    """A paragraph of text."""
    line = document.add_paragraph()
    line.paragraph_format.space_after = Pt(2)
    write(line, text, size, colour=colour)


# ---- tables -------------------------------------------------------------------------------------
def table(document: Any, rows: int, widths: Sequence[float], heads: int) -> Any:
    """An empty table over the page's width; the first `heads` rows are repeated on a new page and
    no row is broken over two. `widths` are shares."""
    section = document.sections[0]
    room = section.page_width - section.left_margin - section.right_margin
    found = document.add_table(rows, len(widths), style="Table Grid")
    found.alignment, found.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    for column, share in zip(found.columns, widths, strict=True):
        column.width = Emu(int(room * share / sum(widths)))
    for n, row in enumerate(found.rows):
        properties = row._tr.get_or_add_trPr()
        properties.append(OxmlElement("w:cantSplit"))
        if n < heads:
            properties.append(OxmlElement("w:tblHeader"))
    _pad(found)
    return found


def fill(cell: Any, text: str, bold: bool = False, left: bool = False, colour: Any = INK) -> None:
    """The text of a table's cell, in its middle or at its left."""
    line = cell.paragraphs[0]
    line.alignment = WD_ALIGN_PARAGRAPH.LEFT if left else _CENTRE
    line.paragraph_format.space_before = line.paragraph_format.space_after = Pt(1)
    line.paragraph_format.line_spacing = 1
    write(line, text, SMALL, HEADING if bold else BODY, colour)
    cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER


def keep_together(found: Any) -> None:
    """Let a table that fits on a page begin on a new one rather than be broken."""
    for row in found.rows[:-1]:
        for line in row._tr.iter(qn("w:p")):
            line.get_or_add_pPr().get_or_add_keepNext()


def listing(
    document: Any, header: Sequence[str], rows: Iterable[Sequence[str]], widths: Sequence[float]
) -> None:
    """A plain table: a header and rows of text."""
    rows = list(rows)
    found = table(document, len(rows) + 1, widths, 1)
    # The cells of a row are worked out anew at every look: once a row, not once a cell.
    for line, texts in zip(found.rows, [header, *rows], strict=True):
        for cell, width, text in zip(line.cells, found.columns, texts, strict=True):
            cell.width = width.width
            fill(cell, text, bold=texts is header, left=texts is not header)


# ---- what stands behind -------------------------------------------------------------------------
def _set_font(properties: Any, font: str) -> None:
    fonts = properties.get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    for kind, name in (("ascii", LATIN), ("hAnsi", LATIN), ("cs", LATIN), ("eastAsia", font)):
        fonts.set(qn(f"w:{kind}"), name)


def _fonts(document: Any) -> None:
    """Fonts and language of the styles, and the fallbacks in the document's font table."""
    for name, font in (("Normal", BODY), ("Heading 1", HEADING), ("Heading 2", HEADING)):
        _set_font(document.styles[name].element.get_or_add_rPr(), font)
    for language in document.styles.element.iter(qn("w:lang")):
        language.set(qn("w:eastAsia"), "zh-CN")
        language.set(qn("w:val"), "zh-CN")
    for part in document.part.package.iter_parts():
        if part.partname == "/word/fontTable.xml":
            listed = parse_xml(part.blob)
            for font, names in FALLBACKS.items():
                listed.append(_font(font, names))
            part._blob = serialize_part_xml(listed)


def _font(name: str, others: str) -> Any:
    return parse_xml(
        f'<w:font {nsdecls("w")} w:name="{name}"><w:altName w:val="{others}"/>'
        '<w:charset w:val="86"/><w:family w:val="modern"/><w:pitch w:val="variable"/></w:font>'
    )


def _pad(found: Any) -> None:
    """Narrow margins in the cells, so that fifteen columns fit on a page."""
    sides = "".join(f'<w:{s} w:w="30" w:type="dxa"/>' for s in ("left", "right"))
    margins = parse_xml(f"<w:tblCellMar {nsdecls('w')}>{sides}</w:tblCellMar>")
    # The schema has an order: Word mends a file that does not keep it, or refuses it.
    look = found._tbl.tblPr.find(qn("w:tblLook"))
    look.addprevious(margins)


def _mark(section: Any) -> None:
    """演示数据 over each page and, large and turned, across it."""
    line = section.header.paragraphs[0]
    line.alignment = _CENTRE
    write(line, NOT_TO_QUOTE, TEXT, HEADING, MARK)
    shape = (
        f"<w:pict {nsdecls('w')} xmlns:v='urn:schemas-microsoft-com:vml'"
        " xmlns:o='urn:schemas-microsoft-com:office:office'>"
        "<v:shapetype id='_x0000_t136' coordsize='21600,21600' o:spt='136' adj='10800'"
        " path='m@7,l@8,m@5,21600l@6,21600e'><v:path textpathok='t' o:connecttype='rect'/>"
        "<v:textpath on='t' fitshape='t'/></v:shapetype>"
        "<v:shape id='demo' o:spid='_x0000_s2049' type='#_x0000_t136' alt='演示数据' style='"
        "position:absolute;margin-left:0;margin-top:0;width:400pt;height:100pt;rotation:315;"
        "z-index:-251658752;mso-position-horizontal:center;"
        "mso-position-horizontal-relative:margin;mso-position-vertical:center;"
        "mso-position-vertical-relative:margin' fillcolor='#D9CBEA' stroked='f'>"
        f"<v:fill opacity='.5'/><v:textpath style='font-family:\"{HEADING}\";font-size:1pt'"
        f" string='{DEMO}'/></v:shape></w:pict>"
    )
    line.add_run()._element.append(parse_xml(shape))


def _foot(section: Any, text: str) -> None:
    """The line under each page, with its number."""
    line = section.footer.paragraphs[0]
    line.alignment = _CENTRE
    write(line, f"{text}　第 ", SMALL)
    _field(line, "PAGE")
    write(line, " 页，共 ", SMALL)
    _field(line, "NUMPAGES")
    write(line, " 页", SMALL)


def _field(line: Any, name: str) -> None:
    """A number that Word works out: the page's, or how many there are."""
    run = write(line, "1", SMALL)._element
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), name)
    run.addprevious(field)
    field.append(run)
