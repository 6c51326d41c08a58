"""What a slide draws with: the one place where desk and meeting, official and demo differ.

It draws nothing itself. It writes down the parts of a screen, which are the same for the same
figures and can be kept; `ui/page.py` shows them, `ui/meeting/single_file.py` puts them into a file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace

import simple_html as h

from qmg_dash import fmt, tables
from qmg_dash.figures import rows_behind, verdict
from qmg_dash.figures.arithmetic import share
from qmg_dash.figures.book import Book, ranked
from qmg_dash.figures.coverage import later
from qmg_dash.figures.findings import Finding, book_value, headline, only_part, span
from qmg_dash.figures.matters import Grade
from qmg_dash.figures.why_changed import splits, unexplained, within
from qmg_dash.folder.memo import Memo
from qmg_dash.kpis import kpi
from qmg_dash.kpis.base import Kpi
from qmg_dash.model import NOT_TO_QUOTE, Figure
from qmg_dash.theme import Look
from qmg_dash.ui import link, markup, menu
from qmg_dash.ui.charts import Chart
from qmg_dash.ui.link.rows_asked import request
from qmg_dash.ui.link.scope import Beside, Scope

MONTH = "month"
ROWS = "rows"
"""A click on a mark opens the rows behind it."""
ANSWERED = 6
"""How many parts of a figure are told in a meeting."""
NATURE = {"official": "正式数据", "demo": "演示数据"}


_CHARTS = Memo[tuple[str, Look, tuple], Chart]()


@dataclass(frozen=True)
class Slide:
    """A part of a screen: its name, what it finds, and how it is drawn. Links and agendas name it, so
    that the name stays what it is whatever the data are: ASCII, one of its kind on the screen, the
    same at the desk and in a meeting. `deck`: whether a meeting turns to it by itself, by default if
    its finding asks for something; the others are its appendix (附页)."""

    name: str
    finding: Finding
    draw: Callable[[Drawing], None]
    deck: bool | None = None

    @property
    def leads(self) -> bool:
        """Whether a meeting turns to it by itself."""
        return self.finding.grade < Grade.PLAIN if self.deck is None else self.deck


MAIN = "main"
"""The first slide of every screen."""


def numbered(name: str, number: int) -> str:
    """The name of the n-th slide of a kind that goes on over several."""
    return name if number == 1 else f"{name}-{number}"


# ---- the parts of a screen ----------------------------------------------------------------------
@dataclass(frozen=True)
class Html:
    """A block of markup."""

    body: h.SafeString


@dataclass(frozen=True)
class Panel:
    """A panel that holds other parts; the demo's carry their mark."""

    demo: bool
    pieces: list[Piece] = field(default_factory=list)


@dataclass(frozen=True)
class Columns:
    """Parts beside one another, as wide as their weights say; `key` names them on the page."""

    key: str
    pieces: tuple[list[Piece], ...]
    weights: tuple[float, ...]

    @property
    def widths(self) -> str:
        """The columns of a grid, as a style rule has them."""
        return " ".join(f"minmax(0,{w:g}fr)" for w in self.weights)


@dataclass(frozen=True)
class Plot:
    """A chart under a key of its own. At the desk `height` pixels high, or at least so where it is
    to `fill` its panel; None: as high as its place. A click on a mark chooses its value of the
    filter `click`."""

    key: str
    chart: Chart
    height: int | None
    fill: bool
    click: str


@dataclass(frozen=True)
class Live:
    """Controls, and what follows from them: drawn anew at every run, for each visitor. A sheet
    that holds them is shared, so that `draw` may know figures alone."""

    draw: Callable[[], None]


Piece = Html | Panel | Columns | Plot | Live


class Drawing:
    """What a slide draws with. Everything goes through here, so that desk and meeting, official
    and demo differ in one place."""

    def __init__(self, scope: Scope, prefix: str = ""):
        """`prefix` tells its keys from those of other screens on the same page."""
        self.scope = scope
        self.prefix = prefix
        self.book = scope.book
        self.look = scope.look
        self.pieces: list[Piece] = []
        self._rows = 0

    @contextmanager
    def _into(self, place: list[Piece]) -> Iterator[list[Piece]]:
        before, self.pieces = self.pieces, place
        yield place
        self.pieces = before

    def html(self, body: h.Node, fill: bool = False, classes: str = "") -> None:
        """A block; `fill` lets it take the height left in meeting mode. Panels in it carry the
        demo mark by themselves."""
        marks = (classes, "fill" if fill else "", "demo" if self.scope.demo else "")
        self._put(markup.wrap(body, " ".join(m for m in marks if m)))

    def _put(self, block: h.Node) -> None:
        self.pieces.append(Html(markup.fitted(block, self.look.present)))

    def live(self, draw: Callable[[], None]) -> None:
        """Controls, at the desk."""
        self.pieces.append(Live(draw))

    def panel(self) -> AbstractContextManager[list[Piece]]:
        """A panel that holds a chart."""
        made = Panel(self.scope.demo)
        self.pieces.append(made)
        return self._into(made.pieces)

    @property
    def against(self) -> str:
        """What the changes are measured against."""
        return self.scope.against.text

    def columns(self, *weights: float) -> list[AbstractContextManager[list[Piece]]]:
        """Places beside one another."""
        made = Columns(f"{self.prefix}{self._rows}", tuple([] for _ in weights), weights)
        self._rows += 1
        self.pieces.append(made)
        return [self._into(place) for place in made.pieces]

    def kept(self, key: str, make: Callable[[], Chart]) -> Chart:
        """A chart, made once for these figures, this look and these choices."""
        return _CHARTS(self.book, (key, self.look, self.scope.chosen, self.scope.other), make)

    def chart(
        self,
        key: str,
        drawn: Chart,
        rows: int,
        name: str,
        click: str = "",
        fill: bool = False,
    ) -> None:
        """A chart with its text alternative and, at the desk, the data behind it. `rows` is how
        many marks stand below one another: it sets the height at the desk, the least one where
        the chart is to `fill` its panel. A click on a mark chooses its value of the filter
        `click` (of two, as `area&action_type`; a month), a second one gives it up; a filter that
        the screen does not have makes no click."""
        present = self.look.present
        height = None if present else max(160, rows * max(36, 20 * drawn.lines + 8) + 10)
        answers = not present and self.chooses(click)
        key = f"{self.prefix}{key}"
        self.pieces.append(Plot(key, drawn, height, fill, click if answers else ""))
        if not present:
            data = markup.data_view(self.drawn(name, drawn.header, drawn.rows))
            self._put(markup.wrap(data))

    def chooses(self, click: str) -> bool:
        """Whether the screen has the filters that a click on a mark would set."""
        names = {MONTH, ROWS, *dict(self.scope.fields)}
        return all(name in names for name in click.split("&"))

    def drawn(self, name: str, header: tuple[str, ...], rows: tuple) -> markup.Drawn:
        """Rows for a table or file, with the scope that must travel with them."""
        s = self.scope
        notes = (
            ("单位名称", s.snapshot.town.name),
            ("年度", str(s.year)),
            ("数据性质", NATURE[s.snapshot.town.nature]),
            ("数据版本", s.snapshot.version),
            *((("筛选", s.filter_text),) if s.filter_text else ()),
            *(((link.AGAINST.label, str(s.beside_year)),) if s.beside_year else ()),
        )
        mark = "演示数据_" if s.demo else ""
        return markup.Drawn(f"{mark}{name}_{s.year}", header, rows, notes)

    def unfollowed(self, row: Kpi) -> str:
        """A word for a figure that some active filters leave as it is."""
        labels = dict(self.scope.fields)
        names = [labels.get(n, n) for n in self.book.unfollowed(row)]
        return f"不随{'、'.join(names)}筛选" if names else ""

    def aside(self, code: str) -> str:
        """The same behind the words of a panel's head."""
        said = self.unfollowed(kpi(code))
        return f"；{said}" if said else ""

    def broken(self, figure: Figure) -> str:
        """That a published figure breaks identities; at the desk by their ids."""
        told = (i.id for i, breach in self.book.breaches if figure.key in breach.of)
        ids = dict.fromkeys(told)
        named = "" if self.look.present else f" {'、'.join(ids)}"
        return f"勾稽不符{named}" if ids else ""

    def card(self, code: str, note: str = "", dimension: str = "") -> markup.Card:
        """A key number with the year before's beside it."""
        if dimension:
            figure = self.book.fig(code, dimension)
        else:
            figure = headline(self.book, code)
            part = only_part(self.book, code)
            if part:
                said = f"{book_value(part)} {fmt.text(part)}"
                note = f"{said} · {note}" if note else said
        return self.told(figure, note)

    def told(self, figure: Figure, note: str = "") -> markup.Card:
        """A figure as a key number, with its verdict and what it is compared with."""
        beside = self.scope.beside(figure)
        note = " · ".join(n for n in (note, self.unfollowed(figure.kpi), beside.note) if n)
        return markup.Card(
            figure,
            note,
            beside.before,
            verdict.of(self.book, figure),
            broken=self.broken(figure),
            more=self._answer(figure, beside) if self.look.present else "",
            now=beside.now,
            without=self._without(figure),
            against=self.scope.against.word,
            then=self.scope.against.short,
            alone=self._alone(figure, beside),
            why=self._why(figure) if beside.before and not self.look.present else "",
        )

    def _alone(self, figure: Figure, beside: Beside) -> str:
        """That a figure of the ledger has no year before, where it could have one."""
        m = figure.kpi.formula
        if figure.basis != "ledger" or beside.before or beside.note or not m or m.now:
            return ""
        return f"{self.scope.then_word}无数据"

    def _why(self, figure: Figure) -> str:
        """What asks for the parts of a change; empty where no split tells them."""
        row, parts = figure.kpi, figure.parts
        then, now = (within(b, parts) for b in self.scope.against.books(row))
        told = figure.basis == "ledger" and (splits(row, parts) or not parts)
        if not told or unexplained(now, then, row):
            return ""
        return replace(request(figure, without=self._without(figure)), why=True).text

    def toned(self, figure: Figure, said: str = "") -> h.Node:
        """A figure's text, or what is `said` of it, in the tone of its verdict."""
        return markup.toned(said or fmt.text(figure), verdict.of(self.book, figure))

    def _without(self, figure: Figure) -> str:
        """The filter that a figure does not follow, though the screen has it set: beside a chart
        of that very dimension stands the total of all its bars."""
        if self._stands(figure, self.book):
            return ""
        names = [name for name, _ in self.scope.filters.values]
        return next((n for n in names if self._stands(figure, self.scope.book_without(n))), "")

    def _stands(self, figure: Figure, book: Book) -> bool:
        return rows_behind.figure(book, figure.kpi, figure.parts) == figure

    def _answer(self, figure: Figure, beside: Beside) -> h.Node:
        """What a leader asks of a number: how it changed, what it is made of. Counts alone, no row
        of a ledger."""
        said: h.Node = ""
        if figure.known and beside.before:
            moved = f"{fmt.with_base(beside.before)} → {fmt.with_base(beside.now or figure)}"
            said = h.p(h.b(self.scope.against.short), f"　{moved}")
        return h.div({"class": "more"}, said, self._made_of(figure))

    def _made_of(self, figure: Figure) -> h.Node:
        """The largest parts of a figure by its first split that has some."""
        row = figure.kpi
        for declared in row.dimensions if not figure.parts else ():
            split = [f for f in self.book.split(row.code, declared.name) if f.known]
            if len(split) < 2 or declared.name == MONTH:
                continue
            largest = ranked(split, ANSWERED)
            whole = None if row.rate else self.book.whole(row.code)
            rows = [
                (book_value(f), self.toned(f, fmt.with_base(f)), _share(f, whole)) for f in largest
            ]
            cut = f"（前 {ANSWERED} 项，共 {len(split)} 项）" if len(split) > ANSWERED else ""
            header = [f"{declared.label}{cut}", "数值", "占比" if whole else ""]
            return markup.table(header, rows, "lrr", caption="构成")
        return ""


def _share(part: Figure, whole: Figure | None) -> str:
    return fmt.share(share(part, whole)) if whole else ""


def panel_key(scope: Scope, name: str) -> str:
    """The key of a panel: the demo's carry their mark."""
    return f"p_demo_{name}" if scope.demo else f"p_{name}"


def kicker(scope: Scope, title: str = "") -> h.Node:
    """Where we are: the screen (or another `title`), year and filters; at the desk town, clock and
    data version."""
    title = title or next(s.title for s in menu.screens() if s.path == scope.path)
    town = scope.snapshot.town
    note = [h.span({"class": "demo-note"}, NOT_TO_QUOTE) if scope.demo else ""]
    if scope.sent and scope.sent.back:
        day = f" · {scope.sent.day}" if scope.sent.day else ""
        note.append(h.span({"class": "then-note"}, f"旧版本数据{day}"))
    facts = [
        town.name,
        NATURE[town.nature],
        f"数据截至 {scope.snapshot.clock()}",
    ]
    version = h.span({"class": "ver"}, f" · 数据版本 {scope.snapshot.version}")
    name = f"{town.short_name or town.name} · " if scope.look.present else ""
    line = [] if scope.look.present else [h.span({"class": "scope"}, " · ".join(facts), version)]
    beside = f" · 对比 {scope.beside_year} 年" if scope.beside_year else ""
    return [h.span(f"{name}{title} · {_when(scope)}{beside}{_narrowed(scope)}"), *note, *line]


def _when(scope: Scope) -> str:
    """The part of the year that is shown: 2023 年 1–9 月, 2022 年度."""
    told = span(scope.book)
    return f"{scope.year} 年度" if told == "全年" else f"{scope.year} 年 {told}"


def _narrowed(scope: Scope) -> str:
    """The filters on a wall; its months are said with the year."""
    months = scope.filters.month_from or scope.filters.month_to
    text = scope.filter_text.rpartition("；")[0] if months else scope.filter_text
    return f" · 筛选 {text}" if text and scope.look.present else ""


def sources_line(scope: Scope) -> str:
    """Where the screen's published figures come from."""
    titles = dict.fromkeys(
        r.source for r in scope.snapshot.reported if r.year == scope.year and r.source
    )
    if not titles:
        return "来源：台账" if scope.snapshot.tables else "来源：无数据"
    return f"来源：{'、'.join(list(titles)[:2])}"


def footer(scope: Scope) -> str:
    """Nature, source and clock; at the desk the data version. On a wall the demo's nature is said
    above the title."""
    shown, wall = scope.snapshot, scope.look.present
    nature = "" if wall and scope.demo else NATURE[shown.town.nature]
    version = "" if wall else f"数据版本 {shown.version}"
    facts = (nature, sources_line(scope), f"数据截至 {shown.clock()}", version)
    return " · ".join(filter(None, facts))


def banners(scope: Scope) -> list[h.Node]:
    """What the link asked for and is not there; faults in the data; rows left out."""
    lines = [markup.banner(s) for s in scope.said]
    faults = scope.snapshot.faults
    errors = [f for f in faults if f.severity == "error"]
    if errors and not scope.look.present:
        more = f"；另有 {len(errors) - 1} 处，见数据口径" if len(errors) > 1 else ""
        lines.append(markup.banner(markup.fault_line(errors[0]) + more, error=True))
    stale = [t for t in scope.snapshot.tables.values() if t.stale]
    if stale:
        wall = scope.look.present
        names = "、".join(tables.called(t.file) if wall else t.file for t in stale)
        lines.append(markup.banner(f"{names} 有错误，显示的是上一次正确的数据。", error=True))
    if (ahead := later(scope.snapshot)) and not scope.look.present:
        count = sum(n for n, _ in ahead.values())
        today = scope.snapshot.clock()
        said = f"{count} 行的日期晚于数据截至日 {today}，已计入本年；与上年同期只比到这一天。"
        lines.append(markup.banner(said))
    left_out = sum(t.rejected for t in scope.snapshot.tables.values())
    if left_out:
        lines.append(markup.banner(f"{left_out} 行未计入：有错误的行不进入数字，见数据口径。"))
    return lines
