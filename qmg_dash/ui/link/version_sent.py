"""What a link says of the data that its sender saw, and what has become of them since.

A copied link names the data version (`v`) and how it was made (`sent`: day, form of the link, town).
Opened later it shows the present data, says what has changed, and shows on request (`then`) the
data as they were sent, for as long as that version is kept.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

import simple_html as h
import streamlit as st

from qmg_dash import beijing, fmt
from qmg_dash.figures.since import Changes, Told
from qmg_dash.folder import store
from qmg_dash.folder.memo import Memo
from qmg_dash.folder.snapshot import Snapshot
from qmg_dash.folder.town import Town
from qmg_dash.model import Filters
from qmg_dash.ui import link, markup, markup_changes
from qmg_dash.ui.emit import emit
from qmg_dash.ui.link import bounds

FORM = 1
"""The form of this version's links: to be raised when a key is added or changes its meaning."""
VERSION = re.compile(r"[0-9A-Za-z]{12}")
"""A data version."""
_CHANGES = Memo[tuple[str, date | None, Filters], Told](limit=8)
"""What has changed since a version, as it was on a day."""


def town_mark(town: Town) -> str:
    """A town in a link: enough to tell it from another, no more."""
    return hashlib.sha256(f"{town.code}\0{town.name}".encode()).hexdigest()[:6]


@dataclass(frozen=True)
class Sent:
    """What a link says of its data. `version` is empty where it says nothing that can be used."""

    present: Snapshot
    root: Path
    version: str = ""
    day: date | None = None
    wanted: bool = False
    said: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether the data are others now."""
        return self.version not in ("", self.present.version)

    @cached_property
    def former(self) -> Snapshot | None:
        """The data as they were sent; None where they are the present ones or not kept."""
        return store.opened(self.root, self.version, self.day) if self.changed else None

    @property
    def shown(self) -> Snapshot:
        """What the screens show."""
        return (self.wanted and self.former) or self.present

    @property
    def back(self) -> bool:
        """Whether the data of then are shown."""
        return self.shown is not self.present

    @property
    def keys(self) -> dict[str, str]:
        """What further links of this screen must carry: the data of then, while they are shown."""
        mine = {link.V: self.version, link.SENT: stamp(self), link.THEN: "true"}
        return mine if self.back else {}

    def changes(self, filters: Filters) -> Told | None:
        """What has changed since; None where the version is not kept."""
        former = self.former
        if former is None:
            return None
        present, key = self.present, (self.version, self.day, filters)
        return _CHANGES(present, key, lambda: Changes(former, present, filters).told())


def stamp(sent: Sent) -> str:
    """The `sent` of a link: the day, the form, the town."""
    day = (sent.day if sent.back else None) or beijing.today()
    return f"{day}.{FORM}.{town_mark(sent.present.town)}"


def read(asked: Mapping[str, str], present: Snapshot) -> Sent:
    """What a link says of its data; what makes no sense is said."""
    said: list[str] = []
    version = asked.get(link.V)
    if version is not None and not VERSION.fullmatch(version):
        said.append(f"链接中的数据版本“{fmt.short(version)}”不是有效的版本号，未使用。")
        version = None
    day = _read_stamp(asked.get(link.SENT), present.town, said)
    wanted = asked.get(link.THEN) == "true"
    return Sent(present, present.root, version or "", day, wanted, tuple(said))


def _read_stamp(written: str | None, town: Town, said: list[str]) -> date | None:
    if written is None:
        return None
    first, form, mark = [*written.split(".", 2), "", ""][:3]
    day, number = bounds.day(first), bounds.number(form, bounds.FORMS)
    if day is None or number is None:
        said.append(f"链接中的发送标记“{fmt.short(written)}”无法识别，未使用。")
        return None
    if number > FORM:
        said.append("链接来自较新版本的看板，个别内容可能显示不全；请联系管理人员更新本看板。")
    if mark != town_mark(town):
        said.append(f"链接发自另一个单位的看板，这里显示的是{town.name}的数据。")
    return day


# ---- the line over a screen ----------------------------------------------------------------------
def sentence(sent: Sent, filters: Filters, wall: bool = False) -> str:
    """The line about the data of then; empty where there is nothing to say. A `wall` has no
    versions' names."""
    if not sent.changed:
        return ""
    if sent.back:
        on = f" {sent.day} " if sent.day else "链接"
        return (
            f"正在显示{on}发送时的数据{'' if wall else f'（版本 {sent.version}）'}，不是最新数据。"
        )
    changes = sent.changes(filters)
    if changes is None:
        then, now = ("", "最新数据") if wall else (f" {sent.version} ", sent.present.version)
        return (
            f"链接发送时的数据版本{then}没有保留（已更新多次，或来自另一份数据），"
            f"不能列出变化；现在显示的是{'' if wall else ' '}{now}。"
        )
    count = len(changes.figures)
    if count:
        return f"发送时的数据已更新：{count} 个数字有变化。"
    return f"发送时的数据已更新：{filters.year} 年度的数字没有变化。"


def line(sent: Sent, filters: Filters) -> None:
    """The line at the desk, which opens to the list, with the switch between then and now."""
    if not sent.changed:
        return
    with st.container(key="sent", horizontal=True, vertical_alignment="center"):
        said, changes = sentence(sent, filters), None
        if not sent.back and sent.former is not None:
            with st.spinner("正在核对发送时的数据…"):
                changes = sent.changes(filters)
                said = sentence(sent, filters)
        emit(markup.wrap(_opened(said, changes)))
        if sent.back:
            st.button("看最新数据", key="see_now", on_click=link.put, args=({link.THEN: None},))
        elif sent.former is not None:
            st.button(
                "按发送时查看", key="see_then", on_click=link.put, args=({link.THEN: "true"},)
            )


def _opened(said: str, changes: Told | None) -> h.Node:
    if changes is None:
        return markup.banner(said)
    summary = h.summary(said, h.span(" 看变化"))
    return h.details({"class": "banner sent"}, summary, markup_changes.listing(changes))
