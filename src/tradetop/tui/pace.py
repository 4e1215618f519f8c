"""The pace: how often the screen is drawn, as + and - change it."""

from __future__ import annotations

from tradetop.model.clock import SECOND

TICKS = (500, 1_000, 2_000, 5_000, 10_000)
"""Milliseconds between two drawings."""


def changed(tick: int, by: int) -> int:
    """The next longer (`by` 1) or shorter (-1) interval, in ms; the same at either end."""
    at = min(range(len(TICKS)), key=lambda i: abs(TICKS[i] - tick)) + by
    return TICKS[max(0, min(len(TICKS) - 1, at))]


def left(tick: int, now: int) -> float:
    """Seconds until the next whole multiple of the interval, so that the clock never skips one."""
    return (tick - now % tick) / SECOND
