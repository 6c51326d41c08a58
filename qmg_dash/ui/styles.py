"""The style sheets: one for every screen, one more for meetings, one for the dark theme."""

from __future__ import annotations

from pathlib import Path

import simple_html as h

from qmg_dash import escaping
from qmg_dash.ui import markup

HERE = Path(__file__).parent
STYLE = (HERE / "style.css").read_text(encoding="utf-8") + markup.shapes_css()
MEETING = (HERE / "meeting.css").read_text(encoding="utf-8")
DARK = (HERE / "dark.css").read_text(encoding="utf-8")


def block(*rules: str) -> h.SafeString:
    """A style element of these rules, each on no line of its own."""
    return escaping.html(escaping.verbatim(h.style, " ".join(" ".join(rules).split())))
