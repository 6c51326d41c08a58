"""What a file cannot say, asked once: the answers given with an import, and those remembered of former
ones in `profiles/answers.json` of the folder, which an import publishes with the rest and an undo
takes back.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from qmg_dash.folder import regular
from qmg_dash.folder.cells import allowed_values, fold, form_of, read_cell
from qmg_dash.folder.scan import ANSWERS
from qmg_dash.intake.meaning import OTHER, Reads
from qmg_dash.intake.profile import Profile
from qmg_dash.model import why
from qmg_dash.tables import NO, YES, Column

UNITS = ("元", "万元")
UNKNOWN = ("—", "不清楚，留空")
_AS_WRITTEN = Reads()
MOST = 12
"""Words of one column that are asked for; of more, each is a fault of its row."""


@dataclass(frozen=True)
class Question:
    """Something to ask. `key` is what the answer is given for (清单版本, 办理结果：信息不存在), `options`
    are (value, words) to choose from, none where it is typed. `of`: stands for the one list that
    the answer is remembered for, which is in `file`; empty for every file of the layout. `before`: the former answer, for
    another title. `reads`: how the layout has the column, whose headers and words will do too.
    `asked`: the word of a cell that it is about."""

    profile: str
    layout: str
    key: str
    text: str
    column: Column
    options: tuple[tuple[str, str], ...] = ()
    of: str = ""
    file: str = ""
    reads: Reads = _AS_WRITTEN
    answer: str = ""
    remembered: bool = False
    before: str = ""
    asked: str = ""

    @property
    def kept_as(self) -> str:
        """What it is remembered by: a hash of a cell's word, since somebody may be named in it."""
        if not self.asked:
            return self.key
        return f"{self.column.header}：{hash_of(fold(self.asked))}"

    @property
    def id(self) -> tuple[str, str, str]:
        return self.profile, self.key, self.of

    @property
    def name(self) -> str:
        """What names it alone, among those of an import."""
        return f"{self.layout}/{self.key}/{self.of}"

    @property
    def words(self) -> str:
        """The answer as people say it."""
        return self.word(self.answer)

    def word(self, value: str) -> str:
        """A value as people say it."""
        return dict(self.options).get(value, value)

    @property
    def stand_in(self) -> str:
        """An answer that could be given: with it everything else can be looked at already."""
        if self.options:
            return self.options[0][0]
        return {"date": "2000-01-01", "int": "2000"}.get(self.column.type, "—")


def options_of(column: Column, word: str = "") -> tuple[tuple[str, str], ...]:
    """What may be chosen for a column; nothing where it is typed. `word`: what is asked for; where
    others are allowed than the declared values it may become one."""
    unknown = () if column.required else (UNKNOWN,)
    if column.type == "bool":
        return ((YES, YES), (NO, NO), *unknown)
    if form_of(column) not in ("closed", "open"):
        return ()
    names = {value: words for words, value in column.synonyms}
    values = (*((v, names.get(v, v)) for v in column.values), *unknown)
    if not column.open:
        return values
    other = () if any(v.startswith(OTHER) for v in column.values) else ((OTHER, OTHER),)
    return (*values, *other, *(((word, f"{word}（新的一种）"),) if word and word != OTHER else ()))


def hash_of(text: str) -> str:
    """What stands for a text that may name somebody."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


@dataclass
class Answers:
    """The answers at hand, and the questions that came up. `given`: with this import, by key (also
    layout/key, or the word alone); `kept`: remembered, by layout, then key, then title."""

    given: Mapping[str, str] = field(default_factory=dict)
    kept: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)
    asked: dict[tuple[str, str, str], Question] = field(default_factory=dict)
    wrong: list[tuple[Question, str, str]] = field(default_factory=list)
    """Answers that cannot be taken: (to what, the answer, why)."""
    doubted: Collection[tuple[str, str, str]] = ()
    """Questions whose remembered answer was another list's: it is only told."""
    files: dict[tuple[str, str, str], set[str]] = field(default_factory=dict)
    """The files, without their endings, that a question came up in."""
    met: set[str] = field(default_factory=set)
    titles: dict[object, str] = field(default_factory=dict)
    """By file, layout and the years in its title: what stands for a list that is in several sheets."""

    def ask(
        self, profile: Profile, key: str, text: str, column: Column, **more: object
    ) -> Question:
        """The question with its answer, or a stand-in for one."""
        if column.name in profile.columns:
            more["reads"] = profile.columns[column.name]
        question = Question(profile.id, profile.name, key, text, column, **more)  # type: ignore[arg-type]
        self.files.setdefault(question.id, set()).add(question.file)
        if question.id not in self.asked:
            self.asked[question.id] = self._answered(question)
        return self.asked[question.id]

    def _answered(self, q: Question) -> Question:
        named = (
            q.name,
            f"{q.layout}/{q.key}/{q.file}",
            f"{q.layout}/{q.key}",
            q.key,
            q.key.partition("：")[2],
            *(q.reads.headers if q.key == q.column.header else ()),
        )
        mine = {fold(k): (k, v) for k, v in self.given.items()}
        kept = self.kept.get(q.profile, {}).get(q.kept_as, {})
        mine_before = "" if q.id in self.doubted else kept.get(q.of, "")
        before = _with(q, mine_before, [], remembered=True)
        for name in filter(None, named):
            if fold(name) in mine:
                written, value = mine[fold(name)]
                self.met.add(written)
                now = _with(q, value, self.wrong)
                return before if before.answer == now.answer and not q.of else now
        former = kept.get(q.of) or next(reversed(kept.values()), "")
        return before if before.answer else replace(q, before=former)

    @property
    def open(self) -> tuple[Question, ...]:
        """What nobody has answered."""
        return tuple(q for q in self.asked.values() if not q.answer)

    @property
    def unmet(self) -> list[str]:
        """Answers that nothing was asked for."""
        return [k for k in self.given if k not in self.met]

    def written(self) -> bytes:
        """All answers, as they are remembered."""
        out = {p: {k: dict(v) for k, v in keys.items()} for p, keys in self.kept.items()}
        for q in self.asked.values():
            if q.answer:
                titles = out.setdefault(q.profile, {}).setdefault(q.kept_as, {})
                titles.pop(q.of, None)  # the newest stands last
                titles[q.of] = q.answer
        return json.dumps(out, ensure_ascii=False, indent=1).encode() + b"\n"


def _with(
    q: Question, value: str, wrong: list[tuple[Question, str, str]], remembered: bool = False
) -> Question:
    """A question with an answer, if it is one that its column can have."""
    if not value:
        return q
    if q.options:
        values = dict(q.options)
        by_words = {fold(said): v or UNKNOWN[0] for said, v in q.reads.values}
        by_words = {said: v for said, v in by_words.items() if v in values}
        by_words |= {fold(words): v for v, words in q.options} | {fold(v): v for v, _ in q.options}
        answer = by_words.get(fold(value), "")
        if not answer and q.column.open and form_of(q.column) == "open":
            answer = value
        said = f"只能答：{'、'.join(dict.fromkeys(words for _, words in q.options))}"
    else:
        read = read_cell(q.column, value)
        answer = "" if read.severity == "error" or read.value is None else str(read.value)
        said = read.message or allowed_values(q.column)
    if not answer:
        wrong.append((q, value, said))
        return q
    return replace(q, answer=answer, remembered=remembered)


def kept(folder: Path) -> tuple[dict[str, dict[str, dict[str, str]]], str]:
    """(the answers remembered in a folder, what is wrong with their file)."""
    try:
        told = json.loads(regular.read(folder / ANSWERS, regular.SMALL))
        if not _is_kept(told):
            raise ValueError("内容的样子不对")
        return told, ""
    except FileNotFoundError:
        return {}, ""
    except (OSError, ValueError, RecursionError) as e:
        said = why(e) if isinstance(e, OSError) else "不是正常的 JSON"
        return {}, f"记住的回答读不出（{said}），这一次全部重新问：导入后会重写这个文件"


def _is_kept(told: object) -> bool:
    def level(of: object, depth: int) -> bool:
        if depth == 0:
            return isinstance(of, str)
        return isinstance(of, dict) and all(level(v, depth - 1) for v in of.values())

    return level(told, 3)
