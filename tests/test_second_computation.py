"""Every figure, computed twice: by the product and by tests/naive.py, over generated folders.

Twenty folders by default, always the same; two hundred new ones with QMG_SOAK=1. The seed is
printed, and QMG_SEED=… repeats a run.
"""

from __future__ import annotations

import os
import random
import tempfile
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import folders
import naive
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from qmg_dash import listing, store
from qmg_dash.compute import Book
from qmg_dash.kpis import KPIS
from qmg_dash.kpis.disclosure import T2_2019
from qmg_dash.model import QUALIFIERS, Figure, Filters
from qmg_dash.tables import BY_NAME, LEDGERS, Column, Table

SOAK = bool(os.environ.get("QMG_SOAK"))
SEED = int(os.environ.get("QMG_SEED") or (random.SystemRandom().randrange(10**9) if SOAK else 2023))
SPLITS = {k.code: tuple(d.name for d in k.dimensions) for k in KPIS}
YEARS = (2021, 2022, 2023)
MOST_ROWS = 7

EDGES = [date(y, m, d) for y in YEARS for m, d in ((1, 1), (1, 3), (2, 28), (12, 31))]
EDGES += [date(2022, 10, d) for d in (1, 7, 8, 9)]  # National Day, its make-up days
EDGES += [date(2023, 1, d) for d in (20, 21, 28, 29)]  # Spring Festival, the same
UNKNOWN_HOLIDAYS = [date(2026, 12, 15), date(2027, 1, 4), date(2027, 6, 30)]

TEXTS = {
    "department": ("综合执法办", "规划建设办", "司法所"),
    "village": ("一村", "二村"),
    "category": ("通知公告", "政策文件"),
    "item_code": ("0001", "0002", "0003"),
    "enterprise_id": ("Q1", "Q2", "Q3"),
    "joint_departments": ("公安、市场监管", "消防"),
}
"""Texts that a figure turns on; all others are one word."""


# ---------------------------------------------------------------- rows


def around(clock: date) -> list[date]:
    """The clock's day, and days whose deadlines fall on it or beside it."""
    days = [clock + timedelta(days=d) for d in (-91, -90, -1, 0, 1, 89, 90, 91)]
    for n in (5, 7, 20, 40):
        day = clock
        while naive.after(day, n) > clock:
            day -= timedelta(days=1)
        days += [day - timedelta(days=1), day, day + timedelta(days=1)]
    return days


def cell(column: Column, days: st.SearchStrategy[date]) -> st.SearchStrategy[object]:
    """Values a column may hold, the empty cell among them unless it is required."""
    if column.type == "date":
        filled: st.SearchStrategy[object] = days
    elif column.type == "bool":
        filled = st.booleans()
    elif column.values:
        filled = st.sampled_from([*column.values[:6], "别的"] if column.open else column.values)
    elif column.type == "text":
        filled = st.sampled_from(TEXTS.get(column.name, ("文字",)))
    elif column.type == "int":
        filled = st.integers(0, 30)
    else:
        filled = st.sampled_from([Decimal(n) for n in ("0", "0.1", "200", "1234.5678")])
    return filled if column.required else st.none() | filled


@st.composite
def rows_of(draw: st.DrawFn, table: Table, days: st.SearchStrategy[date]) -> list[naive.Row]:
    """Valid rows of a ledger: its keys differ, its dates stand in order."""
    count = draw(st.integers(0, MOST_ROWS))
    cells = {c.name: cell(c, days) for c in table.columns if not c.key}
    rows = [{n: draw(s) for n, s in cells.items()} for _ in range(count)]
    for i, row in enumerate(rows):
        row |= {c.name: f"{c.name[:1]}{i:04}" for c in table.columns if c.key}
        for lesser, greater in (*((e, b) for b, e in table.not_before), *table.not_above):
            if row[lesser] is not None and row[greater] is not None:
                row[lesser], row[greater] = sorted((row[lesser], row[greater]))
        if any(row[b] and row[e] and row[b] < row[e] for b, e in table.not_before):
            row |= {later: None for later, _ in table.not_before}
    if table.unique:
        named = [r for r in rows if all(r[k] is not None for k in table.unique)]
        keys = {tuple(r[k] for k in table.unique): r for r in named}
        rows = [r for r in rows if r not in named or keys[tuple(r[k] for k in table.unique)] is r]
    return rows


def published_names() -> list[tuple[str, str]]:
    """What a report may publish: totals, parts of the first split, of another, of two at once."""
    out = []
    for k in KPIS:
        if k.code == "disclosure.form":
            continue
        out.append((k.code, ""))
        first, *more = [d for d in k.dimensions if d.values] or [None]
        if first and first is k.dimensions[0]:
            out += [(k.code, v) for v in first.values[:2]]
        for d in more[-2:]:
            out.append((k.code, f"{d.name}={d.values[0]}"))
        if first and first is k.dimensions[0] and more:
            out.append((k.code, f"{first.values[0]};{more[0].name}={more[0].values[0]}"))
    return out


@st.composite
def reported_rows(draw: st.DrawFn) -> list[naive.Row]:
    names = draw(st.lists(st.sampled_from(published_names()), max_size=12, unique=True))
    shown: dict[tuple[int, str, str], naive.Row] = {}
    for code, dimension in names:
        row = {
            "year": draw(st.sampled_from(YEARS)),
            "indicator": code,
            "dimension": dimension or None,
            "value": draw(st.sampled_from([0, 1, 80, 99.5, 5000])),
            "qualifier": draw(st.sampled_from(QUALIFIERS)) or None,
            "source": "年度报告",
        }
        total = dimension or naive.total_column(code)
        shown.setdefault((row["year"], code, total), row)
    return list(shown.values())


@st.composite
def goals_of(draw: st.DrawFn, days: st.SearchStrategy[date]) -> dict[str, list[naive.Row]]:
    tracked = [k.code for k in KPIS if not k.private and not k.code.startswith(listing.GOALS)]
    goals, updates = [], []
    for i in range(draw(st.integers(0, MOST_ROWS))):
        start, due = draw(st.none() | days), draw(st.none() | days)
        if start and due and due < start:
            start, due = due, start
        goals.append(
            {
                "goal_id": f"G{i}",
                "year": draw(st.sampled_from(YEARS)),
                "direction": "方向",
                "measure": "举措",
                "start": start,
                "due": due,
                "indicator": draw(st.none() | st.sampled_from(tracked)),
                "target": draw(st.none() | st.sampled_from([Decimal(n) for n in ("0", "2", "50")])),
                "weight": draw(
                    st.none() | st.sampled_from([Decimal(n) for n in ("0", "0.5", "3")])
                ),
            }
        )
        for _ in range(draw(st.integers(0, 2))):
            statuses = BY_NAME["goal_updates"].column("status").values
            updates.append(
                {
                    "goal_id": f"G{i}",
                    "date": draw(days),
                    "status": draw(st.sampled_from(statuses)),
                    "progress": draw(
                        st.none() | st.sampled_from([Decimal(n) for n in ("0", "33.3", "100")])
                    ),
                }
            )
    return {"goals": goals, "goal_updates": updates}


@st.composite
def towns(draw: st.DrawFn) -> tuple[dict[str, list[naive.Row]], date]:
    """A whole town: the rows of its tables (some left out) and its clock."""
    clock = draw(st.sampled_from([*EDGES, *UNKNOWN_HOLIDAYS]) | st.dates(EDGES[0], EDGES[-1]))
    near = st.sampled_from(around(clock))
    days = st.sampled_from(EDGES) | near | st.dates(date(2021, 1, 1), date(2023, 12, 31))
    missing = draw(st.sets(st.sampled_from([t.name for t in LEDGERS]), max_size=3))
    tables = {t.name: draw(rows_of(t, days)) for t in LEDGERS if t.name not in missing}
    tables |= draw(goals_of(days))
    tables["reported"] = draw(reported_rows())
    return tables, clock


# ---------------------------------------------------------------- folders


def written(value: object) -> object:
    """A typed cell as its CSV has it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    return value.isoformat() if isinstance(value, date) else value


def put(folder: Path, tables: dict[str, list[naive.Row]], clock: date) -> store.Snapshot:
    folders.put_town(folder, as_of=clock.isoformat())
    for name, rows in tables.items():
        folders.put_table(folder, name, [{n: written(v) for n, v in r.items()} for r in rows])
    snapshot = store.load(folder)
    wrong = [f for f in snapshot.faults if f.severity == "error"]
    assert not wrong, wrong
    return snapshot


def ask(value: object) -> object:
    """A naive value as figures have it: a Decimal as the number it is."""
    return float(value) if isinstance(value, Decimal) else value


def told(figure: Figure) -> naive.Expected:
    """What a figure says, as the naive computation puts it."""
    return naive.Expected(
        figure.value,
        figure.qualifier,
        figure.basis,
        figure.reported.value if figure.reported else None,
        figure.ledger.value if figure.ledger else None,
        figure.numerator,
        figure.denominator,
        figure.unknown,
        figure.estimated,
    )


def same(figure: Figure, want: naive.Expected) -> str:
    """How a figure differs from what is expected, to the last digit; empty where it does not."""
    have = told(figure)
    for name in naive.Expected.__dataclass_fields__:
        if getattr(have, name) != ask(getattr(want, name)):
            return f"{figure.year} {figure.code} {figure.dimension} {name}: {have} is not {want}"
    return ""


def differences(figures: dict, want: dict) -> list[str]:
    found = [f"{k} is not listed" for k in want.keys() - figures.keys()]
    found += [f"{k} is listed, but has no rows" for k in figures.keys() - want.keys()]
    return found + [d for k in want.keys() & figures.keys() if (d := same(figures[k], want[k]))]


# ---------------------------------------------------------------- the tests


soaked = settings(
    max_examples=200 if SOAK else 20,
    deadline=None,
    database=None,
    print_blob=True,
    # Each shrinking step is a whole folder, and many are tried: only on demand.
    phases=[Phase.generate, *([Phase.shrink] if os.environ.get("QMG_SHRINK") else [])],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(autouse=True)
def seed_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print(f" [QMG_SEED={SEED}]", end="")


def test_every_computed_kpi_has_a_second_computation():
    computed = {k.code for k in KPIS if k.measure and not k.code.startswith(listing.GOALS)}
    assert computed, "no KPI is computed"
    assert computed == naive.ALL.keys() | {"disclosure.t2.normative"}


@seed(SEED)
@soaked
@given(towns())
def test_figures_agree_with_the_second_computation_to_the_last_digit(town):
    tables, clock = town
    with tempfile.TemporaryDirectory() as folder:
        snapshot = put(Path(folder), tables, clock)
        for year in sorted({*listing.years(snapshot), *YEARS}):
            figures = {
                (f.code, f.dimension): f
                for f in listing.figures(snapshot, year)
                if not f.code.startswith(T2_2019)
            }
            world = naive.World(tables, clock, year)
            want = naive.figures(world, tables["reported"], SPLITS)
            assert not (found := differences(figures, want)), "\n".join(found[:5])


FILTERS = {
    "department": (*TEXTS["department"], naive.UNFILLED),
    "area": ("安全生产", "城市管理"),
    "action_type": ("行政处罚", "行政检查"),
    "applicant_type": ("自然人", "商业企业"),
    "kind": ("行政复议", "合同", "走访企业"),
    "village": ("一村", naive.UNFILLED),
}


@seed(SEED)
@soaked
@given(
    towns(),
    st.sampled_from(YEARS),
    st.lists(st.integers(1, 12), min_size=2, max_size=2).map(sorted),
    st.dictionaries(st.sampled_from(list(FILTERS)), st.integers(1, 2), max_size=2),
)
def test_filtered_figures_agree_with_the_second_computation(town, year, months, taken):
    tables, clock = town
    chosen = {name: FILTERS[name][:n] for name, n in taken.items()}
    with tempfile.TemporaryDirectory() as folder:
        snapshot = put(Path(folder), tables, clock)
        filters = Filters(year, None, *months).with_values(**chosen)
        book = Book(snapshot, filters)
        world = naive.World(tables, clock, year, tuple(months), chosen)
        codes = [c for c in naive.ALL if not c.startswith("disclosure.")]
        # Twelve months are no narrowing for the naive world: a published total would lead.
        reported = tables["reported"] if months != [1, 12] else []
        want = naive.figures(world, reported, {c: SPLITS[c] for c in codes})
        totals = {k: e for k, e in want.items() if not k[1]}
        figures = {(c, ""): book.fig(c) for c in codes}
        assert not (found := differences(figures, totals)), "\n".join(found[:5])
