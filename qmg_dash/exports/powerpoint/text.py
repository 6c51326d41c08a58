"""Lines of text by the widths of their characters: no font is needed to know where they end."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import ceil

from qmg_dash.figures.findings import width

PIECE = re.compile(r"\n| +|[（《“「【]*(?:[!-~°±]+|[^ \n])[，。；：、）》”」】！？…%·\xa0]*")
"""What is not broken over two lines: a word or number in Latin letters, a character else, with the
brackets and stops that belong to it."""
BROAD = {"%": 0.34} | dict.fromkeys("“”‘’…—·×▼▲", 0.42)
"""How much wider than the others some signs are in the fonts of a slide, in full characters."""
BOLD, APART = 1.03, 0.1
"""How much wider bold Latin letters are; what some programs leave between a Chinese character and a
Latin one, in full characters."""
MEETS = re.compile(r"[0-9A-Za-z%+][\u4e00-\u9fff]|[\u4e00-\u9fff][0-9A-Za-z%+]")


@dataclass(frozen=True)
class Run:
    """Text in one type: its size in pixels, its colour (RRGGBB)."""

    text: str
    size: float
    bold: bool
    colour: str
    height: float

    def wide(self, text: str) -> float:
        """The width of some of it in pixels."""
        ems = width(text) + sum(BROAD.get(c, 0.0) for c in text)
        narrow = self.bold and any("!" <= c <= "~" for c in text)
        return ems * self.size * (BOLD if narrow else 1)


@dataclass(frozen=True)
class Text:
    """Runs that follow one another, on one line or as many as they need; `height` is a line's."""

    runs: tuple[Run, ...]
    height: float
    align: str
    whole: bool
    """Whether no line ends but where it is said."""
    anywhere: bool
    _known: dict[float | None, tuple[float, int]] = field(default_factory=dict, compare=False)

    @property
    def plain(self) -> str:
        return "".join(run.text for run in self.runs)

    @property
    def line(self) -> float:
        """The height of a line."""
        return max(self.height, *(run.height for run in self.runs))

    def measured(self, room: float | None, _height: float | None = None) -> tuple[float, float]:
        """Width and height in so much room across."""
        wide, lines = self.filled(room)
        return ceil(wide), lines * self.line

    def filled(self, room: float | None) -> tuple[float, int]:
        """(the width of the widest line, how many lines there are)."""
        if room not in self._known:
            self._known[room] = self._filled(room)
        return self._known[room]

    def _filled(self, room: float | None) -> tuple[float, int]:
        most = float("inf") if room is None or self.whole else room + 0.5
        lines, space, before = [0.0], 0.0, ""
        for text, wide, size in self._pieces():
            if lines[-1] and MEETS.fullmatch(before + text[0]):
                space += APART * size
            before = text[-1] if text[0] != " " else before
            if text == "\n":
                lines, space = [*lines, 0.0], 0.0
            elif text[0] == " ":
                space = wide if lines[-1] else 0.0
            elif lines[-1] and lines[-1] + space + wide > most:
                lines, space = [*lines, wide], 0.0
            else:
                lines[-1], space = lines[-1] + space + wide, 0.0
        return max(lines), len(lines)

    def _pieces(self) -> Iterator[tuple[str, float, float]]:
        for run in self.runs:
            for piece in PIECE.findall(run.text):
                for part in piece if self.anywhere else (piece,):
                    yield part, run.wide(part), run.size


def tidy(runs: Sequence[Run]) -> tuple[Run, ...]:
    """Runs without the space before, between and behind them that a browser leaves out."""
    made: list[Run] = []
    for run in runs:
        text = re.sub(r"[ \t\r\f]+", " ", run.text)
        if not made or made[-1].text.endswith((" ", "\n")):
            text = text.lstrip(" ")
        if text:
            made.append(Run(text, run.size, run.bold, run.colour, run.height))
    while made and not (last := made[-1].text.rstrip(" ")):
        made.pop()
    if made and last != made[-1].text:
        made[-1] = Run(last, *[getattr(made[-1], k) for k in ("size", "bold", "colour", "height")])
    return tuple(made)
