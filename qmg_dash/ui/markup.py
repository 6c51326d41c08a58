"""The pieces screens are made of, as HTML: numbers, tags, tables, lists. No Streamlit here.

Every value from the data is escaped. Shapes are CSS masks, since st.html drops inline SVG.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import ceil
from urllib.parse import quote

from qmg_dash import fmt, tables
from qmg_dash.figures.arithmetic import change
from qmg_dash.figures.findings import Finding, width
from qmg_dash.figures.progress import TONES, Measure
from qmg_dash.figures.verdict import Verdict
from qmg_dash.fmt import html as esc
from qmg_dash.kpis import goals as kinds
from qmg_dash.kpis import kpi
from qmg_dash.kpis.base import PERCENT
from qmg_dash.model import Correction, Fault, Figure, Source
from qmg_dash.tables import Column
from qmg_dash.ui.link.rows_asked import request


def _svg_url(body: str, box: str = "0 0 20 20", more: str = "") -> str:
    svg = f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='{box}'{more}>{body}</svg>"
    return f'url("data:image/svg+xml,{quote(svg)}")'


SHAPES = {
    kinds.DONE: (
        "done",
        "<path fill-rule='evenodd' d='M10 0a10 10 0 1 0 .01 0zM8.6 14.6 4 10l1.7-1.7 2.9 2.9"
        " 5.8-5.8L16 7.1z'/>",
    ),
    kinds.ON_TRACK: ("on", "<circle cx='10' cy='10' r='7'/>"),
    kinds.UNDATED: (
        "undated",
        "<path fill-rule='evenodd' d='M10 2a8 8 0 1 0 .01 0zm0 2.6v10.8a5.4 5.4 0 0 1 0-10.8z'/>",
    ),
    kinds.BEHIND: ("behind", "<path d='M10 1 19.5 18.5H.5z'/>"),
    kinds.BELOW: ("below", "<path d='M.5 1.5h19L10 19z'/>"),
    kinds.OVERDUE: (
        "over",
        "<path fill-rule='evenodd' d='M10 0 20 10 10 20 0 10zM9 5h2v6.4H9zm0 7.8h2V15H9z'/>",
    ),
    kinds.NOT_STARTED: (
        "not",
        "<path fill-rule='evenodd' d='M10 1a9 9 0 1 0 .01 0zm0 2.6a6.4 6.4 0 1 1-.01 0z'/>",
    ),
    kinds.NO_DATA: (
        "none",
        "<path d='M1 1h5v2H3v3H1zM8 1h4v2H8zM14 1h5v5h-2V3h-3zM1 8h2v4H1zM17 8h2v4h-2z"
        "M1 14h2v3h3v2H1zM8 17h4v2H8zM17 14h2v5h-5v-2h3zM6 9h8v2H6z'/>",
    ),
    kinds.CANCELLED: (
        "off",
        "<path d='m4.2 2 5.8 5.8L15.8 2 18 4.2 12.2 10l5.8 5.8-2.2 2.2-5.8-5.8L4.2 18 2 15.8"
        " 7.8 10 2 4.2z'/>",
    ),
}


def shapes_css() -> str:
    """The style rules of the state shapes and of the demo watermark."""
    rules = [
        f".st-{name} i{{-webkit-mask-image:{_svg_url(body)};mask-image:{_svg_url(body)}}}"
        for name, body in SHAPES.values()
    ]
    text = (
        "<text x='192' y='110' text-anchor='middle' font-size='52' font-weight='700'"
        " font-family='Microsoft YaHei,Noto Sans CJK SC,sans-serif'"
        " transform='rotate(-18 192 96)'>演示数据</text>"
    )
    tile = _svg_url(text, "0 0 384 192", " width='384' height='192'")
    return "".join(rules) + f":root{{--demo-tile:{tile}}}"


# ---- what only the desk, or only a wall, shows --------------------------------------------------
_AT_DESK = re.compile(r'<(p|span|dt|dd) class="desk">.*?</\1>', re.DOTALL)
_ON_WALL = re.compile(r'<(span) class="meet">.*?</\1>', re.DOTALL)


def fitted(body: str, wall: bool) -> str:
    """Markup as the desk or a wall shows it: what is the other's alone is cut out. A wall has no
    file name, code or hash, and no person."""
    return (_AT_DESK if wall else _ON_WALL).sub("", body)


def desk(text: str) -> str:
    """Words for the desk alone."""
    return f'<span class="desk">{esc(text)}</span>'


def either(at_desk: str, wall: str) -> str:
    """Words for the desk, and those that a wall has in their place."""
    return f'{desk(at_desk)}<span class="meet">{esc(wall)}</span>'


def wrap(body: str, classes: str = "") -> str:
    """A block of a screen."""
    return f'<div class="q {classes}">{body}</div>'


# ---- provenance -------------------------------------------------------------------------------
BASIS = {"reported": "报告", "ledger": "台账", "none": "无数据"}


def basis_word(figure: Figure) -> tuple[str, str]:
    """(word, class) of a figure's provenance: 报告, 台账 or 演示."""
    if figure.basis == "none":
        return fmt.NO_DATA, "none"
    if figure.nature == "demo":
        return "演示", "demo"
    return BASIS[figure.basis], figure.basis


def _locator(figure: Figure) -> str:
    places = list(dict.fromkeys(s.locator for s in figure.sources if s.locator))
    return "、".join(places[:2]) + ("等" if len(places) > 2 else "")


def _correction(c: Correction) -> str:
    """One entry of corrections.csv: when, what, why; at the desk by whom."""
    said = f"{c.date} {c.column} {c.old or fmt.NONE} → {c.new or fmt.NONE}：{c.reason}"
    return esc(said) + desk(f"（{c.by}）")


def _source_rows(figure: Figure) -> str:
    return "<br>".join(map(_source, figure.sources))


def _source(s: Source) -> str:
    """Where a figure comes from: on a wall by its title, or by what the file holds."""
    name = tables.called(s.file)
    if s.row:
        place = f" {s.locator}" if s.locator else ""
        return esc(f"{s.title or name}{place}") + desk(f"（{s.file} 第 {s.row} 行）")
    rows = f"（{s.rows} 行）" if s.rows is not None else ""
    return either(f"{s.file}{rows}", f"{name}{rows}")


def provenance(figure: Figure, more: str = "", without: str = "") -> str:
    """The tag that opens to definition, formula, source and locator; `more` stands beside them.
    `without` is a filter of the screen that the figure does not follow."""
    word, kind = basis_word(figure)
    row = figure.kpi
    mark = "更正" if figure.corrections else ""
    summary = esc(" ".join(w for w in (word, _locator(figure), mark) if w))
    facts = [("口径", row.definition), ("依据", row.basis)]
    if figure.raw:
        facts.append(("原文写法", figure.raw))
    if fmt.base(figure):
        facts.append(("基数", fmt.based(figure)))
    if figure.unknown:
        facts.append(("未计入", f"{figure.unknown} 行缺少所需的栏"))
    if figure.reported and figure.ledger:
        facts.append(("公布数", fmt.text(figure)))
        facts.append(("台账已录", fmt.like(figure.ledger.value, figure)))
    if figure.estimated:
        facts.append(("推算", "期限超出已公布的节假日安排，只按周末推算"))
    if figure.late:
        facts.append(("更新", figure.late))
    body = "".join(f"<dt>{esc(k)}</dt><dd>{esc(v)}</dd>" for k, v in facts if v)
    body += "".join(f"<dt>更正</dt><dd>{_correction(c)}</dd>" for c in figure.corrections)
    source = _source_rows(figure) or either(*_needs(row.tables))
    body += f"<dt>来源</dt><dd>{source}</dd>"
    body += f"<dt>性质</dt><dd>{'演示数据' if figure.nature == 'demo' else '正式数据'}</dd>"
    body += f'<dt class="desk">代码</dt><dd class="desk">{esc(figure.code)}</dd>'
    version = desk(f" · 数据版本 {figure.data_version}")
    body += f"<dt>数据截至</dt><dd>{esc(figure.as_of)}{version}</dd>"
    return (
        f'<details class="src" name="src"><summary class="tag-{kind}" aria-label="'
        f'{esc(figure.label)}的来源：{summary}">{summary}</summary><div class="pop" role="note">'
        f"<h3>{esc(figure.label)}（{figure.year} 年）</h3>"
        f'<p class="big">{esc(fmt.text(figure))}</p><dl>{body}</dl>{more}{_rows_button(figure, without)}</div>'
        "</details>"
    )


def _rows_button(figure: Figure, without: str) -> str:
    """The button that opens the rows behind a figure, at the desk."""
    if figure.basis == "none" or figure.code.startswith("goals."):
        return ""
    key = esc(request(figure, without=without).text)
    return f'<p class="desk"><button class="act" data-rows="{key}">查看明细</button></p>'


def rows_link(text: str, figure: Figure, whole: bool = True) -> str:
    """A number that opens its rows, of its whole year or under the screen's filters, at the desk;
    what is no data opens nothing."""
    if not figure.known:
        return esc(text)
    key = esc(request(figure, whole).text)
    said = esc(f"{figure.label} {text}：明细")
    return f'<button class="cell" data-rows="{key}" title="{said}">{esc(text)}</button>'


def _needs(names: Sequence[str]) -> tuple[str, str]:
    at_desk, wall = _give(names)
    return f"尚无；{at_desk}", f"尚无；{wall}"


def _give(names: Sequence[str]) -> tuple[str, str]:
    """What would give a figure: at the desk by the files' names, on a wall by what they hold."""
    if not names:
        return "在 reported.csv 公布", "在年度报告公布"
    files = "、".join(f"ledgers/{n}.csv" for n in names)
    held = "、".join(f"{tables.table(n).label}台账" for n in names)
    return f"提供 {files}，或在 reported.csv 公布", f"报送{held}，或在年度报告公布"


# ---- numbers ----------------------------------------------------------------------------------
@dataclass(frozen=True)
class Card:
    """A key number: the figure, a note, the year before's figure, its verdict, and what it breaks:
    it is shown all the same, with that mark. `more` is markup that stands beside its definition and
    source. `now` is what is compared with the year before,
    where that is not the figure itself (rows stand ahead of the clock's day). `without` is a filter
    that the figure does not follow."""

    figure: Figure
    note: str = ""
    before: Figure | None = None
    verdict: Verdict | None = None
    label: str = ""
    against: str = "同比"
    broken: str = ""
    more: str = ""
    now: Figure | None = None
    without: str = ""


def change_text(card: Card) -> str:
    """The change against the base, where there is one."""
    if card.before is None:
        return ""
    now = card.now or card.figure
    moved = change(now, card.before)
    if not moved:
        return ""
    reached = f"截至 {now.as_of} {fmt.text(now)}，" if now.value != card.figure.value else ""
    return f"{reached}{card.against}{fmt.moved(moved, card.before.value or 0, now.unit)}"


def number(card: Card) -> str:
    """A key number: label, value and unit, note and change, provenance."""
    f = card.figure
    tone = (card.verdict.tone if card.verdict else "") or ("warn" if card.broken else "")
    kind = "none" if f.value is None else f"alert {tone}" if tone else ""
    if f.value is None:
        value = f'<div class="val word">{fmt.NO_DATA}</div>'
    else:
        said, unit = fmt.parted(f)
        behind = f'<span class="unit">{esc(unit)}</span>' if unit else ""
        value = f'<div class="val">{esc(said)}{behind}</div>'
    notes = [card.broken, card.note, fmt.based(f), change_text(card)]
    if f.basis == "reported" and f.ledger:
        notes.append(f"台账已录 {fmt.like(f.ledger.value, f)}")
    note = _bits([n for n in notes if n])
    return (
        f'<div class="num {kind}" data-code="{esc(f.code)}" data-dimension="{esc(f.dimension)}">'
        f'<div class="lab">{esc(card.label or f.label)}</div>{value}{judged(card.verdict)}'
        f'<div class="note">{note}</div>{provenance(f, card.more, card.without)}</div>'
    )


def judged(verdict: Verdict | None) -> str:
    """A verdict in shape, word and colour, where a figure is not as it should be or two standards
    differ."""
    if verdict is None or not verdict.said:
        return ""
    shape = kinds.BELOW if verdict.below else kinds.DONE
    return f'<div class="judged">{state(shape, verdict.said)}</div>'


def toned(body: str, verdict: Verdict | None) -> str:
    """Ready markup in the tone of a figure's verdict."""
    return f'<span class="{verdict.tone}">{body}</span>' if verdict and verdict.tone else body


def _bits(notes: Sequence[str]) -> str:
    """Notes side by side; a line ends between two of them where it can."""
    bits = [f"{esc(n)}&nbsp;·" for n in notes[:-1]] + [esc(n) for n in notes[-1:]]
    return " ".join(f"<span>{bit}</span>" for bit in bits)


def missing(codes: Sequence[str], narrowed: bool = False) -> str:
    """One dashed number for all that is not known: what it is, and which file would give it; where
    only the filters are too `narrowed` for it, that."""
    rows = [kpi(c) for c in codes]
    needed = list(dict.fromkeys(t for k in rows for t in k.tables))
    give = esc("所选范围没有，可放宽筛选") if narrowed else either(*_give(needed))
    if len(rows) == 1:
        return (
            f'<div class="num none"><div class="lab">{esc(rows[0].name)}</div>'
            f'<div class="val word">{fmt.NO_DATA}</div><div class="note">{give}</div></div>'
        )
    names = "、".join(k.short for k in rows)
    return (
        f'<div class="num none missing"><div class="lab">{fmt.NO_DATA}</div>'
        f'<div class="what">{esc(names)}</div><div class="note">{give}</div></div>'
    )


def wall(
    cards: Sequence[Card],
    classes: str = "",
    lacking: Sequence[str] = (),
    narrowed: Sequence[str] = (),
) -> str:
    """Key numbers side by side; what is not known (`lacking`, codes) stands in one more, what only
    the filters leave without a figure (`narrowed`) in another."""
    cells = "".join(number(c) for c in cards)
    cells += missing(lacking) if lacking else ""
    cells += missing(narrowed, narrowed=True) if narrowed else ""
    return f'<div class="wall {classes}">{cells}</div>'


def large(cards: Sequence[Card]) -> str:
    """Key numbers that have a slide to themselves: up to four stand two by two, in larger type."""
    return wall(cards, "w2 large" if len(cards) <= 4 else "w4")


# ---- heads, lists, tables ---------------------------------------------------------------------
def finding(found: Finding, level: int = 1) -> str:
    """A title that states the finding; its coloured words are the legend."""
    size = "" if found.width <= 28 else " wide" if found.width <= 34 else " wider"
    words = "".join(
        f'<span class="{tone}">{esc(text)}</span>' if tone else esc(text)
        for text, tone in found.parts
    )
    return f'<h{level} class="title{size}">{words}</h{level}>'


def head(
    title: str,
    sub: str = "",
    figure: Figure | None = None,
    tag: str = "",
    without: str = "",
) -> str:
    """A panel's head: title, unit or note, and one tag where the whole panel has one source, which
    does not follow the filter `without`."""
    mark = provenance(figure, without=without) if figure else tag
    under = f'<span class="sub">{esc(sub)}</span>' if sub else ""
    return f"<h2>{esc(title)}{under}{mark}</h2>"


def plain_tag(word: str, kind: str = "reported") -> str:
    """A tag that opens nothing: where a panel's rows carry their own places."""
    return f'<span class="tagp tag-{kind}">{esc(word)}</span>'


def state(name: str, text: str = "") -> str:
    """A state: shape, word and colour."""
    return f'<span class="st st-{SHAPES[name][0]}"><i aria-hidden="true"></i>{esc(text or name)}</span>'


def choice(name: str, state: str, chosen: bool, text: str) -> str:
    """A state that chooses itself in the filter `name` at the desk, or gives it up."""
    pressed = "true" if chosen else "false"
    return (
        f'<button class="pick st st-{SHAPES[state][0]}" aria-pressed="{pressed}"'
        f' data-pick="{esc(f"{name}|{state}")}"><i aria-hidden="true"></i>{esc(text)}</button>'
    )


def shape(name: str, title: str) -> str:
    """A state's shape alone, its word for those who cannot see it."""
    return (
        f'<span class="st st-{SHAPES[name][0]}" role="img" aria-label="{esc(title)}"'
        f' title="{esc(title)}"><i></i></span>'
    )


def empty(what: str, do: str, fill: bool = False, wall: str = "") -> str:
    """What is missing, then what to do (on a `wall` without the names of files); the size of what
    it stands for."""
    said = either(do, wall) if wall else f"<span>{esc(do)}</span>"
    return f'<div class="empty{" fill" if fill else ""}"><b>{esc(what)}</b>{said}</div>'


def fold(summary: str, rows: Iterable[str]) -> str:
    """Rules or notes that open below their summary."""
    lines = "".join(f"<li>{esc(r)}</li>" for r in rows)
    return f'<details class="fold"><summary>{esc(summary)}</summary><ol>{lines}</ol></details>'


@dataclass(frozen=True)
class Span:
    """A cell that spans rows or columns; the cells that it covers hold None in their place."""

    html: str
    rows: int = 1
    columns: int = 1


Cell = str | Span | None


def _cell(cell: Cell, kind: str) -> str:
    if cell is None:
        return ""
    if isinstance(cell, Span):
        across = f' colspan="{cell.columns}"' if cell.columns > 1 else ""
        down = f' rowspan="{cell.rows}"' if cell.rows > 1 or not across else ""
        return f"<td{down}{across}{kind}>{cell.html}</td>"
    return f"<td{kind}>{cell}</td>"


def table(
    header: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    align: str = "",
    row_classes: Sequence[str] = (),
    classes: str = "",
    caption: str = "",
) -> str:
    """A table of ready HTML cells; `align` has a letter a column: l, r, c, or n for left and
    never broken."""
    kinds_ = [f' class="{a}"' if a in "rcn" else "" for a in align.ljust(len(header), "l")]
    top = "".join(f'<th scope="col"{k}>{h}</th>' for h, k in zip(header, kinds_, strict=False))
    lines = []
    for i, row in enumerate(rows):
        cls = row_classes[i] if i < len(row_classes) else ""
        cells = "".join(_cell(c, k) for c, k in zip(row, kinds_, strict=False))
        lines.append(f'<tr class="{cls}">{cells}</tr>' if cls else f"<tr>{cells}</tr>")
    label = f' aria-label="{esc(caption)}"' if caption else ""
    return (
        f'<table class="tb {classes}"{label}><thead><tr>{top}</tr></thead>'
        f"<tbody>{''.join(lines)}</tbody></table>"
    )


def ledger(
    columns: Sequence[Column], rows: Iterable[Sequence[object]], order: str, caption: str
) -> str:
    """Rows of a ledger, file and row first: these stay in sight when the others are moved. `order`
    is the column they are sorted by, with "-" before it for the greatest first."""
    name = order.removeprefix("-")
    way = f' aria-sort="{"descending" if order.startswith("-") else "ascending"}"'
    kinds_ = [_KINDS.get(c.type, "") for c in columns]
    top = "".join(
        f'<th scope="col" class="{k}"{way if c.name == name else ""}>{esc(c.header)}</th>'
        for c, k in zip(columns, kinds_, strict=True)
    )
    lines = "".join(f"<tr>{''.join(map(_ledger_cell, row, kinds_))}</tr>" for row in rows)
    return (
        f'<div class="rows" tabindex="0" role="region" aria-label="{esc(caption)}">'
        f"<table><thead><tr>{top}</tr></thead><tbody>{lines}</tbody></table></div>"
    )


_KINDS = {"int": "r", "number": "r", "date": "n", "bool": "c"}
LONG = 14
"""Characters from which on a cell may break into lines."""


def _ledger_cell(cell: object, kind: str) -> str:
    text = "" if cell is None else str(cell)
    more = " w" if not kind and len(text) > LONG else ""
    return f'<td class="{kind}{more}">{esc(text)}</td>'


def names(said: Sequence[str], unit: str, lines: int, line: int) -> str:
    """Names in two columns, as many as fit into `lines` of `line` full characters; then how many
    there are beside them."""
    room, shown = lines, []
    for i, name in enumerate(said):
        needs = ceil(width(name) / line)
        last = i == len(said) - 1
        if needs > room - (not last):
            break
        room -= needs
        shown.append(f"<li>{esc(name)}</li>")
    rest = len(said) - len(shown)
    more = f'<li class="muted">另有 {rest} {esc(unit)}</li>' if rest else ""
    return f'<ul class="names">{"".join(shown)}{more}</ul>'


FIRST = 12
"""Rows of a list that are seen at once."""


def listing(
    header: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    align: str,
    row_classes: Sequence[str],
    name: str,
) -> str:
    """A list of rows: the first ones, the rest below a fold. A narrow screen, and the keyboard,
    can move it sideways."""
    top = table(header, rows[:FIRST], align, row_classes[:FIRST], caption=name)
    body = f'<div class="long" tabindex="0" role="region" aria-label="{esc(name)}">{top}</div>'
    if len(rows) <= FIRST:
        return body
    rest = table(header, rows[FIRST:], align, row_classes[FIRST:], caption=f"{name}（续）")
    more = f"<summary>其余 {len(rows) - FIRST} 行</summary>"
    again = (
        f'<div class="long" tabindex="0" role="region" aria-label="{esc(name)}（续）">{rest}</div>'
    )
    return f'{body}<details class="fold">{more}{again}</details>'


def banner(text: str, error: bool = False) -> str:
    """One line that something is not as asked or not as it should be."""
    return f'<div class="banner{" error" if error else ""}" role="status">{esc(text)}</div>'


def fault_line(fault: Fault) -> str:
    """A fault as a banner names it."""
    column = f"「{fault.column}」" if fault.column else ""
    value = f"“{fault.value}”" if fault.value else ""
    return f"{fault.place}{column}{value}：{fault.message}"


# ---- progress ---------------------------------------------------------------------------------
def against_target(m: Measure, verdict: Verdict | None) -> str:
    """A figure against the line of its target, on an axis from 0: a point in the tone of its
    verdict, and both in words."""
    assert m.figure is not None and m.figure.value is not None and m.target is not None
    most = max(m.figure.value, m.target, 100 if m.figure.unit == PERCENT else 0) or 1
    value, target = (max(0.0, v / most * 100) for v in (m.figure.value, m.target))
    tone = (verdict.tone if verdict else "") or "accent"
    shape = " below" if verdict and verdict.below else ""
    said = f"{fmt.text(m.figure)}，目标 {fmt.target(m.target, m.figure)}"
    return (
        f'<div class="line" role="img" aria-label="{esc(said)}"><u style="left:{target:.1f}%"></u>'
        f'<i class="{tone}{shape}" style="left:{value:.1f}%"></i></div>'
    )


def progress_bar(m: Measure) -> str:
    """A measure's progress as a bar, the share of time gone as a tick; dashed where none."""
    if m.progress is None:
        return '<div class="bar nodata" role="img" aria-label="无进展数据"></div>'
    tick = f'<u style="left:{m.elapsed:.0f}%"></u>' if m.elapsed is not None else ""
    tone = TONES.get(m.state)
    style = f"width:{m.progress:.0f}%" + (f";background:var(--{tone})" if tone else "")
    return (
        f'<div class="bar" role="img" aria-label="进度 {m.progress:.0f}%"><i style="{style}"></i>'
        f"{tick}</div>"
    )


# ---- what a chart shows, as a table and a file --------------------------------------------------
@dataclass(frozen=True)
class Drawn:
    """Exactly what a chart draws: header and rows, with the scope that goes into the file."""

    name: str
    header: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
    notes: tuple[tuple[str, str], ...] = field(default=())


def csv_text(drawn: Drawn) -> str:
    """The rows as CSV; text a spreadsheet would run is made safe, numbers are untouched."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([fmt.csv_cell(h) for h in (*drawn.header, *(k for k, _ in drawn.notes))])
    for row in drawn.rows:
        cells = (*row, *(v for _, v in drawn.notes))
        writer.writerow(["" if c is None else fmt.csv_cell(c) for c in cells])
    return out.getvalue()


def data_view(drawn: Drawn) -> str:
    """看数据: the table behind a chart, and the button that saves it."""
    rows = [[esc("" if c is None else c) for c in row] for row in drawn.rows]
    numeric = "".join(
        "r" if all(isinstance(r[i], int | float | None) for r in drawn.rows) else "l"
        for i in range(len(drawn.header))
    )
    grid = table([esc(h) for h in drawn.header], rows, numeric, caption=f"{drawn.name}数据")
    return (
        f'<div class="desk"><details class="fold data"><summary>看数据</summary>'
        f'<div class="scroll">{grid}</div>{save_button(drawn)}</details></div>'
    )


def save_button(drawn: Drawn) -> str:
    """A button that saves the rows as a CSV file."""
    return (
        f'<button class="act" data-csv="{esc(csv_text(drawn))}"'
        f' data-file="{esc(drawn.name)}.csv">下载 CSV</button>'
    )
