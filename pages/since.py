"""自上次会议以来: what has changed since a meeting, a version or a day: figures, rows, goals."""

from functools import partial

from qmg_dash import findings, fmt
from qmg_dash.since import Moved
from qmg_dash.ui import changed, comparing, parts
from qmg_dash.ui.scope import Scope
from qmg_dash.ui.screen import Drawing, Slide, show

TITLE = "自上次会议以来"
RANK = 11
OCCASIONAL = True
CARDS, IN_MEETING = 6, 9
ROWS_LISTED = 50


def slides(scope: Scope) -> list[Slide]:
    """One slide; none in a meeting where there is nothing to compare with."""
    if scope.look.present and not (scope.compared and scope.compared.base):
        return []
    found = findings.since(scope.compared.word, scope.compared.changes(scope.filters))
    return [Slide(found, draw)]


def draw(s: Drawing) -> None:
    if not s.look.present:
        s.live(partial(comparing.choice, s.scope.compared))
    changes = s.scope.compared.changes(s.scope.filters)
    if changes is None:
        s.html(parts.wrap(comparing.empty(), "panel"))
        return
    numbers = parts.head("有变化的数字", f"{s.scope.year} 年度，{len(changes.figures)} 个") + (
        changed.figures(changes.figures) if changes.figures else _none()
    )
    moved = changes.goals[:IN_MEETING] if s.look.present else changes.goals
    states = parts.head("举措状态", f"{s.scope.goal_year} 年，{len(changes.goals)} 项有变化") + (
        changed.goals(moved) if moved else _none()
    )
    if s.look.present and changes.figures:
        numbers = parts.head("有变化的数字", f"{s.scope.year} 年度，{len(changes.figures)} 个")
        numbers += largest(changes.figures)
    rows = parts.head("数据行") + (changed.row_counts(changes.rows) if changes.rows else _none())
    s.html(
        f'<div class="two fill" style="--cols:1.35fr 1fr"><div class="panel col">{numbers}</div>'
        f'<div class="panel col">{states}{rows}</div></div>',
        fill=True,
    )
    for table in () if s.look.present else changes.rows:
        listed = changed.row_list(table.rows(ROWS_LISTED))
        head = parts.head(table.table.label, changed.counted(table))
        s.html(f'<div class="panel scroll">{head}{listed}</div>')


def largest(moved: list[Moved]) -> str:
    """Up to six figures in large type, more as a table."""
    if len(moved) <= CARDS:
        cards = [
            parts.Card(m.now, f"当时 {fmt.text(m.then)}", m.then, against="当时") for m in moved
        ]
        return parts.wall(cards, "w1 large grow" if len(cards) <= 2 else "w2 grow")
    rest = len(moved) - IN_MEETING
    more = f'<p class="muted">另有 {rest} 个，见桌面模式</p>' if rest > 0 else ""
    return f'<div class="grow">{changed.figures(moved[:IN_MEETING], brief=True)}</div>{more}'


def _none() -> str:
    return '<p class="muted">没有变化。</p>'


if __name__ == "__main__":
    show(slides, __file__)
