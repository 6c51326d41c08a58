"""执法活动: what was done and how well, who may enforce, which powers they hold, the mechanisms."""

from qmg_dash import analysis, charts, findings
from qmg_dash.findings import ENFORCING
from qmg_dash.forms import ENFORCEMENT
from qmg_dash.kpis import Kpi, kpi
from qmg_dash.kpis.enforcement import COMPLIANCE
from qmg_dash.ui import blocks, forms, parts
from qmg_dash.ui.filters import Filter
from qmg_dash.ui.scope import Scope
from qmg_dash.ui.screen import Drawing, Slide, show

TITLE = "执法活动"
RANK = 2
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
SPLITS = (
    ("enforcement.penalties", "penalty_class"),
    ("enforcement.fines", "penalty_class"),
    ("enforcement.actions", "area"),
    ("enforcement.actions", "department"),
)
ALERTS = ("enforcement.over_90_days", "officers.expiring_90d")
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
            Slide(findings.enforcement(scope.book), draw_report),
            *blocks.more_numbers(scope, said),
            *blocks.more_mechanisms(scope, scope.practices(), MECHANISMS),
            *forms.slides(scope, ENFORCEMENT),
        ]
    return [
        Slide(findings.enforcement(scope.book), draw_activity),
        *number_slides(scope),
        *blocks.split_slides(scope, SPLITS),
        *blocks.more_numbers(scope, (*DONE, *SHARES, *PEOPLE), SPLITS),
        *blocks.more_mechanisms(scope, scope.practices(), 0),
        *forms.slides(scope, ENFORCEMENT),
    ]


# ---- what was done ----------------------------------------------------------------------------
def draw_activity(s: Drawing) -> None:
    left, right = s.columns(1.25, 1)
    with left:
        with s.panel("trend"):
            trend(s)
        with s.panel("areas"):
            areas(s)
    with right, s.panel("gap"):
        blocks.gap_panel(s, COMPLIANCE, "规范执法与 100% 的差距")


def trend(s: Drawing) -> None:
    """Actions by month, a line for each of the kinds with the most cases."""
    row = kpi("enforcement.actions")
    s.html(parts.head(f"每月{row.label}", f"单位：{row.unit}", s.book.fig(row.code)))
    drawn = s.kept("trend", lambda: _trend(s, row))
    s.chart("trend", drawn, 7, f"每月{row.label}", click="month", fill=True)


def _trend(s: Drawing, row: Kpi) -> charts.Chart:
    series = blocks.months(s.book, row.code, "action_type")
    most = sorted(series, key=lambda n: -sum(v or 0 for v in series[n]))[:TYPES]
    shown = {n: series[n] for n in most}
    return charts.lines(shown, most[0] if most else "", row.unit, s.look, f"每月{row.label}")


def areas(s: Drawing) -> None:
    """Area by kind: how often, with — where no such action was ever recorded."""
    row = kpi("enforcement.actions")
    label = row.dimension("area").label
    sub = f"单位：{row.unit}，— 为无此类事项"
    s.html(parts.head(f"{label} × 行为类型", sub, s.book.fig(row.code)))
    drawn = s.kept("areas", lambda: _areas(s, row, label))
    title = f"{label}与行为类型"
    s.chart("areas", drawn, len(drawn.rows) + 1, title, click="area&action_type")


def _areas(s: Drawing, row: Kpi, label: str) -> charts.Chart:
    table = analysis.cross(s.book, row.code, "area", "action_type")
    sums = {c: sum(table.cells[r, c] or 0 for r in table.rows) for c in table.columns}
    kinds = sorted(table.columns, key=lambda c: -sums[c])[:COLUMNS]
    cells = [[table.cells[r, c] for c in kinds] for r in table.rows]
    return charts.heat(table.rows, kinds, cells, s.look, f"{label}与行为类型", label)


def number_slides(scope: Scope) -> list[Slide]:
    """What was done and how; a projector takes eight figures at a time."""
    done = Slide(findings.pair(scope.book, DONE, TITLE), draw_done)
    how = Slide(findings.pair(scope.book, SHARES, TITLE), draw_how)
    return [done, how] if any(scope.book.fig(c).known for c in SHARES) else [done]


def draw_done(s: Drawing) -> None:
    cards = [s.card(c, alert=c in ALERTS and bool(s.book.fig(c).value)) for c in DONE]
    body = parts.large([c for c in cards if c.figure.known])
    s.html(
        f'<div class="panel col fill">{parts.head("执法数量与人员", s.against)}{body}</div>',
        fill=True,
    )


def draw_how(s: Drawing) -> None:
    shares = [s.card(c) for c in SHARES]
    body = parts.large([c for c in shares if c.figure.known])
    s.html(
        f'<div class="panel col fill">{parts.head("方式与持证", s.against)}{body}</div>', fill=True
    )


# ---- without a ledger ---------------------------------------------------------------------------
def draw_report(s: Drawing) -> None:
    known = [c for c in (*DONE[:4], *PEOPLE) if s.book.fig(c).known][:4]
    s.html(f'<div class="panel">{blocks.wall(s, known or PEOPLE)}</div>')
    left, right = s.columns(1, 1.7)
    with left, s.panel("powers"):
        powers(s)
    with right:
        practices = s.scope.practices()[:MECHANISMS]
        body = blocks.mechanisms(s.scope, practices, "m2")
        s.html(f'<div class="panel col fill">{body}</div>', fill=True)


def powers(s: Drawing) -> None:
    """The enforcing powers held, and which file would show how they are used."""
    split = [f for f in s.book.split("power.items") if f.dimension in ENFORCING and f.known]
    row = kpi("power.items")
    if split:
        s.html(parts.head("持有的执法权力", f"单位：{row.unit}", split[0]))
        drawn = s.kept("powers", lambda: charts.bars(split, None, ENFORCING[:1], s.look, 0.37))
        s.chart("powers", drawn, len(split), "执法权力")
    s.html(
        parts.empty(
            "尚无按月、按领域的执法行为和规范率",
            "提供 ledgers/enforcement_actions.csv（执法行为台账）后显示",
        )
    )


if __name__ == "__main__":
    show(slides, __file__, FILTERS)
