"""reported.csv of the demo town: what it has published for each year that is over.

The figures are those of its ledgers, as `Book` has them, but for the two that are planted
(plants.py) in the newest year. That `Book` counts rightly, tests/naive.py says.
"""

from __future__ import annotations

from collections.abc import Iterator

from qmg_dash.demo import words
from qmg_dash.demo.plants import EXTRA_DISPUTES, EXTRA_PENALTIES
from qmg_dash.demo.scene import Scene
from qmg_dash.figures.book import Book, shared
from qmg_dash.folder.snapshot import Snapshot
from qmg_dash.kpis.disclosure import STANDING, T4_BLOCKS, TOTAL, VERDICTS
from qmg_dash.model import Filters
from qmg_dash.tables import APPLICANTS, OUTCOMES

T2, T3, T4 = "disclosure.t2.", "disclosure.t3.", "disclosure.t4."
FEES = 1.26
ADVISERS, WINDOWS = 2, 9
Row = dict[str, object]


# ---- the rows --------------------------------------------------------------------------------
def reported(scene: Scene, snapshot: Snapshot) -> list[Row]:
    """The rows of reported.csv, a year after the other. `snapshot` has the ledgers alone."""
    newest = scene.published[-1:]
    years = [(shared(snapshot, Filters(y)), y in newest) for y in scene.published]
    return [row for book, last in years for row in (*_report(book, last), *_form(book, last))]


def counted(book: Book, code: str, dimension: str = "") -> int:
    """A figure of the ledgers; 0 where no row speaks for it."""
    return int(book.fig(code, dimension).value or 0)


def _row(year: int, code: str, value: float, unit: str, locator: str, **more: object) -> Row:
    raw = f"{_digits(value)}{more.get('qualifier', '')}{unit}"
    source = f"《{words.SHORT}{year}年法治政府建设情况报告（虚构）》"
    base = {"year": year, "indicator": code, "dimension": None, "value": value, "qualifier": None}
    return base | {"unit": unit, "raw": raw, "source": source, "locator": locator} | more


def _digits(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else str(value)


def rounded(value: int, digits: int) -> tuple[int, str | None]:
    """A count as reports write it: its first digits and 余, or the exact one where that is round.
    2345 with two digits → (2300, 余)."""
    unit = 10 ** max(0, len(str(value)) - digits)
    lower = value // unit * unit
    return (value, None) if lower in (0, value) else (lower, "余")


PLAIN = (
    # indicator, unit, place in the report
    ("learning.study_sessions", "次", "一（一）"),
    ("training.cert_trained", "人", "一（一）"),
    ("training.cert_obtained", "人", "一（一）"),
    ("officers.certified", "人", "一（一）"),
    ("services.meetings", "次", "一（二）"),
    ("documents.issued", "件", "一（三）"),
    ("documents.abolished", "件", "一（三）"),
    ("documents.in_force", "件", "一（三）"),
    ("decisions.topics", "个", "一（四）"),
    ("decisions.passed", "个", "一（四）"),
    ("decisions.major", "项", "一（四）"),
    ("adviser.meetings", "次", "一（四）"),
    ("cases.reconsiderations", "件", "一（六）"),
    ("cases.litigations", "件", "一（六）"),
    ("cases.unheard", "件", "一（六）"),
    ("disclosure.published", "条", "一（七）"),
    ("publicity.events", "场", "一（八）"),
)
ROUNDED = (
    ("review.contracts", "件", "一（三）", 1),
    ("review.adviser_contracts", "次", "一（三）", 1),
    ("publicity.reach", "人次", "一（八）", 2),
)


def _report(book: Book, newest: bool) -> Iterator[Row]:
    """What the year's report says in its text."""
    year = book.filters.year
    yield from _powers(book)
    yield from _enforced(book, newest)
    for code, unit, place in PLAIN:
        yield _row(year, code, counted(book, code), unit, place)
    for code, unit, place, digits in ROUNDED:
        value, qualifier = rounded(counted(book, code), digits)
        yield _row(year, code, value, unit, place, qualifier=qualifier or "")
    passed = book.fig("training.exam_pass_rate").value
    if passed is not None:
        yield _row(year, "training.exam_pass_rate", round(passed, 2), "%", "一（一）")
    firms = counted(book, "services.enterprises", "规上企业")
    yield _row(year, "services.enterprises", firms, "家", "一（二）", dimension="规上企业")
    yield _row(year, "services.windows", WINDOWS, "个", "一（二）")
    yield _row(year, "adviser.count", ADVISERS, "名", "一（四）")
    registered = counted(book, "disputes.registered") + (EXTRA_DISPUTES if newest else 0)
    yield _row(year, "disputes.registered", registered, "件", "一（六）")
    for code in ("applications.received", "applications.handled"):
        yield _row(year, code, counted(book, code), "件", "一（七）")


def _powers(book: Book) -> Iterator[Row]:
    year, place = book.filters.year, "一（二）"
    yield _row(year, "power.total", counted(book, "power.total"), "项", place)
    for f in book.split("power.items"):
        yield _row(year, "power.items", f.value or 0, "项", place, dimension=f.dimension)


def penalties(book: Book, newest: bool) -> int:
    """Penalties as published: for the newest year two more than the ledger has (planted)."""
    return counted(book, "enforcement.penalties") + (EXTRA_PENALTIES if newest else 0)


def _enforced(book: Book, newest: bool) -> Iterator[Row]:
    year, place = book.filters.year, "一（五）"
    yield _row(year, "enforcement.penalties", penalties(book, newest), "件", place)
    for word in ("行政许可", "行政强制"):
        number = counted(book, "enforcement.actions", word)
        yield _row(year, "enforcement.actions", number, "件", place, dimension=word)
    inspected = counted(book, "enforcement.inspections")
    yield _row(year, "enforcement.inspections", inspected, "次", place)
    fines = counted(book, "enforcement.fines")
    raw = f"{_digits(fines / 10_000)}万元"
    yield _row(year, "enforcement.fines", fines, "元", place, raw=raw)


def _form(book: Book, newest: bool) -> Iterator[Row]:
    """The statutory tables of the year's disclosure report (国办公开办函〔2021〕30号)."""
    year = book.filters.year
    source = f"《{words.SHORT}{year}年政府信息公开工作年度报告（虚构）》"

    def cell(code: str, dimension: str, value: float, place: str, unit: str = "件") -> Row:
        return _row(
            year, code, value, unit, place, dimension=dimension or None, source=source, raw=None
        )

    yield cell("disclosure.form", "", 2021, "格式", "")
    for standing in STANDING.values:
        yield cell(f"{T2}rules", standing, 0, "表二")
        yield cell(f"{T2}normative", standing, counted(book, f"{T2}normative", standing), "表二")
    yield cell(f"{T2}permits", "", counted(book, f"{T2}permits"), "表二")
    yield cell(f"{T2}penalties", "", penalties(book, newest), "表二")
    yield cell(f"{T2}coercion", "", counted(book, f"{T2}coercion"), "表二")
    yield cell(f"{T2}fees", "", FEES, "表二", "万元")
    for row in ("new", "carried_in", *OUTCOMES, "total", "carried_out"):
        for column in (*APPLICANTS, TOTAL):
            yield cell(T3 + row, column, counted(book, T3 + row, column), "表三")
    for block in T4_BLOCKS:
        for word in (*VERDICTS, TOTAL):
            yield cell(T4 + block, word, counted(book, T4 + block, word), "表四")
