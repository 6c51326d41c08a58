"""Which rows a figure's button asks for, as it stands on the button and in the link.

rows=cases.pending            the figure under the screen's filters
rows=power.items|行政处罚||category      a part, the filter `category` not counting
rows=disclosure.t3.new|自然人|2022       of that whole year, whatever the filters
rows=power.items|行政处罚+行政检查        several parts together
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote

from qmg_dash.figures.counting import has_part, split_key
from qmg_dash.fmt import short
from qmg_dash.kpis import is_known, kpi
from qmg_dash.model import Figure
from qmg_dash.ui.link import bounds

KEY = "rows"
BETWEEN, AND = "|", "+"


@dataclass(frozen=True)
class Request:
    """The rows of a KPI's figure: `keys` () for all, or the parts of a split; of a whole `year`
    instead of the screen's period and filters; with the filter `without` not counting."""

    code: str
    keys: tuple[str, ...] = ()
    year: str = ""
    without: str = ""

    @property
    def text(self) -> str:
        """As it is written."""
        keys = AND.join(_escaped(k) for k in self.keys)
        return BETWEEN.join((self.code, keys, self.year, self.without)).rstrip(BETWEEN)

    @property
    def dimension(self) -> str:
        return self.keys[0] if len(self.keys) == 1 else ""

    @property
    def parts(self) -> tuple[str, ...]:
        return self.keys if len(self.keys) > 1 else ()


def request(figure: Figure, whole: bool = False, without: str = "") -> Request:
    """What opens the rows of a figure as it is shown, or of its `whole` year. What is a part by a
    filter's own dimension does not follow that filter: the bars beside one all stay."""
    keys = figure.parts or ((figure.dimension,) if figure.dimension else ())
    if whole:
        return Request(figure.code, keys, str(figure.year))
    own = split_key(kpi(figure.code), keys[0])[0] if keys else ""
    return Request(figure.code, keys, "", without or own)


def read(text: str) -> Request | None:
    """What a link asks for; None where it names nothing."""
    code, keys, year, without, *more = [*text.split(BETWEEN), "", "", ""]
    if any(more) or not is_known(code) or code.startswith("goals."):
        return None
    if (year and not bounds.number(year, bounds.YEARS)) or (
        without and not has_part(kpi(code), without)
    ):
        return None
    return Request(code, tuple(unquote(k) for k in keys.split(AND) if k), year, without)


def unheard(text: str) -> str:
    """What is said of a link that asks for rows which are not there."""
    return f"链接中的明细“{short(text)}”不存在，未打开。"


def _escaped(key: str) -> str:
    for sign in ("%", BETWEEN, AND):
        key = key.replace(sign, f"%{ord(sign):02X}")
    return key
