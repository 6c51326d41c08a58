"""A sent file's bytes as sheets of cells: .xlsx, .xls, .et, .csv, told apart by content.

Runs in a process of its own (worker.py): what comes in is anyone's. Nothing is computed, no
macro, formula or link is followed: a formula counts with the value that was saved with it.
"""

from __future__ import annotations

import csv
import datetime
import io
import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple
from xml.etree import ElementTree
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile, ZipInfo

import python_calamine as calamine

from qmg_dash.decoding import Unusable, decode, separated
from qmg_dash.intake import biff
from qmg_dash.intake.biff import Inside

UNPACKED = 400 << 20
"""Bytes that a workbook may unpack to."""
CELLS = 8_000_000
"""Cells of a sheet, empty ones counted, up to its last one."""
PRECISE = 10**15
"""Beyond, a spreadsheet has rounded the last digits away."""

TEXT, NUMBER, DATE, BOOL, PERCENT, ERROR, FORMULA = "", "n", "d", "b", "p", "e", "f"
XLSX, XLS, CSV = "xlsx", "xls", "csv"

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LOCKED = "文件有打开密码：请在 Excel 或 WPS 中取消密码后再发"
_BROKEN = "读不出来，文件可能已损坏：请在 Excel 或 WPS 中打开后另存为 .xlsx"
_WEB = (b"<html", b"<!doctype", b"<table", b"<?xml", b"mime-version")


class Cell(NamedTuple):
    """A cell as written. `kind` says what the spreadsheet took it for."""

    text: str = ""
    kind: str = TEXT


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
        """As JSON says it: a text cell is a string, another one [kind, text]."""
        return {
            "kind": self.kind,
            "serials": self.serials,
            "sheets": [
                {
                    "name": s.name,
                    "hidden": s.hidden,
                    "merged": s.merged,
                    "rows": [
                        [c.text if c.kind == TEXT else [c.kind, c.text] for c in r] for r in s.rows
                    ],
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
                [
                    [Cell(c) if isinstance(c, str) else Cell(c[1], c[0]) for c in r]
                    for r in s["rows"]
                ],
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
        return _workbook(data, XLSX, _look_inside(data))
    if data.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise Unusable("密码", _LOCKED)
        return _workbook(data, XLS, _look_inside_xls(data))
    if data[:200].lstrip(b"\xef\xbb\xbf \r\n\t").lower().startswith(_WEB):
        raise Unusable("文件", "这是网页格式，只是扩展名像表格：请在 Excel 或 WPS 中另存为 .xlsx")
    return Book(CSV, (Sheet("", [[Cell(c) for c in row] for row in csv_rows(data)]),))


# ---------------------------------------------------------------- CSV


def csv_rows(data: bytes) -> Iterator[list[str]]:
    """The records of a CSV in any usual encoding. Raises Unusable."""
    separator, data = separated(decode(data))
    text = data.decode()
    if "\0" in text:
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


def _workbook(data: bytes, kind: str, inside: Inside) -> Book:
    try:
        with calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            sheets = tuple(
                _sheet(book, m, odd)
                for m, odd in zip(book.sheets_metadata, inside.odd, strict=True)
                if m.typ == calamine.SheetTypeEnum.WorkSheet
            )
    except calamine.PasswordError as e:
        raise Unusable("密码", _LOCKED) from e
    except (calamine.CalamineError, OSError, ValueError) as e:
        raise Unusable("文件损坏", _BROKEN) from e
    return Book(kind, sheets, serials=not inside.since_1904)


def _sheet(book: Any, about: Any, odd: dict[tuple[int, int], str]) -> Sheet:
    hidden = about.visible != calamine.SheetVisibleEnum.Visible
    if hidden:
        return Sheet(about.name, [], True)
    sheet = book.get_sheet_by_name(about.name)
    if sheet.total_height * sheet.total_width > CELLS:
        message = (
            f"工作表“{about.name}”太大，或在很远的单元格里有内容：请删去多余的行列，或分几次导入"
        )
        raise Unusable("太大", message)
    rows = [_cells(row) for row in sheet.to_python(skip_empty_area=False)]
    for (row, column), said in odd.items():
        _amend(rows, row, column, said)
    merged = tuple((r1, c1, r2, c2) for (r1, c1), (r2, c2) in sheet.merged_cell_ranges or ())
    return Sheet(about.name, rows, merged=merged)


def _cells(row: list[Any]) -> list[Cell]:
    """A row up to its last filled cell: one far cell makes every row as wide."""
    filled = len(row)
    while filled and row[filled - 1] == "":
        filled -= 1
    return [_cell(value) for value in row[:filled]]


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
    return Cell(str(value))


def _number(value: int | float) -> str:
    """A number as a clerk would write it; what has lost digits reads as the spoilt one it is."""
    if abs(value) >= PRECISE:
        return f"{value:.14E}"
    if value == int(value):
        return str(int(value))
    return f"{Decimal(repr(value)):f}"


def _amend(rows: list[list[Cell]], row: int, column: int, said: str) -> None:
    """What the spreadsheet shows in a cell, where that is not its bare value."""
    if said == FORMULA or said.startswith("#"):
        rows += [[] for _ in range(row + 1 - len(rows))]
        rows[row] += [Cell()] * (column + 1 - len(rows[row]))
        rows[row][column] = Cell("公式", FORMULA) if said == FORMULA else Cell(said, ERROR)
        return
    if row >= len(rows) or column >= len(rows[row]):
        return
    cell = rows[row][column]
    if cell.kind != NUMBER:
        return
    if said == PERCENT:
        rows[row][column] = Cell(f"{(Decimal(cell.text) * 100).normalize():f}%", PERCENT)
    elif cell.text.isdigit():
        rows[row][column] = Cell(cell.text.zfill(int(said)), NUMBER)


_NO_DIGITS = re.compile(r'"[^"]*"|\\.|_.|\[[^\]]*\]')
"""What of a number format is text, space, colour or condition."""


def shows(code: str) -> str:
    """What a number format makes of a number: PERCENT, how many digits it pads with zeros, or
    nothing that changes what the number says."""
    if "%" in _NO_DIGITS.sub("", code.partition(";")[0]):
        return PERCENT
    return str(len(code)) if len(code) > 1 and not code.strip("0") else ""


# ---------------------------------------------------------------- inside an .xls


def _look_inside_xls(data: bytes) -> Inside:
    try:
        return biff.look(data, shows)
    except biff.Locked as e:
        raise Unusable("密码", _LOCKED) from e
    except (ValueError, IndexError, struct.error, StopIteration) as e:
        raise Unusable("文件损坏", _BROKEN) from e


# ---------------------------------------------------------------- inside an .xlsx


def _look_inside(data: bytes) -> Inside:
    """Check an .xlsx before it is parsed (what it unpacks to, whether it is one), then its cells'
    oddities. Raises Unusable."""
    try:
        with ZipFile(io.BytesIO(data)) as packed:
            _weigh(data, packed)
            return _inside(packed)
    except (BadZipFile, zlib.error, NotImplementedError, EOFError, KeyError) as e:
        raise Unusable("文件损坏", "压缩内容已损坏：请在 Excel 或 WPS 中打开后另存为 .xlsx") from e
    except (ElementTree.ParseError, expat.ExpatError, ValueError) as e:
        raise Unusable(
            "文件损坏", "工作簿内容已损坏：请在 Excel 或 WPS 中打开后另存为 .xlsx"
        ) from e
    except RuntimeError as e:  # zipfile: an entry with a password
        raise Unusable("密码", "压缩内容有密码：请取消密码后再发") from e


def _weigh(data: bytes, packed: ZipFile) -> None:
    """Unpack everything once, keeping nothing: what the directory says may be a lie."""
    if "xl/workbook.xml" not in packed.namelist():
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
        part = targets.get(number)
        there = part in packed.namelist()
        out.odd.append(_odd_cells(packed.read(part), formats) if there else {})
    return out


def _targets(packed: ZipFile) -> dict[str, str]:
    """The part of each relation of the workbook."""
    name = "xl/_rels/workbook.xml.rels"
    if name not in packed.namelist():
        return {}
    found = ElementTree.fromstring(packed.read(name))
    targets = {r.get("Id", ""): r.get("Target", "") for r in found}
    return {i: t.lstrip("/") if t.startswith("/") else f"xl/{t}" for i, t in targets.items()}


def _formats(packed: ZipFile) -> dict[str, str]:
    """What the styles (by number, as cells name them) show of a number: see `shows`."""
    if "xl/styles.xml" not in packed.namelist():
        return {}
    styles = ElementTree.fromstring(packed.read("xl/styles.xml"))
    codes = {str(n): code for n, code in biff.BUILT_IN.items()}
    own = styles.findall("{*}numFmts/{*}numFmt")
    codes |= {f.get("numFmtId", ""): f.get("formatCode", "") for f in own}
    cells = styles.findall("{*}cellXfs/{*}xf")
    said = (shows(codes.get(style.get("numFmtId", ""), "")) for style in cells)
    return {str(number): text for number, text in enumerate(said) if text}


_ODD = re.compile(rb"<(\w+:)?f[ >/]|t=[\"']e[\"']")


def _odd_cells(xml: bytes, formats: dict[str, str]) -> dict[tuple[int, int], str]:
    """The cells of a sheet that show something else than their value."""
    if not formats and not _ODD.search(xml):
        return {}
    reading = _Cells(formats)
    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = reading.start, reading.end
    parser.CharacterDataHandler = reading.text
    parser.Parse(xml, True)
    return reading.odd


class _Cells:
    """Follows the elements of a sheet: <c r= s= t=><f>…</f><v>…</v></c>."""

    def __init__(self, formats: dict[str, str]):
        self.formats, self.odd = formats, {}
        self.cell: dict[str, str] = {}
        self.formula = self.in_value = False
        self.value = ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        name = name.rpartition(":")[2]
        if name == "c":
            self.cell, self.formula, self.value = attributes, False, ""
        self.formula |= name == "f"
        self.in_value = name == "v"

    def text(self, text: str) -> None:
        if self.in_value:
            self.value += text

    def end(self, name: str) -> None:
        self.in_value = False
        if name.rpartition(":")[2] != "c" or "r" not in self.cell:
            return
        kind = self.cell.get("t", "n")
        said = ""
        if kind == "e":
            said = self.value if self.value.startswith("#") else biff.OTHER_ERROR
        elif self.formula and not self.value and kind != "str":
            said = FORMULA
        elif self.value and kind == "n":
            said = self.formats.get(self.cell.get("s", ""), "")
        if said:
            self.odd[place(self.cell["r"])] = said


def place(reference: str) -> tuple[int, int]:
    """(row, column) from 0 of a reference like AB12."""
    letters = reference.rstrip("0123456789")
    column = 0
    for letter in letters.upper():
        column = column * 26 + ord(letter) - 64
    return int(reference[len(letters) :]) - 1, column - 1


def letters(column: int) -> str:
    """The letters of a column, from 0: 0 → A, 27 → AB."""
    out, left = "", column + 1
    while left:
        left, digit = divmod(left - 1, 26)
        out = chr(65 + digit) + out
    return out
