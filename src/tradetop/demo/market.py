"""The sample bot's market: prices that wander and are drawn back to where they came from."""

from __future__ import annotations

import math
import random

ANCHORS = {"BTC-USD": 64_180.0, "ETH-USD": 3_122.0, "SOL-USD": 146.3, "AVAX-USD": 28.41, "LINK-USD": 14.07}

_TOGETHER = 2.4e-4
"""Volatility that all pairs share, as a fraction for one second."""
_ALONE = 2.2e-4
_RETURN_SECONDS = 2_400.0


class Market:
    """Prices of every pair; moves only when told."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self.prices = dict(ANCHORS)

    def move(self, seconds: int, drift: float) -> None:
        """Let `seconds` pass with a push on every price (a fraction per second)."""
        root = math.sqrt(seconds)
        common = self._dice.gauss(drift * seconds, _TOGETHER * root)
        for pair, anchor in ANCHORS.items():
            price = self.prices[pair]
            back = (anchor / price - 1) * min(1.0, seconds / _RETURN_SECONDS)
            self.prices[pair] = price * (1 + common + back + self._dice.gauss(0, _ALONE * root))
