"""What a report is asked for, and what every report is: rows that know their columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tradetop.model.clock import DAY, HOUR
from tradetop.model.unit import Unit
from tradetop.reports.rollup import Rollup
from tradetop.reports.window import Offset, Window

TITLE, UNIT = "title", "unit"
_OF_NO_STRATEGY = {"bot_days", "pairs", "pair_days", "errors", "error_pairs", "error_bots", "latency_days"}
EVERY = -1
"""In the place of a bot's number: all of them."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The window, and what of it."""

    window: Window
    offset: Offset = lambda _t: 0
    """Minutes east of UTC at a time (ms): the zone whose days and hours are counted."""
    bot: str = ""
    """Of one bot; "" for all."""
    strategies: tuple[str, ...] = ()
    """Of these; () for all."""
    tag: str = ""
    """By which an A/B comparison groups trades."""


@dataclass(frozen=True, slots=True)
class Report:
    """One report: rows of one dataclass, whose fields are the columns."""

    name: str
    window: Window
    row: type
    rows: Sequence[Any]
    notes: tuple[str, ...] = ()
    """What one must know to read it."""


def column(title: str, unit: Unit = Unit.SHORT) -> Any:
    """A field of a row, with what is printed above it and how its numbers are printed."""
    return field(metadata={TITLE: title, UNIT: unit})


class Source:
    """The cache, asked within a window and for what the asker named."""

    def __init__(self, rollup: Rollup, asked: Asked) -> None:
        self.rollup = rollup
        self.asked = asked
        self._bot = rollup.find(asked.bot) if asked.bot else None
        self._strategies = [rollup.find(name) for name in asked.strategies]

    def within(self, since: int, until: int) -> Source:
        """The same of another stretch of time (ms)."""
        return Source(self.rollup, replace(self.asked, window=Window(since, until)))

    def hours(self, chosen: str, table: str, rest: str = "") -> list[tuple[Any, ...]]:
        """Rows of a table by hour; texts are our own, what the asker named goes in as values."""
        window = self.asked.window
        return self._rows(chosen, table, f"hour >= {window.since // HOUR} AND hour < {window.until // HOUR}", rest)

    def times(self, chosen: str, table: str, rest: str = "") -> list[tuple[Any, ...]]:
        """Rows of a table by time."""
        return self._rows(chosen, table, f"t >= {self.asked.window.since} AND t < {self.asked.window.until}", rest)

    def days(self, chosen: str, table: str, rest: str = "", also: str = "") -> list[tuple[Any, ...]]:
        """Rows of a table by day (UTC), of a window that has only whole ones."""
        window = self.asked.window
        where = f"{also} day >= {window.since // DAY} AND day < {window.until // DAY}"
        return self._rows(chosen, table, where, rest, every=bool(also))

    def apart(self) -> tuple[Source | None, list[Source]]:
        """The whole days (UTC) of the window, where it has any, and what it has beside them."""
        window = self.asked.window
        first, last = -(-window.since // DAY) * DAY, window.until // DAY * DAY
        if first >= last:
            return None, [self]
        edges = [edge for edge in ((window.since, first), (last, window.until)) if edge[0] < edge[1]]
        return self.within(first, last), [self.within(*edge) for edge in edges]

    @property
    def bot(self) -> int:
        """The number of the bot that is asked for; -1 for all."""
        return EVERY if self._bot is None else self._bot

    def _rows(self, chosen: str, table: str, where: str, rest: str, *, every: bool = False) -> list[tuple[Any, ...]]:
        values: list[int] = []
        if self._bot is not None and not every:
            where, values = f"{where} AND bot = ?", [self._bot]
        if self._strategies and table not in _OF_NO_STRATEGY:
            marks = ", ".join("?" * len(self._strategies))
            where, values = f"{where} AND strategy IN ({marks})", [*values, *self._strategies]
        return self.rollup.rows(f"SELECT {chosen} FROM {table} WHERE {where} {rest}", values)  # noqa: S608 - our words.

    def covered(self) -> float:
        """How many hours of the window lie between the first event that is known and the last."""
        known = known_window(self.rollup)
        if known is None:
            return 0.0
        window = self.asked.window
        return max(0, min(window.until, known.until) - max(window.since, known.since)) / HOUR


def known_window(rollup: Rollup) -> Window | None:
    """The hours from the first event that is known to the last; None where there is none."""
    ((first, last),) = rollup.rows("SELECT (SELECT MIN(hour) FROM hourly), (SELECT MAX(hour) FROM hourly)")
    return None if first is None else Window(first * HOUR, (last + 1) * HOUR)


def home_modes(source: Source) -> dict[int, int]:
    """The mode of each bot that closes trades in only one within the window, both by their numbers.

    What such a bot does not give a mode to belongs to that one; with two it belongs to neither. A bot that closed none
    is known by those that it opened.
    """
    whole, edges = source.apart() if not source.asked.strategies else (None, [source])
    wanted, grouped = "bot, mode, MAX(closes)", "AND (opens > 0 OR closes > 0) GROUP BY bot, mode"
    rows = [row for edge in edges for row in edge.hours(wanted, "hourly", grouped)]
    if whole is not None:
        rows += whole.days(wanted, "bot_days", grouped)
    closed: dict[int, set[int]] = {}
    opened: dict[int, set[int]] = {}
    for bot, mode, closes in rows:
        (closed if closes else opened).setdefault(bot, set()).add(mode)
    return {bot: next(iter(modes)) for bot, modes in {**opened, **closed}.items() if len(modes) == 1}
