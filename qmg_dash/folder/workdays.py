"""Working days of the People's Republic of China, for every deadline that counts them.

Which days are off, and which weekends are worked to make up for them, is decided year by year in
the State Council's notices (国务院办公厅关于某年部分节假日安排的通知), under 《全国年节及纪念日放假办法》.
The package `chinesecalendar` holds those notices. A year it does not know yet (or any more) is
counted by weekdays alone, and every figure that rests on such a year is marked 推算.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import date, timedelta
from functools import cache

import pyarrow as pa
from chinese_calendar.constants import holidays, workdays

FIRST, LAST = date(2000, 1, 1), date(2035, 12, 31)
"""What `calendar()` covers; the functions below work beyond it as well."""

_KNOWN_YEARS = frozenset(d.year for d in holidays)
_ONE = timedelta(days=1)


def estimated(day: date) -> bool:
    """Whether no notice of the State Council is known for the day's year (marked 推算)."""
    return day.year not in _KNOWN_YEARS


def is_workday(day: date) -> bool:
    """Whether the day is worked: by the year's notice, else Monday to Friday."""
    return day in workdays or (day.weekday() < 5 and day not in holidays)


def add_workdays(day: date, n: int) -> date:
    """The n-th working day after `day`, which itself does not count; n = 0 gives the day.

    The day on which a term begins is not counted (《民法典》第二百零一条), so an application
    received on Monday is due on the n-th working day after that Monday.
    """
    if n < 0:
        raise ValueError(f"工作日数不能为负：{n}")
    if n == 0:
        return day
    days, counts = _running()
    if FIRST <= day <= LAST and counts[(day - FIRST).days] + n <= counts[-1]:
        target = counts[(day - FIRST).days] + n
        return days[bisect_right(counts, target - 1)]
    while n:
        day += _ONE
        n -= is_workday(day)
    return day


def workdays_between(a: date, b: date) -> int:
    """How many working days lie after `a`, up to and including `b`; negative if b is before a."""
    if b < a:
        return -workdays_between(b, a)
    if a >= FIRST and b <= LAST:
        _, counts = _running()
        return counts[(b - FIRST).days] - counts[(a - FIRST).days]
    return sum(is_workday(a + _ONE * i) for i in range(1, (b - a).days + 1))


@cache
def _running() -> tuple[list[date], list[int]]:
    """Every day from FIRST to LAST, and the working days up to and including it."""
    days = [FIRST + _ONE * i for i in range((LAST - FIRST).days + 1)]
    counts, total = [], 0
    for day in days:
        total += is_workday(day)
        counts.append(total)
    return days, counts


@cache
def calendar() -> pa.Table:
    """The table `workdays` of the store: day, n (working days from FIRST up to and including the
    day) and estimated. The n-th working day after d is the first day whose n is n(d) + n."""
    days, counts = _running()
    return pa.table(
        {
            "day": pa.array(days, pa.date32()),
            "n": pa.array(counts, pa.int32()),
            "estimated": pa.array([estimated(d) for d in days], pa.bool_()),
        }
    )
