"""执法活动: how the powers are used, and by whom."""

from functools import partial

from qmg_dash.kpis.base import MONTH, Dimension, Formula, Kpi
from qmg_dash.tables import PENALTY_CLASSES, POWER_CATEGORIES, table

SCREEN = "/enforcement"
PENALTY_LAW = "《行政处罚法》"
QUALIFIED = f"{PENALTY_LAW}第四十二条"
"""Only who is qualified may enforce: certificates, their training and their exams."""
MODEL = "市县法治政府建设示范指标体系"
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


action = partial(Kpi, tables=("enforcement_actions",), screen=SCREEN, basis="行政执法统计年报制度")
officer = partial(Kpi, tables=("officers",), screen=SCREEN, basis=QUALIFIED)
case_file = partial(Kpi, screen=SCREEN, basis=MODEL)


def _compliance(
    *, code: str, label: str, short: str, rule: str, cell: str, known: str, hit: str, lacking: str
) -> Kpi:
    """A rate over penalties, coercion and inspections of the year (三项制度)."""
    return action(
        code=code,
        label=label,
        short=short,
        unit="%",
        definition=f"当年行政处罚、行政强制、行政检查中{cell}",
        rule=rule,
        formula=Formula("rate", "actions", date="counted_on", where=STRICT, known=known, hit=hit),
        basis=THREE_SYSTEMS,
        dimensions=(TYPE, *CUTS),
        better="higher",
        must=100,
        lacking=lacking,
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
    action(
        code="enforcement.actions",
        label="执法行为",
        short="执法行为",
        unit="件",
        definition="行政许可、行政处罚按决定日期计（未决定的为在办，不计），其他类型按启动日期计",
        rule="许可 and 处罚: decided_on in the year (undecided = pending, not counted); all other types: opened_on in the year; dimensions action_type*, area, department, month",
        formula=Formula("count", "actions", date="counted_on"),
        dimensions=(TYPE, *CUTS),
    ),
    action(
        code="enforcement.penalties",
        label="行政处罚案件",
        short="处罚",
        unit="件",
        definition="当年作出决定的行政处罚案件，一案计一次，按最重的处罚种类归类",
        rule="actions of type 行政处罚; dimensions penalty_class*, area, department, month",
        formula=Formula("count", "actions", date="counted_on", where=PENALTY),
        dimensions=(CLASS, *CUTS),
        basis=PENALTY_LAW,
    ),
    action(
        code="enforcement.fines",
        label="罚没金额",
        short="罚没",
        unit="元",
        definition="当年行政处罚决定书载明的罚没金额（罚款和没收合计）之和，不是实收数",
        rule="sum fine_yuan of those penalties (罚款 and 没收 together)",
        formula=Formula(
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
    action(
        code="enforcement.inspections",
        label="行政检查",
        short="检查",
        unit="次",
        definition="当年启动的行政检查：一个对象一份完整记录计一次",
        rule="actions of type 行政检查; dimensions area*, department, month",
        formula=Formula("count", "actions", date="counted_on", where=INSPECTION),
        dimensions=CUTS,
    ),
    _compliance(
        code="enforcement.two_officer_rate",
        label="两人以上执法率",
        short="两人执法",
        rule="处罚+强制+检查 with officers >= 2 / those with officers known",
        cell="执法人数不少于 2 人的 / 执法人数已填的",
        known="officers IS NOT NULL",
        hit="officers >= 2",
        lacking="不足两人",
    ),
    _compliance(
        code="enforcement.certificate_rate",
        label="亮证执法率",
        short="亮证执法",
        rule="same base with certificate_shown = 是 / known",
        cell="亮证执法为是的 / 该栏已填的",
        known="certificate_shown IS NOT NULL",
        hit="certificate_shown",
        lacking="未亮证",
    ),
    _compliance(
        code="enforcement.recording_rate",
        label="全过程记录率",
        short="过程记录",
        rule="same base with recording other than 无 / known",
        cell="有文字或音像记录的 / 该栏已填的",
        known="recording IS NOT NULL",
        hit="recording <> '无'",
        lacking="无过程记录",
    ),
    action(
        code="enforcement.legal_review_rate",
        label="法制审核率",
        short="法制审核",
        unit="%",
        definition="当年执法行为中已审核的 /（已审核 + 应审未审）；不需要审核和未登记的不进基数",
        rule="已审核 / (已审核 + 应审未审)",
        formula=Formula(
            "rate",
            "actions",
            date="counted_on",
            where="legal_review IS DISTINCT FROM '不需要'",
            known="legal_review IS NOT NULL",
            hit="legal_review = '已审核'",
        ),
        basis=THREE_SYSTEMS,
        better="higher",
        of=("应审核", "件", "已审核"),
        must=100,
        lacking="未经法制审核",
        dimensions=(TYPE, *CUTS),
    ),
    action(
        code="enforcement.disclosed_on_time_rate",
        label="执法公示及时率",
        short="公示及时",
        unit="%",
        definition="当年作出决定且公示期限已过的执法行为中按期公示的 / 全部；许可、处罚 7 个工作日，"
        "其他 20 个工作日，没有决定的检查不计",
        rule="of actions decided in the year whose deadline has passed (许可, 处罚 7 working days, others 20, 检查 without a decision left out): disclosed in time / all",
        formula=Formula(
            "rate",
            "actions",
            date="decided_on",
            where="disclose_due < $clock",
            hit="coalesce(disclosed_on <= disclose_due, false)",
            deadline=True,
        ),
        basis=THREE_SYSTEMS,
        better="higher",
        of=("到期应公示", "件", "按期"),
        must=100,
        lacking="未按期公示",
        dimensions=(TYPE, *CUTS),
    ),
    action(
        code="enforcement.double_random_share",
        label="双随机检查占比",
        short="双随机",
        unit="%",
        definition="当年行政检查中双随机抽查的 / 该栏已填的",
        rule="检查 with double_random = 是 / 检查 with it known",
        formula=Formula(
            "rate",
            "actions",
            date="counted_on",
            where=INSPECTION,
            known="double_random IS NOT NULL",
            hit="double_random",
        ),
        basis="国发〔2019〕5号（双随机、一公开）",
        dimensions=CUTS,
    ),
    action(
        code="enforcement.joint_share",
        label="联合检查占比",
        short="联合检查",
        unit="%",
        definition="当年行政检查中有联合部门的 / 行政检查",
        rule="检查 with joint_departments / 检查",
        formula=Formula(
            "rate",
            "actions",
            date="counted_on",
            where=INSPECTION,
            hit="joint_departments IS NOT NULL",
        ),
        basis="行政执法统计年报制度",
        dimensions=CUTS,
    ),
    action(
        code="enforcement.flexible_share",
        label="柔性执法占比",
        short="柔性执法",
        unit="%",
        definition="当年行政处罚、行政检查中采用柔性方式的 / 该栏已填的",
        rule="处罚 and 检查 with flexible other than 无 / those with it known",
        formula=Formula(
            "rate",
            "actions",
            date="counted_on",
            where="action_type IN ('行政处罚', '行政检查')",
            known="flexible IS NOT NULL",
            hit="flexible <> '无'",
        ),
        basis="《行政处罚法》第三十三条",
        dimensions=(TYPE, *CUTS),
    ),
    action(
        code="enforcement.median_days",
        label="处罚办理天数中位数",
        short="办案天数",
        unit="天",
        definition="当年行政处罚从立案到决定的日历天数的中位数；没有立案日期的算不出，不计",
        rule="median of decided_on - opened_on over penalties; without opened_on unknown",
        better="lower",
        formula=Formula(
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
    action(
        code="enforcement.over_90_days",
        label="超九十日处罚案件",
        short="超90日",
        unit="件",
        definition="当年决定、超过期限的处罚案件；数据截至日所在年度再加上到这一天期限已过仍未决定的。"
        "期限是立案后 90 日，延期的到延期至的那一天；两样都没有的不计",
        rule="penalties decided in the year after their limit, plus, in the year of the clock alone, undecided ones whose limit has passed on its day; the limit is extended_to, else 90 days after opened_on; without opened_on and extended_to unknown",
        better="lower",
        alarm="warn",
        formula=Formula(
            "count",
            "judged_penalties",
            date="judged_on",
            known="decide_by IS NOT NULL",
            hit="judged_on > decide_by",
        ),
        dimensions=(AREA, DEPARTMENT, DECISION),
        basis="《行政处罚法》第六十条",
    ),
    officer(
        code="officers.certified",
        label="持证执法人员",
        short="持证人员",
        unit="人",
        definition="年末（不晚于数据截至日）在岗且执法证在有效期内的人员",
        rule="active with a certificate valid at min(year's end, clock)",
        formula=Formula("count", "officers_at", where="active AND valid"),
        dimensions=(Dimension("department", "所在机构"),),
    ),
    officer(
        code="officers.certified_rate",
        label="持证率",
        short="持证率",
        unit="%",
        definition="持证执法人员 / 在岗执法人员",
        rule="that / active",
        better="higher",
        must=100,
        lacking="无有效执法证",
        formula=Formula("rate", "officers_at", where="active", hit="valid"),
        dimensions=(Dimension("department", "所在机构"),),
        of=("在岗", "人", "持证"),
    ),
    officer(
        code="officers.expiring_90d",
        label="九十日内到期证件",
        short="将到期证",
        unit="个",
        definition="数据截至日起 90 日内到期的在岗人员执法证；说的是这一天，其他年度没有数据",
        rule="active, expires_on within 90 days from the clock's day; a state of today: no data for other years",
        better="lower",
        alarm="warn",
        formula=Formula(
            "count",
            "officers_at",
            where="active AND expires_on BETWEEN $clock AND $clock + 90",
            now=True,
        ),
        dimensions=(Dimension("department", "所在机构"),),
    ),
    officer(
        code="officers.actions_each",
        label="人均执法量",
        short="人均执法",
        unit="件",
        definition="当年行政处罚、行政强制、行政检查件数 / 持证执法人员",
        rule="处罚+强制+检查 of the year / officers.certified",
        tables=("enforcement_actions", "officers"),
        formula=Formula(
            "each", "actions", date="counted_on", where=STRICT, per="officers.certified"
        ),
        dimensions=(TYPE,),
        basis=MODEL,
    ),
    officer(
        code="training.cert_trained",
        label="执法证培训人数",
        short="取证培训",
        unit="人",
        definition="当年执法证培训活动的参加人数之和",
        rule="sum attendees of kind 执法证培训",
        tables=("learning",),
        formula=Formula(
            "sum",
            "learning",
            date="held_on",
            where="kind = '执法证培训'",
            known="attendees IS NOT NULL",
            value="attendees",
        ),
    ),
    officer(
        code="training.cert_obtained",
        label="新取得执法证",
        short="新取证",
        unit="人",
        definition="发证日期在当年的执法证数（当年新增，不是持证总数）",
        rule="certificates with issued_on in the year",
        tables=("learning", "officers"),
        needs=("officers",),
        formula=Formula("count", "officers", date="issued_on"),
    ),
    officer(
        code="training.exam_pass_rate",
        label="考试合格率",
        short="考试合格",
        unit="%",
        definition="当年学法培训活动的合格人数之和 / 参考人数之和",
        rule="sum exam_passed_count / sum exam_takers",
        better="higher",
        tables=("learning",),
        formula=Formula(
            "ratio",
            "learning",
            date="held_on",
            where="exam_takers IS NOT NULL OR exam_passed_count IS NOT NULL",
            known="exam_takers IS NOT NULL AND exam_passed_count IS NOT NULL",
            value="exam_passed_count",
            per="exam_takers",
        ),
    ),
    case_file(
        code="case_files.reviewed",
        label="评查案卷",
        short="评查案卷",
        unit="卷",
        definition="当年评查的行政执法案卷数（只有公布数）",
        rule="",
    ),
    case_file(
        code="case_files.qualified_rate",
        label="案卷合格率",
        short="案卷合格",
        unit="%",
        definition="当年评查的行政执法案卷中评为合格以上的占比（只有公布数）",
        rule="",
        better="higher",
    ),
)
