"""A file's bytes as text, whatever office program wrote them."""

from __future__ import annotations

import codecs
import io
import re

_BLOCK = 1 << 24
_EURO = b"\x80"
_SEPARATOR = re.compile(rb'"?sep=([\x20-\x7e\t])"?[\x20,;\t]*(?:\r\n|\r|\n|$)', re.I)
"""The line by which Excel is told what parts the cells; it is none of the table's rows."""


class Unusable(Exception):
    """Why a file cannot be read as its table: rule and message."""

    def __init__(self, rule: str, message: str, file: str = ""):
        self.rule, self.file = rule, file
        super().__init__(message)


def decode(data: bytes) -> bytes:
    """A CSV's or TOML's bytes as UTF-8 without a BOM: BOM, UTF-16 where it clearly is, strict
    UTF-8, then GB18030 (with the euro sign of Windows). Raises Unusable."""
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise Unusable("文件", "这是 Excel 文件，只是改了扩展名：请另存为 CSV（UTF-8）")
    if data.startswith(codecs.BOM_UTF8):
        candidates, data = ["utf-8"], data[3:]
    elif data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        candidates = ["utf-16-le" if data[0] == 0xFF else "utf-16-be"]
        data = data[2:]
    else:
        candidates = _plain_candidates(data)
    for encoding in candidates:
        try:
            return _transcode(data, encoding)
        except UnicodeDecodeError:
            continue
    raise Unusable("编码", "认不出文字编码：请用 Excel 或 WPS 另存为“CSV UTF-8”")


def _plain_candidates(data: bytes) -> list[str]:
    """Without a BOM: UTF-16 shows by zero bytes on one side of every comma and digit."""
    head = data[:4096]
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if even + odd > len(head) / 20 and len(data) % 2 == 0:
        return ["utf-16-le"] if odd > even else ["utf-16-be"]
    return ["utf-8", "gb18030"]


def _transcode(data: bytes, encoding: str) -> bytes:
    """Decode strictly, in pieces, so that a large file is not held as text as well."""
    decoder = codecs.getincrementaldecoder(encoding)(errors=_HOW.get(encoding, "strict"))
    if encoding == "utf-8":
        for start in range(0, len(data), _BLOCK):
            decoder.decode(data[start : start + _BLOCK])
        decoder.decode(b"", final=True)
        return data
    out = io.BytesIO()
    for start in range(0, len(data), _BLOCK):
        out.write(decoder.decode(data[start : start + _BLOCK]).encode())
    out.write(decoder.decode(b"", final=True).encode())
    return out.getvalue()


def _with_euro(error: UnicodeError) -> tuple[str, int]:
    """The one sign that Windows' own GBK (cp936) has beyond the standard."""
    if isinstance(error, UnicodeDecodeError) and error.object[error.start :][:1] == _EURO:
        return "€", error.start + 1
    raise error


codecs.register_error("qmg-euro", _with_euro)
_HOW = {"gb18030": "qmg-euro"}


def separated(data: bytes) -> tuple[str, bytes]:
    """The separator that a CSV (UTF-8) names in a first line `sep=;`, and the CSV without it.
    Nothing and all of it where there is none. Excel does not count that line as a row either."""
    found = _SEPARATOR.match(data)
    return (found[1].decode(), data[found.end() :]) if found else ("", data)
