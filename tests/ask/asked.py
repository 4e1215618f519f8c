"""Events as questions need them, and what plain Python finds in them."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from events.bot_database import create, insert
from tradetop.model.clock import DAY, HOUR, MINUTE, SECOND

NOW = 1_796_050_800_000
"""Monday 2026-11-30 15:00 UTC."""
TODAY = NOW - NOW % DAY
BOTS = ("defi-1", "defi-2", "sol-sniper")
PAIRS = ("SOL/USDC", "ETH/USDT", "JUPSOL", "SOLUSDT", "XRP-USDT")
STRATEGIES = ("momentum", "ichimoku")
MESSAGES = ("RPC timeout after 5s", "slippage exceeded 2.1%", "honeypot check failed", "kaboom")
KINDS = ("signal", "signal", "signal", "risk_eval", "trade_open", "trade_close", "error", "error")


class Clock:
    """A clock that stands, but for a stopwatch that goes on where a test lets it."""

    def __init__(self, now: int = NOW, tick: Callable[[], int] = lambda: 0) -> None:
        self._now = now
        self._tick = tick

    def now(self) -> int:
        return self._now

    def monotonic(self) -> int:
        return self._tick()


@dataclass(frozen=True, slots=True)
class Told:
    """One event as it went in."""

    bot: str
    kind: str
    pair: str
    strategy: str
    t: int
    message: str = ""
    pnl: float | None = None
    mode: str = ""

    def has(self, asset: str) -> bool:
        """Whether a side of its pair is this asset."""
        return asset in SIDES[self.pair]


SIDES = {
    "SOL/USDC": {"SOL", "USDC"},
    "ETH/USDT": {"ETH", "USDT"},
    "JUPSOL": {"JUP", "SOL"},
    "SOLUSDT": {"SOL", "USDT"},
    "XRP-USDT": {"XRP", "USDT"},
}


def events(count: int = 3_000, days: int = 12, seed: int = 4) -> tuple[Told, ...]:
    """Events of some days up to now."""
    chance = random.Random(seed)
    found = []
    for _ in range(count):
        kind = chance.choice(KINDS)
        found.append(
            Told(
                chance.choices(BOTS, (6, 3, 1))[0],
                kind,
                chance.choice(PAIRS),
                chance.choice(STRATEGIES),
                NOW - chance.randrange(days * DAY),
                chance.choices(MESSAGES, (6, 3, 2, 1))[0] if kind == "error" else "",
                round(chance.gauss(0.5, 10), 2) if kind == "trade_close" else None,
                chance.choice(("live", "paper")) if kind == "trade_close" else "",
            )
        )
    return tuple(sorted(found, key=lambda event: event.t))


def spelled(t: int, way: int) -> object:
    """A time as bots write it."""
    moment = datetime.fromtimestamp(t / SECOND, UTC)
    return (
        moment.isoformat().replace("+00:00", "Z"),
        moment.isoformat(sep=" "),
        t,
        t / SECOND,
        str(t),
        f"{moment:%Y-%m-%d %H:%M:%S.%f}",
    )[way % 6]


def database(path: Path, told: Iterable[Told], journal: str = "delete") -> Path:
    """A bot's database with these events, their times spelled in many ways."""
    link = create(path, journal)
    link.execute("BEGIN")
    for number, event in enumerate(told):
        metadata: dict[str, object] = {}
        if event.message:
            metadata["message"] = event.message
        if event.pnl is not None:
            metadata |= {"pnl_usd": event.pnl, "mode": event.mode}
        insert(
            link,
            f"e{number}",
            event.kind,
            metadata,
            bot=event.bot,
            pair=event.pair,
            strategy=event.strategy,
            timestamp=spelled(event.t, number),
        )
    link.execute("COMMIT")
    link.close()
    return path


def counted(
    told: Sequence[Told],
    by: Callable[[Told], object],
    wanted: Callable[[Told], bool],
    chosen: Callable[[Told], bool] = lambda _: True,
) -> dict[object, int]:
    """How many are wanted, by something, of the chosen ones; groups that have none are there too."""
    found: dict[object, int] = {}
    for event in filter(chosen, told):
        found.setdefault(by(event), 0)
        found[by(event)] += wanted(event)
    return found


def between(since: int, until: int = NOW + 1) -> Callable[[Told], bool]:
    """Whether an event is of a time."""
    return lambda event: since <= event.t < until


__all__ = ["DAY", "HOUR", "MINUTE"]
