"""决策审查: topics and how they passed, the five steps, legal review, the adviser, documents."""

import simple_html as h

from qmg_dash import fmt
from qmg_dash.figures import findings, matters
from qmg_dash.figures.cases import Contract, Decision, contracts, decisions
from qmg_dash.figures.findings import headline
from qmg_dash.kpis import kpi
from qmg_dash.kpis.base import UNFILLED, UNREGISTERED, registered
from qmg_dash.kpis.decisions import STEPS
from qmg_dash.kpis.goals import NOT_STARTED
from qmg_dash.ui import blocks, grids, markup, owed
from qmg_dash.ui.desk.page import MAIN, Drawing, Slide, show
from qmg_dash.ui.link.filters import Filter
from qmg_dash.ui.link.scope import Scope

TITLE = "决策审查"
RANK = 7
CODES = (
    "decisions.topics",
    "decisions.passed",
    "review.contracts",
    "review.adviser_contracts",
    "review.legality",
    "adviser.count",
    "adviser.meetings",
    "documents.abolished",
)
MAJOR, STEP_RATE, COVERAGE = "decisions.major", "decisions.procedure_rate", "review.coverage_rate"
REVIEWED = (
    COVERAGE,
    "review.adopted_rate",
    "documents.filed_rate",
    "documents.in_force",
    MAJOR,
    STEP_RATE,
)
SPLITS = {
    "steps": (("decisions.procedure_rate", "step"), ("review.opinions", "kind")),
    "topics": (("decisions.topics", "result"),),
    "contracts": (("review.contracts", "department"),),
}
FILTERS = (
    Filter("review.opinions", "kind"),
    Filter("review.opinions", "department", also=("review.contracts",)),
    Filter("decisions.procedure_rate", "step", field=False),
    Filter("decisions.topics", "result", field=False),
)
MECHANISMS = 24
COUNTED = (MAJOR, COVERAGE, "documents.filed_rate")
"""What the slide of what is open counts, each from a ledger of its own."""
ONE_LINE = 15
"""Full characters of a department's name that stand on one line."""
ON_THE_WALL, LINES, WAITING = 4, 9, 5
"""Decisions, departments and open matters that stand on the wall side by side."""
OPEN = ("合同未审结", "文件未备案")
"""The rules whose matters are not through."""


def others(scope: Scope) -> list[dict]:
    """The mechanisms beside the five steps, which stand by themselves."""
    return [p for p in scope.practices() if p["mechanism"] not in STEPS.values()]


def slides(scope: Scope) -> list[Slide]:
    reviewed = blocks.group_slides(scope, "reviewed", "合法性审查与文件", REVIEWED, TITLE)
    shown = (*CODES, *(REVIEWED if reviewed else (STEP_RATE,)))
    counted = any(scope.book.speaks(kpi(code)) for code in COUNTED)
    plain = findings.decisions(scope.book)
    title = scope.titled(plain, "决策缺程序", *OPEN)
    enough = sum(headline(scope.book, code).known for code in CODES) >= blocks.FEWEST
    numbers = [Slide("numbers", plain, draw, deck=False)] if counted else []
    return [
        Slide(
            MAIN, title, draw_open if counted else draw, deck=None if counted else enough or None
        ),
        *numbers,
        *reviewed,
        *blocks.split_slides(scope, SPLITS),
        *blocks.more_numbers(scope, shown, SPLITS),
        *blocks.more_mechanisms(scope, others(scope), MECHANISMS),
    ]


# ---- what a meeting has to see --------------------------------------------------------------------
def draw_open(s: Drawing) -> None:
    """The step grid over what waits: contracts a square each, and what is not through, one by one."""
    made, sent = decisions(s.book), contracts(s.book)
    room = LINES - 2 * max(0, min(len(made), ON_THE_WALL) - 3) - (0 if s.look.wide else 2)
    below = [panel for panel in (reviews(s, sent, room), waiting(s, sent)) if panel]
    top = [grid(s, made, ON_THE_WALL if below else grids.MOST)] if s.book.speaks(kpi(MAJOR)) else []
    cols = f"--cols:{' '.join(['minmax(0,1fr)'] * len(below))}"
    two = [h.div({"class": "two", "style": cols}, below)] if below else []
    rows = ["minmax(min-content,1fr)"] * len(top) + ["minmax(0,1.05fr)"] * len(two)
    s.html(h.div({"class": "stack fill", "style": f"--rows:{' '.join(rows)}"}, top, two), fill=True)


def grid(s: Drawing, made: list[Decision], most: int) -> h.Node:
    """The major decisions by the five steps of the law."""
    row, rate = kpi(MAJOR), s.book.fig(STEP_RATE)
    title = f"{row.name} {len(made)} {row.unit} × 五步程序"
    if not made:
        nothing = "在议题决策台账把“重大行政决策”填为是后列出"
        empty = markup.empty(
            "所选期间没有重大行政决策", nothing, wall="议题中没有标为重大行政决策的"
        )
        return h.div({"class": "panel col"}, markup.head(row.name), empty)
    key = f"适用且已填的步骤 {fmt.amount(rate.denominator or 0)} 个，完成 {fmt.amount(rate.numerator or 0)} 个"
    head = markup.head(title, key + s.aside(row.code), rate)
    drawn = grids.steps(made, s.look, most)
    return h.div({"class": "panel col"}, head, grids.shown(s, f"{row.name}逐项程序", drawn))


def reviews(s: Drawing, sent: list[Contract], room: int) -> h.Node:
    """The contracts over public money by department, a square each."""
    rate = s.book.fig(COVERAGE)
    if not s.book.speaks(rate.kpi):
        return ""
    rows = [
        grids.Squares(registered(d), *_states(group), key=d)
        for d, group in _by_department(sent).items()
    ]
    title = f"涉财合同审核 {fmt.base(rate)} 份" if sent else "涉财合同审核"
    key = f"一格一份；空心＝未审结，褐框＝超 {matters.CONTRACT} 天"
    if not sent:
        nothing = markup.empty("所选期间没有送审的涉财合同", "放宽筛选，或换一个年度", fill=True)
        return h.div({"class": "panel col"}, markup.head(title), nothing)
    drawn = grids.squares(rows, s.look, "送审机构", ("已审结", "在审", "超期未审结"), room)
    return h.div(
        {"class": "panel col"}, markup.head(title, key, rate), grids.shown(s, title, drawn)
    )


def _by_department(sent: list[Contract]) -> dict[str, list[Contract]]:
    """Contracts by department: those with open ones first, then the largest."""
    found: dict[str, list[Contract]] = {}
    for contract in sent:
        found.setdefault(contract.department or UNFILLED, []).append(contract)

    def order(d: str) -> tuple:
        waiting = [c.waiting for c in found[d] if c.waiting is not None]
        return d == UNFILLED, -max(waiting, default=-1), -len(found[d]), d

    return {d: found[d] for d in sorted(found, key=order)}


def _states(group: list[Contract]) -> tuple[int, int, int]:
    """How many are through, wait, and wait for too long."""
    waiting = [c.waiting for c in group if c.waiting is not None]
    late = sum(days > matters.CONTRACT for days in waiting)
    return len(group) - len(waiting), len(waiting) - late, late


def waiting(s: Drawing, sent: list[Contract]) -> h.Node:
    """What is not through, one by one; at the desk with its numbers."""
    if not s.book.speaks(kpi(COVERAGE)) and not s.book.speaks(kpi("documents.filed_rate")):
        return ""
    every = matters.found(s.book, s.scope.measures, s.scope.path)
    found = [m for m in matters.opened(every) if m.rule.name in OPEN]
    new = [c for c in sent if c.waiting is not None and c.waiting <= matters.CONTRACT]
    head = markup.head("未办结", f"{len(found) + len(new)} 件" if found or new else "")
    if not found and not new:
        nothing = markup.empty("没有未办结的", "送审的合同都已审结，规范性文件都已备案", fill=True)
        return h.div({"class": "panel col"}, head, nothing)
    shown = found[: WAITING - bool(new)]
    more = (
        h.p({"class": "muted"}, f"另有 {len(found) - len(shown)} 件") if found[len(shown) :] else ""
    )
    body = h.div({"class": "waits"}, owed.lines(shown, s.book.clock), _in_review(new), more)
    rows = (
        ""
        if s.look.present or not found
        else markup.under("看明细", owed.listed(s, "未办结", found))
    )
    return h.div({"class": "panel col"}, head, body, rows)


def _in_review(new: list[Contract]) -> h.Node:
    """The contracts that are within their usual time, together."""
    if not new:
        return ""
    longest = markup.state(NOT_STARTED, f"最长 {max(c.waiting or 0 for c in new)} 天")
    owners = list(dict.fromkeys(c.department or UNREGISTERED for c in new))
    whose = owners[0] if len(owners) == 1 and findings.width(owners[0]) <= ONE_LINE else ""
    whose = whose or f"{len(owners)} 个机构送审"
    return h.div(
        {"class": "line2"}, longest, h.div(h.b(f"{len(new)} 份涉财合同在审"), h.span(whose))
    )


# ---- the numbers ----------------------------------------------------------------------------------
def draw(s: Drawing) -> None:
    scopes = "合同审核与顾问审查是两个口径，互不修正"
    practices = others(s.scope)[:MECHANISMS]
    if s.book.speaks(kpi(MAJOR)):
        blocks.numbers_and_mechanisms(s, CODES, practices)
        return
    left = [markup.head("决策与审查", scopes), blocks.wall(s, CODES, "w2 dense")]
    right = [*steps(s), blocks.mechanisms(s.scope, practices, "m2")]
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


if __name__ == "__main__":
    show(slides, __file__, FILTERS)
