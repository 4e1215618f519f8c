"""What has not changed stays where it is: a clock ticks, an age moves on, a chart shifts by whole cells."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panes.frames import NOW, sample_fleet, sample_frame, trend, wave
from tradetop.model.clock import MINUTE, SECOND
from tradetop.model.frame import Frame
from tradetop.model.panel_frame import Trend
from tradetop.panes import cells, numbers
from tradetop.panes.draw.area import area, spans
from tradetop.panes.draw.axis import Scale, scale
from tradetop.panes.draw.sample import columns
from tradetop.panes.draw.spark import spark
from tradetop.panes.export import as_text
from tradetop.panes.layout import screen
from tradetop.panes.look import Glyphs, Look, ScreenName
from tradetop.panes.row import Span

SIZES = ((80, 24), (120, 40), (200, 55))


def later(frame: Frame, ms: int) -> Frame:
    bots = tuple(replace(bot, age=None if bot.age is None else bot.age + ms) for bot in frame.bots)
    return replace(frame, now=frame.now + ms, at=frame.at + ms, bots=bots)


def changed(frame: Frame, look: Look, size: tuple[int, int], ms: int = SECOND) -> list[str]:
    """The lines below the header that differ after some time without new data."""
    one, two = (as_text(screen(f, look, *size), *size).splitlines()[1:] for f in (frame, later(frame, ms)))
    return [line for line, other in zip(one, two, strict=True) if line != other]


@pytest.mark.parametrize("size", SIZES)
def test_a_second_without_data_moves_only_ages_below_a_minute(size: tuple[int, int]) -> None:
    assert changed(sample_frame(quiet=True), Look(), size) == []
    for line in changed(sample_frame(), Look(), size):
        assert "48s of 2m00s" in line
    for line in changed(sample_frame(dead=True), Look(), size):
        assert "34s" in line


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", [ScreenName.DASHBOARD, ScreenName.OVERVIEW])
def test_on_a_slow_link_nothing_ticks_by_the_second(name: ScreenName, size: tuple[int, int]) -> None:
    for frame in (sample_frame(), sample_frame(quiet=True), sample_frame(dead=True)):
        assert changed(frame, Look(screen=name, slow=True), size) == []


def test_ages_of_the_bots_stand_still_on_a_slow_link() -> None:
    frame = sample_fleet()
    assert changed(frame, Look(screen=ScreenName.FLEET, slow=True), (120, 40)) == []
    assert changed(frame, Look(screen=ScreenName.FLEET), (120, 40)) != []


@pytest.mark.parametrize(
    ("ms", "said", "slow"),
    [
        (0, "0s", "0s"),
        (34_900, "34s", "30s"),
        (59_999, "59s", "50s"),
        (154_000, "2m30s", "2m00s"),
        (-5, "0s", "0s"),
        (3 * 3_600_000 + 754_000, "3h12m", "3h12m"),
    ],
)
def test_a_duration_ticks_by_seconds_then_by_tens(ms: int, said: str, slow: str) -> None:
    assert numbers.duration(numbers.ticking(ms)) == said
    assert numbers.duration(numbers.ticking(ms, slow=True)) == slow


STEP = 3 * MINUTE


def text_of(row: list[Span]) -> str:
    return "".join(span.text for span in row)


def window(count: int, first: int) -> Trend:
    """`count` values of an endless curve, from the `first`th column of time on."""
    curve = wave(50.0, 40.0)
    return Trend(first * STEP, STEP, tuple(curve((first + i) / 97) for i in range(count)))


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 200), st.integers(2, 120), st.integers(10_000, 10_400), st.sampled_from(Glyphs))
def test_a_chart_shifts_by_whole_cells(count: int, width: int, first: int, glyphs: Glyphs) -> None:
    def drawn(of: Trend) -> list[str]:
        rows = area(of.values, width, Scale(0.0, 100.0, 4), glyphs, origin=of.origin)
        return [text_of(spans(row)) for row in rows]

    before, after = drawn(window(count, first)), drawn(window(count, first + 1))
    shifts = -(-width // count) + 1
    # The ends may gain or lose what lies beyond them; in between nothing changes but its place.
    assert any(
        all(old[1 + shift : -1] == new[1 : width - shift - 1] for old, new in zip(before, after, strict=True))
        for shift in range(min(shifts + 1, width))
    )


@given(st.integers(1, 300), st.integers(1, 150), st.integers(0, 10_000))
def test_a_gap_that_is_as_wide_as_a_column_is_never_bridged(count: int, width: int, origin: int) -> None:
    wide = max(1, -(-count // width))
    values = [1.0] * count
    start = count // 2
    values[start : start + wide] = [float("nan")] * min(wide, count - start)
    found = columns(values, width, 1, origin)
    assert len(found) == width
    assert any(value != value for value in found)
    assert all(value != value or value == 1.0 for value in found)


@pytest.mark.parametrize("glyphs", Glyphs)
def test_a_gap_in_a_sparkline_is_blank_and_a_zero_is_not(glyphs: Glyphs) -> None:
    curve = Trend(0, STEP, (*[5.0] * 10, *[float("nan")] * 6, *[0.0] * 10))
    drawn = text_of(spark(curve, 13, glyphs))
    assert cells.width(drawn) == 13
    assert drawn[5:8].strip("\u2800 ") == ""
    assert " " not in drawn[:5] + drawn[8:12]


def test_not_recorded_hours_are_a_gap_in_the_account() -> None:
    frame = sample_frame()
    account = frame.panel("account_value")
    assert account is not None
    assert account.first is not None
    hole = trend(lambda x: float("nan") if 0.4 < x < 0.6 else 52_000.0)
    panel = replace(account, series=(replace(account.first, trend=hole),))
    panels = tuple(panel if p is account else p for p in frame.panels)
    box = next(b for b in screen(replace(frame, panels=panels), Look(), 120, 40) if b.id == "equity")
    rows = ["".join(s.text for s in row) for row in box.rows]
    filled = [row for row in rows if "⣿" in row]
    assert filled
    assert all("⣿" not in row[42:48] for row in filled)
    assert hole.start < NOW


def test_a_value_that_creeps_on_leaves_the_scale_where_it_is() -> None:
    tops = {scale(50_000.0, 51_000.0 + i, 8).high for i in range(60)}
    assert len(tops) <= 3
    assert all(scale(50_000.0, 51_000.0 + i, 8).high >= 51_000 + i for i in range(60))
