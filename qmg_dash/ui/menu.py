"""The menu: the screens (screens.py) as Streamlit's pages and as modules."""

from __future__ import annotations

import gc
import importlib.util
from copy import copy
from functools import cache
from types import ModuleType

import streamlit as st

from qmg_dash.page_files import ROOT, Screen, screens, titles

__all__ = ["ROOT", "Screen", "module", "navigate", "pages", "ready", "screens", "titles", "warm"]


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
def pages(every: bool = True) -> dict[str, st.Page]:  # type: ignore[valid-type]
    """Streamlit's pages by path; the occasional ones are in the menu where `every` one is."""
    return {s.path: _page(s, every or not s.occasional) for s in screens()}


def _page(screen: Screen, listed: bool) -> st.Page:  # type: ignore[valid-type]
    return st.Page(
        screen.file,
        title=screen.title,
        url_path=screen.name or None,
        default=not screen.name,
        visibility="visible" if listed else "hidden",
    )


_state = {"ready": False, "frozen": False}


def navigate(hidden: bool, every: bool = False) -> st.Page:  # type: ignore[valid-type]
    """Declare the menu, with the occasional screens or without; afterwards a page file is never run without app.py."""
    _state["ready"] = True
    warm()
    # Copies: a page remembers whether it may be run, and people's runs would undo each other's.
    own = [copy(page) for page in pages(every).values()]
    return st.navigation(own, position="hidden" if hidden else "sidebar", expanded=True)


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
