"""Open positions: trades that opened and have not closed."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tradetop.events.facts import number_in, text_in
from tradetop.model.bot_event import BotEvent, EventClass
from tradetop.model.frame import Position

_IDS = ("trade_id", "position_id")
MOST_OPEN = 1_000
"""Open positions kept of one bot; beyond it the oldest is taken as forgotten by the bot."""


@dataclass(slots=True)
class OpenPositions:
    """Pairs closing events with the opening ones before them, fed in time order.

    Ids decide where the bot writes them (trade_id, position_id); else a close ends the oldest open trade of the same
    bot, pair and strategy.
    """

    _open: dict[str, deque[BotEvent]] = field(default_factory=dict)

    def feed(self, event: BotEvent) -> bool:
        """Take one event; True where it opened or closed a position."""
        if event.cls is EventClass.OPEN:
            self._open.setdefault(event.bot, deque(maxlen=MOST_OPEN)).append(event)
            return True
        if event.cls is EventClass.CLOSE:
            return self._close(event)
        return False

    def _close(self, event: BotEvent) -> bool:
        opened = self._open.get(event.bot, deque())
        found = next((other for other in opened if _belongs(event, other)), None)
        if found is not None:
            opened.remove(found)
        return found is not None

    def counts(self) -> Mapping[str, int]:
        """Open positions by bot, of every bot that ever had one."""
        return {bot: len(opened) for bot, opened in self._open.items()}

    def positions(self, bot: str = "") -> tuple[Position, ...]:
        """The open positions of one bot, or of all, oldest first, as far as the opening events tell."""
        chosen = [e for name, opened in self._open.items() if bot in {"", name} for e in opened]
        return tuple(_position(event) for event in sorted(chosen, key=lambda event: event.t))


def open_positions(events: Iterable[BotEvent], bot: str = "") -> tuple[Position, ...]:
    """The positions that events in any order leave open, oldest first."""
    pairs = OpenPositions()
    for event in sorted(events, key=lambda event: (event.t, event.sequence)):
        pairs.feed(event)
    return pairs.positions(bot)


def _belongs(close: BotEvent, opening: BotEvent) -> bool:
    for name in _IDS:
        ours, theirs = _id(close, name), _id(opening, name)
        if ours and theirs:
            return ours == theirs
    same_strategy = close.strategy == opening.strategy or not (close.strategy and opening.strategy)
    return close.pair == opening.pair and same_strategy


def _id(event: BotEvent, name: str) -> str:
    return next((str(fact.value) for fact in event.facts if fact.name == name), "")


def _position(event: BotEvent) -> Position:
    return Position(
        pair=event.pair,
        strategy=event.strategy,
        side=text_in(event, "side"),
        size=number_in(event, "size"),
        entry=number_in(event, "price"),
        opened_at=event.t,
    )
