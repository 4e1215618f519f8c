"""Value axes: nice ticks, and the scale that a chart's rows stand for."""

from __future__ import annotations

import math
from dataclasses import dataclass

_NICE = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Scale:
    """The values at the lower and upper edge of a chart `height` rows high."""

    low: float
    high: float
    height: int

    def part(self, value: float) -> float:
        """How far up a value lies: 0 at the lower edge, 1 at the upper, kept between."""
        return share(value, self.low, self.high)

    def row(self, value: float) -> int:
        """The row from the top that a value falls into, kept inside."""
        return min(self.height - 1, max(0, self.height - 1 - math.floor(self.part(value) * self.height)))

    @property
    def below(self) -> int:
        """How many rows lie below zero."""
        return min(self.height, max(0, round(share(0.0, self.low, self.high) * self.height))) if self.low < 0 else 0

    def contains(self, value: float) -> bool:
        """Whether a value lies on the scale."""
        return self.low <= value <= self.high

    def middle(self, row: int) -> float:
        """The value at the middle of a row."""
        up = (self.height - row - 0.5) / self.height
        return self.low * (1 - up) + self.high * up


def share(value: float, low: float, high: float) -> float:
    """How far a value lies from low to high, 0 to 1; the middle where that cannot be said. Nothing overflows."""
    size = high / 2 - low / 2
    part = (value / 2 - low / 2) / size if size > 0 else math.nan
    return 0.5 if part != part else min(1.0, max(0.0, part))


def scale(low: float, high: float, height: int) -> Scale:
    """A scale that shows every value from `low` to `high` with a little air; never of zero size."""
    low, high = float(low), float(high)  # What is hidden may be drawn.
    if high - low <= max(abs(high), abs(low)) * 1e-9:
        air = abs(high) * 0.01 or 1.0
        return Scale(low - air, high + air, height)
    air = (high - low) * 0.03
    step = grain_of(high - low)
    return Scale(low if low == 0 else outward(low - air, -step), outward(high + air, step), height)


def outward(value: float, step: float) -> float:
    """The next multiple of a step, upwards, or downwards where the step is negative.

    Ends that only move in steps keep a whole picture where it is while its greatest value creeps on.
    """
    rounded = math.ceil(value / step) * step if step and math.isfinite(value / step) else value
    return (max if step >= 0 else min)(value, rounded)


def grain_of(size: float) -> float:
    """A round step of a thirtieth of a range, or a little more; 0 where none can be said."""
    rough = size / 32
    if not math.isfinite(rough) or rough <= 0:
        return 0.0
    power = 10.0 ** math.floor(math.log10(rough))
    return next((n * power for n in _NICE if n * power >= rough), 0.0)


def balanced(low: float, high: float, height: int) -> Scale:
    """A scale around zero that shows every value from `low` to `high`, on which zero falls between two rows."""
    up, down = max(0.0, float(high)), max(0.0, -float(low))
    if height < 2 or not (up or down):
        return scale(low, high, height)
    middle = round(height * share(down, 0, up + down))
    few, many = (1 if down else 0), (height - 1 if up else height)
    tries = {min(many, max(few, middle + more)) for more in (-1, 0, 1)}
    reach, below = min((_reach(up, down, height - n, n), n) for n in tries)
    size = outward(reach, grain_of(reach))
    return Scale(min(-size * below, -down), max(size * (height - below), up), height)


def _reach(up: float, down: float, above: int, below: int) -> float:
    """How much a row has to stand for, with so many rows above zero and below it; with a little air."""
    return max(up / above if above else 0.0, down / below if below else 0.0) * 1.03


_SMALLEST = 1e-300
"""Steps below which powers of ten are no numbers any more."""


def ticks(low: float, high: float, most: int) -> list[float]:
    """At most `most` round values between low and high, steps of 1, 2, 2.5 or 5 times a power of ten."""
    if not (math.isfinite(low) and math.isfinite(high)) or high <= low or most < 1:
        return []
    rough = (high - low) / most
    if rough < _SMALLEST:
        return []
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(n * power for n in _NICE if n * power >= rough * (1 - 1e-9))
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [n * step for n in range(first, last + 1)][-most - 1 :]


def decimals(step: float) -> int:
    """Decimals that a multiple of this step needs, at most 6."""
    return next((d for d in range(6) if abs(step * 10**d - round(step * 10**d)) < 1e-6 * step * 10**d), 6)
