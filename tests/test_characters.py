"""Characters that no file can hold: whoever reads them tells of them, whoever writes leaves them out."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time
from pathlib import Path
from xml.etree import ElementTree

import docx
import duckdb
import folders
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlwt
from folders import GOOD, put, put_table
from screens import parse

from qmg_dash import characters, escaping
from qmg_dash.exports import definitions, document, form, sheet
from qmg_dash.figures.forms import FORMS, bases, filled
from qmg_dash.folder import store
from qmg_dash.folder.cells import UNWRITABLE
from qmg_dash.folder.snapshot import Snapshot
from qmg_dash.intake import marking, plan
from qmg_dash.intake.plan import Sent
from qmg_dash.ui import markup
from qmg_dash.ui.meeting import single_file

NEVER = {
    "NUL": "\x00",
    "vertical tab": "\x0b",
    "form feed": "\x0c",
    "escape": "\x1b",
    "unit separator": "\x1f",
    "delete": "\x7f",
    "next line": "\x85",
    "no character": "\ufffe",
    "nor this": "\uffff",
    "nor these": "\ufdd0",
    "beyond the first plane": "\U0001ffff",
}
"""What may stand in a UTF-8 file and is no text."""
SURROGATE = "\ud800"
ALL = NEVER | {"half a pair": SURROGATE}
KEPT = "制表\t换行\n回车\r 全角　𠮷 é \u200d \ue000 \ufffd"


KINDS = ("NUL", "vertical tab", "next line", "no character")


@pytest.fixture(params=KINDS)
def odd(request: pytest.FixtureRequest) -> str:
    """One of each kind, where a folder is read for each."""
    return NEVER[request.param]


@pytest.fixture(params=ALL.values(), ids=ALL)
def any_odd(request: pytest.FixtureRequest) -> str:
    return request.param


def test_all_that_xml_cannot_hold_is_left_out_and_no_letter_is() -> None:
    for code in range(0x110000):
        allowed = code in (9, 10, 13) or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD
        if not (allowed or code >= 0x10000):
            assert characters.writable(chr(code)) == "", hex(code)
    assert characters.writable(KEPT) == KEPT


def test_sql_knows_the_same_characters() -> None:
    texts = [chr(c) for c in range(0x110000) if not 0xD800 <= c <= 0xDFFF]
    rows = pa.table({"t": texts})  # noqa: F841 - DuckDB reads it by its name
    found = duckdb.execute("SELECT t FROM rows WHERE regexp_matches(t, ?)", [characters.SQL])
    assert {t for (t,) in found.fetchall()} == {t for t in texts if not characters.writable(t)}


def test_a_character_is_named_as_standards_name_it() -> None:
    assert characters.unwritable("a\x0bb\x0bc\ufffe") == ("U+000B", "U+FFFE")
    assert characters.shown("政策\x0b文件") == "政策[U+000B]文件"


# ---- what comes in --------------------------------------------------------------------------------
def told(snapshot: Snapshot) -> list[tuple]:
    return [
        (f.severity, f.file, f.row, f.column, f.value)
        for f in snapshot.faults
        if f.rule == UNWRITABLE
    ]


def name(odd: str) -> str:
    return f"U+{ord(odd):04X}"


def ledger(folder: Path, kind: str, rows: list[dict[str, str]]) -> Path:
    """Disclosures as CSV or Parquet; the path of the file inside the folder."""
    if kind == "csv":
        put_table(folder, "disclosures", rows)
    else:
        (folder / "ledgers").mkdir(exist_ok=True)
        pq.write_table(pa.Table.from_pylist(rows), folder / "ledgers/disclosures.parquet")
    return folder / f"ledgers/disclosures.{kind}"


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_text_counts_without_it_and_check_names_row_column_and_character(
    tmp_path: Path, kind: str, odd: str
) -> None:
    folder = folders.town(tmp_path)
    good = GOOD["disclosures"][0]
    rows = [good, good | {"doc_id": "D2", "title": f"关于{odd}印发", "channel": f"{odd}政务新媒体"}]
    file = ledger(folder, kind, rows)
    shown = store.load(folder)
    assert shown.tables["disclosures"].rows == 2
    last = shown.records("disclosures")[-1]
    assert (last["title"], last["channel"]) == ("关于印发", "政务新媒体")
    where = ("warning", f"ledgers/{file.name}")
    assert sorted(told(shown), key=lambda f: f[3]) == sorted(
        [
            (*where, _row(shown), "标题", f"关于[{name(odd)}]印发"),
            (*where, _row(shown), "公开渠道", f"[{name(odd)}]政务新媒体"),
        ],
        key=lambda f: f[3],
    )
    assert all(name(odd) in f.message and "删去" in f.message for f in shown.faults)


def _row(shown: Snapshot) -> int:
    return next(f.row for f in shown.faults if f.rule == UNWRITABLE and f.row)


@pytest.mark.parametrize("kind", ["csv", "parquet"])
@pytest.mark.parametrize("column", ["doc_id", "published_on"])
def test_a_number_or_a_day_with_it_is_not_read_for_certain(
    tmp_path: Path, kind: str, column: str, odd: str
) -> None:
    folder = folders.town(tmp_path)
    good = GOOD["disclosures"][0]
    broken = good | {"doc_id": "D2"}
    ledger(folder, kind, [good, broken | {column: broken[column][:1] + odd + broken[column][1:]}])
    shown = store.load(folder)
    assert shown.tables["disclosures"].rows == 1
    (fault,) = told(shown)
    assert fault[0] == "error" and name(odd) in fault[4]


def test_a_text_that_is_nothing_else_is_empty(tmp_path: Path, odd: str) -> None:
    folder = folders.town(tmp_path)
    good = GOOD["disclosures"][0]
    put_table(folder, "disclosures", [good | {"category": odd}])
    assert [r["category"] for r in store.load(folder).records("disclosures")] == [None]


def test_a_header_with_it_is_known(tmp_path: Path, odd: str) -> None:
    folder = folders.town(tmp_path)
    text = folders.csv_text("disclosures", GOOD["disclosures"]).replace("标题", f"标{odd}题")
    put(folder / "ledgers/disclosures.csv", text)
    shown = store.load(folder)
    assert shown.records("disclosures")[0]["title"] == "公告"
    assert [(f[0], f[4]) for f in told(shown)] == [("warning", f"标[{name(odd)}]题")]


def test_a_published_figure_counts_without_it(tmp_path: Path, odd: str) -> None:
    folder = folders.town(tmp_path)
    row = GOOD["reported"][0] | {"raw": f"36{odd}项", "source": f"年度{odd}报告"}
    put_table(folder, "reported", [row, row | {"dimension": "行政许可", "value": f"3{odd}6"}])
    shown = store.load(folder)
    (figure,) = shown.reported
    assert (figure.value, figure.raw, figure.source) == (36, "36项", "年度报告")
    assert sorted({(f[0], f[2], f[3]) for f in told(shown)}) == [
        ("error", 3, "数值"),
        ("warning", 2, "原文写法"),
        ("warning", 2, "来源"),
        ("warning", 3, "原文写法"),
        ("warning", 3, "来源"),
    ]


@pytest.mark.parametrize("escaped", [True, False])
def test_the_towns_name_is_read_without_it(tmp_path: Path, odd: str, escaped: bool) -> None:
    written = f"\\U{ord(odd):08x}" if escaped else odd
    put(tmp_path / "town.toml", f'[town]\nname = "青{written}石镇"\n', "utf-8")
    shown = store.load(tmp_path)
    assert shown.town.name == "青石镇"
    (fault,) = told(shown)
    assert fault[:2] == ("warning", "town.toml") and name(odd) in fault[4]


def test_goals_and_notes_are_read_without_it(tmp_path: Path, odd: str) -> None:
    folder = folders.town(tmp_path)
    put_table(folder, "goals", [GOOD["goals"][0] | {"measure": f"开展{odd}培训"}])
    shown = store.load(folder)
    assert shown.records("goals")[0]["measure"] == "开展培训"
    assert [f[3] for f in told(shown)] == ["举措"]


# ---- import ---------------------------------------------------------------------------------------
HEAD = ["索引号", "标题", "公开日期"]


def workbook(*rows: list[str]) -> bytes:
    """An old workbook: it holds any text, halves of surrogate pairs too."""
    book, out = xlwt.Workbook(), io.BytesIO()
    page = book.add_sheet("信息公开")
    for r, row in enumerate([HEAD, *rows]):
        for c, text in enumerate(row):
            page.write(r, c, text)
    book.save(out)
    return out.getvalue()


def sent(kind: str, *rows: list[str]) -> Sent:
    if kind == "xls":
        return Sent("信息公开台账.xls", workbook(*rows))
    out = io.StringIO()
    csv.writer(out).writerows([HEAD, *rows])
    return Sent("信息公开台账.csv", out.getvalue().encode())


@pytest.mark.parametrize("kind", ["xls", "csv"])
def test_import_tells_the_fault_that_check_tells_and_writes_the_text_without_it(
    tmp_path: Path, kind: str, odd: str
) -> None:
    folder = folders.town(tmp_path)
    found = plan.make([sent(kind, ["D1", f"公{odd}告", "2023-02-03"])], folder)
    assert found.problems == ()
    (fault,) = [f for f in found.warnings if f.rule == UNWRITABLE]
    assert (fault.row, fault.column, fault.value) == (2, "标题", f"公[{name(odd)}]告")
    plan.publish(found)
    shown = store.load(folder)
    assert shown.records("disclosures")[0]["title"] == "公告"
    assert told(shown) == []


@pytest.mark.parametrize("kind", ["xls", "csv"])
def test_import_refuses_a_code_with_it_as_check_does(tmp_path: Path, kind: str, odd: str) -> None:
    folder = folders.town(tmp_path)
    book = sent(kind, [f"D{odd}1", "公告", "2023-02-03"])
    found = plan.make([book], folder)
    assert [(p.fault.rule, p.fault.value) for p in found.problems] == [
        (UNWRITABLE, f"D[{name(odd)}]1")
    ]
    problems = [
        {
            "sheet": "信息公开",
            "places": [(2, 0)],
            "cells": "A2",
            "column": "索引号",
            "value": f"D{odd}1",
        }
        | {"rule": odd, "message": f"{odd}改"}
    ]
    back = marking.mark(
        book.data, {"problems": problems, "total": 1, "told": 1, "notes": [f"注{odd}"]}
    )
    cells = [c.value for page in openpyxl.load_workbook(io.BytesIO(back)) for r in page for c in r]
    assert "D1" in cells and "改" in cells and "注" in cells


# ---- what goes out --------------------------------------------------------------------------------
def xml(data: bytes) -> str:
    """The words of a Word or Excel file; every part of it must be XML."""
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        parts_ = [file.read(n) for n in file.namelist() if n.endswith((".xml", ".rels"))]
    return "".join("".join(ElementTree.fromstring(p).itertext()) for p in parts_)


def written(odd: str) -> dict[str, Callable[[str], str]]:
    """Every writer of texts, as what it makes of one."""
    day = date(2024, 1, 5)

    def word(text: str) -> str:
        made = document.new(text, text, datetime.combine(day, time()), True, text)
        document.heading(made, text)
        document.paragraph(made, text)
        document.listing(made, (text,), [(text,)], (1,))
        docx.Document(io.BytesIO(document.save(made)))
        return xml(document.save(made))

    def marked(text: str) -> str:
        fault = dict.fromkeys(("sheet", "column", "value", "rule", "message"), text)
        problem = fault | {"places": [(None, None)], "cells": ""}
        return xml(
            marking.mark(b"", {"problems": [problem], "total": 1, "told": 1, "notes": [text]})
        )

    return {
        "word": word,
        "workbook of rows": lambda t: xml(sheet.to_xlsx([t], [[t]], [(t, t)])),
        "csv of rows": lambda t: sheet.to_csv([t], [[t]]).decode(),
        "csv behind a chart": lambda t: markup.csv_text(
            markup.Drawn("x", (t,), ((t,),), ((t, t),))
        ),
        "html": lambda t: parse(escaping.html(t)).text,
        "json in a file": lambda t: json.loads(single_file._json(t)),
        "marked workbook": marked,
    }


@pytest.mark.parametrize("kind", written(""))
def test_every_writer_leaves_it_out(kind: str, any_odd: str) -> None:
    said = written(any_odd)[kind](f"政策{any_odd}文件")
    assert "政策文件" in said or kind == "json in a file"
    assert any_odd not in said or kind == "json in a file"
    said.encode() if kind != "json in a file" else None


def spoilt(snapshot: Snapshot, odd: str) -> Snapshot:
    """The town's name as no reading lets it through."""
    town = replace(snapshot.town, name=f"青{odd}石镇", short_name=f"青{odd}石")
    return snapshot.relabelled(snapshot.version, town)


def test_no_export_of_a_whole_fails_for_it(tmp_path: Path, any_odd: str) -> None:
    """Forms, definitions and the meeting's file, whatever has let such a character through."""
    folder = folders.second_town(tmp_path)
    shown = spoilt(store.load(folder), any_odd)
    made = 0
    for one in FORMS:
        for basis in bases(shown, 2023, one):
            found = filled(shown, 2023, one, basis)
            assert "青石镇" in xml(form.to_docx(found))
            assert "青石镇" in xml(form.to_xlsx(found))
            made += 1
    assert made
    assert "青石镇" in xml(definitions.to_docx(shown))
    assert "青石镇" in definitions.to_markdown(shown)


def test_a_meetings_file_holds_no_such_character(tmp_path: Path, odd: str) -> None:
    folder = folders.second_town(tmp_path)
    put(folder / "town.toml", f'[town]\nname = "青{odd}石镇"\n', "utf-8")
    scope = single_file.asked(store.load(folder), None, "", False, print)
    name_ = f"例{odd}会"
    file = single_file.file_name(scope, name_, date(2024, 1, 5))
    assert file == "例会_2024-01-05.html"
    made = single_file.make(scope, name_, date(2024, 1, 5)).decode()
    assert "青石镇" in made
    body = re.sub(r"<script.*?</script>", "", made, flags=re.DOTALL)
    assert not characters.unwritable(body)
