"""Somebody without a passphrase who means harm: half requests by the hundred, floods of nonsense,
clients that hang up. Nobody else may notice, and no disk may fill."""

from __future__ import annotations

import asyncio
import logging
import os
import resource
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gated
import h11
import pytest
from gated import Place
from serving import Server
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from qmg_dash.gate import log, waiting
from qmg_dash.gate.plain import Rest

HOST = b"Host: 127.0.0.1\r\n"
HALF_HEADER = b"GET / HTTP/1.1\r\nHost: 127.0"
HALF_BODY = b"POST /_gate/login HTTP/1.1\r\n" + HOST + b"Content-Length: 5000\r\n%b\r\npass"
WHOLE = b"GET / HTTP/1.1\r\n" + HOST + b"\r\n"
UPGRADE = (
    b"GET /_stcore/stream HTTP/1.1\r\n" + HOST + b"%bUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Protocol: streamlit, token\r\n\r\n"
)
DESCRIPTORS = 1024
FLOOD = 1100


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return gated.build(tmp_path_factory.mktemp("strangers"))


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("strangers_script") / "app.py"
    path.write_text(gated.SCRIPT, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def server(place: Place, script: Path) -> Iterator[Server]:
    with gated.shared(place, script, descriptors=DESCRIPTORS) as started:
        yield started


@pytest.fixture
def connect() -> Iterator[Callable[[Server], socket.socket]]:
    """Connections of a stranger, closed after the test. This process may need more of them than
    it has descriptors."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 8192)), hard))
    opened: list[socket.socket] = []

    def one(to: Server) -> socket.socket:
        opened.append(socket.create_connection((to.host, to.port), timeout=10))
        return opened[-1]

    yield one
    for at in opened:
        at.close()
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def closed(at: socket.socket, within: float = 0.0) -> bool:
    """Whether the server has closed a connection."""
    at.settimeout(within or 0.01)
    try:
        return at.recv(1) == b""
    except TimeoutError:
        return False
    except OSError:
        return True


def answered(server: Server, seconds: float = 5.0) -> bool:
    """Whether somebody else is answered meanwhile, be it at a second try."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            return server.get("/")[0].status == 401
        except OSError:
            time.sleep(0.1)
    return False


# ---- half requests ---------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "sent",
    [b"", HALF_HEADER, HALF_BODY % b"", WHOLE, b"nonsense\r\n\r\n"],
    ids=["silent", "header", "body", "whole", "nonsense"],
)
def test_a_flood_of_connections_from_one_address_keeps_nobody_out(
    server: Server, connect: Callable[[Server], socket.socket], sent: bytes
) -> None:
    before = sum(map(len, server.said))
    flood = [connect(server) for _ in range(FLOOD)]
    for at in flood:
        try:
            at.sendall(sent)
        except OSError:
            assert sent  # closed already
    assert answered(server, 10)
    time.sleep(1.5)  # those that wait in the system's queue come in too
    assert answered(server)
    if sent in (b"", HALF_HEADER, HALF_BODY % b""):
        assert sum(map(closed, flood)) >= FLOOD - waiting.EACH - 1
        assert not closed(flood[-1])  # the newest are not those that go
    assert sum(map(len, server.said)) - before < 20_000


def test_many_addresses_together_have_a_limit_too(
    place: Place, script: Path, connect: Callable[[Server], socket.socket]
) -> None:
    """Behind a proxy, since this machine has one address."""
    with gated.shared(place, script, "--proxy", descriptors=DESCRIPTORS) as there:
        for n in range(FLOOD):
            forwarded = f"X-Forwarded-For: 10.0.{n // 250}.{n % 250}\r\n"
            connect(there).sendall(HALF_BODY % forwarded.encode())
        assert answered(there, 10)
        assert len(os.listdir(f"/proc/{there.process.pid}/fd")) < DESCRIPTORS - 200


def test_a_hundred_people_behind_one_proxy_are_a_hundred_addresses(
    place: Place, script: Path, connect: Callable[[Server], socket.socket]
) -> None:
    with gated.shared(place, script, "--proxy") as there:
        people = [connect(there) for _ in range(100) for _ in range(2)]
        for n, at in enumerate(people):
            at.sendall(HALF_BODY % f"X-Forwarded-For: 10.0.0.{n // 2}\r\n".encode())
        # What the last hop writes counts: the rest is what the client says of itself.
        one = [connect(there) for _ in range(waiting.EACH + 10)]
        for n, at in enumerate(one):
            at.sendall(HALF_BODY % f"X-Forwarded-For: 10.9.9.{n}, 10.0.1.1\r\n".encode())
        assert answered(there)
        time.sleep(0.5)
        assert not any(map(closed, people))
        assert [closed(at) for at in one] == [True] * 10 + [False] * waiting.EACH


def test_half_a_request_holds_up_no_restart(
    place: Place, script: Path, connect: Callable[[Server], socket.socket]
) -> None:
    with gated.shared(place, script) as there:
        for sent in (b"", HALF_HEADER, HALF_BODY % b"", WHOLE):
            connect(there).sendall(sent)
        assert answered(there)
        begun = time.monotonic()
        there.stop()
        assert time.monotonic() - begun < waiting.HEADER_SECONDS - 2


def test_without_a_proxy_nobody_names_another_address(
    server: Server, connect: Callable[[Server], socket.socket]
) -> None:
    many = [connect(server) for _ in range(waiting.EACH + 10)]
    for n, at in enumerate(many):
        at.sendall(HALF_BODY % f"X-Forwarded-For: 10.0.0.{n}\r\n".encode())
    time.sleep(0.5)
    assert sum(map(closed, many)) == 10


def test_a_header_that_does_not_come_is_not_waited_for(
    server: Server, connect: Callable[[Server], socket.socket]
) -> None:
    """Half of one; none at all; the second on a connection that has had an answer."""
    begun = time.monotonic()
    half, silent, second = (connect(server) for _ in range(3))
    half.sendall(HALF_HEADER)
    second.sendall(WHOLE)
    came = b""
    while not came.endswith(b"login needed"):
        came += second.recv(65536)
    second.sendall(HALF_HEADER)
    assert all(closed(at, waiting.HEADER_SECONDS + 5) for at in (half, silent, second))
    assert time.monotonic() - begun > waiting.HEADER_SECONDS - 1


class Loop:
    """A loop whose time the test turns on."""

    def __init__(self) -> None:
        self.calls: list[tuple[float, Callable[..., None], tuple[Any, ...]]] = []

    def call_later(self, seconds: float, call: Callable[..., None], *args: Any) -> Any:
        self.calls.append((seconds, call, args))
        return SimpleNamespace(cancel=lambda: None)


class Connection:
    """What `Waiting` asks of uvicorn's protocol."""

    def __init__(self, state: Any = h11.IDLE, host: str = "10.0.0.1") -> None:
        self.loop, self.client, self.headers, self.cycle = Loop(), (host, 1), [], None
        self.conn = SimpleNamespace(their_state=state, trailing_data=(b"", False))
        self.app = ProxyHeadersMiddleware(None, "")
        self.flow = SimpleNamespace(read_paused=False)
        self.aborted, self.speaks = False, self
        self.transport = SimpleNamespace(
            is_closing=lambda: self.aborted,
            get_protocol=lambda: self.speaks,
            abort=lambda: setattr(self, "aborted", True),
        )


def fire(at: Connection) -> None:
    _, call, args = at.loop.calls.pop()
    call(*args)


def test_a_body_has_as_long_as_it_comes_fast_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(waiting.time, "monotonic", lambda: now)
    line, at = waiting.Waiting(10), Connection(h11.SEND_BODY)
    line.look(at)
    assert at.loop.calls[0][0] == waiting.BODY_SECONDS
    line.look(at, 10 * waiting.SLOWEST)
    now += waiting.BODY_SECONDS
    fire(at)
    assert not at.aborted
    assert at.loop.calls[0][0] == pytest.approx(10)
    at.flow.read_paused = True  # we do not take it: not the client's fault
    now += 10
    fire(at)
    assert not at.aborted
    at.flow.read_paused = False
    now += waiting.BODY_SECONDS
    fire(at)
    assert at.aborted
    assert len(line) == 0


def test_what_is_whole_at_work_or_a_websocket_stands_in_no_line() -> None:
    line, at = waiting.Waiting(10), Connection()
    line.look(at)
    assert len(line) == 1
    at.conn.their_state = h11.DONE
    line.look(at)
    assert len(line) == 0
    at.conn.their_state, at.cycle = h11.IDLE, object()
    line.look(at)  # between two requests: may be closed for room, has uvicorn's time limit
    assert len(line) == 1
    at.speaks = object()
    line.look(at)
    assert len(line) == 0
    at.speaks = Rest.__new__(Rest)  # a refused one that still sends
    line.look(at)
    assert len(line) == 1
    line.forget(at)
    assert (len(line), dict(line._by_address)) == (0, {})


def test_the_oldest_goes_whoever_has_a_whole_network_is_one() -> None:
    line = waiting.Waiting(1000)
    mine = [Connection(host=f"2001:db8::{n:x}") for n in range(waiting.EACH + 2)]
    other = Connection(host="2001:db8:1::1")
    for at in (other, *mine):
        line.look(at)
    assert [at.aborted for at in mine] == [True] * 2 + [False] * waiting.EACH
    assert not other.aborted
    few = waiting.Waiting(3)
    all_ = [Connection(host=f"10.0.0.{n}") for n in range(5)]
    for at in all_:
        few.look(at)
    assert [at.aborted for at in all_] == [True, True, False, False, False]


def test_the_soft_limit_of_descriptors_is_raised_at_the_start() -> None:
    told = "import resource; from qmg_dash.gate import waiting; print(waiting.descriptors(), *resource.getrlimit(resource.RLIMIT_NOFILE))"
    said = subprocess.run(
        ["bash", "-c", 'ulimit -Sn 256 && exec "$0" -c "$1"', sys.executable, told],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[1],
    ).stdout
    may, soft, hard = map(int, said.split())
    assert may == soft == (waiting.HARD_LIMIT if hard == -1 else min(hard, waiting.HARD_LIMIT))


# ---- what is written -------------------------------------------------------------------------------
HANGING_UP = {
    "a form": HALF_BODY % b"",
    "a form in pieces": b"POST /_gate/login HTTP/1.1\r\n"
    + HOST
    + b"Transfer-Encoding: chunked\r\n\r\n5\r\npa",
    "a form that asks first": b"POST /_gate/login HTTP/1.1\r\n"
    + HOST
    + b"Expect: 100-continue\r\nContent-Length: 5\r\n\r\n",
    "an upload": b"PUT /_stcore/upload_file/a/b HTTP/1.1\r\n"
    + HOST
    + b"%bContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 5000\r\n\r\n--x\r\n",
    "a page": b"GET / HTTP/1.1\r\n" + HOST + b"%bAccept-Encoding: gzip\r\n\r\n",
    "a websocket": UPGRADE,
    "a frame": UPGRADE + b"\x82\xfe",
}


@pytest.mark.parametrize("abruptly", [False, True])
@pytest.mark.parametrize("after", [0.0, 0.3])
@pytest.mark.parametrize("sent", HANGING_UP.values(), ids=HANGING_UP)
def test_a_client_that_hangs_up_is_no_traceback(
    server: Server, place: Place, sent: bytes, after: float, abruptly: bool
) -> None:
    cookie = f"Cookie: {place.cookie('edit')['cookie']}\r\n".encode()
    at = socket.create_connection((server.host, server.port), timeout=10)
    at.sendall(sent % cookie if b"%b" in sent else sent)
    time.sleep(after)
    if abruptly:
        at.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    at.close()
    time.sleep(0.3)
    assert answered(server)
    assert not [line for line in server.said if "Exception" in line or "ClientDisconnect" in line]


def record(message: str, at: float, name: str = "asyncio") -> logging.LogRecord:
    made = logging.LogRecord(name, logging.ERROR, "", 0, message, ("x",), None)
    made.created = at
    return made


def test_lines_of_one_kind_are_few_a_minute_and_the_rest_is_counted() -> None:
    damped = log.Damped()
    let_through = [damped.filter(record("refused %s", 1000 + n / 100)) for n in range(500)]
    assert sum(let_through) == log.SAME
    assert damped.filter(record("another %s", 1006))
    later = record("refused %s", 1000 + log.MINUTE)
    assert damped.filter(later)
    assert later.getMessage() == f"refused x（此前另有 {500 - log.SAME} 条没有写）"
    assert sum(damped.filter(record(f"kind {n} %s", 1062)) for n in range(500)) < log.ALTOGETHER
    assert damped.filter(record("refused %s", 10))  # a clock that was set back silences nobody


def test_strangers_cannot_fill_the_access_log(tmp_path: Path) -> None:
    logger = logging.getLogger("qmg_dash.access")
    before = list(logger.handlers)
    log.damp()
    log.damp()
    log.keep(tmp_path / "logs", "test")
    try:
        for n in range(3000):
            log.refused("口令错误", "", f"10.0.{n // 250}.{n % 250}")
        log.event("登录", "查看", "10.0.0.1")
        (file,) = (tmp_path / "logs").glob("*.log")
        lines = file.read_text(encoding="utf-8").splitlines()
        assert len(lines) <= log.ALTOGETHER + 1
        assert "登录" in lines[-1]
    finally:
        for handler in set(logger.handlers) - set(before):
            handler.close()
            logger.removeHandler(handler)


def test_uvicorn_still_calls_what_is_wrapped() -> None:
    """Private to it: `watch` would watch nothing if one of these went."""
    from uvicorn.protocols.http.h11_impl import H11Protocol

    for name in waiting.WRAPPED:
        assert callable(getattr(H11Protocol, name))
    made = h11.Connection(h11.SERVER)
    made.receive_data(b"GET / HT")
    assert (made.their_state, made.trailing_data) == (h11.IDLE, (b"GET / HT", False))
    assert asyncio.Transport.get_protocol is not None
