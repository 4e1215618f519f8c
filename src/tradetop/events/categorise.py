"""Categories of one's own: errors that a configuration puts elsewhere than what is built in does."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import lru_cache

from tradetop.events.classify import level_of
from tradetop.events.fingerprint import message_of
from tradetop.events.store import PAGE, EventStore
from tradetop.model.bot_event import BotEvent, EventClass
from tradetop.model.error_category import USUAL, ErrorCategory
from tradetop.model.level import Level
from tradetop.regex import finder

_LONGEST = 2_000
"""Characters of a message that are looked at."""


class Categories:
    """Puts errors into the categories of a configuration, in whose order they are tried."""

    def __init__(self, categories: tuple[ErrorCategory, ...] = USUAL) -> None:
        """RegexError, a ValueError, where a pattern is no regular expression."""
        self._found: list[tuple[ErrorCategory, Callable[[str], bool]]] = [
            (category, finder(pattern, ignore_case=True)) for category in categories for pattern in category.patterns
        ]
        self._own = {c.name: c.level for c in categories if c not in USUAL}
        self.identity = repr([(c.name, c.patterns) for c in categories if c.patterns]) if self._found else ""
        """Tells them from others that put errors elsewhere; "" for what is built in alone."""
        self._of = lru_cache(maxsize=2_048)(self._first)

    def of(self, event: BotEvent) -> BotEvent:
        """The event, in the first category of which a pattern is in its type or its message."""
        if event.cls is not EventClass.ERROR or not (self._found or self._own):
            return event
        name = self.named(event.type, message_of(event), event.category)
        built_in = level_of(event.cls, event.category, {})
        if name == event.category and name not in self._own:
            return event
        level = self._own.get(name, level_of(event.cls, name, {}))
        # What the bot itself calls worse than its category stays that.
        said = event.level if event.level > built_in else Level.OK
        return replace(event, category=name, level=max(level, said))

    def named(self, kind: str, message: str, otherwise: str) -> str:
        """The first category of which a pattern is in an error's type or message, else what is built in says."""
        return (self._of(kind, message[:_LONGEST]) if self._found else "") or otherwise

    def _first(self, kind: str, message: str) -> str:
        text = f"{kind.replace('_', ' ')} {message}"
        return next((category.name for category, found in self._found if found(text)), "")


class Categorised:
    """An event store whose errors are in the categories of a configuration."""

    def __init__(self, store: EventStore, categories: tuple[ErrorCategory, ...]) -> None:
        self._store = store
        self._categories = Categories(categories)
        self.behind = False
        """Whether the last read left rows unread."""
        self.poll = store.poll

    async def close(self) -> None:
        """Read no more."""
        await self._store.close()

    def take_notice(self) -> str:
        """What happened to the database since the last call."""
        return self._store.take_notice()

    async def check(self) -> None:
        """Raise EventError where it cannot be read."""
        await self._store.check()

    async def bots(self) -> tuple[str, ...]:
        """The bots that the database holds, by name."""
        return await self._store.bots()

    async def newest(self, limit: int = PAGE) -> tuple[BotEvent, ...]:
        """The newest rows, oldest first."""
        return self._all(await self._store.newest(limit))

    async def older(self, limit: int = PAGE) -> tuple[BotEvent, ...]:
        """The rows before the oldest one read so far."""
        return self._all(await self._store.older(limit))

    async def read_new(self, limit: int = PAGE) -> tuple[BotEvent, ...]:
        """The rows written since the last read."""
        events = await self._store.read_new(limit)
        self.behind = self._store.behind
        return self._all(events)

    def _all(self, events: Iterable[BotEvent]) -> tuple[BotEvent, ...]:
        return tuple(map(self._categories.of, events))
