"""The screen of a series: its chart with crosshair, its figures, what is said about it, and its states."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import combinations

import pytest

from panes.frames import NOW, SPAN, sample_detail, sample_frame, thresholds
from tradetop.model.bot_event import EventSource
from tradetop.model.clock import HOUR, MINUTE, SECOND
from tradetop.model.detail_frame import DetailFrame, StatsFrame
from tradetop.model.frame import Frame
from tradetop.model.labels import Labels
from tradetop.model.level import Level, Presence
from tradetop.model.panel import Side
from tradetop.model.unit import Unit
from tradetop.panes.export import as_text
from tradetop.panes.layout import screen
from tradetop.panes.look import Glyphs, Look, ScreenName
from tradetop.panes.row import Box
from tradetop.theme.roles import Role

FRAME = sample_detail()
assert FRAME.detail is not None
OF: DetailFrame = FRAME.detail
VALUES = tuple(OF.series.trend.values)
NOTHING = (math.nan,) * len(VALUES)
LOOK = Look(screen=ScreenName.DETAIL, mono=True)
SIZES = [(80, 24), (120, 40), (200, 55)]


def shown(frame: Frame = FRAME, look: Look = LOOK, size: tuple[int, int] = (120, 40)) -> str:
    return as_text(screen(frame, look, *size), *size)


def box(name: str, frame: Frame = FRAME, look: Look = LOOK, size: tuple[int, int] = (120, 40)) -> Box:
    return next(b for b in screen(frame, look, *size) if b.id == name)


def text(of: Box) -> str:
    return "\n".join("".join(span.text for span in row) for row in of.rows)


def changed(**what: object) -> Frame:
    """The sample with other fields of its detail."""
    return replace(FRAME, detail=replace(OF, **what))


def read(presence: Presence, value: float | None = None, values: tuple[float, ...] = VALUES, **more: object) -> Frame:
    """The sample with another reading and another history."""
    reading = replace(OF.series.reading, presence=presence, value=value, level=Level.OK, **more)
    trend = replace(OF.series.trend, values=values)
    return changed(series=replace(OF.series, reading=reading, trend=trend))


def aiming(t: int, frame: Frame = FRAME) -> Frame:
    assert frame.view.focus is not None
    return replace(frame, view=replace(frame.view, focus=replace(frame.view.focus, at=t)))


# Crosshair


@pytest.mark.parametrize("glyphs", Glyphs)
@pytest.mark.parametrize("size", SIZES)
def test_the_crosshair_marks_its_column_and_names_time_and_value(size: tuple[int, int], glyphs: Glyphs) -> None:
    t = OF.series.trend.start + 60 * OF.series.trend.step
    look = replace(LOOK, glyphs=glyphs)
    plain, marked = box("chart", look=look, size=size), box("chart", aiming(t), look, size)
    assert f" 09:03:27  {VALUES[60]:.1f}% " in text(marked)
    # The point itself and the words are reversed, which every terminal shows.
    reversed_ = [s.text for row in marked.rows[1:] for s in row if s.reverse]
    assert len(reversed_) == 2
    assert not [s for row in plain.rows[1:] for s in row if s.reverse]


def test_a_move_of_the_crosshair_changes_two_columns_and_its_words() -> None:
    start, step = OF.series.trend.start, OF.series.trend.step
    one, two = (text(box("chart", aiming(start + i * step))).splitlines() for i in (60, 62))
    for row, (before, after) in enumerate(zip(one, two, strict=True)):
        differs = [x for x, (a, b) in enumerate(zip(before, after, strict=True)) if a != b]
        words = row == len(one) - 2
        assert not differs or max(differs) - min(differs) <= (24 if words else 2), (row, before, after)
    others = [b for b in screen(aiming(start + 60 * step), LOOK, 120, 40) if b.id != "chart"]
    assert others == [b for b in screen(aiming(start + 62 * step), LOOK, 120, 40) if b.id != "chart"]


def test_in_a_gap_the_crosshair_says_which_kind_of_absence_is_there() -> None:
    values = (*NOTHING[:20], *VALUES[20:40], *NOTHING[40:70], *VALUES[70:])
    reached = (1.0,) * 45 + (0.0,) * 10 + (math.nan,) * 10 + (1.0,) * 55
    frame = read(Presence.LIVE, 91.4, values)
    frame = replace(frame, detail=replace(frame.detail, reached=reached))
    trend = OF.series.trend
    said = {i: text(box("chart", aiming(trend.start + i * trend.step, frame))) for i in (10, 42, 50, 60)}
    assert "06:33:27  absent" in said[10]
    assert "08:09:27  gone" in said[42]
    assert "08:33:27  no data, bot down" in said[50]
    assert "09:03:27  not recorded" in said[60]
    assert "12:00:27  " in text(box("chart", aiming(trend.start + 119 * trend.step, frame)))


def test_a_crosshair_that_the_window_has_left_behind_says_so() -> None:
    assert "05:03:27  not in this window" in text(box("chart", aiming(NOW - 7 * HOUR)))


def test_a_gap_is_a_gap_in_the_data_and_in_the_axis() -> None:
    whole = text(box("chart")).splitlines()
    gap = text(box("chart", read(Presence.LIVE, 91.4, (*VALUES[:40], *NOTHING[40:60], *VALUES[60:])))).splitlines()
    lane = next(i for i, line in enumerate(whole) if "└" in line and "▾" in line)
    assert gap[lane].count("─") < whole[lane].count("─") - 8
    assert "⣿" in whole[lane - 1][40:50]
    assert "⣿" not in gap[lane - 1][40:50]


# Thresholds and zero


@pytest.mark.parametrize("glyphs", [Glyphs.ASCII, Glyphs.BLOCK, Glyphs.BRAILLE])
@pytest.mark.parametrize("size", SIZES)
def test_without_colour_threshold_lines_are_glyphs_of_their_own(glyphs: Glyphs, size: tuple[int, int]) -> None:
    drawn = text(box("chart", look=replace(LOOK, glyphs=glyphs), size=size)).splitlines()
    warn, crit = (next(line for line in drawn if label in line) for label in ("80 W", "90 C"))
    assert {Glyphs.ASCII: "----", Glyphs.BLOCK: "────", Glyphs.BRAILLE: "────"}[glyphs] in warn
    assert {Glyphs.ASCII: "====", Glyphs.BLOCK: "════", Glyphs.BRAILLE: "━━━━"}[glyphs] in crit
    # They are seen through the area too, where they tell how long it was above.
    assert warn.rstrip(" |H┃║").endswith({Glyphs.ASCII: "-", Glyphs.BLOCK: "─", Glyphs.BRAILLE: "─"}[glyphs])


def test_a_value_that_is_well_is_not_coloured_by_a_limit_below_it() -> None:
    below = thresholds(-400, -500, Side.BELOW)
    values = tuple(-450.0 if 50 <= i < 60 else 300.0 for i in range(120))
    frame = read(Presence.LIVE, 300.0, values, unit=Unit.USD)
    panel = replace(OF.panel, thresholds=below, signed=True, unit=Unit.USD)
    assert frame.detail is not None
    drawn = box("chart", replace(frame, detail=replace(frame.detail, panel=panel)), replace(LOOK, mono=False))
    tones = {role for row in drawn.rows[1:-3] for s in row for role in [s.role] if "⣿" in s.text}
    assert tones & {Role.GAIN, Role.GAIN_DIM}
    assert tones & {Role.WARN, Role.WARN_DIM}
    assert not tones & {Role.CRIT, Role.CRIT_DIM}


def test_what_is_won_stands_on_zero_and_what_is_lost_hangs_from_it() -> None:
    values = tuple(float(i - 60) for i in range(120))
    frame = read(Presence.LIVE, 59.0, values, unit=Unit.USD)
    panel = replace(OF.panel, thresholds=(), signed=True, unit=Unit.USD)
    assert frame.detail is not None
    drawn = box("chart", replace(frame, detail=replace(frame.detail, panel=panel)), replace(LOOK, mono=False))
    roles = [{s.role for s in row} for row in drawn.rows[1:-3]]
    gains = [i for i, found in enumerate(roles) if Role.GAIN in found]
    losses = [i for i, found in enumerate(roles) if Role.LOSS in found]
    assert gains
    assert losses
    assert max(gains) < min(losses)
    zero = next(i for i, row in enumerate(drawn.rows[1:-3]) if any(s.text.strip() == "0" for s in row[:5]))
    assert zero == max(gains)


def test_no_row_of_a_scale_around_zero_is_wasted() -> None:
    values = tuple(-171.0 + i * 13.2 for i in range(120))
    frame = read(Presence.LIVE, 1_400.0, values, unit=Unit.USD)
    panel = replace(OF.panel, thresholds=(), signed=True, unit=Unit.USD)
    assert frame.detail is not None
    drawn = text(box("chart", replace(frame, detail=replace(frame.detail, panel=panel)))).splitlines()
    assert any("⣿" in line or "⣶" in line or "⣤" in line for line in drawn[1:4])


# Figures


def test_figures_stand_with_their_points_above_each_other() -> None:
    stats = StatsFrame(1_284.2, -171.0, 0.35, 12.4, 1_321.7, (), 2_160, 10 * SECOND, 2, 14 * MINUTE)
    frame = changed(panel=replace(OF.panel, thresholds=(), unit=Unit.SHORT), stats=stats)
    frame = replace(frame, detail=replace(frame.detail, series=replace(
        OF.series, reading=replace(OF.series.reading, unit=Unit.SHORT, value=1_284.2))))  # fmt: skip
    rows = [line for line in text(box("stats", frame)).splitlines() if any(w in line for w in ("avg", "p95"))]
    assert len({row.index(".") for row in rows}) == 1
    assert "▲ 2, 14m00s" in text(box("stats", frame))
    assert "2,160 / 10s" in text(box("stats", frame))


def test_durations_of_one_series_are_all_in_one_unit() -> None:
    stats = StatsFrame(1.204, 0.182, 0.421, 1.1, 2.5, (), 360, 10 * SECOND)
    reading = replace(OF.series.reading, unit=Unit.SECONDS, value=1.204)
    frame = changed(stats=stats, series=replace(OF.series, reading=reading), panel=replace(OF.panel, thresholds=()))
    drawn = text(box("stats", frame))
    for said in ("1.20 s", "0.18 s", "0.42 s", "2.50 s"):
        assert said in drawn
    assert "ms" not in drawn


def test_the_time_to_breach_and_the_time_beyond_each_threshold_are_there() -> None:
    limit = next(x for x in FRAME.limits if x.panel.id == "rate_limiter")
    frame = replace(FRAME, limits=(replace(limit, labels=OF.series.labels, eta=9 * MINUTE),))
    drawn = text(box("stats", frame, size=(80, 24)))
    for said in ("to 90", "~9m", "above 80", "6m20s", "above 90", "2m10s", "samples", "gaps"):
        assert said in drawn


# About


@pytest.mark.parametrize("size", SIZES)
def test_everything_about_a_series_can_be_reached(size: tuple[int, int]) -> None:
    labels = Labels({f"label_{i}": f"a rather long value number {i}" for i in range(6)})
    runbook = "stop the bot, look at the exchange, and only then start it again " * 3
    panel = replace(OF.panel, runbook=runbook)
    frame = changed(series=replace(OF.series, labels=labels), panel=panel, raw=(f"metric{labels} 91.4321",) * 3)
    seen = "".join(text(box("about", frame, replace(LOOK, scroll=i), size)) for i in range(40))
    for said in (
        "91.4321",
        "label_0",
        "number 5",
        "only then",
        "used by",
        "RateLimitWarning ok",
        "gauge",
        "> 90 for 1m",
    ):
        assert said in seen, said
    first = text(box("about", frame, LOOK, size))
    assert "91.4321" in first
    assert "RateLimitCritical firing" in first


def test_a_rule_is_not_called_ok_while_there_is_no_data() -> None:
    dead = sample_frame(dead=True)
    drawn = text(box("about", replace(dead, detail=OF, view=FRAME.view)))
    assert "RateLimitWarning has no data" in drawn
    assert "RateLimitCritical was firing" in drawn


# Events


def test_the_events_name_the_time_that_they_lie_around() -> None:
    assert "Events 12:03 ±5m" in text(box("around"))
    assert "Events 09:03 ±5m" in text(box("around", changed(around=NOW - 3 * HOUR)))
    # Until the engine has answered, what is shown is still called what it is.
    assert "Events 12:03 ±5m" in text(box("around", aiming(NOW - 3 * HOUR)))
    assert "+-5m" in text(box("around", look=replace(LOOK, glyphs=Glyphs.ASCII)))


def test_no_events_is_said_with_the_time_it_is_true_for() -> None:
    drawn = text(box("around", changed(events=(), around=NOW - 3 * HOUR)))
    assert "08:58 to 09:08: no events" in drawn


def test_the_chosen_event_has_its_json_beside_it() -> None:
    look = replace(LOOK, selected=2)
    assert '"pair": "AVAX-USD"' in text(box("json", look=look))
    assert not [b for b in screen(FRAME, look, 80, 24) if b.id == "json"]


# States


def states() -> dict[str, Frame]:
    dead = sample_frame(dead=True)
    broken = tuple(replace(p, error="1:5: no such function") if p.panel.id == OF.panel.id else p for p in FRAME.panels)
    return {
        "live": FRAME,
        "stale": read(Presence.STALE, 64.2, (*VALUES[:100], *NOTHING[100:]), t=NOW - 40 * MINUTE),
        "gone": read(Presence.STALE, 64.2, NOTHING, t=NOW - 9 * HOUR),
        "absent": read(Presence.ABSENT, None, NOTHING),
        "never set": read(Presence.NEVER_SET, 0.0, (0.0,) * 120, unmoved_since=NOW - 3 * HOUR),
        "not recorded": read(Presence.NOT_RECORDED, None, NOTHING),
        "dead": replace(dead, detail=OF, view=FRAME.view),
        "error": replace(read(Presence.ABSENT, None, NOTHING), panels=broken),
        "loading": replace(FRAME, detail=None, view=replace(FRAME.view, focus=None)),
        "no such panel": replace(FRAME, detail=None),
    }


WORDS = {
    "stale": "gone since 11:23, was 64.2%",
    "gone": "gone since 03:03, was 64.2%",
    "absent": "— absent",
    "never set": "0 never set",
    "not recorded": "○ not recorded",
    "dead": "no data 34s",
    "error": "cannot be evaluated",
    "loading": "asking for the series",
    "no such panel": "no such panel",
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("glyphs", Glyphs)
def test_every_state_is_told_without_colour(size: tuple[int, int], glyphs: Glyphs) -> None:
    drawn = {name: text(box("chart", frame, replace(LOOK, glyphs=glyphs), size)) for name, frame in states().items()}
    assert all(one != other for one, other in combinations(drawn.values(), 2))
    if glyphs is Glyphs.BRAILLE:
        for name, words in WORDS.items():
            assert words in drawn[name], name


def test_an_error_says_what_is_wrong_and_what_to_do() -> None:
    drawn = text(box("chart", states()["error"]))
    assert "1:5: no such function" in drawn
    assert "mend the query" in drawn


def test_an_absent_series_says_what_it_needs() -> None:
    frame = read(Presence.ABSENT, None, NOTHING)
    assert frame.detail is not None
    panel = replace(OF.panel, needs="a metric of the rate limiter")
    assert "needs a metric of the rate limiter" in shown(replace(frame, detail=replace(frame.detail, panel=panel)))


@pytest.mark.parametrize("size", [(60, 15), (80, 20), (80, 24), (120, 40), (200, 55), (500, 200)])
def test_every_state_fills_its_screen_exactly(size: tuple[int, int]) -> None:
    for frame in (*states().values(), aiming(NOW - SPAN // 3)):
        covered = sum(b.width * b.height for b in screen(frame, LOOK, *size))
        assert covered == size[0] * size[1]


# An event and its JSON


def test_an_opened_event_stays_when_the_feed_has_moved_on() -> None:
    event = FRAME.feed.events[0]
    frame = replace(FRAME, feed=replace(FRAME.feed, events=()), detail=None, event=event)
    look = Look(screen=ScreenName.EVENT, event=event.id)
    assert "XRP-USD" in shown(frame, look)
    assert "no such event" in shown(replace(frame, event=None), look)


def test_an_event_says_where_the_bot_stood_then_and_now() -> None:
    drawn = shown(look=Look(screen=ScreenName.EVENT, event=FRAME.feed.events[-2].id))
    row = next(line for line in drawn.splitlines() if "P&L today" in line)
    assert row.count("USD") == 2
    assert "+1,284.20 USD" in row


def test_long_json_scrolls_and_says_where_one_is() -> None:
    event = replace(FRAME.feed.events[-1], written='{"a": [' + ", ".join(map(str, range(200))) + "]}")
    frame = replace(FRAME, event=event)
    look = Look(screen=ScreenName.JSON, event=event.id)
    first, last = shown(frame, look, (80, 24)), shown(frame, replace(look, scroll=10_000), (80, 24))
    assert "1-21 of 204" in first
    assert "184-204 of 204" in last
    assert "199" in last
    assert "199" not in first


def test_json_that_is_none_says_so_and_loses_nothing() -> None:
    event = replace(FRAME.feed.events[-1], written='{"message": "cut he')
    drawn = shown(replace(FRAME, event=event), Look(screen=ScreenName.JSON, event=event.id))
    assert '{"message": "cut he' in drawn
    assert "not whole" in drawn
    derived = replace(event, written="", source=EventSource.DERIVED)
    look = Look(screen=ScreenName.JSON, event=derived.id)
    assert "no JSON: this event was worked out from metrics" in shown(replace(FRAME, event=derived), look)


def test_a_long_text_of_an_event_is_wrapped_and_keeps_its_colour() -> None:
    event = replace(FRAME.feed.events[-1], written='{"message": "' + "very long words " * 20 + 'end"}')
    look = Look(screen=ScreenName.JSON, event=event.id)
    drawn = box("json", replace(FRAME, event=event), look, (80, 24))
    assert "end" in text(drawn)
    strings = [s for row in drawn.rows for s in row if "long words" in s.text]
    assert len(strings) > 3
    assert {s.role for s in strings} == {Role.OPEN}


def test_over_a_slow_link_nothing_ticks_by_the_second_and_the_json_stays_away() -> None:
    slow = replace(LOOK, slow=True)
    later = replace(FRAME, at=FRAME.at + 3 * SECOND, now=FRAME.now + 3 * SECOND)
    assert not [b for b in screen(FRAME, slow, 120, 40) if b.id == "json"]
    assert text(box("about", FRAME, slow)) == text(box("about", later, slow))
