"""A server over a data folder, a visitor's browser, and a page in it that can be waited for."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from playwright.sync_api import Browser, BrowserContext, Page

ROOT = Path(__file__).parents[2]
MEASURE = (Path(__file__).parent / "measure.js").read_text(encoding="utf-8")
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
    """The two ways to start the dashboard, and one on a machine that can make no file."""
    plain = ["--server.address", "127.0.0.1", "--server.headless", "true", "--server.port"]
    return {
        "server.py": [sys.executable, "server.py", "--port", str(port)],
        "failing": [
            *(sys.executable, "server.py", "--port", str(port)),
            *("--script", "tests/browser/failing.py"),
        ],
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


def wait_for_port(port: int, process: subprocess.Popen) -> None:
    """Until something listens; the process must not have ended before."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        assert process.poll() is None, f"it ended with {process.returncode}"
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(f"nothing listens on {port}")


# ---- the browser ------------------------------------------------------------------------------------
def profile(browser: Browser, width: int = 1920, height: int = 1080) -> BrowserContext:
    """A new visitor's browser, with the measuring script in every page."""
    context = browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN")
    context.add_init_script(MEASURE)
    return context


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
        here = parts.netloc == urlsplit(self.site).netloc
        if parts.scheme in ("http", "https", "ws", "wss") and not here:
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
        """Wait until the screen stands from now on; an exception on it fails."""
        self.page.evaluate("window.__seen?.anew()")
        self.page.wait_for_function("q => window.__seen?.still(q)", arg=QUIET_MS, polling=50)
        assert not self.page.query_selector("[data-testid=stException]"), self.page.url
        return self.page

    @property
    def url(self) -> str:
        """Where the page is now; Playwright's own `url` lags behind pushState."""
        return self.page.evaluate("location.href")

    @property
    def title(self) -> str:
        return self.says("h1.title")

    def says(self, what: str) -> str:
        """The words of the first such element that can be seen, on one line."""
        return " ".join(self.page.evaluate("w => window.__seen.says(w)", what).split())

    @property
    def query(self) -> dict[str, str]:
        return self.page.evaluate("Object.fromEntries(new URLSearchParams(location.search))")

    def becomes(self, condition: str, arg: object = None) -> None:
        """Wait until a JavaScript condition holds, then until the screen stands."""
        self.page.wait_for_function(condition, arg=arg, polling=50)
        self.still()
