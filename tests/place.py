"""Where something is to be written: what a test says that goes red because a line is missing."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[1]


def line(file: str, text: str, after: bool = False) -> str:
    """tests/naive.py:51 of the line that begins with a text; with `after`, of the last such one."""
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    found = [n for n, said in enumerate(lines, 1) if said.lstrip().startswith(text)]
    return f"{file}:{found[-1 if after else 0]}"


def places(folder: str, text: str) -> list[str]:
    """Every file:line of a folder's Python files in which a text stands."""
    return [
        f"{path.relative_to(ROOT).as_posix()}:{n}"
        for path in sorted((ROOT / folder).glob("*.py"))
        for n, said in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if text in said
    ]
