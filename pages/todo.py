"""需马上处理: every open matter past its day or about to be, with kind, owner, days and its law."""

from collections.abc import Sequence
from datetime import date

import simple_html as h

from qmg_dash.figures import findings, matters
from qmg_dash.figures.matters import RULES, Grade, Matter
from qmg_dash.ui import markup, owed
from qmg_dash.ui.desk.page import MAIN, Drawing, Slide, numbered, show
from qmg_dash.ui.link.scope import Scope

TITLE = "需马上处理"
RANK = 1
ROWS, UNDONE, NEAR = 11, 5, 6
"""On a slide: overdue matters, and beside them rules of what is undone, matters to come."""
FEW = 5
"""So many are all named on 总览."""


def slides(scope: Scope) -> list[Slide]:
    found, short = scope.matters, scope.snapshot.town.short
    late = matters.overdue(found)
    title = findings.todo(found, matters.clauses(matters.opened(found)), short)
    if not scope.look.present:
        return [Slide(MAIN, title, draw_desk)]
    pages = [late[i : i + ROWS] for i in range(0, len(late), ROWS)] or [[]]
    out = [Slide(MAIN, title, _late_drawer(pages[0], late), deck=len(late) > FEW)]
    out += [
        Slide(numbered("late", n), _more(late, n), _late_drawer(page, late), deck=False)
        for n, page in enumerate(pages[1:], 1)
    ]
    rest = [*undone(found), *soon(found)]
    out += [
        Slide(numbered("undone", n), _undone(rest), _lines_drawer(rest[at : at + 2 * ROWS]), False)
        for n, at in enumerate(range(0, len(rest), 2 * ROWS), 1)
    ]
    noted = [m for m in found if not m.rule.open and m.grade < Grade.PLAIN]
    out += [
        Slide(numbered("noted", n), _noted(noted), _lines_drawer(noted[at : at + 2 * ROWS]), False)
        for n, at in enumerate(range(0, len(noted), 2 * ROWS), 1)
    ]
    return out


def undone(found: Sequence[Matter]) -> list[Matter]:
    """Steps skipped and what lies long undone."""
    return matters.opened(found, Grade.SKIPPED, Grade.BELOW)


def soon(found: Sequence[Matter]) -> list[Matter]:
    """What is about to be due."""
    return matters.opened(found, Grade.SOON)


def _more(late: Sequence[Matter], n: int) -> findings.Finding:
    first, last = n * ROWS + 1, min((n + 1) * ROWS, len(late))
    return findings.Finding(((f"已超期 {len(late)} 件，第 {first}–{last} 件", "bad"),))


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
        found = s.scope.matters
        today = s.book.clock
        beside = [_undone_panel(undone(found), today), _soon_panel(soon(found), today)]
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


def _undone_panel(found: Sequence[Matter], today: date) -> h.Node:
    """What was skipped and what lies undone, a line a rule."""
    if not found:
        return ""
    groups = matters.by_rule(found)
    cut = f"列 {UNDONE} 类，共 {len(groups)} 类" if len(groups) > UNDONE else ""
    top = markup.head(f"程序缺失、长期未办 {len(found)} 件", cut)
    return h.div({"class": "panel col"}, top, owed.grouped(groups[:UNDONE], today))


def _soon_panel(found: Sequence[Matter], today: date) -> h.Node:
    """What is about to be due, one by one."""
    if not found:
        return ""
    cut = f"列 {NEAR} 件" if len(found) > NEAR else ""
    top = markup.head(f"{matters.SOON} 天内到期 {len(found)} 件", cut)
    return h.div({"class": "panel col"}, top, owed.lines(found[:NEAR], today))


def _lines_drawer(found: Sequence[Matter]):
    def draw(s: Drawing) -> None:
        half = (len(found) + 1) // 2
        columns = [owed.lines(part, s.book.clock) for part in (found[:half], found[half:]) if part]
        body = h.div(
            {"class": "two", "style": "--cols:" + " ".join(["1fr"] * len(columns))}, columns
        )
        s.html(h.div({"class": "panel col fill"}, head(s, "逐件", ""), body), fill=True)

    return draw


# ---- at the desk ----------------------------------------------------------------------------------
def draw_desk(s: Drawing) -> None:
    found = s.scope.matters
    late = matters.overdue(found)
    if late:
        who = h.div(
            {"class": "panel col"},
            head(s, "按责任单位", "超期最长的在前"),
            owed.departments(s, late),
        )
        s.html(who)
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
        s.html(h.div({"class": "panel"}, markup.empty("没有需马上处理的事项", "按规则逐条检查")))
    s.html(markup.fold("规则", (f"{r.name}：{r.text}" for r in RULES)))


if __name__ == "__main__":
    show(slides, __file__)
