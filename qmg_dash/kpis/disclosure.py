"""信息公开: what is disclosed, on whose asking, and the statutory yearly form.

The form's cells (国办公开办函〔2021〕30号) are KPIs too: `disclosure.t2.*`, `.t3.*`, `.t4.*`.
The 2019 form (国办公开办函〔2019〕60号) is kept as published and never mapped onto the new one.
"""

from functools import partial
from typing import Any

from qmg_dash.kpis.base import MONTH, Dimension, Formula, Kpi
from qmg_dash.tables import APPLICANTS, OUTCOMES, table

SCREEN = "/disclosure"
LAW = "《政府信息公开条例》"
FORM_2021 = "国办公开办函〔2021〕30号"
FORM_2019 = "国办公开办函〔2019〕60号"
T2_2019 = "disclosure.t2_2019."

TOTAL = "总计"
APPLICANT = Dimension("applicant_type", "申请人类型", APPLICANTS)
OUTCOME = Dimension("outcome", "办理结果", tuple(OUTCOMES), words=tuple(OUTCOMES.items()))
REPLIED, LATE = "已答复", "逾期未答复"
REPLY = Dimension(
    "reply", "答复情况", (REPLIED, "期限内未答复", LATE), closed=True, overdue=(LATE,)
)
"""On the clock's day."""
TERM = Dimension("term", "是否延期", ("已延期", "未延期"), closed=True)
COLUMNS = Dimension("applicant_type", "申请人类型", (*APPLICANTS, TOTAL), closed=True)
VERDICTS = ("结果维持", "结果纠正", "其他结果", "尚未审结")
VERDICT = Dimension("verdict", "审理结果", (*VERDICTS, TOTAL), closed=True)
STANDING = Dimension("standing", "件数", ("制发", "废止", "现行有效"), closed=True)

_DUE_PASSED = "due_on < $clock"


disclosure = partial(Kpi, tables=("disclosures",), screen=SCREEN, basis=LAW)
application = partial(Kpi, tables=("applications",), screen=SCREEN, basis=LAW)

GENERAL = (
    disclosure(
        code="disclosure.published",
        label="主动公开信息",
        short="主动公开",
        unit="条",
        definition="公开日期在当年的主动公开信息条数",
        rule="published_on in the year; dimensions category*, channel, department, month",
        formula=Formula("count", "disclosures", date="published_on"),
        dimensions=(
            Dimension("category", "栏目"),
            Dimension("channel", "公开渠道", table("disclosures").column("channel").values),
            Dimension("department", "公开机构"),
            MONTH,
        ),
        basis=f"{LAW}第十九条、第二十条",
    ),
    disclosure(
        code="disclosure.on_time_rate",
        label="主动公开及时率",
        short="公开及时",
        unit="%",
        definition="当年公开、形成日期已填的信息中，形成后 20 个工作日内公开的占比",
        rule="published within 20 working days of produced_on / those with produced_on",
        better="higher",
        must=100,
        lacking="未按期公开",
        formula=Formula(
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
        of=("公开", "条", "按期"),
        basis=f"{LAW}第二十六条",
    ),
    application(
        code="applications.received",
        label="新收公开申请",
        short="新收申请",
        unit="件",
        definition="收到日期在当年的申请",
        rule="received_on in the year; dimension applicant_type*",
        formula=Formula("count", "applications_due", date="received_on"),
        dimensions=(APPLICANT, REPLY, TERM, MONTH),
    ),
    application(
        code="applications.carried_in",
        label="上年结转申请",
        short="上年结转",
        unit="件",
        definition="当年以前收到、当年以前没有答复的申请",
        rule="received before the year, no reply before it",
        formula=Formula(
            "count",
            "applications_due",
            where="received_on < $start AND (replied_on IS NULL OR replied_on >= $start)",
        ),
        dimensions=(APPLICANT,),
    ),
    application(
        code="applications.handled",
        label="办结公开申请",
        short="办结申请",
        unit="件",
        definition="答复日期在当年的申请，按办理结果拆分",
        rule="replied_on in the year; dimension outcome*",
        formula=Formula("count", "applications_due", date="replied_on"),
        dimensions=(OUTCOME, APPLICANT, MONTH),
    ),
    application(
        code="applications.carried_out",
        label="结转下年申请",
        short="结转下年",
        unit="件",
        definition="年末以前收到、到年末没有答复的申请",
        rule="received up to the year's end, no reply by then",
        formula=Formula(
            "count",
            "applications_due",
            where="received_on <= $end AND (replied_on IS NULL OR replied_on > $end)",
        ),
        dimensions=(APPLICANT, REPLY),
    ),
    application(
        code="applications.reply_rate",
        label="申请答复率",
        short="答复率",
        unit="%",
        definition="答复期限在当年且已过的申请中，已答复的占比；期限为收到后 20 个工作日，"
        "延期再加 20 个，不计入的工作日顺延",
        rule="of applications whose due date lies in the year and has passed: replied / all",
        formula=Formula(
            "rate",
            "applications_due",
            date="due_on",
            where=_DUE_PASSED,
            hit="replied_on <= $clock",
            deadline=True,
        ),
        final=True,
        better="higher",
        must=100,
        lacking="未答复",
        dimensions=(APPLICANT,),
        basis=f"{LAW}第三十三条",
        of=("到期应答复", "件", "已答复"),
    ),
    application(
        code="applications.on_time_rate",
        label="答复及时率",
        short="答复及时",
        unit="%",
        definition="答复期限在当年且已过的申请中，按期答复的占比",
        rule="same base: replied by the due date / all",
        told_by="applications.reply_rate",
        formula=Formula(
            "rate",
            "applications_due",
            date="due_on",
            where=_DUE_PASSED,
            hit="replied_on <= due_on",
            deadline=True,
        ),
        better="higher",
        must=100,
        lacking="未按期答复",
        dimensions=(APPLICANT,),
        basis=f"{LAW}第三十三条",
        of=("到期应答复", "件", "按期"),
    ),
    application(
        code="applications.due_soon",
        label="五日内到期申请",
        short="将到期",
        unit="件",
        definition="数据截至日尚未答复、5 个工作日内到期的申请；说的是这一天，其他年度没有数据",
        rule="open, due within 5 working days of the clock's day; a state of today: no data for other years",
        formula=Formula(
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
        code="disclosure.form",
        label="年报格式",
        short="年报格式",
        unit="",
        definition="政府信息公开工作年度报告所用的格式版本：2021 或 2019",
        rule="2021 or 2019",
        basis=FORM_2021,
        private=True,
        stock=True,
        screen=SCREEN,
        allowed=(2021, 2019),
    ),
)


def _cell(*, code: str, label: str, **more: Any) -> Kpi:
    """A cell or row of the statutory form; it stands in its table, not on a card."""
    more = {
        "short": "年报表格",
        "unit": "件",
        "screen": SCREEN,
        "basis": FORM_2021,
        "definition": f"{FORM_2021}：{label}",
        "rule": "DATA.md section 2",
    } | more
    return Kpi(code=code, label=label, private=True, **more)


def _actions(code: str, kind: str) -> Kpi:
    return _cell(
        code=code,
        label=kind,
        tables=("enforcement_actions",),
        formula=Formula("count", "actions", date="counted_on", where=f"action_type = '{kind}'"),
    )


TABLE_2 = (
    _cell(code="disclosure.t2.rules", label="规章", dimensions=(STANDING,)),
    _cell(
        code="disclosure.t2.normative",
        label="行政规范性文件",
        tables=("documents",),
        formula=Formula("special", "documents"),
        dimensions=(STANDING,),
        same_as=(
            ("制发", "documents.issued"),
            ("废止", "documents.abolished"),
            ("现行有效", "documents.in_force"),
        ),
    ),
    _actions("disclosure.t2.permits", "行政许可"),
    _actions("disclosure.t2.penalties", "行政处罚"),
    _actions("disclosure.t2.coercion", "行政强制"),
    _cell(code="disclosure.t2.fees", label="行政事业性收费", unit="万元"),
)

# The leaf rows in the form's order with their headings; "other" is the one leaf of the 2019 form.
T3_HEADINGS = {
    "refused.1": "（三）不予公开",
    "unavailable.1": "（四）无法提供",
    "declined.1": "（五）不予处理",
    "other.1": "（六）其他处理",
    "other": "（六）其他处理",
}
ANSWERS = {code: OUTCOMES[code] for code in ("granted", "partial")} | {
    row.partition(".")[0]: heading.partition("）")[2] for row, heading in T3_HEADINGS.items()
}
"""The kinds of answers by what their outcomes begin with: refused.1 is 不予公开."""


def _t3_measure(row: str) -> Formula:
    by_row = {
        "new": Formula("count", "applications_due", date="received_on"),
        "carried_in": GENERAL[3].formula,
        "total": Formula("count", "applications_due", date="replied_on"),
        "carried_out": GENERAL[5].formula,
        "other": Formula(
            "count",
            "applications_due",
            date="replied_on",
            where="outcome LIKE 'other.%'",
        ),
    }
    return by_row.get(row) or Formula(
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
        code=f"disclosure.t3.{row}",
        label=label,
        tables=("applications",),
        formula=_t3_measure(row),
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
        code=f"disclosure.t4.{block}",
        label=label,
        tables=("legal_cases",),
        formula=Formula(
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

FORM_TABLES = tuple(
    _cell(code=f"disclosure.{code}.*", label=label, short=short, tables=tables, rule=rule)
    for code, label, short, tables, rule in (
        (
            "t2",
            "主动公开情况表",
            "表二",
            ("disclosures", "documents", "enforcement_actions"),
            "DATA.md section 2; from ledgers: normative from documents, permits / penalties / coercion"
            " = enforcement.actions of the type; rules and fees published only",
        ),
        (
            "t3",
            "申请办理情况表",
            "表三",
            ("applications",),
            "DATA.md section 2; new = applications.received, carried_in, outcome rows of"
            " applications.handled, total, carried_out",
        ),
        ("t4", "复议诉讼情况表", "表四", ("legal_cases",), "DATA.md section 2"),
    )
)
"""A row a table of the form, as the contract names its cells; no KPI itself."""

KPIS = (*GENERAL, *TABLE_2, *TABLE_3, *TABLE_4)


def t2_2019(code: str) -> Kpi:
    """A cell of the 2019 form's own table 2, kept under whatever name it carries."""
    return _cell(
        code=code,
        label=code.removeprefix(T2_2019),
        basis=FORM_2019,
        definition=f"{FORM_2019}表二，按公布保留，不作计算",
    )
