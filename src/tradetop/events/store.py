"""The port of event stores: what is followed as it grows, wherever the events lie."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from tradetop.model.bot_event import BotEvent

PAGE = 500
"""Most events that one read takes."""
POLL = 1_000
"""How often a store is asked that says nothing else (ms)."""


class EventStore(Protocol):
    """Events in the order in which they were written, read page by page; every method may raise EventError.

    A store is read only, and is used by one task at a time.
    """

    behind: bool
    """Whether the last `read_new` left events unread."""
    poll: int
    """How long to wait before the next `read_new` (ms): as little as asking costs where nothing is new."""

    async def check(self) -> None:
        """EventError where it cannot be read as a store of events."""
        ...

    async def bots(self) -> tuple[str, ...]:
        """The bots that it holds, by name, as far as that can be known without reading everything."""
        ...

    async def newest(self, limit: int = PAGE) -> tuple[BotEvent, ...]:
        """The newest events, oldest first; `read_new` goes on after them and `older` before them."""
        ...

    async def older(self, limit: int = PAGE) -> tuple[BotEvent, ...]:
        """The events before the oldest one read so far, oldest first and brief; none when there are no more."""
        ...

    async def read_new(self, limit: int = PAGE) -> tuple[BotEvent, ...]:
        """The events written since the last read, each once and oldest first."""
        ...

    def take_notice(self) -> str:
        """What happened to the store since the last call, one line for people; "" for nothing."""
        ...

    async def close(self) -> None:
        """Read no more."""
        ...


@runtime_checkable
class LooksBack(Protocol):
    """A store that can be asked again for what came before an event."""

    async def kin(self, event: BotEvent) -> Sequence[BotEvent]:
        """Those of the same bot and pair before it, as far back as is cheap, oldest first; may raise EventError."""
        ...
