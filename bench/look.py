"""See every screen as its audience will, and say what they would complain of.

    python bench/look.py [--url http://127.0.0.1:8501] [--out shots] [--pages /,/power_list]
                         [--query data=demo] [--only desk,phone] [--no-axe]

Without --url it starts server.py itself. It opens every page of the menu on a desk, a laptop and a
phone, and in meeting mode (?present=true) on four projectors, saves a picture of each under --out
and prints a row each. The last line is `N faults`; the exit status is 1 where there are any.
Faults:

  error     an exception on the page, or it never came to rest
  wide      the page scrolls sideways
  tall      meeting mode only: the page does not fit on one screen
  small     meeting mode only: visible text under 1/54 of the screen's height (20 px on 1080)
  cut       visible text cut off by its box or its chart's edge, tables aside
  overlap   two pieces of visible text lie on one another
  spill     meeting mode only: a container holds more than it shows
  outside   a request that left this machine: an office network may have no internet
  console   an error in the browser's console, or a request that failed
  axe       a serious or critical accessibility violation (WCAG 2.1 A/AA)
  lang      the page does not call itself Chinese
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from browser import chromium
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response
from serve import end_on_sigterm, serving

MEASURE = (Path(__file__).parent / "look.js").read_text(encoding="utf-8")
QUIET = 0.7  # seconds without a change: the page is at rest
LIMIT = 20.0
STATE = """() => {
  const app = document.querySelector("[data-testid=stApp]");
  return [app && app.dataset.testScriptState, document.body.innerHTML.length,
          document.querySelectorAll("[data-testid=stSkeleton]").length,
          document.querySelectorAll(".main-svg").length];
}"""


@dataclass(frozen=True)
class Setting:
    """A screen on which the page is seen."""

    name: str
    width: int
    height: int
    present: bool = False
    axe: bool = False


SETTINGS = (
    Setting("desk", 1920, 1080, axe=True),
    Setting("laptop", 1366, 768),
    Setting("phone", 390, 844),
    Setting("projector-hd", 1920, 1080, present=True, axe=True),
    Setting("projector-wxga", 1366, 768, present=True),
    Setting("projector-720", 1280, 720, present=True),
    Setting("projector-xga", 1024, 768, present=True),
)


@dataclass
class Traffic:
    """What a page asked for and what its console said."""

    host: str
    outside: list[str] = field(default_factory=list)
    console: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        """Listen to a page from before it loads."""
        page.on("request", self.requested)
        page.on("response", self.answered)
        page.on("console", self.said)

    def requested(self, request: Request) -> None:
        """Note a request to another host."""
        url = urlsplit(request.url)
        if url.scheme.startswith(("http", "ws")) and url.netloc != self.host:
            self.outside.append(request.url[:60])

    def answered(self, response: Response) -> None:
        """Note a failure, but for Streamlit's search for its own root below a page's path."""
        if response.status >= 400 and "_stcore/" not in response.url:
            self.console.append(f"{response.status} {response.url[-60:]}")

    def said(self, message: ConsoleMessage) -> None:
        """Note an error; what failed to load is noted with its address already."""
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.console.append(message.text[:90])


def at_rest(page: Page) -> bool:
    """Wait until the app has drawn and nothing changes; False where that never comes."""
    ends, last, since = time.monotonic() + LIMIT, None, time.monotonic()
    while time.monotonic() < ends:
        now = page.evaluate(STATE)
        state, _, skeletons, _ = now
        if state != "notRunning" or skeletons or now != last:
            last, since = now, time.monotonic()
        elif time.monotonic() - since > QUIET:
            return True
        page.wait_for_timeout(100)
    return False


def faults(page: Page, setting: Setting, rested: bool, traffic: Traffic) -> Iterator[str]:
    """Every fault of a page that is shown, as words."""
    seen = page.evaluate(MEASURE)
    if seen["errors"] or not rested:
        yield f"error({seen['errors']}{'' if rested else ', never at rest'})"
    if seen["wide"] > 2:
        yield f"wide(+{seen['wide']}px)"
    if setting.present:
        yield from meeting_faults(seen, setting)
    if cut := [text["words"] for text in seen["texts"] if text["cut"]]:
        yield f"cut({listed(cut)})"
    for name, found in (("overlap", seen["overlaps"]), ("outside", traffic.outside)):
        if found:
            yield f"{name}({listed(found)})"
    if traffic.console:
        yield f"console({listed(traffic.console)})"
    if not seen["lang"].startswith("zh"):
        yield f"lang({seen['lang']})"


def meeting_faults(seen: dict, setting: Setting) -> Iterator[str]:
    """What is a fault only on a wall."""
    if seen["tall"] > 2:
        yield f"tall(+{seen['tall']}px)"
    if small := [text for text in seen["texts"] if text["px"] < setting.height / 54]:
        least = min(small, key=lambda text: text["px"])
        yield f"small({least['px']}px: {least['words']})"
    if seen["spill"]:
        yield f"spill({listed(seen['spill'])})"


def axe_faults(page: Page) -> Iterator[str]:
    """Serious accessibility violations with the number of their elements."""
    found = Axe().run(page).response["violations"]
    serious = [v for v in found if v["impact"] in ("serious", "critical")]
    if serious:
        yield "axe(" + ", ".join(f"{v['id']}×{len(v['nodes'])}" for v in serious) + ")"


def listed(found: list[str]) -> str:
    """How many, and the first of them."""
    return f"{len(found)}: {found[0]}"


def look(
    browser: Browser, url: str, path: str, setting: Setting, options: argparse.Namespace
) -> int:
    """Open one page on one screen, save its picture, print its row; the number of faults."""
    context = browser.new_context(
        viewport={"width": setting.width, "height": setting.height}, locale="zh-CN"
    )
    try:
        page = context.new_page()
        traffic = Traffic(urlsplit(url).netloc)
        traffic.watch(page)
        query = "&".join(filter(None, (options.query, "present=true" * setting.present)))
        began = time.monotonic()
        page.goto(f"{url}{path}{'?' * bool(query)}{query}")
        rested = at_rest(page)
        took = time.monotonic() - began - QUIET
        found = list(faults(page, setting, rested, traffic))
        if setting.axe and not options.no_axe:
            found += axe_faults(page)
        page.screenshot(path=options.out / f"{path.strip('/') or 'home'}-{setting.name}.png")
        print(f"{path:<14}{setting.name:<16}{took:5.1f} s  {'; '.join(found) or 'ok'}", flush=True)
        return len(found)
    finally:
        context.close()


def menu(browser: Browser, url: str) -> list[str]:
    """The pages that the sidebar links to."""
    page = browser.new_page(viewport={"width": 1920, "height": 1080})
    page.goto(url)
    at_rest(page)
    links = page.eval_on_selector_all(
        "[data-testid=stSidebarNavLink]", "links => links.map(link => link.href)"
    )
    page.close()
    return [urlsplit(link).path or "/" for link in links] or ["/"]


def main() -> int:
    """Look at everything; 1 where there are faults."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--url", help="a server that runs; its own by default")
    parser.add_argument("--out", type=Path, default=Path("shots"))
    parser.add_argument("--pages", default="", help="paths; all of the menu by default")
    parser.add_argument("--query", default="")
    parser.add_argument("--only", default="", help="settings by name")
    parser.add_argument("--no-axe", action="store_true")
    options = parser.parse_args()
    end_on_sigterm()
    options.out.mkdir(parents=True, exist_ok=True)
    only = list(filter(None, options.only.split(",")))
    with ExitStack() as stack:
        url = options.url or f"http://127.0.0.1:{stack.enter_context(serving()).port}"
        browser = stack.enter_context(chromium())
        paths = list(filter(None, options.pages.split(","))) or menu(browser, url)
        settings = [s for s in SETTINGS if not only or s.name in only]
        count = sum(look(browser, url, path, s, options) for path in paths for s in settings)
    print(f"{count} faults")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
