"""The frame of every screen: sidebar, scope line, finding, body, footer.

A page file declares TITLE, RANK and `slides(scope)`, and ends by calling `show`. At the desk its
slides stand below one another; in meeting mode each fills the screen and the keys turn them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import simple_html as h
import streamlit as st

from qmg_dash import escaping, fmt, theme
from qmg_dash.figures import cubes, matters
from qmg_dash.figures.coverage import ENDED, newest_year, which_years
from qmg_dash.figures.findings import Finding
from qmg_dash.folder import store
from qmg_dash.folder.scan import resolve
from qmg_dash.folder.snapshot import Snapshot
from qmg_dash.model import DataError, Filters
from qmg_dash.ui import blocks, downloads, link, markup, markup_agreement, menu, page
from qmg_dash.ui.desk import filter_bar, open_rows, planner
from qmg_dash.ui.emit import block
from qmg_dash.ui.link import agenda, filters, sharing, versions_compared
from qmg_dash.ui.link.scope import (
    DEMO,
    OFFICIAL,
    Scope,
    demo_folder,
    folders,
    pick,
    spans,
)
from qmg_dash.ui.link.version_sent import Sent, line, sentence
from qmg_dash.ui.link.version_sent import read as read_sent
from qmg_dash.ui.meeting import deck
from qmg_dash.ui.page import WRITTEN, Written
from qmg_dash.ui.slide import MAIN, Drawing, Slide, banners, footer, kicker, numbered

__all__ = ["MAIN", "Drawing", "Slide", "numbered", "show"]

SECONDS = {str(n): n for n in link.PLAY.within}

Slides = Callable[[Scope], list[Slide]]
Bar = Sequence[filters.Field]


# ---- the run ----------------------------------------------------------------------------------
def show(slides: Slides, file: str, bar: Bar = ()) -> None:
    """Draw a page file's slides under its filter bar. Never a traceback: a folder that cannot be shown says why."""
    if not menu.ready():
        menu.navigate(hidden=False)
        st.rerun()
    path = next(s.path for s in menu.screens() if s.file.name == Path(file).name)
    link.keep(path)
    if (scope := _asked(path, bar)) is None:
        return
    _sidebar(scope)
    if scope.look.present:
        deck.show(_with_sentence(scope))
    else:
        _body(scope, slides, bar)


def _body(scope: Scope, slides: Slides, bar: Bar) -> None:
    """All but the menu: what is chosen in it draws it alone. The session keeps how, and no data."""
    path, version, first = scope.path, scope.snapshot.version, [scope]

    @st.fragment
    def body() -> None:
        now = first.pop() if first else _asked(path, bar)
        if now is None:
            return
        if now.snapshot.version != version:
            st.rerun()  # the menu's years may be others
        _desk(now, slides, bar)

    body()


def _asked(path: str, bar: Bar) -> Scope | None:
    """What the link asks for; None, and the reason on the page, where its folder cannot be shown."""
    wanted = deck.asked(path, link.asked())
    asked = link.last(wanted)
    present = asked.get(link.PRESENT) == "true"
    try:
        folder, data = folders(asked)
        sent = read_sent(asked, _current(store.store(folder, cubes.prepare)))
    except DataError as fault:
        _unreadable(fault)
        return None
    return _scope(sent, wanted, asked, path, data, present, bar)


def _with_sentence(scope: Scope) -> Scope:
    """In a meeting what a link's data have become is said in one sentence, over its first slide."""
    said = sentence(scope.sent, scope.filters, wall=True) if scope.sent else ""
    return replace(scope, said=(*scope.said, said)) if said else scope


def _current(followed: store.Store) -> Snapshot:
    """The data as they are now. Whoever comes first waits for them, and is told so."""
    if followed.loaded:
        return followed.current()
    with st.spinner("正在读取数据…"):
        return followed.current()


def _look(asked: dict[str, str], present: bool, say: Callable[[str], None]) -> theme.Look:
    system = "dark" if getattr(st.context.theme, "type", "light") == "dark" else "light"
    chosen = pick(asked, link.THEME, {v: v for v in link.THEME.allowed}, system, say)
    return theme.Look.of(chosen == "dark", present, *deck.screen_size())


def _scope(
    sent: Sent,
    wanted: link.Asked,
    asked: dict[str, str],
    path: str,
    data: str,
    present: bool,
    bar: Bar,
) -> Scope:
    said, snapshot = list(sent.said), sent.shown
    years, goal_years = spans(snapshot)
    newest = newest_year(snapshot)
    pick(asked, link.DATA, _allowed_data(), data, said.append)
    if link.MISSING in asked:
        here = menu.titles()[path]
        said.append(f"链接中的屏幕“{fmt.short(asked[link.MISSING])}”不存在，这里显示的是{here}。")
    for key in (link.THEN, link.PRESENT):
        pick(asked, key, dict.fromkeys(key.allowed), None, said.append)
    year = int(pick(asked, link.YEAR, {str(y): y for y in years}, newest, said.append))  # type: ignore[call-overload]
    newest_goal = goal_years[0] if goal_years else 0
    goal_year = int(  # type: ignore[call-overload]
        pick(asked, link.GOAL_YEAR, {str(y): y for y in goal_years}, newest_goal, said.append)
    )
    other = _against(asked, year, years, said.append)
    names = {*link.KEYS, *(f.name for f in bar)}
    said += _strange([key for key in asked if key not in names])
    said += _twice({k: wanted[k] for k in wanted if k in link.KEYS})
    look = _look(asked, present, said.append)
    extra = tuple((k, asked[k]) for k, good in _kept_keys(asked, said.append).items() if good)
    plain = Filters(year, goal_year or None)
    narrowed, chosen = filters.read(snapshot, plain, bar, wanted, said.append)
    compared = versions_compared.read(asked, snapshot, sent.root, said.append)
    return Scope(
        snapshot,
        narrowed,
        look,
        path,
        data,
        years,
        goal_years,
        other,
        tuple(said),
        tuple((n, tuple(v)) for n, v in chosen.items()),
        filters.sentence(bar, chosen, narrowed),
        tuple((f.name, f.label) for f in bar),
        extra,
        sent,
        compared,
    )


def _against(
    asked: dict[str, str], year: int, years: Sequence[int], say: Callable[[str], None]
) -> int | None:
    """The year that a link sets beside the one that is shown."""
    if asked.get(link.AGAINST) == str(year):
        say(f"链接中的{link.AGAINST.label}与年度相同（{year}），未使用。")
        return None
    allowed: dict[str, object] = {str(y): y for y in years if y != year}
    return pick(asked, link.AGAINST, allowed, None, say)  # type: ignore[return-value]


SAID = 5
"""How many keys that a screen does not have are said one by one."""


def _strange(keys: list[str]) -> list[str]:
    """What is said of keys that the screen does not have."""
    said = [f"链接中的“{fmt.short(key)}”不是本页的筛选项，未使用。" for key in keys[:SAID]]
    if rest := keys[SAID:]:
        names = "、".join(fmt.short(key) for key in rest[:SAID])
        more = "等" if len(rest) > SAID else ""
        said.append(f"另有“{names}”{more} {len(rest)} 项也不是本页的筛选项，未使用。")
    return said


def _twice(wanted: link.Asked) -> list[str]:
    """What is said of keys that take one value and were given several: the last one holds."""
    return [
        f"链接中的{link.KEYS[k].label}写了 {len(v)} 次，用的是最后一个“{fmt.short(v[-1])}”。"
        for k, v in wanted.items()
        if len(set(v)) > 1
    ]


def _kept_keys(asked: dict[str, str], say: Callable[[str], None]) -> dict[str, object]:
    """The keys of the link that a screen keeps without using them itself, and whether they say
    something."""
    paths = [screen.path for screen in menu.screens()]
    planned = asked.get(link.AGENDA)
    return {
        link.THEME: asked.get(link.THEME) in link.THEME.allowed,
        link.PLAY: pick(asked, link.PLAY, SECONDS, 0, say),
        link.AGENDA: planned is not None and agenda.read(planned, paths, say),
        link.BASE: asked.get(link.BASE),
        link.UNTIL: asked.get(link.UNTIL),
    }


def _allowed_data() -> dict[str, str]:
    allowed = {OFFICIAL: OFFICIAL}
    if demo_folder(resolve(None)).is_dir():
        allowed[DEMO] = DEMO
    return allowed


def _sidebar(scope: Scope) -> None:
    """The choices that hold on every screen."""
    path, years, goal_years = scope.path, scope.years, scope.goal_years
    with st.sidebar:
        if len(_allowed_data()) > 1:
            words = {OFFICIAL: "本单位", DEMO: "演示"}
            st.segmented_control(
                "数据",
                [OFFICIAL, DEMO],
                format_func=words.__getitem__,
                required=True,
                **_choice(link.DATA, scope.data),
            )
        if years:
            ended = which_years(scope.snapshot).ended
            st.selectbox(
                "年度",
                years,
                format_func=lambda y: f"{y}（{ENDED}）" if y in ended else str(y),
                filter_mode=None,
                **_choice(link.YEAR, scope.year, _year),
            )
            _other_year(scope)
        if path == "/goals" and goal_years:
            st.selectbox(
                "目标年度", goal_years, filter_mode=None, **_choice(link.GOAL_YEAR, scope.goal_year)
            )
        if scope.look.present:
            return
        if st.button("会议模式（F9）", key="enter_meeting", width="stretch"):
            link.turn(path, {**link.asked(), link.PRESENT: "true"})
        st.button("会议议程", key="plan_meeting", on_click=planner.ask, width="stretch")
        seen = st.session_state.setdefault(SEEN, {})
        planner.file_button(scope, "meeting_file", again=lambda: seen["again"]())
        planner.slides_button(scope, "meeting_slides", again=lambda: seen["again"]())


FEW_YEARS = 4
"""So many stand side by side in the menu, so that one is chosen at once."""


def _other_year(scope: Scope) -> None:
    """The year that stands beside the one that is shown."""
    others = [y for y in scope.years if y != scope.year]
    if not others:
        return
    choices = [None, *others]
    state = _choice(link.AGAINST, scope.other)
    if len(choices) <= FEW_YEARS:
        st.segmented_control(
            link.AGAINST.label, choices, format_func=_year_text, required=True, **state
        )
    else:
        st.selectbox(link.AGAINST.label, choices, format_func=_year_text, filter_mode=None, **state)


def _year_text(year: int | None) -> str:
    return "无" if year is None else str(year)


def _year(key: str, state: str) -> None:
    """A year was chosen: it stands beside none but another."""
    year = st.session_state[state]
    same = link.value(link.AGAINST) == str(year)
    link.put({key: year} | ({link.AGAINST: None} if same else {}))


def _choice(key: str, value: object, then: Callable[[str, str], None] = link.follow) -> dict:
    """How a widget shows a value of the link and writes it back. Not bound to the query: a bound
    widget writes the words it shows into the link (演示), and loses them at every other turn of
    the menu."""
    state = f"s_{key}"
    st.session_state[state] = value
    return {"key": state, "on_change": then, "args": (key, state)}


# ---- desk -------------------------------------------------------------------------------------
def _desk(scope: Scope, slides: Slides, bar: Bar) -> None:
    said = dict.fromkeys((*scope.said, *deck.unheard(scope)))
    scope = replace(scope, said=tuple(said))
    st.session_state[SEEN]["again"] = scope.again()
    key = ("desk", *scope.same)
    sheet = WRITTEN(scope.snapshot, key, lambda: _written(scope, slides))
    made, town = sheet.painted, scope.snapshot.town
    title = [
        h.div({"class": "kick"}, sheet.kicker, sharing.buttons(scope)),
        sheet.finding,
        h.p({"class": "sheet muted"}, f"筛选：{_filters(scope)}"),
        filter_bar.bar(scope.book, bar, dict(scope.chosen)),
    ]
    above = [block(body, scope.demo) for body in (title, banners(scope)) if body]
    slots = [*above, *made.slots]
    owed, name = len(matters.overdue(scope.matters)), town.short_name or town.name
    sent = page.message(slots, [made.charts], scope.look, name, owed)
    page.show(PAGE, sent, ask=partial(_ask, bar))
    if len(above) > 1:
        page.slot(1)
    if scope.sent:
        line(scope.sent, scope.filters)
    rows = open_rows.asked(Drawing(scope))
    if planner.asked():
        planner.plan(scope.again())
    elif sharing.asked():
        sharing.show(scope.again())
    page.slot(len(above))
    for number, live in enumerate(made.lives, len(above) + 1):
        live.draw()
        page.slot(number)
    if rows:
        open_rows.drawer(rows)


def _filters(scope: Scope) -> str:
    """What is chosen, or among what, as a printed page says it."""
    labels = "、".join(label for _, label in scope.fields)
    return scope.filter_text or (f"全部{labels}" if labels else "无")


def _written(scope: Scope, slides: Slides) -> Written:
    drawing, found = Drawing(scope), slides(scope)
    if line := markup_agreement.strip(scope):
        drawing.html(line)
    for slide in found:
        drawing.html(h.span({"id": slide.name, "class": "anchor"}))
        blocks.drawer(slide, scope)(drawing)
    drawing.html(h.div({"class": "foot"}, h.span(footer(scope))))
    title = markup.finding(found[0].finding)
    return Written(kicker(scope), title, tuple(drawing.pieces), footer(scope))


PAGE = "page"
"""The script of a desk in the session."""
SEEN = "desk"
"""In the session: how to have the scope that was drawn last, filters included, for the menu's file."""


def _ask(bar: Bar) -> None:
    """Something on the page was pressed: a mark, a word, a figure, a button."""
    match page.said(PAGE).get("ask"):
        case ["rows", written]:
            link.put({link.ROWS: str(written) or None})
        case ["pick", name, *values]:
            filters.pick(bar, str(name), [str(v) for v in values])
        case ["clear", *names]:
            filters.clear(bar, "".join(map(str, names)))
        case ["code", *_]:
            sharing.ask()
        case ["failed", *_]:
            downloads.ask()


# ---- when nothing can be shown ------------------------------------------------------------------
def _unreadable(fault: DataError) -> None:
    """The folder cannot be shown at all: say why and how to mend it."""
    rows = [[f.file, f.rule, f.message] for f in fault.faults]
    title = markup.finding(Finding((("数据文件夹不能显示", "bad"),)))
    body = markup.table(["文件", "规则", "怎样改"], rows, caption="数据错误")
    above = markup.wrap([h.div({"class": "kick"}, h.span("法治政府建设看板")), title])
    shown = escaping.html(above, markup.wrap(body, "panel"))
    page.show(PAGE, page.message([shown], [], theme.Look()), ask=partial(_ask, ()))
