"""Change bars: what moved of a count by its parts, about the line of no change."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import simple_html as h

from qmg_dash import fmt
from qmg_dash.figures.moved import Moved, way
from qmg_dash.figures.why_changed import Contribution
from qmg_dash.kpis.base import registered
from qmg_dash.ui.charts.lanes import Lane, Mark, Picture, Words, fitting, lanes

THIN = 0.004
"""The least share of the axis that a change takes."""


def changes(
    found: Moved, named: str, most: int, link: Callable[[str, Contribution], h.Node]
) -> h.Node:
    """The parts that moved most, up to `most` of them; the one that the title names in the accent. `link`
    writes the two values of a part (`102 → 71`)."""
    shown = found.parts[: _room(found, most)]
    low = min(0, *(p.difference for p in shown))
    high = max(0, *(p.difference for p in shown))
    span = (high - low) or 1
    zero = -low / span
    rows = [_part(p, zero, span, p.value == named, link) for p in shown]
    said = "；".join(f"{p.value} {fro(p)}，{way(p.difference)}" for p in shown)
    return lanes(rows, f"{found.row.name}各部分增减：{said}", zero)


def _part(
    p: Contribution,
    zero: float,
    span: float,
    named: bool,
    link: Callable[[str, Contribution], h.Node],
) -> Lane:
    end = zero + p.difference / span
    least = max(abs(end - zero), THIN) if p.difference else 0
    start = zero - least if end < zero else zero
    mark = Mark(start, start + least, "accent" if named else "gone")
    words = Words(end, way(p.difference), "", before=p.difference < 0)
    return Lane(p.value, link(fro(p), p), [mark], words)


def fro(p: Contribution) -> str:
    """102 → 71"""
    return f"{fmt.amount(p.then or 0)} → {fmt.amount(p.now or 0)}"


def total(found: Moved) -> str:
    """What the total did: where it hardly moves, that. Not told with its percent: the parts are."""
    unit, moved = found.row.unit, found.total.difference
    still = "总数基本持平" if moved else "总数持平"
    return f"{fro(found.total)} {unit}，{still if found.still else way(moved)}"


def _room(found: Moved, most: int) -> int:
    """How many parts the picture has: `most`, fewer with long names."""
    return fitting([p.value for p in found.parts], most)


def rest(found: Moved, most: int) -> str:
    """What the picture leaves out."""
    said, most = [], _room(found, most)
    if len(found.parts) > most:
        said.append(f"列变化最大的 {most} 个，共 {len(found.parts)} 个")
    if found.bare:
        said.append(f"承办未登记 {fro(found.bare)}，不列")
    return "；".join(said)


def all_parts(found: Sequence[Moved], then: str) -> Picture:
    """The data of several counts together; `then` is what their base is called."""
    rows = tuple(
        (m.row.name, registered(p.value), p.then, p.now, p.difference)
        for m in found
        for p in (*m.parts, *([m.bare] if m.bare else []))
    )
    return Picture("", ("指标", "承办机构", then, "本年", "增减"), rows)
