"""执法活动: what was done and how well, who may enforce, which powers they hold, the mechanisms."""

from dataclasses import replace

import simple_html as h

from qmg_dash import fmt
from qmg_dash.figures import findings
from qmg_dash.figures.cases import LIMIT, Certificate, Days, days, expiring
from qmg_dash.figures.findings import ENFORCING
from qmg_dash.figures.forms import ENFORCEMENT
from qmg_dash.figures.months import Cross, cross
from qmg_dash.kpis import Kpi, kpi
from qmg_dash.kpis.base import UNFILLED, UNREGISTERED, registered
from qmg_dash.kpis.enforcement import COMPLIANCE
from qmg_dash.tables import table
from qmg_dash.ui import blocks, charts, markup
from qmg_dash.ui.desk import forms
from qmg_dash.ui.desk.page import MAIN, Drawing, Slide, show
from qmg_dash.ui.link.filters import Filter
from qmg_dash.ui.link.scope import Scope

TITLE = "执法活动"
RANK = 3
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
    "penalties": (
        ("enforcement.penalties", "penalty_class"),
        ("enforcement.fines", "penalty_class"),
    ),
    "actions": (("enforcement.actions", "area"), ("enforcement.actions", "department")),
}
MECHANISMS = 20
TYPES = 4
COLUMNS = 5


def counted(scope: Scope) -> bool:
    """Whether the ledger speaks of the year's actions."""
    return scope.book.covers(kpi("enforcement.actions"))


def slides(scope: Scope) -> list[Slide]:
    if not counted(scope):
        said = [*PEOPLE, *(c for c in DONE if scope.book.fig(c).known)]
        return [
            Slide(MAIN, findings.enforcement(scope.book), draw_report),
            *blocks.more_numbers(scope, said),
            *blocks.more_mechanisms(scope, scope.practices(), MECHANISMS),
            *forms.slides(scope, ENFORCEMENT),
        ]
    return [
        Slide(MAIN, findings.enforcement(scope.book), draw_activity),
        *number_slides(scope),
        *day_slides(scope),
        *blocks.split_slides(scope, SPLITS),
        *blocks.more_numbers(scope, (*DONE, *SHARES, *PEOPLE), SPLITS),
        *blocks.more_mechanisms(scope, scope.practices(), 0),
        *forms.slides(scope, ENFORCEMENT),
    ]


# ---- what was done ----------------------------------------------------------------------------
def draw_activity(s: Drawing) -> None:
    left, right = s.columns(1.25, 1)
    with left:
        with s.panel():
            trend(s)
        with s.panel():
            areas(s)
    with right, s.panel():
        blocks.gap_panel(s, COMPLIANCE, "规范执法与 100% 的差距")


def trend(s: Drawing) -> None:
    """Actions by month, a line for each of the kinds with the most cases."""
    row = kpi("enforcement.actions")
    sub = f"单位：{row.unit}{first(TYPES, len(by_type(s)))}"
    s.html(markup.head(f"每月{row.name}", sub, s.book.fig(row.code)))
    drawn = s.kept("trend", lambda: _trend(s, row))
    s.chart("trend", drawn, 7, f"每月{row.name}", click="month", fill=True)


def by_type(s: Drawing) -> dict[str, list[float | None]]:
    """The months of every kind, those with the most cases first."""
    series = blocks.months(s.book, "enforcement.actions", "action_type")
    order = sorted(series, key=lambda n: (n == UNREGISTERED, -sum(v or 0 for v in series[n])))
    return {n: series[n] for n in order}


def first(shown: int, all_: int) -> str:
    """That a chart shows the first of more kinds."""
    return f"；前 {shown} 类，共 {all_} 类" if shown < all_ else ""


def _trend(s: Drawing, row: Kpi) -> charts.Chart:
    series = by_type(s)
    shown = dict(list(series.items())[:TYPES])
    drawn = charts.lines(shown, next(iter(shown), ""), row.unit, s.look, f"每月{row.name}")
    return replace(drawn, header=("月份", *series), rows=charts.month_rows(series))


def areas(s: Drawing) -> None:
    """Area by kind: how often, with — where no such action was ever recorded."""
    row = kpi("enforcement.actions")
    table = cross(s.book, row.code, "area", "action_type")
    found = [c for c in table.columns if any(_has(table, r, c) for r in table.rows)]
    kinds, names = with_areas(table, found, COLUMNS if s.look.present else len(found))
    label = row.dimension("area").label
    sub = f"单位：{row.unit}，— 为无此类{first(len(kinds), len(found))}"
    s.html(markup.head(f"{label} × 行为类型", sub, s.book.fig(row.code)))
    drawn = s.kept("areas", lambda: _areas(s, table, kinds, names, label))
    title = f"{label}与行为类型"
    s.chart("areas", drawn, len(names) + 1, title, click="area&action_type")
    rest = _left_out(table, [c for c in found if c not in kinds], row.unit)
    if rest and not s.look.present:
        s.html(h.small(rest))


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
    said = f"其余 {len(rest)} 类 {count} {unit}{'，领域未登记' if bare else ''}；看数据里有全部"
    return said if rest else ""


def _areas(
    s: Drawing, table: Cross, kinds: list[str], names: list[str], label: str
) -> charts.Chart:
    cells = [[table.cells[r, c] for c in kinds] for r in names]
    drawn = charts.heat(names, kinds, cells, s.look, f"{label}与行为类型", label)
    rows = tuple((registered(r), *table.row(r)) for r in table.rows)
    columns = (registered(c) for c in table.columns)
    return replace(drawn, header=(label, *columns), rows=rows)


# ---- how long it took ---------------------------------------------------------------------------
def day_slides(scope: Scope) -> list[Slide]:
    """Days from filing to decision; at the desk beside them the certificates that expire."""
    found = days(scope.book)
    return [Slide("days", findings.days(scope.book, found), draw_days)]


def draw_days(s: Drawing) -> None:
    if s.look.present:
        with s.panel():
            how_long(s)
        return
    left, right = s.columns(1.25, 1)
    with left, s.panel():
        how_long(s)
    with right:
        s.html(h.div({"class": "panel col"}, certificates(s)), classes="even")


def how_long(s: Drawing) -> None:
    """Penalties by the days that they took, against the limit."""
    row, found = kpi("enforcement.median_days"), days(s.book)
    name = "行政处罚办理天数"
    if not found.decided:
        why, do = "所选范围没有作出决定的行政处罚", "放宽筛选或月份后显示"
        if found.undated:
            header = table("enforcement_actions").column("opened_on").header
            why, do = f"{found.undated} 件行政处罚没有{header}", f"登记{header}后显示"
        s.html([markup.head(name), markup.empty(why, do)])
        return
    unit = kpi("enforcement.penalties").unit
    waiting = f"；另有 {found.waiting} {unit}立案超过 {LIMIT} 日未决定"
    middle = f"中位数 {fmt.spaced(s.book.fig(row.code))}"
    sub = f"单位：{unit}；从立案到决定的天数，{middle}{waiting if found.waiting else ''}"
    if found.beyond != found.late:
        sub += f"；按延期后的期限，超期 {found.late} {unit}"
    if found.undated:
        sub += f"；{found.undated} {unit}没有立案日期，未计入"
    sub += s.aside("enforcement.penalties")
    s.html(markup.head(name, sub, s.book.fig("enforcement.penalties")))
    drawn = s.kept("days", lambda: _days(s, found, name, unit))
    s.chart("days", drawn, 8, name, fill=True)


def _days(s: Drawing, found: Days, name: str, unit: str) -> charts.Chart:
    within = "mark" if found.beyond else "accent"
    marks = [
        charts.Mark(f"{a}–{b}", n, within) if b else charts.Mark(f"超过 {LIMIT}", n, "warn")
        for a, b, n in found.bins
    ]
    limit = charts.Limit(len(marks) - 1, f"{LIMIT} 日期限")
    return charts.columns(marks, unit, s.look, name, "办理天数（天）", limit)


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
    cards = [s.card(c) for c in DONE]
    body = markup.large([c for c in cards if c.figure.known])
    s.html(
        h.div({"class": "panel col fill"}, markup.head("执法数量与人员", s.against), body),
        fill=True,
    )


def draw_how(s: Drawing) -> None:
    shares = [s.card(c) for c in SHARES]
    body = markup.large([c for c in shares if c.figure.known])
    s.html(
        h.div({"class": "panel col fill"}, markup.head("方式与持证", s.against), body), fill=True
    )


# ---- without a ledger ---------------------------------------------------------------------------
def draw_report(s: Drawing) -> None:
    known = [c for c in (*DONE[:4], *PEOPLE) if s.book.fig(c).known][:4]
    s.html(h.div({"class": "panel"}, blocks.wall(s, known or PEOPLE)))
    left, right = s.columns(1, 1.7)
    with left, s.panel():
        powers(s)
    with right:
        practices = s.scope.practices()[:MECHANISMS]
        body = blocks.mechanisms(s.scope, practices, "m2")
        s.html(h.div({"class": "panel col fill"}, body), fill=True)


def powers(s: Drawing) -> None:
    """The enforcing powers held, and which file would show how they are used."""
    split = [f for f in s.book.split("power.items") if f.said in ENFORCING and f.known]
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
