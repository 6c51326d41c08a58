"""Who is looking: set on every request by the gate, read by the screens.

The gate hands it on as a header of the request, since that is what reaches a Streamlit script. The
value begins with a token that this process made for itself, so that no client can write one: not
where the gate stands (it drops the client's), and not where it does not.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Literal

from starlette.types import Scope

Role = Literal["view", "edit"]
ROLES: dict[Role, str] = {"view": "查看", "edit": "编辑"}
HEADER = "x-qmg-visitor"
_TOKEN = secrets.token_urlsafe(32)
_state = {"on": False}


@dataclass(frozen=True)
class Visitor:
    """A person who got in: what they may do, and who they are where a provider said so."""

    role: Role
    subject: str = ""

    @property
    def name(self) -> str:
        """Who, for the log and the sidebar: 查看, or 编辑 li@example.org."""
        return f"{ROLES[self.role]} {self.subject}".strip()


def stand() -> None:
    """The gate stands before the app of this process from now on."""
    _state["on"] = True


def on() -> bool:
    """Whether a gate stands before the app: without one, this machine alone can look."""
    return _state["on"]


def unmarked(scope: Scope) -> Scope:
    """The request without a mark that its sender may have written."""
    name = HEADER.encode()
    # A proxy or a CGI-minded server may take x_qmg_visitor for the same name.
    kept = [(k, v) for k, v in scope["headers"] if k.lower().replace(b"_", b"-") != name]
    return {**scope, "headers": kept}


def marked(scope: Scope, who: Visitor) -> Scope:
    """The request with the mark that `visitor` reads."""
    value = f"{_TOKEN} {json.dumps(asdict(who))}"
    mark = (HEADER.encode(), value.encode("ascii"))
    return {**scope, "headers": [*unmarked(scope)["headers"], mark]}


def visitor(headers: Mapping[str, str]) -> Visitor | None:
    """Who sent a request with these headers; None: no gate has let it in."""
    token, _, said = headers.get(HEADER, "").partition(" ")
    if not secrets.compare_digest(token.encode(), _TOKEN.encode()):
        return None
    return Visitor(**json.loads(said))


def role(headers: Mapping[str, str]) -> Role | None:
    """What its sender may do; None: no gate has let it in."""
    found = visitor(headers)
    return found.role if found else None
