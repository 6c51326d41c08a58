"""目标进展: the measures for the goal year, counted by state (DATA.md section 3)."""

from qmg_dash.kpis.base import Better, Kpi, Measure

SCREEN = "/goals"
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


def _state(
    code: str, label: str, short: str, state: str, better: Better = None, more: str = ""
) -> Kpi:
    return Kpi(
        code,
        label,
        short,
        "项",
        f"目标年度举措中状态为{state}的{more}",
        SCREEN,
        better=better,
        tables=("goals",),
        measure=Measure("special", "goals", hit=state),
        basis=LAW,
    )


KPIS = (
    Kpi(
        "goals.total",
        "举措总数",
        "举措",
        "项",
        "目标年度的举措数",
        SCREEN,
        tables=("goals",),
        measure=Measure("special", "goals"),
        basis=LAW,
    ),
    _state("goals.done", "已完成举措", "已完成", DONE, "higher"),
    _state("goals.on_track", "正常推进举措", "正常", ON_TRACK),
    _state("goals.behind", "滞后举措", "滞后", BEHIND, "lower", "（按进度衡量的举措）"),
    _state("goals.below", "未达标举措", "未达标", BELOW, "lower", "（按标准判断的举措）"),
    _state("goals.overdue", "逾期举措", "逾期", OVERDUE, "lower"),
    _state("goals.undated", "未定期限举措", "未定期限", UNDATED),
    _state("goals.not_started", "未启动举措", "未启动", NOT_STARTED),
    _state("goals.no_data", "无进展数据举措", "无进展", NO_DATA, "lower"),
    _state("goals.cancelled", "已取消举措", "已取消", CANCELLED),
    Kpi(
        "goals.progress",
        "目标总体进度",
        "总进度",
        "%",
        "按进度衡量的举措按权重加权平均；按标准判断的和没有进展数据的举措及其权重不进基数，另列",
        SCREEN,
        better="higher",
        tables=("goals",),
        measure=Measure("special", "goals"),
        basis=LAW,
    ),
)
STATES = {k.measure.hit: k.code for k in KPIS if k.measure and k.measure.hit}
