"""How the cost of a query grows with series and with time: part of `./dev bench promql`, or alone with `--growth`.

A store has counters and gauges, half and half, scraped every 10 s; collection of garbage is set as the program sets it.
A figure is the least CPU time of several rounds, since whatever else the machine does only adds to it. Beside it stands
how many times the cost of the column before it is, for each time that the column is larger: 1.00 is proportional. A
step is marked that is over by more than measuring itself varies.
"""

from __future__ import annotations

import gc
import time
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from tradetop.cli import YOUNG
from tradetop.model.labels import Labels
from tradetop.promql import Engine
from tradetop.store import MemoryStore

HOUR = 3_600_000
INTERVAL = 10_000
END = 1_700_000_000_000
POINTS = 120
FEW = 50
"""Series of the stores that grow in time."""
SERIES = (10, 150, 1_500, 15_000)
HOURS = (1, 24, 720)
ROOM = 1.5
"""What varies from one run to another: caches of a machine that others use as well."""
CHUNK = 360

SMALL = (
    ("one selector", "gauge"),
    ("rates, summed", "sum by (job) (rate(done_total[5m]))"),
    ("the five largest", "topk(5, gauge)"),
    ("a join", "done_total * on (i) group_left () gauge"),
)
LONG = (
    ("one selector", "gauge"),
    ("rates, summed", "sum by (job) (rate(done_total[5m]))"),
    ("mean of it all", "avg_over_time(gauge[{span}])"),
    ("its highest", "max_over_time(gauge[{span}])"),
    ("its deviation", "stddev_over_time(gauge[{span}])"),
)


def filled(series: int, hours: int) -> MemoryStore:
    """A store with so many series."""
    store = MemoryStore()
    names = [
        Labels({"__name__": "gauge" if i % 2 else "done_total", "i": str(i // 2), "job": f"job-{i % 14 // 2}"})
        for i in range(series)
    ]
    times = range(END - hours * HOUR + INTERVAL, END + 1, INTERVAL)
    for first in range(0, len(times), CHUNK):
        some = times[first : first + CHUNK]
        steps = range(first, first + len(some))
        columns = [
            array("d", [(n * (i % 7 + 1)) % 1_009 if i % 2 else n * (i % 7) for n in steps]) for i in range(series)
        ]
        store.append_columns("page", names, some, columns)
    return store


def least(work: Callable[[], object], rounds: int = 5) -> float:
    """The least CPU milliseconds of several rounds."""
    taken = []
    for _ in range(rounds):
        began = time.process_time()
        work()
        taken.append(1e3 * (time.process_time() - began))
    return min(taken)


@dataclass(slots=True)
class Row:
    """What one thing costs in each column."""

    name: str
    costs: list[float]

    def line(self, sizes: Sequence[int]) -> tuple[str, int]:
        """The row as text, and how many of its steps are worse than proportional."""
        cells, over = [f"{self.name:34} {self.costs[0]:10.3f} ms      "], 0
        for i in range(1, len(sizes)):
            factor = self.costs[i] / self.costs[i - 1] / (sizes[i] / sizes[i - 1])
            over += factor > ROOM
            cells.append(f"{self.costs[i]:10.3f} ms {factor:5.2f}{'*' if factor > ROOM else ' '}")
        return "".join(cells), over


def _table(title: str, heads: Sequence[str], rows: Sequence[Row], sizes: Sequence[int]) -> int:
    """Print a table; how many steps are worse than proportional."""
    print(f"\n{title:34} " + "".join(f"{head:>13}      " for head in heads))
    over = 0
    for row in rows:
        text, worse = row.line(sizes)
        over += worse
        print(text, flush=True)
    return over


def _first(store: MemoryStore, expr: str, start: int, step: int) -> None:
    """Ask an engine that has seen nothing."""
    Engine(store).range(expr, start=start, end=END, step=step)


def _costs(store: MemoryStore, hours: int, queries: Sequence[tuple[str, str]]) -> dict[str, float]:
    """What each query costs: the first time, again, and at one point."""
    start, step = END - hours * HOUR + INTERVAL, hours * HOUR // POINTS
    costs: dict[str, float] = {}
    for name, expr in queries:
        engine = Engine(store)
        costs[f"{name}, {POINTS} points, first"] = least(partial(_first, store, expr, start, step), 3)
        costs[f"{name}, again"] = least(partial(engine.range, expr, start=start, end=END, step=step), 3)
        costs[f"{name}, newest"] = least(partial(engine.instant, expr, at=END))
    return costs


def growth(most: int) -> int:
    """Print both tables; how many steps are worse than proportional."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 10, 10)
    sizes = [n for n in SERIES if n <= most]
    rows: dict[str, Row] = {}
    for n in sizes:
        for name, cost in _costs(filled(n, 1), 1, SMALL).items():
            rows.setdefault(name, Row(name, [])).costs.append(cost)
    over = _table("1 h of history", [f"{n:,} series" for n in sizes], list(rows.values()), sizes)
    rows = {}
    for hours in HOURS:
        queries = [(name, expr.format(span=f"{hours}h")) for name, expr in LONG]
        for name, cost in _costs(filled(FEW, hours), hours, queries).items():
            rows.setdefault(name, Row(name, [])).costs.append(cost)
    return over + _table(f"{FEW} series", [f"{h:,} h" for h in HOURS], list(rows.values()), HOURS)
