"""目标举措 as a table: state with its amount, name, owner, how far it is, due. On a phone the same
rows are cards (page.css)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor

import simple_html as h

from qmg_dash import fmt
from qmg_dash.escaping import joined
from qmg_dash.figures import verdict
from qmg_dash.figures.book import shared
from qmg_dash.figures.findings import width
from qmg_dash.figures.progress import TONES, URGENT, Measure, told
from qmg_dash.figures.verdict import Verdict
from qmg_dash.kpis import goals as kinds
from qmg_dash.kpis.base import PERCENT
from qmg_dash.model import Filters
from qmg_dash.ui import markup
from qmg_dash.ui.link.scope import Scope

CAPTION = "目标举措"
COLUMNS = ("状态", "举措", "责任单位", "进度或指标", "", "期限")
OWNERLESS = "未定"
SHARED = {True: 41.0, False: 28.4}
"""Rem that names and owners share on a wide wall and on a 4:3 one (meeting.css)."""
TYPE, INSET = 1.15, 1.0
"""Rem of a character and around a cell."""
LEAST, GREATEST = 0.38, 0.68
"""What of it names have."""
LINE, PADDING, ROOM, MOST = 1.5, 0.28, 33.5, 16
"""Rem of a line and around a row of it; what a slide has for its rows, and how many at most."""


# ---- the axis of rates ---------------------------------------------------------------------------
@dataclass(frozen=True)
class Axis:
    """Where the figures that are held against a target stand: all rates on one axis, so that their
    gaps can be compared; of others each has its own, from 0."""

    low: float = 0
    high: float = 100

    @classmethod
    def of(cls, rows: Sequence[Measure]) -> Axis:
        """From a ten below the least rate or target, to the greatest."""
        found = [v for m in rows if _rate(m) for v in _ends(m)]
        if not found:
            return cls()
        low = max(0, floor(min(found) / 10) * 10 - 10)
        return cls(low, max(100, ceil(max(found) / 10) * 10))

    def at(self, m: Measure, value: float) -> float:
        """Where a value stands, in percent of the axis."""
        low, high = (self.low, self.high) if _rate(m) else (0, max(*_ends(m)) * 1.1 or 1)
        return min(100.0, max(0.0, (value - low) / (high - low) * 100))

    @property
    def text(self) -> str:
        return f"轴 {fmt.digits(self.low)}%–{fmt.digits(self.high)}%"


def _held(m: Measure) -> bool:
    """Whether a figure stands against its target, so that there is something to draw."""
    return m.standard and m.figure is not None and m.figure.known and m.target is not None


def _rate(m: Measure) -> bool:
    return _held(m) and m.figure is not None and m.figure.unit == PERCENT


def _ends(m: Measure) -> tuple[float, float]:
    assert m.figure is not None and m.figure.value is not None and m.target is not None
    return float(m.figure.value), m.target


# ---- the table -----------------------------------------------------------------------------------
def table(scope: Scope, rows: Sequence[Measure]) -> h.Node:
    """A row a measure. Its class says whether somebody has to do something, its style where it
    stands among those of its owner: a phone chooses and orders by them."""
    axis = Axis.of(rows)
    owners = sorted(dict.fromkeys(m.goal["owner"] or "" for m in rows), key=lambda o: (not o, o))
    head = h.tr(
        [
            h.th({"scope": "col", "class": "due"} if c == COLUMNS[-1] else {"scope": "col"}, c)
            for c in COLUMNS
        ]
    )
    body = [_row(scope, m, axis, owners.index(m.goal["owner"] or "")) for m in rows]
    named = {"class": "tb goals", "aria-label": CAPTION, "style": f"--share:{_share(rows):.2f}"}
    return h.table(named, h.thead(head), h.tbody(body))


def _share(rows: Sequence[Measure]) -> float:
    """What names have of the width that they share with owners, by the longest of both."""
    name, owner = (
        max((width(m.goal[c] or "") for m in rows), default=0) for c in ("measure", "owner")
    )
    return min(GREATEST, max(LEAST, name / ((name + owner) or 1)))


def _row(scope: Scope, m: Measure, axis: Axis, order: int) -> h.Node:
    tone = TONES.get(m.state)
    classes = " ".join(
        c for c in (f"{tone}row" if tone else "", "todo" if m.state in URGENT else "") if c
    )
    found = _verdict(scope, m)
    return h.tr(
        {"class": classes, "style": f"--owner:{order}"},
        h.td({"class": "state"}, state(scope, m)),
        h.td({"class": "name"}, m.goal["measure"]),
        h.td({"class": "owner"}, m.goal["owner"] or h.span({"class": "gap"}, OWNERLESS)),
        h.td({"class": "way"}, course(m, axis, found)),
        h.td({"class": "value"}, _value(scope, m, found)),
        h.td({"class": "due"}, f"{m.due.month}-{m.due:%d}" if m.due else OWNERLESS),
    )


def _verdict(scope: Scope, m: Measure) -> Verdict | None:
    if not _held(m) or m.figure is None:
        return None
    return verdict.of(shared(scope.snapshot, Filters(scope.goal_year)), m.figure)


def state(scope: Scope, m: Measure) -> h.Node:
    """A measure's state with its amount, in the shape and colour of the state."""
    return markup.state(m.state, told(m, scope.snapshot.clock()))


def course(m: Measure, axis: Axis, found: Verdict | None) -> h.Node:
    """How far a measure is: its progress as a bar; what is held against a target as a point with
    the gap to the target's line. One that has not begun or was given up has neither."""
    if _held(m):
        return _against(m, axis, found)
    if m.state in (kinds.NOT_STARTED, kinds.CANCELLED):
        return ""
    return _bar(m)


def _against(m: Measure, axis: Axis, found: Verdict | None) -> h.Node:
    value, target = (axis.at(m, v) for v in _ends(m))
    tone = (found.tone if found else "") or "accent"
    low, high = sorted((value, target))
    gap = h.s({"style": f"left:{low:.1f}%;width:{high - low:.1f}%"}) if m.kept is False else ""
    said = f"{fmt.text(m.figure)}，目标 {fmt.target(m.target, m.figure)}"  # type: ignore[arg-type]
    return h.div(
        {"class": f"line {tone}", "role": "img", "aria-label": said},
        gap,
        h.i({"style": f"left:{value:.1f}%"}),
        h.u({"style": f"left:{target:.1f}%"}),
    )


def _bar(m: Measure) -> h.Node:
    """A measure's progress as a bar, the share of time gone as a tick; dashed where none."""
    if m.progress is None:
        return h.div({"class": "bar nodata", "role": "img", "aria-label": "无进展数据"})
    tone = TONES.get(m.state)
    style = f"width:{m.progress:.0f}%" + (f";background:var(--{tone})" if tone else "")
    said = f"进度 {m.progress:.0f}%"
    said += f"，时间已过 {m.elapsed:.0f}%" if m.elapsed is not None else ""
    return h.div(
        {"class": "bar", "role": "img", "aria-label": said},
        h.i({"style": style}),
        h.u({"style": f"left:{m.elapsed:.1f}%"}) if m.elapsed is not None else "",
    )


def _value(scope: Scope, m: Measure, found: Verdict | None) -> h.Node:
    """The figure with its base, or the progress, or the day on which it ended or begins; below it
    what it is held against, where the state does not say so."""
    if m.figure is not None and m.target is not None:
        return _measured(scope, m, found)
    newest = m.updates[-1]["date"] if m.updates else None
    match m.state:
        case kinds.NOT_STARTED:
            return f"{_day(m.start)} 开始"
        case kinds.DONE if newest:
            return f"{_day(newest)} 办结"
        case kinds.CANCELLED if newest:
            return f"{_day(newest)} 取消"
    return fmt.NONE if m.progress is None else fmt.rate(m.progress)


def _day(day: object) -> str:
    return f"{day.month}-{day:%d}"  # type: ignore[attr-defined]


def _measured(scope: Scope, m: Measure, found: Verdict | None) -> h.Node:
    assert m.figure is not None and m.target is not None
    desk = not scope.look.present
    aim = fmt.target(m.target, m.figure)
    if not m.figure.known:
        return [fmt.NONE, h.small(f"目标 {aim}")]
    said = fmt.text(m.figure) if m.standard else fmt.parted(m.figure)[0]
    now: h.Node = markup.rows_link(said, m.figure) if desk else said
    if not m.standard:
        return [now, f" / {aim}", h.small(_before(m)) if desk and _before(m) else ""]
    base = f"（{fmt.base(m.figure)}）" if fmt.base(m.figure) else ""
    value = markup.toned([now, h.span({"class": "whole"}, base)], found)
    below = [f"目标 {aim}"] if desk or m.kept is not False else []
    if found and found.differ:
        below = [found.text]
    if desk and _before(m):
        below.append(_before(m))
    return [value, h.small(joined(" · ", below)) if below else ""]


def _before(m: Measure) -> h.Node:
    """The year before's figure beside this year's, at the desk: never a target."""
    if m.baseline is None or not m.baseline.known:
        return ""
    return ["上年 ", markup.rows_link(fmt.text(m.baseline), m.baseline)]


# ---- its key, its slides -------------------------------------------------------------------------
def key(rows: Sequence[Measure]) -> str:
    """What the marks mean, of those that are drawn."""
    said = ["急的在前"]
    if any(m.progress is not None for m in rows):
        said.append("条＝进度，竖线＝时间已过")
    if any(map(_held, rows)):
        said.append("圆点＝指标值，竖线＝目标值")
    axis = f"，{Axis.of(rows).text}" if any(map(_rate, rows)) else ""
    return "；".join(said) + axis


def by_slide(rows: Sequence[Measure], wide: bool) -> list[list[Measure]]:
    """The measures by slide: as few as hold them, and about as full."""
    share = _share(rows)
    lines = tuple((part * SHARED[wide] - INSET) / TYPE for part in (share, 1 - share))
    room = ROOM
    pages = _filled(rows, room, lines)
    while room > 1 and len(fuller := _filled(rows, room - 1, lines)) == len(pages):
        pages, room = fuller, room - 1
    return pages


def _filled(rows: Sequence[Measure], room: float, lines: tuple[float, ...]) -> list[list[Measure]]:
    pages: list[list[Measure]] = [[]]
    for m in rows:
        longer = [*pages[-1], m]
        if pages[-1] and (len(longer) > MOST or sum(_height(x, lines) for x in longer) > room):
            pages.append([m])
        else:
            pages[-1] = longer
    return pages


def _height(m: Measure, lines: tuple[float, ...]) -> float:
    """Rem that a row takes, by the full characters that a line of its name and of its owner has."""
    words = (m.goal["measure"], m.goal["owner"] or "")
    second = 2 if m.figure is not None and m.target is not None and m.kept is not False else 1
    told = (ceil(width(text) / line) for text, line in zip(words, lines, strict=True))
    return PADDING + LINE * max(second, *told)
