"""A file of rows: what a spreadsheet reads of it is what was written, as the type it was."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal

import openpyxl
import pytest

from qmg_dash.exports import sheet

HEADER = ("编号", "日期", "金额", "说明", "是否")
ROWS = [
    ("Z1", date(2023, 2, 28), Decimal("12.30"), "=1+1", "是"),
    ("Z2", None, 0, " 前后有空格 \n<b>&\"'", None),
    ("Z3", date(1999, 12, 31), -1.5, "http://a.b/\x00\x1b", "否"),
]
NOTES = (("单位名称", "=甲镇"), ("搜索", "垃圾"))


def test_a_workbook_holds_the_rows_as_they_are():
    made = sheet.to_xlsx(HEADER, ROWS, NOTES)
    for lazily in (False, True):
        book = openpyxl.load_workbook(io.BytesIO(made), read_only=lazily)
        found = [[c.value for c in line] for line in book["明细"].iter_rows()]
        assert found[0] == list(HEADER)
        assert found[1] == ["Z1", found[1][1], 12.3, "=1+1", "是"]
        assert [r[1] and r[1].date() for r in found[1:]] == [ROWS[0][1], None, ROWS[2][1]]
        assert found[2][2:4] == [0, " 前后有空格 \n<b>&\"'"]
        assert found[3][2:] == [-1.5, "http://a.b/", "否"], "what no XML can hold is left out"
        assert [[c.value for c in line] for line in book["说明"].iter_rows()] == [
            list(n) for n in NOTES
        ]
    book = openpyxl.load_workbook(io.BytesIO(made))
    assert book["明细"].freeze_panes == "A2"
    assert book["明细"].column_dimensions["D"].width > 10


def test_a_workbook_without_rows_has_its_header():
    book = openpyxl.load_workbook(io.BytesIO(sheet.to_xlsx(HEADER, [], NOTES)))
    assert [c.value for c in book["明细"][1]] == list(HEADER)


@pytest.mark.parametrize("text", ["=1+1", "＋1", "@a"])
def test_text_that_a_spreadsheet_would_run_is_made_safe_in_csv(text: str):
    read = list(csv.reader(io.StringIO(sheet.to_csv(["甲"], [[text]]).decode("utf-8-sig"))))
    assert read == [["甲"], [f"'{text}"]]
