"""What holds of every event store: one suite over SQLite, D1's engine, PostgreSQL and a worker's feed."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from events.d1_server import D1Server, d1_server
from events.made import Made, d1_made, feed_made, postgres_made, sqlite_made
from events.postgres_server import PASSWORD, PostgresServer, postgres_server
from events.worker import Worker, worker
from tradetop.events.facts import text_in
from tradetop.events.fault import EventError, UnreachableError
from tradetop.events.opening import open_table
from tradetop.events.store import PAGE, EventStore, LooksBack
from tradetop.events.story import story_of
from tradetop.model.bot_event import BotEvent, EventClass
from tradetop.model.level import Level

STAMP = 1_767_323_045_000
"""2026-01-02 03:04:05 UTC."""
ESCAPES = "\x1b]0;owned\x07\x1b[2J"


@pytest.fixture(scope="module")
def d1() -> Iterator[D1Server]:
    with d1_server() as server:
        yield server


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    with postgres_server() as server:
        yield server


@pytest.fixture
def feed() -> Iterator[Worker]:
    with worker() as server:
        yield server


SERVERS = [pytest.param(kind, marks=pytest.mark.servers) for kind in ("d1", "postgres")]


@pytest.fixture(params=["sqlite", *SERVERS, "feed"])
def made(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Made]:
    makers: dict[str, Callable[[], AbstractContextManager[Made]]] = {
        "sqlite": lambda: sqlite_made(tmp_path),
        "d1": lambda: d1_made(request.getfixturevalue("d1")),
        "postgres": lambda: postgres_made(request.getfixturevalue("postgres")),
        "feed": lambda: feed_made(request.getfixturevalue("feed")),
    }
    with makers[request.param]() as made:
        yield made


@pytest.fixture
def paged(made: Made) -> Made:
    """A store whose past has pages."""
    if not made.pages:
        pytest.skip("a feed tells its newest events alone: it has no pages")
    return made


@pytest.fixture
def remote(made: Made) -> Made:
    """A store with a network between it and us."""
    if not made.remote:
        pytest.skip("a file has no network: test_file_states.py has its faults")
    return made


@asynccontextmanager
async def opened(made: Made) -> AsyncIterator[EventStore]:
    store = made.open()
    try:
        yield store
    finally:
        await store.close()


def ids(events: Sequence[BotEvent]) -> list[str]:
    return [event.id for event in events]


async def new(made: Made, store: EventStore) -> list[BotEvent]:
    """All that is new, once it is time to ask."""
    made.wait()
    events = list(await store.read_new())
    while store.behind:
        events += await store.read_new()
    return events


async def test_reads_what_was_there_and_then_what_comes(made: Made) -> None:
    for i in range(3):
        made.insert(f"a{i}")
    async with opened(made) as store:
        await store.check()
        assert sorted(ids(await store.newest())) == ["a0", "a1", "a2"]
        assert await new(made, store) == []
        made.insert("b0", "trade_close", {"pnl_usd": -4.5})
        made.insert("b1", "error", {"message": "Slippage exceeded"})
        events = {event.id: event for event in await new(made, store)}
        assert {name: event.cls for name, event in events.items()} == {"b0": EventClass.CLOSE, "b1": EventClass.ERROR}
        assert events["b0"].pnl == -4.5
        assert (events["b0"].t, events["b0"].bot, events["b0"].pair) == (STAMP, "defi-1", "SOL/USDC")
        assert await new(made, store) == []
        assert store.take_notice() == ""


async def test_an_empty_table_is_no_fault_and_its_first_event_is_new(made: Made) -> None:
    async with opened(made) as store:
        assert await store.newest() == ()
        assert await store.older() == ()
        assert await new(made, store) == []
        made.insert("a")
        assert ids(await new(made, store)) == ["a"]


async def test_events_that_come_one_by_one_within_a_second_come_once_each(made: Made) -> None:
    found: list[str] = []
    async with opened(made) as store:
        await store.newest()
        for i in range(40):
            made.insert(f"e{39 - i:02}")
            if i % 3 == 0:
                found += ids(await new(made, store))
        found += ids(await new(made, store))
    assert sorted(found) == [f"e{i:02}" for i in range(40)]


async def test_a_past_is_read_page_by_page_back_to_its_beginning(paged: Made) -> None:
    paged.insert_many([f"e{i:04}" for i in range(2 * PAGE + 7)])
    async with opened(paged) as store:
        pages = [await store.newest()]
        while page := await store.older():
            pages.append(page)
    assert [len(page) for page in pages] == [PAGE, PAGE, 7]
    assert ids([event for page in reversed(pages) for event in page]) == [f"e{i:04}" for i in range(2 * PAGE + 7)]


async def test_what_came_before_an_event_is_found_by_its_bot_and_pair_however_much_came_between(paged: Made) -> None:
    paged.insert("a-signal", metadata={"signal_id": "s7"})
    paged.insert("b-other", pair="ETH/USDC")
    paged.insert("c-open", "trade_open", {"signal_id": "s7", "trade_id": 7})
    paged.insert("d-theirs", bot="defi-2")
    paged.insert_many([f"m{i:04}" for i in range(2 * PAGE)])
    paged.insert("x-close", "trade_close", {"trade_id": 7, "pnl_usd": -4.5})
    paged.insert("y-bare", pair=None)
    async with opened(paged) as store:
        assert isinstance(store, LooksBack)
        events = {event.id: event for event in await store.newest()}
        assert "c-open" not in events
        kin = await store.kin(events["x-close"])
        assert ids(kin) == ["a-signal", "c-open"]
        assert story_of(events["x-close"], kin) is not None
        assert ids(await store.kin(events["y-bare"]))[:2] == ["m0000", "m0001"]
        assert await store.kin(replace(events["x-close"], written="a line of a log")) == ()
        assert await new(paged, store) == []
        assert len(await store.older()) == PAGE


async def test_a_long_backlog_comes_in_pages_in_order_and_whole(paged: Made) -> None:
    paged.insert_many([f"e{i:04}" for i in range(3 * PAGE + 7)])
    async with opened(paged) as store:
        first = await store.read_new()
        assert len(first) == PAGE
        assert store.behind
        assert ids([*first, *await new(paged, store)]) == [f"e{i:04}" for i in range(3 * PAGE + 7)]
        assert await new(paged, store) == []


async def test_names_its_bots(paged: Made) -> None:
    async with opened(paged) as store:
        assert await store.bots() == ()
        for i in range(5):
            paged.insert(f"e{i}", bot=f"bot-{i % 3}")
        assert await store.bots() == ("bot-0", "bot-1", "bot-2")


@pytest.mark.parametrize(
    "written",
    [
        "2026-01-02T03:04:05Z",
        "2026-01-02 03:04:05",
        "2026-01-02T08:34:05+05:30",
        "2026-01-01T22:04:05.000-0500",
        "2026/01/02 03:04:05 UTC",
        "1767323045",
        "1767323045000",
        "Fri, 02 Jan 2026 03:04:05 GMT",
    ],
)
async def test_times_of_any_format_and_zone_are_one_time(made: Made, written: str) -> None:
    made.insert("a", timestamp=written)
    async with opened(made) as store:
        (event,) = await store.newest()
    assert (event.t, event.flaws) == (STAMP, ())


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        (
            ("id", "bot", "type", "ts", "data"),
            "bot_events has no event_type and no timestamp (or created_at) (it has: id, bot, type, ts, data)",
        ),
        (("id", "Kind", "created_at"), "bot_events has no event_type (it has: id, "),
        (("id", "event_type", "at"), "bot_events has no timestamp (or created_at) (it has: id, event_type, at)"),
        (("id", "event_type", "created_at"), ""),
    ],
)
async def test_a_table_of_another_kind_is_refused_with_what_it_lacks_and_has(
    made: Made, columns: tuple[str, ...], said: str
) -> None:
    if not made.pages:
        pytest.skip("a feed has no columns")
    made.run("DROP TABLE bot_events")
    made.run(f"CREATE TABLE bot_events ({', '.join(f'{name} TEXT' for name in columns)})")
    table = open_table(made.address, made.clock)
    async with opened(made) as store:
        for look in (store.newest, store.check, store.read_new, table.look):
            if not said:
                await look()
                continue
            with pytest.raises(EventError) as caught:
                await look()
            assert said in str(caught.value)
            assert "is it the bot's event database?" in str(caught.value)
    await table.close()


async def test_metadata_that_is_cut_counts_as_far_as_it_is_read_and_says_so(made: Made) -> None:
    said = {"error_type": "execution", "message": "slippage exceeded", "stack": "x" * 70_000}
    made.insert("error", "error", said)
    made.insert("close", "trade_close", {"pnl_usd": -500, "trade_id": "t", "mode": "live", "book": ["é"] * 100_000})
    made.insert("twice", "trade_close", json.dumps(json.dumps({"pnl_usd": -5, "book": "x" * 70_000})))
    made.insert("behind", "error", {"stack": "x" * 70_000, "error_type": "execution"})
    made.insert("whole", "trade_close", '{"pnl_usd": 3}' + " " * 70_000)
    async with opened(made) as store:
        events = {event.id: event for event in await store.newest()}
    assert {event.flaws for event in events.values()} == {("metadata",)}
    assert (events["error"].category, events["error"].level) == ("execution", Level.CRITICAL)
    assert text_in(events["error"], "message") == "slippage exceeded"
    assert "cut: of 70,0" in text_in(events["error"], "metadata")
    assert "65,536 are read" in text_in(events["error"], "metadata")
    assert (events["close"].pnl, text_in(events["close"], "trade_id")) == (-500.0, "t")
    assert (events["twice"].pnl, events["whole"].pnl) == (-5.0, 3.0)
    assert "characters)" in text_in(events["behind"], "metadata")


async def test_missing_and_malformed_fields_cost_no_event_and_are_told(made: Made) -> None:
    made.insert("time", timestamp="yesterday")
    made.insert("type", "")
    made.insert("bot", bot=" ")
    made.insert("json", metadata='{"pnl_usd": 4')
    made.insert("bare", pair=None, strategy=None)
    async with opened(made) as store:
        events = {event.id: event for event in await store.newest()}
    assert {name: event.flaws for name, event in events.items()} == {
        "time": ("time",),
        "type": ("type",),
        "bot": ("bot",),
        "json": ("metadata",),
        "bare": (),
    }
    assert abs(events["time"].t - made.clock.now()) < 60_000
    assert events["time"].guessed_time
    assert events["bare"].pair == ""


async def test_what_strangers_wrote_stays_text(made: Made) -> None:
    token = "PEPE'); DELETE FROM bot_events; --"
    made.insert(token, f"signal{ESCAPES}", {"note": f"[red]{ESCAPES}"}, pair=token, strategy="%s ? :x $1 {}")
    made.insert("huge", metadata='{"note": "' + "x" * 300_000 + '"}')
    async with opened(made) as store:
        events = {event.id: event for event in await store.newest()}
        assert await new(made, store) == []
        made.insert("after")
        assert ids(await new(made, store)) == ["after"]
    assert (events[token].pair, events[token].strategy) == (token, "%s ? :x $1 {}")
    assert not any(
        "\x1b" in text for text in (events[token].type, events[token].raw, str(events[token].facts[0].value))
    )
    assert "300,0" in str(events["huge"].facts[0].value)
    assert len(events["huge"].raw) < 20_000


async def test_settlement_is_an_event_of_its_own_and_no_second_close(made: Made) -> None:
    made.insert("s", "settlement", {"pnl_usd": 3.5, "tx": "5Kd"})
    async with opened(made) as store:
        (event,) = await store.newest()
    assert event.cls is EventClass.SETTLEMENT
    assert (event.facts[0].name, event.facts[0].value) == ("pnl_usd", 3.5)


async def test_a_table_that_is_not_there_is_said_in_one_line_and_read_once_it_is(made: Made) -> None:
    made.insert("a")
    async with opened(made) as store:
        await store.newest()
        made.run("ALTER TABLE bot_events RENAME TO elsewhere")
        try:
            said = [await fault(made, store) for _ in range(3)]
            assert all(said)
            assert "\n" not in "".join(said)
        finally:
            made.run("ALTER TABLE elsewhere RENAME TO bot_events")
        made.insert("b")
        made.wait()
        assert ids(await settled(made, store)) == ["b"]


async def fault(made: Made, store: EventStore) -> str:
    """What is wrong with it now."""
    made.wait()
    with pytest.raises(EventError) as caught:
        await store.read_new()
    return str(caught.value)


async def settled(made: Made, store: EventStore) -> list[BotEvent]:
    """What is new, after faults that pass."""
    for _ in range(5):
        try:
            return await new(made, store)
        except EventError:
            continue
    return await new(made, store)


async def test_another_table_in_its_place_is_noticed_and_read_from_the_start(paged: Made) -> None:
    for i in range(5):
        paged.insert(f"a{i}")
    async with opened(paged) as store:
        await store.newest()
        assert await new(paged, store) == []
        paged.run("DELETE FROM bot_events")
        paged.insert("a1")
        paged.insert("b")
        assert ids(await new(paged, store)) == ["b"]
        assert "replaced or emptied" in store.take_notice()
        paged.insert("c")
        assert ids(await new(paged, store)) == ["c"]
        assert store.take_notice() == ""


async def test_a_lost_connection_is_a_fault_that_passes_and_costs_no_event(remote: Made) -> None:
    assert remote.cable is not None
    remote.insert("a")
    async with opened(remote) as store:
        await store.newest()
        remote.cable.cut()
        remote.insert("b")
        for _ in range(2):
            remote.wait()
            with pytest.raises(UnreachableError) as caught:
                await store.read_new()
            assert "\n" not in str(caught.value)
        remote.cable.mend()
        assert ids(await new(remote, store)) == ["b"]


async def test_reading_from_a_server_that_fell_silent_ends_when_we_do(remote: Made) -> None:
    assert remote.cable is not None
    async with opened(remote) as store:
        await store.newest()
        remote.cable.stall()
        remote.wait()
        reading = asyncio.create_task(store.read_new())
        done, _ = await asyncio.wait([reading], timeout=0.3)
        assert not done
        started = time.monotonic()
        reading.cancel()
        await asyncio.wait([reading])
        await store.close()
        assert time.monotonic() - started < 0.3
        remote.cable.mend()
        remote.insert("a")
        assert ids(await new(remote, store)) == ["a"]


async def test_no_secret_is_in_what_is_said(remote: Made) -> None:
    assert remote.cable is not None
    remote.cable.cut()
    async with opened(remote) as store:
        with pytest.raises(EventError) as caught:
            await store.newest()
        said = f"{caught.value} {caught.value!r} {store!r} {vars(store)!r}"
    assert PASSWORD not in said
    assert "s3cret" not in said
