"""营商服务 with a hotline: what stands on its slide, a second time in plain Python; and figures that
are only ever published stand on the screen of their subject."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date
from pathlib import Path

import folders
import pytest
import screens
from screens import ROOT

from qmg_dash.figures.matters import Grade
from qmg_dash.folder import store
from qmg_dash.kpis import KPIS
from qmg_dash.model import Filters
from qmg_dash.theme import Look
from qmg_dash.ui import menu
from qmg_dash.ui.link.scope import Scope

CLOCK = date(2023, 9, 30)
PATH = "/services"


def orders(year: int = 2023) -> list[dict[str, str]]:
    path = ROOT / "data/demo/ledgers/hotline.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [r for r in csv.DictReader(file) if r["受理日期"].startswith(f"{year}")]


def late(row: dict[str, str]) -> bool | None:
    """Whether an order was not closed in time; None where that is not known or not yet to be said."""
    if not row["办理期限"]:
        return None
    due = date.fromisoformat(row["办理期限"])
    if row["办结日期"]:
        return date.fromisoformat(row["办结日期"]) > due
    return True if due < CLOCK else None


def slides(folder: Path) -> dict[str, tuple[str, Grade]]:
    """(title, how much it asks for) of the screen's slides by their names."""
    look = Look.of(False, True, 1920, 1080)
    scope = Scope(store.load(folder), Filters(2023), look, PATH)
    screen = next(s for s in menu.screens() if s.path == PATH)
    found = menu.module(screen).slides(scope)
    return {s.name: (s.finding.text, s.finding.grade) for s in found}


def test_the_title_says_how_many_orders_came_and_how_many_of_those_due_were_in_time():
    judged = [late(r) for r in orders()]
    due, done = len(judged) - judged.count(None), judged.count(False)
    text, grade = slides(ROOT / "data/demo")["hotline"]
    share = f"{done / due * 100:.1f}%（{done} / {due}）"
    assert text == f"1–9 月受理诉求 {len(judged)} 件；按时办结 {share}"
    assert grade == Grade.PLAIN, "nothing says how many it has to be"


@pytest.mark.parametrize("office", ["", "综合行政执法大队"])
def test_the_desk_names_who_was_late_and_opens_their_orders(office: str):
    mine = [r for r in orders() if not office or r["承办机构"] == office]
    slow = Counter(r["承办机构"] or "未登记" for r in mine if late(r))
    screen = screens.visit(PATH, data="demo", **({"department": office} if office else {}))
    lines = screen.root.all("div", "tardy-row")
    if len(slow) > 1:
        assert {n.words("span"): n.all("button")[0].text for n in lines} == {
            who: f"{n} 件" for who, n in slow.items()
        }
    else:  # who it is is chosen: told by type, or not at all
        kinds = {r["诉求类型"] or "未登记" for r in mine if late(r)}
        assert {n.words("span") for n in lines} == (kinds if len(kinds) > 1 else set())
    cards = {n.attrs["data-code"] for n in screen.root.all("div", "num")}
    assert {k.code for k in KPIS if k.code.startswith("hotline.")} <= cards


def town(folder: Path, **tables: list[dict]) -> Path:
    folders.put_town(folder)
    for name, rows in tables.items():
        folders.put_table(folder, name, rows)
    return folder


ORDER = {"order_no": "1", "received_on": "2023-03-01", "due_on": "2023-03-08"}
ORDERS = [
    ORDER | {"closed_on": "2023-03-08", "satisfied": "是"},
    ORDER | {"order_no": "2", "closed_on": "2023-03-09"},
]
GOAL = folders.GOOD["goals"][0] | {"indicator": "hotline.on_time_rate", "target": "95"}


def test_a_rate_below_its_target_is_said_by_the_hotline_alone(tmp_path: Path):
    services = folders.GOOD["services"]
    found = slides(town(tmp_path, hotline=ORDERS, goals=[GOAL], services=services))
    assert found["hotline"] == ("应办结 2 件中 1 件未按时办结", Grade.BELOW)
    assert found["main"][1] == Grade.PLAIN and "诉求" not in found["main"][0]


def test_what_waits_past_its_day_is_told_apart_from_what_was_closed_late(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    waits = ORDER | {"order_no": "3", "department": "乙办"}
    folder = town(tmp_path, hotline=[*(r | {"department": "甲办"} for r in ORDERS), waits])
    monkeypatch.setenv("QMG_DATA_DIR", str(folder))
    root = screens.visit(PATH).root
    lines = {n.words("span"): n for n in root.all("div", "tardy-row")}
    worn = {who: [m.classes for m in n.all("i")] for who, n in lines.items()}
    assert worn == {"甲办": [["warn"]], "乙办": [["over"]]}
    assert "红＝至今未办结 1，褐＝超期办结 1" in root.text


def test_a_town_without_a_hotline_has_no_slide_of_it_and_one_with_nothing_else_has(tmp_path: Path):
    services = folders.GOOD["services"]
    assert "hotline" not in slides(town(tmp_path / "a", services=services))
    alone = slides(town(tmp_path / "b", hotline=ORDERS))
    assert alone["hotline"][0] == "全年受理诉求 2 件；按时办结 50%（1 / 2）"
    assert alone["main"][0] == "群众诉求工单 2 件"


# ---- what is only ever published ------------------------------------------------------------------
PUBLISHED = [k for k in KPIS if k.formula is None and not k.private and k.unit]


def test_the_published_figures_were_found():
    assert len(PUBLISHED) > 8


@pytest.mark.parametrize("path", sorted({k.screen for k in PUBLISHED}))
def test_what_is_only_published_stands_on_its_screen(
    path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """In a year with ledgers, and in one without."""
    mine = [k.code for k in PUBLISHED if k.screen == path]
    row = {"value": "90", "source": "年度报告"}
    years = ("2022", "2023")
    reported = [row | {"year": y, "indicator": k.code} for k in PUBLISHED for y in years]
    ledgers = {n: rows for n, rows in folders.GOOD.items() if n not in ("reported", "goals")}
    monkeypatch.setenv("QMG_DATA_DIR", str(town(tmp_path, **ledgers | {"reported": reported})))
    for year in years:
        wall = screens.on_the_wall(path, store.load(tmp_path), int(year))
        for seen in ([screens.visit(path, year=year).root], [root for _, root in wall]):
            codes = {n.attrs["data-code"] for root in seen for n in root.all(attr="data-code")}
            assert set(mine) <= codes, year


def test_a_screen_does_not_say_that_it_has_nothing_over_a_figure_that_is_published(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Figures that no panel of their screen knows, and none of the key ones."""
    rows = [
        {"year": "2023", "indicator": code, "value": value, "source": "报告"}
        for code, value in (("problems.rectified_rate", "90"), ("case_files.reviewed", "30"))
    ]
    folder = folders.town(tmp_path / "data")
    folders.put_table(folder, "reported", rows)
    monkeypatch.setenv("QMG_DATA_DIR", str(folder))
    for path, said in (("/duty", "问题整改率 90%"), ("/", "评查案卷 30 卷")):
        screen = screens.visit(path)
        assert said in screen.title
        assert "尚无" not in screen.text and "1 项数据" not in screen.title
