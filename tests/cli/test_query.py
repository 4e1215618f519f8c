"""`tradetop query`: tables and JSON over history, page and server."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from cli.commands import run
from remote.served import Served
from tradetop.cli.asked import duration_of, time_at
from tradetop.cli.query import reach
from tradetop.model.clock import DAY, HOUR, MINUTE
from tradetop.model.labels import Labels
from tradetop.promql.ast import parse
from tradetop.store.file import HistoryWriter
from tradetop.store.place import history_of
from watched_bot import WatchedBot

NOW = 1_767_323_045_678
PAGE = "# TYPE bot_equity_usd gauge\nbot_equity_usd 1234.5\nbot_tiny 1e-9\nbot_big 1e20\nbot_nan NaN\n"


@pytest.mark.parametrize(
    ("text", "t"),
    [
        ("now", NOW),
        ("now-1h", NOW - HOUR),
        ("now-1h30m", NOW - HOUR - 30 * MINUTE),
        ("now+5", NOW + 5_000),
        ("1700000000", 1_700_000_000_000),
        ("1700000000.1234", 1_700_000_000_123),
        ("-1", -1_000),
        ("2026-01-02T03:04:05Z", 1_767_323_045_000),
        ("2026-01-02T03:04:05.5+01:00", 1_767_319_445_500),
        ("2026-01-02", 1_767_312_000_000),
    ],
)
def test_times(text: str, t: int) -> None:
    assert time_at(text, NOW) == t


@pytest.mark.parametrize("text", ["", "yesterday", "now-", "now*2", "now-1x", "1e30", "nan", "1_0", "9" * 400, "١"])
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no time|is no duration|too far|too long"):
        time_at(text, NOW)


@pytest.mark.parametrize(
    ("text", "ms"), [("5m", 300_000), ("1h30m", 5_400_000), ("1d", DAY), ("1w", 7 * DAY), ("100ms", 100), ("0.5", 500)]
)
def test_durations(text: str, ms: int) -> None:
    assert duration_of(text) == ms


def test_as_far_back_as_an_expression_looks() -> None:
    assert reach(parse("up"), NOW) == 5 * MINUTE
    assert reach(parse("max_over_time(rate(a[5m])[1h:1m] offset 1d)"), NOW) == DAY + HOUR + 10 * MINUTE
    assert reach(parse("up @ 1767236645"), NOW) == NOW - 1_767_236_645_000 + 5 * MINUTE


def history(folder: Path, now: int, name: str = "h_1-00000000.db") -> Path:
    folder.mkdir(exist_ok=True)
    writer = HistoryWriter.open(folder / name, now=now)
    for i in range(61):
        labels = {"job": "bot", "instance": "h:1"}
        found = {"bot_equity_usd": i / 10, "bot_trades_total": float(i), "up": 1.0}
        samples = {Labels({**labels, "__name__": key}): value for key, value in found.items()}
        writer.append_scrape("scrape", now - 600_000 + i * 10_000, samples)
    writer.close()
    return folder


def answered(done: Any) -> Any:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_only_history_is_asked(tmp_path: Path) -> None:
    store = history(tmp_path / "st", NOW)
    asked = ("query", "--store", store, "--at", NOW / 1_000)
    done = run(tmp_path, *map(str, asked), "bot_equity_usd")
    assert done.stdout == 'bot_equity_usd{instance="h:1",job="bot"}  6\n'
    said = answered(run(tmp_path, *map(str, asked), "rate(bot_trades_total[5m])", "--json"))
    assert said == {
        "status": "success",
        "data": {
            "resultType": "vector",
            "result": [{"metric": {"instance": "h:1", "job": "bot"}, "value": [1767323045.678, "0.1"]}],
        },
    }


def test_a_range_has_a_heading_for_each_series(tmp_path: Path) -> None:
    store = history(tmp_path / "st", NOW)
    times = ("--start", "1767323025.678", "--end", "1767323045.678", "--step", "10s")
    done = run(tmp_path, "query", "--store", store, *times, "bot_equity_usd * 10")
    assert done.stdout.splitlines() == [
        '{instance="h:1",job="bot"}',
        "  2026-01-02T03:03:45.678Z  58",
        "  2026-01-02T03:03:55.678Z  59",
        "  2026-01-02T03:04:05.678Z  60",
    ]
    said = answered(run(tmp_path, "query", "--store", store, *times, "up", "--json"))
    assert said["data"]["result"][0]["values"] == [[t, "1"] for t in (1767323025.678, 1767323035.678, 1767323045.678)]


def test_what_the_history_no_longer_tells_is_said(tmp_path: Path) -> None:
    done = run(tmp_path, "query", "--store", history(tmp_path / "st", NOW), "up")
    assert done.returncode == 0
    assert done.stdout == ""
    assert "the history ends at 2026-01-02T03:04:05.678Z" in done.stderr
    assert "no series" in done.stderr


def test_of_several_histories_one_must_be_named(tmp_path: Path) -> None:
    store = history(tmp_path / "st", NOW)
    history(store, NOW, "h_2-00000000.db")
    done = run(tmp_path, "query", "--store", store, "up")
    assert done.returncode == 2
    assert "h_1, h_2" in done.stderr
    assert "--server URL" in done.stderr
    assert run(tmp_path, "query", "--store", store, "up", "h_2").returncode == 0


def test_a_page_is_read_once(tmp_path: Path) -> None:
    with WatchedBot(PAGE) as bot:
        said = answered(run(tmp_path, "query", "--json", '{__name__=~"bot_.*"}', bot.url))
        assert {row["metric"]["__name__"]: row["value"][1] for row in said["data"]["result"]} == {
            "bot_equity_usd": "1234.5",
            "bot_tiny": "1e-09",
            "bot_big": "100000000000000000000",
            "bot_nan": "NaN",
        }
        assert bot.asked() == 1
        assert run(tmp_path, "query", "bot_equity_usd > 1000", bot.instance).returncode == 0
    assert not [*tmp_path.rglob("*.db")]
    done = run(tmp_path, "query", "--json", "up", bot.url)
    assert done.returncode == 1
    assert json.loads(done.stdout)["errorType"] == "unavailable"


def test_an_expression_may_begin_with_a_minus(tmp_path: Path) -> None:
    store = history(tmp_path / "st", NOW)
    for expr in ("-up", "-1 * up"):
        done = run(tmp_path, "query", expr, "--store", store, "--at", NOW / 1_000)
        assert done.stdout == '{instance="h:1",job="bot"}  -1\n'


def test_scalars_have_every_digit_as_at_prometheus(tmp_path: Path) -> None:
    store = history(tmp_path / "st", NOW)
    for expr, text in (("1e21", "1" + "0" * 21), ("1e-7", "0.0000001"), ("1/0", "+Inf")):
        said = answered(run(tmp_path, "query", "--json", expr, "--store", store, "--at", "7"))
        assert said["data"] == {"resultType": "scalar", "result": [7, text]}


@pytest.mark.parametrize(("expr", "kind"), [("up[5m]", "range vector"), ("'up'", "string")])
def test_a_range_of_what_has_no_values_is_bad_data(tmp_path: Path, expr: str, kind: str) -> None:
    done = run(tmp_path, "query", "--json", expr, "--store", history(tmp_path / "st", NOW), "--start", "now-1h")
    assert done.returncode == 1
    said = json.loads(done.stdout)
    assert said["errorType"] == "bad_data"
    assert f"not a {kind}" in said["error"]


def test_what_of_a_history_cannot_be_read_is_said(tmp_path: Path) -> None:
    store = history(tmp_path / "st", NOW)
    (path,) = store.glob("*.db")
    with sqlite3.connect(path) as tampered:
        tampered.execute("update scrape set v = x'00' where t % 100000 = 45678")
    tampered.close()
    asked = ("query", "count_over_time(up[9m])", "--store", store, "--at", NOW / 1_000)
    done = run(tmp_path, *asked)
    assert (done.returncode, done.stdout) == (0, '{instance="h:1",job="bot"}  48\n')
    assert "7 scrapes are damaged" in done.stderr
    assert "7 scrapes are damaged" in answered(run(tmp_path, *asked, "--json"))["warnings"][0]
    path.write_bytes(b"no database" * 999)
    done = run(tmp_path, *asked)
    assert (done.returncode, done.stdout) == (1, "")
    assert "is damaged" in done.stderr


@pytest.mark.parametrize("expr", ["1 +", "sum(", "nope(up)", "up[5m", "(" * 300, "a" * 20_000, "{a=~'('}"])
def test_a_wrong_expression_is_named(tmp_path: Path, expr: str) -> None:
    store = history(tmp_path / "st", NOW)
    done = run(tmp_path, "query", "--store", store, expr)
    assert done.returncode == 1
    assert expr[:4] in done.stderr
    said = run(tmp_path, "query", "--store", store, "--json", expr)
    assert said.returncode == 1
    assert json.loads(said.stdout)["status"] == "error"
    assert json.loads(said.stdout)["errorType"] in ("bad_data", "execution")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--at", "soon"), "--at: 'soon' is no time"),
        (("--step", "5m"), "say --start too"),
        (("--start", "now-1h", "--at", "now"), "say one of them"),
        (("--start", "now", "--end", "now-1h"), "is before"),
        (("--start", "now-1h", "--step", "0"), "longer than nothing"),
        (("--start", "now-12d", "--step", "1s"), "at most 11,000"),
        (("--server", "ftp://h"), "--server: "),
        (("--server", "http://h", "http://i:1"), "name one of them"),
    ],
)
def test_what_contradicts_itself_is_refused(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    done = run(tmp_path, "query", "up", *words)
    assert done.returncode == 2
    assert said in done.stderr


def test_a_server_is_asked_only_of_what_its_address_means(tmp_path: Path) -> None:
    now = time.time_ns() // 1_000_000
    with Served(now) as served:
        for job, equity in (("alpha", 1.0), ("beta", 2.0)):
            served.scrape(now, {"bot_equity_usd": equity}, job=job, at=f"{job}:1")
        asked = ("query", "--json", "sum(bot_equity_usd) + sum(max_over_time(bot_equity_usd[5m]))")
        for words, total in (("", "6"), ("?job=alpha", "2"), ("?instance=beta:1", "4"), ("?match={job=~'b.*'}", "4")):
            said = answered(run(tmp_path, *asked, f"{served.address}{words}"))
            assert said["data"]["result"][0]["value"][1] == total
        done = run(tmp_path, "query", "sum(", f"{served.address}?job=alpha")
        assert done.returncode == 1
        assert "1:5: unexpected end of the query" in done.stderr


def test_a_page_goes_on_where_its_history_is(tmp_path: Path) -> None:
    with WatchedBot("equity 5\n") as bot:
        path = history_of(tmp_path / "st", bot.url, "")
        path.parent.mkdir()
        writer = HistoryWriter.open(path, now=time.time_ns() // 1_000_000)
        labels = {"job": "five", "instance": "h:5"}
        then = time.time_ns() // 1_000_000 - 20_000
        writer.append_scrape("scrape", then, {Labels({**labels, "__name__": n}): 1.0 for n in ("up", "equity")})
        writer.close()
        done = run(tmp_path, "query", "sum_over_time(equity[1m])", bot.url, "--store", tmp_path / "st")
        assert done.stdout == '{instance="h:5",job="five"}  6\n'
        done = run(tmp_path, "query", "last_over_time(equity[1m])", "five", "--store", tmp_path / "st")
        assert done.stdout == 'equity{instance="h:5",job="five"}  1\n'


def test_a_server_is_asked_itself(tmp_path: Path) -> None:
    now = time.time_ns() // 1_000_000
    with Served(now) as served:
        served.scrape(now, {"bot_equity_usd": 0.1})
        for place in (served.url, served.url.removeprefix("http://"), served.address):
            said = answered(run(tmp_path, "query", "--json", "bot_equity_usd", "--server", place))
            assert said["data"]["result"][0]["value"][1] == "0.1"
        assert answered(run(tmp_path, "query", "--json", "up", served.address))["data"]["result"]
        done = run(tmp_path, "query", "1 +", "--server", served.url)
        assert done.returncode == 1
        assert "refuses the query" in done.stderr
        assert "1 +" in done.stderr
        body = {"status": "success", "data": {"resultType": "vector", "result": []}, "warnings": ["w"], "infos": ["i"]}
        served.failing = lambda _: (200, json.dumps(body).encode())
        assert answered(run(tmp_path, "query", "--json", "up", "--server", served.url)) == body
        done = run(tmp_path, "query", "up", "--server", served.url)
        assert "warning: w" in done.stderr
        assert "info: i" in done.stderr
        served.failing = lambda _: (503, b"")
        done = run(tmp_path, "query", "--json", "up", "--server", served.url)
        assert done.returncode == 1
        assert json.loads(done.stdout)["errorType"] == "unavailable"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_behind_standard_output_is_one_line(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tradetop", "query", "up", "--store", str(history(tmp_path / "st", NOW))]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*command, "--at", str(NOW / 1_000)],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=60,
        )
    assert (done.returncode, done.stderr) == (1, "tradetop: standard output: No space left on device\n")
