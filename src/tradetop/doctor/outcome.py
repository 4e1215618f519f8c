"""Outcomes: which series an expression can give, as far as that is known."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tradetop.doctor.interval import ANYTHING, Interval
from tradetop.doctor.knowledge import Stat
from tradetop.doctor.verdict import Check, Finding
from tradetop.model.labels import EMPTY, Labels

EXACT: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Track:
    """A series that an expression gives or may give."""

    labels: Labels = EMPTY
    """Those that are known; among them the metric's name where it is kept."""
    more: frozenset[str] | None = EXACT
    """Labels that it may have besides; None for any."""
    pinned: frozenset[str] = EXACT
    """Labels whose value the expression itself asks for."""
    possible: Interval = ANYTHING
    """Every value that it can have."""
    seen: Interval | None = None
    """The values that it had; None where nothing is known of them."""
    mean: float | None = None
    """Their mean."""
    still: bool = False
    """It was looked at for long enough, and its value never changed."""
    zero: bool = False
    """It has been 0 whenever it was seen, however short that was."""
    stat: Stat | None = None
    """Of a plain series."""
    metric: str = ""
    """The metric that the values come from, for reasons."""
    unit: str = ""
    """`percent`, `share` (of 1) or ""."""
    declared_unit: bool = False
    """The metric's own help text says so, and not only its name."""
    clock: bool = False
    """A time: seconds since 1970."""
    own: bool = False
    """Written by whoever scrapes, so that not moving says nothing."""
    per: float | None = None
    """Seconds to which a growth is related: 1 for `rate`."""
    doubt: Finding | None = None
    """Why nothing shows that it can be there."""
    certain: Finding | None = None
    """Why it is there whenever the bot answers; None where that depends on values."""

    def may_have(self, label: str) -> bool:
        """Whether the label can be there."""
        return label in self.labels or self.more is None or label in self.more


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an expression can give."""

    tracks: tuple[Track, ...] = ()
    never: Finding | None = None
    """The proof that there is never anything."""
    scalar: bool = False

    @property
    def plain(self) -> Track:
        """The first track; for scalars, which have exactly one."""
        return self.tracks[0]


NUMBER = Finding(Check.TRUE, "it is a number, which is there always")


def scalar(possible: Interval, *, seen: Interval | None = None, clock: bool = False, sure: bool = True) -> Outcome:
    """A number without labels; `sure` where it is never NaN."""
    mean = None if seen is None else seen.low
    certain = NUMBER if sure else None
    return Outcome((Track(possible=possible, seen=seen, mean=mean, clock=clock, certain=certain),), None, True)


def constant(value: float) -> Outcome:
    """A number that stands in the expression."""
    if value != value:
        return scalar(ANYTHING, sure=False)
    return scalar(Interval(value, value), seen=Interval(value, value))


def united(outcomes: Iterable[Outcome]) -> Outcome:
    """All tracks together; never only where each of them is never."""
    every = tuple(outcomes)
    tracks = tuple(track for each in every for track in each.tracks)
    return Outcome(tracks, None if tracks else next((each.never for each in every if each.never), None))


def certain_together(a: Track, b: Track) -> Finding | None:
    """Why what two series make is always there; None unless both always are."""
    if a.certain is None or b.certain is None:
        return None
    return a.certain if a.metric else b.certain
