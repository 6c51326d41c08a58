"""附页: a slide that asks for nothing is behind its screen's deck, in one place, and never lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from itertools import groupby
from urllib.parse import parse_qsl
from zlib import crc32

import pytest
import screens
import simple_html as h
from screens import ROOT

from qmg_dash.folder import store
from qmg_dash.folder.snapshot import Snapshot
from qmg_dash.model import Filters
from qmg_dash.theme import Look
from qmg_dash.ui import menu
from qmg_dash.ui.link.scope import Scope
from qmg_dash.ui.meeting import deck, single_file
from qmg_dash.ui.meeting.deck import Place
from qmg_dash.ui.slide import Slide

Rule = Callable[[Slide], bool]

RULES: dict[str, Rule] = {
    "none": lambda _: False,
    "all": lambda _: True,
    "the first of each screen": lambda s: s.name == "main",
    "all but the first": lambda s: s.name != "main",
    "a third": lambda s: crc32(s.finding.text.encode()) % 3 == 0,
    "a tenth": lambda s: crc32(s.finding.text.encode()) % 10 == 0,
}
"""Which slides lead, whatever they say."""


@pytest.fixture(params=RULES, ids=str)
def planted(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Rule:
    """A rule that holds instead of the findings' grades."""
    rule = RULES[request.param]
    leads = property(lambda s: rule(s) if s.deck is None else s.deck)
    monkeypatch.setattr(Slide, "leads", leads)
    return rule


FOLDERS = {"demo": 2023, "report": 2022, "empty": 2025}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Snapshot]:
    bare = tmp_path_factory.mktemp("bare")
    (bare / "town.toml").write_text('[town]\nname = "空白镇"\n', encoding="utf-8")
    at = {"demo": ROOT / "data/demo", "report": ROOT / "data", "empty": bare}
    return {name: store.load(folder) for name, folder in at.items()}


def scope(snapshot: Snapshot, year: int, written: str = "") -> Scope:
    extra = (("agenda", written),) if written else ()
    return Scope(snapshot, Filters(year), Look.of(False, True, 1920, 1080), "/", extra=extra)


def meeting(at: Scope) -> tuple[Place, ...]:
    said: list[str] = []
    found = deck.deck(at, said.append)
    assert said == []
    return found


def named(place: Place) -> tuple[str, str]:
    return place.scope.path, place.slide.name


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_slide_is_in_the_deck_or_once_in_the_appendix(
    folder: str, data: dict[str, Snapshot], planted: Rule
) -> None:
    at = scope(data[folder], FOLDERS[folder])
    every, found = deck.every(at), meeting(at)
    assert Counter(map(named, found)) == Counter(map(named, every))
    assert set(Counter(map(named, found)).values()) == {1}
    lead = [p for p in found if p.of is None]
    assert list(found[: len(lead)]) == lead, "the deck is in front"
    asked = [named(p) for p in every if p.slide.leads]
    assert [named(p) for p in lead] == (asked or [("/", "main")])


def test_where_nothing_asks_for_anything_the_first_slide_of_all_stands_alone(
    data: dict[str, Snapshot],
) -> None:
    places = deck.every(scope(data["demo"], 2023))
    plain = [replace(p, slide=replace(p.slide, deck=False)) for p in places]
    blocks = [tuple(p) for _, p in groupby(plain, lambda p: p.scope.path)]
    found = deck.arranged(blocks)
    assert [named(p) for p in found if p.of is None] == [("/", "main")]
    assert {p.of for p in found[1:]} == {0} and len(found) == len(places)


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_slide_of_the_appendix_belongs_to_the_last_of_its_screens_deck_before_it(
    folder: str, data: dict[str, Snapshot], planted: Rule
) -> None:
    at = scope(data[folder], FOLDERS[folder])
    found = meeting(at)
    total = deck.main(found)
    for place in found[total:]:
        own = [i for i in range(total) if found[i].scope.path == place.scope.path]
        before = [i for i in own if found[i].number < place.number]
        assert place.of == (before[-1] if before else own[0] if own else 0)
        assert found[place.of].group == place.group
        if not own:
            assert place.group == found[0].group, "a screen without one goes with the first"


@pytest.mark.parametrize("folder", FOLDERS)
def test_what_is_turned_together_stands_together_and_is_counted(
    folder: str, data: dict[str, Snapshot], planted: Rule
) -> None:
    found = meeting(scope(data[folder], FOLDERS[folder]))
    total = deck.main(found)
    reached = set(range(total))
    for i in range(total):
        buttons = screens.parse(page(found, i)).all(attr="data-more")
        mine = [n for n in range(total, len(found)) if found[n].group == found[i].group]
        assert bool(buttons) == bool(mine)
        reached |= set(mine)
        for k, n in enumerate(mine, 1):
            assert n == mine[0] + k - 1
            assert f"附页 {k} / {len(mine)}" in page(found, n)
    assert reached == set(range(len(found)))


def page(found: tuple[Place, ...], i: int) -> str:
    return h.render(h.span(deck.page_of(found, i)))


# ---- an agenda --------------------------------------------------------------------------------------
def test_a_slide_that_is_named_is_in_the_deck_and_has_no_appendix(
    data: dict[str, Snapshot], planted: Rule
) -> None:
    written = "会;power_list:dormant;overview:main;enforcement:2;trust:main"
    screen = next(s for s in menu.screens() if s.path == "/enforcement")
    second = menu.module(screen).slides(scope(data["demo"], 2023))[1].name
    found = meeting(scope(data["demo"], 2023, written))
    assert [named(p) for p in found] == [
        ("/power_list", "dormant"),
        ("/", "main"),
        ("/enforcement", second),
        ("/trust", "main"),
    ]
    assert deck.main(found) == 4


def test_a_whole_screen_brings_what_leads_and_the_rest_as_its_appendix(
    data: dict[str, Snapshot], planted: Rule
) -> None:
    written = "会;trust:main;power_list;power_list?category=行政处罚"
    found = meeting(scope(data["demo"], 2023, written))
    screen = next(s for s in menu.screens() if s.path == "/power_list")
    lead = [p for p in found if p.of is None]
    for filters in (False, True):
        mine = [
            p for p in found if p.scope.path == "/power_list" and bool(p.scope.chosen) == filters
        ]
        names = [s.name for s in menu.module(screen).slides(mine[0].scope)]
        asked = [s.name for s in menu.module(screen).slides(mine[0].scope) if s.leads]
        assert sorted(names) == sorted(p.slide.name for p in mine)
        assert [p.slide.name for p in mine if p.of is None] == (asked or names[:1])
        assert all(lead[p.of].scope.chosen == p.scope.chosen for p in mine if p.of is not None)
    assert named(found[0]) == ("/trust", "main")


# ---- the link ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("folder", FOLDERS)
def test_every_slides_own_link_opens_it_again(
    folder: str, data: dict[str, Snapshot], planted: Rule
) -> None:
    for written in ("", "会;power_list:main;overview;power_list;trust:main"):
        at = scope(data[folder], FOLDERS[folder], written)
        found = deck.deck(at, lambda _: None)
        for i, place in enumerate(found):
            asked = dict(parse_qsl(place.query))
            there, said = deck.opened(found, place.scope, asked.get("slide"))
            assert (named(found[there]), said) == (named(place), ""), i
            if not written:
                assert there == i


def test_a_link_to_a_slide_of_the_appendix_opens_it_there() -> None:
    screen = screens.visit("/power_list", data="demo", present="true", slide="versions")
    names = [s["query"] for s in screen.told["meeting"]["slides"]]
    here = screen.told["meeting"]["here"]
    assert "slide=versions" in names[here]
    assert screen.in_appendix == (screen.told["meeting"]["slides"][here]["of"] is not None)


def test_the_first_run_draws_a_slide_of_the_appendix_and_those_beside_it(planted: Rule) -> None:
    app = screens.start("/power_list", data="demo", present="true", slide="dormant")
    screen = screens.shown("/power_list", app)
    slides, here = screen.told["meeting"]["slides"], screen.told["meeting"]["here"]
    drawn = [n for n, slot in enumerate(screen.told["slots"]) if slot]
    assert here in drawn and len(drawn) <= 3
    for n in drawn:
        assert (slides[n]["of"] is None) == (slides[here]["of"] is None)
        assert slides[n]["group"] == slides[here]["group"] or slides[here]["of"] is None
    app.session_state["meeting"] = {"whole": True}
    assert all(screens.told(screens.shown("/power_list", app).app)["slots"])


# ---- the file ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("folder", ["demo", "report"])
def test_the_file_lists_its_appendix_with_the_pages_on_which_it_stands(
    folder: str, data: dict[str, Snapshot], planted: Rule
) -> None:
    at = single_file.asked(data[folder], FOLDERS[folder], "", False, print)
    made = single_file.make(at, "例会", date(2031, 3, 5))
    root = screens.parse(made.decode())
    found, slides = meeting(at), root.all(cls="slide")
    total = deck.main(found)
    lists = [n for n, s in enumerate(slides) if s.all(cls="contents")]
    assert lists == list(range(total + 1, total + 1 + len(lists))), "behind deck and 来历"
    assert bool(lists) == (total < len(found))
    links = [a for n in lists for a in slides[n].all("a")]
    behind = slides[total + 1 + len(lists) :]
    assert len(links) == len(behind) == len(found) - total
    for link, place, slide in zip(links, found[total:], behind, strict=True):
        assert slide.attrs["id"] == link.attrs["href"].removeprefix("#")
        assert f"第 {slide.attrs['id']} 页" in slide.words(cls="trail")
        assert slide.words("h1") in link.text and place.slide.finding.text in link.text
    assert len(made) < single_file.LIMIT


def test_a_list_of_many_titles_goes_on_over_several_pages(data: dict[str, Snapshot]) -> None:
    places = deck.every(scope(data["demo"], 2023))
    for times in (1, 2, 5):
        parts = single_file._lists(places * times)
        assert [p for part in parts for p in part] == [*places * times]
        assert max(map(len, parts)) <= single_file.ROWS
    assert len(single_file._lists(places * 5)) > 2


def test_an_agenda_of_named_slides_makes_a_file_without_appendix() -> None:
    at = single_file.asked(store.load(ROOT / "data/demo"), None, "会;trust:main", False, print)
    root = screens.parse(single_file.make(at, "", date(2031, 3, 5)).decode())
    assert len(root.all(cls="slide")) == 2
    assert not root.all(cls="contents") and not root.all(attr="data-more")
