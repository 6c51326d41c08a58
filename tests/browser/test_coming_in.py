"""The gate in Chromium: a deep link through the login, logging out, two providers, a killed server."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import gated
import pytest
from gated import PHRASES, Place
from playwright.sync_api import Browser, BrowserContext, Page
from serving import Server
from test_screens import foreign, violations
from visiting import ROOT, Tab, free_port, profile, wait_for_port

from qmg_dash.gate import home
from qmg_dash.gate.address import local

LINK = "/enforcement?data=demo&year=2022&area=%E7%94%9F%E6%80%81%E7%8E%AF%E5%A2%83&present=true&slide=done"
QUERY = urlsplit(LINK).query
NODE = ROOT / "tests/oidc_provider"
TITLE = "h1.title:visible"
SAYS = "w => document.body.innerText.includes(w)"
LOST, BACK = "与服务器的连接断开", "已重新连接"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A gate before the town's own dashboard."""
    return replace(gated.build(tmp_path_factory.mktemp("gate")), data=ROOT / "data")


@pytest.fixture(scope="module")
def server(place: Place) -> Iterator[Server]:
    with gated.shared(place, None) as started:
        yield started


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    with profile(browser) as fresh:
        yield fresh


@pytest.fixture
def tab(context: BrowserContext, server: Server) -> Tab:
    return Tab(context.new_page(), server.url)


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("gated_script") / "app.py"
    path.write_text(gated.SCRIPT, encoding="utf-8")
    return path


def enter(page: Page, phrase: str) -> None:
    page.get_by_label("口令").fill(phrase)
    page.get_by_role("button", name="进入").click()


def come_in(tab: Tab, link: str = "/goals?year=2022", phrase: str = PHRASES["view"]) -> Page:
    tab.page.goto(f"{tab.site}{link}")
    enter(tab.page, phrase)
    tab.page.locator(TITLE).first.wait_for()
    return tab.still()


# ---- the passphrase ----------------------------------------------------------------------------------
def test_a_deep_link_survives_the_login_with_filters_and_meeting_mode(
    tab: Tab, place: Place
) -> None:
    page, places = come_in(tab, LINK), set()
    for _ in ("after the login", "after a reload"):
        assert urlsplit(tab.url).path == "/enforcement"
        assert parse_qs(QUERY).items() <= parse_qs(urlsplit(tab.url).query).items()
        assert page.locator("[data-testid=stSidebar]").is_hidden()
        said = page.inner_text("body")
        assert "生态环境" in said and "2022 年度" in said and "演示数据" in said
        places.add(re.findall(r"\d+ / \d+", said)[-1])
        page.reload()
        page.locator(TITLE).first.wait_for()
        tab.still()
    assert len(places) == 1 and tab.outside == []
    page.wait_for_selector('.slide[data-at="20"] h1.title', state="attached")
    log = next(place.home.logs.iterdir()).read_text(encoding="utf-8")
    seen = {line.rpartition("\t")[2] for line in log.splitlines() if "查看屏幕" in line}
    assert {"/", "/enforcement", "/trust"} <= seen, "a meeting hands over all of its screens"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_login_page_is_chinese_accessible_and_asks_nobody_else(tab: Tab, scheme: str) -> None:
    page = tab.page
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.goto(f"{tab.site}/goals")
    enter(page, "wrong phrase")
    assert page.get_by_role("alert").inner_text() == "口令不对。请检查大小写和输入法。"
    assert page.evaluate("document.activeElement.id") == "passphrase"
    assert page.evaluate("document.documentElement.lang") == "zh-CN"
    assert violations(page) == [] and foreign(page) == []
    assert tab.outside == []
    said = [c for c in tab.console if not c.startswith("401")]
    assert said == []
    page.set_viewport_size({"width": 360, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_a_logout_in_one_tab_closes_the_others_and_their_links_lead_back(
    context: BrowserContext, tab: Tab, place: Place, server: Server
) -> None:
    page = come_in(tab, phrase=PHRASES["edit"])
    other = Tab(context.new_page(), server.url)
    other.goto(f"{server.url}/disputes?year=2022")
    assert "编辑 · 退出登录" in page.locator(".leave").inner_text()
    page.get_by_role("link", name="退出登录").click()
    page.get_by_role("button", name="退出登录").click()
    page.get_by_text("已经退出").wait_for()
    other.page.get_by_label("口令").wait_for(timeout=3_000)
    assert other.url == f"{server.url}/disputes?year=2022"
    page.go_back()
    page.go_back()
    page.get_by_label("口令").wait_for()
    assert page.locator("h1.title").count() == 0
    enter(other.page, PHRASES["view"])
    other.page.locator(TITLE).first.wait_for()
    assert "纠纷复议" in other.still().inner_text(".kick")
    log = next(place.home.logs.iterdir()).read_text(encoding="utf-8")
    seen = [line.split("\t")[1:] for line in log.splitlines() if "查看屏幕" in line]
    assert ["查看屏幕", "编辑", "/goals"] in seen and ["查看屏幕", "查看", "/disputes"] in seen
    assert "2022" not in "".join(s for line in seen for s in line)


# ---- a killed server ---------------------------------------------------------------------------------
def lose(tab: Tab, server: Server) -> None:
    """Kill the server under an open page; wait until it says so, in Chinese alone."""
    title = tab.title
    server.process.kill()
    tab.page.wait_for_function(SAYS, arg=LOST)
    # Streamlit's own box, in English, comes after some tries.
    tab.page.wait_for_selector("[data-testid=stDialog]", state="attached")
    assert foreign(tab.page) == []
    assert not tab.page.locator("[data-testid=stDialog]").is_visible()
    assert tab.title == title, "the screen stays"


def test_after_the_server_was_killed_the_page_connects_again_and_says_so(
    context: BrowserContext, tmp_path: Path
) -> None:
    """And where the session is gone as well, it turns to the login, and from there to its screen."""
    place, port = replace(gated.build(tmp_path), data=ROOT / "data"), str(free_port())
    with gated.shared(place, None, "--port", port) as server:
        tab = Tab(context.new_page(), server.url)
        page = come_in(tab, "/power_list?year=2022")
        title = tab.title
        lose(tab, server)
    with gated.shared(place, None, "--port", port) as server:
        page.wait_for_function(SAYS, arg=BACK)
        tab.still()
        assert tab.title == title and tab.url.endswith("/power_list?year=2022")
        page.get_by_role("link", name="目标进展").click()
        tab.becomes("() => location.pathname === '/goals'")
        lose(tab, server)
    for file in place.home.folder.glob("sessions.sqlite3*"):
        file.unlink()
    with gated.shared(place, None, "--port", port):
        enter(page, PHRASES["edit"])
        page.locator(TITLE).first.wait_for()
        tab.still()
        assert urlsplit(tab.url).path == "/goals"


# ---- providers, at localhost: to a browser another site than 127.0.0.1 ------------------------------
PEOPLE = """
domains = ["office.example"]
editors = ["li@office.example"]
"""


@contextmanager
def mock(callback: str) -> Iterator[str]:
    """oidc-provider-mock: knows whoever it is told of."""
    port = free_port()
    names = ("li@office.example", "wang@office.example", "eve@elsewhere.example")
    people = [
        f'{{"sub": "{n}", "email": "{n}", "email_verified": {str("un" not in n).lower()}}}'
        for n in (*names, "unverified@office.example")
    ]
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port)]
    with process([*command, *(a for p in people for a in ("--user-claims", p))], port):
        yield f"http://localhost:{port}"


@contextmanager
def node(callback: str) -> Iterator[str]:
    """The certified oidc-provider."""
    port = free_port()
    with process(["node", str(NODE / "server.mjs"), str(port), callback], port):
        yield f"http://localhost:{port}"


@contextmanager
def process(command: list[str], port: int) -> Iterator[None]:
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    started = subprocess.Popen(command, **quiet)  # type: ignore[call-overload]
    try:
        wait_for_port(port, started)
        yield
    finally:
        started.terminate()
        started.wait(20)


def as_mock(page: Page, who: str) -> None:
    page.locator("input[name=sub]").fill(who)
    page.get_by_role("button", name="Authorize").click()


def as_node(page: Page, who: str) -> None:
    page.locator("input[name=login]").fill(who)
    page.locator("input[name=password]").fill("any")
    page.get_by_role("button", name="Sign-in").click()
    page.get_by_role("button", name="Continue").click()


PROVIDERS: dict[str, tuple[Callable, Callable[[Page, str], None]]] = {
    "oidc-provider-mock": (mock, as_mock)
}
if os.environ.get("QMG_SOAK") or (NODE / "node_modules").is_dir():
    # It needs Node and the npm registry: `make soak` installs it, `make provider` does alone.
    PROVIDERS["oidc-provider"] = (node, as_node)


@pytest.mark.parametrize("name", PROVIDERS)
def test_a_provider_lets_its_people_in_and_turns_others_away(
    browser: Browser, tmp_path: Path, script: Path, name: str
) -> None:
    provide, sign_in = PROVIDERS[name]
    place, port = gated.build(tmp_path), free_port()
    site = f"http://127.0.0.1:{port}"
    with provide(f"{site}/_gate/callback") as issuer:
        client = f'issuer = "{issuer}"\nclient_id = "kanban"\nclient_secret = "secret"\n'
        home.write_private(place.home.oidc, (client + PEOPLE).encode())
        with gated.shared(place, script, "--port", str(port)):
            for who, role in {
                "li@office.example": "编辑",
                "wang@office.example": "查看",
                "eve@elsewhere.example": "",
                "unverified@office.example": "",
            }.items():
                with profile(browser) as context:
                    page = context.new_page()
                    # The mock's page asks a style sheet of a public server.
                    context.route(
                        lambda url: not local(urlsplit(url).hostname), lambda r: r.abort()
                    )
                    page.goto(f"{site}/?{QUERY}")
                    page.get_by_role("link", name="用统一身份认证登录").click()
                    sign_in(page, who)
                    if role:
                        is_in(page, site, f"{role} {who}")
                    else:
                        is_out(page, site)
            with profile(browser) as context:
                stale(context.new_page(), site)


def is_in(page: Page, site: str, name: str) -> None:
    page.get_by_text(name, exact=True).wait_for()
    assert page.evaluate("location.href") == f"{site}/?{QUERY}"
    (cookie,) = [c for c in page.context.cookies() if c["name"].startswith("qmg_")]
    assert cookie["httpOnly"] and cookie["sameSite"] == "Lax", "and none of the round trip"


def is_out(page: Page, site: str) -> None:
    page.get_by_role("alert").wait_for()
    assert "没有权限" in page.inner_text("h1") and "党政办 王老师" in page.inner_text("main")
    page.goto(site)
    assert page.get_by_label("口令").count() == 1


def stale(page: Page, site: str) -> None:
    """An answer that this browser did not ask for, and a denial, let nobody in."""
    for query in ("code=x&state=y", "error=access_denied&state=y", ""):
        page.goto(f"{site}/_gate/callback?{query}")
        assert "没有成功或已过期" in page.get_by_role("alert").inner_text()
        assert parse_qs(urlsplit(page.url).query).get("code") in (None, ["x"])
        page.goto(site)
        assert page.get_by_label("口令").count() == 1
