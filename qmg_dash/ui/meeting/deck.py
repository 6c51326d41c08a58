"""Meeting mode: every slide of the meeting stands on the page, one of them is seen.

The keys only choose which one, in the browser (meeting.js): no slide waits for the server, and
the meeting goes on while the server is away. The first run draws the slide that the link names and
its neighbours; the rest follow as soon as these stand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import simple_html as h
import streamlit as st

from qmg_dash import escaping, fmt
from qmg_dash.folder.memo import Memo
from qmg_dash.model import Filters
from qmg_dash.page_files import titles
from qmg_dash.theme import Look
from qmg_dash.ui import access, link, markup, menu, page
from qmg_dash.ui.link import agenda, bounds, filters, rows_asked, sharing
from qmg_dash.ui.link.scope import Scope
from qmg_dash.ui.page import WRITTEN, Written
from qmg_dash.ui.slide import Drawing, Slide, banners, footer, kicker

FIRST, LAST = "first", "last"
"""Instead of a slide's name: the first one of the meeting, the last one of the link's screen."""
PACE = 20
"""Seconds a slide, where the link names none."""
OPENED, LEAVING = "opened", "leaving"
"""In the session: the link that opened the meeting; the place to leave it from."""
MEETING = "meeting"
"""The script of a meeting in the session."""
ASSUMED = (1920, 1080)
"""The usual projector: no second run there."""


@dataclass(frozen=True)
class Place:
    """A slide of the meeting: the n-th of a screen, under the filters that hold there; the item of
    the agenda by which it is there."""

    scope: Scope
    number: int
    slide: Slide
    item: agenda.Item

    @property
    def title(self) -> str:
        """Screen and finding, read out where the slide cannot be seen."""
        return f"{titles()[self.scope.path]}：{self.slide.finding.text}"

    @property
    def query(self) -> str:
        """The link's query that opens the meeting at this slide."""
        return self.scope.query(**self._here)

    @property
    def link(self) -> str:
        """The same as it is sent: it says which data were seen."""
        return self.scope.link(**self._here)

    @property
    def _here(self) -> dict[str, object]:
        return {link.PRESENT: "true", link.SLIDE: self.slide.name if self.number > 1 else None}


# ---- which slides ---------------------------------------------------------------------------------
def deck(scope: Scope, say: Callable[[str], None]) -> tuple[Place, ...]:
    """The meeting's slides in order: those of its agenda, else all of every screen. Filters hold
    on their own screen."""
    written = dict(scope.extra).get(link.AGENDA, "")
    planned = agenda.read(written, _paths(), say) if written else None
    found, said = _kept(scope, planned.items if planned else None)
    for sentence in said:
        say(sentence)
    return found


def on_the_wall(scope: Scope) -> Scope:
    """The scope of a desk as this session's meeting has it: other slides than the desk's."""
    return replace(scope, look=Look.of(scope.look.dark, True, *screen_size()))


def screen_size() -> tuple[int, int]:
    """The size of this session's screen, as the meeting last said; the usual projector until
    then."""
    size = page.said(MEETING).get("size")
    if not isinstance(size, list | tuple) or len(size) != 2:
        return ASSUMED
    width, height = size
    if not all(isinstance(v, int | float) and 100 <= v <= 20_000 for v in (width, height)):
        return ASSUMED
    return int(width), int(height)


def every(scope: Scope) -> tuple[Place, ...]:
    """Every slide that an agenda may have, without filters."""
    return _kept(scope, tuple(agenda.Item(path) for path in _paths()))[0]


def _paths() -> list[str]:
    return [screen.path for screen in menu.screens()]


Deck = tuple[tuple[Place, ...], list[str]]
_DECKS = Memo[tuple, Deck](limit=16)


def _kept(scope: Scope, items: tuple[agenda.Item, ...] | None) -> Deck:
    """The slides of an agenda's items (None: of every screen, the link's own one under its filters)
    with what is to be said of them, once for all who see the same."""
    if items is not None:
        scope = _plain(scope)
    texts = items and tuple(item.text for item in items)
    key = (texts, *scope.same, scope.extra)
    return _DECKS(scope.snapshot, key, lambda: _deck(scope, items))


def _plain(scope: Scope) -> Scope:
    """The scope of a meeting's screen before its own filters."""
    filters = Filters(scope.year, scope.filters.goal_year)
    return replace(scope, path="/", filters=filters, chosen=(), filter_text="", chips=(), said=())


def _deck(scope: Scope, items: tuple[agenda.Item, ...] | None) -> Deck:
    said: list[str] = []
    planned = items is not None
    listed = items if items is not None else [agenda.Item(path) for path in _paths()]
    found = [place for item in listed for place in _places(scope, item, planned, said.append)]
    if not found:
        if planned:
            said.append("议程所选的页现在都没有，已改为放映总览。")
        found = list(_places(scope, agenda.Item("/"), planned, said.append))
    return tuple(found), said


def _places(
    scope: Scope, item: agenda.Item, planned: bool, say: Callable[[str], None]
) -> Iterator[Place]:
    """The slides of one item."""
    screen = next(s for s in menu.screens() if s.path == item.path)
    own = screen.path == scope.path and not planned
    at = scope if own else _at(scope, item, getattr(menu.module(screen), "FILTERS", ()), say)
    slides = [Place(at, n, s, item) for n, s in enumerate(menu.module(screen).slides(at), 1)]
    found = [place for place in slides if not item.slide or _called(place, item.slide)]
    if planned and not found:
        say(f"议程中“{screen.title}”{_which(item.slide)}在 {at.year} 年度的数据中没有，已略过。")
    yield from found


def _called(place: Place, slide: str) -> bool:
    """Whether a link's word for a slide means this one: its name, alone or behind the screen's; in
    links of before its number."""
    screen = place.scope.path.strip("/") or agenda.HOME
    name = place.slide.name
    return slide in (name, f"{screen}:{name}", str(place.number))


def _which(slide: str) -> str:
    if not slide:
        return "的页"
    return f"的第 {slide} 页" if slide.isdigit() else f"的“{slide}”页"


def _at(
    scope: Scope,
    item: agenda.Item,
    bar: Sequence[filters.Field],
    say: Callable[[str], None],
) -> Scope:
    """The scope of another screen: the same town, year and look, the item's filters."""
    plain = Filters(scope.year, scope.filters.goal_year)
    narrowed, chosen = filters.read(scope.snapshot, plain, bar, item.asked, say)
    return replace(
        scope,
        path=item.path,
        filters=narrowed,
        chosen=tuple((n, tuple(v)) for n, v in chosen.items()),
        filter_text=filters.sentence(bar, chosen, narrowed),
        chips=filters.chips(bar, chosen, narrowed),
        fields=tuple((f.name, f.label) for f in bar),
    )


def opened(places: Sequence[Place], scope: Scope, slide: str | None) -> tuple[int, str]:
    """(the place that a link opens, what to say where it is not there); `slide` is the link's word."""
    if slide == FIRST:
        return 0, ""
    planned = bool(dict(scope.extra).get(link.AGENDA))
    mine = [i for i, p in enumerate(places) if p.scope.path == scope.path]
    if not mine and planned:
        beyond = f"链接中的页次“{fmt.short(slide)}”不在议程中，从第一页开始。" if slide else ""
        return 0, beyond
    if not mine:
        return 0, "链接中的屏幕现在没有可放映的页次，从第一页开始。"
    if slide == LAST:
        return mine[-1], ""
    # A screen may be there twice, under other filters.
    mine.sort(key=lambda i: places[i].scope.filter_query != scope.filter_query)
    exact = mine if slide is None else [i for i in mine if _called(places[i], slide)]
    if exact:
        return exact[0], ""
    beyond = f"链接中的页次“{fmt.short(slide)}”不存在，本屏共 {len(mine)} 页。"
    return max(mine) if bounds.number(slide, link.SLIDE.within) else mine[0], beyond


def unheard(scope: Scope) -> list[str]:
    """What a link names of a meeting and is not there, said at the desk as well."""
    said: list[str] = []
    at = on_the_wall(scope)
    slide, planned = link.value(link.SLIDE), dict(scope.extra).get(link.AGENDA)
    if planned:
        places = deck(at, said.append)
    elif slide is not None:
        places = tuple(_places(at, agenda.Item(scope.path), False, said.append))
    if slide is not None:
        said.append(opened(places, at, slide)[1])
    return [sentence for sentence in said if sentence]


def asked(path: str, now: link.Asked) -> link.Asked:
    """The link of this run: in a meeting that by which it was opened, since the browser alone
    turns its slides, with the theme that was chosen since."""
    if link.last(now).get(link.PRESENT) != "true":
        st.session_state.pop(OPENED, None)
        return now
    was, first = st.session_state.get(OPENED, ("", {}))
    if was != path:
        st.session_state[OPENED] = (path, now)
        first = now
    theme = page.said(MEETING).get("theme")
    return {**first, **({link.THEME: [str(theme)]} if theme else {})}


# ---- on the page ----------------------------------------------------------------------------------
def show(scope: Scope) -> None:
    """Put the deck on the page."""
    said: list[str] = []
    now = link.last(asked(scope.path, link.asked()))
    places = deck(scope, said.append)
    rows = now.get(link.ROWS)
    if rows is not None and rows_asked.read(rows) is None:
        said.append(rows_asked.unheard(rows))
    if at := st.session_state.pop(LEAVING, None):
        _to_desk(places[min(int(at), len(places)) - 1].scope)
    here, beyond = opened(places, scope, now.get(link.SLIDE))
    scope = replace(scope, said=tuple(dict.fromkeys((*scope.said, *said, *filter(None, [beyond])))))
    whole = page.said(MEETING).get("whole") is True
    written = [
        _sheet(p, i) if whole or near(i, here, len(places)) else None for i, p in enumerate(places)
    ]
    if whole:
        access.handed_over(p.scope.path for p in places)
    slots = [
        sheet
        and _slide(
            sheet,
            banners(scope if i == here else replace(scope, said=())),
            i,
            len(places),
            named(scope),
        )
        for i, sheet in enumerate(written)
    ]
    charts = [sheet.painted.charts for sheet in written if sheet]
    sent = page.message(slots, charts, scope.look, meeting=_told(places, here, scope))
    page.show(
        MEETING,
        sent,
        **dict.fromkeys(("size", "whole", "theme", "again", "code"), lambda: None),
        leave=_leave,
    )


def _to_desk(scope: Scope) -> None:
    """The same screen at the desk, with the same filters."""
    kept = {k: v for k, v in scope.extra if k == link.AGENDA}
    link.turn(scope.path, {**kept, **scope.filter_query})


def near(i: int, here: int, count: int) -> bool:
    """Whether a slide is the one shown, or next to it on either side."""
    return min((i - here) % count, (here - i) % count) <= 1


def _sheet(place: Place, at: int) -> Written:
    """A slide, written down once for these figures and this look at its place in the meeting."""
    scope = place.scope
    key = ("slide", place.slide.name, at, *scope.same)
    return WRITTEN(scope.snapshot, key, lambda: write(place, at))


def write(place: Place, at: int) -> Written:
    """Write a slide down for its place in the meeting."""
    drawing = Drawing(place.scope, f"{at}_")
    place.slide.draw(drawing)
    title, scope = markup.finding(place.slide.finding), place.scope
    return Written(kicker(scope), title, tuple(drawing.pieces), footer(scope))


def named(scope: Scope) -> str:
    """The meeting's name, where its agenda gives it one."""
    return agenda.clean(dict(scope.extra).get(link.AGENDA, "").partition(agenda.BETWEEN)[0])


def framed(
    sheet: Written, body: h.Node, above: Sequence[h.Node], i: int, count: int, name: str
) -> list[h.Node]:
    """A slide: its parts between what stands above and below them."""
    meeting = h.span({"class": "meeting"}, name) if name else ""
    return [
        h.div(
            {"class": "q"}, h.div({"class": "kick"}, sheet.kicker, meeting), sheet.finding, above
        ),
        body,
        h.div(
            {"class": "q trail"},
            h.span(sheet.foot),
            h.span({"class": "page"}, f"{i + 1} / {count}"),
        ),
    ]


def _slide(sheet: Written, above: Sequence[h.Node], i: int, count: int, name: str) -> h.SafeString:
    return escaping.html(*framed(sheet, sheet.painted.slots[0], above, i, count, name))


def _told(places: Sequence[Place], here: int, scope: Scope) -> dict[str, object]:
    """What the keys need, the clock and the rest of what only the browser can do."""
    return {
        "slides": [
            {
                "name": p.scope.path.strip("/"),
                "key": f"{p.item.text} {p.slide.name}",
                "query": p.query,
                "title": p.title,
            }
            for p in places
        ],
        "link": link.NAMED,
        "path": scope.path.strip("/"),
        "here": here,
        "pace": int(dict(scope.extra).get(link.PLAY, 0)),
        "usual": PACE,
        "size": list(screen_size()),
        "whole": page.said(MEETING).get("whole") is True,
        "code": _code(places, scope),
    }


def _code(places: Sequence[Place], scope: Scope) -> dict[str, object] | None:
    """The QR code of the slide for which one was asked just now."""
    match page.said(MEETING).get("code"):
        case [int(at), asked] if 0 <= at < len(places):
            pass
        case _:
            return None
    town, path = scope.snapshot.town, places[at].scope.path
    url = f"{sharing.site(town, scope.path)}{path}?{places[at].link}"
    made, only = sharing.code(url), sharing.here_only(town)
    note = (sharing.HERE_ONLY if only else "") if made else sharing.TOO_LONG
    image = made.image if made else ""
    # When it was asked for: Streamlit hands over only what is another than before.
    return {"at": at, "asked": asked, "image": image, "link": url, "note": note}


def _leave() -> None:
    """Esc was pressed: the next run goes to the desk."""
    st.session_state[LEAVING] = page.said(MEETING).get("leave")
