"""A plan in words, for the command and for the screen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from qmg_dash import beijing, fmt
from qmg_dash.folder.history import EDIT, UNDO, Entry
from qmg_dash.intake.merge import Change, Difference
from qmg_dash.intake.plan import Plan
from qmg_dash.intake.questions import Question
from qmg_dash.intake.reading import Place, Problem
from qmg_dash.model import Fault
from qmg_dash.tables import BY_NAME

EXAMPLES = 20
"""Rows of a kind that are named one by one."""


@dataclass
class Same:
    """A fault with all the places where it stands."""

    fault: Fault
    places: list[Place] = field(default_factory=list)


def grouped(problems: Iterable[Problem]) -> list[Same]:
    """Equal faults of a sheet once, with their places."""
    out: dict[object, Same] = {}
    for p in problems:
        key = (p.place.file, p.place.sheet, replace(p.fault, row=None))
        out.setdefault(key, Same(p.fault)).places.append(p.place)
    return list(out.values())


def rows_of(same: Same) -> str:
    """The rows of equal faults: 3、5、7 等 12."""
    rows = list(dict.fromkeys(str(p.row) for p in same.places if p.row))
    return "、".join(rows[:EXAMPLES]) + (f" 等 {len(rows)}" if len(rows) > EXAMPLES else "")


def cells_of(same: Same) -> str:
    """The cells of equal faults: B3、B5 等 12 处."""
    cells = [p.cell for p in same.places if p.cell]
    more = f" 等 {len(cells)} 处" if len(cells) > EXAMPLES else ""
    return "、".join(cells[:EXAMPLES]) + more


def asked(plan: Plan) -> Iterator[str]:
    """What has to be answered, and how, for the command."""
    if plan.answers.open:
        yield "文件里没有的，请回答以后再导入（回答会记住，下次不再问）："
    for q in plan.answers.open:
        yield f"  问\t{question(q)}"
        yield f'  \t--answer "{q.key}={example(q)}"'


def question(q: Question, choices: bool = True) -> str:
    """A question: of which list it is asked, what may be answered, what was answered of another."""
    said = f"{q.layout}：{q.text}"
    if q.file:
        said += f"（{fmt.short(q.file)}）"
    if choices and q.options:
        said += f" 可答：{'、'.join(dict.fromkeys(words for _, words in q.options))}"
    return said + (f"（上次答 {q.word(q.before)}）" if q.before else "")


def example(q: Question) -> str:
    """An answer as it might be written."""
    return q.options[0][1] if q.options else "2023-01-05" if q.column.type == "date" else "…"


def counts(d: Difference) -> tuple[int, int, int, int, int]:
    """New, changed, unchanged, removed rows; and those that were not sent and stay."""
    return len(d.new), len(d.changed), d.unchanged, len(d.removed), d.absent


def summary(d: Difference) -> str:
    """A table's difference in one line."""
    new, changed, unchanged, removed, absent = counts(d)
    said = (
        f"{d.table.label}：新增 {new} 行，改动 {changed} 行，不变 {unchanged} 行，删除 {removed} 行"
    )
    return f"{said}；文件里没有的 {absent} 行保留" if absent else said


def changed_cells(d: Difference, change: Change) -> str:
    """What of a row changes: 数值 80 → 85."""
    return "，".join(
        f"{d.table.column(name).header} {old or fmt.NONE} → {new or fmt.NONE}"
        for name, (old, new) in change.cells.items()
    )


def difference(plan: Plan) -> Iterator[str]:
    """What an import changes, table by table, with examples."""
    for d in plan.differences:
        yield summary(d)
        yield from _some("新增", d.new)
        yield from _some("改动", [f"{c.key}：{changed_cells(d, c)}" for c in d.changed])
        yield from _some("删除", [c.key for c in d.removed])
    if plan.corrections:
        yield f"公布数有 {len(plan.corrections)} 处改动，导入时记入更正记录"


def turned(plan: Plan) -> Iterator[str]:
    """What of an import turns rows of one year into another's, and what to look at."""
    for d in plan.turned:
        moves = "、".join(
            f"{count} 行从 {old} 年改到 {new} 年" for (old, new), count in sorted(d.turned.items())
        )
        change = next(c for c in d.changed if c.years in d.turned)
        keys = "、".join(d.table.column(name).header for name in d.table.key)
        yield (
            f"{d.table.label}：改动的 {len(d.changed)} 行里，{moves}，"
            f"例如 {change.key}（{changed_cells(d, change)}）。"
            f"多半是{keys}没有带年度，新一年的行会覆盖上一年的：请核对{keys}，补上年度后再导入"
        )


def _some(kind: str, rows: list[str]) -> Iterator[str]:
    yield from (f"  {kind} {row}" for row in rows[:EXAMPLES])
    if len(rows) > EXAMPLES:
        yield f"  {kind}……共 {len(rows)} 行"


def replaced(old: str, new: str) -> str:
    """Why one of the files is not read."""
    if old == new:
        return f"“{old}”选了几次，只读最后选的一份；几份都要的，请改成不同的文件名"
    return f"“{new}”代替“{old}”：只读退回后改好的这一份"


def version(v: Entry) -> str:
    """One publishing in a line."""
    tables = v.about.get("tables", {})
    names = "、".join(BY_NAME[n].label for n in tables if n in BY_NAME)
    kind = f"撤销第 {v.undoes} 次" if v.kind == UNDO else "修改" if v.kind == EDIT else "导入"
    who = f"，{v.by}" if v.by else ""
    return f"第 {v.number} 次（{beijing.shown(v.last)}{who}）：{kind} {names}".rstrip()
