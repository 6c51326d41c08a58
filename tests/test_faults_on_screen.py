"""A folder that is broken in one way: the screens stand, and say which file, which row and why.

What each fault is called and how every cell is read, tests/test_broken_folders.py covers; here it
has to reach the person in front of the screen.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import folders
import pytest
import screens
from folders import ACTION, GOOD, put, put_table, second_town
from screens import PATHS, Screen

ACTIONS = "ledgers/enforcement_actions.csv"
REPORTED = "reported.csv"
KEY = GOOD["reported"][0]

Change = Callable[[Path], object]


def words(*rows: dict[str, str], table: str = "enforcement_actions", **how: object) -> Change:
    """The table with these rows in place of its own."""
    return lambda folder: put_table(folder, table, rows, **how)


def cell(column: str, written: str) -> Change:
    """The ledger of actions with one cell of its first row written otherwise."""
    return words(ACTION | {column: written}, *GOOD["enforcement_actions"][1:])


def told(screen: Screen) -> str:
    """What a screen says about the folder, in banners and in the table of faults."""
    table = screen.table("数据问题") or screen.table("数据错误")
    return "\n".join([*screen.banners, *(" ".join(row) for row in table[1:])])


# ---- folders that cannot be shown at all -----------------------------------------------------------
def remove(folder: Path) -> None:
    for file in sorted(folder.rglob("*"), reverse=True):
        file.rmdir() if file.is_dir() else file.unlink()
    folder.rmdir()


UNREADABLE: dict[str, tuple[Change, str, str]] = {
    "no folder": (remove, "", "没有这个数据文件夹"),
    "no town.toml": (lambda f: (f / "town.toml").unlink(), "town.toml", "缺少 town.toml"),
    "town.toml that is no TOML": (
        lambda f: put(f / "town.toml", "[town\nname = ", "utf-8"),
        "town.toml",
        "",
    ),
    "town.toml without a name": (
        lambda f: put(f / "town.toml", '[town]\nshort_name = "某镇"\n', "utf-8"),
        "town.toml",
        "name",
    ),
    "town.toml in an unknown encoding": (
        lambda f: put(f / "town.toml", b'[town]\nname = "\xff\xfe\xff"\n'),
        "town.toml",
        "",
    ),
}


@pytest.mark.parametrize("present", ["", "true"])
@pytest.mark.parametrize("case", UNREADABLE)
def test_a_folder_that_cannot_be_shown_says_why(
    tmp_path: Path, use: Callable[[Path], Path], case: str, present: str
) -> None:
    change, file, reason = UNREADABLE[case]
    folder = second_town(tmp_path / "数据")
    change(folder)
    use(folder)
    for path in PATHS if case == "no town.toml" else ("/", "/goals"):
        screen = screens.visit(path, present=present) if present else screens.visit(path)
        assert screen.title == "数据文件夹不能显示"
        row = screen.table("数据错误")[1]
        assert file in row[0] and reason in row[2]
        assert any("一" <= c <= "鿿" for c in row[2]), "the remedy is in Chinese"


def test_a_folder_mended_while_the_app_runs_is_shown(
    tmp_path: Path, use: Callable[[Path], Path]
) -> None:
    folder = use(tmp_path / "数据")
    app = screens.start("/power_list")
    assert screens.shown("/power_list", app).title == "数据文件夹不能显示"
    second_town(folder)
    screen = screens.shown("/power_list", app)
    assert "2023 年度" in screen.text and screen.banners == []


# ---- faults of single files ------------------------------------------------------------------------
@dataclass(frozen=True)
class Case:
    """What is done to the folder; the file and row named, the words of the reason, and whether it
    is an error (a banner everywhere) or a warning (in the table of 数据口径)."""

    change: Change
    file: str
    row: int | None
    reason: str
    error: bool = True


def text(file: str, content: str | bytes, encoding: str = "utf-8-sig") -> Change:
    return lambda folder: put(folder / file, content, encoding)


FAULTS: dict[str, Case] = {
    "a missing column": Case(
        words(*GOOD["enforcement_actions"], columns=["action_no", "area"]),
        ACTIONS,
        None,
        "行为类型",
    ),
    "an unknown column": Case(
        lambda f: put(
            f / ACTIONS,
            folders.csv_text("enforcement_actions", [ACTION]).replace("处理结果", "心情"),
        ),
        ACTIONS,
        None,
        "心情",
        error=False,
    ),
    "a doubled column": Case(
        lambda f: put(
            f / ACTIONS,
            folders.csv_text("enforcement_actions", [ACTION]).replace("立案或启动日期", "决定日期"),
        ),
        ACTIONS,
        None,
        "决定日期",
    ),
    "full-width digits": Case(cell("officers", "１２"), ACTIONS, 2, "１２", error=False),
    "a dash for nothing": Case(cell("closed_on", "—"), ACTIONS, 2, "—", error=False),
    "digits in groups": Case(cell("officers", "1,234"), ACTIONS, 2, "1,234", error=False),
    "a Chinese date": Case(
        cell("closed_on", "2023年4月5日"), ACTIONS, 2, "2023年4月5日", error=False
    ),
    "a date with slashes": Case(cell("closed_on", "2023/4/5"), ACTIONS, 2, "2023/4/5", error=False),
    "a day that is none": Case(cell("decided_on", "2023-02-30"), ACTIONS, 2, "2023-02-30"),
    "a date that may be two": Case(cell("decided_on", "03/04/2023"), ACTIONS, 2, "03/04/2023"),
    "a long code that Excel rounded": Case(cell("item_code", "1.23E+11"), ACTIONS, 2, "1.23E+11"),
    "a doubled key": Case(words(ACTION, ACTION), ACTIONS, 3, "Z-001"),
    "an approximate number in a ledger": Case(cell("officers", "80余"), ACTIONS, 2, "80余"),
    "a published 80余 in one cell": Case(
        words(KEY | {"value": "80余"}, table="reported"), REPORTED, 2, "80余", error=False
    ),
    "a published rate with its sign": Case(
        words(
            KEY
            | {"indicator": "training.exam_pass_rate", "dimension": "", "value": "95%", "unit": ""},
            table="reported",
        ),
        REPORTED,
        2,
        "95%",
        error=False,
    ),
    "a KPI that is not declared": Case(
        words(KEY | {"indicator": "power.nothing"}, table="reported"),
        REPORTED,
        2,
        "power.nothing",
    ),
    "a ledger of no bytes": Case(text(ACTIONS, b""), ACTIONS, None, ""),
    "published figures of no bytes": Case(text(REPORTED, b""), REPORTED, None, ""),
    "a Parquet file of no bytes": Case(
        text("ledgers/disputes.parquet", b""), "ledgers/disputes", None, ""
    ),
    "a workbook in place of a CSV": Case(
        text("ledgers/disputes.xlsx", b"PK\3\4"),
        "ledgers/disputes.xlsx",
        None,
        "另存为 CSV",
        error=False,
    ),
    "a file under a name of its own": Case(
        text("ledgers/我的台账.csv", "甲,乙\r\n1,2\r\n"), "我的台账.csv", None, "", error=False
    ),
}


def place(case: Case) -> str:
    return f"{case.file} 第 {case.row} 行" if case.row else case.file


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_named_on_the_page_of_the_data(
    tmp_path: Path, use: Callable[[Path], Path], name: str
) -> None:
    case = FAULTS[name]
    case.change(use(second_town(tmp_path / "数据")))
    rows = screens.visit("/trust").table("数据问题")
    found = [
        r
        for r in rows[1:]
        if case.file in r[1]
        and r[2] == (str(case.row) if case.row else "—")
        and case.reason in "".join(r[3:])
    ]
    assert found, rows
    assert found[0][0] == ("错误" if case.error else "提醒")
    assert len(found[0][6]) >= 8


def has_banner(path: str, case: Case) -> None:
    screen = screens.visit(path)
    assert screen.title
    said = "\n".join(screen.banners)
    assert place(case) in said, said
    assert case.reason in said


@pytest.mark.parametrize("name", [n for n, c in FAULTS.items() if c.error])
def test_an_error_has_a_banner_that_names_file_row_and_reason(
    tmp_path: Path, use: Callable[[Path], Path], name: str
) -> None:
    FAULTS[name].change(use(second_town(tmp_path / "数据")))
    has_banner("/enforcement", FAULTS[name])
    assert screens.visit("/enforcement", present="true").title


@pytest.mark.parametrize("path", PATHS)
def test_an_error_has_its_banner_on_every_screen(
    tmp_path: Path, use: Callable[[Path], Path], path: str
) -> None:
    case = FAULTS["a day that is none"]
    case.change(use(second_town(tmp_path / "数据")))
    has_banner(path, case)


CELLS = [n for n, c in FAULTS.items() if c.error and c.row and n != "a doubled key"]
"""A doubled key leaves out the whole table: which of the two rows is meant is open."""


@pytest.mark.parametrize("name", CELLS)
def test_a_row_with_an_error_is_counted_as_left_out(
    tmp_path: Path, use: Callable[[Path], Path], name: str
) -> None:
    FAULTS[name].change(use(second_town(tmp_path / "数据")))
    assert any("1 行未计入" in b for b in screens.visit("/").banners)


# ---- what is read without a word ------------------------------------------------------------------
def swapped(folder: Path) -> None:
    columns = list(ACTION)
    put_table(folder, "enforcement_actions", GOOD["enforcement_actions"], columns=columns[::-1])


HARMLESS: dict[str, Change] = {
    "columns in another order": swapped,
    "English names as headers": words(*GOOD["enforcement_actions"], english=True),
    "no BOM": words(*GOOD["enforcement_actions"], encoding="utf-8"),
    "UTF-16": words(*GOOD["enforcement_actions"], encoding="utf-16"),
    "GBK": words(*GOOD["enforcement_actions"], encoding="gb18030"),
    "a thousand empty rows at the end": words(*GOOD["enforcement_actions"], *[{}] * 1000),
    "Excel's lock file beside it": text("ledgers/~$enforcement_actions.csv", b"\0" * 165),
    "a hidden file": text("ledgers/.DS_Store", b"\0"),
}


@pytest.mark.parametrize("name", HARMLESS)
def test_what_means_the_same_shows_the_same(
    tmp_path: Path, use: Callable[[Path], Path], name: str
) -> None:
    folder = use(second_town(tmp_path / "数据"))
    before = {path: screens.visit(path) for path in ("/", "/enforcement")}
    HARMLESS[name](folder)
    for path, was in before.items():
        now = screens.visit(path)
        assert (now.title, now.figures) == (was.title, was.figures)
        assert not any("enforcement_actions" in b for b in now.banners)
    assert not any("错误" in row[0] for row in screens.visit("/trust").table("数据问题"))


def categories(screen: Screen) -> dict[str, str]:
    """The bars of the power list."""
    marks = [s for s in screen.figures if s.kind == "mark" and s.text.endswith("项")]
    return {s.label: s.text for s in marks}


def test_a_category_that_is_not_standard_is_kept(
    tmp_path: Path, use: Callable[[Path], Path]
) -> None:
    folder = use(second_town(tmp_path / "数据"))
    rows = [KEY | {"dimension": d} for d in ("行政处罚", "行政调解", "水上巡查")]
    put_table(folder, "reported", rows)
    assert categories(screens.visit("/power_list")) == {
        "行政处罚": "36项",
        "行政调解": "36项",
        "水上巡查": "36项",
    }


def test_totals_that_do_not_add_up_stand_with_their_mark(
    tmp_path: Path, use: Callable[[Path], Path]
) -> None:
    folder = use(second_town(tmp_path / "数据"))
    total = KEY | {"indicator": "power.total", "dimension": "", "value": "99"}
    put_table(folder, "reported", [total, KEY, KEY | {"dimension": "行政检查", "value": "7"}])
    screen = screens.visit("/power_list")
    assert "99项" in [s.text for s in screen.figures if s.code == "power.total"]
    assert "不一致（43项）" in screen.text
    trust = screens.visit("/trust")
    row = next(r for r in trust.table("勾稽关系") if r[0] == "SUM")
    assert "应为 43，实为 99，差 56" in row[2] or "应为 99，实为 43，差 -56" in row[2]
    assert "勾稽不符" in trust.title
    assert "勾稽" in screens.visit("/").text


def test_a_folder_without_any_table_shows_what_each_would_add(
    tmp_path: Path, use: Callable[[Path], Path]
) -> None:
    use(folders.town(tmp_path / "数据"))
    for path in PATHS:
        desk, wall = screens.visit(path), screens.visit(path, present="true")
        for screen in (desk, wall):
            assert "尚无" in screen.title or "0 个" in screen.title, screen.title
            none = screen is wall and path in (
                "/todo",
                "/assignments",
            )  # a meeting has no slide of nothing, and says so
            assert screen.banners == ["链接中的屏幕现在没有可放映的页，从第一页开始。"] * none
            assert ">0<" not in screen.html, "no data is never 0"
        assert path == "/trust" or ".csv" in desk.text
        assert path == "/trust" or re.search("报送|公布|登记", wall.text)


# ---- while the app runs -----------------------------------------------------------------------------
def test_a_file_that_breaks_while_the_app_runs_leaves_the_last_good_figures_up(
    tmp_path: Path, use: Callable[[Path], Path]
) -> None:
    folder = use(second_town(tmp_path / "数据"))
    app = screens.start("/decisions")
    good = screens.shown("/decisions", app)
    assert good.banners == []
    put(folder / REPORTED, b"")
    broken = screens.shown("/decisions", app)
    assert broken.figures == good.figures
    said = "".join(broken.banners)
    assert REPORTED in said and "上一次正确的数据" in said
    contracts = GOOD["reported"][1] | {"value": "120"}
    put_table(folder, "reported", [KEY, contracts])
    mended = screens.shown("/decisions", app)
    assert mended.banners == []
    assert "120余件" in [s.text for s in mended.figures]


def test_a_town_file_that_breaks_while_the_app_runs_leaves_the_screens_up(
    tmp_path: Path, use: Callable[[Path], Path]
) -> None:
    folder = use(second_town(tmp_path / "数据"))
    app = screens.start("/power_list")
    good = screens.shown("/power_list", app)
    put(folder / "town.toml", "[town\n", "utf-8")
    broken = screens.shown("/power_list", app)
    assert broken.figures == good.figures
    assert "town.toml" in "".join(broken.banners)
    folders.put_town(folder)
    assert screens.shown("/power_list", app).banners == []


def test_a_changed_file_shows_at_the_next_interaction(
    tmp_path: Path, use: Callable[[Path], Path]
) -> None:
    folder = use(second_town(tmp_path / "数据"))
    app = screens.start("/power_list")
    screens.shown("/power_list", app)
    put_table(folder, "reported", [KEY | {"value": "41"}])
    os.utime(folder / REPORTED)
    assert categories(screens.shown("/power_list", app)) == {"行政处罚": "41项"}
