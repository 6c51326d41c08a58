"""营商服务 as volumes: on its own screen, and in a meeting beside 学法普法."""

from __future__ import annotations

from collections.abc import Sequence

import simple_html as h

from qmg_dash.figures import events
from qmg_dash.figures.book import Book
from qmg_dash.kpis import kpi
from qmg_dash.ui import markup, sparks
from qmg_dash.ui.slide import Drawing

VISITED = "services.enterprises"
"""Enterprises are counted once however often they were visited: their months are those visits."""


def volumes(s: Drawing, codes: Sequence[str]) -> h.Node:
    """Enterprises, meetings, windows, each over its months where it has some."""
    known = [c for c in codes if s.book.fig(c).known]
    if not known:
        return ""
    head = markup.head("服务企业群众", sparks.key(s), s.book.fig(known[0]))
    cards = [_volume(s, code) for code in known]
    return [head, h.div({"class": f"volumes v{len(cards)}"}, cards)]


def _volume(s: Drawing, code: str) -> h.Node:
    if code == VISITED:
        return _visits(s)
    if kpi(code).formula is None:  # only ever published, for a year
        return markup.volume(s.card(code), "")
    return sparks.volume(s, code)


def _visits(s: Drawing) -> h.Node:
    now, then = _months(s.book), _months(s.scope.last_year)
    count = sum(n or 0 for n in now)
    card = s.card(VISITED, f"走访 {count} 次" if count else "")
    return markup.volume(card, sparks.picture(now, then, "走访企业", s) if count else "")


def _months(book: Book) -> list[float | None]:
    """Visits a month; None for months without any ledger, to come or left out by a filter."""
    if not book.speaks(kpi(VISITED)):
        return [None] * 12
    days = (d for found in events.held(book, VISITED, "kind").values() for d in found)
    counts = [len(month) for month in events.by_month(days)]
    first, last = book.period.start.month, min(book.period.end, book.clock).month
    if book.filters.year > book.clock.year:
        return [None] * 12
    last = last if book.filters.year == book.clock.year else book.period.end.month
    return [n if first <= m <= last or n else None for m, n in enumerate(counts, 1)]
