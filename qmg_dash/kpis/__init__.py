"""KPIS: a row a KPI, by subject. THE place to add one.

What a row declares as its dimensions is what the contract names; every other enumerated or
department column of its ledger is a legal split as well, and is added here (base.with_splits).
`kpi(code)` looks one up; codes of the 2019 form's own table 2 (`disclosure.t2_2019.*`) are kept
as published under whatever name they carry.
"""

from __future__ import annotations

from functools import cache

from qmg_dash.kpis import (
    assignments,
    decisions,
    disclosure,
    disputes,
    enforcement,
    goals,
    learning,
    power,
    services,
)
from qmg_dash.kpis.base import Dimension, Formula, Kpi, with_splits
from qmg_dash.model import UnknownName

KPIS: tuple[Kpi, ...] = tuple(
    with_splits(row)
    for rows in (
        power.KPIS,
        enforcement.KPIS,
        learning.KPIS,
        disclosure.KPIS,
        disputes.KPIS,
        decisions.KPIS,
        services.KPIS,
        assignments.KPIS,
        goals.KPIS,
    )
    for row in rows
)
BY_CODE = {k.code: k for k in KPIS}

__all__ = ["BY_CODE", "KPIS", "Dimension", "Formula", "Kpi", "is_known", "kpi"]


@cache
def kpi(code: str) -> Kpi:
    """The KPI of that code, else an error that says how to see the allowed ones."""
    if code in BY_CODE:
        return BY_CODE[code]
    if code.startswith(disclosure.T2_2019) and len(code) > len(disclosure.T2_2019):
        return disclosure.t2_2019(code)
    raise UnknownName(f"没有指标 {code}；全部指标见 python -m qmg_dash kpi")


def is_known(code: str) -> bool:
    """Whether a code names a KPI."""
    try:
        kpi(code)
    except UnknownName:
        return False
    return True
