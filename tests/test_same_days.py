"""A year in progress: its rows ahead of the clock's day count, and are said; what is compared with
the year before is compared on the same days. Another power list is compared with none."""

from __future__ import annotations

import csv
import shutil
from collections import Counter
from datetime import date
from pathlib import Path

import naive
import pytest
import screens

from qmg_dash.figures.book import shared
from qmg_dash.figures.coverage import later
from qmg_dash.figures.findings import span
from qmg_dash.figures.months import series
from qmg_dash.figures.why_changed import comparison, contributions, unexplained
from qmg_dash.folder import store
from qmg_dash.kpis import KPIS
from qmg_dash.kpis.base import Kpi
from qmg_dash.model import Filters
from qmg_dash.tables import TABLES, YES, Column, Table
from qmg_dash.theme import Look
from qmg_dash.ui.link.scope import UNDATED, Scope

DEMO = Path(__file__).parents[1] / "data" / "demo"
TODAY = date(2023, 6, 15)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo as if its year had come to the middle of June only."""
    place = tmp_path_factory.mktemp("june") / "data"
    shutil.copytree(DEMO, place, ignore=shutil.ignore_patterns(".history"))
    town = place / "town.toml"
    written = town.read_text(encoding="utf-8")
    stamped = [f"as_of = {TODAY}" if "as_of" in line else line for line in written.splitlines()]
    town.write_text("\n".join(stamped) + "\n", encoding="utf-8")
    return place


def days(folder: Path, table: str, header: str) -> list[date]:
    """The dates of a column of a ledger, where it is filled."""
    with (folder / "ledgers" / f"{table}.csv").open(encoding="utf-8-sig") as file:
        return [date.fromisoformat(r[header]) for r in csv.DictReader(file) if r[header]]


COUNTS = {
    "disputes.registered": ("disputes", "登记日期"),
    "disclosure.published": ("disclosures", "公开日期"),
}


@pytest.mark.parametrize("code", COUNTS)
def test_the_same_days_are_compared_and_all_rows_of_the_year_counted(
    folder: Path, code: str
) -> None:
    found = days(folder, *COUNTS[code])
    book = shared(store.load(folder), Filters(2023))
    against = comparison(book)
    assert book.fig(code).value == sum(d.year == 2023 for d in found)
    assert against.now.fig(code).value == sum(date(2023, 1, 1) <= d <= TODAY for d in found)
    base = sum(date(2022, 1, 1) <= d <= date(2022, 6, 15) for d in found)
    assert against.book.fig(code).value == base


@pytest.mark.parametrize("code", COUNTS)
def test_the_months_add_up_to_the_year_and_those_ahead_without_rows_are_no_data(
    folder: Path, code: str
) -> None:
    by_month = Counter(d.month for d in days(folder, *COUNTS[code]) if d.year == 2023)
    book = shared(store.load(folder), Filters(2023))
    points = {p.month: p.values[""] for p in series(book, code)}
    assert any(by_month[m] for m in range(7, 13)) and not all(by_month[m] for m in range(7, 13))
    assert points == {m: by_month[m] or None for m in range(1, 13)}
    assert sum(v or 0 for v in points.values()) == book.fig(code).value


def test_a_card_says_what_it_compares(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QMG_DATA_DIR", str(folder))
    found = days(folder, *COUNTS["disputes.registered"])
    now = sum(date(2023, 1, 1) <= d <= TODAY for d in found)
    then = sum(date(2022, 1, 1) <= d <= date(2022, 6, 15) for d in found)
    grown = float(f"{abs(now - then) / then * 100:.1f}")
    assert then >= 30 and grown >= 1, "a change that is said in percent"
    moved = f"{'增' if now > then else '减'} {grown:g}%"
    screen = screens.visit("/disputes")
    assert f"截至 {TODAY} {now}件，同比{moved}" in screen.root.text
    ahead = later(store.load(folder))
    total = sum(count for count, _ in ahead.values())
    assert total and f"{total} 行的日期晚于数据截至日 {TODAY}" in "\n".join(screen.banners)


def test_the_title_names_the_months_that_the_figures_reach(folder: Path) -> None:
    snapshot = store.load(folder)
    newest = max(day for _, day in later(snapshot).values())
    assert newest > TODAY
    assert span(shared(snapshot, Filters(2023))) == f"1–{newest.month} 月"


def test_the_shipped_demo_has_no_row_ahead_of_its_clock() -> None:
    snapshot = store.load(DEMO)
    book = shared(snapshot, Filters(2023))
    assert later(snapshot) == {}
    assert comparison(book).now is book


def test_another_power_list_is_not_compared_with_the_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "data"
    shutil.copytree(DEMO, place, ignore=shutil.ignore_patterns(".history"))
    file = place / "ledgers" / "power_items.csv"
    with file.open(encoding="utf-8-sig", newline="") as read:
        rows = list(csv.DictReader(read))
    newest = max(r["清单版本"] for r in rows)
    others = [
        r | {"清单版本": "2023-07-01", "事项编码": f"X{n}", "事项名称": f"（示例）新事项{n}"}
        for n, r in enumerate([r for r in rows if r["清单版本"] == newest][:30])
    ]
    with file.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.DictWriter(out, list(rows[0]))
        writer.writeheader()
        writer.writerows([*rows, *others])
    monkeypatch.setenv("QMG_DATA_DIR", str(place))
    own, shipped = (note(**asked) for asked in ({}, {"data": "demo"}))
    assert "清单改换，前后不可比" in own and "同比" not in own
    assert "同比" in shipped and "清单改换" not in shipped


def note(**asked: str) -> str:
    """What stands on the card of the power list's total."""
    root = screens.visit("/power_list", **asked).root
    cards = [n for n in root.all("div") if n.attrs.get("data-code") == "power.total"]
    cards += [n for n in root.all("div") if n.attrs.get("data-code") == "power.items"]
    return cards[0].text


# ---- rates of how rows have ended -------------------------------------------------------------------
THEN = date(2022, 9, 30)
"""The demo's clock set back a year."""
ENDED = {"disputes": ("办结日期", "办理状态", "在调")}
"""What a row says that has not ended: its closing day, the column of its state, the state."""


@pytest.fixture(scope="module")
def as_it_stood(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's ledgers as they stood on that day: no row and no cell of a later one."""
    place = tmp_path_factory.mktemp("then") / "data"
    shutil.copytree(DEMO, place, ignore=shutil.ignore_patterns(".history"))
    town = place / "town.toml"
    lines = town.read_text(encoding="utf-8").splitlines()
    stamped = [f"as_of = {THEN}" if "as_of" in line else line for line in lines]
    town.write_text("\n".join(stamped) + "\n", encoding="utf-8")
    for table in TABLES:
        path = place / f"ledgers/{table.name}.csv"
        if table.ledger and path.is_file():
            rewritten(path, table)
    return place


def rewritten(path: Path, table: Table) -> None:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    days = [c.header for c in table.columns if c.type == "date" and not c.planned]
    firsts = [c.header for c in table.columns if c.name in table.period and c.type == "date"]
    kept = [r for r in rows if next(filter(None, map(r.get, firsts)), "") <= str(THEN)]
    closing, state, still = ENDED.get(table.name, ("", "", ""))
    for row in kept:
        if closing and row[closing] > str(THEN):
            row[state] = still
        row.update({day: "" for day in days if row.get(day, "") > str(THEN)})
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        out = csv.DictWriter(file, rows[0].keys())
        out.writeheader()
        out.writerows(kept)


BY_DEADLINE = {"enforcement.disclosed_on_time_rate", "applications.on_time_rate"}
"""Judged by each row's own deadline: what was late on that day is late now, and what was not yet due then
has come due since. That says the same of both years."""
RATES = [k for k in KPIS if k.rate and k.formula and k.formula.date and k.code not in BY_DEADLINE]
"""What stands on a day is not told by the days of a year."""


@pytest.mark.parametrize("known", RATES, ids=lambda k: k.code)
def test_a_rate_that_read_otherwise_on_that_day_is_final(as_it_stood: Path, known: Kpi) -> None:
    now = comparison(shared(store.load(DEMO), Filters(2023))).book.ledger(known)
    then = shared(store.load(as_it_stood), Filters(2022)).ledger(known)
    if now and then and (now.numerator, now.denominator) != (then.numerator, then.denominator):
        assert known.final, f"{known.code}: {now.value} by today's state, {then.value} on that day"


FINAL = [k for k in KPIS if k.final]
DATED = [k for k in FINAL if k.ends_dated]


def read(folder: Path, table: Table) -> list[dict]:
    """The rows of a ledger in plain Python."""
    path = folder / "ledgers" / f"{table.name}.csv"
    if not path.is_file():
        return []

    def cell(column: Column, text: str) -> object:
        if not text:
            return None
        if column.type == "date":
            return date.fromisoformat(text)
        if column.type in ("int", "number"):
            return float(text)
        return text == YES if column.type == "bool" else text

    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    return [{c.name: cell(c, r.get(c.header, "")) for c in table.columns} for r in rows]


@pytest.mark.parametrize("known", DATED, ids=lambda k: k.code)
def test_it_is_compared_with_last_year_as_it_stood_on_that_day(
    as_it_stood: Path, known: Kpi
) -> None:
    """By a second computation, over the rows and cells of that day alone."""
    rows = {t.name: read(as_it_stood, t) for t in TABLES if t.ledger}
    then = naive.ledger(known.code, naive.World(rows, THEN, THEN.year), ())
    now = Scope(store.load(DEMO), Filters(2023), Look(), known.screen)
    figure = now.book.fig(known.code)
    beside = now.beside(figure)
    assert figure.known and then and beside.before
    assert (beside.before.numerator, beside.before.denominator) == (
        then.numerator,
        then.denominator,
    )
    assert beside.note == ""


def test_what_the_demo_has_settled_since_is_not_counted_as_settled_then() -> None:
    rows = read(DEMO, next(t for t in TABLES if t.name == "disputes"))
    came = [r for r in rows if date(2022, 1, 1) <= r["registered_on"] <= THEN]
    good = [r for r in came if r["status"] == "调解成功"]
    by_then = [r for r in good if r["closed_on"] <= THEN]
    assert (len(by_then), len(good), len(came)) == (121, 130, 134)
    assert "同比增 3.5 个百分点" in screens.visit("/disputes", data="demo").text


@pytest.mark.parametrize("known", DATED, ids=lambda k: k.code)
def test_what_explains_its_change_sums_to_it(known: Kpi) -> None:
    now = Scope(store.load(DEMO), Filters(2023), Look(), known.screen)
    figure = now.book.fig(known.code)
    before = now.beside(figure).before
    base, present = now.against.books(known)
    assert unexplained(present, base, known) == ""
    assert before
    for split in known.dimensions:
        found = contributions(present, base, known, split)
        moved = sum(c.difference for c in found)
        assert moved == pytest.approx((figure.value or 0) - (before.value or 0))


@pytest.mark.parametrize("known", [k for k in FINAL if not k.ends_dated], ids=lambda k: k.code)
def test_a_rate_without_the_days_of_its_ends_is_compared_with_none(known: Kpi) -> None:
    snapshot = store.load(DEMO)
    now, ended = (Scope(snapshot, Filters(y), Look(), known.screen) for y in (2023, 2022))
    figure = now.book.fig(known.code)
    assert figure.basis in ("ledger", "none")
    if figure.known:
        assert now.beside(figure).note == UNDATED and now.beside(figure).before is None
        assert "没有日期可查" in unexplained(now.book, now.before, known)
    assert ended.beside(ended.book.fig(known.code)).note == ""


def test_ends_without_a_day_are_not_guessed(tmp_path: Path) -> None:
    place = tmp_path / "data"
    shutil.copytree(DEMO, place, ignore=shutil.ignore_patterns(".history"))
    path = place / "ledgers/disputes.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    first = next(r for r in rows if r["登记日期"].startswith("2022-03") and r["办结日期"])
    first["办结日期"] = ""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        out = csv.DictWriter(file, rows[0].keys())
        out.writeheader()
        out.writerows(rows)
    now = Scope(store.load(place), Filters(2023), Look(), "/disputes")
    beside = {c: now.beside(now.book.fig(c)) for c in ("disputes.resolved_rate_all",)}
    assert [b.note for b in beside.values()] == [UNDATED]
    reported = now.beside(now.book.fig("disputes.major_reported_rate"))
    assert reported.before and reported.note == "", "its own days are there"
