"""Windows that slide give the numbers of a real Prometheus, which looks at every sample of every window."""

from __future__ import annotations

import json
import math
import random
import urllib.request
from pathlib import Path
from urllib.parse import urlencode

import pytest

from servers.prometheus import PATIENCE, Sample, prometheus
from tradetop.model.labels import Labels
from tradetop.model.value import Matrix
from tradetop.promql import Engine
from tradetop.store import MemoryStore

START = 1_700_000_000_000
SCRAPE = 10_000
COUNT = 720
STEP = 90_000
OFF = 3
"""Milliseconds by which no window begins or ends at a sample: versions differ in whether that one belongs to it."""

FUNCTIONS = (
    *(
        f"{name}_over_time(m[W])"
        for name in ("sum", "avg", "min", "max", "count", "stddev", "stdvar", "last", "present")
    ),
    *(f"quantile_over_time({level}, m[W])" for level in (0, 0.37, 0.99, 1, -1)),
    *("deriv(m[W])", "predict_linear(m[W], 600)", "changes(m[W])", "resets(m[W])", "delta(m[W])", "increase(m[W])"),
    *("topk(1, m)", "bottomk(1, m)", "sum by (kind) (m)", "stddev(m)", "quantile(0.3, m)"),
    "sum_over_time((m > bool 5)[W:10003ms])",
    "max_over_time(deriv(m[61s])[W:30003ms])",
)
SPANS = ("95s", "20m", "100m")


def samples() -> list[Sample]:
    """Numbers of many kinds, each a series: prices, counters that start again, steps, large ones, small ones."""
    dice = random.Random(11)
    price, count = 30_000.0, 0.0
    found: list[Sample] = []
    for i in range(COUNT):
        price = round(price * (1 + dice.gauss(0, 0.0005)), 2)
        count = 0.0 if dice.random() < 0.01 else count + dice.choice((0, 0, 1, 3))
        values = {
            "price": price,
            "count": count,
            "step": float(i // 50 % 4),
            "wave": math.sin(i / 30) * 1e-7,
            "time": START / 1_000 + 10 * i + dice.random(),
            "large": dice.choice((-1, 1)) * 2.0 ** dice.randrange(20),
        }
        found += [
            (START + i * SCRAPE, Labels({"__name__": "m", "kind": kind}), value)
            for kind, value in values.items()
            if kind != "step" or i % 97 > 5
        ]
    return found


@pytest.mark.servers
def test_numbers_over_windows_are_those_of_prometheus(tmp_path: Path) -> None:
    recorded = samples()
    store = MemoryStore()
    for t, labels, value in recorded:
        store.append(labels, t, value)
    engine = Engine(store)
    start, end = START + OFF, START + COUNT * SCRAPE + OFF
    wrong = []
    with prometheus(tmp_path) as server:
        server.write(recorded)
        for expr in sorted({expr.replace("W", span) for expr in FUNCTIONS for span in SPANS}):
            query = urlencode({"query": expr, "start": start / 1e3, "end": end / 1e3, "step": STEP / 1e3})
            with urllib.request.urlopen(f"{server.url}/api/v1/query_range?{query}", timeout=PATIENCE) as answer:
                rows = json.load(answer)["data"]["result"]
            theirs = {Labels(row["metric"]): {round(t * 1e3): float(v) for t, v in row["values"]} for row in rows}
            found = engine.range(expr, start=start, end=end, step=STEP)
            assert isinstance(found, Matrix)
            ours = {s.labels: dict(zip(s.times, s.values, strict=True)) for s in found.series}
            wrong += [f"{expr}: {each}" for each in differences(ours, theirs)]
    assert "\n".join(wrong) == ""


def differences(ours: dict[Labels, dict[int, float]], theirs: dict[Labels, dict[int, float]]) -> list[str]:
    if ours.keys() != theirs.keys():
        return [f"series {sorted(map(str, ours))} instead of {sorted(map(str, theirs))}"]
    return [
        f"{labels} at {t}: {ours[labels].get(t)} instead of {value}"
        for labels, values in theirs.items()
        for t, value in values.items()
        if not math.isclose(ours[labels].get(t, math.nan), value, rel_tol=tolerance(labels), abs_tol=1e-18)
    ]


def tolerance(labels: Labels) -> float:
    """Slopes of numbers of 10^9 are where Prometheus' own rounding shows."""
    return 1e-7 if labels.get("kind") == "time" else 1e-9
