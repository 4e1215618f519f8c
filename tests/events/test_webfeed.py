"""A worker's feed: what it leaves out is said, and what it garbles costs no more than that."""

from __future__ import annotations

import json

import pytest

from events.hands import NOW, HandClock
from events.worker import worker
from faulty.server import FaultyServer
from tradetop.events.fault import EventError
from tradetop.events.webfeed import PACE, WebFeed
from tradetop.model.bot_event import BotEvent
from tradetop.model.target import Auth, Secret


def entry(id: str, **more: object) -> dict[str, object]:
    known = {"id": id, "bot_id": "b", "event_type": "signal", "timestamp": NOW, "created_at": "2026-01-02 03:04:05"}
    return {**known, **more}


def page(document: object, status: int = 200) -> bytes:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def feed(server: FaultyServer, clock: HandClock, path: str = "/api/events", auth: Auth | None = None) -> WebFeed:
    return WebFeed(f"feed+http://127.0.0.1:{server.port}{path}", clock, auth or Auth())


def ids(events: tuple[BotEvent, ...]) -> list[str]:
    return [event.id for event in events]


async def test_asks_the_seeds_worker_in_words_that_sqlite_understands() -> None:
    clock = HandClock()
    with worker() as server:
        reader = WebFeed(f"http://127.0.0.1:{server.port}/api/events?since=30s&bot=a", clock, Auth())
        server.link.execute("INSERT INTO bot_events (id, bot_id, event_type, timestamp) VALUES ('a', 'b', 'error', '')")
        assert ids(await reader.newest()) == ["a"]
        clock.forward(PACE)
        assert await reader.read_new() == ()
    assert server.asked == ["/api/events?bot=a&since=604800%20seconds", "/api/events?bot=a&since=40%20seconds"]


async def test_it_is_asked_no_more_often_than_a_dashboard_would() -> None:
    clock = HandClock()
    with FaultyServer(page([])) as server:
        reader = feed(server, clock)
        await reader.newest()
        for _ in range(30):
            clock.forward(1_000)
            await reader.read_new()
    assert len(server.requests) == 4


async def test_the_newest_comes_first_and_is_given_last() -> None:
    entries = [entry("c", created_at="2026-01-02 03:04:07"), entry("b"), entry("a")]
    with FaultyServer(page({"results": entries})) as server:
        assert ids(await feed(server, HandClock()).newest()) == ["a", "b", "c"]


async def test_a_burst_of_which_it_tells_only_the_end_is_said() -> None:
    clock = HandClock()
    with FaultyServer(page([entry("a")])) as server:
        reader = feed(server, clock)
        await reader.newest()
        server.behaviour = page([entry(f"b{i}") for i in range(50)])
        clock.forward(PACE)
        assert len(await reader.read_new()) == 50
        assert "some was not seen" in reader.take_notice()
        clock.forward(PACE)
        assert await reader.read_new() == ()
        assert reader.take_notice() == ""


async def test_broken_entries_are_counted_and_the_others_read() -> None:
    clock = HandClock()
    mixed = ["x", None, 5, [], entry("a", metadata={"pnl_usd": 2}, pair=["SOL"], strategy=None), {}]
    with FaultyServer(page(mixed)) as server:
        reader = feed(server, clock)
        events = await reader.newest()
        assert "4 of 6 entries are no events" in reader.take_notice()
        clock.forward(PACE)
        assert await reader.read_new() == ()
        assert reader.take_notice() == ""
    found = {event.id: event for event in events}
    assert [(f.name, f.value) for f in found["a"].facts] == [("pnl_usd", 2.0)]
    assert found["a"].pair == '["SOL"]'
    assert len(found) == 2


async def test_numbers_and_structures_beyond_reason_cost_no_more_than_themselves() -> None:
    clock = HandClock()
    odd = f'{{"timestamp": {"9" * 400}, "pair": NaN, "id": NaN, "bot_id": -Infinity, "event_type": true}}'
    surrogate = '{"id": "\\ud800", "metadata": {"a": "\\udfff\\u001b[2J"}, "timestamp": 1e999}'
    deep = '{"id": "deep", "metadata": ' + "[" * 500 + "]" * 500 + "}"
    with FaultyServer(page(f"[{odd}, {surrogate}, {deep}]".encode())) as server:
        reader = feed(server, clock)
        events = await reader.newest()
        clock.forward(PACE)
        assert await reader.read_new() == ()
    assert len(events) == 3
    assert all("time" in event.flaws for event in events)
    shown = "".join(f"{event.id}{event.raw}{[fact.value for fact in event.facts]}" for event in events)
    assert "\x1b" not in shown
    shown.encode()


@pytest.mark.parametrize(
    "behaviour",
    [
        page(b"<html>"),
        page({"error": "no"}),
        page("x"),
        page([], 500),
        page([], 404),
        page(b"\xff\xfe"),
        b"",
        b"\0",
    ],
)
async def test_what_is_no_feed_is_a_fault_in_one_line(behaviour: bytes) -> None:
    with FaultyServer(behaviour) as server, pytest.raises(EventError) as caught:
        await feed(server, HandClock(), "/api/events?key=s3cret").newest()
    assert "s3cret" not in str(caught.value)
    assert "\n" not in str(caught.value)


async def test_its_token_goes_to_it_alone() -> None:
    with FaultyServer(page([], 302)) as server, pytest.raises(EventError, match="redirects elsewhere"):
        await feed(server, HandClock(), auth=Auth(bearer=Secret("t0ken"))).newest()
    assert "Authorization: Bearer t0ken" in server.requests[0]
    assert len(server.requests) == 1


async def test_a_certificate_that_nobody_vouches_for_is_refused() -> None:
    with FaultyServer(page([]), certificate="self_signed") as server:
        reader = WebFeed(f"https://127.0.0.1:{server.port}/api/events", HandClock(), Auth())
        with pytest.raises(EventError, match="certificate is not trusted"):
            await reader.newest()
    assert server.requests == []
