"""Which table a sheet holds, where its header stands, which column is which.

By name alone (vocabulary.py): our own columns, or those of a layout that other systems export
(profile.py). What could mean two things is refused with the reason, never guessed. All that is
doubtful in a header is told at once.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from qmg_dash.folder.cells import WHITE, fold
from qmg_dash.intake.profile import Profile, other_thing, other_things
from qmg_dash.intake.sheets import Cell, Sheet, letters
from qmg_dash.intake.vocabulary import Found, Vocabulary, apart, plain
from qmg_dash.tables import SUMMANDS, TABLES, Column, Table

OWN_SHEETS = ("填写说明", "问题清单")
"""Sheets that the template and the marked workbook bring along."""
NUMBERING = ("序号", "no", "no.")
"""Headers of a mere line number."""
SEARCHED = 30
"""Rows within which the header must begin."""
WIDEST = 500
"""Filled cells of a row."""
NEAR = 3
"""Headers that a layout must know more than, for its name to be named."""
YEAR = re.compile(r"(?<![0-9])((?:19|20)[0-9]{2})(?=年|[^0-9]|$)")
"""A year in a title; no part of a longer number."""
_ASIDE = re.compile(
    r".*[:：].*|(统计|汇总|考核|计划|填报|培训)(日期|时间|单位|人|期间?|年度).*", re.S
)
"""What stands over a header and is no title: 填报单位：…, 统计时间 2023年."""


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
class Head:
    """A recognised header: rows `first`–`last` (from 0), columns by their position; `unread` are
    named columns that are not read, `ignored` those of them that the sender leaves out. `profile`:
    the layout, which knows of `persons` and `known` that they are not to be read; `given` are the
    columns that need not stand in the sheet."""

    table: Table
    first: int
    last: int
    columns: dict[int, Found] = field(default_factory=dict)
    unread: dict[int, str] = field(default_factory=dict)
    ignored: frozenset[int] = frozenset()
    profile: Profile | None = None
    persons: frozenset[int] = frozenset()
    known: frozenset[int] = frozenset()
    given: frozenset[str] = frozenset()

    @property
    def vocabulary(self) -> Vocabulary:
        return self.profile.vocabulary if self.profile else plain(self.table.name)

    @property
    def names(self) -> set[str]:
        """The columns that stand in it."""
        return {f.column.name for f in self.columns.values()}

    @property
    def lacking(self) -> list[Column]:
        """Required columns that are not there, and that no layout gives."""
        have = self.names | self.given
        return [c for c in self.table.columns if c.required and c.name not in have]

    @property
    def settled(self) -> frozenset[int]:
        """Columns that need no word of the sender's, to be left out."""
        return self.ignored | self.persons | self.known

    @property
    def end(self) -> int:
        """The first position behind the header, where a missing column would stand."""
        return max((*self.columns, *self.unread), default=-1) + 1

    def position(self, header: str) -> int | None:
        """Where the column with this declared header stands."""
        return next((p for p, f in self.columns.items() if f.column.header == header), None)


# ---------------------------------------------------------------- the header of a sheet


def recognise(
    sheet: Sheet, file: str, ignore: Collection[str] = (), profiles: Sequence[Profile] = ()
) -> Head | None:
    """The table that a sheet holds; None for a sheet that is none. Columns named in `ignore` are
    left out. A head may be doubtful (`doubts`). Raises Doubtful."""
    if sheet.hidden or fold(sheet.name) in map(fold, OWN_SHEETS):
        return None
    labels, left = _all_labels(sheet), frozenset(map(fold, ignore))
    own: Head | Doubtful | None
    try:
        own = _our_own(sheet, file, labels, left)
    except Doubtful as e:
        own = e
    head = _of_a_layout(sheet, file, labels, left, profiles, own)
    if isinstance(head, Doubtful):
        raise head
    if head is not None:
        _refuse_width(sheet)
    return head


def _our_own(sheet: Sheet, file: str, labels: AllLabels, left: frozenset[str]) -> Head | None:
    """What the sheet is by our own columns alone. A head may lack columns. Raises Doubtful."""
    heads = [h for t in TABLES if (h := _best(Head(t, 0, 0), labels, left))]
    named = _exactly_named(sheet, file)
    complete = [h for h in heads if not h.lacking]
    most = max((len(h.columns) for h in complete), default=0)
    tied = [h for h in complete if len(h.columns) == most]
    own = next((h for h in heads if h.table is named), None)
    if own:
        return own
    if named and any(c.text.strip(WHITE) for row in sheet.rows for c in row):
        raise _misnamed(sheet, file, named, tied)
    if not complete:
        likely = max(heads, key=lambda h: len(h.columns), default=None)
        return likely if likely and len(likely.columns) >= 2 else None
    return tied[0] if len(tied) == 1 else _told_apart(sheet, file, tied)


def _of_a_layout(
    sheet: Sheet,
    file: str,
    labels: AllLabels,
    left: frozenset[str],
    profiles: Sequence[Profile],
    own: Head | Doubtful | None,
) -> Head | Doubtful | None:
    """The head by the layout that the sheet has; else what it is by our own columns, which also hold
    where the layout knows no more of it."""
    named = _exactly_named(sheet, file)
    heads = [
        h
        for p in profiles
        if p.needs
        and named in (None, p.table)
        and (h := _best(Head(p.table, 0, 0, profile=p), labels, left))
    ]
    found = [f for h in heads if h.profile and (f := _fits(h.profile, h, names_of(sheet, h, file)))]
    by_most = sorted(found, key=lambda h: len(_understood(h)), reverse=True)
    others = [(h.table, o) for h in by_most if (o := _another(h, sheet, file))]
    found = [h for h in found if not _another(h, sheet, file)]
    if isinstance(own, Head) and not own.lacking:
        unsaid = not found and named is None and not _is_template(own)
        doubt = next((o for table, o in others if table is own.table), None)
        if unsaid and doubt:
            return doubt
        found = [h for h in found if not _is_template(own) and _says_less(own, h)]
    found = [h for h in found if h.profile and h.profile.own] or found
    found = [h for h in found if not any(_says_less(h, other) for other in found)]
    if len(found) > 1:
        names = "、".join(f"“{h.profile.name}”" for h in found if h.profile)
        mend = "请在工作表名称或标题里写明是哪一种"
        return Doubtful("认不准", f"从列名看可能是{names}中的任何一种：{mend}", found[0].first)
    if found:
        return found[0]
    if isinstance(own, Head) and not own.lacking:
        return own
    if others:
        return others[0][1]
    near = _nearest(heads, own)
    return (_another(near, sheet, file) or _nearly(near)) if near else own


def _nearest(heads: Sequence[Head], own: Head | Doubtful | None) -> Head | None:
    """The layout that knows most of a sheet's headers, where it lacks one column alone."""
    few = [h for h in heads if len(_missing(h)) == 1 and 2 * len(_understood(h)) > len(h.unread)]
    near = max(few, key=lambda h: len(_understood(h)), default=None)
    known = len(own.columns) if isinstance(own, Head) else NEAR
    return near if near and len(_understood(near)) > known else None


def _nearly(near: Head) -> Doubtful | None:
    """What a sheet lacks of its nearest layout."""
    if near.profile is None:
        return None
    profile, (need,) = near.profile, _missing(near)
    column = profile.table.by_name.get(need)
    reads = profile.columns.get(need) if column else None
    names = [*([column.header] if column else [need]), *(reads.headers if reads else ())]
    said = "、".join(f"“{n}”" for n in names[:6])
    unknown = "、".join(f"“{t}”" for p, t in near.unread.items() if p not in near.settled)
    message = (
        f"像是“{profile.name}”的格式，但没有认出它必须有的一列（叫作{said}之类）：请把这一列的列名改成其中一个"
        + (f"。没有认出的列：{unknown}；意思不同的列不能顶替" if unknown else "")
    )
    return Doubtful("缺列", message, near.last, near.end)


def _missing(head: Head) -> set[str]:
    """What of its layout's needs a head has not; all of them where it has what must not be."""
    profile = head.profile
    if profile is None:
        return set()
    there = head.names | {f.own for f in head.columns.values()}
    there |= {profile.known(head.unread[p]) or "" for p in head.persons | head.known}
    needs, absent = (
        {n if n in profile.table.by_name else profile.headed(n) or n for n in names}
        for names in (profile.needs, profile.absent)
    )
    return needs if absent & there else needs - there


def _says_less(head: Head, other: Head) -> bool:
    """Whether another head knows all headers that one knows, and more."""
    return _understood(head) < _understood(other)


def _understood(head: Head) -> set[int]:
    """The positions of which is known what they are; of a line's number nobody need know."""
    known = (p for p in head.persons | head.known if fold(head.unread[p]) not in NUMBERING)
    return {*head.columns, *known}


def _is_template(head: Head) -> bool:
    """Whether all headers are our own, as they are declared."""
    own = all(fold(f.written) == fold(f.column.header) for f in head.columns.values())
    return own and all(fold(text) in NUMBERING for text in head.unread.values())


def _fits(profile: Profile, head: Head, names: tuple[str, ...]) -> Head | None:
    """The head of a sheet in a layout, where it surely has this layout; `names`: what the sheet, its
    title and its file are called."""
    if _missing(head):
        return None
    titles = fold("\n".join(names))
    own = {f.column.name for f in head.columns.values() if f.written == f.column.header}
    named = any(fold(w) in titles for w in profile.words) or own.issuperset(profile.table.key)
    if (
        profile.words and not named
    ):  # by its key under our own name it is ours whatever it is called
        return None
    told = {n for n in profile.title if told_by(names, profile, profile.table.column(n))}
    return replace(head, given=frozenset(profile.given | told))


def _another(head: Head, sheet: Sheet, file: str) -> Doubtful | None:
    """Why a sheet that has a layout's columns is another thing by its title or its headers."""
    profile = head.profile
    if profile is None:
        return None
    word, where = _said_otherwise(profile, head, sheet, file)
    if not word:
        return None
    said = f"像是“{profile.name}”的格式，但{where}里有“{word}”，一行记的是另一种事，没有读入"
    mend = "请从文件里去掉这张表；确实每一行都是这一种的，请改正" + where
    if where == _HEADERS:
        mend = "请去掉填了这一列的行和这一列，别的行可以导入"
    return Doubtful("认不准", f"{said}：{mend}", head.first)


def _said_otherwise(profile: Profile, head: Head, sheet: Sheet, file: str) -> tuple[str, str]:
    """(the word that says that a sheet is another thing, where it stands); empty where none does."""
    names = names_of(sheet, head, file)
    for where, text in zip(_PLACES, names, strict=True):
        if word := next((w for w in profile.never if fold(w) in fold(text)), ""):
            return word, where
    words = [w for w in other_things()["titles"] if not profile.allows(w)]
    for where, text in zip(_PLACES, (sheet.name, *_titles(sheet, head, file)), strict=True):
        if word := next((w for w in words if w in fold(text)), ""):
            return word, where
    for position in head.unread.keys() - head.persons - head.known:
        header = head.unread[position]
        word = other_thing(header)
        if word and not profile.allows(word) and _filled(sheet, head, position):
            return header.strip(WHITE), _HEADERS
    return "", ""


def _titles(sheet: Sheet, head: Head, file: str) -> tuple[str, str]:
    """What stands over a header as its title; the file's name, where nothing does."""
    texts = (c.text.strip(WHITE) for row in sheet.rows[: head.first] for c in row)
    title = "".join(t for t in texts if t and not _ASIDE.fullmatch(t))
    return title, "" if title else file


def _filled(sheet: Sheet, head: Head, position: int) -> bool:
    rows = sheet.rows[head.last + 1 :]
    return any(position < len(r) and r[position].text.strip(WHITE) for r in rows)


def names_of(sheet: Sheet, head: Head, file: str) -> tuple[str, ...]:
    """What says of a sheet what it is: its name, what stands over its header, the file's name."""
    titles = "\n".join(c.text for row in sheet.rows[: head.first] for c in row)
    return sheet.name, titles, file


_PLACES = ("工作表名称", "标题", "文件名")
_HEADERS = "列名"


def told_by(names: tuple[str, ...], profile: Profile, column: Column) -> tuple[str, str] | None:
    """(the one value that the surest of these names tells, where); None where none does."""
    for where, text in zip(_PLACES, names, strict=True):
        found = list(dict.fromkeys(_in_text(profile, column, text)))
        if len(found) == 1:
            return found[0], where
        if found:
            return None
    return None


def _in_text(profile: Profile, column: Column, text: str) -> Iterator[str]:
    """The values that a text names, by the layout's other words only where it has none of the
    column's own."""
    if column.year:
        yield from YEAR.findall(text)
        return
    own = [v for v in column.values if fold(v) in fold(text)]
    reads = profile.columns.get(column.name)
    title = fold("\n".join(t for t in text.split("\n") if not _ASIDE.fullmatch(t)))
    yield from own or (v for said, v in (reads.values if reads else ()) if fold(said) in title)


Labels = dict[int, list[str]]
"""By position, the texts that a header may be read as."""
AllLabels = dict[tuple[int, int], Labels]
"""The labels of every row (and two) that may be the header, by (first row, depth)."""


def _all_labels(sheet: Sheet) -> AllLabels:
    return {
        (first, depth): _labels(sheet, first, depth)
        for depth in (1, 2)
        for first in range(min(SEARCHED, len(sheet.rows) - depth + 1))
    }


def _best(blank: Head, labels: AllLabels, left: frozenset[str]) -> Head | None:
    """The rows that read most like the header of a table (or of its layout); the fewest and first
    of them."""
    best: Head | None = None
    for (first, depth), said in labels.items():
        head = _read(replace(blank, first=first, last=first + depth - 1), said, left)
        if head.columns and (best is None or _distinct(head) > _distinct(best)):
            best = head
    return best


def _distinct(head: Head) -> tuple[int, int]:
    """How much of a header is understood; of two alike the one that knows more of its cells (主项名称
    and 子项名称 under 权力名称 are one column)."""
    return len(head.names) + len(head.persons) + len(head.known), len(_understood(head))


def _read(blank: Head, labels: Labels, left: frozenset[str]) -> Head:
    columns, unread, ignored = {}, {}, set()
    persons, known = set(), set()
    words, profile = blank.vocabulary, blank.profile
    for position, spellings in labels.items():
        found = next((m for s in spellings[:2] if (m := words.match(s))), None)
        found = found or next((m for s in spellings[2:] if _joins(m := words.match(s))), None)
        out = next((s for s in spellings[:2] if fold(s) in left), None) if left else None
        if found and out is None:
            columns[position] = found
            continue
        unread[position] = out or spellings[0]
        ignored |= {position} if out else set()
        if profile and any(profile.person_names.match(s) for s in spellings[:2]):
            persons.add(position)
        elif profile and any(profile.unread_names.match(s) for s in spellings[:2]):
            known.add(position)
    return replace(
        blank,
        columns=columns,
        unread=unread,
        ignored=frozenset(ignored),
        persons=frozenset(persons),
        known=frozenset(known),
    )


def _joins(found: Found | None) -> bool:
    """Whether several cells of a row are read as one of this column: 主办, 协办 under 办案人员."""
    return found is not None and found.reads is not None and bool(found.reads.join)


def _labels(sheet: Sheet, first: int, depth: int) -> Labels:
    """For each named position the texts that its header may be read as: of two rows the lower
    one, or both together, or the upper one where nothing stands below it; last the upper one of a cell
    that is merged over several."""
    upper = _named_cells(sheet.rows[first])
    if depth == 1:
        return {position: [text] for position, text in upper.items()}
    lower, wide = _named_cells(sheet.rows[first + 1]), dict[int, str]()
    for r1, c1, r2, c2 in sheet.merged:
        if r1 <= first <= r2 and (text := _named_cells(sheet.rows[r1]).get(c1)):
            upper |= {p: text for p in (c1, *lower) if c1 <= p <= c2}
            wide |= {p: text for p in lower if r2 == first and c1 <= p <= c2 and c1 < c2}
    out = {p: [low, upper.get(p, "") + low] for p, low in lower.items()}
    out = {p: [*texts, *([wide[p]] if p in wide else [])] for p, texts in out.items()}
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
    first = min(tied, key=lambda h: h.first)
    for words in names_of(sheet, first, file):
        said = [
            h for h in tied if fold(h.table.label) in fold(words) or h.table.name in fold(words)
        ]
        if len(said) == 1:
            return said[0]
    names = "、".join(f"“{h.table.label}”" for h in tied)
    mend = "请把工作表的名称改成表名，或补上其余的列名"
    raise Doubtful("认不准", f"从列名看可能是{names}中的任何一张：{mend}", first.first)


def _misnamed(sheet: Sheet, file: str, named: Table, tied: Sequence[Head]) -> Doubtful:
    said = f"名称“{sheet.name or file}”是表“{named.label}”，"
    if tied:
        message = f"{said}列名却是表“{tied[0].table.label}”的：请改正名称或列名"
        return Doubtful("认不准", message, tied[0].first)
    wanted = "、".join(c.header for c in named.columns if c.required)
    return Doubtful("缺列", f"{said}却找不到列名：请补上一行列名，必需的有{wanted}")


# ---------------------------------------------------------------- what is doubtful in a header


def doubts(head: Head) -> Iterator[Doubtful]:
    """All that forbids to read the columns of a header as they are."""
    if head.lacking:
        yield _incomplete(head)
    seen: list[Found] = []
    for position, found in head.columns.items():
        other = next((o for o in seen if found.overlaps(o)), None)
        if other is not None:
            said = [other.written.strip(WHITE), found.written.strip(WHITE)]
            yield Doubtful("列重复", _twice(head.table, found, *said), head.last, position, said)
        seen.append(found)


def _incomplete(head: Head) -> Doubtful:
    """Required columns are missing; headers that name none are told, and nothing is made of them.
    The mark stands at the end of the header, where the column is to be added."""
    lacking = "、".join(f"“{c.header}”" for c in head.lacking)
    written = "、".join(f.written.strip(WHITE) for f in head.columns.values())
    named = (t for p, t in head.unread.items() if p not in head.settled)
    others = "、".join(f"“{t}”" for t in named if fold(t) not in NUMBERING)
    layout = f"“{head.profile.name}”" if head.profile else f"表“{head.table.label}”"
    message = f"像是{layout}（认出的列：{written}），但缺少必需的列{lacking}：请补上这一列" + (
        f"。没有认出的列：{others}；意思或单位不同的列不能顶替" if others else ""
    )
    return Doubtful("缺列", message, head.last, head.end)


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
    layout = f"按“{head.profile.name}”的格式读入" if head.profile else ""
    yield f"{layout}表“{head.table.label}”，列名在第 {head.last + 1} 行"
    if head.profile and head.profile.about:
        yield f"格式：{head.profile.about}"
    same, of = [], Counter(f.column.name for f in head.columns.values())
    for position, found in sorted(head.columns.items()):
        written = found.written.strip(WHITE)
        unit = f"，单位由“{found.unit}”换算" if found.unit else ""
        if of[found.column.name] > 1:
            unit += "，几列合起来读" if found.reads and found.reads.join else "，几列相加"
        if fold(written) != fold(found.column.header) or unit:
            yield f"{letters(position)} 列“{written}” → {found.column.header}{unit}"
        else:
            same.append(f"{letters(position)} {found.column.header}")
    if same:
        yield f"按同名读取的列：{'、'.join(same)}"
    yield from _left(head)


def in_layout(head: Head, sheet: str, set_: Sequence[str]) -> Iterator[str]:
    """The same in a line, of a sheet in another system's layout: which, what it sets, whom it names."""
    if head.profile:
        said = f"工作表“{sheet}”按" if sheet else "按"
        persons = "、".join(head.unread[p] for p in sorted(head.persons))
        parts = [f"{said}“{head.profile.name}”读入", *set_]
        yield "；".join([*parts, *([f"不读取：{persons}"] if persons else [])])


def _left(head: Head) -> Iterator[str]:
    """The columns that are not read, by the reason."""
    left: dict[str, list[str]] = {}
    for position, text in sorted(head.unread.items()):
        said = f"{letters(position)} 列“{text}”"
        if position in head.ignored:
            left.setdefault("按要求不读取的列", []).append(said)
        elif position in head.persons:
            left.setdefault("不读取（写着姓名，或可能写着姓名）", []).append(text)
        else:
            left.setdefault("没有读取的列", []).append(said)
    for why in ("不读取（写着姓名，或可能写着姓名）", "按要求不读取的列", "没有读取的列"):
        if why in left:
            yield f"{why}：{'、'.join(left[why])}"
