"""The gate in front of a running server: who gets what, with which cookie; and its bad days."""

from __future__ import annotations

import asyncio
import http.client
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import gated
import pytest
from gated import PHRASES, Place
from serving import ROOT, Server, apart, websocket
from websockets.exceptions import ConnectionClosed, InvalidStatus

from bench.st_client import Session
from qmg_dash.gate import Visitor
from qmg_dash.gate.table import Table

SOAK = bool(os.environ.get("QMG_SOAK"))
HTML = {"accept": "text/html,application/xhtml+xml", "sec_fetch_mode": "navigate"}
SECRET = (b"stApp", b"<script", b"12345", b"role")
"""What the screens, Streamlit's page and the probe's file hold, and no answer to a stranger may."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return gated.build(tmp_path_factory.mktemp("gated"))


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("gated_script") / "app.py"
    path.write_text(gated.SCRIPT, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def server(place: Place, script: Path) -> Iterator[Server]:
    with gated.shared(place, script) as started:
        yield started


@pytest.fixture
def fresh(tmp_path: Path) -> Place:
    """A place of one's own: nobody else's tries count in it."""
    return gated.build(tmp_path)


@pytest.fixture(scope="module")
def spared(
    tmp_path_factory: pytest.TempPathFactory, script: Path
) -> Iterator[tuple[Place, Server]]:
    place = gated.build(tmp_path_factory.mktemp("spare"))
    with gated.shared(place, script) as started:
        yield place, started


@pytest.fixture
def spare(spared: tuple[Place, Server]) -> Iterator[tuple[Place, Server]]:
    """A place and its server for bad days; its table is made anew after each."""
    yield spared
    place, _ = spared
    for file in place.home.folder.glob("sessions.sqlite3*"):
        file.unlink()
    assert place.table.path.exists()


def text(answer: tuple[http.client.HTTPResponse, bytes]) -> str:
    return answer[1].decode()


def visit(url: str, cookie: dict[str, str], **headers: str) -> str:
    """What the screens say to a browser that comes over the websocket."""

    async def look() -> str:
        session = await Session(url, additional_headers=cookie | headers).open()
        assert (await session.rerun()).ok
        said = " ".join(n.proto.body for n in session.nodes.values() if n.kind == "html")
        await session.close()
        return said

    return apart(look())


# ---- every route, every cookie -------------------------------------------------------------------
LIST_ROUTES = """
import server
from streamlit import config

config.set_option("server.enableStaticServing", True)
for route in server.app._build_starlette_app().routes:
    print(getattr(route, "path", "") or "/", *(getattr(route, "methods", None) or ["ALL"]))
"""


@pytest.fixture(scope="module")
def routes() -> set[tuple[str, str]]:
    """(method, path) of all that Streamlit serves, asked of Streamlit itself."""
    done = subprocess.run(
        [sys.executable, "-c", LIST_ROUTES],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    found = set()
    for line in done.stdout.splitlines():
        path, *methods = line.split()
        methods = ["GET", "HEAD", "POST"] if methods == ["ALL"] else methods
        found |= {(method, re.sub(r"\{[^}]*\}", "x", path)) for method in methods}
    return found


OWN = {
    ("GET", "/"), ("GET", "/goals"), ("GET", "/goals/"), ("GET", "//"), ("GET", "/static/none.js"),
    ("GET", "/favicon.png"), ("GET", "/app/static/x"), ("GET", "/none"), ("GET", "/_gatex/login"),
    ("GET", "/%5Fgate/../goals"), ("POST", "/"), ("DELETE", "/goals"), ("PUT", "/media/x"),
}  # fmt: skip


def bad_cookies(place: Place, tmp: Path) -> dict[str, dict[str, str]]:
    """The header of everybody who has no session here."""
    good = place.cookie()["cookie"]
    name, _, value = good.partition("=")
    other = gated.build(tmp)
    gone = place.table.begin(Visitor("edit"), "passphrase")
    found = place.table.find(gone)
    assert found
    place.table.end(found)
    stranger = Table(place.home.sessions, b"another server's signing key....")
    return {
        "none": {},
        "empty": {"cookie": f"{name}="},
        "forged": {"cookie": f"{name}={value[:-2]}AA"},
        "unsigned": {"cookie": f"{name}={value.partition('.')[0]}"},
        "expired": place.cookie("edit", lasts=-1),
        "logged out": {"cookie": f"{name}={gone}"},
        "another server's": other.cookie("edit"),
        "another key's": {"cookie": f"{name}={stranger.begin(Visitor('edit'), 'passphrase')}"},
        "a mark": {"x-qmg-visitor": '{"role": "edit"}'},
    }


def test_without_a_good_cookie_every_route_gives_401_and_nothing_else(
    server: Server, place: Place, routes: set[tuple[str, str]], tmp_path: Path
) -> None:
    assert {("GET", "/_stcore/metrics"), ("GET", "/app/static/x"), ("GET", "/media/x")} <= routes
    for why, cookie in bad_cookies(place, tmp_path).items():
        for method, path in sorted(routes | OWN):
            response, body = server.get(path, method, **cookie)
            assert (response.status, body) in [(401, b"login needed"), (401, b"")], (why, path)
            response, body = server.get(path, method, **cookie | HTML)
            assert response.status == 401, (why, path)
            assert (b'name="passphrase"' in body) is (method == "GET"), (why, method, path)
            assert not any(word in body for word in SECRET), (why, path)
            assert response.headers["cache-control"] == "no-store"
            assert response.headers["x-content-type-options"] == "nosniff"
            assert "set-cookie" not in response.headers


def test_without_a_good_cookie_the_websocket_is_refused(
    server: Server, place: Place, tmp_path: Path
) -> None:
    for cookie in bad_cookies(place, tmp_path).values():
        with (
            pytest.raises(InvalidStatus) as refused,
            websocket(server, origin=server.url, additional_headers=cookie),
        ):
            pass
        assert refused.value.response.status_code == 403


def test_with_a_good_cookie_everything_answers(
    server: Server, place: Place, routes: set[tuple[str, str]]
) -> None:
    for role in gated.PHRASES:
        cookie = place.cookie(role)
        for method, path in sorted(routes):
            assert server.get(path, method, **cookie)[0].status != 401, (method, path)
        assert b"<script" in server.get("/", **cookie | HTML)[1]
        assert server.get("/_stcore/health", **cookie)[1] == b"ok"
        with websocket(server, origin=server.url, additional_headers=cookie) as open_:
            assert open_.subprotocol == "streamlit"


def test_a_download_needs_a_session_as_well(server: Server, place: Place) -> None:
    cookie = place.cookie()

    async def address() -> str:
        session = await Session(server.url, additional_headers=cookie).open()
        await session.rerun()
        url = next(n.proto.url for n in session.nodes.values() if n.kind == "download_button")
        assert server.get(url)[0].status == 401
        response, body = server.get(url, **cookie)
        assert (response.status, body) == (200, b"12345")
        assert response.headers["cache-control"] == "no-store"
        await session.close()
        return url

    assert apart(address()).startswith("/media/")


# ---- roles -----------------------------------------------------------------------------------------
@pytest.mark.parametrize("role", gated.PHRASES)
def test_a_screen_knows_the_role_and_believes_no_header(
    server: Server, place: Place, role: str
) -> None:
    cookie = place.cookie(role)  # type: ignore[arg-type]
    said = visit(server.url, cookie)
    assert f"role {role}" in said and f"may edit: {role == 'edit'}" in said
    forged = {"X-QMG-Visitor": '{"role": "edit"}', "X_QMG_Visitor": '{"role": "edit"}'}
    assert f"role {role}" in visit(server.url, cookie, **forged)


def test_the_server_refuses_an_upload_of_a_viewer(server: Server, place: Place) -> None:
    for method in ("PUT", "DELETE", "POST", "PATCH"):
        refused, body = server.get("/_stcore/upload_file/a/b", method, b"x", **place.cookie("view"))
        assert (refused.status, body) == (403, b"view only")
        _, body = server.get("/_stcore/upload_file/a/b", method, b"x", **place.cookie("edit"))
        assert body != b"view only"


# ---- coming and going ------------------------------------------------------------------------------
@pytest.mark.parametrize("role", gated.PHRASES)
def test_a_passphrase_lets_in_to_where_the_link_led(server: Server, role: str) -> None:
    link = "/goals?year=2022&present=true&area=%E7%94%9F%E6%80%81"
    asked = text(server.get(link, **HTML))
    assert f'name="to" value="{link.replace("&", "&amp;")}"' in asked
    response, _ = gated.login(server, PHRASES[role], link)  # type: ignore[index]
    assert (response.status, response.headers["location"]) == (303, link)
    cookie = response.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie and "Max-Age=36000" in cookie
    assert "Secure" not in cookie, "plain HTTP: the browser would not send it back"
    assert f"role {role}" in visit(server.url, {"cookie": cookie.partition(";")[0]})


def test_a_wrong_passphrase_says_so_and_keeps_the_link(server: Server) -> None:
    response, body = gated.login(server, "wrong phrase", "/goals?year=2022")
    assert response.status == 401 and "set-cookie" not in response.headers
    assert "口令不对" in body.decode() and 'value="/goals?year=2022"' in body.decode()
    assert "wrong phrase" not in body.decode()


def test_a_stranger_is_told_whom_to_ask(server: Server) -> None:
    said = text(server.get("/", **HTML))
    assert "测试镇" in said and "请联系党政办 王老师 8123" in said
    assert 'lang="zh-CN"' in said


def test_a_login_ends_the_session_that_the_browser_had(server: Server, place: Place) -> None:
    before = place.cookie("edit")
    gated.login(server, PHRASES["view"], **before)
    assert server.get("/", **before)[0].status == 401


def test_logout_closes_the_websockets_of_that_session_at_once(server: Server, place: Place) -> None:
    mine, theirs = place.cookie(), place.cookie()
    with (
        websocket(server, additional_headers=mine) as one,
        websocket(server, additional_headers=mine) as two,
        websocket(server, additional_headers=theirs) as other,
    ):
        assert "退出登录" in text(server.get("/_gate/logout", **mine))
        assert server.get("/", **mine)[0].status == 200, "a link alone logs nobody out"
        start = time.monotonic()
        response, body = server.get("/_gate/logout", "POST", origin=server.url, **mine)
        assert response.status == 200 and "已经退出" in body.decode()
        assert "Max-Age=0" in response.headers["set-cookie"]
        for socket_ in (one, two):
            with pytest.raises(ConnectionClosed) as closed:
                socket_.recv(timeout=5)
            assert closed.value.rcvd and closed.value.rcvd.code == 4401
        assert time.monotonic() - start < 1
        with pytest.raises(TimeoutError):
            other.recv(timeout=0.3)
    assert server.get("/", **mine)[0].status == 401
    assert server.get("/", **theirs)[0].status == 200


def test_another_replica_a_new_passphrase_and_the_time_close_websockets_too(
    server: Server, place: Place, script: Path
) -> None:
    change = [sys.executable, "-m", "qmg_dash", "passphrase", "--stdin", "--role", "edit"]
    with gated.shared(place, script) as other:
        mine, editors, short = place.cookie(), place.cookie("edit"), place.cookie(lasts=3)
        sockets = [websocket(server, additional_headers=c) for c in (mine, editors, short)]
        with sockets[0], sockets[1], sockets[2]:
            assert other.get("/_gate/logout", "POST", **mine)[0].status == 200
            subprocess.run(
                change,
                input=PHRASES["edit"].encode(),  # the same again is a change as well
                check=True,
                cwd=ROOT,
                env=os.environ | place.environment,
            )
            for open_ in sockets:
                with pytest.raises(ConnectionClosed) as closed:
                    open_.recv(timeout=10)
                assert closed.value.rcvd and closed.value.rcvd.code == 4401


def test_a_session_survives_a_restart_and_the_log_tells_of_it(fresh: Place, script: Path) -> None:
    """The log holds no passphrase and no filter; the second server is one for a portal."""
    with gated.shared(fresh, script) as server:
        gated.login(server, "wrong phrase", "/goals?year=2022")
        answer, _ = gated.login(server, PHRASES["edit"], "/goals?year=2022")
        cookie = answer.headers["set-cookie"].partition(";")[0]
    (file,) = fresh.home.logs.iterdir()
    lines = [line.split("\t")[1:] for line in file.read_text(encoding="utf-8").splitlines()]
    assert lines == [["口令错误", "", "127.0.0.1"], ["登录", "编辑", "127.0.0.1"]]
    with gated.shared(fresh, script, "--portal", "https://oa.example.cn", "--hours", "2") as server:
        response, _ = server.get("/", cookie=cookie)
        assert response.status == 200
        policy = response.headers["content-security-policy"]
        assert policy.endswith("frame-ancestors https://oa.example.cn")
        assert "Max-Age=7200" in gated.login(server, PHRASES["view"])[0].headers["set-cookie"]


# ---- from elsewhere --------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "sent",
    [{"origin": "http://evil.example"}, {"origin": "null"}, {"sec_fetch_site": "cross-site"}],
)
def test_a_post_from_another_site_is_refused(server: Server, place: Place, sent: dict) -> None:
    cookie = place.cookie("edit")
    for path in ("/_gate/login", "/_gate/logout", "/_stcore/upload_file/a/b"):
        assert server.get(path, "POST", b"", **cookie | sent)[0].status == 403
    assert server.get("/", **cookie)[0].status == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1"])
def test_a_websocket_from_another_origin_is_refused(
    server: Server, place: Place, origin: str
) -> None:
    with (
        pytest.raises(InvalidStatus),
        websocket(server, origin=origin, additional_headers=place.cookie()),  # type: ignore[arg-type]
    ):
        pass


def test_a_request_under_another_host_name_is_refused(server: Server, place: Place) -> None:
    for path in ("/", "/_gate/login", "/_stcore/health"):
        assert server.get(path, host="evil.example", **place.cookie())[0].status == 400


def test_a_proxy_that_was_announced_is_believed(fresh: Place, script: Path) -> None:
    proxied = {"x_forwarded_proto": "https", "x_forwarded_for": "192.0.2.7"}
    with gated.shared(fresh, script, "--proxy") as server:
        answer, _ = gated.login(server, PHRASES["view"], **proxied)
        assert answer.status == 303 and "Secure" in answer.headers["set-cookie"]
        for _n in range(6):
            gated.login(server, "wrong", x_forwarded_for="192.0.2.8")
        statuses = [gated.login(server, "wrong", x_forwarded_for=f"192.0.2.{n}") for n in (8, 9)]
        assert [r.status for r, _ in statuses] == [429, 401]


# ---- who is let start ------------------------------------------------------------------------------
@pytest.mark.parametrize("entry", ["app.py", "server.py"])
def test_streamlit_run_shows_nothing_beyond_this_machine(entry: str, tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", entry, "--server.address", "0.0.0.0"]
    log = (tmp_path / "log").open("w+")
    process = subprocess.Popen(
        [*command, "--server.port", str(port), "--server.headless", "true"],
        cwd=ROOT, stdout=log, stderr=subprocess.STDOUT,
    )  # fmt: skip
    try:
        if entry == "server.py":
            assert process.wait(60) != 0
            log.seek(0)
            assert "只能在本机使用" in log.read()
            return
        for page in ("", "goals"):
            said = apart(first_words(f"http://127.0.0.1:{port}", page))
            assert "只能在本机使用" in said and "--share" in said
            assert "年度" not in said
    finally:
        process.terminate()
        process.wait(20)
        log.close()


async def first_words(url: str, page: str) -> str:
    """All that a page says, once the server is there."""
    for _ in range(300):
        try:
            session = await Session(url, page).open()
            break
        except OSError:
            await asyncio.sleep(0.1)
    await session.rerun()
    said = "\n".join(str(getattr(n.proto, "body", "")) for n in session.nodes.values())
    await session.close()
    return said


def test_sharing_prints_the_address_and_its_code_in_a_terminal(fresh: Place, script: Path) -> None:
    ours, theirs = pytest.importorskip("pty").openpty()
    command = [sys.executable, str(ROOT / "server.py"), "--share", "--host", "127.0.0.2"]
    process = subprocess.Popen(
        [*command, "--port", "0", "--script", str(script)],
        env=os.environ | fresh.environment | {"PYTHONUNBUFFERED": "1"},
        stdout=theirs,
        stderr=subprocess.STDOUT,
    )
    os.close(theirs)
    said = b""
    try:
        while said.count("▀".encode()) < 50:
            said += os.read(ours, 4096)
    finally:
        process.terminate()
        process.wait(20)
        os.close(ours)
    assert re.search(r"http://127\.0\.0\.2:\d+", said.decode("utf-8", "ignore"))


# ---- bad days --------------------------------------------------------------------------------------
def test_a_thousand_tries_get_five_and_nobody_else_waits(spare: tuple[Place, Server]) -> None:
    """A proxy that was not announced is not believed: else each try had an address of its own."""
    fresh, server = spare
    tries = [
        gated.login(server, f"guess {n}", x_forwarded_for=f"192.0.2.{n % 250}")
        for n in range(1000 if SOAK else 60)
    ]
    assert [r.status for r, _ in tries[:6]] == [401] * 5 + [429]
    assert {r.status for r, _ in tries[5:]} == {429}
    response, body = tries[-1]
    assert 0 < int(response.headers["retry-after"]) <= 60
    assert "试错太多" in body.decode()
    assert gated.login(server, PHRASES["view"])[0].status == 429, "right, but too early"
    assert server.get("/", **fresh.cookie())[0].status == 200, "who is in works on"


def test_a_url_of_a_million_characters_is_refused_and_the_next_one_served(
    server: Server, place: Place
) -> None:
    for cookie in ({}, place.cookie()):
        for link in ("/" + "a" * 1_000_000, "/goals?year=" + "9" * 1_000_000):
            response, body = server.get(link, **cookie, **HTML)
            assert response.status == 400 and "链接太长" in body.decode()
    assert not any("Traceback" in line for line in server.said)
    assert server.get("/", **place.cookie())[0].status == 200


def test_a_link_as_long_as_a_server_reads_survives_the_login(server: Server) -> None:
    link = "/goals?agenda=" + "a" * 50_000
    assert link in text(server.get(link, **HTML))
    assert gated.login(server, PHRASES["view"], link)[0].headers["location"] == link


def test_a_form_that_is_none_of_ours_lets_nobody_in(spare: tuple[Place, Server]) -> None:
    _, server = spare
    for form in (b"passphrase=" + b"x" * 300_000, b"a=b&" * 20, b"\xff%ff%", b""):
        response, body = server.get("/_gate/login", "POST", form)
        assert response.status in (401, 429) and "请先登录" in body.decode()


def test_a_full_disk_stops_logins_with_a_word_and_nothing_else(spare: tuple[Place, Server]) -> None:
    """A limit on the size of files stands for the disk: both fail at the write."""
    resource = pytest.importorskip("resource")
    if not hasattr(resource, "prlimit"):
        pytest.skip("Linux's prlimit")
    fresh, server = spare
    cookie, leaver = fresh.cookie(), fresh.cookie()
    assert server.get("/", **cookie)[0].status == 200
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))
    response, body = gated.login(server, PHRASES["view"])
    assert response.status == 503 and "磁盘已满" in body.decode()
    assert server.get("/_gate/logout", "POST", **leaver)[0].status == 503
    assert server.get("/", **cookie)[0].status == 200
    assert "role view" in visit(server.url, cookie)
    infinity = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, infinity)
    assert gated.login(server, PHRASES["view"])[0].status == 303
    assert server.get("/_gate/logout", "POST", **leaver)[0].status == 200


def test_a_broken_session_table_lets_nobody_in(spare: tuple[Place, Server]) -> None:
    fresh, server = spare
    cookie = fresh.cookie()
    for file in fresh.home.folder.glob("sessions.sqlite3*"):
        file.unlink()
    assert server.get("/", **cookie | HTML)[0].status == 503
    fresh.home.sessions.write_bytes(b"no database" * 1000)
    response, body = server.get("/", **cookie | HTML)
    assert response.status == 503 and "登录记录读不出" in body.decode()
    assert gated.login(server, PHRASES["view"])[0].status == 503
    with pytest.raises(InvalidStatus), websocket(server, additional_headers=cookie):
        pass
