"""Zeros: what has moved once is remembered, though not for ever."""

from __future__ import annotations

from tradetop.dashboards.window import window
from tradetop.dashboards.zero import REMEMBERED, ZeroWatch
from tradetop.model.clock import HOUR
from tradetop.model.labels import Labels
from tradetop.promql import Engine
from tradetop.store import MemoryStore

START = 1_700_000_000_000


def series(name: str) -> Labels:
    return Labels({"__name__": "m", "k": name})


def test_series_that_keep_changing_do_not_make_one_that_stays_forget_that_it_moved() -> None:
    zeros, querier = ZeroWatch("m"), Engine(MemoryStore())
    looking = window(START + HOUR, HOUR, 60)
    since = looking.start
    assert zeros.unmoved(querier, [series("stays")], {}, looking, since) == {series("stays")}
    zeros.saw(series("stays"), since + 1)
    zeros.saw(series("goes"), since + 1)
    for index in range(REMEMBERED):
        zeros.saw(series(str(index)), since + 2)
        assert zeros.unmoved(querier, [series("stays")], {}, looking, since) == frozenset()
    assert zeros.unmoved(querier, [series("goes")], {}, looking, since) == {series("goes")}


def test_what_is_seen_to_move_again_has_moved_since_the_first_time() -> None:
    zeros, querier = ZeroWatch("m"), Engine(MemoryStore())
    looking = window(START + HOUR, HOUR, 60)
    zeros.unmoved(querier, [], {}, looking, looking.start)
    zeros.saw(series("a"), looking.at - 10)
    zeros.saw(series("a"), looking.at + 10)
    assert zeros.unmoved(querier, [series("a")], {}, looking, looking.start) == frozenset()
