"""The filter bar of a desk, in one line: the quarters, the screen's fields with their value inside, the
months. What is pressed says what is asked for (ui/link/filters.py); nothing is kept here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import simple_html as h

from qmg_dash.figures.book import Book
from qmg_dash.figures.coverage import newest_day
from qmg_dash.figures.findings import span
from qmg_dash.ui.link.filters import MONTHS, QUARTERS, Field, Months, months_text

ALL, FREE = "全部", "自选"
MANY = 9
"""Options from which on a list can be searched."""


def bar(at: Book, fields: Sequence[Field], chosen: Mapping[str, Sequence[str]]) -> h.Node:
    """The bar; nothing where there is nothing to choose."""
    monthly = any(f.monthly(at) for f in fields)
    drawn = list(_fields(at, fields, chosen))
    if not drawn and not monthly:
        return ""
    narrowed = bool(chosen or at.filters.month_from or at.filters.month_to)
    inside = [*([_quarters(at)] if monthly else []), *drawn, *([_months(at)] if monthly else [])]
    wipe = h.button({"class": "wipe", "data-clear": "", "aria-label": "清除筛选"}, "清除")
    return h.div(
        {"class": "fb on" if narrowed else "fb", "role": "group", "aria-label": "筛选"},
        inside,
        wipe if narrowed else "",
    )


# ---- the parts of the year ------------------------------------------------------------------------
def _quarters(at: Book) -> h.Node:
    now = (at.filters.month_from, at.filters.month_to)
    said = span(at.beside(month_from=None, month_to=None))
    whole = "全年" if said == "全年" else f"本年至今 {said}"
    found = [_press("month|", said, now == (None, None), name=whole)]
    found += [
        _press(f"month|{months[0]}-{months[-1]}", name, now == (months[0], months[-1]), ahead)
        for name, months in QUARTERS.items()
        for ahead in [_ahead(at, months[0])]
    ]
    return h.div({"class": "quarters", "role": "group", "aria-label": "季度"}, found)


def _ahead(at: Book, month: int) -> bool:
    """Whether a month lies ahead of the clock and of all rows."""
    return date(at.filters.year, month, 1) > newest_day(at.snapshot)


def _months(at: Book) -> h.Node:
    """The months: one press chooses one, another press then all up to that one."""
    first, last = at.filters.month_from, at.filters.month_to
    now = (first or MONTHS[0], last or MONTHS[-1]) if first or last else None
    own = now is not None and now not in [(q[0], q[-1]) for q in QUARTERS.values()]
    months = [
        _press(
            f"month|{_span(m, now)}",
            f"{m}月",
            now is not None and now[0] <= m <= now[1],
            _ahead(at, m),
        )
        for m in MONTHS
    ]
    told = h.p({"class": "muted"}, "按一个月选这个月，再按另一个月选到那个月")
    said = months_text(at.filters) if own else FREE
    return _field(Months.name, "月份", said, own, [h.div({"class": "months"}, months), told])


def _span(month: int, now: tuple[int, int] | None) -> str:
    """The months that a press of one asks for: none where it was chosen alone."""
    if now is None or now[0] != now[1]:
        return f"{month}-{month}"
    return "" if now[0] == month else f"{min(month, now[0])}-{max(month, now[0])}"


# ---- the fields -------------------------------------------------------------------------------------
def _fields(
    at: Book, fields: Sequence[Field], chosen: Mapping[str, Sequence[str]]
) -> Iterator[h.Node]:
    """A field for each filter that leaves a choice; one that is chosen on its chart alone stands
    there while it is set."""
    for f in fields:
        picked = chosen.get(f.name, ())
        offered = f.offered(at, chosen) if f.field or picked else {}
        if len(offered) < 2 and not picked:
            continue
        offered = offered or {v: f.word(v) for v in picked}
        more = f" 等 {len(picked)} 项" if len(picked) > 1 else ""
        said = f"{f.word(picked[0])}{more}" if picked else ALL
        options = [
            _press(f"{f.name}|{value}", text, value in picked) for value, text in offered.items()
        ]
        find = {"type": "search", "data-find": "", "placeholder": "查找", "aria-label": "查找"}
        body = [h.input_(find) if len(options) > MANY else "", h.div(options)]
        words = "、".join(f.word(v) for v in picked)
        yield _field(f.name, f.label, said, bool(picked), body, words)


def _field(
    name: str, label: str, said: str, on: bool, inside: Sequence[h.Node], words: str = ""
) -> h.Node:
    """A field: its value, what opens below it, and what takes it off."""
    head = h.summary({"title": words} if words else {}, h.span(label), " ", h.b(said))
    listed = h.div({"class": "list", "role": "group", "aria-label": label}, inside)
    off = {
        "class": "off",
        "data-clear": name,
        "title": "取消这项筛选",
        "aria-label": f"取消筛选 {label}",
    }
    return h.div(
        {"class": "field set" if on else "field"},
        h.details({"name": "field"}, head, listed),
        h.button(off, "×") if on else "",
    )


def _press(pick: str, text: str, on: bool, disabled: bool = False, name: str = "") -> h.Node:
    """What chooses something, or gives it up."""
    says = {"aria-pressed": "true" if on else "false", "data-pick": pick}
    more = {"disabled": ""} if disabled else {}
    named = {"aria-label": name, "title": name} if name and name != text else {}
    return h.button(says | more | named, text)
