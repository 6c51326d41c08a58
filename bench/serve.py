"""server.py as a process of its own, for whoever measures or looks at it."""

from __future__ import annotations

import re
import subprocess
import sys
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
def serving(script: Path | None = None) -> Iterator[Server]:
    """A server.py that runs the dashboard, or ``script`` in its place; stopped at the end."""
    command = [sys.executable, str(ROOT / "server.py"), "--host", "127.0.0.1", "--port", "0"]
    if script:
        command += ["--script", str(script)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8") as process:
        try:
            yield Server(port_of(process), process.pid)
        finally:
            process.terminate()


def port_of(process: subprocess.Popen[str]) -> int:
    """The port from the address that server.py prints once it answers."""
    for line in process.stdout or ():
        if found := re.search(r"http://127\.0\.0\.1:(\d+)", line):
            return int(found[1])
    raise RuntimeError("server.py ended without an address")
