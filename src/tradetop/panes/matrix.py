"""Matrices: table panels as rows and columns of series."""

from __future__ import annotations

import math
from dataclasses import dataclass

from tradetop.model.frame import Frame
from tradetop.model.panel import Panel, PanelKind, PaneName
from tradetop.model.panel_frame import PanelFrame, SeriesFrame
from tradetop.model.unit import Unit


@dataclass(frozen=True, slots=True)
class Matrix:
    """The series of a table panel by the value of its `by` label and by query."""

    panel: PanelFrame
    names: tuple[str, ...]
    cells: dict[tuple[str, int], SeriesFrame]

    @property
    def queries(self) -> tuple[int, ...]:
        """The queries that gave anything."""
        have = {query for _, query in self.cells}
        return tuple(q for q in range(len(self.panel.panel.queries)) if q in have)

    @property
    def heading(self) -> str:
        """The heading of the rows' names."""
        return self.panel.panel.by.upper() or self.panel.panel.short.upper()

    def column(self, query: int) -> str:
        """The heading of a query's column."""
        of = self.panel.panel.queries[query]
        return of.column or of.legend or f"#{query + 1}"

    def value(self, row: str, query: int) -> float | None:
        """The number in a cell; None where there is none."""
        series = self.cells.get((row, query))
        value = None if series is None else series.reading.value
        return None if value is None or math.isnan(value) else value

    def best(self, row: str) -> SeriesFrame:
        """The series that a row stands for: its money, else its first."""
        found = [(q, s) for (r, q), s in self.cells.items() if r == row]
        return next((s for q, s in found if won(self.panel.panel, q)), found[0][1])


def won(panel: Panel, query: int) -> bool:
    """Whether a column holds money won or lost, and not what something is worth."""
    of = panel.queries[query]
    heading = (of.column or of.legend).upper()
    return (of.unit or panel.unit) is Unit.USD and (panel.signed or heading == "OPEN" or "P&L" in heading)


def of_panel(panel: PanelFrame) -> Matrix:
    """A table panel's matrix, its rows as they come."""
    by = panel.panel.by
    grid = {(s.labels.get(by, s.legend), s.query): s for s in reversed(panel.series)}
    return Matrix(panel, tuple(dict.fromkeys(s.labels.get(by, s.legend) for s in panel.series)), grid)


def matrices(frame: Frame) -> list[Matrix]:
    """The table panels of the strategies' pane that have data."""
    panels = frame.pane(PaneName.STRATEGIES)
    return [of_panel(p) for p in panels if p.panel.kind is PanelKind.TABLE and p.series]
