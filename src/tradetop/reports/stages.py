"""From signal to risk check to execution: which events belong together, and how long each stage took."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from tradetop.model.clock import MINUTE
from tradetop.reports.facts import OPEN, RISK, SIGNAL, Told

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
    judged: dict[tuple[str, str], deque[tuple[Staged, Staged | None]]] = {}
    for event in sorted(events):
        place = event.bot, event.pair
        waiting = signals.setdefault(place, deque(maxlen=_MOST))
        checks = judged.setdefault(place, deque(maxlen=_MOST))
        if event.order == 0:
            waiting.append(event)
        elif event.order == 1:
            signal = _take(waiting, event)
            checks.append((event, signal))
            if signal is not None:
                yield _span(event, 0, signal)
        else:
            yield from _executed(event, waiting, checks)


def _executed(event: Staged, waiting: deque[Staged], checks: deque[tuple[Staged, Staged | None]]) -> Iterator[Span]:
    risks = deque(check for check, _ in checks)
    risk = _take(risks, event)
    signal = None
    if risk is not None:
        yield _span(event, 1, risk)
        at = next(i for i, (check, _) in enumerate(checks) if check is risk)
        signal = checks[at][1]
        del checks[at]
    # Without a check, or one that nothing led to: some bots trade at once.
    signal = signal if signal is not None or risk is not None else _take(waiting, event)
    if signal is not None:
        yield _span(event, 2, signal)


def _take(waiting: deque[Staged], event: Staged) -> Staged | None:
    """Take the one that the event follows."""
    found, oldest = None, event.t - LINK
    for i in range(len(waiting) - 1, -1, -1):
        before = waiting[i]
        if before.t < oldest:
            break
        same = _same_id(before, event)
        if same or (found is None and same is None and _alike(before, event)):
            found = i
            if same:
                break
    if found is None:
        return None
    taken = waiting[found]
    del waiting[found]
    return taken


def _same_id(one: Staged, other: Staged) -> bool | None:
    """Whether an id that both name is the same; None where they name none in common."""
    return next((ours == theirs for ours, theirs in zip(one.ids, other.ids, strict=False) if ours and theirs), None)


def _alike(one: Staged, other: Staged) -> bool:
    return one.strategy == other.strategy or not (one.strategy and other.strategy)


def _span(event: Staged, stage: int, since: Staged) -> Span:
    return Span(
        event.t, event.bot, event.mode or since.mode, event.strategy or since.strategy, stage, event.t - since.t
    )
