"""目标进展: progress and state of each measure (DATA.md section 3). The rules, once."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from qmg_dash import fmt, tables
from qmg_dash.figures.book import Book, shared
from qmg_dash.folder.across import split_list
from qmg_dash.folder.snapshot import Snapshot
from qmg_dash.kpis import Kpi, is_known, kpi
from qmg_dash.kpis import goals as kinds
from qmg_dash.kpis.base import PERCENT
from qmg_dash.model import ABOUT, EXACT, Figure, Filters, Number, Source, Tone

STATES = (
    kinds.DONE,
    kinds.ON_TRACK,
    kinds.BEHIND,
    kinds.BELOW,
    kinds.OVERDUE,
    kinds.UNDATED,
    kinds.NOT_STARTED,
    kinds.NO_DATA,
    kinds.CANCELLED,
)
TONES: dict[str, Tone] = {kinds.OVERDUE: "bad", kinds.BELOW: "warn", kinds.BEHIND: "warn"}
"""What a state wears, the gravest first."""

RULES = (
    (kinds.CANCELLED, "最新进展为已取消"),
    (
        kinds.DONE,
        "最新进展为已完成，或挂钩指标已达目标值；按标准判断的，到期时达到目标值才算，填写的已完成不算",
    ),
    (kinds.NOT_STARTED, "开始日期还没有到"),
    (
        kinds.OVERDUE,
        "完成期限已过，有无数据都算；按标准判断的，期限（没填的为 12 月 31 日）已过而没有数或未达到目标值",
    ),
    (kinds.NO_DATA, "没有任何进展记录，不是 0%；按标准判断的，指标没有数，或约数判断不了"),
    (kinds.BELOW, "只用于按标准判断的：指标未达到目标值（越低越好的，超过目标值）"),
    (kinds.UNDATED, "有进展，没有完成期限"),
    (kinds.BEHIND, "进度低于起止日期间已过的比例"),
    (kinds.ON_TRACK, "其余；按标准判断的，指标达到目标值"),
)
"""The states in the order in which the first that fits is taken, with the rule as printed."""
STANDARD = (
    "按标准判断",
    "有目标值，且挂钩指标是比率、越低越好的数、中位数、人均数或存量：不算进度，不画进度条，"
    "不进总体进度；其余的举措按进度衡量",
)
"""Which measures have no progress, as printed."""


def printed() -> list[str]:
    """The rules as the screens list them."""
    return [f"{word}：{rule}" for word, rule in (STANDARD, *RULES)]


@dataclass(frozen=True)
class Measure:
    """A measure of the goal year with all that its row on the screen says.

    `progress` and `elapsed` are percent, None where unknown; `baseline` is the year before's
    figure of its indicator (not a target), `figure` this year's. `standard`: it is held against its
    target and has no progress. `kept`: whether its figure is on the right side of the target, None
    where that is not known. `over`: its time is past.
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
    standard: bool = False
    kept: bool | None = None
    over: bool = False

    @property
    def target(self) -> float | None:
        return None if self.goal["target"] is None else float(self.goal["target"])

    def days_over(self, today: date) -> int:
        """The days since its time is past; one without a day of its own has the year."""
        return max(0, (today - (self.due or date(self.goal["year"], 12, 31))).days)

    @property
    def weight(self) -> float:
        return float(self.goal["weight"] if self.goal["weight"] is not None else 1)


def tracked(target: float | None, figure: Figure | None) -> float | None:
    """Progress by an indicator: value / target, capped at 100; None without a figure or a target
    that can be divided by."""
    if not target or figure is None or figure.value is None:
        return None
    return min(100.0, float(figure.value) / target * 100)


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
    """The first state of RULES that fits a measure with progress."""
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


def standard_state(status: str, kept: bool | None, start: date, over: bool, today: date) -> str:
    """The first that fits a measure that is held against a standard."""
    if status == kinds.CANCELLED:
        return status
    if start > today:
        return kinds.NOT_STARTED
    if kept:
        return kinds.DONE if over else kinds.ON_TRACK
    if over:
        return kinds.OVERDUE
    return kinds.NO_DATA if kept is None else kinds.BELOW


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
    target = None if goal["target"] is None else float(goal["target"])
    standard = figure is not None and target is not None and not figure.kpi.accumulates
    kept = None
    if figure is not None and figure.number is not None and target is not None:
        kept = figure.number.keeps(target, figure.kpi.better == "lower")
    status = str(newest.get("status") or "")
    start = goal["start"] or date(goal["year"], 1, 1)
    due = goal["due"]
    over = (due or date(goal["year"], 12, 31)) < today
    progress = None if standard else _progress(target, figure, newest)
    if standard:
        state = standard_state(status, kept, start, over, today)
    else:
        state = state_of(status, bool(kept and target), start, due, progress, today)
    return Measure(
        goal,
        state,
        progress,
        elapsed(start, due, today),
        start,
        due,
        before.fig(code) if code else None,
        figure,
        tuple(updates),
        tuple(known[i] for i in split_list(goal["shortcoming_ids"]) if i in known),
        standard,
        kept,
        over,
    )


def _progress(target: float | None, figure: Figure | None, newest: dict[str, Any]) -> float | None:
    """The first that is known: by the target, 100 for 已完成, the newest entry's."""
    by_target = tracked(target, figure)
    if by_target is not None:
        return by_target
    if newest.get("status") == kinds.DONE:
        return 100.0
    return None if newest.get("progress") is None else float(newest["progress"])


URGENT = (kinds.OVERDUE, kinds.BEHIND, kinds.BELOW, kinds.NO_DATA)
"""The states in which somebody has to do something, the gravest first."""
_ORDER = (
    *URGENT,
    kinds.UNDATED,
    kinds.ON_TRACK,
    kinds.NOT_STARTED,
    kinds.DONE,
    kinds.CANCELLED,
)


def urgent_first(rows: list[Measure], today: date) -> list[Measure]:
    """The measures as a meeting goes through them: what asks for most first, within a state what is
    furthest from where it should be; else in the file's order."""
    return sorted(rows, key=lambda m: (_ORDER.index(m.state), -_short(m, today)))


def _short(m: Measure, today: date) -> float:
    """How far a measure is from where it should be: days past its time, points behind the time that
    has gone, or the gap to its target as a share of it."""
    if m.state == kinds.OVERDUE:
        return m.days_over(today)
    if m.state == kinds.BEHIND:
        return (m.elapsed or 0) - (m.progress or 0)
    if m.state == kinds.BELOW and m.figure and m.target:
        return abs(float(m.figure.value or 0) - m.target) / abs(m.target)
    return 0


def told(m: Measure, today: date) -> str:
    """A state with its amount: 逾期 92 天, 滞后 52 个百分点, 差 7.4 个百分点."""
    if m.state == kinds.OVERDUE:
        return f"{m.state} {fmt.amount(m.days_over(today))} 天"
    if m.state == kinds.BEHIND:
        return f"{m.state} {_points((m.elapsed or 0) - (m.progress or 0))}"
    if m.state == kinds.BELOW:
        return _missed(m)
    return word(m.state)


def word(state: str) -> str:
    """A state as the screens write it, where it has no amount."""
    return "未定期限" if state == kinds.UNDATED else state


def _missed(m: Measure) -> str:
    """By how much a figure, as it is shown, is on the wrong side of its target."""
    assert m.figure is not None and m.figure.value is not None and m.target is not None
    rate = m.figure.unit == PERCENT
    decimals = 1 if rate and not m.figure.printed else fmt.EVERY
    gap = fmt.rounded(float(m.figure.value), decimals) - Decimal(str(m.target))
    least = Decimal("0.1") if rate else Decimal(0)
    low = m.figure.kpi.better != "lower"
    word = f"{'差' if low else '高'}{ABOUT if m.figure.qualifier != EXACT else ''}"
    size = max(abs(gap), least)
    if rate:
        return f"{word} {fmt.digits(float(size))} 个百分点"
    return f"{word} {fmt.target(float(size), m.figure)}"


def _points(gap: float) -> str:
    """A distance between two shares in whole points; what there is never reads 0."""
    whole = fmt.rounded(gap, 0)
    shown = float(whole) if whole else max(float(fmt.rounded(gap, 1)), 0.1)
    return f"{fmt.digits(shown)} 个百分点"


def counts(rows: list[Measure]) -> dict[str, int]:
    """How many measures are in each state, states without one left out, in their order."""
    found = Counter(m.state for m in rows)
    return {s: found[s] for s in STATES if found[s]}


def overall(rows: list[Measure]) -> tuple[float | None, float, float]:
    """(weighted mean of the known progress in percent, weight with data, weight without); those
    held against a standard have none and are in neither."""
    known = [m for m in rows if m.progress is not None]
    weight = sum(m.weight for m in known)
    missing = sum(m.weight for m in rows if m.progress is None and not m.standard)
    if not weight:
        return None, 0.0, missing
    return (
        sum(m.progress * m.weight for m in known if m.progress is not None) / weight,
        weight,
        missing,
    )


def overall_said(rows: list[Measure]) -> str:
    """The overall progress, and what of the measures is not in it."""
    mean, _, missing = overall(rows)
    said = "总体进度 无数据" if mean is None else f"总体进度 {fmt.rate(mean)}"
    judged = sum(m.standard for m in rows)
    if judged:
        said += f"，另有 {judged} 项按标准判断"
    return f"{said}，权重 {fmt.digits(missing)} 无数据，未计入" if missing else said


def figure(snapshot: Snapshot, rows: list[Measure], code: str, goal_year: int) -> Figure:
    """One of the goals.* KPIs, from the measures of its year; a published one leads. No data at
    all where the year has no goals."""
    published = shared(snapshot, Filters(goal_year)).fig(code)
    value = _value(rows, kpi(code)) if rows else None
    if value is None:
        return published
    counted = replace(published, ledger=Number(value))
    if published.known:
        return counted
    source = Source(tables.table("goals").path, rows=len(rows))
    return replace(counted, value=value, basis="ledger", sources=(source,))


def _value(rows: list[Measure], row: Kpi) -> float | None:
    state = row.formula.hit if row.formula else ""
    if row.rate:
        return overall(rows)[0]
    return sum(m.state == state for m in rows) if state else len(rows)


def unanswered(snapshot: Snapshot, year: int) -> list[dict[str, Any]]:
    """The shortcomings of a report's year that no measure of any year answers."""
    answered = {i for g in snapshot.records("goals") for i in split_list(g["shortcoming_ids"])}
    return [
        s
        for s in snapshot.records("shortcomings")
        if s["year"] == year and s["shortcoming_id"] not in answered
    ]
