"""A year in progress: its rows ahead of the clock's day count, and are said; what is compared with
the year before is compared on the same days. Another power list is compared with none."""

from __future__ import annotations

import csv
import shutil
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
import screens

from qmg_dash.figures.book import shared
from qmg_dash.figures.coverage import later
from qmg_dash.figures.findings import span
from qmg_dash.figures.months import series
from qmg_dash.figures.why_changed import comparison
from qmg_dash.folder import store
from qmg_dash.model import Filters

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
    way, sign = ("增", "+") if now > then else ("减", "−")
    grown = float(f"{abs(now - then) / then * 100:.1f}")
    moved = f"{way} {abs(now - then)} 件（{sign}{grown:g}%）"
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
    """What stands under the total of the power list."""
    root = screens.visit("/power_list", **asked).root
    cards = [n for n in root.all("div") if n.attrs.get("data-code") == "power.total"]
    cards += [n for n in root.all("div") if n.attrs.get("data-code") == "power.items"]
    return next(n.text for card in cards for n in card.walk() if n.classes == ["note"])
