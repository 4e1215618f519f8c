"""D1 as it may answer when something is wrong, or when it is something else that answers."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable

import pytest

from events.hands import HandClock
from faulty.server import FaultyServer
from tradetop.events.d1 import API, D1Store, endpoint
from tradetop.events.fault import EventError, UnreachableError
from tradetop.model.target import Auth, Secret

TOKEN = "cf-t0ken-of-mine"


def answer(status: int, body: object, headers: str = "") -> bytes:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    head = f"HTTP/1.1 {status} X\r\nContent-Length: {len(content)}\r\n{headers}\r\n"
    return head.encode() + content


def failed(message: str) -> dict[str, object]:
    return {"success": False, "errors": [{"code": 7500, "message": message}], "messages": [], "result": None}


def rows(*found: list[object], columns: int | None = None) -> dict[str, object]:
    names = [f"c{i}" for i in range(len(found[0]) if columns is None and found else columns or 0)]
    result = [{"success": True, "meta": {}, "results": {"columns": names, "rows": found}}]
    return {"success": True, "errors": [], "messages": [], "result": result}


def store(server: FaultyServer, token: str = TOKEN) -> D1Store:
    auth = Auth(bearer=Secret(token)) if token else Auth()
    return D1Store(f"d1+http://127.0.0.1:{server.port}/accounts/a/d1/database/b", HandClock(), auth)


async def fault(behaviour: bytes | str, token: str = TOKEN) -> EventError:
    with FaultyServer(behaviour) as server:
        reader = store(server, token)
        with pytest.raises(EventError) as caught:
            await reader.newest()
        await reader.close()
        said = f"{caught.value}{caught.value!r}{reader!r}{vars(reader)!r}{vars(reader._there)!r}"
    assert TOKEN not in said
    assert "\n" not in str(caught.value)
    assert "\x1b" not in str(caught.value)
    return caught.value


def test_an_address_leads_to_cloudflare_and_nowhere_else() -> None:
    assert endpoint("d1://acc/4f2d-9a") == f"{API}/accounts/acc/d1/database/4f2d-9a/raw"
    assert endpoint("d1+https://h:1/p/db") == endpoint("d1+https://h:1/p/db/query") == "https://h:1/p/db/raw"
    for wrong in ("d1://acc", "d1:///db", "d1://acc/../x", "d1://a.b/db", "d1://acc/a/b", "d1+http:///x"):
        with pytest.raises(EventError):
            endpoint(wrong)


async def test_asks_with_the_token_and_only_selects() -> None:
    with FaultyServer(answer(200, rows())) as server:
        reader = store(server)
        with pytest.raises(EventError, match="no table bot_events"):
            await reader.check()
    head = server.requests[0]
    assert head.startswith("POST /accounts/a/d1/database/b/raw ")
    assert f"authorization: bearer {TOKEN}" in head.lower()


@pytest.mark.parametrize(
    ("behaviour", "words"),
    [
        (answer(401, failed("Authentication error")), "refuses the credentials"),
        (answer(403, failed(f"bad token {TOKEN}")), "refuses the credentials"),
        (answer(429, failed("slow down"), "Retry-After: 60\r\n"), "asked too often"),
        (answer(404, failed("The database could not be found")), "could not be found"),
        (answer(302, b"", "Location: https://elsewhere.example/\r\n"), "redirects elsewhere"),
        (answer(400, failed("too many \x1b[2J\nSQL variables")), "too many"),
        (answer(200, b"<html>hello</html>"), "not as D1 does"),
        (answer(200, {"success": True, "result": []}), "not as D1 does"),
        (answer(200, {"success": True, "result": [{"results": {"columns": ["a"], "rows": [["x", 1]]}}]}), "not as D1"),
        (answer(200, rows(["x"])), "not as D1 does"),
        (answer(200, b"[" * 100_000), "not as D1 does"),
        (answer(200, zlib.compress(b"x"), "Content-Encoding: deflate\r\n"), "packed"),
    ],
)
async def test_what_is_wrong_is_said_in_one_line_without_the_token(behaviour: bytes, words: str) -> None:
    error = await fault(behaviour)
    assert words in str(error)
    assert not isinstance(error, UnreachableError)


@pytest.mark.parametrize(
    ("behaviour", "words"),
    [
        (answer(503, b"busy"), "HTTP 503"),
        (answer(200, failed("overloaded")), "overloaded"),
        (b"", "broke off"),
        (b"SSH-2.0-OpenSSH_9\r\n", "broke off"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", "broke off"),
    ],
)
async def test_what_passes_is_told_apart(behaviour: bytes, words: str) -> None:
    error = await fault(behaviour)
    assert isinstance(error, UnreachableError)
    assert words in str(error)


async def test_without_a_token_it_says_where_one_is_given() -> None:
    assert "wants credentials" in str(await fault(answer(401, failed("Authentication error")), token=""))


async def test_an_answer_without_end_is_cut_off() -> None:
    huge = b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * (32 * 1024 * 1024)
    with FaultyServer(huge) as server, pytest.raises(EventError, match="more than 8 MiB"):
        await store(server).newest()


async def test_bytes_and_odd_cells_are_read() -> None:
    table = {"sql": "CREATE TABLE bot_events (id, bot_id, event_type, timestamp)"}
    answers = iter(
        [
            rows(["table", table["sql"]]),
            rows(*([n, name, "", 0, None, 0] for n, name in enumerate(("id", "bot_id", "event_type", "timestamp")))),
            rows([1, [65, 66], "bot", True, 1.5, {"a": 1}, None, [1, 999], None, None]),
        ]
    )
    respond: Callable[..., None] = lambda connection, stop: connection.sendall(answer(200, next(answers)))  # noqa: E731
    with FaultyServer(respond) as server:
        (event,) = await store(server).newest()
    assert (event.id, event.bot, event.type, event.pair) == ("AB", "bot", "true", "1.5")
