"""Buttons for files that are made when asked for."""

from __future__ import annotations

import streamlit as st

from qmg_dash.exports import definitions
from qmg_dash.folder import versions
from qmg_dash.folder.snapshot import Snapshot
from qmg_dash.ui import downloads
from qmg_dash.ui.forms import DOCX


def definitions_buttons(shown: Snapshot) -> None:
    """The definitions as Word and Markdown."""
    name, again = definitions.name(shown), versions.again(shown)
    kinds = (
        ("下载口径（Word）", "docx", lambda: definitions.to_docx(again()), DOCX),
        ("下载口径（Markdown）", "md", lambda: definitions.to_markdown(again()), "text/markdown"),
    )
    with st.container(horizontal=True):
        for label, ending, make, mime in kinds:
            file = f"{name}.{ending}"
            downloads.button(label, make, file, mime, f"def_{ending}")
