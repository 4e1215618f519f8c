"""A prometheus.yml is read as it is: targets and rule files are taken, and every key without effect is named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tradetop.config.prometheus import PrometheusConfig, ScrapeTarget, read_prometheus
from tradetop.document import DocumentError


def read(folder: Path, text: str) -> PrometheusConfig:
    path = folder / "prometheus.yml"
    path.write_text(text, encoding="utf-8")
    return read_prometheus(path)


def notices(found: PrometheusConfig) -> list[str]:
    return [f"{n.place.line}:{n.place.column} {n.key}: {n.text}" for n in found.notices]


def one(folder: Path, job: str) -> ScrapeTarget:
    (target,) = read(folder, f"scrape_configs:\n- job_name: bot\n{job}").targets
    return target


def test_the_recorded_one_gives_its_targets_and_rules_and_says_what_prometheus_refuses(
    recorded: Callable[..., Path],
) -> None:
    path = recorded("247trader", "prometheus.yml")
    found = read_prometheus(path)
    assert found.rule_files == (str(path.parent / "prometheus_alerts.yml"),)
    assert found.evaluation_interval == 10_000
    assert dict(found.external_labels) == {"monitor": "247trader-v2", "environment": "production"}
    bot, itself = found.targets
    assert (bot.job, bot.url, bot.interval, bot.timeout) == (
        *("247trader-v2", "http://localhost:8000/metrics", 10_000, 5_000),
    )
    assert dict(bot.labels) == {"instance": "live-bot", "mode": "LIVE", "region": "us-east-1"}
    assert (itself.job, itself.interval) == ("prometheus", 10_000)
    assert [line.partition(": ")[0] for line in notices(found)] == [
        *("16:1 alerting", "76:3 storage", "77:5 storage.tsdb.path", "78:5 storage.tsdb.retention"),
    ]
    assert all("refuses the file" in line for line in notices(found)[2:])


@pytest.mark.parametrize(
    ("job", "url"),
    [
        ("  static_configs: [{targets: ['bot:8000']}]", "http://bot:8000/metrics"),
        ("  metrics_path: stats\n  static_configs: [{targets: ['bot:8000']}]", "http://bot:8000/stats"),
        ("  scheme: https\n  static_configs: [{targets: ['bot']}]", "https://bot/metrics"),
        (
            "  params: {module: [a, 'b c'], empty: null}\n  static_configs: [{targets: ['bot:1']}]",
            "http://bot:1/metrics?module=a&module=b+c",
        ),
        (
            "  static_configs: [{targets: ['bot:1'], labels: {__metrics_path__: /m, __scheme__: https}}]",
            "https://bot:1/m",
        ),
    ],
)
def test_a_url_is_put_together_as_prometheus_does(tmp_path: Path, job: str, url: str) -> None:
    found = one(tmp_path, job)
    assert (found.url, found.labels) == (url, ())


def test_label_values_stay_the_text_that_they_are(tmp_path: Path) -> None:
    found = one(tmp_path, "  static_configs: [{targets: ['b:1'], labels: {a: yes, b: 012, c: 2026-01-02, d: 1e3}}]")
    assert dict(found.labels) == {"a": "yes", "b": "012", "c": "2026-01-02", "d": "1e3"}


def test_credentials_are_found_from_the_files_own_folder_and_never_shown(tmp_path: Path) -> None:
    places = "static_configs: [{targets: ['b:1']}]"
    basic = one(tmp_path, f"  basic_auth: {{username: me, password: hunter2}}\n  {places}")
    assert (basic.user, basic.password and basic.password.reveal()) == ("me", "hunter2")
    assert "hunter2" not in repr(basic)
    file = one(tmp_path, f"  authorization: {{credentials_file: token}}\n  {places}")
    assert file.bearer_file == str(tmp_path / "token")
    tls = "tls_config: {ca_file: ca.pem, insecure_skip_verify: true}"
    old = one(tmp_path, f"  bearer_token_file: /etc/token\n  {tls}\n  {places}")
    assert (old.bearer_file, old.ca_file, old.insecure) == ("/etc/token", str(tmp_path / "ca.pem"), True)


def test_every_key_without_effect_is_named_with_its_place_and_what_prometheus_refuses_is_said(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        """\
global:
  scrape_intervall: 5s
remote_write: [{url: http://x}]
scrape_configs:
- job_name: a
  honor_labels: true
  relabel_configs: []
  kubernetes_sd_configs: [{role: pod}]
  authorization: {type: Digest, credentials: abc}
  scrape_interval: 5s
  scrape_timeout: 10s
  static_configs:
  - targets: [b:1]
- job_name: a
  static_configs: null
""",
    )
    said = notices(found)
    assert [line.partition(": ")[0] for line in said] == [
        "2:3 global.scrape_intervall",
        "3:1 remote_write",
        "5:3 scrape_configs[0].scrape_timeout",
        "6:3 scrape_configs[0].honor_labels",
        "7:3 scrape_configs[0].relabel_configs",
        "8:3 scrape_configs[0].kubernetes_sd_configs",
        "9:18 scrape_configs[0].authorization.type",
        "14:3 scrape_configs[1].job_name",
    ]
    assert "did you mean scrape_interval?" in said[0]
    assert [("refuses the file" in line, "has no effect" in line) for line in said] == [
        *((True, False), (False, True), (True, False), (False, True), (False, True), (False, True), (False, True)),
        (True, False),
    ]
    (target,) = found.targets
    assert (target.bearer, target.timeout) == (None, 10_000)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("scrape_configs: [{static_configs: []}]", "1:18: scrape_configs[0].job_name: is missing"),
        ("global: {scrape_interval: soon}", "1:27: global.scrape_interval: 'soon' is not a duration"),
        ("rule_files: rules.yml", "1:13: rule_files: must be a list"),
        ("global: {}\nglobal: {}", "2:1: global: is given twice, first in line 1"),
        ("a: [", "not YAML"),
    ],
)
def test_what_cannot_be_understood_is_an_error_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(DocumentError) as caught:
        read(tmp_path, text)
    assert said in str(caught.value)


def test_an_empty_file_watches_nothing(tmp_path: Path) -> None:
    assert read(tmp_path, "") == PrometheusConfig()
