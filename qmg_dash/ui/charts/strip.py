"""A whole as one strip of its parts with their counts, its legend as a table under it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import simple_html as h

from qmg_dash import fmt
from qmg_dash.ui.charts.lanes import Picture


@dataclass(frozen=True)
class Share:
    """A part: its name, how many, what it wears: accent, tint, pale; `open` is a frame, `over` has
    passed its day."""

    name: str
    count: int
    wears: str


def strip(parts: Sequence[Share], what: str, unit: str, corner: str) -> Picture:
    """The parts in the order given; one without a count is left out."""
    known = [p for p in parts if p.count]
    said = "，".join(f"{p.name} {p.count} {unit}" for p in known)
    body = h.div(
        {"class": "split", "role": "figure", "aria-label": f"{what}：{said}"},
        h.div({"class": "strip100", "aria-hidden": "true"}, [_part(p) for p in known]),
        h.div({"class": "key"}, [_line(p) for p in known]),
    )
    return Picture(body, (corner, f"数值（{unit}）"), tuple((p.name, p.count) for p in known))


def _part(p: Share) -> h.Node:
    return h.i({"class": p.wears, "style": f"flex-grow:{p.count}"}, fmt.amount(p.count))


TONES = {"open": "warn", "over": "bad"}


def _line(p: Share) -> h.Node:
    return h.div(
        h.span(h.i({"class": p.wears}), p.name),
        h.b({"class": TONES.get(p.wears, "")}, fmt.amount(p.count)),
    )
