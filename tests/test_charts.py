"""Every chart that a screen draws is one that Plotly knows: what is sent is a plain dict, so that
nothing checks it before Plotly.js silently leaves out what it does not understand."""

from __future__ import annotations

import re

import plotly.graph_objects as go
import pytest
from screens import PATHS, ROOT

from qmg_dash import theme
from qmg_dash.figures.findings import width
from qmg_dash.folder import store
from qmg_dash.model import Filters
from qmg_dash.ui import menu
from qmg_dash.ui.link.scope import DEMO, OFFICIAL, Scope, spans
from qmg_dash.ui.page import plots
from qmg_dash.ui.slide import Drawing, Plot

FOLDERS = {OFFICIAL: ROOT / "data", DEMO: ROOT / "data/demo"}
SIZES = [(1920, 1080), (1024, 768)]


def scope(path: str, data: str, present: bool, dark: bool, size: tuple[int, int]) -> Scope:
    """A screen of the newest year without filters."""
    snapshot = store.store(FOLDERS[data]).current()
    years, goal_years = spans(snapshot)
    look = theme.Look.of(dark, present, *size)
    asked = Filters(years[0], goal_year=goal_years[0])
    return Scope(snapshot, asked, look, path, data, years=years, goal_years=goal_years)


def drawn(path: str, data: str, present: bool, dark: bool, size: tuple[int, int]) -> list[Plot]:
    """The charts of a screen."""
    shown = scope(path, data, present, dark, size)
    drawing = Drawing(shown)
    for slide in menu.module(next(s for s in menu.screens() if s.path == path)).slides(shown):
        slide.draw(drawing)
    return list(plots(drawing.pieces))


def cases() -> list[tuple]:
    return [
        (path, data, present, dark)
        for path in PATHS
        for data in FOLDERS
        for present in (False, True)
        for dark in (False, True)
    ]


@pytest.mark.parametrize(("path", "data", "present", "dark"), cases())
def test_plotly_knows_every_property_of_every_chart(
    path: str, data: str, present: bool, dark: bool
) -> None:
    for plot in drawn(path, data, present, dark, SIZES[present]):
        spec = plot.chart.figure
        checked = go.Figure(data=spec["data"], layout=spec["layout"])  # ValueError where it is none
        assert len(checked.data) == len(spec["data"]) > 0


def test_the_demo_draws_every_kind_of_chart() -> None:
    """So that the test above has looked at each."""
    found = {
        (trace["type"], trace.get("mode", ""))
        for path in PATHS
        for plot in drawn(path, DEMO, False, False, SIZES[0])
        for trace in plot.chart.figure["data"]
    }
    assert found >= {
        ("bar", ""),
        ("heatmap", ""),
        ("scatter", "lines"),
        ("scatter", "markers"),
        ("scatter", "lines+markers"),
    }


@pytest.mark.parametrize("present", [False, True])
def test_the_words_at_a_lines_end_have_their_room_however_narrow_the_panel(present: bool) -> None:
    (trend,) = [
        p
        for p in drawn("/disputes", DEMO, present, False, SIZES[present])
        if "disputes_months" in p.key
    ]
    layout = trend.chart.figure["layout"]
    ends = [
        a for a in layout["annotations"] if a["x"] == max(n["x"] for n in layout["annotations"])
    ]
    assert ends
    for end in ends:
        words = width(re.sub("<.*?>", "", end["text"])) * end["font"]["size"]
        assert layout["margin"]["r"] >= words + end["xshift"]


def test_a_property_that_plotly_does_not_know_is_refused() -> None:
    """The check above can fail."""
    with pytest.raises(ValueError):
        go.Figure(data=[{"type": "bar", "x": [1], "y": ["a"], "colour": "#12507B"}])
