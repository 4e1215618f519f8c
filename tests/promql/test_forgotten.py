"""Series that have gone are forgotten: an engine that goes on for weeks keeps nothing of them."""

from __future__ import annotations

import gc
from weakref import ref

import pytest

from tradetop.model.labels import Labels
from tradetop.model.matcher import Matcher, MatchOp
from tradetop.promql import Engine
from tradetop.store import MemoryStore

T = 1_700_000_000_000
STEP = 10_000
ORDERS = [Matcher("__name__", MatchOp.EQUAL, "orders_total")]


@pytest.mark.parametrize(
    "expr", ["orders_total", "rate(orders_total[1m])", "sum by (id) (orders_total)", "max_over_time(orders_total[1m])"]
)
def test_nothing_is_kept_of_a_series_that_the_store_has_dropped(expr: str) -> None:
    store = MemoryStore()
    engine = Engine(store)
    for i in range(6):
        store.append_scrape("bot", T + i * STEP, {Labels({"__name__": "orders_total", "id": "7"}): float(i)})
    engine.instant(expr, at=T + 5 * STEP)
    engine.range(expr, start=T, end=T + 5 * STEP, step=STEP)
    gone = ref(store.select(ORDERS, 0, 2**60)[0])
    for i in range(6, 200):
        store.append_scrape("bot", T + i * STEP, {Labels({"__name__": "orders_total", "id": "8"}): float(i)})
    store.trim(T + 150 * STEP)
    engine.instant(expr, at=T + 199 * STEP)
    assert [c.labels["id"] for c in store.select(ORDERS, 0, 2**60)] == ["8"]
    gc.collect()
    assert gone() is None
