"""The pages, found in their folder: a screen is one file that says its own title and rank."""

from __future__ import annotations

import ast
import gc
import importlib.util
from copy import copy
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType

import streamlit as st

ROOT = Path(__file__).parents[2]
HOME = "overview"


@dataclass(frozen=True)
class Screen:
    """A page file: its path in links, its title, where it stands in the menu."""

    file: Path
    title: str
    rank: int

    @property
    def name(self) -> str:
        return "" if self.file.stem == HOME else self.file.stem

    @property
    def path(self) -> str:
        return f"/{self.name}"


def _constants(file: Path) -> dict[str, object]:
    """The constants a page file declares at its top, read without running it."""
    found = {}
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            found |= {t.id: node.value.value for t in node.targets if isinstance(t, ast.Name)}
    return found


@cache
def screens() -> tuple[Screen, ...]:
    """Every screen, in the menu's order."""
    found = []
    for file in (ROOT / "pages").glob("*.py"):
        says = _constants(file)
        found.append(Screen(file, str(says["TITLE"]), int(says["RANK"])))  # type: ignore[call-overload]
    return tuple(sorted(found, key=lambda s: s.rank))


@cache
def module(screen: Screen) -> ModuleType:
    """A page file as a module, for what it would show without showing it."""
    spec = importlib.util.spec_from_file_location(f"pages.{screen.file.stem}", screen.file)
    if spec is None or spec.loader is None:
        raise ImportError(f"cannot load {screen.file.name}")
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


@cache
def pages() -> dict[str, st.Page]:  # type: ignore[valid-type]
    """Streamlit's pages by path."""
    return {
        s.path: st.Page(s.file, title=s.title, url_path=s.name or None, default=not s.name)
        for s in screens()
    }


_state = {"ready": False, "frozen": False}


def navigate(hidden: bool) -> st.Page:  # type: ignore[valid-type]
    """Declare the menu; afterwards a page file is never run without app.py."""
    _state["ready"] = True
    warm()
    # Copies: a page remembers whether it may be run, and people's runs would undo each other's.
    own = [copy(page) for page in pages().values()]
    return st.navigation(own, position="hidden" if hidden else "sidebar")


def ready() -> bool:
    """Whether the menu has been declared in this process. A deep link that is its very first
    request runs the page file alone (Streamlit takes a folder named pages for its old way)."""
    return _state["ready"]


def warm() -> None:
    """Once a process: keep everything imported out of the garbage collector's sight. Streamlit
    collects after every run; with plotly and pandas loaded that took 55 of 75 ms."""
    if not _state["frozen"]:
        _state["frozen"] = True
        for screen in screens():
            module(screen)
        gc.collect()
        gc.freeze()
