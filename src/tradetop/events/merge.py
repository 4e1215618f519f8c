"""One feed out of what the bot said and what was worked out."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter

from tradetop.model.bot_event import BotEvent, EventClass

TOLD = frozenset(
    {EventClass.SIGNAL, EventClass.RISK, EventClass.OPEN, EventClass.CLOSE, EventClass.TRADE, EventClass.ERROR}
)
"""What a bot with an event database tells itself, and better."""
STATES = ("breaker", "kill_switch")
"""Types of derived events that no event database tells."""


def merge(
    database: Sequence[BotEvent] | None, derived: Sequence[BotEvent], limit: int, *, until: int | None = None
) -> tuple[BotEvent, ...]:
    """The newest `limit` events up to `until` (ms) by time, newest last; None stands for no database.

    With a database the derived trades, signals, rejections and errors are left out: it has told them.
    """
    kept = derived if database is None else [event for event in derived if not _told(event)]
    events = [*(database or ()), *kept]
    if until is not None:
        events = [event for event in events if event.t <= until]
    events.sort(key=attrgetter("t"))
    return tuple(events[max(0, len(events) - limit) :])


def _told(event: BotEvent) -> bool:
    return event.cls in TOLD and not event.type.startswith(STATES)
