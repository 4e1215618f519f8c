"""From signal to risk check to execution: which events belong together, and how long each stage took."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from tradetop.model.clock import MINUTE
from tradetop.reports.facts import NO_IDS, OPEN, RISK, SIGNAL, Told

LINK = 15 * MINUTE
"""A stage that comes later than this after the one before (ms) has nothing to do with it."""
CARRY = 2 * LINK
"""How far back a stretch of events must begin for those in it to be linked as if all had been seen."""
STAGES = ("signal to risk", "risk to execution", "signal to execution")
TO_EXECUTION = 2
_MOST = 200
"""Events that wait for their next stage, of each bot and pair."""
_ORDER = {SIGNAL: 0, RISK: 1, OPEN: 2}


class Staged(NamedTuple):
    """An event that is a stage of a trade."""

    t: int
    order: int
    """Of the classes at the same time: a signal before its risk check before its trade."""
    key: int
    bot: str
    mode: str
    strategy: str
    pair: str
    ids: tuple[str, ...]


class Span(NamedTuple):
    """How long a stage took (ms), told when it ended."""

    t: int
    bot: str
    mode: str
    strategy: str
    stage: int
    """Its place in `STAGES`."""
    took: int


def staged(event: Told) -> Staged | None:
    """An event as a stage; None where it is none, or its own time could not be read."""
    order = _ORDER.get(event.cls)
    if order is None or event.guessed_time:
        return None
    return Staged(event.t, order, event.key, event.bot, event.mode, event.strategy, event.pair, event.ids)


def link(events: Iterable[Staged]) -> Iterator[Span]:
    """The spans between stages, whatever the order in which the events come.

    An id that both name decides; else a stage follows the newest one before it of the same bot, pair and strategy that
    nothing has followed yet.
    """
    signals: dict[tuple[str, str], deque[Staged]] = {}
    judged: dict[tuple[str, str], deque[Staged]] = {}
    led: dict[int, Staged | None] = {}
    """The signal that led to a risk check, by the check's key."""
    for event in sorted(events):
        place = event.bot, event.pair
        if event.order == 0:
            _waiting(signals, place).append(event)
        elif event.order == 1:
            signal = led[event.key] = _take(signals.get(place), event)
            _waiting(judged, place).append(event)
            if signal is not None:
                yield _span(event, 0, signal)
        else:
            risk = _take(judged.get(place), event)
            if risk is not None:
                yield _span(event, 1, risk)
            # Without a check some bots trade at once; a check that nothing led to was no signal's.
            signal = _take(signals.get(place), event) if risk is None else led[risk.key]
            if signal is not None:
                yield _span(event, 2, signal)


def _waiting(of: dict[tuple[str, str], deque[Staged]], place: tuple[str, str]) -> deque[Staged]:
    found = of.get(place)
    if found is None:
        found = of[place] = deque(maxlen=_MOST)
    return found


def _take(waiting: deque[Staged] | None, event: Staged) -> Staged | None:
    """Take the one that the event follows."""
    if not waiting:
        return None
    found, oldest, i = None, event.t - LINK, len(waiting)
    for before in reversed(waiting):
        i -= 1
        if before.t < oldest:
            break
        same = _same_id(before.ids, event.ids)
        if same or (found is None and same is None and _alike(before, event)):
            found = i
            if same:
                break
    if found is None:
        return None
    taken = waiting[found]
    del waiting[found]
    return taken


def _same_id(one: tuple[str, ...], other: tuple[str, ...]) -> bool | None:
    """Whether an id that both name is the same; None where they name none in common."""
    if one is NO_IDS or other is NO_IDS:
        return None
    for ours, theirs in zip(one, other, strict=False):
        if ours and theirs:
            return ours == theirs
    return None


def _alike(one: Staged, other: Staged) -> bool:
    return one.strategy == other.strategy or not (one.strategy and other.strategy)


def _span(event: Staged, stage: int, since: Staged) -> Span:
    return Span(
        event.t, event.bot, event.mode or since.mode, event.strategy or since.strategy, stage, event.t - since.t
    )
