"""A/B by any tag of the trades' metadata: what trades with one value of it did beside those with another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tradetop.events.pairing import OpenPositions
from tradetop.model.bot_event import BotEvent, EventClass, EventSource, Fact
from tradetop.model.clock import DAY
from tradetop.model.unit import Unit
from tradetop.reports.asked import Asked, Report, Source, column
from tradetop.reports.estimate import Estimate, difference
from tradetop.reports.facts import PAIRED, tag
from tradetop.reports.results import SUMS, Result, results, single, summed
from tradetop.reports.rollup import Rollup

LOOK_BACK = 7 * DAY
"""How long before the window a trade may have been opened whose close does not carry the tag (ms)."""
NOT_SAID = "(not said)"
MOST_VALUES = 20
_TRADE = "t, key, bot, strategy, pair, ids, tags"
_BOT, _IDS, _TAGS = 2, 5, 6
_Row = tuple[Any, ...]
"""A trade's opening or close: these columns, and of a close its mode and P&L."""


@dataclass(frozen=True, slots=True)
class Group:
    """The closed trades with one value of the tag in one mode; or how two of them differ. Money in USD."""

    value: str = column("VALUE", Unit.NONE)
    mode: str = column("MODE", Unit.NONE)
    trades: int = column("TRADES")
    unknown: int = column("NO P&L")
    win_rate: Estimate = column("WIN RATE", Unit.RATIO)
    losing: Estimate = column("LOSING", Unit.RATIO)
    """The share of trades that lost."""
    pnl: float = column("P&L", Unit.USD)
    average: Estimate = column("AVG P&L", Unit.USD)


def ab(rollup: Rollup, asked: Asked) -> Report:
    """A row for each value of the tag and mode; where there are two values, one more that says how they differ."""
    source = Source(rollup, asked)
    sums: defaultdict[tuple[str, int], Result] = defaultdict(Result)
    grouped = results(source, "tags, mode")
    values = {number: tag(text, asked.tag) for number, text in rollup.texts({tags for tags, _ in grouped}).items()}
    for (tags, mode), one in grouped.items():
        if (value := values[tags]) is not None:
            sums[value, mode] = sums[value, mode].plus(one)
    silent = {number for number, value in values.items() if value is None}
    before = source.within(asked.window.since - LOOK_BACK, asked.window.until)
    says = _openings(before, asked.tag) if silent else {}
    if not says:
        for (tags, mode), one in grouped.items():
            if tags in silent:
                sums[NOT_SAID, mode] = sums[NOT_SAID, mode].plus(one)
    for value, mode, one in _by_opening(source, before, silent, says) if says else ():
        sums[value, mode] = sums[value, mode].plus(one)
    names = rollup.texts({mode for _, mode in sums})
    found = {(value, names[mode]): all_of for (value, mode), all_of in sums.items()}
    rows = [_group(value, mode, found[value, mode]) for value, mode in sorted(found, key=lambda x: (x[1], x[0]))]
    said = sorted({row.value for row in rows} - {NOT_SAID})
    notes = [f"{len(said) - MOST_VALUES:,} more values are left out"] if len(said) > MOST_VALUES else []
    rows = [row for row in rows if row.value in {*said[:MOST_VALUES], NOT_SAID}]
    if len(said) == 2:
        rows += _differences(rows, said)
    if not said and rows:
        notes.append(f'no trade of this window says "{asked.tag}"; tags are words, true or false, or 0 to 9')
    return Report("ab", asked.window, Group, rows, tuple(notes))


def _group(value: str, mode: str, one: Result) -> Group:
    return Group(value, mode, one.n, one.n - one.known, one.win_rate, one.losing, one.pnl, one.average)


def _differences(rows: list[Group], said: list[str]) -> Iterator[Group]:
    """The second value less the first, so that true stands before false; within each mode."""
    one, other = said[1], said[0]
    for mode in sorted({row.mode for row in rows}):
        a, b = (next((row for row in rows if row.mode == mode and row.value == value), None) for value in (one, other))
        if a is not None and b is not None:
            yield Group(
                value=f"{one} less {other}",
                mode=mode,
                trades=a.trades - b.trades,
                unknown=a.unknown - b.unknown,
                win_rate=difference(a.win_rate, b.win_rate),
                losing=difference(a.losing, b.losing),
                pnl=a.pnl - b.pnl,
                average=difference(a.average, b.average),
            )


def _openings(source: Source, name: str) -> dict[int, str]:
    """Of the tags that openings have those that say something of one of this name, and what."""
    found = source.rollup.texts({tags for (tags,) in source.times("DISTINCT tags", "opens")})
    return {number: value for number, text in found.items() if (value := tag(text, name)) is not None}


def _by_opening(
    source: Source, before: Source, silent: set[int], says: dict[int, str]
) -> Iterator[tuple[str, int, Result]]:
    """Closes that do not say the tag themselves: the value that their opening says, their mode and what they earned."""
    if _have_ids_of_their_own(source, before):
        window = before.asked.window
        # The limit keeps SQLite from going through all openings for each close: it makes an index of them instead.
        columns = "t AS opened, bot AS who, ids AS id, tags AS said"
        opens = f"SELECT {columns} FROM opens WHERE t BETWEEN {window.since} AND {window.until} LIMIT -1"  # noqa: S608
        chosen = f"tags, CASE WHEN opened <= t THEN said END AS otags, mode, {SUMS}"
        joined = f"closes LEFT JOIN ({opens}) ON who = bot AND id = ids"
        for tags, otags, mode, *sums in source.times(chosen, joined, "GROUP BY tags, otags, mode"):
            if tags in silent:
                yield says.get(otags, NOT_SAID), mode, summed(sums)
        return
    opened, closed = before.times(_TRADE, "opens"), before.times(f"{_TRADE}, mode, pnl", "closes")
    for close, tags in _in_order(source, opened, closed):
        if close[0] >= source.asked.window.since and close[_TAGS] in silent:
            yield says.get(tags, NOT_SAID), close[-2], single(close[-1])


def _have_ids_of_their_own(source: Source, before: Source) -> bool:
    """Whether every trade names a trade_id and nothing else, and no two opened with the same."""
    odd = "TOTAL(ids = char(10) OR ids = '' OR substr(ids, -1) <> char(10))"
    ((unfit,),) = source.times(odd, "closes")
    ((n, ids, odd_ones),) = before.times(f"COUNT(*), COUNT(DISTINCT bot || ':' || ids), {odd}", "opens")
    return bool(unfit == 0 and odd_ones == 0 and n == ids)


def _in_order(source: Source, opens: list[_Row], closes: list[_Row]) -> Iterator[tuple[_Row, int]]:
    """The same by all that trades can be recognised by, as the screen does it."""
    names = source.rollup.texts({i for row in (*opens, *closes) for i in row[_BOT:_IDS]})
    positions, tags_of = OpenPositions(), dict[str, int]()
    both = [(row[0], 0, row[1], row) for row in opens] + [(row[0], 1, row[1], row) for row in closes]
    for _, order, _, row in sorted(both):
        event = _event(row, names, order)
        if order == 0:
            tags_of[event.id] = row[_TAGS]
            positions.feed(event)
        else:
            opening = positions.close(event)
            yield row, -1 if opening is None else tags_of[opening.id]


def _event(row: _Row, names: dict[int, str], order: int) -> BotEvent:
    """As much of an event as pairing looks at."""
    t, key, bot, strategy, pair, ids = row[:_TAGS]
    cls = EventClass.CLOSE if order else EventClass.OPEN
    facts = tuple(Fact(name, value) for name, value in zip(PAIRED, ids.split("\n"), strict=False) if value)
    return BotEvent(str(key), t, names[bot], "", cls, EventSource.DATABASE, names[pair], names[strategy], facts=facts)
