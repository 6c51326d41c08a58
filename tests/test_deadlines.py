"""Terms on the very day they end, counted by hand from the State Council's notices for 2022 and
2023: National Day is off from 1 to 7 October with 8 and 9 October worked; Spring Festival from 21
to 27 January with 28 and 29 January worked."""

from __future__ import annotations

from pathlib import Path

import folders
import pytest

from qmg_dash.figures.book import shared
from qmg_dash.folder import store
from qmg_dash.model import Figure, Filters

ACTION = {"action_no": "Z1", "action_type": "行政处罚", "opened_on": "2022-09-01"}
APPLICATION = {"app_no": "A1", "applicant_type": "自然人", "received_on": "2023-01-03"}
OFFICER = {"officer_id": "R1", "active": "是"}


def figure(
    folder: Path, code: str, table: str, row: dict, as_of: str = "2023-12-31", year: int = 2023
) -> Figure:
    folders.put_town(folder, as_of=as_of)
    folders.put_table(folder, table, [row])
    return shared(store.load(folder), Filters(year)).fig(code)


@pytest.mark.parametrize(
    ("kind", "decided", "disclosed", "percent"),
    [
        ("行政处罚", "2022-09-30", "2022-10-14", 100),  # the 7th working day
        ("行政处罚", "2022-09-30", "2022-10-15", 0),
        ("行政许可", "2022-09-30", "2022-10-14", 100),
        ("行政许可", "2022-09-30", "", 0),  # not disclosed is not in time
        ("行政强制", "2022-09-30", "2022-11-02", 100),  # the 20th
        ("行政强制", "2022-09-30", "2022-11-03", 0),
    ],
)
def test_a_decision_is_disclosed_within_7_working_days_or_20(
    tmp_path: Path, kind: str, decided: str, disclosed: str, percent: int
):
    row = ACTION | {"action_type": kind, "decided_on": decided, "disclosed_on": disclosed}
    code = "enforcement.disclosed_on_time_rate"
    found = figure(tmp_path, code, "enforcement_actions", row, year=2022)
    assert (found.value, found.numerator, found.denominator) == (percent, percent / 100, 1)
    assert not found.estimated


@pytest.mark.parametrize(("as_of", "base"), [("2022-10-14", None), ("2022-10-15", 1)])
def test_a_term_counts_once_its_last_day_is_over(tmp_path: Path, as_of: str, base: int | None):
    row = ACTION | {"decided_on": "2022-09-30", "disclosed_on": "2022-10-08"}
    code = "enforcement.disclosed_on_time_rate"
    assert figure(tmp_path, code, "enforcement_actions", row, as_of, 2022).denominator == base


@pytest.mark.parametrize(
    ("more", "replied", "percent"),
    [
        ({}, "2023-02-03", 100),  # the 20th working day, two of them a Saturday and a Sunday
        ({}, "2023-02-04", 0),
        ({"suspended_days": 3}, "2023-02-08", 100),
        ({"suspended_days": 3}, "2023-02-09", 0),
        ({"extended": "是"}, "2023-03-03", 100),  # 20 more
        ({"extended": "是"}, "2023-03-04", 0),
        ({"extended": "否", "suspended_days": 0}, "2023-02-03", 100),
    ],
)
def test_an_application_is_answered_within_20_working_days_and_what_is_added(
    tmp_path: Path, more: dict, replied: str, percent: int
):
    row = APPLICATION | more | {"replied_on": replied}
    found = figure(tmp_path, "applications.on_time_rate", "applications", row)
    assert (found.value, found.denominator) == (percent, 1)


@pytest.mark.parametrize(
    ("as_of", "count"),
    [
        ("2023-01-19", 0),  # eight working days before 3 February
        ("2023-01-28", 0),  # six
        ("2023-01-29", 1),  # five
        ("2023-02-03", 1),  # the day itself
        ("2023-02-04", 0),  # overdue
    ],
)
def test_an_open_application_is_due_soon_within_5_working_days(
    tmp_path: Path, as_of: str, count: int
):
    found = figure(tmp_path, "applications.due_soon", "applications", APPLICATION, as_of)
    assert found.value == count


def test_what_is_due_soon_is_said_of_the_clocks_year_alone(tmp_path: Path):
    code = "applications.due_soon"
    assert figure(tmp_path, code, "applications", APPLICATION, "2024-01-05").value is None


@pytest.mark.parametrize(
    ("produced", "percent"), [("2023-01-03", 100), ("2023-01-02", 0), ("", None)]
)
def test_information_is_public_within_20_working_days_of_its_making(
    tmp_path: Path, produced: str, percent: int | None
):
    row = {"doc_id": "D1", "title": "公告", "produced_on": produced, "published_on": "2023-02-03"}
    assert figure(tmp_path, "disclosure.on_time_rate", "disclosures", row).value == percent


@pytest.mark.parametrize(
    ("more", "as_of", "count"),
    [
        ({"decided_on": "2022-11-30"}, "2022-12-31", 0),  # the 90th day
        ({"decided_on": "2022-12-01"}, "2022-12-31", 1),
        ({}, "2022-11-30", 0),
        ({}, "2022-12-01", 1),
        ({"action_type": "行政检查"}, "2022-12-31", 0),
    ],
)
def test_a_penalty_takes_90_days_at_most(tmp_path: Path, more: dict, as_of: str, count: int):
    code = "enforcement.over_90_days"
    found = figure(tmp_path, code, "enforcement_actions", ACTION | more, as_of, 2022)
    assert found.value == count


@pytest.mark.parametrize(
    ("expires", "valid", "expiring"),
    [
        ("2023-06-29", 0, 0),
        ("2023-06-30", 1, 1),  # valid on its last day
        ("2023-09-28", 1, 1),  # the 90th day
        ("2023-09-29", 1, 0),
        ("", 0, 0),
    ],
)
def test_a_certificate_holds_to_its_last_day(
    tmp_path: Path, expires: str, valid: int, expiring: int
):
    row = OFFICER | {"expires_on": expires}
    as_of = "2023-06-30"
    assert figure(tmp_path, "officers.certified", "officers", row, as_of).value == valid
    assert figure(tmp_path, "officers.expiring_90d", "officers", row, as_of).value == expiring


@pytest.mark.parametrize(
    ("received", "as_of", "estimated"),
    [("2026-11-02", "2026-12-31", False), ("2034-12-15", "2035-02-28", True)],
)
def test_a_term_that_ends_in_a_year_without_a_notice_is_marked_as_estimated(
    tmp_path: Path, received: str, as_of: str, estimated: bool
):
    row = APPLICATION | {"received_on": received}
    folders.put_table(tmp_path, "applications", [row, row | {"app_no": "A2", "received_on": as_of}])
    folders.put_town(tmp_path, as_of=as_of)
    year = int(as_of[:4])
    found = shared(store.load(tmp_path), Filters(year)).fig("applications.reply_rate")
    assert (found.value, found.estimated) == (0, estimated)
