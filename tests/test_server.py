"""server.py as a process of its own, with a small script in place of the dashboard."""

from __future__ import annotations

import asyncio
import http.client
import os
import subprocess
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

import pyarrow
import pytest
from playwright.sync_api import sync_playwright
from serving import ROOT, Server, running, websocket
from starlette.responses import FileResponse, HTMLResponse
from streamlit import file_util
from websockets.exceptions import InvalidStatus

STATIC = Path(file_util.get_static_dir())
SCRIPT = next((STATIC / "static/js").glob("index.*.js"))
SCRIPT_PATH = f"/static/js/{SCRIPT.name}"
PAGES = ("/", "/a_page", "/static/none.js", "/none.png")

# A page with all that the policy has to let through: a chart, an inline style, the script of a component.
APP = """
import plotly.graph_objects as go
import streamlit as st

probe = st.components.v2.component(
    "probe", js="export default () => { document.documentElement.dataset.probe = 'ran' }"
)
st.html("<style>.shown {color: rgb(1, 2, 3)}</style><p class='shown'>styled</p>")
st.plotly_chart(go.Figure(go.Bar(x=["甲", "乙"], y=[1, 2])), theme=None, key="chart", alt="bars")
probe(key="probe")
"""


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("server") / "app.py"
    path.write_text(APP, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def server(script: Path) -> Iterator[Server]:
    with running(script) as started:
        yield started


def policy_of(response: http.client.HTTPResponse) -> dict[str, list[str]]:
    """The response's Content-Security-Policy by directive."""
    parts = response.headers["content-security-policy"].split("; ")
    return {name: sources for name, *sources in (part.split(" ") for part in parts)}


# --- headers ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", [*PAGES, SCRIPT_PATH, "/favicon.png", "/_stcore/health", "/media/none", "/a/../b"]
)
def test_every_response_carries_the_security_headers(server: Server, path: str) -> None:
    response, _ = server.get(path, accept_encoding="gzip")
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["referrer-policy"] == "no-referrer"
    assert response.headers["cross-origin-opener-policy"] == "same-origin"
    assert "screen-wake-lock=(self)" in response.headers["permissions-policy"]
    assert policy_of(response)["frame-ancestors"] == ["'none'"]


def test_the_policy_names_no_outside_source_and_allows_no_eval(server: Server) -> None:
    policy = policy_of(server.get("/")[0])
    sources = {source for listed in policy.values() for source in listed}
    local = {"'self'", "'none'", "'unsafe-inline'", "data:", "blob:"}
    assert {s for s in sources - local if not s.startswith("'sha256-")} == set()
    assert "'unsafe-inline'" not in policy["script-src"]


def test_the_policy_knows_the_inline_script_of_the_page(server: Server) -> None:
    """Without the hash Chromium would refuse it; see the browser test below for the whole page."""
    response, body = server.get("/")
    assert body.count(b"<script>") == sum("sha256" in s for s in policy_of(response)["script-src"])


# --- screens ----------------------------------------------------------------------------------


def test_a_path_that_is_no_screen_leads_to_the_first_which_says_so() -> None:
    with running(None) as dashboard:
        for path in ("/gone", "/power_list/2022", "/" + "x" * 500, "/%E5%B8%82"):
            response, _ = dashboard.get(f"{path}?year=2022&missing=old")
            assert response.status == 307
            where = urlsplit(response.headers["location"])
            query = dict(parse_qsl(where.query))
            assert where.path == "/" and where.netloc == ""
            assert query == {"missing": unquote(path).strip("/")[:100], "year": "2022"}
        for path in ("/", "/power_list", "/since", "/_stcore/health", "/none.png"):
            assert dashboard.get(path)[0].status == 200


# --- compression ------------------------------------------------------------------------------


def decode(body: bytes, coding: str, size: int) -> bytes:
    """The bytes under a content coding; ``size`` is what they must come to."""
    if coding == "br":
        return pyarrow.Codec("brotli").decompress(body, decompressed_size=size, asbytes=True)
    return zlib.decompress(body, 16 + zlib.MAX_WBITS)


@pytest.mark.parametrize("path", [SCRIPT_PATH, *PAGES])
@pytest.mark.parametrize("accept, coding", [("gzip", "gzip"), ("gzip, deflate, br, zstd", "br")])
def test_the_body_is_compressed_and_is_the_same_body(
    server: Server, path: str, accept: str, coding: str
) -> None:
    _, plain = server.get(path)
    response, body = server.get(path, accept_encoding=accept)
    assert response.headers["content-encoding"] == coding
    assert response.headers["vary"] == "Accept-Encoding"
    assert len(body) < len(plain) / 2
    assert decode(body, coding, len(plain)) == plain


def test_a_static_file_comes_as_it_lies_on_disk(server: Server) -> None:
    response, body = server.get(SCRIPT_PATH)
    assert body == SCRIPT.read_bytes()
    assert "content-encoding" not in response.headers


@pytest.mark.parametrize("accept", ["", "identity", "zstd", "gzip;q=0, br; q=0.0"])
def test_a_client_that_takes_no_coding_gets_none(server: Server, accept: str) -> None:
    for path in ("/", SCRIPT_PATH):
        response, _ = server.get(path, accept_encoding=accept)
        assert "content-encoding" not in response.headers


def test_hashed_files_are_kept_for_good_and_the_page_is_not(server: Server) -> None:
    static, _ = server.get(SCRIPT_PATH, accept_encoding="br")
    assert "immutable" in static.headers["cache-control"]
    assert static.headers["content-type"].startswith("text/javascript")
    for path in PAGES:
        assert server.get(path)[0].headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("path", [SCRIPT_PATH, "/"])
def test_what_the_browser_holds_is_not_sent_again(server: Server, path: str) -> None:
    first, _ = server.get(path, accept_encoding="gzip")
    etag = first.headers["etag"]
    again, body = server.get(path, accept_encoding="gzip", if_none_match=etag)
    assert (again.status, body) == (304, b"")
    other, _ = server.get(path, accept_encoding="br", if_none_match=etag)
    assert other.status == 200, "another coding is another body"


@pytest.mark.parametrize("path", [SCRIPT_PATH, "/"])
def test_head_tells_the_size_and_sends_nothing(server: Server, path: str) -> None:
    full, body = server.get(path, accept_encoding="gzip")
    head, nothing = server.get(path, "HEAD", accept_encoding="gzip")
    assert nothing == b""
    assert head.headers["content-length"] == full.headers["content-length"] == str(len(body))


def test_a_range_is_cut_from_the_plain_file(server: Server) -> None:
    response, body = server.get(SCRIPT_PATH, accept_encoding="br", range="bytes=10-19")
    assert response.status == 206
    assert body == SCRIPT.read_bytes()[10:20]


@pytest.mark.parametrize(
    "path", ["/static/../../config.py", "/static/%2e%2e/%2e%2e/config.py", "/static//etc/passwd"]
)
def test_nothing_beside_the_frontend_can_be_read(server: Server, path: str) -> None:
    response, body = server.get(path, accept_encoding="gzip")
    assert response.status >= 400 or b"<html" in decode(body, "gzip", 0)


# --- the page ---------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PAGES)
def test_the_page_is_chinese_wherever_a_link_leads(server: Server, path: str) -> None:
    response, body = server.get(path)
    html = body.decode()
    assert response.status == 200
    assert '<html lang="zh-CN">' in html
    assert "<title>法治政府建设看板</title>" in html
    assert "启用 JavaScript" in html and "You need to enable" not in html
    assert SCRIPT.name in html


def test_a_page_cached_under_plain_streamlit_is_replaced(server: Server) -> None:
    """Started on the same port before, `streamlit run app.py` left its English page in the browser."""
    index = STATIC / "index.html"
    english = FileResponse(index, stat_result=index.stat()).headers
    response, body = server.get(
        "/", if_none_match=english["etag"], if_modified_since=english["last-modified"]
    )
    assert response.status == 200
    assert "zh-CN" in body.decode()


def test_what_is_no_page_stays_as_streamlit_answers(server: Server) -> None:
    assert server.get("/_stcore/health")[1] == b"ok"
    assert server.get("/media/none")[0].status == 404
    assert server.get("/a_page/_stcore/health")[0].status == 404
    assert server.get("/favicon.png")[1] == (STATIC / "favicon.png").read_bytes()


# --- who is answered --------------------------------------------------------------------------


def listeners(port: int) -> set[str]:
    """The local addresses on which anything listens on ``port``, in the kernel's notation."""
    rows = []
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        if Path(table).exists():
            rows += [line.split() for line in Path(table).read_text().splitlines()[1:]]
    local = [row[1].split(":") for row in rows if row[3] == "0A"]  # 0A: listening
    return {address for address, number in local if int(number, 16) == port}


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="reads Linux's socket table")
def test_it_listens_on_this_machine_alone(server: Server) -> None:
    assert listeners(server.port) == {"0100007F"}  # 127.0.0.1


def test_another_host_name_is_refused(server: Server) -> None:
    """A website that lets its name point at 127.0.0.1 must not read the dashboard."""
    for host in ("evil.example", "evil.example:8501", "127.0.0.1.evil.example"):
        for path in ("/", SCRIPT_PATH, "/_stcore/health"):
            response, body = server.get(path, host=host)
            assert response.status == 400
            assert "content-security-policy" in response.headers
            assert "不认这个网址里的主机名" in body.decode()
    assert server.get("/", host=f"localhost:{server.port}")[0].status == 200


@pytest.mark.parametrize("link", ["/" + "a" * 1_000_000, "/goals?year=" + "9" * 1_000_000])
def test_a_link_that_no_server_reads_is_refused_in_chinese(server: Server, link: str) -> None:
    """uvicorn hung up on it, in English: a browser said that the connection was reset."""
    response, body = server.get(link)
    assert response.status == 400 and "链接太长" in body.decode()
    assert "default-src 'none'" in response.headers["content-security-policy"]
    assert server.get("/")[0].status == 200
    assert not any("Traceback" in line for line in server.said)


def test_the_websocket_opens_from_the_page_itself(server: Server) -> None:
    with websocket(server, origin=server.url) as socket:
        assert socket.subprotocol == "streamlit"


@pytest.mark.parametrize(
    "options",
    [{"origin": "http://evil.example"}, {"additional_headers": {"Host": "evil.example"}}],
)
def test_the_websocket_refuses_other_origins_and_hosts(server: Server, options: dict) -> None:
    with pytest.raises(InvalidStatus), websocket(server, **options):
        pass


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.1.2.3", "kanban.example"])
def test_without_a_gate_no_other_address_is_listened_on(host: str) -> None:
    command = [sys.executable, str(ROOT / "server.py"), "--host", host]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert "只能在本机使用" in done.stderr and "--share" in done.stderr


def test_a_named_port_that_is_taken_is_an_error(server: Server, script: Path) -> None:
    command = [sys.executable, str(ROOT / "server.py"), "--script", str(script)]
    done = subprocess.run(
        [*command, "--port", str(server.port)], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1
    assert "not available" in done.stdout + done.stderr


# --- parts ------------------------------------------------------------------------------------


def test_a_file_is_compressed_once_however_many_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    import server as module

    made = []
    pack = module.read_and_pack
    monkeypatch.setattr(module, "read_and_pack", lambda *a: made.append(a) or pack(*a))

    async def ask() -> list[module.Packed]:
        static = module.PackedStatic(app=None)
        return await asyncio.gather(*(static.pack(SCRIPT_PATH, "gzip") for _ in range(20)))

    bodies = {packed.body for packed in asyncio.run(ask())}
    assert len(bodies) == len(made) == 1


def test_another_html_page_is_not_mistaken_for_the_index() -> None:
    """A snapshot offered for download is HTML as well."""
    import server as module

    sent = []

    async def send(message: dict) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": "/media/a.html", "headers": []}
    static = module.PackedStatic(HTMLResponse("<html>snapshot</html>"))
    asyncio.run(static(scope, None, send))
    assert sent[-1]["body"] == b"<html>snapshot</html>"


def test_an_index_without_the_known_patterns_is_served_as_it_is(tmp_path: Path) -> None:
    import server as module

    html = b'<!doctype html><html lang="x"><body>later Streamlit</body></html>'
    (tmp_path / "index.html").write_bytes(html)
    assert module.Index(tmp_path / "index.html").html == html


def test_only_a_named_host_widens_who_may_come() -> None:
    import server as module

    assert module.settings()["server.address"] == "127.0.0.1"
    assert not {"server.port", "server.allowedHosts"} & set(module.settings())
    assert "server.allowedHosts" not in module.settings("::1", 8600)
    assert module.settings("10.1.2.3")["server.allowedHosts"] == [*module.LOOPBACK, "10.1.2.3"]
    everywhere = module.settings("0.0.0.0", names=["kanban.example"])["server.allowedHosts"]
    assert "kanban.example" in everywhere and "*" not in everywhere
    assert set(module.own_addresses()) <= set(everywhere)


# --- in a browser -----------------------------------------------------------------------------


def test_chromium_draws_under_the_policy(server: Server) -> None:
    """Chart, inline style and component script run; nothing is refused, nothing leaves the machine."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=["--no-sandbox"]
        )
        page = browser.new_page()
        console: list[str] = []
        asked: list[str] = []
        page.on("console", lambda m: console.append(m.text) if m.type == "error" else None)
        page.on("request", lambda r: asked.append(r.url))
        page.on("websocket", lambda w: asked.append(w.url))
        page.goto(server.url)
        page.wait_for_selector(".js-plotly-plot .main-svg", timeout=60_000)
        page.wait_for_selector("html[data-probe=ran]", state="attached", timeout=60_000)
        colour = page.locator(".shown").evaluate("e => getComputedStyle(e).color")
        language = page.evaluate("document.documentElement.lang")
        browser.close()
    outside = {u for u in asked if not u.startswith(("data:", "blob:"))}
    outside = {u for u in outside if urlsplit(u).netloc != f"{server.host}:{server.port}"}
    assert (console, outside) == ([], set())
    assert any(u.startswith("ws://") for u in asked)
    assert colour == "rgb(1, 2, 3)"
    assert language == "zh-CN"
    assert not any("SourceSans" in u for u in asked), "a font that no text wears"
