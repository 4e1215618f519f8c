"""A column that never moves takes no memory, and nobody can tell."""

from __future__ import annotations

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradetop.model.labels import Labels
from tradetop.store import MemoryStore
from tradetop.store.constant import Constant

CREATED = Labels({"__name__": "trades_created"})
EQUITY = Labels({"__name__": "equity"})
values = st.lists(st.sampled_from([1.0, 0.0, -0.0, float("nan"), 2.5]), max_size=6)


@given(values, st.slices(9), st.booleans())
def test_it_reads_and_grows_like_an_array(more: list[float], cut: slice, at_once: bool) -> None:
    ended: list[array[float]] = []
    plain, constant = array("d", [1.0, 1.0, 1.0]), Constant(array("d", [1.0]), 3, ended.append)
    steps = [more] if at_once else [[value] for value in more]
    for step in steps:
        plain.extend(step)
        (ended[-1] if ended else constant).extend(step)
    found = ended[-1] if ended else constant
    assert (len(found), found[cut].tobytes()) == (len(plain), plain[cut].tobytes())


def test_positive_and_negative_zero_are_two_values() -> None:
    assert Constant.fits(array("d", [0.0, 0.0]))
    assert not Constant.fits(array("d", [0.0, -0.0]))


def test_past_the_end_is_an_error_as_ever() -> None:
    with pytest.raises(IndexError):
        _ = Constant(array("d", [1.0]), 3, lambda _: None)[3]


def test_a_loaded_column_goes_on_with_another_value_then_none_then_again() -> None:
    store = MemoryStore()
    store.append_rows("scrape", (CREATED, EQUITY), [1, 2, 3], array("d", [7, 1, 7, 2, 7, 3]))
    store.append_scrape("scrape", 4, {CREATED: 7.0, EQUITY: 4.0})
    store.append_scrape("scrape", 5, {CREATED: 9.0, EQUITY: 5.0})
    store.append_scrape("scrape", 6, {CREATED: 9.0, EQUITY: 6.0})
    store.append_scrape("scrape", 7, {})
    store.append_scrape("scrape", 8, {CREATED: 9.0})
    found = {column.labels: [v for v in column.values if v == v] for column in store.select([], 0, 9)}
    assert found == {CREATED: [7.0, 7.0, 7.0, 7.0, 9.0, 9.0, 9.0], EQUITY: [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]}
    store.trim(5)
    assert store.latest(CREATED) is not None
