"""总览: the year's volumes, what is to be dealt with now, the measures by department."""

from collections.abc import Sequence
from itertools import accumulate

import simple_html as h

from qmg_dash.escaping import joined
from qmg_dash.figures import findings, matters
from qmg_dash.figures.findings import headline
from qmg_dash.figures.matters import Matter
from qmg_dash.figures.progress import TONES, Measure, counts, printed
from qmg_dash.kpis import kpi
from qmg_dash.model import Figure
from qmg_dash.ui import blocks, markup, owed, sparks
from qmg_dash.ui.desk.page import MAIN, Drawing, Slide, show
from qmg_dash.ui.link.scope import Scope

TITLE = "总览"
RANK = 0

VOLUMES = (
    "enforcement.actions",
    "enforcement.penalties",
    "disclosure.published",
    "disputes.registered",
    "review.contracts",
    "publicity.events",
    "decisions.topics",
    "applications.received",
    "learning.events",
)
"""What a town does month by month; the first six that have months stand on the screen."""
ON_WALL = 6
FEWEST = 3
"""Volumes from which on they are the screen's numbers; a report alone has key figures."""
# Across all mechanisms, in the order of the report; the first eight with data stand on the wall.
KEY_FIGURES = (
    "disclosure.published",
    "applications.handled",
    "review.contracts",
    "decisions.topics",
    "training.cert_obtained",
    "services.enterprises",
    "cases.reconsiderations",
    "cases.litigations",
    "power.total",
    "enforcement.actions",
    "learning.study_sessions",
    "enforcement.penalties",
    "disputes.registered",
    "publicity.events",
    "documents.in_force",
    "officers.certified",
)
KEY = 8
IN_MEETING, AT_DESK = 7, 10
"""Things to deal with that stand on the screen: rules' findings on a wall, single ones at the desk."""
ROOM = 24.0
"""Rem that a meeting's list of them has below its head."""
ACROSS = {True: 74, False: 52}
"""Full characters of departments side by side in the strip, a long one on two lines."""
OWNERS = {True: 7, False: 6}
"""Departments that the strip has room for, on a wide screen and at 4:3."""
DOTS = 12


def slides(scope: Scope) -> list[Slide]:
    others = findings.first(scope.book, most=2)
    figures = list({f.code: f for f in (*key_figures(scope), *others)}.values())
    said = matters.clauses(scope.matters)
    short = scope.snapshot.town.short
    more = "" if len(volumes(scope)) >= FEWEST else findings.composition(scope.book)
    found = findings.overview(scope.matters, said, figures, scope.year, short, more)
    return [Slide(MAIN, found, draw, deck=True)]


def volumes(scope: Scope) -> list[str]:
    """The first KPIs that have months."""
    found = [c for c in VOLUMES if scope.book.speaks(kpi(c)) and scope.book.fig(c).known]
    return found[:ON_WALL]


def key_figures(scope: Scope) -> list[Figure]:
    """The key figures that are known, in order; where none is, the first others."""
    found = [headline(scope.book, code) for code in KEY_FIGURES]
    return [f for f in found if f.known][:KEY] or findings.first(scope.book, most=KEY)


def draw(s: Drawing) -> None:
    codes = volumes(s.scope)
    left = volume_panel(s, codes) if len(codes) >= FEWEST else number_panel(s)
    now = pressing(s.scope)
    right = todo_panel(s, now) if now else ""
    if len(codes) >= FEWEST or any(m.rule.open for m in now):
        beside(s, left, right, goals_strip(s))
        return
    composed(s, left)
    if right and not s.look.present:  # what does not hold of the data; on a wall the title says it
        s.html(right)


def beside(s: Drawing, left: h.Node, right: h.Node, below: h.Node) -> None:
    """Two panels over a strip."""
    cols = "1.36fr 1fr" if right else "minmax(0,1fr)"
    top = h.div({"class": "two", "style": f"--cols:{cols}"}, left, right)
    strip = h.div({"class": "panel"}, below) if below else ""
    s.html(h.div({"class": "stack fill overview"}, top, strip), fill=True)


def composed(s: Drawing, left: h.Node) -> None:
    """A report alone: its numbers beside what makes up its power list."""
    at = s.book
    split = [f for f in at.split("power.items") if f.known]
    if len(split) < FEWEST:
        full = len(key_figures(s.scope)) >= FEWEST
        s.html(h.div({"class": "fill whole1"} if full else {}, left), fill=full)
        return
    numbers, chart = s.columns(1.1, 1)
    with numbers:
        s.html(left, fill=True)
    with chart, s.panel():
        blocks.split_panel(s, "power.items", "category")
    strip = goals_strip(s)
    if strip and not s.look.present:
        s.html(h.div({"class": "panel"}, strip))


# ---- volumes and numbers --------------------------------------------------------------------------
def volume_panel(s: Drawing, codes: Sequence[str]) -> h.Node:
    """Six volumes with their months."""
    sub = f"{sparks.key(s)}；{s.scope.against.word}为{findings.span(s.book)}"
    cards = [sparks.volume(s, code) for code in codes]
    wide = 3 if len(cards) != 4 else 2
    data: h.Node = ""
    if not s.look.present:
        data = markup.data_view(s.drawn("业务量", *sparks.rows(s, codes)))
    head = markup.head("业务量", sub, tag=tag(s))
    return h.div({"class": "panel col"}, head, h.div({"class": f"volumes v{wide}"}, cards), data)


def tag(s: Drawing) -> h.Node:
    """The one tag of a panel whose figures have their own places."""
    if s.scope.demo:
        return markup.plain_tag("演示", "demo")
    return markup.plain_tag("台账", "ledger") if s.scope.snapshot.tables else ""


def number_panel(s: Drawing) -> h.Node:
    """The key figures of a report."""
    found = key_figures(s.scope)
    head = markup.head(f"{s.scope.year} 年主要数据", "以公布数为准，未公布的用台账数")
    if not found:
        do = "在 reported.csv 登记公布数，或在 ledgers/ 放入台账后显示"
        wall = "报送台账或公布数后显示"
        nothing = markup.empty(f"{s.scope.year} 年尚无数据", do, wall=wall)
        return h.div({"class": "panel col"}, head, nothing)
    beside = min(len(found), 2)
    across = f"w{beside} c{beside}" if len(found) < FEWEST else "w2"
    cards = markup.wall([s.card(f.code) for f in found], across)
    return h.div({"class": "panel col fill"}, head, cards)


# ---- what is to be dealt with ----------------------------------------------------------------------
def pressing(scope: Scope) -> list[Matter]:
    """What a leader is told first: what is overdue, skipped, long undone or presses; data that do
    not hold, too."""
    return [m for m in scope.matters if matters.pressing(m)]


def todo_panel(s: Drawing, found: Sequence[Matter]) -> h.Node:
    """On a wall a line a rule; at the desk the single matters, those past their day first."""
    late = matters.overdue(found)
    if s.look.present:
        groups, today = matters.by_rule(found), s.book.clock
        shown = owed.pages(groups, lambda g: owed.line_height(g, today, s.look), ROOM, IN_MEETING)[
            0
        ]
        rest = len(found) - sum(map(len, shown))
        sub = f"超期 {len(late)} 件在前" + (f"；另有 {rest} 件见附页" if rest else "")
        return h.div(
            {"class": "panel col"},
            markup.head(TODO, sub, tag=tag(s)),
            owed.grouped(shown, today),
        )
    first = found[:AT_DESK]
    rest = (
        len(found) + len(matters.opened(s.scope.matters)) - len(matters.opened(found)) - len(first)
    )
    more = h.p(to_todo(s, f"另 {rest} 件 ›" if rest > 0 else "逐件、依据和导出 ›"))
    sub = f"{len(late)} 件已超期" if late else f"{len(found)} 件"
    rows = [(owed.when(m), to_todo(s, m.text, "cell"), m.owner) for m in first]
    align = "nln" if owed.short(first) else "nll"
    tints = [owed.tint(m) for m in first]
    table = markup.table(["天数", "事项", "责任单位"], rows, align, tints, "owed", TODO)
    return h.div({"class": "panel col"}, markup.head(TODO, sub, tag=tag(s)), table, more)


TODO = "需马上处理"


def to_todo(s: Drawing, words: str, classes: str = "") -> h.Node:
    """Words that turn to the screen that has each of them, with its number and its law."""
    where = {"href": f"todo?{s.scope.query()}", "target": "_self", "data-turn": "/todo"}
    return h.a(where | ({"class": classes} if classes else {}), words)


# ---- measures --------------------------------------------------------------------------------------
def goals_strip(s: Drawing) -> h.Node:
    """The measures as dots by department; by direction where no department is named."""
    rows = s.scope.measures
    if not rows:
        return ""
    named = any(m.goal["owner"] for m in rows)
    by: dict[str, list[Measure]] = {}
    for m in sorted(rows, key=lambda m: _rank(m.state)):
        key = (m.goal["owner"] or matters.OWNERLESS) if named else m.goal["direction"]
        by.setdefault(key, []).append(m)
    most = _beside(list(by), s.look.wide)
    cells = [_owned(name, own) for name, own in list(by.items())[:most]]
    rest = list(by.values())[most:]
    word = "责任单位" if named else "方向"
    left = f"；另有 {len(rest)} 个{word} {sum(map(len, rest))} 项" if rest else ""
    states = sorted(counts(rows).items(), key=lambda kv: _rank(kv[0]))
    legend = joined(" ", [markup.state(k, f"{k} {v}") for k, v in states])
    head = h.h2(
        f"{len(rows)} 项举措，按{word}",
        h.span({"class": "sub"}, f"{s.scope.goal_year} 年{left}"),
        h.span({"class": "legend"}, legend),
        markup.fold("状态规则", printed()) if s.look.wide else "",
    )
    return [head, owed.beside(cells, len(cells))]


def _beside(names: Sequence[str], wide: bool) -> int:
    """How many departments stand side by side."""
    each = [min(findings.width(name), 16) + 2.5 for name in names]
    fit = sum(total <= ACROSS[wide] for total in accumulate(each))
    return max(1, min(OWNERS[wide], fit))


def _rank(state: str) -> int:
    """The late first."""
    return list(TONES).index(state) if state in TONES else len(TONES)


def _owned(name: str, rows: Sequence[Measure]) -> h.Node:
    marks = [markup.shape(m.state, f"{m.goal['measure']}：{m.state}") for m in rows[:DOTS]]
    more = h.small(f"+{len(rows) - DOTS}") if len(rows) > DOTS else ""
    return h.div(h.span(name), h.div({"class": "marks"}, marks, more))


if __name__ == "__main__":
    show(slides, __file__)
