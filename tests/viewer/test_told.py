"""What events tell is the same whether they came one by one or all at once, and is redrawn only where it changed."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tradetop.model.bot_event import BotEvent, EventClass, EventSource, Fact
from tradetop.model.clock import DAY, HOUR, MINUTE
from tradetop.model.view import View
from tradetop.viewer.told import Teller
from viewer.stage import LIVE, Stage, T

VIEW = View(span=HOUR)
events = st.lists(
    st.tuples(
        st.integers(0, 26 * 60),
        st.sampled_from([EventClass.SIGNAL, EventClass.OPEN, EventClass.CLOSE, EventClass.ERROR, EventClass.RESTART]),
        st.sampled_from(["BTC-USD", "ETH-USD"]),
        st.sampled_from(["RPC timeout 12 ms", "RPC timeout 7 ms", "refused"]),
    ),
    max_size=30,
)


def made(n: int, told: tuple[int, EventClass, str, str]) -> BotEvent:
    minutes, cls, pair, message = told
    t = T + minutes * MINUTE
    return BotEvent(
        str(n), t, "bot", cls.value, cls, EventSource.DATABASE, pair, facts=(Fact("message", message),), sequence=n
    )


@given(events)
def test_one_by_one_or_all_at_once(told: list[tuple[int, EventClass, str, str]]) -> None:
    stage, at = Stage(), T + DAY + 2 * HOUR
    one_by_one = Teller(stage.bot)
    for event in (made(n, one) for n, one in enumerate(told)):
        stage.record.take_events([event])
        assert one_by_one.told(VIEW, at) == Teller(stage.bot).told(VIEW, at)


def test_errors_and_positions_are_the_same_objects_until_they_change() -> None:
    stage, at = Stage(), T + HOUR
    teller = Teller(stage.bot)
    hear = stage.record.take_events
    hear([made(0, (1, EventClass.OPEN, "BTC-USD", "")), made(1, (2, EventClass.ERROR, "", "refused"))])
    before = teller.told(VIEW, at)
    hear([made(2, (3, EventClass.SIGNAL, "BTC-USD", ""))])
    after = teller.told(VIEW, at)
    assert after.error_groups is before.error_groups
    assert after.positions is before.positions
    hear([made(3, (4, EventClass.CLOSE, "BTC-USD", "")), made(4, (5, EventClass.ERROR, "", "refused"))])
    last = teller.told(VIEW, at)
    assert (len(last.positions), last.error_groups[0].count) == (0, 2)


STEPS = st.lists(
    st.lists(
        st.tuples(
            st.integers(-8_700, 30),
            st.sampled_from([EventClass.OPEN, EventClass.CLOSE, EventClass.ERROR, EventClass.SIGNAL]),
            st.sampled_from(["", "1", "2"]),
        ),
        max_size=5,
    ),
    max_size=6,
)


@settings(deadline=None)
@given(STEPS)
def test_what_grows_too_old_goes_as_if_it_had_been_told_at_once(steps: list[list[tuple[int, EventClass, str]]]) -> None:
    stage = Stage()
    teller = Teller(stage.bot)
    for now, happened in enumerate(steps):
        for i, cls, trade in happened:
            stage.happen(i, cls.value, cls, Fact("trade_id", trade), Fact("message", f"failed {trade}"))
        at = T + now * HOUR // 2
        assert teller.told(LIVE, at) == Teller(stage.bot).told(LIVE, at)
