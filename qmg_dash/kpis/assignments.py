"""会议交办: what a meeting has asked of whom, and what became of it."""

from functools import partial

from qmg_dash.kpis.base import Dimension, Formula, Kpi

DONE, CANCELLED = "已完成", "已取消"
LAW = "《法治政府建设与责任落实督察工作规定》"
"""What is asked for has to be carried out and checked."""
OWNER = Dimension("owner", "责任单位")
_OPEN = "made_on <= $clock AND (status NOT IN ('已完成', '已取消') OR done_on > $clock)"
_TODAY = "a state of today: no data for other years"

assignment = partial(
    Kpi, tables=("assignments",), screen="/assignments", basis=LAW, unit="项", dimensions=(OWNER,)
)

KPIS = (
    assignment(
        code="assignments.given",
        label="会议交办事项",
        short="交办事项",
        definition="当年会议上交办的事项数",
        rule="made_on in the year; dimensions owner*, status",
        formula=Formula("count", "assignments", date="made_on"),
    ),
    assignment(
        code="assignments.open",
        label="未办结交办",
        short="未办结",
        definition="到今天既没有完成也没有取消的交办事项",
        rule=f"neither 已完成 nor 已取消 on the clock's day (a done_on after it is open); {_TODAY}",
        better="lower",
        formula=Formula("count", "assignments", where=_OPEN, now=True),
    ),
    assignment(
        code="assignments.overdue",
        label="逾期交办",
        short="逾期交办",
        definition="未办结的交办事项中期限已过的；没有期限的不算逾期",
        rule=f"of those open, due before the clock's day; without due never overdue; {_TODAY}",
        better="lower",
        formula=Formula("count", "assignments", where=f"{_OPEN} AND due < $clock", now=True),
        alarm="bad",
    ),
    assignment(
        code="assignments.done_rate",
        label="交办办结率",
        short="交办办结",
        unit="%",
        definition="当年交办的事项中已完成的比例，已取消的不算在内",
        rule="made in the year: 已完成 / all but 已取消",
        better="higher",
        formula=Formula(
            "rate",
            "assignments",
            date="made_on",
            where="status <> '已取消'",
            hit="status = '已完成'",
        ),
    ),
)
