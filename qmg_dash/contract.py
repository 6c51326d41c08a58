"""The contract as two tables, written from the declarations: python -m qmg_dash.contract [FOLDER]

tables.tsv has a row a column (tables.TABLES), kpis.tsv a row a KPI (kpis.KPIS); the cells of the
statutory form stand in one row a table. What others build upon is thus what the code does.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from qmg_dash.kpis import KPIS, Kpi, disclosure
from qmg_dash.tables import TABLES, Column, Table

FOLDER = Path(__file__).parents[1] / "docs/contract"
PUBLISHED = "published only"
TABLE_HEADER = ("table", "table_label", "column", "header", "type", "required", "values_or_rule")
KPI_HEADER = ("code", "label", "short", "unit", "better", "must", "tables", "definition")


def texts() -> dict[str, str]:
    """File name → its text."""
    return {
        "tables.tsv": _text(TABLE_HEADER, _columns()),
        "kpis.tsv": _text(KPI_HEADER, map(_kpi, (*_alone(), *disclosure.FORM_TABLES))),
    }


def _text(header: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    return "".join("\t".join(row) + "\n" for row in (header, *rows))


def _alone() -> list[Kpi]:
    """The KPIs that are no cell of the statutory form."""
    prefixes = tuple(t.code.removesuffix("*") for t in disclosure.FORM_TABLES)
    return [k for k in KPIS if not k.code.startswith(prefixes)]


def _kpi(k: Kpi) -> tuple[str, ...]:
    must = "" if k.must is None else f"{k.must:g}"
    tables = ", ".join(k.tables) or PUBLISHED
    return (k.code, k.label, k.short, k.unit, k.better or "", must, tables, k.rule)


def _columns() -> Iterator[tuple[str, ...]]:
    for table in TABLES:
        former: tuple[str, ...] = ()
        for c in table.columns:
            required = "*key" if c.key else "*" if c.required else ""
            rule = (
                "same" if c.type == "text" and c.values and c.values == former else _rule(table, c)
            )
            yield (table.name, table.label, c.name, c.header, c.type, required, rule)
            former = c.values


def _rule(table: Table, column: Column) -> str:
    """What a column's cells have to keep: what it says itself, else what its declaration does."""
    if column.rule is not None:
        return column.rule
    if column.values:
        return "/".join(column.values) + ("/…" if column.open else "")
    if column.refers_to:
        return f"in {column.refers_to}: warning"
    if column.maximum is not None and not column.year:
        return f"{column.minimum:g}–{column.maximum:g}"
    for pairs, word in ((table.not_before, "not before"), (table.not_above, "<=")):
        for name, other in pairs:
            if name == column.name:
                return f"{word} {other}"
    if column.several:
        return "、-separated"
    return ""


def main() -> None:
    """Write both files into a folder, docs/contract if none is named."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    for name, text in texts().items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
