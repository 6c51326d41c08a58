"""What moved: the parts of a count against the same part of the year before, and how a title says it.

A total may stand still while its parts run in opposite directions: then the parts are told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from qmg_dash import fmt
from qmg_dash.figures.matters import Clause, Grade
from qmg_dash.figures.why_changed import (
    Comparison,
    Contribution,
    NotComparable,
    contributions,
    whole,
)
from qmg_dash.kpis import kpi
from qmg_dash.kpis.base import UNFILLED, Kpi
from qmg_dash.model import Number

MUCH, CASES = 10, 5
"""Percent and cases from which on a total has moved."""
STILL = 5
"""Percent below which a total hardly moves."""
APART = 20
"""Cases by which parts have to move in opposite directions."""


@dataclass(frozen=True)
class Moved:
    """A count against its base: the total and its parts, those that moved most first; what is
    未登记 is no part but `bare`."""

    row: Kpi
    total: Contribution
    parts: tuple[Contribution, ...]
    bare: Contribution | None = None

    @property
    def still(self) -> bool:
        """Whether the total hardly moves."""
        return abs(self.total.difference) * 100 < STILL * max(self.total.then or 0, 1)

    @property
    def apart(self) -> bool:
        """Whether parts moved in opposite directions, so that the total says little."""
        moves = [p.difference for p in self.parts]
        return max(moves, default=0) >= APART and min(moves, default=0) <= -APART

    @property
    def asks(self) -> bool:
        """Whether there is something to tell."""
        size = abs(self.total.difference)
        return self.apart or (size >= CASES and size * 100 >= MUCH * (self.total.then or 0))


def moved(against: Comparison, code: str, name: str) -> Moved | None:
    """What moved of a count by a split; None where the two periods cannot be compared."""
    row = kpi(code)
    declared = row.dimension(name)
    assert declared is not None, (code, name)
    try:
        found = contributions(against.now, against.book, row, declared)
    except NotComparable:
        return None
    if not found:
        return None
    named = [p for p in found if p.value != UNFILLED]
    bare = next((p for p in found if p.value == UNFILLED), None)
    parts = sorted(named, key=lambda p: (-abs(p.difference), -(p.now or 0), p.value))
    return Moved(row, whole(found), tuple(parts), bare)


def clause(found: Moved | None, short: Mapping[str, str] = MappingProxyType({})) -> list[Clause]:
    """How a title says what moved most, none where nothing did: the part that moved furthest where
    parts moved in opposite directions, else the total. `short` are names for titles."""
    if found is None or not found.asks or not found.row.counted:
        return []
    name, unit = found.row.short, found.row.unit
    if found.apart:
        part = found.parts[0]
        return [
            Clause(
                f"{short.get(part.value, part.value)}{name}{way(part.difference)} {unit}",
                Grade.MOVED,
            )
        ]
    now, then = (Number(v or 0) for v in (found.total.now, found.total.then))
    return [Clause(f"{name}{fmt.change(now, then, unit, sentence=True)}", Grade.MOVED)]


def way(difference: float) -> str:
    """A change of a count in words: 增 28, 减 31, 持平."""
    if not difference:
        return "持平"
    return f"{'增' if difference > 0 else '减'} {fmt.amount(abs(difference))}"


def clauses(found: Sequence[Moved | None], short: Mapping[str, str]) -> list[Clause]:
    """The clauses of several counts, in their order."""
    return [c for each in found for c in clause(each, short)]
