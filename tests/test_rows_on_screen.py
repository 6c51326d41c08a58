"""Every figure on a screen opens to the rows behind it: those of the figure as it is shown, under the
filters it was shown with; and what is taken along says what it is."""

from __future__ import annotations

import csv
import io
from datetime import date
from functools import cache
from pathlib import Path

import openpyxl
import pytest
import screens
from streamlit.testing.v1 import AppTest

from qmg_dash import escaping, fmt
from qmg_dash.fmt import NO_DATA
from qmg_dash.folder import store
from qmg_dash.folder.snapshot import Snapshot
from qmg_dash.kpis import kpi
from qmg_dash.model import Filters
from qmg_dash.theme import Look
from qmg_dash.ui.desk import open_rows
from qmg_dash.ui.link import rows_asked
from qmg_dash.ui.link.rows_asked import Request
from qmg_dash.ui.link.scope import Scope
from qmg_dash.ui.slide import Drawing

ROOT = Path(__file__).parents[1]
FILTERED = [
    ("/disclosure", {"year": 2023, "channel": "公示栏"}),
    ("/disclosure", {"year": 2023, "channel": ["公示栏", "政府网站"], "department": "党政办公室"}),
    ("/disputes", {"year": 2022, "type": "邻里"}),
    ("/disputes", {"year": 2023, "source": "访调对接", "from": 2, "to": 8}),
    ("/power_list", {"year": 2023, "category": "行政处罚"}),
    ("/power_list", {"year": 2023, "department": "综合行政执法大队"}),
    ("/enforcement", {"year": 2023, "area": "城市管理", "from": 3}),
    ("/enforcement", {"year": 2023, "action_type": "行政检查"}),
    ("/decisions", {"year": 2023, "from": 2, "to": 6}),
    ("/learning", {"year": 2023, "from": 2, "to": 6}),
    ("/duty", {"year": 2023, "from": 1, "to": 5}),
    ("/services", {"year": 2023, "from": 1, "to": 5}),
]
CASES = [(path, {"year": year}) for path in screens.PATHS for year in (2022, 2023)] + FILTERED


@cache
def snapshot(data: str) -> Snapshot:
    return store.load(ROOT / "data" / ("demo" if data == "demo" else ""))


def scope(path: str, data: str = "demo", **query) -> Scope:
    """The scope of a link, its filters those of a ledger."""
    year, first, last = query.pop("year"), query.pop("from", None), query.pop("to", None)
    values = {k: [v] if isinstance(v, str) else v for k, v in query.items()}
    filters = Filters(year, None, first, last).with_values(**values)
    return Scope(snapshot(data), filters, Look.of(False, False, 1920, 1080), path)


def offered(screen: screens.Screen) -> list[tuple[str, str]]:
    """(what is asked for, the figure's text) of each button that opens rows."""
    found = []
    for card in screen.root.all("details", "src"):
        for button in card.all("button", attr="data-rows"):
            found.append((button.attrs["data-rows"], card.words("p", "big")))
    for cell in screen.root.all("button", "cell"):
        found.append((cell.attrs["data-rows"], " ".join(cell.text.split())))
    return found


def opened(at: Scope, written: str) -> open_rows.Opened:
    request = rows_asked.read(written)
    assert request is not None, written
    assert request.text == written
    return open_rows.opened(Drawing(at), request)


@pytest.mark.parametrize(("path", "query"), CASES, ids=lambda v: str(v))
def test_a_figure_opens_to_the_rows_that_make_it_as_it_is_shown(path: str, query: dict):
    screen = screens.visit(path, data="demo", **query)
    assert not screen.banners or not any("不存在" in b for b in screen.banners)
    buttons = offered(screen)
    for written, text in buttons:
        at = opened(scope(path, **query), written)
        found = at.rows(limit=0)
        said = (written, text, found.adds_up)
        text = text.partition("（")[0]  # a rate's base stands behind it
        cell = text.replace("%", "")
        shown = {fmt.text(at.figure), fmt.spaced(at.figure), fmt.value_text(at.figure)}
        ledger = at.figure.ledger
        if ledger:
            unit = kpi(at.figure.code).unit
            shown |= {fmt.number_text(ledger, unit), fmt.number_text(ledger, "")}
            shown |= {fmt.digits(ledger.value / 10_000)} if unit == "元" else set()  # 年报：万元
        figure = at.figure
        if figure.denominator is not None and figure.numerator is not None:  # how many it lacks
            shown |= {f"{figure.denominator - figure.numerator:g} 件"}
        text, cell = (
            t.rpartition(" → ")[2] for t in (text, cell)
        )  # what it was before stands first
        assert text in shown or cell in shown, said
        assert found.total or not at.figure.value, said
        assert found.agrees and "没有台账行，也没有公布数" not in found.adds_up, said
        assert found.value == (ledger.value if ledger else at.figure.value), said


@pytest.mark.parametrize("path", screens.PATHS)
def test_a_published_figure_of_the_town_opens_its_rows_too(path: str):
    for written, text in offered(screens.visit(path, year=2022)):
        at = opened(scope(path, "official", year=2022), written)
        found = at.rows(limit=0)
        assert text in (fmt.text(at.figure), fmt.value_text(at.figure)), written
        assert found.total and found.value == at.figure.value, (written, found.adds_up)


def test_what_a_button_asks_for_is_read_again_whatever_its_values_are():
    row = kpi("enforcement.actions")
    for keys in ((), ("a|b",), ("50%", "x+y"), ("joint=公安、市场监管|消防", "c%2B")):
        parts = tuple(p for k in keys if (p := row.part(k)))
        for why in (False, True):
            request = Request(row, parts, "2022", "area", why)
            assert rows_asked.read(request.text) == request


def visit(written: str, path: str = "/enforcement", **query) -> screens.Screen:
    return screens.visit(path, data="demo", rows=written, **query)


def test_the_link_opens_the_rows_and_the_copied_one_too():
    screen = visit("enforcement.penalties", year=2023)
    assert of_drawer(screen) == "enforcement.penalties" and screen.banners == []
    copied = screen.root.all("button", attr="data-copy")[0].attrs["data-copy"]
    assert "rows=enforcement.penalties" in copied
    assert (
        "rows"
        not in screens.visit("/enforcement", data="demo")
        .root.all("button", attr="data-copy")[0]
        .attrs["data-copy"]
    )
    assert [b.attrs["aria-label"] for b in screen.root.all("button") if not asks(b)] == ["关闭明细"]


def asks(button: screens.Node) -> str:
    """The rows that a button asks for; none where it closes them."""
    return button.attrs.get("data-rows", "others")


def of_drawer(screen: screens.Screen) -> str:
    """The rows that stand in the drawer; empty where there is none."""
    found = screen.root.all(attr="data-open")
    return found[0].attrs["data-open"] if found else ""


def test_a_page_without_rows_has_no_drawer():
    screen = screens.visit("/enforcement", data="demo", year=2023)
    assert not of_drawer(screen) and "关闭明细" not in screen.html


@pytest.mark.parametrize(
    "written",
    [
        "胡说",
        "goals.total",
        "enforcement.actions|x=y",
        "enforcement.actions||22",
        "enforcement.actions|||没有",
        "services.enterprises|规上+规下",
        "enforcement.actions||||warum",
        "enforcement.actions||||why|f",
    ],
)
def test_rows_that_do_not_exist_are_said(written: str):
    screen = visit(written)
    said = [b for b in screen.banners if "明细" in b and b.endswith("不存在，未打开。")]
    assert said and written[:8] in said[0]
    assert not of_drawer(screen)


def test_the_panel_says_which_filters_its_rows_follow():
    bar = visit(
        "disclosure.published|channel=政府网站||channel", "/disclosure", year=2023, channel="公示栏"
    )
    assert "不含“公开渠道”筛选" in bar.text and "公开渠道：公示栏 不含" not in bar.text
    assert "156 行，每行计 1，合计 156条，与台账数一致" in bar.text
    rate = visit("disputes.resolved_rate", "/disputes", year=2022, type="邻里")
    assert "纠纷类型：邻里" in rate.text
    case = visit("cases.pending", "/disputes", year=2022, type="邻里")
    assert "不随纠纷类型筛选" in case.text


def test_a_search_says_how_many_it_found_or_that_there_are_none():
    app = visit("enforcement.penalties", year=2023).app
    box = next(t for t in app.text_input if t.label == "搜索")
    box.set_value("城市管理")
    found = screens.shown("/enforcement", app)
    said = found.root.words("p", "count")
    assert said.startswith("含“城市管理”的 ") and "共 159 行" in said and "每行计 1" in said
    next(t for t in app.text_input if t.label == "搜索").set_value("没有这个词")
    none = screens.shown("/enforcement", app)
    assert "没有一行含有“没有这个词”" in none.text
    assert not none.root.all(cls="cards")
    labels = [b.proto.label for b in none.app.get("download_button")]
    assert "下载 CSV" not in labels, "there is nothing to take along"


def test_order_columns_and_pages_are_those_asked_for():
    app = visit("enforcement.actions", year=2023).app
    turn(app, open_rows.WIDE)
    assert "第 1–100 行" in screens.shown("/enforcement", app).text
    app.button("drill_to_末页").click()
    last = screens.shown("/enforcement", app)
    assert "9 / 9" in last.text and "第 801–888 行" in last.text
    next(s for s in app.selectbox if s.label == "排序").set_value("立案或启动日期")
    app.run()
    next(s for s in app.selectbox if s.label == "次序").set_value("降序")
    app.run()
    next(m for m in app.multiselect if m.label.startswith("显示的列")).set_value(["立案或启动日期"])
    screen = screens.shown("/enforcement", app)
    assert "第 1–100 行" in screen.text, "another order begins at its first page"
    table = screen.root.all(cls="rows")[0]
    assert [h.text for h in table.all("th")] == ["文件", "行号", "立案或启动日期"]
    days = [line.all("td")[2].text for line in table.all("tr")[1:]]
    assert len(days) == open_rows.PAGE and days == sorted(days, reverse=True)
    turn(app, open_rows.CARDS)
    cards = screens.shown("/enforcement", app)
    assert len(cards.root.all(cls="cards")[0].all("tr")) == 1 + open_rows.PAGE
    assert not cards.root.all(cls="rows")


def turn(app: AppTest, view: str) -> None:
    """Choose what the drawer shows."""
    next(g for g in app.segmented_control if g.label == "看什么").set_value(view)


# ---------------------------------------------------------------- cards


@pytest.mark.parametrize(
    ("code", "due", "done"),
    [
        ("enforcement.disclosed_on_time_rate", "disclose_due", "disclosed_on"),
        ("enforcement.over_90_days", "decide_by", "decided_on"),
        ("disclosure.on_time_rate", "publish_due", "published_on"),
        ("applications.on_time_rate", "due_on", "replied_on"),
        ("hotline.on_time_rate", "due_on", "closed_on"),
    ],
)
def test_a_late_row_says_by_how_many_days_from_its_limit_to_what_was_done_or_today(
    code: str, due: str, done: str
):
    at = opened(scope("/enforcement", year=2023), code)
    found = at.rows()
    cards = open_rows._cards(at, found, list(found.rows))
    said = [
        line.words(cls="state")
        for line in screens.parse(escaping.html(cards.table("明细"))).all("tbody")[0].all("tr")
    ]
    names = [c.name for c in found.columns]
    clock, wanted = date(2023, 9, 30), []
    for row in found.rows:
        until, was = (row[names.index(n)] for n in (due, done))
        late = (was or clock) - until if until else None
        if late is None or (was and late.days <= 0):
            wanted.append("")
        elif late.days > 0:
            wanted.append(f"{'迟' if was else '超'} {late.days} 天")
        else:
            wanted.append(f"剩 {-late.days} 天")
    assert [s[2:] for s in said] == wanted and any(wanted)
    assert len({s[:2] for s in said if s}) == 1, "what is late is named"


def test_what_fits_on_paper_stands_beside_the_cards_columns_and_never_twice():
    screen = visit("disputes.registered", "/disputes", year=2023)
    (table,) = screen.root.all(cls="cards")
    head = [c.text for c in table.all("th")]
    assert head[:4] == ["登记编号", "纠纷类型", "承办机构", "村社区"] and head[-1] == "行号"
    assert len(head) == len({*head})
    more = table.all("tr")[1].all(cls="sheet")
    assert 0 < len(more) < 10 and all(len(r.all("td")) == len(head) for r in table.all("tr")[1:])


# ---------------------------------------------------------------- to take along


def view(
    at: open_rows.Opened, search: str = "", order: str | None = None, *names: str
) -> open_rows.View:
    found = at.rows(limit=0, search=search)
    chosen = [c for c in found.columns[2:] if not names or c.name in names]
    return open_rows.View(search, order, (*found.columns[:2], *chosen), found)


def test_a_file_holds_what_is_searched_in_the_order_and_columns_of_the_screen():
    at = opened(scope("/enforcement", year=2023), "enforcement.penalties")
    seen = view(at, "城市管理", "-fine_yuan", "fine_yuan", "area")
    rows = list(open_rows._lines(lambda: at, seen))
    assert open_rows._header(at, seen) == ("文件", "行号", "执法领域", "罚没金额（元）", "数据性质")
    assert {r[-1] for r in rows} == {"演示数据"}, "the demo says so in every row"
    assert len(rows) == seen.rows.matched < seen.rows.total
    fines = [r[3] for r in rows if r[3] is not None]
    assert fines == sorted(fines, reverse=True)
    notes = dict(open_rows._notes(at, seen))
    assert notes["搜索"] == "任一栏含“城市管理”"
    assert notes["本文件"] == f"{len(rows)} 行，共 159 行"
    assert notes["本文件加总"] == f"{len(rows)} 行，每行计 1，合计 {len(rows)}件"
    assert notes["全部数值"] == "159件" and notes["全部加总"].startswith("159 行")
    assert notes["排序"] == "罚没金额（元）降序"
    assert notes["列"] == "文件、行号、执法领域、罚没金额（元）"
    assert "数值" not in notes


def test_a_whole_file_says_so_and_the_towns_own_has_no_mark():
    at = opened(scope("/enforcement", year=2023), "enforcement.penalties")
    notes = dict(open_rows._notes(at, view(at)))
    assert notes["数值"] == "159件" and notes["本文件"] == "159 行，共 159 行"
    assert notes["列"] == "全部" and "搜索" not in notes
    own = opened(scope("/power_list", "official", year=2022), "power.total")
    assert "数据性质" not in open_rows._header(own, view(own))


def test_both_kinds_of_file_hold_the_same():
    at = opened(scope("/disputes", year=2022, type="邻里"), "disputes.resolved_rate")
    seen = view(at)
    header, lines = open_rows._header(at, seen), lambda: open_rows._lines(lambda: at, seen)
    read = list(csv.reader(io.StringIO(open_rows._csv(header, lines).decode("utf-8-sig"))))
    book = openpyxl.load_workbook(
        io.BytesIO(open_rows._xlsx(header, lines, open_rows._notes(at, seen)))
    )
    sheet = [[c.value for c in line] for line in book["明细"].iter_rows()]
    assert read[0] == sheet[0] == list(header)
    assert len(read) == len(sheet) == 1 + seen.rows.total
    notes = {a.value: b.value for a, b in book["说明"].iter_rows()}
    assert notes["筛选"] == "纠纷类型：邻里" and notes["数据性质"] == "演示数据"


# ---------------------------------------------------------------- why it changed


def why(written: str, split: str = "", path: str = "/enforcement", **query) -> screens.Screen:
    app = visit(
        f"{written}{'|' * (4 - written.count('|'))}why", path, **({"year": 2023} | query)
    ).app
    if split:
        next(s for s in app.selectbox if s.label.startswith("为什么变化")).set_value(split)
    return screens.shown(path, app)


def number(text: str) -> float:
    return float(text.replace("−", "-").replace(",", "").removesuffix("%"))


@pytest.mark.parametrize(
    ("written", "split"),
    [
        ("enforcement.actions", "承办机构"),
        ("enforcement.recording_rate", "执法领域"),
        ("enforcement.disclosed_on_time_rate", "承办机构"),
        ("enforcement.fines", "执法领域"),
        ("enforcement.penalties", "月份"),
        ("enforcement.actions|行政检查", "承办机构"),
        ("enforcement.recording_rate|area=安全生产", "行为类型"),
    ],
)
def test_what_is_printed_of_the_parts_sums_to_what_is_printed_of_the_whole(
    written: str, split: str
):
    screen = why(written, split)
    _, *lines, whole = screen.table("变化的构成")
    assert whole[0] == "合计" and len(lines) > 1
    cells = [[number(c.split()[-1]) if c != fmt.NONE else None for c in r[1:]] for r in lines]
    then, now, moved = (number(c.split()[-1]) for c in whole[1:])
    assert round(sum(r[2] for r in cells), 6) == moved == round(now - then, 6)
    assert f"为什么变化：{whole[3]}" in screen.text
    if kpi(written.partition("|")[0]).rate:
        bases = [[c.split()[:3] for c in r[1:3] if c != fmt.NONE] for r in (*lines, whole)]
        assert all(b[1] == "/" for row in bases for b in row), "each part has its base"
        assert sum(number(r[-1][2]) for r in bases[:-1]) == number(bases[-1][-1][2])
    else:
        assert [round(sum(r[i] or 0 for r in cells), 6) for i in (0, 1)] == [then, now]


def test_an_unchanged_part_is_listed():
    screen = why("enforcement.recording_rate", "承办机构")
    assert [r for r in screen.table("变化的构成")[1:-1] if r[3] == "0"]


@pytest.mark.parametrize(
    ("path", "written", "said"),
    [
        ("/services", "services.enterprises", "按去重后的个数计，各部分相加不等于总数"),
        ("/enforcement", "enforcement.median_days", "是中位数，各部分相加不等于总数"),
        ("/enforcement", "enforcement.actions|month=3", "这是总数的一部分"),
        ("/disclosure", "applications.due_soon", "只对数据截至日这一天而言"),
    ],
)
def test_a_figure_without_a_reason_says_why_and_offers_none(path: str, written: str, said: str):
    screen = why(written, path=path)
    assert screen.text.count("为什么变化：") == 1 and said in screen.text
    assert not [s for s in screen.app.selectbox if s.label.startswith("为什么变化")]


def test_the_change_is_explained_by_department_before_anything_is_chosen():
    screen = why("enforcement.penalties")
    names = [r[0] for r in screen.table("变化的构成")]
    assert names[0] == "承办机构" and "综合行政执法大队" in names
    assert not screen.root.all(cls="cards")
    turn(screen.app, open_rows.CARDS)
    assert screens.shown("/enforcement", screen.app).root.all(cls="cards")


def test_a_year_without_a_base_says_so():
    screen = why("enforcement.actions", year=2022)
    assert "为什么变化：2021 年没有执法行为的台账" in screen.text
    assert NO_DATA not in screen.root.words("p", "muted")
