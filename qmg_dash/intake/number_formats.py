"""What a number format makes of a cell: the text that the spreadsheet shows, and the number in it.

The codes of ECMA-376 part 1, 18.8.31, with what Excel and WPS add to them: `!` before a character
that is shown as it is (0!.0,"万"), G/通用格式 for General, colours in Chinese. Where two programs show
different texts (Chinese numerals, fractions, powers of ten, a day's parts) there is no text, only
the number. docs/decisions.md says why no library does this (“A cell is what it shows”).
"""

from __future__ import annotations

import operator
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache

BUILT_IN = {
    **{1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00"},
    **{12: "# ?/?", 13: "# ??/??", 48: "##0.0E+0"},
    **{5: "¥#,##0;¥-#,##0", 6: "¥#,##0;[Red]¥-#,##0"},
    **{7: "¥#,##0.00;¥-#,##0.00", 8: "¥#,##0.00;[Red]¥-#,##0.00"},
    **{37: "#,##0_);(#,##0)", 38: "#,##0_);[Red](#,##0)"},
    **{39: "#,##0.00_);(#,##0.00)", 40: "#,##0.00_);[Red](#,##0.00)"},
    41: '_ * #,##0_ ;_ * -#,##0_ ;_ * "-"_ ;_ @_ ',
    42: '_ ¥* #,##0_ ;_ ¥* -#,##0_ ;_ ¥* "-"_ ;_ @_ ',
    43: '_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ ',
    44: '_ ¥* #,##0.00_ ;_ ¥* -#,##0.00_ ;_ ¥* "-"??_ ;_ @_ ',
}
"""The formats that a workbook names by number alone (18.8.30), those of money as a Chinese Excel has
them. Those of days are not here: such a number is read as a day."""
_AS_IT_IS = ("", "General", "@", "G/通用格式")
LONGEST = 255
"""Characters of a format: no program writes more."""
_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"?|[\\!](?P<escaped>.)|_(?P<space>.)|\*(?P<fill>.)|\[(?P<bracket>[^\]]*)\]'
    r"|(?P<general>(?i:General)|G/通用格式)|(?P<power>[Ee][+-])|(?P<sign>[0#?.,%/@;])|(?P<bare>.)",
    re.S,
)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?[0-9]+(?:\.[0-9]+)?)")
_COMPARE = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "<>": operator.ne,
}
_COLOUR = re.compile(
    r"(?i:black|blue|cyan|green|magenta|red|white|yellow|color ?[0-9]+)"
    r"|[黑蓝青绿红白黄]色?|洋红色?|颜色 ?[0-9]+"
)
_CURRENCY = re.compile(r"\$([^-]*)(?:-(?:[0-9A-Fa-f]{1,4}|0[01][0-9A-Fa-f]{5,6})?)?")
"""[$¥-804]: a text, and the language that it is of. More digits choose other numerals."""
_LETTERS = re.compile(r"[ymdhsegbnaYMDHSEGBNA]")
"""Those that stand for a part of a day, in one program or another."""
_DAY = re.compile(r"[ymdhsYMDHS]")
_DIGITS = "0#?"
_WIDE = Context(prec=2000)
"""Digits enough for the longest format."""
_MINUS = ("-", "－", "−", "(", "（")
_NO_SIGNS = str.maketrans("", "", "¥￥+ \u3000")
"""What may stand before a number and says nothing of it."""
TEXT, POINT, PERCENT, GROUP, SCALE, GENERAL = "text", ".", "%", "group", "scale", "general"


@dataclass(frozen=True)
class Shown:
    """A number as it is shown. `text` is None where programs differ, empty where nothing is seen;
    `number` is the one in the text with all its digits (12.3456 in 12.3万), None where there is
    none; `before` and `after` are the words around it."""

    text: str | None
    number: Decimal | None = None
    before: str = ""
    after: str = ""


@dataclass(frozen=True)
class _Section:
    """A section of a format: `parts` are (kind, text), a digit's kind is its sign. `opaque`: it
    shows a number, but not every program in the same way; `letters`: those of parts of a day."""

    parts: tuple[tuple[str, str], ...] = ()
    condition: tuple[str, Decimal] | None = None
    coloured: bool = False
    opaque: bool = False
    letters: str = ""
    of_text: bool = False

    def meets(self, value: Decimal) -> bool:
        return self.condition is None or _COMPARE[self.condition[0]](value, self.condition[1])


def by_number(number: int, own: Mapping[int, str]) -> str:
    """The format of that number, `own` being a workbook's; empty where it shows a cell as it is, or
    a day."""
    code = own.get(number) or BUILT_IN.get(number, "")
    return "" if code in _AS_IT_IS or _DAY.search(_sections(code)[0].letters) else code


def of_text(text: str, code: str) -> str:
    """A text cell as it is shown: "第"@"号"."""
    last = _sections(code)[-1]
    if not last.of_text and len(_sections(code)) < 4:
        return text
    return "".join(text if kind == "@" else part for kind, part in last.parts).strip()


def of_number(value: Decimal, code: str) -> Shown | None:
    """A number as it is shown; None where the format is one of days, or no format at all."""
    chosen = _chosen(_sections(code), value)
    if chosen is None:
        return Shown(None, value)
    section, signed = chosen
    if section.letters:
        return None
    kinds = [kind for kind, _ in section.parts]
    digits = [i for i, kind in enumerate(kinds) if kind in (*_DIGITS, POINT, GENERAL)]
    if not any(kinds[i] != POINT for i in digits):
        return Shown("".join(part for _, part in section.parts).strip())
    if GENERAL in kinds or section.opaque:
        body, number = f"{abs(value):f}", abs(value)
    else:
        body, number = _filled(section.parts[digits[0] : digits[-1] + 1], abs(value), kinds)
    before = "".join(part for _, part in section.parts[: digits[0]])
    after = "".join(part for _, part in section.parts[digits[-1] + 1 :])
    text = f"{'-' if value < 0 and not signed else ''}{before}{body}{after}".strip()
    if section.opaque or (section.condition and value < 0):
        text = None
    return _told(text, number, before, after, value < 0, section if signed else None)


def _told(
    text: str | None,
    number: Decimal | None,
    before: str,
    after: str,
    negative: bool,
    signed: _Section | None,
) -> Shown:
    """`signed`: the section of negative numbers, which shows their sign itself (or a colour)."""
    before, after = before.translate(_NO_SIGNS), after.strip()
    if negative and signed:
        if before in _MINUS:
            before, after = "", after.strip(")） ")
        elif not signed.coloured:
            return Shown(text)
    if number is None:
        return Shown(text)
    return Shown(text, -number if negative else number, before, after)


def _chosen(sections: tuple[_Section, ...], value: Decimal) -> tuple[_Section, bool] | None:
    """The section of a number, and whether it is one of negative numbers alone; None where no
    section is for it."""
    numeric = sections[:-1] if sections[-1].of_text else sections[:3]
    if not numeric:
        return _GENERAL[0], False
    if any(s.condition for s in numeric):
        found = next((s for s in numeric if s.meets(value)), None)
        return (found, False) if found else None
    if value < 0 and len(numeric) > 1:
        return numeric[1], True
    return numeric[2 if value == 0 and len(numeric) > 2 else 0], False


def _filled(
    parts: tuple[tuple[str, str], ...], value: Decimal, kinds: list[str]
) -> tuple[str, Decimal | None]:
    """The part from the first to the last digit of a format, and the number that it shows; None
    where other characters stand between the digits."""
    value = value * Decimal(100) ** kinds.count(PERCENT) / Decimal(1000) ** kinds.count(SCALE)
    inner = [kind for kind, _ in parts]
    point = inner.index(POINT) if POINT in inner else len(parts)
    decimals = sum(kind in _DIGITS for kind in inner[point:])
    rounded = value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP, _WIDE)
    whole, _, rest = f"{rounded:f}".partition(".")
    left = _whole(parts[:point], whole.lstrip("0"), GROUP in inner)
    right = _rest(parts[point:], rest)
    words = [(i, part.strip()) for i, (kind, part) in enumerate(parts) if kind == TEXT]
    words = [(i, word) for i, word in words if word]
    if not words:
        return left + right, value
    at, word = words[0]
    if len(words) > 1 or word != "." or point < len(parts):
        return left + right, None
    return left + right, value.scaleb(-sum(kind in _DIGITS for kind in inner[at:]))


def _whole(parts: tuple[tuple[str, str], ...], digits: str, grouped: bool) -> str:
    """The digits before the point, from the right; the first place takes all that are left."""
    first = next((i for i, (kind, _) in enumerate(parts) if kind in _DIGITS), None)
    if first is None:
        return digits
    out, count = "", 0
    for i in range(len(parts) - 1, -1, -1):
        kind, text = parts[i]
        if kind not in _DIGITS:
            out = text + out
            continue
        taken = digits if i == first else digits[-1:]
        digits = digits[: len(digits) - len(taken)]
        for digit in reversed(taken or {"0": "0", "?": " "}.get(kind, "")):
            out = f"{digit}{',' if grouped and count and count % 3 == 0 else ''}{out}"
            count += 1
    return out


def _rest(parts: tuple[tuple[str, str], ...], digits: str) -> str:
    """The point and the digits behind it."""
    out, places = "", iter(digits)
    needed = len(digits.rstrip("0"))
    for kind, text in parts:
        if kind not in _DIGITS:
            out += text
            continue
        digit, needed = next(places), needed - 1
        out += digit if needed >= 0 or kind == "0" else " " if kind == "?" else ""
    return out


# ---------------------------------------------------------------- reading a format


@lru_cache(maxsize=2000)
def _sections(code: str) -> tuple[_Section, ...]:
    if len(code) > LONGEST:
        return (_Section(letters="?"),)
    sections: list[list[re.Match[str]]] = [[]]
    for token in _TOKEN.finditer(code):
        if token["sign"] == ";":
            sections.append([])
        else:
            sections[-1].append(token)
    return tuple(map(_section, sections))


def _section(tokens: list[re.Match[str]]) -> _Section:
    parts: list[tuple[str, str]] = []
    condition, coloured, opaque, letters = None, False, False, ""
    for token in tokens:
        kind, text = str(token.lastgroup), token[str(token.lastgroup)]
        if kind == "sign" and text in "0#?.,%@":
            parts.append((text, "" if text in "0#?@," else text))
        elif kind == "sign" or kind == "power":
            opaque |= kind == "power" or any(k in _DIGITS for k, _ in parts)
            parts.append((TEXT, text))
        elif kind == "general":
            parts.append((GENERAL, ""))
        elif kind == "space":
            parts.append((TEXT, " "))
        elif kind != "bracket":
            letters += text if kind == "bare" and _LETTERS.match(text) else ""
            parts.append((TEXT, "" if kind == "fill" else text))
        elif found := _CONDITION.fullmatch(text):
            condition = found[1], Decimal(found[2])
        elif found := _CURRENCY.fullmatch(text):
            parts.append((TEXT, found[1]))
        elif _COLOUR.fullmatch(text):
            coloured = True
        elif text.startswith("$") or text.upper().startswith("DBNUM"):
            opaque = True
        else:
            letters += text  # [h]:mm
    of_text = any(kind == "@" for kind, _ in parts)
    return _Section(tuple(_commas(parts)), condition, coloured, opaque, letters, of_text)


def _commas(parts: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Which comma groups digits, which divides by a thousand, and which is one that is shown."""
    out: list[tuple[str, str]] = []
    for i, (kind, text) in enumerate(parts):
        if kind != ",":
            out.append((kind, text))
            continue
        follow = next((k for k, _ in parts[i + 1 :] if k != ","), "")
        if out and out[-1][0] in (*_DIGITS, GROUP, SCALE):
            out.append((GROUP if follow and follow in _DIGITS else SCALE, ""))
        else:
            out.append((TEXT, ","))
    return out


_GENERAL = _sections("General")
