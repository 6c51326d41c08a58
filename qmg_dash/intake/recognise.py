"""Which table a sheet holds, where its header stands, which column is which.

By name alone: the declared headers, the aliases of tables.py, and the few rules of `_spellings`.
What could mean two things is refused with the reason, never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from difflib import SequenceMatcher
from functools import cache, lru_cache
from itertools import islice

from qmg_dash.checks import WHITE, Unreadable, convert, fold
from qmg_dash.intake.sheets import Cell, Sheet, letters
from qmg_dash.tables import ALIASES, BY_NAME, TABLES, Column, Table

OWN_SHEETS = ("填写说明", "问题清单")
"""Sheets that the template and the marked workbook bring along."""
NUMBERING = ("序号", "no", "no.")
"""Headers of a mere line number."""
SEARCHED = 30
"""Rows within which the header must begin."""
WIDEST = 500
"""Filled cells of a row."""
ALIKE = 0.6
"""From this likeness on, an unknown header may be meant for a missing column."""
_TICKED = r"[1１有√][=＝:：]?(为|即|代表|表示)?是|是[=＝:：]?(为|填)?[1１√]|[打划画][√勾]"
_HINT = re.compile(
    rf"[（(][^（）()]*(必填|选填|可不填|可空|是/否|{_TICKED}|年月日|格式|yyyy)[^（）()]*[）)]", re.I
)
_BRACKETS = re.compile(r"(.+?)[（(](.+)[）)]$")


class Doubtful(Exception):
    """Why a sheet cannot be read without guessing; the place is from 0, where there is one."""

    def __init__(
        self, rule: str, message: str, row: int | None = None, position: int | None = None
    ):
        self.rule, self.row, self.position = rule, row, position
        super().__init__(message)


@dataclass(frozen=True)
class Found:
    """A column of a sheet that is one of the table. `unit` is set where it has to be converted."""

    column: Column
    written: str
    unit: str = ""


@dataclass(frozen=True)
class Head:
    """A recognised header: rows `first`–`last` (from 0), columns by their position; `unread` are
    named columns that the table does not have."""

    table: Table
    first: int
    last: int
    columns: dict[int, Found] = field(default_factory=dict)
    unread: dict[int, str] = field(default_factory=dict)

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
    text = _HINT.sub("", written.strip(WHITE)).strip("*＊※" + WHITE)
    column = _spellings(table).get(fold(text))
    if column:
        return Found(column, written)
    parts = _BRACKETS.fullmatch(text)
    return _other_unit(BY_NAME[table], written, *parts.groups()) if parts else None


@cache
def _spellings(table: str) -> dict[str, Column]:
    """Every text that names a column of the table, folded."""
    out: dict[str, Column] = {}
    columns = BY_NAME[table].columns
    for column in columns:
        for text in (column.header, column.name, *ALIASES.get((table, column.name), ())):
            for spelling in _variants(column, text):
                out.setdefault(fold(spelling), column)
    # A declared header means its own column, whatever an alias says.
    return out | {fold(c.header): c for c in columns}


def _variants(column: Column, text: str) -> Iterator[str]:
    yield text
    if column.type == "date":
        yield text.replace("日期", "时间")
    if column.type == "bool":
        yield f"是否{text}"
        yield f"是否{text.removeprefix('已')}"


def _other_unit(table: Table, written: str, base: str, unit: str) -> Found | None:
    """罚没金额（万元） for 罚没金额（元）."""
    for column in table.columns:
        declared = _BRACKETS.fullmatch(column.header)
        if declared and column.type in ("int", "number") and fold(declared[1]) == fold(base):
            try:
                from_unit = convert(Decimal(1), unit, declared[2])[1]
            except Unreadable:
                return None
            return Found(column, written, unit) if from_unit == declared[2] else None
    return None


# ---------------------------------------------------------------- the header of a sheet


def recognise(sheet: Sheet, file: str) -> Head | None:
    """The table that a sheet holds; None for a sheet that is none. Raises Doubtful."""
    if sheet.hidden or fold(sheet.name) in map(fold, OWN_SHEETS):
        return None
    labels = _all_labels(sheet)
    heads = [h for t in TABLES if (h := _best(t, labels))]
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


def _best(table: Table, labels: dict[tuple[int, int], Labels]) -> Head | None:
    """The rows that read most like the table's header; the fewest and first of them."""
    best: Head | None = None
    for (first, depth), said in labels.items():
        head = _read(table, said, first, depth)
        if head.columns and (best is None or _distinct(head) > _distinct(best)):
            best = head
    return best


def _distinct(head: Head) -> int:
    return len({f.column.name for f in head.columns.values()})


def _read(table: Table, labels: Labels, first: int, depth: int) -> Head:
    columns, unread = {}, {}
    for position, spellings in labels.items():
        found = next((m for s in spellings if (m := match(table, s))), None)
        if found:
            columns[position] = found
        else:
            unread[position] = spellings[0]
    return Head(table, first, first + depth - 1, columns, unread)


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
    """Required columns are missing; a header that may be meant for one is named."""
    lacking = "、".join(f"“{c.header}”" for c in head.lacking)
    alike = [
        (text, c) for text in head.unread.values() for c in head.lacking if _alike(text, c, head)
    ]
    hint = "".join(f"；“{t}”是不是“{c.header}”？是就改成这个列名" for t, c in alike[:3])
    written = "、".join(f.written for f in head.columns.values())
    message = f"像是表“{head.table.label}”（认出的列：{written}），但缺少必需的列{lacking}{hint}"
    return Doubtful("缺列", message + "：请补上列名", head.last)


def _refuse_doubt(head: Head) -> None:
    """Raise Doubtful where two headers name one column, or an unknown header may be meant for a
    column that is not there."""
    seen: dict[str, Found] = {}
    for position, found in head.columns.items():
        name = found.column.name
        if name in seen:
            message = (
                f"“{seen[name].written}”和“{found.written}”都是“{found.column.header}”：请只留一列"
            )
            raise Doubtful("列重复", message, head.last, position)
        seen[name] = found
    absent = [c for c in head.table.columns if c.name not in seen]
    for position, text in head.unread.items():
        meant = [c for c in absent if _alike(text, c, head)]
        if meant:
            names = "”还是“".join(c.header for c in meant)
            message = (
                f"列名“{text}”认不准：是“{names}”就请改成这个列名，不是就请改成别的名字或删去这一列"
            )
            raise Doubtful("列名", message, head.last, position)


def _alike(text: str, column: Column, head: Head) -> bool:
    plain = fold(text)
    if plain in NUMBERING:
        return False
    known = [s for s, c in _spellings(head.table.name).items() if c is column and s != column.name]
    return any(_likeness(plain, s) >= ALIKE for s in known)


def _likeness(a: str, b: str) -> float:
    if min(len(a), len(b)) < 2:
        return 0.0
    return SequenceMatcher(None, a, b, autojunk=False).ratio()


def describe(head: Head) -> Iterator[str]:
    """What was recognised, for the sender to look over."""
    yield f"表“{head.table.label}”，列名在第 {head.last + 1} 行"
    same = []
    for position, found in sorted(head.columns.items()):
        written = found.written.strip(WHITE)
        unit = f"，单位由“{found.unit}”换算" if found.unit else ""
        if fold(written) != fold(found.column.header) or unit:
            yield f"{letters(position)} 列“{written}” → {found.column.header}{unit}"
        else:
            same.append(f"{letters(position)} {found.column.header}")
    if same:
        yield f"按同名读取的列：{'、'.join(same)}"
    unread = [f"{letters(p)} 列“{t}”" for p, t in sorted(head.unread.items())]
    if unread:
        yield f"没有读取的列：{'、'.join(unread)}"
