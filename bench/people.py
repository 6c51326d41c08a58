"""What the server does for visitors without a browser: one change at a time, many at once."""

from __future__ import annotations

import asyncio
import random
import statistics
import time
from dataclasses import dataclass, field

from st_client import Run, Session, StreamlitError
from targets import Target

PAUSE = 2.0  # seconds between two changes of one visitor
WARM_UP = 2  # changes before the clock runs: each value once
IDLE = 0.08  # a rerun's garbage collection comes after its end; it belongs to that rerun


@dataclass
class Served:
    """One visitor's changes: seconds to the end of the run, and processor seconds of the server."""

    seconds: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)


@dataclass
class Crowd:
    """Many visitors at once."""

    people: int
    seconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def percentile(self, percent: int) -> float:
        """The time within which so many percent of the changes were answered."""
        return statistics.quantiles(self.seconds, n=100, method="inclusive")[percent - 1]


async def change(session: Session, target: Target, n: int) -> Run:
    """Set the target's widget to one of its two values; a plain rerun where it has none."""
    if target.choice is None:
        return await session.rerun()
    if target.choice.kind == "filter":
        return await session.press("pick", target.choice.key, str(target.choice.values[1]))
    return await session.set_widget(target.choice.key, target.choice.values[n % 2])


async def one_by_one(targets: list[Target], changes: int) -> dict[str, Served]:
    """Each target's changes, the targets taking turns."""
    served = {target.name: Served() for target in targets}
    sessions = [await target.visit() for target in targets]
    for n in range(1, WARM_UP + changes + 1):
        for target, session in zip(targets, sessions, strict=True):
            before = target.server.cpu_seconds()
            run = await change(session, target, n)
            await asyncio.sleep(IDLE)
            if not run.ok:
                raise StreamlitError(f"{target.name}: {run.exceptions}")
            if n > WARM_UP:
                served[target.name].seconds.append(run.seconds)
                served[target.name].cpu.append(target.server.cpu_seconds() - before)
    await asyncio.gather(*(session.close() for session in sessions))
    return served


async def crowd(targets: list[Target], people: int, seconds: float) -> Crowd:
    """So many visitors, spread over the targets, who change their filter every two seconds."""
    result = Crowd(people)
    visitors = [targets[i % len(targets)] for i in range(people)]
    sessions = []
    for target in visitors:
        sessions.append(await target.visit())
    ends = time.monotonic() + seconds
    visits = zip(visitors, sessions, strict=True)
    await asyncio.gather(*(wander(target, s, ends, result) for target, s in visits))
    await asyncio.gather(*(session.close() for session in sessions))
    return result


async def wander(target: Target, session: Session, ends: float, result: Crowd) -> None:
    """One visitor until the time is up; the first change comes at a time of their own."""
    await asyncio.sleep(random.uniform(0, PAUSE))
    n = 1
    while time.monotonic() < ends:
        began = time.monotonic()
        try:
            run = await change(session, target, n)
            result.seconds.append(run.seconds)
            result.errors += [f"{target.name}: {text}" for text in run.exceptions]
            if not run.ok:
                await session.rerun()  # the visitor loads the page again
        except (StreamlitError, KeyError) as error:
            result.errors.append(f"{target.name}: {error}")
            return
        n += 1
        await asyncio.sleep(max(0.0, began + PAUSE - time.monotonic()))
