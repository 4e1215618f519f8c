"""`tradetop report`: what it prints, in which form, and what it says when it cannot."""

from __future__ import annotations

import csv
import json
import re
import signal
import sqlite3
import time
from pathlib import Path

import pytest

from cli.commands import run, started, until
from events.bot_database import create
from reports.ledger import close, database, stamp
from tradetop.reports.estimate import FEW, FEW_MEDIAN, FEW_P95

HOUR = 3_600_000
NAMES = ("daily", "strategies", "pairs", "signals", "latency", "errors", "ab")


@pytest.fixture
def bots(tmp_path: Path) -> Path:
    """Two strategies' trades of the last hours, at the machine's own time."""
    now = time.time_ns() // 1_000_000
    found = [close(f"c{i}", now - HOUR - i, (-1) ** i * i, strategy=("grid", "snipe")[i % 2], more=f', "llm": {i % 3}')
             for i in range(60)]  # fmt: skip
    found += [(f"s{i}", "b", "signal", "SOL/USDC", "grid", stamp(now - HOUR), "{}") for i in range(3)]
    found += [("x1", "=cmd|' /C calc'!A0", "signal", "@SUM(1)", "+1", stamp(now - HOUR), '{"mode": "-2"}')]
    found += [("x2", "\x1b[31mred", "error", 'a,"b"\r\n=1', "s", stamp(now - HOUR), '{"message": "=1+1"}')]
    database(tmp_path / "bots.db", found).close()
    return tmp_path / "bots.db"


def test_alone_it_lists_what_can_be_asked_for(tmp_path: Path) -> None:
    done = run(tmp_path, "report")
    assert (done.returncode, done.stderr) == (0, "")
    assert tuple(line.split()[0] for line in done.stdout.splitlines() if line)[: len(NAMES)] == NAMES


def test_a_table_says_window_figures_and_what_they_rest_on(bots: Path, tmp_path: Path) -> None:
    done = run(tmp_path, "report", "strategies", bots, "--since", "1d")
    assert (done.returncode, done.stderr) == (0, "")
    head, titles, *rows = done.stdout.splitlines()
    assert head.startswith("strategies  20")
    assert " UTC to 20" in head
    assert titles.split()[:3] == ["STRATEGY", "MODE", "TRADES"]
    grid = next(row for row in rows if row.startswith("grid"))
    assert "n 30)" in grid
    assert "+" not in grid
    assert "870.00 USD" in grid


def test_two_strategies_stand_side_by_side(bots: Path, tmp_path: Path) -> None:
    done = run(tmp_path, "report", "strategies", bots, "--strategy", "snipe", "--strategy", "grid")
    lines = {line.split("  ")[0]: line.split() for line in done.stdout.splitlines()[1:]}
    assert lines["STRATEGY"] == ["STRATEGY", "grid", "snipe"]
    assert lines["TRADES"] == ["TRADES", "30", "30"]
    assert {"WIN RATE", "AVG P&L", "MAX DRAWDOWN", "SHARPE/TRADE", "SIGNALS/H", "AVG LATENCY"} <= set(lines)


def test_few_trades_are_marked(bots: Path, tmp_path: Path) -> None:
    done = run(tmp_path, "report", "ab", bots, "--tag", "llm")
    assert "too few" in done.stdout


@pytest.mark.parametrize("name", NAMES)
def test_csv_holds_no_formula_and_json_no_nan(name: str, bots: Path, tmp_path: Path) -> None:
    done = run(tmp_path, "report", name, bots, "--format", "csv", "--tag", "llm")
    assert (done.returncode, done.stderr) == (0, "")
    titles, *rows = csv.reader(done.stdout.splitlines())
    assert all(len(row) == len(titles) for row in rows)
    for cell in (cell for row in rows for cell in row if cell[:1] in "=+-@" and cell):
        float(cell)
    assert "\x1b" not in done.stdout
    done = run(tmp_path, "report", name, bots, "--format", "json", "--tag", "llm")
    found = json.loads(done.stdout, parse_constant=lambda word: pytest.fail(word))
    assert found["report"] == name
    assert len(found["rows"]) == len(rows)


def test_an_estimate_has_its_n_and_interval_in_every_form(bots: Path, tmp_path: Path) -> None:
    done = run(tmp_path, "report", "pairs", bots, "--format", "json", "--strategy", "grid")
    (row,) = json.loads(done.stdout)["rows"]
    assert set(row["win_rate"]) == {"value", "n", "low", "high", "too_few"}
    done = run(tmp_path, "report", "pairs", bots, "--format", "csv", "--strategy", "grid")
    (row,) = csv.DictReader(done.stdout.splitlines())
    assert (row["win_rate_n"], row["win_rate_too_few"]) == ("30", "false")


def test_nothing_is_said_of_a_window_without_events_but_where_they_are(bots: Path, tmp_path: Path) -> None:
    done = run(tmp_path, "report", "daily", bots, "--since", "2020-01-01", "--until", "2020-02-01")
    assert done.returncode == 0
    assert "nothing in this window; events lie between 20" in done.stdout


def test_what_cannot_be_is_one_line_and_exit_code_2(bots: Path, tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("hello, this is no database at all")
    (tmp_path / "empty.db").touch()
    broken = tmp_path / "broken.db"
    content = bots.read_bytes()
    broken.write_bytes(content[: len(content) // 2])
    with sqlite3.connect(tmp_path / "other.db") as link:
        link.execute("CREATE TABLE t(a)")
    link.close()
    for arguments, said in (
        (("daily", "missing.db"), "no such file"),
        (("daily", tmp_path), "is a directory"),
        (("daily", "text.db"), "is not an SQLite database"),
        (("daily", "empty.db"), "is empty"),
        (("daily", "broken.db"), "damaged"),
        (("daily", "other.db"), "has no table bot_events"),
        (("weekly", bots), 'no report "weekly"'),
        (("daily",), "which database?"),
        (("daily", bots, "--bot", "nobody"), 'no bot "nobody": there are '),
        (("strategies", bots, "--strategy", "'; DROP TABLE closes"), "no strategy"),
        (("ab", bots), "ab needs --tag NAME: closed trades have llm, mode"),
        (("daily", bots, "--since", "1h", "--until", "2h"), "--since lies after --until"),
    ):
        done = run(tmp_path, "report", *arguments)
        assert (done.returncode, done.stdout) == (2, ""), arguments
        assert len(done.stderr.splitlines()) == 1, done.stderr
        assert said in done.stderr


def test_a_database_that_stays_locked_is_said_to_be(bots: Path, tmp_path: Path) -> None:
    with sqlite3.connect(bots, isolation_level=None) as link:
        link.execute("BEGIN EXCLUSIVE")
        done = run(tmp_path, "report", "daily", bots)
        link.execute("ROLLBACK")
    link.close()
    assert done.returncode == 2
    assert "locked by another program" in done.stderr
    assert run(tmp_path, "report", "daily", bots).returncode == 0


def test_the_only_database_of_the_configuration_need_not_be_named(bots: Path, tmp_path: Path) -> None:
    config = tmp_path / "c.yaml"
    config.write_text(f"targets:\n  - {{name: x, database: {bots}}}\n")
    done = run(tmp_path, "report", "daily", "--config", config, "--format", "json")
    assert json.loads(done.stdout)["database"] == str(bots)


def test_without_a_place_for_sums_it_works_from_memory(bots: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = run(tmp_path, "report", "daily", bots, "--store", tmp_path / "file" / "dir")
    assert done.returncode == 0
    assert "nothing is kept for the next report" in done.stderr


def cache(home: Path) -> Path:
    (found,) = (home / "state" / "tradetop").glob("*.rollup")
    return found


def test_a_cache_damaged_anywhere_is_made_anew(bots: Path, tmp_path: Path) -> None:
    whole = run(tmp_path, "report", "daily", bots).stdout
    path = cache(tmp_path)
    for start in (0, 4_096, 8_192):
        content = bytearray(path.read_bytes())
        content[start : start + 20_000] = b"\xa5" * len(content[start : start + 20_000])
        path.write_bytes(content)
        assert run(tmp_path, "report", "daily", bots).stdout == whole
    assert run(tmp_path, "report", "daily", bots, "--rebuild").stdout == whole


def test_killed_while_reading_the_next_report_goes_on(tmp_path: Path) -> None:
    path, now = tmp_path / "bots.db", time.time_ns() // 1_000_000
    link = create(path)
    link.execute("BEGIN")
    link.executemany(
        "INSERT INTO bot_events (id, bot_id, event_type, timestamp, metadata) VALUES (?, 'b', 'trade_close', ?, ?)",
        ((str(i), stamp(now - i), '{"pnl_usd": 1}') for i in range(120_000)),
    )
    link.execute("COMMIT")
    link.close()
    with started(tmp_path, ("report", "daily", path)) as process:
        # One batch is kept whole, and the next has begun.
        until(lambda: _read(tmp_path) > 0)
        process.send_signal(signal.SIGKILL)
        process.wait()
    some = _read(tmp_path)
    assert 0 < some < 120_000
    done = run(tmp_path, "report", "pairs", path, "--format", "json")
    (row,) = json.loads(done.stdout)["rows"]
    assert (row["trades"], row["pnl"]) == (120_000, 120_000.0)


def _read(home: Path) -> int:
    try:
        link = sqlite3.connect(f"file:{cache(home)}?mode=ro", uri=True)
        found = link.execute("SELECT TOTAL(n) FROM pair_days").fetchone()[0]
        link.close()
    except (sqlite3.Error, ValueError):
        return 0
    return int(found)


def test_every_report_option_and_bound_is_documented(tmp_path: Path) -> None:
    docs = (Path(__file__).parents[2] / "docs" / "reports.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `(\w+)` \| [a-z]", docs, re.MULTILINE) == list(NAMES)
    options = set(re.findall(r"--[a-z]+", run(tmp_path, "report", "--help").stdout)) - {"--help"}
    assert not [option for option in sorted(options) if option not in docs]
    for figure, few in (("win rate", FEW), ("average P&L", FEW), ("median", FEW_MEDIAN), ("95th percentile", FEW_P95)):
        assert re.search(rf"^\| {figure}.*\| {few} \|$", docs, re.MULTILINE), figure
