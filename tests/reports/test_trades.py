"""Closes and their openings: whatever the order in which they come, a close knows what its opening said."""

from __future__ import annotations

import json
import random
from collections import Counter
from pathlib import Path

import pytest

from events.bot_database import INSERT
from events.hands import NOW
from reports.ledger import Event, asked, database, stamp, update
from tradetop.events.pairing import MOST_OPEN, OpenPositions
from tradetop.model.bot_event import BotEvent, EventClass, EventSource, Fact
from tradetop.model.clock import DAY, HOUR, MINUTE
from tradetop.reports import ab
from tradetop.reports.rollup import Rollup
from tradetop.reports.trades import settle, unsettled
from tradetop.reports.window import Window

EVER = Window.around(NOW - 40 * DAY, NOW + HOUR)


def trade(kind: str, id: str, t: int, bot: str, pair: str, strategy: str | None, **said: object) -> Event:
    return id, bot, f"trade_{kind}", pair, strategy, stamp(t), json.dumps(said)


def book(seed: int, n: int = 400, days: int = 12, ids: float = 0.5) -> list[tuple[int, Event]]:
    """Trades of two bots, some with ids and some without, some that never close, and closes of nothing."""
    dice, found = random.Random(seed), list[tuple[int, Event]]()
    for i in range(n):
        t = NOW - HOUR - dice.randrange(days * DAY)
        place = dice.choice(("a", "b")), dice.choice(("SOL/USDC", "BTC/USDT")), dice.choice(("grid", "snipe", None))
        named = {"trade_id": f"t{i}"} if dice.random() < ids else {}
        named |= {"position_id": f"p{i % 50}"} if dice.random() < ids / 3 else {}
        entry = {} if dice.random() < 0.1 else {"entry": dice.choice(("limit", "market"))}
        if dice.random() < 0.95:
            found.append((t, trade("open", f"o{i}", t, *place, **named, **entry, mode="live")))
        end = t + dice.choice((0, MINUTE, 7 * HOUR, 3 * DAY)) + dice.randrange(HOUR)
        if dice.random() < 0.9 and end < NOW:
            own = {"entry": "own"} if dice.random() < 0.1 else {}
            close = trade("close", f"c{i}", end, *place, **named, **own, mode="live", pnl_usd=dice.randrange(-9, 10))
            found.append((end, close))
    return sorted(found, key=lambda one: one[0])


def expected(events: list[tuple[int, Event]], window: Window) -> dict[str, tuple[int, float]]:
    """Trades and P&L by the value of `entry`: every event once, in order, through what the screen pairs with."""
    positions, entries = OpenPositions(), dict[str, str | None]()
    trades, pnl = Counter[str](), Counter[str]()
    key = {event[0]: n for n, (_, event) in enumerate(events)}
    for t, event in sorted(events, key=lambda one: (one[0], one[1][2] == "trade_close", key[one[1][0]])):
        said = json.loads(event[6])
        cls = EventClass.OPEN if event[2] == "trade_open" else EventClass.CLOSE
        known = BotEvent(event[0], t, event[1], "", cls, EventSource.DATABASE, event[3], event[4] or "",
                         facts=facts(said))  # fmt: skip
        if cls is EventClass.OPEN:
            entries[event[0]] = said.get("entry")
            positions.feed(known)
        else:
            opening = positions.close(known)
            value = said.get("entry") or (opening and entries[opening.id]) or "(not said)"
            if window.since <= t < window.until:
                trades[value] += 1
                pnl[value] += said["pnl_usd"]
    return {value: (n, pnl[value]) for value, n in trades.items()}


def facts(said: dict[str, object]) -> tuple[Fact, ...]:
    return tuple(Fact(name, str(said[name])) for name in ("trade_id", "position_id") if name in said)


def found(rollup: Rollup, window: Window) -> dict[str, tuple[int, float]]:
    rows = ab(rollup, asked(window, tag="entry")).rows
    return {row.value: (row.trades, row.pnl) for row in rows if " less " not in row.value}


WINDOWS = [
    EVER,
    Window.around(NOW - 7 * DAY, NOW + HOUR),
    Window.around(NOW - 5 * DAY - 5 * HOUR, NOW - 2 * DAY + 3 * HOUR),
]


@pytest.mark.parametrize("ids", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("seed", range(4))
def test_a_close_has_the_tags_of_the_opening_that_the_screen_pairs_it_with(
    seed: int, ids: float, tmp_path: Path
) -> None:
    events = book(seed, ids=ids)
    database(tmp_path / "bots.db", [event for _, event in events]).close()
    rollup = update(tmp_path / "bots.db", Rollup(None), batch=97)
    for window in WINDOWS:
        assert found(rollup, window) == expected(events, window)


@pytest.mark.parametrize("ids", [0.0, 0.5])
@pytest.mark.parametrize("seed", range(6))
def test_late_openings_and_closes_change_all_that_follows_them(seed: int, ids: float, tmp_path: Path) -> None:
    path, dice = tmp_path / "bots.db", random.Random(seed)
    events = book(seed, n=150, ids=ids)
    link, rollup = database(path), Rollup(None)
    # Most in order, some days late.
    late = sorted(range(len(events)), key=lambda i: i + (dice.random() < 0.15) * dice.randrange(len(events)))
    there: list[int] = []
    while late:
        size = dice.randrange(1, 40)
        some, late = late[:size], late[size:]
        link.executemany(INSERT, [events[i][1] for i in some])
        there += some
        update(path, rollup, batch=dice.choice((3, 48_000)))
        assert found(rollup, EVER) == expected([events[i] for i in there], EVER)
    link.close()


def test_days_are_settled_a_few_at_a_time_with_the_same_end(tmp_path: Path) -> None:
    events = book(3, ids=0.3)
    database(tmp_path / "bots.db", [event for _, event in events]).close()
    rollup = update(tmp_path / "bots.db", Rollup(None))
    first = rollup.rows("SELECT t, bot FROM opens ORDER BY t LIMIT 1")
    with rollup.writing():
        rollup.many("DELETE FROM opens WHERE t = ? AND bot = ?", first)
        rollup.many("INSERT INTO unsettled VALUES (?, ?)", [(t // DAY, bot) for t, bot in first])
        rollup.many("UPDATE opens SET done = 0 WHERE t / 86400000 = ?", [(t // DAY,) for t, _ in first])
    steps = 0
    while unsettled(rollup):
        with rollup.writing():
            settle(rollup, 1)
        steps += 1
    assert steps > 1
    opened = next(event[0] for _, event in events if event[2] == "trade_open")
    rest = [(t, event) for t, event in events if event[0] != opened]
    assert found(rollup, EVER) == expected(rest, EVER)


def test_the_oldest_of_too_many_open_trades_is_forgotten(tmp_path: Path) -> None:
    start = NOW - 3 * DAY
    events = [
        (start + i, trade("open", f"o{i}", start + i, "a", "P/Q", "s", trade_id=f"t{i}", entry="x"))
        for i in range(MOST_OPEN + 2)
    ]
    closes = [
        (NOW - HOUR + i, trade("close", f"c{i}", NOW - HOUR + i, "a", "P/Q", "s", trade_id=f"t{i}", pnl_usd=1))
        for i in range(4)
    ]
    database(tmp_path / "bots.db", [event for _, event in (*events, *closes)]).close()
    rollup = update(tmp_path / "bots.db", Rollup(None))
    assert found(rollup, EVER) == {"(not said)": (2, 2.0), "x": (2, 2.0)} == expected([*events, *closes], EVER)
