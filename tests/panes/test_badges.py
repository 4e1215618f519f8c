"""The first line on a whole screen: mode, health, restarts, hours, and who records."""

from __future__ import annotations

from dataclasses import replace

import pytest

from panes.drawn import lines, said, spans
from panes.frames import NOW, sample_bot, sample_frame
from tradetop.model.target import Health, HealthState, Mode
from tradetop.model.view import View
from tradetop.panes.layout import screen
from tradetop.panes.look import Look
from tradetop.theme.roles import Role


@pytest.mark.parametrize(
    ("mode", "badge"), [(Mode.LIVE, " LIVE "), (Mode.PAPER, " PAPER "), (Mode.UNKNOWN, " MODE ? ")]
)
def test_the_mode_is_a_badge_and_unknown_when_nothing_says_it(mode: Mode, badge: str) -> None:
    frame = replace(sample_frame(), bots=(sample_bot(mode=mode),))
    header = next(b for b in screen(frame, Look(), 80, 24) if b.id == "header")
    found = next(s for s in spans(header) if s.text == badge)
    assert found.reverse
    assert found.role is not Role.CRIT


def test_unknown_health_is_grey_and_never_red() -> None:
    unknown = (Health("health", HealthState.UNKNOWN),)
    for healths in ((), unknown):
        frame = replace(sample_frame(quiet=True), bots=(sample_bot(healths=healths, firing=0, pending=0, critical=0),))
        header = next(b for b in screen(frame, Look(), 120, 40) if b.id == "header")
        assert "○ health" in said(header)
        assert Role.CRIT not in {s.role for s in spans(header) if "■" not in s.text}


def test_restarts_pause_and_replay_are_in_the_header() -> None:
    frame = replace(sample_frame(), bots=(sample_bot(restarts=3),))
    assert "↻3" in lines(frame).splitlines()[0]
    assert "PAUSED" in lines(frame, paused=True).splitlines()[0]
    assert "REPLAY 12:03:27" in lines(replace(frame, view=View(at=NOW, bot=0))).splitlines()[0]


def test_the_hour_strip_has_a_cell_for_each_hour_with_its_worst() -> None:
    assert "■▲■✖····" in lines(sample_frame(), mono=True).splitlines()[0]
    header = next(b for b in screen(sample_frame(), Look(), 200, 55) if b.id == "header")
    assert [len(s.text) for s in spans(header) if s.role is Role.TRACK] == [40]


def test_who_keeps_the_history_is_said() -> None:
    frame = sample_frame()
    attached = replace(frame, recorder=replace(frame.recorder, attached=True, pid=42))
    assert " rec " in lines(frame).splitlines()[0]
    assert "attached" in lines(attached).splitlines()[0]
    broken = replace(frame, recorder=replace(frame.recorder, reason="disk full: /var/lib/tradetop"))
    assert "not kept" in lines(broken).splitlines()[0]
    assert "disk full" in lines(broken, 120, 44)


def test_the_zone_of_the_times_and_the_hours_stay_in_the_header_of_a_normal_terminal() -> None:
    top = lines(sample_frame(), 120, 40).splitlines()[0]
    for kept in ("tradetop 247trader-v2", "LIVE", "● live ● ready", "scrape ok", "24h", "✖1 ◔1", "12:03:27 UTC"):
        assert kept in top
    assert top.count("■") == 24


def test_a_third_healthy_endpoint_needs_no_room_and_a_sick_one_is_shown() -> None:
    frame = sample_frame(quiet=True)
    healths = frame.bots[0].healths
    well = replace(frame.bots[0], healths=(*healths, Health("health", HealthState.HEALTHY)))
    sick = replace(frame.bots[0], healths=(*healths, Health("health", HealthState.DEGRADED)))
    assert "health" not in lines(replace(frame, bots=(well,))).splitlines()[0]
    assert "▲ health" in lines(replace(frame, bots=(sick,))).splitlines()[0]


def test_a_small_header_still_says_that_another_process_records() -> None:
    frame = sample_frame(quiet=True)
    attached = replace(frame, recorder=replace(frame.recorder, attached=True, pid=42))
    assert "ok attached" in lines(attached, 80, 24).splitlines()[0]
