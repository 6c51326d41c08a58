"""Every figure, computed twice: by the product and by tests/naive.py, over generated folders.

Twenty folders by default, always the same; four in make quick; two hundred new ones with QMG_SOAK=1. The run's header
says the seed (tests/conftest.py), and QMG_SEED=… repeats it.
"""

from __future__ import annotations

import os
import random
import tempfile
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache, cached_property
from pathlib import Path

import folders
import naive
import place
import pytest
from hypothesis import HealthCheck, Phase, example, given, seed, settings
from hypothesis import strategies as st

from qmg_dash.figures import listing
from qmg_dash.figures.book import Book
from qmg_dash.folder import store
from qmg_dash.folder.snapshot import Snapshot
from qmg_dash.kpis import KPIS
from qmg_dash.kpis.disclosure import T2_2019
from qmg_dash.model import QUALIFIERS, Figure, Filters
from qmg_dash.tables import BY_NAME, LEDGERS, Column, Table

SOAK, QUICK = (bool(os.environ.get(n)) for n in ("QMG_SOAK", "QMG_QUICK"))
SEED = int(os.environ["QMG_SEED"])
SPLITS = {k.code: tuple(d.name for d in k.dimensions) for k in KPIS}
KNOWN = {(k.code, d.name): d.values for k in KPIS for d in k.dimensions}
MOST_ROWS = 24

HOLIDAYS = [date(2022, 10, d) for d in (1, 7, 8, 9)]  # National Day, its make-up days
HOLIDAYS += [date(2023, 1, d) for d in (20, 21, 28, 29)]  # Spring Festival, the same
UNKNOWN_HOLIDAYS = [date(2027, 1, 4), date(2027, 6, 30), date(2028, 1, 1)]
CLOCKS = st.one_of(
    st.sampled_from([*HOLIDAYS, date(2022, 12, 31), date(2023, 1, 1), date(2024, 2, 29)]),
    st.sampled_from(UNKNOWN_HOLIDAYS),
    st.dates(date(2022, 1, 1), date(2024, 12, 31)),
)

TEXTS = {
    "department": ("综合执法办", "规划建设办", "司法所"),
    "village": ("一村", "二村"),
    "category": ("通知公告", "政策文件"),
    "item_code": ("0001", "0002", "0003"),
    "enterprise_id": ("Q1", "Q2", "Q3"),
    "joint_departments": ("公安、市场监管", "消防"),
}
"""Texts that a figure turns on; all others are one word."""
LIKELY = {"action_type": ("行政处罚", "行政检查", "行政许可"), "kind": ("合同", "走访企业")}
"""Values that many KPIs ask for: half of the rows have one where the column knows it."""
TERMS = (0, 7, 8, 20, 21, 40, 41)
"""Working days between two dates of a row: each term, and the day behind it."""


# ---------------------------------------------------------------- rows


def years_to(clock: date) -> tuple[int, int, int]:
    return (clock.year - 2, clock.year - 1, clock.year)


@cache
def edges(clock: date) -> list[date]:
    """Days at which a year or a run of holidays begins or ends."""
    years = years_to(clock)
    days = [date(y, m, d) for y in years for m, d in ((1, 1), (1, 3), (2, 28), (12, 31))]
    return days + [d for d in HOLIDAYS if d.year in years]


@cache
def around(clock: date) -> list[date]:
    """The clock's day, and days whose deadlines fall on it or beside it."""
    days = [clock + timedelta(days=d) for d in (-91, -90, -1, 0, 1, 89, 90, 91)]
    for n in (5, 7, 15, 20, 35, 40):
        day = clock
        while naive.after(day, n) > clock:
            day -= timedelta(days=1)
        days += [day - timedelta(days=1), day, day + timedelta(days=1)]
    return days


class Dice(random.Random):
    """Draws of one row: it has the same cells however many rows there are, so that an example
    shrinks by leaving rows out."""

    def __init__(self, seed_of: int, table: str, row: int, clock: date):
        super().__init__(f"{seed_of} {table} {row}")
        self.clock = clock

    def day(self) -> date:
        """Any day of three years, an edge of them, or one whose deadlines end near the clock."""
        any_day = date(self.clock.year, 12, 31) - timedelta(days=self.randrange(3 * 365))
        return self.choice(
            [any_day, self.choice(edges(self.clock)), self.choice(around(self.clock))]
        )

    def term(self, day: date) -> date:
        """A day on which a term that begins on another ends, or just does not."""
        terms = [naive.after(day, n) for n in TERMS]
        return self.choice([*terms, day + timedelta(days=90), day + timedelta(days=91)])

    def maybe(self, value: object) -> object:
        """The value, or an empty cell."""
        return value if self.random() < 0.75 else None

    def cell(self, column: Column) -> object:
        """A value that a column may hold, the empty cell among them unless it is required."""
        if column.type == "date":
            value: object = self.day()
        elif column.type == "bool":
            value = self.random() < 0.7
        elif column.values:
            often = [v for v in LIKELY.get(column.name, ()) if v in column.values]
            every = [*column.values, "别的"] if column.open else column.values
            value = self.choice(often if often and self.random() < 0.5 else every)
        elif column.type == "text":
            value = self.choice(TEXTS.get(column.name, ("文字",)))
        elif column.type == "int":
            value = self.choice([0, 0, 1, 2, 3, self.randrange(40)])
        else:
            value = Decimal(self.choice(["0", "0.1", "200", "1234.5678"]))
        return value if column.required else self.maybe(value)


def row_of(table: Table, dice: Dice, number: int) -> naive.Row:
    """A valid row of a ledger: its key is its own, its dates and numbers stand in order."""
    row = {c.name: dice.cell(c) for c in table.columns}
    row |= {c.name: f"{c.name[:1]}{number:04}" for c in table.columns if c.key}
    need = table.need
    if need and not (row[need.state] in need.values and row[need.instead]):
        row[need.column] = row[need.column] or dice.day()
    for later, earlier in table.not_before:
        if row[later] and row[earlier] and dice.random() < 0.5:
            row[later] = dice.term(row[earlier])
    for _ in table.not_before:  # a pass may undo what an earlier pair has put right
        for later, earlier in table.not_before:
            if row[later] and row[earlier] and row[later] < row[earlier]:
                row[later], row[earlier] = row[earlier], row[later]
    for part, whole in table.not_above:
        if row[part] is not None and row[whole] is not None:
            row[part], row[whole] = sorted((row[part], row[whole]))
    return row


def rows_of(table: Table, dice: list[Dice]) -> list[naive.Row]:
    rows = [row_of(table, d, i) for i, d in enumerate(dice)]
    if not table.unique:
        return rows
    keys = [tuple(r[k] for k in table.unique) for r in rows]
    return [r for i, r in enumerate(rows) if None in keys[i] or keys.index(keys[i]) == i]


def published_names() -> list[tuple[str, str]]:
    """What a report may publish: totals, parts of the first split, of another, of two at once."""
    out = []
    for k in KPIS:
        first, *more = k.dimensions or [None]
        more = [d for d in more if d.values]
        out += [(k.code, "")] * (k.code != "disclosure.form")
        out += [(k.code, v) for v in first.values[:3]] if first else []
        out += [(k.code, f"{d.name}={d.values[0]}") for d in more]
        if first and first.values and more:
            out.append((k.code, f"{first.values[0]};{more[0].name}={more[0].values[0]}"))
    return out


PUBLISHED = published_names()


def reported(rows: list[Dice]) -> list[naive.Row]:
    shown: dict[tuple[int, str, str], naive.Row] = {}
    for dice in rows:
        code, dimension = dice.choice(PUBLISHED)
        row = {
            "year": dice.choice(years_to(dice.clock)),
            "indicator": code,
            "dimension": dimension or None,
            "value": dice.choice([0, 1, 80, 99.5, 5000]),
            "qualifier": dice.choice(QUALIFIERS) or None,
            "source": "年度报告",
        }
        shown.setdefault((row["year"], code, dimension or naive.total_column(code)), row)
    return list(shown.values())


TRACKED = [k.code for k in KPIS if not k.private and not k.code.startswith(listing.GOALS)]


def goal_of(dice: Dice, number: int) -> naive.Row:
    days = sorted((dice.day(), dice.day()))
    return {
        "goal_id": f"G{number}",
        "year": dice.choice(years_to(dice.clock)),
        "direction": "方向",
        "measure": "举措",
        "start": dice.maybe(days[0]),
        "due": dice.maybe(days[1]),
        "indicator": dice.maybe(dice.choice(TRACKED)),
        "target": dice.maybe(Decimal(dice.choice(["0", "2", "50", "80", "99.5", "100"]))),
        "weight": dice.maybe(Decimal(dice.choice(["0", "0.5", "3"]))),
    }


def update_of(dice: Dice, goals: int) -> naive.Row:
    return {
        "goal_id": f"G{dice.randrange(goals)}",
        "date": dice.day(),
        "status": dice.choice(BY_NAME["goal_updates"].column("status").values),
        "progress": dice.maybe(Decimal(dice.choice(["0", "33.3", "60", "100"]))),
    }


@dataclass(frozen=True)
class Town:
    """A whole town in a few numbers, which is how a failing example is printed: its clock, the
    seed of its rows, and how many each of its tables has."""

    clock: date
    seed_of: int
    counts: dict[str, int]

    @cached_property
    def tables(self) -> dict[str, list[naive.Row]]:
        return {name: self._rows(name, count) for name, count in self.counts.items()}

    def _rows(self, name: str, count: int) -> list[naive.Row]:
        dice = [Dice(self.seed_of, name, i, self.clock) for i in range(count)]
        if name == "goals":
            return [goal_of(d, i) for i, d in enumerate(dice)]
        if name == "goal_updates":
            return [update_of(d, self.counts["goals"]) for d in dice if self.counts["goals"]]
        if name == "reported":
            return reported(dice)
        return rows_of(BY_NAME[name], dice)


@st.composite
def towns(draw: st.DrawFn) -> Town:
    """Any town; some ledgers are left out."""
    clock = draw(CLOCKS)
    missing = draw(st.sets(st.sampled_from([t.name for t in LEDGERS]), max_size=2))
    seed_of, count = draw(st.integers(0, 2**32)), st.integers(0, MOST_ROWS)
    counts = {t.name: draw(count) for t in LEDGERS if t.name not in missing}
    counts |= {name: draw(count) for name in ("goals", "goal_updates")}
    counts["reported"] = draw(count) * 2
    return Town(clock, seed_of, counts)


# ---------------------------------------------------------------- folders


def written(value: object) -> object:
    """A typed cell as its CSV has it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    return value.isoformat() if isinstance(value, date) else value


def put(folder: Path, tables: dict[str, list[naive.Row]], clock: date) -> Snapshot:
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
    max_examples=200 if SOAK else 4 if QUICK else 20,
    deadline=None,
    database=None,
    print_blob=True,
    # Each shrinking step is a whole folder, and many are tried: only on demand.
    phases=[
        Phase.explicit,
        Phase.generate,
        *([Phase.shrink] if os.environ.get("QMG_SHRINK") else []),
    ],
    suppress_health_check=list(HealthCheck),
)


def test_every_computed_kpi_has_a_second_computation():
    computed = {k.code for k in KPIS if k.formula and not k.code.startswith(listing.GOALS)}
    assert computed, "no KPI is computed"
    twins = naive.ALL.keys() | {"disclosure.t2.normative"}
    for code in sorted(computed - twins):
        group = code.partition(".")[0]
        beside = next((c for c in naive.ALL if c.startswith(f"{group}.")), "")
        where = place.line("tests/naive.py", "of(" if not beside else f'of(table("{group}")', True)
        pytest.fail(f"{code} is computed once: write @of(table(…), {code!r}, …) at {where}")
    assert computed == twins


def test_every_ledger_has_its_day_in_the_second_computation():
    for table in LEDGERS:
        where = place.line("tests/naive.py", "PERIOD = {")
        assert table.name in {*naive.PERIOD, "enforcement_actions"}, (
            f'add "{table.name}": the column of its day, at {where}'
        )


@seed(SEED)
@soaked
@given(towns())
def test_figures_agree_with_the_second_computation_to_the_last_digit(town):
    tables, clock = town.tables, town.clock
    with tempfile.TemporaryDirectory() as folder:
        snapshot = put(Path(folder), tables, clock)
        for year in sorted({*listing.years(snapshot), *years_to(clock), clock.year + 1}):
            figures = {
                (f.code, f.dimension): f
                for f in listing.figures(snapshot, year)
                if not f.code.startswith(T2_2019)
            }
            world = naive.World(tables, clock, year)
            want = naive.figures(world, tables["reported"], SPLITS, KNOWN)
            assert not (found := differences(figures, want)), "\n".join(found[:5])


TWENTY = dict.fromkeys([*(t.name for t in LEDGERS), "goals", "goal_updates", "reported"], 20)
JANUARY = {"month": ("1",)}
FILTERS = {
    "department": (*TEXTS["department"], naive.UNFILLED),
    "area": ("安全生产", "城市管理"),
    "action_type": ("行政处罚", "行政检查"),
    "applicant_type": ("自然人", "商业企业"),
    "kind": ("行政复议", "合同", "走访企业"),
    "village": ("一村", naive.UNFILLED),
    "month": ("1", "12"),
}


@st.composite
def questions(draw: st.DrawFn) -> dict:
    """What may be asked beside the year: months, or up to a day, and some values chosen."""
    months = draw(st.none() | st.lists(st.integers(1, 12), min_size=2, max_size=2))
    taken = draw(st.dictionaries(st.sampled_from(list(FILTERS)), st.integers(1, 2), max_size=2))
    return {
        "months": tuple(sorted(months)) if months else None,
        "until": draw(st.sampled_from((None, "clock", 40, 250))) if not months else None,
        "chosen": {name: FILTERS[name][:n] for name, n in taken.items()},
    }


def day_of(until: object, year: int, clock: date) -> date | None:
    """The clock's day in a year, or the n-th day of the year."""
    if until == "clock":
        return date(year, clock.month, min(clock.day, 28))
    return date(year, 1, 1) + timedelta(days=until) if isinstance(until, int) else None


@seed(SEED)
@soaked
@given(towns(), st.integers(0, 2), questions())
@example(  # once, the month of one KPI's date chose the rows of another
    Town(date(2024, 9, 16), 180, TWENTY), 1, {"months": None, "until": 250, "chosen": JANUARY}
)
def test_filtered_figures_agree_with_the_second_computation(town, ago, question):
    tables, clock = town.tables, town.clock
    year = clock.year - ago
    months, chosen = question["months"], question["chosen"]
    until = day_of(question["until"], year, clock)
    with tempfile.TemporaryDirectory() as folder:
        snapshot = put(Path(folder), tables, clock)
        filters = Filters(year, None, *(months or (None, None)), until=until)
        book = Book(snapshot, filters.with_values(**chosen))
        world = naive.World(tables, clock, year, months, until, chosen)
        splits = {c: s for c, s in SPLITS.items() if c in naive.ALL}
        want = naive.figures(world, tables["reported"], splits)
        figures = {(c, ""): book.fig(c) for c in splits}
        for code, names in splits.items():
            for name in names:
                figures |= {(code, f.dimension): f for f in book.split(code, name)}
        want = {k: e for k, e in want.items() if k in figures}
        assert not (found := differences(figures, want)), "\n".join(found[:5])
