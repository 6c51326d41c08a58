"""The script of every page: language, connection, copying, saving."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import streamlit as st

ASSUMED = (1920, 1080)
"""The usual projector: no second run there."""

TOLD = "told"
"""The sentence that the script says over the page, and its number."""

_JS = (Path(__file__).parent / "bridge.js").read_text(encoding="utf-8")


def state(key: str) -> Mapping[str, object]:
    """What the script of a component has said in this session."""
    said = st.session_state.get(key) or {}
    return said if hasattr(said, "get") else {}


def screen_size() -> tuple[int, int]:
    """The size of this session's screen, as the meeting last said; the usual projector until
    then."""
    size = state("meeting").get("size")
    if not isinstance(size, list | tuple) or len(size) != 2:
        return ASSUMED
    width, height = size
    if not all(isinstance(v, int | float) and 100 <= v <= 20_000 for v in (width, height)):
        return ASSUMED
    return int(width), int(height)


def tell(said: str) -> None:
    """Let the script of the next run say a sentence over the page, once."""
    number, _ = st.session_state.get(TOLD, [0, ""])
    st.session_state[TOLD] = [number + 1, said]


def nothing() -> None:
    """What is done where nobody listens."""


def mount(
    on_rows: Callable[[], None] = nothing,
    on_code: Callable[[], None] = nothing,
    on_pick: Callable[[], None] = nothing,
    on_failed: Callable[[], None] = nothing,
) -> None:
    """Put the script on the page. It calls back where the rows behind a figure, the QR code of the
    screen, or a value of a filter are asked for, and where a download has failed."""
    component = st.components.v2.component("qmg_bridge", js=_JS)
    component(
        key="bridge",
        data={"told": st.session_state.get(TOLD, [0, ""])},
        height=1,
        on_rows_change=on_rows,
        on_code_change=on_code,
        on_pick_change=on_pick,
        on_failed_change=on_failed,
    )
