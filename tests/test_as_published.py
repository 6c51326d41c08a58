"""A published figure is shown as it was published, wherever it is shown: with every digit, in the
unit of reported.csv. Other programs get the KPI's unit all the same."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import folders
import pytest
import screens
from click.testing import CliRunner

from qmg_dash.__main__ import cli
from qmg_dash.exports import form as exports
from qmg_dash.figures import forms
from qmg_dash.folder import store

ROWS: dict[str, tuple[tuple[str, str, str], str, float, str]] = {
    # code: (value, qualifier and unit as written; text; value and unit for other programs)
    "enforcement.fines": (("11817.5", "", "万元"), "11,817.5万元", 118_175_000, "元"),
    "enforcement.recording_rate": (("99.456", "", "%"), "99.456%", 99.456, "%"),
    "officers.certified_rate": (("98.50", "", "％"), "98.50%", 98.5, "%"),
    "publicity.reach": (("1753.79", "", "万人次"), "1753.79万人次", 17_537_900, "人次"),
    "publicity.materials": (("3万", "", ""), "3万份", 30_000, "份"),
    "training.cert_trained": (("123456", "", "名"), "123,456名", 123_456, "人"),
    "disclosure.published": (("624.0", "", "条"), "624条", 624, "条"),
    "review.contracts": (("80", "余", "件"), "80余件", 80, "件"),
    "disputes.registered": (("123456", "约", "件"), "约12.3万件", 123_456, "件"),
}
FEES = ("disclosure.t2.fees", "12345678.9", "元")
"""A cell of the statutory form, whose head says 万元."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = folders.town(tmp_path_factory.mktemp("published"))
    row = {"year": 2023, "source": "年度报告", "locator": "一（五）"}
    rows = [
        row | {"indicator": code, "value": value, "qualifier": qualifier, "unit": unit}
        for code, ((value, qualifier, unit), *_) in ROWS.items()
    ]
    rows.append(row | dict(zip(("indicator", "value", "unit"), FEES, strict=True)))
    folders.put_table(folder, "reported", rows)
    folders.put_table(
        folder, "enforcement_actions", [folders.ACTION | {"fine_yuan": "118175432.1"}]
    )
    return folder


def records(folder: Path) -> dict[str, dict]:
    said = CliRunner().invoke(cli, ["kpi", "--data", str(folder), "--year", "2023", "--json"])
    return {r["code"]: r for r in json.loads(said.output) if not r["dimension"]}


@pytest.mark.parametrize("code", ROWS)
def test_the_command_says_it_as_published_and_counts_in_the_kpis_unit(folder: Path, code: str):
    _, text, value, unit = ROWS[code]
    found = records(folder)[code]
    assert (found["text"], found["value"], found["unit"]) == (text, value, unit)
    lines = CliRunner().invoke(cli, ["kpi", "--data", str(folder), "--year", "2023"]).output
    assert text in next(ln for ln in lines.splitlines() if f"\t{code}\t" in ln).split("\t")


@cache
def pages(folder: Path) -> dict[str, screens.Screen]:
    return {path: screens.visit(path, year=2023) for path in screens.PATHS}


def cards(found: Iterator[screens.Screen]) -> Iterator[tuple[str, str]]:
    for screen in found:
        for card in screen.root.all(attr="data-code"):
            if not card.attrs.get("data-dimension"):
                yield card.attrs["data-code"], card.words(cls="val")


def test_cards_definitions_and_agreement_say_it_as_published(
    folder: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("QMG_DATA_DIR", str(folder))
    found = pages(folder)
    shown = [(code, said) for code, said in cards(iter(found.values())) if code in ROWS]
    assert {code for code, _ in shown} > {"enforcement.fines", "publicity.reach"}
    for code, said in shown:
        assert said == ROWS[code][1]
    for row in found["/trust"].figures:
        if row.kind == "definition" and row.code in ROWS:
            assert row.text == ROWS[row.code][1]
    agreed = {row[0]: row[1:4] for row in found["/trust"].table("对账")[1:]}
    assert agreed["罚没金额"] == ["11,817.5万元", "11,817.54321万元", "+0.04321"]
    fines = next(
        c
        for c in found["/enforcement"].root.all(attr="data-code")
        if c.attrs["data-code"] == "enforcement.fines"
    )
    assert "台账已录 11,817.54321万元" in fines.words(cls="note")


def test_the_titles_of_a_meeting_say_it_as_published(folder: Path):
    titles = [t for t, _ in screens.on_the_wall("/learning", store.load(folder), 2023)]
    assert any("1753.79 万人次" in t for t in titles), titles


def test_a_cell_of_a_form_is_in_the_forms_unit_with_all_its_digits(folder: Path):
    snapshot = store.load(folder)
    form = forms.disclosure(snapshot, 2023)
    found = forms.filled(snapshot, 2023, form, "reported")
    boxes = [at.box for grid in form.grids for at in grid.placed()]
    box = next(b for b in boxes if b.key == (FEES[0], ""))
    assert found.text(box) == "1234.56789"
    assert exports.to_xlsx(found)
    summary = "".join(t for t, _ in screens.on_the_wall("/disclosure", snapshot, 2023))
    assert "12,345,678.9" not in summary
