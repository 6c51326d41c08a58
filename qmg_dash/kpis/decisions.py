"""决策审查: decisions, their legal review, the normative documents."""

from qmg_dash.kpis.base import MONTH, Dimension, Kpi, Measure
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


def _review(code, label, short, unit, definition, measure, dimensions=(), **more) -> Kpi:
    return Kpi(
        code,
        label,
        short,
        unit,
        definition,
        SCREEN,
        tables=("legal_reviews",),
        measure=measure,
        dimensions=dimensions,
        basis=REVIEW_LAW,
        **more,
    )


def _document(code, label, short, unit, definition, measure, **more) -> Kpi:
    return Kpi(
        code,
        label,
        short,
        unit,
        definition,
        SCREEN,
        tables=("documents",),
        measure=measure,
        basis=DOCUMENT_LAW,
        **more,
    )


def _decision(code, label, short, unit, definition, measure, dimensions=(), **more) -> Kpi:
    return Kpi(
        code,
        label,
        short,
        unit,
        definition,
        SCREEN,
        tables=("decisions",),
        measure=measure,
        dimensions=dimensions,
        basis=MAJOR_LAW,
        **more,
    )


KPIS = (
    _review(
        "review.contracts",
        "审核合同",
        "合同审核",
        "件",
        "审结日期在当年的合同合法性审查",
        Measure("count", "legal_reviews", date="reviewed_on", where=CONTRACT),
        (DEPARTMENT, MONTH),
    ),
    _review(
        "review.adviser_contracts",
        "法律顾问审查合同",
        "顾问审查",
        "次",
        "审结日期在当年、由法律顾问审查的合同；与审核合同口径不同，互不修正",
        Measure(
            "count",
            "legal_reviews",
            date="reviewed_on",
            where=f"{CONTRACT} AND reviewer = '法律顾问'",
        ),
        (DEPARTMENT, MONTH),
    ),
    _review(
        "review.coverage_rate",
        "涉财合同审核率",
        "涉财审核",
        "%",
        "当年送审、涉及财政资金的合同中已审结的 / 全部",
        Measure(
            "rate",
            "legal_reviews",
            date="submitted_on",
            where=CONTRACT + " AND fiscal IS NOT FALSE",
            known="fiscal IS NOT NULL",
            hit="reviewed_on IS NOT NULL",
        ),
        (DEPARTMENT, MONTH),
        better="higher",
        of=("送审涉财合同", "件", "已审"),
        must=100,
    ),
    _review(
        "review.opinions",
        "审查意见",
        "审查意见",
        "条",
        "审结日期在当年的合法性审查提出的意见条数之和",
        Measure(
            "sum",
            "legal_reviews",
            date="reviewed_on",
            known="opinions IS NOT NULL",
            value="opinions",
        ),
        (KIND, DEPARTMENT, MONTH),
    ),
    _review(
        "review.adopted_rate",
        "意见采纳率",
        "采纳率",
        "%",
        "当年审结、两栏都已填的审查：采纳条数之和 / 意见条数之和",
        Measure(
            "ratio",
            "legal_reviews",
            date="reviewed_on",
            known="opinions IS NOT NULL AND adopted IS NOT NULL",
            value="adopted",
            per="opinions",
        ),
        (KIND, DEPARTMENT, MONTH),
        better="higher",
        of=("意见", "条", "采纳"),
    ),
    Kpi(
        "adviser.count",
        "法律顾问人数",
        "法律顾问",
        "名",
        "当年聘请的法律顾问人数（只有公布数）",
        SCREEN,
        basis=REVIEW_LAW,
        stock=True,
    ),
    Kpi(
        "adviser.meetings",
        "法律顾问列席会议",
        "顾问列席",
        "次",
        "有法律顾问列席的会议日数（同日多个议题计一次）",
        SCREEN,
        tables=("decisions",),
        measure=Measure(
            "distinct",
            "decisions",
            date="held_on",
            where="adviser_present",
            value="held_on",
        ),
        dimensions=(MONTH,),
        basis=REVIEW_LAW,
    ),
    _document(
        "documents.issued",
        "制发规范性文件",
        "制发文件",
        "件",
        "印发日期在当年的行政规范性文件",
        Measure("count", "documents", date="issued_on"),
    ),
    _document(
        "documents.abolished",
        "废止文件",
        "废止文件",
        "件",
        "效力为废止、效力变更日期在当年的文件",
        Measure("count", "documents", date="status_on", where="status = '废止'"),
    ),
    _document(
        "documents.in_force",
        "现行有效规范性文件",
        "现行有效",
        "件",
        "年末以前印发、到年末没有废止或失效的行政规范性文件",
        Measure(
            "count",
            "documents",
            where="issued_on <= $end",
            known="status IN ('现行有效', '修改') OR status_on IS NOT NULL",
            hit="status IN ('现行有效', '修改') OR status_on > $end",
        ),
    ),
    _document(
        "documents.filed_rate",
        "规范性文件备案率",
        "备案率",
        "%",
        "当年印发的行政规范性文件中有备案日期的 / 当年印发的",
        Measure("rate", "documents", date="issued_on", hit="filed_on IS NOT NULL"),
        better="higher",
        of=("当年印发", "件", "已备案"),
        must=100,
    ),
    _decision(
        "decisions.topics",
        "讨论议题",
        "议题",
        "个",
        "会议日期在当年的议题数，按结果拆分；议题不等于重大行政决策",
        Measure("count", "decisions", date="held_on"),
        (
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
    _decision(
        "decisions.passed",
        "通过议题",
        "通过",
        "个",
        "当年议题中结果为通过的",
        Measure("count", "decisions", date="held_on", where="result = '通过'"),
        (MONTH,),
    ),
    _decision(
        "decisions.major",
        "重大行政决策",
        "重大决策",
        "项",
        "当年议题中属于重大行政决策的",
        Measure("count", "decisions", date="held_on", where="major"),
    ),
    _decision(
        "decisions.procedure_rate",
        "决策程序完备率",
        "程序完备",
        "%",
        "当年重大行政决策各步骤中已完成的 / 适用且已填的步骤；不适用的步骤不进基数",
        Measure(
            "rate",
            "decision_steps",
            date="held_on",
            where="major AND state IS DISTINCT FROM '不适用'",
            known="state IS NOT NULL",
            hit="state = '已完成'",
        ),
        (Dimension("step", "步骤", tuple(STEPS.values()), closed=True),),
        better="higher",
        must=100,
        unsplit=tuple(STEPS),
    ),
)
