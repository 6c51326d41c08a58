"""A sent file's bytes as sheets of cells: .xlsx, .xls, .et, .csv, the tables of a .docx, told apart by
content.

Runs in a process of its own (worker.py): what comes in is anyone's. Nothing is computed, no
macro, formula or link is followed: a formula counts with the value that was saved with it.
"""

from __future__ import annotations

import csv
import datetime
import io
import os
import re
import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple
from xml.etree import ElementTree
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile, ZipInfo

import docx
import python_calamine as calamine
import xlrd
from docx.opc.exceptions import OpcError
from docx.table import Table
from xlrd.compdoc import CompDocError
from xlrd.formula import FormulaError
from xlrd.xldate import xldate_as_datetime

from qmg_dash.folder.decoding import Unusable, decode, separated
from qmg_dash.intake import number_formats

UNPACKED = 400 << 20
"""Bytes that a workbook may unpack to."""
CELLS = 8_000_000
"""Cells of a sheet, empty ones counted, up to its last one."""
LAST_ROW, LAST_COLUMN = 1_048_575, 16_383
"""The last cell that a sheet can have, from 0: XFD1048576."""
PRECISE = 10**15
"""Beyond, a spreadsheet has rounded the last digits away."""

TEXT, NUMBER, DATE, BOOL, ERROR, FORMULA = "", "n", "d", "b", "e", "f"
XLSX, XLS, CSV, DOCX = "xlsx", "xls", "csv", "docx"

OTHER_ERROR = "#错误值"
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LOCKED = "文件有打开密码：请在 Excel 或 WPS 中取消密码后再发"
_BROKEN = "读不出来，文件可能已损坏：请在 Excel 或 WPS 中打开后另存为 .xlsx"
_WEB = (b"<html", b"<!doctype", b"<table", b"<?xml", b"mime-version")


class Cell(NamedTuple):
    """A cell as it is kept. `kind` says what the spreadsheet took it for, `format` in what number
    format it shows a number or a text (empty: as it is)."""

    text: str = ""
    kind: str = TEXT
    format: str = ""


@dataclass(frozen=True)
class Sheet:
    """A sheet from its first row on (row 1 is rows[0]). `merged`: (first row, first column, last
    row, last column), from 0."""

    name: str
    rows: list[list[Cell]]
    hidden: bool = False
    merged: tuple[tuple[int, int, int, int], ...] = ()


@dataclass(frozen=True)
class Book:
    """A file's sheets. `serials`: whether a bare number may be a day since 1900."""

    kind: str
    sheets: tuple[Sheet, ...]
    serials: bool = True

    def told(self) -> dict[str, Any]:
        """As JSON says it: a bare text is a string, another cell [text, kind, format]."""
        return {
            "kind": self.kind,
            "serials": self.serials,
            "sheets": [
                {
                    "name": s.name,
                    "hidden": s.hidden,
                    "merged": s.merged,
                    "rows": [[c if c.kind or c.format else c.text for c in r] for r in s.rows],
                }
                for s in self.sheets
            ],
        }

    @classmethod
    def heard(cls, told: dict[str, Any]) -> Book:
        """The book that `told` described."""
        sheets = tuple(
            Sheet(
                s["name"],
                [[Cell(c) if isinstance(c, str) else Cell(*c) for c in r] for r in s["rows"]],
                s["hidden"],
                tuple((a, b, c, d) for a, b, c, d in s["merged"]),
            )
            for s in told["sheets"]
        )
        return cls(told["kind"], sheets, told["serials"])


def read(data: bytes) -> Book:
    """The sheets of a file. Raises Unusable with the reason in Chinese."""
    if not data.strip(b"\0 \r\n\t"):
        raise Unusable("空文件", "文件是空的：请重新保存后再发")
    if data.startswith(_ZIP):
        return _unbroken(_word_file if _is_word(data) else _new_workbook, data)
    if data.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise Unusable("密码", _LOCKED)
        return _unbroken(_old_workbook, data)
    if data[:200].lstrip(b"\xef\xbb\xbf \r\n\t").lower().startswith(_WEB):
        raise Unusable("文件", "这是网页格式，只是扩展名像表格：请在 Excel 或 WPS 中另存为 .xlsx")
    return Book(CSV, (Sheet("", [[Cell(c) for c in row] for row in csv_rows(data)]),))


# ---------------------------------------------------------------- CSV


_RARE = 20
"""Of so many characters of a table one may be NUL: programs fill up their columns with them."""


def csv_rows(data: bytes) -> Iterator[list[str]]:
    """The records of a CSV in any usual encoding. Raises Unusable."""
    separator, data = separated(decode(data))
    text = data.decode()
    if text.count("\0") * _RARE > len(text):  # a few stand in a cell: the check of the cell tells
        raise Unusable("文件", "不是表格文件：请用 Excel 或 WPS 另存为 .xlsx 或 CSV（UTF-8）")
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=separator or _delimiter(text), strict=True
    )
    try:
        yield from reader
    except csv.Error as e:
        mend = "请检查引号是否成对，或用 Excel、WPS 重新另存为 CSV"
        raise Unusable("格式", f"第 {reader.line_num} 行附近不是正常的 CSV（{e}）：{mend}") from e


def _delimiter(text: str) -> str:
    """The separator of the file's head; a comma where there is any doubt."""
    head = text[:20_000].splitlines()[:30]
    counts = {d: sum(line.count(d) for line in head) for d in ",\t;"}
    return max(counts, key=lambda d: counts[d])


# ---------------------------------------------------------------- workbooks


_TORN = (
    *(calamine.CalamineError, BadZipFile, zlib.error, NotImplementedError, EOFError, OSError),
    *(ElementTree.ParseError, expat.ExpatError, StopIteration, LookupError, ValueError),
    *(xlrd.XLRDError, CompDocError, FormulaError, struct.error, OverflowError, AssertionError),
    *(OpcError, SyntaxError, AttributeError),  # of a .docx, whose parts lxml reads
)
"""What is raised over content that is no workbook's."""


def _unbroken(read: Callable[[bytes], Book], data: bytes) -> Book:
    try:
        return read(data)
    except _TORN as e:
        raise Unusable("文件损坏", _BROKEN) from e


def _refuse_large(name: str, cells: int) -> None:
    if cells > CELLS:
        message = f"工作表“{name}”太大，或在很远的单元格里有内容：请删去多余的行列，或分几次导入"
        raise Unusable("太大", message)


def _up_to_last(row: list[Any], empty: object) -> list[Any]:
    """A row up to its last filled cell, rows up to the last filled one."""
    filled = len(row)
    while filled and row[filled - 1] == empty:
        filled -= 1
    return row[:filled]


def _cell(value: object) -> Cell:
    if isinstance(value, str):
        return Cell(value)
    if isinstance(value, bool):
        return Cell("TRUE" if value else "FALSE", BOOL)
    if isinstance(value, int | float):
        return Cell(_number(value), NUMBER)
    if isinstance(value, datetime.datetime):
        midnight = value.time() == datetime.time()
        return Cell(value.date().isoformat() if midnight else value.isoformat(" ", "seconds"), DATE)
    if isinstance(value, datetime.date):
        return Cell(value.isoformat(), DATE)
    return Cell(str(value), DATE)  # a time, or hours of more than a day


def _number(value: int | float) -> str:
    """A number as a clerk would write it; what has lost digits reads as the spoilt one it is."""
    if abs(value) >= PRECISE:
        return f"{value:.14E}"
    if value == int(value):
        return str(int(value))
    return f"{Decimal(repr(value)):f}"


def _formatted(cell: Cell, code: str) -> Cell:
    """A cell with its number format, where that makes another text of it."""
    if not code or cell.kind not in (TEXT, NUMBER):
        return cell
    bare = cell.kind == TEXT and number_formats.of_text(cell.text, code) == cell.text
    return cell if bare else cell._replace(format=code)


# ---------------------------------------------------------------- an .xls or .et


def _old_workbook(data: bytes) -> Book:
    book = _opened(data)
    own = {f.format_key: f.format_str for f in book.format_list}
    styles = [s.format_key for s in book.xf_list]
    written = [book.format_map[n].format_str or "" for n in styles]
    shown = [
        (code, number_formats.by_number(n, own)) for n, code in zip(styles, written, strict=True)
    ]
    sheets = tuple(_old_sheet(sheet, shown) for sheet in book.sheets())
    return Book(XLS, sheets, serials=not book.datemode)


def _opened(data: bytes) -> xlrd.Book:
    with open(os.devnull, "w") as log:
        try:
            return xlrd.open_workbook(
                file_contents=data,
                logfile=log,
                formatting_info=True,
                ragged_rows=True,
                ignore_workbook_corruption=True,  # of the directory: Excel opens such files
            )
        except xlrd.XLRDError as e:
            if "encrypted" in str(e):
                raise Unusable("密码", _LOCKED) from e
            raise


Styles = Sequence[tuple[str, str]]
"""The number format of each style: as it is written, and as `number_formats.by_number` has it."""


def _old_sheet(sheet: Any, styles: Styles) -> Sheet:
    if sheet.visibility:
        return Sheet(sheet.name, [], True)
    _refuse_large(sheet.name, sum(map(sheet.row_len, range(sheet.nrows))))
    rows = []
    for cells in sheet.get_rows():
        row = [_old_cell(cell, styles, sheet.book.datemode) for cell in cells]
        rows.append(_up_to_last(row, Cell()))
    merged = tuple((r1, c1, r2 - 1, c2 - 1) for r1, r2, c1, c2 in sheet.merged_cells)
    return Sheet(sheet.name, _up_to_last(rows, []), merged=merged)


_LASTING = re.compile(r"\[[hms]+\]", re.I)
"""A format that shows hours beyond a day's."""


def _old_cell(cell: Any, styles: Styles, since_1904: int) -> Cell:
    kind, value = cell.ctype, cell.value
    if kind == xlrd.XL_CELL_ERROR:
        return Cell(xlrd.error_text_from_code.get(value, OTHER_ERROR), ERROR)
    if kind == xlrd.XL_CELL_BOOLEAN:
        return _cell(bool(value))
    if kind == xlrd.XL_CELL_DATE:
        if _LASTING.search(styles[cell.xf_index][0]):
            return _cell(datetime.timedelta(days=value))
        try:
            moment = xldate_as_datetime(value, since_1904)
        except OverflowError:  # no day: 20230105
            return _cell(value)
        return _cell(moment if value >= 1 else moment.time())
    return _formatted(_cell(value), styles[cell.xf_index][1])


# ---------------------------------------------------------------- a Word file


def _is_word(data: bytes) -> bool:
    try:
        return "word/document.xml" in ZipFile(io.BytesIO(data)).namelist()
    except BadZipFile:
        return False


def _word_file(data: bytes) -> Book:
    """The tables of a .docx, each a sheet. Over each stand the file's first paragraph and the last one
    before it, as titles do over a table."""
    _weigh(data, ZipFile(io.BytesIO(data)), "word/document.xml")
    document = docx.Document(io.BytesIO(data))
    sheets: list[Sheet] = []
    title = above = ""
    for part in document.iter_inner_content():
        if isinstance(part, Table):
            titles = list(dict.fromkeys(t for t in (title, above) if t))
            sheets.append(_word_table(part, f"表{len(sheets) + 1}", titles))
        elif part.text.strip():
            above = part.text.strip()
            title = title or above
    return Book(DOCX, tuple(sheets))


def _word_table(table: Table, name: str, titles: Sequence[str]) -> Sheet:
    """A table as a sheet: what is merged in it stands in its first cell."""
    spans: dict[Any, list[tuple[int, int]]] = {}
    texts: dict[Any, str] = {}
    for r, row in enumerate(table.rows):
        for c, cell in enumerate(row.cells, row.grid_cols_before):
            spans.setdefault(cell._tc, []).append((r, c))  # the same for each place that it has
            texts[cell._tc] = cell.text
    width = max((c for places in spans.values() for _, c in places), default=0) + 1
    _refuse_large(name, width * len(table.rows))
    grid = [[Cell()] * width for _ in table.rows]
    merged = []
    for element, places in spans.items():
        (r1, c1), (r2, c2) = min(places), max(places)
        grid[r1][c1] = Cell(texts[element])
        if len(places) > 1:
            merged.append((r1 + len(titles), c1, r2 + len(titles), c2))
    return Sheet(name, [*([Cell(t)] for t in titles), *grid], merged=tuple(merged))


# ---------------------------------------------------------------- an .xlsx


def _new_workbook(data: bytes) -> Book:
    inside = _look_inside(data)
    try:
        with calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            sheets = tuple(
                _sheet(book, m, odd)
                for m, odd in zip(book.sheets_metadata, inside.odd, strict=True)
                if m.typ == calamine.SheetTypeEnum.WorkSheet
            )
    except calamine.PasswordError as e:
        raise Unusable("密码", _LOCKED) from e
    return Book(XLSX, sheets, serials=not inside.since_1904)


def _sheet(book: Any, about: Any, odd: Iterator[Odd]) -> Sheet:
    hidden = about.visible != calamine.SheetVisibleEnum.Visible
    if hidden:
        return Sheet(about.name, [], True)
    sheet = book.get_sheet_by_name(about.name)
    _refuse_large(about.name, sheet.total_height * sheet.total_width)
    rows = [
        [_cell(value) for value in _up_to_last(row, "")]
        for row in sheet.to_python(skip_empty_area=False)
    ]
    for found in odd:
        _amend(rows, found)
    merged = tuple((r1, c1, r2, c2) for (r1, c1), (r2, c2) in sheet.merged_cell_ranges or ())
    return Sheet(about.name, rows, merged=merged)


class Odd(NamedTuple):
    """What calamine does not tell of a cell (row and column from 0): the error that it shows, the
    number format of its number or text, or that its formula was saved without a result."""

    row: int
    column: int
    error: str = ""
    format: str = ""
    unsaved: bool = False


@dataclass
class Inside:
    """What calamine does not tell of a workbook; `odd`: of its sheets, in their order. They are
    looked through when they are asked for, since a sheet may have millions of such cells."""

    odd: list[Iterator[Odd]] = field(default_factory=list)
    since_1904: bool = False


def _amend(rows: list[list[Cell]], odd: Odd) -> None:
    """Put in what calamine does not tell of a cell."""
    row, column = odd.row, odd.column
    if odd.error or odd.unsaved:
        rows += [[] for _ in range(row + 1 - len(rows))]
        rows[row] += [Cell()] * (column + 1 - len(rows[row]))
        rows[row][column] = Cell(odd.error, ERROR) if odd.error else Cell("公式", FORMULA)
    elif row < len(rows) and column < len(rows[row]):
        rows[row][column] = _formatted(rows[row][column], odd.format)


def _look_inside(data: bytes) -> Inside:
    """Check an .xlsx before it is parsed (what it unpacks to, whether it is one), then its cells'
    oddities. Raises Unusable."""
    packed = ZipFile(io.BytesIO(data))
    _weigh(data, packed)
    return _inside(packed)


def _weigh(data: bytes, packed: ZipFile, main: str = "xl/workbook.xml") -> None:
    """Unpack everything once, keeping nothing: what the directory says may be a lie."""
    if main not in packed.namelist():
        raise Unusable("文件", "不是 .xlsx 工作簿：请在 Excel 或 WPS 中另存为 .xlsx")
    left = UNPACKED
    for entry in packed.infolist():
        left -= max(_unpacked(data, entry, left), entry.file_size)
        if left < 0:
            raise Unusable(
                "太大", f"解压后超过 {UNPACKED >> 20} MB：请删去多余的工作表和图片，或分几次导入"
            )


def _unpacked(data: bytes, entry: ZipInfo, most: int) -> int:
    """The bytes that an entry really unpacks to, counted up to `most` and a little more."""
    if not entry.compress_type:
        return entry.compress_size
    head = entry.header_offset
    start = head + 30 + int.from_bytes(data[head + 26 : head + 28], "little")
    start += int.from_bytes(data[head + 28 : head + 30], "little")
    packed, size = data[start : start + entry.compress_size], 0
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    while packed and size <= most:
        size += len(unpacker.decompress(packed, 1 << 20))
        packed = unpacker.unconsumed_tail
    return size


def _inside(packed: ZipFile) -> Inside:
    """Elements are found in any namespace: that of a strict .xlsx is another one."""
    book = ElementTree.fromstring(packed.read("xl/workbook.xml"))
    settings = book.find("{*}workbookPr")
    told = settings is not None and settings.get("date1904") in ("1", "true")
    formats = _formats(packed)
    targets = _targets(packed)
    out = Inside(since_1904=told)
    for sheet in book.findall("{*}sheets/{*}sheet"):
        number = next((v for k, v in sheet.items() if k.endswith("}id")), "")
        part = targets.get(number, "")
        if part in packed.namelist():
            _refuse_beyond(packed.read(part), sheet.get("name", ""))
            out.odd.append(_odd_cells(packed, part, formats))
        else:
            out.odd.append(iter(()))
    return out


_FAR = re.compile(
    rb"""r(?<=\sr)(?:ef)?\s*=\s*["'](?![A-Za-z]{0,2}[0-9]{1,6}["'])([A-Za-z0-9:]+)["']"""
)
"""A reference other than those that are surely of a sheet's cells: XFD1048576, A1:C9."""


def _refuse_beyond(xml: bytes, name: str) -> None:
    """Refuse a sheet that names a cell which no sheet has: it would be made room for, row by row,
    or taken for another cell."""
    for far in _FAR.finditer(xml):
        if xml.rfind(b"<", 0, far.start()) < xml.rfind(b">", 0, far.start()):
            continue  # the text of a cell
        for reference in far[1].decode().split(":"):
            cell = f"A{reference}" if reference.isdigit() else reference
            if _REFERENCE.fullmatch(cell) and not _within(*place(cell)):
                last = f"{letters(LAST_COLUMN)}{LAST_ROW + 1}"
                message = (
                    f"工作表“{name}”里有单元格 {reference[:40]}，超出了表格的最后一格 {last}："
                    "请在 Excel 或 WPS 中打开后另存为 .xlsx"
                )
                raise Unusable("太大", message)


def _within(row: int, column: int) -> bool:
    return row <= LAST_ROW and column <= LAST_COLUMN


def _targets(packed: ZipFile) -> dict[str, str]:
    """The part of each relation of the workbook."""
    name = "xl/_rels/workbook.xml.rels"
    if name not in packed.namelist():
        return {}
    found = ElementTree.fromstring(packed.read(name))
    targets = {r.get("Id", ""): r.get("Target", "") for r in found}
    return {i: t.lstrip("/") if t.startswith("/") else f"xl/{t}" for i, t in targets.items()}


def _formats(packed: ZipFile) -> dict[str, str]:
    """The number formats of the styles, by their number as cells name it."""
    if "xl/styles.xml" not in packed.namelist():
        return {}
    styles = ElementTree.fromstring(packed.read("xl/styles.xml"))
    own = {
        int(f.get("numFmtId", "")): f.get("formatCode", "")
        for f in styles.findall("{*}numFmts/{*}numFmt")
    }
    cells = styles.findall("{*}cellXfs/{*}xf")
    codes = (number_formats.by_number(int(style.get("numFmtId", "0")), own) for style in cells)
    return {str(number): code for number, code in enumerate(codes) if code}


_ODD = rb"<(?:\w+:)?f[ >/]|\st=[\"']e[\"']"
_PIECE = 1 << 20


def _odd_cells(packed: ZipFile, part: str, formats: dict[str, str]) -> Iterator[Odd]:
    """The cells of a sheet that show something else than their value."""
    xml = packed.read(part)
    styled = rb"|\ss=[\"'](?:%s)[\"']" % "|".join(formats).encode() if formats else b""
    if not re.search(_ODD + styled, xml):
        return
    reading = _Cells(formats)
    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = reading.start, reading.end
    parser.CharacterDataHandler = reading.text
    for start in range(0, len(xml) + 1, _PIECE):
        piece = xml[start : start + _PIECE]
        parser.Parse(piece, len(piece) < _PIECE)
        yield from reading.odd
        reading.odd.clear()


class _Cells:
    """Follows the elements of a sheet: <row r=><c r= s= t=><f>…</f><v>…</v></c></row>. A row or
    cell that does not say where it stands is the next one."""

    def __init__(self, formats: dict[str, str]):
        self.formats = formats
        self.odd: list[Odd] = []
        self.row, self.column = -1, -1
        self.cell: dict[str, str] = {}
        self.formula = self.in_value = False
        self.value = ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        name = name.rpartition(":")[2]
        if name == "row":
            self.row = int(attributes.get("r", self.row + 2)) - 1
            self.column = -1
        elif name == "c":
            self.cell, self.formula, self.value = attributes, False, ""
            self.column += 1
            if "r" in attributes:
                self.row, self.column = place(attributes["r"])
        self.formula |= name == "f"
        self.in_value = name == "v"

    def text(self, text: str) -> None:
        if self.in_value:
            self.value += text

    def end(self, name: str) -> None:
        self.in_value = False
        if name.rpartition(":")[2] != "c":
            return
        kind = self.cell.get("t", "n")
        if kind == "e":
            said = self.value if self.value.startswith("#") else OTHER_ERROR
            self.odd.append(Odd(self.row, self.column, error=said))
        elif self.formula and not self.value and kind != "str":
            self.odd.append(Odd(self.row, self.column, unsaved=True))
        elif code := self.formats.get(self.cell.get("s", "")):
            self.odd.append(Odd(self.row, self.column, format=code))


_REFERENCE = re.compile(r"([A-Za-z]+)([1-9][0-9]*)")


def place(reference: str) -> tuple[int, int]:
    """(row, column) from 0 of a reference like AB12. Raises ValueError."""
    found = _REFERENCE.fullmatch(reference)
    if found is None:
        raise ValueError(f"no cell: {reference}")
    column = 0
    for letter in found[1].upper():
        column = column * 26 + ord(letter) - 64
    return int(found[2]) - 1, column - 1


def letters(column: int) -> str:
    """The letters of a column, from 0: 0 → A, 27 → AB."""
    out, left = "", column + 1
    while left:
        left, digit = divmod(left - 1, 26)
        out = chr(65 + digit) + out
    return out
