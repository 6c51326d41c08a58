"""A file's bytes as text, whatever office program wrote them; why one cannot be opened."""

from __future__ import annotations

import codecs
import errno
import io

_BLOCK = 1 << 24
_REASONS = {
    errno.EACCES: "没有权限",
    errno.EPERM: "没有权限",
    errno.EROFS: "只读",
    errno.ENOENT: "不存在",
    errno.EISDIR: "是文件夹",
    errno.ENOTDIR: "不是文件夹",
    errno.ENOSPC: "磁盘已满",
    errno.EIO: "磁盘读写出错",
    errno.EMFILE: "打开的文件太多",
}


def reason(error: OSError) -> str:
    """Why the system refused, in Chinese where it is one of the usual reasons."""
    return _REASONS.get(error.errno or 0) or error.strerror or type(error).__name__


class Unusable(Exception):
    """Why a file cannot be read as its table: rule and message."""

    def __init__(self, rule: str, message: str, file: str = ""):
        self.rule, self.file = rule, file
        super().__init__(message)


def decode(data: bytes) -> bytes:
    """A CSV's or TOML's bytes as UTF-8 without a BOM: BOM, UTF-16 where it clearly is, strict
    UTF-8, then GB18030. Raises Unusable."""
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
    decoder = codecs.getincrementaldecoder(encoding)()
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
