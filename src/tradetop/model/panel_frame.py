"""Panels and limits at one moment: numbers, whether they may be believed, and how they came there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tradetop.model.labels import Labels
from tradetop.model.level import Level, Presence
from tradetop.model.panel import Panel, Side, Threshold
from tradetop.model.unit import Kind, Unit


@dataclass(frozen=True, slots=True)
class Reading:
    """One number, and whether it may be believed."""

    value: float | None
    unit: Unit
    kind: Kind
    presence: Presence
    level: Level = Level.OK
    t: int | None = None
    """Time of the sample behind it (ms)."""
    unmoved_since: int | None = None
    """A constant zero: since when it has not moved (ms)."""


@dataclass(frozen=True, slots=True)
class Trend:
    """A series resampled to the view's columns: `values[i]` belongs to `start + i * step`; NaN is a gap."""

    start: int
    step: int
    values: Sequence[float]

    @property
    def origin(self) -> int:
        """Index of the first value counted from a fixed moment, so that drawn columns can keep their place in time."""
        return self.start // self.step if self.step > 0 else 0


@dataclass(frozen=True, slots=True)
class SeriesFrame:
    """One series of a panel."""

    query: int
    """Index of the panel's query that gave it."""
    legend: str
    labels: Labels
    reading: Reading
    trend: Trend


@dataclass(frozen=True, slots=True)
class PanelFrame:
    """One panel with its values now and over the window."""

    panel: Panel
    series: tuple[SeriesFrame, ...]
    level: Level = Level.OK
    error: str = ""
    """Why it could not be evaluated; one line for people."""

    @property
    def first(self) -> SeriesFrame | None:
        """The first series, if there is any."""
        return self.series[0] if self.series else None


@dataclass(frozen=True, slots=True)
class LimitFrame:
    """A threshold seen as a distance: one row of the limits pane."""

    panel: Panel
    label: str
    legend: str
    """The series' own name where the panel has several, else ""."""
    labels: Labels
    reading: Reading
    limit: Threshold
    """The next threshold that would be crossed, or the worst that has been."""
    scale_min: float
    scale_max: float
    closeness: float
    """0 far away, 1 at the worst threshold, more beyond it; the rows are sorted by it, worst first."""
    eta: int | None = None
    """Time to breach in ms, where a steady slope leads there."""
    aside: bool = False
    """It has a bar of its own in another pane, which says when it is crossed."""
    query: int = 0
    """Index of the panel's query that gave the series."""
    slope: float | None = None
    """Change per millisecond, where the value moves steadily."""
    rung: int = 0
    """Its place on the ladder's own screen, where it does not matter that it has a bar in another pane."""

    @property
    def key(self) -> tuple[str, int, Labels]:
        """What tells the row from all others, wherever it stands."""
        return self.panel.id, self.query, self.labels

    @property
    def crossed(self) -> bool:
        """Whether any threshold of its panel has been crossed."""
        return self.reading.level > Level.OK

    @property
    def headroom(self) -> float | None:
        """How far the value may still go to the limit; below zero once it is beyond."""
        value = self.reading.value
        if value is None:
            return None
        return self.limit.value - value if self.limit.side is Side.ABOVE else value - self.limit.value
