"""What lies behind a figure: its rows, why it changed, its course over the year, its splits.

    rows       the rows that a figure counts, and the proof that they add up to it
    changes    the base that a figure is compared with, and what made the difference
    lists      versions of the power list
    row_changes  which rows of a table came, changed and went between two versions
    courses    months, heatmaps, options of a filter with their counts
    cases      single cases listed at the desk, days of a penalty, months of a settlement

No Streamlit. SQL is composed here and in compute alone; values are parameters, and column names
come from TABLES and the derived columns of `rows`.
"""

from qmg_dash.analysis.cases import (
    LIMIT,
    Application,
    Certificate,
    Days,
    Decision,
    Power,
    days,
    decisions,
    dormant,
    expiring,
    open_applications,
    settled,
)
from qmg_dash.analysis.changes import (
    Comparison,
    Contribution,
    NotComparable,
    apportioned,
    comparison,
    contributions,
    same_part,
    unexplained,
    whole,
)
from qmg_dash.analysis.courses import Cross, Point, cross, options, series
from qmg_dash.analysis.lists import Version, broken_between, versions
from qmg_dash.analysis.row_changes import RowChange, RowChanges, ToldRows, row_changes
from qmg_dash.analysis.rows import Rows, columns, figure, rows

__all__ = [
    "LIMIT",
    "Application",
    "Certificate",
    "Comparison",
    "Contribution",
    "Cross",
    "Days",
    "Decision",
    "NotComparable",
    "Point",
    "Power",
    "RowChange",
    "RowChanges",
    "Rows",
    "ToldRows",
    "Version",
    "apportioned",
    "broken_between",
    "columns",
    "comparison",
    "contributions",
    "cross",
    "days",
    "decisions",
    "dormant",
    "expiring",
    "figure",
    "open_applications",
    "options",
    "row_changes",
    "rows",
    "same_part",
    "series",
    "settled",
    "unexplained",
    "versions",
    "whole",
]
