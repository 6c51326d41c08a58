"""数据口径: every KPI with definition, source and value; identities, 对账, faults, files."""

from functools import partial

import simple_html as h

from qmg_dash import fmt, page_files, tables
from qmg_dash.figures import findings, freshness, reconcile
from qmg_dash.figures.identities import standing
from qmg_dash.folder.snapshot import Loaded
from qmg_dash.kpis import KPIS
from qmg_dash.model import Figure
from qmg_dash.ui import markup, markup_agreement
from qmg_dash.ui.desk import forms as shown
from qmg_dash.ui.desk import intake
from qmg_dash.ui.desk.forms import definitions_buttons
from qmg_dash.ui.desk.page import MAIN, Drawing, Slide, show
from qmg_dash.ui.link.scope import Scope

TITLE = "数据口径"
RANK = 12
FAULTS_SHOWN = 50
IN_MEETING, MANY = 12, 8
"""Files on a slide; fewer than so many do not stretch beside the identities."""


def slides(scope: Scope) -> list[Slide]:
    found = [Slide(MAIN, findings.trust(scope.book), draw)]
    if scope.look.present and reconcile.pairs(scope.snapshot, scope.year):
        found.append(
            Slide("agreement", findings.agreement(scope.snapshot, scope.year), draw_agreement)
        )
    return found


def draw(s: Drawing) -> None:
    if s.look.present:
        ends = "ends" if len(s.scope.snapshot.tables) < MANY else ""
        left = h.div({"class": "panel col"}, identities(s))
        right = h.div({"class": f"panel col {ends}"}, files(s.scope))
        s.html(h.div({"class": "two fill", "style": "--cols:1.5fr 1fr"}, left, right), fill=True)
        return
    s.html(h.div({"class": "panel scroll"}, identities(s)))
    s.html(h.div({"class": "panel scroll"}, files(s.scope)))
    intake.panel(s)
    s.html(h.div({"class": "panel scroll"}, markup_agreement.listing(s.scope)))
    s.html(h.div({"class": "panel scroll"}, faults(s.scope)))
    s.live(partial(definitions_buttons, s.scope.snapshot))
    s.html(h.div({"class": "panel scroll"}, definitions(s)))


def draw_agreement(s: Drawing) -> None:
    """对账 in a meeting: what does not agree, then the indicators, as many as fit."""
    found = reconcile.pairs(s.scope.snapshot, s.scope.year)
    ordered = sorted(found, key=lambda p: (not p.broken, p.figure.kpi.private))
    head = markup.head("对账", markup_agreement.summary(found))
    grid = markup_agreement.table(ordered[:IN_MEETING], brief=True)
    rest = len(found) - IN_MEETING
    more = h.p({"class": "muted"}, f"另有 {rest} 个，见桌面模式") if rest > 0 else ""
    s.html(
        h.div({"class": "panel col fill"}, head, h.div({"class": "grow"}, grid), more), fill=True
    )


def identities(s: Drawing) -> h.Node:
    """Each identity with its result for the year; at the desk with every place."""
    brief = s.look.present
    rows = [
        [*([] if brief else [r.identity.id]), r.identity.rule, shown.result(r, brief)]
        for r in s.book.identities
    ]
    grid = markup.table(
        [*([] if brief else ["编号"]), "勾稽关系", "结果"],
        rows,
        "ln" if brief else "nll",
        classes="" if brief else "tight",
        caption="勾稽关系",
    )
    sub = f"{s.scope.year} 年：{standing(s.book.identities)}；只用已知且精确的数"
    return [markup.head("勾稽关系", sub), spread(grid, brief)]


def spread(grid: h.Node, brief: bool) -> h.Node:
    """A table that takes the height left on a slide."""
    return h.div({"class": "grow"}, grid) if brief else grid


def files(scope: Scope) -> h.Node:
    """The files behind the screens, their rows, how late they are, and the data's version."""
    loaded = list(scope.snapshot.tables.values())
    most = IN_MEETING if scope.look.present else len(loaded)
    hidden = len(loaded) - most
    columns = [
        ("数据表" if scope.look.present else "文件", "l", lambda t: _name(scope, t)),
        ("行数", "r", lambda t: fmt.digits(t.rows)),
        ("更新", "n" if scope.look.present else "l", lambda t: updated(scope, t)),
    ]
    if any(t.rejected for t in loaded):
        columns.insert(2, ("未计入", "r", lambda t: fmt.digits(t.rejected)))
    if not scope.look.present:
        columns.append(("校验码", "l", checksum))
    rows = [[cell(t) for _, _, cell in columns] for t in loaded[:most]]
    align = "".join(a for _, a, _ in columns)
    header = [name for name, _, _ in columns]
    brief = scope.look.present
    grid = markup.table(header, rows, align, classes="" if brief else "tight", caption="数据文件")
    errors = sum(f.severity == "error" for f in scope.snapshot.faults)
    warnings = len(scope.snapshot.faults) - errors
    sub = "" if brief else f"版本 {scope.snapshot.version}"
    more = f"；另有 {hidden} 个文件" if hidden > 0 else ""
    said = h.p({"class": "muted"}, f"错误 {errors} 处，提醒 {warnings} 处{more}")
    rule = markup.fold("更新的规则", [freshness.RULE])
    grid = spread(grid, brief and len(rows) >= MANY)
    return [markup.head("数据文件", sub), grid, said, rule]


def _name(scope: Scope, loaded: Loaded) -> h.Node:
    """A file; in a meeting the table that it holds."""
    if scope.look.present:
        return tables.table(loaded.table).label
    return h.span({"class": "any"}, loaded.file)


def updated(scope: Scope, table: Loaded) -> h.Node:
    """How often a table is to be updated, its newest row, and by how much it is late."""
    kept = freshness.ledgers(scope.snapshot).get(table.table)
    if kept is None:
        return fmt.NONE
    said = h.b({"class": "warn"}, kept.text) if kept.late else kept.text
    newest = [" ", h.small(f"最新 {kept.newest}")] if kept.newest else ""
    return [said, "" if scope.look.present else newest]


def checksum(table: Loaded) -> h.Node:
    """The beginning of the content's hash; the whole stands in its tooltip and over the rows."""
    return h.span({"title": f"SHA-256 {table.sha256}"}, table.sha256[:8])


def faults(scope: Scope) -> h.Node:
    """The faults of the files: file, row, column, value, rule, how to mend it. What `check` lists
    beside them stands in the other panels."""
    found = scope.snapshot.faults
    if not found:
        return [markup.head("数据问题"), h.p({"class": "muted"}, "没有发现问题。")]
    rows = [
        (
            h.b({"class": "bad"}, "错误")
            if f.severity == "error"
            else h.span({"class": "warn"}, "提醒"),
            f.file,
            str(f.row or fmt.NONE),
            f.column,
            f.value,
            f.rule,
            f.message,
        )
        for f in found[:FAULTS_SHOWN]
    ]
    header = ["级别", "文件", "行", "列", "值", "规则", "怎样改"]
    sub = f"共 {len(found)} 处" + (
        f"，显示前 {FAULTS_SHOWN} 处" if len(found) > FAULTS_SHOWN else ""
    )
    grid = markup.table(header, rows, "llrllll", caption="数据问题")
    return [markup.head("数据问题", sub), grid]


def _based(figure: Figure) -> h.Node:
    """A rate's base below it."""
    return [h.br, h.small(fmt.base(figure))] if fmt.base(figure) else ""


def definitions(s: Drawing) -> h.Node:
    """Every KPI: value, definition, legal source, where it comes from."""
    titles = page_files.titles()
    rows = []
    for k in KPIS:
        if k.private:
            continue
        figure = findings.headline(s.book, k.code)
        rows.append(
            (
                titles[k.screen],
                [h.b(k.name), h.br, h.small(k.code)],
                [s.toned(figure), _based(figure)]
                if figure.known
                else h.span({"class": "gap"}, fmt.NO_DATA),
                k.definition,
                k.basis or fmt.NONE,
                markup.provenance(figure),
            )
        )
    header = ["屏幕", "指标", "数值", "口径", "依据", "来源"]
    grid = markup.table(header, rows, "llrlll", caption="指标口径")
    return [markup.head("指标口径", f"{len(rows)} 个指标"), grid]


if __name__ == "__main__":
    show(slides, __file__)
