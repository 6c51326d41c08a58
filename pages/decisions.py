"""决策审查: topics and how they passed, the five steps, legal review, the adviser, documents."""

from qmg_dash import findings, fmt
from qmg_dash.fmt import html as esc
from qmg_dash.kpis.decisions import STEPS
from qmg_dash.ui import blocks, parts
from qmg_dash.ui.filters import Filter
from qmg_dash.ui.scope import Scope
from qmg_dash.ui.screen import Drawing, Slide, show

TITLE = "决策审查"
RANK = 5
CODES = (
    "decisions.topics",
    "decisions.passed",
    "review.contracts",
    "review.adviser_contracts",
    "adviser.count",
    "adviser.meetings",
    "documents.abolished",
)
STEP_RATE = "decisions.procedure_rate"
SPLITS = (
    ("decisions.procedure_rate", "step"),
    ("review.opinions", "kind"),
    ("decisions.topics", "result"),
    ("review.contracts", "department"),
)
FILTERS = (
    Filter("review.opinions", "kind"),
    Filter("review.opinions", "department", also=("review.contracts",)),
    Filter("decisions.procedure_rate", "step", field=False),
    Filter("decisions.topics", "result", field=False),
)
MECHANISMS = 24


def others(scope: Scope) -> list[dict]:
    """The mechanisms beside the five steps, which stand by themselves."""
    return [p for p in scope.practices() if p["mechanism"] not in STEPS.values()]


def slides(scope: Scope) -> list[Slide]:
    return [
        Slide(findings.decisions(scope.book), draw),
        *blocks.split_slides(scope, SPLITS),
        *blocks.more_numbers(scope, (*CODES, STEP_RATE), SPLITS),
        *blocks.more_mechanisms(scope, others(scope), MECHANISMS),
    ]


def draw(s: Drawing) -> None:
    scopes = "合同审核与顾问审查是两个口径，互不修正"
    left = parts.head("决策与审查", scopes) + blocks.wall(s, CODES, "w2 dense")
    right = steps(s) + blocks.mechanisms(s.scope, others(s.scope)[:MECHANISMS], "m2")
    s.html(
        f'<div class="two fill" style="--cols:1fr 1.35fr"><div class="panel col">{left}</div>'
        f'<div class="panel col">{right}</div></div>',
        fill=True,
    )


def steps(s: Drawing) -> str:
    """The five statutory steps in their order, each with its rate or without evidence."""
    named = {p["mechanism"] for p in s.scope.practices()}
    cells = "".join(_step(s, label, label in named) for label in STEPS.values())
    return parts.head("重大行政决策法定程序") + f'<div class="steps">{cells}</div>'


def _step(s: Drawing, label: str, named: bool) -> str:
    figure = s.book.fig(STEP_RATE, label)
    if figure.known:
        proof = f"{fmt.text(figure)} {fmt.base(figure)}"
    else:
        proof = blocks.NO_EVIDENCE if named else fmt.NO_DATA
    kind = "" if figure.known else "none"
    return f'<div class="{kind}"><b>{esc(label)}</b><small>{esc(proof)}</small></div>'


if __name__ == "__main__":
    show(slides, __file__, FILTERS)
