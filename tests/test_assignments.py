"""What meetings ask for: how it stands, what the next one opens with, and how it is written down."""

from __future__ import annotations

import random
import re
import signal
import subprocess
import sys
import threading
import time
from datetime import date
from pathlib import Path

import folders
import pytest
import screens
import sending

from qmg_dash import anonymous
from qmg_dash.figures import assigned, coverage
from qmg_dash.figures.assigned import FINISHED, LATE, OPEN
from qmg_dash.folder import history, publishing, store
from qmg_dash.folder.history import Refused
from qmg_dash.folder.snapshot import Snapshot
from qmg_dash.intake import edits
from qmg_dash.kpis.assignments import CANCELLED
from qmg_dash.model import Filters
from qmg_dash.tables import table
from qmg_dash.theme import Look
from qmg_dash.ui.link.scope import Scope
from qmg_dash.ui.meeting import assign, deck

TABLE = table("assignments")
TODAY = "2023-09-30"


def row(number: int, made: str = "2023-09-12", **more: str) -> dict[str, str]:
    usual = {"task": f"事项{number}", "owner": "司法所", "status": "未启动"}
    return {"assignment_id": f"B{number}", "made_on": made, **usual, **more}


def town(folder: Path, *rows: dict[str, str], **others: list[dict[str, str]]) -> Path:
    folders.town(folder, as_of=TODAY)
    for name, each in {"assignments": list(rows), **others}.items():
        folders.put_table(folder, name, each)
    return folder


def loaded(folder: Path, *rows: dict[str, str], **others: list[dict[str, str]]) -> Snapshot:
    return store.load(town(folder, *rows, **others))


# ---- how it stands ----------------------------------------------------------------------------------
STANDS = [
    ({"due": "2023-09-29"}, LATE, 1),
    ({"due": TODAY}, OPEN, 0),
    ({}, OPEN, 0),
    ({"status": "进行中", "due": "2023-09-20"}, LATE, 10),
    ({"status": "已完成", "done_on": "2023-09-15", "due": "2023-09-13"}, FINISHED, 0),
    ({"status": "已完成", "due": "2023-09-13"}, FINISHED, 0),
    ({"status": "已完成", "done_on": "2023-10-02", "due": "2023-09-29"}, LATE, 1),
    ({"status": "已取消", "due": "2023-09-13"}, CANCELLED, 0),
]


@pytest.mark.parametrize(("cells", "state", "late"), STANDS, ids=lambda v: str(v))
def test_how_one_stands_follows_its_status_and_its_days(tmp_path: Path, cells, state, late):
    (one,) = assigned.found(loaded(tmp_path / "data", row(1, **cells)))
    assert (one.state, one.late) == (state, late)


def test_the_next_meeting_opens_with_the_last_and_with_what_was_open_from_before(tmp_path: Path):
    snapshot = loaded(
        tmp_path / "data",
        row(1, "2023-06-01", status="已完成", done_on="2023-06-20"),
        row(2, "2023-06-01", due="2023-06-30"),
        row(3, "2023-06-01", status="已完成", done_on="2023-09-20"),
        row(4, status="已完成", done_on="2023-09-20", owner="党政办"),
        row(5, status="已取消"),
        row(6, due="2023-10-12", owner="党政办"),
        row(7, TODAY),
    )
    told = assigned.last_time(snapshot)
    assert [a.row["assignment_id"] for a in told] == ["B2", "B6", "B3", "B4"]
    assert [(o, len(own)) for o, own in assigned.by_owner(told)] == [("司法所", 2), ("党政办", 2)]
    title = assigned.finding(told, "上次交办")
    assert title.text == "上次交办 4 项：完成 2 项，未完成 2 项，其中逾期 1 项"


def test_a_meeting_opens_with_it_and_what_is_written_today_adds_no_slide(tmp_path: Path):
    def places(folder: Path) -> list[tuple[str, str]]:
        look = Look.of(False, True, 1920, 1080)
        scope = Scope(store.load(folder), Filters(2023), look, "/")
        found = deck.deck(scope, lambda _: None)
        assert deck.opened(found, scope, None)[0] == 0
        return [(p.scope.path, p.slide.name) for p in found]

    folder = town(tmp_path / "data", row(1))
    before = places(folder)
    assert before[0] == ("/assignments", "main")
    edits.add(folder, TABLE, row(2, TODAY))
    assert places(folder) == before
    assert places(town(tmp_path / "today", row(2, TODAY)))[0][0] == "/"


def test_what_was_asked_for_opens_no_year(tmp_path: Path):
    """A town that has published 2022 is shown as of 2022, whatever its meetings ask for since."""
    figure = {"year": "2022", "indicator": "power.total", "value": "100", "source": "报告"}
    snapshot = loaded(tmp_path / "data", row(1), reported=[figure])
    assert coverage.newest_year(snapshot) == 2022
    assert coverage.years(snapshot) == [2022, 2023]


def test_the_departments_known_are_those_of_the_folder_most_rows_first(tmp_path: Path):
    actions = [folders.ACTION | {"action_no": f"Z{n}", "department": "执法队"} for n in range(3)]
    goal = folders.GOOD["goals"][0] | {"owner": "党政办"}
    snapshot = loaded(tmp_path / "data", row(1), enforcement_actions=actions, goals=[goal])
    assert assigned.owners(snapshot)[0] == "执法队"
    assert set(assigned.owners(snapshot)) == {"执法队", "党政办"}, "not what was only asked of"


def test_where_no_department_is_known_any_is_taken_and_earlier_ones_are_offered(tmp_path: Path):
    scope = scope_of(town(tmp_path / "data", row(1)))
    assert (assigned.owners(scope.snapshot), assigned.offered(scope.snapshot)) == ((), ("司法所",))
    for n, owner in enumerate(("党政办", "司法所", "财政办")):
        assign.write(scope, assign.row(scope, f"ABC12{n}", "办好", owner, ""), "")
    assert len(ids(tmp_path / "data")) == 4


# ---- no person, no case -----------------------------------------------------------------------------
NAMED = [
    ("核对110101199003071234的材料", "身份证号"),
    ("联系13812345678", "电话号码"),
    ("致电 0755-12345678 确认", "电话号码"),
    ("跟进（2023）某0106行初12号", "案号"),
    ("催办某综执罚字〔2023〕第12号", "案号"),
    ("催办处罚决定〔2023〕12号", "案号"),
    ("核对ZF-2023-000123", "案号"),
    ("联系１３８００１３８０００", "电话号码"),
    ("核对110101 19900307 453X", "身份证号"),
    ("核对１１０１０１１９９００３０７１２３４", "身份证号"),
    ("核对110101900307453", "身份证号"),
    ("跟进(2023)渝0106行初 12 号", "案号"),
    ("跟进（2023） 渝0106行初12号", "案号"),
    ("渝0106民初123号限期履行", "案号"),
]
PLAIN = [
    *("修订某府发〔2023〕5号", "2023年10月前完成", "补公示5件", "一周内报12345工单情况"),
    *("整改率到95%", "完成2023-2024年度计划", "第12号公告上墙"),
]


@pytest.mark.parametrize(("text", "kind"), NAMED)
def test_a_number_of_a_person_or_a_case_is_warned_of_and_not_shown(
    tmp_path: Path, text: str, kind: str
):
    assert anonymous.named(text) == (kind,)
    number = re.sub(r"^[一-龥]*\s?", "", text)
    assert f"（{kind}）" in anonymous.masked(text)
    snapshot = loaded(tmp_path / "data", row(1, task=text))
    (fault,) = [f for f in snapshot.faults if f.rule == "个人信息"]
    assert (fault.severity, fault.row, fault.column) == ("warning", 2, "事项")
    assert kind in fault.message
    scope = Scope(snapshot, Filters(2023), Look.of(False, True, 1920, 1080), "/")
    place = deck.deck(scope, lambda _: None)[0]
    said = deck.write(place, 0).painted.slots[0].safe_str
    assert kind in said
    assert number[:11] not in said


@pytest.mark.parametrize("text", PLAIN)
def test_other_numbers_are_left_as_they_are(tmp_path: Path, text: str):
    assert anonymous.masked(text) == text
    snapshot = loaded(tmp_path / "data", row(1, task=text))
    assert not [f for f in snapshot.faults if f.rule == "个人信息"]


# ---- written down -----------------------------------------------------------------------------------
def ids(folder: Path) -> list[str]:
    return [r["assignment_id"] for r in store.load(folder).records("assignments")]


def test_one_is_written_once_however_often_it_is_sent(tmp_path: Path):
    folder = town(tmp_path / "data", row(1))
    assert edits.add(folder, TABLE, row(2, TODAY)) is not None
    assert edits.add(folder, TABLE, row(2, TODAY)) is None
    assert ids(folder) == ["B1", "B2"]
    assert publishing.undo(folder, edited=TABLE.path).number == 2
    assert ids(folder) == ["B1"]


def test_the_first_one_makes_the_file(tmp_path: Path):
    folder = town(tmp_path / "data")
    (folder / TABLE.path).unlink()
    edits.add(folder, TABLE, row(2, TODAY))
    assert ids(folder) == ["B2"]


def test_of_several_at_once_none_is_lost(tmp_path: Path):
    folder = town(tmp_path / "data", row(0))
    writers = [
        threading.Thread(target=edits.add, args=(folder, TABLE, row(n, TODAY), f"p{n % 2}"))
        for n in range(1, 9)
    ]
    for w in writers:
        w.start()
    for w in writers:
        w.join()
    assert sorted(ids(folder)) == [f"B{n}" for n in range(9)]


CHILD = """
import sys
from pathlib import Path
from qmg_dash.intake import edits
from qmg_dash.tables import table
folder, made = Path(sys.argv[1]), sys.argv[2]
print("ready", flush=True)
for n in range(100):
    cells = {"assignment_id": f"K{n}", "made_on": made, "task": "事", "owner": "司法所", "status": "未启动"}
    edits.add(folder, table("assignments"), cells)
    print(n, flush=True)
"""


@sending.on_debian
def test_of_a_server_that_is_killed_nothing_is_lost_and_nothing_there_twice(tmp_path: Path):
    draw, folder = random.Random(7), town(tmp_path / "data", row(1))
    for _ in range(3):
        child = subprocess.Popen(
            [sys.executable, "-c", CHILD, str(folder), TODAY],
            stdout=subprocess.PIPE,
            cwd=screens.ROOT,
        )
        assert child.stdout and child.stdout.readline() == b"ready\n"
        time.sleep(draw.uniform(0.1, 1.2))
        child.send_signal(signal.SIGKILL)
        confirmed = [int(n) for n in child.stdout.read().split()]
        child.wait()
        child.stdout.close()
        found = ids(folder)
        assert len(found) == len(set(found))
        assert {f"K{n}" for n in confirmed} <= set(found)
    edits.add(folder, TABLE, row(3, TODAY))
    assert ids(folder).count("B3") == 1


def test_what_another_has_changed_is_not_overwritten(tmp_path: Path):
    folder = town(tmp_path / "data", row(1), row(2))
    seen = {"assignment_id": "B1", "status": "未启动", "done_on": ""}
    edits.change(folder, TABLE, [(seen, {"status": "进行中"})], "甲")
    with pytest.raises(Refused, match=r"状态.*刚刚被别人改成“进行中”"):
        edits.change(folder, TABLE, [(seen, {"status": "已取消"})], "乙")
    assert edits.change(folder, TABLE, [(seen, {"status": "进行中"})], "乙") is None
    with pytest.raises(Refused, match="不在表里"):
        edits.change(folder, TABLE, [({"assignment_id": "B9"}, {"status": "已取消"})])
    assert [r["status"] for r in store.load(folder).records("assignments")] == ["进行中", "未启动"]
    assert history.publishings(folder)[-1].about == {"tables": {"assignments": [0, 1, 0]}}


def test_a_row_that_the_folder_would_leave_out_is_refused_and_changes_nothing(tmp_path: Path):
    folder = town(tmp_path / "data", row(1))
    before = (folder / TABLE.path).read_bytes()
    with pytest.raises(Refused, match="早于“交办日期”"):
        edits.add(folder, TABLE, row(2, TODAY, due="2023-09-01"))
    assert (folder / TABLE.path).read_bytes() == before
    (folder / TABLE.path).write_bytes(b"\xff\xfe\x00bad")
    with pytest.raises(Refused):
        edits.add(folder, TABLE, row(2, TODAY))
    assert (folder / TABLE.path).read_bytes() == b"\xff\xfe\x00bad"


# ---- the line of a meeting --------------------------------------------------------------------------
def scope_of(folder: Path) -> Scope:
    return Scope(store.load(folder), Filters(2023), Look.of(False, True, 1920, 1080), "/")


WRONG = [
    (("", "办好", "司法所", ""), "没有编号"),
    (("ABC123", "  ", "司法所", ""), "要办的事"),
    (("ABC123", "字" * 121, "司法所", ""), "最多 120 字"),
    (("ABC123", "办好", "张三", ""), "责任单位"),
    (("ABC123", "办好", "", ""), "责任单位"),
    (("ABC123", "办好", "司法所", "2023-09-29"), "期限"),
    (("ABC123", "办好", "司法所", "明天"), "期限"),
]


@pytest.mark.parametrize(("said", "why"), WRONG)
def test_a_line_that_is_none_is_refused_with_what_is_wrong(tmp_path: Path, said, why):
    goal = folders.GOOD["goals"][0] | {"owner": "司法所"}
    with pytest.raises(Refused, match=why):
        assign.row(scope_of(town(tmp_path / "data", row(1), goals=[goal])), *said)


def test_a_line_is_a_row_of_the_clocks_day(tmp_path: Path):
    scope = scope_of(town(tmp_path / "data", row(1)))
    cells = assign.row(
        scope,
        "ABC123",
        " 三日内\n补公示 ",
        "司法所",
        "2023-10-07",
        "超期 3 件",
        "/todo?x=1",
        "例会",
    )
    assert cells == {
        "assignment_id": "20230930-ABC123",
        "made_on": TODAY,
        "meeting": "例会",
        "about": "超期 3 件",
        "link": "/todo?x=1",
        "task": "三日内 补公示",
        "owner": "司法所",
        "due": "2023-10-07",
        "status": "未启动",
    }


def test_who_may_not_write_changes_nothing_whatever_the_browser_sends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    folder = town(tmp_path / "data", row(1))
    line = ["ABC123", "办好", "司法所", ""]
    monkeypatch.setattr(assign.access, "barred", lambda demo: "只能查看")
    assert not assign.take(scope_of(folder), line, "", "", "")
    assert ids(folder) == ["B1"]
    monkeypatch.setattr(assign.access, "barred", lambda demo: "")
    assert assign.take(scope_of(folder), line, "", "", "")
    assert ids(folder) == ["B1", "20230930-ABC123"]


@pytest.mark.parametrize(
    "sent", [None, [], ["ABC123"], "ABC123", [1, 2, 3, 4], ["A", "b", "c", {}]]
)
def test_what_is_no_line_is_not_one(tmp_path: Path, sent: object):
    folder = town(tmp_path / "data", row(1))
    assert not assign.take(scope_of(folder), sent, "", "", "")
    assert ids(folder) == ["B1"]


def test_the_demo_refuses_kindly(monkeypatch: pytest.MonkeyPatch):
    page = screens.visit("/assignments", data="demo")
    assert "演示数据不能记录" in page.text
    assert date(2023, 9, 12).isoformat() in page.text


def test_whoever_may_write_has_an_editor_a_form_and_the_way_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    folder = town(tmp_path / "data", row(1))
    edits.add(folder, TABLE, row(2, TODAY))
    monkeypatch.setenv("QMG_DATA_DIR", str(folder))
    monkeypatch.setenv("QMG_EDIT_KEY", "口令")
    app = screens.start("/assignments")
    app.session_state["intake_key"] = "口令"
    app.run()
    assert not app.exception
    assert {b.label for b in app.button} >= {"保存 0 项修改", "交办", "撤销"}
    assert "要撤销第 1 次修改" in {c.label for c in app.checkbox}
