"""自上次会议以来: what has changed since a meeting, a version or a day: figures, rows, goals."""

from collections.abc import Callable
from functools import partial

import simple_html as h

from qmg_dash import fmt
from qmg_dash.figures import findings, verdict
from qmg_dash.figures.book import Book
from qmg_dash.figures.since import Moved
from qmg_dash.ui import markup, markup_changes
from qmg_dash.ui.desk.page import MAIN, Drawing, Slide, show
from qmg_dash.ui.link import versions_compared
from qmg_dash.ui.link.scope import Scope

TITLE = "自上次会议以来"
RANK = 13
OCCASIONAL = True
CARDS, IN_MEETING, GOALS, TABLES = 6, 14, 4, 5


def slides(scope: Scope) -> list[Slide]:
    """One slide; none in a meeting where there is nothing to compare with."""
    if scope.look.present and not (scope.compared and scope.compared.base):
        return []
    found = findings.since(scope.compared.word, scope.compared.changes(scope.filters))
    return [Slide(MAIN, found, draw)]


def draw(s: Drawing) -> None:
    if not s.look.present:
        s.live(partial(versions_compared.choice, s.scope.compared))
    changes = s.scope.compared.changes(s.scope.filters)
    if changes is None:
        s.html(markup.wrap(versions_compared.empty(), "panel"))
        return
    brief, year = s.look.present, s.scope.year
    numbers = markup.head("有变化的数字", f"{year} 年度，{len(changes.figures)} 个")
    if not changes.figures:
        told = markup.empty("没有变化", f"{year} 年度的数字都和当时一样", fill=brief)
    else:
        shown = changes.figures
        told = largest(s.book, shown) if brief else markup_changes.figures(shown)
    goals, tables = (GOALS, TABLES) if brief else (None, None)
    beside = [
        markup.head("举措状态", f"{s.scope.goal_year} 年，{len(changes.goals)} 项有变化"),
        first(partial(markup_changes.goals, brief=brief), changes.goals, goals, "项"),
        markup.head("数据行"),
        first(markup_changes.row_counts, changes.rows, tables, "张表"),
    ]
    s.html(
        h.div(
            {"class": "two fill", "style": "--cols:1.35fr 1fr"},
            h.div({"class": "panel col"}, numbers, told),
            h.div({"class": "panel col"}, beside),
        ),
        fill=True,
    )
    for table in () if s.look.present else changes.rows:
        listed = markup_changes.row_list(table.listed)
        head = markup.head(table.table.label, markup_changes.counted(table))
        s.html(h.div({"class": "panel scroll"}, head, listed))


def first(draw: Callable[[list], h.Node], found: list, most: int | None, unit: str) -> h.Node:
    """As many as a slide has room for; the rest are counted."""
    if not found:
        return h.p({"class": "muted"}, "没有变化。")
    rest = len(found) - (most or len(found))
    more = h.p({"class": "muted"}, f"另有 {rest} {unit}，见桌面模式") if rest > 0 else ""
    return [draw(found[:most]), more]


def largest(book: Book, moved: list[Moved]) -> h.Node:
    """Up to six figures in large type, more as a table."""
    if len(moved) <= CARDS:
        cards = [
            markup.Card(
                m.now,
                f"当时 {fmt.text(m.then)}",
                m.then,
                verdict.of(book, m.now),
                against="较当时",
            )
            for m in moved
        ]
        return markup.wall(cards, "w1 large grow" if len(cards) <= 2 else "w2 grow")
    return first(partial(markup_changes.figures, brief=True), moved, IN_MEETING, "个")


if __name__ == "__main__":
    show(slides, __file__)
