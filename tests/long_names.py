"""The demo's town with names of 30 characters: every department, area, village, kind of thing and measure has
one, so that a layout that cuts a name or breaks by it shows it."""

from __future__ import annotations

import csv
import io
import shutil
from pathlib import Path

from folders import put

from qmg_dash import tables

ROOT = Path(__file__).parents[1]
LENGTH = 30
PADDING = "暨基层社会治理综合服务保障与行政执法协调联动工作领导小组办公室"
LONG = {
    "goals": ("measure", "direction", "owner"),
    "enforcement_actions": ("area", "department"),
    "power_items": ("name", "department"),
    "disputes": ("village", "type", "source"),
    "learning": ("topic",),
    "publicity": ("theme", "venue"),
    "disclosures": ("title", "category", "channel", "department"),
    "legal_reviews": ("title", "department"),
    "documents": ("title",),
    "decisions": ("title",),
    "officers": ("department",),
    "practices": ("mechanism", "area"),
    "shortcomings": ("text",),
}


def lengthened(name: str) -> str:
    """A name of 30 characters that begins and ends as it did; a different one for each."""
    if not name or len(name) >= LENGTH:
        return name
    head = len(name) - len(name) // 2
    return name[:head] + PADDING[: LENGTH - len(name)] + name[head:]


def build(folder: Path) -> Path:
    """Such a folder."""
    shutil.copytree(ROOT / "data/demo", folder, dirs_exist_ok=True)
    for table, names in LONG.items():
        path = folder / tables.table(table).path
        with path.open(encoding="utf-8-sig", newline="") as f:
            header, *rows = csv.reader(f)
        at = {header.index(tables.table(table).column(n).header) for n in names}
        out = io.StringIO()
        csv.writer(out, lineterminator="\r\n").writerows(
            [
                header,
                *([lengthened(c) if i in at else c for i, c in enumerate(row)] for row in rows),
            ]
        )
        put(path, out.getvalue())
    return folder
