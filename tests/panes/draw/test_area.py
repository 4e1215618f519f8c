from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradetop.model.level import Level
from tradetop.model.panel import Threshold
from tradetop.model.panel_frame import Trend
from tradetop.model.unit import Unit
from tradetop.panes.draw.area import area, balance, spans
from tradetop.panes.draw.axis import Scale, decimals, scale, ticks
from tradetop.panes.draw.chart import chart
from tradetop.panes.draw.digits import big
from tradetop.panes.draw.lane import Sign
from tradetop.panes.draw.sample import columns
from tradetop.panes.draw.spark import spark
from tradetop.panes.line import size
from tradetop.panes.look import Glyphs, Look
from tradetop.theme.roles import Role

NAN = math.nan
FLOATS = st.floats(allow_nan=True, allow_infinity=True, width=32)
GLYPHS = st.sampled_from(Glyphs)


def drawn(cells: list) -> list[str]:
    return ["".join(s.text for s in spans(row)) for row in cells]


def test_a_ramp_climbs_from_the_lower_left() -> None:
    rows = drawn(area([0, 1, 2, 3, 4, 5, 6, 7], 4, Scale(0, 8, 2), Glyphs.BRAILLE))
    assert rows == ["  ⢀⣴", "⣀⣴⣿⣿"]


def test_a_gap_in_the_data_is_a_gap_in_the_chart() -> None:
    rows = drawn(area([1, 1, NAN, NAN, 1, 1], 3, Scale(0, 1, 1), Glyphs.BRAILLE))
    assert rows == ["⣿ ⣿"]


def test_plain_characters_tell_the_line_from_the_fill() -> None:
    assert drawn(area([3, 3, 3], 3, Scale(0, 3, 3), Glyphs.ASCII)) == ["***", "...", "..."]


def test_gains_stand_above_the_zero_line_and_losses_hang_below() -> None:
    rows, below = balance([-1, -1, 1, 1], 2, 2, Glyphs.BRAILLE)
    assert below == 1
    assert rows[0][0] is None
    assert rows[1][1] is None
    assert rows[0][1] is not None
    assert rows[1][0] is not None
    assert rows[0][1][1] is Role.GAIN
    assert rows[1][0][1] is Role.LOSS


def test_all_profit_needs_no_room_below_zero() -> None:
    assert balance([1.0, 2.0], 4, 3, Glyphs.BRAILLE)[1] == 0
    assert balance([-1.0, -2.0], 4, 3, Glyphs.BRAILLE)[1] == 3


def test_a_peak_is_never_lost_when_values_share_a_column() -> None:
    assert max(columns([0.0] * 50 + [9.0] + [0.0] * 49, 10)) == 9.0
    assert min(columns([0.0] * 50 + [-9.0] + [0.0] * 49, 10)) == -9.0


@given(st.lists(FLOATS, max_size=200), st.integers(0, 80), st.integers(1, 12), GLYPHS)
def test_charts_are_exactly_as_wide_as_asked(values: list[float], width: int, height: int, glyphs: Glyphs) -> None:
    for row in area(values, width, Scale(-1e9, 1e9, height), glyphs):
        assert size(spans(row)) == width
    rows, _ = balance(values, width, height, glyphs)
    assert [size(spans(row)) for row in rows] == [width] * height
    assert size(spark(Trend(0, 1_000, values), width, glyphs)) == width


@given(st.lists(FLOATS, min_size=1, max_size=200), st.integers(16, 120), st.integers(3, 20), GLYPHS, st.booleans())
def test_axes_keep_every_row_within_the_chart(
    values: list[float], width: int, height: int, glyphs: Glyphs, lane: bool
) -> None:
    rows = chart(
        Trend(0, 60_000, values), width, height, Look(glyphs=glyphs), Unit.USD,
        thresholds=(Threshold(3.0, Level.CRITICAL),), marks=(Sign(120_000, "▾", Role.SIGNAL, "deploy v1"),), lane=lane,
    )  # fmt: skip
    assert all(size(row) <= width for row in rows)
    assert len(rows) <= height


@given(st.floats(-1e9, 1e9), st.floats(1e-3, 1e9), st.integers(1, 20))
def test_ticks_are_round_and_inside(low: float, span: float, most: int) -> None:
    found = ticks(low, low + span, most)
    assert len(found) <= most + 1
    assert all(low - span * 1e-6 <= t <= low + span * (1 + 1e-6) for t in found)


def test_ticks_step_by_one_two_two_and_a_half_or_five() -> None:
    assert ticks(0, 10, 5) == [0, 2, 4, 6, 8, 10]
    assert ticks(51_000, 52_000, 4) == [51_000, 51_250, 51_500, 51_750, 52_000]
    assert decimals(0.25) == 2
    assert decimals(250) == 0


def test_a_flat_line_still_has_a_scale() -> None:
    flat = scale(5.0, 5.0, 4)
    assert flat.low < 5.0 < flat.high


def test_big_digits_line_up() -> None:
    rows = big("+1,284.20")
    assert rows is not None
    assert len({len(row) for row in rows}) == 1
    assert big("12.4k") is None


def _said(of: list) -> list[str]:
    return ["".join(s.text for s in row) for row in of]


def test_a_share_is_drawn_from_zero_with_its_limits_as_lines() -> None:
    limits = (Threshold(80, Level.WARNING), Threshold(90, Level.CRITICAL))
    trend = Trend(0, 60_000, [95.0 + i % 3 for i in range(60)])
    found = chart(trend, 80, 20, Look(), Unit.PERCENT, thresholds=limits, zero=True)
    labels = [row.split("┤")[0].strip() for row in _said(found) if "┤" in row]
    assert "0" in labels
    assert "80 W" in labels
    assert "90 C" in labels
    filled = {s.role for s in found[1] if s.text.strip() and s.role in {Role.CRIT, Role.CRIT_DIM}}
    assert filled


def test_a_limit_far_away_is_a_label_at_the_edge_and_squeezes_nothing() -> None:
    trend = Trend(0, 60_000, [2.0 + i % 2 for i in range(60)])
    near = chart(trend, 80, 12, Look(), Unit.SECONDS)
    far = chart(trend, 80, 12, Look(), Unit.SECONDS, thresholds=(Threshold(45, Level.WARNING),))
    assert "45 W▲" in _said(far)[0]
    assert [row.split("┤")[-1] for row in _said(near)][1:] == [row.split("┤")[-1] for row in _said(far)][1:]


def test_ticks_that_lie_close_together_are_told_apart() -> None:
    trend = Trend(0, 60_000, [51_895.0 + i / 10 for i in range(60)])
    labels = [row.split("┤")[0].strip() for row in _said(chart(trend, 80, 12, Look(), Unit.USD)) if "┤" in row]
    assert len(labels) > 1
    assert len(set(labels)) == len(labels)
    assert all(label.startswith(("51,8", "51,9")) for label in labels)


def test_a_sparkline_in_ascii_tells_high_from_low() -> None:
    rising = Trend(0, 1_000, [float(i) for i in range(14)])
    assert spark(rising, 7, Glyphs.ASCII)[0].text == ".:-=+*#"
    assert spark(Trend(0, 1_000, [1.0, NAN, 9.0]), 3, Glyphs.ASCII)[0].text == ". #"


@pytest.mark.parametrize("values", [(1.7e308, -1.7e308, 3.0), (-1.7e308, -1.0), (5e-324, -5e-324), (1e307, -1.6e308)])
def test_no_size_of_gains_and_losses_is_too_much_for_their_balance(values: tuple[float, ...]) -> None:
    rows, below = balance(values, 20, 6, Glyphs.BRAILLE)
    assert len(rows) == 6
    assert 0 < below <= 6
