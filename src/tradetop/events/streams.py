"""The rhythm of every stream of events as series: when it was heard last, when it is missed, how its hours are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tradetop.events.rhythm import Hourly, Rhythm
from tradetop.model.bot_event import BotEvent, EventClass
from tradetop.model.clock import HOUR, SECOND
from tradetop.model.labels import NAME, Labels

LAST = "bot_last_event_timestamp_seconds"
LIMIT = "bot_silence_limit_seconds"
HOURLY = "bot_hourly_events"
MEAN = "bot_hourly_events_mean"
DEVIATION = "bot_hourly_events_stddev"
SIGMAS = "bot_hourly_events_sigmas"
LOWEST = "bot_hourly_events_lowest_sigmas"
"""What the last would be of an hour without any."""
USUAL = "bot_usual_events_per_hour"
"""Of the hour that goes on."""
KNOWN = "bot_rhythm_known_days"
STREAM_SERIES = frozenset({LAST, LIMIT, HOURLY, MEAN, DEVIATION, SIGMAS, LOWEST, USUAL, KNOWN})

EVENTS, TRADES = "events", "trades"
"""What a stream is of: all events, or trades that were opened."""
MOST = 200
"""Streams that are told apart."""
_TRADES = frozenset([EventClass.OPEN, EventClass.TRADE])

_Key = tuple[str, str, str]


class Streams:
    """Hears events: all of each bot, those of each of its strategies, and its trades."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._rhythms: dict[_Key, Rhythm] = {}
        self._hourly: dict[_Key, Hourly | None] = {}
        self._hour = 0

    def hear(self, t: int, event: BotEvent) -> None:
        """An event that happened at `t` (ms)."""
        self._heard((event.bot, "", EVENTS), t)
        if event.strategy:
            self._heard((event.bot, event.strategy, EVENTS), t)
        if event.cls in _TRADES:
            self._heard((event.bot, "", TRADES), t)

    def hear_all(self, events: Iterable[tuple[int, BotEvent]]) -> Iterable[tuple[int, BotEvent]]:
        """The same events, each heard as it passes."""
        for t, event in events:
            self.hear(t, event)
            yield t, event

    def series(self, now: int) -> Mapping[Labels, float]:
        """What is known at `now` (ms)."""
        if now // HOUR != self._hour:
            self._hour = now // HOUR
            self._hourly = {key: rhythm.hourly(now) for key, rhythm in self._rhythms.items()}
        found: dict[Labels, float] = {}
        for key, rhythm in self._rhythms.items():
            limit, hour = rhythm.limit(), self._hourly.get(key)
            told: dict[str, float] = {}
            if limit is not None:
                usual = rhythm.per_hour if hour is None else hour.next
                told = {LAST: rhythm.last / SECOND, LIMIT: round(limit / SECOND, 3), USUAL: round(usual, 3),
                        KNOWN: rhythm.days}  # fmt: skip
            if hour is not None:
                told |= {HOURLY: hour.count, MEAN: hour.mean, DEVIATION: hour.deviation,
                         SIGMAS: round(hour.sigmas, 3), LOWEST: round(hour.lowest, 3)}  # fmt: skip
            found.update((_labels(name, key), float(value)) for name, value in told.items())
        return found

    def _heard(self, key: _Key, t: int) -> None:
        rhythm = self._rhythms.get(key)
        if rhythm is None:
            if len(self._rhythms) >= self._most:
                return
            rhythm = self._rhythms[key] = Rhythm()
        rhythm.hear(t)


def _labels(name: str, key: _Key) -> Labels:
    return Labels({NAME: name, "bot_id": key[0], "strategy": key[1], "stream": key[2]})
