"""Sums, shares and differences of figures; the one rule of 0 / 0."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from qmg_dash.model import ABOUT, EXACT, Figure, Number, mixed


def plain(value: Any) -> Any:
    """A DuckDB decimal as the int or float that it is; None stays None."""
    if value is None or isinstance(value, int | str | date):
        return value
    number = float(value)
    return int(number) if number.is_integer() else number


def percent(part: float | None, whole: float | None) -> float | None:
    """A rate in percent. THE 0/0 rule: a base of 0 or none is no data, never 0 and never 100."""
    if part is None or not whole:
        return None
    return part / whole * 100


def sum_of(like: Figure, parts: Iterable[Figure]) -> Figure:
    """The sum of figures of one kind, approximate as its parts are; no data where any is none."""
    parts = list(parts)
    if not parts or any(p.value is None for p in parts):
        return like
    return replace(
        like,
        value=sum(p.value for p in parts if p.value is not None),
        qualifier=mixed(p.qualifier for p in parts),
        unit=parts[0].unit,
        basis=parts[0].basis,
        ended=any(p.ended for p in parts),
        sources=tuple(dict.fromkeys(s for p in parts for s in p.sources)),
    )


def share(part: Figure, whole: Figure) -> Number | None:
    """A part of a whole in percent; approximate (约) where either is. None of a published part in
    what a ledger has counted."""
    if part.basis == "reported" and whole.basis == "ledger":
        return None
    value = percent(part.value, whole.value)
    if value is None:
        return None
    exact = part.qualifier == EXACT and whole.qualifier == EXACT
    return Number(value, EXACT if exact else ABOUT)


def comparable(now: Figure, before: Figure) -> bool:
    """Whether the difference of two figures says something: not where one of them counts but the
    cases that ended in a year for which no ledger speaks."""
    return now.unit == before.unit and not (now.ended or before.ended)


def change(now: Figure, before: Figure) -> Number | None:
    """The difference to another figure of the same unit, None where either is no data or they are
    not comparable."""
    if not comparable(now, before) or now.value is None or before.value is None:
        return None
    exact = now.qualifier == EXACT and before.qualifier == EXACT
    return Number(plain(round(now.value - before.value, 10)), EXACT if exact else ABOUT)
