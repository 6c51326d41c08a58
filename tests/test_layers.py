"""Who may import whom: each module only from its left, and only the screens
import Streamlit."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = "qmg_dash"
ORDER = (
    "characters",
    "model",
    "beijing",
    "workdays",
    "tables",
    "kpis",
    "identities",
    "decoding",
    "checks",
    "locks",
    "regular",
    "owners",
    "history",
    "scratch",
    "store",
    "versions",
    "freshness",
    "cube",
    "compute",
    "fmt",
    "reconcile",
    "forms",
    "theme",
    "screens",
    "progress",
    "verdict",
    "analysis",
    "attention",
    "faults",
    "listing",
    "since",
    "findings",
    "charts",
    "demo",
    "intake",
    "exports",
    "gate",
    "ui",
    "__main__",
    "pages",
    "app",
    "server",
)
"""From left to right; a package of several files has one place."""
SCREENS = ("ui", "pages", "app", "server")


def sources() -> list[Path]:
    package = ROOT / PACKAGE
    modules = [p for p in package.glob("**/*.py") if p != package / "__init__.py"]
    return [*modules, *ROOT.glob("pages/*.py"), ROOT / "app.py", ROOT / "server.py"]


def place(path: Path) -> str:
    """The module of ORDER that a file belongs to."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return parts[1] if parts[0] == PACKAGE else parts[0]


def imported(path: Path) -> Iterator[str]:
    """Every name that a file imports, wherever in it, as dotted text."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (a.name for a in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import hides its module"
            assert node.module
            if node.module == PACKAGE:
                yield from (f"{PACKAGE}.{a.name}" for a in node.names)
            else:
                yield node.module


def own(path: Path) -> set[str]:
    """The modules of ORDER that a file imports."""
    names = {n.split(".")[1] for n in imported(path) if n.startswith(f"{PACKAGE}.")}
    return (names | {n.split(".")[0] for n in imported(path)} & set(SCREENS)) - {place(path)}


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_there_are_files_to_look_at():
    assert {place(p) for p in sources()} >= {"model", "kpis", "compute", "ui", "pages", "app"}


@pytest.mark.parametrize("path", sources(), ids=named)
def test_a_module_imports_only_from_its_left(path: Path):
    here = place(path)
    assert here in ORDER, f"{here} has no place in the import order"
    allowed = ORDER[: ORDER.index(here)]
    assert own(path) <= set(allowed), f"{named(path)} imports from its right"


@pytest.mark.parametrize("path", [p for p in sources() if place(p) not in SCREENS], ids=named)
def test_only_the_screens_import_streamlit(path: Path):
    assert "streamlit" not in {n.split(".")[0] for n in imported(path)}


@pytest.mark.parametrize("path", [p for p in sources() if place(p) != "store"], ids=named)
def test_only_the_store_opens_duckdb(path: Path):
    """Others are handed a cursor: they may name its type and what it raises."""
    used: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "duckdb":
            used |= {a.name for a in node.names}
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            used |= {node.attr} if node.value.id == "duckdb" else set()
    assert all(n == "DuckDBPyConnection" or n.endswith(("Exception", "Error")) for n in used)


@pytest.mark.parametrize("path", [p for p in sources() if place(p) in ("pages", "ui")], ids=named)
def test_no_screen_has_sql(path: Path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            assert not node.value.lstrip().startswith(("SELECT ", "FROM ")), node.value
