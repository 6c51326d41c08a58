"""Open websockets by session, so that a session's end closes them."""

from __future__ import annotations

import asyncio
import sqlite3
from collections import defaultdict

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qmg_dash.gate.table import Session, Table

SECONDS = 2.0
"""How often another replica's logout, a changed passphrase and the time are looked at."""
ENDED = 4401
"""The code a browser's socket is closed with; 4000 to 4999 are an application's own."""


class Sockets:
    """The websockets of this process."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self._ends: dict[str, set[asyncio.Event]] = defaultdict(set)
        self._watch: asyncio.Task[None] | None = None

    async def hold(
        self, session: Session, app: ASGIApp, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Run the app on a websocket for as long as its session lives."""
        end = asyncio.Event()
        self._ends[session.id].add(end)
        if self._watch is None or self._watch.done():
            self._watch = asyncio.create_task(self._watching())
        ending = asyncio.create_task(end.wait())
        leash = _Leash(end, ending, receive, send)
        try:
            await app(scope, leash.receive, leash.send)
        finally:
            ending.cancel()
            self._ends[session.id].discard(end)
            if not self._ends[session.id]:
                del self._ends[session.id]

    def end(self, id: str) -> None:
        """Close the websockets of a session here and now."""
        for event in self._ends.get(id, ()):
            event.set()

    async def _watching(self) -> None:
        while self._ends:
            await asyncio.sleep(SECONDS)
            try:
                dead = set(self._ends) - self.table.living(list(self._ends))
            except (sqlite3.Error, OSError):  # unreadable just now: what is open stays, none opens
                continue
            for id in dead:
                self.end(id)


class _Leash:
    """A websocket's two directions, cut when the session ends."""

    def __init__(
        self, end: asyncio.Event, ending: asyncio.Task[bool], receive: Receive, send: Send
    ) -> None:
        self._end, self._ending = end, ending
        self._receive, self._send = receive, send
        self._closed = False

    async def receive(self) -> Message:
        message = asyncio.ensure_future(self._receive())
        try:
            await asyncio.wait({message, self._ending}, return_when=asyncio.FIRST_COMPLETED)
            if not self._end.is_set():
                return await message
        finally:
            message.cancel()
        if not self._closed:
            self._closed = True
            await self._send({"type": "websocket.close", "code": ENDED, "reason": "session ended"})
        return {"type": "websocket.disconnect", "code": ENDED}

    async def send(self, message: Message) -> None:
        if self._end.is_set():
            raise OSError("the session has ended")  # to Starlette a client that is gone
        await self._send(message)
