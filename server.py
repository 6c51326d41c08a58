"""The server: the app behind compression, security headers, a check of the host name and, where it
is shared, the gate.

``python server.py [--port 8501]`` starts it for this machine alone and asks nothing; ``--share``
listens on the office network and lets nobody in without a session. ``streamlit run server.py`` finds
``app`` and works too, for this machine. Everything here is pure ASGI: the websocket passes through
each layer, so that the gate guards it as well.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import hashlib
import logging
import os
import re
import socket
import sys
import threading
import webbrowser
import zlib
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit

import pyarrow
import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import config, file_util

from qmg_dash import beijing
from qmg_dash.gate import log, plain, waiting
from qmg_dash.gate.address import local
from qmg_dash.gate.home import GateError
from qmg_dash.ui import access, link, menu, page

if TYPE_CHECKING:
    from qmg_dash.gate.door import Settings

ROOT = Path(__file__).resolve().parent
TITLE = "法治政府建设看板"
LOOPBACK = ("127.0.0.1", "localhost", "::1")
REFUSED = 1
EVERYWHERE = ("0.0.0.0", "::")

PACKED_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}
IMMUTABLE = "public, max-age=31536000, immutable"  # their addresses carry a content hash
BROTLI_LEVEL = 6  # Plotly: 1.22 MB in 0.15 s; 9 gives 1.18 MB in 0.44 s, 11 gives 1.06 MB in 8.4 s


def compress(data: bytes, coding: str) -> bytes:
    """``data`` under a content coding, ``br`` or ``gzip``; the same bytes each time."""
    if coding == "br":
        return pyarrow.Codec("brotli", compression_level=BROTLI_LEVEL).compress(data, asbytes=True)
    gzip = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    return gzip.compress(data) + gzip.flush()


# pyarrow comes with Streamlit; a build without Brotli is served gzip only.
CODINGS = ("br", "gzip") if pyarrow.Codec.is_available("brotli") else ("gzip",)


def coding_for(accept: str) -> str | None:
    """The best coding that an Accept-Encoding header allows; None: send the bytes as they are."""
    accepted = set()
    for part in accept.lower().split(","):
        name, *parameters = (x.strip() for x in part.split(";"))
        if not any(re.fullmatch(r"q\s*=\s*0(\.0*)?", p) for p in parameters):
            accepted.add(name)
    return next((c for c in CODINGS if c in accepted), None)


def etag_of(data: bytes, coding: str) -> str:
    """A strong validator: the content and the coding it was sent under."""
    return f'"{hashlib.sha256(data).hexdigest()[:24]}-{coding}"'


@dataclass(frozen=True, slots=True)
class Packed:
    """A body ready to be sent: made once, kept for the life of the process."""

    body: bytes
    etag: str
    headers: dict[str, str]

    @classmethod
    def make(cls, data: bytes, coding: str | None, headers: dict[str, str]) -> Packed:
        etag = etag_of(data, coding or "identity")
        encoding = {"content-encoding": coding} if coding else {}
        body = compress(data, coding) if coding else data
        return cls(body, etag, headers | encoding | {"vary": "Accept-Encoding", "etag": etag})

    def response(self, scope: Scope) -> Response:
        """The answer to a GET or HEAD, or 304 where the client has these very bytes."""
        if self.etag in Headers(scope=scope).get("if-none-match", ""):
            return Response(status_code=304, headers=self.headers)
        return Response(self.body, headers=self.headers)


def read_and_pack(path: Path, coding: str) -> Packed:
    """A file of Streamlit's frontend or of ours, compressed."""
    headers = {"content-type": PACKED_TYPES[path.suffix], "cache-control": IMMUTABLE}
    return Packed.make(path.read_bytes(), coding, headers)


RECONNECT = (ROOT / "qmg_dash/gate/reconnect.js").read_text(encoding="utf-8")
"""Runs before Streamlit's own script, since it watches the websocket that this one opens."""


STATIC = Path(file_util.get_static_dir())
"""Streamlit's frontend."""
CONNECT = (ROOT / "qmg_dash/gate/connect.js").read_text(encoding="utf-8")
"""Tells Streamlit's script where the server is, so that it connects at once: else it asks for a server
under the path of the page first, and waits 0.1 s after the answer that there is none."""
WIDGETS = (
    "BidiComponent",
    "Button",
    "ButtonGroup",
    "DownloadButton",
    "Html",
    "Selectbox",
)
"""The parts of Streamlit's frontend that every page uses. It asks for each when it is first drawn, and
for what that needs when it has come."""
IMPORTED = re.compile(r"""(?:from|import)\s*["']\./([\w.-]+\.js)["']""")


def needed(names: Sequence[str] = WIDGETS, folder: Path = STATIC / "static" / "js") -> list[str]:
    """The files of these parts and of all that they import; none of a part that a later Streamlit
    no longer has."""
    found: dict[str, None] = {}
    todo = [path.name for name in names for path in sorted(folder.glob(f"{name}.*.js"))]
    while todo:
        if (name := todo.pop(0)) not in found:
            found[name] = None
            todo += IMPORTED.findall((folder / name).read_text(encoding="utf-8"))
    return list(found)


def _links() -> str:
    """What every page will need, fetched while Streamlit's first script is; relative to the page, as
    its own files are."""

    def link(name: str, kind: str) -> str:
        return f'<link {kind} href="./app/static/{name}?v={page.version()}">'

    scripts = ("morphdom.min.js", "plotly-cartesian.min.js", "charts.js")
    return "".join(
        (
            link("inner.css", 'rel="stylesheet"'),
            *(link(name, 'rel="modulepreload"') for name in ("page.js", "inner.js")),
            *(link(name, 'rel="preload" as="script"') for name in scripts),
            link("page.css", 'rel="preload" as="style"'),
            *(
                f'<link rel="modulepreload" crossorigin href="./static/js/{name}">'
                for name in needed()
            ),
        )
    )


class Index:
    """Streamlit's index.html in Chinese: language, title, the words where scripts are off.

    A pattern that a later Streamlit no longer contains leaves that part as it is.
    """

    EDITS = (
        (rb'<html lang="en">', '<html lang="zh-CN">'),
        (rb"<title>Streamlit</title>", f"<title>{TITLE}</title>"),
        (
            rb"(?s)<noscript>.*?</noscript>",
            "<noscript><p>请在浏览器中启用 JavaScript 后查看本看板。</p></noscript>",
        ),
        # The theme uses the system's fonts. Streamlit's own, 170 KB, would be fetched all the same:
        # by this preload, and by its hidden skip link, which is drawn before the theme arrives
        # (static/inner.css).
        (rb'<link\s+rel="preload"[^>]*?as="font"[^>]*?>', ""),
        (rb"</head>", f"{_links()}</head>"),
        (rb"<head>", f"<head><script>{CONNECT}{RECONNECT}</script>"),
    )

    def __init__(self, path: Path) -> None:
        """Read and rewrite ``path``; the file is not looked at again."""
        html = path.read_bytes()
        # Streamlit answers every unknown path with this file: its validator tells that it did.
        self.original_etag = FileResponse(path, stat_result=path.stat()).headers["etag"]
        for pattern, words in self.EDITS:
            html = re.sub(pattern, words.replace("\\", r"\\").encode(), html, count=1)
        self.html = html
        headers = {"content-type": "text/html; charset=utf-8", "cache-control": "no-cache"}
        self.packed = {c: Packed.make(html, c, headers) for c in (*CODINGS, None)}

    def script_hashes(self) -> list[str]:
        """CSP sources for the page's own inline scripts, so that no other inline script runs."""
        scripts = re.findall(rb"(?s)<script>(.*?)</script>", self.html)
        digests = (base64.b64encode(hashlib.sha256(s).digest()).decode() for s in scripts)
        return [f"'sha256-{d}'" for d in digests]


INDEX = Index(STATIC / "index.html")


class PackedStatic:
    """Serves Streamlit's own files compressed; what it does not know it passes on untouched.

    Streamlit sends 9 MB of JavaScript as it is, since it would compress anew at every request. Here
    each file is compressed once, in a thread, when it is first asked for. The cache cannot outgrow
    the fixed set of files (about 7 MB a coding, if every one of them is asked for).
    """

    def __init__(self, app: ASGIApp, index: Index = INDEX, paths: Collection[str] = ()) -> None:
        """`paths`: the screens; empty: whatever Streamlit takes for a page."""
        self.app = app
        self.index = index
        self.paths = paths
        base = "/".join(["", *filter(None, config.get_option("server.baseUrlPath").split("/"))])
        # Looked up by the whole path: nothing outside this table can be reached.
        self.files = {
            f"{base}/{path.relative_to(STATIC).as_posix()}": path
            for path in (STATIC / "static").rglob("*")
            if path.suffix in PACKED_TYPES
        }
        self.files |= {
            f"{base}/app/static/{path.name}": path
            for path in page.STATIC.iterdir()
            if path.suffix in PACKED_TYPES
        }
        self.packed: dict[tuple[str, str], asyncio.Future[Packed]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        coding = coding_for(headers.get("accept-encoding", ""))
        if coding and scope["path"] in self.files and "range" not in headers:
            # A file that is gone (Streamlit upgraded under a running server): let Streamlit answer.
            with contextlib.suppress(OSError):
                packed = await self.pack(scope["path"], coding)
                await packed.response(scope)(scope, receive, send)
                return
        if self.index.original_etag in headers.get("if-none-match", ""):
            scope = without_validators(scope)
        await self.app(scope, receive, self.with_index(coding, scope, receive, send))

    async def pack(self, path: str, coding: str) -> Packed:
        """The compressed file. Requests that come meanwhile wait for the same work."""
        key = (path, coding)
        if key not in self.packed:
            work = asyncio.to_thread(read_and_pack, self.files[path], coding)
            self.packed[key] = asyncio.ensure_future(work)
        return await asyncio.shield(self.packed[key])

    def with_index(self, coding: str | None, scope: Scope, receive: Receive, send: Send) -> Send:
        """``send``, but where Streamlit answers with its index.html, ours goes out in its place."""
        replaced = False

        async def send_ours(message: Message) -> None:
            nonlocal replaced
            if message["type"] == "http.response.start":
                etag = Headers(raw=message["headers"]).get("etag")
                replaced = message["status"] == 200 and etag == self.index.original_etag
                if replaced:
                    page = elsewhere(scope, self.paths) or self.index.packed[coding].response(scope)
                    await page(scope, receive, send)
            if not replaced:
                await send(message)

        return send_ours


def elsewhere(scope: Scope, paths: Collection[str]) -> Response | None:
    """Where a path names no screen: to 总览, which says so. Streamlit would say it in English, over
    the whole page, and find none of its own files below a path of several parts."""
    base = base_path()
    asked = scope["path"].removeprefix(base).strip("/")
    if not paths or f"/{asked}" in paths or "." in asked.rpartition("/")[2]:
        return None
    query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    kept = [(k, v) for k, v in query if k != link.MISSING]
    said = (link.MISSING, asked[: link.MISSING.longest])
    return RedirectResponse(f"{base}/?{urlencode([said, *kept])}", 307)


def without_validators(scope: Scope) -> Scope:
    """The request without its cache validators.

    A browser that saw this address under ``streamlit run app.py`` holds the English page, and would
    be told 304 for it.
    """
    names = (b"if-none-match", b"if-modified-since")
    return {**scope, "headers": [(k, v) for k, v in scope["headers"] if k not in names]}


def security_headers(portal: str = "", index: Index = INDEX) -> dict[str, str]:
    """The headers every response carries. No source outside this server; no framing, except by the
    office's portal where one is named.

    script-src: the index's one inline script by its hash; ``blob:`` since Streamlit runs the script
    of a components.v2 component from a blob. No eval: Plotly needs it for WebGL traces and maps
    alone, and protobuf.js tries WebAssembly but does without. style-src: Streamlit, Plotly and
    st.html set styles inline. connect-src: 'self' covers the websocket of the same host and port.
    """
    policy = {
        "default-src": "'self'",
        "script-src": " ".join(["'self'", "blob:", *index.script_hashes()]),
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "connect-src": "'self'",
        "object-src": "'none'",
        "base-uri": "'self'",
        "form-action": "'self'",
        "frame-ancestors": portal or "'none'",
    }
    refused = ("camera", "microphone", "geolocation", "payment", "usb")
    allowed = ("fullscreen", "clipboard-write", "screen-wake-lock")
    return {
        "content-security-policy": "; ".join(f"{k} {v}" for k, v in policy.items()),
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "permissions-policy": ", ".join(
            [f"{name}=()" for name in refused] + [f"{name}=(self)" for name in allowed]
        ),
        "cross-origin-opener-policy": "same-origin",
    }


class SecurityHeaders:
    """Adds the security headers to every HTTP response."""

    def __init__(self, app: ASGIApp, portal: str = "") -> None:
        self.app = app
        self.headers = security_headers(portal)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self.headers)
            await send(message)

        await self.app(scope, receive, send_with_headers if scope["type"] == "http" else send)


def allowed_hosts(app: ASGIApp) -> ASGIApp:
    """Refuses a Host that is not in ``server.allowedHosts``.

    Else a website could point its own name at 127.0.0.1 and read the dashboard from within the
    browser. Streamlit applies the setting to the websocket alone. It is read when the app is built,
    not at import: the command line may have added a name.
    """
    hosts = config.get_option("server.allowedHosts")
    return plain.HostNames(app, hosts or ["*"])


def base_path() -> str:
    """The path under which the app is served: empty, or /kanban."""
    return "".join(f"/{p}" for p in config.get_option("server.baseUrlPath").split("/") if p)


def address() -> str:
    """Where a browser on this machine, or on the office network, finds the dashboard."""
    host = config.get_option("server.address")
    if host in (None, *EVERYWHERE):
        host = own_addresses()[0]
    scheme = "https" if config.get_option("server.sslCertFile") else "http"
    name = f"[{host}]" if ":" in host else host
    return f"{scheme}://{name}:{config.get_option('server.port')}{base_path()}"


def own_addresses() -> list[str]:
    """This machine's addresses on the network, the one it speaks from first."""
    found = []
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))  # for documentation (RFC 5737): nothing is sent
        found.append(probe.getsockname()[0])
    with contextlib.suppress(OSError):
        found += [str(at[4][0]) for at in socket.getaddrinfo(socket.gethostname(), None)]
    return list(dict.fromkeys(found)) or [LOOPBACK[0]]


@asynccontextmanager
async def lifespan(serving: st.App) -> AsyncIterator[None]:
    """Import and freeze what the screens need before the first visitor comes; say where we are."""
    shared: Settings | None = serving.state.get("gate")
    if shared is None and not local(config.get_option("server.address")):
        raise RuntimeError(access.HERE_ONLY)
    plain.answer_plainly()
    log.damp()
    waiting.watch()
    menu.warm()
    where = (shared and shared.public_url) or address()
    print(f"{TITLE}：{where}", flush=True)
    if shared:
        log.keep(shared.home.logs, str(config.get_option("server.port")))
        welcome(where)
    if serving.state.get("open"):
        # The socket is bound already: the browser's request waits until we answer.
        threading.Thread(target=webbrowser.open, args=(where,), daemon=True).start()
    yield


def welcome(where: str) -> None:
    """What the one who shares has to know: the code to photograph, and what is not safe yet."""
    if sys.stdout.isatty():
        import segno

        segno.make(where, error="m", micro=False).terminal(compact=True)
    if where.startswith("http://") and not local(urlsplit(where).hostname or ""):
        print(
            "注意：没有 HTTPS，口令在网络上是明文。正式使用请照 docs/deploy.md 加上。", flush=True
        )


def guard(app: ASGIApp, settings: Settings) -> ASGIApp:
    """The gate. Made when the app is built: the command line may have set the path it is under."""
    from qmg_dash.gate.door import Gate

    return Gate(app, settings, base_path())


def layers(
    gate: Settings | None = None, portal: str = "", paths: Collection[str] = ()
) -> list[Middleware]:
    """From the outside in. Without a gate no request passes through any of its code. `paths`: the
    screens; another path is sent to the first."""
    outer = [
        Middleware(plain.HungUp),
        Middleware(SecurityHeaders, portal=portal),
        Middleware(allowed_hosts),
    ]
    packed = Middleware(PackedStatic, paths=paths)
    return [*outer, *([Middleware(guard, settings=gate)] if gate else []), packed]


def say_sorry(error: Exception) -> bool:
    """What a visitor sees in place of an unexpected error: Chinese, and nothing of its inside.
    The log has the traceback."""
    logging.getLogger("qmg_dash").error("a screen failed", exc_info=error)
    st.error(
        f"这一屏出错了，没有显示完整；其他屏幕不受影响。请把时间 {beijing.now():%H:%M} 和链接告诉维护者。"
    )
    return True


app = st.App(
    ROOT / "app.py",
    lifespan=lifespan,
    middleware=layers(paths=menu.titles()),
    on_script_error=say_sorry,
)


def gate(hours: float) -> Settings:
    """The gate, ready to stand. Imported only where it does: its sign-in costs 0.2 s at the start."""
    from qmg_dash.gate import opening

    return opening.gate(hours)


# ---- the command line ------------------------------------------------------------------------------
def settings(
    host: str = LOOPBACK[0], port: int | None = None, names: Sequence[str] = ()
) -> dict[str, object]:
    """Streamlit's settings for an address; everything else is config.toml's.

    This machine alone unless a host is named: Streamlit by itself listens on every address. Who
    asks for another name than ours is refused; `names` are further ones that colleagues use.
    """
    # We print our own welcome, in Chinese.
    chosen: dict[str, object] = {"server.address": host, "logger.hideWelcomeMessage": True}
    if port is not None:
        chosen["server.port"] = port
    here = [*own_addresses(), socket.gethostname()] if host in EVERYWHERE else [host]
    further = [n for n in dict.fromkeys([*here, *names]) if n not in LOOPBACK]
    if further:
        chosen["server.allowedHosts"] = [*LOOPBACK, *further]
    return chosen


def options(arguments: list[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=f"启动{TITLE}")
    parser.add_argument("--share", action="store_true", help="分享给同事：监听办公网，须登录")
    parser.add_argument("--host", help="监听地址；默认 127.0.0.1（仅本机），分享时为全部地址")
    parser.add_argument("--port", type=int, help="端口，默认从 8501 起找一个空闲的")
    parser.add_argument("--open", action="store_true", help="启动后打开浏览器")
    parser.add_argument(
        "--name", action="append", default=[], help="分享时同事另用的主机名，可多次"
    )
    parser.add_argument("--hours", type=float, default=10, help="登录一次管几小时，默认 10")
    parser.add_argument("--proxy", action="store_true", help="在本机的 nginx 后面运行")
    parser.add_argument(
        "--portal", default="", help="允许嵌入看板的门户，例如 https://oa.example.cn"
    )
    parser.add_argument("--base", default="", help="看板所在的子路径，例如 kanban")
    parser.add_argument("--cert", type=Path, help="HTTPS 证书文件（不用 nginx 时），须同时给 --key")
    parser.add_argument("--key", type=Path, help="证书的私钥文件")
    parser.add_argument("--script", type=Path, help="改为运行另一个 Streamlit 脚本（测试与测速用）")
    chosen = parser.parse_args(arguments)
    if not chosen.share and chosen.host and not local(chosen.host):
        parser.error(access.HERE_ONLY)
    if chosen.portal and not re.fullmatch(r"https?://[\w.-]+(:\d+)?", chosen.portal):
        parser.error("--portal 要写成 https://主机名，后面不带路径")
    if not re.fullmatch(r"[\w/-]*", chosen.base, re.ASCII):
        parser.error("--base 只能用字母、数字、横线和斜线")
    if bool(chosen.cert) != bool(chosen.key):
        parser.error("--cert 和 --key 要一起给")
    if not 0 < chosen.hours <= 24 * 7:
        parser.error("--hours 应在 0 到 168 之间")
    return chosen


def main(arguments: list[str] | None = None) -> None:
    """Read the command line and serve until interrupted."""
    chosen = options(arguments)
    try:
        shared = gate(chosen.hours) if chosen.share else None
    except GateError as refused:
        print(refused, file=sys.stderr)
        raise SystemExit(REFUSED) from None
    except OSError as refused:
        print(f"不能分享（{refused}）：请检查磁盘空间和权限。", file=sys.stderr)
        raise SystemExit(REFUSED) from None
    serving = app
    if shared or chosen.script:
        script = chosen.script.resolve() if chosen.script else ROOT / "app.py"
        layer = layers(shared, chosen.portal, () if chosen.script else menu.titles())
        serving = st.App(script, lifespan=lifespan, middleware=layer, on_script_error=say_sorry)
    if not chosen.proxy:
        # uvicorn believes X-Forwarded-For from this machine: each try could name another address.
        os.environ["FORWARDED_ALLOW_IPS"] = ""
    serving.state.update({"open": chosen.open, "gate": shared})
    host = chosen.host or (EVERYWHERE[0] if shared and not chosen.proxy else LOOPBACK[0])
    public = urlsplit(shared.public_url).hostname if shared else None
    names = [*chosen.name, *([public] if public else [])]
    serving.run(config=settings(host, chosen.port, names) | optional(chosen))


def optional(chosen: argparse.Namespace) -> dict[str, object]:
    """Further settings of Streamlit that the command line named."""
    named = {
        "server.baseUrlPath": chosen.base,
        "server.sslCertFile": str(chosen.cert or ""),
        "server.sslKeyFile": str(chosen.key or ""),
    }
    return {name: value for name, value in named.items() if value}


if __name__ == "__main__":
    main()
