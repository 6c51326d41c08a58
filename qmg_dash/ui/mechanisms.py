"""制度机制: every mechanism of a year's report as a square, by the screen that it belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import simple_html as h

from qmg_dash import fmt
from qmg_dash.figures import findings
from qmg_dash.figures.findings import Finding, width
from qmg_dash.kpis import is_known
from qmg_dash.page_files import titles
from qmg_dash.ui import blocks, calendars, markup
from qmg_dash.ui.link.scope import Scope
from qmg_dash.ui.slide import Drawing

CAPTION = "制度机制"
FITS = 28
"""Full characters that the names of proven mechanisms have on a line of a wall."""
LINES = 2


@dataclass(frozen=True)
class Aspect:
    """The mechanisms of a screen: those with a figure (by name), how many have an indicator that
    nothing gives yet, how many have none."""

    path: str
    proven: tuple[str, ...]
    lacking: int
    bare: int

    @property
    def name(self) -> str:
        return titles().get(self.path, self.path)

    @property
    def total(self) -> int:
        return len(self.proven) + self.lacking + self.bare


def aspects(scope: Scope) -> list[Aspect]:
    """The aspects of the year's mechanisms, those with most evidence first, then with most
    mechanisms."""
    found = []
    for path in titles():
        if mine := scope.practices(path):
            proven = [p for p in mine if blocks.evidence(scope.plain, p)]
            coded = sum(bool(p["indicator"]) and is_known(p["indicator"]) for p in mine)
            names = tuple(p["mechanism"] for p in proven)
            found.append(Aspect(path, names, coded - len(proven), len(mine) - coded))
    return sorted(found, key=lambda a: (-len(a.proven), -a.total))


def title(rows: Sequence[Aspect]) -> Finding:
    """How many have a figure, and which aspects have none."""
    none = [a.name for a in rows if not a.proven]
    return findings.mechanisms(sum(len(a.proven) for a in rows), sum(a.total for a in rows), none)


HEADER = ("方面", "", "有数据", "缺台账", "无指标", "合计", "有数据的机制")


def draw(s: Drawing, rows: Sequence[Aspect]) -> None:
    """The board: aspect × squares, numbers, the names of those with evidence."""
    total = sum(a.total for a in rows)
    mark = markup.plain_tag(*(("演示", "demo") if s.scope.demo else ("报告",)))
    key = "一格一条：实心＝有数据，空心＝有指标、缺台账，虚线＝无指标可对"
    head = markup.head(f"{total} 条制度机制，按方面", key, tag=mark)
    data = ""
    if not s.look.present:
        cells = tuple(
            (a.name, len(a.proven), a.lacking, a.bare, a.total, "、".join(a.proven)) for a in rows
        )
        data = markup.data_view(s.drawn(CAPTION, (HEADER[0], *HEADER[2:]), cells))
    body = [head, h.div({"class": "grow"}, _table(s, rows)), data]
    s.html(h.div({"class": "panel col fill scroll"}, body), fill=True)


def _table(s: Drawing, rows: Sequence[Aspect]) -> h.Node:
    body = [
        (
            h.b(a.name),
            calendars.squares(len(a.proven), a.lacking, a.bare, _said(a)),
            h.b({"class": "accent" if a.proven else ""}, f"{len(a.proven)}"),
            f"{a.lacking}",
            f"{a.bare}",
            f"{a.total}",
            _names(a.proven) if s.look.present else "、".join(a.proven) or fmt.NONE,
        )
        for a in rows
    ]
    sums = [
        sum(n)
        for n in zip(*((len(a.proven), a.lacking, a.bare, a.total) for a in rows), strict=True)
    ]
    told = f"{sums[1]} 条有指标，补台账或公布数后可对照" if sums[1] else ""
    body.append(("合计", "", *map(str, sums), told))
    classes = [""] * len(rows) + ["sum"]
    return markup.table(HEADER, body, "nlrrrrl", classes, "mechs", caption=CAPTION)


def _said(a: Aspect) -> str:
    return f"{a.name} {a.total} 条：有数据 {len(a.proven)}，缺台账 {a.lacking}，无指标 {a.bare}"


def _names(names: Sequence[str]) -> str:
    """As many names as fit into two lines of a wall, and how many there are beside them."""
    shown: list[str] = []
    for name in names:
        if width("、".join([*shown, name])) > FITS * LINES - 4:
            break
        shown.append(name)
    rest = len(names) - len(shown)
    return ("、".join(shown) + (f"等 {len(names)} 条" if rest else "")) or fmt.NONE
