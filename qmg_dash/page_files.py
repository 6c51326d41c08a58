"""The screens, found in the folder of pages: a file that says its own title and rank."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
HOME = "overview"


@dataclass(frozen=True)
class Screen:
    """A page file: its path in links, its title, where it stands in the menu. An `occasional` one
    stands there only when it has something to show."""

    file: Path
    title: str
    rank: int
    occasional: bool = False

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
        rank = int(says["RANK"])  # type: ignore[call-overload]
        found.append(Screen(file, str(says["TITLE"]), rank, bool(says.get("OCCASIONAL"))))
    return tuple(sorted(found, key=lambda s: s.rank))


def paths() -> tuple[str, ...]:
    """The paths that a mechanism may name (DATA.md section 6): those that are always there."""
    return tuple(s.path for s in screens() if not s.occasional)


def titles() -> dict[str, str]:
    """Path → title."""
    return {s.path: s.title for s in screens()}
