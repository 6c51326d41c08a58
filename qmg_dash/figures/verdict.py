"""One verdict a figure: what it wears on every screen, in a title, a chart, a table, in 需马上处理.

What the law asks of a KPI (`must`) decides, else the target of its goal for the year, else nothing.
Where both are there and differ, both are said. A rate is at worst 未达标, in amber; red is for open
matters past their day. No data has no verdict, nor has an approximate number that may be either.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from qmg_dash import fmt
from qmg_dash.figures import progress
from qmg_dash.figures.book import Book, shared
from qmg_dash.figures.progress import Measure
from qmg_dash.folder.memo import once
from qmg_dash.kpis import goals as kinds
from qmg_dash.model import Figure, Filters, Number, Tone

MET, BELOW = "达标", kinds.BELOW
LAW, TARGET = "法定", "目标"


@dataclass(frozen=True)
class Verdict:
    """What a figure wears: a tone, the word for it (达标, 未达标; empty where a count alone asks for
    a look), and what it is measured against, where that has to be said. `differ`: the law and the
    target say otherwise."""

    tone: Tone
    word: str = ""
    text: str = ""
    differ: bool = False

    @property
    def below(self) -> bool:
        return self.word == BELOW

    @property
    def said(self) -> str:
        """The verdict in words; empty where it is as it should be."""
        return f"{self.word}：{self.text}" if self.text else ""


def judged(
    number: Number,
    must: float | None,
    target: float | None,
    at_most: bool,
    write: Callable[[float], str],
) -> Verdict | None:
    """The verdict of a number by what the law asks and by its target, None where there is neither
    or the one that decides cannot be told."""
    limits = [(n, v) for n, v in ((LAW, must), (TARGET, target)) if v is not None]
    kept = [(n, v, k) for n, v in limits if (k := number.keeps(v, at_most)) is not None]
    if not kept or kept[0][:2] != limits[0]:
        return None
    reached = kept[0][2]
    differ = len({k for _, _, k in kept}) > 1
    told = kept[::-1] if differ else [] if reached else kept[:1]
    text = "，".join(f"{_way(k, at_most)}{n} {write(v)}" for n, v, k in told)
    return Verdict("" if reached else "warn", MET if reached else BELOW, text, differ)


def _way(kept: bool, at_most: bool) -> str:
    return "达到" if kept else "高于" if at_most else "低于"


def of(book: Book, figure: Figure) -> Verdict | None:
    """THE verdict of a figure of a book."""
    number, row = figure.number, figure.kpi
    if number is None:
        return None
    target = _target(book, figure)
    if row.must is not None or target is not None:
        at_most = row.better == "lower"
        return judged(number, row.must, target, at_most, lambda v: fmt.target(v, figure))
    tone = _alarm(book, figure)
    return Verdict(tone) if tone and number.value else None


def tone(book: Book, figure: Figure, plain: str = "") -> str:
    """The tone of a figure in a title or a table; `plain` where it needs none."""
    found = of(book, figure)
    return found.tone or plain if found else plain


def _alarm(book: Book, figure: Figure) -> Tone:
    """What a count that should be 0 wears."""
    row = figure.kpi
    if figure.part and figure.part.overdue:
        return "bad"
    if row.alarm_while and figure.basis == "ledger" and not book.fig(*row.alarm_while).value:
        return ""
    return row.alarm


def _target(book: Book, figure: Figure) -> float | None:
    """The target of a KPI's goal for the figure's year, where it speaks of the whole town and year:
    the strictest of several. One that is still being worked towards judges nothing yet."""
    row = figure.kpi
    if figure.parts or book.narrowed(row):
        return None
    aims = _aims(book).get(row.code, ())
    found = [m.target for m in aims if m.target is not None and (m.standard or m.over or m.kept)]
    return (min if row.better == "lower" else max)(found, default=None)


def aimed(book: Book) -> list[str]:
    """The KPIs that have a target for the book's year."""
    return [code for code, found in _aims(book).items() if any(m.goal["target"] for m in found)]


def _aims(book: Book) -> dict[str, list[Measure]]:
    """The measures of the book's year that hold for each KPI; a cancelled one holds for none."""
    return _found(shared(book.snapshot, Filters(book.filters.year)))


@once
def _found(book: Book) -> dict[str, list[Measure]]:
    out: dict[str, list[Measure]] = defaultdict(list)
    for m in progress.measures(book.snapshot, book.filters.year):
        if m.figure is not None and m.state != kinds.CANCELLED:
            out[m.figure.code].append(m)
    return out
