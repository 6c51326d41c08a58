"""营商服务: how enterprises and people are served."""

from functools import partial

from qmg_dash.kpis.base import MONTH, Dimension, Formula, Kpi

LAW = "《优化营商环境条例》"

service = partial(Kpi, tables=("services",), screen="/services", basis=LAW)

KPIS = (
    service(
        code="services.enterprises",
        label="联系服务企业",
        short="服务企业",
        unit="家",
        definition="当年走访的企业数，同一企业计一次",
        rule="distinct enterprise_id of kind 走访企业; dimension scale*",
        formula=Formula(
            "distinct",
            "services",
            date="held_on",
            where="kind = '走访企业'",
            known="enterprise_id IS NOT NULL",
            value="enterprise_id",
        ),
        dimensions=(Dimension("scale", "企业类型", ("规上企业", "其他")),),
    ),
    service(
        code="services.meetings",
        label="政企联席会议",
        short="政企会议",
        unit="次",
        definition="当年召开的政企联席会议次数",
        rule="kind 政企联席会议",
        formula=Formula("count", "services", date="held_on", where="kind = '政企联席会议'"),
        dimensions=(MONTH,),
    ),
    service(
        code="services.windows",
        label="公共服务窗口",
        short="服务窗口",
        unit="个",
        definition="公共服务中心设置的窗口数（只有公布数）",
        rule="",
        stock=True,
        tables=(),
    ),
)
