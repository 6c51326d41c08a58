"""The demo town: a whole data folder of a fictional 示例镇, made from numbers and a seed.

`write_demo` makes it (`python -m qmg_dash demo`). The same arguments give the same bytes, at any
size: the rows are drawn in bulk, some hundred thousand at a time. `planted` lists the problems
that lie in it for an attention list to find.

    scene      size, clock, seasons          words    every text of it
    powers     the power list                actions  enforcement_actions
    ledgers    the other ledgers             goals    goals, shortcomings, practices
    published  reported.csv                  plants   what is planted
    files      CSV and Parquet               frame    draws and columns in bulk
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from qmg_dash.demo import actions as acts
from qmg_dash.demo import goals, ledgers, powers, published, words
from qmg_dash.demo.files import Format, Ledgers, frame_of, write_rows
from qmg_dash.demo.frame import NONE, Coded, Frame, Ints, to_date
from qmg_dash.demo.plants import DEFAULT_YEARS, PLANTED, Planted, plant_rows, planted
from qmg_dash.demo.scene import Scene
from qmg_dash.folder import store
from qmg_dash.folder.scan import TOWN

__all__ = ["DEFAULT_YEARS", "PLANTED", "DemoError", "Planted", "planted", "write_demo"]

FORMATS = ("csv", "parquet")
MOST_YEARS = 15
"""Over more years the power list would run out of items to end and hand back."""
ROWS_A_YEAR = 10
"""Fewer rows than this a year do not hold the planted ones."""


class DemoError(ValueError):
    """A demo folder that cannot be made as asked; the text says why and what to do."""


def write_demo(
    out: Path,
    rows: int = 2000,
    seed: int = 1,
    years: tuple[int, ...] = DEFAULT_YEARS,
    fmt: Format = "csv",
) -> None:
    """Make a demo folder.

    `rows` is the number of enforcement_actions over all years, the other ledgers keep their
    proportion to it (the power list, goals and practices have one size). The last of the `years`
    is in progress: as_of is its 30 September and no record is younger; the others are over, and
    reported.csv has their published figures. With `fmt` parquet the ledgers are Parquet,
    enforcement_actions a folder with a part a year, and the files at the top stay CSV.

    Raises DemoError where `out` exists and is not empty, or an argument makes no sense. All of it
    is made in a folder within `out` and moved at the end, town.toml last: a folder that was not
    finished is no data folder.
    """
    _refuse(out, rows, seed, years, fmt)
    scene = Scene(rows, seed, tuple(years), plant_rows(years), ledgers.FLOWS)
    made = out / ".unfinished"
    made.mkdir(parents=True)
    lists = powers.versions(scene)
    with Ledgers(made, fmt) as files:
        items = frame_of("power_items", powers.rows(scene, lists))
        files.write("power_items", scene.current, items)
        for table, year, frame in _ledgers(scene, powers.Use(lists)):
            files.write(table, year, frame)
    (made / TOWN).write_bytes(_town(scene).encode())
    ledgers_alone = store.load(made)
    write_rows(made, "reported", published.reported(scene, ledgers_alone))
    write_rows(made, "goals", goals.goals(scene, ledgers_alone))
    write_rows(made, "goal_updates", goals.goal_updates(scene))
    write_rows(made, "shortcomings", goals.shortcomings(scene))
    write_rows(made, "practices", goals.practices(scene))
    write_rows(made, "corrections", goals.corrections(scene))
    write_rows(made, "assignments", goals.assignments(scene))
    for file in sorted(made.iterdir(), key=lambda f: f.name == TOWN):
        file.rename(out / file.name)
    made.rmdir()


def _refuse(out: Path, rows: int, seed: int, years: tuple[int, ...], fmt: str) -> None:
    """Raise where the folder cannot be made as asked."""
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise DemoError(f"{out} 已存在且不是空文件夹；请换一个文件夹，或先清空它")
    if not years or list(years) != list(range(years[0], years[0] + len(years))):
        raise DemoError(f"年度应由早到晚、连续不断，如 2022,2023；现在是 {years}")
    if len(years) > MOST_YEARS:
        raise DemoError(f"至多 {MOST_YEARS} 个年度；现在是 {len(years)} 个")
    if not 1990 <= years[0] <= years[-1] <= 2090:
        raise DemoError(f"年度应在 1990 至 2090 之间；现在是 {years}")
    if rows < ROWS_A_YEAR * len(years):
        raise DemoError(f"执法行为至少每年 {ROWS_A_YEAR} 行，{len(years)} 年不能只有 {rows} 行")
    if seed < 0:
        raise DemoError(f"种子应为不小于 0 的整数；现在是 {seed}")
    if fmt not in FORMATS:
        raise DemoError(f"格式应为 {' 或 '.join(FORMATS)}；现在是 {fmt}")


def _ledgers(scene: Scene, use: powers.Use) -> Iterator[tuple[str, int, Frame]]:
    """Every ledger but the power list: table, year, some rows."""
    audited: list[tuple[Ints, Ints]] = []
    for year, frame in acts.actions(scene, use):
        audited.append(_audited(frame))
        yield acts.TABLE, year, frame
    people, papers = ledgers.officers(scene), ledgers.documents(scene)
    yield "officers", scene.current, people
    yield "documents", scene.current, papers
    yield from _named("disclosures", ledgers.disclosures(scene, papers))
    major: list[Ints] = []
    for year, frame in ledgers.decisions(scene):
        major.append(frame["held_on"][(frame["major"] == 1) & _is(frame["legality"], "已完成")])
        yield "decisions", year, frame
    yield from _reviews(scene, papers, np.concatenate(major), audited)
    yield from _named(
        "learning", ledgers.learning(scene, ledgers.certificates_by_year(scene, people))
    )
    for table, make in ledgers.LEDGERS.items():
        yield from _named(table, make(scene))


def _named(table: str, frames: Iterable[tuple[int, Frame]]) -> Iterator[tuple[str, int, Frame]]:
    return ((table, year, frame) for year, frame in frames)


def _is(cells: Coded, word: str) -> Ints:
    return cells.index == cells.values.index(word)


def _audited(frame: Frame) -> tuple[Ints, Ints]:
    """Opening and decision of the actions that passed 法制审核."""
    at = _is(frame["legal_review"], "已审核") & (frame["decided_on"] != NONE)
    return frame["opened_on"][at], frame["decided_on"][at]


def _reviews(
    scene: Scene, papers: Frame, major: Ints, audited: list[tuple[Ints, Ints]]
) -> Iterator[tuple[str, int, Frame]]:
    """Contracts, and what the other ledgers say passed a review."""
    issued = papers["issued_on"][papers["issued_on"] >= scene.first]
    opened, decided = (np.concatenate(days) for days in zip(*audited, strict=True))
    start = np.full(1, scene.first)
    plans = (
        ("规范性文件", "GF", "司法所", start, issued),
        ("重大行政决策", "JC", "司法所", start, major),
        ("重大执法决定", "ZF", "法制审核员", opened, decided),
    )
    yield from _named("legal_reviews", ledgers.contract_reviews(scene))
    for plan in plans:
        yield from _named("legal_reviews", ledgers.followed_reviews(scene, *plan))


def _town(scene: Scene) -> str:
    """town.toml of a demo folder."""
    return f"""\
# 演示数据：{words.SHORT}为虚构，全部数字由 python -m qmg_dash demo 按种子生成。
# --rows {scene.rows} --seed {scene.seed} --years {",".join(map(str, scene.years))}
# 最后一个年度为进行中的年度，“今天”固定在该年 9 月 30 日，此后没有记录。

[town]
name = "{words.TOWN}"
short_name = "{words.SHORT}"
code = "000000"
contact = "{words.SHORT}司法所（虚构）"

[dataset]
nature = "demo"
as_of = {to_date(scene.as_of).isoformat()}

[cadence]
enforcement_actions = "周"
disclosures = "周"
disputes = "月"

[owners]
applications = "{words.PARTY}"
disputes = "{words.PEACE}"

[short]
"{words.PLANNING}" = "规建环保办"
"""
