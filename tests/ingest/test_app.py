from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from ingest.making import NOW, StillClock, asked, body, event
from tradetop.ingest.app import BODY_LIMIT


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with asked(tmp_path / "bots.db") as client:
        yield client


async def test_a_batch_is_stored_once_and_read_back(client: httpx.AsyncClient) -> None:
    answer = await client.post(
        "/events", content=body(event("a", pair="SOL/USDC", metadata={"pnl_usd": 1.5}), event("b"))
    )
    assert (answer.status_code, answer.json()) == (200, {"stored": 2, "duplicates": [], "refused": 0})
    again = await client.post("/events", content=body(event("b"), event("c")))
    assert again.json() == {"stored": 1, "duplicates": ["b"], "refused": 0}
    page = (await client.get("/events", params={"since": "30s"})).json()
    assert page["events"][0] == {
        "rowid": 1, "id": "a", "bot_id": "alpha", "event_type": "signal", "pair": "SOL/USDC", "strategy": None,
        "timestamp": "2026-11-30T00:53:19.500Z", "created_at": "2026-11-30 00:53:20.000", "metadata": {"pnl_usd": 1.5},
    }  # fmt: skip
    assert (page["next"], page["more"]) == ("3", False)


async def test_what_is_wrong_is_told_by_event_and_field_and_the_rest_is_stored(client: httpx.AsyncClient) -> None:
    answer = await client.post("/events", content=body(event("a"), event("b", event_type="?")))
    assert answer.status_code == 207
    told = answer.json()
    assert (told["stored"], told["refused"]) == (1, 1)
    assert {key: told["problems"][0][key] for key in ("index", "id", "field")} == {
        "index": 1,
        "id": "b",
        "field": "event_type",
    }
    nothing = await client.post("/events", content=body(*[{}] * 60))
    assert nothing.status_code == 422
    assert len(nothing.json()["problems"]) == 100
    assert nothing.json()["more_problems"] == 140
    malformed = await client.post("/events", content=b'[{"id": ]')
    assert (malformed.status_code, malformed.json()["error"][:9]) == (400, "not JSON:")


@pytest.mark.parametrize("path", ["/events", "/metrics"])
@pytest.mark.parametrize(("header", "said"), [("", "no token"), ("Bearer wrong", "the token is not the server's")])
async def test_nothing_without_the_token(client: httpx.AsyncClient, path: str, header: str, said: str) -> None:
    answer = await client.get(path, headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert said in answer.json()["error"]


async def test_who_guesses_tokens_is_slowed_down_and_nobody_else(client: httpx.AsyncClient) -> None:
    statuses = [(await client.get("/events", headers={"Authorization": "Bearer x"})).status_code for _ in range(12)]
    assert statuses == [401] * 10 + [429] * 2
    assert (await client.get("/events")).status_code == 200


async def test_too_many_requests_are_told_when_to_come_again(tmp_path: Path) -> None:
    clock = StillClock()
    async with asked(tmp_path / "bots.db", clock, rate=2) as client:
        answers = [await client.get("/events") for _ in range(5)]
        assert [answer.status_code for answer in answers] == [200] * 4 + [429]
        assert answers[-1].headers["retry-after"] == "1"
        assert "too many requests: try again in 1 s, or send larger batches" in answers[-1].text
        clock.t += 500
        assert (await client.get("/events")).status_code == 200


async def test_bodies_have_an_end(client: httpx.AsyncClient) -> None:
    large = await client.post("/events", content=b" " * (BODY_LIMIT + 1))
    assert large.status_code == 413
    assert large.json()["error"] == "the body is larger than 4,194,304 bytes: send fewer events at once"

    async def dripping() -> AsyncIterator[bytes]:
        for _ in range(5):
            yield b" " * 1_048_576

    assert (await client.post("/events", content=dripping())).status_code == 413
    packed = await client.post("/events", content=b"x", headers={"Content-Encoding": "gzip"})
    assert packed.status_code == 415


async def test_a_body_that_does_not_come(tmp_path: Path) -> None:
    async def stuck() -> AsyncIterator[bytes]:
        yield b"["
        await asyncio.Event().wait()

    async with asked(tmp_path / "bots.db", body_seconds=0.05) as client:
        answer = await client.post("/events", content=stuck())
        assert (answer.status_code, answer.json()) == (408, {"error": "the body did not come within 0.05 s"})


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("since=never", "since: write how long ago (30s, 5m, 2h)"),
        ("limit=0", "limit: write a number from 1 to 1,000"),
        ("limit=1001", "limit:"),
        ("limit=%F0%9D%9F%99", "limit:"),
        ("limit=999999999999999999999", "limit:"),
        ("sinse=5m", "only `since` and `limit`"),
    ],
)
async def test_questions_that_make_no_sense(client: httpx.AsyncClient, query: str, said: str) -> None:
    answer = await client.get(f"/events?{query}")
    assert answer.status_code == 400
    assert said in answer.json()["error"]


async def test_health_needs_no_token_and_tells_nothing(client: httpx.AsyncClient) -> None:
    for path, status in (("/-/healthy", "healthy"), ("/-/ready", "ready")):
        answer = await client.get(path, headers={"Authorization": ""})
        assert (answer.status_code, answer.json()) == (200, {"status": status})
    for method, path, code in (("GET", "/", 404), ("GET", "/events/../x", 404), ("PUT", "/events", 405)):
        answer = await client.request(method, path)
        assert answer.status_code == code
        assert "there are POST /events, GET /events" in answer.json()["error"]


async def test_a_locked_database_is_told_and_makes_the_server_unready(tmp_path: Path) -> None:
    path, clock = tmp_path / "bots.db", StillClock()
    async with asked(path, clock) as client:
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            assert (await client.get("/-/ready")).json() == {"status": "not ready: the database cannot be written"}
            answer = await client.post("/events", content=body(event()))
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "5"
        assert "bots.db: is locked by another program" in answer.json()["error"]
        assert (await client.get("/-/ready")).json() == {"status": "not ready: the last batch could not be stored"}
        clock.t += 60_000
        assert (await client.get("/-/ready")).status_code == 200
        assert (await client.post("/events", content=body(event()))).status_code == 200
        assert "tradetop_ingest_write_faults_total 1.0" in (await client.get("/metrics")).text


async def test_metrics_count_what_became_of_the_events(client: httpx.AsyncClient) -> None:
    await client.post("/events", content=body(event("a"), event("a"), {}))
    page = (await client.get("/metrics")).text
    for line in (
        'tradetop_ingest_events_total{result="stored"} 1.0',
        'tradetop_ingest_events_total{result="duplicate"} 1.0',
        'tradetop_ingest_events_total{result="refused"} 1.0',
        'tradetop_ingest_requests_total{path="/events",status="207"} 1.0',
        "tradetop_ingest_write_seconds_count 1.0",
        f"tradetop_ingest_last_write_timestamp_seconds {NOW / 1_000:.10g}".replace("1796000000", "1.796e+09"),
    ):
        assert line in page


async def test_batches_at_the_same_time_are_all_stored(client: httpx.AsyncClient) -> None:
    async def send(n: int) -> int:
        batch = body(*(event(f"{n}-{i}", metadata={"n": i}) for i in range(50)))
        return int(json.loads((await client.post("/events", content=batch)).content)["stored"])

    assert sum(await asyncio.gather(*(send(n) for n in range(40)))) == 2_000
