"""Which table a sheet holds, where its header stands, which column is which.

By name alone: the declared headers, the aliases of tables.py, and the few rules of `_spellings`.
What could mean two things is refused with the reason, never guessed, and nothing is proposed for
being spelt alike: 公示截止期 is no 公示日期, and who is told to rename a column does so.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache, lru_cache
from itertools import islice
from typing import NamedTuple

from qmg_dash.folder.cells import WHITE, fold, narrow
from qmg_dash.folder.published import Unreadable, convert
from qmg_dash.intake.sheets import Cell, Sheet, letters
from qmg_dash.tables import ALIASES, BY_NAME, SUMMANDS, TABLES, Column, Table

OWN_SHEETS = ("填写说明", "问题清单")
"""Sheets that the template and the marked workbook bring along."""
NUMBERING = ("序号", "no", "no.")
"""Headers of a mere line number."""
SEARCHED = 30
"""Rows within which the header must begin."""
WIDEST = 500
"""Filled cells of a row."""
_TICKED = r"[1有√][=:]?(为|即|代表|表示)?是|是[=:]?(为|填)?[1√]|[打划画][√勾]"
_HINT = re.compile(rf"必填|选填|可不填|可空|是/否|{_TICKED}|年月日|格式|yyyy|小数", re.I)
_BRACKETS = re.compile(r"[(\[【]([^()\[\]【】]*)[)\]】]")
_MONEY = r"[十百千]?[万亿]?[元圆]"
_UNIT = re.compile(
    r"(?:计量|金额)?(?:单位)?[:=]?(?:人民币)?"
    rf"({_MONEY}|[美港欧]元|[十百千]?[万亿]|[十百千]?[万亿]?(?:人次|件次|户次|场次|[人名位件宗起条份天日场次户亩个家项]"
    r"|工作日|小时|平方米|公里)|%|‰)"
)
"""A unit, as a header's brackets say it."""
_UNBRACKETED = re.compile(rf"(.+?)[/_,:、-]?(?:单位:?)?({_MONEY})")


class Doubtful(Exception):
    """Why a sheet cannot be read without guessing; the place is from 0, where there is one. It
    could be without one of the columns `leave`."""

    def __init__(
        self,
        rule: str,
        message: str,
        row: int | None = None,
        position: int | None = None,
        leave: Sequence[str] = (),
    ):
        self.rule, self.row, self.position, self.leave = rule, row, position, leave
        super().__init__(message)


@dataclass(frozen=True)
class Found:
    """A column of a sheet that is one of the table. `unit` is set where it has to be converted,
    `part` where it holds a part of the column's figure (tables.SUMMANDS)."""

    column: Column
    written: str
    unit: str = ""
    part: tuple[str, ...] = ()

    def overlaps(self, other: Found) -> bool:
        """Whether both say the same, in whole or in part."""
        whole = not self.part or not other.part
        return self.column is other.column and (whole or bool({*self.part} & {*other.part}))


@dataclass(frozen=True)
class Head:
    """A recognised header: rows `first`–`last` (from 0), columns by their position; `unread` are
    named columns that are not read, `ignored` those of them that the sender leaves out."""

    table: Table
    first: int
    last: int
    columns: dict[int, Found] = field(default_factory=dict)
    unread: dict[int, str] = field(default_factory=dict)
    ignored: frozenset[int] = frozenset()

    @property
    def lacking(self) -> list[Column]:
        """Required columns that are not there."""
        present = {f.column.name for f in self.columns.values()}
        return [c for c in self.table.columns if c.required and c.name not in present]

    def position(self, header: str) -> int | None:
        """Where the column with this declared header stands."""
        return next((p for p, f in self.columns.items() if f.column.header == header), None)


# ---------------------------------------------------------------- one header


def match(table: Table, written: str) -> Found | None:
    """The column that a header names, None where it names none."""
    return _match(table.name, written)


@lru_cache(maxsize=20_000)
def _match(table: str, written: str) -> Found | None:
    """Kept by names: to hash a whole table costs more than to look into it."""
    text = _without_hints(written)
    named = _spellings(table).get(fold(text))
    if named:
        return Found(named.column, written, part=named.part)
    base, unit = apart(text)
    named = _measured(table).get(base)
    factor = _factor(unit, named.column) if named and unit else None
    if named is None or factor is None:
        return None
    return Found(named.column, written, "" if factor == 1 else unit, named.part)


def misread(table: Table, written: str) -> tuple[Column, str] | None:
    """The column that a header names but for its unit, and the unit that it says (or nothing)."""
    base, unit = apart(written)
    named = _measured(table.name).get(base)
    return (named.column, unit) if named else None


class _Named(NamedTuple):
    """What a text names: a column, or a part of it."""

    column: Column
    part: tuple[str, ...] = ()


@cache
def _texts(table: str) -> tuple[tuple[str, _Named], ...]:
    """The declared texts that name a column, the surest first."""
    columns = BY_NAME[table].columns
    own = [(text, _Named(c)) for c in columns for text in (c.header, c.name)]
    others = [(text, _Named(c)) for c in columns for text in ALIASES.get((table, c.name), ())]
    parts = [
        (text, _Named(c, p.of))
        for c in columns
        for p in SUMMANDS.get((table, c.name), ())
        for text in p.headers
    ]
    return (*own, *others, *parts)


@cache
def _spellings(table: str) -> dict[str, _Named]:
    """Every text that names a column of the table, folded."""
    out: dict[str, _Named] = {fold(c.header): _Named(c) for c in BY_NAME[table].columns}
    for text, named in _texts(table):
        for spelling in _variants(named.column, text):
            out.setdefault(fold(spelling), named)
    return out


def _variants(column: Column, text: str) -> Iterator[str]:
    yield text
    if column.type == "date":
        yield text.replace("日期", "时间")
    if column.type == "bool":
        yield f"是否{text}"
        yield f"是否{text.removeprefix('已')}"


@cache
def _measured(table: str) -> dict[str, _Named]:
    """The texts that name a column of numbers, without their unit."""
    out: dict[str, _Named] = {}
    for text, named in _texts(table):
        if named.column.unit:
            out.setdefault(apart(text)[0], named)
    return out


# ---------------------------------------------------------------- units and hints in a header


def _without_hints(written: str) -> str:
    """A header without what only helps to fill it in; of brackets with a unit that stays."""

    def said(brackets: re.Match[str]) -> str:
        units = [u[1] for t in re.split(r"[,;、\s]", brackets[1]) if (u := _UNIT.fullmatch(t))]
        if not _HINT.search(brackets[1]):
            return brackets[0]
        if units:
            return f"({'、'.join(units)})"
        return brackets[0] if re.search("[万亿]", brackets[1]) else ""

    return _BRACKETS.sub(said, narrow(written)).strip("*※" + WHITE)


def apart(written: str) -> tuple[str, str]:
    """A header without hints, folded, and its unit: 罚没金额（单位：万元） → 罚没金额, 万元. What
    stands in brackets and is no unit counts as one that nothing is in."""
    plain, units = fold(_without_hints(written)), []

    def taken(brackets: re.Match[str]) -> str:
        units.append(unit[1] if (unit := _UNIT.fullmatch(brackets[1])) else brackets[1])
        return ""

    base = _BRACKETS.sub(taken, plain)
    bare = None if units else _UNBRACKETED.fullmatch(plain)
    return (bare[1], bare[2]) if bare else (base, "、".join(units))


def is_unit(text: str) -> bool:
    """Whether it says what a number is in."""
    return bool(_UNIT.fullmatch(text))


def _factor(unit: str, column: Column) -> Decimal | None:
    """What a number in a unit is multiplied by to be in the column's; None where it cannot be."""
    try:
        value, reached, _ = convert(Decimal(1), unit, column.unit)
    except Unreadable:
        return None
    return value if reached == column.unit else None


# ---------------------------------------------------------------- the header of a sheet


def recognise(sheet: Sheet, file: str, ignore: Collection[str] = ()) -> Head | None:
    """The table that a sheet holds; None for a sheet that is none. Columns named in `ignore` are
    left out. Raises Doubtful."""
    if sheet.hidden or fold(sheet.name) in map(fold, OWN_SHEETS):
        return None
    labels, left = _all_labels(sheet), frozenset(map(fold, ignore))
    heads = [h for t in TABLES if (h := _best(t, labels, left))]
    named = _exactly_named(sheet, file)
    complete = [h for h in heads if not h.lacking]
    most = max((len(h.columns) for h in complete), default=0)
    tied = [h for h in complete if len(h.columns) == most]
    own = next((h for h in heads if h.table is named), None)
    if own and own in complete:
        head = own
    elif named and own:
        raise _incomplete(own)
    elif named and any(c.text.strip(WHITE) for row in sheet.rows for c in row):
        raise _misnamed(sheet, file, named, tied)
    elif not complete:
        likely = max(heads, key=lambda h: len(h.columns), default=None)
        if likely is None or len(likely.columns) < 2:
            return None
        raise _incomplete(likely)
    else:
        head = tied[0] if len(tied) == 1 else _told_apart(sheet, file, tied)
    _refuse_width(sheet)
    _refuse_doubt(head)
    return head


Labels = dict[int, list[str]]
"""By position, the texts that a header may be read as."""


def _all_labels(sheet: Sheet) -> dict[tuple[int, int], Labels]:
    """The labels of every row (and two) that may be the header, by (first row, depth)."""
    return {
        (first, depth): _labels(sheet, first, depth)
        for depth in (1, 2)
        for first in range(min(SEARCHED, len(sheet.rows) - depth + 1))
    }


def _best(table: Table, labels: dict[tuple[int, int], Labels], left: frozenset[str]) -> Head | None:
    """The rows that read most like the table's header; the fewest and first of them."""
    best: Head | None = None
    for (first, depth), said in labels.items():
        head = _read(table, said, first, depth, left)
        if head.columns and (best is None or _distinct(head) > _distinct(best)):
            best = head
    return best


def _distinct(head: Head) -> int:
    return len({f.column.name for f in head.columns.values()})


def _read(table: Table, labels: Labels, first: int, depth: int, left: frozenset[str]) -> Head:
    columns, unread, ignored = {}, {}, set()
    for position, spellings in labels.items():
        found = next((m for s in spellings if (m := match(table, s))), None)
        out = next((s for s in spellings if fold(s) in left), None)
        if found and out is None:
            columns[position] = found
            continue
        unread[position] = out or spellings[0]
        ignored |= {position} if out else set()
    return Head(table, first, first + depth - 1, columns, unread, frozenset(ignored))


def _labels(sheet: Sheet, first: int, depth: int) -> Labels:
    """For each named position the texts that its header may be read as: of two rows the lower
    one, or both together, or the upper one where nothing stands below it."""
    upper = _named_cells(sheet.rows[first])
    if depth == 1:
        return {position: [text] for position, text in upper.items()}
    lower = _named_cells(sheet.rows[first + 1])
    for r1, c1, r2, c2 in sheet.merged:
        if r1 <= first <= r2 and (text := _named_cells(sheet.rows[r1]).get(c1)):
            upper |= {p: text for p in (c1, *lower) if c1 <= p <= c2}
    out = {p: [low, upper.get(p, "") + low] for p, low in lower.items()}
    out |= {p: [up] for p, up in upper.items() if p not in lower}
    return dict(sorted(out.items()))


def _named_cells(row: Sequence[Cell]) -> dict[int, str]:
    """The filled cells of a row, up to WIDEST of them."""
    filled = ((p, text) for p, cell in enumerate(row) if (text := _clean(cell)))
    return dict(islice(filled, WIDEST))


def _refuse_width(sheet: Sheet) -> None:
    """Raise Doubtful where a row has more filled cells than any table has columns, many times."""
    for number, row in enumerate(sheet.rows):
        if len(row) > WIDEST and sum(bool(c.text.strip(WHITE)) for c in row) > WIDEST:
            message = f"第 {number + 1} 行有内容的格子超过 {WIDEST} 个：请删去多余的列"
            raise Doubtful("太宽", message, number)


def _clean(cell: Cell) -> str:
    return "" if cell.kind else cell.text.strip(WHITE)


# ---------------------------------------------------------------- where names decide


def _exactly_named(sheet: Sheet, file: str) -> Table | None:
    """The table that the sheet (of a CSV: the file) is named after."""
    name = fold(sheet.name or file)
    return next((t for t in TABLES if name in (fold(t.label), fold(t.name))), None)


def _told_apart(sheet: Sheet, file: str, tied: Sequence[Head]) -> Head:
    """Of tables with the same columns the one that sheet, title or file names. Raises Doubtful."""
    first = min(h.first for h in tied)
    titles = "".join(c.text for row in sheet.rows[:first] for c in row)
    for words in (sheet.name, titles, file):
        said = [
            h for h in tied if fold(h.table.label) in fold(words) or h.table.name in fold(words)
        ]
        if len(said) == 1:
            return said[0]
    names = "、".join(f"“{h.table.label}”" for h in tied)
    mend = "请把工作表的名称改成表名，或补上其余的列名"
    raise Doubtful("认不准", f"从列名看可能是{names}中的任何一张：{mend}", first)


def _misnamed(sheet: Sheet, file: str, named: Table, tied: Sequence[Head]) -> Doubtful:
    said = f"名称“{sheet.name or file}”是表“{named.label}”，"
    if tied:
        message = f"{said}列名却是表“{tied[0].table.label}”的：请改正名称或列名"
        return Doubtful("认不准", message, tied[0].first)
    wanted = "、".join(c.header for c in named.columns if c.required)
    return Doubtful("缺列", f"{said}却找不到列名：请补上一行列名，必需的有{wanted}")


def _incomplete(head: Head) -> Doubtful:
    """Required columns are missing; headers that name none are told, and nothing is made of them."""
    lacking = "、".join(f"“{c.header}”" for c in head.lacking)
    written = "、".join(f.written.strip(WHITE) for f in head.columns.values())
    others = "、".join(f"“{t}”" for t in head.unread.values() if fold(t) not in NUMBERING)
    message = (
        f"像是表“{head.table.label}”（认出的列：{written}），但缺少必需的列{lacking}：请补上这一列"
        + (f"。没有认出的列：{others}；意思或单位不同的列不能顶替" if others else "")
    )
    return Doubtful("缺列", message, head.last)


def _refuse_doubt(head: Head) -> None:
    """Raise Doubtful where two headers say the same of one column, in whole or in part."""
    seen: list[Found] = []
    for position, found in head.columns.items():
        for other in seen:
            if found.overlaps(other):
                said = [other.written.strip(WHITE), found.written.strip(WHITE)]
                message = _twice(head.table, found, *said)
                raise Doubtful("列重复", message, head.last, position, said)
        seen.append(found)


def _twice(table: Table, found: Found, one: str, other: str) -> str:
    column, parts = found.column, SUMMANDS.get((table.name, found.column.name))
    leave = f'请只留一列，或导入时不读其中一列（--ignore "{other}"，屏幕上勾选“不读取”）'
    if parts is None:
        return f"“{one}”和“{other}”都是“{column.header}”：{leave}"
    named = "、".join(apart(p.headers[0])[0] for p in parts)
    return (
        f"“{one}”和“{other}”都算在“{column.header}”里，分不清是一列包括另一列，还是要相加。"
        f"一列包括另一列的，{leave}；各填各的，请照所填的内容写明是哪一项（{named}），单位仍写原来的，"
        "导入时换算、相加"
    )


def describe(head: Head) -> Iterator[str]:
    """What was recognised, for the sender to look over."""
    yield f"表“{head.table.label}”，列名在第 {head.last + 1} 行"
    same, of = [], Counter(f.column.name for f in head.columns.values())
    for position, found in sorted(head.columns.items()):
        written = found.written.strip(WHITE)
        unit = f"，单位由“{found.unit}”换算" if found.unit else ""
        unit += "，几列相加" if of[found.column.name] > 1 else ""
        if fold(written) != fold(found.column.header) or unit:
            yield f"{letters(position)} 列“{written}” → {found.column.header}{unit}"
        else:
            same.append(f"{letters(position)} {found.column.header}")
    if same:
        yield f"按同名读取的列：{'、'.join(same)}"
    left = {True: [], False: []}
    for position, text in sorted(head.unread.items()):
        left[position in head.ignored].append(f"{letters(position)} 列“{text}”")
    if left[True]:
        yield f"按要求不读取的列：{'、'.join(left[True])}"
    if left[False]:
        yield f"没有读取的列：{'、'.join(left[False])}"
