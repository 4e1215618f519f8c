"""Plots: each value has its column, each column its time; nothing leaves the room that it was given."""

from __future__ import annotations

import math

from hypothesis import given, settings
from hypothesis import strategies as st

from tradetop.model.hidden import Hidden, Proportions
from tradetop.model.level import Level
from tradetop.model.panel import Side, Threshold
from tradetop.model.panel_frame import Trend
from tradetop.model.unit import Unit
from tradetop.panes.draw.axis import balanced
from tradetop.panes.draw.chart import Crosshair, drawn
from tradetop.panes.draw.plot import plot
from tradetop.panes.line import size
from tradetop.panes.look import Glyphs, Look

NUMBERS = st.one_of(st.floats(-1e9, 1e9), st.just(math.nan))
LIMITS = (Threshold(80, Level.WARNING), Threshold(90, Level.CRITICAL), Threshold(-5, Level.CRITICAL, Side.BELOW))


@given(
    st.lists(NUMBERS, min_size=1, max_size=300), st.integers(16, 160), st.integers(1, 30), st.sampled_from(Glyphs),
    st.integers(0, 10_000), st.booleans(), st.integers(0, 400),
)  # fmt: skip
def test_rows_are_exactly_as_wide_as_the_plot_whatever_is_in_them(
    values: list[float], width: int, height: int, glyphs: Glyphs, start: int, zero: bool, at: int
) -> None:
    look = Look(glyphs=glyphs, mono=True)
    found = plot(Trend(start * 60_000, 60_000, values), width, height, look, Unit.USD, thresholds=LIMITS, zero=zero)
    if found is None:
        return
    crosshair = Crosshair(min(found.room - 1, at), "12:03:27  +1,284.20 USD")
    rows = drawn(found, look, thresholds=LIMITS, signed=zero, crosshair=crosshair)
    assert len(rows) == height + 2
    assert {size(row) for row in rows} == {width}


@settings(deadline=None)
@given(st.integers(1, 300), st.integers(16, 160), st.sampled_from(Glyphs), st.integers(0, 10_000))
def test_every_value_has_one_column_and_they_are_in_order(have: int, width: int, glyphs: Glyphs, start: int) -> None:
    values = [float(i % 7) for i in range(have)]
    found = plot(Trend(start * 60_000, 60_000, values), width, 10, Look(glyphs=glyphs), Unit.SHORT)
    assert found is not None
    columns = [found.column(i) for i in range(have)]
    assert columns == sorted(columns)
    assert all(0 <= c < found.room for c in columns)


@settings(deadline=None)
@given(st.integers(2, 300), st.integers(16, 160), st.sampled_from(Glyphs), st.integers(0, 10_000))
def test_from_end_to_end_no_step_stands_still_or_leaves_the_window(
    have: int, width: int, glyphs: Glyphs, start: int
) -> None:
    values = [float(i % 7) if i % 11 else math.nan for i in range(have)]
    found = plot(Trend(start * 60_000, 60_000, values), width, 10, Look(glyphs=glyphs), Unit.SHORT)
    assert found is not None
    t = found.beside(None, -10_000)
    seen = [t]
    while (after := found.beside(t, 1)) != t:
        assert after > t
        t = after
        seen.append(t)
    assert t == found.beside(None, 10_000)
    assert seen[0] >= found.start
    assert seen[-1] <= found.time(have - 1)
    back = [t]
    while (before := found.beside(t, -1)) != t:
        t = before
        back.append(t)
    assert back[::-1] == seen


@given(st.floats(-1e9, 0), st.floats(0, 1e9), st.integers(2, 40))
def test_on_a_scale_around_zero_zero_lies_between_two_rows(low: float, high: float, height: int) -> None:
    of = balanced(low, high, height)
    assert of.low <= low
    assert of.high >= high
    if low < 0 < high and high - low > 1e-6:
        above = of.height - of.below
        assert math.isclose(of.low / of.below, -of.high / above, rel_tol=1e-6)


def test_two_limits_that_are_too_close_for_their_own_rows_are_both_named() -> None:
    found = plot(Trend(0, 60_000, [97.0] * 30), 60, 9, Look(), Unit.PERCENT, thresholds=LIMITS[:2], zero=True)
    assert found is not None
    said = [label for label, _ in found.labels.values()]
    assert "80 W" in said
    assert "90 C" in said
    assert {t.value for t in found.lines.values()} == {80, 90}


def test_hidden_amounts_name_no_tick() -> None:
    values = Proportions.of([Hidden(51_000.0 + i) for i in range(60)], 0.37)
    found = plot(Trend(0, 60_000, values), 80, 12, Look(), Unit.USD)
    assert found is not None
    assert {label for label, _ in found.labels.values()} <= {"•••", "0"}


def test_the_unit_stands_at_the_axis() -> None:
    found = plot(Trend(0, 60_000, [51_000.0 + i for i in range(60)]), 80, 12, Look(), Unit.USD)
    assert found is not None
    assert found.named[1] == "USD"
    assert found.named[0] not in found.labels
