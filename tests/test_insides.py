"""What we use of the insides of Streamlit and uvicorn: each use is named, with its reason, in docs/decisions.md
(section 41), and fails here where an upgrade takes it away. What the browser's side uses: tests/browser/test_inner.py."""

from __future__ import annotations

import ast
import inspect
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit
from streamlit.navigation.page import StreamlitPage
from uvicorn.protocols.http.h11_impl import H11Protocol

import server
from qmg_dash.gate import plain, waiting

ROOT = Path(__file__).parents[1]
SOURCES = [
    *sorted((ROOT / "qmg_dash").glob("**/*.py")),
    *sorted((ROOT / "pages").glob("*.py")),
    ROOT / "app.py",
    ROOT / "server.py",
]
SCRIPTS = Path(streamlit.__file__).parent / "static" / "static" / "js"
OPEN = {("streamlit", "config"), ("streamlit.delta_generator", "DeltaGenerator")}
"""What Streamlit's own documentation names."""


def inner_imports() -> Iterator[tuple[str, str]]:
    """(module, name) of everything that is imported from within Streamlit or uvicorn."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and re.match(
                r"(streamlit|uvicorn)\b", node.module or ""
            ):
                yield from ((str(node.module), alias.name) for alias in node.names)


FOUND = sorted({*inner_imports()} - OPEN)
SECTION = (ROOT / "docs/decisions.md").read_text(encoding="utf-8").partition("## 41. ")[2]


@pytest.mark.parametrize(("module", "name"), FOUND)
def test_each_use_is_named_with_its_reason(module: str, name: str) -> None:
    assert f"`{name}`" in SECTION.partition("\n## ")[0], (
        f"docs/decisions.md, section 41: {module}.{name}"
    )


def test_answers_leave_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        asking = socket.create_connection(listening.getsockname())
        answering, _ = listening.accept()
        with asking, answering:

            class Transport:
                def get_extra_info(self, _: str) -> socket.socket:
                    return answering

            answering.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 0)
            waiting._at_once(Transport())  # type: ignore[arg-type]
            assert answering.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_the_protocol_has_what_is_wrapped(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*waiting.WRAPPED, "send_400_response"):
        monkeypatch.setattr(H11Protocol, name, getattr(H11Protocol, name))
    before = H11Protocol.send_400_response
    plain.answer_plainly()
    assert H11Protocol.send_400_response is not before or before is plain._refuse


def test_a_page_remembers_whether_it_may_be_run() -> None:
    """Why each run has copies of its own (ui/menu.py)."""
    assert "self._can_be_called = False" in inspect.getsource(StreamlitPage)


WORDS = (
    "BACKEND_BASE_URL",
    "HOST_CONFIG",
    "allowedOrigins",
    "useExternalAuthToken",
    "Material Symbols",
)


@pytest.mark.parametrize("word", WORDS)
def test_its_script_reads_what_it_is_told(word: str) -> None:
    assert any(word in p.read_text(encoding="utf-8") for p in SCRIPTS.glob("*.js"))
    assert word in server.CONNECT


@pytest.mark.parametrize("name", server.WIDGETS)
def test_each_part_that_is_asked_for_early_is_there(name: str) -> None:
    found = server.needed([name])
    assert found and all((SCRIPTS / file).is_file() for file in found)
