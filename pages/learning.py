"""学法普法: what leaders study and what the public hears, by day and place."""

import simple_html as h

from qmg_dash import fmt
from qmg_dash.figures import events, findings, moved
from qmg_dash.figures.progress import Measure
from qmg_dash.kpis import goals as kinds
from qmg_dash.kpis import kpi
from qmg_dash.model import Number
from qmg_dash.ui import blocks, calendars, markup, reported, served
from qmg_dash.ui.desk.page import MAIN, Drawing, Slide, show
from qmg_dash.ui.link.filters import Filter
from qmg_dash.ui.link.scope import Scope

TITLE = "学法普法"
RANK = 9
CODES = (
    "learning.study_sessions",
    "learning.events",
    "publicity.events",
    "publicity.reach",
    "publicity.materials",
)
TAUGHT = (
    "learning.study_sessions",
    "training.cert_trained",
    "training.exam_pass_rate",
    "training.cert_obtained",
)
SERVED = ("services.enterprises", "services.meetings", "services.windows")
SPLITS = {
    "events": (("learning.events", "kind"), ("publicity.events", "venue")),
    "reach": (("publicity.reach", "venue"), ("publicity.materials", "venue")),
    "attendees": (("learning.attendees", "kind"),),
}
FILTERS = (Filter("learning.events", "kind"), Filter("publicity.events", "venue"))
STUDY, PUBLIC = "learning.events", "publicity.events"
REACH = ("publicity.reach", "publicity.materials")
BOTH = reported.Pair(
    "学法和营商", (*TAUGHT, *SERVED), {"/learning": TITLE, "/services": "营商服务"}
)
SHOWN = "events"
"""The splits that the calendar and the places show."""
MECHANISMS = 24
ROWS = 8
"""Kinds and places that a wall has room for."""


def slides(scope: Scope) -> list[Slide]:
    more, practices = blocks.more_numbers(scope, CODES, SPLITS), scope.practices()
    if not _dated(scope) and not _placed(scope):
        main = Slide(MAIN, told(scope), draw_published, deck=BOTH.stands(scope))
        first = BOTH.shown(scope, practices, MECHANISMS)
        return [
            main,
            *blocks.split_slides(scope, SPLITS),
            *more,
            *blocks.more_mechanisms(scope, practices, first),
        ]
    both = _dated(scope) and _placed(scope)
    rest = {n: s for n, s in SPLITS.items() if n != SHOWN or not both}
    split = blocks.split_slides(scope, rest)
    reach = blocks.group_slides(scope, "reach", "普法受众和资料", REACH, "普法")
    return [
        Slide(MAIN, title(scope), draw),
        *([] if any(s.name == "reach" for s in split) else reach),
        *split,
        *more,
        *blocks.more_mechanisms(scope, practices, 0),
    ]


def told(scope: Scope) -> findings.Finding:
    """The first figures; where there are only published ones, those of training too."""
    if BOTH.stands(scope):
        return findings.pair(scope.book, TAUGHT, TITLE)
    return findings.learning(scope.book)


def _dated(scope: Scope) -> bool:
    return scope.book.speaks(kpi(STUDY))


def _placed(scope: Scope) -> bool:
    return sum(f.known for f in scope.book_without("venue").split(PUBLIC, "venue")) > 1


def title(scope: Scope) -> findings.Finding:
    """How far the target of events for the public is, and whether their number moved."""
    figure = scope.book.fig(PUBLIC)
    if not figure.known:
        return findings.learning(scope.book)
    found = moved.moved(scope.against, PUBLIC, "venue")
    change = ""
    if found and found.asks:
        now, then = (Number(v or 0) for v in (found.total.now, found.total.then))
        change = fmt.change(now, then, figure.unit, sentence=True)
    return findings.reached(scope.book, figure, aimed(scope), change)


def aimed(scope: Scope) -> Measure | None:
    """The measure of this year that sets a target for events for the public."""
    found = [m for m in scope.own_measures if m.figure is not None and m.figure.code == PUBLIC]
    return next((m for m in found if m.target and m.state != kinds.CANCELLED), None)


# ---- with ledgers ----------------------------------------------------------------------------------
def draw(s: Drawing) -> None:
    left = [part for part in (_study(s), _served(s)) if part]
    right = _places(s)
    stack = h.div(
        {"class": "stack fill", "style": f"--rows:{'1.25fr 1fr' if len(left) > 1 else '1fr'}"}, left
    )
    if not left or not right:
        s.html(
            stack if left else h.div({"class": "two fill", "style": "--cols:1fr"}, right), fill=True
        )
        return
    s.html(h.div({"class": "two fill", "style": "--cols:1.36fr 1fr"}, stack, right), fill=True)


def _study(s: Drawing) -> h.Node:
    """What was held on which day."""
    scope = s.scope
    if not _dated(scope):
        return ""
    lines = events.lines(scope.book, scope.before, STUDY, "kind")
    figure = scope.book.fig(STUDY)
    shown = lines[:ROWS] if s.look.present else lines
    cut = f"；前 {ROWS} 类，共 {len(lines)} 类" if len(shown) < len(lines) else ""
    head = markup.head(f"学法 {fmt.spaced(figure)}，哪天做的", f"格内为日；阴影为未到{cut}", figure)
    if not lines:
        return h.div({"class": "panel col"}, head, markup.empty("所选范围没有学法活动", "放宽筛选"))
    first, last = scope.filters.month_from or 1, scope.filters.month_to or 12
    picture = calendars.calendar(
        shown,
        scope.snapshot.clock(),
        scope.year,
        range(first, last + 1),
        "" if s.look.present else "kind",
    )
    data = ""
    if not s.look.present:
        data = markup.data_view(s.drawn("学法日期", *calendars.calendar_rows(lines)))
    return h.div({"class": "panel col scroll"}, head, h.div({"class": "grow"}, picture), data)


def _places(s: Drawing) -> h.Node:
    """Events for the public by place against last year, below how far the target is."""
    scope = s.scope
    if not _placed(scope):
        return ""
    figure, measure = scope.book.fig(PUBLIC), aimed(scope)
    at, before = scope.book_without("venue"), scope.against.book.beside(values=scope.filters.values)
    parts = [f for f in at.split(PUBLIC, "venue") if f.known]
    parts.sort(key=lambda f: -(f.value or 0))
    shown = parts[:ROWS] if s.look.present else parts
    then = {f.part: f for f in before.split(PUBLIC, "venue") if f.known}
    pairs = [(f, then.get(f.part)) for f in shown]
    last = scope.against.short
    key = f"竖线＝{last}" if then else ""
    head = markup.head(f"普法 {fmt.spaced(figure)}，按场所", key, figure)
    strip = ""
    if measure is not None and measure.target and figure.known:
        strip = calendars.target_strip(figure, measure.target, measure.elapsed)
    desk = not s.look.present
    picture = calendars.against(
        pairs, "venue" if desk else "", scope.picked("venue"), scope.against.short
    )
    data = ""
    if desk:
        rows = tuple((f.said, f.value, t.value if t else None) for f, t in pairs)
        data = markup.data_view(s.drawn("普法场所", ("场所", "本年", last), rows))
    return h.div({"class": "panel col"}, head, strip, picture, data)


def _served(s: Drawing) -> h.Node:
    """What was done for enterprises, in a meeting: at the desk it is a screen of its own."""
    if not s.look.present or not s.book.speaks(kpi("services.enterprises")):
        return ""
    return h.div({"class": "panel col"}, served.volumes(s, SERVED))


# ---- published figures alone -----------------------------------------------------------------------
def draw_published(s: Drawing) -> None:
    """学法 beside 营商 on a wall: a report has few figures of either."""
    practices = s.scope.practices()[:MECHANISMS]
    if not BOTH.stands(s.scope):
        blocks.numbers_and_mechanisms(s, CODES, practices)
    elif not s.look.present:
        blocks.numbers_and_mechanisms(s, (*TAUGHT, *CODES[1:]), practices)
    else:
        BOTH.draw(s)


if __name__ == "__main__":
    show(slides, __file__, FILTERS)
