"""Layouts of what other systems export: data, one TOML file each in profiles/ beside this module,
and a town's own in `profiles/` of its folder. docs/data.md says how one is written.

A file is read strictly: what is not known in it is a fault with its place and the rule, and the
layout is not used.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from qmg_dash.figures.forms import FORMS
from qmg_dash.folder import regular
from qmg_dash.folder.cells import fold, read_cell
from qmg_dash.folder.decoding import Unusable, decode
from qmg_dash.folder.scan import LAYOUTS
from qmg_dash.intake.meaning import DEADLINE, HEAVIEST, HOWS, PEOPLE, Reads
from qmg_dash.intake.vocabulary import Names, Vocabulary, converts
from qmg_dash.model import Fault, why
from qmg_dash.tables import BY_NAME, PENALTY_CLASSES, Column, Table

SHIPPED = Path(__file__).parent / "profiles"
MOST = 1 << 16
"""Bytes of a file, and how many of a folder are read."""
FILES = 100
RULE = "导入格式"
_KEYS = (
    "name",
    "about",
    "table",
    "forms",
    "number",
    "recognise",
    "columns",
    "constants",
    "title",
    "ask",
)
_LISTS = ("persons", "unread")


_OF_HOW: dict[str, tuple[Callable[[Column], bool], str]] = {
    PEOPLE: (lambda c: c.type == "int", "人数"),
    HEAVIEST: (lambda c: c.values == PENALTY_CLASSES, "处罚种类"),
    DEADLINE: (lambda c: c.type == "date", "日期"),
}
"""Of which columns a reading of its own is, and what they are called."""


@dataclass(frozen=True)
class Ask:
    """What the file cannot say of a column. `each`: of each list anew, so that it is remembered for
    the file of this title alone."""

    question: str
    each: bool = False


@dataclass(frozen=True, eq=False)
class Profile:
    """A layout. A sheet has it if every one of `needs` stands in its header and none of `absent`: a
    column by its English name, under any header; or a header, its other spellings among them, of a
    column here or of what is known and not read. One of `words`, if there are any, is in the sheet's
    name, its title or the file's name, and none of `never`; nor do title and headers say that it is
    another thing (`other_things`), but for the words of `allow`. `constants` are what its rows have in
    columns that no cell gives; `title` are columns whose value stands in these names; `ask` those
    that have to be asked. `persons` are headers that are never read since they name people, or may;
    `unread` others without a place here. `forms`: statutory forms, whose cells are found by their
    labels. `number`: rows get a number in the key's column, known again by these columns."""

    id: str
    name: str
    table: Table
    own: bool = False
    about: str = ""
    forms: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    columns: dict[str, Reads] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)
    title: tuple[str, ...] = ()
    ask: dict[str, Ask] = field(default_factory=dict)
    persons: dict[str, tuple[str, ...]] = field(default_factory=dict)
    unread: dict[str, tuple[str, ...]] = field(default_factory=dict)
    number: tuple[str, ...] = ()

    @cached_property
    def vocabulary(self) -> Vocabulary:
        return Vocabulary(self.table, self.columns.items())

    @cached_property
    def person_names(self) -> Names:
        return Names(self.persons.items())

    @cached_property
    def unread_names(self) -> Names:
        return Names(self.unread.items())

    def known(self, header: str) -> str | None:
        """What a header is called that is known and not read."""
        return self.person_names.match(header) or self.unread_names.match(header)

    def headed(self, header: str) -> str | None:
        """What stands for a header and its other spellings: the first of its column, or what it is
        called that is not read. None for one that is neither."""
        return self._own_headers.get(fold(header)) or self.known(header)

    @cached_property
    def _own_headers(self) -> dict[str, str]:
        return {fold(h): reads.headers[0] for reads in self.columns.values() for h in reads.headers}

    def allows(self, word: str) -> bool:
        """Whether a word of `other_things` belongs to this layout."""
        return any(word in text for text in (self.name, *self.words, *self.allow))

    @property
    def given(self) -> set[str]:
        """The columns that need not stand in a sheet, whatever its title says."""
        return {*self.constants, *self.ask, *(self.table.key if self.number else ())}


# ---------------------------------------------------------------- reading a file


class _Reader:
    """Reads a layout's TOML; `faults` are all that is wrong with it."""

    def __init__(self, file: str, written: Mapping[str, Any]):
        self.file, self.written = file, written
        self.faults: list[Fault] = []

    def wrong(self, key: str, message: str, value: object = "") -> None:
        self.faults.append(Fault("error", self.file, None, key, str(value)[:60], RULE, message))

    def profile(self, id_: str, own: bool) -> Profile | None:
        """The layout; None where anything is wrong."""
        for key in self.written:
            if key not in (*_KEYS, *_LISTS):
                self.wrong(key, f"不认识的项；可用：{'、'.join((*_KEYS, *_LISTS))}")
        table = BY_NAME.get(self._text("table"))
        if table is None:
            known = "、".join(BY_NAME)
            self.wrong("table", f"没有这张表；可用：{known}", self._text("table"))
            return None
        name = self._text("name")
        if not name:
            self.wrong("name", '缺少名称：请写 name = "…"')
        forms = self._texts("forms", self.written.get("forms", []))
        for form in forms:
            if form not in {f.id for f in FORMS}:
                self.wrong("forms", f"没有这个表式；可用：{'、'.join(f.id for f in FORMS)}", form)
        columns = self._columns(table)
        lists = {which: self._named(which) for which in _LISTS}
        constants = self._constants(table)
        told = self._section("recognise", self.written)
        self._only("recognise", told, ("words", "never", "allow", "needs", "absent"))
        made = Profile(
            id=id_,
            name=name,
            table=table,
            own=own,
            about=self._text("about"),
            forms=forms,
            words=self._texts("recognise.words", told.get("words", [])),
            never=self._texts("recognise.never", told.get("never", [])),
            allow=self._texts("recognise.allow", told.get("allow", [])),
            needs=self._texts("recognise.needs", told.get("needs", [])),
            absent=self._texts("recognise.absent", told.get("absent", [])),
            columns=columns,
            constants=constants,
            title=self._in(table, "title", self._texts("title", self.written.get("title", []))),
            ask=self._ask(table),
            number=self._in(table, "number", self._texts("number", self.written.get("number", []))),
            **lists,
        )
        self._check(made)
        return None if self.faults else made

    def _check(self, made: Profile) -> None:
        """What holds between the parts."""
        if not made.forms and not made.needs:
            self.wrong("recognise.needs", "缺少认出这种文件必须有的列：请至少写一项")
        for which, listed in (("needs", made.needs), ("absent", made.absent)):
            for name in listed:
                if name not in made.table.by_name and made.headed(name) is None:
                    said = "既不是表的列（英文名），也不是 columns、persons、unread 里的列名"
                    self.wrong(f"recognise.{which}", said, name)
        have = {*made.columns, *made.given, *made.title, *made.needs}
        lacking = [c for c in made.table.columns if c.required and c.name not in have]
        for column in () if made.forms else lacking:
            said = (
                f"必填的列“{column.header}”没有来处：请在 columns、constants、title 或 ask 里写上"
            )
            self.wrong(f"columns.{column.name}", said)
        self._twice(made)

    def _twice(self, made: Profile) -> None:
        """One header means one thing."""
        seen: dict[str, str] = {}
        for name, reads in made.columns.items():
            for header in reads.headers:
                if seen.setdefault(fold(header), name) != name:
                    said = f"“{header}”已经是 {seen[fold(header)]} 的列名"
                    self.wrong(f"columns.{name}", said, header)
        for which in _LISTS:
            for name, others in getattr(made, which).items():
                for header in (name, *others):
                    if fold(header) in seen:
                        said = f"“{header}”已经是 {seen[fold(header)]} 的列名，不能又不读取"
                        self.wrong(which, said, header)

    # ---- pieces

    def _text(self, key: str) -> str:
        value = self.written.get(key, "")
        if not isinstance(value, str):
            self.wrong(key, "应是文字：请写在引号里", value)
            return ""
        return value.strip()

    def _texts(self, key: str, value: object) -> tuple[str, ...]:
        if not isinstance(value, list) or not all(isinstance(v, str) and v.strip() for v in value):
            self.wrong(key, '应是一串文字：请写成 ["…", "…"]', value)
            return ()
        return tuple(value)

    def _section(self, key: str, within: Mapping[str, Any]) -> dict[str, Any]:
        value = within.get(key, {})
        if not isinstance(value, dict):
            self.wrong(key, f"应是一节：请写成 [{key}]", value)
            return {}
        return value

    def _only(self, key: str, section: Mapping[str, Any], allowed: tuple[str, ...]) -> None:
        for name in section:
            if name not in allowed:
                self.wrong(f"{key}.{name}", f"不认识的项；可用：{'、'.join(allowed)}")

    def _in(self, table: Table, key: str, names: tuple[str, ...]) -> tuple[str, ...]:
        """Columns of the table, by their English names."""
        for name in names:
            if name not in table.by_name:
                self.wrong(
                    key, f"表“{table.label}”没有这一列；可用：{'、'.join(table.by_name)}", name
                )
        return tuple(n for n in names if n in table.by_name)

    def _columns(self, table: Table) -> dict[str, Reads]:
        section = self._section("columns", self.written)
        names = self._in(table, "columns", tuple(section))
        return {n: self._reads(table, table.column(n), self._section(n, section)) for n in names}

    def _reads(self, table: Table, column: Column, told: Mapping[str, Any]) -> Reads:
        at = f"columns.{column.name}"
        allowed = ("headers", "values", "cut", "ending", "otherwise", "how", "unit", "join", "when")
        self._only(at, told, allowed)
        texts = {
            key: self._texts(f"{at}.{key}", told.get(key, []))
            for key in ("headers", "cut", "ending")
        }
        plain = {}
        for key in ("otherwise", "how", "unit", "join"):
            value = told.get(key)
            if value is not None and not isinstance(value, str):
                self.wrong(f"{at}.{key}", "应是文字：请写在引号里", value)
            elif value is not None:
                plain[key] = value
        if plain.get("how", "") not in ("", *HOWS):
            self.wrong(f"{at}.how", f"没有这种读法；可用：{'、'.join(HOWS)}", plain["how"])
        self._fit(at, column, plain)
        values = self._words(at, told)
        for said, value in values.items():
            self._value(f"{at}.values", column, value, said)
        return Reads(
            **texts,
            **plain,
            values=tuple((k, v) for k, v in values.items() if isinstance(v, str)),
            when=self._when(at, table, column, told.get("when")),
        )

    def _fit(self, at: str, column: Column, plain: Mapping[str, str]) -> None:
        """What is said of a column has to be of its type."""
        how, unit = plain.get("how", ""), plain.get("unit")
        if how in _OF_HOW and not _OF_HOW[how][0](column):
            said = f"“{column.header}”不能这样读：{how} 只用于{_OF_HOW[how][1]}"
            self.wrong(f"{at}.how", said, how)
        if unit is not None and not (column.unit and converts(unit, column)):
            fits = f"要能换算成“{column.unit}”" if column.unit else "只有带单位的数才写单位"
            self.wrong(f"{at}.unit", f"“{column.header}”不能用这个单位：{fits}", unit)
        if "otherwise" in plain:
            self._value(f"{at}.otherwise", column, plain["otherwise"])

    def _words(self, at: str, told: Mapping[str, Any]) -> dict[str, Any]:
        """Other words for a column's values: a table, or the name of one in profiles/words/."""
        named = told.get("values", {})
        if not isinstance(named, str):
            return self._section("values", told)
        if named not in words():
            self.wrong(f"{at}.values", f"没有这张对照表；可用：{'、'.join(words())}", named)
            return {}
        return words()[named]

    def _when(
        self, at: str, table: Table, column: Column, told: object
    ) -> tuple[str, tuple[str, ...]] | None:
        if told is None:
            return None
        if not isinstance(told, dict) or len(told) != 1:
            self.wrong(f"{at}.when", '请写成 {列的英文名 = ["值", …]}', told)
            return None
        ((name, values),) = told.items()
        texts = self._texts(f"{at}.when", values)
        others = tuple(c.name for c in table.columns if c is not column)
        if name not in others:
            said = f"表“{table.label}”没有另外这一列；可用：{'、'.join(others)}"
            self.wrong(f"{at}.when", said, name)
            return None
        for value in texts:
            self._value(f"{at}.when", table.column(name), value)
        return str(name), texts

    def _value(self, key: str, column: Column, value: object, said: str = "") -> None:
        """A value has to be one that the column may have."""
        if not isinstance(value, str):
            self.wrong(key, "应是文字：请写在引号里", value)
        elif value and read_cell(column, value).severity:
            message = read_cell(column, value).message
            named = f"“{said}”的" if said else ""
            self.wrong(key, f"{named}值不能用在“{column.header}”里：{message}", value)

    def _constants(self, table: Table) -> dict[str, str]:
        section = self._section("constants", self.written)
        names = self._in(table, "constants", tuple(section))
        for name in names:
            self._value(f"constants.{name}", table.column(name), section[name])
        return {n: section[n] for n in names if isinstance(section[n], str)}

    def _ask(self, table: Table) -> dict[str, Ask]:
        section = self._section("ask", self.written)
        out = {}
        for name in self._in(table, "ask", tuple(section)):
            told = self._section(name, section)
            self._only(f"ask.{name}", told, ("question", "each"))
            question, each = told.get("question", ""), told.get("each", False)
            if not isinstance(question, str) or not question or not isinstance(each, bool):
                self.wrong(
                    f"ask.{name}", '请写成 {question = "…"}，需要每份都问的加 each = true', told
                )
            else:
                out[name] = Ask(question, each)
        return out

    def _named(self, which: str) -> dict[str, tuple[str, ...]]:
        """Headers that are not read: name = other spellings."""
        section = self._section(which, self.written)
        return {name: self._texts(f"{which}.{name}", told) for name, told in section.items()}


# ---------------------------------------------------------------- where they lie


def load(data: bytes, file: str, own: bool = False) -> tuple[Profile | None, list[Fault]]:
    """A layout's file, read: (the layout, or None, and all that is wrong with it)."""
    try:
        written = tomllib.loads(decode(data).decode())
    except Unusable as e:
        return None, [Fault("error", file, None, "", "", RULE, str(e))]
    except (ValueError, RecursionError) as e:
        said = f"不是正常的 TOML（{e}）：文字两边要用半角引号，等号用半角"
        return None, [Fault("error", file, None, "", "", RULE, said)]
    reader = _Reader(file, written)
    made = reader.profile(Path(file).stem, own)
    return made, reader.faults


@cache
def words() -> dict[str, dict[str, str]]:
    """Tables of words that several layouts share, by name."""
    return {p.stem: tomllib.loads(p.read_text("utf-8")) for p in (SHIPPED / "words").glob("*.toml")}


@cache
def other_things() -> dict[str, tuple[str, ...]]:
    """Words which say that a row is another thing than any layout is for: in `titles`, `headers`."""
    told = tomllib.loads((SHIPPED / "apart/other_things.toml").read_text("utf-8"))
    return {where: tuple(words) for where, words in told.items()}


def other_thing(header: str) -> str:
    """The word in a header which says that its rows are another thing; empty where none does.
    Whether there was such a thing (是否移送) says nothing of the rows."""
    text = fold(header)
    if text.startswith(("是否", "有无")):
        return ""
    return next((w for w in other_things()["headers"] if w in text), "")


@cache
def shipped() -> tuple[Profile, ...]:
    """The layouts that come with the program."""
    found = [load(p.read_bytes(), p.name) for p in sorted(SHIPPED.glob("*.toml"))]
    faults = [f"{f.file} {f.column} {f.value}: {f.message}" for _, told in found for f in told]
    if faults:
        raise ValueError("\n".join(faults))
    return tuple(made for made, _ in found if made)


def of_folder(folder: Path) -> tuple[tuple[Profile, ...], tuple[Fault, ...]]:
    """The layouts that hold for a data folder, its own first, and what is wrong with its own. One of
    its own takes the place of a shipped one of the same file name."""
    own: list[Profile] = []
    faults: list[Fault] = []
    for path in _files(folder / LAYOUTS):
        made, told = _loaded(path)
        own += [made] if made else []
        faults += told
    replaced = {p.id for p in own}
    return (*own, *(p for p in shipped() if p.id not in replaced)), tuple(faults)


def _files(at: Path) -> Iterator[Path]:
    if regular.is_folder(at):
        found = sorted(p for p in at.glob("*.toml") if not p.name.startswith((".", "~")))
        yield from found[:FILES]


def _loaded(path: Path) -> tuple[Profile | None, list[Fault]]:
    file = f"{LAYOUTS}/{path.name}"
    try:
        return load(regular.read(path, MOST), file, own=True)
    except OSError as e:
        said = f"读不出（{why(e)}）：请改好它，或把它移到别处"
        return None, [Fault("error", file, None, "", "", RULE, said)]
