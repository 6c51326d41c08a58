"""Officials' words: no screen, at the desk or in a meeting, says one that they do not use."""

from __future__ import annotations

import json
import re

import pytest
import screens

from qmg_dash.compute import dimension_text
from qmg_dash.kpis import KPIS, kpi
from qmg_dash.kpis.base import UNFILLED, UNREGISTERED
from qmg_dash.tables import TABLES
from qmg_dash.theme import LIGHT

OLD = (
    "不足额",
    "首选公布数",
    "其次台账",
    "持有的执法权力",
    "讨论议题",
    "统计日",
    "较上年",
    "看板对应",
    "未填",
    "大致持平",
)
KEYS = re.compile(r' data-(?:pick|rows)="[^"]*"')
"""What a click sends back: the words of links, which stay as they were."""


def said(screen: screens.Screen) -> str:
    """Everything that a screen says: words, tooltips, tables to take along, charts, controls."""
    drawn = [
        {k: v for k, v in trace.items() if k != "customdata"}
        for chart in screen.charts
        for trace in chart["data"]
    ]
    layouts = [chart["layout"] for chart in screen.charts]
    controls = [
        str(e.proto)
        for block in (screen.app.main, screen.app.sidebar)
        for kind in ("multiselect", "selectbox", "button", "download_button", "text_input")
        for e in block.get(kind)
    ]
    parts = (KEYS.sub("", screen.html), json.dumps([drawn, layouts], ensure_ascii=False), *controls)
    return "\n".join(parts)


def found(screen: screens.Screen) -> list[str]:
    text = said(screen)
    return [f"{word}: {text[at - 40 : at + 40]}" for word in OLD if (at := text.find(word)) >= 0]


@pytest.mark.parametrize("asked", [{}, {"data": "demo"}], ids=["official", "demo"])
@pytest.mark.parametrize("path", screens.PATHS)
def test_no_screen_says_an_old_word(path: str, asked: dict[str, str]) -> None:
    desk = screens.visit(path, **asked)
    assert found(desk) == []
    for slide in screens.slides(path, **asked):
        assert found(slide) == []


def test_an_empty_cell_is_the_former_word_in_links_and_another_on_the_screen() -> None:
    split = [k for k in KPIS if k.dimensions]
    assert split
    for row in split:
        assert {dimension_text(d, UNFILLED) for d in row.dimensions} == {UNREGISTERED}
    old = screens.visit("/enforcement", data="demo", area=UNFILLED)
    assert not [b for b in old.banners if "未使用" in b], "an old link is read"
    assert f"领域：{UNREGISTERED}" in old.text
    assert old.app.query_params["area"] in (UNFILLED, [UNFILLED]), "and stays as it was written"
    bare = next(c["data"][0] for c in old.charts if c["data"][0]["type"] == "heatmap")
    assert bare["y"] == [UNREGISTERED]


@pytest.mark.parametrize("path", ["/enforcement", "/disputes"])
def test_what_is_not_registered_stands_last_in_its_split_and_is_pale(path: str) -> None:
    """Bars are drawn from below: the last of a split is the first."""
    screen = screens.visit(path, data="demo")
    bars = [t for c in screen.charts for t in c["data"] if t.get("orientation") == "h"]
    bare = [t for t in bars if UNREGISTERED in t["y"]]
    assert bare
    for trace in bare:
        assert trace["y"].index(UNREGISTERED) == 0
        assert trace["marker"]["color"][0] == LIGHT["line"]


def test_only_screens_say_another_word_than_the_contract() -> None:
    """The label of the contract stands in files; the screens' word is what officials say."""
    called = {k.code: (k.label, k.name) for k in KPIS if k.called}
    assert called == {"decisions.topics": ("讨论议题", "上会议题")}
    assert kpi("decisions.passed").name == kpi("decisions.passed").label


def test_a_value_of_a_table_may_be_shown_as_another_word() -> None:
    shown = {(t.name, c.name): c.shown for t in TABLES for c in t.columns if c.shown}
    assert shown == {("goals", "link_basis"): (("看板对应", "系统关联"),)}
    for t in TABLES:
        for c in t.columns:
            assert {v for v, _ in c.shown} <= set(c.values)
    assert "系统关联" in screens.visit("/goals").text
