"""需马上处理: every open matter past its day or about to be, with kind, owner, days and its law."""

from collections.abc import Sequence
from datetime import date
from functools import partial
from math import ceil

import simple_html as h

from qmg_dash.figures import findings, matters
from qmg_dash.figures.matters import RULES, Grade, Matter
from qmg_dash.tables import LEDGERS
from qmg_dash.theme import Look
from qmg_dash.ui import markup, owed
from qmg_dash.ui.desk.page import MAIN, Drawing, Slide, numbered, show
from qmg_dash.ui.link.filters import OWED, picked
from qmg_dash.ui.link.scope import Scope

TITLE = "需马上处理"
RANK = 1
FILTERS = OWED
ROWS, UNDONE, NEAR = 11, 5, 6
"""On a slide: overdue matters, and beside them rules of what is undone, matters to come."""
ROOM, BESIDE = 37.0, 16.0
"""Rem below the head of a panel as high as the slide, and of one of about half its height."""
ONE_COLUMN = 8
"""So many on a slide stand below one another: in two columns each would stand in empty ground."""
LARGE = 5
"""So few of them stand in larger type."""
LEAST = 4
"""Matters from which on a slide of them is more than empty ground."""
FEW = 5
"""So many are all named on 总览."""


def slides(scope: Scope) -> list[Slide]:
    found, short = shown(scope), scope.snapshot.town.short
    late = matters.overdue(found)
    unknown = "" if ledgers(scope) else f"{scope.year} 年尚无台账，逐件无从判断"
    title = findings.todo(found, matters.clauses(matters.opened(found)), short, unknown)
    if not scope.look.present:
        return [Slide(MAIN, title, draw_desk)]
    look, today = scope.look, scope.book.clock
    if len(matters.opened(found)) < LEAST:
        return []  # 总览 names them all
    pages = _pages(late, look) or [[]]
    first = Slide(MAIN, title, _late_drawer(pages[0], late), deck=len(late) > FEW)
    more = [
        Slide(numbered("late", n), _more(late, n, pages), _late_drawer(page, late), deck=False)
        for n, page in enumerate(pages[1:], 1)
    ]
    noted = [m for m in found if not m.rule.open and m.grade < Grade.PLAIN]
    rest = [*undone(found), *soon(found)]
    return [
        first,
        *more,
        *_listed("undone", _undone(rest), rest, look, today),
        *_listed("noted", _noted(noted), noted, look, today),
    ]


def _pages(late: Sequence[Matter], look: Look) -> list[list[Matter]]:
    """The overdue matters of each slide, the first one full; none of a few alone."""
    height = partial(owed.row_height, look=look)
    pages = owed.pages(late, height, ROOM, ROWS)
    if len(pages) > 1 and len(pages[-1]) < LEAST:
        pages = owed.pages(late, height, ROOM, ceil(len(late) / len(pages)))
    return pages


def _listed(
    name: str, said: findings.Finding, rest: Sequence[Matter], look: Look, today: date
) -> list[Slide]:
    """Matters in two columns, on as many slides as they need; none of a few alone."""
    if len(rest) < LEAST:
        return []
    height = partial(owed.line_height, today=today, look=look)
    columns = owed.pages(rest, lambda m: height([m]) + 1.3, ROOM)
    even = ceil(len(rest) / (2 * ceil(len(columns) / 2)))  # none stands almost empty
    columns = owed.pages(rest, lambda m: height([m]) + 1.3, ROOM, even)
    slides = [
        [m for column in columns[i : i + 2] for m in column] for i in range(0, len(columns), 2)
    ]
    found = []
    for n, part in enumerate(slides, 1):
        more = (f"（第 {n} 页，共 {len(slides)} 页）", "")
        title = findings.Finding((*said.parts, more)) if len(slides) > 1 else said
        found.append(Slide(numbered(name, n), title, _lines_drawer(part), deck=False))
    return found


def ledgers(scope: Scope) -> bool:
    """Whether there is one that could tell what is owed."""
    return any(t in scope.snapshot.tables for t in (ledger.name for ledger in LEDGERS))


def shown(scope: Scope) -> list[Matter]:
    """What the filters leave of what is owed; figures and data where none is set."""
    chosen = dict(scope.chosen)
    kept = picked(matters.opened(scope.matters), FILTERS, chosen)
    return scope.matters if not chosen else kept


def undone(found: Sequence[Matter]) -> list[Matter]:
    """Steps skipped and what lies long undone."""
    return matters.opened(found, Grade.SKIPPED, Grade.BELOW)


def soon(found: Sequence[Matter]) -> list[Matter]:
    """What is about to be due."""
    return matters.opened(found, Grade.SOON)


def _more(late: Sequence[Matter], n: int, pages: list[list[Matter]]) -> findings.Finding:
    first = sum(map(len, pages[:n])) + 1
    last = first + len(pages[n]) - 1
    which = f"{first}–{last}" if first < last else f"{first}"
    return findings.Finding(((f"已超期 {len(late)} 件，第 {which} 件", "bad"),))


def _undone(rest: Sequence[Matter]) -> findings.Finding:
    left, near = len(undone(rest)), len(soon(rest))
    return findings.Finding(
        ((f"{left} 件程序缺失或长期未办", "bad"), (f"，{near} 件 {matters.SOON} 天内到期", ""))
    )


def _noted(noted: Sequence[Matter]) -> findings.Finding:
    return findings.Finding(((f"另有 {len(noted)} 项指标和数据需关注", "warn"),))


# ---- on a wall --------------------------------------------------------------------------------------
def _late_drawer(page: Sequence[Matter], late: Sequence[Matter]):
    def draw(s: Drawing) -> None:
        found = shown(s.scope)
        beside = [_undone_panel(undone(found), s), _soon_panel(soon(found), s)]
        beside = [b for b in beside if b] if s.look.wide else []
        left = h.div({"class": "panel col"}, head(s, f"已超期 {len(late)} 件"), rows(page))
        if not late and beside:
            body = h.div({"class": "two", "style": "--cols:1fr 1fr"}, beside)
        elif beside:
            right = h.div({"class": "stack halves"}, beside)
            body = h.div({"class": "two", "style": "--cols:1.66fr 1fr"}, left, right)
        else:
            body = left
        s.html(h.div({"class": "fill whole1"}, body), fill=True)

    return draw


def head(s: Drawing, title: str, sub: str = "按超期自然日从长到短") -> h.Node:
    """A panel's head with the one tag of its sources."""
    tag = markup.plain_tag("演示", "demo") if s.scope.demo else markup.plain_tag("台账", "ledger")
    return markup.head(title, sub, tag=tag)


def rows(page: Sequence[Matter]) -> h.Node:
    """The overdue matters of a slide."""
    if not page:
        return markup.empty("没有超期的事项", "按规则逐条检查")
    return h.div({"class": "grow"}, owed.table(page))


def _undone_panel(found: Sequence[Matter], s: Drawing) -> h.Node:
    """What was skipped and what lies undone, a line a rule."""
    if not found:
        return ""
    groups, today = matters.by_rule(found), s.book.clock
    shown = owed.pages(groups, lambda g: owed.line_height(g, today, s.look), BESIDE, UNDONE)[0]
    cut = f"列 {len(shown)} 类，共 {len(groups)} 类" if len(groups) > len(shown) else ""
    top = markup.head(f"程序缺失、长期未办 {len(found)} 件", cut)
    return h.div({"class": "panel col"}, top, owed.grouped(shown, today))


def _soon_panel(found: Sequence[Matter], s: Drawing) -> h.Node:
    """What is about to be due, one by one."""
    if not found:
        return ""
    today = s.book.clock
    height = partial(owed.line_height, today=today, look=s.look)
    shown = owed.pages(found, lambda m: height([m]), BESIDE + 3, NEAR)[0]
    cut = f"列 {len(shown)} 件" if len(found) > len(shown) else ""
    top = markup.head(f"{matters.SOON} 天内到期 {len(found)} 件", cut)
    return h.div({"class": "panel col"}, top, owed.lines(shown, today))


def _lines_drawer(found: Sequence[Matter]):
    def draw(s: Drawing) -> None:
        half = ceil(len(found) / 2)
        parts = [found] if len(found) <= ONE_COLUMN else [found[:half], found[half:]]
        cells = [owed.lines(part, s.book.clock) for part in parts]
        large = "large-lines" if len(found) <= LARGE else ""
        body = h.div(
            {"class": f"two grow {large}", "style": "--cols:" + " ".join(["1fr"] * len(cells))},
            cells,
        )
        s.html(h.div({"class": "panel col fill"}, head(s, "逐件", ""), body), fill=True)

    return draw


# ---- at the desk ----------------------------------------------------------------------------------
def draw_desk(s: Drawing) -> None:
    found = shown(s.scope)
    late, all_ = matters.overdue(found), matters.overdue(s.scope.matters)
    if all_:
        top = head(s, "按责任单位", "超期最长的在前")
        s.html(h.div({"class": "panel col"}, top, owed.departments(s, all_)))
    for title, part in (
        ("已超期", late),
        ("程序缺失", matters.opened(found, Grade.SKIPPED)),
        ("长期未办", matters.opened(found, Grade.BELOW)),
        (f"{matters.SOON} 天内到期", soon(found)),
        ("指标和数据", [m for m in found if not m.rule.open]),
    ):
        if part:
            listed = owed.listed(s, title, part)
            s.html(h.div({"class": "panel col"}, head(s, f"{title} {len(part)} 件", ""), listed))
    if not found:
        why, do = "没有需马上处理的事项", "按规则逐条检查"
        if not ledgers(s.scope):
            why, do = "尚无台账", "在 ledgers/ 放入 enforcement_actions.csv 等台账后，逐件列出"
        s.html(h.div({"class": "panel"}, markup.empty(why, do)))
    s.html(markup.fold("规则", (f"{r.name}：{r.text}" for r in RULES)))


if __name__ == "__main__":
    show(slides, __file__, FILTERS)
