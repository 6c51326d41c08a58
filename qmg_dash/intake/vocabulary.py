"""What a header says: the column that it names, and its unit.

By name alone: the declared headers, the aliases of tables.py or of a layout (profile.py), and the
few rules of `_variants`. Nothing is proposed for being spelt alike: 公示截止期 is no 公示日期, and
who is told to rename a column does so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, cached_property, lru_cache
from typing import NamedTuple

from qmg_dash.folder.cells import WHITE, fold, narrow
from qmg_dash.folder.published import Unreadable, convert
from qmg_dash.intake.meaning import Reads
from qmg_dash.tables import ALIASES, BY_NAME, SUMMANDS, Column, Table

KEPT = 20_000
"""Headers whose meaning is kept."""
ASKED = "?"
"""The unit of an amount whose header says none: what stands above it says one, or it is asked."""
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
_ABOVE = re.compile(
    r"(?:单位|金额(?!单位))(?:[:=]|\s)*\(?([^\s()\[\]【】:;。]+)|[(\[【]([^()\[\]【】]+)[)\]】]"
)
_AMOUNT = re.compile(
    rf"(?:(?:计量|金额|货币)?单位[:=]?\s*)?(?:人民币)?({_MONEY}|[美港欧日]元)"
    r"(?=$|[^\u4e00-\u9fff]|填表|填报|制表|审核|日期|报送|联系|经办|负责)"
)
"""The units in what stands over a table, and one of amounts among them: 填报单位：元氏县 has none."""
_UNBRACKETED = re.compile(rf"(.+?)[/_,:、-]?(?:单位:?)?({_MONEY})")


@dataclass(frozen=True)
class Found:
    """A column of a sheet that is one of the table. `unit` is set where it has to be converted
    (ASKED where nobody has said it), `part` where it holds a part of the column's figure
    (tables.SUMMANDS), `reads` where a layout says how its cells are meant; `own` is the layout's
    first header of the column, where it is called by one of the layout's."""

    column: Column
    written: str
    unit: str = ""
    part: tuple[str, ...] = ()
    reads: Reads | None = None
    own: str = ""

    def overlaps(self, other: Found) -> bool:
        """Whether both say the same, in whole or in part."""
        joined = self.reads is not None and bool(self.reads.join)
        whole = not (self.part and other.part) and not joined
        return self.column is other.column and (whole or bool({*self.part} & {*other.part}))


_PLAIN = Reads()
"""Of a column that a layout says nothing more of."""


class _Named(NamedTuple):
    """What a text names: a column, or a part of it. `own`: as in Found."""

    column: Column
    part: tuple[str, ...] = ()
    own: str = ""


class Vocabulary:
    """The texts that name the columns of a table; those of a layout come on top, and say how the
    cells below them are read."""

    def __init__(self, table: Table, layout: Iterable[tuple[str, Reads]] = ()):
        self.table = table
        self._layout = dict(layout)
        self._known: dict[str, Found | None] = {}

    def match(self, written: str) -> Found | None:
        """The column that a header names, None where it names none. Kept: a header is asked for
        with every table and row that might be one."""
        if written not in self._known:
            if len(self._known) > KEPT:
                self._known.clear()
            self._known[written] = self._match(written)
        return self._known[written]

    def _match(self, written: str) -> Found | None:
        text, base, unit = _heard(written)
        if named := self._spellings.get(text):
            return self._found(named, written)
        named = self._measured.get(base)
        if named is None:
            return None
        if unit:
            factor = _factor(unit, named.column)
            return (
                None if factor is None else self._found(named, written, "" if factor == 1 else unit)
            )
        asked = self._layout and (named.own or named.column.money)
        return self._found(named, written, ASKED) if asked else None

    def _found(self, named: _Named, written: str, unit: str = "") -> Found:
        reads = self._layout.get(named.column.name, _PLAIN) if self._layout else None
        unit = "" if unit == named.column.unit else unit
        return Found(named.column, written, unit, named.part, reads, named.own)

    def misread(self, written: str) -> tuple[Column, str] | None:
        """The column that a header names but for its unit, and the unit that it says (or nothing)."""
        base, unit = apart(written)
        named = self._measured.get(base)
        return (named.column, unit) if named else None

    @cached_property
    def _texts(self) -> tuple[tuple[str, _Named], ...]:
        """The texts that name a column, the surest first."""
        name, columns = self.table.name, self.table.columns
        more = [
            (text, _Named(self.table.column(n), own=reads.headers[0]))
            for n, reads in self._layout.items()
            for text in reads.headers
        ]
        own = [(text, _Named(c)) for c in columns for text in (c.header, c.name)]
        others = [(text, _Named(c)) for c in columns for text in ALIASES.get((name, c.name), ())]
        parts = [
            (text, _Named(c, p.of))
            for c in columns
            for p in SUMMANDS.get((name, c.name), ())
            for text in p.headers
        ]
        return (*more, *own, *others, *parts)

    @cached_property
    def _spellings(self) -> dict[str, _Named]:
        """Every text that names a column of the table, folded."""
        out: dict[str, _Named] = {}
        if not self._layout:
            out = {fold(c.header): _Named(c) for c in self.table.columns}
        for text, named in self._texts:
            if named.column.money and not apart(text)[1] and text != named.column.name:
                continue
            for spelling in _variants(named.column, text):
                out.setdefault(fold(spelling), named)
        return out

    @cached_property
    def _measured(self) -> dict[str, _Named]:
        """The texts that name a column of numbers, without their unit."""
        out: dict[str, _Named] = {}
        for text, named in self._texts:
            if named.column.unit:
                out.setdefault(apart(text)[0], named)
        return out


@cache
def plain(table: str) -> Vocabulary:
    """A table's own vocabulary, by its name: to hash a whole table costs more than to look into it."""
    return Vocabulary(BY_NAME[table])


def match(table: Table, written: str) -> Found | None:
    """The column of a table that a header names without a layout, None where it names none."""
    return plain(table.name).match(written)


def _variants(column: Column, text: str) -> Iterator[str]:
    yield text
    if column.type == "date":
        yield text.replace("日期", "时间")
    if column.type == "bool":
        yield f"是否{text}"
        yield f"是否{text.removeprefix('已')}"


class Names:
    """Headers that are known and not read: as they are called, and other spellings of them. One
    that ends with * stands for all that begin so."""

    def __init__(self, called: Iterable[tuple[str, Sequence[str]]]):
        self._exact: dict[str, str] = {}
        self._begin: list[tuple[str, str]] = []
        self._known: dict[str, str | None] = {}
        for name, others in called:
            for text in (name, *others):
                if text.endswith("*"):
                    self._begin.append((fold(text[:-1]), name))
                else:
                    self._exact[fold(text)] = name

    def match(self, written: str) -> str | None:
        """What a header is called here; None where it is none of them."""
        if written not in self._known:
            if len(self._known) > KEPT:
                self._known.clear()
            self._known[written] = self._match(written)
        return self._known[written]

    def _match(self, written: str) -> str | None:
        text, base, _ = _heard(written)
        for spelling in (text, base):
            if spelling in self._exact:
                return self._exact[spelling]
        return next((name for begin, name in self._begin if text.startswith(begin)), None)


# ---------------------------------------------------------------- units and hints in a header


@lru_cache(maxsize=KEPT)
def _heard(written: str) -> tuple[str, str, str]:
    """A header folded, without hints; and the same without its unit, and the unit. Kept: every table
    and every layout is asked for it."""
    text = _without_hints(written)
    return fold(text), *apart(text)


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


def money_in(text: str) -> Iterator[str]:
    """The units of amounts that a text over a table says: 某某表（单位：件、万 元） → 万元."""
    plain = narrow(text)
    for spelling in (plain, re.sub(r"\s", "", plain)):
        for said in _ABOVE.finditer(spelling):
            for unit in re.split("[、,/]", said[1] or said[2]):
                if amount := _AMOUNT.match(unit.strip(WHITE)):
                    yield amount[1].replace("圆", "元")


def is_unit(text: str) -> bool:
    """Whether it says what a number is in."""
    return bool(_UNIT.fullmatch(text))


def is_money(unit: str) -> bool:
    """Whether an amount in it can be said in yuan."""
    return bool(re.fullmatch(_MONEY, unit))


def converts(unit: str, column: Column) -> bool:
    """Whether a number in a unit can be brought to the column's."""
    return is_unit(unit) and _factor(unit, column) is not None


def _factor(unit: str, column: Column) -> Decimal | None:
    """What a number in a unit is multiplied by to be in the column's; None where it cannot be."""
    try:
        value, reached, _ = convert(Decimal(1), unit, column.unit)
    except Unreadable:
        return None
    return value if reached == column.unit else None
