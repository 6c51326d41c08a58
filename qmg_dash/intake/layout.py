"""What a layout says of one sheet beyond its cells: constants, what its title tells, what is asked."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from qmg_dash.folder.cells import WHITE, fold
from qmg_dash.intake.meaning import DEADLINE, Reads, is_free
from qmg_dash.intake.profile import Profile
from qmg_dash.intake.questions import MOST, UNITS, Answers, Question, hash_of, options_of
from qmg_dash.intake.recognise import YEAR, Doubtful, Head, names_of, told_by
from qmg_dash.intake.sheets import Cell, Sheet
from qmg_dash.intake.vocabulary import ASKED, Found, is_money, money_in
from qmg_dash.tables import Column


@dataclass
class Context:
    """A head with what its layout gives. `asked`: the columns with a stand-in for an answer."""

    head: Head
    answers: Answers = field(default_factory=Answers)
    given: dict[str, str] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)
    doubts: list[Doubtful] = field(default_factory=list)
    words: dict[str, dict[str, str]] = field(default_factory=dict)

    def answered(self, found: Found, word: str) -> Reads | None:
        """How a column is read once it is known what a word in it means; None where that is a
        fault of its row: there are too many of such words, or it is free text."""
        profile, column, reads = self.head.profile, found.column, found.reads
        mine = self.words.setdefault(column.name, {})
        if not profile or not reads or word in dict(reads.values):
            return None
        if word not in mine:
            if len(mine) >= MOST or is_free(column, word):
                return None
            text = f"“{word}”是哪一种{column.header}？"
            options = options_of(column, word)
            key = f"{column.header}：{word}"
            q = self.answers.ask(profile, key, text, column, options=options, asked=word)
            mine[word] = self._taken(q, column)
        return replace(reads, values=(*mine.items(), *reads.values))

    def stands_in(self, column: Column, word: str) -> bool:
        """Whether nobody has said yet what a word means."""
        return column.name in self.asked and word in self.words.get(column.name, {})

    def _taken(self, q: Question, column: Column) -> str:
        """The answer, or what stands in for it."""
        if q.answer:
            return q.answer
        self.asked.add(column.name)
        return q.stand_in


def not_asked(column: Column) -> str:
    """What is said of a cell whose word is not asked for."""
    kinds = "、".join(dict.fromkeys(words for _, words in options_of(column)))
    return f"这一列只填一种{column.header}，这一格是别的文字：请改成其中一种（{kinds}），经过、姓名不写"


def of(sheet: Sheet, head: Head, file: str, answers: Answers) -> Context:
    """What the layout of a head gives for a sheet."""
    out = Context(head, answers)
    if head.profile is None:
        return out
    for name in dict.fromkeys((*head.profile.constants, *head.profile.title, *head.profile.ask)):
        if name not in head.names:
            _give(out, head.profile, head.table.column(name), sheet, file)
    columns = {p: _found(out, head.profile, f, p, sheet) for p, f in head.columns.items()}
    out.head = replace(head, columns=columns)
    return out


def _give(out: Context, profile: Profile, column: Column, sheet: Sheet, file: str) -> None:
    """A column that does not stand in the sheet."""
    name, ask = column.name, profile.ask.get(column.name)
    if name in profile.constants:
        out.given[name] = profile.constants[name]
        out.said.append(f"{column.header}＝{profile.constants[name]}（这种格式的规定）")
        return
    told = (
        told_by(names_of(sheet, out.head, file), profile, column) if name in profile.title else None
    )
    if told:
        out.given[name], where = told
        out.said.append(f"{column.header}＝{told[0]}（看{where}）")
    elif ask:
        of_ = {"of": _list_of(out, profile, column, sheet, file), "file": file} if ask.each else {}
        sheets_ = ask.each and column.values and sheet.name
        text = f"工作表“{sheet.name}”：{ask.question}" if sheets_ else ask.question
        options = options_of(column)
        q = out.answers.ask(profile, column.header, text, column, options=options, **of_)
        out.given[name] = out._taken(q, column)
        if q.answer:
            how = "按上次的回答" if q.remembered else "按回答"
            out.said.append(f"{column.header}＝{q.words}（{how}）")


def _list_of(out: Context, profile: Profile, column: Column, sheet: Sheet, file: str) -> str:
    """What stands for the list that a sheet belongs to: one that is spread over the sheets of a file
    is asked of once, lists of different years are not; what its rows are (a word) is each sheet's. A
    hash of its title, or of the content of a sheet without one: who filled it in may be named there."""
    titles = fold("".join(c.text for row in sheet.rows[: out.head.first] for c in row))
    content = (c.text.strip(WHITE) for row in sheet.rows for c in row)
    apart = sheet.name if column.values else ""
    years = tuple(dict.fromkeys(YEAR.findall(f"{sheet.name} {titles}")))
    mine = hash_of(apart + (titles or "\n".join(content)))
    return out.answers.titles.setdefault((file, profile.id, years, apart), mine)


def _found(out: Context, profile: Profile, found: Found, position: int, sheet: Sheet) -> Found:
    """A column with what is answered of it: its unit, the year that its days are of."""
    if found.reads and found.reads.how == DEADLINE and out.given.get("year"):
        found = replace(found, reads=replace(found.reads, year=out.given["year"]))
    if found.unit != ASKED:
        return found
    cells = (r[position] for r in sheet.rows[out.head.last + 1 :] if position < len(r))
    if not any(c.text.strip(WHITE) for c in cells):
        return replace(found, unit="")
    above = units_over(sheet.rows[: out.head.first]) if found.column.money else []
    unit = unit_of(out, profile, found, above)
    if not unit:
        header = found.written.strip(WHITE)
        out.doubts.append(Doubtful("单位", unclear(header), out.head.last, position, [header]))
    return replace(found, unit="" if unit == found.column.unit else unit)


# ---------------------------------------------------------------- the unit of an amount


def units_over(rows: Iterable[Iterable[Cell]]) -> list[str]:
    """The units of amounts that are written over a table, each once."""
    texts = (" ".join(c.text.strip(WHITE) for c in row) for row in rows)
    return list(dict.fromkeys(unit for text in texts for unit in money_in(text)))


def unit_of(out: Context, profile: Profile, found: Found, above: list[str]) -> str:
    """The unit of an amount whose header says none: the one that is written above it, the layout's,
    or the answer. Empty where what stands above says no one unit: no answer holds against it."""
    header = re.sub(r"\s", "", found.written)
    if above:
        if len(above) > 1 or not is_money(above[0]):
            return ""
        out.said.append(f"“{header}”以{above[0]}为单位（写在列名上方）")
        return above[0]
    if found.reads and found.reads.unit:
        return found.reads.unit
    options = tuple((u, u) for u in UNITS)
    text = f"“{header}”以什么为单位？"
    q = out.answers.ask(profile, f"{header}的单位", text, found.column, options=options)
    if q.remembered:
        out.said.append(f"“{header}”以{q.answer}为单位（按上次的回答）")
    return out._taken(q, found.column)


def unclear(header: str) -> str:
    """Why an amount has no unit though one stands above it."""
    said = "列名上方写的单位不止一个，或不是元、万元"
    return f"“{header}”没有写单位，{said}：请在列名里写明，如“{header}（元）”或“{header}（万元）”"
