"""A/B by any tag of the trades' metadata: what trades with one value of it did beside those with another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from tradetop.model.unit import Unit
from tradetop.reports.asked import Asked, Report, Source, column
from tradetop.reports.estimate import Estimate, difference
from tradetop.reports.facts import tag
from tradetop.reports.results import Result, results
from tradetop.reports.rollup import Rollup

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
    sums: defaultdict[tuple[str, int], Result] = defaultdict(Result)
    grouped = results(Source(rollup, asked), "tags, opened, mode")
    numbers = {number for tags, opened, _ in grouped for number in (tags, opened)}
    says = {number: tag(text, asked.tag) for number, text in rollup.texts(numbers).items()}
    for (tags, opened, mode), one in grouped.items():
        value = says[tags] if says[tags] is not None else says.get(opened)
        place = NOT_SAID if value is None else value, mode
        sums[place] = sums[place].plus(one)
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
