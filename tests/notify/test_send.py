"""The way out to apprise's services and to Alertmanager, and what is said of every way that it can fail."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from notify.making import MINUTE, T0, World, quick, sighting
from notify.sink import Sink
from tradetop.model.level import Level
from tradetop.model.target import Secret
from tradetop.notify.alertmanager import post
from tradetop.notify.fault import Failure, backoff, status_failure
from tradetop.notify.receiver import Receiver, ReceiverKind
from tradetop.notify.send import send
from tradetop.notify.state import Delivery

SECRET = "hunter2SECRET"


def deliveries(*alerts: object) -> tuple[Delivery, ...]:
    world = World([quick(kind=ReceiverKind.ALERTMANAGER, repeat_interval=MINUTE)])
    found = alerts or (sighting(summary="too <b>low</b> & *bold*", action="stop the bot", pair="BTC"),)
    world.at(T0, *found)  # type: ignore[arg-type]
    return tuple(world.deliveries)


def service(sink: Sink | int, kind: str) -> Receiver:
    host = sink.host if isinstance(sink, Sink) else f"127.0.0.1:{sink}"
    if kind == "alertmanager":
        url = f"http://user:{SECRET}@{host}/prefix"
        return quick("am", kind=ReceiverKind.ALERTMANAGER, url=Secret(url), repeat_interval=MINUTE)
    return quick("hook", url=Secret(f"json://user:{SECRET}@{host}/hook?cto=0.3&rto=0.3"))


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


BOTH = pytest.mark.parametrize("kind", ["apprise", "alertmanager"])


@BOTH
async def test_it_arrives(kind: str) -> None:
    with Sink() as sink:
        assert await send(service(sink, kind), deliveries(), T0) is None
        assert len(sink.took) == 1


async def test_what_a_service_is_told() -> None:
    with Sink() as sink:
        bad = sighting(level=Level.CRITICAL, summary="too <b>low</b> & *bold*", action="stop the bot", pair="BTC")
        await send(service(sink, "apprise"), deliveries(bad), T0)
        (message,) = sink.took
    assert message["title"] == "[CRITICAL] bot: Drawdown"
    lines = message["message"].splitlines()
    assert "value 9.1 (limit > 8)" in lines
    assert "since 2026-01-02 03:04:00 UTC (0 s)" in lines
    assert "too <b>low</b> & *bold*" in lines
    assert "What to do: stop the bot" in lines
    assert "pair=BTC" in lines
    assert message["type"] == "failure"


async def test_what_alertmanager_is_told() -> None:
    with Sink() as sink:
        await send(service(sink, "alertmanager"), deliveries(), T0)
        ((alert,),) = sink.took
        assert sink.paths == ["/prefix/api/v2/alerts"]
        assert sink.headers[0]["authorization"].startswith("Basic ")
    assert alert == {
        "labels": {"bot": "bot", "pair": "BTC", "alertname": "Drawdown", "severity": "warning"},
        "annotations": {"summary": "too <b>low</b> & *bold*", "value": "9.1", "runbook": "stop the bot"},
        "startsAt": "2026-01-02T03:04:00.000Z",
        "endsAt": "2026-01-02T03:08:00.000Z",
    }


async def test_alertmanager_gets_the_last_word_on_each_alert_at_once() -> None:
    world = World([quick(kind=ReceiverKind.ALERTMANAGER)])
    world.at(T0, sighting("A"), sighting("B"))
    world.at(T0 + MINUTE, sighting("A"))
    with Sink() as sink:
        await send(service(sink, "alertmanager"), world.deliveries, T0 + 2 * MINUTE)
        (alerts,) = sink.took
    ends = {alert["labels"]["alertname"]: alert["endsAt"] for alert in alerts}
    assert ends == {"A": "2026-01-02T03:10:00.000Z", "B": "2026-01-02T03:05:00.000Z"}


@BOTH
@pytest.mark.parametrize(
    ("answer", "word", "refused"),
    [
        (400, "400", True),
        (401, "401", False),
        (403, "403", False),
        (404, "404", False),
        (413, "413", True),
        (429, "429", False),
        (500, "500", False),
        (503, "503", False),
        ((302, {"Location": "http://127.0.0.1:1/"}), "302", False),
    ],
)
async def test_answers_that_are_no_success(kind: str, answer: int, word: str, refused: bool) -> None:
    with Sink(answer) as sink:
        failure = await send(service(sink, kind), deliveries(), T0)
    assert failure is not None
    assert (failure.word, failure.refused) == (word, refused)
    assert SECRET not in repr(failure)
    assert len(sink.asked) == 1


@BOTH
async def test_a_receiver_that_is_down(kind: str) -> None:
    failure = await send(service(closed_port(), kind), deliveries(), T0)
    assert failure is not None
    assert failure.word == "no connection"
    assert SECRET not in repr(failure)


@BOTH
async def test_a_receiver_that_dies_after_reading(kind: str) -> None:
    with Sink("die") as sink:
        failure = await send(service(sink, kind), deliveries(), T0)
    assert failure is not None
    assert failure.word in ("no connection", "cut off")


async def test_a_receiver_that_hangs() -> None:
    with Sink("hang") as sink:
        failures = [
            await send(service(sink, "apprise"), deliveries(), T0),
            await post(service(sink, "alertmanager"), deliveries(), T0, deadline=300),
        ]
    assert [failure.word for failure in failures if failure is not None] == ["timeout", "timeout"]


async def test_words_of_the_message_are_not_taken_for_the_answer() -> None:
    sly = sighting(summary="error=200 Response retry_after: 9999")
    with Sink(503) as sink:
        failure = await send(service(sink, "apprise"), deliveries(sly), T0)
    assert failure is not None
    assert (failure.word, failure.retry_after) == ("503", None)


async def test_retry_after_of_a_header_and_of_a_body() -> None:
    with Sink((429, {"Retry-After": "90"})) as sink:
        failure = await send(service(sink, "alertmanager"), deliveries(), T0)
    assert failure is not None
    assert failure.retry_after == 90_000
    telegrams = b'{"ok":false,"error_code":429,"parameters":{"retry_after":35}}'
    with Sink((429, telegrams)) as sink:
        failure = await send(service(sink, "apprise"), deliveries(), T0)
    assert failure is not None
    assert failure.retry_after == 35_000


@pytest.mark.parametrize("url", ["nonsense://x", "not a url", f"tgram://{SECRET}", "json://", ""])
async def test_a_url_that_is_none(url: str) -> None:
    failure = await send(quick(url=Secret(url)), deliveries(), T0)
    assert failure is not None
    assert failure.word in ("bad URL", "no connection")
    assert SECRET not in repr(failure)


def test_back_off_doubles_up_to_ten_minutes_and_honours_what_is_asked() -> None:
    down, busy = Failure("refused", ""), status_failure(429, "x", 90_000)
    assert [backoff(n, down) // 1_000 for n in (1, 2, 3, 4, 7, 8, 100)] == [5, 10, 20, 40, 320, 600, 600]
    assert [backoff(n, busy) // 1_000 for n in (1, 2, 6)] == [90, 90, 160]
    assert backoff(1, status_failure(429, "x", 10**12)) == 6 * 3_600_000


def test_secrets_do_not_reach_logs_or_standard_error(tmp_path: Path) -> None:
    program = tmp_path / "send.py"
    program.write_text(
        "import asyncio, logging, sys\n"
        "logging.basicConfig(level=logging.DEBUG)\n"
        "from notify.test_send import service, deliveries\n"
        "from tradetop.notify.send import send\n"
        "for kind in ('apprise', 'alertmanager'):\n"
        "    receiver = service(int(sys.argv[1]), kind)\n"
        "    print(receiver, asyncio.run(send(receiver, deliveries(), 1)))\n"
    )
    path = [str(Path(__file__).parents[1]), *sys.path]
    done = subprocess.run(
        [sys.executable, str(program), str(closed_port())],
        capture_output=True,
        text=True,
        env={"PYTHONPATH": ":".join(path)},
        timeout=60,
        check=True,
    )
    assert "no connection" in done.stdout
    assert SECRET not in done.stdout + done.stderr


def test_apprise_is_not_imported_before_it_is_needed() -> None:
    said = "import sys, tradetop.recorder.watch, tradetop.notify.send; print(json.dumps('apprise' in sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", f"import json, {said[7:]}"], capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) is False
