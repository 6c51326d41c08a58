"""纠纷复议: cases against the town, and disputes it settles."""

from qmg_dash.kpis.base import MONTH, UNFILLED, Dimension, Kpi, Measure
from qmg_dash.tables import table

SCREEN = "/disputes"
CASES = ("legal_cases",)
DISPUTES = ("disputes",)
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


def _case(code, label, short, unit, definition, measure, basis, **more) -> Kpi:
    return Kpi(
        code,
        label,
        short,
        unit,
        definition,
        SCREEN,
        tables=CASES,
        measure=measure,
        basis=basis,
        **more,
    )


def _dispute(code, label, short, unit, definition, measure, **more) -> Kpi:
    return Kpi(
        code,
        label,
        short,
        unit,
        definition,
        SCREEN,
        tables=DISPUTES,
        measure=measure,
        dimensions=CUTS if measure.date else CUTS[:3],
        basis=MEDIATION_LAW,
        **more,
    )


KPIS = (
    _case(
        "cases.reconsiderations",
        "行政复议案件",
        "行政复议",
        "件",
        "受理日期在当年的行政复议案件；未审结的单列为尚未审结",
        Measure("count", "cases", date="accepted_on", where=RECONSIDERATION),
        RECONSIDERATION_LAW,
        dimensions=(OUTCOME, MONTH),
    ),
    _case(
        "cases.litigations",
        "行政诉讼案件",
        "行政诉讼",
        "件",
        "受理日期在当年的行政诉讼案件；未审结的单列为尚未审结",
        Measure("count", "cases", date="accepted_on", where=LITIGATION),
        LITIGATION_LAW,
        dimensions=(OUTCOME, KIND, MONTH),
    ),
    _case(
        "cases.unheard",
        "未开庭案件",
        "未开庭",
        "件",
        "当年受理、尚未开庭的行政诉讼案件",
        Measure(
            "count",
            "cases",
            date="accepted_on",
            where=f"{LITIGATION} AND hearing_held IS NOT TRUE",
        ),
        LITIGATION_LAW,
        dimensions=(KIND, OUTCOME),
        alarm="warn",
        alarm_while=("cases.litigations", OPEN),
    ),
    _case(
        "cases.pending",
        "未结案件",
        "未结",
        "件",
        "年末（不晚于数据截至日）尚未审结的复议和诉讼案件",
        Measure(
            "count",
            "cases",
            where="accepted_on <= $at AND (closed_on IS NULL OR closed_on > $at)",
        ),
        LITIGATION_LAW,
        better="lower",
        alarm="warn",
        dimensions=(KIND,),
        unsplit=("outcome",),
    ),
    _case(
        "cases.reconsideration_corrected_rate",
        "复议纠错率",
        "复议纠错",
        "%",
        "当年审结的行政复议案件中被纠正的 / 当年审结、结果已填的；未审结的不进基数",
        Measure(
            "rate",
            "cases",
            date="closed_on",
            where=f"{RECONSIDERATION} AND {CLOSED}",
            known=f"outcome <> '{UNFILLED}'",
            hit="outcome = '纠正'",
        ),
        RECONSIDERATION_LAW,
        better="lower",
        of=("审结", "件", "纠正"),
    ),
    _case(
        "cases.litigation_lost_rate",
        "诉讼败诉率",
        "败诉率",
        "%",
        "当年审结的行政诉讼案件中被纠正的 / 当年审结、结果已填的；未审结的不进基数",
        Measure(
            "rate",
            "cases",
            date="closed_on",
            where=f"{LITIGATION} AND {CLOSED}",
            known=f"outcome <> '{UNFILLED}'",
            hit="outcome = '纠正'",
        ),
        LITIGATION_LAW,
        better="lower",
        dimensions=(KIND,),
        of=("审结", "件", "败诉"),
    ),
    _case(
        "cases.leader_attendance_rate",
        "负责人出庭率",
        "出庭率",
        "%",
        "当年受理且已开庭的行政诉讼案件中，行政机关负责人出庭的 / 已开庭且该栏已填的",
        Measure(
            "rate",
            "cases",
            date="accepted_on",
            where=f"{LITIGATION} AND hearing_held",
            known="leader_attended IS NOT NULL",
            hit="leader_attended",
        ),
        "《行政诉讼法》第三条",
        better="higher",
        dimensions=(KIND, OUTCOME),
        of=("已开庭", "件", "负责人出庭"),
    ),
    _dispute(
        "disputes.registered",
        "登记矛盾纠纷",
        "登记纠纷",
        "件",
        "登记日期在当年的矛盾纠纷",
        Measure("count", "disputes", date="registered_on"),
    ),
    _dispute(
        "disputes.resolved_rate",
        "调解成功率",
        "调解成功",
        "%",
        "当年登记的纠纷中：调解成功 /（调解成功 + 调解不成），在调的不进基数",
        Measure(
            "rate",
            "disputes",
            date="registered_on",
            where="status <> '在调'",
            hit="status = '调解成功'",
        ),
        better="higher",
        of=("调解已结", "件", "成功"),
    ),
    _dispute(
        "disputes.resolved_rate_all",
        "纠纷化解率",
        "化解率",
        "%",
        "当年登记的纠纷中：调解成功 / 登记数，在调的也进基数",
        Measure("rate", "disputes", date="registered_on", hit="status = '调解成功'"),
        better="higher",
        of=("登记", "件", "化解"),
    ),
    _dispute(
        "disputes.pending",
        "在调纠纷",
        "在调",
        "件",
        "年末（不晚于数据截至日）已登记、尚未办结的纠纷",
        Measure(
            "count",
            "disputes",
            where="registered_on <= $at AND (closed_on IS NULL OR closed_on > $at)",
        ),
        better="lower",
    ),
    _dispute(
        "disputes.major_reported_rate",
        "重大纠纷上报率",
        "重大上报",
        "%",
        "当年登记的重大纠纷中有上报日期的 / 重大纠纷",
        Measure(
            "rate",
            "disputes",
            date="registered_on",
            where="major IS NOT FALSE",
            known="major IS NOT NULL",
            hit="reported_up_on IS NOT NULL",
        ),
        better="higher",
        of=("重大纠纷", "件", "已上报"),
        must=100,
    ),
)
