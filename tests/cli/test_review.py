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


def test_what_cannot_be_read_is_never_taken_for_reviewed(link: sqlite3.Connection, tmp_path: Path) -> None:
    link.execute("BEGIN EXCLUSIVE")
    held = run(tmp_path, "review", "bots.db")
    link.execute("ROLLBACK")
    assert (held.returncode, held.stdout) == (2, "")
    assert "bots.db: locked by another program for " in held.stderr
    for away in ("d1+http://127.0.0.1:1/x/y", "http://127.0.0.1:1/api/events"):
        asked = run(tmp_path, "review", away)
        assert (asked.returncode, asked.stdout) == (2, "")
        assert "127.0.0.1:1" in asked.stderr


def test_what_can_be_read_beside_it_is_listed_and_marked(link: sqlite3.Connection, tmp_path: Path) -> None:
    away = "http://127.0.0.1:1/api/events"
    listed = run(tmp_path, "review", "bots.db", away)
    assert listed.returncode == 2
    assert len(listed.stdout.splitlines()) == 2
    assert "127.0.0.1:1" in listed.stderr
    marked = run(tmp_path, "review", "bots.db", away, "--all")
    assert marked.returncode == 2
    assert marked.stdout.splitlines()[-1] == "nothing is left to review in what could be read"
    again = run(tmp_path, "review", "bots.db", away)
    assert (again.returncode, again.stdout) == (2, "")
    assert run(tmp_path, "review", "bots.db").returncode == 0


def test_an_id_of_several_bots_is_marked_of_the_one_that_is_named(link: sqlite3.Connection, tmp_path: Path) -> None:
    insert(link, "5", "error", json.dumps({"message": "Slippage exceeded: 3%"}), bot="b2", timestamp=ago(hours=1))
    shared = next(g["id"] for g in json.loads(run(tmp_path, "review", "bots.db", "--json").stdout) if g["bot"] != "b2")
    refused = run(tmp_path, "review", "bots.db", "--mark", shared)
    assert refused.returncode == 2
    assert "is of several bots: " in refused.stderr
    assert {"defi-1", "b2"} <= set(refused.stderr.replace(",", " ").replace(";", " ").split())
    marked = run(tmp_path, "review", "bots.db", "--mark", shared, "--bot", "b2")
    assert marked.stdout.splitlines()[0].startswith(f"reviewed {shared} b2: ")
    left = json.loads(run(tmp_path, "review", "bots.db", "--json").stdout)
    assert [g["bot"] for g in left if g["id"] == shared] == ["defi-1"]
    assert "defi-1" not in run(tmp_path, "review", "bots.db", "--bot", "b2").stdout
    unknown = run(tmp_path, "review", "bots.db", "--bot", "nobody")
    assert (unknown.returncode, 'no bot "nobody": there are ' in unknown.stderr) == (2, True)


def test_one_file_has_one_notebook_however_it_is_spelled(link: sqlite3.Connection, tmp_path: Path) -> None:
    (tmp_path / "conf").mkdir()
    (tmp_path / "linked.db").symlink_to(tmp_path / "bots.db")
    (tmp_path / "conf" / "c.yaml").write_text("targets:\n  - {name: mine, database: ../bots.db}\n")
    assert run(tmp_path, "review", "bots.db", "--all").returncode == 0
    for said in (("conf/../bots.db",), ("linked.db",), ("-c", "conf/c.yaml"), ("mine", "-c", "conf/c.yaml")):
        assert run(tmp_path, "review", *said).stdout == "nothing is to be reviewed\n", said
