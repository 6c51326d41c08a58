"""Makes the gate ready from what lies in its folder, or says what is missing."""

from __future__ import annotations

from urllib.parse import urlsplit

from qmg_dash.folder.scan import resolve
from qmg_dash.folder.town import town_of
from qmg_dash.gate import home, oidc, page, passphrase
from qmg_dash.gate.door import STORE_FAILURES, Settings
from qmg_dash.gate.table import Table
from qmg_dash.model import DataError


def gate(hours: float) -> Settings:
    """The gate, ready to stand; GateError says what is missing and how to mend it."""
    place = home.resolve()
    home.ready(place, resolve(None))
    phrases, provider = passphrase.stored(place), oidc.read(place)
    if not phrases and not provider:
        raise home.GateError(
            "还没有设置进入的办法，不能分享。请先执行 python -m qmg_dash passphrase 设置查看口令"
            f"（--role edit 设置编辑口令），或照 docs/deploy/oidc.example.toml 写好 {place.oidc}。"
        )
    key = home.key(place)
    pages = page.Pages(house, bool(phrases), provider.label if provider else "")
    sign_in = oidc.SignIn(provider) if provider else None
    return Settings(place, key, table(place, key, hours), pages, sign_in, public_url())


def table(place: home.Home, key: bytes, hours: float) -> Table:
    """The session table; GateError where it cannot be opened."""
    try:
        return Table(place.sessions, key, hours * 3600)
    except STORE_FAILURES as error:
        raise home.GateError(
            f"登录记录 {place.sessions} 打不开（{error}）：请检查权限和磁盘空间；"
            "若文件损坏，删除它再启动，大家重新登录一次。"
        ) from None


def house() -> page.House:
    """Whose dashboard it is, and whom to ask, as town.toml says now."""
    try:
        town = town_of(resolve(None))
    except DataError:
        return page.House()
    return page.House(town.short_name, town.contact)


def public_url() -> str:
    """The address that town.toml gives the dashboard; empty: none, or none that can be used."""
    try:
        url = town_of(resolve(None)).public_url
    except DataError:
        return ""
    return url.rstrip("/") if urlsplit(url).scheme in ("http", "https") else ""
