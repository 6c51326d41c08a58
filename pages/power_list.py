"""权力清单: which powers nobody uses, how they divide, how the list is kept, what is not listed."""

from datetime import date

import simple_html as h

from qmg_dash import fmt
from qmg_dash.figures import coverage, findings
from qmg_dash.figures.arithmetic import share, sum_of
from qmg_dash.figures.book import Book, ranked, shared
from qmg_dash.figures.cases import Power, dormant, dormant_twice, powers
from qmg_dash.figures.findings import book_value
from qmg_dash.figures.lists import Version, versions
from qmg_dash.kpis import kpi
from qmg_dash.kpis.base import UNREGISTERED, Part
from qmg_dash.kpis.goals import BELOW
from qmg_dash.model import Figure
from qmg_dash.tables import POWER_CATEGORIES
from qmg_dash.ui import blocks, charts, grids, markup
from qmg_dash.ui.desk.page import MAIN, Drawing, Slide, show
from qmg_dash.ui.link import bounds
from qmg_dash.ui.link.filters import Filter, Months, Since
from qmg_dash.ui.link.scope import Scope

TITLE = "权力清单"
RANK = 5
SPLITS = {
    "changes": (("power.changes", "change"),),
    "items": (("power.items", "department"),),
    "initiation": (("power.items", "initiation"),),
}
SHOWN = (
    "power.total",
    "power.items",
    "power.coded_rate",
    "power.catalogued_rate",
    "power.exercised_rate",
    "power.changes",
)
RATES = ("power.coded_rate", "power.catalogued_rate", "power.exercised_rate", "power.changes")
MECHANISMS = 6
VERSIONS = 12
ON_THE_WALL = 8
"""Versions that a slide has room for beside their chart."""
BREAK = "清单改换"
USED = "power.exercised_rate"
NAMED = 3
"""Powers that are named where they are to be put right."""
SINCE_YEARS = 2
"""Years before the screen's own whose months are offered to ask since."""
SHORT = 15
"""Full characters of a department's name that stand on one line."""
WALL_OF_NAMES = {True: 900, False: 560}
"""Full characters of names that a wide and a narrow wall have room for."""
FILTERS = (
    Filter("power.items", "category"),
    Filter("power.items", "department"),
    Filter("power.items", "initiation", field=False),
    Filter("power.changes", "change", field=False),
    Months(("power.exercised_rate", "power.changes")),
    Since("power.exercised_rate"),
)


def slides(scope: Scope) -> list[Slide]:
    judged = matrix_slides(scope)
    # A report alone has what its list is made of on 总览 already.
    listed = not judged and coverage.counted(scope.snapshot, scope.year)
    return [
        *judged,
        Slide(MAIN, findings.power(base(scope), scope.picked("category")), draw, deck=listed),
        *rate_slides(scope),
        *dormant_slides(scope),
        *blocks.split_slides(scope, SPLITS),
        *version_slides(scope),
        *blocks.more_numbers(scope, SHOWN, {**SPLITS, MAIN: (("power.items", "category"),)}),
        *blocks.more_mechanisms(scope, scope.practices(), mechanisms_beside(scope)),
    ]


def rate_slides(scope: Scope) -> list[Slide]:
    """How the list is kept: at the desk beside the composition, on a projector a slide."""
    known = [c for c in RATES if scope.book.fig(c).known]
    if not known or not scope.look.present:
        return []
    return [Slide("rates", findings.pair(scope.book, known, TITLE), draw_rates)]


def draw_rates(s: Drawing) -> None:
    cards = [s.card(code) for code in RATES if s.book.fig(code).known]
    left = h.div({"class": "panel col"}, markup.head("清单管理", s.against), markup.large(cards))
    beside = judgeable(s.scope) and s.look.wide
    right = [h.div({"class": "panel col"}, to_do(s))] if beside else []
    cols = f"--cols:minmax(0,1fr){' minmax(0,.55fr)' if right else ''}"
    s.html(h.div({"class": "two fill", "style": cols}, left, right), fill=True)


def mechanisms_beside(scope: Scope) -> int:
    """How many mechanisms stand beside the chart: none where numbers fill the place."""
    return 0 if any(scope.book.fig(c).known for c in RATES) else MECHANISMS


def base(scope: Scope) -> Book:
    """The figures under all filters but the category's own: the chart marks the chosen ones."""
    return scope.book_without("category")


def draw(s: Drawing) -> None:
    parts_, whole = base(s.scope).split("power.items"), base(s.scope).whole("power.items")
    left, right = s.columns((2.4 if s.look.wide else 1.6) if s.look.present else 1.4, 1)
    with left, s.panel():
        composition(s, parts_, whole)
    with right:
        s.html(h.div({"class": "panel col fill"}, standing(s, parts_)), fill=True)


# ---- what is used ---------------------------------------------------------------------------------
def since(scope: Scope) -> date | None:
    """The day since which it is asked whether powers were used; None for the period's beginning."""
    return bounds.day(next(iter(scope.picked(Since.name)), None))


def held(scope: Scope) -> list[Power]:
    """The powers of all kinds and departments: the matrix marks the chosen ones."""
    every = scope.filters.with_values(category=(), department=())
    return powers(shared(scope.snapshot, every), since(scope))


def judgeable(scope: Scope) -> bool:
    """Whether both ledgers are there, that of the powers and that of their use."""
    return any(p.used is not None for p in held(scope))


def matrix_slides(scope: Scope) -> list[Slide]:
    """Which powers lie dormant, by kind and department."""
    if not judgeable(scope):
        return []
    idle = dormant(scope.book, since(scope))
    return [Slide("matrix", findings.unused(scope.book, idle, since(scope)), draw_matrix)]


def draw_matrix(s: Drawing) -> None:
    """The matrix, and beside it what is to be done, where a wide screen has room; at the desk the
    dormant powers below, one by one."""
    if s.look.present and not s.look.wide:
        s.html(h.div({"class": "panel col fill"}, matrix(s, 1)), fill=True)
        return
    side, classes = ("19rem", "two fill") if s.look.present else ("14rem", "two aside")
    left = h.div({"class": "panel col"}, matrix(s, 1 - 19.9 / s.look.columns))
    right = h.div({"class": "panel col"}, to_do(s))
    s.html(
        h.div({"class": classes, "style": f"--cols:minmax(0,1fr) {side}"}, left, right), fill=True
    )
    if not s.look.present:
        idle = dormant(s.book, since(s.scope))
        s.html(h.div({"class": "panel col"}, items(s, idle)))


def matrix(s: Drawing, part: float) -> list[h.Node]:
    found, day = held(s.scope), since(s.scope)
    title = f"{len(found)} 项权力，部门 × 类型"
    key = f"一格一项：实心＝{findings.period(s.book, day)}行使过，空心＝未行使，虚线＝无编码、无法判断；未行使多的部门在前"
    chosen = {n: s.scope.picked(n) for n in ("category", "department")}
    drawn = grids.matrix(found, s.look, part, chosen)
    whole = base(s.scope).fig(USED)
    return [
        markup.head(title, key, whole, without="category"),
        since_when(s),
        *grids.shown(s, "权力行使情况", drawn),
    ]


def since_when(s: Drawing) -> h.Node:
    """The months since which one may ask, at the desk."""
    if s.look.present:
        return ""
    row, day = kpi(USED), since(s.scope)
    first = min(s.book.covered[t][0] for t in row.tables)
    years = range(s.scope.year, max(first, s.scope.year - SINCE_YEARS) - 1, -1)
    last = min(date(s.scope.year, 12, 31), s.book.clock)
    lines = [
        h.p(
            h.span({"class": "muted"}, f"{year} 年"),
            [
                h.button(
                    {
                        "data-pick": f"{Since.name}|{begun}",
                        "aria-pressed": "true" if begun == day else "false",
                    },
                    f"{begun.month}月",
                )
                for m in range(1, 13)
                if (begun := date(year, m, 1)) <= last
            ],
        )
        for year in years
    ]
    said = f"自 {day} 起" if day else "自某月起…"
    off = (
        h.button({"class": "act", "data-pick": f"{Since.name}|{day}"}, f"改回 {s.scope.year} 年")
        if day
        else ""
    )
    return h.div(
        {"class": "since desk"},
        h.span({"class": "muted"}, "是否行使："),
        h.details({"name": "since"}, h.summary(said), h.div({"class": "list"}, lines)),
        off,
    )


def to_do(s: Drawing) -> list[h.Node]:
    """What a meeting has to decide or to put right: powers that nobody used two years running, those
    without a code or outside the catalogue, and what was changed."""
    found = powers(s.book)
    twice = dormant_twice(s.book)
    bare = [p for p in found if not p.code]
    unlisted = [p for p in found if p.listed is False]
    entries = []
    if twice:
        what = "连续两年未行使（上年、本年都没有执法记录）：核对是否还该保留"
        entries.append([h.b({"class": "accent"}, f"{len(twice)} 项"), h.span(what)])
    entries += [
        [markup.state(BELOW, f"{len(group)} 项{word}"), named(group)]
        for group, word in ((bare, "无编码"), (unlisted, "未列入公开目录"))
        if group
    ]
    moved = s.book.fig("power.changes")
    if moved.value:
        kinds = [f for f in s.book.split("power.changes", "change") if f.value]
        said = "，".join(f"{book_value(f)} {fmt.amount(f.value or 0)}" for f in kinds)
        entries.append([h.b(f"{findings.span(s.book)}调整 {fmt.spaced(moved)}"), h.span(said)])
    if not entries:
        return [markup.head("要办的"), markup.empty("没有要办的", "编码、公开目录齐全", fill=True)]
    body = h.div({"class": "side"}, [h.div(e) for e in entries])
    return [markup.head("要办的", figure=moved), body]


def named(group: list[Power]) -> h.Node:
    """A few powers by name, each with its department: what is public may stand on a wall."""
    long = any(findings.width(p.department or "") > SHORT for p in group)
    most = 1 if long else NAMED
    said = [
        [h.span(p.name), h.span({"class": "muted"}, p.department or UNREGISTERED)]
        for p in group[:most]
    ]
    rest = f"另有 {len(group) - most} 项" if len(group) > most else ""
    return [said, h.span({"class": "muted"}, rest) if rest else ""]


def dormant_slides(scope: Scope) -> list[Slide]:
    """The dormant powers by name, in the appendix of a meeting."""
    idle = dormant(scope.book, since(scope)) if scope.look.present and judgeable(scope) else []
    said = findings.idle(scope.book, len(idle))
    return [Slide("dormant", said, draw_names, deck=False)] if idle else []


def draw_names(s: Drawing) -> None:
    """The dormant powers on a wall, by department: as many names as fit."""
    idle = dormant(s.book, since(s.scope))
    by: dict[str, list[str]] = {}
    for power in idle:
        by.setdefault(power.department or UNREGISTERED, []).append(power.name)
    most = sorted(by.items(), key=lambda d: (d[0] == UNREGISTERED, -len(d[1]), d[0]))
    first = grids.MOST if max(findings.width(d) for d, _ in most) <= SHORT else grids.MOST - 4
    room = WALL_OF_NAMES[s.look.wide] // min(len(most), first)
    rows = [
        [department, h.b({"class": "accent"}, len(names)), listed_names(names, room)]
        for department, names in most[:first]
    ]
    if rest := most[first:]:
        rows.append([f"其余 {len(rest)} 个机构", h.b(sum(len(n) for _, n in rest)), ""])
    body = markup.table(["承办机构", "未行使", "事项"], rows, "lrl", caption="未行使的权力")
    s.html(
        h.div({"class": "panel col fill"}, dormant_head(s, idle), h.div({"class": "grow"}, body)),
        fill=True,
    )


def listed_names(names: list[str], room: float) -> str:
    """Names side by side, as many as have `room` in full characters."""
    shown = names[:1]
    for name in names[1:]:
        if findings.width("、".join([*shown, name])) > room:
            return f"{'、'.join(shown)}等"
        shown.append(name)
    return "、".join(shown)


def dormant_head(s: Drawing, idle: list[Power]) -> h.Node:
    day = since(s.scope)
    when = f"{day} 起" if day else "本期"
    return markup.head(
        "未行使的权力", f"{len(idle)} 项；{when}没有登记过执法行为", s.book.fig(USED)
    )


def items(s: Drawing, idle: list[Power]) -> list[h.Node]:
    """The dormant powers at the desk, with their codes."""
    head = dormant_head(s, idle)
    if not idle:
        nothing = markup.empty("有编码的在用事项本期都已行使", "没有执法行为的，这里逐项列出")
        return [head, nothing]
    rows = [(p.code, p.name, p.category, p.department) for p in idle]
    cells = [tuple(v or UNREGISTERED for v in row) for row in rows]
    return [head, blocks.listed(s, "未行使的权力", Power.HEADERS, rows, cells, "nlnl")]


# ---- versions -------------------------------------------------------------------------------------
def version_slides(scope: Scope) -> list[Slide]:
    """The change log of the list, where a ledger has more than one version."""
    found = versions(scope.book)[-VERSIONS:]
    if len(found) < 2:
        return []
    last = found[-1]
    moved = "，".join(f"{k} {n} 项" for k, n in last.changes.items() if n) or "没有登记调整"
    said = findings.Finding(
        ((f"{last.day:%Y-%m-%d} 版 ", ""), (f"{last.items} 项", "accent"), (f"：{moved}", ""))
    )
    return [Slide("versions", said, lambda s: draw_versions(s, found))]


def draw_versions(s: Drawing, found: list[Version]) -> None:
    """Steps from version to version, and a row for each."""
    with s.panel():
        versions_drawn(s, found)
        seen = found[-ON_THE_WALL:] if s.look.present else found
        s.html(version_rows(seen, len(found)))


def versions_drawn(s: Drawing, found: list[Version]) -> None:
    row = kpi("power.total")
    sub = f"在用事项，单位：{row.unit}；以批准日期为准"
    s.html(markup.head("清单版本", sub, s.book.fig(row.code)))
    drawn = s.kept("versions", lambda: _steps(s, found, row.unit))
    s.chart("versions", drawn, 4, "清单版本")


def _steps(s: Drawing, found: list[Version], unit: str) -> charts.Chart:
    stands = [charts.Stand(v.day, v.items, BREAK if v.broken else "") for v in found]
    return charts.steps(stands, unit, s.look, "清单版本在用事项")


def version_rows(found: list[Version], all_: int) -> h.Node:
    """A row a version; another list is a break in the series, and told as one."""
    rows: list[list[markup.Cell]] = []
    for v in found:
        if v.broken:
            said = h.b({"class": "warn"}, f"{BREAK}：沿用事项不足一半，前后不可比")
            rows.append([markup.Span(said, columns=4), None, None, None])
        moved = "，".join(f"{k} {n}" for k, n in v.changes.items() if n)
        kept = fmt.NONE if v.kept is None else fmt.rate(v.kept * 100)
        rows.append([f"{v.day:%Y-%m-%d}", h.b(v.items), moved or fmt.NONE, kept])
    header = ["批准日期", "在用事项", "调整", "沿用上一版"]
    cut = (
        h.p({"class": "least"}, f"最近 {len(found)} 版，共 {all_} 版") if len(found) < all_ else ""
    )
    return [markup.table(header, rows, "nrlr", caption="清单版本"), cut]


def composition(s: Drawing, split: list[Figure], whole: Figure) -> None:
    """The 100 % strip with one message, above the sorted bars."""
    row = kpi("power.items")
    if not any(f.known for f in split):
        nothing = markup.empty(
            "没有分类数据",
            "在 reported.csv 公布各类事项数，或提供 ledgers/power_items.csv",
            wall="在年度报告公布各类事项数，或报送权责事项台账",
        )
        s.html([markup.head(f"{row.name}及占比", f"单位：{row.unit}"), nothing])
        return
    chosen = s.scope.picked("category")
    top, _ = findings.leading(base(s.scope))
    if chosen:
        top = [f for f in split if f.said in chosen and f.known]
    accent = [f.part for f in top]
    first = next(f for f in split if f.known)
    sub = f"单位：{row.unit}，占比取整，合计可不为 100%{blocks.beside_words(s.scope, row)}"
    s.html([markup.head(f"{row.name}及占比", sub, first), strip(split, top, whole)])
    part = 0.7 if s.look.wide else 0.6
    drawn = s.kept("composition", lambda: _composed(s, split, whole, accent, part))
    s.chart("composition", drawn, len(split), row.name, click="category", fill=True)


def _composed(
    s: Drawing, split: list[Figure], whole: Figure, accent: list[Part | None], part: float
) -> charts.Chart:
    drawn = charts.bars(split, whole, accent, s.look, part)
    return blocks.bars_beside(s, drawn, kpi("power.items"), [f.part for f in ranked(split)])


def strip(split: list[Figure], top: list[Figure], whole: Figure) -> h.Node:
    """One bar of the whole: the leading categories against the rest."""
    known = sorted(
        (f for f in split if f.value), key=lambda f: (f in top, f.value or 0), reverse=True
    )
    if not top or not whole.value:
        return ""
    leading = sum_of(top[0], top)
    rest = [f for f in known if f not in top]
    cells = [
        h.i(
            {
                "class": "on" if f in top else "",
                "style": f"flex:{f.value}",
                "title": findings.book_value(f),
            }
        )
        for f in known
    ]
    name = (
        findings.book_value(top[0])
        if len(top) == 1
        else f"前{'两' if len(top) == 2 else len(top)}类"
    )
    said = (
        f"{name} {fmt.spaced(leading)}　占 {fmt.spaced(whole)}的 {fmt.share(share(leading, whole))}"
    )
    after = ""
    if rest:
        other = sum_of(rest[0], rest)
        after = f"其余 {len(rest)} 类 {fmt.spaced(other)}　占 {fmt.share(share(other, whole))}"
    return [
        h.div(
            {"class": "seglab"}, h.b({"class": "accent"}, said), h.span({"class": "muted"}, after)
        ),
        h.div({"class": "seg", "aria-hidden": "true"}, cells),
    ]


def standing(s: Drawing, split: list[Figure]) -> h.Node:
    """The list's state under all filters: total, the enforcing part, coding and cataloguing; what
    is not listed at all (`split` has every category)."""
    whole, parts_ = s.book.whole("power.items"), s.book.split("power.items")
    held = findings.powers_held(s.book)
    unlisted = [c for c in POWER_CATEGORIES if c not in {f.said for f in split if f.known}]
    cards = [s.told(whole, _agreement(s, parts_, whole))]
    if held.known:
        note = f"处罚、强制、检查，占 {fmt.spaced(whole)}的 {fmt.share(share(held, whole))}"
        cards.append(markup.Card(held, note, label="执法类事项"))
    if not s.look.present:
        cards += [s.card(code) for code in RATES if s.book.fig(code).known]
    alone = s.look.present and not s.scope.practices() and len(unlisted) <= 3
    layout = "w1 large" if alone else "w2 dense"
    body: list[h.Node] = [markup.head("清单状况"), markup.wall(cards, layout)]
    if split and unlisted:
        body.append(
            h.div(
                {"class": "num missing"},
                h.div({"class": "lab"}, "未列入的标准类型"),
                h.div({"class": "what" if len(unlisted) > 3 else "val word"}, "、".join(unlisted)),
                h.div({"class": "note"}, "未列入不等于 0"),
            )
        )
    practices = s.scope.practices()[:MECHANISMS]
    if practices and len(cards) <= 2:
        body.append(blocks.mechanisms(s.scope, practices, "m2"))
    return body


def _agreement(s: Drawing, split: list[Figure], whole: Figure) -> str:
    """Whether the categories sum to the total."""
    known = [f for f in split if f.known]
    if not known or not whole.known:
        return ""
    summed = sum_of(whole, known)
    if summed.qualifier or whole.qualifier:
        return f"{len(known)} 类之和 {fmt.text(summed)}"
    agree = summed.value == whole.value
    return f"{len(known)} 类之和与总数{'一致' if agree else f'不一致（{fmt.text(summed)}）'}"


if __name__ == "__main__":
    show(slides, __file__, FILTERS)
