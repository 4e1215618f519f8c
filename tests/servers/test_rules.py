"""Rules over the recorded 50 hours change their states when they do in the real Prometheus.

A server evaluates rules only as time passes, so what it is asked for is each rule's expression, at every evaluation of
its group over the 50 hours; the states that follow from where it gives a series are told by the definition of `for`,
not by our own machine. Samples are the recorded ones at their very times, staleness markers included. Two differences
between the versions are kept out: Debian's 2.42 has windows closed on the left (evaluations never fall on a sample's
time plus a window), and knows no born counters (switched off here).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from servers.prometheus import Prometheus, prometheus
from tradetop.dashboards.choose import preset
from tradetop.model.alert import AlertState, Rule, RuleGroup
from tradetop.model.clock import SECOND
from tradetop.model.labels import Labels
from tradetop.promql import Engine
from tradetop.rules.file import load_rules
from tradetop.rules.group import advance_group, alerting_states, begin_group
from tradetop.rules.thresholds import rules_of
from tradetop.store import MemoryStore

pytestmark = pytest.mark.servers

EVER = 1 << 62
ASIDE = 7 * SECOND
"""How far evaluations are from the scrapes, which come every 15 seconds (ms)."""

Edges = list[tuple[AlertState, int]]
"""Into which state an alert went, and when."""


@pytest.fixture(scope="module")
def server(recorded_store: MemoryStore, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    with prometheus(tmp_path_factory.mktemp("prometheus")) as server:
        columns = recorded_store.select([], 0, EVER)
        samples = [
            (column.times[column.first + i], column.labels, value)
            for column in columns
            for i, value in enumerate(column.values)
        ]
        server.write(sorted(samples, key=lambda sample: sample[0]))
        yield server


@pytest.fixture
def span(recorded_store: MemoryStore) -> tuple[int, int]:
    times = [t for column in recorded_store.select([], 0, EVER) for t in (column.times[0], column.times[-1])]
    return min(times) + ASIDE, max(times)


def original(recorded: Callable[..., Path]) -> tuple[RuleGroup, ...]:
    return load_rules([str(recorded("247trader", "prometheus_alerts.yml"))], Path()).groups


def corrected(_: Callable[..., Path]) -> tuple[RuleGroup, ...]:
    dashboard = preset("247trader")
    assert dashboard is not None
    return (RuleGroup("thresholds", rules_of(dashboard), interval=30 * SECOND),)


@pytest.mark.parametrize("which", [original, corrected])
def test_states_change_as_in_the_real_prometheus(
    which: Callable[[Callable[..., Path]], tuple[RuleGroup, ...]],
    recorded: Callable[..., Path],
    recorded_store: MemoryStore,
    server: Prometheus,
    span: tuple[int, int],
) -> None:
    compared = 0
    for group in which(recorded):
        step = group.interval or 30 * SECOND
        times = range(*span, step)
        ours = judged(group, recorded_store, times)
        for rule in group.rules:
            assert isinstance(rule, Rule)
            theirs = {
                labels.without("__name__").merged(rule.labels): edges(rule, there, times)
                for labels, there in server.range(rule.expr, times[0], times[-1], step).items()
            }
            assert ours.get(rule.name, {}) == theirs, rule.name
            compared += sum(map(len, theirs.values()))
    assert compared > 10


def judged(group: RuleGroup, store: MemoryStore, times: range) -> dict[str, dict[Labels, Edges]]:
    """What our own machine makes of a group: for each alert its changes of state."""
    engine = Engine(store, born_counters=False)
    state, found = begin_group(group), dict[str, dict[Labels, Edges]]()
    before: dict[tuple[str, Labels], AlertState] = {}
    for t in times:
        state, _ = advance_group(state, engine, t)
        assert not state.errors
        now = {
            (rule.rule.name, labels): alert.state
            for rule in alerting_states([state])
            for labels, alert in rule.alerts.items()
            if alert.state is not AlertState.RESOLVED
        }
        for key in before.keys() | now.keys():
            if before.get(key) is not now.get(key):
                changes = found.setdefault(key[0], {}).setdefault(key[1], [])
                changes.append((now.get(key, AlertState.INACTIVE), t))
        before = now
    return found


def edges(rule: Rule, there: list[int], times: range) -> Edges:
    """The changes of state of an alert whose element is there at some times: pending, then firing after `for`."""
    found: Edges = []
    present, since, state = set(there), 0, AlertState.INACTIVE
    for t in times:
        since = t if t in present and state is AlertState.INACTIVE else since
        after = AlertState.INACTIVE
        if t in present:
            after = AlertState.FIRING if t - since >= rule.hold else AlertState.PENDING
        if after is not state:
            found.append((after, t))
        state = after
    return found
