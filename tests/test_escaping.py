"""A text becomes HTML escaped, whoever forgets it: nothing else is there to call."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import simple_html as h
from screens import parse
from test_layers import named, sources

from qmg_dash import escaping
from qmg_dash.ui import emit

ODD = ["<img src=\"x\" onerror='a'>&", "</p><script>alert(1)</script>", "&lt;", "'\"", "<!--"]


@pytest.mark.parametrize("text", ODD)
def test_a_text_stays_a_text_wherever_it_stands(text: str) -> None:
    made = escaping.html(h.p({"title": text, text: text}, text, [text, h.b(text)]), text)
    root = parse(made)
    assert [n.tag for n in root.walk()] == ["", "p", "b"]
    assert root.all("p")[0].attrs["title"] == text
    assert root.text == f"{text * 3}\n{text}"


@pytest.mark.parametrize("text", ODD)
def test_a_text_that_is_put_on_the_page_is_shown_as_a_text(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []
    monkeypatch.setattr(emit.st, "html", sent.append)
    emit.emit(text)
    emit.html(text, demo=False)
    assert [parse(s).text.strip() for s in sent] == [text.strip()] * 2
    assert not any(n.tag not in ("", "div") for s in sent for n in parse(s).walk())


@pytest.mark.parametrize("node", [None, ("<b>", "x", "</b>"), ("<b>", "x"), (), {"a": "b"}, b"<b>"])
def test_what_is_no_node_is_refused(node: object) -> None:
    """A row of a table, handed over as it is, is no element: elements are tuples too."""
    with pytest.raises(TypeError):
        escaping.html(h.p("", node))  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["</style>", "</SCRIPT >", "<!--"])
def test_no_text_ends_the_style_or_script_in_which_it_stands(text: str) -> None:
    assert escaping.html(escaping.verbatim(h.style, "a>b{}")).safe_str == "<style>a>b{}</style>"
    with pytest.raises(ValueError, match="would end"):
        escaping.verbatim(h.style, f"a{{content:'{text}'}}")


# ---- how the program is written -------------------------------------------------------------------
RAW = {"SafeString", "prerender", "render_styles", "Markup"}
"""What takes a text for HTML without a look at it."""
DRAWS = {"s", "drawing", "escaping"}
"""On whom `.html(…)` is called: a slide's drawing, which escapes."""
TAG = re.compile(r"(?<!\?P)</?[a-z][a-z0-9]*(?:\s+[a-z-]+=|\s*/?>)")
TAGS_AS_TEXT = {
    "qmg_dash/exports/powerpoint/charts.py",
    "qmg_dash/ui/charts/__init__.py",
    "qmg_dash/ui/charts/two_years.py",
    "qmg_dash/ui/markup.py",
    "server.py",
}
"""Where tags stand in texts: Plotly's, those of shapes in an address, of Streamlit's own page."""


def calls(path: Path) -> Iterator[tuple[str, str, ast.Call]]:
    """(on whom, what, the call) for every call of a file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield ast.unparse(node.func.value), node.func.attr, node
        elif isinstance(node, ast.Call):
            yield "", ast.unparse(node.func), node


def docs(tree: ast.Module) -> set[int]:
    """The sentences that stand by themselves: they tell, and go nowhere."""
    return {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr)}


@pytest.mark.parametrize("path", sources(), ids=named)
def test_nobody_takes_a_text_for_html(path: Path) -> None:
    for on, what, call in calls(path):
        assert what not in RAW or named(path) == "qmg_dash/escaping.py", ast.unparse(call)
        assert not any(k.arg == "unsafe_allow_html" for k in call.keywords), ast.unparse(call)
        if what == "HTMLResponse":
            assert ast.unparse(call.args[0]).endswith(".safe_str"), ast.unparse(call)
        if what == "html" and on and on not in DRAWS | {"h"}:
            assert named(path) == "qmg_dash/ui/emit.py", ast.unparse(call)


@pytest.mark.parametrize("path", [p for p in sources() if named(p) not in TAGS_AS_TEXT], ids=named)
def test_no_markup_is_written_as_text(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    told = docs(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            assert not TAG.search(node.value), node.value


MAKES = [p for p in sources() if "import simple_html" in p.read_text(encoding="utf-8")]


@pytest.mark.parametrize("path", MAKES, ids=named)
def test_no_node_is_a_truth_value(path: Path) -> None:
    """`late and h.b(…)` would write False where it is not late: `h.b(…) if late else ""`."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.And):
            assert not ast.unparse(node.values[-1]).startswith(("h.", "markup.")), ast.unparse(node)
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("h."):
            for given in node.args:
                truth = isinstance(given, ast.Compare | ast.UnaryOp) or (
                    isinstance(given, ast.BoolOp) and isinstance(given.op, ast.And)
                )
                assert not truth, ast.unparse(given)
