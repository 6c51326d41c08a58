"""Which two versions are compared on 自上次会议以来: by the link, else the last meeting's with the
present one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import simple_html as h
import streamlit as st

from qmg_dash import beijing, fmt
from qmg_dash.figures.since import Changes, Told
from qmg_dash.folder import history, store
from qmg_dash.folder.history import Entry
from qmg_dash.folder.memo import Memo
from qmg_dash.folder.snapshot import Snapshot
from qmg_dash.model import Filters
from qmg_dash.ui import link, markup
from qmg_dash.ui.link import bounds

NOW = "现在"
NOTHING_KEPT = (
    "还没有可比的旧版本",
    "数据每变化一次，看板自动保留变化前的一版；做过会议快照的版本一直保留。下次数据更新后，这里列出变化。",
)

_CHANGES = Memo[tuple[tuple[str, str], Filters], Told | None](limit=8)


@dataclass(frozen=True)
class Compared:
    """Two versions of a folder; `base` None: nothing to compare with. `until` None: the present."""

    present: Snapshot
    root: Path
    base: Entry | None = None
    until: Entry | None = None

    @property
    def key(self) -> tuple[str, str]:
        """What tells it from another comparison."""
        return (self.base.version if self.base else "", self.until.version if self.until else "")

    @property
    def word(self) -> str:
        """Since when, as a title says it."""
        if self.base is None:
            return ""
        if self.until:
            return f"{day(self.base)} 至 {day(self.until)}"
        return "自上次会议以来" if self.base.meetings else f"自 {day(self.base)} 以来"

    def changes(self, filters: Filters) -> Told | None:
        """What has changed between them; None where one cannot be read any more."""
        return _CHANGES(self.present, (self.key, filters), lambda: self._changes(filters))

    def _changes(self, filters: Filters) -> Told | None:
        base, until = (self._opened(k) for k in (self.base, self.until))
        until = until if self.until else self.present
        return Changes(base, until, filters).told() if base and until else None

    def _opened(self, kept: Entry | None) -> Snapshot | None:
        """A version on the last day on which it was the present one."""
        if kept is None:
            return None
        later = [t for k in history.kept(self.root) for t in k.since if t > kept.last]
        end = date.fromisoformat(min(later)[:10]) if later else None
        return store.opened(self.root, kept.version, end)


def day(kept: Entry) -> str:
    """The day on which a version was last put up."""
    return kept.last[:10]


def read(
    asked: Mapping[str, str], present: Snapshot, root: Path, say: Callable[[str], None]
) -> Compared:
    """The versions that a link names, by their name or by a day; what is not kept is said."""
    known = history.kept(root)
    until = _named(link.UNTIL, asked, known, root, say)
    if until and until.version == present.version:
        until = None
    base = _named(link.BASE, asked, known, root, say)
    last = until.version if until else present.version
    return Compared(present, root, base or _usual(known, last), until)


def _named(
    key: link.Key,
    asked: Mapping[str, str],
    known: list[Entry],
    root: Path,
    say: Callable[[str], None],
) -> Entry | None:
    written = asked.get(key)
    if written is None:
        return None
    found = next((k for k in known if k.version == written), None)
    if found is None and (on := bounds.day(written)):
        found = history.on(root, on)
    if found is None:
        say(f"{key.label}“{fmt.short(written)}”没有保留的版本，已按默认比较。")
    return found


def _usual(known: list[Entry], last: str) -> Entry | None:
    """The newest version that a meeting names, else the one before."""
    others = [k for k in known if k.version != last]
    met = [k for k in others if k.meetings]
    return (met or others or [None])[-1]


# ---- the choice at the desk ----------------------------------------------------------------------
def label(kept: Entry) -> str:
    """A version on offer: when it was put up, its meetings."""
    met = f" · {'、'.join(kept.meetings[-2:])}" if kept.meetings else ""
    return f"{beijing.shown(kept.last)}{met} · {kept.version}"


def choice(compared: Compared) -> None:
    """Two fields with the versions kept, and one for a day: that of today is the present version."""
    known = {k.version: k for k in reversed(history.kept(compared.root))}
    if not known or not compared.base:
        return
    others = [v for v in known if v != compared.present.version]
    with st.container(key="compare", horizontal=True, vertical_alignment="bottom"):
        start = compared.base.version
        starts = [v for v in known if v in (start, *others)]
        _select(link.BASE, "从（会议或版本）", starts, known, start)
        ends = [NOW, *others]
        end = compared.until.version if compared.until else NOW
        _select(link.UNTIL, "到", ends, known, end)
        st.text_input(
            "或从某日（如 2026-10-01）", key="s_day", on_change=_write, args=(link.BASE, "s_day")
        )


def _select(key: str, title: str, offered: list[str], known: dict[str, Entry], now: str) -> None:
    state = f"s_{key}"
    st.session_state[state] = now if now in offered else offered[0]
    st.selectbox(
        title,
        offered,
        key=state,
        format_func=lambda v: label(known[v]) if v in known else v,
        filter_mode=None,
        on_change=_write,
        args=(key, state),
    )


def _write(key: str, state: str) -> None:
    value = str(st.session_state[state]).strip()
    link.put({key: "" if value == NOW else value})


def empty() -> h.Node:
    """In the place of what would have changed."""
    return markup.empty(*NOTHING_KEPT)
