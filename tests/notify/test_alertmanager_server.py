"""Debian's Alertmanager receives our alerts, keeps them while they fire, and lets them go when they resolve."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from notify.making import MINUTE, World, quick, sighting
from notify.sink import Sink
from tradetop.model.clock import SystemClock
from tradetop.model.level import Level
from tradetop.model.target import Secret
from tradetop.notify.receiver import Receiver, ReceiverKind
from tradetop.notify.send import send

pytestmark = pytest.mark.servers

BINARY = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
CONFIG = """
route: {{receiver: sink, group_by: [alertname], group_wait: 0s, group_interval: 1s, repeat_interval: 1h}}
receivers:
  - name: sink
    webhook_configs: [{{url: "http://{host}/hook"}}]
"""


class Alertmanager:
    """A running Alertmanager, and the sink that it tells."""

    def __init__(self, port: int, sink: Sink) -> None:
        self.port = port
        self.sink = sink
        self.receiver = Receiver(
            "am", ReceiverKind.ALERTMANAGER, Secret(f"http://127.0.0.1:{port}"), repeat_interval=MINUTE
        )

    def alerts(self) -> list[dict[str, Any]]:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/v2/alerts?active=true", timeout=5) as answer:
            found: list[dict[str, Any]] = json.load(answer)
        return found


@pytest.fixture
def alertmanager(tmp_path: Path) -> Iterator[Alertmanager]:
    if BINARY is None:
        pytest.skip("no Alertmanager here: apt-get install prometheus-alertmanager")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with Sink() as sink:
        config = tmp_path / "alertmanager.yml"
        config.write_text(CONFIG.format(host=sink.host))
        options = ["--cluster.listen-address=", f"--web.listen-address=127.0.0.1:{port}"]
        files = [f"--config.file={config}", f"--storage.path={tmp_path / 'data'}"]
        with subprocess.Popen([BINARY, *files, *options], stderr=subprocess.PIPE, text=True) as process:
            assert process.stderr is not None
            for line in process.stderr:
                if "Listening" in line or "TLS is disabled" in line:
                    break
            try:
                yield Alertmanager(port, sink)
            finally:
                process.terminate()
                process.stderr.read()


async def test_it_has_our_alerts_and_tells_of_them(alertmanager: Alertmanager) -> None:
    world = World([quick("am", kind=ReceiverKind.ALERTMANAGER, repeat_interval=MINUTE)])
    t = SystemClock().now()
    alerts = [
        sighting("HighExposure", 23.5, at=t - MINUTE, level=Level.CRITICAL, summary="too high", action="sell"),
        sighting("Slow", at=t - MINUTE, pair="BTC-USD", severity="info", odd='a"b\\c <b>ü'),
    ]
    world.at(t, *alerts)
    assert await send(alertmanager.receiver, world.deliveries, t) is None
    known = {alert["labels"]["alertname"]: alert for alert in alertmanager.alerts()}
    assert known["HighExposure"]["labels"] == {"alertname": "HighExposure", "bot": "bot", "severity": "critical"}
    assert known["HighExposure"]["annotations"] == {"summary": "too high", "value": "23.5", "runbook": "sell"}
    assert known["Slow"]["labels"]["odd"] == 'a"b\\c <b>ü'
    assert known["Slow"]["labels"]["severity"] == "info"
    alertmanager.sink.until(2)
    told = {message["groupLabels"]["alertname"]: message["status"] for message in alertmanager.sink.took}
    assert told == {"HighExposure": "firing", "Slow": "firing"}

    world.deliveries.clear()
    world.at(t + 1, alerts[0])
    assert await send(alertmanager.receiver, world.deliveries, t + 1) is None
    assert [alert["labels"]["alertname"] for alert in alertmanager.alerts()] == ["HighExposure"]
    alertmanager.sink.until(3)
    assert [alertmanager.sink.took[-1][key] for key in ("status", "groupLabels")] == [
        "resolved",
        {"alertname": "Slow"},
    ]


async def test_what_it_does_not_take_is_said(alertmanager: Alertmanager) -> None:
    world = World([quick("am", kind=ReceiverKind.ALERTMANAGER)])
    world.at(SystemClock().now(), sighting("Bad", **{"not a label name": "x"}))
    failure = await send(alertmanager.receiver, world.deliveries, SystemClock().now())
    assert failure is not None
    assert (failure.word, failure.refused) == ("400", True)
