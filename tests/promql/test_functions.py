"""Functions, each on samples small enough to work out by hand."""

from __future__ import annotations

import math

import pytest

from tradetop.model.value import Matrix, Scalar, Vector
from tradetop.promql import Engine
from tradetop.store import MemoryStore

MINUTE = 60_000
STEP = 5 * MINUTE
SPECIAL = {"NaN": math.nan, "Inf": math.inf, "-Inf": -math.inf}

LOADS = {
    'resets{path="foo"}': "1 2 3 0 1 0 0 1 2 0",
    'resets{path="bar"}': "1 2 3 4 5 1 2 3 4 5",
    "nans": "NaN 0 NaN NaN 0",
    'grows_total{path="foo"}': "0+10x10",
    'grows_total{path="bar"}': "0+18x5 0+18x5",
    'grows_total{path="dings"}': "10+10x10",
    'grows_total{path="bumms"}': "1+10x10",
    "falls_total": "0 1 2 3 2 3 4",
    "gauge": "0 50 100 150 200",
    "saw": "0+10x4 0+10x5",
    "infinite": "-Inf 0+80x8 Inf",
    "flat": "3 3 3 3",
    "few": "0 8 8 2 3",
    "odd": "1 NaN 3",
    "holes": "1 _ _ 4 _ 6",
    "half": "-2.5 -0.5 0.5 1.5 2.5 NaN Inf",
    'b{le="0.1"}': "0+5x10",
    'b{le=".2"}': "0+7x10",
    'b{le="1e0"}': "0+11x10",
    'b{le="+Inf"}': "0+12x10",
    'c{le="-.2"}': "0+1x10",
    'c{le="-0.1"}': "0+2x10",
    'c{le="0.3"}': "0+2x10",
    'c{le="+Inf"}': "0+3x10",
    'mixed{le="0.1"}': "0+1x10",
    'mixed{le="0.2"}': "0+1x10",
    'mixed{le="2e-1"}': "0+1x10",
    'mixed{le="+Inf"}': "0+4x10",
    'unordered{le="1"}': "5",
    'unordered{le="2"}': "3",
    'unordered{le="+Inf"}': "10",
    'bounded{le="1"}': "5",
    'lost{le="1"}': "1",
    'lost{le="+Inf"}': "NaN",
    'fallen{le="1"}': "9",
    'fallen{le="2"}': "3",
    'fallen{le="3"}': "8",
    'fallen{le="+Inf"}': "10",
    'nearly{le="1"}': "10",
    'nearly{le="2"}': "9.9999999999999",
    'nearly{le="+Inf"}': "10",
    'odd_bounds{le="1"}': "2",
    'odd_bounds{le="1_5"}': "9",
    'odd_bounds{le="nonsense"}': "9",
    'odd_bounds{le="inf"}': "2",
    'empty{le="1"}': "0",
    'empty{le="+Inf"}': "0",
    'host{name="web-10",zone="a"}': "1",
    'host{name="web-9",zone="b"}': "2",
    'mixed_names{name="1"}': "3",
    'mixed_names{name="-1"}': "2",
    'mixed_names{name="a"}': "6",
    'mixed_names{name="10"}': "5",
    'mixed_names{name="9z"}': "4",
    'mixed_names{other="x"}': "1",
    "epoch": "0 951782400 1456790399 4102444800 -1",
}
"""In the notation of Prometheus' tests: 0+10x3 is 0 10 20 30, _ a gap; five minutes apart."""


def samples(text: str) -> list[float | None]:
    out: list[float | None] = []
    for word in text.split():
        head, cross, times = word.partition("x")
        if not cross:
            out.append(None if word == "_" else SPECIAL.get(word, math.nan) if word in SPECIAL else float(word))
            continue
        first, _, step = head.rpartition("+")
        out += [float(first) + n * float(step) for n in range(int(times) + 1)]
    return out


@pytest.fixture(scope="module")
def engine() -> Engine:
    store = MemoryStore()
    for series, text in LOADS.items():
        name, _, rest = series.partition("{")
        labels = dict(pair.split("=") for pair in rest.rstrip("}").split(",") if pair)
        for n, value in enumerate(samples(text)):
            if value is not None:
                store.append({"__name__": name, **{k: v.strip('"') for k, v in labels.items()}}, n * STEP, value)
    return Engine(store)


def values(engine: Engine, expr: str, at: int) -> list[float]:
    value = engine.instant(expr, at=at)
    if isinstance(value, Scalar):
        return [value.value]
    assert isinstance(value, Vector)
    return [sample.value for sample in value.samples]


CASES = [
    # Slopes and counters.
    ("increase(grows_total[50m])", 50, [100, 160, 100, 100]),
    ("increase(grows_total[100m])", 50, [100, 162, 105, 101]),
    ("increase(falls_total[30m])", 30, [7]),
    ('rate(grows_total{path="foo"}[50m])', 50, [100 / 3_000]),
    ('rate(grows_total{path="foo"}[10m] offset 5m)', 50, [10 / 300]),
    ('rate(grows_total{path="foo"}[5m])', 50, []),
    ("irate(grows_total[50m])", 50, [10 / 300, 18 / 300, 10 / 300, 10 / 300]),
    ('irate(grows_total{path="bar"}[50m])', 30, [0]),
    ("delta(gauge[20m])", 20, [200]),
    ("idelta(gauge[20m])", 20, [50]),
    ('resets(resets{path="foo"}[32m])', 50, [2]),
    ("resets(resets[50m])", 50, [3, 1]),
    ("changes(resets[50m])", 50, [7, 8]),
    ("changes(nans[30m])", 20, [3]),
    ("deriv(saw[100m])", 50, [0.010606060606060607]),
    ("deriv(infinite[100m])", 45, [math.nan]),
    ("deriv(flat[20m])", 15, [0]),
    ("predict_linear(saw[50m], 3600)", 50, [70]),
    ("predict_linear(saw[55m] @ 3000, 3600)", 50, [76.81818181818181]),
    ("predict_linear(saw[55m] @ 3000, 3600)", 10, [51.36363636363637]),
    ("double_exponential_smoothing(gauge[21m], 0.01, 0.1)", 20, [200]),
    # Over time.
    ("avg_over_time(few[26m])", 20, [4.2]),
    ("sum_over_time(few[26m])", 20, [21]),
    ("count_over_time(holes[26m])", 25, [3]),
    ("min_over_time(few[26m])", 20, [0]),
    ("max_over_time(few[26m])", 20, [8]),
    ("max_over_time(odd[20m])", 10, [3]),
    ("min_over_time(nans[4m])", 0, [math.nan]),
    ("stdvar_over_time(few[26m])", 20, [10.56]),
    ("stddev_over_time(few[26m])", 20, [3.249615361854384]),
    ("quantile_over_time(0.5, few[26m])", 20, [3]),
    ("quantile_over_time(0.75, few[26m])", 20, [8]),
    ("quantile_over_time(1.1, few[26m])", 20, [math.inf]),
    ("quantile_over_time(-1, few[26m])", 20, [-math.inf]),
    ("quantile_over_time(scalar(flat offset 5m) / 6, few[26m])", 20, [3]),
    ("mad_over_time(few[26m])", 20, [3]),
    ("first_over_time(few[16m])", 20, [8]),
    ("last_over_time(holes[10m])", 22, [4]),
    ("present_over_time(holes[10m])", 22, [1]),
    ("ts_of_max_over_time(few[26m])", 20, [600]),
    ("ts_of_min_over_time(few[26m])", 20, [0]),
    ("ts_of_first_over_time(few[26m])", 20, [0]),
    ("ts_of_last_over_time(few[26m])", 20, [1_200]),
    ("absent_over_time(nothing[5m])", 20, [1]),
    ("absent_over_time(few[5m])", 20, []),
    # Subqueries: windows are open on their left, steps are multiples of the step.
    ("sum_over_time(gauge[15m:5m])", 20, [450]),
    ("count_over_time(gauge[10m:])", 20, [10]),
    ("max_over_time(rate(grows_total[10m])[20m:5m])", 30, [1 / 30, 0.06, 1 / 30, 1 / 30]),
    ("sum_over_time(sum_over_time(gauge[10m:5m])[10m:5m])", 20, [600]),
    ("sum_over_time(gauge[15m:5m] offset 5m)", 20, [300]),
    ("sum_over_time(gauge[15m:5m] @ 1200)", 50, [450]),
    # Histograms.
    ("histogram_quantile(0.2, b)", 50, [0.048]),
    ("histogram_quantile(0.5, b)", 50, [0.15]),
    ("histogram_quantile(0.8, b)", 50, [0.72]),
    ("histogram_quantile(1, b)", 50, [1]),
    ("histogram_quantile(0, b)", 50, [0]),
    ("histogram_quantile(-0.1, b)", 50, [-math.inf]),
    ("histogram_quantile(1.01, b)", 50, [math.inf]),
    ("histogram_quantile(NaN, b)", 50, [math.nan]),
    ("histogram_quantile(0.2, c)", 50, [-0.2]),
    ("histogram_quantile(0.5, c)", 50, [-0.15]),
    ("histogram_quantile(0.8, c)", 50, [0.3]),
    ("histogram_quantile(0.5, rate(b[10m]))", 50, [0.15]),
    ("histogram_quantile(0.5, sum by (le) (rate(b[10m])))", 50, [0.15]),
    ("histogram_quantile(0.5, rate(mixed[10m]))", 50, [0.2]),
    ("histogram_quantile(0.4, unordered)", 0, [0.8]),
    ("histogram_quantile(0.5, bounded)", 0, [math.nan]),
    ("histogram_quantile(-0.1, bounded)", 0, [-math.inf]),
    ("histogram_quantile(1.1, bounded)", 0, [math.inf]),
    ("histogram_quantile(NaN, bounded)", 0, [math.nan]),
    ("histogram_quantile(2, empty)", 0, [math.inf]),
    ("histogram_quantile(0.5, fallen)", 0, [5 / 9]),
    ("histogram_quantile(0.95, fallen)", 0, [3]),
    ("histogram_fraction(0, 2, fallen)", 0, [0.3]),
    ("histogram_quantile(0.9, nearly)", 0, [0.9]),
    ("histogram_quantile(0.5, odd_bounds)", 0, [0.5]),
    ("histogram_quantile(0.5, empty)", 0, [math.nan]),
    ("histogram_quantile(0.5, gauge)", 0, []),
    ("histogram_quantile(0, mixed)", 0, [math.nan]),
    ("histogram_quantile(0.5, lost)", 0, [1]),
    ("histogram_fraction(0, 0.2, b)", 50, [7 / 12]),
    ("histogram_fraction(-Inf, +Inf, b)", 50, [1]),
    ("histogram_fraction(0, 0.15, b)", 50, [0.5]),
    ("histogram_count(b)", 50, []),
    # Arithmetic of one value.
    ("ceil(half)", 0, [-2]),
    ("floor(half)", 0, [-3]),
    ("round(half)", 0, [-2]),
    ("round(half)", 10, [1]),
    ("round(half, 0.2)", 15, [1.6]),
    ("round(half)", 30, [math.inf]),
    ("round(half, Inf)", 0, [math.nan]),
    ("round(half, 0)", 0, [math.nan]),
    ("abs(half)", 0, [2.5]),
    ("sgn(half)", 0, [-1]),
    ("sgn(half)", 25, [math.nan]),
    ("sqrt(half)", 0, [math.nan]),
    ("ln(half)", 0, [math.nan]),
    ("ln(epoch)", 0, [-math.inf]),
    ("log2(flat + 5)", 0, [3]),
    ("log10(flat * 0 + 1000)", 0, [3]),
    ("exp(flat * 1000)", 0, [math.inf]),
    ("sinh(-flat * 1000)", 0, [-math.inf]),
    ("cosh(-flat * 1000)", 0, [math.inf]),
    ("acos(flat)", 0, [math.nan]),
    ("atanh(flat / 3)", 0, [math.inf]),
    ("sin(infinite)", 0, [math.nan]),
    ("deg(vector(pi()))", 0, [180]),
    ("rad(vector(180))", 0, [math.pi]),
    ("clamp(half, -1, 1)", 0, [-1]),
    ("clamp(half, 1, -1)", 0, []),
    ("clamp(half, NaN, 1)", 0, [math.nan]),
    ("clamp_min(half, 0)", 0, [0]),
    ("clamp_max(half, -3)", 0, [-3]),
    ("min_of(1, 2) + max_of(3, 4)", 0, [5]),
    # Time.
    ("time()", 50, [3_000]),
    ("timestamp(gauge)", 22, [1_200]),
    ("timestamp(gauge + 0)", 22, [1_320]),
    ("timestamp(gauge @ 600)", 22, [600]),
    ("year()", 0, [1970]),
    ("year(epoch)", 15, [2100]),
    ("month(epoch)", 5, [2]),
    ("day_of_month(epoch)", 5, [29]),
    ("day_of_year(epoch)", 5, [60]),
    ("day_of_week(epoch)", 5, [2]),
    ("days_in_month(epoch)", 5, [29]),
    ("hour(epoch)", 10, [23]),
    ("minute(epoch)", 10, [59]),
    ("hour(infinite)", 0, [math.nan]),
    ("year(vector(253402300800))", 0, [10_000]),
    ("year(vector(1700000000000))", 0, [55_840]),
    ("hour(vector(1e12))", 0, [1]),
    ("days_in_month(vector(1e18))", 0, [31]),
    ("month(vector(-62135596801))", 0, [12]),
    ("year(vector(-62135596801))", 0, [0]),
    ("year(vector(-62167219201))", 0, [-1]),
    ("day_of_year(vector(253402300800 + 31622399))", 0, [366]),
    ("day_of_week(vector(253402300800))", 0, [6]),
    ("minute(vector(1e19))", 0, [math.nan]),
    # What a value is.
    ("absent(nothing)", 0, [1]),
    ("absent(gauge)", 0, []),
    ("scalar(gauge)", 5, [50]),
    ("scalar(resets)", 5, [math.nan]),
    ("scalar(nothing)", 5, [math.nan]),
    ("vector(1)", 5, [1]),
    ("sort(resets)", 25, [0, 1]),
    ("sort_desc(resets)", 25, [1, 0]),
    ('sort_by_label(host, "name")', 0, [2, 1]),
    ('sort_by_label(mixed_names, "name")', 0, [1, 2, 3, 4, 5, 6]),
    ('sort_by_label_desc(host, "name")', 0, [1, 2]),
]


@pytest.mark.parametrize(("expr", "minute", "expected"), CASES, ids=[f"{expr} at {m}m" for expr, m, _ in CASES])
def test_a_function_gives_what_its_samples_say(engine: Engine, expr: str, minute: int, expected: list[float]) -> None:
    at = minute * MINUTE
    assert values(engine, expr, at) == pytest.approx(expected, nan_ok=True)
    value = engine.range(expr, start=at - MINUTE, end=at + MINUTE, step=MINUTE)
    assert isinstance(value, Matrix)
    there = [dict(zip(s.times, s.values, strict=True)) for s in value.series]
    assert sorted(map(str, (s[at] for s in there if at in s))) == sorted(map(str, values(engine, expr, at)))


@pytest.mark.parametrize(
    ("expr", "labels"),
    [
        ('absent(nothing{job="bot", symbol=~"B.*", side="BUY"})', {"job": "bot", "side": "BUY"}),
        ('absent(nothing{job="bot", job="other"})', {}),
        ('absent_over_time(nothing{job="bot"}[5m])', {"job": "bot"}),
        ("last_over_time(gauge[5m])", {"__name__": "gauge"}),
        ("first_over_time(gauge[5m])", {"__name__": "gauge"}),
        ("max_over_time(gauge[5m])", {}),
        ('label_replace(gauge, "new", "$1-x", "__name__", "ga(.*)")', {"__name__": "gauge", "new": "uge-x"}),
        (
            'label_replace(gauge, "new", "${rest}$$", "__name__", "ga(?P<rest>.*)")',
            {"__name__": "gauge", "new": "uge$"},
        ),
        ('label_replace(gauge, "new", "$1", "__name__", "no")', {"__name__": "gauge"}),
        ('label_replace(-gauge, "__name__", "loss", "", "")', {"__name__": "loss"}),
        ('label_join(gauge, "new", "-", "__name__", "x", "__name__")', {"__name__": "gauge", "new": "gauge--gauge"}),
        ('count_values("v", gauge / 3)', {"v": "16.666666666666668"}),
        ("histogram_quantile(0.5, b)", {}),
        ('histogram_quantiles(b, "q", 0.5)', {"q": "0.5"}),
    ],
)
def test_the_labels_of_a_result(engine: Engine, expr: str, labels: dict[str, str]) -> None:
    value = engine.instant(expr, at=STEP)
    assert isinstance(value, Vector)
    assert [dict(sample.labels) for sample in value.samples] == [labels]


def test_a_window_is_open_on_its_left(engine: Engine) -> None:
    assert values(engine, "count_over_time(gauge[5m])", STEP) == [1]
    assert values(engine, "count_over_time(gauge[300001ms])", STEP) == [2]
    assert values(engine, "gauge", 9 * STEP - 1) == []
    assert values(engine, "gauge", 5 * STEP - 1) == [200]
    assert values(engine, "gauge", 5 * STEP) == []


def test_a_label_of_ten_thousand_digits_is_sorted_too() -> None:
    store = MemoryStore()
    for i, name in enumerate(("9" * 10_000, "10", "٣")):
        store.append({"__name__": "m", "n": name}, 0, i)
    assert values(Engine(store), 'sort_by_label(m, "n")', 0) == [1, 0, 2]
