"""What can happen to the sample bot in one second, and how it stands afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Signal:
    """A strategy proposes a trade."""

    id: str
    pair: str
    strategy: str
    confidence: float
    price: float


@dataclass(frozen=True, slots=True)
class RiskVerdict:
    """The risk engine's answer to a signal."""

    signal: Signal
    approved: bool
    reason: str
    score: float


@dataclass(frozen=True, slots=True)
class Opened:
    """A position was opened."""

    trade: str
    signal: str
    pair: str
    strategy: str
    size_usd: float
    price: float
    latency_ms: float


@dataclass(frozen=True, slots=True)
class Closed:
    """A position was closed."""

    trade: str
    pair: str
    strategy: str
    entry: float
    exit: float
    pnl_usd: float
    hold_seconds: int
    why: str


@dataclass(frozen=True, slots=True)
class Failed:
    """Something went wrong."""

    category: str
    """connection, execution or validation."""
    kind: str
    message: str
    pair: str = ""
    strategy: str = ""
    endpoint: str = ""


@dataclass(frozen=True, slots=True)
class Cycled:
    """One pass of the trading loop."""

    seconds: float
    stages: Mapping[str, float]
    calls: tuple[tuple[str, float], ...]
    """Endpoint and seconds of each exchange call."""
    triggers: int
    proposals: int
    idle_reason: str
    """Why the pass opened nothing; "" where it did."""


@dataclass(frozen=True, slots=True)
class Tripped:
    """A circuit breaker opened."""

    breaker: str


Happening = Signal | RiskVerdict | Opened | Closed | Failed | Cycled | Tripped


@dataclass(frozen=True, slots=True)
class Standing:
    """How the bot stands after a second."""

    equity: float
    day_start: float
    peak: float
    exposure_pct: float
    holdings: Mapping[str, float]
    """USD held of each pair; a pair without a position is not there."""
    positions: int
    trades_per_hour: int
    triggers: int
    proposals: int
    selectivity: float
    utilization: Mapping[str, float]
    breaker_open: bool
    consecutive_errors: int
    cycles: int

    @property
    def day_pnl(self) -> float:
        """USD won or lost today."""
        return self.equity - self.day_start

    @property
    def drawdown_pct(self) -> float:
        """How far equity is below its peak, in percent."""
        return max(0.0, 100 * (1 - self.equity / self.peak))
