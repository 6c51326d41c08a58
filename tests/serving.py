"""server.py as a process of its own: its address, what it says, and requests that hide nothing."""

from __future__ import annotations

import asyncio
import http.client
import os
import re
import subprocess
import sys
import threading
from collections.abc import Coroutine, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from websockets.sync.client import ClientConnection, connect

ROOT = Path(__file__).parents[1]
START_SECONDS = 60
T = TypeVar("T")


class Server:
    """A server.py that runs; its address and what it has printed."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.said: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._started = threading.Event()
        self._reader.start()
        assert self._started.wait(START_SECONDS), "\n".join(self.said)
        self.url = next(iter(re.findall(r"http://\S+", "\n".join(self.said))), "")
        assert self.url, "\n".join(self.said)
        self.host, self.port = str(urlsplit(self.url).hostname), int(urlsplit(self.url).port or 0)

    def _read(self) -> None:
        with suppress(ValueError):  # the pipe was closed where the process was not waited for
            for line in self.process.stdout or ():
                self.said.append(line.rstrip())
                if "http://" in line:
                    self._started.set()
        self._started.set()  # it has ended

    def stop(self) -> None:
        """End it and read what it said until then."""
        self.process.terminate()
        self.process.wait(20)
        self._reader.join(20)

    def get(
        self, path: str, method: str = "GET", body: bytes | None = None, **headers: str
    ) -> tuple[http.client.HTTPResponse, bytes]:
        """One request, not decoded and not redirected. ``accept_encoding=`` sets Accept-Encoding."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=30)
        try:
            sent = {"Accept-Encoding": "identity"}
            sent |= {k.replace("_", "-").title(): v for k, v in headers.items()}
            connection.request(method, path, body, headers=sent)
            response = connection.getresponse()
            return response, response.read()
        finally:
            connection.close()


@contextmanager
def running(
    script: Path | None,
    *options: str,
    environment: Mapping[str, str] | None = None,
    descriptors: int = 0,
) -> Iterator[Server]:
    """server.py on a free port, stopped at the end; the dashboard itself where no script is named.
    `descriptors`: as many as `ulimit -n` allows it."""
    limit = ["bash", "-c", f'ulimit -n {descriptors} && exec "$0" "$@"'] if descriptors else []
    command = [*limit, sys.executable, str(ROOT / "server.py")]
    command += ["--script", str(script)] if script else []
    command += [] if "--port" in options else ["--port", "0"]
    process = subprocess.Popen(
        [*command, *options],
        cwd=script.parent if script else ROOT,  # elsewhere its settings are found all the same
        env=os.environ | {"PYTHONUNBUFFERED": "1"} | dict(environment or {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    )
    with process:  # closes the pipe and waits
        try:
            yield Server(process)
        finally:
            process.terminate()


def apart(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine in a thread of its own: Playwright leaves a loop running in the tests' one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


def websocket(server: Server, **options: Any) -> ClientConnection:
    """Streamlit's websocket, opened as its frontend does."""
    url = f"ws://{server.host}:{server.port}/_stcore/stream"
    return connect(url, subprotocols=["streamlit", "token"], proxy=None, **options)
