"""Every fault of a data folder: how a cell is read, which rows count, what refers to nothing.

One cell is read by `read_cell`, in Python, and nowhere else. A million rows are not read cell by
cell: SQL recognises the standard forms (`_Field.odd` is its negation), and only the distinct
values that are not standard go through `read_cell`; what comes out is joined back. So a rule
stands once, and a clean ledger costs one pass.

`examine` checks a ledger, `read_reported` the published figures, `cross_check` what needs more
than one table or the clock. None of them opens a file: the store hands them rows or a cursor.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal
from typing import Protocol

import pyarrow as pa
from duckdb import DuckDBPyConnection as Cursor

from qmg_dash import beijing, characters
from qmg_dash.kpis import Dimension, Kpi, is_known, kpi
from qmg_dash.kpis.base import PERCENT
from qmg_dash.kpis.disclosure import T2_2019
from qmg_dash.model import (
    ABOUT,
    AT_LEAST,
    EXACT,
    MORE,
    NEARLY,
    Fault,
    Number,
    Printed,
    Severity,
)
from qmg_dash.tables import BY_NAME, NO, OUTCOMES, YES, Column, Need, Settled, Table

LISTED = 200
"""How many faults of one table and rule are listed; one more tells how many there are."""

EARLIEST, LATEST = date(1949, 1, 1), date(2100, 12, 31)
PAGES = (
    "/",
    "/power_list",
    "/enforcement",
    "/disclosure",
    "/goals",
    "/decisions",
    "/disputes",
    "/learning",
    "/services",
    "/duty",
    "/trust",
)
"""The paths that practices.screen may name (DATA.md section 6)."""

WHITE = " \t\r\n\u3000\u00a0\ufeff\u200b"
DASHES = ("—", "——", "-", "--", "－", "–", "/", "／", "无数据", "nan", "NaN", "<NA>", "NaT", "None")
"""What people write where they know nothing, and what pandas writes there."""
NOTHING = (*DASHES, "无")
"""What says that there is none where codes or names are asked for."""
_YES = {YES, "√", "✓", "✔", "有", "1", "TRUE", "Y", "YES", "T"}
_NO = {NO, "×", "✗", "✘", "无", "0", "FALSE", "N", "NO", "F"}
_HALF = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {
    0x3000: " ",
    0x2212: "-",
}
_HALF_CODES = {c: c - 0xFEE0 for c in range(0xFF10, 0xFF5B) if chr(c - 0xFEE0).isalnum()}
_SCIENTIFIC = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?[eE][+-]?[0-9]+")
_SPOILT_CODE = re.compile(r"[0-9](\.[0-9]+)?[eE]\+[0-9]+")
_MEND_SCIENTIFIC = (
    "长数字被改成了科学计数法，后面的数字已丢失：请把单元格设为“文本”，按原件重新填写"
)


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
    if column.type == "text" and _form(column) in ("text", "several", "group", "open"):
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
    elif text in _unknowns(_form(column)):
        cell = _odd(None, "空值", f"“{text}”按未知（空）处理；没有数据请留空")
    else:
        cell = _READERS[_form(column)](column, text)
    if column.required and cell.value is None and cell.severity != "error":
        return _wrong("必填", "必填，不能为空：请补填实际内容")
    return cell


def _unknowns(form: str) -> tuple[str, ...]:
    """What says in a cell of that form that nothing is known. A narrative text is its own, and /
    is a page."""
    if form in ("code", "several"):
        return NOTHING
    return () if form in ("text", "page") else DASHES


def _form(column: Column) -> str:
    if column.name == "screen":
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
    if _SCIENTIFIC.fullmatch(text):
        return _MEND_SCIENTIFIC
    return f"不是日期，{_MEND_DATE}"


_NUMBER = re.compile(r"[+-]?(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.[0-9]+)?")
_STANDARD = {"int": re.compile(r"-?[0-9]+"), "number": re.compile(r"-?[0-9]+(\.[0-9]{1,4})?")}
_PLACES = Decimal("0.0001")
_TOO_LONG = 10**15


def plain_number(column: Column, text: str) -> Decimal | Cell:
    """The number in a text, or the fault that says why there is none."""
    plain = narrow(text)
    if column.name == "year":
        plain = plain.removesuffix("度").removesuffix("年")
    if not _NUMBER.fullmatch(plain):
        if _SCIENTIFIC.fullmatch(plain):
            return _wrong("科学计数", _MEND_SCIENTIFIC)
        if plain.endswith("%") and not column.percent:
            return _wrong("数字", "这一列不是百分比：请去掉 % 并填写实际数字")
        plain = plain.lstrip("¥￥").removesuffix("%").removesuffix(column.written_unit).strip()
        if not _NUMBER.fullmatch(plain):
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
    shown = _value_text(value)
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
        return _wrong("枚举", f"不在可填的内容之中；可填：{_allowed(column)}")
    return Cell(value)


def _allowed(column: Column) -> str:
    names = {value: text for text, value in column.synonyms}
    return "、".join(f"{v}（{names[v]}）" if v in names else v for v in column.values)


def _read_open(column: Column, text: str) -> Cell:
    return Cell(_known_value(column, text) or text)


def _read_code(column: Column, text: str) -> Cell:
    plain = text.translate(_HALF_CODES)
    if _SPOILT_CODE.fullmatch(plain):
        return _wrong("科学计数", _MEND_SCIENTIFIC)
    wrapped = re.fullmatch(r'="(.*)"', plain)
    plain = wrapped[1].strip(WHITE) if wrapped else plain.lstrip("'")
    if plain == text:
        return Cell(text)
    return _odd(plain or None, "编码写法", f"已读作“{plain}”；请用半角数字和字母，不加引号")


def _read_page(column: Column, text: str) -> Cell:
    plain = narrow(text)
    if plain in PAGES:
        return Cell(plain)
    if "/" + plain.strip("/") in PAGES:
        value = "/" + plain.strip("/")
        return _odd(value, "页面写法", f"已读作 {value}；页面路径以 / 开头")
    return _wrong("枚举", f"没有这个页面；可填：{'、'.join(PAGES)}")


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


# ---------------------------------------------------------------- lists of faults


@dataclass
class Tally:
    """Faults of one table. Each (severity, rule) lists `most` at most; the true counts stay."""

    file: str
    table_error: bool = False
    most: int = LISTED
    _listed: dict[tuple[Severity, str], list[Fault]] = field(
        default_factory=lambda: defaultdict(list)
    )
    _counts: dict[tuple[Severity, str], int] = field(default_factory=lambda: defaultdict(int))

    def add(self, fault: Fault, count: int = 1) -> None:
        """One fault, standing for `count` (further ones may be added with a count of 0)."""
        key = (fault.severity, fault.rule)
        self._counts[key] += count
        if len(self._listed[key]) < self.most:
            self._listed[key].append(fault)

    def whole(
        self, rule: str, message: str, value: str = "", column: str = "", file: str = ""
    ) -> None:
        """An error of the whole table (in one of its files): it is not shown in this version."""
        self.table_error = True
        self.add(Fault("error", file or self.file, None, column, value, rule, message))

    def note(self, rule: str, message: str, value: str = "", column: str = "") -> None:
        """A warning about the file as such."""
        self.add(Fault("warning", self.file, None, column, value, rule, message))

    def faults(self) -> list[Fault]:
        """All that are listed, by row, each long kind followed by the line that counts it."""
        out = [f for kind in self._listed.values() for f in kind]
        out.sort(key=lambda f: (f.file, f.row or 0))
        for (severity, rule), count in self._counts.items():
            if count > self.most:
                text = f"“{rule}”一类的问题共 {count} 处，这里列出前 {self.most} 处"
                out.append(Fault(severity, self.file, None, "", "", rule, text))
        return out


# ---------------------------------------------------------------- headers


def match_headers(table: Table, headers: Sequence[str], tally: Tally) -> list[str | None]:
    """The English column name for each header, None for an unknown one. Missing required and
    doubled columns are errors of the whole table, unknown ones a warning."""
    names = _named(table, headers)
    for column in table.columns:
        found = [h.strip(WHITE) for h, n in zip(headers, names, strict=True) if n == column.name]
        if len(found) > 1:
            tally.whole(
                "列重复",
                f"“{column.header}”一列出现了 {len(found)} 次：请只留一列",
                value="、".join(found),
                column=column.header,
            )
        elif not found and column.required:
            tally.whole(
                "缺列",
                f"缺少必需的列“{column.header}”：请在首行补上；现有的列：{_some(headers)}",
                column=column.header,
            )
        elif not found and column.expected:
            tally.note("缺列", f"没有列“{column.header}”，按未知处理", column=column.header)
    for header, name in zip(headers, names, strict=True):
        if told := unwritable(header):
            tally.note(UNWRITABLE, f"列名{told}，已去掉；请在原表里删去", header, header)
        if name is None and header.strip(WHITE):
            tally.note(
                "未知列",
                f"表“{table.label}”没有这一列，未读取；如果是列名写错，请改成："
                + "、".join(c.header for c in table.columns),
                value=header.strip(WHITE),
                column=header.strip(WHITE),
            )
    return names


def _named(table: Table, headers: Iterable[str]) -> list[str | None]:
    """The English column name for each header, None for an unknown one."""
    known = {fold(c.header): c.name for c in table.columns}
    known |= {fold(c.name): c.name for c in table.columns}
    return [known.get(fold(h)) for h in headers]


def compare_parts(
    table: Table, parts: Mapping[str, Sequence[tuple[str, str]]], tally: Tally
) -> None:
    """Whether the parts of a table fit together: `parts` maps a file to its headers with their
    DuckDB types. Joined by name, a required column that one part lacks would be empty in its rows
    alone, and the figures would drop without those: so it is an error of the whole table, as is
    another kind of thing in the same column. The fault names the part."""
    found = {}
    for file, columns in parts.items():
        names = _named(table, (header for header, _ in columns))
        found[file] = {n: raw for n, (_, raw) in zip(names, columns, strict=True) if n}
    for column in table.columns:
        having = {
            f: _kind(types[column.name]) for f, types in found.items() if column.name in types
        }
        if having and column.required:
            for file in (f for f in found if f not in having):
                message = f"这个分片缺少必需的列“{column.header}”，别的分片有：请重新导出这个分片"
                tally.whole("缺列", message, column=column.header, file=file)
        _tell_clashes(column, having, tally)


_TEXT, _NUMBERS, _DAY, _TIME, _INSTANT = "文字", "数字", "日期", "日期和时刻", "带时区的时刻"
_TOGETHER = (
    {_TEXT, _NUMBERS, _DAY, _TIME, "是否"},
    {_NUMBERS, "是否"},
    {_DAY, _TIME},
    {_DAY, _INSTANT},
)
"""Kinds of the same column in different parts that give one column: with texts (the first set) all
is read as text. Instants stay alone: DuckDB takes a time without a zone for one of Greenwich."""


def _kind(raw: str) -> str:
    """What a DuckDB type holds, in a clerk's words; empty where all cells are."""
    plain = raw.split("(")[0]
    if plain == '"NULL"':
        return ""
    if plain in ("VARCHAR", "ENUM", "JSON", "UUID"):
        return _TEXT
    if plain in {*_INTEGERS, "HUGEINT", "UBIGINT", "UHUGEINT", "DECIMAL", "FLOAT", "DOUBLE"}:
        return _NUMBERS
    if plain in ZONED:
        return _INSTANT
    if plain.startswith("TIMESTAMP"):
        return _TIME
    return {"DATE": _DAY, "BOOLEAN": "是否"}.get(raw, f"其他类型（{raw}）")


def _fit(kinds: set[str]) -> bool:
    """Whether kinds give one column."""
    mixed = any(kinds <= fitting for fitting in _TOGETHER[1:])
    return len(kinds) < 2 or mixed or (_TEXT in kinds and kinds <= _TOGETHER[0])


def _tell_clashes(column: Column, having: Mapping[str, str], tally: Tally) -> None:
    """Name the parts in which a column is not what it is in most of them."""
    kinds = {file: kind for file, kind in having.items() if kind}
    if _fit(set(kinds.values())):
        return
    usual = Counter(kinds.values()).most_common(1)[0][0]
    like = next(f for f, kind in kinds.items() if kind == usual)
    odd = {f: kind for f, kind in kinds.items() if not _fit({kind, usual})}
    for file, kind in (odd or {f: k for f, k in kinds.items() if k != usual}).items():
        message = (
            f"“{column.header}”一列在这个分片里是{kind}，在别的分片（如 {like}）里是{usual}，"
            f"合不到一起：请把这一列改成{usual}，重新导出这个分片"
        )
        tally.whole("列类型", message, column=column.header, file=file)


def _some(headers: Sequence[str]) -> str:
    return "、".join(h.strip(WHITE) or "（空）" for h in headers[:12]) or "（无）"


# ---------------------------------------------------------------- a ledger, in SQL

SQL_TYPES = {
    "text": "VARCHAR",
    "int": "BIGINT",
    "number": "DECIMAL(20,4)",
    "bool": "BOOLEAN",
    "date": "DATE",
}
TRIMMED = "TRIMMED"
"""As a raw type: texts that are trimmed already, NULL where empty (a CSV's)."""
ZONED = ("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ_NS")
"""DuckDB's types of an instant: of microseconds, and of nanoseconds (what pandas writes)."""
_INTEGERS = {
    "TINYINT",
    "SMALLINT",
    "INTEGER",
    "BIGINT",
    "UTINYINT",
    "USMALLINT",
    "UINTEGER",
}
_ODD_CODE = (
    r"[０-９Ａ-Ｚａ-ｚ]|^[0-9](\.[0-9]+)?[eE]\+[0-9]+$|^=\"|^'|^("
    + "|".join(re.escape(d) for d in NOTHING)
    + ")$"
)


def literal(text: str) -> str:
    """A text as an SQL literal; for file names and declared values (no user text else)."""
    return "'" + text.replace("'", "''") + "'"


def _list(values: Iterable[str]) -> str:
    return ", ".join(literal(v) for v in values)


@dataclass(frozen=True)
class _Field:
    """A declared column over a relation `r`: `raw` is its type there, empty where it is absent.
    `exact`: every cell is trimmed and none is an empty text. `joined`: its odd values stand in
    the odd table."""

    column: Column
    raw: str = ""
    exact: bool = False
    joined: bool = False

    @property
    def sql_type(self) -> str:
        return SQL_TYPES[self.column.type]

    @property
    def native(self) -> bool:
        """Whether the relation's type needs no reading."""
        raw, kind = self.raw.split("(")[0], self.column.type
        return bool(raw) and (
            (kind == "date" and raw == "DATE")
            or (kind == "int" and raw in _INTEGERS)
            or (kind == "number" and raw in {*_INTEGERS, "DECIMAL", "FLOAT", "DOUBLE"})
            or (kind == "bool" and raw == "BOOLEAN")
        )

    @property
    def text(self) -> str:
        """SQL: the cell as trimmed text, NULL where empty."""
        name = f'r."{self.column.name}"'
        if not self.raw:
            return "CAST(NULL AS VARCHAR)"
        if self.raw in ZONED:  # with its offset, on the clocks of the database (store): Beijing's
            name = f"CAST({name} AS {ZONED[0]})"
        as_text = name if self.raw == "VARCHAR" else f"CAST({name} AS VARCHAR)"
        if self.native or self.exact:
            return as_text
        return f"nullif(trim({as_text}, {literal(WHITE)}), '')"

    @property
    def typed(self) -> str:
        """SQL: the cell's value."""
        if not self.raw:
            return f"CAST(NULL AS {self.sql_type})"
        if self.native:
            name = f'r."{self.column.name}"'
            value = name if self.raw == self.sql_type else f"TRY_CAST({name} AS {self.sql_type})"
        elif self.column.type == "text":
            value = self.text
        elif self.column.type == "bool":
            value = f"({self.text} = {literal(YES)})"
        else:
            value = f"TRY_CAST({self.text} AS {self.sql_type})"
        if not self.joined:
            return value
        alias = self.alias
        return (
            f"CASE WHEN {alias}.written IS NULL THEN {value}"
            f" ELSE CAST({alias}.value AS {self.sql_type}) END"
        )

    @property
    def untrimmed(self) -> str:
        """SQL: whether the cell may be a text with outer space, or is an empty one. Functions
        that DuckDB runs once per dictionary entry; a trim of many characters is slow."""
        if self.raw != "VARCHAR" or self.exact:
            return "false"
        name = f'r."{self.column.name}"'
        other = " OR ".join(f"contains({name}, {literal(w)})" for w in WHITE.replace(" ", ""))
        return f"{name} = '' OR {name} <> trim({name}) OR {other}"

    @property
    def alias(self) -> str:
        return f'"o_{self.column.name}"'

    @property
    def odd(self) -> str:
        """SQL: whether the cell is filled in and not in the standard form."""
        if not self.raw:
            return "false"
        form, text = _form(self.column), self.text
        if self.native:
            return self._odd_native()
        unwritable = f"regexp_matches({text}, {literal(characters.SQL)})"
        if form == "text":
            return unwritable
        if form == "code":
            return f"regexp_matches({text}, {literal(_ODD_CODE)}) OR {unwritable}"
        if form in ("several", "group"):
            return f"{text} IN ({_list(_unknowns(form))}) OR {unwritable}"
        if form == "page":
            return f"{text} NOT IN ({_list(PAGES)})"
        if form in ("closed", "open", "bool"):
            return f"{text} NOT IN ({_list(self.column.values)})"
        return f"{text} IS NOT NULL AND NOT coalesce({self._standard(text)}, false)"

    def _standard(self, text: str) -> str:
        cast = f"TRY_CAST({text} AS {self.sql_type})"
        if self.column.type == "date":
            return (
                f"length({text}) = 10 AND {text}[5] = '-' AND {text}[8] = '-' AND {text}[1] <> '+'"
                f" AND {cast} {self._bounds}"
            )
        tail = r"(\.[0-9]{1,4})?" if self.column.type == "number" else ""
        return f"regexp_full_match({text}, '-?[0-9]{{1,15}}{tail}') AND {cast} {self._bounds}"

    def _odd_native(self) -> str:
        name = f'r."{self.column.name}"'
        if self.column.type == "bool":
            return "false"
        return f"{name} IS NOT NULL AND NOT ({name} {self._bounds})"

    @property
    def _bounds(self) -> str:
        if self.column.type == "date":
            return f"BETWEEN DATE '{EARLIEST}' AND DATE '{LATEST}'"
        low = -(10**15) + 1 if self.column.minimum is None else self.column.minimum
        high = 10**15 - 1 if self.column.maximum is None else self.column.maximum
        return f"BETWEEN {low} AND {high}"


@dataclass(frozen=True)
class _RowRule:
    """A condition over the staged rows that a row must not meet. `value` and `other` are the
    columns whose written cells the message shows as {value} and {other}."""

    rule: str
    severity: Severity
    condition: str
    value: str
    message: str
    other: str = ""


@dataclass(frozen=True)
class Examined:
    """A ledger after its checks: the SELECT of its accepted rows, how many they are, how many
    rows were left out, and the helper tables (in schema `checking`) that the SELECT needs."""

    select: str
    rows: int
    rejected: int
    helpers: tuple[str, ...]


def examine(
    cursor: Cursor, table: Table, relation: str, raw_types: dict[str, str], tally: Tally
) -> Examined:
    """Check a ledger and say how its accepted rows are selected.

    `relation` is SQL that can stand after FROM and has `_file`, `_row` and the columns of
    `raw_types` (English name → DuckDB type). Faults go into `tally`.
    """
    fields, blank = _profile(cursor, table, relation, raw_types)
    helpers = []
    if any(f.joined for f in fields):
        helpers.append(f"odd_{table.name}")
    staged = _staged(table, relation, fields, blank)
    rules = _row_rules(table)
    bad = " OR ".join(
        [f'"b_{f.column.name}"' for f in fields if f.joined]
        + [f"coalesce({r.condition}, false)" for r in rules if r.severity == "error"]
    )
    counts = _one(
        cursor,
        f"SELECT count(*), {_count(bad or 'false')}"
        + "".join(f", {_count(r.condition)}" for r in rules)
        + f" FROM ({staged})",
    )
    total, rejected = counts[0], counts[1]
    for rule, count in zip(rules, counts[2:], strict=True):
        _tell_rows(cursor, table, staged, rule, count, tally)
    for f in fields:
        if f.joined:
            _tell_cells(cursor, table, staged, f, tally)
    _tell_doubled(cursor, table, staged, tally)
    columns = ", ".join(f'"{c.name}"' for c in table.columns)
    select = f"SELECT {columns}, _file, _row FROM ({staged}) s"
    if rejected:
        name = f"bad_{table.name}"
        cursor.execute(
            f"CREATE TABLE checking.{name} AS SELECT _file, _row FROM ({staged}) WHERE {bad}"
        )
        helpers.append(name)
        select += (
            f" WHERE NOT EXISTS (SELECT 1 FROM checking.{name} b"
            " WHERE b._row = s._row AND b._file = s._file)"
        )
    return Examined(select, total - rejected, rejected, tuple(helpers))


def _count(condition: str) -> str:
    return f"count(*) FILTER (WHERE {condition})"  # count_if would be NULL without rows


def _one(cursor: Cursor, sql: str) -> tuple:
    row = cursor.execute(sql).fetchone()
    assert row is not None
    return row


def _profile(
    cursor: Cursor, table: Table, relation: str, raw_types: dict[str, str]
) -> tuple[list[_Field], bool]:
    """The table's fields, each with what one pass over the relation found out about it, and
    whether there are blank rows. Odd values are read and put into checking.odd_NAME."""
    fields = [_field(c, raw_types.get(c.name, "")) for c in table.columns]
    blank = " AND ".join(f"{f.text} IS NULL" for f in fields if f.raw)
    counts = _one(
        cursor,
        f"SELECT {_count(blank)}"
        + "".join(f", {_count(f.odd)}, {_count(f.untrimmed)}" for f in fields)
        + f" FROM {relation} r",
    )
    out, odd_cells = [], []
    for f, odd, untrimmed in zip(fields, counts[1::2], counts[2::2], strict=True):
        cells = _read_odd(cursor, relation, f) if odd else []
        odd_cells += [(f.column.name, *cell) for cell in cells]
        exact = f.raw == "VARCHAR" and not untrimmed
        out.append(replace(f, exact=exact, joined=bool(cells)))
    if odd_cells:
        _store_odd(cursor, table, odd_cells)
    return out, bool(counts[0])


def _field(column: Column, raw: str) -> _Field:
    return _Field(column, "VARCHAR", exact=True) if raw == TRIMMED else _Field(column, raw)


_OddCell = tuple[str, str | None, Severity | None, str, str, str]


def _read_odd(cursor: Cursor, relation: str, f: _Field) -> list[_OddCell]:
    """The distinct odd values of a field that mean something else than they say."""
    found = cursor.execute(f"SELECT DISTINCT {f.text} FROM {relation} r WHERE {f.odd}").fetchall()
    out = []
    for (written,) in found:
        cell = read_cell(f.column, written)
        value = _value_text(cell.value)
        if cell.severity or value != written:
            once = cell.message if cell.once else ""
            out.append((written, value, cell.severity, cell.rule, cell.message, once))
    return out


def _value_text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def _store_odd(cursor: Cursor, table: Table, cells: list[tuple]) -> None:
    names = ("col", "written", "value", "severity", "rule", "message", "once")
    columns = {
        name: pa.array(values, pa.string())
        for name, values in zip(names, zip(*cells, strict=True), strict=True)
    }
    cursor.register("odd_cells", pa.table(columns))
    cursor.execute(f"CREATE TABLE checking.odd_{table.name} AS FROM odd_cells")
    cursor.unregister("odd_cells")


def _staged(table: Table, relation: str, fields: list[_Field], blank: bool) -> str:
    """SQL: every row that is not blank, with each column typed, as written (w_), and whether its
    cell is wrong (b_)."""
    parts, joins = ["r._file AS _file", "r._row AS _row"], ""
    for f in fields:
        name = f.column.name
        parts += [f'{f.typed} AS "{name}"', f'{f.text} AS "w_{name}"']
        wrong = "false"
        if f.joined:
            joins += (
                f" LEFT JOIN checking.odd_{table.name} {f.alias}"
                f" ON {f.alias}.col = {literal(name)} AND {f.alias}.written = {f.text}"
            )
            wrong = f"coalesce({f.alias}.severity = 'error', false)"
        parts.append(f'{wrong} AS "b_{name}"')
    sql = f"SELECT {', '.join(parts)} FROM {relation} r{joins}"
    if blank:
        sql += " WHERE " + " OR ".join(f"{f.text} IS NOT NULL" for f in fields if f.raw)
    return sql


def _row_rules(table: Table) -> list[_RowRule]:
    header = {c.name: c.header for c in table.columns}
    rules = [
        _RowRule("必填", "error", f'"w_{c.name}" IS NULL', c.name, "必填，不能为空：请补填实际内容")
        for c in table.columns
        if c.required
    ]
    rules += [
        _RowRule(
            "先后",
            "error",
            f'"{later}" < "{earlier}"',
            later,
            f"“{header[later]}”（{{value}}）早于“{header[earlier]}”（{{other}}）：请核对这两个日期",
            earlier,
        )
        for later, earlier in table.not_before
    ]
    rules += [
        _RowRule(
            "大小",
            "error",
            f'"{part}" > "{whole}"',
            part,
            f"“{header[part]}”（{{value}}）大于“{header[whole]}”（{{other}}）：请核对这两个数",
            whole,
        )
        for part, whole in table.not_above
    ]
    rules += [
        _RowRule("未登记", "warning", f'"w_{c.name}" IS NULL', c.name, "没有填写，按未知处理")
        for c in table.columns
        if c.expected
    ]
    rules += [rule for c in table.columns for rule in _doubts(c)]
    rules += [_need_rule(table, table.need)] if table.need else []
    return rules + ([_settled_rule(table, table.settled)] if table.settled else [])


def _need_rule(table: Table, need: Need) -> _RowRule:
    """Cells that are wrong are told by themselves."""
    name, instead, state = (table.column(n).header for n in (need.column, need.instead, need.state))
    enough = f'"{need.state}" IN ({_list(need.values)}) AND "{need.instead}" IS NOT NULL'
    wrong = f'"b_{need.column}" OR "b_{need.instead}"'
    return _RowRule(
        "必填",
        "error",
        f'"{need.column}" IS NULL AND NOT ({wrong}) AND NOT coalesce({enough}, false)',
        need.column,
        f"必填，不能为空：只有填了“{instead}”的{'、'.join(need.values)}可以不填“{name}”；请补填，"
        f"或改正“{state}”（{{other}}）",
        need.state,
    )


def _doubts(column: Column) -> Iterator[_RowRule]:
    """What a column allows but has probably not been meant."""
    name = column.name
    if column.usual:
        message = f"不在通常的内容之中（{_allowed(column)}）：请核对是否写错，或填错了列"
        yield _RowRule(
            "少见", "warning", f'"{name}" NOT IN ({_list(column.values)})', name, message
        )
    if column.doubtful_below is not None:
        unit, least = column.unit, f"{column.doubtful_below:g}"
        message = f"大于 0、不到 {least} {unit}，多半是按万元填的：请核对，这一列以{unit}为单位"
        condition = f'"{name}" > 0 AND "{name}" < {column.doubtful_below}'
        yield _RowRule("单位存疑", "warning", condition, name, message)


def _settled_rule(table: Table, settled: Settled) -> _RowRule:
    """Only an empty date is told: a wrong one is a fault of its own, and leaves the row out."""
    state, day = table.column(settled.state).header, table.column(settled.day).header
    among = f"IN ({_list(settled.values)})" if settled.values else "IS NOT NULL"
    return _RowRule(
        "已结无日期",
        "warning",
        f'"w_{settled.day}" IS NULL AND "{settled.state}" {among}',
        settled.day,
        f"“{state}”填了“{{other}}”，却没有“{day}”，分不清结了没有：请补填{day}；还没有结的，请改正{state}",
        settled.state,
    )


def _tell_rows(
    cursor: Cursor, table: Table, staged: str, rule: _RowRule, count: int, tally: Tally
) -> None:
    """List the rows that meet a row rule's condition."""
    if not count:
        return
    found = cursor.execute(
        f"SELECT _file, _row, coalesce(\"w_{rule.value}\", ''),"
        f" coalesce(\"w_{rule.other or rule.value}\", '') FROM ({staged})"
        f" WHERE {rule.condition} ORDER BY _file, _row LIMIT {tally.most}"
    ).fetchall()
    header = table.column(rule.value).header
    for i, (file, row, value, other) in enumerate(found):
        message = rule.message.format(value=value, other=other)
        fault = Fault(rule.severity, file, row, header, value, rule.rule, message)
        tally.add(fault, count if i == 0 else 0)


def _tell_cells(cursor: Cursor, table: Table, staged: str, f: _Field, tally: Tally) -> None:
    """List the cells of a field that are wrong or not in the standard form; of what is told once,
    the first, and how many there are."""
    name = f.column.name
    told = (
        f"SELECT s._file, s._row, o.written, o.severity, o.rule, o.message, o.once"
        f" FROM ({staged}) s"
        f' JOIN checking.odd_{table.name} o ON o.written = s."w_{name}"'
        f" WHERE o.col = {literal(name)} AND o.severity IS NOT NULL"
    )
    counted = cursor.execute(f"SELECT severity, rule, once, count(*) FROM ({told}) GROUP BY ALL")
    counts = {tuple(kind): count for *kind, count in counted.fetchall()}
    if not counts:
        return
    found = cursor.execute(
        f"{told} QUALIFY row_number() OVER (PARTITION BY o.severity, o.rule, o.once"
        f" ORDER BY s._file, s._row) <= if(o.once = '', {tally.most}, 1)"
    ).fetchall()
    for file, row, value, severity, rule, message, once in sorted(found):
        count = counts.pop((severity, rule, once), 0)
        if once and count > 1:
            message += f"（这一列共 {count} 处，只列第一处）"
        fault = Fault(severity, file, row, f.column.header, value, rule, message)
        tally.add(fault, 1 if once else count)


def _tell_doubled(cursor: Cursor, table: Table, staged: str, tally: Tally) -> None:
    """A key that names two rows is an error of the whole table; a key with an empty part is
    none. Hashes are grouped first: ten million of them are small, as many texts are not."""
    if not table.key:
        return
    keys = ", ".join(f'"{k}"' for k in table.key)
    filled = " AND ".join(f'"{k}" IS NOT NULL' for k in table.key)
    hashes = f"SELECT hash({keys}) FROM ({staged}) WHERE {filled} GROUP BY ALL HAVING count(*) > 1"
    found = cursor.execute(
        f"SELECT {keys}, list((_file, _row) ORDER BY _file, _row) FROM ({staged})"
        f" WHERE {filled} AND hash({keys}) IN ({hashes})"
        " GROUP BY ALL HAVING count(*) > 1 ORDER BY 1"
    ).fetchall()
    for *values, places in found:
        tell_doubled(tally, table, [str(v) for v in values], places)


def tell_doubled(tally: Tally, table: Table, values: list[str], places: list[tuple]) -> None:
    """One fault for a key that stands in more than one row; it names them."""
    tally.table_error = True
    (first_file, first_row), (file, row) = places[:2]
    headers = "＋".join(table.column(k).header for k in table.key)
    first = f"{first_file} 第 {first_row} 行" if first_file != file else f"第 {first_row} 行"
    more = f"（共 {len(places)} 行）" if len(places) > 2 else ""
    tally.add(
        Fault(
            "error",
            file,
            row,
            headers,
            "＋".join(v for v in values if v),
            "主键重复",
            f"第 {row} 行与{first}的“{headers}”相同{more}：请删去重复的行或改正编号",
        )
    )


# ---------------------------------------------------------------- reported.csv


@dataclass(frozen=True)
class ReportedRow:
    """A published figure, typed and checked. `dimension` is canonical: the first dimension's bare
    value, others name=value in the KPI's order, joined by ";". `unit` is the KPI's, or the
    written one where the two cannot be converted; `written_unit` is what stood there, `printed`
    the number in its own unit with all its digits."""

    year: int
    code: str
    dimension: str
    value: int | float
    qualifier: str
    unit: str
    raw: str
    source: str
    locator: str
    row: int
    file: str
    written_unit: str
    printed: Printed

    @property
    def number(self) -> Number:
        """The number with how exact it is and how it is printed."""
        return Number(self.value, self.qualifier, self.printed)


class Unreadable(ValueError):
    """Why a cell of reported.csv means nothing certain: rule, message."""

    def __init__(self, rule: str, message: str):
        self.rule = rule
        super().__init__(message)


@dataclass(frozen=True)
class Written:
    """A number as a town writes it: 超3万余人次 → 3 and 万 (30000, scale 10000), 余, 人次.
    `standard`: digits alone."""

    digits: Decimal
    scaled: str
    qualifier: str
    unit: str
    standard: bool

    @property
    def scale(self) -> int:
        return _scale(self.scaled)

    @property
    def value(self) -> Decimal:
        return self.digits * self.scale


_QUALIFIER_WORDS = {
    "超": MORE,
    "超过": MORE,
    "逾": MORE,
    "余": MORE,
    "多": MORE,
    "以上": AT_LEAST,
    "至少": AT_LEAST,
    "近": NEARLY,
    "将近": NEARLY,
    "接近": NEARLY,
    "约": ABOUT,
    "大约": ABOUT,
    "左右": ABOUT,
    "上下": ABOUT,
}
_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_STEPS = {"十": 10, "百": 100, "千": 1000}
_SCALES = {"万": 10**4, "亿": 10**8}
_WRITTEN = re.compile(
    r"(?P<before>超过|超|逾|至少|将近|接近|近|大约|约)?\s*"
    r"(?P<number>[+-]?[0-9][0-9,]*(?:\.[0-9]+)?|[零〇一二两三四五六七八九十百千万亿]+)"
    r"(?P<scale>[十百千]?[万亿]?)"
    r"(?P<middle>余|多)?\s*(?P<unit>%|‰|[^\W\d_余多以上左约近几来数半]{0,5}?)\s*(?P<after>以上|左右|上下|余)?"
)


def read_written(text: str) -> Written:
    """A number with its qualifier and unit. Raises Unreadable where it has no one meaning."""
    plain = narrow(text)
    if _SCIENTIFIC.fullmatch(plain):
        raise Unreadable("科学计数", _MEND_SCIENTIFIC)
    if plain.startswith(("不少于", "不低于", "不超过")):
        raise Unreadable("数值", "这是要求，不是已有的结果：请填写实际数")
    match = _WRITTEN.fullmatch(plain)
    if match is None:
        raise Unreadable("数值", "读不出数字：请填阿拉伯数字，约数另填“约数”列，如 80 和“余”")
    words = [match[k] for k in ("before", "middle", "after") if match[k]]
    qualifiers = {_QUALIFIER_WORDS[w] for w in words}
    if len(qualifiers) > 1:
        raise Unreadable("约数", f"“{'”和“'.join(words)}”意思不同：请只写一个")
    return Written(
        _digits(match["number"]),
        match["scale"],
        qualifiers.pop() if qualifiers else EXACT,
        match["unit"],
        bool(re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text)),
    )


def _digits(text: str) -> Decimal:
    if text[-1].isdigit():
        if "," in text and not _NUMBER.fullmatch(text):
            raise Unreadable("数值", "千位分隔符的位置不对：请去掉逗号，只写数字")
        return Decimal(text.replace(",", ""))
    return Decimal(_chinese(text))


def _chinese(text: str) -> int:
    """五百 → 500, 三千二百 → 3200, 百 → 100; plain digits side by side (二〇) are refused."""
    total = section = digit = 0
    last = ""
    for sign in text:
        if sign in _DIGITS:
            if last in _DIGITS and last not in "零〇":
                raise Unreadable("数值", "中文数字读不准：请改写成阿拉伯数字")
            digit = _DIGITS[sign]
        elif sign in _STEPS:
            section += (digit or 1) * _STEPS[sign]
            digit = 0
        else:
            total = (total + (section + digit or 1)) * _SCALES[sign]
            section = digit = 0
        last = sign
    return total + section + digit


def _scale(text: str) -> int:
    factor = 1
    for sign in text:
        factor *= _STEPS.get(sign) or _SCALES[sign]
    return factor


_SAME_COUNTER = {
    "名": "人",
    "位": "人",
    "宗": "件",
    "起": "件",
    "场次": "场",
    "日": "天",
    "圆": "元",
}
"""Counters that mean the same. 人次 is not 人, 场次 is not 次 (DOMAIN.md section 5)."""
_KINDS = {
    "元": "钱",
    PERCENT: "百分比",
    "天": "时间",
    "个月": "时间",
    "小时": "时间",
    "年": "时间",
}


def _counter(unit: str) -> tuple[int, str]:
    """A unit as (scale, counter): 万元 → (10000, 元), 名 → (1, 人); 万 alone has no counter."""
    plain = narrow(unit)
    match = re.fullmatch(r"([十百千]?[万亿]?)(.*)", plain)
    assert match is not None
    return _scale(match[1]), _SAME_COUNTER.get(match[2], match[2])


def convert(value: Decimal, written: str, wanted: str) -> tuple[Decimal, str, str]:
    """A value in the wanted unit: (value, its unit, warning). A counter that is neither a scale
    nor a synonym keeps the written unit; another kind of thing raises Unreadable."""
    if not written or not wanted:
        return value, wanted, ""
    scale, counter = _counter(written)
    wanted_scale, wanted_counter = _counter(wanted)
    if not counter and _KINDS.get(wanted_counter, "数量") in ("数量", "钱"):
        counter = wanted_counter  # 3万 of what is counted in 人次 is 3万人次
    if counter == wanted_counter:
        warning = "" if scale == wanted_scale else f"单位“{written}”已换算成“{wanted}”"
        return value * scale / wanted_scale, wanted, warning
    kinds = _KINDS.get(counter, "数量"), _KINDS.get(wanted_counter, "数量")
    if kinds[0] != kinds[1]:
        raise Unreadable("单位", f"单位应为“{wanted}”，“{written}”是另一种量：请核对指标和单位")
    if kinds[0] == "时间":
        raise Unreadable("单位", f"单位应为“{wanted}”，请把“{written}”换算后填写")
    return value, written, f"单位应为“{wanted}”，“{written}”与它不能换算，按原单位显示"


def _whole(digits: Decimal) -> Decimal:
    """Digits as they are printed. Zeros alone behind the point are how a spreadsheet writes a
    whole number (5.0), others were meant (98.50)."""
    return Decimal(int(digits)) if digits == digits.to_integral_value() else digits


def _unit_behind(written: str, own: str) -> str:
    """The unit behind a printed number: the written one, else the KPI's; 万 alone counts what the
    KPI counts."""
    unit = narrow(written) or own
    return unit if _counter(unit)[1] else f"{unit}{_counter(own)[1]}"


TOTALS = ("总计", "合计", "总数")


def _as_published(figure: Kpi) -> bool:
    """Whether it is a cell of the 2019 form's own table 2: kept in its own unit and words."""
    return figure.code.startswith(T2_2019)


def canonical_dimension(figure: Kpi, written: str) -> tuple[str, str]:
    """A written dimension in its canonical form, and a warning. Raises Unreadable."""
    text = written.strip(WHITE)
    if not text:
        return figure.total_dimension, ""
    if text in (*DASHES, *TOTALS) and not figure.total_dimension:
        return "", f"“{text}”按总数处理；总数的维度请留空"
    if not figure.dimensions and _as_published(figure):
        return text, ""
    if not figure.dimensions:
        return text, f"指标“{figure.label}”没有维度，按原样保留；总数请留空"
    chosen: dict[str, str] = {}
    for part in re.split(r"[;；]", text):
        if part.strip(WHITE):
            dimension, value = _one_dimension(figure, part)
            if dimension.name in chosen:
                raise Unreadable(
                    "维度",
                    f"“{dimension.label}”写了两次；第二个维度请写成 名称=内容：{_names(figure)}",
                )
            chosen[dimension.name] = value
    first = figure.dimensions[0].name
    parts = [
        chosen[d.name] if d.name == first else f"{d.name}={chosen[d.name]}"
        for d in figure.dimensions
        if d.name in chosen
    ]
    return ";".join(parts), ""


def _one_dimension(figure: Kpi, part: str) -> tuple[Dimension, str]:
    name, equals, value = part.replace("＝", "=").partition("=")
    if not equals:
        name, value = figure.dimensions[0].name, name
    name, value = name.strip(WHITE), value.strip(WHITE)
    dimension = next((d for d in figure.dimensions if name in (d.name, d.label)), None)
    if dimension is None:
        raise Unreadable("维度", f"指标没有维度“{name}”；可用：{_names(figure)}")
    if not value:
        raise Unreadable("维度", f"维度“{name}”没有写内容")
    return dimension, _dimension_value(dimension, value)


def _dimension_value(dimension: Dimension, value: str) -> str:
    known = {fold(v): v for v in dimension.values}
    known |= {fold(t): c for c, t in OUTCOMES.items() if c in dimension.values}
    if dimension.name == "month":
        value = narrow(value).removesuffix("月").lstrip("0")
    found = known.get(fold(value))
    if found is None and dimension.closed:
        allowed = "、".join(dimension.values)
        raise Unreadable("维度", f"“{dimension.label}”没有“{value}”；可填：{allowed}")
    return found or value


def _names(figure: Kpi) -> str:
    return "、".join(f"{d.name}（{d.label}）" for d in figure.dimensions)


REPORTED = BY_NAME["reported"]
Key = tuple[int, str, str]


def read_reported(
    rows: Iterable[tuple[str, int, dict[str, str]]], tally: Tally
) -> tuple[tuple[ReportedRow, ...], int]:
    """The published figures of reported.csv: (rows, how many were left out). `rows` gives file,
    row number and the written cells by English name."""
    out: list[ReportedRow] = []
    places: dict[Key, list[tuple[str, int]]] = defaultdict(list)
    rejected = 0
    for file, row, cells in rows:
        reading = _Reading(file, row, cells)
        figure = reading.figure()
        for fault in reading.faults:
            tally.add(fault)
        if reading.key:
            places[reading.key].append((file, row))
        if figure is None:
            rejected += 1
        else:
            out.append(figure)
    for key, found in places.items():
        if len(found) > 1:
            tell_doubled(tally, REPORTED, [str(part) for part in key], found)
    return tuple(out), rejected


class _Reading:
    """One row of reported.csv while it is read: its cells, its key once known, its faults."""

    def __init__(self, file: str, row: int, cells: dict[str, str]):
        self.file, self.row = file, row
        self.cells = {name: text.strip(WHITE) for name, text in cells.items()}
        self.key: Key | None = None
        self.faults: list[Fault] = []
        for name, text in self.cells.items():
            plain, fault = legible(REPORTED.column(name), text)
            if fault and fault.severity:
                self._tell(name, fault.severity, fault.rule, fault.message)
            self.cells[name] = plain.strip(WHITE)

    def figure(self) -> ReportedRow | None:
        """The figure of the row; None where an error keeps it out."""
        year, source = self._cell("year"), self._cell("source")
        qualifier, code = self._cell("qualifier"), self._cell("indicator")
        known = self._kpi(code) if code else None
        if known is None:
            return None
        dimension = self._dimension(known)
        number = self._number(known)
        if isinstance(year, int) and dimension is not None:
            self.key = (year, known.code, dimension)
        if self.key is None or number is None or self._wrong:
            return None
        value, unit, own_qualifier, raw, printed = number
        return ReportedRow(
            *self.key,
            value=int(value) if value == value.to_integral_value() else float(value),
            qualifier=str(qualifier or own_qualifier),
            unit=unit,
            raw=self._text("raw") or raw,
            source=str(source),
            locator=self._text("locator"),
            row=self.row,
            file=self.file,
            written_unit=self._text("unit"),
            printed=printed,
        )

    @property
    def _wrong(self) -> bool:
        return any(f.severity == "error" for f in self.faults)

    def _text(self, name: str) -> str:
        return self.cells.get(name, "")

    def _tell(self, name: str, severity: Severity, rule: str, message: str) -> None:
        header = REPORTED.column(name).header
        self.faults.append(
            Fault(severity, self.file, self.row, header, self._text(name), rule, message)
        )

    def _cell(self, name: str) -> object:
        cell = read_cell(REPORTED.column(name), self._text(name))
        if cell.severity:
            self._tell(name, cell.severity, cell.rule, cell.message)
        return cell.value

    def _kpi(self, code: object) -> Kpi | None:
        if is_known(str(code)):
            return kpi(str(code))
        mend = "请对照“数据口径”页的指标清单改正"
        self._tell("indicator", "error", "指标", f"没有这个指标代码：{mend}")
        return None

    def _dimension(self, known: Kpi) -> str | None:
        try:
            dimension, warning = canonical_dimension(known, self._text("dimension"))
        except Unreadable as e:
            self._tell("dimension", "error", e.rule, str(e))
            return None
        if warning:
            self._tell("dimension", "warning", "维度", warning)
        return dimension

    def _number(self, known: Kpi) -> tuple[Decimal, str, str, str, Printed] | None:
        """(value in the KPI's unit, unit, qualifier, written form where it is not the standard
        one, how it is printed) of the row's number."""
        text = self._text("value")
        if not text or text in DASHES:
            return self._no_value(text)
        try:
            written = read_written(text)
            unit = self._unit(written)
            if not unit and written.scale > 1:
                unit = _counter(known.unit)[1]  # 3.5万 of what is counted in 万元 is 35,000元
            wanted = unit if _as_published(known) else known.unit
            value, converted, warning = convert(written.value, unit, wanted)
            one = convert(Decimal(written.scale), unit, wanted)[0]
        except Unreadable as e:
            self._tell("unit" if e.rule == "单位" else "value", "error", e.rule, str(e))
            return None
        if warning:
            self._tell("unit", "warning", "单位", warning)
        self._tell_odd(known, written, value)
        standard = written.standard and not warning
        return (
            value,
            converted,
            written.qualifier,
            "" if standard else text + self._text("unit"),
            Printed(_whole(written.digits), written.scaled + _unit_behind(unit, converted), one),
        )

    def _no_value(self, text: str) -> None:
        mend = "没有数字的不必列一行；零请写 0"
        self._tell(
            "value",
            "error",
            "必填",
            f"必填，不能{f'写“{text}”' if text else '为空'}：{mend}",
        )

    def _unit(self, written: Written) -> str:
        """The unit that the value is in: of its own column, else behind the number."""
        column = self._text("unit")
        if not column or not (written.unit or written.scale > 1):
            return column or written.unit
        scale, counter = _counter(column)
        if written.unit and _counter(written.unit)[1] != counter:
            raise Unreadable("单位", f"数值里写着“{written.unit}”，单位列是“{column}”：请核对")
        if written.scale == 1:
            return column
        if scale not in (1, written.scale):
            raise Unreadable("单位", f"数值和单位列（“{column}”）的万、亿不一致：请只写一处")
        return counter

    def _tell_odd(self, known: Kpi, written: Written, value: Decimal) -> None:
        column, own = self._text("qualifier"), written.qualifier
        if not written.standard:
            shown = _value_text(written.value.normalize()) + (f"，约数“{own}”" if own else "")
            mend = "请在“数值”列只写数字，约数和单位各填一列"
            self._tell("value", "warning", "数值写法", f"已读作 {shown}；{mend}")
        if own and column and own != column:
            self._tell(
                "qualifier",
                "warning",
                "约数",
                f"数值里写的是“{own}”，按约数列的“{column}”",
            )
        if known.rate and value > 100:
            self._tell("value", "warning", "百分比", "大于 100%，请核对是否填错")
        if known.rate and 0 < value <= 1:
            mend = "百分数按百分填，全部是 100；请核对是否填成了小数"
            self._tell("value", "warning", "百分比", f"不大于 1%：{mend}")
        if known.code == "disclosure.form" and value not in (2021, 2019):
            self._tell("value", "error", "年报格式", "只能填 2021 或 2019（格式文件的年份）")


# ---------------------------------------------------------------- across tables


def cross_check(
    cursor: Cursor, clock: date, files: dict[str, str], most: int = LISTED
) -> list[Fault]:
    """Warnings that need more than one table, or the clock. `files` gives the file of each table
    that has one; the tables are those of the snapshot, with their accepted rows."""
    out: list[Fault] = []
    for name, file in files.items():
        table, tally = BY_NAME[name], Tally(file, most=most)
        for column in table.columns:
            if column.refers_to in files:
                _tell_unknown_references(cursor, table, column, tally)
        if table.period:
            _tell_later(cursor, table, clock, tally)
        if name == "reported":
            _tell_years_ahead(cursor, table, clock, tally)
        if name in ("goals", "practices"):
            _tell_unknown_indicators(cursor, table, tally)
        if name == "goals" and "shortcomings" in files:
            _tell_unknown_shortcomings(cursor, tally)
        out += tally.faults()
    return out


def _tell_where(
    cursor: Cursor,
    table: Table,
    column: str,
    rule: str,
    condition: str,
    message: str,
    tally: Tally,
) -> None:
    """A warning for each row of a loaded table (alias t) that meets the condition."""
    source = f'FROM "{table.name}" t WHERE {condition}'
    (count,) = _one(cursor, f"SELECT count(*) {source}")
    if not count:
        return
    found = cursor.execute(
        f'SELECT _file, _row, CAST(t."{column}" AS VARCHAR) {source}'
        f" ORDER BY _file, _row LIMIT {tally.most}"
    ).fetchall()
    header = table.column(column).header
    for i, (file, row, value) in enumerate(found):
        fault = Fault("warning", file, row, header, value or "", rule, message)
        tally.add(fault, count if i == 0 else 0)


def _tell_unknown_references(cursor: Cursor, table: Table, column: Column, tally: Tally) -> None:
    other, name = BY_NAME[column.refers_to], column.name
    (rows,) = _one(cursor, f'SELECT count(*) FROM "{other.name}"')
    if not rows:
        return
    _tell_where(
        cursor,
        table,
        name,
        "引用",
        f't."{name}" IS NOT NULL AND NOT EXISTS'
        f' (SELECT 1 FROM "{other.name}" o WHERE o."{name}" = t."{name}")',
        f"表“{other.label}”里没有这个{column.header}：请核对，或在那里补上",
        tally,
    )


def _tell_later(cursor: Cursor, table: Table, clock: date, tally: Tally) -> None:
    """Of the dates by which a row falls into a year, the one that does it."""
    said = f"晚于看板的“今天”（{clock}）：请核对日期，或检查 town.toml 的 as_of"
    for i, name in enumerate(table.period):
        instead = "".join(f' AND t."{former}" IS NULL' for former in table.period[:i])
        condition = f"t.\"{name}\" > DATE '{clock}'{instead}"
        _tell_where(cursor, table, name, "晚于今天", condition, said, tally)


def _tell_years_ahead(cursor: Cursor, table: Table, clock: date, tally: Tally) -> None:
    condition, said = f"t.year > {clock.year}", f"这一年还没有到（看板的“今天”是 {clock}）"
    mend = "请核对年度，或检查 town.toml 的 as_of"
    _tell_where(cursor, table, "year", "晚于今天", condition, f"{said}：{mend}", tally)


def _tell_unknown_indicators(cursor: Cursor, table: Table, tally: Tally) -> None:
    found = cursor.execute(f'SELECT DISTINCT indicator FROM "{table.name}"').fetchall()
    unknown = [code for (code,) in found if code and not is_known(code)]
    if unknown:
        _tell_where(
            cursor,
            table,
            "indicator",
            "指标",
            f"t.indicator IN ({_list(unknown)})",
            "没有这个指标代码：请对照“数据口径”页的指标清单改正",
            tally,
        )


def split_list(text: str | None) -> list[str]:
    """A cell that names several things: S1、S2."""
    return [p for p in (q.strip(WHITE) for q in re.split(r"[、,，;；]", text or "")) if p]


def _tell_unknown_shortcomings(cursor: Cursor, tally: Tally) -> None:
    found = cursor.execute("SELECT shortcoming_id FROM shortcomings").fetchall()
    known = {i for (i,) in found}
    rows = cursor.execute("SELECT _file, _row, shortcoming_ids FROM goals ORDER BY _row").fetchall()
    for file, row, ids in rows:
        for one in split_list(ids):
            if known and one not in known:
                message = "表“不足”里没有这个不足编号：请核对，或在那里补上"
                tally.add(Fault("warning", file, row, "对应不足", one, "引用", message))


class _Snapshot(Protocol):
    @property
    def faults(self) -> tuple[Fault, ...]: ...


def check_folder(snapshot: _Snapshot) -> tuple[Fault, ...]:
    """Every fault of a loaded data folder, errors first, then by file and row.

    The broken identities (identities.py) are figures' faults, not rows': whoever has computed the
    figures (compute, the command `check`) adds them to these.
    """
    return tuple(sorted(snapshot.faults, key=lambda f: (f.severity != "error", f.file, f.row or 0)))
