"""What a refused sender gets back: the marked workbook, and where it goes."""

from __future__ import annotations

from pathlib import Path

from qmg_dash import history
from qmg_dash.decoding import Unusable
from qmg_dash.intake import apart
from qmg_dash.intake.plan import Plan, Sent

SUFFIX = "_退回"
MARKED = 10_000
"""Faults that are marked and listed; a workbook of more opens slowly, and says how many there are."""


def workbook(plan: Plan, sent: Sent) -> bytes:
    """The sender's workbook with its faults marked (marking.py)."""
    found = plan.problems_of(sent)
    problems = [
        {
            "sheet": p.place.sheet,
            "row": p.place.row,
            "position": p.place.position,
            "column": p.fault.column,
            "value": p.fault.value,
            "rule": p.fault.rule,
            "message": p.fault.message,
        }
        for p in found[:MARKED]
    ]
    notes = [note for r in plan.readings if r.file == sent.name for note in r.notes]
    told = {"problems": problems, "total": len(found), "notes": notes}
    try:
        return apart.mark(sent.data, told)
    except Unusable:  # what cannot be opened a second time either: the list alone
        return apart.mark(b"", told)


def name(sent: Sent) -> str:
    """What the marked workbook is called: 台账.xls → 台账_退回.xlsx; sent again, the same name."""
    return f"{sent.stem.removesuffix(SUFFIX)}{SUFFIX}.xlsx"


def write(plan: Plan, sent: Sent, path: Path) -> Path:
    """Put the marked workbook beside the sent file, or into the present directory where that is
    not allowed (or the file there is held open). Raises OSError where neither can be written."""
    content = workbook(plan, sent)
    beside = path.with_name(name(sent))
    try:
        history.put(beside, content)
    except OSError:
        beside = Path.cwd() / name(sent)
        history.put(beside, content)
    return beside
