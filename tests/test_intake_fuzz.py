"""Whatever is sent: no crash, no hang, nothing changed but by a whole import.

A few tries here, 2,000 of each with QMG_SOAK=1.
"""

from __future__ import annotations

import os
import random
from pathlib import Path

import folders
import pytest
import sending
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qmg_dash.folder import store
from qmg_dash.intake import cells, reading, sheets
from qmg_dash.intake.merge import doubled, existing, merge
from qmg_dash.intake.plan import Sent, make, publish
from qmg_dash.intake.returned import workbook
from qmg_dash.intake.sheets import Book, Cell, Sheet
from qmg_dash.intake.vocabulary import match
from qmg_dash.tables import TABLES, Table

SOAK = bool(os.environ.get("QMG_SOAK"))
FLIPPED, GENERATED = (2000, 2000) if SOAK else (6, 40)
ROWS: sending.Rows = [
    ["矛盾纠纷台账"],
    ["登记编号", "登记日期", "村社区", "办理状态", "涉及人数"],
    *([f"J{n}", "2023-02-03", "一村", "在调", n] for n in range(20)),
]
WRITTEN = {
    "台账.xlsx": lambda: sending.xlsx(ROWS),
    "台账.xls": lambda: sending.xls(ROWS),
    "台账.csv": lambda: sending.text(ROWS).encode("gb18030"),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_flipped_bytes_are_read_or_refused(tmp_path: Path, name: str):
    folder = folders.town(tmp_path, "disputes")
    before, good = sending.tree(folder), WRITTEN[name]()
    seed = int(os.environ["QMG_SEED"])
    draw = random.Random(f"{seed} {name}")
    for n in range(FLIPPED):
        data = bytearray(good)
        for _ in range(draw.choice((1, 1, 3, 30, 300))):
            data[draw.randrange(len(data))] = draw.randrange(256)
        if not n % 5:
            del data[draw.randrange(len(data)) :]
        sent = Sent(name, bytes(data))
        plan = make([sent], folder)
        assert sending.tree(folder) == before, f"QMG_SEED={seed}, {n}"
        if plan.refused:
            assert all(p.fault.message and p.fault.rule for p in plan.problems)
            if not n % 4:
                assert workbook(plan, sent).startswith(b"PK")


# ---------------------------------------------------------------- generated sheets

WORDS = st.one_of(
    st.sampled_from([h.header for t in TABLES for h in t.columns]),
    st.sampled_from(
        ["", "合计", "【示例】", "—", "√", "45000", "80余件", "2023.3.5", "J1", "1E+20"]
    ),
    st.text(max_size=8),
)
CELLS = st.one_of(
    st.builds(Cell, WORDS, st.just(sheets.TEXT), st.just("")),
    st.builds(lambda day: Cell(day.isoformat(), sheets.DATE), st.dates()),
    st.sampled_from([Cell("TRUE", sheets.BOOL), Cell("0.5", sheets.NUMBER, "0%")]),
    st.builds(
        lambda n, code: Cell(sheets._number(n), sheets.NUMBER, code),
        st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**18), 10**18),
        st.text('0#?.,;%"@[]>=1万元-_*!\\Ee/ ', min_size=1, max_size=14),
    ),
    st.builds(Cell, st.text(max_size=4), st.just(sheets.TEXT), st.sampled_from(["@号", ";;;"])),
    st.sampled_from([Cell("#错误值", sheets.ERROR), Cell("公式", sheets.FORMULA)]),
    st.builds(
        lambda n: Cell(sheets._number(n), sheets.NUMBER),
        st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**18), 10**18),
    ),
)


@st.composite
def books(draw: st.DrawFn) -> Book:
    """A workbook whose first sheet has a table's header (perhaps not all of it) somewhere."""
    table = draw(st.sampled_from(TABLES))
    head = [Cell(c.header) for c in table.columns if c.required or draw(st.booleans())]
    row = st.lists(CELLS, max_size=len(head) + 1)
    above = draw(st.lists(row, max_size=3))
    below = draw(st.lists(row, max_size=6))
    merged = draw(st.lists(st.tuples(*[st.integers(0, 6)] * 4), max_size=3))
    merged = [(min(a, c), min(b, d), max(a, c), max(b, d)) for a, b, c, d in merged]
    kind = draw(st.sampled_from([sheets.XLSX, sheets.XLS, sheets.CSV]))
    rows = [*above, head, *below]
    inside = tuple(m for m in merged if m[2] < len(rows) and m[1] < len(rows[m[0]]))
    return Book(
        kind, (Sheet(draw(st.sampled_from(["", "数据", "执法行为"])), rows, merged=inside),)
    )


MANY = settings(
    max_examples=GENERATED,
    deadline=None,
    derandomize=not SOAK,
    suppress_health_check=list(HealthCheck),
)


@MANY
@given(books())
def test_any_sheet_is_read_or_refused_and_merged(book: Book):
    found = reading.read("x.xlsx", "x", book)
    for part in found.tables:
        for row in part.rows:
            assert set(row.cells) <= set(part.table.by_name)
            again = cells.canonical(part.table, row.cells)
            assert again == cells.canonical(part.table, again), row
        if found.problems:
            continue  # never merged
        lines = existing(part.table, None)
        first = merge(part.table, lines, part.rows)
        assert len(first.new) + len(first.changed) + first.unchanged == len(part.rows)
        content = lines.content()
        back = existing(part.table, content)
        assert merge(part.table, back, part.rows).empty or _twice(part)
        assert not back.content() or _twice(part) or back.content() == content


def _twice(part: reading.SentTable) -> bool:
    """Whether a key stands twice: an import would refuse that."""
    return bool(doubled(part.table, part.rows))


@MANY
@given(st.sampled_from(TABLES), st.text(max_size=12))
def test_any_header_names_one_column_or_none(table: Table, written: str):
    found = match(table, written)
    assert found is None or found.column in table.columns


def test_random_imports_publish_exactly_what_they_said(tmp_path: Path):
    """What a plan calls new and changed is what the folder's snapshot has gained afterwards."""
    folder = folders.town(tmp_path, "disputes")
    draw = random.Random(int(os.environ["QMG_SEED"]))
    for _ in range(100 if SOAK else 4):
        names = draw.sample(range(30), 8)
        states = ["在调", "调解成功", "调解不成"]
        rows = [["登记编号", "登记日期", "办理状态"]]
        rows += [[f"J{n}", f"2023-0{n % 9 + 1}-11", draw.choice(states)] for n in names]
        before = {r["dispute_no"]: r for r in store.load(folder).records("disputes")}
        plan = make([Sent("a.xlsx", sending.xlsx(rows))], folder)
        publish(plan)
        after = {r["dispute_no"]: r for r in store.load(folder).records("disputes")}
        (said,) = plan.differences
        assert set(said.new) == after.keys() - before.keys()
        changed = {k for k in before if _known(before[k]) != _known(after[k])}
        assert {c.key for c in said.changed} == changed
        assert before.keys() <= after.keys()


def _known(row: dict) -> dict:
    return {k: v for k, v in row.items() if not k.startswith("_")}
