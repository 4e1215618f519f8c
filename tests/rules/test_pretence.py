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
        Labels({"__name__": "open", "desk": "a", "kind": "x"}): 3.0,
        Labels({"__name__": "open", "desk": "b", "kind": "x"}): 2.0,
        Labels({"__name__": "cap", "desk": "a"}): 9.0,
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


def test_what_compares_with_nothing_takes_every_value(engine: Engine) -> None:
    assert pretend("dd", 1.0, engine, T0) == Pretence(True, Labels({"mode": "live"}), True)
    assert pretend("dd > bool 8", 1.0, engine, T0) == Pretence(True, Labels({"mode": "live"}), True)
    assert pretend("vector(1)", 5.0, engine, T0) == Pretence(True, Labels(), True)


@pytest.mark.parametrize(
    ("expr", "labels"), [('absent(gone{a="b"})', {"a": "b"}), ('absent(dd{mode="live"})', {"mode": "live"})]
)
def test_an_absence_has_the_labels_of_its_selector_and_is_one(
    engine: Engine, expr: str, labels: dict[str, str]
) -> None:
    assert pretend(expr, 1.0, engine, T0) == Pretence(True, Labels(labels), True, "== 1")
    assert not pretend(expr, 3.0, engine, T0).fires


@pytest.mark.parametrize(
    ("expr", "value", "fires", "labels", "limit"),
    [
        # Of two desks one has a limit.
        ("open > on(desk) cap", 12.0, True, {"desk": "a"}, "> cap, which is 9"),
        ("open > on(desk) cap", 9.0, False, {"desk": "a"}, "> cap, which is 9"),
        ("open / on(desk) cap > 0.8", 0.81, True, {"desk": "a"}, "> 0.8"),
        ("open > on(desk) group_left() cap", 12.0, True, {"desk": "a", "kind": "x"}, "> cap, which is 9"),
        ("sum(open) > scalar(cap)", 8.0, False, {}, "> scalar(cap), which is 9"),
        ("5 < dd < 8", 6.0, True, {"mode": "live"}, "> 5 and < 8"),
        ("5 < dd < 8", 3.0, False, {"mode": "live"}, "> 5 and < 8"),
    ],
)
def test_a_value_against_another_series(
    engine: Engine, expr: str, value: float, fires: bool, labels: dict[str, str], limit: str
) -> None:
    assert pretend(expr, value, engine, T0) == Pretence(fires, Labels(labels), True, limit)


def test_what_does_not_hold_besides_is_said(engine: Engine) -> None:
    live = Labels({"mode": "live"})
    found = pretend("dd > 8 and on() up == 0", 9.0, engine, T0)
    assert found == Pretence(True, live, True, "> 8", ("and up == 0",))
    found = pretend("dd unless on() pnl < 0", 9.0, engine, T0)
    assert found == Pretence(True, live, True, "", ("unless pnl < 0",))
    found = pretend("dd > gone", 1.0, engine, T0)
    assert found == Pretence(True, live, True, "> gone", ("something to compare with in gone",))


def test_what_cannot_be_evaluated_says_why(engine: Engine) -> None:
    found = pretend("dd / on() rate > 3", 5.0, engine, T0)
    assert not found.fires
    assert "duplicate series" in found.problem


def test_what_cannot_be_read_is_refused(engine: Engine) -> None:
    with pytest.raises(PromQLError):
        pretend("dd >", 1.0, engine, T0)
