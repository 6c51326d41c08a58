"""The bytes of a CSV file → rows of text."""

from __future__ import annotations

import csv
import io
import os
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as pa_csv

from qmg_dash.folder import regular
from qmg_dash.folder.cells import WHITE
from qmg_dash.folder.decoding import Unusable as _Unusable
from qmg_dash.folder.decoding import separated
from qmg_dash.folder.headers import match_headers
from qmg_dash.folder.scan import ATTEMPTS, QUIET
from qmg_dash.folder.stat import Stat
from qmg_dash.folder.tally import Tally
from qmg_dash.model import Fault, why
from qmg_dash.tables import Table

RETRY = 1.0
BLOCK = 1 << 24


# ---------------------------------------------------------------- bytes, text, rows


class BeingWritten(_Unusable):
    """The file may still be in the making: look again after `wait` seconds, RETRY where none are
    given."""

    def __init__(self, message: str, file: str = "", wait: float | None = None):
        self.wait = RETRY if wait is None else wait
        super().__init__("正在写入", message, file)


def refuse_other(path: Path) -> None:
    """Where a table should lie there may be something else: a pipe would be waited for. Raises
    _Unusable."""
    if path.is_file() or not os.path.lexists(path):
        return
    try:
        what = regular.what(os.stat(path).st_mode)
    except OSError:
        what = "失效的链接"
    raise _Unusable("读取", f"这是{what}，不是普通文件：请删除它，换成正常的文件")


def file_bytes(path: Path, most: int | None = None) -> bytes:
    """The file's bytes, the same before and after reading; `most` of them at most."""
    refuse_other(path)
    for _ in range(ATTEMPTS):
        try:
            before = Stat.of(path)
            data = regular.read(path, most)
            if Stat.of(path) == before and len(data) == before.size:
                return data
        except FileNotFoundError as e:
            raise BeingWritten("文件刚刚消失，稍后再读") from e
        except regular.Odd as e:
            raise _Unusable("读取", f"{why(e)}：请换成正常的文件") from e
        except OSError as e:
            raise _Unusable("读取", f"打不开（{why(e)}）：请关闭占用它的程序或检查权限") from e
        time.sleep(QUIET / 3)
    raise BeingWritten("读取时文件一直在变，稍后自动再读")


def _header(data: bytes, delimiter: str = "") -> tuple[list[str], int, str]:
    """The header's cells, the record it stands in (from 1), and the delimiter where none is
    named."""
    head = data[: 1 << 18].decode("utf-8", errors="ignore")
    first = next((line for line in head.splitlines() if line.strip(WHITE + ",;")), "")
    delimiter = delimiter or ("," if "," in first else max(",\t;", key=first.count))
    for number, cells in enumerate(_cells(head, delimiter), start=1):
        if any(c.strip(WHITE) for c in cells):
            return cells, number, delimiter
    raise _Unusable("空文件", "文件是空的，连列名也没有：请补上首行列名，或删除这个文件")


def _cells(text: str, delimiter: str) -> Iterator[list[str]]:
    """The records of a small piece of CSV."""
    try:
        yield from csv.reader(io.StringIO(text, newline=None), delimiter=delimiter)
    except csv.Error as e:
        raise _Unusable("格式", f"不是正常的 CSV（{e}）：请用 Excel 或 WPS 重新另存为 CSV") from e


def parse(data: bytes, table: Table, tally: Tally) -> tuple[pa.Table, int]:
    """A CSV (UTF-8) as (rows, how many ragged rows were left out). The rows have the English
    names of the known columns, trimmed texts with NULL for empty, and `_row`; texts are
    dictionaries, so that trimming costs little. Raises _Unusable."""
    named, data = separated(data)
    headers, header_row, delimiter = _header(data, named)
    names = match_headers(table, headers, tally)
    if tally.table_error:
        return pa.table({}), 0
    wanted = [f"c{i}" for i, n in enumerate(names) if n or not headers[i].strip()]
    rows, ragged = _split(data, delimiter, [f"c{i}" for i in range(len(headers))], wanted)
    _refuse_open_quotes(data, delimiter, rows.num_rows + len(ragged))
    kept, rejected = _mend(ragged, header_row, len(headers), delimiter, data, tally)
    rows = rows.slice(_leading(rows, header_row))
    if kept:
        extra = {p: [cells[int(p[1:])] for _, cells in kept] for p in wanted}
        texts = [pa.array(column, pa.string()).dictionary_encode() for column in extra.values()]
        numbers = pa.array([number for number, _ in kept], pa.int64())
        rows = pa.concat_tables([rows, pa.table([*texts, numbers], schema=rows.schema)])
    out, shown = [], []
    for position in wanted:
        column, name = _trimmed(rows.column(position)), names[int(position[1:])]
        if name:
            out.append(column)
            shown.append(name)
        else:
            _note_unnamed(column, int(position[1:]) + 1, tally)
    return pa.table([*out, rows.column("_row")], names=[*shown, "_row"]), rejected


_Ragged = list[tuple[int, str]]


def _split(
    data: bytes, delimiter: str, positions: list[str], wanted: list[str]
) -> tuple[pa.Table, _Ragged]:
    """The rows with the header's number of cells (the header among them) with their record
    numbers, and the others as (record number, text)."""
    ragged: _Ragged = []

    def keep(row: pa_csv.InvalidRow) -> str:
        ragged.append((row.number, row.text or ""))
        return "skip"

    try:
        rows = pa_csv.read_csv(
            pa.BufferReader(data),
            pa_csv.ReadOptions(use_threads=False, block_size=BLOCK, column_names=positions),
            pa_csv.ParseOptions(
                delimiter=delimiter,
                newlines_in_values=True,
                ignore_empty_lines=False,
                invalid_row_handler=keep,
            ),
            pa_csv.ConvertOptions(
                column_types=dict.fromkeys(positions, pa.dictionary(pa.int32(), pa.string())),
                include_columns=wanted,
                null_values=[""],
                strings_can_be_null=True,
            ),
        )
    except pa.ArrowInvalid as e:
        message = "不是正常的 CSV，可能有引号没有成对：请用 Excel 或 WPS 重新另存为 CSV"
        raise _Unusable("格式", message) from e
    skipped = np.array([number for number, _ in ragged], dtype=np.int64)
    numbers = np.delete(np.arange(1, rows.num_rows + len(ragged) + 1), skipped - 1)
    return rows.append_column("_row", pa.array(numbers, pa.int64())), ragged


def _leading(rows: pa.Table, header_row: int) -> int:
    """How many rows lie before the data: the header, and blank ones above it."""
    first = rows.column("_row").slice(0, header_row).to_pylist()
    return sum(number <= header_row for number in first)


def _trimmed(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column of dictionaries with its texts trimmed, empty ones NULL."""
    chunks = []
    for chunk in column.chunks:
        texts = pc.utf8_trim(chunk.dictionary, characters=WHITE)
        indices = chunk.indices
        for empty in pc.indices_nonzero(pc.equal(texts, "")):
            blank = pc.equal(indices, empty.cast(pa.int32()))
            indices = pc.if_else(blank, None, indices)
        chunks.append(pa.DictionaryArray.from_arrays(indices, texts))
    return pa.chunked_array(chunks, type=column.type)


def _refuse_open_quotes(data: bytes, delimiter: str, records: int) -> None:
    """A quote that is never closed swallows the rows behind it, without a complaint. Whatever it
    swallows, some cell has line breaks: only then is the file read again, strictly."""
    lines = data.count(b"\n") or data.count(b"\r")
    if lines + (not data.endswith((b"\n", b"\r"))) <= records:
        return
    text = io.TextIOWrapper(io.BytesIO(data), "utf-8", newline="")
    number = 1
    try:
        for _ in csv.reader(text, delimiter=delimiter, strict=True):
            number += 1
    except csv.Error as e:
        message = f"第 {number} 行有一个引号没有成对，后面的行被它吞掉了：请补上或删去这个引号"
        raise _Unusable("引号", message) from e


def _mend(
    ragged: _Ragged, header_row: int, width: int, delimiter: str, data: bytes, tally: Tally
) -> tuple[list[tuple[int, list[str]]], int]:
    """The rows with another number of cells: those with empty cells too many are kept (cut),
    blank ones ignored, others are faults. Returns (kept, how many were left out)."""
    kept, rejected = [], 0
    for number, text in ragged:
        cells = next(_cells(text, delimiter), [])
        if number <= header_row or not any(c.strip(WHITE) for c in cells):
            continue
        if len(cells) >= width and not any(c.strip(WHITE) for c in cells[width:]):
            kept.append((number, cells[:width]))
        elif len(cells) < width and data.endswith(text.encode()):
            message = f"第 {number} 行只写了一半，文件可能没有保存完：请重新保存"
            tally.whole("末行不完整", message, text[:60])
        else:
            rejected += 1
            mend = "请检查逗号、引号是否多了或少了"
            message = f"这一行有 {len(cells)} 格，列名有 {width} 个：{mend}"
            tally.add(Fault("error", tally.file, number, "", text[:60], "列数", message))
    return kept, rejected


def _note_unnamed(column: pa.ChunkedArray, position: int, tally: Tally) -> None:
    """Cells under an empty header are not read; it is said where there are any."""
    filled = column.drop_null()
    if len(filled):
        message = f"第 {position} 列没有列名，未读取：请补上列名"
        tally.note("未知列", message, filled[0].as_py()[:60])
