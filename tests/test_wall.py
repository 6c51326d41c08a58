"""What may stand on a wall: a marker in every text cell that is not declared public is on no slide of a
meeting, deck and appendix, official or demo, wide or narrow; at the desk it is."""

from __future__ import annotations

import csv
import re
import shutil
from pathlib import Path

import pytest
import screens

from qmg_dash.folder import store
from qmg_dash.model import Filters
from qmg_dash.tables import BY_NAME, LEDGERS, Column
from qmg_dash.theme import Look
from qmg_dash.ui.link.scope import Scope
from qmg_dash.ui.meeting import deck

MARKER = re.compile(r"暗号\d+")
LOOKS = {"wide": (1920, 1080), "narrow": (1024, 768)}


def hidden(column: Column) -> bool:
    return column.type == "text" and not column.public


@pytest.fixture(scope="module")
def marked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo with a marker in every such cell; the same word gets the same marker, so that what
    refers to something still does."""
    folder = tmp_path_factory.mktemp("marked") / "data"
    shutil.copytree(screens.ROOT / "data/demo", folder)
    markers: dict[str, str] = {}
    for table in LEDGERS:
        path = folder / table.path
        with path.open(encoding="utf-8-sig", newline="") as file:
            header, *rows = list(csv.reader(file))
        secret = [i for i, c in enumerate(table.columns) if hidden(c)]
        assert [c.header for c in table.columns] == header
        for row in rows:
            for i in secret:
                if row[i]:
                    row[i] = markers.setdefault(row[i], f"暗号{len(markers)}")
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows([header, *rows])
    assert len(markers) > 2000
    return folder


@pytest.mark.parametrize("shape", LOOKS)
@pytest.mark.parametrize("year", [2022, 2023])
def test_no_cell_that_is_not_public_stands_on_a_slide(marked: Path, year: int, shape: str):
    snapshot = store.load(marked)
    scope = Scope(snapshot, Filters(year, 2023), Look.of(False, True, *LOOKS[shape]), "/")
    places = deck.every(scope)
    assert len(places) > 10
    for i, place in enumerate(places):
        sheet = deck.write(place, i)
        said = sheet.painted.slots[0].safe_str + sheet.painted.charts + place.title
        assert not MARKER.search(said), (
            place.scope.path,
            place.slide.name,
            MARKER.findall(said)[:3],
        )


def test_at_the_desk_they_stand(marked: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("QMG_DATA_DIR", str(marked))
    assert MARKER.search(screens.visit("/todo", year=2023).text)


@pytest.mark.parametrize("name", ["disputes", "hotline"])
def test_what_people_brought_has_no_type_beside_its_village_on_a_wall(marked: Path, name: str):
    """Nobody may guess whose it is."""
    snapshot, kinds = store.load(marked), BY_NAME[name].column("type").values
    assert len(kinds) > 3
    scope = Scope(snapshot, Filters(2023, 2023), Look.of(False, True, 1920, 1080), "/")
    for i, place in enumerate(deck.every(scope)):
        sheet = deck.write(place, i)
        for row in screens.parse(sheet.painted.slots[0].safe_str).all("tr"):
            words = row.text
            assert not ("示例" in words and any(k in words for k in kinds)), words
