"""Trades as they are kept: every opening and every close, and of a close what its opening said."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from tradetop.events.pairing import MOST_OPEN, OpenPositions
from tradetop.model.bot_event import BotEvent, EventClass, EventSource, Fact
from tradetop.model.clock import DAY
from tradetop.reports.curves import keep_curves
from tradetop.reports.facts import PAIRED, Told
from tradetop.reports.rollup import Rollup

NOT_PAIRED, STILL_OPEN = 0, 2**62
"""In the place of the time (ms) at which an opening's trade ended."""
NO_OPENING = 0
"""In the place of the tags of a close's opening."""
STEP = 64
"""Days that are settled together, and kept whole or not at all."""

_Place = tuple[int, int]
"""A trade's time and key."""
_Row = tuple[Any, ...]
"""t, key, bot, strategy, pair, ids, then of an opening its tags and end, of a close its opening's tags."""
_T, _KEY, _BOT, _STRATEGY, _PAIR, _IDS, _SAID, _END = range(8)
_OPENING, _CLOSE = "t, key, bot, strategy, pair, ids, tags, done", "t, key, bot, strategy, pair, ids, opened"


def keep_trades(rollup: Rollup, opens: Iterable[Told], closes: Iterable[Told]) -> None:
    """Keep what opened and what closed; their days are settled later, all at once."""
    n, days = rollup.number, set[tuple[int, int]]()
    opening, closing = [], []
    for event in opens:
        opening.append((*_place(n, event), _pairing_ids(event), n(event.tags), NOT_PAIRED))
        days.add((event.t // DAY, n(event.bot)))
    for event in closes:
        closing.append((*_place(n, event), event.pnl, _pairing_ids(event), n(event.tags), NO_OPENING))
        days.add((event.t // DAY, n(event.bot)))
    rollup.many("INSERT OR IGNORE INTO opens VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", opening)
    rollup.many("INSERT OR IGNORE INTO closes VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", closing)
    rollup.many("INSERT OR IGNORE INTO unsettled VALUES (?, ?)", days)


def unsettled(rollup: Rollup) -> int:
    """How many days have to be settled before a report may be made."""
    return int(rollup.rows("SELECT COUNT(DISTINCT day) FROM unsettled")[0][0])


def settle(rollup: Rollup, most: int = STEP) -> None:
    """Find the openings of some days' closes and add these days up, the first days first; within `writing`."""
    dirty: defaultdict[int, set[int]] = defaultdict(set)
    for day, bot in rollup.rows("SELECT day, bot FROM unsettled ORDER BY day"):
        if day not in dirty and len(dirty) == most:
            break
        dirty[day].add(bot)
    if not dirty:
        return
    pairing, last = _Pairing(rollup), max(dirty)
    sums, days = set(dirty), sorted(dirty)
    while days:
        day = days.pop(0)
        if pairing.pair(day, dirty[day]):
            sums.add(day)
        rollup.many("DELETE FROM unsettled WHERE day = ?", [(day,)])
        # What is open otherwise than before changes the pairs of the days behind it.
        later = pairing.next_day(day)
        if later is not None and later <= last and later not in days:
            days = sorted([*days, later])
    for bot in pairing.changed:
        rollup.many(
            "INSERT OR IGNORE INTO unsettled SELECT day, bot FROM bot_days "
            "WHERE day > ? AND bot = ? AND (opens > 0 OR closes > 0)",
            [(last, bot)],
        )
    _add_up(rollup, sums)
    keep_curves(rollup, dirty)


def _add_up(rollup: Rollup, days: Iterable[int]) -> None:
    """Work out the sums of some days anew from their closes."""
    for day in days:
        rollup.many("DELETE FROM close_days WHERE day = ?", [(day,)])
        rollup.many(
            "INSERT INTO close_days SELECT ?, bot, mode, strategy, pair, tags, opened, COUNT(*), COUNT(pnl), "
            "TOTAL(pnl > 0), TOTAL(pnl < 0), TOTAL(pnl), TOTAL(pnl * pnl) FROM closes WHERE t >= ? AND t < ? "
            "GROUP BY bot, mode, strategy, pair, tags, opened",
            [(day, day * DAY, (day + 1) * DAY)],
        )


class _Pairing:
    """Pairs closes with openings day by day, and knows where that gave something else than before."""

    def __init__(self, rollup: Rollup) -> None:
        self._rollup = rollup
        self._ended: defaultdict[int, dict[_Place, int]] = defaultdict(dict)
        """Of each bot the ends of trades as they were before they were found to be others."""
        self.changed: set[int] = set()
        """Bots that have other open trades at the end of the last day than they had."""

    def next_day(self, day: int) -> int | None:
        """The next day in which one of them traded."""
        found = [
            self._rollup.rows(
                "SELECT MIN(day) FROM bot_days WHERE day > ? AND bot = ? AND (opens > 0 OR closes > 0)", (day, bot)
            )[0][0]
            for bot in self.changed
        ]
        return min((one for one in found if one is not None), default=None)

    def pair(self, day: int, bots: Iterable[int]) -> bool:
        """Pair a day (UTC) of these bots and those that changed; whether a close has another opening than before."""
        day_of = day * DAY, (day + 1) * DAY
        trades: defaultdict[int, tuple[list[_Row], list[_Row]]] = defaultdict(lambda: ([], []))
        for i, (table, columns) in enumerate((("opens", _OPENING), ("closes", _CLOSE))):
            sql = f"SELECT {columns} FROM {table} WHERE t >= ? AND t < ? ORDER BY t, key"  # noqa: S608 - our words.
            for row in self._rollup.rows(sql, day_of):
                trades[row[_BOT]][i].append(row)
        moved = [self._pair_bot(bot, day_of[0], *trades[bot]) for bot in sorted({*bots, *self.changed})]
        return any(moved)

    def _pair_bot(self, bot: int, since: int, opens: list[_Row], closes: list[_Row]) -> bool:
        until = since + DAY
        carried = self._rollup.rows(
            f"SELECT {_OPENING} FROM opens WHERE bot = ? AND done >= ? AND t < ? ORDER BY t, key",  # noqa: S608
            (bot, since, since),
        )
        every = {(row[_T], row[_KEY]): row for row in (*carried, *opens)}
        ended = self._ended[bot]
        # Who was open at the end of the day when the days behind it were paired.
        known = {place: ended.get(place, row[_END]) for place, row in every.items()}
        before = {place for place, end in {**ended, **known}.items() if end >= until and place[0] < until}
        ends, found = _paired(self._names(every.values(), closes), carried, opens, closes)
        moved = [(end, *place) for place, end in ends.items() if not _still(end, every[place][_END], until)]
        for _, *place in moved:
            ended.setdefault((place[0], place[1]), every[place[0], place[1]][_END])
        self._rollup.many("UPDATE opens SET done = ? WHERE t = ? AND key = ?", moved)
        others = [(said, row[_T], row[_KEY]) for row, said in found if said != row[_SAID]]
        self._rollup.many("UPDATE closes SET opened = ? WHERE t = ? AND key = ?", others)
        if before == {place for place, end in ends.items() if end >= until}:
            self.changed.discard(bot)
            ended.clear()
        else:
            self.changed.add(bot)
        return bool(others)

    def _names(self, opens: Iterable[_Row], closes: Iterable[_Row]) -> dict[int, str]:
        return self._rollup.texts({i for row in (*opens, *closes) for i in row[_BOT:_IDS]})


def _still(end: int, known: int, until: int) -> bool:
    """Whether a trade's end is what it was; one that goes on behind the day ends when a later day says."""
    return known >= until if end == STILL_OPEN else known == end


def _paired(
    names: dict[int, str], carried: Sequence[_Row], opens: Sequence[_Row], closes: Sequence[_Row]
) -> tuple[dict[_Place, int], list[tuple[_Row, int]]]:
    """When each opening's trade ended, and each close with its opening's tags: as the screen pairs them."""
    positions, ends, places = OpenPositions(), dict[_Place, int](), dict[str, _Row]()
    waiting: dict[str, None] = {}
    found = []

    def end(id: str, t: int) -> None:
        waiting.pop(id, None)
        ends[places[id][_T], places[id][_KEY]] = t

    both = [(row[_T], 0, row[_KEY], row) for row in (*carried, *opens)] + [(r[_T], 1, r[_KEY], r) for r in closes]
    for t, order, key, row in sorted(both):
        event = _event(row, names, EventClass.CLOSE if order else EventClass.OPEN)
        if order == 0:
            if len(waiting) == MOST_OPEN:
                # The oldest is taken as forgotten by the bot.
                end(next(iter(waiting)), t)
            places[event.id], waiting[event.id], ends[t, key] = row, None, STILL_OPEN
            positions.feed(event)
        else:
            opening = positions.close(event)
            found.append((row, NO_OPENING if opening is None else places[opening.id][_SAID]))
            if opening is not None:
                end(opening.id, t)
    return ends, found


def _event(row: _Row, names: dict[int, str], cls: EventClass) -> BotEvent:
    """As much of an event as pairing looks at."""
    t, key, bot, strategy, pair, ids = row[:_SAID]
    facts = tuple(Fact(name, value) for name, value in zip(PAIRED, ids.split("\n"), strict=False) if value)
    return BotEvent(
        f"{t} {key}", t, names[bot], "", cls, EventSource.DATABASE, names[pair], names[strategy], facts=facts
    )


def _place(n: Callable[[str], int], event: Told) -> tuple[int, ...]:
    return event.t, event.key, n(event.bot), n(event.mode), n(event.strategy), n(event.pair)


def _pairing_ids(event: Told) -> str:
    return "\n".join(event.ids[1:3])
