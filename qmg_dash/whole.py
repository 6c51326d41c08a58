"""A file that is written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path


def write(path: Path, data: bytes, ready: Callable[[Path], object] = lambda _: None) -> None:
    """Write beside the path, then put it in its place: a reader sees the old file or the new one.
    `ready` is handed the file before. Raises OSError."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with open(beside, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        ready(beside)
        os.replace(beside, path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise
