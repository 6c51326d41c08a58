"""The versions that were shown: kept, opened again, compared, pruned; what a link says of them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from datetime import date, datetime, timedelta
from pathlib import Path

import folders
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import screens
from click.testing import CliRunner

from qmg_dash import beijing
from qmg_dash.__main__ import cli
from qmg_dash.figures.rows_changed import row_changes
from qmg_dash.figures.since import Changes
from qmg_dash.folder import build, history, publishing, store
from qmg_dash.folder.scan import SHIPPED_DEMO
from qmg_dash.folder.snapshot import Snapshot
from qmg_dash.folder.store import Store
from qmg_dash.folder.town import town_of
from qmg_dash.model import Filters
from qmg_dash.tables import BY_NAME
from qmg_dash.ui.link import version_sent

ROOT = Path(__file__).parents[1]
NOON = datetime(2026, 10, 1, 12, tzinfo=beijing.ZONE)


def copied_folder(source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy that the app shows, whose versions are kept."""
    monkeypatch.setenv(history.VARIABLE, "20")
    folder = tmp_path / "own"
    shutil.copytree(ROOT / source, folder, ignore=shutil.ignore_patterns(history.FOLDER, "demo"))
    monkeypatch.setenv("QMG_DATA_DIR", str(folder))
    return folder


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The demo as a town's own folder: it has ledgers."""
    return copied_folder("data/demo", tmp_path, monkeypatch)


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The report alone, which is read in a fifth of the time."""
    return copied_folder("data", tmp_path, monkeypatch)


def rewrite(folder: Path, file: str, *changes: tuple[str, str]) -> None:
    """Another content, a minute old as far as the store can tell, and newer than the last."""
    path = folder / file
    content = path.read_bytes()
    for old, new in ((a.encode(), b.encode()) for a, b in changes):
        assert old in content
        content = content.replace(old, new, 1)
    then = path.stat().st_mtime
    path.write_bytes(content)
    os.utime(path, (then + 1, then + 1))


PUNISH = ("行政处罚,38,,项,38项", "行政处罚,41,,项,41项")
"""A published figure, before and after."""


def shown(folder: Path, at: datetime = NOON) -> Snapshot:
    snapshot = store.load(folder)
    assert history.keep(snapshot, at)
    return snapshot


def tree(folder: Path) -> dict[str, bytes]:
    return {
        p.relative_to(folder).as_posix(): p.read_bytes()
        for p in sorted(folder.rglob("*"))
        if p.is_file() and history.FOLDER not in p.parts
    }


# ---- keeping and opening ------------------------------------------------------------------------
def test_a_version_is_opened_as_it_was(own: Path) -> None:
    first = shown(own)
    rewrite(own, "reported.csv", PUNISH)
    second = shown(own, NOON + timedelta(days=2))
    assert first.version != second.version
    former = store.opened(own, first.version)
    assert former is not None
    assert former.version == first.version
    assert former.records("reported") == first.records("reported") != second.records("reported")
    assert [k.version for k in history.kept(own)] == [first.version, second.version]


def test_what_two_versions_share_lies_on_the_disk_once(own: Path) -> None:
    first = shown(own)
    rewrite(own, "reported.csv", PUNISH)
    second = shown(own)
    home = own / history.FOLDER
    pairs = [(home / v.version / "new" / f) for f in ("goals.csv",) for v in (first, second)]
    assert pairs[0].samefile(pairs[1])
    changed = [home / v.version / "new/reported.csv" for v in (first, second)]
    assert not changed[0].samefile(changed[1])
    assert not (own / "goals.csv").samefile(pairs[0]), "a file that an office edits in place"


def test_a_version_that_comes_back_is_kept_once_with_both_times(own: Path) -> None:
    first = shown(own)
    rewrite(own, "reported.csv", PUNISH)
    shown(own, NOON + timedelta(days=1))
    rewrite(own, "reported.csv", (PUNISH[1], PUNISH[0]))
    again = shown(own, NOON + timedelta(days=2))
    kept = {k.version: k for k in history.kept(own)}
    assert len(kept) == 2 and again.version == first.version
    assert len(kept[first.version].since) == 2
    assert history.kept(own)[-1].version == first.version


def test_a_broken_file_keeps_the_content_that_is_shown(own: Path) -> None:
    followed = Store(own)
    good = followed.current()
    assert history.keep(good)
    (own / "reported.csv").write_text('年度"\n', encoding="utf-8")
    stale = followed.current()
    assert stale.tables["reported"].stale and stale.version != good.version
    assert history.keep(stale)
    former = store.opened(own, stale.version)
    assert former is not None
    assert former.records("reported") == good.records("reported")


def test_a_file_that_changed_since_it_was_read_is_not_kept_as_what_it_was(own: Path) -> None:
    snapshot = store.load(own)
    rewrite(own, "reported.csv", PUNISH)
    assert not history.keep(snapshot)
    assert store.opened(own, snapshot.version) is None


@pytest.mark.parametrize("partitioned", [False, True])
def test_parquet_is_kept_from_what_was_read(tmp_path: Path, own: Path, partitioned: bool) -> None:
    table = "enforcement_actions"
    csv = own / f"ledgers/{table}.csv"
    rows = store.load(own).cursor()
    if partitioned:
        (own / "ledgers" / table).mkdir()
    target = own / "ledgers" / (f"{table}/p.parquet" if partitioned else f"{table}.parquet")
    names = ", ".join(f'"{c.name}" AS "{c.header}"' for c in BY_NAME[table].columns)
    arrow = rows.sql(f"SELECT {names} FROM {table}").to_arrow_table()
    pq.write_table(arrow, target)
    csv.unlink()
    snapshot = store.load(own)
    assert snapshot.tables[table].kind == "parquet"
    assert history.keep(snapshot)
    target.unlink()
    former = store.opened(own, snapshot.version)
    assert former is not None
    assert former.tables[table].rows == snapshot.tables[table].rows > 0


def no_room(*_: object, **__: object) -> None:
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize("links", [True, False], ids=["linked", "in place"])
def test_a_kept_version_stands_in_for_a_parquet_that_was_not_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    """Where there was no room to copy what is shown, and its file is written over in place."""
    monkeypatch.setenv(history.VARIABLE, "20")
    folder = folders.town(tmp_path / "数据 '甲'")
    good = {"dispute_no": ["D1"], "registered_on": ["2023-01-05"], "status": ["在调"]}
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(good), sink)
    path = folders.put(folder / "ledgers/disputes.parquet", sink.getvalue().to_pybytes())
    followed = Store(folder)
    with monkeypatch.context() as patch:
        patch.setattr(build, "copy_unchanged", no_room)
        if not links:
            patch.setattr(os, "link", no_room)
        before = followed.current()
    assert history.keep(before)
    (row,) = before.records("disputes")
    assert row["_file"] == "ledgers/disputes.parquet"
    path.write_bytes(b"nonsense")
    os.utime(path, (1, 1))
    after = followed.current()
    assert after.tables["disputes"].stale
    assert after.records("disputes") == (row,)


def test_only_the_last_ones_are_kept_and_those_that_a_meeting_names(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(history.VARIABLE, "3")
    named = shown(small, NOON - timedelta(days=9))
    assert history.name_meeting(named, "三季度例会")
    made = []
    for n in range(5):
        rewrite(small, "town.toml", ("[town]", f"# {n}\n[town]"))
        made.append(shown(small, NOON + timedelta(minutes=n)).version)
    kept = {k.version: k for k in history.kept(small)}
    assert set(kept) == {named.version, *made[-3:]}
    assert kept[named.version].meetings == ("三季度例会",)


def test_the_file_of_a_meeting_names_its_version(small: Path, tmp_path: Path) -> None:
    out = tmp_path / "会议.html"
    arguments = ["snapshot", "--out", str(out), "--data", str(small), "--name", "三季度例会"]
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == 0, result.output
    (kept,) = history.kept(small)
    assert kept.version == store.load(small).version and kept.version in out.read_text("utf-8")
    assert [m.startswith("三季度例会 ") for m in kept.meetings] == [True]
    former = store.opened(small, kept.version)
    assert former is not None
    assert history.name_meeting(former, "复会")
    assert history.kept(small)[0].meetings[1:] == ("复会",)


def test_keeping_nothing_is_a_choice(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(history.VARIABLE, "0")
    assert not history.keep(store.load(small))
    assert not (small / history.FOLDER).exists()


def test_a_full_disk_keeps_nothing_and_breaks_nothing(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(small)._replace(free=history.SPARE)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    before = tree(small)
    assert not history.keep(store.load(small))
    assert history.kept(small) == [] and tree(small) == before


@pytest.mark.parametrize("name", ["../reported", "..", "", "a" * 64, "／", "abc/def"])
def test_a_version_that_is_none_opens_nothing(small: Path, name: str) -> None:
    shown(small)
    assert store.opened(small, name) is None


def test_what_is_no_version_is_passed_over(small: Path) -> None:
    first = shown(small)
    home = small / history.FOLDER
    texts = "{", "[]", json.dumps({"version": "x"})
    for name, text in zip(("0" * 12, "1" * 12, "a" * 12), texts, strict=True):
        (home / name).mkdir()
        (home / name / history.MANIFEST).write_text(text)
    assert [k.version for k in history.kept(small)] == [first.version]


def test_a_day_names_the_version_that_was_shown_at_its_end(own: Path) -> None:
    first = shown(own)
    rewrite(own, "reported.csv", PUNISH)
    second = shown(own, NOON + timedelta(days=3))
    on = {d: history.on(own, date(2026, 10, d)) for d in (1, 3, 4, 9)}
    found = {d: k.version if k else None for d, k in on.items()}
    assert found == {1: first.version, 3: first.version, 4: second.version, 9: second.version}
    assert history.on(own, date(2026, 9, 30)) is None


def test_an_import_leaves_the_version_before_and_the_one_after(own: Path, tmp_path: Path) -> None:
    officers = (own / "ledgers/officers.csv").read_text(encoding="utf-8-sig").splitlines()
    sheet = tmp_path / "执法人员.csv"
    sheet.write_text("\n".join((officers[0], officers[1].replace("SL-RY-0001", "N-1"))), "utf-8")
    result = CliRunner().invoke(cli, ["import", str(sheet), "--data", str(own)])
    assert result.exit_code == 0, result.output
    before, after = history.kept(own)
    assert after.version == store.load(own).version
    then = store.opened(own, before.version)
    assert then is not None
    found = row_changes(BY_NAME["officers"], then, store.load(own))
    assert found is not None and found.counts == (("新增", 1),)


def test_what_an_import_replaced_lies_on_the_disk_once(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv(history.VARIABLE, "20")
    folder = folders.town(tmp_path, "disputes")
    state = shown(folder)
    path = "ledgers/disputes.csv"
    before = (folder / path).read_bytes()
    changes = {path: folders.csv_text("disputes", folders.GOOD["disputes"] * 0).encode()}
    done = publishing.publish(folder, changes, {path: history.digest(folder / path)})
    old = folder / history.FOLDER / done.name / "old" / path
    assert old.read_bytes() == before
    assert old.samefile(folder / history.FOLDER / state.version / "new" / path)
    publishing.undo(folder)
    assert (folder / path).read_bytes() == before
    assert not (folder / path).samefile(old), "a file that an office edits in place"


def test_many_edits_flush_no_version_of_the_ledgers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(history.VARIABLE, "2")
    folder = folders.town(tmp_path, "disputes")
    ledgers = [shown(folder)]
    edits = []
    for n in range(1, 6):
        rewrite(folder, "town.toml", ("[town]", f"# {n}\n[town]"))
        edits.append(shown(folder, NOON + timedelta(minutes=n)))
    folders.put_table(folder, "disputes", folders.GOOD["disputes"] * 0)
    ledgers.append(shown(folder, NOON + timedelta(minutes=6)))
    kept = [k.version for k in history.kept(folder)]
    assert kept == [s.version for s in (ledgers[0], *edits[-2:], ledgers[1])]


def as_formerly(folder: Path, entry: history.Entry) -> Path:
    """Lay a state down as the program did before states and publishings were one history."""
    place = folder / history.FOLDER / "shown" / entry.version
    place.parent.mkdir(exist_ok=True)
    entry.content.rename(place)
    shutil.rmtree(entry.place)
    told = {
        "version": entry.version,
        "since": list(entry.since),
        "meetings": list(entry.meetings),
        "hashes": entry.after,
    }
    (place / "kept.json").write_text(json.dumps(told, ensure_ascii=False, indent=1), "utf-8")
    return place


def test_versions_of_the_former_layout_are_read_and_go_as_others_do(
    own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(history.VARIABLE, "2")
    first = shown(own)
    assert history.name_meeting(first, "三季度例会")
    rewrite(own, "reported.csv", PUNISH)
    second = shown(own, NOON + timedelta(days=1))
    known = history.kept(own)
    places = [as_formerly(own, entry) for entry in known]
    former = history.kept(own)
    for one, other in zip(former, known, strict=True):
        assert (one.version, one.since, one.meetings) == (
            other.version,
            other.since,
            other.meetings,
        )
        assert one.after == other.after
    opened = store.opened(own, first.version)
    assert opened is not None and opened.records("reported") == first.records("reported")
    assert history.name_meeting(opened, "复会")
    assert history.find(own, first.version).meetings == ("三季度例会", "复会")
    rewrite(own, "reported.csv", (PUNISH[1], PUNISH[0]))
    assert shown(own, NOON + timedelta(days=2)).version == first.version
    for n in range(1, 4):
        rewrite(own, "ledgers/officers.csv", (f"SL-RY-000{n}", f"SL-RY-900{n}"))
        new = shown(own, NOON + timedelta(days=3 + n))
    third = own / history.FOLDER / new.version / "new"
    assert (third / "goals.csv").samefile(places[0] / "goals.csv"), "once on the disk"
    assert places[0].exists() and not places[1].exists()
    assert history.find(own, second.version) is None
    assert len(history.find(own, first.version).since) == 2


WATCHING = """
import sys
from qmg_dash.folder import store
print(store.Store(sys.argv[1]).current().version)
"""


def test_whatever_is_shown_is_kept_whoever_shows_it(small: Path) -> None:
    """No screen has been imported: what is kept hangs on no import."""
    command = [sys.executable, "-c", WATCHING, str(small)]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert [k.version for k in history.kept(small)] == [said.strip()]


# ---- what has changed ----------------------------------------------------------------------------
def changes(own: Path, *edits: tuple[str, tuple[str, str]], year: int = 2022) -> Changes:
    """What some edits change."""
    then = shown(own)
    for file, change in edits:
        rewrite(own, file, change)
    former = store.opened(own, then.version)
    assert former is not None
    return Changes(former, store.load(own), Filters(year))


def test_a_published_figure_that_changed_is_listed_with_both_texts(own: Path) -> None:
    found = changes(own, ("reported.csv", PUNISH)).figures
    assert [(m.now.code, m.now.dimension) for m in found] == [("power.items", "行政处罚")]
    assert (found[0].then.value, found[0].now.value, found[0].why) == (38, 41, ())


def test_a_correction_says_why(own: Path) -> None:
    line = "2022/power.items/行政处罚,数值,38,41,漏报三项,法制员"
    header = (own / "corrections.csv").read_text(encoding="utf-8-sig").splitlines()[0]
    assert header.split(",")[:4] == ["日期", "表", "主键", "列"], header
    text = (own / "corrections.csv").read_text(encoding="utf-8-sig")
    found = changes(own, ("reported.csv", PUNISH))
    (own / "corrections.csv").write_text(f"{text.rstrip()}\n2026-10-02,reported,{line}\n", "utf-8")
    found = Changes(found.then, store.load(own), found.filters)
    assert [c.reason for c in found.figures[0].why] == ["漏报三项"]


def test_one_row_of_a_ledger_moves_its_totals_alone(own: Path) -> None:
    """Not one figure for each split that it falls into."""
    path = own / "ledgers/enforcement_actions.csv"
    last = next(
        line
        for line in reversed(path.read_text(encoding="utf-8-sig").splitlines())
        if ",2023-" in line
    )
    found = changes(own, (str(path.relative_to(own)), (f"{last}\r\n", "")), year=2023)
    codes = [m.now.code for m in found.figures]
    assert "enforcement.actions" in codes
    assert all(not m.now.dimension or m.now.basis == "reported" for m in found.figures)
    assert [(r.table.name, r.counts) for r in found.rows] == [
        ("enforcement_actions", (("删除", 1),))
    ]
    gone = found.rows[0].rows(10)
    assert [(r.kind, r.key[0]) for r in gone] == [("删除", last.split(",")[0])]


def test_rows_come_change_and_go(own: Path) -> None:
    path = own / "ledgers/officers.csv"
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    header = lines[0].split(",")
    first, second = (dict(zip(header, x.split(","), strict=True)) for x in lines[1:3])
    new = dict(first) | {header[0]: "N-1"}
    second |= {"有效期至": "2031-01-01"}
    then = shown(own)
    kept = [lines[0], ",".join(second.values()), *lines[3:], ",".join(new.values())]
    path.write_text("\n".join(kept) + "\n", encoding="utf-8")
    found = row_changes(BY_NAME["officers"], then, store.load(own))
    assert found is not None
    assert dict(found.counts)["新增"] == dict(found.counts)["删除"] == 1
    assert dict(found.counts)["修改"] == 1
    told = {r.kind: r for r in found.rows(10)}
    assert told["新增"].key == ("N-1",)
    assert told["修改"].cells == (("有效期至", "2023-12-14", "2031-01-01"),)


def test_goals_that_changed_state_are_listed(own: Path) -> None:
    goal = "SL-G2023-01,2023-09-15,进行中,88"
    found = changes(own, ("goal_updates.csv", (goal, "SL-G2023-01,2023-09-15,已完成,100"))).goals
    assert len(found) == 1
    assert found[0].then != found[0].now and "已完成" in found[0].now


def test_the_same_data_written_otherwise_change_nothing(own: Path) -> None:
    then = shown(own)
    path = own / "goals.csv"
    path.write_bytes(path.read_bytes().replace(b"\r\n", b"\n") + b"\n\n")
    now = store.load(own)
    assert now.version != then.version
    found = Changes(then, now, Filters(2022))
    assert (found.figures, found.rows, found.goals) == ([], [], [])


# ---- the link ------------------------------------------------------------------------------------
def copied(screen: screens.Screen) -> dict[str, str]:
    from urllib.parse import parse_qsl

    button = screen.root.all("button", attr="data-copy")[0]
    return dict(parse_qsl(button.attrs["data-copy"]))


def lines(screen: screens.Screen) -> str:
    return " ".join(screen.banners)


def test_a_copied_link_names_the_data_that_were_seen(own: Path) -> None:
    link = copied(screens.visit("/power_list", year=2022))
    assert link["v"] == store.store(own).current().version
    assert link["sent"].startswith(f"{beijing.today()}.{version_sent.FORM}.")
    assert screens.visit("/power_list", **link).banners == []


def test_changed_data_are_said_with_the_list_and_a_way_back(own: Path) -> None:
    link = copied(screens.visit("/power_list", year=2022))
    rewrite(own, "reported.csv", PUNISH)
    screen = screens.visit("/power_list", **link)
    assert "发送时的数据已更新：1 个数字有变化" in lines(screen)
    assert screen.table("有变化的数字")[1][1:3] == ["38 项", "41 项"]
    screen.app.button(key="see_then").click()
    then = screens.shown("/power_list", screen.app)
    assert "正在显示" in lines(then) and link["v"] in then.text
    assert "41" not in then.title and "旧版本数据" in then.text
    assert copied(then)["then"] == "true"
    then.app.button(key="see_now").click()
    assert "发送时的数据已更新" in lines(screens.shown("/power_list", then.app))


def test_a_meeting_says_it_once_over_the_first_slide(own: Path) -> None:
    link = copied(screens.visit("/power_list", year=2022))
    rewrite(own, "reported.csv", PUNISH)
    screen = screens.visit("/power_list", present="true", **link)
    sentence = "发送时的数据已更新：1 个数字有变化"
    assert sentence in lines(screen)
    whole = "".join(s for s in screen.told["slots"] if s)
    assert whole.count(sentence) == 1
    then = screens.visit("/power_list", present="true", then="true", **link)
    assert "正在显示" in lines(then) and "旧版本数据" in then.text


def test_a_version_that_is_not_kept_is_said(small: Path) -> None:
    screen = screens.visit("/power_list", v="0123456789ab", then="true")
    assert "没有保留" in lines(screen) and "现在显示的是" in lines(screen)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"v": "<b>"}, "不是有效的版本号"),
        ({"v": "../../etc/pass"}, "不是有效的版本号"),
        ({"sent": "胡说"}, "无法识别"),
        ({"sent": "2026-13-45.1.abc"}, "无法识别"),
        ({"sent": f"2026-11-24.{version_sent.FORM + 1}.abcdef"}, "较新版本"),
        ({"sent": "2026-11-24.1.ffffff"}, "另一个单位"),
        ({"then": "maybe"}, "不存在"),
        ({"base": "1999-01-01"}, "没有保留的版本"),
        ({"v": "x" * 100_000}, "不是有效的版本号"),
    ],
)
def test_nonsense_about_the_data_gets_a_plain_sentence(
    small: Path, query: dict[str, str], said: str
) -> None:
    screen = screens.visit("/power_list", **query)
    assert said in lines(screen)
    assert len(lines(screen)) < 400


def test_public_url_is_what_is_sent(small: Path) -> None:
    text = (small / "town.toml").read_text(encoding="utf-8")
    public = '\n[share]\npublic_url = "https://kanban.example.cn/fz/"\n'
    (small / "town.toml").write_text(text + public, encoding="utf-8")
    button = screens.visit("/goals").root.all("button", attr="data-copy")[0]
    assert button.attrs["data-base"] == "https://kanban.example.cn/fz/goals"


# ---- the screen ----------------------------------------------------------------------------------
def test_the_screen_of_changes_is_in_the_menu_once_there_is_something(own: Path) -> None:
    first = screens.visit("/since", year=2022)
    assert "保留 0 个旧版本" in first.title and "还没有可比的旧版本" in first.text
    assert screens.slides("/since", year=2022) == [], "not shown in a meeting"
    rewrite(own, "reported.csv", PUNISH)
    screen = screens.visit("/since", year=2022)
    assert "1 个数字有变化" in screen.title
    assert [
        "修改",
        "2022 各类权力事项 行政处罚",
        "数值 38 → 41；原文写法 38项 → 41项",
    ] in screen.table("数据行")
    slide = screens.visit("/since", year=2022, present="true")
    assert slide.title == screen.title
    assert slide.table("数据行") == [], "rows may name a person: not on the wall"


def test_a_meeting_is_what_changes_are_told_since(own: Path) -> None:
    first = store.store(own).current()
    assert history.name_meeting(first, "三季度例会")
    for n in (1, 2):
        rewrite(own, "town.toml", ("[town]", f"# {n}\n[town]"))
        screens.visit("/since")
    rewrite(own, "reported.csv", PUNISH)
    screen = screens.visit("/since", year=2022)
    assert screen.title.startswith("自上次会议以来")
    day = screens.visit("/since", year=2022, base=str(beijing.today()))
    assert "没有变化" in day.title, "today's last version is the present one"


# ---- what nobody is to see -----------------------------------------------------------------------
def test_the_shipped_demo_stays_as_it_was_shipped(
    own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only looked at; a copy of it, or a town's own demo folder, keeps its versions."""
    copy = own.parent / "copy"
    shutil.copytree(own, copy)
    monkeypatch.setattr(history, "SHIPPED_DEMO", own)
    for folder in (own, copy):
        monkeypatch.setenv("QMG_DATA_DIR", str(folder))
        for path in ("/", "/since", "/trust"):
            assert screens.visit(path, year=2022).title
    assert not (own / history.FOLDER).exists()
    assert not history.name_meeting(store.load(own), "例会")
    assert len(history.kept(copy)) == 1


def test_the_shipped_demo_is_the_one_beside_the_towns_own_data() -> None:
    assert (ROOT / "data/demo").resolve() == SHIPPED_DEMO
    assert town_of(SHIPPED_DEMO).nature == "demo"


def test_without_versions_none_that_were_kept_are_seen(
    own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tests of the shipped folders rest on this: a dashboard may have run there before."""
    first = shown(own)
    rewrite(own, "reported.csv", PUNISH)
    shown(own, NOON + timedelta(days=1))
    assert len(history.kept(own)) == 2
    monkeypatch.setenv(history.VARIABLE, "0")
    assert history.kept(own) == [] and history.damaged(own) == []
    assert store.opened(own, first.version) is None
    seen = screens.visit("/since", year=2022)
    shutil.rmtree(own / history.FOLDER)
    assert screens.visit("/since", year=2022).text == seen.text
