"""What moved: counted a second time over the demo's files, and planted departments whose changes lie
on both sides of every limit that a title keeps."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date
from pathlib import Path

import folders
import pytest
from screens import ROOT

from qmg_dash.figures.book import Book, shared
from qmg_dash.figures.matters import Grade
from qmg_dash.figures.moved import Moved, clause, moved, way
from qmg_dash.figures.why_changed import comparison
from qmg_dash.folder import store
from qmg_dash.kpis.base import UNFILLED
from qmg_dash.model import Filters

PENALTIES, INSPECTIONS = "enforcement.penalties", "enforcement.inspections"
KINDS = {PENALTIES: ("行政处罚", "决定日期"), INSPECTIONS: ("行政检查", "立案或启动日期")}


def by_hand(kind: str, header: str, year: int, until: date) -> Counter[str]:
    with (ROOT / "data/demo/ledgers/enforcement_actions.csv").open(
        encoding="utf-8-sig", newline=""
    ) as f:
        rows = [r for r in csv.DictReader(f) if r["行为类型"] == kind and r[header]]
    days = [(r["承办机构"] or UNFILLED, date.fromisoformat(r[header])) for r in rows]
    return Counter(of for of, day in days if date(year, 1, 1) <= day <= until)


@pytest.mark.parametrize("code", KINDS)
def test_the_parts_of_the_demo_are_those_of_its_files(code: str) -> None:
    book = shared(store.load(ROOT / "data/demo"), Filters(2023))
    found = moved(comparison(book), code, "department")
    assert found is not None
    now = by_hand(*KINDS[code], 2023, date(2023, 12, 31))
    then = by_hand(*KINDS[code], 2022, date(2022, 9, 30))
    parts = [*found.parts, *([found.bare] if found.bare else [])]
    assert {p.value: (p.then, p.now) for p in parts} == {
        n: (then[n], now[n]) for n in {*now, *then}
    }
    assert (found.total.then, found.total.now) == (sum(then.values()), sum(now.values()))
    moves = [abs(p.difference) for p in found.parts]
    assert moves == sorted(moves, reverse=True) and all(p.value != UNFILLED for p in found.parts)


def town(folder: Path, counts: dict[str, tuple[int, int]]) -> Book:
    """Inspections of two years: {department: (2022, 2023)}."""
    rows = [
        {
            "action_no": f"{of}{year}{i}",
            "action_type": "行政检查",
            "opened_on": f"{year}-03-01",
            "department": of,
        }
        for of, both in counts.items()
        for year, n in zip((2022, 2023), both, strict=True)
        for i in range(n)
    ]
    folders.put_town(folder)
    folders.put_table(folder, "enforcement_actions", rows)
    return shared(store.load(folder), Filters(2023))


def found(folder: Path, counts: dict[str, tuple[int, int]]) -> Moved | None:
    return moved(comparison(town(folder, counts)), INSPECTIONS, "department")


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ({"甲办": (50, 55)}, "检查同比增 5 次（+10%）"),
        ({"甲办": (50, 54)}, ""),  # four cases
        ({"甲办": (51, 56)}, ""),  # 9.8 %
        ({"甲办": (10, 5)}, "检查同比减 5 次"),
        ({"甲办": (20, 0), "乙办": (30, 50)}, "乙办检查增 20 次"),
        ({"甲办": (50, 20), "乙办": (30, 55)}, "甲办检查减 30 次"),
        ({"甲办": (100, 80), "乙办": (300, 319)}, ""),  # 20 one way, 19 the other
        ({"": (50, 0), "乙办": (100, 150)}, ""),  # what is not registered is no part
        ({"甲办": (100, 100), "乙办": (7, 7)}, ""),
    ],
)
def test_a_title_tells_what_moved_and_nothing_less(
    tmp_path: Path, counts: dict[str, tuple[int, int]], said: str
) -> None:
    told = clause(found(tmp_path, counts))
    assert [c.text for c in told] == ([said] if said else [])
    assert all(c.grade is Grade.MOVED for c in told)


def test_a_title_has_the_short_name_of_a_department(tmp_path: Path) -> None:
    moved_ = found(tmp_path, {"很长名字的甲办公室": (50, 20), "乙办": (30, 55)})
    assert clause(moved_, {"很长名字的甲办公室": "甲办"})[0].text == "甲办检查减 30 次"


def test_nothing_is_told_where_the_year_before_has_no_ledger(tmp_path: Path) -> None:
    assert found(tmp_path, {"甲办": (0, 50)}) is None
    assert clause(None) == []


@pytest.mark.parametrize(("before", "after", "still"), [(100, 104, True), (100, 105, False)])
def test_a_total_hardly_moves_below_five_percent(
    tmp_path: Path, before: int, after: int, still: bool
) -> None:
    moved_ = found(tmp_path, {"甲办": (before, after)})
    assert moved_ is not None and moved_.still is still


@pytest.mark.parametrize(("by", "words"), [(0, "持平"), (3, "增 3"), (-31, "减 31")])
def test_a_change_of_a_count_in_words(by: float, words: str) -> None:
    assert way(by) == words
