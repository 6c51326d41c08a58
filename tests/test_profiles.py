"""Files as other systems export them go in: every layout in ten invented spellings, none in the wrong
layout, no figure off by a unit, nobody's name kept, a question asked once."""

from __future__ import annotations

import gzip
import io
import re
import zipfile
from functools import cache
from pathlib import Path

import folders
import layouts
import openpyxl
import pytest
from click.testing import CliRunner, Result
from layouts import NAMES, OFFICERS, Row
from sending import converted, kept, notes, on_debian, tree, xlsx

from qmg_dash.__main__ import cli
from qmg_dash.folder import publishing
from qmg_dash.folder.cells import form_of, read_cell
from qmg_dash.intake import apart, form_sheet, returned, sheets
from qmg_dash.intake.cells import canonical
from qmg_dash.intake.plan import Plan, Refused, Sent, make, publish
from qmg_dash.intake.profile import Profile, load, other_things, shipped
from qmg_dash.intake.questions import Answers
from qmg_dash.intake.reading import Asking, read
from qmg_dash.intake.recognise import Doubtful, recognise
from qmg_dash.intake.sheets import Cell, Sheet, letters
from qmg_dash.intake.vocabulary import ASKED as ASKED_UNIT
from qmg_dash.intake.vocabulary import plain
from qmg_dash.tables import ALIASES, SUMMANDS

ROOT = Path(__file__).parents[1]
SHEETS = [p for p in shipped() if not p.forms]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A town without a ledger."""
    return folders.town(tmp_path / "town")


@pytest.fixture(autouse=True)
def _in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """The files are ours: a process for each would take most of the time."""
    monkeypatch.setattr(apart, "read", sheets.read)


def planned(folder: Path, *files: tuple[str, bytes], **answers: str) -> Plan:
    return make([Sent(*f) for f in files], folder, answers=answers)


def done(folder: Path, plan: Plan) -> Plan:
    """Publish what is allowed, and look that the same files change nothing then."""
    assert not plan.problems, [
        (p.place.source, p.fault.value, p.fault.message) for p in plan.problems
    ]
    assert not plan.answers.open, plan.answers.open
    assert publish(plan, "经办", "核实")
    again = make(plan.sent, folder)
    assert not again.refused and not again.changes and again.differences
    return plan


# ---------------------------------------------------------------- ten spellings of each


@pytest.mark.parametrize("of", SHEETS, ids=lambda p: p.id)
def test_ten_invented_spellings_of_a_layout_go_in_without_a_word(folder: Path, of: Profile):
    mine = layouts.made(of)
    assert len(mine) == layouts.PER_LAYOUT
    answers = {k: v for m in mine for k, v in m.answers.items()}
    plan = done(folder, make([m.sent for m in mine], folder, answers=answers))
    assert {p.head.profile for r in plan.readings for p in r.tables} == {of}
    rows = _known(folder, of)
    for m in mine:
        _stand(rows, of, m.rows)
    assert len(rows) == sum(len(m.rows) for m in mine)
    _no_names(folder, plan)


def _stand(rows: dict[object, Row], of: Profile, wanted: list[Row]) -> None:
    """The wanted cells are those of the folder's rows."""
    for row in wanted:
        found = rows[_key(of, row)]
        assert {n: found.get(n, "") for n in row} == row


@on_debian
def test_all_layouts_go_in_as_sheets_of_one_workbook_that_libreoffice_saves(
    folder: Path, tmp_path: Path
):
    made = {of: layouts.lines_of(of, 4) for of in SHEETS}
    sheets_ = {f"表{n}": lines for n, (lines, _, _) in enumerate(made.values())}
    data = converted(xlsx(sheets_), "xlsx", "xls", tmp_path)
    answers = {
        k.removesuffix("/power_list_4"): v for _, _, told in made.values() for k, v in told.items()
    }
    plan = done(folder, make([Sent("导出.xls", data)], folder, answers=answers))
    assert [p.head.profile for r in plan.readings for p in r.tables] == SHEETS
    for of, (_, wanted, _) in made.items():
        _stand(_known(folder, of), of, wanted)
    _no_names(folder, plan)


def _known(folder: Path, of: Profile) -> dict[object, dict[str, str]]:
    by_header = {c.header: c.name for c in of.table.columns}
    rows = [{by_header[h]: v for h, v in r.items()} for r in kept(folder, of.table.path)]
    return {_key(of, r): canonical(of.table, r) for r in rows}


def _key(of: Profile, row: dict[str, str]) -> object:
    names = of.number or of.table.key
    return tuple(read_cell(of.table.column(n), row[n]).value for n in names)


def _no_names(folder: Path, plan: Plan) -> None:
    """Neither in the folder with its history nor in what is said."""
    said = [n for r in plan.readings for n in (*r.notes, *r.layouts)]
    said += [str(f) for f in (*plan.warnings, *(p.fault for p in plan.problems))]
    said += [str(q) for q in plan.questions]
    files = [p.read_bytes() for p in folder.rglob("*") if p.is_file()]
    assert files and said
    for name in (*NAMES, *OFFICERS):
        assert not any(name in text for text in said)
        assert not any(name.encode() in content for content in files)


# ---------------------------------------------------------------- none in the wrong layout


@cache
def _matrix() -> dict[tuple[str, str], int]:
    """How many files of a layout are taken for another, by (layout, taken for)."""
    out: dict[tuple[str, str], int] = {}
    for m in (m for of in SHEETS for m in layouts.made(of)):
        (sheet,) = (s for s in sheets.read(m.sent.data).sheets if s.rows)
        for p in SHEETS:
            before = out.get((m.profile.id, p.id), 0)
            out[m.profile.id, p.id] = before + _taken(sheet, m.sent.stem, p)
    return out


def _taken(sheet: Sheet, stem: str, for_: Profile) -> bool:
    try:
        head = recognise(sheet, stem, (), (for_,))
    except Doubtful:
        return False
    return head is not None and head.profile is for_ and not head.lacking


def test_no_file_is_taken_for_another_layout():
    """Printed as a table (pytest -s): a row for each layout's files, a column for each layout."""
    width = max(len(p.id) for p in SHEETS)
    print("\n" + " " * width, *(p.id[:6].rjust(7) for p in SHEETS))
    for of in SHEETS:
        print(of.id.ljust(width), *(str(_matrix()[of.id, p.id]).rjust(7) for p in SHEETS))
    wrong = {pair: n for pair, n in _matrix().items() if n and pair[0] != pair[1]}
    assert wrong == {}
    assert {n for pair, n in _matrix().items() if pair[0] == pair[1]} == {layouts.PER_LAYOUT}


@pytest.mark.parametrize("of", SHEETS, ids=lambda p: p.id)
def test_a_title_that_says_another_thing_is_refused_with_the_word(of: Profile):
    """Every word that all layouts share, over a sheet that is else in order."""
    lines, rows, _ = layouts.lines_of(of, 1)
    (sheet,) = sheets.read(xlsx([["某镇2023年台账"], *lines[-len(rows) - 1 :]])).sheets
    words = [w for w in other_things()["titles"] if not of.allows(w)]
    assert len(words) > 20
    for word in words:
        sheet.rows[0][0] = Cell(f"某镇2023年执法{word}情况表")
        with pytest.raises(Doubtful, match=f"像是“.*标题里有“{word}”") as told:
            recognise(sheet, "台账", (), (of,))
        assert of.name in str(told.value)


CASE = ["案件编号", "立案日期", "当事人", "办案人员", "处罚种类", "处罚决定日期"]
CHECK = ["检查编号", "检查日期", "检查人员", "被检查单位", "检查结果"]
ORDER = ["工单编号", "来电时间", "来电内容", "来电人", "办结时间"]
DISPUTE = ["案卷编号", "受理日期", "当事人", "纠纷类型", "调解结果", "结案日期"]
PENALTY = ["行政相对人名称", "行政处罚决定书文号", "处罚类别", "处罚决定日期", "违法事实"]
PERMIT = ["行政相对人名称", "行政许可决定文书号", "许可决定日期", "许可内容"]
NEARLY = {
    "行政处罚案件移送登记表": (CASE, "platform_penalties"),
    "不予行政处罚案件台账": (CASE, "platform_penalties"),
    "罚没物资台账": (CASE, "platform_penalties"),
    "罚没物资登记": ([*CASE[:1], *CASE[2:], "物资名称"], "platform_penalties"),
    "行政处罚案件评查表": (CASE, "platform_penalties"),
    "行政处罚撤销情况": (PENALTY, "publicity_penalties"),
    "行政许可撤销（注销）情况表": (PERMIT, "publicity_permits"),
    "2023年行政检查计划表": (CHECK, "platform_inspections"),
    "联合检查工作人员补贴表": (CHECK, "platform_inspections"),
    "环保督察整改检查记录": (CHECK, "platform_inspections"),
    "110警情登记表": (ORDER, "hotline_orders"),
    "社会救助热线台账": (ORDER, "hotline_orders"),
    "网格事件台账": (ORDER, "hotline_orders"),
    "市长信箱台账": (ORDER, "hotline_orders"),
    "法院诉前调解案件台账": (DISPUTE, "mediation"),
    "党员议事调解台账": (DISPUTE, "mediation"),
    "重点工作督办表": (["重点工作", "工作举措", "责任单位", "完成时限"], "goals"),
    "行政确认权力下放清单（拟）": (["事项名称", "权力类型", "实施依据"], "power_list"),
}


@pytest.mark.parametrize("where", ["title", "sheet", "file"])
@pytest.mark.parametrize("title", NEARLY)
def test_a_list_of_another_thing_is_refused_by_the_name_of_what_it_nearly_is(
    title: str, where: str
):
    head, layout = NEARLY[title]
    rows: list[list[object]] = [head, ["1", *("某" for _ in head[1:])]]
    data = xlsx(
        {title if where == "sheet" else "表1": [[title], *rows] if where == "title" else rows}
    )
    (sheet,) = sheets.read(data).sheets
    with pytest.raises(Doubtful) as told:
        recognise(sheet, title if where == "file" else "a", (), SHEETS)
    (name,) = (p.name for p in SHEETS if p.id == layout)
    assert f"像是“{name}”的格式，但" in str(told.value) and "另一种事" in str(told.value)


@pytest.mark.parametrize("header", ["移送日期", "移送机关", "撤销日期", "许可注销日期", "评查得分"])
def test_a_column_that_says_another_thing_is_no_column_to_be_left_out(folder: Path, header: str):
    row = ["P1", "2023-03-01", "某店", "张某、李某", "罚款", "2023-04-01", "2023-05-01"]
    sent = "a.xlsx", xlsx([[*CASE, header], row])
    for ignore in ((), (header,)):
        plan = make([Sent(*sent)], folder, ignore=ignore)
        (problem,) = plan.problems
        assert header in problem.fault.message and "--ignore" not in problem.fault.message
        assert not plan.leave
    assert not planned(folder, ("a.xlsx", xlsx([[*CASE, header], [*row[:-1], None]]))).problems
    own = [
        ["执法编号", "行为类型", "立案日期", header],
        ["P1", "行政处罚", "2023-03-01", "2023-05-01"],
    ]
    plan = planned(folder, ("a.xlsx", xlsx(own)))
    assert not any("--ignore" in p.fault.message for p in plan.problems) and not plan.leave


def test_a_list_of_another_thing_is_not_taken_by_our_own_columns_either(folder: Path):
    head = ["登记编号", "登记日期", "纠纷类型", "办理状态", "当事人姓名", "编外"]
    rows = [["法院诉前调解台账"], head, ["J1", "2023-01-05", "邻里", "在调", "赵钱孙", "甲"]]
    (problem,) = planned(folder, ("a.xlsx", xlsx(rows))).problems
    assert "像是“人民调解台账”的格式，但标题里有“法院”" in problem.fault.message
    cases = ["案号", "受理日期", "案件类型", "涉及信息公开"]
    sheet = {"应诉": [["行政处罚复议案件"], cases, ["F1", "2023-01-05", "行政复议", "否"]]}
    plan = planned(folder, ("行政执法.xlsx", xlsx(sheet)))
    assert [p.table.name for r in plan.readings for p in r.tables] == ["legal_cases"]


ASIDE = ["统计时间：2023年", "填报单位：某镇网格中心", "统计日期 2023-12-31", "说明：按季度汇总"]


@pytest.mark.parametrize("aside", ASIDE)
def test_what_stands_beside_a_title_is_no_word_of_it(aside: str):
    rows = [
        ["执法监督平台案件"],
        [aside],
        CASE,
        ["P1", "2023-03-01", "甲", "乙", "罚款", "2023-04-01"],
    ]
    (sheet,) = sheets.read(xlsx(rows)).sheets
    head = recognise(sheet, "a", (), SHEETS)
    assert head and head.profile and head.profile.id == "platform_penalties"


# ---------------------------------------------------------------- what offices really have

EXPORTS = Path(__file__).parent / "exports"
ASKED = {
    "人民调解台账.xlsx": {},
    "依申请台账.xlsx": {
        "申请人类型：法人": "其他",
        "办理结果：信息不存在": "本机关不掌握相关政府信息",
    },
    "双公示_行政处罚.xlsx": {},
    "双公示_行政许可.xlsx": {},
    "执法台账.xlsx": {},
    "执法平台_检查.xlsx": {},
    "权责清单.xlsx": {"清单版本": "2023-06-01", "状态": "在用"},
}
"""The files of `exports`, and what has to be asked of each."""
IN_THEM = (
    "张三",
    "李四",
    "王五",
    "张某",
    "李某",
    "当事人0",
    "村民1",
    "某建材经营部",
    "5002***",
    "50010600",
)


def export(name: str) -> tuple[str, bytes]:
    return name, (EXPORTS / name).read_bytes()


def test_every_file_that_offices_have_is_tried():
    assert {p.name for p in EXPORTS.glob("*.xlsx")} == {*ASKED}


@pytest.mark.parametrize("name", ASKED)
def test_a_file_that_offices_have_goes_in_with_the_named_questions(folder: Path, name: str):
    plan = planned(folder, export(name))
    assert {q.key for q in plan.answers.open} == {*ASKED[name]}
    assert not plan.problems and plan.refused == bool(ASKED[name])
    if ASKED[name]:
        assert not plan.differences and not plan.warnings, "of stand-ins nothing is told"
        plan = planned(folder, export(name), **ASKED[name])
    done(folder, plan)
    content = b"".join(p.read_bytes() for p in folder.rglob("*") if p.is_file())
    for person in IN_THEM[:-1] if name == "权责清单.xlsx" else IN_THEM:
        assert person.encode() not in content and person not in notes(plan)


def test_penalties_come_in_by_their_heaviest_class_and_in_yuan(folder: Path):
    done(folder, planned(folder, export("双公示_行政处罚.xlsx")))
    rows = kept(folder, "ledgers/enforcement_actions.csv")
    told = [(r["处罚种类"], r["罚没金额（元）"], r["对象类型"], r["决定日期"]) for r in rows[:4]]
    assert told == [
        ("罚款", "200", "法人或其他组织", "2023-01-05"),
        ("罚款", "200", "自然人", "2023-02-06"),
        ("没收违法所得、没收非法财物", "1000", "自然人", "2023-03-07"),
        ("警告", "", "法人或其他组织", "2023-04-08"),
    ]
    assert {r["行为类型"] for r in rows} == {"行政处罚"} and rows[0]["公示日期"] == ""


def test_officers_are_counted_and_a_sheets_name_says_what_its_actions_are(folder: Path):
    done(folder, planned(folder, export("执法平台_检查.xlsx"), export("执法台账.xlsx")))
    rows = kept(folder, "ledgers/enforcement_actions.csv")
    inspections = [r for r in rows if r["执法编号"].startswith("ZF")]
    assert {(r["行为类型"], r["执法人数"], r["双随机抽查"]) for r in inspections} == {
        ("行政检查", "2", "否")
    }
    others = {r["执法编号"][:2]: r["行为类型"] for r in rows}
    assert (others["镇罚"], others["JC"]) == ("行政处罚", "行政检查")


def test_a_layout_that_lacks_one_column_is_named_with_what_it_may_be_called(folder: Path):
    head = ["编号", "受理日期", "纠纷类别", "调解结果", "调解员", "涉及人数", "履行情况"]
    file = xlsx([head, ["J1", "2023-01-05", "邻里纠纷", "调解中", "李戊己", 2, "已履行"]])
    (problem,) = planned(folder, ("a.xlsx", file)).problems
    assert (problem.fault.rule, problem.place.cell) == ("缺列", "H1")
    said = problem.fault.message
    assert "像是“人民调解台账”的格式" in said and "“登记编号”、“卷宗编号”" in said
    assert "没有认出的列：“编号”" in said


# ---------------------------------------------------------------- a question once


def test_all_questions_of_all_sheets_are_asked_together_and_remembered(folder: Path):
    files = [export(n) for n in ASKED]
    plan = planned(folder, *files)
    assert {q.key for q in plan.answers.open} == {k for asked in ASKED.values() for k in asked}
    before = tree(folder)
    with pytest.raises(Refused):
        publish(plan)
    assert tree(folder) == before
    answers = {
        "清单版本": "2023-06-01",
        "是否在用": "是",
        "信息不存在": "unavailable.1",
        "依申请公开登记簿/申请人类型：法人": "其他",
    }
    done(folder, planned(folder, *files, **answers))
    publishing.undo(folder)
    assert tree(folder) == before
    assert len(planned(folder, *files).answers.open) == 4, "an undo takes the answers back, too"


def _list(title: str, *codes: str) -> bytes:
    return xlsx(
        [[title], ["职权编码", "职权名称", "职权类型"], *([c, "占道", "行政处罚"] for c in codes)]
    )


def test_the_version_of_a_list_is_remembered_for_that_list_alone(folder: Path):
    """The next one has another: with the former day it would take the place of the former list."""
    answers = {"清单版本": "2022-06-01", "状态": "在用"}
    done(folder, planned(folder, ("a.xlsx", _list("权责清单（2022年版）", "1", "2")), **answers))
    next_ = planned(folder, ("a.xlsx", _list("权责清单（2023年版）", "1")))
    assert [(q.key, q.before) for q in next_.answers.open] == [("清单版本", "2022-06-01")]


def test_a_list_of_the_same_title_with_other_rows_is_asked_for_its_day_again(folder: Path):
    """Next year's file: with the remembered day it would go into the former version."""
    answers = {"清单版本": "2023-05-01", "状态": "在用"}
    first = "a.xlsx", _list("某镇权责清单", "1", "2")
    done(folder, planned(folder, first, **answers))
    (old,) = kept(folder, "ledgers/power_items.csv")[:1]
    for codes in (("1", "2"), ("1",)):
        again = planned(folder, ("b.xlsx", _list("某镇权责清单", *codes)))
        assert not again.refused and not again.changes, "these rows are there already"
    next_ = "a.xlsx", _list("某镇权责清单", "1", "2", "3")
    plan = planned(folder, next_)
    assert [(q.key, q.before) for q in plan.answers.open] == [("清单版本", "2023-05-01")]
    assert not plan.differences
    both = planned(folder, ("c.xlsx", _list("某镇权责清单", "1")), next_)
    assert "清单版本" in {q.key for q in both.answers.open}
    same = planned(folder, next_, 清单版本="2023-05-01")
    assert not same.refused and len(same.differences[0].new) == 1, "a supplement, by his own word"
    done(folder, planned(folder, next_, 清单版本="2024-05-01"))
    rows = kept(folder, "ledgers/power_items.csv")
    days = [r["清单版本"] for r in rows]
    assert old in rows and sorted(days) == ["2023-05-01"] * 2 + ["2024-05-01"] * 3


def test_goals_without_a_year_in_their_title_are_asked_for_it_again(folder: Path):
    def table(*measures: str) -> tuple[str, bytes]:
        head = ["目标任务", "具体举措", "责任科室", "完成时限"]
        rows = [["执法", m, "司法所", "6月底前"] for m in measures]
        return "a.xlsx", xlsx([["目标任务分解表"], head, *rows])

    done(folder, planned(folder, table("甲"), 目标年度="2023"))
    assert not planned(folder, table("甲")).refused
    (asked,) = planned(folder, table("甲", "乙")).answers.open
    assert (asked.key, asked.before) == ("目标年度", "2023")
    done(folder, planned(folder, table("甲", "乙"), 目标年度="2024"))
    years = [r["目标年度"] for r in kept(folder, "goals.csv")]
    assert sorted(years) == ["2023", "2024", "2024"]


def test_a_wrong_answer_is_no_fault_of_a_file(folder: Path, tmp_path: Path):
    files = [export("人民调解台账.xlsx"), export("权责清单.xlsx")]
    plan = planned(folder, *files, 清单版本="2023年5月", 状态="在用")
    (problem,) = plan.problems
    assert problem.place.file == "回答：权责清单（权责清单）"
    assert not any(plan.problems_of(sent) for sent in plan.sent)
    told = ["--answer", "清单版本=2023年5月", "--answer", "状态=在用"]
    result = run("import", *(EXPORTS / n for n, _ in files), "--data", folder, *told)
    assert result.exit_code == 1 and "回答：权责清单" in result.output
    assert "标出问题的工作簿" not in result.output
    assert "人民调解台账.xlsx「" not in result.output


def test_words_of_a_layout_are_answers_to_a_word(folder: Path):
    name = "依申请台账.xlsx"
    for word in ("没有现成信息", "本机关不掌握", "unavailable.1", "本机关不掌握相关政府信息"):
        plan = planned(folder, export(name), 信息不存在=word, 法人="企业")
        assert not plan.problems and not plan.answers.open, word
    head = ["工单编号", "来电时间", "来电内容", "满意度"]
    sent = "a.xlsx", xlsx([head, ["1", "2023-01-02", "甲", "基本满意"]])
    for word, stands in (("满意", "是"), ("不满意", "否"), ("未回访", "—")):
        plan = planned(folder, sent, 基本满意=word)
        assert not plan.problems and [q.answer for q in plan.questions] == [stands]
    (problem,) = planned(folder, sent, 基本满意="也许").problems
    assert "只能答" in problem.fault.message


WRONG = [("清单版本", "2023-02-30", "没有这一天"), ("状态", "也许", "只能答：在用、停用")]


@pytest.mark.parametrize(("key", "answer", "said"), WRONG)
def test_an_answer_that_cannot_be_is_refused_and_asked_again(
    folder: Path, key: str, answer: str, said: str
):
    plan = planned(folder, ("a.xlsx", _list("权责清单", "1")), **{key: answer})
    assert [(p.fault.rule, p.fault.value) for p in plan.problems] == [("回答", f"{key}={answer}")]
    assert said in plan.problems[0].fault.message
    assert {q.key for q in plan.answers.open} == {"清单版本", "状态"}


def test_answers_that_cannot_be_read_are_asked_again_and_said(folder: Path):
    (folder / "profiles").mkdir()
    (folder / "profiles/answers.json").write_text('{"power_list": [')
    plan = planned(folder, ("a.xlsx", _list("权责清单", "1")))
    assert len(plan.answers.open) == 2 and "重新问" in plan.warnings[0].message


def test_an_amount_without_its_unit_is_asked_for(folder: Path):
    head = ["卷宗编号", "受理日期", "纠纷类别", "调解结果", "调解员", "涉案金额"]
    file = "a.xlsx", xlsx([head, ["J1", "2023-01-05", "邻里纠纷", "调解中", "李戊己", 2]])
    (asked,) = planned(folder, file).answers.open
    assert asked.text == "“涉案金额”以什么为单位？"
    done(folder, planned(folder, file, 涉案金额的单位="万元"))
    assert [r["涉及金额（元）"] for r in kept(folder, "ledgers/disputes.csv")] == ["20000"]


# ---------------------------------------------------------------- the unit of an amount

MONEYED = [p for p in SHEETS if any(c.money for c in p.table.columns)]
UNITS = {
    "in the header": ([], "（万元）", 1.25, "", {}),
    "the header's before the title's": (["（单位：万元）"], "（元）", 12500, "", {}),
    "in the title": (["（单位：万元）"], "", 1.25, "", {}),
    "in the title, spaced": (["  金 额 单 位：万 元"], "", 1.25, "", {}),
    "in the title, bare": (["（万元）"], "", 1.25, "", {}),
    "in the title, among others": (["", "单位：件、千元"], "", 12.5, "", {}),
    "in a second row": (["", "填表人：周甲　　单位：万元"], "", 1.25, "", {}),
    "in cells of its own": (["", ("计量单位：", None, "万元")], "", 1.25, "", {}),
    "yuan in a second row": (["", "计量单位：元　填报单位：万元村"], "", 12500, "", {}),
    "in the cell": ([], "", "12500元", "", {"万元"}),
    "in the cell, as in the title": (["（单位：万元）"], "", "1.25万元", "", {}),
    "in the cell, against the header": ([], "（万元）", "12500元", "", {}),
    "in the cell, against the title": (["（单位：万元）"], "", "12500元", "", {}),
    "by number format": ([], "", 12500, '0!.0,"万元"', {"元"}),
    "by number format, against the title": (["（单位：万元）"], "", 12500, '0"元"', {}),
    "by number format, against yuan": (["（单位：元）"], "", 1.25, '0.00"万元"', {}),
    "nowhere": ([], "", 1.25, "", {"万元"}),
    "of the office alone": (["", "填报单位：元氏县"], "", 1.25, "", {"万元"}),
}
"""What stands over the header (behind the title, then in a row), behind the header, in the cell, its
number format, and the answer that is asked for: all are 12500 yuan."""


def _amounts(
    of: Profile, over: list[object], behind: str, cell: object, code: str = "", nth: int = 0
) -> bytes:
    """A row of a layout's file, with amounts in each column that it may have them in."""
    lines, _, _ = layouts.lines_of(of, 0)
    (top,) = (n for n, line in enumerate(lines) if "序号" in line)
    head, row = lines[top], lines[top + 1 + nth]
    kept_ = [p for p, h in enumerate(head) if "金额" not in str(h) and "额" not in str(h)]
    names = ("罚款金额", "没收金额") if of.table.name != "disputes" else ("涉案金额",)
    title, *more = [*over, ""][:2] if over else [""]
    titles = [[f"{layouts.SAMPLES[of.id].title}{title}"]]
    titles += [[*m] if isinstance(m, tuple) else [m] for m in more]
    body = [row[p] for p in kept_] + [cell] * len(names)
    rows = [*titles, [*(head[p] for p in kept_), *(f"{n}{behind}" for n in names)], body]
    at = [f"{letters(len(kept_) + n)}{len(rows)}" for n in range(len(names))]
    return xlsx(rows, dict.fromkeys(at, code) if code else {})


def _yuan(of: Profile, folder: Path) -> str:
    """The one amount that came in, of each column."""
    (column,) = (c for c in of.table.columns if c.money)
    (row,) = kept(folder, f"ledgers/{of.table.name}.csv")
    return str(int(row[column.header]) // (1 if of.table.name == "disputes" else 2))


@pytest.mark.parametrize("where", UNITS)
@pytest.mark.parametrize("of", MONEYED, ids=lambda p: p.id)
def test_an_amount_is_in_the_unit_that_is_written_nearest(of: Profile, where: str):
    *written, asked = UNITS[where]
    book, answers = sheets.read(_amounts(of, *written)), Answers()
    read("a.xlsx", "a", book, Asking((), [of], answers))
    keys = [q.key for q in answers.open]
    assert bool(keys) == bool(asked) and all(k.endswith("金额的单位") for k in keys)
    given = Answers({k: unit for k in keys for unit in asked})
    (part,) = read("a.xlsx", "a", book, Asking((), [of], given)).tables
    (column,) = (c for c in of.table.columns if c.money)
    of_each = 1 if of.table.name == "disputes" else 2
    assert [r.cells[column.name] for r in part.rows] == [str(12500 * of_each)]


@pytest.mark.parametrize("of", [p for p in MONEYED if p.id in ("mediation", "publicity_penalties")])
def test_no_answer_holds_against_a_unit_that_is_written(folder: Path, of: Profile):
    file = "a.xlsx", _amounts(of, [], "", 8000)
    keys = [q.key for q in planned(folder, file).answers.open]
    done(folder, planned(folder, file, **dict.fromkeys(keys, "元")))
    other = "b.xlsx", _amounts(of, ["（单位：万元）"], "", 1.25)
    plan = planned(folder, other)
    assert "以万元为单位（写在列名上方）" in notes(plan) and not plan.answers.open
    assert publish(plan, "经办", "核实")
    assert _yuan(of, folder) == "12500"


@pytest.mark.parametrize("of", MONEYED, ids=lambda p: p.id)
def test_an_amount_under_no_one_unit_is_refused(of: Profile):
    for over in (["（单位：元）", "单位：万元"], ["（单位：元/万元）"], ["", "单位：美元"]):
        answers = Answers({}, {of.id: {f"{n}的单位": {"": "元"} for n in ("罚款金额", "涉案金额")}})
        book = sheets.read(_amounts(of, over, "", 1))
        out = read("a.xlsx", "a", book, Asking((), [of], answers))
        assert {p.fault.rule for p in out.problems} == {"单位"} and not out.tables
        assert not answers.asked


def test_an_amount_in_a_cell_that_contradicts_yuan_is_refused(folder: Path):
    (of,) = (p for p in MONEYED if p.id == "mediation")
    plan = planned(folder, ("d.xlsx", _amounts(of, ["（单位：元）"], "", "1.25万元")))
    assert [p.fault.rule for p in plan.problems] == ["数字"]


def test_files_in_different_units_go_in_together(folder: Path):
    (of,) = (p for p in MONEYED if p.id == "publicity_penalties")
    one = "a.xlsx", _amounts(of, ["（单位：万元）"], "", 1.25)
    other = "b.xlsx", _amounts(of, ["（单位：元）"], "", 300, nth=1)
    done(folder, planned(folder, one, other))
    rows = kept(folder, "ledgers/enforcement_actions.csv")
    assert [r["罚没金额（元）"] for r in rows] == ["25000", "600"]


@pytest.mark.parametrize("of", MONEYED, ids=lambda p: p.id)
def test_every_name_of_an_amount_is_asked_for_its_unit(of: Profile):
    (column,) = (c for c in of.table.columns if c.money)
    reads = of.columns.get(column.name)
    names = {column.header, *(reads.headers if reads else ())}
    names |= {*ALIASES.get((of.table.name, column.name), ())}
    names |= {h for s in SUMMANDS.get((of.table.name, column.name), ()) for h in s.headers}
    for name in names:
        found = of.vocabulary.match(name.replace("（元）", ""))
        assert found and found.column is column and found.unit == ASKED_UNIT


# ---------------------------------------------------------------- faults


def test_faults_of_a_header_and_of_rows_are_told_at_once_and_equal_ones_once(folder: Path):
    head = ["执法编号", "立案或启动日期", "罚没金额", "决定日期", "作出决定日期", "整改期限"]
    rows = [[f"N{n}", "2023-13-01", 1, "", "", "2023-09-01"] for n in range(30)]
    sent = Sent("a.xlsx", xlsx([head, *rows]))
    plan = make([sent], folder)
    assert [(p.place.cell, p.fault.rule) for p in plan.problems] == [
        ("E1", "列重复"),
        ("F1", "没有读取"),
    ]
    assert [q.key for q in plan.answers.open] == ["行为类型", "罚没金额的单位"]


def test_equal_faults_stand_once_with_their_rows_and_a_missing_column_at_its_header(folder: Path):
    rows = [[f"N{n}", "行政检查", "2023-02-03"] for n in range(30)]
    sent = Sent("a.xlsx", xlsx([["执法编号", "行为类型", "决定日期"], *rows]))
    (missing,) = (plan := make([sent], folder)).problems
    assert (missing.place.cell, missing.fault.column) == ("D1", "立案或启动日期")
    book = openpyxl.load_workbook(returned_path(plan, sent))
    assert [c.coordinate for row in book["Sheet1"].iter_rows() for c in row if c.comment] == ["D1"]
    rows = [[f"N{n}", "行政检查", "2023-02-30"] for n in range(30)]
    sent = Sent("a.xlsx", xlsx([["执法编号", "行为类型", "立案日期"], *rows]))
    plan = make([sent], folder)
    assert len(plan.problems) == 30
    book = openpyxl.load_workbook(returned_path(plan, sent))
    assert sum(bool(c.comment) for row in book["Sheet1"].iter_rows() for c in row) == 30
    listed = [[c.value for c in row] for row in book["问题清单"].iter_rows(min_row=4, max_row=5)]
    assert listed[0][2] == "、".join(f"C{n}" for n in range(2, 22)) + " 等 30 处"
    assert listed[1][0] is None


def returned_path(plan: Plan, sent: Sent) -> Path:
    path = plan.folder.parent / "退回.xlsx"
    path.write_bytes(returned.workbook(plan, sent))
    return path


def test_names_stand_in_no_fault_and_in_no_new_text_of_the_returned_workbook(folder: Path):
    """A cell of names that cannot be counted is refused without saying what stands in it."""
    head = ["检查编号", "检查日期", "被检查单位", "检查人员", "负责人"]
    rows = [["Z1", "2023-02-30", "赵钱孙", "孙丁李戊己", "欧阳氏李"]]
    sent = Sent("a.xls", xlsx([head, *rows]))
    plan = make([sent], folder)
    assert {p.fault.rule for p in plan.problems} == {"人数", "日期"}
    said = [str(p.fault) for p in plan.problems] + [notes(plan)]
    book = openpyxl.load_workbook(returned_path(plan, sent))
    said += [c.comment.text for row in book["Sheet1"].iter_rows() for c in row if c.comment]
    said += [str(c.value) for row in book["问题清单"].iter_rows() for c in row]
    for name in ("赵钱孙", "孙丁", "李戊己", "欧阳氏李"):
        assert not any(name in text for text in said)


PLANTED = "吴秘密"


def _planted(of: Profile, text: str) -> tuple[tuple[str, bytes], list[str], dict[str, str]]:
    """(a layout's file with a text in every column that has its values, the headers of these
    columns, what has to be answered for it otherwise)."""
    lines, _, answers = layouts.lines_of(of, 4)
    (sheet,) = sheets.read(xlsx(lines)).sheets
    head = recognise(sheet, "", (), (of,))
    assert head
    columns = {
        position: found.column
        for position, found in head.columns.items()
        if form_of(found.column) in ("open", "closed", "bool") or found.column.name == "result"
    }
    for position in columns:
        lines[head.last + 1][position] = text
    answers = {k.removesuffix("/power_list_4"): v for k, v in answers.items()}
    told = [c.header for c in columns.values() if c.name not in ("result", "double_random")]
    return ("a.xlsx", xlsx(lines)), told, answers


@pytest.mark.parametrize("of", SHEETS, ids=lambda p: p.id)
def test_a_word_with_a_name_in_it_is_asked_once_and_kept_nowhere(folder: Path, of: Profile):
    file, told, answers = _planted(of, f"{PLANTED}办")
    plan = planned(folder, file, **answers)
    asked = {q.key: q.options[0][1] for q in plan.answers.open}
    assert {*asked} == {f"{header}：{PLANTED}办" for header in told}
    plan = planned(folder, file, **answers, **asked)
    assert not plan.problems and publish(plan, "经办", "核实")
    assert not planned(folder, file).answers.open, "remembered, though not by its words"
    _not_kept(folder)


def _not_kept(folder: Path) -> None:
    files = [p for p in folder.rglob("*") if p.is_file()]
    assert files
    for p in files:
        data = p.read_bytes()
        data = gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data
        assert PLANTED.encode() not in data, p
        assert not zipfile.is_zipfile(p), "to be looked into, too"


@pytest.mark.parametrize("of", SHEETS, ids=lambda p: p.id)
def test_free_text_in_a_column_of_values_is_a_fault_that_does_not_say_it(folder: Path, of: Profile):
    text = f"经工作人员多次打电话联系{PLANTED}之后表示对办理的结果非常满意"
    file, told, answers = _planted(of, text)
    plan = planned(folder, file, **answers)
    assert [p.fault.rule for p in plan.problems] == ["选项"] * len(told)
    assert {p.fault.column for p in plan.problems} == {*told} and not plan.answers.open
    book = openpyxl.load_workbook(returned_path(plan, plan.sent[0]))
    said = [c.comment.text for sheet in book for row in sheet for c in row if c.comment]
    said += [str(c.value) for row in book["问题清单"] for c in row] if told else []
    said += [notes(plan), *map(str, (*plan.warnings, *(p.fault for p in plan.problems)))]
    assert not [text for text in said if PLANTED in text]


def test_a_sentence_is_no_word_to_ask_for(folder: Path):
    head = ["受理单号", "来电日期", "诉求内容", "诉求性质", "满意度"]
    rows = [["G1", "2023-01-05", "某", f"{PLANTED}，噪音", f"问{PLANTED}：满意"]]
    plan = planned(folder, ("a.xlsx", xlsx([head, *rows])))
    assert [p.place.cell for p in plan.problems] == ["D2", "E2"] and not plan.answers.open


def test_a_kind_that_is_new_is_kept_where_it_is_answered_with_itself(folder: Path):
    head = ["卷宗编号", "受理日期", "纠纷类别", "调解结果", "调解员"]
    rows = [
        [f"J{n}", "2023-01-05", t, "调解中", "李戊己"] for n, t in enumerate(("山界纠纷", "山界"))
    ]
    file = "a.xlsx", xlsx([head, *rows])
    (asked,) = planned(folder, file).answers.open
    assert [w for _, w in asked.options][-2:] == ["其他", "山界（新的一种）"]
    done(folder, planned(folder, file, 山界="山界"))
    assert {r["纠纷类型"] for r in kept(folder, "ledgers/disputes.csv")} == {"山界"}


BODIES = [
    ("石桥村", "石桥村", False),
    ("石桥村村民委员会", "石桥村村民委员会", False),
    ("石桥村三组", "石桥村三组", False),
    (f"石桥村{PLANTED}家", f"石桥村{PLANTED}家", True),
    (f"石桥社区-{PLANTED}", f"石桥社区-{PLANTED}", True),
    (f"石桥村（{PLANTED}）", "石桥村", False),
    ("石桥村（石桥社区）", "石桥村（石桥社区）", False),
]


@pytest.mark.parametrize(("written", "read", "warned"), BODIES)
def test_what_stands_behind_a_place_is_warned_of_once_and_brackets_go(
    folder: Path, written: str, read: str, warned: bool
):
    head = ["受理单号", "来电日期", "诉求内容", "行政村", "诉求性质"]
    rows = [[f"G{n}", "2023-01-05", "某", written, "投诉"] for n in range(3)]
    plan = planned(folder, ("a.xlsx", xlsx([head, *rows])))
    said = [w for w in plan.warnings if w.rule == "名称"]
    assert len(said) == warned and not any(PLANTED in str(w) for w in said)
    assert publish(plan, "经办", "核实")
    assert {r["村社区"] for r in kept(folder, "ledgers/hotline.csv")} == {read}


def test_of_several_offices_each_is_looked_at(folder: Path):
    head = ["抽查编号", "抽查日期", "抽查计划", "检查对象", "配合部门"]
    rows = [["S1", "2023-01-05", "某", "某", f"派出所（{PLANTED}）、司法所"]]
    rows += [["S2", "2023-01-05", "某", "某", f"司法所、派出所{PLANTED}"]]
    plan = planned(folder, ("a.xlsx", xlsx([head, *rows])))
    assert [w.row for w in plan.warnings if w.rule == "名称"] == [3]
    (first, _) = (row for r in plan.readings for p in r.tables for row in p.rows)
    assert first.cells["joint_departments"] == "派出所、司法所"


PEOPLE = [
    ("张某,李某", "2"),
    ("张某、李某；王某", "3"),
    ("张 三、李四", "2"),
    ("张　三", "1"),
    ("张某某 李某某", "2"),
    ("张某（500106001）、李某（500106002）", "2"),
    ("买买提·艾力、李某", "2"),
    ("张某等3人", "3"),
    ("2人", "2"),
    (2, "2"),
    ("张某某李某某", None),
    ("张某李某", None),
    ("张 三 李 四", None),
    ("张某等", None),
    ("张某等两人", "2"),
    ("欧阳 建国", "1"),
    ("无、无", ""),
    ("2 人", "2"),
    ("两人以上", None),
    ("王和李", None),
    ("张某·李某", None),
    ("张某.李某", "2"),
    ("张某 李某和王某", "3"),
    ("李和平、王及第", "2"),
    ("欧阳建国", "1"),
    ("组长：张某，组员：李某", "2"),
    ("张某500106001,李某500106002", "2"),
    ("1.张某 2.李某", "2"),
    ("张三,张三", "1"),
    ("张某、无", "1"),
    ("张某、待定", ""),
    ("张某：李某", None),
    *((f"{n}{of}", "2") for n in "两二2" for of in "人名位"),
    ("三名", "3"),
    *((word, "") for word in ("无", "暂无", "待定", "未填", "空", "见附件", "—")),
    *((word, None) for word in ("若干", "全体", "执法队", "综合执法", "检查人员", "某", "多人")),
]


@pytest.mark.parametrize(("written", "count"), PEOPLE)
def test_people_are_counted_or_it_is_said_that_they_cannot_be(
    folder: Path, written: object, count: str | None
):
    head = ["检查编号", "检查日期", "被检查单位", "检查人员"]
    plan = planned(folder, ("a.xlsx", xlsx([head, ["Z1", "2023-02-03", "某店", written]])))
    assert [p.fault.rule for p in plan.problems] == ([] if count is not None else ["人数"])
    (row,) = (row for r in plan.readings for p in r.tables for row in p.rows)
    assert row.cells["officers"] == (count or "")


def test_a_name_in_two_columns_counts_once_and_nobody_not_at_all(folder: Path):
    head = ["立案编号", "立案日期", "当事人", "主办人员", "协办人员", "处罚种类"]
    officers = [("张某", "无", "1"), ("张某", "张某", "1"), ("张某 李强", "王某", "3")]
    rows = [
        [f"Z{n}", "2023-02-03", "某店", one, two, "警告"]
        for n, (one, two, _) in enumerate(officers)
    ]
    done(folder, planned(folder, ("a.xlsx", xlsx([head, *rows]))))
    counts = [r["执法人数"] for r in kept(folder, "ledgers/enforcement_actions.csv")]
    assert counts == [count for *_, count in officers]


CLASSES = [
    ("警告;罚款", "罚款"),
    ("罚款、警告", "罚款"),
    ("警告、没收违法所得、没收非法财物", "没收违法所得、没收非法财物"),
    ("没收违法所得和非法财物，并处罚款", "没收违法所得、没收非法财物"),
    ("其他行政处罚；通报批评", "通报批评"),
    ("吊销营业执照＋罚款", "吊销许可证件"),
    ("责令关闭、限制从业", "责令关闭、限制从业"),
    ("其他", "其他行政处罚"),
    ("暂扣或者吊销许可证", None),
]


@pytest.mark.parametrize(("written", "heaviest"), CLASSES)
def test_a_penalty_is_of_its_heaviest_class_or_it_is_asked(
    folder: Path, written: str, heaviest: str | None
):
    head = ["行政处罚决定书文号", "处罚决定日期", "处罚类别", "行政相对人名称"]
    plan = planned(folder, ("a.xlsx", xlsx([head, ["罚1", "2023-02-03", written, "某店"]])))
    asked = [q.key for q in plan.answers.open]
    assert asked == ([] if heaviest else [f"处罚种类：{written}"])
    if heaviest:
        publish(plan)
        (row,) = kept(folder, "ledgers/enforcement_actions.csv")
        assert row["处罚种类"] == heaviest


def test_the_two_classes_of_the_former_layout_are_one_case(folder: Path):
    head = ["行政处罚决定书文号", "处罚类别1", "处罚类别2", "处罚决定日期", "行政相对人名称"]
    rows = [["罚1", "警告", "罚款", "2016/2/3", "某店"], ["罚2", "罚款", None, "2016/2/4", "某店"]]
    done(folder, planned(folder, ("a.xlsx", xlsx([head, *rows]))))
    assert [r["处罚种类"] for r in kept(folder, "ledgers/enforcement_actions.csv")] == ["罚款"] * 2


def test_a_sub_item_stands_behind_its_item_and_a_code_keeps_its_zeros(folder: Path):
    head = ["职权编码", "职权名称", "子项名称", "职权类型", "清单批准日期", "是否在用"]
    rows = [[12, "占道处罚", "堆放", "处罚", "2023-01-10", "是"]]
    data = xlsx([head, *rows], {"A2": "000000"})
    done(folder, planned(folder, ("a.xlsx", data)))
    (row,) = kept(folder, "ledgers/power_items.csv")
    told = [row[h] for h in ("事项编码", "事项名称", "权力类型", "状态")]
    assert told == ["000012", "占道处罚：堆放", "行政处罚", "在用"]


def test_goals_are_numbered_on_and_known_again_by_their_words(folder: Path):
    head = ["目标任务", "具体举措", "责任科室", "完成时限"]
    one = [
        ["2024年目标任务分解表"],
        head,
        ["执法", "甲", "司法所", "6月底前"],
        ["执法", "乙", "司法所", "全年"],
    ]
    done(folder, planned(folder, ("a.xlsx", xlsx(one))))
    two = [one[0], head, ["执法", "丙", "司法所", "三季度"], *one[2:]]
    plan = done(folder, planned(folder, ("a.xlsx", xlsx(two))))
    assert plan.differences[0].new == ["G2024-03"] and not plan.differences[0].changed
    rows = {r["举措编号"]: (r["举措"], r["完成期限"]) for r in kept(folder, "goals.csv")}
    assert rows == {
        "G2024-01": ("甲", "2024-06-30"),
        "G2024-02": ("乙", "2024-12-31"),
        "G2024-03": ("丙", "2024-09-30"),
    }


def _merged(rows: list[list[object]], *ranges: str) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for cells in ranges:
        book.active.merge_cells(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_two_rows_of_headers_under_a_merged_cell_are_one_column(folder: Path):
    rows = [
        ["职权编码", "权力名称", None, "职权类型", "清单批准日期", "是否在用"],
        [None, "主项名称", "子项名称", None, None, None],
        ["1", "占道处罚", "堆放", "处罚", "2023-01-10", "是"],
    ]
    data = _merged(rows, "A1:A2", "B1:C1", "D1:D2", "E1:E2", "F1:F2")
    done(folder, planned(folder, ("a.xlsx", data)))
    assert [r["事项名称"] for r in kept(folder, "ledgers/power_items.csv")] == ["占道处罚：堆放"]
    rows = [
        ["案件号", "立案日期", "当事人", "办案人员", None, "处罚种类"],
        [None, None, None, "主办", "协办", None],
        ["1", "2023-01-10", "某店", "张某", "李某", "罚款"],
    ]
    data = _merged(rows, "A1:A2", "B1:B2", "C1:C2", "D1:E1", "F1:F2")
    done(folder, planned(folder, ("b.xlsx", data)))
    (row,) = kept(folder, "ledgers/enforcement_actions.csv")
    assert (row["行为类型"], row["执法人数"]) == ("行政处罚", "2")


def test_a_sheet_says_in_short_what_its_actions_are_or_it_is_asked(folder: Path):
    head = ["案卷编号", "立案日期", "执法人员"]
    names = {"检查": "1", "处罚": "2", "许可": "3"}
    data = xlsx(
        {n: [["2023年检查台账"], head, [no, "2023-01-05", "张某"]] for n, no in names.items()}
    )
    done(folder, planned(folder, ("a.xlsx", data)))
    rows = kept(folder, "ledgers/enforcement_actions.csv")
    assert [r["行为类型"] for r in rows] == ["行政检查", "行政处罚", "行政许可"]
    other = {n: [["执法台账"], head, [n, "2023-01-05", "张某"]] for n in ("一季度", "二季度")}
    plan = planned(folder, ("b.xlsx", xlsx(other)))
    assert [q.key for q in plan.answers.open] == ["行为类型"] * 2, "each sheet has its own"
    assert "一季度" in plan.answers.open[0].text
    done(folder, planned(folder, ("b.xlsx", xlsx(other)), 行为类型="处罚"))
    aside = [["执法台账"], ["填报单位：检查大队"], head, ["9", "2023-01-05", "张某"]]
    (asked,) = planned(folder, ("c.xlsx", xlsx(aside))).answers.open
    assert asked.key == "行为类型"


def test_other_written_the_other_way_and_a_total_under_the_key(folder: Path):
    head = ["序号", "卷宗编号", "受理日期", "纠纷类别", "调解结果", "调解员"]
    rows = [
        [1, "J1", "2023-01-05", "其它纠纷", "调解中", "李戊己"],
        ["合计", "5件", None, None, None, None],
    ]
    done(folder, planned(folder, ("a.xlsx", xlsx([head, *rows]))))
    (row,) = kept(folder, "ledgers/disputes.csv")
    assert row["纠纷类型"] == "其他"


# ---------------------------------------------------------------- our own first, a town's before ours


def test_our_own_template_is_never_read_by_a_layout(folder: Path):
    for table in {p.table for p in SHEETS}:
        head = [c.header for c in table.columns]
        good = folders.GOOD[table.name][0]
        rows = [head, [good.get(c.name, "") for c in table.columns]]
        plan = planned(folder, ("a.xlsx", xlsx({table.label: rows})))
        assert [p.head.profile for r in plan.readings for p in r.tables] == [None]


OWN = """
name = "某镇执法系统导出"
table = "enforcement_actions"
[recognise]
needs = ["action_no", "opened_on"]
[constants]
action_type = "行政检查"
[columns.action_no]
headers = ["流水"]
[columns.opened_on]
headers = ["哪天"]
"""


def test_a_town_has_layouts_of_its_own(folder: Path):
    (folder / "profiles").mkdir()
    (folder / "profiles/ours.toml").write_text(OWN, encoding="utf-8")
    plan = done(folder, planned(folder, ("a.xlsx", xlsx([["流水", "哪天"], ["1", "2023.1.5"]]))))
    assert "按“某镇执法系统导出”读入；行为类型＝行政检查" in plan.readings[0].layouts[0]


FAULTY = {
    "a table that there is not": ('table = "nothing"', "table", "没有这张表"),
    "a column that there is not": ("[columns.colour]\nheaders = []", "columns", "没有这一列"),
    "a key that there is not": ('colour = "red"', "colour", "不认识的项"),
    "a value that cannot be": (
        '[columns.object_type]\nheaders = ["谁"]\nvalues = {"甲" = "乙"}',
        "columns.object_type.values",
        "“甲”的值不能用在“对象类型”里",
    ),
    "a header of two columns": (
        '[columns.decided_on]\nheaders = ["哪天"]',
        "columns.decided_on",
        "已经是",
    ),
    "a header that is read and not read": ('[persons]\n"流水" = []', "persons", "不能又不读取"),
    "a condition on a column that there is not": (
        '[columns.closed_on]\nheaders = ["谁"]\nwhen = {nosuch = ["a"]}',
        "columns.closed_on.when",
        "没有另外这一列",
    ),
    "a condition on a value that cannot be": (
        '[columns.closed_on]\nheaders = ["谁"]\nwhen = {legal_review = ["也许"]}',
        "columns.closed_on.when",
        "不能用在",
    ),
    "a unit of another kind": (
        '[columns.fine_yuan]\nheaders = ["谁"]\nunit = "公斤"',
        "columns.fine_yuan.unit",
        "要能换算成“元”",
    ),
    "a unit of a text": (
        '[columns.result]\nheaders = ["谁"]\nunit = "元"',
        "columns.result.unit",
        "只有带单位的数",
    ),
    "people of a text": (
        '[columns.result]\nheaders = ["谁"]\nhow = "people"',
        "columns.result.how",
        "只用于人数",
    ),
    "a class of a number": (
        '[columns.officers]\nheaders = ["谁"]\nhow = "heaviest"',
        "columns.officers.how",
        "只用于处罚种类",
    ),
    "a deadline of a text": (
        '[columns.result]\nheaders = ["谁"]\nhow = "deadline"',
        "columns.result.how",
        "只用于日期",
    ),
    "a remainder that cannot be": (
        '[columns.double_random]\nheaders = ["谁"]\notherwise = "也许"',
        "columns.double_random.otherwise",
        "不能用在",
    ),
    "a way of reading that there is not": (
        '[columns.officers]\nheaders = ["谁"]\nhow = "guess"',
        "columns.officers.how",
        "没有这种读法",
    ),
}


@pytest.mark.parametrize(("more", "key", "said"), FAULTY.values(), ids=FAULTY)
def test_a_layout_is_read_strictly_and_its_fault_says_where(more: str, key: str, said: str):
    text = (
        OWN.replace('table = "enforcement_actions"', more)
        if more.startswith("table")
        else f"{more}\n{OWN}"
    )
    text = OWN + more if more.startswith("[") else text
    found, faults = load(text.encode(), "profiles/ours.toml", own=True)
    assert found is None
    assert any(
        (f.file, f.column) == ("profiles/ours.toml", key) and said in f.message for f in faults
    )


def test_a_required_column_without_a_source_and_a_broken_file_are_faults():
    _, faults = load(OWN.replace('action_type = "行政检查"', "").encode(), "a.toml")
    assert [f.column for f in faults] == ["columns.action_type"]
    _, faults = load("name = “甲”".encode(), "a.toml")
    assert "不是正常的 TOML" in faults[0].message


def test_no_layout_says_what_the_tables_say_already():
    """One place for a fact: an alias that a table has needs no second mention."""
    for p in SHEETS:
        for name, reads in p.columns.items():
            column = p.table.column(name)
            known = {h: plain(p.table.name).match(h) for h in reads.headers}
            twice = [h for h, found in known.items() if found and found.column is column]
            assert not twice, f"{p.id} {name}: {twice}"


def test_the_example_in_the_docs_is_a_layout_with_every_item():
    text = (ROOT / "docs/data.md").read_text(encoding="utf-8")
    (example,) = re.findall("```toml\n(name = .*?)```", text, re.S)
    found, faults = load(example.encode(), "profiles/example.toml", own=True)
    assert found, faults
    items = set(re.findall(r"^\[?(\w+)", example, re.M))
    assert {"needs", "absent", "words", "never", "title", "constants", "ask", "persons"} <= items


def test_the_same_cases_under_the_numbers_of_another_system_are_warned_of(folder: Path):
    """The publicity export has the decision's number, the platform's the case's: they would count twice."""
    done(folder, planned(folder, export("双公示_行政处罚.xlsx")))
    rows = kept(folder, "ledgers/enforcement_actions.csv")
    head = [
        "立案编号",
        "立案日期",
        "当事人",
        "办案人员",
        "处罚种类",
        "罚没金额（元）",
        "处罚决定日期",
    ]
    cases = [
        [f"立{n}", "2023-01-02", "某店", "张某", r["处罚种类"], r["罚没金额（元）"], r["决定日期"]]
        for n, r in enumerate(rows)
    ]
    plan = planned(folder, ("b.xlsx", xlsx([head, *cases])))
    assert not plan.problems
    (said,) = [w.message for w in plan.warnings if w.rule == "可能重复"]
    assert "9 行" in said and "编号不同" in said
    publishing.undo(folder)
    both = planned(folder, export("双公示_行政处罚.xlsx"), ("b.xlsx", xlsx([head, *cases])))
    assert [w.rule for w in both.warnings if w.rule == "可能重复"] == ["可能重复"], "in one go, too"
    done(folder, planned(folder, export("双公示_行政处罚.xlsx")))
    other = [[*c[:5], "77", c[6]] for c in cases]
    plan = planned(folder, ("b.xlsx", xlsx([head, *other])))
    assert not [w for w in plan.warnings if w.rule == "可能重复"]


# ---------------------------------------------------------------- by the command


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, [str(a) for a in arguments])


def test_the_command_says_what_to_answer_and_takes_the_answers(folder: Path):
    file = EXPORTS / "权责清单.xlsx"
    asked = run("import", file, "--data", folder)
    assert asked.exit_code == 1 and "标出问题" not in asked.output
    assert '--answer "清单版本=2023-01-05"' in asked.output
    assert '--answer "状态=在用"' in asked.output
    told = ["--answer", "清单版本＝2023-06-01", "--answer", "是否在用=是", "--answer", "没有=的"]
    done_ = run("import", file, "--data", folder, *told)
    assert done_.exit_code == 0, done_.output
    assert "没有问到“没有”" in done_.output and "状态＝在用（按回答）" in done_.output
    again = run("import", file, "--data", folder)
    assert again.exit_code == 0 and "没有变化" in again.output
    assert "按上次的回答" in again.output
    assert run("import", file, "--data", folder, "--answer", "清单版本").exit_code == 2


def test_equal_faults_are_told_once_with_their_rows(folder: Path, tmp_path: Path):
    file = tmp_path / "a.xlsx"
    rows = [[f"J{n}", "2023-02-30", "在调"] for n in range(3)]
    file.write_bytes(xlsx([["登记编号", "登记日期", "办理状态"], *rows]))
    told = run("import", file, "--data", folder, "--dry-run").output
    assert told.count("日历上没有这一天") == 1 and "（第 2、3、4 行）" in told


def test_check_names_what_is_wrong_with_a_towns_own_layouts(folder: Path):
    assert run("check", "--data", folder).exit_code == 0
    (folder / "profiles").mkdir()
    (folder / "profiles/ours.toml").write_text(f'colour = "red"\n{OWN}', encoding="utf-8")
    told = run("check", "--data", folder)
    assert told.exit_code == 1
    assert "profiles/ours.toml「colour」" in told.output and "不认识的项" in told.output
    plan = planned(folder, export("人民调解台账.xlsx"))
    assert not plan.problems and "这一份没有用" in plan.warnings[0].message


# ---------------------------------------------------------------- all files against all layouts

LAYOUT_OF = {
    "人民调解台账.xlsx": "mediation",
    "依申请台账.xlsx": "applications",
    "双公示_行政处罚.xlsx": "publicity_penalties",
    "双公示_行政许可.xlsx": "publicity_permits",
    "执法台账.xlsx": "enforcement_ledger",
    "执法平台_检查.xlsx": "platform_inspections",
    "权责清单.xlsx": "power_list",
}


@pytest.mark.parametrize("name", LAYOUT_OF)
def test_a_file_that_offices_have_is_taken_for_no_other_layout(name: str):
    for sheet in sheets.read((EXPORTS / name).read_bytes()).sheets:
        taken = [p.id for p in SHEETS if _taken(sheet, Path(name).stem, p)]
        assert taken == [LAYOUT_OF[name]]
        assert form_sheet.find(sheet, shipped()) is None


OTHERS = {
    "行政复议案件台账": [
        "案号",
        "受理日期",
        "申请人",
        "被申请人",
        "案件类型",
        "审理结果",
        "结案日期",
    ],
    "法律援助申请登记": ["受理编号", "受理日期", "申请人", "申请人类别", "援助事项", "办理结果"],
    "政务服务事项目录": ["事项编码", "事项名称", "事项类型", "实施主体", "承诺时限", "联系电话"],
    "履职事项清单": ["序号", "事项名称", "事项类型", "承办机构"],
    "信访台账": ["信访编号", "登记日期", "信访人", "信访事项", "责任单位", "办理结果"],
    "安全生产督查": ["检查编号", "检查日期", "被检查单位", "检查人员", "检查结果"],
    "培训签到表": ["姓名", "单位", "职务", "签到时间"],
    "公务车辆台账": ["车牌号", "使用日期", "使用人", "事由", "费用（元）"],
    "合同审查台账": ["合同编号", "合同名称", "送审日期", "送审单位", "审查意见", "金额（万元）"],
    "行政执法人员名册": ["姓名", "执法证号", "所在机构", "发证日期", "有效期至"],
}


@pytest.mark.parametrize("title", OTHERS)
def test_what_no_layout_is_for_is_taken_for_none(title: str):
    rows = [[title], OTHERS[title], ["1", *("某" for _ in OTHERS[title][1:])]]
    (sheet,) = sheets.read(xlsx(rows)).sheets
    assert [p.id for p in SHEETS if _taken(sheet, "台账", p)] == []


def test_no_file_of_columns_is_taken_for_a_statutory_form():
    for of in SHEETS:
        for sheet in sheets.read(layouts.made(of)[1].sent.data).sheets:
            assert form_sheet.find(sheet, shipped()) is None
