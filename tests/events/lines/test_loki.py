"""Loki by its documented query API, against a small server that knows what the documentation says and nothing else."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from events.hands import NOW, HandClock
from events.lines.making import all_new, messages, whole_past
from tradetop.events.fault import EventError
from tradetop.events.lines.lokiapi import PATH
from tradetop.events.opening import open_store
from tradetop.events.store import EventStore
from tradetop.model.clock import MINUTE, SECOND
from tradetop.model.level import Level

NS = 1_000_000
QUERY = '{app="bot"} |= "a=b"'


@dataclass
class Loki:
    """What a Loki holds, and what it was asked."""

    port: int = 0
    lines: list[tuple[int, str, dict[str, str]]] = field(default_factory=list)
    """Time (ns), line, labels."""
    asked: list[dict[str, str]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    answers: list[tuple[int, bytes]] = field(default_factory=list)
    """What is answered instead, one after the other."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, t: int, text: str, **labels: str) -> None:
        self.lines.append((t, text, labels or {"app": "bot"}))

    def answer(self, path: str, headers: dict[str, str]) -> tuple[int, bytes]:
        with self.lock:
            parts = urlsplit(path)
            if parts.path != PATH:
                return 404, b"404 page not found"
            said = {name: values[0] for name, values in parse_qs(parts.query, strict_parsing=True).items()}
            self.asked.append(said)
            self.headers = headers
            if self.answers:
                return self.answers.pop(0)
            start, end, limit = int(said["start"]), int(said["end"]), int(said["limit"])
            if limit > 5_000:
                return 400, b"max entries limit per query exceeded, limit > max_entries_limit (6000 > 5000)"
            found = sorted((line for line in self.lines if start <= line[0] < end), key=lambda line: line[0])
            chosen = found[:limit] if said["direction"] == "forward" else found[::-1][:limit]
            streams: dict[str, Any] = {}
            for t, text, labels in chosen:
                stream = streams.setdefault(json.dumps(labels), {"stream": labels, "values": []})
                stream["values"].append([str(t), text])
            data = {"resultType": "streams", "result": list(streams.values()), "stats": {}}
            return 200, json.dumps({"status": "success", "data": data}).encode()


@contextmanager
def serving(loki: Loki) -> Iterator[None]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            status, body = loki.answer(self.path, dict(self.headers.items()))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        loki.port = server.server_address[1]
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def loki() -> Iterator[Loki]:
    held = Loki()
    with serving(held):
        yield held


def at(loki: Loki, clock: HandClock | None = None, user: str = "", more: str = "") -> EventStore:
    return open_store(f"loki+http://{user}127.0.0.1:{loki.port}?query={QUERY}{more}", clock or HandClock())


async def test_asks_as_the_documentation_says(loki: Loki) -> None:
    loki.add(NOW * NS, "2026-01-02T03:04:05Z ERROR order failed")
    store = at(loki, user="ann:s%40cret@", more="&org=desk")
    await store.check()
    (event,) = await store.newest()
    asked = loki.asked[-1]
    assert asked["query"] == QUERY
    assert asked["direction"] == "backward"
    assert asked["limit"] == "500"
    assert len(asked["start"]) == len(asked["end"]) == 19
    assert loki.headers["X-Scope-OrgID"] == "desk"
    assert loki.headers["Authorization"] == "Basic " + base64.b64encode(b"ann:s@cret").decode()
    assert messages([event]) == ["order failed"]
    await store.read_new()
    assert loki.asked[-1]["direction"] == "forward"
    await store.close()


async def test_the_past_in_pages_each_line_once_though_many_share_a_moment(loki: Loki) -> None:
    for i in range(1_800):
        loki.add((NOW - 2_000 + i // 700) * NS, f"line {i:04}")
    store = at(loki)
    past = await whole_past(store)
    assert len(past) == 1_800
    assert len({event.id for event in past}) == 1_800
    assert max(int(asked["limit"]) for asked in loki.asked) <= 5_000
    await store.close()


async def test_what_is_new_comes_once_whatever_the_pages(loki: Loki) -> None:
    clock = HandClock()
    store = at(loki, clock)
    assert await store.newest() == ()
    for i in range(1_700):
        loki.add((NOW + i // 600) * NS, f"line {i:04}")
    assert sorted(messages(await all_new(store))) == [f"line {i:04}" for i in range(1_700)]
    assert await all_new(store) == []
    clock.forward(5 * SECOND)
    loki.add((NOW + 5_000) * NS, "later")
    loki.add((NOW + 1) * NS, "came late")
    assert messages(await all_new(store)) == ["came late", "later"]
    loki.add((NOW + 5_000) * NS, "at the same moment")
    assert messages(await all_new(store)) == ["at the same moment"]
    assert await all_new(store) == []
    await store.close()


async def test_a_busy_stream_is_followed_through_its_overlap(loki: Loki) -> None:
    store = at(loki)
    await store.newest()
    for i in range(12_000):
        loki.add(NOW * NS + i, f"line {i:05}")
    assert len(await all_new(store)) == 12_000
    loki.add(NOW * NS + 12_000, "new")
    assert messages(await all_new(store)) == ["new"]
    await store.close()


async def test_more_lines_of_one_moment_than_loki_gives_are_said(loki: Loki) -> None:
    store = at(loki)
    await store.newest()
    for i in range(5_100):
        loki.add(NOW * NS, f"line {i:05}")
    loki.add(NOW * NS + 1, "after")
    assert "after" in messages(await all_new(store))
    assert "over 5,000 lines of one moment" in store.take_notice()
    await store.close()


async def test_an_answer_that_breaks_off_costs_no_line(loki: Loki) -> None:
    store = at(loki)
    await store.newest()
    for i in range(1_200):
        loki.add(NOW * NS + i, f"line {i:04}")
    found = list(await store.read_new())
    loki.answers = [(500, b"oops")]
    with pytest.raises(EventError, match="answers 500: oops"):
        await store.read_new()
    assert len(found + await all_new(store)) == 1_200
    await store.close()


async def test_level_and_time_come_from_loki_where_the_line_has_none(loki: Loki) -> None:
    loki.add((NOW - 2 * MINUTE) * NS, "2026-01-01 00:00:00Z INFO says when")
    loki.add((NOW - MINUTE) * NS, "just words", app="bot", level="warn")
    store = at(loki)
    _, event = await store.newest()
    assert (event.t, event.level, event.type) == (NOW - MINUTE, Level.WARNING, "warning")
    await store.close()


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (400, b"parse error at line 1, col 5: syntax error", "answers 400: parse error"),
        (401, b"", "asks for a user and a password"),
        (404, b"", "no query API at this address"),
        (429, b"", "fewer queries"),
        (302, b"", "answers 302"),
        (200, b"<html>", "none of Loki's"),
        (200, b'{"data": {"resultType": "streams", "result": [{"values": [["x"]]}]}}', "none of Loki's"),
        (200, b'{"data": {"resultType": "matrix", "result": []}}', "gives a matrix, not lines"),
        (200, b"[" * 100_000, "none of Loki's"),
        (500, b"\x1b]0;x\x07[red]", "answers 500: \u241b]0;x\u2407[red]"),
    ],
)
async def test_a_fault_is_said_without_secrets(loki: Loki, status: int, body: bytes, said: str) -> None:
    loki.answers = [(status, body)]
    store = at(loki, user="ann:hunter2@")
    with pytest.raises(EventError) as caught:
        await store.check()
    assert said in str(caught.value)
    assert "hunter2" not in str(caught.value)
    assert "ann" not in str(caught.value)
    await store.close()


async def test_nobody_there() -> None:
    held = Loki()
    with serving(held):
        pass
    store = at(held, user="ann:hunter2@")
    with pytest.raises(EventError, match="cannot be reached") as caught:
        await store.check()
    assert "hunter2" not in str(caught.value)
    await store.close()


@pytest.mark.parametrize(
    "address", ["loki+http://?query={}", "loki+http://h:x?query={}", "loki+http://h", "loki+http://h?query=x"]
)
async def test_an_address_that_is_none(address: str) -> None:
    with pytest.raises(EventError, match=r"loki\+http://HOST"):
        await open_store(address, HandClock()).check()
