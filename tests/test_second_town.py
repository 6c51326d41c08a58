"""Another town's folder (tests/other_town.py) runs through every screen with no change of code."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
import screens
from other_town import CATEGORIES, EMPTY, FIRST, FULL, LAST, WRITTEN, YEARS, build, rows
from screens import PATHS, ROOT, Node, Screen, spread

from qmg_dash.kpis import kpi
from qmg_dash.kpis.disclosure import T3_ROWS


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("白鹭洲乡 数据"))


@pytest.fixture(autouse=True)
def read(other: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QMG_DATA_DIR", str(other))


@cache
def desk(path: str, year: str) -> Screen:
    return screens.visit(path, year=year)


@cache
def slides(path: str, year: str) -> tuple[Screen, ...]:
    return tuple(screens.slides(path, year=year))


@dataclass(frozen=True)
class Published:
    """A row of the town's reported.csv, and how the screens should write it."""

    year: str
    code: str
    dimension: str
    text: str

    def __str__(self) -> str:
        return f"{self.year}-{self.code}-{self.dimension}".strip("-")

    def stands_on(self, screen: Screen) -> bool:
        """Whether label, value and unit stand together on the screen."""
        row = kpi(self.code)
        if row.private:
            return self.in_a_table(screen)
        value = self.dimension.rpartition("=")[2]
        label = f"{row.label}·{value}" if value else row.label
        return any(
            shown.text == self.text
            and (
                (shown.code == self.code and shown.dimension == self.dimension)
                or (not shown.code and shown.label in (label, value or label))
            )
            for shown in screen.figures
        )

    def in_a_table(self, screen: Screen) -> bool:
        """Whether a statutory table has the cell: the row's name and its column's, and the value."""
        label = kpi(self.code).label.split("、")[-1].split("（2019")[0]
        if self.code == "disclosure.form":
            return f"{self.text} 年格式" in screen.text
        return any(self._in(spread(table), label) for table in screen.root.all("table"))

    def _in(self, rows: list[list[Node]], label: str) -> bool:
        """Whether a cell has the value, the label to its left (or over it, in the one row of
        table 4), and the column's name over it or beside it."""
        for y, row in enumerate(rows):
            for x, cell in enumerate(row):
                if (cell.text.split() or [""])[0] != self.text:
                    continue
                left = "·".join(words(c) for c in row[:x])
                above = "·".join(words(line[x]) for line in rows[:y] if x < len(line))
                # The columns of an article of table 2 stand in its own row of headings.
                if label.strip("（七）") in left + above and self.dimension in above + left:
                    return True
        return False


def words(cell: Node) -> str:
    """The text of a cell without line breaks."""
    return "".join(cell.text.split())


def published() -> list[Published]:
    """Every row with the text that it should have: written forms from the table above, the rest
    as they stand."""
    found = []
    for row in rows():
        year, code, dimension = (str(row[k]) for k in ("year", "indicator", "dimension"))
        private = kpi(code).private
        said = f"{row['value']}{'' if private else row['unit']}"
        if year == FULL and (code, dimension) in WRITTEN:
            said = WRITTEN[code, dimension][2]
        found.append(Published(year, code, dimension, said))
    assert len(found) > 60
    return found


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("year", YEARS)
def test_every_screen_stands_at_the_desk_and_in_the_meeting(path: str, year: str) -> None:
    assert desk(path, year).banners == []
    assert "白鹭洲民族团结示范乡" in desk(path, year).text
    for screen in (desk(path, year), *slides(path, year)):
        assert screens.says_year(year, screen.text)
        assert "正式数据" in screen.text
        assert "数据截至 2025-03-01" in screen.text
        assert re.search(r"\d", re.sub(r"\d{4} 年", "", screen.title)) or "尚无" in screen.title, (
            screen.title
        )


@pytest.mark.parametrize("figure", published(), ids=str)
def test_every_published_figure_stands_on_its_screen(figure: Published) -> None:
    home = kpi(figure.code).screen
    assert figure.stands_on(desk(home, figure.year)), f"{figure} 不在 {home}"


@pytest.mark.parametrize("path", PATHS)
def test_nothing_of_the_first_town_is_sent(path: str) -> None:
    names = ("青木关", "沙坪坝", "重庆")
    for year in YEARS:
        sent = "".join(s.sent() for s in (desk(path, year), *slides(path, year)))
        assert [n for n in names if n in sent] == []


def test_nothing_of_the_first_town_stands_in_the_code() -> None:
    """The town's name, district, city and figures belong to data/, its documents to docs/."""
    places = [ROOT / "qmg_dash", ROOT / "pages", ROOT / ".streamlit", ROOT / "bench"]
    files = [f for p in places for f in p.rglob("*") if f.suffix in (".py", ".js", ".css", ".toml")]
    files += [ROOT / "app.py", ROOT / "server.py", ROOT / "pyproject.toml"]
    assert len(files) > 40
    named = [
        str(f.relative_to(ROOT))
        for f in files
        if re.search("青木关|沙坪坝|重庆|[Qq]ing ?mu ?guan", f.read_text(encoding="utf-8"))
    ]
    assert named == []


def test_a_category_that_is_not_standard_keeps_its_place_and_name() -> None:
    screen = desk("/power_list", FULL)
    bars = {s.label: s.text for s in screen.figures if s.kind == "mark"}
    assert bars == {c: f"{v}项" for c, v in CATEGORIES.items()}
    assert "11 类之和与总数一致" in screen.text
    assert "行政处罚和其他行政权力共 105 项，占 200 项的 53%" in screen.title


def test_the_parts_lead_where_no_total_is_published() -> None:
    assert "行政处罚 40 项，占 70 项的 57%" in desk("/power_list", FIRST).title


def test_each_year_has_the_form_of_its_version() -> None:
    def labels(year: str) -> str:
        table = desk("/disclosure", year).table("三、收到和处理政府信息公开申请情况")
        return "\n".join("·".join(line[:-7]) for line in table[3:])

    old, new = labels(FIRST), labels(FULL)
    later = [T3_ROWS[f"other.{n}"] for n in (1, 2)]
    assert not any(name in old for name in later) and all(name in new for name in later)
    assert old.count("（六）其他处理") == new.count("（六）其他处理") == 1
    assert "2019 年格式" in desk("/disclosure", FIRST).text
    assert "2021 年格式" in desk("/disclosure", FULL).text


@pytest.mark.parametrize("path", PATHS)
def test_a_year_between_without_a_figure_is_not_offered_and_said(path: str) -> None:
    screen = screens.visit(path, year=EMPTY)
    assert any(EMPTY in b and "年度" in b for b in screen.banners)
    assert f"{LAST} 年度" in screen.text
    assert screen.app.selectbox(key="s_year").options == [LAST, FULL, FIRST]


def test_nothing_is_compared_with_a_year_that_has_no_figure() -> None:
    assert "同比" not in desk("/power_list", FULL).text
    assert "同比" in desk("/power_list", LAST).text
