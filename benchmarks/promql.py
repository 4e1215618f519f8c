"""247trader's sixteen panels over six hours of a day's history: `python benchmarks/promql.py`."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

from history import GROUP, scrapes

from tradetop.promql import Engine
from tradetop.store import MemoryStore

HOUR = 3_600_000
END = 1_700_000_000_000
ROUNDS = 7

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


def timed(work: Callable[[], object]) -> float:
    """Median milliseconds of several rounds, after one that does not count."""
    work()
    taken = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        work()
        taken.append(1e3 * (time.perf_counter() - began))
    return statistics.median(taken)


def main() -> None:
    """Print a table."""
    store = MemoryStore()
    began = time.perf_counter()
    for t, samples in scrapes({"job": "bench", "instance": "127.0.0.1:8000"}, END):
        store.append_scrape(GROUP, t, samples)
    print(f"{store.series_count} series, 24 h at 10 s, filled in {time.perf_counter() - began:.1f} s")

    def over_six_hours(points: int, engine: Engine) -> None:
        step = 6 * HOUR // points
        for expr in PANELS:
            engine.range(expr, start=END - 6 * HOUR, end=END, step=step)

    def newest(engine: Engine) -> None:
        for expr in PANELS:
            engine.instant(expr, at=END)

    engine = Engine(store)
    began = time.perf_counter()
    over_six_hours(120, Engine(store))
    print(f"all 16 panels, 120 points, the first time: {1e3 * (time.perf_counter() - began):7.1f} ms")
    for points in (120, 720):
        taken = timed(lambda count=points: over_six_hours(count, engine))
        print(f"all 16 panels, {points} points:                 {taken:7.1f} ms")
    print(f"the newest point of all 16:               {timed(lambda: newest(engine)):7.2f} ms")
    dearest = max(PANELS, key=lambda expr: timed(lambda: engine.instant(expr, at=END)))
    print(f"the dearest at one point: {dearest}")


if __name__ == "__main__":
    main()
