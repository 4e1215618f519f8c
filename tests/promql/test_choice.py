"""Which series pass: the best, the first, a share; among equals as Prometheus' heap has it."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradetop.model.value import Vector
from tradetop.promql import Engine
from tradetop.promql.choice import best
from tradetop.store import MemoryStore


def chosen(values: list[float], expr: str, order: list[int] | None = None) -> list[tuple[str, float]]:
    """What is chosen of series a, b, c..., which may come into the store in any order."""
    store = MemoryStore()
    for i in order or range(len(values)):
        store.append({"__name__": "m", "s": "abcdefghijklmnop"[i]}, 0, values[i])
    value = Engine(store).instant(expr, at=0)
    assert isinstance(value, Vector)
    return [(sample.labels["s"], sample.value) for sample in value.samples]


@pytest.mark.parametrize(
    ("values", "expr", "expected"),
    [
        ([1, 1, 2], "topk(2, m)", "c2 b1"),
        ([1, 1, 2], "topk(1, m)", "c2"),
        ([1, 1, 1], "topk(1, m)", "a1"),
        ([1, 1, 1], "topk(2, m)", "a1 b1"),
        ([2, 2, 1], "bottomk(2, m)", "c1 b2"),
        ([2, 0, 0, -2], "bottomk(2, m)", "d-2 b0"),
        ([2, 2, 1, 1, 3, 3], "topk(3, m)", "e3 f3 a2"),
        ([2, 2, 1, 1, 3, 3], "bottomk(3, m)", "d1 c1 b2"),
        ([3, 1, 2], "topk(10, m)", "a3 c2 b1"),
        ([3, 1, 2], "topk(0, m)", ""),
        ([3, 1, 2], "topk(-1, m)", ""),
        ([3, 1, 2], "topk(1.9, m)", "a3"),
        ([math.nan, 1, math.nan, 2], "topk(1, m)", "d2"),
        ([math.nan, 1, math.nan, 2], "bottomk(1, m)", "b1"),
        ([3, 1, 2], "limitk(2, m)", "a3 b1"),
    ],
)
def test_the_best_pass_and_of_equals_those_that_the_heap_keeps(values: list[float], expr: str, expected: str) -> None:
    assert " ".join(f"{s}{v:g}" for s, v in chosen(values, expr)) == expected


def test_nan_is_the_worst() -> None:
    for what, first in (("topk", ["c", "b", "a"]), ("bottomk", ["b", "c", "a"])):
        assert [s for s, _ in chosen([math.nan, 1.0, 2.0], f"{what}(3, m)")] == first


@pytest.mark.parametrize("expr", ["topk(3, m)", "bottomk(2, m)", "limitk(3, m)"])
def test_the_order_in_which_series_were_first_seen_changes_nothing(expr: str) -> None:
    values = [1.0, 2.0, 1.0, 2.0, 1.0, 3.0]
    order = list(range(len(values)))
    for seed in range(10):
        random.Random(seed).shuffle(order)
        assert chosen(values, expr, order) == chosen(values, expr)


@given(st.lists(st.integers(0, 6).map(float) | st.floats(), max_size=40), st.integers(0, 12), st.booleans())
def test_the_chosen_have_the_best_values_whatever_the_ties(values: list[float], size: int, largest: bool) -> None:
    found = best([(v, i) for i, v in enumerate(values)], size, largest=largest)
    sign = -1 if largest else 1
    ranked = sorted(values, key=lambda v: (v != v, 0.0 if v != v else sign * v))[:size]
    assert [repr(v + 0.0) for v, _ in found] == [repr(v + 0.0) for v in ranked]
    assert len({i for _, i in found}) == len(found)
    assert all(repr(values[i]) == repr(v) for v, i in found)
