"""Figures → Plotly. Titles and units come from the KPI (they stand in the panel's head), marks
from the tokens; no Streamlit, no SQL. Every chart comes with the text that says it in words and
the rows that it draws.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from qmg_dash import fmt
from qmg_dash.compute import share
from qmg_dash.findings import book_value
from qmg_dash.kpis import kpi
from qmg_dash.kpis.base import PERCENT
from qmg_dash.model import EXACT, Figure
from qmg_dash.theme import FONT, Look

DEMO = "演示数据"


@dataclass(frozen=True)
class Chart:
    """A Plotly figure, the sentence for those who cannot see it, and exactly what it draws."""

    figure: go.Figure
    alt: str
    header: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]


def template(look: Look, demo: bool = False) -> go.Layout:
    """The one layout that every chart starts from (DESIGN.md section 6)."""
    size = look.px(0.9, 1.15)
    layout = go.Layout(
        template="none",
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        margin={"l": 0, "r": 0, "t": 0, "b": 0, "pad": 0, "autoexpand": True},
        showlegend=False,
        dragmode=False,
        hovermode=False if look.present else "closest",
        separators=".,",
        font={
            "family": FONT.replace('"', ""),
            "size": size,
            "color": look.tokens["ink2"],
        },
    )
    if demo:
        layout.annotations = [
            {
                "text": DEMO,
                "xref": "paper",
                "yref": "paper",
                "x": x,
                "y": 0.5,
                "showarrow": False,
                "textangle": -18,
                "opacity": 0.16,
                "font": {"size": size * 2.4, "color": look.tokens["demo"]},
            }
            for x in (0.25, 0.75)
        ]
    return layout


def _axis(**more: object) -> dict:
    return {
        "fixedrange": True,
        "zeroline": False,
        "showgrid": False,
        "automargin": True,
    } | more


def bars(
    parts: Sequence[Figure], whole: Figure | None, accent: Sequence[str], look: Look
) -> Chart:
    """Sorted bars of a split with value, unit and share at the bar's end; `accent` are the
    dimensions that the title speaks of. Parts without data are left out, never drawn as 0."""
    known = sorted(
        (f for f in parts if f.value is not None), key=lambda f: f.value or 0
    )
    names = [book_value(f) for f in known]
    tokens = look.tokens
    shares = [fmt.share(share(f, whole)) if whole else "" for f in known]
    labels = [
        f"<b>{fmt.value_text(f)}</b> {'' if f.unit == PERCENT else f.unit}"
        + (f"  {s}" if s and s != fmt.NONE else "")
        for f, s in zip(known, shares, strict=True)
    ]
    figure = go.Figure(
        go.Bar(
            x=[f.value for f in known],
            y=names,
            orientation="h",
            width=0.68,
            marker={
                "color": [
                    tokens["accent" if f.dimension in accent else "mark"] for f in known
                ],
                # An approximate figure has no sharp end: its bar is hatched.
                "pattern": {
                    "shape": ["" if f.qualifier == EXACT else "/" for f in known],
                    "size": look.rem / 2,
                    "solidity": 0.15,
                },
            },
            text=labels,
            textposition="outside",
            textfont={"size": look.px(0.9375, 1.25), "color": tokens["ink"]},
            cliponaxis=False,
            hoverinfo="skip",
        ),
        layout=template(look, _demo(known)),
    )
    most = max((f.value or 0 for f in known), default=1) or 1
    figure.update_xaxes(_axis(visible=False, range=[0, most * 1.36]))
    size = look.px(0.9375, 1.25)
    figure.update_yaxes(
        _axis(
            ticks="", tickfont={"size": size, "color": tokens["ink"]}, ticksuffix="  "
        )
    )
    row = kpi(known[0].code) if known else None
    said = "，".join(
        f"{n} {fmt.text(f)}" for n, f in zip(names[::-1], known[::-1], strict=True)
    )
    label = row.label if row else ""
    dimension = row.dimensions[0].label if row and row.dimensions else "项"
    rows = tuple(
        (book_value(f), f.value, f.qualifier, f.unit, s.replace(fmt.NONE, ""))
        for f, s in zip(known[::-1], shares[::-1], strict=True)
    )
    return Chart(
        figure,
        f"{label}条形图：{said}",
        (dimension, "数值", "约数", "单位", "占比"),
        rows,
    )


def _demo(figures: Sequence[Figure]) -> bool:
    return any(f.nature == "demo" for f in figures)
