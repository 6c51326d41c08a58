"""执法活动: what was done and how well, how long it took, who may enforce, the mechanisms."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate

import simple_html as h

from qmg_dash import fmt
from qmg_dash.figures import findings
from qmg_dash.figures.book import Book, ranked
from qmg_dash.figures.cases import (
    LIMIT,
    PUBLISHING,
    Certificate,
    Days,
    days,
    expiring,
    open_penalties,
    slow,
)
from qmg_dash.figures.findings import ENFORCING
from qmg_dash.figures.forms import ENFORCEMENT
from qmg_dash.figures.months import Cross, cross
from qmg_dash.figures.moved import Moved, clauses, moved, way
from qmg_dash.figures.why_changed import Contribution
from qmg_dash.kpis import Kpi, kpi
from qmg_dash.kpis.base import UNFILLED, UNREGISTERED, Part, registered
from qmg_dash.kpis.enforcement import COMPLIANCE, DEPARTMENT, TYPE
from qmg_dash.model import Figure
from qmg_dash.tables import table
from qmg_dash.ui import blocks, charts, markup, sparks
from qmg_dash.ui.charts import changes, deadlines, two_years
from qmg_dash.ui.desk import forms
from qmg_dash.ui.desk.page import MAIN, Drawing, Slide, show
from qmg_dash.ui.link.filters import Filter
from qmg_dash.ui.link.scope import Scope

TITLE = "执法活动"
RANK = 4
FILTERS = (
    Filter("enforcement.actions", "action_type"),
    Filter("enforcement.actions", "area"),
    Filter("enforcement.actions", "department"),
    Filter("enforcement.penalties", "penalty_class", field=False),
)
PEOPLE = (
    "training.cert_trained",
    "training.cert_obtained",
    "training.exam_pass_rate",
    "officers.certified",
)
DONE = (
    "enforcement.actions",
    "enforcement.penalties",
    "enforcement.fines",
    "enforcement.inspections",
    "enforcement.median_days",
    "enforcement.over_90_days",
    "officers.certified",
    "officers.expiring_90d",
)
SHARES = (
    "enforcement.double_random_share",
    "enforcement.joint_share",
    "enforcement.flexible_share",
    "officers.certified_rate",
)
SPLITS = {
    "penalties": (("enforcement.penalties", "penalty_class"),),
    "fines": (("enforcement.fines", "penalty_class"),),
    "actions": (("enforcement.actions", "area"), ("enforcement.actions", "department")),
}
MECHANISMS = 20
TYPES = 5
COLUMNS = 5
LEAST = 6
"""Rows that the heatmap is high at least."""
CARDS = 3
"""Parts that have a card beside the whole's."""
MOVED = {True: 4, False: 6}
COUNTED = ("enforcement.penalties", "enforcement.inspections")
"""What is followed by department."""
FIGURES = 5
"""Figures from which on a report alone fills a slide of its own."""


def counted(scope: Scope) -> bool:
    """Whether the ledger speaks of the year's actions."""
    return scope.book.covers(kpi("enforcement.actions"))


def slides(scope: Scope) -> list[Slide]:
    if not counted(scope):
        said = [*PEOPLE, *(c for c in DONE if scope.book.fig(c).known)]
        found = scope.titled(findings.enforcement(scope.book))
        # People stand with 学法, powers on 总览: without what was done there is nothing more to say.
        done = any(scope.book.fig(code).known for code in DONE)
        full = done and len(numbers(scope.book)) + len(held(scope.book)) >= FIGURES
        return [
            Slide(MAIN, found, draw_report, deck=True if full else None),
            *blocks.more_numbers(scope, said),
            *blocks.more_mechanisms(scope, scope.practices(), MECHANISMS),
            *forms.slides(scope, ENFORCEMENT),
        ]
    drawn = blocks.of_several(scope, SPLITS)
    return [
        Slide(MAIN, main_finding(scope), draw_activity),
        Slide("days", days_finding(scope), draw_days),
        *number_slides(scope),
        *blocks.split_slides(scope, drawn),
        *blocks.more_numbers(scope, (*DONE, *SHARES, *PEOPLE), drawn),
        *blocks.more_mechanisms(scope, scope.practices(), 0),
        *forms.slides(scope, ENFORCEMENT),
    ]


def main_finding(scope: Scope) -> findings.Finding:
    rules = ("决定未公示", "未经法制审核", "未达标")
    all_ = clauses([moved(scope.against, "enforcement.actions", DEPARTMENT.name)], short(scope))
    return scope.titled(findings.enforcement(scope.book), *rules, more=all_)


def short(scope: Scope) -> dict[str, str]:
    """The names that titles have for departments."""
    return scope.snapshot.town.short


# ---- what was done ----------------------------------------------------------------------------
def draw_activity(s: Drawing) -> None:
    """On a wall four panels; at the desk the volumes over them, and what moved."""
    if s.look.present:
        left, right = s.columns(*((1.22, 1) if s.look.wide else (1, 1.1)))
        with left:
            trend(s)
            areas(s)
        with right:
            rates(s)
            late(s)
        return
    s.html(h.div({"class": "row four"}, cards(s)))
    pairs = [[rates], [areas]]
    if by_department(s.scope)[:1]:
        pairs[0].append(penalties_moved)
    if blocks.tardy(s.book, PUBLISHING, DEPARTMENT, TYPE)[1]:
        pairs[1].append(late)
    for pair in pairs:
        for place, draw in zip(s.columns(*[1] * len(pair)), pair, strict=True):
            with place:
                draw(s)
    trend(s)


def rates(s: Drawing) -> None:
    with s.panel():
        blocks.gap_panel(s, COMPLIANCE, "规范执法：离 100% 差多少")


def late(s: Drawing) -> None:
    blocks.tardy_panel(s, PUBLISHING, DEPARTMENT, TYPE)


def cards(s: Drawing) -> list[h.Node]:
    """The whole, and its largest parts by the first split that has several."""
    code = "enforcement.actions"
    for declared in kpi(code).dimensions:
        split = (
            s.book.figure(kpi(code), Part(declared, v))
            for v in s.book.counted(kpi(code), declared.name)
        )
        named = [f for f in ranked(split) if f.value and f.part and not f.part.unfilled]
        if len(named) > 1:
            parts = [sparks.volume(s, code, part=f.part) for f in named[:CARDS]]
            break
    else:
        parts = []
    every = [sparks.volume(s, code), *parts]
    return [h.div({"class": "panel col"}, card) for card in every]


def trend(s: Drawing) -> None:
    """Actions by month against those of the year before; beside them what they were."""
    row = kpi("enforcement.actions")
    whole = s.book.fig(row.code)
    key = f"{row.unit}；柱＝本年，线＝{s.scope.then_word}{blocks.changed(s, whole, '；')}"
    with s.panel():
        s.html(markup.head(f"每月{row.name}", key, whole))
        if s.look.present and not s.look.wide:
            months(s, row)
            return
        left, right = s.columns(1.65, 1)
        with left:
            months(s, row)
        with right:
            s.html(h.div({"class": "grow"}, types(s, row)), fill=True)


def months(s: Drawing, row: Kpi) -> None:
    def make() -> charts.Chart:
        now, then = (blocks.months(b, row.code).get("", []) for b in (s.book, s.scope.last_year))
        return charts.against_last_year(
            now, then, row.unit, s.look, f"每月{row.name}", s.scope.then_word
        )

    s.chart("trend", s.kept("trend", make), 6, f"每月{row.name}", click="month", fill=True)


def types(s: Drawing, row: Kpi) -> h.Node:
    """The kinds with the most cases, what they were the year before, and the rest together."""
    found = moved(s.scope.against, row.code, TYPE.name)
    if found is None:
        by = s.book.parts(row, TYPE.name).items()
        parts = [Contribution(kind, None, tally.value, 0) for (kind,), tally in by if tally.counts]
    else:
        parts = list(found.parts)
    parts.sort(key=lambda p: -(p.now or 0))
    most = TYPES if len(parts) > TYPES + 1 else len(parts)
    lines = [(p.value, p.now, p.difference) for p in parts[:most]]
    if rest := parts[most:]:
        sums = (sum(p.now or 0 for p in rest), sum(p.difference for p in rest))
        lines.append((f"其余 {len(rest)} 类", *sums))
    cells = [(n, h.b(fmt.amount(v or 0)), *([way(d)] if found else [])) for n, v, d in lines]
    header = ["类型", "本年", *([s.scope.against.word] if found else [])]
    return markup.table(header, cells, "lrr", caption="行为类型")


def areas(s: Drawing) -> None:
    """Area by kind: how often, with — where no such action was ever recorded."""
    row = kpi("enforcement.actions")
    table = cross(s.book, row.code, "area", "action_type")
    found = [c for c in table.columns if any(_has(table, r, c) for r in table.rows)]
    kinds, names = with_areas(table, found, COLUMNS if s.look.present else len(found))
    label = row.dimension("area").label
    rest = _left_out(table, [c for c in found if c not in kinds], row.unit)
    wall = s.look.present
    sub = f"{row.unit}；— 为无此类{rest if wall else ''}{blocks.beside_words(s.scope, row, '小字')}"
    drawn = s.kept("areas", lambda: _areas(s, table, kinds, names, label))
    title = f"{label}与行为类型"
    with s.panel():
        s.html(markup.head(f"{label} × 行为类型", sub, s.book.fig(row.code)))
        rows = max(
            len(names) + 1, LEAST
        )  # as high for one area as for five: a filter moves nothing
        s.chart("areas", drawn, rows, title, click="area&action_type", fill=True)
        if not wall:
            s.html(h.small(rest.removeprefix("；") or "\xa0"))


def with_areas(table: Cross, found: list[str], most: int) -> tuple[list[str], list[str]]:
    """(kinds, areas) that a heatmap draws of the kinds `found`: those that have an area, the
    largest where they are more than `most`, and the rows that have one of them; where no kind has
    any, the largest."""
    named = [c for c in found if any(_has(table, r, c) for r in table.rows if r != UNFILLED)]
    kinds = sorted(named or found, key=lambda c: -_sum(table, c))[: most if named else COLUMNS]
    return kinds, [r for r in table.rows if any(_has(table, r, c) for c in kinds)]


def _has(table: Cross, row: str, column: str) -> bool:
    return table.cells[row, column] is not None


def _sum(table: Cross, column: str) -> float:
    return sum(table.cells[r, column] or 0 for r in table.rows)


def _left_out(table: Cross, rest: list[str], unit: str) -> str:
    """What the kinds count that the heatmap leaves out: its cells and they are all."""
    bare = not any(_has(table, r, c) for c in rest for r in table.rows if r != UNFILLED)
    count = fmt.amount(sum(_sum(table, c) for c in rest))
    said = f"；其余 {len(rest)} 类 {count} {unit}{'不分领域' if bare else ''}"
    return said if rest else ""


def _areas(
    s: Drawing, table: Cross, kinds: list[str], names: list[str], label: str
) -> charts.Chart:
    cells = [[table.cells[r, c] for c in kinds] for r in names]
    drawn = charts.heat(names, kinds, cells, s.look, f"{label}与行为类型", label)
    rows = tuple((registered(r), *table.row(r)) for r in table.rows)
    header = (label, *(registered(c) for c in table.columns))
    if year := s.scope.beside_year:
        then = cross(s.scope.before, "enforcement.actions", "area", "action_type").cells.get
        cells = [[then((r, c)) for c in kinds] for r in names]
        drawn = two_years.on_cells(drawn, cells, year, s.look)
        all_ = [[then((r, c)) for c in table.columns] for r in table.rows]
        header, rows = two_years.rows_beside(header, rows, all_, year)
    return replace(drawn, header=header, rows=rows)


# ---- how long it took, what moved ---------------------------------------------------------------
def by_department(scope: Scope) -> list[Moved]:
    """What moved of penalties and inspections by department."""
    found = [moved(scope.against, code, DEPARTMENT.name) for code in COUNTED]
    return [m for m in found if m and m.parts]


def days_finding(scope: Scope) -> findings.Finding:
    """Penalties past their limit, and which department moved; those that fall due where neither is
    there."""
    more = clauses(by_department(scope), short(scope))
    rules = ["处罚超期"] if more and scope.clauses("处罚超期") else ["处罚超期", "处罚将满期"]
    return scope.titled(findings.days(scope.book, days(scope.book)), *rules, more=more)


def draw_days(s: Drawing) -> None:
    """Open penalties against their limit and how long the others took; what moved by department."""
    groups = by_department(s.scope)
    wall = s.look.present
    if not wall:
        with_certificates(s, groups[1:])
        return
    if not groups:
        limits(s)
        how_long(s)
        return
    left, right = s.columns(1.3, 1)
    with left:
        limits(s)
        how_long(s)
    with right:
        moved_panel(s, groups)


def with_certificates(s: Drawing, groups: Sequence[Moved]) -> None:
    """The same at the desk, where penalties have moved above, and the certificates that expire."""
    first = [limits] if open_penalties(s.book) else []
    if groups:
        first.append(lambda at: moved_panel(at, groups))
    for row in filter(None, (first, [how_long], [expire])):
        for place, draw in zip(s.columns(*[1] * len(row)), row, strict=True):
            with place:
                draw(s)


def limits(s: Drawing) -> None:
    """The undecided penalties against the limit; no panel where there is none."""
    found, row = open_penalties(s.book), kpi("enforcement.over_90_days")
    if not found:
        return
    with s.panel():
        sub = f"{deadlines.first(found)}{deadlines.KEY}{s.aside(row.code)}"
        s.html(
            markup.head(f"在办处罚 {len(found)} 件，离 {LIMIT} 日期限", sub, s.book.fig(row.code))
        )
        blocks.pictured(s, deadlines.penalties(found, LIMIT, s.look.present), "在办处罚")


def penalties_moved(s: Drawing) -> None:
    moved_panel(s, by_department(s.scope)[:1])


def moved_panel(s: Drawing, groups: Sequence[Moved]) -> None:
    """What moved by department, a group a count; that which the title names in the accent."""
    if not groups:
        return
    named = next((m for m in by_department(s.scope) if m.asks), None)
    most = MOVED[s.look.present]
    alone = groups[0].row if len(groups) == 1 else None
    word = fmt.SAME if s.scope.against.short == "上年同期" else ""
    title = f"{alone.short}，各部门{word}增减" if alone else "各部门增减"
    with s.panel():
        against = f"与{s.scope.against.short}比{s.aside(COUNTED[0])}"
        sub = changes.total(groups[0]) + ("" if word else f"；{against}") if alone else against
        s.html(markup.head(title, sub, s.book.fig(groups[0].row.code)))
        for m in groups:
            if not alone:
                s.html(h.div({"class": "group"}, h.b(m.row.name), h.span(changes.total(m))))
            told = named is not None and named.apart and m.row is named.row
            part = m.parts[0].value if told else ""
            s.html(changes.changes(m, part, most, _values(s, m)), fill=True)
            rest = changes.rest(m, most)
            if rest or not s.look.present:  # its line stays, so that a filter moves nothing
                s.html(h.small(rest or "\xa0"))
        if not s.look.present:
            data = changes.all_parts(groups, s.scope.against.short)
            s.html(markup.data_view(s.drawn(title, data.header, data.rows)))


def _values(s: Drawing, m: Moved):
    """How the two values of a department are written: at the desk they open this year's rows."""

    def link(text: str, p: Contribution) -> h.Node:
        return blocks.opened(s, text, s.book.figure(m.row, Part(DEPARTMENT, p.value)))

    return link


def how_long(s: Drawing) -> None:
    """How long the decided penalties took, this year and the year before."""
    found = days(s.book)
    with s.panel():
        if found.decided:
            taken(s, found)
            return
        why, do = "所选范围没有作出决定的行政处罚", "放宽筛选或月份后显示"
        if found.undated:
            header = table("enforcement_actions").column("opened_on").header
            why, do = f"{found.undated} 件行政处罚没有{header}", f"登记{header}后显示"
        s.html(markup.head("已决处罚，办了多久"))
        s.html(markup.empty(why, do, fill=True), fill=True)


def taken(s: Drawing, found: Days) -> None:
    """The penalties by the days that they took, the median, whose the slow ones are."""
    row, unit = kpi("enforcement.median_days"), kpi("enforcement.penalties").unit
    before = days(s.scope.before) if s.scope.before.fig(row.code).known else None
    told = f"{s.scope.against.short} {before.decided} {unit}" if before else ""
    if found.undated:
        told += f"{'；' if told else ''}{found.undated} {unit}没有立案日期，未计入"
    told += s.aside("enforcement.penalties")
    name = f"已决处罚 {found.decided} {unit}，办了多久"
    s.html(markup.head(name, told, s.book.fig(row.code)))
    header = [*(_bin(a, b) for a, b, _ in found.bins), "中位数"]
    lines = [(h.b("本年"), *_bins(found, s.book))]
    if before:
        lines.append((s.scope.against.short, *_bins(before, s.scope.before)))
    body = markup.table(["", *header], lines, "l" + "r" * len(header), (), "tall", "办理天数")
    slow_ = h.p({"class": "muted"}, beyond(s.book, found)) if found.beyond else ""
    s.html([body, slow_])


def _bin(first: int, last: int | None) -> str:
    if last is None:
        return f"超 {LIMIT} 日"
    return f"{first}–{last} 日" if first else f"{last} 日内"


def _bins(found: Days, book: Book) -> list[h.Node]:
    """The counts of the bins, those beyond the limit in the tone of what was late, and the median."""
    *within, beyond = (n for _, _, n in found.bins)
    slow_ = h.b({"class": "warn"}, f"{beyond}") if beyond else f"{beyond}"
    return [*map(str, within), slow_, fmt.spaced(book.fig("enforcement.median_days"))]


NAMED, WORDS = 3, 42
"""Departments that a sentence names, and the full characters that it has for them."""


def beyond(book: Book, found: Days) -> str:
    """Whose the penalties are that took longer than the limit; of extended ones that count which
    were late by their own."""
    if found.beyond != found.late:
        own = f"按延期后的期限，超期 {found.late} 件" if found.late else "均在延期后的期限内"
        return f"{found.beyond} 件超 {LIMIT} 日才决定，{own}"
    whose = sorted(slow(book).items(), key=lambda item: (item[0] == UNFILLED, -item[1]))
    if len(whose) == 1 and whose[0][0] != UNFILLED:
        return f"超 {LIMIT} 日才决定的 {found.beyond} 件，都由{whose[0][0]}承办"
    said = [f"{registered(of)} {n} 件" for of, n in whose[:NAMED]]
    fit = max(1, sum(total <= WORDS for total in accumulate(map(findings.width, said))))
    more = "等" if len(whose) > fit else ""
    return f"超 {LIMIT} 日才决定的 {found.beyond} 件：{'、'.join(said[:fit])}{more}"


def expire(s: Drawing) -> None:
    s.html(h.div({"class": "panel col"}, certificates(s)), classes="even")


def certificates(s: Drawing) -> h.Node:
    """The certificates that expire soon, at the desk; no name stands in the ledger."""
    row = kpi("officers.expiring_90d")
    if not s.book.speaks(row):
        why = f"{row.name}只看数据截至日（{s.book.clock}）所在的年度"
        file = "ledgers/officers.csv（执法人员台账）"
        do = f"选 {s.book.clock.year} 年度，或提供 {file}后显示"
        return [markup.head(row.name), markup.empty(why, do)]
    found = expiring(s.book)
    sub = f"{len(found)} {row.unit}，自 {s.book.clock} 起{s.aside(row.code)}"
    head = markup.head(row.name, sub, s.book.fig(row.code))
    if not found:
        return [head, markup.empty("90 日内没有到期的证件", "有到期的，这里逐个列出")]
    rows = [(c.number, c.department, c.expires, c.left) for c in found]
    cells = [
        (
            c.number or UNREGISTERED,
            c.department or UNREGISTERED,
            f"{c.expires}",
            h.b(f"{c.left} 天"),
        )
        for c in found
    ]
    return [head, blocks.listed(s, row.name, Certificate.HEADERS, rows, cells, "nlnr")]


# ---- numbers ------------------------------------------------------------------------------------
def number_slides(scope: Scope) -> list[Slide]:
    """What was done and how; a projector takes eight figures at a time."""
    done = Slide("done", findings.pair(scope.book, DONE, TITLE), draw_done)
    how = Slide("how", findings.pair(scope.book, SHARES, TITLE), draw_how)
    return [done, how] if any(scope.book.fig(c).known for c in SHARES) else [done]


def draw_done(s: Drawing) -> None:
    known = [c for c in map(s.card, DONE) if c.figure.known]
    head = markup.head("执法数量与人员", s.against)
    if s.look.present:
        blocks.numbers_beside(s, head, known, "enforcement.penalties")
        return
    s.html(h.div({"class": "panel col fill"}, head, markup.large(known)), fill=True)


def draw_how(s: Drawing) -> None:
    shares = [s.card(c) for c in SHARES]
    body = markup.large([c for c in shares if c.figure.known])
    s.html(
        h.div({"class": "panel col fill"}, markup.head("方式与持证", s.against), body), fill=True
    )


# ---- without a ledger ---------------------------------------------------------------------------
def draw_report(s: Drawing) -> None:
    s.html(h.div({"class": "panel"}, blocks.wall(s, numbers(s.book) or PEOPLE)))
    left, right = s.columns(1, 1.7)
    with left, s.panel():
        powers(s)
    with right:
        practices = s.scope.practices()[:MECHANISMS]
        body = blocks.mechanisms(s.scope, practices, "m2")
        s.html(h.div({"class": "panel col fill"}, body), fill=True)


def numbers(book: Book) -> list[str]:
    """The key figures that a report gives."""
    return [c for c in (*DONE[:4], *PEOPLE) if book.fig(c).known][:4]


def held(book: Book) -> list[Figure]:
    """The enforcing powers that are listed."""
    return [f for f in book.split("power.items") if f.said in ENFORCING and f.known]


def powers(s: Drawing) -> None:
    """The enforcing powers held, and which file would show how they are used."""
    split = held(s.book)
    row = kpi("power.items")
    if split:
        s.html(markup.head("执法类权力事项", f"单位：{row.unit}", split[0]))
        drawn = s.kept(
            "powers",
            lambda: charts.bars(
                split, None, [f.part for f in split if f.said == ENFORCING[0]], s.look, 0.37
            ),
        )
        s.chart("powers", drawn, len(split), "执法权力")
    s.html(
        markup.empty(
            "尚无按月、按领域的执法行为和规范率",
            "提供 ledgers/enforcement_actions.csv（执法行为台账）后显示",
            wall="报送执法行为台账后显示",
        )
    )


if __name__ == "__main__":
    show(slides, __file__, FILTERS)
