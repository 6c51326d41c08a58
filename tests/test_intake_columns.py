"""A column is what its name says, in the unit that it says: nothing is read or advised for being
spelt alike, and no amount, date or count is left out without the sender's word."""

from __future__ import annotations

import datetime
import os
from collections.abc import Sequence
from pathlib import Path

import folders
import pytest
from sending import Rows, kept, notes, planned, text, tree, xlsx

from qmg_dash.intake.plan import Plan, publish
from qmg_dash.intake.vocabulary import match
from qmg_dash.tables import ALIASES, BY_NAME, SUMMANDS, TABLES

ACTIONS = "ledgers/enforcement_actions.csv"
HEAD = ("执法编号", "行为类型", "立案或启动日期", "决定日期")
ROW = ("N1", "行政处罚", "2023-03-01", "2023-03-20")
FINE = "罚没金额（元）"
BOTH = "没收违法所得、没收非法财物的金额"
DISPUTE, CASE = ("登记编号", "登记日期", "办理状态"), ("J7", "2023-02-03", "在调")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A town without a ledger."""
    return folders.town(tmp_path / "town")


def sent(folder: Path, more: Sequence[str], *rows: Sequence[object], **how: Sequence[str]) -> Plan:
    """The plan for 执法行为 with these columns more."""
    lines: Rows = [
        [*HEAD, *more],
        *([f"N{n}", *ROW[1:], *cells] for n, cells in enumerate(rows, 1)),
    ]
    return planned(folder, text(lines).encode("utf-8-sig"), "台账.csv", **how)  # type: ignore[arg-type]


def fines(folder: Path, plan: Plan) -> list[str]:
    assert not plan.problems, [p.fault.message for p in plan.problems]
    publish(plan)
    return [row[FINE] for row in kept(folder, ACTIONS)]


def told(plan: Plan) -> list[tuple[str, str]]:
    """(rule, header) of each fault."""
    return [(p.fault.rule, p.fault.value) for p in plan.problems]


# ---------------------------------------------------------------- units

UNITS = [
    ("罚款金额（万元）", "2", "20000"),
    ("罚没金额(万元)", "2.5", "25000"),
    ("处罚金额（万元）", "0.02", "200"),
    ("罚没款金额（千元）", "3", "3000"),
    ("罚没金额（亿元）", "0.00012345", "12345"),
    ("罚没金额［万元］", "2", "20000"),
    ("罚没金额【万元】", "2", "20000"),
    ("罚没金额（单位：万元）", "2", "20000"),
    ("罚没金额（单位:万元）（选填）", "2", "20000"),
    ("罚没金额（万元，必填）", "2", "20000"),
    ("罚没金额 单位：万元", "2", "20000"),
    ("罚没金额万元", "2", "20000"),
    ("罚没金额/万元", "2", "20000"),
    ("＊罚没金额 （ 万元 ）", "2", "20000"),
    ("罚没金额（万元）", "0.1234567", "1234.567"),
    ("罚没金额（万元）", "2万元", "20000"),
    ("罚没金额（万元）", "2元", "2"),
    ("罚没金额（万元）", "—", ""),
    ("罚没金额（元）", "2", "2"),
    ("罚款金额（元）", "1,234.50", "1234.5"),
]


@pytest.mark.parametrize(("header", "written", "yuan"), UNITS)
def test_an_amount_comes_in_by_the_unit_of_its_header(
    folder: Path, header: str, written: str, yuan: str
):
    assert fines(folder, sent(folder, [header], [written])) == [yuan]


COUNTS = [
    ("受众人次（万人次）", "1.25", "12500"),
    ("受众人次（人次）", "12", "12"),
    ("受众人次（万人次，必填）", "0.3", "3000"),
    ("发放资料份数（千份）", "2", None),
]


@pytest.mark.parametrize(("header", "written", "count"), COUNTS)
def test_a_count_comes_in_by_the_unit_of_its_header(
    folder: Path, header: str, written: str, count: str | None
):
    rows: Rows = [["活动编号", "日期", "场所", header], ["X1", "2023-02-03", "学校", written]]
    plan = planned(folder, xlsx({"普法宣传": rows}))
    publish(plan)
    (row,) = kept(folder, "ledgers/publicity.csv")
    assert row["受众人次"] == (count or "")
    assert row["发放资料份数"] == ("" if count else "2000")


NO_UNIT = [
    ("罚没金额", "列名"),
    ("罚款金额", "列名"),
    ("罚没金额（必填）", "列名"),
    ("罚没金额（亩）", "单位"),
    ("罚没金额（美元）", "单位"),
    ("罚没金额（%）", "单位"),
    ("罚没金额（元）（万元）", "单位"),
    ("执法人数（人次）", "单位"),
    ("执法人数（万元）", "单位"),
]


@pytest.mark.parametrize(("header", "rule"), NO_UNIT)
def test_a_unit_that_is_missing_or_cannot_be_converted_is_sent_back(
    folder: Path, header: str, rule: str
):
    plan = sent(folder, [header], ["2"])
    assert told(plan) == [(rule, header)]
    assert plan.problems[0].place.cell == "E1" and "--ignore" in plan.problems[0].fault.message
    assert FINE in plan.problems[0].fault.message or header != "罚没金额"


# ---------------------------------------------------------------- no advice by likeness

UNLIKE = [
    ("enforcement_actions", "公示截止期"),
    ("enforcement_actions", "公示期限"),
    ("enforcement_actions", "违法行为类型"),
    ("enforcement_actions", "应结案日期"),
    ("enforcement_actions", "是否公示"),
    ("enforcement_actions", "执法人次"),
    ("enforcement_actions", "罚没土地（亩）"),
    ("enforcement_actions", "应缴罚没金额（元）"),
    ("legal_cases", "申请日期"),
    ("legal_reviews", "应审结日期"),
    ("disclosures", "应公开日期"),
    ("applications", "答复期限"),
    ("disputes", "办结期限"),
    ("disputes", "涉及人次"),
    ("disputes", "重大纠纷数"),
    ("learning", "参加人次"),
    ("publicity", "受众人数"),
    ("publicity", "受众人次占比（%）"),
]


@pytest.mark.parametrize(("table", "header"), UNLIKE)
def test_what_means_something_else_is_no_column_of_the_table(table: str, header: str):
    assert match(BY_NAME[table], header) is None


@pytest.mark.parametrize(("table", "header"), UNLIKE)
def test_no_fault_proposes_a_column_for_being_spelt_alike(folder: Path, table: str, header: str):
    """Whatever kind of thing stands below it."""
    declared = BY_NAME[table]
    in_need = declared.need.column if declared.need else ""
    needed = {c.header: c for c in declared.columns if c.required or c.name == in_need}
    good = folders.GOOD[table][0]
    kinds = ("2023-05-01", "3", "占道", "")
    turn = UNLIKE.index((table, header)) % len(kinds)  # in `make soak` all of them
    for written in kinds if os.environ.get("QMG_SOAK") else kinds[turn : turn + 1]:
        rows: Rows = [[*needed, header], [*(good[c.name] for c in needed.values()), written]]
        plan = planned(folder, xlsx({declared.label: rows}))
        for problem in plan.problems:
            said = problem.fault.message
            named = [c.header for c in declared.columns if f"“{c.header}”" in said]
            assert named == [] and problem.fault.value == header


def test_a_missing_kind_of_action_is_asked_for_and_nothing_is_made_of_the_others(folder: Path):
    rows: Rows = [["执法编号", "违法行为类型", *HEAD[2:]], ["1", "占道", *ROW[2:]]]
    plan = planned(folder, xlsx(rows))
    assert [q.key for q in plan.answers.open] == ["行为类型"]
    assert plan.refused and not plan.problems
    assert "违法行为类型" in notes(plan), "it is said that it is not read"
    assert "改成" not in notes(plan)


# ---------------------------------------------------------------- left out, with a word

LEFT = [
    ("公示截止期", ["2024-03-20"], "日期"),
    ("处罚有效期", [datetime.date(2099, 12, 31)], "日期"),
    ("整改期限", ["2023.5.1", None], "日期"),
    ("送达", ["2023年3月21日", "2023-03-22"], "日期"),
    ("缴款时间", [45006], "日期"),
    ("加处罚款（万元）", [0.3], "金额"),
    ("已缴金额", ["1,000"], "金额"),
    ("案值", ["—"], None),
    ("案值（万元）", [1], "金额"),
    ("评估价款", ["¥200"], "金额"),
    ("当事人数", [2], "数量"),
    ("检查次数", ["3次"], "数量"),
    ("占地（亩）", [0.5], "数量"),
    ("公示截止期", [None], None),
    ("备注", ["2023-05-01", "无", "已缴"], None),
    ("联系电话", ["62345678"], None),
    ("统一社会信用代码", ["91500106000000001A"], None),
    ("卷号", [20230105], None),
    ("适用条款", ["第3条第2款"], None),
    ("是否罚款", ["是"], None),
    ("整改期限", ["5日内"], None),
    ("履行率（%）", [90], None),
    ("序号", [1], None),
]


@pytest.mark.parametrize(("header", "cells", "kind"), LEFT)
def test_an_amount_a_date_or_a_count_is_left_out_only_with_a_word(
    folder: Path, header: str, cells: list[object], kind: str | None
):
    rows = [[f"N{n}", *ROW[1:], cell] for n, cell in enumerate(cells)]
    data = xlsx([[*HEAD, header], *rows])
    before = tree(folder)
    plan = planned(folder, data)
    if kind is None:
        assert not plan.problems and f"没有读取的列：E 列“{header}”" in notes(plan)
        return
    assert told(plan) == [("没有读取", header)]
    assert plan.leave == (header,) and plan.problems[0].place.cell == "E1"
    assert f"像是{kind}" in plan.problems[0].fault.message
    assert f'--ignore "{header}"' in plan.problems[0].fault.message
    assert tree(folder) == before
    plan = planned(folder, data, ignore=[header])
    assert not plan.problems and f"按要求不读取的列：E 列“{header}”" in notes(plan)
    assert len(plan.differences[0].new) == len(cells)


def test_all_that_are_left_are_told_at_once_and_with_the_other_faults(folder: Path):
    more = ("公示截止期", "已缴金额（元）", "执法人数")
    plan = sent(folder, more, ["2024-03-20", "5", "两人"])
    assert [(p.place.cell, p.fault.rule) for p in plan.problems] == [
        ("E1", "没有读取"),
        ("F1", "没有读取"),
        ("G2", "数字"),
    ]
    assert plan.leave == ("公示截止期", "已缴金额（元）")
    plan = sent(folder, more, ["2024-03-20", "5", "2"], ignore=[" 公示截止期", "已缴金额(元)"])
    assert not plan.problems


def test_a_table_without_such_a_column_just_names_it(folder: Path):
    rows: Rows = [
        ["事项名称", "权力类型", "清单版本", "状态", "收费金额（元）", "子项数", "生效日期"],
        ["对占道的处罚", "行政处罚", "2023-01-01", "在用", 5, 2, "2023-02-01"],
    ]
    plan = planned(folder, xlsx(rows))
    assert told(plan) == [("没有读取", "生效日期")]


def test_a_column_that_is_read_may_be_left_out_but_none_that_is_needed(folder: Path):
    plan = sent(folder, [FINE], ["200"], ignore=[FINE])
    assert not plan.problems and fines(folder, plan) == [""]
    plan = sent(folder, [], [], ignore=["行为类型"])
    assert plan.refused and [q.key for q in plan.answers.open] == ["行为类型"]


def test_a_name_that_no_sheet_has_is_noted(folder: Path):
    plan = sent(folder, ["公示截止期"], ["2024-03-20"], ignore=["公示截至期"])
    assert told(plan) == [("没有读取", "公示截止期")]
    assert "没有“公示截至期”这一列" in notes(plan)


def test_a_header_of_two_rows_may_be_left_out_by_either_name(folder: Path):
    rows: Rows = [
        [*DISPUTE, "涉及", "履行"],
        [None, None, None, "人数", "截止日期"],
        [*CASE, 3, "2023-09-01"],
    ]
    assert told(planned(folder, xlsx(rows))) == [("没有读取", "截止日期")]
    for name in ("截止日期", "履行截止日期"):
        assert not planned(folder, xlsx(rows), ignore=[name]).problems


# ---------------------------------------------------------------- a figure in several columns

SUMS = [
    (["罚款金额（万元）", f"{BOTH}（万元）"], ["2", "5"], "70000"),
    (["罚款金额（元）", f"{BOTH}（万元）"], ["200", "5"], "50200"),
    (["罚款金额（万元）", f"{BOTH}（万元）"], ["2", ""], "20000"),
    (["罚款金额（万元）", f"{BOTH}（万元）"], ["—", "0.1"], "1000"),
    (["罚款金额（万元）", f"{BOTH}（万元）"], ["", ""], ""),
    (["罚款金额（万元）", f"{BOTH}（万元）"], ["0", ""], "0"),
    (
        ["罚款数额（元）", "没收违法所得金额（元）", "没收非法财物金额（元）"],
        ["0.1", "0.2", "1"],
        "1.3",
    ),
    ([f"{BOTH}（万元）"], ["5"], "50000"),
]


@pytest.mark.parametrize(("headers", "cells", "yuan"), SUMS)
def test_the_parts_of_a_figure_are_added(
    folder: Path, headers: list[str], cells: list[str], yuan: str
):
    plan = sent(folder, headers, cells)
    assert fines(folder, plan) == [yuan]
    assert ("几列相加" in notes(plan)) == (len(headers) > 1)
    assert not publish(sent(folder, headers, cells))


OVERLAPS = [
    ["罚没金额（万元）", f"{BOTH}（万元）"],
    ["处罚金额（万元）", "罚款金额（万元）"],
    ["罚款金额（元）", "罚款金额（万元）"],
    [f"{BOTH}（元）", "没收违法所得（元）"],
]


@pytest.mark.parametrize("headers", OVERLAPS)
def test_a_figure_and_a_part_of_it_are_not_added(folder: Path, headers: list[str]):
    """The one may be in the other: only the sender knows, and says so."""
    plan = sent(folder, headers, ["2", "5"])
    assert [p.fault.rule for p in plan.problems] == ["列重复"]
    assert set(plan.leave) == set(headers)
    factor = 10000 if "万元" in headers[0] else 1
    assert fines(folder, sent(folder, headers, ["2", "5"], ignore=headers[1:])) == [str(2 * factor)]


@pytest.mark.parametrize(("cell", "rule"), [("-1", "范围"), ("约5", "数字"), ("#REF!", "公式")])
def test_a_part_that_is_no_amount_is_refused_at_its_place(folder: Path, cell: str, rule: str):
    plan = sent(folder, ["罚款金额（万元）", f"{BOTH}（万元）"], ["2", cell])
    assert [(p.place.cell, p.fault.rule, p.fault.value) for p in plan.problems] == [
        ("F2", rule, cell)
    ]


def test_every_part_names_its_column_alone():
    for (table, name), parts in SUMMANDS.items():
        declared = BY_NAME[table]
        texts = [h for p in parts for h in p.headers]
        texts += ALIASES.get((table, name), ())
        assert len(set(texts)) == len(texts)
        for part in parts:
            for header in part.headers:
                found = match(declared, header)
                assert found and (found.column.name, found.part) == (name, part.of)


@pytest.mark.parametrize("table", TABLES, ids=lambda t: t.name)
def test_an_amount_is_named_with_its_unit(table):
    """An alias without one would read 万元 as 元."""
    for column in table.columns:
        if column.money:
            assert match(table, column.header.removesuffix("（元）")) is None
            for alias in ALIASES.get((table.name, column.name), ()):
                assert alias.endswith("（元）")
