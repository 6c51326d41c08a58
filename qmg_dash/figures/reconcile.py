"""对账: every figure that is both published and counted, and whether the two agree.

The rule follows from how the published one is written (RULES). A reason stands in corrections.csv,
in the row whose 表 is reported and whose 主键 names the published figure (2022/disputes.registered,
with /维度 for a part).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from qmg_dash import fmt, tables
from qmg_dash.figures.book import Book, shared
from qmg_dash.figures.identities import Key
from qmg_dash.folder.memo import Memo
from qmg_dash.folder.published import ReportedRow, Unreadable, canonical_dimension
from qmg_dash.folder.snapshot import Snapshot
from qmg_dash.kpis import is_known, kpi
from qmg_dash.kpis.base import PERCENT
from qmg_dash.model import ABOUT, AT_LEAST, EXACT, MORE, NEARLY, Figure, Filters, Number

Verdict = Literal["same", "inside", "broken", "apart"]
WORDS: dict[Verdict, str] = {
    "same": "一致",
    "inside": "相符",
    "broken": "不一致",
    "apart": "单位不同，不比",
}
RULES = (
    (
        "确数",
        "相等；比率，以及以万、亿为单位写的数，把台账数四舍五入到写出的末位后相等；100% 和 0 须正好相等",
    ),
    (MORE, "多于写出的数，少于它末位的下一个单位：80余是 81 至 89，5000余不到 6000"),
    (AT_LEAST, "不少于写出的数（含本数）"),
    (
        NEARLY,
        "少于写出的数，差额不超过末位的一个单位和一成中较小的（至少为 1）：近1000 是 900 至 999",
    ),
    (ABOUT, "与写出的数相差不超过同样的范围：约80 是 72 至 88"),
)
"""What agrees, by how the published figure is written, as screens and exports print it."""
REPORTED = ("reported", tables.table("reported").label)
TABLES = (
    ("disclosure.t2.", "年报表二·"),
    ("disclosure.t3.", "年报表三·"),
    ("disclosure.t4.", "年报表四·"),
)
SCALES = {"亿": 10**8, "万": 10**4}


@dataclass(frozen=True)
class Pair:
    """A figure with its published and its counted value. `rule` says what agrees, `reason` why
    the two differ where somebody (`by`) has recorded it, `row` where the published one stands."""

    figure: Figure
    published: Number
    counted: float
    verdict: Verdict
    rule: str
    reason: str
    row: ReportedRow
    open_year: bool
    by: str = ""

    @property
    def key(self) -> Key:
        return self.figure.key

    @property
    def label(self) -> str:
        """The figure's name; a cell of the statutory form says in which table it stands."""
        table = next((w for start, w in TABLES if self.figure.code.startswith(start)), "")
        return f"{table}{self.figure.label}"

    @property
    def broken(self) -> bool:
        return self.verdict == "broken"

    @property
    def compared(self) -> bool:
        """Whether the two could be compared at all."""
        return self.verdict != "apart"

    @property
    def difference(self) -> float:
        """Counted minus published."""
        return float(Decimal(str(self.counted)) - Decimal(str(self.published.value)))

    @property
    def said(self) -> str:
        """What agreed or not, in a word."""
        return WORDS[self.verdict]

    @property
    def published_text(self) -> str:
        """The published figure as the screens write it."""
        return fmt.text(self.figure)

    @property
    def counted_text(self) -> str:
        """The counted one in the published one's unit; with all its digits where it would read the
        same and is not."""
        shown = fmt.like(self.counted, self.figure)
        alike = self.broken and shown == self.published_text
        return fmt.like(self.counted, self.figure, fmt.EVERY) if alike else shown

    @property
    def difference_text(self) -> str:
        """+3, −2, 0, in the unit of the published one; — where the units differ. A rate's is in
        percentage points."""
        if self.verdict == "apart":
            return fmt.NONE
        printed, difference = self.figure.printed, abs(self.difference)
        if printed:
            difference = fmt.in_unit(difference, printed)
        size = fmt.digits(difference, fmt.apart(printed) if printed else 2)
        if size == "0" and self.broken:
            size = fmt.full(difference)
        sign = "" if size == "0" else "+" if self.difference > 0 else "−"
        return f"{sign}{size}"


def pairs(snapshot: Snapshot, year: int) -> tuple[Pair, ...]:
    """Every figure of the year with both values, in the order of reported.csv."""
    book = shared(snapshot, Filters(year))
    return _pairs(book, book.published_codes())


def indicators(snapshot: Snapshot, year: int, path: str = "") -> tuple[Pair, ...]:
    """Those of the indicators, of one screen or of all; cells of the statutory form stand in their
    table. No other figure is worked out."""
    book = shared(snapshot, Filters(year))
    rows = ((key, kpi(key[0])) for key in book.published_codes())
    own = [k for k, row in rows if not row.private and path in ("", row.screen)]
    return _pairs(book, own)


def cells(snapshot: Snapshot, year: int, keys: Collection[Key]) -> tuple[Pair, ...]:
    """Those of these cells (code, dimension) alone."""
    book = shared(snapshot, Filters(year))
    return _pairs(book, [k for k in book.published_codes() if k in keys])


def _pairs(book: Book, keys: Sequence[Key]) -> tuple[Pair, ...]:
    return _PAIRS(book, tuple(keys), lambda: tuple(_found(book, keys)))


_PAIRS = Memo[tuple[Key, ...], tuple[Pair, ...]]()


def _found(book: Book, keys: Sequence[Key]) -> Iterator[Pair]:
    snapshot, year = book.snapshot, book.filters.year
    rows = {(r.code, r.dimension): r for r in snapshot.reported if r.year == year}
    reasons = _reasons(snapshot)
    for key in keys:
        figure = book.fig(*key)
        if figure.reported is not None and figure.ledger is not None:
            reason, by = reasons.get((year, *key), ("", ""))
            pair = _pair(figure, rows[key], reason, book.clock < book.period.end)
            yield replace(pair, by=by)


def _pair(figure: Figure, row: ReportedRow, reason: str, open_year: bool) -> Pair:
    assert figure.reported and figure.ledger
    published, counted = figure.reported, figure.ledger.value
    verdict, rule = judged(published, counted, _step(row), figure.unit == PERCENT)
    if row.unit != figure.kpi.unit:
        verdict, rule = "apart", f"公布数的单位是{row.unit}，台账是{figure.kpi.unit}"
    return Pair(figure, published, counted, verdict, rule, reason, row, open_year)


def judged(
    published: Number, counted: float, step: Decimal, rate: bool = False
) -> tuple[Verdict, str]:
    """(whether the counted value is what was published, the rule that decides). `step` is the
    unit of the last digit that was written."""
    if published.qualifier != EXACT:
        verdict: Verdict = "inside" if published.allows(counted) else "broken"
        return verdict, _allowed(published)
    written, exact = Decimal(str(published.value)), Decimal(str(counted))
    if written == exact:
        return "same", "相等"
    if step == 1 and not rate:
        return "broken", "应相等"
    if rate and written in (0, 100):
        return "broken", f"{fmt.digits(float(written))}% 应正好相等"
    rounded = (exact / step).quantize(Decimal(1), ROUND_HALF_UP) * step
    rule = f"四舍五入到 {fmt.digits(float(step), 4)} 后应相等"
    return ("inside" if rounded == written else "broken"), rule


def _allowed(number: Number) -> str:
    """What an approximate number allows, in words."""
    low, high = (fmt.digits(n) if n != float("inf") else "" for n in number.interval)
    return {
        MORE: f"应多于 {low}、少于 {high}",
        AT_LEAST: f"应不少于 {low}",
        NEARLY: f"应不少于 {low}、少于 {high}",
        ABOUT: f"应在 {low} 至 {high}",
    }[number.qualifier]


def _step(row: ReportedRow) -> Decimal:
    """The unit of the last digit that was written: 12.35万元 is exact to 100 元, 98.5% to 0.1. A
    number written out (117600 元) may be given in 万 in the source's own words."""
    if row.printed.scale != 1 or row.printed.places:
        return row.printed.scale * Decimal(1).scaleb(-row.printed.places)
    scale = next((s for w, s in SCALES.items() if w in row.raw), 1)
    exponent = (Decimal(str(row.value)) / scale).normalize().as_tuple().exponent
    return scale * Decimal(1).scaleb(min(0, int(exponent)))


# ---- reasons ------------------------------------------------------------------------------------
Place = tuple[int, str, str]
"""Year, code, dimension of a published figure."""


def _reasons(snapshot: Snapshot) -> dict[Place, tuple[str, str]]:
    """Why published figures differ, the newest reason of each, and who gave it:
    (复核后更正（2023-09-12）, 党政办). A wall shows no names."""
    rows = [r for r in snapshot.records("corrections") if r["table"] in REPORTED]
    rows.sort(key=lambda r: str(r["date"]))
    named = ((_place(str(r["key"])), r) for r in rows)
    return {p: (f"{r['reason']}（{r['date']}）", str(r["by"])) for p, r in named if p}


def _place(key: str) -> Place | None:
    """The published figure that a correction's 主键 names, None where it names none."""
    year, _, rest = key.strip().partition("/")
    code, _, written = rest.partition("/")
    if not year.isdecimal() or not is_known(code):
        return None
    try:
        return int(year), code, canonical_dimension(kpi(code), written)[0]
    except Unreadable:
        return None
