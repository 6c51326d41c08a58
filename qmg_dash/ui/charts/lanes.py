"""Pictures of rows: a name, marks on an axis that all rows share, words at their end.

They are markup and no Plotly: names break as text does, the words stand where the marks end however
wide the panel is, and paper gets what the screen has. Where the panel is narrow a row's name stands
over its marks (static/page.css, .lanes).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import ceil

import simple_html as h

from qmg_dash.figures.findings import width

NAMED = 13
"""Full characters of a name that stand on one line."""
WIDE = 21
"""Em that long names have where the picture is wide; else as static/page.css says."""


def fitting(names: Sequence[str], most: int) -> int:
    """How many of the first rows stand where `most` do whose names take one line: a row takes the
    lines of its name, and one more."""
    room = 2 * most
    taken = accumulate(lines_of(name) + 1 for name in names[:most])
    return max(1, sum(lines <= room for lines in taken))


def lines_of(text: str, wide: float = NAMED) -> int:
    """On how many lines a text stands where so many full characters stand on one."""
    return max(1, ceil(width(text) / wide))


@dataclass(frozen=True)
class Picture:
    """A picture in markup, with the rows that it draws; where it draws a part, and says so, the rows
    are all."""

    body: h.Node
    header: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]


@dataclass(frozen=True)
class Mark:
    """A bar between two places of the axis (0 to 1), in a tone; `hollow` ones are a frame."""

    start: float
    end: float
    tone: str
    hollow: bool = False


@dataclass(frozen=True)
class Words:
    """What stands at a place of the axis, behind it or before it."""

    at: float
    said: str
    tone: str = ""
    before: bool = False


@dataclass(frozen=True)
class Lane:
    """A row: its name, what stands under it, its marks, the words at their ends."""

    name: h.Node
    under: h.Node = ""
    marks: Sequence[Mark] = ()
    words: Words | None = None


def lanes(
    rows: Sequence[Lane],
    alt: str,
    line: float | None = None,
    axis: Sequence[tuple[float, str, str]] = (),
    classes: str = "",
) -> h.Node:
    """The rows over one another. `line` stands across them all; `axis` are (place, words, class)
    below them."""
    room = {"--ends": _room(rows, False), "--starts": _room(rows, True)}
    sizes = (f"{name}:{size:.1f}em" for name, size in room.items())
    long = any(isinstance(r.name, str) and lines_of(r.name) > 1 for r in rows)
    named = [f"--named:{WIDE}em"] if long else []
    style = ";".join((*sizes, f"--n:{len(rows)}", *named))
    across = "" if line is None else h.div({"class": "at", "style": f"--at:{line:.4f}"})
    ticks = h.div({"class": "track"}, [_tick(tick) for tick in axis])
    below = h.div({"class": "lane ticks"}, h.div({"class": "named"}), ticks) if axis else ""
    return h.div(
        {"class": f"lanes {classes}".rstrip(), "role": "figure", "aria-label": alt, "style": style},
        h.div({"class": "of"}, [_lane(row, line) for row in rows], across),
        below,
    )


def _room(rows: Sequence[Lane], before: bool) -> float:
    """The room that the words need beyond the axis's end, in their own size."""
    said = [width(r.words.said) for r in rows if r.words and r.words.before is before]
    return max(said) * 1.06 + 0.7 if said else 0


def _lane(row: Lane, line: float | None) -> h.Node:
    here = "" if line is None else h.u({"style": f"left:{line:.2%}"})
    return h.div(
        {"class": "lane"},
        h.div({"class": "named"}, h.span(row.name), h.small(row.under) if row.under else ""),
        h.div({"class": "track"}, [_mark(mark) for mark in row.marks], here),
        h.div({"class": "word"}, _words(row.words)) if row.words else "",
    )


def _mark(mark: Mark) -> h.Node:
    kind = f"{mark.tone} hollow" if mark.hollow else mark.tone
    where = f"left:{mark.start:.2%};width:{max(mark.end - mark.start, 0):.2%}"
    return h.i({"class": kind, "style": where})


def _words(words: Words) -> h.Node:
    where = f"right:{1 - words.at:.2%}" if words.before else f"left:{words.at:.2%}"
    return h.b({"class": words.tone, "style": where}, words.said)


def _tick(tick: tuple[float, str, str]) -> h.Node:
    at, said, kind = tick
    return h.span({"class": kind, "style": f"left:{at:.2%}"}, said)
