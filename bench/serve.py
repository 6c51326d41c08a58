"""server.py as a process of its own, for whoever measures or looks at it."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@contextmanager
def serving(script: Path | None = None) -> Iterator[int]:
    """The port of a server.py that runs the dashboard, or ``script`` in its place.

    Its further output is thrown away; it is stopped at the end.
    """
    command = [sys.executable, str(ROOT / "server.py"), "--host", "127.0.0.1", "--port", "0"]
    if script:
        command += ["--script", str(script)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8") as process:
        try:
            yield port_of(process)
        finally:
            process.terminate()


def port_of(process: subprocess.Popen[str]) -> int:
    """The port from the address that server.py prints once it answers."""
    if process.stdout is None:
        raise ValueError("the server's output is not captured")
    for line in process.stdout:
        if found := re.search(r"http://127\.0\.0\.1:(\d+)", line):
            return int(found[1])
    raise RuntimeError("server.py ended without an address")
