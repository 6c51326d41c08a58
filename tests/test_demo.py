"""The demo town: same bytes, sound under `check`, one story over all tables, problems where the
list says they are. Look-ups here read the CSV with the csv module, not with the product."""

from __future__ import annotations

import csv
import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import duckdb
import place
import pyarrow.parquet as pq
import pytest

from qmg_dash import demo
from qmg_dash.demo import ledgers, scene
from qmg_dash.figures import listing
from qmg_dash.figures.faults import all_faults
from qmg_dash.folder import store
from qmg_dash.folder.workdays import add_workdays, workdays_between
from qmg_dash.tables import APPLICANTS, LEDGERS, OUTCOMES, TABLES, table

SHIPPED = Path(__file__).parents[1] / "data" / "demo"
AS_OF = date(2023, 9, 30)
TOWN = "示例市示例区示例镇"

Row = dict[str, str]
Data = dict[str, list[Row]]


def read(folder: Path) -> Data:
    """Every table of a CSV folder, English names, cells as text."""
    found = {}
    for spec in (t for t in TABLES if (folder / t.path).is_file()):
        text = (folder / spec.path).read_bytes().decode("utf-8-sig")
        names = {c.header: c.name for c in spec.columns}
        rows = csv.DictReader(text.splitlines())
        found[spec.name] = [{names[k]: v for k, v in row.items()} for row in rows]
    return found


def files(folder: Path) -> list[Path]:
    """The files of a folder, but for what a dashboard of an earlier version has kept beside them."""
    return [p for p in sorted(folder.rglob("*")) if p.is_file() and ".history" not in p.parts]


def digest(folder: Path) -> dict[str, str]:
    return {
        str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in files(folder)
    }


def day(text: str) -> date:
    return date.fromisoformat(text)


def made(where: Path, **arguments: object) -> Path:
    demo.write_demo(where, **arguments)  # type: ignore[arg-type]
    return where


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("demo") / "town")


@pytest.fixture(scope="module")
def data(folder: Path) -> Data:
    return read(folder)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Data:
    """Enough rows for shares to be steady."""
    return read(made(tmp_path_factory.mktemp("large") / "town", rows=20_000, seed=3))


# ---- bytes -----------------------------------------------------------------------------------
@pytest.mark.slow
@pytest.mark.parametrize("fmt", ["csv", "parquet"])
def test_same_arguments_same_bytes(tmp_path: Path, fmt: str) -> None:
    one, two, other = (
        digest(made(tmp_path / name, rows=1000, seed=seed, fmt=fmt))
        for name, seed in (("one", 7), ("two", 7), ("other", 8))
    )
    assert one == two
    assert one.keys() == other.keys()
    same = {
        "ledgers/power_items",
        "shortcomings",
        "practices",
        "corrections",
        "goal_updates",
        "assignments",
    }
    differ = {name for name in one if one[name] != other[name]}
    assert {n for n in one if n.rpartition(".")[0] not in same} - {"goals.csv"} <= differ


def test_shipped_folder_is_what_the_code_makes(folder: Path) -> None:
    assert digest(SHIPPED) == digest(folder), (
        "run: make demo (rm -r data/demo; python -m qmg_dash demo --out data/demo)"
    )


@pytest.mark.parametrize("table", [t.name for t in TABLES])
def test_every_table_has_rows(data: Data, table: str) -> None:
    flows, makers = (place.line("qmg_dash/demo/ledgers.py", w) for w in ("FLOWS", "LEDGERS"))
    assert data.get(table), f"make rows of {table}: how many at {flows}, which at {makers}"


def test_shipped_folder_is_small() -> None:
    assert sum(p.stat().st_size for p in files(SHIPPED)) <= 2_000_000


def test_csv_is_in_the_standard_form(folder: Path) -> None:
    for spec in TABLES:
        raw = (folder / spec.path).read_bytes()
        assert raw.startswith(b"\xef\xbb\xbf" + spec.columns[0].header.encode())
        assert raw.endswith(b"\r\n")
        assert raw.count(b"\n") == raw.count(b"\r\n")


# ---- size ------------------------------------------------------------------------------------
@pytest.mark.slow
@pytest.mark.parametrize("rows", [20, 1000, 1001, 12_345])
def test_rows_are_the_enforcement_actions(tmp_path: Path, rows: int) -> None:
    found = read(made(tmp_path / "town", rows=rows))
    assert len(found["enforcement_actions"]) == rows
    assert all(found[t.name] for t in TABLES)


def test_other_ledgers_keep_their_proportion(data: Data, large: Data) -> None:
    assert len(large["power_items"]) == len(data["power_items"])
    for spec in LEDGERS:
        if spec.name != "power_items" and not spec.by_hand:
            ratio = len(large[spec.name]) / len(data[spec.name])
            assert 6 < ratio < 12, (spec.name, ratio)


@pytest.mark.slow
def test_years_are_the_ones_asked_for(tmp_path: Path) -> None:
    found = read(made(tmp_path / "town", rows=400, years=(2020, 2021, 2022)))
    years = {r["opened_on"][:4] for r in found["enforcement_actions"]}
    assert years == {"2020", "2021", "2022"}
    assert {r["year"] for r in found["reported"]} == {"2020", "2021"}
    assert {r["year"] for r in found["goals"]} == {"2022"}


@pytest.mark.slow
def test_chunks_do_not_change_what_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scene, "CHUNK", 700)
    monkeypatch.setattr(ledgers, "CHUNK", 7)
    out = made(tmp_path / "town", rows=3000, fmt="parquet")
    parts = sorted((out / "ledgers" / "enforcement_actions").rglob("*.parquet"))
    assert [p.parent.name for p in parts] == ["year=2022", "year=2023"]
    assert all(pq.ParquetFile(p).num_row_groups > 1 for p in parts)
    assert sum(pq.ParquetFile(p).metadata.num_rows for p in parts) == 3000
    assert faults(out) == EXPECTED_FAULTS


# ---- soundness -------------------------------------------------------------------------------
EXPECTED_FAULTS = {("warning", "S-4"): 1, ("warning", "未登记"): 1, ("warning", "对账"): 2}
"""The planted ones that `check` sees: a broken identity, an item without a code, and the two
published figures that the ledgers do not bear out."""


def faults(folder: Path) -> dict[tuple[str, str], int]:
    return dict(Counter((f.severity, f.rule) for f in all_faults(store.load(folder))))


@pytest.mark.slow
@pytest.mark.parametrize("fmt", ["csv", "parquet"])
@pytest.mark.parametrize(("rows", "seed"), [(20, 0), (150, 5), (2000, 1), (5000, 99)])
def test_check_finds_what_is_planted_and_nothing_else(
    tmp_path: Path, rows: int, seed: int, fmt: str
) -> None:
    found = faults(made(tmp_path / "town", rows=rows, seed=seed, fmt=fmt))
    if rows < 100:  # not something to enter every week: by its cadence such a ledger is late
        found.pop(("warning", "更新"), None)
    assert found == EXPECTED_FAULTS


@pytest.mark.slow
@pytest.mark.parametrize("years", [(2022,), (2019, 2020, 2021, 2022), (2030, 2031), (1999, 2000)])
def test_other_years_are_sound(tmp_path: Path, years: tuple[int, ...]) -> None:
    found = faults(made(tmp_path / "town", rows=500, years=years))
    assert not [k for k in found if k[0] == "error"]
    assert found.keys() <= EXPECTED_FAULTS.keys()


def test_the_clock_stands_in_the_year_in_progress(folder: Path, data: Data) -> None:
    town = store.load(folder).town
    assert (town.name, town.nature) == (TOWN, "demo")
    assert f"as_of = {AS_OF}" in (folder / "town.toml").read_text(encoding="utf-8")
    ahead = {"expires_on", "start", "due", "due_on"}  # what lies ahead by its nature
    for spec in TABLES:
        for column in spec.columns:
            if column.type == "date" and column.name not in ahead:
                dates = [r[column.name] for r in data[spec.name] if r[column.name]]
                assert max(map(day, dates)) <= AS_OF, (spec.name, column.name)


@pytest.mark.slow
def test_both_formats_hold_the_same_rows(tmp_path: Path, folder: Path) -> None:
    out = made(tmp_path / "town", fmt="parquet")
    texts = read(folder)
    for spec in (t for t in LEDGERS if t.inside):
        where = out / "ledgers" / spec.name
        glob = f"{where}/**/*.parquet" if where.is_dir() else f"{where}.parquet"
        columns = ", ".join(
            f"CASE {c.name} WHEN true THEN '是' WHEN false THEN '否' END"
            if c.type == "bool"
            else f"CAST({c.name} AS BIGINT)::VARCHAR"
            if c.type == "number"
            else f"{c.name}::VARCHAR"
            for c in spec.columns
        )
        sql = f"SELECT {columns} FROM read_parquet('{glob}', hive_partitioning = false)"
        rows = [tuple(v or "" for v in r) for r in duckdb.sql(sql).fetchall()]
        expected = [tuple(r[c.name] for c in spec.columns) for r in texts[spec.name]]
        assert sorted(rows) == sorted(expected), spec.name


# ---- one story -------------------------------------------------------------------------------
def in_force(data: Data, on: str) -> dict[str, Row]:
    """The items of the list in force on a day; the first list before it was approved."""
    versions = sorted({r["list_version"] for r in data["power_items"]})
    version = max((v for v in versions if v <= on), default=versions[0])
    rows = (r for r in data["power_items"] if r["list_version"] == version)
    return {r["item_code"]: r for r in rows if r["status"] == "在用"}


def test_actions_use_a_power_in_force(data: Data) -> None:
    lists: dict[str, dict[str, Row]] = {}
    for row in data["enforcement_actions"]:
        on = row["opened_on"]
        items = lists.setdefault(on, in_force(data, on))
        if row["item_code"]:
            item = items[row["item_code"]]
            assert item["category"] == row["action_type"]
            assert row["department"] in (item["department"], "")


def test_power_list_has_a_version_a_year_and_its_changes(data: Data) -> None:
    versions = Counter(r["list_version"] for r in data["power_items"])
    assert {v[:4] for v in versions} == {"2022", "2023"}
    changes = defaultdict(set)
    for r in data["power_items"]:
        assert bool(r["change"]) == bool(r["changed_on"])
        changes[r["list_version"]].add(r["change"])
    assert changes[max(versions)] >= {"新增", "取消", "收回", "承接", "调整"}
    used = {r["item_code"] for r in data["enforcement_actions"] if r["item_code"]}
    assert 0.4 < len(used) / max(versions.values()) < 0.9, "some powers are used, some dormant"


def test_penalties_have_a_class_and_a_sum(data: Data) -> None:
    decided = [
        r for r in data["enforcement_actions"] if r["action_type"] == "行政处罚" and r["decided_on"]
    ]
    assert all(r["penalty_class"] for r in decided)
    for r in decided:
        if r["fine_yuan"]:
            assert (int(r["fine_yuan"]) > 0) == (r["penalty_class"][:2] in ("罚款", "没收"))
    others = [r for r in data["enforcement_actions"] if r["action_type"] != "行政处罚"]
    assert not any(r["penalty_class"] or r["fine_yuan"] for r in others)


def test_terms_are_mostly_kept_and_sometimes_not(large: Data) -> None:
    actions = large["enforcement_actions"]
    took = [
        (day(r["decided_on"]) - day(r["opened_on"])).days
        for r in actions
        if r["action_type"] == "行政处罚" and r["decided_on"]
    ]
    assert 0.98 < sum(t <= 90 for t in took) / len(took) < 1
    shown = [
        workdays_between(day(r["decided_on"]), day(r["disclosed_on"]))
        for r in actions
        if r["action_type"] in ("行政许可", "行政处罚") and r["disclosed_on"]
    ]
    assert 0.93 < sum(t <= 7 for t in shown) / len(shown) < 1
    replied = [
        workdays_between(day(r["received_on"]), day(r["replied_on"]))
        <= 20 * (1 + (r["extended"] == "是")) + int(r["suspended_days"] or 0)
        for r in large["applications"]
        if r["replied_on"]
    ]
    assert 0.9 < sum(replied) / len(replied) < 1


def test_some_cells_are_empty(large: Data) -> None:
    for name, column in (
        ("enforcement_actions", "object_type"),
        ("enforcement_actions", "item_code"),
        ("disclosures", "produced_on"),
        ("disputes", "people"),
    ):
        share = sum(not r[column] for r in large[name]) / len(large[name])
        assert 0.005 < share < 0.025, (column, share)


def test_officers_hold_certificates(data: Data) -> None:
    certified = [r for r in data["officers"] if r["certificate_no"]]
    assert len(certified) > 0.8 * len(data["officers"])
    assert all(r["issued_on"] and r["expires_on"] and r["trained_on"] for r in certified)
    for year in ("2022", "2023"):
        graduates = sum(
            int(r["exam_passed_count"])
            for r in data["learning"]
            if r["kind"] == "执法证培训" and r["held_on"].startswith(year)
        )
        assert graduates == sum(r["issued_on"].startswith(year) for r in data["officers"])


def test_documents_decisions_and_penalties_were_reviewed(data: Data) -> None:
    reviews = Counter(r["kind"] for r in data["legal_reviews"])
    assert reviews["规范性文件"] == sum(r["issued_on"] >= "2022" for r in data["documents"])
    assert reviews["重大行政决策"] == sum(r["legality"] == "已完成" for r in data["decisions"])
    assert reviews["重大执法决定"] == sum(
        r["legal_review"] == "已审核" and bool(r["decided_on"]) for r in data["enforcement_actions"]
    )
    disclosed = Counter(r["normative"] for r in data["disclosures"])["是"]
    assert 0 < disclosed <= reviews["规范性文件"]


def test_cells_of_a_dispute_agree(data: Data) -> None:
    for r in data["disputes"]:
        assert (r["status"] == "在调") == (not r["closed_on"])
        if r["reported_up_on"]:
            assert r["reported_up_on"][:7] == r["registered_on"][:7]


# ---- what is published -----------------------------------------------------------------------
def published(data: Data, code: str, dimension: str = "") -> float:
    [row] = [
        r
        for r in data["reported"]
        if (r["year"], r["indicator"], r["dimension"]) == ("2022", code, dimension)
    ]
    return float(row["value"])


def test_published_figures_follow_the_ledgers(data: Data) -> None:
    in_2022 = [r for r in data["enforcement_actions"] if r["opened_on"].startswith("2022")]
    inspections = sum(r["action_type"] == "行政检查" for r in in_2022)
    assert published(data, "enforcement.inspections") == inspections
    fines = sum(
        int(r["fine_yuan"] or 0)
        for r in data["enforcement_actions"]
        if r["decided_on"].startswith("2022")
    )
    assert published(data, "enforcement.fines") == fines
    assert published(data, "disclosure.published") == sum(
        r["published_on"].startswith("2022") for r in data["disclosures"]
    )
    assert published(data, "review.contracts") <= sum(
        r["kind"] == "合同" and r["reviewed_on"].startswith("2022") for r in data["legal_reviews"]
    )


def test_every_published_count_equals_the_ledger_but_the_planted(folder: Path) -> None:
    figures = listing.figures(store.load(folder), 2022, ())
    both = [f for f in figures if f.reported and f.ledger and not f.reported.qualifier]
    assert len(both) > 150
    off = {f.code for f in both if abs(f.reported.value - f.ledger.value) > 0.005}
    assert off == {"disclosure.t2.penalties", "enforcement.penalties", "disputes.registered"}
    about = [f for f in figures if f.reported and f.ledger and f.reported.qualifier]
    assert about
    for f in about:
        low, high = f.reported.interval
        assert low < f.ledger.value < high, f.code


def test_statutory_tables_hold_together(large: Data) -> None:
    t3 = "disclosure.t3."
    columns = (*APPLICANTS, "总计")
    for column in columns:
        cell = {r: published(large, t3 + r, column) for r in (*OUTCOMES, "total")}
        assert sum(cell[r] for r in OUTCOMES) == cell["total"]
        new, carried, left = (
            published(large, t3 + r, column) for r in ("new", "carried_in", "carried_out")
        )
        assert new + carried == cell["total"] + left
    for row in ("new", "carried_in", *OUTCOMES, "total", "carried_out"):
        parts = [published(large, t3 + row, a) for a in APPLICANTS]
        assert sum(parts) == published(large, t3 + row, "总计")
    assert published(large, "disclosure.form") == 2021


# ---- what is planted -------------------------------------------------------------------------
def _overdue(row: Row) -> date:
    return add_workdays(day(row["received_on"]), 20)


PREDICATES: dict[str, Callable[[Row, Data], bool]] = {
    "litigation-unheard": lambda r, d: (
        r["kind"].startswith("行政诉讼") and r["hearing_held"] == "否" and not r["closed_on"]
    ),
    "application-overdue": lambda r, d: _overdue(r) < AS_OF and not r["replied_on"],
    "application-due-soon": lambda r, d: (
        1 <= workdays_between(AS_OF, _overdue(r)) <= 5 and not r["replied_on"]
    ),
    "penalty-over-90-decided": lambda r, d: (
        r["action_type"] == "行政处罚"
        and day(r["decided_on"]) - day(r["opened_on"]) > timedelta(90)
    ),
    "penalty-over-90-open": lambda r, d: (
        r["action_type"] == "行政处罚"
        and not r["decided_on"]
        and AS_OF - day(r["opened_on"]) > timedelta(90)
    ),
    "certificate-expiring-1": lambda r, d: (
        r["active"] == "是" and AS_OF <= day(r["expires_on"]) <= AS_OF + timedelta(90)
    ),
    "certificate-expiring-2": lambda r, d: (
        r["active"] == "是" and AS_OF <= day(r["expires_on"]) <= AS_OF + timedelta(90)
    ),
    "certificate-expired": lambda r, d: r["active"] == "是" and day(r["expires_on"]) < AS_OF,
    "dispute-not-reported": lambda r, d: r["major"] == "是" and not r["reported_up_on"],
    "contract-unreviewed": lambda r, d: (
        (r["kind"], r["fiscal"], r["reviewed_on"]) == ("合同", "是", "")
        and AS_OF - day(r["submitted_on"]) > timedelta(30)
    ),
    "decision-without-review": lambda r, d: (r["major"], r["legality"]) == ("是", "未完成"),
    "document-not-filed": lambda r, d: (
        not r["filed_on"] and AS_OF - day(r["issued_on"]) > timedelta(30)
    ),
    "item-uncoded": lambda r, d: not r["item_code"] and r["status"] == "在用",
    "goal-behind": lambda r, d: (
        day(r["due"]) > AS_OF and float(_newest(r, d)["progress"]) / 100 < _elapsed(r)
    ),
    "goal-overdue": lambda r, d: day(r["due"]) < AS_OF and _newest(r, d)["status"] == "进行中",
    "goal-below": lambda r, d: (
        (r["indicator"], r["target"]) == ("applications.on_time_rate", "100")
        and any(
            not a["replied_on"] and add_workdays(day(a["received_on"]), 20) < AS_OF
            for a in d["applications"]
            if a["received_on"].startswith(r["year"]) and not a["suspended_days"].strip("0")
        )
    ),
    "goal-no-data": lambda r, d: (
        r["goal_id"] not in {u["goal_id"] for u in d["goal_updates"]} and not r["indicator"]
    ),
    "shortcoming-unanswered": lambda r, d: (
        not any(r["shortcoming_id"] in g["shortcoming_ids"] for g in d["goals"])
    ),
    "identity-S-4": lambda r, d: (
        float(r["value"])
        != sum(
            a["action_type"] == "行政处罚" and a["decided_on"].startswith(r["year"])
            for a in d["enforcement_actions"]
        )
    ),
    "deviation-disputes": lambda r, d: (
        float(r["value"]) != sum(x["registered_on"].startswith(r["year"]) for x in d["disputes"])
    ),
}


def _newest(goal: Row, data: Data) -> Row:
    return max(
        (u for u in data["goal_updates"] if u["goal_id"] == goal["goal_id"]),
        key=lambda u: u["date"],
    )


def _elapsed(goal: Row) -> float:
    start, due = day(goal["start"]), day(goal["due"])
    return (AS_OF - start) / (due - start)


def test_every_planted_problem_has_its_look_up() -> None:
    assert {p.id for p in demo.PLANTED} == PREDICATES.keys()
    assert len(demo.PLANTED) == len(PREDICATES)


@pytest.mark.parametrize("planted", demo.PLANTED, ids=lambda p: p.id)
def test_planted_problem_is_in_the_data(planted: demo.Planted, data: Data, large: Data) -> None:
    for found in (data, large):
        rows = [
            r
            for r in found[planted.table]
            if all(r[column] == value for column, value in planted.key.items())
        ]
        assert len(rows) == 1, planted.where
        assert PREDICATES[planted.id](rows[0], found), planted.what


@pytest.mark.slow
def test_plants_follow_the_years(tmp_path: Path) -> None:
    for years in ((2021,), (2024, 2025)):
        found = read(made(tmp_path / str(years[0]), rows=100, years=years))
        for planted in demo.planted(years):
            hits = [
                r
                for r in found[planted.table]
                if all(r[column] == value for column, value in planted.key.items())
            ]
            assert len(hits) == 1, planted.where


# ---- refusals --------------------------------------------------------------------------------
def test_a_folder_that_is_not_empty_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text("x")
    with pytest.raises(demo.DemoError, match="不是空文件夹"):
        demo.write_demo(tmp_path)
    with pytest.raises(demo.DemoError, match="不是空文件夹"):
        demo.write_demo(tmp_path / "mine.csv")
    assert [p.name for p in tmp_path.iterdir()] == ["mine.csv"]
    (tmp_path / "empty").mkdir()
    demo.write_demo(tmp_path / "empty", rows=50)


@pytest.mark.parametrize(
    "arguments",
    [
        {"rows": 19},
        {"rows": -1},
        {"seed": -1},
        {"years": ()},
        {"years": (2023, 2022)},
        {"years": (2020, 2022)},
        {"years": (2022, 2022)},
        {"years": (1800, 1801)},
        {"years": tuple(range(2000, 2020))},
        {"fmt": "xlsx"},
    ],
    ids=str,
)
def test_arguments_without_sense_are_refused(tmp_path: Path, arguments: dict) -> None:
    with pytest.raises(demo.DemoError):
        demo.write_demo(tmp_path / "town", **arguments)
    assert not (tmp_path / "town").exists()


# ---- fiction ---------------------------------------------------------------------------------
REAL = re.compile("青木关|沙坪坝|重庆|四川|北京")
TITLES = {
    "power_items": "name",
    "disclosures": "title",
    "legal_reviews": "title",
    "documents": "title",
    "decisions": "title",
    "learning": "topic",
    "publicity": "theme",
    "goals": "measure",
    "shortcomings": "text",
}


def test_nothing_real_is_in_it(folder: Path, data: Data) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            text = path.read_text(encoding="utf-8-sig")
            assert not REAL.search(text), path
            assert not re.search(r"1[3-9]\d{9}|\d{17}[\dXx]", text), path
    for name, column in TITLES.items():
        assert all("示例" in r[column] for r in data[name] if r[column]), name
    assert all(r["village"].startswith("示例") for r in data["disputes"] if r["village"])
    assert all("虚构" in r["source"] for r in data["reported"])


def test_keys_are_marked_and_run_in_order(data: Data) -> None:
    for spec in LEDGERS:
        for column in (c.name for c in spec.columns if c.key):
            keys = [r[column] for r in data[spec.name]]
            assert all(k.startswith(("SL-", "示例")) for k in keys)
            assert len(set(keys)) == len(keys)
    days = [r["opened_on"] for r in data["enforcement_actions"][:1000]]
    assert all(a <= b for a, b in pairwise(days))
    assert table("enforcement_actions").key == ("action_no",)
