"""执法活动: how the powers are used, and by whom."""

from qmg_dash.kpis.base import MONTH, Dimension, Kpi, Measure
from qmg_dash.tables import PENALTY_CLASSES, POWER_CATEGORIES, table

SCREEN = "/enforcement"
TABLES = ("enforcement_actions",)
PENALTY_LAW = "《行政处罚法》"
QUALIFIED = f"{PENALTY_LAW}第四十二条"
"""Only who is qualified may enforce: certificates, their training and their exams."""
THREE_SYSTEMS = "国办发〔2018〕118号（三项制度）"

TYPE = Dimension("action_type", "行为类型", POWER_CATEGORIES)
CLASS = Dimension("penalty_class", "处罚种类", PENALTY_CLASSES, closed=True)
AREA = Dimension("area", "执法领域", table("enforcement_actions").column("area").values)
DEPARTMENT = Dimension("department", "承办机构")
CUTS = (AREA, DEPARTMENT, MONTH)
DECISION = Dimension("decision", "是否决定", ("已决定", "未决定"), closed=True)

PENALTY = "action_type = '行政处罚'"
INSPECTION = "action_type = '行政检查'"
STRICT = "action_type IN ('行政处罚', '行政强制', '行政检查')"


def _rate(
    code: str,
    label: str,
    short: str,
    definition: str,
    measure: Measure,
    basis: str,
    **more: object,
) -> Kpi:
    dimensions = (TYPE, *CUTS) if measure.where != INSPECTION else CUTS
    return Kpi(
        code,
        label,
        short,
        "%",
        definition,
        SCREEN,
        tables=TABLES,
        measure=measure,
        dimensions=dimensions,
        basis=basis,
        **more,  # type: ignore[arg-type]
    )


def _compliance(code: str, label: str, short: str, cell: str, known: str, hit: str) -> Kpi:
    """A rate over penalties, coercion and inspections of the year (三项制度)."""
    return _rate(
        code,
        label,
        short,
        f"当年行政处罚、行政强制、行政检查中{cell}",
        Measure("rate", "actions", date="counted_on", where=STRICT, known=known, hit=hit),
        THREE_SYSTEMS,
        better="higher",
        must=100,
    )


COMPLIANCE = (
    "enforcement.legal_review_rate",
    "enforcement.disclosed_on_time_rate",
    "enforcement.recording_rate",
    "enforcement.certificate_rate",
    "enforcement.two_officer_rate",
)
"""The rates of lawful enforcement (国办发〔2018〕118号)."""

KPIS = (
    Kpi(
        "enforcement.actions",
        "执法行为",
        "执法行为",
        "件",
        "行政许可、行政处罚按决定日期计（未决定的为在办，不计），其他类型按启动日期计",
        SCREEN,
        tables=TABLES,
        measure=Measure("count", "actions", date="counted_on"),
        dimensions=(TYPE, *CUTS),
        basis="行政执法统计年报制度",
    ),
    Kpi(
        "enforcement.penalties",
        "行政处罚案件",
        "处罚",
        "件",
        "当年作出决定的行政处罚案件，一案计一次，按最重的处罚种类归类",
        SCREEN,
        tables=TABLES,
        measure=Measure("count", "actions", date="counted_on", where=PENALTY),
        dimensions=(CLASS, *CUTS),
        basis=PENALTY_LAW,
    ),
    Kpi(
        "enforcement.fines",
        "罚没金额",
        "罚没",
        "元",
        "当年行政处罚决定书载明的罚没金额（罚款和没收合计）之和，不是实收数",
        SCREEN,
        tables=TABLES,
        measure=Measure(
            "sum",
            "actions",
            date="counted_on",
            where=PENALTY,
            known="fine_yuan IS NOT NULL",
            value="fine_yuan",
        ),
        dimensions=(CLASS, *CUTS),
        basis=PENALTY_LAW,
    ),
    Kpi(
        "enforcement.inspections",
        "行政检查",
        "检查",
        "次",
        "当年启动的行政检查：一个对象一份完整记录计一次",
        SCREEN,
        tables=TABLES,
        measure=Measure("count", "actions", date="counted_on", where=INSPECTION),
        dimensions=CUTS,
        basis="行政执法统计年报制度",
    ),
    _compliance(
        "enforcement.two_officer_rate",
        "两人以上执法率",
        "两人执法",
        "执法人数不少于 2 人的 / 执法人数已填的",
        "officers IS NOT NULL",
        "officers >= 2",
    ),
    _compliance(
        "enforcement.certificate_rate",
        "亮证执法率",
        "亮证执法",
        "亮证执法为是的 / 该栏已填的",
        "certificate_shown IS NOT NULL",
        "certificate_shown",
    ),
    _compliance(
        "enforcement.recording_rate",
        "全过程记录率",
        "过程记录",
        "有文字或音像记录的 / 该栏已填的",
        "recording IS NOT NULL",
        "recording <> '无'",
    ),
    _rate(
        "enforcement.legal_review_rate",
        "法制审核率",
        "法制审核",
        "当年执法行为中已审核的 /（已审核 + 应审未审）；不需要审核和未登记的不进基数",
        Measure(
            "rate",
            "actions",
            date="counted_on",
            where="legal_review IS DISTINCT FROM '不需要'",
            known="legal_review IS NOT NULL",
            hit="legal_review = '已审核'",
        ),
        THREE_SYSTEMS,
        better="higher",
        of=("应审核", "件", "已审核"),
        must=100,
    ),
    _rate(
        "enforcement.disclosed_on_time_rate",
        "执法公示及时率",
        "公示及时",
        "当年作出决定且公示期限已过的执法行为中按期公示的 / 全部；许可、处罚 7 个工作日，"
        "其他 20 个工作日，没有决定的检查不计",
        Measure(
            "rate",
            "actions",
            date="decided_on",
            where="disclose_due < $clock",
            hit="coalesce(disclosed_on <= disclose_due, false)",
            deadline=True,
        ),
        THREE_SYSTEMS,
        better="higher",
        of=("到期应公示", "件", "按期"),
        must=100,
    ),
    _rate(
        "enforcement.double_random_share",
        "双随机检查占比",
        "双随机",
        "当年行政检查中双随机抽查的 / 该栏已填的",
        Measure(
            "rate",
            "actions",
            date="counted_on",
            where=INSPECTION,
            known="double_random IS NOT NULL",
            hit="double_random",
        ),
        "国发〔2019〕5号（双随机、一公开）",
    ),
    _rate(
        "enforcement.joint_share",
        "联合检查占比",
        "联合检查",
        "当年行政检查中有联合部门的 / 行政检查",
        Measure(
            "rate",
            "actions",
            date="counted_on",
            where=INSPECTION,
            hit="joint_departments IS NOT NULL",
        ),
        "行政执法统计年报制度",
    ),
    _rate(
        "enforcement.flexible_share",
        "柔性执法占比",
        "柔性执法",
        "当年行政处罚、行政检查中采用柔性方式的 / 该栏已填的",
        Measure(
            "rate",
            "actions",
            date="counted_on",
            where="action_type IN ('行政处罚', '行政检查')",
            known="flexible IS NOT NULL",
            hit="flexible <> '无'",
        ),
        "《行政处罚法》第三十三条",
    ),
    Kpi(
        "enforcement.median_days",
        "处罚办理天数中位数",
        "办案天数",
        "天",
        "当年行政处罚从立案到决定的日历天数的中位数；没有立案日期的算不出，不计",
        SCREEN,
        better="lower",
        tables=TABLES,
        measure=Measure(
            "median",
            "actions",
            date="counted_on",
            where=PENALTY,
            known="opened_on IS NOT NULL",
            value="decided_on - opened_on",
        ),
        dimensions=(CLASS, *CUTS),
        basis="《行政处罚法》第六十条",
    ),
    Kpi(
        "enforcement.over_90_days",
        "超九十日处罚案件",
        "超90日",
        "件",
        "当年决定、超过期限的处罚案件；数据截至日所在年度再加上到这一天期限已过仍未决定的。"
        "期限是立案后 90 日，延期的到延期至的那一天；两样都没有的不计",
        SCREEN,
        better="lower",
        alarm="warn",
        tables=TABLES,
        measure=Measure(
            "count",
            "judged_penalties",
            date="judged_on",
            known="decide_by IS NOT NULL",
            hit="judged_on > decide_by",
        ),
        dimensions=(AREA, DEPARTMENT, DECISION),
        basis="《行政处罚法》第六十条",
    ),
    Kpi(
        "officers.certified",
        "持证执法人员",
        "持证人员",
        "人",
        "年末（不晚于数据截至日）在岗且执法证在有效期内的人员",
        SCREEN,
        tables=("officers",),
        measure=Measure("count", "officers_at", where="active AND valid"),
        dimensions=(Dimension("department", "所在机构"),),
        basis=QUALIFIED,
    ),
    Kpi(
        "officers.certified_rate",
        "持证率",
        "持证率",
        "%",
        "持证执法人员 / 在岗执法人员",
        SCREEN,
        better="higher",
        must=100,
        tables=("officers",),
        measure=Measure("rate", "officers_at", where="active", hit="valid"),
        dimensions=(Dimension("department", "所在机构"),),
        basis=QUALIFIED,
        of=("在岗", "人", "持证"),
    ),
    Kpi(
        "officers.expiring_90d",
        "九十日内到期证件",
        "将到期证",
        "个",
        "数据截至日起 90 日内到期的在岗人员执法证；说的是这一天，其他年度没有数据",
        SCREEN,
        better="lower",
        alarm="warn",
        tables=("officers",),
        measure=Measure(
            "count",
            "officers_at",
            where="active AND expires_on BETWEEN $clock AND $clock + 90",
            now=True,
        ),
        dimensions=(Dimension("department", "所在机构"),),
        basis=QUALIFIED,
    ),
    Kpi(
        "officers.actions_each",
        "人均执法量",
        "人均执法",
        "件",
        "当年行政处罚、行政强制、行政检查件数 / 持证执法人员",
        SCREEN,
        tables=("enforcement_actions", "officers"),
        measure=Measure(
            "each", "actions", date="counted_on", where=STRICT, per="officers.certified"
        ),
        dimensions=(TYPE,),
        basis="市县法治政府建设示范指标体系",
    ),
    Kpi(
        "training.cert_trained",
        "执法证培训人数",
        "取证培训",
        "人",
        "当年执法证培训活动的参加人数之和",
        SCREEN,
        tables=("learning",),
        measure=Measure(
            "sum",
            "learning",
            date="held_on",
            where="kind = '执法证培训'",
            known="attendees IS NOT NULL",
            value="attendees",
        ),
        basis=QUALIFIED,
    ),
    Kpi(
        "training.cert_obtained",
        "新取得执法证",
        "新取证",
        "人",
        "发证日期在当年的执法证数（当年新增，不是持证总数）",
        SCREEN,
        tables=("learning", "officers"),
        measure=Measure("count", "officers", date="issued_on"),
        basis=QUALIFIED,
    ),
    Kpi(
        "training.exam_pass_rate",
        "考试合格率",
        "考试合格",
        "%",
        "当年学法培训活动的合格人数之和 / 参考人数之和",
        SCREEN,
        better="higher",
        tables=("learning",),
        measure=Measure(
            "ratio",
            "learning",
            date="held_on",
            where="exam_takers IS NOT NULL OR exam_passed_count IS NOT NULL",
            known="exam_takers IS NOT NULL AND exam_passed_count IS NOT NULL",
            value="exam_passed_count",
            per="exam_takers",
        ),
        basis=QUALIFIED,
    ),
)
