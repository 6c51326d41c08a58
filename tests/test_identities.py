"""Each identity on its own: it holds, one cell breaks it, an unknown or approximate cell leaves it
untested (DOMAIN.md section 1)."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import folders
import pytest

from qmg_dash.figures import identities
from qmg_dash.figures.book import shared
from qmg_dash.figures.faults import all_faults
from qmg_dash.figures.identities import BY_ID, IDENTITIES, Breach, Cells, Identity, Key, results
from qmg_dash.folder import store
from qmg_dash.model import ABOUT, MORE, Filters, Number
from qmg_dash.tables import APPLICANTS, OUTCOMES, PENALTY_CLASSES

T2, T3, T4 = "disclosure.t2.", "disclosure.t3.", "disclosure.t4."
TOTAL = "总计"
VERDICTS = ("结果维持", "结果纠正", "其他结果", "尚未审结")
BLOCKS = ("reconsideration", "litigation_direct", "litigation_after")

Values = dict[Key, float]


def broken(of: Cells) -> list[tuple[Identity, Breach]]:
    return identities.broken(results(of))


def table_3(form: int = 2021) -> Values:
    """A whole table 3 that agrees: each applicant type has 2 new, 1 carried in, 2 answered."""
    leaves = [r for r in OUTCOMES if form == 2021 or not r.startswith("other.")]
    cells: Values = {("disclosure.form", ""): form}
    for column, people in (*((a, 1) for a in APPLICANTS), (TOTAL, len(APPLICANTS))):
        rows = dict.fromkeys(leaves, 0) | {"granted": 1, "new": 2, "carried_in": 1}
        rows |= {"other.3" if form == 2021 else "other": 1, "total": 2, "carried_out": 1}
        cells |= {(T3 + row, column): n * people for row, n in rows.items()}
    return cells


def table_4() -> Values:
    cells: Values = {}
    for block in BLOCKS:
        cells |= {(T4 + block, v): n for n, v in enumerate(VERDICTS)} | {(T4 + block, TOTAL): 6}
    return cells


@dataclass(frozen=True)
class Case:
    """Cells under which an identity holds, and one of them whose change breaks it."""

    year: Values
    cell: Key
    before: Values = field(default_factory=dict)
    ledger: Values = field(default_factory=dict)
    absolute: bool = False
    """A rule about the cell alone: one unknown or approximate cell leaves nothing to test."""


CASES: dict[str, Case] = {
    "T3-1": Case(table_3(), (T3 + "carried_out", "商业企业")),
    "T3-2": Case(table_3(), (T3 + "refused.4", "自然人")),
    "T3-3": Case(table_3(), (T3 + "new", "其他")),
    "T4-1": Case(table_4(), (T4 + "litigation_after", "尚未审结")),
    "X-1": Case(
        {(T3 + "carried_in", TOTAL): 3},
        (T3 + "carried_in", TOTAL),
        {(T3 + "carried_out", TOTAL): 3},
    ),
    "X-2": Case(
        {(T2 + "normative", d): n for d, n in (("制发", 2), ("废止", 1), ("现行有效", 11))},
        (T2 + "normative", "废止"),
        {(T2 + "normative", "现行有效"): 10},
    ),
    "S-1": Case(
        {(T2 + "rules", d): 0 for d in ("制发", "废止", "现行有效")}, (T2 + "rules", "制发")
    ),
    "S-2": Case({("decisions.topics", ""): 18}, ("decisions.topics", ""), absolute=True),
    "S-3": Case(
        {("applications.handled", ""): 7, (T3 + "total", TOTAL): 7}, ("applications.handled", "")
    ),
    "S-4": Case(
        {(T2 + "penalties", ""): 36},
        (T2 + "penalties", ""),
        ledger={("enforcement.actions", "行政处罚"): 36},
    ),
    "SUM": Case(
        {("power.total", ""): 5, ("power.items", "行政许可"): 2, ("power.items", "行政处罚"): 3},
        ("power.items", "行政许可"),
    ),
}
BROKEN = {"S-2": -1.0, "S-1": 1.0}
"""What the cell becomes, where one more does not break the rule."""
IDS = list(CASES)


def numbers(values: Values) -> dict[Key, Number]:
    return {k: Number(v) for k, v in values.items()}


def cells(case: Case, **change: object) -> Cells:
    """The cells of a case; `value` or `qualifier` change its one cell, `known=False` removes it."""
    year = numbers(case.year)
    if not change.get("known", True):
        del year[case.cell]
    elif change:
        year[case.cell] = Number(
            change.get("value", case.year[case.cell]), str(change.get("qualifier", ""))
        )
    return Cells(year, numbers(case.before), numbers(case.ledger))


def found(identity: str, of: Cells) -> list[Breach]:
    return list(BY_ID[identity].check(of))


def broken_value(identity: str) -> float:
    case = CASES[identity]
    return BROKEN.get(identity, case.year[case.cell] + 1)


def test_every_identity_of_the_registry_is_tested_here():
    assert IDENTITIES, "no identity is registered"
    assert [i.id for i in IDENTITIES] == IDS


@pytest.mark.parametrize("identity", IDS)
def test_it_holds_where_the_cells_agree(identity: str):
    assert found(identity, cells(CASES[identity])) == []
    assert identities.testable(BY_ID[identity], cells(CASES[identity]))


@pytest.mark.parametrize("identity", IDS)
def test_one_changed_cell_breaks_it_and_is_named(identity: str):
    breaches = found(identity, cells(CASES[identity], value=broken_value(identity)))
    assert breaches
    assert all(CASES[identity].cell in b.of for b in breaches)
    assert all(b.difference for b in breaches)


@pytest.mark.parametrize("identity", IDS)
def test_an_unknown_cell_is_untested_never_0(identity: str):
    case = CASES[identity]
    hidden = cells(case, known=False)
    assert not [b for b in found(identity, hidden) if case.cell in b.of]
    year = {k: v for k, v in numbers(case.year).items() if k != case.cell}
    alone = Cells(
        {k: v for k, v in year.items() if shares(identity, k)}, hidden.before, hidden.ledger
    )
    assert not identities.testable(BY_ID[identity], alone)


def shares(identity: str, other: Key) -> bool:
    """Whether a cell stands in the one sum that the case's cell belongs to."""
    code, dimension = CASES[identity].cell
    if identity in ("T3-1", "T3-2"):
        return other[1] == dimension
    return other[0] == code if identity in ("T3-3", "T4-1") else identity not in ("S-1", "SUM")


@pytest.mark.parametrize("identity", [i for i in IDS if not CASES[i].absolute])
@pytest.mark.parametrize("qualifier", [MORE, ABOUT])
def test_an_approximate_cell_is_untested(identity: str, qualifier: str):
    of = cells(CASES[identity], value=broken_value(identity), qualifier=qualifier)
    assert not [b for b in found(identity, of) if CASES[identity].cell in b.of]


def test_an_approximate_count_still_may_not_be_negative():
    assert found("S-2", cells(CASES["S-2"], value=-80, qualifier=MORE))


@pytest.mark.parametrize("value", [18.5, -1])
def test_a_count_is_whole_and_not_negative(value: float):
    (breach,) = found("S-2", cells(CASES["S-2"], value=value))
    assert breach.actual == value
    assert breach.where.endswith("件数为不小于 0 的整数")


@pytest.mark.parametrize(
    "code",
    ["applications.reply_rate", "enforcement.fines", "officers.actions_each", T2 + "fees"],
)
def test_a_rate_a_figure_per_head_or_a_sum_of_money_need_not_be_whole(code: str):
    assert found("S-2", Cells({(code, ""): Number(99.5)})) == []


@pytest.mark.parametrize("leaf", ["refused.4", "other.3"])
def test_the_balance_can_fail_while_the_rows_agree(leaf: str):
    """T3-1 and T3-3 are tested each on its own: one more answered, of one type, in both sums."""
    year = table_3()
    for column in ("自然人", TOTAL):
        year[T3 + leaf, column] += 1
        year[T3 + "total", column] += 1
    of = Cells(numbers(year))
    assert {i.id for i, _ in broken(of)} == {"T3-1"}
    assert {b.where.split("：")[0] for _, b in broken(of)} == {"表三·自然人", "表三·总计"}


def test_the_rows_can_fail_while_the_balance_holds():
    year = table_3()
    for row in ("new", "total", "granted"):
        year[T3 + row, "自然人"] += 1
    assert {i.id for i, _ in broken(Cells(numbers(year)))} == {"T3-3"}


def test_the_2019_form_has_19_leaves_and_one_row_for_other():
    of = Cells(numbers(table_3(2019)))
    assert broken(of) == []
    assert (len(of.leaves), of.leaves[-1]) == (19, "other")
    assert len(Cells(numbers(table_3())).leaves) == 21


def test_the_2019_form_is_known_by_its_row_where_the_year_does_not_say():
    year = {k: v for k, v in table_3(2019).items() if k[0] != "disclosure.form"}
    assert broken(Cells(numbers(year))) == []
    year[T3 + "other", "自然人"] += 1
    assert "T3-2" in {i.id for i, _ in broken(Cells(numbers(year)))}


def test_the_rows_of_the_2021_form_leave_the_2019_sum_untested():
    year = table_3(2021) | {("disclosure.form", ""): 2019}
    year[T3 + "granted", "自然人"] += 5
    assert "T3-2" not in {i.id for i, _ in broken(Cells(numbers(year)))}


def test_each_block_of_table_4_is_tested():
    for block in BLOCKS:
        year = table_4()
        year[T4 + block, "结果维持"] += 1
        assert [i.id for i, _ in broken(Cells(numbers(year)))] == ["T4-1"]


def test_an_incomplete_split_is_broken_only_where_it_exceeds_its_total():
    year = {("decisions.topics", ""): 18, ("decisions.topics", "通过"): 17}
    assert broken(Cells(numbers(year))) == []
    year["decisions.topics", "暂缓"] = 2
    assert [i.id for i, _ in broken(Cells(numbers(year)))] == ["SUM"]


def test_a_closed_split_that_is_published_whole_must_sum_to_its_total():
    """Every class of the twelve is there: the cases that none of them has are missing."""
    classes = {("enforcement.penalties", name): 1.0 for name in PENALTY_CLASSES}
    year = numbers({("enforcement.penalties", ""): 13} | classes)
    ((identity, breach),) = broken(Cells(year))
    assert (identity.id, breach.expected, breach.actual) == ("SUM", 12, 13)
    del year["enforcement.penalties", "行政拘留"]
    assert broken(Cells(year)) == []


@pytest.mark.parametrize(("dimension", "value"), [("采购总金额", 88.5), ("本年增/减", -2)])
def test_the_old_forms_table_2_is_kept_as_published(dimension: str, value: float):
    cell = ("disclosure.t2_2019.政府集中采购", dimension)
    assert broken(Cells(numbers({cell: value}))) == []


def test_medians_of_parts_are_not_added():
    year = {("enforcement.median_days", ""): 20, ("enforcement.median_days", "罚款"): 15}
    year["enforcement.median_days", "警告"] = 10
    assert broken(Cells(numbers(year))) == []


def test_parts_of_another_split_are_not_added_to_the_first():
    year = {
        ("disclosure.published", ""): 10,
        ("disclosure.published", "通知公告"): 10,
        ("disclosure.published", "channel=政府网站"): 9,
    }
    assert broken(Cells(numbers(year))) == []


# ---------------------------------------------------------------- from a folder


def published(year: int, code: str, dimension: str, value: float) -> dict[str, object]:
    cells = {"year": year, "indicator": code, "dimension": dimension, "value": value}
    return cells | {"source": "年度报告"}


def test_a_broken_identity_is_a_fault_at_its_row_and_keeps_the_figure(tmp_path: Path):
    folders.put_town(tmp_path)
    rows = [
        published(2022, T3 + "carried_out", "", 3),
        published(2023, T3 + "carried_in", "", 2),
        published(2023, T2 + "permits", "", 5),
    ]
    folders.put_table(tmp_path, "reported", rows)
    snapshot = store.load(tmp_path)
    (fault,) = [f for f in all_faults(snapshot) if f.rule in BY_ID]
    assert (fault.rule, fault.severity, fault.file, fault.row) == (
        "X-1",
        "error",
        "reported.csv",
        3,
    )
    assert "应为 3，实为 2，差 -1" in fault.message
    figure = shared(snapshot, Filters(2023)).fig(T3 + "carried_in", TOTAL)
    assert (figure.value, figure.basis) == (2, "reported")


@pytest.mark.parametrize(("shown", "rules"), [(2, []), (3, ["S-4"]), (0, ["S-4"])])
def test_table_2_is_compared_with_the_years_enforcement_ledger(
    tmp_path: Path, shown: int, rules: list[str]
):
    folders.put_town(tmp_path)
    decided = {"action_type": "行政处罚", "opened_on": "2022-12-30", "decided_on": "2023-01-05"}
    actions = [{"action_no": f"Z{i}"} | decided for i in range(2)]
    actions.append({"action_no": "Z9", "action_type": "行政检查", "opened_on": "2023-05-05"})
    folders.put_table(tmp_path, "enforcement_actions", actions)
    folders.put_table(tmp_path, "reported", [published(2023, T2 + "penalties", "", shown)])
    found_rules = [f.rule for f in all_faults(store.load(tmp_path)) if f.rule in BY_ID]
    assert found_rules == rules


def test_a_year_without_ledger_does_not_contradict_table_2(tmp_path: Path):
    folders.town(tmp_path, "enforcement_actions")
    folders.put_table(tmp_path, "reported", [published(2019, T2 + "penalties", "", 3)])
    assert [f for f in all_faults(store.load(tmp_path)) if f.rule in BY_ID] == []
