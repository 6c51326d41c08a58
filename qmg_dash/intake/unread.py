"""Columns of a sheet that are not read though figures may stand on them.

A column that the table does not have is left out with a word. Not so an amount, a date or a count
in a table that has such: it may be the very one that is wanted under another name, or a part of
it. It is sent back by name; what it means is for the sender to say, who may leave it out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qmg_dash.folder.cells import WHITE, narrow, read_cell
from qmg_dash.intake.profile import other_thing
from qmg_dash.intake.recognise import Head
from qmg_dash.intake.sheets import DATE, Cell
from qmg_dash.intake.vocabulary import apart, is_unit
from qmg_dash.tables import Column, Table

_DAY = Column("day", "日期", "date")
_DAYS = re.compile(r".*(日|日期|时间|期限|时限|期|期至|截至)")
_AMOUNTS = re.compile(r".*(金额|[数总余]额|款额|(?<!条)款|费用?|金|价款|价值)")
_COUNTS = re.compile(r".*(数|数量|人次|户次|件次|场次)")
_NUMBER = re.compile(r"[约近超¥￥+-]*[0-9]")
"""How a cell begins that says how many or how much."""
_DIGITS = re.compile(r"[0-9]{5}(\.[0-9]+)?|[0-9]{8}")
"""A serial day, or a day in eight digits: what may be any other number as well."""


@dataclass(frozen=True)
class LeftOut:
    """A column that has to be spoken of: where, how it is called, rule and message."""

    position: int
    header: str
    rule: str
    message: str


def left_out(head: Head, rows: Sequence[Sequence[Cell]]) -> Iterator[LeftOut]:
    """What of the named columns without a place in the table cannot just be left; `rows` are the
    sheet's rows that count."""
    for position, header in head.unread.items():
        cells = [r[position] for r in rows if position < len(r)]
        filled = [c for c in cells if c.text.strip(WHITE)]
        if filled and position not in head.settled:
            said = _unit(head, header) or _kind(head.table, header, filled)
            if said:
                yield LeftOut(position, header, *said)


def _or_leave(header: str) -> str:
    if other_thing(header):
        return "写着这一列的行记的是另一种事，不能只是不读这一列：请去掉这些行和这一列"
    return f'不用这一列的，导入时加 --ignore "{header}"（屏幕上勾选“不读取”）'


def _unit(head: Head, header: str) -> tuple[str, str] | None:
    """Of a header that names a column but for its unit."""
    found = head.vocabulary.misread(header)
    if found is None:
        return None
    column, unit = found
    if unit:
        said = f"“{header}”括号里的“{unit}”不是能换算成“{column.unit}”的单位"
        return "单位", f"{said}：请换算成以“{column.unit}”为单位的数；{_or_leave(header)}"
    units = f"“{header}（{column.unit}）”或“{header}（万{column.unit}）”"
    return "列名", f"列名“{header}”没有写单位：请照实际的单位写成{units}；{_or_leave(header)}"


def _kind(table: Table, header: str, filled: Sequence[Cell]) -> tuple[str, str] | None:
    """Of a header that names nothing, where its cells are of a kind that the table has."""
    kind = next((k for k, is_one in _KINDS.items() if is_one(header, filled)), "")
    if not any(_kind_of(c) == kind for c in table.columns):
        return None
    mend = "要用的，请对照模板核对列名，意思和单位都相同的才是同一列"
    return "没有读取", f"“{header}”像是{kind}，没有认出是哪一列：{_or_leave(header)}；{mend}"


def _kind_of(column: Column) -> str:
    if column.type == "date":
        return "日期"
    return "金额" if column.money else "数量" if column.counter else "无"


def _days(header: str, filled: Sequence[Cell]) -> bool:
    named = bool(_DAYS.fullmatch(apart(header)[0]))
    return 2 * sum(_is_day(c, named) for c in filled) >= len(filled)


def _is_day(cell: Cell, named: bool) -> bool:
    text = cell.text.strip(WHITE)
    if cell.kind == DATE:
        return True
    if _DIGITS.fullmatch(text):
        return named
    return read_cell(_DAY, text).value is not None


def _amounts(header: str, filled: Sequence[Cell]) -> bool:
    base, unit = apart(header)
    named = _AMOUNTS.fullmatch(base) or unit.endswith(("元", "圆"))
    return bool(named) and _numbers(filled)


def _counts(header: str, filled: Sequence[Cell]) -> bool:
    base, unit = apart(header)
    counted = is_unit(unit) and unit not in "%‰"
    return bool(_COUNTS.fullmatch(base) or counted) and _numbers(filled)


def _numbers(filled: Sequence[Cell]) -> bool:
    return any(_NUMBER.match(narrow(c.text)) for c in filled)


_KINDS = {"日期": _days, "金额": _amounts, "数量": _counts}
