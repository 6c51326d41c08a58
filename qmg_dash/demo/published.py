"""reported.csv of the demo town: what it has published for each year that is over.

`Counts` sees every ledger row while it is made and adds up what the town would publish, in numpy
and on its own: no figure here comes from the code that computes KPIs. The figures agree with the
ledgers, but for the two that are planted (plants.py) in the newest year.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

import numpy as np

from qmg_dash.demo import words
from qmg_dash.demo.frame import NONE, Coded, Frame, Ints
from qmg_dash.demo.plants import EXTRA_DISPUTES, EXTRA_PENALTIES
from qmg_dash.demo.powers import IN_USE, Version
from qmg_dash.demo.scene import Scene
from qmg_dash.tables import APPLICANTS, OUTCOMES, PENALTY_CLASSES, POWER_CATEGORIES

T2, T3, T4 = "disclosure.t2.", "disclosure.t3.", "disclosure.t4."
TOTAL = "总计"
BLOCKS = ("reconsideration", "litigation_direct", "litigation_after")
VERDICT_OF = {"维持": 0, "驳回": 0, "纠正": 1, "撤回终止": 2, "其他": 2}
VERDICTS = ("结果维持", "结果纠正", "其他结果", "尚未审结")
FEES = 1.26
ADVISERS, WINDOWS = 2, 9
Row = dict[str, object]


class Counts:
    """What has been counted so far: (year, indicator, dimension) → number."""

    def __init__(self, scene: Scene):
        self.scene = scene
        self.of: Counter[tuple[int, str, str]] = Counter()
        self._seen: dict[tuple[int, str], set[int]] = {}
        self._by_table: dict[str, Callable[[int, Frame], None]] = {
            "enforcement_actions": self._actions,
            "disclosures": self._disclosures,
            "applications": self._applications,
            "legal_cases": self._cases,
            "legal_reviews": self._reviews,
            "documents": self._documents,
            "decisions": self._decisions,
            "disputes": self._disputes,
            "learning": self._learning,
            "publicity": self._publicity,
            "services": self._services,
            "officers": self._officers,
        }

    def get(self, year: int, code: str, dimension: str = "") -> int:
        return self.of[year, code, dimension]

    def see(self, table: str, frame: Frame) -> None:
        """Count the rows of a frame for every year they touch."""
        for year in self.scene.years:
            self._by_table[table](year, frame)

    def _in(self, year: int, days: Ints) -> Ints:
        first, last = self.scene.span(year)
        return (days >= first) & (days <= last)

    def _add(self, year: int, code: str, mask: Ints, dimension: str = "") -> None:
        self.of[year, code, dimension] += int(np.count_nonzero(mask))

    def _sum(self, year: int, code: str, cells: Ints, mask: Ints) -> None:
        self.of[year, code, ""] += int(cells[mask & (cells != NONE)].sum())

    def _distinct(self, year: int, code: str, cells: Ints) -> None:
        seen = self._seen.setdefault((year, code), set())
        seen.update(np.unique(cells).tolist())
        self.of[year, code, ""] = len(seen)

    def _actions(self, year: int, frame: Frame) -> None:
        kind = frame["action_type"].index
        permit, penalty = (POWER_CATEGORIES.index(t) for t in ("行政许可", "行政处罚"))
        by_decision = (kind == permit) | (kind == penalty)
        day = np.where(by_decision, frame["decided_on"], frame["opened_on"])
        counted = self._in(year, day)
        found = np.bincount(kind[counted], minlength=len(POWER_CATEGORIES))
        for word, n in zip(POWER_CATEGORIES, found.tolist(), strict=True):
            self.of[year, "enforcement.actions", word] += n
        fined = counted & (kind == penalty)
        self._sum(year, "enforcement.fines", frame["fine_yuan"], fined)
        classes = np.bincount(frame["penalty_class"].index[fined], minlength=len(PENALTY_CLASSES))
        for word, n in zip(PENALTY_CLASSES, classes.tolist(), strict=True):
            self.of[year, "enforcement.penalties", word] += n

    def _officers(self, year: int, frame: Frame) -> None:
        end = self.scene.span(year)[1]
        valid = (frame["issued_on"] <= end) & (frame["expires_on"] >= end)
        self._add(year, "officers.certified", valid & (frame["active"] == 1))
        self._add(year, "training.cert_obtained", self._in(year, frame["issued_on"]))

    def _disclosures(self, year: int, frame: Frame) -> None:
        self._add(year, "disclosure.published", self._in(year, frame["published_on"]))

    def _applications(self, year: int, frame: Frame) -> None:
        first, last = self.scene.span(year)
        received, replied = frame["received_on"], frame["replied_on"]
        handled = self._in(year, replied)
        open_ = replied == NONE
        rows = {
            "new": self._in(year, received),
            "carried_in": (received < first) & (open_ | (replied >= first)),
            "total": handled,
            "carried_out": (received <= last) & (open_ | (replied > last)),
        }
        outcome = frame["outcome"]
        for at, name in enumerate(outcome.values):
            rows[name] = handled & (outcome.index == at)
        applicant = frame["applicant_type"]
        for row, mask in rows.items():
            for at, word in enumerate(applicant.values):
                self._add(year, T3 + row, mask & (applicant.index == at), word)
            self._add(year, T3 + row, mask, TOTAL)

    def _cases(self, year: int, frame: Frame) -> None:
        accepted = self._in(year, frame["accepted_on"])
        kind, outcome = frame["kind"].index, frame["outcome"]
        sued = accepted & (kind > 0)
        self._add(year, "cases.reconsiderations", accepted & (kind == 0))
        self._add(year, "cases.litigations", sued)
        self._add(year, "cases.unheard", sued & (frame["hearing_held"] != 1))
        verdict = np.array([VERDICT_OF[v] for v in outcome.values] + [3])[outcome.index]
        about = accepted & (frame["about_disclosure"] == 1)
        for block, name in enumerate(BLOCKS):
            for at, word in enumerate((*VERDICTS, TOTAL)):
                hit = about & (kind == block) & ((verdict == at) | (word == TOTAL))
                self._add(year, T4 + name, hit, word)

    def _reviews(self, year: int, frame: Frame) -> None:
        if frame["kind"].values != ("合同",):
            return
        reviewed = self._in(year, frame["reviewed_on"])
        self._add(year, "review.contracts", reviewed)
        adviser = frame["reviewer"].values.index("法律顾问")
        self._add(year, "review.adviser_contracts", reviewed & (frame["reviewer"].index == adviser))

    def _documents(self, year: int, frame: Frame) -> None:
        end = self.scene.span(year)[1]
        abolished = frame["status"].index == frame["status"].values.index("废止")
        ended = frame["status_on"]
        self._add(year, "documents.issued", self._in(year, frame["issued_on"]))
        self._add(year, "documents.abolished", abolished & self._in(year, ended))
        standing = (frame["issued_on"] <= end) & ~(abolished & (ended <= end))
        self._add(year, "documents.in_force", standing)

    def _decisions(self, year: int, frame: Frame) -> None:
        held = self._in(year, frame["held_on"])
        self._add(year, "decisions.topics", held)
        self._add(year, "decisions.passed", held & (frame["result"].index == 0))
        self._add(year, "decisions.major", held & (frame["major"] == 1))
        sat_in = held & (frame["adviser_present"] == 1)
        self._distinct(year, "adviser.meetings", frame["held_on"][sat_in])

    def _disputes(self, year: int, frame: Frame) -> None:
        registered = self._in(year, frame["registered_on"])
        self._add(year, "disputes.registered", registered)

    def _learning(self, year: int, frame: Frame) -> None:
        held, kind = self._in(year, frame["held_on"]), frame["kind"]
        course = held & (kind.index == kind.values.index("执法证培训"))
        study = held & (kind.index == kind.values.index("中心组学习"))
        self._sum(year, "training.cert_trained", frame["attendees"], course)
        self._sum(year, "takers", frame["exam_takers"], held)
        self._sum(year, "passed", frame["exam_passed_count"], held)
        self._add(year, "learning.study_sessions", study)

    def _publicity(self, year: int, frame: Frame) -> None:
        held = self._in(year, frame["held_on"])
        self._add(year, "publicity.events", held)
        self._sum(year, "publicity.reach", frame["reach"], held)

    def _services(self, year: int, frame: Frame) -> None:
        held, firm = self._in(year, frame["held_on"]), frame["enterprise_id"]
        large = held & (firm.index != NONE) & (_word(frame["scale"], "规上企业"))
        self._distinct(year, "services.enterprises", firm.index[large])
        self._add(year, "services.meetings", held & _word(frame["kind"], "政企联席会议"))


def _word(cells: Coded, word: str) -> Ints:
    return cells.index == cells.values.index(word)


# ---- the rows --------------------------------------------------------------------------------
def reported(counts: Counts, lists: tuple[Version, ...]) -> list[Row]:
    """The rows of reported.csv, a year after the other."""
    return [
        row
        for year, version in zip(counts.scene.published, lists, strict=False)
        for row in (*_report(counts, year, version), *_form(counts, year))
    ]


def _row(year: int, code: str, value: float, unit: str, locator: str, **more: object) -> Row:
    raw = f"{_digits(value)}{more.get('qualifier', '')}{unit}"
    source = f"《{words.SHORT}{year}年法治政府建设情况报告（虚构）》"
    base = {"year": year, "indicator": code, "dimension": None, "value": value, "qualifier": None}
    return base | {"unit": unit, "raw": raw, "source": source, "locator": locator} | more


def _digits(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else str(value)


def rounded(value: int, digits: int) -> tuple[int, str | None]:
    """A count as reports write it: its first digits and 余, or the exact one where that is round.
    2345 with two digits → (2300, 余)."""
    unit = 10 ** max(0, len(str(value)) - digits)
    lower = value // unit * unit
    return (value, None) if lower in (0, value) else (lower, "余")


PLAIN = (
    # indicator, unit, place in the report
    ("learning.study_sessions", "次", "一（一）"),
    ("training.cert_trained", "人", "一（一）"),
    ("training.cert_obtained", "人", "一（一）"),
    ("officers.certified", "人", "一（一）"),
    ("services.meetings", "次", "一（二）"),
    ("documents.issued", "件", "一（三）"),
    ("documents.abolished", "件", "一（三）"),
    ("documents.in_force", "件", "一（三）"),
    ("decisions.topics", "个", "一（四）"),
    ("decisions.passed", "个", "一（四）"),
    ("decisions.major", "项", "一（四）"),
    ("adviser.meetings", "次", "一（四）"),
    ("cases.reconsiderations", "件", "一（六）"),
    ("cases.litigations", "件", "一（六）"),
    ("cases.unheard", "件", "一（六）"),
    ("disclosure.published", "条", "一（七）"),
    ("publicity.events", "场", "一（八）"),
)
ROUNDED = (
    ("review.contracts", "件", "一（三）", 1),
    ("review.adviser_contracts", "次", "一（三）", 1),
    ("publicity.reach", "人次", "一（八）", 2),
)


def _report(counts: Counts, year: int, version: Version) -> Iterator[Row]:
    """What the year's report says in its text."""
    yield from _powers(year, version)
    yield from _enforced(counts, year)
    for code, unit, place in PLAIN:
        yield _row(year, code, counts.get(year, code), unit, place)
    for code, unit, place, digits in ROUNDED:
        value, qualifier = rounded(counts.get(year, code), digits)
        yield _row(year, code, value, unit, place, qualifier=qualifier or "")
    takers, passed = counts.get(year, "takers"), counts.get(year, "passed")
    if takers:
        rate = round(passed / takers * 100, 2)
        yield _row(year, "training.exam_pass_rate", rate, "%", "一（一）")
    firms = counts.get(year, "services.enterprises")
    yield _row(year, "services.enterprises", firms, "家", "一（二）", dimension="规上企业")
    yield _row(year, "services.windows", WINDOWS, "个", "一（二）")
    yield _row(year, "adviser.count", ADVISERS, "名", "一（四）")
    extra = EXTRA_DISPUTES if year == counts.scene.published[-1] else 0
    registered = counts.get(year, "disputes.registered") + extra
    yield _row(year, "disputes.registered", registered, "件", "一（六）")
    for code, row in (("received", "new"), ("handled", "total")):
        value = counts.get(year, T3 + row, TOTAL)
        yield _row(year, f"applications.{code}", value, "件", "一（七）")


def _powers(year: int, version: Version) -> Iterator[Row]:
    listed = Counter(i.category for i in version.items if i.status == IN_USE)
    yield _row(year, "power.total", listed.total(), "项", "一（二）")
    for category in POWER_CATEGORIES:
        if category in listed:
            yield _row(year, "power.items", listed[category], "项", "一（二）", dimension=category)


def penalties(counts: Counts, year: int) -> int:
    """Penalties as published: for the newest year two more than the ledger has (planted)."""
    extra = EXTRA_PENALTIES if year == counts.scene.published[-1] else 0
    return counts.get(year, "enforcement.actions", "行政处罚") + extra


def _enforced(counts: Counts, year: int) -> Iterator[Row]:
    place = "一（五）"
    yield _row(year, "enforcement.penalties", penalties(counts, year), "件", place)
    for word in ("行政许可", "行政强制"):
        number = counts.get(year, "enforcement.actions", word)
        yield _row(year, "enforcement.actions", number, "件", place, dimension=word)
    inspected = counts.get(year, "enforcement.actions", "行政检查")
    yield _row(year, "enforcement.inspections", inspected, "次", place)
    fines = counts.get(year, "enforcement.fines")
    raw = f"{_digits(fines / 10_000)}万元"
    yield _row(year, "enforcement.fines", fines, "元", place, raw=raw)


def _form(counts: Counts, year: int) -> Iterator[Row]:
    """The statutory tables of the year's disclosure report (国办公开办函〔2021〕30号)."""
    source = f"《{words.SHORT}{year}年政府信息公开工作年度报告（虚构）》"

    def cell(code: str, dimension: str, value: float, place: str, unit: str = "件") -> Row:
        return _row(
            year, code, value, unit, place, dimension=dimension or None, source=source, raw=None
        )

    yield cell("disclosure.form", "", 2021, "格式", "")
    documents = {"制发": "issued", "废止": "abolished", "现行有效": "in_force"}
    for standing, code in documents.items():
        yield cell(f"{T2}rules", standing, 0, "表二")
        yield cell(f"{T2}normative", standing, counts.get(year, f"documents.{code}"), "表二")
    yield cell(f"{T2}permits", "", counts.get(year, "enforcement.actions", "行政许可"), "表二")
    yield cell(f"{T2}penalties", "", penalties(counts, year), "表二")
    yield cell(f"{T2}coercion", "", counts.get(year, "enforcement.actions", "行政强制"), "表二")
    yield cell(f"{T2}fees", "", FEES, "表二", "万元")
    for row in ("new", "carried_in", *OUTCOMES, "total", "carried_out"):
        for column in (*APPLICANTS, TOTAL):
            yield cell(T3 + row, column, counts.get(year, T3 + row, column), "表三")
    for block in BLOCKS:
        for word in (*VERDICTS, TOTAL):
            yield cell(T4 + block, word, counts.get(year, T4 + block, word), "表四")
