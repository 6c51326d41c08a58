"""Data folders for tests: a whole valid second town (青石镇, invented), and ways to write files.

Files are written with a modification time a minute ago: the store waits for files that have only
just changed. `now=True` leaves the time as it is.
"""

from __future__ import annotations

import csv
import io
import os
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from qmg_dash.tables import BY_NAME, TABLES, Table

TOWN = """[town]
name = "某县青石镇"
short_name = "青石镇"
code = "500000000"
contact = "党政办"

[dataset]
nature = "{nature}"
{as_of}

[cadence]
disputes = "月"

[share]
public_url = "https://qingshi.example.org"
"""

Row = Mapping[str, object]

POWER = {
    "item_code": "0001",
    "name": "对擅自倾倒垃圾的处罚",
    "category": "行政处罚",
    "department": "综合执法办",
    "initiation": "依职权",
    "level": "镇",
    "list_version": "2023-01-10",
    "status": "在用",
    "published": "是",
}
ACTION = {
    "action_no": "Z-001",
    "action_type": "行政处罚",
    "area": "城市管理",
    "item_code": "0001",
    "department": "综合执法办",
    "object_type": "自然人",
    "opened_on": "2023-03-01",
    "decided_on": "2023-03-20",
    "closed_on": "2023-04-01",
    "officers": "2",
    "certificate_shown": "是",
    "recording": "文字和音像",
    "legal_review": "不需要",
    "disclosed_on": "2023-03-24",
    "double_random": "否",
    "flexible": "无",
    "penalty_class": "罚款",
    "fine_yuan": "200",
    "result": "已缴纳",
}


def sample(table: Table) -> dict[str, str]:
    """A valid row of a table: every cell that it needs, and no other."""
    usual = {"date": "2023-03-01", "int": "2", "number": "2", "bool": "是", "text": "甲"}
    return {c.name: (c.values or (usual[c.type],))[0] for c in table.columns if c.required}


GOOD: dict[str, list[dict[str, str]]] = {t.name: [sample(t)] for t in TABLES} | {
    "power_items": [
        POWER,
        POWER | {"item_code": "0002", "name": "临时占道审批", "category": "行政许可"},
    ],
    "enforcement_actions": [
        ACTION,
        ACTION | {"action_no": "Z-002", "opened_on": "2022-05-01", "fine_yuan": "1234.50"},
        {"action_no": "Z-003", "action_type": "行政检查", "opened_on": "2023-06-01"},
    ],
    "officers": [
        {"officer_id": "R1", "certificate_no": "500106202301", "active": "是"},
        {"officer_id": "R2", "active": "否"},
    ],
    "disclosures": [
        {"doc_id": "D1", "title": "公告", "channel": "政府网站", "published_on": "2023-02-03"}
    ],
    "applications": [
        {
            "app_no": "A1",
            "applicant_type": "自然人",
            "received_on": "2023-02-01",
            "replied_on": "2023-02-20",
            "outcome": "granted",
        },
        {"app_no": "A2", "applicant_type": "商业企业", "received_on": "2023-12-20"},
    ],
    "legal_cases": [
        {
            "case_no": "C1",
            "kind": "行政诉讼（复议后）",
            "about_disclosure": "否",
            "accepted_on": "2023-05-05",
        }
    ],
    "legal_reviews": [
        {
            "review_no": "H1",
            "kind": "合同",
            "submitted_on": "2023-01-05",
            "opinions": "3",
            "adopted": "2",
        }
    ],
    "documents": [
        {
            "doc_no": "青府发〔2023〕1号",
            "title": "办法",
            "issued_on": "2023-03-03",
            "status": "现行有效",
        }
    ],
    "decisions": [{"topic_no": "T1", "held_on": "2023-04-04", "major": "否", "result": "通过"}],
    "disputes": [
        {"dispute_no": "J1", "registered_on": "2023-07-01", "village": "一村", "status": "在调"}
    ],
    "learning": [
        {
            "event_no": "X1",
            "held_on": "2023-08-01",
            "kind": "中心组学习",
            "exam_takers": "10",
            "exam_passed_count": "9",
        }
    ],
    "publicity": [{"event_no": "P1", "held_on": "2023-12-04", "venue": "学校", "reach": "300"}],
    "services": [{"event_no": "S1", "held_on": "2023-09-01", "kind": "走访企业"}],
    "reported": [
        {
            "year": "2023",
            "indicator": "power.items",
            "dimension": "行政处罚",
            "value": "36",
            "unit": "项",
            "source": "年度报告",
            "locator": "一（一）",
        },
        {
            "year": "2023",
            "indicator": "review.contracts",
            "value": "80",
            "qualifier": "余",
            "unit": "件",
            "raw": "80余件",
            "source": "年度报告",
        },
    ],
    "goals": [
        {
            "goal_id": "G1",
            "year": "2023",
            "direction": "规范执法",
            "measure": "开展执法培训",
            "start": "2023-01-01",
            "due": "2023-12-31",
            "indicator": "training.cert_trained",
            "target": "20",
            "shortcoming_ids": "B1",
        }
    ],
    "goal_updates": [{"goal_id": "G1", "date": "2023-06-30", "status": "进行中", "progress": "50"}],
    "shortcomings": [{"shortcoming_id": "B1", "year": "2022", "text": "培训不够"}],
    "practices": [
        {
            "year": "2023",
            "screen": "/enforcement",
            "mechanism": "亮证执法",
            "indicator": "enforcement.certificate_rate",
        }
    ],
    "corrections": [
        {
            "date": "2023-02-02",
            "table": "reported",
            "key": "2022",
            "column": "value",
            "reason": "笔误",
            "by": "张",
        }
    ],
}
"""A few valid rows of every table, by English column name; the second town consists of them."""


def csv_text(
    table: str,
    rows: Iterable[Row],
    columns: Sequence[str] = (),
    english: bool = False,
    delimiter: str = ",",
    end: str = "\r\n",
) -> str:
    """A table as CSV text; `columns` (English names) give the order, all declared by default."""
    declared: Table = BY_NAME[table]
    names = list(columns) or [c.name for c in declared.columns]
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator=end)
    writer.writerow(names if english else [declared.column(n).header for n in names])
    writer.writerows([[row.get(n, "") for n in names] for row in rows])
    return out.getvalue()


_last_time = 0


def put(path: Path, content: str | bytes, encoding: str = "utf-8-sig", now: bool = False) -> Path:
    """Write a file beside and replace, as a careful program does."""
    global _last_time
    data = content.encode(encoding) if isinstance(content, str) else content
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".tmp")
    beside.write_bytes(data)
    if not now:
        _last_time = max(time.time_ns() - 60 * 10**9, _last_time + 1000)
        os.utime(beside, ns=(_last_time, _last_time))
    return beside.replace(path)


def put_table(
    folder: Path, table: str, rows: Iterable[Row], encoding: str = "utf-8-sig", **how: object
) -> Path:
    """Write a table's CSV into a data folder."""
    now = bool(how.pop("now", False))
    text = csv_text(table, rows, **how)  # type: ignore[arg-type]
    return put(folder / BY_NAME[table].path, text, encoding, now)


def put_town(folder: Path, nature: str = "official", as_of: str = "2023-12-31") -> Path:
    line = f"as_of = {as_of}" if as_of else ""
    return put(folder / "town.toml", TOWN.format(nature=nature, as_of=line), "utf-8")


def town(folder: Path, *tables: str, nature: str = "official", as_of: str = "2023-12-31") -> Path:
    """A valid data folder with the tables named; town.toml alone where none is."""
    put_town(folder, nature, as_of)
    for name in tables:
        put_table(folder, name, GOOD[name])
    return folder


def second_town(folder: Path, nature: str = "official") -> Path:
    """A valid folder of another town, with every table filled."""
    return town(folder, *GOOD, nature=nature)
