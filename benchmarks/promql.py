"""Queries over a day of 153 series at 10 s, beside a real Prometheus in the same run: `./dev bench promql`.

All 16 of 247trader's panels, 120 points over 24 hours:

- **warm**: asked before, by an engine and a server that have answered them already;
- **cold**: the first time that an engine which has seen nothing answers them, beside the first time of a server that
  has just been started. Both have the history: in memory here, in blocks (and the machine's file cache) there;
- **newest**: each panel at one point, what a refresh costs.

Heavy expressions are asked at 120 points over 6 hours. A server's time is from the request to the last byte of its
answer, on a connection that is open; nobody parses it. Ours is from the text to the value. Rounds take turns, so that a
busy machine slows both alike; figures are medians. The command ends with 1 where a limit is passed.

Without a Prometheus (`apt-get install prometheus`) our own figures are printed alone. `--growth`: see growth.py.
"""

from __future__ import annotations

import argparse
import math
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from growth import growth
from history import GROUP, scrapes
from server import Prometheus, missing, prometheus, write_blocks

from tradetop.promql import Engine
from tradetop.store import MemoryStore

HOUR = 3_600_000
END = 1_700_000_000_000
POINTS = 120
LABELS = {"job": "bench", "instance": "127.0.0.1:8000"}
WARM, COLD, NEWEST, HEAVY = 0.25, 1.0, 0.12, 1.0
"""How many times a server's time ours may be."""

PANELS = (
    "trader_account_value_usd",
    "trader_daily_pnl_pct",
    "trader_open_positions",
    "trader_exposure_pct",
    "trader_daily_pnl_usd",
    "trader_max_drawdown_pct",
    "trader_trades_per_hour",
    "trader_triggers_detected",
    "trader_proposals_generated",
    "trader_triggers_to_proposals_ratio",
    "trader_rate_limiter_utilization_pct",
    "rate(trader_trades_total[5m])",
    "histogram_quantile(0.95, rate(trader_cycle_duration_seconds_bucket[5m]))",
    "rate(trader_risk_rejections_total[5m])",
    "histogram_quantile(0.95, rate(trader_api_latency_seconds_bucket[5m]))",
    "rate(trader_cycle_duration_seconds_sum[5m]) / rate(trader_cycle_duration_seconds_count[5m])",
)
DEAR = (
    "max_over_time(rate(trader_trades_total[5m])[1h:1m])",
    "sum_over_time((trader_account_value_usd > bool 0)[1h:10s])",
    "stddev_over_time(trader_account_value_usd[6h])",
    "max_over_time(trader_account_value_usd[6h])",
    "avg_over_time(trader_account_value_usd[24h])",
    "quantile_over_time(0.95, trader_exposure_pct[1h])",
    "deriv(trader_account_value_usd[1h])",
    "predict_linear(trader_account_value_usd[1h], 3600)",
    'topk(5, {__name__=~"trader_.*_total"})',
    "sum by (job) (rate(trader_trades_total[5m])) / on (job) sum by (job) (rate(trader_api_latency_seconds_count[5m]))",
    "histogram_quantile(0.95, sum by (le) (rate(trader_api_latency_seconds_bucket[1h])))",
    'count({__name__=~".+"})',
)

Work = Callable[[Engine | Prometheus], object]


def milliseconds(work: Callable[[], object]) -> float:
    """How long it takes, once."""
    began = time.perf_counter()
    work()
    return 1e3 * (time.perf_counter() - began)


def both(work: Work, engine: Engine, server: Prometheus | None, rounds: int) -> tuple[float, float]:
    """Median milliseconds of both, taking turns, after one round that does not count; NaN for who is not there."""
    asked: list[Engine | Prometheus] = [engine] if server is None else [engine, server]
    rows = [[milliseconds(partial(work, each)) for each in asked] for _ in range(rounds + 1)][1:]
    ours, *theirs = map(statistics.median, zip(*rows, strict=True))
    return ours, theirs[0] if theirs else math.nan


def report(name: str, ours: float, theirs: float, limit: float | None) -> int:
    """Print a line; 1 where it is over its limit."""
    if theirs != theirs:
        print(f"{ours:9.2f} ms {'':>9}     {'':>6}           {name}", flush=True)
        return 0
    over = limit is not None and ours / theirs > limit
    told = "" if limit is None else f"{'OVER' if over else '  ok'} {limit:g}"
    print(f"{ours:9.2f} ms {theirs:9.2f} ms {ours / theirs:6.2f}x {told:9} {name}", flush=True)
    return int(over)


def ranges(asked: Engine | Prometheus, exprs: Sequence[str], hours: int) -> None:
    """Ask for 120 points of each."""
    for expr in exprs:
        asked.range(expr, start=END - hours * HOUR, end=END, step=hours * HOUR // POINTS)


def instants(asked: Engine | Prometheus) -> None:
    """Ask each panel for its newest point."""
    for expr in PANELS:
        asked.instant(expr, at=END)


def measure(store: MemoryStore, server: Prometheus | None, rounds: int) -> int:
    """Print what was asked before, what is newest and what is dear; how many limits are passed."""
    engine = Engine(store)
    over = 0
    for hours, limit in ((24, WARM), (6, None)):
        figures = both(partial(ranges, exprs=PANELS, hours=hours), engine, server, rounds)
        over += report(f"16 panels over {hours} h, warm", *figures, limit)
    over += report("16 panels, newest point", *both(instants, engine, server, 20 * rounds), NEWEST)
    all_ours = all_theirs = 0.0
    for expr in DEAR:
        ours, theirs = both(partial(ranges, exprs=(expr,), hours=6), engine, server, rounds)
        report(f"  {expr}", ours, theirs, None)
        all_ours, all_theirs = all_ours + ours, all_theirs + theirs
    return over + report("heavy expressions together", all_ours, all_theirs, HEAVY)


def cold(store: MemoryStore, folder: Path | None, rounds: int) -> int:
    """Print what the first time costs; 1 where that is over its limit."""
    ours, theirs = [], []
    for _ in range(rounds):
        ours.append(milliseconds(partial(ranges, Engine(store), PANELS, 24)))
        if folder is not None:
            with prometheus(folder) as server:
                theirs.append(milliseconds(partial(ranges, server, PANELS, 24)))
    return report("16 panels over 24 h, cold", statistics.median(ours), statistics.median(theirs or [math.nan]), COLD)


def beside(rounds: int) -> int:
    """Print our figures, beside a server's where there is one; how many limits are passed."""
    store, pages = MemoryStore(), list(scrapes(LABELS, END))
    for t, samples in pages:
        store.append_scrape(GROUP, t, samples)
    why = missing()
    print(f"\n{store.series_count} series, 24 h at 10 s; {POINTS} points" + (f"; {why}" if why else ""))
    if why:
        return cold(store, None, rounds) + measure(store, None, rounds)
    with tempfile.TemporaryDirectory(prefix="tradetop-bench-") as place:
        folder = Path(place)
        write_blocks(folder, pages)
        del pages
        print(f"{'tradetop':>12} {'Prometheus':>12} {'ratio':>6}  limit")
        over = cold(store, folder, max(3, rounds // 2))
        with prometheus(folder) as server:
            return over + measure(store, server, rounds)


def main() -> int:
    """Print tables; 1 where a limit is passed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9, help="rounds of which each figure is the median")
    parser.add_argument("--growth", action="store_true", help="only how cost grows with series and time")
    parser.add_argument("--most", type=int, default=15_000, help="series of the largest store of --growth")
    options = parser.parse_args()
    over = growth(options.most) if options.growth else beside(options.rounds)
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
