"""A past in little memory counts as the whole one does."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from events.making import event
from tradetop.events.counters import EventCounters
from tradetop.events.past import NEWEST, Past
from tradetop.model.bot_event import BotEvent, EventClass, Fact
from tradetop.model.unit import Kind, Unit

_CLASSES = {"trade_open": EventClass.OPEN, "trade_close": EventClass.CLOSE, "error": EventClass.ERROR}


def _event(t: int, bot: str, kind: str, pnl: float, trade: str) -> BotEvent:
    facts = (Fact("pnl_usd", pnl, Kind.MONEY, Unit.USD), Fact("trade_id", trade))
    cls = _CLASSES.get(kind, EventClass.SIGNAL)
    return replace(event(t=t), bot=bot, type=kind, cls=cls, facts=facts if cls in _CLASSES.values() else ())


EVENTS = st.lists(
    st.builds(
        _event,
        st.integers(900, 1_000),
        st.sampled_from(["a", "b"]),
        st.sampled_from([*_CLASSES, "signal"]),
        st.integers(-5, 5).map(float),
        st.sampled_from(["", "1", "2"]),
    ),
    max_size=40,
)


@given(EVENTS, st.integers(1, 7), st.sampled_from([0, 950]))
def test_a_past_read_in_pages_from_its_end_counts_as_the_whole(found: list[BotEvent], page: int, since: int) -> None:
    found = [replace(one, sequence=i, id=f"e{i}") for i, one in enumerate(found)]
    past = Past(since)
    pages = [found[i : i + page] for i in range(0, len(found), page)]
    for rows in reversed(pages):
        past.add(rows)
    within = sorted((one for one in found if one.t >= since), key=lambda one: (one.t, one.sequence))
    assert past.newest == within
    assert list(past.bots()) == list(dict.fromkeys(one.bot for one in within))
    assert [*EventCounters().past(past.counted())] == [*EventCounters().history(within)]


def test_only_the_newest_by_time_stay_whole_whatever_the_order_they_were_written_in() -> None:
    past = Past(0)
    late = event(t=10**9)
    past.add([event(t=t) for t in range(NEWEST, 2 * NEWEST)])
    past.add([late, *(event(t=t) for t in range(NEWEST))])
    assert len(past.newest) == NEWEST
    assert past.newest[-1] is late
    assert past.newest[0].t == NEWEST + 1
    assert len([*past.counted()]) == 2 * NEWEST + 1
