"""The sender's own workbook back: bad cells coloured, the reason as a note, all faults on a first
sheet. Runs in the process of its own (worker.py), since it opens what was sent once more."""

from __future__ import annotations

import io
import zipfile
from collections import defaultdict
from contextlib import suppress
from typing import Any
from xml.etree.ElementTree import ParseError

import openpyxl
from openpyxl.cell import Cell, MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.worksheet import Worksheet

from qmg_dash.characters import writable
from qmg_dash.folder.decoding import Unusable
from qmg_dash.intake.recognise import OWN_SHEETS
from qmg_dash.intake.sheets import NUMBER, XLSX, Book, letters, read

LIST_SHEET = OWN_SHEETS[1]
AUTHOR = "数据导入"
"""Signs the notes, so that a second round takes the first one's off."""
COLOUR = PatternFill("solid", fgColor="FFC7CE")
HEAD = PatternFill("solid", fgColor="DDE6EE")
PLAIN = PatternFill()
HEADER = ("序号", "工作表", "单元格", "列", "值", "规则", "怎样改")
WIDTHS = (6, 16, 10, 18, 24, 10, 80)
_LONGEST = 32_000


def mark(data: bytes, told: dict[str, Any]) -> bytes:
    """The workbook as .xlsx. `told`: problems as {sheet, places, cells, column, value, rule,
    message} (places: row from 1, position from 0, null where unknown; cells: the same in words), how
    many places there are in all and how many are told, and notes, a list of lines. An .xlsx
    keeps its sheets and what is on them; macros, pictures and charts are left out."""
    try:
        found = read(data)
    except Unusable:
        return _marked(_rebuilt(Book("", ())), told)
    if found.kind == XLSX:
        with suppress(InvalidFileException, zipfile.BadZipFile, ParseError, *_LOST):
            return _marked(openpyxl.load_workbook(io.BytesIO(data), keep_links=False), told)
    return _marked(_rebuilt(found), told)


_LOST = (KeyError, ValueError, TypeError, AttributeError, IndexError)
"""What openpyxl raises over content that it does not expect; the cells are rebuilt then."""


def _marked(book: openpyxl.Workbook, told: dict[str, Any]) -> bytes:
    if LIST_SHEET in book.sheetnames:
        del book[LIST_SHEET]
    for sheet in book.worksheets:
        _clean(sheet)
    spots: dict[tuple[str, int, int], list[str]] = defaultdict(list)
    for p in told["problems"]:
        for row, position in p["places"]:
            if row:
                spots[p["sheet"], row, position or 0].append(p["message"])
    for (name, row, position), said in spots.items():
        sheet = _sheet(book, name)
        if sheet is not None:
            _note(sheet, row, position + 1, "\n".join(said))
    _list(book, told)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _rebuilt(found: Book) -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for sheet in found.sheets:
        page = book.create_sheet(sheet.name or "数据")
        if sheet.hidden:
            page.sheet_state = "hidden"
        for r, row in enumerate(sheet.rows, 1):
            for c, cell in enumerate(row, 1):
                if cell.text:
                    made = _text(page, r, c, cell.text, cell.kind == NUMBER)
                    # What a cell shows counts when it comes back: its format has to come along.
                    made.number_format = cell.format or made.number_format
    return book


def _text(sheet: Worksheet, row: int, column: int, text: str, number: bool = False) -> Cell:
    """Write a cell: text stays text, so that nothing in it is ever a formula."""
    cell = sheet.cell(row, column)
    if number and "E" not in text:
        cell.value = float(text) if "." in text else int(text)
    else:
        cell.value = writable(text)[:_LONGEST]
        cell.data_type = "s"
    return cell


def _sheet(book: openpyxl.Workbook, name: str) -> Worksheet | None:
    """The sheet of that name; the only one of a CSV, which has no name."""
    if name in book.sheetnames and isinstance(book[name], Worksheet):
        return book[name]
    return book.worksheets[0] if not name and book.worksheets else None


def _clean(sheet: Worksheet) -> None:
    """Take off what an earlier round marked."""
    for row in sheet.iter_rows():
        for cell in row:
            if cell.comment and cell.comment.author == AUTHOR:
                cell.comment, cell.fill = None, PLAIN


def _note(sheet: Worksheet, row: int, column: int, said: str) -> None:
    """Colour a cell and hang the reason on it; of a merged cell, on its first one."""
    cell = sheet.cell(row, column)
    if isinstance(cell, MergedCell):
        area = next(a for a in sheet.merged_cells.ranges if cell.coordinate in a)
        cell = sheet.cell(area.min_row, area.min_col)
    cell.fill = COLOUR
    before = cell.comment.text + "\n" if cell.comment else ""
    cell.comment = Comment(writable(before + said), AUTHOR, 140, 360)


def _list(book: openpyxl.Workbook, told: dict[str, Any]) -> None:
    problems, total = told["problems"], told["total"]
    sheet = book.create_sheet(LIST_SHEET, 0)
    book.active = 0
    for other in book.worksheets[1:]:
        other.sheet_view.tabSelected = False
    head = (
        f"没有导入：共 {total} 处问题。请在标色的单元格里改正后，把这个文件重新导入；本页不用删。"
    )
    if total > told["told"]:
        head += f"这里列出并标出前 {told['told']} 处。"
    _text(sheet, 1, 1, head).font = Font(bold=True, color="9C0006")
    for column, (text, width) in enumerate(zip(HEADER, WIDTHS, strict=True), 1):
        cell = _text(sheet, 3, column, text)
        cell.font, cell.fill = Font(bold=True), HEAD
        sheet.column_dimensions[letters(column - 1)].width = width
    for n, p in enumerate(problems, 1):
        row, position = p["places"][0]
        where = letters(position) if position is not None else ""
        place = p["cells"] if where else (f"第 {row} 行" if row else "")
        line = (str(n), p["sheet"], place, p["column"], p["value"], p["rule"], p["message"])
        for column, text in enumerate(line, 1):
            cell = _text(sheet, n + 3, column, text)
            cell.alignment = Alignment(wrap_text=column > 4, vertical="top")
        if p["sheet"] in book.sheetnames and where and row:
            sheet.cell(
                n + 3, 3
            ).hyperlink = f"#'{p['sheet'].replace(chr(39), chr(39) * 2)}'!{where}{row}"
    sheet.freeze_panes = "A4"
    start = len(problems) + 6
    _text(sheet, start - 1, 1, "自动识别的内容，请一并核对：").font = Font(bold=True)
    for n, said in enumerate(told["notes"]):
        _text(sheet, start + n, 1, said)
