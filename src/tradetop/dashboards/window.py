"""Windows: the columns of a trend, aligned to absolute time so that a picture shifts by whole columns."""

from __future__ import annotations

from dataclasses import dataclass

from tradetop.model.clock import DAY, HOUR, MINUTE, SECOND

STEPS = (
    *(n * SECOND for n in (1, 2, 5, 10, 15, 20, 30)),
    *(n * MINUTE for n in (1, 2, 3, 5, 6, 10, 12, 15, 20, 30)),
    *(n * HOUR for n in (1, 2, 3, 4, 6, 8, 12)),
    DAY,
)
"""Column widths that people can read off a time axis (ms)."""


@dataclass(frozen=True, slots=True)
class Window:
    """`count` columns: column i stands for (start + (i - 1) * step, start + i * step]; the last one holds `at`."""

    at: int
    start: int
    step: int
    count: int

    @property
    def last(self) -> int:
        """Time of the last column, which may lie ahead of `at`."""
        return self.start + (self.count - 1) * self.step


def window(at: int, span: int, points: int) -> Window:
    """The window that ends at `at` (ms), spans `span` (ms) and has at most `points` columns."""
    step = nice_step(span / max(1, points))
    count = max(1, span // step)
    last = -(-at // step) * step
    return Window(at, last - (count - 1) * step, step, count)


def nice_step(least: float) -> int:
    """The smallest readable column width (ms) that is at least `least`."""
    return next((step for step in STEPS if step >= least), -(-int(least) // DAY) * DAY)
