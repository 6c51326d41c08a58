"""The style sheets: one for every screen, one more for meetings, one for the dark theme."""

from __future__ import annotations

from pathlib import Path

from qmg_dash.ui import markup

HERE = Path(__file__).parent
STYLE = (HERE / "style.css").read_text(encoding="utf-8") + markup.shapes_css()
MEETING = (HERE / "meeting.css").read_text(encoding="utf-8")
DARK = (HERE / "dark.css").read_text(encoding="utf-8")


def block(*rules: str) -> str:
    """A style element of these rules, each on no line of its own."""
    return f"<style>{' '.join(' '.join(rules).split())}</style>"
