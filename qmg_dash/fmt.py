"""A figure → text: written once, for screens, commands and exports alike (DESIGN.md section 3)."""

from __future__ import annotations

from html import escape

from qmg_dash.kpis.base import PERCENT
from qmg_dash.model import ABOUT, AT_LEAST, EXACT, MORE, NEARLY, Figure, Number

NONE = "—"
NO_DATA = "无数据"
GROUPED_FROM = 10_000
WAN, WAN_FROM = 10_000, 100_000
YI = 100_000_000


def digits(value: float | int, decimals: int = 2) -> str:
    """A number without needless zeros: 3.50 → 3.5, 4.0 → 4; grouped from 10,000 on."""
    text = (
        f"{value:,.{decimals}f}"
        if abs(value) >= GROUPED_FROM
        else f"{value:.{decimals}f}"
    )
    return text.rstrip("0").rstrip(".") if "." in text else text


def amount(value: float | int, approximate: bool = False) -> str:
    """A count or sum: grouped from 10,000, 万 with a decimal from 100,000, 亿 with two from 10⁸.
    An approximate one that is round goes to 万 from 10,000 on, as reports write it (7.4万余)."""
    size = abs(value)
    if size >= YI:
        return f"{digits(value / YI, 2)}亿"
    if size >= WAN_FROM or (approximate and size >= WAN and value % 1000 == 0):
        return f"{digits(value / WAN, 1)}万"
    return digits(value)


def rate(value: float, written: bool = False) -> str:
    """A rate with one decimal; 100 without. What falls short of 100 never reads 100, what is
    more than 0 never reads 0. A published one is `written` as it was, up to two decimals."""
    if written or value == round(value):
        return f"{digits(value)}%"
    shown = f"{value:.1f}"
    if shown == "100.0":
        shown = "99.9" if value < 100 else "100.1"
    if float(shown) == 0 and value > 0:
        return "不足 0.1%"
    return f"{shown.removesuffix('.0')}%" if shown.endswith(".0") else f"{shown}%"


def share(number: Number | None) -> str:
    """A share of a whole, in whole percent; one under a half reads 不足1%."""
    if number is None:
        return NONE
    about = "约" if number.qualifier != EXACT else ""
    if 0 < number.value < 0.5:
        return "不足1%"
    shown = round(number.value)
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


def value_text(figure: Figure) -> str:
    """The number as the screens write it, without the unit of a count: 624, 80余, 91.7%, —."""
    if figure.value is None:
        return NONE
    if figure.unit == PERCENT:
        return qualified(
            rate(figure.value, figure.basis == "reported"), figure.qualifier
        )
    return qualified(amount(figure.value, bool(figure.qualifier)), figure.qualifier)


def text(figure: Figure) -> str:
    """The figure with its unit: 624条, 80余件, 10场以上, 100%; 无数据 where there is none."""
    if figure.value is None:
        return NO_DATA
    if figure.unit == PERCENT:
        return value_text(figure)
    shown = amount(figure.value, bool(figure.qualifier))
    return qualified(shown, figure.qualifier, figure.unit)


def spaced(figure: Figure) -> str:
    """The figure as a title writes it: 624 条, 80余 件; a rate and 无数据 as they are."""
    if figure.value is None or figure.unit == PERCENT:
        return text(figure)
    shown = amount(figure.value, bool(figure.qualifier))
    return qualified(f"{shown}", figure.qualifier, f" {figure.unit}")


def number_text(number: Number, unit: str) -> str:
    """A bare number with unit and qualifier, as `text` writes a figure."""
    if unit == PERCENT:
        return qualified(rate(number.value), number.qualifier)
    return qualified(
        amount(number.value, bool(number.qualifier)), number.qualifier, unit
    )


def signed(number: Number, unit: str) -> str:
    """A change: +12件, −3件, 持平; a rate changes by 个百分点."""
    if number.value == 0:
        return "持平" if number.qualifier == EXACT else "大致持平"
    sign = "+" if number.value > 0 else "−"
    unit = "个百分点" if unit == PERCENT else unit
    size = amount(abs(round(number.value, 1) if unit == "个百分点" else number.value))
    return qualified(f"{sign}{size}", number.qualifier, unit)


def base(figure: Figure) -> str:
    """A rate's base, 33 / 36; empty where it is not known."""
    if figure.numerator is None or figure.denominator is None or figure.unit != PERCENT:
        return ""
    return f"{amount(figure.numerator)} / {amount(figure.denominator)}"


def csv_cell(value: object) -> object:
    """A text cell that a spreadsheet would run (= + - @, tab, return), made safe with an
    apostrophe; numbers stay numbers."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{value}"
    return value


def html(value: object) -> str:
    """Any value from the data, escaped for HTML."""
    return escape(str(value), quote=True)
