"""What people did to alerts, and which they pretended, in frames: as it was at the frame's own time."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tradetop.model.alert import Alert, AlertState
from tradetop.model.bot_event import EventClass
from tradetop.model.drill import Drill
from tradetop.model.labels import Labels
from tradetop.model.level import Level
from tradetop.model.view import View
from tradetop.panes.oncall import sentence
from tradetop.rules.silencing import acknowledgement, snooze
from viewer.stage import RULE, STEP, Stage, T


@pytest.fixture
def stage() -> Stage:
    """A bot whose exposure is 21 % and grows by one percent with each scrape; its alert fires since the second one."""
    made = Stage()
    for i in range(12):
        made.scrape(i, exposure_pct=20.0 + i)
        made.alert(i, firing=i > 0)
    return made


def told(stage: Stage, now: int, view: View | None = None) -> list[tuple[int, str, str]]:
    """What the feed says of what people did, each with its scrape and the bot that it is of."""
    feed = stage.frame(now, view or View()).feed.events
    return [((e.t - T) // STEP, sentence(e, 0), e.bot) for e in feed if e.cls is EventClass.ONCALL]


def alert(stage: Stage, now: int, view: View | None = None) -> Alert:
    return next(a for a in stage.frame(now, view or View()).alerts if not a.is_drill)


def test_an_acknowledged_alert_is_quiet_and_counted_apart(stage: Stage) -> None:
    assert not alert(stage, 3).is_quiet
    stage.silences = (acknowledgement(alert(stage, 3), T + 3 * STEP),)
    # At once, though nothing else has landed.
    assert alert(stage, 3).is_quiet
    assert (stage.top(3).firing, stage.top(3).quiet) == (1, 1)
    assert stage.top(3, View(at=T + 2 * STEP)).quiet == 0


def test_it_rings_again_once_it_is_worse_by_a_fifth(stage: Stage) -> None:
    stage.silences = (snooze(alert(stage, 3), T + 3 * STEP, 3_600_000, "deploying"),)
    assert [alert(stage, 11, View(at=T + i * STEP)).is_quiet for i in range(3, 12)] == [
        *[True] * 5,  # 23 to 27; 27.6 is a fifth more than 23.
        *[False] * 4,
    ]
    worse = alert(stage, 11)
    assert worse.is_worse
    assert stage.top(11).quiet == 0
    stage.silences = (*stage.silences, snooze(worse, T + 11 * STEP, 3_600_000, "still"))
    assert alert(stage, 11).is_quiet


def test_a_snooze_ends_by_itself(stage: Stage) -> None:
    made = snooze(alert(stage, 3), T + 3 * STEP, 60_000, "deploying")
    stage.silences = (replace(made, value=1_000.0),)
    assert alert(stage, 8).is_quiet
    assert not alert(stage, 9).is_quiet


def test_what_concerns_another_alert_changes_nothing(stage: Stage) -> None:
    made = acknowledgement(alert(stage, 3), T + 3 * STEP)
    stage.silences = (replace(made, alert="Other"), replace(made, labels=Labels({"job": "another"})))
    assert not alert(stage, 3).is_quiet


def drill(begun: int, **more: object) -> Drill:
    t = T + begun * STEP
    plain = Drill("drill 1", RULE.name, Labels({"drill": "yes"}), 40.0, t, t + STEP, t + 4 * STEP)
    return replace(plain, **more)


def test_a_drill_is_pending_then_fires_and_is_over_and_counts_as_nothing(stage: Stage) -> None:
    before = stage.top(9)
    stage.drills = (drill(6),)
    seen = [[a.state for a in stage.frame(i).alerts if a.is_drill] for i in range(5, 11)]
    firing = AlertState.FIRING
    assert seen == [[], [AlertState.PENDING], [firing], [firing], [firing], []]
    assert replace(stage.top(9), age=None) == replace(before, age=None)
    assert stage.frame(9).rules_ok == 0
    assert stage.frame(9).alerts[-1].value == 40.0


def test_what_is_done_to_a_drill_is_not_done_to_the_real_alert(stage: Stage) -> None:
    stage.drills = (drill(6),)
    pretended = stage.frame(9).alerts[-1]
    stage.silences = (snooze(pretended, T + 9 * STEP, 3_600_000, "only a drill"),)
    assert [a.is_quiet for a in stage.frame(9).alerts] == [False, True]
    # The next drill is worse, and rings.
    stage.drills = (drill(9, value=48.0),)
    assert [a.is_quiet for a in stage.frame(10).alerts] == [False, False]


def test_drills_stand_below_every_real_alert_those_that_fire_first(stage: Stage) -> None:
    more = [drill(9 - i, id=f"drill {i}", labels=Labels({"drill": "yes", "pair": f"{i}"})) for i in range(4)]
    stage.drills = tuple(more)
    found = stage.frame(9).alerts
    assert [a.is_drill for a in found] == [False, True, True, True, True]
    assert [a.state for a in found] == [AlertState.FIRING] * 4 + [AlertState.PENDING]


def test_a_drill_says_what_its_message_says(stage: Stage) -> None:
    texts = {"summary": "{{ $labels.job }} is {{ $value }}% exposed", "action": "close {{ $labels.pair }}"}
    stage.rules = (replace(RULE, annotations=Labels(texts)),)
    stage.drills = (drill(9, labels=Labels({"drill": "yes", "job": "bot", "pair": "BTC-USD"})),)
    found = stage.frame(9).alerts[-1]
    assert found.is_drill
    assert dict(found.annotations) == {"summary": "bot is 40% exposed", "action": "close BTC-USD"}
    assert stage.frame(9).alerts is stage.frame(9).alerts


def test_of_two_rules_of_one_name_the_one_that_was_drilled_is_shown(stage: Stage) -> None:
    critical = replace(RULE, level=Level.CRITICAL, labels=Labels({"severity": "critical"}))
    stage.rules = (critical, RULE)
    stage.drills = (drill(9, labels=Labels({"drill": "yes", "severity": "critical"})),)
    assert stage.frame(9).alerts[-1].rule == critical


def test_a_drill_of_a_rule_that_is_gone_shows_nothing(stage: Stage) -> None:
    stage.drills = (drill(6, alert="Gone"),)
    assert not any(a.is_drill for a in stage.frame(9).alerts)


def test_frames_share_their_alerts_while_nothing_has_happened_to_them(stage: Stage) -> None:
    stage.silences = (acknowledgement(alert(stage, 3), T + 3 * STEP),)
    assert stage.frame(4).alerts is stage.frame(4).alerts


def test_the_feed_tells_of_an_acknowledgement_and_that_it_was_taken_back(stage: Stage) -> None:
    made = acknowledgement(alert(stage, 3), T + 3 * STEP)
    stage.silences = (made,)
    assert told(stage, 2) == []
    assert told(stage, 8) == [(3, "acknowledged Exposure", "bot")]
    stage.silences = (replace(made, until=T + 6 * STEP),)
    assert told(stage, 8) == [(3, "acknowledged Exposure", "bot"), (6, "Exposure is no longer acknowledged", "bot")]


def test_a_snooze_is_told_with_its_end_and_reason_also_once_it_was_taken_back(stage: Stage) -> None:
    made = snooze(alert(stage, 3), T + 3 * STEP, 60_000, "deploying")
    stage.silences = (made,)
    began = (3, "snoozed Exposure until 03:05: deploying", "bot")
    assert told(stage, 8) == [began]
    assert told(stage, 9) == [began, (9, "the snooze of Exposure is over", "bot")]
    stage.silences = (replace(made, until=T + 5 * STEP),)
    assert told(stage, 9) == [began, (5, "Exposure is no longer snoozed", "bot")]
    # What was seen before it was taken back stays as it was.
    assert told(stage, 9, View(at=T + 4 * STEP)) == [began]


def test_what_was_done_to_many_alerts_at_once_is_one_event(stage: Stage) -> None:
    made = acknowledgement(alert(stage, 3), T + 3 * STEP)
    stage.silences = tuple(replace(made, id=f"silence {i}", alert=f"A{i}") for i in range(40))
    assert told(stage, 4) == [(3, "acknowledged A0 and 39 others", "bot")]


def test_a_filter_finds_what_was_done_and_the_events_stay_the_same_objects(stage: Stage) -> None:
    stage.silences = (snooze(alert(stage, 3), T + 3 * STEP, 60_000, "deploying"),)
    assert len(told(stage, 4, View(filter="snoozed"))) == 1
    assert told(stage, 4, View(filter="!snoozed")) == []
    first, second = (stage.frame(5).feed.events[-1] for _ in range(2))
    assert first is second
