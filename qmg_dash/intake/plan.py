"""What an import would do to a data folder, or why it is refused; and doing it.

A plan is made beside the folder and changes nothing: the sent rows are merged into a copy of the
tables, and that copy goes through the very checks of `check`. Publishing puts all files in place as
one (publishing.py), if the folder is still the one that the plan was made from.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from qmg_dash import beijing
from qmg_dash.characters import writable
from qmg_dash.figures.faults import all_faults
from qmg_dash.folder import publishing, regular, store
from qmg_dash.folder.cells import fold
from qmg_dash.folder.decoding import Unusable
from qmg_dash.folder.history import Entry, Refused
from qmg_dash.folder.scan import ANSWERS, look_at
from qmg_dash.folder.snapshot import Snapshot
from qmg_dash.folder.town import town_of
from qmg_dash.intake import apart, profile, questions, reading
from qmg_dash.intake.merge import (
    Change,
    Difference,
    Lines,
    doubled,
    existing,
    merge,
    numbered,
    twice,
)
from qmg_dash.intake.questions import Answers, Question
from qmg_dash.intake.reading import Asking, Place, Problem, Reading, SentTable
from qmg_dash.intake.recognise import Head
from qmg_dash.model import DataError, Fault, why
from qmg_dash.tables import BY_NAME, TABLES, Table

CORRECTIONS = BY_NAME["corrections"]
ENDINGS = (".xlsx", ".xlsm", ".xls", ".et", ".csv", ".docx")
_ALL = 10**9
DOUBLED = "主键重复"
TURNED = 3
"""Rows that become another year's, from which on an import has to be confirmed."""
Heads = dict[tuple[str, str], Head]
"""The header of each (file, sheet)."""


class NeedsReason(Refused):
    """Published figures change: a reason and who says so are needed."""


class Unconfirmed(Refused):
    """Rows of one year become another's, and nobody has said that this is meant."""


@dataclass(frozen=True)
class Sent:
    """A file as it was sent."""

    name: str
    data: bytes

    @property
    def stem(self) -> str:
        return Path(self.name).stem


@dataclass(frozen=True)
class Plan:
    """What an import would do. `problems` and open questions refuse it; `warnings` do not.
    `contents` are the tables that change, `base` the hashes of the files that they were made from,
    `answers` what was asked and answered."""

    folder: Path
    sent: tuple[Sent, ...]
    readings: tuple[Reading, ...]
    problems: tuple[Problem, ...]
    warnings: tuple[Fault, ...] = ()
    differences: tuple[Difference, ...] = ()
    contents: dict[str, Lines] = field(default_factory=dict)
    base: dict[str, str | None] = field(default_factory=dict)
    answers: Answers = field(default_factory=Answers)

    @property
    def refused(self) -> bool:
        return bool(self.problems or self.answers.open)

    @property
    def questions(self) -> tuple[Question, ...]:
        """What the files cannot say, answered or not."""
        return tuple(self.answers.asked.values())

    @property
    def leave(self) -> tuple[str, ...]:
        """The columns, as the files call them, of which the sender may say that they are not read."""
        return tuple(dict.fromkeys(h for r in self.readings for h in r.leave))

    @property
    def changes(self) -> bool:
        return any(not d.empty for d in self.differences)

    @property
    def corrections(self) -> list[dict[str, str]]:
        """The rows that publishing adds to corrections.csv, without reason, by and date."""
        return [entry for d in self.differences for entry in _entries(d)]

    @property
    def turned(self) -> list[Difference]:
        """The tables of which so many rows turn from one year's into another's that a code without
        its year is likelier than that many corrections; it has to be confirmed."""
        turned = [d for d in self.differences if d.turned]
        return [d for d in turned if _is_turn([d])] or (
            turned if _is_turn(self.differences) else []
        )

    def problems_of(self, sent: Sent) -> list[Problem]:
        """The faults of one of the files."""
        return [p for p in self.problems if p.place.file == sent.name]


def _is_turn(differences: Iterable[Difference]) -> bool:
    """Whether at least three rows, and half of those that change, get another year."""
    counts = [(d.turned.total(), len(d.changed)) for d in differences]
    turned, changed = (sum(n) for n in zip(*counts, strict=True)) if counts else (0, 0)
    return turned >= TURNED and 2 * turned >= changed


def make(
    sent: Sequence[Sent],
    folder: Path,
    whole: bool = False,
    tell: Callable[[str], None] = lambda _: None,
    ignore: Collection[str] = (),
    answers: Mapping[str, str] | None = None,
    doubted: Collection[tuple[str, str, str]] = (),
) -> Plan:
    """Read the files and work out what they would change; `whole`: rows of a sent table that are
    not in the files go; `ignore`: headers of columns that are not read; `answers`: to what the files
    cannot say, by what is asked; `doubted`: questions whose remembered answers do not hold. Raises DataError where the folder itself cannot be shown, Refused
    where there is no room to look."""
    folder = Path(folder).resolve()
    publishing.settle(folder)
    look_at(folder)
    town_of(folder)  # the copy that is checked has none where it is no file
    profiles, faulty = profile.of_folder(folder)
    remembered, lost = questions.kept(folder)
    asking = Asking(ignore, profiles, Answers(answers or {}, remembered, doubted=doubted))
    readings = [_read(s, tell, asking) for s in sent]
    parts = [p for r in readings for p in r.tables]
    problems = [p for r in readings for p in r.problems]
    _tell_unmet(readings, asking)
    heads = {(p.rows[0].place.file, p.rows[0].place.sheet): p.head for p in parts if p.rows}
    tell("与现有数据比较")
    draft = _Draft(folder, whole)
    for table in TABLES:
        own = [p for p in parts if p.table is table]
        found = draft.take(table, own)
        problems += [replace(p, place=_pointed(p.place, p.fault, heads)) for p in found]
    if stale := _stale(asking.answers, parts, draft.differences):
        return make(sent, folder, whole, tell, ignore, answers, doubted={*doubted, *stale})
    tell("核对")
    try:
        found, warnings = draft.check(heads)
    except OSError as e:  # the copy in the system's folder for temporary files
        raise Refused(f"核对时写不下临时文件（{why(e)}），没有做任何改动：请清理磁盘后再试") from e
    told = {p.place for p in problems if p.place.position is not None}
    problems += [p for p in found if p.place not in told]
    problems = [p for p in problems if not _of_a_stand_in(p, parts)]
    problems += [_wrong_answer(*said) for said in asking.answers.wrong]
    open_ = bool(asking.answers.open)  # with stand-ins nothing is told of what would change
    doubts = (*_own_faults(faulty, lost), *(f for r in readings for f in r.warnings))
    return Plan(
        folder,
        tuple(sent),
        tuple(readings),
        tuple(sorted(set(problems), key=_order)),
        doubts if open_ else (*doubts, *warnings),
        () if open_ else tuple(draft.differences),
        draft.contents,
        draft.base,
        asking.answers,
    )


def _stale(
    answers: Answers, parts: Sequence[SentTable], differences: Sequence[Difference]
) -> list[tuple[str, str, str]]:
    """The questions of one list alone whose remembered answer would put other rows into that list:
    next year's under the same title."""
    moved = {(d.table.name, file) for d in differences for file in d.files}
    moved |= {
        (d.table.name, row.place.file)
        for d in differences
        for part in parts
        if d.removed and part.table is d.table
        for row in part.rows
    }
    lists = {
        (part.head.profile.id, Path(row.place.file).stem)
        for part in parts
        if part.head.profile
        for row in part.rows[:1]
        if (part.table.name, row.place.file) in moved
    }
    return [
        q.id
        for q in answers.asked.values()
        if q.of and q.remembered
        if any((q.profile, file) in lists for file in answers.files[q.id])
    ]


def _of_a_stand_in(problem: Problem, parts: Sequence[SentTable]) -> bool:
    """Whether a fault is of a column whose cells are asked for."""
    return any(
        problem.fault.column == part.table.column(name).header
        for part in parts
        if part.rows and part.rows[0].place.source == problem.place.source
        for name in part.asked
    )


def _own_faults(faulty: Sequence[Fault], lost: str) -> Iterator[Fault]:
    """What is wrong with a town's own layouts and its answers: they are not used."""
    for fault in faulty:
        yield replace(fault, severity="warning", message=f"{fault.message}；这一份没有用")
    if lost:
        yield Fault("warning", ANSWERS, None, "", "", profile.RULE, lost)


def _wrong_answer(q: Question, answer: str, said: str) -> Problem:
    """It is a fault of no file, so that none is marked and sent back for it."""
    place = Place(f"回答：{q.layout}" + (f"（{q.file}）" if q.file else ""))
    value = f"{q.key}={answer}"
    fault = Fault("error", place.file, None, "", value, "回答", f"回答不能用：{said}")
    return Problem(place, fault)


def _tell_unmet(readings: Sequence[Reading], asking: Asking) -> None:
    """Note the columns to be left out that no sheet has: a name may be mistyped."""
    heads = [p.head for r in readings for p in r.tables]
    met = {fold(h.unread[position]) for h in heads for position in h.ignored}
    for name in asking.ignore:
        if fold(name) not in met and heads:
            readings[0].notes.append(f"没有“{name}”这一列，不用注明不读取")


def _order(problem: Problem) -> tuple:
    at = problem.place
    return (at.file, at.sheet, at.row or 0, at.position or 0, problem.fault.message)


def _read(sent: Sent, tell: Callable[[str], None], asking: Asking) -> Reading:
    tell(f"读取 {sent.name}")
    try:
        if Path(sent.name).suffix.lower() not in ENDINGS:
            raise Unusable("文件", f"只收 {'、'.join(ENDINGS)} 文件：请在 Excel 或 WPS 中另存")
        return reading.read(sent.name, sent.stem, apart.read(sent.data), asking)
    except Unusable as e:
        out = Reading(sent.name)
        out.wrong(Place(sent.name), e.rule, str(e))
        return out


# ---------------------------------------------------------------- the draft of a folder


class _Draft:
    """The folder as it would be after the import."""

    def __init__(self, folder: Path, whole: bool):
        self.folder, self.whole = folder, whole
        self.contents: dict[str, Lines] = {}
        self.differences: list[Difference] = []
        self.doubled: set[str] = set()
        self.warnings: list[Fault] = []
        corrections = CORRECTIONS.path
        self.base = {p: publishing.hash_of(folder, p) for p in (corrections, ANSWERS)}

    def take(self, table: Table, parts: Sequence[SentTable]) -> list[Problem]:
        """Merge the rows sent for a table; what forbids it."""
        rows = [row for part in parts for row in part.rows]
        if not rows:
            return []
        try:
            lines = self._lines(table)
        except Unusable as e:
            place = rows[0].place
            at = Place(place.file, place.sheet)
            fault = Fault("error", at.source, None, "", "", e.rule, str(e))
            return [*doubled(table, rows), Problem(at, fault)]
        for by in dict.fromkeys(p.head.profile.number for p in parts if p.head.profile):
            same = [p for p in parts if p.head.profile and p.head.profile.number == by]
            if by:
                numbered(table, lines, [row for p in same for row in p.rows], by)
        found = doubled(table, rows)
        self.doubled |= {table.name} if found else set()
        if (count := twice(table, lines, rows)) and not self.whole:
            self.warnings.append(_known_otherwise(table, rows[0].place, count))
        difference = merge(table, lines, rows, self.whole)
        self.differences.append(difference)
        self.contents[table.path] = lines
        return found

    def _lines(self, table: Table) -> Lines:
        path = self.folder / table.path
        if table.inside and (
            path.with_suffix(".parquet").exists() or path.with_suffix("").is_dir()
        ):
            message = (
                f"表“{table.label}”以 Parquet 保存，由系统导出：不能用表格导入，请在原系统里改"
            )
            raise Unusable("Parquet", message)
        self.base[table.path] = publishing.hash_of(self.folder, table.path)
        return existing(table, content_of(path))

    def check(self, heads: Heads) -> tuple[list[Problem], list[Fault]]:
        """(what the checks of the folder find wrong in the sent rows, what they warn of)."""
        with tempfile.TemporaryDirectory(prefix="qmg-import-") as name:
            after = Path(name)
            _mirror(self.folder, after)
            for path, lines in self.contents.items():
                _replace(after / path, lines.content())
            snapshot = store.load(after, most=_ALL)
            problems, warnings = self._told(snapshot, heads)
            return problems, [*self.warnings, *warnings, *self._broken(snapshot)]

    def _told(self, snapshot: Snapshot, heads: Heads) -> tuple[list[Problem], list[Fault]]:
        problems, warnings = [], []
        for fault in snapshot.faults:
            lines = self.contents.get(fault.file)
            row = lines.origin.get(fault.row - 2) if lines and fault.row else None
            if row and fault.rule != DOUBLED:  # told with the rows of the sent files
                place = _pointed(row.place, fault, heads)
                told = replace(fault, file=place.source, row=place.row)
                if fault.severity == "error":
                    problems.append(Problem(place, told))
                else:
                    warnings.append(told)
        for table in (d.table for d in self.differences):
            if table.name not in snapshot.tables and table.name not in self.doubled:
                problems.append(self._unreadable(table, snapshot))
        return problems, warnings

    def _unreadable(self, table: Table, snapshot: Snapshot) -> Problem:
        """The table would not be shown at all, for a fault of rows that are there already."""
        row = next(iter(self.contents[table.path].origin.values()))
        at = Place(row.place.file, row.place.sheet)
        first = next(f for f in snapshot.faults if f.file == table.path and f.severity == "error")
        message = f"现有的 {first.place} 有问题，请先改好它：{first.message}"
        return Problem(at, replace(first, file=at.source, row=None, message=message))

    def _broken(self, snapshot: Snapshot) -> list[Fault]:
        """Identities that would be broken and are not now: shown, never a reason to refuse."""
        broken = all_faults(snapshot)[len(snapshot.faults) :]
        if not broken:
            return []
        now = store.load(self.folder)
        known = {(f.rule, f.message) for f in all_faults(now)}
        return [replace(f, row=None) for f in broken if (f.rule, f.message) not in known]


def content_of(path: Path) -> bytes | None:
    """What a table's file holds, None where there is none. Raises Unusable."""
    try:
        return regular.read(path)
    except FileNotFoundError:
        return None
    except OSError as e:
        raise Unusable("读取", f"{path.name} 打不开（{why(e)}）：请先改好它") from e


def _known_otherwise(table: Table, place: Place, count: int) -> Fault:
    """A word on rows that another system has under other numbers."""
    same = "、".join(table.column(name).header for name in table.alike)
    said = f"{count} 行与别的行{same}都相同，只是编号不同：像是同一批从另一个系统导出的，会算两次，请核对"
    return Fault("warning", place.source, None, "", "", "可能重复", said)


def _pointed(place: Place, fault: Fault, heads: Heads) -> Place:
    """The cell of a sent row that a fault is about; of a key of several columns, the first. What a
    column lacks that the sheet does not have is a fault of its header."""
    head = heads.get((place.file, place.sheet))
    if head is None or place.row is None or place.position is not None:
        return place
    position = head.position(fault.column.split("＋")[0])
    if position is None and fault.column in {c.header for c in head.table.columns}:
        return replace(place, row=head.last + 1, position=head.end)  # where it is to be added
    return replace(place, position=position)


def _mirror(folder: Path, to: Path) -> None:
    """The folder's files, linked where the system allows it."""
    (to / "ledgers").mkdir()
    for path in (*folder.iterdir(), *(folder / "ledgers").rglob("*")):
        inside = path.relative_to(folder)
        if path.is_file() and not any(p.startswith((".", "~")) for p in inside.parts):
            target = to / inside
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                target.symlink_to(path)
            except OSError:  # Windows, without the right to
                shutil.copy2(path, target)


def _replace(path: Path, content: bytes) -> None:
    """Put a file into the copy, with a time at which nobody waits for it to be finished."""
    path.unlink(missing_ok=True)
    path.write_bytes(content)
    os.utime(path, (0, 0))


# ---------------------------------------------------------------- publishing


def _entries(difference: Difference) -> Iterable[dict[str, str]]:
    """What of a difference is a change of something that the town has published."""
    logged: Sequence[Change] = (*difference.changed, *difference.removed)
    for change in logged:
        for column in difference.table.logged:
            if column in change.cells:
                old, new = change.cells[column]
                names = {"table": difference.table.name, "key": change.key, "column": column}
                yield names | {"old": old, "new": new}


def publish(plan: Plan, by: str = "", reason: str = "", across_years: bool = False) -> Entry | None:
    """Do what the plan says, all or nothing; None where nothing changes. `across_years`: it is meant
    that rows of one year become another's. Raises Refused."""
    by, reason = writable(by).strip(), writable(reason).strip()
    if plan.refused:
        raise Refused("文件有错误，不能导入")
    if not plan.changes:
        return None
    if plan.turned and not across_years:
        raise Unconfirmed("有行从一年改到另一年：请核对编号是否缺了年度，确实要改请先确认")
    entries = plan.corrections
    if entries and not (by and reason):
        raise NeedsReason(f"公布数有 {len(entries)} 处改动，要记入更正记录：请写明原因和经办")
    files = {d.table.path: plan.contents[d.table.path] for d in plan.differences if not d.empty}
    if entries:
        files[CORRECTIONS.path] = _logged(plan, entries, by, reason)
    about = {
        "sent": [s.name for s in plan.sent],
        "tables": {
            d.table.name: [len(d.new), len(d.changed), len(d.removed)] for d in plan.differences
        },
    }
    changes = {path: lines.content() for path, lines in files.items()}
    if plan.questions:
        changes[ANSWERS] = plan.answers.written()
    base = {path: plan.base[path] for path in changes}
    return publishing.publish(plan.folder, changes, base, by, reason, about)


def _logged(plan: Plan, entries: Sequence[dict[str, str]], by: str, reason: str) -> Lines:
    """corrections.csv with the entries behind what is there (and was sent)."""
    path = plan.folder / CORRECTIONS.path
    sent = plan.contents.get(CORRECTIONS.path)
    try:
        lines = sent or existing(CORRECTIONS, content_of(path))
    except Unusable as e:
        raise Refused(str(e)) from e
    out = Lines(list(lines.headers), list(lines.names), [list(r) for r in lines.rows])
    when = {"date": beijing.today().isoformat(), "reason": reason, "by": by}
    out.have(CORRECTIONS, [c.name for c in CORRECTIONS.columns])
    for entry in entries:
        row = [""] * len(out.headers)
        for name, text in (entry | when).items():
            out.put(row, name, text)
        out.rows.append(row)
    return out


__all__ = ["DataError", "NeedsReason", "Plan", "Refused", "Sent", "Unconfirmed", "make", "publish"]
