"""What a cell of a layout means in the words of its column: “警告;罚款” is 罚款, “张某,李某” are 2
officers, 婚姻家庭纠纷 is 婚姻家庭. What cannot be said for certain is asked or refused, never guessed.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from qmg_dash.folder.cells import DASHES, NOTHING, WHITE, fold, form_of, narrow, read_cell
from qmg_dash.tables import NO, PENALTY_CLASSES, YES, Column

OTHER = "其他"
"""The rest of the kinds of an open column, declared or not."""

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
    """A cell's text as the column has it. `asked`: the word of which nobody has said what it is;
    `odd`: whether more stands in it than its column asks for."""

    text: str
    note: str = ""
    wrong: tuple[str, str] | None = None
    asked: str = ""
    odd: bool = False


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
        return Meant(value, note, asked="" if _fits(column, value) else value)
    if reads.otherwise is not None:
        said = f"读作“{reads.otherwise}”" if reads.otherwise else "不读取"
        return Meant(reads.otherwise, f"{column.header}：此外所写的{said}")
    if form_of(column) in ("group", "several"):
        return _bodies(column, text)
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
    """Whether a text may stand in its column without a question: where values are declared these
    alone, even where others are allowed: an export has free text there, and names in it."""
    if form_of(column) == "open":
        return read_cell(column, text).value in (None, OTHER, *column.values)
    closed = column.type == "bool" or form_of(column) == "closed"
    return not closed or read_cell(column, text).severity != "error"


_SENTENCE = re.compile(r"[，。；：！？…,;:!?\n]")
_WORD = 12


def is_free(column: Column, text: str) -> bool:
    """Whether a text is more than a word that may be asked for: it may tell a story, and name people."""
    longest = max((len(w) for pair in column.synonyms for w in pair), default=0)
    longest = max(_WORD, longest, *map(len, column.values))
    return len(text) > longest or bool(_SENTENCE.search(text))


# ---------------------------------------------------------------- places and offices

_TAIL = re.compile(r"(.+?)[(（\[【]([^()（）\[\]【】]*)[)）\]】]")
_BODIES = (
    "村",
    "社区",
    "居委会",
    "办",
    "办公室",
    "所",
    "中心",
    "站",
    "局",
    "队",
    "科",
    "室",
    "委",
    "组",
)
_INSIDE = re.compile(r".+?(?:村|社区|居委会|办公室|办|所|中心|站|局|队|科)(?!室)[-－–—、/ ]*(.+)")
_ORDINARY = re.compile(
    r".*(?:村|社区|[委会办所站局队科室组部院处股厅署]|中心|工作|建设|公开|信息|服务|事务|管理|动态|文件|政策|窗口|[)）])"
)


def _bodies(column: Column, text: str) -> Meant:
    """Villages or offices without brackets behind them that name no other; `odd` where more stands
    behind one than belongs to its name: 石桥村某某家."""
    plain = "、".join(_without_brackets(p) for p in text.split("、"))
    odd = any(_has_more(p) for p in plain.split("、"))
    return Meant(plain, "" if plain == text else f"{column.header}：去掉名称后面的括号", odd=odd)


def _without_brackets(text: str) -> str:
    tail = _TAIL.fullmatch(text)
    return tail[1].strip(WHITE) if tail and not tail[2].endswith(_BODIES) else text


def _has_more(text: str) -> bool:
    found = _INSIDE.fullmatch(text)
    return bool(found and not _ORDINARY.fullmatch(found[1]))


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
_HAN = "\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff"
_BETWEEN = re.compile(rf"[,，、;；/|+.．。\n]|以及|(?<=[{_HAN}]{{2}})[和与及](?=[{_HAN}]{{2}})")
"""What stands between names; 和 may be a part of one: 李和平."""
_ROLE = re.compile(
    r"[^,，、;；/|+.．。\s:]*(?:组长|组员|队长|队员|领队|成员|人员|[主协承]办人?|记录人?|负责人|检查[人员]|执法[人员]|证号?):"
)
_CERTIFICATE = re.compile(r"[A-Za-z]*[0-9][0-9-]{3,}[Xx]?")
_LISTED = re.compile(r"(?:^|(?<=[\s,，、;；]))[0-9]{1,2}[.．、)]")
_DIGITS = {w: str(n) for n, w in enumerate("一二三四五六七八九十", 1)} | {"两": "2"}
_NUMBER = rf"([0-9]+|[{''.join(_DIGITS)}])"
_COUNTED = re.compile(rf"[共计]?{_NUMBER}[人名位](?:(?:执法|检查|办案)?人员)?|([0-9]+)")
_ALTOGETHER = re.compile(rf".*等{_NUMBER}[人名位]")
_NOBODY = (*NOTHING, "空")
"""What says of a cell that nobody stands in it."""
_NOT_YET = ("暂无", "待定", "未填", "未填写", "未定", "待补", "不详", "未知", "见附件", "详见附件")
"""What says that there is somebody, and not who."""
_NAME = re.compile(rf"[{_HAN}]{{2,4}}|[{_HAN}][*×xX○]{{1,3}}|[{_HAN}]+(?:[·•][{_HAN}]+)+")
_NO_NAME = re.compile(
    rf"[{''.join(_DIGITS)}][人名位].*|.*(?:以上|以下|左右)"
    r"|(?:全体|全部|全员|所有|本|相关|有关|若干|几|各|其他|其余|见|详|同上|未|待|暂|无|不|另|该|上述).*"
    r"|.*(?:执法|检查|行政|政府|综合|附件|名单|值班).*"
    r"|.*(?:[队组办所室站局等人名位]|中心|单位|部门|[成职]员|干部|同志|领导|民警)|..+(?:科|股|处|员)"
)
"""Words of the length of a name that are none."""
_TWO_SURNAMES = (
    "欧阳",
    "司马",
    "诸葛",
    "上官",
    "夏侯",
    "慕容",
    "皇甫",
    "尉迟",
    "公孙",
    "令狐",
    "长孙",
)
_SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕"
    "丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万钱严"
    "武戴莫孔向汤"
)
"""The usual ones: two of them in the places of surnames are two names run together."""
COUNTED = "姓名只数人数，不保留"
_UNCLEAR = "看不出是几个人：请在姓名之间写“、”，或只写人数；还不知道的留空"


def _people(text: str) -> Meant:
    """How many people a cell names, each name once; none of them goes on, into no message either."""
    plain = _BRACKETED.sub("", narrow(text)).strip(WHITE)
    dense = re.sub(r"\s", "", plain)
    if told := _COUNTED.fullmatch(dense) or _ALTOGETHER.fullmatch(dense):
        number = next(filter(None, told.groups()))
        return Meant(_DIGITS.get(number, number), "" if number == dense else COUNTED)
    bare = _LISTED.sub("、", _CERTIFICATE.sub("、", _ROLE.sub("、", plain)))
    said = [p for p in (p.strip(WHITE) for p in _BETWEEN.split(bare)) if p]
    parts = [p for p in said if p not in _NOBODY]
    if any(p in _NOT_YET for p in parts) or (said and not parts) or plain in _NOBODY:
        return Meant("", "人数：写“无”“待定”之类的，按未知处理")
    names = [name for part in parts for name in _names(part)]
    if not names or not all(_is_name(n) for n in names):
        return Meant("", wrong=("人数", _UNCLEAR))
    return Meant(str(len(set(names))), COUNTED)


def _names(part: str) -> list[str]:
    """The names with nothing but space between; 张 三 is one."""
    words = part.split()
    if len(words) == 2 and words[0] in _TWO_SURNAMES:
        return ["".join(words)]
    if len(words) > 1 and all(len(w) > 1 for w in words):
        return words
    spaced = len(words[0]) == 1 and sum(map(len, words)) <= 3
    return ["".join(words)] if len(words) == 1 or spaced else [""]


def _is_name(text: str) -> bool:
    """Whether a text is one person's name, as far as its form tells."""
    if not _NAME.fullmatch(text) or _NO_NAME.fullmatch(text):
        return False
    if text.startswith(_TWO_SURNAMES):
        return True
    parts = re.split("[·•]|(?<=^.)[和与及]", text)
    if len(parts) == 1 and len(text) == 4:
        parts = [text[:2], text[2:]]
    return len(parts) == 1 or not all(p[:1] in _SURNAMES for p in parts)


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
