"""学法普法: what officials and the public learn."""

from qmg_dash.kpis.base import MONTH, Dimension, Kpi, Measure
from qmg_dash.tables import table

SCREEN = "/learning"
LAW = "“八五”普法规划"

KIND = Dimension("kind", "类别", table("learning").column("kind").values)
VENUE = Dimension("venue", "场所", table("publicity").column("venue").values)


def _sum(code: str, label: str, short: str, unit: str, column: str, definition: str) -> Kpi:
    return Kpi(
        code,
        label,
        short,
        unit,
        definition,
        SCREEN,
        tables=("publicity",),
        measure=Measure(
            "sum",
            "publicity",
            date="held_on",
            known=f"{column} IS NOT NULL",
            value=column,
        ),
        dimensions=(VENUE, MONTH),
        basis=LAW,
    )


KPIS = (
    Kpi(
        "learning.study_sessions",
        "中心组学法次数",
        "中心组学法",
        "次",
        "当年类别为中心组学习的活动次数",
        SCREEN,
        better="higher",
        tables=("learning",),
        measure=Measure("count", "learning", date="held_on", where="kind = '中心组学习'"),
        dimensions=(MONTH,),
        basis="《党政主要负责人履行推进法治建设第一责任人职责规定》",
    ),
    Kpi(
        "learning.events",
        "学法培训活动",
        "学法培训",
        "次",
        "当年学法培训台账的活动次数",
        SCREEN,
        tables=("learning",),
        measure=Measure("count", "learning", date="held_on"),
        dimensions=(KIND, MONTH),
        basis=LAW,
    ),
    Kpi(
        "publicity.events",
        "普法宣传活动",
        "普法活动",
        "场",
        "当年普法宣传活动场数",
        SCREEN,
        tables=("publicity",),
        measure=Measure("count", "publicity", date="held_on"),
        dimensions=(VENUE, MONTH),
        basis=LAW,
    ),
    _sum(
        "publicity.reach",
        "普法受众",
        "普法受众",
        "人次",
        "reach",
        "当年普法活动受众人次之和",
    ),
    _sum(
        "publicity.materials",
        "普法资料",
        "普法资料",
        "份",
        "materials",
        "当年发放资料份数之和",
    ),
)
