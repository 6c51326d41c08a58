"""The filters of 目标进展: state, direction and owner choose among the measures of the goal year."""

from __future__ import annotations

import csv
import re
from collections import Counter
from datetime import date
from itertools import product
from pathlib import Path

import pytest
import screens
from screens import Node, Screen

from qmg_dash.kpis.base import UNFILLED, registered

DEMO = Path(__file__).parents[1] / "data" / "demo"
FACETS = {"state": "状态", "direction": "方向", "owner": "责任单位"}


def written() -> dict[str, dict[str, str]]:
    """The measures of the newest goal year as they stand in the file, by what they are."""
    with (DEMO / "goals.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    newest = max(r["目标年度"] for r in rows)
    return {r["举措"]: r for r in rows if r["目标年度"] == newest}


STATES = {
    "st-over": "逾期",
    "st-behind": "滞后",
    "st-below": "未达标",
    "st-none": "无进展数据",
    "st-undated": "进行中（未定期限）",
    "st-on": "正常",
    "st-not": "未启动",
    "st-done": "已完成",
    "st-off": "已取消",
}
"""The shapes of the states, in the order in which a meeting goes through them."""


def rows(screen: Screen) -> list[Node]:
    """The rows of the measures' table, in its order."""
    tables = [t for t in screen.root.all("table") if t.attrs.get("aria-label") == "目标举措"]
    return [row for table in tables for row in table.all("tr")[1:]]


def table(screen: Screen) -> list[tuple[str, str]]:
    """(measure, state) of each row of the table, in its order; a state by its shape, since its
    words say an amount."""
    found = []
    for row in rows(screen):
        (named,) = [n for n in written() if n in row.text]
        (shape,) = [c for n in row.all(cls="st") for c in n.classes if c in STATES]
        found.append((named, STATES[shape]))
    return found


def visit(**asked: object) -> Screen:
    return screens.visit("/goals", data="demo", **asked)


def everything() -> list[dict[str, str]]:
    """Every measure with the values that it can be chosen by."""
    rows = written()
    return [
        {
            "name": name,
            "state": state,
            "direction": rows[name]["方向"],
            "owner": rows[name]["责任单位"] or UNFILLED,
        }
        for name, state in table(visit())
    ]


def test_without_a_filter_every_measure_of_the_year_stands_there_once() -> None:
    names = [m["name"] for m in everything()]
    assert sorted(names) == sorted(written())


@pytest.mark.parametrize("facet", FACETS)
def test_each_value_leaves_its_measures_and_says_what_is_left(facet: str) -> None:
    measures = everything()
    counts = Counter(m[facet] for m in measures)
    assert len(counts) > 1
    for value, count in counts.items():
        screen = visit(**{facet: value})
        left = [m["name"] for m in measures if m[facet] == value]
        assert sorted(name for name, _ in table(screen)) == sorted(left)
        assert f"举措 {count} 项（共 {len(measures)} 项）" in screen.text
        assert screen.filtered == f"{FACETS[facet]} {registered(value)}"


def test_options_are_counted_under_the_other_filters() -> None:
    measures = everything()
    owners = Counter(m["owner"] for m in measures)
    for owner, facet in product(owners, ("state", "direction")):
        screen = visit(owner=owner)
        mine = Counter(m[facet] for m in measures if m["owner"] == owner)
        offered = dict(
            re.fullmatch(r"(.*)（(\d+)项）", o).groups() for o in screen.fields[facet].values()
        )  # type: ignore[union-attr,misc]
        assert {v: int(n) for v, n in offered.items()} == {
            v: mine[v] for v in {m[facet] for m in measures}
        }


def test_filters_that_leave_nothing_say_so_and_give_no_progress() -> None:
    measures = everything()
    taken = {(m["state"], m["owner"]) for m in measures}
    pairs = product({m["state"] for m in measures}, {m["owner"] for m in measures})
    state, owner = next(p for p in pairs if p not in taken)
    screen = visit(state=state, owner=owner)
    assert "没有符合筛选的举措" in screen.root.text
    assert "总体进度 无数据" in screen.root.text
    assert "没有符合筛选的举措" in screen.title


@pytest.mark.parametrize("present", ["", "true"], ids=["desk", "meeting"])
def test_the_urgent_stand_first(present: str) -> None:
    asked = {"present": present} if present else {}
    found = [STATES_ORDER.index(state) for _, state in table(visit(**asked))]
    assert found == sorted(found) and len(set(found)) > 5


STATES_ORDER = list(STATES.values())
TODAY = date(2023, 9, 30)
"""The demo's."""


def test_a_state_says_its_amount() -> None:
    """By the files: days past the day, points behind the time gone, points short of the target."""
    with (DEMO / "goal_updates.csv").open(encoding="utf-8-sig") as file:
        newest = {r["举措编号"]: r["进度（%）"] for r in csv.DictReader(file) if r["进度（%）"]}
    seen = set()
    for row, (name, state) in zip(rows(visit()), table(visit()), strict=True):
        goal, (said, *_) = written()[name], [n.text.strip() for n in row.all(cls="st")]
        days = {k: date.fromisoformat(goal[k]) for k in ("开始日期", "完成期限") if goal[k]}
        if state == "逾期":
            assert said == f"逾期 {(TODAY - days['完成期限']).days} 天"
        elif state == "滞后":
            start, due = days["开始日期"], days["完成期限"]
            gone = (TODAY - start).days / (due - start).days * 100
            assert said == f"滞后 {gone - float(newest[goal['举措编号']]):.0f} 个百分点"
        elif state == "未达标":
            value = float(re.search(r"([\d.]+)%", row.all(cls="value")[0].text)[1])  # type: ignore[index]
            assert said == f"差 {float(goal['目标值']) - value:.1f} 个百分点"
        else:
            assert said in (state, "未定期限")
            continue
        seen.add(state)
    assert seen == {"逾期", "滞后", "未达标"}


def test_a_rate_has_a_point_and_a_target_and_no_progress() -> None:
    judged = [r for r in rows(visit()) if r.all(cls="line")]
    assert len(judged) == sum(g["指标"].endswith("_rate") for g in written().values())
    for row in judged:
        assert not row.all(cls="bar") and row.all("u") and row.all("i")


def test_what_moved_a_measure_is_listed_and_each_target_is_said() -> None:
    text = visit().root.text
    with (DEMO / "goal_updates.csv").open(encoding="utf-8-sig") as file:
        notes = [r["说明"] for r in csv.DictReader(file) if r["说明"]]
    assert notes and all(note in text for note in notes)
    targets = {g["举措"]: g["目标值"] for g in written().values() if g["指标"] and g["目标值"]}
    values = {
        name: r.all(cls="value")[0].text
        for r, (name, _) in zip(rows(visit()), table(visit()), strict=True)
    }
    assert targets
    for name, target in targets.items():
        assert f"{target}%" in values[name] or f"/ {target}" in values[name]


def test_a_meeting_has_the_measures_on_one_slide() -> None:
    assert len(table(visit(present="true"))) == len(written()) == 12


def test_the_departments_stand_by_the_days_of_what_is_late() -> None:
    """What the screen of what is owed lists one by one, added up."""
    ranked = visit().table("各部门超期")[1:]
    days = [int(re.search(r"\d+", cells[2])[0]) for cells in ranked]  # type: ignore[index]
    assert days == sorted(days, reverse=True) and len(ranked) > 3
    listed = screens.visit("/todo", data="demo", present="true").table("已超期事项")[1:]
    most: dict[str, int] = {}
    for cells in listed:
        late = (TODAY - date(TODAY.year, *map(int, cells[4].split("-")))).days
        most[cells[3]] = max(most.get(cells[3], 0), late)
    assert most == {cells[0]: int(re.search(r"\d+", cells[2])[0]) for cells in ranked}  # type: ignore[index]
    assert Counter(c[3] for c in listed) == {c[0]: int(c[3].split()[0]) for c in ranked}
