"""Files as offices send them, written by other programs than ours: openpyxl, xlwt, LibreOffice, iconv.

A sheet is a list of rows of Python values; a str that looks like a number stays text.
"""

from __future__ import annotations

import csv
import datetime
import io
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import openpyxl
import pytest
import xlwt

from qmg_dash.intake.plan import Plan, Sent, make
from qmg_dash.intake.sheets import letters

Rows = Sequence[Sequence[object]]
SOFFICE = shutil.which("soffice")

on_debian = pytest.mark.skipif(
    sys.platform == "win32", reason="needs what make test installs: LibreOffice, iconv, SIGKILL"
)


def xlsx(sheets: Mapping[str, Rows] | Rows, formats: Mapping[str, str] | None = None) -> bytes:
    """A workbook by openpyxl. `formats`: cell → number format, on the first sheet."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in named(sheets).items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    for cell, code in (formats or {}).items():
        book.worksheets[0][cell].number_format = code
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def xls(sheets: Mapping[str, Rows] | Rows, formats: Mapping[str, str] | None = None) -> bytes:
    """A workbook of Excel 97–2003 by xlwt; a WPS .et is the same format. `formats`: cell → number
    format, on every sheet."""
    book = xlwt.Workbook(encoding="utf-8")
    codes = dict(formats or {})
    for name, rows in named(sheets).items():
        sheet = book.add_sheet(name)
        for r, row in enumerate(rows):
            for c, value in enumerate(row):
                if value is not None:
                    day = "YYYY-MM-DD" if isinstance(value, datetime.date) else "General"
                    style = xlwt.XFStyle()
                    style.num_format_str = codes.get(f"{letters(c)}{r + 1}", day)
                    sheet.write(r, c, value, style)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def altered(data: bytes, part: str, pattern: bytes, by: bytes) -> bytes:
    """A workbook of which one part's XML says something else."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for entry in old.infolist():
            content = old.read(entry)
            if entry.filename.endswith(part):
                content = re.sub(pattern, by, content)
            new.writestr(entry, content)
    return out.getvalue()


def text(rows: Rows, delimiter: str = ",") -> str:
    """The rows as CSV."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(
        [["" if c is None else c for c in r] for r in rows]
    )
    return out.getvalue()


def named(sheets: Mapping[str, Rows] | Rows) -> Mapping[str, Rows]:
    return sheets if isinstance(sheets, Mapping) else {"Sheet1": sheets}


def converted(data: bytes, ending: str, to: str, folder: Path) -> bytes:
    """A file as LibreOffice saves it in another format."""
    assert SOFFICE, "LibreOffice is missing: make test installs it"
    source = folder / f"source.{ending}"
    source.write_bytes(data)
    profile = (folder / "profile").resolve().as_uri()
    out = folder / "converted"
    command = [SOFFICE, f"-env:UserInstallation={profile}", "--headless", "--convert-to", to]
    subprocess.run(
        [*command, "--outdir", str(out), str(source)],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=120,
    )
    return (out / f"source.{to.split(':')[0]}").read_bytes()


def iconv(words: str, encoding: str) -> bytes:
    """A text as iconv writes it in another encoding."""
    command = ["iconv", "-f", "UTF-8", "-t", encoding]
    return subprocess.run(command, input=words.encode(), stdout=subprocess.PIPE, check=True).stdout


def planned(
    folder: Path,
    data: bytes,
    name: str = "台账.xlsx",
    whole: bool = False,
    ignore: Sequence[str] = (),
) -> Plan:
    """The plan for one sent file."""
    return make([Sent(name, data)], folder, whole, ignore=ignore)


def rules(plan: Plan) -> list[tuple[str, str]]:
    """(cell, rule) of each fault."""
    return [(p.place.cell, p.fault.rule) for p in plan.problems]


def notes(plan: Plan) -> str:
    """All that was recognised."""
    return "\n".join(n for r in plan.readings for n in r.notes)


def kept(folder: Path, path: str) -> list[dict[str, str]]:
    """The rows of a CSV in a data folder, by header."""
    with open(folder / path, encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def tree(folder: Path) -> dict[str, bytes]:
    """Every file of a data folder but its history."""
    return {
        p.relative_to(folder).as_posix(): p.read_bytes()
        for p in sorted(folder.rglob("*"))
        if p.is_file() and ".history" not in p.parts
    }
