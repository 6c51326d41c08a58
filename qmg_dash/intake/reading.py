"""A sent file → parts: the rows of each sheet that is a table, in the standard form, with what was
recognised and what was not read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from qmg_dash.checks import WHITE, fold
from qmg_dash.intake import cells as forms
from qmg_dash.intake.recognise import Doubtful, Head, describe, match, recognise
from qmg_dash.intake.sheets import Book, Cell, Sheet, letters
from qmg_dash.model import Fault
from qmg_dash.tables import Table

EXAMPLE = "【示例】"
"""How a text of the template's example row begins."""
_TOTAL = re.compile(r"(本[页月季年])?(合计|小计|总计|共计|累计)(数)?[:：]?")
_SIGNED = re.compile(
    r"(注|备注|说明|填表|填报|制表|审核|复核|负责人|经办|联系|单位|日期|报送)[^:：]{0,6}[:：]"
)


@dataclass(frozen=True)
class Place:
    """A place in a sent file: sheet (empty in a CSV), row as Excel shows it, position from 0."""

    file: str
    sheet: str = ""
    row: int | None = None
    position: int | None = None

    @property
    def source(self) -> str:
        """File and sheet, as a fault names them."""
        return f"{self.file}［{self.sheet}］" if self.sheet else self.file

    @property
    def cell(self) -> str:
        """B5, or what is known of it."""
        if self.row is None:
            return ""
        return f"{letters(self.position)}{self.row}" if self.position is not None else str(self.row)


@dataclass(frozen=True)
class Problem:
    """A fault of a sent file, with the place to mark."""

    place: Place
    fault: Fault


@dataclass(frozen=True)
class Row:
    """A row of a sent file: cells by English column name, in the standard form."""

    place: Place
    cells: dict[str, str]


@dataclass
class Part:
    """A sheet that is a table."""

    table: Table
    head: Head
    rows: list[Row] = field(default_factory=list)


@dataclass
class Reading:
    """What a sent file holds. `unread`: its sheets that gave no rows, by the reason."""

    file: str
    parts: list[Part] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    unread: dict[str, list[str]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def wrong(
        self, place: Place, rule: str, message: str, value: str = "", column: str = ""
    ) -> None:
        """Add a fault."""
        fault = Fault("error", place.source, place.row, column, value, rule, message)
        self.problems.append(Problem(place, fault))


def read(file: str, stem: str, book: Book) -> Reading:
    """The tables of a sent file; `file` is how messages name it, `stem` its name without ending."""
    out = Reading(file)
    for sheet in book.sheets:
        _read_sheet(out, sheet, stem, book)
    for why, names in out.unread.items():
        out.notes.append(f"没有读取的工作表（{why}）：{'、'.join(names)}")
    if not out.parts and not out.problems:
        message = "没有认出任何一张表：请对照模板（python -m qmg_dash template）写上列名"
        out.wrong(Place(file), "认不准", message)
    return out


def _read_sheet(out: Reading, sheet: Sheet, stem: str, book: Book) -> None:
    at = Place(out.file, sheet.name)
    try:
        head = recognise(sheet, stem)
    except Doubtful as e:
        row = None if e.row is None else e.row + 1
        out.wrong(Place(out.file, sheet.name, row, e.position), e.rule, str(e))
        return
    named = f"工作表“{sheet.name}”" if sheet.name else "文件"
    if head is None:
        why = "隐藏" if sheet.hidden else "不是填报的表"
        out.unread.setdefault(why, []).append(sheet.name)
        return
    part = Part(head.table, head)
    told: Counter[str] = Counter()
    for number, row in enumerate(sheet.rows[head.last + 1 :], head.last + 2):
        skipped = _skipped(head, row)
        if skipped:
            told[skipped] += skipped != _BLANK
        else:
            place = Place(at.file, at.sheet, number)
            part.rows.append(Row(place, _take(out, head, row, place, book, told)))
    del told[_BLANK]
    out.parts.append(part)
    if not part.rows:
        out.unread.setdefault("没有填写内容", []).append(sheet.name or head.table.label)
        return
    out.notes += [f"{named}：{said}" for said in describe(head)]
    out.notes.append(f"{named}：读到 {len(part.rows)} 行")
    out.notes += [f"{named}：{said}（{count} 处）" for said, count in told.items()]


# ---------------------------------------------------------------- rows that are none

_BLANK = "空行"


def _skipped(head: Head, row: list[Cell]) -> str:
    """Why a row is no row of the table; empty where it is one."""
    texts = [c.text.strip(WHITE) for c in row]
    filled = [t for t in texts if t]
    if not filled:
        return _BLANK
    if any(t.startswith(EXAMPLE) for t in filled):
        return "示例行，没有读取"
    if _repeats(head, texts):
        return "重复的列名行，没有读取"
    if _is_total(head, texts):
        return "合计行，没有读取"
    if len(filled) == 1 and _SIGNED.match(filled[0]):
        return "表尾说明，没有读取"
    return ""


def _repeats(head: Head, texts: list[str]) -> bool:
    """Whether a row says the header again: every column that it fills."""
    said = {p: texts[p] for p in head.columns if p < len(texts) and texts[p]}
    return len(said) >= 2 and all(_names(head, p, text) for p, text in said.items())


def _names(head: Head, position: int, text: str) -> bool:
    """Whether a cell says the header of its own column."""
    found, again = head.columns[position], match(head.table, text)
    return fold(text) == fold(found.written) or (again is not None and again.column is found.column)


def _is_total(head: Head, texts: list[str]) -> bool:
    """Whether a row sums up others: the word stands first, and the key is not filled in."""
    first = next(t for t in texts if t)
    if not _TOTAL.fullmatch(fold(first)):
        return False
    keys = [head.position(head.table.column(k).header) for k in head.table.key]
    said = [texts[p] for p in keys if p is not None and p < len(texts) and texts[p]]
    return all(_TOTAL.fullmatch(fold(t)) for t in said[:1]) and len(said) <= 1


# ---------------------------------------------------------------- rows


def _take(
    out: Reading, head: Head, row: list[Cell], place: Place, book: Book, told: Counter[str]
) -> dict[str, str]:
    """A row's cells in the standard form; faults go into `out`, what was recognised into `told`."""
    cells: dict[str, str] = {}
    for position, found in head.columns.items():
        cell = row[position] if position < len(row) else Cell()
        read = forms.standard(found, cell, book.kind, book.serials)
        cells[found.column.name] = read.text
        told[read.note] += 1
        if read.wrong:
            at = Place(place.file, place.sheet, place.row, position)
            out.wrong(at, *read.wrong, value=cell.text, column=found.column.header)
    del told[""]
    for position, cell in _nameless(head, row):
        at = Place(place.file, place.sheet, place.row, position)
        out.wrong(at, "未知列", "这一列没有列名却有内容：请补上列名，或删去这一格", cell.text[:60])
    if head.table is forms.REPORTED:
        return _published(out, head, row, place, book, told, cells)
    return cells


def _nameless(head: Head, row: list[Cell]) -> Iterator[tuple[int, Cell]]:
    for position, cell in enumerate(row):
        if position not in head.columns and position not in head.unread and cell.text.strip(WHITE):
            yield position, cell


def _published(
    out: Reading,
    head: Head,
    row: list[Cell],
    place: Place,
    book: Book,
    told: Counter[str],
    cells: dict[str, str],
) -> dict[str, str]:
    """A row of reported.csv: the number apart from its qualifier and unit."""
    apart = forms.published(cells)
    told["指标名称换成代码"] += apart.get("indicator") != cells.get("indicator")
    told["数值里的约数、单位各归其列"] += apart.get("raw", "") != cells.get("raw", "")
    told["维度改成规定的写法"] += apart.get("dimension", "") != cells.get("dimension", "")
    position = head.position(forms.REPORTED.column("value").header)
    if position is not None and position < len(row):
        wrong = forms.doubtful_rate(apart, row[position], book.kind)
        if wrong:
            at = Place(place.file, place.sheet, place.row, position)
            out.wrong(at, *wrong, value=row[position].text, column="数值")
    for said in [s for s, count in told.items() if not count]:
        del told[said]
    return apart
