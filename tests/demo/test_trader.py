"""What happens to the sample bot: the same for the same seed, and enough of it in the first minute."""

from __future__ import annotations

import pytest

from tradetop.demo.happening import Closed, Failed, Happening, Opened, RiskVerdict, Signal, Standing, Tripped
from tradetop.demo.story import CHAPTER, OPENING, stress
from tradetop.demo.trader import Trader

SEEDS = (1, 2, 3, 7, 42)


def lived(seed: int, seconds: int) -> tuple[list[Happening], list[tuple[int, Happening]], list[Standing]]:
    trader = Trader(seed)
    past = [one for _, happened in trader.live_past() for one in happened]
    events, standings = [], []
    for t in range(seconds):
        events += [(t, one) for one in trader.advance(t, stress(t, seed))]
        standings.append(trader.standing(t))
    return past, events, standings


def test_the_seed_says_everything() -> None:
    assert lived(7, 300) == lived(7, 300)
    assert lived(7, 300) != lived(8, 300)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_first_minute_has_one_of_everything(seed: int) -> None:
    _, events, standings = lived(seed, 60)
    seen = [one for _, one in events]
    assert sum(isinstance(one, Opened) for one in seen) >= 2
    assert sum(isinstance(one, Closed) for one in seen) >= 2
    assert {one.category for one in seen if isinstance(one, Failed)} == {"connection", "execution", "validation"}
    assert any(isinstance(one, Signal) for one in seen)
    load = [max(s.utilization.values()) for s in standings]
    assert load[0] < 60
    over_80, over_90 = next(i for i, x in enumerate(load) if x > 80), next(i for i, x in enumerate(load) if x > 90)
    assert over_80 + 10 <= over_90 <= 50
    assert standings[0].drawdown_pct < 8 < standings[59].drawdown_pct < 10


@pytest.mark.parametrize("seed", SEEDS)
def test_the_rate_limit_stays_critical_long_enough_to_fire(seed: int) -> None:
    _, _, standings = lived(seed, OPENING)
    assert sum(max(s.utilization.values()) > 90 for s in standings) >= 80
    assert max(standings[-1].utilization.values()) < 80


@pytest.mark.parametrize("seed", SEEDS)
def test_hours_go_by_without_nonsense(seed: int) -> None:
    past, events, standings = lived(seed, 3 * 3_600)
    assert any(isinstance(one, Closed) for one in past)
    assert {type(one) for _, one in events} >= {Opened, Closed, Failed, Signal, RiskVerdict, Tripped}
    assert all(40_000 < s.equity < 65_000 for s in standings)
    assert all(0 <= s.exposure_pct < 35 for s in standings)
    assert max(s.trades_per_hour for s in standings) > 10 > min(s.trades_per_hour for s in standings)
    assert max(max(s.utilization.values()) for s in standings) < 125
    assert max(s.drawdown_pct for s in standings) < 15


def test_profits_and_losses_add_up_to_what_equity_did() -> None:
    trader = Trader(3)
    closed = [o.pnl_usd for _, happened in trader.live_past() for o in happened if isinstance(o, Closed)]
    standing = trader.standing(0)
    open_now = standing.day_pnl - sum(closed)
    assert abs(open_now) < 0.05 * standing.equity * standing.exposure_pct / 100


def test_chapters_differ_from_each_other_and_between_seeds() -> None:
    def told(seed: int) -> list[tuple[object, ...]]:
        return [tuple(stress(OPENING + c * CHAPTER + s, seed) for s in range(0, CHAPTER, 10)) for c in range(20)]

    assert len(set(told(7))) > 8
    assert told(7) != told(8)


def test_every_trade_that_closes_was_opened_before() -> None:
    past, events, _ = lived(7, 3_600)
    open_trades: set[str] = set()
    for one in [*past, *(one for _, one in events)]:
        if isinstance(one, Opened):
            assert one.trade not in open_trades
            open_trades.add(one.trade)
        elif isinstance(one, Closed):
            open_trades.remove(one.trade)
