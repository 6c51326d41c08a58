"""docs/deploy/nginx.conf in Debian's nginx on loopback: TLS, sub-path, two replicas, one killed."""

from __future__ import annotations

import asyncio
import http.client
import ipaddress
import os
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

import gated
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from gated import PHRASES, Place
from playwright.sync_api import Browser
from serving import ROOT, Server, apart
from websockets import ConnectionClosed

from bench.st_client import Session, StreamlitError

CONF = ROOT / "docs/deploy/nginx.conf"
NGINX = shutil.which("nginx") or next(iter(Path("/usr/sbin").glob("nginx")), None)
VISITORS = 20
RUNS = 40 if os.environ.get("QMG_SOAK") else 8

pytestmark = pytest.mark.skipif(
    NGINX is None and not os.environ.get("CI"), reason="nginx is not installed: make nginx"
)


@dataclass
class Site:
    """nginx and what stands behind it."""

    port: int
    plain: int
    place: Place
    replicas: list[Server]
    trust: ssl.SSLContext

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}/kanban"

    def get(
        self, path: str, method: str = "GET", body: str | None = None, **headers: str
    ) -> http.client.HTTPResponse:
        connection = http.client.HTTPSConnection(
            "127.0.0.1", self.port, timeout=30, context=self.trust
        )
        sent = {k.replace("_", "-"): v for k, v in headers.items()}
        connection.request(method, path, body, sent)
        response = connection.getresponse()
        response.text = response.read()  # type: ignore[attr-defined]
        connection.close()
        return response


def free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that signs itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .sign(key, hashes.SHA256())
    )
    crt, pem = folder / "kanban.crt", folder / "kanban.key"
    crt.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    pem.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return crt, pem


def configured(folder: Path, ports: list[int]) -> Path:
    """The file of the repository with this machine's ports, inside the least that nginx needs."""
    crt, key = certificate(folder)
    text = CONF.read_text(encoding="utf-8")
    for old, new in {
        "listen 80;": f"listen 127.0.0.1:{ports[1]};",
        "listen 443 ssl": f"listen 127.0.0.1:{ports[0]} ssl",
        "/etc/ssl/kanban.crt": str(crt),
        "/etc/ssl/private/kanban.key": str(key),
        "127.0.0.1:8501": f"127.0.0.1:{ports[2]}",
        "127.0.0.1:8502": f"127.0.0.1:{ports[3]}",
    }.items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    (folder / "kanban.conf").write_text(text, encoding="utf-8")
    temporary = "".join(
        f"{name}_temp_path {folder};"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    main = folder / "nginx.conf"
    main.write_text(
        f"daemon off; pid {folder}/pid; error_log {folder}/error.log;"
        f"events {{}} http {{ access_log off; {temporary} include {folder}/kanban.conf; }}"
    )
    return main


@contextmanager
def nginx(main: Path, port: int) -> Iterator[None]:
    assert NGINX, "make test installs it: make nginx"
    process = subprocess.Popen([str(NGINX), "-c", str(main), "-e", str(main.parent / "error.log")])
    try:
        for _ in range(200):
            assert process.poll() is None, (main.parent / "error.log").read_text()
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("nginx")
    script = folder / "app.py"
    script.write_text(gated.SCRIPT, encoding="utf-8")
    ports = free_ports(4)
    main = configured(folder, ports)
    place = gated.build(folder)
    trust = ssl.create_default_context(cafile=str(folder / "kanban.crt"))
    with ExitStack() as stack:
        replicas = [
            stack.enter_context(
                gated.shared(place, script, "--proxy", "--base", "kanban", "--port", str(port))
            )
            for port in ports[2:]
        ]
        stack.enter_context(nginx(main, ports[0]))
        yield Site(ports[0], ports[1], place, replicas, trust)


def replica_cookie(response: http.client.HTTPResponse) -> str:
    found = re.search(r"kanban_replica=[^;]+", ", ".join(response.headers.get_all("set-cookie")))
    assert found
    return found[0]


def test_plain_http_and_the_bare_path_lead_to_https_and_the_sub_path(site: Site) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", site.plain)
    connection.request("GET", "/kanban/goals?year=2022")
    response = connection.getresponse()
    connection.close()
    assert response.status == 301
    assert response.headers["location"] == "https://127.0.0.1/kanban/goals?year=2022"
    assert site.get("/kanban?year=2022").headers["location"] == f"{site.url}/?year=2022"
    assert site.get("/").status == 404


def test_the_login_works_under_the_sub_path_and_its_cookie_is_for_tls_alone(site: Site) -> None:
    response = site.get("/kanban/goals?year=2022", accept="text/html")
    assert response.status == 401
    assert b'action="/kanban/_gate/login"' in response.text  # type: ignore[attr-defined]
    assert b'value="/kanban/goals?year=2022"' in response.text  # type: ignore[attr-defined]
    form = urlencode({"passphrase": PHRASES["view"], "to": "/kanban/goals?year=2022"})
    origin = f"https://127.0.0.1:{site.port}"
    response = site.get("/kanban/_gate/login", "POST", form, origin=origin)
    assert (response.status, response.headers["location"]) == (303, "/kanban/goals?year=2022")
    ours = next(c for c in response.headers.get_all("set-cookie") if c.startswith("qmg_"))
    assert "Secure" in ours and "Path=/kanban/" in ours and "HttpOnly" in ours
    assert "max-age" in response.headers["strict-transport-security"]
    page = site.get("/kanban/", cookie=ours.partition(";")[0], accept_encoding="br, gzip")
    assert page.status == 200 and page.headers["content-encoding"] == "br"
    assert site.get("/kanban/_stcore/health").status == 401
    assert site.get("/kanban/", host="evil.example").status == 400


def test_a_forged_forwarding_header_makes_no_new_address(site: Site) -> None:
    site.get(
        "/kanban/_gate/login",
        "POST",
        "passphrase=wrong",
        x_forwarded_for="192.0.2.99",
        origin=f"https://127.0.0.1:{site.port}",
    )
    text = "".join(f.read_text(encoding="utf-8") for f in site.place.home.logs.iterdir())
    assert "口令错误" in text and "192.0.2.99" not in text


def test_chromium_signs_in_and_out_under_the_sub_path(site: Site, browser: Browser) -> None:
    with browser.new_context(ignore_https_errors=True) as context:
        page = context.new_page()
        page.goto(f"{site.url}/?year=2022&present=true")
        page.get_by_label("口令").fill(PHRASES["edit"])
        page.get_by_role("button", name="进入").click()
        page.get_by_text("role edit").wait_for(timeout=60_000)
        assert page.url == f"{site.url}/?year=2022&present=true"
        page.get_by_role("link", name="退出登录").click()
        page.get_by_role("button", name="退出登录").click()
        page.get_by_text("已经退出").wait_for()
        page.get_by_role("link", name="重新登录").click()
        page.get_by_label("口令").wait_for()
        assert page.url == f"{site.url}/"


# ---- a killed replica --------------------------------------------------------------------------------
@dataclass
class Visitor:
    """One browser: its cookies, the replica it last spoke with, how often it had to connect anew."""

    site: Site
    cookie: str
    pid: str = ""
    runs: int = 0
    lost: int = 0

    async def open(self) -> Session:
        # The server's name is not resolved: an address needs no server_hostname check of its own.
        headers = {"Cookie": self.cookie}
        session = Session(self.site.url, additional_headers=headers, ssl=self.site.trust)
        return await session.open()

    async def run(self, session: Session) -> None:
        assert (await session.rerun()).ok
        said = " ".join(n.proto.body for n in session.nodes.values() if n.kind == "html")
        self.pid = re.findall(r"pid (\d+)", said)[0]
        self.runs += 1

    async def work(self, killed: asyncio.Event) -> None:
        """Run until well after the kill; connect anew where the connection broke, as a page does."""
        session = await self.open()
        after = 0
        while after < RUNS:
            try:
                await self.run(session)
                after += killed.is_set()
            except (StreamlitError, OSError, ConnectionClosed):  # it may go while we are sending
                self.lost += 1
                assert self.lost < 50
                await asyncio.sleep(0.1)
                session = await self.open()
            await asyncio.sleep(0.02)
        await session.close()


async def twenty(site: Site) -> tuple[list[Visitor], dict[str, str]]:
    """Twenty at work, of whom those on the first replica lose it. (they, where each was before)"""
    visitors = []
    for _ in range(VISITORS):
        mine = site.place.cookie()["cookie"]
        visitors.append(
            Visitor(site, f"{mine}; {replica_cookie(site.get('/kanban/', cookie=mine))}")
        )
    for _ in range(2):  # the same browser comes to the same replica
        before = {v.cookie: v.pid for v in visitors}
        for visitor in visitors:
            session = await visitor.open()
            await visitor.run(session)
            await session.close()
    assert before == {v.cookie: v.pid for v in visitors}
    killed = asyncio.Event()
    work = [asyncio.create_task(v.work(killed)) for v in visitors]
    await asyncio.sleep(1)
    site.replicas[0].process.kill()
    killed.set()
    await asyncio.gather(*work)
    return visitors, before


def test_twenty_sessions_work_on_when_a_replica_is_killed(site: Site) -> None:
    doomed, other = (str(r.process.pid) for r in site.replicas)
    visitors, before = apart(twenty(site))
    assert set(before.values()) == {doomed, other}, "both replicas have work"
    assert {v.pid for v in visitors} == {other}
    for visitor in visitors:
        assert visitor.runs >= RUNS
        assert (visitor.lost > 0) is (before[visitor.cookie] == doomed)
        assert site.get("/kanban/", cookie=visitor.cookie).status == 200, "nobody logs in again"
