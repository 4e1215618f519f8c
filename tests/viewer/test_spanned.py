"""A week is shown from the history file, a day from memory."""

from __future__ import annotations

from tradetop.model.clock import DAY, HOUR, MINUTE
from tradetop.model.labels import Labels
from tradetop.model.value import Matrix
from tradetop.promql import Engine
from tradetop.store import MemoryStore
from tradetop.viewer.spanned import Spanned

NOW = 1_700_000_000_000
EQUITY = Labels({"__name__": "equity"})
EVENTS = Labels({"__name__": "bot_events_total"})


def stores() -> tuple[MemoryStore, MemoryStore]:
    near, past = MemoryStore(), MemoryStore()
    for t in range(NOW - 6 * DAY, NOW, MINUTE * 30):
        past.append(EQUITY, t, 1.0)
        near.append(EVENTS, t, 3.0)
    near.append(EQUITY, NOW, 2.0)
    return near, past


def points(spanned: Spanned, expr: str) -> int:
    found = spanned.range(expr, start=NOW - 5 * DAY, end=NOW - HOUR, step=HOUR)
    assert isinstance(found, Matrix)
    return sum(len(series.times) for series in found.series)


def test_a_week_comes_from_the_past_and_a_day_from_memory() -> None:
    near, past = stores()
    spanned = Spanned(Engine(near), lambda: past)
    spanned.look(7 * DAY)
    assert points(spanned, "equity") == 120
    spanned.look(DAY)
    assert points(spanned, "equity") == 0


def test_events_are_kept_in_memory_for_a_week() -> None:
    near, past = stores()
    spanned = Spanned(Engine(near), lambda: past)
    spanned.look(7 * DAY)
    assert points(spanned, "bot_events_total") == 120
    assert points(spanned, "bot_events_total unless on () up == 0") == 120


def test_the_value_now_is_always_the_newest() -> None:
    near, past = stores()
    spanned = Spanned(Engine(near), lambda: past)
    spanned.look(7 * DAY)
    found = spanned.instant("equity", at=NOW)
    assert found.type == "vector"
    assert [s.value for s in found.samples] == [2.0]
