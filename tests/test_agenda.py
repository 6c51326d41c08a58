"""议程: what a link says of a meeting is what is shown, in its order; what is not there is said."""

from __future__ import annotations

import screens
from hypothesis import given
from hypothesis import strategies as st
from screens import PATHS

from qmg_dash.ui import agenda
from qmg_dash.ui.agenda import Agenda, Item

WORDS = st.text(st.characters(categories=("L", "N")), min_size=1, max_size=8)
ITEMS = st.builds(
    Item,
    st.sampled_from(PATHS),
    st.none() | st.integers(1, 99),
    st.dictionaries(
        st.sampled_from(["area", "from", "类型"]), st.lists(WORDS, min_size=1), max_size=2
    ),
)


@given(WORDS, st.lists(ITEMS, min_size=1, max_size=agenda.MOST))
def test_an_agenda_reads_back_as_it_was_written(name: str, items: list[Item]) -> None:
    said: list[str] = []
    written = Agenda(name, tuple(items))
    assert agenda.read(written.text, PATHS, said.append) == written
    assert said == []


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
    read = [screens.parse(e.proto.body).words(cls="kick") for e in app.main.get("html")]
    return [k for k in read if k], screen


def test_a_meeting_shows_the_slides_of_its_agenda_in_its_order() -> None:
    lines, screen = shown("例会;trust;enforcement:2;power_list;overview", data="demo")
    names = [line.split(" · ")[1] for line in lines]
    assert names[:2] == ["数据口径", "执法活动"]
    assert names[-2:] == ["总览", "总览"] and set(names[2:-2]) == {"权力清单"}
    assert len(names) > 4
    assert all("例会" in line for line in lines)
    assert screen.position == (len(names) - 1, len(names)), "the link's own screen comes last"
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
    assert len(lines) >= len(PATHS)
    assert any("全部屏幕" in b for b in screen.banners)
