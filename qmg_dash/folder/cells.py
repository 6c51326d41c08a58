"""One cell: what is written in it means by its column's declaration."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal

from qmg_dash import beijing, characters, page_files
from qmg_dash.model import Severity
from qmg_dash.tables import NO, YES, Column

EARLIEST, LATEST = date(1949, 1, 1), date(2100, 12, 31)
WHITE = " \t\r\n\u3000\u00a0\ufeff\u200b"
DASHES = (
    *("—", "——", "-", "--", "－", "–", "/", "／", "无数据"),
    *("nan", "NaN", "<NA>", "NaT", "None", "null", "NULL", "N/A", "n/a"),
)
"""What people write where they know nothing, and what programs write there."""
NOTHING = (*DASHES, "无")
"""What says that there is none where codes or names are asked for."""
_YES = {YES, "√", "✓", "✔", "有", "1", "TRUE", "Y", "YES", "T"}
_NO = {NO, "×", "✗", "✘", "无", "0", "FALSE", "N", "NO", "F"}
_HALF = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {
    0x3000: " ",
    0x2212: "-",
}
_HALF_CODES = {c: c - 0xFEE0 for c in range(0xFF10, 0xFF5B) if chr(c - 0xFEE0).isalnum()}
SCIENTIFIC = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?[eE][+-]?[0-9]+")
_SPOILT_CODE = re.compile(r"[0-9](\.[0-9]+)?[eE]\+[0-9]+")
MEND_SCIENTIFIC = "长数字被改成了科学计数法，后面的数字已丢失：请把单元格设为“文本”，按原件重新填写"


# ---------------------------------------------------------------- one cell


@dataclass(frozen=True)
class Cell:
    """A cell as read. With severity error there is no value and the row is left out. `once`: what
    a program has written into the whole column is told of the column, not of each row."""

    value: object = None
    severity: Severity | None = None
    rule: str = ""
    message: str = ""
    once: bool = False


def narrow(text: str) -> str:
    """Full-width letters, digits and punctuation made half-width, outer space removed."""
    return text.translate(_HALF).strip(WHITE)


def fold(text: str) -> str:
    """A text for comparison only: width, inner space, case and what no file can hold do not
    matter."""
    return re.sub(r"\s+", "", narrow(characters.writable(text))).casefold()


UNWRITABLE = "文字"
"""The rule that a cell has only what files can hold."""


def legible(column: Column, written: str) -> tuple[str, Cell | None]:
    """A cell without what no file can hold (characters.py), and its fault. Of a text the rest
    counts; a code, a number or a day that has such a character is not known for certain."""
    text = characters.writable(written)
    if text == written:
        return text, None
    told = unwritable(written)
    if column.type == "text" and form_of(column) in ("text", "several", "group", "open"):
        return text, _odd(text, UNWRITABLE, f"这一格{told}，已去掉；请在原表里删去")
    return text, _wrong(UNWRITABLE, f"这一格{told}，读不准：请删去后按原件重新填写")


def unwritable(text: str) -> str:
    """Which characters of a text no file can hold, in words; empty where there are none."""
    named = "、".join(characters.unwritable(text))
    return named and f"里有看不见、文件存不下的字符 {named}"


def read_cell(column: Column, written: str) -> Cell:
    """What a written cell means by its column's declaration; an empty one is None."""
    plain, fault = legible(column, written)
    if fault is None:
        return _meant(column, plain)
    cell = fault if fault.severity == "error" else _meant(column, plain)
    return cell if cell.severity == "error" else replace(fault, value=cell.value)


def _meant(column: Column, written: str) -> Cell:
    text = written.strip(WHITE)
    if not text:
        cell = Cell()
    elif text in unknowns(form_of(column)):
        cell = _odd(None, "空值", f"“{text}”按未知（空）处理；没有数据请留空")
    else:
        cell = _READERS[form_of(column)](column, text)
    if column.required and cell.value is None and cell.severity != "error":
        return _wrong("必填", "必填，不能为空：请补填实际内容")
    return cell


def unknowns(form: str) -> tuple[str, ...]:
    """What says in a cell of that form that nothing is known. A narrative text is its own, and /
    is a page."""
    if form in ("code", "several"):
        return NOTHING
    return () if form in ("text", "page") else DASHES


def form_of(column: Column) -> str:
    if column.page:
        return "page"
    if column.type != "text":
        return column.type
    if column.values:
        return "open" if column.open else "closed"
    if column.coded:
        return "code"
    return "several" if column.several else "group" if column.groups else "text"


def _wrong(rule: str, message: str) -> Cell:
    return Cell(None, "error", rule, message)


def _odd(value: object, rule: str, message: str) -> Cell:
    return Cell(value, "warning", rule, message)


_DATE = re.compile(
    r"([0-9]{4})(?:-([0-9]{1,2})-([0-9]{1,2})|/([0-9]{1,2})/([0-9]{1,2})|\.([0-9]{1,2})\.([0-9]{1,2})"
    r"|年([0-9]{1,2})月([0-9]{1,2})日?|([0-9]{2})([0-9]{2}))"
    r"(?:(?:[T ]+|(?<=日))(?P<hour>[01]?[0-9]|2[0-4])(?::|(?<=[0-9]{2}))(?P<minute>[0-5][0-9])"
    r"(?::?(?:[0-5][0-9]|60)(?:[.,][0-9]+)?)?"
    r"(?: *(?P<zone>Z|UTC|GMT|(?:UTC|GMT)?[+-][0-9]{1,2}(?::?[0-9]{2})?(?: [A-Z]{3,4}|\[[^]]*])?))?)?"
)
"""Year, month and day in one of five ways, then perhaps a time, then perhaps its zone: as ISO 8601
and databases write it, with the zone's name behind the offset or without."""
_MEND_DATE = "请写成 2023-01-05 的样子"


def _read_date(column: Column, text: str) -> Cell:
    plain = re.sub(r"\s*([年月])\s*|\s*日", lambda m: m[0].strip(), narrow(text).upper())
    match = _DATE.fullmatch(plain)
    if match is None:
        return _wrong("日期", _why_no_date(plain))
    try:
        value = _day(match)
    except (ValueError, OverflowError):
        return _wrong("日期", f"日历上没有这一天，请核对后改正，{_MEND_DATE}")
    if not EARLIEST <= value <= LATEST:
        return _wrong("日期", f"年份应在 {EARLIEST.year} 至 {LATEST.year} 之间，请核对后改正")
    if text == value.isoformat():
        return Cell(value)
    if match["hour"]:
        taken = "已换成北京时间的日期" if match["zone"] else "已按那一天读"
        message = f"日期后面带着时刻，{taken}；{_MEND_DATE}"
        return Cell(value, "warning", "日期写法", message, once=True)
    return _odd(value, "日期写法", f"已读作 {value.isoformat()}；{_MEND_DATE}")


def _day(match: re.Match[str]) -> date:
    """The day that is written; of an instant (a time with its zone) the day in Beijing. Raises
    ValueError, OverflowError."""
    year, month, day = (int(p) for p in match.groups()[: -len(match.groupdict())] if p is not None)
    if not match["zone"]:
        return date(year, month, day)
    clock = timedelta(hours=int(match["hour"]), minutes=int(match["minute"]))
    zone = datetime(year, month, day, tzinfo=_offset(match["zone"]))
    return beijing.local(zone + clock).date()


def _offset(zone: str) -> timezone:
    """+0800, UTC+8, Z → the zone. Raises ValueError."""
    found = re.search(r"([+-])([0-9]{1,2}):?([0-9]{2})?", zone)
    if found is None:
        return UTC
    ahead = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
    return timezone(-ahead if found[1] == "-" else ahead)


def _why_no_date(text: str) -> str:
    if re.fullmatch(r"[0-9]{1,2}[-/.][0-9]{1,2}[-/.]([0-9]{4}|[0-9]{2})", text):
        return f"分不清哪个是月、哪个是日（或是哪一年），{_MEND_DATE}"
    if re.fullmatch(r"[0-9]{4}[-/.年][0-9]{1,2}月?", text):
        return f"只写到月，缺少日，{_MEND_DATE}"
    if re.fullmatch(r"[3-5][0-9]{4}(\.0+)?", text):
        guess = date(1899, 12, 30) + timedelta(days=int(text[:5]))
        return f"像是 Excel 的日期序号（可能是 {guess}）：请把单元格设为日期格式，{_MEND_DATE}"
    if SCIENTIFIC.fullmatch(text):
        return MEND_SCIENTIFIC
    return f"不是日期，{_MEND_DATE}"


NUMBER = re.compile(r"[+-]?(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.[0-9]+)?")
_STANDARD = {"int": re.compile(r"-?[0-9]+"), "number": re.compile(r"-?[0-9]+(\.[0-9]{1,4})?")}
_PLACES = Decimal("0.0001")
_TOO_LONG = 10**15


def plain_number(column: Column, text: str) -> Decimal | Cell:
    """The number in a text, or the fault that says why there is none."""
    plain = narrow(text)
    if column.year:
        plain = plain.removesuffix("度").removesuffix("年")
    if not NUMBER.fullmatch(plain):
        if SCIENTIFIC.fullmatch(plain):
            return _wrong("科学计数", MEND_SCIENTIFIC)
        if plain.endswith("%") and not column.percent:
            return _wrong("数字", "这一列不是百分比：请去掉 % 并填写实际数字")
        plain = plain.lstrip("¥￥").removesuffix("%").removesuffix(column.written_unit).strip()
        if not NUMBER.fullmatch(plain):
            return _wrong("数字", "不是数字：请只填阿拉伯数字，不写单位、约数或文字")
    return Decimal(plain.replace(",", ""))


def _read_int(column: Column, text: str) -> Cell:
    number = plain_number(column, text)
    if isinstance(number, Cell):
        return number
    if number != number.to_integral_value():
        return _wrong("数字", "应为整数，请核对后改正")
    return _in_range(column, number) or _as_written(column, text, int(number))


def _read_number(column: Column, text: str) -> Cell:
    number = plain_number(column, text)
    if isinstance(number, Cell):
        return number
    return _in_range(column, number) or _as_written(column, text, number)


def _in_range(column: Column, number: Decimal) -> Cell | None:
    if not -_TOO_LONG < number < _TOO_LONG:
        return _wrong("范围", "数字太大（超过 15 位），请核对后改正")
    low, high = column.minimum, column.maximum
    if low is not None and number < low:
        return _wrong("范围", f"不能小于 {low:g}，请核对后改正")
    if high is not None and number > high:
        return _wrong("范围", f"不能大于 {high:g}，请核对后改正")
    return None


def _as_written(column: Column, text: str, value: int | Decimal) -> Cell:
    """A number, with a warning where it is not written in the standard form."""
    if _STANDARD[column.type].fullmatch(text):
        return Cell(value)
    if isinstance(value, Decimal) and value.as_tuple().exponent < -4:  # type: ignore[operator]
        value = value.quantize(_PLACES, ROUND_HALF_UP)
    shown = value_text(value)
    return _odd(
        value, "数字写法", f"已读作 {shown}；请只写阿拉伯数字，不加分隔符和单位，小数至多四位"
    )


def _read_bool(column: Column, text: str) -> Cell:
    plain = narrow(text).upper()
    if plain in _YES or plain in _NO:
        value = plain in _YES
        standard = YES if value else NO
        if text == standard:
            return Cell(value)
        return _odd(value, "是否写法", f"已读作“{standard}”；请写“是”或“否”")
    return _wrong("是否", "只能写“是”或“否”；不知道请留空")


def _known_value(column: Column, text: str) -> str | None:
    """The declared value that the text stands for, width and space aside."""
    if text in column.values:
        return text
    folded = {fold(v): v for v in column.values}
    folded |= {fold(s): v for s, v in column.synonyms}
    return folded.get(fold(text))


def _read_closed(column: Column, text: str) -> Cell:
    value = _known_value(column, text)
    if value is None:
        return _wrong("枚举", f"不在可填的内容之中；可填：{allowed_values(column)}")
    return Cell(value)


def allowed_values(column: Column) -> str:
    names = {value: text for text, value in column.synonyms}
    return "、".join(f"{v}（{names[v]}）" if v in names else v for v in column.values)


def _read_open(column: Column, text: str) -> Cell:
    return Cell(_known_value(column, text) or text)


def _read_code(column: Column, text: str) -> Cell:
    plain = text.translate(_HALF_CODES)
    if _SPOILT_CODE.fullmatch(plain):
        return _wrong("科学计数", MEND_SCIENTIFIC)
    wrapped = re.fullmatch(r'="(.*)"', plain)
    plain = wrapped[1].strip(WHITE) if wrapped else plain.lstrip("'")
    if plain == text:
        return Cell(text)
    return _odd(plain or None, "编码写法", f"已读作“{plain}”；请用半角数字和字母，不加引号")


def _read_page(column: Column, text: str) -> Cell:
    plain, pages = narrow(text), page_files.paths()
    if plain in pages:
        return Cell(plain)
    value = "/" + plain.strip("/")
    if value in pages:
        return _odd(value, "页面写法", f"已读作 {value}；页面路径以 / 开头")
    return _wrong("枚举", f"没有这个页面；可填：{'、'.join(pages)}")


def _read_text(column: Column, text: str) -> Cell:
    return Cell(text)


_READERS: dict[str, Callable[[Column, str], Cell]] = {
    "date": _read_date,
    "int": _read_int,
    "number": _read_number,
    "bool": _read_bool,
    "closed": _read_closed,
    "open": _read_open,
    "code": _read_code,
    "several": _read_text,
    "group": _read_text,
    "page": _read_page,
    "text": _read_text,
}


def value_text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
