"""目标进展: directions, measures, their baseline and state; the shortcomings they answer."""

from itertools import groupby
from math import ceil

import simple_html as h

from qmg_dash import fmt, tables
from qmg_dash.escaping import joined
from qmg_dash.figures import findings, progress, verdict
from qmg_dash.figures.book import shared
from qmg_dash.figures.findings import width
from qmg_dash.figures.progress import TONES, Measure, counts, overall_said, printed
from qmg_dash.kpis import goals as kinds
from qmg_dash.model import Filters
from qmg_dash.ui import markup
from qmg_dash.ui.desk.page import MAIN, Drawing, Slide, numbered, show
from qmg_dash.ui.link.filters import FACETS, picked
from qmg_dash.ui.link.scope import Scope

TITLE = "目标进展"
RANK = 2
PER_SLIDE, PER_SLIDE_FULL = 13, 10
"""Measures on a slide; fewer where owners and dates make a row two lines high."""
LINES = 19
"""Lines of text in the table on a slide."""
LINKED = tables.table("goals").column("link_basis")
FILTERS = FACETS
FIRST = (kinds.OVERDUE, kinds.BEHIND)
"""The late, which stand first at the desk; a meeting keeps the report's order."""


def slides(scope: Scope) -> list[Slide]:
    rows = shown(scope)
    found = findings.goals(rows, scope.goal_year)
    if not rows and scope.measures:
        found = findings.Finding(((f"{scope.goal_year} 年没有符合筛选的举措", ""),))
    full = any(m.goal["owner"] or m.due for m in scope.measures)
    if not scope.look.present:
        rows = sorted(rows, key=lambda m: FIRST.index(m.state) if m.state in FIRST else len(FIRST))
        out = [Slide(MAIN, found, _drawer(rows, full, last=True))]
    else:
        pages = _paged(rows, full)
        out = [
            Slide(numbered(MAIN, n), found, _drawer(page, full, last=page is pages[-1]))
            for n, page in enumerate(pages, 1)
        ]
    # With owners and dates the table needs the whole width; its companion follows.
    return [*out, Slide("shortcomings", _answered(scope), draw_shortcomings)] if full else out


def shown(scope: Scope, without: str = "") -> list[Measure]:
    """The measures that the filters leave, one of them taken off."""
    chosen = {name: values for name, values in scope.chosen if name != without}
    return picked(scope.measures, FACETS, chosen)


def _paged(rows: list[Measure], full: bool) -> list[list[Measure]]:
    """The measures by slide: as few slides as hold them in the narrowest meeting (4:3), and about
    as many on each, so that none stands almost empty."""
    most = PER_SLIDE_FULL if full else PER_SLIDE
    pages = _filled(rows, full, most)
    while most > 1 and len(fewer := _filled(rows, full, most - 1)) == len(pages):
        pages, most = fewer, most - 1
    return pages


def _filled(rows: list[Measure], full: bool, most: int) -> list[list[Measure]]:
    """The measures by slide, each filled as far as its rows and its height allow."""
    pages: list[list[Measure]] = [[]]
    for m in rows:
        longer = [*pages[-1], m]
        if pages[-1] and (len(longer) > most or _lines(longer, full) > LINES):
            pages.append([m])
        else:
            pages[-1] = longer
    return pages


def _lines(rows: list[Measure], full: bool) -> float:
    """The lines of text that the rows take, a direction's name spanning those of its measures."""
    measure, owner = (16, 9) if full else (15, 9)

    def row(m: Measure) -> float:
        words = ((m.goal["measure"], measure), (m.goal["owner"] or "", owner))
        return 0.2 + max(1, *(ceil(width(text) / most) for text, most in words))

    groups = groupby(rows, key=lambda m: m.goal["direction"])
    return sum(max(sum(map(row, g)), ceil(width(d) / 5)) for d, g in groups)


def _answered(scope: Scope) -> findings.Finding:
    rows = named(scope)
    if not rows:
        return findings.Finding(((f"尚无 {scope.goal_year - 1} 年报告所列不足", ""),))
    bare = [r for r in rows if not any(r in m.answers for m in scope.measures)]
    said = f"，{len(bare)} 项没有对应举措" if bare else "，都有对应举措"
    return findings.Finding(
        ((f"报告所列不足 {len(rows)} 项", ""), (said, "warn" if bare else "accent"))
    )


def _drawer(rows: list[Measure], full: bool, last: bool):
    def draw(s: Drawing) -> None:
        draw_table(s, rows, full)
        if rows and last:
            draw_log(s, rows)

    return draw


def draw_table(s: Drawing, rows: list[Measure], full: bool) -> None:
    """The measures, beside the shortcomings where there is room."""
    if rows:
        data = (
            markup.data_view(s.drawn("目标举措", HEADER, lines(rows))) if not s.look.present else ""
        )
        left = h.div({"class": "panel col scroll"}, head(s.scope), grid(s.scope, rows), data)
    elif s.scope.measures:
        nothing = markup.empty("没有符合筛选的举措", "清除一项筛选后，这里列出举措")
        left = h.div({"class": "panel col"}, head(s.scope), nothing)
    else:
        nothing = markup.empty(
            "尚无目标举措",
            "在 goals.csv 登记方向和举措后，这里显示进展",
            wall="登记方向和举措后，这里显示进展",
        )
        left = h.div({"class": "panel col"}, nothing)
    if full:
        s.html(h.div({"class": "two fill", "style": "--cols:minmax(0,1fr)"}, left), fill=True)
        return
    right = h.div({"class": "panel col"}, shortcomings(s.scope))
    s.html(h.div({"class": "two fill", "style": "--cols:2.6fr 1fr"}, left, right), fill=True)


HEADER = (
    *("方向", "举措", "责任单位", "完成期限", "指标", "指标数值", "目标值"),
    *("进度（%）", "状态", "文件", "行号"),
)


def lines(rows: list[Measure]) -> tuple[tuple[object, ...], ...]:
    """The measures as rows to take along, each with its place."""
    return tuple(
        (
            m.goal["direction"],
            m.goal["measure"],
            m.goal["owner"],
            m.due,
            m.figure.kpi.name if m.figure else None,
            fmt.text(m.figure) if m.figure else None,
            None if m.target is None else fmt.target(m.target, m.figure) if m.figure else m.target,
            None if m.progress is None else float(fmt.rounded(m.progress, 1)),
            m.state,
            m.goal["_file"],
            m.goal["_row"],
        )
        for m in rows
    )


def draw_log(s: Drawing, rows: list[Measure]) -> None:
    if not s.look.present:
        s.html(h.div({"class": "panel scroll"}, log(rows)))


def draw_shortcomings(s: Drawing) -> None:
    s.html(h.div({"class": "panel col fill"}, shortcomings(s.scope)), fill=True)


def named(scope: Scope) -> list[dict]:
    """The shortcomings of the report before the goal year."""
    rows = scope.snapshot.records("shortcomings")
    return [r for r in rows if r["year"] == scope.goal_year - 1]


def head(scope: Scope) -> h.Node:
    """Counts by state, the overall progress with the weight that has no data, the rules. At the
    desk a click on a state chooses it."""
    rows = shown(scope)
    states = [
        markup.state(k, f"{k} {v}") if scope.look.present else _choice(scope, k, v)
        for k, v in counts(shown(scope, without="state")).items()
    ]
    said = overall_said(rows)
    rules = markup.fold("状态规则", printed())
    tag = markup.provenance(progress.figure(scope.snapshot, rows, "goals.total", scope.goal_year))
    return [
        h.div(
            {"class": "seglab"},
            h.span(joined("　", states), " ", tag),
            h.span({"class": "muted"}, said),
        ),
        rules,
    ]


def _choice(scope: Scope, state: str, count: int) -> h.Node:
    return markup.choice("state", state, state in scope.picked("state"), f"{state} {count}")


def grid(scope: Scope, rows: list[Measure]) -> h.Node:
    """A row a measure: its direction at the first of each, baseline, progress or standard, state.
    A column that the report fills for no measure is left out, and said."""
    present = scope.look.present
    owned, dated = any(m.goal["owner"] for m in rows), any(m.due for m in rows)
    wraps = any(width(m.goal["measure"]) > 15 for m in rows)
    columns = [
        ("方向", "l", None),
        ("举措", "l" if wraps else "n", lambda m: _named(m, present)),
        *([("责任单位", "l", lambda m: m.goal["owner"] or fmt.NONE)] if owned else []),
        *([("期限", "n", lambda m: f"{m.due:%m-%d}" if m.due else fmt.NONE)] if dated else []),
        ("上年基数", "r", lambda m: baseline(m, present)),
        ("进度或标准", "l", lambda m: course(scope, m)),
        ("状态", "l", lambda m: markup.state(m.state)),
    ]
    cells, classes = [], []
    for direction, found in groupby(rows, key=lambda m: m.goal["direction"]):
        group = list(found)
        for n, m in enumerate(group):
            first = markup.Span(h.b(direction), len(group)) if n == 0 else None
            cells.append([first, *(cell(m) for _, _, cell in columns if cell)])
            tone = TONES.get(m.state)
            classes.append((f"{tone}row" if tone else "") + (" first" if n == 0 else ""))
    align = "".join(a for _, a, _ in columns)
    header = [name for name, _, _ in columns]
    table = markup.table(header, cells, align, classes, caption="目标举措")
    lacking = [w for w, there in (("责任单位", owned), ("完成期限", dated)) if not there]
    note = h.p({"class": "least"}, f"{'、'.join(lacking)}未登记") if lacking else ""
    return [h.div({"class": "grow"}, table), note]


def _named(m: Measure, present: bool) -> h.Node:
    """A measure and, at the desk, what its progress comes from."""
    moved = "" if present else moved_by(m)
    return [m.goal["measure"], h.small(moved) if moved else ""]


def moved_by(m: Measure) -> h.Node:
    """What moved a measure: its indicator against the target, else the newest entry."""
    if m.figure is not None and m.goal["target"] is not None:
        name = m.figure.kpi.name
        basis = f"（{m.goal['target_basis']}）" if m.goal["target_basis"] else ""
        if m.standard:  # both stand beside the line
            return f"{name}{basis}"
        now = markup.rows_link(fmt.with_base(m.figure), m.figure)
        return [f"{name} ", now, f"，目标 {fmt.target(m.target, m.figure)}{basis}"]
    if not m.updates:
        return ""
    last = m.updates[-1]
    said = f"{last['date']:%m-%d} {last['status']}"
    return f"{said}：{last['note']}" if last["note"] else said


def log(measures: list[Measure]) -> h.Node:
    """What moved each measure, newest first; for the desk."""
    found = sorted(
        ((u, m) for m in measures for u in m.updates),
        key=lambda x: x[0]["date"],
        reverse=True,
    )
    if not found:
        do = "在 goal_updates.csv 逐次登记日期、状态、进度和佐证后，这里列出"
        return [markup.head("进展记录"), markup.empty("没有进展记录", do)]
    rows = [
        (
            str(u["date"]),
            m.goal["measure"],
            u["status"],
            fmt.rate(float(u["progress"])) if u["progress"] is not None else fmt.NONE,
            u["note"] or "",
            u["evidence"] or "",
        )
        for u, m in found
    ]
    header = ["日期", "举措", "状态", "进度", "说明", "佐证"]
    grid = markup.table(header, rows, "nlnrll", caption="进展记录")
    return [markup.head("进展记录", f"{len(rows)} 条"), grid]


def course(scope: Scope, m: Measure) -> h.Node:
    """How far a measure is: its progress as a bar; what is held against a standard as a point
    beside the line of its target, with what the law asks where that says otherwise."""
    if not m.standard or m.figure is None or m.target is None:
        return h.div({"class": "prog"}, markup.progress_bar(m), percent(m))
    aim = h.small({"class": "muted"}, f"目标 {fmt.target(m.target, m.figure)}")
    if not m.figure.known:
        return h.div({"class": "prog"}, markup.progress_bar(m), aim)
    found = verdict.of(shared(scope.snapshot, Filters(scope.goal_year)), m.figure)
    text = fmt.text(m.figure)
    now = text if scope.look.present else markup.rows_link(text, m.figure)
    both = markup.toned(found.text, found) if found and found.differ else ""
    line = markup.against_target(m, found)
    return [h.div({"class": "prog"}, line, h.b(markup.toned(now, found)), aim), both]


def percent(m: Measure) -> h.Node:
    """The progress in words: what falls short of 100 never reads 100."""
    return h.small({"class": "muted"}, fmt.rate(m.progress)) if m.progress is not None else ""


def baseline(m: Measure, present: bool) -> h.Node:
    """The year before's figure of the indicator: shown beside, never a target. At the desk it
    opens its rows."""
    if m.baseline is None:
        return h.span({"class": "gap"}, fmt.NONE)
    text = fmt.with_base(m.baseline) if fmt.base(m.baseline) else fmt.text(m.baseline)
    return text if present else markup.rows_link(text, m.baseline)


def shortcomings(scope: Scope) -> h.Node:
    """The report's shortcomings beside the measures that answer them."""
    rows = named(scope)
    if not rows:
        nothing = f"没有登记 {scope.goal_year - 1} 年的不足"
        do, wall = "在 shortcomings.csv 登记", "登记后，这里列出"
        return [markup.head("不足与举措"), markup.empty(nothing, do, wall=wall)]
    head = markup.head("不足与举措", f"{scope.goal_year - 1} 年报告")
    return [head, [_answers(scope, r) for r in rows]]


def _answers(scope: Scope, row: dict) -> h.Node:
    answering = [m for m in scope.measures if row in m.answers]
    basis = "、".join(
        dict.fromkeys(LINKED.word(m.goal["link_basis"] or "未注明") for m in answering)
    )
    names = "、".join(m.goal["measure"] for m in answering)
    said = f"{names}（{basis}）" if answering else h.span({"class": "warn"}, "没有对应举措")
    cause = [h.br, f"原因：{row['cause']}"] if row["cause"] else ""
    place = (
        f"报告 {row['locator']}"
        if row["locator"]
        else markup.either(row["_file"], f"不足表第 {row['_row']} 行")
    )
    return h.div(
        {"class": "num"},
        h.div({"class": "lab"}, h.b(row["text"])),
        h.div({"class": "note"}, place, cause),
        h.div({"class": "note"}, "举措：", said),
    )


if __name__ == "__main__":
    show(slides, __file__, FILTERS)
