"""What can be added up as rows come, whenever they happened: counts by hour and by day, and the trades themselves."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from tradetop.model.clock import DAY, HOUR
from tradetop.reports.facts import CLOSE, ERROR, OPEN, RISK, SIGNAL, Told
from tradetop.reports.rollup import Rollup

TOTALS = ("events", "signals", "risks", "opens", "closes", "errors", "known", "wins", "losses", "pnl")
"""What is summed of all events of a bot."""
_SUMMED = {
    "hourly": TOTALS,
    "bot_days": TOTALS,
    "close_days": ("n", "known", "wins", "losses", "pnl", "squares"),
}
_PLACE = {SIGNAL: 1, RISK: 2, OPEN: 3, CLOSE: 4, ERROR: 5}
"""Where an event's class is counted among them."""
_TEXTS = {
    "hourly": 3,
    "bot_days": 2,
    "close_days": 5,
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
        self._sums: dict[str, dict[tuple[Any, ...], list[float]]] = {name: {} for name in _SUMMED}
        self._counts: defaultdict[str, Counter[tuple[Any, ...]]] = defaultdict(Counter)
        self._trades: dict[int, list[Told]] = {OPEN: [], CLOSE: []}
        self.days: set[int] = set()
        """The days (UTC) in which trades closed."""

    def add(self, event: Told) -> None:
        """Count one event."""
        hour, day = event.t // HOUR, event.t // DAY
        totals = (
            self._sum("hourly", (hour, event.bot, event.mode, event.strategy)),
            self._sum("bot_days", (day, event.bot, event.mode)),
        )
        place = _PLACE.get(event.cls)
        for sums in totals:
            sums[0] += 1
            if place is not None:
                sums[place] += 1
        self._counts["pairs"][hour, event.bot, event.pair] += 1
        self._counts["pair_days"][day, event.bot, event.pair] += 1
        if event.cls == ERROR:
            self._counts["errors"][hour, event.bot, event.category, event.message, event.pair] += 1
            self._counts["error_pairs"][day, event.category, event.message, event.pair] += 1
            self._counts["error_bots"][day, event.category, event.message, event.bot] += 1
        elif event.cls in self._trades:
            self._trades[event.cls].append(event)
        if event.cls == CLOSE:
            self._close(event, day, totals)

    def _close(self, event: Told, day: int, totals: Iterable[list[float]]) -> None:
        self.days.add(day)
        daily = self._sum("close_days", (day, event.bot, event.mode, event.strategy, event.pair, event.tags))
        daily[0] += 1
        if event.pnl is None:
            return
        for i, amount in enumerate((1, event.pnl > 0, event.pnl < 0, event.pnl)):
            daily[1 + i] += amount
            for sums in totals:
                sums[6 + i] += amount
        daily[5] += event.pnl * event.pnl

    def _sum(self, table: str, key: tuple[Any, ...]) -> list[float]:
        found = self._sums[table].get(key)
        if found is None:
            found = self._sums[table][key] = [0] * len(_SUMMED[table])
        return found

    def write(self, rollup: Rollup) -> None:
        """Add it."""
        for table, sums in self._sums.items():
            _upsert(rollup, table, _SUMMED[table], sums)
        for table, counts in self._counts.items():
            _upsert(rollup, table, ("n",), {key: [n] for key, n in counts.items()})
        n = rollup.number
        rollup.many(
            "INSERT OR IGNORE INTO opens VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [(*_trade(n, e), _pairing_ids(e), n(e.tags)) for e in self._trades[OPEN]],
        )
        rollup.many(
            "INSERT OR IGNORE INTO closes VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [(*_trade(n, e), e.pnl, _pairing_ids(e), n(e.tags)) for e in self._trades[CLOSE]],
        )


def _upsert(rollup: Rollup, table: str, summed: tuple[str, ...], rows: Mapping[tuple[Any, ...], list[float]]) -> None:
    texts = _TEXTS[table]
    marks = ", ".join("?" * (1 + texts + len(summed)))
    adds = ", ".join(f"{name} = {name} + excluded.{name}" for name in summed)
    rollup.many(
        f"INSERT INTO {table} VALUES ({marks}) ON CONFLICT DO UPDATE SET {adds}",  # noqa: S608 - our own words.
        [(key[0], *map(rollup.number, key[1:]), *sums) for key, sums in rows.items()],
    )


def _trade(n: Callable[[str], int], event: Told) -> tuple[int, ...]:
    return event.t, event.key, n(event.bot), n(event.mode), n(event.strategy), n(event.pair)


def _pairing_ids(event: Told) -> str:
    return "\n".join(event.ids[1:3])
