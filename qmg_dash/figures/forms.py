"""The statutory tables in their own layout, filled from what is published or from the ledgers.

A layout is data: a `Form` is a list of `Grid`s, a grid its rows of boxes, and a box a heading, a
label, the place of a figure, or a cell that nothing gives. Screens, Word and Excel draw the same
boxes. FORMS lists them all:

    disclosure_2021   国办公开办函〔2021〕30号, tables 2 to 4
    disclosure_2019   国办公开办函〔2019〕60号: another table 2, kept as published, and one row for
                      other outcomes in table 3
    enforcement       行政执法统计年报 (DOMAIN.md section 7)

`filled(snapshot, year, form, basis)` gives the cells of one basis alone, so that an identity never
mixes a published cell with a counted one. A cell that is not known is never 0.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Literal

from qmg_dash import fmt
from qmg_dash.figures.book import Book, shared
from qmg_dash.figures.identities import BY_ID, COLUMNS, Cells, Identity, Key, Result, Trial
from qmg_dash.folder.memo import Memo
from qmg_dash.folder.snapshot import Snapshot
from qmg_dash.kpis import kpi
from qmg_dash.kpis.disclosure import FORM_2019, FORM_2021, T2_2019, T4_BLOCKS, TOTAL, VERDICTS
from qmg_dash.model import Figure, Filters, Number
from qmg_dash.tables import APPLICANTS, OUTCOMES, PENALTY_CLASSES

Kind = Literal["head", "label", "value", "blank"]
Basis = Literal["reported", "ledger"]
BASES: dict[Basis, str] = {"reported": "公布数", "ledger": "台账数"}


# ---- what a layout is made of -------------------------------------------------------------------
@dataclass(frozen=True)
class Box:
    """A cell of a layout. A value has the key of its figure (code, dimension) and is divided by
    `per` (元 → 万元). `across` and `down` are the columns and rows that it spans."""

    kind: Kind
    text: str = ""
    key: Key | None = None
    across: int = 1
    down: int = 1
    per: int = 1


def head(text: str, across: int = 1, down: int = 1) -> Box:
    """A heading."""
    return Box("head", text, across=across, down=down)


def label(text: str, across: int = 1, down: int = 1) -> Box:
    """The name of a row."""
    return Box("label", text, across=across, down=down)


def value(code: str, dimension: str = "", across: int = 1, per: int = 1) -> Box:
    """The place of a figure."""
    return Box("value", key=(code, dimension), across=across, per=per)


def blank(across: int = 1) -> Box:
    """A cell that no indicator gives: it stays empty."""
    return Box("blank", across=across)


Row = tuple[Box, ...]


@dataclass(frozen=True)
class Placed:
    """A box with the row and the column of its upper left corner, from 0."""

    box: Box
    row: int
    column: int


@dataclass(frozen=True)
class Grid:
    """A table of a form. A row lists the boxes that begin in it, from left to right; `widths` are
    the columns' shares of the page. The first `heads` rows are repeated on a further page."""

    title: str
    rows: tuple[Row, ...]
    widths: tuple[float, ...]
    heads: int = 1

    def placed(self) -> Iterator[Placed]:
        """Every box with its place."""
        taken: set[tuple[int, int]] = set()
        for y, row in enumerate(self.rows):
            x = 0
            for box in row:
                while (y, x) in taken:
                    x += 1
                yield Placed(box, y, x)
                taken |= {(y + i, x + j) for i in range(box.down) for j in range(box.across)}


@dataclass(frozen=True)
class Form:
    """A statutory table: its name, what prescribes it, its tables, the identities that hold in it,
    and what its reader must know. `aside` are figures that belong to it and have no place in it,
    each with the words that its number and unit stand behind."""

    id: str
    title: str
    basis: str
    grids: tuple[Grid, ...]
    identities: tuple[str, ...]
    notes: tuple[str, ...] = ()
    aside: tuple[tuple[str, Key], ...] = ()

    @cached_property
    def keys(self) -> tuple[Key, ...]:
        """The figures that have a place in it."""
        boxes = (box for grid in self.grids for row in grid.rows for box in row)
        return tuple(box.key for box in boxes if box.key)


# ---- the disclosure form ------------------------------------------------------------------------
T2, T3, T4 = "disclosure.t2.", "disclosure.t3.", "disclosure.t4."
STANDINGS = (("制发", "本年制发件数"), ("废止", "本年废止件数"), ("现行有效", "现行有效件数"))


def _article(number: str, *heads: Box) -> tuple[Row, Row]:
    """The two rows over a block of table 2: the article of the law, the names of its columns."""
    return (head(f"第二十条第（{number}）项", across=4),), (head("信息内容"), *heads)


def _standings(name: str, code: str) -> Row:
    return (label(name), *(value(T2 + code, d) for d, _ in STANDINGS))


T2_2021 = Grid(
    "二、主动公开政府信息情况",
    (
        *_article("一", *(head(text) for _, text in STANDINGS)),
        _standings("规章", "rules"),
        _standings("行政规范性文件", "normative"),
        *_article("五", head("本年处理决定数量", across=3)),
        (label("行政许可"), value(f"{T2}permits", across=3)),
        *_article("六", head("本年处理决定数量", across=3)),
        (label("行政处罚"), value(f"{T2}penalties", across=3)),
        (label("行政强制"), value(f"{T2}coercion", across=3)),
        *_article("八", head("本年收费金额（单位：万元）", across=3)),
        (label("行政事业性收费"), value(f"{T2}fees", across=3)),
    ),
    (1.6, 1, 1, 1),
    heads=0,
)


def _old(name: str, *columns: str) -> Row:
    """A row of the 2019 form's table 2; its columns fill the four of the grid."""
    spans = {2: (1, 2), 3: (1, 1, 1)}[len(columns)]
    boxes = (value(T2_2019 + name, c, across=n) for c, n in zip(columns, spans, strict=True))
    return (label(name), *boxes)


def _old_heads(*columns: str) -> tuple[Box, ...]:
    spans = {2: (1, 2), 3: (1, 1, 1)}[len(columns)]
    return tuple(head(c, across=n) for c, n in zip(columns, spans, strict=True))


MADE = ("本年新制作数量", "本年新公开数量", "对外公开总数量")
ITEMS = ("上一年项目数量", "本年增/减", "处理决定数量")
FEES = ITEMS[:2]
BOUGHT = ("采购项目数量", "采购总金额")

T2_OLD = Grid(
    T2_2021.title,
    (
        *_article("一", *_old_heads(*MADE)),
        _old("规章", *MADE),
        _old("规范性文件", *MADE),
        *_article("五", *_old_heads(*ITEMS)),
        _old("行政许可", *ITEMS),
        _old("其他对外管理服务事项", *ITEMS),
        *_article("六", *_old_heads(*ITEMS)),
        _old("行政处罚", *ITEMS),
        _old("行政强制", *ITEMS),
        *_article("八", *_old_heads(*FEES)),
        _old("行政事业性收费", *FEES),
        *_article("九", *_old_heads(*BOUGHT)),
        _old("政府集中采购", *BOUGHT),
    ),
    T2_2021.widths,
    heads=0,
)

LEAF_TEXTS = OUTCOMES | {
    "other.1": "申请人无正当理由逾期不补正、行政机关不再处理其政府信息公开申请",
    "other.2": "申请人逾期未按收费通知要求缴纳费用、行政机关不再处理其政府信息公开申请",
}
"""The leaf rows of table 3 as the form prints them."""
PARTIAL = "（二）部分公开（区分处理的，只计这一情形，不计其他情形）"
GROUPS = (
    ("refused", "（三）不予公开"),
    ("unavailable", "（四）无法提供"),
    ("declined", "（五）不予处理"),
    ("other", "（六）其他处理"),
)


def _applicants(row: str) -> Row:
    return tuple(value(T3 + row, c) for c in COLUMNS)


def _group(row: str, text: str) -> tuple[Row, ...]:
    """A heading of table 3 with its numbered leaf rows."""
    leaves = [r for r in OUTCOMES if r.startswith(f"{row}.")]
    names = [label(f"{n}.{LEAF_TEXTS[leaf]}") for n, leaf in enumerate(leaves, 1)]
    rows = [(name, *_applicants(leaf)) for name, leaf in zip(names, leaves, strict=True)]
    return ((label(text, down=len(rows)), *rows[0]), *rows[1:])


def _results(old: bool) -> tuple[Row, ...]:
    """The rows under 三、本年度办理结果, from （一） to （七）."""
    groups = [_group(*g) for g in (GROUPS[:3] if old else GROUPS)]
    other = ((label(GROUPS[3][1], across=2), *_applicants("other")),) if old else ()
    return (
        (label("（一）予以公开", across=2), *_applicants("granted")),
        (label(PARTIAL, across=2), *_applicants("partial")),
        *(row for group in groups for row in group),
        *other,
        (label("（七）总计", across=2), *_applicants("total")),
    )


def _table_3(old: bool) -> Grid:
    results = _results(old)
    rule = "（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）"
    return Grid(
        "三、收到和处理政府信息公开申请情况",
        (
            (head(rule, across=3, down=3), head("申请人情况", across=7)),
            (head("自然人", down=2), head("法人或其他组织", across=5), head(TOTAL, down=2)),
            tuple(head(a) for a in APPLICANTS[1:]),
            (label("一、本年新收政府信息公开申请数量", across=3), *_applicants("new")),
            (label("二、上年结转政府信息公开申请数量", across=3), *_applicants("carried_in")),
            (label("三、本年度办理结果", down=len(results)), *results[0]),
            *results[1:],
            (label("四、结转下年度继续办理", across=3), *_applicants("carried_out")),
        ),
        (0.72, 1, 2.45, *[0.79] * 7),
        heads=3,
    )


def _verdict_heads() -> Row:
    """Fifteen columns on a page are two characters wide each."""
    return tuple(head(f"{v[:2]}\n{v[2:]}".strip()) for v in (*VERDICTS, TOTAL))


TABLE_4 = Grid(
    "四、政府信息公开行政复议、行政诉讼情况",
    (
        (head("行政复议", across=5, down=2), head("行政诉讼", across=10)),
        (head("未经复议直接起诉", across=5), head("复议后起诉", across=5)),
        _verdict_heads() * 3,
        tuple(value(T4 + block, v) for block in T4_BLOCKS for v in (*VERDICTS, TOTAL)),
    ),
    (1,) * 15,
    heads=3,
)

DISCLOSURE = "政府信息公开工作年度报告统计表"
IN_DISCLOSURE = ("T3-1", "T3-2", "T3-3", "T4-1", "X-1", "X-2", "S-1", "S-2", "S-3", "S-4")

DISCLOSURE_2021 = Form(
    "disclosure_2021",
    DISCLOSURE,
    f"{FORM_2021}（2021 年格式）",
    (T2_2021, _table_3(old=False), TABLE_4),
    IN_DISCLOSURE,
)
DISCLOSURE_2019 = Form(
    "disclosure_2019",
    DISCLOSURE,
    f"{FORM_2019}（2019 年格式）",
    (T2_OLD, _table_3(old=True), TABLE_4),
    tuple(i for i in IN_DISCLOSURE if i not in ("X-2", "S-1", "S-4")),
    ("2019 年格式的第二项各栏与 2021 年格式不同，按公布保留，不由台账计算，也不并入新格式",),
)

# ---- the enforcement table ----------------------------------------------------------------------
ACTIONS, PENALTIES = "enforcement.actions", "enforcement.penalties"
YUAN_TO_WAN = 10_000
OTHERS = (
    ("行政征收", value(ACTIONS, "行政征收")),
    ("行政检查", value("enforcement.inspections")),
    ("行政裁决", value(ACTIONS, "行政裁决")),
    ("行政确认", value(ACTIONS, "行政确认")),
    ("行政奖励", value(ACTIONS, "行政奖励")),
    ("行政给付", value(ACTIONS, "行政给付")),
    ("其他行政执法行为", value(ACTIONS, "其他行政权力")),
)


def _penalty_rows() -> tuple[Row, ...]:
    """The twelve classes, two a row, then their sum and the amount."""
    half = len(PENALTY_CLASSES) // 2
    pairs = zip(PENALTY_CLASSES[:half], PENALTY_CLASSES[half:], strict=True)
    return (
        (head("处罚种类"), head("宗"), head("处罚种类"), head("宗")),
        *(tuple(b for c in pair for b in (label(c), value(PENALTIES, c))) for pair in pairs),
        (
            label("合计（宗）"),
            value(PENALTIES),
            label("罚没金额（万元）"),
            value("enforcement.fines", per=YUAN_TO_WAN),
        ),
    )


ENFORCEMENT = Form(
    "enforcement",
    "行政执法统计年报",
    "行政执法统计年报制度",
    (
        Grid("一、行政处罚", _penalty_rows(), (2, 1, 2, 1)),
        Grid(
            "二、行政许可（件）",
            (
                tuple(head(t) for t in ("申请", "受理", "许可", "不予许可", "撤销")),
                (blank(), blank(), value(ACTIONS, "行政许可"), blank(), blank()),
            ),
            (1,) * 5,
        ),
        Grid(
            "三、行政强制（宗）",
            ((head("行政强制措施"), head("行政强制执行")), (blank(), blank())),
            (1, 1),
        ),
        Grid(
            "四、其他行政执法行为（次）",
            (tuple(head(t) for t, _ in OTHERS), tuple(b for _, b in OTHERS)),
            (1,) * len(OTHERS),
        ),
    ),
    ("SUM", "S-2", "S-3"),
    (
        "一案计一宗，按最重的处罚种类归类；罚没金额是决定书载明的，不是实收的",
        "许可一栏是当年作出决定的件数，台账没有区分准予与不予的栏；申请、受理、不予许可、撤销没有来源，留空",
        "台账不区分行政强制措施与行政强制执行，两栏留空",
    ),
    (("行政强制共", (ACTIONS, "行政强制")),),
)

FORMS = (DISCLOSURE_2021, DISCLOSURE_2019, ENFORCEMENT)


# ---- filled -------------------------------------------------------------------------------------
def told(trial: Trial) -> str:
    """A trial in words: where, what should stand there, what does, by how much."""
    expected, actual = fmt.full(trial.expected), fmt.full(trial.actual)
    if trial.holds:
        return f"{trial.where}：{actual}，成立"
    moved = fmt.full(trial.difference)
    return f"{trial.where}：应为 {expected}，实为 {actual}，差 {moved}"


@dataclass(frozen=True)
class Filled:
    """A form with the cells of one basis. `other` are published figures of the old table 2 that
    have no place in the layout: none of them may be lost."""

    form: Form
    basis: Basis
    snapshot: Snapshot
    year: int
    numbers: dict[Key, Number]
    results: tuple[Result, ...]
    aside: tuple[str, ...] = ()
    other: tuple[Figure, ...] = ()

    @property
    def title(self) -> str:
        return f"{self.form.title}（{self.year} 年）"

    @property
    def demo(self) -> bool:
        return self.snapshot.town.nature == "demo"

    @property
    def notes(self) -> tuple[str, ...]:
        """What its reader must know, under the tables."""
        empty = f"{fmt.NONE} 为没有数据，不是 0"
        return (*self.form.notes, *self.aside, empty)

    @property
    def known(self) -> int:
        """How many of its places are filled."""
        return len(self.numbers)

    @cached_property
    def broken_cells(self) -> dict[Key, list[str]]:
        """The cells to mark, with the ids of the identities that they break."""
        out: dict[Key, list[str]] = {}
        for result in self.results:
            for trial in result.broken:
                ids = out.setdefault(trial.of[0], [])
                if result.identity.id not in ids:
                    ids.append(result.identity.id)
        return out

    def number(self, box: Box) -> Number | None:
        """The number of a place, in the unit of the form; None where it is not known."""
        found = self.numbers.get(box.key) if box.key else None
        return replace(found, value=found.value / box.per) if found and box.per != 1 else found

    def figure(self, key: Key) -> Figure:
        """The figure of a cell, with all that is known of it."""
        return shared(self.snapshot, Filters(self.year)).fig(*key)

    def text(self, box: Box) -> str:
        """A box as it is printed: an unknown value is —, never 0, and a blank stays empty."""
        if box.kind != "value":
            return box.text
        found = self.number(box)
        if found is None:
            return fmt.NONE
        shown = fmt.full(found.value) if found.printed else fmt.digits(found.value, 4)
        return fmt.qualified(shown, found.qualifier)

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """What must travel with the form."""
        town, shown = self.snapshot.town, self.snapshot
        return (
            ("填报单位", town.name),
            ("统计期间", period(self.year, shown.clock())),
            ("数据性质", "演示数据，非真实记录，不得引用" if self.demo else "正式数据"),
            ("数据来源", self.sources),
            ("表式依据", self.form.basis),
            ("数据截至", shown.clock().isoformat()),
            ("数据版本", shown.version),
        )

    @property
    def sources(self) -> str:
        """The files or reports behind the cells."""
        if self.basis == "reported":
            rows = (r for r in self.snapshot.reported if r.year == self.year)
            titles = dict.fromkeys(r.source for r in rows if (r.code, r.dimension) in self.numbers)
            return f"公布数：{'、'.join(titles)}"
        names = dict.fromkeys(t for code, _ in self.numbers for t in kpi(code).tables)
        files = (self.snapshot.tables[t] for t in names if t in self.snapshot.tables)
        return f"台账：{'、'.join(f'{f.file}（{f.rows} 行）' for f in files)}"


def period(year: int, clock: date) -> str:
    """The part of the year that the form speaks of."""
    last = min(clock, date(year, 12, 31))
    return f"{year} 年 1 月 1 日至 {last.month} 月 {last.day} 日"


def disclosure(snapshot: Snapshot, year: int) -> Form:
    """The disclosure form in use for a year: the one that is published, else the row 其他处理 of
    the old form tells, else the year (the new one is in force since the report on 2021)."""
    book = shared(snapshot, Filters(year))
    said = book.fig("disclosure.form").value
    old = "other" in book.cells.leaves if said is None else said == 2019
    return DISCLOSURE_2019 if old or (said is None and year < 2021) else DISCLOSURE_2021


def filled(snapshot: Snapshot, year: int, form: Form, basis: Basis) -> Filled:
    """A form with the cells of one basis, made once a snapshot, year and day."""
    book = shared(snapshot, Filters(year))
    return _FORMS(book, (form.id, basis), lambda: _filled(book, form, basis))


_FORMS = Memo[tuple[str, Basis], Filled]()


def bases(snapshot: Snapshot, year: int, form: Form) -> list[Basis]:
    """The bases that know a cell of the form: the published one first where it has half of them,
    else the one that knows more."""
    known = {b: filled(snapshot, year, form, b).known for b in BASES}
    if known["reported"] * 2 >= len(form.keys):
        known["reported"] += len(form.keys)
    return sorted((b for b in BASES if known[b]), key=lambda b: -known[b])


def _filled(book: Book, form: Form, basis: Basis) -> Filled:
    numbers = _numbers(book, form.keys, basis)
    before = shared(book.snapshot, Filters(book.filters.year - 1))
    cells = book.cells
    if basis == "ledger":
        version = {("disclosure.form", ""): Number(2019 if form is DISCLOSURE_2019 else 2021)}
        cells = Cells(numbers | version, _numbers(before, form.keys, basis), cells.ledger)
    results = tuple(_result(BY_ID[i], cells, set(form.keys)) for i in form.identities)
    other = _other(book, form) if basis == "reported" else ()
    aside = tuple(_aside(book, form, basis))
    return Filled(form, basis, book.snapshot, book.filters.year, numbers, results, aside, other)


def _aside(book: Book, form: Form, basis: Basis) -> Iterator[str]:
    """What the basis knows of the figures without a place."""
    for words, key in form.aside:
        figure = book.fig(*key)
        number = figure.reported if basis == "reported" else figure.ledger
        if number is not None and basis == "reported":
            yield f"{words} {fmt.text(figure)}"
        elif number is not None:
            yield f"{words} {fmt.number_text(number, figure.unit)}"


def _result(identity: Identity, cells: Cells, keys: set[Key]) -> Result:
    """An identity tried where it speaks of the form's cells."""
    return Result(identity, tuple(t for t in identity.trials(cells) if keys.intersection(t.of)))


def _numbers(book: Book, keys: Iterable[Key], basis: Basis) -> dict[Key, Number]:
    """The known cells of one basis, in the units of their KPIs."""
    found: dict[Key, Number] = {}
    names = _old_names(book)
    for key in keys:
        figure = book.fig(*names.get(_plain(*key), key))
        number = figure.reported if basis == "reported" else figure.ledger
        if number is not None and figure.unit == figure.kpi.unit:
            found[key] = number
    return found


# The cells of the old table 2 have no codes of their own: they are found by their words.
_ENGLISH = {
    "rules": "规章",
    "normative": "规范性文件",
    "行政规范性文件": "规范性文件",
    "permits": "行政许可",
    "services": "其他对外管理服务事项",
    "penalties": "行政处罚",
    "coercion": "行政强制",
    "fees": "行政事业性收费",
    "procurement": "政府集中采购",
}


def _plain(code: str, dimension: str) -> Key:
    """A cell of the old table 2 without the words that towns leave out."""
    name = code.removeprefix(T2_2019)
    return _ENGLISH.get(name, name), re.sub(r"本年|项目|数量?|[/／]", "", dimension)


def _old_names(book: Book) -> dict[Key, Key]:
    """Plain words → the key under which a cell of the old table 2 is published."""
    published = (k for k in book.published_codes() if k[0].startswith(T2_2019))
    return {_plain(*key): key for key in published}


def _other(book: Book, form: Form) -> tuple[Figure, ...]:
    """Published cells of the old table 2 without a place in the layout."""
    placed = {_plain(*key) for key in form.keys} if form is DISCLOSURE_2019 else set()
    if not form.id.startswith("disclosure"):
        return ()
    return tuple(book.fig(*key) for plain, key in _old_names(book).items() if plain not in placed)
