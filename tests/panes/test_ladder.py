"""The ladder over the whole screen: what each row says, and what gives way where there is little room."""

from __future__ import annotations

from dataclasses import replace

import pytest

from panes.drawn import lines
from panes.frames import sample_frame
from tradetop.model.clock import HOUR, MINUTE
from tradetop.model.frame import Frame
from tradetop.model.level import Level, Presence
from tradetop.model.panel import Side, Threshold
from tradetop.model.panel_frame import LimitFrame
from tradetop.model.unit import Unit
from tradetop.panes import sorting, targets
from tradetop.panes.limits import name_of
from tradetop.panes.look import Look, ScreenName


def of(frame: Frame, **changes: object) -> Frame:
    """A frame with a single limit, the exposure's, and changes to it."""
    (exposure,) = (x for x in frame.limits if x.panel.id == "exposure")
    return replace(frame, limits=(replace(exposure, **changes),))


def row(frame: Frame, width: int = 120, height: int = 40) -> str:
    drawn = lines(frame, width, height, screen=ScreenName.LADDER, mono=True).splitlines()
    return next(line for line in drawn if "exposure" in line)


def valued(value: float, unit: Unit = Unit.PERCENT) -> dict[str, object]:
    (exposure,) = (x for x in sample_frame().limits if x.panel.id == "exposure")
    level = Level.CRITICAL if value > 25 else Level.OK
    return {"reading": replace(exposure.reading, value=value, unit=unit, level=level)}


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 55)])
def test_a_row_says_value_limit_headroom_slope_and_time(size: tuple[int, int]) -> None:
    said = row(of(sample_frame()), *size)
    for wanted in ("21.6%", "> 25", "3.4%", "+0.38%/min", "~9m"):
        assert wanted in said


def test_what_is_past_its_last_limit_says_so() -> None:
    said = row(of(sample_frame(), **valued(29.2), eta=None, slope=None))
    assert "-4.2%" in said
    assert "past" in said


def test_a_bar_does_not_lie_about_what_is_beyond_its_end() -> None:
    assert "▸" not in row(of(sample_frame(), **valued(25.5)))
    assert "▸" in row(of(sample_frame(), **valued(120.0)))
    below = Threshold(-500.0, Level.CRITICAL, Side.BELOW)
    (exposure,) = of(sample_frame()).limits
    loss = {
        "limit": below,
        "panel": replace(exposure.panel, thresholds=(below,)),
        "scale_min": -600.0,
        "scale_max": 0.0,
    }
    assert "◂" in row(of(sample_frame(), **valued(-900.0, Unit.USD), **loss))
    assert "◂" not in row(of(sample_frame(), **valued(-550.0, Unit.USD), **loss))


@pytest.mark.parametrize(
    ("slope", "said"),
    [
        (0.1 / MINUTE, "+0.10%/min"),
        (-0.1 / MINUTE, "-0.10%/min"),
        (0.2 / HOUR, "+0.20%/h"),
        (0.9 / (24 * HOUR), "+0.90%/d"),
        (12.0 / MINUTE, "+12%/min"),
    ],
)
def test_a_slope_is_told_in_the_while_that_suits_it(slope: float, said: str) -> None:
    assert said in row(of(sample_frame(), slope=slope))


def test_a_value_that_stopped_has_neither_slope_nor_time() -> None:
    (exposure,) = of(sample_frame()).limits
    gone = replace(exposure.reading, presence=Presence.STALE)
    said = row(of(sample_frame(), reading=gone))
    assert "/min" not in said
    assert "~9m" not in said


def test_where_there_is_little_room_slope_and_headroom_give_way_and_the_bar_stays() -> None:
    assert "SLOPE" in lines(sample_frame(), 80, 24, screen=ScreenName.LADDER)
    narrow = lines(sample_frame(), 60, 15, screen=ScreenName.LADDER)
    assert "SLOPE" not in narrow
    assert "LEFT" in narrow
    assert all(line.count("■") + line.count("·") >= 8 for line in narrow.splitlines() if line.startswith("exposure"))


def test_the_row_under_the_cursor_says_what_to_do() -> None:
    (exposure,) = of(sample_frame()).limits
    told = replace(
        exposure,
        panel=replace(exposure.panel, runbook="Close something"),
        limit=replace(exposure.limit, alert="HighExposure", hold=2 * MINUTE),
    )
    said = lines(replace(sample_frame(), limits=(told,)), screen=ScreenName.LADDER)
    assert "HighExposure > 25 for 2m: Close something" in said


def test_many_limits_follow_the_cursor_and_say_how_many_have_no_room() -> None:
    (exposure,) = of(sample_frame()).limits

    def named(index: int) -> LimitFrame:
        return replace(exposure, label=f"limit {index}", panel=replace(exposure.panel, id=str(index)))

    frame = replace(sample_frame(), limits=tuple(named(i) for i in range(60)))
    first = lines(frame, 80, 24, screen=ScreenName.LADDER)
    last = lines(frame, 80, 24, screen=ScreenName.LADDER, selected=59)
    assert "limit 0 " in first
    assert "limit 59" not in first
    assert "limit 59" in last
    assert "rows" in first


def test_the_screen_has_its_own_order_and_the_cursor_stays_on_its_row() -> None:
    frame = sample_frame()
    frame = replace(frame, limits=tuple(replace(x, rung=len(frame.limits) - i) for i, x in enumerate(frame.limits)))
    look = Look(screen=ScreenName.LADDER)
    assert sorting.limits(frame, look) == [*reversed(frame.limits)]
    assert sorting.limits(frame, Look()) == [*frame.limits]
    first, last = name_of(frame.limits[0], 34), name_of(frame.limits[-1], 34)
    drawn = lines(frame, screen=ScreenName.LADDER)
    assert drawn.index(f"{last} ") < drawn.index(f"{first} ")
    turned = replace(frame, limits=tuple(replace(x, rung=-x.rung) for x in frame.limits))
    assert targets.moved_to(frame, turned, look) == len(frame.limits) - 1
