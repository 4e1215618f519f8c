"""The most frequent errors, and the pairs that they go with."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass

from tradetop.model.unit import Unit
from tradetop.reports.asked import EVERY, Asked, Report, Source, column
from tradetop.reports.estimate import FEW, Estimate, share
from tradetop.reports.rollup import Rollup

MOST = 50
"""Errors that are told, the most frequent first."""
PAIRS = 3
"""Pairs that are named with each."""
_USUAL = f"X USUAL is told from {FEW} errors on, where the interval lies above what is usual: else it may be chance"
_Kind = tuple[int, int]
"""Category and message, by their numbers."""


@dataclass(frozen=True, slots=True)
class Errors:
    """Errors that say the same but for numbers and ids."""

    category: str = column("CATEGORY", Unit.NONE)
    message: str = column("MESSAGE", Unit.NONE)
    n: int = column("N")
    share: Estimate = column("OF ALL ERRORS", Unit.RATIO)
    bots: int = column("BOTS")
    """How many bots have it."""
    pair: str = column("PAIR", Unit.NONE)
    """The pair that it goes with most: of whose events it is the largest share, by the interval's lower end."""
    pair_n: int = column("ON IT")
    pair_share: Estimate = column("OF THAT PAIR'S EVENTS", Unit.RATIO)
    times_usual: float | None = column("X USUAL", Unit.NONE)
    """That share over the share that this error has of all events; None where chance may explain it."""
    pairs: str = column("PAIRS", Unit.NONE)
    """The pairs with most of these errors, and how many."""


def errors(rollup: Rollup, asked: Asked) -> Report:
    """A row for each kind of error, the most frequent first."""
    activity, kinds, bots = _counted(Source(rollup, asked))
    counts = {kind: on.total() for kind, on in kinds.items()}
    total = sum(counts.values())
    top = sorted(counts, key=lambda kind: (-counts[kind], kind))[:MOST]
    names = rollup.texts({i for kind in top for i in (*kind, *kinds[kind])})
    rows = [_row(names, kind, kinds[kind], len(bots[kind]), total, activity) for kind in top]
    rows.sort(key=lambda row: (-row.n, row.category, row.message))
    notes = [_USUAL] if rows else []
    if len(counts) > MOST:
        notes.append(f"{len(counts) - MOST:,} rarer kinds are left out")
    return Report("errors", asked.window, Errors, rows, tuple(notes))


def _counted(source: Source) -> tuple[Counter[int], dict[_Kind, Counter[int]], dict[_Kind, set[int]]]:
    """Events by pair, errors of each kind by pair, and the bots that have them."""
    whole, edges = source.apart()
    if whole is not None and source.bot != EVERY:
        # By day errors are kept for all bots together.
        whole, edges = None, [source]
    activity: Counter[int] = Counter()
    kinds: defaultdict[_Kind, Counter[int]] = defaultdict(Counter)
    bots: defaultdict[_Kind, set[int]] = defaultdict(set)
    for edge in edges:
        activity.update(dict(edge.hours("pair, SUM(n)", "pairs", "GROUP BY pair")))
        grouped = "GROUP BY category, message, bot, pair"
        for category, message, bot, pair, n in edge.hours("category, message, bot, pair, SUM(n)", "errors", grouped):
            kinds[category, message][pair] += n
            bots[category, message].add(bot)
    if whole is not None:
        activity.update(dict(whole.days("pair, SUM(n)", "pair_days", "GROUP BY pair")))
        grouped = "GROUP BY category, message, pair"
        for category, message, pair, n in whole.days("category, message, pair, SUM(n)", "error_pairs", grouped):
            kinds[category, message][pair] += n
        for category, message, bot in whole.days("DISTINCT category, message, bot", "error_bots"):
            bots[category, message].add(bot)
    return activity, kinds, bots


def _row(
    names: dict[int, str], kind: tuple[int, int], on: Counter[int], bots: int, total: int, activity: Counter[int]
) -> Errors:
    n, of_all = on.total(), activity.total()
    named = [(pair, k) for pair, k in on.items() if names[pair]]
    most = max(named, key=lambda one: (share(one[1], activity[one[0]]).low or 0.0, names[one[0]]), default=None)
    pair, pair_n = most or (None, 0)
    on_pair = share(pair_n, activity[pair] if pair is not None else 0)
    usual = n / of_all if of_all else 0.0
    return Errors(
        category=names[kind[0]],
        message=names[kind[1]],
        n=n,
        share=share(n, total),
        bots=bots,
        pair=names[pair] if pair is not None else "",
        pair_n=pair_n,
        pair_share=on_pair,
        times_usual=on_pair.value / usual if on_pair.value and n >= FEW and (on_pair.low or 0.0) > usual else None,
        pairs=", ".join(f"{names[p]} {k:,}" for p, k in sorted(named, key=lambda x: (-x[1], names[x[0]]))[:PAIRS]),
    )
