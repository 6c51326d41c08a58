"""A figure as text, and the arithmetic of approximate numbers (DATA.md section 2)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qmg_dash import fmt
from qmg_dash.figures.arithmetic import change, percent, share, sum_of
from qmg_dash.kpis import kpi
from qmg_dash.model import (
    ABOUT,
    AT_LEAST,
    EXACT,
    MORE,
    NEARLY,
    QUALIFIERS,
    Figure,
    Number,
    Printed,
    last_digit_unit,
    mixed,
)

COUNT = Figure(kpi("review.contracts"), 2022, "件", basis="reported")
RATE = Figure(kpi("enforcement.recording_rate"), 2022, "%", basis="ledger")


def count(value: float | None, qualifier: str = EXACT, unit: str = "件") -> Figure:
    return replace(COUNT, value=value, qualifier=qualifier, unit=unit)


def rate(value: float, basis: str = "ledger", qualifier: str = EXACT) -> Figure:
    return replace(RATE, value=value, basis=basis, qualifier=qualifier)  # type: ignore[arg-type]


# ---------------------------------------------------------------- counts and sums


@pytest.mark.parametrize(
    ("value", "qualifier", "unit", "text"),
    [
        (624, EXACT, "条", "624条"),
        (0, EXACT, "件", "0件"),
        (80, MORE, "件", "80余件"),
        (3000, MORE, "人次", "3000余人次"),
        (9000, MORE, "件", "9000余件"),
        (50_000, MORE, "件", "5万余件"),
        (74_000, MORE, "件", "7.4万余件"),
        (12_345, MORE, "件", "12,345余件"),
        (10, AT_LEAST, "场", "10场以上"),
        (1000, NEARLY, "人", "近1000人"),
        (500, ABOUT, "人", "约500人"),
        (20_000, ABOUT, "元", "约2万元"),
        (1234.5, EXACT, "元", "1234.5元"),
        (-3, EXACT, "件", "-3件"),
    ],
)
def test_a_figure_is_written_as_reports_write_it(value, qualifier, unit, text):
    assert fmt.text(count(value, qualifier, unit)) == text


def test_no_data_is_a_word_never_0():
    assert fmt.text(count(None)) == fmt.spaced(count(None)) == "无数据"
    assert fmt.value_text(count(None)) == "—"
    assert "0" not in fmt.text(count(None)) + fmt.value_text(count(None))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (9999, "9999"),
        (10_000, "10,000"),
        (99_999, "99,999"),
        (99_999.99, "99,999.99"),
        (100_000, "10万"),
        (123_456, "12.3万"),
        (125_000, "12.5万"),
        (99_999_499, "9999.9万"),
        (99_999_500, "1亿"),
        (99_999_999, "1亿"),
        (100_000_000, "1亿"),
        (123_456_789, "1.23亿"),
        (-250_000, "-25万"),
        (3.50, "3.5"),
        (4.0, "4"),
        (0.005, "0.01"),
        (-0.001, "0"),
    ],
)
def test_large_numbers_go_to_wan_and_yi_at_their_limits(value, text):
    assert fmt.amount(value) == text


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [(12.25, 1, "12.3"), (2.675, 2, "2.68"), (0.5, 0, "1"), (2.5, 0, "3"), (-2.5, 0, "-3")],
)
def test_halves_are_rounded_up_as_a_spreadsheet_does(value, decimals, text):
    assert str(fmt.rounded(value, decimals)) == text


@settings(max_examples=200, deadline=None)
@given(st.integers(-(10**12), 10**12))
def test_a_count_is_never_shown_further_off_than_its_form_allows(value):
    text = fmt.amount(value)
    factor = 10**8 if text.endswith("亿") else 10**4 if text.endswith("万") else 1
    shown = Decimal(text.rstrip("万亿").replace(",", "")) * factor
    assert abs(shown - value) <= {1: 0, 10**4: 500, 10**8: 500_000}[factor]


@pytest.mark.parametrize(
    ("figure", "text"),
    [
        (count(624, unit="条"), "624 条"),
        (count(80, MORE), "80余件"),
        (count(10, AT_LEAST, "场"), "10场以上"),
        (rate(100), "100%"),
    ],
)
def test_a_title_sets_a_space_between_an_exact_number_and_its_unit(figure, text):
    assert fmt.spaced(figure) == text


# ---------------------------------------------------------------- as published
FINES = replace(COUNT, kpi=kpi("enforcement.fines"), unit="元")


def published(digits: str, unit: str, scale: int = 1, **more: object) -> Figure:
    """A published figure with what its ledger has beside it."""
    value = float(Decimal(digits) * scale)
    number = Number(value, EXACT, Printed(Decimal(digits), unit, Decimal(scale)))
    return replace(FINES, value=value, reported=number, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("figure", "text", "spaced", "parted"),
    [
        (
            published("11817.5", "万元", 10_000),
            "11,817.5万元",
            "11,817.5 万元",
            ("11,817.5", "万元"),
        ),
        (published("1753.79", "万元", 10_000), "1753.79万元", "1753.79 万元", ("1753.79", "万元")),
        (published("1.20", "亿元", 10**8), "1.20亿元", "1.20 亿元", ("1.20", "亿元")),
        (published("118175000", "元"), "118,175,000元", "118,175,000 元", ("118,175,000", "元")),
        (published("0", "万元", 10_000), "0万元", "0 万元", ("0", "万元")),
    ],
)
def test_an_exact_published_value_has_all_its_digits_in_its_own_unit(figure, text, spaced, parted):
    assert (fmt.text(figure), fmt.spaced(figure), fmt.parted(figure)) == (text, spaced, parted)
    assert Number(figure.value) == figure.number, "how it is printed makes no other number"


def test_under_a_head_that_names_the_unit_a_number_is_in_that_unit():
    assert fmt.value_text(published("11817.5", "万元", 10_000)) == "118,175,000"


@pytest.mark.parametrize(
    ("figure", "value", "text"),
    [
        (published("11817.5", "万元", 10_000), 118_175_321, "11,817.5321万元"),
        (published("11817.5", "万元", 10_000), 0, "0万元"),
        (published("1.234567", "万元", 10_000), 12_345.6, "1.23456万元"),
        (published("213822", "元"), 113_820.5, "113,820.5元"),
        (replace(FINES, value=12.0, basis="ledger"), 113_820, "11.4万元"),
        (replace(FINES, value=12.0, qualifier=ABOUT), 113_820, "11.4万元"),
    ],
)
def test_a_ledgers_value_stands_beside_a_published_one_in_its_unit(figure, value, text):
    assert fmt.like(value, figure) == text


def test_a_target_has_all_its_digits():
    assert fmt.target(99.95, rate(99.2)) == "99.95%"
    assert fmt.target(120_000_000, published("11817.5", "万元", 10_000)) == "12,000万元"


# ---------------------------------------------------------------- rates and shares


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0%"),
        (100, "100%"),
        (100.0, "100%"),
        (33 / 36 * 100, "91.7%"),
        (50.0, "50%"),
        (12.25, "12.3%"),
        (99.94, "99.9%"),
        (99.95, "99.9%"),
        (99.96, "99.9%"),
        (99.999999, "99.9%"),
        (100.04, "100.1%"),
        (0.04, "不足 0.1%"),
        (0.05, "0.1%"),
        (352.63, "352.6%"),
    ],
)
def test_a_rate_has_one_decimal_and_99_96_never_reads_100(value, text):
    assert fmt.rate(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (98.75, "98.75%"),
        (99.96, "99.96%"),
        (99.456, "99.456%"),
        (99.996, "99.996%"),
        (100, "100%"),
        (0.004, "0.004%"),
    ],
)
def test_a_published_rate_is_shown_as_written(value, text):
    assert fmt.text(rate(value, "reported")) == text


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 10**7), st.integers(1, 10**7), st.integers(1, 4))
def test_only_all_reads_100_and_only_none_reads_0(part, whole, decimals):
    part = min(part, whole)
    text = fmt.rate(percent(part, whole), decimals)
    assert (text == "100%") == (part == whole)
    assert (text == "0%") == (part == 0)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (None, "—"),
        (Number(0), "0%"),
        (Number(0.3), "不足1%"),
        (Number(0.5), "1%"),
        (Number(2.5), "3%"),
        (Number(28.86), "29%"),
        (Number(99.4), "99%"),
        (Number(99.6), "超过99%"),
        (Number(100), "100%"),
        (Number(75.2, ABOUT), "约75%"),
    ],
)
def test_a_share_is_whole_and_never_a_false_0_or_100(number, text):
    assert fmt.share(number) == text


def test_a_rate_of_0_over_0_is_no_data():
    assert percent(0, 0) is None
    assert percent(None, 5) is None
    assert percent(0, 5) == 0


def test_a_base_stands_beside_a_rate_where_it_is_known():
    assert fmt.base(replace(RATE, value=91.7, numerator=33, denominator=36)) == "33 / 36"
    assert fmt.base(rate(100, "reported")) == ""
    assert fmt.base(replace(COUNT, value=2, numerator=4, denominator=2)) == ""


@pytest.mark.parametrize(
    ("now", "before", "unit", "card", "sentence"),
    [
        (888, 818, "件", "增 8.6%", "增 70 件（+8.6%）"),
        (818, 888, "件", "减 7.9%", "减 70 件（−7.9%）"),
        (159, 158, "件", "增 1 件", "增 1 件"),
        (31, 30, "件", "增 3.3%", "增 1 件（+3.3%）"),
        (30, 29, "件", "增 1 件", "增 1 件"),
        (101, 100, "件", "增 1%", "增 1 件（+1%）"),
        (1009, 1000, "件", "增 9 件", "增 9 件"),
        (0, 30, "件", "减 100%", "减 30 件（−100%）"),
        (0, 3, "件", "减 3 件", "减 3 件"),
        (12, 0, "件", "增 12 件", "增 12 件"),
        (9000, 80, "件", "增 11,150%", "增 8920 件（+11,150%）"),
        (5, 5, "件", "持平", "持平"),
        (Number(80, MORE), 80, "件", "基本持平", "基本持平"),
        (Number(80, MORE), 60, "件", "增约 20 件", "增约 20 件"),
        (60, Number(80, ABOUT), "件", "减约 20 件", "减约 20 件"),
        (93.8, 90.3, "%", "增 3.5 个百分点", "增 3.5 个百分点"),
        (90, 91.25, "%", "减 1.3 个百分点", "减 1.3 个百分点"),
        (Number(92, ABOUT), 90, "%", "增约 2 个百分点", "增约 2 个百分点"),
        (90, 90.04, "%", "基本持平", "基本持平"),
        (90, 90, "%", "持平", "持平"),
        (0.3, 0.1 + 0.2, "万元", "持平", "持平"),
        (600_000, 480_000, "元", "增 25%", "增 12万 元（+25%）"),
    ],
)
def test_a_change_says_its_way_and_how_much_it_is_of_its_base(now, before, unit, card, sentence):
    now, before = (n if isinstance(n, Number) else Number(n) for n in (now, before))
    assert fmt.change(now, before, unit) == f"同比{card}"
    assert fmt.change(now, before, unit, "较 2021 年", sentence=True) == f"较 2021 年{sentence}"


def test_a_number_beside_a_figure_reads_like_one():
    assert fmt.number_text(Number(37), "件") == "37件"
    assert fmt.number_text(Number(80, MORE), "件") == "80余件"
    assert fmt.number_text(Number(99.96), "%") == "99.9%"


# ---------------------------------------------------------------- cells of other programs


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n"])
def test_a_text_that_a_spreadsheet_would_run_is_made_safe(start):
    cell = f'{start}HYPERLINK("http://x")'
    assert fmt.csv_cell(cell) == f"'{cell}"


@pytest.mark.parametrize("value", [-3, -3.5, None, "", "青木关镇", "3-4", "一（七）", "—"])
def test_other_cells_stay_what_they_are(value):
    assert fmt.csv_cell(value) == value


# ---------------------------------------------------------------- approximate arithmetic


@pytest.mark.parametrize(
    ("parts", "whole"),
    [
        ([], EXACT),
        ([EXACT, EXACT], EXACT),
        ([EXACT, MORE], MORE),
        ([MORE, MORE, EXACT], MORE),
        ([AT_LEAST], AT_LEAST),
        ([AT_LEAST, AT_LEAST], AT_LEAST),
        ([NEARLY, NEARLY], NEARLY),
        ([AT_LEAST, EXACT], ABOUT),
        ([NEARLY, EXACT], ABOUT),
        ([MORE, NEARLY], ABOUT),
        ([MORE, AT_LEAST], ABOUT),
        ([ABOUT, EXACT], ABOUT),
    ],
)
def test_exact_and_more_is_more_anything_else_mixed_is_about(parts, whole):
    assert mixed(parts) == whole


@given(st.lists(st.sampled_from(QUALIFIERS), max_size=5))
def test_the_order_of_the_parts_does_not_matter(parts):
    assert mixed(parts) == mixed(reversed(parts))


def test_numbers_add_with_their_qualifiers():
    assert Number(80, MORE) + Number(5) == Number(85, MORE)
    assert Number(80, MORE) + Number(5, NEARLY) == Number(85, ABOUT)


@pytest.mark.parametrize(
    ("value", "unit"),
    [
        (80, 10),
        (5000, 1000),
        (123, 1),
        (50_000, 10_000),
        (74_000, 1000),
        (0, 1),
        (-30, 10),
        (2.5, 1),
    ],
)
def test_the_unit_of_the_last_written_digit(value, unit):
    assert last_digit_unit(value) == unit


@pytest.mark.parametrize(
    ("number", "interval"),
    [
        (Number(80), (80, 80)),
        (Number(80, MORE), (80, 90)),
        (Number(5000, MORE), (5000, 6000)),
        (Number(10, AT_LEAST), (10, float("inf"))),
        (Number(1000, NEARLY), (900, 1000)),
        (Number(5, NEARLY), (4, 5)),
        (Number(500, ABOUT), (450, 550)),
        (Number(80, ABOUT), (72, 88)),
        (Number(123, ABOUT), (122, 124)),
    ],
)
def test_what_an_approximate_number_may_be(number, interval):
    assert number.interval == interval


@pytest.mark.parametrize(
    ("number", "allowed", "refused"),
    [
        (Number(80), (80,), (79, 81, 80.5)),
        (Number(80, MORE), (81, 89), (80, 90, 79)),
        (Number(5000, MORE), (5001, 5999), (5000, 6000)),
        (Number(10, AT_LEAST), (10, 11, 10**9), (9,)),
        (Number(1000, NEARLY), (900, 999), (1000, 899)),
        (Number(80, ABOUT), (72, 80, 88), (71, 89)),
    ],
)
def test_which_values_an_approximate_number_allows(number, allowed, refused):
    assert all(number.allows(value) for value in allowed)
    assert not any(number.allows(value) for value in refused)


def test_a_sum_of_figures_is_approximate_as_its_parts_and_unknown_where_one_is():
    blank = count(None)
    assert sum_of(blank, [count(80, MORE), count(5)]).number == Number(85, MORE)
    assert sum_of(blank, [count(80), count(None)]).value is None
    assert sum_of(blank, []).value is None


def test_a_ratio_with_an_approximate_part_is_about():
    assert share(count(40), count(80)) == Number(50.0)
    assert share(count(40), count(80, MORE)) == Number(50.0, ABOUT)
    assert share(count(0), count(0)) is None
    assert share(count(None), count(5)) is None


def test_a_change_is_about_where_either_figure_is_and_none_across_units():
    assert change(count(12), count(9)) == Number(3)
    assert change(count(80, MORE), count(60, MORE)) == Number(20, ABOUT)
    assert change(count(1), count(None)) is None
    assert change(count(1, unit="元"), count(1, unit="万元")) is None
    assert change(count(0.3), count(0.1)) == Number(0.2)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("下载 台账_退回.xlsx", "下载 台账_退回.xlsx"),
        ("加入本屏：纠纷（*甲*）", "加入本屏：纠纷（\\*甲\\*）"),
        ("[x](y) :red[z] $a$ _b_", "\\[x\\](y) \\:red\\[z\\] \\$a\\$ \\_b\\_"),
    ],
)
def test_a_widgets_label_is_text(text: str, label: str):
    assert fmt.label(text) == label
