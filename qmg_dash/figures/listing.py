"""The KPIs as a list of plain values, for the command and for other programs (DATA.md section 5)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from qmg_dash import fmt
from qmg_dash.figures import coverage, progress
from qmg_dash.figures.arithmetic import plain
from qmg_dash.figures.book import Book, ordered, shared
from qmg_dash.figures.coverage import goal_years
from qmg_dash.folder.snapshot import Snapshot
from qmg_dash.kpis import KPIS, Kpi, kpi
from qmg_dash.kpis.base import Part
from qmg_dash.model import Figure, Filters, Source

GOALS = "goals."


def years(snapshot: Snapshot) -> list[int]:
    """Every year that a figure speaks of: published, counted, or aimed at."""
    return sorted({*coverage.years(snapshot), *goal_years(snapshot)})


def figures(
    snapshot: Snapshot, year: int, codes: Iterable[str] = (), filters: Filters | None = None
) -> list[Figure]:
    """All figures of a year: each KPI's total, then its splits; KPIs without data included. Under
    further `filters` of that year where some are given."""
    wanted = [kpi(c) for c in dict.fromkeys(codes)] or [*KPIS, *_extra(snapshot, year)]
    book = shared(snapshot, filters or Filters(year))
    rows = progress.measures(snapshot, year)
    out: list[Figure] = []
    for row in wanted:
        if row.code.startswith(GOALS):
            out.append(progress.figure(snapshot, rows, row.code, year))
        else:
            out += _of(book, row)
    return out


def _extra(snapshot: Snapshot, year: int) -> list[Kpi]:
    """Published codes outside the registry: the 2019 form's own table 2."""
    codes = dict.fromkeys(r.code for r in snapshot.reported if r.year == year)
    return [kpi(c) for c in codes if kpi(c) not in KPIS]


def _of(book: Book, row: Kpi) -> list[Figure]:
    keys = [""]
    for dimension in row.dimensions:
        values = book.values(row.code, dimension.name)
        # What a town has published of a split is not made whole from a ledger; a form's cells are.
        if row.total_dimension or not book.published_parts(row, dimension.name):
            values += book.zeros(row, dimension.name)
        keys += [row.written(Part(dimension, v)) for v in ordered(dimension, values)]
    keys += [d for c, d in book.published_codes() if c == row.code]
    keys += _ledger_keys(book, row)
    return [book.figure(row, row.part(key)) for key in dict.fromkeys(keys)]


def _ledger_keys(book: Book, row: Kpi) -> list[str]:
    """Values of the first split that only the ledger knows, and the form's total column."""
    if not row.formula or not row.dimensions:
        return []
    spoken = book.speaks(row)
    keys = [row.total_dimension] if row.total_dimension and spoken else []
    if row.formula.kind == "special":
        return keys + (list(row.dimensions[0].values) if spoken else [])
    first = row.dimensions[0]
    return keys + ordered(first, book.counted(row, first.name))


def _source(source: Source) -> dict[str, Any]:
    if source.rows is not None:
        return {"file": source.file, "rows": source.rows}
    return {"file": source.file, "locator": source.locator}


def record(figure: Figure) -> dict[str, Any]:
    """A figure as DATA.md section 5 writes it, called as the contract does."""
    row = figure.kpi
    return {
        "code": figure.code,
        "dimension": figure.dimension,
        "label": figure.label.replace(row.name, row.label, 1),
        "year": figure.year,
        "value": plain(figure.value),
        "qualifier": figure.qualifier,
        "text": fmt.text(figure),
        "unit": figure.unit,
        "basis": figure.basis,
        "nature": figure.nature,
        "reported": plain(figure.reported.value) if figure.reported else None,
        "ledger": plain(figure.ledger.value) if figure.ledger else None,
        "definition": row.definition,
        "sources": [_source(s) for s in figure.sources],
        "as_of": figure.as_of,
        "data_version": figure.data_version,
    }
