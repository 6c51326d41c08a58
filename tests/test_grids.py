"""Pictures of squares and cells: as many as there are, hollow what is not, sums at both ends, the same
numbers as the figures; with a hundred departments and long names too."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

import folders
import pytest
import screens
from screens import ROOT, Node, Screen

from qmg_dash import escaping
from qmg_dash.figures import cases
from qmg_dash.figures.book import shared
from qmg_dash.figures.cases import Case, Decision, Power
from qmg_dash.folder import store
from qmg_dash.model import Filters
from qmg_dash.theme import Look
from qmg_dash.ui import grids, menu
from qmg_dash.ui.charts import cases as lanes_of_cases
from qmg_dash.ui.charts.stock import stock
from qmg_dash.ui.link.scope import Scope
from qmg_dash.ui.slide import Slide

DESK = Look()
WALLS = {"wide": Look.of(False, True, 1920, 1080), "4:3": Look.of(False, True, 1024, 768)}
LONG = "规划建设管理环境保护和应急管理综合事务服务中心办公室第二分室组"


def drawn(picture: grids.Picture) -> Node:
    return screens.parse(escaping.html(picture.body))


def squares(root: Node) -> Counter[str]:
    """How many squares there are of each kind."""
    found = [i for box in root.all(cls="sq") for i in box.all("i")]
    return Counter(" ".join(i.classes) for i in found)


def powers(*counts: tuple[str, str, int, int]) -> list[Power]:
    """(department, kind, used, unused) as powers."""
    return [
        Power(f"{department}{kind}{n}", f"事项{n}", kind, department, True, n < used)
        for department, kind, used, unused in counts
        for n in range(used + unused)
    ]


def demo(year: int = 2023):
    return shared(store.load(ROOT / "data/demo"), Filters(year))


# ---- powers -------------------------------------------------------------------------------------
@pytest.mark.parametrize("look", [DESK, *WALLS.values()], ids=["desk", *WALLS])
def test_a_square_a_power_with_the_sums_of_the_figures(look: Look) -> None:
    book = demo()
    root = drawn(grids.matrix(cases.powers(book), look, 0.78, {}))
    rate, bare = book.fig("power.exercised_rate"), book.fig("power.coded_rate")
    found = squares(root)
    assert found[""] == rate.numerator
    assert found["open"] == rate.denominator - rate.numerator
    assert found["none"] == bare.denominator - bare.numerator == 1
    header, *rows = [[c.text.strip() for c in r] for r in screens.spread(root.all("table")[0])]
    assert header[0] == "承办机构" and header[-2:] == ["在用", "未行使"]
    *each, in_use, unused = rows
    assert sum(int(r[-2]) for r in each) == sum(map(int, in_use[1:-2])) == int(in_use[-2]) == 111
    assert sum(int(r[-1]) for r in each) == sum(map(int, unused[1:-2])) == int(unused[-1]) == 33
    assert [int(r[-1]) for r in each] == sorted((int(r[-1]) for r in each), reverse=True)


def test_no_column_is_narrower_than_it_must_and_no_line_longer_than_it_may() -> None:
    found = grids.matrix(
        powers(("甲", "行政处罚", 10, 6), ("乙", "行政给付", 5, 4)), DESK, 0.78, {}
    )
    across = [int(re.search(r"--n:(\d+)", b.attrs["style"])[1]) for b in drawn(found).all(cls="sq")]
    assert across == [16, 9], "there is room for all on one line"


@pytest.mark.parametrize("look", WALLS.values(), ids=WALLS)
def test_a_hundred_departments_show_the_first_dozen_and_count_the_rest(look: Look) -> None:
    items = powers(*((f"{LONG}{n}", f"行政{k}", n % 7, 1) for n in range(100) for k in "甲乙丙"))
    root = drawn(grids.matrix(items, look, 0.78, {}))
    rows = screens.spread(root.all("table")[0])
    shown = len(rows) - 1 - 1 - 2
    assert 5 <= shown <= 12, "names of three lines leave room for fewer"
    rest = [c.text.strip() for c in rows[shown + 1]]
    assert rest[0] == f"其余 {100 - shown} 个机构（未行使 / 在用）"
    assert rest[-1] == str((100 - shown) * 3)
    assert sum(int(r[-2].text) for r in rows[1 : shown + 2]) == len(items)


def test_too_many_powers_for_squares_are_numbers() -> None:
    items = powers(*((f"机构{n}", f"行政{k}", 95, 5) for n in range(12) for k in "甲乙丙丁"))
    root = drawn(grids.matrix(items, WALLS["4:3"], 1, {}))
    assert not root.all(cls="sq")
    assert {c.text.strip() for c in root.all(cls="few")} == {"5 / 100"}


def test_a_cell_chooses_its_kind_and_its_department_and_wears_that() -> None:
    screen = screens.visit("/power_list", data="demo")
    wanted = "category&department|行政处罚|应急管理办公室"
    cell = next(b for b in screen.root.all("button") if b.attrs.get("data-pick") == wanted)
    assert "未行使 4 项" in cell.attrs["aria-label"]
    assert {i.attrs["title"].rpartition("：")[2] for i in cell.all("i")} == {"已行使", "未行使"}
    chosen = screens.visit(
        "/power_list", data="demo", category="行政处罚", department="应急管理办公室"
    )
    (on,) = chosen.root.all("td", "on")
    assert on.attrs["data-kind"] == "处罚"
    idle = chosen.table("未行使的权力")[1:]
    assert {(r[2], r[3]) for r in idle} == {("行政处罚", "应急管理办公室")}
    assert chosen.title.startswith(f"{len(idle)} 项权力本年未行使")


def test_powers_unused_since_a_day_stand_in_title_matrix_and_list() -> None:
    screen = screens.visit("/power_list", data="demo", since="2022-07-01")
    idle = cases.dormant(demo(), date(2022, 7, 1))
    assert screen.banners == []
    assert screen.title.startswith(f"{len(idle)} 项权力自 2022-07-01 起未行使")
    assert squares(screen.root)["open"] == len(idle)
    assert "2022-07-01 起" in screen.text
    offered = [b for b in screen.root.all("button") if "since|" in b.attrs.get("data-pick", "")]
    pressed = [b for b in offered if b.attrs.get("aria-pressed") == "true"]
    assert {b.attrs["data-pick"] for b in pressed} == {"since|2022-07-01"}


@pytest.mark.parametrize("day", ["2021-12-31", "2023-10-01", "2023-02-30", "起"])
def test_a_day_of_which_no_ledger_speaks_is_said(day: str) -> None:
    screen = screens.visit("/power_list", data="demo", since=day)
    assert len(screen.banners) == 1 and day in screen.banners[0]
    assert "本年未行使" in screen.title


def test_a_town_of_one_ledger_opens_with_the_composition() -> None:
    assert "未行使" not in screens.visit("/power_list", year=2022).title


def test_ties_name_no_department(tmp_path: Path, use) -> None:
    folders.put_town(tmp_path)
    rows = [
        folders.POWER | {"item_code": f"C{n}", "name": f"事项{n}", "department": d}
        for n, d in enumerate("甲甲乙乙丙")
    ]
    folders.put_table(tmp_path, "power_items", rows)
    folders.put_table(tmp_path, "enforcement_actions", [folders.ACTION | {"item_code": "C9"}])
    use(tmp_path)
    assert screens.visit("/power_list").title == "5 项权力本年未行使"


# ---- decisions ----------------------------------------------------------------------------------
def test_the_step_grid_says_each_step_with_sign_and_word() -> None:
    for present in ("false", "true"):
        screen = screens.visit("/decisions", data="demo", present=present)
        header, *rows, sums = screen.table("重大行政决策逐项程序")
        assert header == ["决策", *grids.STEPS.values(), "法律顾问"]
        assert len(rows) == 3
        assert sums[1:] == ["1 / 2", "1 / 1", "3 / 3", "2 / 3", "3 / 3", "2 / 3"]
        cells = [td for td in screen.root.all("td", attr="data-kind") if td.all(cls="no")]
        assert [td.attrs["data-kind"] for td in cells] == ["公众参与", "合法性审查"]
        ticks = screen.root.all(cls="yes")
        assert len(ticks) == 10 and {t.attrs["aria-label"] for t in ticks} == {"已完成"}


def test_a_wall_has_the_first_decisions_and_says_how_many_lack_a_step() -> None:
    none = tuple(["已完成"] * 5)
    lacking = ("未完成", *none[1:])
    found = [Decision(f"T{n}", f"决策{n}", date(2023, 1, 1), lacking, None, None) for n in range(9)]
    found += [Decision("T9", "T9", date(2023, 1, 1), none, None, None)]
    root = drawn(grids.steps(found, WALLS["wide"], 4))
    assert "另有 6 项，其中 5 项程序缺失" in root.text
    assert "1 / 10" in root.text, "the sums are of all"
    assert "T9" not in drawn(grids.steps(found[-1:], WALLS["wide"])).text, "a number is the desk's"
    assert "T9" in drawn(grids.steps(found[-1:], DESK)).text


# ---- contracts ----------------------------------------------------------------------------------
def test_a_square_a_contract_hollow_where_it_waits() -> None:
    screen = screens.visit("/decisions", data="demo", present="true")
    ones = screen.root.all(cls="ones")[0]
    boxes = Counter(" ".join(i.classes) for i in ones.all("i"))
    assert boxes == {"": 25, "long": 1, "open": 1}
    assert "4 / 5" in ones.text and "2 / 3" in ones.text


def test_more_than_thirty_of_a_department_are_bars_on_one_scale() -> None:
    rows = [grids.Squares("甲", 28, 1, 2), grids.Squares("乙", 10, 0, 0)]
    root = drawn(grids.squares(rows, DESK, "机构", ("a", "b", "c")))
    assert [b.attrs["style"] for b in root.all(cls="whole")] == ["width:100.0%", "width:32.3%"]
    few = [grids.Squares("甲", 27, 1, 2)]
    assert len(drawn(grids.squares(few, DESK, "机构", ("a", "b", "c"))).all("i")) == 30


def test_the_departments_beyond_the_first_stand_together() -> None:
    rows = [grids.Squares(f"机构{n}", n, 0, 0) for n in range(1, 13)]
    root = drawn(grids.squares(rows, WALLS["wide"], "机构", ("a", "b", "c"), 5))
    assert "其余 8 个机构" in root.text and "68 / 68" in root.text
    assert len(root.all("i")) or root.all(cls="whole")


# ---- disputes -----------------------------------------------------------------------------------
def tiles(screen: Screen) -> list[Node]:
    return screen.root.all(cls="tile")


def named(tile: Node) -> str:
    return tile.words(cls="name").partition("在调")[0].strip()


def test_a_tile_a_village_on_one_scale_with_the_figures_numbers() -> None:
    book = demo()
    split = [f for f in book.split("disputes.registered", "village") if f.said != "未登记"]
    for present in ("false", "true"):
        found = tiles(screens.visit("/disputes", data="demo", present=present))
        numbers = {named(t): int(t.words(cls="big")) for t in found}
        assert numbers == {f.said: f.value for f in split}
        heights = {named(t): [float(i.attrs["style"][7:-1]) for i in t.all("i")] for t in found}
        most = max(max(h) for h in heights.values())
        assert most == 100
        unit = {name: sum(h) / numbers[name] for name, h in heights.items() if numbers[name]}
        assert max(unit.values()) - min(unit.values()) < 0.2, "one scale"


@pytest.mark.parametrize(("length", "drawn_"), [(2, 12), (18, 12), (30, 8)])
def test_thirteen_villages_are_as_many_as_their_names_leave_room_for_and_the_rest(
    tmp_path: Path, use, length: int, drawn_: int
) -> None:
    folders.put_town(tmp_path)
    rows = [
        {"dispute_no": f"J{n}", "registered_on": "2023-03-01", "status": "在调", "major": "否"}
        | {"village": f"{LONG[:length]}{n % 13}"}
        for n in range(26 + 13)
    ]
    folders.put_table(tmp_path, "disputes", rows)
    use(tmp_path)
    found = tiles(screens.visit("/disputes", year=2023, present="true"))
    assert len(found) == drawn_
    assert found[-1].words(cls="name").startswith(f"其余 {14 - drawn_} 个村社区")
    assert sum(int(t.words(cls="big")) for t in found) == len(rows)


def test_a_wall_has_no_village_beside_a_type() -> None:
    screen = screens.visit("/disputes", data="demo", present="true")
    kinds = {d.type for d in cases.open_disputes(demo())}
    table = next(t for t in screen.root.all("table") if "按已历天数" in t.attrs["aria-label"])
    assert not [k for k in kinds if k in table.text]
    assert "示例" not in table.text
    assert [r[0] for r in screen.table(table.attrs["aria-label"])[1:]] == [
        "422 天", "283 天", "80 天", "51 天", "8 天", "5 天", "1 天",
    ]  # fmt: skip
    desk = screens.visit("/disputes", data="demo").table("在调纠纷")
    assert "示例二社区 · 婚姻家庭 · SL-JF-2022-000104" in desk[1][1]


def test_the_stock_has_a_line_between_the_years_and_the_last_number() -> None:
    points = [(date(2022, m, 28), m) for m in range(1, 13)] + [
        (date(2023, m, 28), 9) for m in (1, 2)
    ]
    root = drawn(stock(points, "件", "在调"))
    assert len(root.all("u")) == 1
    assert [n.text for n in root.all("b", "last")] == ["9"]
    assert len(root.all("polyline")[0].attrs["points"].split()) == 14
    assert "2022 年 12 月末 12 件" in root.all(cls="stock")[0].attrs["aria-label"]


def test_the_stock_of_a_year_without_a_ledger_is_left_out() -> None:
    points = [(date(2022, 12, 31), None), (date(2023, 1, 31), 0), (date(2023, 2, 28), 0)]
    picture = stock(points, "件", "在调")
    assert picture.rows == (("2023-01-31", 0), ("2023-02-28", 0))
    assert not drawn(picture).all("u")


# ---- cases --------------------------------------------------------------------------------------
def case(accepted: date, closed: date | None, kind: str = "行政诉讼", **more) -> Case:
    days = ((closed or date(2023, 9, 30)) - accepted).days
    told = {"outcome": None, "heard": None} | more
    return Case("C-1", kind, "司法所", accepted, closed, told["outcome"], told["heard"], days)


def test_a_case_is_a_bar_between_its_days() -> None:
    found = [
        case(date(2023, 7, 1), None, heard=False),
        case(date(2022, 11, 1), date(2023, 4, 1), outcome="维持"),
        case(date(2023, 9, 28), None, kind="行政复议"),
    ]
    picture = lanes_of_cases.cases(found, 2023, date(2023, 9, 30), wall=True)
    root = drawn(picture)
    bars = [i for t in root.all(cls="track") for i in t.all("i")]
    assert [" ".join(b.classes) for b in bars] == ["behind", "gone", "hollow"]
    lefts = [float(re.search(r"left:([\d.]+)%", b.attrs["style"])[1]) for b in bars]
    assert lefts[1] == 0 < lefts[0] < lefts[2] < 100
    assert "受理 91 天，未开庭" in root.text and "维持，151 天" in root.text
    assert "C-1" not in escaping.html(picture.body).safe_str
    assert "C-1" in drawn(lanes_of_cases.cases(found, 2023, date(2023, 9, 30), wall=False)).text


@pytest.mark.parametrize(("days", "late"), [(60, False), (61, True)])
def test_a_case_is_late_when_the_rule_of_matters_says_so(days: int, late: bool) -> None:
    open_ = case(date(2023, 7, 1), None)
    assert lanes_of_cases.unheard(replace(open_, days=days)) is late
    assert not lanes_of_cases.unheard(replace(open_, days=days, heard=True))


def slides(year: int) -> list[Slide]:
    """The slides of 纠纷复议 in a meeting over the demo."""
    scope = Scope(demo().snapshot, Filters(year), WALLS["wide"], "/disputes")
    screen = next(s for s in menu.screens() if s.path == "/disputes")
    return menu.module(screen).slides(scope)


def test_the_cases_fold_where_fewer_than_two_are_open() -> None:
    now = {s.name: s for s in slides(2023)}
    assert now["cases"].leads
    then = {s.name: s for s in slides(2022)}
    assert not then["cases"].leads
