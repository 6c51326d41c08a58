"""Who is looking at this screen, and the way out."""

from __future__ import annotations

import os
from collections.abc import Iterable

import simple_html as h
import streamlit as st
from streamlit import config

from qmg_dash import gate
from qmg_dash.gate import log
from qmg_dash.gate.address import local
from qmg_dash.ui.emit import emit

HERE_ONLY = "没有设口令的看板只能在本机使用，不能监听其他地址。要分享给同事，请用 python server.py --share 启动。"


def visitor() -> gate.Visitor | None:
    """Who is looking; None: no gate stands, so whoever is at this machine."""
    return gate.visitor(st.context.headers) if gate.on() else None


def name() -> str:
    """Who they are, for the history; empty where nobody has said so."""
    found = visitor()
    return found.subject if found else ""


def role() -> gate.Role | None:
    """What they may do; None as above. The server has checked it: no client can write it."""
    found = visitor()
    return found.role if found else None


KEY = "QMG_EDIT_KEY"
"""The environment's word for the key of whoever may edit at this machine alone."""
KNOWN = "intake_key"
"""In the session: the key, once it was written."""


def barred(demo: bool) -> str:
    """Why this visitor may not write into the data folder, and who can; empty where they may. To be
    asked where it is done, not only where the button is drawn: a page sends whatever it likes."""
    if demo:
        return "演示数据不能记录：请先在菜单里换成本单位的数据"
    if gate.on():
        return "" if role() == "edit" else "只能查看：由用“编辑”口令进入的人记录"
    key = os.environ.get(KEY, "")
    if not key:
        return "还不能记录：请由管理这台电脑的人设好更新口令后重新启动"
    if st.session_state.get(KNOWN) != key:
        return "还不能记录：请先在“数据口径”页输入更新口令"
    return ""


def refused() -> bool:
    """Whether this server listens beyond this machine without a gate: then it shows nothing.
    `streamlit run app.py` listens on every address unless it is told otherwise."""
    if gate.on():
        return visitor() is None
    return not local(config.get_option("server.address"))


def handed_over(screens: Iterable[str]) -> None:
    """A meeting has put all of its screens on the visitor's page: a line in the log for each."""
    who = visitor()
    known = st.session_state.setdefault("handed_over", set())
    for screen in dict.fromkeys(screens) if who else ():
        if screen not in known:
            known.add(screen)
            log.saw(who, screen)


def foot(screen: str) -> None:
    """Behind a gate: 退出登录 at the foot of the sidebar, and a line in the log a screen."""
    who = visitor()
    if who is None:
        return
    if st.session_state.get("seen") != (who, screen):
        st.session_state["seen"] = (who, screen)
        log.saw(who, screen)
    base = config.get_option("server.baseUrlPath").strip("/")
    out = f"/{base}/_gate/logout".replace("//", "/")
    with st.sidebar:
        leave = h.a({"href": out, "target": "_self"}, "退出登录")
        emit(h.p({"class": "q muted leave", "style": "font-size:.875rem"}, f"{who.name} · ", leave))
