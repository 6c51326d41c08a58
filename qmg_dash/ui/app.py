"""The entry: page settings, menu, the page that was asked for."""

from __future__ import annotations

import base64

import streamlit as st

from qmg_dash.folder import history
from qmg_dash.ui import access, link, menu
from qmg_dash.ui.link.scope import folders

NAME = "法治政府建设看板"
ICON = f"data:image/png;base64,{base64.b64encode((menu.ROOT / 'qmg_dash/ui/icon.png').read_bytes()).decode()}"
"""Within the page: as a file of Streamlit's it is read at every run, and gone (404) where its run
has ended before a slow browser asks for it."""


def run() -> None:
    """Run the page that the link names."""
    st.set_page_config(page_title=NAME, page_icon=ICON, layout="wide")
    if access.refused():
        menu.navigate(hidden=True)
        st.error(access.HERE_ONLY)
        return
    asked = link.last(link.asked())
    former = len(history.kept(folders(asked)[0])) > 1
    page = menu.navigate(hidden=asked.get(link.PRESENT) == "true", every=former)
    page.run()
    access.foot(f"/{page.url_path}")
