"""The one painter: the parts of a screen → markup and charts, sent to the browser in one message.

At the desk, in a meeting and in a meeting's file the same markup is drawn by the same script
(`static/`). What stands between the slots of a page is Streamlit's own: fields, uploads, downloads.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

import simple_html as h
import streamlit as st
from streamlit import config

from qmg_dash import escaping, theme
from qmg_dash.characters import writable
from qmg_dash.folder.memo import Memo
from qmg_dash.page_files import ROOT
from qmg_dash.ui.emit import emit
from qmg_dash.ui.slide import Columns, Html, Live, Panel, Piece, Plot

STATIC = ROOT / "static"
"""The scripts and style sheets of every page, as files: fetched once."""
TOLD = "told"
"""The sentence that the script says over the page, and its number."""


# ---- parts → markup -------------------------------------------------------------------------------
def markup(made: Sequence[Piece]) -> list[h.Node]:
    """Parts as elements; a chart is a box that waits for its figure."""
    return [_part(part) for part in made]


def _part(part: Piece) -> h.Node:
    match part:
        case Html(body):
            return body
        case Plot():
            return _chart(part)
        case Panel(demo, inside):
            return h.div({"class": "panel held demo" if demo else "panel held"}, markup(inside))
        case Columns(key, places):
            return h.div(
                {"class": "cols", "data-row": key, "style": f"--cols:{part.widths}"},
                [_place(inside) for inside in places],
            )
        case Live():
            raise ValueError("controls need a server: no slide of a meeting has any")


def _place(inside: Sequence[Piece]) -> h.Node:
    """A place of a row: one part is one by itself."""
    return markup(inside) if len(inside) == 1 else h.div({"class": "place"}, markup(inside))


def _chart(plot: Plot) -> h.Node:
    filling = "flex:1 1 {0}px;min-height:{0}px" if plot.fill else "height:{0}px"
    click = {"data-click": plot.click} if plot.click else {}
    named = {"role": "img", "aria-label": plot.chart.alt, **click}
    return h.div(
        {"class": "chart", "style": filling.format(plot.height) if plot.height else ""},
        h.div({"class": "drawn", "data-chart": plot.key, **named}),
    )


def every(made: Sequence[Piece]) -> Iterator[Piece]:
    """The parts and all that stand in them."""
    for part in made:
        yield part
        match part:
            case Panel(_, inside):
                yield from every(inside)
            case Columns(_, places):
                for inside in places:
                    yield from every(inside)


def plots(made: Sequence[Piece]) -> Iterator[Plot]:
    """The charts among some parts, however deep."""
    return (part for part in every(made) if isinstance(part, Plot))


# ---- what is kept ---------------------------------------------------------------------------------
@dataclass(frozen=True)
class Written:
    """What stands on a screen for some figures and a look, however often it is shown."""

    kicker: h.Node
    finding: h.Node
    body: tuple[Piece, ...]
    foot: str

    @cached_property
    def painted(self) -> Painted:
        """Its body as it is sent."""
        return painted(self.body)


WRITTEN = Memo[tuple, Written](limit=512)
"""By the screen, or the slide and its place in a meeting, and `Scope.same`."""


# ---- what is sent ---------------------------------------------------------------------------------
@dataclass(frozen=True)
class Painted:
    """Parts as they are sent: a run sends them again as often as they are asked for."""

    slots: tuple[h.SafeString, ...]
    """The markup before, between and behind the controls."""
    lives: tuple[Live, ...]
    charts: str
    """Every chart's figure by its key: JSON, without the braces around them."""


def painted(made: Sequence[Piece]) -> Painted:
    """Write down parts as they are sent."""
    slots: list[list[Piece]] = [[]]
    for part in made:
        if isinstance(part, Live):
            slots.append([])
        else:
            slots[-1].append(part)
    charts = {p.key: p.chart.figure for p in plots(made)}
    return Painted(
        tuple(escaping.html(*markup(slot)) for slot in slots),
        tuple(part for part in made if isinstance(part, Live)),
        dumped(charts)[1:-1],
    )


def dumped(data: object) -> str:
    """Data as JSON that every browser reads, in few characters."""
    plain = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return writable(plain)


BEGINS, ENDS = "\x02qmg", "\x03qmg"
"""Around what is sent: the script finds it in what the connection brings, before Streamlit hands it on."""


def message(
    slots: Sequence[h.SafeString | None],
    charts: Iterable[str],
    look: theme.Look,
    town: str = "",
    owed: int = 0,
    **more: object,
) -> bytes:
    """What the script draws: slots (None for one that comes later), charts, the look, the name at
    the head of the menu, how many matters are overdue."""
    rest = {
        "slots": [slot and slot.safe_str for slot in slots],
        "tokens": theme.variables(look),
        "dark": look.dark,
        "town": town,
        "owed": owed,
        "told": st.session_state.get(TOLD, [0, ""]),
        **more,
    }
    sent = f'{{"charts":{{{",".join(filter(None, charts))}}},{dumped(rest)[1:]}'
    return f"{BEGINS}{sent}{ENDS}".encode()


def show(key: str, data: bytes, script: str = "page.js", **on: Callable[[], None]) -> None:
    """Put a script on the page, or hand it what to draw now. `on` are the words that it says back
    (`said`), with what is done then."""
    name = f"qmg_{script.partition('.')[0]}"
    component = st.components.v2.component(name, js=_loader(script), isolate_styles=False)
    component(key=key, data=data, **{f"on_{word}_change": call for word, call in on.items()})


def slot(number: int) -> None:
    """The place of a slot among Streamlit's elements."""
    emit(h.div({"data-slot": number}))


@cache
def version() -> str:
    """The files of every page as one word: another for each change in them."""
    made = hashlib.sha256()
    for file in sorted(f for f in STATIC.iterdir() if f.suffix in (".js", ".css")):
        made.update(file.name.encode() + file.read_bytes())
    return made.hexdigest()[:16]


def address(name: str) -> str:
    """Where a file of `static/` is fetched, under the path of this server."""
    base = config.get_option("server.baseUrlPath").strip("/")
    return f"/{base}/app/static/{name}?v={version()}".replace("//", "/")


@cache
def _loader(script: str) -> str:
    """All that each message has of a script: where it is. Streamlit takes a single line for the
    name of a file."""
    url = address(script)
    return (
        f"export default async told =>\n  (await import(location.origin + {url!r})).default(told);"
    )


# ---- what it says back ----------------------------------------------------------------------------
def said(key: str) -> Mapping[str, object]:
    """What the script has said in this session."""
    found = st.session_state.get(key) or {}
    return found if hasattr(found, "get") else {}


def tell(sentence: str) -> None:
    """Let the script of the next run say a sentence over the page, once."""
    number, _ = st.session_state.get(TOLD, [0, ""])
    st.session_state[TOLD] = [number + 1, sentence]
