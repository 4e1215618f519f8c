"""The config file: what it may say, and how it says what is wrong."""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest

from tradetop.config import Config, default_path, load, parse, warnings
from tradetop.document import DocumentError
from tradetop.document.thresholds import Bound, Levels
from tradetop.model.clock import DAY
from tradetop.model.level import Level
from tradetop.model.panel import Side, Threshold
from tradetop.model.target import HealthCheck, Mode, Tls

DOCS = Path(__file__).parents[2] / "docs" / "config.md"

FULL = """
interval: 5s
timeout: 3s
store: history
theme: paper
glyphs: ascii
color: "256"
mouse: off
local_time: yes
born_counters: off
thresholds:
  exposure: {warning: 15}
  drawdown: {critical: {above: 12, for: 5m}}
  signals-1h: {warning: off}
discover:
  ports: [9200]
heartbeat: {url_file: ping, interval: 30s}
notify:
  group_wait: 5s
  group_interval: 1m
  repeat_interval: 2h
  per_hour: 12
  quiet: {from: "22:00", to: "07:30", zone: Europe/Berlin, critical: waits}
  receivers:
    - {name: phone, url_file: phone.url, level: critical, after: 15m, send_resolved: no, quiet: off}
    - {name: am, kind: alertmanager, url: "http://127.0.0.1:9093"}
    - {name: screen, kind: bell}
targets:
  - name: trader
    url: http://127.0.0.1:8000
    database: bots.db
    bot_id: b1
    health: http://127.0.0.1:8080/health
    interval: 30s
    timeout: 2s
    preset: 247trader
    mode: live
    since: 2026-11-20T09:00
    job: trading
    labels: {env: prod}
    auth: {token_file: token}
    tls: {ca_file: ca.pem, cert_file: c.pem, key_file: k.pem, server_name: bot, insecure: true}
    health_check: {interval: 15s, timeout: 5s, retries: 2, start_period: 2m}
    thresholds: {exposure: {critical: 18}}
  - url: http://127.0.0.1:8001
    auth: {user: me, password_env: PASSWORD}
"""


def problems(text: str) -> list[str]:
    with pytest.raises(DocumentError) as caught:
        parse(text, "config.yaml")
    return [str(problem) for problem in caught.value.problems]


def test_everything_that_the_file_may_say_is_read() -> None:
    config = parse(FULL, "config.yaml")
    first, second = config.targets
    assert (config.interval, config.timeout, config.theme, config.glyphs) == (5_000, 3_000, "paper", "ascii")
    assert (config.color, config.mouse, config.local_time) == ("256", False, True)
    assert not config.born_counters
    assert config.discover.all_ports == (8000, 8080, 9090, 9091, 9092, 9093, 9200)
    assert (first.interval, first.timeout, first.mode, first.since) == (30_000, 2_000, Mode.LIVE, 1_795_165_200_000)
    assert first.health_urls == ("http://127.0.0.1:8080/health",)
    assert first.health_check.check() == HealthCheck(15_000, 5_000, 2, 120_000)
    assert first.tls.tls() == Tls("ca.pem", "c.pem", "k.pem", "bot", True)
    assert first.labels == {"env": "prod"}
    assert second.auth.user == "me"
    assert second.interval is None


def test_a_single_threshold_is_overridden_and_the_others_stay() -> None:
    config = parse(FULL, "config.yaml")
    preset = (Threshold(20.0, Level.WARNING, hold=1), Threshold(25.0, Level.CRITICAL, hold=2))
    assert config.thresholds["exposure"].over(preset) == (Threshold(15.0, Level.WARNING, hold=1), preset[1])
    assert config.thresholds["drawdown"].over(preset) == (preset[0], Threshold(12.0, Level.CRITICAL, hold=300_000))
    assert config.thresholds["signals-1h"].over(preset) == (preset[1],)
    assert config.targets[0].thresholds["exposure"].thresholds() == (Threshold(18.0, Level.CRITICAL),)


def test_both_sides_of_a_band() -> None:
    levels = Levels(warning=(Bound(below=0.2), Bound(above=0.5, inclusive=True)))
    assert levels.thresholds() == (
        Threshold(0.2, Level.WARNING, Side.BELOW),
        Threshold(0.5, Level.WARNING, Side.ABOVE, True),
    )


def test_all_mistakes_at_once() -> None:
    text = """\
tragets: []
glyphs: brail
thresholds:
  exposure: {warning: {above: 1, below: 2}}
discover: {ports: [70000]}
targets:
  - name: a
    interval: 0.1s
  - {url: http://x, mode: demo, since: yesterday}
  - {url: http://x, auth: {token_file: a, user: b}}
  - {url: http://x, bot_id: b}
"""
    assert problems(text) == [
        "config.yaml:1:1: tragets: unknown key; did you mean targets?",
        "config.yaml:2:9: glyphs: 'brail' is not known; did you mean braille?",
        "config.yaml:4:23: thresholds.exposure.warning: needs either above or below",
        "config.yaml:5:20: discover.ports[0]: 70000 is not a port; they go from 1 to 65535",
        "config.yaml:8:15: targets[0].interval: 0.1s is not between 1s and 1h",
        "config.yaml:9:27: targets[1].mode: 'demo' is neither live nor paper",
        "config.yaml:9:40: targets[1].since: 'yesterday' is not a time; write 2026-11-20T09:00",
        "config.yaml:10:27: targets[2].auth: takes a token, or a user and a password, not both: drop one of them",
        "config.yaml:11:5: targets[3]: bot_id says which bot of a database it is: set database",
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("targets: [{name: a}]", "config.yaml:1:11: targets[0]: needs a url, a database, or both"),
        (
            "targets:\n- {url: a, name: x}\n- {url: b, name: x}",
            "config.yaml:3:3: targets[1].name: x is the name of the target in line 2 already",
        ),
        (
            "targets: [{url: a, auth: {user: me}}]",
            "config.yaml:1:26: targets[0].auth: a user needs a password_file or password_env, and they a user",
        ),
        (
            "targets: [{url: a, auth: {token: s3cr3t}}]",
            "config.yaml:1:27: targets[0].auth.token: unknown key; did you mean token_env?",
        ),
    ],
)
def test_one_mistake(text: str, problem: str) -> None:
    assert problems(text) == [problem]


def test_paths_are_taken_from_the_folder_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(FULL + "  - {database: /var/bots.db, preset: mine.yaml}\n")
    config = load(path)
    assert config.store == str(tmp_path / "history")
    assert config.targets[0].database == str(tmp_path / "bots.db")
    assert config.targets[0].auth.token_file == str(tmp_path / "token")
    assert config.targets[0].preset == "247trader"
    assert config.targets[2].database == "/var/bots.db"
    assert config.targets[2].preset == str(tmp_path / "mine.yaml")


def test_it_warns_of_secrets_that_others_can_read(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("targets:\n- {url: 'http://u:p@h', auth: {token_file: token}}\n- {url: http://h}\n")
    token = tmp_path / "token"
    token.write_text("s3cr3t")
    path.chmod(0o644)
    token.chmod(0o640)
    assert warnings(load(path), path) == (
        f"{path}:2:3: other users can read {token}: chmod 600 it",
        f"{path}: holds a password and other users can read it: chmod 600 it",
    )
    path.chmod(0o600)
    token.chmod(0o600)
    assert warnings(load(path), path) == ()


def test_the_usual_place_is_the_platforms() -> None:
    assert default_path().parts[-2:] == ("tradetop", "config.yaml")


def _keys(cls: type[Any], prefix: str = "") -> set[str]:
    found = set()
    for entry in fields(cls):
        if entry.name == "place":
            continue
        key = prefix + entry.metadata.get("key", entry.name)
        found.add(key)
        hint = get_type_hints(cls)[entry.name]
        for inner in (hint, *get_args(hint)):
            if is_dataclass(inner) and isinstance(inner, type) and inner is not Levels:
                found |= _keys(inner, f"{key}.")
    return found


def test_the_documentation_lists_every_key_and_no_other() -> None:
    documented = set(re.findall(r"^\| `([a-z_.]+)`", DOCS.read_text(encoding="utf-8"), re.MULTILINE))
    assert documented == _keys(Config)


def test_the_example_of_the_documentation_is_right() -> None:
    example = re.findall(r"```yaml\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)[0]
    assert parse(example, "config.md").targets


def test_how_much_history_is_kept() -> None:
    found = parse("retention: 90d\nhistory_size: 2GiB\n", "config.yaml")
    assert (found.retention, found.history_size) == (90 * DAY, 2 * 2**30)
    assert problems("retention: 5m\nhistory_size: 12\n") == [
        "config.yaml:1:12: retention: 5m is less than 1h",
        "config.yaml:2:15: history_size: '12' is not a size; write 500MiB or 2GiB",
    ]
    assert problems("history_size: 1kB\n") == ["config.yaml:1:15: history_size: 1kB is less than 1MiB"]
