"""How long a key of a meeting takes to show the next slide, in the browser."""

from __future__ import annotations

import statistics

from browser import LIMIT_MS, chromium
from targets import Target

STAMPS = """(() => {
  window.keys = [];
  addEventListener("keydown", e => requestAnimationFrame(() => {
    // The frame with the new slide has been painted when the message after it arrives.
    const done = new MessageChannel();
    done.port1.onmessage = () => window.keys.push(performance.now() - e.timeStamp);
    done.port2.postMessage(0);
  }), true);
})()"""
PAUSE_MS = 150
WHOLE = "() => window.__meeting?.data.whole"


def pressed(target: Target, presses: int) -> list[float]:
    """Milliseconds from each press of PageDown to the frame that shows the next slide."""
    mark = "&" if target.query else "?"
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 1920, "height": 1080}, locale="zh-CN")
        page.add_init_script(STAMPS)
        page.goto(f"{target.url(target.server.port)}{mark}present=true", timeout=LIMIT_MS)
        page.wait_for_function(WHOLE, timeout=LIMIT_MS)
        page.wait_for_timeout(3_000)
        seen = []
        for _ in range(presses):
            before = page.evaluate("window.__meeting.i")
            page.keyboard.press("PageDown")
            page.wait_for_timeout(PAUSE_MS)
            assert page.evaluate("window.__meeting.i") != before
        seen = page.evaluate("window.keys")
    return seen


def row(seen: list[float]) -> tuple[str, ...]:
    """The line of the report."""
    ordered = sorted(seen)
    p95 = ordered[int(len(ordered) * 0.95)]
    return (str(len(seen)), *(f"{v:.0f}" for v in (statistics.median(seen), p95, ordered[-1])))


HEAD = ("presses", "median", "p95", "max")
