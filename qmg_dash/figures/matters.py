"""需马上处理: what a town owes, found by ONE table of rules that the screen prints. A row a rule.

A rule has a condition, the law or the limit of this board behind it, a grade, and the sentence in
which a title says what it found. Titles, tables, the count in the menu and the screen 需马上处理 all
read this table, so that one fact has one colour, one shape and one number wherever it stands.

A matter has a kind, an owner and its days: these may stand on a wall. Its `number`, `place` and
`detail` are for the desk; a `title` is given only where it is public by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import IntEnum
from itertools import groupby

from qmg_dash import fmt, tables
from qmg_dash.figures import freshness, reconcile, verdict
from qmg_dash.figures.book import Book
from qmg_dash.figures.cases import LIMIT, behind, whose
from qmg_dash.figures.coverage import newest_year
from qmg_dash.figures.progress import Measure, unanswered
from qmg_dash.folder.memo import Memo
from qmg_dash.kpis import KPIS, Kpi, kpi
from qmg_dash.kpis import goals as kinds
from qmg_dash.kpis.decisions import STEPS
from qmg_dash.model import Figure

OWNERLESS = "责任单位未登记"
MEASURE = "举措"
SOON = 30
"""Days within which a day to come is told (本看板定)."""
SOON_WORKING = 5
"""Working days of an application within which it presses (本看板定)."""
CONTRACT, DISPUTE, FILING, HEARING = 30, 60, 30, 60
"""Days after which what has no day of its own in law is told as long undone: limits of this board,
printed as such."""
OURS = "本看板定的提醒天数"
FEW = 5
"""A base below which the count alone says more than its percent."""


class Grade(IntEnum):
    """How much something asks for, the gravest first: a title says the gravest thing of its slide,
    and a slide whose finding is PLAIN (a composition, a number alone) is no part of a meeting
    unless it is asked for."""

    OVERDUE = 1
    """超期: a day set by law, measure or certificate has passed and the matter is open."""
    SKIPPED = 2
    """程序缺失: a step that the law demands was not done and the act went ahead."""
    BELOW = 3
    """未办 N 天, 未达标."""
    SOON = 4
    """将到期."""
    MOVED = 5
    """A change of 10 % and 5 cases, parts that moved by 20 in opposite directions, a stock that grew."""
    DECIDE = 6
    """A list to decide on: powers that nobody uses."""
    PLAIN = 7

    @property
    def word(self) -> str:
        """What it is called; empty of what asks for nothing."""
        words = {1: "已超期", 2: "程序缺失", 3: "长期未办", 4: "将到期"}
        return words.get(self, "")

    @property
    def tone(self) -> str:
        """What it wears."""
        return "bad" if self <= Grade.SKIPPED else "warn" if self <= Grade.SOON else ""


@dataclass(frozen=True)
class Matter:
    """One thing that somebody owes.

    kind     what it is, as a wall may say it: 许可决定未公示
    owner    the department; OWNERLESS where nobody is named, "" where it is nobody's own
    days     past its day, undone, or left until its day; None where it has none
    due      the day itself
    unit     the unit of the law where it counts by another than natural days: (22, 个工作日)
    title    what is public by itself: a decision, a document, a measure
    number, place, detail   its own number, (file, row) and more words, for the desk
    code     the KPI whose rows have it
    group    what of a rule it is, where a title tells its kinds apart
    """

    kind: str
    owner: str = ""
    days: int | None = None
    due: date | None = None
    unit: tuple[int, str] | None = None
    title: str = ""
    number: str = ""
    place: tuple[str, int] | None = None
    detail: str = ""
    code: str = ""
    group: str = ""
    rule: Rule = field(default=None, repr=False)  # type: ignore[assignment]

    @property
    def grade(self) -> Grade:
        return self.rule.grade

    @property
    def path(self) -> str:
        """The screen that it belongs to: its rule's, else its figure's."""
        return self.rule.path or kpi(self.code).screen

    @property
    def text(self) -> str:
        """The matter in words, with what is public of it."""
        return f"{self.kind}：{self.title}" if self.title else self.kind

    @property
    def since(self) -> str:
        """Its days in words, those of the law where it has its own: 超 22 个工作日."""
        word = {Grade.OVERDUE: "超 ", Grade.SOON: "剩 "}.get(self.grade, "")
        return f"{word}{self.length}" if self.days is not None else ""

    @property
    def length(self) -> str:
        """How many days: 22 个工作日."""
        number, unit = self.unit or (self.days, "天")
        return f"{number} {unit}"


@dataclass(frozen=True)
class Rule:
    """A rule: its name, how the screen prints its condition, its grade, its screen, what it finds,
    how a list counts several of them ({n}), and how a title says them with the days ({d}) of the
    first, one or `several` of them; a matter's `group` stands for it where it has one. `open`: it
    finds single open matters; else figures and the data themselves."""

    name: str
    grade: Grade
    path: str
    text: str
    find: Callable[[Book, Sequence[Measure]], Iterable[Matter]]
    counted: str
    one: str = ""
    several: str = ""
    open: bool = True

    @property
    def law(self) -> str:
        """What its condition rests on: a law, or that it is a limit of this board."""
        return self.text.removesuffix("）").rpartition("（")[2] if self.text.endswith("）") else ""

    def count(self, found: Sequence[Matter]) -> str:
        """How many there are, in words."""
        return self.counted.format(n=len(found), group=found[0].group)

    def said(self, found: Sequence[Matter]) -> str:
        """The same as a title says it, those with most days first."""
        form = self.one if len(found) == 1 else self.several
        return form.format(n=len(found), d=found[0].length) if form else self.count(found)


# ---- rows of ledgers -----------------------------------------------------------------------------
def _live(book: Book) -> bool:
    """Whether a book may speak of what stands open today: that of the clock's year, or of the
    newest one."""
    return book.filters.year in (book.clock.year, newest_year(book.snapshot))


def _rows(
    book: Book, row: Kpi, columns: str, more: str, key: str, stock: bool = False
) -> Iterator[tuple]:
    """(whose it is, number, place, columns …) of the open ones among the rows that a KPI looks at;
    those of a `stock` today alone; none of what does not follow the filters."""
    if book.unfollowed(row) or (stock and not _live(book)):
        return
    select, order = f"department, {key}, _file, _row, {columns}", f" ORDER BY _file, _row, {key}"
    for department, number, file, line, *cells in behind(book, row, select, more, order):
        owner = whose(book, row.tables[0], department) or OWNERLESS
        yield (owner, number or "", (file, line), *cells)


def _plain(type_: str) -> str:
    """A kind of act without 行政: 处罚, 其他权力."""
    return type_.replace("行政", "") or type_


def _undisclosed(book: Book, _: Sequence[Measure]) -> Iterator[Matter]:
    code = "enforcement.disclosed_on_time_rate"
    columns = "action_type, disclose_due, $clock - disclose_due"
    more = "disclosed_on IS NULL OR disclosed_on > $clock"
    found = _rows(book, kpi(code), columns, more, "action_no")
    for owner, number, place, type_, due, days in found:
        kind = f"{_plain(type_)}决定未公示"
        yield Matter(kind, owner, days, due, number=number, place=place, code=code)


def _penalties(book: Book, more: str) -> Iterator[tuple]:
    columns = "decide_by, decide_by - $clock, $clock - opened_on, extended_to IS NOT NULL"
    more = f"decided_on IS NULL AND {more}"
    return _rows(book, kpi("enforcement.over_90_days"), columns, more, "action_no", True)


def _undecided(book: Book, _: Sequence[Measure]) -> Iterator[Matter]:
    for owner, number, place, due, left, gone, longer in _penalties(book, "decide_by < $clock"):
        kind = "处罚延期后仍未决定" if longer else f"处罚立案 {gone} 天未决"
        code = "enforcement.over_90_days"
        yield Matter(kind, owner, -left, due, number=number, place=place, code=code)


def _to_decide(book: Book, _: Sequence[Measure]) -> Iterator[Matter]:
    soon = f"decide_by BETWEEN $clock AND $clock + {SOON}"
    for owner, number, place, due, left, _gone, longer in _penalties(book, soon):
        kind = "处罚延期将满" if longer else f"处罚将满 {LIMIT} 日"
        code = "enforcement.over_90_days"
        yield Matter(kind, owner, left, due, number=number, place=place, code=code)


def _certificates(book: Book, more: str) -> Iterator[tuple]:
    columns = "expires_on, expires_on - $clock"
    return _rows(book, kpi("officers.certified_rate"), columns, more, "certificate_no", True)


def _expired(book: Book, _: Sequence[Measure]) -> Iterator[Matter]:
    for owner, number, place, due, left in _certificates(book, "expires_on < $clock"):
        kind, code = "执法证过期，人员在岗", "officers.certified_rate"
        yield Matter(kind, owner, -left, due, number=number, place=place, code=code)


def _expiring(book: Book, _: Sequence[Measure]) -> Iterator[Matter]:
    soon = f"expires_on BETWEEN $clock AND $clock + {SOON}"
    for owner, number, place, due, left in _certificates(book, soon):
        kind, code = "执法证将到期", "officers.expiring_90d"
        yield Matter(kind, owner, left, due, number=number, place=place, code=code)


def _applications(book: Book, more: str) -> Iterator[tuple]:
    columns = "due_on, due_on - $clock, working_days_left, coalesce(extended, false)"
    more = f"(replied_on IS NULL OR replied_on > $clock) AND {more}"
    return _rows(book, kpi("applications.carried_out"), columns, more, "app_no", True)


def _unanswered(book: Book, _: Sequence[Measure]) -> Iterator[Matter]:
    for owner, number, place, due, left, working, _more in _applications(book, "due_on < $clock"):
        unit, code = (-working, "个工作日"), "applications.carried_out"
        kind = "公开申请未答复"
        yield Matter(kind, owner, -left, due, unit, number=number, place=place, code=code)


def _to_answer(book: Book, _: Sequence[Measure]) -> Iterator[Matter]:
    soon = f"due_on BETWEEN $clock AND $clock + {SOON}"
    for owner, number, place, due, left, working, longer in _applications(book, soon):
        unit, code = (working, "个工作日"), "applications.carried_out"
        kind = "公开申请将到期" + ("（已延期）" if longer else "")
        yield Matter(kind, owner, left, due, unit, number=number, place=place, code=code)


def _skipped(book: Book, _: Sequence[Measure]) -> Iterator[Matter]:
    """Steps that major decisions lack which passed all the same; the review of legality first."""
    columns = f"title, held_on, $clock - held_on, {', '.join(STEPS)}"
    open_ = " OR ".join(f"{c} = '未完成'" for c in STEPS)
    more = f"result = '通过' AND ({open_})"
    found = _rows(book, kpi("decisions.major"), columns, more, "topic_no")
    for owner, number, place, title, day, days, *states in found:
        for (column, label), state in zip(STEPS.items(), states, strict=True):
            if state == "未完成":
                legal = column == "legality"
                kind = "重大决策未经合法性审查" if legal else f"重大决策{label}未完成"
                code = "decisions.procedure_rate"
                yield Matter(
                    kind, owner, days, day, None, title or "", number, place, "", code, kind
                )


def _unexamined(book: Book, _: Sequence[Measure]) -> Iterator[Matter]:
    """Decisions on enforcement that needed an examination of legality and had none."""
    code = "enforcement.legal_review_rate"
    columns = "action_type, decided_on, $clock - decided_on"
    more = "legal_review = '应审未审' AND decided_on IS NOT NULL"
    found = _rows(book, kpi(code), columns, more, "action_no")
    for owner, number, place, type_, day, days in found:
        kind = f"{_plain(type_)}决定未经法制审核"
        yield Matter(kind, owner, days, day, number=number, place=place, code=code)


def _contracts(book: Book, _: Sequence[Measure]) -> Iterator[Matter]:
    """Contracts that were sent and are not reviewed, whenever that was."""
    row = kpi("review.contracts")
    assert row.formula
    sent = replace(row, formula=replace(row.formula, date=""))
    columns = "submitted_on, $clock - submitted_on, fiscal IS TRUE"
    more = f"(reviewed_on IS NULL OR reviewed_on > $clock) AND submitted_on < $clock - {CONTRACT}"
    for owner, number, place, day, days, fiscal in _rows(
        book, sent, columns, more, "review_no", True
    ):
        kind, code = "涉财合同送审未审结" if fiscal else "合同送审未审结", "review.coverage_rate"
        yield Matter(kind, owner, days, day, number=number, place=place, code=code)


def _unfiled(book: Book, _: Sequence[Measure]) -> Iterator[Matter]:
    code = "documents.filed_rate"
    columns = "title, issued_on, $clock - issued_on"
    more = f"filed_on IS NULL AND issued_on < $clock - {FILING} AND status IN ('现行有效', '修改')"
    for owner, number, place, title, day, days in _rows(book, kpi(code), columns, more, "doc_no"):
        kind = "规范性文件印发后未备案"
        yield Matter(kind, owner, days, day, None, title or "", number, place, code=code)


def _unreported(book: Book, _: Sequence[Measure]) -> Iterator[Matter]:
    code = "disputes.major_reported_rate"
    columns = "registered_on, $clock - registered_on"
    more = f"major AND reported_up_on IS NULL AND registered_on < $clock - {FILING}"
    for owner, number, place, day, days in _rows(book, kpi(code), columns, more, "dispute_no"):
        kind = "重大纠纷登记后未上报"
        yield Matter(kind, owner, days, day, number=number, place=place, code=code)


def _unsettled(book: Book, _: Sequence[Measure]) -> Iterator[Matter]:
    code = "disputes.pending"
    columns = "registered_on, $clock - registered_on"
    more = f"registered_on < $clock - {DISPUTE} AND (closed_on IS NULL OR closed_on > $clock)"
    for owner, number, place, day, days in _rows(
        book, kpi(code), columns, more, "dispute_no", True
    ):
        yield Matter("纠纷在调", owner, days, day, number=number, place=place, code=code)


def _unheard(book: Book, _: Sequence[Measure]) -> Iterator[Matter]:
    code = "cases.unheard"
    columns = "accepted_on, $clock - accepted_on"
    more = f"(closed_on IS NULL OR closed_on > $clock) AND accepted_on < $clock - {HEARING}"
    for owner, number, place, day, days in _rows(book, kpi(code), columns, more, "case_no", True):
        kind = "诉讼受理未开庭"
        yield Matter(kind, owner, days, day, number=number, place=place, code=code)


# ---- measures -----------------------------------------------------------------------------------
def _measure(m: Measure, days: int | None) -> Matter:
    place = (m.goal["_file"], m.goal["_row"])
    return Matter(
        MEASURE, m.goal["owner"] or OWNERLESS, days, m.due, None, m.goal["measure"], place=place
    )


def _late(book: Book, measures: Sequence[Measure]) -> Iterator[Matter]:
    for m in measures:
        if m.state == kinds.OVERDUE:
            due = m.due or date(m.goal["year"], 12, 31)
            yield _measure(m, (book.clock - due).days)


def _to_finish(book: Book, measures: Sequence[Measure]) -> Iterator[Matter]:
    closed = (kinds.DONE, kinds.CANCELLED, kinds.OVERDUE)
    for m in measures:
        if m.due and 0 <= (m.due - book.clock).days <= SOON and m.state not in closed:
            yield _measure(m, (m.due - book.clock).days)


def _state(state: str) -> Callable:
    def find(_: Book, measures: Sequence[Measure]) -> Iterator[Matter]:
        yield from (_measure(m, None) for m in measures if m.state == state)

    return find


def _bare(book: Book, _: Sequence[Measure]) -> Iterator[Matter]:
    for row in unanswered(book.snapshot, book.filters.goals - 1):
        where = f"报告 {row['locator']}" if row["locator"] else ""
        place = (row["_file"], row["_row"])
        yield Matter("不足没有对应举措", title=row["text"], detail=where, place=place)


# ---- figures --------------------------------------------------------------------------------------
MUST = tuple(row for row in KPIS if row.must is not None)
"""What the law asks a share of."""


def _where(figure: Figure) -> str:
    source = next(iter(figure.sources), None)
    if source is None:
        return ""
    if source.locator:
        return f"报告 {source.locator}"
    return f"台账 {tables.called(source.file)}"


def _below(book: Book, _: Sequence[Measure]) -> Iterator[Matter]:
    """Figures that fall short of what the law asks, the furthest first; then of their targets."""
    lawful = [row.code for row in MUST]
    figures = sorted(map(book.fig, lawful), key=lambda f: f.value or 0)
    figures += [book.fig(code) for code in verdict.aimed(book) if code not in lawful]
    for figure in figures:
        found = verdict.of(book, figure)
        if found and found.below and not _told(book, figure) and not book.unfollowed(figure.kpi):
            told = (found.text, fmt.based(figure), _where(figure))
            detail = " · ".join(t for t in told if t)
            kind = f"{figure.label} {fmt.text(figure)}"
            yield Matter(kind, detail=detail, code=figure.code, group=lacking(figure))


def lacking(figure: Figure) -> str:
    """What a rate lacks, as a title says it: 485 件中 27 件未按期公示; of a FEW with what they are."""
    word, base = figure.kpi.lacking, figure.denominator
    if not word or not base or figure.numerator is None:
        return f"{figure.label} {fmt.with_base(figure)}"
    noun, unit, _ = figure.kpi.of or ("", "件", "")
    of = f"{noun} " if base < FEW and noun else ""
    without = fmt.amount(base - figure.numerator)
    return f"{of}{fmt.amount(base)} {unit}中 {without} {unit}{word}"


def _told(book: Book, figure: Figure) -> bool:
    """Whether another rate says it already: in time were as many of the same applications
    answered as were answered at all."""
    told = figure.kpi.told_by
    return bool(told and fmt.base(figure)) and fmt.base(book.fig(told)) == fmt.base(figure)


ALARMS = {"cases.unheard": "行政诉讼未开庭"}
"""How a title says a published count that should be 0, where its short name does not."""


def _alarms(book: Book, _: Sequence[Measure]) -> Iterator[Matter]:
    """Published counts that should be 0; the ledgers' are told row by row."""
    for row in KPIS:
        figure = book.fig(row.code) if row.alarm else None
        found = figure and figure.basis == "reported" and verdict.of(book, figure)
        if figure and found and found.tone and not found.word:
            said = f"{fmt.spaced(figure)}{ALARMS.get(row.code, row.short)}"
            kind = f"{figure.label} {fmt.spaced(figure)}"
            yield Matter(kind, detail=_where(figure), code=row.code, group=said)


def _deviations(book: Book, _: Sequence[Measure]) -> Iterator[Matter]:
    """Published figures that the ledger contradicts (reconcile); cells of the statutory form
    stand in their table."""
    for pair in reconcile.indicators(book.snapshot, book.filters.year):
        if pair.broken:
            where = (
                f"报告 {pair.row.locator}" if pair.row.locator else f"公布数第 {pair.row.row} 行"
            )
            detail = f"台账 {pair.counted_text} · {pair.reason or where}"
            kind = f"{pair.figure.label}：公布 {pair.published_text}"
            yield Matter(kind, detail=detail, code=pair.figure.code)


def _behind_time(book: Book, _: Sequence[Measure]) -> Iterator[Matter]:
    """Ledgers that are late for figures of this year."""
    kept = freshness.ledgers(book.snapshot).values()
    for found in sorted((f for f in kept if not f.reaches(book.period.end)), key=lambda f: -f.late):
        table = tables.table(found.table)
        place = (book.snapshot.tables[found.table].file, 0)
        kind, detail = f"{table.label}台账{found.text}", f"最新一条 {found.newest}"
        yield Matter(kind, days=found.late, detail=detail, place=place)


def _identities(book: Book, _: Sequence[Measure]) -> Iterator[Matter]:
    for identity, breach in book.breaches:
        detail = f"应为 {fmt.full(breach.expected)}，实为 {fmt.full(breach.actual)}"
        yield Matter(breach.where, detail=detail, place=(identity.id, 0))


def _faults(book: Book, _: Sequence[Measure]) -> Iterator[Matter]:
    errors = [f for f in book.snapshot.faults if f.severity == "error"]
    if errors:
        kind, detail = f"数据文件有 {len(errors)} 处错误", f"首先是{tables.called(errors[0].file)}"
        yield Matter(kind, detail=detail, place=(errors[0].file, errors[0].row or 0), group=kind)


# ---- the table -----------------------------------------------------------------------------------
def _standards() -> str:
    """What the law asks, by how much it asks."""
    by = groupby(sorted(MUST, key=lambda k: -(k.must or 0)), key=lambda k: k.must or 0)
    return "；".join(f"{'、'.join(k.name for k in rows)}应为 {fmt.full(n)}%" for n, rows in by)


_O, _S, _B, _N = Grade.OVERDUE, Grade.SKIPPED, Grade.BELOW, Grade.SOON
RULES: tuple[Rule, ...] = (
    Rule(
        "决定未公示", _O, "/enforcement",
        "执法决定过了公示期限没有公示：许可、处罚自决定起 7 个工作日，其他 20 个工作日（国办发〔2018〕118号）",
        _undisclosed, "{n} 件执法决定到期未公示",
    ),
    Rule(
        "处罚超期", _O, "/enforcement",
        f"处罚立案后 {LIMIT} 日没有决定，延期的到延期至的那一天（《行政处罚法》第六十条）",
        _undecided, f"{{n}} 件处罚超 {LIMIT} 日未决",
    ),
    Rule(
        "证件过期", _O, "/enforcement",
        "执法证有效期已过，人员仍在岗（《行政处罚法》第四十二条）",
        _expired, "{n} 人执法证过期仍在岗",
    ),
    Rule(
        "申请逾期", _O, "/disclosure",
        "公开申请过了答复期限没有答复：20 个工作日，延期的再加 20 个（《政府信息公开条例》第三十三条）",
        _unanswered, "{n} 件公开申请未答复", "{n} 件公开申请逾期 {d}", "{n} 件公开申请逾期，最长 {d}",
    ),
    Rule(
        "举措逾期", _O, "/goals", "举措的完成期限已过，没有完成（举措自定的期限）",
        _late, "{n} 项举措逾期", "{n} 项举措逾期 {d}", "{n} 项举措逾期，最长 {d}",
    ),
    Rule(
        "决策缺程序", _S, "/decisions",
        "已通过的重大行政决策缺法定程序（《重大行政决策程序暂行条例》）",
        _skipped, "{n} 项{group}",
    ),
    Rule(
        "未经法制审核", _S, "/enforcement",
        "应当法制审核的执法决定没有审核（国办发〔2018〕118号）",
        _unexamined, "{n} 件执法决定未经法制审核",
    ),
    Rule(
        "合同未审结", _B, "/decisions", f"合同送审超过 {CONTRACT} 天没有审结（{OURS}）",
        _contracts, "{n} 份合同未审结", "{n} 份合同 {d}未审结", "{n} 份合同未审结，最长 {d}",
    ),
    Rule(
        "文件未备案", _B, "/decisions",
        f"当年印发的规范性文件超过 {FILING} 天没有备案（{OURS}）",
        _unfiled, "{n} 件规范性文件未备案",
        "{n} 件规范性文件 {d}未备案", "{n} 件规范性文件未备案，最长 {d}",
    ),
    Rule(
        "重大纠纷未上报", _B, "/disputes", f"当年登记的重大纠纷超过 {FILING} 天没有上报（{OURS}）",
        _unreported, "{n} 件重大纠纷未上报",
        "{n} 件重大纠纷 {d}未上报", "{n} 件重大纠纷未上报，最长 {d}",
    ),
    Rule(
        "纠纷久调未结", _B, "/disputes", f"纠纷登记超过 {DISPUTE} 天仍在调（{OURS}）",
        _unsettled, "{n} 件纠纷久调未结",
        "{n} 件纠纷在调 {d}", "{n} 件纠纷久调未结，最长 {d}",
    ),
    Rule(
        "诉讼未开庭", _B, "/disputes", f"当年受理的行政诉讼超过 {HEARING} 天没有开庭（{OURS}）",
        _unheard, "{n} 件诉讼未开庭", "{n} 件诉讼受理 {d}未开庭", "{n} 件诉讼未开庭，最长 {d}",
    ),
    Rule(
        "申请将到期", _N, "/disclosure", f"公开申请 {SOON} 天内到期，没有答复（《政府信息公开条例》第三十三条）",
        _to_answer, "{n} 件公开申请将到期",
        "{n} 件申请剩 {d}", "{n} 件申请最近剩 {d}",
    ),
    Rule(
        "处罚将满期", _N, "/enforcement", f"处罚 {SOON} 天内到决定期限（《行政处罚法》第六十条）",
        _to_decide, "{n} 件处罚将到期", "{n} 件处罚剩 {d}到期", "{n} 件处罚将到期，最近剩 {d}",
    ),
    Rule(
        "证件将到期", _N, "/enforcement", f"在岗人员的执法证 {SOON} 天内到期（《行政处罚法》第四十二条）",
        _expiring, "{n} 个执法证将到期", "{n} 个执法证剩 {d}", "{n} 个执法证将到期，最近剩 {d}",
    ),
    Rule(
        "举措将到期", _N, "/goals", f"举措 {SOON} 天内到期，没有完成（举措自定的期限）",
        _to_finish, "{n} 项举措将到期", "{n} 项举措剩 {d}", "{n} 项举措将到期，最近剩 {d}",
    ),
    Rule(
        "勾稽关系", _S, "/trust", "勾稽关系不成立", _identities, "{n} 处勾稽不符", open=False,
    ),
    Rule(
        "数据错误", _S, "/trust", "数据文件有错误的行、列或文件", _faults, "{group}", open=False,
    ),
    Rule(
        "未达标", _B, "", f"低于法定标准（{_standards()}），或未达到当年举措的目标值",
        _below, "{group}", open=False,
    ),
    Rule("公布数", _B, "", "公布的未开庭等应为 0 的数不是 0", _alarms, "{group}", open=False),
    Rule(
        "未达标举措", _B, "/goals", "按标准判断的举措，指标未达到目标值",
        _state(kinds.BELOW), "{n} 项指标未达标", open=False,
    ),
    Rule(
        "滞后举措", _B, "/goals", "举措进度低于时间进度",
        _state(kinds.BEHIND), "{n} 项举措滞后", open=False,
    ),
    Rule(
        "公布与台账", _B, "/trust", "公布数与台账不同，或超出余、以上、近、约所指的范围",
        _deviations, "{n} 个公布数与台账不一致", open=False,
    ),
    Rule(
        "台账更新", _B, "/trust", "当年的台账迟于规定的更新频次",
        _behind_time, "{n} 本台账更新已迟", open=False,
    ),
    Rule(
        "无举措的不足", _B, "/goals", "报告所列不足没有对应举措",
        _bare, "{n} 项不足没有对应举措", open=False,
    ),
    Rule(
        "无数据举措", Grade.PLAIN, "/goals", "举措没有任何进展记录",
        _state(kinds.NO_DATA), "{n} 项举措无进展数据", open=False,
    ),
)  # fmt: skip
"""THE table of rules."""

_FOUND = Memo[tuple[int, str], list[Matter]]()


def found(book: Book, measures: Sequence[Measure], path: str = "") -> list[Matter]:
    """Everything the rules find under a book's filters, of one screen or of all: by grade, those
    past their day for longest and those with the fewest days left first."""
    return _FOUND(book, (book.filters.goals, path), lambda: _sorted(book, measures, path))


def _sorted(book: Book, measures: Sequence[Measure], path: str) -> list[Matter]:
    rules = [r for r in RULES if not path or r.path in ("", path)]
    each = [replace(m, rule=rule) for rule in rules for m in rule.find(book, measures)]
    each = [m for m in each if not path or m.path == path]
    return sorted(each, key=_urgency)


def _urgency(m: Matter) -> tuple[int, bool, int]:
    days = m.days or 0
    return (m.grade, m.days is None, days if m.grade == Grade.SOON else -days)


def opened(matters: Iterable[Matter], *grades: Grade) -> list[Matter]:
    """The single open matters, of some grades or of all."""
    return [m for m in matters if m.rule.open and (not grades or m.grade in grades)]


def overdue(matters: Iterable[Matter]) -> list[Matter]:
    """The open matters past their day: the count beside the screen's name in the menu."""
    return opened(matters, Grade.OVERDUE)


def pressing(matter: Matter) -> bool:
    """Whether it is for a leader: a single matter, of those to come the ones within five working days;
    of figures and data what cannot be right."""
    if not matter.rule.open:
        return matter.grade <= Grade.SKIPPED
    return matter.grade != Grade.SOON or (matter.unit or (SOON_WORKING + 1,))[0] <= SOON_WORKING


@dataclass(frozen=True)
class Clause:
    """What a title can say: a sentence with its grade, and the department that all of it is of,
    where it is of one."""

    text: str
    grade: Grade
    rule: str = ""
    owner: str = ""


def clauses(matters: Sequence[Matter]) -> list[Clause]:
    """A sentence a rule, the gravest first; within a grade the one with most days, then with most
    matters."""
    return [_clause(found) for found in by_rule(matters)]


def by_rule(matters: Sequence[Matter]) -> list[list[Matter]]:
    """The matters of each rule (and group), the gravest first; within a grade those with most days
    (or fewest left), then most of them."""
    by: dict[tuple[str, str], list[Matter]] = {}
    for m in matters:
        by.setdefault((m.rule.name, m.group), []).append(m)
    return sorted(by.values(), key=lambda found: (*_urgency(found[0]), -len(found)))


def _clause(found: Sequence[Matter]) -> Clause:
    owners = {m.owner for m in found}
    owner = owners.pop() if len(owners) == 1 else ""
    rule = found[0].rule
    return Clause(rule.said(found), rule.grade, rule.name, "" if owner == OWNERLESS else owner)


@dataclass(frozen=True)
class Owed:
    """What a department owes: its overdue matters and the most days of one."""

    owner: str
    matters: tuple[Matter, ...]

    @property
    def days(self) -> int:
        return max(m.days or 0 for m in self.matters)


def by_owner(matters: Sequence[Matter]) -> list[Owed]:
    """The departments with their matters, those with the longest first."""
    by: dict[str, list[Matter]] = {}
    for m in matters:
        by.setdefault(m.owner or OWNERLESS, []).append(m)
    found = [Owed(owner, tuple(own)) for owner, own in by.items()]
    return sorted(found, key=lambda o: (-o.days, -len(o.matters), o.owner))
