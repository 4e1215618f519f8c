"""Our page parser beside prometheus_client's: `python benchmarks/exposition.py`."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

from history import page
from prometheus_client.parser import text_string_to_metric_families

from tradetop.scrape.exposition import PageParser

ROUNDS = 9


def timed(work: Callable[[], object]) -> float:
    """Median seconds of several rounds, after one that does not count."""
    work()
    taken = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def larger(text: str, times: int) -> str:
    """The page with its labelled samples repeated under further label values."""
    lines = text.splitlines()
    more = [line.replace("{", f'{{copy="{i}",', 1) for i in range(times) for line in lines if "{" in line]
    return "\n".join([*lines, *more, ""])


def main() -> None:
    """Print a table."""
    print(f"{'samples':>8} {'first ms':>10} {'again ms':>10} {'prometheus_client ms':>22} {'ratio':>8}")
    for times in (0, 20, 200):
        text = larger(page(), times)
        parser = PageParser({"job": "bench", "instance": "127.0.0.1:8000"})
        samples = len(parser.parse(text).samples)

        def fresh(text: str = text) -> object:
            return PageParser({"job": "bench", "instance": "127.0.0.1:8000"}).parse(text)

        def again(text: str = text, parser: PageParser = parser) -> object:
            return parser.parse(text)

        def theirs(text: str = text) -> object:
            return [family.samples for family in text_string_to_metric_families(text)]

        first, known, other = timed(fresh), timed(again), timed(theirs)
        row = f"{samples:8,} {1e3 * first:10.2f} {1e3 * known:10.2f} {1e3 * other:22.2f} {other / known:7.1f}x"
        print(row)


if __name__ == "__main__":
    main()
