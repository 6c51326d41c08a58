"""Officials' words: no screen, at the desk or in a meeting, says one that they do not use."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import folders
import pytest
import screens

from qmg_dash.folder import store
from qmg_dash.kpis import KPIS, kpi
from qmg_dash.kpis.base import UNFILLED, UNREGISTERED
from qmg_dash.tables import TABLES
from qmg_dash.theme import LIGHT
from qmg_dash.ui.meeting import single_file

OLD = (
    "不足额",
    "首选公布数",
    "其次台账",
    "持有的执法权力",
    "讨论议题",
    "统计日",
    "较上年",
    "看板对应",
    "未填",
    "大致持平",
)
KEYS = re.compile(r' data-(?:pick|rows)="[^"]*"')
"""What a click sends back: the words of links, which stay as they were."""


def said(screen: screens.Screen) -> str:
    """Everything that a screen says: words, tooltips, tables to take along, charts, controls."""
    drawn = [
        {k: v for k, v in trace.items() if k != "customdata"}
        for chart in screen.charts
        for trace in chart["data"]
    ]
    layouts = [chart["layout"] for chart in screen.charts]
    controls = [
        str(e.proto)
        for block in (screen.app.main, screen.app.sidebar)
        for kind in ("multiselect", "selectbox", "button", "download_button", "text_input")
        for e in block.get(kind)
    ]
    parts = (KEYS.sub("", screen.html), json.dumps([drawn, layouts], ensure_ascii=False), *controls)
    return "\n".join(parts)


def found(screen: screens.Screen) -> list[str]:
    text = said(screen)
    return [f"{word}: {text[at - 40 : at + 40]}" for word in OLD if (at := text.find(word)) >= 0]


@pytest.mark.parametrize("asked", [{}, {"data": "demo"}], ids=["official", "demo"])
@pytest.mark.parametrize("path", screens.PATHS)
def test_no_screen_says_an_old_word(path: str, asked: dict[str, str]) -> None:
    desk = screens.visit(path, **asked)
    assert found(desk) == []
    for slide in screens.slides(path, **asked):
        assert found(slide) == []


def test_an_empty_cell_is_the_former_word_in_links_and_another_on_the_screen() -> None:
    split = [k for k in KPIS if k.dimensions]
    assert split
    for row in split:
        assert {d.text(UNFILLED) for d in row.dimensions} == {UNREGISTERED}
    old = screens.visit("/enforcement", data="demo", area=UNFILLED)
    assert not [b for b in old.banners if "未使用" in b], "an old link is read"
    assert old.filtered.endswith(f"领域 {UNREGISTERED}")
    assert old.app.query_params["area"] in (UNFILLED, [UNFILLED]), "and stays as it was written"
    bare = next(c["data"][0] for c in old.charts if c["data"][0]["type"] == "heatmap")
    assert bare["y"] == [UNREGISTERED]


@pytest.mark.parametrize("path", ["/enforcement", "/disputes"])
def test_what_is_not_registered_stands_last_in_its_split_and_is_pale(path: str) -> None:
    """Bars are drawn from below: the last of a split is the first."""
    screen = screens.visit(path, data="demo")
    bars = [t for c in screen.charts for t in c["data"] if t.get("orientation") == "h"]
    bare = [t for t in bars if UNREGISTERED in t["y"]]
    assert bare
    for trace in bare:
        assert trace["y"].index(UNREGISTERED) == 0
        assert trace["marker"]["color"][0] == LIGHT["line"]


def test_only_screens_say_another_word_than_the_contract() -> None:
    """The label of the contract stands in files; the screens' word is what officials say."""
    called = {k.code: (k.label, k.name) for k in KPIS if k.called}
    assert called == {"decisions.topics": ("讨论议题", "上会议题")}
    assert kpi("decisions.passed").name == kpi("decisions.passed").label


def test_a_value_of_a_table_may_be_shown_as_another_word() -> None:
    shown = {(t.name, c.name): c.shown for t in TABLES for c in t.columns if c.shown}
    assert shown == {("goals", "link_basis"): (("看板对应", "系统关联"),)}
    for t in TABLES:
        for c in t.columns:
            assert {v for v, _ in c.shown} <= set(c.values)
    assert "系统关联" in screens.visit("/goals").text


# ---- on a wall --------------------------------------------------------------------------------------
READ_OUT = ("title", "aria-label", "alt", "placeholder")
NO_WORD = {
    "file": re.compile(r"[\w./-]+\.(?:csv|toml|parquet|xlsx?|et|json)\b"),
    "code": re.compile(r"\b[a-z][a-z_0-9]+\.[a-z][a-z_0-9.]*"),
    "hash": re.compile(r"\b(?=[0-9a-f]*[a-f])(?=[0-9a-f]*\d)[0-9a-f]{7,}\b"),
    "identity": re.compile(r"\b(?:T3-\d|T4-\d|X-\d|S-\d|SUM)\b"),
}


def no_words(root: screens.Node, charts: list[dict]) -> list[str]:
    """What stands on a wall and is a name of files or a code: words, tooltips and charts."""
    told = [root.text, *(n.attrs[a] for n in root.walk() for a in READ_OUT if a in n.attrs)]
    for chart in charts:
        drawn = [{k: v for k, v in t.items() if k in ("x", "y", "text")} for t in chart["data"]]
        notes = [n.get("text") for n in chart["layout"].get("annotations", ())]
        told.append(json.dumps([drawn, notes], ensure_ascii=False))
    text = "\n".join(told)
    return [f"{kind}: {m[0]}" for kind, rule in NO_WORD.items() for m in rule.finditer(text)]


def bare_town(folder: Path) -> Path:
    """A town with nothing but its name and a line of its report: everything else is missing."""
    folders.put_town(folder)
    row = {"year": "2023", "indicator": "decisions.topics", "value": "18", "source": "年度报告"}
    folders.put_table(folder, "reported", [row])
    return folder


def faulty_town(folder: Path) -> Path:
    """A town whose files have faults, and whose figures break an identity and contradict a ledger;
    nothing that it names has a locator."""
    folders.put_town(folder)
    row = {"year": "2023", "source": "年度报告"}
    rows = [
        row | {"indicator": "power.total", "value": "5"},
        row | {"indicator": "power.items", "dimension": "行政处罚", "value": "4"},
        row | {"indicator": "disclosure.t3.new", "dimension": "总计", "value": "9"},
        row | {"indicator": "disclosure.t2_2019.行政许可", "dimension": "项目数量", "value": "2"},
        row | {"indicator": "disputes.registered", "value": "77"},
    ]
    folders.put_table(folder, "reported", rows)
    for name in ("disputes", "enforcement_actions", "power_items", "applications"):
        folders.put_table(folder, name, folders.GOOD[name])
    folders.put(folder / "ledgers/legal_cases.csv", "案号,受理日期\nX-1,二〇二三\n", "utf-8")
    short = {"shortcoming_id": "S1", "year": "2022", "text": "（示例）不足"}
    folders.put_table(folder, "shortcomings", [short | {"source": "年度报告"}])
    practice = {"year": "2023", "screen": "/decisions", "mechanism": "集体讨论", "source": "报告"}
    folders.put_table(folder, "practices", [practice])
    return folder


OWN = {"bare": bare_town, "faulty": faulty_town, "other": folders.second_town}


@pytest.fixture
def asked(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The link's `data` that shows a folder."""
    if request.param in OWN:
        monkeypatch.setenv("QMG_DATA_DIR", str(OWN[request.param](tmp_path / "数据")))
    return {"data": "demo"} if request.param == "demo" else {}


@pytest.mark.parametrize("asked", ["official", "demo", *OWN], indirect=True)
@pytest.mark.parametrize("path", screens.PATHS)
def test_no_wall_names_a_file_a_code_or_a_hash(path: str, asked: dict[str, str]) -> None:
    for slide in screens.slides(path, **asked):
        assert no_words(slide.root, slide.charts) == [], slide.title


@pytest.mark.parametrize("name", ["official", "demo", *OWN])
def test_a_meetings_file_names_them_behind_its_key_alone(name: str, tmp_path: Path) -> None:
    shipped = {"official": screens.ROOT / "data", "demo": screens.ROOT / "data/demo"}
    folder = shipped[name] if name in shipped else OWN[name](tmp_path / "数据")
    snapshot = store.load(folder)
    scope = single_file.asked(snapshot, None, "", False, print)
    root = screens.parse(single_file.make(scope, "", date(2031, 3, 5)).decode())
    checks = root.all("details", "checks")
    assert len(checks) == bool(snapshot.tables)
    for fold in checks:
        assert "open" not in fold.attrs and snapshot.version in fold.text
        assert all(t.sha256 in fold.text for t in snapshot.tables.values())
        fold.inside.clear()
    assert no_words(next(iter(root.all("main"))), []) == []


def test_what_a_link_says_of_its_data_has_no_hash_on_a_wall() -> None:
    link = {"v": "0123456789ab", "sent": "2023-01-01.1.000000"}
    for slide in screens.slides("/overview", data="demo", **link)[:1]:
        assert slide.banners and no_words(slide.root, []) == []
