"""Figures → Plotly. Titles and units come from the KPI (they stand in the panel's head), marks
from the tokens; no Streamlit, no SQL. Every chart comes with the text that says it in words and
the rows that it draws.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from math import ceil
from types import MappingProxyType
from typing import Any

from qmg_dash import fmt
from qmg_dash.characters import writable
from qmg_dash.figures.arithmetic import share
from qmg_dash.figures.book import ranked, unfilled
from qmg_dash.figures.findings import book_value, width
from qmg_dash.kpis.base import Part, registered
from qmg_dash.model import EXACT, Figure
from qmg_dash.theme import FONT, Look


@dataclass(frozen=True)
class Chart:
    """A figure as Plotly.js takes it (Plotly's own objects for Python check and copy each property when
    it is set, 12 ms a chart: the tests build them from it, so that a wrong property fails there), the
    sentence for those who cannot see it, and what it draws; where it draws a part, and says so, the
    rows are all. `lines` of text stand beside a mark."""

    figure: dict[str, Any]
    alt: str
    header: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
    lines: int = 1


def template(look: Look) -> dict:
    """The one layout that every chart starts from (docs/design.md)."""
    return {
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "margin": {"l": 0, "r": 0, "t": 0, "b": 0, "pad": 0, "autoexpand": True},
        "showlegend": False,
        "dragmode": False,
        "hovermode": False if look.present else "closest",
        "separators": ".,",
        "minreducedwidth": 2,
        "font": {
            "family": FONT.replace('"', ""),
            "size": look.px(0.9, 1.15),
            "color": look.tokens["ink2"],
        },
    }


def _spec(look: Look, traces: Sequence[dict], x: dict, y: dict, **more: Any) -> dict[str, Any]:
    """A figure of some traces over its two axes; `more` are annotations, shapes and what differs
    from the template."""
    layout = template(look) | {"xaxis": x, "yaxis": y} | more
    return {"data": list(traces), "layout": layout}


def _axis(**more: object) -> dict:
    """An axis of numbers, unless it says otherwise: Plotly is never left to guess it from data."""
    return {
        "type": "linear",
        "fixedrange": True,
        "zeroline": False,
        "showgrid": False,
        "automargin": True,
    } | more


# ---- text from the data ---------------------------------------------------------------------------
def plain(text: object) -> str:
    """Text as Plotly draws it as it is written: Plotly reads tags (<b>), entities (&amp;), in a
    hover text its own fields (%{y}) and between dollar signs TeX."""
    escaped = escape(writable(str(text)), quote=False)
    return escaped.replace("%", "&#37;").replace("$", "&#36;")


PIECES = re.compile(r"[!-~]+|.", re.DOTALL)
"""What is not broken over two lines: a word or number in Latin letters, a single character else."""
CUT = "…"


def broken(text: str, room: float, most: int) -> tuple[str, ...]:
    """A name in lines of `room` full characters, `most` at most and about equally long; one that
    needs more loses its middle: the beginning and the end tell names apart."""
    for kept in range(len(text), 0, -1):
        head = text[: ceil(kept / 2)]
        said = text if kept == len(text) else f"{head}{CUT}{text[len(text) - kept // 2 :]}"
        for count in range(max(1, ceil(width(said) / room)), most + 1):
            even = max(width(said) / count, min(room, 2.0))
            for size in (even, (even + room) / 2, room):
                lines = _filled(said, min(size + 0.5, room), room)
                if len(lines) <= count:
                    return lines
    return (text,)


def _filled(text: str, size: float, room: float) -> tuple[str, ...]:
    """Lines of `size`, a piece that is wider than `room` cut into its characters."""
    lines = [""]
    for piece in PIECES.findall(text):
        for part in [piece] if width(piece) <= room else piece:
            if lines[-1] and width(lines[-1] + part) > size:
                lines.append("")
            lines[-1] += part
    return tuple(lines)


@dataclass(frozen=True)
class Names:
    """The names along an axis as they are drawn: the lines of each, and the type's size in rem."""

    lines: tuple[tuple[str, ...], ...]
    size: float

    @property
    def most(self) -> int:
        """The lines of the name that has the most."""
        return max(map(len, self.lines), default=1)

    def whole(self, names: Sequence[str]) -> list[bool]:
        """Which of the names are drawn with all that they have."""
        return [n == "".join(lines) for n, lines in zip(names, self.lines, strict=True)]


DESK_ROOM = (8.0, 10.0)
"""Full characters of a name's line at the desk, where the smallest panel is 283 pixels wide, on a
laptop and on a telephone: as many as usual, and for names that are longer than three such lines."""
MEETING_SHARE = 0.38
"""What the names may take of a panel's width in a meeting."""
MEETING_HEIGHT = 34.0
"""The least rem that the marks below one another have in a meeting."""
LINES = 3
LINE = 1.32
"""A line's height, as a multiple of the type's size (Plotly's is 1.3)."""


BAR_TYPE, SMALL_TYPE = (0.9375, 1.25), (0.875, 1.03)
"""Rem at the desk and in a meeting."""


def named(
    names: Sequence[str], look: Look, part: float, type_: tuple[float, float] = BAR_TYPE
) -> Names:
    """Names beside marks that stand below one another, in a panel that has `part` of the screen's
    width: in `type_` where each fits on a line, else in small type and several lines."""
    large, small = type_[look.present], SMALL_TYPE[look.present]
    longest = max(map(width, names), default=0.0)
    most = LINES
    if look.present:
        room = MEETING_SHARE * part * look.columns / small
        most = int(MEETING_HEIGHT / max(len(names), 1) / (small * LINE))
    else:
        room = min(max(DESK_ROOM[0], ceil(longest / LINES)), DESK_ROOM[1])
    if longest * large <= room * small:
        return Names(tuple((n,) for n in names), large)
    most = min(max(most, 1), LINES)
    return Names(tuple(broken(n, room, most) for n in names), small)


PROTOTYPE = {
    "__defineGetter__",
    "__defineSetter__",
    "__lookupGetter__",
    "__lookupSetter__",
    "__proto__",
    "constructor",
    "hasOwnProperty",
    "isPrototypeOf",
    "propertyIsEnumerable",
    "toLocaleString",
    "toString",
    "valueOf",
}
"""Keys that every JavaScript object has: Plotly takes a category of such a name for one that it
knows already."""


def _places(names: Sequence[str]) -> list[str]:
    """The names by which Plotly tells categories apart, each its own."""
    places: list[str] = []
    for name in names:
        place = name
        while place in PROTOTYPE or place in places:
            place += "\u200b"
        places.append(place)
    return places


GAP = 0.4
"""Rem between names and marks."""


def _categories(
    names: Sequence[str], drawn: Names, look: Look, downwards: bool = False, **more: object
) -> dict:
    """An axis of names in the order given: each is drawn as it is written, never as the number or
    the day that it looks like (01, 1e3, 2023-05). Its range is said, since Plotly makes it from the
    words that stand on the chart at names, and takes those for numbers."""
    places = _places(names)
    ends = [-0.5, len(names) - 0.5]
    return _axis(
        range=ends[::-1] if downwards else ends,
        type="category",
        categoryorder="array",
        categoryarray=places,
        tickmode="array",
        tickvals=places,
        ticktext=["<br>".join(map(plain, lines)) for lines in drawn.lines],
        ticks="",
        ticklabelstandoff=round(GAP * look.rem),
        tickfont={"size": round(drawn.size * look.rem, 1)},
        **more,
    )


def _whole_names(names: Sequence[str], whole: Sequence[bool]) -> dict:
    """What marks say under the mouse: their names, where the axis has not all of them."""
    if all(whole):
        return {"hoverinfo": "none"}
    return {
        "hovertext": [plain(n) for n in names],
        "hoverinfo": ["none" if w else "text" for w in whole],
    }


def _end_margin(labels: Sequence[str], size: float, look: Look) -> dict:
    """Margins with room for the labels at the bars' ends, which are as wide on a narrow panel as on
    a wide one."""
    room = (max(map(width, labels), default=0) * 1.06 + 0.5) * size
    return template(look)["margin"] | {"r": round(room)}


MORE = '<span style="letter-spacing:0">{}</span>'
"""Words of a chart that static/inner.css leaves out on a telephone, where there is no room for them: the
size of a chart is known to the browser alone."""


FEWEST = 5
"""Bars so few that they are broader: else there is more room between them than in them."""


def bars(
    parts: Sequence[Figure],
    whole: Figure | None,
    accent: Sequence[Part | None],
    look: Look,
    part: float = 0.6,
    tones: Mapping[Part | None, str] = MappingProxyType({}),
) -> Chart:
    """Sorted bars of a split with value, unit and share at the bar's end; `accent` are the
    parts that the title speaks of, `tones` those of bars with a verdict, by part. Parts
    without data are left out, never drawn as 0."""
    known = ranked(parts)[::-1]
    names = [book_value(f) for f in known]
    drawn = named(names, look, part)
    tokens = look.tokens
    rates = bool(known) and known[0].kpi.rate
    shares = [fmt.base(f) if rates else fmt.share(share(f, whole)) if whole else "" for f in known]
    said_ = [
        (number, f" {unit}" + (f"  {s}" if s and s != fmt.NONE else ""))
        for (number, unit), s in zip(map(fmt.parted, known), shares, strict=True)
    ]
    size = look.px(*BAR_TYPE)
    trace = {
        "type": "bar",
        "x": [f.value for f in known],
        "y": _places(names),
        "customdata": [f.part.value if f.part else "" for f in known],
        "orientation": "h",
        "width": 0.68 if len(known) > FEWEST else 0.84,
        "marker": {
            "color": [tokens[tones.get(f.part) or _tone(f, f.part in accent)] for f in known],
            # An approximate figure has no sharp end: its bar is hatched.
            "pattern": {
                "shape": ["" if f.qualifier == EXACT else "/" for f in known],
                "size": look.rem / 2,
                "solidity": 0.15,
            },
        },
        "text": [f"<b>{plain(number)}</b>{plain(rest)}" for number, rest in said_],
        "textposition": "outside",
        "textfont": {"size": size, "color": tokens["ink"]},
        "cliponaxis": False,
        "constraintext": "none",
    } | _whole_names(names, drawn.whole(names))
    most = max((f.value or 0 for f in known), default=1) or 1
    x = _axis(visible=False, range=[0, most])
    y = _categories(names, drawn, look)
    # A click anywhere beside a name counts: the shortest bars are a few pixels long.
    reach = {} if look.present else {"hovermode": "y"}
    margin = _end_margin(["".join(words) for words in said_], size, look)
    figure = _spec(look, [trace], x, y, margin=margin, **reach)
    said = "，".join(
        f"{n} {fmt.with_base(f)}" for n, f in zip(names[::-1], known[::-1], strict=True)
    )
    label = known[0].kpi.name if known else ""
    dimension = known[0].part.dimension.label if known and known[0].part else "项"
    rows = tuple(
        (book_value(f), f.value, f.qualifier, f.unit, s.replace(fmt.NONE, ""))
        for f, s in zip(known[::-1], shares[::-1], strict=True)
    )
    return Chart(
        figure,
        f"{label}条形图：{said}",
        (dimension, "数值", "约数", "单位", "基数" if rates else "占比"),
        rows,
        drawn.most,
    )


def _tone(part: Figure, accent: bool) -> str:
    """The token of a bar: what is 未登记 is pale, unless it is chosen."""
    return "accent" if accent else "line" if unfilled(part) else "mark"


def _note(notes: list[dict], **text: object) -> None:
    """Words on a chart."""
    notes.append({"showarrow": False} | text)


def _scatter(traces: list[dict], **what: object) -> None:
    """A line or markers."""
    traces.append({"type": "scatter"} | what)


MONTHS = tuple(f"{m}月" for m in range(1, 13))
Series = Sequence[float | None]
"""Twelve monthly values, January first; None for a month without data or still to come."""


def _months(look: Look) -> dict:
    """The month axis: every second month is named where the screen is narrow."""
    step = 1 if look.wide else 2
    return _axis(
        tickvals=list(range(0, 12, step)),
        ticktext=MONTHS[::step],
        ticks="",
        ticklabeloverflow="allow",
        range=[-0.2, 11.2],
        tickfont={"size": look.px(0.875, 1.03)},
    )


def _few_months(last: int, look: Look) -> dict:
    """The month axis of a picture that may be narrow: January, the `last` month, December, upright."""
    named = sorted({0, last, 11} if last < 10 else {0, last})
    return {
        "tickvals": named,
        "ticktext": [MONTHS[i] for i in named],
        "tickangle": 0,
        "showline": True,
        "linecolor": look.tokens["mark"],
    }


def _counts_axis(look: Look) -> dict:
    return _axis(
        showgrid=True,
        gridcolor=look.tokens["line"],
        nticks=4,
        rangemode="tozero",
        ticks="",
        tickfont={"size": look.px(0.875, 1.03)},
    )


def _spread(ends: list[float], least: list[float], low: float) -> list[float]:
    """Label heights moved apart, each label being as high as `least` says, none below `low`, order
    kept."""
    order = sorted(range(len(ends)), key=lambda i: ends[i])
    placed = list(ends)
    floor = low
    for i in order:
        half = least[i] / 2
        placed[i] = max(ends[i], floor + half)
        floor = placed[i] + half
    return placed


END_ROOM = 8.0
"""Full characters of a line of words at a line's end."""


def lines(
    series: dict[str, Series], accent: str, unit: str, look: Look, what: str, then: str = ""
) -> Chart:
    """Monthly lines, the accent for the one the title speaks of; name and last value stand at
    the line's end in place of a legend. `then` is the one of another year, dashed."""
    notes: list[dict] = []
    traces: list[dict] = []
    tokens = look.tokens
    known = {n: [(i, v) for i, v in enumerate(vs) if v is not None] for n, vs in series.items()}
    known = {n: points for n, points in known.items() if points}
    most = max((v for points in known.values() for _, v in points), default=1) or 1
    ends = [points[-1][1] for points in known.values()]
    said_at = [
        broken(f"{name} {fmt.amount(points[-1][1])}", END_ROOM, LINES)
        for name, points in known.items()
    ]
    line = most * (0.1 if look.present else 0.08)
    heights = _spread(ends, [line * len(words) for words in said_at], most * 0.02 - line / 2)
    for (name, points), height, words in zip(known.items(), heights, said_at, strict=True):
        main = name == accent
        colour = tokens["accent" if main else "mark"]
        _scatter(
            traces,
            x=[i for i, _ in points],
            y=[v for _, v in points],
            customdata=[i + 1 for i, _ in points],
            mode="lines+markers",
            line={"color": colour, "width": look.px(0.2, 0.22 if main else 0.15)}
            | ({"dash": "dot"} if name == then else {}),
            marker={"size": look.px(0.4, 0.4), "color": colour, "opacity": 1},
            cliponaxis=False,
            name=plain(name),
            hovertemplate=f"{plain(name)} %{{y}} {plain(unit)}<extra></extra>",
        )
        text = "<br>".join(map(plain, words))
        _note(
            notes,
            x=points[-1][0],
            y=height,
            xanchor="left",
            align="left",
            yanchor="middle",
            xshift=look.px(0.5, 0.5),
            showarrow=False,
            text=f"<b>{text}</b>" if main else text,
            font={
                "size": look.px(0.875, 1.03),
                "color": tokens["accent" if main else "ink2"],
            },
            bgcolor=tokens["card"] if then and main else "rgba(0,0,0,0)",
        )
    x = _months(look) | {"range": [-0.2, 11.2]}
    y = _counts_axis(look) | {"range": [0, max(most, *heights, 1) * 1.12]}
    # The words at the lines' ends are as wide on a narrow panel as on a wide one.
    size = look.px(0.875, 1.03)
    widest = max((width(words) for said in said_at for words in said), default=0)
    room = widest * size * 1.05 + look.px(0.5, 0.5)
    margin = template(look)["margin"] | {"r": round(room)}
    figure = _spec(look, traces, x, y, annotations=notes, margin=margin)
    said = "；".join(f"{n} 最近一月 {fmt.amount(p[-1][1])} {unit}" for n, p in known.items())
    return Chart(figure, f"{what}折线图：{said}", ("月份", *series), month_rows(series))


def month_rows(series: dict[str, Series]) -> tuple[tuple[object, ...], ...]:
    """Monthly series as rows, a month a row; months of which nothing is known are left out."""
    return tuple(
        (MONTHS[i], *(vs[i] for vs in series.values()))
        for i in range(12)
        if any(vs[i] is not None for vs in series.values())
    )


HEAD_ROOM, HEAD_LINES = 4.6, 4
"""The least full characters of a line over a heatmap's column, and how many lines there are."""
DESK_CELLS = 13.0
"""Full characters that a heatmap's columns have together in the smallest panel at the desk."""


def _heads(kinds: Sequence[str], look: Look, part: float) -> Names:
    """The names over a heatmap's columns."""
    small = SMALL_TYPE[look.present]
    across = (1 - MEETING_SHARE) * part * look.columns / small if look.present else DESK_CELLS
    room = max(HEAD_ROOM, across / max(len(kinds), 1))
    return Names(tuple(broken(k, room, HEAD_LINES) for k in kinds), small)


WHOLE_CELL = 400
"""Pixels within which the nearest of the markers over a heatmap answers a click."""


def heat(
    names: Sequence[str],
    kinds: Sequence[str],
    cells: Sequence[Sequence[float | None]],
    look: Look,
    what: str,
    corner: str,
    part: float = 0.5,
) -> Chart:
    """A table of shades with the number in every cell; — where there is no such thing, 0 where
    there was none. Invisible markers lie over the cells, since a heatmap answers no click."""
    keys = [[y, x] for y in names for x in kinds]
    names, kinds = ([registered(v) for v in values] for values in (names, kinds))
    notes: list[dict] = []
    tokens, ramp = look.tokens, look.ramp
    drawn = named(names, look, part, SMALL_TYPE)
    over = _heads(kinds, look, part)
    columns_, rows_ = _places(kinds), _places(names)
    most = max((v for row in cells for v in row if v is not None), default=1) or 1
    shades = {
        "type": "heatmap",
        "z": [list(row) for row in cells],
        "x": columns_,
        "y": rows_,
        "zmin": 0,
        "zmax": most,
        "colorscale": [[i / (len(ramp) - 1), c] for i, c in enumerate(ramp)],
        "showscale": False,
        "xgap": 2,
        "ygap": 2,
        "hoverinfo": "none",
    }
    traces = [shades]
    for y, row in zip(rows_, cells, strict=True):
        for x, v in zip(columns_, row, strict=True):
            colour = tokens["ink2"] if v is None else readable(ramp, v / most)
            _note(
                notes,
                x=x,
                y=y,
                showarrow=False,
                text=fmt.NONE if v is None else fmt.amount(v),
                font={"size": look.px(0.9375, 1.15), "color": colour},
            )
    _scatter(
        traces,
        x=[x for _ in names for x in columns_],
        y=[y for y in rows_ for _ in kinds],
        customdata=keys,
        mode="markers",
        marker={"size": look.px(1.6, 1.6), "opacity": 0},
        **_whole_names(
            [f"{y} · {x}" for y in names for x in kinds],
            [a and b for a in drawn.whole(names) for b in over.whole(kinds)],
        ),
    )
    x_axis = _categories(kinds, over, look, side="top")
    y_axis = _categories(names, drawn, look, downwards=True)
    # A marker answers for its whole cell.
    reach = {} if look.present else {"hoverdistance": WHOLE_CELL}
    figure = _spec(look, traces, x_axis, y_axis, annotations=notes, **reach)
    said = "；".join(
        f"{y} {'、'.join(f'{x} {fmt.NONE if v is None else fmt.amount(v)}' for x, v in zip(kinds, row, strict=True))}"
        for y, row in zip(names, cells, strict=True)
    )
    rows = tuple((y, *row) for y, row in zip(names, cells, strict=True))
    return Chart(figure, f"{what}：{said}", (corner, *kinds), rows, drawn.most)


def _luminance(rgb: Sequence[float]) -> float:
    """Relative luminance of a colour (WCAG 2)."""
    lin = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb]
    return 0.2126 * lin[0] + 0.7152 * lin[1] + 0.0722 * lin[2]


def readable(ramp: Sequence[str], share_: float) -> str:
    """Black or white, whichever contrasts more with the ramp's shade at a share of 0–1."""
    at = share_ * (len(ramp) - 1)
    low = min(int(at), len(ramp) - 2)
    a, b = ([int(ramp[i][j : j + 2], 16) / 255 for j in (1, 3, 5)] for i in (low, low + 1))
    shade = _luminance([x + (y - x) * (at - low) for x, y in zip(a, b, strict=True)])
    return "#000000" if (shade + 0.05) ** 2 > 0.05 * 1.05 else "#FFFFFF"


def cumulative(
    now: Series, then: Series, years: tuple[int, int], unit: str, look: Look, what: str
) -> Chart:
    """Cumulative lines of two `years`, this one in the accent, the other one's thin, with their words
    at their ends and, of the other, at the month that this year has reached."""
    year, other = years
    notes: list[dict] = []
    traces: list[dict] = []
    tokens = look.tokens
    sums = {other: _running(then), year: _running(now)}
    known = {y: [(i, v) for i, v in enumerate(vs) if v is not None] for y, vs in sums.items()}
    most = max((v for points in known.values() for _, v in points), default=1) or 1
    for y, points in known.items():
        if points:
            colour, thick = ("accent", 0.24) if y == year else ("ink3", 0.15)
            _scatter(
                traces,
                x=[i for i, _ in points],
                y=[v for _, v in points],
                mode="lines",
                hoverinfo="none",
                line={"color": tokens[colour], "width": look.px(thick, thick)},
                cliponaxis=False,
            )
    ends = {y: points[-1] for y, points in known.items() if points}
    same = dict(known[other]).get(ends[year][0]) if year in ends else None
    called = "上年" if other == year - 1 else f"{other}年"
    labels = []
    if year in ends:
        above = same is None or ends[year][1] >= same
        labels.append((*ends[year], f"本年 {fmt.amount(ends[year][1])}", "accent", above))
        if same is not None and ends[year][0] < ends[other][0]:
            at = ends[year][0]
            said = f"{called}{MORE.format('同期')} {fmt.amount(same)}"
            labels.append((at, same, said, "ink2", not above))
    if other in ends:
        last, value = ends[other]
        over = year not in ends or ends[year][0] < last or value > ends[year][1]
        labels.append((last, value, f"{called} {fmt.amount(value)}", "ink2", over))
    for x, y, text, tone, over in labels:
        right = x > 8 or over
        _note(
            notes,
            x=x,
            y=y,
            xanchor="right" if right else "left",
            yanchor="bottom" if over else "top",
            xshift=look.px(0.3, 0.3) * (-1 if right and x < 11 else 1 if not right else 0),
            yshift=look.px(0.3, 0.3) * (1 if over else -1),
            text=f"<b>{text}</b>",
            font={"size": look.px(0.9375, 1.2), "color": tokens[tone]},
        )
    y_axis = _counts_axis(look) | {"range": [0, most * 1.18], "visible": False}
    reached = ends[year][0] if year in ends else 11
    x_axis = _months(look) | {"range": [-0.3, 11.4]} | _few_months(reached, look)
    figure = _spec(look, traces, x_axis, y_axis, annotations=notes)
    said = "；".join(
        f"{y} 年到 {p[-1][0] + 1} 月累计 {fmt.amount(p[-1][1])} {unit}"
        for y, p in known.items()
        if p
    )
    rows = tuple((MONTHS[i], sums[other][i], sums[year][i]) for i in range(12))
    return Chart(figure, f"{what}累计折线图：{said}", ("月份", f"{other}年", f"{year}年"), rows)


def _running(values: Series) -> list[float | None]:
    total, out = 0.0, []
    for v in values:
        if v is None:
            out.append(None)
        else:
            total += v
            out.append(int(total) if float(total).is_integer() else total)
    return out


LARGE = 1000
"""Counts from which on a month's bar has no room for its number: then the axis has numbers."""


def against_last_year(
    now: Series, then: Series, unit: str, look: Look, what: str, called: str = "上年"
) -> Chart:
    """The months of the year as bars, the last of them in the accent, the number at each one's foot;
    those of the year before as a line."""
    tokens = look.tokens
    known = [(i, v) for i, v in enumerate(now) if v is not None]
    before = [(i, v) for i, v in enumerate(then) if v is not None]
    last = known[-1][0] if known else 0
    most = max((v for _, v in (*known, *before)), default=1) or 1
    told = max((v for _, v in known), default=0) < LARGE
    traces: list[dict] = [
        {
            "type": "bar",
            "x": [i for i, _ in known],
            "y": [v for _, v in known],
            "customdata": [i + 1 for i, _ in known],
            "width": 0.8,
            "marker": {"color": [tokens["accent" if i == last else "tint"] for i, _ in known]},
            "text": [fmt.amount(v) if told else "" for _, v in known],
            "textposition": "inside",
            "insidetextanchor": "start",
            "textangle": 0,
            "constraintext": "none",
            "textfont": {
                "size": look.px(0.875, 1.03),
                "color": [tokens["card" if i == last else "ink"] for i, _ in known],
            },
            "hoverinfo": "none",
        }
    ]
    if before:
        line = {"color": tokens["ink3"], "width": look.px(0.14, 0.14)}
        x, y = [list(axis) for axis in zip(*before, strict=True)]
        _scatter(traces, x=x, y=y, mode="lines", line=line, hoverinfo="none", cliponaxis=False)
    x_axis = _months(look) | {"range": [-0.5, 11.5]} | _few_months(last, look)
    y_axis = _counts_axis(look) | {"range": [0, most * 1.05], "visible": not told}
    figure = _spec(look, traces, x_axis, y_axis)
    said = [
        f"{name} {'，'.join(f'{MONTHS[i]} {fmt.amount(v)}' for i, v in points)}"
        for name, points in (("本年", known), (called, before))
        if points
    ]
    series = {f"本年（{unit}）": now, f"{called}（{unit}）": then}
    rows = month_rows(series)
    return Chart(figure, f"{what}柱形图：{'；'.join(said)}", ("月份", *series), rows)


def _upright(x: float, tone: str, look: Look) -> dict:
    """A dashed line from top to bottom, below the marks."""
    line = {"color": look.tokens[tone], "width": look.px(0.12, 0.12), "dash": "dash"}
    return {"type": "line", "x0": x, "x1": x, "yref": "paper", "y0": 0, "y1": 1} | {
        "layer": "below",
        "line": line,
    }


@dataclass(frozen=True)
class Stand:
    """A value from a day on, until the next; `broken` says that what came before is another
    series."""

    day: date
    value: float
    broken: str = ""


BREAK = 0.3
"""How far before a value its break stands, and as far before that the line ends."""


def steps(stands: Sequence[Stand], unit: str, look: Look, what: str) -> Chart:
    """A value that holds until the next: steps, in the accent since the last break. A break
    interrupts the line; a dashed one stands across in its place, with its words."""
    traces: list[dict] = []
    notes: list[dict] = []
    runs = _runs(stands)
    for run in runs:
        _held(traces, stands, run, "accent" if run is runs[-1] else "mark", look)
    for first, *_ in runs[1:]:
        font = {"size": look.px(0.875, 1.03), "color": look.tokens["warn"]}
        words = {"xanchor": "center", "yanchor": "bottom", "bgcolor": look.tokens["card"]}
        text = plain(stands[first].broken)
        _note(notes, x=first - BREAK, y=0, yref="paper", text=text, font=font, **words)
    x = _axis(
        tickvals=list(range(len(stands))),
        ticktext=[f"{s.day:%Y}<br>{s.day:%m-%d}" for s in stands],
        ticks="",
        range=[-0.5 if len(stands) > 4 else -0.25, len(stands) - 0.5],
        tickfont={"size": look.px(0.875, 1.03)},
    )
    most = max((s.value for s in stands), default=1) or 1
    y = _axis(visible=False, range=[0, most * 1.4])
    across = [_upright(first - BREAK, "warn", look) for first, *_ in runs[1:]]
    figure = _spec(look, traces, x, y, annotations=notes, shapes=across)
    said = "；".join(
        f"{s.broken}{'，' if s.broken else ''}{s.day} 起 {fmt.amount(s.value)} {unit}"
        for s in stands
    )
    rows = tuple((s.day.isoformat(), s.value, s.broken) for s in stands)
    return Chart(figure, f"{what}阶梯图：{said}", ("起始日期", f"数值（{unit}）", "断点"), rows)


def _runs(stands: Sequence[Stand]) -> list[list[int]]:
    """The positions of the values that can be compared with one another."""
    runs: list[list[int]] = []
    for i, stand in enumerate(stands):
        if not runs or stand.broken:
            runs.append([])
        runs[-1].append(i)
    return runs


def _held(
    traces: list[dict], stands: Sequence[Stand], run: list[int], tone: str, look: Look
) -> None:
    """The steps of one run, up to where the next begins, with a number at each."""
    values, colour = [stands[i].value for i in run], look.tokens[tone]
    _scatter(
        traces,
        x=[*run, run[-1] + 1 - 2 * BREAK],
        y=[*values, values[-1]],
        mode="lines",
        fill="tozeroy",
        fillcolor=look.tokens["soft"],
        line={"color": colour, "width": look.px(0.2, 0.22), "shape": "hv"},
        cliponaxis=False,
        hoverinfo="none",
    )
    _scatter(
        traces,
        x=run,
        y=values,
        mode="markers+text",
        marker={"size": look.px(0.55, 0.55), "color": colour, "opacity": 1},
        text=[f"<b>{fmt.amount(v)}</b>" for v in values],
        textposition="top right",
        textfont={
            "size": look.px(0.9375, 1.25),
            "color": look.tokens["ink2" if tone == "mark" else tone],
        },
        cliponaxis=False,
        hoverinfo="none",
    )
