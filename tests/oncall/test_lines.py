"""A rule file's annotations of several lines arrive as several lines, and nothing else in them that could be obeyed."""

from __future__ import annotations

from pathlib import Path

from cli.commands import run, started
from notify.sink import Sink
from watched_bot import WatchedBot

RULES = r"""
groups:
  - name: money
    rules:
      - alert: DailyLoss
        expr: |
          pnl_usd
            < -400
        labels: {severity: warning}
        annotations:
          description: |
            {{ $labels.job }} loses {{ $value }} USD.
            - stop it
            - then look why
          runbook: |
            first
            second {{ "\x1b[2J\a\r" }}
"""


def test_a_block_of_a_rule_file_has_its_lines_in_every_message(tmp_path: Path) -> None:
    (tmp_path / "rules.yml").write_text(RULES)
    with WatchedBot("pnl_usd -480\n") as bot, Sink() as sink, Sink() as manager:
        (tmp_path / "c.yaml").write_text(
            f"store: s\nrules: rules.yml\ninterval: 1s\ntargets: [{{name: trader, url: '{bot.base}'}}]\n"
            f"notify: {{group_wait: 0s, receivers: [{{name: phone, url: 'json://{sink.host}/'}}, "
            f"{{name: am, kind: alertmanager, url: 'http://{manager.host}'}}]}}\n"
        )
        with started(tmp_path, ["record", "--config", "c.yaml"]):
            sink.until(1)
            manager.until(1)
        shown = run(tmp_path, "snapshot", "--config", "c.yaml").stdout
        drill = run(tmp_path, "drill", "DailyLoss", "--value", "-500", "--fast", "--config", "c.yaml").stdout
    message = sink.took[0]["message"]
    assert "trader loses -480 USD.\n- stop it\n- then look why\nWhat to do: first\nsecond ␛[2J␇␍\n" in message
    notes = manager.took[0][0]["annotations"]
    assert notes["summary"] == "trader loses -480 USD.\n- stop it\n- then look why"
    assert notes["runbook"] == "first\nsecond ␛[2J␇␍"
    assert "\x1b" not in message + str(notes)
    # Where there is room for one line alone, it is one.
    assert "pnl_usd  -480 < -400" in shown
    assert "DRILL of DailyLoss (warning) on trader: pnl_usd < -400\n" in drill
    assert not {"␊", "\ufffd"} & set(message + shown + drill)
