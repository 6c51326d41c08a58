"""Charts as PowerPoint has them, with their numbers inside: bars, columns with a line, lines; a table of
shades as a table."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from copy import deepcopy
from math import floor, log10
from typing import Any, NamedTuple

from pptx.chart.data import CategoryChartData
from pptx.enum.chart import (
    XL_CHART_TYPE,
    XL_LABEL_POSITION,
    XL_MARKER_STYLE,
    XL_TICK_LABEL_POSITION,
    XL_TICK_MARK,
)
from pptx.enum.dml import MSO_LINE
from pptx.enum.text import MSO_ANCHOR
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls, qn
from pptx.util import Pt

from qmg_dash.exports.powerpoint.layout import Rect
from qmg_dash.exports.powerpoint.shapes import POINT, emptied, emu, tone, write
from qmg_dash.exports.powerpoint.text import Run, Text

Figure = Mapping[str, Any]
NUMBER = re.compile(r"-?[\d,]+(\.\d+)?")
BARE = "rgba(0,0,0,0)"


class Chart(NamedTuple):
    """A figure of Plotly, what it says in words, and its data as a table."""

    figure: Figure
    alt: str
    header: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]

    def name(self, at: int, values: Sequence[float | None]) -> str:
        """The column of the table that has these values; else the one at this place."""
        known = [v for v in values if v is not None]
        columns = range(1, len(self.header))
        same = (j for j in columns if [r[j] for r in self.rows if r[j] is not None] == known)
        return self.header[next(same, min(at, len(self.header) - 1))]


def draw(slide: Any, rect: Rect, chart: Chart) -> None:
    """Put a chart on a slide, of the kind that its figure is of."""
    first = chart.figure["data"][0]
    if first["type"] == "heatmap":
        _shades(slide, rect, chart)
    elif first.get("orientation") == "h":
        _bars(slide, rect, chart)
    else:
        _months(slide, rect, chart)


# ---- lying bars -------------------------------------------------------------------------------------
def _bars(slide: Any, rect: Rect, drawn: Chart) -> None:
    """Bars with their words at the end; below each, where there is one, that of another year."""
    figure = drawn.figure
    axis, (first, *others) = figure["layout"]["yaxis"], figure["data"]
    data = CategoryChartData()
    data.categories = [_plain(name.replace("<br>", "")) for name in axis["ticktext"]]
    for trace in (*others, first):
        known = dict(zip(trace["y"], trace["x"], strict=True))
        at = 1 if trace is first else len(drawn.header) - 1
        data.add_series(drawn.header[at], [known.get(p) for p in axis["categoryarray"]])
    chart = _chart(slide, rect, XL_CHART_TYPE.BAR_CLUSTERED, data, drawn.alt)
    plot = chart.plots[0]
    plot.gap_width, plot.overlap = _gap(first), 0
    _hidden(chart.value_axis, figure["layout"]["xaxis"]["range"][1] * _stretch(rect, figure))
    _named(chart.category_axis, axis["tickfont"]["size"], figure)
    *more, series = plot.series
    font = first["textfont"]
    _label(series, first["text"], font["size"], XL_LABEL_POSITION.OUTSIDE_END, font["color"])
    _shaded(series, range(len(series.values)), first)
    for other, trace in zip(more, others, strict=True):
        other.format.fill.solid()
        tone(other.format.fill.fore_color, trace["marker"]["color"][1:])
        tone(other.format.line.color, trace["marker"]["line"]["color"][1:])


def _gap(trace: Figure) -> int:
    """The room between bars in percent of a bar."""
    return round(100 * (1 - trace["width"]) / trace["width"])


def _shaded(series: Any, places: Sequence[int], trace: Figure) -> None:
    """Each bar in its own colour."""
    for i, shade in zip(places, trace["marker"]["color"], strict=True):
        fill = series.points[i].format.fill
        fill.solid()
        tone(fill.fore_color, shade[1:])


def _stretch(rect: Rect, figure: Figure) -> float:
    """How much longer the axis is than the longest bar: the words at its end need the room."""
    room = rect.width - figure["layout"]["margin"]["r"]
    names = max((len(t) for t in figure["layout"]["yaxis"]["ticktext"]), default=0)
    room -= names * figure["layout"]["yaxis"]["tickfont"]["size"]
    return 1 + figure["layout"]["margin"]["r"] / max(room, rect.width / 4)


# ---- months: columns, lines --------------------------------------------------------------------------
def _months(slide: Any, rect: Rect, drawn: Chart) -> None:
    """Columns and lines over an axis of whole numbers: months, or the days of versions."""
    figure = drawn.figure
    layout, traces = figure["layout"], figure["data"]
    axis = layout["xaxis"]
    ticks = dict(zip(axis["tickvals"], axis["ticktext"], strict=True))
    last = max(int(x) for t in traces for x in t["x"] if x == int(x))
    places = range(max(last, *ticks) + 1)
    data = CategoryChartData()
    data.categories = [_plain(ticks.get(i, f"{i + 1}月").replace("<br>", " ")) for i in places]
    bars = [t for t in traces if t["type"] == "bar"]
    ordered = [*bars, *(t for t in traces if t["type"] != "bar")]
    for i, trace in enumerate(ordered, 1):
        known = dict(zip(trace["x"], trace["y"], strict=True))
        values = [known.get(p) for p in places]
        data.add_series(_plain(trace.get("name") or drawn.name(i, values)), values)
    kind = XL_CHART_TYPE.COLUMN_CLUSTERED if bars else XL_CHART_TYPE.LINE_MARKERS
    chart = _chart(slide, rect, kind, data, drawn.alt)
    if bars and len(ordered) > 1:
        _as_lines(chart, len(bars))
    _named(chart.category_axis, axis["tickfont"]["size"], figure)
    _steps(chart.category_axis, len(places), len(ticks))
    _values(chart.value_axis, layout["yaxis"])
    if bars:
        chart.plots[0].gap_width = _gap(bars[0])
    for series, trace in zip(
        [s for plot in chart.plots for s in plot.series], ordered, strict=True
    ):
        _column(series, trace) if trace["type"] == "bar" else _drawn(series, trace)
    _notes(chart, ordered, layout)


def _column(series: Any, trace: Figure) -> None:
    _shaded(series, trace["x"], trace)
    if any(trace["text"]):
        font = trace["textfont"]
        _label(series, trace["text"], font["size"], XL_LABEL_POSITION.INSIDE_BASE, font["color"])


def _drawn(series: Any, trace: Figure) -> None:
    """A line with its marks and words."""
    series.smooth = False
    line, mode = trace.get("line", {}), trace["mode"]
    if "lines" in mode:
        series.format.line.width = Pt(line["width"] / POINT)
        tone(series.format.line.color, line["color"][1:])
        if line.get("dash"):
            series.format.line.dash_style = MSO_LINE.SQUARE_DOT
    else:
        series.format.line.fill.background()
    mark = trace.get("marker", {})
    series.marker.style = XL_MARKER_STYLE.CIRCLE if "markers" in mode else XL_MARKER_STYLE.NONE
    if "markers" in mode:
        series.marker.size = max(2, round(mark["size"] / POINT))
        series.marker.format.fill.solid()
        tone(series.marker.format.fill.fore_color, mark["color"][1:])
        series.marker.format.line.fill.background()
    if "text" in trace:
        font = trace["textfont"]
        _label(series, trace["text"], font["size"], XL_LABEL_POSITION.ABOVE, font["color"])


def _notes(chart: Any, traces: Sequence[Figure], layout: Figure) -> None:
    """The words at the points of a line, as the labels of these points."""
    series = [s for plot in chart.plots for s in plot.series]
    for note in layout.get("annotations", ()):
        near = [
            (abs(y - note["y"]), i)
            for i, t in enumerate(traces)
            if t["type"] != "bar"
            for x, y in zip(t["x"], t["y"], strict=True)
            if x == note["x"]
        ]
        if not near:
            continue
        _, at = min(near)
        over = note.get("yanchor") == "bottom"
        under = note.get("yanchor") == "top"
        where = (
            XL_LABEL_POSITION.ABOVE
            if over
            else XL_LABEL_POSITION.BELOW
            if under
            else XL_LABEL_POSITION.RIGHT
        )
        _said(series[at], int(note["x"]), note["text"], note["font"], where)


def _as_lines(chart: Any, bars: int) -> None:
    """Let the series behind the columns be lines over the same axes: python-pptx makes no chart of
    two kinds."""
    columns = chart._chartSpace.plotArea.find(qn("c:barChart"))
    series = columns.findall(qn("c:ser"))[bars:]
    lines = parse_xml(
        f'<c:lineChart {nsdecls("c")}><c:grouping val="standard"/><c:varyColors val="0"/>'
        '<c:marker val="1"/></c:lineChart>'
    )
    for one in series:
        columns.remove(one)
        for part in one.findall(qn("c:invertIfNegative")):
            one.remove(part)
        lines.insert(len(lines) - 1, one)
    for axis in columns.findall(qn("c:axId")):
        lines.append(deepcopy(axis))
    columns.addnext(lines)


# ---- axes and labels -----------------------------------------------------------------------------------
def _chart(slide: Any, rect: Rect, kind: Any, data: CategoryChartData, alt: str) -> Any:
    frame = slide.shapes.add_chart(kind, *(emu(v) for v in rect), data)
    frame._element.nvGraphicFramePr.cNvPr.set("descr", alt)
    chart = frame.chart
    chart.has_legend = chart.has_title = False
    chart.font.size = Pt(10)
    return chart


def _hidden(axis: Any, most: float) -> None:
    axis.minimum_scale, axis.maximum_scale = 0, most
    axis.visible = axis.has_major_gridlines = False


def _values(axis: Any, said: Figure) -> None:
    axis.minimum_scale, axis.maximum_scale = said["range"]
    axis.has_major_gridlines = axis.visible = said.get("visible", True)
    if axis.visible:
        axis.major_unit = _step(said["range"][1] / said["nticks"])
        tone(axis.major_gridlines.format.line.color, said["gridcolor"][1:])
        axis.tick_labels.font.size = Pt(said["tickfont"]["size"] / POINT)
        axis.format.line.fill.background()


def _step(least: float) -> float:
    """The next round step: Plotly's own."""
    power = 10.0 ** floor(log10(least))
    return next(n * power for n in (1, 2, 5, 10) if n * power >= least)


def _named(axis: Any, size: float, figure: Figure) -> None:
    axis.has_major_gridlines = False
    axis.major_tick_mark = axis.minor_tick_mark = XL_TICK_MARK.NONE
    axis.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    axis.tick_labels.font.size = Pt(size / POINT)
    tone(axis.tick_labels.font.color, figure["layout"]["font"]["color"][1:])
    line = figure["layout"]["xaxis"].get("linecolor")
    if line:
        tone(axis.format.line.color, line[1:])
    else:
        axis.format.line.fill.background()


def _steps(axis: Any, places: int, named: int) -> None:
    """Every n-th name only, where the figure names a few."""
    element = axis._element
    step = 1 if named >= places else 4
    skip = parse_xml(f'<c:tickLblSkip {nsdecls("c")} val="{step}"/>')
    element.find(qn("c:noMultiLvlLbl")).addprevious(skip)


def _label(series: Any, texts: Sequence[str], size: float, where: Any, shades: Any) -> None:
    """The words beside each mark."""
    points = [i for i, v in enumerate(series.values) if v is not None]
    for n, (i, text) in enumerate(zip(points, texts, strict=True)):
        shade = shades[n] if isinstance(shades, list) else shades
        _said(series, i, text, {"size": size, "color": shade}, where)


def _said(series: Any, i: int, text: str, font: Figure, where: Any) -> None:
    """The words beside one mark: its number as the number's format, so that it follows when the
    number is changed."""
    label = series.points[i].data_label
    label.font.size, label.font.bold = Pt(font["size"] / POINT), "<b>" in text
    tone(label.font.color, font["color"][1:])
    label.position = where
    element = label._dLbl
    element.find(f"{qn('c:txPr')}/{qn('a:bodyPr')}").set("wrap", "none")
    before = element.find(qn("c:spPr"))
    before = element.find(qn("c:txPr")) if before is None else before
    code = numbered(_plain(text), series.values[i])
    made = parse_xml(f'<c:numFmt {nsdecls("c")} sourceLinked="0"/>')
    made.set("formatCode", code)
    before.addprevious(made)
    for name in (
        "c:showLegendKey",
        "c:showCatName",
        "c:showSerName",
        "c:showPercent",
        "c:showBubbleSize",
    ):
        element.find(qn(name)).set("val", "0")
    element.find(qn("c:showVal")).set("val", "1")


def numbered(text: str, value: float | None) -> str:
    """A number's format that writes `value` as this text has it."""
    for found in NUMBER.finditer(text):
        said = found[0]
        places = len(found[1] or ".") - 1
        if value is not None and abs(float(said.replace(",", "")) - value) <= 0.5 * 10**-places:
            digits = ("#,##0" if "," in said else "0") + ("." + "0" * places if places else "")
            return _quoted(text[: found.start()]) + digits + _quoted(text[found.end() :])
    return _quoted(text)


def _quoted(text: str) -> str:
    return '"{}"'.format(text.replace('"', "”")) if text else ""


def _plain(text: str) -> str:
    """Text as Plotly has it, without its tags."""
    return html.unescape(re.sub(r"<[^>]*>", "", text))


# ---- shades -----------------------------------------------------------------------------------------
def _shades(slide: Any, rect: Rect, drawn: Chart) -> None:
    """A heatmap as a table, the numbers in its cells."""
    shades, layout = drawn.figure["data"][0], drawn.figure["layout"]
    across, down = layout["xaxis"], layout["yaxis"]
    frame = slide.shapes.add_table(
        len(down["ticktext"]) + 1, len(across["ticktext"]) + 1, *(emu(v) for v in rect)
    )
    frame._element.nvGraphicFramePr.cNvPr.set("descr", drawn.alt)
    grid = frame.table
    grid._tbl.tblPr.clear()
    said = {(n["x"], n["y"]): n for n in layout["annotations"]}
    size, ink = down["tickfont"]["size"], layout["font"]["color"]
    first = min(rect.width / 3, size * 1.05 * max(map(len, down["ticktext"])) + 12)
    lines = 1 + max(t.count("<br>") for t in across["ticktext"])
    head = lines * size * 1.4 + 6
    _spread(grid.columns, "width", first, rect.width)
    _spread(grid.rows, "height", head, rect.height)
    for i, name in enumerate(across["ticktext"]):
        _words(grid.cell(0, i + 1), name, size, ink, "center")
    for j, name in enumerate(down["ticktext"]):
        _words(grid.cell(j + 1, 0), name, size, ink, "left")
        for i, value in enumerate(shades["z"][j]):
            note = said[across["categoryarray"][i], down["categoryarray"][j]]
            at = grid.cell(j + 1, i + 1)
            _words(at, note["text"], note["font"]["size"], note["font"]["color"], "center")
            if value is not None:
                at.fill.solid()
                tone(at.fill.fore_color, _shade(shades["colorscale"], value / shades["zmax"]))
    for row in grid._tbl.tr_lst:
        for at in row.tc_lst:
            emptied(at)


def _spread(lines: Any, what: str, first: float, whole: float) -> None:
    """The first row or column as large as it is, the others share what is left."""
    for i, line in enumerate(lines):
        setattr(line, what, emu((whole - first) / (len(lines) - 1) if i else first))


def _words(at: Any, text: str, size: float, shade: str, align: str) -> None:
    at.margin_left = at.margin_right = at.margin_top = at.margin_bottom = 0
    at.vertical_anchor = MSO_ANCHOR.MIDDLE
    run = Run(_plain(text.replace("<br>", "\n")), size, False, shade[1:].upper(), size * 1.35)
    write(at.text_frame.paragraphs[0], Text((run,), run.height, align, True, False))


def _shade(scale: Sequence[tuple[float, str]], share: float) -> str:
    """The colour of a scale at a share of 0–1."""
    at = share * (len(scale) - 1)
    low = min(int(at), len(scale) - 2)
    ends = [[int(scale[i][1][k : k + 2], 16) for k in (1, 3, 5)] for i in (low, low + 1)]
    return "".join(f"{round(a + (b - a) * (at - low)):02X}" for a, b in zip(*ends, strict=True))
