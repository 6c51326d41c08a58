"""Whose a file is: what is put into a data folder keeps owner, group and mode of what was there.

An administrator who imports for an office would else leave files behind that the office can neither
read nor write. Windows has no such owners: there a new file takes the rights of its folder.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

from qmg_dash.folder import regular


class Foreign(OSError):
    """A file cannot be given to the account that it must belong to; `strerror` in Chinese."""

    def __init__(self, like: os.stat_result):
        name = _name(like.st_uid)
        super().__init__(
            0,
            f"这里的文件属于账号 {name}，现在的账号换上的文件不能仍归它所有、保持原来的权限："
            f"请用账号 {name} 操作，或请管理员操作",
        )


def _name(uid: int) -> str:
    with suppress(ImportError, KeyError):
        import pwd

        return pwd.getpwuid(uid).pw_name
    return str(uid)


def mode(like: os.stat_result, folder: bool) -> int:
    """The mode of a new file or folder beside what is there: a file gets its folder's without the
    right to enter."""
    if stat.S_ISDIR(like.st_mode):
        return like.st_mode & 0o2777 | 0o700 if folder else like.st_mode & 0o666 | 0o600
    return stat.S_IMODE(like.st_mode)


def give(path: Path, like: os.stat_result, shared: bool = False) -> None:
    """Give a new file or folder owner, group and mode of what it stands beside or replaces.
    `shared`: where the group may write, its group is enough. By its handle, so that no link that
    takes its name meanwhile is followed. Raises Foreign, OSError."""
    if not hasattr(os, "fchown"):
        return
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        now = os.fstat(handle)
        if (now.st_uid, now.st_gid) != (like.st_uid, like.st_gid):
            _hand_over(handle, now, like, shared)
        wanted = mode(like, stat.S_ISDIR(now.st_mode))
        if stat.S_IMODE(os.fstat(handle).st_mode) != wanted:
            os.fchmod(handle, wanted)
    finally:
        os.close(handle)


def _hand_over(handle: int, now: os.stat_result, like: os.stat_result, shared: bool) -> None:
    try:
        os.fchown(handle, like.st_uid, like.st_gid)
    except PermissionError as e:
        if not (shared and like.st_mode & stat.S_IWGRP):
            raise Foreign(like) from e
        try:
            if now.st_gid != like.st_gid:
                os.fchown(handle, -1, like.st_gid)
        except PermissionError:
            raise Foreign(like) from e


def give_back(folder: Path, like: os.stat_result) -> None:
    """Put right what an earlier import left to another account, as far as we may. A file of several
    names is left alone: one of them may lie elsewhere."""
    with suppress(OSError):
        if os.lstat(folder).st_uid == like.st_uid:
            return
        for place, _, files in os.walk(folder):
            give(Path(place), like)
            for path in (Path(place, name) for name in files):
                now = os.lstat(path)
                if stat.S_ISREG(now.st_mode) and now.st_nlink == 1:
                    give(path, like)


def make(path: Path, like: os.stat_result, shared: bool = False) -> None:
    """Make a folder, if there is none, and give it away; none is left that could not be. Raises
    OSError, Odd where something else has its name."""
    try:
        path.mkdir()
    except FileExistsError:
        if not regular.is_folder(path):
            raise regular.Odd(f"{path.name} 不是真正的文件夹") from None
        return
    try:
        give(path, like, shared)
    except OSError:
        path.rmdir()
        raise


def give_all(folder: Path, like: os.stat_result, shared: bool = False) -> None:
    """Give away a folder of our own with all that is in it."""
    for place, _, files in os.walk(folder, topdown=False):
        for name in files:
            give(Path(place, name), like, shared)
        give(Path(place), like, shared)
