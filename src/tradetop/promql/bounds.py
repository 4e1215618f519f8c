"""Where windows begin and end within a column of times, remembered: panels look at the same columns and times."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

MOST = 12_000
"""Places that are remembered before the older ones are forgotten: some hundred KiB, and twice as many at most."""

EXTRA = 40
"""An entry takes as much memory as so many places, however few it has."""

Places = tuple[list[int], list[int]]
"""For each step the index of the first time within its window, and of the first after it."""


class Bounds:
    """The places of windows in columns of times, which only grow at their end or are cut at their beginning."""

    __slots__ = ("_found", "_last", "_older", "_size")

    def __init__(self) -> None:
        # With the times themselves, lest another column of times gets the same id.
        self._found: dict[tuple[int, ...], tuple[Sequence[int], Places]] = {}
        self._older = self._found
        self._size = 0
        self._last: tuple[Sequence[int], range, int, int, Places] | None = None

    def __len__(self) -> int:
        return len(self._found.keys() | self._older.keys())

    def of(self, times: Sequence[int], refs: range, span: int) -> Places:
        """The places of (ref - span, ref] for each of `refs`, a range that no other evaluation has."""
        last = self._last
        # The series of one page come one after the other, with one range of steps that nobody else has.
        if last and last[0] is times and last[1] is refs and last[2] == span and last[3] == len(times):
            return last[4]
        if not times:
            return [0] * len(refs), [0] * len(refs)
        key = (id(times), len(times), times[0], times[-1], refs.start, refs.step, len(refs), span)
        known = self._found.get(key)
        if known is None:
            self._size += len(refs) + EXTRA
            if self._size > MOST:
                # What is live asks for other times with each scrape: what was asked for before is of no more use.
                self._older, self._found, self._size = self._found, {}, len(refs) + EXTRA
            known = self._found[key] = self._older.get(key) or (times, _places(times, refs, span))
        self._last = (times, refs, span, len(times), known[1])
        return known[1]


def _places(times: Sequence[int], refs: range, span: int) -> Places:
    high = _after(times, refs)
    # Windows that overlap by whole steps begin where an earlier one ends.
    earlier, rest = divmod(span, refs.step)
    fresh = len(refs) if rest else min(earlier, len(refs))
    low = _after(times, range(refs.start - span, refs.start - span + fresh * refs.step, refs.step))
    return low + high[: len(refs) - fresh], high


def _after(times: Sequence[int], refs: range) -> list[int]:
    """For each of `refs` the index of the first time after it; guessed from the last two, as scrapes are regular."""
    out = []
    at, stride, size = 0, 0, len(times)
    for ref in refs:
        guess = at + stride
        if not (0 < guess < size and times[guess - 1] <= ref < times[guess]):
            guess = bisect_right(times, ref, at)
            stride = guess - at
        out.append(guess)
        at = guess
    return out
