"""Pictures of small pieces, a square or a cell a matter: powers by kind and department, decisions by
step, contracts one by one, villages side by side. HTML, where a chart would say less; each with the
rows that it draws. No Streamlit here.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from math import ceil

import simple_html as h

from qmg_dash import fmt
from qmg_dash.figures.cases import DONE, NOT_DONE, Decision, Power
from qmg_dash.figures.findings import width
from qmg_dash.kpis.base import UNFILLED, UNREGISTERED, registered
from qmg_dash.kpis.decisions import STEPS
from qmg_dash.theme import Look
from qmg_dash.ui import markup
from qmg_dash.ui.charts.lanes import Picture
from qmg_dash.ui.charts.stock import POLYLINE
from qmg_dash.ui.slide import Drawing

MOST = 12
"""Departments, decisions or villages that stand one by one in a meeting."""


def shown(s: Drawing, name: str, picture: Picture) -> list[h.Node]:
    """A picture in its panel, at the desk with the data behind it."""
    if s.look.present:
        return [picture.body]
    return [picture.body, markup.data_view(s.drawn(name, picture.header, picture.rows))]


def pick(names: str, values: Sequence[str], said: str, body: h.Node, **more: str) -> h.Node:
    """Something that chooses its values of the filters `names` at the desk (of two, as
    `category&department`), or gives them up."""
    return h.button(
        {"data-pick": "|".join((names, *values)), "aria-label": said, "title": said, **more}, body
    )


# ---- powers: kind × department --------------------------------------------------------------------
CATEGORY, DEPARTMENT = "category", "department"
SIZES = ((0.8, 0.65), (1.05, 0.9, 0.75, 0.6))
"""Rem of a square's side at the desk and in a meeting, the largest that has room first."""
APART = 0.2
"""Rem between squares."""
TALL = 30.0
"""Rem that the rows of a matrix have together in a meeting."""
DESK = 44.0
"""Rem that names and squares have at the desk, on a laptop."""
PAD = 0.55
"""Rem around the squares of a row."""
LEAST = 6
"""Departments that stand one by one at least, with numbers where squares have no room."""
LINE = 1.52
"""Rem of a line of a name in a meeting."""
NAMED = 17.5
"""The most rem that a line of a name has."""
MANY = 150
"""More squares than these in one cell are a number."""


@dataclass
class _Cell:
    """The powers of one kind that one department has."""

    items: list[Power] = field(default_factory=list)

    @property
    def all(self) -> int:
        return len(self.items)

    @property
    def unused(self) -> int:
        return sum(p.used is False for p in self.items)

    @property
    def unjudged(self) -> int:
        return sum(p.used is None for p in self.items)

    def ordered(self) -> list[Power]:
        """Used ones, unused ones, then those that cannot be judged."""
        return sorted(self.items, key=lambda p: (p.used is None, p.used is False))


@dataclass(frozen=True)
class Matrix:
    """Powers by department and kind: the department with the most unused ones first, the kind with
    the most powers first."""

    cells: Mapping[tuple[str, str], _Cell]
    departments: tuple[str, ...]
    kinds: tuple[str, ...]

    @classmethod
    def of(cls, items: Iterable[Power]) -> Matrix:
        cells: dict[tuple[str, str], _Cell] = defaultdict(_Cell)
        rows: dict[str, _Cell] = defaultdict(_Cell)
        kinds: Counter[str] = Counter()
        for item in items:
            department = item.department or UNFILLED
            cells[department, item.category].items.append(item)
            rows[department].items.append(item)
            kinds[item.category] += 1
        order = sorted(rows, key=lambda d: (d == UNFILLED, -rows[d].unused, -rows[d].all, d))
        return cls(cells, tuple(order), tuple(k for k, _ in kinds.most_common()))

    def row(self, department: str) -> list[_Cell]:
        return [self.cells.get((department, k)) or _Cell() for k in self.kinds]

    def put_together(self, departments: Sequence[str], kind: str = "") -> _Cell:
        """The powers of some departments, of one kind or of all."""
        kinds = (kind,) if kind else self.kinds
        found = (self.cells.get((d, k)) for d in departments for k in kinds)
        return _Cell([p for cell in found if cell for p in cell.items])


def short(kind: str) -> str:
    """A kind of power as the head of a narrow column has it: 处罚, 其他权力."""
    return kind.replace("行政", "") or kind


def matrix(
    items: Sequence[Power], look: Look, part: float, chosen: Mapping[str, Sequence[str]]
) -> Picture:
    """The unused matrix: kind × department, a square an item, hollow what nobody used, dashed what
    has no code to be judged by; sums at both ends. A click on a cell chooses it. `part` is what the
    panel has of a wall's width."""
    found = Matrix.of(items)
    squares = _squares(found, look, part)
    seen, rest = found.departments[: squares.rows], found.departments[squares.rows :]
    heads = [_head(found, kind, look, chosen) for kind in found.kinds]
    rows = [_row(found, d, squares, look, chosen) for d in seen]
    if rest:
        rows.append(_rest(found, rest))
    label = f"权力事项 {len(items)} 项按承办机构和权力类型"
    body = h.table(
        {"class": "tb matrix folds", "style": f"--sq:{squares.size}rem", "aria-label": label},
        h.thead(
            h.tr(
                h.th({"scope": "col"}, "承办机构"),
                heads,
                h.th({"scope": "col", "class": "r"}, "在用"),
                h.th({"scope": "col", "class": "r"}, "未行使"),
            )
        ),
        h.tbody(rows, _sums(found)),
    )
    header = ("承办机构", "权力类型", "在用", "已行使", "未行使", "无编码")
    told = tuple(
        (registered(d), k, c.all, c.all - c.unused - c.unjudged, c.unused, c.unjudged)
        for d in found.departments
        for k, c in zip(found.kinds, found.row(d), strict=True)
        if c.all
    )
    return Picture(h.div({"class": "squares"}, body), header, told)


@dataclass(frozen=True)
class _Squares:
    """How many departments stand one by one, and how many squares of which size side by side in each
    column; none where there is no room for squares."""

    rows: int
    size: float
    across: tuple[int, ...]


def _squares(found: Matrix, look: Look, part: float) -> _Squares:
    """The most departments that fit, with the largest squares that do; squares before rows."""
    most = min(MOST, len(found.departments))
    tried = range(most, min(most, LEAST) - 1, -1) if look.present else (most,)
    fits = (
        squares
        for rows in tried
        for size in SIZES[look.present]
        if (squares := _fitting(found, rows, size, look, part))
    )
    named = _name_lines(found.departments[:most])
    rows = (
        most
        if sum(n * LINE + PAD for n in named) <= TALL
        else int(TALL / (max(named) * LINE + PAD))
    )
    return next(fits, _Squares(rows, 0, tuple(0 for _ in found.kinds)))


def _fitting(found: Matrix, rows: int, size: float, look: Look, part: float) -> _Squares | None:
    """So many departments with squares of that size; None where they have no room."""
    seen, pitch = found.departments[:rows], size + APART
    counts = [[c.all for c in found.row(d)] for d in seen]
    names = max(map(width, map(registered, found.departments)), default=0)
    if look.present:
        room = part * look.columns - 10 - min(names * 1.15, NAMED)
    else:
        room = DESK - min(names * 0.95, 13)
    room -= 0.8 * len(found.kinds)
    across = _across(counts, [width(short(k)) / pitch for k in found.kinds], room / pitch)
    lines = zip(_lines(counts, across), _name_lines(seen), strict=True)
    tall = sum(max(n * pitch, named * LINE) + PAD for n, named in lines)
    fits = max(map(max, counts)) <= MANY and (tall <= TALL or not look.present)
    return _Squares(rows, size, tuple(across)) if fits else None


def _name_lines(names: Sequence[str]) -> list[int]:
    """The lines that each name needs at the head of a row."""
    return [ceil(width(registered(n)) * 1.15 / NAMED) for n in names]


def _lines(counts: Sequence[Sequence[int]], across: Sequence[int]) -> list[int]:
    """The lines of squares that each row needs."""
    return [max(ceil(n / w) for n, w in zip(row, across, strict=True)) for row in counts]


def _across(counts: Sequence[Sequence[int]], heads: Sequence[float], room: float) -> list[int]:
    """How many squares stand side by side in each column: all of its fullest cell, but where the
    columns together have no more `room`, less in those where it costs the fewest lines. No column is
    narrower than its head; both in squares."""
    most = [max(1, min(max(column), MANY)) for column in zip(*counts, strict=True)]
    wide = list(most)

    def cost(i: int) -> tuple[int, int]:
        narrower = [*wide[:i], wide[i] - 1, *wide[i + 1 :]]
        return sum(_lines(counts, narrower)), -wide[i]

    while sum(map(max, wide, heads)) > room:
        spare = [i for i, (w, head) in enumerate(zip(wide, heads, strict=True)) if w - 1 >= head]
        if not spare:
            break
        wide[min(spare, key=cost)] -= 1
    return [ceil(m / ceil(m / w)) for m, w in zip(most, wide, strict=True)]


def _head(
    found: Matrix, kind: str, look: Look, chosen: Mapping[str, Sequence[str]]
) -> h.SafeString:
    on = {"class": "on"} if kind in chosen.get(CATEGORY, ()) else {}
    said: h.Node = short(kind)
    if not look.present:
        said = pick(CATEGORY, [kind], f"{kind}：筛选", said)
    return h.th({"scope": "col"} | on, said)


def _row(
    found: Matrix,
    department: str,
    squares: _Squares,
    look: Look,
    chosen: Mapping[str, Sequence[str]],
) -> h.SafeString:
    here, whole = found.row(department), found.put_together([department])
    at = department in chosen.get(DEPARTMENT, ())
    name: h.Node = registered(department)
    if not look.present:
        name = pick(DEPARTMENT, [department], f"{name}：筛选", name)
    cells = []
    for kind, cell, across in zip(found.kinds, here, squares.across, strict=True):
        kinds = chosen.get(CATEGORY, ())
        on = (at or not chosen.get(DEPARTMENT)) and (kind in kinds or not kinds)
        marked = {"class": "on"} if on and (at or kinds) and cell.all else {}
        inside = _cell(cell, department, kind, across, look) if cell.all else ""
        cells.append(h.td({"data-kind": short(kind)} | marked, inside))
    return h.tr(
        h.th({"scope": "row"} | ({"class": "on"} if at else {}), name),
        cells,
        h.td({"class": "r", "data-kind": "在用"}, fmt.amount(whole.all)),
        h.td({"class": "r", "data-kind": "未行使"}, _unused(whole)),
    )


def _unused(cell: _Cell) -> h.Node:
    return h.b({"class": "accent" if cell.unused else "muted"}, fmt.amount(cell.unused))


def _cell(cell: _Cell, department: str, kind: str, across: int, look: Look) -> h.Node:
    unjudged = f"，无编码 {cell.unjudged} 项" if cell.unjudged else ""
    said = f"{registered(department)} {kind} {cell.all} 项，未行使 {cell.unused} 项{unjudged}"
    if across:
        body = [_square(p, look) for p in cell.ordered()]
        drawn = {"class": "sq", "style": f"--n:{across}"}
    else:
        body = [h.b({"class": "accent"}, cell.unused), f" / {fmt.amount(cell.all)}"]
        drawn = {"class": "few"}
    if look.present:
        return h.div({**drawn, "role": "img", "aria-label": said}, body)
    names = f"{CATEGORY}&{DEPARTMENT}"
    return h.button(
        {**drawn, "data-pick": "|".join((names, kind, department)), "aria-label": f"{said}：筛选"},
        body,
    )


def _square(item: Power, look: Look) -> h.SafeString:
    state = {"class": "none" if item.used is None else "open"} if not item.used else {}
    named = {} if look.present else {"title": f"{item.name}{_STATES[item.used]}"}
    return h.i({**state, **named})


_STATES = {True: "：已行使", False: "：未行使", None: "：无编码，无法判断"}


def _rest(found: Matrix, rest: Sequence[str]) -> h.SafeString:
    """The departments beyond the first ones, together: 未行使 / 在用."""
    cells = [found.put_together(rest, k) for k in found.kinds]
    whole = found.put_together(rest)
    said = [
        h.td({"data-kind": short(k)}, f"{c.unused} / {fmt.amount(c.all)}" if c.all else "")
        for k, c in zip(found.kinds, cells, strict=True)
    ]
    return h.tr(
        {"class": "rest"},
        h.th({"scope": "row"}, f"其余 {len(rest)} 个机构（未行使 / 在用）"),
        said,
        h.td({"class": "r", "data-kind": "在用"}, fmt.amount(whole.all)),
        h.td({"class": "r", "data-kind": "未行使"}, _unused(whole)),
    )


def _sums(found: Matrix) -> list[h.Node]:
    """The sums of the columns: in use, unused."""
    columns = [(short(k), found.put_together(found.departments, k)) for k in found.kinds]
    whole = found.put_together(found.departments)
    return [
        h.tr(
            {"class": "sums"},
            h.th({"scope": "row"}, "在用"),
            [h.td({"data-kind": kind}, fmt.amount(c.all)) for kind, c in columns],
            h.td({"class": "r", "data-kind": "在用"}, fmt.amount(whole.all)),
            h.td,
        ),
        h.tr(
            {"class": "sums"},
            h.th({"scope": "row"}, "未行使"),
            [h.td({"data-kind": kind}, _unused(c)) for kind, c in columns],
            h.td,
            h.td({"class": "r", "data-kind": "未行使"}, _unused(whole)),
        ),
    ]


# ---- decisions × steps ----------------------------------------------------------------------------
_PRESENT = {True: "列席", False: "未列席", None: UNREGISTERED}


def steps(found: Sequence[Decision], look: Look, most: int = MOST) -> Picture:
    """The step grid: a decision a row, a tick for each step that was done, a cross for one that the
    law demands and that was not; below, how many are done of those that apply. A wall has the first
    `most`."""
    seen = found[:most] if look.present else found
    heads = (*STEPS.values(), "法律顾问")
    rows = [
        _stepped(
            [
                h.b(_titled(d, look)),
                h.small(" · ".join(w for w in (_day(d.day), d.department) if w)),
            ],
            heads,
            [*map(_step, d.steps), h.span({"class": "muted"}, _PRESENT[d.adviser])],
        )
        for d in seen
    ]
    if rest := found[len(seen) :]:
        lacking = sum(NOT_DONE in d.steps for d in rest)
        said = f"另有 {len(rest)} 项" + (f"，其中 {lacking} 项程序缺失" if lacking else "")
        rows.append(h.tr(h.td({"colspan": len(heads) + 1, "class": "muted"}, said)))
    rows.append(_stepped(h.span({"class": "muted"}, "完成 / 适用"), heads, _totals(found), "done"))
    body = h.table(
        {"class": "tb stepgrid folds", "aria-label": "重大行政决策逐项程序"},
        h.thead(h.tr([h.th({"scope": "col"}, "决策"), *(_over(name) for name in heads)])),
        h.tbody(rows),
    )
    told = tuple(
        (
            d.title,
            d.day.isoformat(),
            d.department or UNREGISTERED,
            *(s or UNREGISTERED for s in d.steps),
            _PRESENT[d.adviser],
            f"{d.done} / {d.due}",
        )
        for d in found
    )
    return Picture(h.div({"class": "long stepped"}, body), Decision.HEADERS, told)


def _titled(d: Decision, look: Look) -> str:
    """What a decision is called; one without a title by its number, at the desk alone."""
    return UNREGISTERED if look.present and d.title == d.number else d.title


def _over(name: str) -> h.SafeString:
    return h.th({"scope": "col", "class": "c"}, name)


def _stepped(
    name: h.Node, heads: Sequence[str], cells: Sequence[h.Node], classes: str = ""
) -> h.SafeString:
    """A row of the step grid; on a telephone each cell stands behind its head."""
    told = [
        h.td({"class": "c", "data-kind": head}, cell)
        for head, cell in zip(heads, cells, strict=True)
    ]
    return h.tr({"class": classes} if classes else {}, h.td({"class": "name"}, name), told)


def _day(day: date) -> str:
    return f"{day.month} 月 {day.day} 日"


def _step(state: str | None) -> h.Node:
    if state == DONE:
        return h.span({"class": "yes", "role": "img", "aria-label": DONE, "title": DONE})
    if state == NOT_DONE:
        return h.span({"class": "no"}, h.i, NOT_DONE)
    return h.span({"class": "least"}, state or UNREGISTERED)


def _totals(found: Sequence[Decision]) -> list[h.Node]:
    columns = zip(*(d.steps for d in found), strict=True)
    out: list[h.Node] = []
    for states in columns:
        done, not_done = states.count(DONE), states.count(NOT_DONE)
        said = f"{done} / {done + not_done}"
        out.append(h.b({"class": "bad"}, said) if not_done else h.span({"class": "muted"}, said))
    there = [d.adviser for d in found if d.adviser is not None]
    out.append(h.span({"class": "muted"}, f"{sum(there)} / {len(there)}"))
    return out


# ---- a square a case ------------------------------------------------------------------------------
FEW = 30
"""Cases of a row up to which each is a square."""
ONES = ((1.0, 0.6), (1.25, 0.6))
"""Rem of its side at the desk and in a meeting, at most and at least."""
ACROSS, GAP = 20.0, 0.25
"""Rem that the squares of a row have together, half of it on a narrow wall, and between two."""


@dataclass(frozen=True)
class Squares:
    """A row of cases: those that are through, those that are open, and of these the ones that are
    late; `key` names it in a link."""

    name: str
    through: int
    waiting: int
    late: int
    key: str = ""

    @property
    def all(self) -> int:
        return self.through + self.waiting + self.late


def squares(
    rows: Sequence[Squares], look: Look, corner: str, words: Sequence[str], at_most: int = MOST
) -> Picture:
    """A square a case, hollow what is open, framed in warn what is late; where a row has more than
    FEW, a bar each, all on one scale; `at_most` rows, fewer where names are long. `words` name
    through, waiting and late; a click on a name chooses it in the filter DEPARTMENT."""
    at_most = max(2, at_most // max(_name_lines([r.name for r in rows]), default=1))
    cut = len(rows) if len(rows) <= at_most else at_most - 1
    most = max((r.all for r in rows[:cut]), default=0)
    side = min(ONES[look.present][0], (ACROSS if look.wide else ACROSS / 2) / max(most, 1) - GAP)
    lines = [_line(r, most, look) for r in rows[:cut]]
    if rest := rows[cut:]:
        through, all_ = sum(r.through for r in rest), sum(r.all for r in rest)
        name = h.span({"class": "name muted"}, f"其余 {len(rest)} 个机构")
        lines.append([name, h.span, h.b({"class": "r"}, f"{through} / {all_}")])
    body = h.div(
        {"class": "ones", "style": f"--sq:{max(side, ONES[look.present][1]):.2f}rem"}, lines
    )
    told = tuple((r.name, r.through, r.waiting, r.late, r.all) for r in rows)
    return Picture(body, (corner, *words, "合计"), told)


def _line(row: Squares, most: int, look: Look) -> list[h.Node]:
    said = f"{row.name}：{row.through} / {row.all}"
    parts = (("", row.through), ("long", row.late), ("open", row.waiting))
    if most <= FEW:
        inside = [[h.i({"class": kind} if kind else {})] * n for kind, n in parts]
        drawn = h.div({"class": "sqs", "role": "img", "aria-label": said}, inside)
    else:
        inside = [h.i({"class": kind, "style": f"flex:{n}"}) for kind, n in parts if n]
        wide = f"width:{row.all / most * 100:.1f}%"
        whole = h.div({"class": "whole", "style": wide}, inside)
        drawn = h.div({"class": "sqs", "role": "img", "aria-label": said}, whole)
    name: h.Node = row.name
    if row.key and not look.present:
        name = pick(DEPARTMENT, [row.key], f"{row.name}：筛选", row.name)
    tone = "warn" if row.late else "" if row.waiting else "muted"
    return [
        h.span({"class": "name"}, name),
        drawn,
        h.b({"class": f"r {tone}"}, f"{row.through} / {row.all}"),
    ]


# ---- villages side by side ------------------------------------------------------------------------
@dataclass(frozen=True)
class Tile:
    """A village: its cases by month, their sum, how they moved against the year before, how many are
    open, and whether some of these are so for too long; `key` names it in a link. `then` are the months
    of the year that was chosen to stand beside."""

    name: str
    months: tuple[float | None, ...]
    count: float
    moved: str
    waiting: float | None
    late: bool = False
    key: str = ""
    then: tuple[float | None, ...] = ()


SHORT = 10
"""Full characters of a name that stand over a tile on one line."""


def room(look: Look, names: Sequence[str]) -> int:
    """How many tiles there is room for: names of several lines take more of a wall."""
    long = any(width(n) > SHORT * (2 if look.wide else 1) for n in names)
    return 8 if long and look.present else MOST


def tiles(found: Sequence[Tile], look: Look, unit: str, word: str, year: str = "") -> Picture:
    """Small multiples on one scale: bars by month, a line for those of the `year` beside, the number,
    its change, how many are open (`word`). A click on a name chooses it in the filter `village`."""
    every = (v for t in found for v in (*t.months, *t.then) if v is not None)
    most = max(every, default=0) or 1
    across = 2 if len(found) <= 8 else 3
    long = any(width(t.name) > SHORT for t in found)
    body = h.div(
        {"class": f"tiles t{across}{' long' if long else ''}"},
        [_tile(t, most, look, unit, word, year) for t in found],
    )
    months = [m for m in range(12) if any(t.months[m] is not None for t in found)]
    both = months if any(t.then for t in found) else []
    names = (*(f"{m + 1}月" for m in months), *(f"{year} {m + 1}月" for m in both))
    header = ("村社区", *names, "合计", "增减", word)
    told = tuple(
        (
            t.name,
            *(t.months[m] for m in months),
            *((t.then or [None] * 12)[m] for m in both),
            t.count,
            t.moved,
            t.waiting,
        )
        for t in found
    )
    return Picture(body, header, told)


def _months(of: Sequence[float | None], unit: str) -> str:
    known = [(m, v) for m, v in enumerate(of, 1) if v is not None]
    return "，".join(f"{m} 月 {fmt.amount(v)} {unit}" for m, v in known)


def _before(t: Tile, known: Sequence[int], most: float) -> h.Node:
    """The other year over the bars, as a line."""
    points = [
        (i + 0.5, 100 - (t.then[m - 1] or 0) / most * 100)
        for i, m in enumerate(known)
        if t.then[m - 1] is not None
    ]
    drawn = {"points": " ".join(f"{x:g},{y:.1f}" for x, y in points)}
    frame = {"viewBox": f"0 0 {len(known)} 100", "preserveAspectRatio": "none"}
    return h.svg(frame | {"aria-hidden": "true"}, POLYLINE(drawn))


def _tile(t: Tile, most: float, look: Look, unit: str, word: str, year: str) -> h.SafeString:
    known = [(m, v) for m, v in enumerate(t.months, 1) if v is not None]
    said = f"{t.name}：{_months(t.months, unit)}"
    if t.then:
        said += f"；{year}：{_months(t.then, unit)}"
    bars = [
        h.i({"style": f"height:{v / most * 100:.1f}%", "class": "" if v else "zero"})
        for _, v in known
    ]
    name: h.Node = h.b(t.name)
    if t.key and not look.present:
        name = pick("village", [t.key], f"{t.name}：筛选", name)
    tone = "warn" if t.late else "" if t.waiting else "muted"
    open_ = "" if t.waiting is None else h.span({"class": tone}, f"{word} {fmt.amount(t.waiting)}")
    return h.div(
        {"class": "tile"},
        h.div({"class": "name"}, name, open_),
        h.div(
            {"class": "what"},
            h.b({"class": "big"}, fmt.amount(t.count)),
            h.span({"class": "muted"}, unit, h.br, t.moved),
            h.div(
                {"class": "bars", "role": "img", "aria-label": said},
                bars,
                _before(t, [m for m, _ in known], most) if t.then else "",
            ),
        ),
    )
