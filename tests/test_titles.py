"""Titles and shares of towns that publish a part: what is not published is not made up."""

from __future__ import annotations

from pathlib import Path

import folders
import pytest
import screens

from qmg_dash import escaping, fmt
from qmg_dash.figures import findings, matters
from qmg_dash.figures.arithmetic import share
from qmg_dash.figures.book import Book, shared
from qmg_dash.folder import store
from qmg_dash.model import Filters
from qmg_dash.theme import Look
from qmg_dash.ui import blocks, menu
from qmg_dash.ui.link.scope import Scope
from qmg_dash.ui.slide import Drawing


def book(folder: Path, published: dict[str, str], code: str = "power.items", **tables) -> Book:
    """A town's book of 2023: parts of a KPI as published ("" is its total), and ledgers."""
    folders.put_town(folder)
    row = {"year": "2023", "indicator": code, "source": "年度报告"}
    folders.put_table(
        folder, "reported", [row | {"dimension": d, "value": v} for d, v in published.items()]
    )
    for name, rows in tables.items():
        folders.put_table(folder, name, rows)
    return shared(store.load(folder), Filters(2023))


def test_published_parts_have_no_share_in_what_a_ledger_has_counted(tmp_path: Path):
    listed = {"power_items": folders.GOOD["power_items"]}
    two = book(tmp_path, {"行政处罚": "36", "行政许可": "4"}, **listed)
    assert two.fig("power.total").value == 2, "the ledger's"
    whole = two.whole("power.items")
    assert (whole.value, whole.basis) == (40, "reported")
    assert findings.power(two).text == "行政处罚 36 项，占 40 项的 90%"
    town = tmp_path / "other"
    site = book(
        town,
        {"channel=政府网站": "600"},
        "disclosure.published",
        disclosures=folders.GOOD["disclosures"],
    )
    part = site.fig("disclosure.published", "channel=政府网站")
    assert share(part, site.whole("disclosure.published")) is None


def test_the_enforcing_part_is_known_where_all_three_are_listed(tmp_path: Path):
    held = findings.powers_held
    two = book(tmp_path / "two", {"行政处罚": "36", "行政强制": "13"})
    assert not held(two).known
    three = book(tmp_path / "three", {"行政处罚": "36", "行政强制": "13", "行政检查": "0"})
    assert fmt.text(held(three)) == "49项"


@pytest.mark.parametrize(
    ("code", "value", "path", "title"),
    [
        ("enforcement.fines", "11817.5", "enforcement", "罚没金额 11,817.5 元"),
        ("disclosure.t2.fees", "1753.79", "disclosure", "行政事业性收费 1753.79 万元"),
        ("documents.abolished", "1", "decisions", "废止文件 1 件"),
        ("disclosure.form", "2021", "disclosure", "2023 年尚无信息公开数据"),
    ],
)
def test_a_title_says_that_there_are_no_data_only_where_there_are_none(
    tmp_path: Path, code: str, value: str, path: str, title: str
):
    """The only figure of a screen is none of those that its title prefers."""
    town = book(tmp_path, {"": value}, code)
    assert getattr(findings, path)(town).text == title
    whole = findings.overview([], [], findings.first(town), 2023, {}).text
    assert whole == (f"2023 年有 1 项数据：{title}" if "尚无" not in title else "2023 年尚无数据")
    duty = findings.pair(town, ("learning.study_sessions", "adviser.meetings"), "第一责任人履职")
    assert duty.text == "2023 年尚无第一责任人履职数据"


def test_a_title_says_nothing_twice(tmp_path: Path):
    """Two identities of different weight are broken: one word for both, in the graver tone."""
    folders.put_town(tmp_path)
    row = {"year": "2023", "source": "年度报告"}
    rules = row | {"indicator": "disclosure.t2.rules", "dimension": "制发", "value": "1"}
    total = row | {"indicator": "power.total", "value": "5"}
    part = row | {"indicator": "power.items", "dimension": "行政处罚", "value": "4"}
    folders.put_table(tmp_path, "reported", [rules, total, part])
    at = shared(store.load(tmp_path), Filters(2023))
    found = matters.found(at, [])
    title = findings.overview(found, matters.clauses(found), [], 2023, {})
    assert title.parts == (("2 处勾稽不符", findings.BAD),)


@pytest.mark.parametrize("present", [False, True])
@pytest.mark.parametrize("with_practices", [False, True])
def test_a_screen_without_any_figure_says_what_would_give_one(
    tmp_path: Path, present: bool, with_practices: bool
):
    """And nothing else: no panel stands empty beside it; its mechanisms, where it has some, stay."""
    more = {"practices": folders.GOOD["practices"]} if with_practices else {}
    town = book(tmp_path, {"": "5"}, "learning.study_sessions", **more)
    silent = 0
    for screen in (s for s in menu.screens() if s.path in screens.PATHS):
        scope = Scope(town.snapshot, Filters(2023), Look(present=present), screen.path)
        for slide in menu.module(screen).slides(scope):
            drawn = blocks.drawer(slide, scope)
            if not slide.finding.empty:
                assert drawn is slide.draw
                continue
            silent += 1
            if scope.practices():
                assert screen.path == "/enforcement" and drawn is slide.draw
                continue
            drawing = Drawing(scope)
            drawn(drawing)
            (piece,) = drawing.pieces
            said = screens.parse(escaping.html(piece.body).safe_str)
            assert len(said.all(cls="panel")) == 1 and "无数据" in said.words(cls="empty")
            wanted = "报送" if present else "reported.csv"
            assert wanted in said.words(cls="empty")
    assert silent >= 5
