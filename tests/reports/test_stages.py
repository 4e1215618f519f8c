"""Which signal led to which trade: by ids where there are any, else by bot, pair, strategy and order."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from tradetop.model.clock import HOUR, MINUTE
from tradetop.reports.stages import CARRY, LINK, Span, Staged, link

SIGNAL, RISK, OPEN = 0, 1, 2


def stage(order: int, t: int, *ids: str, pair: str = "SOL/USDC", strategy: str = "grid", bot: str = "b") -> Staged:
    return Staged(t, order, t * 10 + order, bot, "live", strategy, pair, ids)


def spans(*events: Staged) -> list[tuple[int, int]]:
    return sorted((span.stage, span.took) for span in link(events))


def test_from_signal_to_risk_check_to_execution() -> None:
    assert spans(stage(SIGNAL, 0), stage(RISK, 300), stage(OPEN, 1_000)) == [(0, 300), (1, 700), (2, 1_000)]


def test_a_signal_that_nothing_followed_makes_no_later_trade_slow() -> None:
    found = spans(stage(SIGNAL, 0), stage(SIGNAL, 60_000), stage(RISK, 60_200), stage(OPEN, 60_900))
    assert found == [(0, 200), (1, 700), (2, 900)]


def test_ids_decide_against_the_order() -> None:
    found = spans(stage(SIGNAL, 0, "s1"), stage(SIGNAL, 50, "s2"), stage(RISK, 100, "s1"), stage(RISK, 400, "s2"))
    assert found == [(0, 100), (0, 350)]
    assert spans(stage(SIGNAL, 0, "s1"), stage(RISK, 100, "s2")) == []


def test_other_pairs_bots_and_strategies_are_other_trades() -> None:
    signal = stage(SIGNAL, 0)
    assert spans(signal, stage(RISK, 10, pair="BTC/USDT")) == []
    assert spans(signal, stage(RISK, 10, bot="c")) == []
    assert spans(signal, stage(RISK, 10, strategy="momentum")) == []
    assert spans(signal, stage(RISK, 10, strategy="")) == [(0, 10)]


def test_a_bot_without_risk_checks_has_one_stage() -> None:
    assert spans(stage(SIGNAL, 0), stage(OPEN, 450)) == [(2, 450)]


def test_what_comes_too_late_is_not_linked() -> None:
    assert spans(stage(SIGNAL, 0), stage(RISK, LINK)) == [(0, LINK)]
    assert spans(stage(SIGNAL, 0), stage(RISK, LINK + 1)) == []


def test_of_one_time_the_signal_comes_first() -> None:
    assert spans(stage(OPEN, 5), stage(RISK, 5), stage(SIGNAL, 5)) == [(0, 0), (1, 0), (2, 0)]


EVENTS = st.lists(
    st.builds(
        lambda order, minute, pair, strategy, key: Staged(
            minute * MINUTE // 4, order, key, "b", "", strategy, pair, (f"s{key % 3}" if key % 5 == 0 else "",)
        ),
        st.integers(0, 2),
        st.integers(0, 8 * 60),
        st.sampled_from(("SOL/USDC", "BTC/USDT")),
        st.sampled_from(("grid", "momentum", "")),
        st.integers(0, 10_000),
    ),
    max_size=80,
    unique_by=lambda event: event.key,
)


@given(EVENTS, st.randoms())
def test_the_order_in_which_events_come_never_matters(events: list[Staged], dice: random.Random) -> None:
    mixed = events.copy()
    dice.shuffle(mixed)
    assert sorted(link(events)) == sorted(link(mixed))


@settings(max_examples=300)
@given(EVENTS)
def test_an_hour_is_linked_by_what_was_shortly_before_it(events: list[Staged]) -> None:
    whole = sorted(span for span in link(events) if span.t >= HOUR)
    assert sorted(span for span in link([e for e in events if e.t >= HOUR - CARRY]) if span.t >= HOUR) == whole
    assert all(isinstance(span, Span) for span in whole)
