"""The session table: who is in, and who tried how often. SQLite, shared by all replicas here.

A cookie holds a random name, signed with the key; the table holds that name's hash, so that a
copied table opens nothing. Times are the system's clock: a session lives only between its making
and its end, so that a clock that jumps can end sessions early and lengthen none.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import sqlite3
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from itsdangerous import BadSignature, Signer

from qmg_dash.gate.mark import Visitor

WORKING_DAY = 10 * 3600
SKEW = 300
"""Seconds by which a session may seem to come from the future: the clocks of a machine set right."""

TRIES, WINDOW = 5, 60
LONGEST_WAIT = 3600
FORGOTTEN = 24 * 3600
"""After so long without a refused try an address begins anew."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS sessions (
    id TEXT PRIMARY KEY, role TEXT NOT NULL, subject TEXT NOT NULL, way TEXT NOT NULL,
    made REAL NOT NULL, ends REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS tries (
    address TEXT PRIMARY KEY, count INTEGER NOT NULL, since REAL NOT NULL,
    level INTEGER NOT NULL, until REAL NOT NULL
);
"""


@dataclass(frozen=True)
class Session:
    """A session that lives: its name in the table, and whose it is."""

    id: str
    visitor: Visitor


class Table:
    """The table, read by the event loop through one connection, written through short ones."""

    def __init__(self, path: Path, key: bytes, lasts: float = WORKING_DAY) -> None:
        self.path = path
        self.lasts = lasts
        self._signer = Signer(key, salt="qmg-session", digest_method=hashlib.sha256)
        # Cookies know no port: two dashboards on one host must not overwrite each other's.
        self.cookie = f"qmg_{hashlib.sha256(b'cookie' + key).hexdigest()[:8]}"
        self._reader: sqlite3.Connection | None = None
        self._inode = 0
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        with self._writing() as db:
            db.executescript(SCHEMA)

    # ---- connections ---------------------------------------------------------------------------
    @contextlib.contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with contextlib.closing(sqlite3.connect(self.path, timeout=5)) as db:
            # Readers do not wait for writers, nor the event loop for another replica's login.
            db.execute("PRAGMA journal_mode = WAL")
            with db:
                db.execute("BEGIN IMMEDIATE")
                yield db

    def _read(self, sql: str, values: Collection[object]) -> list[tuple]:
        inode = os.stat(self.path).st_ino
        if self._reader is None or inode != self._inode:  # deleted or restored under us
            self.close()
            uri = f"{self.path.absolute().as_uri()}?mode=ro"
            self._reader = sqlite3.connect(uri, uri=True, timeout=1, check_same_thread=False)
            self._inode = inode
        return self._reader.execute(sql, tuple(values)).fetchall()

    def close(self) -> None:
        """Give the reading connection back."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    # ---- sessions ------------------------------------------------------------------------------
    def begin(self, who: Visitor, way: str) -> str:
        """Let somebody in; the cookie's value."""
        name = secrets.token_urlsafe(32)
        now = time.time()
        row = (_hash(name), who.role, who.subject, way, now, now + self.lasts)
        with self._writing() as db:
            db.execute("DELETE FROM sessions WHERE ends <= ?", (now,))
            db.execute("INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?)", row)
        return self._signer.sign(name).decode()

    def find(self, cookie: str | None) -> Session | None:
        """The session of a cookie, if we signed it and it lives."""
        try:
            name = self._signer.unsign(cookie or "").decode()
        except (BadSignature, UnicodeError):
            return None
        now = time.time()
        rows = self._read(
            "SELECT id, role, subject FROM sessions WHERE id = ? AND made <= ? AND ends > ?",
            (_hash(name), now + SKEW, now),
        )
        return next((Session(i, Visitor(role, subject)) for i, role, subject in rows), None)

    def living(self, ids: Collection[str]) -> set[str]:
        """Which of these sessions still live."""
        marks = ",".join("?" * len(ids))
        now = time.time()
        rows = self._read(
            f"SELECT id FROM sessions WHERE id IN ({marks}) AND made <= ? AND ends > ?",
            (*ids, now + SKEW, now),
        )
        return {i for (i,) in rows}

    def end(self, session: Session) -> None:
        """Log out."""
        with self._writing() as db:
            db.execute("DELETE FROM sessions WHERE id = ?", (session.id,))

    # ---- tries ---------------------------------------------------------------------------------
    def attempt(self, address: str) -> float:
        """Count a try before it is looked at, so that a thousand at once count as well. 0: go on;
        else the seconds to wait: a minute after five in a minute, then twice as long each time."""
        now = time.time()
        with self._writing() as db:
            db.execute("DELETE FROM tries WHERE max(until, since) < ?", (now - FORGOTTEN,))
            found = db.execute("SELECT * FROM tries WHERE address = ?", (address,)).fetchone()
            _, count, since, level, until = found or (address, 0, now, 0, 0.0)
            wait = until - now
            if 0 < wait <= LONGEST_WAIT:
                return wait
            # A wait longer than the longest, or a window of tomorrow: the clock was put back.
            if not since <= now < since + WINDOW:
                count, since = 0, now
            count += 1
            wait = 0.0
            if count > TRIES:
                wait = float(min(WINDOW * 2**level, LONGEST_WAIT))
                count, since, level = 0, now, min(level + 1, 16)
            row = (address, count, since, level, now + wait if wait else 0.0)
            db.execute("INSERT OR REPLACE INTO tries VALUES (?, ?, ?, ?, ?)", row)
        return wait

    def give_back(self, address: str) -> None:
        """A try that succeeded does not count: an office may share an address. It takes none of
        the others back, or the viewing passphrase would buy tries at the editing one."""
        with self._writing() as db:
            db.execute("UPDATE tries SET count = max(count - 1, 0) WHERE address = ?", (address,))


def end_all(path: Path, role: str) -> int:
    """End every session that a passphrase began: it has been changed. How many there were."""
    if not path.exists():
        return 0
    with contextlib.closing(sqlite3.connect(path, timeout=5)) as db, db:
        gone = db.execute("DELETE FROM sessions WHERE way = 'passphrase' AND role = ?", (role,))
        return gone.rowcount


def _hash(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()
