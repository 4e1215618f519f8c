"""Real servers as sources: over them the panes show what they show over the page itself."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from cli.commands import run, started, until
from servers.prometheus import prometheus
from servers.victoria import victoria_metrics
from watched_bot import WatchedBot

pytestmark = pytest.mark.servers

PAGE = """\
# HELP trader_account_value_usd What the account is worth.
# TYPE trader_account_value_usd gauge
trader_account_value_usd 51234.5
# TYPE trader_exposure_pct gauge
trader_exposure_pct 22.5
# TYPE trader_daily_pnl_usd gauge
trader_daily_pnl_usd -12.25
# TYPE trader_open_positions gauge
trader_open_positions 3
# TYPE trader_trades counter
trader_trades_total{side="BUY",symbol="BTC-USD"} 7
trader_trades_total{side="SELL",symbol="ETH-USD"} 2
trader_nan NaN
"""
RULES = """\
groups:
- name: own
  rules:
  - {alert: ServersOwn, expr: 'trader_exposure_pct > 20', labels: {severity: critical}, annotations: {summary: so much}}
  - {record: 'job:exposure:max', expr: 'max by (job, instance) (trader_exposure_pct)'}
"""


def config(bot: WatchedBot, rules: str = "") -> str:
    return (
        f"global: {{scrape_interval: 1s, evaluation_interval: 1s}}\n{rules}"
        f"scrape_configs:\n- {{job_name: trader, static_configs: [{{targets: ['{bot.instance}']}}]}}\n"
    )


@contextmanager
def with_prometheus(folder: Path, bot: WatchedBot) -> Iterator[str]:
    (folder / "rules.yml").write_text(RULES)
    with prometheus(folder, config(bot, "rule_files: [rules.yml]\n")) as server:
        yield server.url


@contextmanager
def with_victoria_metrics(folder: Path, bot: WatchedBot) -> Iterator[str]:
    with victoria_metrics(folder, config(bot).replace(", evaluation_interval: 1s", "")) as url:
        yield url


Serve = Callable[[Path, WatchedBot], AbstractContextManager[str]]
both = pytest.mark.parametrize("serve", [with_prometheus, with_victoria_metrics])


@pytest.fixture
def bot() -> Iterator[WatchedBot]:
    with WatchedBot(PAGE) as found:
        yield found


def seen(home: Path, place: str) -> dict[str, Any]:
    done = run(home, "snapshot", "--format", "json", "--size", "120x40", place)
    assert done.returncode in (0, 3), done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def answered(home: Path, *words: str) -> Any:
    done = run(home, "query", "--json", *words)
    assert done.returncode == 0, done.stderr + done.stdout
    return json.loads(done.stdout)["data"]["result"]


def scraped(home: Path, url: str, count: int) -> None:
    """Wait until the server has scraped so often."""
    until(lambda: bool(answered(home, f"count_over_time(trader_exposure_pct[5m]) >= {count}", "--server", url)))


def readings(frame: Mapping[str, Any]) -> dict[str, Any]:
    """What each panel shows, by its name."""
    return {
        panel["id"]: [(sorted(series["labels"].items()), series["value"]) for series in panel["series"]]
        for panel in frame["panels"]
    }


def without_place(readings: Mapping[str, Any]) -> dict[str, Any]:
    return {
        panel: [([pair for pair in labels if pair[0] not in ("job", "instance")], value) for labels, value in series]
        for panel, series in readings.items()
    }


@both
def test_the_panes_are_those_of_the_page(serve: Serve, bot: WatchedBot, tmp_path: Path) -> None:
    with serve(tmp_path, bot) as url:
        scraped(tmp_path, url, 3)
        over_server, over_page = seen(tmp_path, f"prometheus+{url}"), seen(tmp_path, bot.url)
    assert over_server["bots"][0]["name"] == "trader"
    assert over_server["bots"][0]["preset"] in ("", "247trader")
    shown, expected = (without_place(readings(frame)) for frame in (over_server, over_page))
    assert shown.keys() == expected.keys()
    assert sum(any(value is not None for _, value in series) for series in expected.values()) >= 4
    for panel, series in expected.items():
        # Rates need time, which the server has had and the page has not.
        now = [each for each in series if each[1] is not None]
        assert [each for each in shown[panel] if each in now] == now, panel


@both
def test_a_query_of_the_server_equals_one_over_what_was_followed(serve: Serve, bot: WatchedBot, tmp_path: Path) -> None:
    with serve(tmp_path, bot) as url:
        scraped(tmp_path, url, 5)
        seen(tmp_path, f"prometheus+{url}")
        at = answered(tmp_path, "timestamp(trader_exposure_pct)")[0]["value"][1]
        for expr in (
            '{__name__=~"trader_.*"}',
            "sum by (side) (trader_trades_total)",
            "trader_exposure_pct > bool 20",
            "max_over_time(trader_exposure_pct[1m])",
            "up",
        ):
            own, theirs = (
                {json.dumps(row["metric"], sort_keys=True): row["value"] for row in found}
                for found in (
                    answered(tmp_path, expr, "--at", at),
                    answered(tmp_path, expr, "--at", at, "--server", url),
                )
            )
            # To VictoriaMetrics a NaN is no sample at all.
            own, theirs = ({k: v for k, v in rows.items() if v[1] != "NaN"} for rows in (own, theirs))
            # It also leaves the name where Prometheus drops it.
            if "max_over_time" in expr and serve is with_victoria_metrics:
                own, theirs = ({"": [*rows.values()]} for rows in (own, theirs))
            assert own == theirs, expr
            assert own


@both
def test_a_bot_that_goes_and_comes_back(serve: Serve, bot: WatchedBot, tmp_path: Path) -> None:
    with serve(tmp_path, bot) as url:
        scraped(tmp_path, url, 2)
        with started(tmp_path, ["record", "--interval", "1s", f"prometheus+{url}"]) as process:
            assert process.stderr is not None
            assert "recording trader" in process.stderr.readline()

            def values(expr: str) -> list[str]:
                found = run(tmp_path, "query", "--json", expr)
                return [row["value"][1] for row in json.loads(found.stdout)["data"]["result"]] if found.stdout else []

            until(lambda: values("up") == ["1"])
            bot.stop()
            until(lambda: values("up") == ["0"])
            assert values("trader_exposure_pct") == []
            assert "cannot scrape it" in process.stderr.readline()
            bot.start()
            until(lambda: values("up") == ["1"])
            assert values("trader_exposure_pct") == ["22.5"]


def test_the_servers_alerts_join_ours(bot: WatchedBot, tmp_path: Path) -> None:
    with with_prometheus(tmp_path, bot) as url:
        until(lambda: bool(answered(tmp_path, 'ALERTS{alertstate="firing"}', "--server", url)))
        (alert,) = [each for each in seen(tmp_path, f"prometheus+{url}")["alerts"] if each["name"] == "ServersOwn"]
        assert alert["state"] == "firing"
        assert alert["severity"] == "critical"
        assert alert["server"] == url
        text = run(tmp_path, "snapshot", f"prometheus+{url}").stdout
        assert "server: ServersOwn" in text
        assert url not in run(tmp_path, "snapshot", "--redact", f"prometheus+{url}").stdout
        bot.page = PAGE.replace("22.5", "12.5")
        until(lambda: not answered(tmp_path, 'ALERTS{alertstate="firing"}', "--server", url))
        assert not [a for a in seen(tmp_path, f"prometheus+{url}")["alerts"] if a["name"] == "ServersOwn"]


def test_a_server_that_is_killed_and_comes_back(bot: WatchedBot, tmp_path: Path) -> None:
    (tmp_path / "server").mkdir()
    with with_prometheus(tmp_path / "server", bot) as url:
        scraped(tmp_path, url, 3)
        first = seen(tmp_path, f"prometheus+{url}")
    gone = seen(tmp_path, f"prometheus+{url}")
    assert first["bots"][0]["up"] is True
    assert gone["bots"][0]["up"] is False
    assert "connection refused" in gone["bots"][0]["reason"]
    assert gone["bots"][0]["name"] == "trader"
