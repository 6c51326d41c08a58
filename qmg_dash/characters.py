"""Characters that no file can hold: what they are, a text without them, and how they are named.

Everything that writes a file (Word, Excel, CSV, HTML, JSON) leaves out what `writable` leaves out, and
`folder/cells.py` tells of it once, where it is read. Nothing else in the program says what these are.
"""

from __future__ import annotations

import re

_CLASSES = (
    r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # control characters but tab and line ends
    r"\x{fdd0}-\x{fdef}"  # what Unicode says is no character
    + "".join(rf"\x{{{plane:x}fffe}}\x{{{plane:x}ffff}}" for plane in range(17))
)
SQL = f"[{_CLASSES}]"
"""The same for DuckDB (RE2), whose texts have no surrogates."""


def _spelled(match: re.Match[str]) -> str:
    return f"\\U{int(match[1], 16):08x}"


_FOUND = re.compile("[" + re.sub(r"\\x\{([0-9a-f]+)\}", _spelled, _CLASSES) + r"\ud800-\udfff]")
"""With halves of surrogate pairs, which no encoding can hold."""


_USUAL = re.compile("[\t\n\r -~\xa0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd]*")
"""A text of these has none of them, which is told ten times as fast."""


def writable(text: str) -> str:
    """A text without what XML 1.0, and so Word and Excel, or UTF-8 cannot hold: control characters
    but tab and line ends, what Unicode says is no character, halves of surrogate pairs."""
    return text if _USUAL.fullmatch(text) else _FOUND.sub("", text)


def unwritable(text: str) -> tuple[str, ...]:
    """The names of such characters in a text, each once: U+000B."""
    return tuple(dict.fromkeys(f"U+{ord(c):04X}" for c in _FOUND.findall(text)))


def shown(text: str) -> str:
    """A text with such characters by their names, to be repeated in a sentence about it: 政策[U+000B]文件."""
    return _FOUND.sub(lambda c: f"[U+{ord(c[0]):04X}]", text)
