"""Running test files: promtool's own, and what a failing test says."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradetop.document import DocumentError
from tradetop.rules.unittest.file import read_cases
from tradetop.rules.unittest.result import FileResult, span_text
from tradetop.rules.unittest.run import run_cases

RULES = """
groups:
- name: first
  interval: 17m
  rules:
  - {record: double, expr: pnl * 2, labels: {kind: "{{ no template }}"}}
- name: second
  rules:
  - alert: Loss
    expr: pnl < -5
    for: 3m
    labels: {severity: page}
    annotations: {summary: "{{ $labels.bot }} at {{ $value }} of {{ $externalLabels.site }} {{ $externalURL }}"}
  - {record: total, expr: sum(double)}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "rules.yml").write_text(RULES)
    return tmp_path


def run(folder: Path, tests: str, head: str = "rule_files: [rules.yml]") -> FileResult:
    text = head + "\ntests:\n" + textwrap.indent(textwrap.dedent(tests).strip(), "  ") + "\n"
    return run_cases(read_cases(text, str(folder / "test.yml")))


def said(result: FileResult) -> list[str]:
    """Every failure in short: line: what | expected | got | note."""
    return [
        " | ".join([f"{f.place.line}: {f.what}", *map(", ".join, (f.expected, f.got)), f.note])
        for case in result.cases
        for f in case.failures
    ]


def test_promtools_own_files(recorded: Callable[..., Path]) -> None:
    manifest = json.loads(recorded("rules", "manifest.json").read_text())
    assert len(manifest) == 10
    for entry in manifest:
        path = recorded("rules", entry["file"])
        wanted = re.compile("|".join(entry.get("run", [""])))
        result = run_cases(
            read_cases(path.read_text(), str(path)), lambda name, wanted=wanted: wanted.search(name) is not None
        )
        assert ("pass" if result.passed else "fail") == entry["expect"], (entry, said(result))
        assert result.warnings == ()


def test_alerts_are_compared_at_the_evaluation_before_their_time(folder: Path) -> None:
    result = run(
        folder,
        """
        - input_series: [{series: 'pnl{bot="a"}', values: "0 -10x10"}]
          external_labels: {site: home}
          external_url: http://here
          alert_rule_test:
          - {alertname: Loss, eval_time: 3m59s, exp_alerts: []}
          - alertname: Loss
            eval_time: 4m59s
            exp_alerts:
            - exp_labels: {severity: page, bot: a}
              exp_annotations: {summary: a at -10 of home http://here}
          promql_expr_test:
          - {expr: 'ALERTS{alertstate="pending"}', eval_time: 3m, exp_samples: [
              {labels: 'ALERTS{alertname="Loss",alertstate="pending",bot="a",severity="page"}', value: 1}]}
          - {expr: 'total', eval_time: 4m, exp_samples: [{labels: total, value: -20}]}
          - {expr: 'double{kind="{{ no template }}"} / 4', eval_time: 0, exp_samples: [
              {labels: '{bot="a", kind="{{ no template }}"}', value: 0}]}
        """,
    )
    assert (said(result), result.problems, len(result.cases)) == ([], (), 1)


def test_what_a_failing_test_says(folder: Path) -> None:
    result = run(
        folder,
        """
        - name: losses
          input_series: [{series: 'pnl{bot="a"}', values: "-10x10"}]
          alert_rule_test:
          - {alertname: Loss, eval_time: 2m30s, exp_alerts: [{exp_labels: {bot: a, severity: page}}]}
          - {alertname: Lost, eval_time: 3m, exp_alerts: [{}]}
          - {alertname: Loss, eval_time: 5m}
          promql_expr_test:
          - {expr: pnl, eval_time: 5m, exp_samples: [{labels: 'pnl{bot="a"}', value: -9}]}
          - {expr: pnl > 0, eval_time: 5m, exp_samples: [{value: 1}]}
          - {expr: "pnl[5m]", eval_time: 5m}
          - {expr: "pnl +", eval_time: 5m}
        """,
    )
    loss = '{alertname="Loss",bot="a",severity="page"}'
    assert not result.passed
    assert said(result) == [
        f"6: alert Loss at 2m30s | {loss} |  | pending since 0s, for 2m; fires at 3m (for: 3m)",
        '7: alert Lost at 3m | {alertname="Lost"} |  | no rule is called so; did you mean Loss?',
        f"8: alert Loss at 5m |  | {loss}\n    summary: a at -10 of   | ",
        '10: pnl at 5m | pnl{bot="a"} -9 | pnl{bot="a"} -10 | ',
        "11: pnl > 0 at 5m | {} 1 |  | ",
        "12: pnl[5m] at 5m: gives a matrix, not a vector or a scalar |  |  | ",
        '13: pnl + at 5m: cannot read "pnl +": 1:6: unexpected end of the query, expected an expression |  |  | ',
    ]


def test_a_rule_that_fails_ends_its_test_and_no_other(folder: Path) -> None:
    (folder / "rules.yml").write_text("groups: [{name: g, rules: [{record: r, expr: a + on(x) b}]}]")
    result = run(
        folder,
        """
        - input_series: [{series: a, values: 1}, {series: 'b{y="1"}', values: _ 1}, {series: 'b{y="2"}', values: _ 1}]
          promql_expr_test: [{expr: missing, eval_time: 5m, exp_samples: [{value: 1}]}]
        - promql_expr_test: [{expr: "1", exp_samples: [{value: 1}]}]
        """,
    )
    (failure,) = said(result)
    assert failure.startswith(f"3: rule at 1m ({folder / 'rules.yml'}:1:28): ")
    assert "duplicate series" in failure
    assert result.failed == 1


def test_rules_are_evaluated_in_the_order_of_the_groups(folder: Path) -> None:
    test = """
        - input_series: [{series: pnl, values: 1x5}]
          promql_expr_test: [{expr: total, eval_time: 0, exp_samples: [%]}]
    """
    assert run(folder, test.replace("%", "{labels: total, value: 2}")).passed
    head = "rule_files: [rules.yml]\ngroup_eval_order: [second, first]"
    assert run(folder, test.replace("%", ""), head).passed
    with pytest.raises(DocumentError, match=r"test\.yml:1:1: group_eval_order names 'a' twice"):
        run(folder, "- {}", "group_eval_order: [a, b, a]")


def test_values_later_than_the_evaluation_are_not_seen(folder: Path) -> None:
    result = run(
        folder,
        """
        - interval: 30s
          input_series: [{series: a, values: 0+1x10}]
          promql_expr_test:
          - {expr: a offset -1m, eval_time: 1m, exp_samples: [{labels: a, value: 4}]}
          - {expr: a, eval_time: 2m, exp_samples: [{labels: a, value: 4}]}
          - {expr: "count_over_time(a[2m:])", eval_time: 2m, exp_samples: [{value: 2}]}
        """,
    )
    assert said(result) == []


def test_neighbouring_floats_are_equal_only_where_the_file_says_so(folder: Path) -> None:
    test = """
        - input_series: [{series: a, values: 0.30000000000000004}, {series: b, values: NaN}]
          promql_expr_test:
          - {expr: a, exp_samples: [{labels: a, value: 0.3}]}
          - {expr: b, exp_samples: [{labels: b, value: .nan}]}
    """
    assert said(run(folder, test)) == ["5: a at 0s | a 0.3 | a 0.30000000000000004 | "]
    assert run(folder, test, "fuzzy_compare: true").passed


def test_native_histograms_are_selected_and_compared_and_nothing_else(folder: Path) -> None:
    result = run(
        folder,
        """
        - input_series:
          - {series: h, values: "{{count:2 sum:3 buckets:[2]}}x3"}
          - {series: pnl, values: 1x3}
          promql_expr_test:
          - {expr: h, eval_time: 0, exp_samples: [{labels: h, histogram: "{{count:2 sum:3 buckets:[2]}}"}]}
          - {expr: h, eval_time: 1m, exp_samples: [{labels: h, histogram: "{{count:2 sum:4 buckets:[2]}}"}]}
          - {expr: histogram_count(h), eval_time: 1m, exp_samples: [{value: 2}]}
        """,
    )
    wrong, unsupported = said(result)
    assert wrong == (
        "8: h at 1m | h {{count:2.0 sum:4.0 buckets:[2.0]}} | "
        "h {{count:2.0 sum:3.0 counter_reset_hint:not_reset buckets:[2.0]}} | "
    )
    assert unsupported.startswith("9: histogram_count(h) at 1m: ")


def test_a_broken_test_costs_itself_and_is_placed(folder: Path) -> None:
    result = run(
        folder,
        """
        - name: first
          input_series: [{series: "pnl{", values: 1}, {series: a, values: 1..2}]
        - name: second
          promql_expr_test: [{expr: "1", exp_samples: [{value: 1}]}]
        - {nam: third}
        """,
    )
    assert [(case.name, len(case.failures)) for case in result.cases] == [("first", 2), ("second", 0), ("", 1)]
    assert [line.split(" | ")[0][:60] for line in said(result)] == [
        "4: tests[0].input_series[0].series: 'pnl{' is no series; wri",
        "4: tests[0].input_series[1].values: '1..2' is no value; writ",
        "7: tests[2].nam: unknown key; did you mean name?",
    ]


def test_files_that_are_missing_are_a_warning_and_broken_rules_fail(folder: Path) -> None:
    (folder / "broken.yml").write_text("groups: [{name: g, rules: [{record: r, expr: a +}, {record: s, expr: '1'}]}]")
    test = "- promql_expr_test: [{expr: s, exp_samples: [{labels: s, value: 1}]}]"
    result = run(folder, test, "rule_files: ['br*.yml', none.yml, '*.json']")
    assert [str(problem).split(": ")[1] for problem in result.problems] == ["groups[0].rules[0].expr"]
    assert len(result.warnings) == 2
    assert (result.failed, result.passed) == (0, False)


def test_a_test_that_would_never_end_is_refused(folder: Path) -> None:
    result = run(folder, "- promql_expr_test: [{expr: '1', eval_time: 200y}]")
    (failure,) = said(result)
    assert failure.startswith("3: would evaluate its rules more than 500,000 times: 73000d long, one each 1m")


def test_a_test_may_start_at_a_time_of_its_own(folder: Path) -> None:
    result = run(
        folder,
        """
        - start_timestamp: 2026-11-20T09:00:00Z
          input_series: [{series: a, values: 0 1}]
          promql_expr_test:
          - {expr: hour(), eval_time: 1m, exp_samples: [{value: 9}]}
          - {expr: a, eval_time: 1m, exp_samples: [{labels: a, value: 1}]}
        """,
    )
    assert said(result) == []


@pytest.mark.parametrize(
    ("ms", "text"), [(0, "0s"), (1, "1ms"), (59_999, "59s999ms"), (5_400_000, "1h30m"), (90_000_000, "1d1h")]
)
def test_times_are_written_as_prometheus_does(ms: int, text: str) -> None:
    assert span_text(ms) == text


@settings(deadline=None)
@given(st.text(max_size=120))
def test_no_text_makes_reading_raise_anything_else(text: str) -> None:
    with suppress(DocumentError):
        assert read_cases(text, "test.yml").source == "test.yml"


@settings(deadline=None)
@given(
    st.permutations(["{labels: 'a{x=\"1\"}', value: 1}", "{labels: 'a{x=\"2\"}', value: 2}", "{labels: b, value: 3}"])
)
def test_the_order_of_samples_never_matters(samples: list[str]) -> None:
    text = f"""
tests:
- input_series: [{{series: b, values: 3}}, {{series: 'a{{x="2"}}', values: 2}}, {{series: 'a{{x="1"}}', values: 1}}]
  promql_expr_test: [{{expr: '{{__name__=~"a|b"}}', exp_samples: [{", ".join(samples)}]}}]
"""
    assert run_cases(read_cases(text, "test.yml")).passed
