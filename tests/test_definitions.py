"""The definitions as Word and Markdown: everything that the registries hold, and nothing else."""

from __future__ import annotations

import io
from pathlib import Path

import docx
import folders
import pytest
import screens
from click.testing import CliRunner

from qmg_dash.__main__ import cli
from qmg_dash.exports import definitions
from qmg_dash.figures.identities import IDENTITIES
from qmg_dash.figures.matters import RULES
from qmg_dash.folder import store
from qmg_dash.kpis import KPIS

ROOT = Path(__file__).parents[1]
FOLDERS = {"official": ROOT / "data", "demo": ROOT / "data/demo"}


def markdown(data: str) -> str:
    return definitions.to_markdown(store.load(FOLDERS[data]))


def rows(text: str) -> list[list[str]]:
    """The cells of every row of a Markdown text's tables."""
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [[c.strip() for c in line.strip("| ").split(" | ")] for line in lines]


def test_every_indicator_stands_in_the_markdown_once_with_its_definition():
    found = {r[1]: r for r in rows(markdown("official")) if len(r) == 8 and r[1] != "代码"}
    assert sorted(found) == sorted(k.code for k in KPIS)
    for k in KPIS:
        label, _, unit, direction, definition, basis, ledgers, _ = found[k.code]
        assert (label, definition) == (k.label, k.definition)
        assert unit == (k.unit or "—")
        assert basis == (k.basis or "—")
        assert (direction == "不分好坏") == (k.better is None)
        assert (ledgers == "只有公布数") == (k.formula is None)


def test_the_rules_stand_in_it_too():
    text = markdown("official")
    for identity in IDENTITIES:
        assert f"| {identity.id} | {identity.rule} |" in text
    assert all(rule.text in text for rule in RULES)
    assert "80余是 81 至 89" in text


def test_the_word_file_says_the_same_as_the_markdown():
    snapshot = store.load(FOLDERS["official"])
    document = docx.Document(io.BytesIO(definitions.to_docx(snapshot)))
    shown = [[c.text for c in row.cells] for table in document.tables for row in table.rows]
    assert shown == rows(definitions.to_markdown(snapshot))
    assert document.paragraphs[0].text == "数据口径"


@pytest.mark.parametrize("data", FOLDERS)
def test_those_of_a_demo_folder_are_marked_and_others_are_not(data: str):
    snapshot = store.load(FOLDERS[data])
    demo = data == "demo"
    document = docx.Document(io.BytesIO(definitions.to_docx(snapshot)))
    assert ("演示数据" in document.paragraphs[0].text) == demo
    assert ("演示数据" in document.sections[0].header._element.xml) == demo
    assert ("演示" in markdown(data)) == demo
    assert definitions.name(snapshot).startswith("演示数据_") == demo


def test_the_command_writes_word_or_markdown(tmp_path: Path):
    folders.town(tmp_path)
    for name in ("口径.docx", "口径.md"):
        out = tmp_path / name
        result = CliRunner().invoke(
            cli, ["definitions", "--data", str(tmp_path), "--out", str(out)]
        )
        assert result.exit_code == 0, result.output
    assert len(docx.Document(str(tmp_path / "口径.docx")).tables) > 10
    assert (tmp_path / "口径.md").read_text(encoding="utf-8").startswith("# 数据口径\n")


@pytest.mark.parametrize("arguments", [[], ["--out", "x.md", "--data", "/nowhere"]])
def test_the_command_refuses_with_2(arguments: list[str]):
    assert CliRunner().invoke(cli, ["definitions", *arguments]).exit_code == 2


def test_the_page_offers_both():
    buttons = screens.visit("/trust").app.main.get("download_button")
    labels = [b.proto.label for b in buttons]
    assert labels == ["下载口径（Word）", "下载口径（Markdown）"]
