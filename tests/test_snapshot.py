"""会议快照: one file, whole in itself, that says what it was made of and shows nothing of single cases."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path

import folders
import pytest
import screens
from click.testing import CliRunner, Result
from screens import Node, parse

from qmg_dash import beijing, escaping
from qmg_dash.__main__ import cli
from qmg_dash.folder import store
from qmg_dash.folder.snapshot import Snapshot
from qmg_dash.tables import LEDGERS
from qmg_dash.ui.link.scope import Scope
from qmg_dash.ui.meeting import deck, single_file
from qmg_dash.ui.page import STATIC, Written, markup

ROOT = Path(__file__).parents[1]
FOLDERS = {"official": ROOT / "data", "demo": ROOT / "data/demo"}
DAY = date(2031, 3, 5)
NAME = "三季度例会"


@cache
def loaded(data: str) -> Snapshot:
    return store.load(FOLDERS[data])


def scope(data: str, written: str = "", dark: bool = False) -> Scope:
    said: list[str] = []
    found = single_file.asked(loaded(data), None, written, dark, said.append)
    assert said == []
    return found


@cache
def made(data: str) -> str:
    return single_file.make(scope(data), NAME, DAY).decode()


@cache
def read(data: str) -> Node:
    return parse(made(data))


def slides(root: Node) -> list[Node]:
    return root.all(cls="slide")


# ---- whole in itself --------------------------------------------------------------------------------
@pytest.mark.parametrize("data", FOLDERS)
def test_nothing_in_it_is_fetched_and_only_its_own_scripts_may_run(data: str) -> None:
    root = read(data)
    for n in root.walk():
        for attribute in ("src", "href", "action", "srcset", "poster", "data"):
            assert re.match("data:|#[0-9]+$", n.attrs.get(attribute, "data:")), n.attrs
        assert not [a for a in n.attrs if a.startswith("on")]
    policy = next(n.attrs["content"] for n in root.all("meta") if "http-equiv" in n.attrs)
    assert policy.startswith("default-src 'none'; ")
    held = {n.attrs["id"]: n.text for n in root.all("script") if "id" in n.attrs}
    plotly = gzip.decompress(base64.b64decode(held["plotly"])).decode()
    assert plotly == (STATIC / "plotly-cartesian.min.js").read_text("utf-8")
    runs = [plotly, *(n.text for n in root.all("script") if "type" not in n.attrs)]
    allowed = re.search(r"script-src ([^;]*)", policy)[1].split()  # type: ignore[index]
    hashes = [base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in runs]
    assert allowed == [f"'sha256-{h}'" for h in hashes]
    assert root.all("html")[0].attrs["lang"] == "zh-CN"
    styles = " ".join(n.text for n in root.all("style"))
    assert set(re.findall(r'url\("?(\w+):', styles)) == {"data"} and "@import" not in styles


KEPT = sorted(STATIC.glob("*.min.js"))


@pytest.mark.parametrize("kept", KEPT, ids=lambda p: p.name)
def test_a_script_of_others_is_the_one_that_the_note_names(kept: Path) -> None:
    note = (STATIC / "README.md").read_text(encoding="utf-8")
    assert hashlib.sha256(kept.read_bytes()).hexdigest() in note
    licence = STATIC / "licences" / f"{kept.name.partition('-')[0].partition('.')[0]}.txt"
    assert "MIT License" in licence.read_text()[:40]


def test_the_plotly_that_is_kept_is_the_one_that_plotly_for_python_has() -> None:
    import plotly.offline

    version = plotly.offline.get_plotlyjs_version()
    assert f"{version}, that of" in (STATIC / "README.md").read_text(encoding="utf-8")
    assert f"v{version}" in (STATIC / "plotly-cartesian.min.js").read_text(encoding="utf-8")[:200]


@pytest.mark.parametrize("data", FOLDERS)
def test_all_slides_of_a_folder_stay_below_the_limit(data: str) -> None:
    size = len(made(data).encode())
    print(f"\n{data}: {size:,} bytes")
    assert size < single_file.LIMIT == 2_000_000


def test_a_file_beyond_the_limit_is_refused_with_the_way_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(single_file, "LIMIT", 1_000_000)
    with pytest.raises(single_file.Refused, match=r"1\.\d MB，超过 1 MB：请用会议议程少选几页"):
        single_file.make(scope("demo"), NAME, DAY)
    assert single_file.make(scope("demo", "会;overview;trust"), NAME, DAY)


def test_words_that_look_like_markup_stay_words(tmp_path: Path) -> None:
    evil = "</script><img src=x onerror=alert(1)>"
    folder = folders.second_town(tmp_path)
    town = (folder / "town.toml").read_text(encoding="utf-8")
    folders.put(folder / "town.toml", town.replace("某县青石镇", evil), "utf-8")
    found = single_file.asked(store.load(folder), None, f"{evil};overview", False, print)
    root = parse(single_file.make(found, "", DAY).decode())
    assert not root.all("img")
    assert len(root.all("script")) == len(read("official").all("script"))
    assert evil[:40] in root.all("title")[0].text
    assert any(evil in n.text for n in root.all("dd"))


@pytest.mark.parametrize("data", FOLDERS)
def test_it_is_the_same_but_for_the_day(data: str) -> None:
    again = single_file.asked(store.load(FOLDERS[data]), None, "", False, print)
    assert single_file.make(again, NAME, DAY).decode() == made(data)
    later = single_file.make(again, NAME, date(2032, 4, 6)).decode()
    assert later.replace("2032-04-06", str(DAY)) == made(data) != later


# ---- what it says -----------------------------------------------------------------------------------
@pytest.mark.parametrize("data", FOLDERS)
def test_it_says_which_meeting_which_day_which_data_byte_for_byte(data: str) -> None:
    shown = loaded(data)
    last = next(s for s in slides(read(data)) if s.all(cls="facts"))
    for word in (NAME, str(DAY), shown.version, shown.town.name):
        assert word in last.text
    rows = [[c.text for c in row.all("td")] for row in last.all("tr")][1:]
    assert len(rows) == len(shown.tables) > 3
    for file, _, checksum in rows:
        assert checksum == hashlib.sha256((FOLDERS[data] / file).read_bytes()).hexdigest()
    for slide in slides(read(data)):
        assert f"{NAME} · {DAY}" in slide.words(cls="kick")
        assert shown.version not in slide.words(cls="trail"), "no hash on a wall"


def test_the_demo_is_marked_on_every_slide_and_in_the_names() -> None:
    for data, marked in (("demo", True), ("official", False)):
        for slide in slides(read(data)):
            assert slide.words(cls="demo-note") == ("演示数据 · 不得引用" if marked else "")
            assert ("正式数据" in slide.words(cls="trail")) != marked
            mark = [n for n in slide.walk() if "demo" in n.classes or "p_demo" in str(n.classes)]
            assert bool(mark) == marked
        name = single_file.file_name(scope(data), NAME, DAY)
        assert name == f"{'演示数据_' if marked else ''}{NAME}_2031-03-05.html"
        assert ("演示数据" in read(data).all("title")[0].text) == marked


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("", "会议快照"),
        ('三/四: "季度"?', "三四 季度"),
        ("..", "会议快照"),
        ("例会;二", "例会；二"),
    ],
)
def test_a_name_makes_a_file_name_that_windows_takes(asked: str, found: str) -> None:
    assert single_file.file_name(scope("official"), asked, DAY) == f"{found}_2031-03-05.html"


def test_the_slides_are_those_of_the_agenda_in_its_order_and_its_name_is_the_meetings() -> None:
    written = "例会;trust;enforcement:1?area=生态环境&from=1&to=6;overview:1"
    whole = parse(single_file.make(scope("demo", written), "", DAY).decode())
    lines = [s.words(cls="kick") for s in slides(whole)]
    names = [line.split(" · ")[1] for line in lines]
    assert names == ["数据口径", "执法活动", "总览", "会议快照"]
    assert "生态环境" in lines[1] and "1–6 月" in lines[1]
    assert all(f"例会 · {DAY}" in line for line in lines)


def test_a_screens_own_filters_hold_on_its_slides_alone() -> None:
    found = scope("demo")
    narrowed = deck._at(
        found, deck.agenda.Item("/disputes", None, {"from": ["1"], "to": ["3"]}), (), print
    )
    lines = [
        s.words(cls="kick") for s in slides(parse(single_file.make(narrowed, "", DAY).decode()))
    ]
    assert {("1–3 月" in line, "纠纷复议" in line) for line in lines} <= {
        (True, True),
        (False, False),
        (False, True),
    }
    assert "筛选" not in lines[-1]


# ---- what it does not say ---------------------------------------------------------------------------
@pytest.mark.parametrize("data", FOLDERS)
def test_no_row_of_a_ledger_no_person_and_no_button_that_needs_a_server(data: str) -> None:
    root = read(data)
    assert not root.all(cls="desk")
    for attribute in ("data-rows", "data-copy", "data-csv"):
        assert not root.all(attr=attribute)
    assert {b.attrs.get("class") for b in root.all("button")} <= {"more"} and not root.all("form")
    for table in LEDGERS:
        for row in loaded(data).records(table.name):
            named = [row[k] for k in table.key if isinstance(row[k], str)]
            assert all(n not in made(data) for n in named if len(n) > 7)


def test_who_corrected_a_figure_is_left_out(tmp_path: Path) -> None:
    folder = folders.second_town(tmp_path)
    row = {
        "date": "2024-01-05",
        "table": "reported",
        "key": "2023/review.contracts",
        "column": "value",
        "reason": "年报核实",
        "by": "王小明",
    }
    folders.put_table(folder, "corrections", [row])
    found = single_file.asked(store.load(folder), 2023, "", False, print)
    whole = single_file.make(found, "", DAY).decode()
    assert "年报核实" in whole
    assert "王小明" not in whole


# ---- for every screen -------------------------------------------------------------------------------
@pytest.mark.parametrize("data", FOLDERS)
def test_themes_differ_in_charts_alone_and_shapes_in_what_the_file_has_twice(data: str) -> None:
    """One HTML serves both themes; what differs between the shapes stands in it for each."""
    found = {
        (shape, dark): {
            p.key: (painted(deck.write(p, i)), p.slide.finding)
            for i, p in enumerate(
                deck.deck(single_file._seen(scope(data), shape, dark), lambda _: None)
            )
        }
        for shape in single_file.WIDTHS
        for dark in (False, True)
    }
    for shape in single_file.WIDTHS:
        assert found[shape, True] == found[shape, False]
    wide, narrow = found["wide", False], found["narrow", False]
    assert [k for k in wide if k in narrow and wide[k][1] != narrow[k][1]] == [], "one title"
    twice = {s.words("h1") for s in slides(read(data)) if s.all(cls="shape")}
    differ = {wide[k][1].text for k in wide if k in narrow and wide[k] != narrow[k]}
    assert twice == {" ".join(t.split()) for t in differ}
    for slide in slides(read(data)):
        assert [n.classes[1] for n in slide.all(cls="shape")] in ([], ["wide", "narrow"])


def painted(sheet: Written) -> str:
    return escaping.html(*markup(sheet.body)).safe_str


@pytest.mark.parametrize("data", FOLDERS)
def test_every_chart_is_there_for_each_shape_and_theme(data: str) -> None:
    root = read(data)
    held = {n.attrs["id"]: n.text for n in root.all("script") if "id" in n.attrs}
    charts = json.loads(gzip.decompress(base64.b64decode(held["charts"])))
    keys = {n.attrs["data-chart"] for n in root.all(attr="data-chart")}
    assert keys
    for shape in ("wide", "narrow"):
        for theme in ("light", "dark"):
            assert set(charts[shape][theme]) == keys
    assert charts["wide"]["light"] != charts["wide"]["dark"]
    assert json.loads(held["meeting"])["slides"][data == "demo"]["title"].startswith("总览：")


# ---- the command ------------------------------------------------------------------------------------
def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["snapshot", *map(str, arguments)])


def test_the_command_makes_the_file_without_a_server_and_without_a_word_on_stderr(
    tmp_path: Path,
) -> None:
    out = tmp_path / "会议.html"
    command = ["-W", "error", "-m", "qmg_dash", "snapshot", "--out", out, "--data", FOLDERS["demo"]]
    done = subprocess.run(
        [sys.executable, *map(str, command)], cwd=ROOT, capture_output=True, timeout=120
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert out.read_bytes() == single_file.make(scope("demo"), "", beijing.today())


def test_the_command_takes_name_agenda_year_and_theme(tmp_path: Path) -> None:
    out = tmp_path / "a.html"
    options = ("--name", "甲", "--agenda", "乙;trust;nowhere", "--year", 2022, "--theme", "dark")
    done = run("--out", out, "--data", FOLDERS["demo"], *options)
    assert done.exit_code == 0
    assert "nowhere" in done.stderr
    root = parse(out.read_text(encoding="utf-8"))
    assert "数据口径" in slides(root)[0].words(cls="kick")
    assert all("2022 年度" in s.words(cls="kick") and "甲" in s.text for s in slides(root))
    held = next(n for n in root.all("script") if n.attrs.get("id") == "meeting").text
    assert json.loads(held)["dark"] is True


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--year", "1999"), "有数字的年度：2022"),
        (("--agenda", "会;nowhere"), "可用的：overview"),
        (("--theme", "pink"), "pink"),
        (("--data", "nowhere"), "没有这个数据文件夹"),
    ],
)
def test_wrong_use_ends_with_2_says_why_and_writes_nothing(
    tmp_path: Path, options: tuple[str, str], said: str
) -> None:
    out = tmp_path / "a.html"
    done = run("--out", out, "--data", FOLDERS["official"], *options)
    assert done.exit_code == 2
    assert said in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_refuses_is_said_and_the_old_file_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "a.html"
    out.write_text("old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    done = run("--out", out, "--data", FOLDERS["official"])
    assert done.exit_code == 2
    assert "写不了" in done.stderr and "No space left" in done.stderr
    assert out.read_text() == "old" and list(tmp_path.iterdir()) == [out]
    assert run("--out", tmp_path / "nowhere" / "a.html").exit_code == 2


# ---- the button -------------------------------------------------------------------------------------
@pytest.mark.parametrize("path", screens.PATHS)
def test_every_screen_offers_the_file_and_no_run_makes_it(
    path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> bytes:
        raise AssertionError("made in a run")

    monkeypatch.setattr(single_file, "make", never)
    buttons = screens.visit(path, data="demo").app.get("download_button")
    assert any("会议快照" in b.proto.label for b in buttons)


def test_the_planner_offers_the_file(use: Callable[[Path], Path]) -> None:
    use(FOLDERS["official"])
    app = screens.start("/", agenda="例会;trust")
    app.session_state["planning"] = True
    screens.shown("/", app)
    ids = [b.proto.id for b in app.get("download_button")]
    assert any("plan_file" in i for i in ids) and any("meeting_file" in i for i in ids)
