"""The two passphrases, for viewing and for editing, kept as argon2id hashes alone."""

from __future__ import annotations

import json
import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from qmg_dash.gate.home import GateError, Home, read_private, write_private
from qmg_dash.gate.mark import ROLES, Role

SHORTEST, LONGEST = 8, 200
_HASHER = PasswordHasher()  # RFC 9106's second choice: 64 MiB, three passes


def stored(home: Home) -> dict[Role, str]:
    """The hashes that are set. Read anew at each try: a change holds at once, for all replicas."""
    data = read_private(home.passphrases)
    if data is None:
        return {}
    try:
        found = json.loads(data)
        return {role: str(found[role]) for role in ROLES if role in found}
    except (ValueError, TypeError):
        raise GateError(
            f"口令文件 {home.passphrases} 损坏。请删除它，再用 python -m qmg_dash passphrase 重新设置。"
        ) from None


def choose(home: Home, role: Role, phrase: str) -> None:
    """Set a passphrase; ValueError, in Chinese, where it will not do."""
    plain = _plain(phrase)
    if not SHORTEST <= len(plain) <= LONGEST:
        raise ValueError(f"口令要有 {SHORTEST} 到 {LONGEST} 个字符。")
    if len(set(plain)) < 4:
        raise ValueError("口令太容易猜：至少要有 4 个不同的字符。")
    hashes = stored(home)
    others = {r: h for r, h in hashes.items() if r != role}
    if any(_fits(h, plain) for h in others.values()):
        raise ValueError("查看口令和编辑口令不能相同。")
    others[role] = _HASHER.hash(plain)
    write_private(home.passphrases, json.dumps(others).encode())


def opened(home: Home, phrase: str) -> Role | None:
    """What a passphrase allows. Both hashes are always tried, whatever the first says or whether it
    is set, so that the time tells nothing; argon2 compares in constant time."""
    hashes = stored(home)
    plain = _plain(phrase)[: LONGEST + 1]
    fits: dict[Role, bool] = {
        role: _fits(hashes.get(role, _nobodys()), plain) and role in hashes for role in ROLES
    }
    return next((role for role in ("edit", "view") if fits[role]), None)  # type: ignore[index,return-value]


def _plain(phrase: str) -> str:
    """The same bytes for the same characters, whatever keyboard or system composed them."""
    return unicodedata.normalize("NFC", phrase)


def _fits(hashed: str, plain: str) -> bool:
    try:
        return _HASHER.verify(hashed, plain.encode("utf-8", "surrogatepass"))
    except VerifyMismatchError:
        return False
    except (InvalidHashError, VerificationError):
        raise GateError("口令文件损坏：请用 python -m qmg_dash passphrase 重新设置。") from None


@cache
def _nobodys() -> str:
    """A hash to spend time on where none is set."""
    return _HASHER.hash("nobody's")
