"""Thresholds as people write them, in a dashboard and in the config: `warning: 20` or `{below: -3, for: 5m}`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated

from tradetop.document.problem import Place
from tradetop.document.scalar import Duration, Parse, number
from tradetop.model.level import Level
from tradetop.model.panel import Side, Threshold
from tradetop.model.text import clean


@dataclass(frozen=True, slots=True)
class Bound:
    """One side of a level: exactly one of `above` and `below`."""

    above: float | None = None
    below: float | None = None
    inclusive: bool = False
    hold: Duration = field(default=0, metadata={"key": "for"})
    alert: str = ""
    severity: str = ""

    def __post_init__(self) -> None:
        if (self.above is None) == (self.below is None):
            raise ValueError("needs either above or below")

    def threshold(self, level: Level) -> Threshold:
        """The threshold at a level."""
        side, value = (Side.BELOW, self.below or 0.0) if self.above is None else (Side.ABOVE, self.above)
        return Threshold(value, level, side, self.inclusive, self.hold, clean(self.alert), clean(self.severity))


def _short(text: str) -> tuple[Bound, ...]:
    """A plain number means above it; `off` means no threshold."""
    return () if text == "off" else (Bound(above=number(text)),)


Bounds = Annotated[tuple[Bound, ...], Parse(_short)] | Bound | tuple[Bound, ...]


@dataclass(frozen=True, slots=True)
class Levels:
    """The thresholds of a panel; a level that is not given stays as it is where this overrides others."""

    warning: Bounds | None = None
    critical: Bounds | None = None
    place: Place = field(default_factory=Place)

    def thresholds(self) -> tuple[Threshold, ...]:
        """Every threshold, warning before critical."""
        return (*_at(Level.WARNING, self.warning), *_at(Level.CRITICAL, self.critical))

    def over(self, thresholds: Sequence[Threshold]) -> tuple[Threshold, ...]:
        """`thresholds` with the levels that are given here replaced; `for` and `alert` stay where not written."""
        given = {Level.WARNING: self.warning, Level.CRITICAL: self.critical}
        kept = [t for t in thresholds if given.get(t.level) is None]
        before = {(t.level, t.side): t for t in thresholds}
        new = [_kept(t, before.get((t.level, t.side), t)) for t in self.thresholds()]
        return tuple(sorted([*kept, *new], key=lambda t: t.level))


def _kept(threshold: Threshold, before: Threshold) -> Threshold:
    # Not the severity: who says critical means it.
    return replace(threshold, hold=threshold.hold or before.hold, alert=threshold.alert or before.alert)


def _at(level: Level, bounds: Bounds | None) -> tuple[Threshold, ...]:
    if bounds is None:
        return ()
    return tuple(bound.threshold(level) for bound in ((bounds,) if isinstance(bounds, Bound) else bounds))
