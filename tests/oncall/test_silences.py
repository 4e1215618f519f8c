"""What is silenced in one process is quiet in the recorder of another: the phone does not ring, until it is worse."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.commands import started
from notify.sink import Sink
from tradetop.model.clock import HOUR, SystemClock
from tradetop.model.labels import EMPTY
from tradetop.model.level import Level
from tradetop.model.panel import Side
from tradetop.model.silence import Silence, SilenceKind
from tradetop.store.notebook import NotebookFile
from tradetop.store.place import history_path, identity, notebook_path, subject
from watched_bot import WatchedBot

RULES = """
groups:
  - name: money
    rules:
      - {alert: DailyLoss, expr: "pnl_usd < -400", labels: {severity: warning}}
      - {alert: Heard, expr: "pnl_usd < -300", labels: {severity: critical}}
"""


@pytest.fixture
def bot() -> Iterator[WatchedBot]:
    with WatchedBot("pnl_usd -480\n") as bot:
        yield bot


def test_a_snoozed_alert_does_not_ring_until_it_is_worse(bot: WatchedBot, tmp_path: Path) -> None:
    (tmp_path / "rules.yml").write_text(RULES)
    config = tmp_path / "c.yaml"
    history = history_path(tmp_path / "s", identity(bot.url))
    book, now = NotebookFile(notebook_path(tmp_path / "s")), SystemClock().now()
    made = Silence("", SilenceKind.SNOOZE, "DailyLoss", now, now + HOUR, EMPTY, "", "known", Level.WARNING, -480.0,
                   Side.BELOW)  # fmt: skip
    assert book.silence(subject(history), [made], now=now)
    book.close()
    with Sink(200) as sink:
        config.write_text(
            f"store: s\nrules: rules.yml\ninterval: 1s\ntargets: [{{name: trader, url: '{bot.base}'}}]\n"
            f"notify: {{group_wait: 0s, group_interval: 0s, receivers: [{{name: phone, url: 'json://{sink.host}/'}}]}}\n"
        )
        with started(tmp_path, ["record", "--config", config]):
            sink.until(1)
            bot.page = "pnl_usd -576\n"
            sink.until(2)
    assert [message["title"] for message in sink.took[:2]] == [
        "[CRITICAL] trader: Heard",
        "[WARNING] trader: DailyLoss",
    ]
