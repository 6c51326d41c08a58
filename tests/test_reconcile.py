"""对账: by which rule a published figure agrees with its ledger, which pairs there are, the reason
where one is recorded, and what `check` and the screens say of it."""

from __future__ import annotations

import csv
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from pathlib import Path

import folders
import pytest
import screens
from screens import Screen

from qmg_dash.figures import reconcile
from qmg_dash.figures.faults import all_faults
from qmg_dash.figures.reconcile import Pair
from qmg_dash.folder import store
from qmg_dash.kpis import kpi
from qmg_dash.model import ABOUT, AT_LEAST, MORE, NEARLY, Number

DEMO = Path(__file__).parents[1] / "data" / "demo"
ONE = Decimal(1)


# ---------------------------------------------------------------- the rule


@pytest.mark.parametrize(
    ("published", "counted", "verdict"),
    [
        (Number(37), 37, "same"),
        (Number(37), 36, "broken"),
        (Number(0), 0, "same"),
        (Number(0), 1, "broken"),
        (Number(80, MORE), 81, "inside"),
        (Number(80, MORE), 89, "inside"),
        (Number(80, MORE), 80, "broken"),
        (Number(80, MORE), 90, "broken"),
        (Number(5000, MORE), 5999, "inside"),
        (Number(5000, MORE), 6000, "broken"),
        (Number(10, AT_LEAST), 10, "inside"),
        (Number(10, AT_LEAST), 9, "broken"),
        (Number(1000, NEARLY), 999, "inside"),
        (Number(1000, NEARLY), 900, "inside"),
        (Number(1000, NEARLY), 899, "broken"),
        (Number(1000, NEARLY), 1000, "broken"),
        (Number(80, ABOUT), 88, "inside"),
        (Number(80, ABOUT), 71, "broken"),
    ],
)
def test_a_count_agrees_by_how_it_is_written(published: Number, counted: int, verdict: str):
    assert reconcile.judged(published, counted, ONE)[0] == verdict


@pytest.mark.parametrize(
    ("published", "counted", "step", "verdict"),
    [
        (94.95, 94.95454545, "0.01", "inside"),
        (94.95, 94.956, "0.01", "broken"),
        (95, 94.5, "1", "inside"),
        (95, 94.49, "1", "broken"),
        (100, 99.99, "1", "broken"),
        (100, 100, "1", "same"),
        (0, 0.2, "1", "broken"),
    ],
)
def test_a_rate_agrees_to_the_digit_that_is_written_but_100_and_0_are_meant(
    published: float, counted: float, step: str, verdict: str
):
    found = reconcile.judged(Number(published), counted, Decimal(step), rate=True)
    assert found[0] == verdict


def test_every_way_to_write_a_number_has_its_rule_in_words():
    assert [word for word, _ in reconcile.RULES] == ["确数", MORE, AT_LEAST, NEARLY, ABOUT]


# ---------------------------------------------------------------- from a folder


def reported(code: str, value: object, dimension: str = "", **more: object) -> dict[str, object]:
    row = {"year": 2023, "indicator": code, "dimension": dimension, "value": value}
    return row | {"source": "年度报告", "locator": "一（五）"} | more


def penalties(count: int, fine: str = "200") -> list[dict[str, str]]:
    return [
        folders.ACTION | {"action_no": f"Z-{n}", "fine_yuan": fine, "item_code": ""}
        for n in range(count)
    ]


def pair(folder: Path, code: str, dimension: str = "") -> Pair:
    found = reconcile.pairs(store.load(folder), 2023)
    return next(p for p in found if p.key == (code, dimension))


def town(folder: Path, rows: list[dict[str, object]], actions: list[dict[str, str]]) -> Path:
    folders.put_town(folder)
    folders.put_table(folder, "reported", rows)
    folders.put_table(folder, "enforcement_actions", actions)
    return folder


@pytest.mark.parametrize(
    ("value", "unit", "count", "verdict"),
    [
        ("0.06", "万元", 3, "same"),  # 600 元
        ("0.06", "万元", 1, "broken"),  # 200 元
        ("600", "元", 3, "same"),
        ("601", "元", 3, "broken"),
    ],
)
def test_an_amount_in_another_scale_agrees_to_its_last_digit(
    tmp_path: Path, value: str, unit: str, count: int, verdict: str
):
    rows = [reported("enforcement.fines", value, unit=unit)]
    assert pair(town(tmp_path, rows, penalties(count)), "enforcement.fines").verdict == verdict


def test_an_amount_rounded_to_ten_thousands_is_inside(tmp_path: Path):
    """1.23万元 stands for 12,250 to 12,349 元: three fines of 4111 are 12,333."""
    rows = [reported("enforcement.fines", "1.23", unit="万元")]
    found = pair(town(tmp_path, rows, penalties(3, "4111")), "enforcement.fines")
    assert (found.verdict, found.counted, found.rule) == (
        "inside",
        12333,
        "四舍五入到 100 后应相等",
    )
    other = town(tmp_path / "other", rows, penalties(3, "4120"))
    assert pair(other, "enforcement.fines").verdict == "broken"


def test_a_difference_that_rounding_hides_is_written_out(tmp_path: Path):
    town(tmp_path, [reported("enforcement.fines", 113822)], penalties(1, fine="113820"))
    found = pair(tmp_path, "enforcement.fines")
    assert (found.published_text, found.counted_text) == ("113,822元", "113,820元")
    town(tmp_path, [reported("enforcement.fines", 213822)], penalties(1, fine="113820"))
    found = pair(tmp_path, "enforcement.fines")
    assert (found.published_text, found.counted_text) == ("213,822元", "113,820元")


@pytest.mark.parametrize(
    ("value", "unit", "fine", "said"),
    [
        ("0.0113", "万元", "114", ("0.0113万元", "0.0114万元", "+0.0001")),
        ("11817.5", "万元", "118185000", ("11,817.5万元", "11,818.5万元", "+1")),
        ("11817.5001", "万元", "118175001.5", ("11,817.5001万元", "11,817.50015万元", "+0.00005")),
        ("1.2亿", "", "119600001", ("1.2亿元", "1.19600001亿元", "−0.00399999")),
        ("113822.5", "元", "113822.25", ("113,822.5元", "113,822.25元", "−0.25")),
    ],
)
def test_both_values_of_a_pair_are_written_in_the_published_ones_unit(
    tmp_path: Path, value: str, unit: str, fine: str, said: tuple[str, ...]
):
    rows = [reported("enforcement.fines", value, unit=unit)]
    found = pair(town(tmp_path, rows, penalties(1, fine)), "enforcement.fines")
    assert (found.published_text, found.counted_text, found.difference_text) == said


def test_a_split_and_its_total_are_pairs_of_their_own(tmp_path: Path):
    rows = [
        reported("enforcement.penalties", 3),
        reported("enforcement.penalties", 2, "罚款"),
        reported("enforcement.penalties", 0, "警告"),
    ]
    found = reconcile.pairs(store.load(town(tmp_path, rows, penalties(3))), 2023)
    assert [(p.key[1], p.said, p.difference_text) for p in found] == [
        ("", "一致", "0"),
        ("罚款", "不一致", "+1"),
        ("警告", "一致", "0"),
    ]


def test_units_that_cannot_be_converted_are_not_compared(tmp_path: Path):
    rows = [reported("enforcement.penalties", 5, unit="个")]
    found = pair(town(tmp_path, rows, penalties(3)), "enforcement.penalties")
    assert (found.verdict, found.broken, found.difference_text) == ("apart", False, "—")


@pytest.mark.parametrize("key", ["2023/enforcement.penalties", "2023/enforcement.penalties/"])
@pytest.mark.parametrize("table", ["reported", "公布数"])
def test_the_reason_of_a_difference_stands_in_the_corrections(tmp_path: Path, key: str, table: str):
    town(tmp_path, [reported("enforcement.penalties", 5)], penalties(3))
    told = {"table": table, "key": key, "column": "数值", "by": "司法所"}
    folders.put_table(
        tmp_path,
        "corrections",
        [
            told | {"date": "2023-02-01", "reason": "旧的原因"},
            told | {"date": "2023-06-01", "reason": "含移送上级的 2 件"},
            told | {"date": "2023-06-02", "reason": "别的数", "key": "2022/enforcement.penalties"},
            told | {"date": "2023-06-02", "reason": "别的表", "table": "disputes"},
        ],
    )
    found = pair(tmp_path, "enforcement.penalties")
    assert (found.said, found.reason) == ("不一致", "含移送上级的 2 件（2023-06-01）")
    assert found.by == "司法所"
    (fault,) = [f for f in all_faults(store.load(tmp_path)) if f.rule == "对账"]
    assert "已记录原因：含移送上级的 2 件" in fault.message


def test_check_names_the_row_and_says_what_agrees(tmp_path: Path):
    rows = [reported("enforcement.penalties", 3), reported("enforcement.inspections", 2)]
    town(tmp_path, rows, penalties(3))
    (fault,) = [f for f in all_faults(store.load(tmp_path)) if f.rule == "对账"]
    assert (fault.severity, fault.file, fault.row) == ("warning", "reported.csv", 3)
    assert "公布 2次，台账 0次，差 −2（应相等）" in fault.message


def test_a_cell_that_an_identity_names_is_not_told_twice(tmp_path: Path):
    town(tmp_path, [reported("disclosure.t2.penalties", 5)], penalties(3))
    assert [f.rule for f in all_faults(store.load(tmp_path))].count("S-4") == 1
    assert "对账" not in {f.rule for f in all_faults(store.load(tmp_path))}


# ---------------------------------------------------------------- against a second computation


def ledger(name: str) -> list[dict[str, str]]:
    text = (DEMO / "ledgers" / f"{name}.csv").read_text(encoding="utf-8-sig")
    return list(csv.DictReader(text.splitlines()))


NAIVE: dict[str, Callable[[], int]] = {
    "disputes.registered": lambda: sum(
        r["登记日期"].startswith("2022") for r in ledger("disputes")
    ),
    "enforcement.penalties": lambda: sum(
        r["行为类型"] == "行政处罚" and r["决定日期"].startswith("2022")
        for r in ledger("enforcement_actions")
    ),
    "disclosure.published": lambda: sum(
        r["公开日期"].startswith("2022") for r in ledger("disclosures")
    ),
    "review.contracts": lambda: sum(
        r["审查类别"] == "合同" and r["审结日期"].startswith("2022")
        for r in ledger("legal_reviews")
    ),
    "publicity.reach": lambda: sum(
        int(r["受众人次"] or 0) for r in ledger("publicity") if r["日期"].startswith("2022")
    ),
}


def written() -> dict[str, tuple[float, str]]:
    text = (DEMO / "reported.csv").read_text(encoding="utf-8-sig")
    rows = [r for r in csv.DictReader(text.splitlines()) if r["年度"] == "2022" and not r["维度"]]
    return {r["指标"]: (float(r["数值"]), r["约数"]) for r in rows}


@pytest.mark.parametrize("code", NAIVE)
def test_the_demo_town_is_reconciled_as_a_clerk_would(code: str):
    value, qualifier = written()[code]
    counted = NAIVE[code]()
    if qualifier:
        digits = len(str(int(value)).rstrip("0"))
        unit = 10 ** (len(str(int(value))) - digits)
        agrees = value < counted < value + unit
    else:
        agrees = value == counted
    found = next(p for p in reconcile.pairs(store.load(DEMO), 2022) if p.key == (code, ""))
    assert (found.counted, found.broken) == (counted, not agrees)


def test_the_demo_town_breaks_where_it_is_planted_and_nowhere_else():
    found = reconcile.pairs(store.load(DEMO), 2022)
    assert len(found) > 200
    assert {p.figure.code for p in found if p.broken} == {
        "enforcement.penalties",
        "disputes.registered",
        "disclosure.t2.penalties",
    }


# ---------------------------------------------------------------- on the screens


@cache
def desk(path: str) -> Screen:
    """A screen of the demo town's published year, visited once."""
    return screens.visit(path, data="demo", year=2022)


def test_a_screen_with_both_has_a_strip_that_is_red_only_where_a_rule_is_broken():
    broken = desk("/disputes").root.all("details", "agree")
    assert len(broken) == 1
    assert "不一致 1 个（登记矛盾纠纷 公布 174件、台账 171件）" in " ".join(broken[0].text.split())
    assert [n.text for n in broken[0].all("b", "bad")]
    whole = desk("/decisions").root.all("details", "agree")
    assert "全部一致" in whole[0].text
    assert whole[0].all(cls="bad") == []
    assert whole[0].all("tr", "badrow") == []


@pytest.mark.parametrize("path", screens.PATHS)
def test_a_screen_without_both_has_no_strip(path: str):
    assert screens.visit(path).root.all("details", "agree") == []


def test_a_year_that_is_not_published_has_none():
    assert screens.visit("/disputes", data="demo", year=2023).root.all("details", "agree") == []


def test_the_screens_cover_every_indicator_that_has_both():
    found = reconcile.pairs(store.load(DEMO), 2022)
    own = [p for p in found if not kpi(p.figure.code).private]
    shown = {row[0] for path in screens.PATHS for row in desk(path).table("对账")[1:]}
    assert {p.label for p in own} <= shown


def test_the_definitions_page_lists_them_broken_first():
    table = desk("/trust").table("对账")
    assert table[0][:5] == ["指标", "公布数", "台账数", "差额", "结果"]
    assert [row[4] for row in table[1:4]] == ["不一致"] * 3
    assert "不一致" not in {row[4] for row in table[4:]}
    contracts = next(row for row in table if row[0] == "审核合同")
    assert contracts[1:6] == ["50余件", "57件", "+7", "相符", "应多于 50、少于 60"]


def test_in_a_meeting_the_definitions_show_them_on_a_slide_of_their_own():
    slides = screens.on_the_wall("/trust", store.load(DEMO), 2022)
    assert [title for title, _ in slides][1:] == ["237 个公布数有台账，3 个不一致"]
    (table,) = [t for t in slides[1][1].all("table") if t.attrs["aria-label"] == "对账"]
    assert len(table.all("tr")) == 13
    official = store.load(DEMO.parent)
    assert len(screens.on_the_wall("/trust", official, 2022)) == 1
