"""纠纷复议: disputes by village, what is open and for how long; cases against the town."""

from math import ceil

import simple_html as h

from qmg_dash import fmt
from qmg_dash.figures import cases, findings
from qmg_dash.figures.book import unfilled
from qmg_dash.figures.cases import Dispute, legal_cases, open_disputes, stock
from qmg_dash.figures.matters import DISPUTE
from qmg_dash.kpis import kpi
from qmg_dash.kpis.base import UNREGISTERED
from qmg_dash.model import Figure
from qmg_dash.tables import NO, YES
from qmg_dash.ui import blocks, charts, grids, markup
from qmg_dash.ui.charts import cases as charts_cases
from qmg_dash.ui.charts import stock as charts_stock
from qmg_dash.ui.desk.page import MAIN, Drawing, Slide, show
from qmg_dash.ui.link.filters import Filter
from qmg_dash.ui.link.scope import Beside, Scope

TITLE = "纠纷复议"
RANK = 8
CODES = (
    "cases.reconsiderations",
    "cases.litigations",
    "cases.unheard",
    "disputes.registered",
    "disputes.resolved_rate_all",
    "disputes.resolved_rate",
    "disputes.pending",
    "cases.pending",
)
RATES = (
    "disputes.major_reported_rate",
    "cases.reconsideration_corrected_rate",
    "cases.litigation_lost_rate",
    "cases.leader_attendance_rate",
)
SPLITS = {
    "kinds": (("disputes.registered", "type"), ("disputes.registered", "source")),
    "villages": (("disputes.registered", "village"),),
    "outcomes": (("cases.reconsiderations", "outcome"), ("cases.litigations", "outcome")),
}
FILTERS = (
    Filter("disputes.registered", "type"),
    Filter("disputes.registered", "village"),
    Filter("disputes.registered", "source"),
    Filter("cases.reconsiderations", "outcome", also=("cases.litigations",), field=False),
)
MECHANISMS = 24
REGISTERED, PENDING = "disputes.registered", "disputes.pending"
RULES, HEARD = ("重大纠纷未上报", "纠纷久调未结"), ("诉讼未开庭",)
"""The rules that the titles of disputes and of cases read."""
CASE_CODES = (
    "cases.reconsiderations",
    "cases.reconsideration_corrected_rate",
    "cases.litigations",
    "cases.leader_attendance_rate",
)
MAJOR = " 重大，未上报"
AGES = 8
"""Open disputes that stand on a wall."""


def slides(scope: Scope) -> list[Slide]:
    counted = scope.book.speaks(kpi(REGISTERED))
    splits = {k: v for k, v in SPLITS.items() if not (counted and k == "villages")}
    plain = findings.disputes(scope.book)
    tried = case_slides(scope)
    rules = RULES if tried and tried[0].leads else (*RULES, *HEARD)
    numbers = [Slide("numbers", plain, draw, deck=False)] if counted else []
    rates = blocks.group_slides(scope, "rates", "上报、纠错与出庭", RATES, TITLE)
    shown = (*CODES, *(RATES if rates else ()))
    told = {**splits, MAIN: ((REGISTERED, "village"),)} if counted else splits
    return [
        Slide(MAIN, scope.titled(plain, *rules), draw_villages if counted else draw),
        *tried,
        *numbers,
        *month_slides(scope),
        *rates,
        *blocks.split_slides(scope, splits),
        *blocks.more_numbers(scope, shown, told),
        *blocks.more_mechanisms(
            scope, scope.practices(), 0 if counted and not numbers else MECHANISMS
        ),
    ]


def draw(s: Drawing) -> None:
    blocks.numbers_and_mechanisms(s, CODES, s.scope.practices()[:MECHANISMS])


# ---- villages, what is open -----------------------------------------------------------------------
def draw_villages(s: Drawing) -> None:
    """The villages side by side; beside them what is open by its age, and how much was at the end of
    each month."""
    left, right = s.columns(1.35, 1)
    with left:
        s.html(h.div({"class": "panel col fill"}, villages(s)), fill=True, classes="even")
    with right:
        rows = "--rows:minmax(min-content,1.35fr) minmax(9rem,1fr)"
        panels = [h.div({"class": "panel col"}, part) for part in (waiting(s), stood(s)) if part]
        s.html(h.div({"class": "stack fill", "style": rows}, panels), fill=True, classes="even")


def villages(s: Drawing) -> list[h.Node]:
    """A tile a village: its months, their sum, the change, what is open."""
    row, at = kpi(REGISTERED), s.scope.book_without("village")
    whole = at.fig(row.code)
    split = [f for f in at.split(row.code, "village") if f.value is not None]
    named = sorted((f for f in split if not unfilled(f)), key=lambda f: -(f.value or 0))
    if not named:
        why, do = "所选范围没有登记的纠纷", "放宽筛选"
        if whole.value:
            why, do = f"{fmt.text(whole)}都没有登记村社区", "填写村社区后，这里按村社区列出"
        return [markup.head(f"各村社区{row.name}"), markup.empty(why, do)]
    chosen = s.scope.picked("village")
    seen = [f for f in named if not chosen or (f.part and f.part.value in chosen)]
    by_month = [blocks.months(at, row.code, "village")]
    year = s.scope.beside_word
    if year:
        by_month.append(blocks.months(at.beside(year=s.scope.beside_year), row.code, "village"))
    room = grids.room(s.look, [f.said for f in seen])
    most = len(seen) if len(seen) <= room else room - 1
    tiles = [tile(s, f, by_month) for f in seen[:most]]
    if rest := seen[most:]:
        tiles.append(together(s, rest, by_month))
    bare = sum(int(f.value or 0) for f in split if unfilled(f))
    beside = f"，线＝{year}" if year else ""
    key = f"柱＝{findings.span(at)}{beside}，同一刻度；增减为{s.scope.against.word}"
    key += f"；另有 {bare} {row.unit}未登记村社区" if bare else ""
    title = f"各村社区登记 {fmt.spaced(whole)}"
    drawn = grids.tiles(tiles, s.look, row.unit, "在调", year)
    return [
        markup.head(title, key, whole, without="village"),
        *grids.shown(s, "各村社区纠纷", drawn),
    ]


ByMonth = list[dict[str, list[float | None]]]
"""A count by village and month, of the year, and of one that was chosen to stand beside it."""


def tile(s: Drawing, figure: Figure, by_month: ByMonth) -> grids.Tile:
    part = figure.part
    assert part
    at = s.scope.book_without("village")
    open_ = at.figure(kpi(PENDING), part)
    months, *then = (tuple(year.get(part.text, [None] * 12)) for year in by_month)
    moved = _moved(figure, s.scope.beside(figure))
    late = any(_late(d) for d in open_disputes(at) if d.village == part.value)
    return grids.Tile(
        part.text, months, figure.value or 0, moved, open_.value, late, part.value, *then
    )


def _moved(figure: Figure, beside: Beside) -> str:
    """How many more or fewer; empty where there is nothing to compare with."""
    if beside.before is None or beside.before.value is None:
        return ""
    difference = int(((beside.now or figure).value or 0) - beside.before.value)
    return f"{'增' if difference > 0 else '减'} {abs(difference)}" if difference else "持平"


def together(s: Drawing, rest: list[Figure], by_month: ByMonth) -> grids.Tile:
    """The villages beyond the first ones in one tile."""
    each = [tile(s, f, by_month) for f in rest]
    months, then = _summed([t.months for t in each]), _summed([t.then for t in each])
    open_ = sum(t.waiting or 0 for t in each)
    count = sum(t.count for t in each)
    late = any(t.late for t in each)
    name = f"其余 {len(rest)} 个村社区"
    return grids.Tile(name, months, count, "", open_, late, then=then)


def _summed(each: list[tuple[float | None, ...]]) -> tuple[float | None, ...]:
    """Month by month; None where nobody has one."""
    return tuple(
        None if all(n is None for n in column) else sum(n or 0 for n in column)
        for column in zip(*each, strict=True)
    )


def waiting(s: Drawing) -> list[h.Node]:
    """What is open, the longest first. A wall has its days, its department and whether it is major:
    never a village together with a type."""
    found = open_disputes(s.book)
    pending = s.book.fig(PENDING)
    title = f"在调 {len(found)} 件，按已历天数"
    key = f"底色＝超 {DISPUTE} 天，或重大未上报"
    if not found:
        nothing = markup.empty("没有在调的纠纷", "登记的纠纷都已办结", fill=True)
        return [markup.head("在调"), nothing]
    late = ["warnrow" if _late(d) else "" for d in found]
    head = markup.head(title, key if any(late) else "", pending)
    if s.look.present:
        line = 24 if s.look.wide else 16
        longest = max(findings.width(f"{d.department}{_major(d) and MAJOR}") for d in found)
        shown = found[: AGES // ceil(longest / line)]
        rows = [[_age(d), [d.department or UNREGISTERED, _major(d)]] for d in shown]
        if len(shown) < len(found):
            rest = f"另有 {len(found) - len(shown)} 件"
            rows.append([h.span({"class": "muted"}, rest), ""])
        body = markup.table(["已历", "承办机构"], rows, "rl", late[: len(shown)], caption=title)
        return [head, h.div({"class": "whole-rows"}, body)]
    rows = [
        (
            d.number,
            str(d.registered),
            d.village,
            d.type,
            d.department,
            _said(d),
            str(d.reported or ""),
            d.age,
        )
        for d in found
    ]
    cells = [
        [_age(d), [d.department or UNREGISTERED, _major(d), h.small(_where(d))]] for d in found
    ]
    listed = markup.listing(["已历", "承办机构"], cells, "rl", late, "在调纠纷")
    return [head, listed, markup.save_button(s.drawn("在调纠纷", Dispute.HEADERS, tuple(rows)))]


def _said(d: Dispute) -> str:
    return {True: YES, False: NO, None: ""}[d.major]


def _where(d: Dispute) -> str:
    """What the desk has of a dispute beside its department."""
    return " · ".join((d.village or UNREGISTERED, d.type or UNREGISTERED, d.number))


def _unreported(d: Dispute) -> bool:
    return bool(d.major) and d.reported is None


def _late(d: Dispute) -> bool:
    """Whether it is open for longer than this board waits to tell it, or should have been reported."""
    return d.age > DISPUTE or _unreported(d)


def _age(d: Dispute) -> h.Node:
    return h.b({"class": "warn" if _late(d) else ""}, f"{d.age} 天")


def _major(d: Dispute) -> h.Node:
    return h.b({"class": "warn"}, MAJOR) if _unreported(d) else " 重大" if d.major else ""


def stood(s: Drawing) -> list[h.Node]:
    """How many were open at the end of each month."""
    points = stock(s.book, PENDING)
    if sum(n is not None for _, n in points) < 2:
        return []
    row = kpi(PENDING)
    drawn = charts_stock.stock(points, row.unit, "每月末在调")
    return [
        markup.head("每月末在调", row.unit, s.book.fig(PENDING)),
        *grids.shown(s, "每月末在调", drawn),
    ]


# ---- cases ----------------------------------------------------------------------------------------
def case_slides(scope: Scope) -> list[Slide]:
    """Cases one by one; what has fewer than two open ones is no slide that a meeting turns to."""
    if not scope.book.speaks(kpi("cases.pending")):
        return []
    found = legal_cases(scope.book)
    if not found:
        return []
    few = sum(c.closed is None for c in found) < 2
    said = findings.pair(scope.book, ("cases.reconsiderations", "cases.litigations"), "复议诉讼")
    return [Slide("cases", scope.titled(said, *HEARD), draw_cases, deck=False if few else None)]


def draw_cases(s: Drawing) -> None:
    found = legal_cases(s.book)
    drawn = charts_cases.cases(found, s.scope.year, s.book.clock, s.look.present)
    more = f"；列前 {charts_cases.MOST} 件" if len(found) > charts_cases.MOST else ""
    title = f"在办、审结的复议和诉讼 {len(found)} 件"
    head = markup.head(title, charts_cases.KEY + more, s.book.fig("cases.pending"))
    left = h.div({"class": "panel col"}, head, grids.shown(s, "复议诉讼案件", drawn))
    if s.look.present and not s.look.wide:
        s.html(h.div({"class": "two fill", "style": "--cols:1fr"}, left), fill=True)
        return
    cards = markup.wall([s.card(c) for c in CASE_CODES], "w1 dense" if s.look.present else "c1")
    right = h.div({"class": "panel col"}, markup.head("本年案件"), cards)
    cols = f"--cols:minmax(0,1fr) {'19rem' if s.look.present else 'minmax(0,.36fr)'}"
    s.html(h.div({"class": "two fill", "style": cols}, left, right), fill=True)


# ---- month by month -----------------------------------------------------------------------------
def month_slides(scope: Scope) -> list[Slide]:
    """What came and what was settled, where a ledger tells the months apart."""
    if not scope.book.speaks(kpi("disputes.registered")):
        return []
    came, _ = monthly(scope)
    said = findings.settling(scope.book, sum(v or 0 for v in came))
    return [Slide("months", said, draw_months)]


def monthly(scope: Scope) -> tuple[charts.Series, charts.Series]:
    """Disputes registered and settled by month; a month still to come has neither."""
    came = blocks.months(scope.book, "disputes.registered")[""]
    counts = cases.settled(scope.book)
    settled = [counts.get(m, None if v is None else 0) for m, v in enumerate(came, 1)]
    return came, settled


def draw_months(s: Drawing) -> None:
    row = kpi("disputes.registered")
    name = f"每月{row.name}"
    with s.panel():
        sub = f"单位：{row.unit}；办结（调解成功或不成）按办结日期计，含往年登记的"
        s.html(markup.head(name, sub, s.book.fig(row.code)))
        drawn = s.kept("disputes_months", lambda: _months(s, name))
        s.chart("disputes_months", drawn, 7, name, click="month", fill=True)


def _months(s: Drawing, name: str) -> charts.Chart:
    came, settled = monthly(s.scope)
    row, lines = kpi("disputes.registered"), {"登记": came, "办结": settled}
    shown, then = blocks.line_beside(s, lines, "登记", row.code)
    return charts.lines(shown, "登记", row.unit, s.look, name, then)


if __name__ == "__main__":
    show(slides, __file__, FILTERS)
