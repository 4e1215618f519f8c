"""What can be added up as rows come, whenever they happened: counts by hour and by day, and the trades themselves."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

from tradetop.model.clock import DAY, HOUR
from tradetop.reports.facts import CLOSE, ERROR, OPEN, RISK, SIGNAL, Told
from tradetop.reports.rollup import Rollup
from tradetop.reports.trades import keep_trades

TOTALS = ("events", "signals", "risks", "opens", "closes", "errors", "known", "wins", "losses", "pnl")
"""What is summed of all events of a bot."""
_SUMMED = {"hourly": TOTALS, "bot_days": TOTALS}
_KNOWN = TOTALS.index("known")
_PLACE = {SIGNAL: 1, RISK: 2, OPEN: 3, CLOSE: 4, ERROR: 5}
"""Where an event's class is counted among them."""
_TEXTS = {
    "hourly": 3,
    "bot_days": 2,
    "pairs": 2,
    "pair_days": 2,
    "errors": 4,
    "error_pairs": 3,
    "error_bots": 3,
}
"""How many texts tell the rows of a table apart, behind the hour or day."""


class Counts:
    """What the events of one step add to the cache."""

    def __init__(self) -> None:
        self._events: Counter[tuple[int, int, str, str, str, str]] = Counter()
        """By hour, class, bot, mode, strategy and pair: one count for each event, and its sums are made at the end."""
        self._sums: dict[str, dict[tuple[Any, ...], list[float]]] = {name: {} for name in _SUMMED}
        self._counts: defaultdict[str, Counter[tuple[Any, ...]]] = defaultdict(Counter)
        self._trades: dict[int, list[Told]] = {OPEN: [], CLOSE: []}

    def add(self, event: Told) -> None:
        """Count one event."""
        cls, hour = event.cls, event.t // HOUR
        self._events[hour, cls, event.bot, event.mode, event.strategy, event.pair] += 1
        if cls in self._trades:
            self._trades[cls].append(event)
            if cls == CLOSE and event.pnl is not None:
                self._earned(event, event.pnl)
        elif cls == ERROR:
            day = event.t // DAY
            self._counts["errors"][hour, event.bot, event.category, event.message, event.pair] += 1
            self._counts["error_pairs"][day, event.category, event.message, event.pair] += 1
            self._counts["error_bots"][day, event.category, event.message, event.bot] += 1

    def _earned(self, event: Told, pnl: float) -> None:
        for sums in self._totals(event.t // HOUR, event.bot, event.mode, event.strategy):
            for i, amount in enumerate((1, pnl > 0, pnl < 0, pnl)):
                sums[_KNOWN + i] += amount

    def _totals(self, hour: int, bot: str, mode: str, strategy: str) -> tuple[list[float], list[float]]:
        return (
            self._sum("hourly", (hour, bot, mode, strategy)),
            self._sum("bot_days", (hour * HOUR // DAY, bot, mode)),
        )

    def _sum(self, table: str, key: tuple[Any, ...]) -> list[float]:
        found = self._sums[table].get(key)
        if found is None:
            found = self._sums[table][key] = [0] * len(_SUMMED[table])
        return found

    def write(self, rollup: Rollup) -> None:
        """Add it."""
        for (hour, cls, bot, mode, strategy, pair), n in self._events.items():
            place = _PLACE.get(cls)
            for sums in self._totals(hour, bot, mode, strategy):
                sums[0] += n
                if place is not None:
                    sums[place] += n
            self._counts["pairs"][hour, bot, pair] += n
            self._counts["pair_days"][hour * HOUR // DAY, bot, pair] += n
        for table, every in self._sums.items():
            _upsert(rollup, table, _SUMMED[table], every)
        for table, counts in self._counts.items():
            _upsert(rollup, table, ("n",), {key: [n] for key, n in counts.items()})
        keep_trades(rollup, self._trades[OPEN], self._trades[CLOSE])


def _upsert(rollup: Rollup, table: str, summed: tuple[str, ...], rows: Mapping[tuple[Any, ...], list[float]]) -> None:
    texts = _TEXTS[table]
    marks = ", ".join("?" * (1 + texts + len(summed)))
    adds = ", ".join(f"{name} = {name} + excluded.{name}" for name in summed)
    rollup.many(
        f"INSERT INTO {table} VALUES ({marks}) ON CONFLICT DO UPDATE SET {adds}",  # noqa: S608 - our own words.
        [(key[0], *map(rollup.number, key[1:]), *sums) for key, sums in rows.items()],
    )
