"""What is owed, as tables and lists (figures/matters.py): who, what, how late. On a wall a matter has
its kind, its department and its days; at the desk its number and its row too."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date
from math import ceil
from typing import TypeVar

import simple_html as h

from qmg_dash.figures.matters import MEASURE, Grade, Matter, by_owner
from qmg_dash.theme import Look
from qmg_dash.ui import markup
from qmg_dash.ui.charts.lanes import lines_of
from qmg_dash.ui.slide import Drawing

T = TypeVar("T")
TINTS = {"bad": "badrow", "warn": "warnrow"}
WHOLE = 12
"""Characters of a department that are kept on one line."""
HEADER = ("超期", "", "事项", "责任单位", "期限")


def day(when: date | None) -> str:
    """A day in a table: 6-30."""
    return f"{when.month}-{when.day:02d}" if when else ""


def in_words(when: date, today: date) -> str:
    """A day in a sentence: 6 月 30 日, with its year where it is another than today's."""
    year = "" if when.year == today.year else f"{when.year} 年 "
    return f"{year}{when.month} 月 {when.day} 日"


def tint(matter: Matter) -> str:
    """The ground of its row."""
    return TINTS.get(matter.grade.tone, "")


def when(matter: Matter) -> h.Node:
    """How late, how long undone or how much time is left, in the shape and colour of its grade."""
    if matter.grade >= Grade.PLAIN:
        return "—"
    return markup.graded(matter.grade, matter.since or _word(matter))


def _word(matter: Matter) -> str:
    """What stands in the place of days where a matter has none."""
    if matter.rule.open:
        return matter.grade.word
    return "未达标" if matter.grade is Grade.BELOW else matter.rule.name


# ---- as many as fit --------------------------------------------------------------------------------
def pages(
    found: Sequence[T], height: Callable[[T], float], room: float, most: int = 99
) -> list[list[T]]:
    """What is listed below one another, page by page: as many as `room` holds."""
    out: list[list[T]] = []
    left = 0.0
    for one in found:
        needs = height(one)
        if not out or needs > left or len(out[-1]) == most:
            out.append([])
            left = room
        out[-1].append(one)
        left -= needs
    return out


def row_height(m: Matter, look: Look) -> float:
    """The rem of a matter's row in the table of a slide."""
    what, who = (20, 16) if look.wide else (19, 16)
    return 0.9 + 1.5 * max(lines_of(m.text, what), lines_of(m.owner, who))


def line_height(found: Sequence[Matter], today: date, look: Look) -> float:
    """The rem of a line that stands for some matters in the list beside."""
    big, small = (21, 25) if look.wide else (17, 20)
    more = lines_of(_owners(found, today), small)
    return 0.2 + 1.56 * lines_of(found[0].rule.count(found), big) + 1.3 * more


# ---- one by one -----------------------------------------------------------------------------------
def table(found: Sequence[Matter]) -> h.Node:
    """Overdue matters one by one, the bar as long as they are late."""
    most = max((m.days or 0 for m in found), default=0) or 1
    rows = [
        (
            markup.graded(m.grade, m.since.removeprefix("超 ")),
            h.div({"class": "late"}, h.i({"style": f"width:{(m.days or 0) / most:.0%}"})),
            m.text,
            m.owner,
            day(m.due),
        )
        for m in found
    ]
    tints = [tint(m) for m in found]
    align = "nllnr" if short(found) else "nlllr"
    return markup.table(HEADER, rows, align, tints, "owed", caption="已超期事项")


def short(found: Sequence[Matter]) -> bool:
    """Whether their departments are kept on one line."""
    return all(len(m.owner) <= WHOLE for m in found)


def lines(found: Sequence[Matter], today: date) -> h.Node:
    """Matters below one another: their days, then what and whose."""
    cells = [_line(when(m), m.kind, _whose(m, today), m.grade.tone) for m in found]
    return h.div({"class": "lines"}, cells)


def _line(when_: h.Node, what: h.Node, more: str, tone: str) -> h.Node:
    return h.div({"class": f"line2 {tone}"}, when_, h.div(h.b(what), h.span(more)))


def _whose(m: Matter, today: date, title: bool = True) -> str:
    """What is public of it, whose it is, its day."""
    told = (m.title if title else "", m.owner, m.detail, _day_of(m, today))
    return " · ".join(t for t in told if t)


def _day_of(m: Matter, today: date) -> str:
    """The day that a matter knows: that on which it is due, or from which it lies undone."""
    if m.due is None:
        return ""
    return f"{in_words(m.due, today)}{'起' if m.grade in (Grade.SKIPPED, Grade.BELOW) else '到期'}"


# ---- by rule ------------------------------------------------------------------------------------
def grouped(groups: Sequence[Sequence[Matter]], today: date) -> h.Node:
    """What each rule has found: how late, how many of what, whose."""
    cells = []
    for found in groups:
        first = found[0]
        what = first.rule.count(found)
        cells.append(_line(_days(found), what, _owners(found, today), first.grade.tone))
    return h.div({"class": "lines"}, cells)


def _days(found: Sequence[Matter]) -> h.Node:
    first = found[0]
    if first.grade is Grade.SKIPPED or first.days is None:
        word = first.grade.word if first.rule.open else _word(first)
        return markup.graded(first.grade, word)
    said = first.since.removeprefix("超 ")
    if len(found) > 1 and first.grade is not Grade.SOON:
        said = f"最长 {said}"
    return markup.graded(first.grade, said)


def _owners(found: Sequence[Matter], today: date) -> str:
    """Whose they are: 平安建设办公室 2 件，另 3 个部门 3 件."""
    first = found[0]
    if len(found) == 1:
        return _whose(first, today, title=first.kind == MEASURE)
    by = Counter(m.owner for m in found if m.owner).most_common()
    if len(by) < 2:
        return " · ".join(owner for owner, _ in by)
    if len(by) == 2:
        return " · ".join(f"{owner} {n} 件" for owner, n in by)
    (owner, n), rest = by[0], by[1:]
    return f"{owner} {n} 件，另 {len(rest)} 个部门 {sum(n for _, n in rest)} 件"


# ---- at the desk ----------------------------------------------------------------------------------
PER_ROW = 6
LISTED = ("天数", "事项", "责任单位", "期限或日期", "编号", "依据")
SAVED = (*LISTED, "文件", "行号", "规则")


def listed(s: Drawing, name: str, found: Sequence[Matter]) -> h.Node:
    """Matters as rows of a list that is saved as a file, each with its rule and its law, its number,
    file and row."""
    rows, cells = [], []
    for m in found:
        file, line = m.place or ("", 0)
        what = f"{m.text}（{m.detail}）" if m.detail else m.text
        law = m.rule.law
        rows.append(
            (m.since, what, m.owner, str(m.due or ""), m.number, law, file, line, m.rule.text)
        )
        place = f"{file} 第 {line} 行" if line else file
        number = h.span({"title": place}, m.number or place)
        cells.append(
            (when(m), what, m.owner, day(m.due), number, h.small({"title": m.rule.text}, law))
        )
    tints = [tint(m) for m in found]
    shown = markup.listing(LISTED, cells, "nllnll", tints, name)
    return [shown, markup.save_button(s.drawn(name, SAVED, tuple(rows)))]


def departments(s: Drawing, late: Sequence[Matter]) -> h.Node:
    """Who owes how much, those who are late for longest first; a press shows theirs alone."""
    chooses = s.chooses("owner")
    chosen = s.scope.picked("owner")
    cells = []
    for owed in by_owner(late):
        said: list[h.Node] = [
            owed.owner,
            h.span(markup.graded(Grade.OVERDUE, f"{owed.days} 天"), f" {len(owed.matters)} 件"),
        ]
        pick = {"class": "owes", "data-pick": f"owner|{owed.owner}"}
        pressed = {"aria-pressed": "true" if owed.owner in chosen else "false"}
        cells.append(h.button(pick | pressed, said) if chooses else h.div({"class": "owes"}, said))
    return beside(cells, PER_ROW)


def beside(cells: Sequence[h.Node], most: int) -> h.Node:
    """Departments beside one another, at `most` so many, in rows that are equally long."""
    rows = ceil(len(cells) / most) or 1
    return h.div({"class": "owners", "style": f"--per:{ceil(len(cells) / rows)}"}, cells)
