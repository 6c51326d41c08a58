"""The entry: page settings, menu, the page that was asked for."""

from __future__ import annotations

import streamlit as st

from qmg_dash.ui import access, nav

NAME = "法治政府建设看板"


def run() -> None:
    """Run the page that the link names."""
    st.set_page_config(
        page_title=NAME, page_icon=str(nav.ROOT / "qmg_dash/ui/icon.png"), layout="wide"
    )
    if access.refused():
        nav.navigate(hidden=True)
        st.error(access.HERE_ONLY)
        return
    page = nav.navigate(hidden=st.query_params.get("present") == "true")
    page.run()
    access.foot(f"/{page.url_path}")
