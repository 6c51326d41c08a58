"""What a refused sender gets back: the marked workbook, and where it goes."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from qmg_dash import whole
from qmg_dash.folder.decoding import Unusable
from qmg_dash.intake import apart, report
from qmg_dash.intake.plan import Plan, Sent

SUFFIX = "_退回"
MARKED = 10_000
"""Faults that are marked and listed; a workbook of more opens slowly, and says how many there are."""


def workbook(plan: Plan, sent: Sent) -> bytes:
    """The sender's workbook with its faults marked (marking.py)."""
    found = plan.problems_of(sent)
    problems = [
        {
            "sheet": same.places[0].sheet,
            "places": [(p.row, p.position) for p in same.places],
            "cells": report.cells_of(same),
            "column": same.fault.column,
            "value": same.fault.value,
            "rule": same.fault.rule,
            "message": same.fault.message,
        }
        for same in report.grouped(found[:MARKED])
    ]
    notes = [note for r in plan.readings if r.file == sent.name for note in r.notes]
    told = {
        "problems": problems,
        "total": len(found),
        "told": min(len(found), MARKED),
        "notes": notes,
    }
    try:
        return apart.mark(sent.data, told)
    except Unusable:  # what cannot be opened a second time either: the list alone
        return apart.mark(b"", told)


_COPY = re.compile(rf"(?<=.){SUFFIX}(\s*[(（][0-9]+[)）]|\s*-\s*副本(\s*[(（][0-9]+[)）])?)*$")
"""What a browser or the desktop makes of the name of a second copy, behind it."""


def _origin(stem: str) -> str:
    """The name, without its ending, of the file that a returned workbook was made of."""
    return _COPY.sub("", stem)


def name(sent: Sent) -> str:
    """What the marked workbook is called: 台账.xls → 台账_退回.xlsx; sent again, the same name."""
    return f"{_origin(sent.stem)}{SUFFIX}.xlsx"


def current(names: Sequence[str]) -> tuple[list[int], list[tuple[str, str]]]:
    """Which of the files hold (by their place), and the pairs (former, what stands in its place).

    A workbook that was returned and mended is sent instead of what it was made of, and of several
    of one name, or several copies of it, the last counts. Where it may have been made of two
    files, none is replaced."""
    last = {name: n for n, name in enumerate(names)}
    replaced = [(name, name) for n, name in enumerate(names) if last[name] != n]
    groups: dict[str, list[str]] = defaultdict(list)
    for one in last:
        groups[str(Path(one).with_name(_origin(Path(one).stem)))].append(one)
    for origin, same in groups.items():
        former = [one for one in same if Path(one).stem == Path(origin).name]
        mended = sorted((one for one in same if one not in former), key=last.__getitem__)
        if mended and len(former) < 2:
            replaced += [(old, mended[-1]) for old in (*former, *mended[:-1])]
    gone = {old for old, new in replaced if old != new}
    return [n for n, one in enumerate(names) if last[one] == n and one not in gone], replaced


def write(plan: Plan, sent: Sent, path: Path) -> Path:
    """Put the marked workbook beside the sent file, or into the present directory where that is
    not allowed (or the file there is held open). Raises OSError where neither can be written."""
    content = workbook(plan, sent)
    beside = path.with_name(name(sent))
    try:
        whole.write(beside, content)
    except OSError:
        beside = Path.cwd() / name(sent)
        whole.write(beside, content)
    return beside
