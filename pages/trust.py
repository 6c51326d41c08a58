"""数据口径: every KPI with definition, source and value; identities, faults, files."""

from qmg_dash import findings, fmt
from qmg_dash.fmt import html as esc
from qmg_dash.identities import IDENTITIES, testable
from qmg_dash.kpis import KPIS
from qmg_dash.ui import intake, nav, parts
from qmg_dash.ui.scope import Scope
from qmg_dash.ui.screen import Drawing, Slide, show

TITLE = "数据口径"
RANK = 10
FAULTS_SHOWN = 50
IN_MEETING = 12


def slides(scope: Scope) -> list[Slide]:
    return [Slide(findings.trust(scope.book), draw)]


def draw(s: Drawing) -> None:
    top = (
        f'<div class="two fill" style="--cols:1.5fr 1fr"><div class="panel col">{identities(s)}</div>'
        f'<div class="panel col">{files(s.scope)}</div></div>'
    )
    s.html(top, fill=True)
    if not s.look.present:
        intake.panel(s)
        s.html(f'<div class="panel">{faults(s.scope)}</div>')
        s.html(f'<div class="panel scroll">{definitions(s)}</div>')


def identities(s: Drawing) -> str:
    """Each identity with its result for the year."""
    broken: dict[str, list] = {}
    for identity, breach in s.book.breaches:
        broken.setdefault(identity.id, []).append(breach)
    rows = []
    for identity in IDENTITIES:
        bad = broken.get(identity.id)
        if bad:
            first = bad[0]
            result = (
                f'<b class="bad">{len(bad)} 处不符</b><br><small>{esc(first.where)}：应为 '
                f"{fmt.digits(first.expected)}，实为 {fmt.digits(first.actual)}，"
                f"差 {fmt.digits(first.difference)}</small>"
            )
        elif testable(identity, s.book.cells):
            result = '<b class="accent">成立</b>'
        else:
            result = '<span class="gap">数据不全，未检验</span>'
        rows.append((esc(identity.id), esc(identity.rule), result))
    grid = parts.table(
        ["编号", "勾稽关系", "结果"], rows, "lln", classes="tight", caption="勾稽关系"
    )
    return parts.head("勾稽关系", f"{s.scope.year} 年；只用已知且精确的数") + grid


def files(scope: Scope) -> str:
    """The files behind the screens, their rows, and the data's version."""
    most = IN_MEETING if scope.look.present else len(scope.snapshot.tables)
    hidden = len(scope.snapshot.tables) - most
    rows = [
        (
            f'<span class="any">{esc(t.file)}</span>',
            fmt.digits(t.rows),
            fmt.digits(t.rejected) if t.rejected else fmt.NONE,
            esc(t.sha256[:8]),
        )
        for t in list(scope.snapshot.tables.values())[:most]
    ]
    grid = parts.table(
        ["文件", "行数", "未计入", "校验码"],
        rows,
        "lrrl",
        classes="tight",
        caption="数据文件",
    )
    errors = sum(f.severity == "error" for f in scope.snapshot.faults)
    warnings = len(scope.snapshot.faults) - errors
    sub = f"版本 {scope.snapshot.version}"
    more = f"；另有 {hidden} 个文件" if hidden > 0 else ""
    said = f'<p class="muted">错误 {errors} 处，提醒 {warnings} 处{more}</p>'
    return parts.head("数据文件", sub) + grid + said


def faults(scope: Scope) -> str:
    """What `check` lists: file, row, column, value, rule, how to mend it."""
    found = scope.snapshot.faults
    if not found:
        return parts.head("数据问题") + '<p class="muted">没有发现问题。</p>'
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
    return parts.head("数据问题", sub) + parts.table(header, rows, "llrllll", caption="数据问题")


def definitions(s: Drawing) -> str:
    """Every KPI: value, definition, legal source, where it comes from."""
    titles = {x.path: x.title for x in nav.screens()}
    rows = []
    for k in KPIS:
        if k.private:
            continue
        figure = findings.headline(s.book, k.code)
        rows.append(
            (
                esc(titles[k.screen]),
                f"<b>{esc(k.label)}</b><br><small>{esc(k.code)}</small>",
                esc(fmt.text(figure))
                if figure.known
                else f'<span class="gap">{fmt.NO_DATA}</span>',
                esc(k.definition),
                esc(k.basis or fmt.NONE),
                parts.provenance(figure),
            )
        )
    header = ["屏幕", "指标", "数值", "口径", "依据", "来源"]
    return parts.head("指标口径", f"{len(rows)} 个指标") + parts.table(
        header, rows, "llrlll", caption="指标口径"
    )


if __name__ == "__main__":
    show(slides, __file__)
