"""The sentence over a screen, made from its figures: what a reader should take away.

A finding is at most 28 characters wide where the data allow it, so that it stays on one line at
1024x768. Its coloured words name the marks that wear their colour: the title is the legend.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice

from qmg_dash import fmt
from qmg_dash.figures import reconcile, verdict
from qmg_dash.figures.arithmetic import share, sum_of
from qmg_dash.figures.book import TOLD, Book, leaders, unfilled
from qmg_dash.figures.cases import LIMIT, Days, Power
from qmg_dash.figures.coverage import newest_day
from qmg_dash.figures.identities import standing
from qmg_dash.figures.matters import Clause, Grade, Matter, overdue
from qmg_dash.figures.progress import Measure, counts
from qmg_dash.figures.since import Told
from qmg_dash.folder.snapshot import Snapshot
from qmg_dash.kpis import KPIS, Kpi, kpi
from qmg_dash.kpis import goals as kinds
from qmg_dash.kpis.enforcement import COMPLIANCE
from qmg_dash.model import EXACT, Figure

ACCENT, WARN, BAD = "accent", "warn", "bad"
LONGEST = 34
"""Full characters that a title has room for in its smaller type."""
ENFORCING = ("行政处罚", "行政强制", "行政检查")


def width(text: str) -> float:
    """Width in full characters: a Latin letter or digit takes about half of one, a space less."""
    return sum(
        0.3 if c == " " else 1 if unicodedata.east_asian_width(c) in "WF" else 0.58 for c in text
    )


@dataclass(frozen=True)
class Finding:
    """The words of a title with their tones ("" is plain), and how much it asks for; `empty` where it
    says that the year has no figure at all."""

    parts: tuple[tuple[str, str], ...]
    grade: Grade = Grade.PLAIN
    empty: bool = False

    @property
    def text(self) -> str:
        return "".join(t for t, _ in self.parts)

    @property
    def width(self) -> float:
        """Width in full characters."""
        return width(self.text)


def _finding(*parts: str | tuple[str, str], grade: Grade = Grade.PLAIN) -> Finding:
    return Finding(tuple(p if isinstance(p, tuple) else (p, "") for p in parts if p), grade)


FITS = 28
"""Full characters of a title that stays on one line at 1024x768."""


def titled(clauses: Sequence[Clause], plain: Finding, short: Mapping[str, str]) -> Finding:
    """The title of a slide by severity: its gravest clause with whose it is, and the gravest of a
    later class behind it, as far as they fit; the `plain` finding where nothing asks for anything.
    `short` are the names that titles have for departments."""
    asking = sorted((c for c in clauses if c.grade < Grade.PLAIN), key=lambda c: c.grade)
    if not asking:
        return plain
    first = asking[0]
    more = next((c for c in asking if c.grade > first.grade), None)
    own = f"{short.get(first.owner, first.owner)} {first.text}" if first.owner else first.text
    tries = [(t, m) for m in ((more, None) if more else (None,)) for t in (own, first.text)]
    found = [_two(text, first.grade, second) for text, second in tries]
    return next((f for f in found if f.width <= FITS), found[-1])


def _two(text: str, grade: Grade, second: Clause | None) -> Finding:
    said = (text, grade.tone or ACCENT)
    behind = ("；", (second.text, second.grade.tone or ACCENT)) if second else ()
    return _finding(said, *behind, grade=grade)


def told(book: Book, figure: Figure, plain: str = "") -> tuple[str, str]:
    """A figure as a title writes it, a rate with its base, in the tone of its verdict."""
    return fmt.with_base(figure), verdict.tone(book, figure, plain)


def span(book: Book) -> str:
    """The part of the year that the figures speak of: 全年, or the months gone by or chosen."""
    first = book.period.start.month
    day = newest_day(book.snapshot)
    last = min(book.period.end, day).month if day >= book.period.start else 12
    return "全年" if (first, last) == (1, 12) else f"{first}–{last} 月"


def nothing(book: Book, what: str) -> Finding:
    """No figure at all for the year, or for what the filters leave of it."""
    if _narrowed(book):
        return _finding(f"所选范围没有{what}数据")
    return replace(_finding(f"{book.filters.year} 年尚无{what}数据"), empty=True)


def _narrowed(book: Book) -> bool:
    f = book.filters
    return bool(f.values or f.month_from or f.month_to)


def leading(book: Book) -> tuple[list[Figure], Figure]:
    """The one or two largest categories of the power list that make up its greater part, and
    the whole; an empty list where the split is not known, or where the next one is as large."""
    split = book.split("power.items")
    first, whole = leaders(split), book.whole("power.items")
    if not first or not whole.value:
        return [], whole
    half = share(first[0], whole)
    if len(first) == 1 and not (half and half.value >= 50):
        first += leaders([f for f in split if f not in first])
    return first if len(first) <= 2 else [], whole


def composition(book: Book) -> str:
    """What of the power list its one or two largest categories are, as a second clause says it."""
    top, whole = leading(book)
    if not top:
        return ""
    names = "前两类" if len(top) > 1 else book_value(top[0])
    of = fmt.share(share(sum_of(top[0], top), whole))
    return f"{fmt.spaced(whole)}权力{names}占 {of}"


def power(book: Book, chosen: Sequence[str] = ()) -> Finding:
    """Which categories make up most of the list, or what share the chosen ones have."""
    top, whole = leading(book)
    if not whole.known:
        return nothing(book, "权力清单")
    if chosen and top:
        top = [f for f in book.split("power.items") if f.said in chosen and f.known]
    if not top:
        return _finding("权力清单共 ", told(book, whole, ACCENT))
    names = "和".join(book_value(f) for f in top)
    summed = sum_of(top[0], top)
    of = fmt.share(share(summed, whole))
    joint = "共 " if len(top) > 1 else " "
    return _finding((names, ACCENT), f"{joint}{fmt.spaced(summed)}，占 {fmt.spaced(whole)}的 {of}")


def book_value(figure: Figure) -> str:
    """The value of a split that a figure stands for."""
    return figure.said or figure.label


def enforcement(book: Book) -> Finding:
    """The weakest compliance rate where there is one; else what was done or prepared."""
    rates = sorted(
        (f for f in map(book.fig, COMPLIANCE) if f.value is not None),
        key=lambda f: f.value or 0,
    )
    actions, trained = (
        book.fig("enforcement.actions"),
        book.fig("training.cert_obtained"),
    )
    if rates and actions.known:
        known_ = "" if len(rates) == len(COMPLIANCE) else f"已知的 {len(rates)} 项"
        whole = all(f.value == 100 and f.qualifier == EXACT for f in rates)
        text, tone = told(book, rates[0])
        said = f"规范执法{known_ or '各项'}均为 100%" if whole else f"{rates[0].label} {text}"
        return _finding(
            (said, ACCENT if whole else tone), f"；{span(book)}执法行为 ", told(book, actions)
        )
    known = [f for f in (actions, book.fig("enforcement.penalties")) if f.known]
    if known:
        return _join(book, known)
    held = powers_held(book)
    if trained.known:
        more = f"；执法类权力 {fmt.spaced(held)}" if held.known else ""
        return _finding(told(book, trained, ACCENT), f"新取得执法证{more}")
    if held.known:
        return _finding("处罚、强制、检查权力共 ", (fmt.spaced(held), ACCENT))
    return pair(book, ("officers.certified", "training.cert_trained"), "执法活动")


def days(book: Book, found: Days) -> Finding:
    """How many penalties took longer than the law allows, and how many still wait so long."""
    waiting = (f"，另有 {fmt.amount(found.waiting)} 件超期未决", WARN) if found.waiting else ""
    if not found.decided:
        if found.undated:
            said = f"{found.undated} 件处罚没有登记立案日期，办理天数未知"
            return _finding(said, waiting)
        return _finding(f"{span(book)}作出行政处罚 0 件", waiting)
    decided = f"{_recorded(book, 'enforcement.penalties')} {fmt.amount(found.decided)} 件处罚"
    limit = f" {LIMIT} 日" if found.beyond == found.late else "期限"
    if not found.late:
        return _finding(decided, (f"均在{limit}内决定", ACCENT), waiting)
    late = (f"{fmt.amount(found.late)} 件超过{limit}", WARN)
    return _finding(f"{decided}中 ", late, "才决定", waiting)


def period(book: Book, since: date | None = None) -> str:
    """The part of the year that is asked for, in a word: 本年, 2022 年, 3–6 月; or a day since when."""
    if since:
        return f"自 {since} 起"
    if book.filters.month_from or book.filters.month_to:
        return span(book)
    return "本年" if book.filters.year == book.clock.year else f"{book.filters.year} 年"


def unused(book: Book, items: Sequence[Power], since: date | None = None) -> Finding:
    """How many powers nobody used, and which department has the most of them: no name where others
    have as many."""
    when = period(book, since)
    if not items:
        return _finding(f"有编码的权力{when}", ("均已行使", ACCENT))
    count = (f"{len(items)} 项权力{when}未行使", ACCENT)
    (name, most), *rest = Counter(p.department for p in items).most_common()
    led = name and rest and rest[0][1] < most
    return _finding(count, f"，{name}最多，{most} 项" if led else "", grade=Grade.DECIDE)


def idle(book: Book, items: int) -> Finding:
    """How many powers nobody used, as what follows names them."""
    return _finding(f"{span(book)}未行使的权力 ", (f"{items} 项", ACCENT))


def busiest(book: Book, code: str, counts: Sequence[float | None]) -> Finding:
    """The month with the most, or the months, of twelve counts."""
    row = kpi(code)
    most = max((v for v in counts if v is not None), default=0)
    if not most:
        return _finding(f"{span(book)}{row.name} 0 {row.unit}")
    alike = [f"{m}月" for m, v in enumerate(counts, 1) if v == most]
    each = "各 " if len(alike) > 1 else ""
    number = f"{each}{fmt.amount(most)} {row.unit}"
    if len(alike) > TOLD:
        return _finding(f"{row.name}最多的有 {len(alike)} 个月，", (number, ACCENT))
    return _finding(f"{row.name}以", ("、".join(alike), ACCENT), f"最多，{number}")


def applications(book: Book, overdue: Figure) -> Finding:
    """How many applications came, how many are open, and how many of those are overdue."""
    came, open_ = book.fig("applications.received"), book.fig("applications.carried_out")
    if not came.known or not overdue.known or not open_.known:
        return pair(book, (came.code, "applications.handled"), "申请")
    plain = "" if overdue.value else ACCENT
    found = (f"{span(book)}新收申请 ", told(book, came, plain), "；未答复 ", told(book, open_))
    if not open_.value:
        return _finding(*found)
    said, tone = told(book, overdue)
    return _finding(
        *found,
        *(("，其中", (f"逾期 {said}", tone)) if overdue.value else ("，没有逾期的",)),
    )


def settling(book: Book, came: float) -> Finding:
    """How many disputes came, how many of them are settled, and how many are open: those that were
    closed in the period are others, from former years too."""
    solved, open_ = book.fig("disputes.resolved_rate_all"), book.fig("disputes.pending")
    parts: list[str | tuple[str, str]] = [
        f"{_recorded(book, 'disputes.registered')}登记纠纷 ",
        (f"{fmt.amount(came)} {kpi('disputes.registered').unit}", ACCENT),
    ]
    if open_.known:
        parts += ["，在调 ", told(book, open_)]
    if solved.known:
        parts += ["，化解率 ", told(book, solved)]
    return _finding(*parts)


def _recorded(book: Book, code: str) -> str:
    """Whose figure it is where a published one leads the year and the ledger's is meant."""
    return "台账 " if book.fig(code).basis == "reported" else f"{span(book)}"


def powers_held(book: Book) -> Figure:
    """The enforcement part of the power list: penalties, coercion, inspections; no data where
    one of the three is not listed."""
    listed = book.split("power.items")
    row = kpi("power.items")
    held = [p for v in ENFORCING if (p := row.part(v))]
    found = [f for f in listed if f.part in held]
    blank = book.blank(row, *held)
    return sum_of(blank, found) if len(found) == len(held) else blank


def disclosure(book: Book) -> Finding:
    """How much was disclosed, and whether applications were answered in time."""
    published = book.fig("disclosure.published")
    on_time = book.fig("applications.on_time_rate")
    parts: list[str | tuple[str, str]] = []
    if published.known:
        parts += [f"{span(book)}主动公开 ", told(book, published, ACCENT)]
    if on_time.value is not None:
        tone = verdict.tone(book, on_time)
        said = (
            f"（{fmt.text(on_time)}）" if fmt.base(on_time) else f"申请按期答复 {fmt.text(on_time)}"
        )
        parts += ["；" if parts else "", (fmt.based(on_time) + said, tone)]
    elif book.fig("applications.received").known:
        parts += [
            "；" if parts else "",
            f"新收申请 {fmt.spaced(book.fig('applications.received'))}",
        ]
    return (
        _finding(*parts)
        if parts
        else pair(book, ("applications.handled", "disclosure.t3.total"), "信息公开")
    )


def goals(measures: Sequence[Measure], year: int) -> Finding:
    """How many measures are done, where none is late; that nothing is known of any."""
    if not measures:
        return _finding(f"尚无 {year} 年目标举措")
    by = counts(list(measures))
    total, none = f"{len(measures)} 项举措", by.get(kinds.NO_DATA, 0)
    if none == len(measures):
        return _finding(f"{year} 年 {total}", ("均无进展数据", WARN), grade=Grade.BELOW)
    behind = f"，{none} 项无数据" if none else ""
    return _finding(f"{total}完成 {by.get(kinds.DONE, 0)} 项{behind}")


def unassigned(measures: Sequence[Measure], shortcomings: Sequence[dict]) -> Finding:
    """That no measure has an owner or a day, and how many answer a shortcoming of the report."""
    answering = sum(any(r in m.answers for r in shortcomings) for m in measures)
    behind = f"，{answering} 项对应不足" if answering else ""
    every = "均" if len(measures) > 1 else ""
    said = (f"{len(measures)} 项举措{every}未定责任单位和期限", WARN)
    return _finding(said, behind, grade=Grade.BELOW)


def decisions(book: Book) -> Finding:
    """Topics and how many passed, beside the contracts reviewed."""
    topics, passed = book.fig("decisions.topics"), book.fig("decisions.passed")
    contracts = book.fig("review.contracts")
    parts: list[str | tuple[str, str]] = []
    exact = topics.qualifier == passed.qualifier == EXACT
    if topics.known and passed.known and exact and topics.value == passed.value:
        parts.append(f"{fmt.spaced(topics)}议题全部通过")
    elif topics.known and passed.known:
        parts.append(f"{fmt.spaced(topics)}议题通过 {fmt.spaced(passed)}")
    if contracts.known:
        parts += ["；" if parts else "", "审核合同 ", told(book, contracts, ACCENT)]
    return (
        _finding(*parts)
        if parts
        else pair(
            book,
            ("decisions.topics", "review.adviser_contracts", "documents.in_force"),
            "决策审查",
        )
    )


def disputes(book: Book) -> Finding:
    """Open cases first, then how the others ended."""
    unheard, cases = book.fig("cases.unheard"), book.fig("cases.reconsiderations")
    parts: list[str | tuple[str, str]] = []
    said, tone = told(book, unheard)
    if tone:
        parts.append((f"{said}行政诉讼未开庭", tone))
    outcomes = [f for f in book.split("cases.reconsiderations") if f.value]
    exact = cases.qualifier == EXACT
    if cases.known and exact and len(outcomes) == 1 and outcomes[0].value == cases.value:
        parts += [
            "；" if parts else "",
            f"{fmt.spaced(cases)}复议结果{book_value(outcomes[0])}",
        ]
    elif cases.known:
        parts += ["；" if parts else "", f"行政复议 {fmt.spaced(cases)}"]
    solved = book.fig("disputes.resolved_rate_all")
    if solved.known and len(parts) < 3:
        text, tone = told(book, solved)
        parts += ["；" if parts else "", (f"纠纷化解率 {text}", tone)]
    return (
        _finding(*parts)
        if parts
        else pair(book, ("disputes.registered", "cases.litigations"), "纠纷复议")
    )


def learning(book: Book) -> Finding:
    """Study by the leaders, reach among the public."""
    codes = (
        "learning.study_sessions",
        "publicity.events",
        "publicity.reach",
        "learning.events",
    )
    return pair(book, codes, "学法普法")


def reached(book: Book, figure: Figure, measure: Measure | None, moved: str) -> Finding:
    """How many events for the public there were, of the target that a measure sets; and how their
    number `moved`, where it did."""
    parts: list[str | tuple[str, str]] = [f"{figure.kpi.short} {fmt.spaced(figure)}"]
    grade = Grade.MOVED if moved else Grade.PLAIN
    if measure is not None and measure.target and figure.value:
        late = measure.state in (kinds.BEHIND, kinds.OVERDUE)
        aim = f"目标 {fmt.amount(measure.target)} {figure.unit}"
        parts += ["，", (aim, WARN if late else "")]
        grade = Grade.BELOW if late else grade
    if moved:
        parts += ["；", (moved, ACCENT)]
    return _finding(*parts, grade=grade)


def services(book: Book) -> Finding:
    """Enterprises served, meetings with them, windows."""
    codes = ("services.enterprises", "services.meetings", "services.windows")
    return pair(book, codes, "营商服务")


def hotline(book: Book) -> Finding:
    """How many orders of the hotline came, and whether they were closed in time; else how many were."""
    came = book.fig("hotline.received")
    rates = (book.fig(f"hotline.{name}_rate") for name in ("on_time", "closed"))
    done = next((f for f in rates if f.known), None)
    plain = "" if done else ACCENT
    parts: list[str | tuple[str, str]] = [f"{span(book)}受理诉求 ", told(book, came, plain)]
    if done:
        parts += [f"；{done.kpi.short} ", told(book, done, ACCENT)]
    return _finding(*parts)


def since(word: str, changes: Told | None) -> Finding:
    """How many figures and goals are others since then."""
    if changes is None:
        return _finding("保留 0 个旧版本，暂无可比")
    moved, states = len(changes.figures), len(changes.goals)
    if not moved and not states:
        rows = sum(n for r in changes.rows for _, n in r.counts)
        return _finding(f"{word}数字没有变化", f"，数据行 {rows} 处变化" if rows else "")
    figures = (f"{moved} 个数字有变化", ACCENT) if moved else "数字没有变化"
    goals = (f"，{states} 项举措状态有变化", WARN) if states else ""
    return _finding(f"{word} ", figures, goals)


def duty(done: Sequence[str], overdue: int, skipped: int, plain: Finding) -> Finding:
    """Which duties are done, and what is left to see to; the `plain` finding where no ledger says
    anything of them."""
    owed = [f"{fmt.amount(overdue)} 件超期"] if overdue else []
    owed += [f"{skipped} 项决策缺审查"] if skipped else []
    head = f"{'、'.join(done)}已办" if done else ""
    if not owed:
        return _finding((head, ACCENT)) if head else plain
    grade = Grade.OVERDUE if overdue else Grade.SKIPPED
    said = (f"{'、'.join(owed)}待督办", BAD)
    return _finding(f"{head}；" if head else "", said, grade=grade)


def mechanisms(proven: int, total: int, none: Sequence[str]) -> Finding:
    """How many of the report's mechanisms have a figure, and which aspects have none."""
    first = (f"{proven} 条有数据", "" if none else ACCENT)
    said = f"{'、'.join(none)}{'均' if len(none) > 1 else ''}为 0"
    if len(none) > 1 and width(f"{total} 条机制 {first[0]}；{said}") > FITS:
        said = f"{none[0]}等 {len(none)} 个方面为 0"
    behind = ("；", (said, WARN)) if none else ()
    return _finding(f"{total} 条机制 ", first, *behind)


def overview(
    matters: Sequence[Matter],
    clauses: Sequence[Clause],
    figures: Sequence[Figure],
    year: int,
    short: Mapping[str, str],
    more: str = "",
) -> Finding:
    """What is overdue, the longest and whose it is; else the gravest of what the rules find, and
    `more` where there is room; where nothing is, the first figures."""
    known = [f for f in figures if f.known]
    plain = _join(None, known[:2]) if known else _finding(f"{year} 年尚无数据")
    if len(known) == 1:
        plain = replace(plain, parts=((f"{year} 年有 1 项数据：", ""), *plain.parts))
    late = overdue(matters)
    if not late:
        found = titled(clauses, plain, short)
        one = len(found.parts) == 1 and found is not plain and more
        longer = Finding((*found.parts, (f"；{more}", "")), found.grade) if one else found
        return longer if longer.width <= FITS else found
    longest = f"，最长 {late[0].days} 天" if len(late) > 1 else f" {late[0].days} 天"
    whose = f"（{short.get(late[0].owner, late[0].owner)}）" if late[0].owner else ""
    count = f"{len(late)} 件已超期未办"
    named = _finding((count, BAD), f"{longest}{whose}", grade=Grade.OVERDUE)
    short_ = _finding((count, BAD), longest, grade=Grade.OVERDUE)
    return named if named.width <= LONGEST else short_


def todo(
    matters: Sequence[Matter],
    clauses: Sequence[Clause],
    short: Mapping[str, str],
    unknown: str = "",
) -> Finding:
    """How many departments owe how much, and what most of it is; that it is `unknown` where there is
    no ledger to tell."""
    late = overdue(matters)
    owners = {m.owner for m in late}
    if len(late) < 2 or len(owners) < 2:
        return titled(clauses, _finding(unknown or "0 件需马上处理"), short)
    rules = Counter(m.rule.name for m in late)
    most = max(rules.values())
    said = next(c.text for c in clauses if rules.get(c.rule) == most)
    behind = f"，{said}" if most > 1 else f"，最长 {late[0].days} 天"
    owed = f"{len(owners)} 个部门欠办 {len(late)} 件"
    return _finding((owed, BAD), behind, grade=Grade.OVERDUE)


def trust(book: Book) -> Finding:
    """Whether the figures agree with one another and the files are whole."""
    errors = sum(f.severity == "error" for f in book.snapshot.faults)
    published = len(book.published_codes())
    parts: list[str | tuple[str, str]] = []
    if errors:
        parts.append((f"数据有 {errors} 处错误", BAD))
    if book.breaches:
        parts += ["，" if parts else "", (f"{len(book.breaches)} 处勾稽不符", BAD)]
    apart = sum(p.broken for p in reconcile.pairs(book.snapshot, book.filters.year))
    if apart and not errors:
        parts += ["，" if parts else "", (f"{apart} 个公布数与台账不一致", BAD)]
    if parts:
        return _finding(*parts)
    if not published:
        return _finding(f"{len(book.snapshot.tables)} 个数据文件无错误，本年度没有公布数")
    return _finding((f"{published} 个公布数", ACCENT), f"；勾稽 {standing(book.identities)}")


def agreement(snapshot: Snapshot, year: int) -> Finding:
    """Whether what was published is what the ledgers have."""
    found = reconcile.pairs(snapshot, year)
    apart = sum(p.broken for p in found)
    if apart:
        return _finding(f"{len(found)} 个公布数有台账，", (f"{apart} 个不一致", BAD))
    if left := sum(not p.compared for p in found):
        agree = (f"{len(found) - left} 个一致", ACCENT)
        return _finding(f"{len(found)} 个公布数有台账，", agree, f"，{left} 个单位不同未比")
    return _finding((f"{len(found)} 个公布数", ACCENT), "与台账全部一致")


def headline(book: Book, code: str) -> Figure:
    """A KPI's total, or its one known part where only that is published (26家规上企业)."""
    total = book.whole(code)
    if total.known or not kpi(code).dimensions:
        return total
    parts = [f for f in book.split(code) if f.known]
    return parts[0] if len(parts) == 1 else total


def only_part(book: Book, code: str) -> Figure | None:
    """The one part that is published beside a published total (复议 1 件，维持 1 件): too little
    for bars, it stands under the total."""
    if not kpi(code).dimensions or book.fig(code).basis != "reported":
        return None
    parts = [f for f in book.split(code) if f.basis == "reported"]
    return parts[0] if len(parts) == 1 else None


def pair(book: Book, codes: Sequence[str], what: str, screen: str = "") -> Finding:
    """The first two figures that are known; where none is, the first other one of the screen, which
    is theirs unless it is named."""
    known = [f for f in (headline(book, c) for c in codes) if f.known][:2]
    own, *more = {screen} if screen else {kpi(c).screen for c in codes}
    if not (known or more or _narrowed(book)):
        known = first(book, own)
    return _join(book, known) if known else nothing(book, what)


def first(book: Book, screen: str = "", most: int = 1) -> list[Figure]:
    """The first known figures of a screen, or of all: a title says that there are no data only
    where there are none."""
    rows = (k for k in KPIS if screen in ("", k.screen) and k.unit)
    return list(islice((f for f in (headline(book, k.code) for k in rows) if f.known), most))


def _join(book: Book | None, figures: Sequence[Figure]) -> Finding:
    """Figures side by side, as many as fit into a title."""
    found = _joined(book, figures)
    return found if found.width <= LONGEST else _joined(book, figures[:1])


def _joined(book: Book | None, figures: Sequence[Figure]) -> Finding:
    parts: list[str | tuple[str, str]] = []
    for i, f in enumerate(figures):
        name = f"{f.kpi.name}（{f.said}）" if f.parts else f"{f.kpi.name} "
        plain = "" if i else ACCENT
        said = told(book, f, plain) if book else (fmt.with_base(f), plain)
        parts += ["；" if i else "", name, said]
    return _finding(*parts)


def top(book: Book, code: str, name: str = "") -> Finding:
    """What of a split is the most, of a rate the least, and its share of the whole. What nobody has
    registered may be more than any that is named: then that is said."""
    row = kpi(code)
    declared = row.dimension(name) if name else next(iter(row.dimensions), None)
    word = declared.label if declared else ""
    split = [f for f in book.split(code, name) if f.known]
    first, whole = leaders(split, row.rate), book.whole(code)
    if not any(f.value for f in split) and not (row.rate and split):
        return nothing(book, row.name)
    if not first:
        return _no_leader(row, word, split, whole)
    names, each = "、".join(map(book_value, first)), "均为 " if row.rate else "各 "
    each = each if len(first) > 1 else ""
    if row.rate:
        lowest = fmt.text(first[0]) if each else fmt.with_base(first[0])
        tone = verdict.tone(book, first[0], ACCENT)
        return _finding(f"{row.name}以", (names, tone), f"最低，{each}", (lowest, tone))
    said = "" if each else _of(first[0], whole)
    return _finding(f"{row.name}以", (names, ACCENT), f"最多，{each}{fmt.spaced(first[0])}{said}")


def _no_leader(row: Kpi, word: str, split: Sequence[Figure], whole: Figure) -> Finding:
    """A split in which no value can be called the most: what is 未登记, or that values are alike."""
    bare = [f for f in split if unfilled(f)]
    if bare:
        said = fmt.with_base(bare[0]) + ("" if row.rate else _of(bare[0], whole))
        return _finding(f"{row.name}中{word}未登记的 ", (said, WARN))
    extreme = (min if row.rate else max)(f.value or 0 for f in split)
    alike = [f for f in split if f.value == extreme]
    kinds_, number = f"{len(split)} 类", fmt.spaced(alike[0])
    if len(alike) == len(split):
        each = "均为 " if row.rate else "各 "
        return _finding(f"{row.name}按{word} {kinds_}，", (f"{each}{number}", ACCENT))
    most = "最低" if row.rate else "最多"
    return _finding(
        f"{row.name}按{word} {kinds_}，", (f"{most}的 {len(alike)} 类各 {number}", ACCENT)
    )


def _of(part: Figure, whole: Figure) -> str:
    """The share of a whole, with the whole: ，占 159 件的 57%."""
    of = fmt.share(share(part, whole))
    return f"，占 {fmt.spaced(whole)}的 {of}" if of != fmt.NONE else ""
