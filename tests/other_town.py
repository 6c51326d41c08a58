"""Another town, made for the tests: other years, other categories, long words, no ledger.

Its figures are written as reports write them (超3000余, 近50, 10以上, 5万余), its disclosure forms are of
two versions, and a year lies between without any figure.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import folders
from screens import PATHS

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
    ("enforcement.fines", ""): ("3.5", "万元", "3.5万元"),
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


LONG = "健全乡村两级行政执法规范化标准化数字化协作机制"


def build(folder: Path) -> Path:
    """The town's folder."""
    folders.put(folder / "town.toml", TOWN, "utf-8")
    folders.put_table(folder, "reported", rows())
    goals = [
        {
            "goal_id": f"M{n}",
            "year": "2025",
            "direction": f"{'甲乙丙丁戊'[n // 8]}、深入推进依法行政和依法治乡工作",
            "measure": f"第 {n + 1} 项：{LONG}",
            "owner": "综合行政执法大队和平安建设办公室",
            "shortcoming_ids": "Q1;Q2" if n == 0 else "",
        }
        for n in range(40)
    ]
    folders.put_table(folder, "goals", goals)
    lacks = [
        {"shortcoming_id": f"Q{n}", "year": LAST, "text": f"{LONG}还不够{n}"} for n in (1, 2, 3)
    ]
    folders.put_table(folder, "shortcomings", lacks)
    practices = [
        {
            "year": FULL,
            "screen": path,
            "mechanism": f"{LONG}（{n}）",
            "area": "生态环境",
            "source": SOURCE,
        }
        for path in PATHS
        for n in range(3)
    ]
    folders.put_table(folder, "practices", practices)
    return folder
