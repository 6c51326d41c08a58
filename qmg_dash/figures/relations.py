"""The relations that KPIs count: the declared tables, and SQL views over them."""

from __future__ import annotations

import re
from functools import cache

from qmg_dash import tables
from qmg_dash.folder.rows import literal
from qmg_dash.kpis.base import UNFILLED
from qmg_dash.kpis.decisions import STEPS

WORKDAY_STARTS = """(SELECT n, min(day) AS day, arg_min(estimated, day) AS estimated
    FROM workdays GROUP BY n)"""
"""Each count of working days with the day that reaches it: a deadline is the day that lies so
many working days after another (《条例》第三十三条; 国办发〔2018〕118号)."""
ESTIMATED = "coalesce(began.estimated OR due.estimated, false) AS estimated"
"""Whether the count begins or ends in a year whose holidays are not known."""

VIEWS: dict[str, str] = {
    # 许可 and 处罚 count when decided, everything else when opened (DOMAIN.md section 2).
    "actions": """SELECT a.*, CASE WHEN action_type IN ({by_decision}) THEN decided_on
            ELSE opened_on END AS counted_on, due.day AS disclose_due, {estimated}
        FROM enforcement_actions a
        LEFT JOIN workdays began ON began.day = a.decided_on
        LEFT JOIN {workday_starts} due ON due.n = began.n
            + CASE WHEN action_type IN ({by_decision}) THEN 7 ELSE 20 END""",
    # A penalty is decided within 90 days, or by the day to which that was extended (《行政处罚法》
    # 第六十条). Whether it was, is judged on the day of the decision; without one, today.
    "judged_penalties": """SELECT *, coalesce(extended_to, opened_on + 90) AS decide_by,
            coalesce(decided_on, $clock) AS judged_on,
            CASE WHEN decided_on IS NULL THEN '未决定' ELSE '已决定' END AS decision
        FROM ({actions}) WHERE action_type = '行政处罚'""",
    # The days on which each power was used are few: they are picked out once for a snapshot (HELD).
    "exercised_days": """SELECT DISTINCT item_code, counted_on FROM ({actions})
            WHERE item_code IS NOT NULL""",
    # The newest list that was approved by the period's end, and of it what is in use.
    "power_in_force": """SELECT * FROM power_items WHERE status = '在用' AND list_version =
            (SELECT max(list_version) FROM power_items WHERE list_version <= $end)""",
    "power_exercised": """SELECT p.*, item_code IN (SELECT item_code FROM ({exercised_days})
            WHERE counted_on BETWEEN $start AND $end) AS exercised
        FROM ({power_in_force}) p""",
    "officers_at": """SELECT *, coalesce((issued_on IS NULL OR issued_on <= $at)
            AND expires_on >= $at, false) AS valid FROM officers""",
    "published": """SELECT d.*, due.day AS publish_due, {estimated} FROM disclosures d
        LEFT JOIN workdays began ON began.day = d.produced_on
        LEFT JOIN {workday_starts} due ON due.n = began.n + 20""",
    # A reply is due 20 working days after receipt, 20 more when extended, and the days spent
    # asking third parties do not count (《条例》第三十三条).
    "applications_due": """SELECT a.*, due.day AS due_on, {estimated},
            due.n - (SELECT n FROM workdays WHERE day = $clock) AS working_days_left,
            CASE WHEN replied_on <= $clock THEN '已答复' WHEN due.day < $clock THEN '逾期未答复'
                ELSE '期限内未答复' END AS reply,
            CASE WHEN extended THEN '已延期' WHEN NOT extended THEN '未延期' END AS term
        FROM applications a
        LEFT JOIN workdays began ON began.day = a.received_on
        LEFT JOIN {workday_starts} due ON due.n = began.n + 20
            + CASE WHEN extended THEN 20 ELSE 0 END + coalesce(suspended_days, 0)""",
    # An open case has no outcome yet; the form's four results stand beside the court's words.
    "cases": """SELECT * REPLACE (CASE WHEN closed_on IS NULL OR closed_on > $at
                THEN '尚未审结' ELSE coalesce(outcome, '{unfilled}') END AS outcome),
            outcome AS outcome_written,
            CASE WHEN closed_on IS NULL OR closed_on > $at THEN '尚未审结'
                WHEN outcome IN ('维持', '驳回') THEN '结果维持'
                WHEN outcome = '纠正' THEN '结果纠正'
                WHEN outcome IS NOT NULL THEN '其他结果' ELSE '{unfilled}' END AS verdict
        FROM legal_cases""",
    "decision_steps": " UNION ALL ".join(
        f"SELECT topic_no, department, held_on, major, result, '{label}' AS step, {column} AS state,"
        " _file, _row FROM decisions"
        for column, label in STEPS.items()
    ),
}


HELD = ("exercised_days",)
"""Views that speak of no period and are small: tables `held_NAME`, made when first asked for."""


@cache
def relation(name: str) -> str:
    """The SQL of a relation: a declared table or a view over them."""
    if name in HELD:
        return f"SELECT * FROM held_{name}"
    if name in VIEWS:
        return view_sql(name)
    return f"SELECT * FROM {tables.table(name).name}"


@cache
def as_it_stood(name: str) -> str:
    """The same over the ledgers as they stood on the day $clock: what they have of later ones had
    not happened, and what that settled was open."""
    read = map(tables.table, tables_read(name))
    then = [f"{t.name} AS ({_stood(t)})" for t in read if t.happened]
    return f"WITH {', '.join(then)} {relation(name)}" if then else relation(name)


def _stood(table: tables.Table) -> str:
    made = {day: f"CASE WHEN {day} <= $clock THEN {day} END" for day in table.happened}
    if settled := table.settled:
        among = table.column(settled.state).values if settled.values else ()
        still = [literal(v) for v in among if v not in settled.values]
        state = f"CASE WHEN {settled.day} > $clock THEN {next(iter(still), 'NULL')}"
        made[settled.state] = f"{state} ELSE {settled.state} END"
    changed = ", ".join(f"{sql} AS {name}" for name, sql in made.items())
    return f"SELECT * REPLACE ({changed}) FROM main.{table.name}"


def view_sql(name: str) -> str:
    nested = {v: relation(v) for v in VIEWS if f"{{{v}}}" in VIEWS[name]}
    return VIEWS[name].format(
        workday_starts=WORKDAY_STARTS,
        estimated=ESTIMATED,
        unfilled=UNFILLED,
        by_decision=", ".join(map(literal, tables.BY_DECISION)),
        **nested,
    )


@cache
def tables_read(name: str) -> tuple[str, ...]:
    """The tables that a relation reads."""
    words = set(re.findall(r"\w+", relation(name)))
    return tuple(t.name for t in tables.LEDGERS if t.name in words)
