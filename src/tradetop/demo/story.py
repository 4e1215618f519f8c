"""What the sample bot's world does to it: a fixed first three minutes, then chapters drawn by the seed."""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

OPENING = 180
"""Seconds of the fixed beginning: whoever looks for a minute sees every kind of trouble once."""
CHAPTER = 240
"""Seconds of each later chapter."""

ENDPOINTS = ("candles", "accounts", "orders", "products", "fills")


class Wish(Enum):
    """What the story makes the bot do in one second, whatever its strategies think."""

    OPEN = "open"
    TAKE = "take profit"
    CUT = "cut loss"


class Trouble(Enum):
    """What the story makes go wrong in one second."""

    DISCONNECT = "disconnect"
    THROTTLED = "throttled"
    SLIPPAGE = "slippage"
    HONEYPOT = "honeypot"


@dataclass(frozen=True, slots=True)
class Stress:
    """The world in one second."""

    drift: float = 0.0
    """Push on every price, as a fraction per second."""
    busy: str = ENDPOINTS[0]
    """The endpoint that `load` is about."""
    load: float | None = None
    """Its rate limit utilization in percent; None in quiet times."""
    slowness: float = 1.0
    """Factor on the exchange's answers."""
    outage: bool = False
    appetite: float = 1.0
    """Factor on how readily trades are opened."""
    wish: Wish | None = None
    trouble: Trouble | None = None


_OPENING_LOAD = ((0, 52), (10, 61), (20, 77), (27, 84), (35, 88), (42, 93), (55, 97), (125, 96), (160, 68), (180, 55))
_OPENING_WISHES = {8: Wish.OPEN, 19: Wish.TAKE, 31: Wish.OPEN, 46: Wish.CUT, 95: Wish.OPEN, 150: Wish.TAKE}
_OPENING_TROUBLES = {
    14: Trouble.HONEYPOT,
    23: Trouble.DISCONNECT,
    38: Trouble.THROTTLED,
    51: Trouble.SLIPPAGE,
    58: Trouble.THROTTLED,
    84: Trouble.THROTTLED,
}
_DIP = range(20, 48)
_DIP_DRIFT = -0.0028


def stress(t: int, seed: int) -> Stress:
    """The world `t` seconds after the start; before it (t < 0) all was quiet."""
    if t < 0:
        return Stress()
    if t < OPENING:
        return Stress(
            drift=_DIP_DRIFT if t in _DIP else 0.0,
            load=_curve(_OPENING_LOAD, t),
            slowness=1.0 + max(0, t - 35) / 30 if t < 130 else 1.0,
            wish=_OPENING_WISHES.get(t),
            trouble=_OPENING_TROUBLES.get(t),
        )
    chapter, second = divmod(t - OPENING, CHAPTER)
    dice = random.Random(f"{seed}/{chapter}")  # noqa: S311 - a story, not a secret.
    tell = dice.choice((_calm, _calm, _rally, _dip, _throttled, _slow, _outage, _greedy))
    return tell(second, dice)


def _calm(second: int, dice: random.Random) -> Stress:
    return Stress(trouble=Trouble.HONEYPOT if second == dice.randrange(CHAPTER) else None)


def _rally(second: int, dice: random.Random) -> Stress:
    return Stress(drift=dice.uniform(0.00006, 0.00016), appetite=2.0, wish=Wish.TAKE if second == 120 else None)


def _dip(second: int, dice: random.Random) -> Stress:
    start = dice.randrange(20, 100)
    falling = start <= second < start + 40
    return Stress(
        drift=-dice.uniform(0.0003, 0.0012) if falling else 0.0,
        wish=Wish.CUT if second == start + 44 else None,
        trouble=Trouble.SLIPPAGE if second == start + 46 else None,
    )


def _throttled(second: int, dice: random.Random) -> Stress:
    busy, peak = dice.choice(ENDPOINTS), dice.uniform(84, 118)
    load = _curve(((0, 40), (60, 75), (110, peak), (170, peak - 2), (CHAPTER, 45)), second)
    throttled = load > 95 and second % 25 == 0
    return Stress(busy=busy, load=load, trouble=Trouble.THROTTLED if throttled else None)


def _slow(second: int, dice: random.Random) -> Stress:
    peak = dice.uniform(8, 22)
    return Stress(slowness=_curve(((0, 1), (60, peak), (180, peak), (CHAPTER, 1)), second))


def _outage(second: int, dice: random.Random) -> Stress:
    start = dice.randrange(30, 90)
    down = start <= second < start + 45
    return Stress(
        outage=down, slowness=6.0 if down else 1.0, trouble=Trouble.DISCONNECT if down and second % 9 == 0 else None
    )


def _greedy(second: int, dice: random.Random) -> Stress:
    first = dice.randrange(5, 60)
    return Stress(appetite=5.0, wish=Wish.OPEN if second in (first, first + 40, first + 90) else None)


def _curve(points: Sequence[tuple[float, float]], t: float) -> float:
    """The value at `t` on the straight lines between points."""
    i = bisect_right(points, t, key=lambda point: point[0])
    if i == 0 or i == len(points):
        return float(points[max(0, i - 1)][1])
    (t0, v0), (t1, v1) = points[i - 1], points[i]
    return v0 + (v1 - v0) * (t - t0) / (t1 - t0)
