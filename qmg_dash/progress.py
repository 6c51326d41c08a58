"""目标进展: progress and state of each measure (DATA.md section 3). The rules, once."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from qmg_dash import tables
from qmg_dash.checks import split_list
from qmg_dash.compute import Book, shared
from qmg_dash.kpis import goals as kinds
from qmg_dash.kpis import is_known, kpi
from qmg_dash.model import Figure, Filters, Number, Source
from qmg_dash.store import Snapshot

STATES = (
    kinds.DONE,
    kinds.ON_TRACK,
    kinds.BEHIND,
    kinds.OVERDUE,
    kinds.UNDATED,
    kinds.NOT_STARTED,
    kinds.NO_DATA,
    kinds.CANCELLED,
)

RULES = (
    (kinds.CANCELLED, "最新进展为已取消"),
    (kinds.DONE, "最新进展为已完成，或挂钩指标已达目标值"),
    (kinds.NOT_STARTED, "开始日期还没有到"),
    (kinds.OVERDUE, "完成期限已过，有无数据都算"),
    (kinds.NO_DATA, "没有任何进展记录，不是 0%"),
    (kinds.UNDATED, "有进展，没有完成期限"),
    (kinds.BEHIND, "进度低于起止日期间已过的比例"),
    (kinds.ON_TRACK, "其余"),
)
"""The states in the order in which the first that fits is taken, with the rule as printed."""


@dataclass(frozen=True)
class Measure:
    """A measure of the goal year with all that its row on the screen says.

    `progress` and `elapsed` are percent, None where unknown; `baseline` is the year before's
    figure of its indicator (not a target), `figure` this year's.
    """

    goal: dict[str, Any]
    state: str
    progress: float | None
    elapsed: float | None
    start: date
    due: date | None
    baseline: Figure | None = None
    figure: Figure | None = None
    updates: tuple[dict[str, Any], ...] = ()
    answers: tuple[dict[str, Any], ...] = ()

    @property
    def weight(self) -> float:
        return float(self.goal["weight"] if self.goal["weight"] is not None else 1)


def tracked(goal: dict[str, Any], figure: Figure | None, better: str | None) -> float | None:
    """Progress by an indicator: value / target, or target / value where lower is better, capped
    at 100; None without a figure or a target that can be divided by."""
    target = goal["target"]
    if target is None or figure is None or figure.value is None:
        return None
    value, target = float(figure.value), float(target)
    if better == "lower":
        return 100.0 if value <= target else target / value * 100
    if target == 0:
        return None
    return min(100.0, value / target * 100)


def elapsed(start: date, due: date | None, today: date) -> float | None:
    """The share of start..due that has gone, in percent; None without a due date."""
    if due is None:
        return None
    if due <= start:
        return 100.0 if today >= due else 0.0
    return min(100.0, max(0.0, (today - start).days / (due - start).days * 100))


def state_of(
    status: str,
    reached: bool,
    start: date,
    due: date | None,
    progress: float | None,
    today: date,
) -> str:
    """The first state of RULES that fits."""
    if status in (kinds.CANCELLED, kinds.DONE):
        return status
    if reached:
        return kinds.DONE
    if start > today:
        return kinds.NOT_STARTED
    if due is not None and due < today:
        return kinds.OVERDUE
    if progress is None:
        return kinds.NO_DATA
    if due is None:
        return kinds.UNDATED
    gone = elapsed(start, due, today)
    return kinds.BEHIND if gone is not None and progress < gone else kinds.ON_TRACK


def measures(snapshot: Snapshot, goal_year: int) -> list[Measure]:
    """The measures of a goal year, in the file's order."""
    book = shared(snapshot, Filters(goal_year))
    before = shared(snapshot, Filters(goal_year - 1))
    known = {s["shortcoming_id"]: s for s in snapshot.records("shortcomings")}
    return [
        _measure(goal, snapshot, book, before, known)
        for goal in snapshot.records("goals")
        if goal["year"] == goal_year
    ]


def _measure(
    goal: dict[str, Any],
    snapshot: Snapshot,
    book: Book,
    before: Book,
    known: dict[str, dict],
) -> Measure:
    today = snapshot.clock()
    updates = sorted(
        (
            u
            for u in snapshot.records("goal_updates")
            if u["goal_id"] == goal["goal_id"] and u["date"] <= today
        ),
        key=lambda u: (u["date"], u["_row"]),
    )
    newest = updates[-1] if updates else {}
    code = goal["indicator"] if goal["indicator"] and is_known(goal["indicator"]) else ""
    figure = book.fig(code) if code else None
    better = kpi(code).better if code else None
    by_target = tracked(goal, figure, better)
    progress = by_target
    if progress is None and newest.get("status") == kinds.DONE:
        progress = 100.0
    if progress is None and newest.get("progress") is not None:
        progress = float(newest["progress"])
    start = goal["start"] or date(goal["year"], 1, 1)
    due = goal["due"]
    # Where lower is better the target is kept, not reached, until the time is over.
    over = date(goal["year"], 12, 31) if due is None else due
    reached = by_target == 100.0 and (better != "lower" or over < today)
    return Measure(
        goal,
        state_of(newest.get("status", ""), reached, start, due, progress, today),
        progress,
        elapsed(start, due, today),
        start,
        due,
        before.fig(code) if code else None,
        figure,
        tuple(updates),
        tuple(known[i] for i in split_list(goal["shortcoming_ids"]) if i in known),
    )


def counts(rows: list[Measure]) -> dict[str, int]:
    """How many measures are in each state, states without one left out, in their order."""
    found = Counter(m.state for m in rows)
    return {s: found[s] for s in STATES if found[s]}


def overall(rows: list[Measure]) -> tuple[float | None, float, float]:
    """(weighted mean of the known progress in percent, weight with data, weight without)."""
    known = [m for m in rows if m.progress is not None]
    weight = sum(m.weight for m in known)
    missing = sum(m.weight for m in rows if m.progress is None)
    if not weight:
        return None, 0.0, missing
    return (
        sum(m.progress * m.weight for m in known if m.progress is not None) / weight,
        weight,
        missing,
    )


def figure(snapshot: Snapshot, rows: list[Measure], code: str, goal_year: int) -> Figure:
    """One of the goals.* KPIs, from the measures of its year; a published one leads. No data at
    all where the year has no goals."""
    published = shared(snapshot, Filters(goal_year)).fig(code)
    value = _value(rows, code) if rows else None
    if value is None:
        return published
    counted = replace(published, ledger=Number(value))
    if published.known:
        return counted
    source = Source(tables.table("goals").path, rows=len(rows))
    return replace(counted, value=value, basis="ledger", sources=(source,))


def _value(rows: list[Measure], code: str) -> float | None:
    if code == "goals.progress":
        return overall(rows)[0]
    if code == "goals.total":
        return len(rows)
    return sum(kinds.STATES[m.state] == code for m in rows)


def unanswered(snapshot: Snapshot, year: int) -> list[dict[str, Any]]:
    """The shortcomings of a report's year that no measure of any year answers."""
    answered = {i for g in snapshot.records("goals") for i in split_list(g["shortcoming_ids"])}
    return [
        s
        for s in snapshot.records("shortcomings")
        if s["year"] == year and s["shortcoming_id"] not in answered
    ]
