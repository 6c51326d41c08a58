"""A long meeting over data that change: what the server's memory comes to.

    python bench/meeting.py [--minutes 30] [--every 5] [--rows 60000]

A ledger of 60,000 rows is written anew every five seconds, one row longer each time, while a
meeting turns its slides, desks open screens, one looks at what has changed, and some stand open and
do nothing. Every minute the server's memory and threads are printed (the median of its looks: a
state that is being made stands beside two for a moment); at the end the last minute's is held
against that of minute 5. Linux: memory is read from /proc.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import os
import statistics
import sys
import tempfile
import time
from dataclasses import astuple, dataclass
from pathlib import Path

from serve import Server, end_on_sigterm, serving
from st_client import Session, StreamlitError

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from qmg_dash import demo

LEDGER = "ledgers/enforcement_actions.csv"
SCREENS = ("", "enforcement", "disputes", "disclosure", "goals", "trust", "since", "decisions")
SLIDES = 20
IDLE = 6
"""Desks that stand open and do nothing; the oldest leaves when the next one comes."""
MOST = 1.1
"""How much more memory in the last minute than in that one is too much."""
WARM = 5
"""The minute after which everything has been seen, and Streamlit keeps as many sessions that have left
as it ever will."""


@dataclass(frozen=True)
class Used:
    """What a process holds: resident memory in MB, threads."""

    memory: int
    threads: int

    @classmethod
    def by(cls, server: Server) -> Used:
        pages = Path(f"/proc/{server.pid}/statm").read_text().split()[1]
        size = int(pages) * os.sysconf("SC_PAGE_SIZE")
        return cls(size >> 20, len(list(Path(f"/proc/{server.pid}/task").iterdir())))

    def or_more(self, other: Used) -> Used:
        return Used(max(self.memory, other.memory), max(self.threads, other.threads))

    def __str__(self) -> str:
        return f"{self.memory} MB, {self.threads} threads"


class Town:
    """A folder whose largest ledger grows by a row at a time."""

    def __init__(self, folder: Path, rows: int) -> None:
        demo.write_demo(folder, rows=rows)
        self.file = folder / LEDGER
        self.lines = self.file.read_bytes().splitlines(keepends=True)
        self.shown = len(self.lines) // 2
        self.change()

    def change(self) -> None:
        self.shown += 1
        beside = self.file.with_suffix(".new")
        beside.write_bytes(b"".join(self.lines[: self.shown]))
        beside.replace(self.file)


async def visit(server: Server, page: str, query: str) -> Session:
    """A screen, opened and drawn."""
    session = await Session(f"http://127.0.0.1:{server.port}", page, query).open()
    await drawn(session)
    return session


async def drawn(session: Session) -> None:
    """One more run. Raises StreamlitError where it ends in an error."""
    run = await session.rerun()
    if not run.ok:
        raise StreamlitError(f"/{session.page}: {run.exceptions}")


async def presenting(server: Server, ends: float) -> None:
    """A meeting that turns a slide every two seconds."""
    session = await visit(server, "", "present=true&year=2023")
    for slide in itertools.cycle(range(1, SLIDES)):
        if time.monotonic() > ends:
            return await session.close()
        session.query = f"present=true&year=2023&slide={slide}"
        await drawn(session)
        await asyncio.sleep(2)


async def looking(server: Server, ends: float) -> None:
    """Desks that open one screen after another; each stands open for a while."""
    idle: list[Session] = []
    for page in itertools.cycle(SCREENS):
        if time.monotonic() > ends:
            break
        idle.append(await visit(server, page, "year=2023"))
        if len(idle) > IDLE:
            await idle.pop(0).close()
        await asyncio.sleep(3)
    await asyncio.gather(*(session.close() for session in idle))


async def seen(server: Server, town: Town) -> Used:
    """The most that is held while everything is looked at once after each of two changes."""
    most = Used.by(server)
    for _ in range(2):
        town.change()
        meeting = await visit(server, "", "present=true&year=2023")
        desks = [await visit(server, page, "year=2023") for page in SCREENS]
        for slide in range(1, SLIDES):
            meeting.query = f"present=true&year=2023&slide={slide}"
            await drawn(meeting)
            most = most.or_more(Used.by(server))
        await asyncio.gather(*(session.close() for session in (meeting, *desks)))
    return most


async def changing(server: Server, town: Town, ends: float, every: float) -> list[Used]:
    """Change the ledger; what is held in the middle of each minute's looks."""
    found: list[Used] = []
    seen, began = [], time.monotonic()
    for n in itertools.count(1):
        town.change()
        await asyncio.sleep(every)
        seen.append(Used.by(server))
        over = time.monotonic() > ends
        if (passed := time.monotonic() - began) > 60 * (len(found) + 1) or over:
            found.append(
                Used(*(statistics.median_low(k) for k in zip(*map(astuple, seen), strict=True)))
            )
            print(f"{passed:6.0f} s  change {n}: {found[-1]}", flush=True)
            seen.clear()
        if over:
            return found


async def held(server: Server, town: Town, minutes: float, every: float) -> list[Used]:
    """What is held minute by minute of a meeting, with its desks and the changes."""
    print(f"          after the second change: {await seen(server, town)}", flush=True)
    ends = time.monotonic() + minutes * 60
    parts = [presenting(server, ends), looking(server, ends), changing(server, town, ends, every)]
    *_, found = await asyncio.gather(*parts)
    return found


def main() -> int:
    """Hold the meeting, say what it took; 1 where memory or threads have grown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--every", type=float, default=5, help="seconds between two changes")
    parser.add_argument("--rows", type=int, default=60_000)
    chosen = parser.parse_args()
    end_on_sigterm()
    with tempfile.TemporaryDirectory() as place:
        town = Town(Path(place) / "town", 2 * chosen.rows)
        with serving(data=Path(place) / "town") as server:
            found = asyncio.run(held(server, town, chosen.minutes, chosen.every))
    warm = found[min(WARM, len(found)) - 1]
    ratio = found[-1].memory / warm.memory
    print(f"minute {WARM}: {warm}; last minute {found[-1]}: {ratio:.2f} ×")
    return int(ratio > MOST)


if __name__ == "__main__":
    sys.exit(main())
