"""Servers on the command line: one target for each bot, and what becomes of them while the server is away."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.commands import run
from faulty.server import FaultyServer
from remote.served import Served

TRADER = {"trader_account_value_usd": 51_234.5, "trader_daily_pnl_usd": 12.0, "trader_exposure_pct": 3.0}


@pytest.fixture
def served() -> Iterator[Served]:
    now = time.time_ns() // 1_000_000
    with Served(now) as server:
        for t in range(now - 60_000, now + 1, 5_000):
            server.scrape(t, TRADER, job="trader", at="a:8000")
            server.scrape(t, {"node_load1": 1.0}, job="node", at="a:9100")
        yield server


def test_a_snapshot_shows_the_bot_and_says_what_is_left_out(served: Served, tmp_path: Path) -> None:
    done = run(tmp_path, "snapshot", served.address)
    assert done.returncode == 0
    assert "tradetop trader" in done.stdout
    assert "51,234.50" in done.stdout
    assert "1 target left out" in done.stderr
    assert "job node" in done.stderr


def test_several_bots_are_a_fleet(served: Served, tmp_path: Path) -> None:
    for t in range(served.now - 60_000, served.now + 1, 5_000):
        served.scrape(t, TRADER, job="trader", at="b:8000")
    frame = json.loads(run(tmp_path, "snapshot", "--format", "json", served.address).stdout)
    assert sorted(bot["name"] for bot in frame["bots"]) == ["a:8000", "b:8000"]


def test_while_the_server_is_away_its_bots_are_shown_as_they_were(served: Served, tmp_path: Path) -> None:
    assert run(tmp_path, "snapshot", served.address).returncode == 0
    served.failing = lambda _: (503, b"")
    done = run(tmp_path, "snapshot", served.address)
    assert done.returncode == 3
    assert "tradetop trader" in done.stdout
    assert "exposure   3.0%" in done.stdout
    assert "no data" in done.stdout
    assert "503 at http://127.0.0.1" in done.stdout


def test_a_server_that_was_never_there_is_shown_as_down(tmp_path: Path) -> None:
    done = run(tmp_path, "snapshot", "prometheus+http://127.0.0.1:1")
    assert done.returncode == 3
    assert "connection refused at http://127.0.0.1:1" in done.stdout


def test_a_server_without_bots_says_how_to_name_one(served: Served, tmp_path: Path) -> None:
    served.store = type(served.store)()
    served.scrape(served.now, {"node_load1": 1.0}, job="node", at="a:9100")
    done = run(tmp_path, "snapshot", served.address)
    assert done.returncode == 2
    assert "?job=node in the address takes it" in done.stderr
    done = run(tmp_path, "snapshot", f"{served.address}?job=nobody")
    assert done.returncode == 2
    assert "no target that the address names" in done.stderr


def test_a_server_that_hangs_does_not_hold_up_the_picture_for_long(tmp_path: Path) -> None:
    with FaultyServer("hang") as server:
        address = f"prometheus+{server.url.removesuffix('/metrics')}"
        started = time.monotonic()
        done = run(tmp_path, "snapshot", address)
        assert time.monotonic() - started < 16
        assert done.returncode == 3
        assert "no whole answer from" in done.stdout


def test_the_environment_names_a_server_where_nothing_else_is_found(served: Served, tmp_path: Path) -> None:
    done = run(tmp_path, "snapshot", environment={"PROMETHEUS_URL": served.url})
    if "metrics, " in done.stderr:
        pytest.skip("a bot answers on one of this machine's usual ports")
    assert "PROMETHEUS_URL names a server" in done.stderr
    assert "tradetop trader" in done.stdout


def test_a_configuration_names_servers_with_tenant_and_thresholds(served: Served, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("s3cret\n")
    token.chmod(0o600)
    config = tmp_path / "c.yaml"
    config.write_text(
        f"targets:\n- url: {served.address}?job=trader\n  name: mine\n  tenant: team-a\n  auth: {{token_file: token}}\n"
    )
    done = run(tmp_path, "snapshot", "--config", config)
    assert done.returncode == 0, done.stderr
    assert "tradetop mine" in done.stdout
    assert all(headers["X-Scope-OrgID"] == "team-a" for _, headers in served.asked)
    assert all(headers["Authorization"] == "Bearer s3cret" for _, headers in served.asked)
    status = run(tmp_path, "status", "--config", config)
    assert "mine" in status.stdout
    assert "NEVER" not in status.stdout


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("{url: 'prometheus+http://h?x=1'}", "c.yaml:2:9: "),
        ("{url: 'http://h:1', tenant: a}", "tenant is for a server"),
        ("{url: 'prometheus+http://h', tenant: \"é\"}", "plain letters"),
    ],
)
def test_mistakes_in_a_configuration_are_told_at_their_place(tmp_path: Path, entry: str, said: str) -> None:
    config = tmp_path / "c.yaml"
    config.write_text(f"targets:\n- {entry}\n")
    done = run(tmp_path, "snapshot", "--config", config)
    assert done.returncode == 2
    assert said in done.stderr


def test_the_doctor_examines_the_bots_of_a_server(served: Served, tmp_path: Path) -> None:
    rules = tmp_path / "rules.yml"
    rules.write_text(
        "groups:\n- name: g\n  rules:\n  - {alert: Fine, expr: trader_exposure_pct > 20}\n"
        "  - {alert: Dead, expr: trader_exposure_percent > 20}\n"
    )
    done = run(tmp_path, "doctor", "--rules", rules, served.address)
    assert done.returncode == 1
    assert "trader at prometheus+http://127.0.0.1" in done.stdout
    assert "job=trader" in done.stdout
    assert "trader_exposure_percent" in done.stdout
    served.failing = lambda _: (503, b"")
    done = run(tmp_path, "doctor", "--rules", rules, f"{served.address}?job=trader&instance=a:8000")
    assert "503 at http://127.0.0.1" in done.stdout


def test_what_is_asked_of_a_history_knows_the_bots_of_servers_by_their_jobs(served: Served, tmp_path: Path) -> None:
    assert run(tmp_path, "snapshot", served.address).returncode == 0
    assert run(tmp_path, "status").stdout.split()[:2] == ["STOPPED", "trader"]
    assert run(tmp_path, "status", served.address).stdout.split()[:2] == ["STOPPED", "trader"]
    assert run(tmp_path, "mark", "hello", served.address).returncode == 0
    assert "51234.5" in run(tmp_path, "query", "last_over_time(trader_account_value_usd[1h])", "trader").stdout
    (tmp_path / "state" / "tradetop" / "servers.json").write_text(
        '{"x":[1,{"job":3}],"prometheus+http://w:1":[null,7]}'
    )
    assert "trader_a_8000" in run(tmp_path, "status").stdout
