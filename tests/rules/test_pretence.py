"""Pretences: whether a value would fire an expression, and as which of its series."""

from __future__ import annotations

import pytest

from tradetop.model.labels import Labels
from tradetop.promql import Engine, PromQLError
from tradetop.rules.pretence import Pretence, pretend
from tradetop.store import MemoryStore

T0 = 1_700_000_000_000


@pytest.fixture
def engine() -> Engine:
    store = MemoryStore()
    page = {
        Labels({"__name__": "dd", "mode": "live"}): 4.2,
        Labels({"__name__": "rate", "endpoint": "orders"}): 40.0,
        Labels({"__name__": "rate", "endpoint": "products"}): 85.0,
        Labels({"__name__": "pnl"}): -20.0,
        Labels({"__name__": "up", "job": "bot"}): 1.0,
    }
    store.append_scrape("scrape", T0, page)
    return Engine(store)


@pytest.mark.parametrize(
    ("expr", "value", "fires", "labels", "limit"),
    [
        ("dd > 8", 9.1, True, {"mode": "live"}, "> 8"),
        ("dd > 8", 8.0, False, {"mode": "live"}, "> 8"),
        ("8 < dd", 9.1, True, {"mode": "live"}, "> 8"),
        ("pnl < -400", -480.0, True, {}, "< -400"),
        ("pnl < -400", -399.0, False, {}, "< -400"),
        ("up == 0", 0.0, True, {"job": "bot"}, "== 0"),
        # The series that is the nearest to its limit, or beyond it.
        ("rate > 90", 95.0, True, {"endpoint": "products"}, "> 90"),
        ("rate > 50", 95.0, True, {"endpoint": "products"}, "> 50"),
        ("rate < 50", 1.0, True, {"endpoint": "orders"}, "< 50"),
        ("max by (endpoint) (rate) > 90", 95.0, True, {"endpoint": "products"}, "> 90"),
        ("sum(rate) > 200", 201.0, True, {}, "> 200"),
        ("dd > 8 and on() up == 1", 9.1, True, {"mode": "live"}, "> 8"),
        ("(gone > 8) or (dd > 10)", 9.1, False, {"mode": "live"}, "> 10"),
    ],
)
def test_a_value_against_the_limit_as_a_real_series(
    engine: Engine, expr: str, value: float, fires: bool, labels: dict[str, str], limit: str
) -> None:
    assert pretend(expr, value, engine, T0) == Pretence(fires, Labels(labels), True, limit)


def test_of_series_that_are_not_there_nothing_is_known_but_the_limit(engine: Engine) -> None:
    assert pretend("gone > 8", 9.0, engine, T0) == Pretence(True, Labels(), False, "> 8")
    assert pretend("dd > 8", 9.0, engine, T0 + 3_600_000) == Pretence(True, Labels(), False, "> 8")


def test_what_compares_with_no_number_takes_every_value(engine: Engine) -> None:
    assert pretend("absent(gone)", 1.0, engine, T0) == Pretence(True, Labels(), True)
    assert pretend("dd > rate", 1.0, engine, T0).fires


def test_what_cannot_be_read_is_refused(engine: Engine) -> None:
    with pytest.raises(PromQLError):
        pretend("dd >", 1.0, engine, T0)
