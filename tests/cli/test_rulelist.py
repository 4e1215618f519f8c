"""`tradetop rules list`: every rule of a preset or of a bot, readable at 80 columns, or as JSON."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.commands import run
from watched_bot import WatchedBot


@pytest.fixture(scope="module")
def bot() -> Iterator[WatchedBot]:
    with WatchedBot("# TYPE acme_loops_total counter\nacme_loops_total 7\nacme_exposure_pct 12\n") as bot:
        yield bot


def test_without_a_target_the_rules_of_every_preset_are_listed(tmp_path: Path) -> None:
    done = run(tmp_path, "rules", "list")
    assert (done.returncode, done.stderr) == (0, "")
    assert max(map(len, done.stdout.splitlines())) <= 80
    for whose in ("247trader: ", "polybot: ", "defikit: "):
        assert whose in done.stdout
    entry = done.stdout.split("critical  CriticalDrawdown")[1].split("\n\n")[0].splitlines()
    assert entry == [
        "  for 1m",
        "            (trader_max_drawdown_pct) > 8",
        "  corrects  247trader README 2, 247trader CriticalDrawdown",
        "  do        Approaching 10% drawdown limit, risk of circuit breaker",
    ]


def test_as_json_a_rule_says_all_that_is_known_of_it(tmp_path: Path) -> None:
    done = run(tmp_path, "rules", "list", "--preset", "247trader", "--json")
    assert done.returncode == 0
    found = {rule["name"]: rule for rule in json.loads(done.stdout)}
    assert found["HighExposure"]["corrects"] == ["247trader README 1", "247trader HighExposure"]
    assert (found["HighExposure"]["severity"], found["HighExposure"]["for"]) == ("warning", 120.0)
    assert found["BotNotWorking"]["of"] == "247trader"


def test_a_bots_rules_are_those_that_its_page_gives(bot: WatchedBot, tmp_path: Path) -> None:
    done = run(tmp_path, "rules", "list", bot.base, "--store", tmp_path / "store")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{bot.instance} (any): ")
    assert "BotNotWorking" in done.stdout
    assert "acme_loops_total" in done.stdout


def test_a_bot_that_does_not_answer_is_said_to(tmp_path: Path) -> None:
    done = run(tmp_path, "rules", "list", "http://127.0.0.1:1", "--store", tmp_path / "store")
    assert done.returncode == 0
    assert "connection refused" in done.stderr
    assert "BotDown" in done.stdout


@pytest.mark.parametrize("name", ["nobody", "any"])
def test_a_preset_that_has_no_rules_of_its_own_is_refused(name: str, tmp_path: Path) -> None:
    done = run(tmp_path, "rules", "list", "--preset", name)
    assert (done.returncode, done.stdout) == (2, "")
    assert name in done.stderr


RULES = (
    "groups:\n- name: a\n  rules:\n  - {alert: Ours, expr: up == 0, labels: {since: 2026-01-02, on: yes, desk: 012}}\n"
)


def test_without_a_bot_the_rules_of_files_are_listed(tmp_path: Path) -> None:
    (tmp_path / "r.yml").write_text(RULES)
    done = run(tmp_path, "rules", "list", "--rules", "r.yml")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{tmp_path}/r.yml: 1 rule\n")
    assert "BotDown" not in done.stdout
    done = run(tmp_path, "rules", "list", "--rules", "r.yml", "--preset", "polybot", "--json")
    found = {rule["name"]: rule for rule in json.loads(done.stdout)}
    assert found["Ours"]["labels"] == {"since": "2026-01-02", "on": "yes", "desk": "012"}
    assert found["BotDown"]["of"] == "polybot"


def test_what_is_broken_in_files_is_said_with_exit_code_1_and_what_is_not_there_with_2(tmp_path: Path) -> None:
    (tmp_path / "r.yml").write_text(RULES + "  - {alert: Bad, expr: up ==}\n")
    (tmp_path / "d.yml").mkdir()
    done = run(tmp_path, "rules", "list", "--rules", "r.yml")
    assert done.returncode == 1
    assert "Ours" in done.stdout
    assert "r.yml:5:24: groups[0].rules[1].expr: " in done.stderr
    done = run(tmp_path, "rules", "list", "--rules", "none*.yml")
    assert done.returncode == 1
    assert "no file matches this pattern" in done.stderr
    for name, why in (("d.yml", "is a directory, name a file in it"), ("no.yml", "no such file")):
        for command in (["rules", "list"], ["doctor", "--offline"], ["snapshot", "http://127.0.0.1:1"]):
            done = run(tmp_path, *command, "--rules", name)
            assert (done.returncode, done.stdout) == (2, "")
            assert done.stderr == f"tradetop: --rules: {name}: {why}\n"


def test_a_configuration_that_is_named_says_whose_rules(bot: WatchedBot, tmp_path: Path) -> None:
    (tmp_path / "r.yml").write_text(RULES)
    (tmp_path / "c.yaml").write_text(f"store: s\nrules: r.yml\ntargets:\n  - {{name: acme, url: '{bot.base}'}}\n")
    done = run(tmp_path, "rules", "list", "--config", "c.yaml")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("acme (any): ")
    assert "Ours" in done.stdout


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
@pytest.mark.parametrize("command", [["rules", "list"], ["doctor", "--offline"], ["snapshot", "http://127.0.0.1:1"]])
def test_a_file_that_may_not_be_read_is_refused(command: list[str], tmp_path: Path) -> None:
    (tmp_path / "r.yml").write_text(RULES)
    (tmp_path / "r.yml").chmod(0)
    done = run(tmp_path, *command, "--rules", "r.yml")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "tradetop: --rules: r.yml: cannot be read: Permission denied\n"
