"""Many windows over one stretch of samples, each sample looked at once or twice however often the windows overlap.

A window i holds the samples at low[i] <= k < high[i]; both lists rise. Sums are whole numbers until the very end, so
that what a window gives does not depend on which windows stand beside it: it is the same alone.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate, pairwise, repeat
from operator import mul
from typing import NamedTuple

from tradetop.promql.run import Cell

_DIGITS = 53
"""Binary digits of a float."""

_TOP = 1_023
"""Greatest binary exponent of a float."""

_FINEST = 1 << 1_074
"""By this every finite float is a whole number."""

CHUNK = 16_384
"""Samples of which sums are held at once, at some 300 bytes each."""

FEW = 8
"""A sorted window is kept and mended where it has so many times more samples than come and go."""


class Whole:
    """Whole numbers that are so many times (`scale`) some values, exactly."""

    __slots__ = ("_shift", "_values", "scale")

    def __init__(self, values: Sequence[float], shift: int | None) -> None:
        self._values = values
        self._shift = shift
        self.scale = _FINEST if shift is None else 1 << shift

    def numbers(self, start: int, end: int) -> list[int]:
        """Those of the values at start <= i < end."""
        values = self._values[start:end]
        if self._shift is None:
            return [n * (_FINEST // d) for n, d in map(float.as_integer_ratio, values)]
        return list(map(int, map(mul, values, repeat(math.ldexp(1.0, self._shift)))))


def scaled(values: Sequence[float]) -> Whole | None:
    """The values as whole numbers; None where the sum of them all is not finite, or there are none."""
    total = sum(map(abs, values)) if values else math.inf
    if not total < math.inf:
        return None
    smallest = min(map(abs, values)) or min(filter(None, map(abs, values)), default=1.0)
    shift = max(0, _DIGITS - math.frexp(smallest)[1])
    return Whole(values, None if max(shift, shift + math.frexp(total)[1]) > _TOP else shift)


def quotient(dividend: int, divisor: int) -> float:
    """The nearest float; infinity where there is none."""
    try:
        return dividend / divisor
    except OverflowError:
        return math.inf if dividend > 0 else -math.inf


class _Sum:
    """The sum of what lies before each edge of a window, of numbers that come chunk by chunk."""

    __slots__ = ("_total", "before")

    def __init__(self) -> None:
        self._total = 0
        self.before: dict[int, int] = {}

    def add(self, start: int, numbers: Iterable[int], edges: Sequence[int]) -> None:
        """Go on with the numbers from `start` on, among which these edges lie."""
        sums = list(accumulate(numbers, initial=self._total))
        self.before.update([(edge, sums[edge - start]) for edge in edges])
        self._total = sums[-1]


def _chunks(low: Sequence[int], high: Sequence[int]) -> Iterator[tuple[int, int, Sequence[int]]]:
    """The stretch in parts that take little memory: where each begins and ends, and the edges within it."""
    edges = sorted({*low, *high})
    for start in range(edges[0], max(edges[-1], edges[0] + 1), CHUNK):
        end = min(start + CHUNK, edges[-1])
        yield start, end, edges[bisect_left(edges, start) : bisect_right(edges, end)]


def sums(values: Sequence[float], low: Sequence[int], high: Sequence[int], *, mean: bool = False) -> list[Cell] | None:
    """The sum of each window, or its mean, rounded once; None as `scaled`."""
    whole = scaled(values)
    if whole is None:
        return None
    total, scale = _Sum(), whole.scale
    for start, end, edges in _chunks(low, high):
        total.add(start, whole.numbers(start, end), edges)
    before = total.before
    return [
        quotient(before[b] - before[a], scale * (b - a) if mean else scale) if b > a else None
        for a, b in zip(low, high, strict=True)
    ]


def variances(values: Sequence[float], low: Sequence[int], high: Sequence[int]) -> list[Cell] | None:
    """The population variance of each window; None as `scaled`."""
    whole = scaled(values)
    if whole is None:
        return None
    plain, square, scale = _Sum(), _Sum(), whole.scale * whole.scale
    for start, end, edges in _chunks(low, high):
        numbers = whole.numbers(start, end)
        plain.add(start, numbers, edges)
        square.add(start, map(mul, numbers, numbers), edges)
    out: list[Cell] = []
    for a, b in zip(low, high, strict=True):
        n, total = b - a, plain.before[b] - plain.before[a]
        # The sum of squared distances is rounded first, since it may be too large where their mean is not.
        apart = n * (square.before[b] - square.before[a]) - total * total
        out.append(quotient(apart, n * scale) / n if n else None)
    return out


class Line(NamedTuple):
    """The straight line nearest to a window, in whole numbers: times in ms since `base`, values by `scale`."""

    size: int
    times: int
    values: int
    rise: int
    run: int
    base: int
    scale: int

    @property
    def slope(self) -> float:
        """By how much it rises in a second."""
        if not self.run:
            return math.nan
        return quotient(1_000 * self.rise, self.run * self.scale)

    def at(self, t: int) -> float:
        """Its value at a time (ms)."""
        if not self.run:
            return math.nan
        away = self.times - self.size * (t - self.base)
        return quotient(self.values * self.run - self.rise * away, self.size * self.run * self.scale)


NOWHERE = Line(0, 0, 0, 0, 0, 0, 1)
"""A line whose slope and values are no numbers."""


def lines(
    values: Sequence[float], times: Sequence[int], low: Sequence[int], high: Sequence[int]
) -> list[Line | None] | None:
    """The line through each window with two samples or more, by least squares; None as `scaled`."""
    whole = scaled(values)
    if whole is None:
        return None
    base, x, xx, y, xy = times[0], _Sum(), _Sum(), _Sum(), _Sum()
    for start, end, edges in _chunks(low, high):
        xs, ys = [t - base for t in times[start:end]], whole.numbers(start, end)
        x.add(start, xs, edges)
        xx.add(start, map(mul, xs, xs), edges)
        y.add(start, ys, edges)
        xy.add(start, map(mul, xs, ys), edges)
    out: list[Line | None] = []
    for a, b in zip(low, high, strict=True):
        n, sx, sy = b - a, x.before[b] - x.before[a], y.before[b] - y.before[a]
        if n < 2:
            out.append(None)
            continue
        rise = n * (xy.before[b] - xy.before[a]) - sx * sy
        run = n * (xx.before[b] - xx.before[a]) - sx * sx
        out.append(Line(n, sx, sy, rise, run, base, whole.scale))
    return out


def extremes(
    values: Sequence[float], low: Sequence[int], high: Sequence[int], best: Callable[..., float]
) -> list[Cell]:
    """The `max` or `min` of each window, the first among equals; values without NaN.

    The windows' edges cut the stretch into pieces. A row has the best of every so many pieces, twice as many as the row
    before it: two entries of one row are any window.
    """
    edges = sorted({*low, *high})
    place = {edge: i for i, edge in enumerate(edges)}
    rows = [[best(values[a:b]) for a, b in pairwise(edges)]]
    longest = max(place[b] - place[a] for a, b in zip(low, high, strict=True))
    width = 1
    while 2 * width <= longest:
        rows.append(list(map(best, rows[-1], rows[-1][width:])))
        width *= 2
    out: list[Cell] = []
    for a, b in zip(low, high, strict=True):
        i, j = place[a], place[b]
        level = (j - i).bit_length() - 1
        out.append(None if level < 0 else best(rows[level][i], rows[level][j - (1 << level)]))
    return out


def ordered(values: Sequence[float], low: Sequence[int], high: Sequence[int]) -> Iterator[list[float]]:
    """Each window's values, sorted; only until the next one is asked for. Values without NaN."""
    window: list[float] = []
    start = end = 0
    for a, b in zip(low, high, strict=True):
        if a < end and (a - start + b - end) * FEW < b - a:
            for value in values[start:a]:
                del window[bisect_left(window, value)]
            for value in values[end:b]:
                insort(window, value)
        else:
            window = sorted(values[a:b])
        start, end = a, b
        yield window


def counts(flags: Sequence[int], low: Sequence[int], high: Sequence[int]) -> list[Cell]:
    """How many flags each window has between two of its samples: flag k lies between the samples k and k + 1."""
    before = list(accumulate(flags, initial=0))
    return [float(before[b - 1] - before[a]) if b > a else None for a, b in zip(low, high, strict=True)]
