"""A real server on loopback, and clients that are slow, rude or many."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

import pytest
from uvicorn import Server

from ingest.making import TOKEN, StillClock, body, event
from tradetop.events.store import PAGE
from tradetop.events.webfeed import PACE, WebFeed
from tradetop.ingest.access import Token
from tradetop.ingest.app import Ingest
from tradetop.ingest.event import Judge
from tradetop.ingest.server import CONNECTIONS, listen, loopback, server
from tradetop.ingest.table import EventTable
from tradetop.model.target import Auth, Secret

Link = tuple[asyncio.StreamReader, asyncio.StreamWriter]
PATIENCE = 10.0


@asynccontextmanager
async def serving(path: Path, exchange: float = 20.0) -> AsyncIterator[tuple[Server, int]]:
    """A server while it runs, and its port."""
    table = EventTable(path)
    ingest = Ingest(table, Token(Secret(TOKEN)), Judge(), StillClock())
    with listen("127.0.0.1", 0) as socket:
        running = server(ingest.app(), exchange)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(running.serve([socket]))
            try:
                yield running, socket.getsockname()[1]
            finally:
                running.should_exit = True


def request(raw: bytes, *, length: int | None = None) -> bytes:
    size = len(raw) if length is None else length
    return (
        f"POST /events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\nContent-Length: {size}\r\n\r\n".encode()
        + raw
    )


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[Link]:
    """A connection, which is broken off in the end."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()
        with suppress(ConnectionError):
            await writer.wait_closed()


async def answer(link: Link) -> bytes:
    async with asyncio.timeout(PATIENCE):
        head = await link[0].readuntil(b"\r\n\r\n")
        size = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        return head.split(b"\r\n")[0] + b" " + await link[0].readexactly(size)


async def ended(link: Link) -> bool:
    """Whether the server ends the connection by itself."""
    async with asyncio.timeout(PATIENCE):
        with suppress(ConnectionError):
            while await link[0].read(65_536):
                pass
    return True


async def test_many_requests_over_one_connection_in_one_go(tmp_path: Path) -> None:
    async with serving(tmp_path / "bots.db") as (_, port), connected(port) as link:
        link[1].write(b"".join(request(body(event(f"e-{i}"))) for i in range(20)))
        assert all([b'200 OK {"stored": 1' in await answer(link) for _ in range(20)])


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"POST /events HTTP/1.1\r\nHost: x\r\nAuthor",
        request(b"[", length=100),
        b"POST /events HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n[",
    ],
    ids=["nothing", "half a head", "half a body", "half a body without the token"],
)
async def test_who_never_finishes_is_hung_up_on_while_others_are_served(tmp_path: Path, sent: bytes) -> None:
    async with (
        serving(tmp_path / "bots.db", exchange=0.4) as (_, port),
        connected(port) as slow,
        connected(port) as quick,
    ):
        slow[1].write(sent)
        quick[1].write(request(body(event())))
        assert b'"stored": 1' in await answer(quick)
        assert await ended(slow)


async def test_who_does_not_read_its_answers_is_hung_up_on(tmp_path: Path) -> None:
    large = {"x": "y" * 60_000}
    async with serving(tmp_path / "bots.db", exchange=1.0) as (running, port), connected(port) as link:
        link[1].write(request(body(*(event(f"e-{i}", metadata=large) for i in range(60)))))
        assert b'"stored": 60' in await answer(link)
        get = f"GET /events?since=0 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n\r\n".encode()
        link[1].transport.pause_reading()  # type: ignore[attr-defined]
        link[1].write(get * 8)
        async with asyncio.timeout(PATIENCE):
            while running.server_state.connections:
                await asyncio.sleep(0)


async def test_garbage_is_answered_and_hung_up_on(tmp_path: Path) -> None:
    async with serving(tmp_path / "bots.db") as (_, port):
        for garbage in (b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", b"GET / HTTP/9\r\n\r\n", b"x" * 100_000):
            async with connected(port) as link:
                link[1].write(garbage)
                assert await ended(link)


async def test_a_body_too_large_is_answered_and_the_connection_goes_on(tmp_path: Path) -> None:
    async with serving(tmp_path / "bots.db") as (_, port), connected(port) as link:
        link[1].write(request(b" " * 5_000_000))
        assert b"413" in await answer(link)
        link[1].write(request(body(event())))
        assert b'"stored": 1' in await answer(link)


async def test_more_connections_than_there_is_room_for(tmp_path: Path) -> None:
    async with serving(tmp_path / "bots.db") as (_, port), AsyncExitStack() as opened:
        links = [await opened.enter_async_context(connected(port)) for _ in range(CONNECTIONS + 1)]
        links[0][1].write(request(body(event())))
        assert b'"stored": 1' in await answer(links[0])
        assert await ended(links[-1])


def test_which_addresses_only_this_machine_can_reach() -> None:
    assert [loopback(host) for host in ("127.0.0.1", "127.9.9.9", "::1", "localhost")] == [True] * 4
    assert [loopback(host) for host in ("0.0.0.0", "192.168.0.1", "::", "bots.example")] == [False] * 4


async def test_what_it_serves_can_be_watched_as_a_feed_from_its_newest_event_back(tmp_path: Path) -> None:
    clock = StillClock()
    async with serving(tmp_path / "bots.db") as (_, port), connected(port) as link:
        link[1].write(request(body(*(event(f"e-{i:04}") for i in range(3 * PAGE + 7)))))
        assert b"200" in await answer(link)
        feed = WebFeed(f"feed+http://127.0.0.1:{port}/events", clock, Auth(bearer=Secret(TOKEN)))
        pages = [await feed.newest()]
        while page := await feed.older():
            pages.append(page)
        told = [one.id for page in reversed(pages) for one in page]
        assert told == [f"e-{i:04}" for i in range(3 * PAGE + 7)]
        link[1].write(request(body(event("new"))))
        assert b"200" in await answer(link)
        clock.t += PACE
        assert [one.id for one in await feed.read_new()] == ["new"]
        assert feed.take_notice() == ""
