"""What lies behind a figure: rows add up to it, parts to a difference, months to a year, and a
filter leaves what a filter in plain Python leaves."""

from __future__ import annotations

import statistics
import tempfile
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import folders
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qmg_dash import fmt, tables
from qmg_dash.figures import book, cube, cubes, findings, rows_behind, why_changed
from qmg_dash.figures.book import BOOKS, Book, shared
from qmg_dash.figures.cube import Cube
from qmg_dash.figures.cubes import CUBES, cube_of
from qmg_dash.figures.months import cross, options, series
from qmg_dash.figures.rows_behind import LEDGER_OF, Rows, figure
from qmg_dash.figures.why_changed import (
    NotComparable,
    apportioned,
    comparison,
    contributions,
    same_part,
    unexplained,
)
from qmg_dash.folder import store
from qmg_dash.folder.memo import Memory
from qmg_dash.folder.snapshot import Snapshot
from qmg_dash.kpis import BY_CODE, KPIS, kpi
from qmg_dash.kpis.base import MONTH, UNFILLED, Dimension, Kpi, Part
from qmg_dash.model import Filters, UnknownName
from qmg_dash.tables import NO, YES

ROOT = Path(__file__).parents[1]
COMPUTED = [k.code for k in KPIS if k.formula and k.formula.kind != "special"]
DATED = [c for c in COMPUTED if BY_CODE[c].formula.date]
ADDING = [c for c in COMPUTED if BY_CODE[c].formula.kind in ("count", "sum")]
YEARS = (2022, 2023)
AREA = Filters(
    2023, values=(("area", ("城市管理", UNFILLED)), ("department", ("综合行政执法大队",)))
)
MONTHS = Filters(2023, month_from=3, month_to=7)
assert COMPUTED
assert DATED

quick = settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def demo() -> Snapshot:
    return store.load(ROOT / "data" / "demo")


def behind(book: Book, code: str, *written: str, **more) -> Rows:
    """The rows behind a figure, its parts as a link writes them."""
    row = kpi(code)
    return rows_behind.rows(book, row, tuple(p for w in written if (p := row.part(w))), **more)


def contributed(now: Book, then: Book, code: str, name: str) -> list:
    """What the parts of a split contribute to a difference."""
    row = kpi(code)
    return contributions(now, then, row, row.dimension(name) or Dimension(name, name))


def column(found: Rows, name: str) -> list:
    at = [c.name for c in found.columns].index(name)
    return [line[at] for line in found.rows]


def actions(demo: Snapshot, year: int) -> list[dict]:
    """The enforcement actions that count in a year, picked out in plain Python."""
    decided = ("行政许可", "行政处罚")
    found = []
    for r in demo.records("enforcement_actions"):
        day = r["decided_on"] if r["action_type"] in decided else r["opened_on"]
        if day and day.year == year:
            found.append(r | {"day": day})
    return found


# ---------------------------------------------------------------- rows


@pytest.mark.parametrize("filters", [Filters(2022), Filters(2023), AREA, MONTHS])
@pytest.mark.parametrize("code", COMPUTED)
def test_rows_add_up_to_the_figure(demo: Snapshot, code: str, filters: Filters):
    book = shared(demo, filters)
    found, tally, m = behind(book, code), book.ledger(kpi(code)), BY_CODE[code].formula
    if not book.speaks(BY_CODE[code]):
        assert (found.total, tally) == (len(found.rows), None)
        return
    assert found.agrees, found.adds_up
    assert len(found.rows) == found.total == found.matched
    places = list(zip(column(found, "_file"), column(found, "_row"), strict=True))
    if m.relation != "decision_steps":
        assert len(set(places)) == len(places), "a row is counted twice"
    value = tally.value if tally else None
    if m.kind == "count":
        assert value == found.total
    elif m.kind == "rate":
        assert tally.denominator == found.total
        assert tally.numerator == column(found, "_hit").count(YES)
        assert column(found, "_hit").count(NO) == found.total - tally.numerator
    elif m.kind == "sum":
        cells = column(found, m.value)
        known = cells or not found.unknown
        assert value == (pytest.approx(sum(cells)) if known else None)
    elif m.kind == "ratio":
        cells = sum(column(found, m.value)), sum(column(found, m.per))
        assert (tally.numerator or 0, tally.denominator or 0) == cells
    elif m.kind == "distinct":
        assert value == len(set(column(found, m.value)))
    elif m.kind == "median":
        days = column(found, "days")
        assert value == (statistics.median(days) if days else None)
    else:
        assert tally is None or tally.numerator == found.total


@pytest.mark.parametrize("code", COMPUTED)
def test_rows_of_every_part_add_up_too(demo: Snapshot, code: str):
    book, row = shared(demo, Filters(2022)), BY_CODE[code]
    for dimension in row.dimensions[:2]:
        for (value,), tally in book.parts(row, dimension.name).items():
            key = row.written(Part(dimension, value))
            found = behind(book, code, key, limit=0)
            assert found.agrees, (key, found.adds_up, tally)


@pytest.mark.parametrize("code", ["enforcement.penalties", "disputes.resolved_rate"])
def test_a_row_says_where_it_stands_in_its_file(demo: Snapshot, code: str):
    found = behind(shared(demo, Filters(2023)), code)
    assert found.headers[:2] == ("文件", "行号"), "they are in sight before any scrolling"
    lines = (ROOT / "data/demo" / found.rows[0][0]).read_text("utf-8-sig").splitlines()
    for row in found.rows:
        assert lines[row[1] - 1].startswith(f"{row[2]},")


RELATIONS = {BY_CODE[c].formula.relation: c for c in COMPUTED}


@pytest.mark.parametrize("code", RELATIONS.values(), ids=RELATIONS)
@pytest.mark.parametrize("year", YEARS)
def test_a_row_shows_what_its_file_says(demo: Snapshot, code: str, year: int):
    """A view may put a word of its own into a column: the rows have the file's."""
    relation = BY_CODE[code].formula.relation
    ledger = tables.table(LEDGER_OF.get(relation, relation))
    written = {(r["_file"], r["_row"]): r for r in demo.records(ledger.name)}
    found = behind(shared(demo, Filters(year)), code)
    for row in found.rows:
        source = written[row[:2]]
        for column, cell in zip(found.columns, row, strict=True):
            if column in ledger.columns:
                texts = {code: text for text, code in column.synonyms}
                if column.type == "bool":
                    texts = {True: YES, False: NO}
                said = source[column.name]
                assert cell == texts.get(said, said), (row[:2], column.header)


def test_an_open_case_keeps_the_words_of_its_file(tmp_path: Path):
    """受理 2023, withdrawn in 2024 by a file that the clock of 2023 reads: still open then."""
    case = folders.GOOD["legal_cases"][0] | {"accepted_on": date(2023, 3, 1)}
    folders.put_town(tmp_path, as_of="2023-09-30")
    late = {"case_no": "A2", "closed_on": date(2023, 12, 1), "outcome": "撤回终止"}
    folders.put_table(
        tmp_path, "legal_cases", [case | {"closed_on": None, "outcome": None}, case | late]
    )
    found = behind(shared(store.load(tmp_path), Filters(2023)), "cases.pending")
    assert set(column(found, "outcome")) == {None, "撤回终止"}
    assert column(found, "outcome_then") == ["尚未审结"] * 2


def test_rows_have_the_declared_headers_and_say_what_explains_them(demo: Snapshot):
    book = shared(demo, Filters(2023))
    late = behind(book, "enforcement.disclosed_on_time_rate", limit=5)
    assert late.headers[:4] == ("文件", "行号", "执法编号", "行为类型")
    assert late.headers[-5:] == ("计数日期", "应公示日期", "办理天数", "公示超期天数", "计入分子")
    assert {type(v) for v in column(late, "disclose_due")} == {date}
    due = behind(book, "applications.due_soon")
    assert "剩余工作日" in due.headers
    assert all(0 <= n <= 5 for n in column(due, "working_days_left"))
    handled = behind(book, "applications.handled", "granted")
    assert set(column(handled, "outcome")) == {"予以公开"}
    assert "公开" in handled.adds_up or "一致" in handled.adds_up


def test_pages_together_are_all_rows_in_the_order_asked_for(demo: Snapshot):
    book, code = shared(demo, Filters(2023)), "enforcement.penalties"
    every = behind(book, code, order="-fine_yuan")
    pages = [behind(book, code, limit=50, offset=n, order="-fine_yuan") for n in (0, 50)]
    assert pages[0].rows + pages[1].rows == every.rows[:100]
    fines = column(every, "fine_yuan")
    known = [f for f in fines if f is not None]
    assert known == sorted(known, reverse=True)
    assert fines[len(known) :] == [None] * (len(fines) - len(known)), "empty cells stand last"
    newest = column(behind(book, code), "counted_on")
    assert newest == sorted(newest, reverse=True)


def test_a_search_is_a_value_and_leaves_the_proof_alone(demo: Snapshot):
    book, code = shared(demo, Filters(2023)), "enforcement.actions"
    every = behind(book, code)
    wanted = [r for r in every.rows if any("城市" in str(v) for v in r)]
    found = behind(book, code, search=" 城市 ")
    assert found.matched == len(found.rows) == len(wanted) > 0
    assert (found.total, found.adds_up) == (every.total, every.adds_up)
    number = column(every, "action_no")[0]
    assert behind(book, code, search=number.lower()).matched == 1
    for hostile in ("' OR 1=1 --", "%", "_", "\\", "$start", '"'):
        assert behind(book, code, search=hostile).matched == sum(
            any(
                hostile in str(v) for c, v in zip(every.columns, r, strict=True) if c.name != "_row"
            )
            for r in every.rows
        )


def test_a_search_finds_every_cell_as_it_is_shown(demo: Snapshot):
    book = shared(demo, Filters(2023))
    actions = behind(book, "enforcement.actions")
    for word in (YES, NO):
        wanted = [r for r in actions.rows if any(word in str(v) for v in r)]
        found = behind(book, "enforcement.actions", search=word)
        assert found.rows == tuple(wanted)
    handled = behind(book, "applications.handled")
    coded = column(handled, "outcome").count("予以公开")
    assert behind(book, "applications.handled", search="予以公开").matched == coded > 0
    fine = next(f for f in column(actions, "fine_yuan") if f and f == int(f))
    exact = [r for r in actions.rows if any(f"{fine}" in str(v) for v in r)]
    assert behind(book, "enforcement.actions", search=f"{fine}").matched == len(exact)


def test_a_search_takes_wide_letters_and_digits_for_the_same(tmp_path: Path):
    words = ["ＡＢ１２（甲）", "ab12(甲)", "AB 12"]
    kept = folders.GOOD["disputes"][0]
    rows = [kept | {"dispute_no": f"J{i}", "village": w} for i, w in enumerate(words)]
    folders.put_town(tmp_path)
    folders.put_table(tmp_path, "disputes", rows)
    book = shared(store.load(tmp_path), Filters(int(kept["registered_on"][:4])))
    code = "disputes.registered"
    for said in ("ab12", "ＡＢ12", "Ab１２(甲", "１２（甲）"):
        assert behind(book, code, search=said).matched == 2, said


@pytest.mark.parametrize("code", COMPUTED)
def test_found_rows_say_what_they_come_to(demo: Snapshot, code: str):
    book = shared(demo, Filters(2023))
    every = behind(book, code)
    assert every.found == ""
    if not every.total:
        return
    word = str(column(every, "_row")[0])
    found = behind(book, code, search=word)
    assert 0 < found.matched == len(found.rows) <= every.total
    assert found.found.startswith(f"{found.matched} 行")
    assert found.adds_up == every.adds_up, "the whole keeps its proof"
    m = BY_CODE[code].formula
    if m.kind == "rate":
        assert f"{column(found, '_hit').count(YES)} 行计入分子" in found.found
    if m.kind == "sum":
        cells = [v for v in column(found, m.value) if v is not None]
        assert f"合计 {fmt.digits(sum(cells))}" in found.found


def test_several_parts_open_together_and_add_up(demo: Snapshot):
    kinds, actions_ = ("行政处罚", "行政检查"), kpi("enforcement.actions")
    book = shared(demo, Filters(2023))
    found = behind(book, "enforcement.actions", *kinds)
    each = [behind(book, "enforcement.actions", k) for k in kinds]
    assert set(found.rows) == {r for one in each for r in one.rows}
    assert (found.agrees, found.total) == (True, sum(one.total for one in each))
    whole = figure(book, actions_, tuple(map(actions_.part, kinds)))
    assert whole.value == found.value == found.total
    held = findings.powers_held(book)
    assert {p.value for p in held.parts} == set(findings.ENFORCING)
    found = behind(book, held.code, *map(held.kpi.written, held.parts))
    assert (found.total, found.agrees) == (held.value, True)
    published = shared(demo, Filters(2022))
    held = findings.powers_held(published)
    found = behind(published, held.code, *map(held.kpi.written, held.parts))
    assert found.total and found.agrees
    with pytest.raises(UnknownName, match="不能合计"):
        behind(book, "enforcement.actions", "month=1", "行政处罚")
    with pytest.raises(UnknownName, match="不能合计"):
        behind(book, "services.enterprises", "规上", "规下")


def test_a_total_that_is_published_by_its_parts_alone_opens_their_rows():
    """The town's own report has the 123 powers by category."""
    own = store.load(ROOT / "data")
    book = shared(own, Filters(2022))
    found = behind(book, "power.items")
    shown = figure(book, kpi("power.items"))
    assert figure(book, kpi("power.total")).value == book.whole("power.items").value == 123
    assert (found.total, found.value) == ((9, 123) if shown.known else (0, None))


def test_an_undeclared_order_or_split_is_refused_with_the_allowed_ones(demo: Snapshot):
    book = shared(demo, Filters(2023))
    for order in ("1; DROP TABLE decisions", "fine_yuan DESC", "_hit", "-"):
        with pytest.raises(UnknownName, match="fine_yuan"):
            behind(book, "enforcement.fines", order=order)
    with pytest.raises(UnknownName, match="拆分"):
        behind(book, "enforcement.fines", "village=一村")


def test_a_published_figure_without_a_ledger_gives_its_row(demo: Snapshot):
    book = shared(demo, Filters(2022))
    found = behind(book, "services.windows")
    assert (found.total, column(found, "value"), found.value) == (1, [9], 9)
    assert found.headers[:2] == ("文件", "行号")
    assert column(found, "_file") == ["reported.csv"]
    assert "没有台账行" in found.adds_up
    nothing = behind(shared(demo, Filters(2023)), "adviser.count")
    assert (nothing.total, nothing.rows, nothing.value) == (0, (), None)
    same = behind(book, "disclosure.t2.normative", "制发")
    assert same.code == "documents.issued"
    assert same.agrees


# ---------------------------------------------------------------- comparing


@pytest.mark.parametrize(
    ("clock", "filters", "until", "text"),
    [
        ("2023-09-30", Filters(2023), date(2022, 9, 30), "与上年同期（1月1日至9月30日）相比"),
        ("2024-02-29", Filters(2024), date(2023, 2, 28), "与上年同期（1月1日至2月29日）相比"),
        ("2025-02-28", Filters(2025), date(2024, 2, 28), "与上年同期（1月1日至2月28日）相比"),
        ("2023-12-31", Filters(2023), None, "与上年相比"),
        ("2023-12-30", Filters(2023), date(2022, 12, 30), "与上年同期（1月1日至12月30日）相比"),
        ("2023-01-01", Filters(2023), date(2022, 1, 1), "与上年同期（1月1日至1月1日）相比"),
        ("2023-09-30", Filters(2022), None, "与上年相比"),
        ("2023-09-10", Filters(2023, None, 2, 3), None, "与上年同期（2月至3月）相比"),
        ("2023-09-10", Filters(2023, None, 3, 3), None, "与上年同期（3月）相比"),
        (
            "2023-09-10",
            Filters(2023, None, 7, 12),
            date(2022, 9, 10),
            "与上年同期（7月1日至9月10日）相比",
        ),
        ("2023-09-30", Filters(2023, None, 7, 9), None, "与上年同期（7月至9月）相比"),
    ],
)
def test_a_year_in_progress_is_compared_with_the_same_days(
    tmp_path: Path, clock: str, filters: Filters, until: date | None, text: str
):
    snapshot = store.load(folders.town(tmp_path, as_of=clock))
    base = same_part(snapshot, filters)
    months = (base.month_from, base.month_to)
    assert (base.year, base.until) == (filters.year - 1, until)
    assert months == (filters.month_from, filters.month_to)
    found = comparison(shared(snapshot, filters))
    assert (found.text, found.book.filters, found.partial) == (text, base, until is not None)


def test_the_base_counts_the_same_days_of_the_year_before(demo: Snapshot):
    base = comparison(shared(demo, Filters(2023))).book
    wanted = [r for r in actions(demo, 2022) if (r["day"].month, r["day"].day) <= (9, 30)]
    assert base.fig("enforcement.actions").value == len(wanted)
    assert base.fig("enforcement.penalties").reported is None, "a year's total is no part of it"
    assert comparison(base).book.filters == Filters(2021, until=date(2021, 9, 30))


DAYS = st.dates(date(2022, 1, 1), date(2023, 12, 31))
DISPUTES = st.lists(
    st.tuples(DAYS, st.sampled_from(["邻里", "婚姻家庭", ""]), st.sampled_from(["成功", "不成"])),
    max_size=30,
)
FINES = st.lists(
    st.tuples(DAYS, st.sampled_from(["安全生产", "城市管理", ""]), st.integers(0, 10**7)),
    max_size=30,
)


def ledgers(folder: Path, disputes: list, fines: list, clock: str = "2023-12-31") -> Snapshot:
    folders.put_town(folder, as_of=clock)
    edge = [(date(2022, 1, 1), "邻里", "成功"), (date(2023, 1, 1), "邻里", "成功")]
    folders.put_table(
        folder,
        "disputes",
        [
            {
                "dispute_no": f"J{i}",
                "registered_on": day,
                "type": kind,
                "status": f"调解{end}",
                "closed_on": day,
            }
            for i, (day, kind, end) in enumerate(edge + disputes)
        ],
    )
    edges = [(date(2022, 1, 1), "", 10), (date(2023, 1, 1), "", 0)]
    folders.put_table(
        folder,
        "enforcement_actions",
        [
            {
                "action_no": f"Z{i}",
                "action_type": "行政处罚",
                "opened_on": day,
                "decided_on": day,
                "area": area,
                "penalty_class": "罚款",
                "fine_yuan": Decimal(cents) / 100,
            }
            for i, (day, area, cents) in enumerate(edges + fines)
        ],
    )
    return store.load(folder)


@quick
@given(DISPUTES, FINES)
def test_contributions_sum_exactly_to_the_difference(disputes: list, fines: list):
    with tempfile.TemporaryDirectory() as folder:
        snapshot = ledgers(Path(folder), disputes, fines)
        now = shared(snapshot, Filters(2023))
        then = comparison(now).book
        for code, name in (("disputes.registered", "type"), ("enforcement.fines", "area")):
            parts = contributed(now, then, code, name)
            whole = [Decimal(str(b.ledger(kpi(code)).value or 0)) for b in (then, now)]
            assert sum(Decimal(str(p.difference)) for p in parts) == whole[1] - whole[0]
            assert sum(Decimal(str(p.then)) for p in parts) == whole[0]
            assert sum(Decimal(str(p.now)) for p in parts) == whole[1]
            assert all(p.then or p.now for p in parts)
            all_ = why_changed.whole(parts)
            assert [Decimal(str(all_.then)), Decimal(str(all_.now))] == whole
        code = "disputes.resolved_rate"
        parts = contributed(now, then, code, "type")
        change = now.ledger(kpi(code)).value - then.ledger(kpi(code)).value
        assert sum(p.difference for p in parts) == pytest.approx(change, abs=1e-9)
        assert all(p.difference == pytest.approx(p.rate + p.mix, abs=1e-9) for p in parts)
        told, tallies = why_changed.whole(parts), [b.ledger(kpi(code)) for b in (then, now)]
        assert told.of == tuple((t.numerator, t.denominator) for t in tallies)
        assert [told.then, told.now] == pytest.approx([t.value for t in tallies])


@given(st.lists(st.floats(-500, 500), min_size=1, max_size=20), st.integers(0, 3))
def test_what_is_written_of_parts_sums_to_what_is_written_of_the_whole(values: list, decimals: int):
    total = fmt.rounded(float(sum(map(Fraction, values))), decimals)
    written = apportioned(values, total)
    assert sum(written) == total
    unit = Decimal(1).scaleb(-decimals)
    assert all(abs(w - Decimal(str(v))) <= unit for w, v in zip(written, values, strict=True))


def test_a_rest_goes_where_most_was_cut_off():
    """Each rounded by itself they were −5.70, beside a total of −5.69."""
    parts, total = [-3.434, -1.334, -0.924], Decimal("-5.69")
    assert apportioned(parts, total) == [Decimal(d) for d in ("-3.43", "-1.33", "-0.93")]
    assert apportioned([0.5, 0.5], Decimal(1)) == [Decimal(1), Decimal(0)]
    assert apportioned([2, 3], Decimal(5)) == [2, 3]


@pytest.mark.parametrize("code", COMPUTED)
def test_a_figure_that_no_split_explains_says_why_before_one_is_chosen(demo: Snapshot, code: str):
    now, row = shared(demo, Filters(2023)), BY_CODE[code]
    then = comparison(now).book
    why = unexplained(now, then, row)
    if why:
        assert why.startswith(row.label) or "没有" in why
        return
    assert row.dimensions
    for dimension in row.dimensions:
        parts = contributed(now, then, code, dimension.name)
        assert parts or not (now.ledger(kpi(code)).value or then.ledger(kpi(code)).value)


def test_a_rate_tells_its_parts_own_change_from_their_weight():
    """Two villages of equal weight: one rises from 50 to 100 %, the other stays at 50 %."""
    from qmg_dash.figures.counting import Counted
    from qmg_dash.figures.why_changed import _of_rate

    then = {"一村": Counted(None, 1, 2), "二村": Counted(None, 1, 2)}
    now = {"一村": Counted(None, 2, 2), "二村": Counted(None, 1, 2)}
    one, two = _of_rate(then, now, ["一村", "二村"])
    assert (one.then, one.now, one.rate, one.mix) == (50, 100, 25, 0)
    assert (two.rate, two.mix, two.difference) == (0, 0, 0)
    # A village that is new has no rate of its own to change.
    new = _of_rate({"一村": Counted(None, 1, 2)}, now, ["一村", "二村"])[1]
    assert (new.then, new.now, new.rate) == (None, 50, 0)
    # It came to weigh half, with a rate 12.5 points under the mean of the whole's two rates.
    assert new.mix == new.difference == -6.25


@pytest.mark.parametrize("code", COMPUTED)
def test_every_kpi_is_explained_or_says_why_not(demo: Snapshot, code: str):
    now, row = shared(demo, Filters(2023)), BY_CODE[code]
    then = comparison(now).book
    for dimension in row.dimensions:
        try:
            parts = contributed(now, then, code, dimension.name)
        except NotComparable as refused:
            why = str(refused)
        else:
            why = ""
        if why:
            assert row.label in why or "基数" in why
            continue
        whole = Fraction(str(now.ledger(kpi(code)).value or 0)) - Fraction(
            str(then.ledger(kpi(code)).value or 0)
        )
        found = sum(Fraction(str(p.difference)) for p in parts)
        assert abs(found - whole) < (Fraction(1, 10**9) if row.rate else Fraction(1, 10**12))


def test_what_cannot_be_split_is_refused(demo: Snapshot):
    now = shared(demo, Filters(2023))
    then = comparison(now).book
    with pytest.raises(NotComparable, match="各部分相加不等于总数"):
        contributed(now, then, "services.enterprises", "scale")
    with pytest.raises(NotComparable, match="2021 年没有"):
        contributed(now, shared(demo, Filters(2021)), "enforcement.actions", "area")
    with pytest.raises(UnknownName, match="area"):
        contributed(now, then, "enforcement.actions", "village")


# ---------------------------------------------------------------- months, heatmaps


@pytest.mark.parametrize("year", YEARS)
@pytest.mark.parametrize("code", DATED)
def test_the_months_sum_to_the_year(demo: Snapshot, code: str, year: int):
    book, m = shared(demo, Filters(year)), BY_CODE[code].formula
    points = series(book, code)
    if not book.speaks(BY_CODE[code]):
        assert points == []
        return
    assert [p.month for p in points] == list(range(1, 13))
    ahead = [p.values[""] for p in points if date(year, p.month, 1) > book.clock]
    assert ahead == [None] * len(ahead)
    if m.kind in ("count", "sum"):
        assert all(p.values[""] is not None for p in points if p.month <= 9)
        assert sum(p.values[""] or 0 for p in points) == (book.ledger(kpi(code)).value or 0)
    if m.kind not in ("distinct", "median"):
        last = [p for p in series(book, code, cumulative=True) if p.values[""] is not None]
        found = last[-1].values[""] if last else None
        tally = book.ledger(kpi(code))
        if m.kind != "each":
            assert found == (pytest.approx(tally.value) if tally.value is not None else found)


def test_a_split_series_sums_to_the_plain_one(demo: Snapshot):
    book, code = shared(demo, Filters(2023)), "enforcement.actions"
    plain, split = series(book, code), series(book, code, split="action_type")
    for one, parts in zip(plain, split, strict=True):
        if one.values[""] is None:
            assert set(parts.values.values()) == {None}
        else:
            assert sum(parts.values.values()) == one.values[""]
    assert list(split[0].values)[:2] == ["行政许可", "行政处罚"]


def test_a_month_in_progress_is_partial_and_one_without_rows_says_nothing(tmp_path: Path):
    rows = [(date(2023, 3, 10), "邻里", "成功"), (date(2023, 5, 2), "邻里", "成功")]
    book = shared(ledgers(tmp_path, rows, [], "2023-06-15"), Filters(2023))
    points = {p.month: p for p in series(book, "disputes.registered")}
    assert [points[m].values[""] for m in range(1, 8)] == [1, 0, 1, 0, 1, None, None]
    assert [m for m, p in points.items() if p.partial] == [6]
    running = series(book, "disputes.registered", cumulative=True)
    assert [p.values[""] for p in running][:7] == [1, 1, 2, 2, 3, 3, None]
    with pytest.raises(UnknownName, match="月份"):
        series(book, "disputes.pending")
    with pytest.raises(NotComparable, match="累计"):
        series(book, "services.enterprises", cumulative=True)


@pytest.mark.parametrize("columns", ["action_type", MONTH.name])
def test_a_heatmap_sums_to_the_total_and_tells_none_from_zero(demo: Snapshot, columns: str):
    book = shared(demo, Filters(2023))
    found = cross(book, "enforcement.actions", "area", columns)
    cells = found.cells.values()
    assert sum(c or 0 for c in cells) == book.fig("enforcement.actions").value
    assert found.rows[-1] == UNFILLED
    if columns == "action_type":
        ever = {(r["area"] or UNFILLED, r["action_type"]) for y in YEARS for r in actions(demo, y)}
        assert {k for k, v in found.cells.items() if v is not None} == ever
    else:
        assert found.columns == tuple(str(m) for m in range(1, 10))
    rate = cross(book, "enforcement.recording_rate", "area", "action_type")
    assert any(v is None for v in rate.cells.values())


def test_a_heatmap_shows_the_chosen_values_alone(demo: Snapshot):
    found = cross(shared(demo, AREA), "enforcement.actions", "area", "action_type")
    assert found.rows == ("城市管理", UNFILLED)
    assert "行政许可" in found.columns


# ---------------------------------------------------------------- filters


CHOSEN = st.fixed_dictionaries(
    {},
    optional={
        "area": st.sets(st.sampled_from(["城市管理", "安全生产", UNFILLED, "没有"]), min_size=1),
        "department": st.sets(st.sampled_from(["司法所", "综合行政执法大队"]), min_size=1),
        "action_type": st.sets(st.sampled_from(["行政处罚", "行政检查"]), min_size=1),
        "object_type": st.just({"自然人"}),
        "month": st.sets(st.sampled_from(["1", "5", "9"]), min_size=1),
    },
)


@settings(quick, max_examples=60)
@given(CHOSEN, st.sampled_from(YEARS), st.tuples(st.integers(1, 12), st.integers(1, 12)))
def test_filters_leave_what_plain_python_leaves(
    demo: Snapshot, chosen: dict, year: int, months: tuple[int, int]
):
    first, last = sorted(months)
    filters = Filters(year, None, first, last).with_values(**chosen)
    book = Book(demo, filters)

    def kept(row: dict, but: str = "") -> bool:
        cells = row | {"month": str(row["day"].month)}
        return first <= row["day"].month <= last and all(
            (cells[n] or UNFILLED) in values for n, values in chosen.items() if n != but
        )

    rows = [r for r in actions(demo, year) if kept(r)]
    if date(year, first, 1) > demo.clock():
        assert not rows
        assert not any(book.fig(code).known for code in COMPUTED), "ahead lies no data, not 0"
        return
    assert book.ledger(kpi("enforcement.actions")).value == len(rows)
    by = Counter(r["department"] or UNFILLED for r in rows)
    assert {
        f.dimension.partition("=")[2]: f.value
        for f in book.split("enforcement.actions", "department")
    } == by
    # Penalties cannot be split by the type of action: that filter leaves them as they are.
    penalties = [
        r for r in actions(demo, year) if r["action_type"] == "行政处罚" and kept(r, "action_type")
    ]
    assert book.ledger(kpi("enforcement.penalties")).value == len(penalties)
    row = BY_CODE["enforcement.penalties"]
    assert book.unfollowed(row) == (("action_type",) if "action_type" in chosen else ())
    assert book.narrowed(row)
    days = [(r["decided_on"] - r["opened_on"]).days for r in penalties]
    assert book.ledger(kpi("enforcement.median_days")).value == (
        statistics.median(days) if days else None
    )


def test_a_filter_that_no_kpi_has_narrows_nothing(demo: Snapshot):
    plain = Book(demo, Filters(2022))
    other = Book(demo, Filters(2022).with_values(village=["一村"]))
    for code in COMPUTED:
        row = BY_CODE[code]
        if row.dimension("village"):
            continue
        assert not other.narrowed(row)
        assert other.unfollowed(row) == ("village",)
        assert other.fig(code).value == plain.fig(code).value


@pytest.mark.parametrize("filters", [Filters(2022), Filters(2023), AREA, MONTHS])
def test_a_cube_gives_what_sql_gives(demo: Snapshot, filters: Filters, monkeypatch):
    cubed = Book(demo, filters)
    found = {}
    for code in COMPUTED:
        row = BY_CODE[code]
        for cuts in ((), *((d.name,) for d in row.dimensions)):
            found[code, cuts] = {k: t for k, t in cubed.parts(row, *cuts).items() if t.counts}
    monkeypatch.setattr(book, "cube_of", lambda *_: None)
    monkeypatch.setattr(demo, "_memory", Memory())  # what the cube gave is not asked again
    plain = Book(demo, filters)
    for (code, cuts), by in found.items():
        row = BY_CODE[code]
        want = {k: t for k, t in plain.parts(row, *cuts).items() if t.counts}
        assert by == want, (code, cuts)


def test_a_period_that_ends_within_a_month_agrees_with_sql(demo: Snapshot):
    """Only the clock's day ends a part of a cube; any other day is left to SQL."""
    for day in (date(2022, 9, 30), date(2022, 9, 12), date(2022, 2, 28)):
        book = Book(demo, Filters(2022, until=day))
        wanted = [r for r in actions(demo, 2022) if r["day"] <= day]
        assert book.ledger(kpi("enforcement.actions")).value == len(wanted)


@given(
    st.dates(date(2020, 1, 1), date(2024, 12, 31)),
    st.dates(date(2020, 1, 1), date(2024, 12, 31)),
    st.dates(date(2020, 1, 1), date(2024, 12, 31)),
)
def test_the_parts_of_a_cube_hold_exactly_the_days_of_a_period(clock: date, end: date, day: date):
    start = date(2020, 1, 1)
    parts = cube.span(start, end, clock)
    month_ends = (end + timedelta(days=1)).day == 1
    assert (parts is not None) == (month_ends or (end.month, end.day) == (clock.month, clock.day))
    if parts:
        assert (start <= day <= end) == (parts[0] <= cube.part_of(day, clock) <= parts[1])


@given(st.lists(st.integers(0, 400), max_size=30))
def test_the_median_of_a_histogram_is_the_median(values: list[int]):
    found = cube.median(dict(sorted(Counter(values).items())))
    assert found == (statistics.median(values) if values else None)


def test_a_relation_with_too_many_cells_is_left_to_sql(monkeypatch):
    demo = store.load(ROOT / "data" / "demo")
    want = Book(demo, AREA).fig("enforcement.actions").value
    monkeypatch.setattr(cubes, "NUMBERS", 1000)
    monkeypatch.setattr(demo, "_memory", Memory())
    assert cube_of(demo, BY_CODE["enforcement.actions"], demo.clock()) is None
    assert Book(demo, AREA).fig("enforcement.actions").value == want


def test_options_count_what_choosing_them_would_leave(demo: Snapshot):
    filters = Filters(2023, values=(("area", ("城市管理",)), ("action_type", ("行政检查",))))
    book = shared(demo, filters)
    found = dict(options(book, "area", ["enforcement.actions"]))
    for value, count in found.items():
        alone = Book(demo, filters.with_values(area=[value]))
        assert alone.fig("enforcement.actions").value == count
    assert found["安全生产"] > 0, "its own filter does not count"
    departments = options(book, "department", ["enforcement.actions"])
    assert 0 in dict(departments).values(), "what the other filters leave empty stays on offer"
    assert departments[-1][0] == UNFILLED
    gone = shared(demo, Filters(2023).with_values(area=["没有这个领域"]))
    assert ("没有这个领域", 0) in options(gone, "area", ["enforcement.actions"])
    assert options(book, "village", ["enforcement.actions"]) == []


def test_equal_filters_share_one_book(demo: Snapshot):
    one = shared(demo, Filters(2023).with_values(area=["城市管理"]))
    assert shared(demo, Filters(2023).with_values(area=("城市管理",))) is one
    assert BOOKS.limit
    for year in range(1900, 1900 + BOOKS.limit + 1):
        shared(demo, Filters(year))
    assert len(BOOKS.of(demo)) == BOOKS.limit
    assert shared(demo, Filters(2023).with_values(area=["城市管理"])) is not one


def test_cubes_outlive_a_change_of_another_table(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(cubes, "LARGE", 0)
    folder = folders.second_town(tmp_path)
    follower = store.Store(folder, cubes.prepare)
    first = follower.current()

    def cube_in(snapshot: Snapshot) -> Cube | None:
        wanted = ("disputes", "registered_on", "")
        (found,) = (made for key, made in CUBES.of(snapshot).items() if key[:3] == wanted)
        return found

    kept = cube_in(first)
    folders.put_table(folder, "learning", [folders.GOOD["learning"][0] | {"attendees": "7"}])
    second = follower.current()
    assert second is not first
    assert cube_in(second) is kept
    more = folders.GOOD["disputes"][0] | {"dispute_no": "J2"}
    folders.put_table(folder, "disputes", [*folders.GOOD["disputes"], more])
    third = follower.current()
    assert cube_in(third) is not kept
    assert shared(third, Filters(2023)).fig("disputes.registered").value == 2
    assert shared(third, Filters(2023)).fig("enforcement.over_90_days").value == 1


def test_a_cube_follows_the_clock(tmp_path: Path, monkeypatch):
    """A penalty of 1 March is to be disclosed within seven working days: not late before them."""
    snapshot = ledgers(tmp_path, [], [(date(2023, 3, 1), "城市管理", 100)])
    code = "enforcement.disclosed_on_time_rate"
    for day, base in ((date(2023, 3, 10), 1), (date(2023, 3, 13), 2)):
        monkeypatch.setattr(snapshot, "clock", lambda day=day: day)
        assert shared(snapshot, Filters(2023)).fig(code).denominator == base


@pytest.mark.parametrize(
    "row", [k for k in KPIS if k.formula and k.dimensions], ids=lambda k: k.code
)
def test_a_part_alone_is_the_figure_of_that_part(row: Kpi) -> None:
    at = shared(store.load(ROOT / "data" / "demo"), Filters(2023))
    for split in row.dimensions:
        for one in at.split(row.code, split.name):
            if one.basis != "ledger" or not why_changed.splits(row, one.parts):
                continue
            alone = why_changed.within(at, one.parts).fig(row.code)
            assert (alone.value, alone.denominator) == (one.value, one.denominator), split.name
