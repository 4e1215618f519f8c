"""Evaluation: readings that say whether they may be believed, and trends that cost only what is new."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradetop.dashboards import Footing, PanelEvaluator
from tradetop.dashboards.evaluate import SERIES_LIMIT
from tradetop.dashboards.window import STEPS, nice_step, window
from tradetop.model.labels import Labels
from tradetop.model.level import Level, Presence
from tradetop.model.panel import Panel, PanelKind, Query, Threshold
from tradetop.model.panel_frame import PanelFrame, Reading
from tradetop.model.unit import Unit
from tradetop.model.value import Value
from tradetop.promql import Engine
from tradetop.store import MemoryStore

START = 1_700_000_000_000
MINUTE = 60_000


def metric(name: str, **labels: str) -> Labels:
    return Labels({"__name__": name, **labels})


def panel(*exprs: str, unit: Unit = Unit.SHORT, legend: str = "", thresholds: tuple[Threshold, ...] = ()) -> Panel:
    return Panel("p", "P", tuple(Query(e, legend) for e in exprs), unit=unit, thresholds=thresholds)


class Bot:
    """A bot that is scraped every ten seconds."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.engine = Engine(self.store)
        self.evaluator = PanelEvaluator()
        self.t = START

    def scrape(self, samples: Mapping[Labels, float] | None, times: int = 1) -> None:
        for _ in range(times):
            self.t += 10_000
            if samples is None:
                self.store.append_failed("page", self.t)
            else:
                self.store.append_scrape("page", self.t, samples)

    def frame(self, of: Panel, footing: Footing | None = None, at: int | None = None) -> PanelFrame:
        at = self.t if at is None else at
        footing = footing or Footing(data_at=at, started_at=START)
        return self.evaluator.frames(self.engine, [of], at=at, span=15 * MINUTE, points=15, footing=footing)[0]

    def reading(self, of: Panel, footing: Footing | None = None, at: int | None = None) -> Reading:
        first = self.frame(of, footing, at).first
        assert first is not None
        return first.reading


def test_a_live_value_has_its_unit_level_time_and_trend() -> None:
    bot = Bot()
    for i in range(60):
        bot.scrape({metric("m"): float(i)})
    frame = bot.frame(panel("m", unit=Unit.PERCENT, thresholds=(Threshold(50, Level.WARNING),)))
    (series,) = frame.series
    assert series.reading == Reading(59.0, Unit.PERCENT, series.reading.kind, Presence.LIVE, Level.WARNING, bot.t)
    assert frame.level is Level.WARNING
    trend = series.trend
    assert (trend.start % trend.step, trend.step, len(trend.values)) == (0, MINUTE, 15)
    seen = [v for v in trend.values if not math.isnan(v)]
    assert seen == sorted(seen)
    assert seen[-1] == 59.0


def test_a_dead_bot_keeps_its_last_numbers_with_their_time() -> None:
    bot = Bot()
    bot.scrape({metric("m"): 7.0, metric("c_total"): 1.0}, 30)
    good = bot.t
    bot.scrape(None, 3)
    footing = Footing(data_at=good, started_at=START, down=True)
    for of in (panel("m"), panel("increase(c_total[5m])")):
        assert PanelEvaluator().frames(bot.engine, [of], at=bot.t, span=15 * MINUTE, points=15, footing=footing)
        reading = bot.reading(of, footing)
        assert (reading.presence, reading.t) == (Presence.STALE, good)
    assert bot.reading(panel("m"), footing).value == 7.0
    assert bot.frame(panel("m"), footing).level is Level.OK


def test_a_bot_that_died_before_the_window_still_shows_its_last_numbers() -> None:
    bot = Bot()
    bot.scrape({metric("m"): 7.0}, 3)
    good = bot.t
    bot.scrape(None)
    reading = bot.reading(panel("m"), Footing(data_at=good, down=True), at=good + 40 * MINUTE)
    assert (reading.value, reading.presence, reading.t) == (7.0, Presence.STALE, good)


def test_what_tradetop_writes_itself_lives_on_when_the_page_does_not_arrive() -> None:
    bot = Bot()
    bot.scrape({metric("m"): 7.0}, 3)
    bot.store.append_scrape("events", bot.t, {metric("bot_events_total", bot_id="b"): 4.0})
    reading = bot.reading(panel("bot_events_total"), Footing(data_at=bot.t - 10_000, down=True))
    assert (reading.value, reading.presence) == (4.0, Presence.LIVE)


def test_one_series_of_many_that_stops_is_stale_and_the_others_live() -> None:
    bot = Bot()
    bot.scrape({metric("m", k="a"): 1.0, metric("m", k="b"): 2.0}, 20)
    bot.scrape({metric("m", k="a"): 3.0}, 2)
    frame = bot.frame(panel("m", legend="{{k}}"))
    assert [(s.legend, s.reading.value, s.reading.presence) for s in frame.series] == [
        ("a", 3.0, Presence.LIVE),
        ("b", 2.0, Presence.STALE),
    ]


def test_a_row_that_is_gone_leaves_its_table_unless_nothing_lives() -> None:
    bot = Bot()
    table = replace(panel("m"), kind=PanelKind.TABLE, by="k")
    bot.scrape({metric("m", k="a"): 1.0, metric("m", k="b"): 2.0}, 20)
    bot.scrape({metric("m", k="a"): 3.0}, 2)
    assert [s.labels["k"] for s in bot.frame(table).series] == ["a"]
    bot.scrape({metric("other"): 1.0}, 2)
    assert [s.labels["k"] for s in bot.frame(table).series] == ["a", "b"]


def test_what_was_never_there_is_absent() -> None:
    bot = Bot()
    bot.scrape({metric("other"): 1.0})
    assert bot.frame(panel("m")).series == ()


def test_zeros_never_set_unmoved_and_real() -> None:
    bot = Bot()
    footing = Footing(started_at=START, set_in_work=frozenset({"a", "b"}))
    bot.scrape({metric("a"): 0.0, metric("b"): 1.0, metric("c"): 0.0}, 5)
    bot.scrape({metric("a"): 0.0, metric("b"): 0.0, metric("c"): 0.0}, 5)
    assert bot.reading(panel("a"), footing).presence is Presence.NEVER_SET
    assert bot.reading(panel("b"), footing).presence is Presence.LIVE
    assert bot.reading(panel("b"), footing).unmoved_since is None
    other = bot.reading(panel("c"), footing)
    assert (other.presence, other.unmoved_since) == (Presence.LIVE, START)
    again = bot.reading(panel("b"), replace(footing, started_at=bot.t - 20_000))
    assert again.presence is Presence.NEVER_SET


def test_a_zero_that_moved_before_the_window_is_no_unmoved_one() -> None:
    bot = Bot()
    bot.scrape({metric("m"): 3.0}, 6)
    bot.scrape({metric("m"): 0.0}, 6 * 60)
    footing = Footing(started_at=START, set_in_work=frozenset({"m"}))
    assert bot.reading(panel("m"), footing).presence is Presence.LIVE
    assert bot.reading(panel("m"), footing).unmoved_since is None


def test_where_nobody_recorded_no_value_is_shown() -> None:
    bot = Bot()
    bot.scrape({metric("m"): 7.0}, 3)
    frame = bot.frame(panel("m"), Footing(gap=True), at=bot.t + MINUTE)
    assert [(s.reading.value, s.reading.presence) for s in frame.series] == [(None, Presence.NOT_RECORDED)]


def test_a_value_that_is_not_a_number_is_no_value() -> None:
    bot = Bot()
    bot.scrape({metric("m"): 7.0}, 12)
    bot.scrape({metric("m"): math.nan})
    reading = bot.reading(panel("m"))
    assert (reading.value, reading.presence) == (7.0, Presence.STALE)


def test_one_broken_query_costs_its_own_panel_alone() -> None:
    bot = Bot()
    bot.scrape({metric("m"): 7.0})
    good, bad = panel("m"), panel("m +", "m")
    frames = bot.evaluator.frames(bot.engine, [bad, good], at=bot.t, span=15 * MINUTE, points=15)
    assert "m +" in frames[0].error
    assert [s.query for s in frames[0].series] == [1]
    assert (frames[1].error, len(frames[1].series)) == ("", 1)


def test_a_label_value_that_looks_like_a_field_is_not_expanded_again() -> None:
    bot = Bot()
    bot.scrape({metric("m", a="{{b}}", b="[red]x\x1b"): 1.0})
    assert [s.legend for s in bot.frame(panel("m", legend="{{ a }}/{{b}}/{{c}}")).series] == ["{{b}}/[red]x␛/"]


def test_without_a_legend_the_labels_that_tell_series_apart_name_them() -> None:
    bot = Bot()
    bot.scrape({metric("m", job="j", a="1", b="x"): 1.0, metric("m", job="j", a="2", b="x"): 1.0, metric("n"): 1.0})
    assert [s.legend for s in bot.frame(panel("m")).series] == ["1", "2"]
    assert [s.legend for s in bot.frame(panel("n")).series] == [""]
    assert [s.legend for s in bot.frame(panel('{__name__=~"m|n", a!="2"}')).series] == ["m 1 x j", "n"]


def test_a_threshold_speaks_of_values_in_the_panels_own_unit() -> None:
    bot = Bot()
    bot.scrape({metric("m"): 7.0})
    of = replace(
        panel("m", thresholds=(Threshold(5, Level.CRITICAL),)),
        queries=(Query("m"), Query("10 * m", unit=Unit.USD)),
    )
    assert [s.reading.level for s in bot.frame(of).series] == [Level.CRITICAL, Level.OK]


def test_a_label_without_end_does_not_fill_the_screen() -> None:
    bot = Bot()
    bot.scrape({metric("m", k=str(i)): 1.0 for i in range(SERIES_LIMIT + 50)})
    frame = bot.frame(panel("m"))
    assert len(frame.series) == SERIES_LIMIT
    assert frame.error == f"{SERIES_LIMIT + 50} series; only {SERIES_LIMIT} are shown"


class Counting:
    """An engine that counts the steps it is asked for."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.steps = 0

    def instant(self, expr: str, *, at: int) -> Value:
        self.steps += 1
        return self._engine.instant(expr, at=at)

    def range(self, expr: str, *, start: int, end: int, step: int) -> Value:
        self.steps += (end - start) // step + 1
        return self._engine.range(expr, start=start, end=end, step=step)

    def is_incremental(self, expr: str) -> bool:
        return self._engine.is_incremental(expr)

    def metric_names(self, expr: str) -> frozenset[str]:
        return self._engine.metric_names(expr)


def test_a_refresh_evaluates_only_what_is_new() -> None:
    bot = Bot()
    for i in range(360):
        bot.scrape({metric("m"): float(i)})
    counting = Counting(bot.engine)
    look = PanelEvaluator()
    for tick in range(30):
        before = counting.steps
        look.frames(
            counting,
            [panel("m"), panel("m", "m")],
            at=bot.t + tick * 1_000,
            span=60 * MINUTE,
            points=120,
            footing=Footing(settled=bot.t),
        )
        assert tick == 0 or counting.steps - before <= 3
    assert counting.steps < 120 + 30 * 3


SAMPLES = st.lists(st.one_of(st.none(), st.floats(-5, 5), st.just(math.nan)), min_size=1, max_size=60)


@settings(max_examples=60, deadline=None)
@given(SAMPLES, SAMPLES, st.lists(st.integers(0, 25_000), min_size=1, max_size=8), st.sampled_from([5, 15, 60]))
def test_incremental_never_differs_from_full(
    first: list[float | None], second: list[float | None], waits: list[int], points: int
) -> None:
    bot = Bot()
    panels = [panel("m"), panel("sum(m)", "rate(m[1m])"), panel("m offset 30s"), panel("max_over_time(m[2m:10s])")]
    at, fed = START + 10_000, 0
    for wait in waits:
        at += wait + 10_000
        while bot.t + 10_000 <= at:
            i = fed % max(len(first), len(second))
            values = {
                metric("m", k=k): v
                for k, column in (("a", first), ("b", second))
                if (v := column[i % len(column)]) is not None
            }
            bot.scrape(values or None)
            fed += 1
        footing = Footing(data_at=at, settled=bot.t)
        kept = bot.evaluator.frames(bot.engine, panels, at=at, span=15 * MINUTE, points=points, footing=footing)
        anew = PanelEvaluator().frames(bot.engine, panels, at=at, span=15 * MINUTE, points=points, footing=footing)
        assert _trends(kept) == _trends(anew)


def _trends(frames: tuple[PanelFrame, ...]) -> list[object]:
    return [
        (s.query, str(s.labels), s.trend.start, s.trend.step, [repr(v) for v in s.trend.values])
        for frame in frames
        for s in frame.series
        if any(v == v for v in s.trend.values)
    ]


@given(st.integers(0, 2**41), st.integers(60_000, 7 * 86_400_000), st.integers(1, 400))
def test_windows_are_aligned_end_now_and_fit(at: int, span: int, points: int) -> None:
    seen = window(at, span, points)
    assert seen.start % seen.step == 0
    assert 0 <= seen.last - at < seen.step
    assert 1 <= seen.count <= max(1, points)


def test_columns_are_as_wide_as_people_read_them() -> None:
    assert [nice_step(x) for x in (1, 7_500, 180_000, 7 * 86_400_000 / 120)] == [1_000, 10_000, 180_000, 7_200_000]
    assert list(STEPS) == sorted(STEPS)


@pytest.mark.parametrize("span", [15 * MINUTE, 6 * 60 * MINUTE])
def test_going_back_in_time_gives_the_same_as_looking_there_first(span: int) -> None:
    bot = Bot()
    for i in range(200):
        bot.scrape({metric("m"): float(i)})
    look = PanelEvaluator()
    then = bot.t - 10 * MINUTE
    now = look.frames(bot.engine, [panel("m")], at=bot.t, span=span, points=30)
    back = look.frames(bot.engine, [panel("m")], at=then, span=span, points=30)
    assert _trends(back) == _trends(PanelEvaluator().frames(bot.engine, [panel("m")], at=then, span=span, points=30))
    assert back[0].series[0].reading.value == 139.0
    assert now[0].series[0].reading.value == 199.0
