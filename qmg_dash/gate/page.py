"""What stands before the screens: plain HTML that needs no script and asks nobody else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

import simple_html as h
from starlette.responses import HTMLResponse

from qmg_dash import escaping, theme

STYLE = """
*{box-sizing:border-box} body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1rem;
background:var(--bg);color:var(--ink);font:16px/1.6 FONT} main{width:min(26rem,100%);background:var(--card);
border:1px solid var(--line);border-top:4px solid var(--accent);border-radius:4px;padding:1.6rem 1.8rem}
h1{font-size:1.375rem;line-height:1.4;margin:0} p{margin:.4rem 0 0} .town{color:var(--accent);font-weight:600}
.muted{color:var(--ink2);font-size:.9375rem} .said{margin-top:1rem;padding:.5rem .8rem;background:var(--badsoft);
color:var(--bad);border-left:4px solid var(--bad)} label{display:block;margin:1.2rem 0 .3rem;font-weight:600}
input{width:100%;font:inherit;padding:.5rem .7rem;color:var(--ink);background:var(--bg);border:1px solid var(--ink3);
border-radius:4px} button,.button{display:block;width:100%;margin-top:1rem;padding:.55rem;font:inherit;font-weight:600;
text-align:center;text-decoration:none;border-radius:4px;border:1px solid var(--accent);background:var(--accent);
color:var(--card);cursor:pointer} .button{background:var(--card);color:var(--accent)} a{color:var(--accent)}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px} .foot{margin-top:1.4rem;padding-top:.8rem;
border-top:1px solid var(--line)}
""".replace("FONT", theme.FONT)


@dataclass(frozen=True)
class House:
    """Whose dashboard it is, and whom to ask for access."""

    name: str = ""
    contact: str = ""


@dataclass(frozen=True)
class Pages:
    """The gate's own pages. `house` is asked at each page: town.toml may change."""

    house: Callable[[], House]
    passphrase: bool
    provider: str = ""
    """How the button of the office's own sign-in reads; empty: there is none."""
    base: str = ""

    def login(self, to: str, status: int = 401, said: str = "") -> HTMLResponse:
        """Asks who comes; `to` is where they wanted to go."""
        parts = [_said(said)]
        if self.passphrase:
            field = {"id": "passphrase", "name": "passphrase", "type": "password"}
            asks = {"autocomplete": "current-password", "required": None, "autofocus": None}
            parts.append(
                h.form(
                    {"method": "post", "action": f"{self.base}/_gate/login"},
                    h.input_({"type": "hidden", "name": "to", "value": to}),
                    h.label({"for": "passphrase"}, "口令"),
                    h.input_(field | asks),
                    h.button("进入"),
                )
            )
        if self.provider:
            # A link: the policy's form-action would stop a form's redirect to the provider.
            there = f"{self.base}/_gate/oidc?{urlencode({'to': to})}"
            parts.append(h.a({"class": "button", "href": there}, self.provider))
        return self._page("请先登录", parts, status)

    def leaving(self) -> HTMLResponse:
        """Asks whether to log out: a mere link must not do it, since another site could hold it."""
        body = [
            h.p({"class": "muted"}, "退出后，这个浏览器里打开的各个屏幕都会关闭，再看要重新登录。"),
            h.form({"method": "post", "action": f"{self.base}/_gate/logout"}, h.button("退出登录")),
            h.p(h.a({"href": f"{self.base}/"}, "返回看板")),
        ]
        return self._page("退出登录", body, 200, ask=False)

    def left(self) -> HTMLResponse:
        """Says that it is done."""
        again = h.a({"class": "button", "href": f"{self.base}/"}, "重新登录")
        body = [h.p({"class": "muted"}, "已经退出。"), again]
        return self._page("已退出登录", body, 200, ask=False)

    def refused(self, title: str, said: str, status: int) -> HTMLResponse:
        """Says why not."""
        back = h.p(h.a({"href": f"{self.base}/"}, "返回"))
        return self._page(title, [_said(said), back], status)

    def _page(self, title: str, body: h.Node, status: int, ask: bool = True) -> HTMLResponse:
        house = self.house()
        whom = f"没有权限？请联系{house.contact or '本看板的管理人员'}。"
        light, dark = theme.variables(theme.Look()), theme.variables(theme.Look(dark=True))
        # The referrer is kept within this site here, or a browser calls the form's origin "null".
        page = h.html(
            {"lang": "zh-CN"},
            h.head(
                h.meta({"charset": "utf-8"}),
                h.meta({"name": "viewport", "content": "width=device-width,initial-scale=1"}),
                h.meta({"name": "referrer", "content": "same-origin"}),
                h.meta({"name": "robots", "content": "noindex"}),
                h.title(f"{title} · 法治政府建设看板"),
                h.link({"rel": "icon", "href": "data:,"}),
                escaping.verbatim(
                    h.style,
                    f":root{{color-scheme:light dark}}{light}"
                    f"@media(prefers-color-scheme:dark){{{dark}}}{STYLE}",
                ),
            ),
            h.body(
                h.main(
                    h.p({"class": "town"}, f"{house.name} · 法治政府建设看板"),
                    h.h1(title),
                    body,
                    h.p({"class": "muted foot"}, whom) if ask else "",
                )
            ),
        )
        return HTMLResponse(escaping.html(h.DOCTYPE_HTML5, page).safe_str, status)


def _said(text: str) -> h.Node:
    return h.p({"class": "said", "role": "alert"}, text) if text else ""
