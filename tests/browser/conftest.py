"""One browser and one server a process of the tests, shared; each test gets a page of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

ROOT = Path(__file__).parents[2]
MEASURE = (Path(__file__).parent / "measure.js").read_text(encoding="utf-8")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
START_SECONDS = 90
WAIT_MS = 60_000
QUIET_MS = 600
"""How long nothing may change before a screen counts as standing."""


# ---- servers ----------------------------------------------------------------------------------------
def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def commands(port: int) -> dict[str, list[str]]:
    """The two ways to start the dashboard."""
    plain = "--server.address 127.0.0.1 --server.headless true --server.port".split()
    return {
        "server.py": [sys.executable, "server.py", "--port", str(port)],
        "streamlit run": [sys.executable, "-m", "streamlit", "run", "app.py", *plain, str(port)],
    }


@contextmanager
def started(folder: Path, how: str = "server.py") -> Iterator[str]:
    """The address of a dashboard over a data folder, in a process of its own."""
    port = free_port()
    environment = os.environ | {"QMG_DATA_DIR": str(folder)}
    process = subprocess.Popen(
        commands(port)[how],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(f"http://127.0.0.1:{port}", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)


def wait_for(url: str, process: subprocess.Popen) -> None:
    """Until the server answers; it must not have ended before."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        assert process.poll() is None, f"the server ended with {process.returncode}"
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=5):
                return
        except OSError:
            time.sleep(0.05)
    raise AssertionError(f"{url} does not answer")


@pytest.fixture(scope="session")
def serve() -> Iterator[Callable[[Path], str]]:
    """Start a server for a data folder, once; it runs until the tests end."""
    running: dict[Path, str] = {}
    with ExitStack() as stack:

        def address(folder: Path) -> str:
            if folder not in running:
                running[folder] = stack.enter_context(started(folder))
            return running[folder]

        yield address


@pytest.fixture(scope="session")
def site(serve: Callable[[Path], str]) -> str:
    """The address of the town's own dashboard."""
    return serve(ROOT / "data")


# ---- browser ----------------------------------------------------------------------------------------
@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        path = os.environ.get("CHROMIUM", "/usr/bin/chromium")
        shared = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield shared
        shared.close()


@dataclass
class Tab:
    """A page of the browser, and what went wrong on it."""

    page: Page
    site: str
    outside: list[str] = field(default_factory=list)
    console: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(WAIT_MS)
        self.page.on("request", lambda r: self._sent(r.url))
        self.page.on("console", lambda m: self._said(m.type, m.text))
        self.page.on("pageerror", lambda e: self.console.append(str(e)))
        # Streamlit asks for its own health below a page's path first, and is told 404.
        self.page.on("response", lambda r: self._answered(r.status, r.url))

    def _sent(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in ("http", "https", "ws", "wss"):
            if parts.netloc != urlsplit(self.site).netloc:
                self.outside.append(url)

    def _said(self, kind: str, text: str) -> None:
        if kind == "error" and "Failed to load resource" not in text:
            self.console.append(text)

    def _answered(self, status: int, url: str) -> None:
        if status >= 400 and "_stcore/" not in url:
            self.console.append(f"{status} {url}")

    def open(self, path: str = "/", **query: object) -> Page:
        """Open a screen and wait until it stands."""
        asked = urlencode({k: v for k, v in query.items() if v not in ("", None)}, doseq=True)
        return self.goto(f"{self.site}{path}{f'?{asked}' if asked else ''}")

    def goto(self, url: str) -> Page:
        self.page.goto(url, wait_until="commit")
        return self.still()

    def still(self) -> Page:
        """Wait until the screen stands; an exception on it fails."""
        self.page.wait_for_function("q => window.__seen?.still(q)", arg=QUIET_MS, polling=50)
        assert not self.page.query_selector("[data-testid=stException]"), self.page.url
        return self.page

    @property
    def url(self) -> str:
        """Where the page is now; Playwright's own `url` lags behind pushState."""
        return self.page.evaluate("location.href")

    @property
    def title(self) -> str:
        return self.page.inner_text("h1.title")

    @property
    def query(self) -> dict[str, str]:
        return self.page.evaluate("Object.fromEntries(new URLSearchParams(location.search))")

    def becomes(self, condition: str, arg: object = None) -> None:
        """Wait until a JavaScript condition holds, then until the screen stands."""
        self.page.wait_for_function(condition, arg=arg, polling=50)
        self.still()


@pytest.fixture(scope="session")
def contexts(browser: Browser) -> Iterator[Callable[[int, int], BrowserContext]]:
    """A browser profile for each size of screen, shared: its cache is warm."""
    kept: dict[tuple[int, int], BrowserContext] = {}

    def of(width: int, height: int) -> BrowserContext:
        if (width, height) not in kept:
            kept[width, height] = profile(browser, width, height)
        return kept[width, height]

    yield of
    for context in kept.values():
        context.close()


def profile(browser: Browser, width: int = 1920, height: int = 1080) -> BrowserContext:
    """A new visitor's browser, with the measuring script in every page."""
    context = browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN")
    context.add_init_script(MEASURE)
    return context


@pytest.fixture
def tab(
    contexts: Callable[[int, int], BrowserContext], site: str
) -> Iterator[Callable[..., Tab]]:
    """A page of this size, on the town's own dashboard or another."""
    with ExitStack() as stack:

        def new(width: int = 1920, height: int = 1080, at: str = site) -> Tab:
            page = stack.enter_context(contexts(width, height).new_page())
            return Tab(page, at)

        yield new


@pytest.fixture
def stranger(browser: Browser, site: str) -> Iterator[Callable[..., Tab]]:
    """A page in a browser that was never here: no cache, no session, no permission."""
    with ExitStack() as stack:

        def new(at: str = site, script: str = "", permissions: tuple[str, ...] = ()) -> Tab:
            context = stack.enter_context(profile(browser))
            if permissions:
                context.grant_permissions(list(permissions), origin=at)
            if script:
                context.add_init_script(script)
            return Tab(context.new_page(), at)

        yield new
