"""One cell, one header, one published figure: how each form is read, and what is refused."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import folders
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qmg_dash.folder import store
from qmg_dash.folder.cells import DASHES, read_cell
from qmg_dash.folder.headers import match_headers
from qmg_dash.folder.published import Unreadable, canonical_dimension, convert, read_written
from qmg_dash.folder.tally import LISTED, Tally
from qmg_dash.kpis import KPIS, kpi
from qmg_dash.model import Fault
from qmg_dash.tables import BY_NAME, TABLES, Column

OPENED = BY_NAME["enforcement_actions"].column("opened_on")
RECEIVED = BY_NAME["applications"].column("received_on")
CLOSED_ON = BY_NAME["enforcement_actions"].column("closed_on")
OFFICERS = BY_NAME["enforcement_actions"].column("officers")
FINE = BY_NAME["enforcement_actions"].column("fine_yuan")
SHOWN = BY_NAME["enforcement_actions"].column("certificate_shown")
CODE = BY_NAME["enforcement_actions"].column("item_code")
AREA = BY_NAME["enforcement_actions"].column("area")
RECORDING = BY_NAME["enforcement_actions"].column("recording")
RESULT = BY_NAME["enforcement_actions"].column("result")
OUTCOME = BY_NAME["applications"].column("outcome")
KIND = BY_NAME["legal_cases"].column("kind")
PROGRESS = BY_NAME["goal_updates"].column("progress")
SCREEN = BY_NAME["practices"].column("screen")
VILLAGE = BY_NAME["disputes"].column("village")
DEPARTMENT = BY_NAME["legal_reviews"].column("department")
TOGETHER = BY_NAME["enforcement_actions"].column("joint_departments")
YEAR = BY_NAME["reported"].column("year")

DAY = date(2023, 1, 5)

STANDARD = [
    (OPENED, "2023-01-05", DAY),
    (OFFICERS, "12", 12),
    (OFFICERS, "0", 0),
    (FINE, "1234.5", Decimal("1234.5")),
    (SHOWN, "是", True),
    (SHOWN, "否", False),
    (CODE, "000123", "000123"),
    (AREA, "生态环境", "生态环境"),
    (AREA, "水利", "水利"),
    (RECORDING, "文字和音像", "文字和音像"),
    (RESULT, "—", "—"),
    (RESULT, "  已缴纳　", "已缴纳"),
    (OUTCOME, "refused.1", "refused.1"),
    (OUTCOME, "属于国家秘密", "refused.1"),
    (KIND, "行政诉讼(复议后)", "行政诉讼（复议后）"),
    (CLOSED_ON, "", None),
    (CLOSED_ON, " 　\t", None),
    (SCREEN, "/power_list", "/power_list"),
    (SCREEN, "/", "/"),
    (VILLAGE, "一村", "一村"),
]


@pytest.mark.parametrize(("column", "written", "value"), STANDARD)
def test_a_standard_form_is_read_without_a_word(column: Column, written: str, value: object):
    cell = read_cell(column, written)
    assert (cell.value, cell.severity) == (value, None)


WARNED = [
    (OPENED, "2023/1/5", DAY, "日期写法"),
    (OPENED, "2023-1-5", DAY, "日期写法"),
    (OPENED, "2023.1.5", DAY, "日期写法"),
    (OPENED, "2023年1月5日", DAY, "日期写法"),
    (OPENED, "2023 年 1 月 5 日", DAY, "日期写法"),
    (OPENED, "20230105", DAY, "日期写法"),
    (OPENED, "２０２３－０１－０５", DAY, "日期写法"),
    (OPENED, "2023-01-05 00:00:00", DAY, "日期写法"),
    (OPENED, "2023/1/5 0:00", DAY, "日期写法"),
    (OPENED, "2023-01-05T00:00:00+08:00", DAY, "日期写法"),
    (CLOSED_ON, "—", None, "空值"),
    (CLOSED_ON, "-", None, "空值"),
    (CLOSED_ON, "－", None, "空值"),
    (CLOSED_ON, "/", None, "空值"),
    (OFFICERS, "无数据", None, "空值"),
    *((VILLAGE, dash, None, "空值") for dash in DASHES),
    (DEPARTMENT, " / ", None, "空值"),
    (AREA, "<NA>", None, "空值"),
    (CLOSED_ON, "NaT", None, "空值"),
    (OFFICERS, "1,234", 1234, "数字写法"),
    (OFFICERS, "１，２３４", 1234, "数字写法"),
    (OFFICERS, "12.0", 12, "数字写法"),
    (OFFICERS, "１２３", 123, "数字写法"),
    (FINE, "1,234.50", Decimal("1234.5"), "数字写法"),
    (FINE, "￥200", Decimal(200), "数字写法"),
    (FINE, "200元", Decimal(200), "数字写法"),
    (FINE, "0.123456", Decimal("0.1235"), "数字写法"),
    (PROGRESS, "100%", Decimal(100), "数字写法"),
    (PROGRESS, "５０％", Decimal(50), "数字写法"),
    (CODE, "０００１", "0001", "编码写法"),
    (CODE, '="0001"', "0001", "编码写法"),
    (CODE, "'0001", "0001", "编码写法"),
    (CODE, "无", None, "空值"),
    (TOGETHER, "无", None, "空值"),
    (TOGETHER, "—", None, "空值"),
    (YEAR, "2023年", 2023, "数字写法"),
    (YEAR, "２０２３年度", 2023, "数字写法"),
    (SCREEN, "power_list", "/power_list", "页面写法"),
    *((SHOWN, yes, True, "是否写法") for yes in ("√", "✓", "有", "1", "TRUE", "true", "Y", "y")),
    *((SHOWN, no, False, "是否写法") for no in ("×", "✗", "无", "0", "FALSE", "N")),
]


@pytest.mark.parametrize(("column", "written", "value", "rule"), WARNED)
def test_a_form_with_one_meaning_is_read_with_a_warning(
    column: Column, written: str, value: object, rule: str
):
    cell = read_cell(column, written)
    assert (cell.value, cell.severity, cell.rule) == (value, "warning", rule)
    assert cell.message


WRONG = [
    (OPENED, "03/04/2023", "日期", "2023-01-05 的样子"),
    (OPENED, "5-1-23", "日期", "分不清"),
    (OPENED, "2023-02-30", "日期", "日历上没有这一天"),
    (OPENED, "2023-13-01", "日期", "日历上没有这一天"),
    (OPENED, "2023-01/05", "日期", "不是日期"),
    (OPENED, "2023年1月", "日期", "缺少日"),
    (OPENED, "44931", "日期", "2023-01-05"),
    (OPENED, "上周", "日期", "不是日期"),
    (OPENED, "1912-01-01", "日期", "1949"),
    (OPENED, "2300-01-01", "日期", "2100"),
    (RECEIVED, "—", "必填", "补填"),
    (RECEIVED, "", "必填", "补填"),
    (OPENED, "1.23E+11", "日期", "科学计数"),
    (OFFICERS, "80余", "数字", "不写单位、约数"),
    (OFFICERS, "2人", "数字", "不写单位、约数"),
    (OFFICERS, "1.5", "数字", "整数"),
    (OFFICERS, "-1", "范围", "不能小于 0"),
    (OFFICERS, "1,23", "数字", "不是数字"),
    (OFFICERS, "1.23E+11", "科学计数", "文本"),
    (OFFICERS, "1234567890123456", "范围", "太大"),
    (FINE, "1.2E+5", "科学计数", "文本"),
    (FINE, "50%", "数字", "百分比"),
    (FINE, "-5", "范围", "不能小于 0"),
    (PROGRESS, "120", "范围", "不能大于 100"),
    (SHOWN, "大概", "是否", "“是”或“否”"),
    (RECORDING, "录像", "枚举", "文字和音像"),
    (OUTCOME, "公开", "枚举", "granted（予以公开）"),
    (CODE, "1.23E+11", "科学计数", "文本"),
    (CODE, "5.00106E+17", "科学计数", "文本"),
    (SCREEN, "/nowhere", "枚举", "/trust"),
]


@pytest.mark.parametrize(("column", "written", "rule", "said"), WRONG)
def test_an_open_form_is_refused_with_a_remedy(column: Column, written: str, rule: str, said: str):
    cell = read_cell(column, written)
    assert (cell.value, cell.severity, cell.rule) == (None, "error", rule)
    assert said in cell.message


def test_every_declared_value_and_synonym_is_read_as_itself():
    read = [
        (read_cell(c, written).value, value)
        for t in TABLES
        for c in t.columns
        if c.values and c.type == "text"
        for written, value in [*((v, v) for v in c.values), *c.synonyms]
    ]
    assert len(read) > 100
    assert all(got == value for got, value in read)


# ------------------------------------------------ SQL knows the standard forms: it must agree

SAMPLES = sorted(
    {written for _, written, *_ in (*STANDARD, *WARNED, *WRONG)}
    | {"2023/01/05", "2023.01.05", "2023 01 05", "2023-01/05", "2023/01-05"}
    | {"2024-02-29", "2023-02-29", "2100-12-31", "2101-01-01", "1949-01-01", "1948-12-31"}
    | {" 12 ", "007", "-0", "1e5", "1_000", "0x1F", "١٢", "12.", ".5", "+5", "１.５", "NaN", "inf"}
    | {"true", "是 ", "　否", "文字 和音像", "警告", "一", "'", '="', "2023-1-005", "+023-01-05"}
)
LEDGER = BY_NAME["enforcement_actions"]


FILLER = {"action_type": "行政处罚", "opened_on": "1949-01-01"}


def _one_cell_rows(texts: list[str]) -> list[tuple[Column, dict[str, str]]]:
    """A row for each column and text, whole but for that cell; keys never double."""
    out, keys = [], set()
    for column in LEDGER.columns:
        for text in texts:
            row = FILLER | {"action_no": f"N{len(out)}", column.name: text}
            if column.name == "opened_on":  # a penalty needs none that is decided
                row |= {"decided_on": "2100-12-31"}
            key = str(read_cell(LEDGER.column("action_no"), row["action_no"]).value)
            if key not in keys:
                out.append((column, row))
                keys.add(key)
    return out


DOUBTS = {
    "少见": lambda c, value: c.usual and value is not None and value not in c.values,
    "单位存疑": lambda c, value: c.money and value is not None and 0 < value < 1,
}
"""What is told of a value that was read: by the column's declaration, not by how it is written."""


def _read_by_both(folder: Path, texts: list[str]) -> None:
    """Put each text into every column of a ledger, and compare DuckDB's reading with read_cell."""
    folders.put_town(folder, as_of="2100-12-31")
    rows = _one_cell_rows(texts)
    folders.put_table(folder, LEDGER.name, [row for _, row in rows])
    snapshot = store.load(folder, most=len(rows))
    cursor = snapshot.cursor().execute(f"SELECT * FROM {LEDGER.name}")
    names = [d[0] for d in cursor.description]
    found = {r[-1]: dict(zip(names, r, strict=True)) for r in cursor.fetchall()}
    faults = [f for f in snapshot.faults if f.rule not in DOUBTS]
    told = {(f.row, f.severity, f.rule, f.message) for f in faults}
    doubted = {(f.row, f.rule) for f in snapshot.faults if f.rule in DOUBTS}
    expected, doubts, once = set(), set(), Counter()
    for column, row in rows:
        cell = read_cell(column, row[column.name])
        once[column, cell.message] += cell.once
    for number, (column, row) in enumerate(rows, start=2):
        cell, where = read_cell(column, row[column.name]), f"{column.name}: {row[column.name]!r}"
        if cell.severity and not cell.once:
            expected.add((number, cell.severity, cell.rule, cell.message))
        elif count := once.pop((column, cell.message), 0):  # the first of the column stands for all
            more = f"（这一列共 {count} 处，只列第一处）" if count > 1 else ""
            expected.add((number, cell.severity, cell.rule, cell.message + more))
        assert (number in found) == (cell.severity != "error"), where
        if number in found:
            assert found[number][column.name] == cell.value, where
        doubts |= {(number, rule) for rule, of in DOUBTS.items() if of(column, cell.value)}
    assert (told, doubted) == (expected, doubts)


def test_the_database_reads_each_form_as_read_cell_does(tmp_path: Path):
    _read_by_both(tmp_path, SAMPLES)


@settings(max_examples=10, deadline=None)
@given(st.lists(st.text("0123456789-/.年月日,%E+是否有√ 　１２\t元", max_size=12), max_size=40))
def test_the_database_reads_any_text_as_read_cell_does(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str]
):
    _read_by_both(tmp_path_factory.mktemp("any"), texts)


# ------------------------------------------------ headers


def _matched(*headers: str) -> tuple[list[str | None], list[Fault]]:
    tally = Tally("goal_updates.csv")
    return match_headers(BY_NAME["goal_updates"], headers, tally), tally.faults()


def test_headers_are_found_by_either_name_whatever_their_width_and_space():
    names, faults = _matched("举措编号", " DATE ", "状 态", "进度(%)", "evidence")
    assert names == ["goal_id", "date", "status", "progress", "evidence"]
    assert faults == []


def test_a_missing_required_column_is_an_error_that_names_the_present_ones():
    _, faults = _matched("举措编号", "状态")
    (fault,) = faults
    assert (fault.severity, fault.rule, fault.column) == ("error", "缺列", "日期")
    assert "举措编号、状态" in fault.message


def test_a_doubled_column_is_an_error_and_an_unknown_one_a_warning():
    _, faults = _matched("举措编号", "日期", "date", "状态", "负责人")
    assert [(f.severity, f.rule, f.column) for f in faults] == [
        ("error", "列重复", "日期"),
        ("warning", "未知列", "负责人"),
    ]


# ------------------------------------------------ published figures

WRITTEN = [
    ("80", 80, "", "", True),
    ("80余", 80, "余", "", False),
    ("80余件", 80, "余", "件", False),
    ("80多件", 80, "余", "件", False),
    ("超3000余", 3000, "余", "", False),
    ("超3000余人次", 3000, "余", "人次", False),
    ("超过3000人", 3000, "余", "人", False),
    ("近50", 50, "近", "", False),
    ("近千人", 1000, "近", "人", False),
    ("10场以上", 10, "以上", "场", False),
    ("至少4次", 4, "以上", "次", False),
    ("约30", 30, "约", "", False),
    ("30人左右", 30, "约", "人", False),
    ("5万余件", 50000, "余", "件", False),
    ("7.4万", 74000, "", "", False),
    ("7.4万余", 74000, "余", "", False),
    ("五百余人", 500, "余", "人", False),
    ("百余件", 100, "余", "件", False),
    ("三千二百", 3200, "", "", False),
    ("一万二千", 12000, "", "", False),
    ("十二", 12, "", "", False),
    ("零", 0, "", "", False),
    ("1,234", 1234, "", "", False),
    ("１２３", 123, "", "", False),
    ("100%", 100, "", "%", False),
    ("99.5", 99.5, "", "", True),
]


@pytest.mark.parametrize(("text", "value", "qualifier", "unit", "standard"), WRITTEN)
def test_a_number_as_towns_write_it(
    text: str, value: float, qualifier: str, unit: str, standard: bool
):
    got = read_written(text)
    assert (float(got.value), got.qualifier, got.unit, got.standard) == (
        value,
        qualifier,
        unit,
        standard,
    )


@pytest.mark.parametrize(
    "text",
    [
        "每季度",
        "各1场次",
        "不少于4次",
        "十几",
        "数十件",
        "二〇",
        "1,23",
        "近50以上",
        "1.23E+11",
        "有",
    ],
)
def test_what_is_no_number_is_refused_with_a_remedy(text: str):
    with pytest.raises(Unreadable) as e:
        read_written(text)
    assert e.value.rule
    assert str(e.value)


UNITS = [
    ("5", "万元", "元", 50000, "元", True),
    ("123456", "元", "万元", 12.3456, "万元", True),
    ("2", "亿元", "万元", 20000, "万元", True),
    ("3", "千份", "份", 3000, "份", True),
    ("3.2", "万", "元", 32000, "元", True),
    ("3.5", "万", "万元", 3.5, "万元", False),
    ("5", "万", "人次", 50000, "人次", True),
    ("14", "名", "人", 14, "人", False),
    ("14", "位", "名", 14, "名", False),
    ("3", "宗", "件", 3, "件", False),
    ("3", "起", "件", 3, "件", False),
    ("100", "％", "%", 100, "%", False),
    ("3", "场次", "场", 3, "场", False),
    ("3", "场次", "次", 3, "场次", True),
    ("3", "人次", "人", 3, "人次", True),
    ("3", "个", "项", 3, "个", True),
    ("2021", "版", "", 2021, "", False),
    ("5", "", "件", 5, "件", False),
]


@pytest.mark.parametrize(("value", "written", "wanted", "result", "unit", "warned"), UNITS)
def test_a_unit_is_converted_where_it_is_a_scale(
    value: str, written: str, wanted: str, result: float, unit: str, warned: bool
):
    got, shown, warning = convert(Decimal(value), written, wanted)
    assert (float(got), shown, bool(warning)) == (result, unit, warned)


@pytest.mark.parametrize(
    ("written", "wanted"),
    [("元", "件"), ("件", "元"), ("件", "%"), ("%", "次"), ("年", "天"), ("万", "%"), ("百", "天")],
)
def test_another_kind_of_unit_is_refused(written: str, wanted: str):
    with pytest.raises(Unreadable) as e:
        convert(Decimal(1), written, wanted)
    assert e.value.rule == "单位"


DIMENSIONS = [
    ("power.items", "", "", False),
    ("power.items", "行政处罚", "行政处罚", False),
    ("power.items", "category=行政处罚", "行政处罚", False),
    ("power.items", "权力类型＝行政处罚", "行政处罚", False),
    ("power.items", "调解", "调解", False),
    ("power.items", "合计", "", True),
    ("disclosure.published", "channel=政府网站", "channel=政府网站", False),
    ("disclosure.published", "month=03；channel＝政府网站", "channel=政府网站;month=3", False),
    ("disclosure.published", "channel=政府网站;财政", "财政;channel=政府网站", False),
    ("disclosure.t3.new", "总计", "总计", False),
    ("disclosure.t3.new", "", "总计", False),
    ("applications.handled", "予以公开", "granted", False),
    ("adviser.count", "甲", "甲", True),
]


@pytest.mark.parametrize(("code", "written", "canonical", "warned"), DIMENSIONS)
def test_a_dimension_gets_its_canonical_form(code: str, written: str, canonical: str, warned: bool):
    got, warning = canonical_dimension(kpi(code), written)
    assert (got, bool(warning)) == (canonical, warned)
    assert canonical_dimension(kpi(code), got)[0] == canonical


@pytest.mark.parametrize(
    ("code", "written", "said"),
    [
        ("power.items", "village=一村", "category（权力类型）"),
        ("disclosure.t3.new", "外国人", "科研机构"),
        ("disclosure.published", "month=13", "12"),
        ("power.items", "行政处罚;行政许可", "两次"),
        ("power.items", "category=", "没有写内容"),
    ],
)
def test_a_dimension_that_is_not_there_is_refused(code: str, written: str, said: str):
    with pytest.raises(Unreadable) as e:
        canonical_dimension(kpi(code), written)
    assert said in str(e.value)


def test_every_declared_dimension_value_is_canonical():
    assert KPIS
    for k in KPIS:
        for d in k.dimensions:
            for value in d.values:
                written = value if d is k.dimensions[0] else f"{d.name}={value}"
                assert canonical_dimension(k, written) == (written, "")


def test_a_long_list_of_one_fault_is_cut_and_counted():
    tally = Tally("x.csv")
    for row in range(2, 1002):
        tally.add(Fault("error", "x.csv", row, "列", "值", "枚举", "说明"))
    listed = tally.faults()
    assert len(listed) == LISTED + 1
    assert "1000" in listed[-1].message


def test_a_number_and_its_unit_column_that_say_different_scales_are_refused(tmp_path: Path):
    row = {"year": "2023", "indicator": "disclosure.t2.fees", "source": "年报"}
    row |= {"value": "12500元", "unit": "万元"}
    folders.put_table(folders.town(tmp_path), "reported", [row])
    snapshot = store.load(tmp_path)
    assert [f.rule for f in snapshot.faults] == ["单位"] and not snapshot.reported


def test_a_cell_of_the_2019_form_is_kept_as_published(tmp_path: Path):
    row = {"year": "2020", "indicator": "disclosure.t2_2019.fees", "source": "年报"}
    row |= {"dimension": "本年收费金额", "value": "1.5", "unit": "万元"}
    folders.put_table(folders.town(tmp_path), "reported", [row])
    snapshot = store.load(tmp_path)
    (figure,) = snapshot.reported
    assert snapshot.faults == ()
    assert (figure.value, figure.unit, figure.dimension) == (1.5, "万元", "本年收费金额")
