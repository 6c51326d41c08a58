"""The access log: when, who, which screen; no figures, no filters, no passphrases. Kept 30 days.

What a stranger can cause to be written, here and on the terminal, is damped: nobody fills the disk
by knocking.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import time
from collections import Counter
from io import TextIOWrapper
from logging.handlers import TimedRotatingFileHandler
from pathlib import Path

from qmg_dash import beijing
from qmg_dash.gate.mark import Visitor
from qmg_dash.model import why

DAYS = 30
PRIVATE = 0o600
SAME, ALTOGETHER = 5, 60
"""Lines a minute that a stranger causes: of one kind, and of all kinds."""
MINUTE = 60.0
TERMINAL = ("asyncio", "uvicorn.error", "qmg_dash")
"""The loggers through which a stranger's request reaches the terminal."""
_LOG = logging.getLogger("qmg_dash.access")
_LOG.propagate = False
_LOG.addHandler(logging.NullHandler())  # without a gate nothing is written
_STRANGERS = _LOG.getChild("strangers")


class Damped(logging.Filter):
    """Lets a few lines of a kind through a minute; the first one of another minute says how many
    were kept back. A kind is a message before its values are put in."""

    def __init__(self) -> None:
        super().__init__()
        self._since, self._kept_back = 0.0, 0
        self._seen: Counter[tuple[str, int, str]] = Counter()

    def filter(self, record: logging.LogRecord) -> bool:
        before = 0
        if not 0 <= record.created - self._since < MINUTE:
            before, self._kept_back = self._kept_back, 0
            self._since = record.created
            self._seen.clear()
        kind = (record.name, record.levelno, str(record.msg)[:200])
        if self._seen.total() >= ALTOGETHER or self._seen[kind] >= SAME:
            self._kept_back += 1
            return False
        self._seen[kind] += 1
        if before:
            record.msg = f"{record.msg}（此前另有 {before} 条没有写）"
        return True


def damp() -> None:
    """Damp what strangers can cause, once a process."""
    for name in (*TERMINAL, _STRANGERS.name):
        logger = logging.getLogger(name)
        if not any(isinstance(f, Damped) for f in logger.filters):
            logger.addFilter(Damped())


class _Kept(TimedRotatingFileHandler):
    """A full disk costs lines of the log, never an answer. Nobody else reads who looked at what."""

    def _open(self) -> TextIOWrapper:
        return open(self.baseFilename, self.mode, encoding=self.encoding, opener=_private)

    def handleError(self, record: logging.LogRecord) -> None:
        error = sys.exc_info()[1]
        print(f"访问日志写不进（{error}）：请检查磁盘空间。", file=sys.stderr, flush=True)
        stream, self.stream = self.stream, None  # type: ignore[assignment]  # opened anew next time
        if stream is not None:
            with contextlib.suppress(OSError):  # what stands in its buffer fails again
                stream.close()


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, PRIVATE)


def keep(folder: Path, name: str) -> None:
    """Write to this folder from now on. Each replica has a name and so a file of its own: two
    processes that rotate one file lose lines."""
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        _forget(folder)
        for log in folder.glob("access-*.log*"):
            log.chmod(PRIVATE)
    except OSError as error:
        print(f"访问日志文件夹 {folder} 不可用（{why(error)}）。", file=sys.stderr, flush=True)
    file = folder / f"access-{name}.log"
    handler = _Kept(file, when="midnight", backupCount=DAYS, encoding="utf-8", delay=True)
    line = logging.Formatter("%(asctime)s\t%(message)s", "%Y-%m-%d %H:%M:%S")
    line.converter = lambda seconds: beijing.at(seconds or 0).timetuple()
    handler.setFormatter(line)
    _LOG.addHandler(handler)
    _LOG.setLevel(logging.INFO)


def _forget(folder: Path) -> None:
    """What is too old: rotation alone forgets only under its own name, and only while it runs."""
    for old in folder.glob("access-*.log*"):
        if old.stat().st_mtime < time.time() - DAYS * 86400:
            old.unlink(missing_ok=True)


def saw(who: Visitor, screen: str) -> None:
    """Somebody opened a screen."""
    _write("查看屏幕", who.name, screen)


def event(what: str, who: str, address: str) -> None:
    """Somebody came or left."""
    _write(what, who, address)


def refused(what: str, who: str, address: str) -> None:
    """A stranger was refused: damped, since anybody can cause it."""
    _write(what, who, address, log=_STRANGERS)


def _write(*parts: str, log: logging.Logger = _LOG) -> None:
    # A subject comes from a provider: it must not forge a line.
    log.info("\t".join("".join(c if c.isprintable() else "?" for c in p) for p in parts))
