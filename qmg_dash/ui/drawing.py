"""What a slide draws with: the one place where desk and meeting, official and demo differ."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

import streamlit as st

from qmg_dash import fmt
from qmg_dash.charts import Chart
from qmg_dash.findings import Finding, book_value, headline, only_part
from qmg_dash.kpis import KPIS, kpi
from qmg_dash.model import Figure
from qmg_dash.ui import filters, parts
from qmg_dash.ui.scope import Scope

NATURE = {"official": "正式数据", "demo": "演示数据"}


@dataclass(frozen=True)
class Slide:
    """A part of a screen: what it finds, and how it is drawn."""

    finding: Finding
    draw: Callable[[Drawing], None]


class Drawing:
    """What a slide draws with. Everything goes through here, so that desk and meeting, official
    and demo differ in one place."""

    def __init__(self, scope: Scope):
        self.scope = scope
        self.book = scope.book
        self.look = scope.look

    def html(self, body: str, fill: bool = False, classes: str = "") -> None:
        """A block; `fill` lets it take the height left in meeting mode. Panels in it carry the
        demo mark by themselves."""
        marks = (classes, "fill" if fill else "", "demo" if self.scope.demo else "")
        st.html(parts.wrap(body, " ".join(m for m in marks if m)))

    @contextmanager
    def panel(self, name: str) -> Iterator[None]:
        """A panel that holds a chart."""
        demo = "demo_" if self.scope.demo else ""
        with st.container(key=f"p_{demo}{name}", height="stretch"):
            yield

    @property
    def against(self) -> str:
        """What the changes are measured against."""
        return self.scope.against.text

    def columns(self, *weights: float) -> Sequence:
        return st.columns(list(weights), gap="small")

    def kept(self, key: str, make: Callable[[], Chart]) -> Chart:
        """A chart, made once for these figures, this look and these choices."""
        return self.book.kept(("chart", key, self.look, self.scope.chosen), make)

    def chart(self, key: str, drawn: Chart, rows: int, name: str, click: str = "") -> None:
        """A chart with its text alternative and, at the desk, the data behind it. `rows` is how
        many marks stand below one another: it sets the height at the desk. A click on a mark
        chooses its value of the filter `click`, a second one gives it up."""
        height = "stretch" if self.look.present else max(160, int(rows * 36 + 10))
        st.plotly_chart(
            drawn.figure,
            key=self._chart_key(key),
            height=height,
            theme=None,
            config={"displayModeBar": False},
            alt=drawn.alt,
            **self._clickable(key, click),
        )
        if not self.look.present:
            st.html(parts.wrap(parts.data_view(self.drawn(name, drawn.header, drawn.rows))))

    def _clickable(self, key: str, click: str) -> dict[str, object]:
        if self.look.present or not click:
            return {}
        chosen = partial(_clicked, self._chart_key(key), click)
        return {"on_select": chosen, "selection_mode": "points"}

    def _chart_key(self, key: str) -> str:
        """The chart's key: another for each choice of filters, so that a clicked mark is not
        left selected and a second click counts again."""
        return f"c_{key}_{self.scope.filter_text}"

    def drawn(self, name: str, header: tuple[str, ...], rows: tuple) -> parts.Drawn:
        """Rows for a table or file, with the scope that must travel with them."""
        s = self.scope
        notes = (
            ("单位名称", s.snapshot.town.name),
            ("年度", str(s.year)),
            ("数据性质", NATURE[s.snapshot.town.nature]),
            ("数据版本", s.snapshot.version),
            *((("筛选", s.filter_text),) if s.filter_text else ()),
        )
        mark = "演示数据_" if s.demo else ""
        return parts.Drawn(f"{mark}{name}_{s.year}", header, rows, notes)

    def unfollowed(self, code: str) -> str:
        """A word for a figure that some active filters leave as it is."""
        row = kpi(code)
        names = [d for n in self.book.unfollowed(row) for d in [self._filter_label(n)]]
        return f"不随{'、'.join(names)}筛选" if names else ""

    def _filter_label(self, name: str) -> str:
        labels = (k.dimension(name) for k in KPIS)
        return next((d.label for d in labels if d), name)

    def broken(self, figure: Figure) -> str:
        """The identities that a published figure breaks, by their ids."""
        key = (figure.code, figure.dimension)
        ids = (i.id for i, breach in self.book.breaches if key in breach.of)
        return "、".join(dict.fromkeys(ids))

    def card(
        self, code: str, note: str = "", alert: bool = False, dimension: str = ""
    ) -> parts.Card:
        """A key number with the year before's beside it."""
        if dimension:
            figure = self.book.fig(code, dimension)
        else:
            figure = headline(self.book, code)
            part = only_part(self.book, code)
            if part:
                said = f"{book_value(part)} {fmt.text(part)}"
                note = f"{said} · {note}" if note else said
        before = self.scope.before.fig(code, figure.dimension)
        note = " · ".join(n for n in (note, self.unfollowed(code)) if n)
        return parts.Card(
            figure,
            note,
            before if before.known else None,
            alert,
            against=self.scope.against.short,
            broken=self.broken(figure),
        )


def _clicked(key: str, name: str) -> None:
    """A mark of a chart was clicked: its value is chosen, or given up."""
    points = st.session_state[key]["selection"]["points"]
    values = [str(p["customdata"]) for p in points if p.get("customdata") is not None]
    if values:
        filters.toggle(name, list(dict.fromkeys(values)))
