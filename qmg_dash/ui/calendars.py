"""Pictures of days: what was held when, how places stand against last year, a checklist by quarter."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import simple_html as h

from qmg_dash import fmt
from qmg_dash.figures.duties import LATE, MISSED, NO, YES, Duty, Mark
from qmg_dash.figures.events import Line
from qmg_dash.kpis import goals as kinds
from qmg_dash.model import Figure, Number
from qmg_dash.ui import markup

MONTHS = range(1, 13)
SINGLE = 2
"""Events of a month that stand there with their days; of more their number does."""


# ---- what was held on which day --------------------------------------------------------------------
def calendar(
    lines: Sequence[Line], clock: date, year: int, months: Sequence[int], choose: str
) -> h.Node:
    """Kind × month with the days; months to come are hatched, those that a filter leaves out empty.
    Behind them this year's number and that of the same days of last year. `choose` is the filter
    that a press on a kind chooses, at the desk."""
    compared = any(line.before is not None for line in lines)
    months_ = [[str(m), h.span("月")] for m in MONTHS]
    header: list[h.Node] = ["类别", *months_, "本年", *(["同期"] if compared else [])]
    classes = ["kind", *[""] * 12, "r", *(["r"] if compared else [])]
    top = [h.th({"scope": "col", "class": c}, t) for t, c in zip(header, classes, strict=True)]
    rows = []
    for line in lines:
        before = fmt.NONE if line.before is None else fmt.amount(line.before)
        cells = [
            _month(days, m, m in months, date(year, m, 1) > clock)
            for m, days in zip(MONTHS, line.months, strict=True)
        ]
        rows.append(
            h.tr(
                h.th({"scope": "row"}, chooser(line.kind, choose, line.value)),
                cells,
                h.td({"class": "r", "data-word": "本年"}, h.b(fmt.amount(line.count))),
                h.td({"class": "r muted", "data-word": "同期"}, before) if compared else "",
            )
        )
    named = {"class": "tb days", "aria-label": "各月日期"}
    return h.table(named, h.thead(h.tr(top)), h.tbody(rows))


def _month(days: Sequence[date], month: int, chosen: bool, ahead: bool) -> h.Node:
    if not chosen or not days:
        return h.td({"class": "day ahead" if chosen and ahead else "day"})
    return h.td({"class": "day", "data-word": f"{month}月"}, _days(days))


def chooser(words: str, choose: str, value: str) -> h.Node:
    """A name, at the desk a button that chooses it in the filter `choose`."""
    if not choose:
        return words
    return h.button({"class": "chooser", "data-pick": f"{choose}|{value}"}, words)


def _days(days: Sequence[date]) -> h.Node:
    if len(days) > SINGLE:
        return h.i({"class": "many"}, f"{len(days)}次")
    return [h.i(f"{day.day}") for day in days]


def calendar_rows(lines: Sequence[Line]) -> tuple[tuple[str, ...], tuple[tuple[object, ...], ...]]:
    """(header, rows) of 看数据: an event a row."""
    rows = [(line.kind, str(day)) for line in lines for month in line.months for day in month]
    return ("类别", "日期"), tuple(rows)


# ---- places against last year ----------------------------------------------------------------------
def against(
    parts: Sequence[tuple[Figure, Figure | None]], choose: str, marked: Sequence[str], word: str
) -> h.Node:
    """A bar a part, a tick where the base (`word`: 上年同期) stood on the same days; `choose` is the
    filter that a press on a name chooses (at the desk), `marked` the parts in accent, all where none
    is."""
    most = max((float(v) for pair in parts for f in pair if f and (v := f.value)), default=0) or 1
    return h.div(
        {"class": "against"}, [_part(f, then, most, choose, marked, word) for f, then in parts]
    )


def _part(
    f: Figure, then: Figure | None, most: float, choose: str, marked: Sequence[str], word: str
) -> h.Node:
    value = float(f.value or 0)
    last = float(then.value) if then is not None and then.value is not None else None
    tone = "" if not marked or f.said in marked else " plain"
    moved = _moved(f, then)
    said = f"{f.said} {fmt.text(f)}" + (f"，{word} {fmt.text(then)}" if then and then.known else "")
    name = chooser(f.said, choose, f.part.value if f.part else "")
    tick = h.u({"style": f"left:{last / most * 100:.1f}%"}) if last is not None else ""
    return h.div(
        h.span({"class": "who"}, name),
        h.div(
            {"class": f"bar{tone}", "role": "img", "aria-label": said},
            h.i({"style": f"width:{value / most * 100:.1f}%"}),
            tick,
        ),
        h.b(fmt.spaced(f)),
        h.span({"class": "muted"}, moved),
    )


def _moved(f: Figure, then: Figure | None) -> str:
    if f.value is None or then is None or then.value is None:
        return ""
    now, before = Number(float(f.value), f.qualifier), Number(float(then.value), then.qualifier)
    return fmt.change(now, before, f.unit, against="")


def target_strip(figure: Figure, target: float, elapsed: float | None) -> h.Node:
    """How much of a target is there, with the share of the time that has gone."""
    done = min(100.0, float(figure.value or 0) / target * 100)
    said = f"目标 {fmt.target(target, figure)}，已完成 {fmt.rate(done, 0)}"
    said += f"（时间已过 {elapsed:.0f}%）" if elapsed is not None else ""
    return h.div(
        h.p(said),
        h.div(
            {"class": "bar", "role": "img", "aria-label": said},
            h.i({"style": f"width:{done:.1f}%"}),
            h.u({"style": f"left:{elapsed:.1f}%"}) if elapsed is not None else "",
        ),
    )


# ---- a checklist by quarter ------------------------------------------------------------------------
QUARTERS = ("一季度", "二季度", "三季度", "四季度")
ROW = {NO: "badrow", LATE: "badrow", MISSED: "warnrow"}
LISTED = 3
"""Marks of a quarter that stand there one by one."""


def checklist(duties: Sequence[Duty], begun: Sequence[bool | None]) -> h.Node:
    """Duty × quarter with the days, and how the year stands."""
    top = ["职责", *QUARTERS, "本年"]
    rows = [
        h.tr(
            {"class": ROW.get(d.stands, "")},
            h.th({"scope": "row"}, d.name),
            [
                h.td({"data-quarter": name}, _quarter(marks, there))
                for name, marks, there in zip(QUARTERS, d.quarters, begun, strict=True)
            ],
            h.td(_stands(d)),
        )
        for d in duties
    ]
    head = h.tr([h.th({"scope": "col"}, t) for t in top])
    return h.table({"class": "tb duties", "aria-label": "履职清单"}, h.thead(head), h.tbody(rows))


def _quarter(marks: Sequence[Mark], begun: bool | None) -> h.Node:
    if not marks:
        word = {None: "", True: fmt.NONE, False: "未到"}[begun]
        return h.span({"class": "least"}, word)
    grave = [m for m in marks if m.kind != YES]
    fine = [m for m in marks if m.kind == YES]
    shown = fine[: max(1, LISTED - len(grave))] if fine else []
    rest = len(fine) - len(shown)
    out = [_mark(m) for m in sorted([*shown, *grave[:LISTED]], key=lambda m: m.day or date.min)]
    if rest:
        out.append(h.span({"class": "mark muted"}, f"另 {rest} 次"))
    if len(grave) > LISTED:
        out.append(h.span({"class": "mark bad"}, f"另 {len(grave) - LISTED} 次"))
    return out


_SHAPES = {YES: "tick accent", NO: "cross bad", MISSED: "rise warn", LATE: "st-over"}


def _mark(m: Mark) -> h.Node:
    day = f"{m.day.month}-{m.day:%d}" if m.day else ""
    said = " ".join(t for t in (day, m.word) if t)
    return h.span({"class": f"mark st {_SHAPES[m.kind]}"}, h.i({"aria-hidden": "true"}), said)


def _stands(d: Duty) -> h.Node:
    match d.stands:
        case "":
            return h.span({"class": "muted"}, d.year)
        case "yes":
            return markup.state(kinds.DONE, d.year)
    return h.span({"class": f"st {_SHAPES[d.stands]}"}, h.i({"aria-hidden": "true"}), d.year)


def checklist_rows(
    duties: Sequence[Duty],
) -> tuple[tuple[str, ...], tuple[tuple[object, ...], ...]]:
    """(header, rows) of 看数据: the marks of each quarter in words."""
    words = {YES: "已办", NO: "未办", MISSED: "未办", LATE: "超期"}

    def cell(marks: Sequence[Mark]) -> str:
        return "；".join(f"{m.day or ''} {m.word or words[m.kind]}".strip() for m in marks)

    rows = [(d.name, *map(cell, d.quarters), d.year) for d in duties]
    return ("职责", *QUARTERS, "本年"), tuple(rows)


# ---- mechanisms: a square each -----------------------------------------------------------------------
def squares(filled: int, hollow: int, dashed: int, said: str) -> h.Node:
    """A square a mechanism: with a figure, with a KPI but without a ledger, without any KPI."""
    drawn = [h.i] * filled + [h.i({"class": "open"})] * hollow + [h.i({"class": "none"})] * dashed
    return h.div({"class": "boxes", "role": "img", "aria-label": said}, drawn)
