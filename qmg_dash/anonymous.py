"""Numbers that name a person or a case, in a text that is to name none.

One pattern each, for Python (with re.ASCII) and for DuckDB (RE2): a number may stand right behind
Chinese characters, which are no word characters to either.
"""

from __future__ import annotations

import re

_YEAR = r"(?:19|20)[0-9]{2}"
_DAY = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
_OPEN, _CLOSE = r"[(〔\[【]\s*", r"\s*[)〕\]】]\s*"
NUMBERS = {
    "身份证号": (
        rf"\b[1-9][0-9]{{5}}[ -]?{_YEAR}{_DAY}[ -]?[0-9]{{3}}[0-9Xx]\b"
        rf"|\b[1-9][0-9]{{7}}{_DAY}[0-9]{{3}}\b"
    ),
    "电话号码": r"\b(?:1[3-9][0-9][- ]?[0-9]{4}[- ]?[0-9]{4}|0[0-9]{2,3}[- ]?[0-9]{7,8})\b",
    # A court's has words between year and number, an office's says what it is before the year; the
    # number of a published document (某府发〔2023〕5号) has neither.
    "案号": (
        rf"{_OPEN}{_YEAR}{_CLOSE}[^\s，。；、0-9号第][^，。；、\n]{{0,24}}?\s*[0-9]+(?:-[0-9]+)?\s*号"
        rf"|[罚处强许案复诉调裁听监执检立][^\s，。；、(〔\[【]{{0,4}}{_OPEN}{_YEAR}{_CLOSE}第?\s*[0-9]+\s*号"
        r"|[一-龥][0-9]{2,4}(?:行|民|刑|执|赔)[一-龥]{0,4}[0-9]+号"
        rf"|\b[A-Za-z]{{2,}}(?:-[A-Za-z]+)*-?{_YEAR}-?[0-9]{{3,}}\b"
    ),
}
"""What such a number is called → its pattern, over a text in half-width (`WIDE`)."""
WIDE, HALF = "０１２３４５６７８９Ｘｘ－（）［］", "0123456789Xx-()[]"
"""Characters that are written wide as well: one for one, so that places stay."""
_HALF = str.maketrans(WIDE, HALF)
_EACH = {word: re.compile(pattern, re.ASCII) for word, pattern in NUMBERS.items()}


def named(text: str) -> tuple[str, ...]:
    """What kinds of such numbers a text has."""
    return tuple(word for word, p in _EACH.items() if p.search(text.translate(_HALF)))


def masked(text: str) -> str:
    """The text with what such a number is in its place, for whoever is not to read it."""
    for word, pattern in _EACH.items():
        for found in reversed([*pattern.finditer(text.translate(_HALF))]):
            text = f"{text[: found.start()]}（{word}）{text[found.end() :]}"
    return text
