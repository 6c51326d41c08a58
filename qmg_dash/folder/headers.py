"""Headers of a file → columns of a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from qmg_dash.folder.cells import UNWRITABLE, WHITE, fold, unwritable
from qmg_dash.folder.rows import INTEGERS, ZONED
from qmg_dash.folder.tally import Tally
from qmg_dash.tables import Column, Table

# ---------------------------------------------------------------- headers


def match_headers(table: Table, headers: Sequence[str], tally: Tally) -> list[str | None]:
    """The English column name for each header, None for an unknown one. Missing required and
    doubled columns are errors of the whole table, unknown ones a warning."""
    names = _named(table, headers)
    for column in table.columns:
        found = [h.strip(WHITE) for h, n in zip(headers, names, strict=True) if n == column.name]
        if len(found) > 1:
            tally.whole(
                "列重复",
                f"“{column.header}”一列出现了 {len(found)} 次：请只留一列",
                value="、".join(found),
                column=column.header,
            )
        elif not found and column.required:
            tally.whole(
                "缺列",
                f"缺少必需的列“{column.header}”：请在首行补上；现有的列：{_some(headers)}",
                column=column.header,
            )
        elif not found and column.expected:
            tally.note("缺列", f"没有列“{column.header}”，按未知处理", column=column.header)
    for header, name in zip(headers, names, strict=True):
        if told := unwritable(header):
            tally.note(UNWRITABLE, f"列名{told}，已去掉；请在原表里删去", header, header)
        if name is None and header.strip(WHITE):
            tally.note(
                "未知列",
                f"表“{table.label}”没有这一列，未读取；如果是列名写错，请改成："
                + "、".join(c.header for c in table.columns),
                value=header.strip(WHITE),
                column=header.strip(WHITE),
            )
    return names


def _named(table: Table, headers: Iterable[str]) -> list[str | None]:
    """The English column name for each header, None for an unknown one."""
    known = {fold(c.header): c.name for c in table.columns}
    known |= {fold(c.name): c.name for c in table.columns}
    return [known.get(fold(h)) for h in headers]


def compare_parts(
    table: Table, parts: Mapping[str, Sequence[tuple[str, str]]], tally: Tally
) -> None:
    """Whether the parts of a table fit together: `parts` maps a file to its headers with their
    DuckDB types. Joined by name, a required column that one part lacks would be empty in its rows
    alone, and the figures would drop without those: so it is an error of the whole table, as is
    another kind of thing in the same column. The fault names the part."""
    found = {}
    for file, columns in parts.items():
        names = _named(table, (header for header, _ in columns))
        found[file] = {n: raw for n, (_, raw) in zip(names, columns, strict=True) if n}
    for column in table.columns:
        having = {
            f: _kind(types[column.name]) for f, types in found.items() if column.name in types
        }
        if having and column.required:
            for file in (f for f in found if f not in having):
                message = f"这个分片缺少必需的列“{column.header}”，别的分片有：请重新导出这个分片"
                tally.whole("缺列", message, column=column.header, file=file)
        _tell_clashes(column, having, tally)


_TEXT, _NUMBERS, _DAY, _TIME, _INSTANT = "文字", "数字", "日期", "日期和时刻", "带时区的时刻"
_TOGETHER = (
    {_TEXT, _NUMBERS, _DAY, _TIME, "是否"},
    {_NUMBERS, "是否"},
    {_DAY, _TIME},
    {_DAY, _INSTANT},
)
"""Kinds of the same column in different parts that give one column: with texts (the first set) all
is read as text. Instants stay alone: DuckDB takes a time without a zone for one of Greenwich."""


def _kind(raw: str) -> str:
    """What a DuckDB type holds, in a clerk's words; empty where all cells are."""
    plain = raw.split("(")[0]
    if plain == '"NULL"':
        return ""
    if plain in ("VARCHAR", "ENUM", "JSON", "UUID"):
        return _TEXT
    if plain in {*INTEGERS, "HUGEINT", "UBIGINT", "UHUGEINT", "DECIMAL", "FLOAT", "DOUBLE"}:
        return _NUMBERS
    if plain in ZONED:
        return _INSTANT
    if plain.startswith("TIMESTAMP"):
        return _TIME
    return {"DATE": _DAY, "BOOLEAN": "是否"}.get(raw, f"其他类型（{raw}）")


def _fit(kinds: set[str]) -> bool:
    """Whether kinds give one column."""
    mixed = any(kinds <= fitting for fitting in _TOGETHER[1:])
    return len(kinds) < 2 or mixed or (_TEXT in kinds and kinds <= _TOGETHER[0])


def _tell_clashes(column: Column, having: Mapping[str, str], tally: Tally) -> None:
    """Name the parts in which a column is not what it is in most of them."""
    kinds = {file: kind for file, kind in having.items() if kind}
    if _fit(set(kinds.values())):
        return
    usual = Counter(kinds.values()).most_common(1)[0][0]
    like = next(f for f, kind in kinds.items() if kind == usual)
    odd = {f: kind for f, kind in kinds.items() if not _fit({kind, usual})}
    for file, kind in (odd or {f: k for f, k in kinds.items() if k != usual}).items():
        message = (
            f"“{column.header}”一列在这个分片里是{kind}，在别的分片（如 {like}）里是{usual}，"
            f"合不到一起：请把这一列改成{usual}，重新导出这个分片"
        )
        tally.whole("列类型", message, column=column.header, file=file)


def _some(headers: Sequence[str]) -> str:
    return "、".join(h.strip(WHITE) or "（空）" for h in headers[:12]) or "（无）"
