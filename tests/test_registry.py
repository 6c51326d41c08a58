"""The registries: the contract is written from them, their rows hold together, and every SQL
fragment of a KPI names columns that exist."""

from __future__ import annotations

import csv
import importlib
import re
from datetime import date
from pathlib import Path

import folders
import place
import pytest
from screens import PATHS

from qmg_dash import contract as contract_files
from qmg_dash import kpis
from qmg_dash.figures import rows_behind
from qmg_dash.figures.book import Book
from qmg_dash.figures.identities import IDENTITIES
from qmg_dash.figures.relations import VIEWS, relation
from qmg_dash.folder import store
from qmg_dash.kpis import KPIS, disclosure, kpi
from qmg_dash.kpis.base import MONTH, Kpi, Part
from qmg_dash.model import Filters, UnknownName
from qmg_dash.tables import (
    BY_NAME,
    OUTCOMES,
    PENALTY_CLASSES,
    TABLES,
    Column,
    table,
)

CONTRACT = Path(__file__).parents[1] / "docs" / "contract"


def contract(name: str) -> list[dict[str, str]]:
    with (CONTRACT / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


FIGURES = [r for r in contract("kpis.tsv") if not r["code"].endswith(".*")]


@pytest.mark.parametrize("name", contract_files.texts())
def test_the_contract_is_what_the_declarations_say(name: str):
    """When this is red: python -m qmg_dash.contract, and look at what changed in docs/contract."""
    written = (CONTRACT / name).read_text(encoding="utf-8")
    assert written == contract_files.texts()[name], "run: python -m qmg_dash.contract"


# ---------------------------------------------------------------- tables


def test_the_penalty_classes_are_the_twelve_of_the_yearly_statistics_light_to_heavy():
    assert "、".join(PENALTY_CLASSES) == (
        "警告、通报批评、罚款、没收违法所得、没收非法财物、暂扣许可证件、降低资质等级、"
        "限制开展生产经营活动、责令停产停业、责令关闭、限制从业、吊销许可证件、行政拘留、其他行政处罚"
    )
    assert len(PENALTY_CLASSES) == 12


def test_the_outcomes_are_the_21_leaf_rows_by_code_or_by_text():
    outcome = table("applications").column("outcome")
    assert len(OUTCOMES) == 21
    assert dict(outcome.synonyms) == {text: code for code, text in OUTCOMES.items()}


def test_progress_is_a_percentage_and_a_power_is_expected_to_have_a_code():
    progress = table("goal_updates").column("progress")
    assert (progress.minimum, progress.maximum) == (0, 100)
    assert table("power_items").column("item_code").expected


@pytest.mark.parametrize("declared", TABLES, ids=lambda t: t.name)
def test_the_rules_of_a_table_name_its_own_columns(declared):
    named = [n for pair in (*declared.not_before, *declared.not_above) for n in pair]
    if declared.settled:
        named += [declared.settled.state, declared.settled.day]
        states = declared.column(declared.settled.state).values
        assert set(declared.settled.values) < set(states)
        assert declared.column(declared.settled.day).type == "date"
    if need := declared.need:
        named += [need.column, need.instead, need.state]
        assert set(need.values) < set(declared.column(need.state).values)
    named += [*declared.key, *declared.period]
    assert {declared.column(n).type for n in declared.period} <= {"date"}
    assert [declared.column(n).name for n in named] == named
    headers = [c.header for c in declared.columns]
    assert len(set(headers)) == len(headers)


def test_a_name_that_is_not_declared_is_refused_with_the_allowed_ones():
    with pytest.raises(UnknownName, match="power_items"):
        table("no_such")
    with pytest.raises(UnknownName, match="item_code"):
        table("power_items").column("no_such")
    with pytest.raises(UnknownName, match="python -m qmg_dash kpi"):
        kpi("no.such")


# ---------------------------------------------------------------- KPIs


def test_a_code_names_one_kpi():
    assert len({k.code for k in KPIS}) == len(KPIS)


def cells_of(code: str) -> str:
    """The row of the contract that stands for all cells of a statutory table."""
    match = re.match(r"disclosure\.t[234]\.", code)
    return f"{match[0]}*" if match else ""


def named_dimensions(row: dict[str, str]) -> list[str]:
    match = re.search(r"dimensions? ((?:\w+\*?, )*\w+\*?)", row["definition"])
    return match[1].split(", ") if match else []


def test_what_the_law_asks_was_read_and_asks_it_of_rates():
    asked = [kpi(r["code"]) for r in FIGURES if r["must"]]
    assert len(asked) == 15
    assert all(k.rate and k.better == "higher" for k in asked)


STANDING = {
    *("power.total", "power.items", "officers.certified", "documents.in_force"),
    *("applications.carried_in", "applications.carried_out", "adviser.count", "services.windows"),
    *("adviser.villages", "publicity.law_aware"),
    *("disclosure.t3.carried_in", "disclosure.t3.carried_out", "disclosure.form"),
}
"""What stands at a day, and does not come in through the year."""


@pytest.mark.parametrize("known", KPIS, ids=lambda k: k.code)
def test_only_counts_and_sums_of_what_comes_through_the_year_accumulate(known: Kpi):
    """No progress of a rate, of what should be low, of a median, per head, of a stock."""
    special = known.code in ("enforcement.median_days", "officers.actions_each")
    standard = known.unit == "%" or known.better == "lower" or special or known.code in STANDING
    where = place.line("tests/test_registry.py", "STANDING = {")
    assert known.accumulates == (not standard), f"if {known.code} stands at a day: {where}"


SPLIT = [r for r in FIGURES if named_dimensions(r)]


def test_the_splits_of_the_contract_were_found():
    assert len(SPLIT) > 15


@pytest.mark.parametrize("row", SPLIT, ids=lambda r: r["code"])
def test_a_kpi_has_the_splits_of_the_contract_the_starred_one_first(row: dict[str, str]):
    named = named_dimensions(row)
    legal = [d.name for d in kpi(row["code"]).dimensions]
    assert {n.rstrip("*") for n in named} <= set(legal)
    starred = [n for n in named if n.endswith("*")]
    where = place.line("qmg_dash/kpis/base.py", "unsplit:")
    nonsense = f"{row['code']} splits by {legal}: name the first with * in its rule, or say unsplit=… of what says nothing ({where})"
    assert starred == ([f"{legal[0]}*"] if starred or legal != ["month"] else []), nonsense


SUBJECTS = sorted(
    p for p in Path(kpis.__file__).parent.glob("*.py") if "\nKPIS" in p.read_text("utf-8")
)


@pytest.mark.parametrize(
    "path", [p for p in SUBJECTS if p.stem != "__init__"], ids=lambda p: p.stem
)
def test_a_file_of_kpis_is_taken_in(path: Path):
    where = place.line("qmg_dash/kpis/__init__.py", "power.KPIS")
    rows = importlib.import_module(f"qmg_dash.kpis.{path.stem}").KPIS
    assert {row.code for row in rows} <= {*kpis.BY_CODE}, f"name {path.stem}.KPIS at {where}"


@pytest.mark.parametrize("known", KPIS, ids=lambda k: k.code)
def test_a_kpi_says_what_it_counts_by_which_rule_and_on_which_screen(known: Kpi):
    assert known.definition
    assert known.basis
    where = next(iter(place.places("qmg_dash/kpis", f'"{known.code}"')), "qmg_dash/kpis")
    assert known.screen in PATHS, (
        f"{known.code} stands on {known.screen}, which is no screen ({where})"
    )
    names = [d.name for d in known.dimensions]
    assert len(set(names)) == len(names)
    assert all(d.label for d in known.dimensions)
    assert MONTH.name not in names[:-1], "the month stands last"


COMPUTED = [k for k in KPIS if k.formula and k.tables and all(BY_NAME[t].ledger for t in k.tables)]


def splittable(column: Column) -> bool:
    return column.type == "text" and (bool(column.values) or column.name == "department")


@pytest.mark.parametrize("known", [k for k in COMPUTED if not k.private], ids=lambda k: k.code)
def test_every_enumerated_or_department_column_is_a_legal_split(known: Kpi):
    """All but those that the KPI itself turns on."""
    assert known.formula
    ledger = BY_NAME.get(known.formula.relation) or BY_NAME[known.tables[0]]
    wanted = {
        c.name
        for c in ledger.columns
        if splittable(c) and not known.formula.speaks_of(c.name) and c.name not in known.unsplit
    }
    assert wanted <= {d.name for d in known.dimensions}


@pytest.mark.parametrize("row", KPIS, ids=lambda k: k.code)
def test_a_card_has_columns_of_its_rows_its_number_first(row: Kpi):
    behind = rows_behind.behind(row)
    name = rows_behind.LEDGER_OF.get(behind, behind)
    where = place.line("qmg_dash/figures/rows_behind.py", "CARDS = {")
    assert name in rows_behind.CARDS, f"say what a card has of a row of {name}: {where}"
    card, every = rows_behind.card(row), rows_behind.columns(row)
    assert set(card) <= set(every) and 3 <= len(card) == len({*card}) <= 10
    if table(name).ledger:
        assert card[0].name in table(name).key
        owner = [c for c in table(name).columns if c.name == rows_behind.OWNER]
        assert set(owner) <= {*card} or behind == "decision_steps"


def test_the_statutory_table_3_has_a_kpi_for_each_row_of_the_form():
    rows = [k.code.removeprefix("disclosure.t3.") for k in KPIS if cells_of(k.code)[-4:] == "t3.*"]
    assert rows == ["new", "carried_in", *OUTCOMES, "other", "total", "carried_out"]
    columns = kpi("disclosure.t3.new").dimensions[0].values
    assert columns == (*table("applications").column("applicant_type").values, "总计")


def test_table_2_of_the_2019_form_is_kept_as_published_under_any_name():
    old = kpi(f"{disclosure.T2_2019}对外公开总数")
    assert (old.formula, old.private, old.tables) == (None, True, ())
    with pytest.raises(UnknownName):
        kpi(disclosure.T2_2019)


# ---------------------------------------------------------------- their SQL


@pytest.fixture(scope="module", params=[None, date(2023, 5, 5)], ids=["whole year", "to a day"])
def empty(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Book:
    """A town without a row. A whole year is added up from cubes, a part of a month from rows."""
    folder = folders.town(tmp_path_factory.mktemp("empty"))
    return Book(store.load(folder), Filters(2023, until=request.param))


@pytest.mark.parametrize("known", COMPUTED, ids=lambda k: k.code)
def test_the_sql_of_a_kpi_names_only_columns_that_exist(known: Kpi, empty: Book):
    m = known.formula
    assert m
    if m.kind == "special":
        assert m.relation in BY_NAME
        return
    assert empty.parts(known)[()].value in (None, 0)
    for dimension in known.dimensions:
        assert empty.parts(known, dimension.name) == {}
        where, chosen = empty.conditions(known, Part(dimension, "x"))
        rows = f"SELECT count(*) FROM ({relation(m.relation)})"
        assert empty.query(f"{rows} WHERE {' AND '.join(where)}", **chosen) == [(0,)]


@pytest.mark.parametrize("name", VIEWS)
def test_a_view_can_be_read_whole(name: str, empty: Book):
    assert empty.query(f"SELECT * FROM ({relation(name)})") == []


def test_the_registries_are_not_empty():
    assert TABLES
    assert KPIS
    assert COMPUTED
    assert IDENTITIES
