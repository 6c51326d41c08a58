"""A screen or a slide written down: its lines above and below, what it finds, its parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from qmg_dash import fmt, tables
from qmg_dash.figures.coverage import later
from qmg_dash.ui import nav, parts
from qmg_dash.ui.drawing import NATURE, Part
from qmg_dash.ui.scope import Scope


@dataclass(frozen=True)
class Sheet:
    """What stands on a screen for some figures and a look, however often it is shown."""

    MOST: ClassVar[int] = 512
    """How many of a snapshot are kept; the least used goes first."""

    kicker: str
    finding: str
    body: tuple[Part, ...]
    style: str
    foot: str


def kicker(scope: Scope, title: str = "") -> str:
    """Where we are: the screen (or another `title`), year and filters; at the desk town, clock and
    data version."""
    title = title or next(s.title for s in nav.screens() if s.path == scope.path)
    town = scope.snapshot.town
    note = '<span class="demo-note">演示数据 · 非真实记录 · 不得引用</span>' if scope.demo else ""
    if scope.sent and scope.sent.back:
        note += f'<span class="then-note">旧版本数据{f" · {scope.sent.day}" if scope.sent.day else ""}</span>'
    facts = [
        town.name,
        NATURE[town.nature],
        f"数据截至 {scope.snapshot.clock()}",
    ]
    version = f'<span class="ver"> · 数据版本 {scope.snapshot.version}</span>'
    name = f"{town.short_name or town.name} · " if scope.look.present else ""
    chosen = f" · 筛选 {scope.filter_text}" if scope.filter_text and scope.look.present else ""
    where = fmt.html(f"{name}{title} · {scope.year} 年度{chosen}")
    line = f'<span class="scope">{fmt.html(" · ".join(facts))}{version}</span>'
    chips = "<span>筛选</span>" + "".join(map(_chip, scope.chips)) if scope.chips else ""
    line = "" if scope.look.present else chips + line
    return f"<span>{where}</span>{note}{line}"


def _chip(chip: tuple[str, str]) -> str:
    """An active filter, with what takes it off."""
    key, words = (fmt.html(text) for text in chip)
    return (
        f'<button class="chip" data-pick="{key}" title="取消这项筛选" aria-label="取消筛选 {words}">'
        f'{words}<i aria-hidden="true">×</i></button>'
    )


def sources_line(scope: Scope) -> str:
    """Where the screen's published figures come from."""
    titles = dict.fromkeys(
        r.source for r in scope.snapshot.reported if r.year == scope.year and r.source
    )
    if not titles:
        return "来源：台账" if scope.snapshot.tables else "来源：无数据"
    return f"来源：{'、'.join(list(titles)[:2])}"


def footer(scope: Scope) -> str:
    """Nature, source and clock; at the desk the data version."""
    shown = scope.snapshot
    facts = [sources_line(scope), f"数据截至 {shown.clock()}"]
    if not scope.look.present:
        facts.append(f"数据版本 {shown.version}")
    return fmt.html(" · ".join((NATURE[shown.town.nature], *facts)))


def banners(scope: Scope) -> str:
    """What the link asked for and is not there; faults in the data; rows left out."""
    lines = [parts.banner(s) for s in scope.said]
    faults = scope.snapshot.faults
    errors = [f for f in faults if f.severity == "error"]
    if errors and not scope.look.present:
        more = f"；另有 {len(errors) - 1} 处，见数据口径" if len(errors) > 1 else ""
        lines.append(parts.banner(parts.fault_line(errors[0]) + more, error=True))
    stale = [t for t in scope.snapshot.tables.values() if t.stale]
    if stale:
        wall = scope.look.present
        names = "、".join(tables.called(t.file) if wall else t.file for t in stale)
        lines.append(parts.banner(f"{names} 有错误，显示的是上一次正确的数据。", error=True))
    if (ahead := later(scope.snapshot)) and not scope.look.present:
        count = sum(n for n, _ in ahead.values())
        today = scope.snapshot.clock()
        said = f"{count} 行的日期晚于数据截至日 {today}，已计入本年；与上年同期只比到这一天。"
        lines.append(parts.banner(said))
    left_out = sum(t.rejected for t in scope.snapshot.tables.values())
    if left_out:
        lines.append(parts.banner(f"{left_out} 行未计入：有错误的行不进入数字，见数据口径。"))
    return "".join(lines)
