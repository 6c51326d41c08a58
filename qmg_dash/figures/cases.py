"""Single cases that a screen shows, and what only they can tell: how many days a penalty took, in
which month a dispute was settled.

A list holds the rows that a KPI counts under the book's period and filters, so that it adds up to
the figure beside it. Nothing here belongs on a wall but the counts, an open case by its department
and days, and the names of powers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import ClassVar

from qmg_dash.figures.book import Book
from qmg_dash.figures.counting import part_of
from qmg_dash.figures.rows_behind import TERMS
from qmg_dash.folder.memo import Memo, once
from qmg_dash.kpis import kpi
from qmg_dash.kpis.base import UNFILLED, UNREGISTERED, Dimension, Kpi, Part
from qmg_dash.kpis.decisions import STEPS
from qmg_dash.kpis.disclosure import ANSWERS, LATE, REPLIED
from qmg_dash.kpis.enforcement import DECISION
from qmg_dash.tables import table

DONE, NOT_DONE, NOT_NEEDED = table("decisions").column("legality").values


def headers(name: str, *columns: str) -> tuple[str, ...]:
    """The Chinese headers of a table's columns."""
    return tuple(table(name).column(c).header for c in columns)


def behind(
    book: Book,
    row: Kpi,
    select: str,
    more: str = "true",
    order: str = "",
    since: date | None = None,
) -> list[tuple]:
    """Columns of the rows that a KPI looks at in the book's scope, or `since` another day; none
    where no ledger speaks. Asked for once for all filters that the KPI does not follow."""
    if book.ledger(kpi(row.code)) is None:  # the row may have been given another date
        return []
    assert row.formula
    followed = set(book.followed(row))
    own = book.beside(values=tuple(v for v in book.filters.values if v[0] in followed))
    key = (row.code, row.formula.date, select, more, order, since)
    return _BEHIND(own, key, lambda: _asked(own, row, select, more, order, since))


_BEHIND = Memo[tuple[str, str, str, str, str, date | None], list[tuple]]()


def _asked(
    book: Book, row: Kpi, select: str, more: str, order: str, since: date | None
) -> list[tuple]:
    assert row.formula
    where, chosen = book.conditions(row)
    source = f"({book.relation(row.formula.relation)}) WHERE {' AND '.join(where)} AND ({more})"
    begun = {"start": since} if since else {}
    return book.query(f"SELECT {select} FROM {source}{order}", **chosen, **begun)


# ---- major decisions ------------------------------------------------------------------------------
@dataclass(frozen=True)
class Decision:
    """A major decision with the state of each statutory step, None where it is not filled in.
    `done` of `due` steps: what does not apply or is not filled in is no base, as in the rate."""

    HEADERS: ClassVar = (
        *headers("decisions", "title", "held_on", "department"),
        *STEPS.values(),
        *headers("decisions", "adviser_present"),
        "完成",
    )

    number: str
    title: str
    day: date
    steps: tuple[str | None, ...]
    department: str | None
    adviser: bool | None

    @property
    def done(self) -> int:
        return self.steps.count(DONE)

    @property
    def due(self) -> int:
        return self.done + self.steps.count(NOT_DONE)

    @property
    def complete(self) -> bool:
        return NOT_DONE not in self.steps and None not in self.steps


def decisions(book: Book) -> list[Decision]:
    """The major decisions of the period: those that lack a step first, then those with a step not
    filled in, the newest first."""
    select = f"topic_no, title, held_on, department, adviser_present, {', '.join(STEPS)}"
    rows = behind(book, kpi("decisions.major"), select, order=" ORDER BY held_on DESC, topic_no")
    found = [
        Decision(no, title or no, day, tuple(steps), department, adviser)
        for no, title, day, department, adviser, *steps in rows
    ]
    return sorted(found, key=lambda d: (NOT_DONE not in d.steps, d.complete))


# ---- contracts ------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Contract:
    """A contract over public money that was sent for review, with the days since where it is not
    through."""

    HEADERS: ClassVar = (
        *headers("legal_reviews", "review_no", "title", "department", "submitted_on"),
        *headers("legal_reviews", "reviewed_on"),
        "已送审天数",
    )

    number: str
    title: str
    department: str | None
    submitted: date
    reviewed: date | None
    waiting: int | None


def contracts(book: Book) -> list[Contract]:
    """The contracts of which the period's share of reviewed ones is a share: the open ones first,
    those that wait longest before the others."""
    row = kpi("review.coverage_rate")
    assert row.formula
    open_ = "CASE WHEN reviewed_on IS NULL THEN $clock - submitted_on END"
    select = f"review_no, title, department, submitted_on, reviewed_on, {open_} AS waiting"
    order = " ORDER BY waiting DESC NULLS LAST, submitted_on, review_no"
    rows = behind(book, row, select, row.formula.known, order)
    return [Contract(no, title or no, *rest) for no, title, *rest in rows]


# ---- applications ---------------------------------------------------------------------------------
def whose(book: Book, name: str, department: str | None) -> str:
    """Whose a row of a ledger is: its department, else the one that town.toml names for the ledger;
    "" where neither says."""
    return department or book.snapshot.town.owners.get(name, "")


@dataclass(frozen=True)
class Application:
    """An application without a reply: whose it is, when it is due, and the working days that are
    left until then, negative where it is overdue."""

    HEADERS: ClassVar = (
        *headers("applications", "app_no", "department", "received_on", "extended"),
        "答复期限",
        "剩余工作日",
    )

    number: str
    department: str
    received: date
    extended: bool
    due: date
    left: int
    estimated: bool


def open_applications(book: Book) -> list[Application]:
    """Applications received up to the period's end that have no reply on the clock's day, the
    most urgent first."""
    select = (
        "app_no, department, received_on, coalesce(extended, false), due_on, working_days_left,"
        " estimated"
    )
    rows = behind(
        book,
        kpi("applications.carried_out"),
        select,
        "received_on <= $clock AND (replied_on IS NULL OR replied_on > $clock)",
        " ORDER BY due_on, app_no",
    )
    return [Application(no, whose(book, "applications", of), *rest) for no, of, *rest in rows]


OPEN, OVERDUE = "在办，未到期", "在办，已超期"


def became(book: Book) -> list[tuple[str, int]]:
    """What became of the applications received in the period: (how they were answered, how many)
    in the form's order, then those without a reply on the clock's day."""
    found: dict[str, int] = {}
    rows = behind(
        book, kpi("applications.received"), "outcome, reply, count(*)", order=" GROUP BY 1, 2"
    )
    for outcome, reply, count in rows:
        answer = ANSWERS.get(str(outcome).partition(".")[0], UNREGISTERED)
        word = answer if reply == REPLIED else OVERDUE if reply == LATE else OPEN
        found[word] = found.get(word, 0) + count
    order = [*ANSWERS.values(), UNREGISTERED, OPEN, OVERDUE]
    return [(word, found[word]) for word in order if word in found]


# ---- enforcement ----------------------------------------------------------------------------------
LIMIT = 90
"""Days in which a penalty is to be decided (《行政处罚法》第六十条)."""
BIN = 30
"""Days of a column of the table."""


@dataclass(frozen=True)
class Days:
    """Penalties decided in the period by the days from filing to decision: a bin ends with its last
    day, the bin beyond the limit has none. `late` were decided after their own limit, which may have
    been extended, and `waiting` are undecided though it has passed. `undated` have no day of filing:
    nobody knows how long they took."""

    bins: tuple[tuple[int, int | None, int], ...]
    late: int
    waiting: int
    undated: int

    @property
    def decided(self) -> int:
        return sum(n for _, _, n in self.bins)

    @property
    def beyond(self) -> int:
        return self.bins[-1][2]


@once
def days(book: Book) -> Days:
    """How long penalties took, in bins of thirty days up to the limit and one beyond it."""
    counts = [0] * (LIMIT // BIN + 1)
    for taken, n in _taken(book):
        counts[min(max(taken - 1, 0) // BIN, LIMIT // BIN)] += n
    starts = [0, *range(BIN + 1, LIMIT + 2, BIN)]
    ends = [*range(BIN, LIMIT + 1, BIN), None]
    median, over = kpi("enforcement.median_days"), kpi("enforcement.over_90_days")
    late, waiting = (
        int(tally.value or 0) if (tally := book.ledger(over, Part(DECISION, v))) else 0
        for v in DECISION.values
    )
    whole = book.ledger(median)
    bins = tuple(zip(starts, ends, counts, strict=True))
    return Days(bins, late, waiting, whole.unknown if whole else 0)


def _taken(book: Book) -> Iterable[tuple[int, int]]:
    """(days from filing to decision, penalties), from the cube of their median where there is one:
    a query of its own takes 5 ms to plan."""
    spread = book.spread(kpi("enforcement.median_days"))
    if spread is not None:
        return ((int(taken), n) for taken, n in spread.items())
    select, known = "decided_on - opened_on, count(*)", "opened_on IS NOT NULL"
    return behind(book, kpi("enforcement.penalties"), select, known, " GROUP BY 1")


def slow(book: Book) -> dict[str, int]:
    """The penalties decided after their limit, by department; those without one under 未填."""
    row = kpi("enforcement.over_90_days")
    if book.ledger(row) is None:
        return {}
    found = book.parts(row, DECISION.name, "department")
    decided = DECISION.values[0]
    by = {of: int(tally.value or 0) for (state, of), tally in found.items() if state == decided}
    return {of: n for of, n in by.items() if n}


@dataclass(frozen=True)
class Penalty:
    """A penalty that is not decided on the clock's day: whose it is, the days since it was filed,
    and those that are left until its limit, negative where that has passed."""

    HEADERS: ClassVar = (
        *headers("enforcement_actions", "action_no", "department", "opened_on"),
        "决定期限",
        "已用天数",
        "剩余天数",
    )

    number: str
    department: str
    opened: date
    due: date
    gone: int
    left: int


def open_penalties(book: Book) -> list[Penalty]:
    """The undecided penalties of a period that holds the clock's day, those with the least days
    left first; one without a day of filing has no beginning."""
    rows = behind(
        book,
        kpi("enforcement.over_90_days"),
        "action_no, department, opened_on, decide_by, $clock - opened_on, decide_by - $clock",
        "decided_on IS NULL AND opened_on <= $clock",
        " ORDER BY decide_by, opened_on, action_no",
    )
    return [Penalty(no, whose(book, "enforcement_actions", of), *rest) for no, of, *rest in rows]


@dataclass(frozen=True)
class OnTime:
    """A rate of what was done by its day: its code, what its shortfall is called, and in three words
    what of it is not done to this day, what was done late, and what was due."""

    code: str
    lacks: str
    words: tuple[str, str, str]


PUBLISHING = OnTime(
    "enforcement.disclosed_on_time_rate", "未按期公示", ("至今未公示", "迟公示", "到期应公示")
)
CLOSING = OnTime("hotline.on_time_rate", "未按时办结", ("至今未办结", "超期办结", "应办结"))


@dataclass(frozen=True)
class Tardy:
    """Of a department's matters (or of another value's) whose day has passed: how many are not done
    to this day, how many were done late, how many there are."""

    who: str
    open: int
    late: int
    due: int


def tardy(book: Book, rate: OnTime, by: Dimension) -> list[Tardy]:
    """The values of a split that did not do in time what they had to, those with the most first;
    what is 未填 last. They add up to what the rate lacks."""
    row = kpi(rate.code)
    assert row.formula
    done = TERMS[row.formula.relation].done
    open_ = f"({done} IS NULL OR {done} > $clock)"
    found = behind(
        book,
        row,
        f"{part_of(row.formula, by.name)}, count(*) FILTER (WHERE {open_}),"
        f" count(*) FILTER (WHERE NOT {row.formula.hit} AND NOT {open_}), count(*)",
        row.formula.known,
        " GROUP BY 1",
    )
    lacking = [Tardy(*cells) for cells in found if cells[1] + cells[2]]
    return sorted(lacking, key=lambda u: (u.who == UNFILLED, -(u.open + u.late), -u.open, u.who))


@dataclass(frozen=True)
class Certificate:
    """A certificate of an officer in service that expires soon, with the days that are left."""

    HEADERS: ClassVar = (
        *headers("officers", "certificate_no", "department", "expires_on"),
        "剩余天数",
    )

    number: str | None
    department: str | None
    expires: date
    left: int


def expiring(book: Book) -> list[Certificate]:
    """The certificates that expire within ninety days of the clock's day, the next ones first."""
    row = kpi("officers.expiring_90d")
    found = _expiring(book.beside(values=()))
    if "department" not in book.followed(row):
        return found
    chosen = book.filters.chosen("department")
    return [c for c in found if (c.department or UNFILLED) in chosen]


@once
def _expiring(book: Book) -> list[Certificate]:
    row = kpi("officers.expiring_90d")
    columns = "certificate_no, department, expires_on, expires_on - $clock"
    order = " ORDER BY expires_on, certificate_no"
    return [Certificate(*cells) for cells in behind(book, row, columns, order=order)]


# ---- powers ---------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Power:
    """An item of the power list that is in use, whether it stands in the public catalogue, and
    whether an action names it: None where it has no code, so that no action can."""

    HEADERS: ClassVar = headers("power_items", "item_code", "name", "category", "department")

    code: str | None
    name: str
    category: str
    department: str | None
    listed: bool | None
    used: bool | None


def powers(book: Book, since: date | None = None) -> list[Power]:
    """The items in use, by category and code: `used` in the period, or `since` another day until
    its end."""
    row = kpi("power.exercised_rate")
    judged = "CASE WHEN item_code IS NOT NULL THEN exercised END"
    select = f"item_code, name, category, department, published, {judged}"
    rows = behind(book, row, select, order=" ORDER BY item_code NULLS LAST, name", since=since)
    declared = row.dimension("category")
    order = {c: i for i, c in enumerate(declared.values)} if declared else {}
    return sorted((Power(*r) for r in rows), key=lambda p: order.get(p.category, len(order)))


def dormant(book: Book, since: date | None = None) -> list[Power]:
    """The items in use with a code that no action names."""
    return [p for p in powers(book, since) if p.used is False]


def dormant_twice(book: Book) -> list[Power] | None:
    """Those of them that were on the list the whole year before too, and that no action named then;
    None where the ledgers do not speak of that year."""
    before = book.beside(year=book.filters.year - 1, month_from=None, month_to=None, until=None)
    if not before.speaks(kpi("power.exercised_rate")):
        return None
    idle = {p.code for p in dormant(before)}
    return [p for p in dormant(book) if p.code in idle]


# ---- disputes -------------------------------------------------------------------------------------
def settled(book: Book) -> dict[int, int]:
    """Disputes by the month in which they were closed, whenever they were registered."""
    row = kpi("disputes.registered")
    assert row.formula
    closed = replace(row, formula=replace(row.formula, date="closed_on"))
    return dict(behind(book, closed, "month(closed_on), count(*)", order=" GROUP BY 1"))


@dataclass(frozen=True)
class Dispute:
    """An open dispute and the days since it was registered. On a wall its village and its type never
    stand together."""

    HEADERS: ClassVar = (
        *headers("disputes", "dispute_no", "registered_on", "village", "type", "department"),
        *headers("disputes", "major", "reported_up_on"),
        "已历天数",
    )

    number: str
    registered: date
    village: str | None
    type: str | None
    department: str | None
    major: bool | None
    reported: date | None
    age: int


def open_disputes(book: Book) -> list[Dispute]:
    """The disputes that the period's end, or the clock's day, finds open: the longest first."""
    select = "dispute_no, registered_on, village, type, department, major, reported_up_on"
    order = " ORDER BY registered_on, dispute_no"
    rows = behind(book, kpi("disputes.pending"), f"{select}, $at - registered_on", order=order)
    return [Dispute(*row) for row in rows]


def stock(book: Book, code: str) -> list[tuple[date, int | None]]:
    """What a figure of what is open stood at on the last day of each month of the year before and of
    the period's year, and on the clock's day: None for a year of which no ledger speaks. What is to
    come is left out."""
    row, year = kpi(code), book.filters.year
    assert row.formula
    last = min(date(year, 12, 31), book.clock)
    ends = [date(y + m // 12, m % 12 + 1, 1) - DAY for y in (year - 1, year) for m in range(1, 13)]
    days = sorted({*(d for d in ends if d <= last), last})
    whole = book.beside(month_from=None, month_to=None, until=None)
    where, chosen = whole.conditions(row)
    on = " AND ".join(where).replace("$at", "day")
    source = f"(SELECT unnest($days) AS day), ({whole.relation(row.formula.relation)})"
    sql = f"SELECT day, count(*) FROM {source} WHERE {on} GROUP BY day"
    spoken = [y for y in (year - 1, year) if book.beside(year=y, month_from=None).covers(row)]
    found = dict(whole.query(sql, **chosen, days=days)) if spoken else {}
    return [(d, found.get(d, 0) if d.year in spoken else None) for d in days]


DAY = timedelta(days=1)


# ---- cases ----------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Case:
    """A case against the town, from the day on which it was accepted to that on which it ended."""

    HEADERS: ClassVar = (
        *headers("legal_cases", "case_no", "kind", "department", "accepted_on", "closed_on"),
        *headers("legal_cases", "outcome", "hearing_held"),
        "天数",
    )

    number: str
    kind: str
    department: str | None
    accepted: date
    closed: date | None
    outcome: str | None
    heard: bool | None
    days: int


def legal_cases(book: Book) -> list[Case]:
    """The cases that were open in the period: those that still are first, then by their end, the
    latest before the others."""
    row = kpi("cases.pending")
    assert row.formula
    ever = "accepted_on <= $at AND (closed_on IS NULL OR closed_on >= $start)"
    seen = replace(row, formula=replace(row.formula, where=ever))
    ended = "CASE WHEN closed_on <= $at THEN closed_on END"
    select = f"""case_no, kind, department, accepted_on, {ended} AS ended, outcome_written,
        hearing_held, coalesce(ended, $at) - accepted_on"""
    order = " ORDER BY ended DESC NULLS FIRST, accepted_on, case_no"
    return [Case(*cells) for cells in behind(book, seen, select, order=order)]
