"""Pictures of rows: where the marks stand, what a wall may say of a case, names as long as they come."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import folders
import pytest
import screens
import simple_html as h
from screens import Node, parse

from qmg_dash import escaping, fmt
from qmg_dash.figures.book import Book, shared
from qmg_dash.figures.cases import CLOSING, LIMIT, PUBLISHING, Application, Penalty, Tardy
from qmg_dash.figures.moved import Moved
from qmg_dash.figures.why_changed import Contribution
from qmg_dash.folder import store
from qmg_dash.kpis import kpi
from qmg_dash.model import Figure, Filters
from qmg_dash.tables import TABLES
from qmg_dash.theme import Look
from qmg_dash.ui import menu, page
from qmg_dash.ui.charts import changes, deadlines, gaps, strip
from qmg_dash.ui.charts.lanes import Picture, fitting
from qmg_dash.ui.link.scope import Scope
from qmg_dash.ui.slide import Drawing

DAY = date(2023, 9, 30)
LONG = "很长很长的规划建设管理和生态环境保护以及应急综合执法办公室甲乙"


def read(drawn: Picture | h.Node) -> Node:
    return parse(escaping.html(drawn.body if isinstance(drawn, Picture) else drawn))


def place(node: Node) -> dict[str, float]:
    """left and width (or right) of a mark, in percent."""
    pairs = (p.split(":") for p in node.attrs["style"].split(";"))
    return {name: float(value.rstrip("%")) for name, value in pairs}


def application(number: str, received: date, due: date, left: int, **more: object) -> Application:
    return Application(
        number, str(more.get("of", "甲办")), received, bool(more.get("longer")), due, left, False
    )


APPLICATIONS = [
    application("密1", date(2023, 8, 1), date(2023, 8, 31), -20),
    application("密2", date(2023, 9, 10), date(2023, 10, 10), 5, of=""),
    application("密3", date(2023, 9, 20), date(2023, 11, 9), 26, longer=True),
]


def test_an_application_stands_from_the_day_it_came_to_its_limit_and_the_day_of_the_figures():
    root = read(deadlines.applications(APPLICATIONS, DAY, wall=True))
    late, soon, far = [n for n in root.all("div", "lane") if "ticks" not in n.classes]
    gone, over = late.all("i")
    assert (gone.classes, over.classes) == (["gone"], ["over"])
    span = (date(2023, 11, 9) - date(2023, 8, 1)).days
    assert place(gone) == {"left": 0, "width": 30 / span * 100}
    assert place(over)["left"] == 30.0 and place(over)["width"] == 30.0
    used, rest = soon.all("i")
    assert place(used)["left"] + place(used)["width"] == place(rest)["left"] == 60.0
    assert rest.classes == ["warn", "hollow"], "five working days are left"
    assert far.all("i")[1].classes == ["muted", "hollow"]
    assert [n.words("b") for n in (late, soon, far)] == [
        "超 20 个工作日",
        "剩 5 个工作日 · 10 月 10 日",
        "剩 26 个工作日 · 11 月 9 日",
    ]
    assert far.words("small") == "9 月 20 日收到，已延期"
    assert soon.all("div", "named")[0].words("span") == "承办未登记"
    assert root.all("div", "lanes")[0].attrs["role"] == "figure"
    assert "甲办 8 月 1 日收到，超 20 个工作日" in root.all("div", "lanes")[0].attrs["aria-label"]


def test_a_months_name_does_not_touch_the_words_of_the_day():
    ticks = read(deadlines.applications(APPLICATIONS, DAY, wall=True)).all("div", "ticks")[0]
    named = {n.text: place(n)["left"] for n in ticks.all("span")}
    assert set(named) == {"8月", "9月", "11月", "截至 9 月 30 日"}, "not 10月, a day later"
    assert all(abs(at - named["截至 9 月 30 日"]) > 12 for n, at in named.items() if "截" not in n)


def penalty(number: str, gone: int, left: int) -> Penalty:
    opened = DAY - timedelta(days=gone)
    return Penalty(number, "甲办", opened, DAY + timedelta(days=left), gone, left)


@pytest.mark.parametrize(
    ("gone", "left", "kinds", "said", "tone"),
    [
        (138, -48, ["gone", "over"], "超 48 天", "bad"),
        (90, 0, ["gone", "warn"], "剩 0 天", "warn"),
        (60, 30, ["gone", "warn"], "剩 30 天", "warn"),
        (59, 31, ["gone", "muted"], "剩 31 天", "muted"),
        (100, 20, ["gone", "warn"], "剩 20 天", "warn"),  # extended by thirty days
    ],
)
def test_a_penalty_stands_against_its_own_limit(
    gone: int, left: int, kinds: list[str], said: str, tone: str
):
    root = read(deadlines.penalties([penalty("密", gone, left)], LIMIT, wall=True))
    most = max(LIMIT, gone, gone + left)
    marks = root.all("i")
    assert [m.classes[0] for m in marks] == kinds
    ends = [place(m)["left"] + place(m)["width"] for m in marks]
    assert ends[-1] == pytest.approx(max(gone, gone + left) / most * 100, abs=0.02)
    assert ends[0] == pytest.approx(min(gone, gone + left) / most * 100, abs=0.02)
    (words,) = root.all("b")
    assert (words.text, words.classes) == (said, [tone])


def test_a_picture_has_six_rows_and_its_data_all():
    many = [penalty(f"号{i}", 10, 80) for i in range(9)]
    drawn = deadlines.penalties(many, LIMIT, wall=False)
    assert len([n for n in read(drawn).all("div", "lane") if "ticks" not in n.classes]) == 6
    assert [r[0] for r in drawn.rows] == [p.number for p in many]
    assert deadlines.first(many) == "列最急的 6 件；" and deadlines.first(many[:6]) == ""


@pytest.mark.parametrize(("length", "rows"), [(13, 6), (14, 4), (30, 3)])
def test_rows_with_long_names_are_fewer_and_said_to_be(length: int, rows: int):
    many = [replace(penalty(f"号{i}", 10, 80), department="名" * length) for i in range(9)]
    drawn = deadlines.penalties(many, LIMIT, wall=True)
    assert len([n for n in read(drawn).all("div", "lane") if "ticks" not in n.classes]) == rows
    assert deadlines.first(many) == f"列最急的 {rows} 件；" and len(drawn.rows) == 9
    parts = tuple(change("名" * length, 1, n) for n in range(2, 11))
    found = Moved(kpi("enforcement.penalties"), change("", 9, 54), parts)
    assert f"列变化最大的 {rows} 个，共 9 个" == changes.rest(found, 6)
    bars = read(changes.changes(found, "", 6, lambda text, _: text)).all("div", "lane")
    assert len(bars) == rows


@pytest.mark.parametrize(
    ("names", "most", "rows"), [([], 3, 1), (["甲"] * 9, 1, 1), (["名" * 300], 2, 1)]
)
def test_a_picture_has_a_row_whatever_its_name(names: list[str], most: int, rows: int):
    assert fitting(names, most) == rows


@pytest.mark.parametrize("wall", [True, False])
def test_the_number_of_a_case_is_the_desks(wall: bool):
    for drawn in (
        deadlines.applications(APPLICATIONS, DAY, wall),
        deadlines.penalties([penalty("密4", 10, 80)], LIMIT, wall),
    ):
        assert ("密" in escaping.html(drawn.body).safe_str) is not wall


def change(name: str, then: int, now: int) -> Contribution:
    return Contribution(name, then, now, now - then)


def test_changes_stand_about_the_line_of_none():
    parts = (change("甲办", 102, 71), change("乙办", 35, 63), change("丙办", 5, 5))
    found = Moved(kpi("enforcement.penalties"), change("", 142, 139), parts)
    drawn = changes.changes(found, "甲办", 6, lambda text, _: text)
    minus, plus, none = read(drawn).all("div", "lane")
    zero = 31 / 59 * 100
    assert minus.all("i")[0].classes == ["accent"] and plus.all("i")[0].classes == ["gone"]
    assert place(minus.all("i")[0]) == {"left": 0, "width": pytest.approx(zero, abs=0.01)}
    assert place(plus.all("i")[0])["left"] == pytest.approx(zero, abs=0.01)
    assert "right" in place(minus.all("b")[0]) and "left" in place(plus.all("b")[0])
    assert [n.words("b") for n in (minus, plus, none)] == ["减 31", "增 28", "持平"]
    assert minus.words("small") == "102 → 71"
    assert changes.total(found) == "142 → 139 件，总数基本持平"
    assert changes.rest(found, 2) == "列变化最大的 2 个，共 3 个"


def rate(code: str, hit: float, of: float) -> Figure:
    row = kpi(code)
    return Figure(
        row, 2023, "%", value=hit / of * 100, numerator=hit, denominator=of, basis="ledger"
    )


@pytest.mark.parametrize(
    ("hits", "first"), [((999, 944), 90), ((899, 999), 80), ((455, 1000), 40), ((1000, 1000), 90)]
)
def test_the_axis_of_the_gaps_begins_below_the_least(hits: tuple[int, int], first: int):
    codes = ("enforcement.two_officer_rate", "enforcement.certificate_rate")
    rates = [rate(c, n, 1000) for c, n in zip(codes, hits, strict=True)]
    tones = {f.code: "warn" for f in rates if f.value != 100}
    root = read(gaps.gaps(rates, tones, fmt.text))
    assert root.all("div", "ends")[0].all("span")[0].text == f"{first}%"
    rows = root.all("div", "gap-row")
    values = sorted(hits)
    for row, n in zip(rows, values, strict=True):
        at = (n / 10 - first) / (100 - first) * 100
        assert place(row.all("i")[0])["left"] == pytest.approx(at, abs=0.01)
        assert row.all("i")[0].classes == ([] if n == 1000 else ["below"])
        assert row.all("b")[0].classes == ["accent" if n == 1000 else "warn"]
        assert f"差 {1000 - n} 件" in row.text if n < 1000 else "全部" in row.text


def test_who_was_late_stands_on_one_scale_and_the_rest_together():
    found = [Tardy(f"{i}办", i % 2, 9 - i, 50) for i in range(9)]
    root = read(gaps.late(PUBLISHING, found, 4, lambda text, _: text))
    rows = root.all("div", "tardy-row")
    assert [n.words("span") for n in rows] == ["0办", "1办", "2办", "其余 6 个"]
    assert rows[0].words("b") == "9 件 / 50" and rows[3].words("b") == "24 件 / 300"
    widths = [sum(place(m)["width"] for m in row.all("i")) for row in rows]
    assert widths == pytest.approx([9 / 24 * 100, 9 / 24 * 100, 7 / 24 * 100, 100], abs=0.02)
    whole = read(gaps.late(CLOSING, found[:4], 4, lambda text, _: text))
    assert "其余" not in whole.text
    said = whole.all("div", "tardy")[0].attrs["aria-label"]
    assert said.startswith("未按时办结：0办 9 件（至今未办结 0）")


def test_a_strip_has_a_part_for_each_count_and_names_them_below():
    parts = [
        strip.Share("公开", 7, "accent"),
        strip.Share("无", 0, "pale"),
        strip.Share("超", 1, "over"),
    ]
    root = read(strip.strip(parts, "新收", "件", "去向"))
    assert [n.text for n in root.all("div", "strip100")[0].all("i")] == ["7", "1"]
    assert [n.text for n in root.all("b")] == ["7", "1"]
    assert root.all("b")[1].classes == ["bad"]


@pytest.mark.parametrize("name", [LONG, "<b>&\"'", "e" * 30])
def test_a_name_stays_whole_and_a_text(name: str):
    drawn = [
        deadlines.applications([application("1", DAY, DAY, 3, of=name)], DAY, wall=True),
        changes.changes(
            Moved(kpi("enforcement.penalties"), change("", 1, 2), (change(name, 1, 2),)),
            "",
            6,
            lambda text, _: text,
        ),
        gaps.late(PUBLISHING, [Tardy(name, 1, 0, 2)], 6, lambda text, _: text),
        strip.strip([strip.Share(name, 1, "pale")], "甲", "件", "乙"),
    ]
    for each in drawn:
        assert name in read(each).text


# ---- on the screens -------------------------------------------------------------------------------
def sheets(path: str, book: Book, present: bool) -> Iterator[tuple[str, h.SafeString, str]]:
    """(slide, markup, charts) of a screen."""
    look = Look.of(False, present, 1920, 1080)
    scope = Scope(book.snapshot, book.filters, look, path)
    for slide in menu.module(next(s for s in menu.screens() if s.path == path)).slides(scope):
        drawing = Drawing(scope)
        slide.draw(drawing)
        made = page.painted([p for p in drawing.pieces if not hasattr(p, "draw")])
        yield slide.name, made.slots[0], made.charts


MARK = "机密"


@pytest.mark.parametrize("path", ["/enforcement", "/disclosure"])
def test_what_a_ledger_says_of_a_case_stands_on_no_wall(path: str, tmp_path: Path):
    """Open and closed cases with a mark in every cell that takes one, but the department's."""
    day = {
        "applications": {"received_on": "2023-09-01", "replied_on": "", "outcome": ""},
        "enforcement_actions": {"action_type": "行政处罚", "opened_on": "2023-07-20"},
    }
    folders.put_town(tmp_path, as_of="2023-09-30")
    for table in TABLES:
        if not table.ledger:
            continue
        marked = {
            c.name: f"{MARK}{c.name}"
            for c in table.columns
            if c.type == "text" and not c.values and c.name not in ("department", "village")
        }
        good = [dict(row) | day.get(table.name, {}) for row in folders.GOOD[table.name]]
        rows = [
            row | {k: f"{v}{i}" for k, v in marked.items()} | {"department": "甲办"}
            for i, row in enumerate(good)
        ]
        if table.name == "enforcement_actions":
            open_ = {"decided_on": "", "closed_on": "", "disclosed_on": ""}
            rows.append(rows[0] | open_ | {"action_no": f"{MARK}未决"})
        folders.put_table(tmp_path, table.name, rows)
    book = shared(store.load(tmp_path), Filters(2023))
    assert book.fig("applications.carried_out").value == 2, "there is something to tell"
    said = [(name, f"{body.safe_str}{charts}") for name, body, charts in sheets(path, book, True)]
    assert [name for name, text in said if MARK in text] == []
    assert any("lanes" in text for _, text in said), "an open case is drawn"
    desk = "".join(body.safe_str for _, body, _ in sheets(path, book, False))
    assert MARK in desk, "the check can fail"


@pytest.mark.parametrize("path", ["/enforcement", "/disclosure"])
def test_every_picture_has_words_and_at_the_desk_its_data(path: str):
    screen = screens.visit(path, data="demo")
    drawn = [n for n in screen.root.all(attr="role") if n.attrs["role"] == "figure"]
    assert len(drawn) >= 2
    assert all(len(n.attrs["aria-label"]) > 10 for n in drawn)
    for panel in screen.root.all("div", "panel"):
        if any(n.attrs.get("role") == "figure" for n in panel.walk()):
            assert panel.all("button", attr="data-csv"), panel.words("h2")


@pytest.mark.parametrize(
    ("path", "slide", "title"),
    [
        ("/enforcement", "main", "5 件执法决定到期未公示；485 件中 27 件未按期公示"),
        ("/enforcement", "days", "2 件处罚超 90 日未决；综合行政执法大队处罚减 31 件"),
        ("/disclosure", "main", "1 件公开申请逾期 22 个工作日；2 件申请最近剩 3 个工作日"),
    ],
)
def test_a_meeting_turns_to_what_is_late(path: str, slide: str, title: str):
    scope = Scope(
        store.load(screens.ROOT / "data/demo"),
        Filters(2023),
        Look.of(False, True, 1920, 1080),
        path,
    )
    made = menu.module(next(s for s in menu.screens() if s.path == path)).slides(scope)
    assert {s.name: s.finding.text for s in made}[slide] == title
    leads = [s.name for s in made if s.leads]
    assert leads == (["main", "days"] if path == "/enforcement" else ["main"])


def test_a_report_alone_has_a_slide_where_it_gives_enough(tmp_path: Path):
    row = {"year": "2023", "source": "年度报告", "dimension": ""}
    done, people = "enforcement.penalties", "training.cert_obtained"
    powers = [
        row | {"indicator": "power.items", "dimension": d, "value": "3"}
        for d in ("行政处罚", "行政强制", "行政检查")
    ]
    cases = (((done,), False), ((done, people), True), ((people, "training.cert_trained"), False))
    for codes, leads in cases:
        folders.put_town(tmp_path)
        told = [row | {"indicator": c, "value": "5"} for c in codes]
        folders.put_table(tmp_path, "reported", [*told, *powers])
        look = Look.of(False, True, 1920, 1080)
        scope = Scope(store.load(tmp_path), Filters(2023), look, "/enforcement")
        module = menu.module(next(s for s in menu.screens() if s.path == "/enforcement"))
        assert module.slides(scope)[0].leads is leads
