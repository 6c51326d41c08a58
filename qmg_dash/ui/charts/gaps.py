"""How far rates are from 100 %, and which departments lack how many."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import simple_html as h

from qmg_dash import fmt
from qmg_dash.figures.cases import OnTime, Tardy
from qmg_dash.kpis.base import registered
from qmg_dash.model import Figure
from qmg_dash.ui.charts.lanes import Picture, fitting

FULL, USUAL = 100, 90
"""Where the axis ends, and where it usually begins."""


def start(rates: Sequence[Figure]) -> int:
    """Where the axis begins: at 90, or at the ten below the least."""
    return min(USUAL, int(min((f.value or 0 for f in rates), default=FULL) // 10 * 10))


def gaps(
    rates: Sequence[Figure],
    tones: Mapping[str, str],
    link: Callable[[Figure], h.Node],
    then: Mapping[str, Figure] = {},
    year: str = "",
) -> Picture:
    """A row a rate, the furthest from 100 first: name, base, rate, how many are lacking, and the line
    to 100 from a dot, a triangle where it falls short of its verdict. `tones` are those of the
    verdicts, by code; `link` writes a rate. A tick is what it was `then`, by code, in the `year` that
    stands beside."""
    known = sorted((f for f in rates if f.value is not None), key=lambda f: f.value or 0)
    first = start([*known, *then.values()])
    said = "，".join(f"{f.kpi.name} {fmt.with_base(f)}" for f in known)
    if then:
        said += f"；{year}：" + "，".join(f"{f.kpi.name} {fmt.text(f)}" for f in then.values())
    middle = (first + FULL) / 2
    axis = [h.span(f"{fmt.digits(v)}%") for v in (first, middle, FULL)]
    body = h.div(
        {
            "class": "gaps",
            "role": "figure",
            "aria-label": f"与 100% 的差距（轴从 {first}% 起）：{said}",
        },
        h.div(
            {"class": "of"},
            [_gap(f, tones.get(f.code, ""), first, link, then.get(f.code)) for f in known],
        ),
        h.div({"class": "ends", "aria-hidden": "true"}, axis),
    )
    header = ("指标", "百分比", "合规", "基数")
    rows = tuple((f.kpi.name, *_told(f)) for f in known)
    if then:
        header = (*header, *(f"{year} {name}" for name in header[1:]))
        rows = tuple((*r, *_told(then.get(f.code))) for r, f in zip(rows, known, strict=True))
    return Picture(body, header, rows)


def _told(f: Figure | None) -> tuple[float | None, ...]:
    if f is None or f.value is None:
        return None, None, None
    return round(float(f.value), 4), f.numerator, f.denominator


def _at(f: Figure, first: int) -> str:
    """Its place on the axis."""
    return f"left:{max(0.0, (float(f.value or 0) - first) / (FULL - first)):.2%}"


def _gap(
    f: Figure, tone: str, first: int, link: Callable[[Figure], h.Node], then: Figure | None
) -> h.Node:
    wears, where = tone or "accent", _at(f, first)
    below = "below" if tone else ""
    base = h.small(fmt.base(f)) if fmt.base(f) else ""
    return h.div(
        {"class": "gap-row"},
        h.div(
            {"class": "said"},
            h.span(f.kpi.short, " ", base),
            h.b({"class": wears}, link(f)),
            h.small(lacking(f)),
        ),
        h.div(
            {"class": f"track {wears}", "aria-hidden": "true"},
            h.s({"style": where}),
            h.i({"class": below, "style": where}),
            h.u({"style": _at(then, first)}) if then else "",
        ),
    )


def lacking(f: Figure) -> str:
    """差 27 件; 全部 where none is lacking; "" where the base is not known."""
    if f.denominator is None or f.numerator is None:
        return ""
    short = f.denominator - f.numerator
    unit = (f.kpi.of or ("", "件", ""))[1]
    return f"差 {fmt.amount(short)} {unit}" if short else "全部"


def late(
    rate: OnTime,
    found: Sequence[Tardy],
    most: int,
    link: Callable[[str, Tardy], h.Node],
) -> Picture:
    """Who was not in time: what is not done to this day, then what was late, on one scale; how many
    of how many. Of more than `most` (fewer with long names) the first, the rest in a row of their
    own."""
    most = fitting([registered(u.who) for u in found], most)
    room = len(found) if len(found) <= most else max(most - 1, 1)
    shown = list(found[:room])
    if rest := found[room:]:
        sums = [sum(getattr(u, n) for u in rest) for n in ("open", "late", "due")]
        shown.append(Tardy(f"其余 {len(rest)} 个", *sums))
    scale = max((u.open + u.late for u in shown), default=1) or 1
    said = "，".join(
        f"{registered(u.who)} {u.open + u.late} 件（{rate.words[0]} {u.open}）" for u in shown
    )
    body = h.div(
        {"class": "tardy", "role": "figure", "aria-label": f"{rate.lacks}：{said}"},
        [_late(u, scale, link if u in found else (lambda text, _: text)) for u in shown],
    )
    data = tuple((registered(u.who), u.open, u.late, u.due) for u in found)
    return Picture(body, rate.words, data)


def _late(u: Tardy, scale: int, link: Callable[[str, Tardy], h.Node]) -> h.Node:
    marks = [
        h.i({"class": tone, "style": f"width:{n / scale:.2%}"})
        for n, tone in ((u.open, "over"), (u.late, "warn"))
        if n
    ]
    return h.div(
        {"class": "tardy-row"},
        h.span(registered(u.who)),
        h.div({"class": "stacked", "aria-hidden": "true"}, marks),
        h.b(link(f"{u.open + u.late} 件", u), h.small(f" / {fmt.amount(u.due)}")),
    )
