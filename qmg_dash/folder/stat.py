"""What tells cheaply that a file has changed."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Stat:
    """What tells cheaply that a file has changed."""

    mtime_ns: int
    size: int
    inode: int

    @classmethod
    def of(cls, path: Path | str | int, follow: bool = True) -> Stat:
        s = os.fstat(path) if isinstance(path, int) else os.stat(path, follow_symlinks=follow)
        return cls(s.st_mtime_ns, s.st_size, s.st_ino)

    @property
    def age(self) -> float:
        """Seconds since the last change (negative where another machine's clock is ahead)."""
        return time.time() - self.mtime_ns / 1e9


Stats = tuple[tuple[str, Stat], ...]
