"""数据更新, at the desk of 数据口径: send files, see their faults and the difference, publish, undo.

Behind the gate, for those who came in as 编辑: each run asks anew. At this machine alone, off unless
QMG_EDIT_KEY is set; then for those who know it. Files are opened in a process of their
own (intake/apart.py); nothing changes before 发布 is pressed.
"""

from __future__ import annotations

import hmac
import os
import threading
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from functools import partial
from pathlib import Path
from typing import NamedTuple

import simple_html as h
import streamlit as st

from qmg_dash import fmt, gate
from qmg_dash.folder import publishing
from qmg_dash.folder.history import Entry, Refused, publishings
from qmg_dash.intake import plan as intake
from qmg_dash.intake import report, returned
from qmg_dash.intake.apart import LARGEST
from qmg_dash.intake.plan import Plan, Sent
from qmg_dash.intake.questions import Question
from qmg_dash.model import DataError, Fault
from qmg_dash.ui import access, downloads, markup
from qmg_dash.ui.emit import html
from qmg_dash.ui.link.scope import OFFICIAL, Scope
from qmg_dash.ui.slide import Drawing, panel_key

TRIES, WINDOW = 5, 60.0
"""Wrong keys allowed in so many seconds, whoever sends them."""
PATIENCE = 1.0
"""Seconds after which the progress of reading is shown."""
LISTED = 200
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Doorkeeper:
    """Compares keys in constant time and lets only so many wrong ones through, for all sessions
    together: a new session is no new chance."""

    def __init__(self, tries: int = TRIES, window: float = WINDOW):
        self._wrong: deque[float] = deque(maxlen=tries)
        self._window, self._lock = window, threading.Lock()

    def wait(self, now: float | None = None) -> float:
        """Seconds until the next try."""
        now = time.monotonic() if now is None else now
        with self._lock:
            full = len(self._wrong) == self._wrong.maxlen
            return max(0.0, self._wrong[0] + self._window - now) if full else 0.0

    def admits(self, written: str, key: str, now: float | None = None) -> bool:
        """Whether this is the key; a wrong one counts. Nothing is compared while one has to wait."""
        now = time.monotonic() if now is None else now
        if not key or self.wait(now) > 0:
            return False
        if hmac.compare_digest(written.encode(), key.encode()):
            return True
        with self._lock:
            self._wrong.append(now)
        return False


DOOR = Doorkeeper()


def panel(s: Drawing) -> None:
    """The panel; nothing in meeting mode, on demo data, or where no key is set."""
    if not s.look.present and s.scope.data == OFFICIAL:
        s.live(partial(_panel, s.scope))


def _panel(scope: Scope) -> None:
    barred, key = access.barred(demo=False), os.environ.get(access.KEY, "")
    if barred and (gate.on() or not key):
        return
    with st.container(key=panel_key(scope, "intake"), height="stretch"):
        _html(markup.head("数据更新", "导入 Excel、WPS、CSV 文件；有一处错误就什么都不改"))
        if barred:
            _door(key)
        else:
            _desk(scope)


def _html(body: h.Node) -> None:
    """A block; the panel stands on official data alone."""
    html(body, demo=False)


def _door(key: str) -> None:
    with st.form("intake_door", border=False):
        left, right = st.columns([3, 1], vertical_alignment="bottom")
        written = left.text_input("更新口令", type="password", key="intake_written")
        asked = right.form_submit_button("进入", width="stretch")
    if not asked:
        return
    if DOOR.admits(written or "", key):
        st.session_state[access.KNOWN] = key
        st.rerun()
    left_over = DOOR.wait()
    said = f"试得太多，请 {left_over:.0f} 秒后再试。" if left_over else "口令不对。"
    _html(markup.banner(said, error=True))


def _desk(scope: Scope) -> None:
    said = st.session_state.pop("intake_said", None)
    if said:
        _html(markup.banner(said))
    closed = publishing.read_only(scope.snapshot.root)
    if closed:
        said = f"{closed}：现在只能查看和核对，不能发布、撤销。请清理磁盘或检查权限后刷新。"
        _html(markup.banner(said, error=True))
    round_ = st.session_state.setdefault("intake_round", 0)
    files = st.file_uploader(
        f"选择文件（{'、'.join(intake.ENDINGS)}；可选多个，每个不超过 {LARGEST >> 20} MB）",
        type=[e.removeprefix(".") for e in intake.ENDINGS],
        accept_multiple_files=True,
        key=f"intake_files_{round_}",
    )
    whole = st.checkbox("整表替换：文件里没有的行从表中删除", key=f"intake_whole_{round_}")
    if files:
        before = st.session_state.get("intake_plan")
        ticks, replies = f"intake_leave_{round_}_", f"intake_answer_{round_}_"
        said = Said(_ticked(ticks), _replied(replies))
        plan = _planned(scope, files, whole, said)
        if plan:
            seen = before is not None and before[1] is plan
            _layouts(plan)
            _asker(replies, plan)
            _leaver(ticks, tuple(dict.fromkeys((*said.left, *plan.leave))))
            _shown(plan, seen)
    _versions(scope)


# ---- the plan -----------------------------------------------------------------------------------
class Said(NamedTuple):
    """What is said with the files: the columns that are left out, and what is answered, by what was
    asked."""

    left: tuple[str, ...] = ()
    answers: tuple[tuple[str, str], ...] = ()


NOTHING = Said()


def _replied(replies: str) -> tuple[tuple[str, str], ...]:
    """The answers that stand in the form of questions."""
    state = st.session_state
    names = sorted(str(k) for k in state if str(k).startswith(replies))
    told = ((name.removeprefix(replies), state[name]) for name in names)
    return tuple((key, str(value).strip()) for key, value in told if value and str(value).strip())


def _layouts(plan: Plan) -> None:
    """Which layouts of other systems were met, what they set, and what of them is never read."""
    for r in plan.readings:
        for said in r.layouts:
            _html(h.p({"class": "muted"}, f"{r.file}：{said}"))


def _asker(replies: str, plan: Plan) -> None:
    """All that the files cannot say, in one form; folded up where it is answered already."""
    if not plan.questions:
        return
    if plan.answers.open:
        _html(markup.head("文件里没有的，请回答", "一次答完；回答会记住，同样的文件下次不再问"))
        _questions(replies, plan.questions)
        return
    with st.expander(f"文件里没有的，已经回答（{len(plan.questions)} 项，可以改）"):
        _questions(replies, plan.questions)


def _questions(replies: str, questions: Sequence[Question]) -> None:
    with st.form(f"{replies}form", border=False):
        for q in questions:
            _question(replies + q.name, q)
        st.form_submit_button("回答")


def _question(key: str, q: Question) -> None:
    """A question, with the answer that stands."""
    label = fmt.markdown(report.question(q, choices=False))
    if q.options:
        values = [v for v, _ in q.options]
        index = values.index(q.answer) if q.answer in values else None
        st.selectbox(label, values, index, format_func=q.word, key=key, placeholder="请选择")
    else:
        st.text_input(label, q.answer, key=key, placeholder=report.example(q))


def _ticked(ticks: str) -> tuple[str, ...]:
    """The columns that are ticked as not to be read."""
    state = st.session_state
    names = sorted(str(k) for k in state if str(k).startswith(ticks))
    return tuple(name.removeprefix(ticks) for name in names if state[name])


def _leaver(ticks: str, headers: Sequence[str]) -> None:
    """A tick for each column that may be left out; its key names it, so that the plan of the next
    run knows it."""
    if headers:
        _html(markup.head("没有认出的列", "确实不用的勾选“不读取”，其余的请改好列名"))
    for header in headers:
        st.checkbox(f"不读取“{fmt.markdown(fmt.short(header))}”", key=f"{ticks}{header}")


def _planned(scope: Scope, files: Sequence, whole: bool, said: Said) -> Plan | None:
    """The plan for these files and this data version, made once."""
    holding, replaced = returned.current([f.name for f in files])
    for old, new in replaced:
        _html(markup.banner(report.replaced(old, new) + "。"))
    asked = (tuple(f.file_id for f in files), whole, said, scope.snapshot.version)
    kept = st.session_state.get("intake_plan")
    if kept and kept[0] == asked:
        return kept[1]
    sent = [Sent(files[n].name, files[n].getvalue()) for n in holding]
    try:
        plan = _made(sent, scope.snapshot.root, whole, said)
    except (DataError, Refused) as e:
        _html(markup.banner(str(e), error=True))
        return None
    st.session_state["intake_plan"] = (asked, plan)
    return plan


def _made(sent: Sequence[Sent], folder: Path, whole: bool, said: Said = NOTHING) -> Plan:
    """Make a plan in a thread; from PATIENCE on say how far it has come."""
    steps: list[str] = []
    start, place = time.monotonic(), st.empty()
    with ThreadPoolExecutor(1) as pool:
        asked = said.left, dict(said.answers)
        making = pool.submit(intake.make, sent, folder, whole, steps.append, *asked)
        while not wait([making], timeout=0.1).done:
            if steps and time.monotonic() - start >= PATIENCE:
                done = min(1.0, len(steps) / (len(sent) + 3))
                place.progress(done, f"{steps[-1]}…（{time.monotonic() - start:.0f} 秒）")
    place.empty()
    return making.result()


def _shown(plan: Plan, seen: bool) -> None:
    """The plan; `seen`: it stood there before, so that a press of 发布 means this very one."""
    if plan.problems:
        _refused(plan)
    if plan.warnings:
        head = markup.head("提醒", f"{len(plan.warnings)} 处，不影响导入")
        _html([head, _faults(plan.warnings)])
    _html(_recognised(plan))
    if not plan.refused:
        _html([markup.head("会改什么"), _difference(plan)])
        for sentence in report.turned(plan):
            _html(markup.banner(f"注意：{sentence}。", error=True))
        _publisher(plan, seen)


def _refused(plan: Plan) -> None:
    count = len(plan.problems)
    marked = any(plan.problems_of(sent) for sent in plan.sent)
    mend = "请下载标出问题的工作簿，改好后再导入" if marked else "请改正回答"
    said = f"没有通过：共 {count} 处问题，数据没有任何改动。{mend}。"
    _html(markup.banner(said, error=True))
    for n, sent in enumerate(plan.sent):
        if plan.problems_of(sent):
            name = returned.name(sent)
            make = partial(returned.workbook, plan, sent)
            downloads.button(f"下载 {name}", make, name, XLSX, f"intake_back_{n}")
    same = report.grouped(plan.problems)
    rows = [
        (g.places[0].source, report.cells_of(g), f.column, f.value, f.rule, f.message)
        for g in same[:LISTED]
        for f in (g.fault,)
    ]
    header = ["文件", "单元格", "列", "值", "规则", "怎样改"]
    _html(_table(header, rows, "导入问题", len(same)))


def _table(header: list[str], rows: Sequence[Sequence[object]], caption: str, count: int) -> h.Node:
    cells = [[str(c) for c in row] for row in rows]
    more = (
        h.p({"class": "muted"}, f"共 {count} 条，这里列出前 {LISTED} 条。")
        if count > LISTED
        else ""
    )
    grid = markup.table(header, cells, "l" * len(header), caption=caption)
    return [h.div({"class": "scroll"}, grid), more]


def _faults(faults: Sequence[Fault]) -> h.Node:
    rows = [(f.place, f.column, f.value, f.rule, f.message) for f in faults[:LISTED]]
    return _table(["文件", "列", "值", "规则", "说明"], rows, "导入提醒", len(faults))


def _recognised(plan: Plan) -> h.Node:
    notes = [f"{r.file}：{note}" for r in plan.readings for note in r.notes]
    return markup.fold(f"自动识别的内容（{len(notes)} 条）", notes)


def _difference(plan: Plan) -> h.Node:
    if not plan.differences:
        return h.p({"class": "muted"}, "没有要导入的行。")
    header = ["表", "新增", "改动", "不变", "删除", "文件里没有、保留"]
    rows = [(d.table.label, *(fmt.digits(n) for n in report.counts(d))) for d in plan.differences]
    examples = markup.fold("逐行看", [line.strip() for line in report.difference(plan)])
    return [markup.table(header, rows, "lrrrrr", caption="导入差异"), examples]


# ---- publishing -----------------------------------------------------------------------------------
def _publisher(plan: Plan, seen: bool) -> None:
    if not plan.changes:
        _html(h.p({"class": "muted"}, "和现有数据一样，没有要发布的改动。"))
        return
    needed = bool(plan.corrections)
    with st.form("intake_publish", border=False):
        left, middle, right = st.columns([3, 2, 1], vertical_alignment="bottom")
        must = "（必填，记入更正记录）" if needed else "（可空）"
        reason = left.text_input(f"原因{must}", key="intake_reason")
        by = middle.text_input("经办" + ("（必填）" if needed else "（可空）"), key="intake_by")
        asked = right.form_submit_button("发布", type="primary", width="stretch")
        # Its key names the files and what they change: a tick for one import is none for the next.
        import_ = hash((plan.sent, tuple(sorted(plan.base.items()))))
        sure = bool(plan.turned) and st.checkbox(
            "已核对，确实要把这些行改到另一年", key=f"intake_across_{import_}"
        )
    if asked and not seen:
        _html(markup.banner("数据刚刚有别的改动，差异已重新计算：请核对后再发布。", error=True))
    elif asked:
        _publish(plan, by or "", reason or "", sure)


def _publish(plan: Plan, by: str, reason: str, sure: bool) -> None:
    try:
        done = intake.publish(plan, by, reason, sure)
    except (intake.NeedsReason, intake.Unconfirmed) as e:
        _html(markup.banner(str(e), error=True))
        return
    except Refused as e:
        st.session_state.pop("intake_plan", None)
        _html(markup.banner(str(e), error=True))
        return
    _over(f"已发布。{report.version(done)}" if done else "没有变化。")


def _over(said: str) -> None:
    """Start a new round, and say what was done."""
    st.session_state["intake_said"] = said
    st.session_state["intake_round"] += 1
    st.session_state.pop("intake_plan", None)
    st.rerun()


def _versions(scope: Scope) -> None:
    kept = publishings(scope.snapshot.root)
    if not kept:
        return
    told = [report.version(v) for v in reversed(kept)]
    _html(markup.fold(f"最近的导入（{len(kept)} 次）", told))
    if done := undone(scope, "导入"):
        _over(f"已恢复到导入前。{report.version(done)}")


def undone(scope: Scope, word: str, edited: str = "") -> Entry | None:
    """The way back from the newest import, or edit of a file; what was taken back. The tick is for
    the one that stood there: a newer one takes it off, so that nobody undoes what somebody else has
    just sent."""
    last = publishing.undoable(scope.snapshot.root, edited)
    if last is None:
        return None
    key, number = f"undo_{edited or 'import'}", last.number
    with st.container(key=f"{key}_box", horizontal=True, vertical_alignment="center"):
        sure = st.checkbox(f"要撤销第 {number} 次{word}", key=f"{key}_sure_{number}")
        asked = st.button("撤销", key=key)
    if asked and not sure:
        said = f"没有撤销：最近一次{word}现在是第 {number} 次，确定要撤销它，请先勾选。"
        _html(markup.banner(said, error=True))
    elif asked:
        try:
            return publishing.undo(scope.snapshot.root, access.name(), number, edited)
        except Refused as e:
            _html(markup.banner(str(e), error=True))
    return None
