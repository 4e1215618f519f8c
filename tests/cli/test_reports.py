"""`tradetop report`: what it prints, in which form, and what it says when it cannot."""

from __future__ import annotations

import csv
import json
import re
import signal
import sqlite3
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import quote

import pytest

from cli.commands import run, started, until
from events.bot_database import create
from events.d1_server import d1_server
from events.made import d1_made, postgres_made
from events.postgres_server import PASSWORD, USER, postgres_server
from reports.ledger import close, database, stamp
from tradetop.model.address import parted
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
        (("daily", "https://x.example/api/events"), "has no past that can be read whole; name the database"),
        (("daily", "mysql://u:p4ssw0rd@h/x"), "no event store of this kind"),
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


def many(folder: Path, count: int) -> Path:
    """A database that takes some seconds to be read."""
    path, now = folder / "bots.db", time.time_ns() // 1_000_000
    link = create(path)
    link.execute("BEGIN")
    link.executemany(
        "INSERT INTO bot_events (id, bot_id, event_type, timestamp, metadata) VALUES (?, 'b', 'trade_close', ?, ?)",
        ((str(i), stamp(now - i), '{"pnl_usd": 1}') for i in range(count)),
    )
    link.execute("COMMIT")
    link.close()
    return path


def test_killed_while_reading_the_next_report_goes_on(tmp_path: Path) -> None:
    path = many(tmp_path, 120_000)
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


def test_ctrl_c_says_what_is_kept_and_the_next_report_goes_on(tmp_path: Path) -> None:
    path = many(tmp_path, 120_000)
    with started(tmp_path, ("report", "daily", path)) as process:
        until(lambda: _read(tmp_path) > 0)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert out == ""
    said = re.fullmatch(r"stopped: ([\d,]+) events are read; the next report goes on from there\n", err)
    assert said is not None, err
    assert 0 < int(said[1].replace(",", "")) < 120_000
    done = run(tmp_path, "report", "pairs", path, "--format", "json")
    assert json.loads(done.stdout)["rows"][0]["trades"] == 120_000


def test_a_cache_of_another_version_is_said_to_be_made_anew(bots: Path, tmp_path: Path) -> None:
    whole = run(tmp_path, "report", "daily", bots).stdout
    with sqlite3.connect(cache(tmp_path)) as link:
        link.execute("PRAGMA user_version = 2")
    link.close()
    done = run(tmp_path, "report", "daily", bots)
    assert done.stdout == whole
    assert "of another version: all events are read again, once" in done.stderr
    assert run(tmp_path, "report", "daily", bots).stderr == ""


@pytest.mark.servers
@pytest.mark.parametrize("kind", ["d1", "postgres"])
def test_a_server_is_named_by_its_url_and_its_secret_is_nowhere(kind: str, tmp_path: Path) -> None:
    now, makers = (
        time.time_ns() // 1_000_000,
        {"d1": (d1_server, d1_made), "postgres": (postgres_server, postgres_made)},
    )
    server, maker = makers[kind]
    with server() as running, maker(running) as made:  # type: ignore[operator]
        for i in range(20):
            event = close(f"c{i}", now - HOUR - i, i - 5)
            made.insert(event[0], event[2], event[6], bot=event[1], strategy=event[4], timestamp=event[5])
        for _ in range(2):
            done = run(tmp_path, "report", "pairs", made.address, "--format", "json")
            assert (done.returncode, done.stderr) == (0, "")
            found = json.loads(done.stdout)
            assert (found["rows"][0]["trades"], found["rows"][0]["pnl"]) == (20, 90.0)
        done = run(tmp_path, "report", "pairs", made.address)
        for name in (PASSWORD, quote(PASSWORD, safe="")):
            assert name not in done.stdout
        config = tmp_path / "c.yaml"
        config.write_text(f"targets:\n  - {{name: x, database: '{made.address}'}}\n")
        assert json.loads(run(tmp_path, "report", "pairs", "--config", config, "--format", "json").stdout)["rows"]
    done = run(tmp_path, "report", "pairs", made.address)
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    assert PASSWORD not in done.stderr


@pytest.mark.parametrize("rows", [[], [[1]], [["table", "create table bot_events(id)"]], [[None, None]]])
def test_what_answers_in_d1_s_place_is_found_out(rows: object, tmp_path: Path) -> None:
    class Page(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            results = {"columns": ["x"] * len(rows[0] if rows else ()), "rows": rows}  # type: ignore[index, arg-type]
            body = json.dumps({"success": True, "result": [{"results": results}]}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Silence."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        done = run(tmp_path, "report", "daily", f"d1+http://127.0.0.1:{server.server_address[1]}/d1")
        server.shutdown()
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1, done.stderr


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


def test_a_target_is_named_and_reported_of_its_own_bot_alone(bots: Path, tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text(
        f"targets:\n  - {{name: owlet, database: {bots}, bot_id: \"=cmd|' /C calc'!A0\"}}\n"
        "  - {name: other, database: other.db}\n"
    )
    done = run(tmp_path, "report", "signals", "owlet", "-c", "c.yaml", "--since", "1d")
    assert (done.returncode, done.stderr) == (0, "")
    assert "  bot =cmd|' /C calc'!A0" in done.stdout.splitlines()[0]
    assert "grid" not in done.stdout
    refused = run(tmp_path, "report", "signals", "owlet", "-c", "c.yaml", "--bot", "b")
    assert (refused.returncode, "alone: name its database" in refused.stderr) == (2, True)
    refused = run(tmp_path, "report", "signals", "-c", "c.yaml")
    assert "which database? one of owlet, other" in refused.stderr


@pytest.mark.servers
def test_a_server_of_the_configuration_is_opened_as_it_says_by_name_and_by_address(tmp_path: Path) -> None:
    with postgres_server() as server, postgres_made(server) as made:
        now = time.time_ns() // 1_000_000
        for bot in ("owl", "fox"):
            made.insert(bot, "error", {"message": "slippage exceeded"}, bot=bot, timestamp=stamp(now - 60_000))
        address, auth = parted(made.address)
        bare = address.replace(f"{USER}@", "")
        told = f"database_auth: {{user: {USER}, password_env: PW}}"
        (tmp_path / "c.yaml").write_text(
            f"targets:\n  - {{name: fleet, database: '{bare}', {told}}}\n"
            f"  - {{name: owlet, database: '{bare}', {told}, bot_id: owl}}\n  - {{name: x, database: x.db}}\n"
        )
        assert auth.password is not None
        environment = {"PW": auth.password.reveal()}
        for place in ("fleet", bare, address):
            for command in (("report", "errors", place), ("ask", "errors by bot", "--db", place)):
                done = run(tmp_path, *command, "-c", "c.yaml", "--format", "json", environment=environment)
                assert done.returncode == 0, (command, done.stderr)
                assert json.loads(done.stdout)["rows"]
                assert PASSWORD not in done.stdout + done.stderr
            done = run(tmp_path, "review", place, "-c", "c.yaml", "--json", environment=environment)
            assert (done.returncode, done.stderr) == (1, "")
        done = run(tmp_path, "ask", "errors by bot", "--db", "owlet", "-c", "c.yaml", environment=environment)
        assert done.stdout.splitlines()[1:] == ["bot  errors", "owl       1", "1 row"], done.stderr
