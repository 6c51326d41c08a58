"""The store: any encoding and order of columns, one consistent state at a time, the last good
version while a file is wrong or half written, Parquet in place, and a database that is locked."""

from __future__ import annotations

import errno
import gc
import os
import random
import shutil
import threading
import time
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import duckdb
import folders
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from folders import ACTION, GOOD, csv_text, put, put_table, put_town, second_town, town

from qmg_dash import beijing
from qmg_dash.folder import build, csvfile, publishing, scratch, store, workdays
from qmg_dash.folder.build import copy_unchanged
from qmg_dash.folder.scan import PATIENCE, QUIET, ROOT, look_at, resolve
from qmg_dash.folder.snapshot import Snapshot
from qmg_dash.folder.store import Store
from qmg_dash.kpis import KPIS
from qmg_dash.model import DataError, UnknownName
from qmg_dash.tables import BY_NAME, TABLES, Table

ACTIONS = BY_NAME["enforcement_actions"]
FEW = ("disputes", "officers", "goals", "reported")
TYPES = {
    "text": "VARCHAR",
    "int": "BIGINT",
    "number": "DECIMAL(20,4)",
    "bool": "BOOLEAN",
    "date": "DATE",
}


def rows(snapshot: Snapshot, table: str, columns: str = "*") -> list[tuple]:
    sql = f'SELECT {columns} FROM "{table}" ORDER BY _file, _row'
    return snapshot.cursor().execute(sql).fetchall()


def few(folder: Path) -> Path:
    """A valid folder with a few tables, for tests that load it often."""
    return town(folder, *FEW)


def rules(snapshot: Snapshot) -> set[tuple[str, str]]:
    return {(f.severity, f.rule) for f in snapshot.faults}


# ------------------------------------------------ what a snapshot holds


def test_every_table_is_there_with_its_columns_and_types_filled_or_empty(tmp_path: Path):
    for folder in (town(tmp_path / "bare"), second_town(tmp_path / "full")):
        snapshot = store.load(folder)
        for table in TABLES:
            found = snapshot.cursor().execute(f'DESCRIBE "{table.name}"').fetchall()
            assert [(n, t) for n, t, *_ in found] == [
                *((c.name, TYPES[c.type]) for c in table.columns),
                ("_file", "VARCHAR"),
                ("_row", "BIGINT"),
            ], table.name
    assert snapshot.tables.keys() == GOOD.keys()
    assert all(
        (t.file, t.rows, t.rejected, t.stale) == (BY_NAME[n].path, len(GOOD[n]), 0, False)
        for n, t in snapshot.tables.items()
    )
    assert snapshot.faults == ()


def test_values_are_typed_and_empty_is_never_zero(tmp_path: Path):
    snapshot = store.load(second_town(tmp_path))
    found = rows(snapshot, "enforcement_actions", "opened_on, fine_yuan, certificate_shown, _row")
    assert found[1] == (date(2022, 5, 1), 1234.5, True, 3)
    assert found[2] == (date(2023, 6, 1), None, None, 4)
    (goal,) = snapshot.records("goals")
    assert (goal["goal_id"], goal["target"], goal["due"]) == ("G1", 20, date(2023, 12, 31))
    assert (goal["weight"], goal["_file"], goal["_row"]) == (None, "goals.csv", 2)
    with pytest.raises(UnknownName, match="可用"):
        snapshot.records("weather")


def test_the_published_figures_are_rows_and_a_table(tmp_path: Path):
    snapshot = store.load(second_town(tmp_path))
    powers, contracts = snapshot.reported
    assert (powers.code, powers.dimension, powers.value) == ("power.items", "行政处罚", 36)
    assert (powers.unit, powers.locator, powers.row) == ("项", "一（一）", 2)
    assert (contracts.value, contracts.qualifier, contracts.raw) == (80, "余", "80余件")
    assert rows(snapshot, "reported", "indicator, value, qualifier, _row") == [
        ("power.items", 36, "", 2),
        ("review.contracts", 80, "余", 3),
    ]


def test_a_converted_figure_keeps_its_written_form(tmp_path: Path):
    row = GOOD["reported"][0] | {"indicator": "enforcement.fines", "dimension": "", "raw": ""}
    put_table(town(tmp_path), "reported", [row | {"value": "7.4", "unit": "万元"}])
    (figure,) = store.load(tmp_path).reported
    assert (figure.value, figure.unit) == (74000, "元")
    assert (figure.raw, figure.written_unit) == ("7.4万元", "万元")


@pytest.mark.parametrize(
    ("value", "unit"), [("7.4万", "元"), ("7.4万元", ""), ("7.4万元", "万元"), ("74000", "元")]
)
def test_a_scale_counts_once_wherever_it_stands(tmp_path: Path, value: str, unit: str):
    row = GOOD["reported"][0] | {"indicator": "enforcement.fines", "dimension": ""}
    put_table(town(tmp_path), "reported", [row | {"value": value, "unit": unit}])
    (figure,) = store.load(tmp_path).reported
    assert (figure.value, figure.unit) == (74000, "元")


def test_the_clock_is_the_towns_or_today(tmp_path: Path):
    assert store.load(town(tmp_path / "a")).clock() == date(2023, 12, 31)
    assert store.load(town(tmp_path / "b", as_of="")).clock() == beijing.today()
    loaded = store.load(town(tmp_path / "c", nature="demo")).town
    assert (loaded.nature, loaded.cadence) == ("demo", {"disputes": "月"})
    assert loaded.public_url == "https://qingshi.example.org"


def test_workdays_are_a_table(tmp_path: Path):
    snapshot = store.load(town(tmp_path))
    sql = "SELECT n, estimated FROM workdays WHERE day = ?"
    before = snapshot.cursor().execute(sql, [date(2023, 9, 28)]).fetchone()
    after = snapshot.cursor().execute(sql, [date(2023, 10, 7)]).fetchone()
    assert before is not None
    assert after == (before[0] + 1, False)
    assert snapshot.cursor().execute(sql, [date(2035, 12, 31)]).fetchone()[1] is True


# ------------------------------------------------ workdays


def test_working_days_follow_the_notices_with_their_make_up_days():
    assert not workdays.is_workday(date(2023, 10, 6))  # National Day holiday, a Friday
    assert workdays.is_workday(date(2023, 10, 7))  # a Saturday, worked to make up
    assert workdays.add_workdays(date(2023, 9, 28), 1) == date(2023, 10, 7)
    assert workdays.add_workdays(date(2023, 9, 30), 0) == date(2023, 9, 30)
    assert workdays.workdays_between(date(2023, 9, 28), date(2023, 10, 9)) == 3
    assert workdays.workdays_between(date(2023, 10, 9), date(2023, 9, 28)) == -3


def test_years_without_a_notice_count_weekdays_and_say_so():
    assert not workdays.estimated(date(2023, 5, 1))
    for day in (date(2001, 5, 1), date(2034, 10, 2), date(2050, 5, 2)):
        assert workdays.estimated(day)
        assert workdays.is_workday(day) == (day.weekday() < 5)
    assert workdays.add_workdays(date(2035, 12, 28), 5) == date(2036, 1, 4)
    assert workdays.workdays_between(date(2049, 12, 31), date(2050, 1, 7)) == 5


def test_adding_and_counting_working_days_agree():
    for seed in range(200):
        random.seed(seed)
        day = date.fromordinal(random.randint(730300, 742000))
        n = random.randint(1, 60)
        due = workdays.add_workdays(day, n)
        assert workdays.is_workday(due)
        assert workdays.workdays_between(day, due) == n


def test_the_calendar_agrees_with_the_functions():
    table = workdays.calendar().to_pydict()
    assert table["day"][0] == workdays.FIRST
    assert table["day"][-1] == workdays.LAST
    running = 0
    for day, n, estimated in zip(table["day"], table["n"], table["estimated"], strict=True):
        running += workdays.is_workday(day)
        assert (n, estimated) == (running, workdays.estimated(day))


# ------------------------------------------------ encodings, orders, delimiters

ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030", "gbk"]


def _content(snapshot: Snapshot) -> dict[str, list[tuple]]:
    return {t.name: rows(snapshot, t.name) for t in TABLES}


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[tuple]]:
    return _content(store.load(second_town(tmp_path_factory.mktemp("good"))))


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_encoding_reads_the_same(tmp_path: Path, encoding: str, good: dict[str, list[tuple]]):
    put_town(tmp_path)
    for name, table_rows in GOOD.items():
        put_table(tmp_path, name, table_rows, encoding)
    snapshot = store.load(tmp_path)
    assert snapshot.faults == ()
    assert _content(snapshot) == good


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("english", [False, True])
def test_every_order_of_columns_reads_the_same(
    tmp_path: Path, english: bool, end: str, good: dict[str, list[tuple]]
):
    put_town(tmp_path)
    for seed, (name, table_rows) in enumerate(GOOD.items()):
        columns = [c.name for c in BY_NAME[name].columns]
        random.Random(seed).shuffle(columns)
        put_table(tmp_path, name, table_rows, columns=columns, english=english, end=end)
    snapshot = store.load(tmp_path)
    assert snapshot.faults == ()
    assert _content(snapshot) == good


@pytest.mark.parametrize("delimiter", ["\t", ";"])
def test_unicode_text_with_tabs_reads_the_same(
    tmp_path: Path, delimiter: str, good: dict[str, list[tuple]]
):
    put_town(tmp_path)
    for name, table_rows in GOOD.items():
        put_table(tmp_path, name, table_rows, "utf-16", delimiter=delimiter)
    assert _content(store.load(tmp_path)) == good


NAMED_SEPARATORS = [
    (",", "sep={}\r\n", "utf-8-sig"),
    (";", "sep={}\r\n", "utf-16"),
    ("\t", "sep={}\n", "utf-8"),
    (",", '"SEP={}"\r\n', "gb18030"),
    (",", "sep={},,,\r\n", "gbk"),
    ("|", "sep={}\r", "utf-8"),
]


@pytest.mark.parametrize(("delimiter", "line", "encoding"), NAMED_SEPARATORS)
def test_a_first_line_that_names_the_separator_is_no_row(
    tmp_path: Path, delimiter: str, line: str, encoding: str, good: dict[str, list[tuple]]
):
    """Excel does not show it either: rows are numbered from the header."""
    put_town(tmp_path)
    for name, table_rows in GOOD.items():
        rest = csv_text(name, table_rows, delimiter=delimiter)
        text = line.replace("{}", delimiter) + rest
        put(tmp_path / BY_NAME[name].path, text, encoding)
    snapshot = store.load(tmp_path)
    assert snapshot.faults == ()
    assert _content(snapshot) == good


def test_the_euro_sign_of_windows_does_not_spoil_a_file_of_gbk(tmp_path: Path):
    row = {"登记编号": "D1", "登记日期": "2023-01-05", "办理状态": "在调", "村社区": "一村"}
    text = ",".join(row) + "\r\n" + ",".join(row.values()) + "（合同 @200）\r\n"
    written = text.encode("gbk").replace(b"@", b"\x80")
    put(town(tmp_path) / "ledgers/disputes.csv", written)
    snapshot = store.load(tmp_path)
    assert snapshot.faults == ()
    assert rows(snapshot, "disputes", "village") == [("一村（合同 €200）",)]


MIDNIGHTS = {
    "as databases write it": "2023-01-{:02} 00:00:00",
    "as Excel writes it": "2023/1/{} 0:00",
    "with a zone": "2023-01-{:02}T00:00:00+08:00",
    "of the day": "2023-01-{:02} 09:3{}",
}


@pytest.mark.parametrize("form", MIDNIGHTS.values(), ids=MIDNIGHTS)
@pytest.mark.parametrize("parquet", [False, True])
def test_times_behind_the_dates_of_a_column_are_told_once(tmp_path: Path, form: str, parquet: bool):
    """A program has put them into every row: a reminder a row hides all others."""
    days = range(1, 10)
    table = pa.table(
        {
            "dispute_no": [f"D{n}" for n in days],
            "registered_on": [form.format(n, n % 6) for n in days],
            "closed_on": [form.format(n + 1, n % 6) for n in days],
            "status": ["调解成功"] * len(days),
        }
    )
    town(tmp_path)
    if parquet:
        put_parquet(tmp_path / "ledgers/disputes.parquet", table)
    else:
        put_table(tmp_path, "disputes", table.to_pylist())
    snapshot = store.load(tmp_path)
    assert [d.day for (d,) in rows(snapshot, "disputes", "registered_on")] == list(days)
    assert [(f.row, f.column, f.rule) for f in snapshot.faults] == [
        (2, "登记日期", "日期写法"),
        (2, "办结日期", "日期写法"),
    ]
    assert all("这一列共 9 处" in f.message for f in snapshot.faults)


def test_other_bytes_that_no_encoding_has_are_refused(tmp_path: Path):
    put(town(tmp_path) / "ledgers/disputes.csv", "登记编号\r\n村".encode("gbk") + b"\xff\x80\r\n")
    assert rules(store.load(tmp_path)) == {("error", "编码")}


def test_a_dash_names_no_village_and_no_department(tmp_path: Path):
    """In the rows of a CSV and of Parquet alike; a narrative text may be a dash."""
    unknown = ["/", "—", "nan", "null", "NULL", "N/A"]
    said = [*unknown, "一村", None]
    table = pa.table(
        {
            "dispute_no": [f"D{n}" for n in range(len(said))],
            "registered_on": ["2023-01-05"] * len(said),
            "status": ["在调"] * len(said),
            "village": said,
        }
    )
    for folder, kind in ((tmp_path / "a", "parquet"), (tmp_path / "b", "csv")):
        town(folder)
        if kind == "parquet":
            put_parquet(folder / "ledgers/disputes.parquet", table)
        else:
            put_table(folder, "disputes", table.to_pylist())
        snapshot = store.load(folder)
        read = [v for (v,) in rows(snapshot, "disputes", "village")]
        assert read == [None] * len(unknown) + ["一村", None]
        assert rules(snapshot) == {("warning", "空值")}


@pytest.mark.parametrize("table", TABLES, ids=lambda t: t.name)
def test_what_figures_are_split_by_is_no_narrative_text(table: Table):
    """Else a dash would be a category of its own."""
    split = {d.name for k in KPIS for d in k.dimensions if table.name in k.tables}
    for column in table.columns:
        if column.name in split and column.type == "text":
            assert column.values or column.groups or column.coded, column


# ------------------------------------------------ folders and versions


def test_the_folder_is_the_argument_else_the_environment_else_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("QMG_DATA_DIR", raising=False)
    assert resolve(None) == ROOT / "data"
    monkeypatch.setenv("QMG_DATA_DIR", str(tmp_path / "env"))
    assert resolve(None) == tmp_path / "env"
    assert resolve(str(tmp_path / "arg")) == tmp_path / "arg"


def test_the_version_follows_contents_and_names_alone(tmp_path: Path):
    one, two = few(tmp_path / "one"), few(tmp_path / "two")
    assert store.load(one).version == store.load(two).version
    assert len(store.load(one).version) == 12
    put(two / "备注.txt", "x")
    assert store.load(one).version == store.load(two).version
    put_table(two, "goals", [GOOD["goals"][0] | {"owner": "党政办"}])
    assert store.load(one).version != store.load(two).version


def test_there_is_one_store_a_folder(tmp_path: Path):
    few(tmp_path)
    assert store.store(tmp_path) is store.store(tmp_path / "ledgers" / "..")
    assert store.store(tmp_path).current() is store.store(str(tmp_path)).current()


# ------------------------------------------------ changes, and the last good version


def test_a_changed_file_is_picked_up_and_the_others_are_carried_over(tmp_path: Path):
    watched = Store(few(tmp_path))
    first = watched.current()
    before = _content(first)
    assert watched.current() is first
    put_table(tmp_path, "goals", [GOOD["goals"][0] | {"owner": "党政办"}])
    second = watched.current()
    assert second is not first
    assert second.version != first.version
    assert second.records("goals")[0]["owner"] == "党政办"
    after = _content(second)
    assert {n for n in after if after[n] != before[n]} == {"goals"}
    assert _content(first) == before
    assert second.reported == first.reported


def test_a_file_that_appears_or_goes_is_followed(tmp_path: Path):
    watched = Store(town(tmp_path, "officers"))
    assert watched.current().tables.keys() == {"officers"}
    put_table(tmp_path, "disputes", GOOD["disputes"])
    assert watched.current().tables.keys() == {"officers", "disputes"}
    (tmp_path / "ledgers/officers.csv").unlink()
    snapshot = watched.current()
    assert snapshot.tables.keys() == {"disputes"}
    assert (rows(snapshot, "officers"), snapshot.faults) == ([], ())


BAD = {
    "doubled key": folders.csv_text("goals", GOOD["goals"] * 2),
    "missing column": "举措编号,目标年度\r\nG1,2023\r\n",
    "empty": "",
    "no text": b"\xff\x81\xff\x81\x81",
}


def at_rest(folder: Path) -> None:
    """Let every folder be older than a file system's coarsest clock."""
    for place in (folder, folder / "ledgers"):
        os.utime(place, (time.time() - 60, time.time() - 60))


def rewritten(folder: Path) -> None:
    path = folder / "reported.csv"
    put(path, path.read_bytes().replace(b"36", b"38"))


def added(folder: Path) -> None:
    (folder / "officers.txt").rename(folder / "ledgers/officers.csv")


def removed(folder: Path) -> None:
    (folder / "ledgers/disputes.csv").unlink()


@pytest.mark.parametrize("change", [rewritten, added, removed])
def test_a_folder_at_rest_is_not_listed_again_until_something_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[[Path], None]
):
    folder = town(tmp_path, "disputes", "officers", "reported")
    (folder / "ledgers/officers.csv").rename(folder / "officers.txt")
    followed, looks = Store(folder), []
    look = look_at
    monkeypatch.setattr(store, "look_at", lambda root: looks.append(root) or look(root))
    first = followed.current()
    at_rest(folder)
    assert followed.current() is first
    before = len(looks)
    assert followed.current() is first
    assert len(looks) == before
    change(folder)
    assert followed.current().version != first.version


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD.keys())
def test_a_bad_table_leaves_the_last_good_one_up_until_it_is_mended(
    tmp_path: Path, bad: str | bytes
):
    watched = Store(few(tmp_path))
    good = watched.current()
    put(tmp_path / "goals.csv", bad, "utf-8")
    stale = watched.current()
    assert stale.version != good.version
    assert stale.records("goals") == good.records("goals")
    assert stale.tables["goals"].stale
    assert not stale.tables["disputes"].stale
    assert {f.file for f in stale.faults} == {"goals.csv"}
    assert ("warning", "上一版") in rules(stale)
    assert watched.current() is stale

    put_table(tmp_path, "officers", GOOD["officers"][:1])
    assert watched.current().records("goals") == good.records("goals")
    assert watched.current().tables["goals"].stale

    put_table(tmp_path, "goals", [GOOD["goals"][0] | {"owner": "党政办"}])
    mended = watched.current()
    assert mended.faults == ()
    assert mended.records("goals")[0]["owner"] == "党政办"


def test_a_version_names_what_is_shown_not_only_what_lies_there(tmp_path: Path):
    """The same broken file over two good ones shows two different things."""
    watched, versions = Store(few(tmp_path)), []
    for owner in ("甲", "乙"):
        put_table(tmp_path, "goals", [GOOD["goals"][0] | {"owner": owner}])
        watched.current()
        put(tmp_path / "goals.csv", BAD["missing column"])
        versions.append(watched.current().version)
    assert versions[0] != versions[1]


def test_a_bad_published_table_leaves_its_figures_up(tmp_path: Path):
    watched = Store(few(tmp_path))
    good = watched.current()
    put_table(tmp_path, "reported", GOOD["reported"] * 2)
    assert watched.current().reported == good.reported
    assert watched.current().tables["reported"].stale


@pytest.mark.parametrize("text", [None, "[town", "[town]\nname = '甲'\n[dataset]\nnature = 'x'"])
def test_a_bad_town_leaves_everything_up_until_it_is_mended(tmp_path: Path, text: str | None):
    watched = Store(few(tmp_path))
    good = watched.current()
    if text is None:
        (tmp_path / "town.toml").unlink()
    else:
        put(tmp_path / "town.toml", text, "utf-8")
    failed = watched.current()
    assert failed.town == good.town
    assert {(f.severity, f.file) for f in failed.faults} == {("error", "town.toml")}
    assert all(t.stale for t in failed.tables.values())
    assert _content(failed) == _content(good)
    assert failed.version != good.version
    assert watched.current() is failed
    put_town(tmp_path, as_of="2024-11-30")
    mended = watched.current()
    assert (mended.faults, mended.clock()) == ((), date(2024, 11, 30))
    assert not any(t.stale for t in mended.tables.values())


def test_a_store_of_nothing_says_so_each_time_until_there_is_something(tmp_path: Path):
    watched = Store(tmp_path / "new")
    for _ in range(2):
        with pytest.raises(DataError):
            watched.current()
    few(tmp_path / "new")
    assert watched.current().tables.keys() == set(FEW)


# ------------------------------------------------ files in the making


def test_a_file_that_is_written_slowly_is_shown_when_it_is_whole(tmp_path: Path):
    watched = Store(few(tmp_path))
    watched.current()
    text = folders.csv_text("disputes", [GOOD["disputes"][0] | {"village": "二村"}]).encode()
    path = tmp_path / "ledgers/disputes.csv"

    def write() -> None:
        with path.open("wb", buffering=0) as stream:
            for i in range(0, len(text), 40):
                stream.write(text[i : i + 40])
                time.sleep(0.06)

    writer = threading.Thread(target=write)
    writer.start()
    seen = set()
    while writer.is_alive():
        snapshot = watched.current()
        seen |= {r["village"] for r in snapshot.records("disputes")}
        assert not [f for f in snapshot.faults if f.rule not in ("正在写入", "上一版")]
    writer.join()
    assert seen <= {"一村", "二村"}
    assert watched.current().records("disputes")[0]["village"] == "二村"


def test_a_file_that_never_rests_keeps_the_last_good_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(store, "PATIENCE", 0.5)
    monkeypatch.setattr(csvfile, "RETRY", 0.05)
    watched = Store(few(tmp_path))
    good = watched.current()
    path = tmp_path / "ledgers/disputes.csv"
    stop = threading.Event()

    def write() -> None:
        while not stop.wait(0.02):
            path.write_text("登记编号,登记日期,办理状态\nJ9,2023-01-01,在调\n", "utf-8")

    writer = threading.Thread(target=write)
    writer.start()
    time.sleep(0.05)
    snapshot = watched.current()
    stop.set()
    writer.join()
    assert snapshot.records("disputes") == good.records("disputes")
    assert snapshot.tables["disputes"].stale
    assert ("error", "正在写入") in rules(snapshot)
    time.sleep(QUIET + 0.1)
    assert watched.current().records("disputes")[0]["dispute_no"] == "J9"


def test_a_file_that_lost_its_last_newline_waits_until_it_is_old(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    watched = Store(few(tmp_path))
    good = watched.current()
    path = tmp_path / "ledgers/disputes.csv"
    text = "登记编号,登记日期,办理状态\nJ8,2023-01-01,在调\nJ9,2023-01-01,在调"
    put(path, text)
    os.utime(path, (time.time() - 5, time.time() - 5))
    monkeypatch.setattr(build, "UNFINISHED", 5.6)
    snapshot = watched.current()
    assert snapshot.records("disputes") == good.records("disputes")
    assert ("error", "正在写入") in rules(snapshot)
    assert watched.current() is snapshot
    time.sleep(0.7)
    assert len(watched.current().records("disputes")) == 2
    assert watched.current().faults == ()


def test_a_row_cut_in_the_middle_never_shows(tmp_path: Path):
    watched = Store(few(tmp_path))
    good = watched.current()
    whole = folders.csv_text("disputes", GOOD["disputes"] * 1)
    put(tmp_path / "ledgers/disputes.csv", whole[:-20])
    snapshot = watched.current()
    assert snapshot.records("disputes") == good.records("disputes")
    assert not watched.current().tables["disputes"].rejected


# ------------------------------------------------ many threads


def test_twenty_threads_get_right_results_while_the_folder_changes(tmp_path: Path):
    """Each state of the folder has n actions, each with a fine of n: sum = n × n."""

    def write(n: int) -> None:
        actions = [ACTION | {"action_no": f"Z{i}", "fine_yuan": str(n)} for i in range(n)]
        put_table(tmp_path, "enforcement_actions", actions)

    few(tmp_path)
    write(10)
    watched = Store(tmp_path)
    watched.current()
    stop, wrong, done = threading.Event(), [], []

    def ask() -> None:
        sql = "SELECT count(*), sum(fine_yuan), min(fine_yuan) FROM enforcement_actions"
        while not stop.is_set():
            count, total, fine = watched.current().cursor().execute(sql).fetchone()
            if (total, count) != (fine * count, fine):
                wrong.append((count, total, fine))
            done.append(count)

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    for n in (20, 30, 40, 50):
        write(n)
        time.sleep(0.25)
        (tmp_path / "ledgers/disputes.csv").touch()
    stop.set()
    for thread in threads:
        thread.join()
    assert not wrong
    assert len(done) > 200
    assert watched.current().tables["enforcement_actions"].rows == 50


# ------------------------------------------------ Parquet


def typed(table_rows: list[dict[str, str]] = GOOD["enforcement_actions"]) -> pa.Table:
    """The actions with real types, as a program writes them."""
    arrow = {"text": pa.string(), "int": pa.int64(), "bool": pa.bool_(), "date": pa.date32()}
    arrow["number"] = pa.decimal128(20, 4)
    columns = {}
    for c in ACTIONS.columns:
        texts = [r.get(c.name) or None for r in table_rows]
        if c.type == "bool":
            columns[c.name] = pa.array([t and t == "是" for t in texts], pa.bool_())
        else:
            columns[c.name] = pa.array(texts, pa.string()).cast(arrow[c.type])
    return pa.table(columns)


def as_text(table_rows: list[dict[str, str]]) -> pa.Table:
    """The actions as texts under Chinese headers."""
    return pa.table(
        {c.header: pa.array([r.get(c.name) for r in table_rows]) for c in ACTIONS.columns}
    )


def put_parquet(path: Path, table: pa.Table) -> Path:
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink)
    return put(path, sink.getvalue().to_pybytes())


SINGLE = "ledgers/enforcement_actions.parquet"
PARTS = "ledgers/enforcement_actions"
ROWS = GOOD["enforcement_actions"]


def _plain(found: list[tuple]) -> list[tuple]:
    return [row[:-2] for row in found]


def test_parquet_is_scanned_in_place_and_reads_like_csv(
    tmp_path: Path, good: dict[str, list[tuple]]
):
    for name, table in {"typed": typed(), "text": as_text(GOOD["enforcement_actions"])}.items():
        folder = town(tmp_path / name, "power_items")
        put_parquet(folder / SINGLE, table)
        snapshot = store.load(folder)
        assert snapshot.faults == ()
        found = rows(snapshot, "enforcement_actions")
        assert _plain(found) == _plain(good["enforcement_actions"])
        assert [row[-2:] for row in found] == [(SINGLE, 2), (SINGLE, 3), (SINGLE, 4)]
        loaded = snapshot.tables["enforcement_actions"]
        assert (loaded.file, loaded.kind, loaded.rows) == (SINGLE, "parquet", 3)
        (kind,) = (
            snapshot.cursor()
            .execute(
                "SELECT table_type FROM information_schema.tables"
                " WHERE table_name = 'enforcement_actions'"
            )
            .fetchone()
        )
        assert kind == "VIEW"


def test_partitions_are_one_table_with_rows_by_part(tmp_path: Path):
    folder = town(tmp_path, "power_items")
    for i, row in enumerate(GOOD["enforcement_actions"]):
        year = row["opened_on"][:4]
        put_parquet(folder / PARTS / f"year={year}" / f"part-{i}.parquet", typed([row]))
    snapshot = store.load(folder)
    assert snapshot.faults == ()
    loaded = snapshot.tables["enforcement_actions"]
    assert (loaded.file, loaded.rows, loaded.kind) == (PARTS, 3, "parquet")
    found = rows(snapshot, "enforcement_actions", "action_no, _file, _row")
    assert sorted(found) == [
        ("Z-001", f"{PARTS}/year=2023/part-0.parquet", 2),
        ("Z-002", f"{PARTS}/year=2022/part-1.parquet", 2),
        ("Z-003", f"{PARTS}/year=2023/part-2.parquet", 2),
    ]


def test_a_partition_key_may_be_a_declared_column(tmp_path: Path):
    table = typed().drop_columns(["department"])
    put_parquet(town(tmp_path) / PARTS / "department=应急办" / "a.parquet", table)
    snapshot = store.load(tmp_path)
    assert snapshot.faults == ()
    assert {r[0] for r in rows(snapshot, "enforcement_actions", "department")} == {"应急办"}


def _recast(**types: pa.DataType) -> pa.Table:
    table = typed()
    for name, kind in types.items():
        i = table.column_names.index(name)
        table = table.set_column(i, name, table.column(name).cast(kind))
    return table


OTHER_TYPES = [
    (_recast(opened_on=pa.timestamp("us")), {("warning", "日期写法")}),
    (_recast(officers=pa.int32(), fine_yuan=pa.float64()), set()),
    (_recast(officers=pa.float64()), {("warning", "数字写法")}),
    (_recast(officers=pa.string(), opened_on=pa.string()), set()),
    (_recast(certificate_shown=pa.int8()), {("warning", "是否写法")}),
    (typed().set_column(3, "item_code", pa.array([1, 1, None])), {("warning", "引用")}),
    (_recast(area=pa.dictionary(pa.int8(), pa.string())), set()),
]


@pytest.mark.parametrize(("table", "said"), OTHER_TYPES, ids=range(len(OTHER_TYPES)))
def test_parquet_of_other_types_is_read_by_the_same_rules(
    tmp_path: Path, table: pa.Table, said: set, good: dict[str, list[tuple]]
):
    put_parquet(town(tmp_path, "power_items") / SINGLE, table)
    snapshot = store.load(tmp_path)
    assert rules(snapshot) == said
    found = rows(snapshot, "enforcement_actions", "action_no, opened_on, officers, fine_yuan")
    columns = [ACTIONS.columns.index(ACTIONS.column(n)) for n in ("opened_on", "officers")]
    assert [r[1:3] for r in found] == [
        tuple(row[i] for i in columns) for row in good["enforcement_actions"]
    ]


@pytest.mark.parametrize("zone", ["UTC", "Asia/Shanghai", None])
@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_a_time_of_parquet_has_its_day_in_china(tmp_path: Path, unit: str, zone: str | None):
    """Midnight of 5 January in China is the day before in Greenwich; without a zone it is as
    written. Text columns read the same."""
    times = [datetime(2023, 1, 4, 16), datetime(2023, 1, 5, 15)]
    if zone is None:
        times = [datetime(2023, 1, 5), datetime(2023, 1, 5, 23)]
    written = pa.array(times, pa.timestamp(unit, tz=zone))
    row = {"dispute_no": ["D1", "D2"], "registered_on": written, "village": written}
    put_parquet(
        town(tmp_path) / "ledgers/disputes.parquet", pa.table(row | {"status": ["在调"] * 2})
    )
    snapshot = store.load(tmp_path)
    assert rows(snapshot, "disputes", "registered_on") == [(date(2023, 1, 5),)] * 2
    assert [r[0][:13] for r in rows(snapshot, "disputes", "village")] == [
        "2023-01-05 00",
        "2023-01-05 23",
    ]
    assert rules(snapshot) == {("warning", "日期写法")}


def test_columns_of_parquet_that_differ_in_case_alone_are_doubled(tmp_path: Path):
    row = {"dispute_no": ["D1"], "registered_on": ["2023-01-05"], "status": ["在调"]}
    doubled = pa.table(row | {"VILLAGE": ["一村"], "village": ["二村"]})
    put_parquet(town(tmp_path) / "ledgers/disputes.parquet", doubled)
    snapshot = store.load(tmp_path)
    (fault,) = snapshot.faults
    assert (fault.rule, fault.column, fault.value) == ("列重复", "村社区", "VILLAGE、village")
    assert "disputes" not in snapshot.tables


def test_faulty_rows_of_parquet_are_left_out_of_the_view(tmp_path: Path):
    bad = [
        ACTION | {"action_no": "B1", "opened_on": "03/04/2023"},
        ACTION | {"action_no": "B2", "decided_on": "2023-01-01"},
        ACTION | {"action_no": "B3", "opened_on": "2023/3/1", "officers": "1,234"},
    ]
    put_parquet(town(tmp_path, "power_items") / SINGLE, as_text([*bad, ACTION]))
    snapshot = store.load(tmp_path)
    found = rows(snapshot, "enforcement_actions", "action_no, opened_on, officers, _row")
    assert found == [
        ("B3", date(2023, 3, 1), 1234, 4),
        ("Z-001", date(2023, 3, 1), 2, 5),
    ]
    loaded = snapshot.tables["enforcement_actions"]
    assert (loaded.rows, loaded.rejected) == (2, 2)
    assert {(f.severity, f.row, f.rule) for f in snapshot.faults} == {
        ("error", 2, "日期"),
        ("error", 3, "先后"),
        ("warning", 4, "日期写法"),
        ("warning", 4, "数字写法"),
    }


@pytest.mark.parametrize("damage", [b"", b"PAR1 but no more", "cut"])
def test_one_broken_part_of_ten_is_named_and_the_last_good_table_stays(
    tmp_path: Path, damage: bytes | str
):
    folder = town(tmp_path, "power_items")
    parts = [folder / PARTS / f"year={2014 + i}" / "p.parquet" for i in range(10)]
    for i, part in enumerate(parts):
        put_parquet(part, typed([ACTION | {"action_no": f"N{i}"}]))
    watched = Store(folder)
    good = rows(watched.current(), "enforcement_actions")
    whole = parts[7].read_bytes()
    put(parts[7], whole[: len(whole) // 2] if damage == "cut" else damage)
    name = parts[7].relative_to(folder).as_posix()
    for snapshot in (watched.current(), store.load(folder)):
        (fault,) = [f for f in snapshot.faults if f.severity == "error"]
        assert (fault.file, fault.value) == (name, "")
        assert name in fault.message
    assert rows(watched.current(), "enforcement_actions") == good
    assert watched.current().tables["enforcement_actions"].stale
    assert "enforcement_actions" not in store.load(folder).tables
    put(parts[7], whole)
    assert watched.current().faults == ()
    assert not watched.current().tables["enforcement_actions"].stale


def test_a_folder_that_may_not_be_read_says_so_and_the_last_good_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    folder = town(tmp_path, "power_items")
    watched = Store(folder)
    assert watched.current().faults == ()

    def refuse(_: Path) -> bool:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(publishing, "unfinished", refuse)
    with pytest.raises(DataError, match="读不了数据文件夹（没有权限）"):
        store.load(folder)
    shown = watched.current()
    assert shown.tables["power_items"].stale
    assert shown.faults[0].rule == "文件夹"


def test_a_parquet_that_is_replaced_or_removed_stays_readable_for_who_had_it(tmp_path: Path):
    folder = town(tmp_path, "power_items")
    put_parquet(folder / SINGLE, typed())
    watched = Store(folder)
    first = watched.current()
    put_parquet(folder / SINGLE, typed(GOOD["enforcement_actions"][:1]))
    second = watched.current()
    (folder / SINGLE).unlink()
    third = watched.current()
    counts = [len(rows(s, "enforcement_actions")) for s in (first, second, third)]
    assert counts == [3, 1, 0]


def _write_over(path: Path, content: bytes) -> None:
    """In place, as `open(path, "wb")` and pandas do; at another time long ago, which is no wait."""
    with path.open("r+b") as stream:
        stream.truncate(0)
        stream.write(content)
    os.utime(path, ns=(1, path.stat().st_size))


def _no_copy(*_: object) -> None:
    raise OSError(errno.ENOSPC, "no room")


def _no_link(*_: object, **__: object) -> None:
    raise OSError(errno.EXDEV, "no links here")


def _half(whole: bytes) -> bytes:
    return whole[: len(whole) // 2]


DAMAGE = {
    "half of it": _half,
    "no bytes": lambda _: b"",
    "nonsense": lambda whole: b"nonsense" * 100,
}


@pytest.mark.parametrize("parted", [False, True], ids=["one file", "parts"])
@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_parquet_damaged_in_place_leaves_the_last_good_table_up(
    tmp_path: Path, damage: Callable[[bytes], bytes], parted: bool
):
    folder = town(tmp_path, "power_items", "officers")
    names = [f"{PARTS}/year={y}/p.parquet" for y in (2021, 2022, 2023)] if parted else [SINGLE]
    for i, name in enumerate(names):
        put_parquet(folder / name, typed([r | {"action_no": f"{i}{r['action_no']}"} for r in ROWS]))
    watched = Store(folder)
    before = watched.current()
    good = rows(before, "enforcement_actions")
    whole = (folder / names[-1]).read_bytes()
    _write_over(folder / names[-1], damage(whole))
    shown = watched.current()
    assert rows(before, "enforcement_actions") == good
    assert rows(shown, "enforcement_actions") == good
    assert shown.tables["enforcement_actions"].stale
    assert [f.file for f in shown.faults if f.severity == "error"] == [names[-1]]
    put_table(folder, "officers", GOOD["officers"][:1])  # a further version carries it on
    assert rows(watched.current(), "enforcement_actions") == good
    _write_over(folder / names[-1], whole)
    assert watched.current().faults == ()
    assert not watched.current().tables["enforcement_actions"].stale


def test_figures_are_right_while_a_parquet_is_being_written_over(tmp_path: Path):
    """Page by page, its end untouched: it could be read at any moment, half old and half new."""
    folder = town(tmp_path)
    many = {"dispute_no": [f"D{i}" for i in range(50_000)], "status": ["在调"] * 50_000}
    many |= {"registered_on": ["2023-01-05"] * 50_000, "people": list(range(50_000))}
    path = put_parquet(folder / "ledgers/disputes.parquet", pa.table(many))
    snapshot = Store(folder).current()
    ask = "SELECT count(*), sum(people), min(dispute_no), max(dispute_no) FROM disputes"
    said = snapshot.cursor().execute(ask).fetchone()
    with path.open("r+b") as stream:
        for _ in range(10):
            stream.write(b"\0" * 20_000)
            stream.flush()
            assert snapshot.cursor().execute(ask).fetchone() == said


def test_parts_that_did_not_change_are_not_copied_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    folder = town(tmp_path)
    for year, row in zip((2021, 2022, 2023), ROWS, strict=True):
        put_parquet(folder / PARTS / f"year={year}/p.parquet", typed([row]))
    copied: list[str] = []
    copy = copy_unchanged
    monkeypatch.setattr(build, "copy_unchanged", lambda *how: (copied.append(how[2]), copy(*how)))
    watched = Store(folder)
    watched.current()
    assert len(copied) == 3
    changed = put_parquet(folder / PARTS / "year=2022/p.parquet", typed([ROWS[1], ROWS[2]]))
    assert watched.current().tables["enforcement_actions"].stale  # Z-003 stands twice
    put_parquet(changed, typed([ROWS[1]]))
    assert not watched.current().tables["enforcement_actions"].stale
    assert copied[3:] == [f"{PARTS}/year=2022/p.parquet"] * 2


def test_a_file_that_changes_while_it_is_copied_is_read_again_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    folder = town(tmp_path)
    put_parquet(folder / SINGLE, typed())
    watched = Store(folder)
    good = rows(watched.current(), "enforcement_actions")
    put_parquet(folder / SINGLE, typed(ROWS[:1]))

    def late(source, out, size) -> None:
        out.write(source.read())
        os.utime(folder / SINGLE)

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "copyfileobj", late)
        patch.setattr(csvfile, "RETRY", 0.0)
        shown = watched.current()
    assert ("error", "正在写入") in rules(shown)
    assert rows(shown, "enforcement_actions") == good
    time.sleep(0.1)
    assert len(rows(watched.current(), "enforcement_actions")) == 1


def test_a_parquet_that_may_not_be_read_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    put_parquet(town(tmp_path) / SINGLE, typed())

    def refuse(path: Path, *_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(build, "open", refuse, raising=False)
    (fault,) = [f for f in store.load(tmp_path).faults if f.severity == "error"]
    assert fault.message == f"{SINGLE} 打不开（没有权限）"


def _parts(folder: Path, *tables: pa.Table) -> list[str]:
    """A part a table, each with keys of its own; their names."""
    names = [f"{PARTS}/year={2021 + i}/p.parquet" for i in range(len(tables))]
    for i, (name, table) in enumerate(zip(names, tables, strict=True)):
        keys = pa.array([f"{i}-{n}" for n in range(table.num_rows)])
        put_parquet(folder / name, table.set_column(0, "action_no", keys))
    return names


def _errors(snapshot: Snapshot) -> list[tuple[str, str, str]]:
    return [(f.file, f.column, f.rule) for f in snapshot.faults if f.severity == "error"]


def _column(name: str, cells: pa.Array) -> pa.Table:
    table = typed()
    return table.set_column(table.column_names.index(name), name, cells)


APART = {
    "numbers for days": ("opened_on", pa.array([1, 2, 3]), "数字"),
    "bytes for texts": ("action_type", pa.array([b"x"] * 3), "其他类型（BLOB）"),
    "lists for texts": ("department", pa.array([["甲"]] * 3), "其他类型（VARCHAR[]）"),
    "yes and no for days": ("decided_on", pa.array([True, False, None]), "是否"),
}


@pytest.mark.parametrize(("name", "cells", "kind"), APART.values(), ids=APART)
def test_a_part_with_a_column_of_another_type_is_named_and_the_last_good_table_stays(
    tmp_path: Path, name: str, cells: pa.Array, kind: str
):
    folder = town(tmp_path, "power_items")
    *_, last = _parts(folder, typed(), typed(), typed())
    watched = Store(folder)
    good = rows(watched.current(), "enforcement_actions")
    bad = _column(name, cells).set_column(0, "action_no", pa.array(["a", "b", "c"]))
    sink = pa.BufferOutputStream()
    pq.write_table(bad, sink)
    _write_over(folder / last, sink.getvalue().to_pybytes())
    shown = watched.current()
    header = ACTIONS.column(name).header
    assert _errors(shown) == [(last, header, "列类型")]
    (message,) = (f.message for f in shown.faults if f.severity == "error")
    assert f"“{header}”一列在这个分片里是{kind}" in message
    assert f"{PARTS}/year=2021/p.parquet" in message
    assert "重新导出" in message
    assert "/tmp" not in message
    assert "Error" not in message
    assert rows(shown, "enforcement_actions") == good
    assert shown.tables["enforcement_actions"].stale


def test_an_instant_and_a_time_without_a_zone_are_not_joined(tmp_path: Path):
    """DuckDB would take the one for the other, depending on which part comes first."""
    times = [datetime(2023, 1, 4, 16)] * 3
    tables = [
        _column("opened_on", pa.array(times, pa.timestamp("ns", tz=z))) for z in (None, "UTC", None)
    ]
    _, instants, _ = _parts(town(tmp_path, "power_items"), *tables)
    assert _errors(store.load(tmp_path)) == [(instants, "立案或启动日期", "列类型")]


def test_parts_whose_types_differ_and_say_the_same_are_one_table(tmp_path: Path):
    texts = typed().cast(pa.schema([(n, pa.string()) for n in typed().column_names]))
    empty = _column("decided_on", pa.array([None] * 3, pa.null()))
    _parts(town(tmp_path, "power_items"), typed(), texts, empty, _recast(officers=pa.float32()))
    snapshot = store.load(tmp_path)
    assert {f.severity for f in snapshot.faults} <= {"warning"}
    assert snapshot.tables["enforcement_actions"].rows == 12


@pytest.mark.parametrize("name", ["action_type", "action_no"])
def test_a_part_that_lacks_a_required_column_is_named_and_the_last_good_table_stays(
    tmp_path: Path, name: str
):
    folder = town(tmp_path, "power_items")
    _, second, _ = _parts(folder, typed(), typed(), typed())
    watched = Store(folder)
    good = rows(watched.current(), "enforcement_actions")
    put_parquet(folder / second, typed(ROWS[:1]).drop_columns([name]))
    header = ACTIONS.column(name).header
    for snapshot in (watched.current(), store.load(folder)):
        assert _errors(snapshot) == [(second, header, "缺列")]
        assert any(header in f.message and "这个分片" in f.message for f in snapshot.faults)
    assert rows(watched.current(), "enforcement_actions") == good


def test_a_column_that_no_part_has_is_told_once_of_the_table(tmp_path: Path):
    _parts(town(tmp_path), *[typed().drop_columns(["action_type"])] * 2)
    assert _errors(store.load(tmp_path)) == [(PARTS, "行为类型", "缺列")]


def test_a_table_for_which_the_memory_is_too_small_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    put_parquet(town(tmp_path) / SINGLE, typed())

    def full(*_: object) -> None:
        raise duckdb.OutOfMemoryException("Out of Memory Error: /tmp/qmg-x/files")

    monkeypatch.setattr(build, "examine", full)
    (fault,) = [f for f in store.load(tmp_path).faults if f.severity == "error"]
    assert fault.message.startswith("内存不够")
    assert "QMG_DB_MEMORY" in fault.message


def test_what_nobody_foresaw_names_files_as_they_lie_in_the_data_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    put_parquet(town(tmp_path) / SINGLE, typed())

    def fail(_: object, __: object, relation: str, *___: object) -> None:
        path = relation.partition("read_parquet(['")[2].partition("'")[0]
        raise duckdb.ConversionException(f'Conversion Error: in "{path}"')

    monkeypatch.setattr(build, "examine", fail)
    (fault,) = [f for f in store.load(tmp_path).faults if f.severity == "error"]
    assert f'"{SINGLE}"' in fault.message
    assert "qmg-" not in fault.message


def test_without_room_for_a_copy_a_parquet_is_scanned_through_a_link(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Replaced by renaming it is safe so; written over it is left out, with what is wrong."""
    free = shutil.disk_usage(tmp_path)._replace(free=1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: free)
    put_parquet(few(tmp_path) / SINGLE, typed())
    watched = Store(tmp_path)
    first = watched.current()
    put(tmp_path / SINGLE, b"nonsense")
    assert len(rows(watched.current(), "enforcement_actions")) == 3
    put_parquet(tmp_path / SINGLE, typed())
    assert not watched.current().tables["enforcement_actions"].stale
    assert len(rows(first, "enforcement_actions")) == 3
    _write_over(tmp_path / SINGLE, b"nonsense")
    snapshot = watched.current()
    assert "enforcement_actions" not in snapshot.tables
    assert ("error", "文件损坏") in rules(snapshot)
    assert rows(snapshot, "enforcement_actions") == []


def test_parquet_is_scanned_where_it_lies_if_neither_copy_nor_link_is_possible(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(os, "link", _no_link)
    monkeypatch.setattr(build, "copy_unchanged", _no_copy)
    folder = town(tmp_path / "数据 '甲'=1", "power_items")
    part = f"{PARTS}/year=2023/a.parquet"
    put_parquet(folder / part, typed())
    watched = Store(folder)
    assert watched.current().faults == ()
    assert rows(watched.current(), "enforcement_actions", "_file")[0] == (part,)
    put_table(folder, "officers", GOOD["officers"])
    assert len(rows(watched.current(), "enforcement_actions")) == 3
    put(folder / part, b"")
    assert "enforcement_actions" not in watched.current().tables


def test_copies_are_copied_on_if_the_system_has_no_links(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(os, "link", _no_link)
    put_parquet(town(tmp_path) / SINGLE, typed())
    watched = Store(tmp_path)
    good = rows(watched.current(), "enforcement_actions")
    for content in (b"nonsense", b""):
        _write_over(tmp_path / SINGLE, content)
        assert rows(watched.current(), "enforcement_actions") == good


def test_two_files_for_one_table_are_refused_and_both_named(tmp_path: Path):
    watched = Store(second_town(tmp_path))
    good = rows(watched.current(), "enforcement_actions")
    put_parquet(tmp_path / SINGLE, typed())
    snapshot = watched.current()
    (fault,) = [f for f in snapshot.faults if f.severity == "error"]
    assert SINGLE in fault.message
    assert ACTIONS.path in fault.message
    assert rows(snapshot, "enforcement_actions") == good


# ------------------------------------------------ locked and bounded

FORBIDDEN = [
    "SET threads = 1",
    "SET enable_external_access = true",
    "SET lock_configuration = false",
    "COPY goals TO '{folder}/stolen.csv'",
    "COPY goals TO '{folder}/ledgers/enforcement_actions.parquet' (FORMAT parquet)",
    "SELECT * FROM read_csv('{folder}/goals.csv')",
    "SELECT * FROM read_text('/etc/passwd')",
    "ATTACH '{folder}/other.db'",
    "INSTALL httpfs",
]


@pytest.mark.parametrize("sql", FORBIDDEN)
def test_after_loading_the_database_is_locked(tmp_path: Path, sql: str):
    folder = town(tmp_path, "goals")
    put_parquet(folder / SINGLE, typed())
    before = sorted(p.name for p in folder.rglob("*"))
    cursor = store.load(folder).cursor()
    with pytest.raises(duckdb.Error):
        cursor.execute(sql.format(folder=folder))
    assert sorted(p.name for p in folder.rglob("*")) == before
    assert cursor.execute("SELECT count(*) FROM enforcement_actions").fetchone() == (3,)


def test_memory_threads_and_temporary_space_are_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("QMG_DB_MEMORY", "300MB")
    cursor = store.load(town(tmp_path)).cursor()
    names = "'memory_limit', 'threads', 'max_temp_directory_size', 'temp_directory'"
    sql = f"SELECT name, value FROM duckdb_settings() WHERE name IN ({names})"
    settings = dict(cursor.execute(sql).fetchall())
    assert settings["memory_limit"].startswith("286")  # MiB
    assert 2 <= int(settings["threads"]) <= 4
    assert "qmg-" in settings["temp_directory"]
    assert settings["max_temp_directory_size"] != "90% of available disk space"


def test_a_private_directory_lives_as_long_as_a_cursor(tmp_path: Path):
    put_parquet(town(tmp_path) / SINGLE, typed())
    snapshot = store.load(tmp_path)
    private = snapshot._database.folder
    cursor = snapshot.cursor()
    del snapshot
    gc.collect()
    assert cursor.execute("SELECT count(*) FROM enforcement_actions").fetchone() == (3,)
    del cursor
    gc.collect()
    assert not private.exists()


def test_a_query_larger_than_the_memory_spills_into_the_private_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("QMG_DB_MEMORY", "60MB")
    cursor = store.load(town(tmp_path)).cursor()
    sql = "CREATE TEMP TABLE wide AS SELECT hash(i) h, repeat('x', 60) || i w FROM range(1500000) r(i)"
    cursor.execute(sql)
    assert cursor.execute("SELECT count(DISTINCT w) FROM wide").fetchone() == (1500000,)


def test_with_no_room_for_a_new_version_the_last_one_stays_with_a_banner(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """The system's folder for temporary files is full: the dashboard goes on, and says so."""

    def full(*_: object, **__: object) -> str:
        raise OSError(28, "No space left on device")

    town(tmp_path, *FEW)
    follow = Store(tmp_path)
    assert follow.current().tables["disputes"].rows == 1
    put_table(tmp_path, "disputes", [*GOOD["disputes"], GOOD["disputes"][0] | {"dispute_no": "J2"}])
    with monkeypatch.context() as patch:
        patch.setattr(scratch.tempfile, "mkdtemp", full)
        shown = follow.current()
        assert shown.tables["disputes"].rows == 1
        assert (shown.faults[0].severity, shown.faults[0].rule) == ("error", "磁盘")
        assert "磁盘已满" in shown.faults[0].message
        with pytest.raises(DataError, match="磁盘已满"):
            Store(tmp_path).current()
    assert follow.current().tables["disputes"].rows == 2
    assert not follow.current().faults


@pytest.mark.parametrize("ahead", [3600, 86_400 * 400, -86_400 * 9000])
def test_a_clock_that_jumped_keeps_nobody_waiting_and_hides_no_change(tmp_path: Path, ahead: int):
    """Files of another time, as the clock was before or will be: not young, and read when changed."""

    def dated() -> None:
        for path in tmp_path.rglob("*.csv"):
            os.utime(path, (time.time() + ahead, time.time() + ahead))

    town(tmp_path, *FEW)
    dated()
    start, follow = time.monotonic(), Store(tmp_path)
    assert follow.current().tables["disputes"].rows == 1
    put_table(tmp_path, "disputes", [*GOOD["disputes"], GOOD["disputes"][0] | {"dispute_no": "J2"}])
    dated()
    assert follow.current().tables["disputes"].rows == 2 and not follow.current().faults
    assert time.monotonic() - start < PATIENCE
