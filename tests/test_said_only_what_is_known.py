"""Titles and 勾稽 say what is known: what was not tested is not said to hold, what is open not to be
settled, and what nobody has registered not to be less than the most."""

from __future__ import annotations

import re
from pathlib import Path

import folders
import pytest
import screens

from qmg_dash import findings, identities, store
from qmg_dash.compute import Book, shared
from qmg_dash.identities import IDENTITIES, Trial, standing
from qmg_dash.model import Filters

YEAR = 2023
REPORT = {"year": str(YEAR), "source": "年度报告"}


def town(folder: Path, reported: list[dict[str, str]] = (), **ledgers: list[dict]) -> Path:
    """A folder with some published figures and ledgers."""
    folders.put_town(folder)
    if reported:
        folders.put_table(folder, "reported", [REPORT | row for row in reported])
    for name, rows in ledgers.items():
        folders.put_table(folder, name, rows)
    return folder


def at(folder: Path, **filters) -> Book:
    return shared(store.load(folder), Filters(YEAR, **filters))


# ---- 勾稽 -------------------------------------------------------------------------------------------
HOLDS, BREAKS = Trial("某处", 1, 1, ()), Trial("某处", 1, 2, ())


@pytest.mark.parametrize(
    ("trials", "said"),
    [
        ([[HOLDS], [HOLDS], *[[]] * 9], "2 项成立，9 项未检验"),
        ([[HOLDS], [HOLDS]], "2 项成立"),
        ([[], []], "2 项未检验"),
        ([[BREAKS, HOLDS, BREAKS], [HOLDS], []], "1 项不符（2 处），1 项成立，1 项未检验"),
        ([[BREAKS]], "1 项不符（1 处）"),
    ],
)
def test_how_identities_stand_is_said_as_far_as_they_were_tried(trials, said) -> None:
    found = [identities.Result(i, tuple(t)) for i, t in zip(IDENTITIES, trials, strict=False)]
    assert standing(found) == said


CELLS = [
    {"indicator": "disclosure.t3.new", "dimension": "总计", "value": "9"},
    {"indicator": "power.total", "value": "4"},
    {"indicator": "power.items", "dimension": "行政处罚", "value": "4"},
]


@pytest.mark.parametrize("asked", [{}, {"from": "1", "to": "3"}], ids=["year", "months"])
@pytest.mark.parametrize(
    ("applications", "expected"),
    [(False, "4 项未检验"), (True, "4 项未检验")],
    ids=["published", "counted"],
)
def test_every_slide_gives_the_same_answer_whatever_the_filters(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    asked: dict[str, str],
    applications: bool,
    expected: str,
) -> None:
    """Table 3 is shown by one published cell, or counted by a ledger: nothing of it was tested."""
    more = {"applications": folders.GOOD["applications"]} if applications else {}
    folder = town(tmp_path / "数据", CELLS if not applications else CELLS[1:], **more)
    monkeypatch.setenv("QMG_DATA_DIR", str(folder))
    whole = standing(at(folder).identities)
    assert re.fullmatch(r"\d+ 项成立，\d+ 项未检验", whole)
    assert standing(at(folder, month_from=1, month_to=3).identities) == whole
    wall = screens.slides("/trust", **asked)[0]
    assert wall.title.endswith(f"勾稽 {whole}")
    for screen in (wall, screens.visit("/trust", **asked)):
        assert f"{YEAR} 年：{whole}；" in screen.text
    told = [s.text for s in screens.slides("/disclosure", **asked) if "（表三）" in s.text]
    assert all(f"勾稽 {expected}" in text and "满足" not in text for text in told)
    assert told or asked


def test_a_broken_identity_is_the_same_on_every_slide(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The published table does not add up; a filter of months leaves none of its figures."""
    rows = [
        {"indicator": f"disclosure.t3.{row}", "dimension": "总计", "value": value}
        for row, value in (("new", "9"), ("carried_in", "0"), ("total", "5"), ("carried_out", "1"))
    ]
    folder = town(tmp_path / "数据", rows)
    assert standing(at(folder).identities).startswith("1 项不符（1 处）")
    assert at(folder, month_from=1, month_to=2).breaches == at(folder).breaches != []
    monkeypatch.setenv("QMG_DATA_DIR", str(folder))
    for path, word in (("/trust", "1 处勾稽不符"), ("/disclosure", "表三有 1 处勾稽不符")):
        assert word in " ".join(s.title for s in screens.slides(path))
    assert "1 处勾稽不符" in screens.visit("/").title
    assert findings.trust(at(folder)).text == "1 处勾稽不符"
