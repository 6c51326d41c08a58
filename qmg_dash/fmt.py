"""A figure → text: written once, for screens, commands and exports alike (docs/design.md)."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal

from qmg_dash.characters import writable
from qmg_dash.kpis.base import PERCENT
from qmg_dash.model import ABOUT, AT_LEAST, EXACT, MORE, NEARLY, Figure, Number, Printed

NONE = "—"
NO_DATA = "无数据"
GROUPED_FROM = 10_000
WAN, WAN_FROM = 10_000, 100_000
YI = 100_000_000


def rounded(value: float, decimals: int) -> Decimal:
    """THE rounding rule: half up (四舍五入) on the number as it is written, as a clerk's
    spreadsheet rounds it: 12.25 → 12.3, where binary halves would give 12.2."""
    unit = Decimal(1).scaleb(-decimals)
    return Decimal(str(value)).quantize(unit, ROUND_HALF_UP) + 0  # no minus before a zero


def digits(value: float, decimals: int = 2) -> str:
    """A number without needless zeros: 3.50 → 3.5, 4.0 → 4; grouped from 10,000 on."""
    number = rounded(value, decimals)
    text = f"{number:,f}" if abs(number) >= GROUPED_FROM else f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


EVERY = 10
"""Decimals that hold all digits of a number that was written, and none of what adding binary
fractions leaves behind."""


def full(value: float | Decimal) -> str:
    """A number with all its digits: what was published, what a target is, what an identity
    compares. None is rounded away."""
    return digits(float(value), EVERY)


def amount(value: float, approximate: bool = False) -> str:
    """A count or sum: grouped from 10,000, 万 with a decimal from 100,000, 亿 with two from 10⁸
    (and from where 万 would read 10,000). An approximate one that is round goes to 万 from 10,000
    on, as reports write it (7.4万余)."""
    size = abs(value)
    if size >= YI or rounded(size / WAN, 1) >= WAN:
        return f"{digits(value / YI, 2)}亿"
    if size >= WAN_FROM or (approximate and size >= WAN and value % 1000 == 0):
        return f"{digits(value / WAN, 1)}万"
    return digits(value)


def rate(value: float, decimals: int = 1) -> str:
    """A rate with one decimal; 100 without. What falls short of 100 never reads 100, what is
    more than 0 never reads 0."""
    least = Decimal(1).scaleb(-decimals)
    shown = rounded(value, decimals)
    if shown == 100 and value != 100:
        shown += least if value > 100 else -least
    if shown == 0 and value > 0:
        return f"不足 {least}%"
    return f"{digits(shown, decimals)}%"


def share(number: Number | None) -> str:
    """A share of a whole, in whole percent; what is not 0 never reads 0, nor 100 short of it."""
    if number is None:
        return NONE
    about = "约" if number.qualifier != EXACT else ""
    if 0 < number.value < 0.5:
        return "不足1%"
    shown = rounded(number.value, 0)
    if shown == 100 and number.value < 100:
        return "超过99%"
    return f"{about}{shown}%"


def qualified(text: str, qualifier: str, unit: str = "") -> str:
    """A number's text with how exact it is, in the place the language puts it."""
    if qualifier == MORE:
        return f"{text}余{unit}"
    if qualifier == AT_LEAST:
        return f"{text}{unit}以上"
    if qualifier in (NEARLY, ABOUT):
        return f"{qualifier}{text}{unit}"
    return f"{text}{unit}"


def _wan(figure: Figure) -> bool:
    """Whether an approximate number goes to 万 from 10,000 on: as its source writes it, where that
    is known (10000余 stays 10,000余)."""
    return bool(figure.qualifier) and ("万" in figure.raw or not figure.raw)


def printed_digits(printed: Printed) -> str:
    """The digits of an exact published number, all of them: 11,817.5, 98.50."""
    digits = printed.digits
    return f"{digits:,f}" if abs(digits) >= GROUPED_FROM else f"{digits:f}"


def bare(number: Number) -> str:
    """A number without unit and qualifier, as reported.csv has it where it is a published one."""
    return printed_digits(number.printed) if number.printed else full(number.value)


def value_text(figure: Figure) -> str:
    """The number as a table writes it whose head names the KPI's unit: 624, 80余, 91.7%, —."""
    if figure.value is None:
        return NONE
    if figure.printed and figure.printed.scale != 1:
        return full(figure.value)
    return _number(figure)


def _number(figure: Figure) -> str:
    """The number as the screens write it, without the unit of a count. THE rule of what is
    published: an exact one has all its digits, in its own unit."""
    if figure.value is None:
        return NONE
    if figure.printed:
        percent = PERCENT if figure.printed.unit == PERCENT else ""
        return f"{printed_digits(figure.printed)}{percent}"
    if figure.unit == PERCENT:
        return qualified(rate(figure.value), figure.qualifier)
    return qualified(amount(figure.value, _wan(figure)), figure.qualifier)


def unit(figure: Figure) -> str:
    """The unit in which a figure is shown: the KPI's, an exact published one's own."""
    return figure.printed.unit if figure.printed else figure.unit


def parted(figure: Figure) -> tuple[str, str]:
    """The number and the unit that stands smaller behind it: 624 条, 80余 件, 80 件以上; a rate
    has none."""
    if figure.value is None or unit(figure) == PERCENT:
        return _number(figure), ""
    if figure.qualifier == AT_LEAST:
        return amount(figure.value, _wan(figure)), f"{figure.unit}{AT_LEAST}"
    return _number(figure), unit(figure)


def text(figure: Figure) -> str:
    """The figure with its unit: 624条, 80余件, 10场以上, 100%; 无数据 where there is none."""
    if figure.value is None:
        return NO_DATA
    if figure.printed or figure.unit == PERCENT:
        return "".join(parted(figure))
    shown = amount(figure.value, _wan(figure))
    return qualified(shown, figure.qualifier, figure.unit)


def spaced(figure: Figure) -> str:
    """The figure as a title writes it: 624 条; an approximate one, a rate and 无数据 as `text`."""
    if figure.value is None or figure.qualifier != EXACT:
        return text(figure)
    return " ".join(part for part in parted(figure) if part)


def number_text(number: Number, unit: str) -> str:
    """A bare number with unit and qualifier, as `text` writes a figure."""
    if unit == PERCENT:
        return qualified(rate(number.value), number.qualifier)
    return qualified(amount(number.value, bool(number.qualifier)), number.qualifier, unit)


def like(value: float, figure: Figure, decimals: int | None = None) -> str:
    """Another value of a figure's KPI, as it stands beside a published one so that the two can be
    compared: in its unit and with as many decimals as a difference may need (`apart`)."""
    row, printed = figure.kpi, figure.printed
    if printed is None or figure.unit != row.unit:
        return number_text(Number(value), row.unit)
    if decimals is None:
        decimals = apart(printed)
    if row.rate:
        return rate(value, decimals)
    return f"{digits(in_unit(value, printed), decimals)}{printed.unit}"


def apart(printed: Printed) -> int:
    """The decimals to which another value is told from a published one: two at least, as many as
    it has; all of them in 万 and 亿, where two would round away what is counted."""
    return EVERY if printed.scale > 1 else max(2, printed.places)


def target(value: float, figure: Figure) -> str:
    """What a figure is measured against, in its unit and with all its digits: 99.95%, 40场."""
    if printed := figure.printed:
        return f"{full(in_unit(value, printed))}{printed.unit}"
    return f"{full(value)}{figure.unit}"


def in_unit(value: float, printed: Printed) -> float:
    """A value of a KPI in the unit of its published figure."""
    return float(Decimal(str(value)) / printed.scale)


SAME = "同比"
"""What a change against the same part of the year before begins with."""
PERCENT_FROM = 30
"""A base from which on a change is said in percent: of fewer, a single case is several percent."""


def change(
    now: Number, before: Number, unit: str, against: str = SAME, sentence: bool = False
) -> str:
    """A change as officials write it, THE words for it: 同比增 8.6%; 同比增 1 件 of a base below 30,
    of less than 1 % and between numbers that are not exact; a rate 同比增 3.5 个百分点; 同比持平, and
    基本持平 of what is too small to show. In a `sentence` the count leads: 同比增 70 件（+8.6%）.
    `against` is what it begins with."""
    moved = rounded(now.value, EVERY) - rounded(before.value, EVERY)
    exact = now.qualifier == before.qualifier == EXACT
    size = rounded(float(abs(moved)), 1) if unit == PERCENT else abs(moved)
    if size == 0:
        return f"{against}{'持平' if moved == 0 and exact else '基本持平'}"
    way = "减" if moved < 0 else "增"
    grown = _growth(float(moved), before.value) if exact and unit != PERCENT else ""
    if grown and not sentence:
        return f"{against}{way} {grown}"
    counted = f"{amount(float(size))} {'个百分点' if unit == PERCENT else unit}"
    more = f"（{'−' if moved < 0 else '+'}{grown}）" if grown else ""
    return f"{against}{way}{'' if exact else ABOUT} {counted}{more}"


def _growth(change: float, before: float) -> str:
    """A change in percent of what it started from; empty where that says nothing."""
    if before < PERCENT_FROM or abs(change) * 100 < before:
        return ""
    return f"{digits(abs(change) / before * 100, 1)}%"


def base(figure: Figure) -> str:
    """A rate's base, 33 / 36; empty where it is not known."""
    if figure.numerator is None or figure.denominator is None or figure.unit != PERCENT:
        return ""
    return f"{amount(figure.numerator)} / {amount(figure.denominator)}"


def based(figure: Figure) -> str:
    """The same in the words of what is counted, where there are some: 到期应答复 16 件，按期 15 件."""
    short_ = base(figure)
    if not short_ or figure.kpi.of is None:
        return short_
    of, unit, hit = figure.kpi.of
    counted = (amount(n or 0) for n in (figure.denominator, figure.numerator))
    return "，".join(f"{w} {n} {unit}" for w, n in zip((of, hit), counted, strict=True))


def with_base(figure: Figure) -> str:
    """The figure as a sentence writes it, a rate with its base: 624 条, 93.8%（15 / 16）."""
    return f"{spaced(figure)}（{base(figure)}）" if base(figure) else spaced(figure)


def csv_cell(value: object) -> object:
    """A text cell without what no file can hold; one that a spreadsheet would run (= + - @,
    full-width too, tab, line end) made safe with an apostrophe. Numbers stay numbers."""
    if not isinstance(value, str):
        return value
    text = writable(value)
    return f"'{text}" if text.startswith(tuple("=+-@＝＋－＠\t\r\n")) else text


def short(text: str, most: int = 24) -> str:
    """The beginning of a strange text on one line, to be repeated in a sentence about it."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[:most]}…"


_MARKDOWN = re.compile(r"[\\`*\[\]:$<>~&#|!]|(?<!\w)_|_(?!\w)")


def label(text: str) -> str:
    """Text as the label of a widget, which Streamlit reads as Markdown: *, [x](y), :red[x], $x$."""
    return _MARKDOWN.sub(r"\\\g<0>", writable(text))


def markdown(value: object) -> str:
    """Any value from the data as the label of a widget, which Streamlit reads as Markdown."""
    return re.sub(r"([\\`*_{}\[\]()#+!~:$<>|])", r"\\\1", writable(str(value)))
