"""会议议程: choose and order the slides of a meeting, name it, start it, send it. It lives in the
link; nothing is stored.

What is chosen stands in the browser (static/planner.js), so that a click waits for nothing; the
server is told the whole agenda after each, and draws the slide that is looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

import simple_html as h
import streamlit as st

from qmg_dash import beijing, escaping, theme
from qmg_dash.ui import downloads, link, menu, page
from qmg_dash.ui.emit import emit
from qmg_dash.ui.link import agenda, sharing
from qmg_dash.ui.link.agenda import Agenda, Item
from qmg_dash.ui.link.scope import Scope
from qmg_dash.ui.meeting import deck, single_file

PLANNING = "planning"
STARTING = "plan_start"
"""In the session: the planner is to open; its meeting is to begin."""
PLANNER = "planner"
"""The script of the planner in the session."""
UNNAMED = "会议"
PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"


def ask() -> None:
    """The button was pressed: the next run opens the planner."""
    st.session_state[PLANNING] = True


def asked() -> bool:
    """Whether it was; asked once."""
    return bool(st.session_state.pop(PLANNING, False))


@st.dialog("会议议程", width="large", on_dismiss="rerun")
def plan(again: Callable[[], Scope]) -> None:
    """The planner, over the scope that `again` gives."""
    scope = again()
    if st.session_state.pop(STARTING, False):
        # Not to another path: Back would find the meeting under the screen that is left.
        link.turn(scope.path, {link.PRESENT: "true", link.SLIDE: deck.FIRST})
    now = _named(scope, _now())
    page.show(
        PLANNER,
        page.dumped(_told(scope, now)).encode(),
        "planner.js",
        planned=lambda: _write(_planned()[0]),
        start=_start,
    )
    _send(scope, now)


def file_button(
    scope: Scope, key: str, name: str = "", again: Callable[[], Scope] | None = None
) -> None:
    """会议快照: the meeting as one file, made when the button is pressed; of the scope that `again`
    then gives."""
    day, again = beijing.today(), again or scope.again()
    downloads.button(
        "会议快照（离线文件）",
        lambda: single_file.make(again(), name, day),
        single_file.file_name(scope, name, day),
        "text/html",
        key,
        width="stretch",
    )


def slides_button(
    scope: Scope, key: str, name: str = "", again: Callable[[], Scope] | None = None
) -> None:
    """会议幻灯片: the same as a PowerPoint file."""
    day, again = beijing.today(), again or scope.again()
    downloads.button(
        "会议幻灯片（PowerPoint）",
        lambda: _slides_file(again(), name, day),
        single_file.file_name(scope, name, day, "pptx"),
        PPTX,
        key,
        width="stretch",
    )


def _slides_file(scope: Scope, name: str, day: date) -> bytes:
    from qmg_dash.ui.meeting import powerpoint  # 0.2 s, when the first such file is made

    return powerpoint.make(scope, name, day)


# ---- the agenda in the link -------------------------------------------------------------------------
def _read(written: str | None) -> Agenda | None:
    paths = [screen.path for screen in menu.screens()]
    return agenda.read(written, paths, lambda _: None) if written else None


def _now() -> Agenda:
    return _read(link.value(link.AGENDA)) or Agenda(UNNAMED, ())


def _planned() -> tuple[str, str]:
    """The agenda as the browser has it, and the slide that is looked at there."""
    text, seen = page.said(PLANNER).get("planned") or ("", "")
    return str(text), str(seen)


def _write(text: str) -> None:
    """The agenda as the browser has it now."""
    new = _read(text)
    link.put({link.AGENDA: new.text if new else None})


def _start() -> None:
    """开始会议 was pressed: the next run begins what the browser has."""
    st.session_state[STARTING] = True
    _write(str(page.said(PLANNER).get("start") or ""))


def _on_the_wall(scope: Scope, items: Sequence[Item] = ()) -> Scope:
    """The scope of a meeting of these items."""
    return deck.on_the_wall(replace(scope, extra=_with(scope, Agenda("", tuple(items)))))


def _with(scope: Scope, now: Agenda) -> tuple[tuple[str, str], ...]:
    """The keys that a scope keeps, with this agenda or with none."""
    plain = tuple((k, v) for k, v in scope.extra if k != link.AGENDA)
    return (*plain, (link.AGENDA, now.text)) if now.items else plain


def _named(scope: Scope, now: Agenda) -> Agenda:
    """The agenda with its slides by their names: links of before have numbers."""
    return replace(now, items=tuple(_by_name(scope, item) for item in now.items))


def _by_name(scope: Scope, item: Item) -> Item:
    mine = _slides(scope, item) if item.slide else ()
    return replace(item, slide=mine[0].slide.name) if mine else item


def _slides(scope: Scope, item: Item) -> list[deck.Place]:
    """The slides of an item; none where the data have none."""
    found = deck.deck(_on_the_wall(scope, (item,)), lambda _: None)
    return [p for p in found if p.item == item]


# ---- what the browser is told -----------------------------------------------------------------------
def _told(scope: Scope, now: Agenda) -> dict[str, object]:
    own, offers = _own(scope), _offers(scope)
    known = {row["item"] for offer in offers for row in offer["lines"]}
    items = [item.text for item in now.items]
    others = [own, *(item for item in now.items if item.text not in known)]
    return {
        "name": "" if now.name == UNNAMED else now.name,
        "unnamed": UNNAMED,
        "items": items,
        "most": agenda.MOST,
        "offers": offers,
        "own": own.text,
        "words": {item.text: _words(scope, item) for item in others},
        "seen": _seen(scope, now, _planned()[1]),
    }


def _offers(scope: Scope) -> list[dict]:
    """Every screen with its slides by their titles; a screen as a whole where it has several."""
    places = deck.every(_on_the_wall(scope))
    found = []
    for screen in menu.screens():
        mine = [p for p in places if p.scope.path == screen.path]
        each = [
            {
                "item": Item(screen.path, p.slide.name).text,
                "title": p.slide.finding.text,
                "rest": not p.slide.leads,
            }
            for p in mine
        ]
        whole = [{"item": Item(screen.path).text, "title": _whole(mine)}] if len(mine) > 1 else []
        if mine:
            found.append({"screen": screen.title, "lines": [*whole, *each]})
    return found


def _whole(mine: Sequence[deck.Place]) -> str:
    """A screen as a whole: how many slides, how many of them behind the deck."""
    rest = len(mine) - max(1, sum(p.slide.leads for p in mine))
    return f"整屏 {len(mine)} 页" + (f"，其中附页 {rest} 页" if rest else "")


def _own(scope: Scope) -> Item:
    """This screen as it is filtered."""
    asked = {
        k: [str(x) for x in v] if isinstance(v, list) else [str(v)]
        for k, v in scope.filter_query.items()
    }
    return Item(scope.path, "", asked)


def _words(scope: Scope, item: Item) -> str:
    """An item that is not among the offered: screen, filters, title."""
    screen = next(s for s in menu.screens() if s.path == item.path)
    bar = getattr(menu.module(screen), "FILTERS", ())
    labels = {k: row.label for k, row in link.KEYS.items()} | {f.name: f.label for f in bar}
    chosen = "，".join(f"{labels.get(k, k)} {'、'.join(v)}" for k, v in item.asked.items())
    filters = f"（{chosen}）" if chosen else ""
    mine = _slides(scope, item)
    if not mine:
        which = f"“{item.slide}”页" if item.slide else ""
        return f"{screen.title}{which}{filters}：现在的数据没有，会议中略过"
    said = mine[0].slide.finding.text if item.slide or len(mine) == 1 else _whole(mine)
    return f"{screen.title}{filters}：{said}"


def _seen(scope: Scope, now: Agenda, wanted: str) -> dict[str, object] | None:
    """The slide that is looked at, as the wall will show it: the one asked for, else the first."""
    asked = _read(f"{UNNAMED};{wanted}")
    item = asked.items[0] if asked else (*now.items, Item("/"))[0]
    mine = _slides(scope, item) or _slides(scope, Item("/"))
    if not mine:
        return None
    sheet, look = deck.sheet(mine[0], 0), mine[0].scope.look
    width, height = deck.screen_size()
    return {
        "item": item.text,
        "title": mine[0].title,
        "html": escaping.html(*deck.framed(sheet, sheet.painted.slots[0], [], "", "")).safe_str,
        "charts": {p.key: p.chart.figure for p in page.plots(sheet.body)},
        "size": [width, height],
        "dark": look.dark,
        "tokens": f"{theme.variables(look)} html{{font-family:{theme.FONT}}}",
    }


# ---- sending it -------------------------------------------------------------------------------------
def _send(scope: Scope, now: Agenda) -> None:
    file, slides, share = st.columns([1, 1.1, 1.2], vertical_alignment="center")
    planned = replace(scope, extra=_with(scope, now))
    name = "" if now.name == UNNAMED else now.name
    with file:
        file_button(planned, "plan_file", name)
    with slides:
        slides_button(planned, "plan_slides", name)
    plain = replace(planned, chosen=())
    query = plain.link(**{link.PRESENT: "true"})
    emit(h.span({"class": "q copy"}, sharing.copy(plain, query, "复制会议链接")), share)
