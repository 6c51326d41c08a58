"""The empty workbook for clerks: a sheet a table, made from TABLES alone."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import xlsxwriter

from qmg_dash import page_files
from qmg_dash.folder.cells import EARLIEST, LATEST
from qmg_dash.intake.reading import EXAMPLE
from qmg_dash.intake.recognise import OWN_SHEETS
from qmg_dash.tables import TABLES, Column, Table

GUIDE, OPTIONS = OWN_SHEETS[0], "选项"
ROWS = 5000
"""Rows that carry formats and drop-downs."""
_DAY = date(2023, 1, 5)
_FORMATS = {
    "guide": {"text_wrap": True, "valign": "top"},
    "title": {"bold": True, "font_size": 14},
    "head": {"bold": True, "bg_color": "#DDE6EE", "border": 1, "text_wrap": True},
    "need": {"bold": True, "bg_color": "#F6D9A8", "border": 1, "text_wrap": True},
    "example": {"italic": True, "font_color": "#808080", "bg_color": "#F2F2F2"},
    "example_day": {
        "italic": True,
        "font_color": "#808080",
        "bg_color": "#F2F2F2",
        "num_format": "yyyy-mm-dd",
    },
    "text": {"num_format": "@"},
    "date": {"num_format": "yyyy-mm-dd"},
    "int": {"num_format": "0"},
    "number": {"num_format": "0.00##"},
}
_TYPES = {
    "text": "文字",
    "int": "整数",
    "number": "数字",
    "bool": "是 或 否",
    "date": "日期，如 2023-01-05",
}
RULES = (
    "橙色列名必填，其余可空。空白表示不知道，不等于 0；没有发生请写 0。",
    "每张表第 2 行是示例（灰色，以“【示例】”开头），导入时不读，可以留着也可以删去。",
    "列的顺序可以变，可以加别的列（导入时会列出没有读取的列；金额、日期、数量列要另外注明不读取）；列名请不要改。",
    "编号列已设为“文本”，粘贴时请选“只粘贴值”，以免长编号变成 1.23E+11。",
    "同一张表按编号（见列名的批注）识别：编号已有的行按这里的内容更新，没有的新增；这里没有的行保留不动。",
    "任何一处有错，整个文件都不导入，会退回一份标出问题的工作簿；改好后直接导入那一份即可。",
    "不写姓名：执法人员写人员序号，企业写企业序号。",
)


@dataclass(frozen=True)
class _Choice:
    """The list behind a column's drop-down, on the sheet of options."""

    column: Column
    texts: tuple[str, ...]


def template() -> bytes:
    """The workbook; sheets are named as tables are labelled, so that import knows them."""
    out = io.BytesIO()
    settings = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, settings) as book:
        formats = {name: book.add_format(how) for name, how in _FORMATS.items()}
        _guide(book.add_worksheet(GUIDE), formats)
        sheets = [(t, book.add_worksheet(t.label)) for t in TABLES]
        options = book.add_worksheet(OPTIONS)
        options.hide()
        places = _options(options)
        for table, sheet in sheets:
            _table(sheet, table, formats, places)
    return out.getvalue()


def _guide(sheet: Any, formats: dict[str, Any]) -> None:
    sheet.set_column(0, 0, 110)
    sheet.write_string(0, 0, "数据填报模板", formats["title"])
    lines = [*RULES, "", "各工作表：", *(f"{t.label}（{_key_text(t)}）" for t in TABLES)]
    for n, line in enumerate(lines, 2):
        sheet.write_string(n, 0, line, formats["guide"])


def _key_text(table: Table) -> str:
    headers = "＋".join(table.column(k).header for k in table.key)
    return f"按“{headers}”识别同一行" if headers else "没有编号，逐行比对"


def choices(column: Column) -> tuple[str, ...]:
    """What a drop-down offers: the Chinese text of a coded value."""
    if column.page:
        return page_files.paths()
    names = {value: text for text, value in column.synonyms}
    return tuple(names.get(v, v) for v in column.values)


def _options(sheet: Any) -> dict[str, str]:
    """Write the lists of all drop-downs, one a column; where each of them lies."""
    lists = dict.fromkeys(choices(c) for t in TABLES for c in t.columns)
    places = {}
    for n, texts in enumerate(t for t in lists if t):
        for row, text in enumerate(texts):
            sheet.write_string(row, n, text)
        letters = xlsxwriter.utility.xl_col_to_name(n, col_abs=True)
        places["\n".join(texts)] = f"={OPTIONS}!{letters}$1:{letters}${len(texts)}"
    return places


def _table(sheet: Any, table: Table, formats: dict[str, Any], places: dict[str, str]) -> None:
    sheet.freeze_panes(1, 0)
    sheet.set_row(0, 30)
    marked = next(i for i, c in enumerate(table.columns) if c.type == "text" and not c.values)
    for n, column in enumerate(table.columns):
        kind = column.type if column.type in ("date", "int", "number") else "text"
        sheet.set_column(n, n, max(12, 2 * len(column.header) + 2), formats[kind])
        sheet.write_string(0, n, column.header, formats["need" if column.required else "head"])
        sheet.write_comment(0, n, "\n".join(_said(table, column)), {"x_scale": 2, "y_scale": 1.5})
        _example(sheet, n, column, n == marked, formats)
        rule = _validation(column, places)
        if rule:
            sheet.data_validation(1, n, ROWS, n, rule)


def _said(table: Table, column: Column) -> Iterator[str]:
    """What the note on a header tells."""
    yield f"{'必填' if column.required else '可空'}，{_TYPES[column.type]}"
    if column.name in table.key:
        yield _key_text(table)
    if column.note:
        yield column.note
    if column.refers_to:
        yield "须是所引用的表里已有的"
    texts = choices(column)
    if texts and column.type != "bool":
        yield ("常用：" if column.open else "只能填：") + "、".join(texts)
    for later, earlier in table.not_before:
        if column.name == later:
            yield f"不早于“{table.column(earlier).header}”"
    for part, whole in table.not_above:
        if column.name == part:
            yield f"不大于“{table.column(whole).header}”"


def _example(sheet: Any, n: int, column: Column, marked: bool, formats: dict[str, Any]) -> None:
    texts = choices(column)
    if column.type == "date":
        sheet.write_datetime(1, n, _DAY, formats["example_day"])
    elif column.type in ("int", "number"):
        value = _DAY.year if column.year else 2
        sheet.write_number(1, n, value, formats["example"])
    else:
        text = texts[0] if texts else f"填写{column.header}"
        sheet.write_string(1, n, f"{EXAMPLE}{text}" if marked else text, formats["example"])


def _validation(column: Column, places: dict[str, str]) -> dict[str, Any] | None:
    """A drop-down, or a check of dates and numbers as they are typed. Blank is always allowed."""
    texts = choices(column)
    if texts:
        style = "warning" if column.open else "stop"
        said = "不在常用的内容之中，确定要填吗？" if column.open else "请从下拉列表中选择"
        source = places["\n".join(texts)]
        return {"validate": "list", "source": source, "error_type": style, "error_message": said}
    if column.type == "date":
        said = "请填日期，如 2023-01-05"
        between = {"criteria": "between", "minimum": EARLIEST, "maximum": LATEST}
        return {"validate": "date", **between, "error_message": said}
    if column.type in ("int", "number") and column.minimum is not None:
        kind = "integer" if column.type == "int" else "decimal"
        at_least = {"criteria": ">=", "value": column.minimum}
        return {
            "validate": kind,
            **at_least,
            "error_message": f"请填不小于 {column.minimum:g} 的数字",
        }
    return None
