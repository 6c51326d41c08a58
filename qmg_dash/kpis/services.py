"""营商服务: how enterprises and people are served."""

from qmg_dash.kpis.base import MONTH, Dimension, Kpi, Measure

SCREEN = "/services"
LAW = "《优化营商环境条例》"

KPIS = (
    Kpi(
        "services.enterprises",
        "联系服务企业",
        "服务企业",
        "家",
        "当年走访的企业数，同一企业计一次",
        SCREEN,
        tables=("services",),
        measure=Measure(
            "distinct",
            "services",
            date="held_on",
            where="kind = '走访企业'",
            known="enterprise_id IS NOT NULL",
            value="enterprise_id",
        ),
        dimensions=(Dimension("scale", "企业类型", ("规上企业", "其他")),),
        basis=LAW,
    ),
    Kpi(
        "services.meetings",
        "政企联席会议",
        "政企会议",
        "次",
        "当年召开的政企联席会议次数",
        SCREEN,
        tables=("services",),
        measure=Measure("count", "services", date="held_on", where="kind = '政企联席会议'"),
        dimensions=(MONTH,),
        basis=LAW,
    ),
    Kpi(
        "services.windows",
        "公共服务窗口",
        "服务窗口",
        "个",
        "公共服务中心设置的窗口数（只有公布数）",
        SCREEN,
        basis=LAW,
        stock=True,
    ),
)
