"""Errors that are alike, told as one with a count; and how many there are of each type, bot and pair."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter

from tradetop.events.fingerprint import fingerprint, message_of
from tradetop.events.log import moved_on
from tradetop.model.bot_event import BotEvent, EventSource
from tradetop.model.feed_frame import ErrorGroup, ErrorTally
from tradetop.model.panel_frame import Trend

BINS = 12
"""Columns of a group's trend."""
NAMES = 20
"""Bots and pairs that a group names at most, the most frequent ones."""
ROWS = 50

_time = attrgetter("t")


@dataclass(frozen=True, slots=True)
class Asked:
    """How groups are looked at; times in ms."""

    since: int = 0
    until: int = 0
    """The window that is counted in."""
    deployed: int | None = None
    """The last deployment, if the errors before it are known too."""
    reviewed: Mapping[str, int] = field(default_factory=dict)
    """By fingerprint up to when a person has looked at them."""
    reviewing: frozenset[str] = frozenset()
    """The categories that a person must look at."""


class ErrorGroups:
    """Groups the errors of a stretch of time that moves on; each of them is looked at once."""

    def __init__(self) -> None:
        self._errors: Sequence[BotEvent] = ()
        self._alike: dict[str, list[BotEvent]] = {}

    def of(self, errors: Sequence[BotEvent], asked: Asked | None = None, limit: int = ROWS) -> tuple[ErrorGroup, ...]:
        """The groups of errors in the order of time: those to be reviewed first, then the newest.

        Only those that have any in the window, or to be reviewed; the window is that of the errors where none is asked.
        """
        self._take(errors)
        if not errors:
            return ()
        asked = asked or Asked(errors[0].t, errors[-1].t)
        found = [
            (waiting, alike, key)
            for key, alike in self._alike.items()
            if (waiting := _waiting(key, alike, asked)) or alike[-1].t >= asked.since
        ]
        found.sort(key=lambda each: (not each[0], -each[1][-1].t, -len(each[1]), each[2]))
        return tuple(_group(key, alike, waiting, asked) for waiting, alike, key in found[:limit])

    def alike(self, key: str) -> Sequence[BotEvent]:
        """The errors of one fingerprint, oldest first."""
        return tuple(self._alike.get(key, ()))

    def waiting(self, asked: Asked) -> int:
        """How many groups a person must look at."""
        return sum(bool(_waiting(key, alike, asked)) for key, alike in self._alike.items())

    def _take(self, errors: Sequence[BotEvent]) -> None:
        gone = moved_on(self._errors, errors)
        if gone is None:
            self._alike.clear()
        for error in self._errors[: gone or 0]:
            alike = self._alike[key := fingerprint(error)]
            del alike[0]
            if not alike:
                del self._alike[key]
        for error in errors if gone is None else errors[len(self._errors) - gone :]:
            self._alike.setdefault(fingerprint(error), []).append(error)
        self._errors = errors


def _waiting(key: str, alike: Sequence[BotEvent], asked: Asked) -> int:
    """How many of them a person must look at, and has not; what was told by a counter there is nothing to look at."""
    if alike[-1].category not in asked.reviewing or alike[-1].source is EventSource.DERIVED:
        return 0
    return len(alike) - bisect_right(alike, asked.reviewed.get(key, 0), key=_time)


def _group(key: str, alike: Sequence[BotEvent], waiting: int, asked: Asked) -> ErrorGroup:
    newest = alike[-1]
    # One that is to be reviewed counts what is, however long ago.
    seen = alike[min(bisect_left(alike, asked.since, key=_time), len(alike) - waiting) :]
    return ErrorGroup(
        category=newest.category,
        text=message_of(newest),
        count=sum(map(_count, seen)),
        last=newest.t,
        level=max(error.level for error in seen),
        newest=newest,
        fingerprint=key,
        type=newest.type,
        first=alike[0].t,
        bots=_names(error.bot for error in seen),
        pairs=_names(error.pair for error in seen),
        trend=_trend(seen, asked),
        fresh=asked.deployed is not None and alike[0].t >= asked.deployed,
        waiting=waiting,
        reviewed=asked.reviewed.get(key, 0),
    )


def _names(of: Iterable[str]) -> tuple[str, ...]:
    return tuple(name for name, _ in Counter(filter(None, of)).most_common(NAMES))


def _trend(alike: Sequence[BotEvent], asked: Asked) -> Trend:
    """Errors per column of the window; columns lie at fixed moments, so that they stay the same as time goes on."""
    step = max(1, (asked.until - asked.since) // BINS)
    start = (asked.until // step - BINS + 1) * step
    counts = [0.0] * BINS
    for error in alike:
        column = (error.t - start) // step
        if 0 <= column < BINS:
            counts[column] += _count(error)
    return Trend(start, step, tuple(counts))


def by_type(errors: Sequence[BotEvent]) -> tuple[ErrorTally, ...]:
    """How many errors there are of each type and bot, by category; most first."""
    return _tallies(errors, lambda error: (error.type, error.bot))


def by_pair(errors: Sequence[BotEvent]) -> tuple[ErrorTally, ...]:
    """How many there are of each pair."""
    return _tallies([error for error in errors if error.pair], lambda error: (error.pair,))


def _tallies(errors: Sequence[BotEvent], of: Callable[[BotEvent], tuple[str, ...]]) -> tuple[ErrorTally, ...]:
    counts: dict[tuple[str, ...], Counter[str]] = {}
    last: dict[tuple[str, ...], int] = {}
    for error in errors:
        counts.setdefault(key := of(error), Counter())[error.category] += _count(error)
        last[key] = error.t
    made = [ErrorTally(key, tuple(sorted(by.items())), last[key]) for key, by in counts.items()]
    return tuple(sorted(made, key=lambda tally: (-tally.total, tally.names))[:ROWS])


def _count(event: BotEvent) -> int:
    """A derived event may stand for several."""
    if event.source is not EventSource.DERIVED:
        return 1
    count = next((fact.value for fact in event.facts if fact.name == "count"), 1)
    return max(1, round(count)) if isinstance(count, float) else 1
