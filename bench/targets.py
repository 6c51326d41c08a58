"""What is measured: the dashboard's pages and two floors, on each the widget that is changed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from serve import Server
from st_client import Node, Session, StreamlitError, user_key

FLOORS = Path(__file__).parent / "floors"
BLANK, ONE_CHART = "blank page", "one chart"


@dataclass(frozen=True)
class Choice:
    """A widget and the two values between which it is toggled; a filter's value is pressed and given
    up."""

    key: str
    kind: str
    values: tuple[object, object]


@dataclass(frozen=True)
class Target:
    """A page of a server; without a ``choice`` it has nothing to change and just reruns."""

    name: str
    server: Server
    page: str
    query: str
    choice: Choice | None

    def url(self, port: int) -> str:
        """Its address, by way of ``port``."""
        return f"http://127.0.0.1:{port}/{self.page}{'?' * bool(self.query)}{self.query}"

    async def visit(self) -> Session:
        """A visitor who has loaded the page; StreamlitError where it shows an exception."""
        url = f"http://127.0.0.1:{self.server.port}"
        session = await Session(url, self.page, self.query).open()
        run = await session.rerun()
        if not run.ok:
            raise StreamlitError(f"{self.name}: {run.exceptions}")
        return session


def options(widget: Node) -> list[str]:
    """What a select box or pills offer; for other widgets nothing."""
    if widget.kind == "button_group":
        return [option.content for option in widget.proto.options]
    return list(widget.proto.options) if widget.kind == "selectbox" else []


def choice_of(session: Session, wished: dict[str, tuple[str, str]]) -> Choice | None:
    """The widget to change on a page: the filter or widget wished for, else the first with two
    options or more.

    Select boxes come before pills, which may switch the data folder.
    """
    for name, values in session.filters().items():
        if name in wished:
            return Choice(name, "filter", ("", wished[name][1] or values[0]))
    kinds = ("selectbox", "button_group")
    usable = [w for w in session.widgets() if user_key(w.proto.id) and len(options(w)) > 1]
    for widget in sorted(usable, key=lambda w: kinds.index(w.kind)):
        key = user_key(widget.proto.id)
        if not wished or key in wished:
            first, second = wished.get(key, options(widget)[:2])
            return Choice(key, widget.kind, (first, second))
    return choice_of(session, {}) if wished else None


async def floors(blank: Server, one_chart: Server) -> list[Target]:
    """The two pages that nothing can be faster than."""
    area = Choice("area", "selectbox", ("a", "b"))
    return [Target(BLANK, blank, "", "", area), Target(ONE_CHART, one_chart, "", "", area)]


async def pages(
    server: Server, names: list[str], query: str, wished: dict[str, tuple[str, str]]
) -> list[Target]:
    """The dashboard's pages, or those named, each visited once to see what it offers."""
    found = []
    for name in names or await page_names(server, query):
        bare = Target(name, server, name.strip("/"), query, None)
        session = await bare.visit()
        found.append(Target(name, server, bare.page, query, choice_of(session, wished)))
        await session.close()
    return found


async def page_names(server: Server, query: str) -> list[str]:
    """The paths in the dashboard's menu."""
    session = await Target("", server, "", query, None).visit()
    await session.close()
    return [f"/{'' if page.is_default else page.url_pathname}" for page in session.pages]
