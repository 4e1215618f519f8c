"""Changes of state as events."""

from __future__ import annotations

from dataclasses import replace

from events.hands import NOW
from tradetop.events.edges import alert_edges, health_edges, scrape_edge
from tradetop.model.alert import Alert, AlertState, Rule
from tradetop.model.bot_event import BotEvent, EventSource, Fact
from tradetop.model.labels import Labels
from tradetop.model.level import Level
from tradetop.model.target import Health, HealthState


def told(events: tuple[BotEvent, ...]) -> list[tuple[object, ...]]:
    assert all(event.source is EventSource.DERIVED and event.bot == "b" and event.t == NOW for event in events)
    return [(e.type, e.level, *((f.name, f.value) for f in e.facts)) for e in events]


def test_a_scrape_is_told_when_it_begins_to_fail_and_when_it_recovers() -> None:
    failed = ("scrape_failed", Level.CRITICAL, ("reason", "refused"))
    assert told(scrape_edge(True, False, NOW, bot="b", reason="refused")) == [failed]
    assert told(scrape_edge(None, False, NOW, bot="b", reason="refused")) == [failed]
    assert scrape_edge(False, False, NOW, bot="b", reason="refused") == ()
    assert scrape_edge(None, True, NOW, bot="b") == ()
    assert scrape_edge(True, True, NOW, bot="b") == ()
    assert told(scrape_edge(False, True, NOW, bot="b", down_since=NOW - 34_000)) == [
        ("scrape_recovered", Level.OK, ("down", 34.0))
    ]


def test_health_is_told_when_it_turns_bad_and_when_it_is_good_again() -> None:
    good = Health("ready", HealthState.HEALTHY, since=NOW - 60_000)
    bad = Health("ready", HealthState.UNHEALTHY, since=NOW, reason="503: database locked")
    assert told(health_edges([good], [bad], NOW, bot="b")) == [
        (
            "health",
            Level.CRITICAL,
            ("endpoint", "ready"),
            ("state", "unhealthy"),
            ("reason", "503: database locked"),
            ("healthy", 60.0),
        )
    ]
    assert told(health_edges([bad], [good], NOW, bot="b"))[0][:2] == ("health", Level.OK)
    assert told(health_edges([], [bad], NOW, bot="b"))[0][:2] == ("health", Level.CRITICAL)
    starting = Health("ready", HealthState.STARTING)
    for before, after in (([], [good]), ([], [starting]), ([starting], [good]), ([good], [good]), ([bad], [])):
        assert health_edges(before, after, NOW, bot="b") == ()


def test_two_alerts_of_one_rule_are_told_apart() -> None:
    rule = Rule("ApiSlow", "x > 2", condition="> 2", labels=Labels({"team": "mm"}))
    firing = [
        Alert(rule, Labels({"job": "bot", "team": "mm", "endpoint": name}), AlertState.FIRING, 3.0, NOW)
        for name in ("get_orders", "get_candles")
    ]
    for said in (alert_edges([], firing, NOW, bot="b"), alert_edges(firing, [], NOW, bot="b")):
        assert [event.facts[2] for event in said] == [
            Fact("endpoint", "get_orders"),
            Fact("endpoint", "get_candles"),
        ]
        assert len({event.id for event in said}) == 2


def test_alerts_are_told_when_they_fire_and_when_they_resolve() -> None:
    rule = Rule("HighExposure", "x > 25", level=Level.CRITICAL, condition="> 25")
    pending = Alert(rule, Labels({"pair": "SOL"}), AlertState.PENDING, 26.0, NOW - 9_000)
    firing = replace(pending, state=AlertState.FIRING, fired_at=NOW - 5_000)
    resolved = replace(firing, state=AlertState.RESOLVED)
    assert alert_edges([], [pending], NOW, bot="b") == ()
    (event,) = alert_edges([pending], [firing], NOW, bot="b")
    assert told((event,)) == [
        (
            "alert_firing",
            Level.CRITICAL,
            ("alert", "HighExposure"),
            ("state", "firing"),
            ("value", 26.0),
            ("limit", "> 25"),
        )
    ]
    assert event.pair == "SOL"
    assert alert_edges([firing], [firing], NOW, bot="b") == ()
    for after in ([resolved], []):
        assert told(alert_edges([firing], after, NOW, bot="b")) == [
            ("alert_resolved", Level.OK, ("alert", "HighExposure"), ("state", "resolved"), ("fired", 5.0))
        ]
