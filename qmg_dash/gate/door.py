"""The gate itself: pure ASGI, in front of pages, websocket, files and everything else.

Whoever has no session gets the login page or 401, whatever they ask for; only the paths under
/_gate/ are answered without one.
"""

from __future__ import annotations

import asyncio
import sqlite3
from dataclasses import dataclass, replace
from urllib.parse import parse_qs, quote

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route, Router
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qmg_dash.gate import log, oidc, passphrase
from qmg_dash.gate.address import network
from qmg_dash.gate.home import GateError, Home
from qmg_dash.gate.mark import Visitor, marked, stand, unmarked
from qmg_dash.gate.page import Pages
from qmg_dash.gate.sockets import Sockets
from qmg_dash.gate.table import Session, Table

READS = ("GET", "HEAD", "OPTIONS")
LONGEST_FORM = 256 * 1024
LONGEST_KEPT = 2000
"""Of the way to the deep link, in the provider's round trip: it rides in a cookie of 4 KB."""
ROUND_TRIP = 600
STORE_FAILURES = (sqlite3.Error, OSError)
UNWRITABLE = "登录记录写不进（可能磁盘已满），暂时不能登录或退出。请联系维护者。"


@dataclass(frozen=True)
class Settings:
    """What a gate stands on."""

    home: Home
    key: bytes
    table: Table
    pages: Pages
    sign_in: oidc.SignIn | None = None
    public_url: str = ""


class Gate:
    """Lets a request through to the app if its session allows it. `base` is the path under which
    the app is served: empty, or /kanban."""

    def __init__(self, app: ASGIApp, settings: Settings, base: str = "") -> None:
        self.app = app
        self.settings, self.base = settings, base
        self.table, self.pages = settings.table, replace(settings.pages, base=base)
        self.sockets = Sockets(settings.table)
        self._one_hash = asyncio.Semaphore(1)  # each takes 64 MiB: a flood waits in line
        self._own = self._routes()
        stand()

    def _routes(self) -> dict[str, ASGIApp]:
        """The gate's own pages, by the scheme of the request: under TLS their cookie is Secure."""
        base = f"{self.base}/_gate"
        routes = [
            Route(f"{base}/login", self._login, methods=["POST"]),
            Route(f"{base}/login", self._home, methods=["GET"]),
            Route(f"{base}/logout", self._ask, methods=["GET"]),
            Route(f"{base}/logout", self._logout, methods=["POST"]),
        ]
        if self.settings.sign_in:
            routes.append(Route(f"{base}/oidc", self._there, methods=["GET"]))
            routes.append(Route(f"{base}/callback", self._back, methods=["GET"]))
        self._paths = {route.path for route in routes}
        # Holds state, nonce and verifier during the provider's round trip, signed with the key.
        return {
            scheme: SessionMiddleware(
                Router(routes),
                secret_key=self.settings.key.hex(),
                session_cookie=f"{self.table.cookie}_trip",
                max_age=ROUND_TRIP,
                path=f"{base}/",
                https_only=scheme == "https",
            )
            for scheme in ("http", "https")
        }

    # ---- in front of everything ------------------------------------------------------------------
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        scope = unmarked(scope)
        own = scope["type"] == "http" and scope["path"] in self._paths
        if not same_site(scope):
            await self._refuse(scope, receive, send, PlainTextResponse("cross-site", 403))
        elif own:
            # Without "app" the router answers 405 itself: none catches its exceptions out here.
            alone = {k: v for k, v in scope.items() if k != "app"}
            await self._own[scope["scheme"]](alone, receive, private(send))
        else:
            await self._guard(scope, receive, send)

    async def _guard(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            session = self._session(scope)
        except STORE_FAILURES:
            page = self.pages.refused("暂时打不开", "登录记录读不出。请联系维护者。", 503)
            await self._refuse(scope, receive, send, page)
            return
        if session is None:
            await self._refuse(scope, receive, send, self._stranger(scope))
        elif scope["type"] == "websocket":
            there = marked(scope, session.visitor)
            await self.sockets.hold(session, self.app, there, receive, send)
        elif scope["method"] not in READS and session.visitor.role != "edit":
            # An upload, above all. The button is not shown either, but the server says no.
            await self._refuse(scope, receive, send, PlainTextResponse("view only", 403))
        else:
            static = scope["path"].startswith(f"{self.base}/static/")
            await self.app(
                marked(scope, session.visitor), receive, send if static else private(send)
            )

    def _session(self, scope: Scope) -> Session | None:
        return self.table.find(HTTPConnection(scope).cookies.get(self.table.cookie))

    def _stranger(self, scope: Scope) -> Response:
        """The login page for a person's browser, 401 for everything else."""
        headers = Headers(scope=scope)
        page = scope["type"] == "http" and scope["method"] == "GET"
        mode = headers.get("sec-fetch-mode", "navigate")  # absent without TLS
        if page and mode == "navigate" and "text/html" in headers.get("accept", ""):
            return self.pages.login(asked(scope))
        return PlainTextResponse("login needed", 401)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send, answer: Response) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 4401})  # before accept: HTTP 403
        else:
            await answer(scope, receive, private(send))

    # ---- the passphrase --------------------------------------------------------------------------
    async def _home(self, request: Request) -> Response:
        return RedirectResponse(f"{self.base}/", 303)

    async def _login(self, request: Request) -> Response:
        form = await fields(request)
        to = safe(form.get("to", ""), self.base)
        address = client(request)
        try:
            wait = await asyncio.to_thread(self.table.attempt, address)
            if wait > 0:
                log.refused("口令尝试过多", "", address)
                return self._too_many(to, wait)
            async with self._one_hash:
                role = await asyncio.to_thread(
                    passphrase.opened, self.settings.home, form.get("passphrase", "")
                )
            if role is None:
                log.refused("口令错误", "", address)
                return self.pages.login(to, 401, "口令不对。请检查大小写和输入法。")
            await asyncio.to_thread(self.table.give_back, address)
            return await self._enter(request, Visitor(role), "passphrase", to)
        except STORE_FAILURES:
            return self.pages.login(to, 503, UNWRITABLE)
        except GateError:
            return self.pages.login(to, 503, "口令文件读不出，暂时不能登录。请联系维护者。")

    def _too_many(self, to: str, wait: float) -> Response:
        seconds = max(1, round(wait))
        words = f"{seconds} 秒" if seconds < 120 else f"{-(-seconds // 60)} 分钟"
        answer = self.pages.login(to, 429, f"试错太多。请在 {words}后再试。")
        answer.headers["retry-after"] = str(seconds)
        return answer

    async def _enter(self, request: Request, who: Visitor, way: str, to: str) -> Response:
        """Begin a session and go where they wanted. A session they had ends: no cookie that was
        planted before the login is worth anything after it."""
        before = self._session(request.scope)
        if before:
            await self._end(before)
        value = await asyncio.to_thread(self.table.begin, who, way)
        log.event("登录", who.name, client(request))
        answer = RedirectResponse(to, 303)
        answer.set_cookie(
            self.table.cookie,
            value,
            max_age=int(self.table.lasts),
            path=f"{self.base}/",
            secure=request.url.scheme == "https",
            httponly=True,
            samesite="lax",
        )
        return answer

    # ---- leaving ---------------------------------------------------------------------------------
    async def _ask(self, request: Request) -> Response:
        return self.pages.leaving()

    async def _logout(self, request: Request) -> Response:
        try:
            session = self._session(request.scope)
            if session:
                await self._end(session)
                log.event("退出", session.visitor.name, client(request))
        except STORE_FAILURES:
            return self.pages.refused("没有退出", UNWRITABLE, 503)
        answer = self.pages.left()
        answer.delete_cookie(self.table.cookie, path=f"{self.base}/")
        return answer

    async def _end(self, session: Session) -> None:
        await asyncio.to_thread(self.table.end, session)
        self.sockets.end(session.id)

    # ---- the office's own sign-in ----------------------------------------------------------------
    async def _there(self, request: Request) -> Response:
        to = safe(request.query_params.get("to", ""), self.base)
        request.session["to"] = to if len(to) <= LONGEST_KEPT else f"{self.base}/"
        try:
            return await self._sign_in.there(request, self._callback(request))
        except oidc.FAILURES as failure:
            log.refused("身份认证失败", type(failure).__name__, client(request))
            return self.pages.login(to, 502, "现在连不上身份认证系统，请稍后再试。")

    async def _back(self, request: Request) -> Response:
        to = safe(str(request.session.get("to", "")), self.base)
        try:
            who = await self._sign_in.back(request)
        except oidc.NotAllowed as stranger:
            log.refused("无权限", str(stranger), client(request))
            said = f"您已通过身份认证（{stranger}），但没有被允许查看本看板。"
            return self.pages.refused("没有权限", said, 403)
        except oidc.FAILURES as failure:
            log.refused("身份认证失败", type(failure).__name__, client(request))
            return self.pages.login(to, 401, "身份认证没有成功或已过期，请再试一次。")
        request.session.clear()
        try:
            return await self._enter(request, who, "oidc", to)
        except STORE_FAILURES:
            return self.pages.login(to, 503, UNWRITABLE)

    @property
    def _sign_in(self) -> oidc.SignIn:
        assert self.settings.sign_in  # its routes exist only then
        return self.settings.sign_in

    def _callback(self, request: Request) -> str:
        """Where the provider sends people back: below the public address where one is set."""
        site = f"{request.url.scheme}://{request.url.netloc}{self.base}"
        return f"{self.settings.public_url.rstrip('/') or site}/_gate/callback"


# ---- a request -------------------------------------------------------------------------------------
def same_site(scope: Scope) -> bool:
    """Whether a websocket, or a request that changes something, comes from our own pages. A client
    that is no browser says nothing of where it comes from, and carries no cookie by accident."""
    if scope["type"] == "http" and scope["method"] in READS:
        return True
    headers = Headers(scope=scope)
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    origin, host = headers.get("origin"), headers.get("host")
    return origin is None or origin in (f"http://{host}", f"https://{host}")


def asked(scope: Scope) -> str:
    """The path and query of a request, as they stood in the address bar."""
    path = scope.get("raw_path") or quote(scope["path"]).encode()
    query = scope.get("query_string", b"")
    return (path + b"?" * bool(query) + query).decode("latin-1")


def safe(to: str, base: str) -> str:
    """A way within this dashboard; its first page where `to` leads anywhere else. Browsers take a
    backslash for a slash, drop tabs and newlines, and take // for another host."""
    plain = to.isascii() and to.isprintable() and " " not in to and "\\" not in to
    within = to.startswith(f"{base}/") and not to.startswith((f"{base}//", "//"))
    gate = to.startswith(f"{base}/_gate/")
    return to if plain and within and not gate else f"{base}/"


def client(request: Request) -> str:
    """Whose tries count together."""
    return network(request.client.host if request.client else "")


async def fields(request: Request) -> dict[str, str]:
    """A small form's fields; none of a body that is larger than any of ours."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LONGEST_FORM:
            return {}
    try:
        found = parse_qs(body.decode("utf-8", "replace"), max_num_fields=10)
    except ValueError:  # more fields than any form of ours has
        return {}
    return {k: v[0] for k, v in found.items()}


def private(send: Send) -> Send:
    """Answers that no cache keeps: Back must not show a screen after its session has ended."""

    async def send_private(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["cache-control"] = "no-store"
        await send(message)

    return send_private
