"""Files as other systems export them, invented from the layouts themselves: ten of each, which differ in
the spelling of headers, their order, the rows of titles, dates, units, and the program that wrote them.

A row is what has to stand in the folder, by the column's English name; `written` says how an office
would have it in the k-th of its files.
"""

from __future__ import annotations

import datetime
import io
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import sending
import xlsxwriter

from qmg_dash.intake.meaning import DEADLINE, HEAVIEST, PEOPLE, Reads
from qmg_dash.intake.plan import Sent
from qmg_dash.intake.profile import Profile
from qmg_dash.intake.vocabulary import apart
from qmg_dash.tables import Column

PER_LAYOUT = 10
NAMES = ("赵钱孙", "欧阳氏李", "诸葛甲", "司马乙", "慕容丙丙")
"""Planted where people are named; no other text has them."""
OFFICERS = ("孙丁", "李戊己", "周庚")
FINE = ("罚款金额", "罚没金额", "处罚金额", "罚款数额")
STRANGE = "自编栏目"
"""A header that no layout knows."""
Row = dict[str, str]


@dataclass(frozen=True)
class Sample:
    """What is in a layout's files: rows of the k-th file; `title` over them; `answers` to what such a
    file cannot say."""

    rows: Callable[[int], list[Row]]
    title: str
    answers: dict[str, str]


def _days(k: int, n: int, after: int = 0) -> str:
    return (datetime.date(2023, 1, 5) + datetime.timedelta(days=29 * n + k + after)).isoformat()


def _penalties(k: int) -> list[Row]:
    classes = ("警告", "罚款", "没收违法所得、没收非法财物", "吊销许可证件", "其他行政处罚")
    return [
        {
            "action_no": f"镇罚〔2023〕{k}0{n}号",
            "action_type": "行政处罚",
            "object_type": ("自然人", "法人或其他组织")[n % 2],
            "opened_on": _days(k, n),
            "decided_on": _days(k, n, 20),
            "closed_on": _days(k, n, 25),
            "disclosed_on": _days(k, n, 26),
            "penalty_class": classes[n],
            "fine_yuan": str(200 + 50 * n),
            "officers": str(1 + n % 3),
            "department": "综合执法办",
            "legal_review": "已审核",
            "area": "城市管理",
            "certificate_shown": ("是", "否")[n % 2],
        }
        for n in range(5)
    ]


def _permits(k: int) -> list[Row]:
    return [
        r | {"action_type": "行政许可", "action_no": f"镇许〔2023〕{k}0{n}号"}
        for n, r in enumerate(_penalties(k))
    ]


def _inspections(k: int) -> list[Row]:
    return [
        r
        | {
            "action_type": "行政检查",
            "action_no": f"JC{k}0{n}",
            "double_random": ("是", "否")[n % 2],
            "result": "合格",
        }
        for n, r in enumerate(_penalties(k))
    ]


def _random(k: int) -> list[Row]:
    return [
        r | {"action_no": f"SJ{k}0{n}", "double_random": "是", "joint_departments": "消防救援大队"}
        for n, r in enumerate(_inspections(k))
    ]


def _powers(k: int) -> list[Row]:
    return [
        {
            "item_code": f"00{k}0{n}",
            "name": f"对第{k}{n}类占道的处罚",
            "category": ("行政处罚", "行政许可", "其他行政权力", "行政检查")[n],
            "legal_basis": "《条例》第三条",
            "department": "综合执法办",
            "level": "镇",
            "list_version": f"2023-0{1 + k % 9}-10",
            "status": "在用",
        }
        for n in range(4)
    ]


def _disputes(k: int) -> list[Row]:
    types = ("婚姻家庭", "邻里", "土地山林", "损害赔偿", "宅基地")
    states = ("调解成功", "调解不成", "在调", "调解成功", "调解成功")
    return [
        {
            "dispute_no": f"镇民调〔2023〕{k}0{n}号",
            "registered_on": _days(k, n),
            "type": types[n],
            "source": ("排查", "诉调对接")[n % 2],
            "status": states[n],
            "closed_on": _days(k, n, 3) if states[n] != "在调" else "",
            "people": str(2 + n),
            "amount_yuan": str(5000 + 100 * n),
            "village": ("青石村", "河东社区")[n % 2],
        }
        for n in range(5)
    ]


def _applications(k: int) -> list[Row]:
    outcomes = ("granted", "partial", "refused.1", "unavailable.1", "other.1")
    types = ("自然人", "商业企业", "科研机构", "自然人", "法律服务机构")
    return [
        {
            "app_no": f"依申请2023-{k}0{n}",
            "applicant_type": types[n],
            "received_on": _days(k, n),
            "extended": ("是", "否")[n % 2],
            "replied_on": _days(k, n, 15),
            "outcome": outcomes[n],
            "department": "党政办",
        }
        for n in range(5)
    ]


def _disclosures(k: int) -> list[Row]:
    return [
        {
            "doc_id": f"SY{k}0{n}",
            "title": f"关于第{k}{n}号事项的通知",
            "category": "政策文件",
            "channel": ("政府网站", "微信公众号", "公示栏")[n],
            "department": "党政办",
            "produced_on": _days(k, n),
            "published_on": _days(k, n, 4),
            "normative": ("是", "否")[n % 2],
        }
        for n in range(3)
    ]


def _orders(k: int) -> list[Row]:
    return [
        {
            "order_no": f"GD{k}0{n}",
            "received_on": _days(k, n),
            "type": ("咨询", "投诉", "求助", "建议")[n],
            "village": "青石村",
            "department": "社会事务办",
            "due_on": _days(k, n, 7),
            "closed_on": _days(k, n, 5),
            "satisfied": ("是", "否", "是", "")[n],
        }
        for n in range(4)
    ]


def _goals(k: int) -> list[Row]:
    days = ("2024-06-30", "2024-12-31", "2024-09-30", "")
    return [
        {
            "year": "2024",
            "direction": ("依法决策", "严格执法")[n % 2],
            "measure": f"第{k}{n}项举措",
            "owner": "司法所",
            "due": days[n],
        }
        for n in range(4)
    ]


SAMPLES: dict[str, Sample] = {
    "publicity_penalties": Sample(_penalties, "行政处罚信用信息公示", {}),
    "publicity_permits": Sample(_permits, "行政许可信用信息公示", {}),
    "power_list": Sample(_powers, "某镇权力和责任清单", {"状态": "在用"}),
    "mediation": Sample(_disputes, "人民调解案件统计台账", {"宅基地": "宅基地"}),
    "applications": Sample(_applications, "依申请公开登记簿", {}),
    "platform_inspections": Sample(_inspections, "检查记录导出", {}),
    "platform_penalties": Sample(_penalties, "案件导出", {}),
    "enforcement_ledger": Sample(_penalties, "某镇行政处罚台账", {}),
    "random_inspections": Sample(_random, "抽查结果", {}),
    "hotline_orders": Sample(_orders, "工单导出", {}),
    "disclosures": Sample(_disclosures, "信息公开目录", {}),
    "goals": Sample(_goals, "2024年目标任务分解表", {}),
}


@dataclass(frozen=True)
class Made:
    """A file, the rows that it has to give, and what has to be answered for it."""

    profile: Profile
    sent: Sent
    rows: list[Row]
    answers: dict[str, str]


@cache
def made(profile: Profile) -> tuple[Made, ...]:
    """Ten files of a layout."""
    return tuple(_made(profile, k) for k in range(PER_LAYOUT))


def _made(profile: Profile, k: int) -> Made:
    lines, expected, answers = lines_of(profile, k)
    name, data = _file(lines, k)
    return Made(profile, Sent(f"{profile.id}_{k}{name}", data), expected, answers)


def lines_of(profile: Profile, k: int) -> tuple[list[list[object]], list[Row], dict[str, str]]:
    """(the lines of the k-th sheet, the rows that it has to give, what has to be answered)."""
    sample = SAMPLES[profile.id]
    turn = random.Random(f"{profile.id}{k}")
    rows = sample.rows(k)
    if "action_no" in rows[0]:  # no two layouts have the same number
        place = [*SAMPLES].index(profile.id)
        rows = [r | {"action_no": f"{place}-{r['action_no']}"} for r in rows]
    columns = _columns(profile, rows, k, turn)
    turn.shuffle(columns)
    body = [list(line) for line in zip(*(cells for _, cells in columns), strict=True)]
    titles = _titles(sample.title, k, profile)
    answers = dict(sample.answers)
    if profile.id == "power_list":
        answers[f"{profile.name}/清单版本/{profile.id}_{k}"] = rows[0]["list_version"]
    expected = [{n: v for n, v in r.items() if n in _given(profile)} for r in rows]
    return [*titles, [header for header, _ in columns], *body], expected, answers


def _given(profile: Profile) -> set[str]:
    """The columns that its files give."""
    fine = {"fine_yuan"} if "penalty_class" in profile.columns else set()
    return {*profile.columns, *profile.constants, *profile.title, *profile.ask} | fine


def _titles(title: str, k: int, profile: Profile) -> list[list[object]]:
    """None to two rows; where the title says something that no column does, at least one."""
    needed = bool(profile.title or profile.ask)
    rows: list[list[object]] = [
        [f"{title}（第{'一二三四五六七八九十'[k]}版）"],
        ["填报单位：某镇　填表人：赵钱孙"],
    ]
    return rows[: max(k % 3, int(needed))]


def _columns(
    profile: Profile, rows: list[Row], k: int, turn: random.Random
) -> list[tuple[str, list[object]]]:
    """(header, cells) of each column: those that are read, those that are not, and a strange one."""
    out: list[tuple[str, list[object]]] = [("序号", [n + 1 for n in range(len(rows))])]
    for name in sorted(
        _given(profile) & set(rows[0]) - {*profile.ask, *profile.title, *profile.constants}
    ):
        column, reads = profile.table.column(name), profile.columns.get(name, Reads())
        headers = reads.headers or (FINE if name == "fine_yuan" else (column.header,))
        header, unit = _with_unit(column, _header(column, headers, k, turn), k)
        cells = [_written(column, reads, r[name], k + n, unit) for n, r in enumerate(rows)]
        out.append((header, cells))
    absent = {profile.headed(n) for n in profile.absent}
    for name, others in (*profile.persons.items(), *profile.unread.items()):
        header = turn.choice([f"{n[:-1]}_1" if n.endswith("*") else n for n in (name, *others)])
        if header != "序号" and name not in absent:
            cells = [_other(header, n, name in profile.persons) for n in range(len(rows))]
            out.append((header, cells))
    out.append((STRANGE, ["甲"] * len(rows)))
    return out


def _other(header: str, n: int, person: bool) -> str:
    if person:
        return NAMES[n % len(NAMES)]
    return "2099-12-31" if "期" in header else "某"


def _header(column: Column, headers: Sequence[str], k: int, turn: random.Random) -> str:
    """A header of the layout, in a spelling of its own."""
    text = turn.choice(headers)
    foreign: list[Callable[[str], str]] = [
        lambda t: t,
        lambda t: f"*{t}",
        lambda t: f"{t}（必填）" if not column.money else t,
        lambda t: t.replace("日期", "时间") if column.type == "date" else t,
        lambda t: f" {t[:2]} {t[2:]}\n",
        lambda t: t.replace("（", "(").replace("）", ")"),
    ]
    return foreign[k % len(foreign)](text)


def _with_unit(column: Column, header: str, k: int) -> tuple[str, str]:
    if not column.money:
        return header, ""
    unit = ("元", "万元", "千元")[k % 3]
    brackets = ("（{}）", "({})", "（单位：{}）", "[{}]")[k % 4]
    return apart(header)[0] + brackets.format(unit), unit


def _amount(yuan: str, unit: str) -> float:
    return float(yuan) / {"元": 1, "万元": 10_000, "千元": 1_000}[unit]


def _written(column: Column, reads: Reads, value: str, turn: int, unit: str) -> object:
    """A value as an office has it."""
    if not value:
        empty = [said for said, v in reads.values if v == ""]
        return empty[turn % len(empty)] if empty and turn % 2 else None
    if reads.how == PEOPLE:
        between = ("、", ",", "，", "；", "/", "\n")[turn % 6]
        return between.join(OFFICERS[: int(value)])
    if reads.how == HEAVIEST:
        return _classes(reads, value, turn)
    if reads.how == DEADLINE:
        return _deadline(value, turn)
    if column.money:
        return _amount(value, unit)
    if column.type == "date":
        return _day(value, turn)
    if column.type == "int":
        return int(value)
    words = [said.replace("*", "抽查") for said, v in reads.values if v == value]
    if column.name == "village":
        return f"{value}人民调解委员会" if reads.cut else value
    if column.name == "type" and reads.cut and not words and turn % 2:
        return f"{value}{reads.cut[0]}"
    only = reads.otherwise is not None and value != reads.otherwise
    return words[turn % len(words)] if words and (turn % 3 or only) else value


def _classes(reads: Reads, value: str, turn: int) -> str:
    """A class, or with a lighter one, in either order."""
    words = [value, *(said for said, v in reads.values if v == value)]
    text = words[turn % len(words)]
    if value in ("警告", "其他行政处罚") or turn % 2:
        return text
    between = (";", "；", "，", "、", "+", "并处")[turn % 6]
    return f"警告{between}{text}" if turn % 4 else f"{text}{between}警告"


def _deadline(value: str, turn: int) -> object:
    said = {
        "2024-06-30": ("2024年6月底前", "6月底", "2024-06-30", "二季度", "6月30日前"),
        "2024-12-31": ("年底前", "2024年12月", "全年", "2024年12月31日前", "第四季度"),
        "2024-09-30": ("9月", "2024年9月底", "三季度末", "9月底前", "2024/9/30"),
    }[value]
    return said[turn % 5]


def _day(value: str, turn: int) -> object:
    y, m, d = (int(p) for p in value.split("-"))
    return (
        f"{y}.{m}.{d}",
        f"{y}年{m}月{d}日",
        f"{y}/{m:02}/{d:02}",
        f"{y}{m:02}{d:02}",
        datetime.date(y, m, d),
        f"{y}-{m:02}-{d:02} 09:30",
    )[turn % 6]


# ---------------------------------------------------------------- the programs that write


def _file(rows: list[list[object]], k: int) -> tuple[str, bytes]:
    """(ending, content) by one of four programs."""
    if k % 4 == 0:
        return ".xlsx", sending.xlsx(rows)
    if k % 4 == 1:
        return ".xlsx", _by_xlsxwriter(rows)
    if k % 4 == 2:
        return ".et", sending.xls(rows)
    return ".csv", sending.text(list(_as_texts(rows))).encode("gb18030")


def _by_xlsxwriter(rows: list[list[object]]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("导出")
        day = book.add_format({"num_format": "yyyy/m/d"})
        for r, row in enumerate(rows):
            for c, value in enumerate(row):
                if isinstance(value, datetime.date):
                    sheet.write_datetime(r, c, value, day)
                elif value is not None:
                    sheet.write(r, c, value)
    return out.getvalue()


def _as_texts(rows: list[list[object]]) -> Iterator[list[object]]:
    for row in rows:
        yield [v.isoformat() if isinstance(v, datetime.date) else v for v in row]
