"""Behind a number, at the desk: the rows that make it, with file and row, to search and take
along; and why it changed.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import PurePath

import pandas as pd
import streamlit as st

from qmg_dash import analysis, fmt
from qmg_dash.compute import dimension_text
from qmg_dash.exports import sheet
from qmg_dash.fmt import html as esc
from qmg_dash.kpis import is_known, kpi
from qmg_dash.model import Figure, Filters
from qmg_dash.store import Loaded
from qmg_dash.ui import parts
from qmg_dash.ui.drawing import Drawing, panel_key
from qmg_dash.ui.painting import html

STATE = "drill"
PAGE = 200
LOOKING = "正在查找明细…"
MOST = 100_000
"""Rows in one file; more are refused rather than cut without a word."""


def close() -> None:
    """Put the rows away."""
    st.session_state[STATE] = None


def asked(path: str) -> tuple[str, str, str] | None:
    """(code, dimension, year) of the figure whose rows were asked for on this screen."""
    kept = st.session_state.get(STATE)
    if not kept or kept[0] != path or not is_known(kept[1]):
        return None
    return kept[1:]


def ask(path: str) -> None:
    """A figure's button was pressed: remember which, for this screen."""
    value = (st.session_state.get("bridge") or {}).get("rows") or ""
    code, dimension, year = [*str(value).split("|"), "", ""][:3]
    st.session_state[STATE] = (path, code, dimension, year)


def panel(s: Drawing, code: str, dimension: str, year: str = "") -> None:
    """The panel under the title: what the rows add up to, the rows, files, why it changed. With a
    year it is about that whole year, whatever the screen's year and filters are."""
    if year.isdecimal():
        whole = Filters(int(year), s.scope.filters.goal_year)
        s = Drawing(replace(s.scope, filters=whole, chosen=(), filter_text=""))
    figure = s.book.fig(code, dimension)
    with st.container(key=panel_key(s.scope, "drill"), height="stretch"):
        with st.spinner(LOOKING):
            found = analysis.rows(s.book, code, dimension, limit=0)
        _head(s, figure, found)
        _table(s, figure, found)
        _why(s, figure)


def _head(s: Drawing, figure: Figure, found: analysis.Rows) -> None:
    left, right = st.columns([5, 1], vertical_alignment="center")
    with left:
        sub = f"{s.scope.year} 年 {fmt.text(figure)}"
        if s.scope.filter_text:
            sub += f" · {s.scope.filter_text}"
        tone = "accent" if found.agrees else "bad"
        proof = f'<p class="{tone}"><b>{esc(found.adds_up)}</b></p>'
        told = f'<p class="muted">口径：{esc(figure.definition)}</p>'
        head = parts.head(f"{figure.label}：明细", sub, figure)
        html(head + told + proof + _files(s, figure), s.scope.demo)
    with right:
        st.button("关闭明细", key="close_drill", on_click=close, width="stretch")


def _behind(s: Drawing, figure: Figure) -> list[Loaded]:
    """The files in which the rows stand, and the published figure where there is one."""
    names = [*(kpi(figure.code).tables if figure.ledger else ())]
    names += ["reported"] if figure.reported else []
    return [s.scope.snapshot.tables[n] for n in names if n in s.scope.snapshot.tables]


def _hash(file: Loaded) -> str:
    """The SHA-256 of a file's content; of several parts, over their names and hashes."""
    parts_ = "（各分片的文件名与校验码合算）" if "." not in PurePath(file.file).name else ""
    return f"{file.sha256}{parts_}"


def _files(s: Drawing, figure: Figure) -> str:
    """The files with their content hashes, so that anybody can tell whether they hold the same."""
    lines = "".join(
        f'<li><span class="any">{esc(f.file)}（{f.rows} 行）　SHA-256 {esc(_hash(f))}</span></li>'
        for f in _behind(s, figure)
    )
    return f'<ul class="files">{lines}</ul>' if lines else ""


def _table(s: Drawing, figure: Figure, found: analysis.Rows) -> None:
    by = {c.header: c.name for c in found.columns}
    key = f"{figure.code}|{figure.dimension}"
    search, order, page = st.columns([2, 2, 1])
    text = search.text_input("搜索", key=f"drill_search_{key}", placeholder="任一栏含有的文字")
    name = order.selectbox("排序", ["默认（最新在前）", *by], key=f"drill_order_{key}")
    matched = found.matched
    if text:
        at = (s.book, figure.code, figure.dimension)
        with st.spinner(LOOKING):
            matched = analysis.rows(*at, limit=0, search=text).matched
    pages = max(1, -(-matched // PAGE))
    number = page.number_input(f"页（共 {pages}）", 1, pages, key=f"drill_page_{key}")
    with st.spinner(LOOKING):
        rows = analysis.rows(
            s.book,
            figure.code,
            figure.dimension,
            limit=PAGE,
            offset=(int(number) - 1) * PAGE,
            order=by.get(name),
            search=text or "",
        )
    shown = st.multiselect(
        "显示的列",
        rows.headers,
        key=f"drill_columns_{key}",
        placeholder="全部",
        filter_mode=None,
        select_all=False,
    )
    frame = pd.DataFrame(list(rows.rows), columns=list(rows.headers))
    st.dataframe(
        frame[shown] if shown else frame,
        hide_index=True,
        width="stretch",
        height=min(460, 38 + 35 * len(frame)),
        placeholder="",
    )
    _downloads(s, figure, rows, text or "")


def _downloads(s: Drawing, figure: Figure, rows: analysis.Rows, search: str) -> None:
    name = s.drawn(f"{figure.label}明细", (), ()).name
    notes = (*s.drawn("", (), ()).notes, ("指标", figure.label), ("口径", figure.definition))
    notes = (*notes, ("数值", fmt.text(figure)), ("加总", rows.adds_up))
    notes += tuple((f"SHA-256 {f.file}", _hash(f)) for f in _behind(s, figure))
    if rows.matched > MOST:
        html(
            parts.banner(f"共 {rows.matched} 行，超过 {MOST} 行不能一次下载；请先筛选。"),
            s.scope.demo,
        )
        return
    left, right, _ = st.columns([1, 1, 4])
    make = partial(_all, s, figure, search)
    left.download_button(
        "下载 CSV",
        lambda: sheet.to_csv(rows.headers, make()),
        f"{name}.csv",
        "text/csv",
        key="drill_csv",
        on_click="ignore",
        width="stretch",
    )
    right.download_button(
        "下载 Excel",
        lambda: sheet.to_xlsx(rows.headers, make(), notes),
        f"{name}.xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        key="drill_xlsx",
        on_click="ignore",
        width="stretch",
    )


def _all(s: Drawing, figure: Figure, search: str) -> tuple[tuple, ...]:
    return analysis.rows(s.book, figure.code, figure.dimension, search=search).rows


def _why(s: Drawing, figure: Figure) -> None:
    """为什么变化: this period against its base, split by a dimension, summing to the difference."""
    row = kpi(figure.code)
    base = s.scope.against
    if figure.dimension or not row.dimensions or not base.book.speaks(row):
        return
    names = {d.label: d for d in row.dimensions}
    label = st.selectbox(
        "为什么变化：按哪一项拆分", ["不拆分", *names], filter_mode=None, key=f"why_{figure.code}"
    )
    if label not in names:
        return
    declared = names[label]
    if reason := s.scope.beside(figure).note:
        html(parts.banner(f"{reason}，不能说明变化。"), s.scope.demo)
        return
    try:
        found = analysis.contributions(base.now, base.book, figure.code, declared.name)
    except analysis.NotComparable as refused:
        html(parts.banner(str(refused)), s.scope.demo)
        return
    moved = sum(c.difference for c in found)
    unit = "个百分点" if row.rate else row.unit
    rows = [
        (
            esc(dimension_text(declared, c.value)),
            _cell(c.then),
            _cell(c.now),
            f"<b>{_signed(c.difference)}</b>",
        )
        for c in sorted(found, key=lambda c: -abs(c.difference))
        if c.difference
    ]
    rows.append(("合计", "", "", _signed(moved)))
    header = [label, base.short, "本期", f"贡献（{unit}）"]
    classes = [""] * (len(rows) - 1) + ["sum"]
    grid = parts.table(header, rows, "lrrr", classes, caption="变化的构成")
    html(parts.head(f"为什么变化：{_signed(moved)}{unit}", base.text) + grid, s.scope.demo)


def _cell(value: float | None) -> str:
    return fmt.NONE if value is None else fmt.digits(value)


def _signed(value: float) -> str:
    return "0" if not value else f"{'+' if value > 0 else '−'}{fmt.digits(abs(value))}"
