"""The filters of 目标进展: state, direction and owner choose among the measures of the goal year."""

from __future__ import annotations

import csv
import re
from collections import Counter
from itertools import product
from pathlib import Path

import pytest
import screens
from screens import Screen

from qmg_dash.kpis.base import UNFILLED

DEMO = Path(__file__).parents[1] / "data" / "demo"
FACETS = {"state": "状态", "direction": "方向", "owner": "责任单位"}


def written() -> dict[str, dict[str, str]]:
    """The measures of the newest goal year as they stand in the file, by what they are."""
    with (DEMO / "goals.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    newest = max(r["目标年度"] for r in rows)
    return {r["举措"]: r for r in rows if r["目标年度"] == newest}


def table(screen: Screen) -> list[tuple[str, str]]:
    """(measure, state) of each row of the table, in its order."""
    names = written()
    body = next(t for t in screen.root.all("table") if "举措" in t.text and "责任单位" in t.text)
    found = []
    for row in body.all("tr"):
        named = [n for n in names if n in row.text]
        states = [n.text.strip() for n in row.walk() if n.classes[:1] == ["st"]]
        if named:
            found.append((named[0], states[-1]))
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
    rows = everything()
    counts = Counter(m[facet] for m in rows)
    assert len(counts) > 1
    for value, count in counts.items():
        screen = visit(**{facet: value})
        left = [m["name"] for m in rows if m[facet] == value]
        assert sorted(name for name, _ in table(screen)) == sorted(left)
        assert re.search(rf"\b{count} 项举措", screen.title), screen.title
        assert f"{FACETS[facet]}：{value}" in screen.root.text


def test_options_are_counted_under_the_other_filters() -> None:
    rows = everything()
    owners = Counter(m["owner"] for m in rows)
    for owner, facet in product(owners, ("state", "direction")):
        screen = visit(owner=owner)
        field = next(w for w in screen.app.multiselect if w.key == f"f_{facet}")
        mine = Counter(m[facet] for m in rows if m["owner"] == owner)
        offered = dict(re.fullmatch(r"(.*)（(\d+)项）", o).groups() for o in field.options)  # type: ignore[union-attr,misc]
        assert {v: int(n) for v, n in offered.items()} == {
            v: mine[v] for v in {m[facet] for m in rows}
        }


def test_filters_that_leave_nothing_say_so_and_give_no_progress() -> None:
    rows = everything()
    taken = {(m["state"], m["owner"]) for m in rows}
    pairs = product({m["state"] for m in rows}, {m["owner"] for m in rows})
    state, owner = next(p for p in pairs if p not in taken)
    screen = visit(state=state, owner=owner)
    assert "没有符合筛选的举措" in screen.root.text
    assert "总体进度 无数据" in screen.root.text
    assert "没有符合筛选的举措" in screen.title


def test_at_the_desk_the_late_stand_first_and_a_meeting_keeps_the_reports_order() -> None:
    order = list(written())
    at_desk = table(visit())
    states = [state for _, state in at_desk]
    late = [s for s in states if s in ("逾期", "滞后")]
    assert late and states[: len(late)] == sorted(late, key=["逾期", "滞后"].index)
    rest = [name for name, state in at_desk if state not in late]
    assert rest == [name for name in order if name in rest]
    meeting = [name for name, _ in table(visit(present="true"))]
    assert meeting == [name for name in order if name in meeting]


def test_a_measure_says_what_moved_it() -> None:
    text = visit().root.text
    with (DEMO / "goal_updates.csv").open(encoding="utf-8-sig") as file:
        notes = {r["举措编号"]: r["说明"] for r in csv.DictReader(file) if r["说明"]}
    tracked = [g for g in written().values() if g["指标"] and g["目标值"]]
    assert tracked
    for goal in tracked:
        assert f"目标 {goal['目标值']}" in text
    by_note = [g for g in written().values() if g not in tracked and g["举措编号"] in notes]
    assert by_note
    for goal in by_note:
        assert notes[goal["举措编号"]] in text


def test_no_slide_of_a_meeting_stands_almost_empty() -> None:
    shown = [table(visit(present="true", slide=n)) for n in (1, 2)]
    assert sorted(name for rows in shown for name, _ in rows) == sorted(written())
    assert abs(len(shown[0]) - len(shown[1])) <= 1
