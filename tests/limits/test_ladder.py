"""The ladder: how close every limit is, on either side, and when it would be reached."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradetop.limits import Ladder
from tradetop.limits.slope import slope
from tradetop.model.labels import EMPTY, Labels
from tradetop.model.level import Level, Presence
from tradetop.model.panel import Panel, PanelKind, PaneName, Query, Side, Threshold
from tradetop.model.panel_frame import LimitFrame, PanelFrame, Reading, SeriesFrame, Trend
from tradetop.model.unit import Unit, kind_of
from tradetop.panes.numbers import rough

T = 1_700_000_000_000
MINUTE = 60_000
EXPOSURE = (Threshold(20, Level.WARNING), Threshold(25, Level.CRITICAL))
DAY_PNL = (Threshold(-3, Level.WARNING, Side.BELOW), Threshold(-5, Level.CRITICAL, Side.BELOW))
BAND = (
    *(Threshold(0.2, Level.WARNING, Side.BELOW), Threshold(0.5, Level.WARNING)),
    *(Threshold(0.1, Level.CRITICAL, Side.BELOW), Threshold(0.8, Level.CRITICAL)),
)


def panel(thresholds: tuple[Threshold, ...], **changes: object) -> Panel:
    made = Panel("p", "P", (Query("m"),), pane=PaneName.LIMITS, unit=Unit.PERCENT, thresholds=thresholds)
    return replace(made, **changes)  # type: ignore[arg-type]  # replace() cannot know the fields of a mapping.


def series(
    of: Panel,
    value: float | None,
    t: int = T,
    presence: Presence = Presence.LIVE,
    legend: str = "",
    past: tuple[float, ...] = (),
    step: int = MINUTE,
) -> SeriesFrame:
    level = Level.OK if value is None else of.level(value)
    reading = Reading(value, of.unit, kind_of(of.unit), presence, level, t)
    return SeriesFrame(0, legend, Labels({"k": legend}) if legend else EMPTY, reading, Trend(t, step, past))


def row(of: Panel, value: float | None, **changes: object) -> LimitFrame:
    (found,) = Ladder().rows([PanelFrame(of, (series(of, value, **changes),))], T)  # type: ignore[arg-type]
    return found


@pytest.mark.parametrize(
    ("thresholds", "value", "limit", "closeness"),
    [
        (EXPOSURE, 0.0, 20, 0.0),
        (EXPOSURE, 12.5, 20, 0.5),
        (EXPOSURE, 21.0, 25, 0.84),
        (EXPOSURE, 25.0, 25, 1.0),
        (EXPOSURE, 50.0, 25, 2.0),
        (EXPOSURE, -4.0, 20, 0.0),
        (DAY_PNL, 2.0, -3, 0.0),
        (DAY_PNL, -2.5, -3, 0.5),
        (DAY_PNL, -4.0, -5, 0.8),
        (DAY_PNL, -6.0, -5, 1.2),
        (BAND, 0.35, 0.5, 0.0),
        (BAND, 0.15, 0.1, 0.8),
        (BAND, 0.05, 0.1, 1.2),
        (BAND, 0.575, 0.8, 0.5),
        (BAND, 0.98, 0.8, 1.4),
        ((Threshold(1_000, Level.CRITICAL, Side.BELOW),), 2_000.0, 1_000, 0.5),
        ((Threshold(1_000, Level.CRITICAL, Side.BELOW),), 500.0, 1_000, 2.0),
        ((Threshold(1_000, Level.CRITICAL, Side.BELOW),), 0.0, 1_000, 10.0),
        ((Threshold(0, Level.CRITICAL),), 0.0, 0, 0.0),
        ((Threshold(0, Level.CRITICAL),), 1.0, 0, 2.0),
        ((Threshold(5, Level.WARNING, inclusive=True), Threshold(8, Level.CRITICAL, inclusive=True)), 5.0, 8, 0.625),
    ],
)
def test_closeness_and_the_next_threshold(
    thresholds: tuple[Threshold, ...], value: float, limit: float, closeness: float
) -> None:
    found = row(panel(thresholds), value)
    assert (found.limit.value, found.closeness) == (limit, pytest.approx(closeness))
    assert found.scale_min < found.scale_max


@pytest.mark.parametrize(
    ("thresholds", "changes", "scale"),
    [
        (EXPOSURE, {}, (0.0, 25.0)),
        (EXPOSURE, {"minimum": 0.0, "maximum": 100.0}, (0.0, 100.0)),
        (DAY_PNL, {}, (-5.0, 0.0)),
        (BAND, {"minimum": 0.0, "maximum": 1.0}, (0.0, 1.0)),
        ((Threshold(0, Level.CRITICAL),), {}, (0.0, 1.0)),
        ((Threshold(1_000, Level.CRITICAL, Side.BELOW),), {}, (0.0, 2_000.0)),
    ],
)
def test_the_scale_reaches_from_safe_to_the_worst(
    thresholds: tuple[Threshold, ...], changes: dict[str, object], scale: tuple[float, float]
) -> None:
    found = row(panel(thresholds, **changes), 0.3)
    assert (found.scale_min, found.scale_max) == scale


def test_rows_are_sorted_by_closeness_and_each_series_has_its_own() -> None:
    exposure = panel(EXPOSURE, id="exposure", label="exposure")
    rates = panel((Threshold(90, Level.CRITICAL),), id="rates", label="rate", pane=PaneName.RATES)
    quiet = panel((), id="quiet")
    missing = panel(DAY_PNL, id="missing", label="day loss")
    frames = [
        PanelFrame(missing, ()),
        PanelFrame(exposure, (series(exposure, 20.0),)),
        PanelFrame(quiet, (series(quiet, 99.0),)),
        PanelFrame(rates, (series(rates, 45.0, legend="orders"), series(rates, 88.0, legend="products"))),
    ]
    rows = Ladder().rows(frames, T)
    assert [(r.label, r.legend) for r in rows] == [
        ("rate", "products"),
        ("exposure", ""),
        ("rate", "orders"),
        ("day loss", ""),
    ]
    assert rows[-1].reading.presence is Presence.ABSENT


def test_what_has_its_bars_elsewhere_comes_last_until_it_is_crossed() -> None:
    money = panel(EXPOSURE, label="exposure")
    rates = panel((Threshold(80, Level.WARNING),), label="rate", pane=PaneName.RATES, kind=PanelKind.BARS)

    def order(rate: float) -> list[str]:
        frames = [PanelFrame(rates, (series(rates, rate),)), PanelFrame(money, (series(money, 5.0),))]
        return [row.label for row in Ladder().rows(frames, T)]

    assert order(79.0) == ["exposure", "rate"]
    assert order(81.0) == ["rate", "exposure"]
    assert row(rates, 81.0).aside
    assert not row(money, 5.0).aside


def test_on_its_own_screen_the_ladder_goes_by_closeness_wherever_else_a_bar_is() -> None:
    money, ladder = panel(EXPOSURE, id="exposure", label="exposure"), Ladder()
    rates = panel((Threshold(90, Level.CRITICAL),), id="rate", label="rate", pane=PaneName.RATES, kind=PanelKind.BARS)
    missing = panel(DAY_PNL, id="missing", label="day loss")

    def rungs(rate: float, t: int) -> list[str]:
        found = (PanelFrame(rates, (series(rates, rate, t),)), PanelFrame(money, (series(money, 5.0, t),)))
        return [row.label for row in sorted(ladder.rows([*found, PanelFrame(missing, ())], t), key=lambda x: x.rung)]

    assert rungs(89.1, T) == ["rate", "exposure", "day loss"]
    assert rungs(1.0, T + 1_000) == ["exposure", "rate", "day loss"]
    # It keeps still as the pane does.
    assert rungs(89.1, T + 2_000) == ["exposure", "rate", "day loss"]
    assert rungs(89.1, T + 6_000) == ["rate", "exposure", "day loss"]


def test_what_is_counted_comes_after_distances_yet_before_what_is_well() -> None:
    errors = panel((Threshold(0, Level.CRITICAL),), label="errors", pane=PaneName.ERRORS, kind=PanelKind.BARS)
    money, rest = panel(EXPOSURE, label="exposure"), panel(EXPOSURE, id="rest", label="rest")
    frames = [PanelFrame(p, (series(p, v),)) for p, v in ((errors, 9.0), (money, 21.0), (rest, 19.0))]
    assert [r.label for r in Ladder().rows(frames, T)] == ["exposure", "errors", "rest"]


def test_what_is_past_a_limit_comes_before_what_only_touches_one() -> None:
    full = panel((Threshold(10, Level.CRITICAL),), id="full", label="full")
    drawdown = panel((Threshold(8, Level.WARNING), Threshold(10, Level.CRITICAL)), id="drawdown", label="drawdown")
    frames = [PanelFrame(full, (series(full, 10.0),)), PanelFrame(drawdown, (series(drawdown, 8.1),))]
    rows = Ladder().rows(frames, T)
    assert [(r.label, r.crossed, round(r.closeness, 2)) for r in rows] == [
        ("drawdown", True, 0.81),
        ("full", False, 1.0),
    ]


def test_a_state_is_a_row_only_when_it_is_crossed() -> None:
    breaker = panel((Threshold(0, Level.CRITICAL),), kind=PanelKind.STATE, states=((0.0, "closed"), (1.0, "OPEN")))
    assert Ladder().rows([PanelFrame(breaker, (series(breaker, 0.0),))], T) == ()
    assert row(breaker, 1.0).closeness >= 1.0


def test_a_value_that_was_never_set_is_not_believed() -> None:
    found = row(panel((Threshold(10, Level.CRITICAL, Side.BELOW),)), 0.0, presence=Presence.NEVER_SET)
    assert (found.closeness, found.eta) == (0.0, None)


def test_a_stopped_series_counts_only_where_none_lives() -> None:
    of = panel(EXPOSURE)
    gone = series(of, 30.0, presence=Presence.STALE, legend="old")
    here = series(of, 5.0, legend="new")
    assert [r.reading.value for r in Ladder().rows([PanelFrame(of, (gone, here))], T)] == [5.0]
    assert [r.reading.value for r in Ladder().rows([PanelFrame(of, (gone,))], T)] == [30.0]


def watch(of: Panel, values: list[float], interval: int = 10_000) -> list[int | None]:
    """The time to breach after each of a series of scrapes."""
    ladder = Ladder()
    etas = []
    for i, value in enumerate(values):
        t = T + i * interval
        (found,) = ladder.rows([PanelFrame(of, (series(of, value, t),))], t)
        etas.append(found.eta)
    return etas


def test_a_steady_ramp_tells_its_time_after_ten_samples() -> None:
    of = panel((Threshold(10, Level.CRITICAL),))
    values = [7 + 0.1 * i / 6 for i in range(120)]
    etas = watch(of, values)
    assert etas[:9] == [None] * 9
    for value, eta in zip(values[9:], etas[9:], strict=True):
        assert eta == pytest.approx((10 - value) / 0.1 * MINUTE, rel=0.1)


def test_a_ramp_tells_its_slope_and_what_is_left() -> None:
    of, ladder = panel((Threshold(10, Level.CRITICAL),)), Ladder()
    for i in range(12):
        t = T + i * 10_000
        (found,) = ladder.rows([PanelFrame(of, (series(of, 7 + 0.1 * i / 6, t),))], t)
    assert found.slope == pytest.approx(0.1 / MINUTE)
    assert found.headroom == pytest.approx(10 - 7 - 1.1 / 6)
    assert row(panel(DAY_PNL), -6.0).headroom == pytest.approx(-1.0)
    assert row(panel(EXPOSURE), 3.0).slope is None


def test_the_time_is_said_within_a_tenth() -> None:
    for eta in range(10, 24 * 3600, 7):
        said = rough(eta * 1_000)
        parts = re.findall(r"(\d+)([smhd])", said)
        seconds = sum(int(number) * {"s": 1, "m": 60, "h": 3_600, "d": 86_400}[unit] for number, unit in parts)
        assert seconds == pytest.approx(eta, rel=0.1), said


def test_a_noisy_ramp_tells_its_time_too() -> None:
    rng = random.Random(3)
    of = panel((Threshold(10, Level.CRITICAL),))
    values = [7 + 0.1 * i / 6 + rng.gauss(0, 0.01) for i in range(60)]
    told = [(v, e) for v, e in zip(values, watch(of, values), strict=True) if e is not None]
    assert len(told) > 40
    good = [abs(e - (10 - v) / 0.1 * MINUTE) <= 0.15 * (10 - v) / 0.1 * MINUTE for v, e in told]
    assert sum(good) >= 0.9 * len(good)


def test_white_noise_hardly_ever_tells_a_time() -> None:
    rng = random.Random(11)
    of = panel(EXPOSURE)
    etas = watch(of, [rng.gauss(15, 1.5) for _ in range(10_000)])
    assert sum(eta is not None for eta in etas) < 0.01 * len(etas)


def test_noise_close_below_a_limit_hardly_ever_tells_a_time() -> None:
    rng = random.Random(12)
    of = panel((Threshold(20, Level.CRITICAL),))
    etas = watch(of, [min(19.99, rng.gauss(19.5, 0.2)) for _ in range(10_000)])
    assert sum(eta is not None for eta in etas) < 0.01 * len(etas)


def test_noise_just_after_the_start_hardly_ever_tells_a_time() -> None:
    rng = random.Random(5)
    of = panel(EXPOSURE)
    runs = [watch(of, [rng.gauss(15, 1.5) for _ in range(20)]) for _ in range(300)]
    told = sum(eta is not None for etas in runs for eta in etas)
    assert told < 0.01 * sum(map(len, runs))


def approach(rng: random.Random, seconds: float) -> list[float]:
    """A start that is steep and levels off at 15, below the limit."""
    return [15 * (1 - math.exp(-i * 10 / seconds)) + rng.gauss(0, 0.02) for i in range(20)]


def climb(rng: random.Random, samples: int) -> list[float]:
    """A start that climbs to 15 in so many samples and stays there."""
    return [min(15.0, 15 * i / samples) + rng.gauss(0, 0.02) for i in range(20)]


@pytest.mark.parametrize("start", [(approach, 20), (approach, 60), (approach, 120), (climb, 1), (climb, 3), (climb, 6)])
def test_a_steep_start_that_levels_off_hardly_ever_tells_a_time(
    start: tuple[Callable[[random.Random, int], list[float]], int],
) -> None:
    shape, of = start
    runs = [watch(panel(EXPOSURE[:1]), shape(random.Random(seed), of)) for seed in range(100)]
    assert sum(eta is not None for etas in runs for eta in etas) < 0.001 * sum(map(len, runs))


def test_a_slow_approach_that_ends_below_the_limit_tells_a_time_seldom() -> None:
    # Ten minutes to level off: its first three minutes are nearly straight.
    runs = [watch(panel(EXPOSURE[:1]), approach(random.Random(seed), 600)) for seed in range(100)]
    assert sum(eta is not None for etas in runs for eta in etas) < 0.1 * sum(map(len, runs))


def test_an_approach_to_beyond_the_limit_tells_its_time() -> None:
    of = panel((Threshold(10, Level.CRITICAL),))
    etas = watch(of, [15 * (1 - math.exp(-i * 10 / 600)) for i in range(40)])
    assert all(eta is not None for eta in etas[9:])


def test_what_has_just_begun_is_not_drawn_out_far() -> None:
    # An hour to the limit at this pace: after a minute and a half that is a guess, after three it may be said.
    of = panel((Threshold(10, Level.CRITICAL),))
    etas = watch(of, [7 + 0.05 * i / 6 for i in range(21)])
    assert [eta is not None for eta in etas] == [False] * 18 + [True] * 3


@pytest.mark.parametrize(
    ("thresholds", "values"),
    [
        (EXPOSURE, [15.0] * 30),
        (EXPOSURE, [15.0 - i * 0.1 for i in range(30)]),
        (EXPOSURE, [15.0] * 15 + [18.0] * 15),
        (EXPOSURE, [26.0 + i * 0.1 for i in range(30)]),
        (EXPOSURE, [1.0 + i * 1e-6 for i in range(30)]),
        (DAY_PNL, [-1.0 + i * 0.01 for i in range(30)]),
    ],
)
def test_no_time_where_nothing_leads_to_the_limit(thresholds: tuple[Threshold, ...], values: list[float]) -> None:
    assert set(watch(panel(thresholds), values)) == {None}


def test_a_loss_that_grows_has_a_time_too() -> None:
    etas = watch(panel(DAY_PNL), [-1.0 - i * 0.1 for i in range(15)])
    assert etas[-1] == pytest.approx((3 - 2.4) / 0.1 * 10_000, rel=0.01)


def test_the_trend_tells_where_no_samples_were_kept_yet() -> None:
    of = panel((Threshold(10, Level.CRITICAL),))
    past = tuple(5 + 0.1 * i for i in range(15))
    assert row(of, 6.4, past=past).eta == pytest.approx(36 * MINUTE)
    assert row(of, 6.4, past=(*past[:12], float("nan"), *past[12:])).eta is None


def test_going_back_in_time_starts_anew() -> None:
    of = panel((Threshold(10, Level.CRITICAL),))
    ladder = Ladder()
    for i in range(15):
        ladder.rows([PanelFrame(of, (series(of, 7 + i * 0.1, T + i * 10_000),))], T)
    (found,) = ladder.rows([PanelFrame(of, (series(of, 7.0, T - 10_000),))], T)
    assert found.eta is None


@given(st.lists(st.floats(-1e6, 1e6), min_size=10, max_size=20), st.floats(-1e3, 1e3), st.floats(0.1, 1e3))
def test_a_slope_does_not_depend_on_where_zero_is_and_scales(values: list[float], shift: float, scale: float) -> None:
    times = [float(i) for i in range(len(values))]
    plain = slope(times, values)
    ramp = slope(times, [scale * i + shift for i in range(len(values))])
    assert ramp == pytest.approx(scale)
    if plain is not None:
        assert min(values) - max(values) <= plain <= max(values) - min(values)


@given(st.floats(-1e3, 1e3), st.sampled_from([EXPOSURE, DAY_PNL, BAND]))
def test_at_or_beyond_the_worst_threshold_closeness_is_at_least_one(
    value: float, thresholds: tuple[Threshold, ...]
) -> None:
    of = panel(thresholds)
    found = row(of, value)
    assert (found.closeness >= 1) == any(
        value >= t.value if t.side is Side.ABOVE else value <= t.value for t in thresholds if t.level is Level.CRITICAL
    )


A, B, C = (panel((Threshold(10, Level.CRITICAL),), id=name, label=name) for name in "abc")


def order(ladder: Ladder, t: int, **values: float) -> str:
    frames = [PanelFrame(of, (series(of, values[of.id], t),)) for of in (A, B, C) if of.id in values]
    return "".join(row.label for row in ladder.rows(frames, t))


def test_rows_change_places_every_five_seconds_at_most() -> None:
    rng, ladder = random.Random(4), Ladder()
    places: list[tuple[int, str]] = []
    for t in range(T, T + 600_000, 500):
        found = order(ladder, t, **{name: rng.uniform(0, 12) for name in "abc"})
        if not places or places[-1][1] != found:
            places.append((t, found))
    moves = [t for t, _ in places[1:]]
    assert len(moves) > 60
    assert min(after - before for before, after in pairwise(moves)) >= 5_000


def test_after_five_seconds_the_order_is_right_again() -> None:
    ladder = Ladder()
    assert order(ladder, T, a=1.0, b=2.0) == "ba"
    assert order(ladder, T + 1_000, a=3.0, b=2.0) == "ab"
    assert order(ladder, T + 2_000, a=3.0, b=9.0) == "ab"
    assert order(ladder, T + 5_900, a=3.0, b=9.0) == "ab"
    assert order(ladder, T + 6_000, a=3.0, b=9.0) == "ba"


def test_new_rows_come_in_at_once_and_going_back_in_time_sorts() -> None:
    ladder = Ladder()
    order(ladder, T, a=1.0, b=2.0)
    assert order(ladder, T + 1_000, a=3.0, b=2.0) == "ab"
    assert order(ladder, T + 2_000, a=3.0, b=4.0, c=9.0) == "cab"
    assert order(ladder, T + 3_000, a=3.0, b=4.0) == "ab"
    assert order(ladder, T - 60_000, a=3.0, b=4.0) == "ba"


def test_two_queries_of_a_panel_have_rows_of_their_own() -> None:
    of = panel(EXPOSURE, queries=(Query("p95"), Query("average")))
    both = tuple(replace(series(of, 5.0 + query, legend=str(query)), query=query, labels=EMPTY) for query in (0, 1))
    rows = Ladder().rows([PanelFrame(of, both)], T)
    assert len({row.key for row in rows}) == 2
