"""数据口径: every KPI with definition, source and value; identities, 对账, faults, files."""

from functools import partial

from qmg_dash import fmt, page_files, tables
from qmg_dash.figures import findings, freshness, reconcile
from qmg_dash.figures.identities import standing
from qmg_dash.fmt import html as esc
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
RANK = 10
FAULTS_SHOWN = 50
IN_MEETING, MANY = 12, 8


def slides(scope: Scope) -> list[Slide]:
    found = [Slide(MAIN, findings.trust(scope.book), draw)]
    if scope.look.present and reconcile.pairs(scope.snapshot, scope.year):
        found.append(
            Slide("agreement", findings.agreement(scope.snapshot, scope.year), draw_agreement)
        )
    return found


def draw(s: Drawing) -> None:
    cols = "1.5fr 1fr" if s.look.present else "1fr 1fr"
    top = (
        f'<div class="two fill" style="--cols:{cols}"><div class="panel col">{identities(s)}</div>'
        f'<div class="panel col">{files(s.scope)}</div></div>'
    )
    s.html(top, fill=True)
    if not s.look.present:
        intake.panel(s)
        s.html(f'<div class="panel scroll">{markup_agreement.listing(s.scope)}</div>')
        s.html(f'<div class="panel scroll">{faults(s.scope)}</div>')
        s.live(partial(definitions_buttons, s.scope.snapshot))
        s.html(f'<div class="panel scroll">{definitions(s)}</div>')


def draw_agreement(s: Drawing) -> None:
    """对账 in a meeting: what does not agree, then the indicators, as many as fit."""
    found = reconcile.pairs(s.scope.snapshot, s.scope.year)
    ordered = sorted(found, key=lambda p: (not p.broken, p.figure.kpi.private))
    head = markup.head("对账", markup_agreement.summary(found))
    grid = markup_agreement.table(ordered[:IN_MEETING], brief=True)
    rest = len(found) - IN_MEETING
    more = f'<p class="muted">另有 {rest} 个，见桌面模式</p>' if rest > 0 else ""
    s.html(
        f'<div class="panel col fill">{head}<div class="grow">{grid}</div>{more}</div>', fill=True
    )


def identities(s: Drawing) -> str:
    """Each identity with its result for the year; at the desk with every place."""
    brief = s.look.present
    rows = [
        ([] if brief else [esc(r.identity.id)]) + [esc(r.identity.rule), shown.result(r, brief)]
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
    return markup.head("勾稽关系", sub) + spread(grid, brief)


def spread(grid: str, brief: bool) -> str:
    """A table that takes the height left on a slide."""
    return f'<div class="grow">{grid}</div>' if brief else grid


def files(scope: Scope) -> str:
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
    said = f'<p class="muted">错误 {errors} 处，提醒 {warnings} 处{more}</p>'
    rule = markup.fold("更新的规则", [freshness.RULE])
    return markup.head("数据文件", sub) + spread(grid, brief and len(rows) >= MANY) + said + rule


def _name(scope: Scope, loaded: Loaded) -> str:
    """A file; in a meeting the table that it holds."""
    if scope.look.present:
        return esc(tables.table(loaded.table).label)
    return f'<span class="any">{esc(loaded.file)}</span>'


def updated(scope: Scope, table: Loaded) -> str:
    """How often a table is to be updated, its newest row, and by how much it is late."""
    kept = freshness.ledgers(scope.snapshot).get(table.table)
    if kept is None:
        return fmt.NONE
    said = f'<b class="warn">{esc(kept.text)}</b>' if kept.late else esc(kept.text)
    newest = f" <small>最新 {kept.newest}</small>" if kept.newest else ""
    return said + ("" if scope.look.present else newest)


def checksum(table: Loaded) -> str:
    """The beginning of the content's hash; the whole stands in its tooltip and over the rows."""
    return f'<span title="SHA-256 {esc(table.sha256)}">{esc(table.sha256[:8])}</span>'


def faults(scope: Scope) -> str:
    """The faults of the files: file, row, column, value, rule, how to mend it. What `check` lists
    beside them stands in the other panels."""
    found = scope.snapshot.faults
    if not found:
        return markup.head("数据问题") + '<p class="muted">没有发现问题。</p>'
    rows = [
        (
            '<b class="bad">错误</b>'
            if f.severity == "error"
            else '<span class="warn">提醒</span>',
            esc(f.file),
            esc(f.row or fmt.NONE),
            esc(f.column),
            esc(f.value),
            esc(f.rule),
            esc(f.message),
        )
        for f in found[:FAULTS_SHOWN]
    ]
    header = ["级别", "文件", "行", "列", "值", "规则", "怎样改"]
    sub = f"共 {len(found)} 处" + (
        f"，显示前 {FAULTS_SHOWN} 处" if len(found) > FAULTS_SHOWN else ""
    )
    return markup.head("数据问题", sub) + markup.table(header, rows, "llrllll", caption="数据问题")


def _based(figure: Figure) -> str:
    """A rate's base below it."""
    return f"<br><small>{esc(fmt.base(figure))}</small>" if fmt.base(figure) else ""


def definitions(s: Drawing) -> str:
    """Every KPI: value, definition, legal source, where it comes from."""
    titles = page_files.titles()
    rows = []
    for k in KPIS:
        if k.private:
            continue
        figure = findings.headline(s.book, k.code)
        rows.append(
            (
                esc(titles[k.screen]),
                f"<b>{esc(k.name)}</b><br><small>{esc(k.code)}</small>",
                s.toned(figure) + _based(figure)
                if figure.known
                else f'<span class="gap">{fmt.NO_DATA}</span>',
                esc(k.definition),
                esc(k.basis or fmt.NONE),
                markup.provenance(figure),
            )
        )
    header = ["屏幕", "指标", "数值", "口径", "依据", "来源"]
    return markup.head("指标口径", f"{len(rows)} 个指标") + markup.table(
        header, rows, "llrlll", caption="指标口径"
    )


if __name__ == "__main__":
    show(slides, __file__)
