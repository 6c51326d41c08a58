"""Every figure a second time: plain Python over lists of dicts, written from docs/contract/kpis.tsv,
DATA.md and DOMAIN.md, not from the code, and naive on purpose.

It shares with the product only the names of the legal splits (Kpi.dimensions), of which each
KPI's rows are cut one by one. A `World` is a town as somebody asks about it: its rows, the clock,
a year or some of its months, and what is chosen. A KPI here is its rows and a function of them.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from statistics import median

import chinese_calendar

Row = dict
Rows = list[Row]

OPEN, UNFILLED, TOTAL = "尚未审结", "未填", "总计"
STEPS = {
    "participation": "公众参与",
    "expert": "专家论证",
    "risk": "风险评估",
    "legality": "合法性审查",
    "collective": "集体讨论决定",
}
FORM_VERDICT = {
    "维持": "结果维持",
    "驳回": "结果维持",
    "纠正": "结果纠正",
    "撤回终止": "其他结果",
    "其他": "其他结果",
}


def begun(name: str, row: Row) -> date | None:
    """The day that dates a row of a ledger: of an action the day of its decision where it has none
    of its opening."""
    if name == "enforcement_actions":
        return row["opened_on"] or row["decided_on"]
    return row[PERIOD[name]]


PERIOD = {
    "power_items": "list_version",
    "officers": "issued_on",
    "disclosures": "published_on",
    "applications": "received_on",
    "legal_cases": "accepted_on",
    "legal_reviews": "submitted_on",
    "documents": "issued_on",
    "decisions": "held_on",
    "disputes": "registered_on",
    "learning": "held_on",
    "publicity": "held_on",
    "services": "held_on",
    "hotline": "received_on",
}
STOCKS = ("power_items", "officers", "documents")


# ---------------------------------------------------------------- working days


def holidays_known(day: date) -> bool:
    try:
        chinese_calendar.is_workday(day)
    except NotImplementedError:
        return False
    return True


@cache
def working(day: date) -> bool:
    return chinese_calendar.is_workday(day) if holidays_known(day) else day.weekday() < 5


@cache
def after(day: date, n: int) -> date:
    """The n-th working day after a day."""
    while n:
        day += timedelta(days=1)
        n -= working(day)
    return day


# ---------------------------------------------------------------- what is asked, what is found


@dataclass(frozen=True)
class World:
    """A town (rows of its tables by name, published rows) and what is asked of it."""

    tables: dict[str, Rows]
    clock: date
    year: int
    months: tuple[int, int] | None = None
    until: date | None = None
    chosen: dict[str, tuple[str, ...]] = field(default_factory=dict)
    seen: dict[str, Rows] = field(default_factory=dict, compare=False)
    """The rows of each KPI, once they have been asked for."""

    @property
    def start(self) -> date:
        return date(self.year, self.months[0] if self.months else 1, 1)

    @property
    def end(self) -> date:
        last = self.months[1] if self.months else 12
        day = date(self.year, last, 28)
        while (day + timedelta(days=1)).month == last:
            day += timedelta(days=1)
        return min(day, self.until) if self.until else day

    @property
    def at(self) -> date:
        return min(self.end, self.clock)

    def within(self, day: date | None) -> bool:
        return day is not None and self.start <= day <= self.end


@dataclass(frozen=True)
class Result:
    value: float | int | None
    numerator: float | int | None = None
    denominator: float | int | None = None
    unknown: int = 0
    estimated: bool = False


Compute = Callable[[Rows, World], Result]


@dataclass(frozen=True)
class Naive:
    """A KPI: where its rows come from, what is made of them, the date by which they fall into a
    period (none for what stands on a day)."""

    rows: Callable[[World], Rows]
    make: Compute
    day: str = ""


ALL: dict[str, Naive] = {}


def of(rows: Callable[[World], Rows], *codes: str, day: str = "") -> Callable[[Compute], Compute]:
    def enter(make: Compute) -> Compute:
        ALL.update({code: Naive(rows, make, day) for code in codes})
        return make

    return enter


def table(name: str) -> Callable[[World], Rows]:
    return lambda w: w.tables.get(name, [])


def rate(
    rows: Rows,
    hit: Callable[[Row], bool],
    known: Callable[[Row], bool] = lambda r: True,
) -> Result:
    """Rows with the needed cells known are the base; 0 / 0 is no data."""
    base = [r for r in rows if known(r)]
    hits = [r for r in base if hit(r)]
    value = len(hits) / len(base) * 100 if base else None
    return Result(value, len(hits), len(base), len(rows) - len(base))


def filled(name: str) -> Callable[[Row], bool]:
    return lambda r: r[name] is not None


def yes(name: str) -> Callable[[Row], bool]:
    return lambda r: r[name] is True


def total(rows: Rows, name: str) -> Result:
    """A sum over the known cells; of rows that all lack it there is none, of no row it is 0."""
    known = [r[name] for r in rows if r[name] is not None]
    return Result(sum(known) if known or not rows else None, unknown=len(rows) - len(known))


def ratio(rows: Rows, part: str, whole: str) -> Result:
    base = [r for r in rows if r[part] is not None and r[whole] is not None]
    top, bottom = sum(r[part] for r in base), sum(r[whole] for r in base)
    value = top / bottom * 100 if bottom else None
    return Result(value, top, bottom, len(rows) - len(base))


def count(rows: Iterable[Row]) -> Result:
    return Result(len(list(rows)))


def dated(name: str, **equal: object) -> Compute:
    """A count of the rows whose date lies in the period and whose cells are as said."""

    def make(rows: Rows, w: World) -> Result:
        return count(
            r for r in rows if w.within(r[name]) and all(r[k] == v for k, v in equal.items())
        )

    return make


def summed(day: str, name: str, **equal: object) -> Compute:
    def make(rows: Rows, w: World) -> Result:
        rows = [r for r in rows if w.within(r[day]) and all(r[k] == v for k, v in equal.items())]
        return total(rows, name)

    return make


def deadline(rows: Rows, result: Result, begun: str) -> Result:
    """The result, 推算 where a deadline among its rows lies in years of unknown holidays."""
    guessed = any(not holidays_known(r[begun]) or not holidays_known(r["due"]) for r in rows)
    return replace(result, estimated=guessed)


# ---------------------------------------------------------------- power list


def in_force(w: World) -> Rows:
    rows = [r for r in w.tables.get("power_items", []) if r["list_version"] <= w.end]
    newest = max((r["list_version"] for r in rows), default=None)
    return [r for r in rows if r["list_version"] == newest and r["status"] == "在用"]


@of(in_force, "power.total", "power.items")
def _power(rows: Rows, w: World) -> Result:
    return count(rows)


@of(in_force, "power.coded_rate")
def _coded(rows: Rows, w: World) -> Result:
    return rate(rows, filled("item_code"))


@of(in_force, "power.catalogued_rate")
def _catalogued(rows: Rows, w: World) -> Result:
    return rate(rows, yes("published"), filled("published"))


@of(in_force, "power.exercised_rate")
def _exercised(rows: Rows, w: World) -> Result:
    used = {r["item_code"] for r in actions(w) if w.within(r["counted_on"])}
    return rate(rows, lambda r: r["item_code"] in used, filled("item_code"))


of(table("power_items"), "power.changes", day="changed_on")(dated("changed_on"))


# ---------------------------------------------------------------- enforcement


PERMIT, PENALTY, COERCION, INSPECTION = "行政许可", "行政处罚", "行政强制", "行政检查"


def actions(w: World) -> Rows:
    """Penalties and permits count when decided, all others when opened."""
    out = []
    for r in w.tables.get("enforcement_actions", []):
        decided = r["action_type"] in (PERMIT, PENALTY)
        out.append(r | {"counted_on": r["decided_on"] if decided else r["opened_on"]})
    return out


def kinds(rows: Rows, w: World, *names: str) -> Rows:
    return [r for r in rows if w.within(r["counted_on"]) and r["action_type"] in names]


of(actions, "enforcement.actions", day="counted_on")(dated("counted_on"))
for code, name in (("enforcement.penalties", PENALTY), ("enforcement.inspections", INSPECTION)):
    of(actions, code, day="counted_on")(dated("counted_on", action_type=name))
for code, name in (("permits", PERMIT), ("penalties", PENALTY), ("coercion", COERCION)):
    of(actions, f"disclosure.t2.{code}", day="counted_on")(dated("counted_on", action_type=name))
of(actions, "enforcement.fines", day="counted_on")(
    summed("counted_on", "fine_yuan", action_type=PENALTY)
)


def strict(name: str, hit: Callable[[Row], bool]) -> Compute:
    def make(rows: Rows, w: World) -> Result:
        return rate(kinds(rows, w, PENALTY, COERCION, INSPECTION), hit, filled(name))

    return make


for code, name, hit in (
    ("two_officer_rate", "officers", lambda r: r["officers"] >= 2),
    ("certificate_rate", "certificate_shown", yes("certificate_shown")),
    ("recording_rate", "recording", lambda r: r["recording"] != "无"),
):
    of(actions, f"enforcement.{code}", day="counted_on")(strict(name, hit))


@of(actions, "enforcement.legal_review_rate", day="counted_on")
def _legal_review(rows: Rows, w: World) -> Result:
    rows = [r for r in rows if w.within(r["counted_on"]) and r["legal_review"] != "不需要"]
    return rate(rows, lambda r: r["legal_review"] == "已审核", filled("legal_review"))


@of(actions, "enforcement.disclosed_on_time_rate", day="decided_on")
def _announced(rows: Rows, w: World) -> Result:
    base = []
    for r in rows:
        if w.within(r["decided_on"]):
            days = 7 if r["action_type"] in (PERMIT, PENALTY) else 20
            due = after(r["decided_on"], days)
            if due < w.clock:
                base.append(r | {"due": due})
    result = rate(base, lambda r: r["disclosed_on"] is not None and r["disclosed_on"] <= r["due"])
    return deadline(base, result, "decided_on")


@of(actions, "enforcement.double_random_share", day="counted_on")
def _double_random(rows: Rows, w: World) -> Result:
    return rate(kinds(rows, w, INSPECTION), yes("double_random"), filled("double_random"))


@of(actions, "enforcement.joint_share", day="counted_on")
def _joint(rows: Rows, w: World) -> Result:
    return rate(kinds(rows, w, INSPECTION), filled("joint_departments"))


@of(actions, "enforcement.flexible_share", day="counted_on")
def _flexible(rows: Rows, w: World) -> Result:
    rows = kinds(rows, w, PENALTY, INSPECTION)
    return rate(rows, lambda r: r["flexible"] != "无", filled("flexible"))


@of(actions, "enforcement.median_days", day="counted_on")
def _median_days(rows: Rows, w: World) -> Result:
    rows = kinds(rows, w, PENALTY)
    known = [r for r in rows if r["opened_on"] is not None]
    days = [(r["decided_on"] - r["opened_on"]).days for r in known]
    return Result(median(days) if days else None, unknown=len(rows) - len(known))


def judged(w: World) -> Rows:
    """Penalties with their limit, on the day on which it is seen whether it was kept: that of the
    decision, today for those that wait for one."""
    found = []
    for r in w.tables.get("enforcement_actions", []):
        if r["action_type"] == PENALTY:
            last = r["extended_to"]
            if last is None and r["opened_on"] is not None:
                last = r["opened_on"] + timedelta(days=90)
            decided = "未决定" if r["decided_on"] is None else "已决定"
            day = r["decided_on"] or w.clock
            found.append(r | {"last": last, "decision": decided, "judged_on": day})
    return found


@of(judged, "enforcement.over_90_days", day="judged_on")
def _over_90(rows: Rows, w: World) -> Result:
    rows = [r for r in rows if w.within(r["judged_on"])]
    known = [r for r in rows if r["last"] is not None]
    late = [r for r in known if r["judged_on"] > r["last"]]
    return Result(len(late) if known or not rows else None, unknown=len(rows) - len(known))


def certified(r: Row, w: World) -> bool:
    begun = r["issued_on"] is None or r["issued_on"] <= w.at
    return r["active"] and begun and r["expires_on"] is not None and r["expires_on"] >= w.at


@of(table("officers"), "officers.certified")
def _certified(rows: Rows, w: World) -> Result:
    return count(r for r in rows if certified(r, w))


@of(table("officers"), "officers.certified_rate")
def _certified_rate(rows: Rows, w: World) -> Result:
    return rate([r for r in rows if r["active"]], lambda r: certified(r, w))


@of(table("officers"), "officers.expiring_90d")
def _expiring(rows: Rows, w: World) -> Result:
    last = w.clock + timedelta(days=90)
    return count(
        r for r in rows if r["active"] and r["expires_on"] and w.clock <= r["expires_on"] <= last
    )


@of(actions, "officers.actions_each", day="counted_on")
def _each(rows: Rows, w: World) -> Result:
    """Cut by department, both are; cut by anything else, the actions are."""
    officers = w.tables.get("officers", [])
    if "department" in w.chosen:
        officers = [r for r in officers if key("", r, "department") in w.chosen["department"]]
    people = len([r for r in officers if certified(r, w)])
    done = len(kinds(rows, w, PENALTY, COERCION, INSPECTION))
    return Result(done / people if people else None, done, people)


# ---------------------------------------------------------------- learning, publicity, services


of(table("learning"), "training.cert_trained", day="held_on")(
    summed("held_on", "attendees", kind="执法证培训")
)
of(table("officers"), "training.cert_obtained", day="issued_on")(dated("issued_on"))


@of(table("learning"), "training.exam_pass_rate", day="held_on")
def _exams(rows: Rows, w: World) -> Result:
    taken = ("exam_takers", "exam_passed_count")
    rows = [r for r in rows if w.within(r["held_on"]) and any(r[n] is not None for n in taken)]
    return ratio(rows, "exam_passed_count", "exam_takers")


of(table("learning"), "learning.study_sessions", day="held_on")(dated("held_on", kind="中心组学习"))
of(table("learning"), "learning.events", day="held_on")(dated("held_on"))
of(table("publicity"), "publicity.events", day="held_on")(dated("held_on"))
of(table("publicity"), "publicity.reach", day="held_on")(summed("held_on", "reach"))
of(table("publicity"), "publicity.materials", day="held_on")(summed("held_on", "materials"))
of(table("services"), "services.meetings", day="held_on")(dated("held_on", kind="政企联席会议"))


@of(table("services"), "services.enterprises", day="held_on")
def _enterprises(rows: Rows, w: World) -> Result:
    visits = [r for r in rows if w.within(r["held_on"]) and r["kind"] == "走访企业"]
    known = [r["enterprise_id"] for r in visits if r["enterprise_id"] is not None]
    value = len(set(known)) if known or not visits else None
    return Result(value, unknown=len(visits) - len(known))


# ---------------------------------------------------------------- disclosure


of(table("disclosures"), "disclosure.published", day="published_on")(dated("published_on"))


@of(table("disclosures"), "disclosure.on_time_rate", day="published_on")
def _disclosed(rows: Rows, w: World) -> Result:
    rows = [r for r in rows if w.within(r["published_on"])]
    rows = [r | {"due": r["produced_on"] and after(r["produced_on"], 20)} for r in rows]
    result = rate(rows, lambda r: r["published_on"] <= r["due"], filled("produced_on"))
    return deadline([r for r in rows if r["due"]], result, "produced_on")


def applications(w: World) -> Rows:
    out = []
    for r in w.tables.get("applications", []):
        days = 20 + (20 if r["extended"] else 0) + (r["suspended_days"] or 0)
        due, replied = after(r["received_on"], days), r["replied_on"]
        said = "逾期未答复" if due < w.clock else "期限内未答复"
        reply = "已答复" if replied and replied <= w.clock else said
        term = {True: "已延期", False: "未延期", None: None}[r["extended"]]
        out.append(r | {"due": due, "reply": reply, "term": term})
    return out


def carried_in(r: Row, w: World) -> bool:
    return r["received_on"] < w.start and not (r["replied_on"] and r["replied_on"] < w.start)


def carried_out(r: Row, w: World) -> bool:
    return r["received_on"] <= w.end and not (r["replied_on"] and r["replied_on"] <= w.end)


of(applications, "applications.received", "disclosure.t3.new", day="received_on")(
    dated("received_on")
)
of(applications, "applications.handled", "disclosure.t3.total", day="replied_on")(
    dated("replied_on")
)


@of(applications, "applications.carried_in", "disclosure.t3.carried_in")
def _carried_in(rows: Rows, w: World) -> Result:
    return count(r for r in rows if carried_in(r, w))


@of(applications, "applications.carried_out", "disclosure.t3.carried_out")
def _carried_out(rows: Rows, w: World) -> Result:
    return count(r for r in rows if carried_out(r, w))


def due_passed(rows: Rows, w: World) -> Rows:
    return [r for r in rows if w.within(r["due"]) and r["due"] < w.clock]


@of(applications, "applications.reply_rate", day="due")
def _replied(rows: Rows, w: World) -> Result:
    base = due_passed(rows, w)
    result = rate(base, lambda r: r["replied_on"] is not None and r["replied_on"] <= w.clock)
    return deadline(base, result, "received_on")


@of(applications, "applications.on_time_rate", day="due")
def _replied_on_time(rows: Rows, w: World) -> Result:
    base = due_passed(rows, w)
    result = rate(base, lambda r: r["replied_on"] is not None and r["replied_on"] <= r["due"])
    return deadline(base, result, "received_on")


@of(applications, "applications.due_soon")
def _due_soon(rows: Rows, w: World) -> Result:
    last = after(w.clock, 5)
    found = [
        r
        for r in rows
        if r["replied_on"] is None and r["received_on"] <= w.clock and w.clock <= r["due"] <= last
    ]
    return deadline(found, count(found), "received_on")


LEAVES = (
    "granted",
    "partial",
    *(f"refused.{i}" for i in range(1, 9)),
    *(f"unavailable.{i}" for i in range(1, 4)),
    *(f"declined.{i}" for i in range(1, 6)),
    *(f"other.{i}" for i in range(1, 4)),
)
for leaf in LEAVES:
    of(applications, f"disclosure.t3.{leaf}", day="replied_on")(dated("replied_on", outcome=leaf))


@of(applications, "disclosure.t3.other", day="replied_on")
def _other(rows: Rows, w: World) -> Result:
    """The one row 其他处理 of the 2019 form."""
    others = ("other.1", "other.2", "other.3")
    return count(r for r in rows if w.within(r["replied_on"]) and r["outcome"] in others)


# ---------------------------------------------------------------- cases


def cases(w: World) -> Rows:
    out = []
    for r in w.tables.get("legal_cases", []):
        still_open = r["closed_on"] is None or r["closed_on"] > w.at
        said = OPEN if still_open else r["outcome"]
        verdict = OPEN if still_open else FORM_VERDICT.get(r["outcome"], UNFILLED)
        out.append(r | {"outcome": said, "verdict": verdict, "open": still_open})
    return out


RECONSIDERATION = "行政复议"


def sued(rows: Rows) -> Rows:
    return [r for r in rows if r["kind"] != RECONSIDERATION]


of(cases, "cases.reconsiderations", day="accepted_on")(dated("accepted_on", kind=RECONSIDERATION))


@of(cases, "cases.litigations", day="accepted_on")
def _litigations(rows: Rows, w: World) -> Result:
    return count(r for r in sued(rows) if w.within(r["accepted_on"]))


@of(cases, "cases.unheard", day="accepted_on")
def _unheard(rows: Rows, w: World) -> Result:
    return count(r for r in sued(rows) if w.within(r["accepted_on"]) and not r["hearing_held"])


@of(cases, "cases.pending")
def _pending_cases(rows: Rows, w: World) -> Result:
    return count(r for r in rows if r["accepted_on"] <= w.at and r["open"])


def corrected(rows: Rows, w: World) -> Result:
    closed = [r for r in rows if w.within(r["closed_on"]) and not r["open"]]
    return rate(closed, lambda r: r["outcome"] == "纠正", filled("outcome"))


@of(cases, "cases.reconsideration_corrected_rate", day="closed_on")
def _corrected(rows: Rows, w: World) -> Result:
    return corrected([r for r in rows if r["kind"] == RECONSIDERATION], w)


@of(cases, "cases.litigation_lost_rate", day="closed_on")
def _lost(rows: Rows, w: World) -> Result:
    return corrected(sued(rows), w)


@of(cases, "cases.leader_attendance_rate", day="accepted_on")
def _leaders(rows: Rows, w: World) -> Result:
    heard = [r for r in sued(rows) if w.within(r["accepted_on"]) and r["hearing_held"]]
    return rate(heard, yes("leader_attended"), filled("leader_attended"))


for block, name in (
    ("reconsideration", RECONSIDERATION),
    ("litigation_direct", "行政诉讼（未经复议）"),
    ("litigation_after", "行政诉讼（复议后）"),
):
    of(cases, f"disclosure.t4.{block}", day="accepted_on")(
        dated("accepted_on", about_disclosure=True, kind=name)
    )


# ---------------------------------------------------------------- reviews, documents, decisions


of(table("legal_reviews"), "review.contracts", day="reviewed_on")(dated("reviewed_on", kind="合同"))
of(table("legal_reviews"), "review.adviser_contracts", day="reviewed_on")(
    dated("reviewed_on", kind="合同", reviewer="法律顾问")
)
of(table("legal_reviews"), "review.opinions", day="reviewed_on")(summed("reviewed_on", "opinions"))


@of(table("legal_reviews"), "review.coverage_rate", day="submitted_on")
def _coverage(rows: Rows, w: World) -> Result:
    rows = [r for r in rows if w.within(r["submitted_on"]) and r["kind"] == "合同"]
    rows = [r for r in rows if r["fiscal"] is not False]
    return rate(rows, filled("reviewed_on"), filled("fiscal"))


@of(table("legal_reviews"), "review.adopted_rate", day="reviewed_on")
def _adopted(rows: Rows, w: World) -> Result:
    return ratio([r for r in rows if w.within(r["reviewed_on"])], "adopted", "opinions")


@of(table("decisions"), "adviser.meetings", day="held_on")
def _adviser_meetings(rows: Rows, w: World) -> Result:
    days = {r["held_on"] for r in rows if w.within(r["held_on"]) and r["adviser_present"]}
    return Result(len(days))


of(table("documents"), "documents.issued", day="issued_on")(dated("issued_on"))
of(table("documents"), "documents.abolished", day="status_on")(dated("status_on", status="废止"))


@of(table("documents"), "documents.in_force")
def _standing(rows: Rows, w: World) -> Result:
    """Ended are 废止 and 失效; an end without its day leaves the document unknown."""
    rows = [r for r in rows if r["issued_on"] <= w.end]
    ended = [r for r in rows if r["status"] in ("废止", "失效")]
    undated = [r for r in ended if r["status_on"] is None]
    gone = [r for r in ended if r["status_on"] is not None and r["status_on"] <= w.end]
    return Result(len(rows) - len(gone) - len(undated), unknown=len(undated))


@of(table("documents"), "documents.filed_rate", day="issued_on")
def _filed(rows: Rows, w: World) -> Result:
    return rate([r for r in rows if w.within(r["issued_on"])], filled("filed_on"))


of(table("decisions"), "decisions.topics", day="held_on")(dated("held_on"))
of(table("decisions"), "decisions.passed", day="held_on")(dated("held_on", result="通过"))
of(table("decisions"), "decisions.major", day="held_on")(dated("held_on", major=True))


def steps(w: World) -> Rows:
    return [
        r | {"step": label, "state": r[name]}
        for r in w.tables.get("decisions", [])
        for name, label in STEPS.items()
    ]


@of(steps, "decisions.procedure_rate", day="held_on")
def _procedure(rows: Rows, w: World) -> Result:
    rows = [r for r in rows if r["major"] and w.within(r["held_on"]) and r["state"] != "不适用"]
    return rate(rows, lambda r: r["state"] == "已完成", filled("state"))


# ---------------------------------------------------------------- disputes


of(table("disputes"), "disputes.registered", day="registered_on")(dated("registered_on"))


@of(table("disputes"), "disputes.resolved_rate", day="registered_on")
def _resolved(rows: Rows, w: World) -> Result:
    rows = [r for r in rows if w.within(r["registered_on"]) and r["status"] != "在调"]
    return rate(rows, lambda r: r["status"] == "调解成功")


@of(table("disputes"), "disputes.resolved_rate_all", day="registered_on")
def _resolved_all(rows: Rows, w: World) -> Result:
    rows = [r for r in rows if w.within(r["registered_on"])]
    return rate(rows, lambda r: r["status"] == "调解成功")


@of(table("disputes"), "disputes.pending")
def _pending(rows: Rows, w: World) -> Result:
    return count(
        r
        for r in rows
        if r["registered_on"] <= w.at and not (r["closed_on"] and r["closed_on"] <= w.at)
    )


@of(table("disputes"), "disputes.major_reported_rate", day="registered_on")
def _reported_up(rows: Rows, w: World) -> Result:
    rows = [r for r in rows if w.within(r["registered_on"]) and r["major"] is not False]
    return rate(rows, filled("reported_up_on"), filled("major"))


# ---------------------------------------------------------------- ledgers: totals and splits


CLOCKS_YEAR_ONLY = ("officers.expiring_90d", "applications.due_soon")
LISTED = ("power.total", "power.items")
STANDING = {
    "制发": "documents.issued",
    "废止": "documents.abolished",
    "现行有效": "documents.in_force",
}


@cache
def contract() -> dict[str, dict[str, str]]:
    """docs/contract/kpis.tsv by code."""
    path = Path(__file__).parent.parent / "docs" / "contract" / "kpis.tsv"
    with path.open(encoding="utf-8") as file:
        return {r["code"]: r for r in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)}


def needed(code: str) -> list[str]:
    """The ledgers that must speak for the year. Of the yearly form each cell has its own."""
    own = {
        "training.cert_obtained": "officers",
        "disclosure.t2.normative": "documents",
        "disclosure.t2": "enforcement_actions",
        "disclosure.t3": "applications",
        "disclosure.t4": "legal_cases",
    }
    for name in (code, code[: len("disclosure.t2")]):
        if name in own:
            return [own[name]]
    return [t for t in contract()[code]["tables"].split(", ") if t and t != "published only"]


def speaks(code: str, w: World) -> bool:
    """Whether the year lies between the first and the last of every ledger needed, and neither
    it nor the months asked for are still ahead; a stock speaks up to the clock's year, and for it
    at least."""
    if w.start > w.clock:
        return False
    if code in CLOCKS_YEAR_ONLY and w.year != w.clock.year:
        return False
    for name in needed(code):
        rows = w.tables.get(name, [])
        years = {day.year for r in rows if (day := begun(name, r)) is not None}
        first = min(years, default=w.clock.year)
        last = max(years, default=w.clock.year)
        if name in STOCKS:
            last = max(w.clock.year, first)
        if not rows or not first <= w.year <= last:
            return False
    return True


def later(code: str, w: World) -> bool:
    """Whether rows may count though no ledger speaks for the period: their dates lie behind it
    (a case of December that is decided in January), or ahead of the clock. No row is no data."""
    alone = code not in (*CLOCKS_YEAR_ONLY, "officers.actions_each")
    if not ALL[code].day or not alone or speaks(code, w):
        return False
    for name in needed(code):
        rows = w.tables.get(name, [])
        years = [day.year for r in rows if (day := begun(name, r)) is not None]
        if not rows or w.year < min(years, default=w.clock.year):
            return False
    return True


def something(code: str, result: Result | None) -> bool:
    """Whether rows of the KPI count; the officers that actions are divided by do not."""
    based = code != "officers.actions_each" and result and result.denominator
    return bool(result and (result.value or result.numerator or based))


def key(day: str, row: Row, name: str) -> str:
    """The part of a split that a row belongs to."""
    if name == "month":
        return str(row[day].month) if row[day] is not None else UNFILLED
    return row[name] if row[name] is not None else UNFILLED


def total_column(code: str) -> str:
    """The statutory form has its total as a column of its own."""
    return TOTAL if code.startswith(("disclosure.t3.", "disclosure.t4.")) else ""


def follows(code: str, splits: Iterable[str], name: str) -> bool:
    """Whether a filter cuts a KPI: one of its splits does, and the month whatever has a date."""
    return bool(ALL[code].day) if name == "month" else name in splits


def chosen_rows(code: str, w: World, splits: Iterable[str]) -> Rows:
    """The rows of a KPI that what is chosen leaves over."""
    if code not in w.seen:
        w.seen[code] = ALL[code].rows(w)
    rows, known = w.seen[code], [n for n in w.chosen if follows(code, splits, n)]
    return [r for r in rows if all(key(ALL[code].day, r, n) in w.chosen[n] for n in known)]


def ledger(code: str, w: World, splits: tuple[str, ...], dimension: str = "") -> Result | None:
    """What the ledgers say of a KPI, or of one part of a split; None where they say nothing."""
    if dimension == total_column(code):
        dimension = ""
    if code == "disclosure.t2.normative":
        return ledger(STANDING[dimension], w, ()) if dimension in STANDING else None
    if code not in ALL:
        return None
    if not speaks(code, w):
        found = counted(code, w, splits, dimension) if later(code, w) else None
        return found if something(code, found) else None
    return counted(code, w, splits, dimension)


def counted(code: str, w: World, splits: tuple[str, ...], dimension: str) -> Result | None:
    """What a ledger's rows make of a KPI, or of one part of a split."""
    naive = ALL[code]
    rows = chosen_rows(code, w, splits)
    if not dimension:
        return naive.make(rows, w)
    name, _, value = dimension.rpartition("=")
    name = name or (splits[0] if splits else "")
    if name not in splits:
        return None
    if code == "officers.actions_each" and name == "department":
        w = replace(w, chosen=w.chosen | {name: (value,)}, seen={})
    rows = [r for r in rows if key(naive.day, r, name) == value]
    if code in LISTED and not rows:
        return None  # not listed is not 0 (DOMAIN.md section 3)
    result = naive.make(rows, w)
    if name == "month" and value != UNFILLED:
        reached = w.start <= date(w.year, int(value), 1) <= min(w.end, w.clock)
        # A month that is ahead, or not asked for, has no data.
        return result if reached or something(code, result) else None
    return result


def parts(code: str, w: World, splits: tuple[str, ...], name: str) -> list[str]:
    """The written parts of a split for which a ledger has rows that count."""
    if code not in ALL or not (speaks(code, w) or later(code, w)):
        return []
    found = []
    for value in {key(ALL[code].day, r, name) for r in chosen_rows(code, w, splits)}:
        written = value if name == splits[0] else f"{name}={value}"
        result = ledger(code, w, splits, written)
        if something(code, result):
            found.append(written)
    return found


def zeros(
    code: str, w: World, splits: tuple[str, ...], name: str, known: Iterable[str]
) -> list[str]:
    """The written parts, of all that a split may have, of which a ledger says that there is none."""
    if code not in ALL or not speaks(code, w):
        return []
    found = []
    for value in known:
        written = value if name == splits[0] else f"{name}={value}"
        result = ledger(code, w, splits, written)
        if result and result.value == 0 and value in w.chosen.get(name, (value,)):
            found.append(written)
    return found


# ---------------------------------------------------------------- goals


def goals(w: World, published: dict) -> dict[str, float | int]:
    """The goals.* figures of a goal year; empty where it has no goals."""
    rows = [g for g in w.tables.get("goals", []) if g["year"] == w.year]
    if not rows:
        return {}
    found = [goal(g, w, published) for g in rows]
    out = {"goals.total": len(rows)}
    for code, state in GOAL_STATES.items():
        out[code] = len([s for s, _ in found if s == state])
    known = [(p, g) for (_, p), g in zip(found, rows, strict=True) if p is not None]
    weights = [float(1 if g["weight"] is None else g["weight"]) for _, g in known]
    if sum(weights):
        weighted = sum(p * x for (p, _), x in zip(known, weights, strict=True))
        out["goals.progress"] = weighted / sum(weights)
    return out


GOAL_STATES = {
    "goals.done": "已完成",
    "goals.on_track": "正常",
    "goals.behind": "滞后",
    "goals.below": "未达标",
    "goals.overdue": "逾期",
    "goals.undated": "进行中（未定期限）",
    "goals.not_started": "未启动",
    "goals.no_data": "无进展数据",
    "goals.cancelled": "已取消",
}


STOCKS_AND_MIDDLES = {
    *("power.total", "power.items", "officers.certified", "officers.actions_each"),
    *("documents.in_force", "applications.carried_in", "applications.carried_out"),
    *("adviser.count", "services.windows", "enforcement.median_days", "disclosure.form"),
    *("disclosure.t3.carried_in", "disclosure.t3.carried_out"),
}
"""KPIs that do not accumulate, beside rates and what should be low."""


def is_standard(g: Row) -> bool:
    if not g["indicator"] or g["target"] is None:
        return False
    row = contract()[g["indicator"]]
    return row["unit"] == "%" or row["better"] == "lower" or g["indicator"] in STOCKS_AND_MIDDLES


def goal(g: Row, w: World, published: dict) -> tuple[str, float | None]:
    """State and progress of a goal (DATA.md section 3)."""
    updates = [
        u
        for u in w.tables.get("goal_updates", [])
        if u["goal_id"] == g["goal_id"] and u["date"] <= w.clock
    ]
    newest = max(reversed(updates), key=lambda u: u["date"], default=None)
    status = newest["status"] if newest else None
    start = g["start"] or date(g["year"], 1, 1)
    due = g["due"]
    if is_standard(g):
        return by_standard(g, w, published, status, start), None
    tracked, kept = by_target(g, w, published)
    progress = tracked
    if progress is None and status == "已完成":
        progress = 100.0
    if progress is None and newest and newest["progress"] is not None:
        progress = float(newest["progress"])
    if status == "已取消":
        return "已取消", progress
    if status == "已完成" or kept:
        return "已完成", progress
    if start > w.clock:
        return "未启动", progress
    if due and due < w.clock:
        return "逾期", progress
    if progress is None:
        return "无进展数据", progress
    if not due:
        return "进行中（未定期限）", progress
    gone = 100.0 if due == start else (w.clock - start).days / (due - start).days * 100
    return ("滞后" if progress < gone else "正常"), progress


def by_standard(g: Row, w: World, published: dict, status: str | None, start: date) -> str:
    """The state of a goal whose indicator does not accumulate."""
    past = (g["due"] or date(g["year"], 12, 31)) < w.clock
    if status == "已取消":
        return "已取消"
    if start > w.clock:
        return "未启动"
    low, high = possible(g, w, published)
    lower = contract()[g["indicator"]]["better"] == "lower"
    target = float(g["target"])
    if low is None:
        right = None
    elif lower:
        right = True if high <= target else False if low > target else None
    else:
        right = True if low >= target else False if high < target else None
    if right:
        return "已完成" if past else "正常"
    if past:
        return "逾期"
    return "无进展数据" if right is None else "未达标"


def possible(g: Row, w: World, published: dict) -> tuple[float | None, float | None]:
    """The least and the most that a goal's figure may be; of a whole number 余 is one more at least
    and one less than the next unit at most."""
    shown = published.get((g["indicator"], ""))
    result = ledger(g["indicator"], w, ()) if shown is None else None
    value = shown["value"] if shown else result.value if result else None
    if value is None:
        return None, None
    value, tiny = float(value), 1e-9
    qualifier = (shown["qualifier"] if shown else "") or ""
    unit = 1
    while value and value == int(value) and int(value) % (unit * 10) == 0:
        unit *= 10
    near = max(1, min(unit, abs(value) / 10))
    return {
        "": (value, value),
        "余": (value + tiny, value + unit - tiny),
        "以上": (value, float("inf")),
        "近": (value - near, value - tiny),
        "约": (value - near, value + near),
    }[qualifier]


def by_target(g: Row, w: World, published: dict) -> tuple[float | None, bool]:
    """Progress towards the target, and whether the target is reached for certain."""
    if not g["indicator"] or not g["target"]:
        return None, False
    low, _ = possible(g, w, published)
    if low is None:
        return None, False
    shown = published.get((g["indicator"], ""))
    value = float(shown["value"] if shown else ledger(g["indicator"], w, ()).value)
    return min(100.0, value / float(g["target"]) * 100), low >= float(g["target"])


# ---------------------------------------------------------------- figures


@dataclass(frozen=True)
class Expected:
    """What a figure has to say."""

    value: float | int | None = None
    qualifier: str = ""
    basis: str = "none"
    reported: float | int | None = None
    ledger: float | int | None = None
    numerator: float | int | None = None
    denominator: float | int | None = None
    unknown: int = 0
    estimated: bool = False


def expected(result: Result | None, published: Row | None) -> Expected:
    """A published figure leads its year, the ledger's stands beside it."""
    counted = result.value if result else None
    if published:
        value, qualifier = published["value"], published["qualifier"] or ""
        return Expected(value, qualifier, "reported", value, counted)
    if result is None:
        return Expected()
    if counted is None:
        return Expected(unknown=result.unknown)
    return Expected(
        counted,
        "",
        "ledger",
        None,
        counted,
        result.numerator,
        result.denominator,
        result.unknown,
        result.estimated,
    )


def figures(
    w: World,
    reported: Rows,
    splits: dict[str, tuple[str, ...]],
    known: dict[tuple[str, str], tuple[str, ...]] | None = None,
) -> dict[tuple[str, str], Expected]:
    """Every figure of a year, by (code, dimension): each KPI's total, then what is published of
    its splits or else what the ledgers have; `splits` names the legal ones of each KPI, `known` the
    values of a split (code, name) that are 0 where the ledger speaks and has none."""
    published = {
        (r["indicator"], r["dimension"] or total_column(r["indicator"])): r
        for r in reported
        if r["year"] == w.year
    }
    aimed = goals(w, published)
    out = {}
    for code, names in splits.items():
        cut = code in ALL and any(follows(code, names, n) for n in w.chosen)
        narrowed = w.months or w.until or cut
        mine = {} if narrowed else {d: r for (c, d), r in published.items() if c == code}
        written = {"", *mine}
        for i, name in enumerate(names):
            said = {d for d in mine if d and split_of(d, names) == name}
            if i == 0 or not said:
                written.update(parts(code, w, names, name))
            if not said or total_column(code):
                written.update(zeros(code, w, names, name, (known or {}).get((code, name), ())))
        if speaks_at_all(code, w):
            written.update({total_column(code)} - {""})
            written.update(STANDING if code == "disclosure.t2.normative" else ())
        for d in written:
            result = ledger(code, w, names, d)
            if code in aimed and not d:
                result = Result(aimed[code])
            out[code, d] = expected(result, mine.get(d or total_column(code)))
    return out


def speaks_at_all(code: str, w: World) -> bool:
    return (code in ALL or code == "disclosure.t2.normative") and speaks(code, w)


def split_of(written: str, names: tuple[str, ...]) -> str:
    """Which split a written part belongs to; none where it names several."""
    if ";" in written:
        return ""
    name, equals, _ = written.partition("=")
    return name if equals else (names[0] if names else "")
