"""A broken folder for every way to be wrong: what is told, about which cell, and what still counts.

The town is whole but for the one thing. Faults are compared as a whole: the fault expected is
told, with its file, row, column and value, and no other one is.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import folders
import pytest
from folders import ACTION, GOOD, POWER, put, put_table, second_town

from qmg_dash.folder import store
from qmg_dash.folder.across import check_folder
from qmg_dash.folder.snapshot import Snapshot
from qmg_dash.folder.tally import LISTED
from qmg_dash.model import DataError, Fault
from qmg_dash.tables import BY_NAME, TABLES, Column, Table

Told = tuple[str, str, int | None, str, str, str]
"""severity, file, row, column, value, rule"""

ACTIONS = "ledgers/enforcement_actions.csv"


def told(snapshot: Snapshot) -> set[Told]:
    """What a snapshot says; every message must say something."""
    assert all(len(f.message) >= 8 for f in snapshot.faults)
    return {(f.severity, f.file, f.row, f.column, f.value, f.rule) for f in snapshot.faults}


# ------------------------------------------------ every table, by its declaration

AMOUNTS = [(t, c) for t in TABLES for c in t.columns if c.header.endswith("（元）")]


@pytest.mark.parametrize(("table", "column"), AMOUNTS, ids=lambda x: x.name)
def test_an_amount_of_less_than_a_yuan_is_doubted(tmp_path: Path, table: Table, column: Column):
    """Most likely 万元 were typed: the row counts, and is told. Nothing and 1 yuan are none."""
    amounts = ["0", "1", "", "0.02", "0.9999", "200.5"]
    rows = _numbered(table, [_with(table, column.name, text) for text in amounts])
    put_table(folders.second_town(tmp_path), table.name, rows)
    snapshot = store.load(tmp_path)
    doubts = [f for f in snapshot.faults if f.rule == "单位存疑"]
    assert [(f.severity, f.value, f.row) for f in doubts] == [
        ("warning", "0.02", 5),
        ("warning", "0.9999", 6),
    ]
    assert all("万元" in f.message and f.column == column.header for f in doubts)
    assert snapshot.tables[table.name].rejected == 0


def _bad_cell(column: Column) -> str | None:
    """A text that the column cannot hold."""
    if column.type != "text" or column.name == "screen":
        return "甲乙"
    if column.name == "indicator" and column.required:
        return "甲乙"
    if column.values and not column.open:
        return "甲乙"
    return "1.23E+11" if column.coded else None


def _with(table: Table, column: str, written: str) -> dict[str, str]:
    """A good row of the table with one cell written otherwise."""
    return GOOD[table.name][0] | {column: written}


def _numbered(table: Table, rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """The rows with keys of their own, where a key is not what is broken."""
    if len(table.key) != 1:
        return rows
    key = table.key[0]
    broken = {"", "1.23E+11"}
    return [r if r.get(key, "") in broken else r | {key: f"K{i}"} for i, r in enumerate(rows)]


@pytest.mark.parametrize("table", TABLES, ids=lambda t: t.name)
def test_every_column_refuses_what_it_cannot_hold(tmp_path: Path, table: Table):
    cases = [(c, bad) for c in table.columns if (bad := _bad_cell(c))]
    assert cases or table.name in ("shortcomings", "corrections")
    folders.town(tmp_path)
    rows = _numbered(table, [_with(table, c.name, bad) for c, bad in cases])
    if table.name in ("power_items", "reported"):  # keys of several columns
        part = "item_code" if table.name == "power_items" else "dimension"
        rows = [r if r[part] == "1.23E+11" else r | {part: f"K{i}"} for i, r in enumerate(rows)]
    put_table(tmp_path, table.name, rows)
    snapshot = store.load(tmp_path)
    errors = {t[:5] for t in told(snapshot) if t[0] == "error"}
    assert errors == {
        ("error", table.path, i, c.header, bad) for i, (c, bad) in enumerate(cases, start=2)
    }
    loaded = snapshot.tables[table.name]
    assert (loaded.rows, loaded.rejected) == (0, len(cases))


@pytest.mark.parametrize("table", TABLES, ids=lambda t: t.name)
def test_every_required_cell_must_be_filled_in(tmp_path: Path, table: Table):
    required = [c for c in table.columns if c.required]
    folders.town(tmp_path)
    rows = _numbered(table, [_with(table, c.name, "") for c in required])
    if table.name == "reported":
        rows = [r | {"dimension": f"K{i}"} for i, r in enumerate(rows)]
    if table.name == "power_items":
        rows = [r | {"item_code": f"K{i}"} for i, r in enumerate(rows)]
    put_table(tmp_path, table.name, rows)
    snapshot = store.load(tmp_path)
    errors = {t for t in told(snapshot) if t[0] == "error"}
    assert errors == {
        ("error", table.path, i, c.header, "", "必填") for i, c in enumerate(required, start=2)
    }
    assert snapshot.tables[table.name].rows == 0


@pytest.mark.parametrize("table", TABLES, ids=lambda t: t.name)
def test_every_required_column_must_be_there(tmp_path: Path, table: Table):
    folder = folders.town(tmp_path, table.name)
    required = [c for c in table.columns if c.required]
    kept = [c.name for c in table.columns if not c.required]
    put_table(folder, table.name, GOOD[table.name], columns=kept or ["note"][:0])
    snapshot = store.load(folder)
    missing = {t for t in told(snapshot) if t[5] == "缺列"}
    assert missing == {("error", table.path, None, c.header, "", "缺列") for c in required}
    assert table.name not in snapshot.tables
    assert snapshot.records(table.name) == ()


PAIRS = [(t, pair, "先后") for t in TABLES for pair in t.not_before]
PAIRS += [(t, pair, "大小") for t in TABLES for pair in t.not_above]


@pytest.mark.parametrize(("table", "pair", "rule"), PAIRS, ids=lambda v: str(v)[:40])
def test_every_pair_must_be_in_order(
    tmp_path: Path, table: Table, pair: tuple[str, str], rule: str
):
    first, second = ("2023-05-01", "2023-05-02") if rule == "先后" else ("5", "4")
    folders.town(tmp_path)
    row = GOOD[table.name][0] | {pair[0]: first, pair[1]: second}
    others = {n for p in table.not_before for n in p} - set(pair)
    row |= {n: "" for n in others if not table.column(n).required}
    put_table(tmp_path, table.name, [row])
    snapshot = store.load(tmp_path)
    header = table.column(pair[0]).header
    (fault,) = [f for f in snapshot.faults if f.severity == "error"]
    assert (fault.file, fault.row, fault.column, fault.value, fault.rule) == (
        table.path,
        2,
        header,
        first,
        rule,
    )
    assert first in fault.message
    assert second in fault.message
    assert table.column(pair[1]).header in fault.message
    assert snapshot.tables[table.name].rejected == 1


SETTLED = [t for t in TABLES if t.settled]


def test_four_tables_close_a_row_by_one_column_and_date_it_in_another():
    assert {t.name for t in SETTLED} == {"applications", "legal_cases", "disputes", "assignments"}


@pytest.mark.parametrize("table", SETTLED, ids=lambda t: t.name)
def test_a_row_that_is_settled_without_its_day_is_told_and_counts(tmp_path: Path, table: Table):
    """Open by the one column, settled by the other; with the day, or where it is open, not."""
    settled = table.settled
    assert settled is not None
    state, day = table.column(settled.state), table.column(settled.day)
    values = settled.values or state.values
    open_values = [v for v in state.values if v not in values] or [""]
    blank = _with(table, settled.state, "") | {settled.day: ""}
    rows = [blank | {settled.state: v} for v in values]
    rows += [blank | {settled.state: v, settled.day: "2023-12-30"} for v in values]
    rows += [blank | {settled.state: v} for v in open_values]
    numbered = [r | {table.key[0]: f"K{i}"} for i, r in enumerate(rows)]
    folders.town(tmp_path, "power_items")
    put_table(tmp_path, table.name, numbered)
    snapshot = store.load(tmp_path)
    assert told(snapshot) == {
        ("warning", table.path, 2 + i, day.header, "", "已结无日期") for i in range(len(values))
    }
    assert snapshot.tables[table.name].rows == len(rows)
    message = snapshot.faults[0].message
    assert f"“{state.header}”填了“{values[0]}”，却没有“{day.header}”" in message
    assert f"请补填{day.header}" in message


KEYED = [t for t in TABLES if t.key]


@pytest.mark.parametrize("table", KEYED, ids=lambda t: t.name)
def test_a_doubled_key_keeps_the_table_out_and_names_both_rows(tmp_path: Path, table: Table):
    folders.town(tmp_path)
    rows = GOOD[table.name][:1]
    put_table(tmp_path, table.name, [*rows, {}, *rows])
    snapshot = store.load(tmp_path)
    (fault,) = [f for f in snapshot.faults if f.rule == "主键重复"]
    assert (fault.severity, fault.file, fault.row) == ("error", table.path, 4)
    assert "第 4 行与第 2 行" in fault.message
    assert table.column(table.key[0]).header in fault.column
    assert table.name not in snapshot.tables


def test_a_key_with_an_empty_part_is_no_doubled_key(tmp_path: Path):
    folders.town(tmp_path)
    uncoded = POWER | {"item_code": ""}
    put_table(tmp_path, "power_items", [POWER, uncoded, uncoded])
    snapshot = store.load(tmp_path)
    path = "ledgers/power_items.csv"
    assert (
        told(snapshot)
        == {("warning", path, row, "事项编码", "", "未登记") for row in (3, 4)} | set()
    )
    assert snapshot.tables["power_items"].rows == 3


# ------------------------------------------------ one folder, one thing wrong


@dataclass(frozen=True)
class Broken:
    """A way to break the good folder, and what must be told; `rows` of the table still count."""

    name: str
    make: Callable[[Path], object]
    told: set[Told]
    table: str = ""
    rows: int | None = None


def _text(path: str, text: str | bytes, encoding: str = "utf-8-sig") -> Callable[[Path], object]:
    return lambda folder: put(folder / path, text, encoding)


def _actions(*rows: dict[str, str]) -> Callable[[Path], object]:
    return lambda folder: put_table(folder, "enforcement_actions", rows)


def _reported(**cells: str) -> Callable[[Path], object]:
    row = GOOD["reported"][0] | cells
    return lambda folder: put_table(folder, "reported", [row])


def _figure(
    name: str, severity: str, header: str, written: str, rule: str, /, **cells: str
) -> Broken:
    what = {(severity, "reported.csv", 2, header, written, rule)}
    return Broken(name, _reported(**cells), what, "reported", int(severity == "warning"))


HEAD = "执法编号,行为类型,立案或启动日期\n"

BROKEN = [
    # rows
    Broken(
        "too many cells",
        _text(ACTIONS, HEAD + "A,行政检查,2023-01-01,多\nB,行政检查,2023-01-01\n"),
        {("error", ACTIONS, 2, "", "A,行政检查,2023-01-01,多", "列数")},
        "enforcement_actions",
        1,
    ),
    Broken(
        "too few cells",
        _text(ACTIONS, HEAD + "A,行政检查,2023-01-01\nB,行政检查\nC,行政检查,2023-01-01\n"),
        {("error", ACTIONS, 3, "", "B,行政检查", "列数")},
        "enforcement_actions",
        2,
    ),
    Broken(
        "a row behind a cell of two lines keeps Excel's number",
        _text(ACTIONS, HEAD + '"A\n1",行政检查,2023-01-01\nB,行政检查,03/04/2023\n'),
        {("error", ACTIONS, 3, "立案或启动日期", "03/04/2023", "日期")},
        "enforcement_actions",
        1,
    ),
    Broken(
        "blank rows do not shift the numbers",
        _text(ACTIONS, HEAD + "\n,,\n ,　,\nB,行政检查,2023-02-30\n"),
        {("error", ACTIONS, 5, "立案或启动日期", "2023-02-30", "日期")},
        "enforcement_actions",
        0,
    ),
    *(
        Broken(
            f"a quote that is never closed, {i}",
            _text(ACTIONS, HEAD.replace("\n", ",处理结果\n") + text),
            {("error", ACTIONS, None, "", "", "引号")},
        )
        for i, text in enumerate(
            (
                'A,行政检查,2023-01-01,"未完\nB,行政检查,2023-01-01,完\n',
                'A,行政检查,2023-01-01,"未完\nB,行政检查,2023-01-01,"完"\n',
                'A,行政检查,2023-01-01,"未完\nB,行政检查,2023-01-01,"完\n',
                'A,行政检查,"2023-01-01\nB,行政检查,2023-01-01,完\n',
            )
        )
    ),
    Broken(
        "an inch mark and a cell of two lines are no open quote",
        _text(
            ACTIONS,
            HEAD.replace("\n", ",处理结果\n")
            + 'A,行政检查,2023-01-01,5"管\nB,行政检查,2023-01-01,"两\n行"\n',
        ),
        set(),
        "enforcement_actions",
        2,
    ),
    Broken(
        "two kinds of faults in one row",
        _actions(ACTION | {"opened_on": "2023/3/1", "officers": "-2", "recording": "录像"}),
        {
            ("warning", ACTIONS, 2, "立案或启动日期", "2023/3/1", "日期写法"),
            ("error", ACTIONS, 2, "执法人数", "-2", "范围"),
            ("error", ACTIONS, 2, "全过程记录", "录像", "枚举"),
        },
        "enforcement_actions",
        0,
    ),
    Broken(
        "a category that is not standard is kept, and told",
        _actions(ACTION | {"action_type": "行政调解"}),
        {("warning", ACTIONS, 2, "行为类型", "行政调解", "少见")},
        "enforcement_actions",
        1,
    ),
    # references and the clock
    Broken(
        "a power that is not listed",
        _actions(ACTION | {"item_code": "9999"}),
        {("warning", ACTIONS, 2, "事项编码", "9999", "引用")},
        "enforcement_actions",
        1,
    ),
    Broken(
        "a date after the clock",
        _actions({"action_no": "A", "action_type": "行政检查", "opened_on": "2024-02-01"}),
        {("warning", ACTIONS, 2, "立案或启动日期", "2024-02-01", "晚于今天")},
        "enforcement_actions",
        1,
    ),
    Broken(
        "an update of no goal",
        lambda f: put_table(
            f, "goal_updates", [{"goal_id": "G9", "date": "2023-06-30", "status": "进行中"}]
        ),
        {("warning", "goal_updates.csv", 2, "举措编号", "G9", "引用")},
        "goal_updates",
        1,
    ),
    Broken(
        "a goal that names an unknown indicator and shortcoming",
        lambda f: put_table(
            f, "goals", [GOOD["goals"][0] | {"indicator": "no.such", "shortcoming_ids": "B1、B7"}]
        ),
        {
            ("warning", "goals.csv", 2, "指标", "no.such", "指标"),
            ("warning", "goals.csv", 2, "对应不足", "B7", "引用"),
        },
        "goals",
        1,
    ),
    Broken(
        "a mechanism that names an unknown indicator",
        lambda f: put_table(f, "practices", [GOOD["practices"][0] | {"indicator": "no.such"}]),
        {("warning", "practices.csv", 2, "指标", "no.such", "指标")},
        "practices",
        1,
    ),
    # columns
    Broken(
        "an unknown column",
        _text(ACTIONS, HEAD.replace("\n", ",天气\n") + "A,行政检查,2023-01-01,晴\n"),
        {("warning", ACTIONS, None, "天气", "天气", "未知列")},
        "enforcement_actions",
        1,
    ),
    Broken(
        "a column without a name",
        _text(ACTIONS, HEAD.replace("\n", ",,\n") + "A,行政检查,2023-01-01,,晴\n"),
        {("warning", ACTIONS, None, "", "晴", "未知列")},
        "enforcement_actions",
        1,
    ),
    Broken(
        "a doubled column",
        _text(ACTIONS, HEAD.replace("\n", ",行为类型\n") + "A,行政检查,2023-01-01,行政检查\n"),
        {("error", ACTIONS, None, "行为类型", "行为类型、行为类型", "列重复")},
    ),
    # files
    Broken("a file of 0 bytes", _text(ACTIONS, b""), {("error", ACTIONS, None, "", "", "空文件")}),
    Broken(
        "a file of blanks",
        _text(ACTIONS, "\n \n,,\n"),
        {("error", ACTIONS, None, "", "", "空文件")},
    ),
    Broken("a header alone", _text(ACTIONS, HEAD), set(), "enforcement_actions", 0),
    Broken(
        "a workbook by another name",
        _text(ACTIONS, b"PK\x03\x04" + bytes(100)),
        {("error", ACTIONS, None, "", "", "文件")},
    ),
    Broken(
        "no encoding at all",
        _text(ACTIONS, b"\xff\xfe\xff\x80,\x00\xd8\x01\n" * 3 + b"\x81"),
        {("error", ACTIONS, None, "", "", "编码")},
    ),
    Broken(
        "the last row half written",
        _text(ACTIONS, HEAD + "A,行政检查,2023-01-01\nB,行政"),
        {("error", ACTIONS, None, "", "B,行政", "末行不完整")},
    ),
    Broken(
        "a 0-byte Parquet",
        _text("ledgers/disputes.parquet", b""),
        {("error", "ledgers/disputes.csv", None, "", "", "重复文件")},
    ),
    Broken(
        "an unknown ledger",
        _text("ledgers/weather.csv", "日期\n"),
        {("warning", "ledgers/weather.csv", None, "", "", "未知文件")},
    ),
    Broken(
        "a ledger in the wrong folder",
        _text("disputes.csv", "登记编号\n"),
        {("warning", "disputes.csv", None, "", "", "未知文件")},
    ),
    Broken(
        "a table by its Chinese name",
        _text("目标举措.csv", "举措编号\n"),
        {("warning", "目标举措.csv", None, "", "", "未知文件")},
    ),
    Broken(
        "a workbook beside the ledgers",
        _text("ledgers/执法.xlsx", b"PK"),
        {("warning", "ledgers/执法.xlsx", None, "", "", "文件")},
    ),
    # published figures
    _figure("80余 in the value", "warning", "数值", "80余", "数值写法", value="80余"),
    _figure("a value in full width", "warning", "数值", "１２３", "数值写法", value="１２３"),
    _figure("a dash for a value", "error", "数值", "—", "必填", value="—"),
    _figure("no value", "error", "数值", "", "必填", value=""),
    _figure("a frequency", "error", "数值", "每季度", "数值", value="每季度"),
    _figure("a demand", "error", "数值", "不少于4次", "数值", value="不少于4次"),
    _figure("a spoilt number", "error", "数值", "1.23E+11", "科学计数", value="1.23E+11"),
    _figure("a contradiction", "error", "数值", "近50以上", "约数", value="近50以上"),
    _figure("an unknown code", "error", "指标", "no.such", "指标", indicator="no.such"),
    _figure("an unknown qualifier", "error", "约数", "大概", "枚举", qualifier="大概"),
    _figure("no source", "error", "来源", "", "必填", source=""),
    _figure("no year", "error", "年度", "去年", "数字", year="去年"),
    _figure("a unit of another kind", "error", "单位", "元", "单位", unit="元"),
    _figure("another counter", "warning", "单位", "个", "单位", unit="个"),
    _figure("another scale", "warning", "单位", "百项", "单位", unit="百项"),
    _figure(
        "two scales at once",
        "error",
        "单位",
        "亿元",
        "单位",
        indicator="enforcement.fines",
        dimension="",
        value="7.4万",
        unit="亿元",
    ),
    _figure("a dimension of another", "error", "维度", "month=3", "维度", dimension="month=3"),
    _figure("a total by name", "warning", "维度", "合计", "维度", dimension="合计"),
    _figure(
        "a value outside a closed dimension",
        "error",
        "维度",
        "外国人",
        "维度",
        indicator="disclosure.t3.new",
        dimension="外国人",
        unit="件",
    ),
    _figure(
        "a dimension where there is none",
        "warning",
        "维度",
        "甲",
        "维度",
        indicator="adviser.count",
        dimension="甲",
        unit="名",
    ),
    _figure(
        "more than all",
        "warning",
        "数值",
        "120",
        "百分比",
        indicator="applications.reply_rate",
        dimension="",
        value="120",
        unit="%",
    ),
    _figure(
        "a share of one for a percentage",
        "warning",
        "数值",
        "0.985",
        "百分比",
        indicator="applications.reply_rate",
        dimension="",
        value="0.985",
        unit="%",
    ),
    _figure("a year that has not come", "warning", "年度", "2024", "晚于今天", year="2024"),
    _figure("percent of a count", "error", "单位", "项", "单位", value="36%"),
    _figure(
        "a form of another year",
        "error",
        "数值",
        "2020",
        "年报格式",
        indicator="disclosure.form",
        dimension="",
        value="2020",
        unit="",
    ),
    Broken(
        "a figure given twice in other words",
        lambda f: put_table(
            f,
            "reported",
            [GOOD["reported"][0], GOOD["reported"][0] | {"dimension": "category＝行政处罚"}],
        ),
        {
            (
                "error",
                "reported.csv",
                3,
                "年度＋指标＋维度",
                "2023＋power.items＋行政处罚",
                "主键重复",
            )
        },
    ),
]


TOUCHED = ("power_items", "enforcement_actions", "disputes", "reported", "goals", "goal_updates")
TOUCHED += ("shortcomings", "practices")


@pytest.mark.parametrize("broken", BROKEN, ids=lambda b: b.name)
def test_what_is_wrong_is_told_and_nothing_else(tmp_path: Path, broken: Broken):
    folders.town(tmp_path, *TOUCHED)
    broken.make(tmp_path)
    snapshot = store.load(tmp_path)
    assert told(snapshot) == broken.told
    assert set(check_folder(snapshot)) == set(snapshot.faults)
    if broken.table:
        loaded = snapshot.tables[broken.table]
        count = snapshot.cursor().execute(f"SELECT count(*) FROM {broken.table}").fetchone()
        assert (loaded.rows, (loaded.rows,)) == (broken.rows, count)
    whole = {f.file for f in snapshot.faults if f.severity == "error" and f.row is None}
    for table in TABLES:
        if table.path in whole:
            assert table.name not in snapshot.tables


def test_many_faults_are_cut_and_counted_and_all_their_rows_left_out(tmp_path: Path):
    folders.town(tmp_path)
    rows = [ACTION | {"action_no": f"N{i}", "opened_on": "03/04/2023"} for i in range(1000)]
    put_table(tmp_path, "enforcement_actions", [*rows, ACTION])
    snapshot = store.load(tmp_path)
    assert len(snapshot.faults) == LISTED + 1
    assert "1000" in check_folder(snapshot)[0].message
    loaded = snapshot.tables["enforcement_actions"]
    assert (loaded.rows, loaded.rejected) == (1, 1000)


def test_what_is_not_data_is_passed_over_in_silence(tmp_path: Path):
    second_town(tmp_path)
    for name in (
        "~$reported.csv",
        ".~lock.reported.csv#",
        ".~reported.csv",
        ".DS_Store",
        "README.csv",
        "说明.md",
        "备注.txt",
        "ledgers/.gitkeep",
        "ledgers/~$disputes.csv",
        "ledgers/.disputes.csv.swp",
        ".history/reported.csv",
        "demo/reported.csv",
    ):
        put(tmp_path / name, b"\x00\x01 lock")
    assert store.load(tmp_path).faults == ()


NO_FILES = {
    "a folder": Path.mkdir,
    "a link to nothing": lambda p: p.symlink_to(p.with_name("nowhere")),
    "a link to itself": lambda p: p.symlink_to(p),
    **({"a pipe": os.mkfifo} if hasattr(os, "mkfifo") else {}),  # to open it would wait for ever
}


@pytest.mark.parametrize("make", NO_FILES.values(), ids=NO_FILES)
@pytest.mark.parametrize("name", ["reported.csv", ACTIONS, "ledgers/disputes.parquet", "ledgers"])
def test_something_else_where_a_table_should_lie_is_told(tmp_path: Path, name: str, make):
    folders.town(tmp_path)
    (tmp_path / "ledgers").mkdir(exist_ok=True)
    if name == "ledgers":
        (tmp_path / name).rmdir()
        if make is Path.mkdir:
            return  # a folder is what it should be
    make(tmp_path / name)
    (fault,) = store.load(tmp_path).faults
    assert (fault.severity, fault.file, fault.rule) == ("error", name, "读取")
    assert "请" in fault.message


def test_the_last_good_table_stays_where_a_folder_takes_its_place(tmp_path: Path):
    watched = store.Store(folders.town(tmp_path, "disputes"))
    assert watched.current().tables["disputes"].rows == 1
    (tmp_path / "ledgers/disputes.csv").unlink()
    (tmp_path / "ledgers/disputes.csv").mkdir()
    shown = watched.current()
    assert (shown.tables["disputes"].rows, shown.tables["disputes"].stale) == (1, True)
    assert {f.rule for f in shown.faults} == {"读取", "上一版"}


def test_a_thousand_trailing_empty_rows_are_none(tmp_path: Path):
    folders.town(tmp_path)
    for name in ("reported", "enforcement_actions", "goals"):
        table = BY_NAME[name]
        text = folders.csv_text(name, GOOD[name])
        blank = "," * (len(table.columns) - 1)
        put(tmp_path / table.path, text + f"{blank}\r\n" * 500 + "\r\n" * 500)
    snapshot = store.load(tmp_path)
    assert snapshot.faults == ()
    for name in ("reported", "enforcement_actions", "goals"):
        assert snapshot.tables[name].rows == len(GOOD[name])


def test_surplus_empty_cells_are_no_fault(tmp_path: Path):
    folders.town(tmp_path)
    put(tmp_path / ACTIONS, HEAD + "A,行政检查,2023-01-01,,,\nB,行政检查,2023-01-02\n")
    snapshot = store.load(tmp_path)
    assert snapshot.faults == ()
    assert snapshot.cursor().execute(
        "SELECT action_no, _row FROM enforcement_actions ORDER BY _row"
    ).fetchall() == [("A", 2), ("B", 3)]


# ------------------------------------------------ town.toml

TOWNS = [
    ("", "必填", "name"),
    ("[town]\nshort_name = '甲'", "必填", "name"),
    ("[town]\nname = '甲'\n[dataset]\nnature = 'real'", "枚举", "nature"),
    ("[town]\nname = '甲'\n[dataset]\nas_of = '2023-02-30'", "日期", "as_of"),
    ("[town]\nname = '甲'\n[dataset]\nas_of = 9999-12-31", "日期", "as_of"),
    ("[town]\nname = ['甲']", "格式", "name"),
    ("[town]\nname = “甲镇”", "格式", ""),
    ("town = '甲镇'", "格式", "town"),
]


@pytest.mark.parametrize(("text", "rule", "column"), TOWNS)
def test_a_town_that_cannot_be_shown_says_why(tmp_path: Path, text: str, rule: str, column: str):
    put(tmp_path / "town.toml", text, "utf-8")
    with pytest.raises(DataError) as e:
        store.load(tmp_path)
    fault: Fault = e.value.faults[0]
    assert (fault.severity, fault.file, fault.rule, fault.column) == (
        "error",
        "town.toml",
        rule,
        column,
    )
    assert fault.message


def test_a_missing_folder_or_town_says_which(tmp_path: Path):
    with pytest.raises(DataError, match="没有这个数据文件夹"):
        store.load(tmp_path / "nowhere")
    with pytest.raises(DataError, match=r"缺少 town\.toml"):
        store.load(tmp_path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_a_town_is_read_in_every_encoding(tmp_path: Path, encoding: str):
    text = (
        "[town]\nname = '甲镇'\n[dataset]\nas_of = '2023年12月31日'\n[cadence]\ndisputes = '天'\n"
    )
    put(tmp_path / "town.toml", text, encoding)
    snapshot = store.load(tmp_path)
    assert (snapshot.town.name, snapshot.town.short_name) == ("甲镇", "甲镇")
    assert str(snapshot.clock()) == "2023-12-31"
    assert {(f.severity, f.rule) for f in snapshot.faults} == {
        ("warning", "日期写法"),
        ("warning", "枚举"),
    }
