"""The statutory tables of a report as they lie in a sheet (or a Word file): each cell is found by the
names of its row and its column, in the layout that figures/forms.py has. A blank cell is not 0.

A table is taken where every row and column of it is found, in the form's order; of one that is there
in part, what is missing is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import NamedTuple

from qmg_dash.figures.forms import FORMS, Box, Form, Grid
from qmg_dash.figures.identities import Key
from qmg_dash.folder.cells import DASHES, WHITE, fold
from qmg_dash.intake.profile import Profile
from qmg_dash.intake.sheets import Cell, Sheet
from qmg_dash.intake.vocabulary import ASKED, apart, is_unit
from qmg_dash.kpis import kpi

_NUMBERED = re.compile(r"^(?:[（(]?[一二三四五六七八九十0-9]{1,2}[)）.．、:：]|[①-⑳])")
_ASIDE = re.compile(r"[（(][^（()）]*[)）]$")
_QUOTES = str.maketrans("", "", "“”\"'‘’《》·")
ROWS = 300
"""Rows of a sheet; a form with all its tables has a quarter of them."""


@dataclass(frozen=True)
class Spot:
    """A cell of a form in a sheet: its figure, where it lies (from 0), what names it. `unit` is ASKED
    of an amount under a head that says none; `over`: the head, and the row that it stands in."""

    key: Key
    row: int
    column: int
    cell: Cell
    names: str
    unit: str
    money: bool
    over: tuple[str, int]

    @property
    def blank(self) -> bool:
        return self.cell.text.strip(WHITE) in ("", *DASHES)


@dataclass
class Laid:
    """A form's tables as they were found in a sheet. `lacking`: what a table misses that is there in
    part."""

    form: Form
    spots: list[Spot] = field(default_factory=list)
    tables: list[str] = field(default_factory=list)
    lacking: list[str] = field(default_factory=list)
    first: int = 0
    own: bool = False
    """Whether table 3 is there, which tells this form from the other."""


def find(sheet: Sheet, profiles: Sequence[Profile]) -> tuple[Profile, Laid] | None:
    """The form that most of a sheet's cells belong to; None for a sheet that has none."""
    if len(sheet.rows) > ROWS or not any(profile.forms for profile in profiles):
        return None
    plain = [[_plain(text) for text in row] for row in _spread(sheet)]
    found = [(p, _laid(f, sheet, plain)) for p in profiles for f in FORMS if f.id in p.forms]
    known = [(p, laid) for p, laid in found if laid.tables or laid.lacking]
    return max(known, key=lambda f: (len(f[1].spots), -len(f[1].lacking)), default=None)


def _laid(form: Form, sheet: Sheet, plain: list[list[str]]) -> Laid:
    out = Laid(form, first=len(sheet.rows))
    for grid in form.grids:
        spots, lacking = _located(grid, sheet, plain)
        if spots is None:
            continue
        if lacking:
            out.lacking.append(f"“{grid.title}”缺少{'、'.join(f'“{t}”' for t in lacking)}")
            continue
        out.spots += spots
        out.tables.append(grid.title)
        out.first = min((out.first, *(s.row for s in spots)))
        out.own |= any(s.key[0].startswith("disclosure.t3.") for s in spots)
    return out


# ---------------------------------------------------------------- a table in a sheet


def _spread(sheet: Sheet) -> list[list[str]]:
    """The texts of a sheet; what is merged says the same in all its cells."""
    width = max((len(r) for r in sheet.rows), default=0)
    out = [[c.text.strip(WHITE) for c in r] + [""] * (width - len(r)) for r in sheet.rows]
    for r1, c1, r2, c2 in sheet.merged:
        if r1 < len(out) and c1 < width:
            for row in out[r1 : r2 + 1]:
                row[c1 : min(c2 + 1, width)] = [out[r1][c1]] * (min(c2 + 1, width) - c1)
    return out


def _plain(text: str) -> str:
    """The name of a row or column without its number, its remarks and its unit."""
    said = fold(text).translate(_QUOTES)
    while (shorter := _ASIDE.sub("", _NUMBERED.sub("", said))) != said:
        said = shorter
    return said


@dataclass(frozen=True)
class _Line:
    """A row of a grid with figures: its name (empty in table 4), and its boxes with the names of
    their columns."""

    name: str
    label: str
    boxes: tuple[tuple[Box, str], ...]


def _lines(grid: Grid) -> tuple[list[_Line], set[str]]:
    """The rows of a grid with figures, and all names of its columns."""
    above: dict[int, str] = {}
    lines: list[_Line] = []
    names: set[str] = set()
    for _, placed in groupby(grid.placed(), key=lambda p: p.row):
        row = list(placed)
        for p in row:
            if p.box.kind == "head":
                above |= {p.column + i: p.box.text for i in range(p.box.across)}
        values = [p for p in row if p.box.kind == "value"]
        if values:
            labels = [p.box.text for p in row if p.box.kind == "label"]
            boxes = tuple((p.box, _plain(above[p.column].replace("\n", ""))) for p in values)
            names |= {name for _, name in boxes}
            lines.append(
                _Line(_plain(labels[-1]) if labels else "", labels[-1] if labels else "", boxes)
            )
    return lines, names


def _located(
    grid: Grid, sheet: Sheet, plain: list[list[str]]
) -> tuple[list[Spot] | None, list[str]]:
    """(the cells of a grid, the names that are missing); None where the sheet has no such table."""
    lines, names = _lines(grid)
    labels = {line.name for line in lines}
    heads = {n: found for n, row in enumerate(plain) if _is_head(found := names & {*row}, labels)}
    spots: list[Spot] = []
    lacking: list[str] = []
    at, met = -1, 0
    for line in lines:
        rows = list(_rows(plain, line, at, names))
        fitting = ((r, c) for r in rows if (c := _columns(plain, sheet, r, line, heads)))
        found = next(fitting, None)
        if not line.name and not rows:
            continue  # nothing is filled in below its columns' names
        if found is None:
            columns_ = "、".join(dict.fromkeys(name for _, name in line.boxes))
            of = f"{line.label}的列" if rows and line.label else line.label
            lacking.append(of or f"列名：{columns_}")
            continue
        at, columns = found
        met += 1
        spots += (
            _spot(grid, line, box, name, sheet, at, run)
            for (box, name), run in zip(line.boxes, columns, strict=True)
        )
    there = met * 2 >= len(lines) if lines[0].name else any(_most(f, names) for f in heads.values())
    return (spots, lacking) if there else (None, [])


def _is_head(found: set[str], labels: set[str]) -> bool:
    """Whether a row names columns: 其他 alone is a row's name in table 3."""
    return len(found) > 1 or bool(found - labels)


def _most(found: set[str], names: set[str]) -> bool:
    return 2 * len(found & names) > len(names)


def _rows(plain: list[list[str]], line: _Line, after: int, names: set[str]) -> Iterator[int]:
    """The rows that may have that name; of a table without names of rows, those below its columns'
    names."""
    for number in range(after + 1, len(plain)):
        row = plain[number]
        if line.name:
            if line.name in row and not (names & {*row}) - {line.name}:
                yield number
        elif number and _most({*plain[number - 1]}, names) and not {*row} & names:
            yield number


class _Run(NamedTuple):
    """Columns under one head (several where it is merged over them), and what is written in it."""

    columns: list[int]
    head: str
    row: int


def _columns(
    plain: list[list[str]], sheet: Sheet, row: int, line: _Line, heads: dict[int, set[str]]
) -> list[_Run] | None:
    """For each box the columns that belong to it."""
    over = [_head(plain, sheet, row, c, heads) for c in range(len(plain[row]))]
    runs: dict[str, list[_Run]] = {}
    for head, group in groupby(range(len(over)), key=lambda c: over[c]):
        if head:
            name, at = head
            runs.setdefault(name, []).append(_Run([*group], _cell(sheet, *at).text, at[0]))
    wanted = [name for _, name in line.boxes]
    if any(len(runs.get(name, ())) != wanted.count(name) for name in wanted):
        return None
    left = {name: iter(runs[name]) for name in wanted}
    return [next(left[name]) for name in wanted]


def _head(
    plain: list[list[str]], sheet: Sheet, row: int, column: int, heads: dict[int, set[str]]
) -> tuple[str, tuple[int, int]] | None:
    """The name over a cell, and the cell that it stands in: merged ones are one."""
    for above in range(row - 1, -1, -1):
        text = plain[above][column]
        if text in heads.get(above, ()):
            for r1, c1, r2, c2 in sheet.merged:
                if r1 <= above <= r2 and c1 <= column <= c2:
                    return text, (r1, c1)
            return text, (above, column)
    return None


def _spot(grid: Grid, line: _Line, box: Box, name: str, sheet: Sheet, row: int, run: _Run) -> Spot:
    """The cell of a box. Several different ones under one head are none that can be read; an amount
    is in the unit that its head says."""
    key = box.key or ("", "")
    cells = {c: cell for c in run.columns if (cell := _cell(sheet, row, c)).text.strip(WHITE)}
    column = next(iter(cells), run.columns[0])
    cell = cells.get(column, Cell())
    if len({c.text for c in cells.values()}) > 1:
        cell = Cell("；".join(c.text for c in cells.values()))
    label = re.sub(r"\s", "", line.label)
    said = apart(run.head)[1]
    money = "金额" in name
    unit = said if is_unit(said) else ASKED if money else kpi(key[0]).unit
    names = "，".join(filter(None, (grid.title, label, key[1])))
    return Spot(key, row, column, cell, names, unit, money, (run.head, run.row))


def _cell(sheet: Sheet, row: int, column: int) -> Cell:
    cells = sheet.rows[row]
    return cells[column] if column < len(cells) else Cell()


def rows_of(laid: Laid, given: dict[str, str]) -> Iterator[tuple[Spot, dict[str, str]]]:
    """The rows of reported.csv that a form's cells give; their values are read from the cells."""
    for spot in laid.spots:
        if not spot.blank:
            code, dimension = spot.key
            where = {"unit": spot.unit, "locator": spot.names}
            yield spot, given | {"indicator": code, "dimension": dimension} | where


def version_of(laid: Laid, given: dict[str, str]) -> dict[str, str] | None:
    """The row of reported.csv that says which form it is; None where no table tells."""
    said = {
        "dimension": "",
        "value": laid.form.id.rpartition("_")[2],
        "unit": "",
        "locator": "表式",
    }
    return given | {"indicator": "disclosure.form"} | said if laid.own else None
