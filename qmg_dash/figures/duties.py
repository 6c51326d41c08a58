"""第一责任人的履职清单: what the town's first person has to see to, by quarter, from the ledgers.

The duties are those of 《党政主要负责人履行推进法治建设第一责任人职责规定》 that a date or a count
in a ledger can prove. A row needs its ledger: without one it is named as not to be told.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from qmg_dash import fmt
from qmg_dash.figures.book import Book
from qmg_dash.figures.cases import DONE, NOT_DONE, behind
from qmg_dash.figures.events import held
from qmg_dash.figures.matters import Matter
from qmg_dash.figures.progress import Measure
from qmg_dash.kpis import goals as kinds
from qmg_dash.kpis import kpi

YES, NO, MISSED, LATE = "yes", "no", "missed", "late"
"""Done; a step that the law demands was left out; one that should have been was not; past its day."""
PASSED = "通过"
EVENTS = {
    "专题会议": "专题会议研究法治工作",
    "专题学习": "专题学习",
    "中心组学习": "中心组学法",
    "述法": "年度述法",
}
"""Kinds of the learning ledger and the duties that they prove, once a year at least."""
TOLD = ("述法", "专题会议")
"""Those that a title names first."""


@dataclass(frozen=True)
class Mark:
    """Something in a quarter: its kind, its day (None: a count), a word behind it."""

    kind: str
    day: date | None = None
    word: str = ""


@dataclass(frozen=True)
class Duty:
    """A duty: what was done in each quarter, its year in words, and how it stands: YES, NO, MISSED,
    LATE, or "" where there is nothing yet to judge."""

    name: str
    quarters: tuple[tuple[Mark, ...], ...]
    year: str
    stands: str


def duties(book: Book, measures: Sequence[Measure], overdue: Sequence[Matter]) -> list[Duty]:
    """The duties that the ledgers can tell of, in the order of the regulation; `overdue` are the
    matters of the whole town that are past their day."""
    found = [*_events(book), *_decisions(book)]
    if found or overdue:
        found.append(_overdue(book, overdue))
    if measures:
        found.append(_measures(book, measures))
    return found


def held_of(book: Book) -> dict[str, int]:
    """{kind of EVENTS: how often it was held in the period}; empty without the ledger."""
    if book.ledger(kpi("learning.events")) is None:
        return {}
    days = held(book, "learning.events", "kind")
    return {kind: len(days.get(kind, ())) for kind in EVENTS}


def skipped(book: Book) -> int:
    """Major decisions that were passed without a review of their legality."""
    return sum(mark.kind == NO for mark in _reviewed(book))


def _events(book: Book) -> Iterable[Duty]:
    days = held(book, "learning.events", "kind")
    over = book.period.end <= book.clock
    for kind, n in held_of(book).items():
        marks = [Mark(YES, day) for day in days.get(kind, ())]
        none = ("未开展", MISSED) if over else ("尚无记录", "")
        yield Duty(EVENTS[kind], _quarters(marks), *((f"{n} 次", YES) if n else none))


def _decisions(book: Book) -> Iterable[Duty]:
    for name, marks, bad in (
        ("重大决策经合法性审查", _reviewed(book), NO),
        ("重大决策请法律顾问列席", _advised(book), MISSED),
    ):
        if marks:
            done = sum(m.kind == YES for m in marks)
            stands = YES if done == len(marks) else bad
            yield Duty(name, _quarters(marks), f"{done} / {len(marks)}", stands)


def _major(book: Book) -> list[tuple]:
    columns = "held_on, legality, adviser_present"
    order = " ORDER BY held_on, topic_no"
    return behind(book, kpi("decisions.major"), columns, f"result = '{PASSED}'", order)


def _reviewed(book: Book) -> list[Mark]:
    """The decisions that were passed, by whether their legality was reviewed; where that did not
    apply or is not filled in, nothing is told."""
    words = {DONE: (YES, ""), NOT_DONE: (NO, "未审查")}
    return [Mark(words[s][0], day, words[s][1]) for day, s, _ in _major(book) if s in words]


def _advised(book: Book) -> list[Mark]:
    known = [(day, there) for day, _, there in _major(book) if there is not None]
    return [Mark(YES, day) if there else Mark(MISSED, day, "未列席") for day, there in known]


def _overdue(book: Book, overdue: Sequence[Matter]) -> Duty:
    """What is past its day, in the quarter of that day."""
    year = book.filters.year
    counts = [0, 0, 0, 0]
    for m in overdue:
        if m.due and m.due.year == year:
            counts[_quarter(m.due)] += 1
    quarters = tuple((Mark(LATE, word=f"{n} 件"),) if n else () for n in counts)
    said = (f"{fmt.amount(len(overdue))} 件未办", LATE) if overdue else ("0 件", YES)
    return Duty("超期事项清零", quarters, *said)


def _measures(book: Book, measures: Sequence[Measure]) -> Duty:
    """The measures by the day on which they were finished or should have been."""
    marks = []
    for m in measures:
        if m.state == kinds.DONE and m.updates:
            marks.append(Mark(YES, m.updates[-1]["date"]))
        elif m.state == kinds.OVERDUE and m.due:
            marks.append(Mark(LATE, m.due, "逾期"))
    done = sum(m.state == kinds.DONE for m in measures)
    late = sum(m.state == kinds.OVERDUE for m in measures)
    running = sum(m.state != kinds.CANCELLED for m in measures)
    said = f"{done} / {running}" + (f"，{late} 项逾期" if late else "")
    marks = [m for m in marks if m.day and m.day.year == book.filters.year]
    stands = LATE if late else YES if done == running else ""
    return Duty(
        "举措按期完成", _quarters(sorted(marks, key=lambda m: m.day or date.max)), said, stands
    )


def _quarters(marks: Iterable[Mark]) -> tuple[tuple[Mark, ...], ...]:
    found: tuple[list[Mark], ...] = ([], [], [], [])
    for mark in marks:
        assert mark.day
        found[_quarter(mark.day)].append(mark)
    return tuple(map(tuple, found))


def _quarter(day: date) -> int:
    return (day.month - 1) // 3


def begun(book: Book) -> list[bool | None]:
    """For each quarter of the book's year whether it has begun on the clock's day; None where the
    period leaves it out."""
    year, period = book.filters.year, book.period
    firsts = [date(year, 3 * q + 1, 1) for q in range(4)]
    lasts = [date(year, 3 * q + 3, 28) for q in range(4)]
    return [
        None if last < period.start or first > period.end else first <= book.clock
        for first, last in zip(firsts, lasts, strict=True)
    ]
