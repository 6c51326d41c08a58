"""A volume: a number with its change, and under it the months of the year against those of the year
before. Drawn as SVG in the markup: a card needs no chart of its own."""

from __future__ import annotations

from collections.abc import Sequence

import simple_html as h

from qmg_dash import fmt
from qmg_dash.figures.book import Book
from qmg_dash.kpis import kpi
from qmg_dash.kpis.base import MONTH, Part
from qmg_dash.ui import blocks, markup
from qmg_dash.ui.charts.stock import POLYLINE
from qmg_dash.ui.slide import Drawing

Months = Sequence[float | None]
"""Twelve counts, January first; None for a month without one."""
WIDTH, HEIGHT, ROOM, BAR = 120, 100, 96, 6.8
"""Units of the drawing: ten a month; how high the greatest month is, how broad a bar."""
_RECT = h.Tag("rect", self_closing=True)
FEWEST = 2
"""Months with a count from which on there is something to draw."""


def volume(
    s: Drawing, code: str, note: str = "", label: str = "", part: Part | None = None
) -> h.Node:
    """The card of a KPI that has months, or of a part of it: value, unit, change, the months."""
    row = kpi(code)
    card = s.told(s.book.figure(row, part), note) if part else s.card(code, note)
    label = label or (part.text if part else "")
    now, then = (_months(book, code, part) for book in (s.book, s.scope.last_year))
    drawn = picture(now, then, label or card.figure.label, s) if _enough(now) else ""
    return markup.volume(card, drawn, label)


def _months(book: Book, code: str, part: Part | None) -> Months:
    found = blocks.months(book, code, part.dimension.name if part else "")
    return found.get(part.text if part else "", [])


def key(s: Drawing) -> str:
    """What a panel of volumes says under its head, in the place of a legend."""
    return f"柱＝本年各月，线＝{s.scope.then_word}各月"


def _enough(months: Months) -> bool:
    return sum(v is not None for v in months) >= FEWEST


def picture(now: Months, then: Months, name: str, s: Drawing) -> h.Node:
    """The months as bars, the last of them in the accent, those of the year before as a line. At the
    desk a month is chosen by a press where the screen has months."""
    most = max((v for v in (*now, *then) if v), default=0) or 1
    last = max((i for i, v in enumerate(now) if v is not None), default=0)
    bars = [_bar(i, v, most, i == last) for i, v in enumerate(now) if v]
    points = " ".join(f"{10 * i + 5},{_y(v, most):g}" for i, v in enumerate(then) if v is not None)
    line = POLYLINE({"points": points, "class": "before"}) if points else ""
    base = POLYLINE({"points": f"0,{HEIGHT} {WIDTH},{HEIGHT}", "class": "floor"})
    frame = {
        "viewBox": f"0 0 {WIDTH} {HEIGHT}",
        "preserveAspectRatio": "none",
        "aria-hidden": "true",
    }
    drawn = h.svg(frame, bars, line, base)
    picks = [_pick(i, v, name) for i, v in enumerate(now)] if _chooses(s) else ""
    return h.div(
        {
            "class": "spark",
            "role": "group" if picks else "img",
            "aria-label": alt(now, then, name, s.scope.then_word),
        },
        h.div({"class": "plot"}, drawn, picks),
        _axis(last),
    )


def _y(value: float, most: float) -> float:
    return round(HEIGHT - value / most * ROOM, 1)


def _bar(at: int, value: float, most: float, last: bool) -> h.Node:
    top = _y(value, most)
    box = {"x": f"{10 * at + (10 - BAR) / 2:g}", "y": f"{top:g}", "width": f"{BAR:g}"}
    return _RECT(box | {"height": f"{HEIGHT - top:g}", "class": "last" if last else "now"})


def _chooses(s: Drawing) -> bool:
    return not s.look.present and s.chooses(MONTH.name)


def _pick(at: int, value: float | None, name: str) -> h.Node:
    """What is pressed for a month."""
    if value is None:
        return h.i
    said = f"{at + 1}月 {fmt.amount(value)}"
    return h.button(
        {"data-pick": f"{MONTH.name}|{at + 1}", "title": said, "aria-label": f"{name} {said}"}
    )


def _axis(last: int) -> h.Node:
    """January, the last month that has come, December where there is room."""
    marks = [h.span({"class": "first"}, "1月")]
    if last > 1:
        marks.append(h.span({"style": f"left:{(10 * last + 5) / WIDTH:.1%}"}, f"{last + 1}月"))
    if last < 10:
        marks.append(h.span({"class": "end"}, "12月"))
    return h.div({"class": "axis", "aria-hidden": "true"}, marks)


def alt(now: Months, then: Months, name: str, year: str) -> str:
    """The picture in words."""
    said = [f"{name}各月：{_listed(now)}"]
    if any(v is not None for v in then):
        said.append(f"{year}：{_listed(then)}")
    return "；".join(said)


def _listed(months: Months) -> str:
    return "，".join(f"{i}月 {fmt.amount(v)}" for i, v in enumerate(months, 1) if v is not None)


def rows(
    s: Drawing, codes: Sequence[str]
) -> tuple[tuple[str, ...], tuple[tuple[object, ...], ...]]:
    """(header, rows) of 看数据 for some volumes: a month a row."""
    header = ["月份"]
    columns: list[Months] = []
    for code in codes:
        name = kpi(code).name
        header += [name, f"{name}（{s.scope.then_word}）"]
        for book in (s.book, s.scope.last_year):
            columns.append(blocks.months(book, code).get("", [None] * 12))
    return tuple(header), tuple((f"{m}月", *(c[m - 1] for c in columns)) for m in range(1, 13))
