"""Goals, shortcomings and practices of the demo town, written out: twelve measures in three
directions, one in each state that a measure can be in, and more that run as planned. One rate
reaches the target that the town has set and not what the law asks."""

from __future__ import annotations

from datetime import date

from qmg_dash.demo import words
from qmg_dash.demo.scene import Scene
from qmg_dash.figures.book import shared
from qmg_dash.folder.snapshot import Snapshot
from qmg_dash.model import Filters

Row = dict[str, object]
ENFORCE, DECIDE, LEARN = "提升执法规范化水平", "健全决策和公开机制", "增强普法和化解实效"
OWN = "本镇设定"
STRETCH = 85
"""A target that counts is set so that this share, in percent, is reached by the clock's day."""


def goals(scene: Scene, snapshot: Snapshot) -> list[Row]:
    """The measures for the year in progress. 3, 4, 7 and 8 are planted (plants.py)."""
    year = scene.current

    def goal(n: int, direction: str, measure: str, owner: str, start: str, due: str) -> Row:
        return {
            "goal_id": f"SL-G{year}-{n:02d}",
            "year": year,
            "direction": direction,
            "measure": words.MARK + measure,
            "owner": owner,
            "start": _day(year, start),
            "due": _day(year, due),
            **dict.fromkeys(("indicator", "target", "target_basis", "weight")),
            **dict.fromkeys(("shortcoming_ids", "link_basis")),
        }

    held = shared(snapshot, Filters(year)).fig("publicity.events").value or 0
    events = int(held) * 100 // STRETCH + 1
    rows = [
        goal(1, ENFORCE, "执法人员分批轮训", words.SQUAD, "02-01", "11-30"),
        goal(2, ENFORCE, "两人以上执法率达到目标", words.SQUAD, "01-01", "12-31"),
        goal(3, ENFORCE, "执法案卷电子化归档", words.SQUAD, "01-15", "12-15"),
        goal(4, ENFORCE, "编制双随机检查实施方案", words.EMERGENCY, "03-01", "06-30"),
        goal(5, DECIDE, "修订重大行政决策事项目录", words.PARTY, "02-01", "06-30"),
        goal(6, DECIDE, "涉及财政资金的合同全部审核", words.JUSTICE, "01-01", "12-31"),
        goal(7, DECIDE, "公开申请按期答复", words.PARTY, "01-01", "12-31"),
        goal(8, DECIDE, "建立规范性文件定期清理机制", words.JUSTICE, "03-01", "12-31"),
        goal(9, LEARN, "普法宣传进村进社区", words.JUSTICE, "01-01", "12-31"),
        goal(10, LEARN, "建设法治文化广场", words.PLANNING, "10-15", "12-31"),
        goal(11, LEARN, "矛盾纠纷集中排查", words.PEACE, "03-01", ""),
        goal(12, LEARN, "法治讲座进校园", words.JUSTICE, "03-01", "11-30"),
    ]
    rows[0] |= _answers(year, "1", "报告") | {"weight": 2}
    rows[1] |= _target("enforcement.two_officer_rate", 95)
    rows[2] |= _answers(year, "1", "看板对应")
    rows[5] |= _target("review.coverage_rate", 100) | {"weight": 2}
    rows[6] |= _target("applications.on_time_rate", 100)
    rows[8] |= _target("publicity.events", events) | _answers(year, "2", "报告")
    rows[11] |= _answers(year, "2", "看板对应")
    return rows


def _day(year: int, day: str) -> date | None:
    return date.fromisoformat(f"{year}-{day}") if day else None


def _target(indicator: str, target: int) -> Row:
    return {"indicator": indicator, "target": target, "target_basis": OWN}


def _answers(year: int, shortcoming: str, basis: str) -> Row:
    return {"shortcoming_ids": f"SL-B{year - 1}-{shortcoming}", "link_basis": basis}


UPDATES = (
    # measure, day, state, progress, note
    (1, "03-31", "进行中", 25, "第一批轮训结束"),
    (1, "06-30", "进行中", 55, "第二批轮训结束"),
    (1, "09-15", "进行中", 88, "第三批轮训结束"),
    (3, "04-30", "进行中", 10, "选定归档目录"),
    (3, "08-31", "进行中", 25, "完成往年案卷扫描的一部分"),
    (4, "05-31", "进行中", 60, "形成初稿"),
    (4, "06-30", "进行中", 80, "征求意见"),
    (5, "04-15", "进行中", 50, "征求各办公室意见"),
    (5, "06-20", "已完成", 100, "目录印发"),
    (7, "06-30", "进行中", None, "建立到期提醒"),
    (11, "05-31", "进行中", 45, "完成一半村社区"),
    (11, "08-25", "进行中", 80, "余下的村社区正在排查"),
    (12, "04-20", "已取消", None, "并入普法宣传活动"),
)


def goal_updates(scene: Scene) -> list[Row]:
    """What was noted on the measures until the clock's day."""
    return [
        {
            "goal_id": f"SL-G{scene.current}-{n:02d}",
            "date": _day(scene.current, day),
            "status": state,
            "progress": progress,
            "note": words.MARK + note,
            "evidence": "示例佐证材料" if state == "已完成" else None,
        }
        for n, day, state, progress, note in UPDATES
    ]


def shortcomings(scene: Scene) -> list[Row]:
    """What the last report names; no measure answers the third (planted)."""
    year = scene.current - 1
    rows = (
        ("执法记录和案卷制作不够规范", "培训不够系统", "三（一）"),
        ("普法形式单一", "线上渠道使用不足", "三（二）"),
        ("法律顾问作用发挥不充分", "参与环节偏后", "三（三）"),
    )
    return [
        {
            "shortcoming_id": f"SL-B{year}-{i}",
            "year": year,
            "text": words.MARK + text,
            "cause": cause,
            "locator": place,
        }
        for i, (text, cause, place) in enumerate(rows, 1)
    ]


ASSIGNED = (
    # meeting's day, the screen and its title, task, owner, due, state, done on
    (
        "06-18",
        "/goals",
        "目标进展",
        "报送执法案卷归档方案",
        words.SQUAD,
        "07-02",
        "已完成",
        "06-30",
    ),
    ("06-18", "/disclosure", "信息公开", "清理信息公开目录", words.PARTY, "07-15", "进行中", ""),
    ("06-18", "/disputes", "纠纷复议", "约谈纠纷多发的村", words.PEACE, "", "已取消", ""),
    (
        "09-12",
        "/enforcement",
        "执法活动",
        "补公示到期的执法决定",
        words.SQUAD,
        "09-19",
        "进行中",
        "",
    ),
    (
        "09-12",
        "/enforcement",
        "执法活动",
        "补公示到期的许可决定",
        words.PLANNING,
        "09-26",
        "未启动",
        "",
    ),
    (
        "09-12",
        "/decisions",
        "决策审查",
        "规范性文件报送备案",
        words.JUSTICE,
        "09-19",
        "已完成",
        "09-18",
    ),
    (
        "09-12",
        "/goals",
        "目标进展",
        "形成双随机检查方案送审稿",
        words.EMERGENCY,
        "10-12",
        "进行中",
        "",
    ),
    ("09-12", "/learning", "学法普法", "排定四季度普法进校园场次", words.JUSTICE, "", "未启动", ""),
)
"""What two meetings of the year in progress have asked for: done in time, late, open with and
without a day, given up."""


def assignments(scene: Scene) -> list[Row]:
    """What meetings have asked for."""
    year = scene.current
    return [
        {
            "assignment_id": f"SL-JB{year}-{n:03d}",
            "made_on": _day(year, day),
            "meeting": "法治建设例会（示例）",
            "about": about,
            "link": f"{path}?present=true&year={year}",
            "task": words.MARK + task,
            "owner": owner,
            "due": _day(year, due),
            "status": state,
            "done_on": _day(year, done),
            "result": "示例结果" if done else None,
        }
        for n, (day, path, about, task, owner, due, state, done) in enumerate(ASSIGNED, 1)
    ]


PRACTICES = (
    # screen, mechanism, area, indicator, place in the report
    ("/learning", "中心组集体学法", None, "learning.study_sessions", "一（一）"),
    ("/learning", "执法证集中培训", None, "training.cert_trained", "一（一）"),
    ("/power_list", "权责清单动态调整", None, "power.changes", "一（二）"),
    ("/services", "政企联席会议", None, "services.meetings", "一（二）"),
    ("/services", "一窗受理", None, None, "一（二）"),
    ("/decisions", "规范性文件备案", None, "documents.filed_rate", "一（三）"),
    ("/decisions", "合同合法性审查", None, "review.contracts", "一（三）"),
    ("/decisions", "重大决策五步程序", None, "decisions.procedure_rate", "一（四）"),
    ("/enforcement", "两人以上亮证执法", None, "enforcement.two_officer_rate", "一（五）"),
    ("/enforcement", "执法全过程记录", "城市管理", "enforcement.recording_rate", "一（五）"),
    ("/enforcement", "双随机、一公开", "安全生产", "enforcement.double_random_share", "一（五）"),
    ("/enforcement", "柔性执法", "生态环境", "enforcement.flexible_share", "一（五）"),
    ("/disputes", "矛盾纠纷多元化解", None, "disputes.resolved_rate", "一（六）"),
    ("/disclosure", "公开申请到期提醒", None, "applications.on_time_rate", "一（七）"),
    ("/duty", "主要负责人述法", None, "learning.events", "二"),
    ("/duty", "法治建设专题会议", None, "learning.events", "二"),
)


def practices(scene: Scene) -> list[Row]:
    """What the last report says is in place."""
    year = scene.current - 1
    names = ("screen", "mechanism", "area", "indicator", "locator")
    source = f"《{words.SHORT}{year}年法治政府建设情况报告（虚构）》"
    return [
        {"year": year, "source": source} | dict(zip(names, row, strict=True)) for row in PRACTICES
    ]


def corrections(scene: Scene) -> list[Row]:
    """Two entries of the correction log, about planted rows that can be looked up."""
    year = scene.current
    rows = (
        ("07-06", "applications", f"SL-SQ-{year}-000001", "extended", "是", "否", "误填延期"),
        ("09-12", "disputes", f"SL-JF-{year}-000001", "major", "否", "是", "复核后定为重大"),
    )
    names = ("date", "table", "key", "column", "old", "new", "reason")
    return [
        dict(zip(names, row, strict=True)) | {"date": _day(year, row[0]), "by": words.PARTY}
        for row in rows
    ]
