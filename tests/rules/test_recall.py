"""Which rule an alert belongs to, by its labels alone."""

from __future__ import annotations

import math
from unittest.mock import patch

import pytest

from tradetop.model.alert import Rule
from tradetop.model.labels import Labels
from tradetop.promql import Engine
from tradetop.rules.recall import Lasting, Recall, Values
from tradetop.store import MemoryStore

T = 1_700_000_000_000
WARN = Rule("High", "rate > 80", labels=Labels({"severity": "warning"}))
CRIT = Rule("High", "rate > 90", labels=Labels({"severity": "critical"}))
TEAM = Rule("High", "rate > 95", labels=Labels({"severity": "critical", "team": "risk"}))
MADE = Rule("Made", "rate > 70", labels=Labels({"level": "{{ $value }}", "job": "own"}))


@pytest.mark.parametrize(
    ("labels", "rule"),
    [
        ({"alertname": "High", "severity": "warning", "endpoint": "a"}, WARN),
        ({"alertname": "High", "severity": "critical", "endpoint": "a"}, CRIT),
        ({"alertname": "High", "severity": "critical", "team": "risk"}, TEAM),
        ({"alertname": "High", "severity": "info"}, None),
        ({"alertname": "Made", "level": "91.4", "job": "own"}, MADE),
        ({"alertname": "Made", "level": "91.4", "job": "other"}, None),
        ({"alertname": "Other"}, None),
        ({}, None),
    ],
)
def test_rules_of_one_name_are_told_apart_by_their_labels(labels: dict[str, str], rule: Rule | None) -> None:
    assert Recall([WARN, CRIT, TEAM, MADE]).rule(Labels(labels)) is rule


def test_the_element_behind_an_alert_is_found_though_the_rule_sets_labels_that_it_had() -> None:
    store = MemoryStore()
    found = {Labels({"__name__": "rate", "endpoint": e, "job": "page"}): v for e, v in (("a", 91.0), ("b", 72.0))}
    store.append_scrape("scrape", T, found)
    values = Values(Engine(store), T)
    own = Labels({"endpoint": "b", "level": "72", "job": "own"})
    assert (values.of(MADE, own).value, values.of(MADE, own).labels["job"]) == (72.0, "page")
    assert math.isnan(values.of(MADE, Labels({"endpoint": "c", "job": "own"})).value)
    assert math.isnan(values.of(Rule("Bad", "rate >"), own).value)


STEP = 15_000


def ramp(until: int, scrapes: int) -> MemoryStore:
    """A rate that grows by 0.01 with each scrape from 91, and is fine from the scrape `until` on."""
    store = MemoryStore()
    for i in range(scrapes):
        value = 91.0 + i / 100 if i < until else 10.0
        store.append_scrape("scrape", T + i * STEP, {Labels({"__name__": "rate", "endpoint": "a"}): value})
    return store


@pytest.mark.parametrize("until", [1, 7, 230])
@pytest.mark.parametrize("ahead", [0, 4_000])
def test_what_is_kept_firing_has_the_value_that_it_had_last(until: int, ahead: int) -> None:
    rule = Rule("High", "rate > 90", keep_firing=3_600_000)
    engine, labels = Engine(ramp(until, 240)), Labels({"endpoint": "a"})
    found = Lasting(STEP).of(Values(engine, T + 239 * STEP + ahead), rule, labels, T)
    assert found.value == pytest.approx(91.0 + (until - 1) / 100)
    assert 0 <= found.t - (T + (until - 1) * STEP) < STEP


@pytest.mark.parametrize("until", [1, 1_111, 1_990])
def test_of_a_long_time_the_last_value_is_found_closely_too(until: int) -> None:
    rule = Rule("High", "rate > 90", keep_firing=12 * 3_600_000)
    engine = Engine(ramp(until, 2_000))
    found = Lasting(STEP).of(Values(engine, T + 1_999 * STEP), rule, Labels({"endpoint": "a"}), T)
    assert found.value == pytest.approx(91.0 + (until - 1) / 100)


def test_what_was_found_is_not_looked_for_again_until_it_is_another_alert() -> None:
    rule = Rule("High", "rate > 90", keep_firing=3_600_000)
    engine, lasting, labels = Engine(ramp(4, 40)), Lasting(STEP), Labels({"endpoint": "a"})
    with patch.object(engine, "range", wraps=engine.range) as asked:
        seen = [lasting.of(Values(engine, T + i * STEP), rule, labels, T).value for i in range(40)]
        assert not asked.called
    assert seen[-1] == seen[3] == pytest.approx(91.03)
    assert math.isnan(lasting.of(Values(engine, T + 39 * STEP), rule, labels, T + 20 * STEP).value)
    # Looking back, the value is the one of that time.
    assert lasting.of(Values(engine, T + 2 * STEP), rule, labels, T).value == pytest.approx(91.02)
