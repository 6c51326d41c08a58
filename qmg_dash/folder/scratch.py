"""Private directories of this process under the system's temporary one: what DuckDB spills, and
copies of the files it scans.

A process that is killed takes none of its own with it. So each holds a locked file, and the first
directory of the next process clears away those whose lock nobody holds any more. A number of the
process would not do: it may be another one's by now, or one of another container.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from functools import cache
from pathlib import Path
from typing import BinaryIO

from qmg_dash.folder import locks

PREFIX, OWNER = "qmg-", "owner"
YOUNG = 60.0
"""Seconds for which a directory is left alone: its maker may not have locked it yet."""


def make() -> tuple[Path, BinaryIO]:
    """(a new directory, the open file that keeps it): hand both to `drop`."""
    _clear_once()
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    owner = open(folder / OWNER, "a+b")  # noqa: SIM115 - it is held as long as the directory
    locks.take(owner.fileno())
    return folder, owner


def drop(folder: Path, owner: BinaryIO) -> None:
    """Remove a directory of our own; its file is closed first, since Windows removes no open one."""
    owner.close()
    shutil.rmtree(folder, ignore_errors=True)


def clear() -> None:
    """Remove the directories of processes that have ended."""
    with os.scandir(tempfile.gettempdir()) as entries:
        found = [Path(e.path) for e in entries if e.name.startswith(PREFIX) and _is_folder(e)]
    for folder in found:
        if _left_behind(folder / OWNER):
            shutil.rmtree(folder, ignore_errors=True)


_clear_once = cache(clear)


def _is_folder(entry: os.DirEntry) -> bool:
    return entry.is_dir(follow_symlinks=False)


def _left_behind(owner: Path) -> bool:
    """Whether nobody holds a directory's file. One that is ours cannot be locked twice, and one
    without such a file is not of this kind."""
    try:
        if abs(time.time() - owner.stat().st_mtime) < YOUNG:
            return False
        with open(owner, "r+b") as stream:
            locks.take(stream.fileno())
    except OSError:
        return False
    return True
