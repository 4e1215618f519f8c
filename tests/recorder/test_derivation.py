"""Looking back on series gives each event once, in order, and none for what is only our own gap."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tradetop.model.alert import Rule
from tradetop.model.labels import Labels
from tradetop.model.level import Level
from tradetop.model.ports import Metadata
from tradetop.model.target import Health, HealthState, Target
from tradetop.recorder.derivation import Derivation
from tradetop.recorder.record import Record

T = 1_767_323_045_000
STEP = 10_000
UP = Labels({"__name__": "up", "job": "bot"})
TRADES = Labels({"__name__": "trader_trades_total", "symbol": "BTC-USD"})
ERRORS = Labels({"__name__": "trader_api_errors_total"})
EXPOSURE = Labels({"__name__": "exposure"})
BREAKER = Labels({"__name__": "breaker_state"})
RULE = Rule(
    "Exposure", "exposure > 20", level=Level.CRITICAL, labels=Labels({"severity": "critical"}), condition="> 20"
)
FIRING = Labels({"__name__": "ALERTS", "alertname": "Exposure", "alertstate": "firing", "severity": "critical"})
PENDING = FIRING.merged({"alertstate": "pending"})


@pytest.fixture
def record() -> Record:
    made = Record(Target("bot", "http://127.0.0.1:8000/metrics"))
    made.store.set_metadata("trader_trades_total", Metadata("counter"))
    return made


@pytest.fixture
def derivation(record: Record) -> Derivation:
    return Derivation(record, lambda: (RULE,))


def scrape(record: Record, i: int, *, up: float = 1.0, **values: float) -> None:
    named = {"trades": TRADES, "exposure": EXPOSURE, "breaker": BREAKER, "errors": ERRORS}
    found: Mapping[Labels, float] = {UP: up, **{named[k]: v for k, v in values.items()}}
    record.store.append_scrape("scrape", T + i * STEP, found)


def found(record: Record) -> list[tuple[str, int]]:
    return [(event.type, (event.t - T) // STEP) for event in record.derived]


def test_each_increase_is_one_event_however_often_one_looks(record: Record, derivation: Derivation) -> None:
    for i, trades in enumerate((5, 5, 6, 6, 8)):
        scrape(record, i, trades=trades)
        derivation.look_back()
        derivation.look_back()
    assert found(record) == [("trade", 2), ("trade", 4)]


def test_a_history_loaded_at_once_tells_the_same_as_scrape_after_scrape(record: Record, derivation: Derivation) -> None:
    for i, trades in enumerate((5, 6, 6, 8)):
        scrape(record, i, trades=trades, breaker=float(i == 2))
    derivation.look_back()
    assert found(record) == [("trade", 1), ("breaker_open", 2), ("breaker_closed", 3), ("trade", 3)]


def test_an_outage_is_told_and_what_it_hid_is_counted_once(record: Record, derivation: Derivation) -> None:
    scrape(record, 0, trades=5)
    for i in (1, 2, 3):
        scrape(record, i, up=0.0)
    scrape(record, 4, trades=7)
    derivation.look_back()
    assert found(record) == [("scrape_failed", 1), ("scrape_recovered", 4), ("trade", 4)]
    (down,) = record.derived[1].facts
    assert (down.name, down.value) == ("down", 3 * STEP / 1_000), "a recovery says for how long it was down"
    assert {f.name: f.value for f in record.derived[-1].facts}["count"] == 2.0


def test_the_reason_of_a_failure_is_given_to_that_failure_alone(record: Record, derivation: Derivation) -> None:
    scrape(record, 0)
    scrape(record, 1, up=0.0)
    scrape(record, 2)
    scrape(record, 3, up=0.0)
    record.say(tried_at=T + 3 * STEP, reason="connection refused")
    derivation.look_back()
    failures = [e for e in record.derived if e.type == "scrape_failed"]
    assert [[f.value for f in e.facts] for e in failures] == [[], ["connection refused"]]


def test_the_first_scrape_tells_nothing_of_the_past(record: Record, derivation: Derivation) -> None:
    scrape(record, 0, trades=500, errors=7)
    derivation.look_back()
    assert found(record) == []


def test_alerts_fire_and_resolve_with_the_value_they_fired_at(record: Record, derivation: Derivation) -> None:
    beat = Labels({"__name__": "ALERTS", "alertname": "Other", "alertstate": "firing"})
    for i, value in enumerate((10.0, 26.5, 27.0, 12.0)):
        scrape(record, i, exposure=value)
        record.store.append_scrape("rules", T + i * STEP, {beat: 1.0} | ({FIRING: 1.0} if value > 20 else {}))
        derivation.look_back()
    assert found(record) == [("alert_firing", 1), ("alert_resolved", 3)]
    facts = {f.name: f.value for f in record.derived[0].facts}
    assert facts == {"alert": "Exposure", "state": "firing", "value": 26.5, "limit": "> 20"}
    assert record.derived[0].level is Level.CRITICAL


def test_the_last_alert_that_ends_is_resolved_too(record: Record, derivation: Derivation) -> None:
    for i, value in enumerate((26.0, 12.0)):
        scrape(record, i, exposure=value)
        record.store.append_scrape("rules", T + i * STEP, {FIRING: 1.0} if value > 20 else {})
        derivation.look_back()
    assert found(record) == [("alert_firing", 0), ("alert_resolved", 1)]


@pytest.mark.parametrize("looks", ["each time", "at the end"])
@pytest.mark.parametrize(
    ("back", "told"),
    [
        ([FIRING], []),
        ([PENDING, FIRING], []),
        ([PENDING, None], [("alert_resolved", 5)]),
        ([None], [("alert_resolved", 4)]),
    ],
    ids=["still fires", "pending first", "pending, then over", "over"],
)
def test_an_alert_does_not_resolve_because_its_bot_is_silent(
    record: Record, derivation: Derivation, back: list[Labels | None], told: list[tuple[str, int]], looks: str
) -> None:
    courses = [(1.0, FIRING), (1.0, FIRING), (0.0, None), (0.0, None), *((1.0, state) for state in back)]
    for i, (up, state) in enumerate(courses):
        scrape(record, i, up=up)
        record.store.append_scrape("rules", T + i * STEP, {state: 1.0} if state else {})
        if looks == "each time":
            derivation.look_back()
    derivation.look_back()
    alerts = [event for event in found(record) if event[0].startswith("alert")]
    assert alerts == [("alert_firing", 0), *told]


def test_a_rule_that_is_seldom_evaluated_is_waited_for(record: Record) -> None:
    derivation = Derivation(record, lambda: (RULE,), every=lambda _: 3 * STEP)
    for i, (up, fires) in enumerate([(1, 1), (0, 0), (1, 0), (1, 0), (1, 0), (1, 0), (1, 0)]):
        scrape(record, i, up=up)
        record.store.append_scrape("rules", T + i * STEP, {FIRING: 1.0} if fires else {})
        derivation.look_back()
    assert [event for event in found(record) if event[0] == "alert_resolved"] == [("alert_resolved", 5)]


def test_health_that_falls_is_an_event_and_health_first_seen_well_is_none(
    record: Record, derivation: Derivation
) -> None:
    well, ill = Health("live", HealthState.HEALTHY, since=T), Health("live", HealthState.UNHEALTHY, reason="503: db")
    derivation.health((), (well,), T)
    assert found(record) == []
    derivation.health((well,), (ill,), T + STEP)
    assert found(record) == [("health", 1)]
