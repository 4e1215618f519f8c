"""What a bot's events tell at one moment: the feed, the groups of errors, the open positions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tradetop.events.groups import error_groups
from tradetop.events.pairing import open_positions
from tradetop.model.bot_event import BotEvent
from tradetop.model.clock import DAY, HOUR
from tradetop.model.frame import ErrorGroup, FeedFrame, Position
from tradetop.viewer.bot import Bot

FEED = 500
"""Events that a frame carries at most."""


@dataclass(frozen=True, slots=True)
class Told:
    """The parts of a frame that come from events."""

    feed: FeedFrame
    error_groups: tuple[ErrorGroup, ...]
    positions: tuple[Position, ...]


def told(events: Sequence[BotEvent], bot: Bot, at: int) -> Told:
    """What the events of one bot tell at `at` (ms)."""
    today = [event for event in events if at - DAY <= event.t <= at]
    return Told(feed(events, at, bot), error_groups(today, since=at - HOUR, until=at), open_positions(today))


def feed(events: Iterable[BotEvent], at: int, bot: Bot | None = None) -> FeedFrame:
    """The newest events up to `at` (ms), of one bot or of all."""
    known = [e for e in events if e.t <= at]
    status = bot.status() if bot else None
    return FeedFrame(
        events=tuple(known[-FEED:]),
        per_hour=sum(at - e.t < HOUR for e in known),
        derived=bot is not None and not bot.target.database,
        stale=status is not None and bool(status.database_reason),
        reason=status.database_reason if status else "",
    )
