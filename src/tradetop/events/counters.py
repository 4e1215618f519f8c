"""Events as series: counts, realised profit and open positions, for the same store that scrapes go to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter

from tradetop.events.facts import text_in
from tradetop.events.pairing import OpenPositions
from tradetop.events.streams import STREAM_SERIES
from tradetop.model.bot_event import BotEvent, EventClass
from tradetop.model.labels import NAME, Labels

EVENTS = "bot_events_total"
PNL = "bot_realized_pnl_usd"
CLOSED = "bot_trades_closed_total"
WON = "bot_trades_won_total"
DECIDED = "bot_trades_decided_total"
"""Closes whose P&L is known: of the others nobody can say whether they were won."""
OPEN = "bot_open_positions"
FLAWED = "bot_events_flawed_total"
EVENT_SERIES = frozenset({EVENTS, PNL, CLOSED, WON, DECIDED, OPEN, FLAWED}) | STREAM_SERIES

SERIES_LIMIT = 200
"""Label sets of one metric before further ones are counted together as "other"."""
OTHER = "other"
PAPER = "paper"
_WITHOUT_MONEY = ("paper", "dry", "sim", "sandbox", "demo", "test")
_MOST_KNOWN = 4_096
_FORGOTTEN: tuple[tuple[str, ...], ...] = (
    (),
    ("pair",),
    ("pair", "strategy", "event_type"),
    ("pair", "strategy", "event_type", "bot_id", "mode"),
)
"""Labels that become "other" when there are too many series, in turn."""

Changes = tuple[int, Mapping[Labels, float]]
"""A time (ms), and the series that change then with their new values."""


def mode_in(event: BotEvent) -> str:
    """The mode that an event names, "paper" for whatever a bot calls trading without money; "" where it is silent."""
    return mode_said(text_in(event, "mode"))


def mode_said(said: object) -> str:
    """The same by what is said about it."""
    mode = said.lower() if isinstance(said, str) else ""
    return PAPER if mode.startswith(_WITHOUT_MONEY) else mode


class EventCounters:
    """Counts events; every series is born with a zero just before its first value, so that `increase` sees that one."""

    def __init__(self, limit: int = SERIES_LIMIT) -> None:
        self._limit = limit
        self._values: dict[Labels, float] = {}
        self._known: dict[tuple[str, ...], Labels] = {}
        self._series: Counter[str] = Counter()
        self._positions = OpenPositions()
        self._born: list[Labels] = []
        self._t = 0

    def totals(self) -> Mapping[Labels, float]:
        """Every series with its value now; append it at each interval, or the series go stale between events."""
        return dict(self._values)

    def count(self, event: BotEvent) -> Mapping[Labels, float]:
        """Count one event: the series that it changes, with their new values."""
        counted = {
            "bot_id": event.bot,
            "event_type": event.type,
            "category": event.category,
            "strategy": event.strategy,
            "pair": event.pair,
        }
        changed = dict([self._add(EVENTS, counted, 1.0)])
        for flaw in event.flaws:
            changed |= [self._add(FLAWED, {"bot_id": event.bot, "flaw": flaw}, 1.0)]
        if event.cls is EventClass.CLOSE:
            of = {"bot_id": event.bot, "strategy": event.strategy, "mode": mode_in(event)}
            pnl = event.pnl
            changed |= [self._add(CLOSED, of, 1.0), self._add(DECIDED, of, float(pnl is not None))]
            changed |= [self._add(WON, of, float(pnl is not None and pnl > 0))]
            if pnl is not None:
                changed |= [self._add(PNL, of, pnl)]
        if self._positions.feed(event):
            series = self._admitted(Labels({NAME: OPEN, "bot_id": event.bot}))
            self._values[series] = changed[series] = float(self._positions.counts()[event.bot])
        return changed

    def history(self, events: Iterable[BotEvent]) -> Iterator[Changes]:
        """Count a database's past at the events' own times; times never decrease, and per series they increase."""
        ordered = sorted(events, key=lambda event: (event.t, event.sequence))
        yield from self.past((event.t, event) for event in ordered)

    def past(self, events: Iterable[tuple[int, BotEvent]]) -> Iterator[Changes]:
        """The same of events in order, each behind its time (ms)."""
        for t, together in groupby(events, key=itemgetter(0)):
            yield from self._at(t, [event for _, event in together])

    def arrivals(self, events: Sequence[BotEvent], now: int) -> Iterator[Changes]:
        """Count events when they arrive (`now`, ms), so that nothing before now changes."""
        if events:
            yield from self._at(now, events)

    def _at(self, t: int, events: Sequence[BotEvent]) -> Iterator[Changes]:
        self._born.clear()
        changed: dict[Labels, float] = {}
        for event in events:
            changed.update(self.count(event))
        self._t = max(t, self._t + 1)
        if self._born:
            yield self._t - 1, dict.fromkeys(self._born, 0.0)
        yield self._t, changed

    def _add(self, name: str, labels: Mapping[str, str], amount: float) -> tuple[Labels, float]:
        key = (name, *labels.values())
        series = self._known.get(key)
        if series is None:
            series = self._admitted(Labels({NAME: name, **labels}))
            if len(self._known) < _MOST_KNOWN:
                self._known[key] = series
        self._values[series] += amount
        return series, self._values[series]

    def _admitted(self, series: Labels) -> Labels:
        """The series to count in: this one, or one that stands for many."""
        for step, names in enumerate(_FORGOTTEN):
            bounded = series.merged({name: OTHER for name in names if name in series}) if names else series
            room = self._limit + step * max(1, self._limit // 4)
            last = step == len(_FORGOTTEN) - 1
            if bounded in self._values or last or self._series[series.name] < room:
                break
        if bounded not in self._values:
            self._values[bounded] = 0.0
            self._born.append(bounded)
            self._series[series.name] += 1
        return bounded
