"""The faults of one table, listed and counted."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from qmg_dash.model import Fault, Severity

LISTED = 200
"""How many faults of one table and rule are listed; one more tells how many there are."""


# ---------------------------------------------------------------- lists of faults


@dataclass
class Tally:
    """Faults of one table. Each (severity, rule) lists `most` at most; the true counts stay."""

    file: str
    table_error: bool = False
    most: int = LISTED
    _listed: dict[tuple[Severity, str], list[Fault]] = field(
        default_factory=lambda: defaultdict(list)
    )
    _counts: dict[tuple[Severity, str], int] = field(default_factory=lambda: defaultdict(int))

    def add(self, fault: Fault, count: int = 1) -> None:
        """One fault, standing for `count` (further ones may be added with a count of 0)."""
        key = (fault.severity, fault.rule)
        self._counts[key] += count
        if len(self._listed[key]) < self.most:
            self._listed[key].append(fault)

    def whole(
        self, rule: str, message: str, value: str = "", column: str = "", file: str = ""
    ) -> None:
        """An error of the whole table (in one of its files): it is not shown in this version."""
        self.table_error = True
        self.add(Fault("error", file or self.file, None, column, value, rule, message))

    def note(self, rule: str, message: str, value: str = "", column: str = "") -> None:
        """A warning about the file as such."""
        self.add(Fault("warning", self.file, None, column, value, rule, message))

    def faults(self) -> list[Fault]:
        """All that are listed, by row, each long kind followed by the line that counts it."""
        out = [f for kind in self._listed.values() for f in kind]
        out.sort(key=lambda f: (f.file, f.row or 0))
        for (severity, rule), count in self._counts.items():
            if count > self.most:
                text = f"“{rule}”一类的问题共 {count} 处，这里列出前 {self.most} 处"
                out.append(Fault(severity, self.file, None, "", "", rule, text))
        return out
