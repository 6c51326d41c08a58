"""A report alone: it has few figures of a screen, so that two screens stand on one slide of a meeting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil

import simple_html as h

from qmg_dash.figures import coverage
from qmg_dash.figures.findings import headline, width
from qmg_dash.ui import blocks, markup
from qmg_dash.ui.link.scope import Scope
from qmg_dash.ui.slide import Drawing

NAMED = {True: (14, 15), False: (14, 10)}
"""Lines in two columns, and full characters on each, that the mechanisms of a screen have, on a
wide wall or not."""


@dataclass(frozen=True)
class Pair:
    """Two screens on one slide: its title, their figures, their paths and names."""

    title: str
    codes: tuple[str, ...]
    screens: Mapping[str, str]

    def stands(self, scope: Scope) -> bool:
        """Whether the year has published figures alone, and enough of them for a slide."""
        known = sum(headline(scope.book, code).known for code in self.codes)
        return known >= blocks.FEWEST and not coverage.counted(scope.snapshot, scope.year)

    def shown(self, scope: Scope, practices: Sequence[dict], at_desk: int) -> int:
        """How many mechanisms of its first screen stand there: `at_desk`, on a wall all by name or,
        where they do not fit, none as they have to be read."""
        if not scope.look.present or not self.stands(scope):
            return at_desk
        lines, line = NAMED[scope.look.wide]
        tall = sum(ceil(width(p["mechanism"]) / line) for p in practices)
        return len(practices) if tall <= lines else 0

    def draw(self, s: Drawing) -> None:
        """The numbers beside the mechanisms."""
        both = [self._numbers(s), self._mechanisms(s)]
        s.html(h.div({"class": "two fill", "style": "--cols:1fr 1fr"}, both), fill=True)

    def _numbers(self, s: Drawing) -> h.Node:
        """The key numbers of both, and how many mechanisms there are."""
        cards = [c for c in map(s.card, self.codes) if c.figure.known]
        rows = [p for path in self.screens for p in s.scope.practices(path)]
        proven = blocks.proven(s.scope, rows)
        count = markup.tally("制度机制", f"{len(rows)}", "条", f"{proven} 条有数据") if rows else ""
        head = markup.head(self.title, f"{s.scope.year} 年报告", cards[0].figure)
        return h.div({"class": "panel col"}, head, markup.wall(cards, "w2 quiet", more=count))

    def _mechanisms(self, s: Drawing) -> h.Node:
        """The names of the mechanisms of both, those with a figure first."""
        parts: list[h.Node] = []
        for path, name in self.screens.items():
            rows = s.scope.practices(path)
            proven = [p for p in rows if blocks.evidence(s.book, p)]
            names = [p["mechanism"] for p in (*proven, *(p for p in rows if p not in proven))]
            first = f"，{len(proven)} 条有数据（在前）" if proven else "，均缺台账"
            said = f"{name}机制 {len(names)} 条{first}"
            parts += [h.h3(said), markup.names(names, "条", *NAMED[s.look.wide])] if names else []
        if not parts:
            do = "登记报告所述的制度机制后，这里列出"
            parts = [markup.empty("没有登记制度机制", do, fill=True)]
        return h.div({"class": "panel col listed"}, markup.head("制度机制"), parts)
