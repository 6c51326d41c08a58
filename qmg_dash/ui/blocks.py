"""Blocks that several screens share: mechanisms with their evidence, leftover figures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from math import ceil

import simple_html as h

from qmg_dash import fmt
from qmg_dash.figures import cases, findings, verdict
from qmg_dash.figures.book import Book, leaders, ranked, shared
from qmg_dash.figures.cases import OnTime, Tardy
from qmg_dash.figures.findings import Finding, headline, only_part
from qmg_dash.figures.months import series
from qmg_dash.kpis import KPIS, is_known, kpi
from qmg_dash.kpis.base import Dimension, Kpi, Part
from qmg_dash.model import Figure
from qmg_dash.ui import charts, markup
from qmg_dash.ui.charts import gaps, two_years
from qmg_dash.ui.charts.lanes import Picture
from qmg_dash.ui.link.scope import Scope
from qmg_dash.ui.slide import Drawing, Slide, numbered

Split = tuple[str, str]
"""A KPI's code and the dimension to split it by."""
Splits = Mapping[str, Sequence[Split]]
"""By the name of their slide the splits that stand on it, two at most: always the same, so that one
more that has values moves none to another slide."""

FEWEST = 5
"""Figures that a slide of published numbers needs to stand in a meeting."""
MOST_BARS = 12
OFFICES = {True: 6, False: 8}
"""Departments that a panel names on a wall and at the desk."""
FILLS = 3
"""Bars from which on they share out the height of their panel; fewer would be too broad."""
NO_EVIDENCE = "无台账佐证"
PER_SLIDE = 33
"""Mechanisms that fit below each other on a slide: three columns of eleven."""


def evidence(book: Book, practice: dict) -> Figure | None:
    """The figure that could prove a mechanism, where it is known."""
    code = practice["indicator"]
    if not code or not is_known(code):
        return None
    figure = headline(book, code)
    return figure if figure.known else None


def proven(scope: Scope, practices: Iterable[dict]) -> int:
    """How many mechanisms have an evidence figure."""
    return sum(evidence(scope.book, p) is not None for p in practices)


def _name(practice: dict) -> h.Node:
    area = h.span({"class": "area"}, practice["area"]) if practice["area"] else ""
    place = practice["locator"] or f"制度机制表第 {practice['_row']} 行"
    return h.span({"title": f"报告 {place}"}, h.b(practice["mechanism"]), area)


def mechanisms(scope: Scope, practices: Sequence[dict], classes: str = "") -> h.Node:
    """制度机制 × 领域 × 佐证: first those that a figure proves, then those without one."""
    if not practices:
        nothing = markup.empty(
            f"{scope.year} 年没有登记制度机制",
            "在 practices.csv 登记报告所述的制度机制后，这里列出",
            wall="登记报告所述的制度机制后，这里列出",
        )
        return [markup.head("制度机制"), nothing]
    found = [(p, evidence(scope.book, p)) for p in practices]
    proofs = [(p, f) for p, f in found if f]
    bare = [p for p, f in found if f is None]
    mark = markup.plain_tag(_places(scope, practices), "demo" if scope.demo else "reported")
    body: list[h.Node] = [
        markup.head("制度机制", f"{len(practices)} 项，{len(proofs)} 项有佐证数据", tag=mark)
    ]
    if proofs:
        cells = [
            h.div(_name(p), h.div({"class": "ev"}, f"{f.label} ", h.b(_proof(scope, f)), _based(f)))
            for p, f in proofs
        ]
        grow = f"flex-grow:{1.6 * len(proofs)}"
        body.append(h.div({"class": f"mech {classes}", "style": grow}, cells))
    if bare:
        grow = f"flex-grow:{len(bare)}"
        body += [
            h.h3({"class": "least"}, f"{NO_EVIDENCE} {len(bare)} 项"),
            h.div(
                {"class": f"mech bare {classes}", "style": grow}, [h.div(_name(p)) for p in bare]
            ),
        ]
    return body


def _proof(scope: Scope, figure: Figure) -> h.Node:
    """An evidence figure; at the desk it opens its rows, under the filters that it follows."""
    text = fmt.text(figure)
    body = text if scope.look.present else markup.rows_link(text, figure, whole=False)
    return markup.toned(body, verdict.of(scope.book, figure))


def _based(figure: Figure) -> h.Node:
    """A rate's base beside it."""
    return [" ", h.small(fmt.base(figure))] if fmt.base(figure) else ""


def _places(scope: Scope, practices: Sequence[dict]) -> str:
    if scope.demo:
        return "演示"
    places = "、".join(dict.fromkeys(p["locator"] for p in practices if p["locator"]))
    return f"报告 {places}" if places else "报告"


def leftover(scope: Scope, shown: Iterable[str], splits: Splits) -> list[tuple[str, str]]:
    """(code, dimension) of what is published for this screen and not on it yet, as a key number
    (`shown`) or as a bar: another town publishes other figures, and none of them may be lost."""
    shown = list(shown)
    seen = {headline(scope.book, code).key for code in shown}
    seen |= {f.key for code in shown if (f := only_part(scope.book, code))}
    told = [split for group in splits.values() for split in group]
    seen |= {f.key for code, name in told for f in bars(scope, code, name)}
    rest = [(kpi(key[0]), key) for key in scope.book.published_codes() if key not in seen]
    return [key for row, key in rest if row.screen == scope.path and not row.private]


def more_numbers(
    scope: Scope, shown: Iterable[str], splits: Splits | None = None, at_once: int = 12
) -> list[Slide]:
    """Slides with the published figures of this screen that its own panels do not show."""
    rest = leftover(scope, shown, splits or {})
    return [
        Slide(
            numbered("others", i // at_once + 1),
            Finding(((f"其他公布数 {len(rest)} 个", ""),)),
            _numbers_drawer(rest[i : i + at_once]),
        )
        for i in range(0, len(rest), at_once)
    ]


def _numbers_drawer(keys: Sequence[tuple[str, str]]):
    def draw(s: Drawing) -> None:
        cards = [s.card(code, dimension=dimension) for code, dimension in keys]
        head = markup.head("其他公布数", "按报告列出")
        s.html(h.div({"class": "panel col fill"}, head, markup.wall(cards, "dense")), fill=True)

    return draw


def more_mechanisms(scope: Scope, practices: Sequence[dict], first: int) -> list[Slide]:
    """Slides with the mechanisms beyond the `first` ones that the screen's own slide shows."""
    rest = practices[first:]
    return [
        Slide(
            numbered("mechanisms", i // PER_SLIDE + 1),
            Finding(((f"制度机制 {len(practices)} 项（续）", ""),)),
            _mechanism_drawer(rest[i : i + PER_SLIDE]),
        )
        for i in range(0, len(rest), PER_SLIDE)
    ]


def _mechanism_drawer(rows: Sequence[dict]):
    def draw(s: Drawing) -> None:
        s.html(h.div({"class": "panel col fill"}, mechanisms(s.scope, rows)), fill=True)

    return draw


def drawer(slide: Slide, scope: Scope) -> Callable[[Drawing], None]:
    """How a slide is drawn; where the year has neither a figure nor a mechanism, what would give one."""
    return nothing if slide.finding.empty and not scope.practices() else slide.draw


def nothing(s: Drawing) -> None:
    """A screen that has no figure at all: what would give one."""
    rows = [k for k in KPIS if k.screen == s.scope.path and not k.private]
    s.html(h.div({"class": "panel"}, markup.nothing(rows)))


def wall(
    s: Drawing, codes: Sequence[str], classes: str = "", more: Sequence[markup.Card] = ()
) -> h.Node:
    """The key numbers that are known, and in one dashed number those that are not."""
    cards = [s.card(c) for c in codes]
    known = [*(c for c in cards if c.figure.known), *more]
    unknown = [code for code, c in zip(codes, cards, strict=True) if not c.figure.known]
    narrowed = [c for c in unknown if s.scope.filter_text and s.book.covers(kpi(c))]
    lacking = [c for c in unknown if c not in narrowed]
    columns = len(known) + bool(lacking) + bool(narrowed)
    fit = columns if columns <= 4 else 4 if columns in (7, 8) else 3
    fits = f"w{fit}" if s.look.present else _across(columns)
    return markup.wall(known, classes or fits, lacking, narrowed)


def _across(columns: int) -> str:
    """How many key numbers stand side by side at the desk, so that no row has a hole: the class of
    their wall."""
    return f"c{columns if columns <= 6 else ceil(columns / 2)}" if columns <= 12 else ""


def group_slides(
    scope: Scope, name: str, title: str, codes: Sequence[str], what: str
) -> list[Slide]:
    """A second group of key numbers under a slide's `name`; none where the ledgers give none of them."""
    if not any(scope.book.fig(code).known for code in codes):
        return []
    said = findings.pair(scope.book, codes, what)
    return [Slide(name, said, lambda s: group(s, title, codes))]


def group(s: Drawing, title: str, codes: Sequence[str]) -> None:
    """Key numbers under a title of their own, a panel at the desk and a slide in a meeting. What a
    ledger has no case for says so; what has no ledger says which file would give it."""
    cards = [s.card(code, _no_base(s.book, code)) for code in codes]
    shown = [c for c in cards if c.figure.known or c.note]
    lacking = [c.figure.code for c in cards if c not in shown]
    columns = len(shown) + bool(lacking)
    fit = "w2" if columns in (2, 4) else f"w{min(columns, 3)}"
    body = markup.wall(shown, f"{fit} large" if s.look.present else _across(columns), lacking)
    s.html(h.div({"class": "panel col fill"}, markup.head(title, s.against), body), fill=True)


def _no_base(book: Book, code: str) -> str:
    """Why a rate has no value although its ledger speaks for the year."""
    row = kpi(code)
    if row.rate and book.speaks(row) and not book.fig(code).known:
        return "本期没有可计的记录"
    return ""


def listed(
    s: Drawing,
    name: str,
    header: Sequence[str],
    rows: Sequence[tuple],
    cells: Sequence[Sequence[markup.Cell]],
    align: str,
    row_classes: Sequence[str] = (),
) -> h.Node:
    """Rows of a ledger at the desk, with the button that saves them; `cells` are the rows as
    they are shown."""
    shown = markup.listing(header, cells, align, row_classes, name)
    return [shown, markup.save_button(s.drawn(name, tuple(header), tuple(rows)))]


def numbers_and_mechanisms(
    s: Drawing,
    codes: Sequence[str],
    practices: Sequence[dict],
    more: Sequence[markup.Card] = (),
) -> None:
    """The screens without a chart: a row of key numbers above the mechanisms. A slide without
    mechanisms is all numbers."""
    cards = [*(s.card(code) for code in codes), *more]
    known = [c for c in cards if c.figure.known]
    if s.look.present and not practices:
        tall = "w4 tall" if len(cards) in (7, 8) else ""
        whole = known and len(known) == len(cards) and not tall
        body = markup.large(known) if whole else wall(s, codes, tall, more)
        fill = len(known) > 2  # fewer do not fill a slide: their panel ends with them
        s.html(h.div({"class": "panel col fill" if fill else "panel"}, body), fill=fill)
        return
    if known and not practices:
        told = h.p({"class": "least"}, _unregistered(s.scope))
        s.html(h.div({"class": "panel spread"}, wall(s, codes, more=more), told))
        return
    few = "m2" if len(practices) <= PER_SLIDE // 2 else ""
    top = h.div({"class": "panel spread"}, wall(s, codes, more=more))
    below = h.div({"class": "panel col"}, mechanisms(s.scope, practices, few))
    s.html(
        h.div({"class": "stack fill", "style": "--rows:auto minmax(0,1fr)"}, top, below), fill=True
    )


def _unregistered(scope: Scope) -> str:
    """That the year has no mechanisms on this screen, and which year last had some."""
    rows = scope.snapshot.records("practices")
    years = [p["year"] for p in rows if p["screen"] == scope.path and p["year"] < scope.year]
    said = f"制度机制：{scope.year} 年没有登记"
    return f"{said}；{max(years)} 年登记 {years.count(max(years))} 项" if years else said


def bars(scope: Scope, code: str, name: str) -> list[Figure]:
    """The parts of a split that stand as bars, smallest first; none where fewer than two are
    known."""
    split = scope.book_without(name).split(code, name)
    known = ranked(split, MOST_BARS)
    return known[::-1] if len(known) > 1 else []


def split_panel(s: Drawing, code: str, name: str, part: float = 0.5) -> None:
    """Bars of a split, in the accent what is chosen, else the largest; a click chooses."""
    row = kpi(code)
    at = s.scope.book_without(name)
    split = at.split(code, name)
    declared = row.dimension(name) or Dimension(name, name)
    known = ranked([*split, *_gone(s.scope, row, declared, split)])
    shown = ranked(known, MOST_BARS)
    whole = None if row.rate else at.whole(code)
    of = f"，共 {fmt.spaced(whole)}" if whole and whole.known else ""
    cut = f"；前 {MOST_BARS} 项，共 {len(known)} 项" if len(known) > MOST_BARS else ""
    title = f"{row.name} · {declared.label}"
    if not shown:
        nothing = markup.empty(f"所选范围没有{row.name}的记录", "放宽筛选，或换一个年度")
        s.html([markup.head(title), nothing])
        return
    s.html(markup.head(title, f"单位：{row.unit}{of}{cut}{beside_words(s.scope, row)}", shown[0]))
    picked = [Part(declared, v) for v in s.scope.picked(name)]
    accent = [f.part for f in shown if f.part in picked] or [
        f.part for f in leaders(known, row.rate)
    ]
    tones = {f.part: verdict.tone(at, f) for f in shown if not picked or f.part in picked}

    def draw() -> charts.Chart:
        drawn = charts.bars(shown, whole, accent, s.look, part, tones)
        return bars_beside(s, drawn, row, [f.part for f in shown])

    drawn = s.kept(f"{code} {name} {part}", draw)
    file, fill = f"{row.name}_{declared.label}", len(shown) >= FILLS
    s.chart(f"{code}_{name}", drawn, len(shown), file, click=name, fill=fill)


# ---- two years side by side -----------------------------------------------------------------------
def beside_words(scope: Scope, row: Kpi, what: str = "细条") -> str:
    """How another year stands on a chart, behind the words of its panel's head."""
    year = other_year(scope, row)
    return f"；{what}为 {year} 年同期" if year else ""


def other_year(scope: Scope, row: Kpi) -> int:
    """The year that stands beside this one on the charts of a KPI; 0 for none."""
    return 0 if scope.listed_anew(row) else scope.beside_year


def then_without(scope: Scope, row: Kpi, name: str) -> Book:
    """The other period's figures as if one filter were not set."""
    base, _ = scope.against.books(row)
    return shared(scope.snapshot, base.filters.with_values(**{name: ()}))


def _gone(scope: Scope, row: Kpi, declared: Dimension, split: Sequence[Figure]) -> list[Figure]:
    """What the other year has of a split and this one has not."""
    if not other_year(scope, row) or not scope.book.speaks(row):
        return []
    at, have = scope.book_without(declared.name), {f.part for f in split}
    then = then_without(scope, row, declared.name).split(row.code, declared.name)
    return [at.figure(row, f.part) for f in then if f.known and f.part not in have]


def bars_beside(
    s: Drawing, drawn: charts.Chart, row: Kpi, parts: Sequence[Part | None]
) -> charts.Chart:
    """The bars of `parts`, from the first one above, with the other year's where one was chosen."""
    year = other_year(s.scope, row)
    then = _then(s.scope, row, parts) if year else []
    values = [f.value for f in then]
    return two_years.on_bars(drawn, values, year, row.unit, s.look) if then else drawn


def _then(scope: Scope, row: Kpi, parts: Sequence[Part | None]) -> list[Figure]:
    """The other period's figures of some parts of a split."""
    named = [p for p in parts if p]
    if len(named) < len(parts) or not named:
        return []
    at = then_without(scope, row, named[0].dimension.name)
    return [at.figure(row, p) for p in named]


def line_beside(
    s: Drawing, lines: Mapping[str, charts.Series], main: str, code: str, split: str = ""
) -> tuple[dict[str, charts.Series], str]:
    """(monthly lines with the other year's of the `main` one, what that is called); the lines alone
    where no year was chosen."""
    year = other_year(s.scope, kpi(code))
    then = months(s.scope.last_year, code, split) if year else {}
    found = then.get(main if split else "")
    name = f"{year} 年{main}"
    return ({**lines, name: found}, name) if found else (dict(lines), "")


def of_several(scope: Scope, splits: Splits, least: int = 3) -> Splits:
    """The splits that have values enough for a chart; of the others each value is a number."""
    return {
        name: [(code, split) for code, split in group if _values(scope, code, split) >= least]
        for name, group in splits.items()
    }


def numbers_beside(s: Drawing, head: h.Node, cards: Sequence[markup.Card], code: str) -> None:
    """Key numbers on a wall, two beside one another, and the months of one of them."""
    row = kpi(code)
    left, right = s.columns(1, 1.1)
    with left:
        body = markup.wall(cards, "w2 dense")
        s.html(h.div({"class": "panel col fill"}, head, body), fill=True)
    with right:
        months_panel(s, row)


def months_panel(s: Drawing, row: Kpi, said: str = "") -> None:
    """A count by month against the year before, and what else is `said` in its head; at the desk a
    month is chosen by a click."""
    name = f"每月{row.name}"

    def make() -> charts.Chart:
        now, then = (months(b, row.code).get("", []) for b in (s.book, s.scope.last_year))
        return charts.against_last_year(now, then, row.unit, s.look, name, s.scope.then_word)

    with s.panel():
        key = f"{row.unit}；柱＝本年，线＝{s.scope.then_word}{said}"
        s.html(markup.head(name, key, s.book.fig(row.code)))
        drawn = s.kept(f"months {row.code}", make)
        s.chart(f"months_{row.code}", drawn, 6, name, click="month", fill=True)


def changed(s: Drawing, figure: Figure, between: str = "") -> str:
    """How a figure changed, as a panel's head says it, with what stands `between` it and the words
    before; empty where there is nothing to compare with."""
    beside = s.scope.beside(figure)
    now, before = (beside.now or figure).number, beside.before.number if beside.before else None
    if not now or not before:
        return ""
    return between + fmt.change(now, before, figure.unit, s.scope.against.word, sentence=True)


def split_slides(scope: Scope, splits: Splits) -> list[Slide]:
    """The slides of splits, those left out that have fewer than two values."""
    found = []
    for name, group in splits.items():
        told = [(code, split) for code, split in group if _values(scope, code, split) >= 2]
        if told:
            found.append(Slide(name, findings.top(scope.book, *told[0]), _splits_drawer(told)))
    return found


def _values(scope: Scope, code: str, name: str) -> int:
    at = scope.book_without(name)
    return sum(f.value is not None for f in at.split(code, name))


def _splits_drawer(told: Sequence[Split]):
    def draw(s: Drawing) -> None:
        places = s.columns(*([1] * len(told)))
        for place, (code, name) in zip(places, told, strict=True):
            with place, s.panel():
                split_panel(s, code, name, 1 / len(told))

    return draw


def gap_panel(s: Drawing, codes: Sequence[str], title: str) -> None:
    """Compliance rates as their gap to 100 %; at the desk a rate opens its rows."""
    rates = [f for f in map(s.book.fig, codes) if f.known]
    if not rates:
        nothing = markup.empty("所选范围没有可算的规范率", "放宽筛选，或补填台账中所需的栏")
        s.html([markup.head(title), nothing])
        return
    found = {f.code: verdict.of(s.book, f) for f in rates}
    tones = {code: v.tone for code, v in found.items() if v}
    year = s.scope.beside_word
    both = [(f, s.scope.beside(f).before) for f in rates] if year else []
    then = {f.code: before for f, before in both if before}
    key = f"{gaps.start([*rates, *then.values()])}%–100%"
    key += f"；▼{verdict.BELOW}" if any(tones.values()) else ""
    s.html(markup.head(title, f"{key}，竖线＝{year}" if then else key, rates[0]))

    def link(figure: Figure) -> h.Node:
        return opened(s, fmt.text(figure), figure)

    pictured(s, gaps.gaps(rates, tones, link, then, year), title)


def opened(s: Drawing, text: str, figure: Figure) -> h.Node:
    """A number that opens its rows at the desk."""
    return text if s.look.present else markup.rows_link(text, figure, whole=False)


def tardy(book: Book, rate: OnTime, *splits: Dimension) -> tuple[Dimension, list[Tardy]]:
    """Who was not in time, by the first of some splits that tells several apart; none where one row
    would be all."""
    for by in splits:
        found = cases.tardy(book, rate, by)
        if len(found) > 1:
            return by, found
    return splits[0], []


def tardy_panel(s: Drawing, rate: OnTime, *splits: Dimension) -> None:
    """Who was not in time: what is open to this day, and what was late; no panel where there is
    nobody to tell apart."""
    (by, found), row = tardy(s.book, rate, *splits), kpi(rate.code)
    if not found:
        return
    open_, late = (sum(getattr(u, n) for u in found) for n in ("open", "late"))
    said = [
        h.b({"class": "bad"}, f"红＝{rate.words[0]} {open_}") if open_ else "",
        "，" if open_ and late else "",
        h.b({"class": "warn"}, f"褐＝{rate.words[1]} {late}") if late else "",
    ]
    word = "部门" if by.name == "department" else by.label

    def link(text: str, u: Tardy) -> h.Node:
        return opened(s, text, s.book.figure(row, Part(by, u.who)))

    with s.panel():
        s.html(markup.head(f"{rate.lacks} {open_ + late} 件，按{word}", said, s.book.fig(row.code)))
        drawn = gaps.late(rate, found, OFFICES[s.look.present], link)
        pictured(s, replace(drawn, header=(by.label, *drawn.header)), rate.lacks)


def pictured(s: Drawing, drawn: Picture, name: str) -> None:
    """A picture that fills its panel, and at the desk the data behind it."""
    s.html(drawn.body, fill=True)
    if not s.look.present:
        s.html(markup.data_view(s.drawn(name, drawn.header, drawn.rows)))


def months(at: Book, code: str, split: str = "") -> dict[str, list[float | None]]:
    """A count by month for each value of a split (of "" without one), January first; None for
    months still to come, outside the chosen ones, or without a ledger."""
    points = {p.month: p.values for p in series(at, code, split=split)}
    names = dict.fromkeys(n for values in points.values() for n in values)
    text = (kpi(code).dimension(split) or Dimension(split, split)).text
    return {text(n): [points.get(m, {}).get(n) for m in range(1, 13)] for n in names} or {
        "": [None] * 12
    }
