from __future__ import annotations

from hypothesis import assume, given
from hypothesis import strategies as st

from tradetop.model.level import Level
from tradetop.model.panel import Side, Threshold
from tradetop.panes.draw.gauge import gauge
from tradetop.panes.glyphs import marks
from tradetop.panes.line import size
from tradetop.panes.look import Glyphs
from tradetop.panes.row import Span
from tradetop.theme.roles import Role

SIGNS = marks(Glyphs.BRAILLE)
CHARS = marks(Glyphs.ASCII)
Bar = tuple[float, tuple[Threshold, Threshold], int]


def cells_in(spans: list[Span], *roles: Role) -> int:
    return sum(len(span.text) for span in spans if span.role in roles)


def two(warning: float, critical: float, side: Side = Side.ABOVE) -> tuple[Threshold, Threshold]:
    return Threshold(warning, Level.WARNING, side), Threshold(critical, Level.CRITICAL, side)


@st.composite
def bars(draw: st.DrawFn) -> Bar:
    warning = draw(st.floats(1, 90))
    critical = draw(st.floats(warning + 0.5, 130))
    near = st.sampled_from([warning, critical]).flatmap(lambda t: st.floats(t - 0.01, t + 0.01))
    return draw(st.one_of(st.floats(-20, 200), near)), two(warning, critical), draw(st.integers(3, 60))


@given(bars(), st.booleans())
def test_rounding_never_lies_about_a_threshold(
    bar: tuple[float, tuple[Threshold, Threshold], int], ticks: bool
) -> None:
    value, (warning, critical), width = bar
    drawn = gauge(value, 0.0, 100.0, (warning, critical), width, SIGNS, ticks)
    assert size(drawn) == width
    assert (cells_in(drawn, Role.CRIT) > 0) == critical.crossed(value)
    assert (cells_in(drawn, Role.WARN, Role.CRIT) > 0) == warning.crossed(value)


@given(st.floats(-700, 200), st.integers(3, 60))
def test_a_limit_from_below_is_as_honest(value: float, width: int) -> None:
    drawn = gauge(value, -600.0, 0.0, two(-400, -500, Side.BELOW), width, SIGNS)
    assert size(drawn) == width
    assert (cells_in(drawn, Role.WARN, Role.CRIT) > 0) == (value < -400)
    assert (cells_in(drawn, Role.CRIT) > 0) == (value < -500)


@given(st.floats(-0.2, 1.2), st.integers(4, 60))
def test_a_band_with_trouble_on_both_sides(value: float, width: int) -> None:
    band = (Threshold(0.2, Level.WARNING, Side.BELOW), Threshold(0.5, Level.WARNING))
    assume(value >= 0.0)
    drawn = gauge(value, 0.0, 1.0, band, width, SIGNS)
    assert size(drawn) == width
    assert (cells_in(drawn, Role.WARN) > 0) == (value < 0.2 or value > 0.5)


def test_a_loss_fills_the_bar_from_the_right_towards_its_zone() -> None:
    drawn = gauge(-250.0, -500.0, 0.0, (Threshold(-400, Level.CRITICAL, Side.BELOW),), 10, CHARS, ticks=True)
    assert "".join(s.text for s in drawn) == "-|---#####"


def test_beyond_the_scale_the_bar_is_full() -> None:
    assert "".join(s.text for s in gauge(120.0, 0.0, 100.0, two(80, 90), 10, CHARS, True)) == "#" * 10


def test_no_value_lights_nothing_and_shows_where_the_limits_are() -> None:
    assert "".join(s.text for s in gauge(None, 0.0, 100.0, two(80, 90), 10, CHARS, True)) == "--------||"


def test_unlit_zones_keep_a_tint_so_that_thresholds_stay_visible() -> None:
    drawn = gauge(10.0, 0.0, 100.0, two(80, 90), 10, SIGNS)
    assert [(s.role, len(s.text)) for s in drawn] == [
        (Role.BAR, 1),
        (Role.TRACK, 7),
        (Role.WARN_DIM, 1),
        (Role.CRIT_DIM, 1),
    ]
