"""The statutory tables: their layout, what fills them, which identity breaks at which cell, and the
files, opened again by other programs than ours."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections import Counter
from functools import cache
from pathlib import Path

import docx
import folders
import openpyxl
import pytest
import screens
from docx.oxml.ns import qn

from qmg_dash.exports import form as files
from qmg_dash.figures import forms
from qmg_dash.figures.book import Book, shared
from qmg_dash.figures.faults import all_faults
from qmg_dash.figures.forms import (
    DISCLOSURE_2019,
    DISCLOSURE_2021,
    ENFORCEMENT,
    FORMS,
    Basis,
    Filled,
    Form,
)
from qmg_dash.figures.identities import Key
from qmg_dash.folder import store
from qmg_dash.folder.snapshot import Snapshot
from qmg_dash.kpis import is_known
from qmg_dash.model import Filters
from qmg_dash.tables import APPLICANTS, OUTCOMES, PENALTY_CLASSES

DEMO = Path(__file__).parents[1] / "data" / "demo"
T2, T3, T4 = "disclosure.t2.", "disclosure.t3.", "disclosure.t4."
TOTAL = "总计"
COLUMNS = (*APPLICANTS, TOTAL)
GRIDS = [(form, grid) for form in FORMS for grid in form.grids]


@cache
def demo() -> Snapshot:
    return store.load(DEMO)


def words(text: str) -> str:
    return "".join(text.split())


# ---------------------------------------------------------------- layout


@pytest.mark.parametrize(("form", "grid"), GRIDS, ids=lambda x: getattr(x, "id", None) or x.title)
def test_the_boxes_cover_a_table_once_and_whole(form: Form, grid: forms.Grid):
    places = Counter(
        (at.row + i, at.column + j)
        for at in grid.placed()
        for i in range(at.box.down)
        for j in range(at.box.across)
    )
    assert set(places.values()) == {1}
    size = {(y, x) for y in range(len(grid.rows)) for x in range(len(grid.widths))}
    assert set(places) == size


@pytest.mark.parametrize("form", FORMS, ids=lambda f: f.id)
def test_every_place_is_a_figure_of_the_registry_and_stands_once(form: Form):
    assert form.keys
    assert all(is_known(code) for code, _ in form.keys)
    assert len(set(form.keys)) == len(form.keys)


def labels(form: Form, number: int) -> list[tuple[str, ...]]:
    """A table of a form as its reader sees it, each row's texts spread over their spans."""
    grid = form.grids[number]
    rows = [[""] * len(grid.widths) for _ in grid.rows]
    for at in grid.placed():
        for i in range(at.box.down):
            for j in range(at.box.across):
                rows[at.row + i][at.column + j] = at.box.text.replace("\n", "")
    return [tuple(row) for row in rows]


def test_table_3_of_the_2021_form_has_the_rows_of_the_form_in_its_order():
    rows = labels(DISCLOSURE_2021, 1)
    assert [len(rows), len(rows[0])] == [28, 10]
    assert rows[0][3:] == ("申请人情况",) * 7
    assert rows[1][3:] == ("自然人", *["法人或其他组织"] * 5, TOTAL)
    assert rows[2][3:] == ("自然人", *APPLICANTS[1:], TOTAL)
    named = [tuple(dict.fromkeys(row[:3])) for row in rows[3:]]
    result = "三、本年度办理结果"
    assert named[:4] == [
        ("一、本年新收政府信息公开申请数量",),
        ("二、上年结转政府信息公开申请数量",),
        (result, "（一）予以公开"),
        (result, "（二）部分公开（区分处理的，只计这一情形，不计其他情形）"),
    ]
    assert named[4] == (result, "（三）不予公开", "1.属于国家秘密")
    assert [n[1] for n in named[4:23]] == (
        ["（三）不予公开"] * 8
        + ["（四）无法提供"] * 3
        + ["（五）不予处理"] * 5
        + ["（六）其他处理"] * 3
    )
    assert named[22] == (result, "（六）其他处理", "3.其他")
    assert named[23:] == [(result, "（七）总计"), ("四、结转下年度继续办理",)]


def test_table_3_of_the_2019_form_has_one_row_for_other_outcomes():
    named = [tuple(dict.fromkeys(row[:3])) for row in labels(DISCLOSURE_2019, 1)[3:]]
    assert len(named) == 23
    assert named[-3:] == [
        ("三、本年度办理结果", "（六）其他处理"),
        ("三、本年度办理结果", "（七）总计"),
        ("四、结转下年度继续办理",),
    ]
    assert (T3 + "other", TOTAL) in DISCLOSURE_2019.keys
    assert (T3 + "other.1", TOTAL) not in DISCLOSURE_2019.keys


def test_the_cells_of_table_3_are_every_row_by_every_column():
    rows = ("new", "carried_in", *OUTCOMES, "total", "carried_out")
    assert [k for k in DISCLOSURE_2021.keys if k[0].startswith(T3)] == [
        (T3 + row, column) for row in rows for column in COLUMNS
    ]


def test_table_2_has_its_articles_and_table_4_its_fifteen_columns():
    second = labels(DISCLOSURE_2021, 0)
    articles = [
        "第二十条第（一）项",
        "第二十条第（五）项",
        "第二十条第（六）项",
        "第二十条第（八）项",
    ]
    assert [r[0] for r in second if r[0].startswith("第二十条")] == articles
    assert second[1] == ("信息内容", "本年制发件数", "本年废止件数", "现行有效件数")
    fourth = labels(DISCLOSURE_2021, 2)
    assert fourth[2] == ("结果维持", "结果纠正", "其他结果", "尚未审结", TOTAL) * 3
    assert fourth[1] == ("行政复议",) * 5 + ("未经复议直接起诉",) * 5 + ("复议后起诉",) * 5
    old = [r[0] for r in labels(DISCLOSURE_2019, 0) if r[0].startswith("第二十条")]
    assert old == [*articles, "第二十条第（九）项"]


def test_the_enforcement_table_has_what_the_domain_lists():
    """DOMAIN.md section 7."""
    texts = [box.text for grid in ENFORCEMENT.grids for row in grid.rows for box in row]
    assert [t for t in texts if t in PENALTY_CLASSES] == [
        name for pair in zip(PENALTY_CLASSES[:6], PENALTY_CLASSES[6:], strict=True) for name in pair
    ]
    for text in ("合计（宗）", "罚没金额（万元）"):
        assert text in texts
    assert labels(ENFORCEMENT, 1)[0] == ("申请", "受理", "许可", "不予许可", "撤销")
    assert labels(ENFORCEMENT, 2)[0] == ("行政强制措施", "行政强制执行")
    others = ("行政征收", "行政检查", "行政裁决", "行政确认", "行政奖励", "行政给付")
    assert labels(ENFORCEMENT, 3)[0] == (*others, "其他行政执法行为")


# ---------------------------------------------------------------- filled, against a naive count


def ledger(name: str) -> list[dict[str, str]]:
    text = (DEMO / "ledgers" / f"{name}.csv").read_text(encoding="utf-8-sig")
    return list(csv.DictReader(text.splitlines()))


def table_3(year: int) -> dict[Key, int]:
    """Table 3 counted row by row from the file, as a clerk would."""
    first, last = f"{year}-01-01", f"{year}-12-31"
    texts = {text: code for code, text in OUTCOMES.items()}
    found: Counter[Key] = Counter()
    for r in ledger("applications"):
        received, replied = r["收到日期"], r["答复日期"]
        rows = []
        if first <= received <= last:
            rows.append("new")
        if received < first and (not replied or replied >= first):
            rows.append("carried_in")
        if first <= replied <= last:
            rows += ["total", texts.get(r["办理结果"], r["办理结果"])]
        if received <= last and (not replied or replied > last):
            rows.append("carried_out")
        for row in rows:
            for column in (r["申请人类型"], TOTAL):
                found[T3 + row, column] += 1
    return found


@pytest.mark.parametrize("year", [2022, 2023])
def test_table_3_from_the_ledger_is_what_a_clerk_counts(year: int):
    found = forms.filled(demo(), year, DISCLOSURE_2021, "ledger")
    expected = table_3(year)
    cells = [k for k in DISCLOSURE_2021.keys if k[0].startswith(T3)]
    assert {k: found.numbers[k].value for k in cells} == {k: expected[k] for k in cells}
    assert sum(expected.values()) > 50


def enforced(year: int) -> tuple[Counter[str], Counter[str], float]:
    """Actions by type, penalties by class, the amount in yuan."""
    by_decision = ("行政许可", "行政处罚")
    kinds: Counter[str] = Counter()
    classes: Counter[str] = Counter()
    fines = 0.0
    for r in ledger("enforcement_actions"):
        day = r["决定日期"] if r["行为类型"] in by_decision else r["立案或启动日期"]
        if day.startswith(str(year)):
            kinds[r["行为类型"]] += 1
            if r["行为类型"] == "行政处罚":
                classes[r["处罚种类"]] += 1
                fines += float(r["罚没金额（元）"] or 0)
    return kinds, classes, fines


@pytest.mark.parametrize("year", [2022, 2023])
def test_the_enforcement_table_from_the_ledger_is_what_a_clerk_counts(year: int):
    found = forms.filled(demo(), year, ENFORCEMENT, "ledger")
    kinds, classes, fines = enforced(year)
    shown = {box.key: found.number(box) for g in ENFORCEMENT.grids for r in g.rows for box in r}
    for name in PENALTY_CLASSES:
        assert shown["enforcement.penalties", name].value == classes[name]
    assert shown["enforcement.penalties", ""].value == kinds["行政处罚"] == sum(classes.values())
    assert shown["enforcement.fines", ""].value == pytest.approx(fines / 10_000)
    assert shown["enforcement.inspections", ""].value == kinds["行政检查"]
    assert shown["enforcement.actions", "其他行政权力"].value == kinds["其他行政权力"]
    assert f"行政强制共 {kinds['行政强制']}件" in found.notes


def test_the_published_cells_are_those_of_the_file_and_no_other():
    text = (DEMO / "reported.csv").read_text(encoding="utf-8-sig")
    rows = [r for r in csv.DictReader(text.splitlines()) if r["年度"] == "2022"]
    written = {
        (r["指标"], r["维度"] or (TOTAL if r["指标"].startswith(T3) else "")): float(r["数值"])
        for r in rows
        if r["指标"].startswith((T2, T3, T4))
    }
    found = forms.filled(demo(), 2022, DISCLOSURE_2021, "reported")
    assert {k: n.value for k, n in found.numbers.items()} == written
    assert forms.filled(demo(), 2023, DISCLOSURE_2021, "reported").numbers == {}


def test_the_published_basis_stands_first_where_it_has_half_of_the_cells(tmp_path: Path):
    folders.town(tmp_path, "applications", "legal_cases", "enforcement_actions", "documents")
    folders.put_table(tmp_path, "reported", whole_table(2021))
    snapshot = store.load(tmp_path)
    known = [forms.filled(snapshot, 2023, DISCLOSURE_2021, b).known for b in ("reported", "ledger")]
    assert known[0] < known[1]
    assert forms.bases(snapshot, 2023, DISCLOSURE_2021) == ["reported", "ledger"]


def test_where_it_has_less_the_one_that_knows_more_stands_first():
    assert forms.bases(demo(), 2022, DISCLOSURE_2021) == ["reported", "ledger"]
    assert forms.bases(demo(), 2022, ENFORCEMENT) == ["ledger", "reported"]
    assert forms.bases(demo(), 2023, DISCLOSURE_2021) == ["ledger"]


# ---------------------------------------------------------------- identities in a form


def reported(code: str, dimension: str, value: object, year: int = 2023) -> dict[str, object]:
    cells = {"year": year, "indicator": code, "dimension": dimension, "value": value}
    return cells | {"source": "《年度报告》", "locator": "表三"}


def whole_table(form: int, change: dict[Key, float] | None = None) -> list[dict[str, object]]:
    """A whole table 3 that agrees, but for the cells that are changed."""
    leaves = [r for r in OUTCOMES if form == 2021 or not r.startswith("other.")]
    rows = dict.fromkeys(leaves, 0) | {"granted": 2, "new": 2, "carried_in": 1}
    rows |= {"total": 2, "carried_out": 1} | ({} if form == 2021 else {"other": 0})
    found = {(T3 + r, c): n * (1 if c != TOTAL else 6) for r, n in rows.items() for c in COLUMNS}
    found |= change or {}
    cells = [reported(code, dimension, value) for (code, dimension), value in found.items()]
    return [*cells, reported("disclosure.form", "", form)]


def published(folder: Path, rows: list[dict[str, object]]) -> Filled:
    folders.put_town(folder)
    folders.put_table(folder, "reported", rows)
    snapshot = store.load(folder)
    return forms.filled(snapshot, 2023, forms.disclosure(snapshot, 2023), "reported")


def said(found: Filled) -> dict[str, str]:
    return {r.identity.id: r.said for r in found.results}


def test_a_form_that_agrees_says_in_how_many_places(tmp_path: Path):
    found = published(tmp_path, whole_table(2021))
    tried = said(found)
    assert (tried["T3-1"], tried["T3-2"], tried["T3-3"]) == (
        "成立（7 处）",
        "成立（7 处）",
        "成立（25 处）",
    )
    assert tried["X-1"] == tried["T4-1"] == "数据不全，未检验"
    assert found.broken_cells == {}


def test_the_balance_fails_while_the_rows_hold_and_names_cell_and_size(tmp_path: Path):
    change = {(T3 + r, c): 3 for r in ("total", "granted") for c in ("自然人",)}
    change |= {(T3 + r, TOTAL): 13 for r in ("total", "granted")}
    found = published(tmp_path, whole_table(2021, change))
    assert said(found)["T3-1"] == "2 处不符"
    assert said(found)["T3-2"] == "成立（7 处）"
    assert said(found)["T3-3"] == "成立（25 处）"
    assert found.broken_cells == {
        (T3 + "total", "自然人"): ["T3-1"],
        (T3 + "total", TOTAL): ["T3-1"],
    }
    balance = next(r for r in found.results if r.identity.id == "T3-1")
    assert [forms.told(t) for t in balance.broken] == [
        "表三·自然人：一 + 二 = （七） + 四：应为 3，实为 4，差 1",
        "表三·总计：一 + 二 = （七） + 四：应为 18，实为 19，差 1",
    ]


def test_a_row_fails_while_every_column_holds(tmp_path: Path):
    change = {(T3 + r, "科研机构"): n for r, n in (("new", 4), ("total", 4), ("granted", 4))}
    found = published(tmp_path, whole_table(2021, change))
    assert said(found)["T3-1"] == said(found)["T3-2"] == "成立（7 处）"
    assert said(found)["T3-3"] == "3 处不符"
    assert set(found.broken_cells) == {(T3 + r, TOTAL) for r in ("new", "total", "granted")}


def test_the_carry_over_is_held_against_the_year_before(tmp_path: Path):
    before = reported(T3 + "carried_out", TOTAL, 4, year=2022)
    found = published(tmp_path, [*whole_table(2021), before])
    assert said(found)["X-1"] == "1 处不符"
    assert found.broken_cells == {(T3 + "carried_in", TOTAL): ["X-1"]}


def test_an_unknown_cell_leaves_its_identities_untested_and_prints_a_dash(tmp_path: Path):
    rows = [
        r
        for r in whole_table(2021)
        if (r["indicator"], r["dimension"]) != (T3 + "refused.1", "自然人")
    ]
    found = published(tmp_path, rows)
    assert (said(found)["T3-2"], said(found)["T3-3"]) == ("成立（6 处）", "成立（24 处）")
    box = next(b for g in found.form.grids for row in g.rows for b in row if b.key)
    unknown = forms.value(T3 + "refused.1", "自然人")
    assert (found.text(unknown), found.number(unknown)) == ("—", None)
    assert box.key == (T2 + "rules", "制发")


def test_an_approximate_cell_is_shown_as_written_and_tested_by_none(tmp_path: Path):
    rows = whole_table(2021)
    next(r for r in rows if (r["indicator"], r["dimension"]) == (T3 + "new", TOTAL)).update(
        value=80, qualifier="余"
    )
    found = published(tmp_path, rows)
    assert found.text(forms.value(T3 + "new", TOTAL)) == "80余"
    assert said(found)["T3-1"] == "成立（6 处）"


@pytest.mark.parametrize(
    ("rows", "form"),
    [
        ([reported("disclosure.form", "", 2019)], DISCLOSURE_2019),
        ([reported("disclosure.form", "", 2021)], DISCLOSURE_2021),
        ([reported(T3 + "other", TOTAL, 1)], DISCLOSURE_2019),
        ([reported(T3 + "total", TOTAL, 1)], DISCLOSURE_2021),
    ],
)
def test_the_version_of_the_form_is_the_published_one_else_what_the_cells_tell(
    tmp_path: Path, rows: list[dict[str, object]], form: Form
):
    assert published(tmp_path, rows).form is form


def test_a_year_before_2021_had_the_old_form(tmp_path: Path):
    folders.put_town(tmp_path)
    folders.put_table(tmp_path, "reported", [reported(T3 + "total", TOTAL, 1, year=2020)])
    assert forms.disclosure(store.load(tmp_path), 2020) is DISCLOSURE_2019


def test_the_old_table_2_is_found_by_its_words_and_the_rest_is_not_lost(tmp_path: Path):
    old = "disclosure.t2_2019."
    rows = [
        *whole_table(2019),
        reported(f"{old}规范性文件", "新公开", 2),
        reported(f"{old}permits", "本年增减", 3),
        reported(f"{old}政府集中采购", "采购总金额", 88.5),
        reported(f"{old}网站访问量", "", 999),
    ]
    found = published(tmp_path, rows)
    placed = {k: n.value for k, n in found.numbers.items() if k[0].startswith(old)}
    assert placed == {
        (f"{old}规范性文件", "本年新公开数量"): 2,
        (f"{old}行政许可", "本年增/减"): 3,
        (f"{old}政府集中采购", "采购总金额"): 88.5,
    }
    assert [(f.code, f.value) for f in found.other] == [(f"{old}网站访问量", 999)]
    assert said(found)["T3-2"] == "成立（7 处）"


def test_a_ledger_that_lacks_a_cell_of_the_form_is_said_by_check(tmp_path: Path):
    folders.town(tmp_path, "applications", "enforcement_actions")
    replied = folders.GOOD["applications"][0] | {"app_no": "A9", "outcome": ""}
    folders.put_table(tmp_path, "applications", [*folders.GOOD["applications"], replied])
    snapshot = store.load(tmp_path)
    found = forms.filled(snapshot, 2023, DISCLOSURE_2021, "ledger")
    assert said(found)["T3-2"] == "2 处不符"
    told = [f for f in all_faults(snapshot) if f.rule == "台账勾稽"]
    assert [(f.severity, f.file) for f in told] == [("warning", "ledgers/applications.csv")] * 2
    assert "各办理结果之和 = （七）总计：应为 1，实为 2，差 1（T3-2）" in told[0].message
    assert told[0].message.endswith("有已答复的申请没有填办理结果：请补填。")


def _document(number: int, **cells: str) -> dict[str, str]:
    return folders.GOOD["documents"][0] | {"doc_no": f"N{number}"} | cells


LAPSED = {"issued_on": "2021-03-03", "status": "失效", "status_on": "2023-05-05"}
UNDATED = {"issued_on": "2023-03-03", "status": "废止"}


@pytest.mark.parametrize(
    ("changes", "difference", "lapsed", "undated"),
    [((LAPSED,), -1, 1, 0), ((UNDATED,), -1, 0, 1), ((LAPSED, LAPSED, UNDATED), -3, 2, 1)],
    ids=["lapsed", "no day", "both"],
)
def test_check_says_why_documents_in_force_do_not_balance(
    tmp_path: Path, changes: tuple[dict, ...], difference: int, lapsed: int, undated: int
):
    """A lapsed document is neither in force nor abolished: nothing is missing in its row."""
    still = [_document(0, issued_on="2021-03-03"), _document(1, issued_on="2022-03-03")]
    documents = still + [_document(2 + i, **c) for i, c in enumerate(changes)]
    folders.put_table(folders.town(tmp_path), "documents", documents)
    (fault,) = [f for f in all_faults(store.load(tmp_path)) if f.rule == "台账勾稽"]
    assert fault.file == "ledgers/documents.csv"
    assert f"差 {difference}（X-2）" in fault.message
    assert (f"当年失效的文件有 {lapsed} 件" in fault.message) == bool(lapsed)
    assert ("台账不用改" in fault.message) == bool(lapsed)
    needed = f"{undated} 件已废止或失效，没有填效力变更日期：请补填"
    assert (needed in fault.message) == bool(undated)
    assert ("补填" in fault.message) == bool(undated)


# ---------------------------------------------------------------- Word


CASES: list[tuple[Form, Basis]] = [
    (DISCLOSURE_2021, "reported"),
    (DISCLOSURE_2021, "ledger"),
    (ENFORCEMENT, "ledger"),
    (ENFORCEMENT, "reported"),
]


def opened(found: Filled) -> docx.document.Document:
    return docx.Document(io.BytesIO(files.to_docx(found)))


@pytest.mark.parametrize(("form", "basis"), CASES)
def test_the_word_file_has_every_cell_at_its_place(form: Form, basis: Basis):
    found = forms.filled(demo(), 2022, form, basis)
    document = opened(found)
    for grid, table in zip(form.grids, document.tables, strict=False):
        assert (len(table.rows), len(table.columns)) == (len(grid.rows), len(grid.widths))
        cells = [row.cells for row in table.rows]
        for at in grid.placed():
            shown = words(cells[at.row][at.column].text)
            expected = words(found.text(at.box))
            assert shown.removesuffix("（不符）") == expected
            assert shown.endswith("（不符）") == (at.box.key in found.broken_cells)
            last = cells[at.row + at.box.down - 1][at.column + at.box.across - 1]
            assert last._tc is cells[at.row][at.column]._tc, "merged over its span"
    listed = document.tables[len(form.grids)]
    assert [c.text for c in listed.rows[0].cells] == ["编号", "勾稽关系", "结果"]
    assert len(listed.rows) == len(form.identities) + 1


def test_the_word_file_is_a4_in_fangsong_with_fallbacks():
    found = forms.filled(demo(), 2022, DISCLOSURE_2021, "reported")
    document = opened(found)
    section = document.sections[0]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    fonts = {
        run._element.rPr.rFonts.get(qn("w:eastAsia"))
        for table in document.tables
        for row in table.rows
        for cell in row.cells
        for line in cell.paragraphs
        for run in line.runs
    }
    assert fonts == {"仿宋", "黑体"}
    with zipfile.ZipFile(io.BytesIO(files.to_docx(found))) as package:
        table = package.read("word/fontTable.xml").decode()
    (others,) = re.findall(r'w:name="仿宋"><w:altName w:val="([^"]+)"', table)
    assert {"FangSong", "STFangsong", "仿宋_GB2312"} <= set(others.split(","))


def test_the_properties_of_a_word_table_keep_the_order_of_the_schema():
    """Word mends a file that does not, or refuses it (ECMA-376, CT_TblPr)."""
    order = ["tblStyle", "tblW", "jc", "tblLayout", "tblCellMar", "tblLook"]
    for table in opened(forms.filled(demo(), 2022, ENFORCEMENT, "ledger")).tables:
        assert [c.tag.rpartition("}")[2] for c in table._tbl.tblPr] == order


def test_the_word_file_says_source_clock_and_version():
    found = forms.filled(demo(), 2022, DISCLOSURE_2021, "reported")
    document = opened(found)
    body = "\n".join(p.text for p in document.paragraphs)
    for text in (
        "示例市示例区示例镇",
        "2022 年 1 月 1 日至 12 月 31 日",
        "《示例镇2022年政府信息公开工作年度报告（虚构）》",
        "国办公开办函〔2021〕30号",
        "数据截至：2023-09-30",
        demo().version,
    ):
        assert text in body
    assert demo().version in document.sections[0].footer.paragraphs[0].text


def test_demo_data_are_marked_in_title_page_head_across_the_page_and_file_name():
    found = forms.filled(demo(), 2022, ENFORCEMENT, "ledger")
    document = opened(found)
    assert document.paragraphs[0].text == "演示数据：行政执法统计年报（2022 年）"
    assert document.core_properties.title == "演示数据：行政执法统计年报（2022 年）"
    header = document.sections[0].header
    assert "演示数据 · 不得引用" in header.paragraphs[0].text
    assert 'string="演示数据"' in header._element.xml
    assert files.name(found) == "演示数据_示例镇_行政执法统计年报_2022_台账数"


def test_official_data_carry_no_such_mark(tmp_path: Path):
    found = published(tmp_path, whole_table(2021))
    document = opened(found)
    with zipfile.ZipFile(io.BytesIO(files.to_docx(found))) as package:
        everything = "".join(package.read(n).decode("utf-8", "replace") for n in package.namelist())
    assert "演示" not in everything
    assert document.paragraphs[0].text == "政府信息公开工作年度报告统计表（2023 年）"
    assert files.name(found).startswith("青石镇_")


# ---------------------------------------------------------------- Excel


@pytest.mark.parametrize(("form", "basis"), CASES)
def test_the_workbook_has_every_cell_at_its_place(form: Form, basis: Basis):
    found = forms.filled(demo(), 2022, form, basis)
    book = openpyxl.load_workbook(io.BytesIO(files.to_xlsx(found)))
    assert len(book.sheetnames) == len(form.grids) + 2
    for grid, name in zip(form.grids, book.sheetnames, strict=False):
        sheet = book[name]
        assert sheet["A1"].value.startswith("演示数据：")
        assert "演示数据" in sheet.oddHeader.center.text
        assert sheet.page_setup.paperSize == 9
        merged = {str(r) for r in sheet.merged_cells.ranges}
        for at in grid.placed():
            cell = sheet.cell(at.row + 4, at.column + 1)
            number = found.number(at.box)
            if at.box.kind == "value":
                assert cell.value == (number.value if number else None)
            else:
                assert (cell.value or "") == at.box.text
            if at.box.across > 1 or at.box.down > 1:
                end = sheet.cell(at.row + 3 + at.box.down, at.column + at.box.across)
                assert f"{cell.coordinate}:{end.coordinate}" in merged
    told = {row[0].value: row[1].value for row in book["说明"].iter_rows(min_row=3)}
    assert told["数据截至"] == "2023-09-30"
    assert told["数据版本"] == demo().version
    assert told["数据性质"].startswith("演示数据")


def test_an_unknown_cell_is_empty_in_the_workbook_and_an_approximate_one_a_text(tmp_path: Path):
    rows = [reported(T3 + "new", TOTAL, 80) | {"qualifier": "余"}]
    found = published(tmp_path, rows)
    book = openpyxl.load_workbook(io.BytesIO(files.to_xlsx(found)))
    sheet = book[book.sheetnames[1]]
    values = [c.value for row in sheet.iter_rows(min_row=7, min_col=4) for c in row]
    assert [v for v in values if v is not None] == ["80余"]
    assert "0" not in values and 0 not in values
    assert "演示" not in str([c.value for s in book for row in s.iter_rows() for c in row])


def test_every_line_of_a_result_has_its_height_in_the_workbook():
    """A spreadsheet prints a row as high as it is told: the second line stood in the row below."""
    found = forms.filled(demo(), 2022, forms.disclosure(demo(), 2022), "reported")
    book = openpyxl.load_workbook(io.BytesIO(files.to_xlsx(found)))
    for name in ("勾稽关系", "说明"):
        sheet = book[name]
        assert sheet.cell(1, 2).coordinate in sheet.merged_cells  # the title has room
        for row in sheet.iter_rows(min_row=3):
            lines = max(str(c.value or "").count("\n") + 1 for c in row)
            assert sheet.row_dimensions[row[0].row].height >= lines * (files.LINE - 1)
    assert any("\n" in str(c.value) for c in book["勾稽关系"]["C"])


def test_what_breaks_an_identity_is_told_in_the_workbook():
    found = forms.filled(demo(), 2022, DISCLOSURE_2021, "reported")
    sheet = openpyxl.load_workbook(io.BytesIO(files.to_xlsx(found)))["勾稽关系"]
    told = {row[0].value: row[2].value for row in sheet.iter_rows(min_row=3)}
    assert told["T3-3"] == "成立（25 处）"
    assert told["S-4"].startswith("1 处不符")
    assert "应为 220，实为 222，差 2" in told["S-4"]


# ---------------------------------------------------------------- on the screens


def form_cells(path: str, caption: str, **query: str | int) -> dict[tuple[str, str], str]:
    """(label, column) → what stands in the cell, of a form's table on a screen."""
    screen = screens.visit(path, **query)
    (table,) = [t for t in screen.root.all("table") if t.attrs.get("aria-label") == caption]
    rows = screens.spread(table)
    found = {}
    for y, row in enumerate(rows):
        for x, cell in enumerate(row):
            if cell.tag == "td":
                label = words(row[x - 1].text) if x else ""
                left = [words(c.text) for c in row[:x] if c.tag == "th"]
                above = [words(line[x].text) for line in rows[:y] if line[x].tag == "th"]
                found[(left[-1] if left else label), (above[-1] if above else "")] = words(
                    cell.text
                )
    return found


def test_the_disclosure_screen_shows_the_form_and_what_breaks_it():
    third = form_cells("/disclosure", "三、收到和处理政府信息公开申请情况", data="demo", year=2022)
    expected = table_3(2022)
    assert third["一、本年新收政府信息公开申请数量", "自然人"] == str(
        expected[T3 + "new", "自然人"]
    )
    assert third["（七）总计", TOTAL] == str(expected[T3 + "total", TOTAL])
    assert len(third) == 25 * 7
    second = form_cells("/disclosure", "二、主动公开政府信息情况", data="demo", year=2022)
    assert second["行政处罚", "本年处理决定数量"] == "222S-4不符"


def test_the_ledgers_form_is_one_choice_away_and_marks_what_was_published_otherwise():
    screen = screens.visit("/enforcement", data="demo", year=2022)
    assert "公布222件" in words(screen.text)
    app = screens.visit("/disclosure", data="demo", year=2022).app
    choice = next(b for b in app.button_group if b.key.startswith("basis_disclosure"))
    choice.set_value("ledger")
    shown = screens.shown("/disclosure", app)
    assert "公布222件" in words(shown.text)
    assert "S-4不符" not in words(shown.text)


def test_a_cell_opens_its_rows_of_the_whole_year_whatever_is_filtered():
    months = {"from": 1, "to": 2}
    screen = screens.visit("/disclosure", data="demo", year=2022, **months)
    assert "1–2 月" in screen.root.words("div", "kick")
    asked = {b.attrs["data-rows"] for b in screen.root.all("button", "cell")}
    assert f"{T3}new|自然人|2022" in asked
    app = screen.app
    app.query_params["rows"] = T3 + "new|自然人|2022"
    shown = screens.shown("/disclosure", app)
    count = table_3(2022)[T3 + "new", "自然人"]
    assert f"{count} 行，每行计 1，合计 {count}件，与台账数一致" in shown.text
    loaded = demo().tables["applications"]
    assert f"ledgers/applications.csv（{loaded.rows} 行）" in shown.text
    assert loaded.sha256 in shown.text


@pytest.mark.parametrize(
    "path", [p for p in screens.PATHS if p not in ("/todo", "/assignments")]
)  # which list rows themselves
def test_every_figure_that_a_ledger_gives_offers_its_rows(path: str):
    screen = screens.visit(path, data="demo", year=2022)
    found = screen.root.all("details", "src")
    assert found or screen.root.all("button", "cell")
    for card in found:
        terms, facts = ([n.text.strip() for n in card.all(tag)] for tag in ("dt", "dd"))
        code = dict(zip(terms, facts, strict=True))["代码"]
        known = "tag-none" not in card.all("summary")[0].classes
        offered = [b.attrs["data-rows"].split("|")[0] for b in card.all("button", attr="data-rows")]
        assert offered == ([code] if known and not code.startswith("goals.") else [])
    for evidence in screen.root.all(cls="ev"):
        assert len(evidence.all("button", "cell")) == 1


@pytest.mark.parametrize("path", ["/disclosure", "/enforcement"])
def test_no_form_stands_on_a_slide(path: str):
    slides = screens.on_the_wall(path, demo(), 2022)
    assert len(slides) > 2
    assert not any(said.all("table", "form") for _, said in slides)
    assert not any("统计表" in title or "年报" in title for title, _ in slides)


@pytest.mark.parametrize("path", ["/disclosure", "/enforcement"])
def test_without_a_cell_there_is_no_form(path: str):
    assert screens.visit(path).root.all("table", "form") == []


@pytest.mark.parametrize(
    ("path", "form"), [("/disclosure", "disclosure_2021"), ("/enforcement", "enforcement")]
)
def test_the_files_are_made_when_asked_for_not_before(
    path: str, form: str, monkeypatch: pytest.MonkeyPatch
):
    def refuse(_: Filled) -> bytes:
        raise AssertionError("made before anybody asked")

    monkeypatch.setattr(files, "to_docx", refuse)
    monkeypatch.setattr(files, "to_xlsx", refuse)
    buttons = screens.visit(path, data="demo", year=2022).app.get("download_button")
    labels = [b.proto.label for b in buttons]
    assert labels.count("下载 Word") == labels.count("下载 Excel") == 1


# ---------------------------------------------------------------- kept


def test_a_form_is_worked_out_once_a_snapshot(monkeypatch: pytest.MonkeyPatch):
    snapshot = store.load(DEMO)
    first = forms.filled(snapshot, 2022, DISCLOSURE_2021, "ledger")
    asked: list[object] = []
    monkeypatch.setattr(Book, "query", lambda *a, **k: asked.append(a))
    assert forms.filled(snapshot, 2022, DISCLOSURE_2021, "ledger") is first
    assert forms.bases(shared(snapshot, Filters(2022)).snapshot, 2022, DISCLOSURE_2021)
    assert asked == []
