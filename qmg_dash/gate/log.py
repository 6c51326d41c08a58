"""The access log: when, who, which screen; no figures, no filters, no passphrases. Kept 30 days."""

from __future__ import annotations

import contextlib
import logging
import sys
import time
from logging.handlers import TimedRotatingFileHandler
from pathlib import Path

from qmg_dash.gate.mark import Visitor
from qmg_dash.model import why

DAYS = 30
_LOG = logging.getLogger("qmg_dash.access")
_LOG.propagate = False
_LOG.addHandler(logging.NullHandler())  # without a gate nothing is written


class _Kept(TimedRotatingFileHandler):
    """A full disk costs lines of the log, never an answer."""

    def handleError(self, record: logging.LogRecord) -> None:
        error = sys.exc_info()[1]
        print(f"访问日志写不进（{error}）：请检查磁盘空间。", file=sys.stderr, flush=True)
        stream, self.stream = self.stream, None  # type: ignore[assignment]  # opened anew next time
        if stream is not None:
            with contextlib.suppress(OSError):  # what stands in its buffer fails again
                stream.close()


def keep(folder: Path, name: str) -> None:
    """Write to this folder from now on. Each replica has a name and so a file of its own: two
    processes that rotate one file lose lines."""
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        _forget(folder)
    except OSError as error:
        print(f"访问日志文件夹 {folder} 不可用（{why(error)}）。", file=sys.stderr, flush=True)
    file = folder / f"access-{name}.log"
    handler = _Kept(file, when="midnight", backupCount=DAYS, encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s\t%(message)s", "%Y-%m-%d %H:%M:%S"))
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
    """Somebody came, left, or was refused."""
    _write(what, who, address)


def _write(*parts: str) -> None:
    # A subject comes from a provider: it must not forge a line.
    _LOG.info("\t".join("".join(c if c.isprintable() else "?" for c in p) for p in parts))
