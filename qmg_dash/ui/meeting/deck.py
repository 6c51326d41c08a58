"""Meeting mode: every slide of the meeting stands on the page, one of them is seen.

The keys only choose which one, in the browser (meeting.js): no slide waits for the server, and
the meeting goes on while the server is away. The first run draws the slide that the link names and
its neighbours; the rest follow as soon as these stand.

The slides that ask for something are the deck, which the keys turn; those of a screen that do not
are its appendix (附页), behind the deck on the page, reached by a key of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

import simple_html as h
import streamlit as st

from qmg_dash import escaping, fmt
from qmg_dash.folder.memo import Memo
from qmg_dash.model import Filters
from qmg_dash.page_files import titles
from qmg_dash.theme import Look
from qmg_dash.ui import access, blocks, link, markup, menu, page
from qmg_dash.ui.link import agenda, bounds, filters, rows_asked, sharing
from qmg_dash.ui.link.scope import Scope
from qmg_dash.ui.meeting import assign
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
    the agenda by which it is there. `group`: which slides have one appendix; `of`: in the appendix,
    the place in the deck to which it belongs."""

    scope: Scope
    number: int
    slide: Slide
    item: agenda.Item
    group: int = 0
    of: int | None = None

    @property
    def leads(self) -> bool:
        """Whether it is in the deck: it asks for something, or was asked for by its name."""
        return self.slide.leads or bool(self.item.slide)

    @property
    def title(self) -> str:
        """Screen and finding, read out where the slide cannot be seen."""
        return f"{titles()[self.scope.path]}：{self.slide.finding.text}"

    @property
    def key(self) -> str:
        """Which slide of the meeting it is, whatever the data are."""
        return f"{self.item.text} {self.slide.name}"

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
        planned = link.AGENDA in dict(self.scope.extra)
        opens = self.number == 1 and self.of is None and not planned and self.scope.path != "/"
        return {link.PRESENT: "true", link.SLIDE: None if opens else self.slide.name}


# ---- which slides ---------------------------------------------------------------------------------
def deck(scope: Scope, say: Callable[[str], None]) -> tuple[Place, ...]:
    """The meeting's slides, the deck in its order and then the appendix: those of its agenda, else
    all of every screen. Filters hold on their own screen."""
    written = dict(scope.extra).get(link.AGENDA, "")
    planned = agenda.read(written, _paths(), say) if written else None
    blocks, said = _kept(scope, planned.items if planned else None)
    for sentence in said:
        say(sentence)
    return arranged([_led(block) for block in blocks] if planned else blocks)


Block = tuple[Place, ...]
"""The slides of one item of an agenda, or of one screen."""


def arranged(blocks: Sequence[Block]) -> tuple[Place, ...]:
    """The deck, and behind it the appendix, the slides of each group in one piece. Those of a screen
    that has nothing in the deck go with the deck's first slide: none is lost."""
    if not any(p.leads for block in blocks for p in block):
        blocks = [_led(b) if b[0].scope.path == "/" else b for b in blocks]
    lead = [replace(p, group=g) for g, block in enumerate(blocks) for p in block if p.leads]
    groups = dict.fromkeys(p.group for p in lead)
    rest: dict[int, list[Place]] = {g: [] for g in groups}
    for g, block in enumerate(blocks):
        for p in block:
            if not p.leads:
                at = g if g in groups else lead[0].group
                rest[at].append(replace(p, group=at, of=_before(lead, g, p.number)))
    return (*lead, *(p for g in groups for p in rest[g]))


def _led(block: Block) -> Block:
    """The slides of a screen that a meeting turns to whatever they say: the first one at least."""
    if any(p.leads for p in block):
        return block
    return (replace(block[0], slide=replace(block[0].slide, deck=True)), *block[1:])


def _before(lead: Sequence[Place], group: int, number: int) -> int:
    """The slide of the deck to which one of the appendix belongs: the last before it of its own
    screen, else the first after it, else the first of all."""
    mine = [i for i, p in enumerate(lead) if p.group == group]
    return max((i for i in mine if lead[i].number < number), default=mine[0] if mine else 0)


class Turned(Protocol):
    """What the keys know of a slide."""

    @property
    def group(self) -> int: ...
    @property
    def of(self) -> int | None: ...


def main(slides: Sequence[Turned]) -> int:
    """How many slides the deck has."""
    return sum(s.of is None for s in slides)


def beside(slides: Sequence[Turned], i: int) -> range:
    """The slides among which the keys turn at a slide: the deck, or its group of the appendix."""
    if slides[i].of is None:
        return range(main(slides))
    found = [n for n, s in enumerate(slides) if s.of is not None and s.group == slides[i].group]
    return range(found[0], found[-1] + 1)


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
    """Every slide that an agenda may have, screen by screen, without filters."""
    blocks, _ = _kept(scope, tuple(agenda.Item(path) for path in _paths()))
    return tuple(p for block in blocks for p in block)


def _paths() -> list[str]:
    """The screens in the order of a meeting: first what opens it."""
    found = sorted(menu.screens(), key=lambda s: not getattr(menu.module(s), "OPENS", False))
    return [screen.path for screen in found]


Found = tuple[tuple[Block, ...], list[str]]
_FOUND = Memo[tuple, Found](limit=16)


def _kept(scope: Scope, items: tuple[agenda.Item, ...] | None) -> Found:
    """The slides of an agenda's items (None: of every screen, the link's own one under its filters)
    with what is to be said of them, once for all who see the same."""
    if items is not None:
        scope = _plain(scope)
    texts = items and tuple(item.text for item in items)
    key = (texts, *scope.same, scope.extra)
    return _FOUND(scope.snapshot, key, lambda: _found(scope, items))


def _plain(scope: Scope) -> Scope:
    """The scope of a meeting's screen before its own filters."""
    filters = Filters(scope.year, scope.filters.goal_year)
    return replace(scope, path="/", filters=filters, chosen=(), filter_text="", said=())


def _found(scope: Scope, items: tuple[agenda.Item, ...] | None) -> Found:
    said: list[str] = []
    planned = items is not None
    listed = items if items is not None else [agenda.Item(path) for path in _paths()]
    each = [tuple(_places(scope, item, planned, said.append)) for item in listed]
    blocks = [block for block in each if block]
    if not blocks:
        said.append("议程所选的页现在都没有，已改为放映总览。")
        blocks = [tuple(_places(scope, agenda.Item("/"), planned, said.append))]
    return tuple(blocks), said


def _places(
    scope: Scope, item: agenda.Item, planned: bool, say: Callable[[str], None]
) -> Iterator[Place]:
    """The slides of one item."""
    screen = next(s for s in menu.screens() if s.path == item.path)
    own = screen.path == scope.path and not planned
    at = scope if own else _at(scope, item, getattr(menu.module(screen), "FILTERS", ()), say)
    slides = [
        Place(at, n, replace(s, draw=blocks.drawer(s, at)), item)
        for n, s in enumerate(menu.module(screen).slides(at), 1)
    ]
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
        fields=tuple((f.name, f.label) for f in bar),
    )


def opened(places: Sequence[Place], scope: Scope, slide: str | None) -> tuple[int, str]:
    """(the place that a link opens, what to say where it is not there); `slide` is the link's word."""
    planned = bool(dict(scope.extra).get(link.AGENDA))
    if slide == FIRST or (slide is None and scope.path == "/" and not planned):
        return 0, ""
    mine = [i for i, p in enumerate(places) if p.scope.path == scope.path]
    if not mine and planned:
        beyond = f"链接中的页次“{fmt.short(slide)}”不在议程中，从第一页开始。" if slide else ""
        return 0, beyond
    if not mine:
        which = "屏幕" if slide is None else f"页次“{fmt.short(slide)}”不存在，那一屏"
        return 0, f"链接中的{which}现在没有可放映的页，从第一页开始。"
    # A screen may be there twice, under other filters; its first slide is its first in the deck.
    mine.sort(key=lambda i: (places[i].scope.filter_query != scope.filter_query, i))
    last = max(mine, key=lambda i: places[i].number)
    if slide == LAST:
        return last, ""
    exact = mine if slide is None else [i for i in mine if _called(places[i], slide)]
    if exact:
        return exact[0], ""
    beyond = f"链接中的页次“{fmt.short(slide)}”不存在，本屏共 {len(mine)} 页。"
    return last if bounds.number(slide, link.SLIDE.within) else mine[0], beyond


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
    first = near(places, here)
    written = [sheet(p, i) if whole or i in first else None for i, p in enumerate(places)]
    if whole:
        access.handed_over(p.scope.path for p in places)
    slots = [
        made
        and _slide(
            made,
            banners(scope if i == here else replace(scope, said=())),
            places,
            i,
            named(scope),
        )
        for i, made in enumerate(written)
    ]
    charts = [made.painted.charts for made in written if made]
    sent = page.message(slots, charts, scope.look, meeting=_told(places, here, scope))
    page.show(
        MEETING,
        sent,
        **dict.fromkeys(("size", "whole", "theme", "again", "code"), lambda: None),
        leave=_leave,
        assign=partial(_assign, scope, places),
    )


def _to_desk(scope: Scope) -> None:
    """The same screen at the desk, with the same filters."""
    kept = {k: v for k, v in scope.extra if k == link.AGENDA}
    link.turn(scope.path, {**kept, **scope.filter_query})


def near(places: Sequence[Place], here: int) -> set[int]:
    """A slide and those next to it on either side."""
    around = beside(places, here)
    return {around[(here - around[0] + step) % len(around)] for step in (-1, 0, 1)}


def sheet(place: Place, at: int) -> Written:
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
    sheet: Written, body: h.Node, above: Sequence[h.Node], end: h.Node, name: str
) -> list[h.Node]:
    """A slide: its parts between what stands above and below them, at the `end` its page."""
    meeting = h.span({"class": "meeting"}, name) if name else ""
    return [
        h.div(
            {"class": "q"}, h.div({"class": "kick"}, sheet.kicker, meeting), sheet.finding, above
        ),
        body,
        h.div({"class": "q trail"}, h.span(sheet.foot), h.span({"class": "end"}, end)),
    ]


def page_of(slides: Sequence[Turned], i: int) -> list[h.Node]:
    """Where in the meeting a slide stands, and what leads to its appendix or back."""
    slide, around = slides[i], beside(slides, i)
    number = f"{i - around[0] + 1} / {len(around)}"
    if slide.of is not None:
        return [more("返回"), h.span({"class": "page"}, f"附页 {number}")]
    has = any(s.of is not None and s.group == slide.group for s in slides)
    return [more("附页") if has else "", h.span({"class": "page"}, number)]


def more(word: str) -> h.Node:
    """The button of the key A."""
    return h.button({"class": "more", "data-more": None, "type": "button"}, word, h.b("A"))


def _slide(
    sheet: Written, above: Sequence[h.Node], places: Sequence[Place], i: int, name: str
) -> h.SafeString:
    body = sheet.painted.slots[0]
    return escaping.html(*framed(sheet, body, above, page_of(places, i), name))


def _told(places: Sequence[Place], here: int, scope: Scope) -> dict[str, object]:
    """What the keys need, the clock and the rest of what only the browser can do."""
    return {
        "slides": [
            {
                "name": p.scope.path.strip("/"),
                "key": p.key,
                "query": p.query,
                "title": p.title,
                "group": p.group,
                "of": p.of,
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
        "assign": assign.told(scope),
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


def _assign(scope: Scope, places: Sequence[Place]) -> None:
    """Something was asked for on a slide. The meeting goes on: that these data are newer than its
    link is nothing to tell those who have just made them so."""
    sent = page.said(MEETING).get("assign")
    match sent:
        case [int(at), str(about), *line] if 0 <= at < len(places):
            here = places[at]
        case _:
            return
    about = about or here.slide.finding.text
    where = f"{here.scope.path}?{here.query}"
    if assign.take(scope, line, about, where, named(scope)) and OPENED in st.session_state:
        path, first = st.session_state[OPENED]
        kept = {k: v for k, v in first.items() if k not in (link.V, link.SENT)}
        st.session_state[OPENED] = (path, kept)


def _leave() -> None:
    """Esc was pressed: the next run goes to the desk."""
    st.session_state[LEAVING] = page.said(MEETING).get("leave")
