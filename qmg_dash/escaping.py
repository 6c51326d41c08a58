"""Elements → HTML, for screens, files and the pages of the gate alike.

Markup is made of simple_html's elements, `h.p({"class": "muted"}, name)`: whatever text stands in them is
escaped by the library, so that it cannot be forgotten. Text becomes HTML as it stands in this file
alone; a test allows no other way (test_escaping.py).
"""

from __future__ import annotations

import re

import simple_html as h

from qmg_dash.characters import writable

_ENDS = re.compile(r"</(?:style|script)|<!--", re.IGNORECASE)


def html(*nodes: h.Node, cut: re.Pattern[str] | None = None) -> h.SafeString:
    """The HTML of elements and texts, without the characters that no file can hold. What `cut` finds
    is left out: whole elements."""
    made = writable(h.render(*nodes))
    return h.SafeString(cut.sub("", made) if cut else made)


def verbatim(element: h.Tag, text: str, **attributes: str) -> h.Node:
    """A style or script element: what stands in it is read as it is written, not unescaped. Raises
    ValueError where the text would end the element."""
    if found := _ENDS.search(text):
        raise ValueError(f"{found[0]} would end the element in which it stands")
    return element(dict(attributes), h.SafeString(text))


def joined(between: h.Node, nodes: list[h.Node]) -> list[h.Node]:
    """Nodes with something between each two of them."""
    return [part for node in nodes for part in (between, node)][1:]
