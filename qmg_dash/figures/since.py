"""What has changed between two versions of a folder: figures, rows of the tables, states of goals.

A figure counts where it is a KPI's total, was published, or moved within an unchanged total: so one
more case is one figure, not one for each split that it falls into.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from qmg_dash import fmt
from qmg_dash.figures import listing, progress
from qmg_dash.figures.book import corrections
from qmg_dash.figures.rows_changed import RowChanges, ToldRows, row_changes
from qmg_dash.folder.snapshot import Snapshot
from qmg_dash.kpis import kpi
from qmg_dash.model import Correction, Figure, Filters
from qmg_dash.tables import TABLES

Corrections = tuple[Correction, ...]


@dataclass(frozen=True)
class Moved:
    """A figure that reads otherwise now; `why`: what corrections.csv has said of it since."""

    then: Figure
    now: Figure
    why: Corrections = ()


@dataclass(frozen=True)
class Goal:
    """A measure whose state or progress is another now; "" where it was not there."""

    title: str
    then: str
    now: str


ROWS_LISTED = 50
"""Rows of a table that are told one by one."""


@dataclass(frozen=True)
class Told:
    """What has changed, without the two states that were compared: this may be kept."""

    figures: list[Moved]
    rows: list[ToldRows]
    goals: list[Goal]


@dataclass(frozen=True)
class Changes:
    """What has changed from one version to another, under the filters of a year."""

    then: Snapshot
    now: Snapshot
    filters: Filters

    @cached_property
    def figures(self) -> list[Moved]:
        """The figures that read otherwise."""
        return _moved(self.then, self.now, self.filters)

    @cached_property
    def rows(self) -> list[RowChanges]:
        """The tables that have other rows."""
        return [r for t in TABLES for r in [row_changes(t, self.then, self.now)] if r]

    @cached_property
    def goals(self) -> list[Goal]:
        """The measures of the goal year whose state is another."""
        return _goals(self.then, self.now, self.filters.goals)

    def told(self) -> Told:
        """All of it, to be kept."""
        return Told(self.figures, [r.told(ROWS_LISTED) for r in self.rows], self.goals)


# ---------------------------------------------------------------- figures


def _moved(then: Snapshot, now: Snapshot, filters: Filters) -> list[Moved]:
    before, after = (_figures(s, filters) for s in (then, now))
    keys = [k for k in {**after, **before} if not _same(before.get(k), after.get(k))]
    moved, told = set(keys), _told(then, now, filters.year)
    return [
        Moved(_there(before, k, after), _there(after, k, before), told.get(k, ()))
        for k in keys
        if not k[1]
        or "reported" in (f.basis for side in (before, after) if (f := side.get(k)))
        or ((k[0], "") not in moved and not kpi(k[0]).rate)
    ]


def _told(then: Snapshot, now: Snapshot, year: int) -> dict[tuple[str, str], Corrections]:
    """What corrections.csv has said since of a year's figures, by code and dimension."""
    known = corrections(then)
    return {
        (code, part): tuple(c for c in said if c not in known.get((of, code, part), ()))
        for (of, code, part), said in corrections(now).items()
        if of == year
    }


def _figures(snapshot: Snapshot, filters: Filters) -> dict[tuple[str, str], Figure]:
    found = listing.figures(snapshot, filters.year, filters=filters)
    return {f.key: f for f in found}


def _same(then: Figure | None, now: Figure | None) -> bool:
    """Whether a figure reads as it did, or is the same number in another unit (1.2万元, 12,000元).
    That a part has no row where there was no ledger for it, or the other way round, is no news
    beside its total's."""
    if (then is None and now and now.value == 0) or (now is None and then and then.value == 0):
        return True
    said = [fmt.text(f) if f else fmt.NO_DATA for f in (then, now)]
    printed = then is not None and now is not None and then.printed and now.printed
    return said[0] == said[1] or bool(printed and then.number == now.number)


def _there(wanted: dict[tuple[str, str], Figure], key: tuple[str, str], other: dict) -> Figure:
    """A figure, without data where that version does not have it."""
    return wanted.get(key) or replace(other[key], value=None, qualifier="", basis="none")


# ---------------------------------------------------------------- goals


def _goals(then: Snapshot, now: Snapshot, year: int) -> list[Goal]:
    before, after = (_states(s, year) for s in (then, now))
    return [
        Goal((after.get(i) or before[i])[0], before.get(i, ("", ""))[1], after.get(i, ("", ""))[1])
        for i in {**before, **after}
        if before.get(i, ("", ""))[1] != after.get(i, ("", ""))[1]
    ]


def _states(snapshot: Snapshot, year: int) -> dict[str, tuple[str, str]]:
    """Each measure: its title, and its state with the progress where it is known."""
    found = {}
    for m in progress.measures(snapshot, year):
        gone = "" if m.progress is None else f" {fmt.rate(m.progress)}"
        found[str(m.goal["goal_id"])] = (str(m.goal["measure"]), f"{m.state}{gone}")
    return found
