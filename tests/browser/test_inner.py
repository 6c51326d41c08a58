"""The names of Streamlit's and Plotly's insides that our style sheets and scripts know: few, in two files, and
each of them is there on a page. One that an upgrade takes away fails here by its name."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import streamlit
from visiting import ROOT, Tab, started

STATIC = ROOT / "static"
FILES = (STATIC / "inner.css", STATIC / "inner.js")
NAME = re.compile(
    r"\[data-testid\^?=\w+\]|\[data-live-announcer\]|\[data-trigger\]|\.st[A-Z]\w+|"
    r"\[class\*=\"st-key-\w+\"\]|\.st-key-\w+|\.bartext|\.annotation-text"
)
MOST = 60
SELDOM = {
    "[data-testid=stStatusWidget]",
    "[data-testid=stTooltipErrorContent]",
    "[data-testid=stDownloadButtonError]",
    "[data-testid=stElementToolbar]",
    "[data-testid=stDataFrameColumnMenu]",
    ".annotation-text",
    ".st-key-sent",
    ".st-key-drill_csv",
}
"""What stands on a page for a moment, or for data that this test does not make: looked for in Streamlit's own
scripts, or made by ours."""


def said(path: Path) -> str:
    """A file without its comments."""
    return re.sub(
        r"/\*.*?\*/|(?<!:)//.*",
        "",
        path.read_text(encoding="utf-8"),
        flags=re.S if path.suffix == ".css" else 0,
    )


NAMES = [name for path in FILES for name in NAME.findall(said(path))]


def test_they_are_few() -> None:
    print(f"\n{len(NAMES)} references to {len({*NAMES})} names")
    assert 0 < len(NAMES) <= MOST


OTHERS = [
    *(p for p in STATIC.glob("*.[cj]s*") if p not in FILES and ".min." not in p.name),
    *(ROOT / "qmg_dash").glob("**/*.js"),
    *(ROOT / "qmg_dash").glob("**/*.css"),
    *(ROOT / "qmg_dash").glob("**/*.py"),
    *(ROOT / "pages").glob("*.py"),
    ROOT / "app.py",
    ROOT / "server.py",
]


@pytest.mark.parametrize("path", OTHERS, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_no_other_file_knows_any(path: Path) -> None:
    inner = r"data-testid|data-baseweb|\bst-emotion|\.st[A-Z]\w+[\s,{>\[:.\"']|st-key-|js-plotly-plot|main-svg"
    assert re.findall(inner, path.read_text(encoding="utf-8")) == []


def test_each_is_there(stranger: Callable[..., Tab], monkeypatch: pytest.MonkeyPatch) -> None:
    left = {*NAMES} - SELDOM

    def look(page) -> None:
        left.difference_update(
            page.evaluate("names => names.filter(n => document.querySelector(n))", [*left])
        )

    page = stranger().open(  # a browser of its own: it remembers that the menu was closed
        "/enforcement", data="demo", year=2023, area="安全生产", rows="enforcement.actions"
    )
    look(page)
    page.get_by_text("全部列", exact=True).click()
    page.locator(".stMultiSelect input").first.click()
    page.wait_for_selector("[role=option]")
    look(page)
    page.keyboard.press("Escape")
    page.locator("[data-testid=stTextInput] input").first.type("检查")
    look(page)
    page.locator("[data-testid=stSidebarCollapseButton] button").dispatch_event("click")
    page.wait_for_selector("[data-testid=stExpandSidebarButton]")
    look(page)
    page = stranger().open("/enforcement", data="demo")  # without what lies over the button
    page.locator("[data-qr]").first.click()
    page.wait_for_selector("[data-testid=stDialog]")
    look(page)
    monkeypatch.setenv("QMG_EDIT_KEY", "let me in")
    with started(ROOT / "data") as site:
        page = stranger(at=site).open("/trust")
        page.get_by_label("更新口令").fill("let me in")
        page.get_by_role("button", name="进入").click()
        page.wait_for_selector("[data-testid=stFileUploader]")
        look(page)
        page.set_input_files(
            "[data-testid=stFileUploader] input",
            {"name": "图片.png", "mimeType": "image/png", "buffer": b"x"},
        )
        page.wait_for_selector("[data-testid=stFileChip]")
        look(page)
    assert left == set()


@pytest.mark.parametrize("name", sorted(n for n in SELDOM if "testid" in n))
def test_what_stands_for_a_moment_is_in_streamlits_scripts(name: str) -> None:
    scripts = (Path(streamlit.__file__).parent / "static/static/js").glob("*.js")
    word = re.search(r"=(\w+)", name)[1]  # type: ignore[index]
    assert any(word in p.read_text(encoding="utf-8") for p in scripts)
