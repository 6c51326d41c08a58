"""The filter bar and the year beside: what is pressed, what the link then says, what stands there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import cache

import pytest
import screens

from qmg_dash.figures.book import Book, shared
from qmg_dash.folder import store
from qmg_dash.kpis import KPIS, kpi
from qmg_dash.model import Filters
from qmg_dash.theme import Look
from qmg_dash.ui import link, menu, page
from qmg_dash.ui.charts import bars, two_years
from qmg_dash.ui.link import filters
from qmg_dash.ui.link.filters import FACETS, QUARTERS, Filter, Months
from qmg_dash.ui.link.scope import Scope
from qmg_dash.ui.slide import Drawing

DEMO = screens.ROOT / "data/demo"
BAR = (Filter("enforcement.actions", "action_type"), Filter("enforcement.actions", "area"))


# ---- what a press writes ----------------------------------------------------------------------------
@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[dict[str, list[str]]]]:
    """A link of some keys, and the links that are written in its place, one a step of Back."""
    steps: list[dict[str, list[str]]] = []

    class Address(dict[str, list[str]]):
        get_all = dict.__getitem__

        def from_dict(self, new: dict[str, list[str]]) -> None:
            steps.append(new)
            self.clear()
            self.update(new)

    def make(**keys: list[str]) -> list[dict[str, list[str]]]:
        monkeypatch.setattr(link.st, "query_params", Address(keys))
        return steps

    return make


def test_the_quarters_are_the_years_twelve_months() -> None:
    assert [m for months in QUARTERS.values() for m in months] == list(range(1, 13))
    assert [len(months) for months in QUARTERS.values()] == [3] * 4


@pytest.mark.parametrize("pressed", ["7-9", "4-4", "1-12", "", "3"])
def test_months_are_one_step_however_many(address: Callable, pressed: str) -> None:
    steps = address(year=["2023"], **{"from": ["2"], "to": ["5"]})
    filters.pick(BAR, "month", [pressed])
    first, _, last = pressed.partition("-")
    whole = pressed in ("", "1-12")
    months = {} if whole else {"from": [first], "to": [last or first]}
    assert steps == [{"year": ["2023"]} | months]
    filters.pick(BAR, "month", [pressed])
    assert len(steps) == (2 if pressed == "3" else 1), "the mark of a month gives it up again"


@pytest.mark.parametrize("wrong", ["9-7", "0-3", "7-13", "x-y", "7-", "-9", "7-9-11"])
def test_months_that_are_none_choose_nothing(address: Callable, wrong: str) -> None:
    steps = address()
    filters.pick(BAR, "month", [wrong])
    assert steps == []


def test_one_filter_is_taken_off_or_all(address: Callable) -> None:
    asked = {"area": ["甲", "乙"], "action_type": ["丙"], "from": ["3"], "to": ["5"]}
    steps = address(year=["2023"], **asked)
    filters.clear(BAR, "area")
    assert steps[-1] == {"year": ["2023"]} | {k: v for k, v in asked.items() if k != "area"}
    filters.clear(BAR, "month")
    assert steps[-1] == {"year": ["2023"], "action_type": ["丙"]}
    filters.clear(BAR, "year")
    assert len(steps) == 2, "what is no filter stays"
    filters.clear(BAR)
    assert steps[-1] == {"year": ["2023"]} and len(steps) == 3


# ---- what stands in the bar -------------------------------------------------------------------------
def pressed(screen: screens.Screen, cls: str) -> list[str]:
    buttons = [b for n in screen.root.all(cls=cls) for b in n.all("button")]
    return [b.text for b in buttons if b.attrs["aria-pressed"] == "true"]


def disabled(screen: screens.Screen, cls: str) -> list[str]:
    return [b.text for n in screen.root.all(cls=cls) for b in n.all("button", attr="disabled")]


def test_a_year_in_progress_ends_with_its_clock_and_a_finished_one_is_whole() -> None:
    now = screens.visit("/enforcement", data="demo", year=2023)
    assert pressed(now, "quarters") == ["1–9 月"]
    assert disabled(now, "quarters") == ["四季度"]
    assert disabled(now, "months") == ["10月", "11月", "12月"]
    then = screens.visit("/enforcement", data="demo", year=2022)
    assert pressed(then, "quarters") == ["全年"]
    assert disabled(then, "quarters") == disabled(then, "months") == []


@pytest.mark.parametrize("name", QUARTERS)
def test_each_quarter_is_its_months_in_the_link(name: str) -> None:
    months = QUARTERS[name]
    asked = {"data": "demo", "year": 2022, "from": months[0], "to": months[-1]}
    screen = screens.visit("/enforcement", **asked)
    assert pressed(screen, "quarters") == [name] and screen.filtered == name
    assert pressed(screen, "months") == [f"{m}月" for m in months]
    buttons = {b.text: b for n in screen.root.all(cls="quarters") for b in n.all("button")}
    assert buttons[name].attrs["data-pick"] == f"month|{months[0]}-{months[-1]}"


def test_months_of_no_quarter_stand_in_their_field() -> None:
    screen = screens.visit("/enforcement", data="demo", year=2022, **{"from": 3, "to": 5})
    assert pressed(screen, "quarters") == [] and screen.filtered == "月份 3–5 月"


def test_a_press_of_a_second_month_reaches_from_one_to_the_other() -> None:
    def asks(**months: int) -> dict[str, str]:
        screen = screens.visit("/enforcement", data="demo", year=2022, **months)
        found = [b for n in screen.root.all(cls="months") for b in n.all("button")]
        return {b.text: b.attrs["data-pick"].removeprefix("month|") for b in found}

    assert asks()["4月"] == "4-4"
    alone = asks(**{"from": 4, "to": 4})
    assert (alone["2月"], alone["4月"], alone["9月"]) == ("2-4", "", "4-9")
    assert asks(**{"from": 4, "to": 6})["9月"] == "9-9"


def test_measures_have_no_months_and_a_screen_of_months_alone_has_no_field() -> None:
    goals = screens.visit("/goals", data="demo")
    assert not goals.root.all(cls="quarters") and not goals.root.all(cls="months")
    assert {*goals.fields} == {f.name for f in FACETS}
    duty = screens.visit("/duty", data="demo")
    assert duty.fields == {} and duty.root.all(cls="quarters")
    assert isinstance(next(iter(menu_bar("/duty"))), Months)


def at(path: str) -> menu.Screen:
    return next(s for s in menu.screens() if s.path == path)


def menu_bar(path: str) -> tuple:
    return menu.module(at(path)).FILTERS


def test_a_filter_that_only_its_chart_sets_stands_in_the_bar_while_it_is_set() -> None:
    assert "penalty_class" not in screens.visit("/enforcement", data="demo").fields
    chosen = screens.visit("/enforcement", data="demo", penalty_class="罚款")
    assert chosen.filtered == "处罚种类 罚款"


# ---- two years side by side -------------------------------------------------------------------------
@cache
def scopes(**filters_: int) -> list[Scope]:
    snapshot = store.load(DEMO)
    pairs = [(2023, 2022), (2022, 2023)]
    asked = [(Filters(year, None, **filters_), other) for year, other in pairs]
    return [Scope(snapshot, f, Look(), "/", other=other) for f, other in asked]


CODES = [k.code for k in KPIS if k.formula and k.formula.date and not k.final]
QUARTER = {"month_from": 4, "month_to": 6}


@pytest.mark.parametrize("months", [{}, QUARTER], ids=["year", "quarter"])
@pytest.mark.parametrize("code", CODES)
def test_what_is_compared_is_the_other_years_figure_of_the_same_part(
    code: str, months: dict[str, int]
) -> None:
    """By the rows of each part by itself: whole months, and September, where the demo's clock ends."""
    for scope in scopes(**months):
        figure = scope.book.fig(code)
        before = scope.beside(figure).before
        if before is None or figure.basis != "ledger":
            continue
        first, last = (4, 6) if months else (1, 9)
        part = Filters(scope.then_year, None, first, last)
        same = shared(scope.snapshot, part).fig(code)
        assert (before.year, before.value) == (scope.then_year, same.value), scope.year


def test_a_later_year_in_progress_cuts_the_one_that_is_shown() -> None:
    _, scope = scopes()
    assert scope.against.now.filters.until == date(2022, 9, 30)
    assert scope.against.word == "较 2023 年" and scope.against.short == "2023 年同期"
    figure = scope.book.fig("disputes.resolved_rate_all")
    beside = scope.beside(figure)
    assert beside.now and beside.before
    assert (beside.now.numerator, beside.now.denominator) == (121, 134), "as it stood then"
    assert (beside.before.numerator, beside.before.denominator) == (121, 129)


CHARTS = {
    "/enforcement": ("areas", "trend"),
    "/disputes": ("disputes_months", "disputes.registered_type"),
    "/disclosure": ("cumulative",),
    "/power_list": ("composition",),
}


@pytest.mark.parametrize("present", [False, True], ids=["desk", "meeting"])
@pytest.mark.parametrize("path", CHARTS)
def test_the_other_year_stands_on_every_chart_and_in_what_it_says(path: str, present: bool) -> None:
    plain, beside = drawn(path, present), drawn(path, present, other=2022)
    for name in CHARTS[path]:
        assert name in beside, f"{name} is not drawn"
        assert "2022 年" in beside[name]
        assert "2022 年" not in plain[name] or name == "cumulative"


def drawn(path: str, present: bool, **more: int) -> dict[str, str]:
    """The words of every chart that a screen draws of the demo's year, by its key."""
    look = Look.of(False, present, 1920, 1080)
    bar = menu_bar(path)
    fields = tuple((f.name, f.label) for f in bar)
    scope = Scope(store.load(DEMO), Filters(2023), look, path, fields=fields, **more)
    found = Drawing(scope)
    for slide in menu.module(at(path)).slides(scope):
        slide.draw(found)
    return {plot.key: plot.chart.alt for plot in page.plots(found.pieces)}


def test_it_goes_with_link_scope_line_and_files() -> None:
    screen = screens.visit("/disputes", data="demo", year=2023, against=2022)
    assert "2023 年 1–9 月 · 对比 2022 年" in screen.root.words(cls="kick")
    copied = screen.root.all("button", attr="data-copy")[0].attrs["data-copy"]
    assert "against=2022" in copied
    files = [b.attrs["data-csv"] for b in screen.root.all("button", attr="data-csv")]
    assert files and all("对比年度" in f.splitlines()[0] for f in files)
    assert all(",2022" in f.splitlines()[1] for f in files)


@pytest.mark.parametrize(
    ("asked", "said"), [("2023", "与年度相同"), ("1999", "不存在"), ("abc", "不存在")]
)
def test_a_year_that_cannot_stand_beside_is_said(asked: str, said: str) -> None:
    screen = screens.visit("/disputes", data="demo", year=2023, against=asked)
    assert [said in b and "对比年度" in b for b in screen.banners] == [True]
    assert "对比" not in screen.root.words(cls="kick")


def test_it_is_chosen_at_once_and_gives_way_to_the_year_itself() -> None:
    app = screens.start("/disputes", data="demo", year=2023)
    screens.shown("/disputes", app)
    app.segmented_control(key="s_against").select(2022)
    screen = screens.shown("/disputes", app)
    assert app.query_params["against"] in ("2022", ["2022"])
    assert "对比 2022 年" in screen.root.words(cls="kick")
    app.selectbox(key="s_year").select(2022)
    screen = screens.shown("/disputes", app)
    assert "against" not in app.query_params and screen.banners == []


def test_bars_of_what_only_the_other_year_has_stand_there_with_0() -> None:
    snapshot = store.load(DEMO)
    book = shared(snapshot, Filters(2023, None, 1, 1))
    row = kpi("disputes.registered")
    mine = {f.part for f in book.split(row.code, "type")}
    theirs = {f.part for f in shared(snapshot, Filters(2022, None, 1, 1)).split(row.code, "type")}
    gone = theirs - mine
    asked = {"data": "demo", "year": 2023, "from": 1, "to": 1, "against": 2022}
    screen = screens.visit("/disputes", **asked)
    chart = next(b for b in screen.root.all(attr="data-chart") if "type" in b.attrs["data-chart"])
    for part in gone:
        assert f"{part.text} 0 件" in chart.attrs["aria-label"]


def test_no_data_of_the_other_year_is_no_bar_and_no_0() -> None:
    look = Look()
    parts = _book().split("disputes.registered", "type")
    made = bars(parts, None, [], look)
    beside = two_years.on_bars(made, [None] * len(made.rows), 2022, "件", look)
    assert beside.figure["data"][1]["x"] == []
    assert all(row[-1] is None for row in beside.rows)


def _book() -> Book:
    return shared(store.load(DEMO), Filters(2023))


# ---- why it changed -----------------------------------------------------------------------------------
def test_a_change_opens_why_with_its_parts() -> None:
    screen = screens.visit("/", data="demo", year=2023)
    buttons = {b.attrs["data-rows"]: b.text for b in screen.root.all("button", "why")}
    assert buttons["enforcement.penalties||||why"] == "同比增 1 件"
    opened = screens.visit("/", data="demo", year=2023, rows="enforcement.penalties||||why")
    table = opened.table("变化的构成")
    assert table[0][1:3] == ["上年同期", "本期"] and table[-1][1:] == ["158", "159", "+1"]


def test_a_wall_has_the_words_and_no_button() -> None:
    slides = screens.slides("/", data="demo", year=2023)
    assert any("同比增 8.6%" in s.text for s in slides)
    assert not [b for s in slides for b in s.root.all("button", "why")]


def test_what_has_no_year_before_says_so() -> None:
    first = screens.visit("/disputes", data="demo", year=2022)
    assert "上年无数据" in first.text and "同比" not in first.root.words(cls="wall")


@pytest.mark.parametrize("present", [False, True], ids=["desk", "meeting"])
@pytest.mark.parametrize(
    ("path", "mark", "count"), [("/enforcement", ".gap-row u", 5), ("/disputes", ".bars svg", 8)]
)
def test_the_other_year_stands_on_pictures_of_markup(
    path: str, mark: str, count: int, present: bool
) -> None:
    """Rates have a tick, villages a line, and what they say names the year."""
    at_, tag = mark.split()
    for other in (None, 2022):
        root = screens.parse(written(path, present, other=other))
        found = [n for part in root.all(cls=at_.removeprefix(".")) for n in part.all(tag)]
        assert len(found) == (count if other else 0)
        said = [n.attrs["aria-label"] for n in root.all(attr="aria-label")]
        assert any("；2022 年：" in words for words in said) is bool(other)


def written(path: str, present: bool, **more: int | None) -> str:
    """The markup of a screen of the demo's year."""
    bar = menu_bar(path)
    fields = tuple((f.name, f.label) for f in bar)
    look = Look.of(False, present, 1920, 1080)
    scope = Scope(store.load(DEMO), Filters(2023), look, path, fields=fields, **more)
    found = Drawing(scope)
    for slide in menu.module(at(path)).slides(scope):
        slide.draw(found)
    made = page.painted([p for p in found.pieces if not hasattr(p, "draw")])
    return "".join(slot.safe_str for slot in made.slots)
