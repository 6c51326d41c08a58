"""信息公开: what was published and answered; the statutory tables with what is known."""

from dataclasses import replace

import simple_html as h

from qmg_dash import fmt
from qmg_dash.figures import findings
from qmg_dash.figures import forms as layouts
from qmg_dash.figures.book import Book
from qmg_dash.figures.cases import OPEN, OVERDUE, became, open_applications
from qmg_dash.figures.identities import Result, standing
from qmg_dash.kpis import Kpi, kpi
from qmg_dash.kpis.disclosure import (
    ANSWERS,
    LATE,
    REPLY,
    T2_2019,
    T3_HEADINGS,
    T3_ROWS,
    T4_BLOCKS,
    TOTAL,
)
from qmg_dash.model import Figure
from qmg_dash.tables import APPLICANTS
from qmg_dash.ui import blocks, charts, markup, reported
from qmg_dash.ui.charts import deadlines
from qmg_dash.ui.charts.strip import Share, strip
from qmg_dash.ui.desk import forms
from qmg_dash.ui.desk.page import MAIN, Drawing, Slide, show
from qmg_dash.ui.link.filters import Filter
from qmg_dash.ui.link.scope import Scope

TITLE = "信息公开"
RANK = 6
CODES = (
    "disclosure.published",
    "applications.handled",
    "applications.reply_rate",
    "applications.on_time_rate",
)
ASKED = (
    "applications.received",
    "applications.carried_in",
    "applications.handled",
    "applications.carried_out",
    "applications.due_soon",
    "applications.reply_rate",
    "applications.on_time_rate",
    "disclosure.on_time_rate",
)
BOTH = reported.Pair(
    "公开和复议诉讼",
    (*CODES, "cases.litigations", "cases.unheard", "cases.reconsiderations"),
    {"/disclosure": TITLE, "/disputes": "纠纷复议"},
)
EXTENDED = ("applications.received", "term=已延期")
LATE_ONES = ("applications.carried_out", f"{REPLY.name}={LATE}")
FIRST_RULES = ("申请逾期", "申请将到期")
FIGURES = 5
"""Figures from which on a report alone fills a slide of its own."""
SPLITS = {
    "published": (("disclosure.published", "category"), ("disclosure.published", "channel")),
    "answered": (("applications.handled", "outcome"),),
    "applicants": (("applications.received", "applicant_type"),),
}
FILTERS = (
    Filter("disclosure.published", "category"),
    Filter("disclosure.published", "channel"),
    Filter("disclosure.published", "department"),
    Filter("applications.handled", "outcome", field=False),
    Filter("applications.received", "applicant_type", field=False),
)
COLUMNS = (*APPLICANTS, TOTAL)
MECHANISMS = 12
TABLE_3 = ("T3-1", "T3-2", "T3-3", "X-1")
NUMBERED = {"granted": "（一）", "partial": "（二）"}


def slides(scope: Scope) -> list[Slide]:
    counted, asked = (scope.book.covers(kpi(c)) for c in ("disclosure.published", ASKED[0]))
    drawn = blocks.of_several(scope, SPLITS)
    if not counted and not asked:
        both = not full(scope) and BOTH.stands(scope)
        main = BOTH.draw if both and scope.look.present else draw
        practices = scope.practices()
        first = BOTH.shown(scope, practices, MECHANISMS) if both else MECHANISMS
        return [
            Slide(MAIN, main_finding(scope), main, deck=True if both or full(scope) else None),
            *blocks.split_slides(scope, drawn),
            *blocks.more_numbers(scope, CODES, drawn),
            *form_slides(scope),
            *blocks.more_mechanisms(scope, practices, first),
        ]
    found = [Slide(MAIN, main_finding(scope), draw_activity), *month_slides(scope, counted)]
    late = scope.book.fig(*LATE_ONES)
    if asked:
        found.append(Slide("applications", findings.applications(scope.book, late), draw_asked))
    return [
        *found,
        *blocks.split_slides(scope, drawn),
        *blocks.more_numbers(scope, (*CODES, *ASKED), drawn),
        *form_slides(scope),
        *blocks.more_mechanisms(scope, scope.practices(), 0),
    ]


def main_finding(scope: Scope) -> findings.Finding:
    """Applications past their day or near it; else whatever the screen's rules find."""
    rules = FIRST_RULES if scope.clauses(*FIRST_RULES) else ()
    return scope.titled(findings.disclosure(scope.book), *rules)


def full(scope: Scope) -> bool:
    """Whether a report alone gives as many figures as a slide of its own has."""
    cells = (f for _, rows in form_cells(scope) for _, f in rows)
    known = [*map(scope.book.fig, CODES), *cells]
    return sum(f.known for f in known) >= FIGURES


def form_slides(scope: Scope) -> list[Slide]:
    """The statutory form: whole at the desk, what of it is legible on a wall."""
    if scope.look.present:
        return on_the_wall(scope)
    return forms.slides(scope, layouts.disclosure(scope.snapshot, scope.year))


def on_the_wall(scope: Scope) -> list[Slide]:
    """What of the statutory form a meeting shows: table 3 in short, the old table 2."""
    found = []
    if table_3_known(scope):
        found.append(Slide("table-3", table_finding(scope), draw_table_3))
    if _old_form(scope):
        kept = f"2019 年格式表二 {len(_old_form(scope))} 个数，按公布保留"
        found.append(Slide("table-2", findings.Finding(((kept, ""),)), draw_old_form))
    return found


def draw_activity(s: Drawing) -> None:
    """Applications without a reply first; what was published against last year, and what became of
    the applications that came."""
    counted, asked = (s.book.covers(kpi(c)) for c in ("disclosure.published", ASKED[0]))
    waiting = open_applications(s.book)
    if waiting:
        draw_waiting(s, waiting)
    else:
        s.html(h.div({"class": "panel"}, blocks.wall(s, CODES)))
    left, right = s.columns(1.75 if counted and asked else 1, 1)
    with left:
        if counted:
            draw_published(s)
        else:
            s.html(h.div({"class": "panel col fill"}, tables(s.scope, 2)), fill=True)
    with right:
        if asked:
            draw_became(s)
        else:
            s.html(h.div({"class": "panel col fill"}, tables(s.scope, 2)), fill=True)
    if counted and not s.look.present:
        draw_months(s)


def draw_waiting(s: Drawing, found: list[deadlines.Application]) -> None:
    """Applications without a reply against their limit; who applied is not told."""
    code, name = "applications.carried_out", "未答复的公开申请"
    rule = "期限 20 个工作日，可延 20 个"
    key = f"{rule}；{deadlines.first(found)}{deadlines.KEY}{s.aside(code)}"
    with s.panel():
        s.html(markup.head(f"{name} {len(found)} 件", key, s.book.fig(code)))
        drawn = deadlines.applications(found, s.book.clock, s.look.present)
        blocks.pictured(s, drawn, "未答复的申请")


def draw_published(s: Drawing) -> None:
    """What was published so far against last year."""
    row = kpi("disclosure.published")
    whole, on_time = s.book.fig(row.code), s.book.fig("disclosure.on_time_rate")
    said = [t for t in (blocks.changed(s, whole),) if t]
    if on_time.known:
        said.append(f"形成后 20 个工作日内公开 {fmt.text(on_time)}")
    with s.panel():
        s.html(markup.head(f"主动公开累计 {fmt.spaced(whole)}", "；".join(said), whole))
        drawn = s.kept("cumulative", lambda: _cumulative(s, row))
        s.chart("cumulative", drawn, 7, f"{row.name}累计", fill=True)


WEARS = {ANSWERS["granted"]: "accent", ANSWERS["partial"]: "tint", OPEN: "open", OVERDUE: "over"}


PALE = 4
"""Kinds of answers beside the two that grant something which are told one by one."""


def _few(parts: list[Share]) -> list[Share]:
    """The parts as a legend has room for them: of many pale ones the largest, the rest together."""
    pale = [p for p in parts if p.wears == "pale"]
    if len(pale) <= PALE:
        return parts
    kept = sorted(pale, key=lambda p: -p.count)[: PALE - 1]
    rest = [p for p in pale if p not in kept]
    other = Share(f"其余 {len(rest)} 种", sum(p.count for p in rest), "pale")
    at = max(parts.index(p) for p in pale)
    return [p for p in [*parts[: at + 1], other, *parts[at + 1 :]] if p not in rest]


def draw_became(s: Drawing) -> None:
    """What became of the applications that came in the period."""
    came, on_time = s.book.fig(ASKED[0]), s.book.fig("applications.on_time_rate")
    beside = s.scope.beside(came)
    parts = _few([Share(word, n, WEARS.get(word, "pale")) for word, n in became(s.book)])
    said = f"{s.scope.against.short} {fmt.spaced(beside.before)}" if beside.before else ""
    name = f"新收 {sum(p.count for p in parts)} {came.kpi.unit}的去向"
    with s.panel():
        s.html(markup.head(name, said + s.aside(came.code), came))
        if not parts:
            s.html(markup.empty("所选范围没有收到申请", "放宽筛选或月份后显示"))
            return
        blocks.pictured(s, strip(parts, name, came.kpi.unit, "去向"), "新收申请的去向")
        if on_time.known:
            text = f"{fmt.based(on_time)}（{fmt.text(on_time)}）"
            s.html(h.p({"class": "muted"}, s.toned(on_time, text)))


def _cumulative(s: Drawing, row: Kpi) -> charts.Chart:
    now, then = (blocks.months(b, row.code)[""] for b in (s.book, s.scope.last_year))
    years = (s.scope.year, s.scope.then_year)
    return charts.cumulative(now, then, years, row.unit, s.look, row.name)


def month_slides(scope: Scope, counted: bool) -> list[Slide]:
    """What was published month by month: a slide in a meeting, below the sum at the desk."""
    if not counted or not scope.look.present:
        return []
    code = "disclosure.published"
    counts = blocks.months(scope.book, code)[""]
    return [Slide("months", findings.busiest(scope.book, code, counts), draw_months)]


def draw_months(s: Drawing) -> None:
    blocks.months_panel(s, kpi("disclosure.published"))


# ---- applications -------------------------------------------------------------------------------
def draw_asked(s: Drawing) -> None:
    """Applications in numbers: received, answered, extended, open, overdue, due soon. A wall has
    those that its first slide does not, and the months."""
    cards = [s.card(c) for c in (ASKED[:5] if s.look.present else ASKED)]
    cards[3:3] = [_part(s, *EXTENDED)]
    cards[5:5] = [_part(s, *LATE_ONES)]
    known = [c for c in cards if c.figure.known]
    rule = "答复期限：收到后 20 个工作日，延期再加 20 个；征求第三方意见的时间不计"
    if s.look.present:
        blocks.numbers_beside(s, markup.head("依申请公开"), known, ASKED[0])
        return
    layout = "w5" if len(known) > 8 else "w4" if len(known) > 6 else "w3"
    head = markup.head("依申请公开", rule)
    s.html(h.div({"class": "panel col fill"}, head, markup.wall(known, layout)), fill=True)


def _part(s: Drawing, code: str, dimension: str) -> markup.Card:
    """A part of a figure, called by its value."""
    card = s.card(code, kpi(code).short, dimension)
    return replace(card, label=findings.book_value(card.figure))


def table_finding(scope: Scope) -> findings.Finding:
    """Whether the form's identities hold."""
    bad = [b for r in _table_3(scope.book) for b in r.broken]
    if bad:
        return findings.Finding(((f"表三有 {len(bad)} 处勾稽不符", "bad"),))
    total = scope.book.fig("disclosure.t3.total", TOTAL)
    if total.known:
        return findings.Finding(
            ((f"{findings.span(scope.book)}办结申请 ", ""), (fmt.spaced(total), "accent"))
        )
    return findings.Finding((("申请办理情况表（表三）", ""),))


def _table_3(book: Book) -> list[Result]:
    """How the identities of the table stand."""
    return [r for r in book.identities if r.identity.id in TABLE_3]


def table_3_known(scope: Scope) -> bool:
    book = scope.book
    return any(book.fig(f"disclosure.t3.{row}", c).known for row in T3_ROWS for c in COLUMNS)


def draw(s: Drawing) -> None:
    top = h.div({"class": "panel"}, blocks.wall(s, CODES))
    practices = s.scope.practices()[:MECHANISMS]
    below = h.div(
        {"class": "two", "style": "--cols:1.15fr 1fr"},
        h.div({"class": "panel col"}, tables(s.scope)),
        h.div({"class": "panel col"}, blocks.mechanisms(s.scope, practices, "m2")),
    )
    s.html(
        h.div({"class": "stack fill", "style": "--rows:auto minmax(0,1fr)"}, top, below), fill=True
    )


def cell(figure: Figure) -> h.Node:
    """A cell of a statutory table: what is not known is —, never 0."""
    return fmt.value_text(figure) if figure.known else h.span({"class": "gap"}, fmt.NONE)


def form_cells(scope: Scope) -> list[tuple[str, list[tuple[str, Figure]]]]:
    """(table of the form, its summary cells with their labels)."""
    fig = scope.book.fig
    second = [
        (f"行政规范性文件·{d}", fig("disclosure.t2.normative", d))
        for d in ("制发", "废止", "现行有效")
    ]
    second += [
        (label, fig(f"disclosure.t2.{code}"))
        for code, label in (
            ("permits", "行政许可"),
            ("penalties", "行政处罚"),
            ("coercion", "行政强制"),
            ("fees", "行政事业性收费（万元）"),
        )
    ]
    third = [
        (label, fig(f"disclosure.t3.{row}", TOTAL))
        for row, label in (
            ("new", "本年新收"),
            ("carried_in", "上年结转"),
            ("total", "办理结果总计"),
            ("carried_out", "结转下年度"),
        )
    ]
    fourth = []
    for block, (label, _) in T4_BLOCKS.items():
        code = f"disclosure.t4.{block}"
        fourth.append((label, fig(code, TOTAL)))
        split = [f for f in scope.book.split(code) if f.known and f.said != TOTAL]
        fourth += [(f"{label}·{findings.book_value(f)}", f) for f in split]
    return [
        ("表二　主动公开情况", second),
        ("表三　申请办理情况", third),
        ("表四　复议诉讼情况", fourth),
    ]


def tables(scope: Scope, most: int = 3) -> h.Node:
    """The statutory tables in short: what is known, and what is not; the first `most` of them."""
    groups = form_cells(scope)[:most]
    cells = [f for _, rows in groups for _, f in rows]
    known = sum(f.known for f in cells)
    form = scope.book.fig("disclosure.form")
    title = f"法定年报表格（{int(form.value)} 年格式）" if form.value else "法定年报表格"
    head = markup.head(title, f"摘要 {len(cells)} 格，{known} 格有数据")
    if not known:
        rows = [
            (name, "、".join(label for label, _ in of), h.b({"class": "least"}, fmt.NO_DATA))
            for name, of in groups
        ]
        grid = markup.table(["表", "摘要项目", "数据"], rows, "nln", caption="年报表格摘要")
        need = markup.empty(
            "法定表格没有公布数，也没有台账；空白不是 0",
            "在 reported.csv 填 disclosure.t2、t3、t4 各格，或提供 ledgers/applications.csv",
            wall="公布年报表格，或报送依申请公开台账",
        )
        return [head, h.div({"class": "grow"}, grid), need]
    rows = [
        (h.b(name) if n == 0 else "", label, cell(f))
        for name, of in groups
        for n, (label, f) in enumerate(of)
    ]
    grid = markup.table(["表", "项目", "总计"], rows, "nlr", (), "tight", "年报表格摘要")
    return [head, h.div({"class": "grow"}, grid)]


def draw_table_3(s: Drawing) -> None:
    """Table 3 in the form's order, and the identities under it."""
    book = s.book
    rows, classes = [], []
    old = "other" in book.cells.leaves
    for row, label in T3_ROWS.items():
        if row.startswith("other") and (row == "other") != old:
            continue
        heading = T3_HEADINGS.get(row, "")
        name = f"{heading}·{label}" if heading and row != "other" else (heading or label)
        name = NUMBERED.get(row, "") + name
        rows.append((name, *(cell(book.fig(f"disclosure.t3.{row}", c)) for c in COLUMNS)))
        classes.append("sum" if row in ("total",) else "")
    grid = markup.table(
        ["办理情况", *COLUMNS], rows, "l" + "r" * 7, classes, "tight mini", "申请办理情况表"
    )
    found = _table_3(book)
    bad = [b for r in found for b in r.broken]
    checks = "；".join(
        f"{b.where}，应为 {fmt.full(b.expected)}，实为 {fmt.full(b.actual)}" for b in bad
    )
    note = markup.banner(checks, error=True) if bad else ""
    sub = f"单位：件；勾稽 {standing(found)}"
    head = markup.head("申请办理情况（表三）", sub, _any_cell(book))
    s.html(h.div({"class": "panel col fill scroll"}, head, grid, note), fill=True)


def _any_cell(book: Book) -> Figure:
    cells = (book.fig(f"disclosure.t3.{r}", c) for r in T3_ROWS for c in COLUMNS)
    return next(f for f in cells if f.known)


def _old_form(scope: Scope) -> list[tuple[str, str]]:
    return [k for k in scope.book.published_codes() if k[0].startswith(T2_2019)]


def draw_old_form(s: Drawing) -> None:
    """The 2019 form's own table 2, kept as published and not computed."""
    rows = [
        (code.removeprefix(T2_2019), dim, cell(s.book.fig(code, dim)))
        for code, dim in _old_form(s.scope)
    ]
    head = markup.head("2019 年格式表二", "按公布保留，不并入 2021 年格式")
    grid = markup.table(["项目", "维度", "数值"], rows, "llr")
    s.html(h.div({"class": "panel col fill"}, head, grid), fill=True)


if __name__ == "__main__":
    show(slides, __file__, FILTERS)
