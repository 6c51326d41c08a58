"""The shipped report: each of the 32 rows of docs/report_figures.md, as the product shows it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from qmg_dash import fmt
from qmg_dash.figures import listing
from qmg_dash.folder import store
from qmg_dash.folder.snapshot import Snapshot
from qmg_dash.model import EXACT, MORE, Figure

ROOT = Path(__file__).parents[1]
YEAR = 2022


@dataclass(frozen=True)
class Golden:
    code: str
    dimension: str
    value: int
    qualifier: str
    unit: str
    text: str
    written: str
    locator: str


GOLDEN = (
    Golden("learning.study_sessions", "", 5, EXACT, "次", "5次", "5次", "一（一）"),
    Golden("training.cert_trained", "", 14, EXACT, "人", "14人", "14名", "一（一）"),
    Golden("training.exam_pass_rate", "", 100, EXACT, "%", "100%", "均顺利通过", "一（一）"),
    Golden("training.cert_obtained", "", 14, EXACT, "人", "14人", "14名", "一（一）"),
    Golden("services.enterprises", "规上企业", 26, EXACT, "家", "26家", "26家", "一（二）"),
    Golden("services.meetings", "", 3, EXACT, "次", "3次", "3次", "一（二）"),
    Golden("power.total", "", 123, EXACT, "项", "123项", "123个", "一（二）"),
    Golden("power.items", "行政许可", 4, EXACT, "项", "4项", "4项", "一（二）"),
    Golden("power.items", "行政处罚", 36, EXACT, "项", "36项", "36项", "一（二）"),
    Golden("power.items", "行政强制", 13, EXACT, "项", "13项", "13项", "一（二）"),
    Golden("power.items", "行政征收", 1, EXACT, "项", "1项", "1项", "一（二）"),
    Golden("power.items", "行政给付", 4, EXACT, "项", "4项", "4项", "一（二）"),
    Golden("power.items", "行政检查", 7, EXACT, "项", "7项", "7项", "一（二）"),
    Golden("power.items", "行政确认", 5, EXACT, "项", "5项", "5项", "一（二）"),
    Golden("power.items", "行政裁决", 2, EXACT, "项", "2项", "2项", "一（二）"),
    Golden("power.items", "其他行政权力", 51, EXACT, "项", "51项", "51项", "一（二）"),
    Golden("documents.abolished", "", 1, EXACT, "件", "1件", "1件", "一（三）"),
    Golden("review.contracts", "", 80, MORE, "件", "80余件", "80余件", "一（三）"),
    Golden("adviser.count", "", 1, EXACT, "名", "1名", "1名", "一（四）"),
    Golden("review.adviser_contracts", "", 60, MORE, "次", "60余次", "60余次", "一（四）"),
    Golden("adviser.meetings", "", 4, EXACT, "次", "4次", "4次", "一（四）"),
    Golden("decisions.topics", "", 18, EXACT, "个", "18个", "18个", "一（四）"),
    Golden("decisions.passed", "", 18, EXACT, "个", "18个", "18个", "一（四）"),
    Golden("services.windows", "", 12, EXACT, "个", "12个", "12个", "一（六）"),
    Golden("disclosure.published", "", 624, EXACT, "条", "624条", "624条", "一（七）"),
    Golden("applications.handled", "", 1, EXACT, "件", "1件", "1件", "一（七）"),
    Golden("applications.reply_rate", "", 100, EXACT, "%", "100%", "100%", "一（七）"),
    Golden("applications.on_time_rate", "", 100, EXACT, "%", "100%", "100%", "一（七）"),
    Golden("cases.litigations", "", 1, EXACT, "件", "1件", "1件", "一（七）"),
    Golden("cases.unheard", "", 1, EXACT, "件", "1件", "1件", "一（七）"),
    Golden("cases.reconsiderations", "", 1, EXACT, "件", "1件", "1件", "一（七）"),
    Golden("cases.reconsiderations", "维持", 1, EXACT, "件", "1件", "1件", "一（七）"),
)


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    return store.load(ROOT / "data")


@pytest.fixture(scope="module")
def figures(snapshot: Snapshot) -> dict[tuple[str, str], Figure]:
    return {(f.code, f.dimension): f for f in listing.figures(snapshot, YEAR)}


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda g: f"{g.code} {g.dimension}".strip())
def test_a_figure_of_the_report_is_shown_as_it_stands_there(golden: Golden, figures):
    figure = figures[golden.code, golden.dimension]
    (source,) = figure.sources
    assert figure.value == golden.value
    assert (figure.qualifier, figure.unit) == (golden.qualifier, golden.unit)
    assert (figure.basis, figure.nature, figure.year) == ("reported", "official", YEAR)
    assert fmt.text(figure) == golden.text
    assert figure.raw == golden.written
    assert (source.file, source.locator) == ("reported.csv", golden.locator)
    assert source.title == "《关于2022年法治政府建设情况的报告》"


def test_the_report_has_these_32_figures_and_no_other(figures):
    assert len(GOLDEN) == 32
    known = {key for key, f in figures.items() if f.known}
    assert known == {(g.code, g.dimension) for g in GOLDEN}
    assert {f.basis for f in figures.values() if not f.known} == {"none"}


def test_the_golden_list_of_the_documentation_is_this_one():
    cell = r"\|([^|]*)"
    lines = (ROOT / "docs" / "report_figures.md").read_text(encoding="utf-8").splitlines()
    rows = [re.match(r"\| *\d+ " + cell * 7, line) for line in lines]
    documented = [[c.strip().replace("–", "") for c in m.groups()] for m in rows if m]
    assert documented == [
        [g.code, g.dimension, str(g.value), g.qualifier, g.unit, g.written, g.locator]
        for g in GOLDEN
    ]


def test_the_nine_categories_sum_to_the_total_and_the_unlisted_tenth_is_not_0(figures):
    listed = [f for (code, d), f in figures.items() if code == "power.items" and d]
    assert len(listed) == 9
    assert sum(f.value for f in listed) == figures["power.total", ""].value == 123
    assert ("power.items", "行政奖励") not in figures


def test_only_two_figures_are_approximate(figures):
    approximate = {f.code: fmt.text(f) for f in figures.values() if f.qualifier}
    assert approximate == {"review.contracts": "80余件", "review.adviser_contracts": "60余次"}


def test_the_report_is_the_only_year_with_figures_and_2023_the_year_of_its_goals(snapshot):
    assert listing.years(snapshot) == [2022, 2023]
    goals = {f.code: f.value for f in listing.figures(snapshot, 2023) if f.known}
    assert goals["goals.total"] == 12
    assert sum(v for c, v in goals.items() if c not in ("goals.total", "goals.progress")) == 12
