"""目标进展: measures, late first, with owner, day and amount; the shortcomings they answer."""

from collections import Counter
from dataclasses import dataclass
from math import ceil

import simple_html as h

from qmg_dash import fmt, tables
from qmg_dash.escaping import joined
from qmg_dash.figures import findings, matters, progress
from qmg_dash.figures.findings import width
from qmg_dash.figures.progress import Measure, counts
from qmg_dash.kpis import goals as kinds
from qmg_dash.ui import markup, measures
from qmg_dash.ui.desk.page import MAIN, Drawing, Slide, numbered, show
from qmg_dash.ui.link.filters import FACETS, picked
from qmg_dash.ui.link.scope import Scope

TITLE = "目标进展"
RANK = 2
LINKED = tables.table("goals").column("link_basis")
FILTERS = FACETS
_INPUT = h.Tag("input", self_closing=True)
ROOM, PENDING = 35.5, 11.0
"""Rem that the rows of shortcomings have on a slide, and what is to be settled takes of them."""
ROOMY = 0.8
"""Of which as much is needed: then the type is larger."""
LINE = {True: (22, 19), False: (15, 13)}
"""Full characters on a line of a shortcoming and of a measure, on a wide wall or not."""
MOST = 12
"""Measures of a shortcoming that a wall names."""


def slides(scope: Scope) -> list[Slide]:
    rows = progress.urgent_first(shown(scope), scope.snapshot.clock())
    if not _assigned(scope):
        return _linked(scope, rows, MAIN, title(scope, rows), pending=True)
    pages = measures.by_slide(rows, scope.look.wide) if scope.look.present else [rows]
    found = title(scope, rows)
    return [
        Slide(MAIN, found, _drawer(pages[0], rows), deck=bool(rows)),
        *(
            Slide(numbered(MAIN, n), _further(rows, page), _drawer(page, rows), deck=False)
            for n, page in enumerate(pages[1:], 2)
        ),
        *_linked(scope, rows, "shortcomings", _answered(scope)),
    ]


def title(scope: Scope, rows: list[Measure]) -> findings.Finding:
    """What is late and whose, among the measures that the filters leave."""
    if not rows and scope.measures:
        return findings.Finding(((f"{scope.goal_year} 年没有符合筛选的举措", ""),))
    if rows and not _assigned(scope):
        return findings.unassigned(rows, named(scope))
    places = {(m.goal["_file"], m.goal["_row"]) for m in rows}
    mine = [m for m in scope.matters if m.path == scope.path and m.place in places]
    plain = findings.goals(rows, scope.goal_year)
    return findings.titled(matters.clauses(mine), plain, scope.snapshot.town.short)


def _further(rows: list[Measure], page: list[Measure]) -> findings.Finding:
    """Which measures of all a further slide has, and how they stand."""
    first = rows.index(page[0]) + 1
    states = [f"{progress.word(k)} {v} 项" for k, v in counts(page).items()]
    return findings.Finding(
        (
            (f"第 {first}–{first + len(page) - 1} 项举措：", ""),
            (states[0], ""),
            *((f"，{t}", "") for t in states[1:3]),
        )
    )


def _assigned(scope: Scope) -> bool:
    """Whether any measure of the year has an owner, a day or progress: then there is something to
    keep to."""
    return any(m.goal["owner"] or m.due or m.state != kinds.NO_DATA for m in scope.measures)


def shown(scope: Scope, without: str = "") -> list[Measure]:
    """The measures that the filters leave, one of them taken off."""
    chosen = {name: values for name, values in scope.chosen if name != without}
    return picked(scope.measures, FACETS, chosen)


# ---- the measures --------------------------------------------------------------------------------
def _drawer(page: list[Measure], rows: list[Measure]):
    def draw(s: Drawing) -> None:
        s.html(h.div({"class": "panel col fill scroll"}, panel(s, page, rows)), fill=True)
        if rows and not s.look.present:
            s.html(h.div({"class": "panel col scroll"}, ranking(s)))
            s.html(h.div({"class": "panel col scroll"}, log(rows)))

    return draw


def panel(s: Drawing, page: list[Measure], rows: list[Measure]) -> h.Node:
    """The measures of a slide, the most urgent of all first; below them how they are judged."""
    scope = s.scope
    head = f"{scope.goal_year} 年举措 {len(rows)} 项"
    if len(rows) != len(scope.measures):
        head += f"（共 {len(scope.measures)} 项）"
    rules = markup.fold("状态规则", progress.printed())
    said = progress.overall_said(rows)
    foot = h.div({"class": "seglab"}, h.span({"class": "muted"}, said), rules)
    if not rows:
        nothing = markup.empty("没有符合筛选的举措", "清除一项筛选后，这里列出举措")
        return [markup.head(head), _choices(scope), nothing, foot]
    counted = progress.figure(scope.snapshot, rows, "goals.total", scope.goal_year)
    table = h.div({"class": "grow"}, measures.table(scope, page))
    if s.look.present:
        return [markup.head(head, measures.key(page), counted), table, foot]
    todo = sum(m.state in progress.URGENT for m in rows)
    views = h.div(
        {"class": "views"},
        _view("todo", f"要办的 {todo}", todo > 0),
        _view("all", f"全部 {len(rows)}", not todo),
        _view("owner", "按责任单位"),
        markup.fold("看规则", progress.printed()),
    )
    data = markup.data_view(s.drawn("目标举措", HEADER, lines(rows)))
    return [
        markup.head(head, measures.key(rows), counted),
        _choices(scope),
        views,
        table,
        foot,
        data,
    ]


def _view(name: str, words: str, first: bool = False) -> h.Node:
    """What a phone shows of the measures, chosen there: the other half of it is in page.css."""
    chosen = {"checked": "checked"} if first else {}
    return h.label(_INPUT({"type": "radio", "name": "view", "value": name} | chosen), words)


def _choices(scope: Scope) -> h.Node:
    """How many are in each state; at the desk a press chooses it."""
    found = counts(shown(scope, without="state"))
    states = [
        markup.choice("state", k, k in scope.picked("state"), f"{progress.word(k)} {v}")
        for k, v in found.items()
    ]
    return h.div({"class": "states"}, joined("　", states))


def ranking(s: Drawing) -> h.Node:
    """The departments by what is past its day in all of the town, those late for longest first."""
    owed = matters.by_owner(matters.overdue(s.scope.matters))
    if not owed:
        return [markup.head("各部门超期"), markup.empty("没有超期未办的事项", "按规则逐条检查")]
    most = max(o.days for o in owed) or 1
    rows = [
        (
            o.owner,
            h.div({"class": "late"}, h.i({"style": f"width:{o.days / most:.0%}"})),
            h.b({"class": "bad"}, f"{o.days} 天"),
            f"{len(o.matters)} 件",
            h.small(_kinds(o)),
        )
        for o in owed
    ]
    header = ["责任单位", "", "最长", "超期", "事项"]
    table = markup.table(header, rows, "llrrl", classes="owed rank", caption="各部门超期")
    count = sum(len(o.matters) for o in owed)
    said = f"{len(owed)} 个部门 {count} 件，超期最久的在前"
    saved = tuple((o.owner, o.days, len(o.matters), _kinds(o)) for o in owed)
    drawn = s.drawn("各部门超期", ("责任单位", "最长超期（天）", "超期（件）", "事项"), saved)
    return [markup.head("各部门超期", said), table, markup.data_view(drawn)]


def _kinds(owed: matters.Owed) -> str:
    """What a department is late with, the commonest first."""
    found = Counter(m.kind for m in owed.matters).most_common()
    return "、".join(f"{kind} {n}" if n > 1 else kind for kind, n in found)


HEADER = (
    *("方向", "举措", "责任单位", "完成期限", "指标", "指标数值", "目标值"),
    *("进度（%）", "状态", "文件", "行号"),
)


def lines(rows: list[Measure]) -> tuple[tuple[object, ...], ...]:
    """The measures as rows to take along, each with its place."""
    return tuple(
        (
            m.goal["direction"],
            m.goal["measure"],
            m.goal["owner"],
            m.due,
            m.figure.kpi.name if m.figure else None,
            fmt.text(m.figure) if m.figure else None,
            None if m.target is None else fmt.target(m.target, m.figure) if m.figure else m.target,
            None if m.progress is None else float(fmt.rounded(m.progress, 1)),
            m.state,
            m.goal["_file"],
            m.goal["_row"],
        )
        for m in rows
    )


def log(measures: list[Measure]) -> h.Node:
    """What moved each measure, newest first; for the desk."""
    found = sorted(
        ((u, m) for m in measures for u in m.updates),
        key=lambda x: x[0]["date"],
        reverse=True,
    )
    if not found:
        do = "在 goal_updates.csv 逐次登记日期、状态、进度和佐证后，这里列出"
        return [markup.head("进展记录"), markup.empty("没有进展记录", do)]
    rows = [
        (
            str(u["date"]),
            m.goal["measure"],
            u["status"],
            fmt.rate(float(u["progress"])) if u["progress"] is not None else fmt.NONE,
            u["note"] or "",
            u["evidence"] or "",
        )
        for u, m in found
    ]
    header = ["日期", "举措", "状态", "进度", "说明", "佐证"]
    grid = h.div({"class": "log"}, markup.listing(header, rows, "nlnrll", (), "进展记录"))
    return [markup.head("进展记录", f"{len(rows)} 条，新的在前"), grid]


# ---- the shortcomings ----------------------------------------------------------------------------
@dataclass(frozen=True)
class Group:
    """A shortcoming of the report with the measures that answer it; `rest` are those that answer
    none."""

    text: str
    cause: str
    place: h.Node
    rows: tuple[Measure, ...]
    rest: bool = False


def named(scope: Scope) -> list[dict]:
    """The shortcomings of the report before the goal year."""
    rows = scope.snapshot.records("shortcomings")
    return [r for r in rows if r["year"] == scope.goal_year - 1]


def _answered(scope: Scope) -> findings.Finding:
    rows = named(scope)
    if not rows:
        return findings.Finding(((f"尚无 {scope.goal_year - 1} 年报告所列不足", ""),))
    bare = [r for r in rows if not any(r in m.answers for m in scope.measures)]
    said = f"{len(bare)} 项没有对应举措" if bare else "都有对应举措"
    told = (f"报告所列不足 {len(rows)} 项，", ""), (said, "warn" if bare else "accent")
    return findings.Finding(told)


def groups(scope: Scope, rows: list[Measure]) -> list[Group]:
    """The shortcomings in the report's order, then what answers none of them."""
    listed = named(scope)
    found = [
        Group(r["text"], r["cause"] or "", _place(r), tuple(m for m in rows if r in m.answers))
        for r in listed
    ]
    rest = tuple(m for m in rows if not any(r in m.answers for r in listed))
    return [*found, *([Group("其余举措", "没有关联到不足", "", rest, True)] if rest else [])]


def _place(row: dict) -> h.Node:
    if row["locator"]:
        return f"报告 {row['locator']}"
    return markup.either(row["_file"], f"不足表第 {row['_row']} 行")


def _linked(
    scope: Scope, rows: list[Measure], name: str, found: findings.Finding, pending: bool = False
) -> list[Slide]:
    """Slides of the shortcomings, a row each with its measures; `pending`: what has to be settled
    stands below the first."""
    parts = [groups(scope, rows)]
    if scope.look.present:
        parts = _by_slide(parts[0], scope.look.wide, ROOM - (PENDING if pending else 0))
    return [
        Slide(
            numbered(name, n),
            found,
            _answers_drawer(part, rows, pending and n == 1),
            deck=pending and n == 1 and bool(part),
        )
        for n, part in enumerate(parts, 1)
    ]


def _by_slide(found: list[Group], wide: bool, room: float) -> list[list[Group]]:
    """The shortcomings by slide, as many as its height allows."""
    pages: list[list[Group]] = [[]]
    for group in found:
        if pages[-1] and sum(_height(g, wide) for g in (*pages[-1], group)) > room:
            pages.append([])
        pages[-1].append(group)
    return pages


def _height(group: Group, wide: bool) -> float:
    """Rem that a shortcoming takes on a wall: its text and cause beside two columns of measures."""
    text, measure = LINE[wide]
    left = 1.8 * ceil(width(group.text) / text) + 1.4 * (1 + ceil(width(group.cause) / text / 1.2))
    tall = [ceil(width(m.goal["measure"]) / measure) for m in group.rows[:MOST]]
    return max(left, 1.95 * ceil(sum(tall) / 2 + 0.1)) + 0.8


def _answers_drawer(part: list[Group], rows: list[Measure], pending: bool):
    def draw(s: Drawing) -> None:
        if not part:
            s.html(h.div({"class": "panel"}, _nothing()))
            return
        above = h.div({"class": "panel col"}, _answers(s, part, rows, not pending))
        below = h.div({"class": "panel col"}, _pending(rows)) if pending and rows else ""
        rows_ = {"style": "--rows:minmax(0,1fr) auto" if below else "--rows:minmax(0,1fr)"}
        s.html(h.div({"class": "stack fill"} | rows_, above, below), fill=True)

    return draw


def _nothing() -> h.Node:
    return markup.empty(
        "尚无目标举措",
        "在 goals.csv 登记方向和举措后，这里显示进展",
        wall="登记方向和举措后，这里显示进展",
    )


def _answers(s: Drawing, part: list[Group], rows: list[Measure], alone: bool) -> h.Node:
    scope, listed = s.scope, named(s.scope)
    twice = sum(sum(r in m.answers for r in listed) > 1 for m in rows)
    said = [f"{twice} 项举措对应两项以上不足"] if twice else []
    basis = dict.fromkeys(LINKED.word(m.goal["link_basis"]) for m in rows if m.goal["link_basis"])
    if basis:
        said.append(f"对应关系：{'、'.join(basis)}")
    if not listed:
        said.append(f"{scope.goal_year - 1} 年报告所列不足没有登记")
    head = markup.head(f"{len(listed)} 项不足 → {len(rows)} 项举措", "；".join(said))
    header = ("报告所列不足", f"{scope.goal_year} 年举措", "")
    cells = [(_shortcoming(g), _count(g), _measures(g, scope.look.present)) for g in part]
    roomy = alone and s.look.wide and sum(_height(g, True) for g in part) < ROOM * ROOMY
    classes = "answers roomy" if roomy else "answers"
    table = markup.table(header, cells, "lnl", classes=classes, caption="不足与举措")
    return [head, h.div({"class": "grow"}, table)]


def _shortcoming(group: Group) -> h.Node:
    bold = h.b({"class": "muted" if group.rest else ""}, group.text)
    notes = [n for n in (group.place, f"原因：{group.cause}" if group.cause else "") if n]
    if group.rest:
        notes = [group.cause]
    return [bold, [h.small(n) for n in notes]]


def _count(group: Group) -> h.Node:
    if group.rows:
        return h.b(f"{len(group.rows)} 项")
    return h.b({"class": "warn"}, "没有")


def _measures(group: Group, wall: bool) -> h.Node:
    shown = group.rows[: MOST if wall and len(group.rows) > MOST else None]
    rest = len(group.rows) - len(shown)
    return h.ul(
        [h.li(markup.shape(m.state, m.state), h.span(m.goal["measure"])) for m in shown],
        h.li({"class": "muted"}, f"另有 {rest} 项") if rest else "",
    )


def _pending(rows: list[Measure]) -> h.Node:
    """What has to be settled before progress can be told."""
    tracked = [m.figure.kpi.short for m in rows if m.figure is not None]
    lacking = (
        (sum(not m.goal["owner"] for m in rows), "没有责任单位"),
        (sum(m.due is None for m in rows), "没有完成期限"),
        (sum(m.state == kinds.NO_DATA for m in rows), "没有进展记录"),
    )
    cells = [_lacks(n, words, "warn" if n else "") for n, words in lacking]
    names = f"（{'、'.join(dict.fromkeys(tracked))}）" if tracked else ""
    cells.append(_lacks(len(tracked), f"有指标可自动跟踪{names}"))
    head = markup.head("待定事项", "定下来以后，本页改为进度表")
    return [head, h.div({"class": "lacks"}, cells)]


def _lacks(count: int, words: str, tone: str = "") -> h.Node:
    return h.div(h.b({"class": tone}, f"{count} 项"), h.span(words))


if __name__ == "__main__":
    show(slides, __file__, FILTERS)
