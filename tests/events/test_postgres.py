"""PostgreSQL where it differs from a file: transactions, types, users and connections."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from events.made import POSTGRES_SCHEMA, Made, postgres_made
from events.postgres_server import PASSWORD, USER, PostgresServer, postgres_server
from tradetop.events.fault import EventError, LockedError, UnreachableError
from tradetop.events.opening import open_store
from tradetop.events.postgres import PostgresStore
from tradetop.events.store import PAGE
from tradetop.model.bot_event import BotEvent
from tradetop.model.target import Auth, Secret

pytestmark = pytest.mark.servers

TYPED = """CREATE TABLE bot_events (id UUID PRIMARY KEY DEFAULT gen_random_uuid(), bot_id VARCHAR(40) NOT NULL,
event_type VARCHAR(40) NOT NULL, pair TEXT, strategy TEXT, timestamp TIMESTAMPTZ NOT NULL, metadata JSONB,
created_at TIMESTAMP DEFAULT (now() AT TIME ZONE 'UTC'))"""
TEXTS = POSTGRES_SCHEMA.replace("TIMESTAMPTZ DEFAULT now()", "TEXT DEFAULT to_char(now(), 'YYYY-MM-DD HH24:MI:SS')")


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    with postgres_server() as server:
        yield server


@pytest.fixture
def made(server: PostgresServer) -> Iterator[Made]:
    with postgres_made(server) as made:
        yield made


def opened(made: Made, user: str = USER, password: str = PASSWORD, database: str = "postgres") -> PostgresStore:
    assert made.cable is not None
    address = f"postgresql://{user}@127.0.0.1:{made.cable.port}/{database}"
    return PostgresStore(address, made.clock, Auth(user=user, password=Secret(password)))


async def new(made: Made, store: PostgresStore) -> list[str]:
    made.wait()
    events: list[BotEvent] = list(await store.read_new())
    while store.behind:
        events += await store.read_new()
    return [event.id for event in events]


async def test_what_a_long_transaction_wrote_is_not_missed(made: Made, server: PostgresServer) -> None:
    import psycopg

    store = opened(made)
    made.insert("before")
    await store.newest()
    with closing(psycopg.connect(**server.kwargs)) as slow:
        slow.execute("INSERT INTO bot_events (id, bot_id, event_type, timestamp) VALUES ('late', 'b', 'error', '1')")
        made.insert("after")
        assert await new(made, store) == ["after"]
        slow.commit()
    assert await new(made, store) == ["late"]
    assert await new(made, store) == []
    await store.close()


async def test_rows_dated_in_the_future_hide_nothing(made: Made) -> None:
    store = opened(made)
    await store.newest()
    made.insert("ahead")
    made.run("UPDATE bot_events SET created_at = now() + interval '9 years'")
    made.insert("always")
    made.run("UPDATE bot_events SET created_at = 'infinity' WHERE id = 'always'")
    made.insert("a")
    assert sorted(await new(made, store)) == ["a", "ahead", "always"]
    for i in range(3):
        made.insert(f"b{i}")
        assert await new(made, store) == [f"b{i}"]
    again = opened(made)
    await again.newest()
    made.insert("c")
    assert await new(made, again) == await new(made, store) == ["c"]
    await store.close()
    await again.close()


async def test_rows_without_a_place_in_the_order_are_left_out(server: PostgresServer) -> None:
    with postgres_made(server, POSTGRES_SCHEMA.replace("id TEXT PRIMARY KEY", "id TEXT")) as made:
        store = opened(made)
        made.insert(None)
        made.insert("undated")
        made.run("UPDATE bot_events SET created_at = NULL")
        made.insert("a")
        assert [event.id for event in await store.newest()] == ["a"]
        made.insert("b")
        assert await new(made, store) == ["b"]
        await store.close()


@pytest.mark.parametrize("schema", [TYPED, TEXTS])
async def test_columns_of_other_types_are_read_as_they_are(server: PostgresServer, schema: str) -> None:
    with postgres_made(server, schema) as made:
        store = opened(made)
        insert = "INSERT INTO bot_events (id, bot_id, event_type, timestamp, metadata) VALUES (?, 'b', ?, ?, ?)"
        uuid = "6f1f4c1e-0000-4000-8000-00000000000"
        made.run(insert, (f"{uuid}1", "trade_close", "2026-01-02 05:04:05+02", '{"pnl_usd": 2.5}'))
        (event,) = await store.newest()
        assert (event.id, event.t, event.pnl, event.flaws) == (f"{uuid}1", 1_767_323_045_000, 2.5, ())
        for i in range(2, 6):
            made.run(insert, (f"{uuid}{i}", "signal", "2026-01-02 05:04:05+02", None))
            assert await new(made, store) == [f"{uuid}{i}"]
        assert await store.older() == ()
        assert await store.bots() == ("b",)
        await store.close()


@pytest.mark.parametrize("change", ["TRUNCATE bot_events", f"DROP TABLE bot_events; {POSTGRES_SCHEMA}"])
async def test_another_table_is_noticed(made: Made, change: str) -> None:
    store = opened(made)
    for i in range(3):
        made.insert(f"a{i}")
    await store.newest()
    assert await new(made, store) == []
    for statement in change.split("; "):
        made.run(statement)
    made.insert("b")
    made.wait()
    found: list[str] = []
    for _ in range(3):
        try:
            found += await new(made, store)
        except LockedError:
            continue
    assert found == ["b"]
    assert "replaced or emptied" in store.take_notice()
    await store.close()


async def test_a_bulk_of_one_moment_is_read_whole_and_once(made: Made) -> None:
    store = opened(made)
    await store.newest()
    made.insert_many([f"e{i:05}" for i in range(9 * PAGE)])
    found = await new(made, store)
    assert found == [f"e{i:05}" for i in range(9 * PAGE)]
    assert await new(made, store) == []
    assert store.take_notice() == ""
    await store.close()


async def test_nothing_can_be_written_over_its_connection(made: Made) -> None:
    store = opened(made)
    await store.check()
    for statement in ("INSERT INTO bot_events (id) VALUES ('x')", "CREATE TABLE t (x int)", "DELETE FROM bot_events"):
        with pytest.raises(EventError, match="read-only"):
            await store._there.fetch(statement)
    await store.close()


async def test_a_connection_that_the_server_ends_is_made_anew(made: Made) -> None:
    store = opened(made)
    await store.newest()
    made.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'tradetop'")
    made.insert("a")
    made.wait()
    with pytest.raises(UnreachableError):
        await store.read_new()
    assert await new(made, store) == ["a"]
    await store.close()


async def test_a_locked_table_is_waited_for(made: Made, server: PostgresServer) -> None:
    import psycopg

    store = opened(made)
    await store.newest()
    made.insert("a")
    with closing(psycopg.connect(**server.kwargs)) as other:
        other.execute("LOCK TABLE bot_events IN ACCESS EXCLUSIVE MODE")
        made.wait()
        with pytest.raises(LockedError, match="locked by another program"):
            await store.read_new()
    assert await new(made, store) == ["a"]
    await store.close()


async def test_who_is_not_let_in_hears_why_and_reads_no_password(made: Made) -> None:
    made.run("DROP ROLE IF EXISTS guest")
    made.run("CREATE ROLE guest LOGIN PASSWORD 'guest-s3cret'")
    for user, password, database, words in (
        (USER, "wrong-s3cret", "postgres", "authentication failed"),
        (USER, PASSWORD, "nowhere", "does not exist"),
        ("guest", "guest-s3cret", "postgres", "GRANT SELECT"),
    ):
        store = opened(made, user, password, database)
        with pytest.raises(EventError, match=words) as caught:
            await store.newest()
        assert not isinstance(caught.value, UnreachableError)
        assert password not in f"{caught.value} {vars(store)!r} {vars(store._there)!r}"
        assert "\n" not in str(caught.value)
        await store.close()


async def test_a_password_may_stand_in_the_address(made: Made) -> None:
    made.insert("a")
    store = open_store(made.address, made.clock)
    assert [event.id for event in await store.newest()] == ["a"]
    await store.close()
