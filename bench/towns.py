"""The towns that look.py looks at: the demo, the shipped folder, and two odd ones that it makes.

one       a single published figure, and nothing else
hundred   a demo whose departments are a hundred, whose villages are too, each with a name of
          thirty characters
"""

from __future__ import annotations

import csv
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from serve import ROOT

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from qmg_dash import demo, tables
from qmg_dash.folder.scan import TOWN

LENGTH = 30
MANY = 100
DEPARTMENT = "综合行政执法与规划建设管理及应急管理工作联席会议办公室"
VILLAGE = "与毗邻各村民小组及易地搬迁集中安置点联合管理服务片区"
NAMED = {
    "department": (DEPARTMENT, "分局"),
    "joint_departments": (DEPARTMENT, "分局"),
    "owner": (DEPARTMENT, "分局"),
    "village": (VILLAGE, "小区"),
}
"""The columns that name a department or a village: what makes a name long, how it ends."""
ONE = """\
[town]
name = "某县某镇"
short_name = "某镇"

[dataset]
nature = "official"
as_of = 2023-06-30
"""


def one(folder: Path) -> None:
    """A town of one figure."""
    folder.mkdir(parents=True)
    (folder / TOWN).write_text(ONE, encoding="utf-8")
    spec = tables.table("reported")
    said = {"year": "2022", "indicator": "learning.study_sessions", "value": "5", "unit": "次"}
    said |= {"raw": "5次", "source": "《年度报告》", "locator": "一（一）"}
    _write(folder / spec.path, spec, [[said.get(c.name, "") for c in spec.columns]])


def hundred(folder: Path) -> None:
    """The demo with a hundred departments and villages. Each row of an office goes to one of as
    many that have taken its place, one after the other."""
    demo.write_demo(folder)
    files = [(spec, folder / spec.path) for spec in tables.TABLES if (folder / spec.path).is_file()]
    read = {spec.name: _read(file) for spec, file in files}
    names = Names(read)
    for spec, file in files:
        _write(file, spec, [names.in_place(spec, row) for row in read[spec.name]])


class Names:
    """The long names that stand for those of a demo."""

    def __init__(self, read: dict[str, list[list[str]]]) -> None:
        self.known: dict[str, dict[str, int]] = {end: {} for _, end in NAMED.values()}
        self.used: Counter[tuple[str, str, str]] = Counter()
        for spec in map(tables.table, read):
            for column, cell in ((c, r[i]) for r in read[spec.name] for i, c in _named(spec)):
                for word in _parts(cell):
                    known = self.known[NAMED[column][1]]
                    known.setdefault(word, len(known))

    def in_place(self, spec: tables.Table, row: list[str]) -> list[str]:
        """A row with the long names in the place of its own."""
        made = list(row)
        for i, column in _named(spec):
            words = _parts(row[i])
            made[i] = "、".join(self.other(spec.name, column, word) for word in words)
        return made

    def other(self, table: str, column: str, word: str) -> str:
        """The next one of those that stand for a name."""
        stem, end = NAMED[column]
        known = self.known[end]
        each = -(-MANY // len(known))
        number = known[word] * each + self.used[table, column, word] % each + 1
        self.used[table, column, word] += 1
        return f"{(word + stem)[: LENGTH - 6]}第{number:03}{end}"


def _named(spec: tables.Table) -> list[tuple[int, str]]:
    return [(i, c.name) for i, c in enumerate(spec.columns) if c.name in NAMED]


def _parts(cell: str) -> list[str]:
    return [w for w in cell.split("、") if w]


def _read(file: Path) -> list[list[str]]:
    with file.open(encoding="utf-8-sig", newline="") as text:
        return list(csv.reader(text))[1:]


def _write(file: Path, spec: tables.Table, rows: list[list[str]]) -> None:
    with file.open("w", encoding="utf-8-sig", newline="") as text:
        csv.writer(text).writerows([[c.header for c in spec.columns], *rows])


TOWNS: dict[str, Path | Callable[[Path], None]] = {
    "demo": ROOT / "data" / "demo",
    "report": ROOT / "data",
    "one": one,
    "hundred": hundred,
}


def folder(town: str, within: Path) -> Path:
    """A town's data folder; what is to be made is made `within` another."""
    known = TOWNS[town]
    if isinstance(known, Path):
        return known
    known(within / town)
    return within / town
