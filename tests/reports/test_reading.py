"""The cache beside a bot's database: whatever the order and the moment in which rows come, it says the same."""

from __future__ import annotations

import random
import select
import sqlite3
from pathlib import Path

import pytest

from events.bot_database import INSERT, create, listing, writer
from events.hands import NOW
from reports.ledger import Event, asked, close, content, database, stamp, update
from tradetop.model.clock import DAY, HOUR, MINUTE
from tradetop.reports import strategies
from tradetop.reports.rollup import Rollup
from tradetop.reports.window import Window


def life(n: int = 1_500, seed: int = 3) -> list[Event]:
    """Two bots' events of two days, in the order of time."""
    dice, found = random.Random(seed), list[tuple[int, Event]]()
    for i in range(n // 5):
        t, bot = NOW - 2 * HOUR - dice.randrange(2 * DAY), dice.choice(("a", "b"))
        strategy, pair = dice.choice(("grid", "momentum", None)), dice.choice(("SOL/USDC", "BTC/USDT"))
        mode = '"mode": "paper"' if bot == "b" and dice.random() < 0.5 else '"mode": "live"'
        for step, (kind, more) in enumerate(
            (
                ("signal", ""),
                ("risk_eval", ', "passed": true'),
                ("trade_open", f', "trade_id": "t{i}"'),
                (
                    "trade_close",
                    f', "trade_id": "t{i}", "pnl_usd": {dice.gauss(0, 30):.2f}, "llm": {str(i % 2 > 0).lower()}',
                ),
                ("error", f', "message": "RPC timeout after {i} ms"'),
            )
        ):
            at = t + step * dice.randrange(1, 2_000) + (step > 2) * dice.randrange(HOUR)
            found.append((at, (f"{i}-{step}", bot, kind, pair, strategy, stamp(at), f"{{{mode}{more}}}")))
    return [event for _, event in sorted(found, key=lambda one: one[0])]


def test_rows_in_any_order_and_in_any_number_of_steps_make_the_same_cache(tmp_path: Path) -> None:
    events = life()
    database(tmp_path / "sorted.db", events).close()
    whole = content(update(tmp_path / "sorted.db", Rollup(None)))
    assert len(whole["stages"]) > 200
    for seed, mixed in enumerate((0, 40, len(events))):
        # Neighbours up to `mixed` places apart change places.
        dice = random.Random(seed)
        late = [event for _, event in sorted((i + dice.random() * mixed, event) for i, event in enumerate(events))]
        path = tmp_path / f"{mixed}.db"
        link, rollup = database(path), Rollup(tmp_path / f"{mixed}.rollup")
        while late:
            some = dice.randrange(1, 400)
            link.executemany(INSERT, late[:some])
            late = late[some:]
            update(path, rollup, batch=dice.choice((7, 100, 48_000)))
        link.close()
        assert content(rollup) == whole
        rollup.close()


def test_an_event_that_comes_late_belongs_to_its_own_time(tmp_path: Path) -> None:
    path, rollup = tmp_path / "bots.db", Rollup(None)
    old = NOW - 3 * DAY
    link = database(path, [close("1", old, 100), close("2", old + 2 * MINUTE, 50), close("3", NOW - MINUTE, -5)])
    update(path, rollup)
    link.executemany(INSERT, [close("late", old + MINUTE, -80)])
    update(path, rollup)
    (row,) = strategies(rollup, asked()).rows
    assert (row.trades, row.pnl, row.drawdown) == (4, 65.0, 80.0)
    (row,) = strategies(rollup, asked(Window.around(old - HOUR, old + HOUR))).rows
    assert (row.trades, row.pnl) == (3, 70.0)
    link.close()


def test_what_is_known_is_not_read_again(tmp_path: Path) -> None:
    path, cache = tmp_path / "bots.db", tmp_path / "c.rollup"
    link = database(path, [close("1", NOW - HOUR, 10), close("2", NOW - HOUR, 20)])
    rollup = update(path, Rollup(cache))
    rollup.close()
    # Behind the last known row nobody looks again.
    link.execute("UPDATE bot_events SET bot_id = 'other' WHERE id = '1'")
    link.execute("UPDATE bot_events SET bot_id = 'b' WHERE id = '1'")
    link.executemany(INSERT, [close("3", NOW - HOUR, 30)])
    rollup = update(path, Rollup(cache))
    assert strategies(rollup, asked()).rows[0].pnl == 60.0
    rollup.close()
    link.close()


def test_another_database_in_its_place_is_read_from_the_start(tmp_path: Path) -> None:
    path, rollup = tmp_path / "bots.db", Rollup(None)
    database(path, [close(f"a{i}", NOW - HOUR, 10) for i in range(5)]).close()
    assert strategies(update(path, rollup), asked()).rows[0].pnl == 50.0
    path.unlink()
    database(path, [close(f"b{i}", NOW - HOUR, 1) for i in range(7)]).close()
    assert strategies(update(path, rollup), asked()).rows[0].pnl == 7.0
    with sqlite3.connect(path) as link:
        link.execute("DELETE FROM bot_events")
        link.executemany(INSERT, [close("c", NOW - HOUR, -3)])
    link.close()
    assert strategies(update(path, rollup), asked()).rows[0].pnl == -3.0


def test_what_the_bot_clears_away_at_the_beginning_stays_counted(tmp_path: Path) -> None:
    path, rollup = tmp_path / "bots.db", Rollup(None)
    link = database(path, [close(f"a{i}", NOW - HOUR, 10) for i in range(5)])
    update(path, rollup)
    link.execute("DELETE FROM bot_events WHERE id < 'a3'")
    link.executemany(INSERT, [close("b", NOW - HOUR, 1)])
    assert strategies(update(path, rollup), asked()).rows[0].pnl == 51.0
    link.close()


def test_an_id_that_comes_twice_counts_once(tmp_path: Path) -> None:
    path = tmp_path / "bots.db"
    with sqlite3.connect(path) as link:
        link.execute("CREATE TABLE bot_events (id, bot_id, event_type, pair, strategy, timestamp, metadata)")
        twice = [close("1", NOW - HOUR, 10), close("2", NOW - HOUR, 5), close("1", NOW - HOUR, 10)]
        link.executemany(INSERT, twice)
    link.close()
    rollup = update(path, Rollup(None), batch=2)
    assert strategies(rollup, asked()).rows[0].pnl == 15.0


def test_the_bot_s_folder_stays_as_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "bot"
    folder.mkdir()
    database(folder / "bots.db", life(200)).close()
    before = listing(folder)
    update(folder / "bots.db", Rollup(tmp_path / "c.rollup")).close()
    assert listing(folder) == before
    assert (tmp_path / "c.rollup").stat().st_mode & 0o077 == 0


def test_a_cache_that_is_no_database_is_made_anew(tmp_path: Path) -> None:
    path, cache = tmp_path / "bots.db", tmp_path / "c.rollup"
    database(path, [close("1", NOW - HOUR, 10)]).close()
    cache.write_bytes(b"not a database at all" * 100)
    rollup = update(path, Rollup(cache))
    assert strategies(rollup, asked()).rows[0].pnl == 10.0
    rollup.close()


def test_a_cache_of_another_version_is_made_anew(tmp_path: Path) -> None:
    path, cache = tmp_path / "bots.db", tmp_path / "c.rollup"
    database(path, [close("1", NOW - HOUR, 10)]).close()
    with sqlite3.connect(cache) as link:
        link.execute("CREATE TABLE closes(something)")
        link.execute("PRAGMA user_version = 99")
    link.close()
    rollup = Rollup(cache)
    assert rollup.outdated
    assert strategies(update(path, rollup), asked()).rows[0].pnl == 10.0
    rollup.close()
    rollup = Rollup(cache)
    assert not rollup.outdated
    rollup.close()


@pytest.mark.parametrize("journal", ["delete", "wal"])
def test_a_bot_that_writes_all_the_while_does_not_notice(journal: str, tmp_path: Path) -> None:
    path, count = tmp_path / "bots.db", 2_000
    create(path, journal).close()
    with writer(path, journal, count) as bot:
        assert bot.stdin is not None
        assert bot.stdout is not None
        bot.stdin.write("go\n")
        bot.stdin.flush()
        rollup = Rollup(None)
        while bot.stdout not in select.select([bot.stdout], [], [], 0)[0]:
            update(path, rollup, batch=100)
        assert bot.stdout.readline() == "0\n"
        update(path, rollup)
        bot.stdin.write("bye\n")
        bot.stdin.flush()
    assert rollup.rows("SELECT SUM(events) FROM hourly") == [(count,)]
