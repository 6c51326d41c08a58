"""复制链接 and 二维码: the link of a screen as it is sent to a colleague."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

import segno
import simple_html as h
import streamlit as st
from segno.encoder import DataOverflowError

from qmg_dash.folder.town import Town
from qmg_dash.gate.address import local
from qmg_dash.ui import link, markup
from qmg_dash.ui.emit import emit
from qmg_dash.ui.link import rows_asked
from qmg_dash.ui.link.scope import Scope

ASKED = "qr_asked"
QUIET = 4
"""Modules left white around a code (ISO/IEC 18004)."""
HERE_ONLY = "仅本机可用"
LINK_FIELD = {"data-link": None, "readonly": None, "hidden": None}
"""Attributes without a value."""
TOO_LONG = "链接太长，二维码放不下：请复制链接发送，或减少议程、筛选后再试。"


@dataclass(frozen=True)
class Code:
    """A QR code: a PNG of one pixel a module, as an address for <img>; modules a side."""

    image: str
    modules: int


@lru_cache(maxsize=256)
def code(url: str) -> Code | None:
    """The QR code of a link; None where it is too long for one."""
    try:
        made = segno.make(url, error="l", micro=False)
    except DataOverflowError:
        return None
    return Code(made.png_data_uri(scale=1, border=QUIET), made.symbol_size(border=QUIET)[0])


def site(town: Town, path: str) -> str:
    """Where a colleague's browser finds the dashboard, without the screen's own name: the public
    address of town.toml, else the address by which this browser has it."""
    if town.public_url:
        return town.public_url.rstrip("/")
    return (st.context.url or "").removesuffix(path.rstrip("/")).rstrip("/")


def here_only(town: Town) -> bool:
    """Whether a link opens on this machine alone."""
    host = urlsplit(st.context.url or "").hostname
    return not town.public_url and bool(host) and local(host)


def address(scope: Scope, query: str = "") -> str:
    """The whole link of a screen."""
    return f"{site(scope.snapshot.town, scope.path)}{scope.path}?{query or _seen(scope)}"


def _seen(scope: Scope) -> str:
    """The query of what is on the screen, the open rows too."""
    opened = link.value(link.ROWS) or ""
    return scope.link(**{link.ROWS: opened if rows_asked.read(opened) else None})


def buttons(scope: Scope) -> h.Node:
    """The buttons of a screen, with a field to copy from where the browser forbids the clipboard."""
    only = h.span({"class": "muted here"}, HERE_ONLY) if here_only(scope.snapshot.town) else ""
    code = h.button({"class": "act", "data-qr": None}, "二维码")
    return h.span({"class": "copy"}, copy(scope, _seen(scope), "复制链接"), " ", code, only)


def copy(scope: Scope, query: str, label: str) -> h.Node:
    """A button that copies a link."""
    base = scope.snapshot.town.public_url.rstrip("/")
    at = {"data-base": base + scope.path} if base else {}
    copies = {"class": "act", "data-copy": query, **at, "data-label": label}
    return [
        h.button(copies, label),
        " ",
        h.input_({"class": "linkbox", "aria-label": "链接"} | LINK_FIELD),
    ]


def ask() -> None:
    """二维码 was pressed: the next run shows it."""
    st.session_state[ASKED] = True


def asked() -> bool:
    """Whether it was; asked once."""
    return bool(st.session_state.pop(ASKED, False))


@st.dialog("本屏的二维码", width="medium", on_dismiss="rerun")
def show(again: Callable[[], Scope]) -> None:
    """The code of the present link, large enough for a telephone across a table."""
    scope = again()
    url = address(scope)
    emit(markup.wrap(picture(code(url), url, here_only(scope.snapshot.town)), "qr"))


def picture(made: Code | None, url: str, only: bool) -> h.Node:
    """A code with its link beneath; the reason where there is none."""
    if made is None:
        return markup.banner(TOO_LONG)
    note = h.p(h.b(HERE_ONLY), "：要让别的设备打开，请用 python server.py --share 启动。")
    return [
        h.img({"src": made.image, "alt": "本屏链接的二维码", "data-modules": made.modules}),
        h.p({"class": "link"}, url),
        note if only else "",
    ]
