"""Sizes and places of boxes: Taffy's flexbox and grid (through stretchable), fed with style texts.

Each layout has a tree of its own, so that sessions do not meet in one and nothing of it is left.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

from stretchable import Style, taffylib
from stretchable.style.geometry.length import Scale

from qmg_dash.exports.powerpoint.style import KEPT, SIDES, border, sized
from qmg_dash.exports.powerpoint.style import Style as Said

Size = tuple[float, float]
Measure = Callable[[float | None, float | None], Size]
"""Width and height of a leaf; what it is given is the room across (None: as much as it likes, 0: as
little as it can) and the height, where that is fixed already."""


class Rect(NamedTuple):
    """A place on the slide, in pixels."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    def moved(self, x: float, y: float) -> Rect:
        """The same, elsewhere."""
        return self._replace(x=self.x + x, y=self.y + y)


class Tree:
    """The boxes of a slide, by number."""

    def __init__(self) -> None:
        self._tree = taffylib.init()
        taffylib.disable_rounding(self._tree)
        self._measures: dict[int, Measure] = {}

    def close(self) -> None:
        """Give the memory back: it is not Python's."""
        taffylib.free(self._tree)

    def box(self, style: str, measure: Measure | None = None) -> int:
        """A new box, with a `measure` a leaf."""
        node = taffylib.node_create(self._tree, _style(style))
        if measure:
            self._measures[node] = measure
            taffylib.node_set_measure(self._tree, node, True)
        return node

    def put(self, parent: int, child: int) -> None:
        """Let a box stand in another, behind those that it has."""
        taffylib.node_add_child(self._tree, parent, child)

    def restyle(self, node: int, style: str) -> None:
        """Give a box another style."""
        taffylib.node_set_style(self._tree, node, _style(style))
        taffylib.node_mark_dirty(self._tree, node)

    def lay_out(self, root: int, width: float | None, height: float | None = None) -> None:
        """Find the places of all that stands in a root: in so much room across (None: as much as it
        likes, 0: as little as it can)."""
        space = {"width": _room(width), "height": _room(height)}
        taffylib.node_compute_layout_with_measure(self._tree, root, space, self._measured)

    def _measured(
        self, width: float, height: float, across: dict, _down: dict, node: int
    ) -> tuple[float, float]:
        if node not in self._measures:
            return (0.0, 0.0)
        room = width if width == width else _given(across)  # NaN: not fixed
        found = self._measures[node](room, height if height == height else None)
        return (width if width == width else found[0], height if height == height else found[1])

    def rect(self, node: int) -> Rect:
        """Where a box stands in its parent."""
        found = taffylib.PyLayout()
        taffylib.node_get_layout(self._tree, node, found)
        return Rect(found.x, found.y, found.width, found.height)


def _room(size: float | None) -> dict[str, Any]:
    scale = Scale.MAX_CONTENT if size is None else Scale.POINTS if size else Scale.MIN_CONTENT
    return {"dim": scale.value, "value": size or 0.0}


def _given(room: dict[str, Any]) -> float | None:
    if room["dim"] == Scale.POINTS:
        return room["value"]
    return 0.0 if room["dim"] == Scale.MIN_CONTENT else None


@lru_cache(KEPT)
def _style(text: str) -> dict[str, Any]:
    made = Style.from_inline(text.replace("nowrap", "no-wrap")).to_dict()
    for tracks in ("grid-template-rows", "grid-template-columns"):
        if tracks not in text:  # else there is one of the size `auto` before those that are implied
            made[tracks.replace("-", "_")] = []
    return made


# ---- a style as a text for the tree -----------------------------------------------------------------
SIZES = ("width", "height", "min-width", "min-height", "max-width", "max-height")
SPACES = tuple(f"{what}-{side}" for what in ("margin", "padding") for side in SIDES)
OTHERS = [
    "flex-grow",
    "flex-shrink",
    "flex-basis",
    "flex-direction",
    "flex-wrap",
    "align-items",
    "align-self",
    "align-content",
    "justify-content",
    "justify-items",
    "row-gap",
    "column-gap",
    "grid-template-columns",
    "grid-template-rows",
    "grid-auto-rows",
    "grid-auto-flow",
    "grid-row",
    "grid-column",
]


def told(style: Said, display: str = "block", width: float | None = None) -> str:
    """The part of a style that says where a box stands; `width` is that of a table's cell."""
    said = {k: style[k] for k in (*SPACES, *OTHERS) if style.get(k) and style[k] != "normal"}
    loose = style.get("position") == "absolute"
    if width is None:
        said |= {k: v for k in SIZES if (v := style.get(k, "")) and v[0] in "0123456789"}
    else:
        said = {k: v for k, v in said.items() if k.startswith("padding")} | {
            "width": f"{width:g}px"
        }
    if loose:
        said["position"] = "absolute"
        said |= {k: v for k in SIDES if (v := style.get(k, "")) and v != "auto"}
        across, _, more = said.get("left", "").partition("+")
        if more:
            margin = sized(said.get("margin-left", "0px"), 0) + sized(more, 0)
            said |= {"left": across, "margin-left": f"{margin:g}px"}
    for side in SIDES:
        if wide := border(style, side)[0]:
            said[f"border-{side}-width"] = f"{wide:g}px"
    # A block is a column for Taffy, which forgets the places in its own blocks after measuring them.
    column = (
        {"display": "flex", "flex-direction": "column"}
        if display == "block"
        else {"display": display}
    )
    return "".join(f"{k}: {v};" for k, v in {**said, **column}.items())
