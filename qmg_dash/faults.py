"""Every fault of a data folder: those of its files, and its broken identities."""

from __future__ import annotations

from qmg_dash import fmt
from qmg_dash.compute import shared, years
from qmg_dash.identities import Breach, Identity
from qmg_dash.model import Fault, Filters
from qmg_dash.store import Snapshot


def all_faults(snapshot: Snapshot) -> tuple[Fault, ...]:
    """What `check` lists: the files' faults, then the broken identities of each year."""
    found = list(snapshot.faults)
    for year in years(snapshot):
        found += [_fault(snapshot, year, i, b) for i, b in shared(snapshot, Filters(year)).breaches]
    return tuple(found)


def _fault(snapshot: Snapshot, year: int, identity: Identity, breach: Breach) -> Fault:
    """A broken identity at the row of the cell to mark."""
    rows = {(r.code, r.dimension): r for r in snapshot.reported if r.year == year}
    at = next((rows[k] for k in breach.of if k in rows), None)
    actual, expected = fmt.digits(breach.actual), fmt.digits(breach.expected)
    return Fault(
        identity.severity,
        at.file if at else "reported.csv",
        at.row if at else None,
        "数值",
        actual,
        identity.id,
        f"{year} 年{breach.where}：应为 {expected}，实为 {actual}，差 {fmt.digits(breach.difference)}。"
        "请对照原表核对这一格及相关各格。",
    )
