"""The rows of a ledger, checked in SQL."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import pyarrow as pa
from duckdb import DuckDBPyConnection as Cursor

from qmg_dash import anonymous, characters, page_files
from qmg_dash.folder.cells import (
    EARLIEST,
    LATEST,
    NOTHING,
    WHITE,
    allowed_values,
    form_of,
    read_cell,
    unknowns,
    value_text,
)
from qmg_dash.folder.tally import Tally
from qmg_dash.model import Fault, Severity
from qmg_dash.tables import YES, Column, Need, Settled, Table

# ---------------------------------------------------------------- a ledger, in SQL

SQL_TYPES = {
    "text": "VARCHAR",
    "int": "BIGINT",
    "number": "DECIMAL(20,4)",
    "bool": "BOOLEAN",
    "date": "DATE",
}
TRIMMED = "TRIMMED"
"""As a raw type: texts that are trimmed already, NULL where empty (a CSV's)."""
ZONED = ("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ_NS")
"""DuckDB's types of an instant: of microseconds, and of nanoseconds (what pandas writes)."""
INTEGERS = {
    "TINYINT",
    "SMALLINT",
    "INTEGER",
    "BIGINT",
    "UTINYINT",
    "USMALLINT",
    "UINTEGER",
}
_ODD_CODE = (
    r"[０-９Ａ-Ｚａ-ｚ]|^[0-9](\.[0-9]+)?[eE]\+[0-9]+$|^=\"|^'|^("
    + "|".join(re.escape(d) for d in NOTHING)
    + ")$"
)


def literal(text: str) -> str:
    """A text as an SQL literal; for file names and declared values (no user text else)."""
    return "'" + text.replace("'", "''") + "'"


def sql_list(values: Iterable[str]) -> str:
    return ", ".join(literal(v) for v in values)


@dataclass(frozen=True)
class _Field:
    """A declared column over a relation `r`: `raw` is its type there, empty where it is absent.
    `exact`: every cell is trimmed and none is an empty text. `joined`: its odd values stand in
    the odd table."""

    column: Column
    raw: str = ""
    exact: bool = False
    joined: bool = False

    @property
    def sql_type(self) -> str:
        return SQL_TYPES[self.column.type]

    @property
    def native(self) -> bool:
        """Whether the relation's type needs no reading."""
        raw, kind = self.raw.split("(")[0], self.column.type
        return bool(raw) and (
            (kind == "date" and raw == "DATE")
            or (kind == "int" and raw in INTEGERS)
            or (kind == "number" and raw in {*INTEGERS, "DECIMAL", "FLOAT", "DOUBLE"})
            or (kind == "bool" and raw == "BOOLEAN")
        )

    @property
    def text(self) -> str:
        """SQL: the cell as trimmed text, NULL where empty."""
        name = f'r."{self.column.name}"'
        if not self.raw:
            return "CAST(NULL AS VARCHAR)"
        if self.raw in ZONED:  # with its offset, on the clocks of the database (store): Beijing's
            name = f"CAST({name} AS {ZONED[0]})"
        as_text = name if self.raw == "VARCHAR" else f"CAST({name} AS VARCHAR)"
        if self.native or self.exact:
            return as_text
        return f"nullif(trim({as_text}, {literal(WHITE)}), '')"

    @property
    def typed(self) -> str:
        """SQL: the cell's value."""
        if not self.raw:
            return f"CAST(NULL AS {self.sql_type})"
        if self.native:
            name = f'r."{self.column.name}"'
            value = name if self.raw == self.sql_type else f"TRY_CAST({name} AS {self.sql_type})"
        elif self.column.type == "text":
            value = self.text
        elif self.column.type == "bool":
            value = f"({self.text} = {literal(YES)})"
        else:
            value = f"TRY_CAST({self.text} AS {self.sql_type})"
        if not self.joined:
            return value
        alias = self.alias
        return (
            f"CASE WHEN {alias}.written IS NULL THEN {value}"
            f" ELSE CAST({alias}.value AS {self.sql_type}) END"
        )

    @property
    def untrimmed(self) -> str:
        """SQL: whether the cell may be a text with outer space, or is an empty one. Functions
        that DuckDB runs once per dictionary entry; a trim of many characters is slow."""
        if self.raw != "VARCHAR" or self.exact:
            return "false"
        name = f'r."{self.column.name}"'
        other = " OR ".join(f"contains({name}, {literal(w)})" for w in WHITE.replace(" ", ""))
        return f"{name} = '' OR {name} <> trim({name}) OR {other}"

    @property
    def alias(self) -> str:
        return f'"o_{self.column.name}"'

    @property
    def odd(self) -> str:
        """SQL: whether the cell is filled in and not in the standard form."""
        if not self.raw:
            return "false"
        form, text = form_of(self.column), self.text
        if self.native:
            return self._odd_native()
        unwritable = f"regexp_matches({text}, {literal(characters.SQL)})"
        if form == "text":
            return unwritable
        if form == "code":
            return f"regexp_matches({text}, {literal(_ODD_CODE)}) OR {unwritable}"
        if form in ("several", "group"):
            return f"{text} IN ({sql_list(unknowns(form))}) OR {unwritable}"
        if form == "page":
            return f"{text} NOT IN ({sql_list(page_files.paths())})"
        if form in ("closed", "open", "bool"):
            return f"{text} NOT IN ({sql_list(self.column.values)})"
        return f"{text} IS NOT NULL AND NOT coalesce({self._standard(text)}, false)"

    def _standard(self, text: str) -> str:
        cast = f"TRY_CAST({text} AS {self.sql_type})"
        if self.column.type == "date":
            return (
                f"length({text}) = 10 AND {text}[5] = '-' AND {text}[8] = '-' AND {text}[1] <> '+'"
                f" AND {cast} {self._bounds}"
            )
        tail = r"(\.[0-9]{1,4})?" if self.column.type == "number" else ""
        return f"regexp_full_match({text}, '-?[0-9]{{1,15}}{tail}') AND {cast} {self._bounds}"

    def _odd_native(self) -> str:
        name = f'r."{self.column.name}"'
        if self.column.type == "bool":
            return "false"
        return f"{name} IS NOT NULL AND NOT ({name} {self._bounds})"

    @property
    def _bounds(self) -> str:
        if self.column.type == "date":
            return f"BETWEEN DATE '{EARLIEST}' AND DATE '{LATEST}'"
        low = -(10**15) + 1 if self.column.minimum is None else self.column.minimum
        high = 10**15 - 1 if self.column.maximum is None else self.column.maximum
        return f"BETWEEN {low} AND {high}"


@dataclass(frozen=True)
class _RowRule:
    """A condition over the staged rows that a row must not meet. `value` and `other` are the
    columns whose written cells the message shows as {value} and {other}."""

    rule: str
    severity: Severity
    condition: str
    value: str
    message: str
    other: str = ""


@dataclass(frozen=True)
class Examined:
    """A ledger after its checks: the SELECT of its accepted rows, how many they are, how many
    rows were left out, and the helper tables (in schema `checking`) that the SELECT needs."""

    select: str
    rows: int
    rejected: int
    helpers: tuple[str, ...]


def examine(
    cursor: Cursor, table: Table, relation: str, raw_types: dict[str, str], tally: Tally
) -> Examined:
    """Check a ledger and say how its accepted rows are selected.

    `relation` is SQL that can stand after FROM and has `_file`, `_row` and the columns of
    `raw_types` (English name → DuckDB type). Faults go into `tally`.
    """
    fields, blank = _profile(cursor, table, relation, raw_types)
    helpers = []
    if any(f.joined for f in fields):
        helpers.append(f"odd_{table.name}")
    staged = _staged(table, relation, fields, blank)
    rules = _row_rules(table)
    bad = " OR ".join(
        [f'"b_{f.column.name}"' for f in fields if f.joined]
        + [f"coalesce({r.condition}, false)" for r in rules if r.severity == "error"]
    )
    counts = only_row(
        cursor,
        f"SELECT count(*), {_count(bad or 'false')}"
        + "".join(f", {_count(r.condition)}" for r in rules)
        + f" FROM ({staged})",
    )
    total, rejected = counts[0], counts[1]
    for rule, count in zip(rules, counts[2:], strict=True):
        _tell_rows(cursor, table, staged, rule, count, tally)
    for f in fields:
        if f.joined:
            _tell_cells(cursor, table, staged, f, tally)
    _tell_doubled(cursor, table, staged, tally)
    columns = ", ".join(f'"{c.name}"' for c in table.columns)
    select = f"SELECT {columns}, _file, _row FROM ({staged}) s"
    if rejected:
        name = f"bad_{table.name}"
        cursor.execute(
            f"CREATE TABLE checking.{name} AS SELECT _file, _row FROM ({staged}) WHERE {bad}"
        )
        helpers.append(name)
        select += (
            f" WHERE NOT EXISTS (SELECT 1 FROM checking.{name} b"
            " WHERE b._row = s._row AND b._file = s._file)"
        )
    return Examined(select, total - rejected, rejected, tuple(helpers))


def _count(condition: str) -> str:
    return f"count(*) FILTER (WHERE {condition})"  # count_if would be NULL without rows


def only_row(cursor: Cursor, sql: str) -> tuple:
    row = cursor.execute(sql).fetchone()
    assert row is not None
    return row


def _profile(
    cursor: Cursor, table: Table, relation: str, raw_types: dict[str, str]
) -> tuple[list[_Field], bool]:
    """The table's fields, each with what one pass over the relation found out about it, and
    whether there are blank rows. Odd values are read and put into checking.odd_NAME."""
    fields = [_field(c, raw_types.get(c.name, "")) for c in table.columns]
    blank = " AND ".join(f"{f.text} IS NULL" for f in fields if f.raw)
    counts = only_row(
        cursor,
        f"SELECT {_count(blank)}"
        + "".join(f", {_count(f.odd)}, {_count(f.untrimmed)}" for f in fields)
        + f" FROM {relation} r",
    )
    out, odd_cells = [], []
    for f, odd, untrimmed in zip(fields, counts[1::2], counts[2::2], strict=True):
        cells = _read_odd(cursor, relation, f) if odd else []
        odd_cells += [(f.column.name, *cell) for cell in cells]
        exact = f.raw == "VARCHAR" and not untrimmed
        out.append(replace(f, exact=exact, joined=bool(cells)))
    if odd_cells:
        _store_odd(cursor, table, odd_cells)
    return out, bool(counts[0])


def _field(column: Column, raw: str) -> _Field:
    return _Field(column, "VARCHAR", exact=True) if raw == TRIMMED else _Field(column, raw)


_OddCell = tuple[str, str | None, Severity | None, str, str, str]


def _read_odd(cursor: Cursor, relation: str, f: _Field) -> list[_OddCell]:
    """The distinct odd values of a field that mean something else than they say."""
    found = cursor.execute(f"SELECT DISTINCT {f.text} FROM {relation} r WHERE {f.odd}").fetchall()
    out = []
    for (written,) in found:
        cell = read_cell(f.column, written)
        value = value_text(cell.value)
        if cell.severity or value != written:
            once = cell.message if cell.once else ""
            out.append((written, value, cell.severity, cell.rule, cell.message, once))
    return out


def _store_odd(cursor: Cursor, table: Table, cells: list[tuple]) -> None:
    names = ("col", "written", "value", "severity", "rule", "message", "once")
    columns = {
        name: pa.array(values, pa.string())
        for name, values in zip(names, zip(*cells, strict=True), strict=True)
    }
    cursor.register("odd_cells", pa.table(columns))
    cursor.execute(f"CREATE TABLE checking.odd_{table.name} AS FROM odd_cells")
    cursor.unregister("odd_cells")


def _staged(table: Table, relation: str, fields: list[_Field], blank: bool) -> str:
    """SQL: every row that is not blank, with each column typed, as written (w_), and whether its
    cell is wrong (b_)."""
    parts, joins = ["r._file AS _file", "r._row AS _row"], ""
    for f in fields:
        name = f.column.name
        parts += [f'{f.typed} AS "{name}"', f'{f.text} AS "w_{name}"']
        wrong = "false"
        if f.joined:
            joins += (
                f" LEFT JOIN checking.odd_{table.name} {f.alias}"
                f" ON {f.alias}.col = {literal(name)} AND {f.alias}.written = {f.text}"
            )
            wrong = f"coalesce({f.alias}.severity = 'error', false)"
        parts.append(f'{wrong} AS "b_{name}"')
    sql = f"SELECT {', '.join(parts)} FROM {relation} r{joins}"
    if blank:
        sql += " WHERE " + " OR ".join(f"{f.text} IS NOT NULL" for f in fields if f.raw)
    return sql


def _row_rules(table: Table) -> list[_RowRule]:
    header = {c.name: c.header for c in table.columns}
    rules = [
        _RowRule("必填", "error", f'"w_{c.name}" IS NULL', c.name, "必填，不能为空：请补填实际内容")
        for c in table.columns
        if c.required
    ]
    rules += [
        _RowRule(
            "先后",
            "error",
            f'"{later}" < "{earlier}"',
            later,
            f"“{header[later]}”（{{value}}）早于“{header[earlier]}”（{{other}}）：请核对这两个日期",
            earlier,
        )
        for later, earlier in table.not_before
    ]
    rules += [
        _RowRule(
            "大小",
            "error",
            f'"{part}" > "{whole}"',
            part,
            f"“{header[part]}”（{{value}}）大于“{header[whole]}”（{{other}}）：请核对这两个数",
            whole,
        )
        for part, whole in table.not_above
    ]
    rules += [
        _RowRule("未登记", "warning", f'"w_{c.name}" IS NULL', c.name, "没有填写，按未知处理")
        for c in table.columns
        if c.expected
    ]
    rules += [rule for c in table.columns for rule in _doubts(c)]
    rules += [_need_rule(table, table.need)] if table.need else []
    return rules + ([_settled_rule(table, table.settled)] if table.settled else [])


def _need_rule(table: Table, need: Need) -> _RowRule:
    """Cells that are wrong are told by themselves."""
    name, instead, state = (table.column(n).header for n in (need.column, need.instead, need.state))
    enough = f'"{need.state}" IN ({sql_list(need.values)}) AND "{need.instead}" IS NOT NULL'
    wrong = f'"b_{need.column}" OR "b_{need.instead}"'
    return _RowRule(
        "必填",
        "error",
        f'"{need.column}" IS NULL AND NOT ({wrong}) AND NOT coalesce({enough}, false)',
        need.column,
        f"必填，不能为空：只有填了“{instead}”的{'、'.join(need.values)}可以不填“{name}”；请补填，"
        f"或改正“{state}”（{{other}}）",
        need.state,
    )


def _doubts(column: Column) -> Iterator[_RowRule]:
    """What a column allows but has probably not been meant."""
    name = column.name
    if column.usual:
        message = f"不在通常的内容之中（{allowed_values(column)}）：请核对是否写错，或填错了列"
        yield _RowRule(
            "少见", "warning", f'"{name}" NOT IN ({sql_list(column.values)})', name, message
        )
    if column.doubtful_below is not None:
        unit, least = column.unit, f"{column.doubtful_below:g}"
        message = f"大于 0、不到 {least} {unit}，多半是按万元填的：请核对，这一列以{unit}为单位"
        condition = f'"{name}" > 0 AND "{name}" < {column.doubtful_below}'
        yield _RowRule("单位存疑", "warning", condition, name, message)
    for word, pattern in anonymous.NUMBERS.items() if column.anonymous else ():
        message = f"“{column.header}”里有{word}：这一列会放映、会分享，不写姓名、号码和案号，请改写"
        half = f"translate(\"{name}\", '{anonymous.WIDE}', '{anonymous.HALF}')"
        condition = f"regexp_matches({half}, {literal(pattern)})"
        yield _RowRule("个人信息", "warning", condition, name, message)


def _settled_rule(table: Table, settled: Settled) -> _RowRule:
    """Only an empty date is told: a wrong one is a fault of its own, and leaves the row out."""
    state, day = table.column(settled.state).header, table.column(settled.day).header
    among = f"IN ({sql_list(settled.values)})" if settled.values else "IS NOT NULL"
    return _RowRule(
        "已结无日期",
        "warning",
        f'"w_{settled.day}" IS NULL AND "{settled.state}" {among}',
        settled.day,
        f"“{state}”填了“{{other}}”，却没有“{day}”，分不清结了没有：请补填{day}；还没有结的，请改正{state}",
        settled.state,
    )


def _tell_rows(
    cursor: Cursor, table: Table, staged: str, rule: _RowRule, count: int, tally: Tally
) -> None:
    """List the rows that meet a row rule's condition."""
    if not count:
        return
    found = cursor.execute(
        f"SELECT _file, _row, coalesce(\"w_{rule.value}\", ''),"
        f" coalesce(\"w_{rule.other or rule.value}\", '') FROM ({staged})"
        f" WHERE {rule.condition} ORDER BY _file, _row LIMIT {tally.most}"
    ).fetchall()
    header = table.column(rule.value).header
    for i, (file, row, value, other) in enumerate(found):
        message = rule.message.format(value=value, other=other)
        fault = Fault(rule.severity, file, row, header, value, rule.rule, message)
        tally.add(fault, count if i == 0 else 0)


def _tell_cells(cursor: Cursor, table: Table, staged: str, f: _Field, tally: Tally) -> None:
    """List the cells of a field that are wrong or not in the standard form; of what is told once,
    the first, and how many there are."""
    name = f.column.name
    told = (
        f"SELECT s._file, s._row, o.written, o.severity, o.rule, o.message, o.once"
        f" FROM ({staged}) s"
        f' JOIN checking.odd_{table.name} o ON o.written = s."w_{name}"'
        f" WHERE o.col = {literal(name)} AND o.severity IS NOT NULL"
    )
    counted = cursor.execute(f"SELECT severity, rule, once, count(*) FROM ({told}) GROUP BY ALL")
    counts = {tuple(kind): count for *kind, count in counted.fetchall()}
    if not counts:
        return
    found = cursor.execute(
        f"{told} QUALIFY row_number() OVER (PARTITION BY o.severity, o.rule, o.once"
        f" ORDER BY s._file, s._row) <= if(o.once = '', {tally.most}, 1)"
    ).fetchall()
    for file, row, value, severity, rule, message, once in sorted(found):
        count = counts.pop((severity, rule, once), 0)
        if once and count > 1:
            message += f"（这一列共 {count} 处，只列第一处）"
        fault = Fault(severity, file, row, f.column.header, value, rule, message)
        tally.add(fault, 1 if once else count)


def _tell_doubled(cursor: Cursor, table: Table, staged: str, tally: Tally) -> None:
    """A key that names two rows is an error of the whole table; a key with an empty part is
    none. Hashes are grouped first: ten million of them are small, as many texts are not."""
    if not table.key:
        return
    keys = ", ".join(f'"{k}"' for k in table.key)
    filled = " AND ".join(f'"{k}" IS NOT NULL' for k in table.key)
    hashes = f"SELECT hash({keys}) FROM ({staged}) WHERE {filled} GROUP BY ALL HAVING count(*) > 1"
    found = cursor.execute(
        f"SELECT {keys}, list((_file, _row) ORDER BY _file, _row) FROM ({staged})"
        f" WHERE {filled} AND hash({keys}) IN ({hashes})"
        " GROUP BY ALL HAVING count(*) > 1 ORDER BY 1"
    ).fetchall()
    for *values, places in found:
        tell_doubled(tally, table, [str(v) for v in values], places)


def tell_doubled(tally: Tally, table: Table, values: list[str], places: list[tuple]) -> None:
    """One fault for a key that stands in more than one row; it names them."""
    tally.table_error = True
    (first_file, first_row), (file, row) = places[:2]
    headers = "＋".join(table.column(k).header for k in table.key)
    first = f"{first_file} 第 {first_row} 行" if first_file != file else f"第 {first_row} 行"
    more = f"（共 {len(places)} 行）" if len(places) > 2 else ""
    tally.add(
        Fault(
            "error",
            file,
            row,
            headers,
            "＋".join(v for v in values if v),
            "主键重复",
            f"第 {row} 行与{first}的“{headers}”相同{more}：请删去重复的行或改正编号",
        )
    )
