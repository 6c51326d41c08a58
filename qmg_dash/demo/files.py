"""Writes frames and rows as the files of a data folder (DATA.md section 1), the same bytes each
time: CSV with a BOM, Chinese headers and CRLF, or Parquet without any metadata of its making.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import BinaryIO, Literal, Self

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from qmg_dash.demo.frame import NONE, Cells, Coded, Frame, to_day
from qmg_dash.tables import NO, YES, Column, Table, table

Format = Literal["csv", "parquet"]
PARTITIONED = "enforcement_actions"
"""The table that is a folder of parts (year=2023/part-0.parquet) in Parquet; others are a file."""

BOM = b"\xef\xbb\xbf"
_PARQUET = {
    "text": pa.string(),
    "int": pa.int32(),
    "number": pa.float64(),
    "bool": pa.bool_(),
    "date": pa.date32(),
}


class Ledgers:
    """The ledger files of a folder, open for more rows. Use as a context manager."""

    def __init__(self, out: Path, fmt: Format):
        self._out, self._fmt = out / "ledgers", fmt
        self._open: dict[tuple[str, int], BinaryIO | pq.ParquetWriter] = {}
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self._out.mkdir(parents=True)
        return self

    def __exit__(self, *exc: object) -> None:
        self._stack.close()

    def write(self, name: str, year: int, frame: Frame) -> None:
        """Add the rows of a frame to a table; `year` says which part where it has parts."""
        spec = table(name)
        if self._fmt == "csv":
            data = _csv_body(spec, frame)
            self._csv_file(spec).write(data)
        else:
            rows = pa.table({c.name: _arrow(frame[c.name], c) for c in spec.columns}, _schema(spec))
            self._parquet_file(spec, year).write_table(rows, row_group_size=len(rows) or 1)

    def _csv_file(self, spec: Table) -> BinaryIO:
        key = (spec.name, 0)
        if key not in self._open:
            file = self._stack.enter_context((self._out / f"{spec.name}.csv").open("wb"))
            file.write(_csv_head(spec))
            self._open[key] = file
        return self._open[key]  # type: ignore[return-value]

    def _parquet_file(self, spec: Table, year: int) -> pq.ParquetWriter:
        part = year if spec.name == PARTITIONED else 0
        if (spec.name, part) not in self._open:
            where = self._out / f"{spec.name}.parquet"
            if part:
                where = self._out / spec.name / f"year={year}" / "part-0.parquet"
                where.parent.mkdir(parents=True)
            self._open[spec.name, part] = self._stack.enter_context(_writer(where, spec))
        return self._open[spec.name, part]  # type: ignore[return-value]


def _writer(where: Path, spec: Table) -> pq.ParquetWriter:
    """Dictionaries for words, dates and small numbers; keys and titles of their own are plain."""
    return pq.ParquetWriter(
        where,
        _schema(spec),
        compression="zstd",
        compression_level=1,
        use_dictionary=[c.name for c in spec.columns if not c.key],
        store_schema=False,
        write_statistics=True,
    )


def _schema(spec: Table) -> pa.Schema:
    return pa.schema([(c.name, _PARQUET[c.type]) for c in spec.columns])


def _arrow(cells: Cells, column: Column) -> pa.Array:
    """A column of a frame as Arrow has it, NONE as null."""
    if isinstance(cells, pa.Array | pa.ChunkedArray):
        return cells
    if isinstance(cells, Coded):
        index = pa.array(cells.index, mask=cells.index == NONE)
        words = pa.array(cells.values, pa.string())
        return pa.DictionaryArray.from_arrays(index, words).cast(pa.string())
    kind = _PARQUET[column.type]
    if column.type == "bool":
        return pa.array(cells == 1, mask=cells == NONE)
    plain = cells.astype(np.float64 if column.type == "number" else np.int32, copy=False)
    return pa.array(plain, mask=cells == NONE).cast(kind)


def _csv_body(spec: Table, frame: Frame) -> bytes:
    """The lines of a frame. No text of the demo needs quotes: the writer refuses one that does."""
    arrays = [_arrow(_worded(frame[c.name], c), c) for c in spec.columns]
    rows = pa.table(arrays, names=[c.header for c in spec.columns])
    sink = io.BytesIO()
    options = pa_csv.WriteOptions(include_header=False, quoting_style="none")
    pa_csv.write_csv(rows, sink, options)
    return sink.getvalue().replace(b"\n", b"\r\n")


def _worded(cells: Cells, column: Column) -> Cells:
    """是 / 否 as words; the other columns as they are."""
    if column.type == "bool" and isinstance(cells, np.ndarray):
        return Coded(np.where(cells == NONE, NONE, 1 - cells).astype(np.int8), (YES, NO))
    return cells


def _csv_head(spec: Table) -> bytes:
    return BOM + ",".join(c.header for c in spec.columns).encode() + b"\r\n"


def frame_of(name: str, rows: Iterable[Mapping[str, object]]) -> Frame:
    """Rows of a table as a frame."""
    spec, rows = table(name), list(rows)
    return {c.name: _cells([row[c.name] for row in rows], c) for c in spec.columns}


def _cells(values: list, column: Column) -> Cells:
    if column.type == "text":
        return pa.array(values, pa.string())
    plain = [NONE if v is None else to_day(v) if isinstance(v, date) else int(v) for v in values]
    return np.array(plain, np.int32)


def write_rows(out: Path, name: str, rows: Iterable[Mapping[str, object]]) -> None:
    """A table that is no ledger, as the CSV at the folder's top."""
    spec = table(name)
    text = io.StringIO(newline="")
    lines = csv.writer(text, lineterminator="\r\n")
    for row in rows:
        lines.writerow([_text(row[c.name]) for c in spec.columns])
    (out / spec.path).write_bytes(_csv_head(spec) + text.getvalue().encode())


def _text(value: object) -> str:
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, date) else str(value)
