"""town.toml: whose data a folder holds, and on which day it is looked at."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from qmg_dash import beijing
from qmg_dash.characters import writable
from qmg_dash.folder.cells import UNWRITABLE, WHITE, read_cell, unwritable
from qmg_dash.folder.csvfile import file_bytes
from qmg_dash.folder.decoding import Unusable as _Unusable
from qmg_dash.folder.decoding import decode
from qmg_dash.folder.scan import TOWN, TOWN_MOST
from qmg_dash.folder.tally import Tally
from qmg_dash.model import DataError, Fault, Nature
from qmg_dash.tables import BY_NAME, LEDGERS, Column

CADENCES = ("日", "周", "月", "季", "年")
SECTIONS = ("town", "dataset", "cadence", "share", "owners", "short")


# ---------------------------------------------------------------- what a snapshot holds


@dataclass(frozen=True)
class Town:
    """town.toml. `as_of` fixes the clock; `cadence` says how often a ledger is to be updated,
    `owners` whose a ledger's rows are where they name no department, `short` what titles call a
    department."""

    name: str
    short_name: str
    code: str = ""
    contact: str = ""
    nature: Nature = "official"
    as_of: date | None = None
    cadence: dict[str, str] = field(default_factory=dict)
    public_url: str = ""
    owners: dict[str, str] = field(default_factory=dict)
    short: dict[str, str] = field(default_factory=dict)

    def clock(self) -> date:
        """The day that is "today" in this folder."""
        return self.as_of or beijing.today()


# ---------------------------------------------------------------- town.toml


def town_of(root: Path) -> Town:
    """town.toml alone, without reading the tables. Raises DataError."""
    return read_town(root)[0]


def read_town(root: Path) -> tuple[Town, str, list[Fault]]:
    """(the town, the file's hash, warnings). Raises DataError."""
    tally = Tally(TOWN)
    try:
        data = file_bytes(root / TOWN, TOWN_MOST)
        table = tomllib.loads(_written_town(decode(data).decode(), tally))
    except _Unusable as e:
        tally.whole(e.rule, str(e))
    except RecursionError:
        tally.whole("格式", "括号套得太深，不是正常的 town.toml：请照文档重写")
    except ValueError as e:  # a number of 5,000 digits is one, too
        tally.whole("格式", f"不是正常的 TOML（{e}）：文字两边要用半角引号，等号用半角")
    if tally.table_error:
        raise DataError(tally.faults())
    town = _town(table, tally)
    faults = tally.faults()
    if tally.table_error:
        raise DataError(faults)
    return town, hashlib.sha256(data).hexdigest(), faults


def _written_town(text: str, tally: Tally) -> str:
    """town.toml without what no file can hold, which TOML refuses as a whole."""
    for number, line in enumerate(text.split("\n"), 1):
        if told := unwritable(line):
            message = f"第 {number} 行{told}，已去掉；请在文件里删去"
            tally.note(UNWRITABLE, message, line.strip(WHITE))
    return writable(text)


def _town(table: dict, tally: Tally) -> Town:
    sections = {}
    for name in SECTIONS:
        section = table.pop(name, {})
        if not isinstance(section, dict):
            tally.whole("格式", f"{name} 应是一节：请写成 [{name}]", column=name)
            section = {}
        sections[name] = section
    for name in table:
        tally.note("未知项", f"不认识的一节，未读取；可用：{'、'.join(SECTIONS)}", name, name)

    def text(section: str, key: str) -> str:
        written = str(sections[section].get(key, ""))
        if told := unwritable(written):
            tally.note(UNWRITABLE, f"{key} {told}，已去掉；请在文件里删去", written, key)
        return writable(written).strip(WHITE)

    name = text("town", "name")
    if isinstance(sections["town"].get("name"), list | dict):
        tally.whole("格式", 'name 应是一个名称：请写 name = "某某镇"', name, "name")
    if not name:
        tally.whole("必填", '缺少镇名：请在 [town] 下写 name = "某某镇"', column="name")
    nature = text("dataset", "nature") or "official"
    if nature not in ("official", "demo"):
        message = "数据性质只能是 official（正式）或 demo（演示）"
        tally.whole("枚举", message, nature, "nature")
    return Town(
        name=name,
        short_name=text("town", "short_name") or name,
        code=text("town", "code"),
        contact=text("town", "contact"),
        nature="demo" if nature == "demo" else "official",
        as_of=_as_of(sections["dataset"].get("as_of"), tally),
        cadence=_cadence(sections["cadence"], tally),
        public_url=text("share", "public_url"),
        owners=_owners(sections["owners"], tally),
        short=_names(sections["short"], tally),
    )


def _as_of(value: object, tally: Tally) -> date | None:
    if value is None:
        return None
    cell = read_cell(Column("as_of", "as_of", "date"), str(value))
    if cell.severity == "error":
        tally.whole(cell.rule, cell.message, str(value), "as_of")
    elif cell.severity:
        tally.note(cell.rule, cell.message, str(value), "as_of")
    return cell.value if isinstance(cell.value, date) else None


def _cadence(section: dict, tally: Tally) -> dict[str, str]:
    out = {}
    for name, value in section.items():
        if name not in BY_NAME and name != "ledger":
            tally.note("未知项", f"没有表 {name}；可用：{'、'.join(BY_NAME)}", str(value), name)
        elif value not in CADENCES:
            tally.note("枚举", f"更新频次只能写：{'、'.join(CADENCES)}", str(value), name)
        else:
            out[name] = value
    return out


def _owners(section: dict, tally: Tally) -> dict[str, str]:
    """Departments by the ledger whose rows are theirs."""
    ledgers = {t.name: t.label for t in LEDGERS}
    for name in [n for n in section if n not in ledgers]:
        tally.note("未知项", f"没有台账 {name}；可用：{'、'.join(ledgers)}", name, name)
        section.pop(name)
    return _names(section, tally)


def _names(section: dict, tally: Tally) -> dict[str, str]:
    """A section of names alone; what is none is left out."""
    out = {}
    for key, value in section.items():
        name = writable(value).strip(WHITE) if isinstance(value, str) else ""
        if name:
            out[writable(key).strip(WHITE)] = name
        else:
            tally.note("格式", f'{key} 应是一个名称：请写 {key} = "某某办公室"', str(value), key)
    return out
