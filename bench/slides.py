"""What slides of one meeting must not say beside each other (see look.py)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass
class Told:
    """What the slides of a town's meeting have said so far: titles, and verdicts by figure, with the
    slide. `done`: a screen has been through all of them, the others say the same."""

    titles: dict[str, str] = field(default_factory=dict)
    verdicts: dict[str, tuple[str, str]] = field(default_factory=dict)
    done: bool = False

    def faults(self, name: str, slide: dict) -> Iterator[str]:
        """What a slide says twice, or otherwise than one before it, or without a number."""
        if self.done:
            return
        title = slide["title"]
        if (other := self.titles.setdefault(title, name)) != name:
            yield f"twins({other}: {title})"
        if not re.search(r"\d", title):
            yield f"numberless({title})"
        for figure in slide["figures"]:
            tone, where = self.verdicts.setdefault(figure["of"], (figure["tone"], name))
            if tone != figure["tone"]:
                said = f"{figure['tone'] or 'none'}, {tone or 'none'} on {where}"
                yield f"verdicts({figure['of']}: {said})"


def slide_faults(slide: dict) -> Iterator[str]:
    """What is wrong with a slide's key numbers and marks."""
    if len(slide["numbers"]) > 1:
        said = ", ".join(f"{n['size']} rem: {n['text']}" for n in slide["numbers"])
        yield f"sizes({said})"
    if under := slide["under"]:
        yield f"under mark({len(under)}: {under[0]})"
