from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradetop.model.unit import Unit
from tradetop.panes import numbers
from tradetop.panes.times import axis, clock


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (1284.2, Unit.USD, "1,284.20 USD"),
        (-0.001, Unit.USD, "0.00 USD"),
        (21.6, Unit.PERCENT, "21.6%"),
        (0.216, Unit.RATIO, "21.6%"),
        (9999.0, Unit.SHORT, "9,999"),
        (12_400.0, Unit.SHORT, "12.4k"),
        (3_100_000.0, Unit.SHORT, "3.1M"),
        (0.35, Unit.SHORT, "0.35"),
        (0.182, Unit.SECONDS, "182ms"),
        (14.3, Unit.SECONDS, "14.3s"),
        (130.0, Unit.SECONDS, "2m10s"),
        (182.0, Unit.MILLISECONDS, "182ms"),
        (12.0, Unit.PER_HOUR, "12/h"),
        (5 * 2**20, Unit.BYTES, "5.0 MiB"),
        (1.0, Unit.BOOL, "yes"),
        (1_763_640_207.0, Unit.TIME, "2025-11-20 12:03:27"),
        (None, Unit.USD, "—"),
        (math.nan, Unit.USD, "no value"),
        (math.inf, Unit.PERCENT, "+Inf%"),
    ],
)
def test_a_value_reads_as_people_write_it(value: float | None, unit: Unit, said: str) -> None:
    assert str(numbers.amount(value, unit)) == said


def test_money_won_carries_its_sign() -> None:
    assert numbers.amount(12.0, Unit.USD, signed=True).digits == "+12.00"
    assert numbers.amount(-12.0, Unit.USD, signed=True).digits == "-12.00"
    assert numbers.amount(0.0, Unit.USD, signed=True).digits == "0.00"


@pytest.mark.parametrize(
    ("ms", "said"),
    [(800, "0.8s"), (34_000, "34s"), (130_000, "2m10s"), (11_520_000, "3h12m"), (352_800_000, "4d02h")],
)
def test_a_duration_grows_coarser_with_its_size(ms: int, said: str) -> None:
    assert numbers.duration(ms) == said


def test_an_estimate_does_not_pretend_to_be_exact() -> None:
    assert [numbers.rough(ms) for ms in (45_000, 570_000, 10_800_000)] == ["~45s", "~10m", "~3h"]


@given(st.floats(allow_nan=True, allow_infinity=True), st.sampled_from(Unit))
def test_every_number_can_be_said(value: float, unit: Unit) -> None:
    said = str(numbers.amount(value, unit))
    assert said
    assert said.isprintable()
    assert len(said) < 40


@given(st.floats(0.01, 9e6), st.booleans())
def test_money_keeps_its_cents(value: float, signed: bool) -> None:
    said = numbers.amount(value, Unit.USD, signed=signed)
    assert abs(float(said.digits.replace(",", "")) - value) <= 0.005000001


def test_times_are_shown_in_the_zone_of_the_look() -> None:
    assert clock(1_763_640_207_000, 0) == "12:03:27"
    assert clock(1_763_640_207_000, -300) == "07:03:27"


@given(st.integers(0, 4_000_000_000_000), st.integers(60_000, 40 * 86_400_000), st.integers(6, 200))
def test_axis_labels_never_overlap_or_leave_the_axis(start: int, span: int, width: int) -> None:
    end = 0
    for column, text in axis(start, start + span, 0, width):
        assert column >= end
        assert column + len(text) <= max(width, len(text))
        end = column + len(text)
