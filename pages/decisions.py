"""决策审查: topics and how they passed, the five steps, legal review, the adviser, documents."""

import simple_html as h

from qmg_dash import fmt
from qmg_dash.figures import findings
from qmg_dash.figures.cases import DONE, NOT_DONE, NOT_NEEDED, Decision, decisions
from qmg_dash.kpis import kpi
from qmg_dash.kpis.base import UNREGISTERED
from qmg_dash.kpis.decisions import STEPS
from qmg_dash.ui import blocks, markup
from qmg_dash.ui.desk.page import MAIN, Drawing, Slide, show
from qmg_dash.ui.link.filters import Filter
from qmg_dash.ui.link.scope import Scope

TITLE = "决策审查"
RANK = 6
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
REVIEWED = (
    "review.coverage_rate",
    "review.adopted_rate",
    "documents.filed_rate",
    "documents.in_force",
    "decisions.major",
    STEP_RATE,
)
SPLITS = {
    "steps": (("decisions.procedure_rate", "step"), ("review.opinions", "kind")),
    "topics": (("decisions.topics", "result"), ("review.contracts", "department")),
}
FILTERS = (
    Filter("review.opinions", "kind"),
    Filter("review.opinions", "department", also=("review.contracts",)),
    Filter("decisions.procedure_rate", "step", field=False),
    Filter("decisions.topics", "result", field=False),
)
MECHANISMS = 24
STATES = {
    DONE: ("", "✓"),
    NOT_DONE: ("bad", "✗"),
    NOT_NEEDED: ("least", fmt.NONE),
    None: ("least", "？"),
}
"""How a step's state is told: its tone and its sign beside the word."""


def others(scope: Scope) -> list[dict]:
    """The mechanisms beside the five steps, which stand by themselves."""
    return [p for p in scope.practices() if p["mechanism"] not in STEPS.values()]


def slides(scope: Scope) -> list[Slide]:
    reviewed = blocks.group_slides(scope, "reviewed", "合法性审查与文件", REVIEWED, TITLE)
    shown = (*CODES, *(REVIEWED if reviewed else (STEP_RATE,)))
    return [
        Slide(MAIN, findings.decisions(scope.book), draw),
        *reviewed,
        *each_decision(scope),
        *blocks.split_slides(scope, SPLITS),
        *blocks.more_numbers(scope, shown, SPLITS),
        *blocks.more_mechanisms(scope, others(scope), MECHANISMS),
    ]


def draw(s: Drawing) -> None:
    scopes = "合同审核与顾问审查是两个口径，互不修正"
    left = [markup.head("决策与审查", scopes), blocks.wall(s, CODES, "w2 dense")]
    right = [*steps(s), blocks.mechanisms(s.scope, others(s.scope)[:MECHANISMS], "m2")]
    s.html(
        h.div(
            {"class": "two fill", "style": "--cols:1fr 1.35fr"},
            h.div({"class": "panel col"}, left),
            h.div({"class": "panel col"}, right),
        ),
        fill=True,
    )


def steps(s: Drawing) -> list[h.Node]:
    """The five statutory steps in their order, each with its rate or without evidence."""
    named = {p["mechanism"] for p in s.scope.practices()}
    cells = [_step(s, label, label in named) for label in STEPS.values()]
    return [markup.head("重大行政决策法定程序"), h.div({"class": "steps"}, cells)]


def _step(s: Drawing, label: str, named: bool) -> h.Node:
    figure = s.book.fig(STEP_RATE, label)
    proof: h.Node = blocks.NO_EVIDENCE if named else fmt.NO_DATA
    if figure.known:
        proof = [s.toned(figure), f" {fmt.base(figure)}"]
    return h.div({"class": "" if figure.known else "none"}, h.b(label), h.small(proof))


def each_decision(scope: Scope) -> list[Slide]:
    """The major decisions one by one, at the desk: a meeting has their rates."""
    row = kpi("decisions.major")
    if scope.look.present or not scope.book.speaks(row):
        return []
    return [Slide("each", findings.pair(scope.book, (row.code,), TITLE), draw_each)]


def draw_each(s: Drawing) -> None:
    """A row a decision: its steps by sign and word, what is complete of what applies."""
    found = decisions(s.book)
    row = kpi("decisions.major")
    short = sum(not d.complete for d in found)
    sub = f"{len(found)} {row.unit}，{short} {row.unit}未完备；不适用和未登记的步骤不进基数"
    sub += s.aside(row.code)
    head = markup.head(f"{row.name}逐项程序", sub, s.book.fig(STEP_RATE))
    s.html(h.div({"class": "panel col"}, head, _each(s, found)))


def _each(s: Drawing, found: list[Decision]) -> h.Node:
    if not found:
        return markup.empty(
            "所选期间没有重大行政决策", "在议题决策台账把“重大行政决策”填为是后列出"
        )
    rows = [
        (d.title, d.day, *(x or UNREGISTERED for x in d.steps), f"{d.done} / {d.due}")
        for d in found
    ]
    cells = [
        (d.title, f"{d.day}", *map(_state, d.steps), h.b(f"{d.done} / {d.due}")) for d in found
    ]
    late = ["badrow" if NOT_DONE in d.steps else "" if d.complete else "warnrow" for d in found]
    name = f"{kpi('decisions.major').name}逐项程序"
    return blocks.listed(s, name, Decision.HEADERS, rows, cells, "lnnnnnnr", late)


def _state(state: str | None) -> h.Node:
    tone, sign = STATES[state]
    return h.span(
        {"class": tone}, h.span({"aria-hidden": "true"}, sign), f" {state or UNREGISTERED}"
    )


if __name__ == "__main__":
    show(slides, __file__, FILTERS)
