"""A shared server over a gate's folder of its own, and cookies to come with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlencode

from serving import Server, running

from qmg_dash.gate import Role, Visitor, home, passphrase
from qmg_dash.gate.table import Table

PHRASES: dict[Role, str] = {"view": "看板口令：查看用", "edit": "correct horse battery"}
SCRIPT = """
import os

import streamlit as st

from qmg_dash.ui import access

st.html(f"<h1 class='title'>role {access.role()}</h1><p>{access.visitor().name}</p><i>pid {os.getpid()}</i>")
st.html(f"<p>may edit: {not access.barred(demo=False)}</p>")
access.foot("/")
st.download_button("a figure", b"12345", "figure.csv", on_click="ignore")
"""
"""Stands for the dashboard where only the gate is looked at: says who it thinks is looking."""
TOWN = """
[town]
name = "远方县测试镇"
short_name = "测试镇"
contact = "党政办 王老师 8123"
"""


@dataclass(frozen=True)
class Place:
    """The folders of a shared server."""

    home: home.Home
    data: Path

    @property
    def environment(self) -> dict[str, str]:
        return {home.VARIABLE: str(self.home.folder), "QMG_DATA_DIR": str(self.data)}

    @property
    def table(self) -> Table:
        return Table(self.home.sessions, home.key(self.home))

    def cookie(self, role: Role = "view", lasts: float = 3600) -> dict[str, str]:
        """The header of somebody who is in, as if they had logged in."""
        table = Table(self.home.sessions, home.key(self.home), lasts)
        return {"cookie": f"{table.cookie}={table.begin(Visitor(role), 'passphrase')}"}


def build(folder: Path) -> Place:
    """Folders with both passphrases set and a town that names whom to ask."""
    place = Place(home.Home(folder / "gate"), folder / "data")
    place.data.mkdir(parents=True)
    (place.data / "town.toml").write_text(TOWN, encoding="utf-8")
    home.ready(place.home, place.data)
    home.write_private(place.home.passphrases, _hashes())
    return place


@cache
def _hashes() -> bytes:
    """The file of passphrases, worked out once: a hash takes 0.1 s on purpose."""
    with TemporaryDirectory() as folder:
        place = home.Home(Path(folder))
        for role, phrase in PHRASES.items():
            passphrase.choose(place, role, phrase)
        return place.passphrases.read_bytes()


@contextmanager
def shared(
    place: Place, script: Path | None, *options: str, descriptors: int = 0
) -> Iterator[Server]:
    """server.py --share on this machine's loopback."""
    listen = () if "--host" in options else ("--host", "127.0.0.1")
    options = ("--share", *listen, *options)
    environment = place.environment
    with running(script, *options, environment=environment, descriptors=descriptors) as server:
        yield server


def login(server: Server, phrase: str, to: str = "/", **headers: str):
    """What the login form sends."""
    form = urlencode({"passphrase": phrase, "to": to}).encode()
    return server.get("/_gate/login", "POST", form, **{"origin": server.url} | headers)
