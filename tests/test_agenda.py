"""议程: what a link says of a meeting is what is shown, in its order; what is not there is said."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import screens
from hypothesis import given, settings
from hypothesis import strategies as st
from screens import PATHS, ROOT

from qmg_dash.figures import assigned, matters
from qmg_dash.folder import store
from qmg_dash.folder.snapshot import Snapshot
from qmg_dash.model import Filters
from qmg_dash.tables import TABLES
from qmg_dash.theme import Look
from qmg_dash.ui import link, menu
from qmg_dash.ui.link import agenda
from qmg_dash.ui.link.agenda import Agenda, Item
from qmg_dash.ui.link.scope import Scope, spans
from qmg_dash.ui.meeting import deck
from qmg_dash.ui.page import plots
from qmg_dash.ui.slide import MAIN, Drawing, Slide

WORDS = st.text(st.characters(categories=("L", "N")), min_size=1, max_size=8)
ITEMS = st.builds(
    Item,
    st.sampled_from(PATHS),
    st.just("")
    | st.integers(1, 99).map(str)
    | st.from_regex(r"[a-z][a-z0-9-]{0,9}", fullmatch=True),
    st.dictionaries(
        st.sampled_from(["area", "from", "类型"]), st.lists(WORDS, min_size=1), max_size=2
    ),
)


@settings(deadline=None)
@given(WORDS, st.lists(ITEMS, min_size=1, max_size=agenda.MOST))
def test_an_agenda_reads_back_as_it_was_written(name: str, items: list[Item]) -> None:
    said: list[str] = []
    written = Agenda(name, tuple(items))
    whole = agenda.read(written.text, PATHS, said.append) == written and not said
    assert whole == (len(written.text) <= link.AGENDA.longest), said


@settings(deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_read_or_said(text: str) -> None:
    said: list[str] = []
    found = agenda.read(text, PATHS, said.append)
    assert found is not None or said
    assert all("\n" not in s and len(s) < 100 for s in said)


def test_a_name_cannot_end_itself() -> None:
    assert agenda.clean("一;二\n 三") == "一；二 三"


def test_more_items_than_a_link_may_hold_are_said() -> None:
    said: list[str] = []
    found = agenda.read(";".join(["会", *["trust"] * (agenda.MOST + 1)]), PATHS, said.append)
    assert found and len(found.items) == agenda.MOST
    assert any(str(agenda.MOST) in s for s in said)


def shown(text: str, path: str = "/", **query: str) -> tuple[list[str], screens.Screen]:
    """(the scope lines of a meeting's slides in order, the slide it opens with)."""
    app = screens.start(path, present="true", agenda=text, **query)
    app.session_state["meeting"] = {"whole": True}
    screen = screens.shown(path, app)
    read = [screens.parse(s or "").words(cls="kick") for s in screens.told(app)["slots"]]
    return [k for k in read if k], screen


def test_a_meeting_shows_the_slides_of_its_agenda_in_its_order() -> None:
    lines, screen = shown("例会;trust;enforcement:2;power_list;overview", data="demo")
    names = [line.split(" · ")[1] for line in lines]
    first = sum(s["of"] is None for s in screen.told["meeting"]["slides"])
    planned, rest = names[:first], names[first:]
    assert list(dict.fromkeys(planned)) == ["数据口径", "执法活动", "权力清单", "总览"]
    assert planned.count("执法活动") == 1
    assert set(rest) <= {"数据口径", "权力清单", "总览"} and rest == sorted(
        rest, key=planned.index
    ), "the rest of a whole screen is its appendix"
    for path, title in (("/power_list", "权力清单"), ("/", "总览")):
        assert names.count(title) == len(slides("demo", path))
    assert all("例会" in line for line in lines)
    here = (first - planned.count("总览") + 1, first)
    assert screen.position == here, "the link's own screen comes last"
    assert screen.banners == []


def test_an_item_has_filters_of_its_own() -> None:
    lines, _ = shown(
        "会;enforcement:1?area=生态环境;enforcement:1;enforcement:1?from=1&to=3", data="demo"
    )
    assert ["生态环境" in line for line in lines] == [True, False, False]
    assert ["1–3 月" in line for line in lines] == [False, False, True]


def test_what_an_agenda_names_in_vain_is_said_and_the_rest_is_shown() -> None:
    lines, screen = shown("会;nowhere;power_list:77;duty;disputes?area=x", "/duty")
    assert len(lines) >= 2
    for word in ("nowhere", "第 77 页"):
        assert any(word in b for b in screen.banners), screen.banners


def test_an_agenda_of_nothing_shows_every_screen_and_says_so() -> None:
    lines, screen = shown("会;nowhere")
    assert len(lines) >= len(PATHS) - 1  # nothing was asked for
    assert any("全部屏幕" in b for b in screen.banners)


# ---- what slides are called -------------------------------------------------------------------------
LEDGERS = [t.name for t in TABLES if t.path.startswith("ledgers/")]
FOLDERS = ["official", "demo", *LEDGERS]
"""The town's own data, the demo, the demo without one of its ledgers."""


@cache
def data(folder: str) -> Snapshot:
    if folder == "official":
        return store.load(ROOT / "data")
    if folder == "demo":
        return store.load(ROOT / "data/demo")
    with TemporaryDirectory() as at:
        less = Path(at) / "less"
        shutil.copytree(ROOT / "data/demo", less, ignore=shutil.ignore_patterns(".history"))
        gone = next(t.path for t in TABLES if t.name == folder)
        for file in less.glob(f"{gone.rpartition('.')[0]}.*"):
            file.unlink()
        return store.load(less)


def scope(folder: str, path: str = "/", present: bool = True, written: str = "") -> Scope:
    snapshot = data(folder)
    year = 2023 if folder != "official" else 2025
    look = Look.of(False, present, 1920, 1080)
    extra = (("agenda", written),) if written else ()
    return Scope(snapshot, Filters(year), look, path, extra=extra)


def slides(folder: str, path: str, present: bool = True) -> list[Slide]:
    screen = next(s for s in menu.screens() if s.path == path)
    return menu.module(screen).slides(scope(folder, path, present))


def planned(folder: str, written: str) -> tuple[list[str], list[str]]:
    """(the names of an agenda's slides, what is said)."""
    said: list[str] = []
    places = deck.deck(scope(folder, written=written), said.append)
    return [f"{p.scope.path.strip('/') or agenda.HOME}:{p.slide.name}" for p in places], said


def charts(folder: str, path: str, slide: Slide) -> set[str]:
    """The charts on a slide."""
    s = Drawing(scope(folder, path))
    slide.draw(s)
    return {plot.key for plot in plots(s.pieces)}


@pytest.mark.parametrize("present", [False, True], ids=["desk", "meeting"])
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("folder", FOLDERS)
def test_the_names_of_a_screens_slides_are_ascii_and_each_its_own(
    folder: str, path: str, present: bool
) -> None:
    names = [s.name for s in slides(folder, path, present)]
    if not names:
        at = scope(folder, path)
        nothing = {
            "/todo": not matters.opened(at.matters),
            "/assignments": not assigned.last_time(at.snapshot),
        }
        assert present and nothing[path], "only where nothing is owed or asked for is no slide"
        return
    assert MAIN in names[:2], "what the screen opens with, or behind what it has to say first"
    assert len(set(names)) == len(names), names
    assert [n for n in names if not agenda.NAME.fullmatch(n)] == []
    kinds = [re.sub(r"-[0-9]+$", "", n) for n in names]
    for name in names:
        if found := re.fullmatch(r"(main|others|mechanisms|attention)-([0-9]+)", name):
            assert kinds.count(found[1]) >= int(found[2]), "numbered from 2 without a gap"


@pytest.mark.parametrize("path", PATHS)
def test_a_slide_is_called_the_same_at_the_desk_and_in_a_meeting(path: str) -> None:
    def called(present: bool) -> dict[tuple[str, str], str]:
        found = slides("demo", path, present)
        return {(s.draw.__qualname__, s.finding.text): s.name for s in found}

    desk, wall = called(False), called(True)
    assert {k: v for k, v in desk.items() if k in wall} == {k: wall[k] for k in desk if k in wall}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("folder", LEDGERS)
def test_a_name_means_the_same_slide_whatever_the_data_are(folder: str, path: str) -> None:
    whole = {s.name: s for s in slides("demo", path)}
    for less in slides(folder, path):
        if less.name != MAIN and (full := whole.get(less.name)):
            assert less.draw.__qualname__ == full.draw.__qualname__
            assert charts(folder, path, less) <= charts("demo", path, full)


@pytest.mark.parametrize("path", PATHS)
def test_an_agenda_shows_exactly_the_slides_that_were_chosen_in_their_order(path: str) -> None:
    screen = path.strip("/") or agenda.HOME
    names = [f"{screen}:{s.name}" for s in slides("demo", path)]
    for chosen in ([*reversed(names)], names[1::2], names[-1:], [*names[:1], "trust:main", *names]):
        if chosen:
            assert planned("demo", ";".join(["会", *chosen])) == (chosen, [])


@pytest.mark.parametrize("folder", LEDGERS)
def test_a_slide_that_the_data_do_not_have_is_said_and_nothing_else_moves(folder: str) -> None:
    for path in PATHS:
        screen = path.strip("/") or agenda.HOME
        names = [s.name for s in slides("demo", path)]
        left = [s.name for s in slides(folder, path)]
        chosen = [f"{screen}:{n}" for n in names]
        found, said = planned(folder, ";".join(["会", *chosen]))
        assert found == [f"{screen}:{n}" for n in names if n in left]
        gone = [n for n in names if n not in left]
        assert len(said) == len(gone)
        assert all(f"“{n}”" in s for n, s in zip(gone, said, strict=True))


def test_some_ledger_moves_the_numbers_of_slides() -> None:
    whole = [s.name for s in slides("demo", "/power_list")]
    less = [s.name for s in slides("enforcement_actions", "/power_list")]
    assert "dormant" in whole and "dormant" not in less
    after = whole[whole.index("dormant") + 1]
    assert less.index(after) != whole.index(after)


def test_an_agenda_of_slides_that_are_not_there_shows_one_that_is_and_says_so() -> None:
    found, said = planned("enforcement_actions", "会;power_list:dormant")
    assert found and {f.partition(":")[0] for f in found} == {"overview"}
    assert ["dormant" in s for s in said] == [True, False] and "总览" in said[1]


@pytest.mark.parametrize("present", ["false", "true"], ids=["desk", "meeting"])
def test_what_an_agenda_or_a_slide_names_in_vain_is_said_once(present: str) -> None:
    screen = screens.visit(
        "/duty", agenda="会;power_list:nowhere;duty", slide="nothing", present=present, data="demo"
    )
    assert sorted(w for b in screen.banners for w in ("nowhere", "nothing") if w in b) == [
        "nothing",
        "nowhere",
    ], screen.banners


@pytest.mark.parametrize("slide", ["dormant", "power_list:dormant"])
def test_a_link_opens_a_slide_by_its_name(slide: str) -> None:
    screen = screens.visit("/power_list", data="demo", present="true", slide=slide)
    assert screen.banners == []
    assert "未行使的权力" in screen.text
    number = [s.name for s in slides("demo", "/power_list")].index("dormant") + 1
    before = screens.visit("/power_list", data="demo", present="true", slide=number)
    assert (before.position, before.title) == (screen.position, screen.title), (
        "an old link's number"
    )


def test_a_screen_that_stands_twice_opens_under_the_links_filters() -> None:
    text = "会;enforcement:days?area=城市管理;enforcement:days?area=生态环境"
    for number, area in enumerate(("城市管理", "生态环境"), 1):
        _, screen = shown(text, "/enforcement", data="demo", area=area, slide="days")
        assert screen.position == (number, 2)


# ---- the planner ------------------------------------------------------------------------------------
def opened(path: str = "/power_list", **query: object) -> dict:
    """What the planner is told, opened over this screen."""
    app = screens.start(path, data="demo", **query)
    app.session_state["planning"] = True
    screens.shown(path, app)
    return screens.planner(app)


def test_the_planner_offers_every_slide_by_its_title_under_a_name_that_stays() -> None:
    told = opened()
    titles = {s.path: s.title for s in menu.screens()}
    assert [offer["screen"] for offer in told["offers"]] == [titles[p] for p in order()]
    for path, offer in zip(order(), told["offers"], strict=True):
        screen = path.strip("/") or agenda.HOME
        rows = offer["lines"]
        if len(visited(path)) > 1:
            whole, *rows = rows
            assert (whole["item"], "整屏" in whole["title"]) == (screen, True)
        assert [(r["item"], r["title"], r["rest"]) for r in rows] == [
            (f"{screen}:{s.name}", s.finding.text, not s.leads) for s in visited(path)
        ]
        paths = [s.path for s in menu.screens()]
        for row in offer["lines"]:
            read = agenda.read(f"会;{row['item']}", paths, lambda _: pytest.fail(str(_)))
            assert read and read.items[0].text == row["item"]


def visited(path: str) -> list[Slide]:
    """The slides of a screen on the wall, as a link without years has them."""
    at = scope("demo", path)
    years = Filters(2023, goal_year=spans(at.snapshot)[1][0])
    screen = next(s for s in menu.screens() if s.path == path)
    return menu.module(screen).slides(replace(at, filters=years))


def order() -> list[str]:
    """The screens that a meeting has, in the menu's order."""
    return [s.path for s in menu.screens() if s.path in PATHS]


def test_the_planner_says_what_is_planned_and_what_is_not_there() -> None:
    told = opened(
        agenda="例会;power_list:dormant;power_list:2;duty:nowhere;enforcement?area=生态环境"
    )
    assert told["name"] == "例会"
    second = visited("/power_list")[1].name
    assert told["items"][:3] == ["power_list:dormant", f"power_list:{second}", "duty:nowhere"], (
        "a number of before is a name now"
    )
    assert "nowhere" in told["words"]["duty:nowhere"] and "略过" in told["words"]["duty:nowhere"]
    (filtered,) = (v for k, v in told["words"].items() if k.startswith("enforcement?"))
    assert "执法活动" in filtered and "生态环境" in filtered


def test_the_planner_offers_this_screen_under_its_filters() -> None:
    told = opened("/enforcement", area="生态环境")
    assert told["own"] == Item("/enforcement", "", {"area": ["生态环境"]}).text
    assert "生态环境" in told["words"][told["own"]]
    assert "?" not in opened("/enforcement")["own"]


@pytest.mark.parametrize(
    ("show", "title"),
    [("", "总览"), ("power_list:dormant", "权力清单"), ("nowhere", "总览"), ("trust:none", "总览")],
)
def test_the_planner_shows_a_slide_as_the_wall_will(show: str, title: str) -> None:
    app = screens.start("/", data="demo")
    app.session_state["planning"] = True
    app.session_state["planner"] = {"planned": ["会", show]}
    screens.shown("/", app)
    seen = screens.planner(app)["seen"]
    path = next(s.path for s in menu.screens() if s.title == title)
    name = show.partition(":")[2] if title != "总览" else MAIN
    slide = next(s for s in visited(path) if s.name == name)
    assert seen["title"] == f"{title}：{slide.finding.text}"
    root = screens.parse(seen["html"])
    assert root.words("h1") == slide.finding.text
    assert "不得引用" in root.words(cls="demo-note") and not root.all(attr="data-rows")
    boxes = {n.attrs["data-chart"] for n in root.all(attr="data-chart")}
    assert boxes == set(seen["charts"])
    assert bool(boxes) == bool(charts("demo", path, slide))
