"""The header says whether the bot lives, with whose money, and since when."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tradetop.events.derive import derived
from tradetop.model.bot_event import EventClass, Fact
from tradetop.model.clock import HOUR, SECOND
from tradetop.model.labels import Labels
from tradetop.model.level import Level, Presence
from tradetop.model.mark import Mark
from tradetop.model.panel import Query
from tradetop.model.target import Health, HealthState, LineError, Mode, Target
from tradetop.model.view import View
from tradetop.viewer.header import read_mode
from viewer.stage import DASHBOARD, PNL, STEP, Stage, T

TARGET = Target("bot", "http://bot.example:8000/metrics", instance="bot.example:8000")

SICK = (
    Health("live", HealthState.UNHEALTHY, reason="503: ws down"),
    Health("ready", HealthState.UNHEALTHY, reason="503: ws down"),
    Health("health", HealthState.DEGRADED),
    Health("health2", HealthState.STARTING, reason="failed 1 of 3: 503"),
)


def scraped(target: Target = TARGET, **values: float) -> Stage:
    made = Stage(target=target)
    made.scrape(0, up=True, **values)
    return made


def info(stage: Stage, value: float = 1.0, **labels: str) -> None:
    stage.record.store.append_scrape("info", T, {Labels({"__name__": "bot_info", **labels}): value})
    stage.record.revision += 1


def test_a_key_in_the_address_is_never_shown() -> None:
    top = scraped(replace(TARGET, url="http://bot.example:8000/metrics?key=hunter2")).top(0)
    assert top.url == "http://bot.example:8000/metrics?key=***"


def test_without_a_source_the_mode_is_not_known() -> None:
    stage = scraped(exposure_pct=1.0)
    assert stage.top(0).mode is Mode.UNKNOWN
    info(stage, mode="backtest-7")
    assert stage.top(0).mode is Mode.UNKNOWN


def test_each_source_of_the_mode_is_heard_and_the_user_first() -> None:
    stage = scraped()
    stage.happen(0, "signal", EventClass.SIGNAL, Fact("mode", "dry_run"))
    assert stage.top(0).mode is Mode.PAPER
    info(stage, mode="live")
    assert stage.top(0).mode is Mode.LIVE
    stage.record.say(mode=Mode.PAPER)
    assert stage.top(0).mode is Mode.PAPER
    user = Stage(target=replace(TARGET, mode=Mode.LIVE))
    user.record.say(mode=Mode.PAPER)
    assert user.top(0).mode is Mode.LIVE


def test_a_mode_that_the_page_says_is_off_is_none() -> None:
    stage = scraped()
    info(stage, 0.0, mode="live")
    assert stage.top(0).mode is Mode.UNKNOWN


@pytest.mark.parametrize(
    ("word", "mode"),
    [
        ("LIVE", Mode.LIVE),
        ("production", Mode.LIVE),
        ("DRY_RUN", Mode.PAPER),
        ("dry-run", Mode.PAPER),
        ("sandbox", Mode.PAPER),
        ("Simulation", Mode.PAPER),
        ("alive", Mode.UNKNOWN),
        ("", Mode.UNKNOWN),
    ],
)
def test_words_for_modes(word: str, mode: Mode) -> None:
    assert read_mode(word) is mode


def test_the_time_counts_from_the_latest_deployment_that_anybody_tells_else_from_the_first_sight() -> None:
    stage = scraped()
    assert stage.top(3).deployed_at == T
    stage.record.say(deployed_at=T + STEP)
    assert stage.top(3).deployed_at == T + STEP
    user = scraped(replace(TARGET, since=T - HOUR))
    assert user.top(3).deployed_at == T - HOUR
    user.record.say(deployed_at=T + STEP)
    assert user.top(3).deployed_at == T + STEP
    user.marks = (Mark("mark 1", T + 2 * STEP, "Deploy v2"), Mark("mark 2", T + 3 * STEP, "config changed"))
    assert user.top(3).deployed_at == T + 2 * STEP
    assert user.top(3, View(at=T + STEP)).deployed_at == T + STEP
    late = scraped(replace(TARGET, since=T + 3 * STEP))
    late.marks = user.marks
    assert late.top(3).deployed_at == T + 3 * STEP


def test_a_restart_counts_and_does_not_begin_the_time_anew() -> None:
    stage = Stage()
    for i, start in enumerate((100.0, 100.0, 200.0, 200.0, 300.0)):
        stage.scrape(i, process_start_time_seconds=start)
    assert stage.top(4).restarts == 2
    assert stage.top(4).deployed_at == T


def test_without_a_start_time_the_restarts_that_the_counters_told_count() -> None:
    stage = scraped()
    for i in (1, 3):
        stage.record.derived.extend([derived("restart", EventClass.RESTART, T + i * STEP, "bot")])
    stage.record.revision += 1
    assert stage.top(2).restarts == 1
    assert stage.top(4).restarts == 2


def test_every_hour_since_the_deployment_has_its_cell() -> None:
    stage = Stage()
    for i in range(0, 3 * 360, 6):
        stage.scrape(i, exposure_pct=26.0 if 400 <= i < 420 else 1.0)
        stage.alert(i, firing=400 <= i < 420)
    assert stage.top(3 * 360 - 6).hours == (Level.OK, Level.WARNING, Level.OK)


def test_pnl_is_the_headline_of_its_pane() -> None:
    assert scraped(exposure_pct=1.0).top(0).pnl.presence is Presence.ABSENT
    pnl = scraped(pnl_usd=-12.5).top(0).pnl
    assert (pnl.value, pnl.presence) == (-12.5, Presence.LIVE)


def test_pnl_that_events_still_tell_of_a_bot_that_is_gone_is_stale() -> None:
    realized = replace(PNL, queries=(Query("bot_realized_pnl_usd"),))
    stage = Stage(target=TARGET, dashboard=replace(DASHBOARD, panels=(realized,)))
    stage.scrape(0)
    stage.record.store.append({"__name__": "bot_realized_pnl_usd"}, T, -42.0)
    assert stage.top(0).pnl.presence is Presence.LIVE
    stage.scrape(1, up=False)
    pnl = stage.top(1).pnl
    assert (pnl.value, pnl.presence, pnl.t) == (-42.0, Presence.STALE, T)


def test_errors_of_the_last_hour_and_alerts_are_counted() -> None:
    stage = scraped(exposure_pct=26.0)
    stage.alert(0)
    for i in (0, 5, 300):
        stage.happen(i, "error", EventClass.ERROR)
    assert (stage.top(0).firing, stage.top(0).critical, stage.top(0).errors) == (1, 0, 1)
    assert stage.top(361).errors == 2


def test_what_the_status_knows_is_passed_on() -> None:
    stage = scraped()
    health = Health("live", HealthState.DEGRADED, latency=0.02)
    stage.record.say(healths=(health,), preset="247trader", version="1.4", samples=17)
    stage.record.say(errors=(LineError(3, "x", "no value"),), error_count=4)
    top = stage.top(0)
    assert (top.healths, top.preset, top.version, top.series) == ((health,), "247trader", "1.4", 17)
    assert (top.page_error_count, top.page_errors[0].line) == (4, 3)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"reason": "refused", "database_reason": "no file"}, "refused"),
        ({"reason": "refused", "healths": SICK}, "refused"),
        ({"healths": SICK, "database_reason": "no file"}, "live, ready unhealthy: 503: ws down; health degraded"),
        ({"database_reason": "no file"}, "no file"),
        ({}, ""),
    ],
)
def test_the_worst_trouble_is_the_one_that_is_said(changes: dict[str, Any], reason: str) -> None:
    stage = scraped()
    stage.record.say(**changes)
    assert stage.top(0).reason == reason


def test_data_is_stale_two_and_a_half_intervals_after_the_last_good_scrape() -> None:
    stage = scraped(exposure_pct=1.0)
    frames = [stage.viewer.frame(stage.frame(0).view, T + ms * SECOND) for ms in (24, 25, 26)]
    assert [f.bots[0].stale for f in frames] == [False, False, True]
