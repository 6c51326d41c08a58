"""The rows behind a figure, and the proof that they add up to it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from typing import Any

from qmg_dash import fmt, tables
from qmg_dash.figures.arithmetic import percent, plain, sum_of
from qmg_dash.figures.book import Book
from qmg_dash.figures.counting import Counted, part_of
from qmg_dash.folder.memo import Memo
from qmg_dash.kpis import KPIS, kpi
from qmg_dash.kpis.base import Formula, Kpi, Part
from qmg_dash.model import Figure, Number, UnknownName
from qmg_dash.tables import NO, YES, Column

HIT = Column("_hit", "计入分子", "bool")
PLACE = (Column("_file", "文件"), Column("_row", "行号", "int"))

LEDGER_OF = {
    "actions": "enforcement_actions",
    "judged_penalties": "enforcement_actions",
    "power_in_force": "power_items",
    "power_exercised": "power_items",
    "officers_at": "officers",
    "published": "disclosures",
    "applications_due": "applications",
    "cases": "legal_cases",
    "decision_steps": "decisions",
}
"""The ledger whose rows a view of relations.VIEWS holds."""

STEP_COLUMNS = ("topic_no", "held_on", "major", "result")
"""Of a decision, what stands beside each of its steps."""


@dataclass(frozen=True)
class Term:
    """The day by which a row is to be done, the column that says when it was, and what is done."""

    due: str
    done: str
    what: str

    @property
    def late(self) -> tuple[Column, str]:
        """By how many days it was late, or is: a column with its SQL, empty where it is not."""
        until = f"coalesce({self.done}, $clock)"
        days = f"CASE WHEN {until} > {self.due} THEN {until} - {self.due} END"
        return Column(LATE, f"{self.what}超期天数", "int"), days


LATE = "late"
TERMS = {
    "actions": Term("disclose_due", "disclosed_on", "公示"),
    "judged_penalties": Term("decide_by", "decided_on", "决定"),
    "published": Term("publish_due", "published_on", "公开"),
    "applications_due": Term("due_on", "replied_on", "答复"),
    "hotline": Term("due_on", "closed_on", "办结"),
}
"""By the relation of which they are rows."""

ACTIONS = (
    (Column("counted_on", "计数日期", "date"), "counted_on"),
    (Column("disclose_due", "应公示日期", "date"), "disclose_due"),
    (Column("days", "办理天数", "int"), "coalesce(decided_on, $clock) - opened_on"),
)
DERIVED: dict[str, tuple[tuple[Column, str], ...]] = {
    "actions": (*ACTIONS, TERMS["actions"].late),
    "judged_penalties": (
        *ACTIONS,
        (Column("decide_by", "决定期限", "date"), "decide_by"),
        TERMS["judged_penalties"].late,
    ),
    "power_exercised": ((Column("exercised", "当年已行使", "bool"), "exercised"),),
    "officers_at": ((Column("valid", "证件有效", "bool"), "valid"),),
    "published": (
        (Column("publish_due", "应公开日期", "date"), "publish_due"),
        TERMS["published"].late,
    ),
    "applications_due": (
        (Column("due_on", "答复期限", "date"), "due_on"),
        (
            Column("working_days_left", "剩余工作日", "int"),
            "CASE WHEN replied_on IS NULL THEN working_days_left END",
        ),
        TERMS["applications_due"].late,
    ),
    "hotline": (TERMS["hotline"].late,),
    "cases": (
        (Column("outcome_then", "期末结果"), "outcome"),
        (Column("verdict", "年报结果"), "verdict"),
    ),
    "decision_steps": (
        (Column("step", "步骤"), "step"),
        (Column("state", "步骤状态"), "state"),
    ),
}
"""Columns that explain a figure beside those of its ledger, with their SQL."""

CARDS = {
    "assignments": ("assignment_id", "task", "owner", "made_on", "due", "status"),
    "power_items": ("item_code", "name", "category", "status", "exercised"),
    "enforcement_actions": (
        "action_no",
        "department",
        "action_type",
        "area",
        "opened_on",
        "decided_on",
    ),
    "officers": ("officer_id", "department", "expires_on", "active", "valid"),
    "disclosures": ("doc_id", "title", "category", "channel", "published_on"),
    "applications": ("app_no", "applicant_type", "received_on", "outcome", "working_days_left"),
    "legal_cases": ("case_no", "kind", "accepted_on", "closed_on", "outcome_then"),
    "legal_reviews": ("review_no", "title", "kind", "submitted_on", "reviewed_on", "conclusion"),
    "documents": ("doc_no", "title", "status", "issued_on"),
    "decisions": ("topic_no", "title", "step", "state", "held_on", "result"),
    "disputes": ("dispute_no", "type", "village", "registered_on", "status"),
    "learning": ("event_no", "topic", "kind", "held_on", "attendees"),
    "publicity": ("event_no", "theme", "venue", "held_on", "reach"),
    "services": ("event_no", "kind", "scale", "held_on", "count"),
    "hotline": ("order_no", "type", "village", "received_on", "closed_on", "satisfied"),
    "reported": ("locator", "raw", "dimension", "source"),
}
"""What matters most of a row, for its card: its number, what it is, and a few facts. Whose it is and
until when stand beside them by themselves."""
OWNER = "department"

WRITTEN = {"cases": {"outcome": "outcome_written"}}
"""Columns of a ledger that its view puts other values into: where it keeps what the file says."""

Parts = tuple[Part, ...]
"""What rows are asked for: () all of a figure, one part of a split, or several parts together."""

WIDER = 0xFEE0
"""From a half-width letter, digit or sign to the full-width one that stands for the same."""
NARROW = frozenset(map(chr, range(0x21, 0x7F)))


@dataclass(frozen=True)
class Rows:
    """Rows behind a figure. `rows` is the page that was asked for, a cell a column; `total` counts
    all rows behind the figure, `matched` those that the search leaves. `adds_up` says how the
    rows make the figure, `agrees` that they do; `value`, `numerator` and `denominator` are what
    the rows give. `unknown` rows were left out, since a needed cell is empty. `found` says what
    the rows that the search leaves come to."""

    code: str
    dimension: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...] = ()
    total: int = 0
    matched: int = 0
    adds_up: str = ""
    agrees: bool = True
    value: float | None = None
    numerator: float | None = None
    denominator: float | None = None
    unknown: int = 0
    found: str = ""

    @property
    def headers(self) -> tuple[str, ...]:
        """The Chinese headers, in the columns' order."""
        return tuple(c.header for c in self.columns)


@cache
def columns(row: Kpi) -> tuple[Column, ...]:
    """The columns of the rows behind a KPI: file and row first, then those of the ledger, derived
    ones, and whether the row is a hit of the rate. `rows` can be ordered by each of them."""
    name = behind(row)
    hit = (HIT,) if row.formula and row.formula.kind == "rate" else ()
    return (*PLACE, *_ledger(name), *(c for c, _ in DERIVED.get(name, ())), *hit)


def card(row: Kpi) -> tuple[Column, ...]:
    """The columns that a card shows of a row behind a KPI: its number first, then what it is, whose,
    and the rest."""
    shown = {c.name: c for c in columns(row)}
    ledger = behind(row)
    number, heading, *facts = CARDS[LEDGER_OF.get(ledger, ledger)]
    term = TERMS.get(ledger)
    summed = (row.formula.value, row.formula.per) if row.formula else ()
    names = (number, heading, OWNER, *facts, *summed, term.due if term else "", HIT.name)
    return tuple(shown[n] for n in dict.fromkeys(names) if n in shown)


def behind(row: Kpi) -> str:
    """The relation of which the rows behind a KPI are."""
    m = row.formula
    return "reported" if m is None or m.kind == "special" else m.relation


def _ledger(name: str) -> tuple[Column, ...]:
    table = tables.table(LEDGER_OF.get(name, name))
    if name == "decision_steps":
        return tuple(table.column(c) for c in STEP_COLUMNS)
    return table.columns


def figure(book: Book, row: Kpi, parts: Parts = ()) -> Figure:
    """The figure whose rows are asked for, as the screens show it: several parts summed; a total
    that is published by its parts alone as their sum."""
    if len(parts) > 1:
        return sum_of(book.blank(row, *parts), [book.figure(row, part) for part in parts])
    made_of = None if parts else _summed_up(row.code)
    return book.whole(made_of.code) if made_of else book.figure(row, *parts)


@cache
def _summed_up(code: str) -> Kpi | None:
    """The KPI whose complete split makes this total."""
    return next((k for k in KPIS if k.whole and (k.total or k.code) == code), None)


def rows(
    book: Book,
    row: Kpi,
    parts: Parts = (),
    limit: int | None = None,
    offset: int = 0,
    order: str | None = None,
    search: str = "",
) -> Rows:
    """The rows that a figure counts under the book's period and filters, lazily.

    For a rate they are its base, 计入分子 saying which are hits. `parts` are the value of a
    split whose rows are asked for, or several together. `order` is a column's English
    name, with "-" before it for the greatest first; by default the newest come first. `search`
    keeps the rows of which some cell, as it is shown, holds the text; capitals and full-width
    letters and digits are as good as the others. With `limit` 0 there is the proof alone. A
    figure that is published and not in a ledger gives its rows of reported.csv. Raises
    UnknownName.
    """
    if len(parts) == 1 and (same := dict(row.same_as).get(parts[0].value)):
        return rows(book, kpi(same), (), limit, offset, order, search)
    shown = columns(row)
    by = _order(row, order, shown)
    proof = _PROOFS(book, (row.code, parts), lambda: _proof(book, row, parts))
    if proof is None:
        return _published(book, row, parts, limit, offset)
    assert row.formula
    search = search.strip()
    summed = _counted(book, row, parts, shown, search) if search else None
    matched, found = (summed[0], _told(row, *summed)) if summed else (proof["total"], "")
    written = "、".join(map(row.written, parts))
    answer = Rows(row.code, written, shown, matched=matched, found=found, **proof)
    if limit == 0:
        return answer
    source, chosen = _source(book, row, parts, shown, search)
    page = ""
    if limit is not None or offset:
        page = " LIMIT $limit OFFSET $offset"
        chosen |= {"limit": limit, "offset": offset}
    names = ", ".join(f'"{c.name}"' for c in shown)
    cells = book.query(f"SELECT {names} FROM {source} ORDER BY {by}{page}", **chosen)
    read = [_reader(c) for c in shown]
    page_rows = tuple(tuple(r(v) for r, v in zip(read, line, strict=True)) for line in cells)
    return replace(answer, rows=page_rows)


def _source(
    book: Book, row: Kpi, parts: Parts, shown: tuple[Column, ...], search: str = ""
) -> tuple[str, dict[str, Any]]:
    """SQL of the rows behind a figure that the search leaves, with its parameters: the shown
    columns, and what of each row goes into the figure."""
    assert row.formula
    where, chosen = _behind(book, row, parts)
    sql = f"(SELECT {_select(row.formula, shown)} FROM ({book.relation(row.formula.relation)})"
    sql += f" WHERE {where})"
    if search:
        chosen["search"] = _narrow(search)
        sql = f"(SELECT * FROM {sql} WHERE {_found(shown, chosen)})"
    return sql, chosen


def _select(m: Formula, shown: tuple[Column, ...]) -> str:
    made = {c.name: sql for c, sql in DERIVED.get(m.relation, ())}
    made |= WRITTEN.get(m.relation, {}) | {HIT.name: "_hits"}
    cells = [f'{made.get(c.name, c.name)} AS "{c.name}"' for c in shown]
    hits = f"coalesce({m.hit or 'true'}, false) AS _hits"
    per = m.per if m.kind == "ratio" else ""
    return ", ".join([hits, f"{m.value or 'NULL'} AS _value", f"{per or 'NULL'} AS _per", *cells])


def _order(row: Kpi, order: str | None, shown: tuple[Column, ...]) -> str:
    """ORDER BY by a shown column; file and row decide between equals."""
    last = "_file, _row"
    if order is None:
        m = row.formula
        named = m.date if m and any(c.name == m.date for c in shown) else ""
        return f'"{named}" DESC NULLS LAST, {last}' if named else last
    name = order.removeprefix("-")
    if name not in {c.name for c in shown}:
        allowed = "、".join(c.name for c in shown)
        raise UnknownName(f"不能按 {name} 排序；可用：{allowed}")
    return f'"{name}"{" DESC" if order.startswith("-") else ""} NULLS LAST, {last}'


def _narrow(text: str) -> str:
    """A text in half-width small letters."""
    there = {ord(c) + WIDER: c for c in NARROW}
    return text.translate(there).lower()


def _found(shown: tuple[Column, ...], chosen: dict[str, Any]) -> str:
    """Whether some cell, as it is shown, holds the text that is searched for."""
    # A column at a time, since equal texts of a column are looked at once.
    return f"({' OR '.join(_holds(c, chosen) for c in shown)})"


def _holds(column: Column, chosen: dict[str, Any]) -> str:
    """Whether a cell holds $search, or in either width $pattern: a text cell alone can be wide,
    and the pattern takes twice as long as the text itself."""
    name, search = f'"{column.name}"', chosen["search"]
    if column.type == "bool":
        words = {YES: name, NO: f"NOT {name}"}
        return " OR ".join(c for w, c in words.items() if search in w) or "false"
    if column.synonyms:
        chosen["codes"] = [code for text, code in column.synonyms if search in text.lower()]
        return f"list_contains($codes, {name})"
    written = f"CAST({name} AS VARCHAR)"
    if column.type == "number":
        written = f"rtrim(rtrim({written}, '0'), '.')"  # a decimal always has its point
    if column.type == "text" and any(c in NARROW for c in search):
        chosen["pattern"] = _pattern(search)
        return f"regexp_matches({written}, $pattern)"
    return f"contains(lower({written}), $search)"


def _pattern(search: str) -> str:
    """The search as a regular expression: each letter in both cases and both widths."""
    return "".join(_either(c) for c in search)


def _either(letter: str) -> str:
    if letter not in NARROW:
        return re.escape(letter)
    both = sorted({letter, letter.upper()})
    codes = [ord(c) + more for c in both for more in (0, WIDER)]
    points = "".join(rf"\x{{{n:x}}}" for n in codes)
    return f"[{points}]"


def _behind(book: Book, row: Kpi, parts: Parts) -> tuple[str, dict[str, Any]]:
    """The condition that exactly the rows behind a figure meet, with its parameters."""
    assert row.formula
    where, chosen = book.conditions(row, parts[0] if len(parts) == 1 else None)
    if len(parts) > 1:
        name, chosen["parts"] = _together(row, parts)
        where.append(f"list_contains($parts, {part_of(row.formula, name)})")
    where.append(f"({row.formula.known})")
    if row.formula.hit and row.formula.kind != "rate":
        where.append(f"({row.formula.hit})")
    return " AND ".join(where), chosen


def _together(row: Kpi, parts: Parts) -> tuple[str, list[str]]:
    """The split that several parts belong to, and their values."""
    name = parts[0].dimension.name
    adding = row.formula is None or row.formula.kind in ("count", "sum")
    if not adding or not row.dimension(name) or any(p.dimension.name != name for p in parts):
        said = "、".join(map(row.written, parts))
        raise UnknownName(f"指标 {row.name} 的几部分不能合计：{said}")
    return name, [p.value for p in parts]


def _tally(book: Book, row: Kpi, parts: Parts) -> Counted | None:
    """What the ledger gives for the parts together; None where it does not speak for each."""
    if len(parts) < 2:
        return book.ledger(row, *parts)
    _together(row, parts)
    tallies = [book.ledger(row, part) for part in parts]
    known = [t for t in tallies if t and t.value is not None]
    if len(known) < len(parts):
        return None
    value = sum(Fraction(str(t.value)) for t in known)
    return Counted(plain(float(value)), unknown=sum(t.unknown for t in known))


def _counted(
    book: Book, row: Kpi, parts: Parts, shown: tuple[Column, ...], search: str = ""
) -> tuple[int, Any, float | None, float | None]:
    """(rows, value, numerator, denominator) that the rows behind a figure give, or those of them
    that the search leaves."""
    assert row.formula
    kind = row.formula.kind
    value = {
        "sum": "sum(_value)",
        "ratio": "sum(_value)",
        "distinct": "count(DISTINCT _value)",
        "median": "median(_value)",
    }.get(kind, "NULL")
    source, chosen = _source(book, row, parts, shown, search)
    asked = f"count(*), count(*) FILTER (WHERE _hits), {value}, sum(_per)"
    found = book.query(f"SELECT {asked} FROM {source}", **chosen)[0]
    total, hits, value, per = (plain(v) for v in found)
    if kind == "rate":
        return total, percent(hits, total), hits, total
    if kind == "ratio":
        return total, percent(value, per), value, per
    if kind == "each":
        tally = _tally(book, row, parts)
        denominator = tally.denominator if tally else None
        return total, total / denominator if denominator else None, total, denominator
    return total, total if kind == "count" else value, None, None


_PROOFS = Memo[tuple[str, Parts], dict[str, Any] | None]()


def _proof(book: Book, row: Kpi, parts: Parts) -> dict[str, Any] | None:
    """What the rows behind a figure come to, counted from the rows themselves, and whether that
    is the figure; None where no ledger speaks for it."""
    m = row.formula
    if m is None or m.kind == "special":
        return None
    tally = _tally(book, row, parts)
    published = [book.figure(row, part).reported for part in parts or (None,)]
    if tally is None and all(published):
        return None
    _behind(book, row, parts)  # a split that is not there is refused before it is no data
    if tally is None:
        return None
    total, value, numerator, denominator = _counted(book, row, parts, columns(row))
    unknown = tally.unknown
    if not total and m.kind in ("sum", "distinct"):
        value = None if unknown else 0
    agrees = value == tally.value
    told = _told(row, total, value, numerator, denominator)
    if unknown:
        told += f"；另有 {fmt.digits(unknown)} 行缺所需的格，未计入"
    return {
        "total": total,
        "value": value,
        "numerator": numerator,
        "denominator": denominator,
        "unknown": unknown,
        "agrees": agrees,
        "adds_up": told + _beside(book, row, parts, agrees),
    }


def _told(
    row: Kpi, total: int, value: Any, numerator: float | None, denominator: float | None
) -> str:
    """How the rows make the figure, in words."""
    m = row.formula
    assert m
    lines = f"{fmt.digits(total)} 行"
    result = fmt.number_text(Number(value), row.unit) if value is not None else fmt.NO_DATA
    share = f"{_digits(numerator)} / {_digits(denominator)} = {result}"
    if m.kind == "rate":
        return f"{lines}，其中 {_digits(numerator)} 行计入分子：{share}"
    if m.kind == "ratio":
        return f"{lines}，{_header(m, m.value)}合计 / {_header(m, m.per)}合计：{share}"
    if m.kind == "each":
        return f"{lines} / {kpi(m.per).name}：{share}"
    exact = f"{_digits(value)}{row.unit}"
    return {
        "count": f"{lines}，每行计 1，合计 {exact}",
        "sum": f"{lines}，{_header(m, m.value)}合计 {exact}",
        "distinct": f"{lines}，{_header(m, m.value)}去重后 {exact}",
        "median": f"{lines}，办理天数的中位数 {exact}",
    }[m.kind]


def _digits(value: float | None) -> str:
    return fmt.NONE if value is None else fmt.digits(value)


def _header(m: Formula, name: str) -> str:
    return next((c.header for c in _ledger(m.relation) if c.name == name), name)


def _beside(book: Book, row: Kpi, parts: Parts, agrees: bool) -> str:
    """Whether the rows agree with the ledger's figure, and the published one that leads it."""
    shown = figure(book, row, parts)
    said = "，与台账数一致" if agrees else "，与台账数不一致，请报告此问题"
    if shown.basis == "reported":
        said += f"；公布数为 {fmt.text(shown)}"
    return said


def _published(book: Book, row: Kpi, parts: Parts, limit: int | None, offset: int) -> Rows:
    """The rows of reported.csv that a figure without a ledger stands in: its own, or those of the
    parts that make it."""
    shown = (*PLACE, *tables.table("reported").columns)
    name = "、".join(map(row.written, parts))
    made = figure(book, row, parts)
    if made.basis != "reported":
        return Rows(row.code, name, shown, adds_up="没有台账行，也没有公布数")
    places = {source.row for source in made.sources}
    found = [r for r in book.snapshot.records("reported") if r["_row"] in places]
    cells = tuple(tuple(r[c.name] for c in shown) for r in found)
    last = None if limit is None else offset + limit
    summed = f"{len(found)} 部分之和 " if len(places) > 1 else ""
    return Rows(
        row.code,
        name,
        shown,
        cells[offset:last],
        len(cells),
        len(cells),
        f"公布数 {summed}{fmt.text(made)}，没有台账行",
        len(cells) == len(places),
        made.value,
    )


def _reader(column: Column) -> Any:
    """How a cell of a column is shown: 是 / 否, a coded value's Chinese text, plain numbers."""
    if column.type == "bool":
        return {True: YES, False: NO, None: None}.get
    texts = {code: text for text, code in column.synonyms}
    if texts:
        return lambda v: texts.get(v, v)
    return plain if column.type in ("int", "number") else _same


def _same(value: Any) -> Any:
    return value
