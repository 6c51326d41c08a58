"""Behind a number, at the desk: a drawer beside the page with the rows that make it, with file and
row, to search and take along; and why it changed. Which rows stand open is in the link, so that Back
closes them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from pathlib import PurePath

import simple_html as h
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from qmg_dash import fmt
from qmg_dash.exports import sheet
from qmg_dash.figures import rows_behind, why_changed
from qmg_dash.figures.book import Book
from qmg_dash.figures.rows_behind import OWNER, PLACE, Rows
from qmg_dash.figures.why_changed import Contribution, apportioned, contributions, unexplained
from qmg_dash.folder.snapshot import Loaded
from qmg_dash.kpis.base import MONTH, UNFILLED, Dimension, Kpi
from qmg_dash.model import Figure, Filters, UnknownName
from qmg_dash.tables import Column
from qmg_dash.ui import downloads, link, markup, markup_rows
from qmg_dash.ui.emit import html
from qmg_dash.ui.link import rows_asked
from qmg_dash.ui.link.rows_asked import Request
from qmg_dash.ui.slide import Drawing

PAGE = 100
"""Rows at once: 2,700 cells of the widest ledger."""
LOOKING = "正在查找明细…"
MOST = 100_000
"""Rows in one file; more are refused rather than cut without a word."""
UP, DOWN = "升序", "降序"
NATURE = "数据性质"
WAY_WIDTH = 88
"""Pixels of the choice of up or down."""
DRAWER = "drawer"
"""The key of its container, as static/inner.css and inner.js call it."""
CARDS, WIDE, WHY = "明细", "全部列", "为什么变化"
"""What it shows: the rows as cards, with all their columns, or why the figure has changed."""


# ---- asked for by a button, kept in the link ------------------------------------------------------
def asked(s: Drawing) -> Opened | None:
    """The figure whose rows the link asks for; what names none is said."""
    written = link.value(link.ROWS)
    if written is None:
        return None
    if request := rows_asked.read(written):
        try:
            return opened(s, request)
        except UnknownName:
            pass
    html(markup.banner(rows_asked.unheard(written)), demo=False)
    return None


def opened(s: Drawing, request: Request) -> Opened:
    """The figure that is asked for, with the proof of its rows. Raises UnknownName."""
    s = _under(s, request)
    at = Opened(s, request, rows_behind.figure(s.book, request.kpi, request.parts))
    with st.spinner(LOOKING):
        return replace(at, found=at.rows(limit=0))


# ---- the drawer -------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Opened:
    """A figure whose rows stand open: drawn under the scope in which it was shown."""

    s: Drawing
    request: Request
    figure: Figure
    found: Rows | None = None
    """What all its rows add up to; without the rows themselves."""

    def rows(self, **more: object) -> Rows:
        of = self.request
        return rows_behind.rows(self.s.book, of.kpi, of.parts, **more)  # type: ignore[arg-type]

    def key(self, name: str) -> str:
        """The key of a control: another for each figure."""
        return f"drill_{name}_{self.request.text}"


@dataclass(frozen=True)
class View:
    """How a person looks at the rows: what is searched for, the order, the columns chosen."""

    search: str
    order: str | None
    columns: tuple[Column, ...]
    rows: Rows
    """The proof of all rows and of those found; without the rows themselves."""

    @property
    def order_text(self) -> str:
        name = (self.order or "").removeprefix("-")
        header = next((c.header for c in self.rows.columns if c.name == name), "")
        way = DOWN if (self.order or "").startswith("-") else UP
        return f"{header}{way}" if header else "默认"

    def cut(self, rows: Sequence[Sequence[object]]) -> Iterator[tuple[object, ...]]:
        """Rows with the chosen columns alone."""
        at = [self.rows.columns.index(c) for c in self.columns]
        return (tuple(row[i] for i in at) for row in rows)


def drawer(at: Opened) -> None:
    """The drawer: what the rows add up to, the rows, files; or why the figure has changed."""
    with st.container(key=DRAWER):
        view = _head(at)
        if view == WHY:
            _why(at)
        elif found := at.found:
            tone = "accent" if found.agrees else "bad"
            html(h.p({"class": f"proof {tone}"}, found.adds_up), at.s.scope.demo)
            if found.total:
                _table(at, found, view == WIDE)
        _source(at)


def _under(s: Drawing, request: Request) -> Drawing:
    """The drawing under the scope in which the figure was shown: the screen's, that without a
    filter that the figure does not follow, or a whole year."""
    scope, now = s.scope, s.scope.filters
    if request.year:
        filters = Filters(int(request.year), now.goal_year)
    else:
        filters = now.with_values(**{request.without: ()}) if request.without else now
    at = Drawing(replace(scope, filters=filters, chosen=(), filter_text=""))
    told = [*_followed(at, request.kpi), at.unfollowed(request.kpi)]
    if filters.values != now.values and not request.year:
        told.append(f"不含“{_split(request.kpi, request.without).label}”筛选")
    return Drawing(replace(at.scope, filter_text="；".join(t for t in told if t)))


def _followed(s: Drawing, row: Kpi) -> Iterator[str]:
    """The filters that the figure follows, in words."""
    filters = s.scope.filters
    for name in s.book.followed(row):
        split = _split(row, name)
        values = map(split.text, filters.chosen(name))
        yield f"{split.label}：{'、'.join(values)}"
    if filters.month_from or filters.month_to:
        yield f"{filters.month_from or 1}–{filters.month_to or 12} 月"


def _split(row: Kpi, name: str) -> Dimension:
    return row.dimension(name) or (MONTH if name == MONTH.name else Dimension(name, name))


def _head(at: Opened) -> str:
    """Which figure it is, the way out, and the choice of what is shown of it: the answer."""
    s, figure, first = at.s, at.figure, WHY if at.request.why else CARDS
    view = st.session_state.get(at.key("view"), first)
    sub = f"{s.scope.year} 年 {fmt.text(figure)}"
    if s.scope.filter_text:
        sub += f" · {s.scope.filter_text}"
    out = h.button({"class": "act", "data-rows": "", "aria-label": "关闭明细"}, "关闭 ×")
    head = h.h2(h.span(figure.label), out)
    told = h.div(
        {"class": "muted"}, sub, " ", markup.provenance(figure, without=at.request.without)
    )
    wide = " wide" if view == WIDE else ""
    html(h.div({"class": f"drawer{wide}", "data-open": at.request.text}, head, told), s.scope.demo)
    st.segmented_control(
        "看什么",
        [CARDS, WIDE, WHY],
        default=first,
        required=True,
        key=at.key("view"),
        label_visibility="collapsed",
    )
    return view


def _source(at: Opened) -> None:
    """How the figure is counted, and the files that it is counted from."""
    said = h.p({"class": "muted"}, f"口径：{at.figure.kpi.definition}")
    html(h.div({"class": "counted"}, said, _files(at.s, at.figure)), at.s.scope.demo)


def _behind(s: Drawing, figure: Figure) -> list[Loaded]:
    """The files in which the rows stand, and the published figure where there is one."""
    names = [*(figure.kpi.tables if figure.ledger else ())]
    names += ["reported"] if figure.reported else []
    return [s.scope.snapshot.tables[n] for n in names if n in s.scope.snapshot.tables]


def _hash(file: Loaded) -> str:
    """The SHA-256 of a file's content; of several parts, over their names and hashes."""
    parts_ = "（各分片的文件名与校验码合算）" if "." not in PurePath(file.file).name else ""
    return f"{file.sha256}{parts_}"


def _files(s: Drawing, figure: Figure) -> h.Node:
    """The files with their content hashes, so that anybody can tell whether they hold the same."""
    lines = [
        h.li(h.span({"class": "any"}, f"{f.file}（{f.rows} 行）　SHA-256 {_hash(f)}"))
        for f in _behind(s, figure)
    ]
    return h.ul({"class": "files"}, lines) if lines else ""


# ---- the rows ---------------------------------------------------------------------------------------
def _table(at: Opened, found: Rows, wide: bool) -> None:
    """The rows of a page, as cards or with all their columns, and what can be done with them."""
    demo = at.s.scope.demo
    view = _view(at, found, wide)
    matched = view.rows.matched
    page = _page(at, matched)
    html(h.p({"class": "count", "role": "status"}, _count(view, page)), demo)
    if not matched:
        told = markup.empty(f"没有一行含有“{view.search}”", "换一个词，或清空搜索看全部")
        html(told, demo)
        return
    rows = at.rows(limit=PAGE, offset=page * PAGE, order=view.order, search=view.search).rows
    name = f"{at.figure.label}明细"
    html(_cards(at, found, list(map(_placed, rows))).table(name), demo)
    if wide:
        lines = map(_placed, view.cut(rows))
        all_ = f"{name}，可用方向键移动"
        html(markup_rows.ledger(view.columns, lines, view.order or "", all_), demo)
    if matched > MOST:
        said = (
            f"共 {fmt.digits(matched)} 行，超过 {fmt.digits(MOST)} 行不能一次下载；请先筛选或搜索。"
        )
        html(markup.banner(said), demo)
    with st.container(key="drill_below", horizontal=True, vertical_alignment="center"):
        _pager(at, page, matched)
        if matched <= MOST:
            _downloads(at, view)


def _cards(at: Opened, found: Rows, rows: list[tuple[object, ...]]) -> markup_rows.Cards:
    row = at.request.kpi
    term = rows_behind.TERMS.get(rows_behind.behind(row))
    return markup_rows.Cards(
        found.columns, rows_behind.card(row), rows, term, at.s.scope.snapshot.clock()
    )


def _placed(row: tuple[object, ...]) -> tuple[object, ...]:
    """A row as it is shown: the folder that all ledgers stand in goes without saying."""
    return (str(row[0]).removeprefix("ledgers/"), *row[1:])


def _view(at: Opened, found: Rows, wide: bool) -> View:
    """The controls over the rows, and what they say; which columns are shown is chosen where all
    are."""
    rest = found.columns[len(PLACE) :]
    by = {c.header: c.name for c in found.columns}
    places = st.columns([2, 1.6, 0.9, 2.5]) if wide else _narrow()
    search, order, way, *columns = places
    quiet = {"label_visibility": "collapsed", "persist_state": "session"}
    turn = {"on_change": _turn, "args": (at.key("page"), 0)} | quiet
    key = at.key("search")
    text = search.text_input("搜索", key=key, placeholder="搜索任一栏含有的文字", **turn)
    first = _usual(at.request.kpi, found)
    key = at.key("order")
    name = order.selectbox("排序", [first, *by], key=key, filter_mode=None, placeholder="", **turn)
    key, asks = at.key("way"), name in by
    chosen = way.selectbox(
        "次序",
        [UP, DOWN],
        key=key,
        filter_mode=None,
        placeholder="",
        disabled=not asks,
        width="stretch" if wide else WAY_WIDTH,
        **turn,
    )
    shown = [
        place.multiselect(
            "显示的列（文件、行号总在）",
            [c.header for c in rest],
            key=at.key("columns"),
            placeholder="显示的列：全部",
            filter_mode=None,
            select_all=False,
            **quiet,
        )
        for place in columns
    ]
    shown = shown[0] if shown else st.session_state.get(at.key("columns"))
    text = (text or "").strip()
    if text:
        with st.spinner(LOOKING):
            found = at.rows(limit=0, search=text)
    sign = "-" if chosen == DOWN else ""
    return View(
        text,
        f"{sign}{by[name]}" if asks else None,
        (*PLACE, *(c for c in rest if not shown or c.header in shown)),
        found,
    )


def _narrow() -> tuple[DeltaGenerator, DeltaGenerator, DeltaGenerator]:
    """Places for the search, and below it for the order and its way."""
    above, below = st.container(), st.container(horizontal=True, gap="small")
    return above, below, below


def _usual(row: Kpi, found: Rows) -> str:
    """The order without one."""
    m = row.formula
    dated = m is not None and any(c.name == m.date for c in found.columns)
    return "最新在前" if dated else "文件次序"


def _count(view: View, page: int) -> h.Node:
    """How many rows there are, which of them a page has, and what those that were found come to."""
    all_, matched = f"共 {fmt.digits(view.rows.total)} 行", view.rows.matched
    first, end = page * PAGE + 1, min(matched, (page + 1) * PAGE)
    here = f"，这里是第 {fmt.digits(first)}–{fmt.digits(end)} 行" if matched > PAGE else ""
    if not view.search:
        return f"{all_}{here}"
    sum_ = f"；这 {view.rows.found}" if matched else ""
    return [f"含“{view.search}”的 ", h.b(fmt.digits(matched)), f" 行，{all_}{here}{sum_}"]


def _turn(key: str, page: int) -> None:
    st.session_state[key] = page


def _page(at: Opened, matched: int) -> int:
    """The page that is shown, from 0."""
    return min(st.session_state.get(at.key("page"), 0), _last(matched))


def _last(matched: int) -> int:
    return max(0, -(-matched // PAGE) - 1)


def _pager(at: Opened, page: int, matched: int) -> None:
    """n / N between the ways to the other pages; nothing where one page has them all."""
    last = _last(matched)
    if not last:
        return
    for name, to in (("首页", 0), ("上一页", page - 1)):
        _to(at, name, to, page == 0)
    here = f"{page + 1} / {last + 1}"
    html(
        h.p({"class": "turning", "role": "status", "aria-label": f"第 {here} 页"}, h.b(here)),
        demo=False,
    )
    for name, to in (("下一页", page + 1), ("末页", last)):
        _to(at, name, to, page == last)


def _to(at: Opened, name: str, page: int, disabled: bool) -> None:
    key = f"drill_to_{name}"
    st.button(name, key=key, on_click=_turn, args=(at.key("page"), page), disabled=disabled)


# ---- to take along ----------------------------------------------------------------------------------
def _downloads(at: Opened, view: View) -> None:
    s = at.s
    name = s.drawn(f"{at.figure.label}明细", (), ()).name
    name += "_筛选" if view.search or s.scope.filter_text else ""
    header, again = _header(at, view), s.scope.again()
    request, figure = at.request, at.figure
    make = partial(_lines, lambda: Opened(Drawing(again()), request, figure), view)
    csv = partial(_csv, header, make)
    xlsx = partial(_xlsx, header, make, _notes(at, view))
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    for label, made, end, mime in (
        ("下载 CSV", csv, "csv", "text/csv"),
        ("下载 Excel", xlsx, "xlsx", kind),
    ):
        key = f"drill_{end}"
        downloads.button(label, made, f"{name}.{end}", mime, key)


def _csv(header: Sequence[str], make: partial) -> bytes:
    return sheet.to_csv(header, make())


def _xlsx(header: Sequence[str], make: partial, notes: sheet.Notes) -> bytes:
    return sheet.to_xlsx(header, make(), notes)


def _header(at: Opened, view: View) -> tuple[str, ...]:
    """The headers of a file: in a demo every row says what it is."""
    return (*(c.header for c in view.columns), *((NATURE,) if at.s.scope.demo else ()))


def _lines(again: Callable[[], Opened], view: View) -> Iterator[tuple[object, ...]]:
    """The rows of a file, as they are ordered, searched and cut on the screen."""
    at = again()
    found = at.rows(order=view.order, search=view.search).rows
    mark = (dict(at.s.drawn("", (), ()).notes)[NATURE],) if at.s.scope.demo else ()
    return ((*row, *mark) for row in view.cut(found))


def _notes(at: Opened, view: View) -> tuple[tuple[str, str], ...]:
    """What must travel with the rows: the figure they belong to, and what of it is in the file."""
    s, figure, found = at.s, at.figure, view.rows
    whole = "全部" if view.search else ""
    here = found.found if view.search else "全部"
    cut = len(view.columns) < len(found.columns)
    searched = (("搜索", f"任一栏含“{view.search}”"),) if view.search else ()
    return (
        *s.drawn("", (), ()).notes,
        ("指标", figure.label),
        ("口径", figure.kpi.definition),
        (f"{whole}数值", fmt.text(figure)),
        (f"{whole}加总", found.adds_up),
        *searched,
        ("本文件", f"{fmt.digits(found.matched)} 行，共 {fmt.digits(found.total)} 行"),
        ("本文件加总", here if view.search else found.adds_up),
        ("排序", view.order_text),
        ("列", "、".join(c.header for c in view.columns) if cut else "全部"),
        *((f"SHA-256 {f.file}", _hash(f)) for f in _behind(s, figure)),
    )


# ---- why it changed ---------------------------------------------------------------------------------
def _why(at: Opened) -> None:
    """为什么变化: this period against its base, split by a dimension, summing to the difference;
    else one line why not."""
    s, row = at.s, at.request.kpi
    if why := _unexplained(at, row):
        html(h.p({"class": "muted"}, f"为什么变化：{why}。"), s.scope.demo)
        return
    by = why_changed.splits(row, at.request.parts)
    names = {d.label: d for d in by}
    label = st.selectbox(
        "为什么变化：按哪一项拆分",
        list(names),
        index=next((i for i, d in enumerate(by) if d.name == OWNER), 0),
        filter_mode=None,
        placeholder="",
        key=at.key("why"),
    )
    html(_explained(at, row, names[label]), s.scope.demo)


def _unexplained(at: Opened, row: Kpi) -> str:
    """Why no split tells what has changed; empty where one does."""
    if at.request.parts and not why_changed.splits(row, at.request.parts):
        return "这是总数的一部分；总数的明细里按部分说明"
    then, now = _periods(at, row)
    if why := unexplained(now, then, row):
        return why
    note = at.s.scope.beside(at.figure).note
    return f"{note}，不能说明变化" if note else ""


def _periods(at: Opened, row: Kpi) -> tuple[Book, Book]:
    """(the base, this period) of the figure or part that is asked for."""
    then, now = (why_changed.within(b, at.request.parts) for b in at.s.scope.against.books(row))
    return then, now


def _explained(at: Opened, row: Kpi, split: Dimension) -> h.Node:
    """Every part with both periods and what it contributes; written, they sum to the whole."""
    base = at.s.scope.against
    then_, now_ = _periods(at, row)
    found = contributions(now_, then_, row, split)
    found.sort(key=lambda c: (c.value == UNFILLED, -abs(c.difference)))
    whole = why_changed.whole(found)
    decimals = RATE_DECIMALS if row.rate else AMOUNT_DECIMALS
    then, now = (fmt.rounded(v or 0, decimals) for v in (whole.then, whole.now))
    moved = apportioned([c.difference for c in found], now - then)
    unit = "个百分点" if row.rate else row.unit
    lines = [
        (split.text(c.value), *_both(c), h.b(_signed(d, row)))
        for c, d in zip(found, moved, strict=True)
    ]
    lines.append(("合计", *_both(whole), _signed(now - then, row)))
    header = [split.label, base.short, "本期", f"贡献（{unit}）"]
    classes = [""] * (len(lines) - 1) + ["sum"]
    grid = markup.table(header, lines, "lrrr", classes, "why", "变化的构成")
    sub = f"{base.text}；按台账，各部分的贡献相加等于合计"
    return [markup.head(f"为什么变化：{_signed(now - then, row)}{unit}", sub), grid]


RATE_DECIMALS, AMOUNT_DECIMALS = 2, 4
"""A ledger's amounts have four decimals at most, so that they are written as they are."""


def _both(part: Contribution) -> tuple[h.Node, h.Node]:
    """A part then and now; of a rate with what it is made of."""
    then, now = part.of or (None, None)
    return _cell(part.then, then), _cell(part.now, now)


def _cell(value: float | None, of: tuple[float, float] | None) -> h.Node:
    if value is None:
        return fmt.NONE
    if of is None:
        return fmt.digits(value, AMOUNT_DECIMALS)
    made = " / ".join(fmt.digits(n, AMOUNT_DECIMALS) for n in of)
    return [h.small(made), f" {fmt.rounded(value, RATE_DECIMALS)}%"]


def _signed(value: Decimal, row: Kpi) -> str:
    if not value:
        return "0"
    size = f"{abs(value)}" if row.rate else fmt.digits(abs(value), AMOUNT_DECIMALS)
    return f"{'+' if value > 0 else '−'}{size}"
