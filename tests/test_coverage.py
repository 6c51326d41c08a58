"""What a ledger speaks for: the years from its first row to its last, up to the clock. There a
count of nothing is a true 0; outside, rows count and no row is no data."""

from __future__ import annotations

from pathlib import Path

import folders
import pytest

from qmg_dash import listing, store
from qmg_dash.analysis import cross, rows, series
from qmg_dash.compute import newest_year, shared, years
from qmg_dash.faults import all_faults
from qmg_dash.model import Filters
from qmg_dash.store import Snapshot

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
    behind = rows(shared(snapshot, Filters(2023)), PENALTIES)
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
    assert newest_year(snapshot) == snapshot.clock().year
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
    behind = rows(shared(snapshot, Filters(2023)), "enforcement.fines")
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
