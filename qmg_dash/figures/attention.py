"""需关注: what a leader should look at, found by rules that the screen prints. A row a rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import Literal

from qmg_dash import fmt, tables
from qmg_dash.figures import freshness, reconcile, verdict
from qmg_dash.figures.book import Book
from qmg_dash.figures.progress import TONES, Measure, unanswered
from qmg_dash.kpis import KPIS
from qmg_dash.kpis import goals as kinds
from qmg_dash.kpis.disclosure import LATE, REPLY
from qmg_dash.model import Figure

Tone = Literal["bad", "warn", "muted"]
MUST = tuple(row for row in KPIS if row.must is not None)
"""What the law asks a share of."""
DUE_SOON = timedelta(days=30)


@dataclass(frozen=True)
class Item:
    """One thing to look at: a word, a tone, the sentence, where it comes from, its screen, how a
    title says it in short, the KPI whose rows show it, where one does; `place` is a file or an id,
    for the desk alone."""

    word: str
    tone: Tone
    text: str
    detail: str
    path: str
    short: str
    code: str = ""
    place: str = ""


@dataclass(frozen=True)
class Rule:
    """A rule: how the screen prints it, and what it finds."""

    name: str
    text: str
    find: Callable[[Book, list[Measure]], Iterator[Item]]


def _where(figure: Figure) -> str:
    source = next(iter(figure.sources), None)
    if source is None:
        return ""
    if source.locator:
        return f"报告 {source.locator}"
    return f"台账 {tables.called(source.file)}"


def _count(code: str, word: str, short: str, dimension: str = "") -> Callable:
    """A rule that fires where a count wears its alarm; `short` follows its number and unit. One
    that has a target is judged by it (`_below`)."""

    def find(book: Book, _: list[Measure]) -> Iterator[Item]:
        figure = book.fig(code, dimension)
        found = verdict.of(book, figure)
        if found and found.tone and not found.word:
            said = f"{fmt.spaced(figure)}{short}"
            text, where = f"{figure.label} {fmt.spaced(figure)}", _where(book.fig(code))
            of = "" if dimension else code
            yield Item(word, found.tone, text, where, figure.kpi.screen, said, of)

    return find


def _below(book: Book, _: list[Measure]) -> Iterator[Item]:
    """Figures that fall short of what the law asks, the furthest first; then of their targets."""
    lawful = [row.code for row in MUST]
    figures = sorted(map(book.fig, lawful), key=lambda f: f.value or 0)
    figures += [book.fig(code) for code in verdict.aimed(book) if code not in lawful]
    for figure in figures:
        found = verdict.of(book, figure)
        if found and found.below and not _told(book, figure):
            told = (found.text, fmt.based(figure), _where(figure))
            detail, screen = " · ".join(t for t in told if t), figure.kpi.screen
            said, short = (f"{figure.label} {f(figure)}" for f in (fmt.text, fmt.with_base))
            yield Item(found.word, "warn", said, detail, screen, short, figure.code)


def _told(book: Book, figure: Figure) -> bool:
    """Whether another rate says it already: in time were as many of the same applications
    answered as were answered at all."""
    told = figure.kpi.told_by
    return bool(told and fmt.base(figure)) and fmt.base(book.fig(told)) == fmt.base(figure)


def _deviations(book: Book, _: list[Measure]) -> Iterator[Item]:
    """Published figures that the ledger contradicts (reconcile); cells of the statutory form
    stand in their table."""
    found = reconcile.indicators(book.snapshot, book.filters.year)
    for pair in (p for p in found if p.broken):
        said = f"{pair.figure.label}：公布 {pair.published_text}"
        where = f"报告 {pair.row.locator}" if pair.row.locator else f"公布数第 {pair.row.row} 行"
        detail = f"台账 {pair.counted_text} · {pair.reason or where}"
        yield Item("不一致", "warn", said, detail, pair.figure.kpi.screen, "公布数与台账不一致")


def _late(book: Book, _: list[Measure]) -> Iterator[Item]:
    """Ledgers that are late for figures of this year."""
    kept = freshness.ledgers(book.snapshot).values()
    behind = [f for f in kept if not f.reaches(book.period.end)]
    for found in sorted(behind, key=lambda f: -f.late):
        table = tables.table(found.table)
        said = f"{len(behind)} 本台账更新已迟"
        detail, file = f"最新一条 {found.newest}", book.snapshot.tables[found.table].file
        text = f"{table.label}台账{found.text}"
        yield Item("迟报", "warn", text, detail, "/trust", said, place=file)


def _shortcomings(book: Book, _: list[Measure]) -> Iterator[Item]:
    rows = unanswered(book.snapshot, book.filters.goals - 1)
    for row in rows:
        where = f"报告 {row['locator']}" if row["locator"] else f"不足表第 {row['_row']} 行"
        said = f"{len(rows)} 项不足没有对应举措"
        yield Item("不足", "warn", row["text"], f"没有对应举措 · {where}", "/goals", said)


def _state(state: str, word: str) -> Callable:
    def find(_: Book, measures: list[Measure]) -> Iterator[Item]:
        hit = [m for m in measures if m.state == state]
        if hit:
            year = hit[0].goal["year"]
            first = hit[0].goal["measure"]
            more = f"{first} 等" if len(hit) > 1 else first
            said = f"{len(hit)} 项举措{state}"
            tone = TONES.get(state, "muted")
            yield Item(word, tone, f"{year} 年举措 {len(hit)} 项{state}", more, "/goals", said)

    return find


def _due(book: Book, measures: list[Measure]) -> Iterator[Item]:
    today = book.clock
    closed = (kinds.DONE, kinds.CANCELLED, kinds.OVERDUE)
    near = [m for m in measures if m.due and today <= m.due <= today + DUE_SOON]
    near = [m for m in near if m.state not in closed]
    for m in near:
        left = f"期限 {m.due}，还有 {(m.due - today).days} 天" if m.due else ""
        said = f"{len(near)} 项举措将到期"
        yield Item("将到期", "warn", m.goal["measure"], left, "/goals", said)


def _identities(book: Book, _: list[Measure]) -> Iterator[Item]:
    for identity, breach in book.breaches:
        tone: Tone = "bad" if identity.severity == "error" else "warn"
        detail = f"应为 {fmt.full(breach.expected)}，实为 {fmt.full(breach.actual)}"
        said = f"{len(book.breaches)} 处勾稽不符"
        yield Item("勾稽", tone, breach.where, detail, "/trust", said, place=identity.id)


def _faults(book: Book, _: list[Measure]) -> Iterator[Item]:
    errors = [f for f in book.snapshot.faults if f.severity == "error"]
    if errors:
        said = f"数据文件有 {len(errors)} 处错误"
        first, place = tables.called(errors[0].file), errors[0].place
        yield Item("数据", "bad", said, f"首先是{first}", "/trust", said, place=place)


def _standards() -> str:
    """What the law asks, by how much it asks."""
    by = groupby(sorted(MUST, key=lambda k: -(k.must or 0)), key=lambda k: k.must or 0)
    return "；".join(f"{'、'.join(k.name for k in rows)}应为 {fmt.full(n)}%" for n, rows in by)


RULES: tuple[Rule, ...] = (
    Rule(
        "逾期举措",
        "举措的完成期限已过，没有完成",
        _state(kinds.OVERDUE, "逾期"),
    ),
    Rule(
        "申请逾期",
        "公开申请过了答复期限没有答复",
        _count("applications.carried_out", "逾期", "申请逾期未答复", f"{REPLY.name}={LATE}"),
    ),
    Rule(
        "超九十日",
        "处罚案件超过期限（立案后 90 日，延期的到延期至的那一天）",
        _count("enforcement.over_90_days", "超期", "处罚案件超期"),
    ),
    Rule("勾稽关系", "勾稽关系不成立", _identities),
    Rule("未达标", f"低于法定标准（{_standards()}），或未达到当年举措的目标值", _below),
    Rule("数据错误", "数据文件有错误的行、列或文件", _faults),
    Rule(
        "未开庭",
        "当年受理的行政诉讼没有开庭，且有尚未审结的",
        _count("cases.unheard", "未开庭", "诉讼未开庭"),
    ),
    Rule(
        "未结案",
        "复议、诉讼案件尚未审结",
        _count("cases.pending", "未结", "案件未结"),
    ),
    Rule(
        "申请将到期",
        "公开申请 5 个工作日内到期",
        _count("applications.due_soon", "将到期", "申请将到期"),
    ),
    Rule(
        "证件将到期",
        "执法证 90 日内到期",
        _count("officers.expiring_90d", "将到期", "执法证将到期"),
    ),
    Rule("举措将到期", "举措 30 日内到期，没有完成", _due),
    Rule("公布与台账", "公布数与台账不同，或超出余、以上、近、约所指的范围", _deviations),
    Rule("台账更新", "当年的台账迟于规定的更新频次", _late),
    Rule("未达标举措", "按标准判断的举措，指标未达到目标值", _state(kinds.BELOW, kinds.BELOW)),
    Rule("滞后举措", "举措进度低于时间进度", _state(kinds.BEHIND, "滞后")),
    Rule("无举措的不足", "报告所列不足没有对应举措", _shortcomings),
    Rule("无数据举措", "举措没有任何进展记录", _state(kinds.NO_DATA, "无数据")),
)


def items(book: Book, measures: list[Measure]) -> list[Item]:
    """Everything the rules find, most pressing first (the order of RULES)."""
    return [item for rule in RULES for item in rule.find(book, measures)]
