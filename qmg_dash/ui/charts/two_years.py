"""Another year beside this one on a chart that is drawn: its value as a tick or a line, and in 看数据."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from qmg_dash import fmt
from qmg_dash.theme import Look
from qmg_dash.ui.charts import Chart, plain

Values = Sequence[float | None]


def on_bars(drawn: Chart, then: Values, year: int, unit: str, look: Look) -> Chart:
    """A thin bar below each lying bar, in the order of 看数据: from the first bar above."""
    (bars,) = drawn.figure["data"]
    other = _placed(bars, then, year, unit) | {
        "type": "bar",
        "orientation": "h",
        "marker": {
            "color": look.tokens["card"],
            "line": {"color": look.tokens["ink3"], "width": look.px(0.1, 0.1)},
        },
        "width": 0.2,
        "offset": -0.36,
        "cliponaxis": False,
    }
    above = bars | {"width": 0.46, "offset": -0.1}
    axis = drawn.figure["layout"]["xaxis"]
    made = {"xaxis": axis | {"range": [0, _most(axis, then)]}}
    return _with(drawn, [above, other], made, then, year)


def _placed(bars: dict[str, Any], then: Values, year: int, unit: str) -> dict[str, Any]:
    """The other year's values on the places of bars."""
    at = [(p, v) for p, v in zip(bars["y"][::-1], then, strict=True) if v is not None]
    said = f"{year} 年 %{{x}} {plain(unit)}<extra></extra>"
    return {"x": [v for _, v in at], "y": [p for p, _ in at], "hovertemplate": said}


def _most(axis: dict[str, Any], then: Values, room: float = 1) -> float:
    """How far an axis reaches with the other year's values on it."""
    return max([axis["range"][1], *(v * room for v in then if v is not None)])


def on_cells(drawn: Chart, then: Sequence[Values], year: int, look: Look) -> Chart:
    """The other year's number below each cell's own; on a wall, whose cells are low, beside it."""
    small, apart = f"font-size:{look.px(0.75, 1.03)}px", "  " if look.present else "<br>"
    flat = [v for row in then for v in row]
    notes = [
        note | {"text": f'{note["text"]}{apart}<span style="{small}">{_said(v)}</span>'}
        for note, v in zip(drawn.figure["layout"]["annotations"], flat, strict=True)
    ]
    layout = drawn.figure["layout"] | {"annotations": notes}
    said = f"；{year} 年同期各格 {'、'.join(map(_said, flat))}"
    return replace(drawn, figure=drawn.figure | {"layout": layout}, alt=f"{drawn.alt}{said}")


def rows_beside(
    header: tuple[str, ...], rows: Sequence[tuple], then: Sequence[Values], year: int
) -> tuple[tuple[str, ...], tuple[tuple, ...]]:
    """A table with the other year's columns behind its own, but for the first."""
    more = tuple(f"{year} 年 {name}" for name in header[1:])
    return (*header, *more), tuple((*r, *t) for r, t in zip(rows, then, strict=True))


def _said(value: float | None) -> str:
    return fmt.NONE if value is None else fmt.amount(value)


def _with(drawn: Chart, traces: list[dict], axis: dict, then: Values, year: int) -> Chart:
    figure = {"data": traces, "layout": drawn.figure["layout"] | axis}
    rows = tuple((*row, v) for row, v in zip(drawn.rows, then, strict=True))
    said = "，".join(f"{row[0]} {_said(v)}" for row, v in zip(drawn.rows, then, strict=True))
    alt = f"{drawn.alt}；{year} 年同期：{said}"
    return replace(drawn, figure=figure, alt=alt, header=(*drawn.header, f"{year} 年"), rows=rows)
