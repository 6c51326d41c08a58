"""营商服务: how enterprises and people are served, and what people ask for on the 12345 hotline."""

from functools import partial

from qmg_dash.kpis.base import MONTH, Dimension, Formula, Kpi
from qmg_dash.tables import table

SCREEN = "/services"
LAW = "《优化营商环境条例》"
HOTLINE_LAW = "国办发〔2020〕53号（政务服务便民热线）"

TYPE = Dimension("type", "诉求类型", table("hotline").column("type").values)
DEPARTMENT = Dimension("department", "承办机构")
CUTS = (TYPE, DEPARTMENT, Dimension("village", "村社区"), MONTH)


service = partial(Kpi, tables=("services",), screen=SCREEN, basis=LAW)
order = partial(Kpi, tables=("hotline",), screen=SCREEN, basis=HOTLINE_LAW, dimensions=CUTS)

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
        code="services.consultations",
        label="法律咨询",
        short="法律咨询",
        unit="人次",
        definition="当年法律咨询的人次之和",
        rule="sum count of kind 法律咨询; dimension month",
        formula=Formula(
            "sum",
            "services",
            date="held_on",
            where="kind = '法律咨询'",
            known="count IS NOT NULL",
            value="count",
        ),
        dimensions=(MONTH,),
        unsplit=("scale",),
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
    service(
        code="services.online_rate",
        label="网上可办率",
        short="网办率",
        unit="%",
        definition="政务服务事项中可以网上办理的占比（只有公布数）",
        rule="",
        better="higher",
        tables=(),
    ),
    order(
        code="hotline.received",
        label="群众诉求工单",
        short="诉求工单",
        unit="件",
        definition="受理日期在当年的群众诉求工单（12345 热线等）",
        rule="received_on in the year; dimensions type*, department, village, month",
        formula=Formula("count", "hotline", date="received_on"),
    ),
    order(
        code="hotline.closed_rate",
        label="诉求办结率",
        short="诉求办结",
        unit="%",
        definition="当年受理的工单中，到数据截至日已办结的 / 全部",
        rule="received in the year: closed by the clock's day / all",
        formula=Formula("rate", "hotline", date="received_on", hit="closed_on <= $clock"),
        final=True,
        better="higher",
        of=("受理", "件", "办结"),
        lacking="未办结",
    ),
    order(
        code="hotline.on_time_rate",
        label="诉求按时办结率",
        short="按时办结",
        unit="%",
        definition="当年受理、办理期限已填的工单中：办结日期不晚于办理期限的 / 已办结的，"
        "加上到数据截至日期限已过仍未办结的；期限未到、还在办的不进基数",
        rule="received in the year, due_on known and (closed, or due_on before the clock's day):"
        " closed_on not after due_on / all",
        formula=Formula(
            "rate",
            "hotline",
            date="received_on",
            where="closed_on <= $clock OR due_on < $clock OR due_on IS NULL",
            known="due_on IS NOT NULL",
            hit="closed_on <= due_on",
        ),
        final=True,
        better="higher",
        of=("应办结", "件", "按时"),
        lacking="未按时办结",
    ),
    order(
        code="hotline.satisfied_rate",
        label="诉求满意率",
        short="诉求满意",
        unit="%",
        definition="当年受理的工单中评价为满意的 / 有评价的",
        rule="received in the year, satisfied known: 是 / all",
        formula=Formula(
            "rate",
            "hotline",
            date="received_on",
            known="satisfied IS NOT NULL",
            hit="satisfied",
        ),
        final=True,
        better="higher",
        of=("评价", "件", "满意"),
        lacking="不满意",
    ),
)
