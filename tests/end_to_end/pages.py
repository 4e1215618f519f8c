"""Pages of the two documented bots: a value for each metric, and the text that a bot with these values serves."""

from __future__ import annotations

import random
from collections.abc import Mapping

from presets.test_documented import POLYBOT, TRADER, Metric
from tradetop.model.labels import Labels

Values = Mapping[Metric, float]

CALM = {
    "trader_triggers_to_proposals_ratio": 0.3,
    "trader_risk_rejections_total": 0.0,
    "trader_circuit_breaker_trips": 0.0,
    "trader_api_latency_seconds": 0.5,
    "trader_open_positions": 3.0,
    "trader_daily_pnl_pct": -1.0,
    "polybot_http_requests_total": 0.0,
}
"""Values within every limit, where the usual ones are not."""


def distinct(metrics: tuple[Metric, ...], seed: int = 11) -> dict[Metric, float]:
    """A distinct random value for each metric, told apart even when shown without decimals."""
    rng = random.Random(seed)
    wholes = rng.sample(range(10, 10 + 4 * len(metrics), 4), len(metrics))
    return {metric: whole + rng.uniform(0.1, 0.4) for metric, whole in zip(metrics, wholes, strict=True)}


def calm(metrics: tuple[Metric, ...]) -> dict[Metric, float]:
    """Values that cross no threshold."""
    return {metric: CALM.get(metric.name, 2.0) for metric in metrics}


def named(metrics: tuple[Metric, ...], name: str) -> Metric:
    """The first metric of a name."""
    return next(metric for metric in metrics if metric.name == name)


def text(values: Values, seconds: float) -> str:
    """The page of a bot that has run so long: gauges show their value, counters grow by it each second."""
    samples: dict[Labels, float] = {}
    for metric, value in values.items():
        samples |= metric.samples(value, seconds)
    return "".join(f"{labels} {value!r}\n" for labels, value in samples.items())


__all__ = ["POLYBOT", "TRADER", "Metric", "Values", "calm", "distinct", "named", "text"]
