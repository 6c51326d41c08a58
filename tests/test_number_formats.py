"""A cell is what it shows: number formats of .xlsx, .xls and .et, in columns of every type."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from pathlib import Path

import folders
import openpyxl
import pytest
import sending
from sending import Rows, kept, planned, rules, xls, xlsx

from qmg_dash.intake.number_formats import LONGEST, Shown, of_number, of_text
from qmg_dash.intake.plan import Sent, make, publish
from qmg_dash.intake.returned import workbook
from qmg_dash.intake.sheets import letters

HEAD = ("登记编号", "登记日期", "办理状态")
ROW = ("2023-02-03", "在调")
DISPUTES = "ledgers/disputes.csv"
KINDS = {"台账.xlsx": xlsx, "台账.xls": xls, "台账.et": xls}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return folders.town(tmp_path / "town", "disputes", "reported")


# ---------------------------------------------------------------- what a format shows

SHOWN = [
    (1, '"青司调〔2022〕"000"号"', "青司调〔2022〕001号"),
    (20220001, '"青司调〔"0000"〕"0000"号"', "青司调〔2022〕0001号"),
    (1, "\\J0000", "J0001"),
    (1, "J0000", "J0001"),
    (1, '[Red]"青"000', "青001"),
    (1, "[Color 5]000", "001"),
    (12, "0万", "12万"),
    (12, "0\\万", "12万"),
    (7, "00000", "00007"),
    (12, "???0", "12"),
    (0, "#", ""),
    (1.25, "0.0##", "1.25"),
    (1.005, "0.00", "1.01"),
    (2.5, "0", "3"),
    (-2.5, "0", "-3"),
    (0.5, ".00", ".50"),
    (123456789, "#,##0", "123,456,789"),
    (7, "0,000", "0,007"),
    (20220001, "0000-0000", "2022-0001"),
    (13800001234, "000 0000 0000", "138 0000 1234"),
    (123456, "#,##0.00,", "123.46"),
    (12345, '0.0,"千"', "12.3千"),
    (123456789, '0.00,,"百万"', "123.46百万"),
    (123456, '0"."0,"万"', "12.3万"),
    (0.1234, "0.00%", "12.34%"),
    (0.5, '0"%"', "1%"),
    (-5, "0;[Red]-0", "-5"),
    (-5, "0_);(0)", "(5)"),
    (5, "0_);(0)", "5"),
    (0, '0;-0;"零"', "零"),
    (0, "0;-0;;@", ""),
    (7, ";;;", ""),
    (5, '[>=10]"大"0;"小"0', "小5"),
    (15, '[>=10]"大"0;"小"0', "大15"),
    (2, '[=1]"一村";[=2]"二村";0', "二村"),
    (3, '[=1]"一村";[=2]"二村";0', "3"),
    (1234.5, "[$¥-804]#,##0.00", "¥1,234.50"),
    (1234.5, "¥#,##0.00_);[Red](¥#,##0.00)", "¥1,234.50"),
    (1234.5, '_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ ', "1,234.50"),
    (0, '_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ ', "-"),
    (1, 'General"件"', "1件"),
    (1.5, 'General"件"', "1.5件"),
    (5, '"编号"@', "5"),
    (1, '"A-"0_-', "A-1"),
    (20230203, '0000"年"00"月"00"日"', "2023年02月03日"),
]
OURS = [
    (5, "0.##", "5."),
    (123456, '0!.0,"万"', "12.3万"),
    (12345, '[>=10000]0!.0,"万";0', "1.2万"),
    (9999, '[>=10000]0!.0,"万";0', "9999"),
    (1, "[蓝色]000", "001"),
    (1, 'G/通用格式"件"', "1件"),
    (1, "0*-", "1"),
]
"""What LibreOffice does not know, shows otherwise than Excel, or fills up to the cell's width."""


def shown(value: object, code: str) -> Shown | None:
    return of_number(Decimal(str(value)), code)


@pytest.mark.parametrize(("value", "code", "text"), [*SHOWN, *OURS])
def test_a_number_is_shown_as_its_format_says(value: float, code: str, text: str):
    found = shown(value, code)
    assert found is not None and found.text == text


@sending.on_debian
def test_libreoffice_shows_the_same(tmp_path: Path):
    """Saved as CSV with the cells as they are shown."""
    rows: Rows = [[value] for value, *_ in SHOWN]
    data = xlsx(rows, {f"A{n}": code for n, (_, code, _) in enumerate(SHOWN, 1)})
    to = "csv:Text - txt - csv (StarCalc):44,34,76,1,,2052,false,true"
    said = csv.reader(
        io.StringIO(sending.converted(data, "xlsx", to, tmp_path).decode()), strict=True
    )
    assert [(row or [""])[0].strip() for row in said] == [text for *_, text in SHOWN]


UNSURE = [
    (123, "[DBNum1][$-804]General"),
    (123, "[DBNum2]0"),
    (123, "[$-30000804]0"),
    (1.5, "# ?/?"),
    (12345678901, "0.00E+00"),
    (-5, "[<10]0;0.0"),
    (5, '[>=10]"大"0'),
]


@pytest.mark.parametrize(("value", "code"), UNSURE)
def test_where_programs_differ_there_is_a_number_and_no_text(value: float, code: str):
    assert shown(value, code) == Shown(None, Decimal(str(value)))


@pytest.mark.parametrize("code", ["aaaa", "[h]:mm", "yyyy", "0" * (LONGEST + 1), "[未知]0"])
def test_formats_of_days_and_such_as_nobody_writes_are_none(code: str):
    assert shown(1, code) is None


def test_the_longest_format_is_read_at_once():
    assert shown(1.5, "0." + "0" * 250) and shown(10**15, "#,##0" + "," * 250)
    assert shown(10**15, "0" + "%" * 250)


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ('"第"@"号"', "第J1号"),
        ("@", "J1"),
        ("0.00", "J1"),
        ('0;-0;0;"<"@">"', "<J1>"),
        (";;;", ""),
        ("_ * 0_ ;_ * -0_ ;_ @_ ", "J1"),
    ],
)
def test_a_text_is_shown_by_the_section_of_texts(code: str, text: str):
    assert of_text("J1", code) == text


# ---------------------------------------------------------------- what goes into a column

BACK = None
"""Sent back."""
MONEY, PEOPLE, IN_WAN = "涉及金额（元）", "涉及人数", "涉及金额（万元）"
CASES = [
    # a number with a unit that its format writes
    (MONEY, 0.5, '0.0"万"', "5000"),
    (MONEY, 1.5, '0.00"万元"', "15000"),
    (MONEY, 12, "0万", "120000"),
    (MONEY, 1.2, '0.0"亿元"', "120000000"),
    (MONEY, 500, '0"元"', "500"),
    (MONEY, 500, 'G/通用格式"元"', "500"),
    (MONEY, 3, '0"0000"', "30000"),
    (MONEY, 3.4, '0"0000"', BACK),
    (MONEY, 5, '0"千"', BACK),
    (MONEY, 5, '0"百元"', BACK),
    (MONEY, 5, '0"件"', BACK),
    (MONEY, 5, '"约"0', BACK),
    (MONEY, 5, '0"余"', BACK),
    (MONEY, 5, "[$$-409]#,##0.00", BACK),
    (MONEY, 5, "[$USD] 0", BACK),
    # a format that divides: unit and value have to agree
    (MONEY, 123456, '0!.0,"万"', "123456"),
    (MONEY, 123456, '0\\.0,"万元"', "123456"),
    (MONEY, 123456, '[>=10000]0!.0,"万";0', "123456"),
    (MONEY, 99, '[>=10000]0!.0,"万";0', "99"),
    (MONEY, 12345, '0.0,"千元"', "12345"),
    (MONEY, 123456, '0.0,"万"', BACK),
    (MONEY, 123456, "0.0,", BACK),
    (MONEY, 123456, "0!.0,", BACK),
    # what changes nothing
    (MONEY, 1234.567, "#,##0.00", "1234.567"),
    (MONEY, 1234.5, "[$¥-804]#,##0.00", "1234.5"),
    (MONEY, 1234.5, "[$¥-804]* #,##0;[Red]0", "1234.5"),
    (MONEY, 0, '_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ ', "0"),
    (MONEY, 0, '0;-0;"零"', "0"),
    (MONEY, 1.5, "# ?/?", "1.5"),
    (MONEY, 12345678901, "0.00E+00", "12345678901"),
    (MONEY, 123, "[DBNum2][$-804]General", "123"),
    (MONEY, 13800001234, "000 0000 0000", "13800001234"),
    # what is not seen, or is seen as something else
    (MONEY, 0, "0;-0;;@", BACK),
    (MONEY, 7, ";;;", BACK),
    (MONEY, 0, '0;-0;"无此项"', BACK),
    (MONEY, 20220001, "0000-0000", BACK),
    (MONEY, 0.5, "0%", BACK),
    (PEOPLE, 3, '0"人"', "3"),
    (PEOPLE, 3, '0"名"', "3"),
    (PEOPLE, 3, '0"户"', BACK),
    (PEOPLE, 2, '0"万人"', "20000"),
    (IN_WAN, 1.5, "0.00", "15000"),
    (IN_WAN, 1.5, '0.00"万元"', "15000"),
    (IN_WAN, 123456, "0!.0,", "123456"),
    (IN_WAN, 123456, '0!.0,"万元"', "123456"),
    (IN_WAN, 5000, '0"元"', "5000"),
    (IN_WAN, 12, '0"万"', BACK),
    # codes and other texts
    ("登记编号", 1, '"青司调〔2022〕"000"号"', "青司调〔2022〕001号"),
    ("登记编号", 7, "00000", "00007"),
    ("登记编号", 20220001, "0000-0000", "2022-0001"),
    ("登记编号", "8", '"青司调〔2022〕"@"号"', "青司调〔2022〕8号"),
    ("登记编号", 9, "0_ ", "9"),
    ("登记编号", 5, "[DBNum1][$-804]0", BACK),
    ("登记编号", 5, "0.00E+00", BACK),
    ("登记编号", 5, ";;;", BACK),
    ("登记编号", "J5", ";;;", BACK),
    ("村社区", 2, '[=1]"一村";[=2]"二村";0', "二村"),
    ("村社区", 2, '0"村"', "2村"),
    ("村社区", 1, '"=A"0', BACK),
    ("村社区", "一", '@"村"', "一村"),
    # yes or no, days
    ("重大纠纷", 1, '[=1]"√";"×"', "是"),
    ("重大纠纷", 0, '[=1]"√";"×"', "否"),
    ("重大纠纷", 1, "0_ ", "是"),
    ("重大纠纷", 0, "#", BACK),
    ("登记日期", 20230203, '0000"年"00"月"00"日"', "2023-02-03"),
    ("登记日期", 20230203, "0000-00-00", "2023-02-03"),
    ("登记日期", 44960, "0_ ", "2023-02-03"),
    ("登记日期", 44960, "aaaa", "2023-02-03"),
]


def sheet_of(cases: list) -> tuple[Rows, dict[str, str]]:
    """A sheet with a row for each case, and the formats of its cells."""
    head = [*dict.fromkeys([*HEAD, *(header for header, *_ in cases)])]
    rows, formats = [head], {}
    for n, (header, value, code, _) in enumerate(cases):
        row = dict(zip(HEAD, (f"N{n}", *ROW), strict=True)) | {header: value}
        rows.append([row.get(h) for h in head])
        formats[f"{letters(head.index(header))}{n + 2}"] = code
    return rows, formats


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("wan", [False, True], ids=["元", "万元"])
def test_a_column_takes_what_its_cells_show(folder: Path, name: str, wan: bool):
    cases = [c for c in CASES if c[3] is not BACK and (c[0] != MONEY if wan else c[0] != IN_WAN)]
    rows, formats = sheet_of(cases)
    plan = planned(folder, KINDS[name](rows, formats), name)
    assert not plan.problems
    publish(plan)
    found = [r for r in kept(folder, DISPUTES) if r["登记编号"] != "J1"]
    said = [r[header.replace("万元", "元")] for r, (header, *_) in zip(found, cases, strict=True)]
    assert said == [right for *_, right in cases]


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("wan", [False, True], ids=["元", "万元"])
def test_what_is_not_clear_is_sent_back_at_its_place(folder: Path, name: str, wan: bool):
    cases = [c for c in CASES if c[3] is BACK and (c[0] != MONEY if wan else c[0] != IN_WAN)]
    rows, formats = sheet_of(cases)
    plan = planned(folder, KINDS[name](rows, formats), name)
    assert {cell for cell, _ in rules(plan)} == set(formats)
    unclear = [p.fault for p in plan.problems if p.fault.rule == "显示"]
    assert len(unclear) >= len(cases) - 4
    for fault in unclear:
        assert fault.row and fault.column and fault.value and "请把格式设为" in fault.message


def test_the_text_and_the_value_are_both_told(folder: Path):
    (problem,) = planned(folder, xlsx(*sheet_of([(MONEY, 5, '0"千"', BACK)]))).problems
    for said in ("存的是 5", '0"千"', "显示为“5千”"):
        assert said in problem.fault.message


@pytest.mark.parametrize("name", KINDS)
def test_codes_of_the_next_year_are_rows_of_their_own(folder: Path, name: str):
    """Kept as 1, 2, 3 in both files: the second one overwrote the first one's rows."""
    for year in (2022, 2023):
        rows: Rows = [HEAD, *([n, f"{year}-03-0{n}", "在调"] for n in (1, 2, 3))]
        codes = {f"A{n}": f'"青司调〔{year}〕"000"号"' for n in (2, 3, 4)}
        publish(planned(folder, KINDS[name](rows, codes), name))
    found = [r["登记编号"] for r in kept(folder, DISPUTES) if r["登记编号"] != "J1"]
    assert found == [f"青司调〔{year}〕00{n}号" for year in (2022, 2023) for n in (1, 2, 3)]


PUBLISHED = [
    (12, '0"万"', "12", "", "万"),
    (80, '0"余件"', "80", "余", "件"),
    (123456, '0!.0,"万件"', "123456", "", "件"),
    (1234.5, "#,##0.00", "1234.5", "", ""),
    (0.5, "0%", "50", "", "%"),
    (80, '"约"0"件"', "80", "约", "件"),
]


@pytest.mark.parametrize(("value", "code", "number", "qualifier", "unit"), PUBLISHED)
def test_a_published_number_is_what_its_cell_shows(
    folder: Path, value: float, code: str, number: str, qualifier: str, unit: str
):
    rows: Rows = [["年度", "指标", "数值", "来源"], [2023, "decisions.topics", value, "年度报告"]]
    lines = planned(folder, xlsx(rows, {"C2": code})).contents["reported.csv"]
    cells = lines.cells(lines.rows[-1])
    assert [cells[n] for n in ("value", "qualifier", "unit")] == [number, qualifier, unit]


def test_a_scale_that_does_not_fit_the_published_value_is_sent_back(folder: Path):
    rows: Rows = [["年度", "指标", "数值", "来源"], [2023, "decisions.topics", 9999, "年度报告"]]
    assert rules(planned(folder, xlsx(rows, {"C2": '0.0,"万"'}))) == [("C2", "显示")]


def test_the_formats_that_have_only_a_number_are_known(folder: Path):
    """openpyxl and Excel write #,##0.00 and 0% as 4 and 9, without their text."""
    rows: Rows = [[*HEAD, "村社区"], ["J7", *ROW, 1234.5], ["J8", *ROW, 0.5]]
    publish(planned(folder, xlsx(rows, {"D2": "#,##0.00", "D3": "0%"})))
    found = {r["登记编号"]: r["村社区"] for r in kept(folder, DISPUTES)}
    assert (found["J7"], found["J8"]) == ("1,234.50", "50%")


@pytest.mark.parametrize("name", KINDS)
def test_a_returned_workbook_keeps_what_its_cells_show(folder: Path, name: str):
    rows: Rows = [HEAD, [1, "2023-02-30", "在调"], [2, "2023-02-03", "在调"]]
    codes = {f"A{n}": '"青司调〔2023〕"000"号"' for n in (2, 3)}
    sent = Sent(name, KINDS[name](rows, codes))
    book = openpyxl.load_workbook(io.BytesIO(workbook(make([sent], folder), sent)))
    book["Sheet1"]["B2"] = "2023-02-28"
    out = io.BytesIO()
    book.save(out)
    plan = planned(folder, out.getvalue(), "台账_退回.xlsx")
    assert plan.differences[0].new == ["青司调〔2023〕001号", "青司调〔2023〕002号"]


def test_cells_that_do_not_say_where_they_stand_have_their_formats(folder: Path):
    """Some programs leave r="A2" out: the next cell is meant."""
    data = sending.altered(
        xlsx([HEAD, [7, *ROW]], {"A2": "00000"}), "sheet1.xml", rb' r="[A-Z]*[0-9]+"', b""
    )
    assert planned(folder, data).differences[0].new == ["00007"]
