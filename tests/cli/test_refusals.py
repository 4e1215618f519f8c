"""What is wrong at the start: one clear line on standard error, exit code 2, and nothing is begun."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from events.bot_database import create
from tradetop.cli.commands import tradetop

URL = "http://127.0.0.1:9/metrics"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home without any configuration or history."""
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(tradetop, [*map(str, arguments)])


def refused(*arguments: str | Path) -> str:
    """The one line that a refusal says."""
    result = run(*arguments)
    lines = [line for line in result.stderr.splitlines() if line.strip()]
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert len(lines) == 1, result.stderr
    assert lines[0].startswith("tradetop: ")
    assert "Traceback" not in result.stderr
    return lines[0].removeprefix("tradetop: ")


def misused(*arguments: str | Path) -> str:
    """The line of an option that cannot be read; the usage stands above it."""
    result = run(*arguments)
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    return result.stderr.splitlines()[-1]


@pytest.mark.parametrize("command", [(), ("record",), ("snapshot",)])
def test_an_unknown_preset_names_the_nearest(command: tuple[str, ...]) -> None:
    said = refused(*command, "--preset", "polybt", URL)
    assert "polybt" in said
    assert "polybot" in said
    assert "247trader" in said


@pytest.mark.parametrize("command", [(), ("record",), ("snapshot",)])
@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://", "host"),
        ("http://127.0.0.1:99999", "port"),
        ("ftp://127.0.0.1:8000/metrics", "ftp"),
        ("http://[::1", "[::1"),
    ],
)
def test_an_address_that_is_none(command: tuple[str, ...], url: str, words: str) -> None:
    assert words in refused(*command, url)


def test_a_database_that_is_not_there(home: Path) -> None:
    said = refused("bots.db")
    assert "bots.db" in said
    assert list(home.iterdir()) == []


def test_a_directory_is_no_database(home: Path) -> None:
    (home / "bots.db").mkdir()
    assert "bots.db" in refused("bots.db")


def test_a_file_that_is_no_database(home: Path) -> None:
    (home / "bots.db").write_text("not a database, but long enough to be looked at as one" * 20)
    assert "bots.db" in refused("record", "bots.db")


def test_a_database_without_the_table_names_the_tables_that_it_has(home: Path) -> None:
    link = sqlite3.connect(home / "bots.db")
    link.execute("create table trades (id integer)")
    link.close()
    said = refused("bots.db")
    assert "bot_events" in said
    assert "trades" in said


def test_a_token_file_that_is_not_there(home: Path) -> None:
    assert "no-token" in refused("--token-file", home / "no-token", URL)


def test_an_environment_variable_that_is_not_set() -> None:
    assert "NO_SUCH_TOKEN" in refused("--token-env", "NO_SUCH_TOKEN", URL)


def test_a_certificate_authority_that_is_not_there(home: Path) -> None:
    assert "ca.pem" in refused("--ca-file", home / "ca.pem", URL)


def test_a_broken_configuration_names_every_fault_with_its_place(home: Path) -> None:
    config = home / "tradetop.yaml"
    config.write_text("targets:\n  - url: http://127.0.0.1:9\n    intervall: 5s\nthem: midnight\n")
    result = run("--config", config)
    lines = result.stderr.splitlines()
    assert (result.exit_code, result.stdout) == (2, "")
    assert [line.removeprefix(f"tradetop: {config}:").split(":")[0] for line in lines] == ["3", "4"]
    assert "interval" in lines[0]
    assert "theme" in lines[1]


def test_a_configuration_that_is_not_there(home: Path) -> None:
    assert "no.yaml" in refused("--config", home / "no.yaml", URL)


def test_a_threshold_for_a_panel_that_nobody_has(home: Path) -> None:
    config = home / "tradetop.yaml"
    config.write_text("thresholds:\n  exposre: {warning: 15}\n")
    said = refused("--config", config, URL)
    assert "exposre" in said
    assert "exposure" in said


def test_one_name_for_several_targets(home: Path) -> None:
    create(home / "a.db").close()
    create(home / "b.db").close()
    assert "--name" in refused("--name", "x", "a.db", "b.db")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--since", "yesterday", URL), "2026-11-20T09:00"),
        (("--interval", "fast", URL), "5s"),
        (("--interval", "0s", URL), "5s"),
        (("snapshot", "--size", "big", URL), "120x40"),
        (("snapshot", "--format", "gif", URL), "json"),
        (("--mode", "real", URL), "paper"),
        (("--no-such-option", URL), "--no-such-option"),
    ],
)
def test_an_option_that_cannot_be_read_says_what_to_write(arguments: tuple[str, ...], words: str) -> None:
    assert words in misused(*arguments)


def test_a_snapshot_too_small_to_show_anything() -> None:
    assert "60x15" in misused("snapshot", "--size", "0x0", URL)


def test_an_output_that_cannot_be_written(home: Path) -> None:
    create(home / "bots.db").close()
    assert "no/where" in refused("snapshot", "bots.db", "-o", "no/where.txt")


def test_a_theme_that_is_unknown_is_said_before_anything_is_watched(home: Path) -> None:
    create(home / "bots.db").close()
    said = refused("snapshot", "bots.db", "--format", "svg", "--theme", "midnite")
    assert "midnite" in said
    assert "midnight" in said


def test_help_and_version_need_nothing() -> None:
    assert "tradetop http://127.0.0.1:8000" in run("--help").stdout
    assert "--preset" in run("watch", "--help").stdout
    assert run("--version").stdout.startswith("tradetop")


def test_everything_that_is_wrong_in_a_configuration_is_said_at_once_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(
        """intervall: 10s
theme: midnigt
targets:
  - name: a
    url: "http://[::1"
    preset: 247tradr
    health: [":8080", "ftp://x"]
    auth: {token_file: none}
    thresholds:
      exposur: {warning: {above: 20}}
  - url: 127.0.0.1:9
    preset: own.yaml
    auth: {token_env: NOT_SET}
thresholds:
  drawdwn: {critical: {above: x}}
  trader_metric_of_a_page: {warning: 3}
"""
    )
    result = run("snapshot", "--config", path)
    assert result.exit_code == 2
    said = [line.removeprefix(f"tradetop: {path}:") for line in result.stderr.splitlines()]
    assert [line.split(": ")[:2] for line in said] == [
        ["1:1", "intervall"],
        ["2:8", "theme"],
        ["5:10", "targets[0].url"],
        ["6:13", "targets[0].preset"],
        ["7:23", "targets[0].health[1]"],
        ["8:24", "targets[0].auth.token_file"],
        ["10:7", "targets[0].thresholds.exposur"],
        ["12:13", "targets[1].preset"],
        ["13:23", "targets[1].auth.token_env"],
        ["15:3", "thresholds.drawdwn"],
        ["15:31", "thresholds.drawdwn.critical.above"],
    ]
    assert "did you mean midnight?" in said[1]
    assert "did you mean 247trader?" in said[3]
    assert "did you mean exposure?" in said[6]


def test_wrong_keys_are_said_with_their_places(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("keys:\n  zomm: x\n  help: alt+h\n  quit: [q, f55]\n")
    assert [line.removeprefix(f"tradetop: {path}:") for line in run("record", "-c", path).stderr.splitlines()] == [
        "2:3: keys.zomm: nothing is called 'zomm'; did you mean zoom?",
        "3:9: keys.help: 'alt+h' cannot be told from Esc and the key after it; choose another",
        "4:13: keys.quit[1]: 'f55' is no key; did you mean f5?",
    ]


def test_one_key_for_two_things_is_refused_with_both_lines(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("keys:\n  zoom: x\n  bots: x\n")
    said = run("snapshot", "http://127.0.0.1:9", "-c", path).stderr.strip()
    assert said == f"tradetop: {path}:3:9: keys.bots: x is the key of zoom in line 2 already"


def test_an_empty_target_is_refused() -> None:
    assert "a target is empty" in refused("snapshot", "")


def test_every_database_that_cannot_be_one_is_said(tmp_path: Path) -> None:
    result = run("snapshot", "a.db", "b.db")
    assert result.exit_code == 2
    assert [line.split(": ")[1] for line in result.stderr.splitlines()] == ["a.db", "b.db"]


def test_themes_lists_every_theme_with_its_file_and_what_is_wrong(home: Path) -> None:
    folder = home / "tradetop" / "themes"
    folder.mkdir(parents=True)
    (folder / "mine.yaml").write_text("roles:\n  gian: green\n")
    result = run("themes")
    assert result.exit_code == 1
    assert f"{folder / 'mine.yaml'}:2:3: roles.gian: 'gian' is not known; did you mean gain?" in result.stdout
    assert [line.split()[0] for line in result.stdout.splitlines()[:2]] == ["midnight", "mine"]
    (folder / "mine.yaml").write_text("roles:\n  gain: green\n")
    assert run("themes").exit_code == 0
