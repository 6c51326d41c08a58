"""State and progress of a measure: each state and the order in which they are tried, each way to
know the progress, the weighted mean (DATA.md section 3)."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import folders
import pytest

from qmg_dash.figures import listing, progress
from qmg_dash.figures.progress import elapsed, tracked
from qmg_dash.folder import store
from qmg_dash.kpis import goals as kinds

CLOCK = date(2023, 7, 2)
"""Half of 2023 has gone: 182 of 364 days from 1 January to 31 December."""
BEFORE, AHEAD = CLOCK - timedelta(days=1), CLOCK + timedelta(days=1)
GOAL = {"goal_id": "G1", "year": 2023, "direction": "规范执法", "measure": "开展执法培训"}
UPDATE = {"goal_id": "G1", "date": "2023-06-30", "status": "进行中"}
TRAINED = {"event_no": "X1", "held_on": "2023-03-01", "kind": "执法证培训", "attendees": 10}


def measures(folder: Path, *goals: dict, updates: tuple = (), **tables: list[dict]):
    folders.put_town(folder, as_of=CLOCK.isoformat())
    folders.put_table(folder, "goals", [GOAL | g for g in goals])
    if updates:
        folders.put_table(folder, "goal_updates", [UPDATE | u for u in updates])
    for name, rows in tables.items():
        folders.put_table(folder, name, rows)
    return progress.measures(store.load(folder), 2023)


def only(folder: Path, goal: dict, *updates: dict, **tables: list[dict]) -> progress.Measure:
    (measure,) = measures(folder, goal, updates=updates, **tables)
    return measure


def published(code: str, value: float, year: int = 2023, **more: object) -> dict[str, object]:
    return {"year": year, "indicator": code, "value": value, "source": "年度报告"} | more


# ---------------------------------------------------------------- states


STATES = {
    kinds.CANCELLED: ({"due": BEFORE}, {"status": "已取消", "progress": 40}),
    kinds.DONE: ({"start": AHEAD, "due": AHEAD}, {"status": "已完成"}),
    kinds.NOT_STARTED: ({"start": AHEAD}, {"progress": 0}),
    kinds.OVERDUE: ({"due": BEFORE}, {"progress": 99}),
    kinds.NO_DATA: ({"due": AHEAD}, {}),
    kinds.UNDATED: ({}, {"progress": 1}),
    kinds.BEHIND: ({"due": "2023-12-31"}, {"progress": 49.9}),
    kinds.BELOW: ({"indicator": "disputes.pending", "target": 4}, {}),
    kinds.ON_TRACK: ({"due": "2023-12-31"}, {"progress": 50}),
}
COUNTS = [k.code for k in kinds.KPIS if k.formula and k.formula.hit]
"""The KPIs that count the measures in a state."""


PENDING = [published("disputes.pending", 5)]
"""One above the target of BELOW's."""


@pytest.mark.parametrize("state", STATES)
def test_a_measure_is_in_the_first_state_that_fits(tmp_path: Path, state: str):
    goal, update = STATES[state]
    assert only(tmp_path, goal, update, reported=PENDING).state == state


def test_every_state_is_tested_here_and_has_a_printed_rule_and_a_kpi():
    assert set(STATES) == set(progress.STATES) == {s for s, _ in progress.RULES}
    assert set(STATES) == {k.formula.hit for k in kinds.KPIS if k.formula} - {""}


def test_the_printed_rules_stand_in_the_order_of_the_contract():
    assert [s for s, _ in progress.RULES] == [
        kinds.CANCELLED,
        kinds.DONE,
        kinds.NOT_STARTED,
        kinds.OVERDUE,
        kinds.NO_DATA,
        kinds.BELOW,
        kinds.UNDATED,
        kinds.BEHIND,
        kinds.ON_TRACK,
    ]


@pytest.mark.parametrize(
    ("goal", "updates", "state"),
    [
        ({"due": BEFORE}, [], kinds.OVERDUE),  # with or without data
        ({"start": AHEAD, "due": AHEAD}, [], kinds.NOT_STARTED),  # before no data
        ({"due": CLOCK}, [{"progress": 100}], kinds.ON_TRACK),  # the due day itself is not past
        ({"due": CLOCK}, [{"progress": 99}], kinds.BEHIND),
        ({"start": CLOCK, "due": CLOCK}, [{"progress": 50}], kinds.BEHIND),
        ({"start": CLOCK, "due": AHEAD}, [{"progress": 0}], kinds.ON_TRACK),  # nothing has gone
        ({}, [{"status": "未启动"}], kinds.NO_DATA),  # a status is no progress
        ({}, [{"status": "进行中"}], kinds.NO_DATA),
        ({"due": BEFORE}, [{"status": "已完成", "progress": 10}], kinds.DONE),
    ],
)
def test_states_at_their_edges(tmp_path: Path, goal: dict, updates: list, state: str):
    assert only(tmp_path, goal, *updates).state == state


def test_a_goal_of_a_year_to_come_starts_on_its_1_january(tmp_path: Path):
    folders.put_town(tmp_path, as_of="2022-12-31")
    folders.put_table(tmp_path, "goals", [GOAL])
    (measure,) = progress.measures(store.load(tmp_path), 2023)
    assert (measure.state, measure.start) == (kinds.NOT_STARTED, date(2023, 1, 1))


# ---------------------------------------------------------------- progress


@pytest.mark.parametrize(
    ("goal", "updates", "percent"),
    [
        ({"indicator": "training.cert_trained", "target": 20}, [{"progress": 90}], 50.0),
        ({"indicator": "training.cert_trained", "target": 8}, [], 100.0),  # capped
        ({"indicator": "training.cert_trained"}, [{"progress": 30}], 30.0),  # no target, no ratio
        ({"target": 20}, [{"progress": 30}], 30.0),  # nor without an indicator
        ({"indicator": "publicity.reach", "target": 20}, [{"progress": 30}], 30.0),  # no data
        ({"indicator": "training.cert_trained", "target": 0}, [{"progress": 30}], 30.0),
        ({}, [{"status": "已完成", "progress": 80}], 100.0),
        ({}, [{"progress": 10}, {"date": "2023-07-01", "progress": 20}], 20.0),
        ({}, [{"date": "2023-07-01", "progress": 20}, {"progress": 10}], 20.0),  # newest by date
        ({}, [{"progress": 10}, {"progress": 20}], 20.0),  # the later row of one day
        ({}, [{"progress": 10}, {"date": AHEAD, "progress": 90}], 10.0),  # not yet known
        ({}, [{"progress": 10}, {"date": "2023-07-01"}], None),
        ({}, [], None),
    ],
)
def test_progress_comes_from_the_target_else_the_newest_update(
    tmp_path: Path, goal: dict, updates: list, percent: float | None
):
    measure = only(tmp_path, goal, *updates, learning=[TRAINED])
    assert measure.progress == percent


LOWER = {"indicator": "disputes.pending", "target": 4, "due": "2023-12-31"}


RATE = {"indicator": "disputes.resolved_rate", "target": 90}
HEAD = {"indicator": "officers.actions_each", "target": 30}
STOCK = {"indicator": "officers.certified", "target": 14}


@pytest.mark.parametrize(
    ("goal", "value", "kept"),
    [
        (LOWER, 8, False),
        (LOWER, 5, False),
        (LOWER, 4, True),
        (LOWER, 0, True),
        (RATE, 89.99, False),
        (RATE, 90, True),
        (HEAD, 29.5, False),
        (HEAD, 31, True),
        (STOCK, 13, False),
        (STOCK, 14, True),
    ],
)
@pytest.mark.parametrize(
    ("dates", "states"),
    [
        ({"due": "2023-12-31"}, (kinds.BELOW, kinds.ON_TRACK)),
        ({}, (kinds.BELOW, kinds.ON_TRACK)),  # no due is 31 December
        ({"due": BEFORE}, (kinds.OVERDUE, kinds.DONE)),
        ({"due": CLOCK}, (kinds.BELOW, kinds.ON_TRACK)),
        ({"start": AHEAD, "due": "2023-12-31"}, (kinds.NOT_STARTED, kinds.NOT_STARTED)),
    ],
)
@pytest.mark.parametrize("status", ["进行中", "已完成"])
def test_what_does_not_accumulate_is_held_against_its_target(
    tmp_path: Path, goal: dict, value: float, kept: bool, dates: dict, states: tuple, status: str
):
    """A hand's 已完成 and its progress overrule nothing."""
    goal = {"due": None} | goal | {"due": dates.get("due"), "start": dates.get("start")}
    update = {"status": status, "progress": 70}
    rows = [published(str(goal["indicator"]), value)]
    measure = only(tmp_path, goal, update, reported=rows)
    assert (measure.state, measure.progress) == (states[kept], None)


@pytest.mark.parametrize(
    ("due", "state"), [(None, kinds.NO_DATA), (AHEAD, kinds.NO_DATA), (BEFORE, kinds.OVERDUE)]
)
def test_a_standard_without_a_figure_has_no_data_and_is_late_in_the_end(
    tmp_path: Path, due: object, state: str
):
    update = {"status": "已完成", "progress": 100}
    assert only(tmp_path, RATE | {"due": due}, update).state == state


def test_a_cancelled_standard_stays_cancelled(tmp_path: Path):
    rows = [published("disputes.resolved_rate", 80)]
    assert only(tmp_path, RATE, {"status": "已取消"}, reported=rows).state == kinds.CANCELLED


def test_a_rate_without_a_target_goes_by_what_is_entered(tmp_path: Path):
    goal = {"indicator": "disputes.resolved_rate", "due": "2023-12-31"}
    measure = only(tmp_path, goal, {"progress": 60})
    assert (measure.standard, measure.progress, measure.state) == (False, 60.0, kinds.ON_TRACK)


@pytest.mark.parametrize(
    ("value", "qualifier", "target", "state"),
    [
        (80, "余", 80, kinds.ON_TRACK),  # more than 80
        (80, "余", 85, kinds.NO_DATA),  # under 90: it may be either
        (80, "余", 90, kinds.BELOW),
        (95, "以上", 95, kinds.ON_TRACK),
        (95, "以上", 99, kinds.NO_DATA),
        (100, "近", 100, kinds.BELOW),
        (90, "约", 90, kinds.NO_DATA),
        (90, "约", 80, kinds.ON_TRACK),
    ],
)
def test_an_approximate_figure_is_judged_where_all_of_it_lies_on_one_side(
    tmp_path: Path, value: int, qualifier: str, target: int, state: str
):
    rows = [published("disputes.resolved_rate", value, qualifier=qualifier)]
    assert only(tmp_path, RATE | {"target": target}, reported=rows).state == state


def test_an_approximate_count_that_may_fall_short_is_not_done(tmp_path: Path):
    goal = {"indicator": "publicity.events", "target": 40, "due": "2023-12-31"}
    rows = [published("publicity.events", 40, qualifier="约")]
    assert only(tmp_path, goal, reported=rows).state == kinds.ON_TRACK
    rows = [published("publicity.events", 40, qualifier="余")]
    assert only(tmp_path, goal, reported=rows).state == kinds.DONE


def test_a_target_that_is_reached_makes_a_measure_done(tmp_path: Path):
    goal = {"indicator": "training.cert_trained", "target": 10, "due": BEFORE}
    assert only(tmp_path, goal, learning=[TRAINED]).state == kinds.DONE


def test_a_cancelled_measure_stays_cancelled_whatever_its_figure(tmp_path: Path):
    goal = {"indicator": "training.cert_trained", "target": 10}
    assert only(tmp_path, goal, {"status": "已取消"}, learning=[TRAINED]).state == kinds.CANCELLED


def test_a_baseline_is_shown_and_is_no_target(tmp_path: Path):
    rows = [published("training.cert_trained", 14, 2022)]
    measure = only(tmp_path, {"indicator": "training.cert_trained"}, reported=rows)
    assert measure.baseline.value == 14
    assert measure.progress is None
    assert measure.state == kinds.NO_DATA


def test_an_unknown_indicator_leaves_the_measure_with_its_updates(tmp_path: Path):
    measure = only(tmp_path, {"indicator": "no.such", "target": 5}, {"progress": 30})
    assert (measure.progress, measure.figure) == (30.0, None)


@pytest.mark.parametrize(
    ("start", "due", "percent"),
    [
        (date(2023, 1, 1), date(2023, 12, 31), 50.0),
        (AHEAD, date(2023, 12, 31), 0.0),
        (date(2022, 1, 1), BEFORE, 100.0),
        (CLOCK, CLOCK, 100.0),
        (AHEAD, AHEAD, 0.0),
        (date(2023, 1, 1), None, None),
    ],
)
def test_the_elapsed_share_stays_between_0_and_100(start, due, percent):
    assert elapsed(start, due, CLOCK) == percent


def test_no_ratio_without_a_figure():
    assert tracked(5, None) is None
    assert tracked(None, None) is None


# ---------------------------------------------------------------- all measures of a year


def test_the_mean_is_weighted_and_leaves_out_what_is_not_known(tmp_path: Path):
    goals = [{"goal_id": "G1", "weight": 3}, {"goal_id": "G2"}, {"goal_id": "G3", "weight": 2}]
    updates = ({"goal_id": "G1", "progress": 100}, {"goal_id": "G2", "progress": 0})
    found = measures(tmp_path, *goals, updates=updates)
    assert progress.overall(found) == (75.0, 4.0, 2.0)
    assert progress.counts(found) == {kinds.UNDATED: 2, kinds.NO_DATA: 1}


def test_what_is_held_against_a_standard_is_in_no_mean_and_is_said(tmp_path: Path):
    goals = [
        {"goal_id": "G1", "weight": 3},
        RATE | {"goal_id": "G2", "weight": 5},
        LOWER | {"goal_id": "G3"},
        {"goal_id": "G4", "weight": 2},
    ]
    rows = [published("disputes.resolved_rate", 20)]
    update = {"goal_id": "G1", "progress": 60}
    found = measures(tmp_path, *goals, updates=(update,), reported=rows)
    assert progress.overall(found) == (60.0, 3.0, 2.0)
    assert progress.overall_said(found) == (
        "总体进度 60%，另有 2 项按标准判断，权重 2 无数据，未计入"
    )
    assert figures(tmp_path)["goals.progress"].value == 60.0
    only_rates = measures(tmp_path / "rates", RATE, reported=rows)
    assert progress.overall_said(only_rates) == "总体进度 无数据，另有 1 项按标准判断"


@pytest.mark.parametrize("weight", [0, 1])
def test_no_known_progress_is_no_mean_never_0(tmp_path: Path, weight: int):
    updates = () if weight else ({"progress": 50},)
    found = measures(tmp_path, {"weight": weight}, updates=updates)
    assert progress.overall(found)[0] is None


def figures(folder: Path, year: int = 2023) -> dict:
    snapshot = store.load(folder)
    return {f.code: f for f in listing.figures(snapshot, year) if f.code.startswith("goals.")}


def test_the_figures_count_each_measure_in_one_state(tmp_path: Path):
    goals = [{"goal_id": f"G{i}"} | goal for i, (goal, _) in enumerate(STATES.values())]
    given = [{"goal_id": f"G{i}"} | u for i, (_, u) in enumerate(STATES.values()) if u]
    measures(tmp_path, *goals, updates=tuple(given), reported=PENDING)
    found = figures(tmp_path)
    assert {c: found[c].value for c in COUNTS} == dict.fromkeys(COUNTS, 1)
    total = found["goals.total"]
    assert (total.value, total.basis, total.ledger.value) == (9, "ledger", 9)
    assert [(s.file, s.rows) for s in total.sources] == [("goals.csv", 9)]


def test_a_year_without_goals_has_no_data(tmp_path: Path):
    measures(tmp_path, {})
    assert {(f.value, f.basis) for f in figures(tmp_path, 2022).values()} == {(None, "none")}


def test_a_published_count_leads_and_the_counted_one_stands_beside(tmp_path: Path):
    measures(tmp_path, {}, reported=[published("goals.total", 15, locator="四")])
    total = figures(tmp_path)["goals.total"]
    assert (total.value, total.basis) == (15, "reported")
    assert (total.reported.value, total.ledger.value) == (15, 1)
    assert [s.locator for s in total.sources] == ["四"]


# ---------------------------------------------------------------- shortcomings


@pytest.mark.parametrize("ids", ["B1、B2", "B1,B2", "B1，B2", " B1 ； B2", "B1;B2、"])
def test_a_measure_may_answer_several_shortcomings(tmp_path: Path, ids: str):
    named = [{"shortcoming_id": f"B{i}", "year": 2022, "text": f"不足{i}"} for i in (1, 2, 3)]
    measure = only(tmp_path, {"shortcoming_ids": ids}, shortcomings=named)
    assert [s["text"] for s in measure.answers] == ["不足1", "不足2"]
    left = progress.unanswered(store.load(tmp_path), 2022)
    assert [s["shortcoming_id"] for s in left] == ["B3"]
