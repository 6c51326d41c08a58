"""执法活动: who may enforce, which powers they hold, how they go about it."""

from qmg_dash import charts, findings
from qmg_dash.findings import ENFORCING
from qmg_dash.kpis import kpi
from qmg_dash.ui import blocks, parts
from qmg_dash.ui.scope import Scope
from qmg_dash.ui.screen import Drawing, Slide, show

TITLE = "执法活动"
RANK = 2
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
)
AT_ONCE = 4
MECHANISMS = 20


def codes(scope: Scope) -> list[str]:
    """The numbers of the first slide: what was done where it is known, else who may do it."""
    known = [c for c in (*DONE, *PEOPLE) if scope.book.fig(c).known]
    return known[:AT_ONCE] or list(PEOPLE)


def slides(scope: Scope) -> list[Slide]:
    return [
        Slide(findings.enforcement(scope.book), draw),
        *blocks.more_numbers(scope, codes(scope)),
        *blocks.more_mechanisms(scope, scope.practices(), MECHANISMS),
    ]


def draw(s: Drawing) -> None:
    s.html(f'<div class="panel">{blocks.wall(s, codes(s.scope))}</div>')
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
        s.chart(
            "powers",
            charts.bars(split, None, ENFORCING[:1], s.look),
            len(split),
            "执法权力",
        )
    if not s.book.fig("enforcement.actions").known:
        s.html(
            parts.empty(
                "尚无执法件数、罚没金额和规范率",
                "提供 ledgers/enforcement_actions.csv（执法行为台账）后按月、按领域显示",
            )
        )


if __name__ == "__main__":
    show(slides, __file__)
