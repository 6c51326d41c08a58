"""复制链接 and 二维码: the link of a screen as it is sent to a colleague."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

import segno
import streamlit as st
from segno.encoder import DataOverflowError

from qmg_dash.fmt import html as esc
from qmg_dash.folder.town import Town
from qmg_dash.gate.address import local
from qmg_dash.ui import link, markup
from qmg_dash.ui.link import rows_asked
from qmg_dash.ui.link.scope import Scope
from qmg_dash.ui.page import Markup

ASKED = "qr_asked"
QUIET = 4
"""Modules left white around a code (ISO/IEC 18004)."""
HERE_ONLY = "仅本机可用"
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


def buttons(scope: Scope) -> str:
    """The buttons of a screen, with a field to copy from where the browser forbids the clipboard."""
    only = f'<span class="muted here">{HERE_ONLY}</span>' if here_only(scope.snapshot.town) else ""
    return (
        f'<span class="copy">{copy(scope, _seen(scope), "复制链接")}'
        f' <button class="act" data-qr>二维码</button>{only}</span>'
    )


def copy(scope: Scope, query: str, label: str) -> str:
    """A button that copies a link."""
    base = scope.snapshot.town.public_url.rstrip("/")
    at = f' data-base="{esc(base + scope.path)}"' if base else ""
    return (
        f'<button class="act" data-copy="{esc(query)}"{at} data-label="{label}">{label}</button>'
        ' <input class="linkbox" data-link readonly hidden aria-label="链接">'
    )


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
    st.html(Markup(markup.wrap(picture(code(url), url, here_only(scope.snapshot.town)), "qr")))


def picture(made: Code | None, url: str, only: bool) -> str:
    """A code with its link beneath; the reason where there is none."""
    if made is None:
        return markup.banner(TOO_LONG)
    note = f"<p><b>{HERE_ONLY}</b>：要让别的设备打开，请用 python server.py --share 启动。</p>"
    return (
        f'<img src="{made.image}" alt="本屏链接的二维码" data-modules="{made.modules}">'
        f'<p class="link">{esc(url)}</p>{note if only else ""}'
    )
