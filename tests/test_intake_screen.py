"""数据更新 on the screen: for those with the key; faults, difference, publishing, undo."""

from __future__ import annotations

import errno
import hmac
import re
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import folders
import pytest
import screens
import sending
from screens import Screen
from streamlit.testing.v1 import AppTest

from qmg_dash import gate
from qmg_dash.folder import publishing
from qmg_dash.folder.scan import QUIET
from qmg_dash.intake import plan as intake
from qmg_dash.ui import access
from qmg_dash.ui.desk import intake as panel

SECRET = "口令-2023"
HEAD = ("登记编号", "登记日期", "办理状态")
ROW = ("2023-02-03", "在调")
GOOD = sending.xlsx([HEAD, ["J7", "2023.2.3", "在调"]])
BAD = sending.xlsx([HEAD, ["J7", "2023-02-30", "在调"]])
CHANGED = sending.xlsx(
    [
        ["年度", "指标", "维度", "数值", "单位", "来源"],
        [2023, "power.items", "行政处罚", 37, "项", "年报"],
    ]
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """青石镇's folder, read by the app, with updating switched on."""
    folder = folders.town(tmp_path / "town", "disputes", "reported", "corrections")
    monkeypatch.setenv("QMG_DATA_DIR", str(folder))
    monkeypatch.setenv(access.KEY, SECRET)
    monkeypatch.setattr(panel, "DOOR", panel.Doorkeeper())
    return folder


def offered(screen: Screen) -> bool:
    return "数据更新" in screen.text


def knock(at: AppTest, written: str) -> Screen:
    """Type a key and press 进入."""
    at.text_input(key="intake_written").set_value(written)
    next(b for b in at.button if b.label == "进入").click()
    return screens.shown("/trust", at)


@pytest.fixture
def at(folder: Path) -> Iterator[AppTest]:
    """数据口径, opened with the key."""
    at = screens.start("/trust")
    screens.shown("/trust", at)
    knock(at, SECRET)
    yield at


def upload(at: AppTest, *files: tuple[str, bytes]) -> Screen:
    at.file_uploader[0].set_value([(name, data, panel.XLSX) for name, data in files])
    return screens.shown("/trust", at)


def press(at: AppTest, label: str) -> Screen:
    next(b for b in at.button if b.label == label).click()
    return screens.shown("/trust", at)


# ---------------------------------------------------------------- the door


@pytest.mark.parametrize(("role", "sees"), [("view", False), ("edit", True)])
def test_behind_the_gate_the_role_decides_and_no_key_is_asked(
    folder: Path, monkeypatch: pytest.MonkeyPatch, role: str, sees: bool
) -> None:
    who = gate.Visitor(role, "someone")
    monkeypatch.setattr(access.log, "saw", lambda *_: None)
    monkeypatch.setattr(gate, "on", lambda: True)
    monkeypatch.setattr(gate, "visitor", lambda headers: who)
    at = screens.start("/trust")
    screen = screens.shown("/trust", at)
    assert offered(screen) == sees
    assert bool(at.file_uploader) == sees
    assert not any(t.key == "intake_written" for t in at.text_input)


@pytest.mark.parametrize("key", [None, ""])
def test_without_a_key_set_nothing_is_offered(
    folder: Path, monkeypatch: pytest.MonkeyPatch, key: str | None
):
    monkeypatch.delenv(access.KEY) if key is None else monkeypatch.setenv(access.KEY, key)
    assert not offered(screens.visit("/trust"))


def test_nothing_is_offered_in_a_meeting_or_beside_demo_data(folder: Path):
    assert offered(screens.visit("/trust"))
    assert not any(offered(s) for s in screens.slides("/trust"))
    assert not offered(screens.visit("/trust", data="demo"))


def test_a_wrong_key_opens_nothing(folder: Path):
    at = screens.start("/trust")
    screens.shown("/trust", at)
    assert "口令不对。" in knock(at, "错").banners
    assert not at.file_uploader
    knock(at, SECRET)
    assert at.file_uploader


def test_a_session_that_was_open_closes_when_the_key_changes(
    at: AppTest, monkeypatch: pytest.MonkeyPatch
):
    assert at.file_uploader
    monkeypatch.setenv(access.KEY, "另一个")
    screens.shown("/trust", at)
    assert not at.file_uploader


def test_five_wrong_keys_a_minute_close_the_door_for_every_session(folder: Path):
    for n in range(panel.TRIES):
        at = screens.start("/trust")
        screens.shown("/trust", at)
        knock(at, f"错{n}")
    again = screens.start("/trust")
    screens.shown("/trust", again)
    said = knock(again, SECRET)
    assert any("秒后再试" in b for b in said.banners)
    assert not again.file_uploader


def test_the_door_opens_again_after_a_minute_and_counts_only_wrong_keys():
    door = panel.Doorkeeper()
    assert all(door.admits("k", "k", now=1.0) for _ in range(20))
    assert not any(door.admits("x", "k", now=float(n)) for n in range(5))
    assert door.wait(now=10.0) == 50.0
    assert not door.admits("k", "k", now=59.0)
    assert door.admits("k", "k", now=60.5)


def test_keys_are_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch):
    seen = []
    monkeypatch.setattr(hmac, "compare_digest", lambda a, b: seen.append((a, b)) or a == b)
    assert panel.Doorkeeper().admits("钥", "钥")
    assert seen == [("钥".encode(), "钥".encode())]


# ---------------------------------------------------------------- inside


def test_faults_stand_in_a_table_and_in_the_marked_workbook(folder: Path, at: AppTest):
    before = sending.tree(folder)
    screen = upload(at, ("台账.xlsx", BAD))
    (row,) = screen.table("导入问题")[1:]
    assert row[:5] == ["台账.xlsx［Sheet1］", "B2", "登记日期", "2023-02-30", "日期"]
    offered = [b.label for b in at.main.get("download_button")]
    assert [label for label in offered if "口径" not in label] == ["下载 台账_退回.xlsx"]
    assert "发布" not in [b.label for b in at.button]
    assert sending.tree(folder) == before


def test_a_column_that_is_not_read_is_ticked_and_the_rest_goes_in(folder: Path, at: AppTest):
    """Markdown in its name is text, and the plan that was published is the one with the tick."""
    header = "*履行*[期限](x)日期"
    screen = upload(at, ("台账.xlsx", sending.xlsx([[*HEAD, header], ["J7", *ROW, "2023-09-01"]])))
    assert [r[1:5] for r in screen.table("导入问题")[1:]] == [["D1", "", header, "没有读取"]]
    (tick,) = [c for c in at.checkbox if "不读取" in c.label]
    assert tick.label == r"不读取“\*履行\*\[期限\]\(x\)日期”"
    tick.check()
    screen = screens.shown("/trust", at)
    assert screen.table("导入差异")[1:] == [["矛盾纠纷", "1", "0", "0", "0", "1"]]
    assert f"按要求不读取的列：D 列“{header}”" in screen.text
    assert any(b.startswith("已发布。第 1 次") for b in press(at, "发布").banners)
    assert not [c for c in at.checkbox if "不读取" in c.label]


@pytest.mark.parametrize("again", ["台账_退回.xlsx", "台账_退回 (1).xlsx", "台账.xlsx"])
def test_the_mended_workbook_stands_in_for_what_it_was_made_of(
    folder: Path, at: AppTest, again: str
):
    """Both lie in the list of uploads: each key would be doubled."""
    screen = upload(at, ("台账.xlsx", BAD))
    assert screen.table("导入问题")
    screen = upload(at, ("台账.xlsx", BAD), (again, GOOD))
    assert screen.table("导入差异")[1:] == [["矛盾纠纷", "1", "0", "0", "0", "1"]]
    said = f"“{again}”代替“台账.xlsx”" if "退回" in again else "“台账.xlsx”选了几次"
    assert any(said in b for b in screen.banners)
    assert any(b.startswith("已发布。第 1 次") for b in press(at, "发布").banners)


def test_the_difference_is_shown_then_published_then_undone(folder: Path, at: AppTest):
    before = sending.tree(folder)
    screen = upload(at, ("台账.xlsx", GOOD))
    assert screen.table("导入差异")[1:] == [["矛盾纠纷", "1", "0", "0", "0", "1"]]
    assert "日期改成 2023-01-05 的写法（1 处）" in screen.text
    assert sending.tree(folder) == before
    screen = press(at, "发布")
    assert any(b.startswith("已发布。第 1 次") for b in screen.banners)
    assert len(sending.kept(folder, "ledgers/disputes.csv")) == 2
    at.checkbox(key="undo_import_sure_1").check()
    screens.shown("/trust", at)
    screen = press(at, "撤销")
    assert any("已恢复到导入前" in b for b in screen.banners)
    assert sending.tree(folder) == before


def test_rows_that_turn_into_another_years_are_said_and_ticked(folder: Path, at: AppTest):
    there, sent = (
        [HEAD, *([f"J{n}", f"{year}-03-0{n}", "在调"] for n in (1, 2, 3))] for year in (2022, 2023)
    )
    intake.publish(intake.make([intake.Sent("a.xlsx", sending.xlsx(there))], folder), "", "", True)
    before = sending.tree(folder)
    time.sleep(QUIET)
    screen = upload(at, ("台账.xlsx", sending.xlsx(sent)))
    assert any("3 行从 2022 年改到 2023 年" in b for b in screen.banners)
    screen = press(at, "发布")
    assert any("请先确认" in b for b in screen.banners) and sending.tree(folder) == before
    next(c for c in at.checkbox if "改到另一年" in c.label).check()
    press(at, "发布")
    days = {r["登记日期"][:4] for r in sending.kept(folder, "ledgers/disputes.csv")}
    assert days == {"2023"}


def test_a_published_figure_asks_for_reason_and_name(folder: Path, at: AppTest):
    upload(at, ("公布数.xlsx", CHANGED))
    screen = press(at, "发布")
    assert any("请写明原因和经办" in b for b in screen.banners)
    at.text_input(key="intake_reason").set_value("核实")
    at.text_input(key="intake_by").set_value("党政办")
    press(at, "发布")
    entry = sending.kept(folder, "corrections.csv")[-1]
    assert (entry["原值"], entry["新值"], entry["经办"]) == ("36", "37", "党政办")
    assert "报告 一（一） 更正" in screens.visit("/power_list", year=2023).text


def test_a_difference_that_nobody_has_seen_is_not_published(folder: Path, at: AppTest):
    """Someone else publishes between the look and the press: the new difference comes first."""
    upload(at, ("台账.xlsx", sending.xlsx([HEAD, ["J1", "2023-07-01", "调解成功"]])))
    other = sending.xlsx([HEAD, ["J1", "2023-07-01", "调解不成"], ["J9", "2023-08-01", "在调"]])
    intake.publish(intake.make([intake.Sent("b.xlsx", other)], folder))
    before = sending.tree(folder)
    time.sleep(QUIET)
    screen = press(at, "发布")
    assert any("差异已重新计算" in b for b in screen.banners)
    assert "办理状态 调解不成 → 调解成功" in screen.text
    assert sending.tree(folder) == before
    press(at, "发布")
    states = {r["登记编号"]: r["办理状态"] for r in sending.kept(folder, "ledgers/disputes.csv")}
    assert states == {"J1": "调解成功", "J9": "在调"}


def test_an_import_of_someone_else_is_not_undone_by_who_has_not_seen_it(folder: Path, at: AppTest):
    upload(at, ("台账.xlsx", GOOD))
    press(at, "发布")
    at.checkbox(key="undo_import_sure_1").check()
    screens.shown("/trust", at)
    other = intake.make([intake.Sent("b.xlsx", sending.xlsx([HEAD, ["J9", *ROW]]))], folder)
    intake.publish(other)
    before = sending.tree(folder)
    screen = press(at, "撤销")
    assert any("最近一次导入现在是第 2 次" in b for b in screen.banners)
    assert sending.tree(folder) == before
    at.checkbox(key="undo_import_sure_2").check()
    screens.shown("/trust", at)
    assert any("已恢复到导入前" in b for b in press(at, "撤销").banners)
    assert [r["登记编号"] for r in sending.kept(folder, "ledgers/disputes.csv")] == ["J1", "J7"]


def test_with_a_full_disk_the_desk_says_that_it_is_read_only(
    folder: Path, at: AppTest, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(publishing, "LEAST", 1 << 62)
    screen = screens.shown("/trust", at)
    assert any("磁盘已满：现在只能查看和核对" in b for b in screen.banners)
    assert "登记矛盾纠纷" in screens.visit("/disputes", year=2023).text


def test_with_no_room_to_check_what_was_sent_the_desk_says_so(
    folder: Path, at: AppTest, monkeypatch: pytest.MonkeyPatch
):
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    before = sending.tree(folder)
    monkeypatch.setattr(tempfile, "TemporaryDirectory", full)
    screen = upload(at, ("台账.xlsx", GOOD))
    assert any("写不下临时文件（磁盘已满）" in b for b in screen.banners)
    assert sending.tree(folder) == before


def test_progress_is_shown_from_one_second_on(
    folder: Path, at: AppTest, monkeypatch: pytest.MonkeyPatch
):
    told: list[tuple[float, str]] = []
    real, start = intake.make, time.monotonic()

    def slow(
        sent: list, where: Path, whole: bool, tell: object, left: tuple, answers: dict
    ) -> intake.Plan:
        tell("读取 台账.xlsx")  # type: ignore[operator]
        time.sleep(1.5)
        return real(sent, where, whole, ignore=left, answers=answers)

    class Place:
        def progress(self, done: float, text: str) -> None:
            told.append((time.monotonic() - start, text))
            assert 0 <= done <= 1

        def empty(self) -> None:
            told.append((-1, "gone"))

    monkeypatch.setattr(panel.intake, "make", slow)
    monkeypatch.setattr(panel.st, "empty", Place)
    panel._made([intake.Sent("台账.xlsx", GOOD)], folder, False)
    assert told[0][0] >= 1.0 and re.fullmatch(r"读取 台账.xlsx…（\d+ 秒）", told[0][1])
    assert told[-1] == (-1, "gone")
    told.clear()
    monkeypatch.setattr(panel.intake, "make", lambda *_: None)
    panel._made([intake.Sent("台账.xlsx", GOOD)], folder, False)
    assert [said for _, said in told] == ["gone"]


# ---------------------------------------------------------------- what a file cannot say

POWERS = sending.xlsx(
    [
        ["权责清单（2023年版）"],
        ["职权编码", "职权名称", "职权类型", "联系人"],
        ["0001", "对占道的处罚", "行政处罚", "赵钱孙"],
    ]
)
APPLIED = sending.xlsx(
    [
        ["受理编号", "申请人类别", "收到申请时间", "答复类型", "答复时间"],
        ["甲1", "公民", "2023-02-03", "信息不存在", "2023-02-13"],
    ]
)


def asked(at: AppTest) -> dict[str, object]:
    """The questions on the screen, by their label."""
    found = [*at.selectbox, *at.text_input]
    return {w.label: w for w in found if str(w.key).startswith("intake_answer_")}


def test_all_questions_stand_together_and_an_answer_is_remembered(folder: Path, at: AppTest):
    screen = upload(at, ("权责.xlsx", POWERS), ("依申请.xlsx", APPLIED))
    assert "工作表“Sheet1”按“权责清单”读入；不读取：联系人" in screen.text
    assert "赵钱孙" not in screen.text and not screen.table("导入差异")
    version, state, outcome = (
        next(w for label, w in asked(at).items() if said in label)
        for said in ("哪一天批准", "在用吗", "“信息不存在”是哪一种")
    )
    assert len(asked(at)) == 3 and "发布" not in [b.label for b in at.button]
    version.set_value("2023.6.1")
    state.set_value("在用")
    outcome.set_value("unavailable.1")
    screen = press(at, "回答")
    assert screen.table("导入差异")[1:] == [
        ["权责事项", "1", "0", "0", "0", "0"],
        ["依申请公开", "1", "0", "0", "0", "0"],
    ]
    assert any(b.startswith("已发布。第 1 次") for b in press(at, "发布").banners)
    (row,) = sending.kept(folder, "ledgers/power_items.csv")
    assert (row["清单版本"], row["状态"]) == ("2023-06-01", "在用")
    time.sleep(QUIET)
    screen = upload(at, ("权责.xlsx", POWERS), ("依申请.xlsx", APPLIED))
    assert "清单版本＝2023-06-01（按上次的回答）" in screen.text
    assert any("和现有数据一样" in text for text in [screen.text])
    assert {w.value for w in asked(at).values()} == {"2023-06-01", "在用", "unavailable.1"}


def test_an_answer_that_cannot_be_is_told_and_the_question_stays(folder: Path, at: AppTest):
    upload(at, ("权责.xlsx", POWERS))
    next(w for label, w in asked(at).items() if "哪一天批准" in label).set_value("去年")
    screen = press(at, "回答")
    (row,) = screen.table("导入问题")[1:]
    assert row[3:5] == ["清单版本=去年", "回答"] and len(asked(at)) == 2


def test_equal_faults_stand_once_with_their_cells(folder: Path, at: AppTest):
    rows = [[f"J{n}", "2023-02-30", "在调"] for n in range(1, 4)]
    screen = upload(at, ("台账.xlsx", sending.xlsx([HEAD, *rows])))
    (row,) = screen.table("导入问题")[1:]
    assert row[1] == "B2、B3、B4"
