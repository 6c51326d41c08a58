"""A deep link as the very first request of a server process.

Streamlit takes a folder named pages/ for its old way of declaring pages, until the first
`st.navigation` of the process: the page would run alone, under a wrong menu.
"""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
from screens import PATHS
from visiting import ROOT, Tab, started

MENU = "总览 需马上处理 目标进展 会议交办 执法活动 权力清单 信息公开 决策审查 纠纷复议 学法普法 营商服务 第一责任人 数据口径"
LINKS = PATHS if os.environ.get("QMG_SOAK") else ("/goals",)


@pytest.mark.parametrize("how", ["server.py", "streamlit run"])
@pytest.mark.parametrize("path", LINKS)
def test_a_deep_link_as_the_first_request_shows_its_page_menu_and_title(
    stranger: Callable[..., Tab], how: str, path: str
) -> None:
    with started(ROOT / "data", how) as url:
        tab = stranger(at=url)
        page = tab.open(path, year=2022, data="demo")
        menu = page.locator("[data-testid=stSidebarNavLink]").all_inner_texts()
        assert [m.strip() for m in menu] == MENU.split()
        assert page.evaluate("location.pathname") == path
        assert "2022 年度" in page.inner_text(".kick") and "演示数据" in page.inner_text(".kick")
        assert page.locator("h1.title").count() == 1
        assert page.title() and "Streamlit" not in page.title()
        assert page.evaluate("document.documentElement.lang") == "zh-CN"
        assert tab.outside == [] and tab.console == []


@pytest.mark.parametrize("how", ["server.py", "streamlit run"])
def test_a_first_request_in_meeting_mode_has_no_menu(
    stranger: Callable[..., Tab], how: str
) -> None:
    with started(ROOT / "data", how) as url:
        tab = stranger(at=url)
        page = tab.open("/power_list", present="true")
        assert page.locator("[data-testid=stSidebar]").is_hidden()
        assert "项" in tab.title
