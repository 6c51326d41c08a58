"""勾稽关系: the identities that figures must obey (DOMAIN.md section 1). A row an identity.

An identity looks at cells through `Cells` and yields its trials: a column, a row or a block each.
It is tried only where all its cells are known and exact. A broken one never removes a figure: it
is shown with its mark.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from qmg_dash.kpis import KPIS, kpi
from qmg_dash.kpis.base import Kpi
from qmg_dash.kpis.disclosure import T2_2019, T4_BLOCKS, TOTAL, VERDICTS
from qmg_dash.model import EXACT, Number, Severity
from qmg_dash.tables import APPLICANTS, OUTCOMES

T3 = "disclosure.t3."
COLUMNS = (*APPLICANTS, TOTAL)
LEAVES_2021 = tuple(OUTCOMES)
LEAVES_2019 = (*(r for r in OUTCOMES if not r.startswith("other.")), "other")
T3_ROWS = ("new", "carried_in", *OUTCOMES, "other", "total", "carried_out")

Key = tuple[str, str]


NEAR = 1e-6
"""Sums of amounts in binary may differ by so much and are the same."""


@dataclass(frozen=True)
class Trial:
    """An identity tried in one place: where, what should stand there and what does. `of` are the
    cells that went into it (code, dimension), the first one being the cell to mark. `limit`: the
    value only has to reach what is expected."""

    where: str
    expected: float
    actual: float
    of: tuple[Key, ...]
    limit: bool = False

    @property
    def difference(self) -> float:
        return self.actual - self.expected

    @property
    def holds(self) -> bool:
        return abs(self.difference) < NEAR or (self.limit and self.difference > 0)


Breach = Trial
"""A trial that does not hold."""


class Cells:
    """The figures of a year and of the year before, as an identity reads them.

    `year`, `before` and `ledger` map (code, dimension) to a Number; a missing key is an unknown
    cell, never 0.
    """

    def __init__(
        self,
        year: dict[Key, Number],
        before: dict[Key, Number] | None = None,
        ledger: dict[Key, Number] | None = None,
    ):
        self.year, self.before, self.ledger = year, before or {}, ledger or {}

    def get(self, code: str, dimension: str = "", source: dict | None = None) -> float | None:
        """The exact value of a cell, None where unknown or approximate."""
        number = (self.year if source is None else source).get((code, dimension))
        return number.value if number and number.qualifier == EXACT else None

    @property
    def leaves(self) -> tuple[str, ...]:
        """The leaf rows of the form in use: 19 on the 2019 form, 21 on the 2021 one. Where the
        year does not say which, the row 其他处理 of the 2019 form tells."""
        form = self.get("disclosure.form")
        old = any((f"{T3}other", c) in self.year for c in COLUMNS) if form is None else form == 2019
        return LEAVES_2019 if old else LEAVES_2021


@dataclass(frozen=True)
class Identity:
    """A row of the registry: id, rule as the screens print it, severity when broken, trials."""

    id: str
    rule: str
    severity: Severity
    trials: Callable[[Cells], Iterator[Trial]]
    basis: str = "国办公开办函〔2021〕30号"

    def check(self, cells: Cells) -> Iterator[Breach]:
        """The trials that do not hold."""
        return (t for t in self.trials(cells) if not t.holds)


def _label(code: str, column: str = "") -> str:
    return f"{kpi(code).name}{'·' + column if column else ''}"


def _sum(cells: Cells, parts: Iterable[Key], whole: Key, where: str) -> Iterator[Trial]:
    """Whether known exact parts sum to a known exact whole."""
    parts = tuple(parts)
    values = [cells.get(*p) for p in parts]
    total = cells.get(*whole)
    if total is not None and all(v is not None for v in values):
        yield Trial(where, sum(v for v in values if v is not None), total, (whole, *parts))


def _t3_balance(cells: Cells) -> Iterator[Trial]:
    for column in COLUMNS:
        new, carried, total, left = (
            cells.get(T3 + row, column) for row in ("new", "carried_in", "total", "carried_out")
        )
        if new is None or carried is None or total is None or left is None:
            continue
        of = tuple((T3 + r, column) for r in ("total", "carried_out", "new", "carried_in"))
        yield Trial(f"表三·{column}：一 + 二 = （七） + 四", new + carried, total + left, of)


def _t3_leaves(cells: Cells) -> Iterator[Trial]:
    for column in COLUMNS:
        parts = ((T3 + leaf, column) for leaf in cells.leaves)
        where = f"表三·{column}：各办理结果之和 = （七）总计"
        yield from _sum(cells, parts, (f"{T3}total", column), where)


def _t3_rows(cells: Cells) -> Iterator[Trial]:
    for row in T3_ROWS:
        parts = ((T3 + row, a) for a in APPLICANTS)
        where = f"表三·{_label(T3 + row)}：六类申请人之和 = 总计"
        yield from _sum(cells, parts, (T3 + row, TOTAL), where)


def _t4_blocks(cells: Cells) -> Iterator[Trial]:
    for block in T4_BLOCKS:
        code = f"disclosure.t4.{block}"
        parts = ((code, v) for v in VERDICTS)
        yield from _sum(cells, parts, (code, TOTAL), f"表四·{_label(code)}：四种结果之和 = 总计")


def _carried_over(cells: Cells) -> Iterator[Trial]:
    for column in COLUMNS:
        now = cells.get(f"{T3}carried_in", column)
        then = cells.get(f"{T3}carried_out", column, cells.before)
        if now is not None and then is not None:
            of = ((f"{T3}carried_in", column),)
            yield Trial(f"表三·{column}：上年结转 = 上年报告的结转下年度", then, now, of)


def _in_force(cells: Cells) -> Iterator[Trial]:
    code = "disclosure.t2.normative"
    now, made, ended = (cells.get(code, d) for d in ("现行有效", "制发", "废止"))
    then = cells.get(code, "现行有效", cells.before)
    if now is None or made is None or ended is None or then is None:
        return
    of = tuple((code, d) for d in ("现行有效", "制发", "废止"))
    where = "表二·行政规范性文件：现行有效 = 上年 + 制发 − 废止"
    yield Trial(where, then + made - ended, now, of)


def _no_rules(cells: Cells) -> Iterator[Trial]:
    code = "disclosure.t2.rules"
    for standing in ("制发", "废止", "现行有效"):
        value = cells.get(code, standing)
        if value is not None:
            where = f"表二·规章·{standing}：乡镇无规章制定权，应为 0"
            yield Trial(where, 0, value, ((code, standing),))


def _whole_counts(cells: Cells) -> Iterator[Trial]:
    """The old form's table 2 has amounts (采购总金额) and decreases (本年增/减): it is left alone."""
    for (code, dimension), number in cells.year.items():
        if code.startswith(T2_2019):
            continue
        value = number.value
        countable = kpi(code).counted
        where = f"{_label(code, dimension)}：件数为不小于 0 的整数"
        nearest = max(0, round(value) if countable or value < 0 else value)
        yield Trial(where, nearest, value, ((code, dimension),))


# The same figure in the report's text and in its statutory tables.
SAME = (
    (("applications.received", ""), (f"{T3}new", TOTAL)),
    (("applications.carried_in", ""), (f"{T3}carried_in", TOTAL)),
    (("applications.handled", ""), (f"{T3}total", TOTAL)),
    (("applications.carried_out", ""), (f"{T3}carried_out", TOTAL)),
    (("documents.issued", ""), ("disclosure.t2.normative", "制发")),
    (("documents.in_force", ""), ("disclosure.t2.normative", "现行有效")),
    (("enforcement.actions", "行政许可"), ("disclosure.t2.permits", "")),
    (("enforcement.actions", "行政处罚"), ("disclosure.t2.penalties", "")),
    (("enforcement.penalties", ""), ("disclosure.t2.penalties", "")),
    (("enforcement.actions", "行政强制"), ("disclosure.t2.coercion", "")),
)


def _text_and_table(cells: Cells) -> Iterator[Trial]:
    for text, cell in SAME:
        said, shown = cells.get(*text), cells.get(*cell)
        if said is not None and shown is not None:
            where = f"{_label(*text)}：正文与年报表格应一致"
            yield Trial(where, shown, said, (text, cell))


def _table_and_ledger(cells: Cells) -> Iterator[Trial]:
    for code, kind in (
        ("permits", "行政许可"),
        ("penalties", "行政处罚"),
        ("coercion", "行政强制"),
    ):
        cell = (f"disclosure.t2.{code}", "")
        shown = cells.get(*cell)
        counted = cells.get("enforcement.actions", kind, cells.ledger)
        if shown is not None and counted is not None:
            yield Trial(f"表二·{kind}：处理决定数量 = 执法台账当年件数", counted, shown, (cell,))


def _categories(cells: Cells) -> Iterator[Trial]:
    """A complete split sums to its total; any other split of a count never exceeds it."""
    for row in KPIS:
        if row.private or row.rate or not row.dimensions or not _adds_up(row):
            continue
        whole = (row.total or row.code, "")
        total = cells.get(*whole)
        parts = tuple(k for k in cells.year if k[0] == row.code and k[1] and "=" not in k[1])
        values = [cells.get(*p) for p in parts]
        if total is None or not values or any(v is None for v in values):
            continue
        summed = sum(v for v in values if v is not None)
        where = f"{row.name}：{row.dimensions[0].label}之和 = 总数"
        complete = row.whole or _complete(row, {d for _, d in parts})
        yield Trial(where, summed, total, (whole, *parts), limit=not complete)


def _adds_up(row: Kpi) -> bool:
    """Whether parts of the figure may be added: not so for medians and quotients."""
    return row.formula is None or row.formula.kind not in ("median", "each")


def _complete(row: Kpi, values: set[str]) -> bool:
    """Whether every part of a closed split is there (the twelve classes of penalties)."""
    first = row.dimensions[0]
    return first.closed and set(first.values) <= values


IDENTITIES: tuple[Identity, ...] = (
    Identity("T3-1", "表三每列：一 + 二 = （七） + 四", "error", _t3_balance),
    Identity("T3-2", "表三每列：各办理结果之和 = （七）总计", "error", _t3_leaves),
    Identity("T3-3", "表三每行：六类申请人之和 = 总计", "error", _t3_rows),
    Identity("T4-1", "表四每组：四种结果之和 = 总计", "error", _t4_blocks),
    Identity("X-1", "表三每列：本年的上年结转 = 上年的结转下年度", "error", _carried_over),
    Identity(
        "X-2",
        "表二规范性文件：现行有效 = 上年现行有效 + 制发 − 废止",
        "warning",
        _in_force,
    ),
    Identity("S-1", "乡镇没有规章：制发、废止、现行有效均为 0", "warning", _no_rules),
    Identity("S-2", "件数为不小于 0 的整数；空白不等于 0", "error", _whole_counts),
    Identity("S-3", "正文的数字 = 年报表格的数字（两处都有时）", "warning", _text_and_table),
    Identity("S-4", "表二许可、处罚、强制 = 当年执法台账", "warning", _table_and_ledger),
    Identity("SUM", "分类之和 = 总数", "error", _categories, basis="算术"),
)
BY_ID = {i.id: i for i in IDENTITIES}


@dataclass(frozen=True)
class Result:
    """An identity with its trials; without a trial it could not be tested."""

    identity: Identity
    trials: tuple[Trial, ...]

    @property
    def broken(self) -> list[Breach]:
        return [t for t in self.trials if not t.holds]

    @property
    def said(self) -> str:
        """成立, how many places do not agree, or that it was not tested."""
        if not self.trials:
            return "数据不全，未检验"
        if self.broken:
            return f"{len(self.broken)} 处不符"
        return f"成立（{len(self.trials)} 处）" if len(self.trials) > 1 else "成立"


def results(cells: Cells) -> tuple[Result, ...]:
    """Every identity of the registry, tried."""
    return tuple(Result(i, tuple(i.trials(cells))) for i in IDENTITIES)


def standing(found: Iterable[Result]) -> str:
    """How identities stand, never more than was tried: 2 项成立，9 项未检验."""
    found = tuple(found)
    bad = [r for r in found if r.broken]
    untried = sum(not r.trials for r in found)
    counts = (
        (len(bad), f"项不符（{sum(len(r.broken) for r in bad)} 处）"),
        (len(found) - len(bad) - untried, "项成立"),
        (untried, "项未检验"),
    )
    return "，".join(f"{n} {word}" for n, word in counts if n)


def broken(found: Iterable[Result]) -> list[tuple[Identity, Breach]]:
    """Every breach among some results, in their order."""
    return [(r.identity, b) for r in found for b in r.broken]


def testable(identity: Identity, cells: Cells) -> bool:
    """Whether the cells of a year let the identity be tried at all."""
    return any(True for _ in identity.trials(cells))
