"""What clerks send is read as they mean it, or refused with the reason; nothing is guessed."""

from __future__ import annotations

import datetime
import io
import re
import time
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import folders
import openpyxl
import pytest
import sending
import xlwt
from sending import Rows, kept, notes, planned, rules, text, xls, xlsx

from qmg_dash.folder.decoding import Unusable
from qmg_dash.intake import apart, reading, sheets
from qmg_dash.intake.plan import Sent, make, publish
from qmg_dash.intake.sheets import Book, Cell, Sheet, letters
from qmg_dash.intake.vocabulary import match
from qmg_dash.tables import ALIASES, TABLES, Table

HEAD = ("登记编号", "登记日期", "办理状态")
ROW = ("J7", "2023-02-03", "在调")
DISPUTES = "ledgers/disputes.csv"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """青石镇's folder with a few tables: every one costs each test its time."""
    return folders.town(tmp_path / "town", "power_items", "disputes", "goals", "reported")


def imported(folder: Path, data: bytes, name: str = "台账.xlsx") -> list[dict[str, str]]:
    """The rows that an import adds to 矛盾纠纷."""
    plan = planned(folder, data, name)
    assert not plan.problems, plan.problems
    publish(plan)
    return [r for r in kept(folder, DISPUTES) if r["登记编号"] != "J1"]


# ---------------------------------------------------------------- files of other programs

PLAIN: Rows = [HEAD, ["J7", datetime.date(2023, 2, 3), "在调"], ["J8", "2023年3月5日", "调解成功"]]
READ = [("J7", "2023-02-03", "在调"), ("J8", "2023-03-05", "调解成功")]


def triples(rows: list[dict[str, str]]) -> list[tuple[str, ...]]:
    return [tuple(r[h] for h in HEAD) for r in rows]


@pytest.mark.parametrize("name", ["台账.xls", "台账.et"])
def test_a_workbook_of_xlwt_is_read(folder: Path, name: str):
    assert triples(imported(folder, xls(PLAIN), name)) == READ


def test_a_workbook_of_openpyxl_is_read(folder: Path):
    assert triples(imported(folder, xlsx(PLAIN))) == READ


@sending.on_debian
@pytest.mark.parametrize("to", ["xlsx", "xls", "csv:Text - txt - csv (StarCalc):44,34,76"])
def test_a_file_saved_by_libreoffice_is_read(folder: Path, tmp_path: Path, to: str):
    data = sending.converted(xlsx(PLAIN), "xlsx", to, tmp_path)
    assert triples(imported(folder, data, f"台账.{to[:4].split(':')[0]}")) == READ


@sending.on_debian
@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16", "UTF-16LE", "GB18030", "GBK"])
def test_a_csv_of_iconv_is_read(folder: Path, encoding: str):
    data = sending.iconv(text(PLAIN), encoding)
    assert triples(imported(folder, data, "disputes.csv")) == READ


def test_a_csv_with_a_bom_and_semicolons_is_read(folder: Path):
    data = b"\xef\xbb\xbf" + text(PLAIN, ";").encode()
    assert triples(imported(folder, data, "x.csv")) == READ


def test_a_csv_that_names_its_separator_is_read(folder: Path):
    """With one euro sign of Windows in it, and a comma in a cell."""
    rows: Rows = [[*HEAD, "村社区"], [*ROW, "一村,二组 @"]]
    data = ("sep=;\r\n" + text(rows, ";")).encode("gbk").replace(b"@", b"\x80")
    (row,) = imported(folder, data, "x.csv")
    assert triples([row]) == READ[:1] and row["村社区"] == "一村,二组 €"


# ---------------------------------------------------------------- where the header stands


def test_titles_notes_repeated_headers_and_totals_are_no_rows(folder: Path):
    rows: Rows = [
        ["青石镇 2023 年矛盾纠纷台账"],
        ["填报单位：平安办", None, "日期：2023-12-01"],
        [],
        ["序号", *HEAD, "涉及人数"],
        [1, *ROW, 3],
        ["小计", None, None, None, 3],
        ["序号", *HEAD, "涉及人数"],
        [2, "J8", "2023-03-05", "在调", 4],
        ["合 计", None, None, None, 7],
        [],
        ["填表人：张三"],
        ["注：以上不含村级自行调解的纠纷。"],
    ]
    data = xlsx(rows)
    plan = planned(folder, data)
    assert [r["登记编号"] for r in imported(folder, data)] == ["J7", "J8"]
    for said in ("列名在第 4 行", "合计行，没有读取（2 处）", "重复的列名行，没有读取（1 处）"):
        assert said in notes(plan)
    assert "表尾说明，没有读取（2 处）" in notes(plan)
    assert "没有读取的列：A 列“序号”" in notes(plan)


def test_a_header_of_two_rows_that_is_repeated_is_no_row(folder: Path):
    """Both of its rows, or one row with what each column is called."""
    upper = ["登记编号", "登记日期", "办理状态", "涉及", None]
    lower = [None, None, None, "人数", "金额（元）"]
    both = ["登记编号", "登记日期", "办理状态", "人数", "金额（元）"]
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in [upper, lower, [*ROW, 2, 9], upper, lower, ["J8", *ROW[1:], 3, 8], both]:
        sheet.append(row)
    sheet.merge_cells("D1:E1")
    out = io.BytesIO()
    book.save(out)
    plan = planned(folder, out.getvalue())
    assert not plan.problems and plan.differences[0].new == ["J7", "J8"]
    assert "重复的列名行，没有读取（3 处）" in notes(plan)


def test_signatures_in_several_cells_and_notes_of_several_lines_are_no_rows(folder: Path):
    rows: Rows = [
        HEAD,
        ROW,
        ["填表人：", "张三", "审核人：李四"],
        ["填报单位：平安办", None, "日期：2023-12-01"],
        ["注：1. 不含村级自行调解的纠纷。"],
        ["2．金额含口头协议。"],
    ]
    plan = planned(folder, xlsx(rows))
    assert not plan.problems and plan.differences[0].new == ["J7"]
    assert "表尾说明，没有读取（4 处）" in notes(plan)


def test_a_row_that_begins_like_a_signature_but_is_filled_in_is_a_row(folder: Path):
    plan = planned(folder, xlsx([["村社区", *HEAD], ["单位：一村", *ROW]]))
    assert not plan.problems and plan.differences[0].new == ["J7"]


def test_numbered_rows_that_nobody_has_filled_in_are_no_rows(folder: Path):
    rows: Rows = [["序号", *HEAD, "涉及人数"], [1, *ROW, 2], [2], [3, None, None, None, "—"]]
    plan = planned(folder, xlsx(rows))
    assert not plan.problems and plan.differences[0].new == ["J7"]
    assert "只在没有读取的列里有内容的行，没有读取（2 处）" in notes(plan)


def test_a_row_that_only_begins_like_a_total_is_a_row(folder: Path):
    plan = planned(folder, xlsx([["村社区", *HEAD], ["合计", *ROW]]))
    assert not plan.problems
    assert plan.differences[0].new == ["J7"]


def test_a_header_of_two_rows_with_merged_cells_is_read(folder: Path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["矛盾纠纷台账"])
    sheet.append(["登记编号", "日期", None, "办理状态", "涉及", None])
    sheet.append([None, "登记日期", "办结日期", None, "人数", "金额（元）"])
    sheet.append(["J7", "2023-02-03", "2023-02-05", "调解成功", 3, 200])
    for area in ("A1:F1", "A2:A3", "B2:C2", "D2:D3", "E2:F2"):
        sheet.merge_cells(area)
    out = io.BytesIO()
    book.save(out)
    (row,) = imported(folder, out.getvalue())
    assert triples([row]) == [("J7", "2023-02-03", "调解成功")]
    assert (row["办结日期"], row["涉及人数"], row["涉及金额（元）"]) == ("2023-02-05", "3", "200")


def test_cells_merged_downwards_hold_for_all_their_rows(folder: Path):
    book = openpyxl.load_workbook(
        io.BytesIO(
            xlsx([[*HEAD, "村社区"], [*ROW, "一村"], ["J8", *ROW[1:], None], [], ["注：无"]])
        )
    )
    book.worksheets[0].merge_cells("D2:D4")
    out = io.BytesIO()
    book.save(out)
    plan = planned(folder, out.getvalue())
    assert [r["村社区"] for r in imported(folder, out.getvalue())] == ["一村", "一村"]
    assert "合并单元格，各行按同一内容读（1 处）" in notes(plan)


def test_hidden_and_other_sheets_are_named_and_not_read(folder: Path):
    book = openpyxl.load_workbook(io.BytesIO(xlsx({"台账": PLAIN, "通讯录": [["姓名", "电话"]]})))
    copy = book.copy_worksheet(book["台账"])
    copy.title, copy.sheet_state = "旧台账", "hidden"
    out = io.BytesIO()
    book.save(out)
    plan = planned(folder, out.getvalue())
    assert plan.differences[0].new == ["J7", "J8"]
    assert "没有读取的工作表（隐藏）：旧台账" in notes(plan)
    assert "没有读取的工作表（不是填报的表）：通讯录" in notes(plan)


def test_two_sheets_of_one_table_go_into_it_together(folder: Path):
    plan = planned(folder, xlsx({"上半年": PLAIN[:2], "下半年": [PLAIN[0], PLAIN[2]]}))
    assert plan.differences[0].new == ["J7", "J8"]


# ---------------------------------------------------------------- which column is which

RENAMED = [
    ("登记时间", "登记日期"),
    ("*登记日期", "登记日期"),
    ("登记日期（必填）", "登记日期"),
    ("登记　日期", "登记日期"),
    ("registered_on", "登记日期"),
    ("是否重大纠纷", "重大纠纷"),
    ("重大纠纷（1为是，0为否）", "重大纠纷"),
    ("是否重大（是打√）", None),
    ("重大纠纷（有打√）", "重大纠纷"),
    ("重大纠纷（是=1，否=0）", "重大纠纷"),
    ("重大纠纷（0为是）", None),
    ("涉及金额(元)", "涉及金额（元）"),
    ("涉及金额（万元）", "涉及金额（元）"),
    ("村（社区）", "村社区"),
    ("姓名", None),
    ("金额", None),
]


@pytest.mark.parametrize(("written", "meant"), RENAMED)
def test_a_header_names_a_column_by_name_alias_or_unit(written: str, meant: str | None):
    found = match(next(t for t in TABLES if t.name == "disputes"), written)
    assert (found.column.header if found else None) == meant


@pytest.mark.parametrize("table", TABLES, ids=lambda t: t.name)
def test_every_alias_names_one_column_of_its_table(table: Table):
    own = {name: texts for (of, name), texts in ALIASES.items() if of == table.name}
    assert set(own) <= set(table.by_name)
    said = [a for texts in own.values() for a in texts]
    assert len(said) == len(set(said))
    assert not set(said) & {c.header for c in table.columns}
    for name, texts in own.items():
        assert {match(table, a).column.name for a in texts} == {name}  # type: ignore[union-attr]


def test_every_alias_is_of_a_declared_table():
    assert {of for of, _ in ALIASES} <= {t.name for t in TABLES}


def test_columns_in_another_order_and_other_columns_are_named(folder: Path):
    rows: Rows = [
        ["办理状态", "联系电话", "登记时间", "登记编号"],
        ["在调", "1", "2023-02-03", "J7"],
    ]
    plan = planned(folder, xlsx(rows))
    assert triples(imported(folder, xlsx(rows))) == READ[:1]
    assert "C 列“登记时间” → 登记日期" in notes(plan)
    assert "没有读取的列：B 列“联系电话”" in notes(plan)


DOUBTFUL = {
    "a header like a column that is not there": ([*HEAD, "涉及金额"], "列名", "涉及金额（元）"),
    "two headers for one column": ([*HEAD, "登记时间"], "列重复", "登记日期"),
    "a required column that is missing": (["登记编号", "登记日期", "村社区"], "缺列", "办理状态"),
    "a required column under an unknown name": (
        ["编号", "登记日期", "办理状态"],
        "缺列",
        "登记编号",
    ),
}


@pytest.mark.parametrize(("head", "rule", "named"), DOUBTFUL.values(), ids=DOUBTFUL)
def test_a_doubtful_header_is_refused_by_name(folder: Path, head: list[str], rule: str, named: str):
    before = sending.tree(folder)
    plan = planned(folder, xlsx([head, [*ROW, "1"][: len(head)]]))
    assert [p.fault.rule for p in plan.problems] == [rule]
    assert named in plan.problems[0].fault.message
    assert sending.tree(folder) == before


SAME: Rows = [["活动编号", "日期", "类别"], ["X9", "2023-02-03", "专题学习"]]


def test_tables_with_the_same_columns_are_told_apart_by_a_name_or_refused(folder: Path):
    plan = planned(folder, xlsx(SAME))
    assert [p.fault.rule for p in plan.problems] == ["认不准"]
    assert "学法培训" in plan.problems[0].fault.message
    for given in (
        planned(folder, xlsx({"学法培训2023": SAME})),
        planned(folder, xlsx([["青石镇学法培训台账"], *SAME])),
        planned(folder, xlsx(SAME), "学法培训.xlsx"),
    ):
        assert [d.table.name for d in given.differences] == ["learning"], given.problems


def test_a_sheet_named_after_another_table_is_refused(folder: Path):
    plan = planned(folder, xlsx({"执法人员": PLAIN}))
    assert [p.fault.rule for p in plan.problems] == ["认不准"]


def test_cells_under_no_header_are_refused(folder: Path):
    plan = planned(folder, xlsx([HEAD, [*ROW, "有内容"]]))
    assert rules(plan) == [("D2", "未知列")]


# ---------------------------------------------------------------- cells

READINGS = [
    ("登记日期", "2022年3月5日", "2022-03-05"),
    ("登记日期", "2022.3.5", "2022-03-05"),
    ("登记日期", "2022/3/5", "2022-03-05"),
    ("登记日期", "20220305", "2022-03-05"),
    ("登记日期", 20220305, "2022-03-05"),
    ("登记日期", 44625, "2022-03-05"),
    ("登记日期", "44625", "2022-03-05"),
    ("登记日期", "２０２２－０３－０５", "2022-03-05"),
    ("登记日期", datetime.datetime(2022, 3, 5, 8, 30), "2022-03-05"),
    ("涉及人数", "１２３", "123"),
    ("涉及人数", "1,234", "1234"),
    ("涉及人数", 12.0, "12"),
    ("涉及人数", " 12 ", "12"),
    ("涉及人数", "—", ""),
    ("涉及金额（元）", 0.1 + 0.2, "0.3"),
    ("涉及金额（元）", "¥1,234.50", "1234.5"),
    ("重大纠纷", "√", "是"),
    ("重大纠纷", "有", "是"),
    ("重大纠纷", 1, "是"),
    ("重大纠纷", True, "是"),
    ("重大纠纷", "×", "否"),
    ("重大纠纷", 0, "否"),
    ("登记编号", 20230007, "20230007"),
    ("登记编号", "ＪＦ－７", "JF－7"),
    ("村社区", "  一村　", "一村"),
]


def sheet_of(cases: list) -> tuple[Rows, list[str]]:
    """A sheet with a row for each (header, value, …): keys of their own, the value in its place."""
    head = list(dict.fromkeys([*HEAD, *(header for header, *_ in cases)]))
    rows: list[list[object]] = []
    for n, (header, value, *_) in enumerate(cases):
        row = dict(zip(HEAD, (f"N{n}", *ROW[1:]), strict=True)) | {header: value}
        rows.append([row.get(h) for h in head])
    return [head, *rows], head


def test_a_cell_is_read_as_it_is_meant(folder: Path):
    rows, _ = sheet_of(READINGS)
    found = imported(folder, xlsx(rows))
    assert len(found) == len(READINGS)
    for row, (header, written, read) in zip(found, READINGS, strict=True):
        assert row[header] == read, (header, written)


def test_what_a_number_format_shows_is_what_counts(folder: Path):
    data = xlsx([HEAD, [7, *ROW[1:]]], formats={"A2": "00000"})
    assert imported(folder, data)[0]["登记编号"] == "00007"


def test_an_amount_in_another_unit_is_converted(folder: Path):
    rows: Rows = [[*HEAD, "涉及金额（万元）"], [*ROW, "1.25"]]
    (line,) = imported(folder, xlsx(rows))
    assert line["涉及金额（元）"] == "12500"


WRONG = [
    ("登记日期", "2023-02-30", "日期"),
    ("登记日期", "03/04/2023", "日期"),
    ("登记日期", None, "必填"),
    ("登记编号", 500106202301123456, "科学计数"),
    ("登记编号", datetime.date(2023, 1, 5), "编码"),
    ("登记编号", datetime.time(1, 30), "编码"),
    ("村社区", datetime.date(2023, 3, 2), "文字"),
    ("纠纷类型", datetime.time(12, 30), "文字"),
    ("村社区", datetime.timedelta(hours=30), "文字"),
    ("涉及人数", "80余", "数字"),
    ("涉及人数", -1, "范围"),
    ("涉及人数", "=1+1", "公式"),
    ("涉及人数", "#REF!", "公式"),
    ("办理状态", "在办", "枚举"),
    ("重大纠纷", "也许", "是否"),
]


def test_a_cell_that_is_open_is_refused_at_its_place(folder: Path):
    rows, head = sheet_of(WRONG)
    plan = planned(folder, xlsx(rows))
    expected = {
        (f"{letters(head.index(header))}{n}", rule) for n, (header, _, rule) in enumerate(WRONG, 2)
    }
    assert set(rules(plan)) == expected
    assert len(plan.problems) == len(WRONG)


def test_text_that_a_spreadsheet_would_run_is_refused(folder: Path):
    rows: Rows = [[*HEAD, "村社区"], [*ROW, "=1+1"], ["J8", *ROW[1:], "@SUM(A1)"]]
    rows = [*rows, ["J9", *ROW[1:], "#REF!"]]
    plan = planned(folder, text(rows).encode(), "x.csv")
    assert rules(plan) == [("D2", "公式"), ("D3", "公式"), ("D4", "公式")]


def test_control_characters_are_refused(folder: Path):
    plan = planned(folder, xls([HEAD, ["J\0007", *ROW[1:]]]), "台账.xls")
    assert rules(plan) == [("A2", "文字")]


def test_names_with_a_prefix_in_the_xml_are_read_alike(folder: Path):
    """Some programs write <x:c> for <c>."""
    data, out = xlsx([[*HEAD, "涉及人数"], [*ROW, "=1+1"]]), io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as good, zipfile.ZipFile(out, "w") as other:
        for entry in good.infolist():
            content = good.read(entry)
            if entry.filename == "xl/worksheets/sheet1.xml":
                content = re.sub(rb"(</?)(\w)", rb"\1x:\2", content)
                content = content.replace(b"xmlns=", b"xmlns:x=")
            other.writestr(entry, content)
    assert rules(planned(folder, out.getvalue())) == [("D2", "公式")]


# ---------------------------------------------------------------- inside an .xls


ERRORS = {"#N/A": 0x2A, "#DIV/0!": 0x07}


def old_workbook(rows: Rows, shown: str = "General", since_1904: bool = False) -> bytes:
    """An .xls whose numbers are shown in a format; a text like #N/A is an error cell."""
    book, out = xlwt.Workbook(), io.BytesIO()
    book.dates_1904 = since_1904
    sheet = book.add_sheet("Sheet1")
    for r, row in enumerate(rows):
        for c, value in enumerate(row):
            if isinstance(value, str) and value.startswith("#"):
                sheet.row(r).set_cell_error(c, ERRORS[value])
            elif isinstance(value, int | float):
                sheet.write(r, c, value, xlwt.easyxf(num_format_str=shown))
            else:
                sheet.write(r, c, value)
    book.save(out)
    return out.getvalue()


def test_errors_in_an_old_workbook_are_faults_not_empty_cells(folder: Path):
    """calamine reads them as empty: an unknown number would have gone in without a word."""
    rows: Rows = [
        [*HEAD, "涉及人数"],
        [*ROW, "#N/A"],
        ["J8", *ROW[1:], "#DIV/0!"],
        ["J9", *ROW[1:], 3],
    ]
    for name in ("台账.xls", "台账.et"):
        plan = planned(folder, old_workbook(rows), name)
        told = [(p.place.cell, p.fault.rule, p.fault.value) for p in plan.problems]
        assert told == [("D2", "公式", "#N/A"), ("D3", "公式", "#DIV/0!")]


def test_days_since_1904_are_dates_and_bare_numbers_are_refused(folder: Path):
    for day, head in ((43163, "General"), (43163, "yyyy-mm-dd")):
        data = old_workbook([HEAD, ["J7", day, "在调"]], head, since_1904=True)
        if head == "General":
            assert rules(planned(folder, data, "台账.xls")) == [("B2", "日期")]
        else:
            assert imported(folder, data, "台账.xls")[0]["登记日期"] == "2022-03-05"


def test_zeros_that_an_old_workbook_shows_are_kept(folder: Path):
    data = old_workbook([HEAD, [7, *ROW[1:]]], "00000")
    assert imported(folder, data, "台账.xls")[0]["登记编号"] == "00007"


def test_what_an_old_workbook_shows_as_a_time_or_a_span_is_no_day(folder: Path):
    shown = {"yyyy-mm-dd": "20230105", "h:mm": "06:00:00", "[h]:mm": "1 day, 6:00:00"}
    values = (20230105, 0.25, 1.25)
    for (code, said), value in zip(shown.items(), values, strict=True):
        ((cell,),) = sheets.read(old_workbook([[value]], code)).sheets[0].rows
        assert cell.text == said
        if code != "yyyy-mm-dd":
            data = old_workbook([HEAD, ["J7", value, "在调"]], code)
            assert rules(planned(folder, data, "台账.xls")) == [("B2", "日期")]


def test_old_workbooks_of_other_programs_spell_their_stream_in_capitals():
    data = old_workbook([["x"]])
    spelt = [name.encode("utf-16-le") for name in ("Workbook", "WORKBOOK")]
    (sheet,) = sheets.read(data.replace(*spelt)).sheets
    assert sheet.rows == [[Cell("x")]]


@pytest.mark.parametrize("to", ["xls", "xlsx"])
@sending.on_debian
def test_errors_of_formulas_saved_by_libreoffice_are_faults(folder: Path, tmp_path: Path, to: str):
    rows: Rows = [[*HEAD, "涉及人数"], [*ROW, "=1/0"], ["J8", *ROW[1:], "=1+2"]]
    plan = planned(folder, sending.converted(xlsx(rows), "xlsx", to, tmp_path), f"台账.{to}")
    assert [(p.place.cell, p.fault.value) for p in plan.problems] == [("D2", "#DIV/0!")]


def test_a_strict_xlsx_is_looked_into_as_well(folder: Path):
    """Excel's “Strict Open XML” has the same elements in other namespaces."""
    data, out = xlsx([[*HEAD, "涉及人数"], [*ROW, "=1+1"]]), io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as good, zipfile.ZipFile(out, "w") as other:
        for entry in good.infolist():
            content = good.read(entry)
            for old, new in (
                (
                    b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
                    b"http://purl.oclc.org/ooxml/spreadsheetml/main",
                ),
                (
                    b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
                    b"http://purl.oclc.org/ooxml/officeDocument/relationships",
                ),
            ):
                content = content.replace(old, new)
            other.writestr(entry, content)
    assert rules(planned(folder, out.getvalue())) == [("D2", "公式")]


def test_half_of_a_percent_and_of_one_are_told_apart_where_the_file_does(folder: Path):
    head = ["举措编号", "日期", "状态", "进度（%）"]
    row: list[object] = ["G1", "2023-08-01", "进行中", 0.5]
    shown = planned(folder, xlsx([head, row], {"D2": "0%"}))
    assert shown.contents["goal_updates.csv"].rows[-1][3] == "50"
    bare = planned(folder, xls([head, row]), "进展.xls")
    assert bare.contents["goal_updates.csv"].rows[-1][3] == "0.5"
    for code in ("0%", "0.00%", "0.0%_);[Red]\\(0.0%\\)"):
        old = planned(folder, old_workbook([head, row], code), "进展.xls")
        assert old.contents["goal_updates.csv"].rows[-1][3] == "50", code
    quoted = planned(folder, old_workbook([head, [*row[:3], 50]], '0"%"'), "进展.et")
    assert quoted.contents["goal_updates.csv"].rows[-1][3] == "50"
    written = planned(folder, xls([head, [*row[:3], "100%"]]), "进展.xls")
    assert written.contents["goal_updates.csv"].rows[-1][3] == "100"


PUBLISHED = [
    ("80余件", {"数值": "80", "约数": "余", "单位": "件", "原文写法": "80余件"}),
    ("1,234", {"数值": "1234", "约数": "", "原文写法": "1,234"}),
    (85, {"数值": "85", "约数": "", "原文写法": ""}),
]


@pytest.mark.parametrize(("written", "read"), PUBLISHED)
def test_a_published_number_goes_apart_into_its_columns(
    folder: Path, written: object, read: dict[str, str]
):
    rows: Rows = [["年度", "指标", "数值", "来源"], [2023, "审核合同", written, "年度报告"]]
    publish(planned(folder, xlsx(rows)), "李", "核实")
    (line,) = [r for r in kept(folder, "reported.csv") if r["指标"] == "review.contracts"]
    assert {k: line[k] for k in read} == read


# ---------------------------------------------------------------- rules over rows and tables


def test_keys_orders_and_references_are_checked_as_check_does(folder: Path):
    rows: Rows = [
        ["执法编号", "行为类型", "事项编码", "立案日期", "决定日期"],
        ["Z-8", "行政处罚", "9999", "2023-03-01", "2023-02-01"],
        ["Z-9", "行政处罚", "0001", "2023-03-01", None],
        ["Z-9", "行政处罚", "0001", "2023-03-02", None],
    ]
    plan = planned(folder, xlsx(rows))
    assert rules(plan) == [("E2", "先后"), ("A4", "主键重复")]
    assert "第 3 行" in plan.problems[1].fault.message
    good = planned(folder, xlsx([*rows[:1], [*rows[1][:4], None]]))
    assert not good.problems
    assert [(f.row, f.column, f.rule) for f in good.warnings] == [(2, "事项编码", "引用")]


def test_more_faults_than_check_lists_are_all_told(folder: Path):
    rows: Rows = [HEAD, *([f"J{n}", "2023-02-30", "在调"] for n in range(100, 400))]
    assert len(planned(folder, xlsx(rows)).problems) == 300


def test_a_broken_identity_is_told_and_does_not_refuse(folder: Path):
    rows: Rows = [["年度", "指标", "数值", "来源"], [2023, "power.total", 1, "年度报告"]]
    plan = planned(folder, xlsx(rows))
    assert not plan.problems
    assert "SUM" in {f.rule for f in plan.warnings}


def test_a_table_kept_in_parquet_is_refused(folder: Path):
    (folder / DISPUTES).unlink()
    (folder / "ledgers/disputes").mkdir()
    plan = planned(folder, xlsx(PLAIN))
    assert [p.fault.rule for p in plan.problems] == ["Parquet"]


def test_a_table_whose_file_is_broken_is_refused(folder: Path):
    folders.put_table(folder, "disputes", [folders.GOOD["disputes"][0]] * 2)
    plan = planned(folder, xlsx(PLAIN))
    assert [p.fault.rule for p in plan.problems] == ["主键重复"]
    assert "现有的" in plan.problems[0].fault.message


def test_a_date_that_is_sent_mends_a_faulty_one_in_the_folder(folder: Path):
    folders.put(folder / DISPUTES, text([HEAD, ["J7", "44960", "在调"]]))
    publish(planned(folder, xlsx([HEAD, ROW])))
    assert kept(folder, DISPUTES)[0]["登记日期"] == "2023-02-03"


def test_faults_of_rows_that_were_not_sent_do_not_refuse(folder: Path):
    bad = {"dispute_no": "J5", "registered_on": "2023-02-30", "status": "在调"}
    folders.put_table(folder, "disputes", [bad])
    assert not planned(folder, xlsx(PLAIN)).problems


# ---------------------------------------------------------------- files that cannot be read


@cache
def bomb(size: int = 500 << 20, name: str = "xl/workbook.xml") -> bytes:
    """A small .xlsx that unpacks to `size` bytes."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(xlsx(PLAIN))) as good,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as bad,
    ):
        for entry in good.infolist():
            bad.writestr(entry.filename.replace("xl/workbook.xml", name), good.read(entry))
        bad.writestr("xl/media/image1.png", bytes(size))
    return out.getvalue()


def lying() -> bytes:
    """The same; its directory says 9 bytes."""
    return bomb().replace((500 << 20).to_bytes(4, "little"), (9).to_bytes(4, "little"))


UNREADABLE = {
    "nothing": (lambda: b"", "空文件"),
    "zeros": (lambda: bytes(2000), "空文件"),
    "a picture": (lambda: b"\x89PNG\r\n\x1a\n" + bytes(500), "文件"),
    "a web page": (lambda: b"<html><table><tr><td>1</td></tr></table></html>", "文件"),
    "half a workbook": (lambda: xlsx(PLAIN)[:3000], "文件损坏"),
    "half an old workbook": (lambda: xls(PLAIN)[:1500], "文件损坏"),
    "a zip that is no workbook": (lambda: bomb(10, "ppt/presentation.xml"), "文件"),
    "a zip that is no Word file": (lambda: bomb(10, "word/document.xml"), "文件损坏"),
    "a zip bomb that says it is a Word file": (lambda: bomb(name="word/document.xml"), "太大"),
    "an open quote": ('登记编号,登记日期\r\n"J1,2023'.encode, "格式"),
    "a zip bomb": (bomb, "太大"),
    "a zip bomb whose directory lies": (lying, "太大"),
}


@pytest.mark.parametrize(("data", "rule"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_file_that_cannot_be_read_says_why(folder: Path, data: Callable[[], bytes], rule: str):
    before = sending.tree(folder)
    plan = planned(folder, data(), "台账.csv" if rule == "格式" else "台账.xls")
    assert [p.fault.rule for p in plan.problems] == [rule]
    assert sending.tree(folder) == before


def test_a_workbook_with_a_password_says_so(folder: Path):
    data = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512) + "EncryptedPackage".encode("utf-16-le")
    assert [p.fault.rule for p in planned(folder, data).problems] == ["密码"]


def test_a_cell_at_the_end_of_the_world_is_refused(folder: Path):
    book = openpyxl.load_workbook(io.BytesIO(xlsx(PLAIN)))
    book.worksheets[0]["XFD1048576"] = 1
    out = io.BytesIO()
    book.save(out)
    assert [p.fault.rule for p in planned(folder, out.getvalue()).problems] == ["文件损坏"]


BEYOND = {
    "a column": (rb'r="C2"', b'r="XFE2"'),
    "a row": (rb'r="C2"', b'r="C1048577"'),
    "a row that turned over to the header": (rb'r="C2"', b'r="C4294967297"'),
    "more letters": (rb'r="C2"', b"r = 'AAAA2'"),
    "a row without cells there": (rb'<row r="2"', b'<row r="4000000000"'),
    "the size that the sheet claims": (rb'ref="A1:C2"', b'ref="A1:XFE9"'),
    "merged cells": (
        rb"</sheetData>",
        b'</sheetData><mergeCells count="1"><mergeCell ref="A1:C1048577"/></mergeCells>',
    ),
}


@pytest.mark.parametrize(("old", "new"), BEYOND.values(), ids=BEYOND)
def test_a_sheet_that_names_a_cell_beyond_the_last_is_refused_at_once(
    folder: Path, old: bytes, new: bytes
):
    """calamine makes room for it, row by row, or takes it for another cell."""
    data = sending.altered(xlsx([HEAD, ROW]), "sheet1.xml", old, new)
    start = time.monotonic()
    with pytest.raises(Unusable) as refused:
        sheets.read(data)
    assert refused.value.rule == "太大" and "XFD1048576" in str(refused.value)
    assert time.monotonic() - start < 1
    assert [p.fault.rule for p in planned(folder, data).problems] == ["太大"]


def test_a_sheet_up_to_its_last_column_and_a_column_like_its_row_are_read(folder: Path):
    book = openpyxl.load_workbook(io.BytesIO(xlsx([HEAD, ROW])))
    sheet = book.worksheets[0]
    sheet["XFD1"], sheet["A5"] = "备注", '说明 r="XFE1"'
    sheet.merge_cells("B9:XFD10")
    out = io.BytesIO()
    book.save(out)
    assert len(apart.read(out.getvalue()).sheets[0].rows[0]) == 16_384


def test_a_sheet_as_wide_as_a_broken_record_makes_it_is_refused_at_once(folder: Path):
    """A flipped byte in an .xls once cost two minutes: cells in every one of 57,000 columns."""
    wide = [[*HEAD, *("x" for _ in range(57_000))]] + [["x"] * 57_000 for _ in range(21)]
    start = time.monotonic()
    found = reading.read(
        "x.xls", "x", Book(sheets.XLS, (Sheet("", [[Cell(c) for c in r] for r in wide]),))
    )
    assert [p.fault.rule for p in found.problems] == ["太宽"]
    assert time.monotonic() - start < 20
    far = openpyxl.load_workbook(io.BytesIO(xlsx(PLAIN)))
    far.worksheets[0]["XA2"] = "x"
    out = io.BytesIO()
    far.save(out)
    assert [len(r) for r in apart.read(out.getvalue()).sheets[0].rows] == [3, 625, 3]
    assert rules(planned(folder, out.getvalue())) == [("XA2", "未知列")]


def test_other_kinds_of_file_are_refused(folder: Path):
    plan = planned(folder, xlsx(PLAIN), "台账.pdf")
    assert [p.fault.rule for p in plan.problems] == ["文件"]


def test_a_file_that_takes_too_long_or_too_much_is_given_up(
    folder: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(apart, "SECONDS", 0.001)
    assert [p.fault.rule for p in planned(folder, xlsx(PLAIN)).problems] == ["超时"]
    monkeypatch.undo()
    monkeypatch.setattr(apart, "LARGEST", 100)
    assert [p.fault.rule for p in planned(folder, xlsx(PLAIN)).problems] == ["太大"]
    monkeypatch.undo()
    monkeypatch.setattr(apart, "MEGABYTES", 100)
    wide = text([[*HEAD, *("x" * 50 for _ in range(400))]] * 1000).encode()
    assert [p.fault.rule for p in planned(folder, wide, "x.csv").problems] == ["文件损坏"]


@sending.on_debian
def test_formulas_count_with_their_saved_value_and_links_are_not_followed(
    folder: Path, tmp_path: Path
):
    """LibreOffice saves what a formula gave; a link to another file gave an error."""
    rows: Rows = [[*HEAD, "涉及人数"], [*ROW, "=1+2"]]
    data = sending.converted(xlsx(rows), "xlsx", "xlsx", tmp_path)
    (line,) = imported(folder, data)
    assert line["涉及人数"] == "3"


def test_several_files_are_one_import(folder: Path):
    good, bad = Sent("a.xlsx", xlsx(PLAIN)), Sent("b.xlsx", xlsx([HEAD, ["J9", "某日", "在调"]]))
    plan = make([good, bad], folder)
    assert [(p.place.file, p.place.cell) for p in plan.problems] == [("b.xlsx", "B2")]
    assert len(plan.differences[0].new) == 3


def test_a_book_survives_the_way_between_the_processes():
    data = xlsx({"一": PLAIN, "二": [[1, 0.5, True, None, "x"]]})
    assert apart.read(data) == sheets.read(data)
