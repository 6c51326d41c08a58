"""Inside an .xls or .et: what calamine does not tell of it. Errors come from it as empty cells,
numbers and texts without the format that shows them, and it does not say from which year days are
counted.

Such a file is a compound file ([MS-CFB]: a small file system) that holds one stream of records
([MS-XLS] and its forerunner of Excel 95): a kind, a length, the content. Only the records are looked
at that change what a cell says. Broken content raises ValueError or struct.error.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from qmg_dash.intake import number_formats

_NONE = 0xFFFFFFFA
"""Sector numbers from here on are no sectors but marks (the end of a chain, …)."""
_DIRECTORY_ENTRY, _STREAM, _ROOT = 128, 2, 5
_NAMES = ("Workbook", "Book")
"""The stream of Excel 97 and later, of Excel 95; WPS writes the former."""


class Locked(Exception):
    """The file has a password."""


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


# ---------------------------------------------------------------- the compound file


class _Compound:
    def __init__(self, data: bytes):
        (shift,) = struct.unpack_from("<H", data, 30)
        if shift not in (9, 12):
            raise ValueError("no compound file")
        self.data, self.sector = data, 1 << shift
        directory, _, self.cutoff, small, _, more = struct.unpack_from("<6I", data, 48)
        self.table = self._table(more)
        entries = self._chain(directory)
        self.entries = [
            entries[at : at + _DIRECTORY_ENTRY] for at in range(0, len(entries), _DIRECTORY_ENTRY)
        ]
        kept = self._chain(small) if small < _NONE else b""
        self.small_table = struct.unpack(f"<{len(kept) // 4}I", kept[: len(kept) // 4 * 4])

    def _at(self, number: int) -> bytes:
        start = (number + 1) * self.sector
        return self.data[start : start + self.sector]

    def _table(self, more: int) -> tuple[int, ...]:
        """Which sector follows which."""
        parts = list(struct.unpack_from("<109I", self.data, 76))
        per = self.sector // 4
        for _ in range(len(self.data) // self.sector):
            if more >= _NONE:
                break
            *listed, more = struct.unpack(f"<{per}I", self._at(more))
            parts += listed
        joined = b"".join(self._at(n) for n in parts if n < _NONE)
        return struct.unpack(f"<{len(joined) // 4}I", joined[: len(joined) // 4 * 4])

    def _chain(self, start: int) -> bytes:
        return b"".join(self._at(n) for n in _followed(start, self.table))

    def stream(self, name: str) -> bytes | None:
        """The content of a stream, None where there is none of that name."""
        wanted = name.encode("utf-16-le")
        for entry in self.entries:
            (length,) = struct.unpack_from("<H", entry, 64)
            if entry[66] == _STREAM and entry[: max(0, length - 2)] == wanted:
                start, size = struct.unpack_from("<II", entry, 116)
                return self._content(start, size)
        return None

    def _content(self, start: int, size: int) -> bytes:
        if size >= self.cutoff:
            return self._chain(start)[:size]
        root = next(e for e in self.entries if e[66] == _ROOT)
        small = self._chain(*struct.unpack_from("<I", root, 116))
        parts = (small[n * 64 : n * 64 + 64] for n in _followed(start, self.small_table))
        return b"".join(parts)[:size]


def _followed(start: int, table: tuple[int, ...]) -> Iterator[int]:
    """The sectors of a chain; one that runs in a circle ends."""
    for _ in table:
        if start >= _NONE:
            return
        yield start
        start = table[start] if start < len(table) else _NONE


# ---------------------------------------------------------------- the records

_BOF, _EOF, _SHEET, _DATES, _FORMAT, _XF, _PASSWORD = 0x809, 0x0A, 0x85, 0x22, 0x41E, 0xE0, 0x2F
_NUMBER, _RK, _MANY, _FORMULA, _ERROR = 0x203, 0x27E, 0xBD, 0x06, 0x205
_SHARED_TEXT, _TEXT, _RICH_TEXT = 0xFD, 0x204, 0xD6
_CELLS = frozenset((_NUMBER, _RK, _MANY, _FORMULA, _ERROR, _SHARED_TEXT, _TEXT, _RICH_TEXT))
_NEWEST = 0x600
_SAID = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
}
OTHER_ERROR = "#错误值"


def look(data: bytes) -> Inside:
    """What a file's cells show that calamine does not tell. Raises Locked."""
    compound = _Compound(data)
    stream = next((s for name in _NAMES if (s := compound.stream(name)) is not None), None)
    if stream is None:
        raise ValueError("no workbook in it")
    out, formats, styles, sheets = Inside(), {}, [], []
    newest = struct.unpack_from("<H", stream, 4)[0] == _NEWEST
    for kind, at, size in _records(stream, 0):
        if kind == _PASSWORD:
            raise Locked
        if kind == _DATES:
            out.since_1904 = stream[at] == 1
        elif kind == _SHEET:
            sheets.append(struct.unpack_from("<I", stream, at)[0])
        elif kind == _FORMAT:
            number, text = _format(stream[at : at + size], newest)
            formats[number] = text
        elif kind == _XF:
            styles.append(struct.unpack_from("<H", stream, at + 2)[0])
    shown = [number_formats.by_number(number, formats) for number in styles]
    out.odd = [_odd(stream, start, shown) for start in sheets]
    return out


def _records(stream: bytes, at: int) -> Iterator[tuple[int, int, int]]:
    """(kind, place of the content, its size) of the records of a part: from its beginning to its
    end, with the parts inside it (a chart on a sheet)."""
    head, depth = struct.Struct("<HH"), 0
    while at + 4 <= len(stream):
        kind, size = head.unpack_from(stream, at)
        yield kind, at + 4, size
        depth += (kind == _BOF) - (kind == _EOF)
        if not depth:
            return
        at += 4 + size


def _format(content: bytes, newest: bool) -> tuple[int, str]:
    """(number, text) of a number format: the text is one of bytes, or since Excel 97 of either."""
    number, length = struct.unpack_from("<HB", content)
    if newest and content[4] & 1:
        return number, content[5 : 5 + 2 * length].decode("utf-16-le", "replace")
    start = 5 if newest else 3
    return number, content[start : start + length].decode("latin-1")


def _odd(stream: bytes, start: int, formats: list[str]) -> Iterator[Odd]:
    """The cells of a sheet with an error, or with a number or a text in a format of its own."""
    depth = 0
    for kind, at, size in _records(stream, start):
        depth += (kind == _BOF) - (kind == _EOF)
        if kind not in _CELLS or depth > 1:
            continue
        row, column = struct.unpack_from("<2H", stream, at)
        if error := _error(stream, kind, at):
            yield Odd(row, column, error)
            continue
        for n in range((size - 6) // 6 if kind == _MANY else 1):
            (style,) = struct.unpack_from("<H", stream, at + 4 + 6 * n)
            if style < len(formats) and formats[style]:
                yield Odd(row, column + n, format=formats[style])


def _error(stream: bytes, kind: int, at: int) -> str:
    """The error that a cell shows, its own or its formula's; empty where it shows none."""
    if kind == _ERROR and stream[at + 7]:
        return _SAID.get(stream[at + 6], OTHER_ERROR)
    if kind == _FORMULA and stream[at + 12 : at + 14] == b"\xff\xff" and stream[at + 6] == 2:
        return _SAID.get(stream[at + 8], OTHER_ERROR)
    return ""
