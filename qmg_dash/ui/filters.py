"""The filter bar of a screen. The link is the truth: what is chosen stands in the query string,
the browser's Back undoes it, a fresh browser restores it, and a value that names nothing is said.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import streamlit as st

from qmg_dash import analysis, fmt
from qmg_dash.compute import Book, dimension_key, dimension_text, shared
from qmg_dash.kpis import kpi
from qmg_dash.kpis.base import UNFILLED
from qmg_dash.model import Filters
from qmg_dash.progress import STATES, Measure
from qmg_dash.store import Snapshot
from qmg_dash.ui import bridge
from qmg_dash.ui.scope import measures_of

MONTHS = tuple(range(1, 13))
FROM, TO = "from", "to"
Link = Mapping[str, Sequence[str]]
"""What a link asks for: its keys with all their values."""


@dataclass(frozen=True)
class Filter:
    """A filter of a screen: the dimension, and the KPI whose split gives its options and the
    counts beside them."""

    code: str
    name: str

    @property
    def label(self) -> str:
        declared = kpi(self.code).dimension(self.name)
        return declared.label if declared else self.name

    @property
    def state(self) -> str:
        """The key of its widget."""
        return f"f_{self.name}"

    def word(self, value: str) -> str:
        """A value as it is read."""
        return dimension_text(kpi(self.code).dimension(self.name), value)

    def narrows(self, at: Book) -> bool:
        """Whether its values reach the ledgers."""
        return at.counts(kpi(self.code), self.name)

    def monthly(self, at: Book) -> bool:
        """Whether a ledger behind it speaks for the year, so that months can be told apart."""
        row = kpi(self.code)
        return at.covers(row) and row.dimension("month") is not None

    def options(self, at: Book) -> dict[str, str]:
        """The values on offer with their counts as text, in order."""
        return at.kept(("options", self), lambda: self._options(at))

    def _options(self, at: Book) -> dict[str, str]:
        row = kpi(self.code)
        found = {}
        for value in at.values(self.code, self.name):
            figure = at.fig(self.code, dimension_key(row, self.name, value))
            found[value] = f"{self.word(value)}（{fmt.value_text(figure)}）"
        return found

    def offered(self, now: Book, chosen: Mapping[str, Sequence[str]]) -> dict[str, str]:
        """Options counted under the other filters; a chosen value stays on offer, with what it
        has."""
        if not now.covers(kpi(self.code)):
            return self.options(now)
        return now.kept(("offered", self), lambda: self._counted(now))

    def _counted(self, now: Book) -> dict[str, str]:
        counted = analysis.options(now, self.name, [self.code])
        return {v: f"{self.word(v)}（{fmt.amount(n)}）" for v, n in counted}


@dataclass(frozen=True)
class Facet:
    """A filter of the goal year's measures by a value that each of them has."""

    name: str
    label: str
    of: Callable[[Measure], str]

    @property
    def state(self) -> str:
        """The key of its widget."""
        return f"f_{self.name}"

    def word(self, value: str) -> str:
        """A value as it is read."""
        return value

    def narrows(self, at: Book) -> bool:
        """Whether its values reach the ledgers: they choose among measures alone."""
        return False

    def monthly(self, at: Book) -> bool:
        """Whether months can be told apart: measures have none."""
        return False

    def options(self, at: Book) -> dict[str, str]:
        """The values on offer with the measures of each, in order."""
        return self._counted(at, {})

    def offered(self, now: Book, chosen: Mapping[str, Sequence[str]]) -> dict[str, str]:
        """Options counted under the other facets."""
        return self._counted(now, {n: v for n, v in chosen.items() if n != self.name})

    def _counted(self, at: Book, others: Mapping[str, Sequence[str]]) -> dict[str, str]:
        rows = measures_of(at)
        order = [v for v in STATES if v in {self.of(m) for m in rows}]
        order += dict.fromkeys(self.of(m) for m in rows if self.of(m) not in order)
        kept = picked(rows, FACETS, others)
        counts = {v: sum(self.of(m) == v for m in kept) for v in order}
        return {v: f"{v}（{counts[v]}）" for v in sorted(order, key=lambda v: v == UNFILLED)}


FACETS = (
    Facet("state", "状态", lambda m: m.state),
    Facet("direction", "方向", lambda m: m.goal["direction"]),
    Facet("owner", "责任单位", lambda m: m.goal["owner"] or UNFILLED),
)
"""The filters of measures."""


def picked(
    rows: Sequence[Measure], facets: Sequence[Facet], chosen: Mapping[str, Sequence[str]]
) -> list[Measure]:
    """The measures that have a chosen value of every facet that has some."""
    wanted = [(f.of, chosen[f.name]) for f in facets if chosen.get(f.name)]
    return [m for m in rows if all(of(m) in values for of, values in wanted)]


@dataclass(frozen=True)
class Months:
    """A bar that has the months alone, told apart by the ledgers of some KPIs."""

    codes: tuple[str, ...]
    name: str = "month"
    label: str = "月份"

    @property
    def state(self) -> str:
        """The key of its widget, which it does not have."""
        return "f_months"

    def word(self, value: str) -> str:
        """A value as it is read."""
        return value

    def narrows(self, at: Book) -> bool:
        """Whether its values reach the ledgers: it has none."""
        return False

    def monthly(self, at: Book) -> bool:
        """Whether a ledger speaks for the year of a figure that has months."""
        rows = [kpi(code) for code in self.codes]
        return any(at.covers(row) and row.dimension("month") is not None for row in rows)

    def options(self, at: Book) -> dict[str, str]:
        """Nothing: `from` and `to` name the months."""
        return {}

    def offered(self, now: Book, chosen: Mapping[str, Sequence[str]]) -> dict[str, str]:
        """Nothing to choose from."""
        return {}


Field = Filter | Facet | Months
"""What a filter bar is made of."""


def asked(
    filter_: Field, link: Link, allowed: Mapping[str, str], say: Callable[[str], None]
) -> list[str]:
    """The values of a filter that a link names; those that are not there are said."""
    wanted = link.get(filter_.name, ())
    wrong = [fmt.short(v) for v in wanted if v not in allowed]
    if wrong:
        more = f"等 {len(wrong)} 个" if len(wrong) > 3 else ""
        say(f"链接中的{filter_.label}“{'、'.join(wrong[:3])}”{more}本年度没有，未使用。")
    return [v for v in dict.fromkeys(wanted) if v in allowed]


def months(link: Link, say: Callable[[str], None]) -> tuple[int | None, int | None]:
    """The months that a link names: (from, to), None where it names none."""
    found: list[int | None] = []
    for key, label in ((FROM, "起始月份"), (TO, "结束月份")):
        written = link[key][-1] if link.get(key) else None
        good = written in {str(m) for m in MONTHS}
        if written is not None and not good:
            say(f"链接中的{label}“{fmt.short(written)}”不是 1–12 月，未使用。")
        found.append(int(written) if good and written else None)
    first, last = found
    if first and last and first > last:
        say(f"链接中的月份从 {first} 月到 {last} 月，先后颠倒，未使用。")
        return None, None
    return first, last


def read(
    snapshot: Snapshot,
    plain: Filters,
    bar: Sequence[Field],
    link: Link,
    say: Callable[[str], None],
) -> tuple[Filters, dict[str, list[str]]]:
    """(the filters that reach the ledgers, all values chosen by name), from a year and goal year
    without filters. A published split is chosen from, not counted again: its filter narrows what
    is shown, not the figures."""
    at = shared(snapshot, plain)
    chosen = {f.name: asked(f, link, f.options(at), say) for f in bar}
    deep = {f.name: chosen[f.name] for f in bar if f.narrows(at)}
    first, last = months(link, say)
    if (first or last) and all(isinstance(f, Facet) for f in bar):
        say("本页不按月份筛选，链接中的月份未使用。")
        first = last = None
    narrowed = replace(plain, month_from=first, month_to=last).with_values(**deep)
    return narrowed, {n: v for n, v in chosen.items() if v}


def _write(name: str, state: str) -> None:
    """A widget was changed: the link follows, so that Back can undo it."""
    values = st.session_state[state]
    if values:
        st.query_params[name] = values
    elif name in st.query_params:
        del st.query_params[name]


def _write_months(key: str) -> None:
    first, last = st.session_state[key]
    whole = (first, last) == (MONTHS[0], MONTHS[-1])
    for key, value in ((FROM, first), (TO, last)):
        if not whole:
            st.query_params[key] = str(value)
        elif key in st.query_params:
            del st.query_params[key]


def clear(names: Sequence[str]) -> None:
    """Take all filters off."""
    for name in (*names, FROM, TO):
        if name in st.query_params:
            del st.query_params[name]


def toggle(name: str, values: Sequence[str]) -> None:
    """A mark was clicked: choose its value, or give it up where it was chosen."""
    now = st.query_params.get_all(name)
    new = [v for v in now if v not in values] + [v for v in values if v not in now]
    if new:
        st.query_params[name] = new
    elif name in st.query_params:
        del st.query_params[name]


def ask(fields: Sequence[Field]) -> None:
    """A word on the page was pressed that names a value of a filter: as a click on a mark."""
    said = str(bridge.state("bridge").get("pick") or "")
    name, _, value = said.partition("|")
    if any(f.name == name for f in fields):
        toggle(name, [value])


def bar(
    at: Book,
    fields: Sequence[Field],
    chosen: Mapping[str, Sequence[str]],
) -> None:
    """Draw the bar: a field a filter with counts beside its options, the months, and 清除筛选."""
    offered = [(f, f.offered(at, chosen)) for f in fields]
    offered = [(f, found) for f, found in offered if len(found) > 1]
    with_months = any(f.monthly(at) for f in fields)
    if not offered and not with_months:
        return
    with st.container(key="filters", horizontal=True, vertical_alignment="bottom"):
        for f, found in offered:
            st.session_state[f.state] = list(chosen.get(f.name, ()))
            st.multiselect(
                f.label,
                list(found),
                key=f.state,
                format_func=found.get,
                placeholder="全部",
                filter_mode=None,  # what it says where nothing matches is English
                select_all=False,
                on_change=_write,
                args=(f.name, f.state),
            )
        first, last = at.filters.month_from, at.filters.month_to
        if with_months:
            # A range slider is one by its value alone; a key a range lets the link lead.
            now = (first or 1, last or 12)
            key = f"f_months_{now[0]}_{now[1]}"
            st.select_slider(
                "月份",
                MONTHS,
                now,
                key=key,
                format_func=lambda m: f"{m}月",
                on_change=_write_months,
                args=(key,),
            )
        if chosen or first or last:
            names = [f.name for f in fields]
            st.button("清除筛选", key="clear_filters", on_click=clear, args=(names,))


def sentence(fields: Sequence[Field], chosen: Mapping[str, Sequence[str]], at: Filters) -> str:
    """The active filters in words, for a scope line and for files."""
    said = [
        f"{f.label}：{'、'.join(f.word(v) for v in chosen[f.name])}"
        for f in fields
        if chosen.get(f.name)
    ]
    if at.month_from or at.month_to:
        said.append(f"{at.month_from or 1}–{at.month_to or 12} 月")
    return "；".join(said)
