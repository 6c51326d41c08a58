"""enforcement_actions of the demo town: the one ledger that can have ten million rows.

The mix is a town's: four inspections to two penalties to one permit; coercion is rare. Most cases
keep their terms, a few in a hundred do not (行政处罚法 art. 60: 90 days; 国办发〔2018〕118号: 7 and
20 working days for publication), and one or two cells in a hundred are empty.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from qmg_dash.demo import words
from qmg_dash.demo.frame import (
    NONE,
    Bins,
    Coded,
    Dice,
    Frame,
    Ints,
    cut,
    only,
    overlay,
    serials,
)
from qmg_dash.demo.powers import Use
from qmg_dash.demo.scene import Chunk, Scene, month_of
from qmg_dash.tables import PENALTY_CLASSES, POWER_CATEGORIES

TABLE = "enforcement_actions"
PERMIT, PENALTY, COERCION, INSPECTION = (
    POWER_CATEGORIES.index(t) for t in ("行政许可", "行政处罚", "行政强制", "行政检查")
)

# Of 1000 actions, in POWER_CATEGORIES' order: 许可 处罚 强制 征收 给付 检查 确认 奖励 裁决 其他.
MIX = (120, 230, 26, 6, 75, 420, 62, 5, 4, 52)
# In 安全生产月 (June) and before the Spring Festival inspections take the place of penalties.
CAMPAIGN_MIX = (105, 190, 30, 6, 70, 490, 55, 5, 3, 46)
CAMPAIGN_MONTHS = (0, 5)

# Calendar days from opening to decision: (low, high, weight).
DAYS: dict[int, Bins] = {
    PERMIT: ((1, 5, 50), (6, 12, 40), (13, 20, 10)),
    PENALTY: ((3, 15, 380), (16, 40, 410), (41, 70, 160), (71, 85, 40), (91, 140, 10)),
    COERCION: ((0, 2, 70), (3, 10, 30)),
    INSPECTION: ((0, 3, 1),),
}
OTHER_DAYS: Bins = ((0, 5, 45), (6, 15, 45), (16, 28, 10))
# Working days from decision to publication, where 7 are allowed and where 20 are.
PUBLISHED_7: Bins = ((0, 3, 560), (4, 7, 405), (8, 15, 35))
PUBLISHED_20: Bins = ((1, 8, 560), (9, 20, 410), (21, 30, 30))
NEVER_PUBLISHED = 8
CLOSED: Bins = ((1, 15, 70), (16, 45, 30))
# Of 100 inspections so many end with an order, which is a decision.
ORDERED = 120

# Light ones lead; a town has no power to revoke licences or detain.
CLASSES = {"警告": 300, "通报批评": 40, "罚款": 590, "没收违法所得、没收非法财物": 30}
CLASSES |= {"责令停产停业": 12, "其他行政处罚": 28}
FINES = {
    100: 24,
    200: 26,
    300: 12,
    500: 16,
    1000: 10,
    2000: 6,
    3000: 2,
    5000: 2,
    10000: 1,
}
GRAVE_FINE = 3000
"""From this sum on a penalty is a major decision that needs 法制审核 (the demo's own threshold)."""
GRAVE_CLASS = "责令停产停业"

PARTNERS = {"": 820} | words.PARTNERS
MILD_PENALTY = {"无": 780, "减轻处罚": 120, "说服教育": 87, "": 13}
MILD_INSPECTION = {
    "无": 640,
    "行政指导": 130,
    "说服教育": 140,
    "首违不罚": 45,
    "轻微不罚": 32,
    "": 13,
}
RECORDS = {"文字": 430, "音像": 60, "文字和音像": 485, "无": 12, "": 13}
OBJECTS = {"自然人": 560, "法人或其他组织": 427, "": 13}


def actions(scene: Scene, use: Use) -> Iterator[tuple[int, Frame]]:
    """The ledger, some rows at a time, with the year they were opened in."""
    for chunk in scene.chunks(TABLE):
        frame = _frame(scene, use, chunk)
        overlay(frame, chunk.plants)
        yield chunk.year, frame


def _frame(scene: Scene, use: Use, chunk: Chunk) -> Frame:
    n, dice, opened = chunk.n, chunk.dice, chunk.days
    kind = _kinds(chunk)
    item = use.draw(dice, opened, kind)
    decided = _decided(scene, dice, kind, opened)
    strict = np.isin(kind, (PENALTY, COERCION, INSPECTION))
    frame: Frame = {
        "action_no": serials(f"SL-{chunk.year}-", chunk.at + 1, n),
        "action_type": Coded(kind, POWER_CATEGORIES),
        "area": Coded(use.area_of[item].astype(np.int16), use.areas),
        "item_code": dice.blank(Coded(item.astype(np.int16), use.codes)),
        "department": dice.blank(Coded(use.office_of[item].astype(np.int16), use.offices), 5),
        "object_type": dice.pick(n, OBJECTS),
        "opened_on": opened,
        "decided_on": decided,
        "closed_on": _closed(scene, dice, kind, opened, decided),
        "extended_to": _extended(scene, kind, opened, decided),
        "officers": only(strict, _officers(dice, n)),
        "certificate_shown": only(strict, dice.answer(n, 975)),
        "recording": only(strict, dice.pick(n, RECORDS)),
    }
    frame |= _penalties(dice, kind, decided)
    frame["legal_review"] = _reviewed(dice, kind, decided, frame)
    frame["disclosed_on"] = _disclosed(scene, dice, kind, decided)
    frame |= _inspections(dice, kind)
    frame["result"] = _results(dice, kind, decided, frame)
    return frame


def _kinds(chunk: Chunk) -> Ints:
    """The type of each action, as a place in POWER_CATEGORIES."""
    usual, campaign = (chunk.dice.index(chunk.n, mix) for mix in (MIX, CAMPAIGN_MIX))
    kind = np.where(np.isin(month_of(chunk.days), CAMPAIGN_MONTHS), campaign, usual)
    for i, row in enumerate(chunk.plants):
        kind[i] = POWER_CATEGORIES.index(str(row["action_type"]))
    return kind


def _decided(scene: Scene, dice: Dice, kind: Ints, opened: Ints) -> Ints:
    """The day of decision, always a working day; an inspection has one only with an order."""
    took = dice.spread(len(kind), OTHER_DAYS)
    for place, bins in DAYS.items():
        at = np.flatnonzero(kind == place)
        took[at] = dice.spread(len(at), bins)
    decided = scene.calendar.on_or_after(opened + took)
    plain = (kind == INSPECTION) & ~dice.chance(len(kind), ORDERED)
    return only(~plain, cut(decided, scene.as_of))


def _extended(scene: Scene, kind: Ints, opened: Ints, decided: Ints) -> Ints:
    """A penalty that came close to its ninety days was given thirty more, and did not need them."""
    took = decided - opened
    close = (kind == PENALTY) & (decided != NONE) & (took >= 80) & (took <= 90)
    return only(close, cut(opened + 120, scene.as_of))


def _closed(scene: Scene, dice: Dice, kind: Ints, opened: Ints, decided: Ints) -> Ints:
    """Penalties close when carried out, other things with the decision, a plain inspection on
    its day."""
    carried_out = scene.calendar.on_or_after(decided + dice.spread(len(kind), CLOSED))
    closed = np.where(kind == PENALTY, carried_out, decided)
    closed = only(decided != NONE, cut(closed, scene.as_of))
    return np.where((kind == INSPECTION) & (decided == NONE), opened, closed)


def _officers(dice: Dice, n: int) -> Ints:
    return np.array([2, 3, 4, 1, NONE], np.int32)[dice.index(n, (800, 140, 32, 15, 13))]


def _penalties(dice: Dice, kind: Ints, decided: Ints) -> Frame:
    """Class and sum of a decided penalty: 0 where the class takes no money, seldom empty."""
    n = len(kind)
    drawn = dice.index(n, tuple(CLASSES.values()))
    place = np.array([PENALTY_CLASSES.index(c) for c in CLASSES], np.int16)[drawn]
    taken = np.isin(drawn, [list(CLASSES).index(c) for c in CLASSES if "款" in c or "没收" in c])
    fine = np.array(tuple(FINES), np.int32)[dice.index(n, tuple(FINES.values()))]
    known = (kind == PENALTY) & (decided != NONE)
    money = dice.blank(np.where(taken, fine, 0).astype(np.int32), 10)
    return {
        "penalty_class": only(known, Coded(place, PENALTY_CLASSES)),
        "fine_yuan": only(known, money),
    }


def _reviewed(dice: Dice, kind: Ints, decided: Ints, frame: Frame) -> Coded:
    """法制审核 is due for heavy penalties and a third of coercion; the others do not need it."""
    words_ = ("已审核", "应审未审", "不需要")
    grave = frame["penalty_class"].index == PENALTY_CLASSES.index(GRAVE_CLASS)
    grave |= frame["fine_yuan"] >= GRAVE_FINE
    grave |= (kind == COERCION) & dice.chance(len(kind), 330)
    answer = np.array([0, 1, NONE], np.int16)[dice.index(len(kind), (960, 30, 10))]
    pending = (kind == PENALTY) & (decided == NONE)
    return only(~pending, Coded(np.where(grave, answer, 2).astype(np.int16), words_))


def _disclosed(scene: Scene, dice: Dice, kind: Ints, decided: Ints) -> Ints:
    """The day of publication, counted in working days from the decision."""
    n = len(kind)
    soon = np.isin(kind, (PERMIT, PENALTY))
    lag = np.where(soon, dice.spread(n, PUBLISHED_7), dice.spread(n, PUBLISHED_20))
    known = (decided != NONE) & ~dice.chance(n, NEVER_PUBLISHED)
    there = scene.calendar.after(np.where(known, decided, scene.first), lag)
    return only(known, cut(there, scene.as_of))


def _inspections(dice: Dice, kind: Ints) -> Frame:
    n = len(kind)
    inspected, fined = kind == INSPECTION, kind == PENALTY
    mild = dice.pick(n, MILD_PENALTY), dice.pick(n, MILD_INSPECTION)
    values = mild[1].values + tuple(v for v in mild[0].values if v not in mild[1].values)
    place = np.array([values.index(v) for v in mild[0].values] + [NONE], np.int16)
    index = np.where(fined, place[mild[0].index], only(inspected, mild[1].index))
    return {
        "double_random": only(inspected, dice.answer(n, 350)),
        "joint_departments": only(inspected, dice.pick(n, PARTNERS)),
        "flexible": Coded(index.astype(np.int16), values),
    }


def _results(dice: Dice, kind: Ints, decided: Ints, frame: Frame) -> Coded:
    """What came of it; empty while it is open."""
    values = (
        "已办结",
        "准予许可",
        "不予许可",
        "已履行",
        "履行中",
        "强制措施",
        "强制执行",
    )
    values += ("未发现问题", "当场整改", "责令限期整改")
    n = len(kind)
    done = frame["closed_on"] != NONE
    ordered = np.where(decided != NONE, 9, np.array([7, 8])[dice.index(n, (78, 22))])
    result = np.select(
        [kind == PERMIT, kind == PENALTY, kind == COERCION, kind == INSPECTION],
        [
            np.array([1, 2])[dice.index(n, (96, 4))],
            np.where(done, 3, 4),
            np.array([5, 6])[dice.index(n, (75, 25))],
            ordered,
        ],
        default=0,
    )
    open_ = (kind != INSPECTION) & (decided == NONE)
    return only(~open_, Coded(result.astype(np.int16), values))
