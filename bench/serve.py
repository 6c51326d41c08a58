"""server.py as a process of its own, for whoever measures or looks at it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Server:
    """A server.py that runs."""

    port: int
    pid: int

    def cpu_seconds(self) -> float:
        """Processor time of the process, ended threads included; 0 where the system hides it."""
        clock = (~self.pid << 3) | 2  # Linux: what clock_getcpuclockid(3) makes of a process
        try:
            return time.clock_gettime(clock)
        except (AttributeError, OSError):
            return 0.0


@contextmanager
def serving(
    script: Path | None = None, data: Path | None = None, root: Path = ROOT
) -> Iterator[Server]:
    """A server.py that runs the dashboard, or ``script`` in its place; stopped at the end. ``data``
    names another data folder than the shipped one, ``root`` another checkout."""
    command = [sys.executable, str(root / "server.py"), "--host", "127.0.0.1", "--port", "0"]
    if script:
        command += ["--script", str(script)]
    env = os.environ | ({"QMG_DATA_DIR": str(data)} if data else {})
    pipe = subprocess.PIPE
    how = {"stdout": pipe, "text": True, "encoding": "utf-8", "env": env, "cwd": root}
    with subprocess.Popen(command, **how) as process:
        try:
            port = port_of(process)
            threading.Thread(target=drain, args=(process,), daemon=True).start()
            yield Server(port, process.pid)
        finally:
            if process.poll() is not None:
                print(f"{' '.join(command)} has ended: {process.returncode}", file=sys.stderr)
            process.terminate()


def drain(process: subprocess.Popen[str]) -> None:
    """Read what it prints: a full pipe would stop it."""
    for _ in process.stdout or ():
        pass


def end_on_sigterm() -> None:
    """Let a SIGTERM end this process as Ctrl-C does, its servers with it."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))


def port_of(process: subprocess.Popen[str]) -> int:
    """The port from the address that server.py prints once it answers."""
    for line in process.stdout or ():
        if found := re.search(r"http://127\.0\.0\.1:(\d+)", line):
            return int(found[1])
    raise RuntimeError("server.py ended without an address")
