"""The pieces screens are made of: numbers, tags, tables, lists. No Streamlit here.

They are simple_html's elements, which escape their texts.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain, repeat
from math import ceil

import simple_html as h

from qmg_dash import escaping, fmt, tables
from qmg_dash.escaping import joined
from qmg_dash.figures.arithmetic import change
from qmg_dash.figures.findings import Finding, width
from qmg_dash.figures.matters import Grade
from qmg_dash.figures.verdict import Verdict
from qmg_dash.kpis import goals as kinds
from qmg_dash.kpis import kpi
from qmg_dash.kpis.base import Kpi
from qmg_dash.model import Correction, Fault, Figure, Source
from qmg_dash.ui.link.rows_asked import request

SHAPES = {
    kinds.DONE: "done",
    kinds.ON_TRACK: "on",
    kinds.UNDATED: "undated",
    kinds.BEHIND: "behind",
    kinds.BELOW: "below",
    kinds.OVERDUE: "over",
    kinds.NOT_STARTED: "not",
    kinds.NO_DATA: "none",
    kinds.CANCELLED: "off",
}
"""The shape of each state, as page.css draws it."""


# ---- what only the desk, or only a wall, shows --------------------------------------------------
_AT_DESK = re.compile(r'<(p|span|dt|dd) class="desk">.*?</\1>', re.DOTALL)
_ON_WALL = re.compile(r'<(span) class="meet">.*?</\1>', re.DOTALL)


def fitted(body: h.Node, wall: bool) -> h.SafeString:
    """Markup as the desk or a wall shows it: what is the other's alone is cut out. A wall has no
    file name, code or hash, and no person."""
    return escaping.html(body, cut=_AT_DESK if wall else _ON_WALL)


def desk(text: str) -> h.Node:
    """Words for the desk alone."""
    return h.span({"class": "desk"}, text)


def either(at_desk: str, wall: str) -> h.Node:
    """Words for the desk, and those that a wall has in their place."""
    return [desk(at_desk), h.span({"class": "meet"}, wall)]


def wrap(body: h.Node, classes: str = "") -> h.Node:
    """A block of a screen."""
    return h.div({"class": f"q {classes}"}, body)


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


def _correction(c: Correction) -> h.Node:
    """One entry of corrections.csv: when, what, why; at the desk by whom."""
    said = f"{c.date} {c.column} {c.old or fmt.NONE} → {c.new or fmt.NONE}：{c.reason}"
    return [said, desk(f"（{c.by}）")]


def _source(s: Source) -> h.Node:
    """Where a figure comes from: on a wall by its title, or by what the file holds."""
    name = tables.called(s.file)
    if s.row:
        place = f" {s.locator}" if s.locator else ""
        return [f"{s.title or name}{place}", desk(f"（{s.file} 第 {s.row} 行）")]
    rows = f"（{s.rows} 行）" if s.rows is not None else ""
    return either(f"{s.file}{rows}", f"{name}{rows}")


def provenance(figure: Figure, more: h.Node = "", without: str = "") -> h.Node:
    """The tag that opens to definition, formula, source and locator; `more` stands beside them.
    `without` is a filter of the screen that the figure does not follow."""
    word, kind = basis_word(figure)
    row = figure.kpi
    mark = "更正" if figure.corrections else ""
    summary = " ".join(w for w in (word, _locator(figure), mark) if w)
    facts: list[tuple[str, h.Node]] = [("口径", row.definition), ("依据", row.basis)]
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
    facts += [("更正", _correction(c)) for c in figure.corrections]
    sources = joined(h.br, [_source(s) for s in figure.sources])
    facts.append(("来源", sources or either(*_needs(row.tables))))
    facts.append(("性质", "演示数据" if figure.nature == "demo" else "正式数据"))
    return h.details(
        {"class": "src", "name": "src"},
        h.summary(
            {"class": f"tag-{kind}", "aria-label": f"{figure.label}的来源：{summary}"}, summary
        ),
        h.div(
            {"class": "pop", "role": "note"},
            h.h3(f"{figure.label}（{figure.year} 年）"),
            h.p({"class": "big"}, fmt.text(figure)),
            h.dl(
                [[h.dt(name), h.dd(said)] for name, said in facts if said],
                h.dt({"class": "desk"}, "代码"),
                h.dd({"class": "desk"}, figure.code),
                h.dt("数据截至"),
                h.dd(str(figure.as_of), desk(f" · 数据版本 {figure.data_version}")),
            ),
            more,
            _rows_button(figure, without),
        ),
    )


def _rows_button(figure: Figure, without: str) -> h.Node:
    """The button that opens the rows behind a figure, at the desk."""
    if figure.basis == "none" or figure.code.startswith("goals."):
        return ""
    key = request(figure, without=without).text
    return h.p({"class": "desk"}, h.button({"class": "act", "data-rows": key}, "查看明细"))


def rows_link(text: str, figure: Figure, whole: bool = True) -> h.Node:
    """A number that opens its rows, of its whole year or under the screen's filters, at the desk;
    what is no data opens nothing."""
    if not figure.known:
        return text
    key = request(figure, whole).text
    return h.button(
        {"class": "cell", "data-rows": key, "title": f"{figure.label} {text}：明细"}, text
    )


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
    it is shown all the same, with that mark. `more` is what stands beside its definition and
    source. `now` is what is compared with the year before, where that is not the figure itself (rows
    stand ahead of the clock's day); `against` what a change begins with, `then` what the year before
    is called; `alone` that there is none; `why` asks for what made the change. `without` is a filter
    that the figure does not follow."""

    figure: Figure
    note: str = ""
    before: Figure | None = None
    verdict: Verdict | None = None
    label: str = ""
    against: str = fmt.SAME
    then: str = "上年同期"
    alone: str = ""
    why: str = ""
    broken: str = ""
    more: h.Node = ""
    now: Figure | None = None
    without: str = ""


def change_text(card: Card) -> str:
    """The change against the base, where there is one."""
    if card.before is None:
        return ""
    now = card.now or card.figure
    if not change(now, card.before) or not now.number or not card.before.number:
        return ""
    reached = f"截至 {now.as_of} {fmt.text(now)}，" if now.value != card.figure.value else ""
    return f"{reached}{fmt.change(now.number, card.before.number, now.unit, card.against)}"


def moved(card: Card) -> h.Node:
    """The change, at the desk with what opens why, and below it the year before."""
    said = change_text(card)
    if not said or card.before is None:
        return h.div({"class": "moved"}, h.span(card.alone)) if card.alone else ""
    ask = {"class": "why", "data-rows": card.why, "title": f"{card.figure.label}：为什么变化"}
    word = h.button(ask, said) if card.why else h.b(said)
    return h.div({"class": "moved"}, word, h.span(f"{card.then} {fmt.value_text(card.before)}"))


def number(card: Card) -> h.Node:
    """A key number: label, value and unit, change, note, provenance."""
    f = card.figure
    tone = (card.verdict.tone if card.verdict else "") or ("warn" if card.broken else "")
    kind = "none" if f.value is None else f"alert {tone}" if tone else ""
    if f.value is None:
        value = h.div({"class": "val word"}, fmt.NO_DATA)
    else:
        said, unit = fmt.parted(f)
        value = h.div({"class": "val"}, said, h.span({"class": "unit"}, unit) if unit else "")
    notes = [card.broken, card.note, fmt.based(f)]
    if f.basis == "reported" and f.ledger:
        notes.append(f"台账已录 {fmt.like(f.ledger.value, f)}")
    return h.div(
        {"class": f"num {kind}", "data-code": f.code, "data-dimension": f.dimension},
        h.div({"class": "lab"}, card.label or f.label),
        value,
        moved(card),
        judged(card.verdict),
        h.div({"class": "note"}, _bits([n for n in notes if n])),
        provenance(f, card.more, card.without),
    )


def volume(card: Card, months: h.Node, label: str = "", rows: bool = False) -> h.Node:
    """A key number with its change beside it and its months below; with `rows` it opens them. Its
    provenance shows when one points at it: the panel's tag stands for all."""
    f = card.figure
    said, unit = fmt.parted(f)
    tone = (card.verdict.tone if card.verdict else "") or ("warn" if card.broken else "")
    number_ = rows_link(said, f, whole=False) if rows else said
    value = h.div({"class": "val"}, number_, h.span({"class": "unit"}, unit) if unit else "")
    now = card.now or f
    notes = [n for n in (card.broken, card.note, fmt.based(now)) if n]
    return h.div(
        {
            "class": f"num vol {f'alert {tone}' if tone else ''}",
            "data-code": f.code,
            "data-dimension": f.dimension,
        },
        h.div({"class": "lab"}, label or f.label),
        h.div({"class": "says"}, value, moved(card)),
        judged(card.verdict),
        h.div({"class": "note"}, _bits(notes)) if notes else "",
        months,
        provenance(f, card.more, card.without),
    )


def tally(label: str, value: str, unit: str, note: str, classes: str = "") -> h.Node:
    """A count that is no figure of the registry, as a key number."""
    said = h.div({"class": "val"}, value, h.span({"class": "unit"}, unit))
    return h.div(
        {"class": f"num {classes}"},
        h.div({"class": "lab"}, label),
        said,
        h.div({"class": "note"}, note),
    )


def judged(verdict: Verdict | None) -> h.Node:
    """A verdict in shape, word and colour, where a figure is not as it should be or two standards
    differ."""
    if verdict is None or not verdict.said:
        return ""
    shape = kinds.BELOW if verdict.below else kinds.DONE
    return h.div({"class": "judged"}, state(shape, verdict.said))


def toned(body: h.Node, verdict: Verdict | None) -> h.Node:
    """Something in the tone of a figure's verdict."""
    return h.span({"class": verdict.tone}, body) if verdict and verdict.tone else body


def _bits(notes: Sequence[str]) -> h.Node:
    """Notes side by side; a line ends between two of them where it can."""
    bits = [f"{n}\xa0·" for n in notes[:-1]] + [*notes[-1:]]
    return joined(" ", [h.span(bit) for bit in bits])


def missing(codes: Sequence[str], narrowed: bool = False) -> h.Node:
    """One dashed number for all that is not known: what it is, and which file would give it; where
    only the filters are too `narrowed` for it, that."""
    rows = [kpi(c) for c in codes]
    needed = list(dict.fromkeys(t for k in rows for t in k.tables))
    give = "所选范围没有，可放宽筛选" if narrowed else either(*_give(needed))
    if len(rows) == 1:
        return h.div(
            {"class": "num none"},
            h.div({"class": "lab"}, rows[0].name),
            h.div({"class": "val word"}, fmt.NO_DATA),
            h.div({"class": "note"}, give),
        )
    return h.div(
        {"class": "num none missing"},
        h.div({"class": "lab"}, fmt.NO_DATA),
        h.div({"class": "what"}, "、".join(k.short for k in rows)),
        h.div({"class": "note"}, give),
    )


FEW = 6
"""Names of figures that stand for more."""


def nothing(rows: Sequence[Kpi]) -> h.Node:
    """That none of these is known, and which files would give them."""
    needed = list(dict.fromkeys(t for k in rows for t in k.tables))
    names = "、".join(k.short for k in rows[:FEW])
    more = f"等 {len(rows)} 项" if len(rows) > FEW else ""
    at_desk, wall = _give(needed)
    return empty(f"{names}{more}{fmt.NO_DATA}", at_desk, wall=wall)


def wall(
    cards: Sequence[Card],
    classes: str = "",
    lacking: Sequence[str] = (),
    narrowed: Sequence[str] = (),
    more: h.Node = "",
) -> h.Node:
    """Key numbers side by side, and `more`; what is not known (`lacking`, codes) stands in one more,
    what only the filters leave without a figure (`narrowed`) in another."""
    return h.div(
        {"class": f"wall {classes}"},
        [number(c) for c in cards],
        more,
        missing(lacking) if lacking else "",
        missing(narrowed, narrowed=True) if narrowed else "",
    )


def large(cards: Sequence[Card]) -> h.Node:
    """Key numbers that have a slide to themselves: up to four stand two by two, in larger type."""
    return wall(cards, "w2 large" if len(cards) <= 4 else "w4")


# ---- heads, lists, tables ---------------------------------------------------------------------
def finding(found: Finding) -> h.Node:
    """A title that states the finding; its coloured words are the legend."""
    size = "" if found.width <= 28 else "wide" if found.width <= 34 else "wider"
    words = [h.span({"class": tone}, text) if tone else text for text, tone in found.parts]
    return h.h1({"class": f"title {size}"}, words)


def head(
    title: str,
    sub: h.Node = "",
    figure: Figure | None = None,
    tag: h.Node = "",
    without: str = "",
) -> h.Node:
    """A panel's head: title, unit or note, and one tag where the whole panel has one source, which
    does not follow the filter `without`."""
    mark = provenance(figure, without=without) if figure else tag
    return h.h2(title, h.span({"class": "sub"}, sub) if sub else "", mark)


def plain_tag(word: str, kind: str = "reported") -> h.Node:
    """A tag that opens nothing: where a panel's rows carry their own places."""
    return h.span({"class": f"tagp tag-{kind}"}, word)


def state(name: str, text: str = "") -> h.Node:
    """A state: shape, word and colour."""
    return h.span({"class": _shaped(name)}, h.i({"aria-hidden": "true"}), text or name)


def _shaped(name: str) -> str:
    return f"st st-{SHAPES[name]}"


def choice(name: str, state: str, chosen: bool, text: str) -> h.Node:
    """A state that chooses itself in the filter `name` at the desk, or gives it up."""
    return h.button(
        {
            "class": f"pick {_shaped(state)}",
            "aria-pressed": "true" if chosen else "false",
            "data-pick": f"{name}|{state}",
        },
        h.i({"aria-hidden": "true"}),
        text,
    )


GRADES = {
    Grade.OVERDUE: "over",
    Grade.SKIPPED: "skip",
    Grade.BELOW: "behind",
    Grade.SOON: "soon",
}
"""The shape of each grade that asks for something, as page.css draws it."""


def graded(grade: Grade, text: str) -> h.Node:
    """What asks for something: shape, words and colour."""
    return h.span({"class": f"st st-{GRADES[grade]}"}, h.i({"aria-hidden": "true"}), text)


def shape(name: str, title: str) -> h.Node:
    """A state's shape alone, its word for those who cannot see it."""
    return h.span({"class": _shaped(name), "role": "img", "aria-label": title, "title": title}, h.i)


def empty(what: str, do: str, fill: bool = False, wall: str = "") -> h.Node:
    """What is missing, then what to do (on a `wall` without the names of files); the size of what
    it stands for."""
    said = either(do, wall) if wall else h.span(do)
    return h.div({"class": "empty fill" if fill else "empty"}, h.b(what), said)


def fold(summary: str, rows: Iterable[str]) -> h.Node:
    """Rules or notes that open below their summary."""
    return h.details({"class": "fold"}, h.summary(summary), h.ol([h.li(r) for r in rows]))


def under(summary: str, body: h.Node) -> h.Node:
    """Something that opens below its summary."""
    return h.details({"class": "fold"}, h.summary(summary), body)


@dataclass(frozen=True)
class Span:
    """A cell that spans rows or columns; the cells that it covers hold None in their place."""

    inside: h.Node
    rows: int = 1
    columns: int = 1


Cell = h.Node | Span


def classed(classes: str) -> dict[str, str]:
    """The attribute, where there is a class."""
    return {"class": classes} if classes else {}


def _cell(cell: Cell | None, kind: str) -> h.Node:
    if cell is None:
        return ""
    if not isinstance(cell, Span):
        return h.td(classed(kind), cell)
    across = {"colspan": cell.columns} if cell.columns > 1 else {}
    down = {"rowspan": cell.rows} if cell.rows > 1 or not across else {}
    return h.td(down | across | classed(kind), cell.inside)


def table(
    header: Sequence[h.Node],
    rows: Iterable[Sequence[Cell | None]],
    align: str = "",
    row_classes: Sequence[str] = (),
    classes: str = "",
    caption: str = "",
) -> h.Node:
    """A table; `align` has a letter a column: l, r, c, or n for left and never broken."""
    kinds_ = [a if a in "rcn" else "" for a in align.ljust(len(header), "l")]
    top = [
        h.th({"scope": "col"} | classed(k), text) for text, k in zip(header, kinds_, strict=False)
    ]
    lines = [
        h.tr(classed(cls), [_cell(c, k) for c, k in zip(row, kinds_, strict=False)])
        for row, cls in zip(rows, chain(row_classes, repeat("")), strict=False)
    ]
    return h.table(
        {"class": f"tb {classes}"} | ({"aria-label": caption} if caption else {}),
        h.thead(h.tr(top)),
        h.tbody(lines),
    )


def names(said: Sequence[str], unit: str, lines: int, line: int) -> h.Node:
    """Names in two columns, as many as fit into `lines` of `line` full characters; then how many
    there are beside them."""
    room, shown = lines, []
    for i, name in enumerate(said):
        needs = ceil(width(name) / line)
        last = i == len(said) - 1
        if needs > room - (not last):
            break
        room -= needs
        shown.append(h.li(name))
    rest = len(said) - len(shown)
    return h.ul(
        {"class": "names"},
        shown,
        h.li({"class": "muted"}, f"另有 {rest} {unit}") if rest > 0 else "",
    )


FIRST = 12
"""Rows of a list that are seen at once."""


def listing(
    header: Sequence[h.Node],
    rows: Sequence[Sequence[Cell]],
    align: str,
    row_classes: Sequence[str],
    name: str,
) -> h.Node:
    """A list of rows: the first ones, the rest below a fold. A narrow screen, and the keyboard,
    can move it sideways."""

    def part(caption: str, rows: Sequence[Sequence[Cell]], classes: Sequence[str]) -> h.Node:
        inside = table(header, rows, align, classes, caption=caption)
        return h.div(
            {"class": "long", "tabindex": "0", "role": "region", "aria-label": caption}, inside
        )

    first = part(name, rows[:FIRST], row_classes[:FIRST])
    if len(rows) <= FIRST:
        return first
    more = h.summary(f"其余 {len(rows) - FIRST} 行")
    rest = part(f"{name}（续）", rows[FIRST:], row_classes[FIRST:])
    return [first, h.details({"class": "fold"}, more, rest)]


def banner(text: str, error: bool = False) -> h.Node:
    """One line that something is not as asked or not as it should be."""
    return h.div({"class": "banner error" if error else "banner", "role": "status"}, text)


def fault_line(fault: Fault) -> str:
    """A fault as a banner names it."""
    column = f"「{fault.column}」" if fault.column else ""
    value = f"“{fault.value}”" if fault.value else ""
    return f"{fault.place}{column}{value}：{fault.message}"


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


def data_view(drawn: Drawn) -> h.Node:
    """看数据: the table behind a chart, and the button that saves it."""
    rows = [["" if c is None else str(c) for c in row] for row in drawn.rows]
    numeric = "".join(
        "r" if all(isinstance(r[i], int | float | None) for r in drawn.rows) else "l"
        for i in range(len(drawn.header))
    )
    grid = table(drawn.header, rows, numeric, caption=f"{drawn.name}数据")
    return h.div(
        {"class": "desk"},
        h.details(
            {"class": "fold data"},
            h.summary("看数据"),
            h.div({"class": "scroll"}, grid),
            save_button(drawn),
        ),
    )


def save_button(drawn: Drawn) -> h.Node:
    """A button that saves the rows as a CSV file."""
    return h.button(
        {"class": "act", "data-csv": csv_text(drawn), "data-file": f"{drawn.name}.csv"}, "下载 CSV"
    )
