"""Rule files: what is read, and that what is broken costs itself alone and is said with its place."""

from __future__ import annotations

import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradetop.model.alert import RecordingRule, Rule
from tradetop.model.labels import Labels
from tradetop.model.level import Level
from tradetop.rules.file import RuleFile, load_rules, read_rules

MINUTE = 60_000

WHOLE = """
groups:
  - name: risk
    interval: 30s
    limit: 12
    query_offset: 1m
    labels: {team: desk, severity: info}
    rules:
      - record: job:pnl:sum
        expr: sum by (job) (pnl_usd)
        labels: {team: quant, instance: ""}
      - alert: Drawdown
        expr: |
          max by (bot) (
            drawdown_pct   # of the equity
          ) > 8
        for: 1h30m
        keep_firing_for: 5m
        labels:
          severity: critical
          owner: yes
          code: 012
          day: 2026-01-02
        annotations:
          summary: "{{ $labels.bot }} fell by {{ $value }}%"
          runbook_url: https://example.test/drawdown
          description: Flatten by hand.
  - name: empty
"""


def problems(text: str) -> list[str]:
    return [str(problem) for problem in read_rules(textwrap.dedent(text), "r.yml").problems]


def rules_of(text: str) -> list[str]:
    return [r.name if isinstance(r, Rule) else r.record for r in read_rules(textwrap.dedent(text), "r.yml").rules]


def one(rule: str, key: str = "alert: A") -> str:
    """A file with one alerting rule, in line 4, that has further keys."""
    lines = ["groups:", "- name: g", "  rules:", f"  - {key}", *(f"    {line}" for line in rule.splitlines())]
    return "\n".join(lines) + "\n"


def test_everything_that_a_file_may_hold_is_read() -> None:
    found = read_rules(WHOLE, "r.yml")
    assert found.problems == found.notices == ()
    risk, empty = found.groups
    assert (risk.name, risk.file, risk.interval, risk.limit, risk.query_offset) == ("risk", "r.yml", 30_000, 12, MINUTE)
    assert (empty.name, empty.rules, empty.interval) == ("empty", (), None)
    recording, alerting = risk.rules
    assert recording == RecordingRule(
        "job:pnl:sum",
        "sum by (job) (pnl_usd)",
        Labels({"team": "quant", "severity": "info"}),
        "risk",
        "r.yml:9:9",
        frozenset({"instance"}),
    )
    assert isinstance(alerting, Rule)
    assert (alerting.name, alerting.hold, alerting.keep_firing) == ("Drawdown", 90 * MINUTE, 5 * MINUTE)
    assert alerting.labels == {
        "team": "desk",
        "severity": "critical",
        "owner": "yes",
        "code": "012",
        "day": "2026-01-02",
    }
    assert (alerting.level, alerting.condition, alerting.source) == (Level.CRITICAL, "> 8", "r.yml:12:9")
    assert alerting.summary == "{{ $labels.bot }} fell by {{ $value }}%"
    assert alerting.runbook == "https://example.test/drawdown"
    assert alerting.annotations["description"] == "Flatten by hand."
    assert alerting.expr.startswith("max by (bot) (\n")


@pytest.mark.parametrize(
    ("annotations", "runbook"),
    [
        ("{runbook: a, runbook_url: b, action: c, description: d}", "a"),
        ("{action: c, description: d}", "c"),
        ("{description: d}", "d"),
        ("{summary: s}", ""),
        ("", ""),
    ],
)
def test_the_runbook_is_the_annotation_that_says_what_to_do(annotations: str, runbook: str) -> None:
    (rule,) = read_rules(one(f"expr: up\nannotations: {annotations}"), "r.yml").rules
    assert isinstance(rule, Rule)
    assert rule.runbook == runbook


@pytest.mark.parametrize(
    ("expr", "condition"),
    [
        ("up == 0", "== 0"),
        ("pnl < -480.5", "< -480.5"),
        ("up != bool 0", ""),
        ("a > b", ""),
        ("a > 1 and b > 2", ""),
        ("rate(x[5m])", ""),
        ("x > Inf", ""),
        ("1 > bool 2", ""),
        ("'> 1'", None),
    ],
)
def test_the_condition_is_the_comparison_with_a_number(expr: str, condition: str | None) -> None:
    rules = read_rules(one(f"expr: {expr!r}"), "r.yml").rules
    assert [rule.condition for rule in rules if isinstance(rule, Rule)] == ([] if condition is None else [condition])


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("expr: up ==", '5:11: groups[0].rules[0].expr: cannot read "up ==": 1:6: unexpected end of the query'),
        ("expr: nofunc(up)", "5:11: groups[0].rules[0].expr: "),
        ("expr: up[5m]", "5:11: groups[0].rules[0].expr: gives a range vector, "),
        ("expr: ''", "5:11: groups[0].rules[0].expr: is empty"),
        ("expr: {{ $value }}", "5:11: groups[0].rules[0].expr: must be a single value"),
        ("for: 5m", "4:5: groups[0].rules[0].expr: is missing"),
        ("expr: up\nfor: 5x", "6:10: groups[0].rules[0].for: '5x' is not a duration"),
        ("expr: up\nfor: 1m1h", "6:10: groups[0].rules[0].for: '1m1h' is not a duration"),
        ("expr: up\nfor: 1.5h", "6:10: groups[0].rules[0].for: '1.5h' is not a duration"),
        ("expr: up\nfor: 5", "6:10: groups[0].rules[0].for: '5' is not a duration"),
        ("expr: up\nfor: 300y", "6:10: groups[0].rules[0].for: '300y' is longer than 292 years"),
        ("expr: up\nfro: 5m", "6:5: groups[0].rules[0].fro: unknown key; did you mean for?"),
        ("expr: up\nexpr: down", "6:5: groups[0].rules[0].expr: is given twice, first in line 5"),
        ("expr: up\nlabels: [a]", "6:13: groups[0].rules[0].labels: must be a mapping of keys to values"),
        ("expr: up\nlabels: {a: b, a: c}", "6:20: groups[0].rules[0].labels.a: is given twice, first in line 6"),
        ("expr: up\nlabels: {0a: b}", "6:14: groups[0].rules[0].labels.0a: '0a' is no label name"),
        ("expr: up\nlabels: {a-b: c}", "6:14: groups[0].rules[0].labels.a-b: 'a-b' is no label name"),
        ("expr: up\nlabels: {__name__: c}", "6:14: groups[0].rules[0].labels.__name__: '__name__' is no label name"),
        ("expr: up\nlabels: {a: [b]}", "6:17: groups[0].rules[0].labels.a: must be a single value"),
        ("expr: up\nannotations: {a b: c}", "6:19: groups[0].rules[0].annotations.a b: 'a b' is no label name"),
        ('expr: up\nannotations: {a: "{{ end"}', "6:22: groups[0].rules[0].annotations.a: template:1: "),
        ('expr: up\nlabels: {a: "{{ nofunc }}"}', "6:17: groups[0].rules[0].labels.a: template:1: function"),
        (
            'expr: up\nlabels: {a: "b {{ nofunc }}"}',
            '6:17: groups[0].rules[0].labels.a: template:1: function "nofunc" not defined in b {{ nofunc }}; rule',
        ),
        ('expr: up\nlabels: {a: "\\e[31m"}', "6:17: groups[0].rules[0].labels.a: holds the control character"),
        ("expr: up\nrecord: b", "4:5: groups[0].rules[0]: has both alert: and record:"),
    ],
)
def test_a_broken_alerting_rule_is_disabled_and_its_neighbour_stays(rule: str, said: str) -> None:
    text = one(rule) + "  - {alert: B, expr: up}\n"
    (problem,) = problems(text)
    assert problem.startswith(f"r.yml:{said}")
    assert problem.endswith("; rule A is disabled")
    assert rules_of(text) == ["B"]


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("for: 5m", "6:10: groups[0].rules[0].for: only an alerting rule has this"),
        ("keep_firing_for: 5m", "6:22: groups[0].rules[0].keep_firing_for: only an alerting rule has this"),
        ("annotations: {a: b}", "6:18: groups[0].rules[0].annotations: only an alerting rule has this"),
        ("labels: {a-b: c}", "6:14: groups[0].rules[0].labels.a-b: 'a-b' is no label name"),
    ],
)
def test_a_broken_recording_rule_is_disabled(rule: str, said: str) -> None:
    (problem,) = problems(one("expr: up\n" + rule, "record: a:b"))
    assert problem.startswith(f"r.yml:{said}")
    assert problem.endswith("; rule a:b is disabled")


@pytest.mark.parametrize("name", ["a b", "0a", "a-b", "a{}", "a{b='c'}", "''"])
def test_a_series_must_have_a_name(name: str) -> None:
    (problem,) = problems(one("expr: up", f'record: "{name}"'))
    assert problem.startswith("r.yml:4:13: groups[0].rules[0].record: ")


@pytest.mark.parametrize(
    ("group", "said"),
    [
        ("{name: g, intervall: 30s, rules: [%]}", "intervall: unknown key; did you mean interval?"),
        ("{name: g, interval: soon, rules: [%]}", "interval: 'soon' is not a duration"),
        ("{name: g, limit: many, rules: [%]}", "limit: 'many' is not a whole number"),
        ("{name: g, labels: {a-b: c}, rules: [%]}", "labels.a-b: 'a-b' is no label name"),
        ("{name: g, rules: %}", "rules: must be a list"),
        ("{name: '', rules: [%]}", "name: is empty"),
        ("{rules: [%]}", "name: is missing"),
        ("[%]", "groups[0]: must be a mapping of keys to values"),
    ],
)
def test_a_broken_group_costs_its_rules_and_no_others(group: str, said: str) -> None:
    group = group.replace("%", "{alert: A, expr: up}")
    text = f"groups:\n- {group}\n- {{name: other, rules: [{{alert: B, expr: up}}]}}\n"
    (problem,) = problems(text)
    assert said in problem
    assert "is disabled with" in problem
    assert rules_of(text) == ["B"]


def test_a_group_of_the_same_name_is_disabled() -> None:
    text = "groups:\n- {name: g, rules: [{alert: A, expr: up}]}\n- {name: g, rules: [{alert: B, expr: up}]}\n"
    assert problems(text) == [
        "r.yml:3:3: groups[1]: the file has a group g already; group g is disabled with 1 rule",
    ]
    assert rules_of(text) == ["A"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("groups: [", "r.yml:2:1: not YAML: "),
        ("groups: 5", "r.yml:1:9: groups: must be a list; no rule of this file is used"),
        ("- a", "r.yml:1:1: must be a mapping of keys to values; no rule of this file is used"),
        ("group: []", "r.yml:1:8: group: unknown key; a rule file has groups: alone"),
        ("groups: []\ngroups: []", "r.yml:2:1: groups: is given twice, first in line 1; no rule of this file is used"),
        ("groups: [\0]", "r.yml:1:10: not YAML: "),
        ("a: " + "[" * 100_000, "r.yml:1:"),
        ("#" * 8_000_001, "r.yml: longer than 8,000,000 characters"),
    ],
)
def test_a_file_that_is_none_says_so(text: str, said: str) -> None:
    found = read_rules(text, "r.yml")
    assert found.groups == ()
    assert str(found.problems[0]).startswith(said)


def test_an_alias_bomb_costs_little_and_is_said() -> None:
    lines = ["a: &a {alert: A, expr: up}", *(f"b{i}: &b{i} [{', '.join([f'*b{i - 1}'] * 9)}]" for i in range(1, 9))]
    lines[1] = f"b1: &b1 [{', '.join(['*a'] * 9)}]"
    began = time.process_time()
    found = read_rules("\n".join([*lines, "groups: *b8"]), "bomb.yml")
    assert found.rules == ()
    assert found.problems
    assert time.process_time() - began < 5


def test_anchors_and_merged_keys_are_what_they_are_in_prometheus() -> None:
    text = """
        groups:
        - name: g
          rules:
          - &down {alert: Down, expr: up == 0, for: 5m, labels: &page {severity: critical, team: a}}
          - <<: *down
            alert: DownLong
            for: 1h
            labels: {<<: *page, team: b}
    """
    found = read_rules(textwrap.dedent(text), "r.yml")
    assert found.problems == ()
    second = found.rules[1]
    assert isinstance(second, Rule)
    assert (second.name, second.expr, second.hold) == ("DownLong", "up == 0", 60 * MINUTE)
    assert second.labels == {"severity": "critical", "team": "b"}


def test_a_rule_that_stands_there_twice_counts_once_and_is_told() -> None:
    found = read_rules(one("expr: up") + "  - {alert: A, expr: up}\n  - {alert: A, expr: down}\n", "r.yml")
    assert [rule.expr for rule in found.rules] == ["up", "down"]
    assert [str(notice) for notice in found.notices] == [
        "r.yml:6:5: groups[0].rules[1]: the same rule as in r.yml:4:5; this one is left out"
    ]


def test_text_from_outside_is_harmless() -> None:
    found = read_rules(one('expr: up\nlabels: {a: "x\\ny"}', 'alert: "A\\u202E"'), "r\x1b.yml")
    (rule,) = found.rules
    assert isinstance(rule, Rule)
    assert rule.name == "A<U+202E>"
    assert rule.labels == {"a": "x␊y"}
    assert "\x1b" not in rule.source


def test_files_are_found_by_patterns_and_read_once(tmp_path: Path) -> None:
    for name in ("a.yml", "b.yml", "c.rules"):
        (tmp_path / name).write_text(one("expr: up", f"alert: {name[0].upper()}"))
    (tmp_path / "b.yml").write_text(one("expr: up ==", "alert: B"))
    found = load_rules(["*.yml", "a.yml", str(tmp_path / "c.rules"), "missing.yml", "*.json", "."], tmp_path)
    assert [rule.name for rule in found.rules if isinstance(rule, Rule)] == ["A", "C"]
    assert [group.file for group in found.groups] == [str(tmp_path / name) for name in ("a.yml", "b.yml", "c.rules")]
    said = [str(problem) for problem in found.problems]
    assert said[0].startswith(f"{tmp_path / 'b.yml'}:5:11: groups[0].rules[0].expr: ")
    assert said[1].startswith(f"{tmp_path / 'missing.yml'}: cannot be read: No such file or directory")
    assert said[2] == f"{tmp_path / '*.json'}: no file matches this pattern: no rule comes from it"
    assert "cannot be read: Is a directory" in said[3]


def test_ten_thousand_rules(tmp_path: Path) -> None:
    rule = '  - {{alert: A{0}, expr: "rate(m{0}_total[5m]) > {0}", for: 2m, labels: {{severity: warning}}}}\n'
    groups = (
        f"- name: g{g}\n  rules:\n" + "".join(rule.format(i) for i in range(g * 100, g * 100 + 100)) for g in range(100)
    )
    began = time.process_time()
    found = read_rules("groups:\n" + "".join(groups), "big.yml")
    assert (len(found.rules), found.problems) == (10_000, ())
    assert time.process_time() - began < 8


def test_the_documents_own_rules_are_read(recorded: Callable[..., Path]) -> None:
    found = load_rules([str(recorded("247trader", "prometheus_alerts.yml"))], Path())
    assert found.problems == ()
    assert (len(found.groups), len(found.rules)) == (5, 20)


@settings(deadline=None)
@given(st.text(max_size=200))
def test_no_text_makes_reading_raise(text: str) -> None:
    assert isinstance(read_rules(text, "r.yml"), RuleFile)


KEYS = ("alert", "record", "expr", "for", "labels", "annotations", "keep_firing_for", "name", "rules", "limit", "<<")
VALUES = st.recursive(
    st.one_of(st.none(), st.sampled_from(["up", "5m", "a", "{{ $value }}", "{{", "up >", "\x7f"]), st.integers()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from([*KEYS, "severity", "x y"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(["groups", "x"]), st.lists(VALUES, max_size=3), max_size=2))
def test_no_document_makes_reading_raise_and_every_rule_is_used_or_told(document: dict[str, object]) -> None:
    import yaml

    found = read_rules(yaml.safe_dump(document), "r.yml")
    assert all(problem.place.line for problem in found.problems)
    wanted = sum(
        len(group["rules"]) if isinstance(group, dict) and isinstance(group.get("rules"), list) else 0
        for group in document.get("groups", [])  # type: ignore[attr-defined]
    )
    if not found.problems:
        assert len(found.rules) + len(found.notices) == wanted


@settings(deadline=None)
@given(st.permutations(["alert: A", "expr: up > 1", "for: 5m", "labels: {b: x, a: y}", "annotations: {summary: s}"]))
def test_the_order_of_keys_never_matters(lines: list[str]) -> None:
    text = one("\n".join(lines[1:]), lines[0])
    usual = one("expr: up > 1\nfor: 5m\nlabels: {a: y, b: x}\nannotations: {summary: s}")
    assert read_rules(text, "r.yml").rules == read_rules(usual, "r.yml").rules
