"""会上交办: what is agreed on a slide is written where it was said (static/assign.js).

The browser names each line before it is sent. A line that comes twice is written once; one that was
not confirmed stays open there, and can be sent again after a server has gone.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from datetime import date

import streamlit as st

from qmg_dash.characters import writable
from qmg_dash.figures import assigned
from qmg_dash.folder.history import Entry, Refused
from qmg_dash.folder.publishing import read_only
from qmg_dash.intake import edits
from qmg_dash.tables import table
from qmg_dash.ui import access
from qmg_dash.ui.link import bounds
from qmg_dash.ui.link.scope import Scope

TABLE = table("assignments")
RULE = "不写姓名、案号"
LONGEST = 120
"""Characters of what is asked for: more is no line."""
NAMES = 60
"""Characters of what it was made on."""
TOKEN = re.compile(r"[A-Z0-9]{6,12}")
DONE = "assigned"
"""In the session: the line that was sent last, whether it was written, what is said of it."""


def token() -> str:
    """A name for a line."""
    return secrets.token_hex(4).upper()


def row(
    scope: Scope,
    token: str,
    task: str,
    owner: str,
    due: str,
    about: str = "",
    link: str = "",
    meeting: str = "",
) -> dict[str, str]:
    """The row of assignments.csv, made on the clock's day. Raises Refused where it is none."""
    day, known = scope.snapshot.clock(), assigned.owners(scope.snapshot)
    task, owner = (" ".join(writable(t).split()) for t in (task, owner))
    if not TOKEN.fullmatch(token):
        raise Refused("这一条没有编号：请关闭后重新打开")
    if not task:
        raise Refused("请写下要办的事")
    if len(task) > LONGEST:
        raise Refused(f"事项有 {len(task)} 字，最多 {LONGEST} 字")
    if not owner or (known and owner not in known):
        raise Refused("请选一个责任单位")
    if due and _day(due, day) is None:
        raise Refused(f"期限“{due[:20]}”不是今天（{day}）或以后的日期")
    return {
        "assignment_id": f"{day:%Y%m%d}-{token}",
        "made_on": str(day),
        "meeting": writable(meeting)[:NAMES],
        "about": writable(about)[:NAMES],
        "link": writable(link),
        "task": task,
        "owner": owner,
        "due": due,
        "status": "未启动",
    }


def _day(written: str, first: date) -> date | None:
    day = bounds.day(written)
    return day if day and day >= first else None


def write(scope: Scope, cells: Mapping[str, str], by: str) -> Entry | None:
    """Publish the row; None where it is there already. Raises Refused."""
    if closed := read_only(scope.snapshot.root):
        raise Refused(f"{closed}，现在不能记录")
    return edits.add(scope.snapshot.root, TABLE, cells, by)


# ---- in a meeting -----------------------------------------------------------------------------------
def told(scope: Scope) -> dict[str, object]:
    """What the line needs: the departments, or why this visitor cannot write; what became of the
    line that was sent last."""
    return {
        "barred": access.barred(scope.demo),
        "owners": assigned.offered(scope.snapshot),
        "free": not assigned.owners(scope.snapshot),
        "today": str(scope.snapshot.clock()),
        "rule": RULE,
        "longest": LONGEST,
        "done": st.session_state.get(DONE),
    }


def take(scope: Scope, sent: object, about: str, link: str, meeting: str) -> bool:
    """Write down what the browser sent: (name of the line, task, department, day); whether it is
    written now. What became of it is told by the next message."""
    match sent:
        case [str(name), str(task), str(owner), str(due), *when]:
            pass
        case _:
            return False
    good, said = False, access.barred(scope.demo)
    if not said:
        try:
            cells = row(scope, name, task, owner, due, about, link, meeting)
            write(scope, cells, access.name())
            good, said = True, f"已交办 {cells['owner']}"
        except Refused as e:
            said = str(e)
    # When it was sent: Streamlit hands over only what is another than before.
    st.session_state[DONE] = [name, good, said, *when]
    return good
