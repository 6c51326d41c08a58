"""数据口径 as a file, Word or Markdown: every KPI with its definition, then the rules by which the
figures are read. All of it comes from the registries; nothing is told twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time

from qmg_dash import fmt
from qmg_dash.characters import writable
from qmg_dash.exports import document as word
from qmg_dash.figures import freshness, matters, progress, reconcile
from qmg_dash.figures.identities import IDENTITIES
from qmg_dash.folder.snapshot import Snapshot
from qmg_dash.kpis import KPIS, Kpi
from qmg_dash.kpis.disclosure import T2_2019
from qmg_dash.model import NOT_TO_QUOTE
from qmg_dash.page_files import titles
from qmg_dash.tables import table

TITLE = "数据口径"
DIRECTIONS = {"higher": "越高越好", "lower": "越低越好", None: "不分好坏"}
LEVELS = {"error": "错误", "warning": "提醒"}
INDICATORS = ("指标", "代码", "单位", "方向", "口径", "依据", "台账", "可拆分")


@dataclass(frozen=True)
class Section:
    """A part of the definitions: its title, header and rows; `widths` are shares of the page."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]


def name(snapshot: Snapshot) -> str:
    """The file's name without its ending."""
    mark = f"{word.DEMO}_" if snapshot.town.nature == "demo" else ""
    return f"{mark}{snapshot.town.short_name}_{TITLE}"


def sections() -> Iterator[Section]:
    """The KPIs screen by screen, the cells of the statutory form, then the rules."""
    named = titles()
    widths = (1.3, 1.9, 0.5, 0.8, 3, 1.5, 1.2, 1.6)
    for path, title in named.items():
        rows = tuple(_indicator(k) for k in KPIS if k.screen == path and not k.private)
        if rows:
            yield Section(f"指标 · {title}", INDICATORS, rows, widths)
    cells = tuple(_indicator(k) for k in KPIS if k.private)
    yield Section("指标 · 法定年报表格", INDICATORS, cells, widths)
    yield Section("对账", ("公布数的写法", "与台账数一致"), reconcile.RULES, (1, 5))
    yield Section(
        "勾稽关系",
        ("编号", "勾稽关系", "不成立时", "依据"),
        tuple((i.id, i.rule, LEVELS[i.severity], i.basis) for i in IDENTITIES),
        (0.6, 3, 0.8, 2),
    )
    yield Section("台账更新", ("规则",), ((freshness.RULE,),), (1,))
    rules = (progress.STANDARD, *progress.RULES)
    yield Section("举措状态", ("状态", "条件"), rules, (1, 4))
    yield Section(
        "需马上处理", ("规则", "条件"), tuple((r.name, r.text) for r in matters.RULES), (1, 4)
    )


def _indicator(row: Kpi) -> tuple[str, ...]:
    ledgers = "、".join(table(t).label for t in row.tables) if row.formula else ""
    splits = "、".join(d.label for d in row.dimensions)
    return (
        row.label,
        row.code,
        row.unit or fmt.NONE,
        DIRECTIONS[row.better] + ("" if row.must is None else f"，法定 {fmt.full(row.must)}%"),
        row.definition,
        row.basis or fmt.NONE,
        ledgers or "只有公布数",
        splits or fmt.NONE,
    )


def _facts(snapshot: Snapshot) -> list[str]:
    shown = snapshot
    codes = f"另有 {T2_2019}*：2019 年格式年报的第二项，按公布保留，不作计算"
    lines = [
        f"{shown.town.name}　数据截至 {shown.clock()}　数据版本 {shown.version}",
        "公布数当头，台账数在旁；没有公布的用台账。没有数据不是 0；0 / 0 是没有数据",
        codes,
    ]
    return [NOT_TO_QUOTE, *lines] if shown.town.nature == "demo" else lines


def to_docx(snapshot: Snapshot) -> bytes:
    """The definitions as a Word document, lying across."""
    demo = snapshot.town.nature == "demo"
    town, day = snapshot.town.name, datetime.combine(snapshot.clock(), time())
    foot = f"{town}　数据版本 {snapshot.version}"
    made = word.new(TITLE, town, day, demo, foot, wide=True)
    for line in _facts(snapshot):
        word.paragraph(made, line, word.SMALL)
    for section in sections():
        word.heading(made, section.title)
        word.listing(made, section.header, section.rows, section.widths)
    return word.save(made)


def to_markdown(snapshot: Snapshot) -> str:
    """The definitions as Markdown."""
    demo = snapshot.town.nature == "demo"
    out = [f"# {word.DEMO}：{TITLE}" if demo else f"# {TITLE}", ""]
    out += [f"{line}  " for line in _facts(snapshot)]
    for section in sections():
        out += ["", f"## {section.title}", "", _line(section.header)]
        out.append("|" + "---|" * len(section.header))
        out += [_line(row) for row in section.rows]
    return writable("\n".join(out) + "\n")


def _line(cells: tuple[str, ...]) -> str:
    """A row of a Markdown table; a bar in a text would end its cell."""
    return "| " + " | ".join(c.replace("|", "\\|").replace("\n", " ") for c in cells) + " |"
