"""Which rule an alert belongs to, by its labels alone."""

from __future__ import annotations

import math

import pytest

from tradetop.model.alert import Rule
from tradetop.model.labels import Labels
from tradetop.promql import Engine
from tradetop.rules.recall import Recall, Values
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
