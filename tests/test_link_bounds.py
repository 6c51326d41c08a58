"""Whatever a link says, no screen breaks, and what it names in vain is said."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import folders
import pytest
import screens
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from screens import PATHS, ROOT, Screen

from qmg_dash import beijing
from qmg_dash.folder import history, store
from qmg_dash.ui import link, menu
from qmg_dash.ui.link import bounds
from qmg_dash.ui.link.version_sent import FORM, town_mark

EVERY = tuple(s.path for s in menu.screens())
LIMITS = ("1949-01-01", "2100-12-31", "2024-02-29")
OUTSIDE = (
    "9999-12-31",
    "0001-01-01",
    "1948-12-31",
    "2101-01-01",
    "2023-02-29",
    "20230101",
    "2023-W01-1",
)
DIGITS = (
    "9" * 4_301,
    "9" * 40,
    "²",
    "٣",
    "３",
    "-1",
    "+1",
    "1.5",
    "1e3",
    "0x1",
    "1_0",
    " 3 ",
    "007",
    "0",
)
NONSENSE = (
    *DIGITS,
    *OUTSIDE,
    "",
    "胡说",
    "<script>alert(1)</script>",
    "%00",
    "\0",
    ";:?&=|+",
    "长" * 600,
)


@pytest.fixture(scope="module", autouse=True)
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The town's own data with a former version kept."""
    with pytest.MonkeyPatch.context() as patch:
        at = tmp_path_factory.mktemp("town") / "data"
        shutil.copytree(ROOT / "data", at, ignore=shutil.ignore_patterns(".history", "demo"))
        shutil.copytree(ROOT / "data/demo", at / "demo", ignore=shutil.ignore_patterns(".history"))
        patch.setenv("QMG_DATA_DIR", str(at))
        patch.setenv(history.VARIABLE, "20")
        history.keep(store.load(at))
        lines = (at / "reported.csv").read_text("utf-8-sig").splitlines(keepends=True)
        folders.put(at / "reported.csv", "".join(lines[:-1]))
        screens.visit("/")
        yield at


# ---- numbers and days -------------------------------------------------------------------------------
@given(st.integers(-10, 10_000))
def test_a_number_within_bounds_is_read_and_no_other(number: int) -> None:
    found = bounds.number(str(number), link.SLIDE.within)
    assert found == (number if 1 <= number <= 99 else None)


@pytest.mark.parametrize("wrong", [*DIGITS, "", "3\n"])
def test_what_python_takes_for_a_number_a_link_may_not_say(wrong: str) -> None:
    assert bounds.number(wrong, range(0, 10**6)) is None


@given(st.dates())
def test_a_day_within_bounds_is_read_and_no_other(day: date) -> None:
    assert bounds.day(day.isoformat()) == (day if 1949 <= day.year <= 2100 else None)


@pytest.mark.parametrize(
    "wrong", [*OUTSIDE, *DIGITS, "", "2023-01-01\n", "2023-1-1", "２０２３-01-01"]
)
def test_what_is_no_day_of_a_calendar_in_use_is_none(wrong: str) -> None:
    assert bounds.day(wrong) is None


# ---- on the screens ---------------------------------------------------------------------------------
@cache
def words(path: str) -> dict[str, str]:
    """Every key that a screen takes, and the word by which it is told."""
    bar = getattr(menu.module(next(s for s in menu.screens() if s.path == path)), "FILTERS", ())
    return {k: row.label for k, row in link.KEYS.items()} | {
        f.name: f.label for f in bar if f.name != "month"
    }


def unsaid(screen: Screen, asked: dict[str, str | list[str]]) -> list[str]:
    """The keys of which no banner speaks."""
    said = "\n".join(screen.banners)
    return [k for k in asked if words(screen.path).get(k, k) not in said and k not in said]


IN_TURN = 3
"""Outside `make soak` each nonsense meets every third screen, another third each time."""
MET = [
    (path, wrong)
    for n, wrong in enumerate(NONSENSE)
    for m, path in enumerate(EVERY)
    if os.environ.get("QMG_SOAK") or n % IN_TURN == m % IN_TURN
]


@pytest.mark.parametrize(("path", "wrong"), MET, ids=range(len(MET)))
def test_nonsense_in_all_keys_at_once_breaks_no_screen_and_is_said(path: str, wrong: str) -> None:
    asked = dict.fromkeys((*words(path), "unheard"), wrong)
    if wrong == "0":
        asked.pop("then")
    screen = screens.visit(path, **asked)
    assert unsaid(screen, asked) == [], screen.banners
    assert sum(map(len, screen.banners)) < 2_000


@pytest.mark.parametrize("key", [link.FROM, link.TO])
def test_a_month_of_a_screen_without_months_is_said_by_its_name(key: link.Key) -> None:
    asked = {str(key): "4"}
    assert unsaid(screens.visit("/", **asked), asked) == []


VALUES = st.sampled_from(NONSENSE) | st.text(max_size=30)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data(), path=st.sampled_from(EVERY), present=st.booleans())
def test_any_link_opens_a_screen(data: st.DataObject, path: str, present: bool) -> None:
    keys = st.sampled_from(sorted({*words(path), "unheard"}))
    asked = data.draw(st.dictionaries(keys, VALUES | st.lists(VALUES, min_size=1, max_size=3)))
    if present:
        asked["present"] = "true"
    screen = screens.visit(path, **asked)
    assert screen.title
    first = asked.get("present")
    wrong = {k: v for k, v in asked.items() if not (k == "present" and v == first == "true")}
    asked_for = {k: v for k, v in wrong.items() if v not in _GOOD}
    assert unsaid(screen, asked_for) == [], screen.banners


_GOOD = ("true", "false", "light", "dark", *map(str, range(1, 13)))
"""What `st.text` may find that is no nonsense."""


@pytest.mark.parametrize("path", EVERY)
def test_a_screen_that_is_not_there_is_named_on_every_screen(path: str) -> None:
    screen = screens.visit(path, missing="no_such_screen")
    here = next(s.title for s in menu.screens() if s.path == path)
    assert [b for b in screen.banners if "no_such_screen" in b and here in b]
    assert (
        "missing" not in screen.app.query_params
        or "missing" not in screen.root.all("button", attr="data-copy")[0].attrs["data-copy"]
    )


# ---- versions ---------------------------------------------------------------------------------------
def kept(folder: Path) -> list[str]:
    return [k.version for k in history.kept(folder)]


@pytest.mark.parametrize("day", [*LIMITS, *OUTSIDE])
@pytest.mark.parametrize("path", ["/", "/disclosure", "/goals", "/since"])
def test_a_link_sent_on_any_day_opens(folder: Path, path: str, day: str) -> None:
    former = kept(folder)[0]
    mark = town_mark(store.store(folder).current().town)
    asked = {"v": former, "sent": f"{day}.{FORM}.{mark}", "then": "true"}
    screen = screens.visit(path, **asked)
    assert any("发送时的数据" in b for b in screen.banners)
    assert any("发送标记" in b for b in screen.banners) == (day in OUTSIDE), screen.banners


@pytest.mark.parametrize("back", [0, 1, 400])
@pytest.mark.parametrize("end", ["base", "until"])
def test_a_comparison_with_any_day_opens(folder: Path, end: str, back: int) -> None:
    day = beijing.today() - timedelta(days=back)
    screen = screens.visit("/since", **{end: str(day)})
    assert screen.title
    assert any(str(day) in b for b in screen.banners) == (back > 0), screen.banners


@pytest.mark.parametrize("present", ["", "true"])
def test_on_the_first_day_nothing_has_changed_since_today(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, present: str
) -> None:
    at = tmp_path / "data"
    shutil.copytree(ROOT / "data", at, ignore=shutil.ignore_patterns(".history", "demo"))
    monkeypatch.setenv("QMG_DATA_DIR", str(at))
    screens.visit("/")
    for asked in ({"base": str(beijing.today())}, {"base": kept(at)[-1]}):
        query = asked | ({"present": present} if present else {})
        screen = screens.visit("/since", **query)
        assert "没有变化" in screen.title
        assert screen.banners == []


@pytest.mark.parametrize("digits", ["9" * 4_301, "²", "٣", "0", "100", "-1"])
@pytest.mark.parametrize("present", ["", "true"])
@pytest.mark.parametrize("path", PATHS[:2])
def test_a_number_of_an_agenda_that_is_none_is_said(path: str, present: str, digits: str) -> None:
    screen = screens.visit(path, agenda=f"会;overview:{digits};trust", present=present or "false")
    assert any("overview:" in b for b in screen.banners), screen.banners
