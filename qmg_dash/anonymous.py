"""Numbers that name a person or a case, in a text that is to name none.

One pattern each, for Python (with re.ASCII) and for DuckDB (RE2): a number may stand right behind
Chinese characters, which are no word characters to either.
"""

from __future__ import annotations

import re

_YEAR = r"(?:19|20)[0-9]{2}"
_OPEN, _CLOSE = r"[（(〔\[【]\s*", r"\s*[）)〕\]】]"
NUMBERS = {
    "身份证号": rf"\b[1-9][0-9]{{5}}{_YEAR}(?:0[1-9]|1[0-2])[0-3][0-9][0-9]{{3}}[0-9Xx]\b",
    "电话号码": r"\b(?:1[3-9][0-9][- ]?[0-9]{4}[- ]?[0-9]{4}|0[0-9]{2,3}[- ]?[0-9]{7,8})\b",
    # A court's has words between year and number, an office's says what it is before the year; the
    # number of a published document (某府发〔2023〕5号) has neither.
    "案号": (
        rf"{_OPEN}{_YEAR}{_CLOSE}[^\s，。；、0-9号第][^\s，。；、]{{0,24}}?[0-9]+(?:-[0-9]+)?号"
        rf"|[罚处强许案复诉调裁听监执检立][^\s，。；、（(〔\[【]{{0,4}}{_OPEN}{_YEAR}{_CLOSE}第?[0-9]+号"
        rf"|\b[A-Za-z]{{2,}}(?:-[A-Za-z]+)*-?{_YEAR}-?[0-9]{{3,}}\b"
    ),
}
"""What such a number is called → its pattern."""
_EACH = {word: re.compile(pattern, re.ASCII) for word, pattern in NUMBERS.items()}


def named(text: str) -> tuple[str, ...]:
    """What kinds of such numbers a text has."""
    return tuple(word for word, pattern in _EACH.items() if pattern.search(text))


def masked(text: str) -> str:
    """The text with what such a number is in its place, for whoever is not to read it."""
    for word, pattern in _EACH.items():
        text = pattern.sub(f"（{word}）", text)
    return text
