"""Which rows a figure's button asks for, as it stands on the button and in the link.

rows=cases.pending            the figure under the screen's filters
rows=power.items|行政处罚||category      a part, the filter `category` not counting
rows=disclosure.t3.new|自然人|2022       of that whole year, whatever the filters
rows=power.items|行政处罚+行政检查        several parts together
rows=enforcement.penalties||||why        why it has changed
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote

from qmg_dash.figures.counting import has_part
from qmg_dash.fmt import short
from qmg_dash.kpis import is_known, kpi
from qmg_dash.kpis.base import Kpi, Part
from qmg_dash.model import Figure
from qmg_dash.ui.link import bounds

BETWEEN, AND = "|", "+"
WHY = "why"


@dataclass(frozen=True)
class Request:
    """The rows of a KPI's figure: `parts` () for all, or the parts of a split; of a whole `year`
    instead of the screen's period and filters; with the filter `without` not counting; `why` to see
    first why the figure has changed."""

    kpi: Kpi
    parts: tuple[Part, ...] = ()
    year: str = ""
    without: str = ""
    why: bool = False

    @property
    def text(self) -> str:
        """As it is written."""
        parts = AND.join(_escaped(self.kpi.written(p)) for p in self.parts)
        why = WHY if self.why else ""
        return BETWEEN.join((self.kpi.code, parts, self.year, self.without, why)).rstrip(BETWEEN)


def request(figure: Figure, whole: bool = False, without: str = "") -> Request:
    """What opens the rows of a figure as it is shown, or of its `whole` year. What is a part by a
    filter's own dimension does not follow that filter: the bars beside one all stay."""
    if whole:
        return Request(figure.kpi, figure.parts, str(figure.year))
    own = figure.parts[0].dimension.name if figure.parts else ""
    return Request(figure.kpi, figure.parts, "", without or own)


def read(text: str) -> Request | None:
    """What a link asks for; None where it names nothing."""
    code, written, year, without, why, *more = [*text.split(BETWEEN), "", "", "", ""]
    if any(more) or why not in ("", WHY) or not is_known(code) or code.startswith("goals."):
        return None
    row = kpi(code)
    if (year and not bounds.number(year, bounds.YEARS)) or (without and not has_part(row, without)):
        return None
    parts = (row.part(unquote(p)) for p in written.split(AND))
    return Request(row, tuple(p for p in parts if p), year, without, why == WHY)


def unheard(text: str) -> str:
    """What is said of a link that asks for rows which are not there."""
    return f"链接中的明细“{short(text)}”不存在，未打开。"


def _escaped(key: str) -> str:
    for sign in ("%", BETWEEN, AND):
        key = key.replace(sign, f"%{ord(sign):02X}")
    return key
