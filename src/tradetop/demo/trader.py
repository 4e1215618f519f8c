"""The sample bot itself: a paper trader whose every second follows from the seed."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from tradetop.demo.happening import Closed, Cycled, Failed, Happening, Opened, RiskVerdict, Signal, Standing, Tripped
from tradetop.demo.market import ANCHORS, Market
from tradetop.demo.story import ENDPOINTS, Stress, Trouble, Wish

CYCLE = 10
"""Seconds between two passes of the trading loop, unless one takes longer."""
PAST = 6 * 3_600
"""Seconds that the bot had been trading before it was started again."""

STRATEGIES = ("momentum", "breakout", "mean-revert", "arb")
STAGES = ("state_reconcile", "order_reconcile", "portfolio_snapshot", "universe_build", "risk_trim", "capacity_check")

_CASH = 52_000.0
_STARTING_POSITIONS = 3
_STARTING_DRAWDOWN = 0.071
_SIZE = 0.054
_EXPOSURE_CAP = 0.25
_GREEDY_CAP = 0.24
"""The story may open one more position than the risk engine would."""
_MOST_POSITIONS = 8
_FEE = 0.0004
_APPROVAL = 0.024
_REASONS = ("cooldown", "low_conviction", "spread_too_wide", "daily_limit")
_QUIET_LOAD = {"candles": 41.0, "accounts": 27.0, "orders": 22.0, "products": 17.0, "fills": 11.0}


@dataclass(slots=True)
class _Position:
    trade: str
    pair: str
    strategy: str
    quantity: float
    entry: float
    opened: int
    due: int


class Trader:
    """Positions, cash and the loop that moves them; `advance` is its only clock."""

    def __init__(self, seed: int) -> None:
        self._dice = random.Random(seed)  # noqa: S311 - a story, not a secret.
        self._market = Market(self._dice)
        self._cash = _CASH
        self._positions: list[_Position] = []
        self._opened: deque[int] = deque()
        self._passes: deque[tuple[int, int]] = deque(maxlen=30)
        self._next_cycle = -PAST
        self._number = 0
        self._cycles = 0
        self._errors = 0
        self._load = dict(_QUIET_LOAD)
        self._breaker = False
        self.day_start = _CASH
        self.peak = _CASH

    def live_past(self) -> Iterator[tuple[int, list[Happening]]]:
        """Trade through the hours before the start; ends with a few positions, below an old peak."""
        for t in range(-PAST, 0, CYCLE):
            yield t, self.advance(t, Stress(), CYCLE)
        adjusted: list[Happening] = []
        while len(self._positions) > _STARTING_POSITIONS:
            adjusted.append(self._close(self._positions[0], -1, "rebalance"))
        while len(self._positions) < _STARTING_POSITIONS:
            adjusted += self._open(-1, self._signal())
        yield -1, adjusted
        self.peak = self._equity() / (1 - _STARTING_DRAWDOWN)
        self._next_cycle = 0

    def advance(self, t: int, stress: Stress, seconds: int = 1) -> list[Happening]:
        """Let `seconds` pass, up to `t` seconds after the start; what happened meanwhile, in order."""
        self._market.move(seconds, stress.drift)
        self._set_load(stress)
        happened: list[Happening] = list(self._react(t, stress))
        happened += [self._close(p, t, "time") for p in list(self._positions) if t >= p.due and not stress.outage]
        if t >= self._next_cycle:
            happened += self._cycle(t, stress)
        if stress.outage and not self._breaker:
            happened.append(Tripped("api_health"))
        self._breaker = stress.outage
        self.peak = max(self.peak, self._equity())
        return happened

    def standing(self, t: int) -> Standing:
        """How the bot stands at `t` seconds after the start."""
        while self._opened and self._opened[0] <= t - 3_600:
            self._opened.popleft()
        equity = self._equity()
        triggers, proposals = (sum(column) for column in zip(*self._passes, strict=True)) if self._passes else (0, 0)
        return Standing(
            equity=equity,
            day_start=self.day_start,
            peak=self.peak,
            exposure_pct=100 * self._exposed() / equity,
            holdings=self._holdings(),
            positions=len(self._positions),
            trades_per_hour=len(self._opened),
            triggers=self._passes[-1][0] if self._passes else 0,
            proposals=self._passes[-1][1] if self._passes else 0,
            selectivity=proposals / triggers if triggers else 0.0,
            utilization=dict(self._load),
            breaker_open=self._breaker,
            consecutive_errors=self._errors,
            cycles=self._cycles,
        )

    def _exposed(self) -> float:
        return sum(p.quantity * self._market.prices[p.pair] for p in self._positions)

    def _holdings(self) -> dict[str, float]:
        held: dict[str, float] = {}
        for p in self._positions:
            held[p.pair] = held.get(p.pair, 0.0) + p.quantity * self._market.prices[p.pair]
        return held

    def _equity(self) -> float:
        return self._cash + self._exposed()

    def _id(self, kind: str) -> str:
        self._number += 1
        return f"{kind}-{self._number:06d}"

    def _set_load(self, stress: Stress) -> None:
        for endpoint, quiet in _QUIET_LOAD.items():
            target = stress.load if stress.load is not None and endpoint == stress.busy else quiet
            pull = 0.8 if target is stress.load else 0.05
            level = self._load[endpoint]
            self._load[endpoint] = max(0.0, level + (target - level) * pull + self._dice.gauss(0, 0.35))

    def _react(self, t: int, stress: Stress) -> Iterator[Happening]:
        match stress.wish:
            case Wish.OPEN if self._exposed() < self._equity() * _GREEDY_CAP:
                signal = self._signal()
                yield signal
                yield RiskVerdict(signal, True, "", round(self._dice.uniform(0.1, 0.4), 3))
                yield from self._open(t, signal)
            case Wish.TAKE if self._positions:
                yield self._close(max(self._positions, key=self._gain), t, "take profit")
            case Wish.CUT if self._positions:
                yield self._close(min(self._positions, key=self._gain), t, "stop loss")
            case _:
                pass
        if stress.trouble is not None:
            yield self._failure(stress.trouble, stress)

    def _failure(self, trouble: Trouble, stress: Stress) -> Failed:
        strategy, pair = self._dice.choice(STRATEGIES), self._dice.choice(list(ANCHORS))
        match trouble:
            case Trouble.DISCONNECT:
                self._errors += 1
                return Failed(
                    "connection", "websocket_disconnect", "WebSocket disconnected (code 1006)", endpoint="fills"
                )
            case Trouble.THROTTLED:
                self._errors += 1
                limit = f"429 Too Many Requests: {stress.busy} at {self._load[stress.busy]:.0f}% of its limit"
                return Failed("connection", "rate_limited", limit, endpoint=stress.busy)
            case Trouble.SLIPPAGE:
                over = f"Slippage exceeded: {self._dice.uniform(0.6, 1.9):.2f}% > 0.50%"
                return Failed("execution", "slippage_exceeded", over, pair, strategy, "orders")
            case Trouble.HONEYPOT:
                return Failed("validation", "liquidity_too_low", f"Liquidity too low on {pair}", pair, strategy)

    def _gain(self, position: _Position) -> float:
        return self._market.prices[position.pair] / position.entry - 1

    def _signal(self) -> Signal:
        held = {p.pair for p in self._positions}
        free = [pair for pair in ANCHORS if pair not in held] or list(ANCHORS)
        # Of two, the cheaper one against where it came from: the small edge that pays the fees.
        pair = min(self._dice.choices(free, k=2), key=lambda p: self._market.prices[p] / ANCHORS[p])
        confidence = round(self._dice.triangular(0.4, 0.98, 0.62), 2)
        return Signal(self._id("sig"), pair, self._dice.choice(STRATEGIES), confidence, self._market.prices[pair])

    def _open(self, t: int, signal: Signal) -> list[Happening]:
        size = self._equity() * _SIZE * self._dice.uniform(0.9, 1.1)
        price = signal.price * (1 + self._dice.uniform(0, _FEE))
        hold = self._dice.randrange(700, 2_000)
        position = _Position(self._id("trade"), signal.pair, signal.strategy, size / price, price, t, t + hold)
        self._cash -= size * (1 + _FEE)
        self._positions.append(position)
        self._opened.append(t)
        latency = self._dice.lognormvariate(5.2, 0.35)
        return [Opened(position.trade, signal.id, signal.pair, signal.strategy, size, price, round(latency, 1))]

    def _close(self, position: _Position, t: int, why: str) -> Closed:
        price = self._market.prices[position.pair]
        value = position.quantity * price
        self._cash += value * (1 - _FEE)
        self._positions.remove(position)
        # The entry's fee left the cash when it was opened; a trade's result bears both.
        pnl = value * (1 - _FEE) - position.quantity * position.entry * (1 + _FEE)
        held = t - position.opened
        return Closed(position.trade, position.pair, position.strategy, position.entry, price, round(pnl, 2), held, why)

    def _cycle(self, t: int, stress: Stress) -> Iterator[Happening]:
        dice = self._dice
        self._cycles += 1
        triggers = 0 if stress.outage else min(9, int(dice.expovariate(1 / 3.2)))
        proposals = sum(dice.random() < 0.3 for _ in range(triggers))
        self._passes.append((triggers, proposals))
        opened = False
        for _ in range(proposals):
            signal = self._signal()
            yield signal
            verdict = self._judge(signal, stress)
            yield verdict
            if verdict.approved and not opened:
                yield from self._open(t, signal)
                opened = True
        stages = {stage: dice.lognormvariate(-1.1, 0.4) * stress.slowness for stage in STAGES}
        calls = tuple((e, dice.lognormvariate(-2.2, 0.45) * stress.slowness) for e in ENDPOINTS for _ in range(3))
        seconds = sum(stages.values()) + sum(s for _, s in calls) / 3
        if not stress.outage and stress.trouble is None:
            self._errors = 0
        idle = "" if opened else ("api_unhealthy" if stress.outage else "risk_rejected" if proposals else "no_signal")
        yield Cycled(seconds, stages, calls, triggers, proposals, idle)
        self._next_cycle = t + max(CYCLE, int(seconds))

    def _judge(self, signal: Signal, stress: Stress) -> RiskVerdict:
        score = round(self._dice.uniform(0.05, 0.95), 3)
        if self._exposed() / self._equity() + _SIZE > _EXPOSURE_CAP:
            return RiskVerdict(signal, False, "exposure_cap", score)
        if len(self._positions) >= _MOST_POSITIONS:
            return RiskVerdict(signal, False, "max_open_positions", score)
        if self._dice.random() < _APPROVAL * stress.appetite:
            return RiskVerdict(signal, True, "", score)
        return RiskVerdict(signal, False, self._dice.choice(_REASONS), score)
