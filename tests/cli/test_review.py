"""`tradetop review`: what is listed is what the screen counts, and what is marked stays marked everywhere."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cli.commands import run
from events.bot_database import create, insert


def ago(**how_long: float) -> str:
    return (datetime.now(UTC) - timedelta(**how_long)).isoformat()


@pytest.fixture
def link(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    found = create(tmp_path / "bots.db")
    insert(found, "1", "error", json.dumps({"message": "Slippage exceeded: 1.31%"}), timestamp=ago(days=3))
    insert(found, "2", "error", json.dumps({"message": "Slippage exceeded: 2.07%"}), timestamp=ago(hours=2))
    insert(found, "3", "error", json.dumps({"message": "RPC timeout"}), timestamp=ago(hours=1))
    insert(
        found, "4", "error", json.dumps({"message": "insufficient funds \x1b[31m"}), bot="b2", timestamp=ago(hours=1)
    )
    yield found
    found.close()


def test_what_is_to_be_reviewed_is_listed_marked_and_comes_back_when_it_happens_again(
    link: sqlite3.Connection, tmp_path: Path
) -> None:
    listed = run(tmp_path, "review", "bots.db")
    assert (listed.returncode, listed.stderr) == (1, "")
    assert "defi-1  execution: Slippage exceeded: 2.07%" in listed.stdout
    assert "b2      execution: insufficient funds ␛[31m" in listed.stdout
    assert "RPC timeout" not in listed.stdout
    found = json.loads(run(tmp_path, "review", "bots.db", "--json").stdout)
    assert [(each["bot"], each["to_review"]) for each in found] == [("defi-1", 2), ("b2", 1)]
    marked = run(tmp_path, "review", "bots.db", "--mark", found[0]["id"][:6])
    assert (marked.returncode, marked.stdout.splitlines()[-1]) == (0, "1 left to review")
    screen = json.loads(run(tmp_path, "snapshot", "bots.db", "--format", "json").stdout)
    assert [(bot["name"], bot["errors_to_review"]) for bot in screen["bots"]] == [("defi-1", 0), ("b2", 1)]
    assert run(tmp_path, "review", "bots.db", "--all").stdout.endswith("nothing is left to review\n")
    assert run(tmp_path, "review", "bots.db").returncode == 0
    insert(link, "5", "error", json.dumps({"message": "Slippage exceeded: 9.99%"}), timestamp=ago(seconds=1))
    assert "   1  defi-1  execution: Slippage exceeded: 9.99%" in run(tmp_path, "review", "bots.db").stdout


def test_an_id_that_is_of_none_is_refused_with_those_there_are(link: sqlite3.Connection, tmp_path: Path) -> None:
    for wrong in ("zzzz", "a", ""):
        refused = run(tmp_path, "review", "bots.db", "--mark", wrong)
        assert refused.returncode == 2
        assert "is the id of no error that is to be reviewed" in refused.stderr


def test_categories_of_ones_own_decide_what_is_to_be_reviewed(link: sqlite3.Connection, tmp_path: Path) -> None:
    config = tmp_path / "c.yaml"
    config.write_text(
        "errors:\n  categories:\n    slow: {patterns: RPC timeout, review: true}\n    execution: {review: no}\n"
    )
    listed = run(tmp_path, "review", "bots.db", "--config", config)
    assert "slow: RPC timeout" in listed.stdout
    assert len(listed.stdout.splitlines()) == 1


def test_a_file_that_is_no_database_is_said(tmp_path: Path) -> None:
    (tmp_path / "bots.db").write_text("no database at all, but text that is long enough")
    refused = run(tmp_path, "review", "bots.db")
    assert refused.returncode == 2
    assert "bots.db" in refused.stderr
