"""The frame of every screen: sidebar, scope line, finding, body, footer; desk and meeting.

A page file declares TITLE, RANK and `slides(scope)`, and ends by calling `show`. At the desk its
slides stand below one another; in meeting mode each fills the screen and the keys turn them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import streamlit as st
from qmg_dash.store import Snapshot

from qmg_dash import fmt, store, theme
from qmg_dash.charts import Chart
from qmg_dash.findings import Finding, headline
from qmg_dash.model import DataError, Figure, Filters
from qmg_dash.ui import bridge, nav, parts
from qmg_dash.ui.scope import (
    DEMO,
    KEYS,
    OFFICIAL,
    Scope,
    demo_folder,
    folders,
    pick,
    spans,
)

HERE = Path(__file__).parent
STYLE = (HERE / "style.css").read_text(encoding="utf-8") + parts.shapes_css()
MEETING = (HERE / "meeting.css").read_text(encoding="utf-8")
NATURE = {"official": "正式数据", "demo": "演示数据"}
LAST = "last"


@dataclass(frozen=True)
class Slide:
    """A part of a screen: what it finds, and how it is drawn."""

    finding: Finding
    draw: Callable[[Drawing], None]


class Drawing:
    """What a slide draws with. Everything goes through here, so that desk and meeting, official
    and demo differ in one place."""

    def __init__(self, scope: Scope):
        self.scope = scope
        self.book = scope.book
        self.look = scope.look

    def html(self, body: str, fill: bool = False, classes: str = "") -> None:
        """A block; `fill` lets it take the height left in meeting mode. Panels in it carry the
        demo mark by themselves."""
        marks = (classes, "fill" if fill else "", "demo" if self.scope.demo else "")
        st.html(parts.wrap(body, " ".join(m for m in marks if m)))

    @contextmanager
    def panel(self, name: str) -> Iterator[None]:
        """A panel that holds a chart."""
        demo = "demo_" if self.scope.demo else ""
        with st.container(key=f"p_{demo}{name}", height="stretch"):
            yield

    def columns(self, *weights: float) -> Sequence:
        return st.columns(list(weights), gap="small")

    def chart(self, key: str, drawn: Chart, rows: int, name: str) -> None:
        """A chart with its text alternative and, at the desk, the data behind it. `rows` is how
        many marks stand below one another: it sets the height at the desk."""
        height = "stretch" if self.look.present else max(160, int(rows * 36 + 10))
        st.plotly_chart(
            drawn.figure,
            key=f"c_{key}",
            height=height,
            theme=None,
            config={"displayModeBar": False},
            alt=drawn.alt,
        )
        if not self.look.present:
            st.html(parts.wrap(parts.data_view(self.drawn(name, drawn.header, drawn.rows))))

    def drawn(self, name: str, header: tuple[str, ...], rows: tuple) -> parts.Drawn:
        """Rows for a table or file, with the scope that must travel with them."""
        s = self.scope
        notes = (
            ("单位名称", s.snapshot.town.name),
            ("年度", str(s.year)),
            ("数据性质", NATURE[s.snapshot.town.nature]),
            ("数据版本", s.snapshot.version),
        )
        mark = "演示数据_" if s.demo else ""
        return parts.Drawn(f"{mark}{name}_{s.year}", header, rows, notes)

    def card(
        self, code: str, note: str = "", alert: bool = False, dimension: str = ""
    ) -> parts.Card:
        """A key number with the year before's beside it."""
        if dimension:
            figure = self.book.fig(code, dimension)
        else:
            figure = headline(self.book, code)
        before = self.scope.before.fig(code, figure.dimension)
        return parts.Card(figure, note, before if before.known else None, alert)


# ---- the run ----------------------------------------------------------------------------------
def show(slides: Callable[[Scope], list[Slide]], file: str) -> None:
    """Draw a page file's slides. Never a traceback: a folder that cannot be shown says why."""
    if not nav.ready():
        nav.navigate(hidden=False)
        st.rerun()
    path = next(s.path for s in nav.screens() if s.file.name == Path(file).name)
    _keep_folder()
    asked = st.query_params.to_dict()
    present = asked.get("present") == "true"
    try:
        folder, data = folders(asked)
        st.session_state["folder"] = data
        snapshot = store.store(folder).current()
    except DataError as fault:
        _unreadable(fault)
        return
    scope = _scope(snapshot, asked, path, data, present)
    found = slides(scope)
    scope = replace(scope, slide=min(scope.slide, len(found)))
    drawing = Drawing(scope)
    bridge.mount(present)
    if present:
        _meeting(drawing, found)
    else:
        _desk(drawing, found)


def _style(look: theme.Look) -> None:
    dark = ".stApp,.stMain,.stSidebar{color-scheme:dark}" if look.dark else ""
    meeting = MEETING if look.present else ""
    st.html(f"<style>{theme.variables(look)}{STYLE}{meeting}{dark}</style>")


def _look(asked: dict[str, str], present: bool, say: Callable[[str], None]) -> theme.Look:
    system = "dark" if getattr(st.context.theme, "type", "light") == "dark" else "light"
    chosen = pick(asked, "theme", {"light": "light", "dark": "dark"}, system, say)
    return theme.Look.of(chosen == "dark", present, *bridge.screen_size())


def _scope(snapshot: Snapshot, asked: dict[str, str], path: str, data: str, present: bool) -> Scope:
    said: list[str] = []
    years, goal_years = spans(snapshot)
    newest = years[0] if years else snapshot.clock().year
    # What names nothing is said before the bound widgets drop it.
    pick(asked, "data", _allowed_data(), data, said.append)
    pick(asked, "present", {"true": 1, "false": 0}, 0, said.append)
    pick(asked, "year", {str(y): y for y in years}, newest, said.append)
    newest_goal = goal_years[0] if goal_years else 0
    pick(asked, "goal_year", {str(y): y for y in goal_years}, newest_goal, said.append)
    slides = {str(n): n for n in range(1, 100)} | {LAST: 99}
    slide = int(pick(asked, "slide", slides, 1, said.append))  # type: ignore[call-overload]
    said += [f"链接中的“{key[:24]}”不是本页的筛选项，未使用。" for key in asked if key not in KEYS]
    look = _look(asked, present, said.append)
    _style(look)
    year, goal_year = _sidebar(snapshot, years, goal_years, path, data, present)
    extra = tuple((k, asked[k]) for k in ("theme", "play", "agenda") if k in asked)
    return Scope(
        snapshot,
        Filters(year or newest, goal_year or None),
        look,
        path,
        data,
        slide,
        years,
        goal_years,
        _remembered(path, tuple(said)),
        extra,
    )


def _allowed_data() -> dict[str, str]:
    allowed = {OFFICIAL: OFFICIAL}
    if demo_folder(store.resolve(None)).is_dir():
        allowed[DEMO] = DEMO
    return allowed


def _remembered(path: str, said: tuple[str, ...]) -> tuple[str, ...]:
    """Sentences about the link stay while its page is open: a bound widget mends the link in the
    first run, and a second run follows at once."""
    kept = st.session_state.get("said")
    if said or not kept or kept[0] != path:
        st.session_state["said"] = (path, said)
    return st.session_state["said"][1]


def _sidebar(
    snapshot: Snapshot,
    years: tuple[int, ...],
    goal_years: tuple[int, ...],
    path: str,
    data: str,
    present: bool,
) -> tuple[int, int]:
    """The filters that hold on every screen. They run in meeting mode too, unseen: a bound
    widget that is not drawn loses its key in the link."""
    year = goal_year = 0
    with st.sidebar:
        name = snapshot.town.short_name or snapshot.town.name
        st.html(parts.wrap(f'<p class="town"><b>{fmt.html(name)}</b><br>法治政府建设看板</p>'))
        if len(_allowed_data()) > 1:
            st.session_state["data_choice"] = data
            st.segmented_control(
                "数据",
                [OFFICIAL, DEMO],
                format_func=lambda d: {OFFICIAL: "本单位", DEMO: "演示"}[d],
                key="data_choice",
                on_change=_choose_folder,
                required=True,
            )
        if years:
            year = st.selectbox(
                "年度",
                years,
                key="year",
                bind="query-params",
            )
        if path == "/goals" and goal_years:
            goal_year = st.selectbox(
                "目标年度",
                goal_years,
                key="goal_year",
                bind="query-params",
            )
        if not present and st.button("会议模式", key="enter_meeting", width="stretch"):
            _turn(path, present="true")
    return year, goal_year or (goal_years[0] if goal_years else 0)


def _keep_folder() -> None:
    """The demo folder stays chosen through the menu and the buttons, which drop from the link what
    no bound widget holds. (A bound widget writes the words it shows into the link: 演示, 2022 年.)"""
    if st.session_state.get("folder") == DEMO and "data" not in st.query_params:
        st.query_params["data"] = DEMO


def _choose_folder() -> None:
    """Put the folder that was picked into the link."""
    st.session_state["folder"] = st.session_state["data_choice"]
    if st.session_state["folder"] == DEMO:
        st.query_params["data"] = DEMO
    else:
        st.query_params.pop("data", None)


def _turn(path: str, **query: str | int) -> None:
    """Go to a screen, keeping what the bound widgets hold."""
    st.switch_page(nav.pages()[path], query_params={k: str(v) for k, v in query.items()})


# ---- desk -------------------------------------------------------------------------------------
def _desk(drawing: Drawing, slides: list[Slide]) -> None:
    scope = drawing.scope
    drawing.html(_kicker(scope) + parts.finding(slides[0].finding))
    _banners(drawing)
    for slide in slides:
        slide.draw(drawing)
    drawing.html(_footer(scope))


def _kicker(scope: Scope) -> str:
    title = next(s.title for s in nav.screens() if s.path == scope.path)
    town = scope.snapshot.town
    note = '<span class="demo-note">演示数据 · 非真实记录 · 不得引用</span>' if scope.demo else ""
    facts = [
        town.name,
        NATURE[town.nature],
        f"统计日 {scope.snapshot.clock()}",
        f"数据版本 {scope.snapshot.version}",
    ]
    name = f"{town.short_name or town.name} · " if scope.look.present else ""
    where = fmt.html(f"{name}{title} · {scope.year} 年度")
    line = "" if scope.look.present else f'<span class="scope">{fmt.html(" · ".join(facts))}</span>'
    return f'<div class="kick"><span>{where}</span>{note}{line}</div>'


def _banners(drawing: Drawing) -> None:
    """What the link asked for and is not there; faults in the data; rows left out."""
    scope = drawing.scope
    lines = [parts.banner(s) for s in scope.said]
    faults = scope.snapshot.faults
    errors = [f for f in faults if f.severity == "error"]
    if errors and not scope.look.present:
        more = f"；另有 {len(errors) - 1} 处，见数据口径" if len(errors) > 1 else ""
        lines.append(parts.banner(parts.fault_line(errors[0]) + more, error=True))
    stale = [t for t in scope.snapshot.tables.values() if t.stale]
    if stale:
        names = "、".join(t.file for t in stale)
        lines.append(parts.banner(f"{names} 有错误，显示的是上一次正确的数据。", error=True))
    left_out = sum(t.rejected for t in scope.snapshot.tables.values())
    if left_out:
        lines.append(parts.banner(f"{left_out} 行未计入：有错误的行不进入数字，见数据口径。"))
    if lines:
        drawing.html("".join(lines))


def sources_line(scope: Scope) -> str:
    """Where the screen's published figures come from."""
    titles = dict.fromkeys(
        r.source for r in scope.snapshot.reported if r.year == scope.year and r.source
    )
    if not titles:
        return "来源：台账" if scope.snapshot.tables else "来源：无数据"
    return f"来源：{'、'.join(list(titles)[:2])}"


def _footer(scope: Scope) -> str:
    line = f"{sources_line(scope)} · 统计日 {scope.snapshot.clock()} · 数据版本 {scope.snapshot.version}"
    if scope.demo:
        line = f"演示数据 · {line}"
    if scope.look.present:
        return f'<div class="foot"><span>{fmt.html(line)}</span></div>'
    copy = (
        f'<button class="act" data-copy="{fmt.html(scope.query())}" data-label="复制链接">复制链接'
        '</button> <input class="linkbox" data-link readonly hidden aria-label="链接">'
    )
    return f'<div class="foot"><span>{fmt.html(line)}</span><span>{copy}</span></div>'


# ---- meeting ----------------------------------------------------------------------------------
def deck(scope: Scope) -> list[tuple[str, int]]:
    """Every slide of every screen, in order: (path, number)."""
    return [
        (screen.path, n + 1)
        for screen in nav.screens()
        for n in range(len(nav.module(screen).slides(replace(scope, path=screen.path))))
    ]


def _meeting(drawing: Drawing, slides: list[Slide]) -> None:
    scope = drawing.scope
    slide = slides[scope.slide - 1]
    drawing.html(_kicker(scope) + parts.finding(slide.finding))
    _banners(drawing)
    with st.container(key="body"):
        slide.draw(drawing)
    order = deck(scope)
    here = order.index((scope.path, scope.slide))
    with st.container(key="footer", horizontal=True):
        drawing.html(_footer(scope))
        _nav_button("上一页", "prev", order[here - 1], scope)
        drawing.html(f'<span class="muted">{here + 1} / {len(order)}</span>')
        _nav_button("下一页", "next", order[(here + 1) % len(order)], scope)
        _nav_button("首页", "first", order[0], scope)
        _nav_button("末页", "last", order[-1], scope)
        if st.button("退出", key="nav_leave", type="tertiary"):
            _turn(scope.path, **dict(scope.extra))


def _nav_button(label: str, name: str, to: tuple[str, int], scope: Scope) -> None:
    """A button that turns to a slide; the presenter's keys press it."""
    if st.button(label, key=f"nav_{name}", type="tertiary"):
        path, number = to
        more = {"slide": number} if number > 1 else {}
        _turn(path, present="true", **more, **dict(scope.extra))


# ---- when nothing can be shown ------------------------------------------------------------------
def _unreadable(fault: DataError) -> None:
    """The folder cannot be shown at all: say why and how to mend it."""
    _style(theme.Look())
    bridge.mount(False)
    rows = [[fmt.html(f.file), fmt.html(f.rule), fmt.html(f.message)] for f in fault.faults]
    title = parts.finding(Finding((("数据文件夹不能显示", "bad"),)))
    body = parts.table(["文件", "规则", "怎样改"], rows, caption="数据错误")
    st.html(parts.wrap(f'<div class="kick"><span>法治政府建设看板</span></div>{title}'))
    st.html(parts.wrap(body, "panel"))


def known(figures: Sequence[Figure]) -> list[Figure]:
    """Those with data."""
    return [f for f in figures if f.known]
