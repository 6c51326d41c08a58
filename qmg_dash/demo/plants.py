"""The planted problems: what an attention list must find in a demo folder, and where.

Rules elsewhere never import this list; tests of the rules do, to see that each one is found:
`planted(years)` for a folder of these years, PLANTED for the default ones.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from qmg_dash.demo import words
from qmg_dash.demo.frame import to_date
from qmg_dash.demo.scene import clock, days_before
from qmg_dash.folder.workdays import add_workdays, is_workday
from qmg_dash.tables import table

DEFAULT_YEARS = (2022, 2023)
EXTRA_PENALTIES = 2
"""So many penalties more than the ledger has are published for the newest year that is over."""
EXTRA_DISPUTES = 3
"""So many disputes more than the ledger has, likewise."""
UNCODED_ITEM = "（示例）镇级临时用电备案"


@dataclass(frozen=True)
class Planted:
    """A planted problem.

    rule    what finds it: a KPI code, an identity (S-4), or `shortcoming` / `deviation` / `coding`
    table   the table it stands in; `key` names its row there (column → value, as in the file)
    year    the year of the figure it shows up in
    cells   the cells that make it one, for a ledger; rows of other files are written where they
            are made
    """

    id: str
    what: str
    rule: str
    table: str
    key: Mapping[str, str]
    year: int
    cells: Mapping[str, object] = field(default_factory=dict)

    @property
    def where(self) -> str:
        """File and row, for a reader: ledgers/applications.csv 申请编号=SL-SQ-2023-000001."""
        spec = table(self.table)
        named = "，".join(f"{spec.column(c).header}={v}" for c, v in self.key.items())
        return f"{spec.path} {named}"


def planted(years: Sequence[int] = DEFAULT_YEARS) -> tuple[Planted, ...]:
    """The problems planted in a demo folder of these years. Those about published figures need a
    year that is over: with one year alone there are none."""
    found = (*_cases(years), *_actions(years), *_officers(years), *_offices(years))
    return (*found, *_goals(years), *(_reported(years[-2]) if len(years) > 1 else ()))


def plant_rows(
    years: Sequence[int],
) -> dict[tuple[str, int], tuple[Mapping[str, object], ...]]:
    """The planted cells by ledger and year, in the order of their rows, which stand first."""
    rows: dict[tuple[str, int], list[Mapping[str, object]]] = defaultdict(list)
    for p in planted(years):
        if p.cells:
            rows[p.table, p.year].append(p.cells)
    return {k: tuple(v) for k, v in rows.items()}


def _before(years: Sequence[int], count: int) -> date:
    """The working day so many days before the clock's, or the one that follows."""
    day = days_before(years, count)
    return day if is_workday(day) else add_workdays(day, 1)


def _due_soon(years: Sequence[int]) -> date:
    """The day of receipt whose reply is due on the third working day after the clock's."""
    today = to_date(clock(years))
    due = add_workdays(today, 3)
    return next(
        day
        for day in (days_before(years, n) for n in range(60))
        if is_workday(day) and add_workdays(day, 20) == due
    )


def _cases(years: Sequence[int]) -> tuple[Planted, ...]:
    year = years[-1]
    pending = {
        "department": words.PARTY,
        "replied_on": None,
        "outcome": None,
        "suspended_days": 0,
        "extended": False,
    }
    return (
        Planted(
            "litigation-unheard",
            "一件行政诉讼受理后两个多月仍未开庭",
            "cases.unheard",
            "legal_cases",
            {"case_no": f"SL-AJ-{year}-000001"},
            year,
            {
                "kind": "行政诉讼（未经复议）",
                "department": words.SQUAD,
                "about_disclosure": False,
                "accepted_on": _before(years, 75),
                "closed_on": None,
                "outcome": None,
                "hearing_held": False,
                "leader_attended": None,
            },
        ),
        Planted(
            "application-overdue",
            "一件公开申请已过答复期限，没有答复",
            "applications.on_time_rate",
            "applications",
            {"app_no": f"SL-SQ-{year}-000001"},
            year,
            {"received_on": _before(years, 60), **pending},
        ),
        Planted(
            "application-due-soon",
            "一件公开申请再过三个工作日到期，没有答复",
            "applications.due_soon",
            "applications",
            {"app_no": f"SL-SQ-{year}-000002"},
            year,
            {"received_on": _due_soon(years), **pending},
        ),
    )


def _actions(years: Sequence[int]) -> tuple[Planted, ...]:
    year = years[-1]
    penalty = {"action_type": "行政处罚", "legal_review": "不需要"}
    undecided = (
        "decided_on",
        "closed_on",
        "disclosed_on",
        "penalty_class",
        "fine_yuan",
        "result",
    )
    return (
        Planted(
            "penalty-over-90-decided",
            "一件处罚案件立案后一百三十天左右才作出决定",
            "enforcement.over_90_days",
            "enforcement_actions",
            {"action_no": f"SL-{year}-000001"},
            year,
            {
                **penalty,
                "opened_on": _before(years, 230),
                "decided_on": _before(years, 100),
                "closed_on": _before(years, 80),
                "disclosed_on": _before(years, 96),
                "penalty_class": "罚款",
                "fine_yuan": 2000,
                "result": "已履行",
            },
        ),
        Planted(
            "penalty-over-90-open",
            "一件处罚案件立案一百四十天左右，仍未作出决定",
            "enforcement.over_90_days",
            "enforcement_actions",
            {"action_no": f"SL-{year}-000002"},
            year,
            {**penalty, "opened_on": _before(years, 140), **dict.fromkeys(undecided)},
        ),
    )


def _officers(years: Sequence[int]) -> tuple[Planted, ...]:
    """Certificates that run out; each is valid for five years."""
    year = years[-1]
    plans = (
        (
            "certificate-expiring-1",
            "一名在岗人员的执法证二十天后到期",
            "officers.expiring_90d",
            -20,
        ),
        (
            "certificate-expiring-2",
            "一名在岗人员的执法证七十五天后到期",
            "officers.expiring_90d",
            -75,
        ),
        (
            "certificate-expired",
            "一名在岗人员的执法证四十天前已到期",
            "officers.certified_rate",
            40,
        ),
    )
    return tuple(
        Planted(
            name,
            what,
            rule,
            "officers",
            {"officer_id": f"SL-RY-{i:04d}"},
            year,
            {
                "expires_on": days_before(years, ago),
                "exam_passed": True,
                "active": True,
            },
        )
        for i, (name, what, rule, ago) in enumerate(plans, 1)
    )


def _offices(years: Sequence[int]) -> tuple[Planted, ...]:
    """What the offices left undone."""
    year = years[-1]
    return (
        Planted(
            "dispute-not-reported",
            "一件重大纠纷没有上报，仍在调解",
            "disputes.major_reported_rate",
            "disputes",
            {"dispute_no": f"SL-JF-{year}-000001"},
            year,
            {
                "registered_on": _before(years, 80),
                "department": words.PEACE,
                "major": True,
                "reported_up_on": None,
                "status": "在调",
                "closed_on": None,
            },
        ),
        Planted(
            "contract-unreviewed",
            "一份涉及财政资金的合同送审一百天，没有审结",
            "review.coverage_rate",
            "legal_reviews",
            {"review_no": f"SL-HT-{year}-000001"},
            year,
            {
                "department": words.SQUAD,
                "submitted_on": _before(years, 100),
                "fiscal": True,
                **dict.fromkeys(("reviewed_on", "conclusion", "opinions", "adopted")),
            },
        ),
        Planted(
            "decision-without-review",
            "一项重大行政决策没有完成合法性审查即通过",
            "decisions.procedure_rate",
            "decisions",
            {"topic_no": f"SL-YT-{year}-000001"},
            year,
            {
                "department": words.PLANNING,
                "held_on": _before(years, 120),
                "major": True,
                "legality": "未完成",
                "result": "通过",
            },
        ),
        Planted(
            "document-not-filed",
            "一件规范性文件印发五个月，没有备案",
            "documents.filed_rate",
            "documents",
            {"doc_no": f"示例府发〔{year}〕1号"},
            year,
            {
                "department": words.JUSTICE,
                "issued_on": _before(years, 150),
                "filed_on": None,
                "status": "现行有效",
                "status_on": None,
            },
        ),
        Planted(
            "item-uncoded",
            "最新清单版本中一项权力事项没有编码",
            "coding",
            "power_items",
            {"name": UNCODED_ITEM},
            year,
        ),
    )


def _goals(years: Sequence[int]) -> tuple[Planted, ...]:
    year = years[-1]
    plans = (
        ("goal-behind", "一项举措的进度低于时间进度", "goals.behind", 3),
        ("goal-overdue", "一项举措已过完成期限，没有完成", "goals.overdue", 4),
        ("goal-below", "一项举措的指标没有达到目标值", "goals.below", 7),
        ("goal-no-data", "一项举措没有任何进展记录", "goals.no_data", 8),
    )
    return (
        *(
            Planted(name, what, rule, "goals", {"goal_id": f"SL-G{year}-{n:02d}"}, year)
            for name, what, rule, n in plans
        ),
        Planted(
            "shortcoming-unanswered",
            "上一年报告所列的一条不足没有对应举措",
            "shortcoming",
            "shortcomings",
            {"shortcoming_id": f"SL-B{year - 1}-3"},
            year - 1,
        ),
    )


def _reported(year: int) -> tuple[Planted, ...]:
    """Published figures that the ledgers do not bear out."""
    return (
        Planted(
            "identity-S-4",
            f"年报表二的行政处罚比执法台账多 {EXTRA_PENALTIES} 件",
            "S-4",
            "reported",
            {"year": str(year), "indicator": "disclosure.t2.penalties"},
            year,
        ),
        Planted(
            "deviation-disputes",
            f"公布的登记纠纷比台账多 {EXTRA_DISPUTES} 件",
            "deviation",
            "reported",
            {"year": str(year), "indicator": "disputes.registered"},
            year,
        ),
    )


PLANTED: tuple[Planted, ...] = planted()
