"""What a cell of a layout means in the words of its column: “警告;罚款” is 罚款, “张某,李某” are 2
officers, 婚姻家庭纠纷 is 婚姻家庭. What cannot be said for certain is asked or refused, never guessed.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from qmg_dash.folder.cells import DASHES, WHITE, fold, form_of, narrow, read_cell
from qmg_dash.tables import NO, PENALTY_CLASSES, YES, Column

HEAVIEST, PEOPLE, DEADLINE = "heaviest", "people", "deadline"
HOWS = (HEAVIEST, PEOPLE, DEADLINE)


@dataclass(frozen=True)
class Reads:
    """How a layout has a column: the headers that name it; `values`, other words for a value; `cut`,
    endings that are taken off; `ending`: a text that ends otherwise says nothing here; `otherwise`:
    what every other text stands for; `how`: a reading of its own (HOWS); `unit`: of an amount whose
    header says none; `join`: what stands between the cells of several such columns; `when`: a cell
    counts only where another column has one of these values; `year`: the one that a day without a
    year is of."""

    headers: tuple[str, ...] = ()
    values: tuple[tuple[str, str], ...] = ()
    cut: tuple[str, ...] = ()
    ending: tuple[str, ...] = ()
    otherwise: str | None = None
    how: str = ""
    unit: str = ""
    join: str = ""
    when: tuple[str, tuple[str, ...]] | None = None
    year: str = ""


class Meant(NamedTuple):
    """A cell's text as the column has it. `asked`: the word of which nobody has said what it is."""

    text: str
    note: str = ""
    wrong: tuple[str, str] | None = None
    asked: str = ""


def meant(column: Column, reads: Reads, text: str) -> Meant:
    """What a text that is not empty means by its layout."""
    if text in DASHES and column.type != "text":
        return Meant(text)
    if reads.how == PEOPLE:
        return _people(text)
    if reads.how == DEADLINE:
        return _deadline(column, reads, text)
    if reads.how == HEAVIEST:
        return _heaviest(column, reads, text)
    return _word(column, reads, text)


# ---------------------------------------------------------------- words


def _word(column: Column, reads: Reads, text: str) -> Meant:
    value = _value(column, reads, text)
    if value is not None:
        return Meant(value, _note(column, text, value))
    shorter = _cut(reads.cut, text)
    if reads.ending and not shorter.endswith(reads.ending):
        return Meant("", f"{column.header}：不是{'、'.join(reads.ending)}的，按未知处理")
    if shorter != text:
        value = _value(column, reads, shorter) or shorter.replace("其它", "其他")
        note = (
            _note(column, text, value)
            if column.values
            else f"{column.header}：去掉末尾的“{text.removeprefix(shorter)}”"
        )
        return Meant(value, note, asked="" if _fits(column, value) else text)
    if reads.otherwise is not None:
        return Meant(reads.otherwise, _note(column, text, reads.otherwise or "未知"))
    return Meant(text, asked="" if _fits(column, text) else text)


def _note(column: Column, text: str, value: str) -> str:
    """What is said of a word that is read as another."""
    words = {v: w for w, v in column.synonyms}.get(value, value)
    return "" if words == text else f"{column.header}：“{text}”读作“{words or '未知'}”"


def _cut(endings: Sequence[str], text: str) -> str:
    for ending in endings:
        if text.endswith(ending) and text != ending:
            return text.removesuffix(ending).strip(WHITE)
    return text


def _value(column: Column, reads: Reads, text: str) -> str | None:
    """What a word stands for by the layout, or by the column itself."""
    words = fold(text).replace("其它", "其他")
    for said, value in reads.values:
        if _says(fold(said).replace("其它", "其他"), words):
            return value
    read = read_cell(column, text.replace("其它", "其他")) if column.values else None
    if read is None or read.value is None:
        return None
    if column.type == "bool":
        return YES if read.value else NO
    return str(read.value) if read.value in column.values else None


def _says(said: str, words: str) -> bool:
    """Whether a text is the word; * in it stands for anything."""
    if "*" not in said:
        return said == words
    return bool(re.fullmatch(".*".join(map(re.escape, said.split("*"))), words))


def _fits(column: Column, text: str) -> bool:
    """Whether a text may stand in its column: of a closed one the declared values alone."""
    closed = column.type == "bool" or form_of(column) == "closed"
    return not closed or read_cell(column, text).severity != "error"


# ---------------------------------------------------------------- the heaviest of several classes

_BETWEEN_CLASSES = (re.compile(r"[;；,，|/+＋\n]|并处"), re.compile("、"), re.compile("和|及|并"))
"""What stands between classes, the surest first; a class itself may have 、 or 和 in it."""


def _heaviest(column: Column, reads: Reads, text: str) -> Meant:
    """Penalties of one case count once, in the heaviest class; 其他行政处罚 is a remainder, and
    counts where nothing else is named."""
    found = _classes(column, reads, text)
    if isinstance(found, str):
        return Meant(text, asked=found)
    weight = {c: n for n, c in enumerate(PENALTY_CLASSES[:-1])}
    value = max(found, key=lambda c: weight.get(c, -1))
    if len(found) > 1:
        return Meant(value, f"{column.header}：“{text}”按最重的“{value}”记")
    return Meant(value, _note(column, text, value))


def _classes(column: Column, reads: Reads, text: str, level: int = 0) -> list[str] | str:
    """The classes that a text names; the first word that names none."""
    value = _value(column, reads, text)
    if value is not None:
        return [value]
    if level == len(_BETWEEN_CLASSES):
        return text
    parts = [p.strip(WHITE) for p in _BETWEEN_CLASSES[level].split(text)]
    out: list[str] = []
    for part in filter(None, parts):
        found = _classes(column, reads, part, level + 1)
        if isinstance(found, str):
            return part if level == 0 else text
        out += found
    return out or text


# ---------------------------------------------------------------- how many people

_BRACKETED = re.compile(r"[(（\[【][^()（）\[\]【】]*[)）\]】]")
_BETWEEN = re.compile(r"[,，、;；/|\n]|和|与|及")
_COUNTED = re.compile(r"([0-9]+)[人名位]?")
_ALTOGETHER = re.compile(r".*等([0-9]+)[人名位]")
_LONGEST = 3
"""Characters of a name without a dot between; of more, two names may have run together."""
COUNTED = "姓名只数人数，不保留"


def _people(text: str) -> Meant:
    """How many people a cell names; none of their names goes on, into no message either."""
    plain = _BRACKETED.sub("", narrow(text)).strip(WHITE)
    if told := _COUNTED.fullmatch(plain):
        return Meant(told[1])
    if told := _ALTOGETHER.fullmatch(plain):
        return Meant(told[1], COUNTED)
    names = [p.strip(WHITE) for p in _BETWEEN.split(plain) if p.strip(WHITE)]
    if len(names) == 1:
        words = names[0].split()
        if len(words) > 1 and all(len(w) > 1 for w in words):
            names = words
    long = any(len(re.sub(r"\s", "", n)) > _LONGEST and not re.search("[·•.]", n) for n in names)
    if not names or long or plain.endswith("等") or re.search("[0-9]", plain):
        said = "看不出是几个人：请在姓名之间写“、”，或只写人数"
        return Meant("", wrong=("人数", said))
    return Meant(str(len(names)), COUNTED)


# ---------------------------------------------------------------- by when

_MONTH = re.compile(r"(?:([0-9]{4})年)?([0-9]{1,2})月(?:份|底|末|底前|末前|底之前|前)?(?:完成)?")
_DAY = re.compile(r"([0-9]{1,2})月([0-9]{1,2})日(?:前|之前|以前)?(?:完成)?")
_WHOLE_DAY = re.compile(r"([0-9]{4}年[0-9]{1,2}月[0-9]{1,2}日?)(?:前|之前|以前)(?:完成)?")
_QUARTERS = {"一": 3, "1": 3, "二": 6, "2": 6, "三": 9, "3": 9, "四": 12, "4": 12}
_QUARTER = re.compile(r"(?:([0-9]{4})年)?第?([一二三四1-4])季度(?:末|底|前|底前|末前)?(?:完成)?")
_YEAR = re.compile(
    r"(?:([0-9]{4})年|当年|今年|全年|年内)?(?:全年|年内|年底|年末|年底前|年末前|底|底前|内)?(?:完成)?"
)


def _deadline(column: Column, reads: Reads, text: str) -> Meant:
    """The last day of a time as plans write it: 6月底, 第三季度, 年底前. What has no end has no day."""
    value = _value(column, reads, text)
    if value is not None:
        return Meant(value, _note(column, text, value))
    if read_cell(column, text).severity != "error":
        return Meant(text)
    day = _last_day(narrow(text).replace(" ", ""), reads.year)
    return Meant(day, _note(column, text, day)) if day else Meant(text)


def _last_day(text: str, year: str) -> str:
    if found := _WHOLE_DAY.fullmatch(text):
        return found[1]
    if (found := _DAY.fullmatch(text)) and year:
        return f"{year}-{int(found[1]):02}-{int(found[2]):02}"
    if found := _MONTH.fullmatch(text):
        return _end(found[1] or year, int(found[2]))
    if found := _QUARTER.fullmatch(text):
        return _end(found[1] or year, _QUARTERS[found[2]])
    if text and (found := _YEAR.fullmatch(text)):
        return _end(found[1] or year, 12)
    return ""


def _end(year: str, month: int) -> str:
    """The last day of a month; nothing where there is none."""
    if not year or not 1 <= month <= 12:
        return ""
    return f"{year}-{month:02}-{calendar.monthrange(int(year), month)[1]:02}"
