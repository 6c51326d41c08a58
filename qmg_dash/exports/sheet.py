"""Rows as a file that Excel and WPS open right: CSV with a BOM, or a workbook."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import xlsxwriter

from qmg_dash import fmt
from qmg_dash.characters import writable

Notes = Sequence[tuple[str, str]]
"""What must travel with the rows: town, period, nature, data version, filters."""

WIDEST = 40
LOOKED_AT = 1000
"""Rows that decide upon a column's width."""


def to_csv(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """CSV in UTF-8 with a BOM. Text that a spreadsheet would run is made safe; numbers and dates
    are untouched, an empty cell stays empty."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([fmt.csv_cell(h) for h in header])
    for row in rows:
        writer.writerow(["" if c is None else fmt.csv_cell(c) for c in row])
    return ("\ufeff" + out.getvalue()).encode("utf-8")


def to_xlsx(header: Sequence[str], rows: Iterable[Sequence[Any]], notes: Notes) -> bytes:
    """A workbook: the rows on the first sheet, the notes on the second. Text is written as text,
    so that nothing in it is ever a formula or a link."""
    rows = list(rows)
    out = io.BytesIO()
    settings = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, settings) as book:
        head = book.add_format({"bold": True, "bottom": 1})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet = book.add_worksheet("明细")
        for i, name in enumerate(header):
            sheet.write_string(0, i, writable(name), head)
        for n, row in enumerate(rows, 1):
            for i, cell in enumerate(row):
                _write(sheet, n, i, cell, day)
        for i, width in enumerate(_widths(header, rows)):
            sheet.set_column(i, i, width)
        sheet.freeze_panes(1, 0)
        about = book.add_worksheet("说明")
        about.set_column(0, 0, 14)
        about.set_column(1, 1, 60)
        for n, (name, said) in enumerate(notes):
            about.write_string(n, 0, writable(name), head)
            about.write_string(n, 1, writable(said))
    return out.getvalue()


def _widths(header: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[int]:
    """A width for each column, by its header and its first rows."""
    columns = zip(*rows[:LOOKED_AT], strict=True) if rows else [()] * len(header)
    longest = (max((len(str(c)) for c in cells if c is not None), default=0) for cells in columns)
    return [max(len(h) * 2, min(WIDEST, n + 2)) for h, n in zip(header, longest, strict=True)]


def _write(sheet: Any, row: int, column: int, cell: Any, day: Any) -> None:
    if cell is None:
        return
    if isinstance(cell, date):
        sheet.write_datetime(row, column, cell, day)
    elif isinstance(cell, int | float | Decimal) and not isinstance(cell, bool):
        sheet.write_number(row, column, cell)
    else:
        sheet.write_string(row, column, writable(str(cell)))
