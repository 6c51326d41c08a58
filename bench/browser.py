"""What a visitor with a browser waits for: a cold load, a warm load, a changed filter."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from targets import Choice, Target

DRAWN = (Path(__file__).parent / "drawn.js").read_text(encoding="utf-8")
QUIET_MS = 600  # nothing has been drawn for so long: the screen stands
LIMIT_MS = 60_000
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
)


@dataclass
class Seen:
    """A visit: milliseconds to the last thing drawn, bytes and requests of the cold load."""

    cold: float = 0.0
    warm: float = 0.0
    bytes: int = 0
    requests: int = 0
    changes: list[float] = field(default_factory=list)


@contextmanager
def chromium() -> Iterator[Browser]:
    """The system's Chromium (CHROMIUM names another)."""
    path = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield browser
        browser.close()


def visit(browser: Browser, target: Target, port: int) -> Seen:
    """Load a page cold, then warm, then change its widget there and back."""
    seen = Seen()
    context = browser.new_context(locale="zh-CN", viewport={"width": 1920, "height": 1080})
    context.add_init_script(DRAWN)
    try:
        first = counted(context, seen)
        seen.cold = load(first, target.url(port))
        first.close()
        second = context.new_page()
        seen.warm = load(second, target.url(port))
        if target.choice:
            changes = (change(second, target.choice, n) for n in (1, 0))
            seen.changes = [ms for ms in changes if ms is not None]
    finally:
        context.close()
    return seen


def counted(context: BrowserContext, seen: Seen) -> Page:
    """A page whose traffic is added up in ``seen``: bodies and headers as sent, messages."""
    page = context.new_page()
    protocol = context.new_cdp_session(page)
    protocol.send("Network.enable")

    def finished(event: dict) -> None:
        seen.bytes += int(event["encodedDataLength"])
        seen.requests += 1

    def message(event: dict) -> None:
        seen.bytes += len(event["response"]["payloadData"]) * 3 // 4  # it is given in base64

    protocol.on("Network.loadingFinished", finished)
    protocol.on("Network.webSocketFrameReceived", message)
    return page


def load(page: Page, url: str) -> float:
    """Milliseconds from the start of the navigation to the last thing drawn."""
    page.goto(url, wait_until="commit", timeout=LIMIT_MS)
    return rest(page)["drawn"]


def change(page: Page, choice: Choice, n: int) -> float | None:
    """Milliseconds from the click that sets the widget's n-th value to the last thing drawn.

    None where the screen stays as it is.
    """
    if choice.kind == "filter":
        press(page, choice)
    elif choice.kind == "button_group":
        page.locator(f".st-key-{choice.key} button").get_by_text(str(choice.values[n])).click()
    else:
        page.locator(f".st-key-{choice.key} input").click()
        page.get_by_role("option", name=str(choice.values[n]), exact=True).click()
    times = rest(page)
    took = times["drawn"] - times["acted"]
    return took if took > 0 else None


def press(page: Page, choice: Choice) -> None:
    """Press a filter's value in its list, which chooses it or gives it up."""
    value = page.locator(f'.list [data-pick="{choice.key}|{choice.values[1]}"]')
    if not value.is_visible():
        page.locator(".field", has=value).locator("summary").click()
    value.click()


def rest(page: Page) -> dict[str, float]:
    """When the page was last drawn and acted upon, once it stands."""
    page.wait_for_function("quiet => window.bench?.atRest(quiet)", arg=QUIET_MS, timeout=LIMIT_MS)
    return page.evaluate("({drawn: window.bench.drawn, acted: window.bench.acted})")
