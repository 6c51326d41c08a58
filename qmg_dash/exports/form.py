"""A statutory table as a file, in its own layout: Word (A4) and Excel. An unknown cell is — in Word
and empty in Excel, never 0; a demo one says so in title, page head and file name."""

from __future__ import annotations

import io
from datetime import datetime, time
from math import ceil
from typing import Any

import xlsxwriter

from qmg_dash import fmt
from qmg_dash.characters import writable
from qmg_dash.exports import document as word
from qmg_dash.figures.findings import width
from qmg_dash.figures.forms import BASES, Box, Filled, Grid, told
from qmg_dash.model import EXACT, NOT_TO_QUOTE

RESULTS = ("编号", "勾稽关系", "结果")


def name(found: Filled) -> str:
    """The file's name without its ending."""
    mark = f"{word.DEMO}_" if found.demo else ""
    town = found.snapshot.town.short_name
    return f"{mark}{town}_{found.form.title}_{found.year}_{BASES[found.basis]}"


def results(found: Filled) -> list[tuple[str, str, str]]:
    """Each identity with its result; what is broken says the cell and by how much."""
    rows = []
    for result in found.results:
        lines = [result.said, *(told(t) for t in result.broken)]
        rows.append((result.identity.id, result.identity.rule, "\n".join(lines)))
    return rows


# ---- Word ---------------------------------------------------------------------------------------
def to_docx(found: Filled) -> bytes:
    """The form as a Word document: its tables, the identities, where it comes from."""
    shown = found.snapshot
    made = word.new(
        found.title,
        shown.town.name,
        datetime.combine(shown.clock(), time()),
        found.demo,
        f"{shown.town.name}　{BASES[found.basis]}　数据截至 {shown.clock()}　数据版本 {shown.version}",
    )
    for line in (found.facts[:2], found.facts[2:4], found.facts[4:]):
        word.paragraph(made, "　　".join(f"{t}：{said}" for t, said in line), word.SMALL)
    for grid in found.form.grids:
        word.heading(made, grid.title)
        _word_grid(made, found, grid)
    if found.other:
        word.heading(made, "表中没有位置的公布数")
        rows = [(f.label, f.dimension or fmt.NONE, fmt.text(f)) for f in found.other]
        word.listing(made, ("项目", "维度", "数值"), rows, (2, 2, 1))
    for n, note in enumerate(found.notes, 1):
        word.paragraph(made, f"注 {n}：{note}。", word.SMALL)
    word.heading(made, "勾稽关系检验")
    word.listing(made, RESULTS, results(found), (0.6, 2.4, 3))
    return word.save(made)


def _word_grid(made: Any, found: Filled, grid: Grid) -> None:
    table = word.table(made, len(grid.rows), grid.widths, grid.heads)
    columns = [c.width for c in table.columns]
    cells = [list(row.cells) for row in table.rows]
    for row in cells:
        for cell, size in zip(row, columns, strict=True):
            cell.width = size
    for at in grid.placed():
        box, cell = at.box, cells[at.row][at.column]
        if box.across > 1 or box.down > 1:
            cell = cell.merge(cells[at.row + box.down - 1][at.column + box.across - 1])
        broken = box.key in found.broken_cells
        colour = word.MARK if broken else word.INK
        text = found.text(box) + ("（不符）" if broken else "")
        word.fill(cell, text, box.kind == "head", box.kind == "label", colour)
    word.keep_together(table)


# ---- Excel --------------------------------------------------------------------------------------
PAPER_A4 = 9
WIDE = 8
"""Columns from which on a sheet lies across."""
TOP = 3
"""Rows over a table: title, facts, an empty one."""
LINE = 16
"""Points of a line."""


def to_xlsx(found: Filled) -> bytes:
    """The form as a workbook: a sheet a table, then the identities and where it comes from. An
    exact number is a number, an approximate one (80余) a text."""
    out = io.BytesIO()
    settings = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, settings) as book:
        styles = _styles(book)
        book.set_properties(
            {"title": writable(_title(found)), "author": writable(found.snapshot.town.name)}
        )
        for grid in found.form.grids:
            _sheet(book, styles, found, grid)
        _list(book, styles, found, "勾稽关系", RESULTS, results(found), (8, 44, 60))
        facts = [*found.facts, *(("注", n) for n in found.notes)]
        facts += [(f.label, f"{f.dimension} {fmt.text(f)}".strip()) for f in found.other]
        _list(book, styles, found, "说明", ("项目", "内容"), facts, (22, 90))
    return out.getvalue()


def _title(found: Filled) -> str:
    return f"{word.DEMO}：{found.title}" if found.demo else found.title


def _styles(book: Any) -> dict[str, Any]:
    cell = {"font_name": word.BODY, "font_size": 10, "border": 1, "valign": "vcenter"}
    cell |= {"text_wrap": True, "align": "center", "num_format": "#,##0.####;-#,##0.####;0"}
    whole = cell | {"num_format": "#,##0"}
    title = {"font_name": word.HEADING, "font_size": 16, "align": "center", "valign": "vcenter"}
    made = {
        "head": cell | {"font_name": word.HEADING, "bg_color": "#EDEFF2"},
        "label": cell | {"align": "left"},
        "value": whole,
        "part": cell | {"num_format": "#,##0.0#########"},
        "broken": whole | {"font_color": "#861820", "bold": True, "bg_color": "#FBECEA"},
        "blank": cell,
        "title": title,
        "facts": {"font_name": word.BODY, "font_size": 9, "text_wrap": True, "valign": "top"},
    }
    return {n: book.add_format(f) for n, f in made.items()}


def _page(sheet: Any, found: Filled, wide: bool) -> None:
    sheet.set_paper(PAPER_A4)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.6, right=0.6, top=0.9, bottom=0.7)
    if wide:
        sheet.set_landscape()
    if found.demo:
        sheet.set_header(f'&C&"{word.HEADING},Bold"&14&K861820{NOT_TO_QUOTE}')
    sheet.set_footer(f"&C数据版本 {found.snapshot.version}　第 &P 页，共 &N 页")
    sheet.hide_gridlines(2)


def _sheet(book: Any, styles: dict[str, Any], found: Filled, grid: Grid) -> None:
    number, _, title = grid.title.partition("、")
    sheet = book.add_worksheet(f"{number}、{title}"[:31])
    _page(sheet, found, len(grid.widths) >= WIDE)
    last = len(grid.widths) - 1
    room = 96 if last + 1 < WIDE else 130
    columns = [room * share / sum(grid.widths) for share in grid.widths]
    for i, size in enumerate(columns):
        sheet.set_column(i, i, size)
    sheet.merge_range(0, 0, 0, last, writable(f"{_title(found)}　{grid.title}"), styles["title"])
    sheet.set_row(0, 30)
    said = "　".join(f"{t}：{v}" for t, v in found.facts)
    sheet.merge_range(1, 0, 1, last, writable(said), styles["facts"])
    sheet.set_row(1, 40)
    for at in grid.placed():
        _cell(sheet, styles, found, at.box, TOP + at.row, at.column)
    for y, lines in _lines(grid, columns).items():
        sheet.set_row(TOP + y, LINE * lines)
    sheet.repeat_rows(TOP, TOP + max(grid.heads, 1) - 1)


def _lines(grid: Grid, columns: list[float]) -> dict[int, int]:
    """Row → the lines of text that it needs: a spreadsheet opens a row as high as it is told. A
    column is as wide as so many digits; a Chinese character of this size takes 1.8 of them."""
    needed: dict[int, int] = {}
    for at in grid.placed():
        box = at.box
        room = sum(columns[at.column : at.column + box.across])
        if box.down == 1:
            needed[at.row] = max(needed.get(at.row, 1), _broken_into(box.text, room))
    return needed


def _broken_into(text: str, room: float) -> int:
    """The lines that a text takes in a column of this width."""
    return sum(ceil(1.8 * width(part) / (room - 1)) or 1 for part in text.split("\n"))


def _cell(sheet: Any, styles: dict[str, Any], found: Filled, box: Box, y: int, x: int) -> None:
    """A box at its place, merged where it spans others."""
    content, style = _content(found, box)
    if box.across > 1 or box.down > 1:
        sheet.merge_range(y, x, y + box.down - 1, x + box.across - 1, "", styles[style])
    if content is None:
        sheet.write_blank(y, x, None, styles[style])
    elif isinstance(content, str):
        sheet.write_string(y, x, writable(content), styles[style])
    else:
        sheet.write_number(y, x, content, styles[style])


def _content(found: Filled, box: Box) -> tuple[str | float | None, str]:
    """What stands in a cell, and its style."""
    if box.kind != "value":
        return box.text or None, box.kind
    number = found.number(box)
    if box.key in found.broken_cells:
        style = "broken"
    else:
        style = "part" if number and number.value != int(number.value) else "value"
    if number is None:
        return None, style
    return (number.value if number.qualifier == EXACT else found.text(box)), style


def _list(
    book: Any,
    styles: dict[str, Any],
    found: Filled,
    name: str,
    header: tuple[str, ...],
    rows: list[tuple[str, ...]],
    widths: tuple[int, ...],
) -> None:
    sheet = book.add_worksheet(name)
    _page(sheet, found, wide=True)
    title = f"{_title(found)}　{name}"
    sheet.merge_range(0, 0, 0, len(header) - 1, writable(title), styles["facts"])
    sheet.set_row(0, LINE * 1.3)
    for i, (text, size) in enumerate(zip(header, widths, strict=True)):
        sheet.set_column(i, i, size)
        sheet.write_string(1, i, writable(text), styles["head"])
    for y, row in enumerate(rows, 2):
        lines = max(_broken_into(t, size) for t, size in zip(row, widths, strict=True))
        sheet.set_row(y, LINE * lines)
        for x, text in enumerate(row):
            sheet.write_string(y, x, writable(text), styles["label"])
