"""What a first visit asks for: everything with the first script, nothing twice, nothing in vain; and how a page is
painted: from the connection, keeping what has not changed."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from visiting import ROOT, Tab, started

AREA, VALUE = ".field summary:has-text('执法领域')", ".field .list button:has-text('城市管理')"
"""The field of 执法领域, and a value in its list."""


def test_a_first_visit_asks_for_everything_at_once(
    tab: Callable[..., Tab], stranger: Callable[..., Tab]
) -> None:
    tab().open(
        "/enforcement", data="demo", year=2023
    )  # whoever is the very first sees that data are read
    visit, asked = stranger(), []
    visit.page.on("request", lambda r: asked.append(urlsplit(r.url).path))
    visit.page.on("websocket", lambda _: asked.append("connected"))
    visit.open("/enforcement", data="demo", year=2023)
    before, after = asked[: asked.index("connected")], asked[asked.index("connected") :]
    # No server is looked for under the page's own path, no font of icons is fetched.
    assert not [p for p in asked if p.startswith("/enforcement/")]
    assert not [p for p in asked if p.endswith((".woff2", ".ttf"))]
    assert len(asked) == len({*asked}), "asked for twice"
    assert not [p for p in after if p.startswith("/static/js/")]
    assert "/app/static/plotly-cartesian.min.js" in before
    assert not [p for p in asked if "Plotly" in p], "Streamlit's own bundle"


def test_the_page_is_painted_before_streamlit_hands_it_over(tab: Callable[..., Tab]) -> None:
    page = tab().open("/enforcement", data="demo", year=2023)
    page.evaluate("""() => {
      window.painted = [];
      const hear = window.qmgHear;
      window.qmgHear = bytes => {
        const before = document.querySelector("h1.title").textContent;
        hear(bytes);
        const now = document.querySelector("h1.title").textContent;
        if (now !== before) window.painted.push(now);
      };
    }""")
    page.locator(AREA).first.click()
    page.locator(VALUE).click()
    page.wait_for_function("() => window.painted.length === 1")
    assert page.evaluate("window.painted[0] === document.querySelector('h1.title').textContent")


def test_without_our_server_the_page_is_painted_as_well(stranger: Callable[..., Tab]) -> None:
    """`streamlit run app.py`: no index of ours, so that Streamlit hands over what has come."""
    with started(ROOT / "data", "streamlit run") as site:
        tab = stranger(at=site)
        page = tab.open("/enforcement", data="demo", year=2023)
        assert page.evaluate("typeof window.qmgConnection") == "undefined"
        title = tab.title
        page.locator(AREA).first.click()
        page.locator(VALUE).click()
        page.wait_for_function("t => window.__seen.says('h1.title') !== t", arg=title)
        assert tab.console == []


MARK = (
    "() => { for (const e of document.querySelectorAll('.held, .drawn, .panel')) e.marked = true; }"
)
UNMARKED = (
    "() => [...document.querySelectorAll('.held, .drawn, .panel')].filter(e => !e.marked).length"
)


def test_a_change_leaves_what_is_the_same_as_it_was(tab: Callable[..., Tab]) -> None:
    at = tab(1366, 768)
    page = at.open("/enforcement", data="demo", year=2023)
    page.evaluate(MARK)
    data = page.locator("details.data").first
    data.locator("summary").click()
    drawn = page.evaluate("document.querySelectorAll('.drawn').length")
    page.set_viewport_size({"width": 1366, "height": 500})
    page.locator(AREA).first.click()
    page.locator(VALUE).wait_for()
    page.evaluate("document.querySelector('[data-testid=stMain]').scrollTop = 60")
    page.locator(VALUE).dispatch_event("click")
    at.becomes("() => location.search.includes('area=')")
    at.still()
    assert drawn > 3 and page.evaluate(UNMARKED) == 0, "an element was made anew"
    assert data.evaluate("d => d.open")
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollTop") == 60


KEEP = """() => {
  window.heard = [];
  const hear = window.qmgHear;
  window.qmgHear = bytes => { window.heard.push(bytes); hear(bytes); };
  window.again = (from, to) => {
    const text = new TextDecoder().decode(window.heard.findLast(b => b.byteLength > 10_000));
    hear(new TextEncoder().encode(text.replaceAll(from, to)).buffer);
  };
}"""
"""Keeps what the connection brings, and lets the same come again with other words."""


def test_what_is_selected_and_what_has_the_focus_stay(tab: Callable[..., Tab]) -> None:
    at = tab()
    page = at.open("/enforcement", data="demo", year=2023)
    page.evaluate(KEEP)
    page.locator(AREA).first.click()
    page.locator(VALUE).click()
    at.still()
    page.evaluate("document.querySelector('details.data summary').focus()")
    page.evaluate("""() => {
      const head = [...document.querySelectorAll(".held h2")].find(h => h.textContent.includes("每月"));
      getSelection().selectAllChildren(head);
    }""")
    said = page.evaluate("getSelection().toString()")
    page.evaluate("window.again('执法数量与人员', '别的说法')")
    assert page.locator("h2", has_text="别的说法").count() == 1
    assert said and page.evaluate("getSelection().toString()") == said
    assert page.evaluate("document.activeElement.closest('details.data') !== null")
