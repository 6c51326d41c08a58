"""What stood open at the end of each month, over two years, with a line between them. Markup: paper
gets what the screen has."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import simple_html as h

from qmg_dash import fmt
from qmg_dash.ui.charts.lanes import Picture

Point = tuple[date, int | None]
"""A day and what stood open on it; None where no ledger speaks of it."""
ROOM = 0.86
"""The share of the height up to the greatest value: above it stands its number."""
POLYLINE = h.Tag("polyline", self_closing=True)


def stock(points: Sequence[Point], unit: str, word: str) -> Picture:
    """A line through the days, the last one in the accent with its number; the greatest and the least
    of the last year have theirs. The years stand below, a line between two."""
    known = [(d, n) for d, n in points if n is not None]
    most = max((n for _, n in known), default=0) or 1
    first, last = known[0][0], known[-1][0]
    start = date(first.year, 1, 1)
    span = (date(last.year, 12, 31) - start).days

    def at(day: date) -> float:
        return (day - start).days / span * 100

    drawn = " ".join(f"{at(d):.2f},{100 - n / most * ROOM * 100:.2f}" for d, n in known)
    line = h.svg(
        {"viewBox": "0 0 100 100", "preserveAspectRatio": "none", "aria-hidden": "true"},
        POLYLINE({"points": drawn}),
    )
    numbers = [
        _number(at(d), n / most * ROOM * 100, n, kind)
        for (d, n), kind in _told([p for p in known if p[0].year == last.year]).items()
    ]
    years = range(first.year, last.year + 1)
    between = [h.u({"style": f"left:{at(date(y, 1, 1)):.2f}%"}) for y in years[1:]]
    names = [h.span(f"{y} 年") for y in years]
    said = "，".join(f"{d.year} 年 {d.month} 月末 {n} {unit}" for d, n in known)
    body = h.div(
        {"class": "stock", "role": "img", "aria-label": f"{word}：{said}"},
        h.div({"class": "plot"}, between, line, numbers),
        h.div({"class": "years"}, names),
    )
    rows = tuple((d.isoformat(), n) for d, n in known)
    return Picture(body, ("日期", f"{word}（{unit}）"), rows)


LOW = 0.2
"""The share of the greatest value below which the least has no room for its number under it."""


def _told(points: Sequence[tuple[date, int]]) -> dict[tuple[date, int], str]:
    """The points that have their number, and where it stands: behind the last one, over the greatest,
    under the least; the one beside the last has no room."""
    before = points[:-2]
    found = {}
    if before:
        most, least = max(before, key=lambda p: p[1]), min(before, key=lambda p: p[1])
        if least[1] > most[1] * LOW:
            found[least] = "under"
        found[most] = "above"
    return found | {points[-1]: "last"}


def _number(left: float, up: float, value: int, kind: str) -> h.Node:
    return h.b({"class": kind, "style": f"left:{left:.2f}%;bottom:{up:.2f}%"}, fmt.amount(value))
