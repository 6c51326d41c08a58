"""决策审查: decisions, their legal review, the normative documents."""

from functools import partial

from qmg_dash.kpis.base import MONTH, Dimension, Formula, Kpi
from qmg_dash.tables import table

SCREEN = "/decisions"
MAJOR_LAW = "《重大行政决策程序暂行条例》"
DOCUMENT_LAW = "国办发〔2018〕37号（行政规范性文件制定和监督管理）"
REVIEW_LAW = "国办发〔2016〕88号（法律顾问制度）"

CONTRACT = "kind = '合同'"
KIND = Dimension("kind", "审查类别", table("legal_reviews").column("kind").values, closed=True)
DEPARTMENT = Dimension("department", "送审机构")
STEPS = {
    "participation": "公众参与",
    "expert": "专家论证",
    "risk": "风险评估",
    "legality": "合法性审查",
    "collective": "集体讨论决定",
}


review = partial(Kpi, tables=("legal_reviews",), screen=SCREEN, basis=REVIEW_LAW)
document = partial(Kpi, tables=("documents",), screen=SCREEN, basis=DOCUMENT_LAW)
decision = partial(Kpi, tables=("decisions",), screen=SCREEN, basis=MAJOR_LAW)

KPIS = (
    review(
        code="review.contracts",
        label="审核合同",
        short="合同审核",
        unit="件",
        definition="审结日期在当年的合同合法性审查",
        rule="kind 合同, reviewed_on in the year",
        formula=Formula("count", "legal_reviews", date="reviewed_on", where=CONTRACT),
        dimensions=(DEPARTMENT, MONTH),
    ),
    review(
        code="review.adviser_contracts",
        label="法律顾问审查合同",
        short="顾问审查",
        unit="次",
        definition="审结日期在当年、由法律顾问审查的合同；与审核合同口径不同，互不修正",
        rule="that by reviewer 法律顾问",
        formula=Formula(
            "count",
            "legal_reviews",
            date="reviewed_on",
            where=f"{CONTRACT} AND reviewer = '法律顾问'",
        ),
        dimensions=(DEPARTMENT, MONTH),
    ),
    review(
        code="review.coverage_rate",
        label="涉财合同审核率",
        short="涉财审核",
        unit="%",
        definition="当年送审、涉及财政资金的合同中已审结的 / 全部",
        rule="kind 合同, fiscal = 是, submitted in the year: reviewed / all",
        formula=Formula(
            "rate",
            "legal_reviews",
            date="submitted_on",
            where=CONTRACT + " AND fiscal IS NOT FALSE",
            known="fiscal IS NOT NULL",
            hit="reviewed_on IS NOT NULL",
        ),
        dimensions=(DEPARTMENT, MONTH),
        final=True,
        better="higher",
        of=("送审涉财合同", "件", "已审"),
        must=100,
        lacking="未审核",
    ),
    review(
        code="review.opinions",
        label="审查意见",
        short="审查意见",
        unit="条",
        definition="审结日期在当年的合法性审查提出的意见条数之和",
        rule="sum opinions, reviewed in the year; dimension kind*",
        formula=Formula(
            "sum",
            "legal_reviews",
            date="reviewed_on",
            known="opinions IS NOT NULL",
            value="opinions",
        ),
        dimensions=(KIND, DEPARTMENT, MONTH),
    ),
    review(
        code="review.adopted_rate",
        label="意见采纳率",
        short="采纳率",
        unit="%",
        definition="当年审结、两栏都已填的审查：采纳条数之和 / 意见条数之和",
        rule="sum adopted / sum opinions where both are known",
        formula=Formula(
            "ratio",
            "legal_reviews",
            date="reviewed_on",
            known="opinions IS NOT NULL AND adopted IS NOT NULL",
            value="adopted",
            per="opinions",
        ),
        dimensions=(KIND, DEPARTMENT, MONTH),
        better="higher",
        of=("意见", "条", "采纳"),
    ),
    review(
        code="adviser.count",
        label="法律顾问人数",
        short="法律顾问",
        unit="名",
        definition="当年聘请的法律顾问人数（只有公布数）",
        rule="",
        stock=True,
        tables=(),
    ),
    review(
        code="adviser.meetings",
        label="法律顾问列席会议",
        short="顾问列席",
        unit="次",
        definition="有法律顾问列席的会议日数（同日多个议题计一次）",
        rule="distinct held_on with adviser_present = 是",
        tables=("decisions",),
        formula=Formula(
            "distinct",
            "decisions",
            date="held_on",
            where="adviser_present",
            value="held_on",
        ),
        dimensions=(MONTH,),
    ),
    document(
        code="documents.issued",
        label="制发规范性文件",
        short="制发文件",
        unit="件",
        definition="印发日期在当年的行政规范性文件",
        rule="issued_on in the year",
        formula=Formula("count", "documents", date="issued_on"),
    ),
    document(
        code="documents.abolished",
        label="废止文件",
        short="废止文件",
        unit="件",
        definition="效力为废止、效力变更日期在当年的文件",
        rule="status 废止 with status_on in the year",
        formula=Formula("count", "documents", date="status_on", where="status = '废止'"),
    ),
    document(
        code="documents.in_force",
        label="现行有效规范性文件",
        short="现行有效",
        unit="件",
        definition="年末以前印发、到年末没有废止或失效的行政规范性文件",
        rule="issued by, and not ended by, the year's end",
        formula=Formula(
            "count",
            "documents",
            where="issued_on <= $end",
            known="status IN ('现行有效', '修改') OR status_on IS NOT NULL",
            hit="status IN ('现行有效', '修改') OR status_on > $end",
        ),
    ),
    document(
        code="documents.filed_rate",
        label="规范性文件备案率",
        short="备案率",
        unit="%",
        definition="当年印发的行政规范性文件中有备案日期的 / 当年印发的",
        rule="issued in the year with filed_on / issued",
        formula=Formula("rate", "documents", date="issued_on", hit="filed_on IS NOT NULL"),
        final=True,
        better="higher",
        of=("当年印发", "件", "已备案"),
        must=100,
        lacking="未备案",
    ),
    decision(
        code="decisions.topics",
        label="讨论议题",
        short="议题",
        unit="个",
        definition="会议日期在当年的议题数，按结果拆分；议题不等于重大行政决策",
        rule="held_on in the year; dimension result*",
        formula=Formula("count", "decisions", date="held_on"),
        dimensions=(
            Dimension(
                "result",
                "结果",
                table("decisions").column("result").values,
                closed=True,
            ),
            MONTH,
        ),
        called="上会议题",
    ),
    decision(
        code="decisions.passed",
        label="通过议题",
        short="通过",
        unit="个",
        definition="当年议题中结果为通过的",
        rule="result 通过",
        formula=Formula("count", "decisions", date="held_on", where="result = '通过'"),
        dimensions=(MONTH,),
    ),
    decision(
        code="decisions.major",
        label="重大行政决策",
        short="重大决策",
        unit="项",
        definition="当年议题中属于重大行政决策的",
        rule="major = 是",
        formula=Formula("count", "decisions", date="held_on", where="major"),
    ),
    decision(
        code="decisions.procedure_rate",
        label="决策程序完备率",
        short="程序完备",
        unit="%",
        definition="当年重大行政决策各步骤中已完成的 / 适用且已填的步骤；不适用的步骤不进基数",
        rule="over major: steps 已完成 / steps other than 不适用 and known; dimension step*",
        formula=Formula(
            "rate",
            "decision_steps",
            date="held_on",
            where="major AND state IS DISTINCT FROM '不适用'",
            known="state IS NOT NULL",
            hit="state = '已完成'",
        ),
        dimensions=(Dimension("step", "步骤", tuple(STEPS.values()), closed=True),),
        final=True,
        better="higher",
        must=100,
        lacking="程序未完成",
        unsplit=tuple(STEPS),
    ),
)
