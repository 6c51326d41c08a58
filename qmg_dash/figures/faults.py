"""Every fault of a data folder: those of its files, its broken identities, figures that are
published and not borne out, ledgers that are late."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from qmg_dash import fmt
from qmg_dash.figures import forms, freshness, reconcile
from qmg_dash.figures.book import shared
from qmg_dash.figures.coverage import years
from qmg_dash.figures.identities import Breach, Identity, broken
from qmg_dash.figures.reconcile import Pair
from qmg_dash.folder.snapshot import Snapshot
from qmg_dash.kpis import kpi
from qmg_dash.model import Fault, Filters
from qmg_dash.tables import table

AGREEMENT, COUNTED, LATENESS = "对账", "台账勾稽", "更新"
"""The rules of these faults; identities of published cells are named by their ids."""


def all_faults(snapshot: Snapshot) -> tuple[Fault, ...]:
    """What `check` lists: the files' faults, then those of each year's figures, then lateness."""
    found = list(snapshot.faults)
    for year in years(snapshot):
        breaches = shared(snapshot, Filters(year)).breaches
        found += [_fault(snapshot, year, i, b) for i, b in breaches]
        told = {key for i, b in breaches if i.id == "S-4" for key in b.of}
        pairs = reconcile.pairs(snapshot, year)
        found += [_deviation(year, p) for p in pairs if p.broken and p.key not in told]
        found += _counted(snapshot, year)
    return (*found, *_late(snapshot))


def _fault(snapshot: Snapshot, year: int, identity: Identity, breach: Breach) -> Fault:
    """A broken identity at the row of the cell to mark."""
    rows = {(r.code, r.dimension): r for r in snapshot.reported if r.year == year}
    at = next((rows[k] for k in breach.of if k in rows), None)
    actual, expected = fmt.full(breach.actual), fmt.full(breach.expected)
    return Fault(
        identity.severity,
        at.file if at else "reported.csv",
        at.row if at else None,
        "数值",
        actual,
        identity.id,
        f"{year} 年{breach.where}：应为 {expected}，实为 {actual}，差 {fmt.full(breach.difference)}。"
        "请对照原表核对这一格及相关各格。",
    )


def _deviation(year: int, pair: Pair) -> Fault:
    """A published figure that its ledger does not bear out."""
    reason = f"已记录原因：{pair.reason}" if pair.reason else "请核对，原因记入 corrections.csv"
    return Fault(
        "warning",
        pair.row.file,
        pair.row.row,
        "数值",
        fmt.bare(pair.published),
        AGREEMENT,
        f"{year} 年{pair.label}：公布 {pair.published_text}，台账 {pair.counted_text}，"
        f"差 {pair.difference_text}（{pair.rule}）。{reason}。",
    )


def _counted(snapshot: Snapshot, year: int) -> Iterator[Fault]:
    """Identities that the ledgers' own cells of a form break."""
    for form in (forms.disclosure(snapshot, year), forms.ENFORCEMENT):
        for identity, trial in broken(forms.filled(snapshot, year, form, "ledger").results):
            tables = kpi(trial.of[0][0]).tables
            loaded = next((snapshot.tables[t] for t in tables if t in snapshot.tables), None)
            file = loaded.file if loaded else "ledgers"
            said = f"{year} 年由台账算出的{forms.told(trial)}（{identity.id}）"
            actual = fmt.full(trial.actual)
            message = f"{said}。{_why_counted(snapshot, year, identity)}。"
            yield Fault("warning", file, None, "", actual, COUNTED, message)


_UNFILLED = {
    "T3-2": "有已答复的申请没有填办理结果：请补填",
    "T4-1": "有已审结的案件没有填审理结果：请补填",
    "SUM": "有的行没有填分类所用的栏：请补填",
}
"""What rows lack where the ledger breaks an identity; else it is not known beforehand."""


def _why_counted(snapshot: Snapshot, year: int, identity: Identity) -> str:
    """Why an identity of the ledger's own cells does not hold, and what is to be done."""
    if identity.id == "X-2":
        return "；".join(_documents(snapshot, year)) or "请核对各文件的效力和效力变更日期"
    return _UNFILLED.get(identity.id, "请核对台账中该填的栏是否都填了")


def _documents(snapshot: Snapshot, year: int) -> Iterator[str]:
    """A document that lapses is in force no longer and was not abolished: the form has no place
    for it, and nothing is missing. One that ended on an unknown day is counted as made alone."""
    lapsed = undated = 0
    for row in snapshot.records("documents"):
        issued, ended = row["issued_on"], row["status_on"]
        if isinstance(ended, date):
            lapsed += row["status"] == "失效" and ended.year == year
        elif row["status"] in ("废止", "失效"):
            undated += isinstance(issued, date) and issued.year == year
    if lapsed:
        yield (
            f"当年失效的文件有 {lapsed} 件：不再现行有效，也不算废止，这道公式里没有它们的位置，"
            "因此的差数属实，台账不用改"
        )
    if undated:
        yield f"当年印发的文件有 {undated} 件已废止或失效，没有填效力变更日期：请补填"


def _late(snapshot: Snapshot) -> Iterator[Fault]:
    """Ledgers that are late by their cadence."""
    for found in freshness.ledgers(snapshot).values():
        if found.late:
            spec = table(found.table)
            header, *instead = (spec.column(n).header for n in spec.period)
            said = header + "".join(f"（没有的看{other}）" for other in instead)
            message = f"{found.text}；最新一条的{said}是 {found.newest}"
            newest = str(found.newest)
            file = snapshot.tables[found.table].file
            yield Fault("warning", file, None, header, newest, LATENESS, message)
