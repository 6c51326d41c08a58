"""Another town's folder runs through every screen with no change of code.

Its name, years, categories and titles are others, its figures are written as reports write them
(超3000余, 近50, 10以上, 5万余), it has no ledger, its disclosure forms are of two versions, and a year
lies between without any figure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import folders
import pytest
import screens
from screens import PATHS, ROOT, Screen

from qmg_dash.kpis import kpi
from qmg_dash.kpis.disclosure import T3_ROWS

TOWN = """[town]
name = "滨江省云岭自治州石泉县白鹭洲民族团结示范乡"
short_name = "白鹭洲乡"

[dataset]
nature = "official"
as_of = 2025-03-01
"""
FIRST, EMPTY, FULL, LAST = "2021", "2022", "2023", "2024"
YEARS = (FIRST, FULL, LAST)
SOURCE = "《白鹭洲民族团结示范乡关于深入推进法治政府建设和依法行政工作情况的年度报告》"

CATEGORIES = {
    "行政许可": "14",
    "行政处罚": "61",
    "行政强制": "9",
    "行政征收": "2",
    "行政给付": "17",
    "行政检查": "28",
    "行政确认": "11",
    "行政奖励": "5",
    "行政裁决": "3",
    "其他行政权力": "44",
    "行政调解": "6",
}
"""Eleven, one of which is not standard."""
WRITTEN = {
    ("publicity.reach", ""): ("7.4万余", "人次", "7.4万余人次"),
    ("publicity.materials", ""): ("5万余", "份", "5万余份"),
    ("disputes.registered", ""): ("超3000余", "件", "3000余件"),
    ("publicity.events", ""): ("近50", "场", "近50场"),
    ("learning.events", ""): ("10以上", "次", "10次以上"),
    ("enforcement.inspections", ""): ("１２００余", "次", "1200余次"),
    ("disclosure.published", ""): ("1,234", "条", "1234条"),
    ("review.contracts", ""): ("约90", "件", "约90件"),
    ("enforcement.fines", ""): ("3.5", "万元", "35,000元"),
}
"""How a report writes a figure, and how the screens do."""
EXACT = {
    ("disputes.resolved_rate_all", ""): ("97.35", "%", "97.35%"),
    ("cases.reconsiderations", ""): ("3", "件", "3件"),
    ("cases.reconsiderations", "维持"): ("2", "件", "2件"),
    ("cases.reconsiderations", "纠正"): ("1", "件", "1件"),
    ("cases.litigations", "维持"): ("2", "件", "2件"),
    ("applications.received", ""): ("8", "件", "8件"),
    ("disclosure.published", "channel=政府网站"): ("1000", "条", "1000条"),
    ("decisions.topics", ""): ("41", "个", "41个"),
    ("decisions.passed", ""): ("39", "个", "39个"),
    ("services.enterprises", "规上企业"): ("7", "家", "7家"),
    ("enforcement.penalties", "罚款"): ("12", "件", "12件"),
    ("enforcement.penalties", "警告"): ("4", "件", "4件"),
    ("enforcement.actions", "area=水利"): ("19", "件", "19件"),
    ("officers.certified", ""): ("21", "人", "21人"),
    ("documents.in_force", ""): ("6", "件", "6件"),
}
SHARES = {  # table 3 of 2021, one column: 8 new + 1 carried in = 7 done + 2 carried out
    "new": 8,
    "carried_in": 1,
    "granted": 4,
    "partial": 1,
    "refused.1": 1,
    "other.1": 1,
    "total": 7,
    "carried_out": 2,
}
OLD_SHARES = {"new": 5, "carried_in": 0, "granted": 2, "other": 2, "total": 4, "carried_out": 1}


def form(year: str, version: int, cells: dict[str, int]) -> Iterator[folders.Row]:
    yield figure(year, "disclosure.form", "", str(version), "")
    for row, value in cells.items():
        for column in ("自然人", "总计"):
            yield figure(year, f"disclosure.t3.{row}", column, str(value), "件")


def figure(year: str, code: str, dimension: str, value: str, unit: str) -> dict[str, str]:
    return {
        "year": year,
        "indicator": code,
        "dimension": dimension,
        "value": value,
        "unit": unit,
        "source": SOURCE,
        "locator": "二（三）",
    }


def rows() -> list[folders.Row]:
    """What the town publishes, year by year."""
    found: list[folders.Row] = []
    for code, dimension, value in (
        ("power.items", "行政处罚", "40"),
        ("power.items", "行政调解", "5"),
        ("power.items", "行政检查", "25"),
        ("disclosure.t2_2019.规范性文件", "本年新制作数量", "2"),
        ("disclosure.t2_2019.行政许可", "上一年项目数量", "15"),
    ):
        found.append(figure(FIRST, code, dimension, value, "项" if "power" in code else "件"))
    found += form(FIRST, 2019, OLD_SHARES)
    total = str(sum(map(int, CATEGORIES.values())))
    found.append(figure(FULL, "power.total", "", total, "项"))
    found += [figure(FULL, "power.items", c, v, "项") for c, v in CATEGORIES.items()]
    for (code, dimension), (value, unit, _) in (WRITTEN | EXACT).items():
        found.append(figure(FULL, code, dimension, value, unit))
    found += form(FULL, 2021, SHARES)
    found.append(figure(FULL, "disclosure.t2.normative", "制发", "1", "件"))
    found.append(figure(FULL, "disclosure.t2.fees", "", "0.85", "万元"))
    for result, value in (("结果维持", "2"), ("结果纠正", "1"), ("总计", "3")):
        found.append(figure(FULL, "disclosure.t4.reconsideration", result, value, "件"))
    found.append(figure(LAST, "power.items", "行政调解", "8", "项"))
    found.append(figure(LAST, "publicity.reach", "", "8万余", "人次"))
    return found


LONG = "推动乡村两级行政执法规范化标准化数字化建设并健全与县级部门的协作配合机制"


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The second town's folder."""
    folder = tmp_path_factory.mktemp("白鹭洲乡 数据")
    folders.put(folder / "town.toml", TOWN, "utf-8")
    folders.put_table(folder, "reported", rows())
    goals = [
        {
            "goal_id": f"M{n}",
            "year": "2025",
            "direction": f"{'甲乙丙丁戊'[n // 8]}、{LONG}",
            "measure": f"第 {n + 1} 项：{LONG}",
            "owner": "综合行政执法大队和平安建设办公室",
            "shortcoming_ids": "Q1;Q2" if n == 0 else "",
        }
        for n in range(40)
    ]
    folders.put_table(folder, "goals", goals)
    lacks = [{"shortcoming_id": f"Q{n}", "year": LAST, "text": f"{LONG}还不够{n}"} for n in (1, 2, 3)]
    folders.put_table(folder, "shortcomings", lacks)
    practices = [
        {"year": FULL, "screen": path, "mechanism": f"{LONG}（{n}）", "area": "生态环境", "source": SOURCE}
        for path in PATHS
        for n in range(3)
    ]
    folders.put_table(folder, "practices", practices)
    return folder


@pytest.fixture(autouse=True)
def read(other: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QMG_DATA_DIR", str(other))


@cache
def desk(path: str, year: str) -> Screen:
    return screens.visit(path, year=year)


@cache
def slides(path: str, year: str) -> tuple[Screen, ...]:
    return tuple(screens.slides(path, year=year))


@dataclass(frozen=True)
class Published:
    """A row of the town's reported.csv, and how the screens should write it."""

    year: str
    code: str
    dimension: str
    text: str

    def __str__(self) -> str:
        return f"{self.year}-{self.code}-{self.dimension}".strip("-")

    def stands_on(self, screen: Screen) -> bool:
        """Whether label, value and unit stand together on the screen."""
        row = kpi(self.code)
        if row.private:
            return self.in_a_table(screen)
        value = self.dimension.rpartition("=")[2]
        label = f"{row.label}·{value}" if value else row.label
        return any(
            shown.text == self.text
            and (
                (shown.code == self.code and shown.dimension == self.dimension)
                or (not shown.code and shown.label in (label, value or label))
            )
            for shown in screen.figures
        )

    def in_a_table(self, screen: Screen) -> bool:
        """Whether a statutory table has the cell: the row's name and its column's, and the value."""
        label = kpi(self.code).label.split("、")[-1].split("（2019")[0]
        if self.code == "disclosure.form":
            return f"{self.text} 年格式" in screen.text
        for table in screen.root.all("table"):
            lines = [
                [" ".join(c.text.split()) for c in r.all("th") + r.all("td")]
                for r in table.all("tr")
            ]
            for line in lines[1:]:
                column = lines[0].index(self.dimension) if self.dimension in lines[0] else -1
                words = "·".join(c for c in line if c is not line[column])
                named = self.dimension in (*lines[0], "") or self.dimension in words
                if label.strip("（七）") in words and named and line[column] == self.text:
                    return True
        return False


def published() -> list[Published]:
    """Every row with the text that it should have: written forms from the table above, the rest
    as they stand."""
    found = []
    for row in rows():
        year, code, dimension = (str(row[k]) for k in ("year", "indicator", "dimension"))
        private = kpi(code).private
        said = f"{row['value']}{'' if private else row['unit']}"
        if year == FULL and (code, dimension) in WRITTEN:
            said = WRITTEN[code, dimension][2]
        found.append(Published(year, code, dimension, said))
    assert len(found) > 60
    return found


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("year", YEARS)
def test_every_screen_stands_at_the_desk_and_in_the_meeting(path: str, year: str) -> None:
    assert desk(path, year).banners == []
    assert "白鹭洲民族团结示范乡" in desk(path, year).text
    for screen in (desk(path, year), *slides(path, year)):
        assert f"{year} 年度" in screen.text
        assert "正式数据" in screen.text
        assert "统计日 2025-03-01" in screen.text
        assert re.search(r"\d", re.sub(r"\d{4} 年", "", screen.title)) or "尚无" in screen.title, (
            screen.title
        )


@pytest.mark.parametrize("figure", published(), ids=str)
def test_every_published_figure_stands_on_its_screen(figure: Published) -> None:
    home = kpi(figure.code).screen
    assert figure.stands_on(desk(home, figure.year)), f"{figure} 不在 {home}"


@pytest.mark.parametrize("path", PATHS)
def test_nothing_of_the_first_town_is_sent(path: str) -> None:
    names = ("青木关", "沙坪坝", "重庆")
    for year in YEARS:
        sent = "".join(s.sent() for s in (desk(path, year), *slides(path, year)))
        assert [n for n in names if n in sent] == []


def test_nothing_of_the_first_town_stands_in_the_code() -> None:
    """The town's name, district, city and figures belong to data/, its documents to docs/."""
    places = [ROOT / "qmg_dash", ROOT / "pages", ROOT / ".streamlit", ROOT / "bench"]
    files = [f for p in places for f in p.rglob("*") if f.suffix in (".py", ".js", ".css", ".toml")]
    files += [ROOT / "app.py", ROOT / "server.py", ROOT / "pyproject.toml"]
    assert len(files) > 40
    named = [
        str(f.relative_to(ROOT))
        for f in files
        if re.search("青木关|沙坪坝|重庆|[Qq]ing ?mu ?guan", f.read_text(encoding="utf-8"))
    ]
    assert named == []


def test_a_category_that_is_not_standard_keeps_its_place_and_name() -> None:
    screen = desk("/power_list", FULL)
    bars = {s.label: s.text for s in screen.figures if s.kind == "mark"}
    assert bars == {c: f"{v}项" for c, v in CATEGORIES.items()}
    assert "11 类之和与总数一致" in screen.text
    assert "行政处罚和其他行政权力共 105 项，占 200 项的 53%" in screen.title


def test_the_parts_lead_where_no_total_is_published() -> None:
    assert "行政处罚 40 项，占 70 项的 57%" in desk("/power_list", FIRST).title


def test_each_year_has_the_form_of_its_version() -> None:
    def leaves(year: str) -> list[str]:
        table = desk("/disclosure", year).table("申请办理情况表")
        return [line[0].split("·")[-1] for line in table[1:]]

    old, new = leaves(FIRST), leaves(FULL)
    later = [T3_ROWS[f"other.{n}"] for n in (1, 2)]
    assert not set(later) & set(old) and set(later) <= set(new)
    assert sum("其他处理" in leaf for leaf in old) == 1
    assert "2019 年格式" in desk("/disclosure", FIRST).text
    assert "2021 年格式" in desk("/disclosure", FULL).text


@pytest.mark.parametrize("path", PATHS)
def test_a_year_between_without_a_figure_is_not_offered_and_said(path: str) -> None:
    screen = screens.visit(path, year=EMPTY)
    assert any(EMPTY in b and "年度" in b for b in screen.banners)
    assert f"{LAST} 年度" in screen.text
    assert screen.app.selectbox(key="s_year").options == [LAST, FULL, FIRST]


def test_nothing_is_compared_with_a_year_that_has_no_figure() -> None:
    assert "较上年" not in desk("/power_list", FULL).text
    assert "较上年" in desk("/power_list", LAST).text
