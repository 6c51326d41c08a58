"""This checkout beside another one, in one run: a cold load and a changed filter of 执法活动, what they send, and the
processor time of the browser for a meeting with all its slides.

    python bench/against.py CHECKOUT [--rounds 4]

The other one runs with this Python. Prints Markdown, asserts nothing.
"""

from __future__ import annotations

import argparse
import statistics
from collections import defaultdict
from contextlib import ExitStack
from pathlib import Path

from browser import DRAWN, LIMIT_MS, chromium
from playwright.sync_api import Browser, Page
from serve import ROOT, Server, serving

SCREEN = "/enforcement?data=demo&year=2023"
MEETING = "/?data=demo&year=2023&present=true"
AREAS = ("城市管理", "应急处置", "交通运输", "生态环境")
QUIET_MS = 800
CHARTS = 8
STANDS = """([quiet, charts]) => window.bench?.drawn > 0 && document.querySelectorAll(".js-plotly-plot .main-svg").length >= charts
  && performance.now() - Math.max(window.bench.drawn, window.bench.acted) > quiet"""
SIGHT = """window.sight = 0;
new MutationObserver(changes => {
  for (const change of changes) {
    const at = change.target.nodeType === 1 ? change.target : change.target.parentElement, chart = at?.closest?.(".js-plotly-plot");
    if (!chart || at.closest(".hoverlayer")) continue;
    const box = chart.getBoundingClientRect();
    if (box.top < innerHeight && box.bottom > 0) { window.sight = performance.now(); return; }
  }
}).observe(document, { subtree: true, childList: true, attributes: true });"""
"""When a chart in sight was last drawn."""


def main() -> None:
    """Read the command line."""
    asked = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    asked.add_argument("checkout", type=Path)
    asked.add_argument("--rounds", type=int, default=4)
    chosen = asked.parse_args()
    report(chosen.checkout, chosen.rounds)


def report(checkout: Path, rounds: int) -> None:
    """Measure this checkout and another one in turns and print the table."""
    found: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    with ExitStack() as stack:
        servers = {
            name: stack.enter_context(serving(root=root))
            for name, root in (("this", ROOT), ("other", checkout.resolve()))
        }
        for n in range(rounds + 1):  # the first one warms up
            for name, server in servers.items():
                with chromium() as browser:
                    seen = visit(browser, server) | meeting(browser, server)
                for what, values in seen.items() if n else ():
                    found[what][name] += values
    print("| 执法活动 | this | other | × |\n|---|---:|---:|---:|")
    for what, values in found.items():
        this, other = (statistics.median(values[name]) for name in servers)
        print(f"| {what} | {this:,.0f} | {other:,.0f} | {this / other:.2f} |")


def visit(browser: Browser, server: Server) -> dict[str, list[float]]:
    """A cold load, then each area chosen once."""
    page = opened(browser)
    messages: list[int] = []
    page.on(
        "websocket", lambda socket: socket.on("framereceived", lambda f: messages.append(len(f)))
    )
    page.goto(f"http://127.0.0.1:{server.port}{SCREEN}", wait_until="commit")
    cold, sight, changes, sent, size = rest(page), [], [], [], []
    for area in AREAS:
        option = page.locator(f'.list [data-pick="area|{area}"]')
        if not option.is_visible():
            page.locator(".field", has=option).locator("summary").click()
        option.wait_for()
        page.wait_for_timeout(300)
        messages.clear()
        option.click()
        drawn, acted = rest(page), page.evaluate("window.bench.acted")
        changes.append(drawn - acted)
        sight.append(page.evaluate("window.sight") - acted)
        sent.append(len(messages))
        size.append(sum(messages) / 1000)
    page.context.close()
    return {
        "cold load, ms": [cold],
        "a changed filter until what is in sight stands, ms": sight,
        "a changed filter until all stands, ms": changes,
        "its messages": sent,
        "its kB": size,
    }


def meeting(browser: Browser, server: Server) -> dict[str, list[float]]:
    """Processor time of all of the browser until every slide is drawn."""
    before, page = used(browser), opened(browser)
    page.goto(f"http://127.0.0.1:{server.port}{MEETING}", wait_until="commit")
    page.wait_for_function("() => window.__meeting?.data.whole", timeout=LIMIT_MS)
    rest(page, 0)
    took = used(browser) - before
    page.context.close()
    return {"a meeting opened, ms of the browser's processor": [took]}


def opened(browser: Browser) -> Page:
    context = browser.new_context(locale="zh-CN", viewport={"width": 1920, "height": 1080})
    context.add_init_script(DRAWN + SIGHT)
    page = context.new_page()
    page.set_default_timeout(LIMIT_MS)
    return page


def rest(page: Page, charts: int = CHARTS) -> float:
    """When the page was last drawn, once it stands with its charts."""
    page.wait_for_function(STANDS, arg=[QUIET_MS, charts], polling=50)
    return page.evaluate("window.bench.drawn")


def used(browser: Browser) -> float:
    """Milliseconds of the processor that the browser's processes have used."""
    session = browser.new_browser_cdp_session()
    found = session.send("SystemInfo.getProcessInfo")["processInfo"]
    session.detach()
    return sum(process["cpuTime"] for process in found) * 1000


if __name__ == "__main__":
    main()
