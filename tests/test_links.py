"""The link is the truth: it restores a screen, and what it names in vain is said, never swallowed."""

from __future__ import annotations

import string
from functools import cache
from urllib.parse import parse_qs

import pytest
import screens
from screens import PATHS, Screen
from streamlit.runtime.scriptrunner import RerunData, RerunException

from qmg_dash.ui import link, menu
from qmg_dash.ui.link.filters import Filter

KEYS = [
    "year",
    "goal_year",
    "data",
    "from",
    "to",
    "present",
    "slide",
    "play",
    "theme",
    "agenda",
    "v",
    "rows",
]
"""The keys of the contract (DATA.md section 6); a screen's filters come to these."""
NONSENSE = {
    "word": "胡说",
    "markup": "<script>alert(1)</script>",
    "quote": "\"';--",
    "minus": "-1",
    "huge": "9" * 40,
    "fraction": "1.5",
    "empty": "",
    "spaces": "  ",
    "percent": "%00%ff",
    "control": "a\tb\nc",
    "sql": "2022 OR 1=1",
    "path": "../../etc/passwd",
}


@cache
def filters(path: str) -> tuple[str, ...]:
    """The names of a screen's filters, as its filter bar offers them for the demo's ledgers."""
    return tuple(screens.visit(path, data="demo").fields)


def copied(screen: Screen) -> dict[str, list[str]]:
    """The query of the link that 复制链接 gives."""
    button = screen.root.all("button", attr="data-copy")
    assert len(button) == 1
    return parse_qs(button[0].attrs["data-copy"], strict_parsing=True)


def test_some_screens_have_filters() -> None:
    assert sum(bool(filters(path)) for path in PATHS) >= 5


@pytest.mark.parametrize("present", ["", "true"])
@pytest.mark.parametrize("path", PATHS)
def test_nonsense_in_every_key_is_said_key_by_key(path: str, present: str) -> None:
    asked = {key: f"无此{n}" for n, key in enumerate((*KEYS, *filters(path), "unheard_of"))}
    if present:
        asked["present"] = present
    screen = screens.visit(path, **asked)
    said = "\n".join(screen.banners)
    for key, value in asked.items():
        assert value == present or value in said or key in said, f"{key} goes unsaid: {said}"
    plain = screens.visit(path, present=present) if present else screens.visit(path)
    assert screen.title == plain.title
    assert {s.text for s in screen.figures} == {s.text for s in plain.figures}


def test_a_key_written_twice_is_said_and_the_last_one_holds() -> None:
    screen = screens.visit("/power_list", year=["abc", "2022"])
    assert "2022 年度" in screen.root.text
    assert any("年度写了 2 次" in b and "2022" in b for b in screen.banners)


def test_every_unknown_key_is_said_however_many() -> None:
    names = [f"k{n}" for n in range(9)]
    said = "\n".join(screens.visit("/power_list", **dict.fromkeys(names, "1")).banners)
    assert [n for n in names if n not in said] == []


@pytest.mark.parametrize("wrong", NONSENSE.values(), ids=NONSENSE)
def test_every_kind_of_nonsense_is_said_and_shown_as_text(wrong: str) -> None:
    for key in ("year", "data", "from", "slide", "theme", "category"):
        screen = screens.visit("/power_list", **{key: wrong})
        assert len(screen.banners) == 1, (key, screen.banners)
        assert screen.root.all("script") == []
        assert len(screen.banners[0]) < 120
        assert states(screen, wrong)


def states(screen: Screen, wrong: str) -> bool:
    """Whether the banner repeats the beginning of the value, as text."""
    seen = " ".join(wrong.split())[:10]
    return seen in screen.banners[0]


@pytest.mark.parametrize("path", ["/", "/power_list", "/enforcement"])
def test_a_link_of_a_hundred_kilobytes_leaves_the_screen_whole(path: str) -> None:
    long, plain = "长" * 34_000, screens.visit(path)
    for query in (
        {"year": long},
        {f"k{n}": "x" * 120 for n in range(800)},
        {"category": ["a" * 500] * 200},
        {"x" * 100_000: "1"},
    ):
        screen = screens.visit(path, **query)
        assert screen.banners
        assert sum(map(len, screen.banners)) < 2_000
        assert screen.title == plain.title


def test_a_slide_beyond_the_last_shows_the_last_and_says_so() -> None:
    screen = screens.visit("/trust", present="true", slide=90)
    assert "“90”不存在" in "".join(screen.banners)
    assert screen.position == screens.visit("/trust", present="true", slide="last").position


def test_a_key_given_twice_still_shows_the_screen() -> None:
    screen = screens.visit("/power_list", year=["2022", "1999"], data=["demo", "official"])
    assert screen.title


def restored(path: str, **query: str | int | list[str]) -> None:
    first = screens.visit(path, **query)
    again = screens.visit(path, **copied(first))
    assert again.banners == []
    assert again.html == first.html


@pytest.mark.parametrize("path", PATHS)
def test_a_copied_link_restores_the_screen(path: str) -> None:
    restored(path)
    restored(path, data="demo", year=2022)
    restored(path, data="demo", year=2023, goal_year=2023, theme="dark")


FILTERED = [
    s.path
    for s in menu.screens()
    if any(isinstance(f, Filter) and f.field for f in getattr(menu.module(s), "FILTERS", ()))
]


@pytest.mark.parametrize("path", FILTERED)
def test_a_copied_link_restores_every_filter(path: str) -> None:
    bar = screens.visit(path, data="demo")
    asked: dict[str, str | list[str]] = {"data": "demo", "from": "2", "to": "8"}
    for name in filters(path):
        value, text = next(iter(bar.fields[name].items()))
        asked[name] = [value]
        screen = screens.visit(path, **asked)
        assert screen.banners == []
        assert text.rpartition("（")[0] in screen.filtered, "the bar names the filter"
        restored(path, **asked)
    assert filters(path)


def test_a_screen_that_is_not_there_is_named() -> None:
    screen = screens.visit("/", missing="no_such_screen", year="2022")
    assert "no_such_screen" in screen.banners[0] and "总览" in screen.banners[0]
    assert "missing" not in copied(screen)


def test_a_mended_link_takes_its_banner_away() -> None:
    app = screens.start("/power_list", year="1999")
    assert screens.shown("/power_list", app).banners
    app.query_params["year"] = "2022"
    assert screens.shown("/power_list", app).banners == []


@pytest.mark.parametrize("path", PATHS)
def test_a_chosen_year_goes_into_the_link(path: str) -> None:
    app = screens.start(path, data="demo")
    screens.shown(path, app)
    app.selectbox(key="s_year").select(2022)
    screen = screens.shown(path, app)
    assert app.query_params["year"] == "2022"
    assert "2022 年度" in screen.text
    assert copied(screen)["year"] == ["2022"]


def test_letters_of_any_kind_are_no_key() -> None:
    """A key that is not one is said too, and only a few of many."""
    asked = {f"{letter}键": "1" for letter in string.ascii_lowercase}
    said = screens.visit("/", **asked).banners
    assert 1 <= len(said) <= 10
    assert "a键" in said[0]


def test_a_filter_holds_on_every_slide_of_its_screen_and_no_further() -> None:
    path, area = "/enforcement", "生态环境"
    app = screens.start(path, data="demo", area=area, present="true")
    app.session_state["meeting"] = {"whole": True}
    screens.shown(path, app)
    kicks = [screens.parse(s or "").words(cls="kick") for s in screens.told(app)["slots"]]
    told = [area in k for k in kicks if k]
    title = next(s.title for s in menu.screens() if s.path == path)
    assert told == [f"{title} ·" in k for k in kicks if k]
    assert 1 < sum(told) < len(told)


def test_leaving_a_meeting_keeps_screen_and_filters() -> None:
    path, area = "/enforcement", "生态环境"
    app = screens.start(path, data="demo", area=area, present="true", slide="2")
    here = screens.shown(path, app).told["meeting"]["here"]
    app.session_state["leaving"] = here + 1
    assert area in screens.shown(path, app).filtered
    assert app.query_params["area"] == area
    assert "present" not in app.query_params and "slide" not in app.query_params


# ---- the table of the keys --------------------------------------------------------------------------
def test_the_table_has_the_keys_of_the_contract_and_each_says_what_it_means() -> None:
    assert {*KEYS} <= {*link.KEYS}
    assert all(row.label and row.means for row in link.KEYS.values())


def test_a_filter_of_a_screen_is_called_as_no_key_is() -> None:
    bars = [getattr(menu.module(s), "FILTERS", ()) for s in menu.screens()]
    assert not {f.name for bar in bars for f in bar} & {*link.KEYS}


def test_the_document_lists_every_key_as_the_table_has_it() -> None:
    written = (screens.ROOT / "docs/data.md").read_text("utf-8").splitlines()
    rows = [(k, row.means.replace("|", r"\|"), row.otherwise) for k, row in link.KEYS.items()]
    lines = [f"| `{key}` | {means} | {otherwise} |" for key, means, otherwise in rows]
    assert [line for line in lines if line.replace("|  |", "| |") not in written] == []


def test_one_writing_of_the_address_is_one_step_and_none_where_nothing_changes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    steps: list[dict[str, list[str]]] = []

    class Address(dict[str, list[str]]):
        get_all = dict.__getitem__
        from_dict = staticmethod(steps.append)

    now = Address({"area": ["甲", "乙"], "then": ["true"], "unheard": [""]})
    monkeypatch.setattr(link.st, "query_params", now)
    for same in ({}, {"area": ["甲", "乙"]}, {link.YEAR: None}, {link.ROWS: ""}, {"kind": []}):
        link.put(same)
    assert steps == []
    link.put({link.THEN: None, link.YEAR: 2022, "area": ["乙"]})
    assert steps == [{"area": ["乙"], "unheard": [""], "year": ["2022"]}]


@pytest.mark.parametrize("back", [False, True])
def test_what_a_press_wrote_is_sent_by_the_next_run_where_the_next_press_ended_its_own(
    monkeypatch: pytest.MonkeyPatch, back: bool
) -> None:
    sent: list[dict[str, list[str]]] = []
    waits = [True]

    class Address(dict[str, list[str]]):
        get_all = dict.__getitem__

        def from_dict(self, new: dict[str, list[str]]) -> None:
            if waits and waits.pop():
                raise RerunException(RerunData())
            sent.append(new)

    monkeypatch.setattr(link.st, "session_state", {})
    before, both = {"year": ["2022"]}, {"year": ["2022"], "area": ["甲"]}
    monkeypatch.setattr(link.st, "query_params", Address(before))
    with pytest.raises(RerunException):
        link.put({"area": ["甲"]})
    monkeypatch.setattr(link, "_by_history", lambda: back)
    assert link.asked() == (before if back else both)
    assert sent == ([] if back else [both])
    # Once: the same address later is the reader's own.
    monkeypatch.setattr(link, "_by_history", lambda: False)
    assert link.asked() == before and len(sent) == (not back)
