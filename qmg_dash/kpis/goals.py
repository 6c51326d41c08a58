"""目标进展: the measures for the goal year, counted by state (DATA.md section 3); how many of the
problems that an inspection found are put right."""

from functools import partial

from qmg_dash.kpis.base import Better, Formula, Kpi

LAW = "《法治政府建设与责任落实督察工作规定》"
"""The yearly report has to name next year's main measures."""
DONE, ON_TRACK, BEHIND, OVERDUE = "已完成", "正常", "滞后", "逾期"
BELOW = "未达标"
"""On the wrong side of a target that is a standard."""
UNDATED, NOT_STARTED, NO_DATA, CANCELLED = (
    "进行中（未定期限）",
    "未启动",
    "无进展数据",
    "已取消",
)


goal = partial(Kpi, tables=("goals",), screen="/goals", basis=LAW)


def _state(
    code: str, short: str, state: str, better: Better = None, of: tuple[str, str] = ("", "")
) -> Kpi:
    """The measures in a state; `of` says which can be, in Chinese and in English."""
    return goal(
        code=code,
        label=f"{short}举措",
        short=short.removesuffix("推进").removesuffix("数据"),
        unit="项",
        definition=f"目标年度举措中状态为{state}的{of[0]}",
        rule=f"state {state}{of[1]}",
        formula=Formula("special", "goals", hit=state),
        better=better,
    )


GROWING = ("（按进度衡量的举措）", " (measures that accumulate)")
STANDARD = ("（按标准判断的举措）", " (measures judged by a standard)")

KPIS = (
    goal(
        code="goals.total",
        label="举措总数",
        short="举措",
        unit="项",
        definition="目标年度的举措数",
        rule="goals of the goal year",
        formula=Formula("special", "goals"),
    ),
    _state("goals.done", "已完成", DONE, "higher"),
    _state("goals.on_track", "正常推进", ON_TRACK),
    _state("goals.behind", "滞后", BEHIND, "lower", GROWING),
    _state("goals.below", "未达标", BELOW, "lower", STANDARD),
    _state("goals.overdue", "逾期", OVERDUE, "lower"),
    _state("goals.undated", "未定期限", UNDATED),
    _state("goals.not_started", "未启动", NOT_STARTED),
    _state("goals.no_data", "无进展数据", NO_DATA, "lower"),
    _state("goals.cancelled", "已取消", CANCELLED),
    goal(
        code="goals.progress",
        label="目标总体进度",
        short="总进度",
        unit="%",
        definition="按进度衡量的举措按权重加权平均；按标准判断的和没有进展数据的举措及其权重不进基数，另列",
        rule="weighted mean of the known progress of measures that accumulate; those judged by a standard and those without data are left out with their weight, and both are said",
        better="higher",
        formula=Formula("special", "goals"),
    ),
    goal(
        code="problems.rectified_rate",
        label="问题整改率",
        short="问题整改",
        unit="%",
        definition="督察、考核指出的问题中已整改到位的占比（只有公布数）",
        rule="",
        better="higher",
        tables=(),
        screen="/duty",
    ),
)
