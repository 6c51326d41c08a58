"""会议幻灯片: a meeting as a PowerPoint file that can be edited, its slides as the wall shows them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, time
from functools import cache

import simple_html as h
from lxml import html

from qmg_dash import escaping, theme
from qmg_dash.exports.powerpoint import style
from qmg_dash.exports.powerpoint.charts import Chart
from qmg_dash.exports.powerpoint.deck import Deck
from qmg_dash.theme import Look
from qmg_dash.ui import page
from qmg_dash.ui.link.scope import Scope
from qmg_dash.ui.meeting import deck, single_file
from qmg_dash.ui.page import STATIC, Written
from qmg_dash.ui.slide import banners

SHEETS = ("alone.css", "page.css", "meeting.css")


def places(scope: Scope) -> tuple[deck.Place, ...]:
    """The slides of the file: the meeting's deck, then its appendix, as a 16:9 wall has them."""
    look = Look.of(False, True, int(style.WIDTH), int(style.HEIGHT))
    return deck.deck(replace(scope, look=look), lambda _: None)


def make(
    scope: Scope, name: str, day: date, told: Callable[[float], None] = lambda _: None
) -> bytes:
    """The file of a meeting, made on `day`; `told` hears after each slide which share is done."""
    title = single_file.called(scope, name, "pptx")
    town = scope.snapshot.town
    marked = f"演示数据：{title}" if scope.demo else title
    file = Deck(_sheets(), marked, town.name, datetime.combine(day, time()))
    shown = places(scope)
    for i, place in enumerate(shown):
        sheet = deck.sheet(place, i)
        charts = {
            p.key: Chart(p.chart.figure, p.chart.alt, p.chart.header, p.chart.rows)
            for p in page.plots(sheet.body)
        }
        notes = "\n\n".join((*sources(sheet), sheet.foot))
        file.add(_body(place, i, sheet, title), charts, notes)
        told((i + 1) / len(shown))
    return file.save()


@cache
def _sheets() -> style.Sheets:
    """The style sheets of a wall in the light theme."""
    read = ((STATIC / name).read_text(encoding="utf-8") for name in SHEETS)
    return style.read(theme.variables(Look(False)), *read)


def _body(place: deck.Place, i: int, sheet: Written, title: str) -> str:
    """A slide's markup, its number at the end."""
    number = f"附页 {i + 1}" if place.of is not None else f"{i + 1}"
    end = h.span({"class": "page"}, number)
    above = banners(replace(place.scope, said=()))
    name = title if title != single_file.UNNAMED["pptx"] else ""
    parts = deck.framed(sheet, sheet.painted.slots[0], above, end, name)
    return escaping.html(h.section({"class": "slide seen"}, *parts)).safe_str


# ---- the notes --------------------------------------------------------------------------------------
def sources(sheet: Written) -> Iterator[str]:
    """What a click on each number of a slide tells: its definition, source and place, a text each."""
    root = html.fragment_fromstring(sheet.painted.slots[0].safe_str, create_parent=True)
    told = (_told(pop) for pop in root.find_class("pop"))
    yield from dict.fromkeys(told)


def _told(pop: html.HtmlElement) -> str:
    """One number's provenance as lines of text."""
    title, value = (pop.find(tag).text_content() for tag in ("h3", "p"))
    lines = [f"{title}：{value}"]
    for name in pop.iterfind(".//dt"):
        said = name.getnext()
        for line in said.iterfind(".//br"):
            line.tail = f"；{line.tail or ''}"
        lines.append(f"{name.text_content()}：{said.text_content()}")
    for row in pop.iterfind(".//tr"):
        lines.append("　".join(cell.text_content() for cell in row))
    return "\n".join(lines)
