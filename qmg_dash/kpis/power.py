"""权力清单: what the town may do."""

from qmg_dash.kpis.base import Dimension, Kpi, Measure
from qmg_dash.tables import POWER_CATEGORIES

SCREEN = "/power_list"
TABLES = ("power_items",)
LAW = "国务院《关于推行地方各级政府工作部门权力清单制度的指导意见》"

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
    Kpi(
        "power.total",
        "权力事项总数",
        "事项总数",
        "项",
        "年末有效的清单版本（批准日期不晚于年末的最新一版）中状态为在用的事项数",
        SCREEN,
        tables=TABLES,
        measure=Measure("count", "power_in_force", listed=True),
        basis=LAW,
        unsplit=IN_USE,
    ),
    Kpi(
        "power.items",
        "各类权力事项",
        "事项数",
        "项",
        "权力事项总数按权力类型、承办机构、启动方式或行使层级拆分；未列入的类型不是 0",
        SCREEN,
        tables=TABLES,
        measure=Measure("count", "power_in_force", listed=True),
        dimensions=SPLITS,
        basis=LAW,
        unsplit=IN_USE,
        whole=True,
        total="power.total",
    ),
    Kpi(
        "power.coded_rate",
        "编码化率",
        "编码率",
        "%",
        "年末在用事项中有事项编码的 / 年末在用事项",
        SCREEN,
        better="higher",
        must=100,
        tables=TABLES,
        measure=Measure("rate", "power_in_force", hit="item_code IS NOT NULL"),
        dimensions=(CATEGORY, DEPARTMENT),
        basis=LAW,
        unsplit=IN_USE,
    ),
    Kpi(
        "power.catalogued_rate",
        "目录化率",
        "目录率",
        "%",
        "年末在用事项中已列入公开目录的 / 该栏已填的在用事项",
        SCREEN,
        better="higher",
        must=100,
        tables=TABLES,
        measure=Measure("rate", "power_in_force", known="published IS NOT NULL", hit="published"),
        dimensions=(CATEGORY, DEPARTMENT),
        basis=LAW,
        unsplit=IN_USE,
    ),
    Kpi(
        "power.exercised_rate",
        "职权履行率",
        "履行率",
        "%",
        "年末在用且有编码的事项中，当年有执法行为的 / 有编码的在用事项",
        SCREEN,
        better="higher",
        tables=("power_items", "enforcement_actions"),
        measure=Measure("rate", "power_exercised", known="item_code IS NOT NULL", hit="exercised"),
        dimensions=(CATEGORY, DEPARTMENT),
        basis=LAW,
        unsplit=IN_USE,
        of=("有编码", "项", "已行使"),
    ),
    Kpi(
        "power.changes",
        "清单调整",
        "调整数",
        "项",
        "调整日期在当年的事项行数，按调整类型拆分",
        SCREEN,
        tables=TABLES,
        measure=Measure("count", "power_items", date="changed_on"),
        dimensions=(
            Dimension("change", "调整类型", ("新增", "调整", "取消", "承接", "收回"), True),
        ),
        basis=LAW,
    ),
)
