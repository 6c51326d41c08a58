"""What is refused before any screen is reached, said in Chinese: a request under another host's name,
and one that no server reads (a link beyond 64 kB)."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import simple_html as h
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import ClientDisconnect
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from qmg_dash import escaping

OTHER_HOST = (
    "看板不认这个网址里的主机名。请用启动时打印的网址打开，或请维护者用 --name 加上这个主机名。"
)
UNREADABLE = "链接太长，或请求不完整，看板没有读。请让发链接的人重新复制，或从看板首页打开。"
LINGER = 5.0
"""Seconds for which the rest of what is refused is still taken in, and thrown away."""


def page(said: str) -> h.SafeString:
    """A bare page with one sentence."""
    whole = h.html(
        {"lang": "zh-CN"},
        h.meta({"charset": "utf-8"}),
        h.title("法治政府建设看板"),
        h.body({"style": "font:1.1rem sans-serif;margin:3rem"}, h.p(said)),
    )
    return escaping.html(h.DOCTYPE_HTML5, whole)


class HostNames(TrustedHostMiddleware):
    """Starlette's check of the host's name, with a page of ours in the place of its word."""

    def __init__(self, app: ASGIApp, names: list[str]) -> None:
        async def reached(scope: Scope, receive: Receive, send: Send) -> None:
            scope["qmg.host"] = True
            await app(scope, receive, send)

        super().__init__(reached, names, www_redirect=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return

        async def checked(message: Message) -> None:
            if "qmg.host" in scope:
                await send(message)
            elif message["type"] == "http.response.start":
                await HTMLResponse(page(OTHER_HOST).safe_str, message["status"])(
                    scope, receive, send
                )

        await super().__call__(scope, receive, checked)


class HungUp:
    """A client that hangs up before its request is whole has nobody to be told; uvicorn would
    print a traceback."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with suppress(ClientDisconnect):
            await self.app(scope, receive, send)


class Rest(asyncio.Protocol):
    """Takes in what a refused client still sends: a server that hangs up on it resets the
    connection, and the browser never shows the answer."""

    def __init__(self, refused: H11Protocol) -> None:
        self.refused = refused
        transport = refused.transport
        self.timer = asyncio.get_running_loop().call_later(LINGER, transport.close)

    def connection_lost(self, error: Exception | None) -> None:
        self.timer.cancel()
        self.refused.connection_lost(error)


def _refuse(self: H11Protocol, _: str) -> None:
    body = page(UNREADABLE).safe_str.encode()
    head = (
        "HTTP/1.1 400 Bad Request\r\ncontent-type: text/html; charset=utf-8\r\nconnection: close\r\n"
        "content-security-policy: default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'\r\n"
        f"x-content-type-options: nosniff\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    transport: Any = self.transport
    transport.write(head.encode() + body)
    transport.set_protocol(Rest(self))
    transport.resume_reading()


def answer_plainly() -> None:
    """Let uvicorn refuse in Chinese. Streamlit starts it by itself and hands nothing on."""
    H11Protocol.send_400_response = _refuse
