"""The rows behind a figure, and the proof that they add up to it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from qmg_dash import fmt, tables
from qmg_dash.compute import SAME, Book, percent, plain, relation
from qmg_dash.kpis import kpi
from qmg_dash.kpis.base import Kpi, Measure
from qmg_dash.model import Number, UnknownName
from qmg_dash.tables import NO, YES, Column

HIT = Column("_hit", "计入分子", "bool")
PLACE = (Column("_file", "文件"), Column("_row", "行号", "int"))

LEDGER_OF = {
    "actions": "enforcement_actions",
    "late_penalties": "enforcement_actions",
    "power_in_force": "power_items",
    "power_exercised": "power_items",
    "officers_at": "officers",
    "published": "disclosures",
    "applications_due": "applications",
    "cases": "legal_cases",
    "decision_steps": "decisions",
}
"""The ledger whose rows a view of compute.VIEWS holds."""

STEP_COLUMNS = ("topic_no", "held_on", "major", "result")
"""Of a decision, what stands beside each of its steps."""

ACTIONS = (
    (Column("counted_on", "计数日期", "date"), "counted_on"),
    (Column("disclose_due", "应公示日期", "date"), "disclose_due"),
    (Column("days", "办理天数", "int"), "coalesce(decided_on, $clock) - opened_on"),
)
DERIVED: dict[str, tuple[tuple[Column, str], ...]] = {
    "actions": ACTIONS,
    "late_penalties": ACTIONS,
    "power_exercised": ((Column("exercised", "当年已行使", "bool"), "exercised"),),
    "officers_at": ((Column("valid", "证件有效", "bool"), "valid"),),
    "published": ((Column("publish_due", "应公开日期", "date"), "publish_due"),),
    "applications_due": (
        (Column("due_on", "答复期限", "date"), "due_on"),
        (
            Column("working_days_left", "剩余工作日", "int"),
            "CASE WHEN replied_on IS NULL THEN working_days_left END",
        ),
    ),
    "cases": ((Column("verdict", "年报结果"), "verdict"),),
    "decision_steps": (
        (Column("step", "步骤"), "step"),
        (Column("state", "步骤状态"), "state"),
    ),
}
"""Columns that explain a figure beside those of its ledger, with their SQL."""


@dataclass(frozen=True)
class Rows:
    """Rows behind a figure. `rows` is the page that was asked for, a cell a column; `total` counts
    all rows behind the figure, `matched` those that the search leaves. `adds_up` says how the
    rows make the figure, `agrees` that they do; `value`, `numerator` and `denominator` are what
    the rows give. `unknown` rows were left out, since a needed cell is empty."""

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

    @property
    def headers(self) -> tuple[str, ...]:
        """The Chinese headers, in the columns' order."""
        return tuple(c.header for c in self.columns)


@cache
def columns(code: str) -> tuple[Column, ...]:
    """The columns of the rows behind a KPI: derived ones after those of the ledger, then whether
    the row is a hit of the rate, then file and row. `rows` can be ordered by each of them."""
    row = kpi(code)
    m = row.measure
    if m is None or m.kind == "special":
        return (*tables.table("reported").columns, *PLACE)
    hit = (HIT,) if m.kind == "rate" else ()
    return (*_ledger(m.relation), *(c for c, _ in DERIVED.get(m.relation, ())), *hit, *PLACE)


def _ledger(name: str) -> tuple[Column, ...]:
    table = tables.table(LEDGER_OF.get(name, name))
    if name == "decision_steps":
        return tuple(table.column(c) for c in STEP_COLUMNS)
    return table.columns


def rows(
    book: Book,
    code: str,
    dimension: str = "",
    limit: int | None = None,
    offset: int = 0,
    order: str | None = None,
    search: str = "",
) -> Rows:
    """The rows that a figure counts under the book's period and filters, lazily.

    For a rate they are its base, 计入分子 saying which are hits. `order` is a column's English
    name, with "-" before it for the greatest first; by default the newest come first. `search`
    keeps the rows of which some cell holds the text. With `limit` 0 there is the proof alone. A
    figure that is published and not in a ledger gives its row of reported.csv. Raises
    UnknownName.
    """
    if same := SAME.get((code, dimension)):
        return rows(book, same, "", limit, offset, order, search)
    row = kpi(code)
    shown = columns(code)
    by = _order(row, order, shown)
    proof = book.kept(("proof", code, dimension), lambda: _proof(book, row, dimension))
    if proof is None:
        return _published(book, row, dimension, limit, offset)
    assert row.measure
    where, chosen = _behind(book, row, dimension)
    source = f"(SELECT {_select(row.measure, shown)} FROM ({relation(row.measure.relation)})"
    source += f" WHERE {where})"
    found = _found(shown) if search.strip() else ""
    if found:
        chosen["search"] = search.strip()
        matched = book.query(f"SELECT count(*) FROM {source} WHERE {found}", **chosen)[0][0]
        found = f" WHERE {found}"
    else:
        matched = proof["total"]
    if limit == 0:
        return Rows(code, dimension, shown, matched=matched, **proof)
    page = ""
    if limit is not None or offset:
        page = " LIMIT $limit OFFSET $offset"
        chosen |= {"limit": limit, "offset": offset}
    cells = book.query(f"SELECT * FROM {source}{found} ORDER BY {by}{page}", **chosen)
    read = [_reader(c) for c in shown]
    page_rows = tuple(tuple(r(v) for r, v in zip(read, line, strict=True)) for line in cells)
    return Rows(code, dimension, shown, page_rows, matched=matched, **proof)


def _select(m: Measure, shown: tuple[Column, ...]) -> str:
    made = {c.name: sql for c, sql in DERIVED.get(m.relation, ())}
    made[HIT.name] = f"coalesce({m.hit or 'true'}, false)"
    return ", ".join(f'{made.get(c.name, c.name)} AS "{c.name}"' for c in shown)


def _order(row: Kpi, order: str | None, shown: tuple[Column, ...]) -> str:
    """ORDER BY by a shown column; file and row decide between equals."""
    last = "_file, _row"
    if order is None:
        m = row.measure
        named = m.date if m and any(c.name == m.date for c in shown) else ""
        return f'"{named}" DESC NULLS LAST, {last}' if named else last
    name = order.removeprefix("-")
    if name not in {c.name for c in shown}:
        allowed = "、".join(c.name for c in shown)
        raise UnknownName(f"不能按 {name} 排序；可用：{allowed}")
    return f'"{name}"{" DESC" if order.startswith("-") else ""} NULLS LAST, {last}'


def _found(shown: tuple[Column, ...]) -> str:
    """Whether some cell, as it is written, holds $search."""
    # A column at a time, since equal texts of a column are looked at once.
    cells = (f'lower(CAST("{c.name}" AS VARCHAR))' for c in shown if c.type != "bool")
    return f"({' OR '.join(f'contains({c}, lower($search))' for c in cells)})"


def _behind(book: Book, row: Kpi, dimension: str) -> tuple[str, dict[str, Any]]:
    """The condition that exactly the rows behind a figure meet, with its parameters."""
    assert row.measure
    where, chosen = book.conditions(row, dimension)
    where.append(f"({row.measure.known})")
    if row.measure.hit and row.measure.kind != "rate":
        where.append(f"({row.measure.hit})")
    return " AND ".join(where), chosen


def _proof(book: Book, row: Kpi, dimension: str) -> dict[str, Any] | None:
    """What the rows behind a figure come to, counted from the rows themselves, and whether that
    is the figure; None where no ledger speaks for it."""
    tally = book.ledger(row.code, dimension)
    m = row.measure
    if m is None or m.kind == "special":
        return None
    if tally is None and book.fig(row.code, dimension).reported:
        return None
    where, chosen = _behind(book, row, dimension)
    if tally is None:
        return None
    hit = f"count(*) FILTER (WHERE {m.hit})" if m.kind == "rate" else "NULL"
    value = {
        "sum": f"sum({m.value})",
        "ratio": f"sum({m.value})",
        "distinct": f"count(DISTINCT {m.value})",
        "median": f"median({m.value})",
    }.get(m.kind, "NULL")
    per = f"sum({m.per})" if m.kind == "ratio" else "NULL"
    sql = f"SELECT count(*), {hit}, {value}, {per} FROM ({relation(m.relation)}) WHERE {where}"
    total, hits, value, per = (plain(v) for v in book.query(sql, **chosen)[0])
    numerator, denominator = {
        "rate": (hits, total),
        "ratio": (value, per),
        "each": (total, tally.denominator),
    }.get(m.kind, (None, None))
    if m.kind in ("rate", "ratio"):
        value = percent(numerator, denominator)
    elif m.kind == "each":
        value = total / denominator if denominator else None
    elif m.kind == "count":
        value = total
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
        "adds_up": told + _beside(book, row, dimension, agrees),
    }


def _told(
    row: Kpi, total: int, value: Any, numerator: float | None, denominator: float | None
) -> str:
    """How the rows make the figure, in words."""
    m = row.measure
    assert m
    lines = f"{fmt.digits(total)} 行"
    result = fmt.number_text(Number(value), row.unit) if value is not None else fmt.NO_DATA
    share = f"{_digits(numerator)} / {_digits(denominator)} = {result}"
    if m.kind == "rate":
        return f"{lines}，其中 {_digits(numerator)} 行计入分子：{share}"
    if m.kind == "ratio":
        return f"{lines}，{_header(m, m.value)}合计 / {_header(m, m.per)}合计：{share}"
    if m.kind == "each":
        return f"{lines} / {kpi(m.per).label}：{share}"
    exact = f"{_digits(value)}{row.unit}"
    return {
        "count": f"{lines}，每行计 1，合计 {exact}",
        "sum": f"{lines}，{_header(m, m.value)}合计 {exact}",
        "distinct": f"{lines}，{_header(m, m.value)}去重后 {exact}",
        "median": f"{lines}，办理天数的中位数 {exact}",
    }[m.kind]


def _digits(value: float | None) -> str:
    return fmt.NONE if value is None else fmt.digits(value)


def _header(m: Measure, name: str) -> str:
    return next((c.header for c in _ledger(m.relation) if c.name == name), name)


def _beside(book: Book, row: Kpi, dimension: str, agrees: bool) -> str:
    """Whether the rows agree with the ledger's figure, and the published one that leads it."""
    figure = book.fig(row.code, dimension)
    said = "，与台账数一致" if agrees else "，与台账数不一致，请报告此问题"
    if figure.reported:
        said += f"；公布数为 {fmt.text(figure)}"
    return said


def _published(book: Book, row: Kpi, dimension: str, limit: int | None, offset: int) -> Rows:
    """The row of reported.csv that a figure without a ledger stands in."""
    shown = (*tables.table("reported").columns, *PLACE)
    figure = book.fig(row.code, dimension)
    if figure.basis != "reported":
        return Rows(row.code, dimension, shown, adds_up="没有台账行，也没有公布数")
    place = figure.sources[0].row
    found = [r for r in book.snapshot.records("reported") if r["_row"] == place]
    cells = tuple(tuple(r[c.name] for c in shown) for r in found)
    last = None if limit is None else offset + limit
    return Rows(
        row.code,
        dimension,
        shown,
        cells[offset:last],
        len(cells),
        len(cells),
        f"公布数 {fmt.text(figure)}，没有台账行",
        len(cells) == 1,
        figure.value,
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
