"""One browser and one server a process of the tests, shared; each test gets a page of its own."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import other_town
import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright
from visiting import ROOT, Tab, profile, started

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


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


@pytest.fixture(scope="session")
def long_words(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a town whose names and measures are long."""
    return other_town.build(tmp_path_factory.mktemp("long"))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        path = os.environ.get("CHROMIUM", "/usr/bin/chromium")
        shared = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield shared
        shared.close()


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


@pytest.fixture
def tab(contexts: Callable[[int, int], BrowserContext], site: str) -> Iterator[Callable[..., Tab]]:
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
