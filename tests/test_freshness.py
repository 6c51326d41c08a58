"""How late a ledger is, and where it is said."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import folders
import pytest
import screens

from qmg_dash.figures import freshness
from qmg_dash.figures.book import shared
from qmg_dash.figures.faults import all_faults
from qmg_dash.folder import store
from qmg_dash.folder.town import CADENCES
from qmg_dash.model import Filters

TOWN = """[town]
name = "某县青石镇"
[dataset]
as_of = {clock}
[cadence]
{cadence}
"""


def town(folder: Path, clock: str, cadence: str, *days: str) -> Path:
    """A folder whose disputes were registered on these days."""
    folders.put(folder / "town.toml", TOWN.format(clock=clock, cadence=cadence), "utf-8")
    rows = [
        {"dispute_no": f"J{n}", "registered_on": d, "status": "在调"} for n, d in enumerate(days)
    ]
    folders.put_table(folder, "disputes", rows)
    return folder


def found(folder: Path) -> freshness.Freshness:
    return freshness.ledgers(store.load(folder))["disputes"]


def naive_due(newest: date, cadence: str) -> date:
    """Walk day by day to the end of the period after the newest row's."""
    period: dict[str, Callable[[date], object]] = {
        "周": lambda d: d.isocalendar()[:2],
        "月": lambda d: (d.year, d.month),
        "季": lambda d: (d.year, (d.month - 1) // 3),
        "年": lambda d: d.year,
    }
    of, day = period[cadence], newest
    while of(day) == of(newest):
        day += timedelta(days=1)
    following = of(day)
    while of(day) == following:
        day += timedelta(days=1)
    return day - timedelta(days=1)


@pytest.mark.parametrize("cadence", [c for c in CADENCES if c != "日"])
def test_the_next_periods_last_day_is_when_it_is_due(cadence: str):
    for n in range(0, 800, 7):
        day = date(2022, 1, 1) + timedelta(days=n)
        assert freshness.due(day, cadence) == naive_due(day, cadence), day


def test_every_cadence_of_the_contract_is_known():
    assert set(freshness.PERIOD_END) == set(CADENCES) == {"日", "周", "月", "季", "年"}


@pytest.mark.parametrize(
    ("cadence", "newest", "clock", "late"),
    [
        ("月", "2023-08-02", "2023-09-30", 0),
        ("月", "2023-08-31", "2023-10-12", 12),
        ("月", "2023-07-31", "2023-09-30", 30),
        ("周", "2023-09-13", "2023-09-24", 0),  # Wednesday; the next week ends on the 24th
        ("周", "2023-09-13", "2023-09-30", 6),
        ("日", "2023-09-28", "2023-10-08", 1),  # the 7th and 8th are made up for the holiday
        ("日", "2023-09-27", "2023-09-28", 0),
        ("季", "2023-01-05", "2023-06-30", 0),
        ("季", "2023-01-05", "2023-07-01", 1),
        ("年", "2022-03-03", "2023-12-31", 0),
        ("年", "2022-03-03", "2024-01-15", 15),
    ],
)
def test_a_ledger_is_late_by_the_days_since_it_was_due(
    tmp_path: Path, cadence: str, newest: str, clock: str, late: int
):
    folder = town(tmp_path, clock, f'disputes = "{cadence}"', "2021-01-01", newest)
    assert found(folder).late == late
    said = f"按{cadence}更新，已迟 {late} 天" if late else f"按{cadence}更新"
    assert found(folder).text == said


def test_a_row_ahead_of_the_clock_does_not_count(tmp_path: Path):
    folder = town(tmp_path, "2023-10-12", 'disputes = "月"', "2023-08-05", "2024-01-01")
    assert (found(folder).newest, found(folder).late) == (date(2023, 8, 5), 12)


def test_one_cadence_may_stand_for_all_ledgers(tmp_path: Path):
    folder = town(tmp_path, "2023-10-12", 'ledger = "月"\nofficers = "年"', "2023-08-05")
    folders.put_table(folder, "officers", folders.GOOD["officers"])
    kept = freshness.ledgers(store.load(folder))
    assert {n: f.cadence for n, f in kept.items()} == {"disputes": "月", "officers": "年"}
    assert (kept["officers"].newest, kept["officers"].late) == (None, 0)


def test_without_a_cadence_nothing_is_late(tmp_path: Path):
    assert freshness.ledgers(store.load(town(tmp_path, "2023-10-12", "", "2020-01-01"))) == {}


def figure_late(folder: Path, filters: Filters) -> str:
    return shared(store.load(folder), filters).fig("disputes.registered").late


def test_only_a_figure_whose_period_is_not_entered_is_late(tmp_path: Path):
    folder = town(tmp_path, "2023-10-12", 'disputes = "月"', "2022-05-05", "2023-08-05")
    assert figure_late(folder, Filters(2023)) == "按月更新，已迟 12 天"
    assert figure_late(folder, Filters(2022)) == ""
    assert figure_late(folder, Filters(2023, month_from=1, month_to=8)) == ""
    assert figure_late(folder, Filters(2023, month_from=1, month_to=9)) == "按月更新，已迟 12 天"


def test_a_figure_of_another_ledger_is_not(tmp_path: Path):
    folder = town(tmp_path, "2023-10-12", 'disputes = "月"', "2023-08-05")
    folders.put_table(folder, "learning", folders.GOOD["learning"])
    assert shared(store.load(folder), Filters(2023)).fig("learning.events").late == ""


def test_check_warns_of_it_and_names_the_newest_row(tmp_path: Path):
    folder = town(tmp_path, "2023-10-12", 'disputes = "月"', "2023-08-05")
    (fault,) = all_faults(store.load(folder))
    assert (fault.severity, fault.file, fault.column, fault.value, fault.rule) == (
        "warning",
        "ledgers/disputes.csv",
        "登记日期",
        "2023-08-05",
        "更新",
    )
    assert fault.message == "按月更新，已迟 12 天；最新一条的登记日期是 2023-08-05"


def test_the_screens_say_it_at_the_number_in_the_files_and_where_to_look(
    tmp_path: Path, use: Callable[[Path], Path]
):
    use(town(tmp_path, "2023-10-12", 'disputes = "月"', "2022-05-05", "2023-08-05"))
    card = next(
        n
        for n in screens.visit("/disputes", year=2023).root.all(attr="data-code")
        if n.attrs["data-code"] == "disputes.registered"
    )
    said = dict(
        zip(
            [n.text.strip() for n in card.all("dt")],
            [n.text.strip() for n in card.all("dd")],
            strict=True,
        )
    )
    assert said["更新"] == "按月更新，已迟 12 天"
    rows = screens.visit("/trust", year=2023).table("数据文件")
    assert rows[0][2] == "更新"
    assert next(r for r in rows if r[0] == "ledgers/disputes.csv")[2].startswith(
        "按月更新，已迟 12 天"
    )
    owed = screens.visit("/todo", year=2023).text
    assert "矛盾纠纷台账按月更新，已迟 12 天" in owed
    assert "已迟" not in screens.visit("/todo", year=2022).text
