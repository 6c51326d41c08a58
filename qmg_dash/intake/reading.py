"""A sent file → parts: the rows of each sheet that is a table, in the standard form, with what was
recognised and what was not read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from qmg_dash.folder.cells import WHITE, fold
from qmg_dash.intake import cells as forms
from qmg_dash.intake import form_sheet, layout
from qmg_dash.intake.meaning import PEOPLE
from qmg_dash.intake.profile import Profile, other_thing
from qmg_dash.intake.questions import Answers
from qmg_dash.intake.recognise import Doubtful, Head, describe, doubts, in_layout, recognise
from qmg_dash.intake.sheets import Book, Cell, Sheet, letters
from qmg_dash.intake.unread import left_out
from qmg_dash.intake.vocabulary import ASKED, Found
from qmg_dash.model import Fault
from qmg_dash.tables import Table

MORE = "名称"
"""The rule that a place or an office is named by its name alone."""
EXAMPLE = "【示例】"
"""How a text of the template's example row begins."""
_VALUE = forms.REPORTED.column("value")
_TOTAL = re.compile(r"(本[页月季年])?(合计|小计|总计|共计|累计)(数)?[:：]?")
_COUNTED = re.compile(r"共?[0-9]+(件|起|宗|条|项|个|例|户|家|次|人次?)")
"""How many rows a total row counts, where the key of the others stands."""
_SIGNED = re.compile(
    r"(注|备注|说明|填表|填报|制表|审核|复核|负责人|经办|联系|单位|日期|报送)[^:：]{0,6}[:：]"
)
_FURTHER = re.compile(r"[（(]?[0-9０-９一二三四五六七八九十]{1,2}[)）.．、]|[①-⑳]")
"""How a further line of notes begins."""


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
class SentTable:
    """A sheet that is a table. `asked`: columns with a stand-in, since they are asked for."""

    table: Table
    head: Head
    rows: list[Row] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Asking:
    """What is said with the files: the columns to be left out, the layouts that may be met, and
    what is answered."""

    ignore: Collection[str] = ()
    profiles: Sequence[Profile] = ()
    answers: Answers = field(default_factory=Answers)


@dataclass
class Reading:
    """What a sent file holds. `unread`: its sheets that gave no rows, by the reason. `problems`
    refuse it, `warnings` do not. `leave`: the columns without which it might go in, as they are
    called there. `layouts`: of each sheet in another system's layout, which one, and what it sets and
    leaves out."""

    file: str
    tables: list[SentTable] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    unread: dict[str, list[str]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)
    leave: list[str] = field(default_factory=list)
    layouts: list[str] = field(default_factory=list)

    def wrong(
        self, place: Place, rule: str, message: str, value: str = "", column: str = ""
    ) -> None:
        """Add a fault."""
        fault = Fault("error", place.source, place.row, column, value, rule, message)
        self.problems.append(Problem(place, fault))


def read(file: str, stem: str, book: Book, asking: Asking | None = None) -> Reading:
    """The tables of a sent file; `file` is how messages name it, `stem` its name without ending."""
    out = Reading(file)
    for sheet in book.sheets:
        _read_sheet(out, sheet, stem, book, asking or Asking())
    for why, names in out.unread.items():
        out.notes.append(f"没有读取的工作表（{why}）：{'、'.join(names)}")
    if not out.tables and not out.problems:
        message = "没有认出任何一张表：请对照模板（python -m qmg_dash template）写上列名"
        out.wrong(Place(file), "认不准", message)
    return out


def _read_sheet(out: Reading, sheet: Sheet, stem: str, book: Book, asking: Asking) -> None:
    at = Place(out.file, sheet.name)
    if not sheet.hidden and (found := form_sheet.find(sheet, asking.profiles)):
        _read_form(out, sheet, stem, *found, asking.answers)
        return
    try:
        head = recognise(sheet, stem, asking.ignore, asking.profiles)
    except Doubtful as e:
        _doubted(out, at, e)
        return
    if head is None:
        out.unread.setdefault("隐藏" if sheet.hidden else "不是填报的表", []).append(sheet.name)
        return
    context = layout.of(sheet, head, stem, asking.answers)
    told = [*doubts(head), *context.doubts]
    for e in told:
        _doubted(out, at, e)
    rows = _Rows(out, context, book, at)
    part = SentTable(head.table, context.head, list(rows.read(sheet)), context.asked)
    _send_back(out, sheet, part)
    if told:
        return
    out.tables.append(part)
    if not part.rows:
        out.unread.setdefault("没有填写内容", []).append(sheet.name or head.table.label)
        return
    named = f"工作表“{sheet.name}”" if sheet.name else "文件"
    out.layouts += in_layout(context.head, sheet.name, context.said)
    said = [*describe(context.head), *context.said, f"读到 {len(part.rows)} 行", *rows.said()]
    out.notes += [f"{named}：{s}" for s in said]


def _read_form(
    out: Reading,
    sheet: Sheet,
    stem: str,
    profile: Profile,
    laid: form_sheet.Laid,
    answers: Answers,
) -> None:
    """A sheet with the statutory tables of a report: a row of reported.csv for each filled cell."""
    at = Place(out.file, sheet.name)
    head = Head(profile.table, laid.first, laid.first, profile=profile)
    for said in laid.lacking:
        out.wrong(at, "缺列", f"{said}：请照规定的表式补上")
    context = layout.of(sheet, head, stem, answers)
    if laid.lacking:
        return
    part = SentTable(head.table, head, [], context.asked)
    for spot, cells in form_sheet.rows_of(laid, context.given):
        place = replace(at, row=spot.row + 1, position=spot.column)
        read = forms.standard(Found(_VALUE, _VALUE.header), spot.cell)
        if read.wrong:
            out.wrong(place, *read.wrong, value=spot.cell.text, column=_VALUE.header)
        elif spot.money:
            cells |= {"unit": _unit_of(out, context, sheet, spot, read.text, place)}
        part.rows.append(Row(place, forms.published(cells | {"value": read.text})))
    if version := form_sheet.version_of(laid, context.given):
        part.rows.append(Row(replace(at, row=laid.first + 1), version))
    out.tables.append(part)
    if not part.rows:
        out.unread.setdefault("没有填写内容", []).append(sheet.name or head.table.label)
        return
    blanks = sum(s.blank for s in laid.spots)
    said = [
        f"按“{profile.name}”的格式读入表“{head.table.label}”：{'、'.join(laid.tables)}",
        *context.said,
        f"读到 {len(laid.spots) - blanks} 格，空白 {blanks} 格不记（空白不是 0）",
    ]
    out.layouts += in_layout(head, sheet.name, context.said)
    named = f"工作表“{sheet.name}”" if sheet.name else "文件"
    out.notes += [f"{named}：{s}" for s in said]


def _unit_of(
    out: Reading,
    context: layout.Context,
    sheet: Sheet,
    spot: form_sheet.Spot,
    text: str,
    place: Place,
) -> str:
    """The unit of an amount in a form: what stands in its cell goes before its head's; empty where
    it stands in the cell, or there is none."""
    if forms.says_money(text):
        return ""
    header, row = spot.over
    if spot.unit != ASKED or context.head.profile is None:
        return spot.unit
    found = Found(forms.REPORTED.column("unit"), header)
    above = layout.units_over(sheet.rows[: row + 1])
    unit = layout.unit_of(context, context.head.profile, found, above)
    if not unit:
        out.wrong(place, "单位", layout.unclear(header), value=spot.cell.text, column="单位")
    return unit


def _doubted(out: Reading, at: Place, e: Doubtful) -> None:
    out.leave += e.leave
    row = None if e.row is None else e.row + 1
    out.wrong(replace(at, row=row, position=e.position), e.rule, str(e))


def _send_back(out: Reading, sheet: Sheet, part: SentTable) -> None:
    """A fault for each column that cannot just be left out."""
    head, numbers = part.head, (r.place.row for r in part.rows)
    for found in left_out(head, [sheet.rows[n - 1] for n in numbers if n]):
        at = Place(out.file, sheet.name, head.last + 1, found.position)
        out.wrong(at, found.rule, found.message, value=found.header)
        if not other_thing(found.header):
            out.leave.append(found.header)


# ---------------------------------------------------------------- rows that are none

_BLANK, _FOOT = "空行", "表尾说明，没有读取"


Written = dict[int, set[str]]
"""What a header says in each position, in either of its rows, folded."""


def _written(sheet: Sheet, head: Head) -> Written:
    out: Written = {}
    for row in sheet.rows[head.first : head.last + 1]:
        for position, cell in enumerate(row):
            out.setdefault(position, set()).add(fold(cell.text))
    return out


def _skipped(head: Head, written: Written, row: list[Cell], before: str) -> str:
    """Why a row is no row of the table; empty where it is one. `before`: what was said of the row
    above."""
    texts = [c.text.strip(WHITE) for c in row]
    filled = [t for t in texts if t]
    if not filled:
        return _BLANK
    if any(t.startswith(EXAMPLE) for t in filled):
        return "示例行，没有读取"
    if _repeats(head, written, texts):
        return "重复的列名行，没有读取"
    if _is_total(head, texts):
        return "合计行，没有读取"
    if _is_foot(filled) or (before == _FOOT and len(filled) == 1 and _FURTHER.match(filled[0])):
        return _FOOT
    return ""


def _is_foot(filled: list[str]) -> bool:
    """Whether a row is a note or signatures: 填表人：张三, or the name in the cell behind."""
    if not _SIGNED.match(filled[0]):
        return False
    told = pairwise(filled)
    return all(_SIGNED.match(text) or label.endswith((":", "：")) for label, text in told)


def _repeats(head: Head, written: Written, texts: list[str]) -> bool:
    """Whether a row says the header again, or one of its two rows: every column that it fills."""
    said = {p: t for p, t in enumerate(texts) if t}
    if len(said) >= 2 and all(fold(t) in written.get(p, ()) for p, t in said.items()):
        return True
    own = {p: said[p] for p in head.columns if p in said}
    return len(own) >= 2 and all(_names(head, p, text) for p, text in own.items())


def _names(head: Head, position: int, text: str) -> bool:
    """Whether a cell says the header of its own column."""
    found, again = head.columns[position], head.vocabulary.match(text)
    return fold(text) == fold(found.written) or (again is not None and again.column is found.column)


def _is_total(head: Head, texts: list[str]) -> bool:
    """Whether a row sums up others: the word stands first, and the key is not filled in."""
    first = next(t for t in texts if t)
    if not _TOTAL.fullmatch(fold(first)):
        return False
    keys = [head.position(head.table.column(k).header) for k in head.table.key]
    said = [texts[p] for p in keys if p is not None and p < len(texts) and texts[p]]
    sums = (_TOTAL.fullmatch(fold(t)) or _COUNTED.fullmatch(fold(t)) for t in said[:1])
    return all(sums) and len(said) <= 1


# ---------------------------------------------------------------- rows


class _Rows:
    """Reads the rows below a header into the standard form. Faults go into `out`; `told` counts
    what was recognised."""

    def __init__(self, out: Reading, context: layout.Context, book: Book, at: Place):
        self.out, self.context, self.book, self.at = out, context, book, at
        self.head = context.head
        self.told: Counter[str] = Counter()
        # Most cells say what others of their column said.
        self.known: dict[tuple[int, Cell], forms.Told] = {}
        self.more: dict[int, list[int]] = {}
        """By position, the rows with more than the column asks for."""

    def said(self) -> list[str]:
        """What was recognised, by kind."""
        return [f"{kind}（{count} 处）" for kind, count in self.told.items() if kind and count]

    def read(self, sheet: Sheet) -> Iterator[Row]:
        above, written = _spread(sheet, self.head.last + 1), _written(sheet, self.head)
        skipped = ""
        for number, row in enumerate(sheet.rows[self.head.last + 1 :], self.head.last + 2):
            if number - 1 in above and any(c.text.strip(WHITE) for c in row):
                self._fill(row, above[number - 1])
            skipped = _skipped(self.head, written, row, skipped)
            cells = {} if skipped else self._cells(row, number)
            if any(cells.values()):
                yield Row(Place(self.at.file, self.at.sheet, number), cells)
            elif skipped != _BLANK:
                self.told[skipped or "只在没有读取的列里有内容的行，没有读取"] += 1
        self._tell_more()

    def _tell_more(self) -> None:
        """Warn once of each column with more in it; what it is may be a name, and is not said."""
        for position, numbers in self.more.items():
            column = self.head.columns[position].column
            at = Place(self.at.file, self.at.sheet, numbers[0], position)
            rows = "、".join(map(str, numbers[:5])) + (" 等" if len(numbers) > 5 else "")
            said = (
                f"第 {rows} 行的“{column.header}”在名称后面还写了别的：会照原样分组、上屏，"
                "写着姓名的请在原表里删去后再导入"
            )
            self.out.warnings.append(
                Fault("warning", at.source, numbers[0], column.header, "", MORE, said)
            )

    def _fill(self, row: list[Cell], above: dict[int, Cell]) -> None:
        for position, cell in above.items():
            row += [Cell()] * (position + 1 - len(row))
            row[position] = cell
        self.told["合并单元格，各行按同一内容读"] += len(above)

    def _cells(self, row: list[Cell], number: int) -> dict[str, str]:
        cells: dict[str, str] = {}
        for position, found in self.head.columns.items():
            cell = self._cell(row, position, found)
            if cell is None:
                continue
            read = self._standard(position, cell)
            if found.part:
                read = forms.added(found.column, cells.get(found.column.name, ""), read)
            cells[found.column.name] = read.text
            if read.note:
                self.told[read.note] += 1
            if read.more:
                self.more.setdefault(position, []).append(number)
            hidden = found.reads and (found.reads.how == PEOPLE or read.free)
            value = "" if hidden else cell.text
            if read.wrong:
                self._wrong(number, position, read.wrong, value)
            if read.odd:
                at, column = Place(self.at.file, self.at.sheet, number, position), found.column
                self.out.warnings.append(
                    Fault("warning", at.source, number, column.header, value, *read.odd)
                )
        for position, cell in _nameless(self.head, row):
            said = "未知列", "这一列没有列名却有内容：请补上列名，或删去这一格"
            self._wrong(number, position, said, cell.text[:60])
        if any(cells.values()):
            self._amend(cells)
        if self.head.table is forms.REPORTED:
            return self._published(cells)
        return cells

    def _cell(self, row: list[Cell], position: int, found: Found) -> Cell | None:
        """The cell of a column; of several that are read as one, all in the place of the first."""
        if not (found.reads and found.reads.join):
            return row[position] if position < len(row) else Cell()
        same = [p for p, f in self.head.columns.items() if f.column is found.column]
        if position != same[0]:
            return None
        cells = [row[p] for p in same if p < len(row) and row[p].text.strip(WHITE)]
        if len(cells) == 1:
            return cells[0]
        return Cell(found.reads.join.join(dict.fromkeys(c.text.strip(WHITE) for c in cells)))

    def _amend(self, cells: dict[str, str]) -> None:
        """Put in what the layout gives, and take out what counts in another case only."""
        cells |= {n: text for n, text in self.context.given.items() if n not in self.head.names}
        for found in self.head.columns.values():
            if found.reads and found.reads.when and cells.get(found.column.name):
                other, values = found.reads.when
                if cells.get(other, "") not in values:
                    cells[found.column.name] = ""
                    told = self.head.table.column(other).header
                    self.told[f"{found.column.header}：{told}不是{'、'.join(values)}的，不记"] += 1

    def _standard(self, position: int, cell: Cell) -> forms.Told:
        key = (position, cell)
        if key not in self.known:
            found = self.head.columns[position]
            told = forms.standard(found, cell, self.book.serials)
            while (word := told.asked) and (reads := self.context.answered(found, word)):
                found = replace(found, reads=reads)
                told = forms.standard(found, cell, self.book.serials)
                if self.context.stands_in(found.column, word):
                    told = replace(told, note="")
            if told.asked and found.reads and told.asked not in dict(found.reads.values):
                told = forms.Told("", wrong=("选项", layout.not_asked(found.column)), free=True)
            self.known[key] = told
        return self.known[key]

    def _wrong(self, number: int, position: int, said: tuple[str, str], value: str) -> None:
        found = self.head.columns.get(position)
        at = Place(self.at.file, self.at.sheet, number, position)
        self.out.wrong(at, *said, value=value, column=found.column.header if found else "")

    def _published(self, cells: dict[str, str]) -> dict[str, str]:
        """A row of reported.csv: the number apart from its qualifier and unit."""
        apart = forms.published(cells)
        for name, kind in _APART.items():
            self.told[kind] += apart.get(name, "") != cells.get(name, "")
        return apart


def _spread(sheet: Sheet, start: int) -> dict[int, dict[int, Cell]]:
    """By row (from 0), what cells merged downwards say in it: the content of their first row."""
    out: dict[int, dict[int, Cell]] = {}
    for r1, c1, r2, _ in sheet.merged:
        first = sheet.rows[r1][c1] if r1 < len(sheet.rows) and c1 < len(sheet.rows[r1]) else Cell()
        if r1 >= start and first.text.strip(WHITE):
            for row in range(r1 + 1, min(r2 + 1, len(sheet.rows))):
                out.setdefault(row, {})[c1] = first
    return out


_APART = {
    "indicator": "指标名称换成代码",
    "dimension": "维度改成规定的写法",
    "raw": "数值里的约数、单位各归其列",
}


def _nameless(head: Head, row: list[Cell]) -> Iterator[tuple[int, Cell]]:
    for position, cell in enumerate(row):
        if position not in head.columns and position not in head.unread and cell.text.strip(WHITE):
            yield position, cell
