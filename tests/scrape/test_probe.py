from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable
from typing import Any

import pytest
from prometheus_client import CollectorRegistry, Gauge, start_http_server

from faulty.answers import ANSWERS, PAGE, TEXT, answer
from faulty.server import FaultyServer, free_port
from tradetop.model.labels import Labels
from tradetop.model.target import Auth, Health, HealthCheck, HealthState, Mode, Secret, Target
from tradetop.scrape.probe import Probe, Prober, samples
from tradetop.scrape.scrape import Scraper

T = 1_700_000_000_000
CHECK = HealthCheck(timeout=200)
JSON = "application/json"
NOT_FOUND = answer(b"", "404 Not Found")


class HealthServer(FaultyServer):
    """Serves an answer for each path, 404 elsewhere."""

    def __init__(self, pages: dict[str, Any]) -> None:
        super().__init__("404")
        self.pages = pages

    def _answer(self, connection: socket.socket) -> None:
        self.behaviour = self.pages.get(self.paths()[-1], NOT_FOUND)
        super()._answer(connection)


def says(body: str, status: str = "200 OK", kind: str = JSON) -> bytes:
    return answer(body.encode(), status, kind)


def target(url: str, *health: str) -> Target:
    return Target("bot", url, health=health, check=CHECK, instance="bot:8000")


def rounds(prober: Prober, count: int = 1, started: int | None = None, each: int = 30_000) -> list[Probe]:
    async def run() -> list[Probe]:
        return [await prober.probe(T + number * each, started) for number in range(count)]

    return asyncio.run(run())


def only(probe: Probe) -> Health:
    (health,) = probe.healths
    return health


def test_whichever_of_the_usual_places_answer_are_used_and_remembered() -> None:
    pages = {"/health/live": says('{"status": "alive"}'), "/health": says('{"status": "ok", "mode": "LIVE"}')}
    with HealthServer(pages) as server:
        first, second = rounds(Prober(target(server.url)), 2)
        asked = server.paths()
    assert [(h.role, h.state) for h in first.healths] == [
        ("live", HealthState.HEALTHY),
        ("health", HealthState.HEALTHY),
    ]
    assert [h.mode for h in second.healths] == [Mode.UNKNOWN, Mode.LIVE]
    assert asked == ["/health/live", "/health/ready", "/health", "/health/live", "/health"]
    assert first.healths[0].latency is not None
    assert (second.healths[0].since, second.healths[0].checked_at) == (T, T + 30_000)


def test_missing_places_are_tried_again_after_a_while() -> None:
    with HealthServer({"/health": says('{"ok": true}')}) as server:
        prober = Prober(target(server.url))
        rounds(prober, 10)
        server.pages["/health/ready"] = says('{"status": "ready"}')
        (later,) = rounds(prober)
    assert [h.role for h in later.healths] == ["ready", "health"]


@pytest.mark.parametrize(
    "behaviour",
    ["404", "401", "403", "html", "html as text", "redirect", "good", "openmetrics"],
)
def test_no_health_endpoint_is_unknown_and_never_red(behaviour: str) -> None:
    with FaultyServer(behaviour) as server:
        prober = Prober(target(server.url))
        results = rounds(prober, 6)
    assert {only(probe).state for probe in results} == {HealthState.UNKNOWN}
    health = only(results[-1])
    assert health.reason.startswith(f"no health endpoint at http://{server.instance} (tried /health/live, ")
    assert health.reason.endswith("name it with --health URL")
    assert samples(results[-1], prober.target) == {}


def test_an_exporter_that_answers_every_path_with_its_metrics_is_no_health_endpoint() -> None:
    registry = CollectorRegistry()
    Gauge("bot_equity_usd", "E", registry=registry).set(1)
    server, thread = start_http_server(0, "127.0.0.1", registry)
    try:
        (probe,) = rounds(Prober(target(f"http://127.0.0.1:{server.server_port}/metrics")))
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    assert only(probe).state is HealthState.UNKNOWN


def test_a_dead_bot_whose_health_was_never_seen_is_unknown_and_is_asked_once_a_round() -> None:
    port = free_port()
    prober = Prober(target(f"http://127.0.0.1:{port}/metrics"))
    health = only(rounds(prober, 6)[-1])
    assert health.state is HealthState.UNKNOWN
    assert health.reason.startswith("connection refused at")
    with FaultyServer("hang") as server:
        (probe,) = rounds(Prober(target(server.url)))
        assert len(server.requests) == 1
    assert only(probe).reason.startswith("no answer from")


def test_one_silent_place_does_not_hide_the_others_for_ever() -> None:
    hang: Callable[..., None] = ANSWERS["hang"]  # type: ignore[assignment]
    with HealthServer({"/health/live": hang, "/health": says('{"ok": true}')}) as server:
        first, second = rounds(Prober(target(server.url)), 2)
    assert only(first).state is HealthState.UNKNOWN
    assert [(h.role, h.state) for h in second.healths] == [("health", HealthState.HEALTHY)]


def test_a_documented_port_where_nothing_listens_does_not_hide_the_bot_s_own_endpoints() -> None:
    with HealthServer({"/health/live": says('{"mode": "LIVE"}'), "/health/ready": says('{"ok": true}')}) as server:
        prober = Prober(target(server.url))
        prober.suggest((f"http://127.0.0.1:{free_port()}/health",))
        (probe,) = rounds(prober)
    assert [(h.role, h.state) for h in probe.healths] == [
        ("live", HealthState.HEALTHY),
        ("ready", HealthState.HEALTHY),
    ]


def test_a_503_s_body_says_why_and_three_in_a_row_are_unhealthy() -> None:
    body = '{"status": "unhealthy", "components": {"sqlite": {"status": "down", "message": "full"}}, "issues": ["x"]}'
    with FaultyServer(says('{"status": "ok"}')) as server:
        prober = Prober(target(server.url, server.url.replace("metrics", "health")))
        rounds(prober)
        server.behaviour = says(body, "503 Service Unavailable")
        results = rounds(prober, 3, each=30_000)
        server.behaviour = says('{"status": "ok"}')
        (well,) = rounds(prober)
    assert [only(p).state.value for p in results] == ["healthy", "healthy", "unhealthy"]
    assert [only(p).reason for p in results] == ["failed 1 of 3: 503: x", "failed 2 of 3: 503: x", "503: x"]
    assert only(results[-1]).components[0].detail == "full"
    assert only(well).state is HealthState.HEALTHY


@pytest.mark.parametrize(
    ("page", "state", "reason"),
    [
        (says('{"ok": false, "issues": ["stale data"]}'), HealthState.UNHEALTHY, "stale data"),
        (says('{"status": "degraded", "message": "slow"}'), HealthState.DEGRADED, "slow"),
        (says("OK\n", kind="text/plain"), HealthState.HEALTHY, ""),
        (says(""), HealthState.HEALTHY, ""),
        (says("[1, 2"), HealthState.HEALTHY, ""),
        (says('{"a":' * 10_000), HealthState.HEALTHY, ""),
        (b"HTTP/1.1 204 No Content\r\n\r\n", HealthState.HEALTHY, ""),
        (
            says("database locked", "503 Service Unavailable", "text/plain"),
            HealthState.UNHEALTHY,
            "503: database locked",
        ),
        (says("<html>", "502 Bad Gateway", "text/html"), HealthState.UNHEALTHY, "502: it does not say why"),
        (says('{"status": "ok"}', "503 Service Unavailable"), HealthState.UNHEALTHY, "503: it does not say why"),
        (says("x" * 70_000), HealthState.UNKNOWN, "the page of"),
        (says("<html>", kind="text/html"), HealthState.UNKNOWN, "it answers with an HTML page"),
        (answer(PAGE, kind=TEXT), HealthState.UNKNOWN, "it answers with its metrics page"),
        (NOT_FOUND, HealthState.UNKNOWN, "http://127.0.0.1"),
        (ANSWERS["hang"], HealthState.UNHEALTHY, "no answer from http://127.0.0.1"),
        (ANSWERS["drip"], HealthState.UNHEALTHY, "the page of http://127.0.0.1"),
        (ANSWERS["close"], HealthState.UNHEALTHY, "http://127.0.0.1"),
    ],
)
def test_a_named_endpoint_s_answer_decides(page: Any, state: HealthState, reason: str) -> None:
    check = HealthCheck(timeout=150, retries=1, start_period=0)
    with FaultyServer(page) as server:
        url = f"http://{server.instance}/health"
        (probe,) = rounds(Prober(Target("bot", health=(url,), check=check)))
    assert only(probe).state is state
    assert only(probe).reason.startswith(reason)
    assert only(probe).url == url


def test_named_urls_replace_the_usual_places_and_get_roles_of_their_own() -> None:
    with HealthServer({"/health/live": says("ok"), "/a/health": says("ok")}) as server:
        base = f"http://{server.instance}"
        urls = tuple(base + path for path in ("/a/health", "/b/healthz", "/health/live", "/x/ready"))
        (probe,) = rounds(Prober(target(base + "/metrics", *urls)))
    assert [(h.role, h.state.value) for h in probe.healths] == [
        ("live", "healthy"),
        ("ready", "unknown"),
        ("health", "healthy"),
        ("health2", "unknown"),
    ]


def test_documented_places_are_tried_first() -> None:
    with HealthServer({"/status": says('{"ok": true}')}) as health, HealthServer({}) as metrics:
        prober = Prober(target(metrics.url))
        prober.suggest((f":{health.port}/status", "/alive"))
        (probe,) = rounds(prober)
    assert only(probe).url == f"http://127.0.0.1:{health.port}/status"
    assert metrics.paths()[0] == "/alive"


@pytest.mark.parametrize(("host", "sent"), [("127.0.0.1", True), ("localhost", False)])
def test_credentials_go_to_the_bot_s_own_host_only(host: str, sent: bool) -> None:
    with FaultyServer(says("ok")) as server:
        aim = Target("bot", "http://127.0.0.1:1/metrics", check=CHECK, auth=Auth(bearer=Secret("hunter2")))
        prober = Prober(aim)
        prober.suggest((f"http://{host}:{server.port}/health",))
        rounds(prober)
        assert ("hunter2" in server.requests[0]) is sent


def test_without_a_metrics_url_or_a_health_url_there_is_nothing_to_say() -> None:
    (probe,) = rounds(Prober(Target("bot", database="bots.db")))
    assert probe.healths == ()


def test_a_process_that_began_long_ago_has_no_start_period() -> None:
    url = f"http://127.0.0.1:{free_port()}/health"
    results = rounds(Prober(target("", url)), 3, started=T - 3_600_000)
    assert [only(p).state.value for p in results] == ["starting", "starting", "unhealthy"]


def test_success_and_duration_are_series() -> None:
    with HealthServer({"/health/live": says("ok"), "/health/ready": says("{}", "503 Service Unavailable")}) as server:
        prober = Prober(target(server.url))
        (probe,) = rounds(prober)
    got = samples(probe, prober.target)
    own = {"job": "bot", "instance": "bot:8000"}
    assert got[Labels({"__name__": "probe_success", "role": "live", **own})] == 1.0
    assert got[Labels({"__name__": "probe_success", "role": "ready", **own})] == 0.0
    assert 0 < got[Labels({"__name__": "probe_duration_seconds", "role": "live", **own})] < 1
    assert len(got) == 4


def test_scrape_and_probe_of_one_server_take_turns() -> None:
    def slow(connection: socket.socket, stop: threading.Event) -> None:
        stop.wait(0.05)
        connection.sendall(answer(b"bot 1\n"))

    async def both(scraper: Scraper, prober: Prober) -> None:
        await asyncio.gather(scraper.scrape(T), prober.probe(T), scraper.scrape(T))

    with FaultyServer(slow) as server:
        scraper = Scraper(target(server.url))
        asyncio.run(both(scraper, Prober(target(server.url), turn=scraper.turn)))
        assert (server.most_open, len(server.requests) > 2) == (1, True)


def test_a_hanging_health_endpoint_does_not_hold_up_the_metrics() -> None:
    async def both(scraper: Scraper, prober: Prober) -> float:
        probing = asyncio.create_task(prober.probe(T))
        await asyncio.sleep(0)
        clock = asyncio.get_running_loop().time
        begun = clock()
        assert (await scraper.scrape(T)).up
        waited = clock() - begun
        probing.cancel()
        return waited

    with HealthServer({"/metrics": answer(PAGE), "/health": ANSWERS["hang"]}) as server:
        aim = Target("bot", server.url, health=(f"http://{server.instance}/health",), interval=1_000)
        scraper = Scraper(aim)
        assert asyncio.run(both(scraper, Prober(aim, turn=scraper.turn))) < 0.5
