"""对账 on the screens: a thin strip over each screen at the desk, the whole list on 数据口径."""

from __future__ import annotations

from collections.abc import Sequence

import simple_html as h

from qmg_dash import fmt
from qmg_dash.figures import reconcile
from qmg_dash.figures.reconcile import Pair
from qmg_dash.ui import markup
from qmg_dash.ui.link.scope import Scope


def strip(scope: Scope) -> h.Node:
    """One line: how many figures of this screen stand in the report and in a ledger, and which do
    not agree; it opens to all of them. Empty where none has both."""
    found = reconcile.indicators(scope.snapshot, scope.year, scope.path)
    if not found:
        return ""
    broken = [p for p in found if p.broken]
    said: list[h.Node] = [f"对账：{len(found)} 个指标同时有公布数和台账数，"]
    if broken:
        first = broken[0]
        named = f"{first.label} 公布 {first.published_text}、台账 {first.counted_text}"
        more = f" 等 {len(broken)} 个" if len(broken) > 1 else ""
        said += [h.b({"class": "bad"}, f"不一致 {len(broken)} 个"), f"（{named}{more}）"]
    else:
        said.append(_agree(found))
    return h.details(
        {"class": "fold agree"}, h.summary(said), h.div({"class": "panel scroll"}, table(found))
    )


def table(found: Sequence[Pair], brief: bool = False) -> h.Node:
    """Figures with both values, those that do not agree first, indicators before the cells of the
    form; a brief one for a meeting."""
    ordered = sorted(found, key=lambda p: (not p.broken, p.figure.kpi.private))
    columns = [
        ("指标", "l", lambda p: p.label),
        ("公布数", "r", lambda p: p.published_text),
        ("台账数", "r", lambda p: p.counted_text if brief else _rows(p)),
        ("差额", "r", lambda p: p.difference_text),
        ("结果", "n", _result),
    ]
    if not brief:
        columns.append(("规则", "l", _rule))
        if any(p.reason for p in ordered):
            columns.append(("原因", "l", _reason))
        columns.append(("位置", "n", _place))
    rows = [[cell(p) for _, _, cell in columns] for p in ordered]
    classes = ["badrow" if p.broken else "" for p in ordered]
    header = [name for name, _, _ in columns]
    align = "".join(a for _, a, _ in columns)
    return markup.table(header, rows, align, classes, "tight", "对账")


def _reason(pair: Pair) -> str:
    """Why the two differ, and who said so; for the desk."""
    return f"{pair.reason} {pair.by}".strip() or fmt.NONE


def _rows(pair: Pair) -> h.Node:
    return markup.rows_link(pair.counted_text, pair.figure) if pair.counted else pair.counted_text


def _result(pair: Pair) -> h.Node:
    return h.b({"class": "bad"}, pair.said) if pair.broken else pair.said


def _rule(pair: Pair) -> str:
    notes = ("年度未结束" if pair.open_year else "", pair.figure.late)
    return "；".join((pair.rule, *(n for n in notes if n)))


def _place(pair: Pair) -> str:
    return f"{pair.row.locator}（{pair.row.file} 第 {pair.row.row} 行）"


def listing(scope: Scope) -> h.Node:
    """The whole list of a year: the indicators, then the cells of the statutory form under a fold,
    but for those that do not agree."""
    found = reconcile.pairs(scope.snapshot, scope.year)
    head = markup.head("对账", summary(found)) if found else markup.head("对账")
    if not found:
        what = f"{scope.year} 年没有公布数和台账数都有的指标"
        do = "在 reported.csv 公布、又有台账的指标在这里逐个核对"
        return [head, markup.empty(what, do)]
    cells = [p for p in found if p.figure.kpi.private and not p.broken]
    shown = [p for p in found if p not in cells]
    rules = markup.fold("对账规则", (f"{word}：{rule}" for word, rule in reconcile.RULES))
    more = h.summary(f"年报表格另有 {len(cells)} 格一致")
    return [
        head,
        table(shown),
        h.details({"class": "fold"}, more, table(cells)) if cells else "",
        rules,
    ]


def summary(found: Sequence[Pair]) -> str:
    """41 个可比，2 个不一致."""
    broken, compared = sum(p.broken for p in found), sum(p.compared for p in found)
    left = f"，{len(found) - compared} 个单位不同未比" if compared < len(found) else ""
    if not compared:
        return left.removeprefix("，")
    return f"{compared} 个可比，{f'{broken} 个不一致' if broken else '全部一致'}{left}"


def _agree(found: Sequence[Pair]) -> str:
    """That all which could be compared agree; what could not is said."""
    left = sum(not p.compared for p in found)
    return f"{len(found) - left} 个一致，{left} 个单位不同未比" if left else "全部一致"
