"""What has changed between two versions, as markup: figures, rows, goals."""

from __future__ import annotations

from collections.abc import Sequence

import simple_html as h

from qmg_dash import fmt
from qmg_dash.figures.rows_changed import RowChange, ToldRows
from qmg_dash.figures.since import Goal, Moved, Told
from qmg_dash.kpis import KPIS
from qmg_dash.ui import markup

LISTED = 30
"""Figures listed in a line over a screen; the rest are counted."""
TITLE = 18
"""Characters of a measure on a slide: one line there."""
CELLS = 6
"""Cells of a row that are told."""


def listing(changes: Told) -> h.Node:
    """All of it, to stand under a line: figures, rows by table, goals."""
    said: list[h.Node] = []
    if changes.figures:
        rest = len(changes.figures) - LISTED
        more = h.p({"class": "muted"}, f"另有 {rest} 个数字有变化。") if rest > 0 else ""
        said += [figures(changes.figures[:LISTED]), more]
    if changes.rows:
        said.append(h.p(f"数据行：{'；'.join(map(counted, changes.rows))}"))
    if changes.goals:
        said.append(goals(changes.goals))
    return said or h.p({"class": "muted"}, NOTHING)


NOTHING = "数字、数据行和举措状态都没有变化（只是文件的写法变了）。"


def figures(moved: Sequence[Moved], brief: bool = False) -> h.Node:
    """Figures that read otherwise now: then, now, why."""
    rows = [
        (
            name(m),
            fmt.with_base(m.then),
            h.b(fmt.with_base(m.now)),
            *([] if brief else [why(m)]),
        )
        for m in moved
    ]
    header = ["数字", "当时", "现在", *([] if brief else ["原因"])]
    return markup.table(header, rows, "lrr" if brief else "lrrl", caption="有变化的数字")


def name(moved: Moved) -> str:
    """A figure's name with its part."""
    return moved.now.label


def why(moved: Moved) -> h.Node:
    """What a correction says; else which source it is from."""
    if moved.why:
        return "；".join(f"{c.date} 更正：{c.reason}" for c in moved.why)
    word = "台账" if "ledger" in (moved.now.basis, moved.then.basis) else "公布数"
    return h.span({"class": "muted"}, f"{word}有更新，没有更正记录")


def counted(rows: ToldRows) -> str:
    """A table's rows in words."""
    return f"{rows.table.label}{'、'.join(f'{word} {n} 行' for word, n in rows.counts)}"


def row_counts(found: Sequence[ToldRows]) -> h.Node:
    """How many rows of each table came, changed and went."""
    words = ("新增", "修改", "删除")
    rows = [
        (r.table.label, *(fmt.digits(n) if n else fmt.NONE for n in _by_word(r, words)))
        for r in found
    ]
    return markup.table(["数据表", *words], rows, "lrrr", caption="有变化的数据行")


def _by_word(rows: ToldRows, words: Sequence[str]) -> list[int]:
    counts = dict(rows.counts)
    return [counts.get(word, 0) for word in words]


def row_list(found: Sequence[RowChange]) -> h.Node:
    """Rows with what they say, or what is another in them."""
    rows = [(r.kind, _key(r.key) or fmt.NONE, _cells(r)) for r in found]
    return markup.table(["变化", "编号", "内容"], rows, "nnl", classes="tight", caption="数据行")


def _key(written: Sequence[str]) -> str:
    """A row's key; an indicator by its name."""
    named = {row.code: row.name for row in KPIS}
    return " ".join(named.get(part, part) for part in written)


def _cells(row: RowChange) -> str:
    told = [
        f"{header} {then or fmt.NONE} → {now or fmt.NONE}" if row.kind == "修改" else then or now
        for header, then, now in row.cells[:CELLS]
    ]
    more = f" 等 {len(row.cells)} 栏" if len(row.cells) > CELLS else ""
    return "；".join(told) + more


def goals(moved: Sequence[Goal], brief: bool = False) -> h.Node:
    """Measures whose state or progress is another now: the measure, below it then → now."""
    rows = [
        (
            [
                fmt.short(g.title, TITLE) if brief else g.title,
                h.br,
                f"{g.then or '尚未列入'} → ",
                h.b(g.now or "已删除"),
            ],
        )
        for g in moved
    ]
    return markup.table(["举措：当时 → 现在"], rows, "l", caption="举措状态的变化")
