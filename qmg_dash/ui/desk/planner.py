"""会议议程: choose and order the slides of a meeting, name it, start it, send it. It lives in the
link; nothing is stored."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import simple_html as h
import streamlit as st

from qmg_dash import beijing, fmt
from qmg_dash.ui import downloads, link, menu
from qmg_dash.ui.emit import emit
from qmg_dash.ui.link import agenda, sharing
from qmg_dash.ui.link.agenda import Agenda, Item
from qmg_dash.ui.link.scope import Scope
from qmg_dash.ui.meeting import deck, single_file

PLANNING = "planning"
UNNAMED = "会议"


def ask() -> None:
    """The button was pressed: the next run opens the planner."""
    st.session_state[PLANNING] = True


def asked() -> bool:
    """Whether it was; asked once."""
    return bool(st.session_state.pop(PLANNING, False))


@st.dialog("会议议程", width="large", on_dismiss="rerun")
def plan(again: Callable[[], Scope]) -> None:
    """The planner, over the scope that `again` gives."""
    scope, now = again(), _now()
    st.text_input(
        "会议名称",
        value=now.name,
        key="plan_name",
        max_chars=40,
        placeholder="例如：三季度法治工作例会",
        on_change=lambda: _write(replace(_now(), name=st.session_state["plan_name"] or UNNAMED)),
    )
    wall = deck.on_the_wall(replace(scope, extra=_with(scope, now)))
    _list(now, deck.deck(wall, lambda _: None))
    _add(scope, deck.every(replace(wall, extra=_with(scope))))
    _start(scope, now)


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


def _with(scope: Scope, now: Agenda | None = None) -> tuple[tuple[str, str], ...]:
    """The keys that a scope keeps, with this agenda or with none."""
    plain = tuple((k, v) for k, v in scope.extra if k != link.AGENDA)
    return (*plain, (link.AGENDA, now.text)) if now and now.items else plain


def _now() -> Agenda:
    paths = [screen.path for screen in menu.screens()]
    written = link.value(link.AGENDA)
    planned = agenda.read(written, paths, lambda _: None) if written else None
    return planned or Agenda(st.session_state.get("plan_name") or UNNAMED, ())


def _write(new: Agenda) -> None:
    link.put({link.AGENDA: new.text if new.items else None})


def _list(now: Agenda, places: Sequence[deck.Place]) -> None:
    """The items in order, to move and to take out."""
    if not now.items:
        emit(h.p({"class": "q muted"}, "尚未选页：会议将依次放映全部屏幕。"))
    for at, item in enumerate(now.items):
        words, up, down, out = st.columns([6, 1, 1, 1], vertical_alignment="center")
        words.text(f"{at + 1}. {_said(item, _slides_of(item, places))}")
        last = at == len(now.items) - 1
        _button(up, "上移", f"up_{at}", _moved(now, at, at - 1), at == 0)
        _button(down, "下移", f"down_{at}", _moved(now, at, at + 1), last)
        without = (*now.items[:at], *now.items[at + 1 :])
        _button(out, "移除", f"out_{at}", replace(now, items=without))


def _slides_of(item: Item, places: Sequence[deck.Place]) -> list[deck.Place]:
    """The slides of an item, which may stand twice in the agenda."""
    return list({p.slide.name: p for p in places if p.item == item}.values())


def _button(where: object, label: str, key: str, then: Agenda, off: bool = False) -> None:
    where.button(  # type: ignore[attr-defined]
        label, key=f"plan_{key}", on_click=_write, args=(then,), disabled=off, width="stretch"
    )


def _moved(now: Agenda, a: int, b: int) -> Agenda:
    items = list(now.items)
    if 0 <= b < len(items):
        items[a], items[b] = items[b], items[a]
    return replace(now, items=tuple(items))


def _said(item: Item, mine: Sequence[deck.Place]) -> str:
    """An item in words: screen, slide and its finding, filters; `mine` are its slides."""
    screen = next(s for s in menu.screens() if s.path == item.path)
    bar = getattr(menu.module(screen), "FILTERS", ())
    labels = {k: row.label for k, row in link.KEYS.items()} | {f.name: f.label for f in bar}
    chosen = "，".join(f"{labels.get(k, k)} {'、'.join(v)}" for k, v in item.asked.items())
    filters = f"（{chosen}）" if chosen else ""
    if not mine:
        which = f"“{item.slide}”页" if item.slide else ""
        return f"{screen.title}{which}{filters}：现在的数据没有，会议中略过"
    if not item.slide:
        return f"{screen.title}，全部 {len(mine)} 页{filters}"
    return f"{screen.title} 第 {mine[0].number} 页{filters}：{mine[0].slide.finding.text}"


def _add(scope: Scope, places: Sequence[deck.Place]) -> None:
    """Add this screen as it is filtered, or any slide."""
    asked = {
        k: [str(x) for x in v] if isinstance(v, list) else [str(v)]
        for k, v in scope.filter_query.items()
    }
    this = Item(scope.path, "", asked)
    what = f"加入本屏：{menu.titles()[scope.path]}" + (
        f"（{scope.filter_text}）" if scope.filter_text else ""
    )
    st.button(fmt.label(what), key="plan_this", on_click=_append, args=([this],))
    offered = [one for screen in menu.screens() for one in _offered(screen.path, places)]
    labels = [_said(item, mine) for item, mine in offered]
    picked = st.multiselect(
        "从全部页中选择",
        range(len(offered)),
        format_func=labels.__getitem__,
        key="plan_pick",
        placeholder="选择一页或整屏",
        filter_mode=None,
        select_all=False,
    )
    st.button(
        "加入所选",
        key="plan_add",
        on_click=_append,
        args=([offered[n][0] for n in picked],),
        disabled=not picked,
    )


Offer = tuple[Item, Sequence[deck.Place]]


def _offered(path: str, places: Sequence[deck.Place]) -> list[Offer]:
    """A screen as a whole, then each of its slides where it has several; nothing where a meeting
    has none of it."""
    mine = [p for p in places if p.scope.path == path]
    each: list[Offer] = [(Item(path, p.slide.name), [p]) for p in mine if len(mine) > 1]
    return [(Item(path), mine), *each] if mine else []


def _append(items: Sequence[Item]) -> None:
    now = _now()
    _write(replace(now, items=(*now.items, *items)[: agenda.MOST]))
    st.session_state["plan_pick"] = []


def _start(scope: Scope, now: Agenda) -> None:
    start, clear, file, share = st.columns([1, 1, 1.4, 1.6], vertical_alignment="center")
    if start.button("开始会议", key="plan_start", type="primary", width="stretch"):
        # Not to another path: Back would find the meeting under the screen that is left.
        link.turn(scope.path, {link.PRESENT: "true", link.SLIDE: deck.FIRST})
    clear.button(
        "清空议程",
        key="plan_clear",
        on_click=_write,
        args=(Agenda(UNNAMED, ()),),
        disabled=not now.items,
        width="stretch",
    )
    plain = replace(scope, chosen=(), extra=_with(scope, now))
    with file:
        name = "" if now.name == UNNAMED else now.name
        file_button(replace(scope, extra=_with(scope, now)), "plan_file", name)
    query = plain.link(**{link.PRESENT: "true"})
    emit(h.span({"class": "q copy"}, sharing.copy(plain, query, "复制会议链接")), share)
