"""Who may import whom: a folder becomes figures, figures become screens, people come in by the
gate. Seven names, each importing only from its left, and no exception."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from qmg_dash.ui import link

ROOT = Path(__file__).parents[1]
PACKAGE = "qmg_dash"
GROUND = "ground"
"""The files that lie in the package itself: values, declarations, how a figure is written."""
ORDER = (
    (GROUND,),
    ("folder",),
    ("figures",),
    ("exports", "intake", "demo", "gate"),
    ("ui",),
    ("pages",),
    ("app", "server", "__main__"),
)
"""From left to right; what stands together does not import one another."""
SCREENS = ("ui", "pages", "app", "server")


def sources() -> list[Path]:
    package = ROOT / PACKAGE
    modules = [p for p in package.glob("**/*.py") if p != package / "__init__.py"]
    return [*modules, *ROOT.glob("pages/*.py"), ROOT / "app.py", ROOT / "server.py"]


def place(path: Path) -> str:
    """The name of ORDER that a file belongs to."""
    return of(path.relative_to(ROOT).with_suffix("").parts)


def of(parts: tuple[str, ...]) -> str:
    """The same of a path or a dotted name, part by part."""
    if parts[0] != PACKAGE:
        return parts[0]
    return parts[1] if any(parts[1] in level for level in ORDER) else GROUND


def imported(path: Path) -> Iterator[str]:
    """Every name that a file imports, wherever in it, as dotted text."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (a.name for a in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import hides its module"
            assert node.module
            yield from (f"{node.module}.{a.name}" for a in node.names)


def own(path: Path) -> set[str]:
    """The names of ORDER that a file imports."""
    found = {of(tuple(n.split("."))) for n in imported(path) if n.startswith(f"{PACKAGE}.")}
    return (found | {n.split(".")[0] for n in imported(path)} & {*SCREENS}) - {place(path)}


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_every_name_of_the_order_has_files_and_every_file_a_name():
    assert {place(p) for p in sources()} == {name for level in ORDER for name in level}


@pytest.mark.parametrize("path", sources(), ids=named)
def test_a_file_imports_only_from_its_left(path: Path):
    here = next(i for i, level in enumerate(ORDER) if place(path) in level)
    allowed = {name for level in ORDER[:here] for name in level}
    right = own(path) - allowed
    assert not right, f"{named(path)} imports {'、'.join(sorted(right))}: {ORDER}"


@pytest.mark.parametrize("path", sources(), ids=named)
def test_no_file_imports_a_private_name_of_another(path: Path):
    names = [n for n in imported(path) if n.startswith(f"{PACKAGE}.")]
    assert not [n for n in names if n.split(".")[-1].startswith("_")]


@pytest.mark.parametrize("path", [p for p in sources() if place(p) not in SCREENS], ids=named)
def test_only_the_screens_import_streamlit(path: Path):
    assert "streamlit" not in {n.split(".")[0] for n in imported(path)}


@pytest.mark.parametrize("path", [p for p in sources() if place(p) != "folder"], ids=named)
def test_only_the_folder_opens_duckdb(path: Path):
    """Others are handed a cursor: they may name its type and what it raises."""
    used: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "duckdb":
            used |= {a.name for a in node.names}
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            used |= {node.attr} if node.value.id == "duckdb" else set()
    assert all(n == "DuckDBPyConnection" or n.endswith(("Exception", "Error")) for n in used)


NO_SQL = (GROUND, "exports", "demo", "ui", "pages", "app", "server")


@pytest.mark.parametrize("path", [p for p in sources() if place(p) in NO_SQL], ids=named)
def test_only_figures_and_the_folder_build_sql(path: Path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            assert not node.value.lstrip().startswith(("SELECT ", "FROM ")), node.value


# ---- the address ------------------------------------------------------------------------------------
TABLE = "qmg_dash/ui/link/__init__.py"
"""The table of the address's keys, and how it is read and written."""
SEEN = [p for p in sources() if place(p) in SCREENS and named(p) != TABLE]
OTHER_WORDS = {
    "pages/goals.py": {"year"},
    "qmg_dash/ui/blocks.py": {"year"},
    "qmg_dash/ui/calendars.py": {"against"},
    "qmg_dash/ui/charts/__init__.py": {"data"},
    "qmg_dash/ui/charts/two_years.py": {"data"},
    "qmg_dash/ui/desk/forms.py": {"v"},
    "qmg_dash/ui/desk/page.py": {"rows"},
    "qmg_dash/ui/link/scope.py": {"year", "present", "sent"},
    "qmg_dash/ui/link/version_sent.py": {"sent"},
    "qmg_dash/ui/markup_rows.py": {"rows"},
    "qmg_dash/ui/meeting/deck.py": {"theme", "slide"},
    "qmg_dash/ui/meeting/single_file.py": {"slide"},
    "qmg_dash/ui/slide.py": {"rows"},
}
"""Where a key's name means something else: a column, a field, what a script says, a container, a
class."""


@pytest.mark.parametrize("path", SEEN, ids=named)
def test_only_one_file_touches_the_address(path: Path):
    assert "query_params" not in path.read_text(encoding="utf-8"), f"{TABLE} reads and writes it"


@pytest.mark.parametrize("path", SEEN, ids=named)
def test_a_key_of_the_address_is_named_by_its_table(path: Path):
    tree = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    texts = {n.value for n in tree if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    assert texts & {*link.KEYS} == OTHER_WORDS.get(named(path), set()), TABLE


def test_no_script_names_a_key_of_the_address():
    """They are handed the table, as LINK."""
    keys = "|".join(link.KEYS)
    literal = re.compile(rf"""\.(get|getAll|set|has|delete|append)\(\s*["'`]|["'`?&]({keys})=""")
    found = [*(ROOT / PACKAGE).glob("**/*.js"), *(ROOT / "static").glob("*.js")]
    scripts = [p for p in found if not p.name.endswith(".min.js")]
    assert scripts
    assert {p.name: literal.findall(p.read_text(encoding="utf-8")) for p in scripts} == {
        p.name: [] for p in scripts
    }
