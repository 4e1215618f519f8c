from __future__ import annotations

from contextlib import ExitStack

import pytest

from faulty.server import FaultyServer, free_port
from tradetop.scrape.discover import discover

SEEN = {
    "good": "metrics, 3 series",
    "comments only": 'a metrics page without samples ("Prometheus client not installed")',
    "prometheus": "is a Prometheus server itself",
    "html": "answers with an HTML page",
    "json": "answers, but not with metrics",
    "404": "answers 404",
    "hang": "no metrics (timeout)",
    "garbage": "no metrics (not HTTP)",
}


async def test_bots_are_told_from_whatever_else_answers() -> None:
    with ExitStack() as stack:
        servers = {name: stack.enter_context(FaultyServer(name)) for name in SEEN}
        closed = free_port()
        got = await discover((s.port for s in servers.values()), usual=(closed,), deadline=300)
    assert got.found == (servers["good"].url, servers["comments only"].url)
    assert got.tried == (
        f"http://127.0.0.1:{closed}/metrics: nothing listens",
        *(f"{server.url}: {SEEN[name]}" for name, server in servers.items()),
    )
    assert all(server.requests[0].startswith("GET /metrics ") for server in servers.values())


@pytest.mark.parametrize("twice", [1, 2])
async def test_a_port_is_asked_once(twice: int) -> None:
    with FaultyServer("good") as server:
        got = await discover([server.port] * twice, usual=(server.port,))
    assert (got.found, len(server.requests)) == ((server.url,), 1)
