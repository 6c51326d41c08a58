"""What was held on which day, the duties of the town's first person by quarter, the mechanisms as
squares: counted once more from the files, and planted one by one."""

from __future__ import annotations

import csv
import re
from collections import Counter
from datetime import date
from pathlib import Path

import folders
import pytest
import screens
from screens import Node

from qmg_dash import escaping
from qmg_dash.figures import duties, events
from qmg_dash.figures.book import Book, shared
from qmg_dash.figures.duties import LATE, MISSED, NO, YES
from qmg_dash.figures.findings import Grade
from qmg_dash.folder import store
from qmg_dash.model import Filters
from qmg_dash.theme import Look
from qmg_dash.ui import calendars, mechanisms, menu
from qmg_dash.ui.link.scope import Scope
from qmg_dash.ui.slide import Drawing, Html

ROOT = Path(__file__).parents[1]
DEMO = ROOT / "data" / "demo"
CLOCK = date(2023, 7, 2)
VENUES = ("乡村", "学校")


def ledger(name: str) -> list[dict[str, str]]:
    """The rows of a demo ledger of its last year."""
    with (DEMO / "ledgers" / f"{name}.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    day = next(h for h in rows[0] if h.endswith("日期"))
    return [r | {"day": r[day]} for r in rows if r[day].startswith("2023")]


def demo() -> Book:
    return shared(store.store(DEMO).current(), Filters(2023))


# ---- days ------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("code", "name", "rows"),
    [
        ("learning.events", "kind", [("类别", r) for r in ledger("learning")]),
        ("publicity.events", "venue", [("场所", r) for r in ledger("publicity")]),
        (
            "services.enterprises",
            "kind",
            [("类别", r) for r in ledger("services") if r["类别"] == "走访企业"],
        ),
    ],
)
def test_the_days_are_those_of_the_file(code: str, name: str, rows: list) -> None:
    found = events.held(demo(), code, name)
    told = Counter((kind, day) for kind, days in found.items() for day in days)
    assert told == Counter((r[head], date.fromisoformat(r["day"])) for head, r in rows)
    assert rows and all(list(days) == sorted(days) for days in found.values())


def test_a_calendar_shows_each_day_and_hatches_the_months_to_come() -> None:
    screen = screens.visit("/learning", data="demo", present="true")
    (table,) = [t for t in screen.root.all("table") if "days" in t.classes]
    seen = []
    for row in table.all("tr")[1:]:
        kind = row.words("th")
        cells = row.all(cls="day")
        assert ["ahead" in c.classes for c in cells] == [m > 9 for m in range(1, 13)]
        for month, cell in enumerate(cells, 1):
            seen += [(kind, date(2023, month, int(n.text))) for n in cell.all("i")]
        count, before = (c.text.strip() for c in row.all("td", "r"))
        assert int(count) == sum(k == kind for k, _ in seen) and before.isdigit()
    assert Counter(seen) == Counter(
        (r["类别"], date.fromisoformat(r["day"])) for r in ledger("learning")
    )


def test_many_events_of_a_month_are_counted_and_a_filter_leaves_the_others_empty() -> None:
    days = [tuple(date(2023, m, d + 1) for d in range(m)) for m in range(1, 5)]
    line = events.Line("x", "培训", (*days, *[()] * 8), None)
    table = calendars.calendar([line], CLOCK, 2023, range(2, 13), "")
    drawn = screens.parse(escaping.html(table))
    cells = [c.text for c in drawn.all(cls="day")]
    assert cells[:4] == ["", "12", "3次", "4次"]
    assert [("ahead" in c.classes) for c in drawn.all(cls="day")] == [m > 7 for m in range(1, 13)]
    assert "同期" not in drawn.text, "there is no year before"


@pytest.mark.parametrize(
    ("before", "now", "target", "title", "grade"),
    [
        (40, 45, None, "普法活动 45 场；同比增 5 场（+12.5%）", Grade.MOVED),
        (40, 43, None, "普法活动 43 场", Grade.PLAIN),  # 3 cases are none
        (60, 65, None, "普法活动 65 场", Grade.PLAIN),  # nor is 8 %
        (20, 25, 50, "普法活动 25 场，目标 50 场；同比增 5 场", Grade.MOVED),
        (20, 20, 50, "普法活动 20 场，目标 50 场", Grade.BELOW),  # half of the year has gone
    ],
)
def test_a_title_says_how_far_the_target_is_and_what_moved(
    tmp_path: Path, before: int, now: int, target: int | None, title: str, grade: Grade
) -> None:
    rows = [
        {
            "event_no": f"P{year}-{n}",
            "held_on": f"{year}-03-{n % 28 + 1:02}",
            "venue": VENUES[n % 2],
        }
        for year, count in ((2022, before), (2023, now))
        for n in range(count)
    ]
    goal = folders.GOOD["goals"][0] | {"goal_id": "G1", "year": 2023, "due": "2023-12-31"}
    goal |= {"start": "2023-01-01", "indicator": "publicity.events", "target": target or ""}
    more = {"goals": [goal]} if target else {}
    snapshot = town(tmp_path, publicity=rows, **more).snapshot
    look = Look.of(False, True, 1920, 1080)
    screen = next(s for s in menu.screens() if s.path == "/learning")
    scope = Scope(snapshot, Filters(2023), look, "/learning")
    found = menu.module(screen).slides(scope)[0].finding
    assert (found.text, found.grade) == (title, grade)


# ---- duties ----------------------------------------------------------------------------------------
def town(folder: Path, measures: list[dict] = (), **tables: list[dict]) -> Book:  # type: ignore[assignment]
    folders.put_town(folder, as_of=CLOCK.isoformat())
    for name, rows in tables.items():
        folders.put_table(folder, name, rows)
    return shared(store.load(folder), Filters(2023))


def event(number: int, day: str, kind: str) -> dict:
    return {"event_no": f"X{number}", "held_on": day, "kind": kind}


def decision(number: int, day: str, legality: str, adviser: str, result: str = "通过") -> dict:
    steps = dict.fromkeys(("participation", "expert", "risk", "collective"), "已完成")
    return {
        **{"topic_no": f"T{number}", "held_on": day, "title": "议题", "major": "是"},
        **{"legality": legality, "adviser_present": adviser, "result": result},
        **steps,
    }


def by_name(found: list[duties.Duty]) -> dict[str, duties.Duty]:
    return {d.name: d for d in found}


def test_the_duties_stand_in_the_quarter_of_their_day(tmp_path: Path) -> None:
    book = town(
        tmp_path,
        learning=[
            event(1, "2023-01-05", "专题会议"),
            event(2, "2023-03-31", "专题会议"),
            event(3, "2023-04-01", "专题会议"),
            event(4, "2022-12-31", "专题会议"),
            event(5, "2023-02-01", "业务培训"),
        ],
    )
    met = by_name(duties.duties(book, [], []))["专题会议研究法治工作"]
    assert [[m.day.isoformat()[5:] for m in q if m.day] for q in met.quarters] == [
        ["01-05", "03-31"],
        ["04-01"],
        [],
        [],
    ]
    assert (met.year, met.stands) == ("3 次", YES)
    assert by_name(duties.duties(book, [], []))["年度述法"].stands == "", "the year goes on"
    assert duties.begun(book) == [True, True, True, False]


def test_a_duty_that_a_whole_year_lacks_was_missed(tmp_path: Path) -> None:
    town(tmp_path, learning=[event(1, "2022-01-05", "专题会议"), event(2, "2023-01-05", "述法")])
    last = shared(store.load(tmp_path), Filters(2022))
    told = by_name(duties.duties(last, [], []))
    assert (told["年度述法"].year, told["年度述法"].stands) == ("未开展", MISSED)
    assert told["专题会议研究法治工作"].stands == YES


@pytest.mark.parametrize(
    ("legality", "adviser", "result", "reviewed", "advised"),
    [
        ("已完成", "是", "通过", YES, YES),
        ("未完成", "是", "通过", NO, YES),
        ("未完成", "否", "通过", NO, MISSED),
        ("不适用", "是", "通过", None, YES),
        ("", "", "通过", None, None),
        ("未完成", "否", "暂缓", None, None),  # it has not gone ahead
    ],
)
def test_a_decision_counts_by_its_review_and_its_adviser(
    tmp_path: Path, legality: str, adviser: str, result: str, reviewed: str, advised: str
) -> None:
    rows = [decision(1, "2023-05-01", legality, adviser, result)]
    book = town(tmp_path, decisions=rows)
    told = by_name(duties.duties(book, [], []))
    for name, wanted in (
        ("重大决策经合法性审查", reviewed),
        ("重大决策请法律顾问列席", advised),
    ):
        duty = told.get(name)
        assert (duty.stands if duty else None) == wanted
        if duty:
            assert duty.year == ("1 / 1" if wanted == YES else "0 / 1")
            assert [len(q) for q in duty.quarters] == [0, 1, 0, 0]
    assert duties.skipped(book) == (reviewed == NO)


def test_what_no_ledger_tells_is_no_duty_of_the_list(tmp_path: Path) -> None:
    book = town(tmp_path, services=[folders.GOOD["services"][0]])
    assert duties.duties(book, [], []) == []


def test_the_demos_list_is_that_of_its_files() -> None:
    screen = screens.visit("/duty", data="demo", present="true")
    told = {row[0]: row[1:] for row in screen.table("履职清单")[1:]}
    kinds = Counter(r["类别"] for r in ledger("learning"))
    assert told["中心组学法"][-1] == f"{kinds['中心组学习']} 次"
    major = [r for r in ledger("decisions") if (r["重大行政决策"], r["结果"]) == ("是", "通过")]
    reviewed = [r["合法性审查"] for r in major if r["合法性审查"] in ("已完成", "未完成")]
    assert told["重大决策经合法性审查"][-1] == f"{reviewed.count('已完成')} / {len(reviewed)}"
    assert all(cells[3] == "未到" for cells in told.values())
    late = screens.visit("/todo", data="demo", present="true").table("已超期事项")[1:]
    assert told["超期事项清零"][-1] == f"{len(late)} 件未办"
    quarters = Counter((int(cells[4].split("-")[0]) - 1) // 3 for cells in late)
    for quarter in range(3):
        said = f"{quarters[quarter]} 件" if quarters[quarter] else "—"
        assert told["超期事项清零"][quarter] == said
    assert f"{len(late)} 件超期" in screen.title and "述法、专题会议已办" in screen.title


def test_red_is_for_what_is_late_or_was_skipped() -> None:
    screen = screens.visit("/duty", data="demo", present="true")
    (table,) = [t for t in screen.root.all("table") if "duties" in t.classes]
    for row in table.all("tr")[1:]:
        red = bool(row.all(cls="cross") or row.all(cls="st-over"))
        assert ("badrow" in row.classes) == red
        assert ("warnrow" in row.classes) == (not red and bool(row.all(cls="rise")))


# ---- mechanisms ------------------------------------------------------------------------------------
def test_every_mechanism_of_the_report_is_one_square() -> None:
    with (ROOT / "data" / "practices.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    with (ROOT / "data" / "reported.csv").open(encoding="utf-8-sig") as file:
        published = {r["指标"] for r in csv.DictReader(file)}
    wanted = {
        path: (
            sum(r["指标"] in published for r in rows if r["屏幕"] == path),
            sum(bool(r["指标"]) and r["指标"] not in published for r in rows if r["屏幕"] == path),
            sum(not r["指标"] for r in rows if r["屏幕"] == path),
        )
        for path in {r["屏幕"] for r in rows}
    }
    scope = Scope(
        store.load(ROOT / "data"), Filters(2022), Look.of(False, True, 1920, 1080), "/duty"
    )
    found = mechanisms.aspects(scope)
    assert {a.path: (len(a.proven), a.lacking, a.bare) for a in found} == wanted
    proven = [len(a.proven) for a in found]
    assert proven == sorted(proven, reverse=True)
    title = mechanisms.title(found)
    assert title.text.startswith(f"{len(rows)} 条机制 {sum(proven)} 条有数据")
    assert title.width <= 28
    board = screens.visit("/duty", present="true", year=2022, slide="board")
    assert board.title == title.text
    drawn = [(boxes(n), n.attrs["aria-label"]) for n in board.root.all(cls="boxes")]
    assert [counts for counts, _ in drawn] == [wanted[a.path] for a in found]
    for (filled, hollow, dashed), said in drawn:
        assert [int(n) for n in re.findall(r"\d+", said)][1:] == [filled, hollow, dashed]


def boxes(drawn: Node) -> tuple[int, int, int]:
    """How many squares are filled, hollow and dashed."""
    squares = drawn.all("i")
    open_, none = (sum(c in n.classes for n in squares) for c in ("open", "none"))
    return len(squares) - open_ - none, open_, none


# ---- a report alone --------------------------------------------------------------------------------
def test_a_report_whose_measures_nobody_owns_says_so() -> None:
    screen = screens.visit("/goals", year=2022, present="true")
    assert screen.title == "12 项举措均未定责任单位和期限，7 项对应不足"
    cells = [row.all("td") for row in screen.root.all(cls="answers")[0].all("tr")[1:]]
    with (ROOT / "data" / "shortcomings.csv").open(encoding="utf-8-sig") as file:
        texts = [r["不足"] for r in csv.DictReader(file)]
    assert [c[0].words("b") for c in cells] == [*texts, "其余举措"]
    assert [c[1].text.strip() for c in cells] == ["2 项", "4 项", "2 项", "5 项"]
    assert [len(c[2].all("li")) for c in cells] == [2, 4, 2, 5]
    numbers = [n.text.strip() for n in screen.root.all(cls="lacks")[0].all("b")]
    assert numbers == ["12 项", "12 项", "12 项", "4 项"]


def test_a_measure_with_an_owner_makes_it_a_table_again(tmp_path: Path) -> None:
    goals = [folders.GOOD["goals"][0] | {"goal_id": "G1", "indicator": "", "target": ""}]
    for owner, drawn in (("", "answers"), ("司法所", "goals")):
        folder = tmp_path / (owner or "none")
        folder.mkdir()
        folders.put_town(folder, as_of="2023-06-30")
        bare = {"due": "", "start": "", "owner": owner, "year": "2023"}
        folders.put_table(folder, "goals", [g | bare for g in goals])
        snapshot = store.load(folder)
        title, body = screens.on_the_wall("/goals", snapshot, 2022)[0]
        assert body.all(cls=drawn), title
        assert ("未定责任单位和期限" in title) == (not owner)


DECK = (
    "/ main",
    "/goals main",
    "/disclosure main",
    "/decisions main",
    "/learning main",
    "/duty board",
)


@pytest.mark.parametrize("size", [(1920, 1080), (1024, 768)])
def test_the_deck_of_a_report_alone_has_full_slides(size: tuple[int, int]) -> None:
    """Two screens with few figures stand on one slide: none has fewer than five."""
    snapshot, found, figures = store.load(ROOT / "data"), [], {}
    for screen in menu.screens():
        if screen.occasional:
            continue
        scope = Scope(snapshot, Filters(2022), Look.of(False, True, *size), screen.path)
        for slide in menu.module(screen).slides(scope):
            if slide.leads:
                drawing = Drawing(scope)
                slide.draw(drawing)
                blocks = [p.body.safe_str for p in drawing.pieces if isinstance(p, Html)]
                found.append(f"{screen.path} {slide.name}")
                figures[found[-1]] = {
                    (n.attrs["data-code"], n.attrs["data-dimension"])
                    for n in screens.parse("".join(blocks)).all(attr="data-code")
                }
    assert found == list(DECK)
    numbered = [name for name in DECK if name not in ("/goals main", "/duty board", "/ main")]
    assert all(len(figures[name]) >= 5 for name in numbered), figures
    of = {code.split(".")[0] for code, _ in figures["/learning main"]}
    assert of == {"learning", "training", "services"}
    of = {code.split(".")[0] for code, _ in figures["/disclosure main"]}
    assert of == {"disclosure", "applications", "cases"}


def test_kinds_that_nobody_declared_stand_behind_the_others(tmp_path: Path) -> None:
    rows = [event(1, "2023-01-05", "其他活动"), event(2, "2023-01-06", "业务培训")]
    book = town(tmp_path, learning=rows)
    assert list(events.held(book, "learning.events", "kind")) == ["业务培训", "其他活动"]


def test_no_late_measure_and_no_ledger_leaves_the_list_out(tmp_path: Path) -> None:
    measure = [folders.GOOD["goals"][0]]
    book = town(tmp_path, goals=measure)
    scope = Scope(book.snapshot, Filters(2023), Look.of(False, True, 1920, 1080), "/duty")
    (only,) = duties.duties(book, scope.own_measures, [])
    assert only.name == "举措按期完成" and only.stands in ("", YES, LATE)
