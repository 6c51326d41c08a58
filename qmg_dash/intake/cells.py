"""A written cell, or a row of them, in the standard form.

What a cell means is decided by read_cell and read_written of the folder, as for the files of a folder. Only
what a spreadsheet adds is decided here: serial days, numbers where a text is meant, dates where a
code is meant, the text that a number format shows. What cannot be read is left as it is: the check
of the folder names its fault.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache, lru_cache

from qmg_dash.folder.cells import DASHES, WHITE, fold, legible, plain_number, read_cell
from qmg_dash.folder.published import Unreadable, canonical_dimension, convert, read_written
from qmg_dash.intake import number_formats
from qmg_dash.intake.meaning import Reads, meant
from qmg_dash.intake.number_formats import Shown
from qmg_dash.intake.sheets import BOOL, DATE, ERROR, FORMULA, NUMBER, TEXT, Cell
from qmg_dash.intake.vocabulary import Found, is_money
from qmg_dash.kpis import KPIS, is_known, kpi
from qmg_dash.tables import BY_NAME, NO, YES, Column, Table

_SERIAL = re.compile(r"([2-6][0-9]{4})(\.[0-9]+)?")
_EPOCH = date(1899, 12, 30)
_ERRORS = ("#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!")
"""What a formula shows that went wrong; a CSV has it as text."""
_DOUBTFUL = "十百千"
"""Behind a number, one may doubt whether they are meant to multiply it; 万 and 亿 are."""
_BARE = ("万", "亿")
"""A scale alone says nothing under a header in 万元: 12万万元?"""
REPORTED = BY_NAME["reported"]
_PUBLISHED = REPORTED.column("value")


@dataclass(frozen=True)
class Told:
    """A cell's text in the standard form; `note` says what was recognised (a kind that is counted),
    `odd` and `wrong` (rule, message) what is doubtful in it, and why it cannot be taken; `asked` is
    the word of which nobody has said what it means; `more`: as Meant.odd; `free`: it
    is wrong for being free text, which may name people and is not said again."""

    text: str
    note: str = ""
    odd: tuple[str, str] | None = None
    wrong: tuple[str, str] | None = None
    asked: str = ""
    more: bool = False
    free: bool = False


def standard(found: Found, cell: Cell, serials: bool = True) -> Told:
    """A cell of a column in the standard form."""
    text, fault = legible(found.column, cell.text)
    if fault is None:
        return _shown(found, cell, serials)
    said = fault.rule, fault.message
    if fault.severity == "error":
        return Told(text.strip(WHITE), wrong=said)
    return replace(_shown(found, cell._replace(text=text), serials), odd=said)


def _shown(found: Found, cell: Cell, serials: bool) -> Told:
    """What a cell shows in its number format, in the standard form."""
    if not cell.format:
        return _standard(found, cell, serials)
    text = _as_shown(found, cell)
    if text is None:
        return Told(cell.text, wrong=_unclear(found.column, cell))
    told = _standard(found, Cell(text, cell.kind), serials)
    note = "按单元格显示的内容读（数字格式）" if text != cell.text else ""
    return replace(told, note=told.note or note)


def _standard(found: Found, cell: Cell, serials: bool) -> Told:
    column, text = found.column, cell.text.strip(WHITE)
    if not text:
        return Told("")
    wrong = _spoilt(column, cell)
    if wrong:
        return Told(text, wrong=wrong)
    if found.reads:
        return _in_layout(found, found.reads, cell, serials)
    return _plainly(found, text, cell.kind, serials)


def _in_layout(found: Found, reads: Reads, cell: Cell, serials: bool) -> Told:
    """A cell as its layout means it."""
    said = meant(found.column, reads, cell.text.strip(WHITE))
    if said.wrong or said.asked or not said.text:
        return Told(said.text, said.note, wrong=said.wrong, asked=said.asked)
    told = _plainly(found, said.text, cell.kind, serials)
    return replace(told, note=said.note or told.note, more=said.odd)


def _plainly(found: Found, text: str, kind: str, serials: bool) -> Told:
    """A text that is what it says."""
    column = found.column
    if column is _PUBLISHED:
        return Told(text)  # read with its row: `published`
    if column.type == "date" and (serial := _serial(text, kind)):
        if serials:
            return Told(serial.isoformat(), "Excel 日期序号换成日期")
        return Told(text, wrong=("日期", "工作簿从 1904 年起算日期，序号读不准：请设为日期格式"))
    if found.unit:
        return _converted(found, text, kind)
    return _read(column, text, kind)


# ---------------------------------------------------------------- what a number format shows


def _as_shown(found: Found, cell: Cell) -> str | None:
    """What a cell with a number format says in its column: a text as it is shown, a number with
    all its digits, in the unit that it is shown in; None where that is not clear."""
    if cell.kind == TEXT:
        return number_formats.of_text(cell.text, cell.format) or None
    if "E" in cell.text:
        return cell.text  # its digits are lost: told as such
    value = Decimal(cell.text)
    shown = number_formats.of_number(value, cell.format)
    if found.column.type in ("int", "number"):
        return _counted(found, value, shown) if shown else None
    if found.column.type == "date" and shown is None:
        return cell.text  # the serial of a day
    if not shown or not shown.text:
        return None
    bare = shown.number == value and not shown.before + shown.after
    return cell.text if bare and found.column.type in ("date", "bool") else shown.text


def _counted(found: Found, value: Decimal, shown: Shown) -> str | None:
    """The number of a cell, from `value` that is kept and from what is shown of it. Where the
    format itself divides (0!.0,"万" makes 12.3万 of 123456), unit and value have to agree."""
    if not value and shown.text and shown.text in (*DASHES, "零"):
        return "0"
    number, after = shown.number, shown.after
    if number is None or shown.text == "":
        return None
    if found.column is _PUBLISHED:
        return _published_number(value, number, shown)
    if shown.before:
        return None
    if after == "%":
        return f"{_digits(number)}%"
    if after.isdigit():  # 0"0000" makes 30000 of 3
        return shown.text if shown.text == _digits(value) + after else None
    return _in_its_unit(found, value, number, after)


def _in_its_unit(found: Found, value: Decimal, number: Decimal, after: str) -> str | None:
    """A number in the unit of its header, or in the one that stands behind it: 12万 → 120000."""
    wanted = found.column.unit
    try:
        if after in ("", found.unit):
            meant = convert(number, found.unit, wanted)[0]
            return _digits(number) if value in (number, meant) else None
        meant, reached, _ = convert(number, after, wanted)
    except Unreadable:
        return None
    agrees = meant == value or (number == value and after[0] not in _DOUBTFUL)
    if not agrees or reached != wanted or (found.unit and after in _BARE):
        return None
    if not wanted:
        return _digits(number) + after  # a year: 2023年
    return _digits(meant) + (wanted if found.unit else "")


def _digits(number: Decimal) -> str:
    return f"{number.normalize():f}"


def _published_number(value: Decimal, number: Decimal, shown: Shown) -> str | None:
    """A published number with the words around it; `_written_apart` puts them into their columns."""
    if value == number or shown.after == "%":
        return f"{shown.before}{_digits(number)}{shown.after}"
    try:
        written = read_written(_digits(number) + shown.after)
    except Unreadable:
        return None
    return _digits(value) + written.unit if written.value == value else None


def _unclear(column: Column, cell: Cell) -> tuple[str, str]:
    """Why a cell with a number format cannot be taken."""
    shown = cell.kind == NUMBER and number_formats.of_number(Decimal(cell.text), cell.format)
    if cell.kind == TEXT or (shown and shown.text == ""):
        seen = "单元格里什么都看不见"
    elif shown and shown.text:
        seen = f"显示为“{shown.text}”"
    else:
        seen = "各种软件显示的不一样"
    said = f"存的是 {cell.text[:40]}，数字格式是 {cell.format[:60]}，{seen}"
    if column.type in ("int", "number"):
        return "显示", f"{said}，看不出是多少：请把格式设为“常规”，只填写数字，单位同列名"
    return "显示", f"{said}：请把格式设为“文本”，按应有的内容重新填写"


def _spoilt(column: Column, cell: Cell) -> tuple[str, str] | None:
    """What the spreadsheet has done to a cell so that its content is not known any more."""
    if cell.kind == ERROR or cell.text.strip(WHITE) in _ERRORS:
        return "公式", "单元格是公式的错误值（#REF! 之类）：请改成实际内容"
    if cell.kind == FORMULA:
        return "公式", "公式没有存下结果：请在 Excel 或 WPS 中打开、保存一次，或改成实际内容"
    if cell.kind == DATE and column.coded:
        return "编码", "编号被表格软件改成了日期：请把单元格设为“文本”，按原件重新填写"
    if cell.kind == DATE and column.type == "text":
        mend = "请把单元格设为“文本”，按应有的内容重新填写"
        return "文字", f"这一列应填文字，单元格里却是日期或时间（3-2 会被改成 3月2日）：{mend}"
    if cell.kind == DATE and column.type in ("int", "number", "bool"):
        return "数字", "应填数字或是否，单元格里却是日期：请改正"
    if column.type == "text" and not column.coded and cell.text.lstrip().startswith(("=", "@")):
        return "公式", "以 = 或 @ 开头，表格软件打开时会当成公式：请去掉这个符号"
    return None


def _serial(text: str, kind: str) -> date | None:
    """The day that a bare number stands for in a column of dates."""
    found = _SERIAL.fullmatch(text) if kind in (NUMBER, "") else None
    return _EPOCH + timedelta(days=int(found[1])) if found else None


def _converted(found: Found, text: str, kind: str) -> Told:
    """A number of a column that is in another unit than declared, to the last digit; what is none
    in that unit is read in the column's own: 2元 is 2."""
    sent = _in_unit(found.column, found.unit)
    number = plain_number(sent, text)
    if read_cell(sent, text).severity == "error" or not isinstance(number, Decimal):
        return _read(found.column, text, kind)
    wanted = found.column.unit
    return Told(_plain(convert(number, found.unit, wanted)[0]), f"{found.unit}换算成{wanted}")


@cache
def _in_unit(column: Column, unit: str) -> Column:
    """The column as the header that was sent has it: 1.25 of 万人次 is whole."""
    header = f"{column.name}（{unit}）"
    return replace(column, header=header, type="number", counter="", maximum=None)


def added(column: Column, before: str, part: Told) -> Told:
    """A part of a column's figure on top of those before it. Nothing and a number are the number:
    who pays a fine alone has no confiscation written down."""
    read = read_cell(column, part.text)
    wrong = (read.rule, read.message) if read.severity == "error" else None
    if part.wrong or wrong:
        return Told(before, wrong=part.wrong or wrong)
    if not isinstance(read.value, int | Decimal):
        return Told(before, part.note)
    return Told(_plain(Decimal(read.value) + Decimal(before or 0)), part.note)


@cache
def _rules() -> dict[str, str]:
    """What is told of a cell by the rule that read it."""
    return {
        "日期写法": "日期改成 2023-01-05 的写法",
        "数字写法": "数字改成只写半角阿拉伯数字",
        "是否写法": "√、有、1 之类改成“是”或“否”",
        "空值": "—、/、无数据 之类按空（未知）处理",
        "编码写法": "编码改成半角",
        "页面写法": "页面路径补上 /",
    }


def _read(column: Column, text: str, kind: str) -> Told:
    cell = read_cell(column, text)
    if cell.severity == "error":
        return Told(text)
    value = _plain(cell.value)
    if kind == BOOL or cell.severity:
        return Told(value, _rules().get(cell.rule, cell.rule))
    return Told(value, "选项改成规定的写法" if value != text else "")


def _plain(value: object) -> str:
    """A value as a folder's CSV has it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return YES if value else NO
    if isinstance(value, Decimal):
        # At most four decimals, as the folder rounds them; none that say nothing.
        text = f"{round(value, 4):f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return str(value)


# ---------------------------------------------------------------- rows


def canonical(table: Table, cells: Mapping[str, str]) -> dict[str, str]:
    """A row's cells (English name → text) so that equal ones are equal texts; what cannot be read
    stays as it is."""
    plain = {n: text and _canonical(table.name, n, text) for n, text in cells.items()}
    return published(plain) if table is REPORTED else plain


@lru_cache(maxsize=200_000)
def _canonical(table: str, name: str, text: str) -> str:
    """Kept by names: to hash a whole column costs more than to read its cell. A serial day stays
    one: in a folder's file it is a fault, and a date that is sent in its place mends it."""
    return standard(Found(BY_NAME[table].by_name[name], ""), Cell(text), serials=False).text


def published(cells: Mapping[str, str]) -> dict[str, str]:
    """A row of reported.csv with its number, qualifier and unit in their own columns, and its
    dimension in the standard form: 80余件 → 80, 余, 件."""
    out = dict(cells)
    if out.get("indicator"):
        out["indicator"] = _codes().get(fold(out["indicator"]), out["indicator"])
    if out.get("dimension") and is_known(out.get("indicator", "")):
        with suppress(Unreadable):  # the check of the folder says why
            out["dimension"] = canonical_dimension(kpi(out["indicator"]), out["dimension"])[0]
    return out | _written_apart(out)


@cache
def _codes() -> dict[str, str]:
    """KPIs by their label, where it is one KPI's alone."""
    found: dict[str, list[str]] = {}
    for k in KPIS:
        found.setdefault(fold(k.label), []).append(k.code)
    return {label: codes[0] for label, codes in found.items() if len(codes) == 1}


def says_money(text: str) -> bool:
    """Whether a published amount has its own unit behind it: 12500元."""
    with suppress(Unreadable):
        return is_money(read_written(text).unit)
    return False


def _written_apart(cells: Mapping[str, str]) -> dict[str, str]:
    """The number of a published figure, with the qualifier and the unit that stood in it; nothing
    where they contradict their own columns (the check of the folder says so)."""
    text, unit = cells.get("value", ""), cells.get("unit", "")
    qualifier = cells.get("qualifier", "")
    try:
        number = read_written(text)
    except Unreadable:
        return {}
    value = f"{number.digits.normalize():f}"
    if number.standard:
        return {"value": value, "qualifier": qualifier}  # no column for it: the number is exact
    if (number.unit and unit not in ("", number.unit)) or (number.scale > 1 and unit):
        return {}
    if number.qualifier and qualifier not in ("", number.qualifier):
        return {}
    return {
        "value": value,
        "qualifier": qualifier or number.qualifier,
        "unit": unit or f"{number.scaled}{number.unit}",
        "raw": cells.get("raw", "") or text,
    }
