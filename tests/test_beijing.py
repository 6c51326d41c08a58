"""One instant, one day: Beijing's, whatever form the instant has and whatever the machine's zone."""

from __future__ import annotations

import ast
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import folders
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sending
from test_layers import ROOT, named, sources

from qmg_dash import beijing
from qmg_dash.figures import listing
from qmg_dash.folder import history, store
from qmg_dash.folder.cells import read_cell
from qmg_dash.folder.history import Entry
from qmg_dash.gate import log
from qmg_dash.intake import report
from qmg_dash.tables import BY_NAME
from qmg_dash.ui.link import versions_compared

ZONES = ("UTC", "America/Los_Angeles", "Pacific/Auckland")
DAY = BY_NAME["disputes"].column("registered_on")
NEW_YEAR = datetime(2022, 12, 31, 16, 30, tzinfo=UTC)
"""Half past midnight of 1 January 2023 in Beijing."""


@pytest.fixture(params=ZONES)
def machine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A machine whose clocks stand elsewhere."""
    if not hasattr(time, "tzset"):
        pytest.skip("the zone of this system is not that of its environment")
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


# ---------------------------------------------------------------- what is written


INSTANTS = (
    "2022-12-31 16:30:00+00",
    "2022-12-31T16:30:00Z",
    "2022-12-31t16:30z",
    "2022-12-31T16:30:00.000+0000",
    "20221231T163000Z",
    "2022-12-31 16:30:00 UTC",
    "2022-12-31 16:30:00 +0000 UTC",
    "2023-01-01 00:30:00+08:00",
    "2023-01-01T00:30:00+08:00[Asia/Shanghai]",
    "2023/1/1 00:30 GMT+8",
    "2023年1月1日00:30+08",
    "2022-12-31 22:00:00+0530",
    "2022-12-31 08:30:00-08:00",
    "２０２２－１２－３１　１６：３０：００＋００",
)
AS_WRITTEN = ("2022-12-31 16:30:00", "2022-12-31T23:59:59", "2022/12/31 0:00", "20221231 2359")


@pytest.mark.parametrize("written", INSTANTS)
def test_an_instant_is_read_as_its_day_in_beijing(written: str):
    cell = read_cell(DAY, written)
    assert (cell.value, cell.severity) == (date(2023, 1, 1), "warning")
    assert "北京时间" in cell.message


@pytest.mark.parametrize("written", AS_WRITTEN)
def test_a_time_without_a_zone_is_its_written_day(written: str):
    assert read_cell(DAY, written).value == date(2022, 12, 31)


@pytest.mark.parametrize(
    "written",
    ["2023-01-05 16:30+25:00", "9999-12-31 23:00-10", "2023-01-05 99:99", "0001-01-01 00:00+14"],
)
def test_a_time_that_is_none_is_a_fault(written: str):
    assert read_cell(DAY, written).severity == "error"


def put_parquet(path: Path, columns: dict) -> None:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(columns), sink)
    folders.put(path, sink.getvalue().to_pybytes())


def typed(*zones: str) -> list[pa.Array]:
    """The instant in every type that a column of instants may have."""
    units = ("s", "ms", "us", "ns")
    return [pa.array([NEW_YEAR] * 2, pa.timestamp(u, tz=z)) for u in units for z in zones]


COLUMNS = {str(column.type): column for column in typed("UTC", "Asia/Shanghai", "+05:30")}
COLUMNS |= {text: pa.array([text] * 2) for text in (INSTANTS[0], INSTANTS[-3])}


@pytest.mark.parametrize("column", COLUMNS.values(), ids=COLUMNS)
def test_the_same_instant_is_one_day_in_csv_and_in_parquet(
    tmp_path: Path, machine: str, column: pa.Array
):
    folders.put_town(tmp_path)
    rows = {"dispute_no": pa.array(["D1", "D2"]), "registered_on": column}
    put_parquet(tmp_path / "ledgers/disputes.parquet", rows | {"status": pa.array(["在调"] * 2)})
    other = tmp_path / "csv"
    folders.put_town(other)
    dispute = {"dispute_no": "D1", "status": "在调", "registered_on": INSTANTS[0]}
    folders.put_table(other, "disputes", [dispute])
    for folder in (tmp_path, other):
        days = store.load(folder).cursor().execute("SELECT registered_on FROM disputes").fetchall()
        assert set(days) == {(date(2023, 1, 1),)}, machine


def test_days_beside_instants_in_other_parts_stay_the_days_that_they_are(
    tmp_path: Path, machine: str
):
    folders.put_town(tmp_path)
    for name, column in (
        ("a", pa.array([date(2023, 1, 1)])),
        ("b", pa.array([NEW_YEAR], pa.timestamp("us", tz="UTC"))),
    ):
        rows = {"dispute_no": [name], "registered_on": column, "status": ["在调"]}
        put_parquet(tmp_path / "ledgers" / "disputes" / f"{name}.parquet", rows)
    days = store.load(tmp_path).cursor().execute("SELECT registered_on FROM disputes").fetchall()
    assert days == [(date(2023, 1, 1),)] * 2, machine


def test_a_workbook_s_instant_goes_in_as_its_day(tmp_path: Path):
    folders.put_town(tmp_path)
    head = ["登记编号", "登记日期", "办理状态"]
    rows = [head, *([f"D{i}", written, "在调"] for i, written in enumerate(INSTANTS))]
    plan = sending.planned(tmp_path, sending.xlsx(rows))
    assert not plan.problems
    days = {row[1] for row in plan.contents["ledgers/disputes.csv"].rows}
    assert days == {"2023-01-01"}


@pytest.mark.parametrize("as_of", ["2022-12-31T16:30:00Z", '"2022-12-31 16:30:00+00"'])
def test_the_clock_s_day_may_be_an_instant_too(tmp_path: Path, as_of: str):
    folders.put(tmp_path / "town.toml", f'[town]\nname = "甲镇"\n[dataset]\nas_of = {as_of}\n')
    assert store.load(tmp_path).clock() == date(2023, 1, 1)


# ---------------------------------------------------------------- today


ASKING = {
    "today",
    "now",
    "utcnow",
    "fromtimestamp",
    "utcfromtimestamp",
    "localtime",
    "ctime",
    "strftime",
}
"""What tells a day or an hour by the machine's zone."""


def asking(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            of = ast.unparse(node.func.value)
            if node.func.attr in ASKING and of in (
                "date",
                "datetime",
                "time",
                "datetime.date",
                "datetime.datetime",
            ):
                yield f"{of}.{node.func.attr}"
            elif node.func.attr == "astimezone" and not node.args:
                yield "astimezone()"


def test_nothing_else_asks_the_machine_for_its_day():
    """The tests neither: from 16:00 UTC they would know another day than the app."""
    seen = [*sources(), *(ROOT / "tests").rglob("*.py")]
    found = {named(p): list(asking(p)) for p in seen if p.name != "beijing.py"}
    certificate = {"tests/browser/test_nginx.py": ["datetime.now"]}  # its instants, in UTC
    assert {name: asked for name, asked in found.items() if asked} == certificate


def test_what_asks_the_machine_is_found():
    found = set(asking(ROOT / "qmg_dash" / "beijing.py"))
    assert found == {"datetime.now", "datetime.fromtimestamp"}


def test_today_is_beijing_s_whatever_the_machine_s_zone(
    tmp_path: Path, machine: str, monkeypatch: pytest.MonkeyPatch
):
    class Fixed(datetime):
        @classmethod
        def now(cls, tz: timezone | None = None) -> datetime:
            return NEW_YEAR.astimezone(tz)

    monkeypatch.setattr(beijing, "datetime", Fixed)
    folders.put_town(tmp_path, as_of="")
    folders.put_table(
        tmp_path,
        "disputes",
        [{"dispute_no": "D1", "registered_on": "2023-01-01", "status": "在调"}],
    )
    snapshot = store.load(tmp_path)
    assert snapshot.clock() == beijing.today() == date(2023, 1, 1), machine
    assert not [f for f in snapshot.faults if f.rule == "晚于今天"]
    assert beijing.stamp() == "2023-01-01T00:30:00+08:00"
    (figure,) = [
        f for f in listing.figures(snapshot, 2023, ["disputes.pending"]) if not f.dimension
    ]
    assert (figure.value, figure.as_of) == (1, "2023-01-01")


# ---------------------------------------------------------------- what was stored


def test_a_stored_moment_is_shown_on_beijing_s_clocks(machine: str):
    for stored in (
        "2022-12-31T16:30:00+00:00",
        "2023-01-01T00:30:00+08:00",
        "2022-12-31T08:30:00-08:00",
    ):
        assert beijing.shown(stored) == "2023-01-01 00:30", machine
    assert beijing.shown("2023-01-01T00:30:00") == "2023-01-01 00:30"
    assert beijing.shown("昨天") == "昨天"
    told = report.version(Entry("import", ("2022-12-31T16:30:00+00:00",), 1, by="张三"))
    assert "2023-01-01 00:30" in told


def test_versions_stand_in_the_order_of_time_whatever_zone_wrote_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv(history.VARIABLE, "20")
    folders.put_town(tmp_path)
    moments = {
        "第一版": NEW_YEAR,
        "第二版": (NEW_YEAR + timedelta(hours=1)).astimezone(timezone(timedelta(hours=-8))),
    }
    for text, moment in moments.items():
        folders.put_table(
            tmp_path, "shortcomings", [{"shortcoming_id": "S1", "year": "2022", "text": text}]
        )
        assert history.keep(store.load(tmp_path), moment)
    first, second = history.kept(tmp_path)
    assert first.last < second.last
    assert [versions_compared.day(k) for k in (first, second)] == ["2023-01-01"] * 2
    assert history.on(tmp_path, date(2022, 12, 31)) is None
    assert history.on(tmp_path, date(2023, 1, 1)) == second


def test_the_access_log_has_beijing_s_time(
    tmp_path: Path, machine: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(log._LOG, "handlers", [])
    monkeypatch.setattr(time, "time", NEW_YEAR.timestamp)
    monkeypatch.setattr(time, "time_ns", lambda: int(NEW_YEAR.timestamp() * 10**9))
    log.keep(tmp_path / "logs", "a")
    log.event("登录", "甲", "10.0.0.1")
    for handler in log._LOG.handlers:
        handler.close()
    assert (tmp_path / "logs" / "access-a.log").read_text().startswith("2023-01-01 00:30:00\t"), (
        machine
    )
