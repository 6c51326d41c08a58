"""Single cases, and what only they tell: each list and count a second time, in plain Python over the
files of the demo, under filters and months too; and no case on a wall."""

from __future__ import annotations

import csv
import re
from collections import Counter
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import folders
import naive
import pytest
import screens
from screens import ROOT, Screen

from qmg_dash import escaping
from qmg_dash.figures import cases
from qmg_dash.figures.book import Book, shared
from qmg_dash.figures.cases import DONE, NOT_DONE, dormant, expiring, open_applications
from qmg_dash.folder import store
from qmg_dash.folder.snapshot import Snapshot
from qmg_dash.kpis import kpi
from qmg_dash.model import Filters
from qmg_dash.ui import markup

CLOCK = date(2023, 9, 30)
STEPS = ("公众参与", "专家论证", "风险评估", "合法性审查", "集体讨论决定")
ASKED = {
    "2022": Filters(2022),
    "2023": Filters(2023),
    "spring": Filters(2023, month_from=3, month_to=6),
    "an area": Filters(2023, values=(("area", ("城市管理", "未填")),)),
    "an office": Filters(2023, values=(("department", ("综合行政执法大队",)),)),
    "a village": Filters(2023, values=(("village", ("示例一村", "未填")),)),
    "ahead": Filters(2024),
}


@cache
def demo() -> Snapshot:
    return store.load(ROOT / "data/demo")


@cache
def ledger(name: str) -> list[dict[str, str]]:
    with (ROOT / f"data/demo/ledgers/{name}.csv").open(encoding="utf-8-sig", newline="") as f:
        return list(csv.DictReader(f))


def day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


@pytest.fixture(params=ASKED.values(), ids=ASKED)
def book(request: pytest.FixtureRequest) -> Book:
    return shared(demo(), request.param)


def within(at: Book, text: str) -> bool:
    """Whether a written date lies in the book's months."""
    f, found = at.filters, day(text)
    first, last = f.month_from or 1, f.month_to or 12
    return bool(found) and found.year == f.year and first <= found.month <= last


def chosen(at: Book, row: dict[str, str], **columns: str) -> bool:
    """Whether a row has a chosen value of each filter that a column of it answers."""
    wanted = {columns[n]: v for n, v in at.filters.values if n in columns}
    return all((row[header] or "未填") in values for header, values in wanted.items())


def spoken(at: Book) -> bool:
    return at.filters.year <= CLOCK.year


# ---- decisions ----------------------------------------------------------------------------------
def test_major_decisions_come_with_their_steps_and_the_incomplete_first(book: Book) -> None:
    rows = [
        r
        for r in ledger("decisions")
        if r["重大行政决策"] == "是"
        and within(book, r["会议日期"])
        and chosen(book, r, department="承办机构")
    ]
    found = cases.decisions(book)
    assert {(d.number, d.title, d.steps, d.department, d.adviser) for d in found} == {
        (
            r["议题编号"],
            r["议题"],
            tuple(r[s] or None for s in STEPS),
            r["承办机构"] or None,
            {"是": True, "否": False, "": None}[r["法律顾问列席"]],
        )
        for r in rows
    }
    assert [d.complete for d in found] == sorted(d.complete for d in found)
    rate = book.fig("decisions.procedure_rate")
    if found:
        assert sum(d.done for d in found) == rate.numerator
        assert sum(d.due for d in found) == rate.denominator


def test_a_step_not_filled_in_is_no_base_and_not_complete(tmp_path: Path) -> None:
    steps = {"participation": "已完成", "expert": "不适用", "risk": "", "legality": "已完成"}
    row = {"topic_no": "T1", "held_on": "2023-04-04", "major": "是", "result": "通过"} | steps
    other = row | {"topic_no": "T2", "title": "二", "risk": "未完成", "collective": "已完成"}
    folders.put_town(tmp_path)
    folders.put_table(tmp_path, "decisions", [row, other])
    second, first = cases.decisions(Book(store.load(tmp_path), Filters(2023)))
    assert (first.title, first.done, first.due, first.complete) == ("T1", 2, 2, False)
    assert (second.done, second.due, second.complete) == (3, 4, False)
    assert NOT_DONE in second.steps and DONE in first.steps


# ---- applications -------------------------------------------------------------------------------
OWNER = "党政办公室"
"""Whose applications are that name nobody, by the demo's town.toml."""
KINDS = {
    "granted": "予以公开",
    "partial": "部分公开",
    "refused": "不予公开",
    "unavailable": "无法提供",
    "declined": "不予处理",
    "other": "其他处理",
}


def open_by_hand(at: Book) -> list[tuple]:
    """Received by the period's end, no reply by the clock's day, with the working days left."""
    end = at.period.end
    found = []
    for r in ledger("applications"):
        if not chosen(at, r, department="承办机构"):
            continue
        replied = day(r["答复日期"])
        if day(r["收到日期"]) > min(end, CLOCK) or (replied and replied <= max(end, CLOCK)):
            continue
        if not chosen(at, r, department="承办机构"):
            continue
        days = 20 + 20 * (r["延期答复"] == "是") + int(r["不计入工作日"] or 0)
        due = naive.after(day(r["收到日期"]), days)
        found.append((r["申请编号"], r["承办机构"] or OWNER, due, left(due)))
    return sorted(found, key=lambda row: row[2])


def left(due: date) -> int:
    """Working days from the clock's day to a deadline, below 0 where it lies behind."""
    sign = 1 if due > CLOCK else -1
    first, last = sorted((due, CLOCK))
    days = (first + timedelta(days=n) for n in range(1, (last - first).days + 1))
    return sign * sum(map(naive.working, days))


def test_open_applications_say_when_they_are_due_and_what_is_left(book: Book) -> None:
    found = open_applications(book)
    assert [(a.number, a.department, a.due, a.left) for a in found] == (
        open_by_hand(book) if spoken(book) else []
    )


def test_what_is_open_is_what_the_figures_of_the_year_in_progress_count() -> None:
    book = shared(demo(), Filters(2023))
    found = open_applications(book)
    assert len(found) == book.fig("applications.carried_out").value == 3
    late = book.fig("applications.carried_out", "reply=逾期未答复").value
    assert sum(a.left < 0 for a in found) == late == 1
    extended = sum(r["延期答复"] == "是" for r in ledger("applications") if r["收到日期"] > "2023")
    assert book.fig("applications.received", "term=已延期").value == extended
    split = book.split("applications.received", "reply")
    assert sum(f.value for f in split) == book.fig("applications.received").value


def test_what_became_of_the_applications_adds_up_to_those_that_came(book: Book) -> None:
    rows = [
        r
        for r in ledger("applications")
        if within(book, r["收到日期"]) and chosen(book, r, department="承办机构")
    ]

    def fate(r: dict[str, str]) -> str:
        replied = day(r["答复日期"])
        if replied and replied <= CLOCK:
            return KINDS[r["办理结果"].split(".")[0]]
        days = 20 + 20 * (r["延期答复"] == "是") + int(r["不计入工作日"] or 0)
        late = naive.after(day(r["收到日期"]), days) < CLOCK
        return "在办，已超期" if late else "在办，未到期"

    found = cases.became(book)
    assert dict(found) == Counter(map(fate, rows))
    assert sum(n for _, n in found) == (book.fig("applications.received").value or 0)
    order = [*KINDS.values(), "未登记", "在办，未到期", "在办，已超期"]
    assert [word for word, _ in found] == sorted(dict(found), key=order.index)


def test_an_answer_without_its_kind_is_told_as_such(tmp_path: Path) -> None:
    row = {"applicant_type": "自然人", "received_on": "2023-02-01", "replied_on": "2023-02-20"}
    folders.put_town(tmp_path)
    folders.put_table(
        tmp_path,
        "applications",
        [row | {"app_no": "A1"}, row | {"app_no": "A2", "outcome": "refused.3"}],
    )
    found = cases.became(Book(store.load(tmp_path), Filters(2023)))
    assert found == [("不予公开", 1), ("未登记", 1)]


# ---- penalties, certificates --------------------------------------------------------------------
def penalties(at: Book) -> list[dict[str, str]]:
    columns = {"area": "执法领域", "department": "承办机构"}
    rows = (r for r in ledger("enforcement_actions") if r["行为类型"] == "行政处罚")
    return [r for r in rows if chosen(at, r, **columns)]


def taken(row: dict[str, str]) -> int:
    return (day(row["决定日期"]) - day(row["立案或启动日期"])).days


def test_days_of_penalties_stand_in_their_bins_and_sum_to_the_figure(book: Book) -> None:
    days = [taken(r) for r in penalties(book) if within(book, r["决定日期"])]
    found = cases.days(book)
    assert found.decided == len(days)
    for first, last, n in found.bins:
        assert n == sum(first <= d <= (last or 10**6) for d in days)
    assert [(a, b) for a, b, _ in found.bins] == [(0, 30), (31, 60), (61, 90), (91, None)]
    tally = book.ledger(kpi("enforcement.penalties"))
    assert found.decided == (tally.value if tally else 0)
    late = book.ledger(kpi("enforcement.over_90_days"))
    assert found.beyond + found.waiting == (late.value if late else 0)


@pytest.mark.parametrize(("days", "at"), [(0, 0), (30, 0), (31, 1), (90, 2), (91, 3), (400, 3)])
def test_the_ninetieth_day_is_within_the_limit(tmp_path: Path, days: int, at: int) -> None:
    opened = date(2023, 12, 20) - timedelta(days=days)
    row = folders.ACTION | {
        "opened_on": opened,
        "decided_on": "2023-12-20",
        "closed_on": "",
        "disclosed_on": "",
    }
    folders.put_town(tmp_path)
    folders.put_table(tmp_path, "enforcement_actions", [row])
    found = cases.days(Book(store.load(tmp_path), Filters(2023)))
    assert [n for _, _, n in found.bins].index(1) == at
    assert found.beyond == (at == 3)


def test_open_penalties_are_those_without_a_decision(book: Book) -> None:
    rows = [r for r in penalties(book) if not r["决定日期"] and day(r["立案或启动日期"]) <= CLOCK]
    here = book.period.start <= CLOCK <= book.period.end
    wanted = []
    for r in rows if here else []:
        opened = day(r["立案或启动日期"])
        due = day(r.get("延期至", "")) or opened + timedelta(days=90)
        gone, rest = (CLOCK - opened).days, (due - CLOCK).days
        wanted.append((r["执法编号"], r["承办机构"], opened, due, gone, rest))
    found = cases.open_penalties(book)
    assert sorted((p.number, p.department, p.opened, p.due, p.gone, p.left) for p in found) == (
        sorted(wanted)
    )
    assert [p.due for p in found] == sorted(p.due for p in found)
    assert sum(p.left < 0 for p in found) == cases.days(book).waiting


def test_an_extended_penalty_has_its_own_limit_and_one_without_a_beginning_no_bar(
    tmp_path: Path,
) -> None:
    row = {"action_type": "行政处罚", "department": "甲办", "opened_on": "2023-06-01"}
    folders.put_town(tmp_path, as_of="2023-09-30")
    rows = [
        row | {"action_no": "Z1"},
        row | {"action_no": "Z2", "extended_to": "2023-12-01"},
        row | {"action_no": "Z3", "decided_on": "2023-07-01"},
    ]
    folders.put_table(tmp_path, "enforcement_actions", rows)
    found = cases.open_penalties(Book(store.load(tmp_path), Filters(2023)))
    assert [(p.number, p.gone, p.left) for p in found] == [("Z1", 121, -31), ("Z2", 121, 62)]


def test_the_slow_penalties_have_their_departments(book: Book) -> None:
    rows = [r for r in penalties(book) if within(book, r["决定日期"]) and taken(r) > 90]
    assert cases.slow(book) == Counter(r["承办机构"] or "未填" for r in rows)


@pytest.mark.parametrize(
    ("name", "header"), [("department", "承办机构"), ("action_type", "行为类型")]
)
def test_who_did_not_publish_in_time_adds_up_to_what_the_rate_lacks(
    book: Book, name: str, header: str
) -> None:
    due, open_, late = Counter(), Counter(), Counter()
    for r in ledger("enforcement_actions"):
        if not within(book, r["决定日期"]) or not chosen(
            book, r, area="执法领域", department="承办机构"
        ):
            continue
        days = 7 if r["行为类型"] in ("行政许可", "行政处罚") else 20
        limit, done, who = (
            naive.after(day(r["决定日期"]), days),
            day(r["公示日期"]),
            r[header] or "未填",
        )
        if limit >= CLOCK:
            continue
        due[who] += 1
        open_[who] += not done or done > CLOCK
        late[who] += bool(done and limit < done <= CLOCK)
    declared = kpi("enforcement.disclosed_on_time_rate").dimension(name)
    found = cases.tardy(book, cases.PUBLISHING, declared)
    assert {(u.who, u.open, u.late, u.due) for u in found} == {
        (who, open_[who], late[who], due[who]) for who in due if open_[who] + late[who]
    }
    rate = book.fig("enforcement.disclosed_on_time_rate")
    assert sum(u.open + u.late for u in found) == (rate.denominator or 0) - (rate.numerator or 0)
    sums = [u.open + u.late for u in found if u.who != "未填"]
    assert sums == sorted(sums, reverse=True)


@pytest.mark.parametrize("name", ["department", "type", "village"])
def test_who_did_not_close_in_time_adds_up_to_what_the_rate_lacks(book: Book, name: str) -> None:
    header = {"department": "承办机构", "type": "诉求类型", "village": "村社区"}[name]
    due, open_, late = Counter(), Counter(), Counter()
    for r in ledger("hotline"):
        limit, done = day(r["办理期限"]), day(r["办结日期"])
        waits = not done or done > CLOCK
        mine = within(book, r["受理日期"]) and chosen(
            book, r, department="承办机构", village="村社区"
        )
        if not mine or not limit or (waits and limit >= CLOCK):
            continue
        who = r[header] or "未填"
        due[who] += 1
        open_[who] += waits
        late[who] += not waits and done > limit
    found = cases.tardy(book, cases.CLOSING, kpi(cases.CLOSING.code).dimension(name))
    assert {(u.who, u.open, u.late, u.due) for u in found} == {
        (who, open_[who], late[who], due[who]) for who in due if open_[who] + late[who]
    }
    rate = book.fig(cases.CLOSING.code)
    assert sum(u.open + u.late for u in found) == (rate.denominator or 0) - (rate.numerator or 0)


def test_certificates_that_expire_soon_are_those_that_the_figure_counts(book: Book) -> None:
    last = CLOCK + timedelta(days=90)
    rows = [
        (r["执法证号"], day(r["有效期至"]), (day(r["有效期至"]) - CLOCK).days)
        for r in ledger("officers")
        if r["在岗"] == "是"
        and day(r["有效期至"])
        and CLOCK <= day(r["有效期至"]) <= last
        and chosen(book, r, department="所在机构")
    ]
    found = expiring(book)
    wanted = sorted(rows, key=lambda r: r[1]) if book.filters.year == CLOCK.year else []
    assert [(c.number, c.expires, c.left) for c in found] == wanted
    assert len(found) == (book.fig("officers.expiring_90d").value or 0)


# ---- powers, disputes ---------------------------------------------------------------------------
def test_dormant_powers_are_those_that_no_action_names(book: Book) -> None:
    def counted(r: dict[str, str]) -> str:
        decided = r["行为类型"] in ("行政许可", "行政处罚")
        return r["决定日期"] if decided else r["立案或启动日期"]

    used = {r["事项编码"] for r in ledger("enforcement_actions") if within(book, counted(r))}
    rows = [r for r in ledger("power_items") if day(r["清单版本"]) <= book.period.end]
    newest = max(r["清单版本"] for r in rows)
    idle = [
        r
        for r in rows
        if (r["清单版本"], r["状态"]) == (newest, "在用")
        and r["事项编码"]
        and r["事项编码"] not in used
        and chosen(book, r, department="承办机构", category="权力类型")
    ]
    found = dormant(book)
    assert Counter(p.code for p in found) == Counter(r["事项编码"] for r in idle if spoken(book))
    rate = book.fig("power.exercised_rate")
    assert len(found) == (rate.denominator or 0) - (rate.numerator or 0)


def used_since(at: Book, first: date) -> set[str]:
    """The powers that an action of the days from the first to the period's end names."""

    def counted(r: dict[str, str]) -> date | None:
        decided = r["行为类型"] in ("行政许可", "行政处罚")
        return day(r["决定日期"] if decided else r["立案或启动日期"])

    rows = ledger("enforcement_actions")
    days = ((r["事项编码"], counted(r)) for r in rows)
    return {code for code, when in days if code and when and first <= when <= at.period.end}


def in_use(at: Book, year: int) -> list[dict[str, str]]:
    """The items of the newest list of a year's end that a filter leaves."""
    rows = [r for r in ledger("power_items") if day(r["清单版本"]).year <= year]
    newest = max(r["清单版本"] for r in rows)
    columns = {"department": "承办机构", "category": "权力类型"}
    found = (r for r in rows if (r["清单版本"], r["状态"]) == (newest, "在用"))
    return [r for r in found if chosen(at, r, **columns)]


@pytest.mark.parametrize("first", [None, date(2022, 2, 1), date(2023, 9, 30)])
def test_powers_say_whether_an_action_names_them_since_a_day(
    book: Book, first: date | None
) -> None:
    used = used_since(book, first or book.period.start)
    wanted = Counter(
        (r["事项编码"] or None, r["事项编码"] in used if r["事项编码"] else None)
        for r in in_use(book, book.filters.year)
        if spoken(book)
    )
    found = cases.powers(book, first)
    assert Counter((p.code, p.used) for p in found) == wanted
    assert dormant(book, first) == [p for p in found if p.used is False]
    listed = Counter(r["已列入公开目录"] for r in in_use(book, book.filters.year) if spoken(book))
    assert Counter(p.listed for p in found) == Counter(
        {{"是": True, "否": False, "": None}[k]: n for k, n in listed.items()}
    )


def test_powers_dormant_two_years_were_on_the_list_in_both(book: Book) -> None:
    year = book.filters.year
    found = cases.dormant_twice(book)
    if year - 1 < 2022 or not spoken(book):
        assert not found
        return
    before = shared(demo(), Filters(year - 1))
    then = {r["事项编码"] for r in in_use(book, year - 1)} - used_since(
        before, date(year - 1, 1, 1)
    )
    assert [p.code for p in found or []] == [p.code for p in dormant(book) if p.code in then]


def test_contracts_are_those_of_the_share_of_reviewed_ones(book: Book) -> None:
    rows = [
        r
        for r in ledger("legal_reviews")
        if (r["审查类别"], r["涉及财政资金"]) == ("合同", "是")
        and within(book, r["送审日期"])
        and chosen(book, r, department="送审机构")
    ]
    found = cases.contracts(book)
    assert {(c.number, c.department, c.waiting) for c in found} == {
        (
            r["审查编号"],
            r["送审机构"],
            None if r["审结日期"] else (CLOCK - day(r["送审日期"])).days,
        )
        for r in rows
    }
    rate = book.fig("review.coverage_rate")
    assert len(found) == (rate.denominator or 0)
    assert sum(c.waiting is None for c in found) == (rate.numerator or 0)
    waits = [c.waiting for c in found if c.waiting is not None]
    assert waits == sorted(waits, reverse=True) == [c.waiting for c in found][: len(waits)]


DISPUTES = {"village": "村社区", "type": "纠纷类型", "source": "来源", "department": "承办机构"}


def open_on(at: Book, when: date) -> list[dict[str, str]]:
    """The disputes that were open at the end of a day."""
    return [
        r
        for r in ledger("disputes")
        if day(r["登记日期"]) <= when
        and not (r["办结日期"] and day(r["办结日期"]) <= when)
        and chosen(at, r, **DISPUTES)
    ]


def test_open_disputes_come_with_their_days_the_longest_first(book: Book) -> None:
    at = min(book.period.end, CLOCK)
    found = cases.open_disputes(book)
    assert {(d.number, d.age, d.village, d.reported) for d in found} == {
        (r["登记编号"], (at - day(r["登记日期"])).days, r["村社区"] or None, day(r["上报日期"]))
        for r in open_on(book, at)
        if spoken(book)
    }
    assert [d.age for d in found] == sorted((d.age for d in found), reverse=True)
    assert len(found) == (book.fig("disputes.pending").value or 0)


def month_ends(year: int) -> list[date]:
    return [date(year, m + 1, 1) - timedelta(days=1) for m in range(1, 12)] + [date(year, 12, 31)]


def test_the_stock_is_what_was_open_on_the_last_day_of_each_month(book: Book) -> None:
    year = book.filters.year
    last = min(date(year, 12, 31), CLOCK)
    days = sorted({d for y in (year - 1, year) for d in month_ends(y) if d <= last} | {last})
    wanted = [(d, len(open_on(book, d)) if 2022 <= d.year <= CLOCK.year else None) for d in days]
    assert cases.stock(book, "disputes.pending") == wanted


def test_the_stock_ends_on_the_clocks_day_within_a_month(tmp_path: Path) -> None:
    row = {"dispute_no": "J1", "registered_on": "2023-03-20", "status": "在调", "major": "否"}
    folders.put_town(tmp_path, as_of="2023-04-10")
    folders.put_table(tmp_path, "disputes", [row])
    found = cases.stock(Book(store.load(tmp_path), Filters(2023)), "disputes.pending")
    known = {d: n for d, n in found if n is not None}
    assert known == {
        date(2023, 1, 31): 0,
        date(2023, 2, 28): 0,
        date(2023, 3, 31): 1,
        date(2023, 4, 10): 1,
    }


def test_cases_are_those_that_the_period_found_open_or_saw_end(book: Book) -> None:
    at = min(book.period.end, CLOCK)
    columns = {"department": "承办机构"}
    wanted = []
    for r in ledger("legal_cases"):
        accepted, closed = day(r["受理日期"]), day(r["审结日期"])
        if not chosen(book, r, **columns) or not spoken(book):
            continue
        if accepted <= at and not (closed and closed < book.period.start):
            ended = closed if closed and closed <= at else None
            wanted.append((r["案号"], ended, ((ended or at) - accepted).days))
    found = cases.legal_cases(book)
    assert {(c.number, c.closed, c.days) for c in found} == set(wanted)
    assert len(found) == len(wanted)
    open_ = [c.closed is None for c in found]
    assert open_ == sorted(open_, reverse=True)
    assert sum(open_) == (book.fig("cases.pending").value or 0)


def test_disputes_are_settled_in_the_month_they_were_closed(book: Book) -> None:
    wanted = Counter(
        day(r["办结日期"]).month
        for r in ledger("disputes")
        if within(book, r["办结日期"]) and chosen(book, r, **DISPUTES)
    )
    assert cases.settled(book) == dict(wanted)


# ---- on the screens -----------------------------------------------------------------------------
def chart(screen: Screen, title: str) -> dict:
    """The chart whose 看数据 has this name."""
    named = [n.attrs["data-file"] for n in screen.root.all("button", attr="data-csv")]
    drawn = [n.attrs["data-csv"] for n in screen.root.all("button", attr="data-csv")]
    at = next(i for i, name in enumerate(named) if title in name)
    return {"file": named[at], "rows": list(csv.DictReader(drawn[at].splitlines()))}


def picture(screen: Screen, alt: str) -> screens.Node:
    """The picture in markup whose alternative text begins so."""
    return next(
        n for n in screen.root.all(attr="role") if n.attrs.get("aria-label", "").startswith(alt)
    )


def test_open_applications_are_told_with_their_days_and_the_late_one_in_words() -> None:
    screen = screens.visit("/disclosure", data="demo")
    header, *rows = screen.table("演示数据_未答复的申请_2023数据")
    assert header == ["申请编号", "承办机构", "收到日期", "延期答复", "答复期限", "剩余工作日"]
    assert [r[-1] for r in rows] == ["-22", "3", "9"]
    drawn = picture(screen, "未答复的公开申请")
    words = [(n.text.strip(), n.classes) for n in drawn.all("b")]
    assert words == [
        ("超 22 个工作日", ["bad"]),
        ("剩 3 个工作日 · 10 月 9 日", ["warn"]),
        ("剩 9 个工作日 · 10 月 17 日", ["muted"]),
    ]
    assert len(drawn.all("i", "over")) == 1
    assert all(r[0] in drawn.text for r in rows), "the desk has their numbers"


def test_a_chart_that_draws_a_part_says_so_and_its_data_are_whole() -> None:
    screen = screens.visit("/enforcement", data="demo")
    total = shared(demo(), Filters(2023)).fig("enforcement.actions").value
    rows = chart(screen, "执法领域与行为类型")["rows"]
    kinds = [
        k
        for k in rows[0]
        if k in dict.fromkeys(r["行为类型"] for r in ledger("enforcement_actions"))
    ]
    assert len(kinds) == 10
    assert sum(float(r[k] or 0) for r in rows for k in kinds) == total
    months = chart(screen, "每月执法行为")["rows"]
    assert sum(float(r["本年（件）"] or 0) for r in months) == total
    types = screen.table("行为类型")[1:]
    assert sum(int(r[1]) for r in types) == total and "其余 5 类" in types[-1][0]
    heat = next(c["data"][0] for c in screen.charts if c["data"][0]["type"] == "heatmap")
    assert set(heat["x"]) == {"行政处罚", "行政强制", "行政检查"}
    assert "未登记" not in heat["y"]
    drawn = sum(v for row in heat["z"] for v in row if v is not None)
    left_out = int(re.search(r"其余 7 类 (\d+) 件不分领域", screen.text)[1])
    assert drawn + left_out == total


def test_a_heatmap_of_one_area_counts_only_the_kinds_that_the_area_has() -> None:
    screen = screens.visit("/enforcement", data="demo", area="城市管理")
    heat = next(c["data"][0] for c in screen.charts if c["data"][0]["type"] == "heatmap")
    assert (heat["x"], heat["y"]) == (["行政检查", "行政处罚", "行政强制"], ["城市管理"])
    assert "不分领域" not in screen.text
    bare = screens.visit("/enforcement", data="demo", area="未填")
    heat = next(c["data"][0] for c in bare.charts if c["data"][0]["type"] == "heatmap")
    assert (len(heat["x"]), heat["y"]) == (5, ["未登记"])
    assert re.search(r"其余 2 类 \d+ 件不分领域", bare.text)


def test_the_days_of_penalties_are_told_beside_those_of_the_year_before() -> None:
    screen = screens.visit("/enforcement", data="demo")
    header, now, then = screen.table("办理天数")
    assert header == ["", "30 日内", "31–60 日", "61–90 日", "超 90 日", "中位数"]
    assert now == ["本年", "87", "50", "18", "4", "27 天"]
    assert then == ["上年同期", "98", "51", "9", "0", "24.5 天"]
    assert "超 90 日才决定的 4 件，都由综合行政执法大队承办" in screen.text
    assert [r[0] for r in screen.table("九十日内到期证件")[1:]] == [
        "SL-ZJ-000001",
        "SL-ZJ-000017",
        "SL-ZJ-000002",
    ]


def test_disputes_by_month_sum_to_what_is_said() -> None:
    for query in ({}, {"village": "示例一村"}, {"from": 2, "to": 5}):
        screen = screens.visit("/disputes", data="demo", **query)
        rows = chart(screen, "每月登记矛盾纠纷")["rows"]
        came, settled = (sum(int(r[k] or 0) for r in rows) for k in ("登记", "办结"))
        filters = Filters(2023, month_from=query.get("from"), month_to=query.get("to"))
        values = {"village": (query["village"],)} if "village" in query else {}
        assert (
            came == shared(demo(), filters.with_values(**values)).fig("disputes.registered").value
        )
        slide = next(
            s for s in screens.slides("/disputes", data="demo", **query) if "在调" in s.title
        )
        assert f"登记纠纷 {came} 件，在调 " in slide.title
        assert settled and f"办结 {settled} 件" not in slide.title, "closed ones are others"


def test_published_by_month_sum_to_the_figure() -> None:
    rows = chart(screens.visit("/disclosure", data="demo"), "每月主动公开信息")["rows"]
    for year, column in ((2023, "本年（条）"), (2022, "上年（条）")):
        total = shared(demo(), Filters(year)).fig("disclosure.published").value
        assert sum(int(r[column] or 0) for r in rows) == total


GROUPS = {
    "/decisions": (
        "涉财合同审核率",
        "意见采纳率",
        "规范性文件备案率",
        "重大行政决策",
        "决策程序完备率",
    ),
    "/disputes": ("重大纠纷上报率", "复议纠错率", "诉讼败诉率", "负责人出庭率"),
}


@pytest.mark.parametrize("path", GROUPS)
def test_the_second_group_of_numbers_stands_at_the_desk_and_on_a_slide(path: str) -> None:
    desk = screens.visit(path, data="demo")
    slide = next(s for s in screens.slides(path, data="demo") if GROUPS[path][0] in s.title)
    for screen in (desk, slide):
        labels = [n.words(cls="lab") for n in screen.root.all(attr="data-code")]
        assert set(GROUPS[path]) <= set(labels)


CODES = (
    "SL-2022-",
    "SL-2023-",
    "SL-YT-",
    "SL-SQ-",
    "SL-ZJ-",
    "SL-RY-",
    "SL-JF-",
    "SL-HT-",
    "SL-AJ-",
)


@pytest.mark.parametrize(
    "path", ["/decisions", "/disputes", "/disclosure", "/enforcement", "/power_list"]
)
def test_no_single_case_stands_on_a_wall(path: str) -> None:
    for slide in screens.slides(path, data="demo"):
        said = slide.sent()
        assert not [c for c in CODES if c in said], slide.title


def test_the_names_of_dormant_powers_fit_and_the_rest_are_counted() -> None:
    def names(*asked) -> str:
        return escaping.html(markup.names(*asked)).safe_str

    said = names(["甲" * 10] * 9, "项", 5, 10)
    assert said.count("甲" * 10) == 4
    assert "另有 5 项" in said
    assert "另有" not in names(["甲" * 10] * 5, "项", 5, 10)
    assert names(["甲" * 25, "乙"], "项", 4, 10).count("<li>") == 2


# ---- empty --------------------------------------------------------------------------------------
def test_empty_lists_say_so_in_words() -> None:
    decisions = screens.visit("/decisions", data="demo", **{"from": 1, "to": 1}).text
    assert "所选期间没有重大行政决策" in decisions
    assert "未答复的公开申请" not in screens.visit("/disclosure", data="demo", year=2022).text
    days = screens.visit("/enforcement", data="demo", department="财政办公室").text
    assert "所选范围没有作出决定的行政处罚" in days
    assert (
        "只看数据截至日（2023-09-30）所在的年度"
        in screens.visit("/enforcement", data="demo", year=2022).text
    )


# ---- a list in another's place ------------------------------------------------------------------
def test_another_list_breaks_the_line_of_versions(tmp_path: Path, use) -> None:
    """A third version with other codes: the line ends, a dashed one and its words stand between."""
    folders.put_town(tmp_path, as_of="2025-12-31")
    item = folders.POWER
    lists = {"2023-01-10": "ABCD", "2024-03-05": "ABCE", "2025-06-01": "VWXYZ"}
    rows = [
        item | {"item_code": c, "name": f"事项{c}", "list_version": day}
        for day, codes in lists.items()
        for c in codes
    ]
    folders.put_table(tmp_path, "power_items", rows)
    use(tmp_path)
    screen = screens.visit("/power_list", year=2025)
    (drawn,) = [
        c
        for c in screen.charts
        if "阶梯" in str(c) or any(t.get("line", {}).get("shape") == "hv" for t in c["data"])
    ]
    lines = [t for t in drawn["data"] if t["mode"] == "lines"]
    assert [t["y"] for t in lines] == [[4, 4, 4], [5, 5]], "none crosses the break"
    assert lines[0]["x"][-1] < drawn["layout"]["shapes"][0]["x0"] < lines[1]["x"][0]
    assert drawn["layout"]["shapes"][0]["line"]["dash"] == "dash"
    assert [a["text"] for a in drawn["layout"]["annotations"]] == ["清单改换"]
    assert lines[0]["line"]["color"] != lines[1]["line"]["color"]
    assert [r["断点"] for r in chart(screen, "清单版本")["rows"]] == ["", "", "清单改换"]
    table = screen.table("清单版本")
    assert any("清单改换" in row[0] for row in table)
    slide = next(s for s in screens.slides("/power_list", year=2025) if "2025-06-01" in s.title)
    assert slide.charts and slide.table("清单版本") == table
