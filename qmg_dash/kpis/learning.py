"""学法普法: what officials and the public learn."""

from functools import partial

from qmg_dash.kpis.base import MONTH, Dimension, Formula, Kpi
from qmg_dash.tables import table

SCREEN = "/learning"
LAW = "“八五”普法规划"

KIND = Dimension("kind", "类别", table("learning").column("kind").values)
VENUE = Dimension("venue", "场所", table("publicity").column("venue").values)


learning = partial(Kpi, tables=("learning",), screen=SCREEN, basis=LAW)
publicity = partial(Kpi, tables=("publicity",), screen=SCREEN, basis=LAW)

KPIS = (
    learning(
        code="learning.study_sessions",
        label="中心组学法次数",
        short="中心组学法",
        unit="次",
        definition="当年类别为中心组学习的活动次数",
        rule="events of kind 中心组学习",
        better="higher",
        formula=Formula("count", "learning", date="held_on", where="kind = '中心组学习'"),
        dimensions=(MONTH,),
        basis="《党政主要负责人履行推进法治建设第一责任人职责规定》",
    ),
    learning(
        code="learning.events",
        label="学法培训活动",
        short="学法培训",
        unit="次",
        definition="当年学法培训台账的活动次数",
        rule="events; dimensions kind*, month",
        formula=Formula("count", "learning", date="held_on"),
        dimensions=(KIND, MONTH),
    ),
    learning(
        code="learning.attendees",
        label="培训覆盖人次",
        short="培训人次",
        unit="人次",
        definition="当年学法培训活动的参加人数之和",
        rule="sum attendees; dimensions kind*, month",
        formula=Formula(
            "sum", "learning", date="held_on", known="attendees IS NOT NULL", value="attendees"
        ),
        dimensions=(KIND, MONTH),
    ),
    learning(
        code="learning.exam_participation_rate",
        label="考试参考率",
        short="参考率",
        unit="%",
        definition="法律知识考试应参加人员中实际参加的占比（只有公布数）",
        rule="",
        better="higher",
        tables=(),
        basis="《关于完善国家工作人员学法用法制度的意见》",
    ),
    publicity(
        code="publicity.events",
        label="普法宣传活动",
        short="普法活动",
        unit="场",
        definition="当年普法宣传活动场数",
        rule="events; dimensions venue*, month",
        formula=Formula("count", "publicity", date="held_on"),
        dimensions=(VENUE, MONTH),
    ),
    publicity(
        code="publicity.reach",
        label="普法受众",
        short="普法受众",
        unit="人次",
        definition="当年普法活动受众人次之和",
        rule="sum reach",
        formula=Formula(
            "sum", "publicity", date="held_on", known="reach IS NOT NULL", value="reach"
        ),
        dimensions=(VENUE, MONTH),
    ),
    publicity(
        code="publicity.materials",
        label="普法资料",
        short="普法资料",
        unit="份",
        definition="当年发放资料份数之和",
        rule="sum materials",
        formula=Formula(
            "sum", "publicity", date="held_on", known="materials IS NOT NULL", value="materials"
        ),
        dimensions=(VENUE, MONTH),
    ),
    publicity(
        code="publicity.law_aware",
        label="法律明白人",
        short="明白人",
        unit="人",
        definition="年末在册的“法律明白人”人数（只有公布数）",
        rule="",
        stock=True,
        tables=(),
    ),
)
