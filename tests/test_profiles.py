"""Files as other systems export them go in: every layout in ten invented spellings, none in the wrong
layout, no figure off by a unit, nobody's name kept, a question asked once."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import folders
import layouts
import pytest
from layouts import NAMES, OFFICERS, all_made
from sending import kept

from qmg_dash.folder.cells import read_cell
from qmg_dash.intake import apart, sheets
from qmg_dash.intake.cells import canonical
from qmg_dash.intake.plan import Plan, Sent, make, publish
from qmg_dash.intake.profile import Profile, shipped
from qmg_dash.intake.recognise import Doubtful, recognise

SHEETS = [p for p in shipped() if not p.forms]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A town without a ledger."""
    return folders.town(tmp_path / "town")


@pytest.fixture(autouse=True)
def _in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """The files are ours: a process for each would take most of the time."""
    monkeypatch.setattr(apart, "read", sheets.read)


def planned(folder: Path, *files: tuple[str, bytes], **answers: str) -> Plan:
    return make([Sent(*f) for f in files], folder, answers=answers)


def done(folder: Path, plan: Plan) -> Plan:
    """Publish what is allowed, and look that the same files change nothing then."""
    assert not plan.problems, [
        (p.place.source, p.fault.value, p.fault.message) for p in plan.problems
    ]
    assert not plan.answers.open, plan.answers.open
    assert publish(plan, "经办", "核实")
    again = make(plan.sent, folder)
    assert not again.refused and not again.changes and again.differences
    return plan


# ---------------------------------------------------------------- ten spellings of each


@pytest.mark.parametrize("of", SHEETS, ids=lambda p: p.id)
def test_ten_invented_spellings_of_a_layout_go_in_without_a_word(folder: Path, of: Profile):
    mine = [m for m in all_made() if m.profile is of]
    assert len(mine) == layouts.PER_LAYOUT
    answers = {k: v for m in mine for k, v in m.answers.items()}
    plan = done(folder, make([m.sent for m in mine], folder, answers=answers))
    assert {p.head.profile for r in plan.readings for p in r.tables} == {of}
    rows = _known(folder, of)
    for m in mine:
        for wanted in m.rows:
            found = rows[_key(of, wanted)]
            assert {n: found.get(n, "") for n in wanted} == wanted, m.sent.name
    assert len(rows) == sum(len(m.rows) for m in mine)
    _no_names(folder, plan)


def _known(folder: Path, of: Profile) -> dict[object, dict[str, str]]:
    by_header = {c.header: c.name for c in of.table.columns}
    rows = [{by_header[h]: v for h, v in r.items()} for r in kept(folder, of.table.path)]
    return {_key(of, r): canonical(of.table, r) for r in rows}


def _key(of: Profile, row: dict[str, str]) -> object:
    names = of.number or of.table.key
    return tuple(read_cell(of.table.column(n), row[n]).value for n in names)


def _no_names(folder: Path, plan: Plan) -> None:
    """Neither in the folder with its history nor in what is said."""
    said = [n for r in plan.readings for n in (*r.notes, *r.layouts)]
    said += [str(f) for f in (*plan.warnings, *(p.fault for p in plan.problems))]
    said += [str(q) for q in plan.questions]
    files = [p.read_bytes() for p in folder.rglob("*") if p.is_file()]
    assert files and said
    for name in (*NAMES, *OFFICERS):
        assert not any(name in text for text in said)
        assert not any(name.encode() in content for content in files)


# ---------------------------------------------------------------- none in the wrong layout


@cache
def _matrix() -> dict[tuple[str, str], int]:
    """How many files of a layout are taken for another, by (layout, taken for)."""
    out: dict[tuple[str, str], int] = {}
    for m in all_made():
        (sheet,) = (s for s in sheets.read(m.sent.data).sheets if s.rows)
        for p in SHEETS:
            try:
                head = recognise(sheet, m.sent.stem, (), (p,))
            except Doubtful:
                head = None
            taken = head is not None and head.profile is p and not head.lacking
            out[m.profile.id, p.id] = out.get((m.profile.id, p.id), 0) + taken
    return out


def test_no_file_is_taken_for_another_layout():
    """Printed as a table (pytest -s): a row for each layout's files, a column for each layout."""
    width = max(len(p.id) for p in SHEETS)
    print("\n" + " " * width, *(p.id[:6].rjust(7) for p in SHEETS))
    for of in SHEETS:
        print(of.id.ljust(width), *(str(_matrix()[of.id, p.id]).rjust(7) for p in SHEETS))
    wrong = {pair: n for pair, n in _matrix().items() if n and pair[0] != pair[1]}
    assert wrong == {}
    assert {n for pair, n in _matrix().items() if pair[0] == pair[1]} == {layouts.PER_LAYOUT}
