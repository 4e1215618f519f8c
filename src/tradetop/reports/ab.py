"""A/B by any tag of the trades' metadata: what trades with one value of it did beside those with another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from tradetop.events.pairing import OpenPositions
from tradetop.model.bot_event import BotEvent, EventClass, EventSource, Fact
from tradetop.model.clock import DAY
from tradetop.model.unit import Unit
from tradetop.reports.asked import Asked, Report, Source, column
from tradetop.reports.estimate import Estimate, difference
from tradetop.reports.facts import PAIRED, tag
from tradetop.reports.results import Result, results, single
from tradetop.reports.rollup import Rollup

LOOK_BACK = 7 * DAY
"""How long before the window a trade may have been opened whose close does not carry the tag (ms)."""
NOT_SAID = "(not said)"
MOST_VALUES = 20


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
    if silent:
        for value, mode, pnl in _by_opening(source, silent):
            sums[value, mode] = sums[value, mode].plus(single(pnl))
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


def _by_opening(source: Source, silent: set[int]) -> Iterator[tuple[str, int, float | None]]:
    """Closes that do not say the tag themselves: the value that their opening says, their mode and P&L."""
    texts = source.rollup.texts
    window = source.asked.window
    before = source.within(window.since - LOOK_BACK, window.until)
    chosen = "t, key, bot, strategy, pair, ids, tags"
    opens = [(row[0], 0, row, -1, None) for row in before.times(chosen, "opens")]
    closes = [(row[0], 1, row[:7], *row[7:]) for row in before.times(f"{chosen}, mode, pnl", "closes")]
    names = texts({i for _, _, row, *_ in (*opens, *closes) for i in (row[2], row[3], row[4])})
    says = {i: tag(text, source.asked.tag) for i, text in texts({one[2][6] for one in opens}).items()}
    positions, tags_of = OpenPositions(), dict[str, int]()
    for t, order, row, mode, pnl in sorted(opens + closes, key=lambda one: (one[0], one[1], one[2][1])):
        event = _event(row, names, order)
        if order == 0:
            tags_of[event.id] = row[6]
            positions.feed(event)
            continue
        opening = positions.close(event)
        if t >= window.since and row[6] in silent:
            said = says.get(tags_of[opening.id]) if opening is not None else None
            yield said or NOT_SAID, mode, pnl


def _event(row: tuple[int, int, int, int, int, str, int], names: dict[int, str], order: int) -> BotEvent:
    """As much of an event as pairing looks at."""
    t, key, bot, strategy, pair, ids, _ = row
    cls = EventClass.CLOSE if order else EventClass.OPEN
    facts = tuple(Fact(name, value) for name, value in zip(PAIRED, ids.split("\n"), strict=False) if value)
    return BotEvent(str(key), t, names[bot], "", cls, EventSource.DATABASE, names[pair], names[strategy], facts=facts)
