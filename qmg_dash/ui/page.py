"""The parts of a screen → Streamlit's elements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial

import simple_html as h
import streamlit as st

from qmg_dash import escaping
from qmg_dash.ui import link
from qmg_dash.ui.emit import emit
from qmg_dash.ui.link import filters
from qmg_dash.ui.slide import MONTH, ROWS, Columns, Html, Live, Panel, Piece, Plot

PLAIN = {"displayModeBar": False}


def paint(made: Sequence[Piece]) -> None:
    """Put the parts on the page, in order."""
    for part in made:
        match part:
            case Html(body):
                emit(body)
            case Plot():
                _plot(part)
            case Live(draw):
                draw()
            case Panel(key, inside):
                with st.container(key=key, height="stretch"):
                    paint(together(inside))
            case Columns(key, _, places):
                with st.container(key=key):
                    for inside in places:
                        _place(inside)


def measures(rows: Iterable[Columns], filling: Mapping[str, int]) -> str:
    """The style rules that give columns their widths, and charts that fill their panel the least
    height. Columns are a grid of ours: st.columns sends one more message for the row and one for each
    column, and messages are what a run costs."""
    rules = [
        f".st-key-{row.key}{{--cols:{' '.join(f'minmax(0,{w:g}fr)' for w in row.weights)}}}"
        for row in rows
    ]
    for key, least in filling.items():
        chart = f'[class*="st-key-{key}"]'
        rules.append(f"{chart}{{flex:1 1 {least}px;min-height:{least}px}}")
        rules.append(f"{chart} .stPlotlyChart,{chart} .stPlotlyChart>div{{height:100%!important}}")
    return "".join(rules)


def _place(inside: Sequence[Piece]) -> None:
    """A place of a row: one part is one by itself."""
    if len(inside) == 1:
        paint(inside)
    else:
        with st.container(height="stretch"):
            paint(inside)


def together(inside: Sequence[Piece]) -> Sequence[Piece]:
    """A panel: the words above and below its chart in one block, which style.css puts around it."""
    plots = [part for part in inside if isinstance(part, Plot)]
    if len(plots) != 1 or len(inside) < 3 or not all(isinstance(p, Html | Plot) for p in inside):
        return inside
    at = inside.index(plots[0])
    above, below = ([p.body for p in some] for some in (inside[:at], inside[at + 1 :]))
    return Html(escaping.html(above, h.div({"class": "below"}, below))), plots[0]


def _plot(plot: Plot) -> None:
    answer = {}
    if plot.click:
        chosen = partial(_clicked, plot.key, plot.click)
        answer = {"on_select": chosen, "selection_mode": "points"}
    st.plotly_chart(
        plot.chart.figure,
        key=plot.key,
        height=plot.height or "stretch",
        theme=None,
        config=PLAIN,
        alt=plot.chart.alt,
        **answer,
    )


def _clicked(key: str, click: str) -> None:
    """A mark of a chart was clicked: its value is chosen, or given up; or its rows are opened."""
    points = st.session_state[key]["selection"]["points"]
    values = [p["customdata"] for p in points if p.get("customdata") is not None]
    if not values:
        return
    if click == ROWS:
        link.put({link.ROWS: str(values[0])})
    elif click == MONTH:
        filters.toggle_month(int(values[0]))
    elif "&" in click:
        filters.toggle_cell(click.split("&"), [str(v) for v in values[0]])
    else:
        filters.toggle(click, list(dict.fromkeys(map(str, values))))
