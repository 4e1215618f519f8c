"""Following a database."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import pytest

from events.bot_database import create, insert
from events.hands import NOW, HandClock
from faulty.server import free_port
from tradetop.events.opening import open_store
from tradetop.events.past import Past
from tradetop.events.sqlite import LOOK, EventDatabase
from tradetop.events.store import PAGE, EventStore
from tradetop.events.tail import BUSY, tail
from tradetop.model.bot_event import BotEvent

Step = Callable[[], None]


class EndedError(Exception):
    """The script of a test is over."""


class Watcher:
    """Hears what the tail says; before each poll the next step of a script happens."""

    def __init__(self, path: Path, *steps: Step) -> None:
        self.clock = HandClock()
        self.database: EventStore = EventDatabase(path, self.clock)
        self.said: list[object] = []
        self.waits: list[int] = []
        self.steps = list(steps)

    async def wait(self, milliseconds: int) -> None:
        self.waits.append(milliseconds)
        self.clock.forward(milliseconds)
        if not self.steps:
            raise EndedError
        self.steps.pop(0)()

    def events(self, events: Sequence[BotEvent]) -> None:
        self.said.append([event.id for event in events])

    async def run(self, past: Callable[[Past], Awaitable[None]] | None = None) -> None:
        wait: Callable[[int], Awaitable[None]] = self.wait
        with pytest.raises(EndedError):
            await tail(self.database, self.clock, self.events, self.said.append, wait, on_past=past)


def nothing() -> None:
    """A poll at which nothing has happened."""


async def test_the_past_comes_once_then_each_new_event(tmp_path: Path) -> None:
    link = create(tmp_path / "bots.db")
    insert(link, "late", timestamp="2026-01-02 03:04:04")
    insert(link, "early", timestamp="2026-01-02 03:04:00")
    watcher = Watcher(tmp_path / "bots.db", nothing, lambda: insert(link, "new"), nothing)
    await watcher.run()
    assert watcher.said == [["early", "late"], ["new"]]
    assert watcher.waits == [LOOK, LOOK, BUSY, LOOK], "what comes soon after something is read in one go"
    link.close()


async def test_a_long_past_shows_its_newest_page_first_and_then_is_whole(tmp_path: Path) -> None:
    link = create(tmp_path / "bots.db", "wal")
    link.execute("BEGIN")
    insert(link, "too old", timestamp="2025-12-01")
    for i in range(2 * PAGE):
        insert(link, f"e{i:04}", "trade_close", {"pnl_usd": i}, timestamp=str(NOW - 1_000_000 + i))
    link.execute("COMMIT")
    watcher = Watcher(tmp_path / "bots.db")
    newest: list[BotEvent] = []
    pasts: list[Past] = []

    async def keep(past: Past) -> None:
        pasts.append(past)

    with pytest.raises(EndedError):
        await tail(
            watcher.database,
            watcher.clock,
            watcher.events,
            watcher.said.append,
            watcher.wait,
            on_newest=newest.extend,
            on_past=keep,
        )
    assert [event.id for event in newest] == [f"e{i:04}" for i in range(PAGE, 2 * PAGE)]
    (past,) = pasts
    assert [event.id for event in past.newest] == [f"e{i:04}" for i in range(2 * PAGE)]
    assert [event.pnl for _, event in past.counted()] == list(range(2 * PAGE))
    assert watcher.said == []
    link.close()


async def test_faults_are_said_retried_ever_more_slowly_and_outlived(tmp_path: Path) -> None:
    path = tmp_path / "bots.db"

    def appear() -> None:
        link = create(path)
        insert(link, "a")
        link.close()

    watcher = Watcher(path, *[nothing] * 7, appear, nothing)
    await watcher.run()
    assert watcher.waits[:8] == [2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000, 30_000]
    faults, heard = watcher.said[:8], watcher.said[8:]
    assert all("no such file" in str(fault) for fault in faults)
    assert heard == [["a"], ""]
    assert watcher.waits[-1] == LOOK


async def test_a_lock_is_waited_out_at_the_usual_pace_and_nothing_lost(tmp_path: Path) -> None:
    path = tmp_path / "bots.db"
    link = create(path)
    insert(link, "a")

    def lock() -> None:
        link.execute("BEGIN EXCLUSIVE")
        insert(link, "b")

    def release() -> None:
        link.execute("COMMIT")

    watcher = Watcher(path, lock, *[nothing] * 18, release, nothing)
    await watcher.run()
    assert watcher.said[0] == ["a"]
    lasted = [str(fault).rpartition("for ")[2] for fault in watcher.said[1:-2]]
    assert [*dict.fromkeys(lasted)] == ["1 s; trying again", "2 s; trying again"]
    assert watcher.said[-2:] == ["", ["b"]]
    assert set(watcher.waits) == {LOOK, BUSY}
    link.close()


async def test_a_lock_that_passes_by_the_next_poll_is_not_worth_a_word(tmp_path: Path) -> None:
    path = tmp_path / "bots.db"
    link = create(path)

    def lock() -> None:
        link.execute("BEGIN EXCLUSIVE")
        insert(link, "b")

    def release() -> None:
        link.execute("COMMIT")

    watcher = Watcher(path, lock, release, nothing)
    await watcher.run()
    assert watcher.said == [[], ["b"]]
    link.close()


async def test_a_replaced_database_is_said_for_a_while_and_read_on(tmp_path: Path) -> None:
    path = tmp_path / "bots.db"
    link = create(path)
    insert(link, "a")
    link.close()

    def replace() -> None:
        path.unlink()
        other = create(path)
        insert(other, "b")
        other.close()

    watcher = Watcher(path, replace, *[nothing] * (32_000 // LOOK))
    await watcher.run()
    assert watcher.said[0] == ["a"]
    assert "replaced or emptied" in str(watcher.said[1])
    assert watcher.said[2:] == [["b"], ""]


async def test_a_backlog_is_read_without_waiting(tmp_path: Path) -> None:
    path = tmp_path / "bots.db"
    create(path).close()

    def burst() -> None:
        link = sqlite3.connect(path)
        for i in range(2 * PAGE + 1):
            insert(link, f"e{i}")
        link.commit()
        link.close()

    watcher = Watcher(path, burst, nothing, nothing, nothing)

    async def count(past: Past) -> None:
        pass

    await watcher.run(past=count)
    assert [len(page) for page in watcher.said if isinstance(page, list)] == [PAGE, PAGE, 1]
    assert watcher.waits == [LOOK, 0, 0, BUSY, LOOK]


async def test_a_server_that_is_away_is_looked_for_more_often_than_a_file_that_is_wrong(tmp_path: Path) -> None:
    watcher = Watcher(tmp_path / "none.db", *[nothing] * 4)
    watcher.database = open_store(f"feed+http://127.0.0.1:{free_port()}/events", watcher.clock)
    await watcher.run()
    assert watcher.waits == [2_000, 4_000, 5_000, 5_000, 5_000]
    assert all("no connection" in str(said) for said in watcher.said)
