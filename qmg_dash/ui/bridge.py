"""The one script in the page: language, screen size, presenter's keys, copying, saving."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import streamlit as st

ASSUMED = (1920, 1080)
"""The usual projector: no second run there."""

_JS = (Path(__file__).parent / "bridge.js").read_text(encoding="utf-8")


def screen_size() -> tuple[int, int]:
    """The size of this session's screen, as it last said; the usual projector until then."""
    state = st.session_state.get("bridge") or {}
    size = state.get("size") if hasattr(state, "get") else None
    if not isinstance(size, list | tuple) or len(size) != 2:
        return ASSUMED
    width, height = size
    if not all(isinstance(v, int | float) and 100 <= v <= 20_000 for v in (width, height)):
        return ASSUMED
    return int(width), int(height)


def mount(present: bool, on_rows: Callable[[], None] = lambda: None) -> None:
    """Put the script on the page. It reports the screen's size in meeting mode only, and calls
    back where the rows behind a figure are asked for."""
    component = st.components.v2.component("qmg_bridge", js=_JS)
    component(
        key="bridge",
        data={"present": present, "size": list(screen_size())},
        height=1,
        on_size_change=lambda: None,
        on_rows_change=on_rows,
    )
