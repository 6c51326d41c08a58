"""One verdict a figure: what the law asks first, then the target, else none; the same tone, shape
and word in titles, key numbers, charts, tables, on goals, in 需关注, in a meeting and in its file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import folders
import pytest
import screens
from screens import Node

from qmg_dash import fmt
from qmg_dash.figures import matters, progress, verdict
from qmg_dash.figures.book import Book, shared
from qmg_dash.figures.verdict import BELOW, MET
from qmg_dash.folder import store
from qmg_dash.kpis import KPIS, kpi
from qmg_dash.kpis import goals as kinds
from qmg_dash.model import ABOUT, AT_LEAST, MORE, NEARLY, Filters, Number
from qmg_dash.theme import Look
from qmg_dash.ui import menu
from qmg_dash.ui.link.scope import Scope
from qmg_dash.ui.meeting import single_file
from qmg_dash.ui.slide import Columns, Drawing, Html, Panel, Piece

DEMO = screens.ROOT / "data" / "demo"


# ---------------------------------------------------------------- the rule
def judged(number: Number, must: float | None, target: float | None, at_most: bool = False):
    found = verdict.judged(number, must, target, at_most, lambda v: f"{v:g}%")
    return (found.tone, found.word, found.text) if found else None


@pytest.mark.parametrize(
    ("value", "must", "target", "said"),
    [
        (100, 100, None, ("", MET, "")),
        (92.6, 100, None, ("warn", BELOW, "低于法定 100%")),
        (92.6, 100, 100, ("warn", BELOW, "低于法定 100%")),
        (92.6, 100, 90, ("warn", BELOW, "达到目标 90%，低于法定 100%")),
        (92.6, None, 90, ("", MET, "")),
        (92.6, None, 95, ("warn", BELOW, "低于目标 95%")),
        (92.6, None, None, None),
        (99.9999, 100, None, ("warn", BELOW, "低于法定 100%")),
        (0, None, 0, ("", MET, "")),
    ],
)
def test_the_law_decides_first_then_the_target_and_where_they_differ_both_are_said(
    value: float, must: float | None, target: float | None, said: tuple | None
):
    assert judged(Number(value), must, target) == said


@pytest.mark.parametrize(
    ("value", "said"), [(3, ("", MET, "")), (4, ("", MET, "")), (5, ("warn", BELOW, "高于目标 4%"))]
)
def test_where_lower_is_better_the_target_is_not_to_be_exceeded(value: int, said: tuple):
    assert judged(Number(value), None, 4, at_most=True) == said


@pytest.mark.parametrize(
    ("number", "limit", "kept", "at_most"),
    [
        (Number(80, MORE), 80, True, False),
        (Number(80, MORE), 85, None, None),
        (Number(80, MORE), 90, False, True),
        (Number(95, AT_LEAST), 95, True, None),
        (Number(95, AT_LEAST), 96, None, None),
        (Number(95, AT_LEAST), 94, True, False),
        (Number(100, NEARLY), 100, False, True),
        (Number(100, NEARLY), 95, None, None),
        (Number(100, NEARLY), 90, True, None),
        (Number(100, ABOUT), 100, None, None),
        (Number(80, ABOUT), 89, False, True),
        (Number(80, ABOUT), 72, True, None),
        (Number(80, ABOUT), 71, True, False),
    ],
)
def test_an_approximate_number_is_on_a_side_where_all_of_it_is(number, limit, kept, at_most):
    assert number.keeps(limit) is kept
    assert number.keeps(limit, at_most=True) is at_most
    told = judged(number, limit, None)
    assert (told is None) == (kept is None)


def test_what_the_law_asks_is_not_replaced_by_a_target_where_it_cannot_be_judged():
    assert judged(Number(100, ABOUT), 100, 80) is None


# ---------------------------------------------------------------- of a folder
def town(folder: Path, figures: dict[str, object], goals: dict[str, tuple], **more: object) -> Book:
    """A town with published figures, and targets (with their due day) for the same year."""
    folders.put_town(folder, as_of=str(more.pop("as_of", "2023-07-02")))
    row = {"year": 2023, "source": "年度报告", "locator": "一"}
    said = [row | {"indicator": c, "value": v} for c, v in figures.items()]
    folders.put_table(folder, "reported", said)
    base = {"year": 2023, "direction": "方向", "measure": "举措"}
    aims = [
        base | {"goal_id": f"G{i}", "indicator": code, "target": target, "due": due}
        for i, (code, (target, due)) in enumerate(goals.items())
    ]
    folders.put_table(folder, "goals", aims)
    for name, rows in more.items():
        folders.put_table(folder, name, rows)  # type: ignore[arg-type]
    return shared(store.load(folder), Filters(2023))


def word(book: Book, code: str) -> str:
    found = verdict.of(book, book.fig(code))
    return found.word if found else ""


def test_a_target_judges_its_own_year_and_the_whole_town(tmp_path: Path):
    rate = "disputes.resolved_rate"
    dispute = {"registered_on": "2023-02-01", "closed_on": "2023-03-01", "village": "一村"}
    disputes = [
        dispute | {"dispute_no": "J1", "status": "调解成功"},
        dispute | {"dispute_no": "J2", "status": "调解不成"},
        dispute | {"dispute_no": "J3", "status": "调解不成", "registered_on": "2022-02-01"},
    ]
    book = town(tmp_path, {}, {rate: (90, None)}, disputes=disputes)
    assert word(book, rate) == BELOW
    assert word(book.beside(year=2022), rate) == ""
    assert word(book.beside(month_from=2, month_to=3), rate) == ""
    assert word(book.beside(values=(("village", ("一村",)),)), rate) == ""
    assert verdict.of(book, book.fig(rate, "village=一村")) is None


def test_what_the_law_asks_holds_for_every_part_and_period(tmp_path: Path):
    actions = [
        folders.ACTION | {"action_no": f"Z-{n}", "officers": str(n), "item_code": ""}
        for n in (1, 2)
    ]
    book = town(tmp_path, {}, {}, enforcement_actions=actions)
    code = "enforcement.two_officer_rate"
    assert word(book, code) == BELOW
    assert word(book.beside(month_from=3, month_to=3), code) == BELOW
    assert verdict.of(book, book.fig(code, "行政处罚")).below
    assert not book.beside(month_from=4, month_to=4).fig(code).known
    assert word(book.beside(month_from=4, month_to=4), code) == "", "no data has no verdict"


@pytest.mark.parametrize(
    ("value", "due", "said"),
    [(34, "2023-12-31", ""), (40, "2023-12-31", MET), (34, "2023-06-30", BELOW), (34, None, "")],
)
def test_what_still_grows_is_judged_when_it_is_there_or_its_time_is_over(
    tmp_path: Path, value: int, due: str | None, said: str
):
    book = town(tmp_path, {"publicity.events": value}, {"publicity.events": (40, due)})
    assert word(book, "publicity.events") == said


def test_a_cancelled_goal_judges_nothing_and_of_several_the_strictest_does(tmp_path: Path):
    rate = "disputes.resolved_rate"
    goals = [
        {"goal_id": f"G{t}", "year": 2023, "direction": "方向", "measure": "举措"}
        | {"indicator": rate, "target": t}
        for t in (80, 90, 99)
    ]
    update = {"goal_id": "G99", "date": "2023-03-01", "status": "已取消"}
    town(tmp_path, {rate: 85}, {})
    folders.put_table(tmp_path, "goals", goals)
    folders.put_table(tmp_path, "goal_updates", [update])
    book = shared(store.load(tmp_path), Filters(2023))
    assert verdict.of(book, book.fig(rate)).text == "低于目标 90%"


def test_a_state_follows_the_target_and_a_rate_is_at_worst_below(tmp_path: Path):
    code = "review.coverage_rate"
    book = town(tmp_path, {code: 92.6}, {code: (90, None)})
    (measure,) = progress.measures(book.snapshot, 2023)
    found = verdict.of(book, book.fig(code))
    assert measure.state == kinds.ON_TRACK
    assert (found.tone, found.text) == ("warn", "达到目标 90%，低于法定 100%")
    for row in (k for k in KPIS if k.rate):
        worst = verdict.judged(Number(0), row.must, 50, row.better == "lower", str)
        assert worst is None or worst.tone != "bad"


def test_red_is_for_open_matters_past_their_day(tmp_path: Path):
    late = {"app_no": "A1", "applicant_type": "自然人", "received_on": "2023-02-01"}
    book = town(tmp_path, {}, {}, applications=[late])
    overdue = book.fig("applications.carried_out", "reply=逾期未答复")
    assert verdict.of(book, overdue).tone == "bad"
    assert verdict.of(book, book.fig("applications.reply_rate")).tone == "warn"
    tones = {m.kind: m.grade.tone for m in matters.found(book, [])}
    assert tones["公开申请未答复"] == "bad"
    assert tones["申请答复率 0%"] == "warn"


def test_two_rates_of_the_same_base_are_told_once_where_they_are_alike(tmp_path: Path):
    late = {"app_no": "A1", "applicant_type": "自然人", "received_on": "2023-02-01"}
    answered = late | {"replied_on": "2023-03-20", "outcome": "granted"}
    for name, row, told in (("open", late, ["申请答复率"]), ("late", answered, ["答复及时率"])):
        (tmp_path / name).mkdir()
        book = town(tmp_path / name, {}, {}, applications=[row])
        said = [m.kind.split()[0] for m in matters.found(book, [])]
        assert [s for s in said if s in ("申请答复率", "答复及时率")] == told


# ---------------------------------------------------------------- on every screen
Worn = dict[str, set[tuple[str, str]]]
"""{code: (where, tone)}."""


def flat(parts: list[Piece]) -> Iterator[Piece]:
    for part in parts:
        if isinstance(part, Panel):
            yield from flat(part.pieces)
        elif isinstance(part, Columns):
            for place in part.pieces:
                yield from flat(place)
        else:
            yield part


def tone_of(node: Node) -> str:
    """The gravest tone that stands on an element or in it."""
    classes = {c for n in node.walk() for c in n.classes}
    return next((t for t in ("bad", "warn") if t in classes), "")


def worn(book: Book, present: bool) -> Worn:
    """What each figure wears wherever the screens of a year write it."""
    out: Worn = defaultdict(set)
    look = Look.of(False, present, 1920, 1080)
    goal_year = Filters(book.filters.year, goal_year=book.filters.year)
    names = {k.name: k.code for k in KPIS if not k.private}
    for screen in menu.screens():
        if screen.occasional:
            continue
        scope = Scope(book.snapshot, goal_year, look, screen.path)
        for slide in menu.module(screen).slides(scope):
            drawing = Drawing(scope)
            slide.draw(drawing)
            _title(out, book, slide.finding.parts)
            for part in flat(drawing.pieces):
                if isinstance(part, Html):
                    _markup(out, book, names, screens.parse(part.body))
    return out


def _title(out: Worn, book: Book, parts: tuple[tuple[str, str], ...]) -> None:
    text = "".join(t for t, _ in parts)
    for row in KPIS:
        figure = book.fig(row.code)
        said = f"{row.name} {fmt.spaced(figure)}"
        if figure.known and not row.private and said in text:
            at = text.index(said) + len(said) - 1
            for words, tone in parts:
                if at < len(words):
                    out[row.code].add(("title", tone.replace("accent", "")))
                    break
                at -= len(words)


def _markup(out: Worn, book: Book, names: dict[str, str], root: Node) -> None:
    for card in root.all(attr="data-code"):
        if not card.attrs.get("data-dimension"):
            tone = next((t for t in ("bad", "warn") if t in card.classes), "")
            out[card.attrs["data-code"]].add(("number", tone))
            words = card.all(cls="judged")
            found = verdict.of(book, book.fig(card.attrs["data-code"]))
            assert bool(words) == bool(found and found.said), card.text
            assert not words or (words[0].all(cls="st-below") and BELOW in words[0].text)
    for proof in root.all(cls="ev"):
        label = " ".join(proof.text.split()).removesuffix(proof.words("b")).strip()
        if label in names:
            out[names[label]].add(("evidence", tone_of(proof)))
    for row in root.all("tr"):
        cells = row.all("td")
        if len(cells) == 6 and cells[1].all("small"):
            out[cells[1].words("small")].add(("definition", tone_of(cells[2])))
    for row in root.all("tr"):
        cells = row.all("td")
        label = cells[1].text.strip().partition(" ")[0] if len(cells) == 6 else ""
        if label in names and cells[0].all(cls="st"):
            out[names[label]].add(("matters", "warn" if "warnrow" in row.attrs["class"] else "bad"))
    short = {k.short: k.code for k in KPIS if not k.private}
    for row in root.all(cls="gap-row"):
        code = short[row.all("span")[0].text.split()[0]]
        assert bool(row.all(cls="below")) == bool(tone_of(row)), row.text
        out[code].add(("chart", tone_of(row)))
    for line in root.all(cls="line2"):
        label = line.words("b").partition(" ")[0]
        if label in names:
            out[names[label]].add(("matters", line.attrs["class"].split()[-1]))


def check(book: Book, present: bool, least: int) -> Worn:
    found = worn(book, present)
    for code, places in found.items():
        figure = book.fig(code) if not code.startswith("goals.") else None
        if figure is not None and figure.known:
            wanted = verdict.tone(book, figure)
            assert {tone for _, tone in places} == {wanted}, (code, places, wanted)
    judged = {c for c in found if verdict.tone(book, book.fig(c))}
    assert len(judged) >= least
    return found


@pytest.mark.parametrize("present", [False, True], ids=["desk", "meeting"])
@pytest.mark.parametrize("year", [2022, 2023])
def test_a_figure_wears_one_verdict_on_all_screens_of_the_demo_town(year: int, present: bool):
    book = shared(store.store(DEMO).current(), Filters(year))
    found = check(book, present, least=5)
    if year == 2023:
        places = {place for place, _ in found["review.coverage_rate"]}
        assert places >= {"number", "matters"}
        gap = {place for place, _ in found["enforcement.recording_rate"]}
        assert gap >= {"chart", "matters"}


@pytest.fixture(scope="module")
def all_below(tmp_path_factory: pytest.TempPathFactory) -> Book:
    """Every rate is published and falls short of what the law asks, or of a target."""
    rates = [k.code for k in KPIS if k.rate and not k.code.startswith("goals.")]
    lower = {c for c in rates if kpi(c).better == "lower"}
    counts = ["enforcement.actions", "applications.received", "decisions.topics", "cases.unheard"]
    figures = dict.fromkeys(rates, 92.6) | dict.fromkeys(counts, 7)
    goals = {c: (50 if c in lower else 95, None) for c in rates}
    actions = [folders.ACTION | {"item_code": ""}]
    return town(
        tmp_path_factory.mktemp("below"),
        figures,
        goals,
        enforcement_actions=actions,
        practices=[
            {"year": 2023, "screen": kpi(c).screen, "mechanism": f"机制{i}", "indicator": c}
            for i, c in enumerate(rates)
        ],
    )


@pytest.mark.parametrize("present", [False, True], ids=["desk", "meeting"])
def test_every_rate_wears_one_verdict_on_all_screens(all_below: Book, present: bool):
    found = check(all_below, present, least=20)
    for code in (k.code for k in KPIS if k.rate and not k.code.startswith("goals.")):
        assert ("evidence", "warn") in found[code] or ("number", "warn") in found[code], code
    assert ("title", "warn") in found["disputes.resolved_rate_all"] | found["review.coverage_rate"]


def rows_of_goals(book: Book, present: bool) -> list[Node]:
    scope = Scope(
        book.snapshot,
        Filters(2023, goal_year=2023),
        Look.of(False, present, 1920, 1080),
        "/goals",
    )
    screen = next(s for s in menu.screens() if s.path == "/goals")
    found = []
    for slide in menu.module(screen).slides(scope):
        drawing = Drawing(scope)
        slide.draw(drawing)
        for part in flat(drawing.pieces):
            if isinstance(part, Html):
                tables = screens.parse(part.body).all("table")
                rows = (t.all("tr")[1:] for t in tables if t.attrs.get("aria-label") == "目标举措")
                found += [r for row in rows for r in row]
    return found


@pytest.mark.parametrize("present", [False, True], ids=["desk", "meeting"])
def test_a_goals_row_shows_figure_target_and_both_verdicts_and_no_bar(
    tmp_path: Path, present: bool
):
    code, other = "review.coverage_rate", "disputes.resolved_rate"
    book = town(tmp_path, {code: 92.6, other: 80}, {code: (90, None), other: (95, None)})
    below, lawful = rows_of_goals(book, present)  # the late stand first
    for row in (lawful, below):
        assert not row.all(cls="bar"), "no progress of a rate"
        assert [n.classes for n in row.all(cls="line")] == [["line", "warn"]], "in the verdict"
    assert "92.6%" in lawful.text
    assert "达到目标 90%，低于法定 100%" in lawful.text
    assert "正常" in lawful.text and not lawful.all("s"), "no gap to the target"
    assert "差 15 个百分点" in below.text and len(below.all("s")) == 1
    assert below.all(cls="st-below")
    assert ("目标 95%" in below.text) == (not present), "on a wall the gap says it"


def test_the_rules_are_printed_where_the_states_are(all_below: Book):
    demo = store.store(DEMO).current()
    for path, snapshot, year in (("/goals", all_below.snapshot, 2022), ("/", demo, 2022)):
        said = "".join(n.text for _, n in screens.on_the_wall(path, snapshot, year))
        assert "按标准判断：有目标值" in said
        assert "未达标：只用于按标准判断的" in said
    rates = sum(k.rate and not k.code.startswith("goals.") for k in KPIS)
    said = "".join(n.text for _, n in screens.on_the_wall("/goals", all_below.snapshot, 2022))
    assert f"另有 {rates} 项按标准判断" in said


def test_the_file_of_a_meeting_wears_the_same(all_below: Book):
    scope = single_file.asked(all_below.snapshot, 2023, "", False, lambda _: None)
    made = single_file.make(scope, "会议", date(2023, 7, 2)).decode()
    assert 'class="num alert warn" data-code="review.coverage_rate"' in made
    assert "低于法定 100%" in made
