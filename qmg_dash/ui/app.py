"""The entry: page settings, menu, the page that was asked for."""

from __future__ import annotations

import streamlit as st

from qmg_dash.ui import nav

NAME = "法治政府建设看板"


def run() -> None:
    """Run the page that the link names."""
    st.set_page_config(
        page_title=NAME, page_icon=str(nav.ROOT / "qmg_dash/ui/icon.png"), layout="wide"
    )
    nav.navigate(hidden=st.query_params.get("present") == "true").run()
