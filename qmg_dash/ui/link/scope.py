"""What a screen is asked to show: the link's keys, read and checked; the figures behind it.

The link is the truth. A value that names nothing is said, never swallowed: `asked` is read at
the top of the run, before any bound widget drops it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from dataclasses import fields as fields_of
from functools import cached_property
from pathlib import Path
from typing import Any

from qmg_dash import fmt
from qmg_dash.figures import coverage, matters, progress
from qmg_dash.figures.arithmetic import comparable
from qmg_dash.figures.book import Book, shared
from qmg_dash.figures.findings import Finding, titled
from qmg_dash.figures.lists import broken_between
from qmg_dash.figures.why_changed import Comparison, comparison
from qmg_dash.folder import store
from qmg_dash.folder.memo import Memo, once
from qmg_dash.folder.scan import SHIPPED_DEMO, resolve
from qmg_dash.folder.snapshot import Snapshot
from qmg_dash.kpis.base import Kpi
from qmg_dash.model import Figure, Filters
from qmg_dash.theme import Look
from qmg_dash.ui import link
from qmg_dash.ui.link.version_sent import Sent, stamp
from qmg_dash.ui.link.versions_compared import Compared

OFFICIAL, DEMO = "official", "demo"
UNDATED = "当时的结果没有日期可查，不作同比"
"""Of a rate of how rows have ended (`Kpi.final`)."""


MEASURES = Memo[int, list[progress.Measure]](limit=16)
"""Those of a goal year."""


def measures_of(at: Book) -> list[progress.Measure]:
    """The measures of the goal year with their states, whatever the filters are."""
    snapshot, year = at.snapshot, at.filters.goals
    return MEASURES(snapshot, year, lambda: progress.measures(snapshot, year))


def demo_folder(own: Path) -> Path:
    """The demo folder beside a town's own data, else the one that is shipped."""
    beside = own / DEMO
    return beside if beside.is_dir() else SHIPPED_DEMO


@dataclass(frozen=True)
class Beside:
    """What stands beside a figure: that of the year before, None where there is none to compare
    with; what is compared with it, where the figure's ledger goes on behind the clock's day (None:
    the figure itself); why there is nothing to compare."""

    before: Figure | None = None
    now: Figure | None = None
    note: str = ""


def _like(book: Book, figure: Figure) -> Figure:
    """The same figure of another book."""
    if figure.kpi.whole and not figure.parts:
        return book.whole(figure.code)
    return book.figure(figure.kpi, *figure.parts)


@dataclass(frozen=True)
class Scope:
    """What a screen shows: snapshot, filters and how it is drawn; `other` is a year to stand beside
    this one. `said` are the sentences
    about values of the link that name nothing; `fields` the screen's filters (name, label)."""

    snapshot: Snapshot
    filters: Filters
    look: Look
    path: str
    data: str = OFFICIAL
    years: tuple[int, ...] = ()
    goal_years: tuple[int, ...] = ()
    other: int | None = None
    said: tuple[str, ...] = ()
    chosen: tuple[tuple[str, tuple[str, ...]], ...] = ()
    filter_text: str = ""
    fields: tuple[tuple[str, str], ...] = ()
    extra: tuple[tuple[str, str], ...] = field(default=())
    sent: Sent | None = None
    compared: Compared | None = None

    def again(self) -> Callable[[], Scope]:
        """How to have the same scope once more. What waits to be pressed in an idle session (a
        download, a dialog) keeps this and no data, else each session would keep its state."""
        have, bare = store.again(self.snapshot), _bare(self)
        links = {n: v for n, v in (("sent", self.sent), ("compared", self.compared)) if v}
        again = {n: (type(v), store.again(v.present), _bare(v)) for n, v in links.items()}
        return lambda: Scope(
            have(), **bare, **{n: kind(now(), **rest) for n, (kind, now, rest) in again.items()}
        )

    @property
    def year(self) -> int:
        return self.filters.year

    @property
    def same(self) -> tuple:
        """What two scopes share that look alike, whatever was said of their links."""
        compared = self.compared.key if self.compared else ()
        drawn = (self.filters, self.other, self.chosen, self.look)
        return (self.path, self.data, *drawn, compared)

    @property
    def goal_year(self) -> int:
        return self.filters.goals

    @property
    def demo(self) -> bool:
        return self.snapshot.town.nature == "demo"

    @cached_property
    def book(self) -> Book:
        return shared(self.snapshot, self.filters)

    @cached_property
    def against(self) -> Comparison:
        """What the figures are compared with: the same part of the year before, or of the one that
        was chosen to stand beside this one."""
        return comparison(self.book, self.then_year)

    @property
    def then_year(self) -> int:
        """The year that the figures are compared with."""
        return self.year - 1 if self.other in (None, self.year) else self.other

    @property
    def before(self) -> Book:
        """The figures of that base, under the same filters."""
        return self.against.book

    def beside(self, figure: Figure) -> Beside:
        """What a figure is compared with, unless the power list is another one since."""
        counted = figure.basis == "ledger"
        if counted and self.listed_anew(figure.kpi):
            return Beside(note="清单改换，前后不可比")
        if counted and self.against.unsure(figure.kpi):
            return Beside(note=UNDATED)
        base, now = self.against.books(figure.kpi) if counted else (self.before, self.book)
        before = _like(base, figure)
        ahead = now is not self.book
        good = before.known and comparable(figure, before)
        return Beside(before if good else None, _like(now, figure) if ahead else None)

    def listed_anew(self, row: Kpi) -> bool:
        """Whether a KPI counts the power list, and that is another one since."""
        lists = row.tables[:1] == ("power_items",)
        return lists and broken_between(self.before, self.book)

    @cached_property
    def last_year(self) -> Book:
        """The whole year that they are compared with, under the same filters, for a line beside
        this year's."""
        return shared(self.snapshot, replace(self.filters, year=self.then_year))

    @property
    def then_word(self) -> str:
        """What that year is called: by its number where it was chosen."""
        return self.beside_word or "上年"

    @property
    def beside_word(self) -> str:
        """The year that was chosen to stand beside this one; empty for none."""
        return f"{self.beside_year} 年" if self.beside_year else ""

    @property
    def beside_year(self) -> int:
        """The year that was chosen to stand beside this one on every chart; 0 for none."""
        return 0 if self.other in (None, self.year) else self.other

    def book_without(self, name: str) -> Book:
        """The figures as if one filter were not set: what a chart of that very dimension shows,
        with the chosen values marked in it."""
        return shared(self.snapshot, self.filters.with_values(**{name: ()}))

    @cached_property
    def measures(self) -> list[progress.Measure]:
        return measures_of(self.book)

    @property
    def own_measures(self) -> list[progress.Measure]:
        """The measures of the screen's own year, whichever goal year is chosen."""
        return measures_of(shared(self.snapshot, Filters(self.year, self.year)))

    @cached_property
    def matters(self) -> list[matters.Matter]:
        """Everything that asks for something, of the whole town and year."""
        return matters.found(self.plain, self.measures)

    @cached_property
    def plain(self) -> Book:
        """The figures of the year without any filter."""
        return shared(self.snapshot, Filters(self.year, self.filters.goal_year))

    def clauses(self, *rules: str) -> list[matters.Clause]:
        """What the screen's titles can say under its filters, the gravest first: of all its rules, or
        of those named."""
        found = matters.clauses(matters.found(self.book, self.measures, self.path))
        return [c for c in found if not rules or c.rule in rules]

    def titled(self, plain: Finding, *rules: str, more: Sequence[matters.Clause] = ()) -> Finding:
        """A slide's title by severity: of what the screen's rules find (or those named), and `more`
        that the slide itself knows; the `plain` one where nothing asks for anything."""
        return titled([*self.clauses(*rules), *more], plain, self.snapshot.town.short)

    def picked(self, name: str) -> tuple[str, ...]:
        """The values chosen for a filter of this screen; an empty tuple means all."""
        return dict(self.chosen).get(name, ())

    @property
    def filter_query(self) -> dict[str, object]:
        """The keys of the link that hold this screen's filters."""
        months = {link.FROM: self.filters.month_from, link.TO: self.filters.month_to}
        return {n: list(v) for n, v in self.chosen} | {k: v for k, v in months.items() if v}

    def practices(self, path: str = "") -> list[dict]:
        """What the year's report says is in place, on this screen or another."""
        rows = self.snapshot.records("practices")
        here = path or self.path
        return [p for p in rows if p["screen"] == here and p["year"] == self.year]

    def query(self, **more: object) -> str:
        """The query string that restores this screen, whatever the defaults will be then."""
        keep = {
            link.YEAR: self.year,
            link.GOAL_YEAR: self.goal_year if self.goal_years else None,
            link.DATA: DEMO if self.data == DEMO else None,
            link.AGAINST: self.other,
            link.PRESENT: "true" if self.look.present else None,
            **dict(self.extra),
            **self.filter_query,
            **(self.sent.keys if self.sent else {}),
            **more,
        }
        return link.text(keep)

    def link(self, **more: object) -> str:
        """The query string to be sent: it says which data were seen, and when."""
        if self.sent is None or self.sent.back:
            return self.query(**more)
        return self.query(**more, **{link.V: self.snapshot.version, link.SENT: stamp(self.sent)})


DATA = ("snapshot", "present", "sent", "compared")
"""Fields that hold a state of the data."""


def _bare(of: Scope | Sent | Compared) -> dict[str, Any]:
    """The other ones."""
    return {f.name: getattr(of, f.name) for f in fields_of(of) if f.name not in DATA}


def pick(
    asked: Mapping[str, str],
    key: link.Key,
    allowed: Mapping[str, object],
    default: object,
    say: Callable[[str], None],
) -> object:
    """The value a link's key names, else the default, saying so."""
    written = asked.get(key)
    if written is None:
        return default
    if written in allowed:
        return allowed[written]
    say(f"链接中的{key.label}“{fmt.short(written)}”不存在，已按默认显示。")
    return default


def folders(asked: Mapping[str, str]) -> tuple[Path, str]:
    """The data folder that a link asks for and its name in the link."""
    own = resolve(None)
    if asked.get(link.DATA) == DEMO and demo_folder(own).is_dir():
        return demo_folder(own), DEMO
    return own, OFFICIAL


@once
def spans(snapshot: Snapshot) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """(years with a figure, goal years), newest first."""
    return (
        tuple(sorted(coverage.years(snapshot), reverse=True)),
        tuple(sorted(coverage.goal_years(snapshot), reverse=True)),
    )
