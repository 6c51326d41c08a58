"""Titles and 勾稽 say what is known: what was not tested is not said to hold, what is open not to be
settled, and what nobody has registered not to be less than the most."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import folders
import pytest
import screens

from qmg_dash import fmt
from qmg_dash.figures import findings, identities, matters, reconcile
from qmg_dash.figures.book import Book, shared
from qmg_dash.figures.cases import days
from qmg_dash.figures.identities import IDENTITIES, Trial, standing
from qmg_dash.figures.matters import Grade
from qmg_dash.folder import store
from qmg_dash.kpis import KPIS, kpi
from qmg_dash.kpis.base import Part
from qmg_dash.model import Figure, Filters
from qmg_dash.theme import Look
from qmg_dash.ui import markup_agreement, menu
from qmg_dash.ui.link.scope import Scope

YEAR = 2023
REPORT = {"year": str(YEAR), "source": "年度报告"}


def town(folder: Path, reported: list[dict[str, str]] = (), **ledgers: list[dict]) -> Path:
    """A folder with some published figures and ledgers."""
    folders.put_town(folder)
    if reported:
        folders.put_table(folder, "reported", [REPORT | row for row in reported])
    for name, rows in ledgers.items():
        folders.put_table(folder, name, rows)
    return folder


def at(folder: Path, **filters) -> Book:
    return shared(store.load(folder), Filters(YEAR, **filters))


# ---- 勾稽 -------------------------------------------------------------------------------------------
HOLDS, BREAKS = Trial("某处", 1, 1, ()), Trial("某处", 1, 2, ())


@pytest.mark.parametrize(
    ("trials", "said"),
    [
        ([[HOLDS], [HOLDS], *[[]] * 9], "2 项成立，9 项未检验"),
        ([[HOLDS], [HOLDS]], "2 项成立"),
        ([[], []], "2 项未检验"),
        ([[BREAKS, HOLDS, BREAKS], [HOLDS], []], "1 项不符（2 处），1 项成立，1 项未检验"),
        ([[BREAKS]], "1 项不符（1 处）"),
    ],
)
def test_how_identities_stand_is_said_as_far_as_they_were_tried(trials, said) -> None:
    found = [identities.Result(i, tuple(t)) for i, t in zip(IDENTITIES, trials, strict=False)]
    assert standing(found) == said


CELLS = [
    {"indicator": "disclosure.t3.new", "dimension": "总计", "value": "9"},
    {"indicator": "power.total", "value": "4"},
    {"indicator": "power.items", "dimension": "行政处罚", "value": "4"},
]


@pytest.mark.parametrize("asked", [{}, {"from": "1", "to": "3"}], ids=["year", "months"])
@pytest.mark.parametrize(
    ("applications", "expected"),
    [(False, "4 项未检验"), (True, "4 项未检验")],
    ids=["published", "counted"],
)
def test_every_slide_gives_the_same_answer_whatever_the_filters(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    asked: dict[str, str],
    applications: bool,
    expected: str,
) -> None:
    """Table 3 is shown by one published cell, or counted by a ledger: nothing of it was tested."""
    more = {"applications": folders.GOOD["applications"]} if applications else {}
    folder = town(tmp_path / "数据", CELLS if not applications else CELLS[1:], **more)
    monkeypatch.setenv("QMG_DATA_DIR", str(folder))
    whole = standing(at(folder).identities)
    assert re.fullmatch(r"\d+ 项成立，\d+ 项未检验", whole)
    assert standing(at(folder, month_from=1, month_to=3).identities) == whole
    wall = screens.slides("/trust", **asked)[0]
    assert wall.title.endswith(f"勾稽 {whole}")
    for screen in (wall, screens.visit("/trust", **asked)):
        assert f"{YEAR} 年：{whole}；" in screen.text
    told = [s.text for s in screens.slides("/disclosure", **asked) if "（表三）" in s.text]
    assert all(f"勾稽 {expected}" in text and "满足" not in text for text in told)
    assert told or asked


def test_a_broken_identity_is_the_same_on_every_slide(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The published table does not add up; a filter of months leaves none of its figures."""
    rows = [
        {"indicator": f"disclosure.t3.{row}", "dimension": "总计", "value": value}
        for row, value in (("new", "9"), ("carried_in", "0"), ("total", "5"), ("carried_out", "1"))
    ]
    folder = town(tmp_path / "数据", rows)
    assert standing(at(folder).identities).startswith("1 项不符（1 处）")
    assert at(folder, month_from=1, month_to=2).breaches == at(folder).breaches != []
    monkeypatch.setenv("QMG_DATA_DIR", str(folder))
    for path, word in (("/trust", "1 处勾稽不符"), ("/disclosure", "表三有 1 处勾稽不符")):
        assert word in " ".join(s.title for s in screens.slides(path))
    assert "1 处勾稽不符" in screens.visit("/").title
    assert findings.trust(at(folder)).text == "1 处勾稽不符"


# ---- the most ---------------------------------------------------------------------------------------
SPLITS = sorted(
    {
        split
        for screen in menu.screens()
        for splits in getattr(menu.module(screen), "SPLITS", {}).values()
        for split in splits
        if kpi(split[0]).dimension(split[1])
    }
)


class Told:
    """A book of one split: its values as told, and their sum."""

    def __init__(self, code: str, name: str, values: dict[str, float]) -> None:
        self.row, self.name, self.values = kpi(code), name, values

    def part(self, value: str, number: float) -> Figure:
        rate = {"numerator": number, "denominator": 100} if self.row.rate else {}
        part = Part(self.row.dimension(self.name), value)
        more = {"value": number, "basis": "ledger"} | rate
        return Figure(self.row, YEAR, self.row.unit, (part,), **more)

    def split(self, code: str, name: str) -> list[Figure]:
        assert (code, name) == (self.row.code, self.name)
        return [self.part(v, n) for v, n in self.values.items()]

    def whole(self, code: str) -> Figure:
        return replace(self.part("", sum(self.values.values())), parts=())


def title(split: tuple[str, str], **values: float) -> str:
    return findings.top(Told(*split, values), *split).text  # type: ignore[arg-type]


def test_the_splits_were_found() -> None:
    assert len(SPLITS) > 15 and any(kpi(code).rate for code, _ in SPLITS)


@pytest.mark.parametrize("split", SPLITS, ids="-".join)
def test_a_title_never_names_a_most_while_what_is_not_registered_may_be_more(split) -> None:
    rate = kpi(split[0]).rate
    more, most, less = (10, 20, 90) if rate else (30, 20, 5)
    extreme = "最低" if rate else "最多"
    assert f"以甲{extreme}" in title(split, 甲=most, 乙=less)
    assert f"以甲{extreme}" in title(split, 甲=most, 乙=less, 未填=less)
    for bare in (more, most):
        said = title(split, 甲=most, 乙=less, 未填=bare)
        assert extreme not in said and "甲" not in said
        assert "未登记" in said and str(bare) in said


@pytest.mark.parametrize("split", SPLITS, ids="-".join)
def test_what_is_alike_is_not_the_most(split) -> None:
    rate = kpi(split[0]).rate
    most, less = (20, 90) if rate else (20, 5)
    extreme = "最低" if rate else "最多"
    assert f"以甲、乙{extreme}" in title(split, 甲=most, 乙=most, 丙=less)
    alike = title(split, 甲=most, 乙=most)
    assert extreme not in alike and "2 类" in alike and str(most) in alike
    many = title(split, 甲=most, 乙=most, 丙=most, 丁=most, 戊=less)
    assert f"{extreme}的 4 类" in many and "甲" not in many


def test_a_rate_of_0_is_the_lowest() -> None:
    rate = next(s for s in SPLITS if kpi(s[0]).rate)
    assert "以甲最低，0%（0 / 100）" in title(rate, 甲=0, 乙=50)


def test_the_months_with_the_most_are_named_where_they_are_few() -> None:
    book = type("At", (), {})()
    said = findings.busiest(book, "disclosure.published", [3, 3, 1, *[None] * 9]).text  # type: ignore[arg-type]
    assert said.endswith("以1月、2月最多，各 3 条")
    said = findings.busiest(book, "disclosure.published", [3, 3, 3, 3, 1]).text  # type: ignore[arg-type]
    assert said.endswith("最多的有 4 个月，各 3 条")


CASE = {"registered_on": "2023-02-01", "type": "邻里", "status": "调解成功"}


def disputes(*villages: str, **more: str) -> list[dict[str, str]]:
    closed = {"closed_on": "2023-02-03"} if more.get("status", "调解成功") != "在调" else {}
    return [
        CASE | closed | more | {"dispute_no": f"D{more.get('status', '')}{n}", "village": village}
        for n, village in enumerate(villages)
    ]


def test_villages_of_a_folder_where_most_have_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = disputes("一村", "一村", "二村", "", "", "")
    folder = town(tmp_path / "数据", disputes=rows)
    said = findings.top(at(folder), "disputes.registered", "village").text
    assert said.endswith("未登记的 3 件，占 6 件的 50%")
    monkeypatch.setenv("QMG_DATA_DIR", str(folder))
    screen = screens.visit("/disputes")
    assert [t.words("b") for t in screen.root.all(cls="tile")] == ["一村", "二村"]
    assert "另有 3 件未登记村社区" in screen.text


# ---- what is open -----------------------------------------------------------------------------------
def test_what_was_closed_beside_what_came_does_not_read_as_settled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three came and three were closed, one of them of the year before: one is open."""
    former = {"registered_on": "2022-12-01", "dispute_no": "Z0"}
    rows = [
        *disputes("一村", "二村"),
        *disputes("一村", status="在调"),
        CASE | former | {"closed_on": "2023-01-09"},
    ]
    folder = town(tmp_path / "数据", disputes=rows)
    monkeypatch.setenv("QMG_DATA_DIR", str(folder))
    titles = [s.title for s in screens.slides("/disputes")]
    said = next(t for t in titles if "登记纠纷" in t and "在调" in t)
    assert "登记纠纷 3 件，在调 1 件，化解率 66.7%（2 / 3）" in said
    assert not [t for t in titles if "办结 3" in t]


def test_open_applications_stand_in_the_title(tmp_path: Path) -> None:
    row = {"applicant_type": "自然人", "app_no": "1", "received_on": "2022-12-01"}
    answered = {"app_no": "2", "received_on": "2023-02-20", "replied_on": "2023-03-04"}
    answered |= {"applicant_type": "自然人", "outcome": "granted"}
    folder = town(tmp_path / "数据", applications=[row, answered])
    book = at(folder)
    overdue = book.fig("applications.carried_out", "reply=逾期未答复")
    said = findings.applications(book, overdue).text
    assert said.endswith("新收申请 1 件；未答复 1 件，其中逾期 1 件")


def test_penalties_that_still_wait_stand_beside_those_that_were_decided_in_time(
    tmp_path: Path,
) -> None:
    act = folders.ACTION | {"action_type": "行政处罚"}
    rows = [
        act | {"action_no": "A", "opened_on": "2023-03-01", "decided_on": "2023-03-20"},
        act | {"action_no": "B", "opened_on": "2023-01-05", "decided_on": ""},
    ]
    folder = town(tmp_path / "数据", enforcement_actions=rows)
    folders.put_town(folder, as_of="2023-09-30")
    book = at(folder)
    found = days(book)
    assert found.waiting == 1
    said = findings.days(book, found).text
    assert said.endswith("1 件处罚均在 90 日内决定，另有 1 件超期未决")


# ---- bases ------------------------------------------------------------------------------------------
RATE = re.compile(r"\d%")
BASED = re.compile(
    r"\d%（[\d,]+ / [\d,]+）|占 [^，；]*的 (?:约|不足|超过)?\d+%|[\d,]+ \S，\S+ [\d,]+ \S（[\d.]+%）|均为 100%"
    r"|[增减] [\d,]+ \S（[+−][\d.]+%）"
)


@pytest.mark.parametrize("year", [2022, 2023])
@pytest.mark.parametrize("path", screens.PATHS)
def test_no_rate_of_a_ledger_stands_without_its_base(path: str, year: int) -> None:
    """On the demo, whose figures of 2023 are counted: titles, cards, evidence and bars."""
    for screen in (
        screens.visit(path, data="demo", year=year),
        *screens.slides(path, data="demo", year=year),
    ):
        title_ = BASED.sub("", screen.title)
        assert not RATE.search(title_), screen.title
        for card in screen.root.all(attr="data-code"):
            figure = kpi(card.attrs["data-code"])
            told = card.words(cls="note")
            if figure.rate and card.all("summary", "tag-ledger") + card.all("summary", "tag-demo"):
                published = "公布数" in card.text or "原文写法" in card.text
                assert published or re.search(r"\d / \d|\d \S+，\S+ \d|没有", told), card.text
        for ev in screen.root.all(cls="ev"):
            assert not RATE.search(ev.words("b")) or ev.all("small") or year == 2022, ev.text
        for trace in (t for c in screen.charts for t in c["data"] if t.get("orientation") == "h"):
            for text in trace.get("text", ()):
                assert not re.search(r"<b>[\d.]+%", text) or " / " in text, text


def test_two_equal_numbers_have_their_own_words() -> None:
    """16 applications were answered, and 16 had to be: the second says so."""
    screen = screens.visit("/disclosure", data="demo", year=2023)
    cards = {n.attrs["data-code"]: n for n in screen.root.all(attr="data-code")}
    handled = cards["applications.handled"].words(cls="val")
    told = cards["applications.on_time_rate"].words(cls="note")
    assert handled == "16件" and "到期应答复 16 件，按期 15 件" in told
    for code, card in cards.items():
        if kpi(code).rate:
            assert not re.match(r"\d+ / \d+( ·|$)", card.words(cls="note")) or kpi(code).of is None


@pytest.mark.parametrize("row", [k for k in KPIS if k.of], ids=lambda k: k.code)
def test_a_base_with_words_counts_what_they_say(row) -> None:
    assert row.rate and row.formula and row.of
    figure = Figure(row, YEAR, "%", value=75, numerator=3, denominator=4)
    of, unit, hit = row.of
    assert fmt.based(figure) == f"{of} 4 {unit}，{hit} 3 {unit}"
    assert fmt.with_base(figure) == "75%（3 / 4）"
    assert fmt.based(replace(figure, numerator=None)) == ""


# ---- what is left out -------------------------------------------------------------------------------
def test_everything_to_look_at_is_listed_or_counted() -> None:
    scope = Scope(store.load(screens.ROOT / "data/demo"), Filters(2023, 2023), Look(), "/")
    found = scope.matters
    assert len(found) > 30
    link = {"data": "demo", "year": 2023, "goal_year": 2023}
    desk = re.sub(r"\s", "", screens.visit("/todo", **link).text)
    assert all(re.sub(r"\s", "", m.text) in desk for m in found)
    home = screens.visit("/", **link)
    rest = int(re.search(r"另 (\d+) 件", home.text)[1])
    listed = len(home.root.all("table", "owed")[0].all("tr")) - 1
    assert listed + rest == len(matters.opened(found))
    seen = "".join(s.text for s in screens.slides("/todo", **link))
    assert all(m.kind in seen for m in found if m.grade < Grade.PLAIN)


# ---- 对账 -------------------------------------------------------------------------------------------
def test_what_could_not_be_compared_is_not_said_to_agree(tmp_path: Path) -> None:
    rows = [
        {"indicator": "disputes.registered", "value": "2"},
        {"indicator": "enforcement.fines", "value": "1", "unit": "万元"},
    ]
    folder = town(
        tmp_path / "数据",
        rows,
        disputes=disputes("一村", "二村"),
        enforcement_actions=[folders.ACTION | {"fine_yuan": "10000"}],
    )
    snapshot = store.load(folder)
    left = [p for p in reconcile.pairs(snapshot, YEAR) if not p.compared]
    said = findings.agreement(snapshot, YEAR).text
    if left:
        assert said.endswith("1 个一致，1 个单位不同未比")
        assert markup_agreement.summary(reconcile.pairs(snapshot, YEAR)).endswith(
            "1 个单位不同未比"
        )
