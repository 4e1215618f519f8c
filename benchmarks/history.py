"""A day of invented history in the shape of the sample bot's page, for a store in memory or in a file.

python benchmarks/history.py                       # what a day costs, for 10, 153 and 1,500 series
python benchmarks/history.py --series 153 --week   # and what a query over a week of it costs
"""

from __future__ import annotations

import argparse
import gc
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

from tradetop.demo.exporter import Exporter
from tradetop.demo.story import stress
from tradetop.demo.trader import Trader
from tradetop.model.labels import Labels
from tradetop.model.matcher import Matcher, MatchOp
from tradetop.promql import Engine
from tradetop.scrape.exposition import PageParser
from tradetop.store import MemoryStore
from tradetop.store.archive import Archive
from tradetop.store.file import HistoryReader, HistoryWriter

SERIES = 153
INTERVAL = 10_000
GROUP = "scrape"
_CONSTANT = ("_created", "_info", "_start_time_seconds", "_max_fds", "padding")


def page(minutes: int = 15) -> str:
    """The sample bot's page after some minutes."""
    trader, exporter = Trader(7), Exporter()
    for _ in trader.live_past():
        pass
    for t in range(minutes * 60):
        exporter.record(trader.advance(t, stress(t, 7)), trader.standing(t))
    return exporter.page().decode()


def scrapes(
    labels: Mapping[str, str], end: int, hours: int = 24, series: int = SERIES
) -> Iterator[tuple[int, dict[Labels, float]]]:
    """Scrapes of so many series every 10 s up to `end` (ms): gauges wander, counters grow now and then."""
    dice = random.Random(7)
    current = first = dict(PageParser(labels).parse(page()).samples)
    if series > SERIES:
        # A page of many bots: all of them move as the one does.
        bots = range(series // len(first) + 1)
        current = {Labels({**name, "n": str(n)}): value for n in bots for name, value in first.items()}
    for i in range(series - len(current)):
        current[Labels({**labels, "__name__": "padding", "i": str(i)})] = 1.0
    current = dict(list(current.items())[:series])
    alike = max(1, series // SERIES)
    counters = [name for name in current if name.name.endswith(("_total", "_count", "_sum", "_bucket"))]
    gauges = [n for n in current if n not in counters and current[n] != 0 and not n.name.endswith(_CONSTANT)]
    start = dict(current)
    for t in range(end - hours * 3_600_000, end, INTERVAL):
        for name in dice.sample(counters, min(6 * alike, len(counters))):
            current[name] += dice.randrange(1, 4)
        for name in dice.sample(gauges, min(12 * alike, len(gauges))):
            back = 0.03 * (start[name] - current[name])
            current[name] = round(current[name] + back + start[name] * dice.gauss(0, 0.003), 4)
        yield t, dict(current)


def _resident() -> float:
    """KiB of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4


def _median(work: Callable[[], object], times: int = 5) -> tuple[float, float]:
    """Milliseconds on the wall, and of the processor."""
    walls, cpus = [], []
    for _ in range(times):
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        walls.append(1e3 * (time.perf_counter() - wall))
        cpus.append(1e3 * (time.process_time() - cpu))
    return statistics.median(walls), statistics.median(cpus)


def _written(path: Path, series: int, hours: int, end: int) -> tuple[float, float]:
    """A history of so many hours; the mean and the longest time of one commit (ms of the processor), with packing."""
    writer, costs = HistoryWriter.open(path, now=end), []
    for t, found in scrapes({"job": "bench", "instance": "127.0.0.1:8000"}, end, hours, series):
        before = time.process_time()
        writer.append_scrape(GROUP, t, found)
        costs.append(1e3 * (time.process_time() - before))
    writer.close()
    assert not writer.reason, writer.reason
    return statistics.mean(costs), max(costs)


def _page_cost() -> float:
    """Milliseconds of the processor in which a page is parsed and appended to memory."""
    text, parser, store = page(), PageParser({"job": "bench"}), MemoryStore()
    parser.parse(text)
    times = iter(range(0, 10**9, INTERVAL))
    return _median(lambda: store.append_scrape(GROUP, next(times), parser.parse(text).samples), 300)[1]


def _growth(path: Path) -> float:
    """By how many KiB a process grows that loads a history."""
    HistoryReader.open(path).load(MemoryStore(), 2**60)
    gc.collect()
    before, kept = _resident(), MemoryStore()
    HistoryReader.open(path).load(kept, 0)
    return _resident() - before


def _day(series: int, hours: int) -> None:
    end = 1_700_000_000_000
    with tempfile.TemporaryDirectory() as home:
        path = Path(home) / "history.db"
        mean, longest = _written(path, series, hours, end)
        size = path.stat().st_size / 2**20 * 24 / hours
        # In a process of its own: here, pages that were let go would be taken again.
        measured = [sys.executable, __file__, "--load", str(path)]
        memory = float(subprocess.run(measured, capture_output=True, check=True).stdout) / series * 24 / hours
        wall, cpu = _median(lambda: HistoryReader.open(path).load(MemoryStore(), 0))
        figures = f"{mean:8.3f} {longest:8.2f} {size:8.2f} {wall:8.0f} {cpu:8.0f} {memory:10.1f}"
        print(f"{series:8,} {hours:6} {figures}", flush=True)


def _week(series: int) -> None:
    end = 1_700_000_000_000
    with tempfile.TemporaryDirectory() as home:
        path = Path(home) / "history.db"
        _written(path, series, 7 * 24, end)
        print(f"a week of {series:,} series: {path.stat().st_size / 2**20:.1f} MiB")
        gc.collect()
        before, archive = _resident(), Archive(path)
        names = archive.names()
        chosen = [[Matcher("__name__", MatchOp.EQUAL, name)] for name in names]
        cold = [_median(partial(archive.select, matchers, 0, end), 1)[0] for matchers in chosen]
        print(
            f"one of {len(names)} metrics for the first time: {statistics.median(cold):.0f} ms, {max(cold):.0f} at most"
        )
        print(f"all of them: {(_resident() - before) / 1024:.0f} MiB")
        engine = Engine(archive)
        name = next(name for name in names if name.endswith("_total"))
        span = {"start": end - 7 * 24 * 3_600_000, "end": end, "step": 5_040_000}
        print(
            f"rate of one over it, 120 points: {_median(lambda: engine.range(f'rate({name}[5m])', **span))[0]:.1f} ms"
        )


def main() -> None:
    """Print the tables."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--series", type=int, action="append")
    options.add_argument("--hours", type=int, default=24)
    options.add_argument("--week", action="store_true")
    options.add_argument("--load", type=Path, help=argparse.SUPPRESS)
    said = options.parse_args()
    if said.load is not None:
        print(_growth(said.load))
        return
    print(f"a page of the sample bot is parsed and appended in {_page_cost():.3f} ms of the processor")
    print("  series  hours   commit  longest  MiB/day  load ms   cpu ms  KiB/s-day")
    for series in said.series or (10, SERIES, 1_500):
        _day(series, said.hours)
        if said.week:
            _week(series)


if __name__ == "__main__":
    main()
