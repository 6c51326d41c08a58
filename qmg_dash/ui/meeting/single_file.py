"""会议快照: a meeting as one file, which opens by a double click on a machine without network.

The same slides as in meeting mode, with the same style sheets, keys and painter of charts (`static/`);
`alone.css` has the little that Streamlit says of every page.

Charts are drawn for a screen 1080 pixels high and made smaller or larger as a whole, each for wide
and narrow screens and in both themes; what else differs between wide and narrow stands there twice.
`single_file.js` chooses.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from itertools import groupby
from math import ceil
from pathlib import Path
from urllib.parse import unquote_plus

import simple_html as h

from qmg_dash import escaping, fmt, theme
from qmg_dash.characters import writable
from qmg_dash.figures.coverage import ENDED, newest_year, which_years
from qmg_dash.figures.findings import Finding
from qmg_dash.folder import history
from qmg_dash.folder.snapshot import Snapshot
from qmg_dash.model import Filters
from qmg_dash.page_files import ROOT, titles
from qmg_dash.theme import Look
from qmg_dash.ui import link, markup, menu, page
from qmg_dash.ui.link import agenda
from qmg_dash.ui.link.scope import Scope, spans
from qmg_dash.ui.meeting import deck
from qmg_dash.ui.page import STATIC, Written
from qmg_dash.ui.slide import NATURE, Drawing, banners, footer, kicker

LIMIT = 2_000_000
"""Bytes of a file: so much passes as an attachment everywhere."""
UNNAMED = {"html": "会议快照", "pptx": "会议幻灯片"}
OWN = -1
"""The group of the pages that only the file has."""
HEIGHT = 1080
WIDTHS = {"wide": 1920, "narrow": 1440}
"""The screens that charts are drawn for: 16:9 and 4:3, 1080 pixels high."""
PLOTLY = "plotly-cartesian.min.js"
THEMES = {"light": False, "dark": True}
HERE = Path(__file__).parent
UNFIT = re.compile(r'[\\/:*?"<>|\x00-\x1f]')
"""What no file may be called on Windows."""


class Refused(ValueError):
    """No file can be made as asked; the sentence says what to do instead."""


# ---- what is asked for ----------------------------------------------------------------------------
def asked(
    snapshot: Snapshot, year: int | None, written: str, dark: bool, say: Callable[[str], None]
) -> Scope:
    """The scope of a file that no screen asks for: `year` (None: the newest with a figure) and an
    agenda as a link has it, decoded or not (empty: every screen). What the agenda names in vain is
    said. Raises Refused."""
    if agenda.BETWEEN not in written:
        written = unquote_plus(written)
    years, goal_years = spans(snapshot)
    if year and year not in years:
        ended = which_years(snapshot).ended
        known = "、".join(f"{y}（{ENDED}）" if y in ended else str(y) for y in years) or "无"
        raise Refused(f"{year} 年没有数字；有数字的年度：{known}")
    paths = [screen.path for screen in menu.screens()]
    if written and agenda.read(written, paths, lambda _: None) is None:
        raise Refused(f"议程没有可用的屏幕。可用的：{'、'.join(map(_name, paths))}")
    scope = Scope(
        snapshot,
        Filters(year or newest_year(snapshot), goal_year=goal_years[0] if goal_years else None),
        Look.of(dark, True, WIDTHS["wide"], HEIGHT),
        "/",
        years=years,
        goal_years=goal_years,
        extra=((link.AGENDA, written),) if written else (),
    )
    deck.deck(scope, say)
    return scope


def _name(path: str) -> str:
    return path.strip("/") or agenda.HOME


def called(scope: Scope, name: str = "", kind: str = "html") -> str:
    """The meeting's name: as asked, else its agenda's, else what the `kind` of file is."""
    return agenda.clean(name) or deck.named(scope) or UNNAMED[kind]


def file_name(scope: Scope, name: str, day: date, kind: str = "html") -> str:
    """会议名称_2024-03-01.html, or of another `kind`; a demo's marked."""
    mark = "演示数据_" if scope.demo else ""
    plain = UNFIT.sub("", called(scope, name, kind)).strip(". ") or UNNAMED[kind]
    return f"{mark}{plain}_{day}.{kind}"


# ---- the file -------------------------------------------------------------------------------------
def make(scope: Scope, name: str, day: date) -> bytes:
    """The file of a meeting, made on `day`. Every such file is made here, from one state of the data
    (`scope.snapshot`). The same but for the day where nothing else differs. Raises Refused."""
    title = called(scope, name)
    drawn = _drawn(scope)
    pages = _pages(scope, title, day, drawn)
    body = [_slide(pages, i, f"{title} · {day}") for i in range(len(pages))]
    data = {
        "slides": [
            {
                "name": "",
                "key": i,
                "title": p.title,
                "group": p.group,
                "of": p.of,
                "list": p.listing,
            }
            for i, p in enumerate(pages)
        ],
        "here": 0,
        "pace": 0,
        "usual": int(dict(scope.extra).get(link.PLAY, deck.PACE)),
        "dark": scope.look.dark,
        "height": HEIGHT,
        "wide": theme.WIDE,
    }
    charts = {
        shape: {name: _charts(drawn, shape, dark) for name, dark in THEMES.items()}
        for shape in WIDTHS
    }
    town = scope.snapshot.town
    head = f"{'演示数据 ' if scope.demo else ''}{title} {day} · {town.name}"
    scripts = (_file(PLOTLY), _script())
    whole = h.html(
        {"lang": "zh-CN"},
        h.head(
            h.meta({"charset": "utf-8"}),
            h.meta({"http-equiv": "Content-Security-Policy", "content": _policy(scripts)}),
            h.meta({"name": "referrer", "content": "no-referrer"}),
            h.meta({"name": "viewport", "content": "width=device-width, initial-scale=1"}),
            h.title(writable(head)),
            h.link({"rel": "icon", "href": f"data:image/png;base64,{_icon()}"}),
            _rules(),
        ),
        h.body(
            h.noscript(h.p("请允许本文件运行脚本：翻页和图表要用；不需要联网。")),
            h.main(body),
            escaping.verbatim(h.script, _json(data), type="application/json", id="meeting"),
            escaping.verbatim(h.script, _packed(_json(charts)), type="text/plain", id="charts"),
            escaping.verbatim(h.script, _plotly(), type="text/plain", id="plotly"),
            escaping.verbatim(h.script, _script()),
        ),
    )
    made = h.render(h.DOCTYPE_HTML5, whole).encode()
    if len(made) > LIMIT:
        raise Refused(
            f"这份快照有 {len(made) / 1e6:.1f} MB，超过 {LIMIT / 1e6:g} MB：请用会议议程少选几页"
            f"（现有 {len(pages)} 页）。"
        )
    history.name_meeting(scope.snapshot, f"{title} {day}")
    return made


@dataclass(frozen=True)
class _Page:
    """A slide of the file: as it is read out, as it is written (for `narrow` screens), what must be
    said above it."""

    title: str
    sheet: Written
    above: h.Node = ""
    group: int = OWN
    of: int | None = None
    listing: bool = False
    narrow: Written | None = None


def _pages(scope: Scope, title: str, day: date, drawn: Drawn) -> list[_Page]:
    """The meeting's slides: the deck, the page that says what the file is, and behind a list of its
    titles the appendix."""
    at = _seen(scope, "wide", scope.look.dark)
    places = _places(at)
    above, last = banners(replace(at, said=())), deck.main(places)
    wide, narrow = (drawn[shape, scope.look.dark] for shape in WIDTHS)
    pages = [
        _Page(p.title, wide[p.key], above, p.group, p.of, narrow=narrow.get(p.key)) for p in places
    ]
    lists = _listed(at, places[last:], last)
    return [*pages[:last], _colophon(at, title, day), *lists, *pages[last:]]


Drawn = dict[tuple[str, bool], dict[str, Written]]
"""The slides by their keys for each shape of screen and each theme (dark or not)."""


def _drawn(scope: Scope) -> Drawn:
    """Every slide of the meeting as a wide screen has it: a narrow one may have more, for what it
    has no room for."""
    order = {p.key: i for i, p in enumerate(_places(_seen(scope, "wide", scope.look.dark)))}
    return {
        (shape, dark): {
            p.key: deck.write(p, order[p.key])
            for p in _places(_seen(scope, shape, dark))
            if p.key in order
        }
        for shape in WIDTHS
        for dark in THEMES.values()
    }


def _places(scope: Scope) -> tuple[deck.Place, ...]:
    return deck.deck(scope, lambda _: None)


def _seen(scope: Scope, shape: str, dark: bool) -> Scope:
    return replace(scope, look=Look.of(dark, True, WIDTHS[shape], HEIGHT))


def _charts(drawn: Drawn, shape: str, dark: bool) -> dict[str, object]:
    """Every chart by its key, as Plotly.js takes it."""
    sheets = drawn["wide", dark] | drawn[shape, dark]
    return {p.key: p.chart.figure for s in sheets.values() for p in page.plots(s.body)}


# ---- the deck's last page -------------------------------------------------------------------------------
def _colophon(scope: Scope, title: str, day: date) -> _Page:
    """What the file is: which meeting, which town; under a fold that the key I opens, which data,
    byte for byte. By itself a wall shows no file name and no hash."""
    scope = replace(scope, chosen=(), filter_text="")
    shown = scope.snapshot
    tables = list(shown.tables.values())
    finding = Finding(
        ((f"{day} 制作，", ""), (f"{len(tables)} 张数据表", "accent"))
        if tables
        else ((f"{day} 制作", ""),)
    )
    facts = (
        ("会议名称", title),
        ("制作日期", str(day)),
        ("单位", shown.town.name),
        ("数据性质", NATURE[shown.town.nature]),
        ("数据截至", str(shown.clock())),
        ("看板版本", _version()),
    )
    listed = [h.div(h.dt(k), h.dd(v)) for k, v in facts]
    rows = [[t.file, fmt.digits(t.rows), h.span({"class": "hash"}, t.sha256)] for t in tables]
    size = "tight mini" if len(rows) > 12 else "tight"
    header = ["数据文件", "行数", "校验码（SHA-256）"]
    grid = markup.table(header, rows, "lrl", classes=size, caption="数据文件")
    version = h.p(f"数据版本 {shown.version}")
    body = h.details({"class": "fold checks"}, h.summary("数据版本和校验码"), version, grid)
    body = body if rows else markup.empty("没有数据文件", "这份快照里没有一个数")
    s = Drawing(scope)
    s.html(h.div({"class": "panel col fill"}, h.dl({"class": "facts"}, listed), body), fill=True)
    sheet = Written(
        kicker(scope, UNNAMED["html"]), markup.finding(finding), tuple(s.pieces), footer(scope)
    )
    return _Page(f"{UNNAMED['html']}：{finding.text}", sheet)


# ---- the appendix -----------------------------------------------------------------------------------
ROWS, FULL = 50, 27
"""The lines of a page of the list, in two columns; the full characters that one holds."""


def _listed(scope: Scope, rest: Sequence[deck.Place], last: int) -> list[_Page]:
    """The pages between deck and appendix: its titles by screen, each with the page of the file on
    which it stands. They belong to the page before them."""
    lists = _lists(rest)
    scope = replace(scope, chosen=(), filter_text="")
    finding = Finding((("附页 ", ""), (f"{len(rest)} 页", "accent")))
    made, number = [], last + 2 + len(lists)
    for places in lists:
        s = Drawing(scope)
        entries = list(enumerate(places, number))
        body = h.div({"class": "panel fill"}, h.div({"class": "contents"}, _contents(entries)))
        s.html(body, fill=True)
        sheet = Written(
            kicker(scope, "附页"), markup.finding(finding), tuple(s.pieces), footer(scope)
        )
        made.append(_Page(finding.text, sheet, of=last, listing=True))
        number += len(places)
    return made


def _lists(rest: Sequence[deck.Place]) -> list[list[deck.Place]]:
    """The appendix in as many parts as its list needs pages."""
    parts: list[list[deck.Place]] = []
    left, screen = 0.0, ""
    for place in rest:
        needs = ceil(place.slide.finding.width / FULL) + (place.scope.path != screen)
        if needs > left:
            parts.append([])
            left = ROWS
        parts[-1].append(place)
        left, screen = left - needs, place.scope.path
    return parts


def _contents(entries: Sequence[tuple[int, deck.Place]]) -> h.Node:
    """Titles with their pages, under the names of their screens."""
    return [
        [
            h.h3(titles()[path]),
            [
                h.a({"href": f"#{n}"}, h.b(str(n)), h.span(place.slide.finding.text))
                for n, place in some
            ],
        ]
        for path, some in groupby(entries, lambda entry: entry[1].scope.path)
    ]


# ---- what every file holds ------------------------------------------------------------------------
def _slide(pages: Sequence[_Page], i: int, name: str) -> h.Node:
    """A page; one behind the deck says its number on paper too, by which the list names it."""
    page_ = pages[i]
    own = h.span(f"第 {i + 1} 页") if page_.of is not None else ""
    end = [own, deck.page_of(pages, i)]
    return h.section(
        {"class": "slide", "data-at": i, "id": i + 1},
        deck.framed(page_.sheet, _body(page_), page_.above, end, name),
    )


def _body(page_: _Page) -> h.Node:
    """What stands on a page, once for each shape of screen where it is not the same."""
    wide, narrow = (page.markup((s or page_.sheet).body) for s in (page_.sheet, page_.narrow))
    if escaping.html(*wide).safe_str == escaping.html(*narrow).safe_str:
        return wide
    return [
        h.div({"class": f"shape {shape}"}, body)
        for shape, body in zip(WIDTHS, (wide, narrow), strict=True)
    ]


@cache
def _rules() -> h.SafeString:
    return _block(
        theme.variables(Look(False)),
        theme.variables(Look(True), ":root.dark"),
        f"html{{font-family:{theme.FONT}}}",
        _file("page.css"),
        _file("meeting.css"),
        _file("alone.css"),
        (HERE / "single_file.css").read_text(encoding="utf-8"),
    )


def _block(*rules: str) -> h.SafeString:
    """A style element of these rules, each on no line of its own."""
    return escaping.html(escaping.verbatim(h.style, " ".join(" ".join(rules).split())))


def _file(name: str) -> str:
    return (STATIC / name).read_text(encoding="utf-8")


@cache
def _version() -> str:
    """This program's version, as its own declaration has it."""
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"])


@cache
def _script() -> str:
    scripts = [_file("charts.js"), _file("meeting.js")]
    return "".join((*scripts, (HERE / "single_file.js").read_text(encoding="utf-8")))


@cache
def _icon() -> str:
    return base64.b64encode((HERE.parent / "icon.png").read_bytes()).decode()


def _policy(scripts: Sequence[str]) -> str:
    """Nothing is fetched from anywhere, and no script runs but these."""
    hashes = (base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in scripts)
    allowed = " ".join(f"'sha256-{h}'" for h in hashes)
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data: blob:;"
        " base-uri 'none'; form-action 'none'"
    )


def _json(data: object) -> str:
    """Data for a script element: no text in it can end the element."""
    plain = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return writable(plain).replace("<", "\\u003c")


def _packed(text: str) -> str:
    """Text in less room: of the four drawings of a chart most is the same."""
    return base64.b64encode(gzip.compress(text.encode(), mtime=0)).decode()


@cache
def _plotly() -> str:
    """The painter of charts in half its room. It runs as it is once it is unpacked: the policy names
    it by its hash."""
    return _packed(_file(PLOTLY))
