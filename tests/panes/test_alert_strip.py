"""The strip of alerts: what is wrong, what was firing, and when it may say that all is quiet."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from panes.drawn import box, lines, said, spans
from panes.frames import BROKEN, NOW, sample_bot, sample_fleet, sample_frame
from tradetop.model.alert import Alert, AlertState
from tradetop.model.bot_event import EventClass, Fact
from tradetop.model.clock import DAY, HOUR, MINUTE
from tradetop.model.frame import Frame
from tradetop.model.labels import Labels
from tradetop.model.level import Level
from tradetop.model.panel import PaneName
from tradetop.model.silence import Silence, SilenceKind
from tradetop.panes.export import as_text
from tradetop.panes.layout import screen
from tradetop.panes.look import Look, ScreenName
from tradetop.theme.roles import Role


def test_a_dead_bot_says_what_is_wrong_and_what_was_firing() -> None:
    text = said(box(sample_frame(dead=True), PaneName.ALERTS))
    assert "connection refused at 127.0.0.1:8000: is the bot running?" in text
    assert "was firing RateLimitCritical" in text
    assert "no data 34s" in text


def test_a_dead_bot_is_never_called_quiet() -> None:
    frame = replace(sample_frame(dead=True), alerts=(), notices=())
    frame = replace(frame, bots=(replace(frame.bots[0], reason=""),))
    assert "quiet" not in lines(frame)
    assert "limits cannot be judged" in lines(frame)


def test_quiet_says_how_many_limits_are_watched() -> None:
    assert "● all quiet, 8 limits ok" in lines(sample_frame(quiet=True))
    assert "no limits are watched" in lines(replace(sample_frame(quiet=True), rules_ok=0))


def test_more_alerts_than_rows_are_counted() -> None:
    frame = sample_frame()
    many = tuple(replace(frame.alerts[0], value=float(i)) for i in range(9))
    assert "+5 rows" in lines(replace(frame, alerts=many), 80, 24)
    # Where they have the focus, the key that shows all of them stands beside it.
    assert "z +5 rows" in lines(replace(frame, alerts=many), 80, 24, focus=PaneName.ALERTS)
    assert "+7 rows" in lines(replace(frame, alerts=many), 80, 20)


def test_a_pending_alert_shows_how_far_its_hold_has_come() -> None:
    assert "48s of 2m00s" in lines(sample_frame())
    pending = [a for a in sample_frame().alerts if a.state is AlertState.PENDING]
    assert pending


def test_every_bot_that_is_down_says_why() -> None:
    frame = sample_fleet()
    bots = tuple(replace(b, up=False, reason=f"reason {i}") for i, b in enumerate(frame.bots))
    text = lines(replace(frame, bots=bots), screen=ScreenName.FLEET)
    for index, bot in enumerate(bots):
        assert f"{bot.name}: reason {index}" in text


def test_what_is_past_a_limit_is_never_called_quiet() -> None:
    frame = replace(sample_frame(), alerts=())
    drawn = said(box(frame, PaneName.ALERTS))
    assert "all quiet" not in drawn
    assert "products is past a limit" in drawn


def test_quiet_says_which_alert_was_the_last_to_end() -> None:
    frame = sample_frame(quiet=True)
    facts = (Fact("alert", "RateLimitCritical"), Fact("state", "resolved"))
    over = replace(frame.feed.events[-1], cls=EventClass.ALERT, level=Level.OK, t=NOW - 41 * MINUTE, facts=facts)
    drawn = said(box(replace(frame, feed=replace(frame.feed, events=(over, *frame.feed.events))), PaneName.ALERTS))
    assert "last alert RateLimitCritical ended 41m ago" in drawn


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
def test_alerts_of_one_rule_are_told_apart_by_their_labels(size: tuple[int, int]) -> None:
    frame = sample_frame()
    first = frame.alerts[0]
    other = replace(first, labels=Labels({"endpoint": "candles"}))
    rows = said(box(replace(frame, alerts=(first, other)), PaneName.ALERTS, *size))
    assert "products" in rows
    assert "candles" in rows
    alone = said(box(replace(frame, alerts=(other,)), PaneName.ALERTS, *size))
    assert "candles" not in alone


def test_a_bot_that_has_not_answered_yet_is_neither_quiet_nor_well() -> None:
    bot = sample_bot(up=None, age=None, series=0, healths=(), firing=0, pending=0, critical=0)
    frame = replace(sample_frame(quiet=True), bots=(bot,), panels=(), limits=())
    for text in (lines(frame, 80, 24), lines(replace(frame, connecting=True), 80, 24)):
        assert "connecting to http://127.0.0.1:8000/metrics" in text
        assert "quiet" not in text
        assert "● ok" not in text


def test_a_long_fault_takes_one_line_where_alerts_need_the_other() -> None:
    words = "health degraded: rate limit of candles at 97%; drawdown 8.4% is close to the limit of 10%"
    bot = sample_bot(reason=words)
    drawn = said(box(replace(sample_frame(), bots=(bot,)), PaneName.ALERTS, 80, 22)).splitlines()
    assert "RateLimitCritical" in drawn[1]
    assert drawn[2].rstrip().endswith("…")


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
def test_what_concerns_no_single_bot_is_said_beside_all_bots_too(size: tuple[int, int]) -> None:
    frame = replace(sample_fleet(), notices=("tradetop has stopped watching: q quits",))
    assert "tradetop has stopped watching: q quits" in as_text(screen(frame, Look(), *size), *size)


def reversed_in(frame: Frame) -> list[str]:
    """What is reversed in the strip, the title among it."""
    return [span.text.strip() for span in spans(box(frame, PaneName.ALERTS)) if span.reverse]


def silenced(of: Alert, kind: SilenceKind, **more: object) -> Alert:
    silence = replace(Silence("silence 1", kind, of.rule.name, made=NOW - MINUTE, labels=of.labels), **more)
    return replace(of, silence=silence)


def test_what_calls_is_reversed_until_somebody_knows() -> None:
    frame = sample_frame()
    assert reversed_in(frame) == ["Alerts", "✖ FIRING"]
    known = silenced(frame.alerts[0], SilenceKind.ACK)
    assert reversed_in(replace(frame, alerts=(known, frame.alerts[1]))) == []
    worse = replace(known, is_worse=True)
    assert reversed_in(replace(frame, alerts=(worse, frame.alerts[1]))) == ["Alerts", "✖ FIRING"]
    # What is only about to fire, or has no data any more, does not call.
    assert reversed_in(replace(frame, alerts=(frame.alerts[1],))) == []
    assert reversed_in(replace(frame, alerts=(replace(frame.alerts[0], last_seen=NOW - MINUTE),))) == []


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 55)])
def test_what_is_quiet_says_why(size: tuple[int, int]) -> None:
    frame = sample_frame()
    known = silenced(frame.alerts[0], SilenceKind.ACK)
    assert "acknowledged" in said(box(replace(frame, alerts=(known,)), PaneName.ALERTS, *size))
    snoozed = silenced(frame.alerts[0], SilenceKind.SNOOZE, until=NOW + 2 * HOUR, reason="deploying")
    rows = said(box(replace(frame, alerts=(snoozed,)), PaneName.ALERTS, *size))
    assert "snoozed until 14:03: deploying" in rows
    assert "1 firing, 1 quiet" in rows
    tomorrow = silenced(frame.alerts[0], SilenceKind.SNOOZE, until=NOW + DAY, reason="x" * 150)
    rows = said(box(replace(frame, alerts=(tomorrow,)), PaneName.ALERTS, *size))
    assert "snoozed until 11-19 12:03: xxxx" in rows
    assert "RateLimitCritical" in rows


def test_a_drill_is_marked_and_counts_as_nothing() -> None:
    frame = sample_frame(quiet=True)
    pretended = replace(sample_frame().alerts[0], is_drill=True)
    rows = said(box(replace(frame, alerts=(pretended,)), PaneName.ALERTS))
    assert "DRILL" in rows
    assert "FIRING" not in rows
    assert "1 firing" not in rows


def test_unreadable_lines_are_named() -> None:
    bot = sample_bot(page_errors=(BROKEN,), page_error_count=3)
    text = lines(replace(sample_frame(quiet=True), bots=(bot,)))
    assert "3 unreadable lines in the page: line 7: label set is not closed" in text


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 55)])
def test_texts_of_several_lines_are_one_line_in_the_strip_and_on_the_ladder(size: tuple[int, int]) -> None:
    frame = sample_frame()
    first, *rest = frame.alerts
    notes = Labels({"summary": "Rate limit\nnearly used up", "description": "- slow down\n- then\n  look"})
    rule = replace(first.rule, summary="Rate limit nearly used up")
    limits = tuple(replace(x, panel=replace(x.panel, runbook="one\ntwo")) for x in frame.limits)
    frame = replace(frame, alerts=(replace(first, rule=rule, annotations=notes), *rest), limits=limits)
    strip, ladder = lines(frame, *size), lines(frame, *size, screen=ScreenName.LADDER, selected=0)
    if size != (80, 24):
        assert "Rate limit nearly used up: - slow" in strip
    assert ": one two" in ladder
    assert not {"\ufffd", "␊"} & set(strip + ladder)


HEADS = re.compile(r"\b(FIRING|FAULT|HISTORY|PENDING|NOTE|DRILL|DEAD)\b")


def heads(frame: Frame, width: int = 80, height: int = 24, **look: object) -> list[str]:
    """The words at the heads of the strip's lines."""
    return HEADS.findall(said(box(frame, PaneName.ALERTS, width, height, **look)))


def test_drills_leave_the_strip_to_what_is_real_and_the_cursor_goes_down_as_it_is_drawn() -> None:
    frame = sample_frame()
    drills = tuple(replace(frame.alerts[0], is_drill=True, labels=Labels({"endpoint": f"e{i}"})) for i in range(4))
    many = replace(frame, alerts=(*frame.alerts, *drills), notices=("1 rule is broken",))
    whole = heads(many, focus=PaneName.ALERTS, zoomed=True)
    assert whole == ["FIRING", "PENDING", "DRILL", "DRILL", "DRILL", "DRILL", "NOTE"]
    assert heads(many)[:2] == ["FIRING", "PENDING"]
    for row, word in enumerate(whole[:6]):
        drawn = spans(box(many, PaneName.ALERTS, focus=PaneName.ALERTS, selected=row))
        assert word in "".join(span.text for span in drawn if span.back is Role.SELECTION)


def test_what_is_about_to_fire_stands_above_notes_and_below_faults() -> None:
    frame = sample_frame()
    pending = frame.alerts[1]
    broken = tuple(f"rules/{i}.yml: cannot be evaluated: " + "many-to-many matching " * 9 for i in range(3))
    bot = sample_bot(reason="health degraded")
    recorder = replace(frame.recorder, reason="the disk is full")
    full = replace(frame, notices=broken, bots=(bot,), recorder=recorder)
    assert heads(full) == ["FIRING", "FAULT", "HISTORY", "PENDING"]
    assert heads(replace(frame, alerts=(pending,), notices=broken)) == ["PENDING", "NOTE", "NOTE", "NOTE"]


def test_an_alert_that_a_server_raised_says_so() -> None:
    frame = sample_frame()
    alerts = (replace(frame.alerts[0], server="http://h:9090"), *frame.alerts[1:])
    for width in (80, 120):
        text = lines(replace(frame, alerts=alerts), width, 40)
        assert "server: " in text
        assert "9090" not in text
