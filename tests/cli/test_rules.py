"""`tradetop rules test` and `rules check`: what they print, and their exit codes."""

from __future__ import annotations

import json
import os
import threading
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
        (
            '  bad.yml:4:22: groups[0].rules[0].expr: cannot read "up ==": 1:6: unexpected end of the query, '
            "expected an expression; rule A is disabled"
        ),
    ]


@pytest.fixture
def pipe(folder: Path) -> Callable[[str], Path]:
    """A pipe through which a text comes once."""

    def through(text: str) -> Path:
        path = folder / "pipe"
        os.mkfifo(path)
        threading.Thread(target=path.write_text, args=(text,), daemon=True).start()
        return path

    return through


def test_what_comes_through_a_pipe_is_judged_as_a_file_is(folder: Path, pipe: Callable[[str], Path]) -> None:
    (folder / "bad.yml").write_text(BAD)
    named, piped = run("check", "bad.yml"), run("check", pipe(BAD))
    assert piped.exit_code == named.exit_code == 1
    assert piped.stdout == named.stdout.replace("bad.yml", str(folder / "pipe"))


def test_tests_that_come_through_a_pipe_name_rule_files_of_this_folder(
    folder: Path, pipe: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    piped = pipe(TEST)
    (folder / "here").mkdir()
    (folder / "rules.yml").rename(folder / "here" / "rules.yml")
    monkeypatch.chdir(folder / "here")
    result = run("test", "--run", "works", piped)
    assert (result.exit_code, result.stdout) == (0, f"{piped}: 1 test passed\n")


def test_rules_that_come_through_a_pipe_are_listed(pipe: Callable[[str], Path]) -> None:
    result = run("list", "--rules", pipe(GOOD))
    assert result.exit_code == 0
    assert "A  at once" in result.stdout


def test_the_doctor_judges_rules_that_come_through_a_pipe(pipe: Callable[[str], Path]) -> None:
    piped = pipe(BAD)
    result = CliRunner().invoke(tradetop, ["doctor", "--offline", "--rules", str(piped)])
    assert result.exit_code == 1
    assert f'{piped}:4:22: groups[0].rules[0].expr: cannot read "up =="' in " ".join(result.stdout.split())


def test_what_runs_on_refuses_a_pipe_for_it_could_not_read_it_again(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    result = CliRunner().invoke(tradetop, ["record", "http://127.0.0.1:9", "--rules", "pipe"])
    assert result.exit_code == 2
    assert result.stderr == "tradetop: --rules: pipe: is a pipe, which can be read only once: name a file\n"


@pytest.mark.parametrize("command", ["check", "test"])
def test_a_pattern_names_files_and_one_that_matches_none_is_said(folder: Path, command: str) -> None:
    (folder / "test.yml").unlink()
    (folder / "more.yml").write_text(GOOD if command == "check" else TEST)
    (folder / "odd[1].yml").write_text(GOOD if command == "check" else TEST)
    pattern = "*e.yml"
    assert run(command, pattern).stdout == run(command, "more.yml").stdout
    assert run(command, pattern).exit_code == run(command, "more.yml").exit_code
    assert run(command, pattern, "more.yml").stdout == run(command, "more.yml").stdout
    assert run(command, "odd[1].yml").stdout.startswith("odd[1].yml: ")
    nothing = run(command, "nowhere/*.yml", "more.yml")
    assert nothing.exit_code == 2
    assert nothing.stderr == "tradetop: nowhere/*.yml: no file matches this pattern\n"
    assert nothing.stdout == run(command, "more.yml").stdout


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
