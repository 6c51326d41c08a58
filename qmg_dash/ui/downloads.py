"""Files made when their button is pressed: every download of the program begins here, so that one that
fails says so on the screen. Streamlit writes the reason into the log, and on the screen an English
line for five seconds; `static/streamlit.js` sees that line, and asks here for the reason."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import streamlit as st

from qmg_dash import fmt
from qmg_dash.folder.decoding import Unusable
from qmg_dash.model import DataError, why
from qmg_dash.ui import page
from qmg_dash.ui.meeting.single_file import Refused

FAILED = "download_failed"
SAID = (Refused, Unusable, DataError)
"""What says itself what to do instead."""
UNKNOWN = "程序出错，原因已记入服务器日志，请告诉维护者；可先换一种格式，或缩小范围再试"


def button(
    label: str, make: Callable[[], bytes | str], file: str, mime: str, key: str, **how: Any
) -> None:
    """A button that makes a file and hands it over. `label` is text, whatever stands in it."""
    told = st.session_state.setdefault(FAILED, {})
    st.download_button(
        fmt.label(label),
        partial(_made, make, file, told),
        file,
        mime,
        key=key,
        on_click="ignore",
        **how,
    )


def _made(make: Callable[[], bytes | str], file: str, told: dict[str, str]) -> bytes | str:
    """The file; where it fails, the reason is kept for the session that has asked."""
    try:
        return make()
    except Exception as error:
        told["why"] = f"“{file}”没有做成：{_reason(error)}"
        raise


def _reason(error: Exception) -> str:
    if isinstance(error, SAID):
        return str(error)
    if isinstance(error, OSError):
        return f"{why(error)}，请联系维护者"
    return "内存不够，请先筛选，再下载" if isinstance(error, MemoryError) else UNKNOWN


def ask() -> None:
    """The script has seen a download fail: it is told why."""
    said = st.session_state.get(FAILED, {}).pop("why", "服务器没有回答，请稍后再试")
    page.tell(f"下载失败：{said}")
