"""A statutory table at the desk, in its own layout: which cells break an identity, and the files."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import simple_html as h
import streamlit as st

from qmg_dash import escaping, fmt
from qmg_dash.escaping import joined
from qmg_dash.exports import definitions
from qmg_dash.exports import form as files
from qmg_dash.figures import reconcile
from qmg_dash.figures.book import shared
from qmg_dash.figures.findings import Finding
from qmg_dash.figures.forms import BASES, Basis, Filled, Form, Grid, Placed, bases, filled, told
from qmg_dash.figures.identities import Result
from qmg_dash.folder import store
from qmg_dash.folder.memo import Memo
from qmg_dash.folder.snapshot import Snapshot
from qmg_dash.model import Filters
from qmg_dash.ui import downloads, markup
from qmg_dash.ui.emit import emit, html
from qmg_dash.ui.link.scope import Scope
from qmg_dash.ui.slide import Drawing, Slide, panel_key

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def slides(scope: Scope, form: Form) -> list[Slide]:
    """The section of a form, at the desk alone: no wall shows so many cells in a legible size."""
    if scope.look.present or not bases(scope.snapshot, scope.year, form):
        return []
    return [Slide("form", Finding(((form.title, ""),)), section(form))]


def section(form: Form) -> Callable[[Drawing], None]:
    """How the section of a form is drawn: choice of the basis, files, tables, identities."""

    def draw(s: Drawing) -> None:
        snapshot, year = s.scope.snapshot, s.scope.year
        title = filled(snapshot, year, form, "reported").title
        head = markup.head(title, f"{form.basis}；全年，不随筛选")
        key = panel_key(s.scope, f"form_{form.id}")
        s.live(partial(_panel, key, head, snapshot, year, form, s.scope.data))

    return draw


def _panel(key: str, head: h.Node, snapshot: Snapshot, year: int, form: Form, data: str) -> None:
    with st.container(key=key, height="stretch"):
        html(head, demo=False)
        _controls(snapshot, year, form, data)


def _controls(snapshot: Snapshot, year: int, form: Form, data: str) -> None:
    """The basis to show, its files, and under them the form."""
    known = bases(snapshot, year, form)
    with st.container(horizontal=True, vertical_alignment="center"):
        basis = _chosen(known, f"basis_{form.id}_{year}_{data}")
        found = filled(snapshot, year, form, basis)
        _files(found)
    emit(_tables(found))


def _chosen(known: list[Basis], key: str) -> Basis:
    """The basis whose cells are shown: the first one, unless another is chosen."""
    if len(known) == 1:
        return known[0]
    picked = st.segmented_control(
        "填表依据",
        known,
        format_func=BASES.__getitem__,
        default=known[0],
        required=True,
        label_visibility="collapsed",
        key=key,
    )
    return picked or known[0]


def _files(found: Filled) -> None:
    """The form as Word and Excel, made when asked for."""
    key = f"{found.form.id}_{found.basis}"
    again = partial(_again, store.again(found.snapshot), found.year, found.form, found.basis)
    kinds = (
        ("下载 Word", "docx", files.to_docx, DOCX),
        ("下载 Excel", "xlsx", files.to_xlsx, XLSX),
    )
    for label, ending, make, mime in kinds:
        downloads.button(
            label,
            lambda make=make: make(again()),
            f"{files.name(found)}.{ending}",
            mime,
            f"{ending}_{key}",
        )


def _again(have: Callable[[], Snapshot], year: int, form: Form, basis: Basis) -> Filled:
    return filled(have(), year, form, basis)


# ---- the tables ---------------------------------------------------------------------------------
def _tables(found: Filled) -> h.SafeString:
    """Everything under the buttons, as one block; worked out once for these figures."""
    book = shared(found.snapshot, Filters(found.year))
    key, mark = (found.form.id, found.basis), "demo" if found.demo else ""
    return _TABLES(book, key, lambda: escaping.html(markup.wrap(_drawn(found), mark)))


_TABLES = Memo[tuple[str, Basis], h.SafeString]()


def _drawn(found: Filled) -> h.Node:
    pairs = reconcile.cells(found.snapshot, found.year, found.form.keys)
    apart = {p.key: _beside(found, p) for p in pairs if p.broken}
    known = f"{len(found.form.keys)} 格，{found.known} 格有数据；{found.sources}"
    body: list[h.Node] = [h.p({"class": "muted from"}, known)]
    for grid in found.form.grids:
        body += [h.h3(grid.title), h.div({"class": "scroll"}, _grid(found, grid, apart))]
    if found.other:
        rows = [(f.label, f.dimension, fmt.text(f)) for f in found.other]
        table = markup.table(["项目", "维度", "数值"], rows, "llr")
        body += [h.h3("表中没有位置的公布数"), table]
    notes = h.ol({"class": "notes"}, [h.li(n) for n in found.notes])
    return [body, notes, results(found.results)]


def _beside(found: Filled, pair: reconcile.Pair) -> str:
    """The other basis's value, where the two do not agree."""
    if found.basis == "reported":
        return f"台账 {pair.counted_text}"
    return f"公布 {pair.published_text}"


def _grid(found: Filled, grid: Grid, apart: dict) -> h.Node:
    rows: dict[int, list[h.Node]] = {n: [] for n in range(len(grid.rows))}
    for at in grid.placed():
        rows[at.row].append(_cell(found, grid, at, apart))
    lines = [h.tr(cells) for cells in rows.values()]
    return h.table({"class": "form", "aria-label": grid.title}, h.tbody(lines))


def _cell(found: Filled, grid: Grid, at: Placed, apart: dict) -> h.Node:
    box = at.box
    spans: dict[str, str | int] = {}
    if box.across > 1:
        spans["colspan"] = box.across
    if box.down > 1:
        spans["rowspan"] = box.down
    if box.across == 1:
        spans["style"] = f"width:{grid.widths[at.column] / sum(grid.widths):.1%}"
    text: h.Node = joined(h.br, [*found.text(box).split("\n")])
    if box.kind == "head":
        return h.th({"scope": "col", **spans}, text)
    if box.kind == "label":
        return h.th({"scope": "row", **spans}, text)
    if box.key is None:
        return h.td({"class": "v", **spans})
    number = found.number(box)
    if number is None:
        return h.td({"class": "v", **spans}, h.span({"class": "gap"}, text))
    if number.value:
        text = markup.rows_link(found.text(box), found.figure(box.key))
    broken = found.broken_cells.get(box.key)
    more: h.Node = ""
    if broken:
        more = h.small({"class": "bad"}, f"{'、'.join(broken)} 不符")
    elif box.key in apart:
        more = h.small({"class": "warn"}, apart[box.key])
    return h.td({"class": "v broken" if broken else "v", **spans}, text, more)


# ---- identities ---------------------------------------------------------------------------------
def results(found: tuple[Result, ...]) -> h.Node:
    """Each identity with its result; of a broken one every place, and by how much."""
    rows = [(r.identity.id, r.identity.rule, result(r)) for r in found]
    grid = markup.table(["编号", "勾稽关系", "结果"], rows, "lll", classes="tight", caption="勾稽")
    return [h.h3("勾稽关系检验"), grid]


def result(found: Result, brief: bool = False) -> h.Node:
    """An identity's result in a cell, with every place that does not agree; a brief one has the
    numbers of the first."""
    if not found.trials:
        return h.span({"class": "gap n"}, found.said)
    if not found.broken:
        return h.b({"class": "accent n"}, found.said)
    places = [told(t) for t in found.broken]
    if brief:
        places = [places[0].rpartition("：")[2]]
    return [h.b({"class": "bad"}, found.said), [[h.br, h.small(place)] for place in places]]


def definitions_buttons(shown: Snapshot) -> None:
    """The definitions as Word and Markdown."""
    name, again = definitions.name(shown), store.again(shown)
    kinds = (
        ("下载口径（Word）", "docx", lambda: definitions.to_docx(again()), DOCX),
        ("下载口径（Markdown）", "md", lambda: definitions.to_markdown(again()), "text/markdown"),
    )
    with st.container(horizontal=True):
        for label, ending, make, mime in kinds:
            file = f"{name}.{ending}"
            downloads.button(label, make, file, mime, f"def_{ending}")
