"""Frames of an event with the story of its trade, and of a feed whose events repeat themselves."""

from __future__ import annotations

from dataclasses import replace

from events.making import event
from panes.frames import NOW, sample_frame
from tradetop.events.folding import Folding
from tradetop.events.story import story_of
from tradetop.model.bot_event import BotEvent
from tradetop.model.clock import MINUTE, SECOND
from tradetop.model.feed_frame import FeedFrame
from tradetop.model.frame import Frame

_BEGAN = NOW - 20 * MINUTE


def _made(kind: str, after: int, metadata: str) -> BotEvent:
    """An event of the sample's bot, so many milliseconds after the trade's signal."""
    one = event(kind, metadata, t=_BEGAN + after, bot="247trader-v2", pair="SOL-USD")
    return replace(one, id=f"{kind} {after}")


TRADE = (
    _made("signal", 0, '{"signal_id": "sig-4711", "side": "BUY", "score": 0.71, "price": 171.3}'),
    _made("risk_eval", 38, '{"signal_id": "sig-4711", "approved": true, "risk_score": 0.21}'),
    _made("trade_open", 421, '{"signal_id": "sig-4711", "trade_id": 812, "side": "BUY", "size_usd": 480.25, '
                             '"price": 171.32}'),
    _made("trade_close", 731_000, '{"trade_id": 812, "pnl_usd": -12.4, "pnl_pct": -2.58, "hold_seconds": 730, '
                                  '"reason": "stop hit"}'),
)  # fmt: skip


def telling(which: int, *parts: BotEvent) -> Frame:
    """The sample with one of these events open."""
    feed = FeedFrame(folded(parts))
    return replace(sample_frame(), feed=feed, event=parts[which], story=story_of(parts[which], parts))


def folded(parts: tuple[BotEvent, ...]) -> tuple[BotEvent, ...]:
    return tuple(Folding().rows(parts))


def repeating(many: int = 12) -> tuple[BotEvent, ...]:
    """Errors that differ in a number and an id."""
    said = '{{"message": "RPC timeout after {} ms (0x{:04x})"}}'
    return tuple(
        replace(_made("error", 19 * MINUTE + n * SECOND, said.format(n * 17 + 900, n)), id=f"error {n}")
        for n in range(many)
    )


def repeated() -> Frame:
    """The sample with a feed in which an error came twelve times."""
    frame = sample_frame(quiet=True)
    return replace(
        frame,
        feed=replace(frame.feed, events=(*frame.feed.events[:8], *TRADE[:3], *folded(repeating())), dropped=1_234),
    )
