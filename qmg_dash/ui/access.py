"""Who is looking at this screen, and the way out."""

from __future__ import annotations

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


def role() -> gate.Role | None:
    """What they may do; None as above. The server has checked it: no client can write it."""
    found = visitor()
    return found.role if found else None


def may_edit() -> bool:
    """Whether they may import, correct and undo. To be asked where it is done, not only where the
    button is drawn: a page sends whatever it likes. At this machine alone everybody may."""
    return not gate.on() or role() == "edit"


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
