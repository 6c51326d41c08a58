"""总览: the year's key figures, what needs attention, the goals."""

from itertools import accumulate
from math import ceil

import simple_html as h

from qmg_dash import fmt
from qmg_dash.escaping import joined
from qmg_dash.figures import findings, verdict
from qmg_dash.figures.attention import RULES, Item
from qmg_dash.figures.findings import headline, width
from qmg_dash.figures.progress import Measure, counts, printed
from qmg_dash.model import Figure
from qmg_dash.ui import markup
from qmg_dash.ui.desk.page import MAIN, Drawing, Slide, numbered, show
from qmg_dash.ui.link.scope import Scope

TITLE = "总览"
RANK = 0

# Across all mechanisms, in the order of the report; the first eight with data stand on the wall.
KEY_FIGURES = (
    "power.total",
    "enforcement.actions",
    "disclosure.published",
    "applications.handled",
    "review.contracts",
    "decisions.topics",
    "training.cert_obtained",
    "cases.reconsiderations",
    "cases.litigations",
    "learning.study_sessions",
    "services.enterprises",
    "enforcement.penalties",
    "disputes.registered",
    "publicity.events",
    "documents.in_force",
    "officers.certified",
)
ON_WALL = 8
GOALS_TO_COME = "登记下一年度的方向和举措后，这里显示进展"
IN_MEETING, AT_DESK, AT_LAPTOP = 5, 8, 5
HALF, HALF_SMALL, COLUMN = 19, 23, 33
"""Of a slide with two columns of things to look at: characters of text and of detail on a line,
rem of height."""
IN_STRIP = 4
"""How many things to look at stand on the screen; the desk keeps the rest under a fold. The style
decides by the window's height which of the desk's two numbers holds."""


def key_figures(scope: Scope) -> list[Figure]:
    """The figures of the wall: those with data first, in order, filled up with what is missing."""
    found = [headline(scope.book, code) for code in KEY_FIGURES]
    chosen = [f for f in found if f.known][:ON_WALL]
    missing = [f for f in found if not f.known][: ON_WALL - len(chosen)]
    return chosen + missing


def slides(scope: Scope) -> list[Slide]:
    figures = [*key_figures(scope), *findings.first(scope.book)]
    found = findings.overview(scope.attention, figures, scope.year)
    return [Slide(MAIN, found, draw), *more_slides(scope)]


def more_slides(scope: Scope) -> list[Slide]:
    """In a meeting, the things to look at that the first slide has no room for."""
    items = scope.attention[_most(scope) :] if scope.look.present else []
    said = findings.Finding(((f"另有 {len(items)} 项需关注", ""),))
    return [
        Slide(numbered("attention", n), said, _more_drawer(columns))
        for n, columns in enumerate(_columned(items), 1)
    ]


def _columned(items: list[Item]) -> list[list[list[Item]]]:
    """Items by slide and column: as many below each other as fit."""
    columns: list[list[Item]] = []
    room = 0.0
    for item in items:
        height = _height(item.text, item.detail, HALF, HALF_SMALL)
        if not columns or height > room:
            columns.append([])
            room = COLUMN
        columns[-1].append(item)
        room -= height
    return [columns[i : i + 2] for i in range(0, len(columns), 2)]


def _more_drawer(columns: list[list[Item]]):
    def draw(s: Drawing) -> None:
        cells = [h.div({"class": "att"}, _found(s.scope, column)) for column in columns]
        cells += [h.div("")] * (2 - len(columns))
        body = h.div({"class": "two top", "style": "--cols:1fr 1fr"}, cells)
        s.html(h.div({"class": "panel col fill"}, markup.head("需关注（续）"), body), fill=True)

    return draw


def draw(s: Drawing) -> None:
    head = markup.head(f"{s.scope.year} 年主要数据", "以公布数为准，未公布的用台账数")
    numbers = h.div({"class": "panel col"}, head, wall(s))
    found = h.div({"class": "panel col"}, attention(s.scope))
    goals = h.div({"class": "panel"}, goals_strip(s.scope))
    two = {"class": "two", "style": "--cols:1.5fr 1fr"}
    if s.look.present:
        s.html(h.div({"class": "stack fill"}, h.div(two, numbers, found), goals), fill=True)
    else:  # the list of what is to be looked at is long: the goals stand beside it
        s.html(h.div(two, h.div({"class": "stack"}, numbers, goals), found))


def wall(s: Drawing) -> h.Node:
    """Eight key numbers."""
    return markup.wall([s.told(f) for f in key_figures(s.scope)], "over")


def attention(scope: Scope) -> h.Node:
    """What the rules find, the shortcomings that the report names, and the rules themselves."""
    items = scope.attention
    heights = [_height(i.text, i.detail) for i in items]
    named = [r for r in scope.snapshot.records("shortcomings") if r["year"] == scope.year]
    tall = [_height(r["text"], "9999 年 9 项举措对应") for r in named]
    room = max(0, min(IN_MEETING, _fitting(scope, heights + tall)) - len(items))
    rest = [_shortcoming(scope, row, n) for n, row in enumerate(named[:room])]
    left = len(named) - room
    cut = h.p({"class": "muted"}, f"报告所列不足另有 {left} 项，见目标进展") if left > 0 else ""
    body: h.Node
    if scope.look.present:
        most = _most(scope)
        body = h.div({"class": "att"}, _found(scope, items[:most]), rest)
        sub = f"{len(items)} 项" + (
            f"，列出 {most} 项，另有 {len(items) - most} 项" if len(items) > most else ""
        )
    else:
        first = _found(scope, items[:AT_LAPTOP])
        more = _found(scope, items[AT_LAPTOP:AT_DESK], "high")
        body = [
            h.div({"class": "att"}, first, more, rest),
            _folded(scope, items[AT_DESK:], "high"),
            _folded(scope, items[AT_LAPTOP:], "low"),
        ]
        sub = f"{len(items)} 项"
    if not items and not rest:
        body = markup.empty("没有需关注的事项", "按规则逐条检查")
    rules = markup.fold("需关注的规则", (f"{r.name}：{r.text}" for r in RULES))
    return [markup.head("需关注", sub), body, cut, rules]


def _folded(scope: Scope, items: list[Item], classes: str) -> h.Node:
    """The things to look at beyond the first."""
    if not items:
        return ""
    summary = h.summary(f"另外 {len(items)} 项")
    return h.details(
        {"class": f"fold {classes}"}, summary, h.div({"class": "att"}, _found(scope, items))
    )


def _height(text: str, detail: str, wide: int = 13, small: int = 15) -> float:
    """The rem that an entry takes in the narrowest meeting (4:3), where so many characters of its
    text and of its detail stand on a line."""
    return 1.2 + 1.75 * ceil(width(text) / wide) + 1.3 * ceil(width(detail) / small)


def _most(scope: Scope) -> int:
    """How many things to look at stand on a meeting's first slide."""
    return _fitting(scope, [_height(i.text, i.detail) for i in scope.attention])


def _fitting(scope: Scope, heights: list[float]) -> int:
    """How many entries fit above the goals strip, whose long directions take room from them."""
    room = IN_MEETING * _height("一行", "一行")
    room -= 1.65 * max(
        (ceil(width(m.goal["direction"]) / 9) - 2 for m in scope.measures), default=0
    )
    return sum(total <= room for total in accumulate(heights))


def _found(scope: Scope, items: list[Item], classes: str = "") -> h.Node:
    return [
        [
            h.span({"class": f"w {i.tone if i.tone != 'muted' else 'least'} {classes}"}, i.word),
            h.span({"class": classes}, h.b(_said(scope, i)), h.small(_detail(i))),
        ]
        for i in items
    ]


def _detail(item: Item) -> h.Node:
    """Where it comes from; the file or id at the desk alone."""
    return [item.detail, markup.desk(f" · {item.place}") if item.place else ""]


def _said(scope: Scope, item: Item) -> h.Node:
    """What is to be looked at; at the desk its figure opens its rows."""
    if not item.code or scope.look.present:
        return item.text
    figure = scope.book.fig(item.code)
    number = markup.rows_link(fmt.text(figure), figure, whole=False)
    return [f"{figure.label} ", markup.toned(number, verdict.of(scope.book, figure))]


def _shortcoming(scope: Scope, row: dict, n: int) -> h.Node:
    answers = [m for m in scope.measures if row in m.answers]
    by = f"{scope.goal_year} 年 {len(answers)} 项举措对应" if answers else "没有对应举措"
    place = f" · 报告 {row['locator']}" if row["locator"] else ""
    return [
        h.span({"class": "w"}, f"不足{'一二三四五六七八九十'[n]}"),
        h.span(h.b(row["text"]), h.small(by + place)),
    ]


def goals_strip(scope: Scope) -> h.Node:
    """The directions of the goal year with the states of their measures."""
    if not scope.measures:
        return markup.empty(
            "尚无目标举措",
            "在 goals.csv 登记下一年度的方向和举措后，这里显示进展",
            wall=GOALS_TO_COME,
        )
    directions: dict[str, list[Measure]] = {}
    for m in scope.measures:
        directions.setdefault(m.goal["direction"], []).append(m)
    rest = len(directions) - IN_STRIP
    head = h.div(
        h.h2(f"{scope.goal_year} 年目标"),
        h.small(_counted(counts(scope.measures))),
        markup.fold("状态规则", printed()),
        h.small(f"另有 {rest} 个方向") if rest > 0 else "",
    )
    cells = [_direction(name, rows) for name, rows in list(directions.items())[:IN_STRIP]]
    return h.div({"class": "strip"}, head, cells)


def _counted(found: dict[str, int]) -> h.Node:
    """States with their numbers; a line ends between two of them alone."""
    return joined(" ", [h.span({"class": "whole"}, f"{k} {v}") for k, v in found.items()])


def _direction(name: str, rows: list[Measure]) -> h.Node:
    marks = [markup.shape(m.state, f"{m.goal['measure']}：{m.state}") for m in rows[:12]]
    return h.div(h.b(name), h.div({"class": "marks"}, marks), h.small(_counted(counts(rows))))


if __name__ == "__main__":
    show(slides, __file__)
