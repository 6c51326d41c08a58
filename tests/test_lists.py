"""The versions of a power list, and the break where another list takes its place."""

from datetime import date
from pathlib import Path

from qmg_dash.figures.book import Book
from qmg_dash.figures.lists import versions
from qmg_dash.folder import store
from qmg_dash.model import Filters

HEAD = "事项编码,事项名称,权力类型,清单版本,状态,调整类型\n"


def book(tmp_path: Path, rows: list[str], year: int = 2025) -> Book:
    (tmp_path / "ledgers").mkdir()
    (tmp_path / "town.toml").write_text('[town]\nname = "某镇"\n', encoding="utf-8")
    text = HEAD + "".join(f"{r}\n" for r in rows)
    (tmp_path / "ledgers/power_items.csv").write_text(text, encoding="utf-8")
    return Book(store.load(tmp_path), Filters(year))


def items(day: str, codes: str, status: str = "在用", change: str = "") -> list[str]:
    return [f"{c},事项{c},行政处罚,{day},{status},{change}" for c in codes]


def test_each_version_counts_what_is_in_use_and_what_it_changed(tmp_path: Path) -> None:
    rows = (
        items("2023-01-01", "ABCD")
        + items("2024-01-01", "ABC")
        + items("2024-01-01", "E", change="新增")
    )
    first, second = versions(book(tmp_path, rows))
    assert (first.day, first.items, first.kept) == (date(2023, 1, 1), 4, None)
    assert (second.items, second.kept, second.changes["新增"]) == (4, 0.75, 1)
    assert not first.broken
    assert not second.broken


def test_a_version_that_keeps_under_half_is_another_list(tmp_path: Path) -> None:
    rows = items("2023-01-01", "ABCD") + items("2025-01-01", "AXYZ")
    assert [v.broken for v in versions(book(tmp_path, rows))] == [False, True]


def test_a_stopped_item_is_not_kept_and_a_later_version_is_not_seen(tmp_path: Path) -> None:
    rows = items("2023-01-01", "AB") + items("2024-01-01", "A") + items("2024-01-01", "B", "停用")
    rows += items("2026-01-01", "Z")
    assert [(v.items, v.kept) for v in versions(book(tmp_path, rows))] == [(2, None), (1, 0.5)]


def test_without_a_ledger_there_is_no_version(tmp_path: Path) -> None:
    (tmp_path / "town.toml").write_text('[town]\nname = "某镇"\n', encoding="utf-8")
    assert versions(Book(store.load(tmp_path), Filters(2025))) == []
