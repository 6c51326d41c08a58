"""Behind a number, at the desk: the rows that make it, with file and row, to search and take
along; and why it changed. Which rows stand open is in the link, so that Back closes them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from pathlib import PurePath

import simple_html as h
import streamlit as st

from qmg_dash import fmt
from qmg_dash.exports import sheet
from qmg_dash.figures import rows_behind, why_changed
from qmg_dash.figures.rows_behind import PLACE, Rows
from qmg_dash.figures.why_changed import Contribution, apportioned, contributions, unexplained
from qmg_dash.folder.snapshot import Loaded
from qmg_dash.kpis.base import MONTH, UNFILLED, Dimension, Kpi
from qmg_dash.model import Figure, Filters, UnknownName
from qmg_dash.tables import Column
from qmg_dash.ui import downloads, link, markup
from qmg_dash.ui.emit import html
from qmg_dash.ui.link import rows_asked
from qmg_dash.ui.link.rows_asked import Request
from qmg_dash.ui.slide import Drawing, panel_key

PAGE = 100
"""Rows at once: 2,700 cells of the widest ledger."""
LOOKING = "正在查找明细…"
MOST = 100_000
"""Rows in one file; more are refused rather than cut without a word."""
UP, DOWN = "升序", "降序"
NATURE = "数据性质"
WHY_WIDTH = 360
"""Pixels of the choice of a split."""


# ---- asked for by a button, kept in the link ------------------------------------------------------
def close() -> None:
    """Put the rows away."""
    link.put({link.ROWS: None})


def asked() -> Request | None:
    """The rows that the link asks for; what names none is said."""
    written = link.value(link.ROWS)
    if written is None:
        return None
    request = rows_asked.read(written)
    if request is None:
        _unheard(written)
    return request


def _unheard(written: str) -> None:
    html(markup.banner(rows_asked.unheard(written)), demo=False)


# ---- the panel --------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Opened:
    """A figure whose rows stand open: drawn under the scope in which it was shown."""

    s: Drawing
    request: Request
    figure: Figure

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


def panel(s: Drawing, request: Request) -> None:
    """The panel under the title: what the rows add up to, the rows, files, why it changed."""
    s = _under(s, request)
    try:
        figure = rows_behind.figure(s.book, request.kpi, request.parts)
        opened = Opened(s, request, figure)
        with st.spinner(LOOKING):
            found = opened.rows(limit=0)
    except UnknownName:
        _unheard(request.text)
        return
    with st.container(key=panel_key(s.scope, "drill"), height="stretch"):
        _head(opened, found)
        if found.total:
            _table(opened, found)
        _why(opened)


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


def _head(at: Opened, found: Rows) -> None:
    s, figure = at.s, at.figure
    left, right = st.columns([5, 1], vertical_alignment="center")
    with left:
        sub = f"{s.scope.year} 年 {fmt.text(figure)}"
        if s.scope.filter_text:
            sub += f" · {s.scope.filter_text}"
        tone = "accent" if found.agrees else "bad"
        proof = h.p({"class": tone}, h.b(found.adds_up))
        told = h.p({"class": "muted"}, f"口径：{figure.kpi.definition}")
        tag = markup.provenance(figure, without=at.request.without)
        head = markup.head(f"{figure.label}：明细", sub, tag=tag)
        html([head, told, proof, _files(s, figure)], s.scope.demo)
    with right:
        st.button("关闭明细", key="close_drill", on_click=close, width="stretch")


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
def _table(at: Opened, found: Rows) -> None:
    """The controls, how many rows they leave, a page of these, the files."""
    demo = at.s.scope.demo
    view = _view(at, found)
    matched = view.rows.matched
    html(h.p({"class": "count", "role": "status"}, _count(view)), demo)
    if not matched:
        told = markup.empty(f"没有一行含有“{view.search}”", "换一个词，或清空搜索看全部")
        html(told, demo)
        return
    page = _page(at, matched)
    rows = at.rows(limit=PAGE, offset=page * PAGE, order=view.order, search=view.search)
    lines = (_placed(row) for row in view.cut(rows.rows))
    caption = f"{at.figure.label}明细，可用方向键移动"
    html(markup.ledger(view.columns, lines, view.order or "", caption), demo)
    if matched > MOST:
        said = (
            f"共 {fmt.digits(matched)} 行，超过 {fmt.digits(MOST)} 行不能一次下载；请先筛选或搜索。"
        )
        html(markup.banner(said), demo)
    with st.container(key="drill_below", horizontal=True, vertical_alignment="center"):
        _pager(at, page, matched)
        if matched <= MOST:
            _downloads(at, view)


def _placed(row: tuple[object, ...]) -> tuple[object, ...]:
    """A row as it is shown: the folder that all ledgers stand in goes without saying."""
    return (str(row[0]).removeprefix("ledgers/"), *row[1:])


def _view(at: Opened, found: Rows) -> View:
    """The controls over the rows, and what they say."""
    rest = found.columns[len(PLACE) :]
    by = {c.header: c.name for c in found.columns}
    search, order, way, columns = st.columns([2, 1.6, 0.9, 2.5])
    turn = {"on_change": _turn, "args": (at.key("page"), 0)}
    key = at.key("search")
    text = search.text_input("搜索", key=key, placeholder="任一栏含有的文字", **turn)
    first = f"默认（{_usual(at.request.kpi, found)}）"
    key = at.key("order")
    name = order.selectbox("排序", [first, *by], key=key, filter_mode=None, placeholder="", **turn)
    key, asks = at.key("way"), name in by
    chosen = way.selectbox(
        "次序", [UP, DOWN], key=key, filter_mode=None, placeholder="", disabled=not asks, **turn
    )
    shown = columns.multiselect(
        "显示的列（文件、行号总在）",
        [c.header for c in rest],
        key=at.key("columns"),
        placeholder="全部",
        filter_mode=None,
        select_all=False,
    )
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


def _usual(row: Kpi, found: Rows) -> str:
    """The order without one."""
    m = row.formula
    dated = m is not None and any(c.name == m.date for c in found.columns)
    return "最新在前" if dated else "文件次序"


def _count(view: View) -> h.Node:
    """How many rows there are, and what those that were found come to."""
    all_ = f"共 {fmt.digits(view.rows.total)} 行"
    if not view.search:
        return all_
    sum_ = f"；这 {view.rows.found}" if view.rows.matched else ""
    return [f"含“{view.search}”的 ", h.b(fmt.digits(view.rows.matched)), f" 行，{all_}{sum_}"]


def _turn(key: str, page: int) -> None:
    st.session_state[key] = page


def _page(at: Opened, matched: int) -> int:
    """The page that is shown, from 0."""
    return min(st.session_state.get(at.key("page"), 0), _last(matched))


def _last(matched: int) -> int:
    return max(0, -(-matched // PAGE) - 1)


def _pager(at: Opened, page: int, matched: int) -> None:
    """第 n / N 页 between the ways to the others; nothing where one page has them all."""
    last = _last(matched)
    if not last:
        return
    for name, to in (("第一页", 0), ("上一页", page - 1)):
        _to(at, name, to, page == 0)
    first, end = page * PAGE + 1, min(matched, (page + 1) * PAGE)
    rows = f"第 {fmt.digits(first)}–{fmt.digits(end)} 行"
    html(h.p({"role": "status"}, h.b(f"第 {page + 1} / {last + 1} 页"), f"　{rows}"), demo=False)
    for name, to in (("下一页", page + 1), ("最后一页", last)):
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
    names = {d.label: d for d in row.dimensions}
    label = st.selectbox(
        "为什么变化：按哪一项拆分",
        ["不拆分", *names],
        filter_mode=None,
        placeholder="",
        key=at.key("why"),
        width=WHY_WIDTH,
    )
    if label in names:
        html(_explained(s, row, names[label]), s.scope.demo)


def _unexplained(at: Opened, row: Kpi) -> str:
    """Why no split tells what has changed; empty where one does."""
    base = at.s.scope.against
    if at.request.parts:
        return "这是总数的一部分；总数的明细里按部分说明"
    if why := unexplained(base.now, base.book, row):
        return why
    note = at.s.scope.beside(at.figure).note
    return f"{note}，不能说明变化" if note else ""


def _explained(s: Drawing, row: Kpi, split: Dimension) -> h.Node:
    """Every part with both periods and what it contributes; written, they sum to the whole."""
    base = s.scope.against
    found = contributions(base.now, base.book, row, split)
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
