"""What must hold whatever the samples are."""

from __future__ import annotations

import math
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from tradetop.model.labels import Labels
from tradetop.model.sample import STALE
from tradetop.model.value import Matrix, Vector
from tradetop.promql import Engine
from tradetop.store import MemoryStore

SCRAPE = 10_000
NAMES = [
    Labels({"__name__": "a_total", "x": "1"}),
    Labels({"__name__": "a_total", "x": "2"}),
    Labels({"__name__": "b", "x": "1"}),
    Labels({"__name__": "h_bucket", "le": "1.0"}),
    Labels({"__name__": "h_bucket", "le": "+Inf"}),
]
VALUES = st.integers(0, 9).map(float) | st.sampled_from([math.nan, math.inf, 0.5])
PAGES = st.lists(
    st.none() | st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=len(NAMES)), min_size=1, max_size=20
)
EXPRESSIONS = st.sampled_from(
    [
        "a_total",
        "a_total offset 20s",
        "rate(a_total[1m])",
        "increase(a_total[35s]) > 0",
        "delta(b[1m])",
        "irate(a_total[1m])",
        "sum by (x) (a_total)",
        "a_total * on(x) group_left b",
        "a_total or b",
        "a_total unless on(x) b > 3",
        "topk(1, a_total)",
        "topk(2, {__name__=~'.+'})",
        "bottomk by (x) (1, {__name__=~'.+'})",
        "limitk(2, {__name__=~'.+'})",
        "quantile(0.7, a_total)",
        "count_values('v', a_total)",
        "max_over_time(a_total[40s])",
        "avg_over_time(sum(a_total)[1m:10s])",
        "absent(b)",
        "absent_over_time(b[30s])",
        "histogram_quantile(0.5, rate(h_bucket[1m]))",
        "changes(a_total[1m]) + resets(a_total[1m])",
        "scalar(b) + 1",
        "-a_total",
        "stddev_over_time(a_total[1m])",
        "stdvar_over_time(b[2m])",
        "sum_over_time(a_total[2m])",
        "min_over_time(b[90s])",
        "quantile_over_time(0.3, a_total[2m])",
        "mad_over_time(a_total[2m])",
        "deriv(a_total[2m])",
        "predict_linear(b[90s], 60)",
        "count_over_time(b[2m]) + first_over_time(b[2m])",
        "sum_over_time((b > bool 2)[2m:7s])",
        "last_over_time(b[1m]) or vector(time())",
    ]
)

Pages = list[dict[Labels, float] | None]
Found = list[tuple[Labels, str]]


def watch(store: MemoryStore, pages: Pages, first: int = 0) -> MemoryStore:
    for slot, page in enumerate(pages, first):
        if page is None:
            store.append_failed("scrape", slot * SCRAPE)
        else:
            store.append_scrape("scrape", slot * SCRAPE, page)
    return store


def found(engine: Engine, expr: str, at: int) -> Found:
    """The result at an instant, NaN comparable and in a fixed order."""
    value = engine.instant(expr, at=at)
    if isinstance(value, Vector):
        return sorted(((s.labels, repr(s.value)) for s in value.samples), key=str)
    return [(Labels(), repr(getattr(value, "value", None)))]


@settings(max_examples=200)
@given(PAGES, EXPRESSIONS)
def test_an_instant_is_a_step_of_a_range(pages: Pages, expr: str) -> None:
    engine = Engine(watch(MemoryStore(), pages))
    end = len(pages) * SCRAPE + 20_000
    value = engine.range(expr, start=0, end=end, step=7_000)
    assert isinstance(value, Matrix)
    for at in range(0, end, 7_000):
        there = [(s.labels, repr(v)) for s in value.series for t, v in zip(s.times, s.values, strict=True) if t == at]
        assert sorted(there, key=str) == found(engine, expr, at)


@given(PAGES, PAGES, EXPRESSIONS, st.integers(0, 25))
def test_later_samples_change_nothing_of_an_earlier_time(past: Pages, future: Pages, expr: str, lag: int) -> None:
    store = watch(MemoryStore(), past)
    engine = Engine(store)
    at = max(0, len(past) - 1 - lag) * SCRAPE + 3_000
    before = found(engine, expr, at)
    watch(store, future, first=len(past))
    assert found(engine, expr, at) == before
    assert found(Engine(store), expr, at) == before


@settings(max_examples=200)
@given(PAGES, EXPRESSIONS)
def test_an_engine_that_watched_from_the_start_agrees_with_a_new_one(pages: Pages, expr: str) -> None:
    store = MemoryStore()
    watching = Engine(store)
    for slot, page in enumerate(pages):
        watch(store, [page], first=slot)
        found(watching, expr, slot * SCRAPE)
    at = len(pages) * SCRAPE
    assert found(watching, expr, at) == found(Engine(store), expr, at)


@given(PAGES, EXPRESSIONS, st.randoms())
def test_the_order_of_labels_and_series_never_matters(pages: Pages, expr: str, random: object) -> None:
    shuffled: Pages = []
    for page in pages:
        if page is None:
            shuffled.append(None)
            continue
        items = list(page.items())
        random.shuffle(items)  # type: ignore[attr-defined]
        shuffled.append({Labels(dict(reversed(list(labels.items())))): value for labels, value in items})
    at = (len(pages) - 1) * SCRAPE + 5_000
    one, other = (found(Engine(watch(MemoryStore(), each)), expr, at) for each in (pages, shuffled))
    assert one == other


@given(
    st.lists(st.none() | st.integers(0, 30).map(float) | st.just(math.nan), min_size=1, max_size=40),
    st.integers(1, 300).map(lambda s: s * 1_000),
    st.integers(0, 420).map(lambda s: s * 1_000),
)
def test_a_counters_increase_is_that_of_prometheus_sample_by_sample(
    values: list[float | None], span: int, at: int
) -> None:
    store = MemoryStore()
    samples: list[tuple[int, float]] = []
    ended = True
    for slot, value in enumerate(values):
        if value is not None:
            store.append({"__name__": "a_total"}, slot * SCRAPE, value)
            samples.append((slot * SCRAPE, value))
        elif not ended:
            store.append({"__name__": "a_total"}, slot * SCRAPE, STALE)
        ended = value is None
    expected = increase([s for s in samples if at - span < s[0] <= at], at - span, at)
    engine = Engine(store)
    for expr, divisor in (("increase", 1), ("rate", span / 1_000)):
        value = engine.instant(f"{expr}(a_total[{span}ms])", at=at)
        assert isinstance(value, Vector)
        if expected is None:
            assert value.samples == ()
        else:
            assert math.isclose(value.samples[0].value, expected / divisor, rel_tol=1e-9, abs_tol=1e-12) or (
                math.isnan(expected) and math.isnan(value.samples[0].value)
            )


def increase(samples: list[tuple[int, float]], start: int, end: int) -> float | None:
    """Word for word what extrapolatedRate of Prometheus does with a window's samples."""
    if len(samples) < 2:
        return None
    result = samples[-1][1] - samples[0][1]
    for (_, before), (_, now) in pairwise(samples):
        if now < before:
            result += before
    to_start, to_end = (samples[0][0] - start) / 1_000, (end - samples[-1][0]) / 1_000
    covered = (samples[-1][0] - samples[0][0]) / 1_000
    average = covered / (len(samples) - 1)
    if to_start >= average * 1.1:
        to_start = average / 2
    if result > 0 and samples[0][1] >= 0:
        to_start = min(to_start, covered * (samples[0][1] / result))
    if to_end >= average * 1.1:
        to_end = average / 2
    return result * ((covered + to_start + to_end) / covered)
