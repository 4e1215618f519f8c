"""Calm: over a slow link the feed moves on seldom, since each new event moves all of it; what matters comes at once."""

from __future__ import annotations

from dataclasses import replace

from tradetop.model.bot_event import EventClass
from tradetop.model.clock import SECOND
from tradetop.model.feed_frame import FeedFrame
from tradetop.model.frame import Frame

HOLD = 15 * SECOND
"""How long the feed stands still at most."""
_QUIET = {EventClass.SIGNAL, EventClass.RISK}
"""Events that can wait: many, and none of them is money or a fault."""


def calmed(shown: Frame | None, new: Frame) -> Frame:
    """The new frame, with the feed that is shown already where that is recent and nothing that matters came after."""
    if shown is None or not shown.feed.events or (shown.view, shown.bot) != (new.view, new.bot):
        return new
    old = shown.feed
    last = old.events[-1]
    if _source(new.feed) != _source(old):
        return new
    later = [event for event in new.feed.events if event.t > last.t]
    if new.now - last.t >= HOLD or any(event.cls not in _QUIET for event in later):
        return new
    return replace(new, feed=old)


def _source(feed: FeedFrame) -> FeedFrame:
    """What a feed says of where it comes from."""
    return replace(feed, events=(), per_hour=0, total=0, hidden=0, dropped=0)
