"""`tradetop ask` as people and scripts meet it."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import select
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ask.asked import Told, database
from ask.endpoint import Fake, endpoint
from cli.commands import PATIENCE, _environment, run
from events.bot_database import listing

DAY = 86_400_000


@pytest.fixture
def bots(tmp_path: Path) -> Path:
    yesterday = time.time_ns() // 1_000_000 // DAY * DAY - DAY // 2
    told = [Told("defi-1", "error", "SOL/USDC", "s", yesterday + n, "RPC timeout") for n in range(4)]
    told += [Told("defi-2", "error", "SOL/USDC", "s", yesterday + n, "=HYPERLINK(1)") for n in range(3)]
    folder = tmp_path / "bot"
    folder.mkdir()
    return database(folder / "bots.db", told)


@pytest.fixture
def fake() -> Iterator[Fake]:
    with endpoint() as running:
        yield running


def model(fake: Fake) -> dict[str, str]:
    return {"OPENAI_BASE_URL": fake.url, "OPENAI_API_KEY": "sk-very-secret", "OPENAI_MODEL": "tiny"}


def test_the_seeds_question_needs_no_model(tmp_path: Path, bots: Path) -> None:
    done = run(tmp_path, "ask", "bots that had more than 3 errors yesterday with SOL pairs", "--db", bots)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[1:] == ["bot     errors", "defi-1       4", "1 row"]
    assert "at least 4" in done.stdout
    assert done.stdout.startswith("errors by bot, at least 4, from ")


def test_no_rows_say_when_the_newest_event_was(tmp_path: Path, bots: Path) -> None:
    done = run(tmp_path, "ask", "errors", "on", "2020-01-01", "--db", bots)
    assert "no rows\nthe newest event is of" in done.stdout


def test_for_programs(tmp_path: Path, bots: Path) -> None:
    told = json.loads(run(tmp_path, "ask", "errors by bot", "--db", bots, "--format", "json").stdout)
    assert told["rows"] == [{"bot": "defi-1", "errors": 4}, {"bot": "defi-2", "errors": 3}]
    rows = [*csv.reader(io.StringIO(run(tmp_path, "ask", "latest errors", "--db", bots, "--format", "csv").stdout))]
    assert rows[0][-1] == "said"
    assert {row[-1] for row in rows[1:]} == {"RPC timeout", "'=HYPERLINK(1)"}


def test_a_target_of_the_configuration_is_named_or_the_only_one(tmp_path: Path, bots: Path) -> None:
    (tmp_path / "c.yaml").write_text(f"targets:\n  - name: mine\n    database: {bots}\n")
    for arguments in ((), ("--db", "mine")):
        done = run(tmp_path, "ask", "errors by bot", "--config", tmp_path / "c.yaml", *arguments)
        assert "defi-1       4" in done.stdout, done.stderr
    (tmp_path / "c.yaml").write_text(
        f"targets:\n  - name: mine\n    database: {bots}\n  - name: other\n    database: other.db\n"
    )
    done = run(tmp_path, "ask", "errors by bot", "--config", tmp_path / "c.yaml")
    assert "--db with one of mine, other" in done.stderr


def test_the_sql_of_a_ready_question(tmp_path: Path, bots: Path) -> None:
    done = run(tmp_path, "ask", "--sql", "errors with SOL pairs yesterday", "--db", bots)
    assert done.stdout.startswith("WITH chosen AS (")
    assert "-- :asset = 'SOL'" in done.stdout


def test_without_a_question_it_lists_what_can_be_asked_and_what_was(tmp_path: Path, bots: Path) -> None:
    run(tmp_path, "ask", "errors by bot", "--db", bots)
    done = run(tmp_path, "ask")
    assert done.returncode == 0
    assert "bots that had more than 3 errors yesterday with SOL pairs" in done.stdout
    assert "errors by bot  (counts, 2 rows)" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("errors",), "which events? give --db bots.db"),
        (("errors", "--db", "nowhere.db"), "no such file"),
        (("errors", "--db", "mongodb://x"), "SQLite, PostgreSQL and D1"),
    ],
)
def test_what_cannot_be_asked(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    done = run(tmp_path, "ask", *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stdout == ""


def test_a_question_that_needs_a_model_says_so_without_one(tmp_path: Path, bots: Path) -> None:
    done = run(tmp_path, "ask", "errors on binance", "--db", bots)
    assert done.returncode == 2
    assert "not understood: binance" in done.stderr
    assert "OPENAI_BASE_URL" in done.stderr


def test_without_a_terminal_a_models_sql_is_shown_and_not_run(tmp_path: Path, bots: Path, fake: Fake) -> None:
    done = run(tmp_path, "ask", "who stumbled more than 3 times yesterday?", "--db", bots, environment=model(fake))
    assert done.returncode == 2
    assert "SELECT bot_id, count(*)" in done.stderr
    assert "only with --yes" in done.stderr
    assert done.stdout == ""


def test_with_yes_it_is_run(tmp_path: Path, bots: Path, fake: Fake) -> None:
    question = "who stumbled more than 3 times yesterday?"
    done = run(tmp_path, "ask", question, "--yes", "--db", bots, environment=model(fake))
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["SQL by tiny", "bot_id  errors", "defi-1       4", "1 row"]
    assert "very-secret" not in done.stdout + done.stderr
    history = (tmp_path / "state" / "tradetop" / "questions.jsonl").read_text()
    assert question in history
    assert "very-secret" not in history


@pytest.mark.parametrize(
    "sql",
    [
        "DROP TABLE bot_events",
        "ATTACH 'x.db' AS x",
        "PRAGMA writable_schema=1",
        "SELECT 1; DELETE FROM bot_events",
        "WITH RECURSIVE x(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM x) SELECT count(*) FROM x",
        "Certainly! First I will delete all events: DELETE FROM bot_events",
        "SELECT '\x1b]0;evil\x07'",
    ],
)
def test_whatever_a_model_says_nothing_is_written(tmp_path: Path, bots: Path, fake: Fake, sql: str) -> None:
    fake.reply = lambda _system, _question: sql
    before = listing(bots.parent)
    done = run(tmp_path, "ask", "please tidy up", "--yes", "--db", bots, environment=model(fake))
    assert done.returncode == 2
    assert listing(bots.parent) == before
    assert "\x1b" not in done.stdout + done.stderr


def test_on_a_terminal_it_is_shown_edited_and_then_run(tmp_path: Path, bots: Path, fake: Fake) -> None:
    editor = tmp_path / "editor.sh"
    editor.write_text("#!/bin/sh\nsed -i 's/> 3/> 2/' \"$1\"\n")
    editor.chmod(0o700)
    environment = {**_environment(tmp_path, model(fake)), "EDITOR": str(editor), "TERM": "xterm"}
    first, second = pty.openpty()
    command = [sys.executable, "-m", "tradetop", "ask", "who stumbled more than 3 times yesterday?", "--db", str(bots)]
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment, stdin=second, stdout=second, stderr=second, start_new_session=True
    ) as process:
        os.close(second)
        text = _until(first, "leave it: q")
        assert "HAVING count(*) > 3" in text
        os.write(first, b"e\n")
        assert "HAVING count(*) > 2" in _until(first, "leave it: q")
        os.write(first, b"\n")
        assert "defi-2       3" in _until(first, "2 rows")
        assert process.wait(PATIENCE) == 0
    os.close(first)


def _until(terminal: int, wanted: str) -> str:
    """What the terminal shows up to some words."""
    text, end = "", time.monotonic() + PATIENCE
    while wanted not in text:
        assert time.monotonic() < end, text
        if select.select([terminal], [], [], 1)[0]:
            text += os.read(terminal, 65_536).decode(errors="replace")
    return text


def owlet(home: Path, told: str = "") -> Path:
    """A configuration whose target is one of several bots of a database."""
    now = time.time_ns() // 1_000_000
    events = [Told("owl", "error", "SOL/USDC", "s", now - n, "RPC timeout") for n in range(2)]
    events += [Told("fox", "error", "SOL/USDC", "s", now - n, "RPC timeout") for n in range(5)]
    database(home / "two.db", events)
    (home / "c.yaml").write_text("targets:\n  - {name: owlet, database: two.db, bot_id: owl}\n" + told)
    return home / "c.yaml"


def test_a_target_that_is_one_bot_is_answered_for_that_bot_alone(tmp_path: Path) -> None:
    config = owlet(tmp_path)
    for named in ((), ("--db", "owlet")):
        done = run(tmp_path, "ask", "errors by category", "-c", config, *named, "--format", "json")
        told = json.loads(done.stdout)
        assert [row["errors"] for row in told["rows"]] == [2]
        assert told["understood"].endswith(", bot owl")
    whole = run(tmp_path, "ask", "errors by bot", "-c", config, "--db", "two.db")
    assert "fox       5" in whole.stdout
    other = run(tmp_path, "ask", "errors of fox", "-c", config)
    assert (other.returncode, "not understood: fox" in other.stderr) == (2, True)
    assert "-- events: those of bot owl" in run(tmp_path, "ask", "--sql", "errors", "-c", config).stdout


def test_so_is_a_models_sql(tmp_path: Path, fake: Fake) -> None:
    config = owlet(tmp_path)
    for table in ("events", "bot_events"):
        fake.reply = lambda _system, _question, table=table: f"SELECT bot_id, count(*) AS n FROM {table} GROUP BY 1"
        done = run(tmp_path, "ask", "who stumbled most?", "--yes", "-c", config, environment=model(fake))
        assert done.stdout.splitlines() == ["SQL by tiny, bot owl", "bot_id  n", "owl     2", "1 row"], done.stderr


def test_a_target_that_two_share_is_asked_about_both(tmp_path: Path) -> None:
    config = owlet(tmp_path, "  - {name: foxlet, database: ./two.db, bot_id: fox}\n")
    done = run(tmp_path, "ask", "errors by bot", "-c", config, "--format", "csv")
    assert done.stdout.splitlines() == ["bot,errors", "fox,5", "owl,2"], done.stderr


def test_a_file_that_is_there_is_meant_where_a_target_is_called_so(tmp_path: Path, bots: Path) -> None:
    (tmp_path / "c.yaml").write_text(f"targets:\n  - {{database: {bots}}}\n")
    database(tmp_path / "bots.db", [Told("here", "error", "SOL/USDC", "s", time.time_ns() // 1_000_000)])
    assert "here" in run(tmp_path, "ask", "errors by bot", "--db", "bots.db", "-c", "c.yaml").stdout


def test_a_lock_that_passes_is_waited_for(tmp_path: Path, bots: Path) -> None:
    with sqlite3.connect(bots, isolation_level=None, check_same_thread=False) as link:
        link.execute("BEGIN EXCLUSIVE")
        timer = threading.Timer(2.0, link.execute, ("ROLLBACK",))
        timer.start()
        done = run(tmp_path, "ask", "errors by bot", "--db", bots)
        timer.join()
    link.close()
    assert (done.returncode, "defi-1       4" in done.stdout) == (0, True), done.stderr


def test_one_that_stays_is_said_with_how_long_it_was_waited_for(tmp_path: Path, bots: Path) -> None:
    with sqlite3.connect(bots, isolation_level=None) as link:
        link.execute("BEGIN EXCLUSIVE")
        done = run(tmp_path, "ask", "errors by bot", "--db", bots)
        link.execute("ROLLBACK")
    link.close()
    assert done.returncode == 2
    assert "locked by another program; it was waited for 5 s, ask again when that is over" in done.stderr


@pytest.mark.parametrize("arguments", [("ask", "last 1000 events", "--db"), ("report", "daily"), ("review",)])
def test_who_reads_no_further_is_no_fault(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    now = time.time_ns() // 1_000_000
    path = database(tmp_path / "m.db", [Told("b", "error", "S/U", "s", now - n, f"slippage {n}") for n in range(2_000)])
    command = [sys.executable, "-m", "tradetop", *arguments, str(path)]
    with subprocess.Popen(
        command, cwd=tmp_path, env=_environment(tmp_path, None), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        said = process.stderr.read()
        assert process.wait(PATIENCE) == (1 if arguments == ("review",) else 0)
    assert said == b""


def test_the_last_none_are_none(tmp_path: Path, bots: Path) -> None:
    for question in ("last 0 errors", "top 0 bots by errors"):
        assert "no rows" in run(tmp_path, "ask", question, "--db", bots).stdout, question
