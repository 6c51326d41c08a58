"""The frame of every screen: sidebar, scope line, finding, body, footer.

A page file declares TITLE, RANK and `slides(scope)`, and ends by calling `show`. At the desk its
slides stand below one another; in meeting mode each fills the screen and the keys turn them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache, partial
from pathlib import Path

import simple_html as h
import streamlit as st

from qmg_dash import fmt, theme
from qmg_dash.figures import cubes
from qmg_dash.figures.coverage import ENDED, newest_year, which_years
from qmg_dash.figures.findings import Finding
from qmg_dash.folder import store
from qmg_dash.folder.scan import resolve
from qmg_dash.folder.snapshot import Snapshot
from qmg_dash.model import DataError, Filters
from qmg_dash.ui import bridge, downloads, link, markup, markup_agreement, menu, styles
from qmg_dash.ui.desk import open_rows, planner
from qmg_dash.ui.emit import emit, html
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
from qmg_dash.ui.page import measures, paint
from qmg_dash.ui.slide import (
    MAIN,
    WRITTEN,
    Drawing,
    Slide,
    Written,
    banners,
    footer,
    kicker,
    numbered,
)

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
    wanted = deck.asked(path, link.asked())
    asked = link.last(wanted)
    present = asked.get(link.PRESENT) == "true"
    try:
        folder, data = folders(asked)
        sent = read_sent(asked, _current(store.store(folder, cubes.prepare)))
    except DataError as fault:
        _unreadable(fault)
        return
    scope = _scope(sent, wanted, asked, path, data, present, bar)
    bridge.mount(open_rows.ask, sharing.ask, partial(filters.ask, bar), downloads.ask)
    if present:
        deck.show(_with_sentence(scope), asked)
    else:
        said = dict.fromkeys((*scope.said, *deck.unheard(scope, asked)))
        _desk(replace(scope, said=tuple(said)), slides, bar)


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


def _style(look: theme.Look, town: str = "") -> None:
    emit(_rules(look.dark, look.present, town))


@cache
def _rules(dark: bool, present: bool, town: str) -> h.SafeString:
    """The style of every screen, and a town's name at the head of the menu, which has no place
    for text of one's own but this."""
    look = theme.Look(dark, present)
    plain = re.sub(r"[^\w\s（）()·-]", "", town).replace("\n", " ")
    name = (
        f'[data-testid=stSidebarHeader]::before{{content:"{plain}\\A 法治政府建设看板";'
        "white-space:pre;font-weight:700;color:var(--accent);line-height:1.4}"
    )
    return styles.block(
        theme.variables(look),
        styles.STYLE,
        styles.MEETING if present else "",
        styles.DARK if dark else "",
        name if town else "",
    )


def _look(asked: dict[str, str], present: bool, say: Callable[[str], None]) -> theme.Look:
    system = "dark" if getattr(st.context.theme, "type", "light") == "dark" else "light"
    chosen = pick(asked, link.THEME, {v: v for v in link.THEME.allowed}, system, say)
    return theme.Look.of(chosen == "dark", present, *bridge.screen_size())


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
    names = {*link.KEYS, *(f.name for f in bar)}
    said += _strange([key for key in asked if key not in names])
    said += _twice({k: wanted[k] for k in wanted if k in link.KEYS})
    look = _look(asked, present, said.append)
    _style(look, snapshot.town.short_name or snapshot.town.name)
    _sidebar(snapshot, years, goal_years, path, data, present, year, goal_year)
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
        tuple(said),
        tuple((n, tuple(v)) for n, v in chosen.items()),
        filters.sentence(bar, chosen, narrowed),
        filters.chips(bar, chosen, narrowed),
        tuple((f.name, f.label) for f in bar),
        extra,
        sent,
        compared,
    )


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


def _sidebar(
    snapshot: Snapshot,
    years: tuple[int, ...],
    goal_years: tuple[int, ...],
    path: str,
    data: str,
    present: bool,
    year: int,
    goal_year: int,
) -> None:
    """The choices that hold on every screen."""
    with st.sidebar:
        if len(_allowed_data()) > 1:
            words = {OFFICIAL: "本单位", DEMO: "演示"}
            st.segmented_control(
                "数据",
                [OFFICIAL, DEMO],
                format_func=words.__getitem__,
                required=True,
                **_choice(link.DATA, data),
            )
        if years:
            ended = which_years(snapshot).ended
            st.selectbox(
                "年度",
                years,
                format_func=lambda y: f"{y}（{ENDED}）" if y in ended else str(y),
                filter_mode=None,
                **_choice(link.YEAR, year),
            )
        if path == "/goals" and goal_years:
            st.selectbox(
                "目标年度", goal_years, filter_mode=None, **_choice(link.GOAL_YEAR, goal_year)
            )
        if present:
            return
        if st.button("会议模式（F9）", key="enter_meeting", width="stretch"):
            link.turn(path, {**link.asked(), link.PRESENT: "true"})
        st.button("会议议程", key="plan_meeting", on_click=planner.ask, width="stretch")


def _choice(key: str, value: object) -> dict:
    """How a widget shows a value of the link and writes it back. Not bound to the query: a bound
    widget writes the words it shows into the link (演示), and loses them at every other turn of
    the menu."""
    state = f"s_{key}"
    st.session_state[state] = value
    return {"key": state, "on_change": link.follow, "args": (key, state)}


# ---- desk -------------------------------------------------------------------------------------
def _desk(scope: Scope, slides: Slides, bar: Bar) -> None:
    key = ("desk", *scope.same)
    sheet = WRITTEN(scope.snapshot, key, lambda: _written(scope, slides))
    above = h.div({"class": "kick"}, sheet.kicker, sharing.buttons(scope))
    html([styles.block(sheet.style), above, sheet.finding], scope.demo)
    if said := banners(scope):
        html(said, scope.demo)
    if scope.sent:
        line(scope.sent, scope.filters)
    filters.bar(scope.book, bar, dict(scope.chosen))
    if wanted := open_rows.asked():
        open_rows.panel(Drawing(scope), wanted)
    with st.sidebar:
        planner.file_button(scope, "meeting_file")
    if planner.asked():
        planner.plan(scope.again())
    elif sharing.asked():
        sharing.show(scope.again())
    paint(sheet.body)
    html(h.div({"class": "foot"}, h.span(sheet.foot)), scope.demo)


def _written(scope: Scope, slides: Slides) -> Written:
    drawing, found = Drawing(scope), slides(scope)
    if line := markup_agreement.strip(scope):
        drawing.html(line)
    for slide in found:
        slide.draw(drawing)
    title, style = markup.finding(found[0].finding), measures(drawing.rows, drawing.filling)
    return Written(kicker(scope), title, tuple(drawing.pieces), style, footer(scope))


# ---- when nothing can be shown ------------------------------------------------------------------
def _unreadable(fault: DataError) -> None:
    """The folder cannot be shown at all: say why and how to mend it."""
    _style(theme.Look())
    bridge.mount()
    rows = [[f.file, f.rule, f.message] for f in fault.faults]
    title = markup.finding(Finding((("数据文件夹不能显示", "bad"),)))
    body = markup.table(["文件", "规则", "怎样改"], rows, caption="数据错误")
    emit(markup.wrap([h.div({"class": "kick"}, h.span("法治政府建设看板")), title]))
    emit(markup.wrap(body, "panel"))
