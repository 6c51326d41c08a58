"""The other ledgers of the demo town, a function a table: THE place to add one (FLOWS, LEDGERS).

Each says how its days follow from each other; most terms are kept and some are not. They tell
one story: the course that officers take is in learning, a normative document is reviewed, issued
and disclosed, a major decision and a major penalty pass legal review.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qmg_dash.demo import words
from qmg_dash.demo.frame import (
    NONE,
    Coded,
    Dice,
    Frame,
    Ints,
    constant,
    cut,
    only,
    overlay,
    rows_of,
    serials,
    size,
)
from qmg_dash.demo.scene import CHUNK, OFFICERS_SHARE, Chunk, Flow, Scene
from qmg_dash.tables import APPLICANTS, OUTCOMES, STEP_STATES

_EVEN = (8, 6, 9, 9, 9, 9, 8, 8, 9, 8, 9, 8)
_TERM = (6, 3, 8, 9, 9, 10, 4, 4, 10, 9, 11, 12)

FLOWS: dict[str, Flow] = {
    # Slack around the Spring Festival; June is 安全生产月, the autumn checks run to December.
    "enforcement_actions": Flow(
        1000, "opened_on", (8, 5, 9, 9, 9, 12, 9, 8, 10, 8, 9, 8), growth=6, weekend=8
    ),
    # The yearly report and budget in January, the accounts in August and September.
    "disclosures": Flow(300, "published_on", (11, 6, 9, 8, 8, 8, 8, 9, 9, 7, 8, 9), growth=9),
    "applications": Flow(20, "received_on", _EVEN, growth=10),
    "legal_cases": Flow(5, "accepted_on", _EVEN, least=5),
    # Contracts bunch at the start of projects in spring and before the year's end.
    "legal_reviews": Flow(50, "submitted_on", (5, 4, 10, 11, 9, 8, 7, 7, 8, 8, 11, 12), growth=5),
    "documents": Flow(5, "issued_on", _EVEN),
    # Topics are dealt with at the office meeting, which sits every twelfth working day.
    "decisions": Flow(20, "held_on", _EVEN, every=12),
    # People come home for the Spring Festival, and quarrel in the hot months.
    "disputes": Flow(
        150,
        "registered_on",
        (10, 9, 7, 7, 8, 9, 11, 11, 8, 7, 7, 8),
        growth=-4,
        weekend=35,
    ),
    "learning": Flow(20, "held_on", _EVEN),
    # 4·15 国家安全日, June, and 宪法宣传周 in the first week of December.
    "publicity": Flow(
        60, "held_on", (5, 4, 10, 12, 8, 10, 6, 6, 8, 7, 9, 15), growth=8, weekend=45
    ),
    "services": Flow(60, "held_on", _TERM, growth=5, weekend=5),
    # The line is open day and night; water, power and noise in the hot months.
    "hotline": Flow(
        220, "received_on", (9, 7, 7, 7, 8, 9, 11, 11, 8, 7, 8, 8), growth=9, weekend=60
    ),
}

Frames = Iterator[tuple[int, Frame]]
YES_NO_EMPTY = np.array([1, 0, NONE], np.int8)


def _within(days: Ints, span: tuple[int, int]) -> Ints:
    return (days >= span[0]) & (days <= span[1])


# ---- officers --------------------------------------------------------------------------------
VALID_DAYS = 1825
"""A certificate is valid for five years."""


def officers(scene: Scene) -> Frame:
    """Officers with certificates that run out evenly over the next five years; one in twenty has
    none, one in twenty is no longer there."""
    n = max(12, scene.rows * OFFICERS_SHARE // 1000)
    dice = scene.dice("officers")
    plants = scene.plants.get(("officers", scene.current), ())
    certified = ~dice.chance(n, 45)
    certified[: len(plants)] = True
    frame: Frame = {
        "officer_id": serials("SL-RY-", 1, n, 4),
        "department": dice.pick(n, _officer_offices()),
        "certificate_no": serials("SL-ZJ-", 1, n),
        "expires_on": only(certified, (scene.as_of + 1 + dice.below(n, VALID_DAYS))),
        "exam_passed": np.where(certified, 1, YES_NO_EMPTY[1 + dice.index(n, (1, 1))]),
        "active": dice.answer(n, 950, 0),
    }
    overlay(frame, plants)
    issued = scene.calendar.before(np.where(certified, frame["expires_on"], scene.first), 0)
    issued = only(certified, np.where(certified, frame["expires_on"] - VALID_DAYS, issued))
    frame["issued_on"] = issued
    frame["trained_on"] = only(certified, issued - dice.spread(n, ((15, 60, 1),)))
    frame["certificate_no"] = pc.if_else(
        pa.array(certified), frame["certificate_no"], pa.scalar(None, pa.string())
    )
    return frame


def _officer_offices() -> dict[str, int]:
    return {
        words.SQUAD: 45,
        words.EMERGENCY: 24,
        words.PLANNING: 18,
        words.FARMING: 7,
        words.PEACE: 6,
    }


def certificates_by_year(scene: Scene, frame: Frame) -> dict[int, int]:
    """Certificates issued in each year."""
    return {y: int(_within(frame["issued_on"], scene.span(y)).sum()) for y in scene.years}


# ---- documents and what follows from them ----------------------------------------------------
STANDING_YEARS = 4
"""Documents of so many years before the first still stood when it began."""


def documents(scene: Scene) -> Frame:
    """Normative documents: of the years on record, and older ones, a fifth of which have been
    abolished since. None lapses by itself, so that 现行有效 follows from 制发 and 废止."""
    parts = [_old_documents(scene, scene.years[0] - back) for back in range(STANDING_YEARS, 0, -1)]
    for chunk in scene.chunks("documents"):
        part = _documents(scene, chunk.dice, chunk.year, chunk.at, chunk.days, ended=8)
        overlay(part, chunk.plants)
        parts.append(part)
    return _joined(parts)


def _old_documents(scene: Scene, year: int) -> Frame:
    n = max(2, scene.total("documents") // len(scene.years) // 2)
    dice = scene.dice("documents", year)
    days = np.sort(scene.span(year)[0] + 5 + dice.below(n, 350))
    days = scene.calendar.before(days, 0)
    return _documents(scene, dice, year, 0, days, ended=200)


def _documents(scene: Scene, dice: Dice, year: int, at: int, issued: Ints, ended: int) -> Frame:
    n = len(issued)
    names = tuple(words.MARK + d for d in words.DOCUMENTS)
    gone, changed = dice.chance(n, ended), dice.chance(n, 40)
    later = scene.first + 20 + dice.below(n, scene.as_of - scene.first - 20)
    later = np.maximum(scene.calendar.before(later, 0), np.minimum(issued + 20, scene.as_of))
    filed = cut(issued + dice.spread(n, ((3, 14, 1),)), scene.as_of)
    numbers = serials(f"示例府发〔{year}〕", at + 1, n, 1)
    state = np.where(gone, 1, np.where(changed, 2, 0)).astype(np.int16)
    return {
        "doc_no": pc.binary_join_element_wise(numbers, "号", ""),
        "title": Coded(((np.arange(at, at + n) + year) % len(names)).astype(np.int16), names),
        "issued_on": issued,
        "filed_on": only(~dice.chance(n, 25), filed),
        "status": Coded(state, ("现行有效", "废止", "修改")),
        "status_on": only(gone | changed, later.astype(np.int32)),
        "department": dice.pick(n, {words.PARTY: 5, words.JUSTICE: 3, words.SQUAD: 2}),
    }


def _joined(parts: Sequence[Frame]) -> Frame:
    """Frames of the same columns, one below the other."""
    return {name: _stacked([p[name] for p in parts]) for name in parts[0]}


def _stacked(cells: list) -> Ints | Coded | pa.Array:
    if isinstance(cells[0], Coded):
        return Coded(np.concatenate([c.index for c in cells]), cells[0].values)
    return np.concatenate(cells) if isinstance(cells[0], np.ndarray) else pa.concat_arrays(cells)


# ---- disclosures -----------------------------------------------------------------------------
CHANNELS = {"政府网站": 600, "微信公众号": 260, "公示栏": 130, "": 10}


def disclosures(scene: Scene, issued: Frame) -> Frames:
    """What is published of one's own accord, and each normative document of the years."""
    for chunk in scene.chunks("disclosures"):
        yield chunk.year, _disclosures(scene, chunk)
    for year in scene.years:
        frame = _document_disclosures(scene, year, issued)
        if size(frame):
            yield year, frame


def _disclosures(scene: Scene, chunk: Chunk) -> Frame:
    n, dice = chunk.n, chunk.dice
    what = dice.index(n, [w for _, _, w in words.DISCLOSURES.values()])
    columns = tuple(dict.fromkeys(c for c, _, _ in words.DISCLOSURES.values()))
    column = np.array([columns.index(c) for c, _, _ in words.DISCLOSURES.values()], np.int16)
    office = np.array([words.OFFICES.index(o) for _, o, _ in words.DISCLOSURES.values()], np.int16)
    took = dice.spread(n, ((0, 6, 500), (7, 20, 475), (21, 35, 25)))
    month = chunk.days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12
    titles = tuple(
        f"{words.MARK}{chunk.year}年{m}月{title}"
        for m in range(1, 13)
        for title in words.DISCLOSURES
    )
    return {
        "doc_id": serials(f"SL-GK-{chunk.year}-", chunk.at + 1, n),
        "title": Coded((month * len(words.DISCLOSURES) + what).astype(np.int16), titles),
        "category": dice.blank(Coded(column[what], columns)),
        "channel": dice.pick(n, CHANNELS),
        "department": dice.blank(Coded(office[what], words.OFFICES)),
        "produced_on": dice.blank(scene.calendar.before(chunk.days, took), 15),
        "published_on": chunk.days,
        "normative": np.zeros(n, np.int8),
    }


def _document_disclosures(scene: Scene, year: int, issued: Frame) -> Frame:
    """The documents of a year, published within three weeks of their issue."""
    dice = scene.dice("disclosures", year, 1)
    at = np.flatnonzero(_within(issued["issued_on"], scene.span(year)))
    made = issued["issued_on"][at]
    published = scene.calendar.after(made, dice.spread(len(at), ((0, 12, 1),)))
    seen = published <= scene.span(year)[1]
    at, made, published = at[seen], made[seen], published[seen]
    n, names = len(at), issued["title"].values
    titles = tuple(f"{words.MARK}关于印发《{d.removeprefix(words.MARK)}》的通知" for d in names)
    return {
        "doc_id": serials(f"SL-GW-{year}-", 1, n),
        "title": Coded(issued["title"].index[at], titles),
        "category": constant(n, words.POLICY),
        "channel": constant(n, "政府网站"),
        "department": constant(n, words.PARTY),
        "produced_on": made,
        "published_on": published,
        "normative": np.ones(n, np.int8),
    }


# ---- applications ----------------------------------------------------------------------------
APPLICANT_MIX = dict(zip(APPLICANTS, (760, 100, 20, 30, 60, 30), strict=True))
# Of 1000 replies, in the form's order: most are granted or say that there is no such information.
OUTCOME_MIX = dict(
    zip(
        OUTCOMES,
        (420, 90, 2, 10, 3, 20, 18, 25, 18, 14, 150, 60, 25, 70, 20, 4, 3, 10, 22, 2, 14),
        strict=True,
    )
)
TERM = 20
"""Working days to reply in, and by which the term can be extended (《条例》 art. 33)."""


def applications(scene: Scene) -> Frames:
    """Applications: replied to within the term, once extended where that was needed; three in a
    hundred late. What came in last is still open."""
    for chunk in scene.chunks("applications"):
        n, dice = chunk.n, chunk.dice
        extended = dice.chance(n, 70)
        stopped = dice.spread(n, ((0, 0, 950), (3, 10, 50)))
        took = dice.spread(n, ((2, 12, 500), (13, 20, 470), (21, 30, 30)))
        took = np.where(extended, TERM + took, took) + stopped
        replied = cut(scene.calendar.after(chunk.days, took), scene.as_of)
        frame: Frame = {
            "app_no": serials(f"SL-SQ-{chunk.year}-", chunk.at + 1, n),
            "applicant_type": dice.pick(n, APPLICANT_MIX),
            "received_on": chunk.days,
            "extended": extended.astype(np.int8),
            "suspended_days": dice.blank(stopped),
            "replied_on": replied,
            "outcome": only(replied != NONE, dice.pick(n, OUTCOME_MIX)),
            "department": dice.pick(n, {words.PARTY: 90, "": 10}),
        }
        frame["suspended_days"] = np.where(stopped > 0, stopped, frame["suspended_days"])
        overlay(frame, chunk.plants)
        yield chunk.year, frame


# ---- cases -----------------------------------------------------------------------------------
KINDS = {"行政复议": 60, "行政诉讼（未经复议）": 26, "行政诉讼（复议后）": 14}
VERDICTS = {"维持": 46, "驳回": 26, "纠正": 9, "撤回终止": 16, "其他": 3}


def legal_cases(scene: Scene) -> Frames:
    """Reconsiderations close in two months, litigations in four to six. A case about disclosure
    is one that closed in its year, so that the year's table 4 stands as it was published."""
    for chunk in scene.chunks("legal_cases"):
        n, dice = chunk.n, chunk.dice
        kind = dice.pick(n, KINDS)
        sued = kind.index > 0
        took = np.where(sued, dice.spread(n, ((80, 170, 1),)), dice.spread(n, ((35, 75, 1),)))
        closed = cut(scene.calendar.on_or_after(chunk.days + took), scene.as_of)
        outcome = only(closed != NONE, dice.pick(n, VERDICTS))
        heard = sued & (closed != NONE) & (outcome.index != list(VERDICTS).index("撤回终止"))
        stayed = (closed != NONE) & (closed <= scene.span(chunk.year)[1])
        about = dice.chance(n, 300) & (stayed | (chunk.year == scene.current))
        frame: Frame = {
            "case_no": serials(f"SL-AJ-{chunk.year}-", chunk.at + 1, n),
            "kind": kind,
            "about_disclosure": about.astype(np.int8),
            "accepted_on": chunk.days,
            "closed_on": closed,
            "outcome": outcome,
            "hearing_held": only(sued, heard.astype(np.int8)),
            "leader_attended": only(heard, dice.answer(n, 850)),
            "department": dice.pick(n, {words.SQUAD: 5, words.PLANNING: 3, words.EMERGENCY: 2}),
        }
        overlay(frame, chunk.plants)
        yield chunk.year, frame


# ---- decisions -------------------------------------------------------------------------------
MAJOR_EVERY = 6
STEP_MIX: dict[str, tuple[int, int, int, int]] = {
    # 已完成, 未完成, 不适用, empty, of 1000; 合法性审查 and 集体讨论 always apply.
    "participation": (720, 40, 225, 15),
    "expert": (600, 40, 345, 15),
    "risk": (680, 40, 265, 15),
    "legality": (985, 10, 0, 5),
    "collective": (990, 5, 0, 5),
}
RESULTS = {"通过": 93, "暂缓": 5, "不通过": 2}


def decisions(scene: Scene) -> Frames:
    """Topics of the office meeting; every sixth is a major decision with its five steps."""
    topics = tuple(words.MARK + t for t in (*words.TOPICS, *words.MAJOR_TOPICS))
    for chunk in scene.chunks("decisions"):
        n, dice = chunk.n, chunk.dice
        number = np.arange(chunk.at, chunk.at + n)
        major = number % MAJOR_EVERY == 0
        plain, great = len(words.TOPICS), len(words.MAJOR_TOPICS)
        title = np.where(major, plain + number // MAJOR_EVERY % great, number % plain)
        states = np.array([0, 1, 2, NONE], np.int16)
        frame: Frame = {
            "topic_no": serials(f"SL-YT-{chunk.year}-", chunk.at + 1, n),
            "held_on": chunk.days,
            "title": Coded(title.astype(np.int16), topics),
            "major": major.astype(np.int8),
            **{
                step: only(major, Coded(states[dice.index(n, mix)], STEP_STATES))
                for step, mix in STEP_MIX.items()
            },
            # The adviser sits in on whole meetings, about two in five.
            "adviser_present": (chunk.days * 7919 % 101 < 40).astype(np.int8),
            "result": dice.pick(n, RESULTS),
            "department": dice.pick(n, dict.fromkeys(words.OFFICES, 10) | {"": 5}),
        }
        overlay(frame, chunk.plants)
        yield chunk.year, frame


# ---- legal reviews ---------------------------------------------------------------------------
CONCLUSIONS = {"通过": 52, "修改后通过": 45, "不通过": 3}
AMOUNTS = (5_000, 12_000, 28_000, 46_000, 80_000, 150_000, 260_000, 480_000, 1_200_000)


def contract_reviews(scene: Scene) -> Frames:
    """Contracts: two thirds go to the adviser; seven in ten spend public money."""
    for chunk in scene.chunks("legal_reviews"):
        n, dice = chunk.n, chunk.dice
        took = dice.spread(n, ((1, 4, 70), (5, 9, 30)))
        reviewed = cut(scene.calendar.after(chunk.days, took), scene.as_of)
        frame: Frame = {
            "review_no": serials(f"SL-HT-{chunk.year}-", chunk.at + 1, n),
            "kind": constant(n, "合同"),
            "title": dice.pick(n, {words.MARK + c: 1 for c in words.CONTRACTS}),
            "department": dice.pick(n, dict.fromkeys(words.OFFICES, 10) | {"": 1}),
            "submitted_on": chunk.days,
            "reviewed_on": reviewed,
            "reviewer": dice.pick(n, {"法律顾问": 65, "司法所": 35}),
            **_opinions(dice, reviewed),
            "amount_yuan": dice.blank(
                np.array(AMOUNTS, np.int32)[dice.index(n, [1] * len(AMOUNTS))]
            ),
            "fiscal": dice.answer(n, 690),
        }
        overlay(frame, chunk.plants)
        yield chunk.year, frame


def _opinions(dice: Dice, reviewed: Ints) -> Frame:
    """Conclusion, opinions and how many were adopted; empty while the review is open."""
    n, done = len(reviewed), reviewed != NONE
    conclusion = dice.pick(n, CONCLUSIONS)
    opinions = np.where(conclusion.index == 0, 0, dice.spread(n, ((1, 3, 70), (4, 6, 30))))
    opinions = only(done, dice.blank(opinions.astype(np.int32)))
    adopted = np.maximum(opinions - dice.chance(n, 110), np.minimum(opinions, 0))
    return {
        "conclusion": only(done, conclusion),
        "opinions": opinions,
        "adopted": dice.blank(adopted.astype(np.int32), 5),
    }


def followed_reviews(
    scene: Scene, kind: str, prefix: str, reviewer: str, opened: Ints, final: Ints
) -> Frames:
    """The reviews that came before something final: a document, a decision, a penalty. They lie
    between the day it was opened and the day it became final."""
    dice = scene.dice(prefix)
    n = len(final)
    floor = np.maximum(opened, scene.first)
    reviewed = scene.calendar.before(final, dice.spread(n, ((0, 2, 1),)))
    reviewed = np.clip(reviewed, floor, final)
    submitted = scene.calendar.before(reviewed, dice.spread(n, ((1, 6, 1),)))
    submitted = np.clip(submitted, floor, reviewed)
    order = np.argsort(submitted, kind="stable")
    frame: Frame = {
        "kind": constant(n, kind),
        "title": constant(n, f"{words.MARK}{kind}审查"),
        "department": dice.pick(n, {words.SQUAD: 5, words.PLANNING: 3, words.PARTY: 2}),
        "submitted_on": submitted[order].astype(np.int32),
        "reviewed_on": reviewed[order].astype(np.int32),
        "reviewer": constant(n, reviewer),
        **_opinions(dice, reviewed),
        "amount_yuan": np.full(n, NONE, np.int32),
        "fiscal": np.full(n, NONE, np.int8),
    }
    yield from _by_year(scene, prefix, "submitted_on", frame)


def _by_year(scene: Scene, prefix: str, day: str, frame: Frame) -> Frames:
    """A frame in order of its days, numbered and cut by year and into chunks."""
    for year in scene.years:
        first, last = np.searchsorted(frame[day], scene.span(year) + np.array([0, 1]))
        for at in range(first, last, CHUNK):
            part = rows_of(frame, slice(at, min(at + CHUNK, last)))
            numbers = serials(f"SL-{prefix}-{year}-", int(at - first) + 1, size(part))
            yield year, {"review_no": numbers} | part


# ---- disputes --------------------------------------------------------------------------------
DISPUTE_TYPES = {
    "婚姻家庭": 18,
    "邻里": 26,
    "土地山林": 14,
    "劳动争议": 12,
    "损害赔偿": 18,
    "征地拆迁": 6,
}
MONEYED = ("劳动争议", "损害赔偿", "征地拆迁")
DISPUTE_SOURCES = {"排查": 46, "诉调对接": 14, "警调对接": 24, "访调对接": 14, "": 2}
SUMS = (500, 1_000, 2_000, 3_500, 5_000, 8_000, 15_000, 30_000)


def disputes(scene: Scene) -> Frames:
    """Disputes: half are settled within a week, nearly all within a month; four in a thousand
    drag on. Major ones are reported up by the month's end, a few are not."""
    for chunk in scene.chunks("disputes"):
        n, dice, begun = chunk.n, chunk.dice, chunk.days
        closed = cut(
            begun + dice.spread(n, ((1, 7, 520), (8, 30, 400), (31, 75, 80))),
            scene.as_of,
        )
        closed = only(~dice.chance(n, 4), closed)
        failed = dice.chance(n, 35)
        major = dice.blank(dice.chance(n, 12).astype(np.int8))
        kind = dice.pick(n, DISPUTE_TYPES)
        money = np.array(SUMS, np.int32)[dice.index(n, [1] * len(SUMS))]
        moneyed = np.isin(kind.index, [kind.values.index(m) for m in MONEYED])
        frame: Frame = {
            "dispute_no": serials(f"SL-JF-{chunk.year}-", chunk.at + 1, n),
            "registered_on": begun,
            "village": dice.pick(n, words.VILLAGES),
            "type": dice.blank(kind, 8),
            "source": dice.pick(n, DISPUTE_SOURCES),
            "major": major,
            "reported_up_on": _reported_up(scene, dice, major, begun),
            "status": _status(closed, failed),
            "closed_on": closed,
            "people": dice.blank(dice.spread(n, ((2, 4, 80), (5, 12, 20)))),
            "amount_yuan": dice.blank(np.where(moneyed, money, 0).astype(np.int32)),
            "department": dice.pick(n, {words.PEACE: 70, words.JUSTICE: 25, "": 5}),
        }
        overlay(frame, chunk.plants)
        yield chunk.year, frame


def _status(closed: Ints, failed: Ints) -> Coded:
    state = np.where(closed == NONE, 2, np.where(failed, 1, 0))
    return Coded(state.astype(np.int16), ("调解成功", "调解不成", "在调"))


def _reported_up(scene: Scene, dice: Dice, major: Ints, begun: Ints) -> Ints:
    """By the end of the month a dispute is registered in (a report a month)."""
    month = begun.astype("datetime64[D]").astype("datetime64[M]")
    end = ((month + 1).astype("datetime64[D]") - 1).astype(np.int32)
    there = np.minimum(begun + dice.spread(len(begun), ((0, 9, 1),)), end)
    return only((major == 1) & ~dice.chance(len(begun), 30), cut(there, scene.as_of))


# ---- learning, publicity, services -----------------------------------------------------------
YEAR_OF_LEARNING = (
    "中心组学习",
    "业务培训",
    "执法证培训",
    "专题会议",
    "专题学习",
    "中心组学习",
    "业务培训",
    "专题学习",
    "中心组学习",
    "专题会议",
    "业务培训",
    "述法",
)


def learning(scene: Scene, certificates: dict[int, int]) -> Frames:
    """Events in a fixed round. The courses for the certificate have as many graduates in a year
    as certificates were issued, and a few who failed."""
    kinds = tuple(words.LESSONS)
    round_ = np.array([kinds.index(k) for k in YEAR_OF_LEARNING], np.int16)
    topics = tuple(dict.fromkeys(words.MARK + t for ts in words.LESSONS.values() for t in ts))
    counts = scene.counts("learning")
    for chunk in scene.chunks("learning"):
        n, dice = chunk.n, chunk.dice
        number = np.arange(chunk.at, chunk.at + n)
        kind = round_[number % len(round_)]
        people = dice.spread(n, ((15, 35, 70), (36, 60, 30)))
        tested = np.isin(kind, [kinds.index("业务培训"), kinds.index("专题学习")])
        tested &= dice.chance(n, 500)
        takers = only(tested, people)
        passed = only(tested, people - dice.spread(n, ((0, 0, 60), (1, 3, 40))))
        course = np.flatnonzero(kind == kinds.index("执法证培训"))
        graduates = _shares(
            certificates[chunk.year],
            _courses(counts[chunk.year]),
            number[course] // len(round_),
        )
        failed = dice.spread(len(course), ((0, 0, 70), (1, 2, 30)))
        passed[course] = graduates
        takers[course] = people[course] = graduates + failed
        yield (
            chunk.year,
            {
                "event_no": serials(f"SL-XF-{chunk.year}-", chunk.at + 1, n),
                "held_on": chunk.days,
                "kind": Coded(kind, kinds),
                "topic": Coded(_lessons(kind, kinds, number, topics), topics),
                "attendees": np.where(
                    kind == kinds.index("执法证培训"), people, dice.blank(people)
                ),
                "exam_takers": takers,
                "exam_passed_count": passed,
            },
        )


def _courses(events: int) -> int:
    """How many courses for the certificate a year of so many events holds."""
    place = YEAR_OF_LEARNING.index("执法证培训")
    return max(0, (events - place - 1) // len(YEAR_OF_LEARNING) + 1)


def _shares(total: int, parts: int, at: Ints) -> Ints:
    """The size of some of `parts` parts, as even as can be, of a whole."""
    return (total // max(parts, 1) + (at < total % max(parts, 1))).astype(np.int32)


def _lessons(kind: Ints, kinds: tuple[str, ...], number: Ints, topics: tuple[str, ...]) -> Ints:
    """Each kind's topics in turn."""
    longest = max(len(t) for t in words.LESSONS.values())
    table = np.array(
        [
            [
                topics.index(words.MARK + words.LESSONS[k][i % len(words.LESSONS[k])])
                for i in range(longest)
            ]
            for k in kinds
        ],
        np.int16,
    )
    return table[kind, number // len(YEAR_OF_LEARNING) % longest]


VENUES = {"乡村": 38, "学校": 16, "企业": 12, "机关": 8, "社区": 18, "网络": 8}


def publicity(scene: Scene) -> Frames:
    """Events for the public: a hall or a square, or thousands on the web."""
    for chunk in scene.chunks("publicity"):
        n, dice = chunk.n, chunk.dice
        venue = dice.pick(n, VENUES)
        online = venue.index == venue.values.index("网络")
        reach = dice.spread(n, ((30, 90, 60), (91, 220, 35), (221, 400, 5)))
        reach = np.where(online, reach * 12, reach).astype(np.int32)
        sheets = np.where(online, 0, reach * 3 // 2 // 10 * 10).astype(np.int32)
        yield (
            chunk.year,
            {
                "event_no": serials(f"SL-PF-{chunk.year}-", chunk.at + 1, n),
                "held_on": chunk.days,
                "venue": venue,
                "theme": dice.pick(
                    n, {words.MARK + t: w for t, w in words.THEMES.items()} | {"": 1}
                ),
                "reach": dice.blank(reach),
                "materials": dice.blank(sheets),
            },
        )


ENTERPRISES_SHARE = 15
"""Enterprises for 1000 enforcement actions, at least eight; two in five are 规上企业."""


def services(scene: Scene) -> Frames:
    """Visits to enterprises, joint meetings with them, legal advice."""
    firms = max(8, scene.rows * ENTERPRISES_SHARE // 1000)
    names = tuple(f"SL-QY-{i:04d}" for i in range(1, firms + 1))
    for chunk in scene.chunks("services"):
        n, dice = chunk.n, chunk.dice
        kind = dice.pick(n, {"走访企业": 700, "政企联席会议": 50, "法律咨询": 250})
        visit = kind.index == 0
        firm = dice.below(n, firms).astype(np.int32)
        scale = Coded((firm >= firms * 2 // 5).astype(np.int16), ("规上企业", "其他"))
        yield (
            chunk.year,
            {
                "event_no": serials(f"SL-FW-{chunk.year}-", chunk.at + 1, n),
                "held_on": chunk.days,
                "kind": kind,
                "enterprise_id": only(visit, dice.blank(Coded(firm, names))),
                "scale": only(visit, dice.blank(scale, 8)),
                "count": dice.blank(
                    np.where(visit, 1, dice.spread(n, ((3, 30, 1),))).astype(np.int32)
                ),
            },
        )


# ---- hotline ---------------------------------------------------------------------------------
ORDER_TYPES = {"咨询": 34, "投诉": 30, "求助": 28, "建议": 8}
ORDER_TERMS = {"咨询": 3, "投诉": 7, "求助": 5, "建议": 10}
"""Working days that the hotline sets for an order of each type."""
ORDER_OFFICES = {
    words.SQUAD: 30,
    words.PLANNING: 22,
    words.CIVIL: 18,
    words.PEACE: 12,
    words.FARMING: 10,
    words.EMERGENCY: 6,
    "": 2,
}


def hotline(scene: Scene) -> Frames:
    """Orders of the 12345 hotline: most are closed within the term that it sets, one in twenty is
    not, a few drag on. Four callers in five say afterwards whether they were satisfied."""
    terms = np.array(list(ORDER_TERMS.values()))
    for chunk in scene.chunks("hotline"):
        n, dice = chunk.n, chunk.dice
        kind = dice.pick(n, ORDER_TYPES)
        term = terms[kind.index]
        late = dice.chance(n, 50)
        over = dice.spread(n, ((1, 6, 80), (7, 30, 20)))
        took = np.where(late, term + over, dice.spread(n, ((20, 100, 1),)) * term // 100)
        closed = cut(scene.calendar.after(chunk.days, took), scene.as_of)
        closed = only(~dice.chance(n, 4), closed)
        asked = (closed != NONE) & dice.chance(n, 800)
        yield (
            chunk.year,
            {
                "order_no": serials(f"SL-GD-{chunk.year}-", chunk.at + 1, n),
                "received_on": chunk.days,
                "type": dice.blank(kind, 5),
                "village": dice.pick(n, words.VILLAGES),
                "department": dice.pick(n, ORDER_OFFICES),
                "due_on": dice.blank(scene.calendar.after(chunk.days, term), 15),
                "closed_on": closed,
                "satisfied": only(
                    asked, np.where(late, dice.answer(n, 700, 0), dice.answer(n, 940, 0))
                ),
            },
        )


LEDGERS: dict[str, Callable[[Scene], Frames]] = {
    "applications": applications,
    "legal_cases": legal_cases,
    "disputes": disputes,
    "publicity": publicity,
    "services": services,
    "hotline": hotline,
}
"""The ledgers that need no other; those that do stand in `write_demo`."""
