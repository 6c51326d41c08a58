"""What the address says: the table of its keys, and the one place where it is read and written.

Python says `link.YEAR`, the script of a meeting `LINK.YEAR`: no name of a key stands anywhere else,
but those of the screens' filters, which their page files declare.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from qmg_dash.ui import menu

Asked = Mapping[str, Sequence[str]]
"""What an address asks for: its keys with all their values."""


@dataclass(frozen=True, eq=False, repr=False)
class Key(str):
    """A key that is no filter of one screen. It is its own name, so that it can be written where a
    name can; it takes one value, the last one where it is written several times."""

    name: str
    label: str
    """As a sentence on the screen calls it."""
    means: str
    """What its value says, as docs/data.md has it."""
    otherwise: str = ""
    """What holds where it is not written, likewise."""
    held: bool = False
    """Whether it holds on every screen: the menu drops it, `keep` puts it back."""
    of_then: bool = False
    """Whether it names the data of then: held as long as these are shown."""
    narrows: bool = False
    """Whether it is a filter: 清除筛选 takes it off."""
    allowed: tuple[str, ...] = ()
    """Its values, where they are few and always the same."""
    within: range = range(0)
    """How far its number reaches (bounds.number reads it)."""
    longest: int = 0
    """The characters that are used of it."""

    def __new__(cls, name: str, *_: object, **__: object) -> Key:
        return super().__new__(cls, name)


SWITCH = ("true", "false")
MONTHS, SLIDES, SECONDS = range(1, 13), range(1, 100), range(1, 3601)
A_MONTH, A_SECOND = (f"{within[0]}–{within[-1]}" for within in (MONTHS, SECONDS))
AGENDA_FORM = (
    "会议议程：`名称;项;项…`，项为 `屏幕`、`屏幕:页名`、`屏幕:页名?筛选`，总览写 `overview`；"
    "最多 60 项"
)
ROWS_FORM = (
    "打开的明细：`指标代码`、`代码|部分`、`代码|部分|年度`（那一年全年）、"
    "`代码|部分||不计的筛选`；几部分用 `+` 连接；末尾加第五项 `why`（`代码||||why`）先看为什么变化"
)
A_VERSION = "数据版本，或日期 2026-10-01（那天最后的一版）"

YEAR = Key("year", "年度", "年度", "公布过的或有记录的最新一年", held=True)
GOAL_YEAR = Key("goal_year", "目标年度", "目标年度", "最新的目标年度", held=True)
DATA = Key("data", "数据", "official 本单位，demo 演示", "official", held=True)
AGAINST = Key("against", "对比年度", "对比年度，两年并列", "与上年同期比较，不并列", held=True)
FROM = Key("from", "起始月份", f"起始月份，{A_MONTH}", "1", narrows=True, within=MONTHS)
TO = Key("to", "结束月份", f"结束月份，{A_MONTH}", "12", narrows=True, within=MONTHS)
PRESENT = Key("present", "会议模式", "true 为会议模式", "桌面", allowed=SWITCH)
# Its number: in the links of before.
SLIDE = Key(
    "slide", "页次", "会议模式下本屏的哪一页：页名或第几页，`last` 为末页", "首页", within=SLIDES
)
PLAY = Key(
    "play", "播放间隔", f"会议模式自动播放，每页的秒数，{A_SECOND}", "不播放", within=SECONDS
)
THEME = Key("theme", "主题", "light、dark", "随系统", held=True, allowed=("light", "dark"))
# More fits no address.
AGENDA = Key("agenda", "议程", AGENDA_FORM, "全部屏幕", held=True, longest=8_000)
ROWS = Key("rows", "明细", ROWS_FORM, "不打开")
V = Key("v", "数据版本", "发送时的数据版本；与现在的不同时列出变化", of_then=True)
SENT = Key("sent", "发送标记", "发送标记：`日期.链接格式.单位标记`，复制链接时写上", of_then=True)
THEN = Key(
    "then",
    "查看方式",
    "true 为按 `v` 那一版显示（还保留着时）",
    "显示最新数据",
    of_then=True,
    allowed=SWITCH,
)
BASE = Key("base", "比较起点", f"比较起点：{A_VERSION}", "上次会议（或上一版）")
UNTIL = Key("until", "比较终点", f"比较终点：{A_VERSION}", "现在")
# Written by the server alone.
MISSING = Key("missing", "屏幕", "链接中不存在的屏幕，由服务器写上", longest=100)

NAMED = {name: key for name, key in globals().items() if isinstance(key, Key)}
"""The keys by the names that they have here and in the script of a meeting."""
KEYS: dict[str, Key] = {key: key for key in NAMED.values()}
"""The table: every key by its own name, in their order."""


# ---- reading ------------------------------------------------------------------------------------
UNSENT = "unsent"
"""In the session: the address before a writing, and as written, until it is on its way."""


def asked() -> Asked:
    """What the address asks for in this run."""
    now = {key: st.query_params.get_all(key) for key in st.query_params}
    before, written = st.session_state.pop(UNSENT, (None, now))
    if before != now or _by_history():
        return now
    _write(now, written)
    return written


def last(asked: Asked) -> dict[str, str]:
    """The value that holds of each key."""
    return {key: values[-1] for key, values in asked.items()}


def value(key: str) -> str | None:
    """What the address says of a key in this run; None where it does not have it."""
    return last(asked()).get(key)


# ---- writing ------------------------------------------------------------------------------------
def put(changes: Mapping[str, object]) -> None:
    """Write some keys of the address; one without a value is taken off. All at once, and only where
    something changes: each writing is a step for the browser's Back. The last word of a callback:
    it ends the run where another waits."""
    now = asked()
    new = {key: values for key, values in {**now, **_plain(changes)}.items() if values}
    if new != now:
        _write(now, new)


def _write(before: Asked, new: Asked) -> None:
    """Send the address to the browser. Where the next press has come already, Streamlit ends the run
    here, and the next one begins with the address before: it sends it again."""
    st.session_state[UNSENT] = (before, new)
    st.query_params.from_dict(new)
    del st.session_state[UNSENT]


def _by_history() -> bool:
    """Whether the browser's Back or Forward asks for this run."""
    run = get_script_run_ctx()
    return bool(run and run.is_history_navigation)


def follow(key: str, state: str) -> None:
    """A widget was changed: the address follows, so that Back can undo it."""
    put({key: st.session_state[state]})


def text(asked: Mapping[str, object]) -> str:
    """Some keys as they stand behind the ?; one without a value is left out."""
    return urlencode(_plain(asked), doseq=True)


def _plain(asked: Mapping[str, object]) -> dict[str, list[str]]:
    """All values of each key as text: none, one or several."""
    return {key: _values(value) for key, value in asked.items()}


def _values(value: object) -> list[str]:
    if isinstance(value, list | tuple):
        return [str(one) for one in value]
    return [] if value in (None, "") else [str(value)]


# ---- from screen to screen ------------------------------------------------------------------------
def keep(path: str) -> None:
    """The menu was turned: put back into the address what holds on every screen. Back and Forward
    ask for an address as it was, and none but them for one without these keys on the same screen."""
    before, held = st.session_state.get("held", (path, {}))
    now = asked()
    if path != before and not _by_history():
        put({key: value for key, value in held.items() if key not in now})
    st.session_state["held"] = (path, _held())


def turn(path: str, query: Mapping[str, object]) -> None:
    """Go to a screen, keeping what holds on every one."""
    st.switch_page(menu.pages()[path], query_params=_plain({**_held(), **query}))


def _held() -> dict[str, str]:
    now = last(asked())
    then = now.get(THEN) == "true"
    return {
        k: now[k] for k, row in KEYS.items() if k in now and (row.held or (then and row.of_then))
    }
