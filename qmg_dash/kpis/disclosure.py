"""信息公开: what is disclosed, on whose asking, and the statutory yearly form.

The form's cells (国办公开办函〔2021〕30号) are KPIs too: `disclosure.t2.*`, `.t3.*`, `.t4.*`.
The 2019 form (国办公开办函〔2019〕60号) is kept as published and never mapped onto the new one.
"""

from qmg_dash.kpis.base import MONTH, Dimension, Kpi, Measure
from qmg_dash.tables import APPLICANTS, OUTCOMES, table

SCREEN = "/disclosure"
LAW = "《政府信息公开条例》"
FORM_2021 = "国办公开办函〔2021〕30号"
FORM_2019 = "国办公开办函〔2019〕60号"
T2_2019 = "disclosure.t2_2019."

TOTAL = "总计"
APPLICANT = Dimension("applicant_type", "申请人类型", APPLICANTS)
OUTCOME = Dimension("outcome", "办理结果", tuple(OUTCOMES))
LATE = "逾期未答复"
REPLY = Dimension(
    "reply", "答复情况", ("已答复", "期限内未答复", LATE), closed=True, overdue=(LATE,)
)
"""On the clock's day."""
TERM = Dimension("term", "是否延期", ("已延期", "未延期"), closed=True)
COLUMNS = Dimension("applicant_type", "申请人类型", (*APPLICANTS, TOTAL), closed=True)
VERDICTS = ("结果维持", "结果纠正", "其他结果", "尚未审结")
VERDICT = Dimension("verdict", "审理结果", (*VERDICTS, TOTAL), closed=True)
STANDING = ("制发", "废止", "现行有效")

_DUE_PASSED = "due_on < $clock"


def _applications(code: str, label: str, short: str, definition: str, m: Measure, **more) -> Kpi:
    more = {"unit": "件", "basis": LAW, "tables": ("applications",)} | more
    return Kpi(code, label, short, definition=definition, screen=SCREEN, measure=m, **more)


GENERAL = (
    Kpi(
        "disclosure.published",
        "主动公开信息",
        "主动公开",
        "条",
        "公开日期在当年的主动公开信息条数",
        SCREEN,
        tables=("disclosures",),
        measure=Measure("count", "disclosures", date="published_on"),
        dimensions=(
            Dimension("category", "栏目"),
            Dimension("channel", "公开渠道", table("disclosures").column("channel").values),
            Dimension("department", "公开机构"),
            MONTH,
        ),
        basis=f"{LAW}第十九条、第二十条",
    ),
    Kpi(
        "disclosure.on_time_rate",
        "主动公开及时率",
        "公开及时",
        "%",
        "当年公开、形成日期已填的信息中，形成后 20 个工作日内公开的占比",
        SCREEN,
        better="higher",
        must=100,
        tables=("disclosures",),
        measure=Measure(
            "rate",
            "published",
            date="published_on",
            known="produced_on IS NOT NULL",
            hit="published_on <= publish_due",
            deadline=True,
        ),
        dimensions=(
            Dimension("category", "栏目"),
            Dimension("department", "公开机构"),
            MONTH,
        ),
        basis=f"{LAW}第二十六条",
    ),
    _applications(
        "applications.received",
        "新收公开申请",
        "新收申请",
        "收到日期在当年的申请",
        Measure("count", "applications_due", date="received_on"),
        dimensions=(APPLICANT, REPLY, TERM, MONTH),
    ),
    _applications(
        "applications.carried_in",
        "上年结转申请",
        "上年结转",
        "当年以前收到、当年以前没有答复的申请",
        Measure(
            "count",
            "applications_due",
            where="received_on < $start AND (replied_on IS NULL OR replied_on >= $start)",
        ),
        dimensions=(APPLICANT,),
    ),
    _applications(
        "applications.handled",
        "办结公开申请",
        "办结申请",
        "答复日期在当年的申请，按办理结果拆分",
        Measure("count", "applications_due", date="replied_on"),
        dimensions=(OUTCOME, APPLICANT, MONTH),
    ),
    _applications(
        "applications.carried_out",
        "结转下年申请",
        "结转下年",
        "年末以前收到、到年末没有答复的申请",
        Measure(
            "count",
            "applications_due",
            where="received_on <= $end AND (replied_on IS NULL OR replied_on > $end)",
        ),
        dimensions=(APPLICANT, REPLY),
    ),
    _applications(
        "applications.reply_rate",
        "申请答复率",
        "答复率",
        "答复期限在当年且已过的申请中，已答复的占比；期限为收到后 20 个工作日，"
        "延期再加 20 个，不计入的工作日顺延",
        Measure(
            "rate",
            "applications_due",
            date="due_on",
            where=_DUE_PASSED,
            hit="replied_on <= $clock",
            deadline=True,
        ),
        unit="%",
        better="higher",
        must=100,
        dimensions=(APPLICANT,),
        basis=f"{LAW}第三十三条",
        of=("到期应答复", "件", "已答复"),
    ),
    _applications(
        "applications.on_time_rate",
        "答复及时率",
        "答复及时",
        "答复期限在当年且已过的申请中，按期答复的占比",
        Measure(
            "rate",
            "applications_due",
            date="due_on",
            where=_DUE_PASSED,
            hit="replied_on <= due_on",
            deadline=True,
        ),
        unit="%",
        better="higher",
        must=100,
        dimensions=(APPLICANT,),
        basis=f"{LAW}第三十三条",
        of=("到期应答复", "件", "按期"),
    ),
    _applications(
        "applications.due_soon",
        "五日内到期申请",
        "将到期",
        "数据截至日尚未答复、5 个工作日内到期的申请；说的是这一天，其他年度没有数据",
        Measure(
            "count",
            "applications_due",
            where="replied_on IS NULL AND received_on <= $clock"
            " AND due_on >= $clock AND working_days_left <= 5",
            now=True,
            deadline=True,
        ),
        better="lower",
        alarm="warn",
        dimensions=(APPLICANT,),
        basis=f"{LAW}第三十三条",
    ),
    Kpi(
        "disclosure.form",
        "年报格式",
        "年报格式",
        "",
        "政府信息公开工作年度报告所用的格式版本：2021 或 2019",
        SCREEN,
        basis=FORM_2021,
        private=True,
        stock=True,
    ),
)


def _cell(code: str, label: str, tables: tuple[str, ...], measure: Measure | None, **more) -> Kpi:
    """A cell or row of the statutory form; it stands in its table, not on a card."""
    more = {"short": "年报表格", "unit": "件", "basis": FORM_2021} | more
    return Kpi(
        code,
        label,
        definition=f"{more['basis']}：{label}",
        screen=SCREEN,
        tables=tables,
        measure=measure,
        private=True,
        **more,
    )


def _actions(kind: str) -> Measure:
    return Measure("count", "actions", date="counted_on", where=f"action_type = '{kind}'")


TABLE_2 = (
    _cell(
        "disclosure.t2.rules",
        "规章",
        (),
        None,
        dimensions=(Dimension("standing", "件数", STANDING, closed=True),),
    ),
    _cell(
        "disclosure.t2.normative",
        "行政规范性文件",
        ("documents",),
        Measure("special", "documents"),
        dimensions=(Dimension("standing", "件数", STANDING, closed=True),),
    ),
    _cell(
        "disclosure.t2.permits",
        "行政许可",
        ("enforcement_actions",),
        _actions("行政许可"),
    ),
    _cell(
        "disclosure.t2.penalties",
        "行政处罚",
        ("enforcement_actions",),
        _actions("行政处罚"),
    ),
    _cell(
        "disclosure.t2.coercion",
        "行政强制",
        ("enforcement_actions",),
        _actions("行政强制"),
    ),
    _cell("disclosure.t2.fees", "行政事业性收费", (), None, unit="万元"),
)

# The leaf rows in the form's order with their headings; "other" is the one leaf of the 2019 form.
T3_HEADINGS = {
    "refused.1": "（三）不予公开",
    "unavailable.1": "（四）无法提供",
    "declined.1": "（五）不予处理",
    "other.1": "（六）其他处理",
    "other": "（六）其他处理",
}


def _t3_measure(row: str) -> Measure:
    by_row = {
        "new": Measure("count", "applications_due", date="received_on"),
        "carried_in": GENERAL[3].measure,
        "total": Measure("count", "applications_due", date="replied_on"),
        "carried_out": GENERAL[5].measure,
        "other": Measure(
            "count",
            "applications_due",
            date="replied_on",
            where="outcome LIKE 'other.%'",
        ),
    }
    return by_row.get(row) or Measure(
        "count", "applications_due", date="replied_on", where=f"outcome = '{row}'"
    )


T3_ROWS = {
    "new": "一、本年新收政府信息公开申请数量",
    "carried_in": "二、上年结转政府信息公开申请数量",
    **OUTCOMES,
    "other": "其他处理（2019 年格式）",
    "total": "（七）总计",
    "carried_out": "四、结转下年度继续办理",
}

TABLE_3 = tuple(
    _cell(
        f"disclosure.t3.{row}",
        label,
        ("applications",),
        _t3_measure(row),
        dimensions=(COLUMNS,),
        total_dimension=TOTAL,
    )
    for row, label in T3_ROWS.items()
)

T4_BLOCKS = {
    "reconsideration": ("行政复议", "行政复议"),
    "litigation_direct": ("未经复议直接起诉", "行政诉讼（未经复议）"),
    "litigation_after": ("复议后起诉", "行政诉讼（复议后）"),
}

TABLE_4 = tuple(
    _cell(
        f"disclosure.t4.{block}",
        label,
        ("legal_cases",),
        Measure(
            "count",
            "cases",
            date="accepted_on",
            where=f"about_disclosure AND kind = '{kind}'",
        ),
        dimensions=(VERDICT,),
        total_dimension=TOTAL,
    )
    for block, (label, kind) in T4_BLOCKS.items()
)

KPIS = (*GENERAL, *TABLE_2, *TABLE_3, *TABLE_4)
