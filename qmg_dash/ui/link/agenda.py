"""议程: the slides of one meeting, in its order. It lives in the link alone.

    agenda=三季度例会;overview;enforcement:days?area=生态环境;disclosure?from=1&to=9

The meeting's name, then its items: a screen, perhaps one of its slides by its name, perhaps its
filters. Links of before name a slide by its number (enforcement:2): the one that is the second now.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from urllib.parse import parse_qs

from qmg_dash.characters import writable
from qmg_dash.fmt import short
from qmg_dash.ui import link
from qmg_dash.ui.link import Asked, bounds

BETWEEN = ";"
HOME = "overview"
MOST = 60
"""Items of an agenda; the link stays short enough to be sent."""

NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
"""What a slide may be called."""


@dataclass(frozen=True)
class Item:
    """A screen of the meeting: one of its slides by name or number (empty: all), under filters of
    its own."""

    path: str
    slide: str = ""
    asked: Asked = field(default_factory=dict, hash=False)

    @property
    def text(self) -> str:
        slide = f":{self.slide}" if self.slide else ""
        query = f"?{link.text(self.asked)}" if self.asked else ""
        return f"{self.path.strip('/') or HOME}{slide}{query}"


@dataclass(frozen=True)
class Agenda:
    """A meeting's name and items."""

    name: str
    items: tuple[Item, ...]

    @property
    def text(self) -> str:
        """As it stands in a link."""
        return BETWEEN.join((clean(self.name), *(item.text for item in self.items)))


def clean(name: str) -> str:
    """A meeting's name without what would end it in a link."""
    return " ".join(writable(name).replace(BETWEEN, "；").split())[:40]


def read(text: str, paths: Collection[str], say: Callable[[str], None]) -> Agenda | None:
    """The agenda that a link names; None where it names no screen. What is not there is said."""
    whole = text
    if len(text) > (longest := link.AGENDA.longest):
        say(f"议程最长 {longest} 字，其后的未使用。")
        whole = text[:longest].rpartition(BETWEEN)[0]
    name, *written = whole.split(BETWEEN)
    items = [item for one in written[:MOST] if one for item in [_item(one, paths, say)] if item]
    if len(written) > MOST:
        say(f"议程最多 {MOST} 项，其后的未使用。")
    if not items:
        say(f"链接中的议程“{short(text)}”没有可用的屏幕，已按全部屏幕显示。")
        return None
    return Agenda(clean(name), tuple(items))


def _item(text: str, paths: Collection[str], say: Callable[[str], None]) -> Item | None:
    place, _, query = text.partition("?")
    screen, _, slide = place.partition(":")
    path = "/" if screen == HOME else f"/{screen}"
    named = NAME.fullmatch(slide) or bounds.number(slide, link.SLIDE.within)
    if not screen or path not in paths or (slide and not named):
        say(f"议程中的“{short(text)}”不存在，已略过。")
        return None
    return Item(path, slide, parse_qs(query))
