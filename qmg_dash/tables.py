"""The tables of a data folder: THE place to add a table or a column.

A row of TABLES is a table of DATA.md, a `Column` one of its columns. What a file may be called,
how its headers read, which types, keys, enumerations and row rules hold: all of it stands here
and nowhere else. docs/contract/tables.tsv is written from it (contract.py).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePath
from typing import Literal

from qmg_dash.model import UnknownName

Type = Literal["text", "int", "number", "bool", "date"]

# The ten standard categories of power lists, in the order the State Council lists them.
POWER_CATEGORIES = (
    "行政许可",
    "行政处罚",
    "行政强制",
    "行政征收",
    "行政给付",
    "行政检查",
    "行政确认",
    "行政奖励",
    "行政裁决",
    "其他行政权力",
)

BY_DECISION = ("行政许可", "行政处罚")
"""What counts when it is decided, and may stand without the day on which it was opened: files of
the national publicity system (双公示) have none."""

# 行政处罚法 art. 9 as the yearly statistics list them, light to heavy; the last is a remainder.
PENALTY_CLASSES = (
    "警告",
    "通报批评",
    "罚款",
    "没收违法所得、没收非法财物",
    "暂扣许可证件",
    "降低资质等级",
    "限制开展生产经营活动",
    "责令停产停业",
    "责令关闭、限制从业",
    "吊销许可证件",
    "行政拘留",
    "其他行政处罚",
)

APPLICANTS = ("自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他")

# The leaf rows of table 3 of the statutory disclosure form (国办公开办函〔2021〕30号), in its order.
OUTCOMES = {
    "granted": "予以公开",
    "partial": "部分公开",
    "refused.1": "属于国家秘密",
    "refused.2": "其他法律行政法规禁止公开",
    "refused.3": "危及“三安全一稳定”",
    "refused.4": "保护第三方合法权益",
    "refused.5": "属于三类内部事务信息",
    "refused.6": "属于四类过程性信息",
    "refused.7": "属于行政执法案卷",
    "refused.8": "属于行政查询事项",
    "unavailable.1": "本机关不掌握相关政府信息",
    "unavailable.2": "没有现成信息需要另行制作",
    "unavailable.3": "补正后申请内容仍不明确",
    "declined.1": "信访举报投诉类申请",
    "declined.2": "重复申请",
    "declined.3": "要求提供公开出版物",
    "declined.4": "无正当理由大量反复申请",
    "declined.5": "要求行政机关确认或重新出具已获取信息",
    "other.1": "申请人无正当理由逾期不补正",
    "other.2": "申请人逾期未按收费通知要求缴纳费用",
    "other.3": "其他",
}

YES, NO = "是", "否"
STEP_STATES = ("已完成", "未完成", "不适用")


@dataclass(frozen=True)
class Column:
    """A column: English name, Chinese header, type; `values` are its known values in their
    order, closed unless `open`. `synonyms` maps other accepted texts to a value (a Chinese
    text of a coded one). `minimum` and `maximum` are inclusive. An `expected` cell may be empty
    (the row counts), but is warned of. `code`: a number-like text (编号、证号) that a spreadsheet
    may have spoilt; `several`: names things, separated by 、; `percent`: 100% may be written for
    100. `groups`: any text, by which rows are grouped (a village, a department): a dash names no
    group, it says that there is none known. `usual`: what lies outside `values` is allowed and
    warned of. `doubtful_below`: so is a number over 0 and under it, which has most likely been
    typed in a larger unit. `counter`: what an int counts. `year`: 2023年 and 2023年度 may be written
    for 2023; `page`: the path of a screen. `wall`: a text that is public by itself, so that a wall may
    have it (`public`). `anonymous`: a text that names no person and no case, so that a number of one
    is warned of. `planned`: a day that is set, on which nothing has happened yet. `note` says
    more to the clerk; `rule` is what the contract says, where
    that is not what the declaration does."""

    name: str
    header: str
    type: Type = "text"
    required: bool = False
    key: bool = False
    values: tuple[str, ...] = ()
    open: bool = False
    synonyms: tuple[tuple[str, str], ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    refers_to: str = ""
    expected: bool = False
    code: bool = False
    several: bool = False
    percent: bool = False
    groups: bool = False
    usual: bool = False
    doubtful_below: float | None = None
    counter: str = ""
    year: bool = False
    page: bool = False
    wall: bool = False
    anonymous: bool = False
    planned: bool = False
    note: str = ""
    rule: str | None = None
    shown: tuple[tuple[str, str], ...] = ()

    def word(self, value: str) -> str:
        """A value as the screens write it, where officials say another word: as in `shown`, pairs
        of a value and its word."""
        return dict(self.shown).get(value, value)

    @property
    def public(self) -> bool:
        """Whether a meeting's slide or file may have its text as it stands (DATA.md, section 4): what
        rows are grouped by, or what is public by itself; never a number, a name, a note."""
        return bool(self.values) or self.groups or self.wall

    @cached_property
    def written_unit(self) -> str:
        """What the header says in brackets at its end: 罚没金额（元） → 元."""
        said = re.search(r"（(.+)）$", self.header)
        return said[1] if said else ""

    @property
    def unit(self) -> str:
        """What its numbers are in."""
        return self.written_unit or self.counter

    @property
    def money(self) -> bool:
        """Whether it is an amount: offices write 元 and 万元 alike, so that one without its unit
        says nothing."""
        return self.unit == "元"

    @property
    def coded(self) -> bool:
        """Whether its text is a code: a key, a reference to one, or declared so."""
        return self.key or self.code or bool(self.refers_to)


@dataclass(frozen=True)
class Settled:
    """A row that `state` calls settled (by one of `values`, else by any) has the day of it in
    `day`. Without it the row is both: settled by the one column, open by the other."""

    state: str
    day: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Need:
    """A row needs its `column`, but where `state` is one of `values` `instead` is enough."""

    column: str
    instead: str
    state: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A table. `not_before` are pairs of dates (later, earlier), `not_above` pairs of numbers
    (part, whole), `settled` a column that closes a row with the date it then has, `need` a column
    that a row may lack where it has another; `alike` are columns in which two rows of one thing agree
    though its numbers differ, since two systems have it; `unique` names the key where it is more than
    one column; `period` are the dates by which a row falls into a year: the first that it has; it
    `stands`: its rows say what there is, so that they speak for every year up to the clock's;
    `logged`: the columns whose change in an import goes into corrections.csv, since they have been
    published; a ledger that is kept `by_hand` lies beside town.toml, as CSV alone: it
    opens no year, and speaks for each from its first row up to the clock's."""

    name: str
    label: str
    columns: tuple[Column, ...]
    ledger: bool = True
    not_before: tuple[tuple[str, str], ...] = ()
    not_above: tuple[tuple[str, str], ...] = ()
    settled: Settled | None = None
    need: Need | None = None
    alike: tuple[str, ...] = ()
    unique: tuple[str, ...] = ()
    period: tuple[str, ...] = ()
    stands: bool = False
    logged: tuple[str, ...] = ()
    by_hand: bool = False

    @property
    def inside(self) -> bool:
        """Whether it lies in the folder of the ledgers, where it may be Parquet."""
        return self.ledger and not self.by_hand

    @property
    def path(self) -> str:
        """Where its CSV lies in a data folder."""
        return f"ledgers/{self.name}.csv" if self.inside else f"{self.name}.csv"

    @cached_property
    def by_name(self) -> dict[str, Column]:
        return {c.name: c for c in self.columns}

    @property
    def dated(self) -> str:
        """SQL of the day by which a row falls into a year; empty where a table has none."""
        several = len(self.period) > 1
        return f"coalesce({', '.join(self.period)})" if several else "".join(self.period)

    @property
    def happened(self) -> tuple[str, ...]:
        """The days of what happens to a row after its first one."""
        later = dict.fromkeys(late for late, _ in self.not_before)
        return tuple(name for name in later if not self.by_name[name].planned)

    @property
    def changes(self) -> tuple[str, ...]:
        """What of a row changes on a day that it has: these days, and the state that one settles."""
        return (*self.happened, *((self.settled.state,) if self.settled else ()))

    @property
    def key(self) -> tuple[str, ...]:
        """The columns whose values name a row; empty where a table has no key."""
        return self.unique or tuple(c.name for c in self.columns if c.key)

    def column(self, name: str) -> Column:
        """The column of that name, else an error that names the allowed ones."""
        try:
            return self.by_name[name]
        except KeyError:
            allowed = "、".join(self.by_name)
            raise UnknownName(f"表 {self.label} 没有列 {name}；可用：{allowed}") from None


def _text(name: str, header: str, *values: str, **more: object) -> Column:
    return Column(name, header, "text", values=values, **more)  # type: ignore[arg-type]


def _date(name: str, header: str, **more: object) -> Column:
    return Column(name, header, "date", **more)  # type: ignore[arg-type]


def _bool(name: str, header: str, **more: object) -> Column:
    return Column(name, header, "bool", values=(YES, NO), **more)  # type: ignore[arg-type]


def _int(name: str, header: str, counter: str, **more: object) -> Column:
    return Column(name, header, "int", minimum=0, counter=counter, **more)  # type: ignore[arg-type]


def _number(name: str, header: str, **more: object) -> Column:
    return Column(name, header, "number", **({"minimum": 0} | more))  # type: ignore[arg-type]


def _year(header: str, **more: object) -> Column:
    base = {"required": True, "minimum": 1949, "maximum": 2100, "year": True}
    return Column("year", header, "int", **(base | more))  # type: ignore[arg-type]


def _key(name: str, header: str, **more: object) -> Column:
    return Column(name, header, "text", required=True, key=True, **more)  # type: ignore[arg-type]


_NEED = {"required": True}
_OPEN = {"open": True}
_GROUPS = {"groups": True}
_KPI = {"note": "指标代码", "rule": "a KPI code"}
_ANONYMOUS = {"anonymous": True}
_WHOLE = {"doubtful_below": 1}
"""Of amounts in 元: one of less than a yuan was meant in 万元."""

TABLES: tuple[Table, ...] = (
    Table(
        "power_items",
        "权责事项",
        (
            _text(
                "item_code",
                "事项编码",
                expected=True,
                code=True,
                note="缺编码的事项记为未编码",
                rule="missing = fault",
            ),
            _text("name", "事项名称", **_NEED, wall=True),
            _text("category", "权力类型", *POWER_CATEGORIES, **_NEED, **_OPEN),
            _text("legal_basis", "实施依据"),
            _text("department", "承办机构", **_GROUPS),
            _text("initiation", "启动方式", "依申请", "依职权"),
            _text("level", "行使层级", "镇", "村", **_OPEN),
            _date(
                "list_version", "清单版本", required=True, note="批准日期", rule="date of approval"
            ),
            _text("status", "状态", "在用", "停用", **_NEED),
            _text("change", "调整类型", "新增", "调整", "取消", "承接", "收回"),
            _date("changed_on", "调整日期"),
            _bool("published", "已列入公开目录"),
        ),
        unique=("item_code", "list_version"),
        period=("list_version",),
        stands=True,
    ),
    Table(
        "enforcement_actions",
        "执法行为",
        (
            _key("action_no", "执法编号"),
            _text("action_type", "行为类型", *POWER_CATEGORIES, **_NEED, **_OPEN, usual=True),
            _text(
                "area",
                "执法领域",
                "安全生产",
                "城市管理",
                "应急处置",
                "交通运输",
                "生态环境",
                **_OPEN,
            ),
            _text("item_code", "事项编码", refers_to="power_items"),
            _text("department", "承办机构", **_GROUPS),
            _text("object_type", "对象类型", "自然人", "法人或其他组织"),
            _date(
                "opened_on",
                "立案或启动日期",
                note="有决定日期的行政许可、行政处罚可不填，其他都要填",
                rule="the column may be absent; a row needs it unless it is a 许可 or 处罚 with"
                " decided_on; wherever a row is dated (coverage, the year that opens, lateness,"
                " order) its day is opened_on, else decided_on",
            ),
            _date("decided_on", "决定日期"),
            _date("closed_on", "结案日期"),
            _date(
                "extended_to",
                "延期至",
                planned=True,
                note="经批准延长办案期限的处罚：延长后的最后一天",
                rule="a penalty whose limit was extended: its new last day; not before opened_on",
            ),
            _int("officers", "执法人数", "人"),
            _bool("certificate_shown", "亮证执法"),
            _text("recording", "全过程记录", "文字", "音像", "文字和音像", "无"),
            _text("legal_review", "法制审核", "已审核", "应审未审", "不需要"),
            _date("disclosed_on", "公示日期"),
            _bool("double_random", "双随机抽查"),
            _text("joint_departments", "联合部门", several=True, note="、分隔"),
            _text(
                "flexible",
                "柔性执法方式",
                "首违不罚",
                "轻微不罚",
                "减轻处罚",
                "行政指导",
                "说服教育",
                "无",
                **_OPEN,
            ),
            _text("penalty_class", "处罚种类", *PENALTY_CLASSES, rule="the 12 of DOMAIN.md"),
            _number("fine_yuan", "罚没金额（元）", **_WHOLE, rule=">= 0"),
            _text("result", "处理结果"),
        ),
        not_before=(
            ("decided_on", "opened_on"),
            ("closed_on", "decided_on"),
            ("disclosed_on", "decided_on"),
            ("extended_to", "opened_on"),
        ),
        need=Need("opened_on", "decided_on", "action_type", BY_DECISION),
        period=("opened_on", "decided_on"),
        alike=("action_type", "decided_on", "penalty_class", "fine_yuan"),
    ),
    Table(
        "officers",
        "执法人员",
        (
            _key("officer_id", "人员序号", note="不写姓名", rule="no names"),
            _text("department", "所在机构", **_GROUPS),
            _text("certificate_no", "执法证号", code=True),
            _date("issued_on", "发证日期"),
            _date("expires_on", "有效期至", planned=True),
            _date("trained_on", "培训日期"),
            _bool("exam_passed", "考试合格"),
            _bool("active", "在岗", **_NEED),
        ),
        stands=True,
    ),
    Table(
        "disclosures",
        "主动公开",
        (
            _key("doc_id", "索引号"),
            _text("title", "标题", **_NEED),
            _text("category", "栏目", **_GROUPS),
            _text("channel", "公开渠道", "政府网站", "微信公众号", "公示栏", **_OPEN),
            _text("department", "公开机构", **_GROUPS),
            _date("produced_on", "形成日期"),
            _date("published_on", "公开日期", **_NEED),
            _bool("normative", "规范性文件"),
        ),
        not_before=(("published_on", "produced_on"),),
        period=("published_on",),
    ),
    Table(
        "applications",
        "依申请公开",
        (
            _key("app_no", "申请编号"),
            _text("applicant_type", "申请人类型", *APPLICANTS, **_NEED),
            _text("department", "承办机构", **_GROUPS),
            _date("received_on", "收到日期", **_NEED),
            _bool("extended", "延期答复"),
            _int("suspended_days", "不计入工作日", "天", rule=">= 0"),
            _date("replied_on", "答复日期"),
            _text(
                "outcome",
                "办理结果",
                *OUTCOMES,
                synonyms=tuple((text, code) for code, text in OUTCOMES.items()),
                note="表三的叶子行：代码（refused.1）或其中文",
                rule="a leaf row of table 3: code (refused.1) or its Chinese text",
            ),
        ),
        not_before=(("replied_on", "received_on"),),
        settled=Settled("outcome", "replied_on"),
        period=("received_on",),
    ),
    Table(
        "legal_cases",
        "复议诉讼",
        (
            _key("case_no", "案号"),
            _text(
                "kind",
                "案件类型",
                "行政复议",
                "行政诉讼（未经复议）",
                "行政诉讼（复议后）",
                **_NEED,
            ),
            _text("department", "承办机构", **_GROUPS),
            _bool("about_disclosure", "涉及信息公开", **_NEED),
            _date("accepted_on", "受理日期", **_NEED),
            _date("closed_on", "审结日期"),
            _text("outcome", "审理结果", "维持", "驳回", "纠正", "撤回终止", "其他"),
            _bool("hearing_held", "已开庭"),
            _bool("leader_attended", "负责人出庭"),
        ),
        not_before=(("closed_on", "accepted_on"),),
        settled=Settled("outcome", "closed_on"),
        period=("accepted_on",),
    ),
    Table(
        "legal_reviews",
        "合法性审查",
        (
            _key("review_no", "审查编号"),
            _text(
                "kind",
                "审查类别",
                "合同",
                "规范性文件",
                "重大行政决策",
                "重大执法决定",
                **_NEED,
            ),
            _text("title", "名称"),
            _text("department", "送审机构", **_GROUPS),
            _date("submitted_on", "送审日期", **_NEED),
            _date("reviewed_on", "审结日期"),
            _text("reviewer", "审查人", "司法所", "法律顾问", "法制审核员"),
            _text("conclusion", "审查结论", "通过", "修改后通过", "不通过"),
            _int("opinions", "意见条数", "条"),
            _int("adopted", "采纳条数", "条"),
            _number("amount_yuan", "金额（元）", **_WHOLE),
            _bool("fiscal", "涉及财政资金"),
        ),
        not_before=(("reviewed_on", "submitted_on"),),
        not_above=(("adopted", "opinions"),),
        period=("submitted_on",),
    ),
    Table(
        "documents",
        "规范性文件",
        (
            _key("doc_no", "文号"),
            _text("title", "名称", **_NEED, wall=True),
            _text("department", "承办机构", **_GROUPS),
            _date("issued_on", "印发日期", **_NEED),
            _date("filed_on", "备案日期", rule=""),
            _text("status", "效力", "现行有效", "废止", "失效", "修改", **_NEED),
            _date("status_on", "效力变更日期", rule=""),
        ),
        not_before=(("filed_on", "issued_on"), ("status_on", "issued_on")),
        period=("issued_on",),
        stands=True,
    ),
    Table(
        "decisions",
        "议题决策",
        (
            _key("topic_no", "议题编号"),
            _date("held_on", "会议日期", **_NEED),
            _text("title", "议题", wall=True),
            _text("department", "承办机构", **_GROUPS),
            _bool("major", "重大行政决策", **_NEED),
            _text("participation", "公众参与", *STEP_STATES),
            _text("expert", "专家论证", *STEP_STATES),
            _text("risk", "风险评估", *STEP_STATES),
            _text("legality", "合法性审查", *STEP_STATES),
            _text("collective", "集体讨论决定", *STEP_STATES),
            _bool("adviser_present", "法律顾问列席"),
            _text("result", "结果", "通过", "不通过", "暂缓", **_NEED),
        ),
        period=("held_on",),
    ),
    Table(
        "disputes",
        "矛盾纠纷",
        (
            _key("dispute_no", "登记编号"),
            _date("registered_on", "登记日期", **_NEED),
            _text("village", "村社区", **_GROUPS),
            _text("department", "承办机构", **_GROUPS),
            _text(
                "type",
                "纠纷类型",
                "婚姻家庭",
                "邻里",
                "土地山林",
                "劳动争议",
                "损害赔偿",
                "征地拆迁",
                **_OPEN,
            ),
            _text("source", "来源", "排查", "诉调对接", "警调对接", "访调对接", **_OPEN),
            _bool("major", "重大纠纷"),
            _date("reported_up_on", "上报日期", rule=""),
            _text("status", "办理状态", "调解成功", "调解不成", "在调", **_NEED),
            _date("closed_on", "办结日期"),
            _int("people", "涉及人数", "人"),
            _number("amount_yuan", "涉及金额（元）", **_WHOLE),
        ),
        not_before=(
            ("closed_on", "registered_on"),
            ("reported_up_on", "registered_on"),
        ),
        settled=Settled("status", "closed_on", ("调解成功", "调解不成")),
        period=("registered_on",),
    ),
    Table(
        "learning",
        "学法培训",
        (
            _key("event_no", "活动编号"),
            _date("held_on", "日期", **_NEED),
            _text(
                "kind",
                "类别",
                "中心组学习",
                "专题学习",
                "执法证培训",
                "业务培训",
                "述法",
                "专题会议",
                **_NEED,
                **_OPEN,
            ),
            _text("topic", "主题"),
            _int("attendees", "参加人数", "人"),
            _int("exam_takers", "参考人数", "人"),
            _int("exam_passed_count", "合格人数", "人"),
        ),
        not_above=(("exam_passed_count", "exam_takers"),),
        period=("held_on",),
    ),
    Table(
        "publicity",
        "普法宣传",
        (
            _key("event_no", "活动编号"),
            _date("held_on", "日期", **_NEED),
            _text(
                "venue",
                "场所",
                "乡村",
                "学校",
                "企业",
                "机关",
                "社区",
                "网络",
                **_NEED,
                **_OPEN,
            ),
            _text("theme", "主题"),
            _int("reach", "受众人次", "人次"),
            _int("materials", "发放资料份数", "份"),
        ),
        period=("held_on",),
    ),
    Table(
        "services",
        "服务企业群众",
        (
            _key("event_no", "活动编号"),
            _date("held_on", "日期", **_NEED),
            _text("kind", "类别", "走访企业", "政企联席会议", "法律咨询", **_NEED, **_OPEN),
            _text("enterprise_id", "企业序号", code=True, note="不写名称", rule="no names"),
            _text("scale", "企业类型", "规上企业", "其他"),
            _int("count", "人次或件数", "人次或件"),
        ),
        period=("held_on",),
    ),
    Table(
        "hotline",
        "群众诉求",
        (
            _key("order_no", "工单编号"),
            _date("received_on", "受理日期", **_NEED),
            _text("type", "诉求类型", "咨询", "投诉", "求助", "建议", **_OPEN),
            _text("village", "村社区", **_GROUPS),
            _text("department", "承办机构", **_GROUPS),
            _date("due_on", "办理期限", planned=True, note="应当办结的最后一天"),
            _date("closed_on", "办结日期"),
            _bool("satisfied", "满意"),
        ),
        not_before=(("closed_on", "received_on"),),
        period=("received_on",),
    ),
    Table(
        "reported",
        "公布数",
        (
            _year("年度"),
            _text("indicator", "指标", **_NEED, **_KPI),
            _text("dimension", "维度"),
            Column("value", "数值", "number", required=True),
            _text("qualifier", "约数", "余", "以上", "近", "约"),
            _text("unit", "单位"),
            _text("raw", "原文写法"),
            _text("source", "来源", **_NEED),
            _text("locator", "位置"),
        ),
        ledger=False,
        unique=("year", "indicator", "dimension"),
        logged=("value", "qualifier", "unit"),
    ),
    Table(
        "goals",
        "目标举措",
        (
            _key("goal_id", "举措编号"),
            _year("目标年度", rule="the year the goal is for"),
            _text("direction", "方向", **_NEED),
            _text("measure", "举措", **_NEED),
            _text("owner", "责任单位", **_GROUPS),
            _date("start", "开始日期"),
            _date("due", "完成期限"),
            _text("indicator", "指标", **_KPI),
            _number("target", "目标值"),
            _text("target_basis", "目标依据", "报告", "本镇设定"),
            _number("weight", "权重", note="不填按 1 计", rule="none = 1"),
            _text("shortcoming_ids", "对应不足", several=True, note="、分隔"),
            _text("link_basis", "对应依据", "报告", "看板对应", shown=(("看板对应", "系统关联"),)),
        ),
        ledger=False,
        not_before=(("due", "start"),),
        logged=("target",),
    ),
    Table(
        "goal_updates",
        "进展",
        (
            _text("goal_id", "举措编号", **_NEED, refers_to="goals", rule=""),
            _date("date", "日期", **_NEED),
            _text("status", "状态", "未启动", "进行中", "已完成", "已取消", **_NEED),
            _number("progress", "进度（%）", maximum=100, percent=True),
            _text("note", "说明"),
            _text("evidence", "佐证"),
        ),
        ledger=False,
        period=("date",),
    ),
    Table(
        "shortcomings",
        "不足",
        (
            _key("shortcoming_id", "不足编号"),
            _year("报告年度"),
            _text("text", "不足", **_NEED),
            _text("cause", "原因"),
            _text("locator", "位置"),
        ),
        ledger=False,
    ),
    Table(
        "practices",
        "制度机制",
        (
            _year("年度"),
            _text("screen", "屏幕", **_NEED, page=True, note="页面路径", rule="the path"),
            _text("mechanism", "制度机制", **_NEED),
            _text("area", "领域", **_GROUPS),
            _text("indicator", "指标", **_KPI),
            _text("source", "来源"),
            _text("locator", "位置"),
        ),
        ledger=False,
    ),
    Table(
        "corrections",
        "更正记录",
        (
            _date("date", "日期", **_NEED),
            _text("table", "表", **_NEED),
            _text("key", "主键", **_NEED, rule="reported: year/indicator/dimension"),
            _text("column", "列", **_NEED),
            _text("old", "原值"),
            _text("new", "新值"),
            _text("reason", "原因", **_NEED),
            _text("by", "经办", **_NEED),
        ),
        ledger=False,
    ),
    Table(
        "assignments",
        "交办事项",
        (
            _key("assignment_id", "交办编号"),
            _date("made_on", "交办日期", **_NEED),
            _text("meeting", "会议", **_ANONYMOUS),
            _text(
                "about",
                "事由",
                **_ANONYMOUS,
                note="交办时所看的数字或页",
                rule="the figure or slide it was made on, as shown",
            ),
            _text("link", "链接", note="路径和参数", rule="its address, path and query alone"),
            _text("task", "事项", **_NEED, **_ANONYMOUS, wall=True),
            _text("owner", "责任单位", **_NEED, **_GROUPS),
            _date("due", "期限", planned=True),
            _text("status", "状态", "未启动", "进行中", "已完成", "已取消", **_NEED),
            _date("done_on", "完成日期"),
            _text("result", "结果", **_ANONYMOUS),
        ),
        by_hand=True,
        not_before=(("due", "made_on"), ("done_on", "made_on")),
        settled=Settled("status", "done_on", ("已完成",)),
        period=("made_on",),
    ),
)

ALIASES: dict[tuple[str, str], tuple[str, ...]] = {
    ("enforcement_actions", "action_no"): ("案件编号", "执法案件编号"),
    ("enforcement_actions", "item_code"): ("职权编码", "权力编码", "事项代码"),
    ("enforcement_actions", "action_type"): ("执法行为类型", "执法类型", "执法行为"),
    ("enforcement_actions", "department"): ("承办部门", "承办科室"),
    ("enforcement_actions", "opened_on"): ("立案日期", "启动日期"),
    ("enforcement_actions", "decided_on"): ("处罚决定日期", "作出决定日期"),
    ("enforcement_actions", "closed_on"): ("办结日期",),
    ("enforcement_actions", "officers"): ("执法人员数", "执法人员人数"),
    ("enforcement_actions", "recording"): ("执法全过程记录", "全过程记录方式"),
    ("enforcement_actions", "legal_review"): ("法制审核情况",),
    ("enforcement_actions", "joint_departments"): ("联合执法部门",),
    ("enforcement_actions", "penalty_class"): ("处罚类别", "处罚类型"),
    ("enforcement_actions", "fine_yuan"): ("处罚金额（元）", "罚没款金额（元）", "罚没总额（元）"),
    ("officers", "certificate_no"): ("执法证件号", "执法证编号", "行政执法证号"),
    ("officers", "expires_on"): ("到期日期", "有效期截止日期"),
    ("officers", "active"): ("是否在岗",),
    ("disclosures", "doc_id"): ("公开编号",),
    ("disclosures", "title"): ("信息标题", "信息名称"),
    ("disclosures", "department"): ("公开部门", "发布机构"),
    ("disclosures", "published_on"): ("发布日期",),
    ("applications", "department"): ("承办部门", "承办科室"),
    ("legal_cases", "case_no"): ("案件编号",),
    ("legal_cases", "department"): ("承办部门", "承办科室"),
    ("legal_cases", "outcome"): ("裁判结果", "案件结果"),
    ("legal_cases", "leader_attended"): ("负责人出庭应诉",),
    ("legal_reviews", "kind"): ("审查类型",),
    ("legal_reviews", "department"): ("送审部门", "送审单位"),
    ("legal_reviews", "conclusion"): ("审查意见结论",),
    ("legal_reviews", "amount_yuan"): ("涉及金额（元）", "合同金额（元）", "标的金额（元）"),
    ("documents", "doc_no"): ("发文字号",),
    ("documents", "title"): ("标题", "文件名称", "文件标题"),
    ("documents", "department"): ("承办部门", "承办科室", "起草单位"),
    ("documents", "issued_on"): ("发文日期", "印发时间"),
    ("documents", "status"): ("效力状态",),
    ("decisions", "held_on"): ("开会日期",),
    ("decisions", "title"): ("议题名称",),
    ("decisions", "department"): ("承办部门", "承办科室"),
    ("disputes", "dispute_no"): ("纠纷编号",),
    ("disputes", "village"): ("村（社区）", "村/社区", "所属村社区"),
    ("disputes", "department"): ("承办部门", "承办科室"),
    ("disputes", "status"): ("调解状态", "调解结果"),
    ("disputes", "people"): ("涉及人员数",),
    ("disputes", "amount_yuan"): ("涉案金额（元）", "纠纷涉及金额（元）"),
    ("learning", "held_on"): ("活动日期", "学习日期", "培训日期"),
    ("learning", "attendees"): ("参加人员数", "参训人数"),
    ("publicity", "held_on"): ("活动日期", "宣传日期"),
    ("publicity", "reach"): ("受教育人次",),
    ("publicity", "materials"): ("发放资料（份）", "发放宣传资料份数"),
    ("services", "held_on"): ("活动日期", "服务日期"),
    ("hotline", "order_no"): ("工单号", "工单流水号"),
    ("hotline", "type"): ("工单类型", "诉求类别"),
    ("hotline", "village"): ("村（社区）", "村/社区", "所属村社区"),
    ("hotline", "department"): ("承办部门", "承办科室"),
    ("hotline", "due_on"): ("办结期限", "要求办结日期", "办理截止日期"),
    ("reported", "indicator"): ("指标代码",),
    ("reported", "raw"): ("原文",),
    ("goals", "owner"): ("责任部门", "牵头单位"),
    ("goals", "due"): ("完成时限",),
    ("goal_updates", "progress"): ("进度", "完成进度"),
}
"""Headers under which offices send a column, for import. Only what can mean nothing else; rules
that hold for every column (日期 / 时间, 是否…, another unit in brackets) stand in intake/recognise.py.
An amount is named with the unit that its column has."""


@dataclass(frozen=True)
class Summand:
    """A part of a column's figure that offices send as a column of its own: which of the things
    that the figure sums up it has, and what it is called. Parts that share none are added."""

    of: tuple[str, ...]
    headers: tuple[str, ...]


SUMMANDS: dict[tuple[str, str], tuple[Summand, ...]] = {
    ("enforcement_actions", "fine_yuan"): (
        Summand(("罚款",), ("罚款金额（元）", "罚款数额（元）", "罚款（元）")),
        Summand(
            ("违法所得", "非法财物"),
            (
                "没收违法所得、没收非法财物的金额（元）",
                "没收违法所得、没收非法财物金额（元）",
                "没收违法所得、非法财物金额（元）",
                "没收违法所得和非法财物金额（元）",
                "没收金额（元）",
            ),
        ),
        Summand(
            ("违法所得",),
            ("没收违法所得金额（元）", "没收违法所得的金额（元）", "没收违法所得（元）"),
        ),
        Summand(
            ("非法财物",),
            ("没收非法财物金额（元）", "没收非法财物的金额（元）", "没收非法财物（元）"),
        ),
    ),
}

BY_NAME = {t.name: t for t in TABLES}
LEDGERS = tuple(t for t in TABLES if t.ledger)


def called(file: str) -> str:
    """What a data file holds, in a word: on a wall no file has a name."""
    stem = PurePath(file).stem
    return BY_NAME[stem].label if stem in BY_NAME else "数据文件"


def table(name: str) -> Table:
    """The table of that name, else an error that names the allowed ones."""
    try:
        return BY_NAME[name]
    except KeyError:
        raise UnknownName(f"没有表 {name}；可用：{'、'.join(BY_NAME)}") from None
