"""Tables whose rows have no key that grows: WITHOUT ROWID, and those of servers."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from threading import Thread

import pytest

from events.d1_server import D1Server, d1_server
from events.hands import NOW, HandClock
from events.made import Made, d1_made, postgres_made
from events.postgres_server import PostgresServer, postgres_server
from reports.ledger import Event, asked, close, content, database, update
from reports.test_reading import life
from tradetop.events.fault import EventError
from tradetop.events.opening import open_table
from tradetop.model.clock import HOUR
from tradetop.reports import strategies
from tradetop.reports.reading import Progress, Watch, catch_up
from tradetop.reports.rollup import Rollup

COLUMNS = "bot_id TEXT, event_type TEXT, pair TEXT, strategy TEXT, timestamp TEXT, metadata TEXT, created_at TEXT"
INSERT = (
    "INSERT INTO bot_events (id, bot_id, event_type, pair, strategy, timestamp, metadata, created_at) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
KEYS = {
    "by id": "id TEXT PRIMARY KEY, " + COLUMNS,
    "by id of no type": "id PRIMARY KEY, " + COLUMNS,
    "by time and id": "id TEXT, " + COLUMNS + ", PRIMARY KEY (timestamp, id)",
    "backwards": "id TEXT, " + COLUMNS + ", PRIMARY KEY (bot_id DESC, id DESC)",
}


def without_rowid(path: Path, columns: str) -> sqlite3.Connection:
    link = sqlite3.connect(path, isolation_level=None)
    link.execute(f"CREATE TABLE bot_events ({columns}) WITHOUT ROWID")
    return link


def written(events: Sequence[Event]) -> list[tuple[object, ...]]:
    return [(*event, event[5]) for event in events]


@pytest.mark.parametrize("key", KEYS)
def test_a_table_without_rowid_says_the_same_as_one_with(key: str, tmp_path: Path) -> None:
    events, dice = life(800), random.Random(key)
    database(tmp_path / "plain.db", events).close()
    whole = content(update(tmp_path / "plain.db", Rollup(None)))
    path, rollup = tmp_path / "bots.db", Rollup(tmp_path / "c.rollup")
    link, late = without_rowid(path, KEYS[key]), sorted(events, key=lambda _: dice.random())
    while late:
        size = dice.choice((1, 5, 300))
        link.executemany(INSERT, written(late[:size]))
        late = late[size:]
        update(path, rollup, batch=dice.choice((50, 48_000)))
    link.close()
    assert content(rollup) == whole
    rollup.close()


def test_numbers_as_ids_of_no_type_are_each_read_once(tmp_path: Path) -> None:
    path, rollup = tmp_path / "bots.db", Rollup(None)
    link = without_rowid(path, KEYS["by id of no type"])
    for n in range(0, 30, 3):
        ids: tuple[object, ...] = (n, n + 0.5, f"{n}", f"x{n}".encode())
        link.executemany(INSERT, [(one, *rest[1:]) for one in ids for rest in written([close("", NOW - HOUR, 1)])])
        # A number and its text are two keys, and to everyone who reads the feed one id.
        assert strategies(update(path, rollup), asked()).rows[0].trades == n + 3
    link.close()


def test_what_the_bot_deletes_stays_counted_and_another_table_is_read_anew(tmp_path: Path) -> None:
    path, rollup = tmp_path / "bots.db", Rollup(None)
    link = without_rowid(path, KEYS["by id"])
    link.executemany(INSERT, written([close(f"{n:02}", NOW - HOUR + n, 10) for n in range(20)]))
    update(path, rollup)
    link.execute("DELETE FROM bot_events WHERE id < '10'")
    link.executemany(INSERT, written([close("05x", NOW - HOUR + 30, 1)]))
    assert strategies(update(path, rollup), asked()).rows[0].pnl == 201.0
    link.execute("DELETE FROM bot_events")
    link.executemany(INSERT, written([close("z", NOW - HOUR, -3)]))
    assert strategies(update(path, rollup), asked()).rows[0].pnl == -3.0
    link.close()


def test_stopped_in_the_middle_nothing_is_left_out_or_counted_twice(tmp_path: Path) -> None:
    path, cache = tmp_path / "bots.db", tmp_path / "c.rollup"
    link = without_rowid(path, KEYS["by id"])
    link.executemany(INSERT, written([close(f"{n:04}", NOW - HOUR + n, 1) for n in range(500)]))

    async def stopped() -> None:
        def stop(_: object) -> None:
            raise KeyboardInterrupt

        rollup = Rollup(cache)
        try:
            await catch_up(open_table(str(path), HandClock()), "bots.db", rollup, HandClock(), stop, batch=100)
        finally:
            rollup.close()

    with pytest.raises(KeyboardInterrupt):
        asyncio.run(stopped())
    # Before the place where it stopped.
    link.executemany(INSERT, written([close("0000x", NOW - HOUR, 1000)]))
    link.close()
    rollup = Rollup(cache)
    assert rollup.get("rows") == 100
    assert strategies(update(path, rollup), asked()).rows[0].pnl == 1500.0
    rollup.close()


def test_a_table_whose_key_is_none_of_ours_is_refused_with_the_reason(tmp_path: Path) -> None:
    link = without_rowid(tmp_path / "bots.db", f"id TEXT, {COLUMNS}, nonce INT, PRIMARY KEY (nonce, id)")
    link.close()
    with pytest.raises(EventError, match="WITHOUT ROWID"):
        update(tmp_path / "bots.db", Rollup(None))


@pytest.fixture(scope="module")
def d1() -> Iterator[D1Server]:
    with d1_server() as server:
        yield server


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    with postgres_server() as server:
        yield server


@pytest.fixture(params=["d1", "postgres"])
def made(request: pytest.FixtureRequest) -> Iterator[Made]:
    if request.param == "d1":
        with d1_made(request.getfixturevalue("d1")) as found:
            yield found
    else:
        with postgres_made(request.getfixturevalue("postgres")) as found:
            yield found


def grown(made: Made, rollup: Rollup, batch: int = 48_000) -> Rollup:
    asyncio.run(catch_up(open_table(made.address, made.clock), made.kind, rollup, made.clock, batch=batch))
    return rollup


def insert(made: Made, events: Sequence[Event]) -> None:
    for event in events:
        made.run(INSERT.replace(", created_at)", ")").replace(", ?)", ")"), event)


@pytest.mark.servers
def test_a_server_says_the_same_as_a_file(made: Made, tmp_path: Path) -> None:
    events, dice = life(300), random.Random(1)
    database(tmp_path / "plain.db", events).close()
    whole = content(update(tmp_path / "plain.db", Rollup(None)))
    rollup, late = Rollup(tmp_path / "c.rollup"), sorted(events, key=lambda _: dice.random())
    while late:
        size = dice.choice((1, 20, 90))
        insert(made, late[:size])
        late = late[size:]
        grown(made, rollup, dice.choice((30, 48_000)))
    assert content(rollup) == whole
    assert content(grown(made, rollup)) == whole
    made.run("DELETE FROM bot_events")
    insert(made, [close("z", NOW - HOUR, -3)])
    assert strategies(grown(made, rollup), asked()).rows[0].pnl == -3.0
    rollup.close()


@pytest.mark.servers
def test_what_a_longer_transaction_wrote_is_found_and_nothing_twice(postgres: PostgresServer) -> None:
    import psycopg

    with postgres_made(postgres) as made, psycopg.connect(**postgres.kwargs) as slow:
        rollup, said = Rollup(None), INSERT.replace(", created_at)", ")").replace(", ?)", ")").replace("?", "%s")
        insert(made, [close("1", NOW - HOUR, 1)])
        slow.execute(said.encode(), list(close("0-slow", NOW - HOUR, 100)))
        insert(made, [close("2", NOW - HOUR, 10)])
        assert strategies(grown(made, rollup), asked()).rows[0].pnl == 11.0
        slow.commit()
        insert(made, [close("3", NOW - HOUR, 1000)])
        assert strategies(grown(made, rollup), asked()).rows[0].pnl == 1111.0
        assert strategies(grown(made, rollup), asked()).rows[0].pnl == 1111.0


@pytest.mark.servers
def test_rows_dated_ahead_hide_nothing(postgres: PostgresServer) -> None:
    with postgres_made(postgres) as made:
        rollup = Rollup(None)
        made.run(INSERT.replace("?)", "now() + interval '9 years')"), close("f", NOW - HOUR, 1))
        for n in range(3):
            insert(made, [close(f"{n}", NOW - HOUR, 10)])
            assert strategies(grown(made, rollup), asked()).rows[0].pnl == 1 + 10 * (n + 1)


def test_a_feed_is_refused_with_what_would_do() -> None:
    for address in ("https://x.example/api/events", "loki://x/?query=a", "mysql://x/y"):
        with pytest.raises(EventError, match=r"database|no event store|sqlite"):
            open_table(address, HandClock())


@pytest.mark.servers
def test_two_reports_at_once_count_every_row_once(postgres: PostgresServer, tmp_path: Path) -> None:
    with postgres_made(postgres) as made:
        rollup = Rollup(tmp_path / "c.rollup")
        insert(made, [close("first", NOW - HOUR, 1)])
        grown(made, rollup)
        for n in range(60):
            stamped = INSERT.replace("?)", f"now() + interval '{5 * n} s')")
            made.run(stamped, close(f"{n:02}", NOW - HOUR + n, 1))
        made.clock.forward(600_000)
        turns = iter([tmp_path / "c.rollup"])

        async def once(one: Rollup, batch: int, watch: Watch | None) -> None:
            await catch_up(open_table(made.address, made.clock), "pg", one, made.clock, watch, batch=batch)

        def whole(cache: Path) -> None:
            with closing(Rollup(cache)) as other:
                asyncio.run(once(other, 48_000, None))

        def between(_: Progress) -> None:
            # Between two steps of one report another is made from beginning to end.
            for cache in turns:
                thread = Thread(target=whole, args=(cache,))
                thread.start()
                thread.join()

        asyncio.run(once(rollup, 20, between))
        assert strategies(rollup, asked()).rows[0].pnl == 61.0
        rollup.close()
