"""A server that is slow, dead or mad costs a line for people and nothing else."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from faulty.answers import ANSWERS, answer
from faulty.server import CERTIFICATES, Behaviour, FaultyServer
from remote.served import Served
from tradetop.model.target import Auth, Secret, Tls
from tradetop.model.value import Vector
from tradetop.remote.address import server_at
from tradetop.remote.answer import Answer
from tradetop.remote.server import Server
from tradetop.scrape.credentials import auth_from
from tradetop.scrape.faults import FetchError

JSON = "application/json"
HAS_DATA = b'{"status":"success","data":{"resultType":"vector","result":['


def said(body: object, status: str = "200 OK") -> bytes:
    return answer(json.dumps(body).encode(), status, JSON)


MANY = said(
    {
        "status": "success",
        "data": {
            "resultType": "vector",
            "result": [{"metric": {"i": str(i)}, "value": [1, "1"]} for i in range(50_000)],
        },
    }
)
FAULTS: dict[str, tuple[bytes | str | Behaviour, str]] = {
    **{name: (name, "") for name in ANSWERS if not name.startswith(("401", "403", "404", "429", "50"))},
    "401": ("401", "401 at"),
    "403": ("403", "403 at"),
    "404": ("404", "is the prefix right?"),
    "429": ("429", "too many requests"),
    "503": ("503", "503 at"),
    "422": (
        said({"status": "error", "errorType": "execution", "error": "too many samples"}, "422 X"),
        "too many samples",
    ),
    "400": (
        said({"status": "error", "errorType": "bad_data", "error": "1:2: \x1b[2Joh"}, "400 Bad"),
        "refuses the query",
    ),
    "error at 200": (said({"status": "error", "errorType": "timeout", "error": "x"}), "answers with an error: x"),
    "half an answer": (answer(HAS_DATA, kind=JSON), "was cut off"),
    "wrong shape": (said({"status": "success", "data": {"resultType": "vector", "result": {}}}), "not written as"),
    "no data": (said({"status": "success"}), "none of Prometheus' API"),
    "data is text": (said({"status": "success", "data": "text"}), "none of Prometheus' API"),
    "no result": (said({"status": "success", "data": {"resultType": "vector"}}), "another shape"),
    "NaN as JSON": (answer(HAS_DATA + b'{"metric":{},"value":[NaN,"1"]}]}}', kind=JSON), "not written as"),
    "deep": (answer(b"[" * 200_000, kind=JSON), "not JSON"),
    "huge number": (answer(HAS_DATA + b'{"metric":{},"value":[1e999,"1"]}]}}', kind=JSON), "not written as"),
}


async def ask(server: Server) -> Answer:
    return await server.instant("up")


async def at(base: str, use: Callable[[Server], Any], auth: Auth | None = None, tls: Tls | None = None) -> Any:
    return await use(Server(server_at(f"prometheus+{base}"), auth or Auth(), tls or Tls(), 1_000))


def base(server: FaultyServer) -> str:
    return server.url.removesuffix("/metrics")


@pytest.mark.parametrize("name", FAULTS)
async def test_a_faulty_answer_is_one_line_within_its_time(name: str) -> None:
    behaviour, text = FAULTS[name]
    with FaultyServer(behaviour) as server:
        started = time.monotonic()
        with pytest.raises(FetchError) as raised:
            await at(base(server), ask)
        assert time.monotonic() - started < 3
    line = str(raised.value)
    assert text in line
    assert line.isprintable()
    assert "hunter2" not in line
    assert "127.0.0.1" in line
    assert len(server.requests) == 1, "it was asked again"


@pytest.mark.parametrize("name", ["hang", "drip", "endless body", "503", "html", "reset"])
async def test_what_is_asked_beside_the_queries_fails_in_the_same_way(name: str) -> None:
    with FaultyServer(name) as server:
        with pytest.raises(FetchError) as raised:
            await at(base(server), lambda s: s.get("/api/v1/rules"))
        assert str(raised.value).isprintable()


async def test_nobody_there() -> None:
    with pytest.raises(FetchError, match=r"connection refused at http://127\.0\.0\.1:1") as raised:
        await at("http://127.0.0.1:1", ask)
    assert raised.value.word == "refused"
    with pytest.raises(FetchError, match="unknown host"):
        await at("http://no-such-host.invalid:9", ask)


async def test_many_series_are_read() -> None:
    with FaultyServer(MANY) as server:
        found = await at(base(server), ask)
    assert len(found.value.samples) == 50_000


def test_who_hangs_holds_up_nobody_who_quits() -> None:
    async def quit_soon(url: str) -> None:
        server = Server(server_at(f"prometheus+{url}"), patience=10_000)
        asking = [asyncio.create_task(ask(server)) for _ in range(4)]
        await asyncio.sleep(0.2)
        for task in asking:
            task.cancel()

    with FaultyServer("hang") as server:
        started = time.monotonic()
        asyncio.run(quit_soon(base(server)))
        assert time.monotonic() - started < 0.5


async def test_no_more_than_two_requests_at_one_time() -> None:
    with FaultyServer("drip") as server:
        await asyncio.gather(*(at_one(server) for at_one in [_same(base(server))] * 5), return_exceptions=True)
        assert server.most_open <= 2


def _same(url: str) -> Callable[[FaultyServer], Any]:
    shared = Server(server_at(f"prometheus+{url}"), patience=1_000)
    return lambda _: ask(shared)


async def test_credentials_are_read_again_when_their_file_changes(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("first\n")
    file.chmod(0o600)
    with Served(1_000_000) as served:
        server = Server(server_at(served.address), auth_from({}, token_file=str(file)).auth)
        await ask(server)
        file.write_text("second\n")
        os.utime(file, ns=(1, 1))
        await ask(server)
        await server.get("/api/v1/rules")
        sent = [headers["Authorization"] for _, headers in served.asked]
        assert sent == ["Bearer first", "Bearer second", "Bearer second"]
        file.unlink()
        with pytest.raises(FetchError, match=r"token_file: cannot read .*token: No such file"):
            await ask(server)


async def test_basic_authentication_tenant_and_no_netrc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login evil password evil\n")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    with Served(1_000_000) as served:
        await ask(Server(server_at(served.address + "?tenant=team-a"), Auth(user="mé", password=Secret("pä:ss"))))
        await ask(Server(server_at(served.address), Auth(bearer=Secret("abc"))))
        await ask(Server(server_at(served.address)))
    first, second, third = (headers for _, headers in served.asked)
    assert first["Authorization"] == "Basic bcOpOnDDpDpzcw=="
    assert first["X-Scope-OrgID"] == "team-a"
    assert second["Authorization"] == "Bearer abc"
    assert "Authorization" not in third
    assert "X-Scope-OrgID" not in third


async def test_a_private_authority_is_trusted_where_it_is_named() -> None:
    body = b'{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1,"7"]}]}}'
    names = sorted(path.name for path in CERTIFICATES.iterdir())
    assert names
    with FaultyServer(answer(body, kind=JSON), certificate="good") as server:
        with pytest.raises(FetchError, match=r"issuer is not trusted|self-signed"):
            await at(base(server), ask)
        for tls in (Tls(ca_file=str(CERTIFICATES / "ca.pem")), Tls(insecure=True)):
            found = await at(base(server), ask, tls=tls)
            assert isinstance(found.value, Vector)
            assert found.value.samples[0].value == 7
        with pytest.raises(FetchError, match="cannot read"):
            await at(base(server), ask, tls=Tls(ca_file="/no/such/ca.pem"))
