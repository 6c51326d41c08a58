"""The filters of a screen. The link is the truth: what is chosen stands in the query string, the
browser's Back undoes it, a fresh browser restores it, and a value that names nothing is said. How they
look: ui/desk/filter_bar.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, ClassVar, TypeVar

from qmg_dash import fmt
from qmg_dash.figures import assigned, matters
from qmg_dash.figures.book import Book, ordered, shared
from qmg_dash.figures.months import options as options_of
from qmg_dash.figures.progress import STATES
from qmg_dash.folder.memo import Memo
from qmg_dash.folder.snapshot import Snapshot
from qmg_dash.kpis import kpi
from qmg_dash.kpis.base import MONTH, UNFILLED, Dimension, Kpi, Part, registered
from qmg_dash.model import Filters
from qmg_dash.ui import link
from qmg_dash.ui.link import bounds
from qmg_dash.ui.link.scope import measures_of

T = TypeVar("T")
MONTHS = tuple(link.FROM.within)
QUARTERS = {f"{name}季度": MONTHS[3 * n : 3 * n + 3] for n, name in enumerate("一二三四")}
"""The quarters and their months."""


@dataclass(frozen=True)
class Filter:
    """A filter of a screen: the dimension, and the KPI whose split gives its options and the
    counts beside them; values that KPIs `also` shown there have stay on offer. One without a
    `field` in the bar is chosen by a click on its chart."""

    code: str
    name: str
    also: tuple[str, ...] = ()
    field: bool = True

    @property
    def kpi(self) -> Kpi:
        return kpi(self.code)

    @property
    def split(self) -> Dimension:
        return self.kpi.dimension(self.name) or Dimension(self.name, self.name)

    @property
    def label(self) -> str:
        return self.split.label

    def word(self, value: str) -> str:
        """A value as it is read."""
        return self.split.text(value)

    def narrows(self, at: Book) -> bool:
        """Whether its values reach the ledgers."""
        return at.counts(self.kpi, self.name)

    def monthly(self, at: Book) -> bool:
        """Whether a ledger behind it speaks for the year, so that months can be told apart."""
        return at.covers(self.kpi) and self.kpi.dimension(MONTH.name) is not None

    def options(self, at: Book) -> dict[str, str]:
        """The values on offer with their counts as text, in order."""
        return _OPTIONS(at, self, lambda: self._options(at))

    def _options(self, at: Book) -> dict[str, str]:
        parts = [Part(self.split, v) for v in self._values(at)]
        return {p.value: f"{p.text}（{fmt.text(at.figure(self.kpi, p))}）" for p in parts}

    def _values(self, at: Book) -> list[str]:
        found = [v for code in (self.code, *self.also) for v in at.values(code, self.name)]
        return ordered(self.split, found)

    def offered(self, now: Book, chosen: Mapping[str, Sequence[str]]) -> dict[str, str]:
        """Options counted under the other filters; a chosen value stays on offer, with what it
        has."""
        if not now.covers(self.kpi):
            return self.options(now)
        return _OFFERED(now, self, lambda: self._counted(now))

    def _counted(self, now: Book) -> dict[str, str]:
        counted = dict(options_of(now, self.name, [self.code]))
        unit = self.kpi.unit
        also = [v for code in self.also for v, _ in options_of(now, self.name, [code])]
        values = ordered(self.split, {*counted, *also})
        return {v: f"{self.word(v)}（{fmt.amount(counted.get(v, 0))}{unit}）" for v in values}


_OPTIONS, _OFFERED = Memo[Filter, dict[str, str]](), Memo[Filter, dict[str, str]]()


@dataclass(frozen=True)
class Facet:
    """A filter of things by a value that each of them has: of the goal year's measures, or what else
    `among` gives."""

    name: str
    label: str
    of: Callable[[Any], str]
    among: Callable[[Book], Sequence[Any]] = measures_of
    unit: str = "项"
    field: bool = True

    def word(self, value: str) -> str:
        """A value as it is read."""
        return registered(value)

    def narrows(self, at: Book) -> bool:
        """Whether its values reach the ledgers: they choose among its things alone."""
        return False

    def monthly(self, at: Book) -> bool:
        """Whether months can be told apart: such things have none."""
        return False

    def options(self, at: Book) -> dict[str, str]:
        """The values on offer with how many have each, in order."""
        return self._counted(at, {})

    def offered(self, now: Book, chosen: Mapping[str, Sequence[str]]) -> dict[str, str]:
        """Options counted under the other facets."""
        return self._counted(now, {n: v for n, v in chosen.items() if n != self.name})

    def _counted(self, at: Book, others: Mapping[str, Sequence[str]]) -> dict[str, str]:
        rows = self.among(at)
        order = [v for v in STATES if v in {self.of(m) for m in rows}]
        order += dict.fromkeys(self.of(m) for m in rows if self.of(m) not in order)
        beside = [f for f in (*FACETS, *OWED, *ASKED) if f.among is self.among]
        kept = picked(rows, beside, others)
        counts = {v: sum(self.of(m) == v for m in kept) for v in order}
        return {
            v: f"{self.word(v)}（{counts[v]}{self.unit}）"
            for v in sorted(order, key=lambda v: v == UNFILLED)
        }


FACETS = (
    Facet("state", "状态", lambda m: m.state),
    Facet("direction", "方向", lambda m: m.goal["direction"]),
    Facet("owner", "责任单位", lambda m: m.goal["owner"] or UNFILLED),
)
"""The filters of measures."""


def owed_of(at: Book) -> list[matters.Matter]:
    """The open matters of a book, whatever its filters are."""
    plain = shared(at.snapshot, Filters(at.filters.year, at.filters.goal_year))
    return matters.opened(matters.found(plain, measures_of(plain)))


OWED = (
    Facet("owner", "责任单位", lambda m: m.owner, owed_of, "件"),
    Facet("grade", "类别", lambda m: m.grade.word, owed_of, "件"),
)
"""The filters of what is owed."""


def asked_of(at: Book) -> Sequence[assigned.Assigned]:
    """What meetings have asked for, whatever the filters are."""
    return assigned.found(at.snapshot)


ASKED = (
    Facet("owner", "责任单位", lambda a: a.owner, asked_of),
    Facet("state", "状态", lambda a: a.state, asked_of),
    Facet("made", "交办日期", lambda a: str(a.row["made_on"]), asked_of),
)
"""The filters of what meetings have asked for."""


def picked(
    rows: Sequence[T], facets: Sequence[Facet], chosen: Mapping[str, Sequence[str]]
) -> list[T]:
    """What has a chosen value of every facet that has some."""
    wanted = [(f.of, chosen[f.name]) for f in facets if chosen.get(f.name)]
    return [m for m in rows if all(of(m) in values for of, values in wanted)]


@dataclass(frozen=True)
class Months:
    """The months, for a screen whose other filters have none: some KPIs follow them."""

    codes: tuple[str, ...]
    name: str = "month"
    label: str = "月份"
    field: bool = False

    def word(self, value: str) -> str:
        """A value as it is read."""
        return value

    def narrows(self, at: Book) -> bool:
        """Whether its values reach the ledgers: it has none."""
        return False

    def monthly(self, at: Book) -> bool:
        """Whether a ledger of the figures, which follow the months, speaks for the year."""
        return any(at.covers(kpi(code)) for code in self.codes)

    def options(self, at: Book) -> dict[str, str]:
        """Nothing: `from` and `to` name the months."""
        return {}

    def offered(self, now: Book, chosen: Mapping[str, Sequence[str]]) -> dict[str, str]:
        """Nothing to choose from."""
        return {}


@dataclass(frozen=True)
class Since:
    """A day since which a figure's rows are asked for, until the period's end: one at a time, any
    day of the years of which its ledgers speak."""

    code: str
    name: ClassVar = "since"
    label: str = "行使"
    field: bool = False

    def word(self, value: str) -> str:
        """A value as it is read."""
        return f"{value} 起"

    def narrows(self, at: Book) -> bool:
        """Whether its values reach the ledgers: the figures stay those of the period."""
        return False

    def monthly(self, at: Book) -> bool:
        """Whether months can be told apart: it has none of its own."""
        return False

    def options(self, at: Book) -> dict[str, str]:
        """The days that a link may name."""
        row = kpi(self.code)
        if not at.speaks(row):
            return {}
        first = date(min(at.covered[t][0] for t in row.tables), 1, 1)
        days = range((min(at.period.end, at.clock) - first).days + 1)
        return {day: self.word(day) for n in days for day in [f"{first + timedelta(days=n)}"]}

    def offered(self, now: Book, chosen: Mapping[str, Sequence[str]]) -> dict[str, str]:
        """Nothing in the bar: the screen offers them beside what they change."""
        return {}


Field = Filter | Facet | Months | Since
"""What a filter bar is made of."""


def asked(
    filter_: Field, query: link.Asked, allowed: Mapping[str, str], say: Callable[[str], None]
) -> list[str]:
    """The values of a filter that a link names; those that are not there are said."""
    wanted = query.get(filter_.name, ())
    wrong = [fmt.short(v) for v in wanted if v not in allowed]
    if wrong:
        more = f"等 {len(wrong)} 个" if len(wrong) > 3 else ""
        say(f"链接中的{filter_.label}“{'、'.join(wrong[:3])}”{more}本年度没有，未使用。")
    return [v for v in dict.fromkeys(wanted) if v in allowed]


def months(query: link.Asked, say: Callable[[str], None]) -> tuple[int | None, int | None]:
    """The months that a link names: (from, to), None where it names none."""
    found: list[int | None] = []
    for key in (link.FROM, link.TO):
        written = query[key][-1] if query.get(key) else None
        found.append(bounds.number(written, key.within))
        if written is not None and found[-1] is None:
            say(f"链接中的{key.label}“{fmt.short(written)}”不是 1–12 月，未使用。")
    first, last = found
    if first and last and first > last:
        say(f"链接中的月份从 {first} 月到 {last} 月，先后颠倒，未使用。")
        return None, None
    return first, last


def read(
    snapshot: Snapshot,
    plain: Filters,
    bar: Sequence[Field],
    query: link.Asked,
    say: Callable[[str], None],
) -> tuple[Filters, dict[str, list[str]]]:
    """(the filters that reach the ledgers, all values chosen by name), from a year and goal year
    without filters. A published split is chosen from, not counted again: its filter narrows what
    is shown, not the figures."""
    at = shared(snapshot, plain)
    chosen = {f.name: asked(f, query, f.options(at), say) for f in bar}
    deep = {f.name: chosen[f.name] for f in bar if f.narrows(at)}
    first, last = months(query, say)
    if (first or last) and all(isinstance(f, Facet) for f in bar):
        given = "、".join(k.label for k, n in ((link.FROM, first), (link.TO, last)) if n)
        say(f"本页不按月份筛选，链接中的{given}未使用。")
        first = last = None
    narrowed = replace(plain, month_from=first, month_to=last).with_values(**deep)
    return narrowed, {n: v for n, v in chosen.items() if v}


def _span(first: int, last: int) -> dict[str, int | None]:
    """The keys of a range of months; the whole year has none."""
    whole = (first, last) == (MONTHS[0], MONTHS[-1])
    return {link.FROM: None if whole else first, link.TO: None if whole else last}


def clear(fields: Sequence[Field], name: str = "") -> None:
    """Take a filter off, or all of them."""
    months = [key for key, row in link.KEYS.items() if row.narrows]
    names = [f.name for f in fields]
    asked = months if name == Months.name else [n for n in names if n == name]
    link.put(dict.fromkeys(asked if name else (*names, *months)))


def toggle(name: str, values: Sequence[str]) -> None:
    """A mark was clicked: choose its value, or give it up where it was chosen."""
    now = link.asked().get(name, ())
    link.put({name: [v for v in now if v not in values] + [v for v in values if v not in now]})


def choose_months(written: str) -> None:
    """Months were chosen: 7-9, one that its mark names alone (3), the whole year for none."""
    first, to, last = written.partition("-")
    ends = [bounds.number(n, link.FROM.within) for n in (first, last)]
    if not to:
        toggle_month(ends[0])
    elif ends[0] and ends[1] and ends[0] <= ends[1]:
        link.put(_span(ends[0], ends[1]))


def toggle_month(month: int | None) -> None:
    """A month's mark was clicked: that month alone; the whole year where it was, or for none."""
    chosen, now = [str(month)], link.asked()
    alone = now.get(link.FROM) == chosen == now.get(link.TO)
    link.put(_span(1, 12) if alone or month is None else _span(month, month))


def toggle_cell(names: Sequence[str], values: Sequence[str]) -> None:
    """A cell was clicked: its values of two filters alone, or none where just they were chosen."""
    cell = {n: [v] for n, v in zip(names, values, strict=True)}
    now = link.asked()
    link.put(dict.fromkeys(names) if all(now.get(n) == v for n, v in cell.items()) else cell)


def pick(fields: Sequence[Field], name: str, values: Sequence[str]) -> None:
    """A mark or a word was pressed that names values of a filter (of two, as `area&action_type`; a
    month): they are chosen, or given up where they were. What the bar does not have is not done."""
    names = name.split("&")
    if name == Months.name:
        choose_months(values[0] if values else "")
    elif not {*names} <= {f.name for f in fields}:
        return
    elif name == Since.name:
        link.put({name: None if link.asked().get(name) == [*values] else [*values]})
    elif len(names) == 1:
        toggle(name, values)
    elif len(names) == len(values):
        toggle_cell(names, values)


def months_text(at: Filters) -> str:
    """The months chosen, as the screens write them; empty for the whole year."""
    first, last = at.month_from or MONTHS[0], at.month_to or MONTHS[-1]
    if not (at.month_from or at.month_to):
        return ""
    return f"{first} 月" if first == last else f"{first}–{last} 月"


def sentence(fields: Sequence[Field], chosen: Mapping[str, Sequence[str]], at: Filters) -> str:
    """The active filters in words, for a scope line and for files."""
    said = [
        f"{f.label}：{'、'.join(f.word(v) for v in chosen[f.name])}"
        for f in fields
        if chosen.get(f.name)
    ]
    if at.month_from or at.month_to:
        said.append(months_text(at))
    return "；".join(said)
