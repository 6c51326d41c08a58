"""Where the gate keeps what is secret: key, passphrases, sessions, the provider's settings, logs.

One folder outside the data and the program (a data folder is copied about and handed on), named by
QMG_GATE_DIR. What lies there belongs to the account that runs the dashboard, and to nobody else.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from qmg_dash.model import why

VARIABLE = "QMG_GATE_DIR"
KEY_BYTES = 32
OTHERS = stat.S_IRWXG | stat.S_IRWXO


class GateError(Exception):
    """The gate cannot stand: what is wrong and how to mend it, in Chinese."""


@dataclass(frozen=True)
class Home:
    """The folder and the files in it."""

    folder: Path

    @property
    def key(self) -> Path:
        return self.folder / "key"

    @property
    def passphrases(self) -> Path:
        return self.folder / "passphrases.json"

    @property
    def sessions(self) -> Path:
        return self.folder / "sessions.sqlite3"

    @property
    def oidc(self) -> Path:
        return self.folder / "oidc.toml"

    @property
    def logs(self) -> Path:
        return self.folder / "logs"


def resolve() -> Home:
    """What QMG_GATE_DIR names, else .qmg-dash in the account's own folder."""
    named = os.environ.get(VARIABLE)
    return Home(Path(named).expanduser() if named else Path.home() / ".qmg-dash")


def ready(home: Home, data: Path) -> None:
    """Make the folder, or see that it is fit; GateError where it is not."""
    inside = home.folder.resolve()
    if data.resolve() in (inside, *inside.parents):
        raise GateError(
            f"口令文件夹 {home.folder} 在数据文件夹里：数据文件夹会被拷贝、分发。"
            f"请用环境变量 {VARIABLE} 指到别处。"
        )
    try:
        home.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        mode = home.folder.stat().st_mode
    except OSError as error:
        raise GateError(
            f"不能建立或读取文件夹 {home.folder}（{why(error)}）："
            f"请检查权限和磁盘空间，或用环境变量 {VARIABLE} 另指一个。"
        ) from None
    if os.name == "posix" and mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise GateError(f"文件夹 {home.folder} 别人也能写。请执行：chmod 700 {home.folder}")


def read_private(path: Path) -> bytes | None:
    """A file that nobody else can read; None where there is none. Windows has no such modes: there
    the account's own folder is the protection."""
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            data = file.read()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise GateError(
            f"文件 {path} 读不出（{why(error)}）：请让运行看板的账号能读它，"
            f"例如 chown 给这个账号并执行 chmod 600 {path}"
        ) from None
    if os.name == "posix" and mode & OTHERS:
        raise GateError(
            f"文件 {path} 别的账号也能读，里面的内容可能已经外泄。请执行：chmod 600 {path}"
            f"；若怀疑已被人读过，请删除它后重新设置。"
        )
    return data


def write_private(path: Path, data: bytes, replace: bool = True) -> None:
    """Write a file that nobody else can read, whole or not at all. Without `replace` the first
    writer wins, of two that start at once."""
    # mkstemp makes it 0600.
    number, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(number, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if replace:
            os.replace(name, path)
        else:
            with contextlib.suppress(FileExistsError):
                os.link(name, path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)


def key(home: Home) -> bytes:
    """The key that signs cookies, made at the first start."""
    found = read_private(home.key)
    if found is None and home.sessions.exists():
        raise GateError(
            f"签名密钥 {home.key} 不见了，而登录记录还在。请从备份恢复它；"
            f"没有备份就删除 {home.sessions}，再启动：会生成新的密钥，大家要重新登录一次。"
        )
    if found is None:
        write_private(home.key, secrets.token_bytes(KEY_BYTES), replace=False)
        found = read_private(home.key)
    if found is None or len(found) != KEY_BYTES:
        raise GateError(
            f"签名密钥 {home.key} 不完整。请从备份恢复它；"
            f"没有备份就删除它和 {home.sessions}，再启动：大家要重新登录一次。"
        )
    return found
