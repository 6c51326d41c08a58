"""A slow line: a TCP relay on loopback that lets a bounded number of bits a second through.

Chromium can throttle itself (Network.emulateNetworkConditions), but that leaves the websocket
alone, and with a hundred requests at once some loads hang for good (8 of 110 from a plain
``streamlit run``, 2 of 90 from server.py, none of 200 unthrottled). A relay slows every byte, as a
line does.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Awaitable, Callable

CHUNK = 16 * 1024
QUEUED = 0.05  # seconds of traffic that wait on the line before the sender is held back


class Line:
    """A direction of the line, shared by all connections: bytes leave one after the other."""

    def __init__(self, mbit: float, latency: float) -> None:
        self.bytes_a_second = mbit * 125_000
        self.latency = latency
        self.free_at = 0.0

    async def carry(self, size: int) -> float:
        """Queue ``size`` bytes, holding the sender back while the queue is full.

        Returns the time at which they arrive.
        """
        now = asyncio.get_running_loop().time()
        self.free_at = max(now, self.free_at) + size / self.bytes_a_second
        arrives = self.free_at + self.latency
        await asyncio.sleep(max(0.0, self.free_at - now - QUEUED))
        return arrives


class SlowLine:
    """Relays ``127.0.0.1:port`` to the port ``target`` at ``mbit`` Mbit/s, as a context manager.

    Latency is in seconds and each way. The relay runs in a thread of its own.
    """

    def __init__(self, target: int, mbit: float = 10.0, latency: float = 0.005) -> None:
        self.target, self.mbit, self.latency = target, mbit, latency
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> SlowLine:
        self._thread.start()
        self._run(self._open())
        return self

    def __exit__(self, *_: object) -> None:
        self._run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    def _run(self, work: Awaitable[None]) -> None:
        async def await_it() -> None:
            await work

        asyncio.run_coroutine_threadsafe(await_it(), self._loop).result(10)

    async def _open(self) -> None:
        self._down = Line(self.mbit, self.latency)
        self._up = Line(self.mbit, self.latency)
        self._server = await asyncio.start_server(self._connection, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        self._server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.close()
            return
        ways = (
            relay(reader, far_writer, self._up.carry),
            relay(far_reader, writer, self._down.carry),
        )
        # Cancelled only when the relay closes, where asyncio would print each such task.
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*ways)


async def relay(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    carry: Callable[[int], Awaitable[float]],
) -> None:
    """Pass bytes on until either side closes, each chunk after its time on the line."""
    on_the_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(maxsize=256)

    async def arrive() -> None:
        loop = asyncio.get_running_loop()
        while True:
            at, data = await on_the_way.get()
            await asyncio.sleep(max(0.0, at - loop.time()))
            if not data:
                return
            writer.write(data)
            await writer.drain()

    arriving = asyncio.create_task(arrive())
    try:
        while data := await reader.read(CHUNK):
            await on_the_way.put((await carry(len(data)), data))
        await on_the_way.put((0.0, b""))
        await arriving
    except ConnectionError:
        pass  # the browser drops what it no longer wants
    finally:
        arriving.cancel()
        writer.close()
