"""Opening a file that a folder names: a regular one alone, and a small one no further than it may go.

A data folder may come from anywhere. A pipe of the right name would be waited for without end, a
device may be read without end, a link may lead out. Whatever is opened by its name in a folder is
opened here.
"""

from __future__ import annotations

import os
import stat
from functools import partial
from pathlib import Path
from typing import BinaryIO

SMALL = 1 << 20
"""Bytes that a file of settings may have: town.toml, a manifest."""
_FLAGS = sum(getattr(os, name, 0) for name in ("O_BINARY", "O_CLOEXEC", "O_NONBLOCK", "O_NOCTTY"))


class Odd(OSError):
    """What has the name is no file, or none of this kind: `strerror` says what it is, in Chinese."""

    def __init__(self, said: str):
        super().__init__(0, said)


def what(mode: int) -> str:
    """What is no regular file, in a word; empty for one that is."""
    if stat.S_ISREG(mode):
        return ""
    if stat.S_ISDIR(mode):
        return "文件夹"
    return "链接" if stat.S_ISLNK(mode) else "特殊文件（管道、设备或套接字）"


def _refuse(found: os.stat_result) -> None:
    if word := what(found.st_mode):
        raise Odd(f"这是{word}，不是普通文件")


def is_folder(path: Path) -> bool:
    """Whether it is a folder, and no link to one."""
    try:
        return stat.S_ISDIR(os.lstat(path).st_mode)
    except OSError:
        return False


def only(path: str, flags: int, follow: bool = True) -> int:
    """As the `opener` of open(): a regular file alone. Raises OSError, Odd among them."""
    _refuse(os.stat(path, follow_symlinks=follow))  # a device may act on being opened
    unfollowed = 0 if follow else getattr(os, "O_NOFOLLOW", 0)
    handle = os.open(path, flags | _FLAGS | unfollowed)
    try:
        _refuse(os.fstat(handle))
    except OSError:
        os.close(handle)
        raise
    return handle


def opened(path: Path, follow: bool = True) -> BinaryIO:
    """A regular file, to be read. `follow`: through a link too. Raises OSError, Odd among them."""
    return open(path, "rb", opener=partial(only, follow=follow))


def read(path: Path, most: int | None = None, follow: bool = True) -> bytes:
    """All that a file holds. Raises OSError; Odd where it is more than `most` bytes."""
    with opened(path, follow) as stream:
        data = stream.read() if most is None else stream.read(most + 1)
    if most is not None and len(data) > most:
        raise Odd(f"大小超过 {most >> 10} KB")
    return data
