"""`tradetop mark`: what a deploy script writes stands on the right time axis, and what is unclear is asked."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.commands import run
from tradetop.store.notebook import NotebookFile
from tradetop.store.place import history_path, identity, notebook_path, subject
from watched_bot import WatchedBot

HOUR = 3_600_000
TWO = """
targets:
  - {name: momentum, url: "http://127.0.0.1:8000"}
  - {name: grid, database: bots.db, bot_id: grid-1}
"""


@pytest.fixture
def bot() -> Iterator[WatchedBot]:
    with WatchedBot("trader_exposure_pct 21.6\n") as bot:
        yield bot


def texts(directory: Path, url: str = "", database: str = "", bot: str = "") -> list[str]:
    """What is marked on a target's axis."""
    book = NotebookFile(notebook_path(directory))
    book.follow(0)
    found = book.marks(subject(history_path(directory, identity(url, database))), bot)
    book.close()
    return [mark.text for mark in found]


def test_a_deployment_restarts_the_time_that_the_screen_counts(bot: WatchedBot, tmp_path: Path) -> None:
    assert run(tmp_path, "snapshot", bot.base).returncode == 0
    done = run(tmp_path, "mark", "deploy v1.4.2", "--at", "3h")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("marked ")
    assert '"deploy v1.4.2" on 127.0.0.1_' in done.stdout
    assert str(tmp_path / "state" / "tradetop" / "notebook.db") in done.stdout
    found = json.loads(run(tmp_path, "snapshot", bot.base, "--format", "json").stdout)
    assert [mark["text"] for mark in found["marks"]] == ["deploy v1.4.2"]
    assert 3 * HOUR <= found["at"] - found["bots"][0]["deployed_at"] < 4 * HOUR
    picture = run(tmp_path, "snapshot", bot.base).stdout
    assert "T+03:00" in picture
    assert "deploy v1.4.2" in picture


def test_a_target_is_named_by_url_database_or_its_name_in_the_configuration(tmp_path: Path) -> None:
    config, store = tmp_path / "c.yaml", tmp_path / "s"
    config.write_text(TWO)
    (tmp_path / "bots.db").touch()
    more = ("--config", config, "--store", store)
    assert run(tmp_path, "mark", "by name", "momentum", *more).returncode == 0
    assert run(tmp_path, "mark", "by URL", ":8000", *more).returncode == 0
    assert run(tmp_path, "mark", "by bot_id", "grid-1", *more).returncode == 0
    assert run(tmp_path, "mark", "for all", "--all", *more).returncode == 0
    url, database = "http://127.0.0.1:8000/metrics", str(tmp_path / "bots.db")
    assert texts(store, url) == ["by name", "by URL", "for all"]
    assert texts(store, database=database, bot="grid-1") == ["by bot_id", "for all"]
    assert texts(store, database=database, bot="another") == ["for all"]
    assert stat.S_IMODE(notebook_path(store).stat().st_mode) == 0o600


def test_what_is_unclear_is_asked_with_the_names_that_there_are(tmp_path: Path) -> None:
    config = tmp_path / "c.yaml"
    config.write_text(TWO)
    for arguments, said in (
        (("--config", config), "which bot? momentum, grid; or --all"),
        (
            ("momentun", "--config", config),
            '"momentun" is no URL, no file and no bot that is known here: momentum, grid',
        ),
        ((), "no bot has been watched yet"),
        (("momentum", "--all"), "contradict each other"),
        (("--at", "2999-01-01"), "lies in the future"),
    ):
        done = run(tmp_path, "mark", "deploy", *arguments)
        assert (done.returncode, done.stdout) == (2, "")
        assert said in done.stderr
    assert run(tmp_path, "mark", " ", "--all").returncode == 2
    assert not (tmp_path / "state").exists()


def test_a_bot_that_was_never_watched_is_marked_and_that_is_said(tmp_path: Path) -> None:
    done = run(tmp_path, "mark", "deploy", "127.0.0.1:9", "--store", tmp_path / "s")
    assert done.returncode == 0
    assert "127.0.0.1:9 has no history in" in done.stderr


def test_a_mark_that_cannot_be_kept_fails_and_says_why(tmp_path: Path) -> None:
    (tmp_path / "s").write_text("a file")
    done = run(tmp_path, "mark", "deploy", "--all", "--store", tmp_path / "s")
    assert (done.returncode, done.stdout) == (2, "")
    assert 'tradetop: the mark "deploy" is not kept: ' in done.stderr
    assert len(done.stderr.splitlines()) == 1
