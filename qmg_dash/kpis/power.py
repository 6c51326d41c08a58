"""权力清单: what the town may do."""

from functools import partial

from qmg_dash.kpis.base import Dimension, Formula, Kpi
from qmg_dash.tables import POWER_CATEGORIES

LAW = "国务院《关于推行地方各级政府工作部门权力清单制度的指导意见》"

power = partial(Kpi, tables=("power_items",), screen="/power_list", basis=LAW)

CATEGORY = Dimension("category", "权力类型", POWER_CATEGORIES)
DEPARTMENT = Dimension("department", "承办机构")
IN_USE = ("status",)
"""Nothing to split by: what is in force is in use."""
SPLITS = (
    CATEGORY,
    DEPARTMENT,
    Dimension("initiation", "启动方式", ("依申请", "依职权")),
    Dimension("level", "行使层级", ("镇", "村")),
)

KPIS = (
    power(
        code="power.total",
        label="权力事项总数",
        short="事项总数",
        unit="项",
        definition="年末有效的清单版本（批准日期不晚于年末的最新一版）中状态为在用的事项数",
        rule="rows in force at the year's end: newest list_version not after that day, status 在用",
        formula=Formula("count", "power_in_force", listed=True),
        unsplit=IN_USE,
    ),
    power(
        code="power.items",
        label="各类权力事项",
        short="事项数",
        unit="项",
        definition="权力事项总数按权力类型、承办机构、启动方式或行使层级拆分；未列入的类型不是 0",
        rule="power.total split; dimensions category*, department, initiation, level",
        formula=Formula("count", "power_in_force", listed=True),
        dimensions=SPLITS,
        unsplit=IN_USE,
        whole=True,
        total="power.total",
    ),
    power(
        code="power.coded_rate",
        label="编码化率",
        short="编码率",
        unit="%",
        definition="年末在用事项中有事项编码的 / 年末在用事项",
        rule="in force with item_code / in force",
        better="higher",
        must=100,
        lacking="无编码",
        formula=Formula("rate", "power_in_force", hit="item_code IS NOT NULL"),
        dimensions=(CATEGORY, DEPARTMENT),
        unsplit=IN_USE,
    ),
    power(
        code="power.catalogued_rate",
        label="目录化率",
        short="目录率",
        unit="%",
        definition="年末在用事项中已列入公开目录的 / 该栏已填的在用事项",
        rule="in force with published = 是 / in force with a known cell",
        better="higher",
        must=100,
        lacking="未列入公开目录",
        formula=Formula("rate", "power_in_force", known="published IS NOT NULL", hit="published"),
        dimensions=(CATEGORY, DEPARTMENT),
        unsplit=IN_USE,
    ),
    power(
        code="power.exercised_rate",
        label="职权履行率",
        short="履行率",
        unit="%",
        definition="年末在用且有编码的事项中，当年有执法行为的 / 有编码的在用事项",
        rule="items in force whose item_code has an action in the year / items in force with item_code",
        better="higher",
        tables=("power_items", "enforcement_actions"),
        formula=Formula("rate", "power_exercised", known="item_code IS NOT NULL", hit="exercised"),
        dimensions=(CATEGORY, DEPARTMENT),
        unsplit=IN_USE,
        of=("有编码", "项", "已行使"),
    ),
    power(
        code="power.changes",
        label="清单调整",
        short="调整数",
        unit="项",
        definition="调整日期在当年的事项行数，按调整类型拆分",
        rule="rows with changed_on in the year; dimension change*",
        formula=Formula("count", "power_items", date="changed_on"),
        dimensions=(
            Dimension("change", "调整类型", ("新增", "调整", "取消", "承接", "收回"), True),
        ),
    ),
)
