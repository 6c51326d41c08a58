"""The columns and rows of a table, found as browsers find them; Taffy has no tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qmg_dash.exports.powerpoint.layout import Rect, Tree, told
from qmg_dash.exports.powerpoint.style import sized

if TYPE_CHECKING:
    from qmg_dash.exports.powerpoint.boxes import Box


@dataclass
class Cell:
    """A cell at its row and column, and how many of both it spans."""

    box: Box
    row: int
    column: int
    rows: int
    columns: int


class Table:
    """The widths and heights of a table, found as browsers do."""

    def __init__(self, tree: Tree, fixed: bool):
        self.tree, self.fixed = tree, fixed
        self.cells: list[Cell] = []
        self.count = 0
        self.heads = 0
        self.columns = 0
        self._taken: set[tuple[int, int]] = set()
        self._ends: list[tuple[float, float]] = []
        self._heights: dict[float, list[float]] = {}
        self.widths: list[float] = []
        self.heights: list[float] = []

    def row(self, cells: Sequence[Box], head: bool) -> None:
        """One more row."""
        column = 0
        for box in cells:
            while (self.count, column) in self._taken:
                column += 1
            rows, columns = (int(box.element.get(k) or 1) for k in ("rowspan", "colspan"))
            self.cells.append(Cell(box, self.count, column, rows, columns))
            self._taken |= {
                (self.count + r, column + c) for r in range(rows) for c in range(columns)
            }
            column += columns
        self.columns = max(self.columns, *(c + 1 for _, c in self._taken), 0)
        self.count += 1
        self.heads += head

    def measured(self, room: float | None, _height: float | None) -> tuple[float, float]:
        """Width and height in so much room across."""
        least, most = (sum(side) for side in zip(*self.ends(), strict=True))
        wide = most if room is None else max(room, least)
        return wide, sum(self.row_heights(self.column_widths(wide)))

    def ends(self) -> list[tuple[float, float]]:
        """The least and the most that each column asks for."""
        if not self._ends:
            found = [(0.0, 0.0)] * self.columns
            for cell in self.cells:
                if cell.columns == 1:
                    low, high = (self._across(cell.box, room) for room in (0, None))
                    was = found[cell.column]
                    found[cell.column] = (max(was[0], low), max(was[1], high))
            self._ends = found
        return self._ends

    def _across(self, cell: Box, room: float | None) -> float:
        self.tree.lay_out(cell.node, room)
        least = cell.style.get("min-width", "")
        return max(self.tree.rect(cell.node).width, sized(least, 0) if least[-2:] == "px" else 0)

    def column_widths(self, wide: float) -> list[float]:
        """What each column gets: what a cell says, the rest by what they ask for."""
        ends, said = self.ends(), [0.0] * self.columns
        for cell in self.cells:
            width = cell.box.style.get("width", "auto")
            if width[0] in "0123456789" and cell.columns == 1:
                least = 0.0 if self.fixed else ends[cell.column][0]
                said[cell.column] = max(said[cell.column], sized(width, wide), least)
        free = [i for i, width in enumerate(said) if not width]
        room = wide - sum(said)
        if not free:
            return [w * wide / sum(said) for w in said]
        if self.fixed:
            shares = {i: room / len(free) for i in free}
        else:
            shares = _shared([ends[i] for i in free], room, free)
        return [shares.get(i, width) for i, width in enumerate(said)]

    def row_heights(self, widths: Sequence[float]) -> list[float]:
        """How high each row has to be."""
        key = sum(widths)
        if key not in self._heights:
            heights = [0.0] * self.count
            for cell in sorted(self.cells, key=lambda c: c.rows):
                across = sum(widths[cell.column : cell.column + cell.columns])
                self.tree.restyle(cell.box.node, told(cell.box.style, "block", across))
                self.tree.lay_out(cell.box.node, across)
                least = cell.box.style.get("height", "0px")
                high = max(self.tree.rect(cell.box.node).height, sized(least, 0))
                mine = range(cell.row, min(cell.row + cell.rows, self.count))
                lacking = high - sum(heights[i] for i in mine)
                for i in mine:
                    heights[i] += max(0.0, lacking) / len(mine)
            self._heights[key] = heights
        return list(self._heights[key])

    def places(self, rect: Rect) -> Iterator[tuple[Box, Rect]]:
        """The cells with their places; rows share what the table has in height beyond them."""
        self.widths = self.column_widths(rect.width)
        heights = self.row_heights(self.widths)
        fixed = {c.row for c in self.cells if c.box.style.get("height", "auto")[0] in "0123456789"}
        loose = [i for i in range(self.heads, self.count) if i not in fixed]
        spare, whole = rect.height - sum(heights), sum(heights[i] for i in loose)
        for i in loose if spare > 0 else ():
            heights[i] += spare * heights[i] / whole
        self.heights = heights
        for cell in self.cells:
            x, y = sum(self.widths[: cell.column]), sum(heights[: cell.row])
            wide = sum(self.widths[cell.column : cell.column + cell.columns])
            high = sum(heights[cell.row : cell.row + cell.rows])
            yield cell.box, Rect(rect.x + x, rect.y + y, wide, high)


def _shared(
    ends: Sequence[tuple[float, float]], room: float, of: Sequence[int]
) -> dict[int, float]:
    """Room divided among columns by the least and the most that they ask for."""
    least, most = (sum(side) for side in zip(*ends, strict=True))
    if room >= most:
        return {
            i: high * room / most if most else room / len(of)
            for i, (_, high) in zip(of, ends, strict=True)
        }
    share = max(0.0, room - least) / (most - least) if most > least else 0.0
    return {i: low + (high - low) * share for i, (low, high) in zip(of, ends, strict=True)}
