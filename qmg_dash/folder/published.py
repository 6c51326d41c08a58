"""reported.csv: what a town has published, figure by figure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from qmg_dash.folder.cells import (
    DASHES,
    MEND_SCIENTIFIC,
    NUMBER,
    SCIENTIFIC,
    WHITE,
    fold,
    legible,
    narrow,
    read_cell,
    value_text,
)
from qmg_dash.folder.rows import tell_doubled
from qmg_dash.folder.tally import Tally
from qmg_dash.kpis import Dimension, Kpi, is_known, kpi
from qmg_dash.kpis.base import PERCENT
from qmg_dash.kpis.disclosure import T2_2019
from qmg_dash.model import ABOUT, AT_LEAST, EXACT, MORE, NEARLY, Fault, Number, Printed, Severity
from qmg_dash.tables import BY_NAME, OUTCOMES

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
    if SCIENTIFIC.fullmatch(plain):
        raise Unreadable("科学计数", MEND_SCIENTIFIC)
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
        if "," in text and not NUMBER.fullmatch(text):
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
        if written.scale == 1 and (scale == 1 or not written.unit):
            return column
        if scale not in (1, written.scale):
            raise Unreadable("单位", f"数值和单位列（“{column}”）的万、亿不一致：请只写一处")
        return counter

    def _tell_odd(self, known: Kpi, written: Written, value: Decimal) -> None:
        column, own = self._text("qualifier"), written.qualifier
        if not written.standard:
            shown = value_text(written.value.normalize()) + (f"，约数“{own}”" if own else "")
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
        if known.allowed and value not in known.allowed:
            allowed = " 或 ".join(f"{v:g}" for v in known.allowed)
            self._tell("value", "error", known.label, f"只能填 {allowed}（{known.definition}）")
