"""The office's own sign-in by OpenID Connect: Authlib does the protocol, this says who may enter."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.starlette_client import OAuth
from joserfc.errors import JoseError
from starlette.requests import Request
from starlette.responses import Response

from qmg_dash.gate.address import local
from qmg_dash.gate.home import GateError, Home, read_private
from qmg_dash.gate.mark import Visitor

SCOPE = "openid email profile"
WORDS = ("issuer", "client_id", "client_secret", "label")
LISTS = ("domains", "people", "editors")
FAILURES = (AuthlibBaseError, JoseError, httpx2.HTTPError, ValueError, KeyError, RuntimeError)
"""What Authlib raises for a wrong state, a bad token, a provider that is down or talks nonsense
(RuntimeError: metadata without an endpoint). A bug of ours raises none of these silently: each is
logged with its class."""


class NotAllowed(Exception):
    """The provider knows this person, but nobody has let them in here."""


@dataclass(frozen=True)
class Provider:
    """oidc.toml: which provider, who may look, who may edit."""

    issuer: str
    client_id: str
    client_secret: str
    label: str = "用统一身份认证登录"
    domains: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    editors: tuple[str, ...] = ()
    trust_email: bool = False
    """Whether an address counts that the provider does not call verified."""

    def visitor(self, claims: dict[str, Any]) -> Visitor:
        """Who this is and what they may do; NotAllowed. Known by the subject or by an address that
        the provider has verified: an unverified one is what anybody typed."""
        subject = str(claims.get("sub", ""))
        verified = claims.get("email_verified") is True or self.trust_email
        email = str(claims.get("email", "")).strip().casefold() if verified else ""
        names = {n for n in (subject, email) if n}
        if names & set(self.editors):
            return Visitor("edit", email or subject)
        domain = email.rpartition("@")[2] if email.count("@") == 1 else ""
        if names & set(self.people) or domain in self.domains:
            return Visitor("view", email or subject)
        raise NotAllowed(email or subject)


def read(home: Home) -> Provider | None:
    """The provider's settings; None where there are none, GateError where they will not do."""
    data = read_private(home.oidc)
    if data is None:
        return None
    try:
        said = tomllib.loads(data.decode("utf-8-sig"))
    except ValueError as error:
        raise GateError(
            f"{home.oidc} 不是正常的 TOML（{error}）：可照 docs/deploy/oidc.example.toml 重写。"
        ) from None
    problem = _problem(said)
    if problem:
        raise GateError(f"{home.oidc}：{problem}。可对照 docs/deploy/oidc.example.toml。")
    # An address is compared without case, a subject as the provider writes it.
    lists = {
        n: tuple(v.casefold() if "@" in v or n == "domains" else v for v in said.get(n, ()))
        for n in LISTS
    }
    words = {n: said[n].strip() for n in WORDS if n in said}
    return Provider(**words, **lists, trust_email=said.get("trust_email", False))


def _problem(said: dict[str, Any]) -> str:
    """What is wrong with the settings, in a phrase; empty: nothing."""
    unknown = set(said) - {*WORDS, *LISTS, "trust_email"}
    if unknown:
        return f"不认识的项 {'、'.join(sorted(unknown))}"
    missing = [n for n in WORDS[:3] if not said.get(n)]
    if missing:
        return f"缺少 {'、'.join(missing)}"
    if any(not isinstance(said.get(n, ""), str) for n in WORDS):
        return f"{'、'.join(WORDS)} 应是文字"
    if any(not isinstance(v, str) or not v for n in LISTS for v in _list(said.get(n, []))):
        return f'{"、".join(LISTS)} 应是文字的列表，例如 ["example.gov.cn"]'
    if not isinstance(said.get("trust_email", False), bool):
        return "trust_email 只能是 true 或 false"
    if not any(said.get(n) for n in LISTS):
        return "domains、people、editors 都是空的，谁也进不来"
    return "" if _safe(said["issuer"]) else "issuer 要以 https:// 开头"


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else [None]


def _safe(issuer: str) -> bool:
    """HTTPS, or a provider on this very machine (tests, a broker beside the dashboard)."""
    parts = urlsplit(issuer)
    return parts.scheme == "https" or (parts.scheme == "http" and local(parts.hostname or ""))


class SignIn:
    """The way to the provider and back, in code flow with PKCE, state and nonce."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self._client = OAuth().register(
            "office",
            client_id=provider.client_id,
            client_secret=provider.client_secret,
            server_metadata_url=f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration",
            client_kwargs={"scope": SCOPE, "code_challenge_method": "S256", "timeout": 10},
        )

    async def there(self, request: Request, back: str) -> Response:
        """The redirect to the provider. State, nonce and verifier stay in `request.session`."""
        return await self._client.authorize_redirect(request, back)

    async def back(self, request: Request) -> Visitor:
        """Who came back from it. FAILURES, NotAllowed."""
        # Authlib compares with the issuer that the metadata names; ours is the one that was set.
        issuer = {"essential": True, "values": [self.provider.issuer]}
        token = await self._client.authorize_access_token(request, claims_options={"iss": issuer})
        claims = dict(token["userinfo"])
        # Strict providers keep the address out of the ID token.
        more = dict(await self._client.userinfo(token=token))
        if more.get("sub") != claims["sub"]:
            raise ValueError("userinfo speaks of somebody else")
        return self.provider.visitor(more | claims)
