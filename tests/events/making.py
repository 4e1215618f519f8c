"""Events as tests need them."""

from __future__ import annotations

from events.hands import NOW
from tradetop.events.row import Cell, Row, event_of
from tradetop.model.bot_event import BotEvent


def row(
    id: Cell = "e1",
    event_type: Cell = "signal",
    metadata: Cell = "",
    *,
    bot: Cell = "defi-1",
    pair: Cell = "SOL/USDC",
    strategy: Cell = "momentum",
    timestamp: Cell = NOW,
    created_at: Cell = None,
) -> Row:
    """A row of the documented table; `timestamp` in ms."""
    size = len(metadata) if isinstance(metadata, str) else None
    return Row(1, id, bot, event_type, pair, strategy, timestamp, metadata, created_at, size)


def event(event_type: str = "signal", metadata: str = "", *, t: int = NOW, n: int = 0, **columns: str) -> BotEvent:
    """The event that such a row becomes."""
    return event_of(row(f"e{n}", event_type, metadata, timestamp=t, **columns), t, n)
