"""The demo town's power list: a version a year, with its changes, and which powers are used.

The first version is approved in January of the first year; each later one in March, with items
added, taken over, changed, ended and handed back. About two thirds of the items are ever used,
so that the others lie dormant; those that come first in a category are used most.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from qmg_dash.demo import words
from qmg_dash.demo.frame import Dice, Ints, to_date, to_day
from qmg_dash.demo.plants import UNCODED_ITEM
from qmg_dash.demo.scene import Scene
from qmg_dash.tables import POWER_CATEGORIES

SLOTS = 256
DORMANT = 3
"""The last third of a category lies dormant."""
IN_USE, ENDED = "在用", "停用"
ON_APPLICATION = ("行政许可", "行政给付", "行政确认", "行政裁决")
VILLAGE_LEVEL = ("村务公开监督", "村规民约备案", "矛盾纠纷调解")


@dataclass(frozen=True)
class Item:
    """A power of the town, as a version of the list has it."""

    code: str
    name: str
    category: str
    department: str
    area: str = ""
    status: str = IN_USE
    change: str = ""


UNCODED = Item("", UNCODED_ITEM, "其他行政权力", words.PLANNING, change="新增")
"""The item that the newest version has without a code (planted)."""


@dataclass(frozen=True)
class Version:
    """A version of the list, by the day of its approval."""

    approved: date
    items: tuple[Item, ...]


def versions(scene: Scene) -> tuple[Version, ...]:
    """The list of each year."""
    found = [Version(_approved(scene, scene.years[0], 1, 5), _first_list(len(scene.years) == 1))]
    for i, year in enumerate(scene.years[1:], 1):
        items = _next_list(found[-1].items, i, last=year == scene.current)
        found.append(Version(_approved(scene, year, 3, 20), items))
    return tuple(found)


def _approved(scene: Scene, year: int, month: int, day: int) -> date:
    there = np.array([to_day(date(year, month, day))])
    return to_date(scene.calendar.on_or_after(there)[0])


def _first_list(last: bool) -> tuple[Item, ...]:
    by_area = {
        "行政处罚": words.PENALTIES,
        "行政强制": words.COERCION,
        "行政检查": words.INSPECTIONS,
    }
    by_office = {
        "行政许可": words.PERMITS,
        "行政征收": words.LEVIES,
        "行政给付": words.GRANTS,
        "行政确认": words.CONFIRMATIONS,
        "行政奖励": words.REWARDS,
        "行政裁决": words.RULINGS,
        "其他行政权力": words.OTHERS,
    }
    items: list[Item] = []
    for number, category in enumerate(POWER_CATEGORIES, 1):
        plain = [(n, office, "") for n, office in by_office.get(category, ())]
        fields = [
            (
                f"对{n}的处罚" if category == "行政处罚" else n,
                words.AREA_OFFICES[area],
                area,
            )
            for area, names in by_area.get(category, {}).items()
            for n in names
        ]
        items += (
            Item(f"SL-{number:02d}-{i:03d}", words.MARK + name, category, office, area)
            for i, (name, office, area) in enumerate(_mixed(plain + fields), 1)
        )
    marked = _marked(tuple(items), {"新增": (3, 30), "调整": (12, 50)})
    return (*marked, UNCODED) if last else marked


def _mixed(rows: list[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """The same rows in an order that brings each area to the front (used) and the back."""
    return [row for start in range(5) for row in rows[start::5]]


def _marked(items: tuple[Item, ...], changes: dict[str, tuple[int, ...]]) -> tuple[Item, ...]:
    """The items with a change noted at some places of the list."""
    at = {i: change for change, places in changes.items() for i in places}
    return tuple(replace(item, change=at.get(i, "")) for i, item in enumerate(items))


def _next_list(before: tuple[Item, ...], version: int, last: bool) -> tuple[Item, ...]:
    """The list a year later: what ended before is gone, some items end or go back, some change,
    some come in."""
    kept = tuple(replace(i, change="") for i in before if i.status == IN_USE)
    fines = [i for i, item in enumerate(kept) if item.category == "行政处罚"]
    others = [i for i, item in enumerate(kept) if item.category == "其他行政权力"]
    changed = _marked(
        kept,
        {
            "取消": (others[2],),
            "收回": (fines[1], fines[-1]),
            "调整": (fines[2], others[1]),
        },
    )
    ended = tuple(replace(i, status=ENDED) if i.change in ("取消", "收回") else i for i in changed)
    return (*ended, *_additions(version, last))


def _additions(version: int, last: bool) -> tuple[Item, ...]:
    """What comes in with the version of that number, 1 being the second."""

    def item(category: str, name: str, office: str, area: str, change: str) -> Item:
        number = POWER_CATEGORIES.index(category) + 1
        code = f"SL-{number:02d}-{900 + version:03d}"
        again = f"（{version}）" if version > 1 else ""
        return Item(code, words.MARK + name + again, category, office, area, change=change)

    grown = (
        item("行政处罚", "对违规设置充电设施的处罚", words.EMERGENCY, "安全生产", "新增"),
        item("行政检查", "自建房安全检查", words.PLANNING, "安全生产", "承接"),
        item("行政确认", "公益服务时长确认", words.CIVIL, "", "新增"),
    )
    return (*grown, UNCODED) if last else grown


def rows(scene: Scene, lists: tuple[Version, ...]) -> list[dict[str, object]]:
    """The rows of power_items, a version after the other."""
    dice = scene.dice("power_items")
    return [
        {
            "item_code": item.code or None,
            "name": item.name,
            "category": item.category,
            "legal_basis": f"《示例管理条例（虚构）》第{i % 60 + 1}条",
            "department": item.department,
            "initiation": _initiation(item),
            "level": "村" if item.name.removeprefix(words.MARK) in VILLAGE_LEVEL else "镇",
            "list_version": version.approved,
            "status": item.status,
            "change": item.change or None,
            "changed_on": version.approved if item.change else None,
            "published": {1: True, 0: False, -1: None}[int(seen)],
        }
        for version in lists
        for i, (item, seen) in enumerate(
            zip(version.items, dice.answer(len(version.items), 970), strict=True)
        )
    ]


def _initiation(item: Item) -> str:
    asked = item.category in ON_APPLICATION or item.name.endswith(("备案", "初审", "审核"))
    return "依申请" if asked else "依职权"


class Use:
    """Draws the power that an action uses, from the list in force on its day."""

    def __init__(self, lists: tuple[Version, ...]):
        items = {i.code: i for v in lists for i in v.items if i.code}
        self.codes = tuple(items)
        self.offices = tuple(dict.fromkeys(i.department for i in items.values()))
        self.areas = tuple(dict.fromkeys(i.area for i in items.values() if i.area))
        self.office_of = np.array([self.offices.index(i.department) for i in items.values()])
        self.area_of = np.array(
            [self.areas.index(i.area) if i.area else -1 for i in items.values()]
        )
        self._from = np.array([to_day(v.approved) for v in lists[1:]], np.int64)
        self._slots = np.array([[self._pool(v, c) for c in POWER_CATEGORIES] for v in lists])

    def _pool(self, version: Version, category: str) -> Ints:
        """SLOTS places of a category, shared out so that its newest items and then
        its first ones are used most."""
        fresh = ("新增", "承接")
        codes = [
            self.codes.index(i.code)
            for i in sorted(version.items, key=lambda i: i.change not in fresh)
            if i.category == category and i.status == IN_USE and i.code
        ]
        used = codes[: max(1, len(codes) - len(codes) // DORMANT)]
        weights = [60 // (rank + 2) + 3 for rank in range(len(used))]
        places = np.repeat(used, weights)
        return places[np.arange(SLOTS) * len(places) // SLOTS]

    def draw(self, dice: Dice, opened: Ints, kind: Ints) -> Ints:
        """A power's place in `codes` for each action, by its day and type."""
        version = np.searchsorted(self._from, opened, side="right")
        return self._slots[version, kind, dice.below(len(opened), SLOTS)]
