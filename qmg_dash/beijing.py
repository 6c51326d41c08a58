"""Beijing's time, whatever the zone of the machine: the one clock of the dashboard.

An office's day is Beijing's: "today", the day of a link or of a version, the day in whose year an
instant counts. Nothing else asks the machine for its day (tests/test_beijing.py).
"""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """This moment."""
    return datetime.now(ZONE)


def today() -> date:
    """The day that it is."""
    return now().date()


def at(seconds: float) -> datetime:
    """A moment that is told in seconds since 1970, as files and logs have it."""
    return datetime.fromtimestamp(seconds, ZONE)


def local(time: datetime) -> datetime:
    """An instant on Beijing's clocks; a time without a zone is one of theirs already."""
    return time.astimezone(ZONE) if time.tzinfo else time


def stamp(time: datetime | None = None) -> str:
    """A moment as it is stored, with its offset; this one where none is given."""
    return (time or now()).isoformat(timespec="seconds")


def told(stored: str) -> str:
    """A stored moment, as a machine in any zone wrote it, on Beijing's clocks; what is no time stays
    as it is."""
    with suppress(ValueError):
        return stamp(local(datetime.fromisoformat(stored)))
    return stored


def shown(stored: str) -> str:
    """The same for people: 2023-01-05 08:30."""
    return told(stored)[:16].replace("T", " ")
