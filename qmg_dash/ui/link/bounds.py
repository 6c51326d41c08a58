"""The one way to read the numbers and days of a link. How far a key's own number may reach is in the
table of the keys; here is what is written within a value.

A link is written by anybody. `int` takes “²”, “٣”, “1_0” and “ 3 ” for numbers, and fails on 4,301 digits;
`date.fromisoformat` takes 9999-12-31, behind which no day can be counted.
"""

from __future__ import annotations

import re
from datetime import date

from qmg_dash.folder.cells import EARLIEST, LATEST

YEARS = range(EARLIEST.year, LATEST.year + 1)
FORMS = range(1, 1000)
NUMBER = re.compile(r"[1-9][0-9]{0,3}")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def number(written: str | None, within: range) -> int | None:
    """A number of a link, in digits; None for any other text and for one out of bounds."""
    if written is None or not NUMBER.fullmatch(written):
        return None
    return found if (found := int(written)) in within else None


def day(written: str | None) -> date | None:
    """A day of a link, as 2026-10-01; None for any other text and for one out of bounds."""
    if written is None or not DAY.fullmatch(written):
        return None
    try:
        found = date.fromisoformat(written)
    except ValueError:
        return None
    return found if EARLIEST <= found <= LATEST else None
