"""The story of a trade: the signal, the risk check, the opening and the close that belong together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from tradetop.model.bot_event import BotEvent, EventClass
from tradetop.model.clock import HOUR
from tradetop.model.feed_frame import Story

WITHIN = HOUR
"""A signal that nothing but its pair ties to a trade came at most so long before it (ms)."""
_PARTS = frozenset({EventClass.SIGNAL, EventClass.RISK, EventClass.OPEN, EventClass.CLOSE})
_IDS = ("trade_id", "position_id", "signal_id", "proposal_id", "decision_id", "correlation_id", "trace_id")
"""What ties events together, the closest tie first. An order's id does not: opening and closing are two orders."""
ORDER = "pair, strategy and order"


def story_of(event: BotEvent, events: Iterable[BotEvent]) -> Story | None:
    """The story of the trade that an event belongs to, out of events in the order of time; None where it has none.

    Ids decide where both events have the same kind of one; else pair, strategy and order do. An event that is no part
    of a trade, such as an error, belongs to one by its ids alone.
    """
    parts = [part for part in events if part.cls in _PARTS and part.bot == event.bot]
    if event.cls not in _PARTS:
        near = next((part for part in reversed(parts) if _tie(event, part)), None)
        return None if near is None else story_of(near, parts)
    if all(part.id != event.id for part in parts):
        parts = sorted([*parts, event], key=lambda part: part.t)
    if event.cls in {EventClass.OPEN, EventClass.CLOSE}:
        pair = next(pair for pair in _trades(parts) if any(part is not None and part.id == event.id for part in pair))
        return _whole(*pair, parts)
    for opening, close in _trades(parts):
        if opening is not None and _may_follow(event, opening):
            story = _whole(opening, close, parts)
            if event.id in {part.id for part in (story.signal, story.risk) if part is not None}:
                return story
    return _beginning(event, parts)


def _trades(parts: Sequence[BotEvent]) -> Iterator[tuple[BotEvent | None, BotEvent | None]]:
    """Openings with their closes, each with None for what is missing; a close ends the oldest trade that it fits."""
    waiting: list[BotEvent] = []
    for part in parts:
        if part.cls is EventClass.OPEN:
            waiting.append(part)
        elif part.cls is EventClass.CLOSE:
            found = next((opening for opening in waiting if _fits(part, opening)), None)
            if found is not None:
                waiting.remove(found)
            yield found, part
    yield from ((opening, None) for opening in waiting)


def _whole(opening: BotEvent | None, close: BotEvent | None, parts: Sequence[BotEvent]) -> Story:
    end = opening or close
    assert end is not None
    before = _before(end, parts)
    risk = _latest(EventClass.RISK, [end], before)
    signal = _latest(EventClass.SIGNAL, [end] if risk is None else [end, risk], before)
    return _story(signal, risk, opening, close, parts)


def _beginning(event: BotEvent, parts: Sequence[BotEvent]) -> Story:
    """A signal, or what the risk check said of it, that no trade came of."""
    if event.cls is EventClass.RISK:
        signal = _latest(EventClass.SIGNAL, [event], _before(event, parts))
        return _story(signal, event, None, None, parts)
    at = next(i for i, part in enumerate(parts) if part.id == event.id)
    risk = None
    for part in parts[at + 1 :]:
        if part.cls is EventClass.RISK and _may_follow(event, part):
            risk = part
            break
        if part.cls is EventClass.SIGNAL and _tie(event, part) is not True and _alike(event, part):
            break
    return _story(event, risk, None, None, parts)


def _before(end: BotEvent, parts: Sequence[BotEvent]) -> list[BotEvent]:
    """What came before an event, the latest first, back to the trade of the same kind before it."""
    at = next(i for i, part in enumerate(parts) if part.id == end.id)
    return [*reversed(parts[:at])]


def _latest(cls: EventClass, ends: Sequence[BotEvent], before: Sequence[BotEvent]) -> BotEvent | None:
    """The latest event of a class that led to one of these: by an id, else the one that no other trade has used."""
    tied = next((part for part in before if part.cls is cls and any(_tie(part, end) for end in ends)), None)
    if tied is not None:
        return tied
    for part in before:
        if ends[0].t - part.t > WITHIN or (part.cls is EventClass.OPEN and _alike(part, ends[0])):
            return None
        if part.cls is cls and all(_fits(part, end) for end in ends):
            return part
    return None


def _may_follow(event: BotEvent, later: BotEvent) -> bool:
    return bool(_tie(event, later)) or (0 <= later.t - event.t <= WITHIN and _fits(event, later))


def _fits(one: BotEvent, other: BotEvent) -> bool:
    tie = _tie(one, other)
    return _alike(one, other) if tie is None else tie


def _alike(one: BotEvent, other: BotEvent) -> bool:
    return one.pair == other.pair and (one.strategy == other.strategy or not (one.strategy and other.strategy))


def _tie(one: BotEvent, other: BotEvent) -> bool | None:
    """Whether the ids of two events say that they belong together; None where they have none in common."""
    ours, theirs = ids_of(one), ids_of(other)
    return next((ours[name] == theirs[name] for name in _IDS if name in ours and name in theirs), None)


def ids_of(event: BotEvent) -> dict[str, str]:
    """The ids of an event that tie it to others."""
    return {fact.name: str(fact.value) for fact in event.facts if fact.name in _IDS and fact.value != ""}


def _story(
    signal: BotEvent | None,
    risk: BotEvent | None,
    opening: BotEvent | None,
    close: BotEvent | None,
    parts: Sequence[BotEvent],
) -> Story:
    told = [part for part in (signal, risk, opening, close) if part is not None]
    ids = [ids_of(part) for part in told]
    shared = [name for name in _IDS if len([i for i in ids if name in i]) > 1]
    ordered = any(not _tie_any(part, told[:i]) for i, part in enumerate(told) if i)
    paired = " and ".join([*shared, *([ORDER] if ordered else [])])
    return Story(signal, risk, opening, close, paired if len(told) > 1 else "", parts[0].t)


def _tie_any(part: BotEvent, others: Sequence[BotEvent]) -> bool:
    return any(_tie(part, other) for other in others)
