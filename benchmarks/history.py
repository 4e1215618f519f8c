"""A day of invented history in the shape of the sample bot's page, for a store in memory or in a file."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping

from tradetop.demo.exporter import Exporter
from tradetop.demo.story import stress
from tradetop.demo.trader import Trader
from tradetop.model.labels import Labels
from tradetop.scrape.exposition import PageParser

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


def scrapes(labels: Mapping[str, str], end: int, hours: int = 24) -> Iterator[tuple[int, dict[Labels, float]]]:
    """Scrapes of 153 series every 10 s up to `end` (ms): gauges wander, counters grow now and then."""
    dice = random.Random(7)
    current = dict(PageParser(labels).parse(page()).samples)
    for i in range(SERIES - len(current)):
        current[Labels({**labels, "__name__": "padding", "i": str(i)})] = 1.0
    current = dict(list(current.items())[:SERIES])
    counters = [name for name in current if name.name.endswith(("_total", "_count", "_sum", "_bucket"))]
    gauges = [n for n in current if n not in counters and current[n] != 0 and not n.name.endswith(_CONSTANT)]
    start = dict(current)
    for t in range(end - hours * 3_600_000, end, INTERVAL):
        for name in dice.sample(counters, 6):
            current[name] += dice.randrange(1, 4)
        for name in dice.sample(gauges, min(12, len(gauges))):
            back = 0.03 * (start[name] - current[name])
            current[name] = round(current[name] + back + start[name] * dice.gauss(0, 0.003), 4)
        yield t, dict(current)
