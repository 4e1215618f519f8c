"""Groups: order, what one rule records for the next, limits, offsets, templates, reloads."""

from __future__ import annotations

from collections.abc import Mapping

from tradetop.model.alert import Alert, AlertState, RecordingRule, Rule, RuleGroup
from tradetop.model.labels import Labels
from tradetop.model.sample import is_stale
from tradetop.model.value import Vector
from tradetop.promql import Engine
from tradetop.rules.expanding import External
from tradetop.rules.file import read_rules
from tradetop.rules.group import GroupState, advance_group, begin_group, restore_group
from tradetop.store import MemoryStore

MINUTE = 60_000


def metric(name: str, **labels: str) -> Labels:
    return Labels({"__name__": name, **labels})


class Bot:
    """A store with a bot's samples, and one group of rules that is evaluated each minute."""

    def __init__(self, group: str, external: External | None = None) -> None:
        found = read_rules("groups:\n- " + group.strip().replace("\n", "\n  "), "r.yml")
        assert found.problems == ()
        (self.group,) = found.groups
        self.store = MemoryStore()
        self.engine = Engine(self.store)
        self.state = begin_group(self.group)
        self.external = external or External()
        self.written: list[tuple[int, Mapping[Labels, float]]] = []
        self.t = 0

    def see(self, name: str, value: float, **labels: str) -> None:
        self.store.append(metric(name, **labels), self.t, value)

    def step(self) -> dict[Labels, float]:
        self.state, series = advance_group(self.state, self.engine, self.t, self.write, self.external)
        self.t += MINUTE
        return series

    def write(self, t: int, samples: Mapping[Labels, float]) -> None:
        self.written.append((t, samples))
        for labels, value in samples.items():
            self.store.append(labels, t, value)

    def alerts(self) -> list[Alert]:
        return [alert for state in self.state.alerting for alert in state.alerts.values()]


def test_a_rule_sees_what_an_earlier_one_recorded_at_the_same_time() -> None:
    bot = Bot("""
name: g
rules:
- {record: double, expr: pnl * 2}
- {record: fourfold, expr: double * 2}
- {alert: Rich, expr: fourfold > 39}
""")
    bot.see("pnl", 10.0, bot="a")
    assert bot.step() == {
        metric("double", bot="a"): 20.0,
        metric("fourfold", bot="a"): 40.0,
        metric("ALERTS", alertname="Rich", alertstate="firing", bot="a"): 1.0,
        metric("ALERTS_FOR_STATE", alertname="Rich", bot="a"): 0.0,
    }


def test_an_earlier_rule_does_not_see_what_a_later_one_records() -> None:
    bot = Bot("name: g\nrules:\n- {alert: Rich, expr: double > 0}\n- {record: double, expr: pnl * 2}")
    bot.see("pnl", 10.0)
    bot.step()
    assert bot.alerts() == []
    bot.step()
    assert [alert.value for alert in bot.alerts()] == [20.0]


def test_labels_of_a_recording_rule_stand_over_those_of_its_series_and_an_empty_one_removes() -> None:
    bot = Bot('name: g\nrules:\n- {record: total, expr: pnl, labels: {desk: x, instance: ""}}')
    bot.see("pnl", 3.0, instance="one", desk="y", job="bot")
    assert bot.step() == {metric("total", desk="x", job="bot"): 3.0}


def test_series_that_become_alike_are_the_rules_error_and_nothing_is_written() -> None:
    bot = Bot('name: g\nrules:\n- {record: total, expr: pnl, labels: {bot: ""}}\n- {record: other, expr: "7"}')
    bot.see("pnl", 3.0, bot="a")
    bot.see("pnl", 4.0, bot="b")
    assert bot.step() == {metric("other"): 7.0}
    ((rule, error),) = bot.state.errors
    assert isinstance(rule, RecordingRule)
    assert error == "total: several series become total"


def test_a_series_that_is_recorded_no_more_is_stale_at_once() -> None:
    bot = Bot("name: g\nrules:\n- {record: high, expr: pnl > 5}")
    bot.see("pnl", 9.0)
    bot.step()
    bot.see("pnl", 1.0)
    assert bot.step() == {}
    ((_, first), (t, second)) = bot.written
    assert first == {metric("high"): 9.0}
    assert t == MINUTE
    assert [(labels, is_stale(value)) for labels, value in second.items()] == [(metric("high"), True)]
    assert bot.engine.instant("high", at=MINUTE) == Vector(())


def test_expressions_look_back_by_the_query_offset_and_what_they_give_is_written_there() -> None:
    bot = Bot("name: g\nquery_offset: 1m\nrules:\n- {record: late, expr: pnl}")
    bot.see("pnl", 1.0)
    bot.step()
    bot.see("pnl", 2.0)
    assert bot.step() == {metric("late"): 1.0}
    assert bot.written == [(0, {metric("late"): 1.0})]


def test_more_series_or_alerts_than_the_limit_are_the_rules_error() -> None:
    bot = Bot("name: g\nlimit: 1\nrules:\n- {record: copy, expr: pnl}\n- {alert: High, expr: pnl > 5}")
    bot.see("pnl", 9.0, bot="a")
    assert len(bot.step()) == 3
    bot.see("pnl", 9.0, bot="b")
    assert bot.step() == {}
    assert [error for _, error in bot.state.errors] == [
        "copy: gives 2 series, and its group's limit is 1",
        "High: gives 2 alerts, and the limit of its group g is 1",
    ]
    assert bot.alerts() == []


def test_a_rule_that_fails_keeps_its_alerts_and_the_others_go_on() -> None:
    bot = Bot("name: g\nrules:\n- {alert: High, expr: a + on(x) pnl > 5}\n- {record: other, expr: vector(1)}")
    bot.see("a", 9.0)
    bot.see("pnl", 9.0)
    bot.step()
    bot.see("pnl", 9.0, y="2")
    bot.see("pnl", 9.0, y="1")
    series = bot.step()
    assert metric("ALERTS", alertname="High", alertstate="firing") in series
    assert metric("other") in series
    assert [alert.state for alert in bot.alerts()] == [AlertState.FIRING]
    assert "duplicate series" in bot.state.errors[0][1]


def test_templates_see_the_series_the_value_and_the_installation() -> None:
    bot = Bot(
        """
name: g
rules:
- alert: High
  expr: pnl > 5
  labels: {severity: '{{ if gt $value 8.0 }}critical{{ else }}warning{{ end }}', instance: ""}
  annotations:
    summary: '{{ $labels.__name__ }} of {{ $labels.instance }} is {{ $value }} at {{ $externalLabels.site }}'
    link: '{{ $externalURL }}/x'
    count: '{{ query "count(pnl)" | first | value }}'
    broken: '{{ index "a" 9 }}'
""",
        External(Labels({"site": "home"}), "http://here"),
    )
    bot.see("pnl", 9.0, instance="one")
    bot.step()
    (alert,) = bot.alerts()
    assert alert.labels == {"severity": "critical"}
    assert dict(alert.annotations) | {"broken": ""} == {
        "summary": "pnl of one is 9 at home",
        "link": "http://here/x",
        "count": "1",
        "broken": "",
    }
    assert alert.annotations["broken"].startswith("<error expanding template: ")
    bot.see("pnl", 7.0, instance="one")
    bot.step()
    assert [(a.labels["severity"], a.state.value) for a in bot.alerts()] == [
        ("warning", "firing"),
        ("critical", "resolved"),
    ]


def test_annotations_follow_the_value_and_stay_while_the_alert_is_kept() -> None:
    bot = Bot(
        "name: g\nrules:\n- {alert: High, expr: pnl > 5, keep_firing_for: 2m, annotations: {s: 'at {{ $value }}'}}"
    )
    said = []
    for value in (9.0, 8.0, 1.0, 1.0):
        bot.see("pnl", value)
        bot.step()
        said += [f"{alert.annotations['s']} {alert.state.value}" for alert in bot.alerts()]
    assert said == ["at 9 firing", "at 8 firing", "at 8 firing", "at 8 firing"]


def test_the_name_of_an_alert_is_its_own() -> None:
    bot = Bot("name: g\nrules:\n- {alert: Many, expr: count by (alertname) (ALERTS)}")
    bot.see("ALERTS", 1.0, alertname="Loss")
    assert bot.step()[metric("ALERTS", alertname="Many", alertstate="firing")] == 1.0
    bot.see("ALERTS", 1.0, alertname="Gain")
    bot.see("ALERTS", 1.0, alertname="Loss")
    bot.step()
    assert bot.state.errors[0][1] == "Many: several series become {}"


def test_a_reload_keeps_the_state_of_rules_that_stayed() -> None:
    bot = Bot("name: g\nrules:\n- {alert: High, expr: pnl > 5, for: 2m}\n- {record: copy, expr: pnl}")
    bot.see("pnl", 9.0)
    bot.step()
    text = "{alert: New, expr: pnl}, {record: copy, expr: pnl}, {alert: High, expr: pnl > 5, for: 2m}"
    (group,) = read_rules(f"groups: [{{name: g, rules: [{text}]}}]", "r.yml").groups
    bot.state = begin_group(group, bot.state)
    bot.t = 2 * MINUTE
    bot.step()
    assert [(a.rule.name, a.active_at, a.state.value) for a in bot.alerts()] == [
        ("New", 2 * MINUTE, "firing"),
        ("High", 0, "firing"),
    ]


def test_a_restart_goes_on_where_pending_alerts_were() -> None:
    bot = Bot("name: g\nrules:\n- {record: copy, expr: pnl}\n- {alert: High, expr: pnl > 5, for: 2m}")
    for _ in range(2):
        bot.see("pnl", 9.0)
        bot.step()
    bot.state = begin_group(bot.group)
    bot.see("pnl", 9.0)
    bot.state, _ = advance_group(bot.state, bot.engine, bot.t)
    assert [alert.state for alert in bot.alerts()] == [AlertState.PENDING]
    bot.state = restore_group(bot.state, bot.engine, bot.t)
    # The minute between the last evaluation and the restart does not count.
    assert [alert.active_at for alert in bot.alerts()] == [MINUTE]
    assert isinstance(bot.state.rules[0].rule, RecordingRule)


def test_an_empty_group_is_nothing() -> None:
    state = begin_group(RuleGroup("g", ()))
    assert advance_group(state, Engine(MemoryStore()), 0) == (GroupState(state.group, ()), {})


def test_rules_made_by_hand_need_no_file() -> None:
    group = RuleGroup("g", (Rule("Up", "vector(1)", annotations=Labels({"summary": "{{ $value }}"})),))
    state, series = advance_group(begin_group(group), Engine(MemoryStore()), 0)
    assert [dict(a.annotations) for s in state.alerting for a in s.alerts.values()] == [{"summary": "1"}]
    assert metric("ALERTS", alertname="Up", alertstate="firing") in series
