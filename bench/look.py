"""See every screen as its audience will, and say what they would complain of.

    python bench/look.py [--towns demo,report,one,hundred] [--only desk,phone] [--pages /,/power_list]
                         [--out shots] [--slides] [--query theme=dark] [--no-axe]
                         [--url http://127.0.0.1:8501]

It starts server.py over each town (towns.py: the demo, the shipped folder and two odd ones), or looks
at the one behind --url. On a desk, a laptop and a phone it opens every page of the menu; on four
projectors it walks every slide of the meeting, the appendix too. It prints a row each, and saves a
picture of every page under --out, of every slide with --slides. --pages are paths of the menu, and
the slides of these. The last line is `N faults`; the exit status is 1 where there are any. Faults:

  error       an exception on the page, or it never came to rest
  wide        the page scrolls sideways
  cut         visible text cut off by its box or its chart's edge, tables aside
  overlap     two pieces of visible text lie on one another
  spill       a panel, or another container, holds more than it shows
  empty       a panel of which less than 70 % is filled, phones aside: what that means stands in fill.js
  outside     a request that left this machine: an office network may have no internet
  console     an error in the browser's console, or a request that failed
  axe         a serious or critical accessibility violation (WCAG 2.1 A/AA)
  lang        the page does not call itself Chinese

in a meeting also

  tall        the slide does not fit on one screen
  small       visible text under 1/54 of the screen's height (20 px on 1080)
  sizes       key numbers of two sizes on a slide
  under mark  a mark that the demo's mark lies over, or shows through
  twins       a slide with the title of another one
  numberless  a title without a number
  verdicts    a figure that has another verdict on another slide

the last three once a town: they are the same on every screen. A row a fault kind sums up at the end.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from browser import chromium
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response
from playwright.sync_api import TimeoutError as Late
from serve import end_on_sigterm, serving
from slides import Told, slide_faults
from towns import TOWNS, folder

HERE = Path(__file__).parent
MEASURE, FILL, SLIDE = (
    (HERE / f"{name}.js").read_text(encoding="utf-8") for name in ("look", "fill", "slide")
)
PANELS = (
    ".panel, [class*=st-key-p_], "
    ".slide.seen :is(.fill, .place):not(.panel, .panel *, :has(.panel, .place))"
)
"""Of a meeting's slide also what stands there without one."""
FILLED = 0.7
QUIET = 0.7  # seconds without a change: the page is at rest
LIMIT = 20.0
SLIDE_MS = 5_000
WHOLE = "() => window.__meeting?.data.whole"
TURN = "at => { if (window.__meeting.i !== at) window.__meeting.go(at); }"
TURNED = """at => {
  const seen = document.querySelector(".slide.seen");
  return seen && +seen.dataset.at === at
    && [...seen.querySelectorAll(".drawn")].every(box => box.querySelector(".main-svg"));
}"""
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


DESK = 640
"""What is narrower is a phone, whose panels are as high as what they hold."""
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

    def told(self) -> Iterator[str]:
        """What it came to since it was last asked, as faults."""
        for name in ("outside", "console"):
            if found := getattr(self, name):
                yield f"{name}({listed(found)})"
                found.clear()


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
    """Every fault of what is shown, as words."""
    seen = page.evaluate(MEASURE)
    if seen["errors"] or not rested:
        yield f"error({seen['errors']}{'' if rested else ', never at rest'})"
    if seen["wide"] > 2:
        yield f"wide(+{seen['wide']}px)"
    if setting.present:
        yield from meeting_faults(seen, setting)
    if cut := [text["words"] for text in seen["texts"] if text["cut"]]:
        yield f"cut({listed(cut)})"
    if seen["overlaps"]:
        yield f"overlap({listed(seen['overlaps'])})"
    if seen["spill"]:
        yield f"spill({listed(seen['spill'])})"
    if setting.width >= DESK:
        yield from empty_panels(page)
    yield from traffic.told()
    if not seen["lang"].startswith("zh"):
        yield f"lang({seen['lang']})"


def empty_panels(page: Page) -> Iterator[str]:
    """The panels that are less filled than they should be."""
    for panel in page.evaluate(FILL, PANELS):
        if panel["share"] < FILLED:
            yield f"empty({int(panel['share'] * 100)}%: {panel['name']})"


def meeting_faults(seen: dict, setting: Setting) -> Iterator[str]:
    """What is a fault only on a wall."""
    if seen["tall"] > 2:
        yield f"tall(+{seen['tall']}px)"
    if small := [text for text in seen["texts"] if text["px"] < setting.height / 54]:
        least = min(small, key=lambda text: text["px"])
        yield f"small({least['px']}px: {least['words']})"


def axe_faults(page: Page, within: str | None = None) -> Iterator[str]:
    """Serious accessibility violations, with how many elements and which the first is."""
    found = Axe().run(page, within).response["violations"]
    serious = [v for v in found if v["impact"] in ("serious", "critical")]
    if serious:
        each = (f"{v['id']}×{len(v['nodes'])}: {v['nodes'][0]['target'][0]}" for v in serious)
        yield f"axe({', '.join(each)})"


def listed(found: list[str]) -> str:
    """How many, and the first of them."""
    return f"{len(found)}: {found[0]}"


@dataclass
class Looker:
    """Looks at a town's screens, prints a row each and counts the faults by kind."""

    browser: Browser
    town: str
    url: str
    options: argparse.Namespace
    kinds: Counter[str]
    told: Told = field(default_factory=Told)

    def row(self, what: str, setting: Setting, took: float, found: list[str]) -> None:
        """Print what was found on a screen."""
        self.kinds.update(fault.partition("(")[0] for fault in found)
        said = "; ".join(found) or "ok"
        print(f"{self.town:<8}{what:<28}{setting.name:<16}{took:5.1f} s  {said}", flush=True)

    def picture(self, page: Page, name: str, setting: Setting) -> None:
        """Save what is shown."""
        page.screenshot(path=self.options.out / f"{self.town}-{setting.name}-{name}.png")

    def open(self, setting: Setting, path: str) -> tuple[Page, Traffic]:
        """A page in a browser of its own, on its way."""
        size = {"width": setting.width, "height": setting.height}
        page = self.browser.new_context(viewport=size, locale="zh-CN").new_page()
        traffic = Traffic(urlsplit(self.url).netloc)
        traffic.watch(page)
        query = "&".join(filter(None, (self.options.query, "present=true" * setting.present)))
        page.goto(f"{self.url}{path}{'?' * bool(query)}{query}")
        return page, traffic

    def desk(self, setting: Setting, path: str) -> None:
        """Look at one page."""
        began = time.monotonic()
        page, traffic = self.open(setting, path)
        rested = at_rest(page)
        took = time.monotonic() - began - QUIET
        found = list(faults(page, setting, rested, traffic))
        if setting.axe and not self.options.no_axe:
            found += axe_faults(page)
        self.picture(page, path.strip("/") or "home", setting)
        page.context.close()
        self.row(path, setting, took, found)

    def meeting(self, setting: Setting, paths: list[str]) -> None:
        """Look at every slide of the meeting, or at those of some screens."""
        page, traffic = self.open(setting, "/")
        try:
            page.wait_for_function(WHOLE, timeout=LIMIT * 1000)
        except Late:
            self.row("/", setting, LIMIT, ["error(no meeting)"])
            return
        at_rest(page)
        slides = page.evaluate("window.__meeting.slides.map(({name, key}) => [name, key])")
        for at, (screen, key) in enumerate(slides):
            if not paths or f"/{screen}" in paths:
                self.slide(page, traffic, setting, at, ":".join(key.split()[-2:]))
        self.told.done = not paths
        page.context.close()

    def slide(self, page: Page, traffic: Traffic, setting: Setting, at: int, name: str) -> None:
        """Turn to a slide and look at it."""
        began = time.monotonic()
        page.evaluate(TURN, at)
        try:
            page.wait_for_function(TURNED, arg=at, timeout=SLIDE_MS)
            rested = True
        except Late:
            rested = False
        took = time.monotonic() - began
        seen = page.evaluate(SLIDE)
        found = [
            *faults(page, setting, rested, traffic),
            *slide_faults(seen),
            *self.told.faults(name, seen),
        ]
        if setting.axe and not self.options.no_axe:
            found += axe_faults(page, ".slide.seen")
        if self.options.slides:
            self.picture(page, f"{at + 1:02}-{name.replace(':', '-')}", setting)
        self.row(name, setting, took, found)


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


def split(text: str) -> list[str]:
    """The parts of a list given on the command line."""
    return list(filter(None, text.split(",")))


def arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--url", help="a server that runs, in the place of the towns")
    parser.add_argument("--towns", default=",".join(TOWNS), help="of towns.py; all by default")
    parser.add_argument("--out", type=Path, default=Path("shots"))
    parser.add_argument("--pages", default="", help="paths; all of the menu by default")
    parser.add_argument("--query", default="")
    parser.add_argument("--only", default="", help="settings by name")
    parser.add_argument("--slides", action="store_true", help="a picture of every slide as well")
    parser.add_argument("--no-axe", action="store_true")
    options = parser.parse_args()
    if unknown := set(split(options.towns)) - set(TOWNS):
        parser.error(f"no such town: {', '.join(unknown)}")
    if unknown := set(split(options.only)) - {s.name for s in SETTINGS}:
        parser.error(f"no such setting: {', '.join(unknown)}")
    return options


def main() -> int:
    """Look at everything; 1 where there are faults."""
    options = arguments()
    end_on_sigterm()
    options.out.mkdir(parents=True, exist_ok=True)
    only, kinds = split(options.only), Counter[str]()
    settings = [s for s in SETTINGS if not only or s.name in only]
    with ExitStack() as stack:
        browser = stack.enter_context(chromium())
        made = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        for town in ["url"] if options.url else split(options.towns):
            with ExitStack() as own:
                url = options.url or served(own, folder(town, made))
                asked = split(options.pages)
                looker = Looker(browser, town, url, options, kinds)
                for setting in settings:
                    if setting.present:
                        looker.meeting(setting, asked)
                        continue
                    for path in asked or menu(browser, url):
                        looker.desk(setting, path)
    for kind, count in kinds.most_common():
        print(f"{count:5}  {kind}")
    print(f"{kinds.total()} faults")
    return 1 if kinds else 0


def served(stack: ExitStack, data: Path) -> str:
    """The address of a server over a data folder."""
    return f"http://127.0.0.1:{stack.enter_context(serving(data=data)).port}"


if __name__ == "__main__":
    sys.exit(main())
