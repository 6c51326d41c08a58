"""What a ledger speaks for: the years from its first row to its last, up to the clock. There a
count of nothing is a true 0; outside, rows count and no row is no data."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import folders
import pytest
import screens

from qmg_dash.figures import freshness, listing
from qmg_dash.figures.arithmetic import change
from qmg_dash.figures.book import shared
from qmg_dash.figures.cases import days
from qmg_dash.figures.coverage import Years, newest_year, which_years, years
from qmg_dash.figures.faults import LATENESS, all_faults
from qmg_dash.figures.months import cross, series
from qmg_dash.figures.rows_behind import rows
from qmg_dash.folder import store
from qmg_dash.folder.snapshot import Snapshot
from qmg_dash.kpis import kpi
from qmg_dash.model import Filters
from qmg_dash.tables import APPLICANTS

DECEMBER = {"action_no": "Z1", "action_type": "行政处罚", "area": "城市管理"}
DECEMBER |= {"opened_on": "2022-12-20", "decided_on": "2023-01-10", "fine_yuan": "200"}
PENALTIES, INSPECTIONS = "enforcement.penalties", "enforcement.inspections"


def made(folder: Path, as_of: str = "2023-12-31", **tables: list[dict]) -> Snapshot:
    folders.put_town(folder, as_of=as_of)
    for name, some in tables.items():
        folders.put_table(folder, name, some)
    return store.load(folder)


def values(snapshot: Snapshot, year: int, *codes: str) -> list[float | None]:
    """The totals of some KPIs."""
    return [f.value for f in listing.figures(snapshot, year, codes) if not f.dimension]


def test_a_case_of_december_that_is_decided_in_january_counts_in_the_new_year(tmp_path: Path):
    snapshot = made(tmp_path, enforcement_actions=[DECEMBER])
    assert values(snapshot, 2022, PENALTIES, INSPECTIONS) == [0, 0]
    assert values(snapshot, 2023, PENALTIES, "enforcement.fines") == [1, 200]
    assert values(snapshot, 2023, INSPECTIONS) == [None], "2023 may not have been entered yet"
    assert values(snapshot, 2024, PENALTIES) == [None]
    split = [f.dimension for f in listing.figures(snapshot, 2023, [PENALTIES])]
    assert "area=城市管理" in split
    assert "警告" not in split
    behind = rows(shared(snapshot, Filters(2023)), kpi(PENALTIES))
    assert (behind.agrees, behind.total) == (True, 1)
    assert years(snapshot) == [2022, 2023]
    assert newest_year(snapshot) == 2022, "the newest year that was entered, not what reaches over"


def test_an_application_of_december_is_answered_in_the_new_year(tmp_path: Path):
    asked = {"app_no": "A1", "applicant_type": "自然人", "received_on": "2022-12-20"}
    asked |= {"replied_on": "2023-01-09", "outcome": "granted"}
    snapshot = made(tmp_path, applications=[asked])
    codes = ("applications.handled", "applications.on_time_rate", "applications.received")
    assert values(snapshot, 2023, *codes) == [1, 100, None]
    assert not [f for f in all_faults(snapshot) if f.severity == "error"]


@pytest.mark.parametrize("first", [8, 12])
def test_months_ahead_of_the_clock_have_no_data(tmp_path: Path, first: int):
    spring = DECEMBER | {"opened_on": "2023-03-01", "decided_on": "2023-03-20"}
    checked = {"action_no": "Z2", "action_type": "行政检查", "opened_on": "2023-07-03"}
    tables = {"enforcement_actions": [spring, checked], "disputes": folders.GOOD["disputes"]}
    snapshot = made(tmp_path, "2023-07-31", **tables)
    ahead = shared(snapshot, Filters(2023, None, first, 12))
    codes = (PENALTIES, INSPECTIONS, "disputes.registered", "disputes.pending", "enforcement.fines")
    assert [ahead.fig(c).value for c in codes] == [None] * 5
    assert [ahead.fig(c).basis for c in codes] == ["none"] * 5
    assert ahead.split(INSPECTIONS, "area") == []
    cells = cross(ahead, "enforcement.actions", "area", "action_type").cells
    assert set(cells.values()) <= {None}
    assert {p.values[""] for p in series(ahead, PENALTIES)} == {None}
    # The months that the clock has reached are told as before, a true 0 among them.
    until = shared(snapshot, Filters(2023, None, 4, 8))
    assert [until.fig(c).value for c in codes] == [0, 1, 1, 1, 0]


def test_a_date_ahead_of_the_clock_makes_no_years_of_nothing(tmp_path: Path):
    typo = DECEMBER | {"action_no": "Z2", "opened_on": "2032-05-01", "decided_on": ""}
    spring = DECEMBER | {"opened_on": "2023-03-01", "decided_on": "2023-03-20"}
    check = {"action_no": "Z3", "action_type": "行政检查", "opened_on": "2032-05-01"}
    snapshot = made(tmp_path, "", enforcement_actions=[spring, typo, check])
    assert newest_year(snapshot) == 2023, "the newest year up to the clock that has a row"
    assert values(snapshot, 2031, INSPECTIONS) == [None]
    assert values(snapshot, 2032, INSPECTIONS) == [1], "the row is warned of, and counts"
    published = {"year": "2099", "indicator": "power.total", "value": "5", "source": "报告"}
    snapshot = made(tmp_path, "2023-12-31", reported=[published])
    assert newest_year(snapshot) == 2023
    assert 2099 in years(snapshot)


def test_a_sum_over_no_row_is_0_and_over_unknown_cells_is_no_data(tmp_path: Path):
    check = {"action_no": "Z2", "action_type": "行政检查", "opened_on": "2023-07-03"}
    snapshot = made(tmp_path, enforcement_actions=[check])
    assert values(snapshot, 2023, PENALTIES, "enforcement.fines") == [0, 0]
    behind = rows(shared(snapshot, Filters(2023)), kpi("enforcement.fines"))
    assert (behind.agrees, behind.total, behind.value) == (True, 0, 0)
    unknown = DECEMBER | {"opened_on": "2023-03-01", "decided_on": "2023-03-20", "fine_yuan": ""}
    snapshot = made(tmp_path, enforcement_actions=[unknown])
    assert values(snapshot, 2023, PENALTIES, "enforcement.fines") == [1, None]
    book = shared(snapshot, Filters(2023))
    assert {p.values[""] for p in series(book, "enforcement.fines") if p.month == 3} == {None}
    assert cross(book, "enforcement.fines", "area", "month").cells == {}


def test_visits_without_an_enterprise_are_no_enterprises_known(tmp_path: Path):
    visit = {"event_no": "S1", "held_on": "2023-03-01", "kind": "走访企业"}
    codes = ("services.enterprises",)
    assert values(made(tmp_path, services=[visit]), 2023, *codes) == [None]
    meeting = visit | {"kind": "政企联席会议"}
    assert values(made(tmp_path, services=[meeting]), 2023, *codes) == [0]
    known = visit | {"event_no": "S2", "enterprise_id": "Q1"}
    assert values(made(tmp_path, services=[visit, known]), 2023, *codes) == [1]


def test_none_in_words_is_no_joint_inspection_and_no_code(tmp_path: Path):
    check = {"action_type": "行政检查", "opened_on": "2023-07-03"}
    some = [check | {"action_no": f"Z{i}", "joint_departments": w} for i, w in enumerate("无—甲")]
    snapshot = made(tmp_path, enforcement_actions=some)
    (share,) = listing.figures(snapshot, 2023, ["enforcement.joint_share"])[:1]
    assert (share.numerator, share.denominator) == (1, 3)
    power = folders.POWER
    listed = [power, power | {"item_code": "无", "name": "另一项"}]
    assert values(made(tmp_path, power_items=listed), 2023, "power.coded_rate") == [50]


def test_a_closed_case_without_an_outcome_is_no_other_outcome(tmp_path: Path):
    case = {"case_no": "C1", "kind": "行政复议", "about_disclosure": "是"}
    case |= {"accepted_on": "2023-02-01", "closed_on": "2023-04-01"}
    snapshot = made(tmp_path, legal_cases=[case])
    book, code = shared(snapshot, Filters(2023)), "disclosure.t4.reconsideration"
    assert (book.fig(code, "其他结果").value, book.fig(code, "总计").value) == (0, 1)
    (fault,) = [f for f in all_faults(snapshot) if f.rule == "台账勾稽"]
    assert "T4-1" in fault.message


# ---------------------------------------------------------------- the year that opens


PERMIT = {"action_no": "X1", "action_type": "行政许可", "decided_on": "2023-05-04"}


def test_a_year_of_nothing_but_cases_that_ended_in_it_is_on_offer_and_not_opened(tmp_path: Path):
    ended = [DECEMBER | {"action_no": f"Z{y}", "decided_on": f"{y}-01-10"} for y in (2023, 2024)]
    snapshot = made(tmp_path, "2025-06-30", enforcement_actions=ended)
    assert which_years(snapshot) == Years((2022, 2023, 2024), (2022,), (2023, 2024))
    assert newest_year(snapshot) == 2022
    dispute = {"dispute_no": "D1", "registered_on": "2023-06-01", "status": "在调"}
    folders.put_table(tmp_path, "disputes", [dispute])
    snapshot = store.load(tmp_path)
    assert which_years(snapshot) == Years((2022, 2023, 2024), (2022, 2023), (2024,))
    assert newest_year(snapshot) == 2023
    published = {"year": "2024", "indicator": "power.total", "value": "5", "source": "报告"}
    folders.put_table(tmp_path, "reported", [published])
    snapshot = store.load(tmp_path)
    assert (newest_year(snapshot), which_years(snapshot).ended) == (2024, ())


def test_what_stands_and_what_is_kept_by_hand_open_no_year(tmp_path: Path):
    tables = {name: folders.GOOD[name] for name in ("goals", "shortcomings", "practices")}
    document = {"doc_no": "W1", "title": "甲", "issued_on": "2023-02-01", "status": "现行有效"}
    old = DECEMBER | {"decided_on": "2022-12-21"}
    snapshot = made(
        tmp_path, "2024-03-01", enforcement_actions=[old], documents=[document], **tables
    )
    assert (years(snapshot), newest_year(snapshot)) == ([2022], 2022)


def test_no_change_is_shown_against_a_year_that_no_ledger_speaks_for(tmp_path: Path):
    many = [DECEMBER | {"action_no": f"Y{i}", "decided_on": "2022-12-21"} for i in range(59)]
    snapshot = made(tmp_path, "2024-06-30", enforcement_actions=[*many, DECEMBER])
    then, now = (shared(snapshot, Filters(y)).fig(PENALTIES) for y in (2022, 2023))
    assert [(f.value, f.ended) for f in (then, now)] == [(59, False), (1, True)]
    assert change(now, then) is None
    published = {"year": "2024", "indicator": PENALTIES, "value": "60", "source": "报告"}
    folders.put_table(tmp_path, "reported", [published])
    later = shared(store.load(tmp_path), Filters(2024)).fig(PENALTIES)
    assert (later.value, later.ended, change(later, now)) == (60, False, None)
    assert change(later, then) is not None


@pytest.mark.parametrize("column", [True, False])
def test_permits_and_penalties_need_no_opening_day_and_are_dated_by_the_decision(
    tmp_path: Path, column: bool
):
    penalty = PERMIT | {"action_no": "X2", "action_type": "行政处罚", "decided_on": "2022-03-01"}
    folders.put_town(tmp_path, as_of="2024-12-31")
    names = [n for n in penalty if column or n != "opened_on"]
    text = folders.csv_text("enforcement_actions", [PERMIT, penalty], columns=names)
    folders.put(tmp_path / "ledgers/enforcement_actions.csv", text)
    snapshot = store.load(tmp_path)
    assert not [f for f in snapshot.faults if f.severity == "error"]
    assert which_years(snapshot).opened == (2022, 2023)
    assert values(snapshot, 2023, "enforcement.actions", PENALTIES, INSPECTIONS) == [1, 0, 0]
    assert values(snapshot, 2024, "enforcement.actions") == [None]
    days = ("enforcement.median_days", "enforcement.over_90_days")
    assert values(snapshot, 2022, *days) == [None, None], "without an opening day nobody knows"
    assert values(snapshot, 2023, *days) == [None, 0], "no penalty of the year is a late one"


@pytest.mark.parametrize(
    "row",
    [
        {"action_type": "行政检查", "decided_on": "2023-05-04"},
        {"action_type": "行政许可"},
        {"action_type": "行政处罚", "decided_on": "—"},
        {"action_type": "行政检查", "opened_on": "/", "decided_on": "2023-05-04"},
    ],
)
def test_every_other_action_needs_its_opening_day(tmp_path: Path, row: dict):
    snapshot = made(tmp_path, enforcement_actions=[PERMIT, {"action_no": "X2"} | row])
    (fault,) = [f for f in snapshot.faults if f.severity == "error"]
    assert (fault.row, fault.column, fault.rule) == (3, "立案或启动日期", "必填")
    assert "决定日期" in fault.message
    assert row["action_type"] in fault.message
    assert snapshot.tables["enforcement_actions"].rows == 1


def test_a_wrong_day_is_one_fault(tmp_path: Path):
    wrong = [
        {"action_no": "X2", "action_type": "行政检查", "opened_on": "03/04/2023"},
        {"action_no": "X3", "action_type": "行政处罚", "decided_on": "2023-02-30"},
    ]
    snapshot = made(tmp_path, enforcement_actions=[PERMIT, *wrong])
    found = [(f.row, f.rule) for f in snapshot.faults if f.severity == "error"]
    assert found == [(3, "日期"), (4, "日期")]


def test_the_decision_dates_a_row_for_lateness_and_for_the_clock_too(tmp_path: Path):
    town = '[town]\nname = "甲镇"\n[dataset]\nas_of = 2023-07-31\n[cadence]\nledger = "月"\n'
    folders.put(tmp_path / "town.toml", town)
    ahead = PERMIT | {"action_no": "X2", "decided_on": "2023-09-01"}
    folders.put_table(tmp_path, "enforcement_actions", [PERMIT, ahead])
    snapshot = store.load(tmp_path)
    (fault,) = [f for f in snapshot.faults if f.rule == "晚于今天"]
    assert (fault.column, fault.value) == ("决定日期", "2023-09-01")
    kept = freshness.ledgers(snapshot)["enforcement_actions"]
    assert (kept.newest, kept.late) == (date(2023, 5, 4), 31)
    (late,) = [f for f in all_faults(snapshot) if f.rule == LATENESS]
    assert "决定日期" in late.message


# ---------------------------------------------------------------- the limit of a penalty


def penalty(number: int, opened: str = "", decided: str = "", extended: str = "") -> dict:
    row = {"action_no": f"P{number}", "action_type": "行政处罚", "area": "城市管理"}
    return row | {"opened_on": opened, "decided_on": decided, "extended_to": extended}


def test_a_penalty_is_late_by_its_own_limit_and_a_waiting_one_today(tmp_path: Path):
    rows_ = [
        penalty(1, "2023-01-01", "2023-04-01"),  # on the 90th day
        penalty(2, "2023-01-01", "2023-04-02"),
        penalty(3, "2023-01-01", "2023-05-01", "2023-05-01"),  # extended
        penalty(4, "2023-01-01", "2023-05-02", "2023-05-01"),
        penalty(5, "", "2023-05-02", "2023-05-01"),
        penalty(6, "", "2023-05-02"),  # nobody knows
        penalty(7, "2022-06-01"),  # waits, its limit long passed
        penalty(8, "2023-01-01", "", "2023-12-31"),  # waits, and may
        penalty(9, "2022-06-01", "2022-12-01"),
    ]
    code = "enforcement.over_90_days"
    snapshot = made(tmp_path, "2023-12-31", enforcement_actions=rows_)
    of_2023, of_2022 = (shared(snapshot, Filters(y)) for y in (2023, 2022))
    assert (of_2023.fig(code).value, of_2023.fig(code).unknown) == (4, 1)
    assert of_2022.fig(code).value == 1, "what waits is late in the clock's year alone"
    split = {f.dimension: f.value for f in of_2023.split(code, "decision")}
    assert split == {"decision=已决定": 3, "decision=未决定": 1}
    behind = rows(of_2023, kpi(code))
    assert (behind.agrees, behind.total, behind.unknown) == (True, 4, 1)
    found = days(of_2023)
    assert (found.beyond, found.late, found.waiting, found.undated) == (3, 3, 1, 2)


def test_an_extension_ends_no_earlier_than_the_case_begins(tmp_path: Path):
    wrong = penalty(1, "2023-03-01", "2023-04-01", "2023-02-01")
    snapshot = made(tmp_path, enforcement_actions=[wrong])
    (fault,) = [f for f in snapshot.faults if f.severity == "error"]
    assert (fault.rule, fault.column) == ("先后", "延期至")


@pytest.mark.parametrize("code", ["officers.expiring_90d", "applications.due_soon"])
def test_a_state_of_today_has_no_data_for_other_years(tmp_path: Path, code: str):
    officer = {"officer_id": "R1", "active": "是", "issued_on": "2020-01-01"}
    officer |= {"expires_on": "2024-02-01"}
    asked = {"app_no": "A1", "applicant_type": "自然人", "received_on": "2023-12-01"}
    snapshot = made(tmp_path, "2023-12-27", officers=[officer], applications=[asked])
    assert [values(snapshot, y, code) for y in (2022, 2023, 2024)] == [[None], [1], [None]]


def test_the_year_that_only_ended_cases_have_is_marked_where_years_are_chosen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    made(tmp_path, "2024-06-30", enforcement_actions=[DECEMBER])
    monkeypatch.setenv("QMG_DATA_DIR", str(tmp_path))
    app = screens.start("/enforcement")
    screens.shown("/enforcement", app)
    year = app.selectbox(key="s_year")
    assert (year.options, year.value) == (["2023（仅有跨年办结）", "2022"], 2022)
    year.select(2023)
    screen = screens.shown("/enforcement", app)
    assert "2023 年度" in screen.text
    assert "较上年" not in screen.text
    assert "同比" not in screen.text


# ---------------------------------------------------------------- true zeros, listed


def listed(snapshot: Snapshot, year: int, code: str) -> dict[str, float | None]:
    return {f.dimension: f.value for f in listing.figures(snapshot, year, [code])}


def test_the_cells_of_a_form_that_the_ledger_has_none_for_are_listed_as_0(tmp_path: Path):
    asked = {"app_no": "A1", "applicant_type": "自然人", "received_on": "2023-02-01"}
    asked |= {"replied_on": "2023-02-09", "outcome": "granted"}
    case = {"case_no": "C1", "kind": "行政复议", "about_disclosure": "是", "outcome": "维持"}
    case |= {"accepted_on": "2023-02-01", "closed_on": "2023-04-01"}
    snapshot = made(tmp_path, applications=[asked], legal_cases=[case])
    whole = {"": 1, "总计": 1, "自然人": 1}
    others = dict.fromkeys(APPLICANTS[1:], 0)
    assert listed(snapshot, 2023, "disclosure.t3.granted") == whole | others
    nothing = dict.fromkeys(whole, 0) | others
    assert listed(snapshot, 2023, "disclosure.t3.refused.1") == nothing
    cells = {"": 1, "总计": 1, "结果维持": 1, "结果纠正": 0, "其他结果": 0, "尚未审结": 0}
    assert listed(snapshot, 2023, "disclosure.t4.reconsideration") == cells
    assert listed(snapshot, 2023, "disclosure.t4.litigation_after") == dict.fromkeys(cells, 0)
    assert listed(snapshot, 2022, "disclosure.t3.granted") == {"": None}, "not known is left out"


def test_declared_values_and_months_without_a_row_are_0_and_months_ahead_are_not_known(
    tmp_path: Path,
):
    check = {"action_no": "Z1", "action_type": "行政检查", "opened_on": "2023-02-03"}
    dispute = {
        "dispute_no": "D1",
        "registered_on": "2023-02-03",
        "status": "在调",
        "village": "甲村",
    }
    tables = {"enforcement_actions": [check], "disputes": [dispute]}
    snapshot = made(tmp_path, "2023-03-31", **tables)
    found = listed(snapshot, 2023, INSPECTIONS)
    assert [found.get(f"month={m}") for m in (1, 2, 3, 4, 12)] == [0, 1, 0, None, None]
    assert (found["城市管理"], found["未填"]) == (0, 1)
    assert "month=4" not in found
    by_village = listed(snapshot, 2023, "disputes.registered")
    assert {k for k in by_village if k.startswith("village=")} == {"village=甲村"}
    assert listed(snapshot, 2023, "disputes.resolved_rate").get("type=邻里") is None
    record = next(
        r
        for f in listing.figures(snapshot, 2023, ["enforcement.actions"])
        if (r := listing.record(f))["dimension"] == "行政许可"
    )
    assert (record["value"], record["ledger"], record["basis"]) == (0, 0, "ledger")
