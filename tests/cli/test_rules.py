"""`tradetop rules test` and `rules check`: what they print, and their exit codes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli import commands
from tradetop.cli.commands import tradetop

GOOD = "groups: [{name: g, rules: [{alert: A, expr: up == 0}, {record: b, expr: up}]}]"
BAD = "groups:\n- name: g\n  rules:\n  - {alert: A, expr: up ==}\n  - {alert: B, expr: up}\n"
TEST = """
rule_files: [rules.yml]
tests:
- name: works
  input_series: [{series: up, values: 0x5}]
  alert_rule_test: [{alertname: A, eval_time: 1m, exp_alerts: [{}]}]
- name: is wrong
  input_series: [{series: up, values: 0x5}]
  promql_expr_test: [{expr: up, eval_time: 1m, exp_samples: [{labels: up, value: 1}]}]
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rules.yml").write_text(GOOD)
    (tmp_path / "test.yml").write_text(TEST)
    return tmp_path


def run(*arguments: str | Path) -> Result:
    result = CliRunner().invoke(tradetop, ["rules", *map(str, arguments)])
    assert not isinstance(result.exception, Exception), result.exception
    return result


@pytest.mark.usefixtures("folder")
def test_a_failing_test_is_placed_and_says_what_came() -> None:
    result = run("test", "test.yml")
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "test.yml: FAILED, 1 of 2 tests",
        "  is wrong (test.yml:7:3)",
        "    test.yml:9:22: up at 1m",
        "      expected up 1",
        "      got      up 0",
    ]


@pytest.mark.usefixtures("folder")
def test_only_the_tests_that_are_named_run() -> None:
    assert run("test", "--run", "work", "test.yml").stdout == "test.yml: 1 test passed\n"
    assert run("test", "--run", "^w", "--run", "nothing", "test.yml").exit_code == 0
    assert run("test", "--run", "wrong", "test.yml").exit_code == 1
    nothing = run("test", "--run", "Nothing", "test.yml")
    assert (nothing.exit_code, nothing.stderr) == (2, "tradetop: no test is called Nothing\n")
    bad = run("test", "--run", "(", "test.yml")
    assert (bad.exit_code, bad.stderr) == (2, "tradetop: --run: missing ): (\n")


@pytest.mark.usefixtures("folder")
def test_a_file_that_cannot_be_opened_is_said_after_the_others_have_run() -> None:
    for command in ("test", "check"):
        result = run(command, "missing.yml", "rules.yml", ".")
        assert result.exit_code == 2
        assert result.stderr.splitlines() == [
            "tradetop: missing.yml: cannot be read: No such file or directory",
            "tradetop: .: cannot be read: Is a directory",
        ]
        assert "rules.yml: " in result.stdout
        assert run(command).exit_code == 2


def test_a_file_that_holds_no_tests_fails(folder: Path) -> None:
    result = run("test", "rules.yml")
    assert result.exit_code == 1
    assert "rules.yml: FAILED\n  warning: it holds rules and no tests: tradetop rules check reads it\n" in result.stdout
    (folder / "broken.yml").write_text("tests: [")
    assert run("test", "broken.yml").stdout.startswith("broken.yml: FAILED\n  broken.yml:2:1: not YAML: ")


def test_check_counts_and_places_what_is_broken(folder: Path) -> None:
    (folder / "bad.yml").write_text(BAD)
    assert run("check", "rules.yml").stdout == "rules.yml: 1 alerting rule and 1 recording rule in 1 group\n"
    result = run("check", "rules.yml", "bad.yml")
    assert result.exit_code == 1
    assert result.stdout.splitlines()[1:] == [
        "bad.yml: 1 alerting rule and 0 recording rules in 1 group, 1 problem",
        '  bad.yml:4:22: groups[0].rules[0].expr: cannot read "up ==": invalid promql query; rule A is disabled',
    ]


def test_nothing_of_a_file_reaches_the_terminal_as_it_is(folder: Path) -> None:
    (folder / "odd.yml").write_text('tests: [{name: "a\\u202Eb", promql_expr_test: [{expr: "1\\u202E"}]}]')
    (folder / "odd\x1b.yml").write_text('groups: [{name: "\\u202E", rules: [{alert: "x\\u202E"}]}]')
    for result in (run("test", "odd.yml"), run("check", "odd\x1b.yml")):
        assert result.exit_code == 1
        assert "\u202e" not in result.stdout
        assert "\x1b" not in result.stdout


def test_promtools_own_files(recorded: Callable[..., Path], tmp_path: Path) -> None:
    for entry in json.loads(recorded("rules", "manifest.json").read_text()):
        names = [word for name in entry.get("run", []) for word in ("--run", name)]
        result = run("test", *names, recorded("rules", entry["file"]))
        assert result.exit_code == (0 if entry["expect"] == "pass" else 1), result.stdout
    whole = commands.run(tmp_path, "rules", "test", recorded("rules", "unittest.yml"))
    assert (whole.returncode, whole.stderr) == (0, "")
    assert whole.stdout.endswith("unittest.yml: 5 tests passed\n")
