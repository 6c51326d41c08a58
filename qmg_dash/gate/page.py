"""What stands before the screens: plain HTML that needs no script and asks nobody else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.responses import HTMLResponse

from qmg_dash import theme
from qmg_dash.fmt import html

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
        target = html(to)
        if self.passphrase:
            parts.append(
                f'<form method="post" action="{self.base}/_gate/login">'
                f'<input type="hidden" name="to" value="{target}">'
                '<label for="passphrase">口令</label><input id="passphrase" name="passphrase"'
                ' type="password" autocomplete="current-password" required autofocus>'
                "<button>进入</button></form>"
            )
        if self.provider:
            # A link: the policy's form-action would stop a form's redirect to the provider.
            there = html(f"{self.base}/_gate/oidc?{urlencode({'to': to})}")
            parts.append(f'<a class="button" href="{there}">{html(self.provider)}</a>')
        return self._page("请先登录", "".join(parts), status)

    def leaving(self) -> HTMLResponse:
        """Asks whether to log out: a mere link must not do it, since another site could hold it."""
        body = (
            '<p class="muted">退出后，这个浏览器里打开的各个屏幕都会关闭，再看要重新登录。</p>'
            f'<form method="post" action="{self.base}/_gate/logout"><button>退出登录</button></form>'
            f'<p><a href="{self.base}/">返回看板</a></p>'
        )
        return self._page("退出登录", body, 200, ask=False)

    def left(self) -> HTMLResponse:
        """Says that it is done."""
        body = f'<p class="muted">已经退出。</p><a class="button" href="{self.base}/">重新登录</a>'
        return self._page("已退出登录", body, 200, ask=False)

    def refused(self, title: str, said: str, status: int) -> HTMLResponse:
        """Says why not."""
        back = f'<p><a href="{self.base}/">返回</a></p>'
        return self._page(title, _said(said) + back, status)

    def _page(self, title: str, body: str, status: int, ask: bool = True) -> HTMLResponse:
        house = self.house()
        whom = f"没有权限？请联系{html(house.contact or '本看板的管理人员')}。"
        foot = f'<p class="muted foot">{whom}</p>' if ask else ""
        light, dark = theme.variables(theme.Look()), theme.variables(theme.Look(dark=True))
        # The referrer is kept within this site here, or a browser calls the form's origin "null".
        page = (
            '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width,initial-scale=1">'
            '<meta name="referrer" content="same-origin"><meta name="robots" content="noindex">'
            f'<title>{title} · 法治政府建设看板</title><link rel="icon" href="data:,">'
            f"<style>:root{{color-scheme:light dark}}{light}"
            f"@media(prefers-color-scheme:dark){{{dark}}}{STYLE}</style></head><body><main>"
            f'<p class="town">{html(house.name)} · 法治政府建设看板</p><h1>{title}</h1>'
            f"{body}{foot}</main></body></html>"
        )
        return HTMLResponse(page, status)


def _said(text: str) -> str:
    return f'<p class="said" role="alert">{html(text)}</p>' if text else ""
