"""Speed against two floors, measured in one run and served alike: prints Markdown, asserts nothing.

    python bench/run.py [--rounds 3] [--changes 15] [--people 1,10,50,100] [--pages /,/power_list]
                        [--query data=demo] [--widget year=2022,2023] [--mbit 10] [--only server]
                        [--rows 10000,1000000,10000000] [--filter /enforcement:f_department]
                        [--against CHECKOUT]

Three server.py run at once: the dashboard, a blank page, a page with one Plotly chart. Every round
visits every page, so that whatever else the machine does falls on all of them.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import statistics
import sys
from collections import defaultdict
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

import against
import browser
import keys
import people
import unseen
from serve import Server, end_on_sigterm, serving
from slow import SlowLine
from targets import BLANK, FLOORS, ONE_CHART, Target, floors, pages

PRESSES = 60
UNSEEN = 40  # different filters of each size
PARTS = ("browser", "server", "people", "unseen", "keys")


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=3, help="visits of each page by Chromium")
    parser.add_argument("--changes", type=int, default=15, help="changes of each page's widget")
    parser.add_argument("--people", default="1,10,50,100", help="visitors at once")
    parser.add_argument("--seconds", type=float, default=20, help="how long they stay")
    parser.add_argument("--pages", default="", help="paths; all of the menu by default")
    parser.add_argument("--query", default="data=demo", help="the link's query: the demo has rows")
    parser.add_argument("--widget", action="append", default=[], metavar="KEY=A,B")
    parser.add_argument("--mbit", type=float, default=10, help="the slow line")
    parser.add_argument("--rows", default="10000,1000000,10000000", help="enforcement actions")
    parser.add_argument("--filter", default="/enforcement:department", help="page:filter")
    parser.add_argument("--against", type=Path, help="another checkout, measured beside this one")
    parser.add_argument("--only", choices=PARTS, action="append", help="a part; all by default")
    return parser.parse_args()


def wished(options: Iterable[str]) -> dict[str, tuple[str, str]]:
    """``KEY=A,B`` as {KEY: (A, B)}."""
    found = {}
    for option in options:
        key, values = option.split("=", 1)
        first, second = values.split(",", 1)
        found[key] = (first, second)
    return found


def main() -> None:
    """Start the servers, measure, print."""
    end_on_sigterm()
    chosen = arguments()
    parts = chosen.only or PARTS
    with ExitStack() as stack:
        dashboard = stack.enter_context(serving())
        blank = stack.enter_context(serving(FLOORS / "blank.py"))
        one_chart = stack.enter_context(serving(FLOORS / "one_chart.py"))
        names = [name for name in chosen.pages.split(",") if name]
        screens = asyncio.run(pages(dashboard, names, chosen.query, wished(chosen.widget)))
        targets = [*asyncio.run(floors(blank, one_chart)), *screens]
        machine = f"{os.cpu_count()} processors, {platform.system()}"
        print(f"{machine}, Python {platform.python_version()}")
        print(f"query: {chosen.query}\n")
        if "browser" in parts:
            report_browser(targets, chosen.rounds, chosen.mbit)
        if "server" in parts:
            report_server(targets, chosen.changes)
        if "people" in parts:
            groups = {"dashboard": screens, ONE_CHART: targets[1:2]}
            report_people(groups, [int(n) for n in chosen.people.split(",")], chosen.seconds)
        if "keys" in parts:
            report_keys(screens[0])
        if "unseen" in parts:
            page, key = chosen.filter.split(":")
            report_unseen(targets[0], [int(n) for n in chosen.rows.split(",")], page, key)
    if chosen.against:
        against.report(chosen.against, chosen.rounds)


# --- the three reports --------------------------------------------------------------------------


def report_browser(targets: list[Target], rounds: int, mbit: float) -> None:
    """Cold and warm loads and changed filters, on loopback and on the slow line."""
    with ExitStack() as stack, browser.chromium() as chromium:
        servers = {target.server for target in targets}
        ports = {s: {"loopback": s.port, f"{mbit:g} Mbit/s": slow(stack, s, mbit)} for s in servers}
        lines = ["loopback", f"{mbit:g} Mbit/s"]
        for target in targets:  # not counted: files are compressed, caches filled
            browser.visit(chromium, target, target.server.port)
        seen = defaultdict(list)
        for n in range(rounds):
            print(f"round {n + 1} of {rounds}", file=sys.stderr, flush=True)
            for target in targets:
                for line in lines:
                    visit = browser.visit(chromium, target, ports[target.server][line])
                    seen[line, target.name].append(visit)
    for line in lines:
        print(f"### In Chromium, {line}: ms to the last thing drawn, medians of {rounds}\n")
        print_browser(targets, {target.name: seen[line, target.name] for target in targets})


def slow(stack: ExitStack, server: Server, mbit: float) -> int:
    """The port of a slow line to a server."""
    return stack.enter_context(SlowLine(server.port, mbit)).port


def print_browser(targets: list[Target], seen: dict[str, list[browser.Seen]]) -> None:
    """One line of a table a target."""
    cold = {name: median(v.cold for v in visits) for name, visits in seen.items()}
    changes = {n: median(ms for v in visits for ms in v.changes) for n, visits in seen.items()}
    rows = []
    for target in targets:
        name, visits = target.name, seen[target.name]
        rows.append(
            (
                name,
                figure(cold[name]),
                ratio(cold[name], cold[ONE_CHART]),
                figure(median(v.warm for v in visits)),
                figure(median(v.bytes for v in visits) / 1e6, 2),
                figure(median(v.requests for v in visits)),
                figure(changes[name]),
                ratio(changes[name], changes[ONE_CHART]),
            )
        )
    head = ("page", "cold", "× one chart", "warm", "MB cold", "requests", "change", "× one chart")
    print_table(head, rows)


def report_server(targets: list[Target], changes: int) -> None:
    """The server's time for a repeated change of the widget."""
    served = asyncio.run(people.one_by_one(targets, changes))
    floor = median(served[BLANK].seconds)
    rows = []
    for target in targets:
        took = median(served[target.name].seconds)
        cpu = statistics.fmean(served[target.name].cpu)
        key = target.choice.key if target.choice else "(rerun)"
        rows.append(
            (target.name, key, figure(took * 1e3, 1), ratio(took, floor), figure(cpu * 1e3, 1))
        )
    print(f"### The server: ms of a repeated change, medians of {changes}\n")
    print_table(("page", "widget", "to the end of the run", "× blank page", "processor"), rows)


def report_people(groups: dict[str, list[Target]], counts: list[int], seconds: float) -> None:
    """Many at once, spread over all pages of the dashboard, and the same on a floor."""
    rows = []
    for count in counts:
        for name, targets in groups.items():
            crowd = asyncio.run(people.crowd(targets, count, seconds))
            times = [crowd.percentile(50), crowd.percentile(95), max(crowd.seconds)]
            shown = (figure(t * 1e3) for t in times)
            rows.append((name, str(count), str(len(crowd.seconds)), *shown, str(len(crowd.errors))))
            for error in sorted(set(crowd.errors))[:5]:
                print(f"error with {count} people: {error}")
    print(f"### People who each change a filter every {people.PAUSE:g} s, for {seconds:g} s: ms\n")
    print_table(("", "people", "changes", "p50", "p95", "max", "errors"), rows)


def report_unseen(blank: Target, rows: list[int], page: str, key: str) -> None:
    """The server's time for a filter that nobody has set before, by the number of rows."""
    found = [
        unseen.row(count, (floor, first, again), filters)
        for count, floor, first, again, filters in unseen.by_size(blank, rows, page, key, UNSEEN)
    ]
    print(f"### The server: a filter of {page} ({key}) never seen before, and again; medians\n")
    print_table(unseen.HEAD, found)


def report_keys(target: Target) -> None:
    """A meeting's keys."""
    print("### A meeting in Chromium: ms from a press of PageDown to the next slide\n")
    print_table(keys.HEAD, [keys.row(keys.pressed(target, PRESSES))])


# --- figures ------------------------------------------------------------------------------------


def median(values: Iterable[float]) -> float:
    """The median; not a number where there is nothing."""
    known = list(values)
    return statistics.median(known) if known else float("nan")


def figure(value: float, digits: int = 0) -> str:
    """A number, or a dash."""
    return "—" if value != value else f"{value:,.{digits}f}"


def ratio(value: float, floor: float) -> str:
    """How many times the floor."""
    return figure(value / floor, 2)


def print_table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    """A Markdown table."""
    print("|", " | ".join(head), "|")
    print("|---" + "|---:" * (len(head) - 1) + "|")
    for row in rows:
        print("|", " | ".join(row), "|")
    print(flush=True)


if __name__ == "__main__":
    main()
