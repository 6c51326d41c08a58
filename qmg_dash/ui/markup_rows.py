"""Rows of a ledger: as cards in the drawer beside a figure, which are a table on paper, and as the table
of all their columns."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import simple_html as h

from qmg_dash.figures.findings import width
from qmg_dash.figures.rows_behind import LATE, PLACE, Term
from qmg_dash.kpis import goals as kinds
from qmg_dash.tables import Column
from qmg_dash.ui import markup

Row = Sequence[object]
ALIGN = {"int": "r", "number": "r", "date": "n", "bool": "c"}
LONG = 14
"""Characters from which on a cell may break into lines."""
PAPER, WIDEST = 57, 8
"""Full-width characters that a line of a table has on paper, and the most that a column takes of it."""
ROW, STATE = 5, 7
"""What the row's number and its state take of it."""


def ledger(columns: Sequence[Column], rows: Iterable[Row], order: str, caption: str) -> h.Node:
    """Rows with all their columns, file and row first: these stay in sight when the others are moved.
    `order` is the column they are sorted by, with "-" before it for the greatest first."""
    name = order.removeprefix("-")
    way = {"aria-sort": "descending" if order.startswith("-") else "ascending"}
    kinds_ = [ALIGN.get(c.type, "") for c in columns]
    top = [
        h.th({"scope": "col"} | markup.classed(k) | (way if c.name == name else {}), c.header)
        for c, k in zip(columns, kinds_, strict=True)
    ]
    lines = [h.tr(list(map(_cell, row, kinds_))) for row in rows]
    return h.div(
        {"class": "rows", "tabindex": "0", "role": "region", "aria-label": caption},
        h.table(h.thead(h.tr(top)), h.tbody(lines)),
    )


def _cell(cell: object, kind: str) -> h.Node:
    text = _text(cell)
    return h.td(markup.classed(kind or ("w" if len(text) > LONG else "")), text)


def _text(cell: object) -> str:
    return "" if cell is None else str(cell)


# ---- cards ------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Cards:
    """Rows to be written as cards. `columns` are those of the rows, `card` those of a card: number,
    what it is, and the rest; `clock` is the day from which an open `term` is counted."""

    columns: Sequence[Column]
    card: Sequence[Column]
    rows: Sequence[Row]
    term: Term | None
    clock: dt.date

    def of(self, row: Row, name: str) -> object:
        """A row's cell by its column's name."""
        return next(v for c, v in zip(self.columns, row, strict=True) if c.name == name)

    def table(self, caption: str) -> h.Node:
        """A table whose rows are cards on a screen, and rows with as many columns as fit on paper."""
        more = self._more()
        shown = [*self.card, *more]
        top = ["期限"] if self.term else []
        lines = [
            h.tr(
                h.td({"class": "state"}, self._state(row)) if self.term else "",
                [self._fact(row, i, c) for i, c in enumerate(self.card)],
                [
                    h.td({"class": f"sheet {ALIGN.get(c.type, '')}"}, _text(self.of(row, c.name)))
                    for c in more
                ],
                h.td({"class": "fact at"}, self._place(row)),
            )
            for row in self.rows
        ]
        return h.table(
            {"class": "cards", "aria-label": caption},
            h.thead(h.tr([h.th(n) for n in (*top, *(c.header for c in shown), "行号")])),
            h.tbody(lines),
        )

    def _fact(self, row: Row, at: int, column: Column) -> h.Node:
        """A cell of a card: its number, what it is, or a fact, said with its name where the value
        alone does not tell."""
        kind = ("id", "what")[at] if at < 2 else f"fact {ALIGN.get(column.type, '')}"
        named = at > 1 and (column.type != "text" or column.groups)
        text = _text(self.of(row, column.name))
        return h.td({"class": kind} | ({"data-name": column.header} if named else {}), text)

    def _state(self, row: Row) -> h.Node:
        """How a row stands to its term: late and open, late when it was done, or days left."""
        assert self.term
        due, late = self.of(row, self.term.due), self.of(row, LATE)
        done = self.of(row, self.term.done)
        if late and done is None:
            return markup.state(kinds.OVERDUE, f"{self.term.what}超 {late} 天")
        if late:
            return markup.state(kinds.BEHIND, f"{self.term.what}迟 {late} 天")
        if done is None and isinstance(due, dt.date):
            return h.span({"class": "muted"}, f"{self.term.what}剩 {(due - self.clock).days} 天")
        return ""

    def _place(self, row: Row) -> str:
        file, line = row[:2]
        return f"{file} 第 {line} 行" if self._files() > 1 else f"第 {line} 行"

    def _files(self) -> int:
        return len({row[0] for row in self.rows})

    def _more(self) -> list[Column]:
        """The columns that a line on paper has room for beside those of a card."""
        room = PAPER - sum(map(self._wide, self.card)) - (ROW + STATE if self.term else ROW)
        found = []
        for column in self.columns:
            if column in self.card or column in PLACE or column.name == LATE:
                continue
            room -= (wide := self._wide(column))
            if room < 0:
                break
            if wide:
                found.append(column)
        return found

    def _wide(self, column: Column) -> float:
        """What a column takes of a line, from its header and its cells; nothing where all are empty."""
        cells = [_text(self.of(row, column.name)) for row in self.rows]
        if not any(cells):
            return 0
        return 1 + min(WIDEST, max(map(width, (column.header[:5], *cells))))
