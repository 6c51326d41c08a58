"""What may stand on a wall: a marker in every text cell that is not declared public is on no slide of a
meeting, deck and appendix, official or demo, wide or narrow; at the desk it is."""

from __future__ import annotations

from pathlib import Path

import pytest
import screens
from planted import MARKER

from qmg_dash.folder import store
from qmg_dash.model import Filters
from qmg_dash.tables import BY_NAME
from qmg_dash.theme import Look
from qmg_dash.ui.link.scope import Scope
from qmg_dash.ui.meeting import deck

LOOKS = {"wide": (1920, 1080), "narrow": (1024, 768)}


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
