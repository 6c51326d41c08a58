"""python -m qmg_dash template and import: exit statuses, what goes back, what is logged."""

from __future__ import annotations

import errno
import io
import os
from pathlib import Path

import folders
import openpyxl
import pytest
import sending
from click.testing import CliRunner, Result
from openpyxl.workbook import Workbook
from sending import Rows, kept, xls, xlsx

from qmg_dash import beijing, escaping
from qmg_dash.__main__ import cli
from qmg_dash.figures.book import Book
from qmg_dash.folder import history, store
from qmg_dash.intake import plan as intake
from qmg_dash.intake import returned
from qmg_dash.intake.plan import Sent
from qmg_dash.intake.template import choices, template
from qmg_dash.model import Filters
from qmg_dash.tables import TABLES, Table
from qmg_dash.ui import markup

HEAD = ("登记编号", "登记日期", "办理状态")
GOOD: Rows = [HEAD, ["J1", "2023-07-01", "调解成功"], ["J7", "2023.2.3", "在调"]]
BAD: Rows = [["矛盾纠纷台账"], HEAD, ["J7", "2023-02-30", "在调"], ["J8", "2023-03-01", "在办"]]
CHANGED: Rows = [
    ["年度", "指标", "维度", "数值", "单位", "来源"],
    [2023, "power.items", "行政处罚", 37, "项", "年度报告"],
    [2023, "decisions.topics", None, 12, None, "年度报告"],
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """青石镇's folder with a few tables."""
    return folders.town(tmp_path / "town", "disputes", "reported", "goals", "corrections")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the clerk keeps files, and another directory to work in."""
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    (tmp_path / "desk").mkdir()
    return tmp_path / "desk"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, [str(a) for a in arguments])


def send(folder: Path, desk: Path, data: bytes, *more: object, name: str = "台账.xlsx") -> Result:
    (desk / name).write_bytes(data)
    return run("import", desk / name, "--data", folder, *more)


# ---------------------------------------------------------------- import


def test_an_import_adds_updates_and_keeps(folder: Path, desk: Path):
    result = send(folder, desk, xlsx(GOOD))
    assert result.exit_code == 0, result.output
    assert "新增 1 行，改动 1 行，不变 0 行，删除 0 行" in result.output
    rows = {r["登记编号"]: r for r in kept(folder, "ledgers/disputes.csv")}
    assert (rows["J1"]["办理状态"], rows["J1"]["村社区"]) == ("调解成功", "一村")
    assert rows["J7"]["登记日期"] == "2023-02-03"
    assert [p.name for p in desk.iterdir()] == ["台账.xlsx"]


def test_the_same_file_again_changes_nothing(folder: Path, desk: Path):
    send(folder, desk, xlsx(GOOD))
    before = sending.tree(folder)
    result = send(folder, desk, xlsx(GOOD))
    assert (result.exit_code, sending.tree(folder)) == (0, before)
    assert "不变 2 行" in result.output and "没有变化" in result.output
    assert len(history.publishings(folder)) == 1


def test_a_dry_run_says_what_would_change_and_changes_nothing(folder: Path, desk: Path):
    before = sending.tree(folder)
    result = send(folder, desk, xlsx(GOOD), "--dry-run")
    assert result.exit_code == 0
    assert "新增 J7" in result.output
    assert "改动 J1：办理状态 在调 → 调解成功" in result.output
    assert sending.tree(folder) == before and not (folder / ".history").exists()


def test_rows_that_were_not_sent_stay_unless_the_table_is_replaced(folder: Path, desk: Path):
    only: Rows = [HEAD, ["J7", "2023.2.3", "在调"]]
    assert "文件里没有的 1 行保留" in send(folder, desk, xlsx(only)).output
    assert len(kept(folder, "ledgers/disputes.csv")) == 2
    result = send(folder, desk, xlsx(only), "--replace")
    assert "删除 1 行" in result.output and "删除 J1" in result.output
    assert [r["登记编号"] for r in kept(folder, "ledgers/disputes.csv")] == ["J7"]


def of_year(year: int, rows: int = 3) -> Rows:
    """A year's sheet, numbered from 1 again as offices do."""
    return [HEAD, *([f"J{n}", f"{year}-03-0{n}", "在调"] for n in range(1, rows + 1))]


def test_rows_that_turn_into_another_years_are_said_before_they_are_published(
    folder: Path, desk: Path
):
    """Next year's sheet under last year's codes: it overwrote them as “改动 3 行”, without a word."""
    folders.put(folder / "ledgers/disputes.csv", sending.text(of_year(2022)))
    before = sending.tree(folder)
    said = "矛盾纠纷：改动的 3 行里，3 行从 2022 年改到 2023 年，例如 J1（登记日期 2022-03-01 → 2023-03-01）"
    dry = send(folder, desk, xlsx(of_year(2023)), "--dry-run")
    assert dry.exit_code == 0 and said in dry.output and "核对登记编号" in dry.output
    result = send(folder, desk, xlsx(of_year(2023)))
    assert result.exit_code == 1 and said in result.output and "--across-years" in result.output
    assert sending.tree(folder) == before
    assert send(folder, desk, xlsx(of_year(2023)), "--across-years").exit_code == 0
    days = [r["登记日期"] for r in kept(folder, "ledgers/disputes.csv")]
    assert days == ["2023-03-01", "2023-03-02", "2023-03-03"]


TURNS = {
    "three rows, all that change": (of_year(2022), of_year(2023), True),
    "two rows are corrections": (of_year(2022, 2), of_year(2023, 2), False),
    "the same year": (
        of_year(2022),
        [HEAD, *([r[0], r[1], "调解不成"] for r in of_year(2022)[1:])],
        False,
    ),
    "three of six": (
        of_year(2022, 6),
        [*of_year(2023, 3), *([f"J{n}", f"2022-04-0{n}", "在调"] for n in (4, 5, 6))],
        True,
    ),
    "three of seven": (
        of_year(2022, 7),
        [*of_year(2023, 3), *([f"J{n}", f"2022-04-0{n}", "在调"] for n in (4, 5, 6, 7))],
        False,
    ),
    "new rows beside them are no changes": (
        of_year(2022),
        [*of_year(2023), *([f"N{n}", "2023-04-01", "在调"] for n in range(9))],
        True,
    ),
    "a day where there was none": (
        [HEAD, *([f"J{n}", None, "在调"] for n in (1, 2, 3))],
        of_year(2023),
        False,
    ),
}


@pytest.mark.parametrize(("there", "sent", "told"), TURNS.values(), ids=TURNS)
def test_three_rows_and_half_of_the_changes_turn_an_import(
    folder: Path, there: Rows, sent: Rows, told: bool
):
    folders.put(folder / "ledgers/disputes.csv", sending.text(there))
    assert [d.table.name for d in sending.planned(folder, xlsx(sent)).turned] == ["disputes"] * told


def test_goals_of_another_year_under_the_same_numbers_are_told_as_well(folder: Path):
    """They are of a year without a day that dates them."""
    head = ["举措编号", "目标年度", "方向", "举措"]
    for year in (2023, 2024):
        rows: Rows = [head, *([f"M{n}", year, "依法决策", f"举措{n}"] for n in range(3))]
        plan = sending.planned(folder, xlsx({"目标举措": rows}))
        if year == 2023:
            intake.publish(plan)
    assert [dict(d.turned) for d in plan.turned] == [{("2023", "2024"): 3}]


def test_few_rows_of_each_of_several_tables_are_told_together(folder: Path):
    folders.put(folder / "ledgers/disputes.csv", sending.text(of_year(2022, 2)))
    learnt = [
        [["活动编号", "日期", "类别"], ["X1", f"{y}-05-01", "专题学习"]] for y in (2022, 2023)
    ]
    folders.put(folder / "ledgers/learning.csv", sending.text(learnt[0]))
    plan = sending.planned(folder, xlsx({"矛盾纠纷": of_year(2023, 2), "学法培训": learnt[1]}))
    assert {d.table.name for d in plan.turned} == {"disputes", "learning"}, plan.problems


def test_columns_of_the_towns_own_stay_in_its_file(folder: Path, desk: Path):
    csv = "备注,登记编号,登记日期,办理状态\r\n先来,J1,2023/7/1,在调\r\n"
    folders.put(folder / "ledgers/disputes.csv", csv)
    assert send(folder, desk, xlsx(GOOD[:1] + GOOD[2:])).exit_code == 0
    rows = kept(folder, "ledgers/disputes.csv")
    assert [(r["备注"], r["登记日期"]) for r in rows] == [("先来", "2023/7/1"), ("", "2023-02-03")]


def test_undo_brings_back_every_byte(folder: Path, desk: Path):
    before = sending.tree(folder)
    send(folder, desk, xlsx(CHANGED), "--reason", "核实", "--by", "李")
    assert sending.tree(folder) != before
    assert run("import", "--undo", "--data", folder).exit_code == 0
    assert sending.tree(folder) == before
    result = run("import", "--undo", "--data", folder)
    assert result.exit_code == 1 and "没有可以撤销的导入" in result.output


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--undo", "x.xlsx"],
        ["--undo", "--dry-run"],
        ["--undo", "--ignore", "备注"],
        ["不存在.xlsx"],
        ["--nonsense"],
        ["--data", "no/such/folder", "--undo"],
    ],
)
def test_wrong_use_exits_2(folder: Path, desk: Path, arguments: list[str]):
    result = run("import", *(["--data", folder] if "--data" not in arguments else []), *arguments)
    assert result.exit_code == 2, result.output


def test_a_folder_without_a_town_exits_2(tmp_path: Path, desk: Path):
    (tmp_path / "none").mkdir()
    assert send(tmp_path / "none", desk, xlsx(GOOD)).exit_code == 2


# ---------------------------------------------------------------- refused: the sender's workbook


def back(path: Path) -> Workbook:
    return openpyxl.load_workbook(path)


def test_a_refused_workbook_comes_back_marked_and_nothing_changes(folder: Path, desk: Path):
    before = sending.tree(folder)
    result = send(folder, desk, xlsx({"台账": BAD, "通讯录": [["姓名", "电话"], ["甲", "1"]]}))
    assert result.exit_code == 1
    assert sending.tree(folder) == before
    book = back(desk / "台账_退回.xlsx")
    assert book.sheetnames == ["问题清单", "台账", "通讯录"]
    sheet = book["台账"]
    assert "没有这一天" in sheet["B3"].comment.text
    assert sheet["B3"].fill.fgColor.rgb == sheet["C4"].fill.fgColor.rgb == "00FFC7CE"
    assert sheet["A3"].comment is None and sheet["A3"].fill.fill_type is None
    assert sheet["A1"].value == "矛盾纠纷台账" and book["通讯录"]["A2"].value == "甲"
    lines = list(book["问题清单"].iter_rows(min_row=4, max_row=5, values_only=True))
    assert [(r[1], r[2], r[3], r[4], r[5]) for r in lines] == [
        ("台账", "B3", "登记日期", "2023-02-30", "日期"),
        ("台账", "C4", "办理状态", "在办", "枚举"),
    ]
    said = "".join(str(c.value) for r in book["问题清单"].iter_rows() for c in r if c.value)
    assert "列名在第 2 行" in said and "没有读取的工作表（不是填报的表）：通讯录" in said


def test_the_marked_workbook_mended_and_sent_again_is_imported(folder: Path, desk: Path):
    send(folder, desk, xlsx(BAD))
    book = back(desk / "台账_退回.xlsx")
    book["Sheet1"]["B3"] = "2023-02-28"
    book.save(desk / "台账_退回.xlsx")
    half = run("import", desk / "台账_退回.xlsx", "--data", folder)
    assert half.exit_code == 1
    sheet = back(desk / "台账_退回.xlsx")["Sheet1"]
    assert sheet["B3"].comment is None and sheet["B3"].fill.fill_type is None
    book = back(desk / "台账_退回.xlsx")
    book["Sheet1"]["C4"] = "在调"
    book.save(desk / "台账_退回.xlsx")
    assert run("import", desk / "台账_退回.xlsx", "--data", folder).exit_code == 0
    assert len(kept(folder, "ledgers/disputes.csv")) == 3


def test_an_xlsx_keeps_what_is_on_its_sheets(folder: Path, desk: Path):
    book = openpyxl.load_workbook(io.BytesIO(xlsx(BAD)))
    sheet = book.worksheets[0]
    sheet["E3"] = "=LEN(A3)"
    sheet["A3"].number_format, sheet.column_dimensions["B"].width = "@", 33
    sheet.merge_cells("A1:C1")
    sheet.freeze_panes = "A3"
    sheet["D2"] = "公式"
    sheet["E2"] = "长度"
    book.save(desk / "台账.xlsx")
    assert run("import", desk / "台账.xlsx", "--data", folder).exit_code == 1
    kept_sheet = back(desk / "台账_退回.xlsx").worksheets[1]
    assert kept_sheet["E3"].value == "=LEN(A3)"
    assert kept_sheet["A3"].number_format == "@"
    assert kept_sheet.column_dimensions["B"].width == 33
    assert (str(kept_sheet.merged_cells), kept_sheet.freeze_panes) == ("A1:C1", "A3")


@pytest.mark.parametrize(
    ("name", "data"), [("旧.xls", xls(BAD)), ("表.csv", sending.text(BAD).encode("gb18030"))]
)
def test_other_files_come_back_as_a_workbook(folder: Path, desk: Path, name: str, data: bytes):
    assert send(folder, desk, data, name=name).exit_code == 1
    sheet = back(desk / f"{Path(name).stem}_退回.xlsx").worksheets[1]
    assert [sheet["A3"].value, sheet["B3"].value] == ["J7", "2023-02-30"]
    assert "没有这一天" in sheet["B3"].comment.text


def test_a_file_that_cannot_be_read_comes_back_as_the_list_alone(folder: Path, desk: Path):
    assert send(folder, desk, xlsx(BAD)[:2000]).exit_code == 1
    book = back(desk / "台账_退回.xlsx")
    assert book.sheetnames == ["问题清单"]
    assert book["问题清单"]["F4"].value == "文件损坏"


def test_a_workbook_with_very_many_faults_says_how_many_and_marks_the_first(
    folder: Path, desk: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(returned, "MARKED", 3)
    rows: Rows = [HEAD, *([f"J{n}", "某日", "在调"] for n in range(10, 20))]
    assert send(folder, desk, xlsx(rows)).exit_code == 1
    book = back(desk / "台账_退回.xlsx")
    assert "共 10 处问题" in book["问题清单"]["A1"].value
    assert "前 3 处" in book["问题清单"]["A1"].value
    assert sum(bool(c.comment) for c in book["Sheet1"]["B"]) == 3


def test_text_in_the_marked_workbook_is_never_a_formula(folder: Path, desk: Path):
    evil = '=HYPERLINK("http://x")'
    data = sending.text([HEAD, ["J7", evil, "在调"]]).encode()
    assert send(folder, desk, data, name="表.csv").exit_code == 1
    book = back(desk / "表_退回.xlsx")
    assert book.worksheets[1]["B2"].data_type == "s"
    assert "f" not in {c.data_type for c in book["问题清单"][4]}


def test_where_the_senders_place_cannot_be_written_it_goes_to_the_present_one(
    folder: Path, desk: Path
):
    (desk / "台账_退回.xlsx").mkdir()
    result = send(folder, desk, xlsx(BAD))
    assert result.exit_code == 1
    assert (Path.cwd() / "台账_退回.xlsx").is_file()
    assert str(Path.cwd() / "台账_退回.xlsx") in result.output


def test_with_a_fault_in_one_of_two_files_neither_is_imported(folder: Path, desk: Path):
    before = sending.tree(folder)
    (desk / "好.xlsx").write_bytes(xlsx(GOOD))
    (desk / "坏.xlsx").write_bytes(xlsx(BAD))
    result = run("import", desk / "好.xlsx", desk / "坏.xlsx", "--data", folder)
    assert (result.exit_code, sending.tree(folder)) == (1, before)
    assert {p.name for p in desk.iterdir()} == {"好.xlsx", "坏.xlsx", "坏_退回.xlsx"}


STANDING = [
    (["台账.xls", "台账_退回.xlsx"], ["台账_退回.xlsx"]),
    (["台账_退回.xlsx", "台账.csv"], ["台账_退回.xlsx"]),
    (["台账.xls", "台账_退回.xlsx", "台账_退回 (1).xlsx"], ["台账_退回 (1).xlsx"]),
    (["台账.xls", "台账_退回 - 副本.xlsx", "别的.csv"], ["台账_退回 - 副本.xlsx", "别的.csv"]),
    (["台账.xls", "台账_退回（2）.xls"], ["台账_退回（2）.xls"]),
    (["台账.xls", "台账.xls"], ["台账.xls"]),
    (["台账.xls", "台账2.xls", "台账 (1).xls"], ["台账.xls", "台账2.xls", "台账 (1).xls"]),
    (["台账.xls", "台账.csv", "台账_退回.xlsx"], ["台账.xls", "台账.csv", "台账_退回.xlsx"]),
    (["甲/台账.xls", "乙/台账_退回.xlsx"], ["甲/台账.xls", "乙/台账_退回.xlsx"]),
    (["退回.xls", "_退回.xlsx"], ["退回.xls", "_退回.xlsx"]),
]


@pytest.mark.parametrize(("names", "standing"), STANDING)
def test_a_mended_workbook_stands_in_for_one_file(names: list[str], standing: list[str]):
    holding, replaced = returned.current(names)
    assert [names[n] for n in holding] == standing
    assert len(replaced) == len(names) - len(standing)


def test_a_copy_of_a_returned_workbook_comes_back_under_the_same_name():
    for stem in ("台账", "台账_退回", "台账_退回 (1)", "台账_退回 - 副本", "台账_退回 - 副本 (2)"):
        assert returned.name(Sent(f"{stem}.xlsx", b"")) == "台账_退回.xlsx"


def test_all_files_of_a_place_are_sent_with_the_mended_ones_among_them(folder: Path, desk: Path):
    send(folder, desk, xlsx(BAD))
    mended: Rows = [BAD[0], HEAD, ["J7", "2023-02-28", "在调"], ["J8", "2023-03-01", "在调"]]
    (desk / "台账_退回.xlsx").write_bytes(xlsx(mended))
    result = run("import", *sorted(desk.iterdir()), "--data", folder)
    assert result.exit_code == 0, result.output
    assert "“台账_退回.xlsx”代替“台账.xlsx”" in result.output
    assert len(kept(folder, "ledgers/disputes.csv")) == 3


def test_columns_are_left_out_by_name(folder: Path, desk: Path):
    rows: Rows = [[*HEAD, "履行期限", "当事人数"], ["J7", "2023-02-03", "在调", "2023-09-01", 2]]
    before = sending.tree(folder)
    result = send(folder, desk, xlsx(rows))
    assert result.exit_code == 1 and sending.tree(folder) == before
    assert "--ignore" in back(desk / "台账_退回.xlsx")["Sheet1"]["D1"].comment.text
    assert send(folder, desk, xlsx(rows), "--ignore", "履行期限").exit_code == 1
    more = ("--ignore", "履行期限", "--ignore", "当事人数")
    assert send(folder, desk, xlsx(rows), *more).exit_code == 0
    assert len(kept(folder, "ledgers/disputes.csv")) == 2


# ---------------------------------------------------------------- corrections


@pytest.mark.parametrize("said", [[], ["--reason", "核实"], ["--by", "李"], ["--reason", " "]])
def test_a_published_figure_changes_only_with_reason_and_name(
    folder: Path, desk: Path, said: list[str]
):
    before = sending.tree(folder)
    result = send(folder, desk, xlsx(CHANGED), *said)
    assert (result.exit_code, sending.tree(folder)) == (1, before)
    assert "原因和经办" in result.output


def test_a_changed_figure_is_logged_and_its_provenance_says_so(folder: Path, desk: Path):
    result = send(folder, desk, xlsx(CHANGED), "--reason", "核实年报", "--by", "李")
    assert result.exit_code == 0, result.output
    first, entry = kept(folder, "corrections.csv")
    assert first["原因"] == "笔误"
    assert entry == {
        "日期": beijing.today().isoformat(),
        "表": "reported",
        "主键": "2023/power.items/行政处罚",
        "列": "value",
        "原值": "36",
        "新值": "37",
        "原因": "核实年报",
        "经办": "李",
    }
    snapshot = store.load(folder)
    assert not [f for f in snapshot.faults if f.severity == "error"]
    book = Book(snapshot, Filters(2023))
    told = escaping.html(markup.provenance(book.fig("power.items", "行政处罚"))).safe_str
    assert "更正</summary>" in told
    assert f"{beijing.today()} 数值 36 → 37：核实年报" in told
    other = escaping.html(markup.provenance(book.fig("review.contracts")))
    assert "更正" not in other.safe_str


def test_a_new_figure_needs_no_reason(folder: Path, desk: Path):
    assert send(folder, desk, xlsx([CHANGED[0], CHANGED[2]])).exit_code == 0
    assert len(kept(folder, "corrections.csv")) == 1


# ---------------------------------------------------------------- the template


@pytest.fixture(scope="module")
def empty() -> bytes:
    return template()


@pytest.fixture(scope="module")
def opened(empty: bytes) -> Workbook:
    return openpyxl.load_workbook(io.BytesIO(empty))


@pytest.mark.parametrize("table", TABLES, ids=lambda t: t.name)
def test_every_table_has_a_sheet_with_notes_and_drop_downs(opened: Workbook, table: Table):
    sheet = opened[table.label]
    assert [c.value for c in sheet[1]] == [c.header for c in table.columns]
    assert all(cell.comment for cell in sheet[1])
    ruled = {str(v.sqref).split(":")[0]: v for v in sheet.data_validations.dataValidation}
    for cell, column in zip(sheet[2], table.columns, strict=True):
        if choices(column):
            assert ruled[cell.coordinate].type == "list", column
            stops = ruled[cell.coordinate].errorStyle in (None, "stop")
            assert stops != (column.open and bool(column.values))
        below = sheet.column_dimensions[cell.column_letter]
        assert below.width >= 12
    assert "【示例】" in "".join(str(c.value) for c in sheet[2])


def test_the_template_itself_changes_nothing(folder: Path, desk: Path, empty: bytes):
    before = sending.tree(folder)
    result = send(folder, desk, empty)
    assert (result.exit_code, sending.tree(folder)) == (0, before), result.output


def test_a_filled_template_of_every_table_is_imported(tmp_path: Path, desk: Path, empty: bytes):
    """青石镇's rows typed into the template give 青石镇's folder."""
    book = openpyxl.load_workbook(io.BytesIO(empty))
    for table in TABLES:
        for row in folders.GOOD[table.name]:
            book[table.label].append([row.get(c.name) for c in table.columns])
    book.save(desk / "模板.xlsx")
    folders.put_town(tmp_path / "new")
    result = run("import", desk / "模板.xlsx", "--data", tmp_path / "new")
    assert result.exit_code == 0, result.output
    typed, whole = store.load(tmp_path / "new"), store.load(folders.second_town(tmp_path / "old"))
    for table in TABLES:
        rows = [dict(r, _file="") for r in typed.records(table.name)]
        assert rows == [dict(r, _file="") for r in whole.records(table.name)], table.name


def test_a_template_is_written_once(tmp_path: Path):
    out = tmp_path / "模板.xlsx"
    assert run("template", "--out", out).exit_code == 0
    assert run("template", "--out", out).exit_code == 2
    assert run("template").exit_code == 2
    assert run("template", "--out", tmp_path / "no" / "x.xlsx").exit_code == 2


@pytest.mark.parametrize("command", ["template", "definitions"])
def test_a_full_disk_is_a_plain_refusal_and_leaves_no_file(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
):
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    out = tmp_path / "new" / "x.docx"
    out.parent.mkdir()
    monkeypatch.setattr(os, "fsync", full)
    given = ("--data", folder) if command == "definitions" else ()
    result = run(command, "--out", out, *given)
    assert result.exit_code == 2 and "磁盘已满" in result.output
    assert not list(out.parent.iterdir())


def test_undo_after_changes_by_hand_says_what_they_are(folder: Path, desk: Path):
    send(folder, desk, sending.xlsx(GOOD))
    with open(folder / "ledgers/disputes.csv", "a", encoding="utf-8") as stream:
        stream.write("J99,2023-09-09,一村,在调\n")
    before = sending.tree(folder)
    result = run("import", "--undo", "--data", folder)
    assert result.exit_code == 1 and sending.tree(folder) == before
    assert "没有撤销：第 1 次导入以后，ledgers/disputes.csv 又被改过" in result.output
