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
from qmg_dash.model import Filters
from qmg_dash.store import Snapshot

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


def options(at: Book, filter_: Filter) -> dict[str, str]:
    """The values on offer with their counts as text, in order."""
    return at.kept(("options", filter_), lambda: _options(at, filter_))


def _options(at: Book, filter_: Filter) -> dict[str, str]:
    row = kpi(filter_.code)
    declared = row.dimension(filter_.name)
    found = {}
    for value in at.values(filter_.code, filter_.name):
        figure = at.fig(filter_.code, dimension_key(row, filter_.name, value))
        found[value] = f"{dimension_text(declared, value)}（{fmt.value_text(figure)}）"
    return found


def asked(
    filter_: Filter, link: Link, allowed: Mapping[str, str], say: Callable[[str], None]
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
    year: int,
    filters: Sequence[Filter],
    link: Link,
    say: Callable[[str], None],
) -> tuple[Filters, dict[str, list[str]]]:
    """(the filters that reach the ledgers, all values chosen by name). A published split is
    chosen from, not counted again: its filter narrows what is shown, not the figures."""
    plain = Filters(year)
    at = shared(snapshot, plain)
    chosen = {f.name: asked(f, link, options(at, f), say) for f in filters}
    deep = {f.name: chosen[f.name] for f in filters if at.counts(kpi(f.code), f.name)}
    first, last = months(link, say)
    if not filters and (first or last):
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


def bar(
    snapshot: Snapshot,
    at: Filters,
    filters: Sequence[Filter],
    chosen: Mapping[str, Sequence[str]],
    with_months: bool,
) -> None:
    """Draw the bar: a field a filter with counts beside its options, the months, and 清除筛选."""
    offered = [(f, _offered(snapshot, at, f)) for f in filters]
    offered = [(f, found) for f, found in offered if len(found) > 1]
    if not offered:
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
        if with_months:
            # A range slider is one by its value alone; a key a range lets the link lead.
            now = (at.month_from or 1, at.month_to or 12)
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
        if chosen or at.month_from or at.month_to:
            names = [f.name for f in filters]
            st.button("清除筛选", key="clear_filters", on_click=clear, args=(names,))


def _offered(snapshot: Snapshot, at: Filters, filter_: Filter) -> dict[str, str]:
    """Options counted under the other filters; a chosen value stays on offer, with what it has."""
    now = shared(snapshot, at)
    if not now.covers(kpi(filter_.code)):
        return options(now, filter_)
    return now.kept(("offered", filter_), lambda: _counted(now, filter_))


def _counted(now: Book, filter_: Filter) -> dict[str, str]:
    declared = kpi(filter_.code).dimension(filter_.name)
    counted = analysis.options(now, filter_.name, [filter_.code])
    return {v: f"{dimension_text(declared, v)}（{fmt.amount(n)}）" for v, n in counted}


def sentence(filters: Sequence[Filter], chosen: Mapping[str, Sequence[str]], at: Filters) -> str:
    """The active filters in words, for a scope line and for files."""
    said = [
        f"{f.label}：{'、'.join(dimension_text(kpi(f.code).dimension(f.name), v) for v in chosen[f.name])}"
        for f in filters
        if chosen.get(f.name)
    ]
    if at.month_from or at.month_to:
        said.append(f"{at.month_from or 1}–{at.month_to or 12} 月")
    return "；".join(said)
