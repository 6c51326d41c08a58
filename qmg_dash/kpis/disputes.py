"""纠纷复议: cases against the town, and disputes it settles."""

from functools import partial

from qmg_dash.kpis.base import MONTH, UNFILLED, Dimension, Formula, Kpi
from qmg_dash.tables import table

SCREEN = "/disputes"
RECONSIDERATION_LAW = "《行政复议法》"
LITIGATION_LAW = "《行政诉讼法》"
MEDIATION_LAW = "《人民调解法》"

RECONSIDERATION = "kind = '行政复议'"
LITIGATION = "kind <> '行政复议'"
OPEN = "尚未审结"
CLOSED = f"outcome <> '{OPEN}'"
OUTCOME = Dimension("outcome", "审理结果", (*table("legal_cases").column("outcome").values, OPEN))
KIND = Dimension("kind", "案件类型", table("legal_cases").column("kind").values)
CUTS = (
    Dimension("type", "纠纷类型", table("disputes").column("type").values),
    Dimension("village", "村社区"),
    Dimension("source", "来源", table("disputes").column("source").values),
    MONTH,
)


case = partial(Kpi, tables=("legal_cases",), screen=SCREEN, basis=LITIGATION_LAW)
dispute = partial(Kpi, tables=("disputes",), screen=SCREEN, basis=MEDIATION_LAW, dimensions=CUTS)

KPIS = (
    case(
        code="cases.reconsiderations",
        label="行政复议案件",
        short="行政复议",
        unit="件",
        definition="受理日期在当年的行政复议案件；未审结的单列为尚未审结",
        rule="accepted_on in the year; dimension outcome* (open ones: 尚未审结)",
        formula=Formula("count", "cases", date="accepted_on", where=RECONSIDERATION),
        basis=RECONSIDERATION_LAW,
        dimensions=(OUTCOME, MONTH),
    ),
    case(
        code="cases.litigations",
        label="行政诉讼案件",
        short="行政诉讼",
        unit="件",
        definition="受理日期在当年的行政诉讼案件；未审结的单列为尚未审结",
        rule="accepted_on in the year; dimension outcome* (open: 尚未审结)",
        formula=Formula("count", "cases", date="accepted_on", where=LITIGATION),
        dimensions=(OUTCOME, KIND, MONTH),
    ),
    case(
        code="cases.unheard",
        label="未开庭案件",
        short="未开庭",
        unit="件",
        definition="当年受理、尚未开庭的行政诉讼案件",
        rule="litigations accepted in the year, hearing_held other than 是",
        formula=Formula(
            "count",
            "cases",
            date="accepted_on",
            where=f"{LITIGATION} AND hearing_held IS NOT TRUE",
        ),
        dimensions=(KIND, OUTCOME),
        alarm="warn",
        alarm_while=("cases.litigations", OPEN),
    ),
    case(
        code="cases.pending",
        label="未结案件",
        short="未结",
        unit="件",
        definition="年末（不晚于数据截至日）尚未审结的复议和诉讼案件",
        rule="open at min(year's end, clock); dimension kind*",
        formula=Formula(
            "count",
            "cases",
            where="accepted_on <= $at AND (closed_on IS NULL OR closed_on > $at)",
        ),
        better="lower",
        alarm="warn",
        dimensions=(KIND,),
        unsplit=("outcome",),
    ),
    case(
        code="cases.reconsideration_corrected_rate",
        label="复议纠错率",
        short="复议纠错",
        unit="%",
        definition="当年审结的行政复议案件中被纠正的 / 当年审结、结果已填的；未审结的不进基数",
        rule="closed in the year as 纠正 / closed in the year",
        formula=Formula(
            "rate",
            "cases",
            date="closed_on",
            where=f"{RECONSIDERATION} AND {CLOSED}",
            known=f"outcome <> '{UNFILLED}'",
            hit="outcome = '纠正'",
        ),
        basis=RECONSIDERATION_LAW,
        better="lower",
        of=("审结", "件", "纠正"),
    ),
    case(
        code="cases.litigation_lost_rate",
        label="诉讼败诉率",
        short="败诉率",
        unit="%",
        definition="当年审结的行政诉讼案件中被纠正的 / 当年审结、结果已填的；未审结的不进基数",
        rule="same for litigation",
        formula=Formula(
            "rate",
            "cases",
            date="closed_on",
            where=f"{LITIGATION} AND {CLOSED}",
            known=f"outcome <> '{UNFILLED}'",
            hit="outcome = '纠正'",
        ),
        better="lower",
        dimensions=(KIND,),
        of=("审结", "件", "败诉"),
    ),
    case(
        code="cases.leader_attendance_rate",
        label="负责人出庭率",
        short="出庭率",
        unit="%",
        definition="当年受理且已开庭的行政诉讼案件中，行政机关负责人出庭的 / 已开庭且该栏已填的",
        rule="litigations with a hearing: leader_attended / all",
        formula=Formula(
            "rate",
            "cases",
            date="accepted_on",
            where=f"{LITIGATION} AND hearing_held",
            known="leader_attended IS NOT NULL",
            hit="leader_attended",
        ),
        basis="《行政诉讼法》第三条",
        final=True,
        better="higher",
        dimensions=(KIND, OUTCOME),
        of=("已开庭", "件", "负责人出庭"),
    ),
    dispute(
        code="disputes.registered",
        label="登记矛盾纠纷",
        short="登记纠纷",
        unit="件",
        definition="登记日期在当年的矛盾纠纷",
        rule="registered_on in the year; dimensions type*, village, source, month",
        formula=Formula("count", "disputes", date="registered_on"),
    ),
    dispute(
        code="disputes.resolved_rate",
        label="调解成功率",
        short="调解成功",
        unit="%",
        definition="当年登记的纠纷中：调解成功 /（调解成功 + 调解不成），在调的不进基数",
        rule="registered in the year: 调解成功 / (调解成功 + 调解不成)",
        formula=Formula(
            "rate",
            "disputes",
            date="registered_on",
            where="status <> '在调'",
            hit="status = '调解成功'",
        ),
        final=True,
        better="higher",
        of=("调解已结", "件", "成功"),
    ),
    dispute(
        code="disputes.resolved_rate_all",
        label="纠纷化解率",
        short="化解率",
        unit="%",
        definition="当年登记的纠纷中：调解成功 / 登记数，在调的也进基数",
        rule="registered in the year: 调解成功 / all",
        formula=Formula("rate", "disputes", date="registered_on", hit="status = '调解成功'"),
        final=True,
        better="higher",
        of=("登记", "件", "化解"),
    ),
    dispute(
        code="disputes.pending",
        label="在调纠纷",
        short="在调",
        unit="件",
        definition="年末（不晚于数据截至日）已登记、尚未办结的纠纷",
        rule="registered by, not closed by, min(year's end, clock)",
        formula=Formula(
            "count",
            "disputes",
            where="registered_on <= $at AND (closed_on IS NULL OR closed_on > $at)",
        ),
        better="lower",
        dimensions=CUTS[:-1],
    ),
    dispute(
        code="disputes.major_reported_rate",
        label="重大纠纷上报率",
        short="重大上报",
        unit="%",
        definition="当年登记的重大纠纷中有上报日期的 / 重大纠纷",
        rule="major registered in the year with reported_up_on / all major",
        formula=Formula(
            "rate",
            "disputes",
            date="registered_on",
            where="major IS NOT FALSE",
            known="major IS NOT NULL",
            hit="reported_up_on IS NOT NULL",
        ),
        final=True,
        better="higher",
        of=("重大纠纷", "件", "已上报"),
        must=100,
        lacking="未上报",
    ),
)
