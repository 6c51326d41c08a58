"""Connections on which the server waits: for the rest of a header or a body, or for the next request.

A stranger needs no passphrase to open a connection and send half a request. uvicorn waits for the
rest for ever, and a process has a limit of descriptors: some hundred such connections, and nobody
gets in. So the rest has a time limit, and where one address (or all together) has too many of them
open, the one that has waited longest is closed. Somebody who sends a whole request is never in line.

uvicorn has neither limit, and Streamlit starts it by itself and hands nothing on: `watch` wraps
methods of its protocol (WRAPPED). What it uses of uvicorn and h11 is held by tests/test_strangers.py.
"""

from __future__ import annotations

import asyncio
import socket
import time
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from qmg_dash.gate.address import network
from qmg_dash.gate.plain import Rest

HEADER_SECONDS = 10.0
"""Until a request's header has to be whole: a browser sends it in one piece."""
BODY_SECONDS = 30.0
"""Until a body has to be whole, and longer by what has come of it at SLOWEST."""
SECONDS = {"header": HEADER_SECONDS, "body": BODY_SECONDS}
SLOWEST = 2_000
"""Bytes a second: 50 MB of ledgers may take seven hours, a trickle of single bytes half a minute."""
EACH = 64
"""Unfinished requests that one address may have open."""
RESERVE = 384
"""Descriptors for the data, the visitors' websockets and answers under way."""
HARD_LIMIT = 65_536
"""As many descriptors as are asked for at the start, where the system allows that many."""
WRAPPED = (
    "connection_made",
    "data_received",
    "on_response_complete",
    "connection_lost",
    "shutdown",
)
"""The methods of uvicorn's protocol that tell what a connection does."""


@dataclass
class Wait:
    """What is waited for on a connection, and since when."""

    phase: str
    address: str
    since: float
    received: int = 0
    timer: asyncio.TimerHandle | None = field(default=None, repr=False)


class Waiting:
    """All connections of this process on which it waits, the longest waiting first.

    `most` is for all together.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._waits: dict[H11Protocol, Wait] = {}
        self._by_address: dict[str, dict[H11Protocol, None]] = defaultdict(dict)

    def __len__(self) -> int:
        return len(self._waits)

    def look(self, at: H11Protocol, came: int = 0) -> None:
        """Note what a connection waits for now that it was opened, sent `came` bytes or was
        answered."""
        phase = _phase(at)
        known = self._waits.get(at)
        if known and known.phase == phase:
            known.received += came
            return
        self.forget(at)
        if phase:
            self._begin(at, phase)

    def forget(self, at: H11Protocol) -> None:
        """The connection is gone, or a whole request is at work on it."""
        wait = self._waits.pop(at, None)
        if wait is None:
            return
        if wait.timer:
            wait.timer.cancel()
        same = self._by_address.get(wait.address)
        if same:
            same.pop(at, None)
            if not same:
                del self._by_address[wait.address]

    def _begin(self, at: H11Protocol, phase: str) -> None:
        # Between two requests uvicorn has a time limit of its own, and one address many of them.
        address = _address(at, phase) if phase != "next" else ""
        wait = self._waits[at] = Wait(phase, address, time.monotonic())
        if phase in SECONDS:
            self._time(at, wait, SECONDS[phase])
        if address:
            same = self._by_address[address]
            same[at] = None
            if len(same) > EACH:
                self.close(next(iter(same)))
        if len(self._waits) > self.most:
            self.close(next(iter(self._waits)))

    def _time(self, at: H11Protocol, wait: Wait, seconds: float) -> None:
        wait.timer = at.loop.call_later(seconds, self._late, at, wait)

    def _late(self, at: H11Protocol, wait: Wait) -> None:
        """The time is over; a body that comes fast enough, or that we do not take, gets more."""
        if wait.phase == "body":
            if at.flow.read_paused:
                wait.since, wait.received = time.monotonic(), 0
            left = wait.since + BODY_SECONDS + wait.received / SLOWEST - time.monotonic()
            if left > 0:
                self._time(at, wait, left)
                return
        self.close(at)

    def close(self, at: H11Protocol) -> bool:
        """Close a connection at once if it is one of these; whether it was."""
        known = at in self._waits
        self.forget(at)
        if known and not at.transport.is_closing():
            at.transport.abort()  # what it was to get is not waited for either
        return known


def _address(at: H11Protocol, phase: str) -> str:
    """Whose connection it is, by uvicorn's own rule of which proxies to believe: theirs is known
    once the header is whole; until then there is none to count by."""
    host = at.client[0] if at.client else ""
    proxies = at.app.trusted_hosts
    if host in proxies:
        told = (
            [v for k, v in at.headers or () if k == b"x-forwarded-for"] if phase == "body" else []
        )
        host = proxies.get_trusted_client_address(b",".join(told).decode("latin-1"))[0]
    return network(host)


def _phase(at: H11Protocol) -> str:
    """What is waited for: header, body, the rest of what was refused, the next request, or nothing
    ("")."""
    state, speaks = at.conn.their_state, at.transport.get_protocol()
    if at.transport.is_closing() or speaks is not at:
        return "rest" if isinstance(speaks, Rest) else ""  # gone, or a websocket now
    if state is h11.SEND_BODY:
        return "body"
    if state is not h11.IDLE:
        return ""
    begun, _ = at.conn.trailing_data
    return "header" if begun or at.cycle is None else "next"


def descriptors() -> int:
    """How many this process may have open, after asking for as many as the system allows."""
    try:
        import resource
    except ImportError:  # Windows counts no sockets among them
        return HARD_LIMIT
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = HARD_LIMIT if hard == resource.RLIM_INFINITY else min(hard, HARD_LIMIT)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(OSError, ValueError):  # refused: what there is has to do
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            soft = wanted
    return wanted if soft == resource.RLIM_INFINITY else soft


def _at_once(transport: asyncio.Transport) -> None:
    """Let small answers leave at once. Streamlit binds a socket of which asyncio does not know that it
    is TCP, so that the second part of each answer waited 40 ms for a word that the first had arrived
    (Nagle's algorithm)."""
    tcp = transport.get_extra_info("socket")
    if tcp is not None and tcp.family in (socket.AF_INET, socket.AF_INET6):
        tcp.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def watch() -> Waiting:
    """Watch every connection that is opened from now on."""
    waiting = Waiting(max(EACH, (descriptors() - RESERVE) // 2))
    made, received, answered, lost, ended = (getattr(H11Protocol, name) for name in WRAPPED)

    def connection_made(self: H11Protocol, transport: asyncio.Transport) -> None:
        _at_once(transport)
        made(self, transport)
        waiting.look(self)

    def data_received(self: H11Protocol, data: bytes) -> None:
        received(self, data)
        waiting.look(self, len(data))

    def on_response_complete(self: H11Protocol) -> None:
        answered(self)
        waiting.look(self)

    def connection_lost(self: H11Protocol, error: Exception | None) -> None:
        waiting.forget(self)
        lost(self, error)

    def shutdown(self: H11Protocol) -> None:
        if not waiting.close(self):  # half a request holds up no restart
            ended(self)

    ours = (connection_made, data_received, on_response_complete, connection_lost, shutdown)
    for name, wrapped in zip(WRAPPED, ours, strict=True):
        setattr(H11Protocol, name, wrapped)
    return waiting
