"""Markup goes to Streamlit here alone."""

from __future__ import annotations

import simple_html as h
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from qmg_dash import escaping
from qmg_dash.ui import markup


class _Sent(str):
    """HTML as it is to be sent. Streamlit looks through a plain string line by line at every run,
    for an indent to take away."""

    def _repr_html_(self) -> str:
        return self


def emit(body: h.Node, place: DeltaGenerator | None = None) -> None:
    """Elements on the page, or at a `place` of it; a plain text is shown as a text."""
    made = body if isinstance(body, h.SafeString) else escaping.html(body)
    (place or st).html(_Sent(made.safe_str))


def block(body: h.Node, demo: bool) -> h.SafeString:
    """A block of a desk that no slide has written."""
    return markup.fitted(markup.wrap(body, "demo" if demo else ""), wall=False)


def html(body: h.Node, demo: bool) -> None:
    """Such a block on the page: what it says is not kept."""
    emit(block(body, demo))
