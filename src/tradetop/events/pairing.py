"""Open positions: trades that opened and have not closed."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from tradetop.events.facts import number_in, text_in
from tradetop.events.log import moved_on
from tradetop.model.bot_event import BotEvent, EventClass
from tradetop.model.feed_frame import Position

_IDS = ("trade_id", "position_id")
MOST_OPEN = 500
"""Open positions kept of one bot; beyond it the oldest is taken as forgotten by the bot."""


class _Opening(NamedTuple):
    """A trade that has not closed, with what its close is recognised by."""

    event: BotEvent
    ids: tuple[str, ...]


@dataclass(slots=True)
class OpenPositions:
    """Pairs closing events with the opening ones before them, fed in time order.

    Ids decide where the bot writes them (trade_id, position_id); else a close ends the oldest open trade of the same
    bot, pair and strategy.
    """

    _open: dict[str, deque[_Opening]] = field(default_factory=dict)

    def feed(self, event: BotEvent) -> bool:
        """Take one event; True where it opened or closed a position."""
        if event.cls is EventClass.OPEN:
            opened = self._open.setdefault(event.bot, deque(maxlen=MOST_OPEN))
            opened.append(_Opening(event, _ids(event)))
            return True
        return event.cls is EventClass.CLOSE and self.close(event) is not None

    def close(self, event: BotEvent) -> BotEvent | None:
        """Take a closing event; the opening one that it ends, None where none is known."""
        opened, ids = self._open.get(event.bot, deque()), _ids(event)
        for i, opening in enumerate(opened):
            if _belongs(event, ids, opening):
                del opened[i]
                return opening.event
        return None

    def counts(self) -> Mapping[str, int]:
        """Open positions by bot, of every bot that ever had one."""
        return {bot: len(opened) for bot, opened in self._open.items()}

    def positions(self, bot: str = "") -> tuple[Position, ...]:
        """The open positions of one bot, or of all, oldest first, as far as the opening events tell."""
        chosen = [o.event for name, opened in self._open.items() if bot in {"", name} for o in opened]
        return tuple(_position(event) for event in sorted(chosen, key=lambda event: event.t))


class Pairing:
    """Tells the positions that trades leave open, while they go on; each trade is looked at once."""

    def __init__(self) -> None:
        self._trades: Sequence[BotEvent] = ()
        self._open = OpenPositions()
        self._positions: tuple[Position, ...] = ()

    def of(self, trades: Sequence[BotEvent]) -> tuple[Position, ...]:
        """The positions that trades in the order of time leave open, oldest first."""
        gone = moved_on(self._trades, trades)
        if gone is None:
            self._open, self._positions = OpenPositions(), ()
        moved = [self._open.feed(event) for event in (trades if gone is None else trades[len(self._trades) - gone :])]
        self._trades = trades
        if any(moved):
            self._positions = self._open.positions()
        return self._positions


def _belongs(close: BotEvent, ids: tuple[str, ...], opening: _Opening) -> bool:
    for ours, theirs in zip(ids, opening.ids, strict=True):
        if ours and theirs:
            return ours == theirs
    event = opening.event
    return close.pair == event.pair and (close.strategy == event.strategy or not (close.strategy and event.strategy))


def _ids(event: BotEvent) -> tuple[str, ...]:
    known = {fact.name: str(fact.value) for fact in event.facts if fact.name in _IDS}
    return tuple(known.get(name, "") for name in _IDS)


def _position(event: BotEvent) -> Position:
    return Position(
        pair=event.pair,
        strategy=event.strategy,
        side=text_in(event, "side"),
        size=number_in(event, "size"),
        entry=number_in(event, "price"),
        opened_at=event.t,
    )
