"""A data folder with a marker in every text cell that is not public: what may not stand on a wall is
found there by it."""

from __future__ import annotations

import csv
import re
import shutil
from pathlib import Path

from qmg_dash.tables import LEDGERS, Column

ROOT = Path(__file__).parents[1]
MARKER = re.compile(r"暗号\d+")


def hidden(column: Column) -> bool:
    """Whether what stands in a column is for the desk alone."""
    return column.type == "text" and not column.public


def build(folder: Path) -> Path:
    """The demo with a marker in every such cell; the same word gets the same marker, so that what
    refers to something still does."""
    shutil.copytree(ROOT / "data/demo", folder)
    markers: dict[str, str] = {}
    for table in LEDGERS:
        path = folder / table.path
        with path.open(encoding="utf-8-sig", newline="") as file:
            header, *rows = list(csv.reader(file))
        secret = [i for i, c in enumerate(table.columns) if hidden(c)]
        assert [c.header for c in table.columns] == header
        for row in rows:
            for i in secret:
                if row[i]:
                    row[i] = markers.setdefault(row[i], f"暗号{len(markers)}")
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows([header, *rows])
    assert len(markers) > 2000
    return folder
