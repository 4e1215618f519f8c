"""A column that hardly moves takes hardly any memory, and nobody can tell."""

from __future__ import annotations

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradetop.model.labels import Labels
from tradetop.store import MemoryStore
from tradetop.store.memory import TURNS
from tradetop.store.steady import Steady

CREATED = Labels({"__name__": "trades_created"})
EQUITY = Labels({"__name__": "equity"})
values = st.lists(st.sampled_from([1.0, 0.0, -0.0, float("nan"), 2.5]), max_size=6)
runs = st.lists(st.tuples(st.sampled_from([1.0, 0.0, -0.0, float("nan"), 2.5]), st.integers(1, 90)), min_size=1)


@given(runs, st.lists(values, max_size=14), st.slices(400), st.integers(0, 600))
def test_it_reads_and_grows_like_an_array(
    begun: list[tuple[float, int]], more: list[list[float]], cut: slice, gone: int
) -> None:
    ended: list[array[float]] = []
    plain = array("d", [value for value, times in begun for _ in range(times)])
    steady = Steady.of(plain, ended.append) or plain[:]
    for step in more:
        plain.extend(step)
        (ended[-1] if ended else steady).extend(step)
    found = ended[-1] if ended else steady
    assert (len(found), found[cut].tobytes()) == (len(plain), plain[cut].tobytes())
    assert array("d", [found[i] for i in range(len(found))]).tobytes() == plain.tobytes()
    assert array("d", [found[-i] for i in range(1, len(found))]).tobytes() == plain[:0:-1].tobytes()
    del plain[:gone]
    del found[:gone]
    assert found[:].tobytes() == plain.tobytes()


def test_positive_and_negative_zero_are_two_values() -> None:
    steady = Steady.of(array("d", [0.0] * 20 + [-0.0] * 20), lambda _: None)
    assert steady is not None
    assert str(steady[19:21].tolist()) == "[0.0, -0.0]"


def test_what_moves_often_is_no_runs() -> None:
    assert Steady.of(array("d", range(40)), lambda _: None) is None


def test_past_the_end_is_an_error_as_ever() -> None:
    steady = Steady.of(array("d", [1.0, 1.0]), lambda _: None)
    assert steady is not None
    with pytest.raises(IndexError):
        _ = steady[2]


def test_a_loaded_column_goes_on_with_another_value_then_none_then_again() -> None:
    store = MemoryStore()
    store.append_columns("scrape", (CREATED, EQUITY), [1, 2, 3], [array("d", [7, 7, 7]), array("d", [1, 2, 3])])
    store.append_scrape("scrape", 4, {CREATED: 7.0, EQUITY: 4.0})
    store.append_scrape("scrape", 5, {CREATED: 9.0, EQUITY: 5.0})
    store.append_scrape("scrape", 6, {CREATED: 9.0, EQUITY: 6.0})
    store.append_scrape("scrape", 7, {})
    store.append_scrape("scrape", 8, {CREATED: 9.0})
    found = {column.labels: [v for v in column.values if v == v] for column in store.select([], 0, 9)}
    assert found == {CREATED: [7.0, 7.0, 7.0, 7.0, 9.0, 9.0, 9.0], EQUITY: [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]}
    store.trim(5)
    assert store.latest(CREATED) is not None


def test_what_seldom_moved_while_it_was_recorded_is_kept_as_runs_too() -> None:
    store = MemoryStore()
    for t in range(1, 1_001):
        store.append_scrape("scrape", t, {CREATED: float(t // 50), EQUITY: float(t)})
    for _ in range(TURNS):
        store.trim(0)
    store.append_scrape("scrape", 1_001, {CREATED: 20.0, EQUITY: 7.0})
    found = {column.labels: column.values for column in store.select([], 0, 2_000)}
    assert [*found[CREATED]] == [float(t // 50) for t in range(1, 1_002)]
    assert [*found[EQUITY]] == [*map(float, range(1, 1_001)), 7.0]
    assert isinstance(found[CREATED], Steady)
    assert not isinstance(found[EQUITY], Steady)
