"""The versions of the power list: how many items each has, and what it changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from qmg_dash.figures.book import Book
from qmg_dash.folder.memo import once
from qmg_dash.kpis import kpi

KEPT_LEAST = 0.5
"""A version that keeps less than this share of the items before it is another list, not a change
of the same one: the series breaks there (渝府办发〔2025〕28号 hands enforcement items back, and
履职事项清单 stands beside power lists)."""

CHANGES = kpi("power.changes").dimensions[0].values


@dataclass(frozen=True)
class Version:
    """A version in force from its day of approval: items in use, and how many rows it marks with
    each change. `kept` is the share of the former version's items that it still has, None for
    the first; `broken` says that it is another list."""

    day: date
    items: int
    changes: dict[str, int]
    kept: float | None

    @property
    def broken(self) -> bool:
        return self.kept is not None and self.kept < KEPT_LEAST


def versions(book: Book) -> list[Version]:
    """The versions approved up to the period's end, oldest first; empty without a ledger. Items
    are the same where their code is, or their name where they have none. No filter narrows them."""
    return _versions(book.beside(values=()))


@once
def _versions(book: Book) -> list[Version]:
    name = "coalesce(item_code, name)"
    sql = f"""SELECT list_version, count(*) FILTER (WHERE status = '在用'),
            list(DISTINCT {name}) FILTER (WHERE status = '在用'), histogram(change)
        FROM power_items WHERE list_version <= $end GROUP BY 1 ORDER BY 1"""
    out: list[Version] = []
    before: set[str] = set()
    for day, items, names, changes in book.query(sql):
        now = set(names or ())
        kept = len(now & before) / len(before) if before else None
        told = {c: (changes or {}).get(c, 0) for c in CHANGES}
        out.append(Version(day, items, told, kept))
        before = now
    return out


def broken_between(then: Book, now: Book) -> bool:
    """Whether the power list became another one after the end of the one period and by the end of
    the other: figures of the two lists are not compared."""
    found = versions(now)
    return any(v.broken and then.period.end < v.day <= now.period.end for v in found)
