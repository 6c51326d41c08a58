"""What a filter costs that nobody has set before, by the size of the ledgers, and once more after."""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from people import IDLE
from serve import ROOT, Server, serving
from st_client import Session, StreamlitError
from targets import BLANK, Target

PARQUET_FROM = 200_000
"""From how many rows on the ledgers are Parquet, as a town would keep them."""


@dataclass
class Costs:
    """Seconds and processor seconds of a page's reruns."""

    seconds: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def add(self, seconds: float, cpu: float) -> None:
        self.seconds.append(seconds)
        self.cpu.append(cpu)


@contextmanager
def ledgers(rows: int) -> Iterator[Path]:
    """A demo folder with so many enforcement actions."""
    with TemporaryDirectory() as place:
        out = Path(place) / "data"
        form = "parquet" if rows >= PARQUET_FROM else "csv"
        command = [sys.executable, "-m", "qmg_dash", "demo", "--out", str(out)]
        command += ["--rows", str(rows), "--format", form]
        subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
        yield out


def presses(found: list[str], most: int) -> list[str]:
    """Values of a filter to press one after the other, so that each press leaves a choice that was
    not there before: Gray's code."""
    count = min(most, 2 ** len(found) - 1)
    return [found[(n & -n).bit_length() - 1] for n in range(1, count + 1)]


async def measured(session: Session, server: Server, key: str, value: str) -> tuple:
    """(seconds, processor seconds) of one change."""
    before = server.cpu_seconds()
    run = await (session.press("pick", key, value) if key else session.rerun())
    await asyncio.sleep(IDLE)
    if not run.ok:
        raise StreamlitError(f"{key}: {run.exceptions}")
    return run.seconds, server.cpu_seconds() - before


async def compare(
    page: Target, blank: Target, key: str, most: int
) -> tuple[Costs, Costs, Costs, int]:
    """(blank page, never seen, seen, how many filters): the blank page's reruns between them."""
    session, floor = await page.visit(), await blank.visit()
    costs = Costs(), Costs(), Costs()
    values = presses(session.filters()[key], most)
    for at, value in [*((1, v) for v in values), *((2, v) for v in values[::-1])]:
        costs[0].add(*await measured(floor, blank.server, "", ""))
        costs[at].add(*await measured(session, page.server, key, value))
    await asyncio.gather(session.close(), floor.close())
    return *costs, len(values)


def by_size(
    blank: Target, rows: list[int], page: str, key: str, most: int
) -> Iterator[tuple[int, Costs, Costs, Costs, int]]:
    """For each size: (rows, blank page, never seen, seen, how many filters)."""
    for count in rows:
        with ExitStack() as stack:
            folder = stack.enter_context(ledgers(count))
            server = stack.enter_context(serving(data=folder))
            target = Target(page, server, page.strip("/"), "", None)
            yield count, *asyncio.run(compare(target, blank, key, most))


def row(count: int, costs: tuple[Costs, Costs, Costs], filters: int) -> tuple[str, ...]:
    """A line of the report: medians in ms and as multiples of the blank page's rerun."""
    floor, first, again = costs

    def said(cost: Costs) -> list[str]:
        wall, cpu = (statistics.median(v) * 1e3 for v in (cost.seconds, cost.cpu))
        base = statistics.median(floor.cpu) * 1e3
        return [f"{wall:.1f}", f"{cpu:.1f}", f"{cpu / base:.2f}" if base else "—"]

    return (f"{count:,}", str(filters), *said(floor)[:2], *said(first), *said(again))


HEAD = (
    "rows",
    "filters",
    f"{BLANK}: ms",
    "processor",
    "never seen: ms",
    "processor",
    f"× {BLANK}",
    "seen: ms",
    "processor",
    f"× {BLANK}",
)
