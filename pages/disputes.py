"""纠纷复议: cases against the town and how they ended; disputes and how they are settled."""

from qmg_dash.figures import cases, findings
from qmg_dash.kpis import kpi
from qmg_dash.ui import blocks, charts, markup
from qmg_dash.ui.desk.page import MAIN, Drawing, Slide, show
from qmg_dash.ui.link.filters import Filter
from qmg_dash.ui.link.scope import Scope

TITLE = "纠纷复议"
RANK = 7
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


def slides(scope: Scope) -> list[Slide]:
    rates = blocks.group_slides(scope, "rates", "上报、纠错与出庭", RATES, TITLE)
    return [
        Slide(MAIN, findings.disputes(scope.book), draw),
        *month_slides(scope),
        *rates,
        *blocks.split_slides(scope, SPLITS),
        *blocks.more_numbers(scope, (*CODES, *(RATES if rates else ())), SPLITS),
        *blocks.more_mechanisms(scope, scope.practices(), MECHANISMS),
    ]


def draw(s: Drawing) -> None:
    blocks.numbers_and_mechanisms(s, CODES, s.scope.practices()[:MECHANISMS])


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
    unit = kpi("disputes.registered").unit
    return charts.lines({"登记": came, "办结": settled}, "登记", unit, s.look, name)


if __name__ == "__main__":
    show(slides, __file__, FILTERS)
