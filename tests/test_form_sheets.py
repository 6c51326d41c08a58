"""The disclosure form's tables 2 to 4, as a report has them in Excel or Word, go into reported.csv: each
cell by the names of its row and column, blank ones not at all."""

from __future__ import annotations

import io
from decimal import Decimal
from pathlib import Path

import docx
import folders
import openpyxl
import pytest
from sending import kept, notes

from qmg_dash.figures.forms import DISCLOSURE_2019, DISCLOSURE_2021, Form, Grid
from qmg_dash.figures.identities import Key
from qmg_dash.intake import apart, sheets
from qmg_dash.intake.plan import Plan, Sent, make, publish

FORMS = (DISCLOSURE_2021, DISCLOSURE_2019)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return folders.town(tmp_path / "town")


@pytest.fixture(autouse=True)
def _in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "read", sheets.read)


def figures(form: Form) -> dict[Key, str]:
    """A number for each place; of every seventh none. Fees are in 万元, with decimals."""
    told = {key: str(n % 9) for n, key in enumerate(form.keys) if n % 7}
    return told | {("disclosure.t2.fees", ""): "1.25"} if form is DISCLOSURE_2021 else told


def in_excel(form: Form, told: dict[Key, str], together: bool, merged: bool = True) -> bytes:
    """The tables one below the other on a sheet, or a sheet each."""
    book = openpyxl.Workbook()
    sheet, top = book.active, 1
    sheet.append(["某镇2023年政府信息公开工作年度报告"])
    for n, grid in enumerate(form.grids):
        if n and not together:
            sheet, top = book.create_sheet(), 1
            sheet.append(["某镇2023年政府信息公开工作年度报告"])
        sheet.cell(top + 1, 1).value = grid.title
        for at in grid.placed():
            row, column = top + 2 + at.row, at.column + 1
            text = told.get(at.box.key, "") if at.box.key else at.box.text
            number = at.box.key and text
            sheet.cell(row, column).value = float(text) if number else text or None
            if merged and (at.box.across > 1 or at.box.down > 1):
                last = row + at.box.down - 1, column + at.box.across - 1
                sheet.merge_cells(
                    start_row=row, start_column=column, end_row=last[0], end_column=last[1]
                )
        top += 3 + len(grid.rows)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def in_word(form: Form, told: dict[Key, str]) -> bytes:
    """A report as it is published: words, and the tables among them."""
    document = docx.Document()
    document.add_paragraph("某镇2023年政府信息公开工作年度报告")
    document.add_paragraph("一、总体情况。2022年以来……")
    for grid in form.grids:
        document.add_paragraph(grid.title)
        _word_table(document, grid, told)
    document.add_paragraph("五、存在的主要问题及改进情况")
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _word_table(document: docx.document.Document, grid: Grid, told: dict[Key, str]) -> None:
    table = document.add_table(len(grid.rows), len(grid.widths))
    for at in grid.placed():
        cell = table.cell(at.row, at.column)
        if at.box.across > 1 or at.box.down > 1:
            cell = cell.merge(table.cell(at.row + at.box.down - 1, at.column + at.box.across - 1))
        cell.text = told.get(at.box.key, "") if at.box.key else at.box.text


def imported(folder: Path, name: str, data: bytes) -> Plan:
    plan = make([Sent(name, data)], folder)
    assert not plan.problems and not plan.answers.open, [p.fault.message for p in plan.problems]
    assert publish(plan, "经办", "年报")
    assert not make(plan.sent, folder).changes
    return plan


def reported(folder: Path) -> dict[Key, Decimal]:
    rows = kept(folder, "reported.csv")
    assert {r["年度"] for r in rows} == {"2023"}
    return {(r["指标"], r["维度"]): Decimal(r["数值"]) for r in rows}


@pytest.mark.parametrize("form", FORMS, ids=lambda f: f.id)
@pytest.mark.parametrize("how", ["together", "a sheet each", "without merged cells", "in Word"])
def test_every_cell_of_the_form_comes_in_and_a_blank_one_does_not(
    folder: Path, form: Form, how: str
):
    told = figures(form)
    if how == "in Word":
        plan = imported(folder, "年报.docx", in_word(form, told))
    else:
        merged = how != "without merged cells"
        plan = imported(folder, "年报.xlsx", in_excel(form, told, how != "a sheet each", merged))
    version = {("disclosure.form", ""): Decimal(form.id[-4:])}
    assert reported(folder) == {k: Decimal(v) for k, v in told.items()} | version
    assert f"空白 {len(form.keys) - len(told)} 格" in notes(plan) or how in (
        "a sheet each",
        "in Word",
    )


def test_fees_stay_in_their_unit_and_a_cell_says_where_it_comes_from(folder: Path):
    imported(folder, "年报.xlsx", in_excel(DISCLOSURE_2021, figures(DISCLOSURE_2021), True))
    rows = {(r["指标"], r["维度"]): r for r in kept(folder, "reported.csv")}
    assert rows["disclosure.t2.fees", ""]["单位"] == "万元"
    row = rows["disclosure.t3.refused.1", "自然人"]
    assert row["来源"] == "《政府信息公开工作年度报告》"
    assert row["位置"] == "三、收到和处理政府信息公开申请情况，1.属于国家秘密，自然人"


def changed(data: bytes, sheet: int, changes: dict[str, object]) -> bytes:
    """A workbook with other cells: by what they say, or where they stand."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    for cell in (c for row in book.worksheets[sheet].iter_rows() for c in row):
        for said in (cell.coordinate, cell.value):
            if isinstance(said, str) and said in changes:
                cell.value = changes[said]
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_an_amount_is_in_the_unit_that_its_column_says(folder: Path):
    """1.25 under 元 is no 1.25 万元."""
    data = in_excel(DISCLOSURE_2021, figures(DISCLOSURE_2021), together=True)
    data = changed(data, 0, {"本年收费金额（单位：万元）": "本年收费金额（单位：元）"})
    imported(folder, "年报.xlsx", data)
    rows = {(r["指标"], r["维度"]): r for r in kept(folder, "reported.csv")}
    assert rows["disclosure.t2.fees", ""]["单位"] == "元"


FEES = "本年收费金额（单位：万元）"
AMOUNTS = {
    "in its head": (FEES, "", 1.25, "", ""),
    "yuan in its head": ("本年收费金额（元）", "（单位：万元）", 12500, "", ""),
    "in the cell": (FEES, "", "12500元", "", ""),
    "in the cell, under none": ("本年收费金额", "", "1.25万元", "", ""),
    "by number format": (FEES, "", 12500, '0!.0,"万元"', ""),
    "yuan by number format": (FEES, "", 12500, '0"元"', ""),
    "above": ("本年收费金额", "（单位：元）", 12500, "", ""),
    "above, in the cell": ("本年收费金额", "（单位：元）", "1.25万元", "", ""),
    "nowhere": ("本年收费金额", "", 12500, "", "元"),
    "a remark alone": ("本年收费金额（实收）", "", 1.25, "", "万元"),
}
"""The head of the fees, what stands in the row above, the cell, its number format, and what is
answered: all are 12500 yuan."""


def fees(head: str, over: str, cell: object, code: str) -> bytes:
    data = in_excel(DISCLOSURE_2021, figures(DISCLOSURE_2021), together=True)
    book = openpyxl.load_workbook(io.BytesIO(data))
    (at,) = (c for row in book.active.iter_rows() for c in row if c.value == FEES)
    at.value = head
    book.active.cell(at.row - 1, 1).value += over
    amount = book.active.cell(at.row + 1, at.column)
    amount.value, amount.number_format = cell, code or "General"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("where", AMOUNTS)
def test_an_amount_is_in_the_unit_that_is_written_nearest(folder: Path, where: str):
    *written, answer = AMOUNTS[where]
    sent = [Sent("年报.xlsx", fees(*written))]
    keys = [q.key for q in make(sent, folder).answers.open]
    assert len(keys) == bool(answer) and all(k.startswith("本年收费金额") for k in keys)
    plan = make(sent, folder, answers=dict.fromkeys(keys, answer))
    assert not plan.problems and publish(plan, "经办", "年报")
    (row,) = (r for r in kept(folder, "reported.csv") if r["指标"] == "disclosure.t2.fees")
    assert Decimal(row["数值"]) * {"元": 1, "万元": 10_000}[row["单位"]] == 12500


@pytest.mark.parametrize(
    ("head", "over", "cell"),
    [
        ("本年收费金额", "（单位：元/万元）", 1),
        ("本年收费金额", "单位：美元", 1),
        (FEES, "", "3件"),
        (FEES, "", "12500美元"),
    ],
)
def test_an_amount_in_no_one_unit_is_refused(folder: Path, head: str, over: str, cell: object):
    plan = make([Sent("年报.xlsx", fees(head, over, cell, ""))], folder)
    assert plan.problems and not plan.answers.open


def test_the_amount_of_the_former_form_has_no_unit_in_print_and_is_asked_for(folder: Path):
    told = figures(DISCLOSURE_2019) | {("disclosure.t2_2019.政府集中采购", "采购总金额"): "3"}
    sent = [Sent("年报.xlsx", in_excel(DISCLOSURE_2019, told, together=True))]
    assert [q.key for q in make(sent, folder).answers.open] == ["采购总金额的单位"]
    plan = make(sent, folder, answers={"采购总金额的单位": "万元"})
    assert not plan.refused and publish(plan, "经办", "年报")
    rows = {(r["指标"], r["维度"]): r for r in kept(folder, "reported.csv")}
    assert rows["disclosure.t2_2019.政府集中采购", "采购总金额"]["单位"] == "万元"


def test_a_table_4_that_is_not_filled_in_keeps_nothing_back(folder: Path):
    told = {k: v for k, v in figures(DISCLOSURE_2021).items() if ".t4." not in k[0]}
    for together in (True, False):
        plan = make([Sent("年报.xlsx", in_excel(DISCLOSURE_2021, told, together))], folder)
        assert not plan.problems, [p.fault.message for p in plan.problems]
        assert len(plan.differences[0].new) == len(told) + 1


def test_two_numbers_under_one_head_are_refused(folder: Path):
    told = figures(DISCLOSURE_2021) | {("disclosure.t2.permits", ""): "12"}
    book = openpyxl.load_workbook(io.BytesIO(in_excel(DISCLOSURE_2021, told, together=True)))
    (row,) = (c.row for line in book.active.iter_rows() for c in line if c.value == "行政许可")
    book.active.unmerge_cells(start_row=row, start_column=2, end_row=row, end_column=4)
    book.active.cell(row, 3).value = 3
    out = io.BytesIO()
    book.save(out)
    plan = make([Sent("年报.xlsx", out.getvalue())], folder)
    assert [(p.place.cell, p.fault.column) for p in plan.problems] == [(f"B{row}", "数值")]


def test_of_a_table_that_is_there_in_part_what_is_missing_is_told(folder: Path):
    data = in_excel(DISCLOSURE_2021, figures(DISCLOSURE_2021), together=False)
    book = openpyxl.load_workbook(io.BytesIO(data))
    sheet = book.worksheets[1]
    (row,) = (
        c.row for line in sheet.iter_rows() for c in line if c.value == "1.信访举报投诉类申请"
    )
    for cell in sheet[row]:
        if cell.value == "1.信访举报投诉类申请":
            cell.value = "信访类"
    out = io.BytesIO()
    book.save(out)
    plan = make([Sent("年报.xlsx", out.getvalue())], folder)
    assert [p.fault.rule for p in plan.problems] == ["缺列"]
    assert "1.信访举报投诉类申请" in plan.problems[0].fault.message


def test_of_table_4_a_column_that_is_missing_is_told(folder: Path):
    data = in_excel(DISCLOSURE_2021, figures(DISCLOSURE_2021), together=True)
    book = openpyxl.load_workbook(io.BytesIO(data))
    last = [c for row in book.active.iter_rows() for c in row if c.value == "尚未\n审结"][-1]
    last.value = "未审结"
    out = io.BytesIO()
    book.save(out)
    (problem,) = make([Sent("年报.xlsx", out.getvalue())], folder).problems
    assert "“四、政府信息公开行政复议、行政诉讼情况”缺少“列名：结果维持、" in problem.fault.message


def test_a_cell_that_is_no_number_is_refused_at_its_place(folder: Path):
    told = figures(DISCLOSURE_2021) | {("disclosure.t3.new", "自然人"): "3"}
    data = in_excel(DISCLOSURE_2021, told, together=False)
    book = openpyxl.load_workbook(io.BytesIO(data))
    (cell,) = (c for row in book.worksheets[1].iter_rows() for c in row if c.coordinate == "D6")
    cell.value = "若干"
    out = io.BytesIO()
    book.save(out)
    plan = make([Sent("年报.xlsx", out.getvalue())], folder)
    assert [(p.place.cell, p.fault.column) for p in plan.problems] == [("D6", "数值")]


def test_a_form_without_its_year_asks_for_it_once(folder: Path):
    data = in_excel(DISCLOSURE_2021, figures(DISCLOSURE_2021), together=False)
    book = openpyxl.load_workbook(io.BytesIO(data))
    for sheet in book.worksheets:
        sheet["A1"].value = "年度报告"
    out = io.BytesIO()
    book.save(out)
    plan = make([Sent("年报.xlsx", out.getvalue())], folder)
    assert [q.key for q in plan.answers.open] == ["年度"]
    plan = make([Sent("年报.xlsx", out.getvalue())], folder, answers={"年度": "2023"})
    assert not plan.refused and len(plan.differences[0].new) > 100
