"""Every screen, at the desk and in meeting mode, for every year of the official and demo folders."""

from __future__ import annotations

import re
from collections import Counter

import pytest
import screens
from screens import PAGES, PATHS, ROOT, Screen
from streamlit.testing.v1 import AppTest

from qmg_dash import escaping
from qmg_dash.figures import coverage
from qmg_dash.folder import store
from qmg_dash.model import Filters
from qmg_dash.theme import Look
from qmg_dash.ui import blocks, menu, page
from qmg_dash.ui.link.scope import Scope
from qmg_dash.ui.slide import Drawing

FOLDERS = {"official": ROOT / "data", "demo": ROOT / "data/demo"}
NATURE = {"official": "正式数据", "demo": "演示数据"}
CASES = [(path, data) for path in PATHS for data in FOLDERS if FOLDERS[data].is_dir()]

FIGURE = re.compile(r"\d")
"""A title states a figure: a digit that is not a year's."""


def years(data: str) -> list[int]:
    """Every year that the folder has a figure for; there is at least one."""
    found = coverage.years(store.store(FOLDERS[data]).current())
    assert found
    return found


def states_a_figure(title: str) -> bool:
    return bool(FIGURE.search(re.sub(r"\d{4} 年", "", title))) or "尚无" in title


def tells_its_scope(screen: Screen, data: str, year: int) -> None:
    """Town, year, nature, as-of and, at the desk, data version stand on the screen."""
    snapshot = store.store(FOLDERS[data]).current()
    town = snapshot.town
    said = screen.text
    assert town.name in said or town.short_name in said
    assert screens.says_year(year, said)
    assert NATURE[data] in said
    assert f"数据截至 {snapshot.clock()}" in said
    wall = bool(screen.root.all(cls="page"))
    assert (f"数据版本 {snapshot.version}" in said) != wall, "a wall has no hash"


def test_the_screens_of_the_contract_are_there() -> None:
    contract = """/ /power_list /enforcement /disclosure /goals /decisions /disputes /learning
        /services /duty /trust"""
    assert set(contract.split()) <= set(PATHS)


def test_the_menu_lists_the_screens_in_the_order_of_a_meeting() -> None:
    at = screens.start()
    at.run()
    assert not at.exception
    always = "总览 需马上处理 目标进展 会议交办 执法活动 权力清单 信息公开 决策审查 纠纷复议 学法普法 营商服务 第一责任人 数据口径"
    shown = sorted(menu.screens(), key=lambda s: s.rank)
    titles = [s.title for s in shown if not s.occasional]
    assert titles == always.split()
    occasional = [s.title for s in shown if s.occasional]
    assert occasional == ["自上次会议以来"], "in the menu with a former version"


def test_two_people_never_run_the_same_page_object(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page remembers whether it may be run: shared, one run would take the right from another."""
    screens.visit()  # pages that are made outside of a run are none, and kept all the same
    declared: list[list] = []
    monkeypatch.setattr(menu.st, "navigation", lambda found, **_: declared.append(found))
    menu.navigate(hidden=False)
    menu.navigate(hidden=False)
    first, second = declared
    assert len(first) == len(second) == len(menu.screens())
    assert not any(a is b for a, b in zip(first, second, strict=True))


@pytest.mark.parametrize(("path", "data"), CASES)
def test_a_screen_states_its_finding_and_scope_for_every_year(path: str, data: str) -> None:
    for year in years(data):
        screen = screens.visit(path, year=year, data=data)
        assert states_a_figure(screen.title), screen.title
        tells_its_scope(screen, data, year)
        assert screen.banners == []


NOTHING_THERE = ("/todo", "/assignments")
"""Screens of which the official folder has nothing: nothing is owed there, nothing was asked for."""


@pytest.mark.slow
@pytest.mark.parametrize(("path", "data"), CASES)
def test_every_slide_states_its_finding_and_scope_for_every_year(path: str, data: str) -> None:
    for year in years(data):
        slides = screens.slides(path, year=year, data=data)
        if not slides:
            assert data == "official" and path in NOTHING_THERE
            continue
        assert slides[0].title == screens.visit(path, year=year, data=data).title
        for slide in slides:
            assert states_a_figure(slide.title), slide.title
            tells_its_scope(slide, data, year)
            assert slide.banners == []


@pytest.mark.parametrize("path", PATHS)
def test_demo_figures_are_marked_and_official_ones_are_not(path: str) -> None:
    demo, official = screens.visit(path, data="demo"), screens.visit(path)
    assert "演示数据 · 不得引用" in demo.text
    assert "演示" not in official.text.replace("演示数据：", "")
    town = store.store(FOLDERS["official"]).current().town
    assert town.name not in demo.sent()
    assert town.short_name not in demo.sent()


@pytest.mark.slow
@pytest.mark.parametrize("data", FOLDERS)
def test_a_meeting_goes_through_what_opens_it_and_every_other_screen_in_the_menus_order(
    data: str,
) -> None:
    deck, rest, titles = [], [], []
    others = [s.path for s in menu.screens() if not s.occasional and s.path != "/assignments"]
    for path in ("/assignments", *others):
        for slide in screens.slides(path, data=data):
            (rest if slide.in_appendix else deck).append(slide.position)
            titles.append(slide.title)
    assert len(titles) >= len(PAGES) - len(NOTHING_THERE)
    assert deck == [(n, len(deck)) for n in range(1, len(deck) + 1)]
    groups = Counter(total for _, total in rest)
    assert all(count % total == 0 for total, count in groups.items()), "each is whole"
    assert len(set(titles)) > len(titles) / 2


def test_the_first_run_of_a_meeting_draws_the_slide_and_its_neighbours_and_the_rest_follow() -> (
    None
):
    planned = "会;overview:main;trust:main;disclosure:main;duty:main;goals:main;learning"
    app = screens.start("/disclosure", present="true", data="demo", agenda=planned)
    assert screens.shown("/disclosure", app).position == (3, 6)
    assert standing(app) == [1, 2, 3]
    app.session_state["meeting"] = {"whole": True}
    screens.shown("/disclosure", app)
    assert standing(app) == list(range(len(screens.told(app)["slots"])))


def standing(app: AppTest) -> list[int]:
    return [n for n, slide in enumerate(screens.told(app)["slots"]) if slide]


@pytest.mark.parametrize("path", PATHS)
def test_every_figure_opens_to_its_definition_source_and_place(path: str) -> None:
    screen = screens.visit(path)
    for card in screen.root.all(attr="data-code"):
        tag = card.all("details", "src")
        assert len(tag) == 1, card.text
        terms = [n.text.strip() for n in tag[0].all("dt")]
        facts = [n.text.strip() for n in tag[0].all("dd")]
        said = dict(zip(terms, facts, strict=True))
        assert said["口径"] and said["来源"] and said["数据截至"]
        if tag[0].all("summary", "tag-reported"):
            assert re.search(r"reported\.csv 第 \d+ 行", said["来源"])
            assert re.search(r"一（[一二三四五六七]）", said["来源"])


def test_a_split_without_rows_says_so_in_its_panel() -> None:
    none = Filters(2023).with_values(area=("城市管理",), department=("示例镇以外的机构",))
    demo = store.load(FOLDERS["demo"])
    drawing = Drawing(Scope(demo, none, Look(), "/enforcement"))
    blocks.split_panel(drawing, "enforcement.actions", "action_type")
    said = escaping.html(*page.markup(drawing.pieces)).safe_str
    assert "没有执法行为的记录" in said and "放宽筛选" in said
