"""What meetings have asked for, at the desk: the list, its states set in an editor, one more written.

Who may not write sees the list and who can. Nothing changes before 保存 or 交办 is pressed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

import pandas as pd
import simple_html as h
import streamlit as st

from qmg_dash.figures import assigned
from qmg_dash.figures.assigned import Assigned
from qmg_dash.folder.history import Refused
from qmg_dash.intake import edits
from qmg_dash.kpis.assignments import DONE
from qmg_dash.tables import table
from qmg_dash.ui import access, markup
from qmg_dash.ui.desk import intake
from qmg_dash.ui.emit import html
from qmg_dash.ui.link.scope import Scope
from qmg_dash.ui.meeting import assign
from qmg_dash.ui.slide import Drawing, panel_key

TABLE = table("assignments")
LISTED = ("owner", "task", "made_on", "due", "status", "done_on", "result")
SHOWN = (*LISTED, "meeting", "about")
SET = ("due", "status", "done_on", "result")
"""The columns that are set here; what was asked of whom stands as it was said."""
SAID, ROUND, KEPT = "assigned_said", "assigned_round", "assigned_rows"
"""In the session: what was done, said once; how often something was written here; the rows in the
editor."""
TALL = 38
"""Pixels of a row of the editor."""
MOST = 14
"""Rows that are seen of it at once."""


def panel(s: Drawing, each: Sequence[Assigned]) -> None:
    """The panel: for each visitor anew, since not everybody may write."""
    s.live(partial(_panel, s.scope, each))


def _panel(scope: Scope, each: Sequence[Assigned]) -> None:
    barred = access.barred(scope.demo)
    with st.container(key=panel_key(scope, "assigned"), height="stretch"):
        html(markup.head("交办清单", f"{len(each)} 项"), scope.demo)
        if said := st.session_state.pop(SAID, None):
            html(markup.banner(said), scope.demo)
        if barred:
            html([_listed(each), h.p({"class": "muted"}, f"{barred}。")], scope.demo)
        else:
            _editor(scope, each)
            _writer(scope)
            if intake.undone(scope, "修改", TABLE.path):
                _over("已恢复到修改前。")


def _over(said: str) -> None:
    st.session_state[SAID] = said
    st.session_state[ROUND] = st.session_state.get(ROUND, 0) + 1
    st.rerun()


def _cell(value: object) -> str:
    return "" if value is None else str(value)


def _nothing() -> h.Node:
    return markup.empty(
        "没有交办事项", "会上按 N 记录（assignments.csv），或在这里登记后，这里列出"
    )


def _listed(each: Sequence[Assigned]) -> h.Node:
    if not each:
        return _nothing()
    header = [TABLE.column(name).header for name in LISTED]
    rows: list[list[h.Node]] = [[_cell(a.row[name]) for name in LISTED] for a in each]
    for cells, one in zip(rows, each, strict=True):
        told = [_cell(one.row[name]) for name in ("meeting", "about")]
        cells[1] = [cells[1], h.small(" · ".join(filter(None, told)))]
    tints = ["badrow" if a.late else "" for a in each]
    return markup.listing(header, rows, "llnnnnl", tints, "交办清单")


# ---- states -----------------------------------------------------------------------------------------
def _editor(scope: Scope, each: Sequence[Assigned]) -> None:
    """The list as a table whose states, days and results can be written over."""
    if not each:
        html(_nothing(), scope.demo)
        return
    key, rows = _kept(scope, each)
    names = {name: TABLE.column(name).header for name in SHOWN}
    frame = pd.DataFrame([{names[n]: a.row[n] for n in SHOWN} for a in rows])
    st.data_editor(
        frame,
        key=key,
        hide_index=True,
        num_rows="fixed",
        placeholder="",
        row_height=TALL,
        height=TALL * (min(len(rows), MOST) + 1) + 2,
        disabled=[names[n] for n in SHOWN if n not in SET],
        column_config={names[n]: _column(n) for n in SHOWN},
    )
    changed = _changed(key)
    with st.container(horizontal=True, vertical_alignment="center"):
        saved = st.button(f"保存 {len(changed)} 项修改", key=f"{key}_save", disabled=not changed)
        given_up = changed and st.button("放弃修改", key=f"{key}_drop")
    if given_up:
        _over("已放弃修改。")
    if saved:
        _save(scope, rows, changed)


def _changed(key: str) -> Mapping[int, Mapping[str, Any]]:
    return (st.session_state.get(key) or {}).get("edited_rows") or {}


def _kept(scope: Scope, each: Sequence[Assigned]) -> tuple[str, Sequence[Assigned]]:
    """The rows that the editor shows, and its key: while there is something unsaved the ones that it
    was written in, whatever the filters or others do."""
    key, rows = st.session_state.get(KEPT, (KEPT, ()))
    if not _changed(key):
        round_ = st.session_state.get(ROUND, 0)
        chosen = hash(tuple(a.row["assignment_id"] for a in each))
        key, rows = f"assigned_{scope.snapshot.version}_{round_}_{chosen}", tuple(each)
        st.session_state[KEPT] = (key, rows)
    return key, rows


def _column(name: str) -> Any:
    column, config = TABLE.column(name), st.column_config
    wide = {"task": "large", "result": "medium"}.get(name)
    if column.values:
        return config.SelectboxColumn(options=list(column.values), required=True)
    if column.type == "date":
        return config.DateColumn(format="YYYY-MM-DD")
    return config.TextColumn(width=wide)


def _save(scope: Scope, each: Sequence[Assigned], changed: Mapping[int, Mapping[str, Any]]) -> None:
    called = {TABLE.column(name).header: name for name in SET}
    rows = []
    for at, cells in changed.items():
        row = each[int(at)].row
        new = {called[c]: _cell(v) for c, v in cells.items() if c in called}
        new = _finished(row, new, scope.snapshot.clock())
        seen = {name: _cell(row[name]) for name in (*TABLE.key, *new)}
        rows.append((seen, new))
    _write(scope, lambda by: edits.change(scope.snapshot.root, TABLE, rows, by), "已保存。")


def _finished(row: Mapping[str, Any], new: dict[str, str], today: date) -> dict[str, str]:
    """What was finished has a day: today's, where none is written; what is open again has none."""
    if "status" not in new or "done_on" in new:
        return new
    if new["status"] == DONE:
        return new | ({} if row["done_on"] else {"done_on": str(today)})
    return new | ({"done_on": ""} if row["done_on"] else {})


def _write(scope: Scope, do: Any, said: str) -> None:
    """Write, if this visitor may; whether they may is asked here once more."""
    if barred := access.barred(scope.demo):
        html(markup.banner(f"{barred}。", error=True), scope.demo)
        return
    try:
        do(access.name())
    except Refused as e:
        html(markup.banner(f"没有保存：{e}。", error=True), scope.demo)
        return
    _over(said)


# ---- one more ---------------------------------------------------------------------------------------
def _writer(scope: Scope) -> None:
    """A form for what was asked for without a slide."""
    known, offered = assigned.owners(scope.snapshot), assigned.offered(scope.snapshot)
    key = f"assign_{st.session_state.get(ROUND, 0)}"
    with st.form(key, border=False):
        what, whose, until, send = st.columns([4, 2, 1.4, 1], vertical_alignment="bottom")
        task = what.text_input(f"登记交办（{assign.RULE}）", max_chars=assign.LONGEST)
        owner = whose.selectbox(
            "责任单位", offered, index=None, placeholder="选择", accept_new_options=not known
        )
        due = until.date_input("期限（可空）", value=None, format="YYYY-MM-DD")
        asked = send.form_submit_button("交办", width="stretch")
    if asked:
        said = (assign.token(), task or "", owner or "", str(due or ""))
        _write(scope, lambda by: assign.write(scope, assign.row(scope, *said), by), "已交办。")
